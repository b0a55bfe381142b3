//! From a choice of alternatives to everything that makes a guest, but for the number of vCPUs.

use sev_launch_abi::{CpuSignature, SevFeatures};
use sev_launch_digest::firmware::AbsorbedFirmware;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::LaunchProfile;

use crate::axes::{Axis, Content};
use crate::described::File;
use crate::plan::{Choice, Plan, vmsa_facts};

/// Everything that makes a guest, but for the number of vCPUs.
pub(crate) struct Facts<'a> {
    /// The firmware's index in the pool.
    pub(crate) firmware_index: usize,
    pub(crate) firmware: &'a AbsorbedFirmware,
    pub(crate) profile: Option<&'static LaunchProfile>,
    /// Are the captured pages in force?
    pub(crate) captured: bool,
    pub(crate) features: Option<SevFeatures>,
    pub(crate) signature: Option<CpuSignature>,
    pub(crate) hashes: Option<KernelHashes>,
}

/// The facts of a choice; nothing where its firmware is none.
pub(crate) fn facts<'a>(plan: &Plan<'a>, choice: &Choice) -> Option<Facts<'a>> {
    let (launch, axes) = (plan.launch, &plan.axes);
    let content = |axis| axes.content(axis, choice.of(axis));
    let firmware_index = match content(Axis::Firmware) {
        Some(Content::Firmware(index)) => *index,
        _ => launch.firmware,
    };
    let firmware = launch.files.get(firmware_index)?.firmware.as_ref()?;
    let vmsa = vmsa_facts(launch, axes, choice);
    Some(Facts {
        firmware_index,
        firmware,
        profile: vmsa.profile,
        captured: vmsa.captured,
        features: vmsa.features,
        signature: vmsa.signature,
        hashes: hashes(plan, choice),
    })
}

/// The kernel hashes of a choice; nothing where none are measured.
fn hashes(plan: &Plan<'_>, choice: &Choice) -> Option<KernelHashes> {
    let (launch, axes) = (plan.launch, &plan.axes);
    let content = |axis| axes.content(axis, choice.of(axis));
    if !matches!(content(Axis::KernelHashes), Some(Content::KernelHashes(true))) {
        return None;
    }
    let mut kernel = match content(Axis::Kernel) {
        Some(Content::Kernel(file)) => *file,
        _ => launch.kernel,
    };
    let mut initrd = match content(Axis::Initrd) {
        Some(Content::Initrd(file)) => *file,
        _ => launch.initrd,
    };
    if choice.of(Axis::BootFiles).is_some() {
        std::mem::swap(&mut kernel, &mut initrd);
    }
    let hash = |file| launch.files.get(file).map(|file: &File| file.sha256);
    let cmdline = match content(Axis::Cmdline) {
        Some(Content::Cmdline(hash)) => *hash,
        _ => launch.cmdline.sha256(),
    };
    let initrd = initrd.and_then(hash).unwrap_or_else(KernelHashes::no_initrd);
    Some(KernelHashes { kernel: hash(kernel?)?, initrd, cmdline })
}
