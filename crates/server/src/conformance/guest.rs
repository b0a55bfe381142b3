//! A registered guest, and the requests of its owner and its launcher.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use serde_json::{Value, json};
use sev_launch_platform::Handle;
use uuid::Uuid;

use super::client::Ask;
use super::expect::{Checked, demand, differs, text};
use super::guests::{self, Boot};
use super::lab::Lab;

/// A registered guest.
pub(super) struct Guest<'l> {
    pub(super) lab: &'l Lab,
    pub(super) vmid: String,
}

/// A launch that the service began.
pub(super) struct Launch {
    pub(super) id: String,
    pub(super) session: Vec<u8>,
    pub(super) owner_cert: Vec<u8>,
    pub(super) policy: u32,
}

/// A guest that runs up to its measurement.
pub(super) struct Started {
    pub(super) handle: Handle,
    pub(super) measurement: [u8; 48],
}

impl Guest<'_> {
    pub(super) fn path(&self, below: &str) -> String {
        format!("/vm/{}{below}", self.vmid)
    }

    /// GET of the guest, by its owner.
    pub(super) async fn read(&self) -> Checked<Value> {
        self.lab.good(200, self.lab.by_owner(Ask::get(self.path("")))).await
    }

    /// The request to launch, by the launcher.
    pub(super) fn launching(&self) -> Ask {
        self.lab.by_launcher(self.lab.launch_of(&self.vmid))
    }

    /// Begins a launch.
    pub(super) async fn launch(&self) -> Checked<Launch> {
        read_launch(&self.lab.good(200, self.launching()).await?)
    }

    /// Begins a launch, and starts the guest as registered.
    pub(super) async fn start(&self, boot: &Boot<'_>) -> Checked<(Launch, Started)> {
        let launch = self.launch().await?;
        let started = guests::start(self.lab, &launch, boot)?;
        Ok((launch, started))
    }

    /// The body of a request to validate.
    pub(super) fn shown(&self, launch: &Launch, measurement: &[u8]) -> Value {
        let version = self.lab.machine().model().version();
        json!({
            "launch-id": launch.id, "api-major": version.major, "api-minor": version.minor,
            "build-id": version.build, "policy": launch.policy,
            "measurement": STANDARD.encode(measurement),
        })
    }

    /// The request to validate, by the launcher.
    pub(super) fn validating(&self, body: &Value) -> Ask {
        self.lab.by_launcher(Ask::new(Method::POST, self.path("/validate")).json(body))
    }

    /// The path of a launch.
    pub(super) fn of_launch(&self, launch: &Launch, below: &str) -> String {
        self.path(&format!("/launch/{}{below}", launch.id))
    }

    /// The state of a launch, as the launcher sees it.
    pub(super) async fn state(&self, launch: &Launch) -> Checked<Value> {
        self.state_of(&launch.id).await
    }

    /// The same by its name.
    pub(super) async fn state_of(&self, launch: &str) -> Checked<Value> {
        let ask = Ask::get(self.path(&format!("/launch/{launch}")));
        self.lab.good(200, self.lab.by_launcher(ask)).await
    }
}

/// Bytes of a member in base64.
pub(super) fn bytes(value: &Value, pointer: &str) -> Checked<Vec<u8>> {
    let decoded = STANDARD.decode(text(value, pointer)?);
    decoded.map_err(|_| differs(format!("{pointer} is not base64 with padding")))
}

/// Reads the answer to launch of SEV and SEV-ES.
pub(super) fn read_launch(answer: &Value) -> Checked<Launch> {
    let id = text(answer, "/launch-id")?;
    demand(Uuid::try_parse(&id).is_ok(), "`launch-id` is no UUID")?;
    let policy = answer.get("policy").and_then(Value::as_u64);
    let policy = policy.and_then(|policy| u32::try_from(policy).ok());
    Ok(Launch {
        id,
        session: bytes(answer, "/session")?,
        owner_cert: bytes(answer, "/owner-cert")?,
        policy: policy.ok_or_else(|| differs("`policy` is no number of 32 bits"))?,
    })
}
