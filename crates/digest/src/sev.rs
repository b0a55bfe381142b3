//! SEV: SHA-256 over the firmware and, with a measured kernel, the table of kernel hashes.
//!
//! Defined by [SEV-API, LAUNCH_UPDATE_DATA and LAUNCH_MEASURE], in the order of [QEMU, sev_launch_finish]. No lengths, no
//! addresses and no policy are hashed. SEV measures no VMSA, so the digest is the same on every host. SEV-ES shares the
//! digest type and the updates, and adds VMSAs.

use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::firmware::AbsorbedFirmware;
use crate::hash::{CompressSha256, Midstate, Portable};
use crate::kernel_hashes::{KernelHashes, TABLE_SIZE};
use crate::vmsa::VmsaPage;
use crate::warning::Warning;
pub use sev_launch_abi::sev::LaunchDigest;

/// One thing that the AMD-SP takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaunchUpdate<'a> {
    /// LAUNCH_UPDATE_DATA: the firmware image.
    Firmware(&'a AbsorbedFirmware),
    /// LAUNCH_UPDATE_DATA: the table of kernel hashes.
    KernelHashes([u8; TABLE_SIZE]),
    /// LAUNCH_UPDATE_VMSA: a vCPU's registers.
    Vmsa {
        /// The vCPU's index, from 0.
        vcpu: u32,
        /// Its page.
        page: &'a VmsaPage,
    },
}

impl LaunchUpdate<'_> {
    /// The size of what is taken in, in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Firmware(firmware) => firmware.size(),
            Self::KernelHashes(table) => sev_launch_abi::reader::wide(table.len()),
            Self::Vmsa { page, .. } => sev_launch_abi::reader::wide(page.as_bytes().len()),
        }
    }

    /// Takes the update into a digest that has come so far.
    pub(crate) fn fold(&self, state: &mut Midstate, compression: &impl CompressSha256) {
        match self {
            // The firmware always comes first, so its own state is the state after it.
            Self::Firmware(firmware) => {
                // A launch is made only of firmware that has one.
                if let Ok(absorbed) = firmware.midstate() {
                    *state = absorbed.clone();
                }
            }
            Self::KernelHashes(table) => state.update_with(compression, table),
            Self::Vmsa { page, .. } => state.update_with(compression, page.as_bytes()),
        }
    }
}

impl fmt::Display for LaunchUpdate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.size();
        match self {
            Self::Firmware(_) => write!(f, "LAUNCH_UPDATE_DATA firmware, {size} bytes"),
            Self::KernelHashes(_) => write!(f, "LAUNCH_UPDATE_DATA kernel hashes, {size} bytes"),
            Self::Vmsa { vcpu, .. } => write!(f, "LAUNCH_UPDATE_VMSA vCPU {vcpu}, {size} bytes"),
        }
    }
}

/// What a SEV guest is started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest<'a> {
    /// The firmware.
    pub firmware: &'a AbsorbedFirmware,
    /// The hashes of a measured kernel; nothing where QEMU's `kernel-hashes` is off or no kernel is given.
    pub kernel_hashes: Option<KernelHashes>,
}

impl<'a> Guest<'a> {
    /// Checks what QEMU checks. Errors: kernel hashes without an area for them.
    pub fn launch(&self) -> Result<Launch<'a>, Error> {
        Launch::new(self.firmware, self.kernel_hashes)
    }
}

/// A SEV launch that can happen; for SEV-ES, the part of it before the VMSAs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch<'a> {
    firmware: &'a AbsorbedFirmware,
    kernel_hashes: Option<KernelHashes>,
}

impl<'a> Launch<'a> {
    pub(crate) fn new(
        firmware: &'a AbsorbedFirmware,
        kernel_hashes: Option<KernelHashes>,
    ) -> Result<Self, Error> {
        firmware.midstate()?;
        if kernel_hashes.is_some() {
            firmware.hash_area()?;
        }
        Ok(Self { firmware, kernel_hashes })
    }

    /// The launch updates, in order.
    pub fn updates(&self) -> impl Iterator<Item = LaunchUpdate<'a>> + use<'a> {
        let hashes = self.kernel_hashes.map(|hashes| LaunchUpdate::KernelHashes(hashes.table()));
        core::iter::once(LaunchUpdate::Firmware(self.firmware)).chain(hashes)
    }

    /// The SHA-256 after all updates, as a state that can go on.
    pub fn midstate(&self) -> Midstate {
        self.midstate_with(&Portable)
    }

    /// The same, by the given compression.
    pub fn midstate_with(&self, compression: &impl CompressSha256) -> Midstate {
        let mut state = Midstate::new();
        self.updates().for_each(|update| update.fold(&mut state, compression));
        state
    }

    /// The launch digest.
    pub fn digest(&self) -> LaunchDigest {
        LaunchDigest::from_bytes(self.midstate().finish())
    }

    /// Every update with the digest after it.
    pub fn trace(&self) -> impl Iterator<Item = (LaunchUpdate<'a>, LaunchDigest)> + use<'a> {
        trace(self.updates())
    }

    /// What the digest's reader should know.
    pub fn warnings(&self) -> Vec<Warning> {
        self.firmware.warnings().to_vec()
    }
}

/// Folds updates, giving the digest after each.
pub(crate) fn trace<'a>(
    updates: impl Iterator<Item = LaunchUpdate<'a>>,
) -> impl Iterator<Item = (LaunchUpdate<'a>, LaunchDigest)> {
    let mut state = Midstate::new();
    updates.map(move |update| {
        update.fold(&mut state, &Portable);
        (update, LaunchDigest::from_bytes(state.finish()))
    })
}
