//! The examples of the protocol's description: the registration, the launch and the validation of one guest. `session`, `measurement`
//! and the packet in them were computed apart from this code and held against libvirt's own validator.

use serde_json::{Value, json};
use sev_launch_protocol::body;
use sev_launch_protocol::launch::{
    Evidence, LaunchAnswer, LaunchRequest, ValidateAnswer, ValidateRequest,
};
use sev_launch_protocol::registration::{Generation, Registration, Scheme};

use super::kinds::{base64, named};

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[test]
fn the_registration() {
    let example = json!({
        "scheme": "amd-sev",
        "name": "db-7",
        "labels": {"env": "prod"},
        "policy": 3,
        "cpu-count": 2,
        "firmware-hashes": ["8dc2f6b73d23dfd9541b7897ea707ab5cb44142bea9f96d9a57a8d6e9fb4f424"],
        "kernel-hash": "ef4bcaead66a8489f9b40a4d02241f5833d70b422cae4fc2a89303f330a4726e",
        "initrd-hash": "216f2e6b339e5fe3aef805b01c8332eca24418539f58d8c3f8fc50879a53dfb2",
        "cmdline-hash": "20f89446143de92eed6db2f75aa1234869a3e8e96915b173ba177ee702b417c5",
        "platform": {"cloud-certs": [base64(2084)], "generations": ["milan", "genoa"]},
        "firmware-version": {"min": {"api-major": 1, "api-minor": 51}},
        "launch-limit": {"total": null, "concurrent": 1, "ttl": "PT10M"},
        "secrets": [{"type": "luks-passphrase", "passphrase": "correct horse battery staple"}]
    });
    assert!(named("Registration").is_valid(&example));
    let read: Registration = body::read(&bytes(&example)).expect("the example");
    read.check().expect("the example");
    assert_eq!((read.scheme, read.policy), (Scheme::AmdSev, 3));
    let generations = read.platform.generations.as_ref().expect("two");
    assert_eq!(generations.values(), [Generation::Milan, Generation::Genoa]);
    assert_eq!(read.launch_limit.total, None);
    assert_eq!(read.launch_limit.ttl.millis(), 600_000);
    // A GUID of the SEV documents of edk2 and Linux for a LUKS passphrase, and the text without an end.
    assert_eq!(read.secrets[0].guid().to_string(), "736869e5-84f0-4973-92ec-06879ce3da0b");
    assert_eq!(read.secrets[0].expose(), b"correct horse battery staple");
}

#[test]
fn the_launch() {
    let example = json!({
        "pdh": base64(2084), "cert-chain": base64(6252), "cpu-id": base64(64),
        "host": "node-17", "vmm": {"name": "qemu", "version": "10.1.0"}
    });
    assert!(named("LaunchRequest").is_valid(&example));
    let read: LaunchRequest = body::read(&bytes(&example)).expect("the example");
    read.check().expect("the example");
    assert_eq!(read.more.keys().collect::<Vec<_>>(), ["vmm"]);
    let qmp: LaunchRequest =
        body::read(&bytes(&json!({ "cpu0-id": "07".repeat(64) }))).expect("QMP's name");
    assert_eq!(qmp.cpu_id, read.cpu_id);

    let answer = json!({
        "launch-id": "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31",
        "scheme": "amd-sev",
        "session": "ICEiIyQlJicoKSorLC0uL0+y6zSKmbVxcqSbLsL4ihGt+IIeMfVUFRjQhzk43K07MDEyMzQ1Njc4OTo7PD0+P6B2Q0doi3nljzeyUsh5rJwGKDSJDhLaUiRViYSHr/5n/AapvNieu7X132cv2XSQ/ZeBfvnfuHTxH50hnpgsTQk=",
        "owner-cert": base64(2084),
        "policy": 3,
        "kernel-hashes": true,
        "expires-at": "2026-11-21T02:10:00.000Z"
    });
    let read: LaunchAnswer = serde_json::from_value(answer.clone()).expect("the example");
    assert_eq!(read.session.as_ref().map(|session| session.0.len()), Some(128));
    assert_eq!(serde_json::to_value(&read).expect("JSON"), answer);
    assert!(named("LaunchAnswer").is_valid(&answer));
}

#[test]
fn the_validation() {
    let example = json!({
        "launch-id": "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31",
        "api-major": 1, "api-minor": 55, "build-id": 31, "policy": 3,
        "measurement": "4ch0BE+0H6sEW1d6Yj+HqS6kJMfO7gIqPsidAELC5sZAQUJDREVGR0hJSktMTU5P",
        "firmware-hash": "8dc2f6b73d23dfd9541b7897ea707ab5cb44142bea9f96d9a57a8d6e9fb4f424",
        "cpu-count": 2
    });
    assert!(named("ValidateRequest").is_valid(&example));
    let read: ValidateRequest = body::read(&bytes(&example)).expect("the example");
    let Ok(Evidence::Measurement { measurement, version }) = read.evidence(Scheme::AmdSev) else {
        panic!("the example")
    };
    assert_eq!((version.major, version.minor, version.build), (1, 55, 31));
    // The nonce of the example's measurement is 40…4f.
    assert_eq!(
        measurement[32..],
        core::array::from_fn::<u8, 16, _>(|at| 0x40 + u8::try_from(at).unwrap())
    );

    let answer = json!({
        "launch-id": "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31",
        "secret-header": "AAAAAFBRUlNUVVZXWFlaW1xdXl/pHBUQ0Xxo1ToCjNn/CqcA9//qwQK5l7jHYdULjkzH+w==",
        "secret-table": "fAXFuz50++a3wg14/J7T8RclDNx34WVUoNZMPEHXtRPvGPcGEbaJKJeadCRIs/YwEiQ2tA8eO8SE5MyB/9Lceu94qNFsj9JLKDg7Ywmnt9E="
    });
    let read: ValidateAnswer = serde_json::from_value(answer.clone()).expect("the example");
    assert_eq!(read.secret_table.as_ref().map(|table| table.0.len()), Some(80));
    assert_eq!(serde_json::to_value(&read).expect("JSON"), answer);
    assert!(named("ValidateAnswer").is_valid(&answer));
}
