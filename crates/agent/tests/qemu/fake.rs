//! A monitor that says what a test wants, on a socket in a folder of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};
use sev_launch_agent::qmp::{Address, Qmp};
use sev_launch_agent::vmm::VmmError;

/// QEMU 7.2.22's own.
pub(crate) const GREETING: &str = r#"{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian 1:7.2"}, "capabilities": ["oob"]}}"#;

pub(crate) struct Fake {
    pub(crate) address: Address,
    thread: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Fake {
    /// One that takes a single connection.
    pub(crate) fn start(talk: impl FnOnce(Talk) + Send + 'static) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("qmp");
        let listener = UnixListener::bind(&path).expect("a socket");
        let thread = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            // Nobody listens from now on.
            drop(listener);
            talk(Talk(BufReader::new(stream)));
        });
        Self { address: Address::Unix(path), thread, _folder: folder }
    }

    /// One that greets and takes commands, and answers them in turn.
    pub(crate) fn answers(answers: Vec<Value>) -> Self {
        Self::start(move |mut talk| {
            talk.greet();
            for answer in answers {
                talk.answer(answer);
            }
            talk.wait_closed();
        })
    }

    pub(crate) fn connect(&self) -> Result<Qmp, VmmError> {
        Qmp::connect(&self.address, Duration::from_secs(20), || true)
    }

    pub(crate) fn end(self) {
        self.thread.join().expect("its part was played");
    }
}

/// The monitor's end of a connection.
pub(crate) struct Talk(BufReader<UnixStream>);

impl Talk {
    pub(crate) fn send(&mut self, text: &str) {
        // The other end may have had enough.
        let _ = self.0.get_mut().write_all(text.as_bytes());
    }

    /// Sends this until the other end has had enough.
    pub(crate) fn flood(&mut self, text: &str) {
        while self.0.get_mut().write_all(text.as_bytes()).is_ok() {}
    }

    pub(crate) fn command(&mut self) -> Value {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a command");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    pub(crate) fn greet(&mut self) {
        self.send(&format!("{GREETING}\r\n"));
        let command = self.command();
        assert_eq!(command["execute"], "qmp_capabilities");
        let id = &command["id"];
        self.send(&format!("{}\r\n", json!({ "return": {}, "id": id })));
    }

    /// Takes a command, and answers with a return, or an error's words.
    pub(crate) fn answer(&mut self, answer: Value) -> Value {
        let command = self.command();
        let id = &command["id"];
        let answer = match answer.get("refused") {
            Some(words) => {
                json!({ "error": { "class": "GenericError", "desc": words }, "id": id })
            }
            None => json!({ "return": answer, "id": id }),
        };
        self.send(&format!("{answer}\r\n"));
        command
    }

    pub(crate) fn wait_closed(mut self) {
        let mut rest = Vec::new();
        let _ = self.0.read_until(0, &mut rest);
    }
}
