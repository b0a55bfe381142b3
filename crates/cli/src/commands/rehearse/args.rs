//! What was typed.

use std::ffi::OsString;
use std::path::PathBuf;

use sev_launch_abi::{CpuSignature, Generation, PlatformVersion};

use crate::args::number32;
use crate::guest::args::Guest;
use crate::platform;
use crate::sev::policy::PolicyFlags;

/// Start the VMM itself on an AMD-SP in software; hold its launch against the prediction.
#[derive(Debug, clap::Args)]
pub(crate) struct Rehearse {
    /// The VMM and its arguments, after --.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) guest: Guest,

    /// Hold it against nothing: for a VMM that is not QEMU.
    #[arg(long, help_heading = "Rehearsal")]
    pub(crate) no_prediction: bool,
    /// The platform, as `sev-launch platform new` made it [default: a new one each time].
    #[arg(long, value_name = "FOLDER", help_heading = "Rehearsal")]
    pub(crate) platform: Option<PathBuf>,
    /// The version of the AMD-SP's API with its build, as 1.55.21 [default: the generation's].
    #[arg(long, value_name = "VERSION", value_parser = platform::version, conflicts_with = "platform", help_heading = "Rehearsal")]
    pub(crate) api: Option<PlatformVersion>,
    /// CPUID Fn0000_0001 EAX of the host's processor, which -cpu host stands for [default: a usual one of its generation].
    #[arg(long, value_name = "NUMBER", value_parser = signature, help_heading = "Rehearsal")]
    pub(crate) host_signature: Option<CpuSignature>,
    /// Leave the VMM running after the launch, with standard input and output, and end with its exit code.
    #[arg(long, help_heading = "Rehearsal", conflicts_with_all = ["json", "trace"])]
    pub(crate) stay: bool,
    /// Standard input is where the exit code is told of a VMM that goes to the background: `rehearse` starts itself with this flag.
    #[arg(long, hide = true, requires = "stay")]
    pub(crate) tells_parent: bool,
    /// How many seconds the VMM may take to launch its guest, where it does not stay.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400), help_heading = "Rehearsal")]
    pub(crate) timeout: u64,
    /// A secret that must have arrived where the firmware looks for it. May repeat. It is injected by whoever speaks to the VMM, so --stay is needed.
    #[arg(long, value_name = "GUID:FILE", requires = "stay", help_heading = "Rehearsal")]
    pub(crate) expect_secret: Vec<String>,
    /// Play the guest's owner too, with a secret to inject, as GUID:FILE or luks-key:FILE: a session is made for the platform, the measurement judged,
    /// and only after a yes the secret goes in, through a monitor of QEMU's. May repeat. SEV and SEV-ES.
    #[arg(long, value_name = "NAME:FILE", conflicts_with_all = ["stay", "no_prediction"], help_heading = "Rehearsal")]
    pub(crate) inject_secret: Vec<String>,
    #[command(flatten)]
    pub(crate) demands: PolicyFlags,
    /// Something that goes wrong on purpose: wrong-measurement, stale-nonce, changed-page, extra-vcpu, refused-policy or slow-answers. May repeat.
    #[arg(long, value_name = "FAULT", help_heading = "Rehearsal")]
    pub(crate) fault: Vec<String>,

    /// Print each update with the digest after it; the last one is the launch digest.
    #[arg(long, help_heading = "Output", conflicts_with = "json")]
    pub(crate) trace: bool,
    /// Print JSON.
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// A new folder for what was measured: each update's bytes in a file.
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub(crate) save: Option<PathBuf>,
    /// Leave warnings and notes out.
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,
}

fn signature(text: &str) -> Result<CpuSignature, String> {
    number32(text).map(CpuSignature).map_err(|error| error.to_string())
}

/// A usual signature of a generation's processors: what public lists have of retail parts. QEMU's models of Genoa and Turin have another stepping.
pub(crate) const fn usual_signature(generation: Generation) -> CpuSignature {
    CpuSignature(match generation {
        Generation::Naples => 0x0080_0f12,
        Generation::Rome => 0x0083_0f10,
        Generation::Milan => 0x00a0_0f11,
        Generation::Genoa => 0x00a1_0f11,
        Generation::Turin => 0x00b0_0f21,
    })
}
