//! A guest from outside the agent: its VMM's second monitor, its processes, and what the AMD-SP says of it at the end.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::call::Call;

/// How long a VMM may take to its monitor, and to its end.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a guest stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// Nobody listens.
    Gone,
    /// Before its first instruction. [QEMU, qapi/run-state.json: prelaunch]
    Still,
    Runs,
}

/// One VMM, which may or may not have been started.
pub(super) struct Vmm {
    /// Its second monitor.
    pub(super) own: PathBuf,
    /// What it said.
    pub(super) log: PathBuf,
    /// What its agent said.
    pub(super) output: PathBuf,
    /// Was it ever seen to run?
    pub(super) has_run: bool,
}

impl Vmm {
    pub(super) fn new(folder: &Path, number: u64) -> Self {
        let of = |name: &str| folder.join(format!("{name}-{number}"));
        Self { own: of("own"), log: of("log"), output: of("output"), has_run: false }
    }

    /// How it stands: of a VMM that has launched its guest, or was never started.
    pub(super) fn look(&mut self) -> Result<Stands> {
        let until = Instant::now() + PATIENCE;
        let stands = loop {
            match self.asked() {
                Ok(stands) => break stands,
                // It is about to end, and closes its connections.
                Err(_) if Instant::now() < until => thread::sleep(Duration::from_millis(5)),
                Err(error) => return Err(error),
            }
        };
        self.has_run |= stands == Stands::Runs;
        Ok(stands)
    }

    fn asked(&self) -> Result<Stands> {
        let Some(mut monitor) = greeted(&self.own)? else { return Ok(Stands::Gone) };
        ask(&mut monitor, "qmp_capabilities")?;
        let answer = ask(&mut monitor, "query-status")?;
        match answer.get("status").and_then(Value::as_str) {
            Some("prelaunch") => Ok(Stands::Still),
            Some("running") => Ok(Stands::Runs),
            other => bail!("the guest is {other:?}, wanted prelaunch or running"),
        }
    }

    /// Ends it by its second monitor.
    pub(super) fn quit(&self) -> Result<()> {
        let mut monitor = greeted(&self.own)?.context("the VMM has no monitor")?;
        ask(&mut monitor, "qmp_capabilities")?;
        ask(&mut monitor, "quit").map(drop)
    }

    /// Did the secret arrive, by what the AMD-SP in software told when the VMM had ended?
    pub(super) fn has_arrived(&self) -> Result<bool> {
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        let mut secrets = said.lines().filter(|line| line.contains(" arrived at "));
        let Some(first) = secrets.next() else { return Ok(false) };
        // An agent that was killed after it handed the packet in, and before it wrote so, leaves that to the next one too.
        ensure!(secrets.all(|secret| secret == first), "different secrets arrived");
        Ok(true)
    }

    /// What its agent said, and it.
    pub(super) fn said(&self) -> String {
        [&self.output, &self.log].map(|file| fs::read_to_string(file).unwrap_or_default()).concat()
    }
}

/// A monitor that has greeted; nothing if nobody listens.
fn greeted(path: &Path) -> Result<Option<BufReader<UnixStream>>> {
    let Ok(stream) = UnixStream::connect(path) else { return Ok(None) };
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut monitor = BufReader::new(stream);
    let mut line = String::new();
    ensure!(monitor.read_line(&mut line)? > 0, "the monitor was closed");
    Ok(Some(monitor))
}

/// Gives a command, and takes what it returns; events between are passed over.
fn ask(monitor: &mut BufReader<UnixStream>, command: &str) -> Result<Value> {
    monitor.get_mut().write_all(format!("{}\n", json!({ "execute": command })).as_bytes())?;
    loop {
        let mut line = String::new();
        let count = monitor.read_line(&mut line).with_context(|| command.to_owned())?;
        if count == 0 {
            bail!("{command}: the monitor was closed");
        }
        let answer: Value = serde_json::from_str(&line).with_context(|| line.clone())?;
        if let Some(returned) = answer.get("return") {
            return Ok(returned.clone());
        }
        if answer.get("event").is_none() {
            bail!("{command}: {line}");
        }
    }
}

/// The processes that have a folder's path in their command line, with that.
pub(super) fn processes(folder: &Path) -> Result<Vec<(u32, String)>> {
    let folder = format!("{}/", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(id) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // One that has ended meanwhile is none.
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(&folder) && id != std::process::id() {
            found.push((id, line));
        }
    }
    Ok(found)
}

/// Waits until none of them is left.
pub(super) fn none_is_left(folder: &Path) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        let left = processes(folder)?;
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() > until {
            bail!("processes are left over: {left:?}");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Kills those that are left, each by its number: after a failure.
pub(super) fn kill_left(folder: &Path) {
    for (id, _) in processes(folder).unwrap_or_default() {
        let _ = Call::new("kill", "-KILL").arg(id.to_string()).output();
    }
}
