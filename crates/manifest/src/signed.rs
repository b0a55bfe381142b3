//! Signed manifests: a manifest in an in-toto statement in a DSSE envelope, to be verified without a network.
//!
//! Defined by [DSSE, envelope] and [in-toto, Statement v1]; the signature is `sev_launch_verify::dsse`'s. The whole manifest is signed, with all
//! of its rows and how each was obtained, and the subjects are the digests of all of them: so a signer says of every row that it may stand
//! there, and rows that were not computed are signed only where that is asked for. What surprises: the envelope is not what is signed, so that
//! white space or the order of its fields may differ and mean the same; and the key's id in it is signed by nobody, and decides nothing.
//!
//! ```
//! use sev_launch_manifest::signed::{SignedManifest, sign};
//! use sev_launch_manifest::{Acceptance, Manifest, serde_json::json};
//! use sev_launch_verify::dsse::SigningKey;
//!
//! # let manifest = json!({
//! #     "manifest": 1, "name": "guest", "tool": "an example", "technology": "snp",
//! #     "description": {"technology": "snp"},
//! #     "inputs": [{"role": "firmware", "sha256": "ab".repeat(32)}],
//! #     "rows": [{
//! #         "digest": "cd".repeat(48), "vcpus": 1, "profile": "snp-qemu", "kernel_hashes": false,
//! #         "inputs": {"firmware": 0}, "obtained": {"how": "computed"},
//! #     }],
//! # });
//! # let manifest = Manifest::from_json(manifest.to_string().as_bytes())?;
//! let key = SigningKey::from_scalar(&[3; 32])?; // a real one comes from a file
//! let envelope = sign(&manifest, &Acceptance::COMPUTED, &key)?;
//! let verified = SignedManifest::from_json(&envelope)?.verify(&[key.public()])?;
//! assert_eq!(verified.manifest(), &manifest);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod envelope;
mod statement;

use sev_launch_verify::dsse::{DsseError, Envelope, IN_TOTO, Signature, SigningKey, VerifyingKey};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::reference_values::Acceptance;
use thiserror::Error;

use crate::error::Error;
use crate::manifest::{MAX_BYTES, Manifest};
use crate::publish::Published;

pub use envelope::{Kind, kind};

/// The most bytes that an envelope's JSON may have: a statement of [`MAX_BYTES`] in base64, and as many signatures as there may be.
pub const MAX_ENVELOPE_BYTES: usize = MAX_BYTES / 3 * 4 + (1 << 20);

/// An envelope that was read, and that nobody verified: its manifest cannot be had before that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedManifest(Envelope);

/// A manifest that was signed by one of the keys given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct VerifiedManifest {
    manifest: Manifest,
    key: VerifyingKey,
    others: Vec<Signature>,
}

/// Why an envelope is none, or its manifest is not accepted, or none is made.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignedError {
    /// The JSON of the envelope, or of the statement in it.
    #[error("{part}: line {line}, column {column}: {reason}")]
    Json {
        /// `envelope` or `statement`.
        part: &'static str,
        /// The line, from 1; 0 where the text ended.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the JSON reader says.
        reason: String,
    },
    /// More than the stated bound.
    #[error("{found} bytes of {part}, at most {limit}")]
    TooLong {
        /// `envelope` or `statement`.
        part: &'static str,
        /// How many bytes there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A field that is not base64, [RFC 4648], in one of its two alphabets, padded, and without bits left over.
    #[error("envelope: {field} is not base64")]
    Base64 {
        /// `payload`, or `sig`.
        field: &'static str,
    },
    /// The envelope, or its signatures.
    #[error(transparent)]
    Dsse(#[from] DsseError),
    /// What is signed is something else.
    #[error("statement: {field} is {found:?}, wanted {wanted:?}")]
    StatementType {
        /// `_type` or `predicateType`.
        field: &'static str,
        /// What is there.
        found: String,
        /// What is wanted.
        wanted: &'static str,
    },
    /// The manifest in the statement is none.
    #[error("statement: the manifest in it: {0}")]
    Manifest(#[source] Error),
    /// What the statement is about is not what its manifest has.
    #[error(
        "statement: {what}: its subjects must be the digests of its manifest's rows, each once"
    )]
    Subjects {
        /// Which subject, or digest, and why.
        what: String,
    },
    /// Rows of which nobody said that they shall be signed.
    #[error(
        "{rows} row(s) are not computed: a signature would vouch for what somebody endorsed or some host was seen to run"
    )]
    RowsNotAccepted {
        /// How many there are.
        rows: usize,
    },
}

impl SignedError {
    /// Rejected where the signatures are those of nobody who is trusted, else malformed.
    pub const fn family(&self) -> Family {
        match self {
            Self::Dsse(error) => error.family(),
            _ => Family::Malformed,
        }
    }

    fn json(part: &'static str, error: serde_json::Error) -> Self {
        match Error::from(error) {
            Error::Json { line, column, reason } => Self::Json { part, line, column, reason },
            other => Self::Manifest(other),
        }
    }
}

/// Signs a manifest whole, its lists of modules and rows of every kind included: the JSON of an envelope, in one line.
///
/// Errors: rows that `accept` does not accept, since whoever reads subjects alone would take them for vouched for; a statement of more than
/// [`MAX_BYTES`].
pub fn sign(
    manifest: &Manifest,
    accept: &Acceptance,
    key: &SigningKey,
) -> Result<Vec<u8>, SignedError> {
    let rows = manifest.rows().iter();
    let rows = rows.filter(|row| !accept.accepts((&row.obtained).into())).count();
    if rows > 0 {
        return Err(SignedError::RowsNotAccepted { rows });
    }
    let published = Published::of(manifest, accept).map_err(SignedError::Manifest)?;
    let statement = statement::write(&published).map_err(SignedError::Manifest)?;
    check_length("statement", statement.len(), MAX_BYTES)?;
    let envelope = Envelope::sign(IN_TOTO, statement, key)?;
    envelope::write(&envelope).map_err(SignedError::Manifest)
}

impl SignedManifest {
    /// Reads an envelope: JSON of at most [`MAX_ENVELOPE_BYTES`]. Refuses unknown and duplicate fields, what stands after it, and base64
    /// that has a second spelling.
    pub fn from_json(bytes: &[u8]) -> Result<Self, SignedError> {
        check_length("envelope", bytes.len(), MAX_ENVELOPE_BYTES)?;
        let envelope = envelope::read(bytes)?;
        check_length("statement", envelope.danger_unverified_payload().len(), MAX_BYTES)?;
        Ok(Self(envelope))
    }

    /// The envelope.
    pub fn envelope(&self) -> &Envelope {
        &self.0
    }

    /// Gives the manifest if one of the keys signed it.
    ///
    /// Errors: no key; another payload than an in-toto statement; a signature by none of the keys; a statement that is not v1 or v0.1 (which
    /// cosign writes) or is about something else than a manifest; a manifest that [`Manifest::from_json`] would refuse; subjects that
    /// are not the digests of all its rows.
    pub fn verify(self, keys: &[VerifyingKey]) -> Result<VerifiedManifest, SignedError> {
        let verified = self.0.verify(IN_TOTO, keys)?;
        let manifest = statement::read(verified.payload())?;
        let (key, others) = (verified.key().clone(), verified.others().to_vec());
        Ok(VerifiedManifest { manifest, key, others })
    }
}

impl VerifiedManifest {
    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The same, taken out.
    pub fn into_manifest(self) -> Manifest {
        self.manifest
    }

    /// The key that signed it.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The envelope's signatures that are by none of the keys given. Nothing is known of them.
    pub fn others(&self) -> &[Signature] {
        &self.others
    }
}

fn check_length(part: &'static str, found: usize, limit: usize) -> Result<(), SignedError> {
    if found > limit { Err(SignedError::TooLong { part, found, limit }) } else { Ok(()) }
}
