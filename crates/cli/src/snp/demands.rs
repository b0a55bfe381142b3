//! What the command demands of a report: from flags to the library's requirements, and its demands as they are printed.
//!
//! These are the command's defaults, in one place; every one is printed with the verdict.

use sev_launch_abi::Generation;
use sev_launch_abi::snp::policy::{Flag, Policy};
use sev_launch_abi::snp::tcb::TcbParts;
use sev_launch_abi::snp::{HostData, LaunchDigest};
use sev_launch_verify::policy_requirements::Contradiction;
use sev_launch_verify::reference_values::ReferenceValues;
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::snp::certificate::VekKind;
use sev_launch_verify::snp::requirements::{
    CoherenceRequirements, Generations, Incoherence, PlatformInfoRequirement, PolicyRequirements,
    Requirements, TcbRequirements, UnknownBits, VmplRequirement,
};

use super::policy;
use crate::args::{digest_bytes, number32};
use crate::exit::Insecure;

/// What is demanded of a report. What is not given may be anything, and is printed as such.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Demands")]
pub(crate) struct DemandFlags {
    /// Accept a policy that allows a migration agent, and a guest that has one: the agent then decides where else it runs.
    #[arg(long)]
    pub(crate) allow_migration_agent: bool,
    /// Bits that the policy must have, by AMD's names, comma-separated, for example SINGLE_SOCKET,RAPL_DIS.
    #[arg(long, value_name = "BITS", value_delimiter = ',', value_parser = flag)]
    pub(crate) policy_set: Vec<Flag>,
    /// Bits that the policy must not have, for example SMT,CXL_ALLOW.
    #[arg(long, value_name = "BITS", value_delimiter = ',', value_parser = flag)]
    pub(crate) policy_clear: Vec<Flag>,
    /// The generations that are accepted [default: Milan, Genoa, Turin].
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = generation)]
    pub(crate) generation: Vec<Generation>,
    /// The lowest levels that each TCB version of the report may have (reported, current, committed, launch), for example
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
    #[arg(long, value_name = "LEVEL", value_parser = guest_level)]
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
    pub(crate) signing_key: Option<KeyKind>,
    /// Accept a platform whose firmware is running but not committed: its host can go back to older firmware, with older faults.
    #[arg(long)]
    pub(crate) allow_provisional_firmware: bool,
    /// Accept a platform that runs less than LAUNCH_TCB: it went back to older firmware since the launch, or a migration agent
    /// brought the guest from a newer platform.
    #[arg(long)]
    pub(crate) allow_launch_tcb_above_current: bool,
    /// Accept reserved bytes, and bits without a name in KEY_INFO, PLATFORM_INFO and TCB versions, that are not zero: what they
    /// mean is not known.
    #[arg(long)]
    pub(crate) allow_reserved_bits: bool,
}

/// Kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum KeyKind {
    /// The chip's own.
    Vcek,
    /// The cloud provider's.
    Vlek,
}

/// A privilege level of a guest. [APM2, Virtual Machine Privilege Levels]
fn guest_level(text: &str) -> Result<u32, String> {
    let level = number32(text)?;
    match level {
        0..=3 => Ok(level),
        _ => Err(format!(
            "{text:?}: wanted 0 to 3, the levels of a guest: what the host asked for holds the host's REPORT_DATA"
        )),
    }
}

fn flag(text: &str) -> Result<Flag, String> {
    let name = text.trim().replace('-', "_");
    Flag::ALL.into_iter().find(|flag| flag.name().eq_ignore_ascii_case(&name)).ok_or_else(|| {
        let names: Vec<_> = Flag::ALL.iter().map(|flag| flag.name()).collect();
        format!("{text:?} is no bit of the policy: wanted {}", names.join(", "))
    })
}

fn generation(text: &str) -> Result<Generation, String> {
    let generation = text.trim().parse().ok().filter(|one| Generation::SNP.contains(one));
    generation.ok_or_else(|| format!("{text:?}: wanted Milan, Genoa or Turin"))
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

impl DemandFlags {
    /// What is accepted although it is insecure, and nothing else.
    pub(crate) fn allowed(&self, debug: bool) -> PolicyRequirements {
        policy::allowing(debug, self.allow_migration_agent)
    }

    /// The ID block's fields are whatever its signer says, so they mean something only beside its signer's key. Zeros are no
    /// key: a report has them where nobody signed.
    pub(crate) fn check(&self) -> Result<(), Insecure> {
        let of_id_block =
            self.min_guest_svn.is_some() || self.family_id.is_some() || self.image_id.is_some();
        let is_key = |digest: [u8; 48]| digest != [0; 48];
        let has_key =
            self.id_key_digest.is_some_and(is_key) || self.author_key_digest.is_some_and(is_key);
        let reason = "--min-guest-svn, --family-id and --image-id come from an ID block, which the host can sign itself: \
                      give --id-key-digest or --author-key-digest too, of a key and not zeros";
        if of_id_block && !has_key { Err(Insecure(reason.into())) } else { Ok(()) }
    }

    /// What to say of demands that are left out.
    pub(crate) fn notes(&self) -> Option<String> {
        self.report_data.is_none().then(|| {
            "without --report-data nothing says that the report is fresh, or from the guest you talk to".to_owned()
        })
    }

    /// The demands, all of them.
    ///
    /// Errors: demands that no policy can meet together.
    pub(crate) fn requirements(
        &self,
        policy: Option<Policy>,
        host_data: Option<HostData>,
        allowed: PolicyRequirements,
        references: ReferenceValues<LaunchDigest>,
    ) -> anyhow::Result<Requirements> {
        let tcb = |generation: Generation| {
            let is_accepted = self.generation.is_empty() || self.generation.contains(&generation);
            is_accepted.then(|| TcbRequirements::all(Requirement::at_least(self.min_tcb)))
        };
        let unknown = match self.allow_reserved_bits {
            true => UnknownBits::Accept,
            false => UnknownBits::Refuse,
        };
        let policy = self.policy(policy, allowed).map_err(|error| {
            anyhow::Error::new(error).context(
                "the demands on the policy (--policy or what describes the guest, --policy-set, --policy-clear, and what is \
                 refused unless --allow-debug or --allow-migration-agent accepts it)",
            )
        })?;
        Ok(Requirements {
            generations: Generations {
                milan: tcb(Generation::Milan),
                genoa: tcb(Generation::Genoa),
                turin: tcb(Generation::Turin),
            },
            guest_svn: Requirement::at_least(self.min_guest_svn),
            policy,
            family_id: Requirement::exactly(self.family_id),
            image_id: Requirement::exactly(self.image_id),
            vmpl: self.vmpl.map_or(VmplRequirement::AnyGuest, VmplRequirement::Exactly),
            platform_info: PlatformInfoRequirement { set: 0, clear: 0, unknown },
            signing_key: Requirement::exactly(self.signing_key.map(|kind| match kind {
                KeyKind::Vcek => VekKind::Vcek,
                KeyKind::Vlek => VekKind::Vlek,
            })),
            report_data: Requirement::exactly(self.report_data),
            host_data: Requirement::exactly(host_data.map(|data| *data.as_bytes())),
            id_key_digest: Requirement::exactly(self.id_key_digest),
            author_key_digest: Requirement::exactly(self.author_key_digest),
            migration_agent: match self.allow_migration_agent {
                true => Requirement::Any,
                false => Requirement::Exactly(Requirements::NO_MIGRATION_AGENT),
            },
            chip_id: Requirement::exactly(self.chip_id),
            coherence: self.coherence(),
            reserved: unknown,
            ..Requirements::strict(references, [0; 64])
        })
    }

    fn coherence(&self) -> CoherenceRequirements {
        let mut coherence = CoherenceRequirements::STRICT;
        if self.allow_provisional_firmware {
            coherence.provisional_firmware = Incoherence::Accept;
        }
        if self.allow_launch_tcb_above_current {
            coherence.launch_above_current = Incoherence::Accept;
        }
        coherence
    }

    /// Every demand on the policy: what is refused stays refused, and a demand is only ever added.
    fn policy(
        &self,
        word: Option<Policy>,
        allowed: PolicyRequirements,
    ) -> Result<PolicyRequirements, Contradiction> {
        let mut policy = PolicyRequirements { word: Requirement::exactly(word), ..allowed };
        for (flags, value) in [(&self.policy_set, true), (&self.policy_clear, false)] {
            flags.iter().try_for_each(|flag| policy.demand(*flag, value))?;
        }
        policy.check_consistent()?;
        Ok(policy)
    }
}
