//! How much an image may ask for before it is refused.
//!
//! OVMF's images have 4 MiB, 16 MiB unpacked, 150 files and a depth of 3. What is allowed is far above that, and what a hostile
//! image can cost stays bounded in memory and time.

use crate::error::Error;

/// An image's size in bytes, and what all packed sections of it may unpack to, together.
pub const MAX_UNPACKED: usize = 256 << 20;

/// How much work unpacking may be: about as many nanoseconds on a processor of today. What a decoder does for a byte differs a hundredfold
/// with how the bytes were packed, so each is counted as the costliest: 32 MiB by LZMA are allowed, or 150 MiB by Brotli. OVMF has 16 MiB.
pub const MAX_WORK: u64 = 1_600_000_000;

/// How deep volumes and sections may stand in one another.
pub const MAX_DEPTH: usize = 16;

/// Files in all volumes together.
pub const MAX_FILES: usize = 65_536;

/// Parts of any kind together: volumes, files, sections, variables, padding.
pub const MAX_PARTS: usize = 524_288;

/// What is left of the limits while an image is read.
#[derive(Debug)]
pub(crate) struct Budget {
    work: u64,
    unpacked: usize,
    files: usize,
    parts: usize,
}

impl Budget {
    /// For an image of `size` bytes.
    pub(crate) fn new(size: usize) -> Result<Self, Error> {
        if size > MAX_UNPACKED {
            return Err(Error::TooLarge { size });
        }
        Ok(Self { work: MAX_WORK, unpacked: MAX_UNPACKED, files: MAX_FILES, parts: MAX_PARTS })
    }

    /// How many bytes may still be unpacked.
    pub(crate) const fn unpacked(&self) -> usize {
        self.unpacked
    }

    /// How much work is left.
    pub(crate) const fn left(&self) -> u64 {
        self.work
    }

    /// Takes work off, in units of [`MAX_WORK`].
    pub(crate) fn work(&mut self, units: u64) -> Result<(), Error> {
        self.work = self.work.checked_sub(units).ok_or(Error::TooMuchWork)?;
        Ok(())
    }

    /// Takes `size` unpacked bytes.
    pub(crate) fn unpack(&mut self, size: usize) -> Result<(), Error> {
        self.unpacked = self.unpacked.checked_sub(size).ok_or(Error::UnpacksTooFar)?;
        Ok(())
    }

    /// Takes a file.
    pub(crate) fn file(&mut self) -> Result<(), Error> {
        self.files = self.files.checked_sub(1).ok_or(Error::TooManyFiles)?;
        Ok(())
    }

    /// Takes a part.
    pub(crate) fn part(&mut self) -> Result<(), Error> {
        self.parts = self.parts.checked_sub(1).ok_or(Error::TooManyParts)?;
        Ok(())
    }
}

/// A size that a header says, as an index: one that does not fit lies beyond every image.
pub(crate) fn saturated(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
