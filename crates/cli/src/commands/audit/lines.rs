//! The lines of an audit, in the two forms in which people have it: pages as the service answers them, one or several in a row, or the
//! records themselves, one a line.

use std::str;

use anyhow::{Context as _, bail};
use serde_json::Deserializer;
use sev_launch_protocol::audit::AuditError;
use sev_launch_protocol::views::AuditPage;

/// Gives each line in order, until one is refused: that is the inner error. The outer one is of a file that is neither form.
pub(super) fn each(
    bytes: &[u8],
    mut take: impl FnMut(&str) -> Result<(), AuditError>,
) -> anyhow::Result<Result<(), AuditError>> {
    let text = str::from_utf8(bytes).context("it is no text")?;
    if !are_pages(text) {
        // The last line may lack its end; another empty line is none that the service wrote.
        let lines = text.strip_suffix('\n').unwrap_or(text);
        let mut lines = lines.split('\n').filter(|_| !lines.is_empty());
        return Ok(lines.try_for_each(|line| take(line.strip_suffix('\r').unwrap_or(line))));
    }
    let pages = Deserializer::from_str(text).into_iter::<AuditPage>();
    let mut at = 0_u64;
    for page in pages {
        at = at.saturating_add(1);
        let page = page.with_context(|| format!("page {at} is no page of GET /audit"))?;
        for line in &page.lines {
            if let Err(error) = take(line) {
                return Ok(Err(error));
            }
        }
    }
    if at == 0 {
        bail!("it is empty");
    }
    Ok(Ok(()))
}

/// Pages begin with an object that has `lines`; no record has such a member.
fn are_pages(text: &str) -> bool {
    let mut first = Deserializer::from_str(text).into_iter::<serde_json::Value>();
    first.next().and_then(Result::ok).is_some_and(|value| value.get("lines").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let walked = each(text.as_bytes(), |line| {
            found.push(line.to_owned());
            Ok(())
        });
        walked.expect("one of the forms").expect("no line is refused");
        found
    }

    #[test]
    fn both_forms_give_the_same_lines() {
        let wanted = ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"];
        assert_eq!(lines("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n"), wanted);
        assert_eq!(lines("{\"a\":1}\n{\"b\":2}\r\n{\"c\":3}"), wanted);
        let page =
            r#"{"lines":["{\"a\":1}","{\"b\":2}"],"next":2}{"lines":["{\"c\":3}"],"next":null}"#;
        assert_eq!(lines(page), wanted);
        assert_eq!(lines(&page.replace("}{", "}\n\n{")), wanted);
        assert_eq!(lines(r#"{"lines":[],"next":null}"#), [""; 0]);
        assert_eq!(lines(""), [""; 0]);
    }

    #[test]
    fn what_is_neither_is_an_error() {
        assert!(each(b"\xff", |_| Ok(())).is_err());
        assert!(each(br#"{"lines":[1]}"#, |_| Ok(())).is_err());
    }
}
