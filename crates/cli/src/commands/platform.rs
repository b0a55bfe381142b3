//! `sev-launch platform`: a simulated platform for rehearsals, kept in a folder, and its certificates.

mod guest;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use sev_launch_abi::{Generation, PlatformVersion, Technology};
use sev_launch_platform::{Model, Platform as Simulated, SigningKey};

use crate::args::generation;
use crate::exit::Answer;
use crate::output::{self, Outputs};
use crate::platform;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch platform new milan
  sev-launch platform export milan certificates
  sev-launch certs verify certificates/platform.chain \\
      --ca certificates/ask_ark.cert --root certificates/ark.cert
  sev-launch session certificates/platform.chain 0x5 \\
      --ca certificates/ask_ark.cert --root certificates/ark.cert

`launch` and `inject` go the way of a host that asks an attestation service, without a VMM: the
described guest is measured under the service's session, and given its packet.

A platform is a simulation for tests: its root is its own, AMD signed nothing of it, and whoever
can read its folder has all its keys. It is accepted only where its root is named.

Exit codes:
  0  it is done
  1  the packet is not for this guest (inject)
  2  it could not be done: wrong usage, a folder that is there already or is no platform";

/// A simulated platform.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Platform {
    /// Make a platform, in a new folder.
    New {
        /// The new folder.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
        /// The generation of its processor.
        #[arg(long, value_name = "NAME", value_parser = generation, default_value = "Milan")]
        generation: Generation,
        /// The version of the AMD-SP's API with its build, as 1.55.21 [default: the generation's].
        #[arg(long, value_name = "VERSION", value_parser = platform::version)]
        api: Option<PlatformVersion>,
    },
    /// Write its certificates into a new folder: what a host exports, and the authority above it.
    Export {
        /// The platform's folder.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
        /// The new folder for the certificates.
        #[arg(value_name = "OUT")]
        out: PathBuf,
    },
    /// Start the described guest with the session of an attestation service, and print the body that asks for its secrets.
    Launch(Box<guest::Launch>),
    /// Give a guest the packet of an attestation service, and list the secrets that arrive.
    Inject(guest::Inject),
    /// Say what it is.
    Status {
        /// The platform's folder.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Platform {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::New { folder, generation, api } => new(folder, *generation, *api)?,
            Self::Export { folder, out } => export(&platform::read(folder)?, out)?,
            Self::Launch(launch) => return launch.run(),
            Self::Inject(inject) => return inject.run(),
            Self::Status { folder, json } => {
                let summary = platform::read(folder)?.summary();
                output::print(*json, &summary, |out| writeln!(out, "{summary}"))?;
            }
        }
        Ok(Answer::Yes)
    }
}

/// Makes it, with its authority: that takes some seconds once, and is kept.
fn new(folder: &Path, generation: Generation, api: Option<PlatformVersion>) -> anyhow::Result<()> {
    output::check_new(folder)?;
    let mut model = Model::of(generation);
    if let Some(version) = api {
        (model.api, model.build) = (version.api(), version.build);
    }
    let seed = platform::seed()?;
    let platform = Simulated::new(model, &seed);
    output::remark("note", &"the authority's keys are searched for, which takes a while");
    platform.authority()?;
    platform::create(folder, &platform)
}

fn export(platform: &Simulated, out: &Path) -> anyhow::Result<()> {
    output::check_new(out)?;
    let exported = platform.pdh_cert_export()?;
    let authority = platform.authority()?;
    let mut files = vec![
        // All from the PDH up to the ARK, with the CEK as AMD's key server would have it.
        ("platform.chain", platform.full_chain()?),
        // What a host has: QMP's and libvirt's pdh and cert-chain.
        ("pdh.cert", exported.pdh.to_vec()),
        ("cert_chain.cert", exported.chain.to_vec()),
        ("cek.cert", platform.signed_cek()?.to_vec()),
        ("ask_ark.cert", authority.sev_ca_file()?),
        ("ark.cert", authority.sev_ark()?),
    ];
    if platform.model().generation.runs(Technology::Snp) {
        files.extend([
            ("ark.der", authority.ark_der()?),
            ("ask.der", authority.ask_der()?),
            ("asvk.der", authority.asvk_der()?),
            ("vcek.der", platform.vek_der(SigningKey::Vcek)?),
            ("vlek.der", platform.vek_der(SigningKey::Vlek)?),
            ("certificate_table.bin", platform.certificate_table(SigningKey::Vcek)?),
        ]);
    }
    let mut outputs = Outputs::new();
    outputs.add_folder(out)?;
    for (name, bytes) in files {
        outputs.add(&out.join(name), &bytes)?;
    }
    outputs.settle()
}
