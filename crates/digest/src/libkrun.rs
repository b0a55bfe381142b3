//! libkrun's launches: other files in another order, and neither tables nor kernel hashes.
//!
//! Defined by libkrun's own source [libkrun, vmm builder]. In SEV-ES: qboot, kernel, initrd, a zero page, the VMSAs, all
//! into one SHA-256. In SNP: qboot below 4 GiB, the kernel at its bundle's address, the initrd at 0xa00000, a zero-filled
//! page at 0x7000, then pages without contents, then the VMSAs. No digest of this was ever compared with a host's.

use alloc::vec::Vec;

use crate::error::Error;
use crate::firmware::Firmware;
use crate::hash::{Midstate, Portable};
use crate::profile::{LaunchProfile, Loads};
use crate::snp::{self, LaunchUpdate, PageDigest, VmsaUpdates};
use crate::vcpus::VcpuCount;
use crate::vmsa::{VmsaPages, Vmsas};
use crate::{sev, sev_es};
use sev_launch_abi::reader::wide;
use sev_launch_abi::{Gpa, PAGE_SIZE, Technology};

/// Where libkrun puts an initrd. [libkrun, arch layout]
const INITRD: Gpa = Gpa(0xa0_0000);
/// The boot parameters' page, measured as zeros. [libkrun, arch layout]
const ZERO_PAGE: Gpa = Gpa(0x7000);

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
    /// Which libkrun: a profile whose VMM it is.
    pub profile: &'a LaunchProfile,
    /// Where the VMSAs come from.
    pub vmsas: Vmsas,
}

impl Guest<'_> {
    /// The launch digest of a SEV-ES guest.
    ///
    /// Errors: a profile of another technology or VMM; files of no multiple of 16 bytes, which LAUNCH_UPDATE_DATA wants.
    pub fn sev_es_digest(&self) -> Result<sev::LaunchDigest, Error> {
        let pages = self.pages(Technology::SevEs, 16)?;
        let mut state = Midstate::new();
        for bytes in [self.qboot, self.kernel, self.initrd, &[0; PAGE_SIZE]] {
            state.update(bytes);
        }
        let count = usize::try_from(self.vcpus.number()).unwrap_or(usize::MAX);
        let last = sev_es::digests(state, &pages).nth(count - 1);
        // The iterator is endless, so there always is one.
        Ok(last.unwrap_or_else(|| sev::LaunchDigest::from_bytes([0; 32])))
    }

    /// The launch updates of an SNP guest, in order.
    ///
    /// Errors: a profile of another technology or VMM; files that are not whole pages.
    pub fn snp_updates(&self) -> Result<Vec<LaunchUpdate>, Error> {
        let pages = self.pages(Technology::Snp, 4096)?;
        if !self.kernel_gpa.is_page_aligned() {
            return Err(Error::KrunKernelAddress { found: self.kernel_gpa });
        }
        let qboot_gpa = Gpa(Gpa::FIRMWARE_END.0 - wide(self.qboot.len()));
        let mut updates = Vec::new();
        let mut digests = snp::PageDigests::default();
        for (gpa, bytes) in
            [(qboot_gpa, self.qboot), (self.kernel_gpa, self.kernel), (INITRD, self.initrd)]
        {
            let (contents, _) = bytes.as_chunks();
            let addresses = gpa.pages(wide(bytes.len()));
            updates.extend(
                addresses
                    .zip(digests.of(contents, &Portable))
                    .map(|(gpa, contents)| LaunchUpdate::Normal { gpa, contents }),
            );
        }
        let contents = PageDigest::of(&[0; PAGE_SIZE]);
        updates.push(LaunchUpdate::Normal { gpa: ZERO_PAGE, contents });
        updates.push(LaunchUpdate::Zero { gpa: Gpa(0) });
        updates.push(LaunchUpdate::Secrets { gpa: Gpa(0x5000) });
        updates.push(LaunchUpdate::Cpuid { gpa: Gpa(0x6000) });
        updates.extend(Gpa(0x8000).pages(0x7000).map(|gpa| LaunchUpdate::Zero { gpa }));
        let vmsas = VmsaUpdates::new(self.profile, pages);
        updates.extend((0..self.vcpus.number()).map(|vcpu| vmsas.of_vcpu(vcpu)));
        Ok(updates)
    }

    /// The launch digest of an SNP guest.
    ///
    /// Errors: those of [`snp_updates`](Self::snp_updates).
    pub fn snp_digest(&self) -> Result<snp::LaunchDigest, Error> {
        Ok(snp::fold(snp::LaunchDigest::START, self.snp_updates()?.into_iter()))
    }

    fn pages(&self, technology: Technology, unit: u64) -> Result<VmsaPages, Error> {
        self.profile.check(technology)?;
        if self.profile.loads != Loads::KrunFiles {
            return Err(Error::ProfileNotOfLibkrun { profile: self.profile.name });
        }
        for (what, bytes) in
            [("firmware", self.qboot), ("kernel", self.kernel), ("initrd", self.initrd)]
        {
            let found = wide(bytes.len());
            if found == 0 || !found.is_multiple_of(unit) {
                return Err(Error::KrunLength { what, found, wanted: unit });
            }
        }
        let firmware = Firmware::parse(self.qboot)?.absorb();
        self.profile.pages_of(&firmware, &self.vmsas, self.vcpus)
    }
}
