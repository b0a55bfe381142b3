//! docs/mutants.md: the figures, and everything that is left out with its reason.

use super::changes::Change;
use super::plan::Plan;
use super::record::{Record, Tried};
use crate::markdown::{head, row};

const ABOUT: &str = "\
# Mutation test

The modules that decide were changed in one place at a time, and the tests that must notice were run on each change. A change that no
test notices is a rule that nothing holds. `cargo xtask mutants --write` writes this page; docs/mutants.json is what it keeps, and
xtask/mutants.toml says which modules decide, which tests must notice, and why a change is left out.

Each row has the commit and the day of its last trial. A file that is as it was then is not tried again, but for what was missed:
tests are added, and rarely taken away. `cargo xtask mutants --all --write` tries everything. What does not compile needs no test. A
change under which the tests come to no end counts as noticed, in a column of its own. What a macro writes is not changed.

";

const COLUMNS: [&str; 8] =
    ["file", "changes", "caught", "timed out", "not compiling", "left out", "missed", "tried"];

/// The page.
pub(crate) fn page(record: &Record, plan: &Plan, changes: &[Change]) -> String {
    let mut page = ABOUT.to_owned();
    page.push_str(&head(&COLUMNS));
    let mut all = Tried::default();
    for (file, tried) in &record.files {
        let when = format!("{}, {}", tried.stamp.commit, tried.stamp.date);
        page.push_str(&line(&format!("`{}`", file.trim_start_matches("crates/")), tried, when));
        all.caught += tried.caught;
        all.timed_out += tried.timed_out;
        all.not_compiling += tried.not_compiling;
        all.left_out += tried.left_out;
        all.missed.extend(tried.missed.iter().cloned());
    }
    page.push_str(&line("all", &all, record.cargo_mutants.clone()));
    let never = changes.iter().filter(|change| !record.files.contains_key(&change.file)).count();
    if never > 0 {
        page.push_str(&format!("\n{never} changes of other files were not tried yet.\n"));
    }
    if !all.missed.is_empty() {
        page.push_str("\n## Missed\n\n");
        all.missed.iter().for_each(|name| page.push_str(&format!("- `{name}`\n")));
    }
    page.push_str("\n## Left out\n\n");
    page.push_str(&head(&["change", "times", "reason"]));
    for (reason, count) in plan.reasons(changes) {
        let change = format!("`{}`", reason.to_string().replace('|', "\\|"));
        page.push_str(&row(&[change, count.to_string(), reason.reason.replace('|', "\\|")]));
    }
    page
}

fn line(name: &str, tried: &Tried, when: String) -> String {
    let Tried { caught, timed_out, not_compiling, left_out, missed, .. } = tried;
    let counts = [tried.sum(), *caught, *timed_out, *not_compiling, *left_out, missed.len()];
    let counts = counts.iter().map(usize::to_string);
    row(&[name.to_owned()].into_iter().chain(counts).chain([when]).collect::<Vec<_>>())
}
