//! Which implementation runs: chosen once for a processor, then carried along as a small value.

use crate::PAGE_SIZE;
use crate::constants::SHA384_INITIAL;
use core::borrow::Borrow;
use core::fmt;

/// An implementation that this processor can run.
///
/// It comes from detection only, so a value of it is proof that the processor has what it needs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Backend(Kind);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// SHA instructions and AVX2.
    #[cfg(target_arch = "x86_64")]
    Sha,
    /// AVX2 and BMI2, and no SHA instructions, or none wanted.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// What `sha2` does.
    Sha2,
}

/// A stream of SHA-256: where it stands, and the whole blocks that come next.
#[derive(Debug)]
pub struct Stream256<'a> {
    /// The eight state words, as numbers. [FIPS 180-4, intermediate hash value]
    pub state: &'a mut [u32; 8],
    /// Blocks of 64 bytes, in order.
    pub blocks: &'a [[u8; 64]],
}

/// A stream of SHA-384 or SHA-512: where it stands, and the whole blocks that come next.
#[derive(Debug)]
pub struct Stream512<'a> {
    /// The eight state words, as numbers. [FIPS 180-4, intermediate hash value]
    pub state: &'a mut [u64; 8],
    /// Blocks of 128 bytes, in order.
    pub blocks: &'a [[u8; 128]],
}

impl Backend {
    /// The fastest for this processor.
    pub fn detect() -> Self {
        Self::available().into_iter().next().unwrap_or(Self(Kind::Sha2))
    }

    /// The fastest of those that use no SHA instructions, for tests and measurements.
    ///
    /// Where there is none, it is `sha2`, which uses SHA instructions where the processor has them.
    pub fn detect_without_sha() -> Self {
        #[cfg(target_arch = "x86_64")]
        if has_avx2() {
            return Self(Kind::Avx2);
        }
        Self(Kind::Sha2)
    }

    /// All that this processor can run, the fastest first. The last is `sha2`, which runs everywhere.
    pub fn available() -> Vec<Self> {
        let mut kinds = Vec::new();
        #[cfg(target_arch = "x86_64")]
        if has_avx2() {
            if has_sha() {
                kinds.push(Self(Kind::Sha));
            }
            kinds.push(Self(Kind::Avx2));
        }
        kinds.push(Self(Kind::Sha2));
        kinds
    }

    /// A short name: `sha`, `avx2` or `sha2`.
    pub const fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Sha => "sha",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            Kind::Sha2 => "sha2",
        }
    }

    /// Takes `blocks`, in order, into `state`: SHA-256 of one stream.
    pub fn compress256(self, state: &mut [u32; 8], blocks: &[[u8; 64]]) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "calls what detection found")]
            // SAFETY: `Kind::Avx2` is made only after `has_avx2`.
            Kind::Avx2 => unsafe { crate::sha256_stream::compress(state, blocks) },
            _ => sha2::block_api::compress256(state, blocks),
        }
    }

    /// Takes `blocks`, in order, into `state`: SHA-384 or SHA-512 of one stream.
    pub fn compress512(self, state: &mut [u64; 8], blocks: &[[u8; 128]]) {
        sha2::block_api::compress512(state, blocks);
    }

    pub fn compress256_eight(self, states: &mut [[u32; 8]; 8], blocks: [&[[u8; 64]]; 8]) {
        #[expect(unsafe_code, reason = "calls what detection found")]
        unsafe { crate::sha256_lanes::compress(states, blocks) }
    }
    pub fn compress256_two(self, states: &mut [[u32; 8]; 2], blocks: [&[[u8; 64]]; 2]) {
        #[expect(unsafe_code, reason = "calls what detection found")]
        unsafe { crate::sha256_pair::compress(states, blocks) }
    }
    pub fn compress512_four(self, states: &mut [[u64; 8]; 4], blocks: [&[[u8; 128]]; 4]) {
        #[expect(unsafe_code, reason = "calls what detection found")]
        unsafe { crate::sha512_lanes::compress(states, blocks) }
    }
}
#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
}

#[cfg(target_arch = "x86_64")]
fn has_sha() -> bool {
    is_x86_feature_detected!("sha")
        && is_x86_feature_detected!("sse4.1")
        && is_x86_feature_detected!("ssse3")
}
