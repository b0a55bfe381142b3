//! `report`: in a guest of SEV-SNP.

use std::path::PathBuf;

use clap::Subcommand;

use super::asked::{Asked, Whose, host_name, key};
use super::{End, teller};
use crate::report::{self, Source, sev_guest, tsm};

const LONG_HELP: &str = "\
Examples:
  sev-launch report fetch --vmid UUID
  sev-launch report fetch --vmid UUID --vek vcek.der --json

A service that does not answer is asked for about 20 seconds, for the nonce and for the verdict.
Nothing is remembered: the next report is of another launch.

Exit codes:
  0  the owner's service trusts this guest
  1  the owner said no
  2  it could not be decided";

/// In a guest of SEV-SNP: fetch a report with the launch's nonce, and have it validated.
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Ask the owner for a nonce, have the processor sign it, and show the owner the report.
    #[command(after_help = LONG_HELP)]
    Fetch(Fetch),
}

#[derive(Debug, clap::Args)]
struct Fetch {
    #[command(flatten)]
    whose: Whose,
    /// The chip's VCEK (DER or PEM), for hosts that give none with the report.
    #[arg(long, value_name = "FILE")]
    vek: Option<PathBuf>,
    /// Where the kernel's reports are.
    #[arg(long, value_name = "FOLDER", default_value = tsm::ROOT)]
    configfs: PathBuf,
    /// The device, for kernels without configfs-tsm.
    #[arg(long, value_name = "FILE", default_value = sev_guest::DEVICE)]
    device: PathBuf,
}

impl Report {
    pub(super) fn run(&self, asked: &Asked) -> anyhow::Result<End> {
        let Action::Fetch(fetch) = &self.action;
        let mut tell = teller(asked.quiet);
        let found = asked.find(&fetch.whose, None, None, None)?;
        let source = Source { tsm: fetch.configfs.clone(), device: fetch.device.clone() };
        let (key, name) = (key()?, host_name());
        let vek = fetch.vek.as_deref();
        let answer =
            report::attest(&*found.owner, found.vmid, &source, vek, &key, name.as_deref())?;
        if asked.json {
            println!("{}", serde_json::to_string_pretty(&answer)?);
        } else if answer.simulated {
            println!("trusted (a service for tests)");
        } else {
            println!("trusted");
        }
        tell(&format!("launch {} is validated", answer.launch_id));
        Ok(End::Done)
    }
}
