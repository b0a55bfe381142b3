//! Everything that a real chip draws or has burnt in, derived from the seed.
//!
//! A stream for each purpose: its key is HMAC-SHA-256 of the purpose under the seed, and block n is HMAC-SHA-256 of n under that key. So the same
//! seed is the same chip, in every run and on every machine, and no two purposes share a byte.

use core::convert::Infallible;

use rand_core::utils::next_word_via_fill;
use rand_core::{TryCryptoRng, TryRng};
use zeroize::{Zeroize as _, Zeroizing};

use crate::crypto::{MAC_SIZE, hmac_sha256};

/// A stream of bytes for one purpose.
pub(crate) struct Generator {
    key: Zeroizing<[u8; MAC_SIZE]>,
    block: u64,
}

impl Generator {
    /// The stream for `purpose`, and for `number` where there are several of the kind.
    pub(crate) fn new(seed: &[u8], purpose: &str, number: u64) -> Self {
        let label = b"sev-launch-platform/";
        let parts: [&[u8]; 4] = [label, purpose.as_bytes(), &[0], &number.to_le_bytes()];
        Self { key: Zeroizing::new(hmac_sha256(seed, &parts)), block: 0 }
    }

    /// The next bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Fills with the next bytes. What is left of the last block is thrown away.
    pub(crate) fn fill(&mut self, to: &mut [u8]) {
        for chunk in to.chunks_mut(MAC_SIZE) {
            let mut block = hmac_sha256(&*self.key, &[&self.block.to_le_bytes()]);
            chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
            block.zeroize();
            self.block = self.block.wrapping_add(1);
        }
    }
}

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        self.fill(to);
        Ok(())
    }
}

impl TryCryptoRng for Generator {}
