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

cargo-mutants says which changes there are. They are built all at once, each behind a switch, and a test runs for those alone that it
comes by; what cannot be switched (constants, `let` conditions, iterators that are returned), cargo-mutants tries one by one. What does
not compile needs no test. A change under which the tests come to no end counts as noticed, in a column of its own. What a macro
writes is not changed.

Each row has the commit and the day of its last trial. A file that is as it was then is not tried again, but for what was missed:
tests are added, and rarely taken away. `cargo xtask mutants --all --write` tries everything.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_its_row_and_nothing_is_left_unsaid() {
        let tried = r#"{"blob": "b", "commit": "c0ffee", "date": "2026-01-31", "caught": 5, "timed_out": 1,
            "not_compiling": 4, "left_out": 2, "missed": ["crates/a.rs:1:1: replace || with &&"]}"#;
        let record = format!(
            r#"{{"cargo_mutants": "cargo-mutants 27", "files": {{"crates/a.rs": {tried}}}}}"#
        );
        let record: Record = serde_json::from_str(&record).unwrap();
        let left_out =
            "part = []\n[[left_out]]\nchange = 'a.rs: x || y'\nline = ' z '\nreason = 'r'";
        let plan = Plan::parse(left_out).unwrap();
        let other = Change { file: "b.rs".to_owned(), ..Change::sample("w") };
        let left_out =
            Change { line: "z".to_owned(), file: "a.rs".to_owned(), ..Change::sample("x || y") };
        let page = page(&record, &plan, &[other, left_out]);
        for line in [
            "| `a.rs` | 13 | 5 | 1 | 4 | 2 | 1 | c0ffee, 2026-01-31 |\n",
            "| all | 13 | 5 | 1 | 4 | 2 | 1 | cargo-mutants 27 |\n",
            "\n2 changes of other files were not tried yet.\n",
            "- `crates/a.rs:1:1: replace || with &&`\n",
            "| `a.rs: x \\|\\| y, line: z` | 1 | r |\n",
        ] {
            assert!(page.contains(line), "{line}{page}");
        }
    }
}
