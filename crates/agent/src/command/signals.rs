//! Signals that end: they are the VMM's, and this agent ends when it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Passes SIGTERM, SIGINT and SIGHUP on to a process, until the flag that it gives back is set: the number may be another's then.
pub(super) fn pass_on(process: u32) -> Arc<AtomicBool> {
    let ended = Arc::new(AtomicBool::new(false));
    let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
    // Where signals cannot be had, they end this agent, and its launch goes on with another.
    if let (Ok(mut signals), Some(pid)) = (Signals::new([SIGTERM, SIGINT, SIGHUP]), pid) {
        let ended = Arc::clone(&ended);
        std::thread::spawn(move || {
            for signal in signals.forever() {
                let signal = match signal {
                    SIGINT => Signal::INT,
                    SIGHUP => Signal::HUP,
                    _ => Signal::TERM,
                };
                if !ended.load(Ordering::SeqCst) {
                    let _ = kill_process(pid, signal);
                }
            }
        });
    }
    ended
}
