//! From what is known of a host to the profiles that fit it.
//!
//! What is unknown leaves profiles in; settings that nobody changes by accident (`debug_swap`, `legacy-vm-type`) are taken
//! at their defaults unless told. Where more than one profile is left, there is a question for the host's owner.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use super::error::Error;
use super::facts::{Assumption, DebugSwap, HoldsFor, LaunchProfile, Loads, Vmm};
use super::table::ALL;
use super::version::{HostKernel, VersionRange};
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
    /// `/sys/module/kvm_amd/parameters/debug_swap`; `None` stands for the kernel's default.
    pub debug_swap: Option<bool>,
    /// QEMU's `legacy-vm-type`; `None` stands for the default, `auto`, which makes legacy VMs.
    pub legacy_vm_type: Option<bool>,
}

/// A VMM, and its version where known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VmmFact {
    /// Which one.
    pub vmm: Vmm,
    /// Its version.
    pub version: Option<VersionRange>,
}

impl FromStr for VmmFact {
    type Err = Error;

    /// Reads `qemu 9.2`, `libkrun 1.9`, `ec2`, `gce`, in any case; a version alone is QEMU's. What `qemu-system-x86_64 --version`
    /// prints is read too: `QEMU emulator version 9.2.0 (Debian 1:9.2.0+ds-5)`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, version) = match text.trim().split_once(char::is_whitespace) {
            Some((name, version)) => (name, Some(past_banner(version.trim()))),
            None if text.starts_with(|c: char| c.is_ascii_digit()) => ("qemu", Some(text)),
            None => (text.trim(), None),
        };
        let vmm = Vmm::ALL.into_iter().find(|vmm| vmm.name().eq_ignore_ascii_case(name));
        let vmm = vmm.ok_or_else(|| Error::UnknownVmm { found: name.into() })?;
        let version = version.map(|version| version.trim().parse()).transpose()?;
        Ok(Self { vmm, version })
    }
}

/// What follows the words that QEMU prints before its version. [QEMU, version of vl.c]
fn past_banner(text: &str) -> &str {
    const BANNER: &str = "emulator version ";
    match text.split_at_checked(BANNER.len()) {
        Some((words, rest)) if words.eq_ignore_ascii_case(BANNER) => rest,
        _ => text,
    }
}

/// The profiles that fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// Every profile that fits what is known, in the order of [`ALL`].
    pub profiles: Vec<&'static LaunchProfile>,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
    /// What to ask the host's owner; `None` if at most one profile fits.
    pub question: Option<Question>,
}

/// What to ask the host's owner, so that one profile is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// The VMM and its version.
    Vmm,
    /// When an EC2 instance was started.
    Ec2Date,
    /// The generation of the host's processor.
    Generation,
    /// The host's kernel.
    Kernel,
    /// The version of libkrun.
    LibkrunVersion,
    /// Whether DebugSwap is on, and whether the kernel has backports.
    DebugSwap,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vmm => "which VMM starts the guest, in which version?",
            Self::Ec2Date => {
                "EC2's VMSA changed (reported 2026-04-28): was the instance started before or after?"
            }
            Self::Generation => "of which generation is the host's processor?",
            Self::Kernel => "which kernel does the host run?",
            Self::LibkrunVersion => "which version of libkrun starts the guest?",
            Self::DebugSwap => {
                "what does /sys/module/kvm_amd/parameters/debug_swap hold on the host, and of which generation is its processor?"
            }
        })
    }
}

/// The profiles of a technology that fit what is known of a host. Plain SEV has none, since it measures no VMSA.
///
/// Guests from IGVM files have profiles of their own: [`derive_igvm`].
pub fn derive(technology: Technology, facts: &HostFacts) -> Derivation {
    derive_of(technology, facts, |profile| !matches!(profile.loads, Loads::Igvm(_)))
}

/// The same for guests that start from an IGVM file. It is QEMU that starts them where no VMM is said: what is known of a kernel
/// says nothing of the others.
pub fn derive_igvm(technology: Technology, facts: &HostFacts) -> Derivation {
    let is_said = facts.vmm.is_some();
    derive_of(technology, facts, |profile| {
        matches!(profile.loads, Loads::Igvm(_)) && (is_said || profile.vmm == Vmm::Qemu)
    })
}

fn derive_of(
    technology: Technology,
    facts: &HostFacts,
    is_meant: impl Fn(&LaunchProfile) -> bool,
) -> Derivation {
    let profiles: Vec<_> = ALL
        .iter()
        .filter(|profile| profile.technology == technology && is_meant(profile))
        .filter(|profile| facts.vmm.is_none_or(|fact| fact.vmm == profile.vmm))
        .filter(|profile| profile.holds_for.iter().any(|hosts| fits(hosts, facts)))
        .collect();
    let mut assumptions = Vec::new();
    let legacy = profiles.iter().any(|profile| profile.technology == Technology::SevEs);
    if legacy && facts.debug_swap.is_none() {
        assumptions.push(Assumption::DebugSwapDefault);
    }
    if legacy && facts.legacy_vm_type.is_none() {
        assumptions.push(Assumption::LegacyIoctl);
    }
    if facts.kernel.is_some_and(|kernel| kernel.vendor) {
        assumptions.push(Assumption::VendorKernel);
    }
    // What all of them assume holds, whichever it is.
    let first = profiles.first().and_then(|profile| profile.assumes);
    assumptions.extend(first.filter(|_| profiles.iter().all(|profile| profile.assumes == first)));
    let question = (profiles.len() > 1).then(|| question(&profiles, facts));
    Derivation { profiles, assumptions, question }
}

fn fits(hosts: &HoldsFor, facts: &HostFacts) -> bool {
    let kernel = facts.kernel.is_none_or(|kernel| kernel.versions.meets(hosts.kernel));
    let version = facts.vmm.and_then(|fact| fact.version);
    let vmm = version.is_none_or(|version| version.meets(hosts.vmm));
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
fn question(profiles: &[&LaunchProfile], facts: &HostFacts) -> Question {
    // QEMU's profiles are taken to be meant only if no other VMM's fits.
    let other = profiles.iter().map(|profile| profile.vmm).find(|vmm| *vmm != Vmm::Qemu);
    match (facts.vmm, other) {
        (None, Some(_)) => Question::Vmm,
        (Some(_), Some(Vmm::Ec2)) => Question::Ec2Date,
        (Some(_), Some(Vmm::Gce)) => Question::Generation,
        (Some(_), Some(Vmm::CoconutQemu)) => Question::Kernel,
        _ if facts.kernel.is_none() => Question::Kernel,
        (_, Some(Vmm::Libkrun)) => Question::LibkrunVersion,
        _ => Question::DebugSwap,
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

    // As QEMU's `version()` prints it, with the packages of Debian and Fedora, and the line after it.
    #[test]
    fn what_qemu_prints_of_itself_is_read() {
        let vmm = |text: &str| text.parse::<VmmFact>();
        for (text, plain) in [
            ("QEMU emulator version 9.2.0 (qemu-9.2.0-1.fc42)", "qemu 9.2.0"),
            (
                "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nCopyright (c) 2003-2025 x",
                "qemu 10.0.2",
            ),
            ("qemu Emulator Version  8.2.2", "qemu 8.2.2"),
            ("qemu 10.0.2 (qemu-10.0.2-1.fc42)", "qemu 10.0.2"),
        ] {
            assert_eq!(vmm(text), vmm(plain), "{text}");
        }
        for wrong in ["QEMU emulator version", "QEMU emulator version (9.2)", "QEMU emulator 9.2"] {
            assert!(vmm(wrong).is_err(), "{wrong}");
        }
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

    // The kernels are those of firmware images: the file's features are 0 either way, and the kernel adds its own.
    #[test]
    fn hosts_that_start_igvm_files() {
        let names = |technology, facts: HostFacts| {
            let found = derive_igvm(technology, &facts).profiles;
            found.iter().map(|profile| profile.name).collect::<Vec<_>>()
        };
        let es = Technology::SevEs;
        let (plain, swapped) = ("es-igvm-legacy", "es-igvm-legacy-debugswap");
        for (kernel, default, with_parameter) in [
            ("6.1", plain, plain),
            ("6.5", plain, plain),
            ("6.6.0", swapped, swapped),
            ("6.6.23", swapped, swapped),
            ("6.6.24", plain, swapped),
            ("6.7.0", swapped, swapped),
            ("6.7.11", swapped, swapped),
            ("6.7.12", plain, swapped),
            ("6.8", plain, swapped),
            ("6.9", plain, swapped),
            ("6.10", plain, plain),
            ("6.12", plain, plain),
        ] {
            let facts = host(kernel, Vmm::Qemu, "10.2");
            for facts in [facts, HostFacts { vmm: None, ..facts }] {
                let milan = HostFacts { generation: Some(Generation::Milan), ..facts };
                assert_eq!(names(es, milan), [default], "{kernel}");
                let rome = HostFacts { generation: Some(Generation::Rome), ..facts };
                assert_eq!(names(es, rome), [plain], "{kernel}");
                let off = HostFacts { debug_swap: Some(false), ..milan };
                assert_eq!(names(es, off), [plain], "{kernel}");
                let on = HostFacts { debug_swap: Some(true), ..milan };
                assert_eq!(names(es, on), [with_parameter], "{kernel}");
            }
        }
        let unknown = derive_igvm(es, &host("6.6.0", Vmm::Qemu, "10.2"));
        assert_eq!((unknown.profiles.len(), unknown.question), (2, Some(Question::DebugSwap)));
        let init2 = HostFacts { legacy_vm_type: Some(false), ..host("6.12", Vmm::Qemu, "10.2") };
        assert_eq!(names(es, init2), ["es-igvm-init2"]);
        assert_eq!(names(es, host("6.6.0", Vmm::Qemu, "10.0")), [""; 0]);

        // Another VMM's profiles are derived where it is said.
        let snp = Technology::Snp;
        let of =
            |vmm| HostFacts { vmm: Some(VmmFact { vmm, version: None }), ..host("6.12", vmm, "") };
        assert_eq!(names(snp, HostFacts { vmm: None, ..of(Vmm::Qemu) }), ["snp-igvm"]);
        assert_eq!(names(snp, of(Vmm::HyperV)), ["snp-igvm-hyperv"]);
        assert_eq!(names(snp, of(Vmm::CoconutQemu)), ["snp-igvm-coconut"]);
    }

    #[test]
    fn what_is_unknown_is_asked_for() {
        let clouds =
            |vmm| HostFacts { vmm: Some(VmmFact { vmm, version: None }), ..HostFacts::default() };
        let ec2 = derive(Technology::Snp, &clouds(Vmm::Ec2));
        assert_eq!(ec2.profiles.len(), 2);
        assert_eq!(ec2.question, Some(Question::Ec2Date));
        let gce = derive(Technology::Snp, &clouds(Vmm::Gce));
        assert_eq!(gce.question, Some(Question::Generation));
        let genoa = HostFacts { generation: Some(Generation::Genoa), ..clouds(Vmm::Gce) };
        assert_eq!(names(Technology::Snp, genoa), ["snp-gce-genoa"]);
        let coconut = derive(Technology::Snp, &clouds(Vmm::CoconutQemu));
        assert_eq!(coconut.question, Some(Question::Kernel));
        let of_2023 = HostFacts { kernel: "6.6".parse().ok(), ..clouds(Vmm::CoconutQemu) };
        assert_eq!(names(Technology::Snp, of_2023), ["snp-svsm-nofpu"]);
        let newer = HostFacts { kernel: "6.10".parse().ok(), ..clouds(Vmm::CoconutQemu) };
        assert_eq!(names(Technology::Snp, newer), ["snp-svsm-legacy"]);
        let nothing = derive(Technology::SevEs, &HostFacts::default());
        assert_eq!(nothing.question, Some(Question::Vmm));
        let vendor = derive(Technology::SevEs, &host("5.14.0-427.el9.x86_64", Vmm::Qemu, "9.0"));
        assert_eq!(vendor.question, Some(Question::DebugSwap));
    }

    #[test]
    fn a_kernel_that_is_not_said_is_asked_for() {
        let facts = HostFacts { kernel: None, ..host("6.8", Vmm::Qemu, "8.2") };
        assert_eq!(derive(Technology::SevEs, &facts).question, Some(Question::Kernel));
        // A vendor's kernel may behave like any: which one it is stays the question. Of libkrun it is the version.
        let coconut = host("5.14.0-427.el9.x86_64", Vmm::CoconutQemu, "");
        assert_eq!(derive(Technology::Snp, &coconut).question, Some(Question::Kernel));
        let libkrun = host("6.12", Vmm::Libkrun, "");
        assert_eq!(derive(Technology::Snp, &libkrun).question, Some(Question::LibkrunVersion));
        let one = derive(Technology::SevEs, &host("6.8", Vmm::Qemu, "8.2"));
        assert_eq!((one.profiles.len(), one.question), (1, None));
    }

    #[test]
    fn a_question_says_what_to_look_for() {
        for (question, word) in [
            (Question::Vmm, "VMM"),
            (Question::Ec2Date, "2026-04-28"),
            (Question::Generation, "generation"),
            (Question::Kernel, "kernel"),
            (Question::LibkrunVersion, "libkrun"),
            (Question::DebugSwap, "/sys/module/kvm_amd/parameters/debug_swap"),
        ] {
            let text = alloc::format!("{question}");
            assert!(text.contains(word) && text.ends_with('?'), "{text}");
        }
    }

    // Settings that nobody changes by accident are taken at their defaults, and told.
    #[test]
    fn defaults_of_sev_es_are_assumed_unless_they_are_said() {
        let assumed = |technology, facts| {
            let assumptions = derive(technology, &facts).assumptions;
            [Assumption::DebugSwapDefault, Assumption::LegacyIoctl]
                .map(|one| assumptions.contains(&one))
        };
        let facts = host("6.10", Vmm::Qemu, "9.1");
        assert_eq!(assumed(Technology::SevEs, facts), [true, true]);
        let swap = HostFacts { debug_swap: Some(false), ..facts };
        assert_eq!(assumed(Technology::SevEs, swap), [false, true]);
        let legacy = HostFacts { legacy_vm_type: Some(true), ..facts };
        assert_eq!(assumed(Technology::SevEs, legacy), [true, false]);
        assert_eq!(assumed(Technology::Snp, host("6.11", Vmm::Qemu, "9.1")), [false, false]);
    }

    #[test]
    fn a_kernel_of_amd_s_own_is_an_assumption() {
        let old = derive(Technology::Snp, &host("6.5", Vmm::Qemu, "8.0"));
        assert!(old.assumptions.contains(&Assumption::Amdese));
        let upstream = derive(Technology::Snp, &host("6.11", Vmm::Qemu, "9.1"));
        assert!(!upstream.assumptions.contains(&Assumption::Amdese));
    }

    #[test]
    fn impossible_hosts_fit_nothing() {
        assert!(names(Technology::SevEs, host("5.10", Vmm::Qemu, "6.0")).is_empty());
        assert!(names(Technology::Sev, host("6.10", Vmm::Qemu, "9.1")).is_empty());
        assert!(names(Technology::Snp, host("6.11", Vmm::Qemu, "9.0")).is_empty());
    }
}
