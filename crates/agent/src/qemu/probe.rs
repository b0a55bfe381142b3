//! What the host shows, asked of the emulator itself: started without a guest, on a machine of the kind `none`.
//!
//! QEMU asks the platform for `query-sev-capabilities` without any guest [QEMU, sev_get_capabilities], and libvirt learns of SEV in the same way. So the user's own emulator is started,
//! with the words that stand before it (a wrapper, as `sudo` or `sev-launch rehearse … --`) and nothing of the guest's.

use std::ffi::{OsStr, OsString};
use std::fs::Permissions;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{ChildStderr, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::command_line::monitor_of_its_own;
use super::monitor;
use super::process::{Process, command as start};
use crate::qmp::{Address, Qmp, printable};
use crate::vmm::{Host, VmmError};

/// How long the emulator may take to answer: a machine without memory is made at once, and a wrapper may be slow.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it may take to end.
const QUIT: Duration = Duration::from_secs(10);
/// How many bytes of what it says are kept: the last ones.
const MOST_WORDS: usize = 4096;
/// How many lines of these are shown.
const MOST_LINES: usize = 8;

/// A machine without anything.
const NONE: [&str; 8] = [
    "-machine",
    "none,accel=kvm",
    "-nodefaults",
    "-nographic",
    "-display",
    "none",
    "-no-user-config",
    "-S",
];

/// Starts the emulator without a guest, asks it what the host shows, and ends it.
///
/// `command` is the line up to and with the emulator: [`CommandLine::emulator`](super::CommandLine::emulator). It is started with no input, in a folder that is
/// its caller's, and with a monitor in a folder of its own that only this user can enter.
///
/// # Errors
///
/// [`VmmError::Description`] where it cannot be started; `Unreachable` where it ends early, with the last lines that it said, or does not answer in a
/// minute; those of [`monitor::host`].
pub fn host(command: &[OsString]) -> Result<Host, VmmError> {
    let folder = tempfile::Builder::new()
        .prefix("sev-launch-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .map_err(|error| {
            VmmError::Description(format!("no folder for a monitor can be made: {error}"))
        })?;
    let socket = folder.path().join("qmp");
    let monitor = monitor_of_its_own(&socket)?;
    let mut command = start(command)?;
    command.args(NONE).args([OsStr::new("-qmp"), &monitor]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = Process::of(&mut command)?;
    let words = process.take_stderr().map(Words::listen).transpose();
    let words = match words {
        Ok(words) => words.unwrap_or_default(),
        Err(error) => {
            process.end(Duration::ZERO)?;
            return Err(unreachable(format!("its words cannot be read: {error}")));
        }
    };
    let still_there = || matches!(process.try_wait(), Ok(None));
    let host = ask(&Address::Unix(socket), still_there);
    // It was told to quit if it could be reached at all.
    let patience = if host.is_ok() { QUIT } else { Duration::from_millis(100) };
    // Its sockets are closed a moment before it has ended.
    let early = match &host {
        Err(VmmError::Unreachable { .. }) => process.wait_for(Duration::from_secs(1))?,
        _ => None,
    };
    let ended = process.end(patience);
    match (host, early) {
        (Err(VmmError::Unreachable { .. }), Some(status)) => Err(unreachable(format!(
            "the emulator ended ({status}) before it told what the host shows{}",
            words.last_lines()
        ))),
        (Err(VmmError::Unreachable { vmm, detail }), None) => {
            let detail = format!("{detail}{}", words.last_lines());
            Err(VmmError::Unreachable { vmm, detail })
        }
        (host, _) => host.and_then(|host| ended.map(|_| host)),
    }
}

fn ask(address: &Address, still_there: impl FnMut() -> bool) -> Result<Host, VmmError> {
    let mut qmp = Qmp::connect(address, PATIENCE, still_there)?;
    let host = monitor::host(&mut qmp);
    // Whether it obeys is seen by its end.
    let _ = qmp.ask("quit", serde_json::Value::Null);
    host
}

fn unreachable(detail: String) -> VmmError {
    VmmError::Unreachable { vmm: "QEMU", detail }
}

/// The last of what a process says.
#[derive(Default)]
struct Words {
    said: Arc<Mutex<Vec<u8>>>,
    /// Tells when all was read.
    ended: Option<Receiver<()>>,
}

impl Words {
    fn listen(stderr: ChildStderr) -> io::Result<Self> {
        let said = Arc::new(Mutex::new(Vec::new()));
        let (sender, receiver) = mpsc::channel();
        let to = Arc::clone(&said);
        thread::Builder::new().spawn(move || keep(stderr, &to, &sender))?;
        Ok(Self { said, ended: Some(receiver) })
    }

    /// As the end of a message; nothing if nothing was said.
    fn last_lines(&self) -> String {
        // What the process left running may hold the other end for ever.
        if let Some(ended) = &self.ended {
            let _ = ended.recv_timeout(Duration::from_millis(500));
        }
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&said);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = lines.iter().skip(lines.len().saturating_sub(MOST_LINES));
        let last: Vec<String> = last.map(|line| printable(line.trim())).collect();
        if last.is_empty() { String::new() } else { format!(": {}", last.join("; ")) }
    }
}

fn keep(mut stderr: impl Read, to: &Mutex<Vec<u8>>, ended: &Sender<()>) {
    let mut chunk = [0; 1024];
    loop {
        let count = match stderr.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        let mut said = to.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend(chunk.get(..count).unwrap_or_default());
        let over = said.len().saturating_sub(MOST_WORDS);
        said.drain(..over);
    }
    // Nobody may wait for it.
    let _ = ended.send(());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said_by(script: &str) -> String {
        let command = ["sh", "-c", script].map(OsString::from);
        host(&command).unwrap_err().to_string()
    }

    #[test]
    fn an_emulator_that_ends_is_told_with_its_last_lines() {
        assert_eq!(
            said_by("echo one >&2; echo qemu: no KVM >&2; exit 5"),
            "QEMU: the emulator ended (exit status: 5) before it told what the host shows: one; qemu: no KVM"
        );
        assert_eq!(
            said_by("exit 0"),
            "QEMU: the emulator ended (exit status: 0) before it told what the host shows"
        );
    }

    #[test]
    fn what_it_says_is_bounded() {
        let text = said_by("yes a-line-of-a-flood | head -n 100000 >&2; echo last >&2; exit 1");
        assert!(text.ends_with("a-line-of-a-flood; last"), "{text}");
        assert!(text.len() < 400, "{text}");
    }

    #[test]
    fn no_emulator_is_told_by_name() {
        let error = host(&["/no/such/qemu".into()]).unwrap_err().to_string();
        assert!(error.starts_with("/no/such/qemu: No such file"), "{error}");
    }
}
