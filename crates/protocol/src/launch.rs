//! The launcher's requests and their answers: launch, validate, acknowledge.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha512};

use crate::body::{More, check_more, some};
use crate::problem::{Code, Problem};
use crate::registration::{CpuCount, Scheme};
use crate::text::{Blob, CpuId, Exact, Label, LaunchId, Sha256, Time, VmId};

/// The state of a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LaunchState {
    /// The session was handed out; its keys exist.
    Launched,
    /// A measurement was accepted, and the owner's approval is awaited; the keys exist.
    Validated,
    /// The answer was given; the keys are gone.
    Consumed,
    /// Wrong measurements, or a rule broken; the keys are gone.
    Failed,
    /// It took too long; the keys are gone.
    Expired,
    /// A newer launch took its place; the keys are gone.
    Superseded,
    /// It was given up; the keys are gone.
    Revoked,
}

impl LaunchState {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Launched => "launched",
            Self::Validated => "validated",
            Self::Consumed => "consumed",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
            Self::Revoked => "revoked",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Launched,
            Self::Validated,
            Self::Consumed,
            Self::Failed,
            Self::Expired,
            Self::Superseded,
            Self::Revoked,
        ]
        .into_iter()
        .find(|state| state.name() == name)
    }

    /// Do its keys still exist?
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Launched | Self::Validated)
    }
}

/// `POST /vm/{vmid}/launch`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct LaunchRequest {
    /// The platform's Diffie-Hellman certificate, 2084 bytes; may be left out where the chain holds it.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Exact<2084>"))]
    pub pdh: Option<Exact<2084>>,
    /// The certificate chain, in any of the four forms in which it is exported. For SEV-SNP it may be left out.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Blob"))]
    pub cert_chain: Option<Blob>,
    /// The machine's id; needed where the chain's CEK is unsigned. QMP's name, `cpu0-id`, is read too.
    #[serde(
        default,
        alias = "cpu0-id",
        deserialize_with = "some",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "CpuId"))]
    pub cpu_id: Option<CpuId>,
    /// The host's name, for the audit.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Label"))]
    pub host: Option<Label>,
    /// What else the launcher sent, for the audit.
    #[serde(flatten)]
    pub more: More,
}

impl LaunchRequest {
    /// Checks what no member says by itself.
    ///
    /// # Errors
    ///
    /// `too-large`, if what is not named by the protocol is.
    pub fn check(&self) -> Result<(), Problem> {
        check_more(&self.more)
    }
}

/// The answer to launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct LaunchAnswer {
    /// The launch's name.
    pub launch_id: LaunchId,
    /// What kind of launch.
    pub scheme: Scheme,
    /// The session blob, 128 bytes, for `session-file` and `<session>`. None for SEV-SNP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Blob>,
    /// The owner's Diffie-Hellman certificate, 2084 bytes, for `dh-cert-file` and `<dhCert>`. None for SEV-SNP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_cert: Option<Blob>,
    /// For SEV-SNP: 32 bytes that REPORT_DATA has to begin from: SHA-512 of nonce, guest and launch (16 bytes each).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Exact<32>>,
    /// The policy that the guest has to be started with.
    pub policy: u64,
    /// Must the VMM pass hashes of kernel, initrd and command line? Absent where only digests are registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel_hashes: Option<bool>,
    /// When the launch expires.
    pub expires_at: Time,
    /// Is this a service for tests, with a root of its own?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

/// `POST /vm/{vmid}/validate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct ValidateRequest {
    /// Which launch; may be left out where one is live.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "LaunchId"))]
    pub launch_id: Option<LaunchId>,
    /// The major version of the platform's API, for SEV and SEV-ES.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u8"))]
    pub api_major: Option<u64>,
    /// The minor version of the platform's API.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u8"))]
    pub api_minor: Option<u64>,
    /// The platform's build.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u8"))]
    pub build_id: Option<u64>,
    /// The policy that the platform shows.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "u64", range(min = 0, max = 9_007_199_254_740_991_u64))
    )]
    pub policy: Option<u64>,
    /// The launch measurement, 48 bytes, for SEV and SEV-ES.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Exact<48>"))]
    pub measurement: Option<Exact<48>>,
    /// The attestation report, 1184 bytes, for SEV-SNP.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Exact<1184>"))]
    pub report: Option<Exact<1184>>,
    /// The chip's certificate (VCEK) in DER, for SEV-SNP.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Blob"))]
    pub vek: Option<Blob>,
    /// A firmware: of the registered guests, only those with it are meant.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Sha256"))]
    pub firmware_hash: Option<Sha256>,
    /// A number of vCPUs: of the registered guests, only those with so many are meant.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u32", range(min = 1, max = 1024)))]
    pub cpu_count: Option<u64>,
    /// The kernel that the launcher started, for the owner's explanation of a mismatch alone: no verdict looks at it.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Sha256"))]
    pub kernel_hash: Option<Sha256>,
    /// The initrd, likewise.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Sha256"))]
    pub initrd_hash: Option<Sha256>,
    /// The command line, likewise.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(max = 16_384)))]
    pub cmdline: Option<String>,
    /// What else the launcher sent, for the audit.
    #[serde(flatten)]
    pub more: More,
}

/// The longest command line that a launcher says, in characters.
pub const MOST_CMDLINE: usize = 16_384;

/// What a request to validate shows of a launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// SEV and SEV-ES.
    Measurement {
        /// MEASURE and MNONCE.
        measurement: [u8; 48],
        /// The version that the host claims: true only once the measurement's MAC is.
        version: sev_launch_abi::PlatformVersion,
    },
    /// SEV-SNP.
    Report {
        /// The report.
        report: Box<[u8; 1184]>,
        /// The chip's certificate, DER.
        vek: Vec<u8>,
    },
}

impl ValidateRequest {
    /// The evidence for a launch of `scheme`, with every number in its range.
    ///
    /// # Errors
    ///
    /// `schema` for what is missing or belongs to another scheme, `out-of-range`, `too-large`.
    pub fn evidence(&self, scheme: Scheme) -> Result<Evidence, Problem> {
        check_more(&self.more)?;
        if self.cmdline.as_ref().is_some_and(|line| line.chars().count() > MOST_CMDLINE) {
            let detail = format!("more than {MOST_CMDLINE} characters");
            return Err(Problem::at(Code::TooLarge, "#/cmdline", detail));
        }
        if let Some(policy) = self.policy.filter(|policy| *policy >= 1 << 53) {
            let detail = format!("{policy}, wanted at most 2^53 - 1");
            return Err(Problem::at(Code::OutOfRange, "#/policy", detail));
        }
        if let Some(count) = self.cpu_count
            && !(1..=u64::from(CpuCount::MOST)).contains(&count)
        {
            let detail = format!("{count} vCPUs, wanted 1 to {}", CpuCount::MOST);
            return Err(Problem::at(Code::OutOfRange, "#/cpu-count", detail));
        }
        let missing = |member: &str| {
            Problem::at(
                Code::Schema,
                format!("#/{member}"),
                format!("wanted for a launch of {}", scheme.name()),
            )
        };
        let stray = |member: &str| {
            Problem::at(
                Code::Schema,
                format!("#/{member}"),
                format!("a launch of {} has none", scheme.name()),
            )
        };
        let byte = |member: &str, number: Option<u64>| {
            let byte = number.map(u8::try_from).transpose();
            byte.map_err(|_| {
                let found = number.unwrap_or_default();
                let detail = format!("{found} is not one byte, 0 to 255");
                Problem::at(Code::OutOfRange, format!("#/{member}"), detail)
            })
        };
        let major = byte("api-major", self.api_major)?;
        let minor = byte("api-minor", self.api_minor)?;
        let build = byte("build-id", self.build_id)?;
        if scheme == Scheme::AmdSevSnp {
            if self.measurement.is_some() {
                return Err(stray("measurement"));
            }
            let report = self.report.as_ref().ok_or_else(|| missing("report"))?;
            let vek = self.vek.as_ref().ok_or_else(|| missing("vek"))?;
            return Ok(Evidence::Report { report: Box::new(report.0), vek: vek.0.clone() });
        }
        if self.report.is_some() {
            return Err(stray("report"));
        }
        let version = sev_launch_abi::PlatformVersion {
            major: major.ok_or_else(|| missing("api-major"))?,
            minor: minor.ok_or_else(|| missing("api-minor"))?,
            build: build.ok_or_else(|| missing("build-id"))?,
        };
        let measurement = self.measurement.ok_or_else(|| missing("measurement"))?.0;
        Ok(Evidence::Measurement { measurement, version })
    }
}

/// What a measurement came to.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is one of those that the owner approved.
    Trusted,
}

/// The answer to validate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub struct ValidateAnswer {
    /// The launch.
    pub launch_id: LaunchId,
    /// Where no packet is in the answer: the verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Its state, where the owner's approval is awaited, or nothing is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_state: Option<LaunchState>,
    /// Seconds after which the same request may be sent again, where the owner's approval is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The packet's header, 52 bytes, for `sev-inject-launch-secret`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_header: Option<Exact<52>>,
    /// The packet's data: the table of secrets, encrypted for this one guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_table: Option<Blob>,
    /// Set in report-only mode: nothing is released.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub report_only: bool,
    /// Is this a service for tests, with a root of its own?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

/// What became of a packet in the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Injection {
    /// The platform took it.
    Injected,
    /// It did not.
    Failed,
}

/// `POST /vm/{vmid}/launch/{launch-id}/ack`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Acknowledgement {
    /// What became of it.
    pub result: Injection,
    /// What the VMM said.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Label"))]
    pub error: Option<Label>,
}

/// `POST /vm/{vmid}/approve/{launch-id}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Decision {
    /// Does the launch get its secrets?
    pub approve: bool,
}

/// What makes a report one of this launch.
#[derive(Clone, Copy, Debug)]
pub struct Challenge {
    /// The launch's nonce, 32 bytes that were drawn for it.
    pub nonce: [u8; 32],
    /// The guest.
    pub vmid: VmId,
    /// The launch.
    pub launch: LaunchId,
}

impl Challenge {
    /// What REPORT_DATA must be: SHA-512 of the nonce, the guest's 16 bytes and the launch's 16 bytes.
    #[must_use]
    pub fn report_data(&self) -> [u8; 64] {
        let hash = Sha512::new().chain_update(self.nonce).chain_update(self.vmid.as_bytes());
        hash.chain_update(self.launch.as_bytes()).finalize().into()
    }
}
