//! A progress bar for work of over half a second, on a terminal only.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long work may take before anything is shown.
const PATIENCE: Duration = Duration::from_millis(500);

/// Bytes done of all bytes, told by several threads.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    /// Set where nothing is (or remains) to be switched on.
    settled: AtomicBool,
}

impl Progress {
    /// For `total` bytes, as far as they are known.
    pub(crate) fn new(total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        let settled = AtomicBool::new(!std::io::stderr().is_terminal());
        Self { bar, started: Instant::now(), settled }
    }

    /// That many more bytes are done.
    pub(crate) fn advance(&self, bytes: u64) {
        if !self.settled.load(Ordering::Relaxed) && self.started.elapsed() > PATIENCE {
            self.settled.store(true, Ordering::Relaxed);
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.inc(bytes);
    }
}

/// Steps of a search by levels, told by one thread.
pub(crate) struct Steps {
    bar: ProgressBar,
    started: Instant,
    is_terminal: bool,
}

impl Steps {
    /// Before the first step.
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:40} {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { bar, started: Instant::now(), is_terminal: std::io::stderr().is_terminal() }
    }

    /// So far in the level of so many changes.
    pub(crate) fn show(&self, changes: u32, done: u64, total: u64) {
        if !self.is_terminal || self.started.elapsed() < PATIENCE {
            return;
        }
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.bar.set_message(format!("{done} of {total} launches with {changes} changes"));
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
