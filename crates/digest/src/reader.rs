//! The one bounds-checked little-endian reader.
//!
//! Every byte of an image that a table describes is read through it, so a length that lies gives an error with the
//! offset, and never a panic. Offsets are from the start of the image.

use crate::error::Error;

/// A view of an image's last bytes, or all of them, that answers every out-of-bounds read with an error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    /// Where they start in the image.
    start: usize,
}

impl<'a> Reader<'a> {
    /// The last bytes of an image of `size` bytes.
    pub(crate) fn of_end(bytes: &'a [u8], size: usize) -> Self {
        Self { bytes, start: size.saturating_sub(bytes.len()) }
    }

    /// The image's size.
    pub(crate) fn size(&self) -> usize {
        self.start + self.bytes.len()
    }

    /// `length` bytes from `offset`; `what` names them in the error.
    pub(crate) fn slice(
        &self,
        what: &'static str,
        offset: usize,
        length: usize,
    ) -> Result<&'a [u8], Error> {
        let place = || {
            let from = offset.checked_sub(self.start)?;
            self.bytes.get(from..from.checked_add(length)?)
        };
        place().ok_or(Error::OutOfBounds {
            what,
            offset: wide(offset),
            wanted: wide(length),
            found: wide(self.size().saturating_sub(offset)),
        })
    }

    /// `N` bytes from `offset`.
    pub(crate) fn array<const N: usize>(
        &self,
        what: &'static str,
        offset: usize,
    ) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.slice(what, offset, N)?);
        Ok(bytes)
    }

    pub(crate) fn u16(&self, what: &'static str, offset: usize) -> Result<u16, Error> {
        self.array(what, offset).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&self, what: &'static str, offset: usize) -> Result<u32, Error> {
        self.array(what, offset).map(u32::from_le_bytes)
    }
}

/// A length or offset as a number that does not depend on the machine.
pub(crate) fn wide(length: usize) -> u64 {
    // No supported target has a usize of more than 64 bits, so nothing saturates.
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A 32-bit offset as an index; larger than any slice where it does not fit.
pub(crate) fn index(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
