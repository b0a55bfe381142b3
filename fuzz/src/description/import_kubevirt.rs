//! A KubeVirt object, as YAML or JSON.

use serde_json::Value;
use sev_launch_description::import::kubevirt;

use super::{check_import, is_told};

pub(crate) fn run(bytes: &[u8]) {
    if check_import(|| kubevirt::from_text(bytes, "x")).is_none() {
        return;
    }
    // A field that nobody knows may not vanish.
    for place in [
        "/spec/domain",
        "/spec/domain/cpu",
        "/spec/domain/firmware",
        "/spec/domain/launchSecurity/sev",
    ] {
        if let Some(object) = with_field(bytes, place) {
            assert!(is_told(kubevirt::from_text(&object, "x"), "fuzzed"), "of {place}");
        }
    }
}

/// An object in JSON with one more field at a place, where there is an object.
fn with_field(document: &[u8], place: &str) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(document).ok()?;
    document.pointer_mut(place)?.as_object_mut()?.insert("fuzzed".into(), "1".into());
    serde_json::to_vec(&document).ok()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    [YAML, SNP, STORED].map(|text| text.as_bytes().to_vec()).into()
}

/// As an owner writes it.
const YAML: &str = "
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: guest}
spec:
  domain:
    cpu: {cores: 2, sockets: 1, threads: 1, model: EPYC-Milan}
    firmware: {bootloader: {efi: {secureBoot: false}}}
    launchSecurity: {sev: {policy: {encryptedState: true}, attestation: {}}}
    memory: {guest: 1Gi}
";
/// A guest of SNP with a kernel of its own, in JSON.
const SNP: &str = r#"{"kind": "VirtualMachineInstance", "spec": {"domain": {"cpu": {"cores": 1, "model": "EPYC-v4"},
"firmware": {"bootloader": {"efi": {"secureBoot": false}}, "kernelBoot": {"kernelArgs": "quiet", "container": {"image": "i", "kernelPath": "/k", "initrdPath": "/i"}}},
"launchSecurity": {"snp": {"policy": "0x30000"}}, "machine": {"type": "q35"}, "resources": {"limits": {"cpu": "2"}}}}}"#;
/// As the cluster keeps it.
const STORED: &str = r#"{"kind": "VirtualMachine", "spec": {"template": {"spec": {"architecture": "amd64", "domain": {"cpu": {"cores": 1, "sockets": 2, "threads": 1, "maxSockets": 4},
"launchSecurity": {"sev": {}}}}}}, "status": {"printableStatus": "Running"}}"#;
