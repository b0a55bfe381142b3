//! SHA-256 of one stream for processors without SHA instructions: rounds in general registers, the message schedule of two
//! blocks at once in AVX2's vectors.
//!
//! Defined by FIPS 180-4. The rounds of the first block run beside the schedule of both; those of the second find theirs done.

use crate::constants::K256;
use crate::vector::{swapped_halves, to_words};
use core::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_alignr_epi8, _mm256_permute2x128_si256, _mm256_setr_epi8,
    _mm256_setr_epi32, _mm256_shuffle_epi8, _mm256_shuffle_epi32, _mm256_slli_epi32,
    _mm256_srli_epi32, _mm256_srli_epi64, _mm256_xor_si256,
};
use core::cell::Cell;
use core::hint::black_box;

/// Schedule words with their constants added: four of the first block, then the same four of the second. In a cell, since
/// it is written beside those that are read.
type Four = Cell<[u32; 8]>;

/// The schedule of two blocks, sixteen rounds a row. Aligned, so that no vector lies across two cache lines.
#[derive(Default)]
#[repr(align(64))]
struct Schedule([[Four; 4]; 4]);

/// Sixteen rounds of the first block, and beside them the next sixteen words of both.
macro_rules! schedule_and_rounds {
    ($words:ident, $row:ident, $next:ident, $k:literal: $x0:ident $x1:ident $x2:ident $x3:ident) => {
        let ([r0, r1, r2, r3], [s0, s1, s2, s3]) = ($row, $next);
        let ([k0, k1, k2, k3], _) = K256[$k].as_chunks::<4>() else { unreachable!() };
        $x0 = next_words($x0, $x1, $x2, $x3);
        store(s0, $x0, k0);
        four_rounds::<true>(&mut $words, r0);
        $x1 = next_words($x1, $x2, $x3, $x0);
        store(s1, $x1, k1);
        four_rounds::<true>(&mut $words, r1);
        $x2 = next_words($x2, $x3, $x0, $x1);
        store(s2, $x2, k2);
        four_rounds::<true>(&mut $words, r2);
        $x3 = next_words($x3, $x0, $x1, $x2);
        store(s3, $x3, k3);
        four_rounds::<true>(&mut $words, r3);
    };
}

/// The stream, for one set of target features: with AVX-512's, the compiler makes one instruction of a rotation, and one of
/// three logical operations, and streams are two to three hundredths faster.
macro_rules! stream {
    ($features:literal) => {
        use super::*;

        /// Takes `blocks`, in order, into `state`.
        #[target_feature(enable = $features)]
        pub(crate) fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
            let schedule = Schedule::default();
            // From here on the compiler keeps it in memory: a word taken out of a vector costs more than a word loaded.
            black_box(&schedule);
            let mut words = *state;
            let mut blocks = blocks.iter();
            while let Some(first) = blocks.next() {
                let second = blocks.next();
                compress_first(&mut words, &schedule, first, second.unwrap_or(first));
                let Some(second) = second else { break };
                loop {
                    compress_second(&mut words, &schedule);
                    // Fill: a block that repeats the last one finds its schedule done.
                    match blocks.as_slice().first() {
                        Some(next) if repeats(next, second) => blocks.next(),
                        _ => break,
                    };
                }
            }
            *state = words;
        }

        /// Takes `first` into `state` and leaves the schedule of both blocks. In a loop over the rows it is slower: the loop's own
        /// registers are missing then.
        #[inline]
        #[target_feature(enable = $features)]
        fn compress_first(state: &mut [u32; 8], schedule: &Schedule, first: &[u8; 64], second: &[u8; 64]) {
            let before = *state;
            let mut words = *state;
            let [mut x0, mut x1, mut x2, mut x3] = load_pair(first, second);
            let [row0, row1, row2, row3] = &schedule.0;
            let ([k0, k1, k2, k3], _) = K256[0].as_chunks::<4>() else { unreachable!() };
            let [r0, r1, r2, r3] = row0;
            store(r0, x0, k0);
            store(r1, x1, k1);
            store(r2, x2, k2);
            store(r3, x3, k3);
            schedule_and_rounds!(words, row0, row1, 1: x0 x1 x2 x3);
            schedule_and_rounds!(words, row1, row2, 2: x0 x1 x2 x3);
            schedule_and_rounds!(words, row2, row3, 3: x0 x1 x2 x3);
            sixteen_rounds::<true>(&mut words, row3);
            add_each(&mut words, &before);
            *state = words;
        }

        /// Takes the second block of a schedule into `state`. Unrolled like the first: in a loop it is a tenth slower.
        #[inline]
        #[target_feature(enable = $features)]
        fn compress_second(state: &mut [u32; 8], schedule: &Schedule) {
            let before = *state;
            let mut words = *state;
            let [row0, row1, row2, row3] = &schedule.0;
            sixteen_rounds::<false>(&mut words, row0);
            sixteen_rounds::<false>(&mut words, row1);
            sixteen_rounds::<false>(&mut words, row2);
            sixteen_rounds::<false>(&mut words, row3);
            add_each(&mut words, &before);
            *state = words;
        }
    };
}

/// By AVX2 and BMI2.
pub(crate) mod avx2 {
    stream!("avx2,bmi1,bmi2");
}

/// The same, with AVX-512's instructions on vectors of the same width.
#[cfg(avx512)]
pub(crate) mod avx512 {
    stream!("avx2,bmi1,bmi2,avx512f,avx512vl");
}
#[cfg(not(avx512))]
pub(crate) use avx2 as avx512;

/// Are the blocks equal? A few bytes tell most that are not, without the vectors of a whole block.
#[inline(always)]
fn repeats(next: &[u8; 64], block: &[u8; 64]) -> bool {
    next.first_chunk::<8>() == block.first_chunk::<8>() && next == block
}

#[inline(always)]
fn add_each(state: &mut [u32; 8], before: &[u32; 8]) {
    for (word, before) in state.iter_mut().zip(before) {
        *word = word.wrapping_add(*before);
    }
}

/// Writes four schedule words of both blocks, with their constants added. What comes later in the source comes later.
#[inline]
#[target_feature(enable = "avx2")]
fn store(four: &Four, x: __m256i, constants: &[u32; 4]) {
    let [a, b, c, d] = constants.map(u32::cast_signed);
    four.set(to_words(_mm256_add_epi32(x, _mm256_setr_epi32(a, b, c, d, a, b, c, d))));
    // Without it the compiler does all the rounds first and then all the vectors, and the processor cannot overlap them.
    black_box(());
}

/// The words of two blocks, four of each in a vector, the first block's below.
#[inline]
#[target_feature(enable = "avx2")]
fn load_pair(first: &[u8; 64], second: &[u8; 64]) -> [__m256i; 4] {
    let ([a, b], [c, d]) = (swapped_halves(first), swapped_halves(second));
    [
        _mm256_permute2x128_si256::<0x20>(a, c),
        _mm256_permute2x128_si256::<0x31>(a, c),
        _mm256_permute2x128_si256::<0x20>(b, d),
        _mm256_permute2x128_si256::<0x31>(b, d),
    ]
}

/// The four words sixteen rounds after `w0`, of both blocks.
#[inline]
#[target_feature(enable = "avx2")]
fn next_words(w0: __m256i, w1: __m256i, w2: __m256i, w3: __m256i) -> __m256i {
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

/// Sixteen rounds, of the first or the second block.
#[inline(always)]
fn sixteen_rounds<const FIRST: bool>(state: &mut [u32; 8], [r0, r1, r2, r3]: &[Four; 4]) {
    four_rounds::<FIRST>(state, r0);
    four_rounds::<FIRST>(state, r1);
    four_rounds::<FIRST>(state, r2);
    four_rounds::<FIRST>(state, r3);
}

/// Four rounds, of the first or the second block.
#[inline(always)]
fn four_rounds<const FIRST: bool>(state: &mut [u32; 8], four: &Four) {
    let [p, q, r, s, t, u, v, w] = four.get();
    let [w0, w1, w2, w3] = if FIRST { [p, q, r, s] } else { [t, u, v, w] };
    round(state, w0);
    round(state, w1);
    round(state, w2);
    round(state, w3);
}

/// One round; the words move on by one place.
#[inline(always)]
fn round(state: &mut [u32; 8], word: u32) {
    let [a, b, c, d, e, f, g, h] = *state;
    let sigma1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
    // Ch is `(e & f) | (!e & g)`, which have no bit in common: added one by one, the second half waits for less.
    let early = h.wrapping_add(!e & g).wrapping_add(word);
    let t = early.wrapping_add(e & f).wrapping_add(sigma1);
    let sigma0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
    let maj = b ^ ((a ^ b) & (b ^ c));
    *state = [t.wrapping_add(sigma0).wrapping_add(maj), a, b, c, d.wrapping_add(t), e, f, g];
}
