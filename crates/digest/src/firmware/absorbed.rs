//! A firmware image taken in: everything that a digest needs of it, without the image.
//!
//! This is what guests hold. Its stored form (the `serde` feature) is under 1 KiB whatever the image's size, so that a
//! verifier can compute every digest of a firmware without carrying it. It must be trusted as much as the image: who can
//! change it can change the digest that will be expected.

use alloc::vec::Vec;

#[cfg(feature = "serde")]
mod stored;

use super::areas::Area;
use super::contents::{Contents, Hashing};
use super::error::{Error, Part};
use super::hash_check::KernelHashCheck;
use super::image::Firmware;
use super::metadata::Section;
use super::tables::{Ends, Tables};
use super::warnings;
use crate::hash::{Backend, Midstate, Portable, Sha256Digest};
use crate::kernel_hashes::TABLE_SIZE;
use crate::warning::Warning;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::{Gpa, Technology};

/// What stays of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsorbedFirmware {
    size: u64,
    contents: Contents,
    tables: Tables,
    warnings: Vec<Warning>,
    kernel_hash_check: KernelHashCheck,
}

impl Firmware<'_> {
    /// Takes the image in: everything that a digest needs of it, as an owned value of under 1 KiB.
    pub fn absorb(&self) -> AbsorbedFirmware {
        self.absorb_with(None, &Portable)
    }

    /// The same by the given implementation, and for launches of one technology alone: for SEV and SEV-ES the SHA-256 of the
    /// image is computed, for SNP the digest after its pages. Asking for the other returns [`Error::NotAbsorbed`]. `None`
    /// is for launches of every technology.
    pub fn absorb_with(
        &self,
        technology: Option<Technology>,
        backend: &impl Backend,
    ) -> AbsorbedFirmware {
        let mut hashing = Hashing::new(technology, self.gpa());
        hashing.update_with(backend, self.image());
        AbsorbedFirmware::new(&self.ends, hashing.finish())
    }
}

impl AbsorbedFirmware {
    pub(super) fn new(ends: &Ends<'_>, contents: Contents) -> Self {
        let tables = ends.tables();
        let warnings = warnings::of_image(ends, &tables);
        let kernel_hash_check = KernelHashCheck::Unknown;
        Self { size: ends.size, contents, tables, warnings, kernel_hash_check }
    }

    /// The image's size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where the image starts in guest memory.
    pub fn gpa(&self) -> Gpa {
        Gpa(Gpa::FIRMWARE_END.0 - self.size)
    }

    /// The SHA-256 after the image: the state from which SEV and SEV-ES digests go on.
    ///
    /// An error if the image was absorbed for SNP launches alone.
    pub fn midstate(&self) -> Result<&Midstate, Error> {
        self.contents.midstate()
    }

    /// The image's SHA-256.
    ///
    /// An error if the image was absorbed for SNP launches alone.
    pub fn sha256(&self) -> Result<Sha256Digest, Error> {
        Ok(Sha256Digest::from_bytes(self.midstate()?.finish()))
    }

    /// The SNP launch digest after the image's pages, from which SNP digests go on.
    ///
    /// Errors: an image that is not made of whole pages, or was absorbed for SEV and SEV-ES launches alone.
    pub fn snp_digest(&self) -> Result<LaunchDigest, Error> {
        self.contents.snp_digest()?.ok_or(Error::NotPages { size: self.size })
    }

    /// The same firmware with another SNP digest after its pages, as sev-snp-measure's `--snp-ovmf-hash` has it: the
    /// tables are this image's, the contents are those of the image that the digest was made of. Whether that one checks the
    /// kernel's hashes is unknown, unless the digest is this image's own.
    pub fn with_snp_digest(self, digest: LaunchDigest) -> Self {
        let is_own = self.snp_digest() == Ok(digest);
        let kernel_hash_check =
            if is_own { self.kernel_hash_check } else { KernelHashCheck::Unknown };
        Self { contents: self.contents.with_snp_digest(digest), kernel_hash_check, ..self }
    }

    /// Does the firmware check kernel, initrd and command line against the measured hashes? Unknown as it was absorbed: the tables
    /// do not say, and the image's volumes are not opened for a digest.
    pub const fn kernel_hash_check(&self) -> KernelHashCheck {
        self.kernel_hash_check
    }

    /// The same firmware with what somebody found out of that image, as `sev-launch-firmware-diff` does.
    #[must_use]
    pub fn with_kernel_hash_check(self, kernel_hash_check: KernelHashCheck) -> Self {
        Self { kernel_hash_check, ..self }
    }

    /// What is to be said of a launch with kernel hashes: a firmware that does not check them leaves the kernel to the host.
    pub(crate) fn hashes_warning(&self) -> Option<Warning> {
        (self.kernel_hash_check == KernelHashCheck::No).then_some(Warning::KernelHashesUnchecked)
    }

    /// What the tables say, unchecked. The methods below give what a launch can use of it, or why it can use nothing.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Where further vCPUs start. An error if the firmware does not say, or says 0.
    pub fn reset_address(&self) -> Result<u32, Error> {
        match self.tables.reset_address.clone()? {
            None => Err(self.lacking(Error::NoResetAddress)),
            Some(0) => Err(Error::ResetAddressZero),
            Some(address) => Ok(address),
        }
    }

    /// Why the image lacks something: another build would have it, unless this is no firmware at all.
    fn lacking(&self, error: Error) -> Error {
        match self.warnings.contains(&Warning::VariableStore) {
            true => Error::VariableStore,
            false => error,
        }
    }

    /// Where a launch secret goes; `None` if the firmware has no area for one.
    pub fn secret_area(&self) -> Part<Area> {
        self.tables.secret_area.clone()
    }

    /// Where the kernel hash table goes: an area that QEMU accepts for a measured kernel, or QEMU's reason against it.
    /// [QEMU, sev_add_kernel_loader_hashes]
    pub fn hash_area(&self) -> Result<Area, Error> {
        if !self.tables.has_guid_table {
            return Err(self.lacking(Error::NoTable { needed_for: "the kernel hash table area" }));
        }
        let area = self.tables.hash_area.clone()?.ok_or(Error::NoHashArea)?;
        if area.base.0 == 0 {
            return Err(Error::HashAreaBaseZero { size: area.size });
        }
        if u64::from(area.size) < sev_launch_abi::reader::wide(TABLE_SIZE) {
            return Err(Error::HashAreaTooSmall { base: area.base, size: area.size });
        }
        Ok(area)
    }

    /// The sections that SNP measures. An error if the firmware has no SEV metadata.
    pub fn sections(&self) -> Result<&[Section], Error> {
        match &self.tables.metadata {
            Ok(Some(metadata)) => Ok(&metadata.sections),
            Ok(None) => Err(self.lacking(Error::NoMetadata)),
            Err(error) => Err(error.clone()),
        }
    }

    /// The entry point of an SVSM binary, in bytes from its start.
    pub fn svsm_entry(&self) -> Result<u32, Error> {
        self.tables.svsm_entry.clone()?.ok_or(Error::NoSvsmInfo)
    }

    /// What is odd about the image. Those about tables are left out if a launch reads none.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}
