//! A program that ends when this agent does: a hidden command, which becomes that program.
//!
//! The emulator that is asked what the host shows is of use to nobody else, and an agent that is killed cannot end it. So the system does
//! [prctl(2), PR_SET_PDEATHSIG]. A program that takes another user's rights on the way, as `sudo` does, is out of its reach.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context as _, ensure};
use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};

use super::End;

/// Become a program that ends when the process that started it does.
#[derive(Debug, clap::Args)]
pub(super) struct Within {
    /// The process that started it.
    #[arg(long, value_name = "PROCESS")]
    parent: i32,
    #[arg(value_name = "COMMAND", last = true, required = true)]
    command: Vec<OsString>,
}

impl Within {
    pub(super) fn run(&self) -> anyhow::Result<End> {
        // It holds nothing, and a wrapper that is only just starting might not pass another signal on.
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // One that ended before this is told to nobody.
        let parent = getppid().map(|parent| parent.as_raw_nonzero().get());
        ensure!(parent == Some(self.parent), "the agent that started this has ended");
        let (program, words) = self.command.split_first().context("no program")?;
        // It returns only where it fails.
        let error = Command::new(program).args(words).exec();
        Err(error).with_context(|| program.display().to_string())
    }
}

/// The words that start a command within this process.
pub(super) fn words(command: &[OsString]) -> Vec<OsString> {
    let parent = getpid().as_raw_nonzero().to_string();
    let own = ["/proc/self/exe", "within", "--parent", &parent, "--"].map(OsString::from);
    own.iter().chain(command).cloned().collect()
}
