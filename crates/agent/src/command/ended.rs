//! Launches whose agent ended before they were over.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::asked::Asked;
use super::start::libvirt;
use crate::dance::{self, Tell};
use crate::journal::{Entry, Journal, Place, Step};
use crate::libvirt::Domain;
use crate::qemu::{Monitor, escaped};
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
/// And may not be seen by its command line.
const MOMENT: Duration = Duration::from_millis(500);

/// The guest of a launch; `None` if there is none any more.
pub(super) fn guest(journal: &Journal, entry: &Entry) -> anyhow::Result<Option<Box<dyn Guest>>> {
    match &entry.place {
        Place::Qemu { monitor, process } => {
            let (begun, is_own) = (Instant::now(), *monitor == journal.path("qmp"));
            let is_seen = || match process {
                Some(process) => is_vmm(*process, monitor),
                // Not written yet, or started by somebody else.
                None => is_own && is_anybodys(monitor),
            };
            // Whoever else listens there is another guest.
            if process.is_some() && !is_seen() {
                return Ok(None);
            }
            let is_there =
                || is_seen() || process.is_none() && (!is_own || begun.elapsed() < MOMENT);
            let patience =
                if entry.step >= Step::Started { Duration::from_secs(2) } else { PATIENCE };
            match Qmp::connect(&Address::Unix(monitor.clone()), patience, is_there) {
                Ok(qmp) => Ok(Some(Box::new(Monitor::attached(qmp)))),
                // It is there and does not answer, which is no end: another program may be connected.
                Err(error) if is_seen() || UnixStream::connect(monitor).is_ok() => {
                    Err(error.into())
                }
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

/// Has the process of this number this monitor? Its number alone says nothing: after a while it is another's. One that ended and was not waited
/// for has no command line.
fn is_vmm(id: u32, monitor: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    // Its whole path: another folder of launches may have a guest of the same UUID.
    let path = escaped(monitor.as_os_str().as_bytes());
    let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    !path.is_empty() && line.windows(path.len()).any(|part| part == path)
}

/// Has any process this monitor?
fn is_anybodys(monitor: &Path) -> bool {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.any(|id| id != std::process::id() && is_vmm(id, monitor))
}

/// How a guest stands, for people: what is not so is not said.
pub(super) fn stands(guest: &mut dyn Guest) -> &'static str {
    match guest.state() {
        Ok(State::Waiting) => "the guest stands still",
        Ok(State::Running) => "the guest runs, and this agent did not let it",
        Ok(State::Gone) => "the guest is gone",
        Err(_) => "how the guest stands is not known",
    }
}

/// And what can be done, as long as the launch is remembered.
pub(super) fn goes_on(journal: &Journal, entry: &Entry) -> String {
    if journal.path("json").exists() {
        let vmid = entry.vmid;
        format!(
            "; `sev-launch agent resume {vmid}` goes on, `sev-launch agent drop {vmid}` ends it"
        )
    } else {
        String::new()
    }
}

/// Gives a launch up of which nothing runs, also where its owner cannot be told any more.
pub(super) fn give_up(
    asked: &Asked,
    journal: &Journal,
    entry: &Entry,
    tell: Tell<'_>,
) -> anyhow::Result<()> {
    match asked.again(entry.vmid, &entry.owner) {
        Ok(owner) => dance::abandon(&*owner, journal, entry),
        Err(error) => {
            tell(&format!("its owner is not told, and the launch expires there: {error:#}"));
            journal.over()?;
        }
    }
    Ok(())
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
    give_up(asked, journal, &before, tell)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_is_a_vmm_by_its_monitor_and_not_by_its_number() {
        let own = Path::new("/a,b/3c7f2f60-7d0c-4f4e-8d55-0f3a5f6f1c11.qmp");
        // QEMU's way to write the path of a folder with a comma.
        let line =
            "read line # unix:/a,,b/3c7f2f60-7d0c-4f4e-8d55-0f3a5f6f1c11.qmp,server=on,wait=off";
        let mut vmm = Command::new("sh");
        let mut vmm = vmm.args(["-c", line]).stdin(Stdio::piped()).spawn().unwrap();
        // For a moment after it was started a program has no command line.
        let end = Instant::now() + Duration::from_secs(20);
        while !is_vmm(vmm.id(), own) {
            assert!(Instant::now() < end, "it is not seen");
        }
        assert!(is_anybodys(own));
        let other = Path::new("/a,b/3c7f2f60-7d0c-4f4e-8d55-0f3a5f6f1c12.qmp");
        assert!(!is_vmm(vmm.id(), other) && !is_anybodys(other));
        // The guest of the same UUID in another folder of launches.
        assert!(!is_anybodys(Path::new("/c/3c7f2f60-7d0c-4f4e-8d55-0f3a5f6f1c11.qmp")));
        vmm.kill().unwrap();
        // It has ended, and nobody has waited for it.
        while is_vmm(vmm.id(), own) {
            std::thread::yield_now();
        }
        vmm.wait().unwrap();
        assert!(!is_vmm(std::process::id(), own) && !is_vmm(vmm.id(), Path::new("/")));
    }
}
