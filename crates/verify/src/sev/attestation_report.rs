//! The legacy attestation report: 208 bytes in which a platform's PEK signs a guest's launch digest and policy.
//!
//! Defined by [SEV-API, ATTESTATION]. Little-endian. Only the first 52 bytes are signed: nonce, digest and policy. The
//! usage, the algorithm and the reserved bytes after them are not, so they are held to the one value that they can have.
//! The report does not prove that the guest was launched with a session of the guest's owner: a host that launches the same
//! images without one gets the same report, so no secret may be given for it.
//!
//! No command here reads one: it is for a verifier that asks a running guest's host again, by QEMU's
//! `query-sev-attestation-report`.
//!
//! ```
//! use sev_launch_verify::sev::attestation_report::{AttestationReport, VerifiedAttestationReport};
//! use sev_launch_verify::sev::chain::ChainVerdict;
//!
//! /// `nonce` was drawn for this question.
//! fn ask_again(
//!     report: &[u8],
//!     chain: &ChainVerdict,
//!     nonce: &[u8; 16],
//! ) -> Result<VerifiedAttestationReport, Box<dyn std::error::Error>> {
//!     Ok(AttestationReport::parse(report)?.verify(&chain.verified_pek()?, nonce)?)
//! }
//! ```

use core::fmt;
use p384::ecdsa::Signature;
use sev_launch_abi::reader::Reader;
use sev_launch_abi::sev::LaunchDigest;
use thiserror::Error;

use crate::outcome::Family;
use crate::sev::certificate::{self, Algorithm, CertificateError, Usage};
use crate::sev::chain::VerifiedPek;

/// Bytes of a report.
pub const SIZE: usize = 208;
/// Bytes of it that are signed.
const SIGNED_SIZE: usize = 52;
/// Where r starts.
const SIGNATURE_OFFSET: usize = 0x40;

/// Why bytes are no attestation report, or why a report is not authentic.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportError {
    /// Not 208 bytes.
    #[error("an attestation report has {SIZE} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// The signer is not the PEK.
    #[error("the signer's usage at offset 0x34 is {found:#x}, wanted 0x1002 (PEK)")]
    Usage {
        /// The code found.
        found: u32,
    },
    /// Another algorithm than ECDSA with SHA-256.
    #[error(
        "the signature's algorithm at offset 0x38 is {found:#x}, wanted 0x2 (ECDSA with SHA-256)"
    )]
    Algorithm {
        /// The code found.
        found: u32,
    },
    /// The reserved bytes are not zero.
    #[error("the reserved number at offset 0x3c is {found:#x}, wanted 0")]
    Reserved {
        /// The number found.
        found: u32,
    },
    /// r and s are no signature.
    #[error("the signature: {0}")]
    SignatureFormat(CertificateError),
    /// The nonce is not the one that was asked with.
    #[error("the nonce is {}, wanted {}", hex::encode(found), hex::encode(wanted))]
    Nonce {
        /// The report's nonce.
        found: [u8; 16],
        /// The nonce that was sent.
        wanted: [u8; 16],
    },
    /// The signature is not the PEK's over this report.
    #[error("the signature of the report is not the PEK's")]
    Signature,
}

impl ReportError {
    /// [`Family::Rejected`] for a wrong nonce or signature, [`Family::Malformed`] for the rest.
    pub const fn family(&self) -> Family {
        match self {
            Self::Nonce { .. } | Self::Signature => Family::Rejected,
            _ => Family::Malformed,
        }
    }
}

/// A well-formed report. Nothing says yet who made it.
#[derive(Clone, PartialEq, Eq)]
pub struct AttestationReport {
    signed: [u8; SIGNED_SIZE],
    nonce: [u8; 16],
    digest: LaunchDigest,
    policy: u32,
    signature: Signature,
}

impl AttestationReport {
    /// A report from exactly 208 bytes.
    ///
    /// Errors: those of [`ReportError`] that are of the malformed family.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReportError> {
        let length = ReportError::Length { found: bytes.len() };
        if bytes.len() != SIZE {
            return Err(length);
        }
        let mut reader = Reader::new(bytes);
        let signed = *bytes.first_chunk().ok_or(length)?;
        let nonce = reader.array().ok_or(length)?;
        let digest = LaunchDigest::from_bytes(reader.array().ok_or(length)?);
        let policy = reader.u32().ok_or(length)?;
        match reader.u32().ok_or(length)? {
            usage if usage == Usage::Pek.code() => {}
            found => return Err(ReportError::Usage { found }),
        }
        match reader.u32().ok_or(length)? {
            algorithm if algorithm == Algorithm::EcdsaSha256.code() => {}
            found => return Err(ReportError::Algorithm { found }),
        }
        match reader.u32().ok_or(length)? {
            0 => {}
            found => return Err(ReportError::Reserved { found }),
        }
        let numbers = [reader.array().ok_or(length)?, reader.array().ok_or(length)?];
        let signature = certificate::ecdsa_from_fields(&numbers, SIGNATURE_OFFSET)
            .map_err(ReportError::SignatureFormat)?;
        Ok(Self { signed, nonce, digest, policy, signature })
    }

    /// MNONCE: what the caller of ATTESTATION gave, against replay.
    pub fn nonce(&self) -> &[u8; 16] {
        &self.nonce
    }

    /// The guest's launch digest.
    pub fn digest(&self) -> LaunchDigest {
        self.digest
    }

    /// The guest's policy word.
    pub fn policy(&self) -> u32 {
        self.policy
    }

    /// Whether the platform with this PEK made the report, for this nonce.
    ///
    /// The digest and the policy are authentic after a yes; whether they are acceptable is another question.
    ///
    /// Errors: [`ReportError::Nonce`], [`ReportError::Signature`].
    pub fn verify(
        &self,
        pek: &VerifiedPek,
        nonce: &[u8; 16],
    ) -> Result<VerifiedAttestationReport, ReportError> {
        if !certificate::verifies(pek.point(), &self.signed, &self.signature) {
            return Err(ReportError::Signature);
        }
        if self.nonce != *nonce {
            return Err(ReportError::Nonce { found: self.nonce, wanted: *nonce });
        }
        Ok(VerifiedAttestationReport { digest: self.digest, policy: self.policy })
    }
}

impl fmt::Debug for AttestationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttestationReport({}, policy {:#x})", self.digest, self.policy)
    }
}

impl fmt::Display for AttestationReport {
    /// Every field; r and s big-endian in hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (r, s) = self.signature.split_bytes();
        writeln!(f, "SEV attestation report")?;
        writeln!(f, "  nonce          {}", hex::encode(self.nonce))?;
        writeln!(f, "  launch digest  {}", self.digest)?;
        writeln!(f, "  policy         {:#010x}", self.policy)?;
        writeln!(f, "  signature      by PEK (0x1002), ECDSA with SHA-256 (0x2)")?;
        write!(f, "    r            {}\n    s            {}", hex::encode(r), hex::encode(s))
    }
}

/// A report that a verified platform made: only [`AttestationReport::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct VerifiedAttestationReport {
    digest: LaunchDigest,
    policy: u32,
}

impl VerifiedAttestationReport {
    /// The guest's launch digest.
    pub fn digest(&self) -> LaunchDigest {
        self.digest
    }

    /// The guest's policy word.
    pub fn policy(&self) -> u32 {
        self.policy
    }
}
