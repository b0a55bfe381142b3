//! The certificates above an endorsement: the root that is given, and those that an endorsement carries.
//!
//! Defined by [RFC 5280, Certificate]. They are neither AMD's nor signed as AMD signs: Google's with RSASSA-PSS and SHA-256,
//! Microsoft's with RSASSA-PKCS1-v1_5 and SHA-384. No root is built in, so none is trusted that the caller does not give. What is
//! asked of each certificate is what Go's `x509` asks, which Google's verifier calls [gce-tcb-verifier, verify.CheckCertificate],
//! and nothing less; but of the authorities of Azure's no extended key usage is asked, since
//! what their real ones have is not known: did:x509 says the purpose of the leaf alone.

use alloc::vec::Vec;
use der::asn1::ObjectIdentifier;
use sha2::{Digest as _, Sha256};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

use super::Kind;
use super::error::{FormError, Refusal};
use crate::rsa_pss::Hash;
use crate::snp::certificate::{
    BASIC_CONSTRAINTS, CertificateError, Common, KEY_USAGE, Validity, decoded, read_signed,
};
use crate::snp::x509::{Algorithm, RsaKey};

/// The tag of a SEQUENCE, with which every certificate begins. [X.690, SEQUENCE]
const SEQUENCE: u8 = 0x30;
/// id-ce-extKeyUsage. [RFC 5280, extended key usage]
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
/// anyExtendedKeyUsage. [RFC 5280, extended key usage]
const ANY_EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
/// id-kp-serverAuth: what Go's `x509` wants of a leaf that limits its use, where its caller wants nothing. [RFC 5280, extended key
/// usage]
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

/// A certificate above an endorsement, read and not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    common: Common,
    key: RsaKey,
    constraints: Option<BasicConstraints>,
    usage: Option<KeyUsage>,
    extended: Option<Vec<ObjectIdentifier>>,
}

impl Certificate {
    /// From DER, or from PEM with exactly one block.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        const KNOWN: [ObjectIdentifier; 3] = [BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE];
        let wanted = "RSASSA-PSS or RSASSA-PKCS1-v1_5 with SHA-256 or SHA-384";
        let (common, certificate) = read_signed(
            bytes,
            |oid| KNOWN.contains(oid),
            |algorithm| algorithm.is_some(),
            CertificateError::OtherAlgorithm { wanted },
        )?;
        let key = RsaKey::from_spki(certificate.tbs_certificate().subject_public_key_info())
            .ok_or(CertificateError::PublicKey { wanted: "RSA with 2048 to 4096 bits" })?;
        let value = |name| CertificateError::ExtensionValue { name, wanted: "its own form" };
        let constraints = decoded::<BasicConstraints>(&certificate, BASIC_CONSTRAINTS).transpose();
        let usage = decoded::<KeyUsage>(&certificate, KEY_USAGE).transpose();
        let extended = decoded::<ExtendedKeyUsage>(&certificate, EXTENDED_KEY_USAGE).transpose();
        Ok(Self {
            common,
            key,
            constraints: constraints.map_err(|_| value("basicConstraints"))?,
            usage: usage.map_err(|_| value("keyUsage"))?,
            extended: extended.map_err(|_| value("extKeyUsage"))?.map(|usage| usage.0),
        })
    }

    /// The SHA-256 of the DER.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.common.der).into()
    }

    /// May it sign certificates, with `below` authorities between it and a leaf?
    fn is_authority(&self, below: usize) -> bool {
        let Some(constraints) = &self.constraints else { return false };
        let depth = constraints.path_len_constraint.map(usize::from);
        constraints.ca
            && depth.is_none_or(|depth| below <= depth)
            && self.usage.as_ref().is_none_or(KeyUsage::key_cert_sign)
    }

    /// Is it an authority at all?
    pub(super) fn may_sign_certificates(&self) -> bool {
        self.is_authority(0)
    }

    /// Does it name this purpose?
    pub(super) fn has_purpose(&self, purpose: &ObjectIdentifier) -> bool {
        self.extended.as_ref().is_some_and(|purposes| purposes.contains(purpose))
    }

    /// Is `signature` this certificate's over `message`?
    pub(super) fn verifies(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        self.key.verifies_bytes(Algorithm::Pss(hash), message, signature)
    }

    /// Is it valid at `time`?
    pub(super) fn check_time(&self, which: &'static str, time: u64) -> Result<(), Refusal> {
        let Validity { not_before, not_after } = self.common.validity;
        match self.common.validity.contains(time) {
            true => Ok(()),
            false => Err(Refusal::Expired { which, time, not_before, not_after }),
        }
    }

    /// May its key sign what is no certificate? Where it limits its use it must say so.
    pub(super) fn check_signs(&self, which: &'static str) -> Result<(), Refusal> {
        match self.usage.as_ref().is_none_or(KeyUsage::digital_signature) {
            true => Ok(()),
            false => Err(Refusal::Usage { which, what: "sign documents (keyUsage)" }),
        }
    }

    /// Is it for what Go's `x509` takes a leaf to be for, if nothing else is asked? Google's own has no extended key usage, and so is for
    /// all. [gce-tcb-verifier, ops.GoogleCertificateTemplate]
    pub(super) fn check_any_purpose(&self, which: &'static str) -> Result<(), Refusal> {
        let is_for_all = self.extended.is_none()
            || [SERVER_AUTH, ANY_EXTENDED_KEY_USAGE]
                .iter()
                .any(|purpose| self.has_purpose(purpose));
        match is_for_all {
            true => Ok(()),
            false => Err(Refusal::Usage { which, what: "sign endorsements (extKeyUsage)" }),
        }
    }

    /// Has `above` signed it, by `algorithm`, and may it, with `below` authorities between `above` and the leaf? Both must be valid.
    pub(super) fn check_signed_by(
        &self,
        which: &'static str,
        (above, name): (&Self, &'static str),
        (algorithm, below): (Algorithm, usize),
        time: u64,
    ) -> Result<(), Refusal> {
        if self.common.issuer != above.common.subject {
            return Err(Refusal::Issuer { which, above: name });
        }
        if !above.is_authority(below) {
            return Err(Refusal::Usage {
                which: name,
                what: "sign this certificate (basicConstraints, keyUsage)",
            });
        }
        let envelope = &self.common.envelope;
        let is_signed = envelope.algorithm == Some(algorithm)
            && above.key.verifies_bytes(algorithm, &envelope.signed, &envelope.signature);
        if !is_signed {
            return Err(Refusal::CertificateSignature { which, above: name });
        }
        self.check_time(which, time)?;
        above.check_time(name, time)
    }
}

/// The root that a caller trusts to endorse launches. None is built in.
///
/// ```
/// use sev_launch_verify::endorsement::Root;
///
/// assert!(Root::parse(b"no certificate").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root(pub(super) Certificate);

impl Root {
    /// From DER, or from PEM with exactly one block.
    ///
    /// Errors: anything that is not one X.509 certificate of version 3 of an authority, signed by RSA with SHA-256 or SHA-384, with an RSA
    /// key of 2048 to 4096 bits. Its own signature is not asked: it is trusted because it is given.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        let certificate = Certificate::parse(bytes)?;
        match certificate.may_sign_certificates() {
            true => Ok(Self(certificate)),
            false => Err(CertificateError::NotAuthority {
                what: "basic constraints or key usage let it sign no certificate",
            }),
        }
    }

    /// The SHA-256 of its DER: how a manifest names it.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.0.fingerprint()
    }

    /// When it is valid.
    pub const fn validity(&self) -> Validity {
        self.0.common.validity
    }
}

/// A certificate that an endorsement carries.
pub(super) fn carried(which: &'static str, bytes: &[u8]) -> Result<Certificate, FormError> {
    // PEM is for roots that people keep: what is carried is the DER itself.
    if bytes.first() != Some(&SEQUENCE) {
        let error = CertificateError::Der { what: "it does not begin as DER".into() };
        return Err(FormError::Certificate { which, error });
    }
    Certificate::parse(bytes).map_err(|error| FormError::Certificate { which, error })
}

/// The algorithm of the certificates above an endorsement of this kind.
pub(super) const fn algorithm(kind: Kind) -> Algorithm {
    match kind {
        // [gce-tcb-verifier, ops.GoogleCertificateTemplate]: SHA256WithRSAPSS.
        Kind::Google => Algorithm::Pss(Hash::Sha256),
        // sha384WithRSAEncryption.
        Kind::AzureUvm => Algorithm::Pkcs1(Hash::Sha384),
    }
}
