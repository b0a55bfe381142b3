//! A signature by an ID key or author key, which may come from a program or a device that is not this one.
//!
//! Defined by [SNP-ABI, ECDSA P-384 with SHA-384 signature]. What surprises: others give r and s big-endian, raw or as DER with
//! leading zeros left out; the structure wants them little-endian in 72 bytes each.

use p384::ecdsa::Signature;

use super::IdBlockError;
use crate::snp::signature::{self, SIGNATURE_SIZE};

/// A signature on P-384 with SHA-384, its numbers in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdSignature(pub(super) Signature);

impl IdSignature {
    /// From r and s, 48 bytes each, big-endian.
    ///
    /// Errors: another number of bytes; r or s of zero, or not below the order of the curve.
    pub fn from_raw(bytes: &[u8]) -> Result<Self, IdBlockError> {
        Signature::from_slice(bytes).map(Self).map_err(|_| IdBlockError::Signature)
    }

    /// From DER: a SEQUENCE of r and s, as OpenSSL and most hardware return it.
    ///
    /// Errors: other bytes, trailing ones too; r or s out of range.
    pub fn from_der(bytes: &[u8]) -> Result<Self, IdBlockError> {
        Signature::from_der(bytes).map(Self).map_err(|_| IdBlockError::Signature)
    }

    /// The 512 bytes of the structure.
    pub fn to_bytes(&self) -> [u8; SIGNATURE_SIZE] {
        signature::write(&self.0)
    }
}
