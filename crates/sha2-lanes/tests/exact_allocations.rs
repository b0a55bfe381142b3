//! Messages, states and pages that end where their allocation ends, so that a sanitizer sees each read and write beyond.
//!
//! `cargo xtask sanitize` runs this under AddressSanitizer; without it, it compares with `sha2` all the same.

use sev_launch_sha2_lanes::{Instructions, PAGE_SIZE, Stream};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

// [FIPS 180-4, SHA-256 and SHA-512 initial hash values]
const INITIAL_256: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const INITIAL_512: [u64; 8] = [
    0x6a09e667f3bcc908,
    0xbb67ae8584caa73b,
    0x3c6ef372fe94f82b,
    0xa54ff53a5f1d36f1,
    0x510e527fade682d1,
    0x9b05688c2b3e6c1f,
    0x1f83d9abfb41bd6b,
    0x5be0cd19137e2179,
];

/// The most streams at once that any implementation takes, and one more.
const MOST_STREAMS: usize = 17;

/// So many bytes, no two messages alike.
fn message(length: usize) -> Vec<u8> {
    let [low, high, ..] = length.to_le_bytes();
    (0..=u8::MAX).cycle().take(length).map(|byte| byte.wrapping_mul(31) ^ low ^ high).collect()
}

/// The whole blocks of a message, alone in an allocation of their size. [FIPS 180-4, padding]
fn blocks<const BLOCK: usize>(message: &[u8]) -> Box<[[u8; BLOCK]]> {
    let mut bytes = message.to_vec();
    bytes.push(0x80);
    while bytes.len() % BLOCK != BLOCK - 8 {
        bytes.push(0);
    }
    bytes.extend((8 * message.len()).to_be_bytes());
    bytes.as_chunks().0.into()
}

fn words256(state: &[u32; 8]) -> Vec<u8> {
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn words512(state: &[u64; 8]) -> Vec<u8> {
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}

#[test]
fn one_stream_of_every_length() {
    for backend in Instructions::available() {
        for length in 0..=300 {
            let message = message(length);
            let mut state = Box::new(INITIAL_256);
            backend.compress256(&mut state, &blocks(&message));
            assert_eq!(words256(&state), *Sha256::digest(&message), "{backend}, {length}");
            // Eight bytes of length are as good as sixteen where the others are zero.
            let padded = if length % 128 < 112 { blocks::<128>(&message) } else { continue };
            let mut state = Box::new(INITIAL_512);
            backend.compress512(&mut state, &padded);
            assert_eq!(words512(&state), *Sha512::digest(&message), "{backend}, {length}");
        }
    }
}

#[test]
fn many_streams_of_every_length() {
    for backend in Instructions::available() {
        for length in 0..=300 {
            let count = 1 + length % MOST_STREAMS;
            let lengths: Vec<_> = (0..count).map(|lane| (length + 40 * lane) % 301).collect();
            let messages: Vec<_> = lengths.iter().map(|length| message(*length)).collect();
            let padded: Vec<_> = messages.iter().map(|message| blocks(message)).collect();
            let mut states: Vec<_> = (0..count).map(|_| Box::new(INITIAL_256)).collect();
            let streams = states.iter_mut().zip(&padded);
            let mut streams: Box<[_]> =
                streams.map(|(state, blocks)| Stream { state, blocks }).collect();
            backend.compress256_lanes(&mut streams);
            for (state, message) in states.iter().zip(&messages) {
                assert_eq!(words256(state), *Sha256::digest(message), "{backend}, {lengths:?}");
            }
        }
    }
}

#[test]
fn many_streams_of_long_blocks() {
    for backend in Instructions::available() {
        for count in 1..=MOST_STREAMS {
            for first in 0..20 {
                let lengths: Vec<_> = (0..count).map(|lane| 128 * (lane % 3) + 5 * first).collect();
                let messages: Vec<_> = lengths.iter().map(|length| message(*length)).collect();
                let padded: Vec<_> = messages.iter().map(|message| blocks(message)).collect();
                let mut states: Vec<_> = (0..count).map(|_| Box::new(INITIAL_512)).collect();
                let streams = states.iter_mut().zip(&padded);
                let mut streams: Box<[_]> =
                    streams.map(|(state, blocks)| Stream { state, blocks }).collect();
                backend.compress512_lanes(&mut streams);
                for (state, message) in states.iter().zip(&messages) {
                    assert_eq!(words512(state), *Sha512::digest(message), "{backend}, {lengths:?}");
                }
            }
        }
    }
}

#[test]
fn pages_of_their_own() {
    for backend in Instructions::available() {
        for count in 0..=MOST_STREAMS {
            let pages: Vec<Box<[u8; PAGE_SIZE]>> = (0..count)
                .map(|page| message(PAGE_SIZE + page)[page..].try_into().expect("a page"))
                .map(Box::new)
                .collect();
            let mut digests: Vec<_> = (0..count).map(|_| Box::new([0; 48])).collect();
            let slots =
                pages.iter().map(|page| &**page).zip(digests.iter_mut().map(|one| &mut **one));
            let mut slots: Box<[_]> = slots.collect();
            backend.sha384_pages(&mut slots);
            drop(slots);
            for (page, digest) in pages.iter().zip(&digests) {
                assert_eq!(digest.as_slice(), Sha384::digest(**page).as_slice(), "{backend}");
            }
        }
    }
}
