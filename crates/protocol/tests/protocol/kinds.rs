//! Every kind of request: how it is read, the schema that it has, and bodies that are right.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonschema::Validator;
use serde_json::{Value, json};
use sev_launch_protocol::launch::{Acknowledgement, Decision, LaunchRequest, ValidateRequest};
use sev_launch_protocol::problem::Problem;
use sev_launch_protocol::registration::{Registration, Scheme};
use sev_launch_protocol::views::{ImportRequest, TokenRequest, VmPatch};
use sev_launch_protocol::{body, openapi};

pub(super) static DOCUMENT: LazyLock<Value> = LazyLock::new(openapi::document);

/// A validator for a schema of the document, with formats.
pub(super) fn validator(schema: Value) -> Validator {
    let Value::Object(mut schema) = schema else { panic!("{schema}") };
    schema.insert("components".into(), DOCUMENT["components"].clone());
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&schema.into()).expect("a schema")
}

/// The validator of a body by the name of its schema.
pub(super) fn named(name: &str) -> Validator {
    assert!(DOCUMENT["components"]["schemas"].get(name).is_some(), "no schema {name}");
    validator(json!({ "$ref": format!("#/components/schemas/{name}") }))
}

/// A kind of request.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) schema: Validator,
    /// Reads a body, and asks what its members do not say by themselves.
    pub(super) read: fn(&[u8]) -> Result<(), Problem>,
    /// Bodies that are right: together they have every member.
    pub(super) good: Vec<Value>,
    /// Places at which any member may stand.
    pub(super) open: &'static [&'static str],
    /// Members for which null has a meaning.
    pub(super) nullable: &'static [&'static str],
}

pub(super) fn base64(bytes: usize) -> String {
    STANDARD.encode(vec![7; bytes])
}

fn registration(bytes: &[u8]) -> Result<(), Problem> {
    body::read::<Registration>(bytes)?.check()
}

fn launch(bytes: &[u8]) -> Result<(), Problem> {
    body::read::<LaunchRequest>(bytes)?.check()
}

fn validate_sev(bytes: &[u8]) -> Result<(), Problem> {
    body::read::<ValidateRequest>(bytes)?.evidence(Scheme::AmdSevEs).map(drop)
}

fn validate_snp(bytes: &[u8]) -> Result<(), Problem> {
    body::read::<ValidateRequest>(bytes)?.evidence(Scheme::AmdSevSnp).map(drop)
}

fn patch(bytes: &[u8]) -> Result<(), Problem> {
    body::read::<VmPatch>(bytes)?.check()
}

fn token(bytes: &[u8]) -> Result<(), Problem> {
    body::read::<TokenRequest>(bytes)?.check()
}

fn simple<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<(), Problem> {
    body::read::<T>(bytes).map(drop)
}

pub(super) const VMID: &str = "57f669c2-c427-4132-bc7a-26f56b6a718c";
pub(super) const SHA: &str = "8dc2f6b73d23dfd9541b7897ea707ab5cb44142bea9f96d9a57a8d6e9fb4f424";

/// Registrations: SEV with every member that it may have, SEV-ES, one of digests alone, SEV-SNP.
pub(super) fn registrations() -> Vec<Value> {
    let version = json!({ "api-major": 1, "api-minor": 51, "build": 3 });
    let sev = json!({
        "scheme": "amd-sev", "name": "db-7", "labels": { "env": "prod" }, "policy": 3, "allow-debug": false,
        "cpu-count": 2, "firmware-hashes": [SHA], "kernel-hash": SHA, "initrd-hash": [SHA], "cmdline-hash": format!("sha256:{SHA}"),
        "launch-digests": [SHA, { "base64": base64(32) }], "digest-mode": "any",
        "cloud-cert": base64(2084),
        "platform": {
            "cloud-certs": [base64(2084)], "any-owner": false, "generations": ["milan", "genoa"],
            "cpu-ids": ["ab".repeat(64)], "deny-cpu-ids": [base64(64)]
        },
        "firmware-version": { "min": version, "max": version, "allow": [version], "deny": [version] },
        "secrets": [
            { "type": "luks-passphrase", "passphrase": "correct horse battery staple" },
            { "guid": VMID, "data": "Zm9v" },
            { "type": "bundle", "guid": "57f669c2-c427-4132-bc7a-26f56b6a718d", "keys": { "a": "Zm9v" } }
        ],
        "launch-limit": { "total": 5, "concurrent": 1, "ttl": "PT10M", "validate-attempts": 3 },
        "launchers": ["node-17"], "anonymous": false, "approval": "manual", "report-only": false,
        "valid-from": "2026-11-21T02:10:00Z", "valid-until": "2027-11-21T02:10:00.000+01:00",
        "disabled": false, "issue-launch-token": true
    });
    let es = json!({
        "scheme": "amd-sev-es", "policy": 7, "cpu-count": { "min": 1, "max": 8 },
        "cpu": [{ "type": "EPYC-Milan" }, { "family": 25, "model": 1, "stepping": 1 }],
        "vmsa-profiles": ["kvm-sev-init"], "sev-features": 0, "firmware-hashes": SHA, "kernel-hash": [SHA],
        "cmdline": "console=ttyS0", "platform": { "any-owner": true }, "anonymous": true
    });
    let digests = json!({ "scheme": "amd-sev", "policy": 1, "cpu-count": [1, 2], "launch-digests": SHA, "platform": { "any-owner": true } });
    let snp = json!({
        "scheme": "amd-sev-snp", "policy": 0x3_0000, "cpu-count": 4, "cpu": { "type": "EPYC-v4" }, "vmsa-profiles": "qemu-9",
        "firmware-hashes": SHA, "launch-digests": "ab".repeat(48), "digest-mode": "any"
    });
    vec![sev, es, digests, snp]
}

/// All of them.
pub(super) fn all() -> Vec<Kind> {
    let kind = |name, schema, read, good| Kind {
        name,
        schema: named(schema),
        read,
        good,
        open: &[],
        nullable: &[],
    };
    let launch_body = json!({
        "pdh": base64(2084), "cert-chain": base64(6252), "cpu-id": base64(64), "host": "node-17", "vmm": { "name": "qemu" }
    });
    let sev = json!({
        "launch-id": VMID, "api-major": 1, "api-minor": 55, "build-id": 31, "policy": 3, "measurement": base64(48),
        "firmware-hash": SHA, "cpu-count": 2, "vmm": { "name": "qemu" }
    });
    let snp = json!({
        "launch-id": VMID, "api-major": 1, "api-minor": 55, "build-id": 31, "report": base64(1184), "vek": base64(1300), "policy": 0x3_0000
    });
    let patches = vec![json!({
        "name": "db-8", "labels": { "env": "test", "old": null }, "valid-until": "2027-01-01T00:00:00Z",
        "launch-limit": { "total": null, "concurrent": 2, "ttl": "PT1H", "validate-attempts": 1 }, "disabled": true
    })];
    let tokens = vec![
        json!({ "name": "ci", "scopes": ["vm:read", "launch"], "vmid": VMID, "days": 30, "tenant": "acme" }),
    ];
    vec![
        Kind {
            nullable: &["/launch-limit/total"],
            ..kind("registration", "Registration", registration, registrations())
        },
        Kind {
            open: &["", "/vmm"],
            nullable: &["/vmm", "/vmm/name"],
            ..kind("launch", "LaunchRequest", launch, vec![launch_body])
        },
        Kind {
            open: &["", "/vmm"],
            nullable: &["/vmm", "/vmm/name"],
            ..kind("validate", "ValidateRequest", validate_sev, vec![sev])
        },
        Kind {
            open: &[""],
            ..kind("validate of SEV-SNP", "ValidateRequest", validate_snp, vec![snp])
        },
        kind(
            "acknowledge",
            "Acknowledgement",
            simple::<Acknowledgement>,
            vec![json!({ "result": "failed", "error": "SEV: no" })],
        ),
        kind("decision", "Decision", simple::<Decision>, vec![json!({ "approve": true })]),
        Kind {
            nullable: &[
                "/name",
                "/labels",
                "/labels/env",
                "/labels/old",
                "/valid-until",
                "/launch-limit/total",
            ],
            ..kind("patch", "VmPatch", patch, patches)
        },
        kind("token", "TokenRequest", token, tokens),
        kind(
            "import",
            "ImportRequest",
            simple::<ImportRequest>,
            vec![json!({ "from": "qemu", "text": "qemu-system-x86_64" })],
        ),
    ]
}
