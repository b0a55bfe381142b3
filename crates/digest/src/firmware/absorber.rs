//! An image taken in as it is read: every byte once, and none kept but those of its ends, where its tables are.
//!
//! Memory does not grow with the image, and hashing can go on while the next bytes are read. What comes out is what
//! [`Firmware::absorb`](super::Firmware::absorb) gives for the same bytes, or an error if the metadata stands further from
//! the end than bytes are kept; with more kept, memory grows by as much.

use alloc::vec::Vec;

use super::absorbed::AbsorbedFirmware;
use super::container;
use super::contents::Hashing;
use super::error::Error;
use super::guid_table::{BYTES_AFTER_TABLE, Entry};
use super::image::check_size;
use super::tables::Ends;
use crate::hash::{Backend, Portable};
use sev_launch_abi::reader::wide;
use sev_launch_abi::{Gpa, Guid, Technology};

/// How many of an image's last bytes are kept: all to which the GUIDed table and the older reset block can reach, whose
/// lengths are u16s. edk2 keeps the SEV metadata near the table, too. [OVMF, ResetVectorVtf0]
pub const KEPT: u64 = 32 + 0xffff;

/// The 32 are those after the table.
const _: () = assert!(BYTES_AFTER_TABLE == 32);

/// How many of its first bytes are kept: the header of a firmware volume, and what tells a container.
/// [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]
const KEPT_START: usize = container::LOOKED_AT;

/// An image part of the way through.
#[derive(Clone, Debug)]
pub struct Absorber {
    size: u64,
    taken: u64,
    keeps: u64,
    start: Vec<u8>,
    end: Vec<u8>,
    contents: Hashing,
}

impl Absorber {
    /// Before the first byte of an image of `size` bytes, for launches of one technology as
    /// [`Firmware::absorb_with`](super::Firmware::absorb_with) has it, or of all.
    ///
    /// Errors: an image of no bytes, or one that does not fit below 4 GiB.
    pub fn new(size: u64, technology: Option<Technology>) -> Result<Self, Error> {
        check_size(size)?;
        let gpa = Gpa(Gpa::FIRMWARE_END.0 - size);
        let contents = Hashing::new(technology, gpa);
        Ok(Self { size, taken: 0, keeps: KEPT, start: Vec::new(), end: Vec::new(), contents })
    }

    /// Keeps that many of the image's last bytes, but no fewer than before. Call this before the first
    /// [`update`](Self::update): bytes already passed cannot be recovered, and [`finish`](Self::finish) fails if they are needed.
    #[must_use]
    pub fn keeping(self, bytes: u64) -> Self {
        Self { keeps: bytes.max(self.keeps), ..self }
    }

    /// Takes in the next bytes of the image, any number of them.
    pub fn update(&mut self, bytes: &[u8]) {
        self.update_with(&Portable, bytes);
    }

    /// The same, by the given implementation.
    pub fn update_with(&mut self, backend: &impl Backend, bytes: &[u8]) {
        self.contents.update_with(backend, bytes);
        self.keep_ends(bytes);
        self.taken = self.taken.saturating_add(wide(bytes.len()));
    }

    /// Keeps of `bytes` what is of the image's ends. If the image turns out longer than was said there is no image, and no more
    /// than is due is kept.
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
    /// Errors: an image of another size than was said; a container, whose contents are what is measured; metadata that stands further from the image's end than bytes were
    /// kept, which [`keeping`](Self::keeping) changes for another pass.
    pub fn finish(self) -> Result<AbsorbedFirmware, Error> {
        if self.taken != self.size {
            return Err(Error::Size { wanted: self.size, found: self.taken });
        }
        container::check(&self.start, &self.end)?;
        let ends = Ends::new(self.size, &self.start, &self.end);
        let table = ends.table().ok().flatten();
        let entry = table.and_then(|table| table.find(Guid::SEV_METADATA));
        if let Some(Ok([back])) = entry.map(Entry::u32s) {
            let (kept, wanted) = (wide(self.end.len()), u64::from(back));
            if kept < wanted && wanted <= self.size {
                return Err(Error::MetadataNotKept { wanted, kept });
            }
        }
        Ok(AbsorbedFirmware::new(&ends, self.contents.finish()))
    }
}
