//! A launch of any technology, for callers that need not know which.
//!
//! What [`Guest::launch`](crate::Guest::launch) gives; its page has an example.

use alloc::boxed::Box;
use core::fmt;

use crate::hash::Backend;
use crate::vmsa::VmsaPages;
use crate::warning::Warning;
use crate::{sev, sev_es, snp};
use sev_launch_abi::{LaunchDigest, Technology};

/// A launch that can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Launch<'a> {
    /// Of a SEV guest.
    Sev(sev::Launch<'a>),
    /// Of a SEV-ES guest.
    SevEs(sev_es::Launch<'a>),
    /// Of an SNP guest.
    Snp(snp::Launch),
}

/// One thing that the AMD-SP takes in. Prints as its command or page type, where it goes, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchUpdate<'a> {
    /// In SEV and SEV-ES.
    Sev(sev::LaunchUpdate<'a>),
    /// In SNP.
    Snp(snp::LaunchUpdate),
}

impl fmt::Display for LaunchUpdate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sev(update) => update.fmt(f),
            Self::Snp(update) => update.fmt(f),
        }
    }
}

impl Launch<'_> {
    /// The guest's technology.
    pub const fn technology(&self) -> Technology {
        match self {
            Self::Sev(_) => Technology::Sev,
            Self::SevEs(_) => Technology::SevEs,
            Self::Snp(_) => Technology::Snp,
        }
    }

    /// The launch digest.
    pub fn digest(&self) -> LaunchDigest {
        match self {
            Self::Sev(launch) => launch.digest().into(),
            Self::SevEs(launch) => launch.digest().into(),
            Self::Snp(launch) => launch.digest().into(),
        }
    }

    /// The digests of the same guest with 1, 2, 3 … vCPUs, each for the cost of one VMSA and of the late ones. Endless. Where no VMSA is
    /// measured after the rest, the digest is the same for every number: in SEV, and of IGVM files by some loaders.
    pub fn digests<'l>(
        &'l self,
        backend: &'l impl Backend,
    ) -> Box<dyn Iterator<Item = LaunchDigest> + 'l> {
        match self {
            Self::Sev(launch) => {
                let digest = sev::LaunchDigest::from_bytes(launch.midstate(backend).finish());
                Box::new(core::iter::repeat(digest.into()))
            }
            Self::SevEs(launch) => {
                let before = launch.before_vmsas(backend);
                let late = launch.vcpus.late();
                let Some(vmsas) = launch.vmsas() else {
                    return Box::new(core::iter::repeat(self.digest()));
                };
                let digests = vmsas.digests_with_late(before, backend, late);
                Box::new(digests.map(LaunchDigest::from))
            }
            Self::Snp(launch) => {
                let (before, late) = (launch.before_vmsas(), launch.vcpus.late());
                let Some(vmsas) = launch.vmsas() else {
                    return Box::new(core::iter::repeat(before.into()));
                };
                let digests = vmsas.digests_with_late(before, late);
                Box::new(digests.map(LaunchDigest::from))
            }
        }
    }

    /// Every update with the digest after it.
    pub fn trace(&self) -> Box<dyn Iterator<Item = (LaunchUpdate<'_>, LaunchDigest)> + '_> {
        match self {
            Self::Sev(launch) => Box::new(launch.trace().map(of_sev)),
            Self::SevEs(launch) => Box::new(launch.trace().map(of_sev)),
            Self::Snp(launch) => Box::new(
                launch.trace().map(|(update, digest)| (LaunchUpdate::Snp(update), digest.into())),
            ),
        }
    }

    /// The VMSA pages; `None` in SEV, which measures none, and where the loader of an IGVM file measures VMSAs as they stand in it.
    pub fn vmsa_pages(&self) -> Option<&VmsaPages> {
        match self {
            Self::Sev(_) => None,
            Self::SevEs(launch) => launch.vmsas().map(sev_es::VmsaUpdates::pages),
            Self::Snp(launch) => launch.vmsas().map(snp::VmsaUpdates::pages),
        }
    }

    /// What the digest's reader should know.
    pub fn warnings(&self) -> &[Warning] {
        match self {
            Self::Sev(launch) => launch.warnings(),
            Self::SevEs(launch) => launch.warnings(),
            Self::Snp(launch) => launch.warnings(),
        }
    }
}

fn of_sev<'a>(
    (update, digest): (sev::LaunchUpdate<'a>, sev::LaunchDigest),
) -> (LaunchUpdate<'a>, LaunchDigest) {
    (LaunchUpdate::Sev(update), digest.into())
}
