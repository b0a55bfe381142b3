//! ECDSA signatures on P-384 with SHA-384 as AMD's structures hold them: 512 bytes.
//!
//! Defined by [SNP-ABI, ECDSA P-384 with SHA-384 signature]: r and s, 72 bytes each and little-endian, of which 48 are used,
//! then 368 zero bytes. The zeros are checked, since no signature covers them: nothing can be hidden there. What surprises: with
//! (r, s) ECDSA verifies (r, order - s) too, and AMD's hardware makes both kinds, so both are taken. Anybody can turn one into the
//! other, and so each signed message has two byte strings that verify: the bytes of a report or certificate are no identity, and
//! whoever must tell two of them apart compares what is signed.

use p384::ecdsa::Signature;
use sev_launch_abi::reader::{first_nonzero, wide};
use thiserror::Error;

use crate::point::{self, COORDINATE_SIZE};

/// Bytes of a signature field.
pub(super) const SIGNATURE_SIZE: usize = 512;

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
    let padding = |offset| SignatureError::Padding { offset: wide(offset) };
    let number = |field, start| point::number(field).map_err(|(at, _)| padding(start + at));
    let (numbers, _) = field.as_chunks::<COORDINATE_SIZE>();
    let [r, s, ..] = numbers else { return Err(SignatureError::Range) };
    let (r, s) = (number(r, 0)?, number(s, COORDINATE_SIZE)?);
    let (used, rest) = field.split_at(2 * COORDINATE_SIZE);
    if let Some(offset) = first_nonzero(used.len(), rest) {
        return Err(padding(offset));
    }
    Signature::from_scalars(r, s).map_err(|_| SignatureError::Range)
}

/// The field of a signature.
pub(super) fn write(signature: &Signature) -> [u8; SIGNATURE_SIZE] {
    let mut field = [0; SIGNATURE_SIZE];
    let (r, s) = signature.split_bytes();
    let numbers = [point::field(&r), point::field(&s)];
    field.iter_mut().zip(numbers.as_flattened()).for_each(|(to, from)| *to = *from);
    field
}
