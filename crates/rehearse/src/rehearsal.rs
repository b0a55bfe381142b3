//! A rehearsal, from the VMM's start to its end.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use sev_launch_platform::Platform;

use crate::command_line::{self, CommandLineError};
use crate::fault::Fault;
use crate::host::Host;
use crate::record::{Record, Refusal};
use crate::supervisor::{End, Next};
use crate::sys;
use crate::vmm::Vmm;
use crate::world::World;

/// What is to be started, and on what.
#[derive(Debug)]
pub struct Rehearsal {
    /// The VMM's program, looked for as a shell does.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The host that is pretended.
    pub host: Host,
    /// Its AMD-SP.
    pub platform: Platform,
    /// Are the bytes of every update kept?
    pub keeps_bytes: bool,
    /// Does the VMM go on after the launch, until it ends by itself?
    pub stay: Stay,
    /// How long a VMM that does not stay may take to launch its guest.
    pub patience: Duration,
    /// What goes wrong on purpose.
    pub faults: Vec<Fault>,
}

/// Whether a VMM goes on after the launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// It is ended when its guest is launched.
    No,
    /// It goes on, with this process's standard input, output and error.
    Attached,
    /// It goes on without them, as one does that goes to the background by itself (`-daemonize`): its standard input is empty, its standard output goes
    /// to standard error, and it is told when the process that was started has ended.
    Detached,
    /// It goes on without them, for whoever speaks to it and ends it, and for as long as its patience at most.
    Within,
}

/// Who is told what happens while a VMM runs; `()` is nobody.
pub trait Watcher {
    /// A launch digest has become final.
    fn launched(&mut self, _record: &Record) {}

    /// The process that was started has ended with this status, and others that it started go on: it went to the background.
    fn detached(&mut self, _status: ExitStatus) {}

    /// A descriptor at which each byte asks the VMM to end, as SIGTERM does; asked for once, before the start. Whoever is sent a signal in the
    /// VMM's place passes it on by this.
    fn end_requests(&mut self) -> Option<OwnedFd> {
        None
    }
}

impl Watcher for () {}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The guest was launched, and the VMM ended because of that.
    Launched,
    /// The VMM ended by itself, with this status.
    Exited(ExitStatus),
    /// A guest began to run that is no SEV guest.
    NoSevGuest,
    /// The VMM was still waiting for something when its time was over.
    TimedOut,
}

/// What came of a rehearsal.
#[derive(Debug)]
#[must_use]
pub struct Outcome {
    /// How it ended.
    pub ended: Ended,
    /// Each launch that was begun, in order.
    pub records: Vec<Record>,
    /// What KVM or the AMD-SP refused, in order.
    pub refusals: Vec<Refusal>,
    /// What the VMM asked for and no model is of: it was told that this host does not have it.
    pub unknown: Vec<String>,
    /// The AMD-SP, afterwards.
    pub platform: Platform,
}

/// Why there was no rehearsal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No host would start this.
    #[error(transparent)]
    CommandLine(#[from] CommandLineError),
    /// The program could not be started.
    #[error("{}: {error}", program.display())]
    Start {
        /// The program.
        program: OsString,
        /// The kernel's words.
        error: io::Error,
    },
    /// A call of our own failed.
    #[error("the VMM cannot be watched: {0}")]
    Watch(#[from] io::Error),
}

impl Rehearsal {
    /// Starts the VMM and watches it to its end. Its standard input is empty and its standard output goes to standard error, unless it stays.
    ///
    /// # Errors
    ///
    /// No host would start this, the program cannot be started, or the kernel lacks what watching takes (Linux 5.19).
    pub fn run(self, watcher: &mut dyn Watcher) -> Result<Outcome, Error> {
        // Fn8000_001F EBX: bits 0 to 5 are the C-bit's place. [APM3, CPUID functions]
        let [_, ebx, ..] = sys::cpuid(0x8000_001f);
        let arguments =
            command_line::adapt(&self.arguments, &self.host, ebx & 0x3f, self.stay != Stay::No)?;
        let mut command = Command::new(&self.program);
        command.args(arguments);
        let stays = self.stay != Stay::No;
        if self.stay != Stay::Attached {
            command.stdin(Stdio::null()).stdout(io::stderr());
        }
        let mut vmm = Vmm::start(command)
            .map_err(|error| Error::Start { program: self.program.clone(), error })?;
        vmm.supervisor.end_requests = watcher.end_requests();
        let mut world = World::new(self.platform, self.host, self.keeps_bytes, &self.faults);
        let patience = matches!(self.stay, Stay::No | Stay::Within).then_some(self.patience);
        let child = match self.stay {
            Stay::Attached => None,
            Stay::Detached | Stay::No | Stay::Within => Some(vmm.watch_child()?),
        };
        let watcher = RefCell::new(watcher);
        let mut told = BTreeSet::new();
        let mut left_alone = None;
        let Vmm { child: process, supervisor } = &mut vmm;
        let end = supervisor.run_beside(
            child,
            &mut world,
            patience,
            |world| {
                for (number, record) in world.records().iter().enumerate() {
                    if record.digest.is_some() && told.insert(number) {
                        watcher.borrow_mut().launched(record);
                    }
                }
                let is_over = !told.is_empty() || world.has_run();
                if !stays && is_over { Next::Stop } else { Next::GoOn }
            },
            |world| {
                let status = process.wait()?;
                if self.stay == Stay::Detached {
                    watcher.borrow_mut().detached(status);
                } else if !world.has_vms() {
                    // What goes on is something else that it started.
                    left_alone = Some(status);
                    return Ok(Next::Stop);
                }
                Ok(Next::GoOn)
            },
        )?;
        let has_run = world.has_run();
        let ended = match end {
            End::Gone => Ended::Exited(vmm.child.wait()?),
            End::Stopped | End::TimedOut => {
                vmm.end(&mut world)?;
                match (end, left_alone) {
                    (End::TimedOut, _) => Ended::TimedOut,
                    (_, Some(status)) => Ended::Exited(status),
                    _ if has_run && world.records().is_empty() => Ended::NoSevGuest,
                    _ => Ended::Launched,
                }
            }
        };
        let (platform, records, refusals, unknown) = world.into_parts();
        Ok(Outcome { ended, records, refusals, unknown, platform })
    }
}
