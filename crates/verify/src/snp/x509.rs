//! What certificates and revocation lists have in common: one signed envelope, RSASSA-PSS, names, times.
//!
//! Defined by [RFC 5280, Certificate] and, for its parameters, [RFC 8017, RSASSA-PSS]. The signed bytes are the ones that were
//! received, never a second encoding. AMD writes out PSS parameters that DER would leave out (the trailer field) and gives the
//! hash functions a NULL parameter that others leave out; both spellings are taken, and no other function or salt length is.
//! Which [`Algorithm`] is right is for whoever reads a certificate to say: AMD's, Google's and Microsoft's have one each.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use der::asn1::{
    AnyRef, BitStringRef, Ia5StringRef, ObjectIdentifier, PrintableStringRef, Utf8StringRef,
};
use der::{Decode, Encode as _, Reader as _, SliceReader, Tag, TagMode, TagNumber, Tagged as _};
use x509_cert::name::{Name, RelativeDistinguishedName};
use x509_cert::spki::{
    AlgorithmIdentifierOwned, AlgorithmIdentifierRef, SubjectPublicKeyInfoOwned,
};
use x509_cert::time::Time;

use crate::rsa_pkcs1;
use crate::rsa_pss::{self, Hash};

/// id-RSASSA-PSS. [RFC 8017, object identifiers]
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// id-mgf1. [RFC 8017, object identifiers]
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
/// rsaEncryption. [RFC 8017, object identifiers]
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// sha256WithRSAEncryption. [RFC 8017, object identifiers]
const PKCS1_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
/// sha384WithRSAEncryption. [RFC 8017, object identifiers]
const PKCS1_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
/// id-sha256. [RFC 8017, object identifiers]
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
/// id-sha384. [RFC 8017, object identifiers]
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
/// id-at-commonName. [RFC 5280, naming attributes]
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// How something is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSASSA-PSS: MGF1 has the same hash, and the salt is as long as its output.
    Pss(Hash),
    /// RSASSA-PKCS1-v1_5.
    Pkcs1(Hash),
}

impl Algorithm {
    /// That of AMD's signatures.
    pub(crate) const AMD: Self = Self::Pss(Hash::Sha384);
}

/// A SEQUENCE of something to be signed, an algorithm and a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// The signed bytes, as received.
    pub(crate) signed: Vec<u8>,
    /// The signature.
    pub(crate) signature: Vec<u8>,
    /// The algorithm; `None` for one that is not known here, or whose parameters are not.
    pub(crate) algorithm: Option<Algorithm>,
}

impl Envelope {
    /// Splits exactly the given bytes; trailing ones are an error.
    pub(crate) fn from_der(bytes: &[u8]) -> Result<Self, der::Error> {
        let mut reader = SliceReader::new(bytes)?;
        let envelope = reader.sequence(|reader| {
            let signed = reader.tlv_bytes()?.to_vec();
            let algorithm: AlgorithmIdentifierRef<'_> = reader.decode()?;
            let signature: BitStringRef<'_> = reader.decode()?;
            let signature = signature.as_bytes().ok_or(Tag::BitString.value_error())?.to_vec();
            Ok::<_, der::Error>(Self { signed, signature, algorithm: algorithm_of(&algorithm) })
        })?;
        reader.finish()?;
        Ok(envelope)
    }
}

/// The algorithm with these parameters; `None` for one that is not known here.
pub(crate) fn algorithm_of_owned(algorithm: &AlgorithmIdentifierOwned) -> Option<Algorithm> {
    let der = algorithm.to_der().ok()?;
    algorithm_of(&AlgorithmIdentifierRef::from_der(&der).ok()?)
}

fn algorithm_of(algorithm: &AlgorithmIdentifierRef<'_>) -> Option<Algorithm> {
    match algorithm.oid {
        RSASSA_PSS => pss_hash(algorithm).ok().flatten().map(Algorithm::Pss),
        // The parameters must be there, and be NULL. [RFC 8017, RSASSA-PKCS1-v1_5]
        PKCS1_SHA256 | PKCS1_SHA384 if algorithm.parameters != Some(AnyRef::NULL) => None,
        PKCS1_SHA256 => Some(Algorithm::Pkcs1(Hash::Sha256)),
        PKCS1_SHA384 => Some(Algorithm::Pkcs1(Hash::Sha384)),
        _ => None,
    }
}

/// The one hash of RSASSA-PSS's parameters; `None` where they have two, or another salt or trailer.
fn pss_hash(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Option<Hash>, der::Error> {
    let Some(parameters) = algorithm.parameters else { return Ok(None) };
    if parameters.tag() != Tag::Sequence {
        return Ok(None);
    }
    let mut reader = SliceReader::new(parameters.value())?;
    let hash: Option<AlgorithmIdentifierRef<'_>> =
        reader.context_specific(TagNumber(0), TagMode::Explicit)?;
    let mask: Option<AlgorithmIdentifierRef<'_>> =
        reader.context_specific(TagNumber(1), TagMode::Explicit)?;
    let salt: Option<u8> = reader.context_specific(TagNumber(2), TagMode::Explicit)?;
    let trailer: Option<u8> = reader.context_specific(TagNumber(3), TagMode::Explicit)?;
    reader.finish()?;
    let masked = match mask {
        Some(mask) if mask.oid == MGF1 => match mask.parameters {
            Some(inner) => hash_of(&inner.decode_as()?),
            None => None,
        },
        _ => None,
    };
    let Some(hash) = hash.and_then(|hash| hash_of(&hash)).filter(|hash| masked == Some(*hash))
    else {
        return Ok(None);
    };
    let is_right = salt.map(usize::from) == Some(hash.salt_size())
        && trailer.is_none_or(|trailer| trailer == 1);
    Ok(is_right.then_some(hash))
}

fn hash_of(algorithm: &AlgorithmIdentifierRef<'_>) -> Option<Hash> {
    let is_plain = algorithm.parameters.is_none_or(|parameters| parameters == AnyRef::NULL);
    match algorithm.oid {
        SHA256 if is_plain => Some(Hash::Sha256),
        SHA384 if is_plain => Some(Hash::Sha384),
        _ => None,
    }
}

/// An RSA public key as numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RsaKey {
    /// Big-endian, without leading zeros.
    modulus: Vec<u8>,
    exponent: u64,
}

impl RsaKey {
    pub(crate) fn new(modulus: &[u8], exponent: u64) -> Self {
        let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
        Self { modulus: modulus.get(zeros..).unwrap_or_default().to_vec(), exponent }
    }

    /// From a certificate; `None` if it is no RSA key of 2048 to 4096 bits.
    pub(crate) fn from_spki(spki: &SubjectPublicKeyInfoOwned) -> Option<Self> {
        if spki.algorithm.oid != RSA_ENCRYPTION {
            return None;
        }
        let bytes = spki.subject_public_key.as_bytes()?;
        let mut reader = SliceReader::new(bytes).ok()?;
        let key = reader
            .sequence(|reader| {
                let modulus: der::asn1::UintRef<'_> = reader.decode()?;
                let exponent: u64 = reader.decode()?;
                Ok::<_, der::Error>(Self::new(modulus.as_bytes(), exponent))
            })
            .ok()?;
        reader.finish().ok()?;
        rsa_pss::key(&key.modulus, key.exponent).map(|_| key)
    }

    pub(crate) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// Does the key verify the envelope's signature, by AMD's algorithm?
    pub(crate) fn verifies(&self, envelope: &Envelope) -> bool {
        envelope.algorithm == Some(Algorithm::AMD)
            && self.verifies_bytes(Algorithm::AMD, &envelope.signed, &envelope.signature)
    }

    /// Is `signature`, as long as the modulus, the key's over `message`?
    pub(crate) fn verifies_bytes(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let Some(key) = rsa_pss::key(&self.modulus, self.exponent) else { return false };
        match algorithm {
            Algorithm::Pss(hash) => rsa_pss::verifies(key, hash, message, signature),
            Algorithm::Pkcs1(hash) => rsa_pkcs1::verifies(key, hash, message, signature),
        }
    }
}

/// The one common name in a name; `None` if there is none, or more than one.
pub(crate) fn common_name(name: &Name) -> Option<String> {
    let mut names = name
        .iter_rdn()
        .flat_map(RelativeDistinguishedName::iter)
        .filter(|attribute| attribute.oid == COMMON_NAME);
    let (Some(attribute), None) = (names.next(), names.next()) else { return None };
    let value = &attribute.value;
    match value.tag() {
        Tag::Utf8String => {
            value.decode_as::<Utf8StringRef<'_>>().ok().map(|text| text.as_str().to_owned())
        }
        Tag::PrintableString => {
            value.decode_as::<PrintableStringRef<'_>>().ok().map(|text| text.as_str().to_owned())
        }
        Tag::Ia5String => {
            value.decode_as::<Ia5StringRef<'_>>().ok().map(|text| text.as_str().to_owned())
        }
        _ => None,
    }
}

/// A time as unix seconds.
pub(crate) fn unix_seconds(time: &Time) -> u64 {
    time.to_unix_duration().as_secs()
}
