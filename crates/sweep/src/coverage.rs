//! What a digest does not cover, and the warnings beside it: said by everything that prints or judges one.
//!
//! It is part of what [`Accepted`](crate::Accepted) holds, of which `examples/service.rs` is the example.

use sev_launch_abi::Technology;
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::KernelHashCheck;

use crate::inputs::Inputs;

/// The warnings' texts in their order, each once.
pub fn warnings(list: &[Warning]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for warning in list {
        let text = warning.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// What no launch digest covers.
pub const BEYOND_ANY_DIGEST: [&str; 5] = [
    "the root file system and everything that is loaded after the boot",
    "variables in NVRAM (the second flash)",
    "a vTPM and its state",
    "ACPI tables, option ROMs, fw_cfg files and devices",
    "vCPUs plugged in after the launch",
];

/// No part of a digest, though a launch measurement and a report prove it.
pub const POLICY: &str = "the guest policy";

/// What a digest without kernel hashes does not cover.
pub const KERNEL_OFF: &str = "the kernel, the initrd and the command line: kernel-hashes is off";

/// What no digest covers where the launch was described without a kernel.
pub const NO_KERNEL: &str = "the kernel, the initrd and the command line: none was given";

/// What a digest with kernel hashes does not cover where the firmware does not look at them.
pub const KERNEL_UNCHECKED: &str = "the kernel, the initrd and the command line: the firmware does not check them against the hashes";

/// What kernel hashes in a digest leave open where nobody knows what the firmware does with them.
pub const HASHES_UNCHECKED: &str = "whether the firmware checks kernel, initrd and command line against the hashes: only AmdSevX64 builds do; `sev-launch firmware show` says it of an image";

/// What a digest of a guest from an IGVM file leaves open.
pub const IGVM_UNMEASURED: &str = "what the host puts into the IGVM file's parameter areas and unmeasured pages; a kernel that is no part of the file";

/// What a digest of plain SEV leaves open.
pub const REGISTERS: &str = "the vCPUs' initial registers and how many there are";

/// Said beside digests of captured VMSA pages.
pub const CAPTURED: &str = "VMSA pages as captured: whoever captured them chose where the vCPUs start; compare them with the profile's by `sev-launch vmsa diff`";

/// What a matching digest does not prove.
pub fn not_covered(inputs: &Inputs) -> Vec<&'static str> {
    let check = inputs.kernel_hash_check();
    // What matters most is read first.
    let first = [
        (check == Some(KernelHashCheck::No), KERNEL_UNCHECKED),
        (inputs.boot.has_unmeasured(), KERNEL_OFF),
    ];
    let first = first.into_iter().filter_map(|(holds, text)| holds.then_some(text));
    let mut list: Vec<_> = first.chain(BEYOND_ANY_DIGEST).collect();
    list.push(POLICY);
    list.extend((check == Some(KernelHashCheck::Unknown)).then_some(HASHES_UNCHECKED));
    if !inputs.igvms.is_empty() {
        list.push(IGVM_UNMEASURED);
    } else if inputs.boot.kernels.is_empty() && inputs.boot.krun.is_none() {
        list.push(NO_KERNEL);
    }
    if inputs.mode.technology() == Technology::Sev {
        list.push(REGISTERS);
    }
    list
}
