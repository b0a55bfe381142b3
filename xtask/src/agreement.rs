//! `cargo xtask agreement`: random descriptions, each computed by the libraries, by the command, by a manifest of it, and by the test
//! kit, which shares nothing with the other three.
//!
//! It runs the test that CI runs, `crates/cli/tests/command/agreement.rs`, over many more descriptions. A failure prints the seed of
//! each description that is told differently, and `--one SEED` computes that one again.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroU64;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::call::{self, Call, target};
use crate::machine::Machine;
use crate::markdown;

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many descriptions
    #[arg(long, default_value = "10000")]
    cases: NonZeroU64,
    /// The seed from which all follow [default: the time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// One description alone, by the seed that a failure prints
    #[arg(long, value_name = "SEED", conflicts_with_all = ["cases", "seed", "write"])]
    one: Option<String>,
    /// Write docs/agreement.md
    #[arg(long)]
    write: bool,
}

/// What the test has computed.
#[derive(Deserialize)]
struct Totals {
    accepted: u64,
    refused: u64,
    by_flags: u64,
    firmware_alone: u64,
    profiles: Vec<Profile>,
    faults: BTreeMap<String, u64>,
}

/// The part of one profile; `-` stands for plain SEV, which has none.
#[derive(Deserialize)]
struct Profile {
    technology: String,
    profile: String,
    descriptions: u64,
    digests: u64,
}

/// Runs the test, and fails where two ways say different things.
pub(crate) fn run(options: &Options) -> Result<()> {
    let test = Call::cargo("test --quiet --package sev-launch --test command").words(
        "command::agreement::everything_computes_the_same -- --exact --include-ignored --nocapture",
    );
    if let Some(seed) = &options.one {
        return test.env("SEV_LAUNCH_AGREEMENT_ONE", seed).run();
    }
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock")?.as_secs();
    let seed = options.seed.unwrap_or(seconds);
    println!("cargo xtask agreement --cases {} --seed {seed}", options.cases);
    let commit = Call::new("git", "describe --always --dirty").text()?;
    let path = std::path::absolute(target().join("agreement.json"))?;
    // No other run's totals are taken for this one's.
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| path.display().to_string());
        }
        _ => {}
    }
    let started = Instant::now();
    test.env("SEV_LAUNCH_AGREEMENT_CASES", options.cases.to_string())
        .env("SEV_LAUNCH_AGREEMENT_SEED", seed.to_string())
        .env("SEV_LAUNCH_AGREEMENT_TOTALS", &path)
        .run()?;
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    let totals = fs::read(&path).with_context(|| path.display().to_string())?;
    let totals: Totals = serde_json::from_slice(&totals).context("the test's totals")?;
    if options.write {
        let text =
            document(&totals, (options.cases.get(), seed), &commit, minutes, &Machine::read()?);
        call::write("docs/agreement.md", &text)?;
    }
    Ok(())
}

/// The outcome as a document.
fn document(
    totals: &Totals,
    (cases, seed): (u64, u64),
    commit: &str,
    minutes: f64,
    machine: &Machine,
) -> String {
    let Totals { accepted, refused, by_flags, firmware_alone, profiles, faults } = totals;
    let digests: u64 = profiles.iter().map(|profile| profile.digests).sum();
    let mut text = format!(
        "{INTRODUCTION}\n`cargo xtask agreement --cases {cases} --seed {seed}`, at commit {commit}, {} minutes, {}.\n\n\
        {accepted} descriptions with {digests} launch digests agree in every way, {by_flags} of them told by flags too; so do \
        {firmware_alone} digests of a firmware alone. {refused} are refused in every way. None differs.\n\n",
        markdown::number(minutes),
        machine.line(),
    );
    text += &markdown::head(&["technology", "profile", "descriptions", "digests"]);
    for Profile { technology, profile, descriptions, digests } in profiles {
        text +=
            &markdown::row(&[technology, profile, &descriptions.to_string(), &digests.to_string()]);
    }
    text += "\nA description with several profiles counts for each.\n\n";
    text += &markdown::head(&["what is wrong", "descriptions refused"]);
    for (name, count) in faults {
        text += &markdown::row(&[name, &count.to_string()]);
    }
    text
}

const INTRODUCTION: &str = "\
# Agreement of our own ways

Written by `cargo xtask agreement --write`; not edited by hand. A description is made at random: technology, launch profiles, hosts,
firmware images with their tables, kernels, initrds, command lines, CPUs, features, an SVSM, libkrun's files, captured pages, a policy,
and lists of values for each of them. Then every launch that it describes is computed

1. by the libraries, files in memory, hashed by the portable code;
2. by the command, `sev-launch digest --description`, and by the same launch in flags where flags can say it;
3. by `sev-launch manifest build`, read by the library, and `sev-launch manifest check`, which must call it current;
4. by the test kit (`crates/testkit/src/expected`), which was written from the documents and shares no code with the others.

Digests must be the same, and so must be what each stands for: profile, vCPUs, signature, features, and the inputs by their hashes. One
description in nine is made wrong in one thing, and must then be refused by all that can refuse: libraries and command, with exit code 2 and
the libraries' words. How this tool agrees with others is told in [reference.md](reference.md).

That a difference is seen was tried by hand: with one bit of TR's attributes changed in our table of profiles, 26 of 60 descriptions differed
from the test kit's, by libraries, command and manifest alike.
";
