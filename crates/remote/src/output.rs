//! What is printed: an answer on standard output, everything beside it on standard error, and nothing in either that a terminal would
//! obey.

use std::fmt::Display;
use std::io::{self, Write as _};

use anyhow::Context as _;
use serde::Serialize;
use sev_launch_abi::text::{json, printable};

/// The longest value of a line for people, in characters; `--json` has all of it.
const MOST_SHOWN: usize = 160;

/// An answer for people, line by line.
#[derive(Default)]
pub(crate) struct Lines(String);

impl Lines {
    /// A line.
    pub(crate) fn line(&mut self, text: impl Display) {
        self.0.push_str(&printable(&text.to_string()));
        self.0.push('\n');
    }

    /// A line with a name, below one without.
    pub(crate) fn field(&mut self, name: &str, value: impl Display) {
        self.line(format_args!("  {name:<12} {value}"));
    }

    /// Rows in columns: each as wide as what is longest in it.
    pub(crate) fn table<const N: usize>(&mut self, head: [&str; N], rows: &[[String; N]]) {
        let mut widths = head.map(|text| text.chars().count());
        for row in rows {
            for (width, text) in widths.iter_mut().zip(row) {
                *width = (*width).max(printable(text).chars().count());
            }
        }
        let mut write = |cells: Vec<&str>| {
            let mut line = String::new();
            for (text, width) in cells.into_iter().zip(widths) {
                line.push_str(&format!("{:<width$}  ", printable(text)));
            }
            self.line(line.trim_end());
        };
        write(head.to_vec());
        for row in rows {
            write(row.iter().map(String::as_str).collect());
        }
    }

    pub(crate) fn print(&self) -> anyhow::Result<()> {
        print(self.0.as_bytes())
    }

    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// Prints a value of the protocol as JSON.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print(json(&text).as_bytes())
}

/// Prints bytes as they are.
pub(crate) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).context("standard output: cannot be written")
}

/// Says something beside the answer.
pub(crate) fn remark(kind: &str, said: impl Display) {
    // Nothing can be said where standard error is gone; the answer still stands.
    let _ = writeln!(io::stderr(), "{kind}: {}", printable(&said.to_string()));
}

/// A value, cut where it is too long for a line.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// `1 digest`, `2 digests`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest() {
        let mut lines = Lines::default();
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        lines.table(["vm", "state"], &[row("a", "launched"), row("longer", "x\u{1b}[2J")]);
        assert_eq!(lines.text(), "vm      state\na       launched\nlonger  x\\u{1b}[2J\n");
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        assert_eq!(cut(&"ü".repeat(160)), "ü".repeat(160));
        assert_eq!(cut(&"ü".repeat(161)), "ü".repeat(160) + "…");
    }
}
