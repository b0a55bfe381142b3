//! A lab: platforms under throw-away authorities that are made at once, and randomness that is the same each time.

#![allow(dead_code, reason = "each test uses a part of it")]

use core::convert::Infallible;

use sev_launch_abi::Generation;
use sev_launch_platform::rand_core::utils::next_word_via_fill;
use sev_launch_platform::rand_core::{TryCryptoRng, TryRng};
use sev_launch_platform::{Authority, AuthorityKeys, Model, Platform, Primes};
use sev_launch_testkit::certs::{RsaKey, RsaSize};

/// The test kit's published primes as an authority. Those of the ASVK are one of the ARK's and one of the ASK's.
pub(crate) fn authority(generation: Generation) -> Authority {
    let size = if generation == Generation::Naples { RsaSize::Bits2048 } else { RsaSize::Bits4096 };
    let [ark, ask] = [RsaKey::ark(size), RsaKey::ask(size)].map(|key| key.primes());
    let primes = |p: &[u8], q: &[u8]| Primes { p: p.to_vec().into(), q: q.to_vec().into() };
    let keys = AuthorityKeys {
        ark: primes(&ark[0], &ark[1]),
        ask: primes(&ask[0], &ask[1]),
        asvk: primes(&ark[0], &ask[1]),
    };
    Authority::from_keys(generation, &keys).expect("the primes are those of keys")
}

/// A platform of a generation, under that authority.
pub(crate) fn platform(generation: Generation) -> Platform {
    let platform = Platform::new(Model::of(generation), &[7; 32]);
    platform.with_authority(authority(generation)).expect("of the same generation")
}

/// Not random at all: xorshift64*, by Sebastiano Vigna.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.word() % end
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for chunk in to.chunks_mut(8) {
            let word = self.word().to_be_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}
