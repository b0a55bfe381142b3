//! Writing fields of fixed structures at their offsets.

/// Writes `value` at `offset`, as far as it fits: every caller writes constants into arrays of constant size, and the tests hold each to its layout.
pub(crate) fn put(bytes: &mut [u8], offset: usize, value: &[u8]) {
    bytes.iter_mut().skip(offset).zip(value).for_each(|(to, from)| *to = *from);
}

/// `N` bytes at an offset; `None` where there are fewer.
pub(crate) fn array_at<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk().copied()
}

/// A little-endian number of 32 bits at an offset.
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    array_at(bytes, offset).map(u32::from_le_bytes)
}
