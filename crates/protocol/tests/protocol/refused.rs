//! A table of wrong bodies, each with the code and the member that the answer names. `{}` merges: a member of the change replaces the
//! one of a right body, null removes it. What each must come to follows from the tables of members and of codes in the protocol's
//! description.

use serde_json::{Value, json};
use sev_launch_protocol::problem::Code;

use super::kinds::{self, SHA, base64};

fn merge(body: &mut Value, change: &Value) {
    let (Value::Object(members), Value::Object(changes)) = (&mut *body, change) else {
        *body = change.clone();
        return;
    };
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), change);
        }
    }
}

/// The rows of one kind: a change of its right body of a number, the code, the pointer.
fn refuse(kind: &str, rows: &[(usize, Value, Code, &str)]) {
    let kinds = kinds::all();
    let kind = kinds.iter().find(|one| one.name == kind).expect(kind);
    for (which, change, code, pointer) in rows {
        let mut body = kind.good[*which].clone();
        merge(&mut body, change);
        let problem = (kind.read)(body.to_string().as_bytes()).expect_err(&change.to_string());
        assert_eq!(problem.code, *code, "{change}: {problem}");
        let found = problem.errors.first().map_or("", |error| &error.pointer);
        assert_eq!(found, *pointer, "{change}: {problem}");
        assert!(problem.detail.is_some(), "{change}");
    }
}

use Code::{
    BadBase64, BadLength, OutOfRange, PolicyInconsistent, Schema, SecretsTooLarge, TooLarge,
    TooManyCandidates, UnknownMember,
};

const SEV: usize = 0;
const ES: usize = 1;
const DIGESTS: usize = 2;
const SNP: usize = 3;

#[test]
fn values_of_a_registration() {
    refuse(
        "registration",
        &[
            (SEV, json!({ "scheme": "sev" }), Schema, "#/scheme"),
            (SEV, json!({ "scheme": null }), Schema, "#"),
            (SEV, json!({ "policy": null }), Schema, "#"),
            (SEV, json!({ "polcy": 3 }), UnknownMember, "#/polcy"),
            (SEV, json!({ "policy": "0x3" }), Schema, "#/policy"),
            (SEV, json!({ "policy": -1 }), Schema, "#/policy"),
            (SEV, json!({ "policy": 3.0 }), Schema, "#/policy"),
            (SEV, json!({ "policy": 1e20 }), Schema, "#/policy"),
            (SEV, json!({ "policy": 1_u64 << 32 }), OutOfRange, "#/policy"),
            (SNP, json!({ "policy": 1_u64 << 53 }), OutOfRange, "#/policy"),
            (ES, json!({ "sev-features": 1_u64 << 53 }), OutOfRange, "#/sev-features"),
            (SEV, json!({ "name": "" }), BadLength, "#/name"),
            (SEV, json!({ "name": "a\u{1b}[2J" }), Schema, "#/name"),
            (SEV, json!({ "labels": { "a b": "c" } }), Schema, "#/labels/a%20b"),
            (SEV, json!({ "labels": { "env": 1 } }), Schema, "#/labels/env"),
            (SEV, json!({ "cpu-count": 0 }), OutOfRange, "#/cpu-count"),
            (SEV, json!({ "cpu-count": [1, 1025] }), OutOfRange, "#/cpu-count"),
            (SEV, json!({ "cpu-count": [] }), Schema, "#/cpu-count"),
            (ES, json!({ "cpu-count": { "min": 9 } }), OutOfRange, "#/cpu-count"),
            (ES, json!({ "cpu-count": { "step": 2 } }), UnknownMember, "#/cpu-count/step"),
            (ES, json!({ "cpu": { "typ": "EPYC" } }), UnknownMember, "#/cpu/typ"),
            (ES, json!({ "cpu": [{ "type": "EPYC", "family": 25 }] }), Schema, "#/cpu/0"),
            (ES, json!({ "cpu": [] }), Schema, "#/cpu"),
            (
                ES,
                json!({ "cpu": vec![json!({ "type": "EPYC" }); 4097] }),
                TooManyCandidates,
                "#/cpu",
            ),
            (SEV, json!({ "firmware-hashes": [SHA, "8dc2"] }), BadLength, "#/firmware-hashes/1"),
            (SEV, json!({ "kernel-hash": "Zm8=" }), BadLength, "#/kernel-hash"),
            (
                SEV,
                json!({ "launch-digests": [{ "base64": base64(31) }] }),
                BadLength,
                "#/launch-digests/0",
            ),
            (
                SEV,
                json!({ "launch-digests": [{ "hex": "00" }] }),
                UnknownMember,
                "#/launch-digests/0",
            ),
            (SEV, json!({ "cloud-cert": base64(2083) }), BadLength, "#/cloud-cert"),
            (SEV, json!({ "cloud-cert": "Zm8" }), BadBase64, "#/cloud-cert"),
            (SEV, json!({ "cloud-cert": "Zm9=" }), BadBase64, "#/cloud-cert"),
            (SEV, json!({ "platform": { "cpu-ids": ["00"] } }), BadBase64, "#/platform/cpu-ids/0"),
            (
                SEV,
                json!({ "platform": { "generations": ["siena"] } }),
                Schema,
                "#/platform/generations/0",
            ),
            (
                SEV,
                json!({ "platform": { "deny-cpu-id": [] } }),
                UnknownMember,
                "#/platform/deny-cpu-id",
            ),
            (
                SEV,
                json!({ "firmware-version": { "min": { "api-major": 256 } } }),
                Schema,
                "#/firmware-version/min/api-major",
            ),
            (
                SEV,
                json!({ "firmware-version": { "minimum": { "api-major": 1 } } }),
                UnknownMember,
                "#/firmware-version/minimum",
            ),
            (SEV, json!({ "launch-limit": { "ttl": "PT59S" } }), OutOfRange, "#/launch-limit/ttl"),
            (SEV, json!({ "launch-limit": { "ttl": 600 } }), Schema, "#/launch-limit/ttl"),
            (SEV, json!({ "valid-from": "2026-11-21" }), Schema, "#/valid-from"),
            (SEV, json!({ "approval": "owner" }), Schema, "#/approval"),
            (SEV, json!({ "approval": { "manual": 1 } }), Schema, "#/approval"),
        ],
    );
}

#[test]
fn rules_of_a_registration() {
    refuse(
        "registration",
        &[
            (SEV, json!({ "policy": 7 }), PolicyInconsistent, "#/policy"),
            (ES, json!({ "policy": 3 }), PolicyInconsistent, "#/policy"),
            (SEV, json!({ "policy": 2 }), PolicyInconsistent, "#/policy"),
            (SEV, json!({ "policy": 0x43 }), PolicyInconsistent, "#/policy"),
            (SNP, json!({ "policy": 0x1_0000 }), PolicyInconsistent, "#/policy"),
            (SNP, json!({ "policy": 0xb_0000 }), PolicyInconsistent, "#/policy"),
            (DIGESTS, json!({ "launch-digests": null }), Schema, "#/firmware-hashes"),
            (SEV, json!({ "digest-mode": null }), Schema, "#/launch-digests"),
            (DIGESTS, json!({ "launch-digests": "ab".repeat(48) }), BadLength, "#/launch-digests"),
            (DIGESTS, json!({ "kernel-hash": SHA }), Schema, "#/kernel-hash"),
            (SEV, json!({ "kernel-hash": null }), Schema, "#/initrd-hash"),
            (ES, json!({ "cmdline-hash": SHA }), Schema, "#/cmdline"),
            (ES, json!({ "cmdline": "a\u{0}b" }), Schema, "#/cmdline"),
            (ES, json!({ "cpu-count": null }), Schema, "#/cpu-count"),
            (ES, json!({ "cpu": null }), Schema, "#/cpu"),
            (ES, json!({ "vmsa-profiles": null }), Schema, "#/vmsa-profiles"),
            (SEV, json!({ "cpu": { "type": "EPYC" } }), Schema, "#/cpu"),
            (SEV, json!({ "platform": { "any-owner": true } }), Schema, "#/platform/any-owner"),
            (ES, json!({ "platform": null }), Schema, "#/platform/cloud-certs"),
            (SNP, json!({ "platform": { "any-owner": true } }), Schema, "#/platform"),
            (SNP, json!({ "firmware-version": {} }), Schema, "#/firmware-version"),
            (SEV, json!({ "launch-limit": { "total": 0 } }), OutOfRange, "#/launch-limit/total"),
            (
                SEV,
                json!({ "launch-limit": { "concurrent": 65 } }),
                OutOfRange,
                "#/launch-limit/concurrent",
            ),
            (
                SEV,
                json!({ "launch-limit": { "validate-attempts": 0 } }),
                OutOfRange,
                "#/launch-limit/validate-attempts",
            ),
            (SEV, json!({ "valid-until": "2026-11-21T02:10:00Z" }), Schema, "#/valid-until"),
            (SEV, json!({ "anonymous": true }), Schema, "#/anonymous"),
        ],
    );
}

#[test]
fn secrets_of_a_registration() {
    let data = |guid: &str, data: &str| json!({ "guid": guid, "data": data });
    let guid = kinds::VMID;
    let one = |secret: Value| json!({ "secrets": [secret] });
    refuse(
        "registration",
        &[
            (SEV, one(data("57f6", "Zm9v")), Schema, "#/secrets/0"),
            (SEV, one(data("00000000-0000-0000-0000-000000000000", "Zm9v")), Schema, "#/secrets/0"),
            (SEV, one(data(guid, "Zm9")), BadBase64, "#/secrets/0"),
            (SEV, one(data(guid, "")), BadLength, "#/secrets/0"),
            (SEV, one(json!({ "guid": guid })), Schema, "#/secrets/0"),
            (SEV, one(json!({ "guid": guid, "date": "Zm9v" })), UnknownMember, "#/secrets/0"),
            (
                SEV,
                one(json!({ "type": "luks-passphrase", "passphrase": "" })),
                BadLength,
                "#/secrets/0",
            ),
            (
                SEV,
                one(json!({ "type": "luks-passphrase", "passphrase": "a\n" })),
                Schema,
                "#/secrets/0",
            ),
            (SEV, one(json!({ "type": "ref", "guid": guid })), Schema, "#/secrets/0"),
            (
                SEV,
                one(json!({ "type": "bundle", "guid": guid, "keys": {} })),
                Schema,
                "#/secrets/0",
            ),
            (
                SEV,
                one(json!({ "type": "bundle", "guid": guid, "keys": { "a": "!" } })),
                BadBase64,
                "#/secrets/0",
            ),
            (
                SEV,
                json!({ "secrets": [data(guid, "Zm9v"), data(guid, "YmFy")] }),
                Schema,
                "#/secrets",
            ),
            (SEV, one(data(guid, &base64(16_384))), SecretsTooLarge, "#/secrets"),
            (SNP, one(data(guid, "Zm9v")), Schema, "#/secrets"),
        ],
    );
}

#[test]
fn launchers_requests() {
    refuse(
        "launch",
        &[
            (0, json!({ "pdh": base64(2083) }), BadLength, "#/pdh"),
            (0, json!({ "pdh": "" }), BadLength, "#/pdh"),
            (0, json!({ "cert-chain": "****" }), BadBase64, "#/cert-chain"),
            (0, json!({ "cpu-id": "00" }), BadBase64, "#/cpu-id"),
            (0, json!({ "cpu0-id": base64(64) }), Schema, "#"),
            (0, json!({ "host": "" }), BadLength, "#/host"),
            (0, json!({ "vmm": "x".repeat(4096) }), TooLarge, ""),
        ],
    );
    refuse(
        "validate",
        &[
            (0, json!({ "launch-id": "6f0e6d9c" }), Schema, "#/launch-id"),
            (0, json!({ "api-major": 257 }), OutOfRange, "#/api-major"),
            (0, json!({ "build-id": 287 }), OutOfRange, "#/build-id"),
            (0, json!({ "api-minor": null }), Schema, "#/api-minor"),
            (0, json!({ "policy": 1_u64 << 53 }), OutOfRange, "#/policy"),
            (0, json!({ "measurement": base64(47) }), BadLength, "#/measurement"),
            (0, json!({ "measurement": base64(49) }), BadLength, "#/measurement"),
            (0, json!({ "measurement": null }), Schema, "#/measurement"),
            (0, json!({ "report": base64(1184) }), Schema, "#/report"),
            (0, json!({ "cpu-count": 1025 }), OutOfRange, "#/cpu-count"),
            (0, json!({ "firmware-hash": "ab" }), BadLength, "#/firmware-hash"),
            (0, json!({ "vmm": "x".repeat(4096) }), TooLarge, ""),
        ],
    );
    refuse(
        "validate of SEV-SNP",
        &[
            (0, json!({ "report": null }), Schema, "#/report"),
            (0, json!({ "vek": null }), Schema, "#/vek"),
            (0, json!({ "measurement": base64(48) }), Schema, "#/measurement"),
            (0, json!({ "api-major": 256 }), OutOfRange, "#/api-major"),
        ],
    );
    refuse(
        "acknowledge",
        &[
            (0, json!({ "result": "ok" }), Schema, "#/result"),
            (0, json!({ "result": null }), Schema, "#"),
            (0, json!({ "errors": "no" }), UnknownMember, "#/errors"),
            (0, json!({ "error": "two\nlines" }), Schema, "#/error"),
        ],
    );
}

#[test]
fn owners_other_requests() {
    refuse(
        "decision",
        &[
            (0, json!({ "approve": "yes" }), Schema, "#/approve"),
            (0, json!({ "approve": null }), Schema, "#"),
            (0, json!({ "deny": true }), UnknownMember, "#/deny"),
        ],
    );
    let labels: serde_json::Map<String, Value> =
        (0..65).map(|at| (format!("l{at}"), json!("x"))).collect();
    refuse(
        "patch",
        &[
            (0, json!({ "policy": 3 }), UnknownMember, "#/policy"),
            (0, json!({ "secrets": [] }), UnknownMember, "#/secrets"),
            (
                0,
                json!({ "launch-limit": { "concurrent": 0 } }),
                OutOfRange,
                "#/launch-limit/concurrent",
            ),
            (0, json!({ "launch-limit": { "totl": 1 } }), UnknownMember, "#/launch-limit/totl"),
            (0, json!({ "disabled": 1 }), Schema, "#/disabled"),
            (0, json!({ "labels": labels }), OutOfRange, "#/labels"),
            (0, json!({ "valid-until": "tomorrow" }), Schema, "#/valid-until"),
        ],
    );
    refuse(
        "token",
        &[
            (0, json!({ "scopes": [] }), Schema, "#/scopes"),
            (0, json!({ "scopes": vec!["launch"; 6] }), Schema, "#/scopes"),
            (0, json!({ "scopes": ["all"] }), Schema, "#/scopes/0"),
            (0, json!({ "scope": ["launch"] }), UnknownMember, "#/scope"),
            (0, json!({ "days": 0 }), OutOfRange, "#/days"),
            (0, json!({ "days": 367 }), OutOfRange, "#/days"),
            (0, json!({ "days": 1.5 }), Schema, "#/days"),
            (0, json!({ "vmid": "57f669c2" }), Code::BadVmid, "#/vmid"),
            (0, json!({ "name": null }), Schema, "#"),
        ],
    );
    refuse(
        "import",
        &[
            (0, json!({ "from": "kata" }), Schema, "#/from"),
            (0, json!({ "text": ["a"] }), Schema, "#/text"),
            (0, json!({ "format": "xml" }), UnknownMember, "#/format"),
        ],
    );
}
