//! What a verifier demands of a report, and the comparison that answers every demand.
//!
//! Fields are those of [SNP-ABI, ATTESTATION_REPORT]. Levels of the TCB are stated per generation, since the same number means
//! different firmware on each. [`Requirements::strict`] refuses what is dangerous, and every generation; what is accepted all
//! the same is loosened by naming its field:
//!
//! ```
//! use sev_launch_verify::abi::{Technology, snp};
//! use sev_launch_verify::demand::Rejection;
//! use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
//! use sev_launch_verify::requirement::Requirement;
//! use sev_launch_verify::snp::report::VerifiedReport;
//! use sev_launch_verify::snp::requirements::{AcceptedReport, Generations, Requirements, TcbRequirements};
//!
//! /// `nonce` is fresh, and the guest was told to put it into the report.
//! fn decide(report: &VerifiedReport, nonce: [u8; 64]) -> Result<AcceptedReport, Rejection> {
//!     let mut references = ReferenceValues::new();
//!     let digest = snp::LaunchDigest::from_bytes([0x5a; 48]);
//!     references.add(digest, StandsFor::image(Technology::Snp, "build 7"));
//!     let tcb = snp::TcbParts { fmc: None, boot_loader: 4, tee: 0, snp: 24, microcode: 219 };
//!     let milan = Some(TcbRequirements::all(Requirement::AtLeast(tcb)));
//!     let requirements = Requirements {
//!         generations: Generations { milan, ..Generations::NONE },
//!         ..Requirements::strict(references, nonce)
//!     };
//!     requirements.appraise(report)
//! }
//! ```

mod coherence;
mod platform;
mod policy;
mod reserved;
mod signers;
mod tcb;

use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};
use sev_launch_abi::PlatformVersion;
use sev_launch_abi::snp::LaunchDigest;

pub use coherence::{CoherenceRequirements, Incoherence};
pub use platform::{PlatformInfoRequirement, UnknownBits, VmplRequirement};
pub use policy::PolicyRequirements;
pub use signers::TrustedSigners;
pub use tcb::{Generations, TcbRequirements};

use super::advisory::Mended;
use super::certificate::VekKind;
use super::report::VerifiedReport;
use crate::demand::{Demand, Demands, Rejection};
use crate::reference_values::{ReferenceValue, ReferenceValues, StandsFor};
use crate::requirement::{Bytes, Requirement};

/// Everything that a verifier insists on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct Requirements {
    /// The version of the report's structure.
    pub version: Requirement<u32>,
    /// Which processors, and with which TCB.
    pub generations: Generations,
    /// The guest's own security version, from its ID block.
    pub guest_svn: Requirement<u32>,
    /// The guest policy.
    pub policy: PolicyRequirements,
    /// From the ID block.
    pub family_id: Requirement<Bytes<16>>,
    /// From the ID block.
    pub image_id: Requirement<Bytes<16>>,
    /// Who asked for the report.
    pub vmpl: VmplRequirement,
    /// State of the platform.
    pub platform_info: PlatformInfoRequirement,
    /// Whose key signed: a chip's, or a cloud provider's.
    pub signing_key: Requirement<VekKind>,
    /// What the guest gave. [`Requirement::Any`] takes a report of any age, for any key.
    pub report_data: Requirement<Bytes<64>>,
    /// The accepted launch digests: an empty set accepts nothing.
    pub references: ReferenceValues<LaunchDigest>,
    /// What the host gave at launch.
    pub host_data: Requirement<Bytes<32>>,
    /// The key that signed the ID block.
    pub id_key_digest: Requirement<Bytes<48>>,
    /// The key that signed the ID key. Exactly a digest also wants AUTHOR_KEY_EN; exactly zeros wants it clear.
    pub author_key_digest: Requirement<Bytes<48>>,
    /// Whose ID block it must be: every one of these must be met.
    pub signers: Vec<TrustedSigners>,
    /// The guest's own number.
    pub report_id: Requirement<Bytes<32>>,
    /// The migration agent, by its REPORT_ID; [`Requirements::NO_MIGRATION_AGENT`] for none.
    pub migration_agent: Requirement<Bytes<32>>,
    /// The chip: with a VLEK, or masked, it is zeros.
    pub chip_id: Requirement<Bytes<64>>,
    /// The running firmware.
    pub current_version: Requirement<PlatformVersion>,
    /// The running firmware's build alone, whatever its version.
    pub current_build: Requirement<u8>,
    /// The firmware that the platform cannot go back behind.
    pub committed_version: Requirement<PlatformVersion>,
    /// The bulletins that the platform must have been mended of.
    pub advisories: Vec<Mended>,
    /// What the report's versions must be to each other.
    pub coherence: CoherenceRequirements,
    /// What must be zero as long as it has no name: reserved bytes, and reserved bits of KEY_INFO and of the TCB versions.
    pub reserved: UnknownBits,
}

impl Requirements {
    /// REPORT_ID_MA of a guest without a migration agent.
    pub const NO_MIGRATION_AGENT: Bytes<32> = Bytes([0xff; 32]);

    /// One of these digests in a report with this REPORT_DATA, which makes it fresh; and nothing that is dangerous.
    ///
    /// Refused are debugging, migration agents, reports that were not asked for at VMPL 0 or that a cloud provider's key signed,
    /// versions that do not go together (provisional firmware is one such thing), bits and bytes without a name, and every
    /// generation: name those that are accepted, each with its TCB. What
    /// [`ReportOptions`](super::report::ReportOptions) refuse never comes this far. ID blocks, HOST_DATA, the chip and firmware
    /// versions may be anything.
    pub const fn strict(references: ReferenceValues<LaunchDigest>, report_data: [u8; 64]) -> Self {
        Self {
            version: Requirement::Any,
            generations: Generations::NONE,
            guest_svn: Requirement::Any,
            policy: PolicyRequirements::STRICT,
            family_id: Requirement::Any,
            image_id: Requirement::Any,
            vmpl: VmplRequirement::Exactly(0),
            platform_info: PlatformInfoRequirement {
                set: 0,
                clear: 0,
                unknown: UnknownBits::Refuse,
            },
            signing_key: Requirement::Exactly(VekKind::Vcek),
            report_data: Requirement::Exactly(Bytes(report_data)),
            references,
            host_data: Requirement::Any,
            id_key_digest: Requirement::Any,
            author_key_digest: Requirement::Any,
            signers: Vec::new(),
            report_id: Requirement::Any,
            migration_agent: Requirement::Exactly(Self::NO_MIGRATION_AGENT),
            chip_id: Requirement::Any,
            current_version: Requirement::Any,
            current_build: Requirement::Any,
            committed_version: Requirement::Any,
            advisories: Vec::new(),
            coherence: CoherenceRequirements::STRICT,
            reserved: UnknownBits::Refuse,
        }
    }

    /// The demands, of no report yet: none of them is met.
    #[must_use]
    pub fn demands(&self) -> Vec<Demand> {
        let mut demands = Demands::listed();
        self.judge(None, &mut demands);
        demands.into_list()
    }

    /// Compares an authentic report with the requirements, all of them.
    ///
    /// Errors: every demand, if one is not met.
    pub fn appraise(&self, report: &VerifiedReport) -> Result<AcceptedReport, Rejection> {
        let mut demands = Demands::listed();
        let matched = self.judge(Some(report), &mut demands);
        let demands = demands.answer()?;
        // Without a row there is an unmet demand too; asked for itself, so that no later change can part the two.
        match matched {
            Some(reference) => {
                let (report, reference) = (report.clone(), reference.clone());
                Ok(AcceptedReport { report, reference, demands })
            }
            None => Err(Rejection::new(demands)),
        }
    }

    /// Puts every demand to the report, in its order; the reference value that is its measurement.
    fn judge(
        &self,
        report: Option<&VerifiedReport>,
        demands: &mut Demands,
    ) -> Option<&ReferenceValue<LaunchDigest>> {
        let fields = report.map(VerifiedReport::report);
        demands.ask("VERSION", fields.map(|f| f.version), &self.version);
        demands.ask("GUEST_SVN", fields.map(|f| f.guest_svn), &self.guest_svn);
        self.policy.judge(fields.map(|f| f.policy), demands);
        demands.ask("FAMILY_ID", fields.map(|f| Bytes(f.family_id)), &self.family_id);
        demands.ask("IMAGE_ID", fields.map(|f| Bytes(f.image_id)), &self.image_id);
        let vmpl = fields.map(|f| f.vmpl);
        let met = vmpl.is_some_and(|found| self.vmpl.check(found));
        demands.push("VMPL", vmpl, met, self.vmpl);
        let info = fields.map(|f| f.platform_info);
        let met = info.is_some_and(|found| self.platform_info.check(found));
        demands.push("PLATFORM_INFO", info, met, self.platform_info);
        let key = report.map(VerifiedReport::signing_key);
        demands.ask("KEY_INFO.SIGNING_KEY", key, &self.signing_key);
        demands.ask("REPORT_DATA", fields.map(|f| Bytes(f.report_data)), &self.report_data);
        let measurement = fields.map(|f| f.measurement);
        let matched = measurement.and_then(|digest| self.references.lookup(&digest));
        let wanted = format_args!("one of {} reference values", self.references.len());
        demands.push("MEASUREMENT", measurement, matched.is_some(), wanted);
        demands.ask("HOST_DATA", fields.map(|f| Bytes(f.host_data)), &self.host_data);
        demands.ask("ID_KEY_DIGEST", fields.map(|f| Bytes(f.id_key_digest)), &self.id_key_digest);
        let author = fields.map(|f| Bytes(f.author_key_digest));
        demands.ask("AUTHOR_KEY_DIGEST", author, &self.author_key_digest);
        // AUTHOR_KEY_DIGEST means something only where AUTHOR_KEY_EN says so.
        if let Requirement::Exactly(digest) | Requirement::AtLeast(digest) = self.author_key_digest
        {
            let enabled = fields.map(|f| f.key_info.author_key_en());
            let wanted = Requirement::Exactly(digest != Bytes([0; 48]));
            demands.ask_bit("KEY_INFO.AUTHOR_KEY_EN", enabled, wanted);
        }
        self.signers.iter().for_each(|signers| signers.judge(fields, demands));
        demands.ask("REPORT_ID", fields.map(|f| Bytes(f.report_id)), &self.report_id);
        let agent = fields.map(|f| Bytes(f.report_id_ma));
        let met = agent.is_some_and(|found| self.migration_agent.check(&found));
        let none = Requirement::Exactly(Self::NO_MIGRATION_AGENT);
        let wanted: &dyn fmt::Display = if self.migration_agent == none {
            &"no migration agent"
        } else {
            &self.migration_agent
        };
        demands.push("REPORT_ID_MA", agent, met, wanted);
        self.generations.judge(report, demands);
        demands.ask("CHIP_ID", fields.map(|f| Bytes(f.chip_id)), &self.chip_id);
        demands.ask("CURRENT_VERSION", fields.map(|f| f.current_version), &self.current_version);
        if self.current_build != Requirement::Any {
            let build = fields.map(|f| f.current_version.build);
            demands.ask("CURRENT_VERSION.BUILD", build, &self.current_build);
        }
        let committed = fields.map(|f| f.committed_version);
        demands.ask("COMMITTED_VERSION", committed, &self.committed_version);
        self.advisories.iter().for_each(|mended| mended.judge(report, demands));
        self.coherence.judge(report, demands);
        reserved::judge(self.reserved, report, demands);
        matched
    }
}

/// A report that is authentic and as required. Made by [`Requirements::appraise`] and by nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[must_use]
pub struct AcceptedReport {
    /// Whoever has the verdict in text believes its writer; the report itself is not in it.
    #[cfg_attr(feature = "serde", serde(skip))]
    report: VerifiedReport,
    reference: ReferenceValue<LaunchDigest>,
    demands: Vec<Demand>,
}

impl AcceptedReport {
    /// The report.
    pub const fn report(&self) -> &VerifiedReport {
        &self.report
    }

    /// The launch digest.
    pub const fn digest(&self) -> &LaunchDigest {
        &self.reference.digest
    }

    /// What the digest stands for: the first reference value that matched.
    pub const fn stands_for(&self) -> &StandsFor {
        &self.reference.stands_for
    }

    /// Every demand, all of them met.
    pub fn demands(&self) -> &[Demand] {
        &self.demands
    }
}
