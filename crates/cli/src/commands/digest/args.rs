//! The flags of `sev-launch digest`, as typed.

use crate::args::Format;
use crate::guest::args::{Guest, mode};
use sev_launch_sweep::Mode;

/// Whose pages a trace shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Trace {
    /// The firmware as one region.
    Regions,
    /// In SNP, every page of the firmware too; needs the image.
    Pages,
}

/// Compute the launch digest that an honest host must report.
#[derive(Debug, clap::Args)]
pub(crate) struct Digest {
    /// The technology: sev, seves (sev-es), snp (sev-snp); or snp:svsm, an SVSM before the firmware; or snp:ovmf-hash, the
    /// digest after the firmware alone. A description may say it instead.
    #[arg(long, value_name = "MODE", value_parser = mode, required_unless_present = "description")]
    pub(crate) mode: Option<Mode>,
    #[command(flatten)]
    pub(crate) guest: Guest,

    /// How digests are printed [default: one alone in hex; several as a table on a terminal, else as JSON lines].
    #[arg(long, visible_alias = "output-format", value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: Option<Format>,
    /// Print JSON: --format json.
    #[arg(long, help_heading = "Output", conflicts_with = "format")]
    pub(crate) json: bool,
    /// Print every launch update with the digest after it; the last line's is the launch digest.
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "regions", help_heading = "Output")]
    pub(crate) trace: Option<Trace>,
    /// Write the VMSA of each vCPU to vmsa0.bin, vmsa1.bin … in this folder.
    #[arg(long, help_heading = "Output")]
    pub(crate) dump_vmsa: bool,
    /// Say on standard error what was assumed.
    #[arg(short, long, help_heading = "Output")]
    pub(crate) verbose: bool,
    /// Leave warnings and notes out.
    #[arg(short, long, help_heading = "Output", conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

impl Digest {
    /// How the answer is printed, where that was said.
    pub(crate) fn format(&self) -> Option<Format> {
        if self.json { Some(Format::Json) } else { self.format }
    }
}
