//! Annotations: the workflow commands that GitHub Actions and its kin read from a job's output.
//!
//! `::error file=…,line=…,title=…::…`, one per line [Actions, command.ts]: in the message `%`, carriage return and line feed are escaped
//! as in URLs, in a property `:` and `,` as well. A runner shows the first ten of a step.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

use sev_launch_abi::text::{workflow_message, workflow_property};

use super::{Check, Place, Recorded, input_text, unchecked};

/// How many lines of a recorded manifest are sought: a runner shows ten errors and ten warnings of a step, and a manifest can be large.
const MOST_LINES: usize = 20;

/// The commands, one per line, with a newline after each: an error per failure, a warning per input that is elsewhere and per
/// row that cannot be checked, and one notice where there is no failure. With the recorded manifest's text each of the first
/// twenty names its line there, where it has one.
pub fn write(check: &Check, recorded: Option<Recorded<'_>>) -> String {
    let mut lines = String::new();
    let mut sought = 0_usize;
    let mut seek = |line: &dyn Fn(Recorded<'_>) -> Option<usize>| {
        sought = sought.saturating_add(1);
        recorded.filter(|_| sought <= MOST_LINES).and_then(line)
    };
    let mut push = |level: &str, title: &str, text: &str, line: Option<usize>| {
        let file = recorded.map(|recorded| match line {
            Some(line) => format!("file={},line={line},", workflow_property(recorded.file)),
            None => format!("file={},", workflow_property(recorded.file)),
        });
        let file = file.unwrap_or_default();
        let title = workflow_property(&format!("{}: {title}", check.name));
        lines.push_str(&format!("::{level} {file}title={title}::{}\n", workflow_message(text)));
    };
    for change in &check.differences().inputs {
        let level = if change.is_move() { "warning" } else { "error" };
        let line = seek(&|recorded| recorded.input(change));
        push(level, "input changed", &input_text(change), line);
    }
    for failure in &check.failures() {
        let line = seek(&|recorded| match failure.place {
            Place::None => None,
            Place::Field(name) => recorded.field(name),
            Place::Row(row) => recorded.row(row),
        });
        push("error", failure.title, &failure.text, line);
    }
    for row in check.kept() {
        let line = seek(&|recorded| recorded.row(row));
        push("warning", "row is not checked", &unchecked(row), line);
    }
    if check.is_same() {
        let text = format!("{} computed rows are the same", check.rows_same);
        push("notice", "manifest is current", &text, None);
    }
    lines
}
