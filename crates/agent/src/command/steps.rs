//! `launch` and `validate`: the two halves, for a VMM that is started by other means.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::asked::{Asked, Whose, host_name, key};
use super::chain;
use super::ended::{goes_on, settle, stands};
use super::run::base64;
use super::{End, runs, teller};
use crate::dance;
use crate::journal::{Entry, Place, Step};
use crate::qemu::{Monitor, monitor};
use crate::qmp::{Address, Qmp};
use crate::vmm::{Host, Started};

const PATIENCE: Duration = Duration::from_secs(10);

/// The first half alone: ask for a session, and write it as files, for a VMM that is started by other means.
#[derive(Debug, clap::Args)]
pub(super) struct Launch {
    #[command(flatten)]
    whose: Whose,
    /// The platform's certificates: PDH, PEK, OCA and CEK, with or without AMD's above them, as `sevctl export` writes them.
    #[arg(long, value_name = "FILE", required_unless_present = "qmp")]
    chain: Option<PathBuf>,
    /// Or the monitor of any QEMU on this host, which is asked for them: unix:PATH, or tcp:ADDRESS:PORT on loopback.
    #[arg(long, value_name = "MONITOR", conflicts_with = "chain")]
    qmp: Option<Address>,
    /// Where QEMU's monitor will be, for `resume` and `validate`.
    #[arg(long, value_name = "PATH")]
    monitor: PathBuf,
    /// The folder for vm_godh.b64 and vm_session.b64, which QEMU takes as dh-cert-file and session-file.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    output: PathBuf,
}

impl Launch {
    pub(super) fn run(&self, asked: &Asked) -> anyhow::Result<End> {
        let mut tell = teller(asked.quiet);
        let host = match (&self.chain, &self.qmp) {
            (Some(path), _) => {
                let (pdh, cert_chain) = chain::read(path)?;
                Host { pdh, cert_chain, cpu_id: None, cbitpos: 0, reduced_phys_bits: 0 }
            }
            (None, Some(address)) => monitor::host(&mut Qmp::connect(address, PATIENCE, || true)?)?,
            (None, None) => bail!("--chain or --qmp says what the platform's certificates are"),
        };
        std::fs::create_dir_all(&self.output)
            .with_context(|| format!("--output {}", self.output.display()))?;
        let found = asked.find(&self.whose, None, None, None)?;
        let (journal, before) = asked.folder()?.take(found.vmid)?;
        if let Some(before) = before {
            settle(asked, &journal, before, &mut tell)?;
        }
        let monitor = std::path::absolute(&self.monitor)?;
        let place = Place::Qemu { monitor, process: None };
        let mut entry = Entry::new(found.vmid, found.at, key()?, place);
        let name = host_name();
        tell(&found.owner.asks_for_session());
        let session = dance::begin(&*found.owner, &journal, &mut entry, &host, name.as_deref())?;
        for (name, bytes) in [("vm_godh.b64", &session.godh), ("vm_session.b64", &session.blob)] {
            let path = self.output.join(name);
            if let Err(error) = std::fs::write(&path, base64(bytes)) {
                dance::abandon(&*found.owner, &journal, &entry);
                return Err(error).with_context(|| path.display().to_string());
            }
        }
        if asked.json {
            let came = json!({
                "vmid": entry.vmid, "launch-id": entry.launch, "policy": session.policy,
                "kernel-hashes": session.kernel_hashes, "expires-at": entry.expires,
            });
            println!("{came}");
            return Ok(End::Done);
        }
        println!("policy={:#x}", session.policy);
        if let Some(hashes) = session.kernel_hashes {
            println!("kernel-hashes={}", if hashes { "on" } else { "off" });
        }
        Ok(End::Done)
    }
}

/// The second half alone: have a guest validated that waits at a monitor of QEMU's, hand the packet in, let it run.
#[derive(Debug, clap::Args)]
pub(super) struct Validate {
    /// The guest.
    #[arg(value_name = "UUID")]
    vmid: sev_launch_protocol::text::VmId,
    /// Another monitor than the one that `launch` was told: unix:PATH, or tcp:ADDRESS:PORT on loopback.
    #[arg(long, value_name = "MONITOR")]
    qmp: Option<Address>,
}

impl Validate {
    pub(super) fn run(&self, asked: &Asked) -> anyhow::Result<End> {
        let mut tell = teller(asked.quiet);
        let (journal, entry) = asked.folder()?.take(self.vmid)?;
        let mut entry = entry.with_context(|| {
            format!(
                "no launch of guest {} is open: `sev-launch agent launch` begins one",
                self.vmid
            )
        })?;
        let Place::Qemu { monitor, .. } = &entry.place else {
            bail!(
                "guest {} is a domain of libvirt: `sev-launch agent resume` goes on with it",
                self.vmid
            );
        };
        if entry.launch.is_none() {
            let vmid = self.vmid;
            bail!(
                "the launch of guest {vmid} got no session: `sev-launch agent drop {vmid}`, and begin again"
            );
        }
        let address = self.qmp.clone().unwrap_or_else(|| Address::Unix(monitor.clone()));
        let owner = asked.again(self.vmid, &entry.owner)?;
        let mut guest = Monitor::attached(Qmp::connect(&address, PATIENCE, || true)?);
        entry.step = entry.step.max(Step::Started);
        journal.write(&entry)?;
        let started = Started::default();
        let outcome = dance::finish(&*owner, &mut guest, &journal, &mut entry, &started, &mut tell)
            .with_context(|| format!("{}{}", stands(&mut guest), goes_on(&journal, &entry)))?;
        runs(asked, &entry, outcome, &mut tell);
        Ok(End::Done)
    }
}
