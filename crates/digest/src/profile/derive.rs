//! From what is known of a host to the profiles that fit it.
//!
//! What is unknown leaves profiles in; settings that nobody changes by accident (`debug_swap`, `legacy-vm-type`) are taken
//! at their defaults unless told. Where more than one profile is left, there is a question for the host's owner.

use alloc::vec::Vec;
use core::str::FromStr;

use super::{ALL, DebugSwap, HoldsFor, HostKernel, LaunchProfile, VersionSpan, Vmm};
use crate::error::Error;
use sev_launch_abi::{Generation, Technology};

/// What is known of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// The host's kernel.
    pub kernel: Option<HostKernel>,
    /// The VMM.
    pub vmm: Option<VmmFact>,
    /// The host processor's generation.
    pub generation: Option<Generation>,
    /// `/sys/module/kvm_amd/parameters/debug_swap`; nothing stands for the kernel's default.
    pub debug_swap: Option<bool>,
    /// QEMU's `legacy-vm-type`; nothing stands for the default, `auto`, which makes legacy VMs.
    pub legacy_vm_type: Option<bool>,
}

/// A VMM, and its version where known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VmmFact {
    /// Which one.
    pub vmm: Vmm,
    /// Its version.
    pub version: Option<VersionSpan>,
}

impl FromStr for VmmFact {
    type Err = Error;

    /// Reads `qemu 9.2`, `libkrun 1.9`, `ec2`, `gce`, in any case; a version alone is QEMU's.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, version) = match text.trim().split_once(char::is_whitespace) {
            Some((name, version)) => (name, Some(version)),
            None if text.starts_with(|c: char| c.is_ascii_digit()) => ("qemu", Some(text)),
            None => (text.trim(), None),
        };
        let vmm = Vmm::ALL.into_iter().find(|vmm| vmm.name().eq_ignore_ascii_case(name));
        let vmm = vmm.ok_or_else(|| Error::UnknownVmm { found: name.into() })?;
        let version = version.map(|version| version.trim().parse()).transpose()?;
        Ok(Self { vmm, version })
    }
}

/// The profiles that fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// Every profile that fits what is known, in the order of [`ALL`].
    pub profiles: Vec<&'static LaunchProfile>,
    /// What was taken for granted.
    pub assumptions: Vec<&'static str>,
    /// What to ask the host's owner, where more than one profile fits.
    pub question: Option<&'static str>,
}

/// Taken for granted where only AMD's own kernels run SNP guests.
pub const AMDESE: &str = "upstream Linux runs SNP guests from 6.11 on: the host's kernel and QEMU are taken for AMD's own (AMDESE)";

/// The profiles of a technology that fit what is known of a host. Plain SEV has none, since it measures no VMSA.
pub fn derive(technology: Technology, facts: &HostFacts) -> Derivation {
    let profiles: Vec<_> = ALL
        .iter()
        .filter(|profile| profile.technology == technology)
        .filter(|profile| facts.vmm.is_none_or(|fact| fact.vmm == profile.vmm))
        .filter(|profile| profile.holds_for.iter().any(|hosts| fits(hosts, facts)))
        .collect();
    let mut assumptions = Vec::new();
    let legacy = profiles.iter().any(|profile| profile.technology == Technology::SevEs);
    if legacy && facts.debug_swap.is_none() {
        assumptions.push("kvm_amd's parameter debug_swap is at the kernel's default");
    }
    if legacy && facts.legacy_vm_type.is_none() {
        assumptions
            .push("QEMU's legacy-vm-type is at its default, so the VM is made by the legacy ioctl");
    }
    if facts.kernel.is_some_and(|kernel| kernel.vendor) {
        assumptions
            .push("the vendor's kernel may behave like any newer one, since it carries backports");
    }
    let amdese = |profile: &&LaunchProfile| profile.name.starts_with("snp-amdese");
    if !profiles.is_empty() && profiles.iter().all(amdese) {
        assumptions.push(AMDESE);
    }
    let question = (profiles.len() > 1).then(|| question(&profiles, facts));
    Derivation { profiles, assumptions, question }
}

fn fits(hosts: &HoldsFor, facts: &HostFacts) -> bool {
    let kernel = facts.kernel.is_none_or(|kernel| kernel.versions.0.meets(hosts.kernel));
    let version = facts.vmm.and_then(|fact| fact.version);
    let vmm = version.is_none_or(|version| version.0.meets(hosts.vmm));
    let init2 = !facts.legacy_vm_type.unwrap_or(true);
    let generation = match (facts.generation, hosts.generation) {
        (Some(found), Some(wanted)) => found == wanted,
        _ => true,
    };
    let debug_swap = hosts.debug_swap.is_none_or(|wanted| debug_swap_fits(wanted, facts));
    kernel && vmm && generation && debug_swap && hosts.init2.is_none_or(|wanted| wanted == init2)
}

/// DebugSwap is on where the parameter is and the processor has it, which Milan and newer ones are believed to.
fn debug_swap_fits(wanted: DebugSwap, facts: &HostFacts) -> bool {
    let parameter = facts.debug_swap.unwrap_or(wanted.default);
    match facts.generation {
        _ if !parameter => !wanted.active,
        None => true,
        Some(generation) => wanted.active == (generation >= Generation::Milan),
    }
}

/// The question whose answer tells the profiles apart.
fn question(profiles: &[&LaunchProfile], facts: &HostFacts) -> &'static str {
    let vmms = |vmm| profiles.iter().filter(|profile| profile.vmm == vmm).count();
    if facts.vmm.is_none() && profiles.iter().any(|profile| profile.vmm != Vmm::Qemu) {
        "which VMM starts the guest, in which version? (--vmm-version \"qemu 9.2\", ec2, gce, \"libkrun 1.9\")"
    } else if vmms(Vmm::Ec2) > 1 {
        "EC2's VMSA changed (reported 2026-04-28): was the instance started before or after? Name the profile, or accept both digests"
    } else if vmms(Vmm::Gce) > 1 {
        "of which generation is the host's processor? (--host-cpu Milan or Genoa)"
    } else if facts.kernel.is_none() {
        "which kernel does the host run? (uname -r on the host, --host-kernel here)"
    } else if vmms(Vmm::Libkrun) > 1 {
        "which version of libkrun starts the guest? (--vmm-version \"libkrun 1.9\")"
    } else {
        "what does /sys/module/kvm_amd/parameters/debug_swap hold on the host, and of which generation is its processor? (--debug-swap on|off, --host-cpu Milan); is the kernel a vendor's with backports?"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(technology: Technology, facts: HostFacts) -> Vec<&'static str> {
        derive(technology, &facts).profiles.iter().map(|profile| profile.name).collect()
    }

    fn host(kernel: &str, vmm: Vmm, version: &str) -> HostFacts {
        HostFacts {
            kernel: Some(kernel.parse().unwrap()),
            vmm: Some(VmmFact { vmm, version: version.parse().ok() }),
            ..HostFacts::default()
        }
    }

    /// The quick answers of the facts page, section 1, row by row.
    #[test]
    fn vmms_with_and_without_versions() {
        let vmm = |text: &str| text.parse::<VmmFact>();
        assert_eq!(vmm("qemu 9.2").map(|fact| fact.vmm), Ok(Vmm::Qemu));
        assert_eq!(vmm("9.2"), vmm("QEMU 9.2"));
        assert_eq!(vmm("ec2"), Ok(VmmFact { vmm: Vmm::Ec2, version: None }));
        assert_eq!(vmm("xen 4"), Err(Error::UnknownVmm { found: "xen".into() }));
        assert!(vmm("qemu nine").is_err());
    }

    #[test]
    fn hosts_of_the_table() {
        let es = Technology::SevEs;
        for kernel in [
            "5.11",
            "6.1.0-18-amd64",
            "6.5",
            "6.6.24",
            "6.7.12",
            "6.8.0-45-generic",
            "6.9",
            "6.10",
            "7.3",
        ] {
            assert_eq!(names(es, host(kernel, Vmm::Qemu, "8.2")), ["es-legacy"], "{kernel}");
        }
        for kernel in ["6.6.0", "6.6.23", "6.7.0", "6.7.11"] {
            let facts = host(kernel, Vmm::Qemu, "8.2");
            let milan = HostFacts { generation: Some(Generation::Milan), ..facts };
            assert_eq!(names(es, milan), ["es-legacy-debugswap"], "{kernel}");
            let rome = HostFacts { generation: Some(Generation::Rome), ..facts };
            assert_eq!(names(es, rome), ["es-legacy"], "{kernel}");
            let off = HostFacts { debug_swap: Some(false), ..facts };
            assert_eq!(names(es, off), ["es-legacy"], "{kernel}");
            assert_eq!(names(es, facts), ["es-legacy", "es-legacy-debugswap"], "{kernel}");
        }
        let on = HostFacts {
            debug_swap: Some(true),
            generation: Some(Generation::Genoa),
            ..host("6.8", Vmm::Qemu, "8.2")
        };
        assert_eq!(names(es, on), ["es-legacy-debugswap"]);
        let init2 = HostFacts { legacy_vm_type: Some(false), ..host("6.10", Vmm::Qemu, "9.1") };
        assert_eq!(names(es, init2), ["es-init2"]);
        let snp = Technology::Snp;
        assert_eq!(names(snp, host("6.11", Vmm::Qemu, "9.1")), ["snp-qemu"]);
        assert_eq!(names(snp, host("6.5.0", Vmm::Qemu, "8.0")), ["snp-amdese-old"]);
    }

    #[test]
    fn what_is_unknown_is_asked_for() {
        let clouds =
            |vmm| HostFacts { vmm: Some(VmmFact { vmm, version: None }), ..HostFacts::default() };
        let ec2 = derive(Technology::Snp, &clouds(Vmm::Ec2));
        assert_eq!(ec2.profiles.len(), 2);
        assert!(ec2.question.unwrap().contains("2026-04-28"));
        let gce = derive(Technology::Snp, &clouds(Vmm::Gce));
        assert!(gce.question.unwrap().contains("--host-cpu"));
        let genoa = HostFacts { generation: Some(Generation::Genoa), ..clouds(Vmm::Gce) };
        assert_eq!(names(Technology::Snp, genoa), ["snp-gce-genoa"]);
        let nothing = derive(Technology::SevEs, &HostFacts::default());
        assert!(nothing.question.unwrap().contains("VMM"));
        let vendor = derive(Technology::SevEs, &host("5.14.0-427.el9.x86_64", Vmm::Qemu, "9.0"));
        assert!(vendor.question.unwrap().contains("debug_swap"));
    }

    #[test]
    fn a_kernel_of_amd_s_own_is_an_assumption() {
        let old = derive(Technology::Snp, &host("6.5", Vmm::Qemu, "8.0"));
        assert!(old.assumptions.contains(&AMDESE));
        let upstream = derive(Technology::Snp, &host("6.11", Vmm::Qemu, "9.1"));
        assert!(!upstream.assumptions.contains(&AMDESE));
    }

    #[test]
    fn impossible_hosts_fit_nothing() {
        assert!(names(Technology::SevEs, host("5.10", Vmm::Qemu, "6.0")).is_empty());
        assert!(names(Technology::Sev, host("6.10", Vmm::Qemu, "9.1")).is_empty());
        assert!(names(Technology::Snp, host("6.11", Vmm::Qemu, "9.0")).is_empty());
    }
}
