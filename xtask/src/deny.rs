//! `cargo xtask deny`: licences, sources and advisories of every dependency, by cargo-deny and `deny.toml`.
//!
//! Advisories need a database from the network. Where it cannot be had, a copy from before is used, and where there is none, the
//! step says loudly that nobody looked: a machine without a network has to be able to run the rest.

use std::path::PathBuf;

use anyhow::Result;

use crate::call::Call;

/// Runs every check that can be run here.
pub(crate) fn run() -> Result<()> {
    if !Call::cargo("deny --version").succeeds() {
        println!(
            "SKIPPED: cargo-deny is not installed (cargo install cargo-deny): licences, sources and ADVISORIES of"
        );
        println!("SKIPPED: dependencies were not looked at");
        return Ok(());
    }
    Call::cargo("deny --all-features check bans licenses sources").run()?;
    if Call::cargo("deny fetch db").succeeds() {
        return Call::cargo("deny --all-features check advisories").run();
    }
    if has_database() {
        println!(
            "NOT FETCHED: the advisory database cannot be had from the network; the copy from before is used"
        );
        return Call::cargo("deny --offline --all-features check advisories").run();
    }
    println!(
        "SKIPPED: the advisory database cannot be had from the network, and there is no copy from before:"
    );
    println!(
        "SKIPPED: NOBODY LOOKED whether a dependency has a known vulnerability; run `cargo xtask deny` with a network"
    );
    Ok(())
}

/// Has cargo-deny fetched a database before? It stays below Cargo's own folder.
fn has_database() -> bool {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    let folder = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home);
    let entries = folder.and_then(|folder| folder.join("advisory-dbs").read_dir().ok());
    // A clone that failed leaves an empty folder, or a lock file.
    entries.is_some_and(|entries| {
        entries.flatten().any(|entry| entry.path().join(".git").join("HEAD").is_file())
    })
}
