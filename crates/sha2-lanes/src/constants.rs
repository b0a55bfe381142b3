//! The constants of SHA-256 and SHA-384: fractional parts of roots of the first primes.
//!
//! Defined by FIPS 180-4. They stand in rows of sixteen, since rounds are done sixteen at a time. SHA-256's round constants
//! are the upper halves of SHA-384's, as far as they go.

/// The round constants of SHA-256. [FIPS 180-4, SHA-224 and SHA-256 constants]
pub(crate) const K256: [[u32; 16]; 4] = {
    let [first, second, third, fourth, _] = *UPPER.as_chunks().0 else { unreachable!() };
    [first, second, third, fourth]
};

/// The round constants of SHA-384. [FIPS 180-4, SHA-384 and SHA-512 constants]
#[expect(clippy::indexing_slicing, reason = "the compiler does it, and has the lengths")]
pub(crate) const K512: [[u64; 16]; 5] = {
    let mut rows = [[0; 16]; 5];
    let mut at = 0;
    while at < UPPER.len() {
        let ([a, b, c, d], [e, f, g, h]) = (UPPER[at].to_be_bytes(), LOWER[at].to_be_bytes());
        rows[at / 16][at % 16] = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        at += 1;
    }
    rows
};

/// The upper halves of [`K512`].
const UPPER: [u32; 80] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    0xca273ece, 0xd186b8c7, 0xeada7dd6, 0xf57d4f7f, 0x06f067aa, 0x0a637dc5, 0x113f9804, 0x1b710b35,
    0x28db77f5, 0x32caab7b, 0x3c9ebe0a, 0x431d67c4, 0x4cc5d4be, 0x597f299c, 0x5fcb6fab, 0x6c44198c,
];

/// The lower halves.
const LOWER: [u32; 80] = [
    0xd728ae22, 0x23ef65cd, 0xec4d3b2f, 0x8189dbbc, 0xf348b538, 0xb605d019, 0xaf194f9b, 0xda6d8118,
    0xa3030242, 0x45706fbe, 0x4ee4b28c, 0xd5ffb4e2, 0xf27b896f, 0x3b1696b1, 0x25c71235, 0xcf692694,
    0x9ef14ad2, 0x384f25e3, 0x8b8cd5b5, 0x77ac9c65, 0x592b0275, 0x6ea6e483, 0xbd41fbd4, 0x831153b5,
    0xee66dfab, 0x2db43210, 0x98fb213f, 0xbeef0ee4, 0x3da88fc2, 0x930aa725, 0xe003826f, 0x0a0e6e70,
    0x46d22ffc, 0x5c26c926, 0x5ac42aed, 0x9d95b3df, 0x8baf63de, 0x3c77b2a8, 0x47edaee6, 0x1482353b,
    0x4cf10364, 0xbc423001, 0xd0f89791, 0x0654be30, 0xd6ef5218, 0x5565a910, 0x5771202a, 0x32bbd1b8,
    0xb8d2d0c8, 0x5141ab53, 0xdf8eeb99, 0xe19b48a8, 0xc5c95a63, 0xe3418acb, 0x7763e373, 0xd6b2b8a3,
    0x5defb2fc, 0x43172f60, 0xa1f0ab72, 0x1a6439ec, 0x23631e28, 0xde82bde9, 0xb2c67915, 0xe372532b,
    0xea26619c, 0x21c0c207, 0xcde0eb1e, 0xee6ed178, 0x72176fba, 0xa2c898a6, 0xbef90dae, 0x131c471b,
    0x23047d84, 0x40c72493, 0x15c9bebc, 0x9c100d4c, 0xcb3e42b6, 0xfc657e2a, 0x3ad6faec, 0x4a475817,
];

/// What SHA-384 starts from. [FIPS 180-4, SHA-384 initial hash value]
pub(crate) const SHA384_INITIAL: [u64; 8] = [
    0xcbbb9d5d_c1059ed8,
    0x629a292a_367cd507,
    0x9159015a_3070dd17,
    0x152fecd8_f70e5939,
    0x67332667_ffc00b31,
    0x8eb44a87_68581511,
    0xdb0c2e0d_64f98fa7,
    0x47b5481d_befa4fa4,
];
