//! Documents that mean one thing to one reader and another to the next, and such that would keep a reader busy: all of them are refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_evidence::snp::{Evidence, EvidenceError, RuntimeData, read};
use sev_launch_testkit::report::Vek;
use sha2::{Digest as _, Sha256};

const DATA: &[u8] = br#"{"keys":[]}"#;

/// A report whose REPORT_DATA is the SHA-256 of the data, and zeros. [SNP-ABI, ATTESTATION_REPORT: REPORT_DATA at 0x50]
fn report() -> Vec<u8> {
    Vek::vcek("Milan").report(3, |report| report[0x50..0x70].copy_from_slice(&Sha256::digest(DATA)))
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn of(document: &Value) -> Result<Evidence, EvidenceError> {
    read(document.to_string().as_bytes())
}

fn with_runtime(runtime: Value) -> Result<Evidence, EvidenceError> {
    of(&json!({ "report": base64(&report()), "runtimeData": runtime }))
}

#[test]
fn attack_runtime_data_is_bound_or_the_document_is_refused() {
    let right = json!({ "data": base64(DATA), "dataType": "JSON" });
    let found = with_runtime(right.clone()).expect("it is bound");
    assert_eq!(found.runtime_data().map(RuntimeData::as_bytes), Some(DATA));
    assert!(with_runtime(Value::Null).is_ok_and(|found| found.runtime_data().is_none()));
    let other = json!({ "data": base64(b"{}"), "dataType": "JSON" });
    assert!(with_runtime(other.clone()).is_err(), "the hash of other data");
    for wrong in [
        json!({ "data": format!("{}!", base64(DATA)), "dataType": "JSON" }),
        json!({ "Data": base64(DATA) }),
        json!({ "data": base64(DATA), "more": 1 }),
        json!([base64(DATA)]),
        json!("not base64!"),
        json!({}),
        json!(7),
    ] {
        let found = with_runtime(wrong.clone());
        assert!(matches!(found, Err(EvidenceError::RuntimeForm(_))), "{wrong}: {found:?}");
    }
    // In a document inside the one that has the report.
    let nested = |runtime: &Value| {
        let inner = json!({ "runtimeData": runtime, "more": "x".repeat(300) }).to_string();
        of(&json!({ "report": base64(&report()), "inner": inner }))
    };
    assert!(nested(&right).is_ok_and(|found| found.runtime_data().is_some()));
    assert!(nested(&other).is_err(), "unbound, in a document inside");
    let alone = of(&json!({ "runtimeData": right, "more": "x".repeat(300) }));
    assert!(matches!(alone, Err(EvidenceError::RuntimeAlone)), "{alone:?}");
}

#[test]
fn attack_a_report_in_an_unknown_form_is_not_passed_over() {
    let known = base64(&report());
    let bytes: Vec<u32> = vec![256; 1184];
    for unknown in [json!("~".repeat(1500)), json!(bytes), json!({ "a": "~".repeat(1500) })] {
        for name in ["report", "attestation_report", "SnpReport", "outblob", "HCL-Report"] {
            let found = of(&json!({ name: unknown, "other": known }));
            assert!(matches!(found, Err(EvidenceError::NoReportIn(_))), "{name}: {found:?}");
        }
    }
    assert!(of(&json!({ "report": known, "other": "~".repeat(1500) })).is_ok());
    assert!(of(&json!({ "report": "short", "other": known })).is_ok());
}

#[test]
fn attack_thousands_of_certificates_are_refused() {
    let pem = |count: u32| -> String {
        let block = |number: u32| {
            let body = base64(&[&[0x30, 0x06, 0x02, 0x04][..], &number.to_be_bytes()].concat());
            format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
        };
        (0..count).map(block).collect()
    };
    let found = read(pem(129).as_bytes());
    assert!(matches!(found, Err(EvidenceError::TooManyCertificates)), "{found:?}");
    assert_eq!(read(pem(128).as_bytes()).map(|found| found.certificates().len()), Ok(128));
}
