//! An OpenStack server's documents.

use serde_json::Value;
use sev_launch_description::import::nova::{self, Documents};

use super::{check_import, is_told, testdata};

/// An input is three documents, the server's, the flavor's and the image's, with a NUL between; one of no bytes is not given.
pub(crate) fn run(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == 0);
    let mut part = || parts.next().filter(|part| !part.is_empty());
    let documents = Documents { server: part(), flavor: part(), image: part() };
    if check_import(|| nova::from_json(documents, "x")).is_none() {
        return;
    }
    // A property that nobody knows may not vanish.
    if let Some(flavor) = documents.flavor.and_then(|flavor| with_property(flavor, "hw:fuzzed")) {
        let documents = Documents { flavor: Some(&flavor), ..documents };
        assert!(is_told(nova::from_json(documents, "x"), "hw:fuzzed"), "of the flavor");
    }
    if let Some(image) = documents.image.and_then(|image| with_property(image, "hw_fuzzed")) {
        let documents = Documents { image: Some(&image), ..documents };
        assert!(is_told(nova::from_json(documents, "x"), "hw_fuzzed"), "of the image");
    }
}

/// A document with one more property, where its properties are an object.
fn with_property(document: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(document).ok()?;
    document.get_mut("properties")?.as_object_mut()?.insert(name.into(), "1".into());
    serde_json::to_vec(&document).ok()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let file = |name: &str| testdata(&format!("import/nova/{name}"));
    vec![
        [file("server.json"), vec![0, 0], file("image.json")].concat(),
        [vec![0], file("old-flavor.json"), vec![0], file("old-image.json")].concat(),
        [SERVER.as_bytes(), &[0], FLAVOR.as_bytes()].concat(),
    ]
}

/// A server that was made with a kernel.
const SERVER: &str = r#"{"OS-EXT-SRV-ATTR:kernel_id": "k", "OS-EXT-SRV-ATTR:ramdisk_id": "", "flavor": "m1 (7)", "image": {"id": "8"},
"properties": "ATTESTATION:vcpu_model='EPYC-Milan', a='b'"}"#;

/// A flavor as `-f json` prints it.
const FLAVOR: &str = r#"{"id": "7", "name": "m1", "vcpus": 4, "properties": {"hw:mem_encryption": "yes", "hw:cpu_policy": "dedicated",
"hw:mem_encryption_model": "amd-sev-snp", "hw:watchdog_action": "reset", "quota:x": "1"}}"#;
