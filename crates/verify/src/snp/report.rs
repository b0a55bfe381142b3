//! The attestation report of an SNP guest: 1184 bytes, signed by the chip.
//!
//! Defined by [SNP-ABI, ATTESTATION_REPORT]. The signature covers the first 672 bytes as they are, so it is checked over
//! those bytes and never over a second encoding, and before any field is believed. Three fields have to be looked at first,
//! since they say how to check: VERSION, SIGNATURE_ALGO and KEY_INFO. Bits and bytes that are reserved today are kept as data:
//! firmware has given them a meaning before the document did.
//!
//! The [crate](crate#an-snp-report) has an example.

mod attestation_report;

use alloc::boxed::Box;
use core::fmt;
use p384::ecdsa::signature::Verifier as _;
use thiserror::Error;

pub use attestation_report::{AttestationReport, KeyInfo, PlatformInfo, SigningKey};

pub use super::signature::SignatureError;

use super::certificate::VekKind;
use super::chain::VerifiedVek;
use super::product::CpuId;
use super::signature;
use crate::outcome::Family;
use sev_launch_abi::Generation;
use sev_launch_abi::reader::wide;
use sev_launch_abi::snp::tcb::{TcbLayout, TcbParts, TcbVersion};

/// Bytes of a report, the signature included.
pub const REPORT_SIZE: usize = 1184;
/// The oldest version that has this layout.
const FIRST_VERSION: u32 = 2;
/// The newest version that is known.
const LAST_VERSION: u32 = 5;
/// ECDSA on P-384 with SHA-384. [SNP-ABI, signature algorithms]
const ECDSA_P384_SHA384: u32 = 1;

/// Why a report is not believed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportError {
    /// Another number of bytes.
    #[error("a report of {found} bytes, wanted {REPORT_SIZE}")]
    Length {
        /// Bytes found.
        found: u64,
    },
    /// A version that is not known.
    #[error("report version {found}, wanted {FIRST_VERSION} to {LAST_VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// Another algorithm.
    #[error("signature algorithm {found}, wanted 1 (ECDSA P-384 with SHA-384)")]
    SignatureAlgorithm {
        /// The number found.
        found: u32,
    },
    /// Signed by no key, by an unknown one, or by the other kind than the certificate's.
    #[error("signed by {found}, wanted {wanted}, the kind of the certificate")]
    SigningKey {
        /// What the report says.
        found: SigningKey,
        /// The certificate's kind.
        wanted: VekKind,
    },
    /// The host masks the chip's key, so nothing was signed.
    #[error("MASK_CHIP_KEY is set: the host has turned signatures off")]
    KeyMasked,
    /// No signature.
    #[error("report {0}")]
    SignatureField(#[source] SignatureError),
    /// The signature is not by the certificate's key over these bytes.
    #[error("the report's signature is not by the key of the {kind}")]
    Signature {
        /// The certificate's kind.
        kind: VekKind,
    },
    /// A processor without a known generation.
    #[error("processor {found} is of no known generation")]
    UnknownProduct {
        /// What the report says.
        found: CpuId,
    },
    /// A processor of another generation than the chain's.
    #[error("the report is from {found}, the certificates are of {wanted}")]
    Product {
        /// The report's generation.
        found: Generation,
        /// The chain's.
        wanted: Generation,
    },
    /// REPORTED_TCB is not the one that the key was derived for.
    #[error("REPORTED_TCB is {found}, the certificate is for {wanted}")]
    ReportedTcb {
        /// The report's levels.
        found: TcbParts,
        /// The certificate's.
        wanted: TcbParts,
    },
    /// REPORTED_TCB has levels that the certificate cannot have.
    #[error("REPORTED_TCB {found} has reserved bytes that are not zero")]
    ReportedTcbReserved {
        /// The 8 bytes.
        found: TcbVersion,
    },
    /// The certificate is of another chip.
    #[error("CHIP_ID is not the hardware identity in the VCEK")]
    ChipId,
    /// All zeros, and not accepted.
    #[error("CHIP_ID is masked (all zeros), and masked ones are not accepted")]
    ChipIdMasked,
    /// A VLEK names no chip, so its reports have none either.
    #[error("CHIP_ID is not zero in a report signed by a VLEK")]
    ChipIdUnexpected,
}

impl ReportError {
    /// Malformed where the bytes are no report, rejected where they are one that is not believed.
    pub const fn family(&self) -> Family {
        match self {
            Self::Length { .. }
            | Self::Version { .. }
            | Self::SignatureAlgorithm { .. }
            | Self::SignatureField(SignatureError::Padding { .. } | SignatureError::Range) => {
                Family::Malformed
            }
            _ => Family::Rejected,
        }
    }
}

/// What is done with versions after the last known one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownVersion {
    /// They are refused.
    Refuse,
    /// They are read as the last known one. What they add then counts as reserved, and what they change is not seen.
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

impl ReportOptions {
    /// Known versions with an unmasked CHIP_ID.
    pub const STRICT: Self =
        Self { unknown_version: UnknownVersion::Refuse, masked_chip_id: MaskedChipId::Refuse };
}

/// The bytes of a report, from anybody, and the fields that they hold.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedReport {
    bytes: Box<[u8; REPORT_SIZE]>,
    claims: Box<AttestationReport>,
}

impl UnverifiedReport {
    /// Reads a report's 1184 bytes. Nothing is judged.
    ///
    /// # Errors
    ///
    /// [`ReportError::Length`] for any other number of bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReportError> {
        let length = ReportError::Length { found: wide(bytes.len()) };
        let bytes = Box::new(bytes.try_into().map_err(|_| length.clone())?);
        let claims = AttestationReport::read(&bytes).map(Box::new).ok_or(length)?;
        Ok(Self { bytes, claims })
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; REPORT_SIZE] {
        &self.bytes
    }

    /// What the report says of itself, for fetching the certificate that may prove it: nothing here is true yet.
    pub fn claims(&self) -> AttestationReport {
        (*self.claims).clone()
    }

    /// Checks the signature over the raw bytes, and binds the fields to the certificate.
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
        let report = &*self.claims;
        let generation = vek.generation();
        if let Some(cpuid) = report.cpuid {
            let found = cpuid.generation().ok_or(ReportError::UnknownProduct { found: cpuid })?;
            if found != generation {
                return Err(ReportError::Product { found, wanted: generation });
            }
        }
        check_tcb(report, vek)?;
        check_chip_id(report, vek, options.masked_chip_id)?;
        Ok(VerifiedReport {
            report: self.clone(),
            generation,
            kind: vek.vek().kind(),
            under_amd_root: vek.is_under_amd_root(),
        })
    }

    /// The three fields that say how to check the rest.
    fn check_how(&self, wanted: VekKind, unknown: UnknownVersion) -> Result<(), ReportError> {
        let claims = &*self.claims;
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
        let length = ReportError::Length { found: wide(REPORT_SIZE) };
        let (signed, field) = self.bytes.split_last_chunk().ok_or(length)?;
        let signature = signature::read(field).map_err(ReportError::SignatureField)?;
        vek.vek()
            .key()
            .verify(signed, &signature)
            .map_err(|_| ReportError::Signature { kind: vek.vek().kind() })
    }
}

impl fmt::Debug for UnverifiedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnverifiedReport({})", hex::encode(self.bytes.as_slice()))
    }
}

fn check_tcb(report: &AttestationReport, vek: &VerifiedVek) -> Result<(), ReportError> {
    let layout = TcbLayout::of(vek.generation());
    let found = report.reported_tcb.parts(layout);
    let wanted = *vek.vek().tcb();
    if found != wanted {
        return Err(ReportError::ReportedTcb { found, wanted });
    }
    if report.reported_tcb.reserved(layout) != [0; 8] {
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
#[must_use]
pub struct VerifiedReport {
    report: UnverifiedReport,
    generation: Generation,
    kind: VekKind,
    under_amd_root: bool,
}

impl VerifiedReport {
    /// The fields.
    pub const fn report(&self) -> &AttestationReport {
        &self.report.claims
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
    #[must_use]
    pub const fn is_under_amd_root(&self) -> bool {
        self.under_amd_root
    }

    /// The bytes, signature included.
    pub const fn as_bytes(&self) -> &[u8; REPORT_SIZE] {
        self.report.as_bytes()
    }
}
