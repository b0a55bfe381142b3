//! SEV: SHA-256 over the firmware and, with a measured kernel, the table of kernel hashes.
//!
//! Defined by [SEV-API, LAUNCH_UPDATE_DATA and LAUNCH_MEASURE], in the order of [QEMU, sev_launch_finish]. No lengths, no
//! addresses and no policy are hashed. SEV measures no VMSA, so the digest is the same on every host. SEV-ES shares the
//! digest type and the updates, and adds VMSAs.
//!
//! ```
//! use sev_launch_digest::{Firmware, sev};
//!
//! let firmware = Firmware::parse(&[0xff; 4096])?.absorb();
//! let launch = sev::Guest { firmware: &firmware, kernel_hashes: None }.launch()?;
//! // Without a kernel it is the SHA-256 of the image.
//! assert_eq!(launch.digest().to_string(), firmware.sha256()?.to_string());
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::firmware::absorbed::AbsorbedFirmware;
use crate::firmware::error::Error as FirmwareError;
use crate::hash::{Backend, Midstate, Portable, Sha256Digest};
use crate::kernel_hashes::{KernelHashes, TABLE_SIZE};
use crate::vmsa::VmsaPage;
use crate::warning::Warning;
use sev_launch_abi::reader::wide;
pub use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::{Gpa, PAGE_SIZE};

/// One thing that the AMD-SP takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchUpdate<'a> {
    /// LAUNCH_UPDATE_DATA: the firmware image. It always comes first, so its own state is the state after it.
    Firmware {
        /// The image's size in bytes.
        size: u64,
        /// The SHA-256 after its last byte.
        midstate: &'a Midstate,
    },
    /// LAUNCH_UPDATE_DATA: another file, whole.
    File {
        /// What it is.
        name: &'static str,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// LAUNCH_UPDATE_DATA: pages of an IGVM file, one after the other. The first of them come first, so the state after them is theirs.
    Pages(&'a Region),
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
            Self::Firmware { size, .. } => *size,
            Self::File { bytes, .. } => wide(bytes.len()),
            Self::Pages(region) => region.size,
            Self::KernelHashes(table) => wide(table.len()),
            Self::Vmsa { page, .. } => wide(page.as_bytes().len()),
        }
    }

    /// Takes the update into a digest that has come so far.
    pub(crate) fn fold(&self, state: &mut Midstate, backend: &impl Backend) {
        match self {
            Self::Firmware { midstate, .. } => state.clone_from(midstate),
            Self::File { bytes, .. } => state.update_with(backend, bytes),
            Self::Pages(region) => state.clone_from(&region.after),
            Self::KernelHashes(table) => state.update_with(backend, table),
            Self::Vmsa { page, .. } => state.update_with(backend, page.as_bytes()),
        }
    }
}

impl fmt::Display for LaunchUpdate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.size();
        match self {
            Self::Firmware { .. } => write!(f, "LAUNCH_UPDATE_DATA firmware, {size} bytes"),
            Self::File { name, .. } => write!(f, "LAUNCH_UPDATE_DATA {name}, {size} bytes"),
            Self::Pages(region) => {
                write!(f, "LAUNCH_UPDATE_DATA {}, {size} bytes", region.gpa)
            }
            Self::KernelHashes(_) => write!(f, "LAUNCH_UPDATE_DATA kernel hashes, {size} bytes"),
            Self::Vmsa { vcpu, .. } => write!(f, "LAUNCH_UPDATE_VMSA vCPU {vcpu}, {size} bytes"),
        }
    }
}

/// Pages that follow each other in memory, taken in by one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    gpa: Gpa,
    size: u64,
    /// The state after these pages alone.
    own: Midstate,
    /// The state after them, and all that came before.
    after: Midstate,
}

impl Region {
    /// One that has no page yet, after what gives this state.
    pub(crate) fn new(gpa: Gpa, before: &Midstate) -> Self {
        Self { gpa, size: 0, own: Midstate::new(), after: before.clone() }
    }

    /// Takes the next page in.
    pub(crate) fn update_with(&mut self, backend: &impl Backend, page: &[u8; PAGE_SIZE]) {
        self.size = self.size.saturating_add(wide(PAGE_SIZE));
        self.own.update_with(backend, page);
        self.after.update_with(backend, page);
    }

    /// The state after its last page, and all that came before.
    pub(crate) fn after(&self) -> &Midstate {
        &self.after
    }

    /// The SHA-256 of its bytes.
    pub fn sha256(&self) -> Sha256Digest {
        Sha256Digest::from_bytes(self.own.finish())
    }

    /// Where they start.
    pub const fn gpa(&self) -> Gpa {
        self.gpa
    }
}

/// What a SEV guest is started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest<'a> {
    /// The firmware.
    pub firmware: &'a AbsorbedFirmware,
    /// The hashes of a measured kernel; `None` if QEMU's `kernel-hashes` is off or no kernel is given.
    pub kernel_hashes: Option<KernelHashes>,
}

impl<'a> Guest<'a> {
    /// Checks what QEMU and the AMD-SP check. Errors: kernel hashes without an area for them, or with one that is not aligned.
    pub fn launch(&self) -> Result<Launch<'a>, Error> {
        let Self { firmware, kernel_hashes } = self;
        let midstate = firmware.midstate()?;
        if kernel_hashes.is_some() {
            let base = firmware.hash_area()?.base;
            if !base.0.is_multiple_of(16) {
                return Err(FirmwareError::HashAreaAlignment { base }.into());
            }
        }
        Ok(Launch {
            loads: Loads::Firmware { size: firmware.size(), midstate },
            kernel_hashes: *kernel_hashes,
            warnings: match kernel_hashes.and_then(|_| firmware.hashes_warning()) {
                None => Cow::Borrowed(firmware.warnings()),
                Some(warning) => firmware.warnings().iter().cloned().chain([warning]).collect(),
            },
        })
    }
}

/// A SEV launch that can happen; for SEV-ES, the part of it before the VMSAs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch<'a> {
    loads: Loads<'a>,
    kernel_hashes: Option<KernelHashes>,
    warnings: Cow<'a, [Warning]>,
}

/// What comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Loads<'a> {
    Firmware { size: u64, midstate: &'a Midstate },
    Files(Vec<(&'static str, &'a [u8])>),
    Regions(&'a [Region]),
}

impl<'a> Launch<'a> {
    /// The launch of a VMM that has neither firmware with tables nor kernel hashes: files with their names.
    pub(crate) fn of_files(files: Vec<(&'static str, &'a [u8])>) -> Self {
        Self { loads: Loads::Files(files), kernel_hashes: None, warnings: Cow::Borrowed(&[]) }
    }

    /// The launch of an IGVM file's pages.
    pub(crate) fn of_regions(regions: &'a [Region]) -> Self {
        let warnings = Cow::Borrowed(&[][..]);
        Self { loads: Loads::Regions(regions), kernel_hashes: None, warnings }
    }

    /// The same with other warnings.
    pub(crate) fn with_warnings(self, warnings: Vec<Warning>) -> Self {
        Self { warnings: Cow::Owned(warnings), ..self }
    }

    /// The launch updates, in order.
    pub fn updates(&self) -> impl Iterator<Item = LaunchUpdate<'_>> {
        let (firmware, files) = match &self.loads {
            Loads::Firmware { size, midstate } => {
                (Some(LaunchUpdate::Firmware { size: *size, midstate }), [].as_slice())
            }
            Loads::Files(files) => (None, files.as_slice()),
            Loads::Regions(_) => (None, [].as_slice()),
        };
        let regions = match &self.loads {
            Loads::Regions(regions) => *regions,
            Loads::Firmware { .. } | Loads::Files(_) => &[],
        };
        let regions = regions.iter().map(LaunchUpdate::Pages);
        let files = files.iter().map(|(name, bytes)| LaunchUpdate::File { name, bytes });
        let hashes = self.kernel_hashes.map(|hashes| LaunchUpdate::KernelHashes(hashes.table()));
        firmware.into_iter().chain(files).chain(regions).chain(hashes)
    }

    /// The SHA-256 after all updates, as a state that can go on.
    pub fn midstate(&self, backend: &impl Backend) -> Midstate {
        let mut state = Midstate::new();
        self.updates().for_each(|update| update.fold(&mut state, backend));
        state
    }

    /// The launch digest.
    pub fn digest(&self) -> LaunchDigest {
        LaunchDigest::from_bytes(self.midstate(&Portable).finish())
    }

    /// Every update with the digest after it.
    pub fn trace(&self) -> impl Iterator<Item = (LaunchUpdate<'_>, LaunchDigest)> {
        trace(self.updates())
    }

    /// What the digest's reader should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
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
