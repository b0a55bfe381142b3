//! ID keys and author keys, on P-384: their public halves as the AMD-SP reads them, their private halves as files hold them.
//!
//! The public field has 1028 bytes, [SNP-ABI, ECDSA P-384 public key]: curve, coordinates, zeros. Files hold private keys as
//! SEC1 or PKCS#8, [RFC 5915, ECPrivateKey] and [RFC 5208, PrivateKeyInfo]. What surprises: the coordinates are little-endian
//! in the field and big-endian in files, and SEC1 may leave out the curve where PKCS#8 has named it already.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use der::{Decode as _, Encode as _};
use p384::ecdsa::signature::{Signer as _, Verifier as _};
use p384::ecdsa::{Signature, SigningKey, VerifyingKey};
use sha2::Digest as _;

use super::signature::IdSignature;
use super::{CURVE_P384, IdBlockError, PUBLIC_KEY_SIZE, write};
use crate::ec_key_file::{self, SECP384R1};
use crate::pem::der_of;
use crate::point::PublicPoint;

/// The public half of an ID key or author key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdPublicKey(PublicPoint);

impl IdPublicKey {
    /// A point on P-384.
    pub const fn new(point: PublicPoint) -> Self {
        Self(point)
    }

    /// From an SEC1 point, or from a SubjectPublicKeyInfo in DER or one PEM block (`PUBLIC KEY`).
    ///
    /// Errors: anything else, and points that are not on P-384.
    pub fn parse(bytes: &[u8]) -> Result<Self, IdBlockError> {
        let key = p384::PublicKey::from_sec1_bytes(bytes).ok().or_else(|| {
            let point = ec_key_file::public(bytes, SECP384R1).ok()?;
            p384::PublicKey::from_sec1_bytes(&point).ok()
        });
        key.map(|key| Self(PublicPoint::of(key))).ok_or(IdBlockError::PublicKey)
    }

    /// The key in an X.509 certificate, DER or one PEM block (`CERTIFICATE`). Nothing else of the certificate is looked at: whoever
    /// names it trusts its key.
    ///
    /// Errors: no certificate, or one whose key is not on P-384.
    pub fn of_certificate(bytes: &[u8]) -> Result<Self, IdBlockError> {
        let key = || {
            let der = der_of(bytes, "CERTIFICATE")?;
            let certificate = x509_cert::Certificate::from_der(&der).ok()?;
            let spki = certificate.tbs_certificate().subject_public_key_info().to_der().ok()?;
            Self::parse(&spki).ok()
        };
        key().ok_or(IdBlockError::PublicKey)
    }

    /// The 1028 bytes of the structure: what an author key signs.
    pub fn to_bytes(&self) -> [u8; PUBLIC_KEY_SIZE] {
        let (x, y) = self.0.to_coordinates();
        let mut bytes = [0; PUBLIC_KEY_SIZE];
        write(&mut bytes, &[&CURVE_P384.to_le_bytes(), &x, &y]);
        bytes
    }

    /// The SHA-384 of those bytes: ID_KEY_DIGEST or AUTHOR_KEY_DIGEST of a report.
    pub fn digest(&self) -> [u8; 48] {
        sha2::Sha384::digest(self.to_bytes()).into()
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        VerifyingKey::from(self.0.key()).verify(message, signature).is_ok()
    }
}

/// The private half of an ID key or author key. Wiped when dropped; never shown.
pub struct IdPrivateKey(Box<SigningKey>);

impl IdPrivateKey {
    /// From the scalar: 48 bytes, big-endian.
    ///
    /// Errors: zero, or not below the order of the curve.
    pub fn from_scalar(scalar: &[u8; 48]) -> Result<Self, IdBlockError> {
        let key = SigningKey::from_slice(scalar).map(Box::new);
        key.map(Self).map_err(|_| IdBlockError::PrivateKey)
    }

    /// From DER or one PEM block, as SEC1 (`EC PRIVATE KEY`) or PKCS#8 (`PRIVATE KEY`), not encrypted.
    ///
    /// OpenSSL writes a block `EC PARAMETERS` before a SEC1 key unless told not to (`-noout`): it is passed over where it names P-384.
    ///
    /// Errors: anything else; another curve; a public half inside that is not that of the private one.
    pub fn parse(bytes: &[u8]) -> Result<Self, IdBlockError> {
        let file = ec_key_file::private(bytes, SECP384R1).map_err(|_| IdBlockError::PrivateKey)?;
        let scalar = file.scalar.as_slice().try_into().map_err(|_| IdBlockError::PrivateKey)?;
        let key = Self::from_scalar(scalar)?;
        let is_its = |point: &Vec<u8>| IdPublicKey::parse(point) == Ok(key.public());
        match file.point.is_none_or(|point| is_its(&point)) {
            true => Ok(key),
            false => Err(IdBlockError::PrivateKey),
        }
    }

    /// The public half.
    pub fn public(&self) -> IdPublicKey {
        IdPublicKey(PublicPoint::of(self.0.verifying_key().into()))
    }

    /// Signs with the nonce of RFC 6979, so that equal inputs give equal signatures.
    pub fn sign(&self, message: &[u8]) -> IdSignature {
        IdSignature(self.0.sign(message))
    }
}

impl fmt::Debug for IdPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdPrivateKey(..)")
    }
}
