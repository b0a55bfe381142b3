//! Is what a host shows of a launch the proof that it is one which the owner approved?
//!
//! Nothing is decided here that `sev-launch-verify` decides: only what its answers mean for a launch. A wrong measurement proves nothing and costs
//! an attempt; a right one that breaks a rule ends the launch, since nothing that the host could send would mend it.
//!
//! The caller asks in this order: [`echoed_policy`], then the hints ([`Candidates::select`](crate::candidates::Candidates::select)), then
//! [`measurement()`] or [`report()`].

mod measurement;
mod report;

use serde::Serialize;
use sev_launch_abi::LaunchDigest;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::{Registration, VersionRules};
use sev_launch_protocol::text::Sha256;
use sev_launch_verify::sev::measurement::VerifiedLaunch;
use sev_launch_verify::snp::requirements::AcceptedReport;

pub use self::measurement::measurement;
pub use self::report::{ReportRoots, ReportRules, report};
use crate::candidates::Candidate;

/// What the owner demands of a launch beside its digest.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The policy, which must be exactly this.
    pub policy: u64,
    /// Is a policy accepted that lets the host debug the guest?
    pub allow_debug: bool,
    /// The versions of the AMD-SP's firmware, for SEV and SEV-ES; any where there are none.
    pub versions: Option<&'a VersionRules>,
}

impl<'a> Rules<'a> {
    /// Those of a registration.
    #[must_use]
    pub fn of(registration: &'a Registration) -> Self {
        let Registration { policy, allow_debug, firmware_version, .. } = registration;
        Self { policy: *policy, allow_debug: *allow_debug, versions: firmware_version.as_ref() }
    }
}

/// What is proven of a launch, for the owner's audit. A launcher is told nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// What was launched; none where a rule is broken so that the evidence was not looked at further.
    pub candidate: Option<Candidate>,
    /// The policy.
    pub policy: Option<u64>,
    /// The version of the platform's firmware, `major.minor.build`.
    pub version: Option<String>,
    /// SHA-256 of the measurement or the report as it was sent.
    pub evidence_sha256: Option<Sha256>,
    /// The processor's generation, where evidence says it.
    pub generation: Option<String>,
    /// The chip, in hex, where a report says it.
    pub chip_id: Option<String>,
    /// Each demand that is not met, in a sentence.
    pub unmet: Vec<String>,
    /// Does the proof rest on a root of a lab, where it rests on a certificate at all?
    pub simulated: bool,
}

/// What proves that a launch is as the owner approved.
#[derive(Debug)]
pub enum Proof {
    /// A launch measurement, for SEV and SEV-ES: it may seal secrets.
    Launch(Box<VerifiedLaunch>),
    /// An attestation report, for SEV-SNP.
    Report(Box<AcceptedReport>),
}

impl Proof {
    /// The launch that may seal secrets, if there is one.
    #[must_use]
    pub fn launch(&self) -> Option<&VerifiedLaunch> {
        match self {
            Self::Launch(launch) => Some(launch),
            Self::Report(_) => None,
        }
    }
}

/// A launch that is as the owner approved.
#[derive(Debug)]
#[must_use]
pub struct Accepted {
    /// What proves it.
    pub proof: Proof,
    /// What is proven.
    pub facts: Facts,
}

/// Evidence that is authentic and breaks a rule.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The rule.
    pub code: Code,
    /// In words, for the audit.
    pub detail: String,
    /// What is proven.
    pub facts: Facts,
}

/// What evidence comes to.
#[derive(Debug)]
#[must_use]
pub enum Judgement {
    /// It is the proof of no approved launch: `measurement-mismatch`. The attempt counts.
    Mismatch {
        /// The digest, where the evidence proves one: a report does, a measurement does not.
        digest: Option<LaunchDigest>,
    },
    /// It proves nothing of this launch: it is forged, or of another launch. The attempt counts.
    Unproven(Problem),
    /// It is authentic, and a rule is broken. The launch ends.
    Rejected(Box<Rejected>),
    /// It is as it should be.
    Accepted(Box<Accepted>),
}

impl Judgement {
    /// The code for the launcher; none for what is accepted.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Mismatch { .. } => Some(Code::MeasurementMismatch),
            Self::Unproven(problem) => Some(problem.code),
            Self::Rejected(rejected) => Some(rejected.code),
            Self::Accepted(_) => None,
        }
    }
}

/// Compares the policy that a host shows with the registered one, where it shows one. It proves nothing: a wrong one tells the launcher that the guest
/// was started with another than the answer to `/launch` had, before an attempt is counted.
///
/// # Errors
///
/// `policy-mismatch`.
pub fn echoed_policy(rules: &Rules<'_>, echoed: Option<u64>) -> Result<(), Problem> {
    match echoed {
        Some(found) if found != rules.policy => {
            let detail = format!("{found:#x}, and the session is for {:#x}", rules.policy);
            Err(Problem::at(Code::PolicyMismatch, "#/policy", detail))
        }
        _ => Ok(()),
    }
}
