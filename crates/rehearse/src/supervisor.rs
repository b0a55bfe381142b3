//! Between the VMM and the kernel: each call that the filter tells is answered here, one after the other.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::Signal;

use crate::answer::Answer;
use crate::family::Family;
use crate::filter::OPENS;
use crate::memory::Memory;
use crate::sys::{self, Notification, Response};
use crate::watchdog::Watchdog;
use crate::world::{FILE_NAME, FileId, World};

/// What there is to do after a call was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    GoOn,
    Stop,
}

/// Why the supervisor came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// No process is left under the filter.
    Gone,
    /// [`Next::Stop`] was said.
    Stopped,
    /// Nothing happened that was waited for.
    TimedOut,
}

/// The memory of a thread's process, as long as its call waits.
///
/// The number of a thread that waits is its own and nobody else's; so the call is asked for again after each reading, and before each writing.
struct Caller<'a> {
    listener: &'a OwnedFd,
    notification: Notification,
    watchdog: &'a Watchdog,
}

impl Caller<'_> {
    /// The thread's number may be another's by now, if its call was interrupted.
    fn check(&self) -> Result<(), Errno> {
        if sys::is_waiting(self.listener.as_fd(), self.notification.id) {
            Ok(())
        } else {
            Err(Errno::FAULT)
        }
    }

    /// As many bytes as there are from an address on.
    fn read_some(&self, address: u64, buffer: &mut [u8]) -> Result<usize, Errno> {
        let thread = self.notification.thread;
        let read = self.watchdog.during(|| sys::read_memory(thread, address, buffer));
        let read = read.map_err(|_| Errno::FAULT)?;
        self.check()?;
        Ok(read)
    }
}

impl Memory for Caller<'_> {
    fn read(&self, address: u64, buffer: &mut [u8]) -> Result<(), Errno> {
        let size = buffer.len();
        match self.read_some(address, buffer) {
            Ok(read) if read == size => Ok(()),
            _ => Err(Errno::FAULT),
        }
    }

    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Errno> {
        // Before: nothing is to be written to a process that got the number since.
        self.check()?;
        let thread = self.notification.thread;
        match self.watchdog.during(|| sys::write_memory(thread, address, bytes)) {
            Ok(written) if written == bytes.len() => Ok(()),
            _ => Err(Errno::FAULT),
        }
    }
}

/// How often it is looked whether a signal has come for a thread in `KVM_RUN`; less often where there are many such threads.
const TICK: Duration = Duration::from_millis(10);
/// How many threads are looked at for each tick.
const THREADS_PER_TICK: u32 = 16;

/// The supervisor of one VMM.
#[derive(Debug)]
pub(crate) struct Supervisor {
    listener: OwnedFd,
    /// Calls of `KVM_RUN` that were not answered yet.
    held: Vec<Notification>,
    /// Whose calls they were, and who ends them where they would wait for ever.
    watchdog: Watchdog,
    /// Where each byte asks them to end.
    pub(crate) end_requests: Option<OwnedFd>,
}

impl Supervisor {
    /// Of a filter's calls.
    pub(crate) fn new(listener: OwnedFd) -> io::Result<Self> {
        Ok(Self { listener, held: Vec::new(), watchdog: Watchdog::start()?, end_requests: None })
    }

    /// Whose calls they were.
    pub(crate) fn family(&self) -> MutexGuard<'_, Family> {
        self.watchdog.family()
    }

    /// Answers calls until the end. `next` is asked after each of ours.
    pub(crate) fn run(
        &mut self,
        world: &mut World,
        patience: Option<Duration>,
        next: impl FnMut(&World) -> Next,
    ) -> io::Result<End> {
        self.run_beside(None, world, patience, next, |_| Ok(Next::GoOn))
    }

    /// The same; `exited` is asked once, when the process that `child` is of has ended and others go on.
    pub(crate) fn run_beside(
        &mut self,
        mut child: Option<OwnedFd>,
        world: &mut World,
        patience: Option<Duration>,
        mut next: impl FnMut(&World) -> Next,
        mut exited: impl FnMut(&World) -> io::Result<Next>,
    ) -> io::Result<End> {
        let deadline = patience.and_then(|patience| Instant::now().checked_add(patience));
        let mut tick = Instant::now();
        loop {
            if !self.held.is_empty() && tick <= Instant::now() {
                self.wake();
                let count = u32::try_from(self.held.len()).unwrap_or(u32::MAX);
                tick = Instant::now() + TICK * (1 + count / THREADS_PER_TICK);
            }
            let wake = (!self.held.is_empty()).then_some(tick);
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Ok(End::TimedOut);
            }
            let timeout = match [deadline, wake].into_iter().flatten().min() {
                Some(end) => Some(
                    Timespec::try_from(end.saturating_duration_since(now))
                        .map_err(|_| io::ErrorKind::InvalidInput)?,
                ),
                None => None,
            };
            let mut polled = vec![PollFd::new(&self.listener, PollFlags::IN)];
            let others = [child.as_ref(), self.end_requests.as_ref()];
            polled.extend(others.into_iter().flatten().map(|one| PollFd::new(one, PollFlags::IN)));
            match poll(&mut polled, timeout.as_ref()) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            let events = polled.first().map_or(PollFlags::empty(), PollFd::revents);
            let mut others = polled.iter().skip(1).map(|one| !one.revents().is_empty());
            let has_exited = child.is_some() && others.next() == Some(true);
            let is_to_end = self.end_requests.is_some() && others.next() == Some(true);
            drop(polled);
            if is_to_end {
                self.ask_to_end();
            }
            if events.contains(PollFlags::IN) {
                // A caller that is gone before it was told, or before it was answered, is nothing to fail for.
                let Ok(notification) = sys::receive(self.listener.as_fd()) else { continue };
                let waits = || sys::is_waiting(self.listener.as_fd(), notification.id);
                self.watchdog.family().meet(notification.thread, waits);
                if self.answer(world, notification) && next(world) == Next::Stop {
                    return Ok(End::Stopped);
                }
            } else if events.contains(PollFlags::HUP) {
                return Ok(End::Gone);
            } else if has_exited {
                child = None;
                if exited(world)? == Next::Stop {
                    return Ok(End::Stopped);
                }
            }
        }
    }

    /// Passes on what was asked.
    fn ask_to_end(&mut self) {
        let Some(requests) = &self.end_requests else { return };
        match rustix::io::read(requests, &mut [0; 16]) {
            Ok(1..) => self.family().signal(Signal::TERM),
            Err(Errno::INTR | Errno::AGAIN) => {}
            // Whoever could ask is gone.
            Ok(_) | Err(_) => self.end_requests = None,
        }
    }

    /// Answers those of the held calls for whose threads a signal has come, and forgets those that are gone.
    fn wake(&mut self) {
        let listener = &self.listener;
        self.held.retain(|call| {
            let goes_on = sys::is_waiting(listener.as_fd(), call.id);
            if goes_on && has_signal(call.thread) {
                drop(sys::respond(listener.as_fd(), call.id, Response::Error(Errno::INTR)));
                return false;
            }
            goes_on
        });
    }

    /// Answers one call; was it one of ours?
    fn answer(&mut self, world: &mut World, notification: Notification) -> bool {
        let listener = &self.listener;
        let caller = Caller { listener, notification, watchdog: &self.watchdog };
        let answered = if OPENS.contains(&notification.call) {
            open(&caller, world)
        } else {
            ioctl(&caller, world)
        };
        let id = notification.id;
        // What is too late is lost with its caller.
        match answered {
            None => drop(sys::respond(listener.as_fd(), id, Response::Continue)),
            Some(Ok(Answer::Value(value))) => {
                drop(sys::respond(listener.as_fd(), id, Response::Value(value)));
            }
            Some(Ok(Answer::Hold)) => self.held.push(notification),
            Some(Ok(Answer::File(file))) => {
                let given =
                    world.file(file).map(|file| sys::respond_with_file(listener.as_fd(), id, file));
                if !matches!(given, Some(Ok(()))) {
                    drop(sys::respond(listener.as_fd(), id, Response::Error(Errno::MFILE)));
                }
            }
            Some(Err(errno)) => drop(sys::respond(listener.as_fd(), id, Response::Error(errno))),
        }
        answered.is_some()
    }
}

/// Does a signal wait for this thread: one of its own, or one of its process that it does not block? [proc_pid_status(5)]
fn has_signal(thread: i32) -> bool {
    let Ok(status) = fs::read_to_string(format!("/proc/{thread}/status")) else { return false };
    let mask = |name: &str| {
        let mut lines = status.lines().filter_map(|line| line.strip_prefix(name));
        lines.next().and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    };
    mask("SigPnd:") != 0 || mask("ShdPnd:") & !mask("SigBlk:") != 0
}

/// `None` if the kernel is to do it.
fn open(caller: &Caller<'_>, world: &mut World) -> Option<Result<Answer, Errno>> {
    let [first, second, ..] = caller.notification.arguments;
    let address = if caller.notification.call == libc::SYS_open { first } else { second };
    // A path of ours is short: what does not end within its size is another.
    let mut path = [0; 16];
    let read = caller.read_some(address, &mut path).ok()?;
    let path = path.get(..read)?;
    let end = path.iter().position(|byte| *byte == 0)?;
    Some(world.open(path.get(..end)?)?.map(Answer::File))
}

fn ioctl(caller: &Caller<'_>, world: &mut World) -> Option<Result<Answer, Errno>> {
    let [descriptor, request, argument, ..] = caller.notification.arguments;
    let file = file_of(caller.notification.thread, descriptor)?;
    caller.check().ok()?;
    if !world.has(file) {
        return None;
    }
    // The kernel takes the low half alone.
    let request = u32::try_from(request & u64::from(u32::MAX)).ok()?;
    Some(world.ioctl(file, request, argument, caller))
}

/// Which file a thread has under this number.
fn file_of(thread: i32, descriptor: u64) -> Option<FileId> {
    let number = u32::try_from(descriptor & u64::from(u32::MAX)).ok()?;
    let path = OsString::from(format!("/proc/{thread}/fd/{number}"));
    // Its name first: to look at a file of somebody else's file system is to wait for an answer of his.
    let name = fs::read_link(&path).ok()?;
    let is_ours = name.to_str()?.strip_prefix("/memfd:")?.starts_with(FILE_NAME);
    let found = fs::metadata(path).ok().filter(|_| is_ours)?;
    Some((found.dev(), found.ino()))
}
