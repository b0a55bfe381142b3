//! What certificates and revocation lists have in common: one signed envelope, RSASSA-PSS, names, times.
//!
//! Defined by [RFC 5280, Certificate] and, for its parameters, [RFC 8017, RSASSA-PSS]. The signed bytes are the ones that were
//! received, never a second encoding. AMD writes out PSS parameters that DER would leave out (the trailer field) and gives the
//! hash functions a NULL parameter that others leave out; both spellings are taken, and no other function or salt length is.

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

use crate::rsa_pss::{self, Hash};

/// id-RSASSA-PSS. [RFC 8017, object identifiers]
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// id-mgf1. [RFC 8017, object identifiers]
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
/// rsaEncryption. [RFC 8017, object identifiers]
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-sha384. [RFC 8017, object identifiers]
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
/// id-at-commonName. [RFC 5280, naming attributes]
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// A SEQUENCE of something to be signed, an algorithm and a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The signed bytes, as received.
    pub(super) signed: Vec<u8>,
    /// The signature.
    pub(super) signature: Vec<u8>,
    /// Is the algorithm RSASSA-PSS with SHA-384, MGF1 with SHA-384, and a salt of 48 bytes?
    pub(super) is_pss_sha384: bool,
}

impl Envelope {
    /// Splits exactly the given bytes; trailing ones are an error.
    pub(super) fn from_der(bytes: &[u8]) -> Result<Self, der::Error> {
        let mut reader = SliceReader::new(bytes)?;
        let envelope = reader.sequence(|reader| {
            let signed = reader.tlv_bytes()?.to_vec();
            let algorithm: AlgorithmIdentifierRef<'_> = reader.decode()?;
            let signature: BitStringRef<'_> = reader.decode()?;
            let signature = signature.as_bytes().ok_or(Tag::BitString.value_error())?.to_vec();
            Ok::<_, der::Error>(Self {
                signed,
                signature,
                is_pss_sha384: is_pss_sha384(&algorithm).unwrap_or(false),
            })
        })?;
        reader.finish()?;
        Ok(envelope)
    }
}

/// Are these the algorithm and parameters of AMD's signatures?
pub(super) fn is_pss_sha384_owned(algorithm: &AlgorithmIdentifierOwned) -> bool {
    algorithm
        .to_der()
        .and_then(|der| AlgorithmIdentifierRef::from_der(&der).and_then(|a| is_pss_sha384(&a)))
        .unwrap_or(false)
}

fn is_pss_sha384(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<bool, der::Error> {
    if algorithm.oid != RSASSA_PSS {
        return Ok(false);
    }
    let Some(parameters) = algorithm.parameters else { return Ok(false) };
    if parameters.tag() != Tag::Sequence {
        return Ok(false);
    }
    let mut reader = SliceReader::new(parameters.value())?;
    let hash: Option<AlgorithmIdentifierRef<'_>> =
        reader.context_specific(TagNumber(0), TagMode::Explicit)?;
    let mask: Option<AlgorithmIdentifierRef<'_>> =
        reader.context_specific(TagNumber(1), TagMode::Explicit)?;
    let salt: Option<u8> = reader.context_specific(TagNumber(2), TagMode::Explicit)?;
    let trailer: Option<u8> = reader.context_specific(TagNumber(3), TagMode::Explicit)?;
    reader.finish()?;
    let mask_is_right = match mask {
        Some(mask) if mask.oid == MGF1 => match mask.parameters {
            Some(inner) => is_sha384(&inner.decode_as()?),
            None => false,
        },
        _ => false,
    };
    Ok(hash.is_some_and(|hash| is_sha384(&hash))
        && mask_is_right
        && salt.map(usize::from) == Some(Hash::Sha384.salt_size())
        && trailer.is_none_or(|trailer| trailer == 1))
}

fn is_sha384(algorithm: &AlgorithmIdentifierRef<'_>) -> bool {
    algorithm.oid == SHA384
        && algorithm.parameters.is_none_or(|parameters| parameters == AnyRef::NULL)
}

/// An RSA public key as numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RsaKey {
    /// Big-endian, without leading zeros.
    modulus: Vec<u8>,
    exponent: u64,
}

impl RsaKey {
    pub(super) fn new(modulus: &[u8], exponent: u64) -> Self {
        let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
        Self { modulus: modulus.get(zeros..).unwrap_or_default().to_vec(), exponent }
    }

    /// From a certificate; `None` if it is no RSA key of 2048 to 4096 bits.
    pub(super) fn from_spki(spki: &SubjectPublicKeyInfoOwned) -> Option<Self> {
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

    pub(super) fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// Does the key verify the envelope's signature?
    pub(super) fn verifies(&self, envelope: &Envelope) -> bool {
        let Some(key) = rsa_pss::key(&self.modulus, self.exponent) else { return false };
        envelope.is_pss_sha384
            && rsa_pss::verifies(key, Hash::Sha384, &envelope.signed, &envelope.signature)
    }
}

/// The one common name in a name; `None` if there is none, or more than one.
pub(super) fn common_name(name: &Name) -> Option<String> {
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
pub(super) fn unix_seconds(time: &Time) -> u64 {
    time.to_unix_duration().as_secs()
}
