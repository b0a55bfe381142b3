//! Markdown: the table of digests and what changed, as a CI run's summary or a comment shows it.
//!
//! What is other people's, names, paths and command lines, stands in cells as [`text::markdown`] writes it: no bar ends a cell, and nothing
//! makes HTML, a link or a mention.
//!
//! No example: `sev-launch manifest check` writes it, and its tests read it back.

use sev_launch_abi::text;

use super::{Check, input_text, unchecked};
use crate::differences::RowNote;

/// How many bytes of rows are written: GitHub shows no summary of more than 1 MiB. [Actions, Adding a job summary]
const MOST_BYTES: usize = 256 << 10;

/// A heading with the verdict, a table of what changed where anything did, and a table of the digests: rows that changed first. Rows beyond
/// 256 KiB are counted, and not shown.
pub fn write(check: &Check) -> String {
    let verdict = if check.is_same() { "is current" } else { "has drifted" };
    let mut page = format!("### Launch digests: {} {verdict}\n", text::markdown(&check.name));
    let mut cut = Cut::default();
    let changes = changes(check);
    if !changes.is_empty() {
        page.push_str("\n| what changed | how |\n|---|---|\n");
        changes.iter().for_each(|line| cut.push(&mut page, line));
    }
    page.push_str("\n| launch | digest | |\n|---|---|---|\n");
    rows(check).for_each(|line| cut.push(&mut page, &line));
    if cut.left_out > 0 {
        page.push_str(&format!("\n{} more lines are not shown.\n", cut.left_out));
    }
    page
}

/// Lines until there are enough.
#[derive(Default)]
struct Cut {
    written: usize,
    left_out: usize,
}

impl Cut {
    fn push(&mut self, page: &mut String, line: &str) {
        if self.left_out == 0 && self.written.saturating_add(line.len()) <= MOST_BYTES {
            self.written = self.written.saturating_add(line.len());
            page.push_str(line);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }
}

/// What holds for all rows, and the inputs.
fn changes(check: &Check) -> Vec<String> {
    let differences = check.differences();
    let line = |what: &str, how: &str| {
        // A firmware's parts are lines of their own.
        let how: Vec<_> = how.split('\n').map(text::markdown).collect();
        format!("| {what} | {} |\n", how.join("<br>"))
    };
    let mut lines = Vec::new();
    if let Some(change) = &differences.technology {
        lines.push(line("technology", &change.to_string()));
    }
    if let Some(change) = &differences.policy {
        lines.push(line("guest policy", &change.to_string()));
    }
    if let Some(change) = &differences.host_data {
        lines.push(line("host data", &change.to_string()));
    }
    if let Some(change) = &differences.id_block {
        lines.push(line("ID block", &change.to_string()));
    }
    for change in &differences.inputs {
        let what = match (change.is_move(), change.is_elsewhere()) {
            (false, _) => "input",
            (true, false) => "input, the same",
            (true, true) => "input, elsewhere",
        };
        lines.push(line(what, &input_text(change)));
    }
    lines
}

/// Each row of the recorded manifest, and those that it has not.
fn rows(check: &Check) -> impl Iterator<Item = String> {
    let differences = check.differences();
    let line = |facts: &str, digest: &str, how: &str| {
        format!("| {} | {digest} | {how} |\n", text::markdown(facts))
    };
    let changed = differences.rows_changed.iter().map(move |change| {
        let (old, new) = (change.old.digest, change.new.digest);
        let causes = change.causes.iter().map(|cause| text::markdown(&differences.explain(cause)));
        let causes: Vec<_> = causes.collect();
        let how = format!("**changed**, because {}", causes.join("; "));
        line(&change.facts, &format!("`{old}`<br>now `{new}`"), &how)
    });
    let with = move |rows: &'_ [RowNote], how: &'static str| -> Vec<String> {
        rows.iter().map(|row| line(&row.facts, &format!("`{}`", row.digest), how)).collect()
    };
    let added = with(&differences.rows_added, "**not recorded**");
    let removed = with(&differences.rows_removed, "**no longer described**");
    let kept = check.kept().iter().map(move |row| {
        line(&row.facts, &format!("`{}`", row.digest), &text::markdown(&unchecked(row)))
    });
    let unproven = check.unproven().iter().map(move |row| {
        let how = format!("**not proven**: {}", text::markdown(&row.reason));
        line(&row.row.facts, &format!("`{}`", row.row.digest), &how)
    });
    let proven = with(check.proven(), "its endorsement holds");
    let same = with(&differences.rows_same, "the same");
    changed.chain(added).chain(removed).chain(unproven).chain(kept).chain(proven).chain(same)
}
