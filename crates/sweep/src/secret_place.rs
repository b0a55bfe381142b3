//! Where a secret goes in a guest's memory, or why nowhere.
//!
//! `examples/service.rs` asks for it: alone it would need a description and its files.

use sev_launch_digest::firmware::{Area, KernelHashCheck};
use sev_launch_verify::sev::secret::SecretArea;
use sev_launch_verify::sev::secret::SecretError;
use thiserror::Error;

use crate::error::Error;
use crate::inputs::Inputs;

/// Where a secret goes in the guest's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// No firmware was given: OVMF's area is assumed.
    Unknown,
    /// What the firmware says, which may be nowhere.
    Firmware(Option<Area>),
    /// A kernel that the digest does not cover would take it.
    UnmeasuredKernel,
    /// A kernel would take it that the firmware does not check against the hashes in the digest.
    UncheckedKernel,
}

/// Why a secret may not be sent.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoSecretPlace {
    /// The firmware has no area for it, or one of a size that takes no secret.
    #[error(transparent)]
    Area(#[from] SecretError),
    /// A kernel is given of which the digest says nothing: insecure, whatever matches.
    #[error(
        "a kernel is given that the digest does not cover: whatever kernel the host starts would take the secret"
    )]
    UnmeasuredKernel,
    /// The digest has the kernel's hashes, and the firmware does not look at them: insecure, whatever matches.
    #[error(
        "the firmware does not check the kernel against the hashes in the digest: whatever kernel the host starts would take the secret"
    )]
    UncheckedKernel,
}

impl NoSecretPlace {
    /// Would a secret go to whoever the host likes, so that it must not be sent?
    #[must_use]
    pub const fn is_insecure(&self) -> bool {
        match self {
            Self::UnmeasuredKernel | Self::UncheckedKernel => true,
            Self::Area(_) => false,
        }
    }
}

impl SecretPlace {
    /// The place in a guest of these inputs: the area for which every firmware accepted has room.
    ///
    /// Errors: a firmware whose tables cannot be read.
    pub fn of(inputs: &Inputs) -> Result<Self, Error> {
        if inputs.boot.has_unmeasured() {
            return Ok(Self::UnmeasuredKernel);
        }
        if inputs.kernel_hash_check() == Some(KernelHashCheck::No) {
            return Ok(Self::UncheckedKernel);
        }
        let areas: Vec<_> = inputs
            .firmwares
            .iter()
            .map(|firmware| firmware.absorbed.secret_area())
            .collect::<Result<_, _>>()
            .map_err(sev_launch_digest::Error::from)?;
        Ok(Self::smallest(areas))
    }

    /// The smallest of the areas that several firmwares have; nowhere if one of them has none.
    pub fn smallest(areas: Vec<Option<Area>>) -> Self {
        let areas: Option<Vec<Area>> = areas.into_iter().collect();
        Self::Firmware(areas.and_then(|areas| areas.into_iter().min_by_key(|area| area.size)))
    }

    /// The area, or why there is none.
    pub fn area(self) -> Result<SecretArea, NoSecretPlace> {
        match self {
            Self::Unknown => Ok(SecretArea::OVMF),
            Self::Firmware(Some(area)) => Ok(SecretArea::of_firmware(area.size)?),
            Self::Firmware(None) => Err(SecretError::NoArea.into()),
            Self::UnmeasuredKernel => Err(NoSecretPlace::UnmeasuredKernel),
            Self::UncheckedKernel => Err(NoSecretPlace::UncheckedKernel),
        }
    }
}
