//! `cargo xtask reference`: runs other tools and ours on the same guests, and says where they agree.
//!
//! The others are sev-snp-measure (three releases, each in a virtual environment), the `sev` crate (in
//! xtask/peers, a workspace of its own, because it brings OpenSSL) and, if asked for, sevctl. All that
//! they need is installed and kept under target/reference. A difference is either listed with its reason
//! in testdata/differences.toml, or it fails the task; so does a listed one that is there no more.
//! Nobody here is right because of being many: the reasons say whose answer a host confirms.

mod cases;
mod explained;
pub(crate) mod inputs;
mod table;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::call::{Call, write};
use crate::peers::{self, Guest, Kind, SEV_SNP_MEASURE, Tool};
use cases::Case;
use inputs::Inputs;
use table::{Comparison, Difference, Outcome, Row};

/// What is asked.
#[derive(Default, clap::Args)]
pub(crate) struct Options {
    /// The newest sev-snp-measure alone, on the short list of cases
    #[arg(long, conflicts_with_all = ["write", "with_sevctl"])]
    python_only: bool,
    /// Sevctl too: it is built first, which takes minutes
    #[arg(long)]
    with_sevctl: bool,
    /// Write docs/reference.md
    #[arg(long)]
    write: bool,
    /// Ask this sev-launch instead of building one
    #[arg(long, value_name = "PROGRAM")]
    ours: Option<PathBuf>,
}

impl Options {
    /// The short run.
    pub(crate) fn python_only() -> Self {
        Self { python_only: true, ..Self::default() }
    }
}

const PAGE: &str = include_str!("reference/page.md");

/// Runs the comparison; fails on whatever is neither agreement nor listed.
pub(crate) fn run(options: Options) -> Result<()> {
    let inputs = Inputs::make(!options.python_only)?;
    let tools = install(&options)?;
    let (ours, peers) = tools.split_first().context("no tool")?;
    let listed = Difference::listed()?;
    let cases = cases::all()?;
    let mut known = BTreeMap::new();
    let (mut rows, mut missing) = (Vec::new(), 0);
    for case in cases.iter().filter(|case| case.quick || !options.python_only) {
        match case.guest(&inputs) {
            Some(guest) => rows.push(
                ask(case, &guest, &tools, &inputs, &mut known).with_context(|| case.id.clone())?,
            ),
            None => missing += 1,
        }
    }
    let explained = explained::check(&cases, &rows, ours, peers, &inputs)?;
    let comparison = Comparison {
        peers: peers.iter().map(|peer| peer.name.as_str()).collect(),
        rows: &rows,
        all_cases: cases.iter().map(|case| case.id.as_str()).collect(),
        differences: &listed,
    };
    let (table, explained) = (comparison.markdown(), explained.join("\n"));
    if options.write {
        let origins: Vec<_> = inputs.origins.iter().map(|origin| format!("- {origin}")).collect();
        let origins = if origins.is_empty() { "- none".into() } else { origins.join("\n") };
        let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
        let page = PAGE.replace("{tools}", &names.join(", ")).replace("{origins}", &origins);
        let page = page.replace("{table}", &table).replace("{explained}", &explained);
        write("docs/reference.md", &page)?;
    } else {
        println!("{table}{explained}");
    }
    eprintln!("reference: {} cases, {missing} skipped for want of input", rows.len());
    let failures = comparison.failures();
    if !failures.is_empty() {
        bail!("{} to look at:\n  {}", failures.len(), failures.join("\n  "));
    }
    if options.with_sevctl {
        // Sessions, secrets and certificates between sevctl and us.
        let test = Call::cargo("test --package sev-launch-verify --all-features --test sevctl");
        test.env("SEV_LAUNCH_SEVCTL", peers::folder().join("sevctl/bin/sevctl")).run()?;
    }
    Ok(())
}

/// Ours first.
fn install(options: &Options) -> Result<Vec<Tool>> {
    let mut tools = vec![Tool::ours(options.ours.as_deref())?];
    let [old @ .., newest] = SEV_SNP_MEASURE;
    for version in old.iter().filter(|_| !options.python_only).chain([&newest]) {
        tools.push(Tool::sev_snp_measure(version)?);
    }
    if !options.python_only {
        tools.push(Tool::sev_crate()?);
    }
    if options.with_sevctl {
        tools.push(Tool::sevctl()?);
    }
    Ok(tools)
}

/// Asks everybody about a guest, a peer once for the same arguments.
fn ask(
    case: &Case,
    guest: &Guest,
    tools: &[Tool],
    inputs: &Inputs,
    known: &mut BTreeMap<Call, Outcome>,
) -> Result<Row> {
    let mut outcomes = Vec::new();
    for tool in tools {
        let Some(call) = tool.digest(guest)? else {
            outcomes.push(None);
            continue;
        };
        // sevctl's VMSA pages are files that are written anew for each guest.
        let mut outcome = match known.get(&call).filter(|_| tool.kind != Kind::Sevctl) {
            Some(outcome) => outcome.clone(),
            None => outcome(tool.kind, &call, inputs)?,
        };
        // It prints a MAC over the digest. Equal MACs mean equal digests.
        if let (Kind::Sevctl, Outcome::Digest(mac), Some(Some(ours @ Outcome::Digest(digest)))) =
            (tool.kind, &outcome, outcomes.first())
        {
            let mode = guest.flag("--mode").unwrap_or_default();
            if tool.mac_of_digest(mode, digest)?.text()? == *mac {
                outcome = ours.clone();
            }
        }
        known.insert(call, outcome.clone());
        outcomes.push(Some(outcome));
    }
    let mut outcomes = outcomes.into_iter();
    let ours = outcomes.next().flatten().context("we have every technology")?;
    Ok(Row { id: case.id.clone(), refused: case.refused, ours, theirs: outcomes.collect() })
}

fn outcome(kind: Kind, call: &Call, inputs: &Inputs) -> Result<Outcome> {
    let output = call.output()?;
    let stdout = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    let message = telling_line(&String::from_utf8_lossy(&output.stderr));
    let message = message.replace(&inputs.prefix(), "");
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_digest = matches!(stdout.len(), 64 | 96) && stdout.bytes().all(is_hex);
    let code = output.status.code();
    Ok(match (kind, code) {
        (Kind::Sevctl, Some(0)) => Outcome::Digest(stdout),
        (_, Some(0)) if is_digest => Outcome::Digest(stdout),
        (Kind::Ours, Some(2)) if stdout.is_empty() => Outcome::Error(message),
        (Kind::Ours, _) => Outcome::Crash(format!("exit {code:?}, printed {stdout:?}: {message}")),
        (_, Some(0)) => Outcome::Error(format!("printed {stdout:?}")),
        _ => Outcome::Error(message),
    })
}

/// The first line; Python's tracebacks and usage messages come to the point in the last.
fn telling_line(message: &str) -> String {
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("no message");
    let line = match first {
        _ if first.starts_with("Traceback") || first.starts_with("usage:") => lines.next_back(),
        _ if first.starts_with("thread '") => lines.next(),
        _ => None,
    };
    line.unwrap_or(first).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telling_line_of_a_traceback_is_its_last() {
        let of = telling_line("Traceback (most recent)\n  File x\nValueError: 4\n");
        assert_eq!(of, "ValueError: 4");
        assert_eq!(telling_line("error: a\nadvice"), "error: a");
        assert_eq!(telling_line(""), "no message");
    }
}
