//! Manifests from anybody: what is read says what its JSON says and nothing else, and is read back from what is written of it.

use serde_json::Value;
use sev_launch_manifest::{Manifest, serde_json};

use super::made;
use crate::json;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(manifest) = Manifest::from_json(bytes) else { return };
    assert!(!json::has_a_key_twice(bytes), "two readers could read two manifests");
    let written = manifest.to_json().expect("as short as what was read");
    assert_eq!(Manifest::from_json(&written).as_ref(), Ok(&manifest), "read back");
    let value = |bytes: &[u8]| {
        let mut value = serde_json::from_slice(bytes).expect("JSON");
        lower_case(&mut value);
        value
    };
    assert_eq!(value(&written), value(bytes), "something was left out or changed");
    // What looks at rows may be asked for any.
    for row in manifest.rows() {
        assert!(!manifest.describe(row).is_empty());
        assert!(manifest.find(&row.digest).next().is_some());
    }
    if let [rest @ .., last] = manifest.rows()
        && !rest.is_empty()
    {
        let shorter =
            Manifest::new(manifest.head().clone(), manifest.inputs().to_vec(), rest.to_vec());
        let mut shorter = shorter.expect("a manifest with a row less");
        let findings = shorter.add(last.clone()).expect("a row of a manifest");
        assert_eq!(shorter, manifest, "the last row was added");
        assert!(findings.iter().all(|finding| !finding.to_string().is_empty()));
    }
    for finding in manifest.findings() {
        assert!(!finding.to_string().is_empty());
    }
}

/// The digits of hashes and digests may be of either case, and mean the same.
fn lower_case(value: &mut Value) {
    match value {
        Value::String(text) if text.len() >= 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            text.make_ascii_lowercase();
        }
        Value::Array(items) => items.iter_mut().for_each(lower_case),
        Value::Object(fields) => fields.values_mut().for_each(lower_case),
        _ => {}
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    made::seeds().iter().map(|manifest| manifest.to_json().expect("small")).collect()
}
