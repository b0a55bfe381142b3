//! Annotations: the workflow commands that GitHub Actions and its kin read from a job's output.
//!
//! `::error file=…,line=…,title=…::…`, one per line [Actions, command.ts]: in the message `%`, carriage return and line feed are escaped
//! as in URLs, in a property `:` and `,` as well. A runner shows the first ten of a step.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

use sev_launch_abi::text::printable;

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
            Some(line) => format!("file={},line={line},", escape_property(recorded.file)),
            None => format!("file={},", escape_property(recorded.file)),
        });
        let file = file.unwrap_or_default();
        let title = escape_property(&format!("{}: {title}", check.name));
        lines.push_str(&format!("::{level} {file}title={title}::{}\n", escape(text)));
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

fn escape(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| encode(&printable(line))).collect();
    lines.join("%0A")
}

/// What a runner decodes. Of the lines' ends only those are left that are the text's own.
fn encode(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    // The cases of actions/toolkit's own tests of its command module.
    #[test]
    fn what_ends_a_command_is_escaped() {
        assert_eq!(encode("percent % cr \r lf \n %25"), "percent %25 cr %0D lf %0A %2525");
        assert_eq!(escape_property("a:b,c%d\ne"), "a%3Ab%2Cc%25d%0Ae");
        assert_eq!(escape("a\r\u{1b}[2J\u{202e}##[x]"), "a\\r\\u{1b}[2J\\u{202e}\\u{23}#[x]");
    }
}
