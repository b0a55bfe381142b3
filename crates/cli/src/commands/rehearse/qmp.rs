//! QEMU's monitor, as far as a guest's owner needs it. [QEMU, `docs/interop/qmp-spec.rst`]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest line that is read.
const MOST: u64 = 1 << 20;

/// A monitor that greeted.
pub(super) struct Qmp(BufReader<UnixStream>);

impl Qmp {
    /// Waits for a QEMU that listens there, as long as it runs and has time.
    pub(super) fn connect(
        path: &Path,
        patience: Duration,
        runs: impl Fn() -> bool,
    ) -> anyhow::Result<Self> {
        let end = Instant::now() + patience;
        let stream = loop {
            match UnixStream::connect(path) {
                Ok(stream) => break stream,
                Err(_) if runs() && Instant::now() < end => {
                    thread::sleep(Duration::from_millis(5));
                }
                Err(error) => return Err(error).context("QEMU's monitor"),
            }
        };
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut qmp = Self(BufReader::new(stream));
        qmp.line()?;
        qmp.ask("qmp_capabilities", &json!({}))?;
        Ok(qmp)
    }

    /// A command's answer. Its error is QEMU's words.
    pub(super) fn ask(&mut self, command: &str, arguments: &Value) -> anyhow::Result<Value> {
        let asked = json!({ "execute": command, "arguments": arguments });
        self.0.get_mut().write_all(format!("{asked}\n").as_bytes()).context("QEMU's monitor")?;
        loop {
            let mut answer = self.line()?;
            if let Some(error) = answer.get("error") {
                let words = error.get("desc").and_then(Value::as_str).unwrap_or("no reason");
                bail!("QEMU's {command}: {words}");
            }
            // Events come in between.
            if let Some(value) = answer.get_mut("return") {
                return Ok(value.take());
            }
        }
    }

    fn line(&mut self) -> anyhow::Result<Value> {
        let mut line = String::new();
        self.0.by_ref().take(MOST).read_line(&mut line).context("QEMU's monitor")?;
        serde_json::from_str(&line).context("QEMU's monitor says no JSON")
    }
}
