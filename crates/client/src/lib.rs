//! A typed client of the attestation service of a guest owner (`sev-launch-server`, or any other that speaks its protocol).
//!
//! It sends what `sev-launch-protocol` has as types and gives back the same, or says why not: a [`Refusal`](sev_launch_protocol::problem::Refusal)
//! with the service's own words, or that there was no answer. A request that may be sent twice is sent again where the service
//! cannot answer for the moment, for as long as [`Patience`] says; every request of the protocol may, but the making of a token. Where a replacement, a deletion or a decision got no answer and then a no,
//! the first may have been done and the no be about that: it is told as unreachable. No redirect is
//! followed, no proxy of the environment used, and no certificate trusted but those below the authorities that are given.
//!
//! | module | what it answers |
//! |---|---|
//! | [`base`] | which service: an address in one form |
//! | [`services`] | a file of services: where each is, whom it is trusted by, and with what one asks |
//! | [`error`] | why there is no answer that can be used |
//!
//! ```no_run
//! use sev_launch_client::{Client, services::Services};
//!
//! let services = Services::read("services.toml".as_ref())?;
//! let client = Client::new(services.choose(None)?.connection()?, Default::default())?;
//! let document = client.service()?;
//! println!("{}: {}", client.base(), document.time);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![deny(clippy::indexing_slicing)]

pub mod base;
pub mod error;
mod patience;
pub mod services;
mod transport;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sev_launch_protocol::launch::{
    Acknowledgement, Decision, LaunchAnswer, LaunchRequest, ValidateAnswer, ValidateRequest,
};
use sev_launch_protocol::state::Status;
use sev_launch_protocol::text::{LaunchId, Sha256, VmId};
use sev_launch_protocol::views::{
    AuditPage, CheckpointList, FirmwareList, FirmwareView, ImportAnswer, ImportRequest, LaunchView,
    MeasureAnswer, ServiceDocument, TokenList, TokenRequest, TokenView, VmList, VmPatch, VmView,
};
use zeroize::Zeroizing;

pub use self::base::{Base, BaseError};
pub use self::error::Error;
pub use self::patience::Patience;
pub use self::transport::SetupError;
use self::transport::{Answer, Asked, Transport};

/// What proves who asks.
pub enum Credential {
    /// Nothing: for guests that anybody may launch.
    None,
    /// A bearer token, as the service gave it.
    Token(Zeroizing<String>),
    /// A client's certificate.
    Certificate {
        /// The certificate and those above it, PEM.
        chain: Vec<u8>,
        /// Its private key, PEM.
        key: Zeroizing<Vec<u8>>,
    },
}

/// Where a service is, and how it is asked.
pub struct Connection {
    /// Its address.
    pub base: Base,
    /// The authorities that its certificate is below, PEM; needed for https.
    pub ca: Option<Vec<u8>>,
    /// Who asks.
    pub credential: Credential,
}

/// Which guests are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Those with this status alone.
    pub status: Option<Status>,
    /// Those that come after this one.
    pub after: Option<VmId>,
}

/// A client of one service.
pub struct Client(Transport);

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.base())
    }
}

impl Client {
    /// A client of the service of `connection`. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`SetupError`]: https without authorities, PEM that is none, a token that is none.
    pub fn new(connection: Connection, patience: Patience) -> Result<Self, SetupError> {
        let Connection { base, ca, credential } = connection;
        Ok(Self(Transport::new(base, ca.as_deref(), credential, patience)?))
    }

    /// The address of its service.
    #[must_use]
    pub fn base(&self) -> &Base {
        self.0.base()
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Error> {
        serde_json::from_slice(&answer.body).map_err(|error| {
            self.0.strange(format!("an answer that this version does not understand: {error}"))
        })
    }

    fn get<T: DeserializeOwned>(&self, name: &str, path: &[&str]) -> Result<T, Error> {
        self.read(&self.0.ask(name, Asked { path, ..Asked::default() })?)
    }

    fn send(&self, name: &str, path: &[&str], body: &impl Serialize) -> Result<Answer, Error> {
        let bytes = serde_json::to_vec(body).map_err(|error| Error::Request(error.to_string()))?;
        self.0.ask(name, Asked { path, body: Some(&bytes), ..Asked::default() })
    }

    /// What the service is: `GET /`.
    ///
    /// # Errors
    ///
    /// [`Error`], as of every request here.
    pub fn service(&self) -> Result<ServiceDocument, Error> {
        self.get("service", &[])
    }

    /// Registers a guest: `POST /vm/{vmid}`. `registration` is the body as JSON, which holds secrets. Says too whether the guest is
    /// new; the same registration again is none.
    ///
    /// # Errors
    ///
    /// [`Error`]; `exists` where another registration is there.
    pub fn register(&self, vmid: VmId, registration: &[u8]) -> Result<(VmView, bool), Error> {
        let path = [&*vmid.to_string()];
        let asked = Asked { path: &path, body: Some(registration), ..Asked::default() };
        let answer = self.0.ask("vm-register", asked)?;
        Ok((self.read(&answer)?, answer.status == 201))
    }

    /// Replaces the registration whose ETag is `etag`: `PUT /vm/{vmid}`.
    ///
    /// # Errors
    ///
    /// [`Error`]; `etag-mismatch` where it changed meanwhile.
    pub fn replace(&self, vmid: VmId, registration: &[u8], etag: &str) -> Result<VmView, Error> {
        let (path, headers) = ([&*vmid.to_string()], [("if-match", etag)]);
        let asked =
            Asked { path: &path, headers: &headers, body: Some(registration), ..Asked::default() };
        self.read(&self.0.ask("vm-replace", asked)?)
    }

    /// A guest with its registration and its launches, and its ETag: `GET /vm/{vmid}`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn vm(&self, vmid: VmId) -> Result<(VmView, Option<String>), Error> {
        let path = [&*vmid.to_string()];
        let answer = self.0.ask("vm-read", Asked { path: &path, ..Asked::default() })?;
        Ok((self.read(&answer)?, answer.etag))
    }

    /// A page of guests: `GET /vm`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn vms(&self, listed: &Listed) -> Result<VmList, Error> {
        let after = listed.after.map(|after| after.to_string());
        let mut query = Vec::new();
        if let Some(status) = listed.status {
            query.push(("status", status.name()));
        }
        if let Some(after) = &after {
            query.push(("after", after.as_str()));
        }
        self.read(&self.0.ask("vm-list", Asked { query: &query, ..Asked::default() })?)
    }

    /// Changes what decides nothing: `PATCH /vm/{vmid}`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn patch(&self, vmid: VmId, patch: &VmPatch) -> Result<VmView, Error> {
        let answer = self.send("vm-patch", &[&vmid.to_string()], patch)?;
        self.read(&answer)
    }

    /// Deletes a guest with its secrets: `DELETE /vm/{vmid}`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn delete(&self, vmid: VmId) -> Result<(), Error> {
        let path = [&*vmid.to_string()];
        self.0.ask("vm-delete", Asked { path: &path, ..Asked::default() }).map(drop)
    }

    /// Begins a launch: `POST /vm/{vmid}/launch`. The same `key` (1 to 255 characters) with the same request is one launch, however
    /// often it is sent.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn launch(
        &self,
        vmid: VmId,
        request: &LaunchRequest,
        key: &str,
    ) -> Result<LaunchAnswer, Error> {
        let bytes = serde_json::to_vec(request);
        let bytes = bytes.map_err(|error| Error::Request(error.to_string()))?;
        let (path, headers) = ([&*vmid.to_string()], [("idempotency-key", key)]);
        let asked =
            Asked { path: &path, headers: &headers, body: Some(&bytes), ..Asked::default() };
        self.read(&self.0.ask("launch", asked)?)
    }

    /// Shows a measurement or a report: `POST /vm/{vmid}/validate`. The same request again gets the same answer, for two minutes if the
    /// service is not set otherwise.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn validate(&self, vmid: VmId, request: &ValidateRequest) -> Result<ValidateAnswer, Error> {
        let answer = self.send("validate", &[&vmid.to_string()], request)?;
        self.read(&answer)
    }

    /// A launch: `GET /vm/{vmid}/launch/{launch-id}`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn launch_state(&self, vmid: VmId, launch: LaunchId) -> Result<LaunchView, Error> {
        self.get("launch-read", &[&vmid.to_string(), &launch.to_string()])
    }

    /// Says what became of a packet: `POST /vm/{vmid}/launch/{launch-id}/ack`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn acknowledge(
        &self,
        vmid: VmId,
        launch: LaunchId,
        acknowledgement: &Acknowledgement,
    ) -> Result<(), Error> {
        let path = [vmid.to_string(), launch.to_string()];
        self.send("acknowledge", &path.each_ref().map(String::as_str), acknowledgement).map(drop)
    }

    /// Gives a launch up: `DELETE /vm/{vmid}/launch/{launch-id}`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn revoke(&self, vmid: VmId, launch: LaunchId) -> Result<(), Error> {
        let path = [vmid.to_string(), launch.to_string()];
        let path = path.each_ref().map(String::as_str);
        self.0.ask("launch-revoke", Asked { path: &path, ..Asked::default() }).map(drop)
    }

    /// Decides about a launch that waits: `POST /vm/{vmid}/approve/{launch-id}`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn decide(&self, vmid: VmId, launch: LaunchId, approve: bool) -> Result<(), Error> {
        let path = [vmid.to_string(), launch.to_string()];
        self.send("approve", &path.each_ref().map(String::as_str), &Decision { approve }).map(drop)
    }

    /// Uploads a firmware image: `POST /firmware`. Says too whether it is new.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn upload_firmware(&self, image: &[u8]) -> Result<(FirmwareView, bool), Error> {
        let asked = Asked { body: Some(image), ..Asked::default() };
        let answer = self.0.ask("firmware-upload", asked)?;
        Ok((self.read(&answer)?, answer.status == 201))
    }

    /// The catalogue of firmwares: `GET /firmware`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn firmwares(&self) -> Result<FirmwareList, Error> {
        self.get("firmware-list", &[])
    }

    /// A firmware of the catalogue: `GET /firmware/{sha256}`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn firmware(&self, sha256: Sha256) -> Result<FirmwareView, Error> {
        self.get("firmware-read", &[&sha256.to_string()])
    }

    /// Takes a firmware out of the catalogue: `DELETE /firmware/{sha256}`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn remove_firmware(&self, sha256: Sha256) -> Result<(), Error> {
        let path = [&*sha256.to_string()];
        self.0.ask("firmware-delete", Asked { path: &path, ..Asked::default() }).map(drop)
    }

    /// What a registration would accept: `POST /measure`. Nothing is stored.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn measure(&self, registration: &[u8]) -> Result<MeasureAnswer, Error> {
        let asked = Asked { body: Some(registration), ..Asked::default() };
        self.read(&self.0.ask("measure", asked)?)
    }

    /// A description of somebody else's form as a `launch.toml`: `POST /import`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn import(&self, request: &ImportRequest) -> Result<ImportAnswer, Error> {
        let answer = self.send("import", &[], request)?;
        self.read(&answer)
    }

    /// A page of the audit, `limit` records (1 to 1000) after the record `after`: `GET /audit`. Also the page as it came, to be kept.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn audit(&self, after: u64, limit: u32) -> Result<(AuditPage, Vec<u8>), Error> {
        let (after, limit) = (after.to_string(), limit.to_string());
        let query = [("after", after.as_str()), ("limit", limit.as_str())];
        let answer = self.0.ask("audit", Asked { query: &query, ..Asked::default() })?;
        Ok((self.read(&answer)?, answer.body.to_vec()))
    }

    /// The signed heads of the audit, and the answer as it came: `GET /audit/checkpoints`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn checkpoints(&self) -> Result<(CheckpointList, Vec<u8>), Error> {
        let answer = self.0.ask("checkpoints", Asked::default())?;
        Ok((self.read(&answer)?, answer.body.to_vec()))
    }

    /// Makes a token: `POST /token`. It is in the answer, and never told again.
    ///
    /// # Errors
    ///
    /// [`Error`]; where there was no answer, a token may exist that nobody has: `tokens` lists it.
    pub fn make_token(&self, request: &TokenRequest) -> Result<TokenView, Error> {
        let answer = self.send("token-make", &[], request)?;
        self.read(&answer)
    }

    /// Tokens, without what proves them: `GET /token`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn tokens(&self) -> Result<TokenList, Error> {
        self.get("token-list", &[])
    }

    /// Revokes a token: `DELETE /token/{id}`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn revoke_token(&self, id: &str) -> Result<(), Error> {
        self.0.ask("token-delete", Asked { path: &[id], ..Asked::default() }).map(drop)
    }
}
