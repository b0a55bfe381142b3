//! Every launch profile, as data.
//!
//! Register values are those of [QEMU, x86_cpu_reset_hold] and [Linux, sev_es_sync_vmsa] unless a profile says otherwise;
//! hosts and sources stand beside each profile. To add a fact, add a profile: what a name means never changes.

use super::error::Error;
use super::facts::{
    Assumption, Confidence, DebugSwap, EndorsedVcpus, HoldsFor, KernelHashing, LateRegisters,
    LateVcpus, LaunchProfile, Loads, RdxRule, SectionRules, Vmm,
};
use super::igvm;
use super::version::{Version, VersionRange};
use crate::snp::Update;
use crate::vmsa::{Segment, Vmsa};
use sev_launch_abi::{Generation, Gpa, Technology};

/// Where upstream KVM measures VMSAs: -1 cut to 48 bits and to a page. [Linux, INITIAL_VMSA_GPA]
pub(super) const VMSA_GPA: Gpa = Gpa(0x0000_ffff_ffff_f000);

/// Where Google's KVM measures them on Genoa: -1 cut to 52 bits. [gce-tcb-verifier, sev launch digest]
const VMSA_GPA_52_BITS: Gpa = Gpa(0x000f_ffff_ffff_f000);

/// Real-mode data segment: present, writable, accessed. [APM2, segment attributes]
const DATA: Segment = Segment::new(0, 0x93, 0xffff);
/// The same, not accessed: what KVM leaves where the VMM sets nothing. [Linux, init_vmcb]
const DATA_NOT_ACCESSED: Segment = Segment::new(0, 0x92, 0xffff);
/// Code at the reset vector: selector F000h, base FFFF0000h. [APM2, initial processor state]
const RESET_CODE: Segment = Segment { base: 0xffff_0000, ..Segment::new(0xf000, 0x9b, 0xffff) };
/// The same, not accessed. [Linux, init_vmcb]
const RESET_CODE_NOT_ACCESSED: Segment = Segment { attributes: 0x9a, ..RESET_CODE };
/// TR as QEMU resets it: a busy 32-bit TSS; KVM's own reset has a busy 16-bit one (0x83).
const TASK: Segment = Segment::new(0, 0x8b, 0xffff);
const TASK_16: Segment = Segment::new(0, 0x83, 0xffff);

/// The page attribute table at reset. [APM2, PAT register]
const PAT: u64 = 0x0007_0406_0007_0406;
/// What Google's hosts write in its place. [gce-tcb-verifier, VMSA]
const PAT_GCE: u64 = 0x0007_0106;

/// RDX where CPUID was not set before the vCPU's reset. [Linux, kvm_vcpu_reset]
const RDX_KVM: RdxRule = RdxRule::Fixed(0x600);

/// QEMU's reset state as KVM writes it, without FPU state and features.
pub(super) const QEMU: Vmsa = Vmsa {
    es: DATA,
    cs: RESET_CODE,
    ss: DATA,
    ds: DATA,
    fs: DATA,
    gs: DATA,
    gdtr: Segment::new(0, 0, 0xffff),
    ldtr: Segment::new(0, 0x82, 0xffff),
    idtr: Segment::new(0, 0, 0xffff),
    tr: TASK,
    efer: 0x1000,     // SVME, which KVM adds
    cr4: 0x40,        // MCE, which KVM adds
    cr0: 0x10,        // ET; KVM clears CD and NW
    dr7: 0x400,       // reset value
    dr6: 0xffff_0ff0, // reset value
    rflags: 0x2,      // reset value
    rip: 0xfff0,      // reset vector
    g_pat: PAT,       //
    xcr0: 0x1,        // x87
    ..Vmsa::ZERO
};

/// With the FPU's reset state, which KVM syncs for VMs made by KVM_SEV_INIT2 since 6.10. [Linux, eb4441864e03]
pub(super) const fn with_fpu(vmsa: Vmsa) -> Vmsa {
    Vmsa { mxcsr: 0x1f80, x87_fcw: 0x37f, ..vmsa }
}

pub(super) const fn with_features(vmsa: Vmsa, sev_features: u64) -> Vmsa {
    Vmsa { sev_features, ..vmsa }
}

/// DebugSwap. [APM2, SEV_FEATURES bit 5]
pub(super) const DEBUG_SWAP: u64 = 0x20;
/// SNPActive. [APM2, SEV_FEATURES bit 0]
pub(super) const SNP: u64 = 0x1;

/// Amazon's: the segments of KVM's reset after a GET_SREGS and SET_SREGS round trip. [sev-snp-measure, vmsa.py]
const EC2: Vmsa = with_features(
    Vmsa { cs: RESET_CODE_NOT_ACCESSED, ss: DATA_NOT_ACCESSED, tr: TASK_16, ..QEMU },
    SNP,
);
const EC2_AP: Vmsa = Vmsa { cs: RESET_CODE, ..EC2 };

/// Google's. [gce-tcb-verifier, VMSA]
const GCE: Vmsa = with_features(Vmsa { g_pat: PAT_GCE, ..QEMU }, SNP);

/// Flat 32-bit protected mode, in which an SVSM starts; without FPU state. [sev-snp-measure, vmsa.py]
const FLAT_DATA: Segment = Segment::new(0x10, 0xc93, 0xffff_ffff);
const SVSM: Vmsa = with_features(
    Vmsa {
        es: FLAT_DATA,
        cs: Segment::new(0x08, 0xc9b, 0xffff_ffff),
        ss: FLAT_DATA,
        ds: FLAT_DATA,
        fs: FLAT_DATA,
        cr0: 0x11,
        ..QEMU
    },
    SNP,
);

/// libkrun's first vCPU: boot parameters at 0x7000, a stack below 0x9000. [libkrun, vstate.rs]
const KRUN: Vmsa = Vmsa {
    cs: RESET_CODE_NOT_ACCESSED,
    ss: DATA_NOT_ACCESSED,
    tr: TASK_16,
    rsi: 0x7000,
    rbp: 0x8ff0,
    rsp: 0x8ff0,
    ..QEMU
};
const KRUN_AP: Vmsa = Vmsa { rsi: 0, rbp: 0, rsp: 0, ..KRUN };
/// Until 1.3, further vCPUs start at 9100:0000.
const KRUN_AP_OLD: Vmsa =
    Vmsa { cs: Segment { base: 0x91000, ..Segment::new(0x9100, 0x9a, 0xffff) }, rip: 0, ..KRUN_AP };
/// From 1.4.1 on, three bytes after the first vCPU.
const KRUN_AP_1_4: Vmsa = Vmsa { rip: 0xfff3, ..KRUN_AP };
/// KVM's reset state, untouched: what libkrun 1.16 leaves.
const KVM_RESET: Vmsa = Vmsa {
    es: DATA_NOT_ACCESSED,
    cs: RESET_CODE_NOT_ACCESSED,
    ss: DATA_NOT_ACCESSED,
    ds: DATA_NOT_ACCESSED,
    fs: DATA_NOT_ACCESSED,
    gs: DATA_NOT_ACCESSED,
    tr: TASK_16,
    ..QEMU
};

const fn v(major: u32, minor: u32, patch: u32) -> Version {
    Version::new(major, minor, patch)
}

pub(super) const fn since(major: u32, minor: u32) -> VersionRange {
    VersionRange::from(v(major, minor, 0))
}

/// From one release to before another, both without their patches.
const fn releases(from: (u32, u32), below: (u32, u32)) -> VersionRange {
    VersionRange::between(v(from.0, from.1, 0), v(below.0, below.1, 0))
}

/// QEMU with SEV-ES.
const QEMU_ES: VersionRange = since(6, 0);

/// QEMU gives further vCPUs their registers when the firmware is mapped. From 10.1 on it reaches those alone that exist
/// then; before, it did so again before the launch was measured. [QEMU, sev_es_set_ap_context; since 4c7f0976b0d2, "i386/sev:
/// Refactor setting of reset vector and initial CPU state", of v10.1.0-rc0; seen in 7.2, 10.0 and 11.1]
const QEMU_LATE: &[LateVcpus] = &[
    LateVcpus {
        vmm: VersionRange::between(v(0, 0, 0), v(10, 1, 0)),
        registers: LateRegisters::Further,
    },
    LateVcpus { vmm: since(10, 1), registers: LateRegisters::First },
];

/// What every profile of a QEMU SEV-ES guest shares.
const ES: LaunchProfile = LaunchProfile {
    name: "",
    technology: Technology::SevEs,
    summary: "",
    vmm: Vmm::Qemu,
    bsp: QEMU,
    ap: None,
    needs_reset_address: true,
    rdx: RdxRule::Signature,
    late_vcpus: QEMU_LATE,
    vmsa_gpa: VMSA_GPA,
    sections: SectionRules::QEMU,
    kernel_hashes: KernelHashing::Measured,
    endorsed_vcpus: None,
    loads: Loads::Firmware,
    hosts: "",
    holds_for: &[],
    assumes: None,
    confidence: Confidence::Source,
    rehearsed: None,
    source: "",
};

/// What every profile of a QEMU SNP guest shares.
const SNP_QEMU: LaunchProfile = LaunchProfile { technology: Technology::Snp, ..ES };

/// What every profile of AMD's own kernels shares.
const SNP_AMDESE: LaunchProfile = LaunchProfile {
    assumes: Some(Assumption::Amdese),
    confidence: Confidence::Reported,
    rehearsed: None,
    ..SNP_QEMU
};

/// What every profile of Google's shares.
const SNP_GCE: LaunchProfile = LaunchProfile {
    vmm: Vmm::Gce,
    bsp: GCE,
    rdx: RDX_KVM,
    late_vcpus: &[],
    sections: SectionRules { sec_mem: Update::Unmeasured, cpuid_last: false },
    kernel_hashes: KernelHashing::None,
    endorsed_vcpus: Some(&GCE_VCPUS),
    confidence: Confidence::Reported,
    rehearsed: None,
    ..SNP_QEMU
};

/// The vCPU counts for which Google publishes endorsements. [gce-tcb-verifier, sev launch digest]
const GCE_VCPUS: EndorsedVcpus = EndorsedVcpus {
    by: "Google",
    counts: &[1, 2, 4, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 224, 240],
};

/// What every profile of Coconut's QEMU shares.
const SNP_SVSM: LaunchProfile = LaunchProfile {
    vmm: Vmm::CoconutQemu,
    needs_reset_address: false,
    late_vcpus: &[],
    kernel_hashes: KernelHashing::None,
    loads: Loads::FirmwareAndSvsm,
    ..SNP_QEMU
};

/// What every libkrun profile shares.
const KRUN_FILES: LaunchProfile = LaunchProfile {
    vmm: Vmm::Libkrun,
    needs_reset_address: false,
    rdx: RdxRule::Fixed(0),
    late_vcpus: &[],
    kernel_hashes: KernelHashing::None,
    loads: Loads::KrunFiles,
    confidence: Confidence::Inferred,
    rehearsed: None,
    ..ES
};

/// A host with these versions.
pub(super) const fn host(kernel: VersionRange, vmm: VersionRange) -> HoldsFor {
    HoldsFor { kernel, vmm, ..HoldsFor::ANY }
}

/// A host where VMs are made by the legacy ioctl.
const fn legacy(kernel: VersionRange, vmm: VersionRange) -> HoldsFor {
    HoldsFor { init2: Some(false), ..host(kernel, vmm) }
}

/// A host whose legacy ioctl switches DebugSwap on or off. [Linux, sev_hardware_setup]
const fn swaps(
    vmm: VersionRange,
    from: Version,
    below: Version,
    default: bool,
    active: bool,
) -> HoldsFor {
    let hosts = legacy(VersionRange::between(from, below), vmm);
    HoldsFor { debug_swap: Some(DebugSwap { active, default }), ..hosts }
}

/// Hosts of SEV-ES guests of the legacy ioctl without DebugSwap, with a QEMU that is in `vmm`.
const fn without_debug_swap(vmm: VersionRange) -> [HoldsFor; 6] {
    [
        legacy(releases((5, 11), (6, 6)), vmm),
        swaps(vmm, v(6, 6, 0), v(6, 6, 24), true, false),
        swaps(vmm, v(6, 6, 24), v(6, 7, 0), false, false),
        swaps(vmm, v(6, 7, 0), v(6, 7, 12), true, false),
        swaps(vmm, v(6, 7, 12), v(6, 10, 0), false, false),
        legacy(since(6, 10), vmm),
    ]
}

/// Hosts of SEV-ES guests of the legacy ioctl with DebugSwap, with a QEMU that is in `vmm`.
const fn with_debug_swap(vmm: VersionRange) -> [HoldsFor; 4] {
    [
        swaps(vmm, v(6, 6, 0), v(6, 6, 24), true, true),
        swaps(vmm, v(6, 6, 24), v(6, 7, 0), false, true),
        swaps(vmm, v(6, 7, 0), v(6, 7, 12), true, true),
        swaps(vmm, v(6, 7, 12), v(6, 10, 0), false, true),
    ]
}

/// Those of which QEMU reads IGVM files.
pub(super) const DEBUG_SWAP_OFF: [HoldsFor; 6] = without_debug_swap(since(10, 1));
pub(super) const DEBUG_SWAP_ON: [HoldsFor; 4] = with_debug_swap(since(10, 1));

/// Every profile: the default of each technology first, then by VMM.
pub const ALL: &[LaunchProfile] = &[
    LaunchProfile {
        name: "es-legacy",
        summary: "QEMU's default SEV-ES guest: legacy ioctl, no FPU state, no features",
        bsp: QEMU,
        hosts: "Linux 5.11 to 6.5; 6.6.24+, 6.7.12+, 6.8 and 6.9 with debug_swap off (the default); 6.10 and newer \
                unless legacy-vm-type=off; QEMU 6.0 and newer",
        holds_for: &without_debug_swap(QEMU_ES),
        confidence: Confidence::Reproduced,
        source: "QEMU 7.2 to 10.2 sev.c (sev_kvm_type); Linux 605bbdc12bc8, eb4441864e03; same bytes as sevctl, \
                 libvirt's validator and sev-snp-measure 0.0.9",
        rehearsed: Some("QEMU 7.2, 10.0 and 11.1 on Linux 5.11 to 7.0"),
        ..ES
    },
    LaunchProfile {
        name: "es-legacy-debugswap",
        summary: "QEMU's SEV-ES guest where the host kernel switches DebugSwap on by itself",
        bsp: with_features(QEMU, DEBUG_SWAP),
        hosts: "Linux 6.6.0 to 6.6.23 and 6.7.0 to 6.7.11 by default, up to 6.9 with debug_swap=1; a processor with \
                DebugSwap (Milan and newer)",
        holds_for: &with_debug_swap(QEMU_ES),
        source: "Linux d1f85fbe836e (on), 5abf6dceb066 (off again; the stable releases are inferred)",
        rehearsed: Some("QEMU 7.2, 10.0 and 11.1 on Linux 6.6.0"),
        ..ES
    },
    LaunchProfile {
        name: "es-init2",
        summary: "SEV-ES guest of KVM_SEV_INIT2: FPU state, no features",
        bsp: with_fpu(QEMU),
        hosts: "Linux 6.10 and newer, QEMU 9.1 and newer with legacy-vm-type=off, or another VMM that uses \
                KVM_SEV_INIT2 and asks for no features",
        holds_for: &[HoldsFor { init2: Some(true), ..host(since(6, 10), since(9, 1)) }],
        confidence: Confidence::Reproduced,
        source: "Linux 4f5defae7089, eb4441864e03; same bytes as sev-snp-measure 0.0.10 and newer and the sev crate",
        rehearsed: Some("QEMU 10.0 and 11.1 on Linux 6.10 and newer"),
        ..ES
    },
    LaunchProfile {
        name: "es-init2-debugswap",
        summary: "SEV-ES guest of KVM_SEV_INIT2 that asks for DebugSwap",
        bsp: with_features(with_fpu(QEMU), DEBUG_SWAP),
        hosts: "Linux 6.10 and newer, a VMM that asks for DebugSwap: no released QEMU does",
        source: "Linux 4f5defae7089",
        ..ES
    },
    LaunchProfile {
        name: "snp-qemu",
        summary: "QEMU's SNP guest on upstream Linux",
        bsp: with_features(with_fpu(QEMU), SNP),
        hosts: "Linux 6.11 and newer, QEMU 9.1 and newer; Cloud Hypervisor on KVM claims the same",
        holds_for: &[host(since(6, 11), since(9, 1))],
        confidence: Confidence::Observed,
        source: "Linux SNP host series; openvmm writes the same values; same bytes as sev-snp-measure 0.0.10 and newer; \
                 the report of a Milan host of 2026-06-17, with all that went into it (Dstack-TEE/dstack 312dc605)",
        rehearsed: Some("QEMU 10.0 and 11.1 on Linux 6.11 and newer"),
        ..SNP_QEMU
    },
    LaunchProfile {
        name: "snp-amdese-old",
        summary: "AMD's kernels before 6.6: no FPU state",
        bsp: with_features(QEMU, SNP),
        hosts: "AMDESE kernels based on Linux up to 6.5, with AMDESE's QEMU; on 6.6 to 6.8 with debug_swap=0",
        holds_for: &[
            host(releases((5, 0), (6, 6)), VersionRange::ANY),
            HoldsFor {
                debug_swap: Some(DebugSwap { active: false, default: true }),
                ..host(releases((6, 6), (6, 9)), VersionRange::ANY)
            },
        ],
        source: "sev-snp-measure's change log up to 0.0.8; AMDESE/sev-utils 10, 11",
        ..SNP_AMDESE
    },
    LaunchProfile {
        name: "snp-amdese-6.6",
        summary: "AMD's 6.6 kernels: DebugSwap, no FPU state",
        bsp: with_features(QEMU, SNP | DEBUG_SWAP),
        hosts: "AMDESE kernels based on Linux 6.6 to 6.8, with AMDESE's QEMU",
        holds_for: &[HoldsFor {
            debug_swap: Some(DebugSwap { active: true, default: true }),
            ..host(releases((6, 6), (6, 9)), VersionRange::ANY)
        }],
        source: "sev-snp-measure 0.0.9; AMDESE/AMDSEV issue 195",
        ..SNP_AMDESE
    },
    LaunchProfile {
        name: "snp-amdese-6.9",
        summary: "AMD's 6.9 kernels: FPU state (the bytes of snp-qemu)",
        bsp: with_features(with_fpu(QEMU), SNP),
        hosts: "AMDESE kernels based on Linux 6.9 and 6.10, with AMDESE's QEMU",
        holds_for: &[host(releases((6, 9), (6, 11)), VersionRange::ANY)],
        source: "sev-snp-measure's change log, 0.0.10",
        ..SNP_AMDESE
    },
    LaunchProfile {
        name: "snp-ec2",
        summary: "Amazon EC2: KVM's segments, RDX 0x600, CPUID pages last",
        vmm: Vmm::Ec2,
        bsp: EC2,
        ap: Some(EC2_AP),
        rdx: RDX_KVM,
        late_vcpus: &[],
        sections: SectionRules { cpuid_last: true, ..SectionRules::QEMU },
        kernel_hashes: KernelHashing::ToolsOnly,
        hosts: "Amazon EC2, instances of 2026 (reported 2026-04-28)",
        holds_for: &[HoldsFor::ANY],
        confidence: Confidence::Reported,
        source: "sev-snp-measure 4a02bf0, by an engineer of Amazon's",
        ..SNP_QEMU
    },
    LaunchProfile {
        name: "snp-ec2-rdx0",
        summary: "Amazon EC2 before 2026: as snp-ec2, RDX 0",
        vmm: Vmm::Ec2,
        bsp: EC2,
        ap: Some(EC2_AP),
        rdx: RdxRule::Fixed(0),
        late_vcpus: &[],
        sections: SectionRules { cpuid_last: true, ..SectionRules::QEMU },
        kernel_hashes: KernelHashing::ToolsOnly,
        hosts: "Amazon EC2, instances before 2026",
        holds_for: &[HoldsFor::ANY],
        confidence: Confidence::Observed,
        source: "sev-snp-measure up to 0.0.12; the sev crate; the report of an EC2 instance of 2023, with the firmware's \
                 tables and digest (virtee/sev-snp-measure-go 74f52d5, ovmf_img_2)",
        ..SNP_QEMU
    },
    LaunchProfile {
        name: "snp-gce",
        summary: "Google Compute Engine: its own PAT, RDX 0x600, SEC_MEM pages unmeasured",
        hosts: "Google Compute Engine on Milan",
        holds_for: &[HoldsFor { generation: Some(Generation::Milan), ..HoldsFor::ANY }],
        source: "google/gce-tcb-verifier, the operator's own tool, which measures a section of type 0x10 as ZERO pages too; \
                 sev-snp-measure 0.0.12",
        ..SNP_GCE
    },
    LaunchProfile {
        name: "snp-gce-genoa",
        summary: "Google Compute Engine on Genoa: as snp-gce, VMSAs at a 52-bit address",
        vmsa_gpa: VMSA_GPA_52_BITS,
        hosts: "Google Compute Engine on Genoa",
        holds_for: &[HoldsFor { generation: Some(Generation::Genoa), ..HoldsFor::ANY }],
        source: "google/gce-tcb-verifier, the operator's own tool",
        ..SNP_GCE
    },
    LaunchProfile {
        name: "snp-svsm-legacy",
        summary: "Coconut SVSM before IGVM, on a kernel that syncs the FPU state",
        bsp: with_fpu(SVSM),
        hosts: "Coconut's QEMU and kernel, before IGVM files; a kernel based on Linux 6.9 and newer",
        holds_for: &[host(since(6, 9), VersionRange::ANY)],
        confidence: Confidence::Inferred,
        source: "sev-snp-measure guest.py, vmsa.py, with the FCW that a kernel writes",
        ..SNP_SVSM
    },
    LaunchProfile {
        name: "snp-svsm-nofpu",
        summary: "Coconut SVSM before IGVM, on a kernel of 2023: no FPU state",
        bsp: SVSM,
        hosts: "Coconut's QEMU and kernel of 2023, before IGVM files; a kernel based on Linux before 6.9",
        holds_for: &[host(releases((5, 0), (6, 9)), VersionRange::ANY)],
        confidence: Confidence::Reported,
        source: "virtee/sev-snp-measure 0a1396f, tests/test_guest.py: digests of hardware, by the word of its fixtures' \
                 README; the reports are not published",
        ..SNP_SVSM
    },
    LaunchProfile {
        name: "snp-svsm-ssm",
        summary: "what sev-snp-measure computes for an SVSM: as snp-svsm-legacy, FCW 0",
        bsp: Vmsa { mxcsr: 0x1f80, ..SVSM },
        hosts: "no known host: for comparison with sev-snp-measure",
        confidence: Confidence::Reproduced,
        source: "sev-snp-measure 0.0.13 vmsa.py, where FCW has a name that no field has",
        ..SNP_SVSM
    },
    LaunchProfile {
        name: "es-krun-sevctl",
        summary: "libkrun 0.1.8 to 1.3: further vCPUs at 9100:0000 (sevctl's krun)",
        bsp: KRUN,
        ap: Some(KRUN_AP_OLD),
        hosts: "libkrun 0.1.8 to 1.3",
        holds_for: &[legacy(VersionRange::ANY, VersionRange::between(v(0, 1, 8), v(1, 4, 0)))],
        confidence: Confidence::Reproduced,
        source: "libkrun a7d2caa0; same bytes as sevctl 0.6.2",
        ..KRUN_FILES
    },
    LaunchProfile {
        name: "es-krun-1.4",
        summary: "libkrun 1.4.1 to 1.10, SEV-ES",
        bsp: KRUN,
        ap: Some(KRUN_AP_1_4),
        hosts: "libkrun 1.4.1 to 1.10",
        holds_for: &[legacy(VersionRange::ANY, releases((1, 4), (1, 11)))],
        source: "libkrun 02ebc454",
        ..KRUN_FILES
    },
    LaunchProfile {
        name: "snp-krun-1.4",
        summary: "libkrun 1.4.1 to 1.15, SNP on upstream Linux: FPU state",
        technology: Technology::Snp,
        bsp: with_features(with_fpu(KRUN), SNP),
        ap: Some(with_features(with_fpu(KRUN_AP_1_4), SNP)),
        hosts: "libkrun 1.4.1 to 1.15 on Linux 6.11 and newer, or AMDESE kernels from 6.9 on",
        holds_for: &[host(since(6, 9), releases((1, 4), (1, 16)))],
        source: "libkrun 02ebc454",
        ..KRUN_FILES
    },
    LaunchProfile {
        name: "snp-krun-1.4-amdese",
        summary: "libkrun 1.4.1 to 1.15, SNP on AMD's kernels before 6.9: no FPU state",
        technology: Technology::Snp,
        bsp: with_features(KRUN, SNP),
        ap: Some(with_features(KRUN_AP_1_4, SNP)),
        hosts: "libkrun 1.4.1 to 1.15 on AMDESE kernels before 6.9",
        holds_for: &[host(releases((5, 0), (6, 9)), releases((1, 4), (1, 16)))],
        source: "libkrun 02ebc454",
        ..KRUN_FILES
    },
    LaunchProfile {
        name: "snp-krun-reset",
        summary: "libkrun 1.16 and newer: KVM's reset state, untouched",
        technology: Technology::Snp,
        bsp: with_features(with_fpu(KVM_RESET), SNP),
        rdx: RDX_KVM,
        hosts: "libkrun 1.16 and newer on Linux 6.11 and newer",
        holds_for: &[host(since(6, 11), since(1, 16))],
        source: "libkrun 2ecba0f5; KVM's reset state seen on an Intel host",
        ..KRUN_FILES
    },
    igvm::ES_LEGACY,
    igvm::ES_LEGACY_DEBUG_SWAP,
    igvm::ES_INIT2,
    igvm::ES_COCONUT,
    igvm::SNP_QEMU,
    igvm::SNP_HYPER_V,
    igvm::SNP_COCONUT,
];

/// The profile of a name, exactly as [`ALL`] spells it; an error for any other.
pub fn by_name(name: &str) -> Result<&'static LaunchProfile, Error> {
    ALL.iter()
        .find(|profile| profile.name == name)
        .ok_or_else(|| Error::UnknownProfile { found: name.into() })
}

/// What a default launch of a current QEMU does; `None` for plain SEV, which measures no VMSA.
///
/// For SEV-ES this is `es-legacy`, which most published tools do not compute: QEMU makes SEV-ES guests by the legacy
/// ioctl unless told `legacy-vm-type=off`, and for those KVM leaves the FPU's fields zero on every kernel.
pub fn default_for(technology: Technology) -> Option<&'static LaunchProfile> {
    let name = match technology {
        Technology::Sev => return None,
        Technology::SevEs => "es-legacy",
        Technology::Snp => "snp-qemu",
    };
    ALL.iter().find(|profile| profile.name == name)
}

/// The same for a guest that starts from an IGVM file.
pub fn default_igvm_for(technology: Technology) -> Option<&'static LaunchProfile> {
    let name = match technology {
        Technology::Sev => return None,
        Technology::SevEs => "es-igvm-legacy",
        Technology::Snp => "snp-igvm",
    };
    ALL.iter().find(|profile| profile.name == name)
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    use super::*;
    use crate::igvm::LoaderRules;
    use sev_launch_abi::CpuSignature;
    use sev_launch_testkit::expected::{self, IGVM_PROFILES, Layout, PROFILES, vmsa_page};

    // A name's technology is its first part.
    fn technology(name: &str) -> Technology {
        if name.starts_with("snp-") { Technology::Snp } else { Technology::SevEs }
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = ALL.iter().map(|profile| profile.name).collect();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn every_known_host_has_its_profile() {
        let names: BTreeSet<_> = ALL.iter().map(|profile| profile.name).collect();
        let expected = PROFILES.iter().chain(&IGVM_PROFILES).map(|profile| profile.name);
        assert_eq!(names, expected.collect());
    }

    #[test]
    fn every_profile_says_what_it_is_and_where_it_is_from() {
        for profile in ALL {
            assert_eq!(profile.technology, technology(profile.name), "{profile}");
            for text in [profile.name, profile.summary, profile.hosts, profile.source] {
                assert!(!text.is_empty() && text.trim() == text, "{profile}: {text:?}");
            }
        }
    }

    // 6.9 is AMD's kernel with what became Linux 6.11: one page, two names.
    #[test]
    fn amd_s_6_9_kernels_leave_the_bytes_of_upstream_s() {
        let (old, new) = (by_name("snp-amdese-6.9").unwrap(), by_name("snp-qemu").unwrap());
        assert_eq!((&old.bsp, &old.ap, old.rdx), (&new.bsp, &new.ap, new.rdx));
        assert_eq!((old.vmsa_gpa, old.sections), (new.vmsa_gpa, new.sections));
    }

    #[test]
    fn every_profile_s_pages_are_those_of_the_second_computation() {
        for expected::Profile { name, features, layout, .. } in
            PROFILES.into_iter().chain(IGVM_PROFILES)
        {
            let igvm = name.contains("igvm");
            let svsm = matches!(layout, Layout::Svsm | Layout::SvsmFcw0 | Layout::SvsmNofpu);
            let profile = by_name(name).unwrap();
            assert_eq!(profile.sev_features().0, features, "{name}");
            for signature in [0x0080_0f12, 0x00b0_0f21] {
                for address in [0x0080_b004, 0xf1e2_d3c4] {
                    let given = Some(CpuSignature(signature));
                    let pages = profile.vmsa_pages(Some(address), given, None).unwrap();
                    // An SVSM's address is known only where it is placed.
                    let [bsp, ap] = [&pages.bsp, &pages.ap].map(|page| match svsm {
                        true => profile.svsm_page(page, Gpa(u64::from(address))),
                        false => page.clone(),
                    });
                    let first = svsm.then_some(address);
                    let case = (name, signature, address);
                    let expected = vmsa_page(layout, signature, features, first);
                    assert!(*bsp.as_bytes() == expected, "{case:x?}: first vCPU");
                    // Of a vCPU of which an IGVM file says nothing, the first and any other starts alike.
                    let address = Some(address).filter(|_| !igvm);
                    let expected = vmsa_page(layout, signature, features, address);
                    assert!(*ap.as_bytes() == expected, "{case:x?}: further vCPU");
                }
            }
        }
    }

    // Linux, INITIAL_VMSA_GPA, and Google's own for processors of 52 address bits.
    #[test]
    fn vmsas_are_at_48_bits_but_for_google_s_genoa() {
        for profile in ALL {
            let wide = profile.name == "snp-gce-genoa";
            let expected = if wide { 0xf_ffff_ffff_f000 } else { 0xffff_ffff_f000 };
            assert_eq!(profile.vmsa_gpa, Gpa(expected), "{profile}");
        }
    }

    // Seen in 7.2, 10.0 and 11.1, read in 10.2.2.
    #[test]
    fn late_vcpus_keep_the_first_one_s_registers_on_newer_qemus() {
        for profile in ALL {
            let registers = |version: &str| profile.late_registers(version.parse().ok()).ok();
            let (first, further) = (Some(LateRegisters::First), Some(LateRegisters::Further));
            let expected = match profile.vmm {
                Vmm::Qemu if !matches!(profile.loads, Loads::Igvm(_)) => {
                    [further, further, first, first, None]
                }
                _ => [None; 5],
            };
            let found = ["7.2.22", "10.0", "10.1.0", "11.1.3", ""].map(registers);
            assert_eq!(found, expected, "{profile}");
        }
    }

    #[test]
    fn only_qemu_measures_kernels() {
        for profile in ALL {
            let expected = match profile.vmm {
                Vmm::Qemu if !matches!(profile.loads, Loads::Igvm(_)) => KernelHashing::Measured,
                Vmm::Ec2 => KernelHashing::ToolsOnly,
                _ => KernelHashing::None,
            };
            assert_eq!(profile.kernel_hashes, expected, "{profile}");
        }
    }

    #[test]
    fn the_vmm_decides_what_is_loaded() {
        for profile in ALL {
            let expected = match profile.vmm {
                Vmm::Libkrun => Loads::KrunFiles,
                _ if profile.name.contains("igvm") => match profile.vmm {
                    Vmm::HyperV => Loads::Igvm(&LoaderRules::HYPER_V),
                    Vmm::CoconutQemu => Loads::Igvm(&LoaderRules::IGVMMEASURE),
                    _ => Loads::Igvm(&LoaderRules::QEMU),
                },
                Vmm::CoconutQemu => Loads::FirmwareAndSvsm,
                _ => Loads::Firmware,
            };
            assert_eq!(profile.loads, expected, "{profile}");
        }
    }

    #[test]
    fn svsm_libkrun_and_igvm_files_need_no_reset_address() {
        let without = ALL.iter().filter(|one| !one.needs_reset_address).map(|one| one.name);
        let (of_igvm, without): (Vec<_>, Vec<_>) = without.partition(|name| name.contains("igvm"));
        assert_eq!(of_igvm.len(), 7);
        assert_eq!(
            without,
            [
                "snp-svsm-legacy",
                "snp-svsm-nofpu",
                "snp-svsm-ssm",
                "es-krun-sevctl",
                "es-krun-1.4",
                "snp-krun-1.4",
                "snp-krun-1.4-amdese",
                "snp-krun-reset"
            ]
        );
    }
}
