//! Not random at all: a generator of a seed, so that a run is the same each time.

use std::convert::Infallible;

use sev_launch_verify::rand_core::utils::next_word_via_fill;
use sev_launch_verify::rand_core::{TryCryptoRng, TryRng};

/// Bytes that follow one another by a rule, the seed's byte being in all of them.
pub(crate) struct Drawn(u64);

impl Drawn {
    pub(crate) fn new(seed: u8) -> Self {
        Self(u64::from(seed))
    }
}

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, space: &mut [u8]) -> Result<(), Infallible> {
        for byte in space {
            // The multiplier of Knuth's MMIX.
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = self.0.to_be_bytes()[0];
        }
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}
