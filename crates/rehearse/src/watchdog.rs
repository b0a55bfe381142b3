//! Nobody waits for ever: memory of a VMM may lie behind a fault handler or a file system of its own, which never answers.
//!
//! To read or write such memory is to wait in the kernel. The one who could be asked to end it is the VMM, so after a while it is ended, and what was
//! waited for with it.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::family::Family;

/// How long one access to a VMM's memory may take: of at most a MiB, mostly microseconds.
const LIMIT: Duration = Duration::from_secs(4);
/// How often it is looked.
const STEP: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct Shared {
    started: Instant,
    /// Since when memory is accessed, in milliseconds from `started`, plus 1; 0 if it is not.
    since: AtomicU64,
    family: Mutex<Family>,
}

/// Looks after the accesses to a VMM's memory, as long as it lives.
#[derive(Debug)]
pub(crate) struct Watchdog(Arc<Shared>);

impl Watchdog {
    /// Starts to look.
    pub(crate) fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared {
            started: Instant::now(),
            since: AtomicU64::new(0),
            family: Mutex::new(Family::default()),
        });
        let watched = Arc::downgrade(&shared);
        thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
            while let Some(shared) = watched.upgrade() {
                shared.look();
                drop(shared);
                thread::sleep(STEP);
            }
        })?;
        Ok(Self(shared))
    }

    /// The VMM's processes.
    pub(crate) fn family(&self) -> MutexGuard<'_, Family> {
        self.0.family()
    }

    /// Accesses memory.
    pub(crate) fn during<T>(&self, access: impl FnOnce() -> T) -> T {
        self.0.since.store(self.0.now().saturating_add(1), Ordering::Relaxed);
        let done = access();
        self.0.since.store(0, Ordering::Relaxed);
        done
    }
}

impl Shared {
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn family(&self) -> MutexGuard<'_, Family> {
        self.family.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self) {
        let since = self.since.load(Ordering::Relaxed);
        let waited = self.now().saturating_add(1).saturating_sub(since);
        if since != 0 && Duration::from_millis(waited) > LIMIT {
            self.family().signal(Signal::KILL);
        }
    }
}
