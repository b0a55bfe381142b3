//! SHA-2's compression of several independent streams at once, one in each lane of 256-bit vectors: what SHA-256 and SHA-512 share.
//!
//! Defined by FIPS 180-4; the two differ in the size of a word, the constants, and by how much a word is turned. Each file
//! imports its vector operations under the names that are used here.

/// One round; with `SCHEDULE`, after the word that it takes was made of those before.
macro_rules! round {
    ($w:ident $constants:ident $bc:ident $i:literal, $next:literal, $ten:literal, $fifteen:literal: $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident) => {
        if SCHEDULE {
            let (s0, s1) = (small_sigma_0($w[$next]), small_sigma_1($w[$fifteen]));
            $w[$i] = add(add(add($w[$i], $w[$ten]), s0), s1);
        }
        let wk = add($w[$i], splat($constants[$i].cast_signed()));
        let ch = xor($g, and($e, xor($f, $g)));
        let t = add(add($h, wk), add(ch, big_sigma_1($e)));
        $d = add($d, t);
        let ab = xor($a, $b);
        let maj = xor($b, and(ab, $bc));
        $bc = ab;
        $h = add(add(t, maj), big_sigma_0($a));
    };
}
pub(crate) use round;

/// The rounds, for one set of target features: with AVX-512's, the compiler makes one instruction of a rotation, and one of
/// three logical operations. `$small0` and so on are numbers of bits to the right, and, of rotations, to the left.
/// [FIPS 180-4, sigma and Sigma, 0 and 1]
macro_rules! rounds {
    ($features:literal, $word:ty, $block:literal, $constants:ident, $small_join:ident,
     $small0:tt, $small1:tt, $big0:tt, $big1:tt) => {
        use super::*;
        use crate::lanes::{big_sigma, round, small_sigma};

        /// Takes each stream's blocks into its state, as many as the shortest has.
        #[target_feature(enable = $features)]
        pub(crate) fn compress(states: &mut [[$word; 8]; LANES], blocks: [&[[u8; $block]]; LANES]) {
            let count = blocks.iter().map(|blocks| blocks.len()).min().unwrap_or_default();
            let blocks = blocks.map(|stream| stream.get(..count).unwrap_or_default());
            let mut state = load_states(states);
            for index in 0..count {
                let before = state;
                let mut words = load_blocks(&blocks, index);
                let [first, rest @ ..] = &$constants;
                sixteen_rounds::<false>(&mut state, &mut words, first);
                for constants in rest {
                    sixteen_rounds::<true>(&mut state, &mut words, constants);
                }
                for (word, before) in state.iter_mut().zip(before) {
                    *word = add(*word, before);
                }
            }
            store_states(states, state);
        }

        /// Sixteen rounds; with `SCHEDULE`, the words are those sixteen rounds later.
        #[inline]
        #[target_feature(enable = $features)]
        fn sixteen_rounds<const SCHEDULE: bool>(
            state: &mut [__m256i; 8],
            w: &mut [__m256i; 16],
            constants: &[$word; 16],
        ) {
            let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
            let mut bc = xor(b, c);
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

        small_sigma!($features, small_sigma_0, $small_join, $small0);
        small_sigma!($features, small_sigma_1, $small_join, $small1);
        big_sigma!($features, big_sigma_0, $big0);
        big_sigma!($features, big_sigma_1, $big1);
    };
}
pub(crate) use rounds;

/// Two rotations and a shift. [FIPS 180-4, sigma 0 and 1 in lower case]
macro_rules! small_sigma {
    ($features:literal, $name:ident, $join:ident, ($r0:literal $l0:literal $r1:literal $l1:literal $shift:literal)) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn $name(x: __m256i) -> __m256i {
            let first = $join(right::<$r0>(x), left::<$l0>(x));
            let second = $join(right::<$r1>(x), left::<$l1>(x));
            xor(xor(first, second), right::<$shift>(x))
        }
    };
}
pub(crate) use small_sigma;

/// Three rotations. [FIPS 180-4, Sigma 0 and 1]
macro_rules! big_sigma {
    ($features:literal, $name:ident, ($r0:literal $l0:literal $r1:literal $l1:literal $r2:literal $l2:literal)) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn $name(x: __m256i) -> __m256i {
            let first = or(right::<$r0>(x), left::<$l0>(x));
            let second = or(right::<$r1>(x), left::<$l1>(x));
            let third = or(right::<$r2>(x), left::<$l2>(x));
            xor(xor(first, second), third)
        }
    };
}
pub(crate) use big_sigma;
