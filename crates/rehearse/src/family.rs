//! The processes of a VMM: itself, and those that it left to itself, as one that goes to the background does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::fd::{AsFd as _, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};

/// The most threads that are remembered, and the most processes.
const MOST_THREADS: usize = 4096;
const MOST_PROCESSES: usize = 64;

/// The processes that have asked something, each by a descriptor that stays its own when its number becomes another's.
#[derive(Debug, Default)]
pub(crate) struct Family {
    threads: BTreeSet<i32>,
    processes: BTreeMap<i32, OwnedFd>,
}

impl Family {
    /// Takes in the process of a thread. `still_waits` is asked afterwards: if not, the number may have been another's already.
    pub(crate) fn meet(&mut self, thread: i32, still_waits: impl FnOnce() -> bool) {
        if self.threads.contains(&thread) {
            return;
        }
        if self.threads.len() >= MOST_THREADS {
            self.threads.clear();
        }
        let Some(number) = process_of(thread) else { return };
        let Some(pid) = Pid::from_raw(number) else { return };
        let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else { return };
        if !still_waits() {
            return;
        }
        self.threads.insert(thread);
        if self.processes.len() >= MOST_PROCESSES {
            self.processes.retain(|_, process| is_running(process));
        }
        if self.processes.len() < MOST_PROCESSES {
            self.processes.insert(number, process);
        }
    }

    /// Has each of them that is left a handler of its own for this signal?
    pub(crate) fn handles(&self, signal: Signal) -> bool {
        let bit = u32::try_from(signal.as_raw()).ok().and_then(|number| number.checked_sub(1));
        let bit = bit.and_then(|place| 1_u64.checked_shl(place)).unwrap_or(0);
        self.processes.iter().all(|(number, process)| {
            let mask = status_of(*number, "SigCgt:");
            let mask = mask.and_then(|mask| u64::from_str_radix(&mask, 16).ok()).unwrap_or(0);
            mask & bit != 0 || !is_running(process)
        })
    }

    /// Sends a signal to each of them that is left.
    pub(crate) fn signal(&self, signal: Signal) {
        for process in self.processes.values() {
            // One that is gone needs none.
            let _ = pidfd_send_signal(process, signal);
        }
    }

    /// Takes the ends of those that became children of ours, but for this one.
    pub(crate) fn reap(&self, but: u32) {
        for (number, process) in &self.processes {
            if u32::try_from(*number) != Ok(but) {
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
                let _ = waitid(WaitId::PidFd(process.as_fd()), options);
            }
        }
    }
}

/// Has the process not ended yet? [pidfd_open(2)]
fn is_running(process: &OwnedFd) -> bool {
    let mut polled = [PollFd::new(process, PollFlags::IN)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut polled, Some(&at_once)) == Ok(0)
}

/// The number of the process that a thread is of. [proc_pid_status(5)]
fn process_of(thread: i32) -> Option<i32> {
    status_of(thread, "Tgid:")?.parse().ok()
}

/// A line of what the kernel says of a thread.
fn status_of(thread: i32, name: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{thread}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().to_owned())
}
