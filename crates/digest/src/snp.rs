//! SEV-SNP: a SHA-384 chain over pages.
//!
//! Defined by [SNP-ABI, SNP_LAUNCH_UPDATE] and its PAGE_INFO structure; the order of pages is the VMM's:
//! the firmware's, those of its metadata sections, and, measured by KVM itself at the end, a VMSA for each vCPU. The
//! policy, host data and the ID block are no part of the digest. In a report this digest is the MEASUREMENT field.

use alloc::vec::Vec;
use core::fmt;

mod page_info;
mod pages;
mod sections;
mod svsm;

pub(crate) use pages::{PageDigests, Region};
pub use sev_launch_abi::snp::LaunchDigest;
pub use svsm::Svsm;

use crate::error::Error;
use crate::firmware::AbsorbedFirmware;
use crate::hash::sha384;
use crate::kernel_hashes::KernelHashes;
use crate::profile::{LaunchProfile, Loads};
use crate::vcpus::VcpuCount;
use crate::vmsa::{VmsaPages, Vmsas};
use crate::warning::Warning;
use sev_launch_abi::{Gpa, PAGE_SIZE, Technology};

sev_launch_abi::digest_bytes!(
    /// The SHA-384 of a page's 4096 bytes. [SNP-ABI, PAGE_INFO.CONTENTS]
    PageDigest, 48
);

impl PageDigest {
    /// The digest of a page.
    pub fn of(page: &[u8; PAGE_SIZE]) -> Self {
        Self::from_bytes(sha384(&[page]))
    }
}

/// One thing that the AMD-SP takes in. Each page's update carries what its kind needs, and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchUpdate {
    /// The pages of an image, as one region whose digest is known.
    Region {
        /// What it is.
        name: &'static str,
        /// Where it starts.
        gpa: Gpa,
        /// Its size in bytes: whole pages.
        size: u64,
        /// The launch digest after its last page.
        digest_after: LaunchDigest,
    },
    /// PAGE_TYPE_NORMAL: a page with contents.
    Normal {
        /// The page's address.
        gpa: Gpa,
        /// The SHA-384 of its bytes.
        contents: PageDigest,
    },
    /// PAGE_TYPE_ZERO: a page that the AMD-SP clears.
    Zero {
        /// The page's address.
        gpa: Gpa,
    },
    /// PAGE_TYPE_UNMEASURED: a page whose contents are not measured; that it is there is.
    Unmeasured {
        /// The page's address.
        gpa: Gpa,
    },
    /// PAGE_TYPE_SECRETS: the page that the AMD-SP fills with the guest's keys.
    Secrets {
        /// The page's address.
        gpa: Gpa,
    },
    /// PAGE_TYPE_CPUID: the page of CPUID values that the AMD-SP checks.
    Cpuid {
        /// The page's address.
        gpa: Gpa,
    },
    /// PAGE_TYPE_VMSA: a vCPU's registers.
    Vmsa {
        /// The page's address.
        gpa: Gpa,
        /// The vCPU's index, from 0.
        vcpu: u32,
        /// The SHA-384 of the VMSA page.
        contents: PageDigest,
    },
}

impl LaunchUpdate {
    /// Where the update is in guest memory.
    pub const fn gpa(&self) -> Gpa {
        match self {
            Self::Region { gpa, .. }
            | Self::Normal { gpa, .. }
            | Self::Zero { gpa }
            | Self::Unmeasured { gpa }
            | Self::Secrets { gpa }
            | Self::Cpuid { gpa }
            | Self::Vmsa { gpa, .. } => *gpa,
        }
    }

    /// The kind, as a word: the page type's name, or `REGION`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Region { .. } => "REGION",
            Self::Normal { .. } => "NORMAL",
            Self::Zero { .. } => "ZERO",
            Self::Unmeasured { .. } => "UNMEASURED",
            Self::Secrets { .. } => "SECRETS",
            Self::Cpuid { .. } => "CPUID",
            Self::Vmsa { .. } => "VMSA",
        }
    }
}

impl fmt::Display for LaunchUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.gpa())?;
        match self {
            Self::Region { name, size, .. } => write!(f, " {name}, {size} bytes"),
            Self::Vmsa { vcpu, .. } => write!(f, " vCPU {vcpu}"),
            _ => Ok(()),
        }
    }
}

/// What an SNP guest is started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest<'a> {
    /// The firmware.
    pub firmware: &'a AbsorbedFirmware,
    /// The hashes of a measured kernel; nothing where QEMU's `kernel-hashes` is off or no kernel is given.
    pub kernel_hashes: Option<KernelHashes>,
    /// An SVSM that is started before the firmware, for profiles that have one.
    pub svsm: Option<&'a Svsm>,
    /// How many vCPUs exist at launch.
    pub vcpus: VcpuCount,
    /// What the host does.
    pub profile: &'a LaunchProfile,
    /// Where the VMSAs come from.
    pub vmsas: Vmsas,
}

impl Guest<'_> {
    /// Checks what QEMU and KVM check, lists the pages, and makes the VMSAs.
    ///
    /// Errors: a profile of another technology or VMM; an image of other than whole pages; no metadata; kernel hashes
    /// without an area or a section for them; no reset address, or 0; no signature where the profile needs one.
    pub fn launch(&self) -> Result<Launch, Error> {
        self.profile.check(Technology::Snp)?;
        if self.profile.loads == Loads::KrunFiles {
            return Err(Error::ProfileOfLibkrun { profile: self.profile.name });
        }
        let wants_svsm = self.profile.loads == Loads::FirmwareAndSvsm;
        if wants_svsm != self.svsm.is_some() {
            return Err(Error::ProfileSvsm { profile: self.profile.name, wanted: wants_svsm });
        }
        let mut before = alloc::vec![LaunchUpdate::Region {
            name: "firmware",
            gpa: self.firmware.gpa(),
            size: self.firmware.size(),
            digest_after: self.firmware.snp_digest()?,
        }];
        let mut pages;
        if let Some(svsm) = self.svsm {
            if self.kernel_hashes.is_some() {
                return Err(Error::ProfileWithoutKernelHashes { profile: self.profile.name });
            }
            before.push(svsm.region());
            before.extend(sections::updates(svsm.firmware(), self.profile, None)?);
            pages = self.profile.pages_of(svsm.firmware(), &self.vmsas, self.vcpus)?;
            if matches!(self.vmsas, Vmsas::Profile { .. }) {
                let page = self.profile.svsm_page(&pages.bsp, svsm.entry());
                pages = VmsaPages { bsp: page.clone(), ap: page };
            }
        } else {
            before.extend(sections::updates(
                self.firmware,
                self.profile,
                self.kernel_hashes.as_ref(),
            )?);
            pages = self.profile.pages_of(self.firmware, &self.vmsas, self.vcpus)?;
        }
        let mut warnings = self.firmware.warnings().to_vec();
        warnings
            .extend(self.svsm.iter().flat_map(|svsm| svsm.firmware().warnings().iter().cloned()));
        warnings.extend(crate::sev_es::vmsa_warnings(self.profile, &self.vmsas, &pages));
        warnings.extend(vcpus_warning(self.profile, self.vcpus));
        Ok(Launch {
            before,
            vmsas: VmsaUpdates::new(self.profile, pages),
            vcpus: self.vcpus,
            warnings,
        })
    }
}

/// The vCPU counts for which Google publishes endorsements. [gce-tcb-verifier, sev launch digest]
const GCE_VCPUS: [u32; 15] = [1, 2, 4, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 224, 240];

/// What speaks against a host of this profile starting that many vCPUs, or nothing.
pub fn vcpus_warning(profile: &LaunchProfile, vcpus: VcpuCount) -> Option<Warning> {
    let number = vcpus.number();
    let is_odd = profile.vmm == crate::profile::Vmm::Gce && !GCE_VCPUS.contains(&number);
    is_odd.then_some(Warning::GceVcpus(number))
}

/// An SNP launch that can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    before: Vec<LaunchUpdate>,
    vmsas: VmsaUpdates,
    vcpus: VcpuCount,
    warnings: Vec<Warning>,
}

impl Launch {
    /// The launch updates, in order. The firmware's pages are one region.
    pub fn updates(&self) -> impl Iterator<Item = LaunchUpdate> + Clone {
        let vmsas = (0..self.vcpus.number()).map(|vcpu| self.vmsas.of_vcpu(vcpu));
        self.before.iter().copied().chain(vmsas)
    }

    /// The VMSA pages.
    pub fn pages(&self) -> &VmsaPages {
        &self.vmsas.pages
    }

    /// The VMSA updates, which do not depend on what was loaded before.
    pub fn vmsas(&self) -> &VmsaUpdates {
        &self.vmsas
    }

    /// The launch digest before the first VMSA.
    pub fn digest_before_vmsas(&self) -> LaunchDigest {
        fold(LaunchDigest::START, self.before.iter().copied())
    }

    /// The launch digest.
    pub fn digest(&self) -> LaunchDigest {
        fold(LaunchDigest::START, self.updates())
    }

    /// Every update with the digest after it.
    pub fn trace(&self) -> impl Iterator<Item = (LaunchUpdate, LaunchDigest)> {
        trace(self.updates())
    }

    /// What the digest's reader should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// A guest's VMSA updates, ready for any number of vCPUs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VmsaUpdates {
    pages: VmsaPages,
    gpa: Gpa,
    bsp: PageDigest,
    ap: PageDigest,
}

impl VmsaUpdates {
    /// The updates of these pages, at the profile's address.
    pub fn new(profile: &LaunchProfile, pages: VmsaPages) -> Self {
        Self {
            gpa: profile.vmsa_gpa,
            bsp: PageDigest::of(pages.bsp.as_bytes()),
            ap: PageDigest::of(pages.ap.as_bytes()),
            pages,
        }
    }

    /// The pages.
    pub fn pages(&self) -> &VmsaPages {
        &self.pages
    }

    /// The update of a vCPU by its index, from 0.
    pub fn of_vcpu(&self, vcpu: u32) -> LaunchUpdate {
        let contents = if vcpu == 0 { self.bsp } else { self.ap };
        LaunchUpdate::Vmsa { gpa: self.gpa, vcpu, contents }
    }

    /// The digests of the same guest with 1, 2, 3 … vCPUs, each for the cost of one update. Endless.
    ///
    /// `before` is [`Launch::digest_before_vmsas`], of any launch that loads what these guests load.
    pub fn digests(&self, before: LaunchDigest) -> impl Iterator<Item = LaunchDigest> + use<'_> {
        let mut digest = before;
        (0u32..).map(move |vcpu| {
            digest = page_info::extend(digest, &self.of_vcpu(vcpu));
            digest
        })
    }
}

/// A launch digest taken on by updates.
pub fn fold(start: LaunchDigest, updates: impl Iterator<Item = LaunchUpdate>) -> LaunchDigest {
    updates.fold(start, |digest, update| page_info::extend(digest, &update))
}

/// Every update with the digest after it, from the start.
pub fn trace(
    updates: impl Iterator<Item = LaunchUpdate>,
) -> impl Iterator<Item = (LaunchUpdate, LaunchDigest)> {
    let mut digest = LaunchDigest::START;
    updates.map(move |update| {
        digest = page_info::extend(digest, &update);
        (update, digest)
    })
}
