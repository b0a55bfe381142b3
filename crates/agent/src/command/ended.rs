//! Launches whose agent ended before they were over.

use std::time::Duration;

use anyhow::{Context as _, bail};

use super::asked::Asked;
use super::start::libvirt;
use crate::dance::{self, Tell};
use crate::journal::{Entry, Journal, Place, Step};
use crate::libvirt::Domain;
use crate::qemu::Monitor;
use crate::qmp::{Address, Qmp};
use crate::vmm::{Guest, State};

/// What becomes of a guest that may not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum IfNot {
    /// It is ended.
    End,
    /// It stands still, before its first instruction.
    Keep,
}

/// A QEMU that was started a moment before its agent ended may not listen yet.
const PATIENCE: Duration = Duration::from_secs(10);

/// The guest of a launch; `None` if there is none any more.
pub(super) fn guest(journal: &Journal, entry: &Entry) -> anyhow::Result<Option<Box<dyn Guest>>> {
    match &entry.place {
        Place::Qemu { monitor, process } => {
            let is_there = || match process {
                Some(process) => is_process(*process),
                // Not written yet: it may come.
                None => true,
            };
            let patience =
                if entry.step >= Step::Started { Duration::from_secs(2) } else { PATIENCE };
            match Qmp::connect(&Address::Unix(monitor.clone()), patience, is_there) {
                Ok(qmp) => Ok(Some(Box::new(Monitor::attached(qmp)))),
                // It is there and does not listen, which is no end.
                Err(error) if process.is_some_and(is_process) => Err(error.into()),
                Err(_) => Ok(None),
            }
        }
        Place::Libvirt { connect, domain } => {
            let session = session(journal)?;
            let virsh = libvirt(connect.clone()).virsh;
            let mut domain = Domain::attached(virsh, domain.clone(), session);
            Ok(match domain.state()? {
                State::Gone => None,
                _ => Some(Box::new(domain)),
            })
        }
    }
}

/// The session blob that a domain was started with.
fn session(journal: &Journal) -> anyhow::Result<Vec<u8>> {
    use base64::Engine as _;
    let path = journal.path("session");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text.trim_ascii());
    decoded.with_context(|| path.display().to_string())
}

/// Does a process of this number exist? One that ended and was not waited for does not.
fn is_process(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The state is the first field after the program's name, which is in brackets and may hold any.
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// Before a new launch of a guest: an earlier one whose guest is gone is over, and any other must be decided about first.
pub(super) fn settle(
    asked: &Asked,
    journal: &Journal,
    before: Entry,
    tell: Tell<'_>,
) -> anyhow::Result<()> {
    if before.step > Step::Asking && guest(journal, &before)?.is_some() {
        let vmid = before.vmid;
        bail!(
            "an earlier launch of guest {vmid} is not over, and its guest is there: `sev-launch agent resume {vmid}` goes on with it, `sev-launch agent drop {vmid}` ends it"
        );
    }
    tell("an earlier launch of this guest is given up: its guest is gone");
    dance::abandon(&*asked.again(before.vmid, &before.owner)?, journal, &before);
    Ok(())
}
