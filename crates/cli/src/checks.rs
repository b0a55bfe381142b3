//! Checks as they are printed: of a chain of certificates, and of a report.

use std::io::{self, Write};

use serde::Serialize;

/// A check as it is printed.
#[derive(Serialize)]
pub(crate) struct CheckView {
    pub(crate) check: String,
    /// `yes`, `no` or `not asked`.
    pub(crate) answer: &'static str,
    pub(crate) reason: Option<String>,
}

/// A line for each check, its name in so many columns.
pub(crate) fn print_checks(
    out: &mut impl Write,
    checks: &[CheckView],
    width: usize,
) -> io::Result<()> {
    for CheckView { check, answer, reason } in checks {
        match reason {
            None => writeln!(out, "  {check:<width$} {answer}")?,
            Some(reason) => writeln!(out, "  {check:<width$} {answer}: {reason}")?,
        }
    }
    Ok(())
}
