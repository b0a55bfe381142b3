//! `run`: a VMM's command line.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::Context as _;

use super::asked::{Asked, Found, Whose, host_name, key};
use super::chain::Chain;
use super::ended::{IfNot, settle};
use super::{End, teller};
use crate::dance::{self, DanceError, Outcome, Tell};
use crate::journal::{Entry, Journal, Place, Step};
use crate::qemu::{CommandLine, Files, Monitor, Process, probe};
use crate::qmp::{Address, Qmp};

/// QEMU greets once the guest is launched, and encrypting hundreds of gigabytes takes minutes.
const PATIENCE: Duration = Duration::from_secs(600);

/// Start a VMM's command line with the owner's session, and let the guest run once the owner says yes.
#[derive(Debug, clap::Args)]
pub(super) struct Run {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    chain: Chain,
    /// Return once the guest runs, and leave the VMM to itself.
    #[arg(long)]
    detach: bool,
    /// Write the VMM's process number into this file once it is started.
    #[arg(long, value_name = "FILE")]
    pid_file: Option<PathBuf>,
    /// What becomes of a guest that may not run: it is ended, or stands still until its VMM is ended.
    #[arg(long, value_name = "WHAT", default_value = "end")]
    if_not: IfNot,
    /// The command line: QEMU's, or another program's that takes QEMU's arguments; a wrapper before it ends with `--`.
    #[arg(value_name = "COMMAND", last = true, required = true)]
    command: Vec<OsString>,
}

impl Run {
    pub(super) fn run(&self, asked: &Asked) -> anyhow::Result<End> {
        let mut tell = teller(asked.quiet);
        let line = CommandLine::parse(&self.command)?;
        let found = asked.find(&self.whose, None, line.uuid())?;
        let folder = asked.folder()?;
        let (journal, before) = folder.take(found.vmid)?;
        if let Some(before) = before {
            settle(asked, &journal, before, &mut tell)?;
        }
        let host = self.chain.shown(probe::host(line.emulator())?)?;
        let monitor = journal.path("qmp");
        let place = Place::Qemu { monitor: monitor.clone(), process: None };
        let mut entry = Entry::new(found.vmid, found.at.clone(), key()?, place);
        let name = host_name();
        tell("asking the owner for a session");
        let session = dance::begin(&*found.owner, &journal, &mut entry, &host, name.as_deref())?;
        let abandoned = |error: anyhow::Error| {
            dance::abandon(&*found.owner, &journal, &entry);
            error
        };
        let files = Files {
            godh: journal.put("godh", base64(&session.godh).as_bytes())?,
            blob: journal.put("session", base64(&session.blob).as_bytes())?,
        };
        let words = line.with_session(&session, &host, &files, &monitor);
        let words = words.map_err(|error| abandoned(error.into()))?;
        let started = line.started();
        let process = Process::start(&words).map_err(|error| abandoned(error.into()))?;
        if let Some(path) = &self.pid_file {
            let written = std::fs::write(path, format!("{}\n", process.id()));
            written.with_context(|| format!("--pid-file {}", path.display()))?;
        }
        let place = Place::Qemu { monitor: monitor.clone(), process: Some(process.id()) };
        entry.place = place;
        journal.write(&entry)?;
        let (mut process, outcome) =
            launched(&found, &journal, &mut entry, process, &started, &mut tell);
        match outcome {
            Ok(outcome) => {
                tell(told(outcome));
                if self.detach {
                    return Ok(End::Done);
                }
                // The guest may run for years; nobody waits for its lock.
                drop(journal);
                Ok(End::Vmm(code(process.wait()?)))
            }
            Err(error) => {
                if self.if_not == IfNot::End {
                    let _ = process.end(Duration::from_secs(5));
                    dance::abandon(&*found.owner, &journal, &entry);
                } else {
                    tell(&format!("{error}; the guest stands still, as process {}", process.id()));
                    if !self.detach {
                        let _ = process.wait();
                    }
                }
                Err(error.into())
            }
        }
    }
}

/// From a process to a guest that runs.
fn launched(
    found: &Found,
    journal: &Journal,
    entry: &mut Entry,
    mut process: Process,
    started: &crate::vmm::Started,
    tell: Tell<'_>,
) -> (Process, Result<Outcome, DanceError>) {
    let address = Address::Unix(journal.path("qmp"));
    let qmp = Qmp::connect(&address, PATIENCE, || matches!(process.try_wait(), Ok(None)));
    let qmp = match qmp {
        Ok(qmp) => qmp,
        Err(error) => return (process, Err(error.into())),
    };
    let mut guest = Monitor::attached(qmp);
    entry.step = Step::Started;
    let outcome = journal
        .write(entry)
        .map_err(DanceError::from)
        .and_then(|()| dance::finish(&*found.owner, &mut guest, journal, entry, started, tell));
    (process, outcome)
}

pub(super) fn told(outcome: Outcome) -> &'static str {
    match (outcome.injected, outcome.simulated) {
        (true, false) => "the guest runs, with the owner's packet in it",
        (false, false) => "the guest runs; the owner released nothing to it",
        (true, true) => "the guest runs, with a packet in it of a service for tests",
        (false, true) => "the guest runs; a service for tests released nothing to it",
    }
}

/// What a shell makes of how a program ended.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| signal.saturating_add(128)));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(2)
}

pub(super) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
