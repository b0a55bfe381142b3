//! SEV-ES: SEV's digest, and after it the VMSA of every vCPU.
//!
//! Defined by [SEV-API, LAUNCH_UPDATE_VMSA], in the order of [QEMU, sev_launch_get_measure]: the VMSAs come last, by vCPU
//! index. What a VMSA holds is the host's doing, so a guest here has a launch profile. The FPU state, over which published
//! tools disagree, is off in QEMU's default launch on every kernel.
//!
//! ```
//! use sev_launch_digest::hash::Portable;
//! use sev_launch_digest::{CpuModel, Firmware, VcpuCount, Vmsas, profile, sev_es};
//!
//! # let image = sev_launch_testkit::firmware::FirmwareBuilder::amd_sev().build();
//! let firmware = Firmware::parse(&image)?.absorb();
//! let launch = sev_es::Guest {
//!     firmware: &firmware,
//!     kernel_hashes: None,
//!     vcpus: VcpuCount::new(4)?,
//!     profile: profile::by_name("es-legacy")?,
//!     vmsas: Vmsas::of_signature(CpuModel::by_name("EPYC-Milan")?.signature),
//! }
//! .launch()?;
//! // Any number of vCPUs in one chain.
//! let before = launch.before_vmsas(&Portable);
//! let vmsas = launch.vmsas().expect("measured after the firmware");
//! assert_eq!(vmsas.digests(before, &Portable).nth(3), Some(launch.digest()));
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

use alloc::vec::Vec;

use crate::error::Error;
use crate::firmware::absorbed::AbsorbedFirmware;
use crate::hash::{Backend, Midstate, Portable};
use crate::kernel_hashes::KernelHashes;
use crate::profile::facts::LaunchProfile;
use crate::sev;
use crate::vcpus::VcpuCount;
use crate::vmsa::{VmsaPages, Vmsas};
use crate::warning::Warning;
use sev_launch_abi::Technology;

pub use crate::sev::{LaunchDigest, LaunchUpdate};

/// What a SEV-ES guest is started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest<'a> {
    /// The firmware.
    pub firmware: &'a AbsorbedFirmware,
    /// The hashes of a measured kernel; `None` if QEMU's `kernel-hashes` is off or no kernel is given.
    pub kernel_hashes: Option<KernelHashes>,
    /// How many vCPUs exist at launch.
    pub vcpus: VcpuCount,
    /// What the host does.
    pub profile: &'a LaunchProfile,
    /// Where the VMSAs come from.
    pub vmsas: Vmsas,
}

impl<'a> Guest<'a> {
    /// Checks what QEMU and KVM check, and makes the VMSAs.
    ///
    /// Errors: a profile of another technology or VMM; kernel hashes without an area for them; no reset address, or 0;
    /// no signature though the profile needs one; features with bit 0.
    pub fn launch(&self) -> Result<Launch<'a>, Error> {
        self.profile.check_firmware(Technology::SevEs)?;
        let before =
            sev::Guest { firmware: self.firmware, kernel_hashes: self.kernel_hashes }.launch()?;
        let reset = || self.firmware.reset_address();
        let pages = self.profile.pages_of(reset, &self.vmsas, self.vcpus)?;
        let mut warnings = before.warnings().to_vec();
        warnings.extend(self.profile.vmsa_warnings(&self.vmsas, &pages));
        let vmsas = Some(VmsaUpdates::new(pages));
        Ok(Launch { before, vmsas, vcpus: self.vcpus, warnings })
    }
}

/// A SEV-ES launch that can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch<'a> {
    pub(crate) before: sev::Launch<'a>,
    /// `None` where they are measured among what comes before.
    pub(crate) vmsas: Option<VmsaUpdates>,
    pub(crate) vcpus: VcpuCount,
    pub(crate) warnings: Vec<Warning>,
}

impl Launch<'_> {
    /// The launch updates, in order.
    pub fn updates(&self) -> impl Iterator<Item = LaunchUpdate<'_>> {
        let of_vcpu = |vcpu| Some(self.vmsas.as_ref()?.of_vcpu(vcpu, self.vcpus));
        let vmsas = (0..self.vcpus.number()).filter_map(of_vcpu);
        self.before.updates().chain(vmsas)
    }

    /// The VMSA updates after all others, which do not depend on what was loaded before; `None` where the loader of an IGVM file measures
    /// VMSAs among its pages.
    pub fn vmsas(&self) -> Option<&VmsaUpdates> {
        self.vmsas.as_ref()
    }

    /// The SHA-256 before the first VMSA, which launches that differ in their VMSAs alone share.
    pub fn before_vmsas(&self, backend: &impl Backend) -> Midstate {
        self.before.midstate(backend)
    }

    /// The launch digest.
    pub fn digest(&self) -> LaunchDigest {
        let before = self.before_vmsas(&Portable);
        match &self.vmsas {
            Some(vmsas) => vmsas.digest(before, self.vcpus, &Portable),
            None => LaunchDigest::from_bytes(before.finish()),
        }
    }

    /// Every update with the digest after it.
    pub fn trace(&self) -> impl Iterator<Item = (LaunchUpdate<'_>, LaunchDigest)> {
        sev::trace(self.updates())
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
}

impl VmsaUpdates {
    /// The updates of these pages.
    pub fn new(pages: VmsaPages) -> Self {
        Self { pages }
    }

    /// The pages.
    pub fn pages(&self) -> &VmsaPages {
        &self.pages
    }

    /// The update of a vCPU by its index, from 0, in a guest of that many.
    pub fn of_vcpu(&self, vcpu: u32, vcpus: VcpuCount) -> LaunchUpdate<'_> {
        LaunchUpdate::Vmsa { vcpu, page: self.pages.of_vcpu(vcpu, vcpus) }
    }

    /// The digest of the guest with that many vCPUs. `before` is [`Launch::before_vmsas`], of any launch that loads what
    /// this guest loads.
    pub fn digest(
        &self,
        before: Midstate,
        vcpus: VcpuCount,
        backend: &impl Backend,
    ) -> LaunchDigest {
        let mut state = before;
        (0..vcpus.number()).for_each(|vcpu| self.of_vcpu(vcpu, vcpus).fold(&mut state, backend));
        LaunchDigest::from_bytes(state.finish_with(backend))
    }

    /// The digests of the same guest with 1, 2, 3 … vCPUs, each for the cost of one page. Endless.
    pub fn digests<'v, B: Backend>(
        &'v self,
        before: Midstate,
        backend: &'v B,
    ) -> impl Iterator<Item = LaunchDigest> + use<'v, B> {
        self.digests_with_late(before, backend, 0)
    }

    /// The same with so many late vCPUs, or as many as that number of vCPUs can have, each for the cost of one page more.
    pub fn digests_with_late<'v, B: Backend>(
        &'v self,
        before: Midstate,
        backend: &'v B,
        late: u32,
    ) -> impl Iterator<Item = LaunchDigest> + use<'v, B> {
        // The state after those that are not late, which the next number shares.
        let mut state = before;
        state.update_with(backend, self.pages.first().as_bytes());
        let mut done = 1;
        (1_u32..).map(move |number| {
            let late = late.min(number - 1);
            if number - late > done {
                state.update_with(backend, self.pages.further(done).as_bytes());
                done += 1;
            }
            let mut whole = state.clone();
            (0..late).for_each(|_| whole.update_with(backend, self.pages.first().as_bytes()));
            LaunchDigest::from_bytes(whole.finish_with(backend))
        })
    }
}
