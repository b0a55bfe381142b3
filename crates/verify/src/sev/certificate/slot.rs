//! The signature slots of a SEV certificate.
//!
//! Defined by [SEV-API, SEV certificate]. A slot is the usage of the key that signed, its algorithm, and 512 bytes for the
//! signature. An ECDSA signature is r and s in 72 bytes each; an RSA one is a little-endian number, which is 256 bytes long
//! with SHA-256 and 512 with SHA-384, since AMD's keys of 2048 bits use the one hash and those of 4096 bits the other.

use alloc::vec::Vec;
use p384::ecdsa;
use sev_launch_abi::reader::{Reader, first_nonzero};

use super::{Algorithm, CertificateError, Usage, zeros};
use crate::point::{self, COORDINATE_SIZE};
use crate::rsa_pss::KeySize;

/// Where the two slots start.
pub(super) const OFFSETS: [usize; 2] = [0x414, 0x61c];
/// Where in a slot its algorithm is.
const ALGORITHM_OFFSET: usize = 4;
/// Where in a slot its signature starts.
const SIGNATURE_OFFSET: usize = 8;
/// Bytes for a signature.
const SIGNATURE_SIZE: usize = 512;
/// The usage of an empty slot. [SEV-API, SEV certificate]
const EMPTY: u32 = 0x1000;

/// A place for a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Usage 0x1000, algorithm 0, and 512 zeros.
    Empty,
    /// A signature, not verified.
    Signed {
        /// The use of the key that signed, as the slot claims it.
        signer: Usage,
        /// The algorithm, as the slot claims it: RSA or ECDSA.
        algorithm: Algorithm,
        /// The signature.
        signature: Signature,
    },
}

/// A signature as a number or two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// r and s on P-384, both between 1 and the order less 1.
    Ecdsa(ecdsa::Signature),
    /// Big-endian, 256 or 512 bytes.
    Rsa(Vec<u8>),
}

/// Reads the slot that starts at `slot`. `length` is the error if it ends too early, which a certificate's size rules out.
pub(super) fn read(
    reader: &mut Reader<'_>,
    slot: usize,
    length: CertificateError,
) -> Result<Slot, CertificateError> {
    let (usage, found) = (reader.u32().ok_or(length)?, reader.u32().ok_or(length)?);
    let field = reader.slice(SIGNATURE_SIZE).ok_or(length)?;
    let mut parts = Reader::new(field);
    let numbers = [parts.array().ok_or(length)?, parts.array().ok_or(length)?];
    let (at_algorithm, offset) = (slot + ALGORITHM_OFFSET, slot + SIGNATURE_OFFSET);
    if usage == EMPTY {
        let algorithm = first_nonzero(at_algorithm, &found.to_le_bytes());
        return match algorithm.or(first_nonzero(offset, field)) {
            Some(offset) => Err(CertificateError::EmptySlot { slot, offset }),
            None => Ok(Slot::Empty),
        };
    }
    let signer = Usage::from_code(usage)
        .ok_or(CertificateError::SlotUsage { offset: slot, found: usage })?;
    let (algorithm, signature) = match Algorithm::from_code(found) {
        Some(ecdsa @ (Algorithm::EcdsaSha256 | Algorithm::EcdsaSha384)) => {
            let signature = ecdsa_from_fields(&numbers, offset)?;
            zeros(offset + 2 * COORDINATE_SIZE, parts.rest())?;
            (ecdsa, Signature::Ecdsa(signature))
        }
        Some(rsa @ Algorithm::RsaSha256) => (rsa, rsa_signature(field, offset, KeySize::Bits2048)?),
        Some(rsa @ Algorithm::RsaSha384) => (rsa, rsa_signature(field, offset, KeySize::Bits4096)?),
        Some(Algorithm::EcdhSha256 | Algorithm::EcdhSha384) | None => {
            return Err(CertificateError::SlotAlgorithm { offset: at_algorithm, found });
        }
    };
    Ok(Slot::Signed { signer, algorithm, signature })
}

fn rsa_signature(
    field: &[u8],
    offset: usize,
    size: KeySize,
) -> Result<Signature, CertificateError> {
    let (number, rest) = field.split_at(size.bytes().min(field.len()));
    zeros(offset + size.bytes(), rest)?;
    Ok(Signature::Rsa(number.iter().rev().copied().collect()))
}

/// r and s from their two little-endian fields of 72 bytes, of which 24 must be zero; they start at `offset`.
pub(crate) fn ecdsa_from_fields(
    numbers: &[[u8; COORDINATE_SIZE]; 2],
    offset: usize,
) -> Result<ecdsa::Signature, CertificateError> {
    let number = |field, offset| {
        let reserved = |(at, found)| CertificateError::Reserved { offset: offset + at, found };
        point::number(field).map_err(reserved)
    };
    let [r, s] = numbers;
    let (r, s) = (number(r, offset)?, number(s, offset + COORDINATE_SIZE)?);
    ecdsa::Signature::from_scalars(r, s).map_err(|_| CertificateError::SignatureRange { offset })
}
