//! The extensions that AMD puts into certificates of VEKs, each by its number, and how their values are read.
//!
//! Defined by [VCEK, certificate extensions]. None is critical in AMD's certificates; one that were, and is not in this table,
//! would be refused as any unknown one is, under AMD's own arc too.

use alloc::string::String;
use der::Decode as _;
use der::asn1::{Ia5StringRef, ObjectIdentifier};

use super::{BASIC_CONSTRAINTS, CertificateError, KEY_USAGE, extension};

/// An extension of AMD's. [VCEK, certificate extensions]
#[derive(Clone, Copy)]
pub(super) struct Amd {
    /// Its name in AMD's document.
    pub(super) name: &'static str,
    oid: ObjectIdentifier,
}

impl Amd {
    const fn new(name: &'static str, oid: &str) -> Self {
        Self { name, oid: ObjectIdentifier::new_unwrap(oid) }
    }
}

pub(super) const STRUCT_VERSION: Amd = Amd::new("structVersion", "1.3.6.1.4.1.3704.1.1");
pub(super) const PRODUCT_NAME: Amd = Amd::new("productName", "1.3.6.1.4.1.3704.1.2");
pub(super) const BL_SPL: Amd = Amd::new("blSPL", "1.3.6.1.4.1.3704.1.3.1");
pub(super) const TEE_SPL: Amd = Amd::new("teeSPL", "1.3.6.1.4.1.3704.1.3.2");
pub(super) const SNP_SPL: Amd = Amd::new("snpSPL", "1.3.6.1.4.1.3704.1.3.3");
pub(super) const SPL_4: Amd = Amd::new("spl_4", "1.3.6.1.4.1.3704.1.3.4");
pub(super) const SPL_5: Amd = Amd::new("spl_5", "1.3.6.1.4.1.3704.1.3.5");
pub(super) const SPL_6: Amd = Amd::new("spl_6", "1.3.6.1.4.1.3704.1.3.6");
pub(super) const SPL_7: Amd = Amd::new("spl_7", "1.3.6.1.4.1.3704.1.3.7");
pub(super) const UCODE_SPL: Amd = Amd::new("ucodeSPL", "1.3.6.1.4.1.3704.1.3.8");
pub(super) const FMC_SPL: Amd = Amd::new("fmcSPL", "1.3.6.1.4.1.3704.1.3.9");
pub(super) const HW_ID: Amd = Amd::new("hwID", "1.3.6.1.4.1.3704.1.4");
pub(super) const CSP_ID: Amd = Amd::new("cspID", "1.3.6.1.4.1.3704.1.5");

/// Every extension of AMD's that is read here. Another one under AMD's arc is as unknown as any other.
const AMD: [Amd; 13] = [
    STRUCT_VERSION,
    PRODUCT_NAME,
    BL_SPL,
    TEE_SPL,
    SNP_SPL,
    SPL_4,
    SPL_5,
    SPL_6,
    SPL_7,
    UCODE_SPL,
    FMC_SPL,
    HW_ID,
    CSP_ID,
];

/// Does a VEK have an extension with this number?
pub(super) fn is_known(oid: &ObjectIdentifier) -> bool {
    [BASIC_CONSTRAINTS, KEY_USAGE].contains(oid) || AMD.iter().any(|known| known.oid == *oid)
}

/// The value of an extension of AMD's.
pub(super) fn amd(certificate: &x509_cert::Certificate, which: Amd) -> Option<&[u8]> {
    extension(certificate, which.oid)
}

/// An INTEGER of 0 to 255 in an extension that must be there.
pub(super) fn integer(
    certificate: &x509_cert::Certificate,
    which: Amd,
) -> Result<u8, CertificateError> {
    let name = which.name;
    let value = amd(certificate, which).ok_or(CertificateError::ExtensionMissing { name })?;
    u8::from_der(value)
        .map_err(|_| CertificateError::ExtensionValue { name, wanted: "an INTEGER of 0 to 255" })
}

/// A string in an extension.
pub(super) fn text(
    certificate: &x509_cert::Certificate,
    which: Amd,
) -> Result<Option<String>, CertificateError> {
    let wrong = CertificateError::ExtensionValue { name: which.name, wanted: "an IA5String" };
    let read = |value| Ia5StringRef::from_der(value).map(|text| String::from(text.as_str()));
    amd(certificate, which).map(read).transpose().map_err(|_| wrong)
}
