//! docs/peer-suites.md: the counts of a run, and what ended otherwise with its reason.

use super::{Reason, Summary};
use crate::markdown::{head, row};

/// The outcome as a document.
pub(super) fn page(package: &str, date: &str, summary: &Summary) -> String {
    let mut text = format!("{INTRODUCTION}\n{package}, {date}: {}.\n", summary.counts());
    let of = |is_not_run: bool| {
        summary.reasons.iter().filter(move |reason| reason.is_not_run == is_not_run)
    };
    text += "\n## What ends otherwise\n\n";
    text += &head(&["case", "cases", "wanted", "ours", "why"]);
    for Reason { name, reason, count, wanted, answers, .. } in of(false) {
        let name = format!("`{name}`");
        let answer = |(answer, count): (&String, &usize)| match count {
            1 => answer.clone(),
            count => format!("{answer} ({count})"),
        };
        let answers: Vec<String> = answers.iter().map(answer).collect();
        text += &row(&[&name, &count.to_string(), wanted, &answers.join("; "), *reason]);
    }
    text += "\n## What is not run\n\n";
    text += &head(&["case", "cases", "why"]);
    for Reason { name, reason, count, .. } in of(true) {
        text += &row(&[&format!("`{name}`"), &count.to_string(), *reason]);
    }
    text
}

const INTRODUCTION: &str = "\
# Peers' own suites on our command

Written by `cargo xtask peer-suites --write`; not edited by hand. Debian's package of go-sev-guest has that project's tests. Two of its
suites are tables, which are read out of the Go source and put to `sev-launch verify`; nothing of Go is run.

- `tools/check/check_test.go` is about the command `check`: each of its flags with a good value and bad ones, on a report of a real Milan with
  its VCEK, under AMD's built-in keys. Each value is given by our flags for the same demand, and in a policy that `sev-launch import check-policy`
  reads and `verify --demands` takes, alone and with the flag beside it. A good value must end in a yes, a bad one must not. What the
  policy permits is given by the flags that the importer names.
- `validate/validate_test.go` is about the library under it: options on made-up reports. The reports are made here again, field by field from what the file
  says, and signed by a throwaway chip; the options are written as a policy and imported. Beside yes or no, the demand that is not met must be
  the one that the suite's error names.

Our command accepts no report without a launch digest. Where a case demands none, it is given the report's own.

That a difference is seen was tried by hand: with an importer that passes over minimum_build, five cases were told, three of which ended in
a yes that must be none.
";
