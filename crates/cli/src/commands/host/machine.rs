//! The machine that this runs on, or a copied tree of another, as a source of facts.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use sev_launch_host::collected::Source;

/// The most bytes of a file: /proc/cpuinfo repeats itself for each processor, and the first is enough.
const MOST_OF_FILE: u64 = 1 << 20;
/// The most bytes that a program prints: the kernel's log.
const MOST_PRINTED: u64 = 16 << 20;
/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether one has ended.
const TICK: Duration = Duration::from_millis(5);

/// Where files are, and whether programs are run.
pub(super) struct Machine {
    root: PathBuf,
    runs_programs: bool,
}

impl Machine {
    /// This machine.
    pub(super) fn this() -> Self {
        Self { root: "/".into(), runs_programs: true }
    }

    /// A copy of another's files, below a folder.
    pub(super) fn copied(root: &Path) -> Self {
        Self { root: root.to_owned(), runs_programs: false }
    }

    /// Where a file of the host is. `None` if a link stands on the way in a copied tree: it leads to this machine's files, or out of the tree.
    fn path(&self, absolute: &str) -> Option<PathBuf> {
        if self.runs_programs {
            return Some(self.root.join(absolute.trim_start_matches('/')));
        }
        let mut path = self.root.clone();
        for part in absolute.split('/').filter(|part| !part.is_empty()) {
            path.push(part);
            if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink()) {
                return None;
            }
        }
        Some(path)
    }
}

impl Source for Machine {
    fn file(&self, path: &str) -> Option<String> {
        let path = self.path(path)?;
        // A device or a pipe in a copied tree would never end.
        if !fs::metadata(&path).ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(MOST_OF_FILE).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn exists(&self, path: &str) -> Option<bool> {
        // A copy made without the rights to make devices has none, and says nothing of them.
        fs::exists(self.path(path)?).ok().filter(|exists| *exists || self.runs_programs)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = self.path(folder).and_then(|path| fs::read_dir(path).ok());
        let entries = entries.into_iter().flatten();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.collect()
    }

    fn output(&self, program: &str, arguments: &[&str]) -> Option<String> {
        if !self.runs_programs {
            return None;
        }
        let child = Command::new(program)
            .args(arguments)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        printed(child.ok()?)
    }
}

/// What a program prints if it ends well in time; it does not outlive this.
fn printed(mut child: Child) -> Option<String> {
    let end = Instant::now() + PATIENCE;
    let stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.take(MOST_PRINTED).read_to_end(&mut bytes);
        // Nobody waits any more once it took too long.
        let _ = sender.send(read.ok().map(|_| bytes));
    });
    let bytes = receiver.recv_timeout(PATIENCE).ok().flatten();
    // It may have closed its output and go on, or have more to say than is read.
    let status = loop {
        match child.try_wait() {
            Ok(None) if bytes.is_some() && Instant::now() < end => thread::sleep(TICK),
            Ok(status) => break status,
            Err(_) => break None,
        }
    };
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let is_well = status.is_some_and(|status| status.success());
    bytes.filter(|_| is_well).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
