//! What was reported of a launch: its digest, or the SNP report that has it, whichever somebody has.
//!
//! ```
//! use sev_launch_abi::Technology;
//! use sev_launch_evidence::reported::{self, Reported};
//!
//! // As a tool prints it: in hex, with spaces and line ends.
//! let digest = format!("{}\n", "5a ".repeat(48));
//! let Reported::Digest(digest) = reported::read(Technology::Snp, digest.as_bytes())? else { panic!("a report") };
//! assert_eq!(digest.as_bytes(), [0x5a; 48]);
//! # Ok::<(), sev_launch_evidence::reported::ReportedError>(())
//! ```

use sev_launch_abi::{LaunchDigest, Technology, sev, snp as launch};
use thiserror::Error;

use crate::blob::{self, DigestError};
use crate::snp::{self, Evidence, EvidenceError};

/// No report is shorter in any form: it has 1184 bytes.
const SHORTEST: usize = 1000;

/// What was reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reported {
    /// The digest itself.
    Digest(LaunchDigest),
    /// Evidence that has an attestation report; nothing of it is verified.
    Report(Box<Evidence>),
}

/// Why nothing was reported.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportedError {
    /// Bytes of another size.
    #[error("no launch digest of {technology}: {digest}")]
    Digest {
        /// Whose digest was wanted.
        technology: Technology,
        /// Their size, and that of a digest.
        digest: DigestError,
    },
    /// Neither of the two.
    #[error("no launch digest of {technology} ({digest}), and no attestation report ({evidence})")]
    Neither {
        /// Whose digest was wanted.
        technology: Technology,
        /// Why it is no digest.
        digest: DigestError,
        /// Why it is no report.
        evidence: EvidenceError,
    },
    /// A report of a guest that has none.
    #[error("an attestation report is of an SNP guest, wanted a launch digest of {0}")]
    NotSnp(Technology),
    /// Both of the two: which one is meant would be a guess.
    #[error("a launch digest and an attestation report too: which one is meant? give one alone")]
    Both,
    /// It is evidence, and wrong inside or without a report.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

/// Reads a launch digest of this technology's guest (text in hex or base64, or its bytes alone), or for SNP a report in any form that
/// [`snp::read`] knows.
pub fn read(technology: Technology, bytes: &[u8]) -> Result<Reported, ReportedError> {
    let evidence = snp::read(bytes);
    let has_report = evidence.as_ref().is_ok_and(|evidence| evidence.report().is_some());
    match (digest(technology, bytes), evidence) {
        (Ok(_), Ok(_)) if has_report => Err(ReportedError::Both),
        (Ok(digest), _) => Ok(Reported::Digest(digest)),
        (Err(_), Ok(_)) if has_report && technology != Technology::Snp => {
            Err(ReportedError::NotSnp(technology))
        }
        (Err(_), Ok(evidence)) => {
            evidence.unverified_report()?;
            Ok(Reported::Report(Box::new(evidence)))
        }
        (Err(digest), Err(evidence)) => {
            let is_unknown =
                matches!(evidence, EvidenceError::Unknown { .. } | EvidenceError::Empty);
            // So few bytes are a digest that was mistyped, whatever they look like.
            let is_short = bytes.len() < SHORTEST;
            match digest {
                DigestError::Size { .. } if is_short => {
                    Err(ReportedError::Digest { technology, digest })
                }
                _ if is_unknown || is_short => {
                    Err(ReportedError::Neither { technology, digest, evidence })
                }
                _ => Err(evidence.into()),
            }
        }
    }
}

fn digest(technology: Technology, bytes: &[u8]) -> Result<LaunchDigest, DigestError> {
    match core::str::from_utf8(bytes) {
        // What is text is read as text, whatever its size.
        Ok(text) if !text.contains('\0') => blob::launch_digest(technology, text),
        _ => Ok(match technology {
            Technology::Sev | Technology::SevEs => {
                sev::LaunchDigest::from_bytes(sized(bytes)?).into()
            }
            Technology::Snp => launch::LaunchDigest::from_bytes(sized(bytes)?).into(),
        }),
    }
}

fn sized<const N: usize>(bytes: &[u8]) -> Result<[u8; N], DigestError> {
    bytes.try_into().map_err(|_| DigestError::Size { found: bytes.len(), wanted: N })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report of version 3 with a MEASUREMENT of 0xab. [SNP-ABI, ATTESTATION_REPORT]
    fn report() -> Vec<u8> {
        let mut report = vec![0; 1184];
        report[0] = 3;
        report[0x34] = 1;
        report[0x90..0xc0].fill(0xab);
        report
    }

    #[test]
    fn a_digest_in_any_form() {
        for bytes in [
            vec![0xab; 48],
            "ab".repeat(48).into_bytes(),
            format!("0x{}\n", "AB".repeat(48)).into(),
        ] {
            let Ok(Reported::Digest(digest)) = read(Technology::Snp, &bytes) else {
                panic!("{bytes:?}");
            };
            assert_eq!(digest.as_bytes(), [0xab; 48]);
        }
        let zeros = read(Technology::Sev, "00".repeat(32).as_bytes());
        assert!(matches!(zeros, Ok(Reported::Digest(digest)) if digest.as_bytes() == [0; 32]));
    }

    #[test]
    fn a_report_in_any_form() {
        for bytes in [report(), hex::encode(report()).into_bytes()] {
            let Ok(Reported::Report(evidence)) = read(Technology::Snp, &bytes) else {
                panic!("{bytes:?}");
            };
            assert_eq!(evidence.report().map(|report| report[0x90]), Some(0xab));
            assert_eq!(
                read(Technology::SevEs, &bytes),
                Err(ReportedError::NotSnp(Technology::SevEs))
            );
        }
    }

    #[test]
    fn what_is_neither_is_told_as_both() {
        let error = read(Technology::Snp, b"hello").unwrap_err().to_string();
        assert!(error.contains("no launch digest of snp"), "{error}");
        assert!(error.contains("no attestation report"), "{error}");
        for bytes in ["ab".repeat(47).as_bytes(), &[0xab; 49]] {
            let error = read(Technology::Snp, bytes).unwrap_err();
            assert!(matches!(error, ReportedError::Digest { .. }), "{error}");
        }
        // A digest of the other size is none, and is not shortened.
        assert!(read(Technology::Sev, &[0xab; 48]).is_err());
        let cut = read(Technology::Snp, &report()[..1183]).unwrap_err();
        assert_eq!(cut, EvidenceError::ReportSize(1183).into());
    }
}
