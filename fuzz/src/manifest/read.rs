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
    let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("JSON");
    assert_eq!(value(&written), value(bytes), "something was left out or changed");
    // What looks at rows may be asked for any.
    for row in manifest.rows() {
        assert!(!manifest.describe(row).is_empty());
        assert!(manifest.find(&row.digest).next().is_some());
    }
    for finding in manifest.findings() {
        assert!(!finding.to_string().is_empty());
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    made::seeds().iter().map(|manifest| manifest.to_json().expect("small")).collect()
}
