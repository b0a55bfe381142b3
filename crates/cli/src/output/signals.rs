//! A signal that ends the command leaves no file of it behind.

use std::io;
use std::sync::{Arc, Mutex};

use super::journal::Journal;

/// From here on a signal that ends the process undoes the journal first.
///
/// A settled journal is the point of no return: what is left to do is to end, so the signal is passed over and the exit code
/// tells what happened. SIGKILL cannot be caught, nor can the loss of power. SIGSEGV, SIGBUS, SIGFPE and SIGILL are left as they are:
/// they say that the program itself cannot go on.
#[cfg(unix)]
pub(super) fn watch(journal: &Arc<Mutex<Journal>>) -> io::Result<()> {
    use std::sync::PoisonError;

    use signal_hook::iterator::Signals;
    use signal_hook::low_level::{emulate_default_handler, exit};

    // One that is ignored, as under nohup, stays so.
    let mut signals = Signals::new(ENDING.iter().filter(|one| !is_ignored(**one)))?;
    let others = others();
    for signal in others.iter().filter(|one| !is_ignored(**one)) {
        // Some are the C library's own, which gives them to nobody.
        let _ = signals.add_signal(*signal);
    }
    let journal = Arc::clone(journal);
    let watch = move || {
        for signal in signals.forever() {
            // Held until the end: nothing is made after what was undone.
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            if !journal.is_settled {
                journal.undo();
                if others.contains(&signal) {
                    exit(AS_SHELLS_TELL.saturating_add(signal));
                }
                // The process ends by the signal, as its parent expects. Where it cannot, the command goes on, and fails at
                // the first file that is no longer there.
                let _ = emulate_default_handler(signal);
            }
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(watch).map(drop)
}

/// What ends a process unless it is caught: people, supervisors, timers, and limits of time and size. [signal(7)]
#[cfg(unix)]
const ENDING: [i32; 14] = {
    use signal_hook::consts::signal::*;
    [
        SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1,
        SIGUSR2, SIGABRT, SIGTRAP, SIGSYS,
    ]
};

/// Those that end a process on Linux alone, the real-time signals among them. Nothing at hand ends the process by these, so it ends
/// with the exit code by which shells tell a signal.
#[cfg(target_os = "linux")]
fn others() -> Vec<i32> {
    #[cfg(not(any(target_arch = "mips", target_arch = "mips64", target_arch = "sparc64")))]
    let named = [libc::SIGIO, libc::SIGPWR, libc::SIGSTKFLT];
    #[cfg(any(target_arch = "mips", target_arch = "mips64", target_arch = "sparc64"))]
    let named = [libc::SIGIO, libc::SIGPWR];
    named.into_iter().chain(libc::SIGRTMIN()..=libc::SIGRTMAX()).collect()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn others() -> Vec<i32> {
    Vec::new()
}

/// The exit code of signal 0, if there were one. [POSIX, Shell Command Language, 2.8.2]
#[cfg(unix)]
const AS_SHELLS_TELL: i32 = 128;

#[cfg(not(unix))]
pub(super) fn watch(_: &Arc<Mutex<Journal>>) -> io::Result<()> {
    Ok(())
}

/// Is this signal ignored? As `/proc` tells it; where it does not, none is.
#[cfg(unix)]
pub(crate) fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask & (1 << (signal - 1)) != 0
}
