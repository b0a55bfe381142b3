//! The table of counts: benches/counts.toml, how it is compared, and how it is written.
//!
//! Flat TOML of two tables, one of texts without escapes and one of numbers, so it is read here line by line. Anything else in it is
//! an error, never skipped.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, bail};

/// Counts may be so many thousandths more before it is an error, and less before it is worth a line.
const TOLERANCE: u64 = 30;

const HEAD: &str = "\
# Instructions of the cases in benches/src/cases.rs, under valgrind's callgrind. Written by `cargo xtask count --write`.
# `cargo xtask count` fails where one takes over 3 % more. Valgrind's processor has no SHA instructions and no AVX-512.
";

/// What counts depend on; they are compared only where all of it is the same. Valgrind's version stands for the distribution's libc, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MadeWith {
    pub(crate) rustc: String,
    pub(crate) target: String,
    pub(crate) valgrind: String,
    pub(crate) processor: String,
}

impl fmt::Display for MadeWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rustc {}, {}, {}, {}", self.rustc, self.target, self.valgrind, self.processor)
    }
}

/// The table: instructions per unit by case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) made_with: MadeWith,
    pub(crate) rows: BTreeMap<String, u64>,
}

impl Table {
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let (mut texts, mut rows) = (BTreeMap::new(), BTreeMap::new());
        let mut section = "";
        for (number, line) in (1..).zip(text.lines()) {
            let wrong = || format!("line {number}: {line:?}");
            // No text in the table holds a #.
            let line = line.split('#').next().unwrap_or_default().trim();
            let pair = line.split_once(" = ");
            let before = match (section, pair) {
                (_, None) if line.is_empty() => None,
                (_, None) if ["[made_with]", "[instructions]"].contains(&line) => {
                    section = line;
                    None
                }
                ("[made_with]", Some((key, value))) => {
                    let value = value.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                    texts.insert(key, value.with_context(wrong)?).map(|_| ())
                }
                ("[instructions]", Some((key, value))) => {
                    let value = value.replace('_', "").parse().with_context(wrong)?;
                    rows.insert(key.to_owned(), value).map(|_: u64| ())
                }
                _ => bail!(wrong()),
            };
            if before.is_some() {
                bail!("{}, a second time", wrong());
            }
        }
        let mut text = |key: &str| {
            let value = texts.remove(key).with_context(|| format!("made_with has no {key}"))?;
            anyhow::Ok(value.to_owned())
        };
        let made_with = MadeWith {
            rustc: text("rustc")?,
            target: text("target")?,
            valgrind: text("valgrind")?,
            processor: text("processor")?,
        };
        if let Some(key) = texts.keys().next() {
            bail!("made_with has a {key} that nothing reads");
        }
        Ok(Self { made_with, rows })
    }

    /// The file's text; `units` says for each case, in order, what its count is of. Rows without a case are left out.
    pub(crate) fn write(&self, units: &Vec<(&str, &str)>) -> String {
        let MadeWith { rustc, target, valgrind, processor } = &self.made_with;
        let mut text = format!(
            "{HEAD}\n[made_with]\nrustc = \"{rustc}\"\ntarget = \"{target}\"\n\
             valgrind = \"{valgrind}\"\nprocessor = \"{processor}\"\n\n[instructions]\n"
        );
        for (case, unit) in units {
            if let Some(count) = self.rows.get(*case) {
                text.push_str(&format!("{case} = {} # per {unit}\n", grouped(*count)));
            }
        }
        text
    }
}

/// A number with underscores between its thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// How a count stands to the table's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The table has none to compare with.
    New,
    /// Within the tolerance.
    Same { listed: u64, found: u64 },
    /// Less than the tolerance: the table should say so.
    Less { listed: u64, found: u64 },
    /// More than the tolerance: an error.
    More { listed: u64, found: u64 },
}

impl Verdict {
    pub(crate) fn of(found: u64, listed: Option<u64>) -> Self {
        let Some(listed) = listed else { return Self::New };
        // Counts are far below 2^64 / 1030.
        let [most, least] = [1000 + TOLERANCE, 1000 - TOLERANCE].map(|part| listed * part);
        match found * 1000 {
            count if count > most => Self::More { listed, found },
            count if count < least => Self::Less { listed, found },
            _ => Self::Same { listed, found },
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, listed, found) = match *self {
            Self::New => return f.write_str("not in the table"),
            Self::Same { listed, found } => ("ok", listed, found),
            Self::Less { listed, found } => ("LESS, update the table: --write", listed, found),
            Self::More { listed, found } => ("MORE", listed, found),
        };
        let change = (i128::from(found) - i128::from(listed)) * 10_000 / i128::from(listed.max(1));
        let sign = if change < 0 { '-' } else { '+' };
        let (whole, part) = (change.abs() / 100, change.abs() % 100);
        write!(f, "{sign}{whole}.{part:02} % of {listed}: {word}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let made_with = MadeWith {
            rustc: "1.95.0 (59807616e 2026-04-14)".into(),
            target: "x86_64-unknown-linux-gnu".into(),
            valgrind: "valgrind-3.19.0".into(),
            processor: "with AVX2".into(),
        };
        let rows = [("b".to_owned(), 1_234_567), ("a".to_owned(), 12)].into();
        Table { made_with, rows }
    }

    #[test]
    fn what_is_written_is_read() {
        let text = table().write(&vec![("b", "row"), ("a", "guest, 64 vCPUs"), ("new", "row")]);
        assert!(
            text.ends_with(
                "[instructions]\nb = 1_234_567 # per row\na = 12 # per guest, 64 vCPUs\n"
            )
        );
        assert_eq!(Table::parse(&text).ok(), Some(table()));
    }

    #[test]
    fn anything_else_is_an_error() {
        let text = table().write(&vec![("a", "row"), ("b", "row")]);
        for (from, to) in [
            ("a = 12", "a = twelve"),
            ("a = 12", "b = 12"),
            ("a = 12", "a: 12"),
            ("[instructions]", "[counts]"),
            ("valgrind = ", "valgrinds = "),
            ("processor = \"with AVX2\"", ""),
            ("\"valgrind-3.19.0\"", "valgrind-3.19.0"),
        ] {
            assert!(Table::parse(&text.replace(from, to)).is_err(), "{from} as {to}");
        }
    }

    // 3 % of 1000 are 30.
    #[test]
    fn three_percent_are_allowed() {
        let (listed, of) = (1000, |found| Verdict::of(found, Some(1000)));
        assert_eq!(of(1030), Verdict::Same { listed, found: 1030 });
        assert_eq!(of(1031), Verdict::More { listed, found: 1031 });
        assert_eq!(of(970), Verdict::Same { listed, found: 970 });
        assert_eq!(of(969), Verdict::Less { listed, found: 969 });
        assert_eq!(Verdict::of(1, None), Verdict::New);
        assert_eq!(of(1031).to_string(), "+3.10 % of 1000: MORE");
        assert_eq!(of(995).to_string(), "-0.50 % of 1000: ok");
    }
}
