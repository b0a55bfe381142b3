//! What the service shows: guests, launches, firmwares, tokens, the audit and itself; and the bodies that ask for it.

use std::collections::BTreeMap;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::audit::Checkpoint;
use crate::body::{some, some_or_null};
use crate::launch::{Injection, LaunchState};
use crate::problem::{Code, Problem};
use crate::registration::{LaunchLimit, LaunchLimitPatch, Scheme};
use crate::state::Status;
use crate::text::{Exact, Label, LabelKey, LaunchId, Sha256, Time, VmId};

/// A guest: the answer to registering and to asking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct VmView {
    /// Its name.
    pub vmid: VmId,
    /// How it stands.
    pub status: Status,
    /// What kind of launch.
    pub scheme: Scheme,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Label>,
    /// Its labels.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, Label>"))]
    pub labels: BTreeMap<LabelKey, Label>,
    /// How many launch digests are accepted.
    pub candidates: u64,
    /// The size of its table of secrets in bytes; 0 without secrets.
    pub secret_table_bytes: u64,
    /// Its launches, counted.
    pub launches: LaunchCounts,
    /// When it was registered.
    pub created: Time,
    /// When its registration last changed.
    pub changed: Time,
    /// What is worth a thought, and refuses nothing.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// A token that may launch this guest and nothing else: in the answer to its registration alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_token: Option<String>,
    /// The registration without its secrets; in the answer to `GET /vm/{vmid}` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Map<String, Value>>,
    /// The launches that are kept, the newest first; in the answer to `GET /vm/{vmid}` alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<LaunchView>,
    /// Is this a service for tests, with a root of its own?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

/// Launches of a guest, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct LaunchCounts {
    /// Begun so far.
    pub used: u64,
    /// Left; null without a limit.
    pub left: Option<u64>,
}

/// A list of guests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct VmList {
    /// The guests, by name.
    pub items: Vec<VmView>,
    /// Where to go on: the value of `after` for the next page; null at the end.
    pub next: Option<VmId>,
}

/// A change of a registration that leaves what is measured and released as it is: a merge patch (RFC 7396).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VmPatch {
    /// A name for people; null removes it.
    #[serde(default, deserialize_with = "some_or_null", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Label>"))]
    pub name: Option<Option<Label>>,
    /// Labels to set, or to remove by null; null removes all.
    #[serde(default, deserialize_with = "some_or_null", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<BTreeMap<String, Option<Label>>>"))]
    pub labels: Option<Option<BTreeMap<LabelKey, Option<Label>>>>,
    /// The time from which it may not be launched; null removes it.
    #[serde(default, deserialize_with = "some_or_null", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Time>"))]
    pub valid_until: Option<Option<Time>>,
    /// How often and how long.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "LaunchLimitPatch"))]
    pub launch_limit: Option<LaunchLimitPatch>,
    /// Refuse every launch.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "bool"))]
    pub disabled: Option<bool>,
}

impl VmPatch {
    /// The members of a registration that it changes. Nothing of them decides what is accepted or released.
    pub const MEMBERS: [&str; 5] = ["disabled", "labels", "launch-limit", "name", "valid-until"];

    /// The most labels that a patch or a registration names.
    pub const MOST_LABELS: usize = 64;

    /// Checks what no member's type says.
    ///
    /// # Errors
    ///
    /// `out-of-range` with the member.
    pub fn check(&self) -> Result<(), Problem> {
        if let Some(limit) = &self.launch_limit {
            limit.applied(LaunchLimit::default()).check()?;
        }
        let labels = self.labels.iter().flatten().map(BTreeMap::len).sum::<usize>();
        if labels > Self::MOST_LABELS {
            let detail = format!("{labels} labels, wanted at most {}", Self::MOST_LABELS);
            return Err(Problem::at(Code::OutOfRange, "#/labels", detail));
        }
        Ok(())
    }
}

/// One launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct LaunchView {
    /// Its name.
    pub launch_id: LaunchId,
    /// Its state.
    pub state: LaunchState,
    /// When it began.
    pub began: Time,
    /// When it expires, while it is live.
    pub expires_at: Time,
    /// How many wrong measurements it still survives.
    pub attempts_left: u32,
    /// Did the owner approve?
    pub approved: bool,
    /// What became of the packet in the guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Injection>,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    /// Is this a service for tests, with a root of its own?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

/// A firmware of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct FirmwareView {
    /// SHA-256 of the image.
    pub sha256: Sha256,
    /// SHA-384 of the image, in hex.
    pub sha384: String,
    /// Bytes of the image.
    pub size: u64,
    /// Bytes of its place for secrets; absent if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_area: Option<u32>,
    /// Does it check kernel, initrd and command line against hashes?
    pub hash_table: bool,
    /// Can it start vCPUs of SEV-ES?
    pub es_reset: bool,
    /// Has it the metadata of SEV-SNP?
    pub snp_metadata: bool,
    /// Is the image kept, or only what launch digests follow from?
    pub image_kept: bool,
    /// When it was uploaded.
    pub created: Time,
}

/// The catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FirmwareList {
    /// The firmwares, by SHA-256.
    pub items: Vec<FirmwareView>,
}

/// A launch digest that a registration would accept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Candidate {
    /// The digest in hex.
    pub digest: String,
    /// The firmware.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<Sha256>,
    /// The kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Sha256>,
    /// The initrd.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initrd: Option<Sha256>,
    /// The command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cmdline: Option<Sha256>,
    /// The number of vCPUs, where they are measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_count: Option<u32>,
    /// The CPU's signature, as CPUID function 1 shows it, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_signature: Option<String>,
    /// The launch profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vmsa_profile: Option<String>,
}

/// The answer to measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct MeasureAnswer {
    /// Every launch digest that the registration would accept.
    pub candidates: Vec<Candidate>,
    /// The size of its table of secrets in bytes.
    pub secret_table_bytes: u64,
    /// What is worth a thought.
    pub warnings: Vec<String>,
}

/// How people have launches described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ImportFrom {
    /// A libvirt domain, XML.
    Libvirt,
    /// A command line of QEMU.
    Qemu,
    /// This project's `launch.toml`.
    LaunchToml,
}

/// The body of import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ImportRequest {
    /// What the text is.
    pub from: ImportFrom,
    /// The text.
    #[cfg_attr(feature = "schema", schemars(length(max = 262_144)))]
    pub text: String,
}

/// The answer to import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct ImportAnswer {
    /// The launch as this project's `launch.toml`.
    pub launch_toml: String,
    /// What the source said and the description does not hold, or does not know.
    pub warnings: Vec<String>,
}

/// What a credential may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Scope {
    /// See guests, launches and firmwares.
    #[serde(rename = "vm:read")]
    VmRead,
    /// Register, change and delete guests and firmwares; approve.
    #[serde(rename = "vm:write")]
    VmWrite,
    /// Launch, validate, acknowledge.
    #[serde(rename = "launch")]
    Launch,
    /// Read the audit.
    #[serde(rename = "audit:read")]
    AuditRead,
    /// Make tokens for others.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    /// All.
    pub const ALL: [Self; 5] =
        [Self::VmRead, Self::VmWrite, Self::Launch, Self::AuditRead, Self::Admin];

    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VmRead => "vm:read",
            Self::VmWrite => "vm:write",
            Self::Launch => "launch",
            Self::AuditRead => "audit:read",
            Self::Admin => "admin",
        }
    }

    /// The scope of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// The body of a request for a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TokenRequest {
    /// A name for people.
    pub name: Label,
    /// What it may do: at most what the one who asks may.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 5)))]
    pub scopes: Vec<Scope>,
    /// For one guest alone.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "VmId"))]
    pub vmid: Option<VmId>,
    /// How many days it holds: 1 to 366, 90 if it is not said.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u32", range(min = 1, max = 366)))]
    pub days: Option<u32>,
    /// For which tenant; the one of who asks, if it is not said. Only an administrator names another.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Label"))]
    pub tenant: Option<Label>,
}

impl TokenRequest {
    /// Days that a token holds if none are said.
    pub const DAYS: u32 = 90;
    /// The most days.
    pub const MOST_DAYS: u32 = 366;

    /// Checks what no member's type says.
    ///
    /// # Errors
    ///
    /// `schema` for no scope or more than there are, `out-of-range` for the days.
    pub fn check(&self) -> Result<(), Problem> {
        let most = Scope::ALL.len();
        if !(1..=most).contains(&self.scopes.len()) {
            let found = self.scopes.len();
            let detail =
                format!("{found} scopes, wanted 1 to {most}: a token without any may do nothing");
            return Err(Problem::at(Code::Schema, "#/scopes", detail));
        }
        if let Some(days) = self.days.filter(|days| !(1..=Self::MOST_DAYS).contains(days)) {
            let detail = format!("{days} days, wanted 1 to {}", Self::MOST_DAYS);
            return Err(Problem::at(Code::OutOfRange, "#/days", detail));
        }
        Ok(())
    }
}

/// A token, without what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct TokenView {
    /// Its name in this service, which is also in the token.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its tenant.
    pub tenant: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// For one guest alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vmid: Option<VmId>,
    /// When it was made.
    pub created: Time,
    /// When it expires.
    pub expires: Time,
    /// The token itself: in the answer to its making alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct TokenList {
    /// The tokens, by id.
    pub items: Vec<TokenView>,
}

/// A page of the audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct AuditPage {
    /// The records as they are kept, each one line of JSON in canonical form.
    pub lines: Vec<String>,
    /// The number of the last record on this page: the value of `after` for the next; null if there is none after it.
    pub next: Option<u64>,
}

/// A checkpoint with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SignedCheckpoint {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// ECDSA over P-384 with SHA-384: r and s, 48 bytes each, big-endian.
    pub signature: Exact<96>,
}

/// The checkpoints of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct CheckpointList {
    /// The public key: SEC 1, uncompressed, 97 bytes.
    pub key: Exact<97>,
    /// The checkpoints, the newest last.
    pub items: Vec<SignedCheckpoint>,
}

/// `GET /`: what the service is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ServiceDocument {
    /// Always `sev-attestation`.
    pub service: String,
    /// Always `v1`.
    pub api: String,
    /// The service's clock.
    pub time: Time,
    /// What it can judge.
    pub schemes: Vec<Scheme>,
    /// What it has beyond the least.
    pub features: Vec<String>,
    /// Its bounds.
    pub limits: Limits,
    /// The description of every path.
    pub openapi: String,
    /// Is this a service for tests, with a root of its own?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

/// The service's bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct Limits {
    /// The longest body that is JSON.
    pub body_bytes: u64,
    /// The longest firmware image.
    pub firmware_bytes: u64,
    /// The most launch digests of a guest.
    pub candidates: u64,
}
