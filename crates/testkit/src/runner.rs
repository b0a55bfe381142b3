//! Runs the tests of a program that is something else, too, and so has no harness of its own.

use std::panic::catch_unwind;
use std::process::ExitCode;

/// Does what a test runner asks of a program with tests, by this process's arguments: lists them (`--list`), or runs those that are named, `--exact` or in
/// part; without a name all of them. None is ignored.
#[must_use]
pub fn run(tests: &[(&str, fn())]) -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let has = |flag: &str| words.iter().any(|word| word == flag);
    if has("--list") {
        for (name, _) in tests.iter().filter(|_| !has("--ignored")) {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    let mut failed = 0_usize;
    for (name, test) in tests.iter().filter(|(name, _)| is_meant(&words, name)) {
        let is_ok = catch_unwind(test).is_ok();
        println!("test {name} ... {}", if is_ok { "ok" } else { "FAILED" });
        failed += usize::from(!is_ok);
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn is_meant(words: &[String], name: &str) -> bool {
    let has = |flag: &str| words.iter().any(|word| word == flag);
    let by = |filter: &String| if has("--exact") { name == filter } else { name.contains(filter) };
    let mut filters = words.iter().filter(|word| !word.starts_with('-')).peekable();
    !has("--ignored") && (filters.peek().is_none() || filters.any(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_whole_or_parts() {
        let is_meant = |line: &str| {
            let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
            is_meant(&words, "flow::a_guest")
        };
        for line in ["", "--nocapture", "flow", "x guest", "--exact flow::a_guest --nocapture"] {
            assert!(is_meant(line), "{line}");
        }
        for line in ["x", "--exact flow", "--ignored", "flow --ignored"] {
            assert!(!is_meant(line), "{line}");
        }
    }
}
