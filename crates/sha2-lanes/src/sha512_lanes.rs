//! SHA-512's compression, which is SHA-384's, of four independent streams at once, one in each 64-bit lane of 256-bit vectors.
//!
//! Defined by FIPS 180-4. Only whole blocks; padding is the caller's.

use core::arch::x86_64::{
    __m256i, _mm256_add_epi64 as add, _mm256_and_si256 as and, _mm256_or_si256 as or,
    _mm256_set1_epi64x as splat, _mm256_setr_epi8, _mm256_setr_epi64x, _mm256_shuffle_epi8,
    _mm256_slli_epi64 as left, _mm256_srli_epi64 as right, _mm256_xor_si256 as xor,
};

use crate::constants::K512;
use crate::vector::{from_bytes, to_long_words, transpose_long_words};

/// How many streams.
pub(crate) const LANES: usize = 4;

/// By AVX2 alone.
pub(crate) mod avx2 {
    crate::lanes::rounds!("avx2", u64, 128, K512, or, (1 63 8 56 7), (19 45 61 3 6), (28 36 34 30 39 25), (14 50 18 46 41 23));
}

/// By AVX2, with AVX-512's instructions on vectors of the same width.
#[cfg(avx512)]
pub(crate) mod avx512 {
    crate::lanes::rounds!("avx2,avx512f,avx512vl", u64, 128, K512, or, (1 63 8 56 7), (19 45 61 3 6), (28 36 34 30 39 25), (14 50 18 46 41 23));
}
#[cfg(not(avx512))]
pub(crate) use avx2 as avx512;

#[inline]
#[target_feature(enable = "avx2")]
fn load_states(states: &[[u64; 8]; LANES]) -> [__m256i; 8] {
    let words = states.map(|state| state.map(u64::cast_signed));
    let low = words.map(|[a, b, c, d, ..]| _mm256_setr_epi64x(a, b, c, d));
    let high = words.map(|[.., e, f, g, h]| _mm256_setr_epi64x(e, f, g, h));
    let [a, b, c, d] = transpose_long_words(low);
    let [e, f, g, h] = transpose_long_words(high);
    [a, b, c, d, e, f, g, h]
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_states(states: &mut [[u64; 8]; LANES], [a, b, c, d, e, f, g, h]: [__m256i; 8]) {
    let low = transpose_long_words([a, b, c, d]);
    let high = transpose_long_words([e, f, g, h]);
    for ((state, low), high) in states.iter_mut().zip(low).zip(high) {
        let ([a, b, c, d], [e, f, g, h]) = (to_long_words(low), to_long_words(high));
        *state = [a, b, c, d, e, f, g, h];
    }
}

/// The sixteen words of the `index`-th block of each stream, one stream a lane.
#[inline]
#[target_feature(enable = "avx2")]
fn load_blocks(blocks: &[&[[u8; 128]]; LANES], index: usize) -> [__m256i; 16] {
    let swap = _mm256_setr_epi8(
        7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13,
        12, 11, 10, 9, 8,
    );
    let mut quarters = [[splat(0); LANES]; 4];
    for (lane, stream) in blocks.iter().enumerate() {
        let Some(block) = stream.get(index) else { continue };
        for (quarter, bytes) in quarters.iter_mut().zip(block.as_chunks::<32>().0) {
            let Some(words) = quarter.get_mut(lane) else { continue };
            *words = _mm256_shuffle_epi8(from_bytes(bytes), swap);
        }
    }
    let [[a, b, c, d], [e, f, g, h], [i, j, k, l], [m, n, o, p]] =
        quarters.map(|quarter| transpose_long_words(quarter));
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}
