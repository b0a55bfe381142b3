//! SEV-ES: SEV's digest, and after it the VMSA of every vCPU.
//!
//! Defined by [SEV-API, LAUNCH_UPDATE_VMSA], in the order of [QEMU, sev_launch_get_measure]: the VMSAs come last, by vCPU
//! index. What a VMSA holds is the host's doing, so a guest here has a launch profile. The FPU state, over which published
//! tools disagree, is off in QEMU's default launch on every kernel.

use alloc::vec::Vec;

use crate::error::Error;
use crate::firmware::AbsorbedFirmware;
use crate::hash::{CompressSha256, Midstate, Portable};
use crate::kernel_hashes::KernelHashes;
use crate::profile::{LaunchProfile, Loads};
use crate::sev;
use crate::vcpus::VcpuCount;
use crate::vmsa::{VmsaPages, Vmsas};
use crate::warning::Warning;
use sev_launch_abi::{SevFeatures, Technology};

pub use crate::sev::{LaunchDigest, LaunchUpdate};

/// What a SEV-ES guest is started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest<'a> {
    /// The firmware.
    pub firmware: &'a AbsorbedFirmware,
    /// The hashes of a measured kernel; nothing where QEMU's `kernel-hashes` is off or no kernel is given.
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
    /// no signature where the profile needs one; features with bit 0.
    pub fn launch(&self) -> Result<Launch<'a>, Error> {
        self.profile.check(Technology::SevEs)?;
        if self.profile.loads != Loads::Firmware {
            return Err(Error::ProfileOfLibkrun { profile: self.profile.name });
        }
        let before = sev::Launch::new(self.firmware, self.kernel_hashes)?;
        let pages = self.profile.pages_of(self.firmware, &self.vmsas, self.vcpus)?;
        // Captured pages have not been looked at yet.
        for page in [&pages.bsp, &pages.ap] {
            let features = page.sev_features();
            if features.contains(SevFeatures::SNP_ACTIVE) {
                return Err(Error::SevEsFeatures { found: features.0 });
            }
        }
        let mut warnings = before.warnings();
        warnings.extend(vmsa_warnings(self.profile, &self.vmsas, &pages));
        Ok(Launch { before, pages, vcpus: self.vcpus, warnings })
    }
}

/// A SEV-ES launch that can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch<'a> {
    before: sev::Launch<'a>,
    pages: VmsaPages,
    vcpus: VcpuCount,
    warnings: Vec<Warning>,
}

impl<'a> Launch<'a> {
    /// The launch before its VMSAs, which guests that differ in VMSAs alone share.
    pub fn before_vmsas(&self) -> &sev::Launch<'a> {
        &self.before
    }

    /// The launch updates, in order.
    pub fn updates(&self) -> impl Iterator<Item = LaunchUpdate<'_>> {
        let vmsas = (0..self.vcpus.number())
            .map(|vcpu| LaunchUpdate::Vmsa { vcpu, page: self.pages.of_vcpu(vcpu) });
        self.before.updates().chain(vmsas)
    }

    /// The VMSA pages.
    pub fn pages(&self) -> &VmsaPages {
        &self.pages
    }

    /// The launch digest.
    pub fn digest(&self) -> LaunchDigest {
        let count = usize::try_from(self.vcpus.number()).unwrap_or(usize::MAX);
        let last = digests(self.before.midstate(), &self.pages).nth(count - 1);
        // The iterator is endless, so there always is one.
        last.unwrap_or_else(|| LaunchDigest::from_bytes([0; 32]))
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

/// The digests of the same guest with 1, 2, 3 … vCPUs, each for the cost of one page. Endless.
///
/// `before` is the state before the VMSAs: [`sev::Launch::midstate`]. Cloning that state is how many guests that differ
/// in their vCPUs alone are computed.
pub fn digests(before: Midstate, pages: &VmsaPages) -> impl Iterator<Item = LaunchDigest> {
    digests_with(Portable, before, pages)
}

/// The same, by the given compression.
pub fn digests_with(
    compression: impl CompressSha256,
    mut state: Midstate,
    pages: &VmsaPages,
) -> impl Iterator<Item = LaunchDigest> {
    core::iter::once(&pages.bsp).chain(core::iter::repeat(&pages.ap)).map(move |page| {
        state.update_with(&compression, page.as_bytes());
        LaunchDigest::from_bytes(state.finish_with(&compression))
    })
}

/// What is odd about VMSAs, for SEV-ES and SNP.
pub(crate) fn vmsa_warnings(
    profile: &LaunchProfile,
    vmsas: &Vmsas,
    pages: &VmsaPages,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let features = pages.sev_features();
    let unknown = features.unknown_to_hosts();
    if unknown.0 != 0 {
        warnings.push(Warning::UnknownFeatures { features, unknown });
    }
    if profile.technology == Technology::Snp && !features.contains(SevFeatures::SNP_ACTIVE) {
        warnings.push(Warning::NoSnpActive { features });
    }
    if let (Vmsas::Profile { signature: Some(signature), .. }, crate::profile::RdxRule::Signature) =
        (vmsas, profile.rdx)
    {
        warnings.extend(crate::cpu::doubt(*signature, profile.technology).map(Warning::Cpu));
    }
    if profile.confidence == crate::profile::Confidence::Inferred {
        warnings.push(Warning::Unconfirmed { profile: profile.name });
    }
    warnings
}
