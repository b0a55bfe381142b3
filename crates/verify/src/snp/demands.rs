//! What one source demands of a report: a command's flags, a file, another tool's policy. Several sources are taken together, and a
//! demand is only ever added.
//!
//! A source says little; what it leaves out may be anything as far as it goes. What is refused unless somebody accepts it by name
//! is no demand of a source but stands in the [`Requirements`] that its demands are added to:
//!
//! ```
//! use sev_launch_verify::reference_values::ReferenceValues;
//! use sev_launch_verify::requirement::{Bytes, Requirement};
//! use sev_launch_verify::snp::demands::ReportDemands;
//! use sev_launch_verify::snp::requirements::Requirements;
//!
//! let flags = ReportDemands { vmpl: Some(0), ..ReportDemands::default() };
//! let host_data = Requirement::Exactly(Bytes([7; 32]));
//! let file = ReportDemands { host_data, ..ReportDemands::default() };
//! let strict = Requirements::strict(ReferenceValues::new(), [0; 64]);
//! let all = flags.clone().and(file)?.added_to(strict)?;
//! assert_eq!(all.host_data, host_data);
//!
//! // Nothing is loosened, and what no report can be is told.
//! let other = ReportDemands { vmpl: Some(1), ..ReportDemands::default() };
//! assert_eq!(flags.and(other).unwrap_err().to_string(), "VMPL is demanded to be 0 and 1: no report is both");
//! # Ok::<(), sev_launch_verify::snp::demands::DemandConflict>(())
//! ```

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::Display;

use sev_launch_abi::snp::policy::{Flag, Policy};
use sev_launch_abi::snp::tcb::TcbParts;
use sev_launch_abi::snp::{HostData, LaunchDigest};
use sev_launch_abi::{ApiVersion, Generation, PlatformVersion};
use thiserror::Error;

use super::advisory::Mended;
use super::certificate::VekKind;
use super::requirements::{
    Generations, PlatformInfoRequirement, Requirements, TcbRequirements, TrustedSigners,
    VmplRequirement,
};
use crate::policy_requirements::Contradiction;
use crate::reference_values::ReferenceValues;
use crate::requirement::{Bytes, Requirement};

/// What a source demands. The default demands nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportDemands {
    /// The version of the report's structure.
    pub version: Requirement<u32>,
    /// The accepted generations; `None` for whichever are accepted anyway, but for those without TCB levels where others have them.
    pub generations: Option<Vec<Generation>>,
    /// The TCB versions on Milan.
    pub milan: TcbRequirements,
    /// The TCB versions on Genoa, Bergamo and Siena.
    pub genoa: TcbRequirements,
    /// The TCB versions on Turin.
    pub turin: TcbRequirements,
    /// The guest's security version, from its ID block.
    pub guest_svn: Requirement<u32>,
    /// The whole policy.
    pub policy: Requirement<Policy>,
    /// Bits that the policy must have.
    pub policy_set: Vec<Flag>,
    /// Bits that the policy must not have.
    pub policy_clear: Vec<Flag>,
    /// The lowest ABI version that the policy lets the guest run under.
    pub min_api: Requirement<ApiVersion>,
    /// From the ID block.
    pub family_id: Requirement<Bytes<16>>,
    /// From the ID block.
    pub image_id: Requirement<Bytes<16>>,
    /// The privilege level that asked for the report.
    pub vmpl: Option<u32>,
    /// Bits that PLATFORM_INFO must have.
    pub platform_set: u64,
    /// Bits that PLATFORM_INFO must not have.
    pub platform_clear: u64,
    /// Whose key signed the report.
    pub signing_key: Requirement<VekKind>,
    /// What the guest gave.
    pub report_data: Requirement<Bytes<64>>,
    /// Launch digests of which it must have one; `None` for whichever are accepted anyway.
    pub measurements: Option<Vec<LaunchDigest>>,
    /// What the host gave at launch.
    pub host_data: Requirement<Bytes<32>>,
    /// The key that signed the ID block.
    pub id_key_digest: Requirement<Bytes<48>>,
    /// The key that signed the ID key.
    pub author_key_digest: Requirement<Bytes<48>>,
    /// Who may have signed the ID block; each must be met.
    pub signers: Vec<TrustedSigners>,
    /// The guest's own number.
    pub report_id: Requirement<Bytes<32>>,
    /// The migration agent.
    pub migration_agent: Requirement<Bytes<32>>,
    /// The chip.
    pub chip_id: Requirement<Bytes<64>>,
    /// The running firmware.
    pub current_version: Requirement<PlatformVersion>,
    /// The running firmware's build alone.
    pub current_build: Requirement<u8>,
    /// The firmware that the platform cannot go back behind.
    pub committed_version: Requirement<PlatformVersion>,
    /// Bulletins that it must be mended of.
    pub advisories: Vec<Mended>,
}

impl Default for ReportDemands {
    fn default() -> Self {
        const ANY: TcbRequirements = TcbRequirements::all(Requirement::Any);
        Self {
            version: Requirement::Any,
            generations: None,
            milan: ANY,
            genoa: ANY,
            turin: ANY,
            guest_svn: Requirement::Any,
            policy: Requirement::Any,
            policy_set: Vec::new(),
            policy_clear: Vec::new(),
            min_api: Requirement::Any,
            family_id: Requirement::Any,
            image_id: Requirement::Any,
            vmpl: None,
            platform_set: 0,
            platform_clear: 0,
            signing_key: Requirement::Any,
            report_data: Requirement::Any,
            measurements: None,
            host_data: Requirement::Any,
            id_key_digest: Requirement::Any,
            author_key_digest: Requirement::Any,
            signers: Vec::new(),
            report_id: Requirement::Any,
            migration_agent: Requirement::Any,
            chip_id: Requirement::Any,
            current_version: Requirement::Any,
            current_build: Requirement::Any,
            committed_version: Requirement::Any,
            advisories: Vec::new(),
        }
    }
}

/// Demands that no report meets together.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DemandConflict {
    /// A field that would have to be two things.
    #[error("{field} is demanded to be {one} and {other}: no report is both")]
    Field {
        /// The field, by AMD's name.
        field: &'static str,
        /// One demand.
        one: String,
        /// The other.
        other: String,
    },
    /// Generations of which none is in both lists.
    #[error("no generation is accepted by every demand: some name {one}, others {other}")]
    Generations {
        /// One list, comma-separated.
        one: String,
        /// The other.
        other: String,
    },
    /// A bit of the policy.
    #[error(transparent)]
    Policy(#[from] Contradiction),
    /// Bits of PLATFORM_INFO that would have to be one and zero.
    #[error("PLATFORM_INFO is demanded to have the bits {0:#x} and not to have them")]
    PlatformInfo(u64),
    /// Two lists of launch digests without a digest that is in both.
    #[error(
        "none of the {expected} launch digests that are expected is one of the {demanded} that are demanded"
    )]
    NoDigest {
        /// How many are expected otherwise.
        expected: usize,
        /// How many are demanded.
        demanded: usize,
    },
}

/// An ID block's fields that nobody's key stands behind: the host can sign an ID block itself, with any of them.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "GUEST_SVN, FAMILY_ID and IMAGE_ID come from an ID block, which the host can sign itself: demand its signer too, by the digest of an ID \
     key or an author key that is not zeros"
)]
pub struct UnsignedIdBlock;

type Both<T> = Result<Requirement<T>, DemandConflict>;

fn both<T: Copy + PartialOrd + Display>(
    field: &'static str,
    one: Requirement<T>,
    other: Requirement<T>,
) -> Both<T> {
    let conflict =
        || DemandConflict::Field { field, one: one.to_string(), other: other.to_string() };
    one.and(other).ok_or_else(conflict)
}

/// Of two lowest levels, that which is not below either; `None` if only one of them has the part that not all processors have.
fn highest(one: TcbParts, other: TcbParts) -> Option<TcbParts> {
    let fmc = match (one.fmc, other.fmc) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (None, None) => None,
        _ => return None,
    };
    Some(TcbParts {
        fmc,
        boot_loader: one.boot_loader.max(other.boot_loader),
        tee: one.tee.max(other.tee),
        snp: one.snp.max(other.snp),
        microcode: one.microcode.max(other.microcode),
    })
}

/// Levels have an order part by part alone, so that two of them can bind each in some parts.
fn both_levels(
    field: &'static str,
    one: Requirement<TcbParts>,
    other: Requirement<TcbParts>,
) -> Both<TcbParts> {
    if let (Requirement::AtLeast(one), Requirement::AtLeast(other)) = (one, other)
        && let Some(both) = highest(one, other)
    {
        return Ok(Requirement::AtLeast(both));
    }
    both(field, one, other)
}

fn both_tcbs(
    one: &TcbRequirements,
    other: &TcbRequirements,
) -> Result<TcbRequirements, DemandConflict> {
    Ok(TcbRequirements {
        reported: both_levels("REPORTED_TCB", one.reported, other.reported)?,
        current: both_levels("CURRENT_TCB", one.current, other.current)?,
        committed: both_levels("COMMITTED_TCB", one.committed, other.committed)?,
        launch: both_levels("LAUNCH_TCB", one.launch, other.launch)?,
    })
}

/// Those that both lists accept.
fn both_generations(
    one: Option<Vec<Generation>>,
    other: Option<Vec<Generation>>,
) -> Result<Option<Vec<Generation>>, DemandConflict> {
    let names =
        |list: &[Generation]| list.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
    if let (Some(one), Some(other)) = (&one, &other)
        && !one.iter().any(|generation| other.contains(generation))
    {
        return Err(DemandConflict::Generations { one: names(one), other: names(other) });
    }
    Ok(in_both(one, other))
}

/// What is in both lists; whatever is in one where the other leaves it open.
fn in_both<T: PartialEq>(one: Option<Vec<T>>, other: Option<Vec<T>>) -> Option<Vec<T>> {
    match (one, other) {
        (Some(one), Some(other)) => {
            Some(one.into_iter().filter(|item| other.contains(item)).collect())
        }
        (one, other) => one.or(other),
    }
}

fn joined<T>(mut one: Vec<T>, other: Vec<T>) -> Vec<T> {
    one.extend(other);
    one
}

impl ReportDemands {
    /// The TCB versions that are demanded on a generation.
    pub const fn tcb_mut(&mut self, generation: Generation) -> Option<&mut TcbRequirements> {
        match generation {
            Generation::Milan => Some(&mut self.milan),
            Generation::Genoa => Some(&mut self.genoa),
            Generation::Turin => Some(&mut self.turin),
            Generation::Naples | Generation::Rome => None,
        }
    }

    /// Demands the lowest levels of TCB versions on a generation, beside what is demanded of them already. `versions` names them.
    ///
    /// Errors: levels of a part that only one of both demands has.
    pub fn raise(
        &mut self,
        generation: Generation,
        floor: TcbParts,
        versions: fn(&mut TcbRequirements) -> Vec<&mut Requirement<TcbParts>>,
    ) -> Result<(), DemandConflict> {
        for version in self.tcb_mut(generation).map(versions).into_iter().flatten() {
            *version = both_levels("TCB", *version, Requirement::AtLeast(floor))?;
        }
        Ok(())
    }

    /// What both sources demand.
    ///
    /// Errors: what no report can be.
    pub fn and(self, other: Self) -> Result<Self, DemandConflict> {
        let vmpl = both("VMPL", Requirement::exactly(self.vmpl), Requirement::exactly(other.vmpl))?;
        let demands = Self {
            version: both("VERSION", self.version, other.version)?,
            generations: both_generations(self.accepted(), other.accepted())?,
            milan: both_tcbs(&self.milan, &other.milan)?,
            genoa: both_tcbs(&self.genoa, &other.genoa)?,
            turin: both_tcbs(&self.turin, &other.turin)?,
            guest_svn: both("GUEST_SVN", self.guest_svn, other.guest_svn)?,
            policy: both("POLICY", self.policy, other.policy)?,
            policy_set: joined(self.policy_set, other.policy_set),
            policy_clear: joined(self.policy_clear, other.policy_clear),
            min_api: both("POLICY.ABI", self.min_api, other.min_api)?,
            family_id: both("FAMILY_ID", self.family_id, other.family_id)?,
            image_id: both("IMAGE_ID", self.image_id, other.image_id)?,
            vmpl: match vmpl {
                Requirement::Any => None,
                Requirement::Exactly(level) | Requirement::AtLeast(level) => Some(level),
            },
            platform_set: self.platform_set | other.platform_set,
            platform_clear: self.platform_clear | other.platform_clear,
            signing_key: both("KEY_INFO.SIGNING_KEY", self.signing_key, other.signing_key)?,
            report_data: both("REPORT_DATA", self.report_data, other.report_data)?,
            measurements: match (&self.measurements, &other.measurements) {
                (Some(one), Some(two)) if !one.iter().any(|digest| two.contains(digest)) => {
                    return Err(DemandConflict::NoDigest {
                        expected: one.len(),
                        demanded: two.len(),
                    });
                }
                _ => in_both(self.measurements, other.measurements),
            },
            host_data: both("HOST_DATA", self.host_data, other.host_data)?,
            id_key_digest: both("ID_KEY_DIGEST", self.id_key_digest, other.id_key_digest)?,
            author_key_digest: both(
                "AUTHOR_KEY_DIGEST",
                self.author_key_digest,
                other.author_key_digest,
            )?,
            signers: joined(self.signers, other.signers),
            report_id: both("REPORT_ID", self.report_id, other.report_id)?,
            migration_agent: both("REPORT_ID_MA", self.migration_agent, other.migration_agent)?,
            chip_id: both("CHIP_ID", self.chip_id, other.chip_id)?,
            current_version: both("CURRENT_VERSION", self.current_version, other.current_version)?,
            current_build: both("CURRENT_VERSION.BUILD", self.current_build, other.current_build)?,
            committed_version: both(
                "COMMITTED_VERSION",
                self.committed_version,
                other.committed_version,
            )?,
            advisories: joined(self.advisories, other.advisories),
        };
        demands.check_platform_info()?;
        Ok(demands)
    }

    fn check_platform_info(&self) -> Result<(), DemandConflict> {
        match self.platform_set & self.platform_clear {
            0 => Ok(()),
            bits => Err(DemandConflict::PlatformInfo(bits)),
        }
    }

    /// Does a key stand behind what is demanded of the ID block?
    ///
    /// Errors: [`UnsignedIdBlock`] where its fields are demanded and nobody's signature is.
    pub fn check_id_block(&self) -> Result<(), UnsignedIdBlock> {
        let is_any = self.guest_svn == Requirement::Any
            && self.family_id == Requirement::Any
            && self.image_id == Requirement::Any;
        let is_key = |wanted: &Requirement<Bytes<48>>| match wanted {
            Requirement::Any => false,
            Requirement::Exactly(digest) | Requirement::AtLeast(digest) => {
                TrustedSigners::is_key(digest)
            }
        };
        let has_key = is_key(&self.id_key_digest)
            || is_key(&self.author_key_digest)
            || !self.signers.is_empty();
        if is_any || has_key { Ok(()) } else { Err(UnsignedIdBlock) }
    }

    /// HOST_DATA, where one is demanded.
    pub fn host_data(&self) -> Option<HostData> {
        match self.host_data {
            Requirement::Any => None,
            Requirement::Exactly(Bytes(data)) | Requirement::AtLeast(Bytes(data)) => {
                Some(HostData::from_bytes(data))
            }
        }
    }

    /// The generations that this source accepts; `None` for whichever are accepted anyway. Where it has TCB levels of some alone and names
    /// none, the others are refused: the host chooses the processor, and one without levels would be a way around them.
    fn accepted(&self) -> Option<Vec<Generation>> {
        let is_open = |tcb: &TcbRequirements| *tcb == TcbRequirements::all(Requirement::Any);
        let tcbs = [&self.milan, &self.genoa, &self.turin];
        let levelled = Generation::SNP.into_iter().zip(tcbs).filter(|(_, tcb)| !is_open(tcb));
        let levelled: Vec<_> = levelled.map(|(generation, _)| generation).collect();
        let is_partial = !levelled.is_empty() && levelled.len() < tcbs.len();
        self.generations.clone().or_else(|| is_partial.then_some(levelled))
    }

    /// The requirements with these demands added: nothing is accepted that they refuse already. Where TCB levels are demanded on some
    /// generations alone, the others are refused, unless [`generations`](Self::generations) names them.
    ///
    /// Errors: demands that no report meets together with the requirements.
    pub fn added_to(&self, base: Requirements) -> Result<Requirements, DemandConflict> {
        self.check_platform_info()?;
        let generations = self.accepted();
        let mut policy = base.policy;
        policy.word = both("POLICY", policy.word, self.policy)?;
        policy.min_api = both("POLICY.ABI", policy.min_api, self.min_api)?;
        for (flags, value) in [(&self.policy_set, true), (&self.policy_clear, false)] {
            flags.iter().try_for_each(|flag| policy.demand(*flag, value))?;
        }
        policy.check_consistent()?;
        let tcb = |generation, accepted: Option<TcbRequirements>, demanded| {
            let is_named = |named: &Vec<Generation>| named.contains(&generation);
            let accepted = accepted.filter(|_| generations.as_ref().is_none_or(is_named));
            accepted.map(|accepted| both_tcbs(&accepted, demanded)).transpose()
        };
        let PlatformInfoRequirement { set, clear, unknown } = base.platform_info;
        let platform_info = PlatformInfoRequirement {
            set: set | self.platform_set,
            clear: clear | self.platform_clear,
            unknown,
        };
        if platform_info.set & platform_info.clear != 0 {
            return Err(DemandConflict::PlatformInfo(platform_info.set & platform_info.clear));
        }
        Ok(Requirements {
            version: both("VERSION", base.version, self.version)?,
            generations: Generations {
                milan: tcb(Generation::Milan, base.generations.milan, &self.milan)?,
                genoa: tcb(Generation::Genoa, base.generations.genoa, &self.genoa)?,
                turin: tcb(Generation::Turin, base.generations.turin, &self.turin)?,
            },
            guest_svn: both("GUEST_SVN", base.guest_svn, self.guest_svn)?,
            policy,
            family_id: both("FAMILY_ID", base.family_id, self.family_id)?,
            image_id: both("IMAGE_ID", base.image_id, self.image_id)?,
            vmpl: match self.vmpl {
                None => base.vmpl,
                Some(level) if base.vmpl.check(level) => VmplRequirement::Exactly(level),
                Some(level) => {
                    let (one, other) = (base.vmpl.to_string(), level.to_string());
                    return Err(DemandConflict::Field { field: "VMPL", one, other });
                }
            },
            platform_info,
            signing_key: both("KEY_INFO.SIGNING_KEY", base.signing_key, self.signing_key)?,
            report_data: both("REPORT_DATA", base.report_data, self.report_data)?,
            references: self.references(base.references)?,
            host_data: both("HOST_DATA", base.host_data, self.host_data)?,
            id_key_digest: both("ID_KEY_DIGEST", base.id_key_digest, self.id_key_digest)?,
            author_key_digest: both(
                "AUTHOR_KEY_DIGEST",
                base.author_key_digest,
                self.author_key_digest,
            )?,
            signers: joined(base.signers, self.signers.clone()),
            report_id: both("REPORT_ID", base.report_id, self.report_id)?,
            migration_agent: both("REPORT_ID_MA", base.migration_agent, self.migration_agent)?,
            chip_id: both("CHIP_ID", base.chip_id, self.chip_id)?,
            current_version: both("CURRENT_VERSION", base.current_version, self.current_version)?,
            current_build: both("CURRENT_VERSION.BUILD", base.current_build, self.current_build)?,
            committed_version: both(
                "COMMITTED_VERSION",
                base.committed_version,
                self.committed_version,
            )?,
            advisories: joined(base.advisories, self.advisories.clone()),
            coherence: base.coherence,
            reserved: base.reserved,
        })
    }

    /// Those of the expected digests that are demanded too.
    fn references(
        &self,
        expected: ReferenceValues<LaunchDigest>,
    ) -> Result<ReferenceValues<LaunchDigest>, DemandConflict> {
        let Some(demanded) = &self.measurements else { return Ok(expected) };
        let mut references = ReferenceValues::new();
        for row in expected.rows().iter().filter(|row| demanded.contains(&row.digest)) {
            references.add(row.digest, row.stands_for.clone());
        }
        match references.is_empty() {
            false => Ok(references),
            true => {
                Err(DemandConflict::NoDigest { expected: expected.len(), demanded: demanded.len() })
            }
        }
    }
}
