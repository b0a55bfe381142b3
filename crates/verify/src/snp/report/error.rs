//! Why a report is not believed: every reason, with what was found and what was wanted.
//!
//! Bytes that are no report of [SNP-ABI, ATTESTATION_REPORT] are malformed; a report that can be read and does not hold is
//! rejected. What surprises: a signature of zeros is a rejected one, since a host that masks the chip's key makes it.

use thiserror::Error;

use super::attestation_report::SigningKey;
use super::{FIRST_VERSION, LAST_VERSION, REPORT_SIZE};
use crate::outcome::Family;
use crate::snp::certificate::VekKind;
use sev_launch_abi::Generation;

use crate::snp::product::CpuId;
use crate::snp::signature::SignatureError;
use sev_launch_abi::snp::tcb::{TcbParts, TcbVersion};

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
