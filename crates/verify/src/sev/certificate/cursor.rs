//! Reads a structure of fixed arrays from its beginning, and never past its end.

/// What is left of a structure's bytes.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `N` bytes; nothing where fewer are left.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    /// The next `length` bytes; nothing where fewer are left.
    pub(crate) fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (slice, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(slice)
    }

    /// The next little-endian number.
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
}

/// The offset of the first byte that is not zero; `base` is where `bytes` starts.
pub(crate) fn first_nonzero(base: usize, bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte != 0).map(|at| base.saturating_add(at))
}
