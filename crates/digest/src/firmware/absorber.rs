//! An image taken in as it is read: every byte once, and none kept but those of its ends, where its tables are.
//!
//! Memory does not grow with the image, and hashing can go on while the next bytes are read. What comes out is what
//! [`Firmware::absorb`] gives for the same bytes, or an error where the metadata stands further from the end than bytes are
//! kept; with more kept, memory grows by as much.

use alloc::vec::Vec;

use super::guid_table::BYTES_AFTER_TABLE;
use super::{AbsorbedFirmware, Entry, Firmware, check_size};
use crate::error::Error;
use crate::hash::{CompressSha256, HashPages, Midstate, Portable};
use crate::snp;
use sev_launch_abi::reader::wide;
use sev_launch_abi::{Gpa, Guid, Technology};

/// How many of an image's last bytes are kept: all to which the GUIDed table and the older reset block can reach, whose
/// lengths are u16s. edk2 keeps the SEV metadata near the table, too. [OVMF, ResetVectorVtf0]
pub const KEPT: u64 = 32 + 0xffff;

/// The 32 are those after the table.
const _: () = assert!(BYTES_AFTER_TABLE == 32);

/// How many of its first bytes are kept: the header of a firmware volume. [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]
const KEPT_START: usize = 64;

/// An image part of the way through.
#[derive(Clone, Debug)]
pub struct Absorber {
    size: u64,
    taken: u64,
    keeps: u64,
    start: Vec<u8>,
    end: Vec<u8>,
    /// Nothing where only SNP launches are meant.
    state: Option<Midstate>,
    /// Nothing where only SEV and SEV-ES launches are meant.
    region: Option<snp::Region>,
}

impl Absorber {
    /// Before the first byte of an image of `size` bytes, for launches of every technology.
    ///
    /// Errors: an image of no bytes, or one that does not fit below 4 GiB.
    pub fn new(size: u64) -> Result<Self, Error> {
        check_size(size)?;
        let gpa = Gpa(Gpa::FIRMWARE_END.0 - size);
        Ok(Self {
            size,
            taken: 0,
            keeps: KEPT,
            start: Vec::new(),
            end: Vec::new(),
            state: Some(Midstate::new()),
            region: Some(snp::Region::new(snp::LaunchDigest::START, gpa)),
        })
    }

    /// The same for launches of one technology, as [`Firmware::absorb_for`] has it.
    ///
    /// Errors: those of [`new`](Self::new).
    pub fn new_for(size: u64, technology: Technology) -> Result<Self, Error> {
        let whole = Self::new(size)?;
        Ok(match technology {
            Technology::Sev | Technology::SevEs => Self { region: None, ..whole },
            Technology::Snp => Self { state: None, ..whole },
        })
    }

    /// Keeps that many of the image's last bytes, but no fewer than before. To be said before the first byte: said later, what
    /// has passed is not kept, and where it is needed there is an error.
    #[must_use]
    pub fn keeping(self, bytes: u64) -> Self {
        Self { keeps: bytes.max(self.keeps), ..self }
    }

    /// Takes in the next bytes of the image, any number of them.
    pub fn update(&mut self, bytes: &[u8]) {
        self.update_with(&Portable, &Portable, bytes);
    }

    /// The same, by the given hash implementations.
    pub fn update_with(
        &mut self,
        compression: &impl CompressSha256,
        pages: &impl HashPages,
        bytes: &[u8],
    ) {
        if let Some(state) = &mut self.state {
            state.update_with(compression, bytes);
        }
        if let Some(region) = &mut self.region {
            region.update_with(pages, bytes);
        }
        self.keep_ends(bytes);
        self.taken = self.taken.saturating_add(wide(bytes.len()));
    }

    /// Keeps of `bytes` what is of the image's ends. Where the image turns out longer than was said there is no image, and no
    /// more than is due is kept.
    fn keep_ends(&mut self, bytes: &[u8]) {
        let space = KEPT_START.saturating_sub(self.start.len());
        self.start.extend(bytes.iter().take(space));
        let passed = self.size.saturating_sub(self.keeps).saturating_sub(self.taken);
        let last = usize::try_from(passed).ok().and_then(|passed| bytes.get(passed..));
        let last = last.unwrap_or_default();
        let space = usize::try_from(self.keeps.saturating_sub(wide(self.end.len())));
        self.end.extend_from_slice(last.get(..space.unwrap_or(usize::MAX)).unwrap_or(last));
    }

    /// What stays of the image. What is wrong inside is kept there, and told by what asks for it.
    ///
    /// Errors: an image of another size than was said; metadata that stands further from the image's end than bytes were
    /// kept, which [`keeping`](Self::keeping) changes for another pass.
    pub fn finish(self) -> Result<AbsorbedFirmware, Error> {
        if self.taken != self.size {
            return Err(Error::FirmwareSize { wanted: self.size, found: self.taken });
        }
        let firmware = Firmware::of_ends(self.size, &self.start, &self.end);
        let entry =
            firmware.table().ok().flatten().and_then(|table| table.find(Guid::SEV_METADATA));
        if let Some(Ok([back])) = entry.map(Entry::u32s) {
            let (kept, wanted) = (wide(self.end.len()), u64::from(back));
            if kept < wanted && wanted <= self.size {
                return Err(Error::MetadataNotKept { wanted, kept });
            }
        }
        Ok(AbsorbedFirmware::new(&firmware, self.state, self.region.map(snp::Region::finish)))
    }
}
