//! Text that people and terminals read: names, paths, tools. No control characters, so that none can forge a line of a
//! log, a SQL comment or a workflow command.

use std::borrow::Cow;

use sev_launch_abi::text as escape;

use crate::error::Error;

/// Refuses empty text, more than `limit` bytes, and control characters.
pub(crate) fn check_text(place: &str, text: &str, limit: usize) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::field(place, "empty"));
    }
    if text.len() > limit {
        return Err(Error::field(place, format!("{} bytes, at most {limit}", text.len())));
    }
    // Line and paragraph separator end a line for some readers, though they are no control characters.
    let is_bad = |c: &char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    match text.chars().find(is_bad) {
        Some(c) => Err(Error::field(place, format!("holds the control character {c:?}"))),
        None => Ok(()),
    }
}

/// Indented JSON with a newline at its end, and nothing in it that a terminal or a CI runner would obey.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Error> {
    let mut document = serde_json::to_string_pretty(value)?;
    document.push('\n');
    Ok(escaped(document))
}

/// The same without white space, not at its end either: what is signed and carried, and read by nobody as it stands.
pub(crate) fn compact_json(value: &impl serde::Serialize) -> Result<Vec<u8>, Error> {
    Ok(escaped(serde_json::to_string(value)?))
}

fn escaped(document: String) -> Vec<u8> {
    match escape::json(&document) {
        Cow::Borrowed(_) => document,
        Cow::Owned(escaped) => escaped,
    }
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cannot_be_forged() {
        for bad in ["", "a\nb", "a\rb", "\u{1b}[0m", "a\u{85}b", "a\u{2028}b", &"a".repeat(9)] {
            assert!(check_text("name", bad, 8).is_err(), "{bad:?}");
        }
        assert_eq!(check_text("name", "é 'x'", 8), Ok(()));
    }
}
