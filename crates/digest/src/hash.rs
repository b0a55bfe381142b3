//! SHA-256 and SHA-384 as launch digests need them, with the seam behind which a faster library may stand.
//!
//! Defined by FIPS 180-4. A [`Backend`] takes whole SHA-256 blocks into plain words, so a midstate is a value that can be
//! cloned, stored and sent, and belongs to no library; and it hashes 4 KiB pages in batches. [`Portable`] is `sha2`. The
//! digest of a whole file enters the crate as 32 bytes, so the edge may use any library for it.
//!
//! ```
//! use sev_launch_digest::hash::{Midstate, Sha256Digest};
//!
//! let mut state = Midstate::new();
//! state.update(b"firmware");
//! let mut other = state.clone();
//! other.update(b", and the registers of a vCPU");
//! assert_eq!(Sha256Digest::from_bytes(state.finish()), Sha256Digest::of(b"firmware"));
//! ```

use core::fmt;

use sev_launch_abi::PAGE_SIZE;
use sha2::Digest as _;

/// Bytes in a SHA-256 block. [FIPS 180-4, SHA-256]
const BLOCK_SIZE: usize = 64;

/// The initial hash value of SHA-256. [FIPS 180-4, SHA-256 initial hash value]
const SHA256_INITIAL: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// The initial hash value of SHA-384. [FIPS 180-4, SHA-384 initial hash value]
const SHA384_INITIAL: [u64; 8] = [
    0xcbbb9d5dc1059ed8,
    0x629a292a367cd507,
    0x9159015a3070dd17,
    0x152fecd8f70e5939,
    0x67332667ffc00b31,
    0x8eb44a8768581511,
    0xdb0c2e0d64f98fa7,
    0x47b5481dbefa4fa4,
];

/// A page, and the place for its SHA-384.
pub type PageSlot<'p> = (&'p [u8; PAGE_SIZE], &'p mut [u8; 48]);

/// An implementation of the two hash computations on which the time of a digest is spent.
pub trait Backend {
    /// SHA-256's compression: takes `blocks`, in order, into `state`.
    fn compress256(&self, state: &mut [u32; 8], blocks: &[[u8; BLOCK_SIZE]]);

    /// Puts the SHA-384 of every page into its place.
    fn sha384_pages(&self, pages: &mut [PageSlot<'_>]);
}

/// The `sha2` crate: portable, with the processor's SHA instructions if it has them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Portable;

impl Backend for Portable {
    fn compress256(&self, state: &mut [u32; 8], blocks: &[[u8; BLOCK_SIZE]]) {
        sha2::block_api::compress256(state, blocks);
    }

    fn sha384_pages(&self, pages: &mut [PageSlot<'_>]) {
        for (page, digest) in pages {
            **digest = sha384(*page);
        }
    }
}

/// SHA-384 of `bytes`.
pub(crate) fn sha384(bytes: &[u8]) -> [u8; 48] {
    sha2::Sha384::digest(bytes).into()
}

/// SHA-384 of what stands in whole blocks, with its padding in the last. [FIPS 180-4, SHA-384]
pub(crate) fn sha384_of_padded(blocks: &[[u8; 128]]) -> [u8; 48] {
    let mut words = SHA384_INITIAL;
    sha2::block_api::compress512(&mut words, blocks);
    let mut digest = [0; 48];
    for (space, word) in digest.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *space = word.to_be_bytes();
    }
    digest
}

/// A SHA-256 computation part of the way through: a plain value, cheap to clone.
///
/// Cloning it after the firmware is what makes each further SEV or SEV-ES guest cost only its own blocks.
#[derive(Clone, PartialEq, Eq)]
pub struct Midstate {
    words: [u32; 8],
    /// Bytes taken in so far, those in `tail` included.
    length: u64,
    /// The bytes that do not fill a block yet: the first `length % 64` of it, and zeros after them.
    tail: [u8; BLOCK_SIZE],
}

impl Midstate {
    /// The state before any byte.
    pub const fn new() -> Self {
        Self { words: SHA256_INITIAL, length: 0, tail: [0; BLOCK_SIZE] }
    }

    /// A stored state: the eight words, the number of bytes taken in, and the `length % 64` bytes that fill no block.
    ///
    /// `None` if `tail` is not of that length. The words are believed: whoever stores them must be trusted as much
    /// as whoever would give the bytes.
    pub fn from_parts(words: [u32; 8], length: u64, tail: &[u8]) -> Option<Self> {
        if length % 64 != sev_launch_abi::reader::wide(tail.len()) {
            return None;
        }
        let mut block = [0; BLOCK_SIZE];
        block.get_mut(..tail.len())?.copy_from_slice(tail);
        Some(Self { words, length, tail: block })
    }

    /// The eight state words after the last whole block. [FIPS 180-4, intermediate hash value]
    pub fn words(&self) -> &[u32; 8] {
        &self.words
    }

    /// How many bytes were taken in.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes after the last whole block: fewer than 64.
    pub fn tail(&self) -> &[u8] {
        self.tail.get(..self.tail_length()).unwrap_or_default()
    }

    fn tail_length(&self) -> usize {
        usize::try_from(self.length % 64).unwrap_or_default()
    }

    /// Takes `bytes` in.
    pub fn update(&mut self, bytes: &[u8]) {
        self.update_with(&Portable, bytes);
    }

    /// The same, by the given implementation.
    pub fn update_with(&mut self, backend: &impl Backend, mut bytes: &[u8]) {
        let filled = self.tail_length();
        self.length = self.length.wrapping_add(sev_launch_abi::reader::wide(bytes.len()));
        if filled > 0 {
            let (head, rest) = bytes.split_at(bytes.len().min(BLOCK_SIZE - filled));
            if let Some(space) = self.tail.get_mut(filled..filled + head.len()) {
                space.copy_from_slice(head);
            }
            if filled + head.len() < BLOCK_SIZE {
                return;
            }
            backend.compress256(&mut self.words, &[self.tail]);
            self.tail = [0; BLOCK_SIZE];
            bytes = rest;
        }
        let (blocks, tail) = bytes.as_chunks::<BLOCK_SIZE>();
        if !blocks.is_empty() {
            backend.compress256(&mut self.words, blocks);
        }
        if let Some(space) = self.tail.get_mut(..tail.len()) {
            space.copy_from_slice(tail);
        }
    }

    /// The SHA-256 of all bytes so far. The state stays as it is.
    pub fn finish(&self) -> [u8; 32] {
        self.finish_with(&Portable)
    }

    /// The same, by the given implementation.
    pub fn finish_with(&self, backend: &impl Backend) -> [u8; 32] {
        let mut words = self.words;
        let mut blocks = [self.tail, [0; BLOCK_SIZE]];
        let filled = self.tail_length();
        let bits = self.length.wrapping_mul(8).to_be_bytes();
        // One bit, zeros, and the length in bits, in one block where it fits and else in two. [FIPS 180-4, padding]
        let used = if filled < 56 { 1 } else { 2 };
        let padding = blocks.as_flattened_mut();
        if let Some(byte) = padding.get_mut(filled) {
            *byte = 0x80;
        }
        if let Some(space) = padding.get_mut(used * BLOCK_SIZE - 8..used * BLOCK_SIZE) {
            space.copy_from_slice(&bits);
        }
        backend.compress256(&mut words, blocks.get(..used).unwrap_or_default());
        let mut digest = [0; 32];
        for (space, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *space = word.to_be_bytes();
        }
        digest
    }
}

impl Default for Midstate {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Midstate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Midstate {{ {:08x?}, length: {} }}", self.words, self.length)
    }
}

sev_launch_abi::digest_bytes!(
    /// The SHA-256 of a file: a kernel, an initrd, a firmware image.
    Sha256Digest, 32
);

impl Sha256Digest {
    /// The SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut state = Midstate::new();
        state.update(bytes);
        Self(state.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    #[test]
    fn known_answers() {
        // [FIPS 180-4 examples, SHA256.pdf]: "abc", and nothing.
        let abc = Sha256Digest::of(b"abc");
        assert_eq!(
            hex::encode(abc.as_bytes()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            hex::encode(Midstate::new().finish()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn wrong_hex_is_an_error() {
        for text in ["", "00", "zz", &"0".repeat(63), &"g".repeat(64), &"0".repeat(66)] {
            assert!(text.parse::<Sha256Digest>().is_err(), "{text}");
        }
    }

    #[test]
    fn stored_parts_must_fit_together() {
        assert!(Midstate::from_parts(SHA256_INITIAL, 3, b"ab").is_none());
        assert!(Midstate::from_parts(SHA256_INITIAL, 64, b"").is_some());
    }

    proptest! {
        #[test]
        fn any_split_gives_the_library_s_digest(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            cuts in proptest::collection::vec(0usize..400, 0..6),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            cuts.push(bytes.len());
            let mut state = Midstate::new();
            let mut from = 0;
            for cut in cuts {
                state.update(&bytes[from..cut]);
                let stored = Midstate::from_parts(*state.words(), state.length(), state.tail());
                prop_assert_eq!(stored, Some(state.clone()));
                from = cut;
            }
            let expected: [u8; 32] = sha2::Sha256::digest(&bytes).into();
            prop_assert_eq!(state.finish(), expected);
        }
    }
}
