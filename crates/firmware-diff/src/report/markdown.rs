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
            let verdict = match (build.reproduction.is_same, build.reproduction.is_reproduced()) {
                (true, _) => "is the same",
                (false, true) => "differs only in what is allowed",
                (false, false) => "is another build",
            };
            page.push_str(&format!("### Firmware: {} {verdict}\n\n", markdown(&build.file)));
            page.push_str(&build.comparison.markdown(&self.first, &build.file));
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
        let groups = self.groups();
        if !groups.is_empty() {
            page.push_str("\n| where | what differs | bytes |\n|---|---|---|\n");
        }
        let mut left_out = 0;
        for group in &groups {
            let kinds: Vec<_> = group.kinds.keys().map(|kind| kind.name()).collect();
            let bytes: usize = group.kinds.values().map(|tally| tally.bytes).sum();
            let row =
                format!("| {} | {} | {bytes} |\n", markdown(&group_name(group)), kinds.join(", "));
            if page.len() + row.len() > MOST_BYTES {
                left_out += 1;
            } else {
                page.push_str(&row);
            }
        }
        if left_out > 0 {
            page.push_str(&format!("\n{left_out} more are not shown.\n"));
        }
        let effect = self.effect();
        if effect.digests.is_empty() || self.is_same() {
            return page;
        }
        page.push_str("\n| launch digests | | why |\n|---|---|---|\n");
        for one in &effect.digests {
            let why: Vec<_> = one.because.iter().map(|cause| cause.what).collect();
            let verdict = if one.changes() { "change" } else { "stay the same" };
            let _ =
                writeln!(page, "| {} | {verdict} | {} |", one.technology.name(), why.join(", "));
        }
        page
    }

    /// The statement as one piece of text: names of modules stand in it.
    fn statement_for_markdown(&self) -> String {
        markdown(&self.statement())
    }
}
