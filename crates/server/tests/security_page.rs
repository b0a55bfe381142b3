//! docs/server-security.md: every test that it names is there, in its tables and between them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of ours") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Is there a test of this name, or a case of a suite?
fn is_run(text: &str, lines: &[&str], name: &str) -> bool {
    let head = format!("fn {name}(");
    lines.iter().enumerate().any(|(at, line)| {
        let code = line.trim_start();
        if !code.contains(&head) || code.starts_with("//") {
            return false;
        }
        let before = lines.get(at.saturating_sub(3)..at).unwrap_or_default();
        let is_test =
            before.iter().any(|line| line.contains("#[test]") || line.contains("#[tokio::test"));
        let is_ignored = before.iter().any(|line| line.contains("#[ignore"));
        // A case of the store's suite is a function that takes a store, and is named in its list.
        let is_case = code.contains("store: &dyn Store") && text.contains(&format!("::{name},"));
        is_test && !is_ignored || is_case
    })
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/server-security.md")).expect("the page");
    let mut files = Vec::new();
    for folder in ["crates/protocol", "crates/server"] {
        sources(&root.join(folder), &mut files);
    }
    let text: String =
        files.iter().map(|file| fs::read_to_string(file).expect("a source")).collect();
    let lines: Vec<&str> = text.lines().collect();
    let mut named = BTreeSet::new();
    let (rows, prose): (Vec<_>, Vec<_>) = page.lines().partition(|line| line.starts_with("| "));
    for row in rows.into_iter().filter(|line| !line.contains("shown by")) {
        let cell = row.rsplit('|').nth(1).expect("a last cell");
        let tests: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        named.extend(tests);
    }
    assert!(named.len() > 30, "{named:?}");
    let prose = prose.join("\n");
    // Settings and commands have no underscores.
    let said: Vec<&str> =
        prose.split('`').skip(1).step_by(2).filter(|name| name.contains('_')).collect();
    assert!(said.len() > 3, "{said:?}");
    named.extend(said);
    let missing: Vec<_> = named.iter().filter(|name| !is_run(&text, &lines, name)).collect();
    assert!(missing.is_empty(), "named and not there: {missing:?}");
}
