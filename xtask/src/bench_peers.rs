//! `cargo xtask bench-peers`: times other tools and ours on the same files, in turn, in one run.
//!
//! Every tool is a whole process. A machine may change its speed from second to second, so the tools take turns (A B C, A B C …)
//! and are compared within a turn. `--without-sha` hides the SHA instructions from everybody, which shows the hard case on a
//! machine that has them. What came of it is docs/bench-peers.json, and the tables are written from that.

mod inputs;
mod page;
mod rates;
mod record;
mod tools;
mod turns;
mod work;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::command::root;
use crate::machine::Machine;
use crate::timing::Options;
pub(crate) use inputs::Inputs;
pub(crate) use page::seconds;
use rates::Rates;
use record::{Record, Run};
use tools::Kind;
pub(crate) use tools::text;

const USAGE: &str = "\
usage: cargo xtask bench-peers [--runs N] [--without-sha] [--write] [--ours PROGRAM]
  --runs N         how often each tool does each work, at least once [15]
  --without-sha    hide the processor's SHA instructions from every tool
  --write          write docs/bench-peers.md, docs/bench-peers.json and the README's table
  --ours PROGRAM   time this sev-launch instead of building one";

const RECORD: &str = "docs/bench-peers.json";
const PAGE: &str = "docs/bench-peers.md";

/// Measures, prints the table, and writes it where wanted.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let Some(options) = Options::read(arguments, Options::of(15), true, USAGE)? else {
        println!("{USAGE}");
        return Ok(());
    };
    let run = measure(&options)?;
    print!("{}", page::section(&run));
    if options.write { write(run) } else { Ok(()) }
}

fn measure(options: &Options) -> Result<Run> {
    let root = root();
    let target = target_folder(root);
    let machine = Machine::read()?;
    if options.without_sha && !machine.has("sha_ni") {
        bail!("this processor has no SHA instructions to hide: leave --without-sha out");
    }
    let inputs = Inputs::make(root, &target.join("bench-peers"))?;
    let (tools, mut remarks) =
        tools::install(root, &target, options.ours.as_deref(), options.without_sha)?;
    for tool in tools.iter().filter(|_| options.without_sha) {
        if turns::heeds_the_mask(tool, &inputs)? {
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
    let python = python.map(|tool| tool.base.program.with_file_name("python"));
    let mut rates = Rates::build(root, &target, python.as_deref(), options.without_sha)?;

    let work = work::all(&inputs);
    let mut works = Vec::new();
    for item in &work {
        eprintln!("bench-peers: {} …", item.name);
        rates.pass()?;
        works.push(turns::measure(item, &inputs, &tools, options.turns)?);
    }
    eprintln!("bench-peers: rates in one process …");
    let (ours, more) = rates.ours(options.turns)?;
    remarks.extend(more);
    let floor = rates.floor();
    for (measured, item) in works.iter_mut().zip(&work) {
        let bytes = item.longest_stream.and_then(|bytes| u32::try_from(bytes).ok());
        measured.floor =
            bytes.zip(floor.best_sha256()).map(|(bytes, rate)| f64::from(bytes) / (rate * 1e6));
    }
    Ok(Run {
        machine,
        without_sha: options.without_sha,
        turns: options.turns,
        tools: tools.into_iter().map(|tool| tool.name).collect(),
        remarks,
        works,
        floor,
        rates: ours,
    })
}

fn write(run: Run) -> Result<()> {
    let read = |name: &str| fs::read_to_string(root().join(name)).context(name.to_owned());
    let write =
        |name: &str, text: &str| fs::write(root().join(name), text).context(name.to_owned());
    let mut record = match root().join(RECORD).is_file() {
        true => serde_json::from_str(&read(RECORD)?).context(RECORD)?,
        false => Record::default(),
    };
    let readme = page::with_table(&read("README.md")?, &page::short(&run))?;
    record.replace(run);
    write(RECORD, &(serde_json::to_string_pretty(&record)? + "\n"))?;
    write(PAGE, &page::whole(&record))?;
    write("README.md", &readme)
}

/// Where cargo builds: what is made here lies there too.
pub(crate) fn target_folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}
