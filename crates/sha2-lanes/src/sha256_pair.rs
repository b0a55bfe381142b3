//! SHA-256 of two independent streams at once by the processor's SHA instructions.
//!
//! Defined by FIPS 180-4. One stream leaves half of their throughput unused, since each instruction waits for the one before.

use crate::constants::K256;
use core::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_extract_epi32 as word, _mm_set_epi8,
    _mm_set_epi32, _mm_set_epi64x, _mm_set1_epi32, _mm_setr_epi32, _mm_sha256msg1_epu32,
    _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
};

/// How many streams.
pub(crate) const LANES: usize = 2;

/// A state as the instructions take it: words a, b, e, f and c, d, g, h, the first named highest.
type Halves = [__m128i; 2];

/// Takes each stream's blocks into its state, as many as the shorter has.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(crate) fn compress(states: &mut [[u32; 8]; LANES], blocks: [&[[u8; 64]]; LANES]) {
    let [first, second] = states;
    let (mut left, mut right) = (load_state(first), load_state(second));
    let [left_blocks, right_blocks] = blocks;
    for (left_block, right_block) in left_blocks.iter().zip(right_blocks) {
        let (left_before, right_before) = (left, right);
        let mut w = [load_block(left_block), load_block(right_block)];
        let [constants, rest @ ..] = &K256;
        sixteen_rounds::<false>(&mut left, &mut right, &mut w, constants);
        for constants in rest {
            sixteen_rounds::<true>(&mut left, &mut right, &mut w, constants);
        }
        left = add(left, left_before);
        right = add(right, right_before);
    }
    *first = store_state(left);
    *second = store_state(right);
}

#[inline]
#[target_feature(enable = "sse2")]
fn add([a, b]: Halves, [c, d]: Halves) -> Halves {
    [_mm_add_epi32(a, c), _mm_add_epi32(b, d)]
}

#[inline]
#[target_feature(enable = "sse2")]
fn load_state(state: &[u32; 8]) -> Halves {
    let [a, b, c, d, e, f, g, h] = state.map(u32::cast_signed);
    [_mm_set_epi32(a, b, e, f), _mm_set_epi32(c, d, g, h)]
}

#[inline]
#[target_feature(enable = "sse4.1")]
fn store_state([abef, cdgh]: Halves) -> [u32; 8] {
    let [[a, b, e, f], [c, d, g, h]] = [abef, cdgh]
        .map(|x| [word::<3>(x), word::<2>(x), word::<1>(x), word::<0>(x)].map(i32::cast_unsigned));
    [a, b, c, d, e, f, g, h]
}

#[inline]
#[target_feature(enable = "ssse3")]
fn load_block(block: &[u8; 64]) -> [__m128i; 4] {
    let swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    let mut words = [_mm_set1_epi32(0); 4];
    for (words, bytes) in words.iter_mut().zip(block.as_chunks::<16>().0) {
        let ([low, high], _) = bytes.as_chunks::<8>() else { continue };
        let bytes = _mm_set_epi64x(i64::from_le_bytes(*high), i64::from_le_bytes(*low));
        *words = _mm_shuffle_epi8(bytes, swap);
    }
    words
}

#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn sixteen_rounds<const SCHEDULE: bool>(
    left: &mut Halves,
    right: &mut Halves,
    w: &mut [[__m128i; 4]; LANES],
    constants: &[u32; 16],
) {
    let [l, r] = w;
    let constants = constants.map(u32::cast_signed);
    macro_rules! four_rounds {
        ($i:literal $next:literal $after:literal $last:literal: $k0:literal $k1:literal $k2:literal $k3:literal) => {
            let k = _mm_setr_epi32(constants[$k0], constants[$k1], constants[$k2], constants[$k3]);
            if SCHEDULE {
                l[$i] = schedule(l[$i], l[$next], l[$after], l[$last]);
                r[$i] = schedule(r[$i], r[$next], r[$after], r[$last]);
            }
            let (lk, rk) = (_mm_add_epi32(l[$i], k), _mm_add_epi32(r[$i], k));
            left[1] = _mm_sha256rnds2_epu32(left[1], left[0], lk);
            right[1] = _mm_sha256rnds2_epu32(right[1], right[0], rk);
            let (lk, rk) = (_mm_shuffle_epi32::<0x0e>(lk), _mm_shuffle_epi32::<0x0e>(rk));
            left[0] = _mm_sha256rnds2_epu32(left[0], left[1], lk);
            right[0] = _mm_sha256rnds2_epu32(right[0], right[1], rk);
        };
    }
    four_rounds!(0 1 2 3: 0 1 2 3);
    four_rounds!(1 2 3 0: 4 5 6 7);
    four_rounds!(2 3 0 1: 8 9 10 11);
    four_rounds!(3 0 1 2: 12 13 14 15);
}

/// The four words sixteen rounds after `w0`.
#[inline]
#[target_feature(enable = "sha,ssse3")]
fn schedule(w0: __m128i, w1: __m128i, w2: __m128i, w3: __m128i) -> __m128i {
    let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8::<4>(w3, w2));
    _mm_sha256msg2_epu32(sum, w3)
}
