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
mod reserved;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};
use sev_launch_abi::snp::policy::{Finding, Flag, Policy};
use sev_launch_abi::snp::tcb::{TcbLayout, TcbParts};
use sev_launch_abi::snp::{LaunchDigest, TcbVersion};
use sev_launch_abi::{ApiVersion, Generation, PlatformVersion};

pub use coherence::{CoherenceRequirements, Incoherence};

use super::certificate::VekKind;
use super::report::{PlatformInfo, VerifiedReport};
use crate::demand::{Demand, Demands, Rejection};
use crate::policy_requirements::{Contradiction, policy_requirements};
use crate::reference_values::{ReferenceValue, ReferenceValues, StandsFor};
use crate::requirement::{Bytes, Requirement};

policy_requirements! {
    /// What the guest policy must say. Reserved bits that are set, and bit 17 clear, are always refused.
    words {
        /// Of the whole word. The bits are asked for all the same, so a word that allows debugging is refused unless
        /// [`debug`](Self::debug) lets it.
        word: Policy,
        /// Of the lowest ABI version that the policy lets the guest run under.
        min_api: ApiVersion,
    }
    /// No debugging and no migration agent.
    bits {
        /// May it run where multithreading is on?
        smt: Smt = Requirement::Any,
        /// May a migration agent be bound?
        migrate_ma: MigrateMa = Requirement::Exactly(false),
        /// May the host debug it? Exactly `false` for any guest with a secret.
        debug: Debug = Requirement::Exactly(false),
        /// Is it held to one socket?
        single_socket: SingleSocket = Requirement::Any,
        /// May CXL devices be present?
        cxl_allow: CxlAllow = Requirement::Any,
        /// Must memory be encrypted by AES-256-XTS?
        mem_aes_256_xts: MemAes256Xts = Requirement::Any,
        /// Must the running average power limit be off?
        rapl_dis: RaplDis = Requirement::Any,
        /// Must ciphertext be hidden from the host?
        ciphertext_hiding_dram: CiphertextHidingDram = Requirement::Any,
        /// Are the commands refused that move and swap pages?
        page_swap_disable: PageSwapDisable = Requirement::Any,
    }
}

impl PolicyRequirements {
    /// Why the policy is refused as insecure, whatever its guest's report may say: it lets the host or an agent into the guest,
    /// and that is not accepted. Empty if it is not refused. What the AMD-SP refuses by itself is none of these: no guest runs
    /// under it.
    #[must_use]
    pub fn refusals(&self, policy: Policy) -> Vec<Finding> {
        let is_refused = |finding: &Finding| match finding {
            Finding::DebugAllowed => !self.debug.check(&true),
            Finding::MigrationAgentAllowed => !self.migrate_ma.check(&true),
            Finding::Bit17Clear | Finding::ReservedBits { .. } => false,
            _ => true,
        };
        policy.findings().into_iter().filter(is_refused).collect()
    }

    /// Can some policy meet all of this?
    ///
    /// Errors: a bit that is demanded to be other than the whole word has it.
    pub fn check_consistent(&self) -> Result<(), Contradiction> {
        let Requirement::Exactly(word) = &self.word else { return Ok(()) };
        let is_met = |flag: &Flag| self.of(*flag).check(&word.has(*flag));
        match Flag::ALL.into_iter().find(|flag| !is_met(flag)) {
            Some(flag) => Err(Contradiction { field: flag.name(), value: !word.has(flag) }),
            None => Ok(()),
        }
    }

    fn judge(&self, found: Option<Policy>, demands: &mut Demands) {
        let valid = found.is_some_and(Policy::is_valid);
        let word = match &self.word {
            Requirement::Any => {
                demands.push("POLICY", found, valid, "bit 17 set and no reserved bits");
                None
            }
            Requirement::Exactly(word) | Requirement::AtLeast(word) => {
                demands.push("POLICY", found, valid && found == Some(*word), word);
                Some(*word)
            }
        };
        // Whatever the word itself answers as wanted is not asked for twice.
        if !word.is_some_and(|word| self.min_api.check(&word.min_api())) {
            demands.ask("POLICY.ABI", found.map(Policy::min_api), &self.min_api);
        }
        for flag in Flag::ALL {
            let wanted = self.of(flag);
            if !word.is_some_and(|word| wanted.check(&word.has(flag))) {
                let found = found.map(|policy| policy.has(flag));
                demands.ask_bit(format_args!("POLICY.{flag}"), found, wanted);
            }
        }
    }
}

/// What the TCB versions of a report must be, on one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct TcbRequirements {
    /// What the key was derived for: the one that decides which firmware can have signed.
    pub reported: Requirement<TcbParts>,
    /// What runs now.
    pub current: Requirement<TcbParts>,
    /// What the platform cannot go back behind.
    pub committed: Requirement<TcbParts>,
    /// What ran when the guest was launched.
    pub launch: Requirement<TcbParts>,
}

impl TcbRequirements {
    /// The same for all four.
    pub const fn all(wanted: Requirement<TcbParts>) -> Self {
        Self { reported: wanted, current: wanted, committed: wanted, launch: wanted }
    }
}

/// The accepted generations, each with its TCB. `None` refuses the generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct Generations {
    /// Milan.
    pub milan: Option<TcbRequirements>,
    /// Genoa, Bergamo, Siena.
    pub genoa: Option<TcbRequirements>,
    /// Turin.
    pub turin: Option<TcbRequirements>,
}

impl Generations {
    /// Every one refused.
    pub const NONE: Self = Self { milan: None, genoa: None, turin: None };

    /// What is required on a generation; `None` if it is refused.
    pub const fn of(&self, generation: Generation) -> Option<&TcbRequirements> {
        match generation {
            Generation::Naples | Generation::Rome => None,
            Generation::Milan => self.milan.as_ref(),
            Generation::Genoa => self.genoa.as_ref(),
            Generation::Turin => self.turin.as_ref(),
        }
    }

    fn accepted(&self) -> impl Iterator<Item = Generation> {
        Generation::SNP.into_iter().filter(|one| self.of(*one).is_some())
    }

    /// The generation, and the TCB where it is accepted. Of no report: the first that is accepted.
    fn judge(&self, report: Option<&VerifiedReport>, demands: &mut Demands) {
        let found = report.map(VerifiedReport::generation);
        let mut names = String::new();
        for generation in self.accepted() {
            names.push_str(if names.is_empty() { "" } else { " or " });
            names.push_str(generation.name());
        }
        let wanted = if names.is_empty() { "one that is named: none is" } else { &names };
        let accepted = found.or_else(|| self.accepted().next()).and_then(|one| self.of(one));
        demands.push("generation", found, accepted.is_some(), wanted);
        let Some(tcb) = accepted else { return };
        let parts = |of: fn(&VerifiedReport) -> TcbVersion| {
            report.map(|report| of(report).parts(TcbLayout::of(report.generation())))
        };
        demands.ask("REPORTED_TCB", parts(|one| one.report().reported_tcb), &tcb.reported);
        demands.ask("CURRENT_TCB", parts(|one| one.report().current_tcb), &tcb.current);
        demands.ask("COMMITTED_TCB", parts(|one| one.report().committed_tcb), &tcb.committed);
        demands.ask("LAUNCH_TCB", parts(|one| one.report().launch_tcb), &tcb.launch);
    }
}

/// From which privilege level the report must have been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "snake_case"))]
pub enum VmplRequirement {
    /// Any guest level. A report that the host asked for (0xFFFFFFFF) is refused: its REPORT_DATA is the host's.
    AnyGuest,
    /// This level.
    Exactly(u32),
    /// This level or a more privileged one: a lower number.
    AtMost(u32),
    /// Anything, a report that the host asked for too.
    AnyEvenHost,
}

impl VmplRequirement {
    const fn check(self, found: u32) -> bool {
        match self {
            Self::AnyGuest => found <= 3,
            Self::Exactly(wanted) => found == wanted,
            Self::AtMost(wanted) => found <= wanted,
            Self::AnyEvenHost => true,
        }
    }
}

impl fmt::Display for VmplRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyGuest => f.write_str("0 to 3"),
            Self::Exactly(wanted) => wanted.fmt(f),
            Self::AtMost(wanted) => write!(f, "at most {wanted}"),
            Self::AnyEvenHost => f.write_str("anything"),
        }
    }
}

/// What PLATFORM_INFO must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct PlatformInfoRequirement {
    /// Bits that must be one, as of [`PlatformInfo`].
    pub set: u64,
    /// Bits that must be zero.
    pub clear: u64,
    /// May bits be one that have no name yet?
    pub unknown: UnknownBits,
}

/// What is done with bits that have no name yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "snake_case"))]
pub enum UnknownBits {
    /// They may be anything.
    Accept,
    /// They must be zero.
    Refuse,
}

impl PlatformInfoRequirement {
    const fn check(self, found: PlatformInfo) -> bool {
        let unknown_is_fine = match self.unknown {
            UnknownBits::Accept => true,
            UnknownBits::Refuse => found.unknown() == 0,
        };
        found.has(self.set) && found.bits() & self.clear == 0 && unknown_is_fine
    }
}

impl fmt::Display for PlatformInfoRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { set: 0, clear: 0, unknown: UnknownBits::Accept } => f.write_str("anything"),
            Self { set: 0, clear: 0, unknown: UnknownBits::Refuse } => {
                f.write_str("no bits without a name")
            }
            Self { set, clear, unknown } => {
                write!(f, "bits {set:#x} set and {clear:#x} clear")?;
                f.write_str(match unknown {
                    UnknownBits::Accept => "",
                    UnknownBits::Refuse => ", none without a name",
                })
            }
        }
    }
}

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
    /// The migration agent, by its REPORT_ID; [`Requirements::NO_MIGRATION_AGENT`] for none.
    pub migration_agent: Requirement<Bytes<32>>,
    /// The chip: with a VLEK, or masked, it is zeros.
    pub chip_id: Requirement<Bytes<64>>,
    /// The running firmware.
    pub current_version: Requirement<PlatformVersion>,
    /// The firmware that the platform cannot go back behind.
    pub committed_version: Requirement<PlatformVersion>,
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
            migration_agent: Requirement::Exactly(Self::NO_MIGRATION_AGENT),
            chip_id: Requirement::Any,
            current_version: Requirement::Any,
            committed_version: Requirement::Any,
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
        let committed = fields.map(|f| f.committed_version);
        demands.ask("COMMITTED_VERSION", committed, &self.committed_version);
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
