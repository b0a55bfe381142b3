//! `sev-launch host`: what a host can launch, and the facts of it that are collected for that.

mod collect;
mod machine;
mod report;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sev_launch_abi::Technology;
use sev_launch_host::support::Verdict;
use sev_launch_host::{Collected, Facts, Support, collected};

use crate::exit::Answer;
use crate::inputs;
use machine::Machine;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch host
  sev-launch host --require snp
  sev-launch host collect -o host.json
  sev-launch host --collected host.json
  sev-launch preflight --description launch.toml --host host.json

Run on the host itself, it reads /proc/cpuinfo, /sys/module/kvm_amd/parameters, the kernel's log
and such, and asks QEMU, libvirt and the package manager for their versions. It needs no rights of
its own; without those of root the kernel's log may be closed, and what only it tells is unknown.

What is said is about QEMU on KVM. A technology is there if everything that it needs is known to
be; what is not known is no yes.

Exit codes:
  0  the answer is on standard output; with --require, all those technologies are there
  1  one that is required is not there
  2  one that is required is not known to be there, or the facts cannot be read";

/// The most bytes of collected facts.
const MOST_BYTES: usize = 1 << 20;

/// Say what a host can launch, what is missing and what to change.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, override_usage = "sev-launch host [OPTIONS]")]
pub(crate) struct Host {
    #[command(subcommand)]
    command: Option<HostCommand>,
    /// Facts that `sev-launch host collect` wrote, in place of this machine's (- is standard input).
    #[arg(long, value_name = "FILE")]
    collected: Option<PathBuf>,
    /// Technologies that must be there, comma-separated: sev, sev-es, snp.
    #[arg(long, value_name = "TECHNOLOGIES", value_delimiter = ',')]
    require: Vec<Technology>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum HostCommand {
    /// Write this host's facts into a file that holds nothing secret.
    #[command(after_long_help = collect::LONG_HELP)]
    Collect(collect::Collect),
}

impl Host {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        if let Some(HostCommand::Collect(collect)) = &self.command {
            return collect.run();
        }
        let facts = match &self.collected {
            Some(path) => read(path)?,
            None => collected::gather(&Machine::this()).facts()?,
        };
        let found = Technology::ALL.map(|technology| Support::of(technology, &facts));
        report::print(self.json, &facts, &found)?;
        let required = found.iter().filter(|support| self.require.contains(&support.technology));
        let verdicts: Vec<_> =
            required.map(|support| (support.technology, support.verdict)).collect();
        if verdicts.iter().any(|(_, verdict)| *verdict == Verdict::No) {
            return Ok(Answer::No);
        }
        match verdicts.iter().find(|(_, verdict)| *verdict == Verdict::Unknown) {
            Some((technology, _)) => anyhow::bail!(
                "whether this host launches {technology} guests is not known: see what would tell above"
            ),
            None => Ok(Answer::Yes),
        }
    }
}

/// Reads collected facts.
pub(crate) fn read(path: &Path) -> anyhow::Result<Facts> {
    let name = inputs::name(path);
    let bytes = inputs::read_piped(path, MOST_BYTES)?;
    let text = String::from_utf8(bytes)
        .with_context(|| format!("{name}: facts of a host are text in UTF-8"))?;
    let collected = Collected::from_json(&text).with_context(|| name.clone())?;
    collected.facts().with_context(|| name)
}
