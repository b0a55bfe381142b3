//! `cargo xtask rehearse`: launches at random by the QEMU of this machine and by newer ones, each beside both predictions.
//!
//! It runs the test that CI runs, `crates/rehearse/tests/qemu/many.rs`, over thousands of launches, and judges how they ended ([`judge`]): a digest
//! must be predicted by values and by the imported command line, and what QEMU, KVM or the AMD-SP refuses must be refused or asked about by us.
//! What ends otherwise is listed with its reason in xtask/rehearse.toml. Newer QEMUs are those of Debian's later releases, in folders of their
//! own ([`systems`]); so it takes root.

mod judge;
mod libvirt;
mod page;
mod systems;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::call::{self, Call, target};
use crate::machine::Machine;
use judge::{Ended, Judged};

/// How many launches each QEMU makes, unless told otherwise: with three of them more than 2,000.
const CASES: u32 = 800;

/// The releases of Debian after this machine's: QEMU 10 and 11.
const RELEASES: [&str; 2] = ["trixie", "sid"];

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many launches each QEMU makes [default: 800]
    #[arg(long)]
    cases: Option<u32>,
    /// The seed from which all follow
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// A folder with a system that has a QEMU, started there by chroot; again for more [default: trixie's and sid's, by debootstrap]
    #[arg(long, value_name = "NAME=FOLDER", value_parser = systems::parse)]
    qemu: Vec<(String, PathBuf)>,
    /// Fail where the newer QEMUs cannot be had
    #[arg(long)]
    must: bool,
    /// Go through real libvirt instead, and with --write, write docs/libvirt.md
    #[arg(long, conflicts_with_all = ["cases", "seed"])]
    libvirt: bool,
    /// Measure what a rehearsal costs too, and write docs/rehearsals.md
    #[arg(long)]
    write: bool,
}

/// What the test writes.
#[derive(Deserialize)]
struct Totals {
    versions: Vec<String>,
    cases: Vec<Ended>,
}

/// What a rehearsal costs. Seconds, but for `memory`, which is in bytes.
#[derive(Deserialize)]
struct Figures {
    qemu: String,
    rounds: u32,
    rehearsal: f64,
    own: f64,
    tcg: f64,
    memory: f64,
    small_initrd: f64,
    own_small_initrd: f64,
    large_initrd: f64,
    own_large_initrd: f64,
    sha256sum: f64,
}

/// Runs all, and fails where something ends otherwise than predicted without a reason.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.libvirt {
        return libvirt::run(options);
    }
    let systems = match systems::find(&options.qemu, &RELEASES) {
        Ok(systems) => systems,
        Err(error) if !options.must && options.qemu.is_empty() => {
            println!(
                "SKIPPED: newer QEMUs cannot be had, so this machine's alone is run: {error:#}"
            );
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    let (cases, seed) = (options.cases.unwrap_or(CASES), options.seed.unwrap_or(1));
    let commit = Call::new("git", "describe --always --dirty").text()?;
    let roots: Vec<String> = systems.iter().map(|(_, root)| root.display().to_string()).collect();
    let started = Instant::now();
    let totals: Totals = measured("rehearsals.json", |path| {
        test("many::everything_measures_the_same")
            .env("SEV_LAUNCH_REHEARSE_CASES", cases.to_string())
            .env("SEV_LAUNCH_REHEARSE_SEED", seed.to_string())
            .env("SEV_LAUNCH_REHEARSE_ROOTS", roots.join(":"))
            .env("SEV_LAUNCH_REHEARSE_TOTALS", path)
    })?;
    test("plugged::vcpus_that_are_plugged_in_before_the_guest_runs")
        .env("SEV_LAUNCH_REHEARSE_ROOTS", roots.join(":"))
        .run()?;
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    // Only the launches that are always made can show that a reason no longer applies.
    let is_usual = cases >= CASES && options.seed.is_none() && totals.versions.len() > 2;
    let judged = Judged::of(&totals.cases, is_usual)?;
    println!("rehearse: {}", judged.line());
    if options.write {
        let figures: Figures = measured("rehearsal-figures.json", |path| {
            test("figures::what_a_rehearsal_costs")
                .words("--ignored")
                .env("SEV_LAUNCH_REHEARSE_FIGURES", path)
        })?;
        let run = page::Run { commit, cases, seed, minutes, machine: Machine::read()? };
        call::write("docs/rehearsals.md", &page::page(&run, &totals.versions, &judged, &figures))?;
    }
    Ok(())
}

/// One test of the launches, alone.
fn test(name: &str) -> Call {
    Call::cargo("test --quiet --package sev-launch-rehearse --test qemu")
        .arg(format!("qemu::{name}"))
        .words("-- --exact --nocapture")
}

/// What a call writes into a file below target/. No other run's is taken for this one's.
fn measured<T: serde::de::DeserializeOwned>(
    name: &str,
    call: impl FnOnce(&Path) -> Call,
) -> Result<T> {
    let path = std::path::absolute(target().join(name))?;
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| path.display().to_string());
        }
        _ => {}
    }
    call(&path).run()?;
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&bytes).with_context(|| name.to_owned())
}
