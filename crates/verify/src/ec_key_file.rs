//! Keys on elliptic curves as files hold them, whatever the curve: what a file says, not yet a key.
//!
//! Private keys stand as SEC1 or PKCS#8, [RFC 5915, ECPrivateKey] and [RFC 5208, PrivateKeyInfo], public ones as SubjectPublicKeyInfo,
//! [RFC 5480, SubjectPublicKeyInfo], in DER or one PEM block. What surprises: SEC1 may leave out the curve where PKCS#8 has named it already, and
//! OpenSSL writes a block `EC PARAMETERS` before a SEC1 key unless told not to (`-noout`).

use alloc::vec::Vec;

use der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Reader as _, SliceReader, TagMode, TagNumber};
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use zeroize::Zeroizing;

use crate::pem::der_of;

/// id-ecPublicKey. [RFC 5480, unrestricted algorithm identifier]
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// secp256r1. [RFC 5480, named curves]
pub(crate) const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// secp384r1. [RFC 5480, named curves]
pub(crate) const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// Why a file holds no key of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Not such a file.
    Malformed,
    /// A key of another algorithm.
    Algorithm(ObjectIdentifier),
    /// A key on another curve.
    Curve(ObjectIdentifier),
}

/// A private key that a file holds: big-endian, and not yet known to be in range.
pub(crate) struct PrivateKey {
    /// The scalar.
    pub(crate) scalar: Zeroizing<Vec<u8>>,
    /// The public half, where the file has it: an SEC1 point.
    pub(crate) point: Option<Vec<u8>>,
}

/// Reads a private key on that curve, which is not encrypted.
pub(crate) fn private(bytes: &[u8], wanted: ObjectIdentifier) -> Result<PrivateKey, Unfit> {
    let (parameters, bytes) = without_parameters(bytes).ok_or(Unfit::Malformed)?;
    if let Some(found) = parameters.filter(|found| *found != wanted) {
        return Err(Unfit::Curve(found));
    }
    let mut all = ["EC PRIVATE KEY", "PRIVATE KEY"].into_iter();
    let der = all.find_map(|label| der_of(bytes, label)).ok_or(Unfit::Malformed)?;
    let inner = match sec1(&der) {
        Some(inner) => inner,
        None => pkcs8(&der)?,
    };
    match inner.curve {
        Some(found) if found == wanted => Ok(PrivateKey {
            scalar: Zeroizing::new(inner.scalar.to_vec()),
            point: inner.point.map(<[u8]>::to_vec),
        }),
        Some(found) => Err(Unfit::Curve(found)),
        None => Err(Unfit::Malformed),
    }
}

/// Reads a public key on that curve: its SEC1 point, not yet known to be on the curve.
pub(crate) fn public(bytes: &[u8], wanted: ObjectIdentifier) -> Result<Vec<u8>, Unfit> {
    let der = der_of(bytes, "PUBLIC KEY").ok_or(Unfit::Malformed)?;
    let spki = SubjectPublicKeyInfoRef::from_der(&der).map_err(|_| Unfit::Malformed)?;
    let found = named_curve(&spki.algorithm)?;
    if found != wanted {
        return Err(Unfit::Curve(found));
    }
    spki.subject_public_key.as_bytes().map(<[u8]>::to_vec).ok_or(Unfit::Malformed)
}

/// The curve that an algorithm names; one that is no elliptic curve's is an error.
fn named_curve(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<ObjectIdentifier, Unfit> {
    if algorithm.oid != EC_PUBLIC_KEY {
        return Err(Unfit::Algorithm(algorithm.oid));
    }
    let curve = algorithm.parameters.and_then(|parameters| parameters.decode_as().ok());
    curve.ok_or(Unfit::Malformed)
}

/// What follows a PEM block `EC PARAMETERS`, with the curve that it names, or all where there is none; `None` where that block names no curve.
/// [RFC 5480, ECParameters]
fn without_parameters(bytes: &[u8]) -> Option<(Option<ObjectIdentifier>, &[u8])> {
    const BEGIN: &[u8] = b"-----BEGIN EC PARAMETERS-----";
    const END: &[u8] = b"-----END EC PARAMETERS-----";
    if !bytes.trim_ascii_start().starts_with(BEGIN) {
        return Some((None, bytes));
    }
    let end = bytes.windows(END.len()).position(|window| window == END)?;
    let (block, rest) = bytes.split_at_checked(end.checked_add(END.len())?)?;
    let curve = ObjectIdentifier::from_der(&der_of(block, "EC PARAMETERS")?).ok()?;
    Some((Some(curve), rest))
}

/// ECPrivateKey, with the curve where it is named.
struct Sec1<'a> {
    curve: Option<ObjectIdentifier>,
    scalar: &'a [u8],
    point: Option<&'a [u8]>,
}

/// ECPrivateKey. [RFC 5915, ECPrivateKey] The curve is named outside where PKCS#8 wraps it.
fn sec1(der: &[u8]) -> Option<Sec1<'_>> {
    let mut reader = SliceReader::new(der).ok()?;
    let (version, scalar, curve, point) = reader
        .sequence(|reader| {
            let version: u8 = reader.decode()?;
            let scalar: &OctetStringRef = reader.decode()?;
            let curve: Option<ObjectIdentifier> =
                reader.context_specific(TagNumber(0), TagMode::Explicit)?;
            let point: Option<BitStringRef<'_>> =
                reader.context_specific(TagNumber(1), TagMode::Explicit)?;
            Ok::<_, der::Error>((version, scalar.as_bytes(), curve, point))
        })
        .ok()?;
    reader.finish().ok()?;
    let point = match point {
        Some(point) => Some(point.as_bytes()?),
        None => None,
    };
    (version == 1).then_some(Sec1 { curve, scalar, point })
}

/// PrivateKeyInfo. [RFC 5208, PrivateKeyInfo] Attributes after the key are not looked at.
fn pkcs8(der: &[u8]) -> Result<Sec1<'_>, Unfit> {
    let read = || {
        let mut reader = SliceReader::new(der).ok()?;
        let found = reader
            .sequence(|reader| {
                let version: u8 = reader.decode()?;
                let algorithm: AlgorithmIdentifierRef<'_> = reader.decode()?;
                let inner: &OctetStringRef = reader.decode()?;
                reader.drain(reader.remaining_len())?;
                Ok::<_, der::Error>((version, algorithm, inner.as_bytes()))
            })
            .ok()?;
        reader.finish().ok()?;
        Some(found)
    };
    let (version, algorithm, inner) = read().ok_or(Unfit::Malformed)?;
    let curve = named_curve(&algorithm)?;
    let inner = sec1(inner).ok_or(Unfit::Malformed)?;
    if version > 1 || inner.curve.is_some_and(|inner| inner != curve) {
        return Err(Unfit::Malformed);
    }
    Ok(Sec1 { curve: Some(curve), ..inner })
}
