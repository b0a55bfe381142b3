//! ECDSA signatures on P-384 with SHA-384 as AMD's structures hold them: 512 bytes.
//!
//! Defined by [SNP-ABI, ECDSA P-384 with SHA-384 signature]: r and s, 72 bytes each and little-endian, of which 48 are used,
//! then 368 zero bytes. The zeros are checked, since no signature covers them and equal evidence must have equal bytes.

use p384::ecdsa::Signature;
use thiserror::Error;

/// Bytes of a signature field.
pub(super) const SIGNATURE_SIZE: usize = 512;
/// Bytes of r or s in it.
const COMPONENT_SIZE: usize = 72;
/// Bytes of a number on P-384.
const USED: usize = 48;

/// Why the bytes are no signature.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// A byte after the 48 used ones of a component, or after the two components, is not zero.
    #[error("byte {offset:#x} of the signature field is not zero, and must be")]
    Padding {
        /// Where, from the start of the 512 bytes.
        offset: u64,
    },
    /// All bytes are zero: nothing was signed, as with a masked chip key.
    #[error("the signature is all zeros: nothing was signed")]
    Absent,
    /// r or s is zero, or not below the order of the curve.
    #[error("r or s of the signature is zero or not below the order of P-384")]
    Range,
}

/// The signature in a field.
pub(super) fn read(field: &[u8; SIGNATURE_SIZE]) -> Result<Signature, SignatureError> {
    if field.iter().all(|byte| *byte == 0) {
        return Err(SignatureError::Absent);
    }
    let padding = field.iter().zip(0u64..).find(|(byte, offset)| {
        let used = (0..48).contains(offset) || (72..120).contains(offset);
        !used && **byte != 0
    });
    if let Some((_, offset)) = padding {
        return Err(SignatureError::Padding { offset });
    }
    let (r, s) = field.split_at(COMPONENT_SIZE);
    Signature::from_scalars(big_endian(r), big_endian(s)).map_err(|_| SignatureError::Range)
}

/// The first 48 bytes, the other way round.
fn big_endian(component: &[u8]) -> [u8; USED] {
    let mut number = [0; USED];
    for (to, from) in number.iter_mut().rev().zip(component) {
        *to = *from;
    }
    number
}

/// The field of a signature.
pub(super) fn write(signature: &Signature) -> [u8; SIGNATURE_SIZE] {
    let mut field = [0; SIGNATURE_SIZE];
    let (r, s) = signature.split_bytes();
    for (space, number) in field.chunks_exact_mut(COMPONENT_SIZE).zip([r, s]) {
        for (to, from) in space.iter_mut().zip(number.iter().rev()) {
            *to = *from;
        }
    }
    field
}
