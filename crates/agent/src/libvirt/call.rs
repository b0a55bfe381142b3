//! A program is run to its end, within bounds of time and of what it prints.
//!
//! Standard input is empty. The program has a process group of its own, and the group is killed where it takes too long or prints too much: what it started
//! must not live on. What it printed is wiped when it is dropped, since a domain's XML may hold passwords.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_process_group};
use zeroize::Zeroizing;

/// How often it is looked at whether the program has ended.
const TICK: Duration = Duration::from_millis(20);
/// How long, after its end, what others still write to its outputs is waited for.
const LINGER: Duration = Duration::from_millis(200);
/// How long the end of what was killed is waited for.
const KILLED: Duration = Duration::from_secs(2);

/// What a program may cost.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) time: Duration,
    /// The most bytes of standard output.
    pub(super) output: usize,
    /// The most bytes of standard error.
    pub(super) errors: usize,
}

/// What came of a program.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) output: Zeroizing<Vec<u8>>,
    pub(super) errors: Zeroizing<Vec<u8>>,
}

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("it cannot be started: {0}")]
    Start(io::Error),
    #[error("it did not end within {} seconds, and was killed", .0.as_secs_f32())]
    Late(Duration),
    #[error("it printed more than {0} bytes, and was killed")]
    TooMuch(usize),
    #[error("what it prints cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Runs a program.
pub(super) fn run(command: &mut Command, bounds: Bounds) -> Result<Ended, Failure> {
    let deadline = Instant::now().checked_add(bounds.time);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut group = Group { child: command.spawn().map_err(Failure::Start)?, has_ended: false };
    let mut output = Stream::new(group.child.stdout.take(), bounds.output)?;
    let mut errors = Stream::new(group.child.stderr.take(), bounds.errors)?;
    let mut ended: Option<(ExitStatus, Instant)> = None;
    loop {
        if ended.is_none() {
            ended = group.child.try_wait()?.map(|status| (status, Instant::now()));
            group.has_ended = ended.is_some();
        }
        output.read()?;
        errors.read()?;
        let is_open = output.pipe.is_some() || errors.pipe.is_some();
        if let Some((status, at)) = ended
            && (!is_open || at.elapsed() > LINGER)
        {
            return Ok(Ended { status, output: output.bytes, errors: errors.bytes });
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Failure::Late(bounds.time));
        }
        wait(&output, &errors)?;
    }
}

/// Waits until something can be read, or for a tick.
fn wait(output: &Stream, errors: &Stream) -> Result<(), Failure> {
    let pipes = [&output.pipe, &errors.pipe].into_iter().flatten();
    let mut pipes: Vec<_> = pipes.map(|pipe| PollFd::new(pipe, PollFlags::IN)).collect();
    if pipes.is_empty() {
        thread::sleep(TICK / 10);
        return Ok(());
    }
    let tick = Timespec { tv_sec: 0, tv_nsec: i64::from(TICK.subsec_nanos()) };
    match rustix::event::poll(&mut pipes, Some(&tick)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(io::Error::from(error).into()),
    }
}

/// What a program prints, as far as it was read.
struct Stream {
    /// None once its end was read.
    pipe: Option<OwnedFd>,
    bytes: Zeroizing<Vec<u8>>,
    most: usize,
}

impl Stream {
    fn new(pipe: Option<impl Into<OwnedFd>>, most: usize) -> Result<Self, Failure> {
        let pipe = pipe.map(Into::into);
        if let Some(pipe) = &pipe {
            let flags = rustix::fs::fcntl_getfl(pipe).map_err(io::Error::from)?;
            rustix::fs::fcntl_setfl(pipe, flags | OFlags::NONBLOCK).map_err(io::Error::from)?;
        }
        Ok(Self { pipe, bytes: Zeroizing::default(), most })
    }

    /// Reads what is there.
    fn read(&mut self) -> Result<(), Failure> {
        let mut buffer = Zeroizing::new([0; 8192]);
        while let Some(pipe) = &self.pipe {
            match rustix::io::read(pipe, buffer.as_mut_slice()).map_err(io::Error::from) {
                Ok(0) => self.pipe = None,
                Ok(count) => {
                    self.bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
                    if self.bytes.len() > self.most {
                        return Err(Failure::TooMuch(self.most));
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// A program with what it started, which is killed when this is dropped before its end.
struct Group {
    child: Child,
    /// Then its number may be another's already.
    has_ended: bool,
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        // Nothing can be done where this fails.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < KILLED {
            thread::sleep(TICK / 10);
        }
    }
}
