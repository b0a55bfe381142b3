//! Annotations: the workflow commands that GitHub Actions and its kin read from a job's output.
//!
//! `::error title=…::…`, one per line [Actions, command.ts]: in the message `%`, carriage return and line feed are escaped
//! as in URLs, in a property `:` and `,` as well. A runner shows the first ten of a step.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

use sev_launch_abi::text::printable;

use super::{Check, input_text, unchecked};

/// The commands, one per line, with a newline after each: an error per failure, a warning per input that is elsewhere and per
/// row that cannot be checked, and one notice where there is no failure.
pub fn write(check: &Check) -> String {
    let mut lines = String::new();
    let mut push = |level: &str, title: &str, text: &str| {
        let title = escape_property(&format!("{}: {title}", check.name));
        lines.push_str(&format!("::{level} title={title}::{}\n", escape(text)));
    };
    for change in &check.differences().inputs {
        let level = if change.is_move() { "warning" } else { "error" };
        push(level, "input changed", &input_text(change));
    }
    for (title, text) in &check.failures() {
        push("error", title, text);
    }
    for row in check.kept() {
        push("warning", "row is not checked", &unchecked(row));
    }
    if check.is_same() {
        let text = format!("{} computed rows are the same", check.rows_same);
        push("notice", "manifest is current", &text);
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
