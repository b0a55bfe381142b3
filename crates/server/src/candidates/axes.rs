//! What a registration's members may be, one list for each, and how many launches they make together.

use std::collections::BTreeSet;
use std::sync::Arc;

use sev_launch_abi::{CpuSignature, LaunchDigest, Technology};
use sev_launch_digest::cpu::{CpuModel, MODELS};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::{self, LaunchProfile, Loads};
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::{Cpu, CpuCount, OneOrMany, Registration, Scheme};
use sev_launch_protocol::text::Sha256;

use super::{Boot, CpuFacts, Lookup, MOST};
use crate::catalogue::Entry;

/// Other names of two profiles of SEV-ES: the ioctls that make the VM. [Linux, KVM_SEV_INIT2]
const ALIASES: [(&str, &str); 2] = [("kvm-sev-init", "es-legacy"), ("kvm-sev-init2", "es-init2")];

/// The lists. Where nothing is measured of a member, its list has one `None`.
pub(super) struct Axes {
    pub(super) firmwares: Vec<Sha256>,
    pub(super) boots: Vec<Option<Boot>>,
    pub(super) profiles: Vec<Option<&'static LaunchProfile>>,
    pub(super) cpus: Vec<Option<CpuFacts>>,
    /// Ascending, each once; empty where the number is not measured.
    pub(super) counts: Vec<u32>,
    pub(super) given: Vec<LaunchDigest>,
}

impl Axes {
    /// Errors: `too-many-candidates`, before anything is hashed; `schema` for unknown names.
    pub(super) fn of(registration: &Registration) -> Result<Self, Problem> {
        let firmwares = unique(registration.firmware_hashes.as_ref());
        let kernels = unique(registration.kernel_hash.as_ref());
        let initrds = unique(registration.initrd_hash.as_ref());
        let cmdlines = unique(registration.cmdline_hash.as_ref());
        let lines = unique_texts(registration.cmdline.as_ref());
        let given: Vec<LaunchDigest> = registration
            .launch_digests
            .iter()
            .flat_map(OneOrMany::values)
            .fold(Vec::new(), |mut all, digest| {
                if !all.contains(&digest.0) {
                    all.push(digest.0);
                }
                all
            });
        let measures_vmsas = registration.scheme != Scheme::AmdSev;
        let (mut profiles, mut cpus, mut counts) = (vec![None], vec![None], Vec::new());
        if measures_vmsas {
            profiles = profiles_of(registration)?.into_iter().map(Some).collect();
            cpus = cpus_of(registration)?.into_iter().map(Some).collect();
            counts = registration.cpu_count.as_ref().map(CpuCount::counts).unwrap_or_default();
        }
        let one = |length: usize| length.max(1);
        let lengths = [
            firmwares.len(),
            one(kernels.len()),
            one(initrds.len()),
            one(cmdlines.len().max(lines.len())),
            profiles.len(),
            cpus.len(),
            if measures_vmsas { counts.len() } else { 1 },
        ];
        let product = lengths.into_iter().try_fold(1_usize, usize::checked_mul);
        let number = product.and_then(|product| product.checked_add(given.len()));
        if number.is_none_or(|number| number > MOST) {
            let found = number
                .map_or_else(|| "more than can be counted".to_owned(), |number| number.to_string());
            return Err(Problem::new(
                Code::TooManyCandidates,
                format!("{found} combinations, at most {MOST}"),
            ));
        }
        let cmdlines = cmdlines_of(cmdlines, &lines)?;
        let boots = boots(&kernels, &initrds, &cmdlines);
        Ok(Self { firmwares, boots, profiles, cpus, counts, given })
    }

    /// The catalogue's entries of the firmwares.
    ///
    /// Errors: `unknown-firmware`.
    pub(super) fn entries(&self, lookup: &Lookup<'_>) -> Result<Vec<Arc<Entry>>, Problem> {
        let found = self.firmwares.iter().map(|hash| {
            let unknown = || {
                let detail = format!("{hash} is not in the catalogue: upload the image first");
                Problem::at(Code::UnknownFirmware, "#/firmware-hashes", detail)
            };
            lookup(hash)?.filter(|entry| entry.sha256() == *hash).ok_or_else(unknown)
        });
        found.collect()
    }
}

/// Every value once, in order.
fn unique<T: Copy + Ord>(values: Option<&OneOrMany<T>>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    let all = values.into_iter().flat_map(OneOrMany::values);
    all.copied().filter(|value| seen.insert(*value)).collect()
}

fn unique_texts(values: Option<&OneOrMany<String>>) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let all = values.into_iter().flat_map(OneOrMany::values);
    all.map(String::as_str).filter(|value| seen.insert(*value)).collect()
}

fn cmdlines_of(hashes: Vec<Sha256>, lines: &[&str]) -> Result<Vec<Sha256>, Problem> {
    if lines.is_empty() {
        return Ok(hashes);
    }
    let hashed = lines.iter().map(|line| {
        KernelHashes::of_cmdline(line.as_bytes())
            .map(|hash| Sha256(*hash.as_bytes()))
            .map_err(|error| Problem::at(Code::Schema, "#/cmdline", error.to_string()))
    });
    hashed.collect()
}

/// What is left out beside a kernel is what QEMU hashes then: no bytes, and one NUL. [QEMU, sev_add_kernel_loader_hashes]
fn boots(kernels: &[Sha256], initrds: &[Sha256], cmdlines: &[Sha256]) -> Vec<Option<Boot>> {
    if kernels.is_empty() {
        return vec![None];
    }
    let or = |list: &[Sha256], default: [u8; 32]| {
        if list.is_empty() { vec![Sha256(default)] } else { list.to_vec() }
    };
    let initrds = or(initrds, *KernelHashes::no_initrd().as_bytes());
    let cmdlines = or(cmdlines, *KernelHashes::of_any_cmdline(&[]).as_bytes());
    let mut boots = Vec::new();
    for kernel in kernels {
        for initrd in &initrds {
            for cmdline in &cmdlines {
                boots.push(Some(Boot { kernel: *kernel, initrd: *initrd, cmdline: *cmdline }));
            }
        }
    }
    boots
}

/// The profiles that may be registered: of the scheme's technology, and of a VMM that loads a firmware alone.
fn known(technology: Technology) -> impl Iterator<Item = &'static LaunchProfile> {
    profile::ALL
        .iter()
        .filter(move |one| one.technology == technology && one.loads == Loads::Firmware)
}

/// The registered profiles, each once.
///
/// Errors: `schema` for a name that is none, with all that are.
pub(crate) fn profiles_of(
    registration: &Registration,
) -> Result<Vec<&'static LaunchProfile>, Problem> {
    let technology = registration.scheme.technology();
    let mut found: Vec<&'static LaunchProfile> = Vec::new();
    for name in registration.vmsa_profiles.iter().flat_map(OneOrMany::values) {
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name.as_str()).map(|(_, own)| *own);
        let own = alias.unwrap_or(name.as_str());
        let Some(profile) = known(technology).find(|profile| profile.name == own) else {
            let mut names: Vec<&str> = known(technology).map(|profile| profile.name).collect();
            if technology == Technology::SevEs {
                names.extend(ALIASES.iter().map(|(alias, _)| *alias));
            }
            let scheme = registration.scheme.name();
            let detail = format!(
                "{:?} is no profile of {scheme}: wanted one of {}",
                name.as_str(),
                names.join(", ")
            );
            return Err(Problem::at(Code::Schema, "#/vmsa-profiles", detail));
        };
        if !found.iter().any(|one| one.name == profile.name) {
            found.push(profile);
        }
    }
    Ok(found)
}

/// A CPU's signature.
///
/// Errors: `schema` for a name that is none, with all that are, `out-of-range` for numbers that no CPU has.
pub(crate) fn signature_of(cpu: &Cpu) -> Result<CpuSignature, Problem> {
    match cpu {
        Cpu::Model(model) => {
            CpuModel::by_name(model.r#type.as_str()).map(|model| model.signature).map_err(|error| {
                let names: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
                let detail = format!("{error}; known are {}, and their versions", names.join(", "));
                Problem::at(Code::Schema, "#/cpu", detail)
            })
        }
        Cpu::Parts(parts) => CpuSignature::from_parts(parts.family, parts.model, parts.stepping)
            .map_err(|error| Problem::at(Code::OutOfRange, "#/cpu", error.to_string())),
    }
}

fn cpus_of(registration: &Registration) -> Result<Vec<CpuFacts>, Problem> {
    let mut found: Vec<CpuFacts> = Vec::new();
    for cpu in registration.cpu.iter().flat_map(OneOrMany::values) {
        let signature = signature_of(cpu)?;
        let name = match cpu {
            Cpu::Model(model) => Some(model.r#type.as_str().to_owned()),
            Cpu::Parts(_) => None,
        };
        // Models of one signature make the same digest: the first name stands for all.
        if !found.iter().any(|one| one.signature == signature) {
            found.push(CpuFacts { name, signature });
        }
    }
    Ok(found)
}
