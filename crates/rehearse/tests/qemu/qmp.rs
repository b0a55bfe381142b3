//! QMP, as far as a launch needs it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A monitor that greeted.
pub(crate) struct Qmp {
    reader: BufReader<UnixStream>,
}

impl Qmp {
    /// Waits for a QEMU that listens there.
    pub(crate) fn connect(path: &Path) -> Self {
        let end = Instant::now() + Duration::from_secs(30);
        let stream = loop {
            match UnixStream::connect(path) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() > end => panic!("{}: {error}", path.display()),
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
        };
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let mut qmp = Self { reader: BufReader::new(stream) };
        qmp.line();
        qmp.ask("qmp_capabilities", json!({})).expect("QMP's first command");
        qmp
    }

    /// A command's answer, or its error's words.
    pub(crate) fn ask(&mut self, command: &str, arguments: Value) -> Result<Value, String> {
        let asked = json!({ "execute": command, "arguments": arguments });
        let asked = format!("{asked}\n");
        self.reader.get_mut().write_all(asked.as_bytes()).expect("QEMU reads");
        loop {
            let mut answer = self.line();
            if let Some(error) = answer.get("error") {
                return Err(error["desc"].as_str().unwrap_or_default().to_owned());
            }
            if let Some(value) = answer.get_mut("return") {
                return Ok(value.take());
            }
        }
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("QEMU answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }
}
