//! SEV-SNP: a SHA-384 chain over pages.
//!
//! Defined by [SNP-ABI, SNP_LAUNCH_UPDATE] and its PAGE_INFO structure; the order of pages is the VMM's:
//! the firmware's, those of its metadata sections, and, measured by KVM itself at the end, a VMSA for each vCPU. The
//! policy, host data and the ID block are no part of the digest. In a report this digest is the MEASUREMENT field. The crate's
//! own page has an example.

use alloc::vec::Vec;

mod page_info;
pub(crate) mod pages;
mod sections;
pub mod svsm;
pub(crate) mod update;

pub use sev_launch_abi::snp::LaunchDigest;
pub use svsm::Svsm;
pub use update::{LaunchUpdate, PageDigest, Update};

use crate::error::Error;
use crate::firmware::absorbed::AbsorbedFirmware;
use crate::kernel_hashes::KernelHashes;
use crate::profile::facts::{KernelHashing, LaunchProfile, Loads};
use crate::vcpus::VcpuCount;
use crate::vmsa::{VmsaPages, Vmsas};
use crate::warning::Warning;
use sev_launch_abi::{Gpa, Technology};

/// What an SNP guest is started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest<'a> {
    /// The firmware.
    pub firmware: &'a AbsorbedFirmware,
    /// The hashes of a measured kernel; `None` if QEMU's `kernel-hashes` is off or no kernel is given.
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
    /// without an area or a section for them; no reset address, or 0; no signature though the profile needs one.
    pub fn launch(&self) -> Result<Launch, Error> {
        self.profile.check_firmware(Technology::Snp)?;
        let wants_svsm = self.profile.loads == Loads::FirmwareAndSvsm;
        if wants_svsm != self.svsm.is_some() {
            return Err(Error::ProfileSvsm { profile: self.profile.name, wanted: wants_svsm });
        }
        let (size, digest_after) = (self.firmware.size(), self.firmware.snp_digest()?);
        let firmware = Update::Region { name: "firmware", size, digest_after };
        let mut before = alloc::vec![firmware.at(self.firmware.gpa())];
        // The tables that count are the SVSM's, if there is one.
        let tables = self.svsm.map_or(self.firmware, Svsm::firmware);
        if let Some(svsm) = self.svsm {
            if self.kernel_hashes.is_some() {
                return Err(Error::ProfileWithoutKernelHashes { profile: self.profile.name });
            }
            before.push(svsm.region());
        }
        before.extend(sections::updates(tables, self.profile, self.kernel_hashes.as_ref())?);
        let mut pages =
            self.profile.pages_of(|| tables.reset_address(), &self.vmsas, self.vcpus)?;
        if let (Some(svsm), Vmsas::Profile { .. }) = (self.svsm, &self.vmsas) {
            pages.bsp = self.profile.svsm_page(&pages.bsp, svsm.entry());
            pages.ap = pages.bsp.clone();
        }
        let mut warnings = self.firmware.warnings().to_vec();
        warnings.extend(self.kernel_hashes.and_then(|_| self.firmware.hashes_warning()));
        warnings.extend(self.svsm.iter().flat_map(|svsm| svsm.firmware().warnings()).cloned());
        warnings.extend(self.profile.vmsa_warnings(&self.vmsas, &pages));
        warnings.extend(self.profile.vcpus_warning(self.vcpus));
        if self.kernel_hashes.is_some() && self.profile.kernel_hashes == KernelHashing::ToolsOnly {
            warnings.push(Warning::KernelOfNoHost { profile: self.profile.name });
        }
        let vmsas = Some(VmsaUpdates::new(self.profile, pages));
        Ok(Launch { before, vmsas, vcpus: self.vcpus, warnings })
    }
}

/// An SNP launch that can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    pub(crate) before: Vec<LaunchUpdate>,
    /// `None` where they are measured among what comes before.
    pub(crate) vmsas: Option<VmsaUpdates>,
    pub(crate) vcpus: VcpuCount,
    pub(crate) warnings: Vec<Warning>,
}

impl Launch {
    /// The launch updates, in order. The firmware's pages are one region.
    pub fn updates(&self) -> impl Iterator<Item = LaunchUpdate> + Clone {
        let of_vcpu = |vcpu| Some(self.vmsas.as_ref()?.of_vcpu(vcpu, self.vcpus));
        let vmsas = (0..self.vcpus.number()).filter_map(of_vcpu);
        self.before.iter().copied().chain(vmsas)
    }

    /// The VMSA updates after all others, which do not depend on what was loaded before; `None` where the loader of an IGVM file measures
    /// VMSAs among its pages.
    pub fn vmsas(&self) -> Option<&VmsaUpdates> {
        self.vmsas.as_ref()
    }

    /// The launch digest before the first VMSA, which launches that differ in their VMSAs alone share.
    pub fn before_vmsas(&self) -> LaunchDigest {
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
    /// Of vCPUs that have pages of their own, by index.
    own: Vec<(u32, PageDigest)>,
}

impl VmsaUpdates {
    /// The updates of these pages, at the profile's address.
    pub fn new(profile: &LaunchProfile, pages: VmsaPages) -> Self {
        Self {
            gpa: profile.vmsa_gpa,
            bsp: PageDigest::of(pages.bsp.as_bytes()),
            ap: PageDigest::of(pages.ap.as_bytes()),
            own: pages.own().map(|(vcpu, page)| (vcpu, PageDigest::of(page.as_bytes()))).collect(),
            pages,
        }
    }

    /// The pages.
    pub fn pages(&self) -> &VmsaPages {
        &self.pages
    }

    /// The update of a vCPU by its index, from 0, in a guest of that many.
    pub fn of_vcpu(&self, vcpu: u32, vcpus: VcpuCount) -> LaunchUpdate {
        let shared = if vcpus.starts_as_first(vcpu) { self.bsp } else { self.ap };
        let contents = self.own(vcpu).unwrap_or(shared);
        Update::Vmsa { vcpu, contents }.at(self.gpa)
    }

    fn own(&self, vcpu: u32) -> Option<PageDigest> {
        let index = self.own.binary_search_by_key(&vcpu, |(vcpu, _)| *vcpu).ok()?;
        self.own.get(index).map(|(_, digest)| *digest)
    }

    /// The digest of the guest with that many vCPUs. `before` is [`Launch::before_vmsas`], of any launch that loads what
    /// this guest loads.
    pub fn digest(&self, before: LaunchDigest, vcpus: VcpuCount) -> LaunchDigest {
        fold(before, (0..vcpus.number()).map(|vcpu| self.of_vcpu(vcpu, vcpus)))
    }

    /// The digests of the same guest with 1, 2, 3 … vCPUs, each for the cost of one update. Endless.
    pub fn digests(&self, before: LaunchDigest) -> impl Iterator<Item = LaunchDigest> + use<'_> {
        self.digests_with_late(before, 0)
    }

    /// The same with so many late vCPUs, or as many as that number of vCPUs can have, each for the cost of one update more.
    pub fn digests_with_late(
        &self,
        before: LaunchDigest,
        late: u32,
    ) -> impl Iterator<Item = LaunchDigest> + use<'_> {
        let update = |vcpu, contents| Update::Vmsa { vcpu, contents }.at(self.gpa);
        // The state after those that are not late, which the next number shares.
        let first = self.own(0).unwrap_or(self.bsp);
        let mut digest = page_info::extend(before, &update(0, first));
        let mut done = 1;
        (1_u32..).map(move |number| {
            let late = late.min(number - 1);
            if number - late > done {
                let contents = self.own(done).unwrap_or(self.ap);
                digest = page_info::extend(digest, &update(done, contents));
                done += 1;
            }
            fold(digest, (done..number).map(|vcpu| update(vcpu, first)))
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
