//! AMD's own certificates, ARK and ASK, in the form of SEV: an RSA key with two identifiers and a signature.
//!
//! Defined by [SEV-API, AMD certificate]. 832 bytes with a key of 2048 bits (Naples), 1600 with one of 4096; all numbers are
//! little-endian, those of the key and the signature too. The same keys of Milan and later are in X.509 certificates as
//! well, with other signatures. AMD first published the ARK of Naples without its signature, in 576 bytes: see
//! [`CaCertificate::from_unsigned_naples_ark`].
//!
//! ```
//! use sev_launch_verify::abi::Generation;
//! use sev_launch_verify::amd_keys;
//! use sev_launch_verify::sev::ca_certificate::CaCertificate;
//! use sev_launch_verify::sev::certificate::Usage;
//!
//! let ark = CaCertificate::amd(Usage::Ark, amd_keys::ark(Generation::Milan))?;
//! assert_eq!(ark.sha256(), amd_keys::ark(Generation::Milan).certificate_sha256);
//! # Ok::<(), sev_launch_verify::sev::ca_certificate::CaCertificateError>(())
//! ```

use alloc::vec::Vec;
use core::fmt;
use sev_launch_abi::reader::{Reader, first_nonzero};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::amd_keys::{self, AmdKey};
use crate::rsa_pss::{EXPONENT, KeySize, PublicKey};
use crate::sev::certificate::Usage;
use sev_launch_abi::Generation;

/// Bytes of a certificate with a key of 2048 bits.
pub const SIZE_2048: usize = 832;
/// Bytes of a certificate with a key of 4096 bits.
pub const SIZE_4096: usize = 1600;
/// Bytes of the ARK of Naples as it was first published, without its signature.
pub const UNSIGNED_NAPLES_ARK_SIZE: usize = 576;

/// The only version. [SEV-API, AMD certificate]
const VERSION: u32 = 1;
/// Bytes before the exponent.
const HEADER_SIZE: usize = 0x40;
/// Where the bytes start that must be zero, and how many they are.
const RESERVED_OFFSET: usize = 0x28;
const RESERVED_SIZE: usize = 16;

/// A key's identifier, 16 bytes without a meaning.
pub type KeyId = [u8; 16];

/// Why bytes are no AMD certificate. Offsets are in bytes from its start.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaCertificateError {
    /// Neither 832 nor 1600 bytes, or not as many as the key's size asks for.
    #[error(
        "an AMD certificate has {SIZE_2048} or {SIZE_4096} bytes by its key's size, found {found}"
    )]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// Another version than 1.
    #[error("the version at offset 0x0 is {found}, wanted {VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// Neither an ARK nor an ASK.
    #[error("the key's usage at offset 0x24 is {found:#x}, wanted 0x0 (ARK) or 0x13 (ASK)")]
    Usage {
        /// The code found.
        found: u32,
    },
    /// A byte that must be zero.
    #[error("the byte at offset {offset:#x} is not 0")]
    Reserved {
        /// Where it is.
        offset: usize,
    },
    /// The sizes of exponent and modulus are not the same, or not those of the certificate's length.
    #[error(
        "the sizes of exponent and modulus at offset 0x38 are {exponent} and {modulus} bits, wanted {wanted} for both in a certificate of this length"
    )]
    KeySize {
        /// Bits of the exponent's field.
        exponent: u32,
        /// Bits of the modulus.
        modulus: u32,
        /// Bits wanted.
        wanted: u32,
    },
    /// Another exponent than 65537.
    #[error("the exponent at offset 0x40 is not {EXPONENT}")]
    Exponent,
    /// The modulus is even, or its highest bit is zero.
    #[error("the modulus at offset {offset:#x} is even or shorter than its size says")]
    Modulus {
        /// Where it starts.
        offset: usize,
    },
    /// 576 bytes that are not the ARK of Naples.
    #[error(
        "an AMD certificate without a signature is only known of the ARK of Naples, and this is not it"
    )]
    NotNaplesArk,
}

/// A well-formed ARK or ASK certificate. Nothing says yet who made it.
#[derive(Clone, PartialEq, Eq)]
pub struct CaCertificate {
    bytes: Vec<u8>,
    key_id: KeyId,
    certifying_id: KeyId,
    usage: Usage,
    modulus: Vec<u8>,
    signature: Vec<u8>,
    key: PublicKey,
}

impl CaCertificate {
    /// A certificate from exactly 832 or 1600 bytes.
    ///
    /// Errors: everything in [`CaCertificateError`]; a yes means that the layout is followed to the last byte, not that the
    /// signature is right.
    pub fn parse(bytes: &[u8]) -> Result<Self, CaCertificateError> {
        let length = CaCertificateError::Length { found: bytes.len() };
        let size = match bytes.len() {
            SIZE_2048 => KeySize::Bits2048,
            SIZE_4096 => KeySize::Bits4096,
            _ => return Err(length),
        };
        let mut reader = Reader::new(bytes);
        match reader.u32().ok_or(length)? {
            VERSION => {}
            found => return Err(CaCertificateError::Version { found }),
        }
        let key_id = reader.array().ok_or(length)?;
        let certifying_id = reader.array().ok_or(length)?;
        let found = reader.u32().ok_or(length)?;
        let Some(usage @ (Usage::Ark | Usage::Ask)) = Usage::from_code(found) else {
            return Err(CaCertificateError::Usage { found });
        };
        let reserved = reader.slice(RESERVED_SIZE).ok_or(length)?;
        if let Some(offset) = first_nonzero(RESERVED_OFFSET, reserved) {
            return Err(CaCertificateError::Reserved { offset });
        }
        let (exponent, wanted) = (reader.u32().ok_or(length)?, size.bits());
        let modulus = reader.u32().ok_or(length)?;
        if exponent != wanted || modulus != wanted {
            return Err(CaCertificateError::KeySize { exponent, modulus, wanted });
        }
        let mut number = || reader.slice(size.bytes()).ok_or(length);
        let known = EXPONENT.to_le_bytes().into_iter().chain(core::iter::repeat(0));
        if !number()?.iter().copied().eq(known.take(size.bytes())) {
            return Err(CaCertificateError::Exponent);
        }
        let mut big_endian = || Ok(number()?.iter().rev().copied().collect::<Vec<u8>>());
        let (modulus, signature) = (big_endian()?, big_endian()?);
        let offset = HEADER_SIZE + size.bytes();
        let key =
            PublicKey::from_modulus(&modulus).ok_or(CaCertificateError::Modulus { offset })?;
        let bytes = bytes.to_vec();
        Ok(Self { bytes, key_id, certifying_id, usage, modulus, signature, key })
    }

    /// The ARK of Naples from the 576 bytes that AMD first published, which end before the signature.
    ///
    /// Errors: the bytes are not those of the ARK that is [known here](amd_keys::ark). What comes back is the whole
    /// certificate of 832 bytes.
    pub fn from_unsigned_naples_ark(bytes: &[u8]) -> Result<Self, CaCertificateError> {
        let ark = Self::amd(Usage::Ark, amd_keys::ark(Generation::Naples))?;
        if bytes.len() != UNSIGNED_NAPLES_ARK_SIZE || ark.signed_bytes() != bytes {
            return Err(CaCertificateError::NotNaplesArk);
        }
        Ok(ark)
    }

    /// AMD's certificate of a key that is known here, put together from its numbers.
    ///
    /// Errors: another usage than ARK or ASK; none with the keys of [`amd_keys`], which a test proves by their certificates'
    /// SHA-256.
    pub fn amd(usage: Usage, key: &AmdKey) -> Result<Self, CaCertificateError> {
        let size = u32::try_from(key.modulus.len().saturating_mul(8)).unwrap_or_default();
        let mut bytes = Vec::with_capacity(HEADER_SIZE + 3 * key.modulus.len());
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(key.key_id);
        bytes.extend(key.certifying_id);
        bytes.extend(usage.code().to_le_bytes());
        bytes.extend([0; RESERVED_SIZE]);
        bytes.extend(size.to_le_bytes());
        bytes.extend(size.to_le_bytes());
        bytes.extend(EXPONENT.to_le_bytes());
        bytes.resize(HEADER_SIZE + key.modulus.len(), 0);
        bytes.extend(key.modulus.iter().rev());
        bytes.extend(key.signature.iter().rev());
        Self::parse(&bytes)
    }

    /// The 832 or 1600 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes that the signature covers: everything before it.
    pub fn signed_bytes(&self) -> &[u8] {
        self.bytes.get(..HEADER_SIZE + 2 * self.key_size().bytes()).unwrap_or_default()
    }

    /// The key's identifier.
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// The identifier of the key that signed, as the certificate claims it.
    pub fn certifying_id(&self) -> &KeyId {
        &self.certifying_id
    }

    /// What the key is for: ARK or ASK.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// How large the key is; the hash of its signatures follows from it.
    pub fn key_size(&self) -> KeySize {
        self.key.size()
    }

    /// The exponent, which is always 65537.
    pub fn exponent(&self) -> u32 {
        EXPONENT
    }

    /// The modulus, big-endian, 256 or 512 bytes.
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The signature, big-endian, as long as the modulus.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The SHA-256 of the whole certificate.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }

    /// The key, to verify with.
    pub(crate) fn key(&self) -> &PublicKey {
        &self.key
    }
}

impl fmt::Debug for CaCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CaCertificate({}, key {})", self.usage, hex::encode(self.key_id))
    }
}

impl fmt::Display for CaCertificate {
    /// Every field; the numbers of key and signature big-endian in hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "AMD certificate of the {}", self.usage)?;
        writeln!(f, "  version        1")?;
        writeln!(f, "  key id         {}", hex::encode(self.key_id))?;
        writeln!(f, "  certifying id  {}", hex::encode(self.certifying_id))?;
        writeln!(f, "  usage          {} ({:#x})", self.usage, self.usage.code())?;
        writeln!(f, "  key size       {} bits", self.key_size().bits())?;
        writeln!(f, "  exponent       {EXPONENT}")?;
        writeln!(f, "  modulus        {}", hex::encode(&self.modulus))?;
        writeln!(f, "  signature      {}", hex::encode(&self.signature))?;
        write!(f, "  SHA-256        {}", hex::encode(self.sha256()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_rebuilds_its_certificate() {
        for generation in Generation::ALL {
            let keys =
                [(Usage::Ark, amd_keys::ark(generation)), (Usage::Ask, amd_keys::ask(generation))];
            for (usage, key) in keys {
                let certificate = CaCertificate::amd(usage, key).unwrap();
                assert_eq!(certificate.sha256(), key.certificate_sha256, "{generation}");
                assert_eq!(certificate.usage(), usage);
            }
        }
    }
}
