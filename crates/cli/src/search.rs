//! A search around a described launch, within a time and with a progress bar.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use sev_launch_explain::{Cancel, Outcome, Plan, run_with};

use crate::backend::Hashing;
use crate::progress::Progress;

/// Searches for so many seconds at most.
pub(crate) fn within(seconds: u64, plan: &Plan<'_>) -> Outcome {
    let cancel = Cancel::new();
    let started = Instant::now();
    let (done, waiting) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let timer = cancel.clone();
        let wait = move || {
            // Woken by the end of the search, which drops the sender.
            let end = waiting.recv_timeout(Duration::from_secs(seconds));
            if end == Err(mpsc::RecvTimeoutError::Timeout) {
                timer.cancel();
            }
        };
        // Where the system gives no thread, the time is looked at between steps.
        let has_timer = thread::Builder::new().spawn_scoped(scope, wait).is_ok();
        let bar = Progress::of_search();
        let mut step = |at| {
            bar.step(at);
            if !has_timer && started.elapsed() >= Duration::from_secs(seconds) {
                cancel.cancel();
            }
        };
        let outcome = run_with(plan, &Hashing, &mut step, &cancel);
        drop(done);
        outcome
    })
}
