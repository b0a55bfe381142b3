//! The launch profiles of guests that start from IGVM files. The file has the registers of the vCPUs that it names; what is here is for
//! the others, and says which rules its loader has.

use super::facts::{
    Confidence, HoldsFor, KernelHashing, LaunchProfile, Loads, RdxRule, SectionRules, Vmm,
};
use super::table::{
    DEBUG_SWAP, DEBUG_SWAP_OFF, DEBUG_SWAP_ON, QEMU, SNP, VMSA_GPA, host, since, with_features,
    with_fpu,
};
use super::version::Version;
use crate::igvm::LoaderRules;
use sev_launch_abi::Technology;

/// The first QEMU that starts guests from IGVM files. [QEMU, docs/system/igvm.rst]
pub const QEMU_HAS_IGVM: Version = Version::new(10, 1, 0);

/// What every profile of QEMU's SNP guests from IGVM files shares.
const IGVM: LaunchProfile = LaunchProfile {
    name: "snp-igvm",
    technology: Technology::Snp,
    summary: "QEMU's SNP guest from an IGVM file: a VMSA for every vCPU, as KVM makes it of the file's registers",
    vmm: Vmm::Qemu,
    bsp: with_features(with_fpu(QEMU), SNP),
    ap: None,
    needs_reset_address: false,
    rdx: RdxRule::Signature,
    late_vcpus: &[],
    vmsa_gpa: VMSA_GPA,
    sections: SectionRules::QEMU,
    kernel_hashes: KernelHashing::None,
    endorsed_vcpus: None,
    loads: Loads::Igvm(&LoaderRules::QEMU),
    hosts: "Linux 6.11 and newer, QEMU 10.1 and newer with IGVM",
    holds_for: &[host(since(6, 11), since(10, 1))],
    assumes: None,
    confidence: Confidence::Reproduced,
    rehearsed: Some("QEMU 10.2 with the igvm crate 0.5 on a model of Linux 6.12"),
    source: "QEMU backends/igvm.c and sev.c, 10.2.2; 428 guests of it; QEMU 11 read and not run",
};

/// Of QEMU, SNP.
pub(super) const SNP_QEMU: LaunchProfile = IGVM;

/// Of QEMU, SEV-ES by the legacy ioctl.
pub(super) const ES_LEGACY: LaunchProfile = LaunchProfile {
    name: "es-igvm-legacy",
    technology: Technology::SevEs,
    summary: "QEMU's SEV-ES guest from an IGVM file: legacy ioctl, no FPU state, no features",
    bsp: QEMU,
    hosts: "Linux 5.11 to 6.5; 6.6 to 6.9 with debug_swap off; 6.10 and newer unless legacy-vm-type=off; QEMU 10.1 and newer \
            with IGVM",
    holds_for: &DEBUG_SWAP_OFF,
    ..IGVM
};

/// The same where the host kernel switches DebugSwap on. QEMU has checked the file's features by then: they must be 0.
pub(super) const ES_LEGACY_DEBUG_SWAP: LaunchProfile = LaunchProfile {
    name: "es-igvm-legacy-debugswap",
    technology: Technology::SevEs,
    summary: "QEMU's SEV-ES guest from an IGVM file where the host kernel switches DebugSwap on by itself",
    bsp: with_features(QEMU, DEBUG_SWAP),
    hosts: "Linux 6.6.0 to 6.6.23 and 6.7.0 to 6.7.11 by default, up to 6.9 with debug_swap=1; a processor with \
            DebugSwap (Milan and newer); QEMU 10.1 and newer with IGVM",
    holds_for: &DEBUG_SWAP_ON,
    confidence: Confidence::Source,
    rehearsed: None,
    source: "QEMU backends/igvm.c and sev.c, 10.2.2; Linux d1f85fbe836e (on), 5abf6dceb066 (off again; the stable \
             releases are inferred)",
    ..IGVM
};

/// Of QEMU, SEV-ES by KVM_SEV_INIT2.
pub(super) const ES_INIT2: LaunchProfile = LaunchProfile {
    name: "es-igvm-init2",
    technology: Technology::SevEs,
    summary: "QEMU's SEV-ES guest from an IGVM file: KVM_SEV_INIT2, FPU state, the file's features",
    bsp: with_fpu(QEMU),
    hosts: "Linux 6.10 and newer, QEMU 10.1 and newer with IGVM and legacy-vm-type=off",
    holds_for: &[HoldsFor { init2: Some(true), ..host(since(6, 10), since(10, 1)) }],
    ..IGVM
};

/// Of Hyper-V, SNP.
pub(super) const SNP_HYPER_V: LaunchProfile = LaunchProfile {
    name: "snp-igvm-hyperv",
    summary: "Hyper-V's SNP guest from an IGVM file: everything where it stands in the file, shared pages left out",
    vmm: Vmm::HyperV,
    loads: Loads::Igvm(&LoaderRules::HYPER_V),
    hosts: "Hyper-V (Azure), as far as Microsoft's igvm crate tells",
    holds_for: &[HoldsFor::ANY],
    confidence: Confidence::Reported,
    rehearsed: None,
    source: "igvm crate 0.5, generate_snp_measurement; the same digests as it gives",
    ..IGVM
};

/// Of Coconut's QEMU and kernel, SNP.
pub(super) const SNP_COCONUT: LaunchProfile = LaunchProfile {
    name: "snp-igvm-coconut",
    summary: "an SNP guest from an IGVM file as igvmmeasure has it: everything where it stands, one page of a parameter area",
    vmm: Vmm::CoconutQemu,
    loads: Loads::Igvm(&LoaderRules::IGVMMEASURE),
    hosts: "Coconut's QEMU and kernel, as far as their igvmmeasure tells; one vCPU's registers in the file",
    holds_for: &[HoldsFor::ANY],
    confidence: Confidence::Reported,
    rehearsed: None,
    source: "coconut-svsm f4bc4bc, tools/igvmmeasure; the same digests as it gives",
    ..IGVM
};

/// What igvmmeasure gives for SEV-ES.
pub(super) const ES_COCONUT: LaunchProfile = LaunchProfile {
    name: "es-igvm-coconut",
    technology: Technology::SevEs,
    summary: "what igvmmeasure prints for SEV-ES: the data of unmeasured pages, and nothing of empty ones",
    bsp: QEMU,
    hosts: "none that is known: upstream QEMU and KVM measure something else",
    ..SNP_COCONUT
};
