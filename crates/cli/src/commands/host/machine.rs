//! The machine that this runs on, or a copied tree of another, as a source of facts.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sev_launch_host::collected::Source;

/// The most bytes of a file: /proc/cpuinfo repeats itself for each processor, and the first is enough.
const MOST_OF_FILE: u64 = 1 << 20;
/// The most bytes that a program prints: the kernel's log.
const MOST_PRINTED: u64 = 16 << 20;
/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(10);

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

    fn path(&self, absolute: &str) -> PathBuf {
        self.root.join(absolute.trim_start_matches('/'))
    }
}

impl Source for Machine {
    fn file(&self, path: &str) -> Option<String> {
        let path = self.path(path);
        // A device or a pipe in a copied tree would never end.
        if !fs::metadata(&path).ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(MOST_OF_FILE).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn exists(&self, path: &str) -> Option<bool> {
        fs::exists(self.path(path)).ok()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).into_iter().flatten();
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
    let stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.take(MOST_PRINTED).read_to_end(&mut bytes);
        // Nobody waits any more once it took too long.
        let _ = sender.send(read.ok().map(|_| bytes));
    });
    let bytes = receiver.recv_timeout(PATIENCE).ok().flatten();
    if bytes.is_none() {
        let _ = child.kill();
    }
    let is_well = child.wait().ok()?.success();
    bytes.filter(|_| is_well).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
