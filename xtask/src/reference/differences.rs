//! The differences that are known: testdata/differences.toml, and which cases they cover.
//!
//! The file is flat TOML: tables `[[difference]]` of one-line strings without escapes, so it is read
//! here line by line. Anything else in it is an error, never skipped.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// How a tool may differ from us.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It prints another digest, or one where we refuse.
    Digest,
    /// It refuses where we print a digest.
    Error,
    /// One or the other, by the version of a file that is not ours.
    Any,
}

pub(crate) struct Difference {
    pub(crate) peer: String,
    /// A case's id; `*` stands for any text, `/` included.
    pub(crate) case: String,
    pub(crate) kind: Kind,
    pub(crate) reason: String,
}

impl Difference {
    pub(crate) fn covers(&self, peer: &str, case: &str) -> bool {
        self.peer == peer && matches(&self.case, case)
    }

    pub(crate) fn allows(&self, kind: Kind) -> bool {
        self.kind == kind || self.kind == Kind::Any
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<Difference>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    parse(&text).with_context(|| format!("{}", path.display()))
}

fn parse(text: &str) -> Result<Vec<Difference>> {
    let mut tables: Vec<Vec<(&str, &str)>> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == "[[difference]]" {
            tables.push(Vec::new());
            continue;
        }
        let pair = line.split_once(" = ").and_then(|(key, value)| {
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            (!value.contains(['"', '\\'])).then_some((key, value))
        });
        match (pair, tables.last_mut()) {
            (Some(pair), Some(table)) => table.push(pair),
            _ => bail!("line {}: wanted [[difference]] or key = \"text\"", index + 1),
        }
    }
    tables.iter().map(|table| difference(table)).collect()
}

fn difference(table: &[(&str, &str)]) -> Result<Difference> {
    let value = |wanted: &str| {
        let found = table.iter().find(|(key, _)| *key == wanted).map(|(_, value)| *value);
        found.with_context(|| format!("a difference without {wanted}: {table:?}"))
    };
    if table.len() != 4 {
        bail!("wanted peer, case, kind and reason, once each: {table:?}");
    }
    let kind = match value("kind")? {
        "digest" => Kind::Digest,
        "error" => Kind::Error,
        "any" => Kind::Any,
        other => bail!("kind is {other}, wanted digest, error or any"),
    };
    Ok(Difference {
        peer: value("peer")?.into(),
        case: value("case")?.into(),
        kind,
        reason: value("reason")?.into(),
    })
}

/// Matches text with a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| text.get(at..).is_some_and(|text| matches(rest, text)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_stands_for_any_text() {
        assert!(matches("seves/*/4x*", "seves/es-legacy/4xEPYC-Milan"));
        assert!(matches("a*", "a"));
        assert!(!matches("a*c", "abd"));
    }

    #[test]
    fn tables_are_read_and_nothing_is_skipped() {
        let table = "[[difference]]\npeer = \"p 1\"\ncase = \"a/*\"\nkind = \"error\"\n";
        let read = parse(&format!("# head\n{table}reason = \"because\"\n")).unwrap();
        assert_eq!(read.len(), 1);
        assert!(read[0].covers("p 1", "a/b") && read[0].allows(Kind::Error));
        assert!(parse(table).is_err());
        assert!(parse("peer = \"p\"").is_err());
        assert!(parse("[[difference]]\npeer = 1").is_err());
    }
}
