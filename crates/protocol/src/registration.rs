//! What an owner registers of a guest: how it may be launched, on which machines, and what it receives.
//!
//! Every member that restricts is obeyed or refused: an unknown member is an error, an empty list is an error, and null is an error
//! but where it is said to mean something.

mod check;
mod cpu;
mod limit;
mod platform;

use std::collections::BTreeMap;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sev_launch_abi::Technology;

use crate::body::{once, some};
use crate::canonical;
use crate::problem::{Code, Problem};
use crate::secret::SecretEntry;
use crate::text::{Exact, GivenDigest, Label, LabelKey, Sha256, Time};
use crate::views::VmPatch;

pub use self::cpu::{Cpu, CpuCount, OneOrMany};
pub use self::limit::{LaunchLimit, LaunchLimitPatch};
pub use self::platform::{FirmwareVersion, Generation, PlatformRules, VersionRules};

/// What kind of launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Scheme {
    /// SEV.
    #[serde(rename = "amd-sev")]
    AmdSev,
    /// SEV-ES.
    #[serde(rename = "amd-sev-es")]
    AmdSevEs,
    /// SEV-SNP, as a verdict alone.
    #[serde(rename = "amd-sev-snp")]
    AmdSevSnp,
}

impl Scheme {
    /// All schemes.
    pub const ALL: [Self; 3] = [Self::AmdSev, Self::AmdSevEs, Self::AmdSevSnp];

    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AmdSev => "amd-sev",
            Self::AmdSevEs => "amd-sev-es",
            Self::AmdSevSnp => "amd-sev-snp",
        }
    }

    /// The technology that it launches.
    #[must_use]
    pub const fn technology(self) -> Technology {
        match self {
            Self::AmdSev => Technology::Sev,
            Self::AmdSevEs => Technology::SevEs,
            Self::AmdSevSnp => Technology::Snp,
        }
    }
}

/// How digests that were computed elsewhere stand to those that the service computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DigestMode {
    /// One or the other is registered, not both.
    #[default]
    Exclusive,
    /// A digest of either kind is accepted.
    Any,
}

/// Who decides that a launch whose measurement is right gets its secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Approval {
    /// The measurement alone.
    #[default]
    Automatic,
    /// The owner too, launch by launch.
    Manual,
}

/// The body of a registration: `POST /vm/{vmid}` and `PUT /vm/{vmid}`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Registration {
    /// What kind of launch; the policy must agree.
    pub scheme: Scheme,
    /// A name for people.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "Label"))]
    pub name: Option<Label>,
    /// Labels, by which guests are listed.
    #[serde(default, deserialize_with = "once")]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, Label>"))]
    pub labels: BTreeMap<LabelKey, Label>,
    /// The guest's POLICY: 32 bits for SEV and SEV-ES, 53 bits at most for SEV-SNP.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 9_007_199_254_740_991_u64)))]
    pub policy: u64,
    /// Accept a policy that lets the host debug the guest, which gives it every secret.
    #[serde(default)]
    pub allow_debug: bool,
    /// How many vCPUs the guest may be launched with: a number, a list, or `{"min": 1, "max": 8}`.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "CpuCount"))]
    pub cpu_count: Option<CpuCount>,
    /// The virtual CPU, for SEV-ES and SEV-SNP: one or several of `{"type": "EPYC-Milan"}`, `{"family": …, "model": …, "stepping": …}`.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<Cpu>"))]
    pub cpu: Option<OneOrMany<Cpu>>,
    /// Launch profiles by name, for SEV-ES and SEV-SNP; `kvm-sev-init` and `kvm-sev-init2` stand for QEMU's two with SEV-ES.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<Label>"))]
    pub vmsa_profiles: Option<OneOrMany<Label>>,
    /// SEV_FEATURES of the VMSA; the profile's own where it is left out.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "u64", range(min = 0, max = 9_007_199_254_740_991_u64))
    )]
    pub sev_features: Option<u64>,
    /// Firmwares of the catalogue.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<Sha256>"))]
    pub firmware_hashes: Option<OneOrMany<Sha256>>,
    /// Kernels of a measured direct boot.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<Sha256>"))]
    pub kernel_hash: Option<OneOrMany<Sha256>>,
    /// Initrds; left out beside a kernel, there is none.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<Sha256>"))]
    pub initrd_hash: Option<OneOrMany<Sha256>>,
    /// Command lines by the SHA-256 of their text and a NUL; left out beside a kernel, it is empty.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<Sha256>"))]
    pub cmdline_hash: Option<OneOrMany<Sha256>>,
    /// Command lines as text, instead of their hashes.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<String>"))]
    pub cmdline: Option<OneOrMany<String>>,
    /// Launch digests that were computed elsewhere.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<GivenDigest>"))]
    pub launch_digests: Option<OneOrMany<GivenDigest>>,
    /// Whether `launch-digests` may stand beside firmware and kernel.
    #[serde(default)]
    pub digest_mode: DigestMode,
    /// The certificate of the platform's owner (OCA): one entry of `platform.cloud-certs`.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "Exact<2084>"))]
    pub cloud_cert: Option<Exact<2084>>,
    /// On which machines.
    #[serde(default)]
    pub platform: PlatformRules,
    /// With which versions of the AMD-SP's firmware, for SEV and SEV-ES; any where it is left out.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "VersionRules"))]
    pub firmware_version: Option<VersionRules>,
    /// What the guest receives, in order.
    #[serde(default)]
    pub secrets: Vec<SecretEntry>,
    /// How often and how long.
    #[serde(default)]
    pub launch_limit: LaunchLimit,
    /// The principals that may launch it, by a token's id or a certificate's name; any launcher of the tenant where it is left out. A token
    /// that was made for this guest alone may too.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "OneOrMany<Label>"))]
    pub launchers: Option<OneOrMany<Label>>,
    /// May anybody launch it who reaches the service?
    #[serde(default)]
    pub anonymous: bool,
    /// Who approves.
    #[serde(default)]
    pub approval: Approval,
    /// Answer and audit, and release nothing.
    #[serde(default)]
    pub report_only: bool,
    /// The first time at which it may be launched.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "Time"))]
    pub valid_from: Option<Time>,
    /// The time from which it may not.
    #[serde(default, deserialize_with = "some")]
    #[cfg_attr(feature = "schema", schemars(with = "Time"))]
    pub valid_until: Option<Time>,
    /// Refuse every launch.
    #[serde(default)]
    pub disabled: bool,
    /// Make a token that may launch this guest and do nothing else; it is in the answer, once.
    #[serde(default)]
    pub issue_launch_token: bool,
}

/// What of a registration's body is kept and shown: all of it but the secrets, and what concerns its own answer alone. The secrets that the
/// parser copied are wiped.
///
/// # Errors
///
/// `malformed-json` or `schema`, if the body is no JSON object.
pub fn shown(body: &[u8]) -> Result<String, Problem> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Problem::new(Code::MalformedJson, error.to_string()))?;
    let Value::Object(mut members) = value else {
        return Err(Problem::at(Code::Schema, "#", "wanted an object"));
    };
    if let Some(secrets) = members.remove("secrets") {
        canonical::wipe(secrets);
    }
    members.remove("issue-launch-token");
    Ok(Value::Object(members).to_string())
}

/// What decides of a registration, as [`shown`] has it: its canonical form without what an owner may amend
/// ([`VmPatch::MEMBERS`]).
///
/// # Errors
///
/// `malformed-json`, if it is not JSON.
pub fn decisive(shown: &str) -> Result<Vec<u8>, Problem> {
    let mut value: Value = serde_json::from_str(shown)
        .map_err(|error| Problem::new(Code::MalformedJson, error.to_string()))?;
    if let Value::Object(members) = &mut value {
        for name in VmPatch::MEMBERS {
            members.remove(name);
        }
    }
    Ok(canonical::of_value(&value))
}

impl Registration {
    /// The certificates of owners that are accepted, of both members that name them.
    pub fn cloud_certs(&self) -> impl Iterator<Item = &[u8; 2084]> {
        self.cloud_cert.iter().chain(&self.platform.cloud_certs).map(|certificate| &certificate.0)
    }

    /// Is a measured direct boot registered?
    #[must_use]
    pub fn has_kernel_hashes(&self) -> bool {
        self.kernel_hash.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_is_not_what_an_owner_amends() {
        let of = |text: &str| decisive(text).expect("JSON");
        let one = of(r#"{"policy": 3, "name": "a"}"#);
        assert_eq!(one, of(r#"{"disabled":true,"name":"b","policy":3,"valid-until":"x"}"#));
        assert_ne!(one, of(r#"{"policy": 2, "name": "a"}"#));
        assert_ne!(one, of(r#"{"policy": 3, "name": "a", "platform": {}}"#));
    }

    // The members of a patch are those that its schema names.
    #[cfg(feature = "schema")]
    #[test]
    fn a_patch_has_the_members_that_decide_nothing() {
        let schema = schemars::schema_for!(VmPatch).to_value();
        let mut members: Vec<_> =
            schema["properties"].as_object().expect("members").keys().collect();
        members.sort();
        assert_eq!(members, VmPatch::MEMBERS.iter().collect::<Vec<_>>());
    }

    #[test]
    fn secrets_are_not_shown() {
        let body =
            br#"{"policy": 3, "secrets": [{"passphrase": "x"}], "issue-launch-token": true}"#;
        assert_eq!(shown(body).expect("an object"), r#"{"policy":3}"#);
    }
}
