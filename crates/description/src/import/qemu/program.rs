//! Where QEMU's own words start: behind its program's name, which may stand behind a wrapper's (`sudo`, `numactl`).
//!
//! A value may be called as QEMU's program is (`-runas qemu`, `-name kvm`), and what stands before a program is dropped. So a word
//! is the program only where no option of QEMU's stands before it, and other options only behind a wrapper that is known.

use super::arguments::option_name;
use super::shell::Word;
use super::table;

/// Programs and words of a shell's that start another program, and may have options of their own before it.
const WRAPPERS: &str = "sudo doas env exec command nohup time timeout nice ionice chrt taskset numactl setsid setpriv setarch linux64 \
     runuser unshare nsenter chroot capsh prlimit stdbuf strace ltrace perf gdb valgrind systemd-run cgexec flock ip docker podman \
     kubectl firejail tini dumb-init";

/// What reads its words as a shell once more, or adds to them.
const READERS: &str = "eval ssh xargs parallel watch";

/// The place of QEMU's program among a command's words.
pub(super) fn find(words: &[Word]) -> Option<usize> {
    let is_own =
        |word: &Word| option_name(&word.bytes).is_some_and(|name| table::find(name).is_some());
    let first = words.iter().position(is_option).unwrap_or(words.len());
    let before = words.get(..first).unwrap_or_default();
    if let Some(at) = before.iter().rposition(is_qemu) {
        return Some(at);
    }
    if !before.iter().any(|word| table::is_listed(WRAPPERS, base(word))) {
        return None;
    }
    let own = words.iter().position(is_own).unwrap_or(words.len());
    let has_options = |at: usize| words.get(at + 1).is_some_and(is_option);
    let mut wrapped = words.iter().enumerate().take(own).skip(first);
    wrapped.find(|(at, word)| is_qemu(word) && has_options(*at)).map(|(at, _)| at)
}

/// A command's words before QEMU's own, and those.
pub(super) fn split(words: &[Word]) -> (&[Word], &[Word]) {
    let start = match find(words) {
        Some(at) => at + 1,
        None => words.iter().position(is_option).unwrap_or(words.len()),
    };
    words.split_at_checked(start).unwrap_or((words, &[]))
}

/// The one of the words before QEMU's that reads all others once more.
pub(super) fn reader(before: &[Word]) -> Option<&str> {
    before.iter().map(base).find(|name| table::is_listed(READERS, name))
}

/// A program of QEMU's for another architecture.
pub(super) fn other_architecture(before: &[Word]) -> Option<&str> {
    let name = base(before.last()?);
    let architecture = name.strip_prefix("qemu-system-")?;
    (!architecture.starts_with("x86") && architecture != "amd64").then_some(name)
}

/// Does a word set a variable of the environment?
pub(super) fn is_assignment(word: &Word) -> bool {
    let name = word.bytes.split(|byte| *byte == b'=').next().unwrap_or_default();
    let is_name = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    is_name && word.bytes.len() > name.len()
}

fn is_option(word: &Word) -> bool {
    option_name(&word.bytes).is_some()
}

/// The name of QEMU's program?
fn is_qemu(word: &Word) -> bool {
    let name = base(word);
    name.starts_with("qemu-system-") || matches!(name, "qemu-kvm" | "kvm" | "qemu")
}

/// A path's last part.
fn base(word: &Word) -> &str {
    let name = word.bytes.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    std::str::from_utf8(name).unwrap_or_default()
}
