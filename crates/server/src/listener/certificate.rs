//! A client's certificate, and the name that it gives to its holder.
//!
//! X.509 is that of RFC 5280; the names are those of the extension SubjectAltName. The subject is not looked at.
//! The authority wrote the names, and they go into logs and are compared: a certificate with a name that is not plain text
//! of its kind is no certificate for us.

use core::fmt;

use sha2::{Digest as _, Sha256};
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// A client's certificate that was verified in the TLS handshake: the client holds its key, and an authority signed it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The whole certificate in DER.
    pub der: Vec<u8>,
    /// SHA-256 of [`Self::der`].
    pub sha256: [u8; 32],
    /// The URIs of SubjectAltName, in its order, as written. Each has a scheme.
    pub uri_sans: Vec<String>,
    /// The DNS names of SubjectAltName, in its order, in lower case.
    pub dns_sans: Vec<String>,
}

/// What is wrong with a client's certificate, though an authority signed it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateError {
    /// Not X.509.
    #[error("the client's certificate is not X.509 as RFC 5280 has it: {error}")]
    Malformed {
        /// What the parser found.
        error: String,
    },
    /// A name that is not what it says.
    #[error(
        "the client's certificate has the {kind} {name:?} in SubjectAltName, wanted {wanted}: have another issued"
    )]
    Name {
        /// `URI` or `DNS name`.
        kind: &'static str,
        /// The name, escaped when shown.
        name: String,
        /// What would have been one.
        wanted: &'static str,
    },
}

impl ClientCertificate {
    /// From DER that was verified: nothing is verified here. Errors: what cannot be read, and names that are none.
    pub fn from_verified_der(der: &[u8]) -> Result<Self, CertificateError> {
        let malformed =
            |error: x509_cert::der::Error| CertificateError::Malformed { error: error.to_string() };
        let certificate = Certificate::from_der(der).map_err(malformed)?;
        let names = certificate
            .tbs_certificate()
            .get_extension::<SubjectAltName>()
            .map_err(malformed)?
            .map_or_else(Vec::new, |(_critical, names)| names.0);
        let mut uri_sans = Vec::new();
        let mut dns_sans = Vec::new();
        for name in &names {
            match name {
                GeneralName::UniformResourceIdentifier(uri) => {
                    uri_sans.push(uri_text(uri.as_str())?);
                }
                GeneralName::DnsName(dns) => dns_sans.push(dns_text(dns.as_str())?),
                _ => {}
            }
        }
        Ok(Self { der: der.to_vec(), sha256: Sha256::digest(der).into(), uri_sans, dns_sans })
    }

    /// The holder's name: the first URI, else the first DNS name, else [`Self::sha256`] in lower-case hex.
    ///
    /// The three cannot be taken for each other: a URI has a colon and a DNS name none, and a DNS name's parts end at 63 letters.
    pub fn principal(&self) -> String {
        let named = self.uri_sans.first().or(self.dns_sans.first());
        named.cloned().unwrap_or_else(|| hex::encode(self.sha256))
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({})", self.principal())
    }
}

/// RFC 3986: printable ASCII without spaces, that begins with a scheme.
fn uri_text(name: &str) -> Result<String, CertificateError> {
    let scheme = name.split_once(':').map_or("", |(scheme, _)| scheme);
    let starts = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    let rest = scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    match starts && rest && name.chars().all(|c| c.is_ascii_graphic()) {
        true => Ok(name.to_owned()),
        false => Err(CertificateError::Name {
            kind: "URI",
            name: name.to_owned(),
            wanted: "a scheme, a colon and printable ASCII without spaces",
        }),
    }
}

/// RFC 1035 in the preferred form, with the underscore and the wildcard that are in use.
fn dns_text(name: &str) -> Result<String, CertificateError> {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*');
    let part = |part: &str| !part.is_empty() && part.len() <= 63 && part.chars().all(letter);
    match name.len() <= 253 && name.split('.').all(part) {
        true => Ok(name.to_ascii_lowercase()),
        false => Err(CertificateError::Name {
            kind: "DNS name",
            name: name.to_owned(),
            wanted: "letters, digits and hyphens, in parts of 1 to 63 between dots",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(uris: &[&str], names: &[&str]) -> ClientCertificate {
        let owned = |of: &[&str]| of.iter().map(|name| (*name).to_owned()).collect();
        let (uri_sans, dns_sans) = (owned(uris), owned(names));
        ClientCertificate { der: vec![], sha256: [0xab; 32], uri_sans, dns_sans }
    }

    #[test]
    fn a_uri_goes_before_a_dns_name_and_that_before_the_hash() {
        let both = certificate(&["spiffe://a/b", "spiffe://c"], &["a.example"]);
        assert_eq!(both.principal(), "spiffe://a/b");
        assert_eq!(certificate(&[], &["a.example", "b.example"]).principal(), "a.example");
        assert_eq!(certificate(&[], &[]).principal(), "ab".repeat(32));
    }

    #[test]
    fn names_that_could_be_taken_for_others_are_refused() {
        for uri in ["", "no-scheme", ":x", "1a:x", "spiffe://a b", "a:\n", "a:\u{7f}", "a b:c"] {
            assert!(uri_text(uri).is_err(), "{uri:?}");
        }
        let long = "a".repeat(64);
        for name in ["", ".", "a..b", "a.", "spiffe://a", "a b", "a\0.example", long.as_str()] {
            assert!(dns_text(name).is_err(), "{name:?}");
        }
        assert_eq!(dns_text("Host-1.Example"), Ok("host-1.example".to_owned()));
        assert_eq!(uri_text("spiffe://A/b"), Ok("spiffe://A/b".to_owned()));
    }

    #[test]
    fn bytes_that_are_no_certificate_are_an_error() {
        for der in [&[][..], &[0x30], &[0x30, 0x80, 0, 0], &[0xff; 64]] {
            let found = ClientCertificate::from_verified_der(der);
            assert!(matches!(found, Err(CertificateError::Malformed { .. })), "{found:?}");
        }
    }
}
