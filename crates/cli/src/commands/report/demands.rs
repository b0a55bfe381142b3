//! What the command demands of a report: from flags to requirements, and the requirements as they are printed.
//!
//! The library has no defaults; these are the command's, in one place, and every one is printed with the verdict.

use std::collections::BTreeSet;

use serde::Serialize;
use sev_launch_abi::Generation;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::snp::policy::{Finding, Flag, Policy};
use sev_launch_abi::snp::tcb::TcbParts;
use sev_launch_verify::reference_values::ReferenceValues;
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::snp::report::VerifiedReport;
use sev_launch_verify::snp::requirements::{
    BitRequirement, Expected, GenerationRequirement, GenerationRequirements,
    MigrationAgentRequirement, Mismatch, PlatformInfoRequirement, PolicyRequirement, PolicyRules,
    Requirements, SigningKeyRequirement, TcbRequirements, UnknownBits, VmplRequirement,
};

use crate::args::{digest_bytes, number32};
use crate::exit::Insecure;

/// What is demanded of a report. What is not given may be anything, and is printed as such.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Demands")]
pub(crate) struct DemandFlags {
    /// Accept a policy that allows a migration agent, and a guest that has one: the agent then decides where else it runs.
    #[arg(long)]
    pub(crate) allow_migration_agent: bool,
    /// Bits that the policy must have, by AMD's names, apart by commas, as SINGLE_SOCKET,RAPL_DIS.
    #[arg(long, value_name = "BITS", value_delimiter = ',', value_parser = flag, conflicts_with = "policy")]
    pub(crate) policy_set: Vec<Flag>,
    /// Bits that the policy must not have, as SMT,CXL_ALLOW.
    #[arg(long, value_name = "BITS", value_delimiter = ',', value_parser = flag, conflicts_with = "policy")]
    pub(crate) policy_clear: Vec<Flag>,
    /// The generations that are accepted [default: Milan, Genoa, Turin].
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = generation)]
    pub(crate) generation: Vec<Generation>,
    /// The lowest levels that each TCB version of the report may have (reported, current, committed, launch), as
    /// bootloader=4,tee=0,snp=24,microcode=219; with fmc=… for Turin, and only for it.
    #[arg(long, value_name = "LEVELS", value_parser = levels)]
    pub(crate) min_tcb: Option<TcbParts>,
    /// What the guest must have put into the report: 64 bytes in hex or base64. It is what makes a report fresh.
    #[arg(long, value_name = "HEX", value_parser = digest_bytes::<64>)]
    pub(crate) report_data: Option<[u8; 64]>,
    /// What the host must have given at launch: 32 bytes.
    #[arg(long, value_name = "HEX", value_parser = digest_bytes::<32>)]
    pub(crate) host_data: Option<[u8; 32]>,
    /// The key that must have signed the ID block: SHA-384 of its 1028 bytes, as `sev-launch id-block check` prints it.
    #[arg(long, value_name = "HASH", value_parser = digest_bytes::<48>)]
    pub(crate) id_key_digest: Option<[u8; 48]>,
    /// The key that must have signed the ID key.
    #[arg(long, value_name = "HASH", value_parser = digest_bytes::<48>)]
    pub(crate) author_key_digest: Option<[u8; 48]>,
    /// The privilege level that must have asked for the report [default: 0 to 3, not the host].
    #[arg(long, value_name = "LEVEL", value_parser = number32)]
    pub(crate) vmpl: Option<u32>,
    /// The lowest security version that the guest's ID block may have.
    #[arg(long, value_name = "NUMBER", value_parser = number32)]
    pub(crate) min_guest_svn: Option<u32>,
    /// The family that the ID block must have: 16 bytes.
    #[arg(long, value_name = "HEX", value_parser = digest_bytes::<16>)]
    pub(crate) family_id: Option<[u8; 16]>,
    /// The image that the ID block must have: 16 bytes.
    #[arg(long, value_name = "HEX", value_parser = digest_bytes::<16>)]
    pub(crate) image_id: Option<[u8; 16]>,
    /// The chip that it must be: 64 bytes.
    #[arg(long, value_name = "HEX", value_parser = digest_bytes::<64>)]
    pub(crate) chip_id: Option<[u8; 64]>,
    /// The kind of key that must have signed the report.
    #[arg(long, value_name = "KIND")]
    pub(crate) signing_key: Option<SigningKey>,
}

/// Kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum SigningKey {
    /// The chip's own.
    Vcek,
    /// The cloud provider's.
    Vlek,
}

fn flag(text: &str) -> Result<Flag, String> {
    let name = text.trim().replace('-', "_");
    Flag::ALL.into_iter().find(|flag| flag.name().eq_ignore_ascii_case(&name)).ok_or_else(|| {
        let names: Vec<_> = Flag::ALL.iter().map(|flag| flag.name()).collect();
        format!("{text:?} is no bit of the policy: wanted {}", names.join(", "))
    })
}

fn generation(text: &str) -> Result<Generation, String> {
    Generation::SNP
        .into_iter()
        .find(|generation| generation.name().eq_ignore_ascii_case(text.trim()))
        .ok_or_else(|| format!("{text:?}: wanted Milan, Genoa or Turin"))
}

/// Levels by name: all but `fmc` must be there, each once.
fn levels(text: &str) -> Result<TcbParts, String> {
    let names = ["fmc", "bootloader", "tee", "snp", "microcode"];
    let mut found = [None; 5];
    for part in text.split(',') {
        let wanted = || format!("{part:?}: wanted a name and a level up to 255, as snp=24");
        let (name, level) = part.trim().split_once('=').ok_or_else(wanted)?;
        let level = number32(level)?.try_into().map_err(|_| wanted())?;
        let place = names.iter().zip(&mut found).find(|(known, _)| **known == name.trim());
        let (_, place) =
            place.ok_or_else(|| format!("{name:?} is no level: wanted {}", names.join(", ")))?;
        if place.replace(level).is_some() {
            return Err(format!("{name} is given twice"));
        }
    }
    let [fmc, boot_loader, tee, snp, microcode] = found;
    let missing = |name: &str| format!("no level of {name}: 0 if any will do");
    Ok(TcbParts {
        fmc,
        boot_loader: boot_loader.ok_or_else(|| missing("bootloader"))?,
        tee: tee.ok_or_else(|| missing("tee"))?,
        snp: snp.ok_or_else(|| missing("snp"))?,
        microcode: microcode.ok_or_else(|| missing("microcode"))?,
    })
}

/// What is accepted although it is insecure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowances {
    debug: bool,
    migration_agent: bool,
}

impl Allowances {
    pub(crate) const fn new(debug: bool, migration_agent: bool) -> Self {
        Self { debug, migration_agent }
    }

    /// Refuses a policy that lets the host, or an agent, into the guest: exit code 3.
    pub(crate) fn check(self, policy: Policy) -> Result<(), Insecure> {
        let refusals: Vec<_> = policy
            .findings()
            .into_iter()
            .filter_map(|finding| match finding {
                Finding::DebugAllowed if !self.debug => {
                    Some(format!("{finding}; --allow-debug accepts it"))
                }
                Finding::MigrationAgentAllowed if !self.migration_agent => {
                    Some(format!("{finding}; --allow-migration-agent accepts it"))
                }
                _ => None,
            })
            .collect();
        if refusals.is_empty() {
            return Ok(());
        }
        Err(Insecure(format!("policy {policy}: {}", refusals.join("; "))))
    }
}

impl DemandFlags {
    /// What is accepted although it is insecure.
    pub(crate) fn allowances(&self, debug: bool) -> Allowances {
        Allowances::new(debug, self.allow_migration_agent)
    }

    /// The ID block's fields are whatever its signer says, so they mean something only beside its signer's key.
    pub(crate) fn check(&self) -> Result<(), Insecure> {
        let of_id_block =
            self.min_guest_svn.is_some() || self.family_id.is_some() || self.image_id.is_some();
        let has_key = self.id_key_digest.is_some() || self.author_key_digest.is_some();
        if of_id_block && !has_key {
            return Err(Insecure(
                "--min-guest-svn, --family-id and --image-id come from an ID block, which the host can sign itself: \
                 give --id-key-digest or --author-key-digest too"
                    .into(),
            ));
        }
        Ok(())
    }

    /// What to say of demands that are left out.
    pub(crate) fn notes(&self) -> Option<String> {
        let fresh = self.report_data.is_some();
        (!fresh).then(|| {
            "without --report-data nothing says that the report is fresh, or from the guest you talk to".to_owned()
        })
    }

    /// The demands, all of them.
    pub(crate) fn requirements(
        &self,
        policy: Option<Policy>,
        allowances: Allowances,
        measurement: ReferenceValues<LaunchDigest>,
    ) -> Requirements {
        let at_least =
            |floor: Option<TcbParts>| floor.map_or(Requirement::Any, Requirement::AtLeast);
        let accepted = |generation: Generation| {
            if !self.generation.is_empty() && !self.generation.contains(&generation) {
                return GenerationRequirement::Refused;
            }
            let floor = at_least(self.min_tcb);
            GenerationRequirement::Accepted(TcbRequirements {
                reported: floor,
                current: floor,
                committed: floor,
                launch: floor,
            })
        };
        Requirements {
            version: Requirement::Any,
            generations: GenerationRequirements {
                milan: accepted(Generation::Milan),
                genoa: accepted(Generation::Genoa),
                turin: accepted(Generation::Turin),
            },
            guest_svn: self.min_guest_svn.map_or(Requirement::Any, Requirement::AtLeast),
            policy: match policy {
                Some(policy) => PolicyRequirement::Exactly(policy),
                None => PolicyRequirement::Rules(self.rules(allowances)),
            },
            family_id: expected(self.family_id),
            image_id: expected(self.image_id),
            vmpl: self.vmpl.map_or(VmplRequirement::AnyGuest, VmplRequirement::Exactly),
            platform_info: PlatformInfoRequirement {
                set: 0,
                clear: 0,
                unknown: UnknownBits::Accept,
            },
            signing_key: match self.signing_key {
                None => SigningKeyRequirement::Any,
                Some(SigningKey::Vcek) => SigningKeyRequirement::Vcek,
                Some(SigningKey::Vlek) => SigningKeyRequirement::Vlek,
            },
            report_data: expected(self.report_data),
            measurement,
            host_data: expected(self.host_data),
            id_key_digest: expected(self.id_key_digest),
            author_key_digest: expected(self.author_key_digest),
            migration_agent: match self.allow_migration_agent {
                true => MigrationAgentRequirement::Any,
                false => MigrationAgentRequirement::None,
            },
            chip_id: expected(self.chip_id),
            current_version: Requirement::Any,
            committed_version: Requirement::Any,
        }
    }

    fn rules(&self, allowances: Allowances) -> PolicyRules {
        let bit = |flag: Flag| {
            let refused = match flag {
                Flag::Debug => !allowances.debug,
                Flag::MigrateMa => !allowances.migration_agent,
                _ => false,
            };
            match flag {
                _ if refused || self.policy_clear.contains(&flag) => BitRequirement::Clear,
                _ if self.policy_set.contains(&flag) => BitRequirement::Set,
                _ => BitRequirement::Any,
            }
        };
        PolicyRules {
            min_api: Requirement::Any,
            smt: bit(Flag::Smt),
            migrate_ma: bit(Flag::MigrateMa),
            debug: bit(Flag::Debug),
            single_socket: bit(Flag::SingleSocket),
            cxl_allow: bit(Flag::CxlAllow),
            mem_aes_256_xts: bit(Flag::MemAes256Xts),
            rapl_dis: bit(Flag::RaplDis),
            ciphertext_hiding_dram: bit(Flag::CiphertextHidingDram),
            page_swap_disable: bit(Flag::PageSwapDisable),
        }
    }
}

fn expected<T>(value: Option<T>) -> Expected<T> {
    value.map_or(Expected::Any, Expected::Exactly)
}

/// A demand as it is printed.
#[derive(Serialize)]
pub(crate) struct DemandView {
    /// The field, by AMD's name.
    pub(crate) field: &'static str,
    pub(crate) wanted: String,
    /// What the report has, of a demand that is not met.
    pub(crate) found: Option<String>,
    /// Nothing where the report is not authentic, so that nothing was asked of it.
    pub(crate) met: Option<bool>,
}

/// Every demand with its answer, those too that anything meets, in the report's order.
pub(super) fn rows(
    requirements: &Requirements,
    report: Option<&VerifiedReport>,
    mismatches: Option<&[Mismatch]>,
) -> Vec<DemandView> {
    let mut rows: Vec<DemandView> = wanted(requirements, report)
        .into_iter()
        .map(|(field, wanted)| {
            let found = mismatches.and_then(|all| all.iter().find(|one| one.field == field));
            DemandView {
                field,
                wanted: found.map_or(wanted, |one| one.wanted.clone()),
                found: found.map(|one| one.found.clone()),
                met: mismatches.map(|_| found.is_none()),
            }
        })
        .collect();
    // Whatever else the library finds is never left out.
    let known: BTreeSet<_> = rows.iter().map(|row| row.field).collect();
    rows.extend(mismatches.into_iter().flatten().filter(|one| !known.contains(one.field)).map(
        |one| DemandView {
            field: one.field,
            wanted: one.wanted.clone(),
            found: Some(one.found.clone()),
            met: Some(false),
        },
    ));
    rows
}

/// What each field must be, in words.
fn wanted(
    requirements: &Requirements,
    report: Option<&VerifiedReport>,
) -> Vec<(&'static str, String)> {
    let Requirements {
        version,
        generations,
        guest_svn,
        policy,
        family_id,
        image_id,
        vmpl,
        platform_info,
        signing_key,
        report_data,
        measurement,
        host_data,
        id_key_digest,
        author_key_digest,
        migration_agent,
        chip_id,
        current_version,
        committed_version,
    } = requirements;
    let mut rows = vec![("VERSION", version.to_string()), ("GUEST_SVN", guest_svn.to_string())];
    rows.extend(policy_rows(policy));
    rows.extend([
        ("FAMILY_ID", bytes(family_id)),
        ("IMAGE_ID", bytes(image_id)),
        ("VMPL", vmpl.to_string()),
        (
            "PLATFORM_INFO",
            match platform_info {
                PlatformInfoRequirement { set: 0, clear: 0, unknown: UnknownBits::Accept } => {
                    "anything".into()
                }
                PlatformInfoRequirement { set, clear, unknown } => {
                    let named = if *unknown == UnknownBits::Refuse { ", no others" } else { "" };
                    format!("bits {set:#x} set and {clear:#x} clear{named}")
                }
            },
        ),
        (
            "KEY_INFO.SIGNING_KEY",
            match signing_key {
                SigningKeyRequirement::Any => "anything",
                SigningKeyRequirement::Vcek => "VCEK",
                SigningKeyRequirement::Vlek => "VLEK",
            }
            .into(),
        ),
        ("REPORT_DATA", bytes(report_data)),
        ("MEASUREMENT", format!("one of {} reference values", measurement.len())),
        ("HOST_DATA", bytes(host_data)),
        ("ID_KEY_DIGEST", bytes(id_key_digest)),
        ("AUTHOR_KEY_DIGEST", bytes(author_key_digest)),
        (
            "REPORT_ID_MA",
            match migration_agent {
                MigrationAgentRequirement::Any => "anything".into(),
                MigrationAgentRequirement::None => "no migration agent".into(),
                MigrationAgentRequirement::Exactly(id) => hex::encode(id),
            },
        ),
        ("generation", accepted_generations(generations)),
    ]);
    rows.extend(tcb_rows(generations, report));
    rows.extend([
        ("CHIP_ID", bytes(chip_id)),
        ("CURRENT_VERSION", current_version.to_string()),
        ("COMMITTED_VERSION", committed_version.to_string()),
    ]);
    rows
}

fn bytes<const N: usize>(wanted: &Expected<[u8; N]>) -> String {
    match wanted {
        Expected::Any => "anything".into(),
        Expected::Exactly(bytes) => hex::encode(bytes),
    }
}

fn policy_rows(policy: &PolicyRequirement) -> Vec<(&'static str, String)> {
    let rules = match policy {
        PolicyRequirement::Exactly(policy) => return vec![("POLICY", policy.to_string())],
        PolicyRequirement::Rules(rules) => rules,
    };
    let bit = |bit: BitRequirement| -> String {
        match bit {
            BitRequirement::Any => "anything",
            BitRequirement::Set => "1",
            BitRequirement::Clear => "0",
        }
        .into()
    };
    vec![
        ("POLICY", "bit 17 set and no reserved bits".into()),
        ("POLICY.ABI", rules.min_api.to_string()),
        ("POLICY.SMT", bit(rules.smt)),
        ("POLICY.MIGRATE_MA", bit(rules.migrate_ma)),
        ("POLICY.DEBUG", bit(rules.debug)),
        ("POLICY.SINGLE_SOCKET", bit(rules.single_socket)),
        ("POLICY.CXL_ALLOW", bit(rules.cxl_allow)),
        ("POLICY.MEM_AES_256_XTS", bit(rules.mem_aes_256_xts)),
        ("POLICY.RAPL_DIS", bit(rules.rapl_dis)),
        ("POLICY.CIPHERTEXT_HIDING_DRAM", bit(rules.ciphertext_hiding_dram)),
        ("POLICY.PAGE_SWAP_DISABLE", bit(rules.page_swap_disable)),
    ]
}

/// Each generation's rule.
fn each(generations: &GenerationRequirements) -> [(Generation, &GenerationRequirement); 3] {
    let GenerationRequirements { milan, genoa, turin } = generations;
    [(Generation::Milan, milan), (Generation::Genoa, genoa), (Generation::Turin, turin)]
}

fn accepted_generations(generations: &GenerationRequirements) -> String {
    let names: Vec<_> = each(generations)
        .into_iter()
        .filter(|(_, rule)| **rule != GenerationRequirement::Refused)
        .map(|(generation, _)| generation.name())
        .collect();
    names.join(" or ")
}

/// The levels that are demanded of the report's generation; of any accepted one where there is no report.
fn tcb_rows(
    generations: &GenerationRequirements,
    report: Option<&VerifiedReport>,
) -> Vec<(&'static str, String)> {
    let generation = report.map(VerifiedReport::generation);
    let rule = each(generations).into_iter().find_map(|(one, rule)| match rule {
        GenerationRequirement::Accepted(tcb) if generation.is_none_or(|wanted| wanted == one) => {
            Some(tcb)
        }
        _ => None,
    });
    let text = |of: fn(&TcbRequirements) -> &Requirement<TcbParts>| {
        rule.map_or_else(|| "the generation is refused".into(), |rule| of(rule).to_string())
    };
    vec![
        ("REPORTED_TCB", text(|tcb| &tcb.reported)),
        ("CURRENT_TCB", text(|tcb| &tcb.current)),
        ("COMMITTED_TCB", text(|tcb| &tcb.committed)),
        ("LAUNCH_TCB", text(|tcb| &tcb.launch)),
    ]
}
