//! `run`: a VMM's command line.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::asked::{Asked, Found, Whose, host_name, key};
use super::chain::Chain;
use super::ended::{IfNot, goes_on, settle, stands};
use super::{End, runs, teller};
use super::{signals, within};
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
    /// With --detach: where the VMM's own words go [default: UUID.log in the folder of launches].
    #[arg(long, value_name = "FILE", requires = "detach")]
    log: Option<PathBuf>,
    /// A file for the VMM's process number.
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
        // What can be seen in the line is told before a launch is spent on it.
        line.check()?;
        let found = asked.find(&self.whose, line.policy()?, None, line.uuid())?;
        let folder = asked.folder()?;
        let (journal, before) = folder.take(found.vmid)?;
        if let Some(before) = before {
            settle(asked, &journal, before, &mut tell)?;
        }
        let log = self.detach.then(|| self.log.clone().unwrap_or_else(|| journal.path("log")));
        let opened = log.as_deref().map(open_log).transpose()?;
        let pid_file = self.pid_file.clone().map(PidFile::open).transpose()?;
        let host = self.chain.shown(probe::host(&within::words(line.emulator()))?)?;
        let monitor = journal.path("qmp");
        let place = Place::Qemu { monitor: monitor.clone(), process: None };
        let mut entry = Entry::new(found.vmid, found.at.clone(), key()?, place);
        entry.ends = self.if_not == IfNot::End;
        let name = host_name();
        tell(&found.owner.asks_for_session());
        let session = dance::begin(&*found.owner, &journal, &mut entry, &host, name.as_deref())?;
        if session.kernel_hashes.is_none() && line.has_unmeasured_kernel() {
            tell(
                "note: the owner's answer does not say that the kernel is measured, and neither does the command line (kernel-hashes=on): it is started unmeasured",
            );
        }
        let abandoned = |error: anyhow::Error| {
            dance::abandon(&*found.owner, &journal, &entry);
            error
        };
        let godh = journal.put("godh", base64(&session.godh).as_bytes());
        let godh = godh.map_err(|error| abandoned(error.into()))?;
        let files = Files { godh, blob: journal.path("session") };
        let words = line.with_session(&session, &host, &files, &monitor);
        let words = words.map_err(|error| abandoned(error.into()))?;
        let started = line.started();
        let process = match opened {
            Some(log) => Process::start_detached(&words, log),
            None => Process::start(&words),
        };
        let process = process.map_err(|error| abandoned(error.into()))?;
        let ended = signals::pass_on(process.id());
        entry.place = Place::Qemu { monitor, process: Some(process.id()) };
        let (mut process, outcome) = match journal.write(&entry) {
            Ok(()) => {
                // As soon as there is a process: whoever waits for it may look.
                let written = pid_file.as_ref().map(|file| file.write(process.id())).transpose();
                match written {
                    Ok(_) => {
                        self.launched(&found, &journal, &mut entry, process, &started, &mut tell)
                    }
                    Err(error) => (process, Err(error)),
                }
            }
            Err(error) => (process, Err(error.into())),
        };
        match outcome {
            Ok(outcome) => {
                runs(asked, &entry, outcome, &mut tell);
                if let Some(log) = log {
                    if let Some(file) = pid_file {
                        file.keep();
                    }
                    let (id, log) = (process.id(), log.display());
                    tell(&format!("it is process {id}; what its VMM says is in {log}"));
                    return Ok(End::Done);
                }
                // The guest may run for years; nobody waits for its lock.
                drop(journal);
                let status = process.wait()?;
                ended.store(true, Ordering::SeqCst);
                Ok(End::Vmm(code(status)))
            }
            Err(error) if self.if_not == IfNot::End => {
                // One that cannot be ended is remembered.
                if process.end(Duration::from_secs(5)).is_ok() {
                    ended.store(true, Ordering::SeqCst);
                    dance::abandon(&*found.owner, &journal, &entry);
                }
                Err(error)
            }
            Err(error) => {
                if self.detach {
                    if let Some(file) = pid_file {
                        file.keep();
                    }
                } else {
                    // Another agent may go on with it meanwhile.
                    drop(journal);
                    let _ = process.wait();
                    ended.store(true, Ordering::SeqCst);
                }
                Err(error)
            }
        }
    }

    /// From a process to a guest that runs.
    fn launched(
        &self,
        found: &Found,
        journal: &Journal,
        entry: &mut Entry,
        mut process: Process,
        started: &crate::vmm::Started,
        tell: Tell<'_>,
    ) -> (Process, anyhow::Result<Outcome>) {
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
        if outcome.is_err() && self.if_not == IfNot::Keep {
            let (how, process) = (stands(&mut guest), process.id());
            tell(&format!("{how}, as process {process}{}", goes_on(journal, entry)));
        }
        (process, outcome.map_err(Into::into))
    }
}

fn open_log(path: &Path) -> anyhow::Result<File> {
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    opened.with_context(|| format!("--log {}", path.display()))
}

/// A file with a process's number, which goes with the process, or is kept for one that is left to itself.
struct PidFile(PathBuf);

impl PidFile {
    /// Makes it, before there is a process: a folder that is not there is told now.
    fn open(path: PathBuf) -> anyhow::Result<Self> {
        let name = || format!("--pid-file {}", path.display());
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        if let Ok(process) = before.trim().parse::<u32>()
            // One that ended and was not waited for has no command line.
            && std::fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| !line.is_empty())
        {
            bail!("{}: process {process}, which it names, is there: is its guest running?", name());
        }
        File::create(&path).with_context(name)?;
        Ok(Self(path))
    }

    fn write(&self, process: u32) -> anyhow::Result<()> {
        let written = std::fs::write(&self.0, format!("{process}\n"));
        written.with_context(|| format!("--pid-file {}", self.0.display()))
    }

    fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
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
