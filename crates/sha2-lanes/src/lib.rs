//! SHA-2 in lanes: many independent streams at once, and one stream on processors without SHA instructions.
//!
//! Defined by FIPS 180-4. Pure: bytes and state words go in and come out; the one thing asked of the outside is what the
//! processor can do. Everything works on whole blocks and plain words: padding and lengths are the caller's, but for pages.
//!
//! # The way through
//!
//! 1. [`Instructions::detect`], once, says what runs on this processor. It is a small value; it is also the proof that the
//!    processor has what the implementation needs, so no call can go wrong.
//! 2. [`Instructions::compress256`] takes blocks into one stream, [`Instructions::compress256_lanes`] and
//!    [`Instructions::compress512_lanes`] into many at once, [`Instructions::sha384_pages`] hashes guest pages.
//!
//! ```
//! use sev_launch_sha2_lanes::{Instructions, PAGE_SIZE};
//!
//! let pages = [[0xff; PAGE_SIZE], [0x00; PAGE_SIZE]];
//! let mut digests = [[0; 48]; 2];
//! let mut slots: Vec<_> = pages.iter().zip(&mut digests).collect();
//! Instructions::detect().sha384_pages(&mut slots);
//! assert_ne!(digests[0], digests[1]);
//! ```
//!
//! # What is faster than what
//!
//! | instructions | one SHA-256 | many SHA-256 | many SHA-384 |
//! |---|---|---|---|
//! | `sha+avx512` | `sha2`, by SHA instructions | eight at once | four at once |
//! | `sha+avx2` | `sha2`, by SHA instructions | two at once, by SHA instructions | four at once |
//! | `avx512` | rounds in general registers, schedule in vectors | eight at once | four at once |
//! | `avx2` | rounds in general registers, schedule in vectors | eight at once | four at once |
//! | `sha2` | `sha2` | `sha2`, one after the other | `sha2`, one after the other |
//!
//! Two streams by SHA instructions are faster than one, which leaves the instructions waiting for each other, and than
//! eight in AVX2; eight with AVX-512's rotations are faster than both. `avx512` is of 256-bit vectors too, so the processor
//! does not slow down for it; a compiler before 1.89 does not know it, and then it is not there. `sha2` has a SHA-512 of one
//! stream on AVX2, so it stays. Figures are in the README.
//!
//! # Unsafe code
//!
//! Only to call a function whose target features were detected, in one file. Vectors are made of integers and taken apart
//! into integers: no pointers.
#![deny(clippy::indexing_slicing)]

pub use instructions::Instructions;
pub use stream::{Stream, Stream256, Stream512};

mod constants;
#[cfg(target_arch = "x86_64")]
mod detected;
mod instructions;
#[cfg(target_arch = "x86_64")]
mod lanes;
mod pages;
#[cfg(target_arch = "x86_64")]
mod sha256_lanes;
#[cfg(target_arch = "x86_64")]
mod sha256_pair;
#[cfg(target_arch = "x86_64")]
mod sha256_stream;
#[cfg(target_arch = "x86_64")]
mod sha512_lanes;
mod stream;
#[cfg(target_arch = "x86_64")]
mod vector;

/// Bytes in a guest page.
pub const PAGE_SIZE: usize = 4096;

/// Bytes in a SHA-256 block. [FIPS 180-4, SHA-256]
pub const BLOCK_SIZE_256: usize = 64;

/// Bytes in a SHA-384 or SHA-512 block. [FIPS 180-4, SHA-384 and SHA-512]
pub const BLOCK_SIZE_512: usize = 128;
