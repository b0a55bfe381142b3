//! Runs the tests of a program that is something else, too, and so has no harness of its own.

use std::process::ExitCode;

/// What a test runner asks of a program with tests, by this process's arguments.
pub(crate) fn run(tests: &[(&str, fn())]) -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let has = |flag: &str| words.iter().any(|word| word == flag);
    if has("--list") {
        for (name, _) in tests.iter().filter(|_| !has("--ignored")) {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    let filters: Vec<_> = words.iter().filter(|word| !word.starts_with('-')).collect();
    let is_meant = |name: &str| {
        let by = |filter: &str| if has("--exact") { name == filter } else { name.contains(filter) };
        filters.is_empty() || filters.iter().any(|filter| by(filter))
    };
    let mut failed = 0;
    for (name, test) in tests.iter().filter(|(name, _)| is_meant(name) && !has("--ignored")) {
        let is_ok = std::panic::catch_unwind(test).is_ok();
        println!("test {name} ... {}", if is_ok { "ok" } else { "FAILED" });
        failed += usize::from(!is_ok);
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
