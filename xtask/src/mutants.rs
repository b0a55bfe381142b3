//! `cargo xtask mutants`: breaks the modules that decide, one change at a time, and looks whether a test notices.
//!
//! cargo-mutants does the breaking. A change that no test notices must be listed in `testdata/equivalent-mutants.txt` with the
//! reason why it changes nothing that matters; an unlisted one, and a listed one that is gone, fail the task. It takes an
//! hour, so it is run before a release and not in CI.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::call::{Call, read, target};

/// The modules that say yes or no, or handle keys.
const MODULES: [&str; 7] = [
    "crates/verify/src/sev/measurement.rs",
    "crates/verify/src/sev/measure_key.rs",
    "crates/verify/src/sev/session.rs",
    "crates/verify/src/sev/secret.rs",
    "crates/verify/src/sev/kdf.rs",
    "crates/verify/src/sev/chain.rs",
    "crates/verify/src/sev/chain/*.rs",
];

const LIST: &str = "testdata/equivalent-mutants.txt";

/// Runs cargo-mutants, with more flags.
pub(crate) fn run(flags: Vec<String>) -> Result<()> {
    if !Call::cargo("mutants --version").succeeds() {
        bail!("cargo-mutants is not installed: cargo install cargo-mutants");
    }
    let output = target().join("mutants");
    fs::create_dir_all(&output).context("target/mutants")?;
    let call = Call::cargo("mutants --package sev-launch-verify --all-features --no-shuffle")
        .words("--test-tool nextest --timeout 60")
        .args(MODULES.iter().flat_map(|module| ["--file", module]))
        .arg("--output")
        .arg(&output);
    let status = call.args(flags).status()?;
    // 2: some mutants were missed, 3: some timed out; which ones is looked at here.
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        bail!("cargo mutants failed ({status})");
    }
    judge(&output.join("mutants.out"))
}

fn judge(results: &Path) -> Result<()> {
    let mutants = |name: &str| -> Result<Vec<String>> {
        let text = fs::read_to_string(results.join(name)).with_context(|| name.to_owned())?;
        Ok(text.lines().map(without_position).collect())
    };
    let missed = mutants("missed.txt")?;
    let (caught, timeout) = (mutants("caught.txt")?.len(), mutants("timeout.txt")?.len());
    println!("mutants: {caught} caught, {timeout} timed out, {} missed", missed.len());
    let mut listed = equivalent()?;
    let unlisted: Vec<String> =
        missed.into_iter().filter(|mutant| listed.remove(mutant).is_none()).collect();
    if !unlisted.is_empty() {
        bail!("missed, and not listed in {LIST}:\n  {}", unlisted.join("\n  "));
    }
    if !listed.is_empty() {
        let gone: Vec<String> = listed.into_keys().collect();
        bail!("listed in {LIST}, and missed no more:\n  {}", gone.join("\n  "));
    }
    Ok(())
}

/// A mutant as cargo-mutants prints it, without line and column, which move.
fn without_position(line: &str) -> String {
    match line.split_once(": ") {
        Some((place, change)) => format!("{}: {change}", place.split(':').next().unwrap_or(place)),
        None => line.to_owned(),
    }
}

/// The list: a mutant, ` # `, and the reason, on a line; lines that start with `#` are comments.
fn equivalent() -> Result<BTreeMap<String, String>> {
    let text = read(LIST)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let entries = lines.map(|line| {
        let (mutant, reason) =
            line.split_once(" # ").with_context(|| format!("no reason: {line}"))?;
        Ok((mutant.to_owned(), reason.to_owned()))
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_left_out() {
        let mutant = without_position("a/b.rs:12:5: replace f -> bool with true");
        assert_eq!(mutant, "a/b.rs: replace f -> bool with true");
    }
}
