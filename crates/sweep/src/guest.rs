//! One guest of any technology: what it is started from, and the digests that follow for any number of vCPUs.
//!
//! A launch has two parts that guests share in different ways: what is loaded before the VMSAs, and the VMSAs. [`Guest::before`]
//! and [`Guest::vmsas`] give them apart, so that who goes through many guests computes each once; [`VmsaUpdates::digests`] puts
//! them together for 1, 2, 3 … vCPUs in one chain.

use sev_launch_abi::{CpuSignature, LaunchDigest, SevFeatures, Technology};
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::hash::{CompressSha256, Midstate};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::{Confidence, LaunchProfile};
use sev_launch_digest::snp::Svsm;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{VmsaPages, Vmsas};
use sev_launch_digest::{Error, Warning, libkrun, sev, sev_es, snp};

use crate::boot::KrunFiles;
use crate::rows::TraceStep;

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
    SevEs(VmsaPages),
    /// Of SNP.
    Snp(snp::VmsaUpdates),
}

impl<'a> Guest<'a> {
    /// The profile of what is launched; `None` if no VMSA is measured.
    pub fn profile(&self) -> Option<&'static LaunchProfile> {
        match &self.launched {
            Launched::WithVmsas { profile, .. } => Some(profile),
            Launched::Sev | Launched::SnpFirmware => None,
        }
    }

    /// Is there such a launch, with that many vCPUs, and what should its reader know?
    ///
    /// Errors: what its VMM or KVM would refuse.
    pub fn check(&self, vcpus: VcpuCount) -> Result<Vec<Warning>, Error> {
        match (&self.launched, self.krun) {
            (Launched::SnpFirmware, _) => {
                self.firmware.snp_digest()?;
                Ok(self.firmware.warnings().to_vec())
            }
            (Launched::Sev, _) => Ok(self.sev().launch()?.warnings()),
            (Launched::WithVmsas { profile, .. }, Some(_)) => {
                let unconfirmed = profile.confidence == Confidence::Inferred;
                let warning = unconfirmed.then_some(Warning::Unconfirmed { profile: profile.name });
                Ok(warning.into_iter().collect())
            }
            (Launched::WithVmsas { profile, vmsas }, None) => match profile.technology {
                Technology::Snp => {
                    Ok(self.snp(profile, vmsas, vcpus).launch()?.warnings().to_vec())
                }
                Technology::Sev | Technology::SevEs => {
                    Ok(self.sev_es(profile, vmsas, vcpus).launch()?.warnings().to_vec())
                }
            },
        }
    }

    /// Both parts of the launch digest, of a launch with that many vCPUs at most.
    ///
    /// Errors: those of [`Guest::check`].
    pub fn launch(
        &self,
        vcpus: VcpuCount,
        compression: &impl CompressSha256,
    ) -> Result<(Before, VmsaUpdates), Error> {
        let Launched::WithVmsas { profile, vmsas } = &self.launched else {
            return Ok((self.before(compression)?, VmsaUpdates::None));
        };
        match profile.technology {
            Technology::Snp => {
                let launch = self.snp(profile, vmsas, vcpus).launch()?;
                let before = Before::Snp(launch.digest_before_vmsas());
                Ok((before, VmsaUpdates::Snp(launch.vmsas().clone())))
            }
            Technology::Sev | Technology::SevEs => {
                let launch = self.sev_es(profile, vmsas, vcpus).launch()?;
                let before = Before::Sev(launch.before_vmsas().midstate_with(compression));
                Ok((before, VmsaUpdates::SevEs(launch.pages().clone())))
            }
        }
    }

    /// The digest before the VMSAs, of which it does not depend.
    ///
    /// Errors: those of [`Guest::check`], as far as they are not of the VMSAs.
    pub fn before(&self, compression: &impl CompressSha256) -> Result<Before, Error> {
        match &self.launched {
            Launched::WithVmsas { profile, vmsas } if profile.technology == Technology::Snp => {
                let vmsas = match vmsas {
                    Vmsas::Captured { .. } => vmsas,
                    Vmsas::Profile { .. } => &Vmsas::of_signature(CpuSignature(0)),
                };
                let launch = self.snp(profile, vmsas, VcpuCount::ONE).launch()?;
                Ok(Before::Snp(launch.digest_before_vmsas()))
            }
            Launched::SnpFirmware => Ok(Before::Snp(self.firmware.snp_digest()?)),
            Launched::Sev | Launched::WithVmsas { .. } => {
                Ok(Before::Sev(self.sev().launch()?.midstate_with(compression)))
            }
        }
    }

    /// The VMSAs, which do not depend on what is loaded before them but for the firmware's reset address.
    ///
    /// Errors: no reset address or signature where the profile needs one; SNP's bit in SEV-ES.
    pub fn vmsas(&self) -> Result<VmsaUpdates, Error> {
        let Launched::WithVmsas { profile, vmsas } = &self.launched else {
            return Ok(VmsaUpdates::None);
        };
        let pages = match vmsas {
            Vmsas::Captured { bsp, ap } => {
                VmsaPages { bsp: bsp.clone(), ap: ap.clone().unwrap_or_else(|| bsp.clone()) }
            }
            Vmsas::Profile { signature, sev_features } => {
                let reset = match profile.needs_reset_address() {
                    true => Some(self.firmware.reset_address()?),
                    false => None,
                };
                profile.vmsa_pages(reset, *signature, *sev_features)?
            }
        };
        if profile.technology == Technology::Snp {
            return Ok(VmsaUpdates::Snp(snp::VmsaUpdates::new(profile, pages)));
        }
        for page in [&pages.bsp, &pages.ap] {
            let features = page.sev_features();
            if features.contains(SevFeatures::SNP_ACTIVE) {
                return Err(Error::SevEsFeatures { found: features.0 });
            }
        }
        Ok(VmsaUpdates::SevEs(pages))
    }

    /// Every launch update with the digest after it. With the image at hand, its pages stand in place of its region in SNP.
    ///
    /// Errors: those of [`Guest::check`].
    pub fn trace(&self, vcpus: VcpuCount, image: Option<&[u8]>) -> Result<Vec<TraceStep>, Error> {
        match &self.launched {
            Launched::SnpFirmware => Ok(Vec::new()),
            Launched::Sev => Ok(self.sev().launch()?.trace().map(TraceStep::from).collect()),
            Launched::WithVmsas { profile, vmsas } => match profile.technology {
                Technology::Snp => {
                    let launch = self.snp(profile, vmsas, vcpus).launch()?;
                    let pages: Vec<_> = match image {
                        Some(image) => Firmware::parse(image)?.page_updates()?.collect(),
                        None => Vec::new(),
                    };
                    let rest = launch.updates().skip(usize::from(!pages.is_empty()));
                    Ok(snp::trace(pages.into_iter().chain(rest)).map(TraceStep::from).collect())
                }
                Technology::Sev | Technology::SevEs => {
                    let launch = self.sev_es(profile, vmsas, vcpus).launch()?;
                    Ok(launch.trace().map(TraceStep::from).collect())
                }
            },
        }
    }

    /// The digest of libkrun's files with that many vCPUs.
    pub(crate) fn krun_digest(
        &self,
        files: &KrunFiles,
        profile: &LaunchProfile,
        vmsas: &Vmsas,
        vcpus: VcpuCount,
    ) -> Result<LaunchDigest, Error> {
        let guest = libkrun::Guest {
            qboot: &files.qboot,
            kernel: &files.kernel,
            kernel_gpa: files.kernel_gpa,
            initrd: &files.initrd,
            vcpus,
            profile,
            vmsas: vmsas.clone(),
        };
        Ok(match profile.technology {
            Technology::Snp => guest.snp_digest()?.into(),
            Technology::Sev | Technology::SevEs => guest.sev_es_digest()?.into(),
        })
    }

    fn sev(&self) -> sev::Guest<'a> {
        sev::Guest { firmware: self.firmware, kernel_hashes: self.kernel_hashes }
    }

    fn sev_es(
        &self,
        profile: &'static LaunchProfile,
        vmsas: &Vmsas,
        vcpus: VcpuCount,
    ) -> sev_es::Guest<'a> {
        let (firmware, kernel_hashes) = (self.firmware, self.kernel_hashes);
        sev_es::Guest { firmware, kernel_hashes, vcpus, profile, vmsas: vmsas.clone() }
    }

    fn snp(
        &self,
        profile: &'static LaunchProfile,
        vmsas: &Vmsas,
        vcpus: VcpuCount,
    ) -> snp::Guest<'a> {
        let (firmware, kernel_hashes, svsm) = (self.firmware, self.kernel_hashes, self.svsm);
        snp::Guest { firmware, kernel_hashes, svsm, vcpus, profile, vmsas: vmsas.clone() }
    }
}

impl VmsaUpdates {
    /// The pages; `None` if none is measured.
    pub fn pages(&self) -> Option<&VmsaPages> {
        match self {
            Self::None => None,
            Self::SevEs(pages) => Some(pages),
            Self::Snp(updates) => Some(updates.pages()),
        }
    }

    /// The digests of the same guest with 1, 2, 3 … vCPUs, each for the cost of one page. Endless; without VMSAs it is the same
    /// digest again and again. `None` if `before` is of another technology.
    pub fn digests<'u>(
        &'u self,
        before: Before,
        compression: &'u impl CompressSha256,
    ) -> Option<Box<dyn Iterator<Item = LaunchDigest> + 'u>> {
        Some(match (self, before) {
            (Self::None, before) => Box::new(core::iter::repeat(before.finish(compression))),
            (Self::SevEs(pages), Before::Sev(state)) => {
                let digests = sev_es::digests_with(Shared(compression), state, pages);
                Box::new(digests.map(LaunchDigest::Sev))
            }
            (Self::Snp(updates), Before::Snp(digest)) => {
                Box::new(updates.digests(digest).map(LaunchDigest::Snp))
            }
            (Self::SevEs(_), Before::Snp(_)) | (Self::Snp(_), Before::Sev(_)) => return None,
        })
    }

    /// The digest with one number of vCPUs, without those of smaller numbers. `None` if `before` is of another technology.
    pub fn digest(
        &self,
        before: Before,
        vcpus: VcpuCount,
        compression: &impl CompressSha256,
    ) -> Option<LaunchDigest> {
        match (self, before) {
            (Self::SevEs(pages), Before::Sev(mut state)) => {
                for vcpu in 0..vcpus.number() {
                    state.update_with(compression, pages.of_vcpu(vcpu).as_bytes());
                }
                Some(Before::Sev(state).finish(compression))
            }
            (updates, before) => {
                let index = usize::try_from(vcpus.number()).ok()?.checked_sub(1)?;
                updates.digests(before, compression)?.nth(index)
            }
        }
    }
}

impl Before {
    fn finish(self, compression: &impl CompressSha256) -> LaunchDigest {
        match self {
            Self::Sev(state) => {
                sev::LaunchDigest::from_bytes(state.finish_with(compression)).into()
            }
            Self::Snp(digest) => digest.into(),
        }
    }
}

/// A compression that somebody else owns.
struct Shared<'a, C>(&'a C);

impl<C: CompressSha256> CompressSha256 for Shared<'_, C> {
    fn compress(&self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        self.0.compress(state, blocks);
    }
}
