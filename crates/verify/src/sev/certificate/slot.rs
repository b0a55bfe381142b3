//! The signature slots of a SEV certificate.
//!
//! Defined by [SEV-API, SEV certificate]. A slot is the usage of the key that signed, its algorithm, and 512 bytes for the
//! signature. An ECDSA signature is r and s in 72 bytes each; an RSA one is a little-endian number, which is 256 bytes long
//! with SHA-256 and 512 with SHA-384, since AMD's keys of 2048 bits use the one hash and those of 4096 bits the other.

use alloc::vec::Vec;
use p384::ecdsa;
use sev_launch_abi::reader::{Reader, first_nonzero};

use super::{Algorithm, CertificateError, Usage, zeros};
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
/// Bytes for r, and for s.
const NUMBER_SIZE: usize = 72;
/// Bytes of them that are used on P-384.
const NUMBER_USED: usize = 48;

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

/// A slot before its values are looked at.
pub(super) struct Fields {
    usage: u32,
    algorithm: u32,
    signature: [u8; SIGNATURE_SIZE],
}

impl Fields {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self { usage: reader.u32()?, algorithm: reader.u32()?, signature: reader.array()? })
    }

    /// The slot that starts at `slot`.
    pub(super) fn check(&self, slot: usize) -> Result<Slot, CertificateError> {
        if self.usage == EMPTY {
            let algorithm = first_nonzero(slot + ALGORITHM_OFFSET, &self.algorithm.to_le_bytes());
            let signature = first_nonzero(slot + SIGNATURE_OFFSET, &self.signature);
            return match algorithm.or(signature) {
                Some(offset) => Err(CertificateError::EmptySlot { slot, offset }),
                None => Ok(Slot::Empty),
            };
        }
        let signer = Usage::from_code(self.usage)
            .ok_or(CertificateError::SlotUsage { offset: slot, found: self.usage })?;
        let offset = slot + SIGNATURE_OFFSET;
        let (algorithm, signature) = match Algorithm::from_code(self.algorithm) {
            Some(ecdsa @ (Algorithm::EcdsaSha256 | Algorithm::EcdsaSha384)) => {
                (ecdsa, Signature::Ecdsa(self.ecdsa(offset)?))
            }
            Some(Algorithm::RsaSha256) => {
                (Algorithm::RsaSha256, self.rsa(offset, KeySize::Bits2048)?)
            }
            Some(Algorithm::RsaSha384) => {
                (Algorithm::RsaSha384, self.rsa(offset, KeySize::Bits4096)?)
            }
            Some(Algorithm::EcdhSha256 | Algorithm::EcdhSha384) | None => {
                return Err(CertificateError::SlotAlgorithm {
                    offset: slot + ALGORITHM_OFFSET,
                    found: self.algorithm,
                });
            }
        };
        Ok(Slot::Signed { signer, algorithm, signature })
    }

    fn ecdsa(&self, offset: usize) -> Result<ecdsa::Signature, CertificateError> {
        let (numbers, rest) = self.signature.split_at(2 * NUMBER_SIZE);
        let signature = ecdsa_from_fields(numbers, offset)?;
        zeros(offset + 2 * NUMBER_SIZE, rest)?;
        Ok(signature)
    }

    fn rsa(&self, offset: usize, size: KeySize) -> Result<Signature, CertificateError> {
        let (number, rest) = self.signature.split_at(size.bytes().min(SIGNATURE_SIZE));
        zeros(offset + size.bytes(), rest)?;
        Ok(Signature::Rsa(number.iter().rev().copied().collect()))
    }
}

/// r and s from their two little-endian fields of 72 bytes, of which 24 must be zero; they start at `offset`.
pub(crate) fn ecdsa_from_fields(
    numbers: &[u8],
    offset: usize,
) -> Result<ecdsa::Signature, CertificateError> {
    let (r, s) = numbers.split_at(numbers.len().min(NUMBER_SIZE));
    let mut big_endian = [[0; NUMBER_USED]; 2];
    for ((space, field), offset) in
        big_endian.iter_mut().zip([r, s]).zip([offset, offset + NUMBER_SIZE])
    {
        let (used, rest) = field.split_at(field.len().min(NUMBER_USED));
        zeros(offset + NUMBER_USED, rest)?;
        for (to, from) in space.iter_mut().rev().zip(used) {
            *to = *from;
        }
    }
    let [r, s] = big_endian;
    ecdsa::Signature::from_scalars(r, s).map_err(|_| CertificateError::SignatureRange { offset })
}
