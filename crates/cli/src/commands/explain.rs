//! `sev-launch explain`: why a reported value is not the digest of the launch described.
//!
//! [`reported`] is what was reported, [`custom`] further values to try; the search is `sev-launch-explain`'s, and [`report`] prints what came of it.

mod custom;
mod report;
mod reported;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use sev_launch_abi::Technology;
use sev_launch_description::axes::VcpuCounts;
use sev_launch_description::{Origin, Sourced};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_explain::{Axis, Launch, Options, Outcome, Pool, Reported, plan};
use sev_launch_sweep::{Mode, Reading};

use crate::backend::Hashing;
use crate::exit::Answer;
use crate::guest::args::{Guest, mode};
use crate::guest::flags;
use crate::guest::inputs::Disk;
use crate::inputs;
use crate::output;
use crate::search::within;
use reported::ReportedFlags;

/// Candidates from a folder at most: more than any folder of builds has.
const MOST_FILES: usize = 1024;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch explain --reported HEX --mode snp --firmware OVMF.fd --kernel vmlinuz \\
      --initrd initrd.img --cmdline 'console=ttyS0' --vcpus 4 --vcpu-type EPYC-Milan
  sev-launch explain --report report.bin --description launch.toml --candidate-dir /boot
  sev-launch explain --evidence info.txt --tik vm_tik.bin --policy 0x5 --description launch.toml

Tried, nearest first, alone and together: kernel-hashes on or off; 1 to 512 vCPUs; every launch
profile and the features words that hosts set; 1 to 8 vCPUs added late; every CPU signature known;
slips in the command line (newlines, spaces, quotes, NULs, each token left out, tokens that hosts
add); no initrd; kernel, initrd and firmware exchanged with each other and with the candidates,
firmware with and without its variables; for a launch measurement the policy, the platform's
version and the blob's order.
Where a description lists several values, the first one is the launch and the others are tried.

An explanation says what gives the value. Whether that launch is acceptable is another question.

Exit codes:
  0  explained, also where the value matches as described
  1  nothing that was tried gives the value
  2  could not decide: wrong usage, malformed input, a missing file, or --budget was reached";

/// Find why a reported value does not match: the smallest change of facts that gives it.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    reported: ReportedFlags,
    /// The technology: sev, seves (sev-es), snp (sev-snp), snp:svsm (an SVSM before the firmware). A description, --report and
    /// --policy say it too.
    #[arg(
        long,
        value_name = "MODE",
        value_parser = mode,
        required_unless_present_any = ["description", "report", "policy"]
    )]
    mode: Option<Mode>,
    #[command(flatten)]
    guest: Guest,
    /// A file that may have been taken as firmware, kernel or initrd. May repeat.
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Search")]
    candidate: Vec<PathBuf>,
    /// A folder of such files; folders in it are not entered.
    #[arg(long, value_name = "FOLDER", help_heading = "Search")]
    candidate_dir: Vec<PathBuf>,
    /// A description whose values are tried too: command lines, CPUs, vCPU counts, features, policy, files.
    #[arg(long, value_name = "FILE", help_heading = "Search")]
    axes: Vec<PathBuf>,
    /// How many facts are changed together at most.
    #[arg(long, value_name = "NUMBER", default_value_t = 3, help_heading = "Search")]
    max_changes: u32,
    /// How many seconds the search may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, help_heading = "Search")]
    budget: u64,
    /// Print JSON.
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Leave warnings and notes out.
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
}

impl Explain {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        let of_reported = || self.reported.technology().map(Mode::Guest);
        let mode = match self.guest.description {
            None => self.mode.or_else(of_reported),
            Some(_) => self.mode,
        };
        let (mut description, mode) = self.guest.describe_mode(mode)?;
        if mode == Mode::SnpFirmware {
            bail!("explain searches guests: give --mode sev, seves, snp or snp:svsm");
        }
        let technology = mode.technology();
        let mut named = self.guest.named(&description);
        let mut tried = custom::further(&mut description, &named);
        for path in &self.axes {
            let axes = flags::read(path)?;
            let reach = self.guest.reach(Some(path), self.guest.confine);
            named.add(&axes, &reach);
            tried.add_all(&axes, &named);
        }
        let reported = self.reported.read(technology, &description, self.quiet)?;
        // Every number of vCPUs up to 512 is tried anyway, but one that is unknown is no number to start from.
        description.check_known("vcpus")?;
        description.vcpus.get_or_insert_with(|| Sourced {
            value: VcpuCounts::one(VcpuCount::ONE),
            origin: Origin::default("not described"),
        });
        let asked = self.guest.read_named(mode, description, Reading::SEARCH, &named)?;
        let mut pool = Pool::new(&asked)?;
        let mut candidates: Vec<_> = self.candidate.iter().chain(&tried.files).cloned().collect();
        for folder in &self.candidate_dir {
            candidates.extend(files_of(folder)?);
        }
        for path in &candidates {
            pool.add(path, &Disk::counted(inputs::size_of(path), &named), &Hashing)?;
        }
        let launch = pool.launch(&asked);
        for name in launch.of_the_other_kind() {
            let text = match launch.is_igvm() {
                true => {
                    "a firmware image is not tried in the place of an IGVM file: describe it with --firmware, and ask again"
                }
                false => {
                    "an IGVM file is not tried in the place of a firmware image: describe it with --igvm, and ask again"
                }
            };
            output::remark("note", &format!("{name}: {text}"));
        }
        let options =
            Options { max_changes: self.max_changes, hypotheses: None, custom: tried.values };
        let started = Instant::now();
        let mut found = (within(self.budget, &plan(&launch, &reported, &options)?), technology);
        if matches!(found, (Outcome::NothingFound(_), Technology::SevEs)) {
            let left = self.budget.saturating_sub(started.elapsed().as_secs());
            found = as_sev(&launch, &reported, &options, left)?.unwrap_or(found);
        }
        let (outcome, technology) = found;
        if !self.quiet {
            report::remarks(&asked, &outcome);
        }
        report::print(&asked, &launch, &outcome, technology, self.json)?;
        match outcome {
            Outcome::Explained(_) => Ok(Answer::Yes),
            Outcome::NothingFound(_) => Ok(Answer::No),
            Outcome::Stopped { complete_levels, .. } => bail!(
                "the search was stopped after {} seconds (--budget), with every launch of fewer than {complete_levels} changes tried",
                self.budget
            ),
        }
    }
}

/// Every file of a folder, in the order of their names.
fn files_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let context = || inputs::name(folder);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            paths.push(path);
        }
        if paths.len() > MOST_FILES {
            bail!("{}: more than {MOST_FILES} files, name the candidates instead", context());
        }
    }
    paths.sort();
    Ok(paths)
}

/// The same launch as one of plain SEV, whose digests look like those of SEV-ES; `None` if that does not explain it.
fn as_sev(
    launch: &Launch,
    reported: &Reported,
    options: &Options,
    seconds: u64,
) -> anyhow::Result<Option<(Outcome, Technology)>> {
    let sev = Launch {
        technology: Technology::Sev,
        profile: None,
        sev_features: None,
        captured: None,
        ..launch.clone()
    };
    let measured = [Axis::Vcpus, Axis::Signature, Axis::SevFeatures];
    let custom = options.custom.iter().filter(|custom| !measured.contains(&custom.axis()));
    let options = Options { custom: custom.cloned().collect(), ..options.clone() };
    let outcome = within(seconds, &plan(&sev, reported, &options)?);
    Ok(matches!(outcome, Outcome::Explained(_)).then_some((outcome, Technology::Sev)))
}
