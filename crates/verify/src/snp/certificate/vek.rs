//! Certificates of the keys that sign reports: of a chip (VCEK) and of a cloud provider (VLEK).
//!
//! Defined by [VCEK, certificate definition] and [VCEK, certificate extensions]. The extensions say for which chip and which
//! levels of the TCB the key was derived. What surprises: the serial number is 0; the hardware identity is raw bytes, 64 of
//! them or, for Turin, 8; the fourth to seventh level may be there and must then be 0; a VLEK names no chip.

use alloc::string::String;
use core::cmp::Ordering;
use der::Decode as _;
use der::asn1::{ObjectIdentifier, OctetStringRef};
use p384::ecdsa::VerifyingKey;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::amd_extension::{
    BL_SPL, CSP_ID, FMC_SPL, HW_ID, PRODUCT_NAME, SNP_SPL, SPL_4, SPL_5, SPL_6, SPL_7,
    STRUCT_VERSION, TEE_SPL, UCODE_SPL, amd, integer, is_known, text,
};
use super::{
    BASIC_CONSTRAINTS, CaKind, CertificateError, Common, KEY_USAGE, Validity, common_names,
    decoded, read, wrong_name,
};
use crate::ec_key_file::{EC_PUBLIC_KEY, SECP384R1};
use crate::snp::amd_keys::{self, PinnedKeys};
use sev_launch_abi::Generation;
use sev_launch_abi::snp::tcb::TcbParts;

sev_launch_abi::named! {
    /// Which key signed a report, and so which kind of certificate verifies it.
    #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
    #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
    pub enum VekKind {
        /// The chip's own key: versioned chip endorsement key.
        Vcek => "VCEK",
        /// A key that AMD lends to a cloud provider: versioned loaded endorsement key. It names no machine.
        Vlek => "VLEK",
    }
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

impl PartialOrd for VekKind {
    /// `None` unless both are the same: neither kind is more than the other.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
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
    pub(in crate::snp) common: Common,
    kind: VekKind,
    pins: &'static PinnedKeys,
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
        let (common, certificate) = read(bytes, is_known)?;
        let (subject, issuer) = common_names(&certificate);
        let kind = [VekKind::Vcek, VekKind::Vlek]
            .into_iter()
            .find(|kind| kind.subject() == subject)
            .ok_or(wrong_name("subject", subject, "SEV-VCEK or SEV-VLEK"))?;
        let product = match kind {
            VekKind::Vcek => issuer.strip_prefix("SEV-"),
            VekKind::Vlek => issuer.strip_prefix("SEV-VLEK-"),
        };
        let pins = product.and_then(amd_keys::by_name).ok_or(wrong_name(
            "issuer",
            issuer,
            "SEV- or SEV-VLEK- by kind, and Milan, Genoa or Turin",
        ))?;
        let generation = pins.generation;
        not_authority(&certificate)?;
        let key =
            public_key(&certificate).ok_or(CertificateError::PublicKey { wanted: "P-384" })?;
        let struct_version = integer(&certificate, STRUCT_VERSION)?;
        let wanted_version = u8::from(generation == Generation::Turin);
        if struct_version != wanted_version {
            return Err(CertificateError::ExtensionValue {
                name: STRUCT_VERSION.name,
                wanted: "0 for Milan and Genoa, 1 for Turin",
            });
        }
        let product_name = text(&certificate, PRODUCT_NAME)?
            .ok_or(CertificateError::ExtensionMissing { name: PRODUCT_NAME.name })?;
        Ok(Self {
            common,
            kind,
            pins,
            struct_version,
            product_name,
            tcb: levels(&certificate, generation)?,
            hardware_id: hardware_id(&certificate, kind, generation)?,
            csp_id: text(&certificate, CSP_ID)?,
            key,
        })
    }

    /// VCEK or VLEK.
    pub const fn kind(&self) -> VekKind {
        self.kind
    }

    /// The generation that the issuer's name gives.
    pub const fn generation(&self) -> Generation {
        self.pins.generation
    }

    /// AMD's keys of that generation.
    pub(in crate::snp) const fn pins(&self) -> &'static PinnedKeys {
        self.pins
    }

    /// structVersion: 0 for Milan and Genoa, 1 for Turin.
    pub const fn struct_version(&self) -> u8 {
        self.struct_version
    }

    /// The product name, such as `Milan-B0`. It has been seen with the wrong stepping, so that is for people only; the product
    /// itself is held against the generation where the chain is verified.
    pub fn product_name(&self) -> &str {
        &self.product_name
    }

    /// Is the product name one of this generation's? A VCEK's may end in a stepping, a VLEK names no chip and so has none.
    pub(in crate::snp) fn product_is_of_generation(&self) -> bool {
        let stepping = self.product_name.strip_prefix(self.generation().name());
        match self.kind {
            VekKind::Vcek => stepping.is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
            VekKind::Vlek => stepping == Some(""),
        }
    }

    /// The levels of the TCB that the key was derived for.
    pub const fn tcb(&self) -> &TcbParts {
        &self.tcb
    }

    /// The chip; `None` for a VLEK.
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

    pub(in crate::snp) const fn key(&self) -> &VerifyingKey {
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

/// A VEK signs reports, and no certificates. AMD's have neither extension; where one is there, it is heeded.
fn not_authority(certificate: &x509_cert::Certificate) -> Result<(), CertificateError> {
    let wrong = |name, wanted| CertificateError::ExtensionValue { name, wanted };
    match decoded::<BasicConstraints>(certificate, BASIC_CONSTRAINTS) {
        None | Some(Ok(BasicConstraints { ca: false, .. })) => {}
        Some(_) => return Err(wrong("basicConstraints", "no certificate authority")),
    }
    match decoded::<KeyUsage>(certificate, KEY_USAGE) {
        None => Ok(()),
        Some(Ok(usage)) if usage.digital_signature() => Ok(()),
        Some(_) => Err(wrong("keyUsage", "digitalSignature")),
    }
}

/// The levels of the TCB. [VCEK, certificate extensions]
fn levels(
    certificate: &x509_cert::Certificate,
    generation: Generation,
) -> Result<TcbParts, CertificateError> {
    for spl in [SPL_4, SPL_5, SPL_6, SPL_7] {
        // A level that has no meaning yet is one that nobody would compare.
        if amd(certificate, spl).is_some() && integer(certificate, spl)? != 0 {
            let name = spl.name;
            return Err(CertificateError::ExtensionValue { name, wanted: "0 as long as reserved" });
        }
    }
    let fmc = match generation {
        Generation::Turin => Some(integer(certificate, FMC_SPL)?),
        _ => {
            if amd(certificate, FMC_SPL).is_some() {
                return Err(CertificateError::ExtensionUnexpected { name: FMC_SPL.name });
            }
            None
        }
    };
    Ok(TcbParts {
        fmc,
        boot_loader: integer(certificate, BL_SPL)?,
        tee: integer(certificate, TEE_SPL)?,
        snp: integer(certificate, SNP_SPL)?,
        microcode: integer(certificate, UCODE_SPL)?,
    })
}

/// The chip's identity: raw bytes, or the same in an OCTET STRING as some older certificates have it.
fn hardware_id(
    certificate: &x509_cert::Certificate,
    kind: VekKind,
    generation: Generation,
) -> Result<Option<HardwareId>, CertificateError> {
    const NAME: &str = HW_ID.name;
    let value = amd(certificate, HW_ID);
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
        _ => <[u8; 64]>::try_from(bytes).map(HardwareId::Full),
    };
    id.map(Some).map_err(|_| CertificateError::ExtensionValue {
        name: NAME,
        wanted: "64 bytes for Milan and Genoa, 8 for Turin",
    })
}
