//! The SEV certificate: 2084 bytes that bind a P-384 key to a use. PDH, PEK, OCA and CEK are such certificates.
//!
//! Defined by [SEV-API, SEV certificate]. Numbers are little-endian, those of keys and signatures too. Both signature slots
//! cover bytes 0x000 to 0x413 and nothing else, so whatever lies outside of that and of the signature's own numbers could be
//! changed without anyone noticing: here it must be zero. Even so one key may have several certificates, since ECDSA holds
//! for the order less s as well as for s: name a key by [`Certificate::key_sha256`], never by a hash of the file. A slot
//! names the *use* of the key that signed, not the key, and the order of the slots means nothing. A parsed certificate
//! proves nothing yet: see [`chain`](super::chain).
//!
//! Without an example: certificates come in a [`chain`](super::chain), which has one.

mod slot;
mod text;

use alloc::boxed::Box;
use core::fmt;
use p384::ecdsa::VerifyingKey;
use p384::ecdsa::signature::hazmat::PrehashVerifier as _;
use sev_launch_abi::ApiVersion;
use sev_launch_abi::reader::{Reader, first_nonzero};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

pub(crate) use self::slot::ecdsa_from_fields;
pub use self::slot::{Signature, Slot};
use crate::point::{PointError, PublicPoint};

/// Bytes of a certificate.
pub const SIZE: usize = 2084;
/// Bytes of it that are signed: everything before the slots.
pub const SIGNED_SIZE: usize = 1044;
/// Where the bytes after the API version are, which must be zero.
const RESERVED_OFFSET: usize = 0x6;
/// Where PUBKEY starts.
const KEY_OFFSET: usize = 0x10;
/// Where PUBKEY's bytes after the two coordinates start, which must be zero, and how many they are.
const KEY_REST_OFFSET: usize = 0xa4;
const KEY_REST_SIZE: usize = 880;
/// The only version. [SEV-API, SEV certificate]
const VERSION: u32 = 1;
/// The code of P-384. [SEV-API, SEV certificate]
const P384: u32 = 2;

sev_launch_abi::named! {
    /// What a key is for. [SEV-API, PUBKEY_USAGE]
    pub enum Usage, code: u32 {
        /// AMD root key, 0x0000.
        Ark = 0x0000 => "ARK",
        /// AMD SEV signing key, 0x0013.
        Ask = 0x0013 => "ASK",
        /// Owner certificate authority, 0x1001.
        Oca = 0x1001 => "OCA",
        /// Platform endorsement key, 0x1002.
        Pek = 0x1002 => "PEK",
        /// Platform Diffie-Hellman key, 0x1003.
        Pdh = 0x1003 => "PDH",
        /// Chip endorsement key, 0x1004.
        Cek = 0x1004 => "CEK",
    }
}

impl Usage {
    /// The usage with this code; `None` for 0x1000, which stands for no key, and for every unknown code.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| usage.code() == code)
    }
}

sev_launch_abi::named! {
    /// What a key does, and with which hash. [SEV-API, PUBKEY_ALGO]
    pub enum Algorithm, code: u32 {
        /// RSA with SHA-256, 0x0001.
        RsaSha256 = 0x0001 => "RSA with SHA-256",
        /// ECDSA with SHA-256, 0x0002.
        EcdsaSha256 = 0x0002 => "ECDSA with SHA-256",
        /// ECDH with SHA-256, 0x0003.
        EcdhSha256 = 0x0003 => "ECDH with SHA-256",
        /// RSA with SHA-384, 0x0101.
        RsaSha384 = 0x0101 => "RSA with SHA-384",
        /// ECDSA with SHA-384, 0x0102.
        EcdsaSha384 = 0x0102 => "ECDSA with SHA-384",
        /// ECDH with SHA-384, 0x0103.
        EcdhSha384 = 0x0103 => "ECDH with SHA-384",
    }
}

impl Algorithm {
    /// The algorithm with this code; `None` for 0, which stands for none, and for every unknown code.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.code() == code)
    }
}

/// Why bytes are no SEV certificate. Offsets are in bytes from its start.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateError {
    /// Not 2084 bytes.
    #[error("a SEV certificate has {SIZE} bytes, found {found}")]
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
    /// A byte that must be zero.
    #[error("the byte at offset {offset:#x} is {found:#04x}, wanted 0")]
    Reserved {
        /// Where it is.
        offset: usize,
        /// The byte found.
        found: u8,
    },
    /// Not one of the four keys that have such a certificate.
    #[error(
        "the key's usage at offset 0x8 is {found:#x}, wanted 0x1001 (OCA), 0x1002 (PEK), 0x1003 (PDH) or 0x1004 (CEK)"
    )]
    Usage {
        /// The code found.
        found: u32,
    },
    /// A PDH's key does ECDH, the others do ECDSA with SHA-256.
    #[error(
        "the key's algorithm at offset 0xc is {found:#x}, wanted {} for {}",
        if *usage == Usage::Pdh { "0x3 or 0x103 (ECDH)" } else { "0x2 (ECDSA with SHA-256)" },
        usage
    )]
    KeyAlgorithm {
        /// The certificate's usage.
        usage: Usage,
        /// The code found.
        found: u32,
    },
    /// Another curve than P-384.
    #[error("the curve at offset 0x10 is {found}, wanted {P384} (P-384)")]
    Curve {
        /// The code found.
        found: u32,
    },
    /// The coordinates are no key.
    #[error("the public key at offset 0x14: {0}")]
    Point(PointError),
    /// The usage of the key that signed has an unknown code.
    #[error("the signer's usage at offset {offset:#x} is {found:#x}, which is not known")]
    SlotUsage {
        /// Where it is.
        offset: usize,
        /// The code found.
        found: u32,
    },
    /// The algorithm of the signature is none that signs.
    #[error(
        "the signature's algorithm at offset {offset:#x} is {found:#x}, wanted 0x1 or 0x101 (RSA), 0x2 or 0x102 (ECDSA)"
    )]
    SlotAlgorithm {
        /// Where it is.
        offset: usize,
        /// The code found.
        found: u32,
    },
    /// A slot that says that it is empty, and is not.
    #[error(
        "the signature slot at offset {slot:#x} has usage 0x1000, which means empty, but the byte at offset {offset:#x} is not 0"
    )]
    EmptySlot {
        /// Where the slot starts.
        slot: usize,
        /// Where the first byte is that is not zero.
        offset: usize,
    },
    /// r or s is zero or not below the order of the curve.
    #[error("r or s of the signature at offset {offset:#x} is 0 or not below the order of P-384")]
    SignatureRange {
        /// Where r starts.
        offset: usize,
    },
}

/// A well-formed SEV certificate. Nothing says yet who made it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    bytes: Box<[u8; SIZE]>,
    api: ApiVersion,
    usage: Usage,
    algorithm: Algorithm,
    point: PublicPoint,
    slots: [Slot; 2],
}

impl Certificate {
    /// A certificate from exactly 2084 bytes.
    ///
    /// Errors: everything in [`CertificateError`]; a yes means that the layout is followed to the last byte and that the
    /// key is a point of P-384, not that a signature is right.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        let length = CertificateError::Length { found: bytes.len() };
        let array: &[u8; SIZE] = bytes.try_into().map_err(|_| length)?;
        let mut reader = Reader::new(array);
        match reader.u32().ok_or(length)? {
            VERSION => {}
            found => return Err(CertificateError::Version { found }),
        }
        let [major, minor] = reader.array().ok_or(length)?;
        let reserved = reader.slice(2).ok_or(length)?;
        let found = reader.u32().ok_or(length)?;
        let Some(usage @ (Usage::Oca | Usage::Pek | Usage::Pdh | Usage::Cek)) =
            Usage::from_code(found)
        else {
            return Err(CertificateError::Usage { found });
        };
        let found = reader.u32().ok_or(length)?;
        let algorithm = match (usage, Algorithm::from_code(found)) {
            (Usage::Pdh, Some(ecdh @ (Algorithm::EcdhSha256 | Algorithm::EcdhSha384))) => ecdh,
            (Usage::Oca | Usage::Pek | Usage::Cek, Some(Algorithm::EcdsaSha256)) => {
                Algorithm::EcdsaSha256
            }
            _ => return Err(CertificateError::KeyAlgorithm { usage, found }),
        };
        match reader.u32().ok_or(length)? {
            P384 => {}
            found => return Err(CertificateError::Curve { found }),
        }
        let (x, y) = (reader.array().ok_or(length)?, reader.array().ok_or(length)?);
        let point = PublicPoint::from_coordinates(&x, &y).map_err(CertificateError::Point)?;
        zeros(RESERVED_OFFSET, reserved)?;
        zeros(KEY_REST_OFFSET, reader.slice(KEY_REST_SIZE).ok_or(length)?)?;
        let mut slot = |offset| slot::read(&mut reader, offset, length);
        let slots = [slot(slot::OFFSETS[0])?, slot(slot::OFFSETS[1])?];
        let bytes = Box::new(*array);
        Ok(Self { bytes, api: ApiVersion { major, minor }, usage, algorithm, point, slots })
    }

    /// The 2084 bytes.
    pub fn as_bytes(&self) -> &[u8; SIZE] {
        &self.bytes
    }

    /// The bytes that both slots sign: the first 1044.
    pub fn signed_bytes(&self) -> &[u8] {
        self.bytes.get(..SIGNED_SIZE).unwrap_or_default()
    }

    /// API_MAJOR and API_MINOR: of the firmware that made the certificate, which need not be the one that runs.
    pub fn api(&self) -> ApiVersion {
        self.api
    }

    /// What the key is for: OCA, PEK, PDH or CEK.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// What the key does.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key.
    pub fn point(&self) -> &PublicPoint {
        &self.point
    }

    /// The two signature slots in their order, which means nothing.
    pub fn slots(&self) -> &[Slot; 2] {
        &self.slots
    }

    /// The SHA-256 of PUBKEY: bytes 0x010 to 0x413, which are the curve, both coordinates and 880 zeros.
    ///
    /// It names the key, whatever the API version and the signatures beside it are.
    pub fn key_sha256(&self) -> [u8; 32] {
        Sha256::digest(self.signed_bytes().get(KEY_OFFSET..).unwrap_or_default()).into()
    }

    /// Whether `signature` is this certificate's key's over `message`, by ECDSA with SHA-256.
    pub(crate) fn verifies(&self, message: &[u8], signature: &p384::ecdsa::Signature) -> bool {
        verifies(&self.point, message, signature)
    }
}

/// Whether `signature` is the key's over `message`, by ECDSA with SHA-256.
pub(crate) fn verifies(
    point: &PublicPoint,
    message: &[u8],
    signature: &p384::ecdsa::Signature,
) -> bool {
    VerifyingKey::from(*point.key()).verify_prehash(&Sha256::digest(message), signature).is_ok()
}

/// Refuses the first byte that is not zero.
fn zeros(base: usize, bytes: &[u8]) -> Result<(), CertificateError> {
    let Some(offset) = first_nonzero(base, bytes) else { return Ok(()) };
    let found = bytes.get(offset.saturating_sub(base)).copied().unwrap_or_default();
    Err(CertificateError::Reserved { offset, found })
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = hex::encode(self.key_sha256());
        write!(f, "Certificate({}, key SHA-256 {key})", self.usage)
    }
}
