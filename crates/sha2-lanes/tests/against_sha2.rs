//! All implementations against `sha2` on any lengths, and against NIST's examples.
#![allow(clippy::indexing_slicing)]

use std::borrow::Borrow;

use proptest::prelude::*;
use sev_launch_sha2_lanes::{Instructions, PAGE_SIZE, Stream};
use sha2::Digest as _;

fn sha384_pages<Page: Borrow<[u8; PAGE_SIZE]>>(
    backend: Instructions,
    pages: &[Page],
) -> Vec<[u8; 48]> {
    let mut digests = vec![[0; 48]; pages.len()];
    let mut slots: Vec<_> = pages.iter().map(Borrow::borrow).zip(&mut digests).collect();
    backend.sha384_pages(&mut slots);
    digests
}

const INITIAL_256: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
// [FIPS 180-4, SHA-512 initial hash value]
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

// [FIPS 180-4 examples, SHA256.pdf and SHA512.pdf]
const TWO_BLOCKS_256: &[u8] = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
const TWO_BLOCKS_512: &[u8] = b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
const ANSWERS_256: [(&[u8], usize, &str); 4] = [
    (b"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (b"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (TWO_BLOCKS_256, 1, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    (b"a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
];
const ANSWERS_512: [(&[u8], usize, &str); 3] = [
    (
        b"abc",
        1,
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ),
    (
        TWO_BLOCKS_512,
        1,
        "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
    ),
    (
        b"a",
        1_000_000,
        "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
    ),
];

/// The message with one bit, zeros and its length in bits, in whole blocks. [FIPS 180-4, padding]
fn padded<const BLOCK: usize>(part: &[u8], times: usize) -> Vec<[u8; BLOCK]> {
    let mut bytes = part.repeat(times);
    let bits = u64::try_from(8 * bytes.len()).unwrap_or(u64::MAX);
    bytes.push(0x80);
    while bytes.len() % BLOCK != BLOCK - BLOCK / 8 {
        bytes.push(0);
    }
    bytes.extend(vec![0; BLOCK / 8 - 8]);
    bytes.extend(bits.to_be_bytes());
    bytes.as_chunks::<BLOCK>().0.to_vec()
}

fn hex_of_words(words: &[u32; 8]) -> String {
    words.iter().map(|word| format!("{word:08x}")).collect()
}

fn hex_of_long_words(words: &[u64; 8]) -> String {
    words.iter().map(|word| format!("{word:016x}")).collect()
}

#[test]
fn known_answers_of_one_stream() {
    for backend in Instructions::available() {
        for (part, times, answer) in ANSWERS_256 {
            let mut state = INITIAL_256;
            backend.compress256(&mut state, &padded(part, times));
            assert_eq!(hex_of_words(&state), answer, "{backend}");
        }
        for (part, times, answer) in ANSWERS_512 {
            let mut state = INITIAL_512;
            backend.compress512(&mut state, &padded(part, times));
            assert_eq!(hex_of_long_words(&state), answer, "{backend}");
        }
    }
}

#[test]
fn known_answers_in_every_lane() {
    for backend in Instructions::available() {
        for count in 1..=17 {
            // the short answers in turn, so that neighbours differ
            let messages: Vec<_> =
                (0..count).map(|lane| padded::<64>(ANSWERS_256[lane % 3].0, 1)).collect();
            let mut states = vec![INITIAL_256; count];
            let streams = states.iter_mut().zip(&messages);
            let mut streams: Vec<_> =
                streams.map(|(state, blocks)| Stream { state, blocks }).collect();
            backend.compress256_lanes(&mut streams);
            for (lane, state) in states.iter().enumerate() {
                let (_, _, answer) = ANSWERS_256[lane % 3];
                assert_eq!(hex_of_words(state), answer, "{backend}, lane {lane} of {count}");
            }
            let messages: Vec<_> =
                (0..count).map(|lane| padded::<128>(ANSWERS_512[lane % 2].0, 1)).collect();
            let mut states = vec![INITIAL_512; count];
            let streams = states.iter_mut().zip(&messages);
            let mut streams: Vec<_> =
                streams.map(|(state, blocks)| Stream { state, blocks }).collect();
            backend.compress512_lanes(&mut streams);
            for (lane, state) in states.iter().enumerate() {
                let (_, _, answer) = ANSWERS_512[lane % 2];
                assert_eq!(hex_of_long_words(state), answer, "{backend}, lane {lane} of {count}");
            }
        }
    }
}

#[test]
fn no_streams_no_blocks_no_pages() {
    for backend in Instructions::available() {
        backend.compress256_lanes(&mut []);
        backend.compress512_lanes(&mut []);
        backend.sha384_pages(&mut []);
        let (mut state, mut long_state) = (INITIAL_256, INITIAL_512);
        backend.compress256(&mut state, &[]);
        backend.compress512(&mut long_state, &[]);
        let mut states = [INITIAL_256; 9];
        let mut streams: Vec<_> =
            states.iter_mut().map(|state| Stream { state, blocks: &[] }).collect();
        backend.compress256_lanes(&mut streams);
        assert_eq!((state, long_state, states), (INITIAL_256, INITIAL_512, [INITIAL_256; 9]));
    }
}

#[test]
fn equal_pages_have_their_known_digest_in_every_lane() {
    // `head -c 4096 /dev/zero | sha384sum`, and `tr '\0' '\377'` between for the other: GNU coreutils 9.
    let zero = "c0e59a3e3ffbd3b5c75428fb36432facabc745944296ff515f737c4fef4efc64586809f7a16f56354a1eaecf2aa8d774";
    let ones = "9761a6cc8f381514125bd5461b11a17a721703fb2179ddf15348b6276b47fe93bbca565060bdb425c99cae93fbd68d84";
    for backend in Instructions::available() {
        for count in 1..=18 {
            let pages: Vec<_> = (0..count)
                .map(|i| if i % 3 == 1 { [0xff; PAGE_SIZE] } else { [0; PAGE_SIZE] })
                .collect();
            for (i, digest) in sha384_pages(backend, &pages).iter().enumerate() {
                assert_eq!(hex::encode(digest), if i % 3 == 1 { ones } else { zero }, "{backend}");
            }
        }
    }
}

#[test]
fn a_long_stream_goes_on_after_its_short_neighbours() {
    let blocks: Vec<[u8; 64]> = (0..40u8).map(|i| [i; 64]).collect();
    let lengths = [40, 3, 5, 0, 4, 7, 9, 2, 11, 40, 1];
    for backend in Instructions::available() {
        let mut states = [INITIAL_256; 11];
        let mut streams: Vec<_> = states
            .iter_mut()
            .zip(lengths)
            .map(|(state, length)| Stream { state, blocks: &blocks[..length] })
            .collect();
        backend.compress256_lanes(&mut streams);
        for (state, length) in states.iter().zip(lengths) {
            let mut expected = INITIAL_256;
            sha2::block_api::compress256(&mut expected, &blocks[..length]);
            assert_eq!(*state, expected, "{backend}, {length} blocks");
        }
    }
}

/// Bytes that start at any address: as many as asked for, after a few that are left out.
fn bytes(most: usize) -> impl Strategy<Value = (Vec<u8>, usize)> {
    (proptest::collection::vec(any::<u8>(), 32..most), 0..32usize)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn blocks_that_repeat_or_nearly_do(
        letters in proptest::collection::vec(0..3_usize, 0..24),
        runs in proptest::collection::vec(1..6_usize, 24),
    ) {
        // The second differs from the first in its last byte alone, the third in its first.
        let mut alphabet = [[0xff; 64]; 3];
        alphabet[1][63] = 0;
        alphabet[2][0] = 0;
        let blocks: Vec<[u8; 64]> = letters
            .iter()
            .zip(runs)
            .flat_map(|(letter, run)| std::iter::repeat_n(alphabet[*letter], run))
            .collect();
        let mut expected = INITIAL_256;
        sha2::block_api::compress256(&mut expected, &blocks);
        for backend in Instructions::available() {
            let mut state = INITIAL_256;
            backend.compress256(&mut state, &blocks);
            prop_assert_eq!(state, expected, "{}", backend);
        }
    }

    #[test]
    fn one_stream_of_any_length((bytes, skip) in bytes(64 * 40), state: [u32; 8], long_state: [u64; 8]) {
        let blocks = bytes[skip..].as_chunks::<64>().0;
        let long_blocks = bytes[skip..].as_chunks::<128>().0;
        let (mut expected, mut long_expected) = (state, long_state);
        sha2::block_api::compress256(&mut expected, blocks);
        sha2::block_api::compress512(&mut long_expected, long_blocks);
        for backend in Instructions::available() {
            let (mut state, mut long_state) = (state, long_state);
            backend.compress256(&mut state, blocks);
            backend.compress512(&mut long_state, long_blocks);
            prop_assert_eq!(state, expected, "{}", backend);
            prop_assert_eq!(long_state, long_expected, "{}", backend);
        }
    }

    #[test]
    fn streams_of_any_number_and_lengths(
        (bytes, skip) in bytes(64 * 60),
        streams in proptest::collection::vec((any::<[u32; 8]>(), 0..30usize, 0..30usize), 0..20),
    ) {
        let blocks = bytes[skip..].as_chunks::<64>().0;
        let part = |from: usize, count: usize| {
            let from = from.min(blocks.len());
            &blocks[from..blocks.len().min(from + count)]
        };
        for backend in Instructions::available() {
            let mut states: Vec<_> = streams.iter().map(|(state, ..)| *state).collect();
            let mut lanes: Vec<_> = states
                .iter_mut()
                .zip(&streams)
                .map(|(state, (_, from, count))| Stream { state, blocks: part(*from, *count) })
                .collect();
            backend.compress256_lanes(&mut lanes);
            for (state, (initial, from, count)) in states.iter().zip(&streams) {
                let mut expected = *initial;
                sha2::block_api::compress256(&mut expected, part(*from, *count));
                prop_assert_eq!(*state, expected, "{}", backend);
            }
        }
    }

    #[test]
    fn long_streams_of_any_number_and_lengths(
        (bytes, skip) in bytes(128 * 60),
        streams in proptest::collection::vec((any::<[u64; 8]>(), 0..30usize, 0..30usize), 0..12),
    ) {
        let blocks = bytes[skip..].as_chunks::<128>().0;
        let part = |from: usize, count: usize| {
            let from = from.min(blocks.len());
            &blocks[from..blocks.len().min(from + count)]
        };
        for backend in Instructions::available() {
            let mut states: Vec<_> = streams.iter().map(|(state, ..)| *state).collect();
            let mut lanes: Vec<_> = states
                .iter_mut()
                .zip(&streams)
                .map(|(state, (_, from, count))| Stream { state, blocks: part(*from, *count) })
                .collect();
            backend.compress512_lanes(&mut lanes);
            for (state, (initial, from, count)) in states.iter().zip(&streams) {
                let mut expected = *initial;
                sha2::block_api::compress512(&mut expected, part(*from, *count));
                prop_assert_eq!(*state, expected, "{}", backend);
            }
        }
    }

    #[test]
    fn pages_at_any_address(seed: [u8; 32], skip in 0..64usize, count in 0..19usize) {
        let mut bytes = vec![0; 64 + 19 * PAGE_SIZE];
        for (i, space) in bytes.as_chunks_mut::<32>().0.iter_mut().enumerate() {
            *space = sha2::Sha256::digest([&seed[..], &i.to_le_bytes()].concat()).into();
        }
        let pages: Vec<&[u8; PAGE_SIZE]> =
            bytes[skip..].as_chunks::<PAGE_SIZE>().0.iter().take(count).collect();
        let expected: Vec<[u8; 48]> =
            pages.iter().map(|page| sha2::Sha384::digest(page).into()).collect();
        for backend in Instructions::available() {
            prop_assert_eq!(&sha384_pages(backend, &pages), &expected, "{}", backend);
        }
    }
}
