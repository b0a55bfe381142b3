//! libkrun's launches: other files in another order, and neither tables nor kernel hashes.
//!
//! Defined by libkrun's own source [libkrun, vmm builder]. In SEV-ES: qboot, kernel, initrd, a zero page, the VMSAs, all
//! into one SHA-256. In SNP: qboot below 4 GiB, the kernel at its bundle's address, the initrd at 0xa00000, a zero-filled
//! page at 0x7000, then pages without contents, then the VMSAs. No digest of this was ever compared with a host's.
//!
//! ```
//! use sev_launch_digest::abi::Gpa;
//! use sev_launch_digest::{VcpuCount, Vmsas, libkrun, profile};
//!
//! let (qboot, kernel, initrd) = ([0xff; 65536], [1; 8192], [2; 4096]);
//! let guest = libkrun::Guest {
//!     qboot: &qboot,
//!     kernel: &kernel,
//!     kernel_gpa: Gpa(0x0100_0000),
//!     initrd: &initrd,
//!     vcpus: VcpuCount::ONE,
//!     profile: profile::by_name("es-krun-1.4")?,
//!     vmsas: Vmsas::Profile { signature: None, sev_features: None },
//! };
//! println!("{}", guest.launch()?.digest());
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

use alloc::vec::Vec;

pub(crate) mod error;

pub use error::Error;

use crate::firmware::error::Error as FirmwareError;
use crate::firmware::image::Firmware;
use crate::hash::Portable;
use crate::launch::Launch;
use crate::profile::facts::{LaunchProfile, Loads};
use crate::snp::pages::PageDigests;
use crate::snp::{LaunchUpdate, PageDigest, Update};
use crate::vcpus::VcpuCount;
use crate::vmsa::Vmsas;
use crate::{sev, sev_es, snp};
use sev_launch_abi::reader::wide;
use sev_launch_abi::{Gpa, PAGE_SIZE, Technology};

/// Where libkrun puts an initrd. [libkrun, arch layout]
const INITRD: Gpa = Gpa(0xa0_0000);
/// Where the boot parameters' page is, measured as zeros. [libkrun, arch layout]
const ZERO_PAGE: Gpa = Gpa(0x7000);
/// That page.
const ZEROS: &[u8; PAGE_SIZE] = &[0; PAGE_SIZE];

/// What libkrun is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest<'a> {
    /// The firmware, qboot: 64 KiB.
    pub qboot: &'a [u8],
    /// The kernel as the bundle (libkrunfw) holds it.
    pub kernel: &'a [u8],
    /// Where the bundle wants the kernel; SNP only.
    pub kernel_gpa: Gpa,
    /// The initrd as the bundle holds it.
    pub initrd: &'a [u8],
    /// How many vCPUs.
    pub vcpus: VcpuCount,
    /// Which libkrun and which technology: a profile whose VMM it is.
    pub profile: &'a LaunchProfile,
    /// Where the VMSAs come from.
    pub vmsas: Vmsas,
}

impl<'a> Guest<'a> {
    /// Checks the files, and makes the VMSAs; in SNP, hashes the files' pages.
    ///
    /// Errors: a profile of another VMM; files of no multiple of 16 bytes, which LAUNCH_UPDATE_DATA wants, or in SNP of other
    /// than whole pages; no captured page for a further vCPU.
    pub fn launch(&self) -> Result<Launch<'a>, crate::Error> {
        let profile = self.profile;
        if profile.loads != Loads::KrunFiles {
            return Err(crate::Error::ProfileNotOfLibkrun { profile: profile.name });
        }
        let is_snp = profile.technology == Technology::Snp;
        self.check_files(if is_snp { 4096 } else { 16 })?;
        let qboot = Firmware::parse(self.qboot)?;
        // No libkrun's further vCPUs start where a firmware's tables say.
        let reset = || Err(FirmwareError::NoResetAddress);
        let pages = profile.pages_of(reset, &self.vmsas, self.vcpus)?;
        let warnings = profile.vmsa_warnings(&self.vmsas, &pages);
        Ok(if is_snp {
            Launch::Snp(snp::Launch {
                before: self.snp_updates(qboot.gpa()),
                vmsas: Some(snp::VmsaUpdates::new(profile, pages)),
                vcpus: self.vcpus,
                warnings,
            })
        } else {
            let files = alloc::vec![
                ("qboot", self.qboot),
                ("kernel", self.kernel),
                ("initrd", self.initrd),
                ("zero page", ZEROS.as_slice()),
            ];
            Launch::SevEs(sev_es::Launch {
                before: sev::Launch::of_files(files),
                vmsas: Some(sev_es::VmsaUpdates::new(pages)),
                vcpus: self.vcpus,
                warnings,
            })
        })
    }

    fn check_files(&self, unit: u64) -> Result<(), Error> {
        for (what, bytes) in
            [("firmware", self.qboot), ("kernel", self.kernel), ("initrd", self.initrd)]
        {
            let found = wide(bytes.len());
            if found == 0 || !found.is_multiple_of(unit) {
                return Err(Error::Length { what, found, wanted: unit });
            }
        }
        if unit == 4096 && !self.kernel_gpa.is_page_aligned() {
            return Err(Error::KernelAddress { found: self.kernel_gpa });
        }
        Ok(())
    }

    /// The SNP launch updates before the VMSAs.
    fn snp_updates(&self, qboot_gpa: Gpa) -> Vec<LaunchUpdate> {
        let mut updates = Vec::new();
        let mut digests = PageDigests::default();
        for (gpa, bytes) in
            [(qboot_gpa, self.qboot), (self.kernel_gpa, self.kernel), (INITRD, self.initrd)]
        {
            let contents = digests.of(bytes.as_chunks().0, &Portable);
            let pages = gpa.pages(wide(bytes.len())).zip(contents);
            updates.extend(pages.map(|(gpa, contents)| Update::Normal(contents).at(gpa)));
        }
        updates.push(Update::Normal(PageDigest::of(ZEROS)).at(ZERO_PAGE));
        updates.push(Update::Zero.at(Gpa(0)));
        updates.push(Update::Secrets.at(Gpa(0x5000)));
        updates.push(Update::Cpuid.at(Gpa(0x6000)));
        updates.extend(Gpa(0x8000).pages(0x7000).map(|gpa| Update::Zero.at(gpa)));
        updates
    }
}
