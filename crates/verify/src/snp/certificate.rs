//! X.509 certificates of SNP: those of a chip or a cloud provider (VCEK, VLEK), and AMD's own (ARK, ASK, ASVK).
//!
//! Defined by [VCEK, certificate definition] on top of [RFC 5280, Certificate]. What surprises: the serial number of every
//! VEK is 0; the hardware identity is raw bytes where X.509 wants an encoded value; the product name in an extension has
//! been seen with the wrong stepping, so the generation is taken from the issuer's name. Reading a certificate checks what
//! it says about itself; who signed it is the business of [`super::chain`].

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use der::asn1::{Ia5StringRef, ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Encode as _};
use p384::ecdsa::VerifyingKey;
use sha2::Digest as _;
use thiserror::Error;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::fields::wide;
use super::product::Generation;
use super::tcb::TcbParts;
use super::x509::{self, Envelope, RsaKey};
use crate::outcome::Family;

/// The most bytes that are read as a certificate. AMD's have about 1700.
pub const MAX_CERTIFICATE_SIZE: usize = 16 * 1024;
/// The most certificates in a file of several.
pub const MAX_CERTIFICATES: usize = 8;

/// id-ecPublicKey. [RFC 5480, unrestricted algorithm identifier]
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// secp384r1. [RFC 5480, named curves]
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
/// id-ce-basicConstraints. [RFC 5280, basic constraints]
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// id-ce-keyUsage. [RFC 5280, key usage]
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
/// The arc of AMD's extensions. [VCEK, certificate extensions]
const AMD_ARC: &str = "1.3.6.1.4.1.3704.1.";

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
    pub const fn contains(&self, time: u64) -> bool {
        self.not_before <= time && time <= self.not_after
    }
}

/// What every certificate has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Common {
    pub(super) envelope: Envelope,
    pub(super) validity: Validity,
    pub(super) serial: Vec<u8>,
    /// DER of the names, which are compared as bytes.
    pub(super) subject: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    der: Vec<u8>,
}

/// Decodes what every certificate has, and refuses what none may have.
fn read(bytes: &[u8]) -> Result<(Common, x509_cert::Certificate), CertificateError> {
    if bytes.len() > MAX_CERTIFICATE_SIZE {
        return Err(CertificateError::TooLarge { found: wide(bytes.len()) });
    }
    let der = x509::der_of(bytes, "CERTIFICATE")
        .ok_or(CertificateError::Pem { wanted: "CERTIFICATE" })?;
    let malformed = |error: der::Error| CertificateError::Der { what: error.to_string() };
    let envelope = Envelope::from_der(&der).map_err(malformed)?;
    let certificate = x509_cert::Certificate::from_der(&der).map_err(malformed)?;
    let tbs = certificate.tbs_certificate();
    if tbs.version() != x509_cert::Version::V3 {
        return Err(CertificateError::Version);
    }
    if !envelope.is_pss_sha384 || !x509::is_pss_sha384_owned(tbs.signature()) {
        return Err(CertificateError::SignatureAlgorithm);
    }
    let mut seen: Vec<ObjectIdentifier> = Vec::new();
    for extension in extensions(&certificate) {
        if seen.contains(&extension.extn_id) {
            return Err(CertificateError::ExtensionTwice { oid: extension.extn_id.to_string() });
        }
        let known = [BASIC_CONSTRAINTS, KEY_USAGE].contains(&extension.extn_id)
            || extension.extn_id.to_string().starts_with(AMD_ARC);
        if extension.critical && !known {
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
        der,
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
fn extension<'a>(certificate: &'a x509_cert::Certificate, oid: &str) -> Option<&'a [u8]> {
    let oid = ObjectIdentifier::new(oid).ok()?;
    extensions(certificate)
        .iter()
        .find(|extension| extension.extn_id == oid)
        .map(|extension| extension.extn_value.as_bytes())
}

/// The value of an extension of AMD's, by the end of its number.
fn amd<'a>(certificate: &'a x509_cert::Certificate, suffix: &str) -> Option<&'a [u8]> {
    let mut oid = String::from(AMD_ARC);
    oid.push_str(suffix);
    extension(certificate, &oid)
}

/// A common name, or the error that names it.
fn common_names(certificate: &x509_cert::Certificate) -> (String, String) {
    let tbs = certificate.tbs_certificate();
    (
        x509::common_name(tbs.subject()).unwrap_or_default(),
        x509::common_name(tbs.issuer()).unwrap_or_default(),
    )
}

/// Which key signed a report, and so which kind of certificate verifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VekKind {
    /// The chip's own key: versioned chip endorsement key.
    Vcek,
    /// A key that AMD lends to a cloud provider: versioned loaded endorsement key. It names no machine.
    Vlek,
}

impl VekKind {
    /// The subject's common name. [VCEK, certificate definition]
    const fn subject(self) -> &'static str {
        match self {
            Self::Vcek => "SEV-VCEK",
            Self::Vlek => "SEV-VLEK",
        }
    }

    /// The kind of authority that signs it.
    pub const fn issuer(self) -> CaKind {
        match self {
            Self::Vcek => CaKind::Ask,
            Self::Vlek => CaKind::Asvk,
        }
    }
}

impl fmt::Display for VekKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vcek => "VCEK",
            Self::Vlek => "VLEK",
        })
    }
}

/// The identity of a chip, as a VCEK has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HardwareId {
    /// 64 bytes: Milan, Genoa.
    Full([u8; 64]),
    /// 8 bytes: Turin.
    Short([u8; 8]),
}

impl HardwareId {
    /// The CHIP_ID of a report by this chip: the bytes, and zeros after 8.
    pub fn chip_id(&self) -> [u8; 64] {
        match self {
            Self::Full(id) => *id,
            Self::Short(id) => {
                let mut chip_id = [0; 64];
                for (to, from) in chip_id.iter_mut().zip(id) {
                    *to = *from;
                }
                chip_id
            }
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Full(id) => id,
            Self::Short(id) => id,
        }
    }
}

/// A VCEK or VLEK certificate, read and not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vek {
    pub(super) common: Common,
    kind: VekKind,
    generation: Generation,
    struct_version: u8,
    product_name: String,
    tcb: TcbParts,
    hardware_id: Option<HardwareId>,
    csp_id: Option<String>,
    key: VerifyingKey,
}

impl Vek {
    /// From DER, or from PEM with exactly one block.
    ///
    /// Errors: anything that is not one certificate of version 3 signed by RSASSA-PSS with SHA-384, with a P-384 key, with
    /// the names of a VCEK or VLEK and of its issuer, and with the extensions of that kind; a level above 255; a reserved
    /// level that is not 0.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        let (common, certificate) = read(bytes)?;
        let (subject, issuer) = common_names(&certificate);
        let kind = [VekKind::Vcek, VekKind::Vlek]
            .into_iter()
            .find(|kind| kind.subject() == subject)
            .ok_or(CertificateError::CommonName {
                which: "subject",
                found: subject,
                wanted: "SEV-VCEK or SEV-VLEK",
            })?;
        let product = match kind {
            VekKind::Vcek => issuer.strip_prefix("SEV-"),
            VekKind::Vlek => issuer.strip_prefix("SEV-VLEK-"),
        };
        let generation = product.and_then(Generation::from_name).ok_or({
            CertificateError::CommonName {
                which: "issuer",
                found: issuer,
                wanted: "SEV- or SEV-VLEK- by kind, and Milan, Genoa or Turin",
            }
        })?;
        let key =
            public_key(&certificate).ok_or(CertificateError::PublicKey { wanted: "P-384" })?;
        let struct_version = integer(&certificate, "1", "structVersion")?;
        let wanted_version = u8::from(generation == Generation::Turin);
        if struct_version != wanted_version {
            return Err(CertificateError::ExtensionValue {
                name: "structVersion",
                wanted: "0 for Milan and Genoa, 1 for Turin",
            });
        }
        let product_name = text(&certificate, "2", "productName")?
            .ok_or(CertificateError::ExtensionMissing { name: "productName" })?;
        Ok(Self {
            common,
            kind,
            generation,
            struct_version,
            product_name,
            tcb: levels(&certificate, generation)?,
            hardware_id: hardware_id(&certificate, kind, generation)?,
            csp_id: text(&certificate, "5", "cspID")?,
            key,
        })
    }

    /// VCEK or VLEK.
    pub const fn kind(&self) -> VekKind {
        self.kind
    }

    /// The generation that the issuer's name gives.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// structVersion: 0 for Milan and Genoa, 1 for Turin.
    pub const fn struct_version(&self) -> u8 {
        self.struct_version
    }

    /// The product name, such as `Milan-B0`. It has been seen with the wrong stepping: for people only.
    pub fn product_name(&self) -> &str {
        &self.product_name
    }

    /// The levels of the TCB that the key was derived for.
    pub const fn tcb(&self) -> &TcbParts {
        &self.tcb
    }

    /// The chip; nothing in a VLEK.
    pub const fn hardware_id(&self) -> Option<&HardwareId> {
        self.hardware_id.as_ref()
    }

    /// The cloud provider; VLEK only.
    pub fn csp_id(&self) -> Option<&str> {
        self.csp_id.as_deref()
    }

    /// When the certificate is valid.
    pub const fn validity(&self) -> Validity {
        self.common.validity
    }

    /// The serial number, big-endian without leading zeros: no byte for 0, which all known VEKs have.
    pub fn serial(&self) -> &[u8] {
        &self.common.serial
    }

    /// The DER.
    pub fn der(&self) -> &[u8] {
        &self.common.der
    }

    pub(super) const fn key(&self) -> &VerifyingKey {
        &self.key
    }
}

/// The P-384 key: named curve, uncompressed point on the curve.
fn public_key(certificate: &x509_cert::Certificate) -> Option<VerifyingKey> {
    let spki = certificate.tbs_certificate().subject_public_key_info();
    let curve: ObjectIdentifier = spki.algorithm.parameters.as_ref()?.decode_as().ok()?;
    let point = spki.subject_public_key.as_bytes()?;
    let uncompressed = point.first() == Some(&4);
    if spki.algorithm.oid != EC_PUBLIC_KEY || curve != SECP384R1 || !uncompressed {
        return None;
    }
    VerifyingKey::from_sec1_bytes(point).ok()
}

/// An INTEGER of 0 to 255 in an extension that must be there.
fn integer(
    certificate: &x509_cert::Certificate,
    suffix: &str,
    name: &'static str,
) -> Result<u8, CertificateError> {
    let value = amd(certificate, suffix).ok_or(CertificateError::ExtensionMissing { name })?;
    u8::from_der(value)
        .map_err(|_| CertificateError::ExtensionValue { name, wanted: "an INTEGER of 0 to 255" })
}

/// A string in an extension.
fn text(
    certificate: &x509_cert::Certificate,
    suffix: &str,
    name: &'static str,
) -> Result<Option<String>, CertificateError> {
    amd(certificate, suffix)
        .map(|value| {
            Ia5StringRef::from_der(value)
                .map(|text| String::from(text.as_str()))
                .map_err(|_| CertificateError::ExtensionValue { name, wanted: "an IA5String" })
        })
        .transpose()
}

/// The levels of the TCB. [VCEK, certificate extensions]
fn levels(
    certificate: &x509_cert::Certificate,
    generation: Generation,
) -> Result<TcbParts, CertificateError> {
    for (suffix, name) in [("3.4", "spl_4"), ("3.5", "spl_5"), ("3.6", "spl_6"), ("3.7", "spl_7")] {
        // A level that has no meaning yet is one that nobody would compare.
        if amd(certificate, suffix).is_some() && integer(certificate, suffix, name)? != 0 {
            return Err(CertificateError::ExtensionValue { name, wanted: "0 as long as reserved" });
        }
    }
    let fmc = match generation {
        Generation::Turin => Some(integer(certificate, "3.9", "fmcSPL")?),
        Generation::Milan | Generation::Genoa => {
            if amd(certificate, "3.9").is_some() {
                return Err(CertificateError::ExtensionUnexpected { name: "fmcSPL" });
            }
            None
        }
    };
    Ok(TcbParts {
        fmc,
        boot_loader: integer(certificate, "3.1", "blSPL")?,
        tee: integer(certificate, "3.2", "teeSPL")?,
        snp: integer(certificate, "3.3", "snpSPL")?,
        microcode: integer(certificate, "3.8", "ucodeSPL")?,
    })
}

/// The chip's identity: raw bytes, or the same in an OCTET STRING as some older certificates have it.
fn hardware_id(
    certificate: &x509_cert::Certificate,
    kind: VekKind,
    generation: Generation,
) -> Result<Option<HardwareId>, CertificateError> {
    const NAME: &str = "hwID";
    let value = amd(certificate, "4");
    if kind == VekKind::Vlek {
        return match value {
            None => Ok(None),
            Some(_) => Err(CertificateError::ExtensionUnexpected { name: NAME }),
        };
    }
    let raw = value.ok_or(CertificateError::ExtensionMissing { name: NAME })?;
    let size = if generation == Generation::Turin { 8 } else { 64 };
    let bytes = if raw.len() == size + 2 {
        <&OctetStringRef>::from_der(raw).map(OctetStringRef::as_bytes).unwrap_or(raw)
    } else {
        raw
    };
    let id = match generation {
        Generation::Turin => <[u8; 8]>::try_from(bytes).map(HardwareId::Short),
        Generation::Milan | Generation::Genoa => <[u8; 64]>::try_from(bytes).map(HardwareId::Full),
    };
    id.map(Some).map_err(|_| CertificateError::ExtensionValue {
        name: NAME,
        wanted: "64 bytes for Milan and Genoa, 8 for Turin",
    })
}

/// Which of AMD's authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaKind {
    /// The root: AMD root key.
    Ark,
    /// Signs VCEKs: AMD SEV signing key.
    Ask,
    /// Signs VLEKs: AMD SEV VLEK signing key.
    Asvk,
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
    pub(super) fn common_name(self, generation: Generation) -> String {
        let mut name = String::from(self.prefix());
        name.push_str(generation.name());
        name
    }
}

impl fmt::Display for CaKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ark => "ARK",
            Self::Ask => "ASK",
            Self::Asvk => "ASVK",
        })
    }
}

/// An ARK, ASK or ASVK certificate, read and not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaCertificate {
    pub(super) common: Common,
    kind: CaKind,
    generation: Generation,
    pub(super) key: RsaKey,
}

impl CaCertificate {
    /// From DER, or from PEM with exactly one block.
    ///
    /// Errors: anything that is not one certificate of version 3 signed by RSASSA-PSS with SHA-384, with an RSA key of 2048
    /// to 4096 bits, the name of an ARK, ASK or ASVK issued by the ARK of the same generation, and the right to sign
    /// certificates.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        let (common, certificate) = read(bytes)?;
        let (subject, issuer) = common_names(&certificate);
        let named = Generation::ALL.into_iter().find_map(|generation| {
            [CaKind::Ark, CaKind::Ask, CaKind::Asvk]
                .into_iter()
                .find(|kind| kind.common_name(generation) == subject)
                .map(|kind| (kind, generation))
        });
        let Some((kind, generation)) = named else {
            return Err(CertificateError::CommonName {
                which: "subject",
                found: subject,
                wanted: "ARK-, SEV- or SEV-VLEK-, and Milan, Genoa or Turin",
            });
        };
        if issuer != CaKind::Ark.common_name(generation) {
            return Err(CertificateError::CommonName {
                which: "issuer",
                found: issuer,
                wanted: "ARK- and the subject's product",
            });
        }
        let key = RsaKey::from_spki(certificate.tbs_certificate().subject_public_key_info())
            .ok_or(CertificateError::PublicKey { wanted: "RSA with 2048 to 4096 bits" })?;
        authority(&certificate)?;
        Ok(Self { common, kind, generation, key })
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

/// The right to sign certificates. [RFC 5280, basic constraints and key usage]
fn authority(certificate: &x509_cert::Certificate) -> Result<(), CertificateError> {
    let missing = |what| CertificateError::NotAuthority { what };
    let constraints = extension(certificate, "2.5.29.19")
        .and_then(|value| BasicConstraints::from_der(value).ok())
        .ok_or(missing("no basic constraints"))?;
    if !constraints.ca {
        return Err(missing("basic constraints deny it"));
    }
    let usage = extension(certificate, "2.5.29.15")
        .and_then(|value| KeyUsage::from_der(value).ok())
        .ok_or(missing("no key usage"))?;
    if !usage.key_cert_sign() {
        return Err(missing("key usage does not include keyCertSign"));
    }
    Ok(())
}
