//! Builds the programs: libFuzzer's coverage in our crates and in the parsers below them, by the stable toolchain.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::call::{Call, target};

/// What LLVM adds to the code, as cargo-fuzz asks for it.
const COVERAGE: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];

/// So that libFuzzer sees what bytes are compared with.
const COMPARISONS: &str = "-Cllvm-args=-sanitizer-coverage-trace-compares";

/// The search compares nothing with an input's bytes, and does it often.
const WITHOUT_COMPARISONS: &str = "sev-launch-explain";

/// Packages in which coverage leads nowhere: arithmetic, which runs at full speed so, and the test kit, which is what is compared with.
const WITHOUT_COVERAGE: [&str; 19] = [
    "aes",
    "base16ct",
    "block-buffer",
    "cmov",
    "cpubits",
    "crypto-bigint",
    "ctutils",
    "digest",
    "ecdsa",
    "elliptic-curve",
    "hmac",
    "p384",
    "primefield",
    "primeorder",
    "rsa",
    "sev-launch-sha2-lanes",
    "sev-launch-testkit",
    "sha2",
    "subtle",
];

/// The only system for which it is built: libFuzzer's flags and the tests' processors are its.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// One target's program.
pub(super) struct Program {
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// The program that writes its seeds.
    pub(super) seeds: PathBuf,
}

/// Builds the programs of these targets, and the one that writes seeds.
pub(super) fn programs(names: &[String]) -> Result<Vec<Program>> {
    Call::cargo("build --quiet --package sev-launch-fuzz --bin seeds").run()?;
    let folder = target().join("fuzz");
    let mut build =
        Call::cargo("build -Zprofile-rustflags --profile fuzz --package sev-launch-fuzz");
    for name in names {
        build = build.arg("--bin").arg(name);
    }
    build = build.arg("--target").arg(TARGET).arg("--target-dir").arg(&folder);
    let coverage: Vec<String> = COVERAGE.iter().map(|flag| format!("{flag:?}")).collect();
    let coverage = coverage.join(",");
    let mut flags = vec![
        ("profile.fuzz".to_owned(), format!("{coverage},{COMPARISONS:?}")),
        ("profile.fuzz.build-override".to_owned(), String::new()),
        (format!("profile.fuzz.package.{WITHOUT_COMPARISONS}"), coverage),
    ];
    for package in WITHOUT_COVERAGE {
        flags.push((format!("profile.fuzz.package.{package}"), String::new()));
    }
    for (of, flags) in flags {
        build = build.arg("--config").arg(format!("{of}.rustflags=[{flags}]"));
    }
    // Flags for single packages are not stable in Cargo: the variable has the stable toolchain take them.
    let build = build.env("RUSTC_BOOTSTRAP", "1");
    // It goes before every other way to give flags.
    let build = build.env("CARGO_ENCODED_RUSTFLAGS", "--cfg\u{1f}fuzzing");
    build
        .run()
        .context("libFuzzer itself is built by a C++ compiler (Debian: apt-get install g++)")?;
    let program = |name: &String| Program {
        name: name.clone(),
        path: folder.join(TARGET).join("fuzz").join(name),
        seeds: target().join("debug/seeds"),
    };
    Ok(names.iter().map(program).collect())
}
