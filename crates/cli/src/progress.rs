//! A progress line for work of over half a second: on a terminal only, and never with `--quiet`.
//!
//! Of files it has the name of the one that is read, the bytes read and the rate; all bytes and a bar too where every file's size is known.
//! A pipe has none, so that nothing is said of when it ends.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::ArgMatches;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sev_launch_abi::text::printable;

/// How long work may take before anything is shown.
const PATIENCE: Duration = Duration::from_millis(500);

/// With every file's size known.
const OF_SIZES: &str = "{bar:20} {bytes}/{total_bytes} {bytes_per_sec} {wide_msg}";
/// With a file among them that has none.
const OF_PIPES: &str = "{bytes} {bytes_per_sec} {wide_msg}";

/// Was it asked that nothing is said beside the answer?
static QUIET: AtomicBool = AtomicBool::new(false);

/// Shows nothing from now on where `--quiet` was given to the command that runs.
pub(crate) fn heed_quiet(matches: &ArgMatches) {
    let mut matches = matches;
    while let Some((_, sub)) = matches.subcommand() {
        matches = sub;
    }
    // A command without the flag has never been told to be quiet.
    let quiet = matches.try_get_one("quiet").ok().flatten().copied().unwrap_or(false);
    QUIET.store(quiet, Ordering::Relaxed);
}

/// Bytes done of all bytes, told by several threads, or steps of a search by levels.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    /// Set where nothing is (or remains) to be switched on.
    settled: AtomicBool,
}

impl Progress {
    /// For `total` bytes; `None` where a file has no size.
    pub(crate) fn of_bytes(total: Option<u64>) -> Self {
        Self::new(total, if total.is_some() { OF_SIZES } else { OF_PIPES })
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
        let is_shown = std::io::stderr().is_terminal() && !QUIET.load(Ordering::Relaxed);
        Self { bar, started: Instant::now(), settled: AtomicBool::new(!is_shown) }
    }

    /// That many more bytes of the file of this name are done.
    pub(crate) fn advance(&self, name: &str, bytes: u64) {
        self.show_if_slow();
        if !self.bar.is_hidden() {
            self.bar.set_message(printable(name).into_owned());
        }
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
