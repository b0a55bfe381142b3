//! What KVM says that guests may see of the processor, and which MSRs there are.
//!
//! Nothing of it reaches a launch digest: what is measured of a processor is its signature, which the VMM chooses. So a superset of the named
//! EPYC models is offered, that none of them misses a feature.

use sev_launch_abi::CpuSignature;

use crate::bytes::set_field;
use crate::host::Host;

/// A leaf, its index, and EAX, EBX, ECX and EDX.
type Leaf = (u32, Option<u32>, [u32; 4]);

/// `KVM_CPUID_FLAG_SIGNIFCANT_INDEX` (the header's spelling): the index counts.
const INDEX_COUNTS: u32 = 1;

/// The entries of `KVM_GET_SUPPORTED_CPUID`, each a `struct kvm_cpuid_entry2` of 40 bytes.
pub(crate) fn supported(host: &Host) -> Vec<[u8; 40]> {
    leaves(host).into_iter().map(entry).collect()
}

fn entry((function, index, [eax, ebx, ecx, edx]): Leaf) -> [u8; 40] {
    let mut entry = [0; 40];
    set_field!(entry, kvm_cpuid_entry2.function: u32 = function);
    set_field!(entry, kvm_cpuid_entry2.index: u32 = index.unwrap_or(0));
    let flags = if index.is_some() { INDEX_COUNTS } else { 0 };
    set_field!(entry, kvm_cpuid_entry2.flags: u32 = flags);
    set_field!(entry, kvm_cpuid_entry2.eax: u32 = eax);
    set_field!(entry, kvm_cpuid_entry2.ebx: u32 = ebx);
    set_field!(entry, kvm_cpuid_entry2.ecx: u32 = ecx);
    set_field!(entry, kvm_cpuid_entry2.edx: u32 = edx);
    entry
}

/// Every leaf. [APM3, CPUID functions; Linux, `Documentation/virt/kvm/x86/cpuid.rst` for 0x40000000 and what follows it]
fn leaves(host: &Host) -> Vec<Leaf> {
    let CpuSignature(signature) = host.signature;
    // "AuthenticAMD" and "KVMKVMKVM", as the leaves have them.
    let amd = [0x6874_7541, 0x444d_4163, 0x6974_6e65];
    let kvm = [0x4b4d_564b, 0x564b_4d56, 0x4d];
    let [vendor_b, vendor_c, vendor_d] = amd;
    let [kvm_b, kvm_c, kvm_d] = kvm;
    // All of a word, but for what only Intel's processors have (VMX, SMX; SGX, MPX, PT; AMX, their lists of capabilities).
    let all = u32::MAX;
    let basic_c = all & !(1 << 5 | 1 << 6);
    let extended_b = all & !(1 << 2 | 1 << 14 | 1 << 25);
    let extended_d = all & !(1 << 22 | 1 << 24 | 1 << 25 | 1 << 29 | 1 << 30);
    // x87, SSE, AVX and PKRU; the last ends at 2440. XSAVEOPT, XSAVEC, XGETBV with 1, XSAVES.
    let (components, xsave_size) = (0x207, 2440);
    vec![
        (0, None, [0x10, vendor_b, vendor_c, vendor_d]),
        (1, None, [signature, 0x0001_0800, basic_c, all]),
        (6, None, [4, 0, 0, 0]),
        (7, Some(0), [1, extended_b, all, extended_d]),
        (7, Some(1), [all, 0, 0, 0]),
        (0xd, Some(0), [components, xsave_size, xsave_size, 0]),
        (0xd, Some(1), [0xf, xsave_size, 0, 0]),
        (0xd, Some(2), [256, 576, 0, 0]),
        (0xd, Some(9), [8, 2432, 0, 0]),
        (0x4000_0000, None, [0x4000_0001, kvm_b, kvm_c, kvm_d]),
        (0x4000_0001, None, [0x0101_feff, 0, 0, 0]),
        (0x8000_0000, None, [0x8000_0021, vendor_b, vendor_c, vendor_d]),
        (0x8000_0001, None, [signature, 0, all, all]),
        (0x8000_0007, None, [0, 3, 0, 0x100]),
        (0x8000_0008, None, [0x3030, all, 0, 0]),
        (0x8000_000a, None, [1, 0x8000, 0, all]),
        (0x8000_001f, None, [0x401a, host.c_bit() | 1 << 6, 509, 100]),
        (0x8000_0021, None, [all, 0, 0, 0]),
        (0x8000_0022, None, [1, 6, 0, 0]),
    ]
}

/// The MSRs that can be read and written: those that VMMs save. [Linux, msrs_to_save_base, emulated_msrs_all]
pub(crate) const MSRS: [u32; 33] = [
    0x10,
    0x11,
    0x12,
    0x3b,
    0x48,
    0x8b,
    0x9e,
    0x140,
    0x174,
    0x175,
    0x176,
    0x17a,
    0x1a0,
    0x1d9,
    0x277,
    0x6e0,
    0xda0,
    0xc000_0080,
    0xc000_0081,
    0xc000_0082,
    0xc000_0083,
    0xc000_0084,
    0xc000_0102,
    0xc000_0103,
    0xc000_0104,
    0xc001_0015,
    0xc001_0117,
    0xc001_011f,
    0x4b56_4d00,
    0x4b56_4d01,
    0x4b56_4d02,
    0x4b56_4d03,
    0x4b56_4d04,
];

/// The MSRs that tell features: `MSR_AMD64_DE_CFG` and the patch level. [Linux, msr_based_features_all_except_vmx]
pub(crate) const FEATURE_MSRS: [u32; 2] = [0x8b, 0xc001_1029];
