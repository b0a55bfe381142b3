//! ECDSA signatures on P-384 that cost next to nothing, for fuzzers that sign in every run. For throwaway keys alone.
//!
//! What a signature costs is a multiple of the curve's generator, by the nonce. [`sign`] has nonce 1, so that multiple is the
//! generator itself: r is always its x, and s is the hash plus r times the key. Such signatures verify as any others do, and
//! whoever sees one can compute the private key.

use p384::Scalar;
use p384::elliptic_curve::ff::PrimeField as _;
use p384::elliptic_curve::ops::Reduce as _;

/// The x of P-384's generator, big-endian (SP 800-186, P-384). It is below the order, so r is this number.
const GENERATOR_X: &str = "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7";

/// r and s, big-endian, of a hash of at most 48 bytes under a private key.
///
/// # Panics
///
/// When the private key is none, when the hash is longer, or when s is 0, which happens by chance with one hash in 2^384.
#[must_use]
pub fn sign(private: &[u8; 48], hash: &[u8]) -> [[u8; 48]; 2] {
    let mut r = [0; 48];
    hex::decode_to_slice(GENERATOR_X, &mut r).expect("48 bytes of hex");
    let scalar = |bytes: [u8; 48]| Scalar::from_repr(bytes.into()).into_option();
    let key = scalar(*private).expect("the private key is below the order");
    let mut padded = [0; 48];
    let start = padded.len().checked_sub(hash.len()).expect("a hash has at most 48 bytes");
    padded[start..].copy_from_slice(hash);
    let padded: p384::FieldBytes = padded.into();
    let s = Scalar::reduce(&padded) + scalar(r).expect("it is below the order") * key;
    assert!(s != Scalar::ZERO, "another message is needed");
    [r, s.to_repr().into()]
}

#[cfg(test)]
mod tests {
    use p384::SecretKey;
    use p384::ecdsa::signature::hazmat::PrehashVerifier as _;
    use p384::ecdsa::{Signature, VerifyingKey};

    use super::*;

    #[test]
    fn the_library_verifies_them() {
        // Hashes as long as SHA-256's and SHA-384's, and one that is not below the order.
        for hash in [&[0x5a; 32][..], &[0xc3; 48], &[0xff; 48], &[0; 48]] {
            let private = [0x42; 48];
            let key = SecretKey::from_slice(&private).unwrap().public_key();
            let verifier = VerifyingKey::from(key);
            let [r, s] = sign(&private, hash);
            let signature = Signature::from_scalars(r, s).unwrap();
            assert!(verifier.verify_prehash(hash, &signature).is_ok());
            let other = Signature::from_scalars(r, sign(&[0x43; 48], hash)[1]).unwrap();
            assert!(verifier.verify_prehash(hash, &other).is_err());
        }
    }
}
