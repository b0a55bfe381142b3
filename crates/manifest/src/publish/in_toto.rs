//! An in-toto Statement: the launch digests as subjects, the manifest of the published rows as predicate. Unsigned: [`crate::signed`]
//! signs a whole manifest.
//!
//! Defined by [in-toto, Statement v1]. A subject's digest is the SNP chain's value under `sha384`, or the SEV and SEV-ES
//! value under `sha256`: the hash of a launch, not of a file.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

use serde_json::{Value, json};

use super::Published;
use crate::error::Error;

/// The statement's own type. [in-toto, Statement v1]
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The type of the predicate: a manifest in its JSON form 1.
pub const PREDICATE_TYPE: &str = "https://github.com/sev-launch/sev-launch/manifest/v1";

/// The statement. The predicate is the manifest of the published rows: no other row is in it.
pub fn write(published: &Published<'_>) -> Result<Vec<u8>, Error> {
    let predicate: Value = serde_json::from_slice(&published.published_manifest()?.to_json()?)?;
    crate::text::json(&json!({
        "_type": STATEMENT_TYPE,
        "subject": subjects(published),
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }))
}

/// The digests as subjects, each once, under names that say what they stand for.
pub(crate) fn subjects(published: &Published<'_>) -> Vec<Value> {
    let name = &published.manifest().head().name;
    published
        .digests()
        .iter()
        .map(|digest| {
            json!({
                "name": format!("{name}: {}", published.stands_for(digest)),
                "digest": {digest.digest.algorithm(): digest.digest},
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::Acceptance;
    use super::*;
    use crate::manifest::Manifest;
    use crate::sample;

    #[test]
    fn subjects_are_the_digests_and_the_predicate_is_the_manifest_of_their_rows() {
        let manifest = sample::snp();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let statement: Value =
            serde_json::from_slice(&write(&published).expect("written")).expect("JSON");
        // The shape by hand from the specification: exactly these four fields.
        let fields: Vec<_> = statement.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["_type", "predicate", "predicateType", "subject"]);
        assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
        let facts = "1 vCPU, CPU 0x00a00f11, features 0x1, profile snp-qemu (and 1 more)";
        let first = json!({
            "name": format!("guest 'one': {facts}"),
            "digest": {"sha384": "11".repeat(48)},
        });
        assert_eq!(statement["subject"][0], first);
        assert_eq!(statement["subject"].as_array().map(Vec::len), Some(2));
        let predicate = serde_json::to_vec(&statement["predicate"]).expect("JSON");
        let found = Manifest::from_json(&predicate).expect("a manifest");
        // The three computed rows of the sample, and none of those that somebody observed or endorsed.
        assert_eq!(found.rows(), &manifest.rows()[..3]);
        assert_eq!((found.head(), found.inputs()), (manifest.head(), manifest.inputs()));
    }

    #[test]
    fn sev_es_digests_are_sha256() {
        let manifest = sample::sev_es();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let statement: Value =
            serde_json::from_slice(&write(&published).expect("written")).expect("JSON");
        assert_eq!(statement["subject"][1]["digest"], json!({"sha256": "22".repeat(32)}));
    }
}
