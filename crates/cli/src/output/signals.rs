//! A signal that ends the command leaves no file of it behind.

use std::io;
use std::sync::{Arc, Mutex};

use super::journal::Journal;

/// From here on a signal that ends the process undoes the journal first.
///
/// A settled journal is the point of no return: what is left to do is to end, so the signal is passed over and the exit code
/// tells what happened. SIGKILL cannot be caught, nor can the loss of power.
#[cfg(unix)]
pub(super) fn watch(journal: &Arc<Mutex<Journal>>) -> io::Result<()> {
    use std::sync::PoisonError;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    let ignored = ignored();
    let is_ignored = |signal: &i32| ignored & (1 << (signal - 1)) != 0;
    // People, supervisors, and limits of time and size. One that is ignored, as under nohup, stays so.
    let ending = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ];
    let ending = ending.into_iter().filter(|one| !is_ignored(one));
    let mut signals = Signals::new(ending)?;
    let journal = Arc::clone(journal);
    let watch = move || {
        for signal in signals.forever() {
            // Held until the end: nothing is made after what was undone.
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            if !journal.is_settled {
                journal.undo();
                // The process ends by the signal, as its parent expects. Where it cannot, the command goes on, and fails at
                // the first file that is no longer there.
                let _ = emulate_default_handler(signal);
            }
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(watch).map(drop)
}

#[cfg(not(unix))]
pub(super) fn watch(_: &Arc<Mutex<Journal>>) -> io::Result<()> {
    Ok(())
}

/// The signals that are ignored, a bit for each, as `/proc` tells them; none where it does not.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
