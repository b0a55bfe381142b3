//! X.509 certificates of SNP: those of a chip or a cloud provider (VCEK, VLEK), and AMD's own (ARK, ASK, ASVK).
//!
//! Defined by [VCEK, certificate definition] on top of [RFC 5280, Certificate]. What surprises: the serial number of every
//! VEK is 0; the hardware identity is raw bytes where X.509 wants an encoded value; the product name in an extension has
//! been seen with the wrong stepping, so the generation is taken from the issuer's name, and of the product name the product
//! alone counts. Reading a certificate checks what it says about itself; who signed it is the business of [`super::chain`].
//!
//! The [crate](crate#an-snp-report) has an example.

mod amd_extension;
mod ca;
mod vek;

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use thiserror::Error;
use x509_cert::ext::Extension;

pub use ca::{CaCertificate, CaKind};
pub use vek::{HardwareId, Vek, VekKind};

use super::x509::{self, Algorithm, Envelope};
use crate::pem::der_of;
use sev_launch_abi::reader::wide;

/// The most bytes that are read as a certificate. AMD's have about 1700.
pub const MAX_CERTIFICATE_SIZE: usize = 16 * 1024;
/// The most certificates in a file of several.
pub const MAX_CERTIFICATES: usize = 8;

/// id-ce-basicConstraints. [RFC 5280, basic constraints]
pub(crate) const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// id-ce-keyUsage. [RFC 5280, key usage]
pub(crate) const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
/// Why the bytes are no certificate of SNP.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateError {
    /// Too many bytes.
    #[error("a certificate of {found} bytes, wanted at most {MAX_CERTIFICATE_SIZE}")]
    TooLarge {
        /// Bytes found.
        found: u64,
    },
    /// Begins as PEM and is not exactly one block.
    #[error("not exactly one PEM block \"{wanted}\" and nothing beside it")]
    Pem {
        /// The label wanted.
        wanted: &'static str,
    },
    /// Not DER of a certificate, or bytes after its end.
    #[error("not the DER of one X.509 certificate: {what}")]
    Der {
        /// What the decoder says.
        what: String,
    },
    /// Not version 3.
    #[error("not an X.509 certificate of version 3")]
    Version,
    /// Another signature algorithm, or two different ones.
    #[error(
        "the signature algorithm is not RSASSA-PSS with SHA-384, MGF1-SHA-384 and a salt of 48 bytes"
    )]
    SignatureAlgorithm,
    /// Another signature algorithm than those that endorse, or two different ones.
    #[error("the signature algorithm is not {wanted}")]
    OtherAlgorithm {
        /// What was wanted.
        wanted: &'static str,
    },
    /// A key of another kind.
    #[error("the public key is not {wanted}")]
    PublicKey {
        /// The kind wanted.
        wanted: &'static str,
    },
    /// A common name that does not say what was wanted.
    #[error("{which} common name {found:?}, wanted {wanted}")]
    CommonName {
        /// Subject or issuer.
        which: &'static str,
        /// The name found; empty where there is none, or more than one.
        found: String,
        /// What was wanted.
        wanted: &'static str,
    },
    /// An extension is missing.
    #[error("extension {name} is missing")]
    ExtensionMissing {
        /// Its name.
        name: &'static str,
    },
    /// An extension stands there twice.
    #[error("extension {oid} is there twice")]
    ExtensionTwice {
        /// Its number.
        oid: String,
    },
    /// A critical extension that nobody here understands.
    #[error("critical extension {oid} is unknown")]
    ExtensionCritical {
        /// Its number.
        oid: String,
    },
    /// An extension with a value that it cannot have.
    #[error("extension {name}: {wanted} wanted")]
    ExtensionValue {
        /// Its name.
        name: &'static str,
        /// What was wanted.
        wanted: &'static str,
    },
    /// An extension that this kind of certificate does not have.
    #[error("extension {name} is not for this kind of certificate")]
    ExtensionUnexpected {
        /// Its name.
        name: &'static str,
    },
    /// An authority without the right to sign certificates.
    #[error("not a certificate authority: {what}")]
    NotAuthority {
        /// What is missing.
        what: &'static str,
    },
    /// More certificates than expected in one file.
    #[error("more than {MAX_CERTIFICATES} certificates")]
    TooMany,
}

/// A common name, of subject or issuer, that does not say what was wanted.
fn wrong_name(which: &'static str, found: String, wanted: &'static str) -> CertificateError {
    CertificateError::CommonName { which, found, wanted }
}

/// Not before and not after, as unix seconds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: u64,
    /// The last second.
    pub not_after: u64,
}

impl Validity {
    /// Is `time`, in unix seconds, within?
    #[must_use]
    pub const fn contains(&self, time: u64) -> bool {
        self.not_before <= time && time <= self.not_after
    }
}

/// What every certificate has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Common {
    pub(crate) envelope: Envelope,
    pub(crate) validity: Validity,
    pub(crate) serial: Vec<u8>,
    /// DER of the names, which are compared as bytes.
    pub(crate) subject: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) der: Vec<u8>,
}

/// [`read_signed`] by AMD's algorithm.
fn read(
    bytes: &[u8],
    is_known: fn(&ObjectIdentifier) -> bool,
) -> Result<(Common, x509_cert::Certificate), CertificateError> {
    let is_amd = |algorithm| algorithm == Some(Algorithm::AMD);
    read_signed(bytes, is_known, is_amd, CertificateError::SignatureAlgorithm)
}

/// Decodes what every certificate has, and refuses what none may have. `is_known` tells which extensions the caller reads: any
/// other must not be critical. [RFC 5280, certificate extensions] `is_right` tells which algorithm it may be signed with, and
/// `wrong` is the error where it is another.
pub(crate) fn read_signed(
    bytes: &[u8],
    is_known: fn(&ObjectIdentifier) -> bool,
    is_right: fn(Option<Algorithm>) -> bool,
    wrong: CertificateError,
) -> Result<(Common, x509_cert::Certificate), CertificateError> {
    if bytes.len() > MAX_CERTIFICATE_SIZE {
        return Err(CertificateError::TooLarge { found: wide(bytes.len()) });
    }
    let der =
        der_of(bytes, "CERTIFICATE").ok_or(CertificateError::Pem { wanted: "CERTIFICATE" })?;
    let malformed = |error: der::Error| CertificateError::Der { what: error.to_string() };
    let envelope = Envelope::from_der(&der).map_err(malformed)?;
    let certificate = x509_cert::Certificate::from_der(&der).map_err(malformed)?;
    let tbs = certificate.tbs_certificate();
    if tbs.version() != x509_cert::Version::V3 {
        return Err(CertificateError::Version);
    }
    if !is_right(envelope.algorithm)
        || x509::algorithm_of_owned(tbs.signature()) != envelope.algorithm
    {
        return Err(wrong);
    }
    let mut seen: Vec<ObjectIdentifier> = Vec::new();
    for extension in extensions(&certificate) {
        if seen.contains(&extension.extn_id) {
            return Err(CertificateError::ExtensionTwice { oid: extension.extn_id.to_string() });
        }
        if extension.critical && !is_known(&extension.extn_id) {
            return Err(CertificateError::ExtensionCritical { oid: extension.extn_id.to_string() });
        }
        seen.push(extension.extn_id);
    }
    let validity = Validity {
        not_before: x509::unix_seconds(&tbs.validity().not_before),
        not_after: x509::unix_seconds(&tbs.validity().not_after),
    };
    let common = Common {
        envelope,
        validity,
        serial: minimal(tbs.serial_number().as_bytes()),
        subject: tbs.subject().to_der().map_err(malformed)?,
        issuer: tbs.issuer().to_der().map_err(malformed)?,
        der: der.to_vec(),
    };
    Ok((common, certificate))
}

/// A big-endian number without leading zeros; zero is no byte.
pub(super) fn minimal(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

fn extensions(certificate: &x509_cert::Certificate) -> &[Extension] {
    certificate.tbs_certificate().extensions().map(Vec::as_slice).unwrap_or_default()
}

/// The value of an extension, by its number.
fn extension(certificate: &x509_cert::Certificate, oid: ObjectIdentifier) -> Option<&[u8]> {
    extensions(certificate)
        .iter()
        .find(|extension| extension.extn_id == oid)
        .map(|extension| extension.extn_value.as_bytes())
}

/// An extension that is decoded; `None` if it is not there.
pub(crate) fn decoded<'a, T: der::Decode<'a>>(
    certificate: &'a x509_cert::Certificate,
    oid: ObjectIdentifier,
) -> Option<Result<T, T::Error>> {
    extension(certificate, oid).map(T::from_der)
}

/// The common names of subject and issuer; empty where there is none, or more than one.
fn common_names(certificate: &x509_cert::Certificate) -> (String, String) {
    let tbs = certificate.tbs_certificate();
    (
        x509::common_name(tbs.subject()).unwrap_or_default(),
        x509::common_name(tbs.issuer()).unwrap_or_default(),
    )
}
