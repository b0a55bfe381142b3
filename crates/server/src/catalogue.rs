//! The catalogue of firmware: what stays of an image that an owner uploaded.
//!
//! An image is taken in once, for all three technologies, and is not needed again: SHA-256 goes on from its midstate for SEV and SEV-ES, and
//! SEV-SNP's digest goes on from the one after the image's pages. How an image is taken in stands in `sev-launch-digest`; whether it checks a
//! kernel against measured hashes is looked for in its modules by `sev-launch-firmware-diff`, since a secret must not go to a guest whose
//! kernel nobody checks.

use serde::{Deserialize, Serialize};
use sev_launch_digest::firmware::{AbsorbedFirmware, Area, Firmware, KernelHashCheck};
use sev_launch_firmware_diff::kernel_hash_check;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::text::Sha256;
use sha2::{Digest as _, Sha384};
use thiserror::Error;

/// The largest image, in bytes: no VMM's flash is larger.
pub const MOST_BYTES: usize = 64 << 20;

/// What is kept of a firmware image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    sha256: Sha256,
    sha384: [u8; 48],
    absorbed: AbsorbedFirmware,
}

/// Why stored bytes are no entry.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoredError {
    /// Not the JSON of an entry.
    #[error("a stored firmware is not as this version writes it")]
    Json(#[from] serde_json::Error),
    /// The SHA-256 beside the firmware is not the one that its midstate ends in.
    #[error("a stored firmware has the SHA-256 {found}, and its midstate ends in {wanted}")]
    Sha256 {
        /// The one that stands beside it.
        found: Sha256,
        /// The one that follows.
        wanted: Sha256,
    },
    /// The SHA-384 is none.
    #[error("a stored firmware's SHA-384 is not 96 digits of hex")]
    Sha384,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<F> {
    sha256: Sha256,
    sha384: String,
    firmware: F,
}

impl Entry {
    /// Takes an image in, whole.
    ///
    /// # Errors
    ///
    /// `too-large` for more than [`MOST_BYTES`]; `unmeasurable` for what is no firmware image, and for one whose tables cannot be read.
    pub fn of_image(image: &[u8]) -> Result<Self, Problem> {
        if image.len() > MOST_BYTES {
            let detail = format!("the image has {} bytes, at most {MOST_BYTES}", image.len());
            return Err(Problem::new(Code::TooLarge, detail));
        }
        let wrong = |error: &dyn std::fmt::Display| {
            Problem::new(
                Code::Unmeasurable,
                format!("not a firmware image that can be measured: {error}"),
            )
        };
        let absorbed = Firmware::parse(image).map_err(|error| wrong(&error))?.absorb();
        let absorbed = absorbed.with_kernel_hash_check(kernel_hash_check(image));
        let sha256 = absorbed.sha256().map_err(|error| wrong(&error))?;
        let (sha256, sha384) = (Sha256(*sha256.as_bytes()), Sha384::digest(image).into());
        let entry = Self { sha256, sha384, absorbed };
        // What cannot be stored is refused now, with its reason: broken tables.
        entry.write().map_err(|error| wrong(&error))?;
        Ok(entry)
    }

    /// The SHA-256 of the image, by which registrations name it.
    #[must_use]
    pub const fn sha256(&self) -> Sha256 {
        self.sha256
    }

    /// The SHA-384 of the image.
    #[must_use]
    pub const fn sha384(&self) -> &[u8; 48] {
        &self.sha384
    }

    /// The image's size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.absorbed.size()
    }

    /// What every digest of the image goes on from.
    #[must_use]
    pub const fn absorbed(&self) -> &AbsorbedFirmware {
        &self.absorbed
    }

    /// The area for secrets, as the firmware says it: some builds have one of 0 bytes at 0. None where it has no record of one.
    #[must_use]
    pub fn secret_area(&self) -> Option<Area> {
        self.absorbed.secret_area().ok().flatten()
    }

    /// The area for the table of kernel hashes; none where QEMU would refuse kernel hashes.
    #[must_use]
    pub fn hash_area(&self) -> Option<Area> {
        self.absorbed.hash_area().ok()
    }

    /// Where further vCPUs of SEV-ES and SEV-SNP start; none where the firmware cannot start any.
    #[must_use]
    pub fn es_reset_address(&self) -> Option<u32> {
        self.absorbed.reset_address().ok()
    }

    /// Has it the metadata of SEV-SNP?
    #[must_use]
    pub fn has_snp_metadata(&self) -> bool {
        self.absorbed.sections().is_ok()
    }

    /// Does it check the kernel that it is given against the measured hashes?
    #[must_use]
    pub const fn kernel_hash_check(&self) -> KernelHashCheck {
        self.absorbed.kernel_hash_check()
    }

    /// What is odd about the image, in sentences.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.absorbed.warnings().iter().map(ToString::to_string).collect()
    }

    fn write(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Stored {
            sha256: self.sha256,
            sha384: hex::encode(self.sha384),
            firmware: &self.absorbed,
        })
    }

    /// The stored form, as JSON of about 1 KiB.
    ///
    /// # Errors
    ///
    /// None that [`Entry::of_image`] and [`Entry::from_json`] let through.
    pub fn to_json(&self) -> Result<Vec<u8>, StoredError> {
        Ok(self.write()?)
    }

    /// Reads the stored form. It must be trusted as much as the image.
    ///
    /// # Errors
    ///
    /// Anything but the JSON of one entry, and one whose SHA-256 is not the firmware's.
    pub fn from_json(bytes: &[u8]) -> Result<Self, StoredError> {
        let Stored { sha256, sha384, firmware } =
            serde_json::from_slice::<Stored<AbsorbedFirmware>>(bytes)?;
        let mut parsed = [0; 48];
        hex::decode_to_slice(&sha384, &mut parsed).map_err(|_| StoredError::Sha384)?;
        let wanted = firmware.sha256().map_err(|error| serde::de::Error::custom(error.to_string()));
        let wanted = Sha256(*wanted.map_err(StoredError::Json)?.as_bytes());
        if sha256 != wanted {
            return Err(StoredError::Sha256 { found: sha256, wanted });
        }
        Ok(Self { sha256, sha384: parsed, absorbed: firmware })
    }
}
