//! SHA-256 of one stream for processors without SHA instructions: rounds in general registers, the message schedule of two
//! blocks at once in AVX2's vectors.
//!
//! Defined by FIPS 180-4. The rounds of the first block run beside the schedule of both; those of the second find theirs done.

use crate::constants::K256;
use crate::vector::{from_bytes, to_words};
use core::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_alignr_epi8, _mm256_permute2x128_si256, _mm256_setr_epi8,
    _mm256_setr_epi32, _mm256_shuffle_epi8, _mm256_shuffle_epi32, _mm256_slli_epi32,
    _mm256_srli_epi32, _mm256_srli_epi64, _mm256_xor_si256,
};
use core::hint::black_box;

/// Schedule words with their constants added: four of the first block, then the same four of the second.
type Four = [u32; 8];

/// Takes `blocks`, in order, into `state`.
#[target_feature(enable = "avx2,bmi1,bmi2")]
pub(crate) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    let mut scheduled = [[[0; 8]; 4]; 4];
    let (pairs, last) = blocks.as_chunks::<2>();
    for [first, second] in pairs {
        schedule_and_compress(state, &mut scheduled, first, second);
        compress_second(state, &scheduled);
    }
    if let [block] = last {
        schedule_and_compress(state, &mut scheduled, block, block);
    }
}

/// Takes `first` into `state` and leaves the schedule of both blocks.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2")]
fn schedule_and_compress(
    state: &mut [u32; 8],
    scheduled: &mut [[Four; 4]; 4],
    first: &[u8; 64],
    second: &[u8; 64],
) {
    let before = *state;
    let mut x = load_pair(first, second);
    let [rows @ .., last] = scheduled;
    let [constants @ .., last_constants] = &K256;
    for (row, constants) in rows.iter_mut().zip(constants) {
        sixteen_rounds::<true>(state, row, &mut x, constants);
    }
    sixteen_rounds::<false>(state, last, &mut x, last_constants);
    add_each(state, &before);
}

/// Takes the second block of a schedule into `state`.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2")]
fn compress_second(state: &mut [u32; 8], scheduled: &[[Four; 4]; 4]) {
    let before = *state;
    for row in scheduled {
        let [p, q, r, s] = row;
        four_rounds::<false>(state, p);
        four_rounds::<false>(state, q);
        four_rounds::<false>(state, r);
        four_rounds::<false>(state, s);
    }
    add_each(state, &before);
}

#[inline]
fn add_each(state: &mut [u32; 8], before: &[u32; 8]) {
    for (word, before) in state.iter_mut().zip(before) {
        *word = word.wrapping_add(*before);
    }
}

/// The words of two blocks, four of each in a vector, the first block's below.
#[inline]
#[target_feature(enable = "avx2")]
fn load_pair(first: &[u8; 64], second: &[u8; 64]) -> [__m256i; 4] {
    let swap = _mm256_setr_epi8(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8,
        15, 14, 13, 12,
    );
    let ([a, b], _) = first.as_chunks::<32>() else { unreachable!() };
    let ([c, d], _) = second.as_chunks::<32>() else { unreachable!() };
    let (a, b, c, d) = (
        _mm256_shuffle_epi8(from_bytes(a), swap),
        _mm256_shuffle_epi8(from_bytes(b), swap),
        _mm256_shuffle_epi8(from_bytes(c), swap),
        _mm256_shuffle_epi8(from_bytes(d), swap),
    );
    [
        _mm256_permute2x128_si256::<0x20>(a, c),
        _mm256_permute2x128_si256::<0x31>(a, c),
        _mm256_permute2x128_si256::<0x20>(b, d),
        _mm256_permute2x128_si256::<0x31>(b, d),
    ]
}

/// Sixteen rounds of the first block; with `SCHEDULE`, the words in `x` are then those sixteen rounds later.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2")]
fn sixteen_rounds<const SCHEDULE: bool>(
    state: &mut [u32; 8],
    row: &mut [Four; 4],
    x: &mut [__m256i; 4],
    constants: &[u32; 16],
) {
    for (four, (x, constants)) in row.iter_mut().zip(x.iter().zip(constants.as_chunks::<4>().0)) {
        let [a, b, c, d] = constants.map(u32::cast_signed);
        *four = to_words(_mm256_add_epi32(*x, _mm256_setr_epi32(a, b, c, d, a, b, c, d)));
    }
    // Kept in memory: taken out of a vector word by word they would cost more than the schedule itself.
    let _ = black_box(&*row);
    let [p, q, r, s] = row;
    let [x0, x1, x2, x3] = x;
    if SCHEDULE {
        *x0 = schedule(*x0, *x1, *x2, *x3);
    }
    four_rounds::<true>(state, p);
    if SCHEDULE {
        *x1 = schedule(*x1, *x2, *x3, *x0);
    }
    four_rounds::<true>(state, q);
    if SCHEDULE {
        *x2 = schedule(*x2, *x3, *x0, *x1);
    }
    four_rounds::<true>(state, r);
    if SCHEDULE {
        *x3 = schedule(*x3, *x0, *x1, *x2);
    }
    four_rounds::<true>(state, s);
}

/// The four words sixteen rounds after `w0`, of both blocks.
#[inline]
#[target_feature(enable = "avx2")]
fn schedule(w0: __m256i, w1: __m256i, w2: __m256i, w3: __m256i) -> __m256i {
    // sigma 0 of the words one later
    let x = _mm256_alignr_epi8::<4>(w1, w0);
    let first = _mm256_xor_si256(_mm256_srli_epi32::<7>(x), _mm256_slli_epi32::<25>(x));
    let second = _mm256_xor_si256(_mm256_srli_epi32::<18>(x), _mm256_slli_epi32::<14>(x));
    let sigma0 = _mm256_xor_si256(_mm256_xor_si256(first, second), _mm256_srli_epi32::<3>(x));
    let sum = _mm256_add_epi32(_mm256_add_epi32(w0, _mm256_alignr_epi8::<4>(w3, w2)), sigma0);
    // sigma 1 of the words two before: of the last two known, and then of the two that these give
    let low = _mm256_setr_epi8(
        0, 1, 2, 3, 8, 9, 10, 11, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3, 8, 9, 10, 11, -1, -1,
        -1, -1, -1, -1, -1, -1,
    );
    let high = _mm256_setr_epi8(
        -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3, 8, 9, 10, 11, -1, -1, -1, -1, -1, -1, -1, -1,
        0, 1, 2, 3, 8, 9, 10, 11,
    );
    let sigma1 = sigma1_of_doubled(_mm256_shuffle_epi32::<0b11_11_10_10>(w3));
    let sum = _mm256_add_epi32(sum, _mm256_shuffle_epi8(sigma1, low));
    let sigma1 = sigma1_of_doubled(_mm256_shuffle_epi32::<0b01_01_00_00>(sum));
    _mm256_add_epi32(sum, _mm256_shuffle_epi8(sigma1, high))
}

/// sigma 1 of words that stand twice in 64 bits, so that a shift is a rotation: right in the lower half.
#[inline]
#[target_feature(enable = "avx2")]
fn sigma1_of_doubled(x: __m256i) -> __m256i {
    let rotated = _mm256_xor_si256(_mm256_srli_epi64::<17>(x), _mm256_srli_epi64::<19>(x));
    _mm256_xor_si256(rotated, _mm256_srli_epi32::<10>(x))
}

/// Four rounds, of the first or the second block.
#[inline]
#[target_feature(enable = "bmi1,bmi2")]
fn four_rounds<const FIRST: bool>(state: &mut [u32; 8], four: &Four) {
    let [p, q, r, s, t, u, v, w] = *four;
    let [w0, w1, w2, w3] = if FIRST { [p, q, r, s] } else { [t, u, v, w] };
    round(state, w0);
    round(state, w1);
    round(state, w2);
    round(state, w3);
}

/// One round; the words move on by one place.
#[inline]
#[target_feature(enable = "bmi1,bmi2")]
fn round(state: &mut [u32; 8], word: u32) {
    let [a, b, c, d, e, f, g, h] = *state;
    let sigma1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
    let ch = (e & f).wrapping_add(!e & g);
    let t = h.wrapping_add(word).wrapping_add(ch).wrapping_add(sigma1);
    let sigma0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
    let maj = b ^ ((a ^ b) & (b ^ c));
    *state = [t.wrapping_add(sigma0).wrapping_add(maj), a, b, c, d.wrapping_add(t), e, f, g];
}
