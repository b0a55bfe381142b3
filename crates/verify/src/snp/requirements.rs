//! What a verifier insists on in a report, and the comparison that lists everything that differs.
//!
//! Every field of [Requirements] is written out: there is no default, and [`Expected::Any`] is a choice that can be seen.
//! Fields are those of [SNP-ABI, ATTESTATION_REPORT]. Levels of the TCB are stated per generation, since the same number
//! means different firmware on each. What no requirement covers: that REPORT_DATA is fresh is for whoever chose it.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::{ApiVersion, PlatformVersion};

use super::certificate::VekKind;
use super::report::{AttestationReport, PlatformInfo, VerifiedReport};
use crate::reference_values::{ReferenceValue, ReferenceValues};
use crate::requirement::Requirement;
use sev_launch_abi::Generation;
use sev_launch_abi::snp::policy::{Flag, Policy};
use sev_launch_abi::snp::tcb::{TcbLayout, TcbParts};

/// What a value without an order must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected<T> {
    /// Anything will do.
    Any,
    /// Equal to this.
    Exactly(T),
}

/// What a bit must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BitRequirement {
    /// Either.
    Any,
    /// One.
    Set,
    /// Zero.
    Clear,
}

impl BitRequirement {
    const fn check(self, found: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Set => found,
            Self::Clear => !found,
        }
    }
}

/// What the guest policy must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyRequirement {
    /// This word.
    Exactly(Policy),
    /// Bit by bit.
    Rules(PolicyRules),
}

/// What the bits of the guest policy must be. Reserved bits that are set, and bit 17 clear, are always refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyRules {
    /// The lowest ABI version that the policy lets the guest run under, (major, minor).
    pub min_api: Requirement<ApiVersion>,
    /// May it run where multithreading is on?
    pub smt: BitRequirement,
    /// May a migration agent be bound?
    pub migrate_ma: BitRequirement,
    /// May the host debug it? [`BitRequirement::Clear`] for any guest with a secret.
    pub debug: BitRequirement,
    /// Is it held to one socket?
    pub single_socket: BitRequirement,
    /// May CXL devices be present?
    pub cxl_allow: BitRequirement,
    /// Must memory be encrypted by AES-256-XTS?
    pub mem_aes_256_xts: BitRequirement,
    /// Must the running average power limit be off?
    pub rapl_dis: BitRequirement,
    /// Must ciphertext be hidden from the host?
    pub ciphertext_hiding_dram: BitRequirement,
    /// Are the commands refused that move and swap pages?
    pub page_swap_disable: BitRequirement,
}

impl PolicyRules {
    const fn of(&self, flag: Flag) -> BitRequirement {
        match flag {
            Flag::Smt => self.smt,
            Flag::MigrateMa => self.migrate_ma,
            Flag::Debug => self.debug,
            Flag::SingleSocket => self.single_socket,
            Flag::CxlAllow => self.cxl_allow,
            Flag::MemAes256Xts => self.mem_aes_256_xts,
            Flag::RaplDis => self.rapl_dis,
            Flag::CiphertextHidingDram => self.ciphertext_hiding_dram,
            Flag::PageSwapDisable => self.page_swap_disable,
        }
    }
}

/// What the TCB versions of a report must be, on one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Is a generation accepted, and with which TCB?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenerationRequirement {
    /// Not accepted.
    Refused,
    /// Accepted with these versions.
    Accepted(TcbRequirements),
}

/// The generations, each with its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenerationRequirements {
    /// Milan.
    pub milan: GenerationRequirement,
    /// Genoa, Bergamo, Siena.
    pub genoa: GenerationRequirement,
    /// Turin.
    pub turin: GenerationRequirement,
}

impl GenerationRequirements {
    const fn of(&self, generation: Generation) -> &GenerationRequirement {
        match generation {
            Generation::Naples | Generation::Rome => &GenerationRequirement::Refused,
            Generation::Milan => &self.milan,
            Generation::Genoa => &self.genoa,
            Generation::Turin => &self.turin,
        }
    }
}

/// From which privilege level the report must have been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// May a migration agent be bound to the guest?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationAgentRequirement {
    /// Any, or none.
    Any,
    /// None: REPORT_ID_MA is all 0xFF.
    None,
    /// The one with this REPORT_ID.
    Exactly([u8; 32]),
}

/// Which kind of key must have signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningKeyRequirement {
    /// Either.
    Any,
    /// The chip's.
    Vcek,
    /// The cloud provider's.
    Vlek,
}

/// What PLATFORM_INFO must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
pub enum UnknownBits {
    /// They may be anything.
    Accept,
    /// They must be zero.
    Refuse,
}

/// Everything that a verifier insists on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirements {
    /// The version of the report's structure.
    pub version: Requirement<u32>,
    /// Which processors, and with which TCB.
    pub generations: GenerationRequirements,
    /// The guest's own security version, from its ID block.
    pub guest_svn: Requirement<u32>,
    /// The guest policy.
    pub policy: PolicyRequirement,
    /// From the ID block.
    pub family_id: Expected<[u8; 16]>,
    /// From the ID block.
    pub image_id: Expected<[u8; 16]>,
    /// Who asked for the report.
    pub vmpl: VmplRequirement,
    /// State of the platform.
    pub platform_info: PlatformInfoRequirement,
    /// Whose key signed.
    pub signing_key: SigningKeyRequirement,
    /// What the guest gave. [`Expected::Any`] takes a report of any age, for any key.
    pub report_data: Expected<[u8; 64]>,
    /// The accepted launch digests: an empty set accepts nothing.
    pub measurement: ReferenceValues<LaunchDigest>,
    /// What the host gave at launch.
    pub host_data: Expected<[u8; 32]>,
    /// The key that signed the ID block.
    pub id_key_digest: Expected<[u8; 48]>,
    /// The key that signed the ID key. Exactly a digest also wants AUTHOR_KEY_EN; exactly zeros wants it clear.
    pub author_key_digest: Expected<[u8; 48]>,
    /// The migration agent.
    pub migration_agent: MigrationAgentRequirement,
    /// The chip, 64 bytes: with a VLEK, or masked, it is zeros.
    pub chip_id: Expected<[u8; 64]>,
    /// The running firmware.
    pub current_version: Requirement<PlatformVersion>,
    /// The firmware that the platform cannot go back behind.
    pub committed_version: Requirement<PlatformVersion>,
}

/// One thing that is not as required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The field, by the document's name.
    pub field: &'static str,
    /// What the report has.
    pub found: String,
    /// What was required.
    pub wanted: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, wanted {}", self.field, self.found, self.wanted)
    }
}

/// The outcome of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appraisal {
    mismatches: Vec<Mismatch>,
    matched: Option<ReferenceValue<LaunchDigest>>,
}

impl Appraisal {
    /// Is everything as required?
    pub fn is_accepted(&self) -> bool {
        // Without a row there is a mismatch too; asked for itself, so that no later change can part the two.
        self.mismatches.is_empty() && self.matched.is_some()
    }

    /// Everything that is not as required, in the report's order.
    pub fn mismatches(&self) -> &[Mismatch] {
        &self.mismatches
    }

    /// The first reference value that is the measurement: which guest it is, if all else is as required.
    pub const fn matched(&self) -> Option<&ReferenceValue<LaunchDigest>> {
        self.matched.as_ref()
    }
}

impl Requirements {
    /// Compares an authentic report with the requirements, all of them.
    pub fn appraise(&self, report: &VerifiedReport) -> Appraisal {
        let mut list = Mismatches(Vec::new());
        let fields = report.report();
        list.ordered("VERSION", &fields.version, &self.version);
        list.ordered("GUEST_SVN", &fields.guest_svn, &self.guest_svn);
        self.policy(fields.policy, &mut list);
        list.bytes("FAMILY_ID", &fields.family_id, &self.family_id);
        list.bytes("IMAGE_ID", &fields.image_id, &self.image_id);
        list.check("VMPL", self.vmpl.check(fields.vmpl), &fields.vmpl, &self.vmpl);
        self.platform_info(fields.platform_info, &mut list);
        self.signing_key(report.signing_key(), &mut list);
        list.bytes("REPORT_DATA", &fields.report_data, &self.report_data);
        let matched = self.measurement.lookup(&fields.measurement).cloned();
        let rows = self.measurement.len();
        list.check(
            "MEASUREMENT",
            matched.is_some(),
            &fields.measurement,
            &format_args!("one of {rows} reference values"),
        );
        list.bytes("HOST_DATA", &fields.host_data, &self.host_data);
        list.bytes("ID_KEY_DIGEST", &fields.id_key_digest, &self.id_key_digest);
        self.author_key(fields, &mut list);
        self.migration_agent(fields, &mut list);
        self.tcb(report, &mut list);
        list.bytes("CHIP_ID", &fields.chip_id, &self.chip_id);
        list.ordered("CURRENT_VERSION", &fields.current_version, &self.current_version);
        list.ordered("COMMITTED_VERSION", &fields.committed_version, &self.committed_version);
        Appraisal { mismatches: list.0, matched }
    }

    fn policy(&self, found: Policy, list: &mut Mismatches) {
        let rules = match &self.policy {
            PolicyRequirement::Exactly(wanted) => {
                list.check("POLICY", found == *wanted, &found, wanted);
                return;
            }
            PolicyRequirement::Rules(rules) => rules,
        };
        list.check("POLICY", found.is_valid(), &found, &"bit 17 set and no reserved bits");
        list.ordered("POLICY.ABI", &found.min_api(), &rules.min_api);
        for flag in Flag::ALL {
            let (found, wanted) = (found.has(flag), rules.of(flag));
            if !wanted.check(found) {
                let (found, wanted) = (u8::from(found), u8::from(wanted == BitRequirement::Set));
                list.push(policy_field(flag), found.to_string(), wanted.to_string());
            }
        }
    }

    fn platform_info(&self, found: PlatformInfo, list: &mut Mismatches) {
        let PlatformInfoRequirement { set, clear, unknown } = self.platform_info;
        let wanted = format_args!("bits {set:#x} set and {clear:#x} clear");
        list.check("PLATFORM_INFO", found.has(set) && found.bits() & clear == 0, &found, &wanted);
        let unknown_is_fine = unknown == UnknownBits::Accept || found.unknown() == 0;
        list.check("PLATFORM_INFO", unknown_is_fine, &found, &"no bits without a name");
    }

    fn signing_key(&self, found: VekKind, list: &mut Mismatches) {
        let wanted = match self.signing_key {
            SigningKeyRequirement::Any => return,
            SigningKeyRequirement::Vcek => VekKind::Vcek,
            SigningKeyRequirement::Vlek => VekKind::Vlek,
        };
        list.check("KEY_INFO.SIGNING_KEY", found == wanted, &found, &wanted);
    }

    /// AUTHOR_KEY_DIGEST means something only where AUTHOR_KEY_EN says so.
    fn author_key(&self, found: &AttestationReport, list: &mut Mismatches) {
        list.bytes("AUTHOR_KEY_DIGEST", &found.author_key_digest, &self.author_key_digest);
        if let Expected::Exactly(digest) = self.author_key_digest {
            let (found, wanted) = (found.key_info.author_key_en(), digest != [0; 48]);
            list.check(
                "KEY_INFO.AUTHOR_KEY_EN",
                found == wanted,
                &u8::from(found),
                &u8::from(wanted),
            );
        }
    }

    fn migration_agent(&self, found: &AttestationReport, list: &mut Mismatches) {
        let wanted = match self.migration_agent {
            MigrationAgentRequirement::Any => return,
            MigrationAgentRequirement::None => [0xff; 32],
            MigrationAgentRequirement::Exactly(wanted) => wanted,
        };
        list.bytes("REPORT_ID_MA", &found.report_id_ma, &Expected::Exactly(wanted));
    }

    fn tcb(&self, report: &VerifiedReport, list: &mut Mismatches) {
        let generation = report.generation();
        let GenerationRequirement::Accepted(wanted) = self.generations.of(generation) else {
            list.push("generation", generation.to_string(), "another generation".into());
            return;
        };
        let (fields, layout) = (report.report(), TcbLayout::of(generation));
        for (field, found, wanted) in [
            ("REPORTED_TCB", fields.reported_tcb, &wanted.reported),
            ("CURRENT_TCB", fields.current_tcb, &wanted.current),
            ("COMMITTED_TCB", fields.committed_tcb, &wanted.committed),
            ("LAUNCH_TCB", fields.launch_tcb, &wanted.launch),
        ] {
            list.ordered(field, &found.parts(layout), wanted);
        }
    }
}

const fn policy_field(flag: Flag) -> &'static str {
    match flag {
        Flag::Smt => "POLICY.SMT",
        Flag::MigrateMa => "POLICY.MIGRATE_MA",
        Flag::Debug => "POLICY.DEBUG",
        Flag::SingleSocket => "POLICY.SINGLE_SOCKET",
        Flag::CxlAllow => "POLICY.CXL_ALLOW",
        Flag::MemAes256Xts => "POLICY.MEM_AES_256_XTS",
        Flag::RaplDis => "POLICY.RAPL_DIS",
        Flag::CiphertextHidingDram => "POLICY.CIPHERTEXT_HIDING_DRAM",
        Flag::PageSwapDisable => "POLICY.PAGE_SWAP_DISABLE",
    }
}

/// The list as it grows.
struct Mismatches(Vec<Mismatch>);

impl Mismatches {
    fn push(&mut self, field: &'static str, found: String, wanted: String) {
        self.0.push(Mismatch { field, found, wanted });
    }

    fn check(
        &mut self,
        field: &'static str,
        is_fine: bool,
        found: &dyn fmt::Display,
        wanted: &dyn fmt::Display,
    ) {
        if !is_fine {
            self.push(field, found.to_string(), wanted.to_string());
        }
    }

    fn ordered<T: PartialOrd + fmt::Display>(
        &mut self,
        field: &'static str,
        found: &T,
        wanted: &Requirement<T>,
    ) {
        self.check(field, wanted.check(found), found, wanted);
    }

    fn bytes<const N: usize>(
        &mut self,
        field: &'static str,
        found: &[u8; N],
        wanted: &Expected<[u8; N]>,
    ) {
        if let Expected::Exactly(wanted) = wanted
            && found != wanted
        {
            self.push(field, hex::encode(found), hex::encode(wanted));
        }
    }
}
