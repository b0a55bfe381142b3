//! Where randomness comes from.

use core::convert::Infallible;

use sev_launch_verify::rand_core::{CryptoRng, Rng as _, TryCryptoRng, TryRng, UnwrapErr};

/// A source of bytes that nobody can foretell.
pub trait Randomness: Send + Sync {
    /// Fills all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        random().fill_bytes(bytes);
    }
}

/// The operating system's randomness. Where it fails there is no safe way on: the request panics, and ends in `internal`.
pub(crate) fn random() -> impl CryptoRng {
    UnwrapErr(getrandom::SysRng)
}

/// `N` random bytes of the operating system's.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    random().fill_bytes(&mut bytes);
    bytes
}

/// A service's randomness, as the libraries draw it.
pub(crate) struct Drawn<'a>(pub(crate) &'a dyn Randomness);

impl Drawn<'_> {
    /// `N` bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }
}

impl TryRng for Drawn<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.bytes()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Drawn<'_> {}
