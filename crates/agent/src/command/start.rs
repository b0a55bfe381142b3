//! `start`: a domain of libvirt.

use super::asked::{Asked, Whose, host_name, key};
use super::chain::Chain;
use super::ended::{IfNot, goes_on, settle, stands};
use super::{End, runs, teller};
use crate::attestation;
use crate::dance;
use crate::journal::{Entry, Place, Step};
use crate::libvirt::{Libvirt, Virsh};
use crate::vmm::Guest as _;

/// Start a domain of libvirt with the owner's session, and let it run once the owner says yes.
#[derive(Debug, clap::Args)]
pub(super) struct Start {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    chain: Chain,
    /// libvirt's address, as `virsh -c` takes it [default: virsh's own].
    #[arg(long, value_name = "URI")]
    connect: Option<String>,
    /// What becomes of a domain that may not run: it is ended, or stands still (paused).
    #[arg(long, value_name = "WHAT", default_value = "keep")]
    if_not: IfNot,
    /// The domain: its name or its UUID. It is defined, and not started.
    #[arg(value_name = "DOMAIN")]
    domain: String,
}

/// A host's libvirt, by the address that `virsh` is told.
pub(super) fn libvirt(connect: Option<String>) -> Libvirt {
    Libvirt { virsh: Virsh { uri: connect, ..Virsh::default() } }
}

impl Start {
    pub(super) fn run(&self, asked: &Asked) -> anyhow::Result<End> {
        let mut tell = teller(asked.quiet);
        let libvirt = libvirt(self.connect.clone());
        let (xml, identity) = libvirt.describe(&self.domain)?;
        let said = attestation::from_domain(&xml)?;
        let found = asked.find(&self.whose, None, said, Some(identity.uuid))?;
        let (journal, before) = asked.folder()?.take(found.vmid)?;
        if let Some(before) = before {
            settle(asked, &journal, before, &mut tell)?;
        }
        libvirt.check_off(&identity)?;
        let host = self.chain.shown(libvirt.host()?)?;
        let place =
            Place::Libvirt { connect: self.connect.clone(), domain: identity.uuid.to_string() };
        let mut entry = Entry::new(found.vmid, found.at.clone(), key()?, place);
        entry.ends = self.if_not == IfNot::End;
        let name = host_name();
        tell(&found.owner.asks_for_session());
        let session = dance::begin(&*found.owner, &journal, &mut entry, &host, name.as_deref())?;
        let domain = libvirt.start(&identity.uuid.to_string(), &session, &host);
        let mut domain = domain.inspect_err(|_| {
            dance::abandon(&*found.owner, &journal, &entry);
        })?;
        // Of the running domain: it names the firmware that libvirt chose.
        let started = domain.started().unwrap_or_default();
        entry.step = Step::Started;
        let outcome = journal.write(&entry).map_err(dance::DanceError::from).and_then(|()| {
            dance::finish(&*found.owner, &mut domain, &journal, &mut entry, &started, &mut tell)
        });
        match outcome {
            Ok(outcome) => {
                runs(asked, &entry, outcome, &mut tell);
                Ok(End::Done)
            }
            Err(error) => {
                // One that cannot be ended is remembered.
                if self.if_not == IfNot::End && domain.end().is_ok() {
                    dance::abandon(&*found.owner, &journal, &entry);
                }
                tell(&format!("{}{}", stands(&mut domain), goes_on(&journal, &entry)));
                Err(error.into())
            }
        }
    }
}
