//! What is shown while something takes longer than half a second: on a terminal only.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sev_launch_abi::text::printable;

/// How long something may take before anything is shown.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often what is shown moves.
const TICK: Duration = Duration::from_millis(100);

/// Shown until it is dropped.
pub(crate) struct Waiting {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    bytes: Arc<AtomicU64>,
}

impl Waiting {
    /// For an answer.
    pub(crate) fn for_answer(message: &str) -> Self {
        Self::new(message, None)
    }

    /// For bytes that are read, `total` of them.
    pub(crate) fn for_bytes(message: &str, total: u64) -> Self {
        Self::new(message, Some(total))
    }

    fn new(message: &str, total: Option<u64>) -> Self {
        let bytes = Arc::new(AtomicU64::new(0));
        if !std::io::stderr().is_terminal() {
            return Self { done: None, thread: None, bytes };
        }
        let (done, ends) = channel::<()>();
        let (message, read) = (printable(message).into_owned(), Arc::clone(&bytes));
        let show = move || {
            if ends.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
            let form = if total.is_some() {
                "{bar:20} {bytes}/{total_bytes} {wide_msg}"
            } else {
                "{spinner} {wide_msg} {elapsed}"
            };
            if let Ok(style) = ProgressStyle::with_template(form) {
                bar.set_style(style);
            }
            bar.set_message(message);
            while ends.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                if total.is_some() {
                    bar.set_position(read.load(Ordering::Relaxed));
                }
                bar.tick();
            }
            bar.finish_and_clear();
        };
        // Where there is no thread for it, nothing is shown.
        let thread = std::thread::Builder::new().name("waiting".into()).spawn(show).ok();
        Self { done: Some(done), thread, bytes }
    }

    /// So many more bytes were read.
    pub(crate) fn advance(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            // It only draws: however it ended, what is waited for did not.
            let _ = thread.join();
        }
    }
}
