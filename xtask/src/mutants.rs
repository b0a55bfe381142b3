//! `cargo xtask mutants`: breaks the modules that decide, one change at a time, and looks whether a test notices.
//!
//! cargo-mutants does the breaking. A change that no test notices must be listed in `testdata/equivalent-mutants.txt` with the
//! reason why it changes nothing that matters; an unlisted one, and a listed one that is gone, fail the task. It takes an
//! hour, so it is run before a release and not in CI.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::command::{cargo, is_installed, root};

/// The modules that say yes or no, or handle keys.
const MODULES: [&str; 8] = [
    "crates/verify/src/sev/measurement.rs",
    "crates/verify/src/sev/measure_key.rs",
    "crates/verify/src/sev/session.rs",
    "crates/verify/src/sev/secret.rs",
    "crates/verify/src/sev/keys.rs",
    "crates/verify/src/sev/requirements.rs",
    "crates/verify/src/sev/chain.rs",
    "crates/verify/src/sev/chain/*.rs",
];

const LIST: &str = "testdata/equivalent-mutants.txt";

/// Runs cargo-mutants; arguments after `--` go to it.
pub(crate) fn run(rest: &[String]) -> anyhow::Result<()> {
    if !is_installed(cargo(), &["mutants", "--version"]) {
        bail!("cargo-mutants is not installed: cargo install cargo-mutants");
    }
    let output = root().join("target/mutants");
    fs::create_dir_all(&output).context("target/mutants")?;
    let mut command = Command::new(cargo());
    command.args([
        "mutants",
        "--package",
        "sev-launch-verify",
        "--all-features",
        "--no-shuffle",
        "--test-tool",
        "nextest",
    ]);
    command.args(["--timeout", "60"]).arg("--output").arg(&output);
    for module in MODULES {
        command.args(["--file", module]);
    }
    let extra = rest.iter().skip_while(|argument| *argument != "--").skip(1);
    let status = command.args(extra).current_dir(root()).status().context("cargo mutants")?;
    // 2: some mutants were missed, 3: some timed out; which ones is looked at here.
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        bail!("cargo mutants failed ({status})");
    }
    judge(&output.join("mutants.out"))
}

fn judge(results: &Path) -> anyhow::Result<()> {
    let count = |name: &str| -> anyhow::Result<Vec<String>> {
        let text = fs::read_to_string(results.join(name)).with_context(|| name.to_owned())?;
        Ok(text.lines().map(without_position).collect())
    };
    let missed = count("missed.txt")?;
    let (caught, timeout) = (count("caught.txt")?.len(), count("timeout.txt")?.len());
    let mut listed = read_list(&root().join(LIST))?;
    let unlisted: Vec<_> =
        missed.iter().filter(|mutant| listed.remove(*mutant).is_none()).collect();
    println!("mutants: {caught} caught, {timeout} timed out, {} missed", missed.len());
    if !unlisted.is_empty() {
        bail!(
            "missed, and not listed in {LIST}:\n  {}",
            unlisted.iter().map(|m| m.as_str()).collect::<Vec<_>>().join("\n  ")
        );
    }
    if !listed.is_empty() {
        bail!(
            "listed in {LIST}, and missed no more:\n  {}",
            listed.into_keys().collect::<Vec<_>>().join("\n  ")
        );
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
fn read_list(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (mutant, reason) =
                line.split_once(" # ").with_context(|| format!("no reason: {line}"))?;
            Ok((mutant.to_owned(), reason.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_left_out() {
        assert_eq!(
            without_position("a/b.rs:12:5: replace f -> bool with true"),
            "a/b.rs: replace f -> bool with true"
        );
    }
}
