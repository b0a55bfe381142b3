//! What a guest's owner demands of a SEV or SEV-ES launch: the digest, the guest policy, the platform.
//!
//! Only [`LaunchSession::verify`](super::session::LaunchSession::verify) answers, with all demands at once, so a launch whose
//! policy was not judged cannot be given a secret. [`Requirements::strict`] refuses what is dangerous; what is accepted all the
//! same is loosened by naming its field:
//!
//! ```
//! use sev_launch_verify::abi::{ApiVersion, Technology, sev};
//! use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
//! use sev_launch_verify::requirement::Requirement;
//! use sev_launch_verify::sev::requirements::{PlatformRequirements, PolicyRequirements, Requirements};
//!
//! let mut references = ReferenceValues::new();
//! let digest = sev::LaunchDigest::from_bytes([0x5a; 32]);
//! references.add(digest, StandsFor::image(Technology::SevEs, "build 7"));
//! let api = Requirement::AtLeast(ApiVersion { major: 1, minor: 55 });
//! let platform = PlatformRequirements { api, build: Requirement::Any };
//! let strict = Requirements::strict(references, platform);
//!
//! // This guest may be sent to another platform.
//! let policy = PolicyRequirements { nosend: Requirement::Any, ..PolicyRequirements::STRICT };
//! let requirements = Requirements { policy, ..strict };
//! assert!(requirements.policy.appraise(sev::Policy::from_bits(0x7)).is_ok());
//! assert!(requirements.policy.appraise(sev::Policy::from_bits(0x6)).is_err(), "it allows debugging");
//! ```

use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};
use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::sev::policy::{Finding, Flag, Policy};
use sev_launch_abi::{ApiVersion, PlatformVersion, Technology};

use crate::demand::{Demand, Demands, Joined, Rejection};
use crate::policy_requirements::{Contradiction, policy_requirements};
use crate::reference_values::ReferenceValues;
use crate::requirement::Requirement;

/// Everything that a guest's owner insists on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct Requirements {
    /// The accepted launch digests: an empty set accepts nothing. One whose technology does not fit the policy's ES bit is
    /// refused.
    pub references: ReferenceValues<LaunchDigest>,
    /// The guest policy.
    pub policy: PolicyRequirements,
    /// The platform.
    pub platform: PlatformRequirements,
}

impl Requirements {
    /// One of these digests, on such a platform, under a policy as [`PolicyRequirements::STRICT`] has it.
    ///
    /// Freshness is the session's: its keys are drawn for one launch, and verifying consumes them.
    pub const fn strict(
        references: ReferenceValues<LaunchDigest>,
        platform: PlatformRequirements,
    ) -> Self {
        Self { references, policy: PolicyRequirements::STRICT, platform }
    }

    /// The demands, of no evidence yet: none of them is met.
    #[must_use]
    pub fn demands(&self) -> Vec<Demand> {
        Terms::of(self).demands(None)
    }
}

policy_requirements! {
    /// What a guest policy must say. Reserved bits are refused whatever stands here.
    words {
        /// Of the lowest version that the policy allows.
        min_api: ApiVersion,
    }
    /// No debugging, no key sharing, no sending.
    bits {
        /// Exactly `true` for any guest with a secret: the host can read the memory of any other.
        nodbg: Nodbg = Requirement::Exactly(true),
        /// May the key not be shared?
        noks: Noks = Requirement::Exactly(true),
        /// Is SEV-ES required?
        es: Es = Requirement::Any,
        /// May the guest not be sent away?
        nosend: Nosend = Requirement::Exactly(true),
        /// May it be sent only to platforms of the same owner?
        domain: Domain = Requirement::Any,
        /// May it be sent only to genuine platforms?
        sev: Sev = Requirement::Any,
    }
}

impl PolicyRequirements {
    /// Is the policy acceptable, by itself?
    ///
    /// Errors: every demand, if one is not met.
    pub fn appraise(&self, policy: Policy) -> Result<Vec<Demand>, Rejection> {
        let mut demands = Demands::listed();
        self.judge(Some(policy), &mut demands);
        demands.answer()
    }

    /// Why the policy is refused as insecure for a guest of this technology, whatever its launch may prove. Empty if it is not.
    ///
    /// Debugging that is not accepted, reserved bits, an ES bit that contradicts the technology. Bits that are required and
    /// missing are none of these: they are demands that are not met.
    #[must_use]
    pub fn refusals(&self, policy: Policy, technology: Technology) -> Vec<Finding> {
        let findings = policy.findings(technology);
        // What its bits would mean in a policy of SEV is then of no use to anybody.
        if findings.contains(&Finding::LikeSnp) {
            return alloc::vec![Finding::LikeSnp];
        }
        findings.into_iter().filter(|one| self.refuses(*one)).collect()
    }

    /// What should be known of the policy although it is accepted.
    #[must_use]
    pub fn warnings(&self, policy: Policy, technology: Technology) -> Vec<Finding> {
        policy.findings(technology).into_iter().filter(|one| !self.refuses(*one)).collect()
    }

    fn refuses(&self, finding: Finding) -> bool {
        match finding {
            Finding::DebugAllowed => !self.nodbg.check(&false),
            Finding::KeySharingAllowed | Finding::SendingAllowed { .. } => false,
            _ => true,
        }
    }

    fn judge(&self, policy: Option<Policy>, demands: &mut Demands) {
        for flag in Flag::ALL {
            let found = policy.map(|policy| policy.has(flag));
            demands.ask_bit(format_args!("POLICY.{flag}"), found, self.of(flag));
        }
        let reserved = policy.map_or(0, Policy::reserved_bits);
        let found = format_args!("{reserved:#x}");
        demands.push(RESERVED, policy.and(Some(found)), reserved == 0, "none");
        demands.ask(MIN_API, policy.map(Policy::min_api), &self.min_api);
    }
}

/// What a platform's version must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct PlatformRequirements {
    /// Of API_MAJOR and API_MINOR, as a pair.
    pub api: Requirement<ApiVersion>,
    /// Of BUILD. It is compared by itself, whatever the API version is.
    pub build: Requirement<u8>,
}

/// Fields whose names are no single one of AMD's.
const RESERVED: &str = "POLICY.RESERVED";
const MIN_API: &str = "POLICY.API";
const API: &str = "API";
const BUILD: &str = "BUILD";

/// What a measurement proves: the launch digest, the policy, the platform's version.
pub(super) type Proven<'a> = (&'a LaunchDigest, Policy, PlatformVersion);

/// The requirements without the reference values, which may be many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    references: usize,
    policy: PolicyRequirements,
    platform: PlatformRequirements,
}

impl Terms {
    pub(super) fn of(requirements: &Requirements) -> Self {
        let Requirements { references, policy, platform } = requirements;
        Self { references: references.len(), policy: *policy, platform: *platform }
    }

    /// Is all of this as demanded? The digest is one that matched.
    ///
    /// Errors: every demand, if one is not met.
    pub(super) fn appraise(&self, proven: Proven<'_>) -> Result<(), Rejection> {
        let mut demands = Demands::unlisted();
        self.judge(Some(proven), &mut demands);
        if demands.all_met() { Ok(()) } else { Err(Rejection::new(self.demands(Some(proven)))) }
    }

    /// Every demand with its answer.
    pub(super) fn demands(&self, proven: Option<Proven<'_>>) -> Vec<Demand> {
        let mut demands = Demands::listed();
        self.judge(proven, &mut demands);
        demands.into_list()
    }

    fn judge(&self, proven: Option<Proven<'_>>, demands: &mut Demands) {
        let wanted = format_args!("one of {} reference values", self.references);
        let digest = proven.map(|(digest, ..)| digest);
        demands.push("LAUNCH_DIGEST", digest, digest.is_some(), wanted);
        self.policy.judge(proven.map(|(_, policy, _)| policy), demands);
        let version = proven.map(|(.., version)| version);
        demands.ask(API, version.map(PlatformVersion::api), &self.platform.api);
        demands.ask(BUILD, version.map(|version| version.build), &self.platform.build);
    }
}

/// A rejection in words: the policy, then the platform, each with what is not as required.
pub(super) struct Told<'a> {
    pub(super) policy: &'a Policy,
    pub(super) version: &'a PlatformVersion,
    pub(super) rejection: &'a Rejection,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |of_policy: bool| {
            let unmet = self.rejection.unmet();
            unmet.filter(move |one| one.field.starts_with("POLICY.") == of_policy).map(Phrase)
        };
        let (policy, platform) = (of(true), of(false));
        let has = [policy.clone().next().is_some(), platform.clone().next().is_some()];
        if has[0] {
            write!(f, "policy {}: {}", self.policy, Joined(policy))?;
        }
        if has == [true, true] {
            f.write_str("; ")?;
        }
        if has[1] {
            write!(
                f,
                "platform version {}: {}",
                self.version.with_build_named(),
                Joined(platform)
            )?;
        }
        Ok(())
    }
}

struct Phrase<'a>(&'a Demand);

impl fmt::Display for Phrase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Demand { field, wanted, found, .. } = self.0;
        let found = found.as_deref().unwrap_or_default();
        let subject = match field.as_str() {
            RESERVED => return write!(f, "reserved bits {found} are set, wanted {wanted}"),
            MIN_API => "the lowest API version",
            API => "the API version",
            BUILD => "the build",
            field => field.strip_prefix("POLICY.").unwrap_or(field),
        };
        write!(f, "{subject} is {found}, wanted {wanted}")
    }
}
