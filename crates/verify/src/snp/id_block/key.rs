//! ID keys and author keys, on P-384: their public halves as the AMD-SP reads them, their private halves as files hold them.
//!
//! The public field has 1028 bytes, [SNP-ABI, ECDSA P-384 public key]: curve, coordinates, zeros. Files hold private keys as
//! SEC1 or PKCS#8, [RFC 5915, ECPrivateKey] and [RFC 5208, PrivateKeyInfo]. What surprises: the coordinates are little-endian
//! in the field and big-endian in files, and SEC1 may leave out the curve where PKCS#8 has named it already.

use alloc::boxed::Box;
use core::fmt;

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Encode as _, Reader as _, SliceReader};
use p384::ecdsa::signature::{Signer as _, Verifier as _};
use p384::ecdsa::{Signature, SigningKey, VerifyingKey};
use sha2::Digest as _;

use super::signature::IdSignature;
use super::{CURVE_P384, IdBlockError, PUBLIC_KEY_SIZE, write};
use crate::point::PublicPoint;
use crate::snp::x509::{self, EC_PUBLIC_KEY, SECP384R1};

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
            let der = x509::der_of(bytes, "PUBLIC KEY")?;
            let spki = x509_cert::spki::SubjectPublicKeyInfoRef::from_der(&der).ok()?;
            let curve: ObjectIdentifier = spki.algorithm.parameters?.decode_as().ok()?;
            if spki.algorithm.oid != EC_PUBLIC_KEY || curve != SECP384R1 {
                return None;
            }
            p384::PublicKey::from_sec1_bytes(spki.subject_public_key.as_bytes()?).ok()
        });
        key.map(|key| Self(PublicPoint::of(key))).ok_or(IdBlockError::PublicKey)
    }

    /// The key in an X.509 certificate, DER or one PEM block (`CERTIFICATE`). Nothing else of the certificate is looked at: whoever
    /// names it trusts its key.
    ///
    /// Errors: no certificate, or one whose key is not on P-384.
    pub fn of_certificate(bytes: &[u8]) -> Result<Self, IdBlockError> {
        let key = || {
            let der = x509::der_of(bytes, "CERTIFICATE")?;
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
        let bytes = without_parameters(bytes).ok_or(IdBlockError::PrivateKey)?;
        ["EC PRIVATE KEY", "PRIVATE KEY"]
            .into_iter()
            .filter_map(|label| x509::der_of(bytes, label))
            .find_map(|der| sec1(&der, false).or_else(|| pkcs8(&der)))
            .ok_or(IdBlockError::PrivateKey)
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

/// What follows a PEM block `EC PARAMETERS`, or all where there is none; `None` where that block names another curve.
/// [RFC 5480, ECParameters]
fn without_parameters(bytes: &[u8]) -> Option<&[u8]> {
    const BEGIN: &[u8] = b"-----BEGIN EC PARAMETERS-----";
    const END: &[u8] = b"-----END EC PARAMETERS-----";
    if !bytes.trim_ascii_start().starts_with(BEGIN) {
        return Some(bytes);
    }
    let end = bytes.windows(END.len()).position(|window| window == END)?;
    let (block, rest) = bytes.split_at_checked(end.checked_add(END.len())?)?;
    let curve = ObjectIdentifier::from_der(&x509::der_of(block, "EC PARAMETERS")?).ok()?;
    (curve == SECP384R1).then_some(rest)
}

/// ECPrivateKey. [RFC 5915, ECPrivateKey] The curve is named outside where PKCS#8 wraps it.
fn sec1(der: &[u8], curve_is_known: bool) -> Option<IdPrivateKey> {
    use der::{TagMode, TagNumber};
    let mut reader = SliceReader::new(der).ok()?;
    let (version, scalar, curve, point) = reader
        .sequence(|reader| {
            let version: u8 = reader.decode()?;
            let scalar: &OctetStringRef = reader.decode()?;
            let curve: Option<ObjectIdentifier> =
                reader.context_specific(TagNumber(0), TagMode::Explicit)?;
            let point: Option<der::asn1::BitStringRef<'_>> =
                reader.context_specific(TagNumber(1), TagMode::Explicit)?;
            Ok::<_, der::Error>((version, scalar.as_bytes(), curve, point))
        })
        .ok()?;
    reader.finish().ok()?;
    let curve_is_right = curve.map_or(curve_is_known, |curve| curve == SECP384R1);
    if version != 1 || !curve_is_right {
        return None;
    }
    let key = IdPrivateKey::from_scalar(scalar.try_into().ok()?).ok()?;
    match point {
        Some(point) => (IdPublicKey::parse(point.as_bytes()?).ok()? == key.public()).then_some(key),
        None => Some(key),
    }
}

/// PrivateKeyInfo. [RFC 5208, PrivateKeyInfo] Attributes after the key are not looked at.
fn pkcs8(der: &[u8]) -> Option<IdPrivateKey> {
    let mut reader = SliceReader::new(der).ok()?;
    let (version, algorithm, inner) = reader
        .sequence(|reader| {
            let version: u8 = reader.decode()?;
            let algorithm: x509_cert::spki::AlgorithmIdentifierRef<'_> = reader.decode()?;
            let inner: &OctetStringRef = reader.decode()?;
            reader.drain(reader.remaining_len())?;
            Ok::<_, der::Error>((version, algorithm, inner.as_bytes()))
        })
        .ok()?;
    reader.finish().ok()?;
    let curve: ObjectIdentifier = algorithm.parameters?.decode_as().ok()?;
    if version > 1 || algorithm.oid != EC_PUBLIC_KEY || curve != SECP384R1 {
        return None;
    }
    sec1(inner, true)
}
