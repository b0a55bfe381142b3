//! From what was said to what is launched: the profile settled, contradictions refused, and what was taken for granted
//! told.
//!
//! ```
//! use sev_launch_description::{Description, Error, Origin, resolve::resolve};
//!
//! let text = "technology = 'sev-es'\nvcpus = 2\n[firmware]\npath = 'OVMF.fd'";
//! let resolved = resolve(Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref())?)?;
//! assert_eq!(resolved.profiles[0].name, "es-legacy");
//! assert!(resolved.assumptions[0].starts_with("profile es-legacy"));
//! assert_eq!(resolve(Description::default()), Err(Error::NoTechnology));
//! # Ok::<(), Error>(())
//! ```

mod contradictions;
mod refused;

use std::collections::BTreeSet;

use sev_launch_abi::Technology;
use sev_launch_abi::sev::policy as sev;
use sev_launch_abi::snp::policy as snp;
use sev_launch_digest::cpu;
use sev_launch_digest::firmware::{AbsorbedFirmware, SectionKind};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::profile::{
    self, Assumption, LateRegisters, LaunchProfile, Loads, Vmm, VmmFact,
};
use sev_launch_digest::vcpus::VcpuCount;

use crate::axes::{Cpu, VcpuCounts};
use crate::description::{Description, Host, Image};
use crate::error::{Error, NotMeasured, PolicyProblem};
use crate::keys::{self, Key};
use crate::origin::{Origin, Sourced};
use crate::unknown::Unknown;
use contradictions::{
    check_boot, check_igvm, check_images, check_technology, not_measured, refuse,
};

/// A description that says enough for a launch digest, as far as can be told without its files: nothing that one needs is
/// unknown. Only [`resolve`] and [`resolve_firmware`] make it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resolved {
    /// The description, with what was settled for it: each such field's origin is a default.
    pub description: Description,
    /// The technology.
    pub technology: Technology,
    /// The launch profiles; none for plain SEV, which measures no VMSA.
    pub profiles: Vec<&'static LaunchProfile>,
    /// Numbers of vCPUs, with those among them that start with the first one's registers.
    pub vcpus: Vec<VcpuCount>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
    /// What the reader should see beside the answer.
    pub notes: Vec<String>,
}

/// Settles what was left open.
///
/// Errors: something unknown that a digest needs; no technology or firmware; fields that contradict each other; no number of vCPUs where they are measured; a
/// host for which no launch profile is known, or more than one.
pub fn resolve(description: Description) -> Result<Resolved, Error> {
    let technology = description.technology.as_ref().map(|field| field.value);
    check_harmless(&description)?;
    check_unknown(&description, |key| description.needs(key, technology))?;
    let Some(technology) = technology else {
        return Err(Error::NoTechnology);
    };
    if description.firmware.images.is_none() {
        return Err(Error::NoFirmware);
    }
    check_policy(&description, technology)?;
    description.check_id_block()?;
    check_boot(&description, technology)?;
    check_images(&description)?;
    check_igvm(&description, technology)?;
    check_technology(&description, technology)?;
    let mut resolved = Resolved::new(description, technology);
    resolved.note_unmeasured();
    if technology != Technology::Sev {
        resolved.choose_profiles()?;
        resolved.check_cpus()?;
        resolved.settle_late_vcpus()?;
        resolved.note_captured();
        resolved.check_libkrun()?;
    }
    let refused = refused::notes(&resolved.description, technology, &resolved.profiles)?;
    resolved.notes.extend(refused);
    Ok(resolved)
}

/// The same for the firmware's own part of an SNP launch: it has neither vCPUs nor a profile.
///
/// Errors: something unknown of the firmware; an SNP digest in place of the image's, which would be the answer itself; fields that contradict each other.
pub fn resolve_firmware(description: Description) -> Result<Resolved, Error> {
    let technology = Some(Technology::Snp);
    check_harmless(&description)?;
    check_unknown(&description, |key| {
        key.starts_with("firmware.") && description.needs(key, technology)
    })?;
    if description.firmware.snp_digest.is_some() {
        return Err(not_measured("firmware.snp_digest", NotMeasured::DigestOutsideSnp));
    }
    check_images(&description)?;
    // A kernel, CPUs and an SVSM may be described too, and are no part of the answer.
    let Description { technology, firmware, .. } = description;
    let description = Description { technology, firmware, ..Description::default() };
    Ok(Resolved::new(description, Technology::Snp))
}

impl Description {
    /// Is a key known, or not spoken of at all?
    ///
    /// Errors: what is unknown of the key, if no value is said. For callers that need what no digest does, for example the
    /// policy, or that would take a default for a key that is not said.
    pub fn check_known(&self, key: &str) -> Result<(), Error> {
        let field = keys::find(key).map(Key::field);
        check_unknown(self, |other| keys::find(other).map(Key::field) == field)
    }

    /// Does an ID block go with what is described beside it?
    ///
    /// Errors: a block, its authentication or an author's key without the others; a block for guests of another policy, with which
    /// SNP_LAUNCH_FINISH fails. [SNP-ABI, SNP_LAUNCH_FINISH]
    pub fn check_id_block(&self) -> Result<(), Error> {
        let half = |found, missing| Err(Error::HalfIdBlock { found, missing });
        match (&self.id_block, &self.id_auth) {
            (None, None) if self.author_key.as_ref().is_some_and(|field| field.value) => {
                half("author_key", "id_block and id_auth")
            }
            (None, None) => Ok(()),
            (Some(_), None) => half("id_block", "id_auth"),
            (None, Some(_)) => half("id_auth", "id_block"),
            (Some(Sourced { value: block, origin }), Some(_)) => match &self.policy {
                Some(policy) if policy.value != block.policy() => Err(Error::IdBlockPolicy {
                    block: block.policy(),
                    policy: policy.value,
                    origin: origin.clone(),
                }),
                _ => Ok(()),
            },
        }
    }

    /// The same for all that other launches around this one measure, if this one does not: a search turns kernel hashes on.
    ///
    /// Errors: everything that is unknown.
    pub fn check_all_known(&self) -> Result<(), Error> {
        let technology = self.technology.as_ref().map(|field| field.value);
        let mut switched = self.clone();
        switched.boot.kernel_hashes = None;
        check_unknown(self, |key| switched.needs(key, technology))
    }
}

/// What is called harmless must be there, as it was shown: a text that was mistyped would settle nothing.
fn check_harmless(description: &Description) -> Result<(), Error> {
    let unknown = &description.unknown;
    // A file has many thousands of both.
    let settled: BTreeSet<_> =
        unknown.iter().filter(|one| one.key.is_none()).map(|one| &one.text).collect();
    let mut harmless = description.harmless.iter().flat_map(|field| &field.value);
    match harmless.find(|text| !settled.contains(text)) {
        None => Ok(()),
        Some(text) => {
            let key = unknown.iter().find(|one| one.text == *text).and_then(|one| one.key);
            Err(Error::NotUnknown { text: text.clone(), key })
        }
    }
}

/// Whatever is needed and unknown, unless it was said or named as harmless.
fn check_unknown(description: &Description, needs: impl Fn(&str) -> bool) -> Result<(), Error> {
    let harmless: BTreeSet<_> =
        description.harmless.iter().flat_map(|field| &field.value).collect();
    let stops = |unknown: &&Unknown| match unknown.key {
        Some(key) => needs(key) && !description.says(key),
        None => !harmless.contains(&unknown.text),
    };
    let open: Vec<_> = description.unknown.iter().filter(stops).cloned().collect();
    if open.is_empty() { Ok(()) } else { Err(Error::Unknown(open)) }
}

/// A policy says which technology it is for, and one that the AMD-SP refuses starts no guest.
fn check_policy(description: &Description, technology: Technology) -> Result<(), Error> {
    let Some(policy) = &description.policy else { return Ok(()) };
    let value = policy.value;
    let problem = match (technology, u32::try_from(value)) {
        (Technology::Snp, _) => {
            let findings = snp::Policy::from_bits(value).findings();
            let refused = findings.into_iter().find(|finding| finding.is_refused_by_platform());
            refused.map(PolicyProblem::Snp)
        }
        (_, Err(_)) => Some(PolicyProblem::TooLarge),
        (_, Ok(bits)) if sev::Policy::from_bits(bits).min_api().major > 1 => {
            Some(PolicyProblem::NoSuchApi(sev::Policy::from_bits(bits).min_api()))
        }
        (_, Ok(bits)) => {
            let findings = sev::Policy::from_bits(bits).findings(technology);
            findings.into_iter().find_map(|finding| match finding {
                sev::Finding::ContradictsTechnology { es: true, .. } => {
                    Some(PolicyProblem::AsksForEs)
                }
                sev::Finding::ContradictsTechnology { es: false, .. } => {
                    Some(PolicyProblem::LacksEs)
                }
                finding => finding.is_refused_by_platform().then_some(PolicyProblem::Sev(finding)),
            })
        }
    };
    match problem {
        None => Ok(()),
        Some(problem) => {
            let origin = policy.origin.clone();
            Err(Error::Policy { policy: value, origin, technology, problem })
        }
    }
}

/// A profile that is named must be of the VMM that is named, whatever versions either holds for: those may be backported, and
/// no host is two programs.
fn check_vmm(host: &Host, profiles: &[&'static LaunchProfile]) -> Result<(), Error> {
    let (Some(Sourced { origin, .. }), Some(VmmFact { vmm, .. })) = (&host.vmm, host.facts()?.vmm)
    else {
        return Ok(());
    };
    match profiles.iter().find(|profile| !vmm.may_be(profile.vmm)) {
        None => Ok(()),
        Some(profile) => Err(Error::OtherVmm { profile, found: vmm, origin: origin.clone() }),
    }
}

/// The processor that is said of the host must run the technology.
fn check_processor(host: &Host, technology: Technology) -> Result<(), Error> {
    match (&host.cpu, host.facts()?.generation) {
        (Some(Sourced { origin, .. }), Some(generation)) if !generation.runs(technology) => {
            Err(Error::HostWithoutTechnology { generation, technology, origin: origin.clone() })
        }
        _ => Ok(()),
    }
}

impl Resolved {
    fn new(description: Description, technology: Technology) -> Self {
        let (profiles, assumptions, notes) = Default::default();
        let vcpus = description.vcpu_counts().map_or(Vec::new(), |list| list.counts().to_vec());
        Self { description, technology, profiles, vcpus, assumptions, notes }
    }

    /// Holds the SHA-256 of a firmware image or an IGVM file that was found against the one described, if one is.
    ///
    /// Errors: another SHA-256 than described.
    pub fn check_sha256(&self, found: Sha256Digest) -> Result<(), Error> {
        match &self.description.firmware.sha256 {
            Some(Sourced { value: wanted, origin }) if *wanted != found => {
                let wanted = *wanted;
                Err(Error::OtherFirmware { found, wanted, origin: origin.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Holds a firmware that was found against what is described.
    ///
    /// Errors: an image of another SHA-256 than described; in SNP, kernel hashes that are on without a kernel, where the image
    /// has a section for them: QEMU asserts, and so aborts. [QEMU, snp_launch_update_kernel_hashes]
    pub fn check_firmware(&self, found: &AbsorbedFirmware) -> Result<(), Error> {
        let Description { firmware, boot, .. } = &self.description;
        if firmware.sha256.is_some() {
            self.check_sha256(found.sha256().map_err(sev_launch_digest::Error::from)?)?;
        }
        let asked = boot.kernel_hashes.as_ref().is_some_and(|field| field.value.contains(&true));
        let sections = found.sections().unwrap_or_default();
        let has_section = sections.iter().any(|section| section.kind == SectionKind::KernelHashes);
        if self.technology == Technology::Snp && asked && boot.kernels.is_none() && has_section {
            return Err(Error::HashesWithoutKernel);
        }
        Ok(())
    }

    /// The launch profiles: those named, derived from the host, or the default.
    fn choose_profiles(&mut self) -> Result<(), Error> {
        let technology = self.technology;
        check_processor(&self.description.host, technology)?;
        let is_igvm = self.description.is_igvm();
        let names_host = self.description.host.decides_profile();
        let derived = match names_host {
            true if is_igvm => {
                Some(profile::derive_igvm(technology, &self.description.host.facts()?))
            }
            true => Some(profile::derive(technology, &self.description.host.facts()?)),
            false => None,
        };
        if let Some(named) = &self.description.profiles {
            if let Some(other) = named.value.iter().find(|profile| profile.technology != technology)
            {
                return Err(sev_launch_digest::Error::ProfileTechnology {
                    profile: other.name,
                    wanted: other.technology,
                    found: technology,
                }
                .into());
            }
            let loads_igvm = |profile: &LaunchProfile| matches!(profile.loads, Loads::Igvm(_));
            if let Some(profile) = named.value.iter().find(|profile| loads_igvm(profile) != is_igvm)
            {
                return Err(Error::ProfileLoads { profile, is_igvm });
            }
            check_vmm(&self.description.host, &named.value)?;
            for profile in named.value.iter().filter(|profile| {
                derived.as_ref().is_some_and(|derived| !derived.profiles.contains(profile))
            }) {
                self.notes.push(format!(
                    "profile {profile} contradicts the host named: it holds for {}",
                    profile.hosts
                ));
            }
            self.profiles.clone_from(&named.value);
            return Ok(());
        }
        let Some(derived) = derived else {
            return self.choose_default();
        };
        self.assumptions.extend(derived.assumptions.iter().map(ToString::to_string));
        if let Some(question) = derived.question {
            let profiles = derived.profiles.iter().map(|profile| profile.name).collect();
            return Err(Error::SeveralProfiles { profiles, question });
        }
        let [profile] = derived.profiles.as_slice() else {
            return Err(Error::NoProfile { technology });
        };
        let text = format!("profile {profile} derived from the host named");
        let amdese = derived.assumptions.iter().find(|one| **one == Assumption::Amdese);
        self.notes.push(amdese.map_or_else(|| text.clone(), |amdese| format!("{text}: {amdese}")));
        self.assumptions.push(text);
        self.settle(profile, "derived from the host");
        Ok(())
    }

    /// What a default launch of a current VMM does.
    ///
    /// Errors: a guest with an SVSM, for which there is no default: its known hosts differ.
    fn choose_default(&mut self) -> Result<(), Error> {
        let mut of_svsm = profile::ALL.iter().filter(|one| one.loads == Loads::FirmwareAndSvsm);
        let is_captured = self.description.vmsa.bsp.is_some();
        let profile = match self.description.svsm.image {
            // They differ in registers alone, which are captured.
            Some(_) if is_captured => of_svsm.next(),
            Some(_) => return Err(Error::NoSvsmProfile { profiles: of_svsm.collect() }),
            None if self.description.is_igvm() => profile::default_igvm_for(self.technology),
            None => profile::default_for(self.technology),
        };
        let Some(profile) = profile else { return Ok(()) };
        if is_captured {
            self.assumptions
                .push(format!("VMSA pages as captured; all else as in profile {profile}"));
            self.settle(profile, "what is not captured is as in a default launch");
            return Ok(());
        }
        let text = format!("profile {profile}: {}", profile.summary);
        if self.technology == Technology::SevEs {
            let other = if self.description.is_igvm() { "es-igvm-init2" } else { "es-init2" };
            self.notes
                .push(format!("{text}; a host with legacy-vm-type=off needs --profile {other}"));
        }
        self.assumptions.push(text);
        self.settle(profile, profile.summary);
        Ok(())
    }

    /// A CPU's name must be one that the QEMU named has: else it starts no guest. A short one is told of.
    fn check_cpus(&mut self) -> Result<(), Error> {
        let cpus = self.description.cpus.iter().flat_map(|field| &field.value);
        self.notes.extend(cpus.filter_map(Cpu::taken_for));
        let vmm = self.description.host.facts()?.vmm.filter(|fact| fact.vmm == Vmm::Qemu);
        let Some(version) = vmm.and_then(|fact| fact.version) else { return Ok(()) };
        let cpus = self.description.cpus.iter().flat_map(|field| &field.value);
        for name in cpus.filter_map(|cpu| cpu.name.as_ref()) {
            cpu::check_version(name, version).map_err(sev_launch_digest::Error::from)?;
        }
        Ok(())
    }

    /// Which vCPUs start with the first one's registers, of those that were added late.
    ///
    /// Errors: a VMM of which no late vCPUs are known; none of known version; all vCPUs late.
    fn settle_late_vcpus(&mut self) -> Result<(), Error> {
        let Some(Sourced { value: 1.., .. }) = &self.description.late_vcpus else { return Ok(()) };
        let late = self.description.late_vcpus.as_ref().map_or(0, |field| field.value);
        let late = u32::try_from(late).unwrap_or(u32::MAX);
        let vmm = self.description.host.facts()?.vmm;
        for profile in &self.profiles {
            // The version of another VMM than the profile's says nothing of it.
            let own = vmm.filter(|fact| fact.vmm == profile.vmm);
            let registers = profile.late_registers(own.and_then(|fact| fact.version))?;
            let late_vcpus = |count: &VcpuCount| count.with_late(late);
            let counts = self.description.vcpu_counts().map_or(&[][..], VcpuCounts::counts);
            let counts: Result<Vec<_>, _> = counts.iter().map(late_vcpus).collect();
            let counts = counts.map_err(sev_launch_digest::Error::from)?;
            let text = format!(
                "the last {late} of the vCPUs were added late, and have {} registers",
                registers.name()
            );
            if !self.assumptions.contains(&text) {
                self.assumptions.push(text);
            }
            if registers == LateRegisters::First {
                self.vcpus = counts;
            }
        }
        Ok(())
    }

    /// What somebody said of the guest and no digest of this launch has in it. A plain SEV guest has vCPUs too, so these are
    /// facts of it and no contradictions. Without a kernel QEMU starts SEV and SEV-ES guests, and SNP guests whose firmware has
    /// no section for hashes, as if kernel-hashes were off. [QEMU, x86_load_linux: its caller has a kernel]
    fn note_unmeasured(&mut self) {
        let Self { description, technology, notes, .. } = self;
        if *technology == Technology::Sev {
            // What was imported tells all of a guest, and what is known of a host may decide whether it starts.
            let said: Vec<_> = (description.entries().into_iter())
                .filter(|entry| keys::find(entry.key).is_some_and(|key| is_of_vcpus(*key)))
                .filter_map(|entry| match entry.origin {
                    Origin::Flag(flag) => Some(flag),
                    Origin::File(_) => Some(entry.key),
                    Origin::Import(_) | Origin::Default(_) => None,
                })
                .collect();
            if !said.is_empty() {
                let said = said.join(", ");
                notes.push(format!(
                    "plain SEV measures no registers: its digest does not depend on {said}"
                ));
            }
        }
        let asked = description.boot.kernel_hashes.as_ref();
        if asked.is_some_and(|field| field.value.contains(&true))
            && description.boot.kernels.is_none()
        {
            notes.push("kernel-hashes is on, but there is no kernel: no hashes are added".into());
        }
    }

    /// Captured pages are measured as they are, whatever else is said of registers.
    fn note_captured(&mut self) {
        let Self { description, notes, .. } = self;
        if description.vmsa.bsp.is_none() {
            return;
        }
        for (what, given) in [
            ("CPU", description.cpus.is_some()),
            ("SEV features", description.sev_features.is_some()),
        ] {
            if given {
                notes.push(format!("the {what} described has no effect: the captured VMSA pages are measured as they are"));
            }
        }
    }

    fn settle(&mut self, profile: &'static LaunchProfile, reason: &str) {
        self.profiles = vec![profile];
        self.description.profiles = Some(Sourced::new(vec![profile], Origin::default(reason)));
    }

    /// What cannot be asked of a libkrun guest, which has neither kernel hashes nor a command line in its digest, and whose files
    /// are hashed whole.
    fn check_libkrun(&self) -> Result<(), Error> {
        let Description { boot, firmware, .. } = &self.description;
        let is_krun = |profile: &&'static LaunchProfile| profile.loads == Loads::KrunFiles;
        if !self.profiles.iter().any(is_krun) {
            let gpa = boot.kernel_gpa.is_some();
            return refuse([(gpa, not_measured("boot.kernel_gpa", NotMeasured::KernelGpa))]);
        }
        let cmdline = boot.cmdlines.is_some();
        let hashes = boot.kernel_hashes.as_ref().is_some_and(|field| field.value.contains(&true));
        let digest = firmware.snp_digest.is_some();
        refuse([
            (!self.profiles.iter().all(is_krun), Error::MixedProfiles),
            (cmdline, not_measured("boot.cmdline", NotMeasured::CmdlineOfLibkrun)),
            (hashes, not_measured("boot.kernel_hashes", NotMeasured::HashesOfLibkrun)),
            (digest, not_measured("firmware.snp_digest", NotMeasured::DigestOfLibkrun)),
        ])
    }
}

/// Does a key say how many vCPUs a guest has, or what their registers hold?
fn is_of_vcpus(key: Key) -> bool {
    key.measured_by == keys::VMSA && !key.name.starts_with("host.")
}

impl Host {
    /// Is anything known that could decide a profile? A machine type alone decides none, nor does QEMU's name without its
    /// version: a default launch is QEMU's.
    #[must_use]
    pub fn decides_profile(&self) -> bool {
        let (machine, vmm) = (self.machine.clone(), self.vmm.clone());
        let vmm = vmm.filter(|field| {
            let fact = field.value.parse::<VmmFact>();
            fact.is_ok_and(|fact| fact.vmm == Vmm::Qemu && fact.version.is_none())
        });
        *self != Self { machine, vmm, ..Self::default() }
    }
}

impl Description {
    /// Does a digest of this technology depend on a key's value? `None` stands for a technology that is not known.
    fn needs(&self, key: &str, technology: Option<Technology>) -> bool {
        let Some(key) = keys::find(key) else { return true };
        let is_measured = technology.is_none_or(|technology| key.measured_by.contains(&technology));
        let off =
            || self.boot.kernel_hashes.as_ref().is_some_and(|field| !field.value.contains(&true));
        let has_late = technology != Some(Technology::Sev)
            && self.late_vcpus.as_ref().is_some_and(|field| field.value > 0);
        let is_irrelevant = match key.field() {
            // Captured pages are measured as they are.
            "cpu" | "sev_features" => self.vmsa.bsp.is_some(),
            // A kernel's being there counts even then: who gives the guest a secret must know of it.
            "boot.initrd" | "boot.cmdline" => off(),
            // QEMU's version and machine say what it hashes of a kernel, whatever the profile.
            // It says what registers late vCPUs have.
            "host.vmm" if has_late => false,
            "host.vmm" | "host.machine" => {
                let is_plain = technology == Some(Technology::Sev);
                (is_plain || self.profiles.is_some()) && (off() || self.boot.kernels.is_none())
            }
            // Off for good, the parameter says what the kernel's default would.
            "host.kernel" if technology == Some(Technology::SevEs) => {
                let swap = self.host.debug_swap.as_ref().map(|field| field.value);
                self.profiles.is_some() || self.vmsa.bsp.is_some() || swap == Some(false)
            }
            key if key.starts_with("host.") => self.profiles.is_some(),
            _ => false,
        };
        is_measured && !is_irrelevant
    }

    /// Is the guest started from an IGVM file?
    #[must_use]
    pub fn is_igvm(&self) -> bool {
        let images = self.firmware.images.iter().flat_map(|field| &field.value);
        images.into_iter().any(|image| matches!(image, Image::Igvm(_)))
    }

    /// The numbers of vCPUs; `None` if they are not said.
    pub fn vcpu_counts(&self) -> Option<&VcpuCounts> {
        self.vcpus.as_ref().map(|field| &field.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Result<Resolved, Error> {
        resolve(Description::from_toml(text, &Origin::file("t"), "".as_ref())?)
    }

    const FIRMWARE: &str = "\n[firmware]\npath = \"f\"\n";

    #[test]
    fn defaults_are_those_of_qemu() {
        let name = |text: &str| {
            resolved(&format!("{text}{FIRMWARE}"))
                .map(|found| found.profiles.iter().map(|profile| profile.name).collect::<Vec<_>>())
        };
        assert_eq!(name("technology = \"sev\""), Ok(vec![]));
        assert_eq!(name("technology = \"sev-es\"\nvcpus = 1"), Ok(vec!["es-legacy"]));
        assert_eq!(name("technology = \"snp\"\nvcpus = 1"), Ok(vec!["snp-qemu"]));
        let text = "technology = \"sev-es\"\nvcpus = 1\n[host]\nkernel = \"6.6.10\"\nvmm = \"qemu 9.2\"\ncpu = \"Milan\"";
        assert_eq!(name(text), Ok(vec!["es-legacy-debugswap"]));
    }

    #[test]
    fn what_plain_sev_does_not_measure_is_told() {
        let notes = |text: &str| resolved(&format!("{text}{FIRMWARE}")).map(|found| found.notes);
        let of_vcpus = "vcpus = 2\nlate_vcpus = 1\ncpu = \"EPYC-Milan\"\nsev_features = 1\n";
        assert_eq!(
            notes(&format!("technology = \"sev\"\npolicy = 1\n{of_vcpus}")),
            Ok(vec![
                "plain SEV measures no registers: its digest does not depend on vcpus, late_vcpus, cpu, sev_features"
                    .to_owned()
            ])
        );
        assert_eq!(notes("technology = \"sev\"\npolicy = 1\n[host]\nkernel = \"6.8\""), Ok(vec![]));
        // What is read of a guest by an importer is all of it, and no statement about this digest.
        let imported = format!("technology = \"sev\"\n{of_vcpus}{FIRMWARE}");
        let imported =
            Description::from_toml(&imported, &Origin::import("domain"), "".as_ref()).unwrap();
        assert_eq!(resolve(imported).unwrap().notes, Vec::<String>::new());
        // QEMU starts SEV and SEV-ES guests without a kernel as if kernel-hashes were off.
        for technology in ["sev", "sev-es\"\nvcpus = 1\nprofile = \"es-legacy"] {
            let text = |boot| format!("technology = \"{technology}\"\n[boot]\n{boot}");
            let on = notes(&text("kernel_hashes = true")).unwrap();
            assert_eq!(on, ["kernel-hashes is on, but there is no kernel: no hashes are added"]);
            assert_eq!(notes(&text("kernel_hashes = false")), Ok(vec![]));
            assert_eq!(notes(&text("kernel_hashes = true\nkernel = \"k\"")), Ok(vec![]));
        }
    }

    /// The keys (or, of no field, the texts) that stop a digest.
    fn stopped(text: &str) -> Vec<String> {
        match resolved(text) {
            Ok(_) => Vec::new(),
            Err(Error::Unknown(list)) => list
                .into_iter()
                .map(|unknown| unknown.key.map_or(unknown.text, Into::into))
                .collect(),
            Err(error) => panic!("{text}: {error}"),
        }
    }

    fn unknown(key: &str) -> String {
        let key = if key.is_empty() { String::new() } else { format!("key = \"{key}\"\n") };
        format!(
            "\n[[unknown]]\n{key}source = \"s\"\nplace = \"p\"\ntext = \"why\"\nsettled_by = \"x\"\n"
        )
    }

    #[test]
    fn what_a_digest_needs_must_be_known() {
        let kernel = "[boot]\nkernel = \"k\"\n";
        let sev = format!("technology = \"sev\"{FIRMWARE}");
        let snp = format!("technology = \"snp\"\nvcpus = 1{FIRMWARE}");
        // What each technology measures; the policy is in no digest.
        for (key, in_sev) in [
            ("signature", false),
            ("sev_features", false),
            ("profile", false),
            ("host.kernel", false),
            ("vmsa.bsp", false),
            // It stands in place of the image's pages where it is said.
            ("firmware.snp_digest", false),
            ("boot.kernel", true),
            ("boot.kernel_hashes", true),
            ("boot.shim", true),
        ] {
            assert_eq!(stopped(&format!("{snp}{}", unknown(key))), [key]);
            assert_eq!(!stopped(&format!("{sev}{}", unknown(key))).is_empty(), in_sev, "{key}");
        }
        assert_eq!(stopped(&format!("{snp}{}", unknown("policy"))), [""; 0]);
        for key in ["technology", "firmware.path", "vcpus"] {
            let text = format!("technology = \"snp\"{}", unknown(key)).replace(
                "technology = \"snp\"",
                if key == "technology" { "" } else { "technology = \"snp\"" },
            );
            assert_eq!(stopped(&text), [key]);
        }
        // Said, by this key or by one that says the same thing.
        let cmdline = unknown("boot.cmdline");
        assert_eq!(stopped(&format!("{sev}{kernel}{cmdline}")), ["boot.cmdline"]);
        assert_eq!(stopped(&format!("{sev}{kernel}cmdline_hex = \"61\"{cmdline}")), [""; 0]);
        let signature = unknown("signature");
        assert_eq!(stopped(&format!("cpu = \"EPYC-Milan\"\n{snp}{signature}")), [""; 0]);
        // What captured pages hold, and what no digest covers.
        assert_eq!(stopped(&format!("{snp}[vmsa]\nbsp = \"b\"{signature}")), [""; 0]);
        assert_eq!(stopped(&format!("{sev}{kernel}kernel_hashes = false{cmdline}")), [""; 0]);
        let off = format!("{sev}[boot]\nkernel_hashes = false{}", unknown("boot.kernel"));
        assert_eq!(stopped(&off), ["boot.kernel"]);
        // What belongs to no field.
        assert_eq!(stopped(&format!("{sev}{}", unknown(""))), ["why"]);
        assert_eq!(stopped(&format!("harmless = \"why\"\n{sev}{}", unknown(""))), [""; 0]);
        // A text that nothing has settles nothing, and a field is never harmless.
        let not_unknown = |text: &str, key| Err(Error::NotUnknown { text: text.into(), key });
        let other = resolved(&format!("harmless = [\"why\", \"other\"]\n{sev}{}", unknown("")));
        assert_eq!(other.map(drop), not_unknown("other", None));
        let field = resolved(&format!("harmless = \"why\"\n{sev}{kernel}{cmdline}"));
        assert_eq!(field.map(drop), not_unknown("why", Some("boot.cmdline")));
        let firmware = Description::from_toml(
            &format!("{FIRMWARE}{signature}{}", unknown("firmware.path")),
            &Origin::file("t"),
            "".as_ref(),
        );
        assert!(resolve_firmware(firmware.unwrap()).is_ok());
        let firmware =
            Description::from_toml(&unknown("firmware.path"), &Origin::file("t"), "".as_ref());
        assert!(matches!(resolve_firmware(firmware.unwrap()), Err(Error::Unknown(_))));
    }

    #[test]
    fn contradictions_are_refused() {
        let policy = |policy, technology, problem| Error::Policy {
            policy,
            origin: Origin::file("t"),
            technology,
            problem,
        };
        let not_measured = |key, reason| Error::NotMeasured { key, reason };
        let hash = format!("\"{}\"", "ab".repeat(32));
        let (sev, es, snp) = (
            "technology = \"sev\"",
            "technology = \"sev-es\"\nvcpus = 1",
            "technology = \"snp\"\nvcpus = 1",
        );
        for (text, wanted) in [
            ("vcpus = 1".into(), Error::NoTechnology),
            ("technology = \"snp\"".into(), Error::NoVcpus { technology: Technology::Snp }),
            (
                format!("{sev}\nprofile = \"es-legacy\""),
                not_measured("profile", NotMeasured::ProfileInSev),
            ),
            (
                format!("{sev}\n[vmsa]\nbsp = \"b\""),
                not_measured("vmsa.bsp", NotMeasured::PagesInSev),
            ),
            (format!("{sev}\npolicy = 5"), policy(5, Technology::Sev, PolicyProblem::AsksForEs)),
            (format!("{es}\npolicy = 1"), policy(1, Technology::SevEs, PolicyProblem::LacksEs)),
            (
                format!("{es}\npolicy = 0x45"),
                policy(
                    0x45,
                    Technology::SevEs,
                    PolicyProblem::Sev(sev::Finding::ReservedBits(0x40)),
                ),
            ),
            (
                format!("{sev}\npolicy = 0x100000001"),
                policy(0x1_0000_0001, Technology::Sev, PolicyProblem::TooLarge),
            ),
            (
                format!("{snp}\npolicy = 1"),
                policy(1, Technology::Snp, PolicyProblem::Snp(snp::Finding::Bit17Clear)),
            ),
            (
                format!("{snp}\npolicy = 0x4030000"),
                policy(
                    0x403_0000,
                    Technology::Snp,
                    PolicyProblem::Snp(snp::Finding::ReservedBits { bits: 0x400_0000 }),
                ),
            ),
            (format!("{snp}\n[vmsa]\nap = \"a\""), Error::NoFirstPage),
            (format!("{sev}\n[boot]\ninitrd = \"i\""), Error::NoKernel { key: "boot.initrd" }),
            (format!("{sev}\n[boot]\ncmdline = \"i\""), Error::NoKernel { key: "boot.cmdline" }),
            (
                format!("{sev}\n[boot]\nkernel_gpa = 1"),
                not_measured("boot.kernel_gpa", NotMeasured::KernelGpa),
            ),
            (
                format!("{es}\n[boot]\nkernel_gpa = 1"),
                not_measured("boot.kernel_gpa", NotMeasured::KernelGpa),
            ),
            (
                format!("{es}\nhost_data = {hash}"),
                not_measured("host_data", NotMeasured::HostDataOutsideSnp),
            ),
            (
                format!("{sev}\nhost_data = {hash}"),
                not_measured("host_data", NotMeasured::HostDataOutsideSnp),
            ),
            (
                format!("{es}\nprofile = \"es-krun-1.4\"\nboot.kernel_hashes = [false, true]"),
                not_measured("boot.kernel_hashes", NotMeasured::HashesOfLibkrun),
            ),
            (format!("{snp}\n[svsm]\nimage = \"s\""), Error::NoVars),
            (
                format!("{snp}\n[svsm]\nimage = \"s\"\nvars_size = 0"),
                Error::NoSvsmProfile {
                    profiles: ["snp-svsm-legacy", "snp-svsm-nofpu", "snp-svsm-ssm"]
                        .map(|name| profile::by_name(name).unwrap())
                        .to_vec(),
                },
            ),
            (format!("{snp}\n[svsm]\nvars_size = 0"), Error::NoSvsm),
            (
                format!("{sev}\n[svsm]\nimage = \"s\"\nvars_size = 0"),
                not_measured("svsm.image", NotMeasured::SvsmOutsideSnp),
            ),
            (
                format!("{snp}\n[boot]\nkernel = \"k\"\n[svsm]\nimage = \"s\"\nvars_size = 0"),
                not_measured("boot.kernel", NotMeasured::KernelWithSvsm),
            ),
            (format!("{snp}\nprofile = [\"snp-qemu\", \"snp-krun-reset\"]"), Error::MixedProfiles),
        ] {
            assert_eq!(resolved(&format!("{text}{FIRMWARE}")), Err(wanted), "{text}");
        }
        let krun = format!("{snp}\nprofile = \"snp-krun-reset\"");
        for (head, reason) in [
            (sev, NotMeasured::DigestOutsideSnp),
            (es, NotMeasured::DigestOutsideSnp),
            (&krun, NotMeasured::DigestOfLibkrun),
        ] {
            let digest = "ab".repeat(48);
            let text = format!("{head}{FIRMWARE}snp_digest = \"{digest}\"");
            let wanted = not_measured("firmware.snp_digest", reason);
            assert_eq!(resolved(&text), Err(wanted), "{head}");
        }
        let two = format!("{sev}\n[firmware]\npath = [\"a\", \"b\"]\nsha256 = {hash}");
        assert_eq!(resolved(&two), Err(Error::SeveralFirmwares));
        for technology in [sev, es, snp] {
            let absorbed = format!("{technology}\n[firmware]\nabsorbed = \"a\"\nsha256 = {hash}");
            assert_eq!(resolved(&absorbed), Err(Error::UnprovenFirmware));
        }
        for (profile, vmm, found) in [
            ("snp-qemu", "ec2", Vmm::Ec2),
            ("snp-qemu", "libkrun 1.9", Vmm::Libkrun),
            ("snp-ec2", "qemu", Vmm::Qemu),
            ("snp-gce", "ec2", Vmm::Ec2),
        ] {
            let other = resolved(&format!(
                "{snp}\nprofile = [\"snp-gce\", \"{profile}\"]\n[host]\nvmm = \"{vmm}\"{FIRMWARE}"
            ));
            assert!(
                matches!(&other, Err(Error::OtherVmm { found: said, origin, .. }) if *said == found && *origin == Origin::file("t")),
                "{profile} {vmm}: {other:?}"
            );
        }
        // SNP came with Milan, whatever profile is named. [AMD, SEV-SNP white paper]
        for (host, profile) in [("naples", ""), ("EPYC-Rome", "profile = \"snp-qemu\"")] {
            let text = format!("{snp}\n{profile}\n[host]\ncpu = \"{host}\"{FIRMWARE}");
            let refused = resolved(&text);
            assert!(
                matches!(&refused, Err(Error::HostWithoutTechnology { origin, .. }) if *origin == Origin::file("t")),
                "{host}: {refused:?}"
            );
        }
        // Other versions of the same one are told of, and Coconut's QEMU is a QEMU.
        for (profile, vmm) in [("snp-qemu", "qemu 8.2"), ("snp-svsm-nofpu", "qemu 8.2")] {
            let text = format!("{snp}\nprofile = \"{profile}\"\n[host]\nvmm = \"{vmm}\"{FIRMWARE}");
            let notes = resolved(&text).unwrap().notes;
            assert_eq!(notes.len(), 1, "{notes:?}");
            assert!(notes[0].contains("contradicts the host named"), "{notes:?}");
        }
        let host = format!("{es}\n[host]\nkernel = \"6.6\"\nvmm = \"qemu 8.0\"{FIRMWARE}");
        assert!(
            matches!(resolved(&host), Err(Error::SeveralProfiles { profiles, .. }) if profiles.len() > 1)
        );
        assert_eq!(resolved(sev), Err(Error::NoFirmware));
    }
}
