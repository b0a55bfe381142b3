//! Why bytes are no certificate of SNP.
//!
//! What [RFC 5280, Certificate] asks of every certificate and [VCEK, certificate definition] of these, one reason for each. All
//! of them are malformed: a certificate is judged by its own words here, not by who signed it.

use alloc::string::String;
use thiserror::Error;

use super::{MAX_CERTIFICATE_SIZE, MAX_CERTIFICATES};
use crate::outcome::Family;

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

impl CertificateError {
    /// Malformed, all of them: the bytes are not the certificate that they should be.
    pub const fn family(&self) -> Family {
        Family::Malformed
    }
}
