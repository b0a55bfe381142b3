//! Between bytes, words and AVX2 vectors, without pointers.
//!
//! Vectors are put together from integers and taken apart into them: the compiler makes one load or store of it.

use core::arch::x86_64::{
    __m256i, _mm256_extract_epi32 as at, _mm256_extract_epi64 as long, _mm256_permute2x128_si256,
    _mm256_setr_epi8, _mm256_setr_epi64x, _mm256_shuffle_epi8, _mm256_unpackhi_epi32,
    _mm256_unpackhi_epi64, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64,
};

/// 32 bytes as they stand.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn from_bytes(bytes: &[u8; 32]) -> __m256i {
    // 32 is four times 8: the compiler knows, and leaves the other branch out.
    let ([a, b, c, d], []) = bytes.as_chunks::<8>() else { unreachable!() };
    let [a, b, c, d] = [*a, *b, *c, *d].map(i64::from_le_bytes);
    _mm256_setr_epi64x(a, b, c, d)
}

/// A block of SHA-256 in two halves, the bytes of each word turned round.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn swapped_halves(block: &[u8; 64]) -> [__m256i; 2] {
    let swap = _mm256_setr_epi8(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8,
        15, 14, 13, 12,
    );
    let ([low, high], []) = block.as_chunks::<32>() else { unreachable!() };
    [_mm256_shuffle_epi8(from_bytes(low), swap), _mm256_shuffle_epi8(from_bytes(high), swap)]
}

/// Eight 32-bit words, the first in the lowest lane.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn to_words(v: __m256i) -> [u32; 8] {
    [at::<0>(v), at::<1>(v), at::<2>(v), at::<3>(v), at::<4>(v), at::<5>(v), at::<6>(v), at::<7>(v)]
        .map(i32::cast_unsigned)
}

/// Four 64-bit words, the first in the lowest lane.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn to_long_words(v: __m256i) -> [u64; 4] {
    [long::<0>(v), long::<1>(v), long::<2>(v), long::<3>(v)].map(i64::cast_unsigned)
}

/// Eight rows of eight 32-bit words become columns.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn transpose_words(rows: [__m256i; 8]) -> [__m256i; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    let (ab, ab_high) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
    let (cd, cd_high) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
    let (ef, ef_high) = (_mm256_unpacklo_epi32(e, f), _mm256_unpackhi_epi32(e, f));
    let (gh, gh_high) = (_mm256_unpacklo_epi32(g, h), _mm256_unpackhi_epi32(g, h));
    // Columns of four rows each: 0 and 4, 1 and 5, and so on.
    let (low0, high0) = (_mm256_unpacklo_epi64(ab, cd), _mm256_unpacklo_epi64(ef, gh));
    let (low1, high1) = (_mm256_unpackhi_epi64(ab, cd), _mm256_unpackhi_epi64(ef, gh));
    let (low2, high2) =
        (_mm256_unpacklo_epi64(ab_high, cd_high), _mm256_unpacklo_epi64(ef_high, gh_high));
    let (low3, high3) =
        (_mm256_unpackhi_epi64(ab_high, cd_high), _mm256_unpackhi_epi64(ef_high, gh_high));
    [
        _mm256_permute2x128_si256::<0x20>(low0, high0),
        _mm256_permute2x128_si256::<0x20>(low1, high1),
        _mm256_permute2x128_si256::<0x20>(low2, high2),
        _mm256_permute2x128_si256::<0x20>(low3, high3),
        _mm256_permute2x128_si256::<0x31>(low0, high0),
        _mm256_permute2x128_si256::<0x31>(low1, high1),
        _mm256_permute2x128_si256::<0x31>(low2, high2),
        _mm256_permute2x128_si256::<0x31>(low3, high3),
    ]
}

/// Four rows of four 64-bit words become columns.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn transpose_long_words(rows: [__m256i; 4]) -> [__m256i; 4] {
    let [a, b, c, d] = rows;
    let (ab, cd) = (_mm256_unpacklo_epi64(a, b), _mm256_unpacklo_epi64(c, d));
    let (ab_high, cd_high) = (_mm256_unpackhi_epi64(a, b), _mm256_unpackhi_epi64(c, d));
    [
        _mm256_permute2x128_si256::<0x20>(ab, cd),
        _mm256_permute2x128_si256::<0x20>(ab_high, cd_high),
        _mm256_permute2x128_si256::<0x31>(ab, cd),
        _mm256_permute2x128_si256::<0x31>(ab_high, cd_high),
    ]
}
