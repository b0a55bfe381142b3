//! What is measured inside of processes: the libraries of others (xtask/peers' `floor`, and OpenSSL by Python), and our own in
//! benches/examples/rates.rs.
//!
//! Each prints one pass as JSON; passes are taken in turn, and between the works of the table.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::record::{Floor, Rate};
use crate::call::{Call, target};
use crate::peers::harness;
use crate::statistics::{ratio_by_turn, summary};

/// Masks bit 29 of CPUID leaf 7's EBX, the SHA instructions, from OpenSSL and its descendants. See OPENSSL_ia32cap(3).
pub(super) const MASK: (&str, &str) = ("OPENSSL_ia32cap", ":~0x20000000");
/// Tells our own programs the same.
pub(super) const OURS_MASK: (&str, &str) = ("SEV_LAUNCH_WITHOUT_SHA", "1");
/// What makes `sha2`, which asks the processor itself, a build without SHA instructions, as its README has it.
const SHA2_IN_SOFTWARE: &str = "--cfg sha2_backend=\"soft\"";

/// One pass of the libraries of others: what is measured, and a rate for each library.
type Pass = BTreeMap<String, BTreeMap<String, f64>>;

/// One pass of ours: for each thing that is measured, its implementation and rate, and what bounds it and that rate.
type Ours = Vec<(String, [(String, f64); 2])>;

/// The programs, built.
pub(super) struct Rates {
    libraries: Vec<Call>,
    ours: Call,
    passes: Vec<Pass>,
}

impl Rates {
    /// Builds them; `python` is any interpreter.
    pub(super) fn build(python: Option<PathBuf>, without_sha: bool) -> Result<Self> {
        let mut floor = Call::new(harness("sev-launch-floor")?, "");
        let python =
            python.map(|python| Call::new(python, "-c").arg(include_str!("openssl_rates.py")));
        let mut build =
            Call::cargo("build --release --quiet -p sev-launch-benches --example rates");
        let mut target = target();
        if without_sha {
            floor = floor.words("--without-sha");
            build = build.env("RUSTFLAGS", SHA2_IN_SOFTWARE);
            target.push("without-sha");
        }
        build.arg("--target-dir").arg(&target).run()?;
        let ours = Call::new(target.join("release/examples/rates"), "");
        let mask = |call: Call, (name, value)| {
            if without_sha { call.env(name, value) } else { call }
        };
        let libraries = [floor].into_iter().chain(python).map(|call| mask(call, MASK)).collect();
        Ok(Self { libraries, ours: mask(ours, OURS_MASK), passes: Vec::new() })
    }

    /// One more pass of the libraries of others.
    pub(super) fn pass(&mut self) -> Result<()> {
        let mut pass = Pass::new();
        for call in &self.libraries {
            for (what, rates) in parse::<Pass>(call)? {
                pass.entry(what).or_default().extend(rates);
            }
        }
        self.passes.push(pass);
        Ok(())
    }

    /// The hash rates of all passes.
    pub(super) fn floor(&self) -> Floor {
        let summaries = |what: &str| {
            let rates = by_library(&self.passes, what).into_iter();
            let rates = rates.filter_map(|(name, rates)| Some((name, summary(&rates)?)));
            (what.to_owned(), rates.collect())
        };
        ["sha256", "sha384_pages"].map(summaries).into()
    }

    /// Ours and what bounds them, in turn.
    pub(super) fn ours(&mut self, turns: u32) -> Result<Vec<Rate>> {
        let before = self.passes.len();
        let mut passes = Vec::new();
        for _ in 0..turns {
            passes.push(parse::<Ours>(&self.ours)?);
            self.pass()?;
        }
        let hmacs = by_library(self.passes.get(before..).unwrap_or_default(), "hmac");
        let hmacs = hmacs.into_iter().map(|(name, rates)| (format!("HMAC of {name}"), rates));
        // Verifications come first, and are what an HMAC can be compared with.
        let mut others = Some(hmacs);
        let mut rates = Vec::new();
        for (index, (what, [(backend, _), (bound, _)])) in
            passes.first().context("no turn")?.iter().enumerate()
        {
            let turns = passes.iter().filter_map(|pass| Some(&pass.get(index)?.1));
            let (ours, bounds): (Vec<f64>, Vec<f64>) =
                turns.map(|[ours, bound]| (ours.1, bound.1)).unzip();
            let against = [(bound.clone(), bounds)].into_iter();
            let against = against.chain(others.take().into_iter().flatten());
            let compared = against.filter_map(|(name, theirs)| {
                Some((name, summary(&theirs)?, ratio_by_turn(&ours, &theirs)?))
            });
            rates.push(Rate {
                what: what.clone(),
                backend: backend.clone(),
                against: compared.collect(),
                per_second: summary(&ours).context("no turn")?,
            });
        }
        Ok(rates)
    }
}

fn by_library(passes: &[Pass], what: &str) -> Vec<(String, Vec<f64>)> {
    let mut by_name: BTreeMap<&String, Vec<f64>> = BTreeMap::new();
    for (name, rate) in passes.iter().filter_map(|pass| pass.get(what)).flatten() {
        by_name.entry(name).or_default().push(*rate);
    }
    by_name.into_iter().map(|(name, rates)| (name.clone(), rates)).collect()
}

fn parse<T: for<'de> Deserialize<'de>>(call: &Call) -> Result<T> {
    let said = call.text()?;
    serde_json::from_str(&said).with_context(|| said.clone())
}
