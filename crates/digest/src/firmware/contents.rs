//! What launches go on from: the hashes of an image's bytes, of one kind or both.

use super::error::Error;
use crate::hash::{Backend, Midstate};
use crate::snp::pages::Region;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::{Gpa, Technology};

/// The image's bytes as launches take them in. `None` in place of the SNP digest if they are not whole pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Contents {
    /// For SEV and SEV-ES launches alone: the SHA-256 after the image.
    Sev(Midstate),
    /// For SNP launches alone: the launch digest after the image's pages.
    Snp(Option<LaunchDigest>),
    /// For both.
    Both(Midstate, Option<LaunchDigest>),
}

impl Contents {
    pub(super) fn midstate(&self) -> Result<&Midstate, Error> {
        match self {
            Self::Sev(state) | Self::Both(state, _) => Ok(state),
            Self::Snp(_) => Err(Error::NotAbsorbed { what: "SHA-256" }),
        }
    }

    pub(super) fn snp_digest(&self) -> Result<Option<LaunchDigest>, Error> {
        match self {
            Self::Snp(digest) | Self::Both(_, digest) => Ok(*digest),
            Self::Sev(_) => Err(Error::NotAbsorbed { what: "SNP digest" }),
        }
    }

    /// The same with another SNP digest.
    pub(super) fn with_snp_digest(self, digest: LaunchDigest) -> Self {
        match self {
            Self::Snp(_) => Self::Snp(Some(digest)),
            Self::Sev(state) | Self::Both(state, _) => Self::Both(state, Some(digest)),
        }
    }
}

/// The hashes part of the way through an image.
#[derive(Clone, Debug)]
pub(super) enum Hashing {
    Sev(Midstate),
    Snp(Region),
    Both(Midstate, Region),
}

impl Hashing {
    /// Before the first byte of an image at `gpa`, for launches of one technology or all.
    pub(super) fn new(technology: Option<Technology>, gpa: Gpa) -> Self {
        let region = || Region::new(LaunchDigest::START, gpa);
        match technology {
            None => Self::Both(Midstate::new(), region()),
            Some(Technology::Sev | Technology::SevEs) => Self::Sev(Midstate::new()),
            Some(Technology::Snp) => Self::Snp(region()),
        }
    }

    pub(super) fn update_with(&mut self, backend: &impl Backend, bytes: &[u8]) {
        match self {
            Self::Sev(state) => state.update_with(backend, bytes),
            Self::Snp(region) => region.update_with(backend, bytes),
            Self::Both(state, region) => {
                state.update_with(backend, bytes);
                region.update_with(backend, bytes);
            }
        }
    }

    pub(super) fn finish(self) -> Contents {
        match self {
            Self::Sev(state) => Contents::Sev(state),
            Self::Snp(region) => Contents::Snp(region.finish()),
            Self::Both(state, region) => Contents::Both(state, region.finish()),
        }
    }
}
