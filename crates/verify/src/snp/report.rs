//! The attestation report of an SNP guest: 1184 bytes, signed by the chip.
//!
//! Defined by [SNP-ABI, ATTESTATION_REPORT]. The signature covers the first 672 bytes as they are, so it is checked over
//! those bytes and never over a second encoding, and before any field is believed. Three fields have to be looked at first,
//! since they say how to check: VERSION, SIGNATURE_ALGO and KEY_INFO. Bits and bytes that are reserved today are kept as data:
//! firmware has given them a meaning before the document did.

mod attestation_report;
mod error;

use alloc::boxed::Box;
use core::fmt;
use p384::ecdsa::signature::Verifier as _;

pub use attestation_report::{AttestationReport, KeyInfo, PlatformInfo, SigningKey};
pub use error::ReportError;

pub use super::signature::SignatureError;

use super::certificate::VekKind;
use super::chain::VerifiedVek;
use super::fields::{Fields, wide};
use super::signature::{self, SIGNATURE_SIZE};
use sev_launch_abi::Generation;
use sev_launch_abi::snp::tcb::TcbLayout;

/// Bytes of a report, the signature included.
pub const REPORT_SIZE: usize = 1184;
/// Bytes that are signed: everything before the signature.
const SIGNED_SIZE: usize = REPORT_SIZE - SIGNATURE_SIZE;
/// The oldest version that has this layout.
const FIRST_VERSION: u32 = 2;
/// The newest version that is known.
const LAST_VERSION: u32 = 5;
/// ECDSA on P-384 with SHA-384. [SNP-ABI, signature algorithms]
const ECDSA_P384_SHA384: u32 = 1;

/// What is done with versions after the last known one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownVersion {
    /// They are refused.
    Refuse,
    /// They are read as the last known one. What they add is then not seen, nor appraised.
    ReadAsLastKnown,
}

/// What is done with a report by a VCEK whose CHIP_ID is all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskedChipId {
    /// It is refused, since it cannot be held against the certificate.
    Refuse,
    /// It is accepted: the signature and the TCB alone bind it to the certificate.
    Accept,
}

/// Choices of whoever verifies a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportOptions {
    /// Versions after the last known one.
    pub unknown_version: UnknownVersion,
    /// Masked CHIP_IDs.
    pub masked_chip_id: MaskedChipId,
}

/// The bytes of a report, from anybody.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedReport(Box<[u8; REPORT_SIZE]>);

impl UnverifiedReport {
    /// Takes the bytes. Nothing is looked at.
    pub fn from_bytes(bytes: &[u8; REPORT_SIZE]) -> Self {
        Self(Box::new(*bytes))
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; REPORT_SIZE] {
        &self.0
    }

    /// What the report says of itself, for fetching the certificate that may prove it: nothing here is true yet.
    pub fn claims(&self) -> AttestationReport {
        AttestationReport::read(&self.0)
    }

    /// Checks the signature over the raw bytes, reads the fields, and binds them to the certificate.
    ///
    /// The caller must trust that `vek` was verified at the right time and against the right root; the type says that it was
    /// verified.
    ///
    /// Errors: an unknown version; another algorithm; another kind of key than the certificate's, or none; a signature that
    /// is missing, malformed or wrong; another product than the chain's; a REPORTED_TCB or CHIP_ID that is not the
    /// certificate's.
    pub fn verify(
        &self,
        vek: &VerifiedVek,
        options: ReportOptions,
    ) -> Result<VerifiedReport, ReportError> {
        self.check_how(vek.vek().kind(), options.unknown_version)?;
        self.check_signature(vek)?;
        let report = AttestationReport::read(&self.0);
        let generation = vek.generation();
        if let Some(cpuid) = report.cpuid {
            let found = cpuid.generation().ok_or(ReportError::UnknownProduct { found: cpuid })?;
            if found != generation {
                return Err(ReportError::Product { found, wanted: generation });
            }
        }
        check_tcb(&report, vek)?;
        check_chip_id(&report, vek, options.masked_chip_id)?;
        Ok(VerifiedReport {
            report,
            generation,
            kind: vek.vek().kind(),
            under_amd_root: vek.is_under_amd_root(),
            raw: self.clone(),
        })
    }

    /// The three fields that say how to check the rest.
    fn check_how(&self, wanted: VekKind, unknown: UnknownVersion) -> Result<(), ReportError> {
        let claims = self.claims();
        let is_newer = claims.version > LAST_VERSION && unknown == UnknownVersion::ReadAsLastKnown;
        if !(FIRST_VERSION..=LAST_VERSION).contains(&claims.version) && !is_newer {
            return Err(ReportError::Version { found: claims.version });
        }
        if claims.signature_algo != ECDSA_P384_SHA384 {
            return Err(ReportError::SignatureAlgorithm { found: claims.signature_algo });
        }
        let found = claims.key_info.signing_key();
        match (found, wanted) {
            (SigningKey::Vcek, VekKind::Vcek) | (SigningKey::Vlek, VekKind::Vlek) => {}
            _ => return Err(ReportError::SigningKey { found, wanted }),
        }
        if claims.key_info.mask_chip_key() {
            return Err(ReportError::KeyMasked);
        }
        Ok(())
    }

    fn check_signature(&self, vek: &VerifiedVek) -> Result<(), ReportError> {
        let (signed, field) = self.0.split_at(SIGNED_SIZE);
        let signature =
            signature::read(&Fields::new(field).take()).map_err(ReportError::SignatureField)?;
        vek.vek()
            .key()
            .verify(signed, &signature)
            .map_err(|_| ReportError::Signature { kind: vek.vek().kind() })
    }
}

impl TryFrom<&[u8]> for UnverifiedReport {
    type Error = ReportError;

    /// Exactly 1184 bytes.
    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        <&[u8; REPORT_SIZE]>::try_from(bytes)
            .map(Self::from_bytes)
            .map_err(|_| ReportError::Length { found: wide(bytes.len()) })
    }
}

impl fmt::Debug for UnverifiedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnverifiedReport({})", hex::encode(self.0.as_slice()))
    }
}

fn check_tcb(report: &AttestationReport, vek: &VerifiedVek) -> Result<(), ReportError> {
    let layout = TcbLayout::of(vek.generation());
    let found = report.reported_tcb.parts(layout);
    let wanted = *vek.vek().tcb();
    if found != wanted {
        return Err(ReportError::ReportedTcb { found, wanted });
    }
    if !report.reported_tcb.reserved_is_zero(layout) {
        return Err(ReportError::ReportedTcbReserved { found: report.reported_tcb });
    }
    Ok(())
}

fn check_chip_id(
    report: &AttestationReport,
    vek: &VerifiedVek,
    masked: MaskedChipId,
) -> Result<(), ReportError> {
    match vek.vek().hardware_id() {
        None if report.chip_id_is_zero() => Ok(()),
        None => Err(ReportError::ChipIdUnexpected),
        Some(id) if report.chip_id == id.chip_id() => Ok(()),
        Some(_) if !report.chip_id_is_zero() => Err(ReportError::ChipId),
        Some(_) if masked == MaskedChipId::Accept => Ok(()),
        Some(_) => Err(ReportError::ChipIdMasked),
    }
}

/// A report that a chip has signed, under a chain that holds. Only [`UnverifiedReport::verify`] makes one.
///
/// It is authentic and nothing more: whether the guest that it describes is acceptable is for
/// [`super::requirements::Requirements::appraise`] to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReport {
    report: AttestationReport,
    generation: Generation,
    kind: VekKind,
    under_amd_root: bool,
    raw: UnverifiedReport,
}

impl VerifiedReport {
    /// The fields.
    pub const fn report(&self) -> &AttestationReport {
        &self.report
    }

    /// The generation of the chain, and of the processor where the report says so.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Which kind of key signed it.
    pub const fn signing_key(&self) -> VekKind {
        self.kind
    }

    /// Does the chain end in AMD's own root, and not in an explicit one?
    pub const fn is_under_amd_root(&self) -> bool {
        self.under_amd_root
    }

    /// The bytes, signature included.
    pub const fn as_bytes(&self) -> &[u8; REPORT_SIZE] {
        self.raw.as_bytes()
    }
}
