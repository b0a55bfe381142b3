//! `cargo xtask bench-peers`: times other tools and ours on the same files, in turn, in one run.
//!
//! Every tool is a whole process. A machine may change its speed from second to second, so the tools take turns (A B C, A B C …)
//! and are compared within a turn. `--without-sha` hides the SHA instructions from everybody, which shows the hard case on a
//! machine that has them. What came of it is docs/bench-peers.json, and the tables are written from that.

pub(crate) mod inputs;
mod page;
mod rates;
mod record;
mod work;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::call::{read, write};
use crate::machine::Machine;
use crate::peers::{Kind, SEV_SNP_MEASURE, Tool};
use rates::{MASK, OURS_MASK, Rates};
use record::{Record, Run};

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How often each tool does each work
    #[arg(long, default_value_t = 15, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Hide the processor's SHA instructions from every tool
    #[arg(long)]
    without_sha: bool,
    /// Write docs/bench-peers.md, docs/bench-peers.json and the README's table
    #[arg(long)]
    write: bool,
    /// Time this sev-launch instead of building one
    #[arg(long, value_name = "PROGRAM")]
    ours: Option<PathBuf>,
}

const RECORD: &str = "docs/bench-peers.json";

/// Measures, prints the table, and writes it where wanted.
pub(crate) fn run(options: Options) -> Result<()> {
    let run = measure(&options)?;
    print!("{}", page::section(&run));
    if !options.write {
        return Ok(());
    }
    let readme = page::with_table(&read("README.md")?, &page::short(&run))?;
    let mut record: Record = serde_json::from_str(&read(RECORD)?).context(RECORD)?;
    record.insert(run.kind().to_owned(), run);
    write(RECORD, &(serde_json::to_string_pretty(&record)? + "\n"))?;
    write("docs/bench-peers.md", &page::whole(&record))?;
    write("README.md", &readme)
}

fn measure(options: &Options) -> Result<Run> {
    let Options { runs, without_sha, .. } = *options;
    let machine = Machine::read()?;
    if without_sha && !machine.has("sha_ni") {
        bail!("this processor has no SHA instructions to hide: leave --without-sha out");
    }
    let folder = inputs::make()?;
    let (tools, mut remarks) = install(options)?;
    for tool in tools.iter().filter(|_| without_sha) {
        if work::heeds_the_mask(tool, &folder)? {
            continue;
        }
        let name = &tool.name;
        let what = format!("{name}: its figures are with SHA instructions, it heeds no mask");
        if options.write && tool.kind == Kind::Ours {
            bail!("{what}; nothing is measured that should be written");
        }
        remarks.push(what);
    }
    let python = tools.iter().find(|tool| tool.kind == Kind::SevSnpMeasure);
    let python = python.map(|tool| tool.call.program().with_file_name("python"));
    let mut rates = Rates::build(python, without_sha)?;

    let mut works = Vec::new();
    for work in work::ALL {
        eprintln!("bench-peers: {} …", work.name());
        rates.pass()?;
        works.push(work.measure(&folder, &tools, runs)?);
    }
    eprintln!("bench-peers: rates in one process …");
    let ours = rates.ours(runs)?;
    let floor = rates.floor();
    // The best rate of SHA-256, in MB/s.
    let best = floor.values().next().into_iter().flat_map(|rates| rates.values());
    let best = best.map(|rate| rate.median * 1e6).max_by(f64::total_cmp);
    for (measured, work) in works.iter_mut().zip(work::ALL) {
        let bytes =
            work.longest_stream().and_then(|bytes| u32::try_from(bytes).ok()).map(f64::from);
        measured.floor = bytes.zip(best).map(|(bytes, rate)| bytes / rate);
    }
    Ok(Run {
        machine,
        without_sha,
        turns: runs,
        tools: tools.into_iter().map(|tool| tool.name).collect(),
        remarks,
        works,
        floor,
        rates: ours,
    })
}

/// Installs and builds everything; ours is first. What cannot be had is said in the second list.
fn install(options: &Options) -> Result<(Vec<Tool>, Vec<String>)> {
    let mut tools = vec![Tool::ours(options.ours.as_deref())?];
    let mut missing = Vec::new();
    let [.., newest] = SEV_SNP_MEASURE;
    for (what, tool) in [
        ("sev-snp-measure", Tool::sev_snp_measure(newest)),
        ("the sev crate", Tool::sev_crate()),
        ("sevctl", Tool::sevctl()),
        ("snpguest", Tool::snpguest()),
    ] {
        match tool {
            Ok(tool) => tools.push(tool),
            Err(error) => missing.push(format!("{what} could not be had: {error:#}")),
        }
    }
    for tool in tools.iter_mut().filter(|_| options.without_sha) {
        let (name, value) = if tool.kind == Kind::Ours { OURS_MASK } else { MASK };
        tool.call = tool.call.clone().env(name, value);
    }
    Ok((tools, missing))
}
