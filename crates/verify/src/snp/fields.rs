//! Reading the fields of AMD's fixed-size structures, front to back.
//!
//! Whoever reads has proven the whole size before, so no field can be missing: the sum of the fields is the size of the
//! structure, which the tests of each structure hold against real data.

/// The bytes of a structure that were not read yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn new(structure: &'a [u8]) -> Self {
        Self(structure)
    }

    /// The next `N` bytes; zeros past the end, which a caller that knows the size never reaches.
    pub(super) fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk::<N>() {
            Some((field, rest)) => {
                self.0 = rest;
                *field
            }
            None => {
                debug_assert!(false, "a field lies past the end of its structure");
                [0; N]
            }
        }
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    pub(super) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }
}

/// A length as a number that does not depend on the machine.
pub(super) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
