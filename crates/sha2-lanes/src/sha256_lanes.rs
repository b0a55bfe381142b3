//! SHA-256 of eight independent streams at once, one in each 32-bit lane of 256-bit vectors.
//!
//! Defined by FIPS 180-4. Only whole blocks; padding is the caller's.

use core::arch::x86_64::{
    __m256i, _mm256_add_epi32 as add, _mm256_and_si256 as and, _mm256_or_si256 as or,
    _mm256_set1_epi32 as splat, _mm256_setr_epi32, _mm256_slli_epi32 as left,
    _mm256_srli_epi32 as right, _mm256_xor_si256 as xor,
};

use crate::constants::K256;
use crate::vector::{swapped_halves, to_words, transpose_words};

/// How many streams.
pub(crate) const LANES: usize = 8;

/// By AVX2 alone.
pub(crate) mod avx2 {
    crate::lanes::rounds!("avx2", u32, 64, K256, xor, (7 25 18 14 3), (17 15 19 13 10), (2 30 13 19 22 10), (6 26 11 21 25 7));
}

/// By AVX2, with AVX-512's instructions on vectors of the same width.
#[cfg(avx512)]
pub(crate) mod avx512 {
    crate::lanes::rounds!("avx2,avx512f,avx512vl", u32, 64, K256, xor, (7 25 18 14 3), (17 15 19 13 10), (2 30 13 19 22 10), (6 26 11 21 25 7));
}
#[cfg(not(avx512))]
pub(crate) use avx2 as avx512;

#[inline]
#[target_feature(enable = "avx2")]
fn load_states(states: &[[u32; 8]; LANES]) -> [__m256i; 8] {
    transpose_words(states.map(|state| {
        let [a, b, c, d, e, f, g, h] = state.map(u32::cast_signed);
        _mm256_setr_epi32(a, b, c, d, e, f, g, h)
    }))
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_states(states: &mut [[u32; 8]; LANES], words: [__m256i; 8]) {
    for (state, row) in states.iter_mut().zip(transpose_words(words)) {
        *state = to_words(row);
    }
}

/// The sixteen words of the `index`-th block of each stream, one stream a lane.
#[inline]
#[target_feature(enable = "avx2")]
fn load_blocks(blocks: &[&[[u8; 64]]; LANES], index: usize) -> [__m256i; 16] {
    let mut low = [splat(0); 8];
    let mut high = low;
    for ((stream, low), high) in blocks.iter().zip(&mut low).zip(&mut high) {
        let Some(block) = stream.get(index) else { continue };
        [*low, *high] = swapped_halves(block);
    }
    let [a, b, c, d, e, f, g, h] = transpose_words(low);
    let [i, j, k, l, m, n, o, p] = transpose_words(high);
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}
