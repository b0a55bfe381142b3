//! What launches go on from: the hashes of an image's bytes, of one kind or both.

use super::error::Error;
use crate::hash::{Backend, Midstate};
use crate::snp::pages::Region;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::{Gpa, Technology};

/// The image's bytes as launches take them in: those of SEV and SEV-ES, those of SNP, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contents {
    /// The SHA-256 after the image; `None` for SNP launches alone.
    pub(super) midstate: Option<Midstate>,
    /// The launch digest after the image's pages; `None` for SEV and SEV-ES launches alone, and within if they are not whole.
    pub(super) snp: Option<Option<LaunchDigest>>,
}

impl Contents {
    pub(super) fn midstate(&self) -> Result<&Midstate, Error> {
        self.midstate.as_ref().ok_or(Error::NotAbsorbed { what: "SHA-256" })
    }

    pub(super) fn snp_digest(&self) -> Result<Option<LaunchDigest>, Error> {
        self.snp.ok_or(Error::NotAbsorbed { what: "SNP digest" })
    }

    /// The same with another SNP digest.
    pub(super) fn with_snp_digest(self, digest: LaunchDigest) -> Self {
        Self { snp: Some(Some(digest)), ..self }
    }
}

/// The hashes part of the way through an image.
#[derive(Clone, Debug)]
pub(super) struct Hashing {
    midstate: Option<Midstate>,
    region: Option<Region>,
}

impl Hashing {
    /// Before the first byte of an image at `gpa`, for launches of one technology or all.
    pub(super) fn new(technology: Option<Technology>, gpa: Gpa) -> Self {
        let sev = technology != Some(Technology::Snp);
        let snp = technology.is_none_or(|technology| technology == Technology::Snp);
        Self {
            midstate: sev.then(Midstate::new),
            region: snp.then(|| Region::new(LaunchDigest::START, gpa)),
        }
    }

    pub(super) fn update_with(&mut self, backend: &impl Backend, bytes: &[u8]) {
        if let Some(state) = &mut self.midstate {
            state.update_with(backend, bytes);
        }
        if let Some(region) = &mut self.region {
            region.update_with(backend, bytes);
        }
    }

    pub(super) fn finish(self) -> Contents {
        Contents { midstate: self.midstate, snp: self.region.map(Region::finish) }
    }
}
