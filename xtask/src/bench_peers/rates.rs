//! What is measured inside of processes: the libraries of others (xtask/floor, and OpenSSL by Python), and our own programs
//! under benches/examples.
//!
//! Each prints one pass as JSON; passes are taken in turn, and between the works of the table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::record::{Floor, Rate};
use super::tools::MASK;
use crate::process::Invocation;
use crate::reference::peers::cargo;
use crate::statistics::{Summary, median, ratio_by_turn, summary};

const OPENSSL_RATES: &str = include_str!("openssl_rates.py");
/// What makes `sha2`, which asks the processor itself, a build without SHA instructions, as its README has it.
const SHA2_IN_SOFTWARE: &str = "--cfg sha2_backend=\"soft\"";
/// With the SHA instructions hidden OpenSSL is this much slower, or they were not hidden.
const MASKED_IS_SLOWER_BY: f64 = 1.3;

/// One pass of the libraries of others.
#[derive(Clone, Debug, Default, Deserialize)]
struct Pass {
    sha256: BTreeMap<String, f64>,
    sha384_pages: BTreeMap<String, f64>,
    hmac: BTreeMap<String, f64>,
}

/// One pass of `verification_rate`.
#[derive(Clone, Debug, Deserialize)]
struct Verification {
    backend: String,
    without_sha: bool,
    verifications_per_s: f64,
    five_blocks_per_s: f64,
}

/// One pass of `explain_rate`.
#[derive(Clone, Debug, Deserialize)]
struct Explaining {
    backend: String,
    without_sha: bool,
    threads: usize,
    hypotheses_per_s: f64,
    blocks_alone_per_s: f64,
}

/// The programs, built.
pub(crate) struct Rates {
    floor: Invocation,
    python: Option<Invocation>,
    examples: PathBuf,
    without_sha: bool,
    passes: Vec<Pass>,
}

impl Rates {
    /// Builds them; `python` is any interpreter.
    pub(crate) fn build(
        root: &Path,
        target: &Path,
        python: Option<&Path>,
        without_sha: bool,
    ) -> Result<Self> {
        let folder = root.join("xtask/floor");
        let own = folder.join("target");
        cargo(&["build", "--release", "--locked", "--quiet", "--manifest-path"], |command| {
            command.arg(folder.join("Cargo.toml")).arg("--target-dir").arg(&own)
        })
        .context("xtask/floor needs a C compiler and OpenSSL's headers")?;
        let examples = ["build", "--release", "--quiet", "-p", "sev-launch-benches", "--examples"];
        let target = if without_sha { target.join("without-sha") } else { target.to_path_buf() };
        cargo(&examples, |command| {
            if without_sha {
                command.env("RUSTFLAGS", SHA2_IN_SOFTWARE);
            }
            command.arg("--target-dir").arg(&target).current_dir(root)
        })?;
        let mut floor = Invocation::new(&own.join("release/sev-launch-floor"), [""; 0]);
        let mut python = python.map(|program| Invocation::new(program, ["-c", OPENSSL_RATES]));
        if without_sha {
            check_mask(&floor)?;
            floor.arguments.push("--without-sha".into());
            for invocation in std::iter::once(&mut floor).chain(&mut python) {
                invocation.variables.push((MASK.0, MASK.1.into()));
            }
        }
        let examples = target.join("release/examples");
        Ok(Self { floor, python, examples, without_sha, passes: Vec::new() })
    }

    /// One more pass of the libraries of others.
    pub(crate) fn pass(&mut self) -> Result<()> {
        let mut pass: Pass = parse(&self.floor)?;
        if let Some(python) = &self.python {
            let more: Pass = parse(python)?;
            pass.sha256.extend(more.sha256);
            pass.sha384_pages.extend(more.sha384_pages);
            pass.hmac.extend(more.hmac);
        }
        self.passes.push(pass);
        Ok(())
    }

    /// The hash rates of all passes.
    pub(crate) fn floor(&self) -> Floor {
        Floor {
            sha256: self.summaries(|pass| &pass.sha256),
            sha384_pages: self.summaries(|pass| &pass.sha384_pages),
        }
    }

    fn summaries(&self, of: fn(&Pass) -> &BTreeMap<String, f64>) -> BTreeMap<String, Summary> {
        let mut by_name: BTreeMap<&String, Vec<f64>> = BTreeMap::new();
        for (name, rate) in self.passes.iter().flat_map(of) {
            by_name.entry(name).or_default().push(*rate);
        }
        let summaries = by_name.into_iter();
        summaries.filter_map(|(name, rates)| Some((name.clone(), summary(&rates)?))).collect()
    }

    /// Ours and what bounds them, in turn; what could not be measured is said in the second list.
    pub(crate) fn ours(&mut self, turns: usize) -> Result<(Vec<Rate>, Vec<String>)> {
        let first = self.passes.len();
        let (mut verifying, mut explaining) = (Vec::new(), Vec::new());
        for _ in 0..turns {
            verifying.push(parse::<Verification>(&self.example("verification_rate"))?);
            self.pass()?;
            explaining.push(parse::<Explaining>(&self.example("explain_rate"))?);
        }
        let hmacs: Vec<&BTreeMap<String, f64>> =
            self.passes.iter().skip(first).map(|pass| &pass.hmac).collect();
        let rates = [self.verification(&verifying, &hmacs), self.explaining(&explaining)];
        let mut remarks = Vec::new();
        let mut told = Vec::new();
        for rate in rates {
            match rate {
                Ok(rate) => told.push(rate),
                Err(why) => remarks.push(why.to_string()),
            }
        }
        Ok((told, remarks))
    }

    fn verification(
        &self,
        passes: &[Verification],
        hmacs: &[&BTreeMap<String, f64>],
    ) -> Result<Rate> {
        let what = "measurement verifications, one core";
        let last = passes.last().context("no turn")?;
        self.must_heed(what, &last.backend, last.without_sha)?;
        let ours: Vec<f64> = passes.iter().map(|pass| pass.verifications_per_s).collect();
        let bound: Vec<f64> = passes.iter().map(|pass| pass.five_blocks_per_s).collect();
        let mut against = vec![("five blocks alone".to_owned(), bound)];
        for name in hmacs.first().into_iter().flat_map(|pass| pass.keys()) {
            let theirs = hmacs.iter().filter_map(|pass| pass.get(name).copied()).collect();
            against.push((format!("HMAC of {name}"), theirs));
        }
        rate(what.into(), &last.backend, &ours, &against)
    }

    fn explaining(&self, passes: &[Explaining]) -> Result<Rate> {
        let what = "`explain`, SEV-ES hypotheses that differ in vCPU count, CPU and profile";
        let last = passes.last().context("no turn")?;
        self.must_heed(what, &last.backend, last.without_sha)?;
        let ours: Vec<f64> = passes.iter().map(|pass| pass.hypotheses_per_s).collect();
        let bound: Vec<f64> = passes.iter().map(|pass| pass.blocks_alone_per_s).collect();
        let name = format!("65 blocks alone, {} threads", last.threads);
        rate(what.into(), &last.backend, &ours, &[(name, bound)])
    }

    fn must_heed(&self, what: &str, backend: &str, heeds: bool) -> Result<()> {
        if self.without_sha && !heeds {
            bail!("{what}: left out, {backend} cannot be told to leave SHA instructions alone");
        }
        Ok(())
    }

    fn example(&self, name: &str) -> Invocation {
        let mut invocation = Invocation::new(&self.examples.join(name), [""; 0]);
        if self.without_sha {
            invocation.variables.push(("SEV_LAUNCH_WITHOUT_SHA", "1".into()));
        }
        invocation
    }
}

fn rate(what: String, backend: &str, ours: &[f64], against: &[(String, Vec<f64>)]) -> Result<Rate> {
    let compared = against.iter().filter_map(|(name, theirs)| {
        Some((name.clone(), summary(theirs)?, ratio_by_turn(ours, theirs)?))
    });
    let against = compared.collect();
    let per_second = summary(ours).context("no turn")?;
    Ok(Rate { what, backend: backend.into(), per_second, against })
}

/// Hides the SHA instructions from OpenSSL, and looks whether that makes it slower.
fn check_mask(floor: &Invocation) -> Result<()> {
    let mut hidden = floor.clone();
    hidden.variables.push((MASK.0, MASK.1.into()));
    let (mut fast, mut slow) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        fast.extend(parse::<Pass>(floor)?.sha256.get("openssl"));
        slow.extend(parse::<Pass>(&hidden)?.sha256.get("openssl"));
    }
    let (fast, slow) = median(&fast).zip(median(&slow)).context("no rate of OpenSSL")?;
    if fast < MASKED_IS_SLOWER_BY * slow {
        bail!(
            "{}={} hides no SHA instructions: {slow:.0} MB/s with it, {fast:.0} without",
            MASK.0,
            MASK.1
        );
    }
    eprintln!(
        "bench-peers: SHA instructions hidden, OpenSSL goes from {fast:.0} to {slow:.0} MB/s"
    );
    Ok(())
}

fn parse<T: for<'de> Deserialize<'de>>(invocation: &Invocation) -> Result<T> {
    let (_, said) = invocation.time()?;
    serde_json::from_str(&said).with_context(|| said.clone())
}
