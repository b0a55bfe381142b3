//! An SVSM that is started before the firmware, without an IGVM file.
//!
//! Defined by Coconut's QEMU before IGVM, as far as sev-snp-measure tells [sev-snp-measure, svsm_calc_launch_digest]: the
//! SVSM image ends where the variable store starts, which ends where the firmware starts; the sections measured are the
//! SVSM image's, not the firmware's; every vCPU starts at the SVSM's entry. There is no example, since no such image is at
//! hand: [`Svsm::place`] gives what [`Guest::svsm`](super::Guest::svsm) wants.

pub(crate) mod error;

pub use error::Error;

use super::pages::Region;
use super::update::{LaunchUpdate, Update};
use crate::firmware::absorbed::AbsorbedFirmware;
use crate::firmware::error::Error as FirmwareError;
use crate::firmware::image::Firmware;
use crate::hash::{Backend, Portable};
use sev_launch_abi::Gpa;
use sev_launch_abi::reader::wide;
use sev_launch_abi::snp::LaunchDigest;

/// An SVSM, placed below a firmware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Svsm {
    absorbed: AbsorbedFirmware,
    gpa: Gpa,
    entry: Gpa,
    digest_after: LaunchDigest,
}

impl Svsm {
    /// Places an SVSM image below a firmware and a variable store of `vars_size` bytes.
    ///
    /// Errors: no SVSM info or metadata in the image; an entry point outside it; sizes that do not fit below 4 GiB or are
    /// not whole pages.
    pub fn place(
        image: &[u8],
        firmware: &AbsorbedFirmware,
        vars_size: u64,
    ) -> Result<Self, crate::Error> {
        Self::place_with(image, firmware, vars_size, &Portable)
    }

    /// The same, by the given implementation.
    pub fn place_with(
        image: &[u8],
        firmware: &AbsorbedFirmware,
        vars_size: u64,
        backend: &impl Backend,
    ) -> Result<Self, crate::Error> {
        let size = wide(image.len());
        if !vars_size.is_multiple_of(4096) {
            return Err(Error::VarsNotPages { vars: vars_size }.into());
        }
        let absorbed = Firmware::parse(image)?.absorb_with(None, backend);
        let gpa = firmware.gpa().0.checked_sub(vars_size).and_then(|end| end.checked_sub(size));
        let gpa = gpa.map(Gpa).ok_or(Error::DoesNotFit {
            svsm: size,
            vars: vars_size,
            firmware: firmware.size(),
        })?;
        let offset = absorbed.svsm_entry()?;
        if u64::from(offset) >= size {
            return Err(Error::Entry { found: offset, size }.into());
        }
        let entry = Gpa(gpa.0 + u64::from(offset));
        let mut region = Region::new(firmware.snp_digest()?, gpa);
        region.update_with(backend, image);
        let digest_after = region.finish().ok_or(FirmwareError::NotPages { size })?;
        absorbed.sections()?;
        Ok(Self { absorbed, gpa, entry, digest_after })
    }

    /// Where every vCPU starts.
    pub fn entry(&self) -> Gpa {
        self.entry
    }

    /// The SVSM image's own tables.
    pub fn firmware(&self) -> &AbsorbedFirmware {
        &self.absorbed
    }

    pub(super) fn region(&self) -> LaunchUpdate {
        let (size, digest_after) = (self.absorbed.size(), self.digest_after);
        Update::Region { name: "SVSM", size, digest_after }.at(self.gpa)
    }
}
