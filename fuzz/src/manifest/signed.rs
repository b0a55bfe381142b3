//! Signed manifests from anybody: envelopes, statements that are signed, and right ones that are changed. Nothing verifies that was not signed, and
//! what verifies says in its subjects and in its manifest the same.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_manifest::signed::{Kind, SignedManifest, kind, sign};
use sev_launch_manifest::{Acceptance, Manifest, serde_json};
use sev_launch_verify::dsse::{Envelope, IN_TOTO, SigningKey};

use super::made;
use crate::json;
use crate::verify::changes;
use crate::verify::choices::Choices;

/// The key that signs: of a scalar that nobody has to keep.
static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::from_scalar(&[0x5a; 32]).expect("below the order"));

/// Manifests, each with its envelope.
static RIGHT: LazyLock<Vec<(Manifest, Vec<u8>)>> = LazyLock::new(|| {
    let everything =
        Acceptance { endorsed: true, observed: true, roots: Vec::new(), unverified: true };
    let signed = made::seeds().into_iter().map(|manifest| {
        let envelope = sign(&manifest, &everything, &KEY).expect("signed");
        (manifest, envelope)
    });
    signed.collect()
});

fn verified(bytes: &[u8]) -> Option<Manifest> {
    let read = SignedManifest::from_json(bytes).ok()?;
    assert_eq!(kind(bytes), Kind::Envelope, "an envelope does not look like one");
    assert!(!json::has_a_key_twice(bytes), "two readers could read two envelopes");
    // The payload by the plainest of readers: only the alphabet may be the other one.
    let value: Value = serde_json::from_slice(bytes).expect("JSON");
    let payload = value["payload"].as_str().expect("text").replace('-', "+").replace('_', "/");
    assert_eq!(STANDARD.encode(read.envelope().danger_unverified_payload()), payload);
    let found = read.verify(&[KEY.public()]).ok()?;
    assert_eq!(found.key(), &KEY.public());
    Some(found.into_manifest())
}

/// The first byte says what the rest is: an envelope as it stands; a statement that is signed as it stands; or changes to a right envelope.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() % 3 {
        0 => {
            let bytes = choices.rest();
            let _ = kind(bytes);
            if let Some(manifest) = verified(bytes) {
                let mut known = RIGHT.iter().map(|(manifest, _)| manifest);
                assert!(known.any(|known| *known == manifest), "nobody signed this");
            }
        }
        1 => statement(choices.rest()),
        _ => {
            let (manifest, right) = choices.one_of(&RIGHT);
            let mut changed = right.clone();
            changes::make(&mut choices, &mut changed);
            match verified(&changed) {
                Some(found) => assert_eq!(found, *manifest, "something else verifies"),
                None => assert_ne!(changed, *right, "a right one does not verify"),
            }
        }
    }
}

/// A statement of anybody's, signed by the right key.
fn statement(payload: &[u8]) {
    let envelope = Envelope::sign(IN_TOTO, payload.to_vec(), &KEY).expect("signed");
    let sig = STANDARD.encode(&envelope.signatures()[0].bytes);
    let envelope = json!({
        "payloadType": IN_TOTO, "payload": STANDARD.encode(payload), "signatures": [{"sig": sig}],
    });
    let Some(manifest) = verified(envelope.to_string().as_bytes()) else { return };
    assert!(!json::has_a_key_twice(payload), "two readers could read two statements");
    let value: Value = serde_json::from_slice(payload).expect("JSON");
    let alone = Manifest::from_json(value["predicate"].to_string().as_bytes());
    assert_eq!(alone.as_ref(), Ok(&manifest), "another manifest than the one that it has");
    let digests: Vec<String> = value["subject"]
        .as_array()
        .expect("subjects")
        .iter()
        .map(|subject| {
            let digests = subject["digest"].as_object().expect("digests");
            assert_eq!(digests.len(), 1);
            let (algorithm, digest) = digests.iter().next().expect("one");
            let digest = digest.as_str().expect("text").to_ascii_lowercase();
            assert_eq!(algorithm, if digest.len() == 64 { "sha256" } else { "sha384" });
            digest
        })
        .collect();
    let set: BTreeSet<String> = digests.iter().cloned().collect();
    assert_eq!(set.len(), digests.len(), "a subject stands twice");
    let rows = manifest.rows().iter().map(|row| row.digest.to_string()).collect();
    assert_eq!(set, rows, "subjects and rows disagree");
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (number, (_, envelope)) in (0_u8..).zip(RIGHT.iter()) {
        let value: Value = serde_json::from_slice(envelope).expect("JSON");
        let payload = STANDARD.decode(value["payload"].as_str().expect("text")).expect("base64");
        seeds.push([&[0], envelope.as_slice()].concat());
        seeds.push([&[1], payload.as_slice()].concat());
        seeds.push(vec![2, number]);
        seeds.push([vec![2, number], changes::seed(0, 60, &[])].concat());
    }
    seeds
}
