//! An agent below strace: killed at a certain system call, or its system calls counted.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::kill::CALLS;
use crate::call::Call;

/// How often each of [`CALLS`] was made.
pub(super) type Counts = Vec<(&'static str, u64)>;

/// May this system's strace trace anything?
pub(super) fn is_there() -> bool {
    Call::new("strace", "-qq -o /dev/null -e trace=none true").succeeds()
}

/// The words before a program that is killed in the place of its so manieth call of a name.
pub(super) fn killing(name: &str, number: u64) -> Vec<String> {
    let inject = format!("inject={name}:signal=SIGKILL:when={number}");
    let words = ["strace", "-qq", "-o", "/dev/null", "-e", &format!("trace={name}"), "-e", &inject];
    words.map(str::to_owned).into()
}

/// The words before a program whose calls are written into a file.
pub(super) fn counting(trace: &Path) -> Vec<String> {
    let (trace, calls) = (trace.display().to_string(), format!("trace={}", CALLS.join(",")));
    ["strace", "-qq", "-o", &trace, "-e", &calls].map(str::to_owned).into()
}

/// The calls of such a file; those that were never made are left out.
pub(super) fn counted(trace: &Path) -> Result<Counts> {
    let text = fs::read_to_string(trace).with_context(|| trace.display().to_string())?;
    Ok(count(&text))
}

fn count(text: &str) -> Counts {
    let of = |name: &'static str| {
        let is_its = |line: &&str| line.split_once('(').is_some_and(|(found, _)| found == name);
        (name, u64::try_from(text.lines().filter(is_its).count()).unwrap_or(0))
    };
    CALLS.into_iter().map(of).filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_counted_by_its_names() {
        let text = "rename(\"a\", \"b\") = 0\nfsync(3) = 0\nrename(\"a\", \"rename(\") = 0\n--- SIGCHLD ---\nwritev(2) = 1\n";
        assert_eq!(count(text), [("rename", 2), ("fsync", 1)]);
    }
}
