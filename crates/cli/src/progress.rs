//! A progress bar for work of over half a second, on a terminal only.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long work may take before anything is shown.
const PATIENCE: Duration = Duration::from_millis(500);

/// Bytes done of all bytes, told by several threads, or steps of a search by levels.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    /// Set where nothing is (or remains) to be switched on.
    settled: AtomicBool,
}

impl Progress {
    /// For `total` bytes, as far as they are known.
    pub(crate) fn of_bytes(total: u64) -> Self {
        Self::new(Some(total), "{bar:40} {bytes}/{total_bytes} {bytes_per_sec}")
    }

    /// For a search, before its first step.
    pub(crate) fn of_search() -> Self {
        Self::new(None, "{bar:40} {msg}")
    }

    fn new(total: Option<u64>, template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let settled = AtomicBool::new(!std::io::stderr().is_terminal());
        Self { bar, started: Instant::now(), settled }
    }

    /// That many more bytes are done.
    pub(crate) fn advance(&self, bytes: u64) {
        self.show_if_slow();
        self.bar.inc(bytes);
    }

    /// So far is the search in its level.
    pub(crate) fn step(&self, at: sev_launch_explain::Progress) {
        self.show_if_slow();
        if !self.bar.is_hidden() {
            let sev_launch_explain::Progress { changes, tried, planned } = at;
            self.bar.set_length(planned);
            self.bar.set_position(tried);
            self.bar.set_message(format!("{tried} of {planned} launches with {changes} changes"));
        }
    }

    fn show_if_slow(&self) {
        if !self.settled.load(Ordering::Relaxed) && self.started.elapsed() > PATIENCE {
            self.settled.store(true, Ordering::Relaxed);
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
