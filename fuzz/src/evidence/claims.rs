//! What a host says of a launched guest, as QMP's answers and as virsh's lines: claims come back from either form, the same one may be
//! said twice, and another one never.

use std::fmt::Write as _;

use arbitrary::{Result, Unstructured};
use sev_launch_evidence::HostClaims;
use sev_launch_evidence::host_claims::ClaimsError;
use sev_launch_verify::sev::measurement::LaunchMeasurement;

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(claims) = HostClaims::parse(bytes) {
        comes_back(&claims);
        let text = std::str::from_utf8(bytes).expect("claims are text");
        add_more(text, &claims);
    }
    if let Ok(claims) = said(&mut Unstructured::new(bytes))
        && claims != HostClaims::default()
    {
        comes_back(&claims);
    }
}

/// Claims as bytes choose them.
fn said(u: &mut Unstructured<'_>) -> Result<HostClaims> {
    let measurement = u.arbitrary::<Option<[u8; 48]>>()?;
    let measurement = measurement.map(|bytes| LaunchMeasurement::parse(&bytes).expect("48 bytes"));
    Ok(HostClaims {
        measurement,
        api_major: u.arbitrary()?,
        api_minor: u.arbitrary()?,
        build_id: u.arbitrary()?,
        policy: u.arbitrary()?,
        state: u.arbitrary()?,
    })
}

/// Both forms of claims are read as them. Virsh says no state, and none that begins or ends in blanks.
fn comes_back(claims: &HostClaims) {
    let qmp = qmp(claims);
    assert_eq!(HostClaims::parse(qmp.as_bytes()).as_ref(), Ok(claims), "{qmp}");
    let listed = format!(" [{qmp}]");
    assert_eq!(HostClaims::parse(listed.as_bytes()).as_ref(), Ok(claims), "{listed}");
    let stateless = HostClaims { state: None, ..claims.clone() };
    if stateless != HostClaims::default() {
        let virsh = virsh(&stateless);
        assert_eq!(HostClaims::parse(virsh.as_bytes()), Ok(stateless), "{virsh}");
    }
}

/// What is said once more changes nothing, and what is said otherwise is no answer.
fn add_more(text: &str, claims: &HostClaims) {
    let is_json = text.trim_start().starts_with('{');
    if text.trim_start().starts_with('[') {
        return;
    }
    let more = |claims: &HostClaims| {
        let form = if is_json {
            qmp(claims)
        } else {
            virsh(&HostClaims { state: None, ..claims.clone() })
        };
        HostClaims::parse(format!("{text}\n{form}\n").as_bytes())
    };
    assert_eq!(more(claims).as_ref(), Ok(claims), "said twice: {text:?}");
    if let Some(policy) = claims.policy {
        let other = HostClaims { policy: Some(policy ^ 1), ..HostClaims::default() };
        let error = more(&other).expect_err("two policies");
        assert!(matches!(error, ClaimsError::Contradiction(_)), "{error}");
    }
}

fn numbers(claims: &HostClaims) -> impl Iterator<Item = (&'static str, u64)> {
    let all = [
        ("api-major", claims.api_major),
        ("api-minor", claims.api_minor),
        ("build-id", claims.build_id),
        ("policy", claims.policy),
    ];
    all.into_iter().filter_map(|(name, number)| Some((name, number?)))
}

fn qmp(claims: &HostClaims) -> String {
    let mut answer = serde_json::Map::new();
    answer.extend(numbers(claims).map(|(name, number)| (name.to_owned(), number.into())));
    if let Some(state) = &claims.state {
        answer.insert("state".to_owned(), state.clone().into());
    }
    if let Some(measurement) = &claims.measurement {
        answer.insert("data".to_owned(), hex::encode(measurement.to_bytes()).into());
    }
    serde_json::json!({"return": answer}).to_string()
}

fn virsh(claims: &HostClaims) -> String {
    let mut lines = String::new();
    for (name, number) in numbers(claims) {
        writeln!(lines, "sev-{name}  : {number:#x}").expect("a text");
    }
    if let Some(measurement) = &claims.measurement {
        writeln!(lines, "sev-measurement: {}", hex::encode(measurement.to_bytes()))
            .expect("a text");
    }
    lines
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let virsh = super::testdata("sev/domlaunchsecinfo.txt");
    let claims = HostClaims::parse(&virsh).expect("claims");
    let waiting = HostClaims { state: Some("launch-secret".to_owned()), ..claims };
    let answer = qmp(&waiting);
    let two = format!(
        "{}\n{}\n",
        r#"{"return": {"enabled": true, "handle": 1, "state": "launch-secret"}, "id": "libvirt-12"}"#,
        answer
    );
    let event = r#"{"event": "STOP", "data": {}, "timestamp": {"seconds": 1, "microseconds": 2}}"#;
    let failed = r#"{"error": {"class": "GenericError", "desc": "SEV is not enabled"}}"#;
    [virsh, answer.clone().into(), format!("[{answer}]").into(), two.into()]
        .into_iter()
        .chain([event, failed, &format!("{event}{answer}")].map(Into::into))
        .collect()
}
