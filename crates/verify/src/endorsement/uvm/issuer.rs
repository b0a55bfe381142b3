//! The issuer of an endorsement of a utility VM: an authority's certificate by its fingerprint, and what the leaf is for.
//!
//! Defined by [did:x509, method-specific identifier]: `did:x509:0:sha256:FINGERPRINT::eku:OID`, the fingerprint in base64url without padding. Other policies than
//! `eku`, more than one of them, and other hashes are refused.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use der::asn1::ObjectIdentifier;

use crate::endorsement::certificate::Certificate;
use crate::endorsement::error::Refusal;

/// An issuer that was taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Issuer {
    fingerprint: [u8; 32],
    /// The purpose that the leaf must have.
    pub(super) purpose: ObjectIdentifier,
}

impl Issuer {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let read = || {
            let rest = text.strip_prefix("did:x509:0:sha256:")?;
            let (fingerprint, policies) = rest.split_once("::")?;
            let purpose = policies.strip_prefix("eku:")?;
            let mut bytes = [0; 32];
            let decoded = Base64UrlUnpadded::decode(fingerprint, &mut bytes).ok()?;
            let is_whole = decoded.len() == 32;
            let purpose = ObjectIdentifier::new(purpose).ok()?;
            is_whole.then_some(Self { fingerprint: bytes, purpose })
        };
        read().ok_or_else(|| Refusal::IssuerForm { found: text.into() })
    }

    /// Is it this authority's? A leaf's fingerprint would say nothing of who issued it.
    pub(super) fn is_fingerprint_of(&self, certificate: &Certificate) -> bool {
        certificate.may_sign_certificates() && certificate.fingerprint() == self.fingerprint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "did:x509:0:sha256:I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s::eku:1.3.6.1.4.1.311.76.59.1.2";

    #[test]
    fn the_issuer_of_azure_s_utility_vm_is_taken_apart() {
        let issuer = Issuer::parse(GOOD).unwrap();
        assert_eq!(issuer.purpose, ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.76.59.1.2"));
        assert_eq!(issuer.fingerprint[..4], [0x23, 0xff, 0xe2, 0xb8]);
    }

    #[test]
    fn any_other_form_is_refused() {
        for (from, to) in [
            ("did:x509:0", "did:x509:1"),
            ("sha256", "sha384"),
            ("::eku", ":eku"),
            ("eku:", "subject:"),
            ("1.3.6", "1.x.6"),
            ("I__iuL", "I__iu"),
            ("I__iuL", "I__iuLL"),
            ("pt9s", "pt9s="),
            (".1.2", ".1.2::eku:1.2.3"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert!(Issuer::parse(&text).is_err(), "{text}");
        }
    }
}
