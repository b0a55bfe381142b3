//! Annotations: the workflow commands that GitHub Actions and its kin read from a job's output. [Actions, command.ts]

use sev_launch_abi::text::{workflow_message, workflow_property};

use super::Report;

/// A runner shows the first ten of a step; more than this many of a build are told as one.
const MOST: usize = 50;

impl Report<'_> {
    /// An error for each module that differs in what is not allowed, a warning for each entry of the allow file that allows nothing, with its
    /// line, and one notice if there is nothing to say.
    pub fn annotations(&self) -> String {
        let mut lines = String::new();
        let mut push = |level: &str, place: &str, title: &str, text: &str| {
            let (title, text) = (workflow_property(title), workflow_message(text));
            lines.push_str(&format!("::{level} {place}title={title}::{text}\n"));
        };
        // Annotations of the allow file stand beside its lines; without one, beside the build.
        let place = self
            .allow_file
            .as_ref()
            .map_or_else(String::new, |file| format!("file={},", workflow_property(file)));
        for build in &self.builds {
            let rows = build.reproduction.tallied_refused();
            for (name, kind, count) in rows.iter().take(MOST) {
                let times =
                    if *count == 1 { String::new() } else { format!(", in {count} places") };
                let text = format!(
                    "{} and {}: {name} differs in {}{times}",
                    self.first,
                    build.file,
                    kind.phrase()
                );
                push("error", &place, "firmware is another build", &text);
            }
            if let Some(more) = rows.len().checked_sub(MOST).filter(|more| *more > 0) {
                push(
                    "error",
                    &place,
                    "firmware is another build",
                    &format!("{}: {more} more", build.file),
                );
            }
        }
        let unused = self.unused();
        for entry in unused.iter().filter_map(|number| self.allow.entries().get(*number)) {
            let place = format!("{place}line={},", entry.line);
            push("warning", &place, "entry allows nothing", &self.why_unused(entry));
        }
        if self.is_reproduced() {
            push(
                "notice",
                "",
                "firmware is reproduced",
                &format!(
                    "held against {}: {}",
                    self.first,
                    self.builds
                        .iter()
                        .map(|build| build.file.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            );
        }
        lines
    }
}
