//! From a choice of alternatives to everything that makes a guest, but for the number of vCPUs.

use sev_launch_digest::firmware::AbsorbedFirmware;
use sev_launch_digest::igvm::File as IgvmFile;
use sev_launch_digest::kernel_hashes::KernelHashes;

use crate::axes::{Axis, Content, in_force};
use crate::described::File;
use crate::plan::{Choice, Plan, VmsaFacts, vmsa_facts};

/// What a guest is started from.
#[derive(Clone, Copy)]
pub(crate) enum Image<'a> {
    /// A firmware image.
    Firmware(&'a AbsorbedFirmware),
    /// An IGVM file.
    Igvm(&'a IgvmFile),
}

/// Everything that makes a guest, but for the number of vCPUs.
pub(crate) struct Facts<'a> {
    /// The firmware's index in the pool.
    pub(crate) firmware_index: usize,
    pub(crate) image: Image<'a>,
    pub(crate) vmsa: VmsaFacts,
    pub(crate) hashes: Option<KernelHashes>,
    /// How many of the last vCPUs start with the first one's registers.
    pub(crate) late: u32,
}

/// The facts of a choice; `None` if its firmware is none.
pub(crate) fn facts<'a>(plan: &Plan<'a>, choice: &Choice) -> Option<Facts<'a>> {
    let (launch, axes) = (plan.launch, &plan.axes);
    let firmware_index = in_force!(axes, choice, Firmware, launch.firmware);
    let file = launch.files.get(firmware_index)?;
    let image = match (&file.igvm, &file.firmware) {
        (Some(igvm), _) => Image::Igvm(igvm),
        (None, Some(firmware)) => Image::Firmware(firmware),
        (None, None) => return None,
    };
    let vmsa = vmsa_facts(launch, axes, choice);
    let late = in_force!(axes, choice, LateVcpus, launch.vcpus.late());
    Some(Facts { firmware_index, image, vmsa, hashes: hashes(plan, choice), late })
}

/// The kernel hashes of a choice; `None` if none are measured.
fn hashes(plan: &Plan<'_>, choice: &Choice) -> Option<KernelHashes> {
    let (launch, axes) = (plan.launch, &plan.axes);
    if !in_force!(axes, choice, KernelHashes, false) {
        return None;
    }
    let mut kernel = in_force!(axes, choice, Kernel, launch.kernel);
    let mut initrd = in_force!(axes, choice, Initrd, launch.initrd);
    if choice.of(Axis::BootFiles).is_some() {
        std::mem::swap(&mut kernel, &mut initrd);
    }
    let hash = |file| launch.files.get(file).map(|file: &File| file.sha256);
    let cmdline = in_force!(axes, choice, Cmdline, launch.cmdline.sha256());
    let initrd = initrd.and_then(hash).unwrap_or_else(KernelHashes::no_initrd);
    Some(KernelHashes { kernel: hash(kernel?)?, initrd, cmdline })
}
