//! A generator that gives what a test wrote down, and panics when that is used up.

use std::convert::Infallible;

use rand_core::utils::next_word_via_fill;
use rand_core::{TryCryptoRng, TryRng};

/// The bytes still to be given.
pub(crate) struct Scripted(Vec<u8>);

impl Scripted {
    /// Gives these bytes, one part after another.
    pub(crate) fn new(parts: &[&[u8]]) -> Self {
        Self(parts.concat())
    }

    /// Were all bytes drawn?
    pub(crate) fn is_used_up(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryRng for Scripted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, space: &mut [u8]) -> Result<(), Infallible> {
        assert!(space.len() <= self.0.len(), "{} bytes drawn, {} left", space.len(), self.0.len());
        let rest = self.0.split_off(space.len());
        space.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}

impl TryCryptoRng for Scripted {}
