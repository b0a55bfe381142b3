//! Launch endorsements in the forms in which people have them: bare, in base64, or in the certificate table beside a report.
//!
//! Google publishes `.binarypb` files, and its hosts put the same bytes into the table that a guest gets with its report; Azure mounts
//! its file as base64 text, `reference-info-base64`. Nothing is verified here.
//!
//! ```
//! use sev_launch_evidence::endorsement;
//!
//! assert!(endorsement::read(b"no endorsement").is_err());
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_verify::endorsement::{FormError, UnverifiedEndorsement};
use thiserror::Error;

use crate::snp;

/// The most bytes that are looked at: an endorsement in base64 with line ends, or a table with one.
const MOST_BYTES: usize = 1 << 20;

/// Why a file has no launch endorsement.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndorsementError {
    /// Too many bytes.
    #[error("{found} bytes, and an endorsement in any form has at most {MOST_BYTES}")]
    TooLarge {
        /// Bytes found.
        found: usize,
    },
    /// It would be one, and is not.
    #[error(
        "no launch endorsement (VMLaunchEndorsement of Google's, or COSE_Sign1 of Azure's utility VM): {0}"
    )]
    Form(FormError),
    /// A report or certificates, and no endorsement beside them.
    #[error(
        "a report or certificates, and no launch endorsement beside them: Google's hosts put one into the certificate table"
    )]
    NotBeside,
}

/// An endorsement, and its own bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsement {
    /// The bytes, without what was around them: what a manifest keeps.
    pub bytes: Vec<u8>,
    /// What was read of them.
    pub endorsement: UnverifiedEndorsement,
}

impl Endorsement {
    fn of(bytes: &[u8]) -> Result<Self, FormError> {
        let endorsement = UnverifiedEndorsement::parse(bytes)?;
        Ok(Self { bytes: bytes.to_vec(), endorsement })
    }
}

/// Reads what a file has.
///
/// Errors: nothing that is known; evidence without an endorsement; one with something wrong in it, which is said with its place.
pub fn read(bytes: &[u8]) -> Result<Endorsement, EndorsementError> {
    if bytes.len() > MOST_BYTES {
        return Err(EndorsementError::TooLarge { found: bytes.len() });
    }
    // Text first: no endorsement begins as base64 does, since its first byte would be a field that there is not.
    if let Some(decoded) = from_base64(bytes) {
        return Endorsement::of(&decoded).map_err(EndorsementError::Form);
    }
    let wrong = match Endorsement::of(bytes) {
        Ok(endorsement) => return Ok(endorsement),
        Err(wrong) => wrong,
    };
    let evidence = snp::read(bytes).map_err(|_| EndorsementError::Form(wrong))?;
    let beside = evidence.google_endorsement().ok_or(EndorsementError::NotBeside)?;
    Endorsement::of(beside).map_err(EndorsementError::Form)
}

/// Base64 with its padding, in lines or in one.
fn from_base64(bytes: &[u8]) -> Option<Vec<u8>> {
    let packed: Vec<u8> =
        bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let is_long = packed.len() >= 64;
    BASE64.decode(packed).ok().filter(|_| is_long)
}
