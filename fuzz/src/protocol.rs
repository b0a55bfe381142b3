//! Bodies of the attestation service's requests, their canonical form, and audits.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sev_launch_protocol::audit::{Actor, Chain, Context, Head, record};
use sev_launch_protocol::launch::{Acknowledgement, Decision, LaunchRequest, ValidateRequest};
use sev_launch_protocol::problem::Problem;
use sev_launch_protocol::registration::{CpuCount, Registration, Scheme};
use sev_launch_protocol::text::{RequestId, Time};
use sev_launch_protocol::views::{ImportRequest, TokenRequest, VmPatch};
use sev_launch_protocol::{body, canonical};
use sha2::{Digest as _, Sha256};

use crate::json;

/// The first byte says what the rest is: a body, the lines of an audit, or what an audit is made of.
pub(crate) fn run(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    match kind % 4 {
        0 | 1 => bodies(rest),
        2 => lines(&String::from_utf8_lossy(rest)),
        _ => made(rest),
    }
}

fn bodies(bytes: &[u8]) {
    canonical_twice(bytes);
    if let Some(registration) = read::<Registration>(bytes)
        && registration.check().is_ok()
    {
        let counts = registration.cpu_count.as_ref().map(CpuCount::counts);
        assert!(counts.is_none_or(|counts| counts.is_sorted() && !counts.is_empty()));
    }
    if let Some(launch) = read::<LaunchRequest>(bytes) {
        let _ = launch.check();
    }
    if let Some(validate) = read::<ValidateRequest>(bytes) {
        let evidence = Scheme::ALL.map(|scheme| validate.evidence(scheme));
        // SEV and SEV-ES show the same, and nothing is evidence of SEV-SNP too.
        assert_eq!(evidence[0].is_ok(), evidence[1].is_ok());
        assert!(evidence[0].is_err() || evidence[2].is_err(), "{validate:?}");
    }
    read::<Acknowledgement>(bytes);
    read::<Decision>(bytes);
    read::<ImportRequest>(bytes);
    if let Some(patch) = read::<VmPatch>(bytes) {
        let _ = patch.check();
    }
    if let Some(token) = read::<TokenRequest>(bytes) {
        let _ = token.check();
    }
}

/// Reads a body. What is read is JSON without a key twice, and its canonical form is read as the same.
fn read<T: DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) -> Option<T> {
    let value: T = match body::read(bytes) {
        Ok(value) => value,
        Err(problem) => {
            told(&problem);
            return None;
        }
    };
    assert!(!json::has_a_key_twice(bytes), "a key stands twice");
    assert!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{'), "no object");
    let form = canonical::of_body(bytes).expect("it was read");
    let again: T = body::read(&form).expect("the canonical form");
    assert_eq!(again, value, "the canonical form says something else");
    Some(value)
}

/// A problem can be written, and points into the body by a pointer that stands in a URI.
fn told(problem: &Problem) {
    serde_json::to_string(problem).expect("plain data");
    for error in &problem.errors {
        assert!(error.pointer.starts_with('#') && error.pointer.is_ascii(), "{error:?}");
        assert!(!error.pointer.contains(' '), "{error:?}");
    }
}

fn canonical_twice(bytes: &[u8]) {
    let Ok(form) = canonical::of_body(bytes) else { return };
    let again = canonical::of_body(&form).expect("the canonical form is JSON");
    assert_eq!(*form, *again, "the canonical form has another");
    assert_eq!(canonical::digest(bytes), canonical::digest(&form));
}

/// Lines as they come. Whatever is accepted has the hash of itself.
fn lines(text: &str) {
    let mut chain = Chain::default();
    let mut before = None;
    for line in text.lines() {
        let Ok(members) = chain.verify(line) else { return };
        let mut all: Map<String, Value> = serde_json::from_str(line).expect("it was read");
        let hash = all.remove("hash").expect("a hash");
        assert_eq!(all, members);
        let found = hex::encode(Sha256::digest(canonical::of_value(&all.into())));
        assert_eq!(hash, found);
        let prev = members.get("prev").expect("the one before");
        assert!(before.is_none_or(|before| before == *prev));
        before = Some(hash);
    }
}

/// An audit with the facts that the input's parts say is good, and with any other byte it is not.
fn made(bytes: &[u8]) {
    let Some((place, rest)) = bytes.split_at_checked(3) else { return };
    let actor = Actor::service();
    let mut head = Head::EMPTY;
    let mut text = String::new();
    for part in rest.split(|byte| *byte == b'\n').take(8) {
        let facts = serde_json::from_slice(part).unwrap_or_else(|_| {
            let value = String::from_utf8_lossy(part).into_owned();
            Map::from_iter([("text".to_owned(), Value::String(value))])
        });
        let context = Context {
            time: Time::from_millis(head.seq),
            tenant: "acme",
            request: RequestId::new(head.seq, &[1; 10]),
            actor: &actor,
            vmid: None,
        };
        let (line, next) = head.append(&context, &record("fuzz", None, facts));
        assert!(!line.contains('\n'));
        text.push_str(&line);
        text.push('\n');
        head = next;
    }
    assert_eq!(verify(&text), Some(head));
    let mut changed = text.clone().into_bytes();
    let at = usize::from(u16::from_le_bytes([place[0], place[1]])) % changed.len();
    changed[at] ^= place[2];
    let changed = String::from_utf8_lossy(&changed);
    assert!(verify(&changed) != Some(head) || changed.trim_end() == text.trim_end(), "{changed}");
}

fn verify(text: &str) -> Option<Head> {
    let mut chain = Chain::after(Head::EMPTY);
    for line in text.lines() {
        chain.verify(line).ok()?;
    }
    chain.end().ok()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let context = Context {
        time: Time::from_millis(1_795_227_000_000),
        tenant: "acme",
        request: RequestId::new(0, &[1; 10]),
        actor: &Actor::service(),
        vmid: None,
    };
    let facts = Map::from_iter([("hash".to_owned(), Value::from(1.5))]);
    let (one, head) = Head::EMPTY.append(&context, &record("fuzz", None, facts));
    let (two, _) = head.append(&context, &record("fuzz", None, Map::new()));
    let bodies = BODIES.iter().map(|body| [b"\0", body.as_bytes()].concat());
    let audits = [
        b"\x03\x10\x00\x01{\"a\": 1.5e300}\n{\"b\": [null, \"\\u0007\"]}\ntext".to_vec(),
        format!("\u{2}{one}\n{two}\n").into_bytes(),
    ];
    bodies.chain(audits).collect()
}

const BODIES: &[&str] = &[
    r#"{"scheme": "amd-sev-es", "policy": 7, "cpu-count": {"min": 1, "max": 8}, "cpu": [{"type": "EPYC"}, {"family": 25, "model": 1, "stepping": 1}],
"vmsa-profiles": ["kvm-sev-init"], "firmware-hashes": "8dc2f6b73d23dfd9541b7897ea707ab5cb44142bea9f96d9a57a8d6e9fb4f424", "kernel-hash":
["8dc2f6b73d23dfd9541b7897ea707ab5cb44142bea9f96d9a57a8d6e9fb4f424"], "cmdline": "console=ttyS0", "platform": {"any-owner": true, "generations": ["milan"]},
"firmware-version": {"min": {"api-major": 1, "api-minor": 51}, "deny": []}, "launch-limit": {"total": null, "concurrent": 1, "ttl": "PT10M"},
"valid-from": "2026-11-21T02:10:00Z", "labels": {"env": "prod"}, "secrets": [{"type": "luks-passphrase", "passphrase": "x"}]}"#,
    r#"{"scheme": "amd-sev", "policy": 1, "launch-digests": {"base64": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "platform": {"any-owner": true},
"secrets": [{"guid": "736869e5-84f0-4973-92ec-06879ce3da0b", "data": "Zm9v"}, {"type": "bundle", "guid": "736869e5-84f0-4973-92ec-06879ce3da0c", "keys": {"a": "Zm9v"}}]}"#,
    r#"{"cert-chain": "Zm9v", "host": "node-17", "vmm": {"name": "qemu", "version": 10.1}}"#,
    r#"{"api-major": 1, "api-minor": 55, "build-id": 31, "policy": 3, "measurement": "4ch0BE+0H6sEW1d6Yj+HqS6kJMfO7gIqPsidAELC5sZAQUJDREVGR0hJSktMTU5P", "cpu-count": 2}"#,
    r#"{"result": "failed", "error": "no"}"#,
    r#"{"approve": true}"#,
    r#"{"name": null, "labels": {"a": null}, "valid-until": "2026-11-21T02:10:00.5+01:00", "launch-limit": {}, "disabled": false}"#,
    r#"{"name": "ci", "scopes": ["launch", "vm:read"], "vmid": "57f669c2-c427-4132-bc7a-26f56b6a718c", "days": 30}"#,
    r#"{"from": "launch-toml", "text": "mode = \"sev\""}"#,
];
