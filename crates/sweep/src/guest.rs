//! One guest of any technology, but for the number of its vCPUs: the only place that asks which kind of guest needs what.
//!
//! A launch has two parts that guests share in different ways: what is loaded before the VMSAs, and the VMSAs. [`Guest::before`]
//! and [`Guest::vmsas`] give them apart, so that who goes through many guests computes each once; [`VmsaUpdates::digests`] puts
//! them together for 1, 2, 3 … vCPUs in one chain.
//!
//! The crate's example calls it through [`Sweep`](crate::Sweep).

use std::fmt::Display;

use sev_launch_abi::{CpuSignature, LaunchDigest, Technology};
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::hash::{Backend, Midstate};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::LaunchProfile;
use sev_launch_digest::snp::Svsm;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{VmsaPages, Vmsas};
use sev_launch_digest::{Error, Launch, Warning, libkrun, sev, sev_es, snp};

use crate::boot::KrunFiles;

/// One launch update of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceStep {
    /// What was taken in, in words.
    pub update: String,
    /// The digest after it.
    pub digest: LaunchDigest,
}

impl<U: Display, D: Into<LaunchDigest>> From<(U, D)> for TraceStep {
    fn from((update, digest): (U, D)) -> Self {
        Self { update: update.to_string(), digest: digest.into() }
    }
}

/// What a guest is started from, but for the number of its vCPUs.
#[derive(Clone, Debug)]
pub struct Guest<'a> {
    /// The firmware.
    pub firmware: &'a AbsorbedFirmware,
    /// The hashes of a measured kernel.
    pub kernel_hashes: Option<KernelHashes>,
    /// An SVSM that is started before the firmware.
    pub svsm: Option<&'a Svsm>,
    /// libkrun's files, in place of firmware and kernel.
    pub krun: Option<&'a KrunFiles>,
    /// What is launched of it.
    pub launched: Launched,
}

/// What is launched.
#[derive(Clone, Debug)]
pub enum Launched {
    /// A plain SEV guest, which measures no VMSA.
    Sev,
    /// The firmware's part of an SNP guest.
    SnpFirmware,
    /// A guest of the profile's technology, whose VMSAs are measured.
    WithVmsas {
        /// What the host does.
        profile: &'static LaunchProfile,
        /// Where the VMSAs come from.
        vmsas: Vmsas,
    },
}

impl<'a> Guest<'a> {
    /// The profile of what is launched; `None` if no VMSA is measured.
    pub fn profile(&self) -> Option<&'static LaunchProfile> {
        match &self.launched {
            Launched::WithVmsas { profile, .. } => Some(profile),
            Launched::Sev | Launched::SnpFirmware => None,
        }
    }

    /// The launch with that many vCPUs; `None` for the firmware alone, which is no launch.
    ///
    /// Errors: what its VMM or KVM would refuse.
    pub fn launch(&self, vcpus: VcpuCount) -> Result<Option<Launch<'a>>, Error> {
        let (firmware, kernel_hashes, svsm) = (self.firmware, self.kernel_hashes, self.svsm);
        let Launched::WithVmsas { profile, vmsas } = &self.launched else {
            return match self.launched {
                Launched::SnpFirmware => Ok(None),
                _ => Ok(Some(Launch::Sev(sev::Guest { firmware, kernel_hashes }.launch()?))),
            };
        };
        let vmsas = vmsas.clone();
        if let Some(KrunFiles { qboot, kernel, initrd, kernel_gpa }) = self.krun {
            let kernel_gpa = *kernel_gpa;
            let guest = libkrun::Guest { qboot, kernel, kernel_gpa, initrd, vcpus, profile, vmsas };
            return guest.launch().map(Some);
        }
        Ok(Some(match profile.technology {
            Technology::Snp => {
                let guest = snp::Guest { firmware, kernel_hashes, svsm, vcpus, profile, vmsas };
                Launch::Snp(guest.launch()?)
            }
            Technology::Sev | Technology::SevEs => {
                let guest = sev_es::Guest { firmware, kernel_hashes, vcpus, profile, vmsas };
                Launch::SevEs(guest.launch()?)
            }
        }))
    }

    /// Is there such a launch, with that many vCPUs, and what should its reader know?
    ///
    /// Errors: those of [`Guest::launch`].
    pub fn check(&self, vcpus: VcpuCount) -> Result<Vec<Warning>, Error> {
        if let Some(launch) = self.launch(vcpus)? {
            return Ok(launch.warnings().to_vec());
        }
        self.firmware.snp_digest()?;
        Ok(self.firmware.warnings().to_vec())
    }

    /// Every launch update with the digest after it. With the image at hand, its pages stand in place of its region in SNP.
    ///
    /// Errors: those of [`Guest::launch`].
    pub fn trace(&self, vcpus: VcpuCount, image: Option<&[u8]>) -> Result<Vec<TraceStep>, Error> {
        let launch = self.launch(vcpus)?;
        if let (Some(Launch::Snp(launch)), Some(image)) = (&launch, image) {
            let pages = Firmware::parse(image)?.page_updates()?;
            let updates = pages.chain(launch.updates().skip(1));
            return Ok(snp::trace(updates).map(TraceStep::from).collect());
        }
        Ok(launch.iter().flat_map(Launch::trace).map(TraceStep::from).collect())
    }

    /// The digest before the VMSAs, on which it does not depend.
    ///
    /// Errors: those of [`Guest::launch`], as far as they are not of the VMSAs.
    pub fn before(&self, backend: &impl Backend) -> Result<Before, Error> {
        let (firmware, kernel_hashes, svsm) = (self.firmware, self.kernel_hashes, self.svsm);
        match &self.launched {
            Launched::WithVmsas { profile, vmsas } if profile.technology == Technology::Snp => {
                let vmsas = match vmsas {
                    Vmsas::Captured { .. } => vmsas.clone(),
                    Vmsas::Profile { .. } => Vmsas::of_signature(CpuSignature(0)),
                };
                let vcpus = VcpuCount::ONE;
                let guest = snp::Guest { firmware, kernel_hashes, svsm, vcpus, profile, vmsas };
                Ok(Before::Snp(guest.launch()?.before_vmsas()))
            }
            Launched::SnpFirmware => Ok(Before::Snp(firmware.snp_digest()?)),
            Launched::Sev | Launched::WithVmsas { .. } => {
                let launch = sev::Guest { firmware, kernel_hashes }.launch()?;
                Ok(Before::Sev(launch.midstate(backend)))
            }
        }
    }

    /// The VMSAs, which depend on nothing that is loaded before them but the firmware's reset address.
    ///
    /// Errors: no reset address or signature though the profile needs one; SNP's bit in SEV-ES.
    pub fn vmsas(&self) -> Result<VmsaUpdates, Error> {
        let Launched::WithVmsas { profile, vmsas } = &self.launched else {
            return Ok(VmsaUpdates::None);
        };
        if let Some(svsm) = self.svsm {
            // Where an SVSM starts, it alone knows.
            let (firmware, vmsas, vcpus) = (self.firmware, vmsas.clone(), VcpuCount::ONE);
            let (kernel_hashes, svsm) = (None, Some(svsm));
            let guest = snp::Guest { firmware, kernel_hashes, svsm, vcpus, profile, vmsas };
            let launch = guest.launch()?;
            let vmsas = launch.vmsas().cloned();
            return Ok(vmsas.map_or(VmsaUpdates::None, VmsaUpdates::Snp));
        }
        let pages = match vmsas {
            Vmsas::Captured { bsp, ap } => {
                let ap = ap.clone().unwrap_or_else(|| bsp.clone());
                VmsaPages::new(profile.technology, bsp.clone(), ap)?
            }
            Vmsas::Profile { signature, sev_features } => {
                let needed = profile.needs_reset_address;
                let reset = needed.then(|| self.firmware.reset_address()).transpose()?;
                profile.vmsa_pages(reset, *signature, *sev_features)?
            }
        };
        Ok(match profile.technology {
            Technology::Snp => VmsaUpdates::Snp(snp::VmsaUpdates::new(profile, pages)),
            Technology::Sev | Technology::SevEs => {
                VmsaUpdates::SevEs(sev_es::VmsaUpdates::new(pages))
            }
        })
    }
}

/// A launch digest on its way: after all that is loaded before the VMSAs.
#[derive(Clone, Debug)]
pub enum Before {
    /// Of SEV and SEV-ES.
    Sev(Midstate),
    /// Of SNP.
    Snp(snp::LaunchDigest),
}

/// The VMSAs of a guest, ready for any number of vCPUs.
#[derive(Clone, Debug)]
pub enum VmsaUpdates {
    /// None is measured.
    None,
    /// Of SEV-ES.
    SevEs(sev_es::VmsaUpdates),
    /// Of SNP.
    Snp(snp::VmsaUpdates),
}

impl VmsaUpdates {
    /// The digests of the same guest with 1, 2, 3 … vCPUs, each for the cost of one page. Endless; without VMSAs it is the same
    /// digest again and again. `None` if `before` is of another technology.
    ///
    /// `late` of them, the last ones, start with the first one's registers.
    pub fn digests<'u>(
        &'u self,
        before: Before,
        late: u32,
        backend: &'u impl Backend,
    ) -> Option<Box<dyn Iterator<Item = LaunchDigest> + 'u>> {
        Some(match (self, before) {
            (Self::None, before) => Box::new(core::iter::repeat(before.finish(backend))),
            (Self::SevEs(updates), Before::Sev(state)) => {
                let digests = updates.digests_with_late(state, backend, late);
                Box::new(digests.map(LaunchDigest::Sev))
            }
            (Self::Snp(updates), Before::Snp(digest)) => {
                Box::new(updates.digests_with_late(digest, late).map(LaunchDigest::Snp))
            }
            (Self::SevEs(_), Before::Snp(_)) | (Self::Snp(_), Before::Sev(_)) => return None,
        })
    }

    /// The digest with one number of vCPUs, without those of smaller numbers. `None` if `before` is of another technology.
    pub fn digest(
        &self,
        before: Before,
        vcpus: VcpuCount,
        backend: &impl Backend,
    ) -> Option<LaunchDigest> {
        Some(match (self, before) {
            (Self::None, before) => before.finish(backend),
            (Self::SevEs(updates), Before::Sev(state)) => {
                updates.digest(state, vcpus, backend).into()
            }
            (Self::Snp(updates), Before::Snp(digest)) => updates.digest(digest, vcpus).into(),
            (Self::SevEs(_), Before::Snp(_)) | (Self::Snp(_), Before::Sev(_)) => return None,
        })
    }
}

impl Before {
    fn finish(self, backend: &impl Backend) -> LaunchDigest {
        match self {
            Self::Sev(state) => sev::LaunchDigest::from_bytes(state.finish_with(backend)).into(),
            Self::Snp(digest) => digest.into(),
        }
    }
}
