//! What a code means, for people: one page for each, and all of them in one file.

use std::fmt::Write as _;

use crate::problem::Code;

/// The page of a code: the text of `GET /problems/{code}`, in Markdown.
#[must_use]
pub fn page(code: Code) -> String {
    let mut page = format!("# {}\n\n", code.name());
    // A string takes every text.
    let _ = body(&mut page, code);
    page
}

/// All pages in one: `docs/problems.md`, where [`crate::problem::PAGES`] and a code's name are the address of its section.
#[must_use]
pub fn problem_pages() -> String {
    let mut page = HEAD.to_owned();
    let mut status = 0;
    for code in Code::ALL.iter().copied() {
        if status != code.status() {
            status = code.status();
            let _ = write!(page, "\n## Status {status}\n");
        }
        let _ = write!(page, "\n### {}\n\n", code.name());
        let _ = body(&mut page, code);
    }
    page
}

fn body(page: &mut String, code: Code) -> std::fmt::Result {
    writeln!(page, "{}.\n", code.title())?;
    writeln!(page, "- Status: {}", code.status())?;
    let retry = if code.is_retryable() {
        "yes, the same request may succeed later"
    } else {
        "no, not without a change"
    };
    writeln!(page, "- Retryable: {retry}")?;
    writeln!(page, "- What to do: {}", code.advice())
}

const HEAD: &str = "\
# Problems

How the attestation service says no: `application/problem+json` (RFC 9457). `code` is one of the names below; it never changes its status or its meaning.
A client that meets a code which it does not know goes by the class of the status.

Written by a test of `sev-launch-protocol` from the table of codes (`SEV_LAUNCH_BLESS=1 cargo test -p sev-launch-protocol`); not edited by hand. The service
has each section at `/v1/problems/CODE`.
";
