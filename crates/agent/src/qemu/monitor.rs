//! A guest by its monitor: what it measures, the secret that is handed in, and how it stands.
//!
//! Defined by [QEMU, qapi/misc-target.json]. A guest that was started with `-S` is in `launch-secret` once its machine is made; `cont` finishes the launch, and
//! from then on no secret reaches it. QEMU answers `query-sev-launch-measure` after that too, and `query-sev` of guests that are not encrypted; both are
//! refused here. What it answers is the host's claim, until the owner has checked the measurement.

use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sev_launch_abi::PlatformVersion;

use super::process::Process;
use crate::qmp::{Qmp, VMM, printable};
use crate::vmm::{Guest, Host, Measured, State, VmmError};

/// A certificate of the platform, in bytes. [SEV-API, SEV certificate]
const CERTIFICATE: usize = 2084;
/// PEK, OCA and CEK.
const CHAIN: usize = 3 * CERTIFICATE;
/// The most bytes of a processor's id: EPYC's have 64.
const MOST_ID: usize = 256;
/// How long a VMM that was told to quit may take: it writes back what its disks hold.
const QUIT: Duration = Duration::from_secs(30);
/// How long a process may be seen after its monitor was closed.
const AFTER_CLOSE: Duration = Duration::from_secs(2);

/// A guest of QEMU's that was started and measured.
///
/// QEMU keeps every event for a monitor that nobody reads: once the guest runs, let go of the monitor with [`into_process`](Self::into_process).
#[derive(Debug)]
pub struct Monitor {
    qmp: Qmp,
    process: Option<Process>,
}

impl Monitor {
    /// A guest that somebody else started. It is gone when nobody listens at the monitor's address any more.
    #[must_use]
    pub fn attached(qmp: Qmp) -> Self {
        Self { qmp, process: None }
    }

    /// A guest that was started as this process. It is gone when the process has ended; [`end`](Guest::end) ends it.
    #[must_use]
    pub fn launched(qmp: Qmp, process: Process) -> Self {
        Self { qmp, process: Some(process) }
    }

    /// Its monitor, for other commands.
    pub fn qmp(&mut self) -> &mut Qmp {
        &mut self.qmp
    }

    /// Closes the monitor, and gives the process back, if the guest was started as one.
    #[must_use]
    pub fn into_process(self) -> Option<Process> {
        self.process
    }

    fn ask(&mut self, command: &str) -> Result<Value, VmmError> {
        self.qmp.ask(command, Value::Null)
    }

    /// `query-sev` of a guest of SEV or SEV-ES.
    fn query_sev(&mut self) -> Result<Value, VmmError> {
        let command = "query-sev";
        let sev = self.ask(command)?;
        let refused = |words: &str| {
            Err(VmmError::Refused {
                vmm: VMM,
                command: command.to_owned(),
                words: words.to_owned(),
            })
        };
        match sev.get("enabled").and_then(Value::as_bool) {
            Some(true) => {}
            Some(false) => return refused("the guest is not encrypted by SEV"),
            None => return Err(strange(command, "no enabled: wanted true or false")),
        }
        // QEMU before 9.1 does not say it, and starts none of SNP.
        match sev.get("sev-type").map(Value::as_str) {
            None | Some(Some("sev")) => Ok(sev),
            Some(Some("sev-snp")) => refused(
                "it is an SNP guest, which has no launch measurement and takes no launch secret: it fetches its own report (sev-launch report fetch)",
            ),
            Some(other) => {
                let other = printable(other.unwrap_or("no text"));
                Err(strange(command, format!("sev-type is {other:?}, wanted sev or sev-snp")))
            }
        }
    }

    fn ask_state(&mut self) -> Result<State, VmmError> {
        let command = "query-status";
        let status = self.ask(command)?;
        let (Some(status), Some(running)) = (
            status.get("status").and_then(Value::as_str),
            status.get("running").and_then(Value::as_bool),
        ) else {
            return Err(strange(command, "wanted status, a text, and running, true or false"));
        };
        if status == "shutdown" {
            return Ok(State::Gone);
        }
        let sev = self.query_sev()?;
        match state(&sev)? {
            // Whatever else is said: vCPUs that run are not waiting.
            _ if running => Ok(State::Running),
            "launch-secret" => Ok(State::Waiting),
            // It is sent away or comes from elsewhere only after it was launched.
            "running" | "send-update" | "receive-update" => Ok(State::Running),
            other => {
                let other = printable(other);
                let detail = format!("the guest is in the state {other}: it is not launched yet");
                Err(strange("query-sev", detail))
            }
        }
    }

    /// Is there nothing behind the monitor any more? A process ends a moment after its sockets are closed.
    fn is_gone(&mut self) -> bool {
        let end = Instant::now() + AFTER_CLOSE;
        loop {
            let is_gone = match &mut self.process {
                Some(process) => matches!(process.try_wait(), Ok(Some(_))),
                None => !self.qmp.listens(),
            };
            if is_gone || Instant::now() >= end {
                return is_gone;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Guest for Monitor {
    fn measured(&mut self) -> Result<Measured, VmmError> {
        let command = "query-sev";
        let sev = self.query_sev()?;
        let state = state(&sev)?;
        if state != "launch-secret" {
            let state = printable(state);
            let words = format!(
                "the guest is in the state {state}, wanted launch-secret: it must be started with -S and not be continued"
            );
            return Err(VmmError::Refused { vmm: VMM, command: command.to_owned(), words });
        }
        let version = PlatformVersion::from_numbers(
            number(&sev, command, "api-major")?,
            number(&sev, command, "api-minor")?,
            number(&sev, command, "build-id")?,
        )
        .map_err(|error| strange(command, error.to_string()))?;
        let policy = number32(&sev, command, "policy")?;
        let command = "query-sev-launch-measure";
        let answer = self.ask(command)?;
        let blob = bytes(&answer, command, "data", 48..=48)?;
        let measurement = <[u8; 48]>::try_from(blob)
            .map_err(|_| strange(command, "data has another size than 48 bytes"))?;
        Ok(Measured { measurement, version, policy })
    }

    fn inject(&mut self, header: &[u8; 52], table: &[u8]) -> Result<(), VmmError> {
        let (header, secret) = (BASE64.encode(header), BASE64.encode(table));
        let packet = json!({ "packet-header": header, "secret": secret });
        self.qmp.ask("sev-inject-launch-secret", packet).map(drop)
    }

    fn run(&mut self) -> Result<(), VmmError> {
        self.ask("cont")?;
        let command = "query-status";
        let answer = self.ask(command)?;
        match (answer.get("running").and_then(Value::as_bool), answer.get("status")) {
            (Some(true), _) => Ok(()),
            (_, Some(Value::String(status))) => {
                let status = printable(status);
                Err(strange(command, format!("the guest is {status} after cont, wanted running")))
            }
            _ => Err(strange(command, "wanted running, true or false")),
        }
    }

    fn state(&mut self) -> Result<State, VmmError> {
        match self.ask_state() {
            Err(VmmError::Unreachable { .. }) if self.is_gone() => Ok(State::Gone),
            other => other,
        }
    }

    fn end(&mut self) -> Result<(), VmmError> {
        let told = self.ask("quit");
        // The answer may be lost: QEMU closes its monitor on the way out.
        let is_closing = match told {
            Ok(_) => self.qmp.wait_closed(QUIT),
            Err(_) => false,
        };
        if let Some(process) = &mut self.process {
            let patience = if is_closing { QUIT } else { AFTER_CLOSE };
            return process.end(patience).map(drop);
        }
        match told {
            Ok(_) if is_closing || self.is_gone() => Ok(()),
            Ok(_) => Err(VmmError::Unreachable {
                vmm: VMM,
                detail: format!(
                    "the VMM was told to quit, and is there after {} s",
                    QUIT.as_secs()
                ),
            }),
            Err(VmmError::Unreachable { .. }) if self.is_gone() => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// What the host shows, from a QEMU with or without a guest.
///
/// # Errors
///
/// [`VmmError`]; `Refused` where the host has no SEV, in QEMU's words, and `Strange` where a certificate has not its size: 2084 bytes the PDH's, 6252 the
/// chain's.
pub fn host(qmp: &mut Qmp) -> Result<Host, VmmError> {
    let command = "query-sev-capabilities";
    let answer = qmp.ask(command, Value::Null)?;
    let pdh = bytes(&answer, command, "pdh", CERTIFICATE..=CERTIFICATE)?;
    let cert_chain = bytes(&answer, command, "cert-chain", CHAIN..=CHAIN)?;
    let cpu_id = match answer.get("cpu0-id") {
        None => None,
        Some(_) => Some(bytes(&answer, command, "cpu0-id", 1..=MOST_ID)?),
    };
    let bits = |name: &str| match number32(&answer, command, name)? {
        // Addresses have 64 bits.
        bits @ 0..64 => Ok(bits),
        bits => Err(strange(command, format!("{name} is {bits}, wanted less than 64"))),
    };
    let (cbitpos, reduced_phys_bits) = (bits("cbitpos")?, bits("reduced-phys-bits")?);
    Ok(Host { pdh, cert_chain, cpu_id, cbitpos, reduced_phys_bits })
}

fn strange(command: &str, detail: impl Into<String>) -> VmmError {
    VmmError::Strange { vmm: VMM, command: command.to_owned(), detail: detail.into() }
}

fn state(sev: &Value) -> Result<&str, VmmError> {
    let state = sev.get("state").and_then(Value::as_str);
    state.ok_or_else(|| strange("query-sev", "no state, wanted a text"))
}

fn number(answer: &Value, command: &str, name: &str) -> Result<u64, VmmError> {
    let number = answer.get(name).and_then(Value::as_u64);
    number.ok_or_else(|| strange(command, format!("no {name}, wanted a number")))
}

fn number32(answer: &Value, command: &str, name: &str) -> Result<u32, VmmError> {
    let number = number(answer, command, name)?;
    u32::try_from(number)
        .map_err(|_| strange(command, format!("{name} is {number}, wanted 32 bits")))
}

/// Bytes in base64, of a size in this range.
fn bytes(
    answer: &Value,
    command: &str,
    name: &str,
    sizes: std::ops::RangeInclusive<usize>,
) -> Result<Vec<u8>, VmmError> {
    let text = answer.get(name).and_then(Value::as_str);
    let text = text.ok_or_else(|| strange(command, format!("no {name}, wanted base64")))?;
    let bytes = BASE64
        .decode(text)
        .map_err(|error| strange(command, format!("{name} is no base64: {error}")))?;
    if sizes.contains(&bytes.len()) {
        return Ok(bytes);
    }
    let wanted = match (sizes.start(), sizes.end()) {
        (least, most) if least == most => least.to_string(),
        (least, most) => format!("{least} to {most}"),
    };
    Err(strange(command, format!("{name} has {} bytes, wanted {wanted}", bytes.len())))
}
