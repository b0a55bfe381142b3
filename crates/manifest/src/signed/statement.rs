//! The statement that is signed: a manifest, and its digests as the subjects. [in-toto, Statement v1]
//!
//! What surprises: cosign writes version 0.1 of the statement, whose fields are the same, so both are read; and a reader of statements may look at
//! the subjects alone, another at the manifest alone, so that the two must say the same.
//!
//! No example: [`super::SignedManifest::verify`] reads it.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;
use sev_launch_abi::LaunchDigest;

use super::SignedError;
use crate::error::Error;
use crate::manifest::{FORM, MAX_ROWS, Manifest};
use crate::publish::Published;
use crate::publish::in_toto::{PREDICATE_TYPE, STATEMENT_TYPE, subjects};
use crate::stored::{StoredManifest, StoredVersion};
use crate::strict::{self, Object, present};
use crate::text::compact_json;

/// The type of a statement as cosign writes it. [cosign, attest-blob]
const EARLIER_STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v0.1";

/// The statement of a manifest all of whose rows are published.
pub(super) fn write(published: &Published<'_>) -> Result<Vec<u8>, Error> {
    #[derive(serde::Serialize)]
    struct Statement {
        #[serde(rename = "_type")]
        statement_type: &'static str,
        subject: Vec<Value>,
        #[serde(rename = "predicateType")]
        predicate_type: &'static str,
        predicate: StoredManifest,
    }

    compact_json(&Statement {
        statement_type: STATEMENT_TYPE,
        subject: subjects(published),
        predicate_type: PREDICATE_TYPE,
        predicate: published.manifest().to_stored(),
    })
}

/// The types alone, so that another statement is told from a broken one.
#[derive(Deserialize)]
struct Types {
    #[serde(rename = "_type")]
    statement_type: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
}

/// The manifest's form alone, for the same reason.
#[derive(Deserialize)]
struct Version {
    predicate: StoredVersion,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredStatement {
    #[serde(rename = "_type")]
    _statement_type: String,
    #[serde(deserialize_with = "strict::at_most::<_, _, MAX_ROWS>")]
    subject: Vec<StoredSubject>,
    #[serde(rename = "predicateType")]
    _predicate_type: String,
    #[serde(deserialize_with = "strict::object")]
    predicate: StoredManifest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSubject {
    #[serde(default, deserialize_with = "present")]
    #[expect(dead_code, reason = "people's name of a digest: known, and read by nobody")]
    name: Option<String>,
    #[serde(deserialize_with = "strict::object")]
    digest: StoredDigest,
}

/// A digest under the name of its algorithm: one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredDigest {
    #[serde(default, deserialize_with = "present")]
    sha256: Option<LaunchDigest>,
    #[serde(default, deserialize_with = "present")]
    sha384: Option<LaunchDigest>,
}

/// The manifest of a statement that is sound.
pub(super) fn read(bytes: &[u8]) -> Result<Manifest, SignedError> {
    let json = |error| SignedError::json("statement", error);
    let Object(types) = serde_json::from_slice::<Object<Types>>(bytes).map_err(json)?;
    let unlike = |field, found, wanted| Err(SignedError::StatementType { field, found, wanted });
    if ![STATEMENT_TYPE, EARLIER_STATEMENT_TYPE].contains(&types.statement_type.as_str()) {
        return unlike("_type", types.statement_type, STATEMENT_TYPE);
    }
    if types.predicate_type != PREDICATE_TYPE {
        return unlike("predicateType", types.predicate_type, PREDICATE_TYPE);
    }
    let Object(stored) =
        serde_json::from_slice::<Object<StoredStatement>>(bytes).map_err(|error| {
            match serde_json::from_slice::<Version>(bytes) {
                Ok(Version { predicate }) if predicate.manifest != FORM => {
                    let (found, wanted) = (predicate.manifest, FORM);
                    SignedError::Manifest(Error::Version { found, wanted })
                }
                _ => json(error),
            }
        })?;
    let manifest = Manifest::of_stored(stored.predicate).map_err(SignedError::Manifest)?;
    check_subjects(&stored.subject, &manifest)?;
    Ok(manifest)
}

/// The subjects are the digests of the rows: none more, none less, none twice.
fn check_subjects(subjects: &[StoredSubject], manifest: &Manifest) -> Result<(), SignedError> {
    let refused = |what: String| Err(SignedError::Subjects { what });
    let mut missing: HashSet<LaunchDigest> = manifest.rows().iter().map(|row| row.digest).collect();
    for (index, StoredSubject { digest, .. }) in subjects.iter().enumerate() {
        let (algorithm, digest) = match (digest.sha256, digest.sha384) {
            (Some(digest), None) => ("sha256", digest),
            (None, Some(digest)) => ("sha384", digest),
            _ => return refused(format!("subject {index} has no digest, or two")),
        };
        if digest.algorithm() != algorithm {
            return refused(format!("subject {index} has no digest of {algorithm}"));
        }
        if !missing.remove(&digest) {
            return refused(format!("subject {index}, {digest}, is no row's, or stands twice"));
        }
    }
    match manifest.rows().iter().find(|row| missing.contains(&row.digest)) {
        Some(row) => refused(format!("digest {} of a row is no subject", row.digest)),
        None => Ok(()),
    }
}
