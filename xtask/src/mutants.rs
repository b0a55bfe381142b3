//! `cargo xtask mutants`: breaks the modules that decide, one change at a time, and looks whether a test notices.
//!
//! cargo-mutants does the breaking. A change that no test notices fails the task; one that changes nothing that matters is left out by
//! an `exclude_re` in `.cargo/mutants.toml`, with the reason. It takes an hour, so it is run before a release and not in CI.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::call::{Call, target};

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

/// Runs cargo-mutants, with more flags.
pub(crate) fn run(flags: Vec<String>) -> Result<()> {
    let output = target().join("mutants");
    fs::create_dir_all(&output).context("target/mutants")?;
    let call = Call::cargo("mutants --package sev-launch-verify --all-features --no-shuffle")
        .words("--test-tool nextest --timeout 60")
        .args(MODULES.iter().flat_map(|module| ["--file", module]))
        .arg("--output")
        .arg(&output);
    let status = call.args(flags).status()?;
    // 2: some mutants were missed, 3: some timed out, which counts as noticed, and some may be missed as well.
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        bail!("cargo mutants failed ({status}); cargo install cargo-mutants");
    }
    let missed = fs::read_to_string(output.join("mutants.out/missed.txt")).context("missed.txt")?;
    if !missed.is_empty() {
        bail!("missed:\n{missed}");
    }
    Ok(())
}
