//! A monitor of QEMU: commands and answers as lines of JSON, on a Unix socket or on TCP.
//!
//! Defined by [QEMU, docs/interop/qmp-spec] and the schema below `qapi`. QEMU greets, and takes commands once it was sent `qmp_capabilities`. Events stand
//! between the answers. Whoever reaches a monitor rules the guest, and there is no password: so TCP is taken on the loopback alone.
//! A monitor's socket is made early and answers late: QEMU greets when the guest was launched, which takes as long as its memory is large.
//!
//! What comes is not trusted: a line has at most [`MOST_BYTES`], an answer comes after at most [`MOST_EVENTS`] events and before its time is over, and it has
//! the number of its command. After anything else the connection is given up, since nobody knows what the next line would answer.

mod address;
mod lines;

use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

pub use address::{Address, AddressError};
pub use lines::MOST_BYTES;

use crate::vmm::VmmError;
use lines::{Lines, Trouble};

/// The most events that may stand between a command and its answer. A monitor that nobody read for long has many to tell.
pub const MOST_EVENTS: usize = 1 << 16;

/// How long an answer may take, unless [`Qmp::with_patience`] says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// QEMU's socket is there before QEMU is ready for it, and a client that comes in between may leave it waiting for another one: seen once in a thousand
/// starts of QEMU 7.2, whose main thread is in accept(2) then. So after each such time without an answer another one comes, and goes.
const KNOCK: Duration = Duration::from_secs(1);

/// The command that makes a monitor take the others.
const CAPABILITIES: &str = "qmp_capabilities";

/// What errors call it.
pub(crate) const VMM: &str = "QEMU's monitor";

/// A monitor that greeted and takes commands.
#[derive(Debug)]
pub struct Qmp {
    address: Address,
    /// `None` once the connection was given up.
    lines: Option<Lines>,
    version: Version,
    last_id: u64,
    patience: Duration,
}

/// QEMU's version, from its greeting. [QEMU, qapi/control.json, VersionInfo]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// As 7 in 7.2.22.
    pub major: u32,
    /// As 2 in 7.2.22.
    pub minor: u32,
    /// As 22 in 7.2.22.
    pub micro: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.micro)
    }
}

impl Qmp {
    /// Connects, tried again while nobody listens there yet, and waits for the greeting.
    ///
    /// `patience` is the time for all of it: it must cover the guest's launch, if QEMU has only just been started. `still_there` is asked ten times a
    /// second whether the process that is to answer still runs.
    ///
    /// # Errors
    ///
    /// [`VmmError::Description`] for an address that is not on the loopback; `Unreachable` where nobody listens in time, where the connection is refused
    /// for another reason, or where `still_there` says no; `Strange` for a greeting that is none of QEMU's.
    pub fn connect(
        address: &Address,
        patience: Duration,
        mut still_there: impl FnMut() -> bool,
    ) -> Result<Self, VmmError> {
        address.check().map_err(|error| VmmError::Description(error.to_string()))?;
        let deadline = after(patience);
        let mut lines = Lines::connect(address, deadline, &mut still_there)
            .map_err(|trouble| told(trouble, "the greeting", patience))?;
        let mut knocked = Instant::now();
        let mut still_there = || {
            if knocked.elapsed() >= KNOCK {
                let _ = lines::listens(address);
                knocked = Instant::now();
            }
            still_there()
        };
        let greeting = lines
            .line(deadline, &mut still_there)
            .map_err(|trouble| told(trouble, "the greeting", patience))?;
        let version = version(&greeting).ok_or_else(|| VmmError::Strange {
            vmm: VMM,
            command: "a new connection".to_owned(),
            detail: "no greeting of QEMU's: wanted {\"QMP\": {\"version\": …}}".to_owned(),
        })?;
        let mut qmp = Self {
            address: address.clone(),
            lines: Some(lines),
            version,
            last_id: 0,
            patience: PATIENCE,
        };
        let time = (patience, deadline);
        qmp.ask_within(CAPABILITIES, Value::Null, time, &mut still_there)?;
        Ok(qmp)
    }

    /// The same, with another time for each answer than [`PATIENCE`].
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// QEMU's version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Gives a command, with an object of arguments or `Null` for none, and takes what it returns.
    ///
    /// # Errors
    ///
    /// [`VmmError::Refused`] with QEMU's own words, after which the monitor can be asked on. After all others it cannot: `Unreachable` where the
    /// connection was closed or the time is over, `Strange` for what is no answer to this command.
    pub fn ask(&mut self, command: &str, arguments: Value) -> Result<Value, VmmError> {
        let time = (self.patience, after(self.patience));
        self.ask_within(command, arguments, time, &mut || true)
    }

    fn ask_within(
        &mut self,
        command: &str,
        arguments: Value,
        (patience, deadline): (Duration, Instant),
        still_there: &mut dyn FnMut() -> bool,
    ) -> Result<Value, VmmError> {
        let Some(mut lines) = self.lines.take() else {
            return Err(VmmError::Unreachable {
                vmm: VMM,
                detail: format!("{command} was not sent: the connection was given up before"),
            });
        };
        self.last_id = self.last_id.wrapping_add(1);
        let id = match command {
            CAPABILITIES => Value::String(unlike_any_other()),
            _ => self.last_id.into(),
        };
        let mut asked = json!({ "execute": command, "id": id });
        if let (Value::Object(asked), false) = (&mut asked, arguments.is_null()) {
            asked.insert("arguments".to_owned(), arguments);
        }
        let sent = lines.write(format!("{asked}\n").as_bytes(), deadline);
        let answer = match sent {
            Ok(()) => answer(&mut lines, (command, &id), (patience, deadline), still_there),
            Err(trouble) => Err(told(trouble, command, patience)),
        };
        if matches!(answer, Ok(_) | Err(VmmError::Refused { .. })) {
            self.lines = Some(lines);
        }
        answer
    }

    /// Waits until the other end closes the connection. Is it closed?
    pub(crate) fn wait_closed(&mut self, patience: Duration) -> bool {
        let Some(lines) = &mut self.lines else { return !self.listens() };
        let deadline = after(patience);
        loop {
            match lines.line(deadline, &mut || true) {
                Ok(_) => {}
                Err(trouble) => {
                    self.lines = None;
                    return matches!(trouble, Trouble::Closed);
                }
            }
        }
    }

    /// Is there anybody who takes connections at its address?
    pub(crate) fn listens(&self) -> bool {
        lines::listens(&self.address)
    }
}

/// The instant after a time; a time without end is a day.
fn after(patience: Duration) -> Instant {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(patience).or_else(|| now.checked_add(DAY)).unwrap_or(now)
}

/// The answer to the command that was given this number.
fn answer(
    lines: &mut Lines,
    (command, id): (&str, &Value),
    (patience, deadline): (Duration, Instant),
    still_there: &mut dyn FnMut() -> bool,
) -> Result<Value, VmmError> {
    let strange =
        |detail: String| VmmError::Strange { vmm: VMM, command: command.to_owned(), detail };
    for _ in 0..=MOST_EVENTS {
        let line = lines
            .line(deadline, still_there)
            .map_err(|trouble| told(trouble, command, patience))?;
        let line: Value = serde_json::from_slice(&line)
            .map_err(|error| strange(format!("a line that is no JSON: {error}")))?;
        let Value::Object(mut line) = line else {
            return Err(strange("a line of JSON that is no object".to_owned()));
        };
        // Both were seen in QEMU 7.2. A client that comes while QEMU hands its monitor from one thread to another is greeted by both. And what
        // a client asked that is gone, as an agent that was killed, is answered to the next one: its number is another one's.
        let is_anothers =
            line.contains_key("QMP") || line.get("id").is_some_and(|other| other != id);
        if line.contains_key("event") || command == CAPABILITIES && is_anothers {
            continue;
        }
        if line.get("id") != Some(id) {
            let detail = "it has not the number (id) that the command was given";
            return Err(strange(detail.to_owned()));
        }
        if let Some(error) = line.get("error") {
            let Some(words) = error.get("desc").and_then(Value::as_str) else {
                return Err(strange("an error without its words (desc)".to_owned()));
            };
            let (command, words) = (command.to_owned(), printable(words));
            return Err(VmmError::Refused { vmm: VMM, command, words });
        }
        let without = || strange("neither return nor error nor event".to_owned());
        return line.remove("return").ok_or_else(without);
    }
    Err(strange(format!("more than {MOST_EVENTS} events before it")))
}

/// A number (id) that no other client of a monitor gives a command.
fn unlike_any_other() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("sev-launch-{}-{}", std::process::id(), since.as_nanos())
}

fn version(greeting: &[u8]) -> Option<Version> {
    let greeting: Value = serde_json::from_slice(greeting).ok()?;
    let parts = greeting.get("QMP")?.get("version")?.get("qemu")?;
    let part = |name: &str| u32::try_from(parts.get(name)?.as_u64()?).ok();
    Some(Version { major: part("major")?, minor: part("minor")?, micro: part("micro")? })
}

fn told(trouble: Trouble, command: &str, patience: Duration) -> VmmError {
    let detail = match trouble {
        Trouble::TooLong => {
            return VmmError::Strange {
                vmm: VMM,
                command: command.to_owned(),
                detail: format!("a line of more than {MOST_BYTES} bytes"),
            };
        }
        Trouble::Closed => format!("the connection was closed while {command} was waited for"),
        Trouble::Ended => format!("the process ended while {command} was waited for"),
        Trouble::Late if command == "the greeting" => format!(
            "no greeting came in {} s: QEMU is busy, or another program is connected to the monitor",
            patience.as_secs_f32()
        ),
        Trouble::Late => format!("no answer to {command} came in {} s", patience.as_secs_f32()),
        Trouble::NobodyListens(error) => {
            format!("nobody listened in {} s: {error}", patience.as_secs_f32())
        }
        Trouble::Io(error) => format!("{command}: {error}"),
    };
    VmmError::Unreachable { vmm: VMM, detail }
}

/// A VMM's words as a message can have them: on one line, and not long.
pub(crate) fn printable(words: &str) -> String {
    const MOST: usize = 1000;
    let mut shown: String = words
        .chars()
        .take(MOST)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if words.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    const GREETING: &str =
        r#"{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}}}"#;

    /// The number of the first command, which must be the one that makes a monitor take others.
    fn id_of(asked: &mut BufReader<UnixStream>) -> Value {
        let mut line = String::new();
        asked.read_line(&mut line).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["execute"], CAPABILITIES);
        line["id"].clone()
    }

    #[test]
    fn a_second_greeting_and_the_answer_to_a_client_before_are_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("qmp");
        let listener = UnixListener::bind(&path).unwrap();
        let qemu = std::thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            let mut asked = BufReader::new(client.try_clone().unwrap());
            writeln!(client, "{GREETING}").unwrap();
            let id = id_of(&mut asked);
            let anothers = json!({ "return": { "status": "prelaunch" }, "id": 3 });
            writeln!(client, "{GREETING}\n{anothers}").unwrap();
            writeln!(client, "{}", json!({ "return": {}, "id": id })).unwrap();
            // Later it would be another monitor: one that takes no commands yet.
            asked.read_line(&mut String::new()).unwrap();
            writeln!(client, "{GREETING}").unwrap();
        });
        let mut qmp = Qmp::connect(&Address::Unix(path), Duration::from_secs(20), || true).unwrap();
        let error = qmp.ask("query-status", Value::Null).unwrap_err();
        assert!(matches!(error, VmmError::Strange { .. }), "{error}");
        qemu.join().unwrap();
    }

    #[test]
    fn one_that_waits_for_another_client_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("qmp");
        let listener = UnixListener::bind(&path).unwrap();
        let qemu = std::thread::spawn(move || {
            let (mut first, _) = listener.accept().unwrap();
            writeln!(first, "{GREETING}").unwrap();
            drop(listener.accept().unwrap());
            let id = id_of(&mut BufReader::new(first.try_clone().unwrap()));
            writeln!(first, "{}", json!({ "return": {}, "id": id })).unwrap();
        });
        let qmp = Qmp::connect(&Address::Unix(path), Duration::from_secs(20), || true).unwrap();
        assert_eq!(qmp.version().to_string(), "7.2.22");
        qemu.join().unwrap();
    }
}
