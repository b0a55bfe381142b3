//! Whose guest it is, by flags, by metadata and by this machine's own list of services.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use sev_launch_client::services::Services;
use sev_launch_client::{Client, Patience};
use sev_launch_protocol::text::VmId;

use crate::attestation::Attestation;
use crate::journal::{At, Folder};
use crate::offline::{self, Offline};
use crate::owner::{AtService, Owner};
use crate::regular;

/// The administrator's list of services.
const SERVICES: &str = "/etc/sev-launch/services.toml";
/// Where root's agent remembers.
const STATE: &str = "/var/lib/sev-launch/agent";

/// Flags that say whom to ask, and where to remember.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Asked {
    /// The services that this machine is set up for: addresses, authorities and credentials
    /// [default: /etc/sev-launch/services.toml, or sev-launch/services.toml in $XDG_CONFIG_HOME or ~/.config].
    #[arg(long, value_name = "FILE", global = true)]
    services: Option<PathBuf>,
    /// Where launches are remembered until they are over, a folder of this user's alone
    /// [default: /var/lib/sev-launch/agent for root, else sev-launch/agent in $XDG_STATE_HOME or ~/.local/state].
    #[arg(long, value_name = "FOLDER", global = true)]
    state: Option<PathBuf>,
    /// Say nothing of how it goes.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Print what it came to as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Flags that say whose guest it is.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Whose {
    /// The guest's name at the service, a UUID.
    #[arg(long, value_name = "UUID")]
    pub(crate) vmid: Option<VmId>,
    /// The service: its name in the list, or its address [default: what metadata says; else the only one in the list].
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// A file with `<attestation vmid=… service=…/>`, or a libvirt domain with such metadata.
    #[arg(long, value_name = "FILE")]
    pub(crate) attestation: Option<PathBuf>,
    /// No service: write what the owner needs into this folder, and wait there for the answers.
    #[arg(long, value_name = "FOLDER", conflicts_with = "service")]
    pub(crate) offline: Option<PathBuf>,
    /// With --offline: how many seconds an answer is waited for.
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400, requires = "offline",
        value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    pub(crate) wait: u64,
    /// With --offline: the policy of a session that comes without an answer that says it.
    #[arg(long, value_name = "POLICY", value_parser = policy, requires = "offline")]
    pub(crate) policy: Option<u32>,
}

fn policy(text: &str) -> Result<u32, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|error| format!("{error}; wanted a number such as 0x5"))
}

/// Whom to ask for one guest.
pub(crate) struct Found {
    pub(crate) vmid: VmId,
    pub(crate) at: At,
    pub(crate) owner: Box<dyn Owner>,
}

/// An agent asks a service so long before it tells that there is no answer; it goes on asking until the launch expires.
const PATIENCE: Patience =
    Patience { request: Duration::from_secs(10), together: Duration::from_secs(20) };

impl Asked {
    pub(crate) fn folder(&self) -> anyhow::Result<Folder> {
        let path = match &self.state {
            Some(path) => path.clone(),
            None if rustix::process::geteuid().is_root() => STATE.into(),
            None => in_home("XDG_STATE_HOME", ".local/state", "agent")
                .context("--state: neither $XDG_STATE_HOME nor $HOME is set")?,
        };
        Ok(Folder::open(&path)?)
    }

    fn services(&self) -> anyhow::Result<Services> {
        let path = match &self.services {
            Some(path) => path.clone(),
            None => [Some(SERVICES.into()), in_home("XDG_CONFIG_HOME", ".config", "services.toml")]
                .into_iter()
                .flatten()
                .find(|path| path.exists())
                .with_context(|| format!("--services: there is no {SERVICES}, and no sev-launch/services.toml in this user's configuration: docs/agent.md shows one"))?,
        };
        Ok(Services::read(&path)?)
    }

    /// A guest by its flags, and by what a domain or a command line says of itself: its metadata, its own name, and its policy.
    pub(crate) fn find(
        &self,
        whose: &Whose,
        policy: Option<u32>,
        said: Option<Attestation>,
        own: Option<VmId>,
    ) -> anyhow::Result<Found> {
        let file = whose.attestation.as_deref().map(read_attestation).transpose()?;
        let said = match (said, file) {
            (Some(domain), Some(file)) if domain != file => {
                bail!("--attestation: the domain's metadata says something else than the file")
            }
            (domain, file) => domain.or(file),
        };
        let named = said.as_ref().map(|said| said.vmid);
        if let (Some(flag), Some(named)) = (whose.vmid, named) {
            ensure!(
                flag == named,
                "--vmid says {flag}, and the metadata {named}: which guest is it?"
            );
        }
        // Metadata may give a guest another name than its UUID.
        if let (Some(flag), None, Some(own)) = (whose.vmid, named, own)
            && flag != own
        {
            bail!("--vmid says {flag}, and the guest's own UUID is {own}: which guest is it?");
        }
        let vmid = whose.vmid.or(named).or(own).context(
            "which guest it is at its owner's is not said: --vmid UUID, --attestation FILE, the domain's metadata, or -uuid of QEMU",
        )?;
        if let Some(folder) = &whose.offline {
            let folder = offline::folder(folder)
                .with_context(|| format!("--offline {}", folder.display()))?;
            let patience = Duration::from_secs(whose.wait);
            let at = At::Folder(folder.clone());
            if let (Some(flag), Some(line)) = (whose.policy, policy)
                && flag != line
            {
                bail!("--policy says {flag:#x}, and the command line policy={line:#x}");
            }
            let owner = Box::new(Offline { folder, policy: whose.policy.or(policy), patience });
            return Ok(Found { vmid, at, owner });
        }
        let services = self.services()?;
        // Whoever writes metadata selects one of this machine's services by its address, and nothing else.
        let service = match (&whose.service, said.as_ref().and_then(|said| said.service.as_deref()))
        {
            (Some(flag), Some(address)) => {
                let (chosen, named) = (services.choose(Some(flag))?, services.at(address)?);
                ensure!(
                    chosen.base == named.base,
                    "--service means {}, and the metadata {}: which service is it?",
                    chosen.base,
                    named.base
                );
                chosen
            }
            (Some(flag), None) => services.choose(Some(flag))?,
            (None, Some(address)) => services.at(address)?,
            (None, None) => services.choose(None)?,
        };
        let client = Client::new(service.connection()?, PATIENCE)?;
        let at = At::Service(service.base.to_string());
        Ok(Found { vmid, at, owner: Box::new(AtService { client, vmid }) })
    }

    /// Whom to ask for a launch that was begun before.
    pub(crate) fn again(&self, vmid: VmId, at: &At) -> anyhow::Result<Box<dyn Owner>> {
        Ok(match at {
            At::Service(address) => {
                let services = self.services()?;
                let client = Client::new(services.at(address)?.connection()?, PATIENCE)?;
                Box::new(AtService { client, vmid })
            }
            At::Folder(folder) => Box::new(Offline {
                folder: folder.clone(),
                policy: None,
                patience: Duration::from_secs(86_400),
            }),
        })
    }
}

fn in_home(variable: &str, below: &str, name: &str) -> Option<PathBuf> {
    let base = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(below));
    Some(base.or_else(home)?.join("sev-launch").join(name))
}

fn read_attestation(path: &Path) -> anyhow::Result<Attestation> {
    let name = path.display();
    let most = u64::try_from(crate::attestation::MOST_BYTES).unwrap_or(u64::MAX);
    let bytes = regular::read(path, most).with_context(|| format!("{name}"))?;
    let text = String::from_utf8(bytes).with_context(|| format!("{name}"))?;
    let found = crate::attestation::read(&text).with_context(|| format!("{name}"))?;
    found.with_context(|| format!("{name}: there is no <attestation> in it"))
}

/// This machine's name, for the owner's audit.
pub(crate) fn host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_str().ok()?.to_owned();
    (!name.is_empty()).then_some(name)
}

/// A new `Idempotency-Key`.
pub(crate) fn key() -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("randomness of the system")?;
    Ok(hex::encode(bytes))
}
