//! SHA-256 of eight independent streams at once, one in each 32-bit lane of 256-bit vectors.
//!
//! Defined by FIPS 180-4. Only whole blocks; padding is the caller's.

use crate::constants::K256;
use crate::vector::{swapped_halves, to_words, transpose_words};
use core::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_or_si256, _mm256_set1_epi32,
    _mm256_setr_epi32, _mm256_slli_epi32, _mm256_srli_epi32, _mm256_xor_si256,
};

/// How many streams.
pub(crate) const LANES: usize = 8;

/// One round; with `SCHEDULE`, after the word that it takes was made of those before.
macro_rules! round {
    ($w:ident $constants:ident $bc:ident $i:literal, $next:literal, $ten:literal, $fifteen:literal: $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {
        if SCHEDULE {
            let s0 = small_sigma::<7, 25, 18, 14, 3>($w[$next]);
            let s1 = small_sigma::<17, 15, 19, 13, 10>($w[$fifteen]);
            let sum = _mm256_add_epi32($w[$i], $w[$ten]);
            $w[$i] = _mm256_add_epi32(_mm256_add_epi32(sum, s0), s1);
        }
        let wk = _mm256_add_epi32($w[$i], _mm256_set1_epi32($constants[$i].cast_signed()));
        let ch = _mm256_xor_si256($g, _mm256_and_si256($e, _mm256_xor_si256($f, $g)));
        let s1 = big_sigma::<6, 26, 11, 21, 25, 7>($e);
        let t = _mm256_add_epi32(_mm256_add_epi32($h, wk), _mm256_add_epi32(ch, s1));
        $d = _mm256_add_epi32($d, t);
        let ab = _mm256_xor_si256($a, $b);
        let maj = _mm256_xor_si256($b, _mm256_and_si256(ab, $bc));
        $bc = ab;
        let s0 = big_sigma::<2, 30, 13, 19, 22, 10>($a);
        $h = _mm256_add_epi32(_mm256_add_epi32(t, maj), s0);
    };
}

/// The rounds, for one set of target features: with AVX-512's, the compiler makes one instruction of a rotation, and one of
/// three logical operations.
macro_rules! rounds {
    ($features:literal) => {
        use super::*;

        /// Takes each stream's blocks into its state, as many as the shortest has.
        #[target_feature(enable = $features)]
        pub(crate) fn compress(states: &mut [[u32; 8]; LANES], blocks: [&[[u8; 64]]; LANES]) {
            let count = blocks.iter().map(|blocks| blocks.len()).min().unwrap_or_default();
            let blocks = blocks.map(|stream| stream.get(..count).unwrap_or_default());
            let mut state = transpose_words(load_states(states));
            for index in 0..count {
                let before = state;
                let mut words = load_blocks(&blocks, index);
                let [first, rest @ ..] = &K256;
                sixteen_rounds::<false>(&mut state, &mut words, first);
                for constants in rest {
                    sixteen_rounds::<true>(&mut state, &mut words, constants);
                }
                state = add_each(state, before);
            }
            let rows = transpose_words(state);
            let [a, b, c, d, e, f, g, h] = rows;
            *states = [
                to_words(a),
                to_words(b),
                to_words(c),
                to_words(d),
                to_words(e),
                to_words(f),
                to_words(g),
                to_words(h),
            ];
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn add_each(left: [__m256i; 8], right: [__m256i; 8]) -> [__m256i; 8] {
            let mut sums = left;
            for (sum, word) in sums.iter_mut().zip(right) {
                *sum = _mm256_add_epi32(*sum, word);
            }
            sums
        }

        /// Sixteen rounds; with `SCHEDULE`, the words are those sixteen rounds later.
        #[inline]
        #[target_feature(enable = $features)]
        fn sixteen_rounds<const SCHEDULE: bool>(
            state: &mut [__m256i; 8],
            w: &mut [__m256i; 16],
            constants: &[u32; 16],
        ) {
            let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
            let mut bc = _mm256_xor_si256(b, c);
            round!(w constants bc 0, 1, 9, 14: a b c d e f g h);
            round!(w constants bc 1, 2, 10, 15: h a b c d e f g);
            round!(w constants bc 2, 3, 11, 0: g h a b c d e f);
            round!(w constants bc 3, 4, 12, 1: f g h a b c d e);
            round!(w constants bc 4, 5, 13, 2: e f g h a b c d);
            round!(w constants bc 5, 6, 14, 3: d e f g h a b c);
            round!(w constants bc 6, 7, 15, 4: c d e f g h a b);
            round!(w constants bc 7, 8, 0, 5: b c d e f g h a);
            round!(w constants bc 8, 9, 1, 6: a b c d e f g h);
            round!(w constants bc 9, 10, 2, 7: h a b c d e f g);
            round!(w constants bc 10, 11, 3, 8: g h a b c d e f);
            round!(w constants bc 11, 12, 4, 9: f g h a b c d e);
            round!(w constants bc 12, 13, 5, 10: e f g h a b c d);
            round!(w constants bc 13, 14, 6, 11: d e f g h a b c);
            round!(w constants bc 14, 15, 7, 12: c d e f g h a b);
            round!(w constants bc 15, 0, 8, 13: b c d e f g h a);
            let _ = bc;
            *state = [a, b, c, d, e, f, g, h];
        }

        /// Two rotations and a shift. [FIPS 180-4, sigma 0 and 1 in lower case]
        #[inline]
        #[target_feature(enable = $features)]
        fn small_sigma<const R0: i32, const L0: i32, const R1: i32, const L1: i32, const SHIFT: i32>(
            x: __m256i,
        ) -> __m256i {
            let first = _mm256_xor_si256(_mm256_srli_epi32::<R0>(x), _mm256_slli_epi32::<L0>(x));
            let second = _mm256_xor_si256(_mm256_srli_epi32::<R1>(x), _mm256_slli_epi32::<L1>(x));
            _mm256_xor_si256(_mm256_xor_si256(first, second), _mm256_srli_epi32::<SHIFT>(x))
        }

        /// Three rotations, each given as what goes right and what goes left. [FIPS 180-4, Sigma 0 and 1]
        #[inline]
        #[target_feature(enable = $features)]
        fn big_sigma<
            const R0: i32,
            const L0: i32,
            const R1: i32,
            const L1: i32,
            const R2: i32,
            const L2: i32,
        >(
            x: __m256i,
        ) -> __m256i {
            let first = _mm256_or_si256(_mm256_srli_epi32::<R0>(x), _mm256_slli_epi32::<L0>(x));
            let second = _mm256_or_si256(_mm256_srli_epi32::<R1>(x), _mm256_slli_epi32::<L1>(x));
            let third = _mm256_or_si256(_mm256_srli_epi32::<R2>(x), _mm256_slli_epi32::<L2>(x));
            _mm256_xor_si256(_mm256_xor_si256(first, second), third)
        }
    };
}

/// By AVX2 alone.
pub(crate) mod avx2 {
    rounds!("avx2");
}

/// By AVX2, with AVX-512's instructions on vectors of the same width.
#[cfg(avx512)]
pub(crate) mod avx512 {
    rounds!("avx2,avx512f,avx512vl");
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_states(states: &[[u32; 8]; LANES]) -> [__m256i; 8] {
    states.map(|[a, b, c, d, e, f, g, h]| {
        _mm256_setr_epi32(
            a.cast_signed(),
            b.cast_signed(),
            c.cast_signed(),
            d.cast_signed(),
            e.cast_signed(),
            f.cast_signed(),
            g.cast_signed(),
            h.cast_signed(),
        )
    })
}

/// The sixteen words of the `index`-th block of each stream, one stream a lane.
#[inline]
#[target_feature(enable = "avx2")]
fn load_blocks(blocks: &[&[[u8; 64]]; LANES], index: usize) -> [__m256i; 16] {
    let mut low = [_mm256_set1_epi32(0); 8];
    let mut high = low;
    for ((stream, low), high) in blocks.iter().zip(&mut low).zip(&mut high) {
        let Some(block) = stream.get(index) else { continue };
        [*low, *high] = swapped_halves(block);
    }
    let [a, b, c, d, e, f, g, h] = transpose_words(low);
    let [i, j, k, l, m, n, o, p] = transpose_words(high);
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}
