//! The VMM as a process of the user's: in the foreground, with the terminal, the folder and the environment that it was started from.
//!
//! Nothing secret is in its words: the session's files are the owner's certificate and a blob that only the platform can unwrap, and secrets go through the monitor,
//! encrypted for the guest. Where it is waited for, it stays in the caller's group of processes, so that a Ctrl-C reaches both.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::vmm::VmmError;

/// How long after SIGTERM a VMM is killed. A wrapper that passes SIGTERM on needs some of it.
const TERM: Duration = Duration::from_secs(5);

/// A VMM that was started. Dropping it leaves the VMM alone.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a command, its program first.
    ///
    /// # Errors
    ///
    /// [`VmmError::Description`] where there is no such program, or it may not be started.
    pub fn start(words: &[OsString]) -> Result<Self, VmmError> {
        Self::of(&mut command(words)?)
    }

    /// Starts a command that is left to itself: in a group of processes of its own, which no terminal's end reaches, without input, and with what it says
    /// in a file.
    ///
    /// # Errors
    ///
    /// [`VmmError::Description`], as of [`start`](Self::start).
    pub fn start_detached(words: &[OsString], log: File) -> Result<Self, VmmError> {
        let failed = |error: io::Error| VmmError::Description(format!("the log: {error}"));
        let mut command = command(words)?;
        command.process_group(0).stdin(Stdio::null());
        command.stdout(log.try_clone().map_err(failed)?).stderr(log);
        Self::of(&mut command)
    }

    /// Starts a command that was prepared otherwise.
    pub(super) fn of(command: &mut Command) -> Result<Self, VmmError> {
        let child = command.spawn().map_err(|error| {
            VmmError::Description(format!("{}: {error}", command.get_program().display()))
        })?;
        Ok(Self { child })
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it says on its standard error, where that was asked for.
    pub(super) fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    ///
    /// [`VmmError::Unreachable`] where the system does not tell.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>, VmmError> {
        self.child.try_wait().map_err(unreachable)
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    ///
    /// [`VmmError::Unreachable`] where the system does not tell.
    pub fn wait(&mut self) -> Result<ExitStatus, VmmError> {
        self.child.wait().map_err(unreachable)
    }

    /// Waits for this long until it ends by itself.
    ///
    /// # Errors
    ///
    /// [`VmmError::Unreachable`] where the system does not tell.
    pub fn wait_for(&mut self, patience: Duration) -> Result<Option<ExitStatus>, VmmError> {
        let start = Instant::now();
        loop {
            let ended = self.try_wait()?;
            if ended.is_some() || start.elapsed() >= patience {
                return Ok(ended);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for this long, then sends SIGTERM, and SIGKILL where it stays. It has ended afterwards.
    ///
    /// # Errors
    ///
    /// [`VmmError::Unreachable`] where the system does not tell.
    pub fn end(&mut self, patience: Duration) -> Result<ExitStatus, VmmError> {
        if let Some(ended) = self.wait_for(patience)? {
            return Ok(ended);
        }
        // It was not waited for, so its number is nobody else's.
        // One that has just ended takes no signal any more.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        match self.wait_for(TERM)? {
            Some(ended) => Ok(ended),
            None => self.kill(),
        }
    }

    /// Kills it at once. What a wrapper started may stay.
    ///
    /// # Errors
    ///
    /// [`VmmError::Unreachable`] where the system does not tell.
    pub fn kill(&mut self) -> Result<ExitStatus, VmmError> {
        self.child.kill().map_err(unreachable)?;
        self.wait()
    }
}

/// A command, its program first.
pub(super) fn command(words: &[OsString]) -> Result<Command, VmmError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(VmmError::Description("no command: wanted a VMM's program".to_owned()));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

fn unreachable(error: io::Error) -> VmmError {
    VmmError::Unreachable { vmm: "the VMM's process", detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(script: &str) -> Process {
        Process::start(&["sh", "-c", script].map(OsString::from)).unwrap()
    }

    #[test]
    fn it_ends_by_itself_or_is_ended() {
        use std::os::unix::process::ExitStatusExt as _;
        let mut process = start("exit 3");
        assert_eq!(process.end(Duration::from_secs(20)).unwrap().code(), Some(3));
        let mut process = start("exec sleep 100");
        assert_eq!(process.try_wait().unwrap(), None);
        assert_eq!(process.end(Duration::ZERO).unwrap().signal(), Some(15));
        assert_eq!(process.try_wait().unwrap().and_then(|status| status.signal()), Some(15));
        let mut process = start("exec sleep 100");
        assert_eq!(process.kill().unwrap().signal(), Some(9));
    }

    #[test]
    fn no_program_is_an_error_with_its_name() {
        let error = Process::start(&["/no/such/vmm".into()]).unwrap_err().to_string();
        assert_eq!(error, "/no/such/vmm: No such file or directory (os error 2)");
        assert!(Process::start(&[]).is_err());
    }
}
