//! Answers are written as their schemas say.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use sev_launch_protocol::audit::Checkpoint;
use sev_launch_protocol::launch::{Injection, LaunchAnswer, LaunchState, ValidateAnswer, Verdict};
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::state::Status;
use sev_launch_protocol::text::{
    Blob, Exact, Label, LabelKey, LaunchId, RequestId, Sha256, Time, VmId,
};
use sev_launch_protocol::views::{
    AuditPage, Candidate, CheckpointList, FirmwareList, FirmwareView, ImportAnswer, LaunchCounts,
    LaunchView, Limits, MeasureAnswer, Scope, ServiceDocument, SignedCheckpoint, TokenList,
    TokenView, VmList, VmView,
};

use super::kinds::named;

const TIME: Time = Time::from_millis(1_795_227_000_000);

/// The answer is as its schema says; and the schema says something: no required member is missing, no other one is null.
fn fits<T: Serialize>(schema: &str, answer: &T) {
    let validator = named(schema);
    let value = serde_json::to_value(answer).expect("JSON");
    if let Err(error) = validator.validate(&value) {
        panic!("{schema}: {value}: {error}");
    }
    let required = &super::kinds::DOCUMENT["components"]["schemas"][schema]["required"];
    let is_required =
        |name: &str| required.as_array().is_some_and(|names| names.iter().any(|one| one == name));
    for name in value.as_object().expect("an object").keys() {
        let mut without = value.clone();
        without.as_object_mut().expect("an object").remove(name);
        assert_eq!(validator.is_valid(&without), !is_required(name), "{schema}: without {name}");
        let mut with_null: Value = value.clone();
        with_null[name] = Value::Null;
        let may_be_null =
            is_required(name) && value[name].is_null() || ["next", "left"].contains(&name.as_str());
        assert_eq!(validator.is_valid(&with_null), may_be_null, "{schema}: {name} is null");
    }
}

fn launch_id() -> LaunchId {
    "6f0e6d9c-2d0f-4bb8-9c53-0b1d7f0d1f31".parse().expect("a UUID")
}

fn vmid() -> VmId {
    "57f669c2-c427-4132-bc7a-26f56b6a718c".parse().expect("a UUID")
}

#[test]
fn of_launch_and_validate() {
    let least = LaunchAnswer {
        launch_id: launch_id(),
        scheme: Scheme::AmdSevSnp,
        session: None,
        owner_cert: None,
        nonce: None,
        policy: 0x3_0000,
        kernel_hashes: None,
        expires_at: TIME,
        simulated: false,
    };
    fits("LaunchAnswer", &least);
    fits(
        "LaunchAnswer",
        &LaunchAnswer {
            session: Some(Blob(vec![1; 128])),
            owner_cert: Some(Blob(vec![2; 2084])),
            nonce: Some(Exact([3; 32])),
            kernel_hashes: Some(true),
            simulated: true,
            ..least
        },
    );
    let least = ValidateAnswer {
        launch_id: launch_id(),
        verdict: None,
        launch_state: None,
        retry_after: None,
        secret_header: None,
        secret_table: None,
        report_only: false,
        simulated: false,
    };
    fits("ValidateAnswer", &least);
    fits(
        "ValidateAnswer",
        &ValidateAnswer {
            verdict: Some(Verdict::Trusted),
            launch_state: Some(LaunchState::Validated),
            retry_after: Some(5),
            secret_header: Some(Exact([1; 52])),
            secret_table: Some(Blob(vec![2; 80])),
            report_only: true,
            simulated: true,
            ..least
        },
    );
}

#[test]
fn of_problems() {
    for code in Code::ALL.iter().copied() {
        fits("Problem", &Problem::of(code));
    }
    let mut problem =
        Problem::at(Code::BadLength, "#/pdh", "3 bytes").about(launch_id(), LaunchState::Failed, 2);
    problem.request = Some(RequestId::new(TIME.millis(), &[1; 10]));
    problem.simulated = true;
    fits("Problem", &problem);
}

fn launch() -> LaunchView {
    LaunchView {
        launch_id: launch_id(),
        state: LaunchState::Consumed,
        began: TIME,
        expires_at: TIME,
        attempts_left: 3,
        approved: true,
        reason: Some(Code::FirmwareVersion),
        acknowledged: Some(Injection::Injected),
        simulated: true,
    }
}

#[test]
fn of_guests() {
    fits("LaunchView", &launch());
    fits("LaunchView", &LaunchView { acknowledged: None, simulated: false, ..launch() });
    let least = VmView {
        vmid: vmid(),
        status: Status::Registered,
        scheme: Scheme::AmdSev,
        name: None,
        labels: BTreeMap::new(),
        candidates: 1,
        secret_table_bytes: 80,
        launches: LaunchCounts { used: 0, left: None },
        created: TIME,
        changed: TIME,
        warnings: Vec::new(),
        launch_token: None,
        registration: None,
        recent: Vec::new(),
        simulated: false,
    };
    fits("VmView", &least);
    let label: Label = "prod".parse().expect("a label");
    let key: LabelKey = "env".parse().expect("a name");
    let most = VmView {
        name: Some(label.clone()),
        labels: BTreeMap::from([(key, label)]),
        warnings: vec!["w".into()],
        launch_token: Some("t".into()),
        launches: LaunchCounts { used: 1, left: Some(2) },
        registration: Some(Map::new()),
        recent: vec![launch()],
        simulated: true,
        ..least
    };
    fits("VmView", &most);
    fits("LaunchCounts", &most.launches);
    fits("VmList", &VmList { items: vec![most], next: None });
    fits("VmList", &VmList { items: Vec::new(), next: Some(vmid()) });
}

#[test]
fn of_the_catalogue_and_of_computing() {
    let firmware = FirmwareView {
        sha256: Sha256([1; 32]),
        sha384: "ab".repeat(48),
        size: 4096,
        secret_area: Some(3072),
        hash_table: true,
        es_reset: true,
        snp_metadata: false,
        image_kept: false,
        created: TIME,
    };
    fits("FirmwareView", &firmware);
    fits("FirmwareView", &FirmwareView { secret_area: None, ..firmware.clone() });
    fits("FirmwareList", &FirmwareList { items: vec![firmware] });
    let some = Some(Sha256([2; 32]));
    let candidate = Candidate {
        digest: "ab".repeat(32),
        firmware: some,
        kernel: some,
        initrd: some,
        cmdline: some,
        cpu_count: Some(2),
        cpu_signature: Some("0xa00f11".into()),
        vmsa_profile: Some("es-legacy".into()),
    };
    let least = Candidate {
        digest: "ab".repeat(32),
        firmware: None,
        kernel: None,
        initrd: None,
        cmdline: None,
        cpu_count: None,
        cpu_signature: None,
        vmsa_profile: None,
    };
    fits("Candidate", &candidate);
    fits("Candidate", &least);
    fits(
        "MeasureAnswer",
        &MeasureAnswer {
            candidates: vec![candidate, least],
            secret_table_bytes: 0,
            warnings: Vec::new(),
        },
    );
    fits(
        "ImportAnswer",
        &ImportAnswer { launch_toml: "mode = \"sev\"".into(), warnings: vec!["w".into()] },
    );
}

#[test]
fn of_tokens_audit_and_service() {
    let token = TokenView {
        id: "a1".into(),
        name: "ci".into(),
        tenant: "acme".into(),
        scopes: Scope::ALL.into(),
        vmid: Some(vmid()),
        created: TIME,
        expires: TIME,
        token: Some("t".into()),
    };
    fits("TokenView", &token);
    fits("TokenView", &TokenView { vmid: None, token: None, ..token.clone() });
    fits("TokenList", &TokenList { items: vec![token] });
    fits("AuditPage", &AuditPage { lines: vec!["{}".into()], next: Some(1) });
    fits("AuditPage", &AuditPage { lines: Vec::new(), next: None });
    let checkpoint =
        Checkpoint { tenant: "acme".into(), seq: 1, hash: Sha256([1; 32]), time: TIME };
    let signed = SignedCheckpoint { checkpoint, signature: Exact([1; 96]) };
    fits("SignedCheckpoint", &signed);
    fits("CheckpointList", &CheckpointList { key: Exact([4; 97]), items: vec![signed] });
    let limits = Limits { body_bytes: 262_144, firmware_bytes: 1 << 26, candidates: 4096 };
    fits("Limits", &limits);
    fits(
        "ServiceDocument",
        &ServiceDocument {
            service: "sev-attestation".into(),
            api: "v1".into(),
            time: TIME,
            schemes: Scheme::ALL.into(),
            features: vec!["ack".into()],
            limits,
            openapi: "/v1/openapi.json".into(),
            simulated: true,
        },
    );
}
