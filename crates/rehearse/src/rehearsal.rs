//! A rehearsal, from the VMM's start to its end.

use std::ffi::OsString;
use std::io;
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
    pub stays: bool,
    /// How long a VMM that does not stay may take to launch its guest.
    pub patience: Duration,
    /// What goes wrong on purpose.
    pub faults: Vec<Fault>,
}

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
    /// `launched` is told of each launch when its digest has become final, while the VMM goes on.
    ///
    /// # Errors
    ///
    /// No host would start this, the program cannot be started, or the kernel lacks what watching takes (Linux 5.19).
    pub fn run(self, launched: &mut dyn FnMut(&Record)) -> Result<Outcome, Error> {
        // Fn8000_001F EBX: bits 0 to 5 are the C-bit's place. [APM3, CPUID functions]
        let [_, ebx, ..] = sys::cpuid(0x8000_001f);
        let arguments = command_line::adapt(&self.arguments, &self.host, ebx & 0x3f, self.stays)?;
        let mut command = Command::new(&self.program);
        command.args(arguments);
        if !self.stays {
            command.stdin(Stdio::null()).stdout(io::stderr());
        }
        let mut vmm = Vmm::start(command)
            .map_err(|error| Error::Start { program: self.program.clone(), error })?;
        let mut world = World::new(self.platform, self.host, self.keeps_bytes, &self.faults);
        let mut told = 0;
        let patience = (!self.stays).then_some(self.patience);
        let end = vmm.supervisor.run(&mut world, patience, |world| {
            let mut final_ones = world.records().iter().filter(|record| record.digest.is_some());
            for record in final_ones.by_ref().skip(told) {
                launched(record);
                told += 1;
            }
            let is_over = !self.stays && (told > 0 || world.has_run());
            if is_over { Next::Stop } else { Next::GoOn }
        })?;
        let has_run = world.has_run();
        let ended = match end {
            End::Gone => Ended::Exited(vmm.child.wait()?),
            End::Stopped | End::TimedOut => {
                vmm.end(&mut world)?;
                match end {
                    End::TimedOut => Ended::TimedOut,
                    _ if has_run && world.records().is_empty() => Ended::NoSevGuest,
                    _ => Ended::Launched,
                }
            }
        };
        let (platform, records, refusals, unknown) = world.into_parts();
        Ok(Outcome { ended, records, refusals, unknown, platform })
    }
}
