//! Certificates of AMD's authorities: the root (ARK), and the keys that sign VCEKs (ASK) and VLEKs (ASVK).
//!
//! Defined by [VCEK, certificate definition]. What surprises: which authority and generation it is stands in the common name
//! alone, `ARK-Milan`, `SEV-Milan`, `SEV-VLEK-Milan`; and the key server gives the ASK before the ARK, as one text.

use alloc::string::String;
use alloc::vec::Vec;
use sha2::Digest as _;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::{
    BASIC_CONSTRAINTS, CertificateError, Common, KEY_USAGE, MAX_CERTIFICATES, Validity,
    common_names, decoded, read, wrong_name,
};
use crate::snp::x509::RsaKey;
use sev_launch_abi::Generation;

sev_launch_abi::named! {
    /// Which of AMD's authorities.
    pub enum CaKind {
        /// The root: AMD root key.
        Ark => "ARK",
        /// Signs VCEKs: AMD SEV signing key.
        Ask => "ASK",
        /// Signs VLEKs: AMD SEV VLEK signing key.
        Asvk => "ASVK",
    }
}

impl CaKind {
    /// What stands before the product in the common name.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Ark => "ARK-",
            Self::Ask => "SEV-",
            Self::Asvk => "SEV-VLEK-",
        }
    }

    /// The common name for a generation.
    pub(in crate::snp) fn common_name(self, generation: Generation) -> String {
        let mut name = String::from(self.prefix());
        name.push_str(generation.name());
        name
    }
}

/// An ARK, ASK or ASVK certificate, read and not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaCertificate {
    pub(in crate::snp) common: Common,
    kind: CaKind,
    generation: Generation,
    pub(in crate::snp) key: RsaKey,
    /// May its key sign revocation lists?
    pub(in crate::snp) signs_lists: bool,
}

impl CaCertificate {
    /// From DER, or from PEM with exactly one block.
    ///
    /// Errors: anything that is not one certificate of version 3 signed by RSASSA-PSS with SHA-384, with an RSA key of 2048
    /// to 4096 bits, the name of an ARK, ASK or ASVK issued by the ARK of the same generation, and the right to sign
    /// certificates.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        let (common, certificate) =
            read(bytes, |oid| [BASIC_CONSTRAINTS, KEY_USAGE].contains(oid))?;
        let (subject, issuer) = common_names(&certificate);
        let named = Generation::SNP.into_iter().find_map(|generation| {
            [CaKind::Ark, CaKind::Ask, CaKind::Asvk]
                .into_iter()
                .find(|kind| kind.common_name(generation) == subject)
                .map(|kind| (kind, generation))
        });
        let Some((kind, generation)) = named else {
            return Err(wrong_name(
                "subject",
                subject,
                "ARK-, SEV- or SEV-VLEK-, and Milan, Genoa or Turin",
            ));
        };
        if issuer != CaKind::Ark.common_name(generation) {
            return Err(wrong_name("issuer", issuer, "ARK- and the subject's product"));
        }
        let key = RsaKey::from_spki(certificate.tbs_certificate().subject_public_key_info())
            .ok_or(CertificateError::PublicKey { wanted: "RSA with 2048 to 4096 bits" })?;
        let usage = authority(&certificate, kind)?;
        Ok(Self { common, kind, generation, key, signs_lists: usage.crl_sign() })
    }

    /// From PEM with several blocks, in their order, as the key server returns an ASK and then an ARK.
    ///
    /// Errors: those of [`CaCertificate::parse`]; text between the blocks; more than [`MAX_CERTIFICATES`].
    pub fn parse_many(pem: &[u8]) -> Result<Vec<Self>, CertificateError> {
        const END: &[u8] = b"-----END CERTIFICATE-----";
        let mut certificates = Vec::new();
        let mut rest = pem.trim_ascii();
        while !rest.is_empty() {
            if certificates.len() == MAX_CERTIFICATES {
                return Err(CertificateError::TooMany);
            }
            let end = rest
                .windows(END.len())
                .position(|window| window == END)
                .map(|at| at + END.len())
                .ok_or(CertificateError::Pem { wanted: "CERTIFICATE" })?;
            let (block, after) = rest.split_at(end);
            if !block.starts_with(b"-----BEGIN ") {
                return Err(CertificateError::Pem { wanted: "CERTIFICATE" });
            }
            certificates.push(Self::parse(block)?);
            rest = after.trim_ascii();
        }
        Ok(certificates)
    }

    /// Which authority.
    pub const fn kind(&self) -> CaKind {
        self.kind
    }

    /// The generation in the subject's name.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// When the certificate is valid.
    pub const fn validity(&self) -> Validity {
        self.common.validity
    }

    /// The serial number, big-endian without leading zeros.
    pub fn serial(&self) -> &[u8] {
        &self.common.serial
    }

    /// The modulus of the RSA key, big-endian without leading zeros.
    pub fn modulus(&self) -> &[u8] {
        self.key.modulus()
    }

    /// The DER.
    pub fn der(&self) -> &[u8] {
        &self.common.der
    }

    /// The SHA-256 of the DER.
    pub fn fingerprint(&self) -> [u8; 32] {
        sha2::Sha256::digest(&self.common.der).into()
    }
}

/// What the key may be used for: to sign certificates at least, and a root's has an authority below it. [RFC 5280, basic
/// constraints and key usage]
fn authority(
    certificate: &x509_cert::Certificate,
    kind: CaKind,
) -> Result<KeyUsage, CertificateError> {
    let missing = |what| CertificateError::NotAuthority { what };
    let constraints: BasicConstraints = decoded(certificate, BASIC_CONSTRAINTS)
        .and_then(Result::ok)
        .ok_or(missing("no basic constraints"))?;
    if !constraints.ca {
        return Err(missing("basic constraints deny it"));
    }
    if kind == CaKind::Ark && constraints.path_len_constraint == Some(0) {
        return Err(missing("the path length lets no authority be below this root"));
    }
    let usage: KeyUsage =
        decoded(certificate, KEY_USAGE).and_then(Result::ok).ok_or(missing("no key usage"))?;
    if !usage.key_cert_sign() {
        return Err(missing("key usage does not include keyCertSign"));
    }
    Ok(usage)
}
