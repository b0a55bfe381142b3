//! Text for people, on standard output and standard error: every line is one that we began.
//!
//! What is printed holds names, paths and texts of others. A command prints by `writeln!`, and what it puts into a line stays in that
//! line: this is the one place where it is escaped, so that no command can forget to. Documents (JSON, CSV, XML) have rules of their
//! own and go by [`crate::output`].

use std::io::{self, BufWriter, StderrLock, StdoutLock, Write};

use sev_launch_abi::text;

/// A writer of lines for people.
///
/// `writeln!` and `write!` give one line, or a part of one: a newline that their values hold is escaped, as is every other
/// character that [`text::is_hidden`]. What is written as bytes is our own text of several lines, whose newlines stay.
pub(crate) struct Text<W: Write> {
    out: W,
    /// What there is of the line that has not ended.
    line: Vec<u8>,
}

/// Standard output, for people.
pub(crate) type Stdout = Text<BufWriter<StdoutLock<'static>>>;

/// Standard output, for people. Nothing is lost where [`flush`](Write::flush) follows.
pub(crate) fn stdout() -> Stdout {
    Text::new(BufWriter::new(io::stdout().lock()))
}

/// Standard error, for people.
pub(crate) fn stderr() -> Text<StderrLock<'static>> {
    Text::new(io::stderr().lock())
}

/// Writes a text of several lines, all of them its own: what it says of others, it has escaped.
pub(crate) fn lines(out: &mut impl Write, text: impl std::fmt::Display) -> io::Result<()> {
    out.write_all(format!("{text}\n").as_bytes())
}

impl<W: Write> Text<W> {
    const fn new(out: W) -> Self {
        Self { out, line: Vec::new() }
    }

    /// Writes a line that is whole, or what there is of one.
    fn end_line(&mut self, end: &str) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let text = text::line(&line);
        // At once, so that lines of several programs do not mix on standard error.
        self.out.write_all([text.as_ref(), end].concat().as_bytes())
    }
}

impl<W: Write> Write for Text<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(rest) => {
                    self.line.extend_from_slice(rest);
                    self.end_line("\n")?;
                }
                None => self.line.extend_from_slice(part),
            }
        }
        Ok(bytes.len())
    }

    fn write_fmt(&mut self, arguments: std::fmt::Arguments<'_>) -> io::Result<()> {
        let text = arguments.to_string();
        let (body, end) = match text.strip_suffix('\n') {
            Some(body) => (body, "\n"),
            None => (text.as_str(), ""),
        };
        self.line.extend_from_slice(text::printable(body).as_bytes());
        self.write_all(end.as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.line.is_empty() {
            self.end_line("")?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Text<&mut Vec<u8>>) -> io::Result<()>) -> String {
        let mut bytes = Vec::new();
        let mut text = Text::new(&mut bytes);
        write(&mut text).unwrap();
        text.flush().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_value_stays_in_its_line() {
        let (name, command) = ("a\nyes: proven\u{1b}[2J", "::x");
        assert_eq!(written(|out| writeln!(out, "no: {name}")), "no: a\\nyes: proven\\u{1b}[2J\n");
        // In two parts, and the part alone.
        let two = written(|out| {
            write!(out, "  {name}")?;
            writeln!(out, ", {command}")
        });
        assert_eq!(two, "  a\\nyes: proven\\u{1b}[2J, ::x\n");
        assert_eq!(written(|out| write!(out, "{name}")), "a\\nyes: proven\\u{1b}[2J");
    }

    #[test]
    fn no_line_is_a_workflow_command() {
        let (command, colon) = ("::x", ":");
        assert_eq!(written(|out| writeln!(out, " {command}")), " \\u{3a}:x\n");
        let two = written(|out| {
            write!(out, "{colon}")?;
            writeln!(out, ":x")
        });
        assert_eq!(two, "\\u{3a}:x\n");
        assert_eq!(written(|out| out.write_all(b"a\n::x\n\xff")), "a\n\\u{3a}:x\n\\xff");
    }
}
