//! The one reader of little-endian structures, which cannot panic.
//!
//! Tables that point elsewhere are read by offset: an offset or a length that lies gives [`OutOfBounds`], which says where.
//! Structures of a fixed size are read front to back, and `None` says that they end too early. Offsets are counted from the
//! start of the whole structure, also where only its last bytes are at hand.
//!
//! ```
//! use sev_launch_abi::reader::Reader;
//!
//! let reader = Reader::new(&[0x34, 0x12]);
//! assert_eq!(reader.u16_at("a length", 0), Ok(0x1234));
//! assert_eq!(reader.u16_at("a length", 1).unwrap_err().found, 1);
//! ```

use thiserror::Error;

/// A read past the end of a structure, or before the bytes of it that are at hand.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{what} at offset {offset:#x} needs {wanted} bytes, but {found} are left")]
pub struct OutOfBounds {
    /// What was being read.
    pub what: &'static str,
    /// Where it should start, in bytes.
    pub offset: u64,
    /// How many bytes it should have.
    pub wanted: u64,
    /// How many there are from that offset on.
    pub found: u64,
}

/// A view of a structure's bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    /// Where they start in the structure.
    start: usize,
}

impl<'a> Reader<'a> {
    /// All bytes of a structure.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, start: 0 }
    }

    /// The last bytes of a structure of `size` bytes.
    pub const fn of_end(bytes: &'a [u8], size: usize) -> Self {
        Self { bytes, start: size.saturating_sub(bytes.len()) }
    }

    /// The structure's size in bytes.
    pub const fn size(&self) -> usize {
        self.start + self.bytes.len()
    }

    /// `length` bytes from `offset`; `what` names them in the error.
    pub fn slice_at(
        &self,
        what: &'static str,
        offset: usize,
        length: usize,
    ) -> Result<&'a [u8], OutOfBounds> {
        let place = || {
            let from = offset.checked_sub(self.start)?;
            self.bytes.get(from..from.checked_add(length)?)
        };
        place().ok_or(OutOfBounds {
            what,
            offset: wide(offset),
            wanted: wide(length),
            found: wide(self.size().saturating_sub(offset)),
        })
    }

    /// `N` bytes from `offset`.
    pub fn array_at<const N: usize>(
        &self,
        what: &'static str,
        offset: usize,
    ) -> Result<[u8; N], OutOfBounds> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.slice_at(what, offset, N)?);
        Ok(bytes)
    }

    /// The 16-bit number at `offset`.
    pub fn u16_at(&self, what: &'static str, offset: usize) -> Result<u16, OutOfBounds> {
        self.array_at(what, offset).map(u16::from_le_bytes)
    }

    /// The 32-bit number at `offset`.
    pub fn u32_at(&self, what: &'static str, offset: usize) -> Result<u32, OutOfBounds> {
        self.array_at(what, offset).map(u32::from_le_bytes)
    }

    /// The next `length` bytes, which are then read; `None` if fewer are left.
    pub fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (slice, rest) = self.bytes.split_at_checked(length)?;
        *self = Self { bytes: rest, start: self.start.saturating_add(length) };
        Some(slice)
    }

    /// The next `N` bytes; `None` if fewer are left.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.slice(N)?.try_into().ok()
    }

    /// The next byte; `None` if none is left.
    pub fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    /// The next 32-bit number; `None` if fewer bytes are left.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// The next 64-bit number; `None` if fewer bytes are left.
    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Passes over `length` bytes; `None` if fewer are left.
    pub fn skip(&mut self, length: usize) -> Option<&mut Self> {
        self.slice(length).map(|_| self)
    }

    /// What was not read yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.bytes
    }
}

/// A length or offset as a number that does not depend on the machine.
pub fn wide(length: usize) -> u64 {
    // No supported target has a usize of more than 64 bits, so nothing saturates.
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A 32-bit offset as an index; larger than any slice if it does not fit.
pub fn index(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// The offset of the first byte that is not zero; `base` is where `bytes` starts. `None` if all are zero.
pub fn first_nonzero(base: usize, bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte != 0).map(|at| base.saturating_add(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn front_to_back_ends_at_the_end() {
        let mut reader = Reader::new(&[1, 0, 0, 0, 2, 3]);
        assert_eq!((reader.u32(), reader.u32(), reader.u8()), (Some(1), None, Some(2)));
        assert_eq!(
            (reader.rest(), reader.slice(2), reader.slice(1)),
            (&[3][..], None, Some(&[3][..]))
        );
    }

    #[test]
    fn only_the_end_is_at_hand() {
        let reader = Reader::of_end(&[7, 0, 9, 0], 100);
        assert_eq!(reader.u16_at("a", 96), Ok(7));
        let early = OutOfBounds { what: "a", offset: 95, wanted: 2, found: 5 };
        assert_eq!(reader.u16_at("a", 95), Err(early));
    }

    proptest! {
        #[test]
        fn no_offset_panics_and_what_is_found_is_what_is_there(
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
            before in 0usize..64,
            offset in prop_oneof![0usize..160, any::<usize>()],
            length in prop_oneof![0usize..160, any::<usize>()],
        ) {
            let reader = Reader::of_end(&bytes, before + bytes.len());
            if let Ok(found) = reader.slice_at("anything", offset, length) {
                prop_assert_eq!(found, &bytes[offset - before..offset - before + length]);
            } else {
                let fits = offset >= before && length <= reader.size().saturating_sub(offset);
                prop_assert!(!fits || offset > reader.size());
            }
        }
    }
}
