//! Markdown: the verdict, what differs by module, and the digests that change, as a CI run's summary shows it.

use std::fmt::Write;

use sev_launch_abi::text::markdown;

use super::{Report, group_name};
use crate::comparison::Comparison;

/// How many bytes of rows are written: GitHub shows no summary of more than 1 MiB. [Actions, Adding a job summary]
const MOST_BYTES: usize = 256 << 10;

impl Report<'_> {
    /// A heading with the verdict for each build, and tables of what differs.
    pub fn markdown(&self) -> String {
        let mut page = String::new();
        for build in &self.builds {
            let judged = &build.reproduction;
            let verdict = match (judged.is_same, judged.is_reproduced()) {
                (true, _) => "is the same",
                (false, true) => "differs only in what is allowed",
                (false, false) => "is not the same",
            };
            page.push_str(&format!("### Firmware: {} {verdict}\n\n", markdown(&build.file)));
            let (first, second) = (markdown(&self.first), markdown(&build.file));
            let statement = build.comparison.statement_for_markdown();
            page.push_str(&format!("{first} and {second}: {statement}.\n"));
            if judged.is_same {
                continue;
            }
            let mut rows =
                Rows::new(&mut page, "| where | what differs | places | |\n|---|---|---|---|\n");
            for (name, kind, count) in judged.tallied_refused() {
                rows.push(&format!(
                    "| {} | {kind} | {count} | **not allowed** |\n",
                    markdown(&name)
                ));
            }
            for (entry, difference) in judged.permitted_once() {
                let reason = self.allow.entries().get(entry).map_or("", |entry| &entry.reason);
                let (name, kind) = (markdown(&judged.label(difference)), difference.kind);
                rows.push(&format!("| {name} | {kind} | | allowed: {} |\n", markdown(reason)));
            }
            rows.end();
            page.push_str(&build.comparison.effect_for_markdown());
            if judged.is_reproduced() {
                page.push_str("\nIts launch digests are other ones: what is allowed to differ is measured too.\n");
            }
        }
        page
    }
}

impl Comparison<'_> {
    /// The statement, a table of what differs by module, and what comes of it for launch digests.
    pub fn markdown(&self, first: &str, second: &str) -> String {
        let mut page = format!(
            "{} and {}: {}.\n",
            markdown(first),
            markdown(second),
            self.statement_for_markdown()
        );
        if self.is_same() {
            return page;
        }
        let mut rows = Rows::new(&mut page, "| where | what differs | bytes |\n|---|---|---|\n");
        for group in &self.groups() {
            let kinds: Vec<_> = group.kinds.keys().map(|kind| kind.name()).collect();
            let bytes: usize = group.kinds.values().map(|tally| tally.bytes).sum();
            rows.push(&format!(
                "| {} | {} | {bytes} |\n",
                markdown(&group_name(group)),
                kinds.join(", ")
            ));
        }
        rows.end();
        page.push_str(&self.effect_for_markdown());
        page
    }

    /// The launch digests that change, and why.
    fn effect_for_markdown(&self) -> String {
        let mut page = String::new();
        let effect = self.effect();
        if effect.digests.is_empty() {
            return page;
        }
        page.push_str(
            "\n| launch digests | | because of | first | second |\n|---|---|---|---|---|\n",
        );
        for one in &effect.digests {
            let technology = one.technology.name();
            if !one.changes() {
                let _ = writeln!(page, "| {technology} | stay the same | | | |");
            }
            for cause in &one.because {
                let (a, b) = (markdown(&cause.a), markdown(&cause.b));
                let _ = writeln!(page, "| {technology} | change | {} | {a} | {b} |", cause.what);
            }
        }
        page
    }

    /// The statement as one piece of text: names of modules stand in it.
    fn statement_for_markdown(&self) -> String {
        markdown(&self.statement())
    }
}

/// Rows of a table, until there are enough.
struct Rows<'p> {
    page: &'p mut String,
    heading: &'static str,
    left_out: usize,
}

impl<'p> Rows<'p> {
    fn new(page: &'p mut String, heading: &'static str) -> Self {
        Self { page, heading, left_out: 0 }
    }

    fn push(&mut self, row: &str) {
        if self.page.len() + row.len() > MOST_BYTES {
            self.left_out += 1;
            return;
        }
        if !self.heading.is_empty() {
            self.page.push('\n');
            self.page.push_str(core::mem::take(&mut self.heading));
        }
        self.page.push_str(row);
    }

    fn end(self) {
        if self.left_out > 0 {
            self.page.push_str(&format!("\n{} more are not shown.\n", self.left_out));
        }
    }
}
