//! The conformance suite of the protocol, against this service.

use std::collections::BTreeSet;

use sev_launch_protocol::routes::ROUTES;
use sev_launch_protocol::views::Scope;
use sev_launch_server::conformance::{self, ConformanceError, Outcome, Settings};
use zeroize::Zeroizing;

use crate::described;
use crate::lab::{Lab, OTHER, Setup, TENANT};

fn settings(lab: &Lab) -> Settings {
    let token = |tenant: &str, scopes: &[Scope]| Zeroizing::new(lab.token(tenant, scopes));
    Settings {
        url: lab.url(),
        owner: token(TENANT, &[Scope::VmRead, Scope::VmWrite]),
        launcher: token(TENANT, &[Scope::Launch]),
        auditor: token(TENANT, &[Scope::AuditRead]),
        other_owner: Some(token(OTHER, &[Scope::VmRead, Scope::VmWrite])),
        platform: lab.platform.to_bytes(),
        ca: None,
        observer: Some(described::observer()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_protocol_is_kept_and_described() {
    let lab = Lab::new();
    lab.token(TENANT, &[]);
    assert_eq!(lab.app.service().checkpoint().expect("signed"), 1);
    let report = conformance::run(settings(&lab), |ran| println!("{}", ran.line())).await;
    let report = report.expect("it runs");
    assert_eq!(report.failures(), Vec::<String>::new());
    let [kept, broken, skipped, undecided] = report.counts();
    assert!(kept >= 55, "{kept}");
    assert_eq!((broken, skipped, undecided, report.exit_code()), (0, 0, 0, 0));
    // Of each route of owners and launchers the suite has at least one success and one refusal.
    let seen = described::seen();
    let of = |low: u16, high: u16| -> BTreeSet<&str> {
        let within = |(_, status, _): &&(String, u16, String)| (low..high).contains(status);
        seen.iter().filter(within).map(|(name, ..)| name.as_str()).collect()
    };
    let elsewhere = ["import", "token-make", "token-list", "token-delete"];
    let (good, bad) = (of(200, 300), of(400, 500));
    let mut missing = Vec::new();
    for route in ROUTES.iter().filter(|route| !elsewhere.contains(&route.name)) {
        if !good.contains(route.name) {
            missing.push(format!("{}: no success", route.name));
        }
        let is_public = route.access == sev_launch_protocol::routes::Access::Anyone;
        if !is_public && !bad.contains(route.name) {
            missing.push(format!("{}: no refusal", route.name));
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    // What the run registered is gone again.
    let left = lab.expect(200, "", conformance::Ask::get("/vm").by(&lab.owner())).await;
    assert_eq!(left["items"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_says_nothing_is_an_error() {
    let lab = Lab::new();
    let wrong = Settings { auditor: Zeroizing::new(lab.owner()), ..settings(&lab) };
    let error = conformance::run(wrong, |_| {}).await.expect_err("a wrong token");
    assert!(error.to_string().contains("--auditor"), "{error}");
    let gone = Settings { url: "http://127.0.0.1:1/v1".into(), ..settings(&lab) };
    let error = conformance::run(gone, |_| {}).await.expect_err("nobody listens");
    assert!(matches!(error, ConformanceError::NotThere { .. }), "{error}");
    let ftp = Settings { url: "ftp://127.0.0.1/v1".into(), ..settings(&lab) };
    assert!(matches!(conformance::run(ftp, |_| {}).await, Err(ConformanceError::Client(_))));
    let platform = Settings { platform: Zeroizing::new(vec![0; 9]), ..settings(&lab) };
    assert!(matches!(conformance::run(platform, |_| {}).await, Err(ConformanceError::Platform(_))));
}

/// A service that breaks one promise here and one there.
async fn broken(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    use http_body_util::BodyExt as _;
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let mut text = String::from_utf8(body.to_vec()).expect("text");
    let status = head.status.as_u16();
    let mut replace = |from: &str, to: &str| text = text.replace(from, to);
    match (method.as_str(), path.as_str(), status) {
        ("POST", "/v1/measure", 200) => replace("693bc5a8", "793bc5a8"),
        ("GET", "/v1/firmware", 200) => drop(head.headers.remove("cache-control")),
        ("PATCH", _, 412) => head.status = hyper::StatusCode::OK,
        ("PUT", _, 428) => replace("urn:uuid:0", "urn:uuid:1"),
        (_, path, 200) if path.ends_with("/launch") => {
            replace("\"kernel-hashes\":true", "\"kernel-hashes\":false");
        }
        (_, path, 403) if path.ends_with("/validate") => {
            replace("\"attempts-left\":1", "\"attempts-left\":2");
        }
        (_, path, 200) if path.ends_with("/validate") => {
            drop(head.headers.remove("idempotent-replay"));
        }
        (_, path, 202) if path.ends_with("/validate") => drop(head.headers.remove("retry-after")),
        _ => {}
    }
    head.headers.remove("content-length");
    axum::response::Response::from_parts(head, text.into())
}

// A suite that finds nothing wrong with anything would keep all of these promises.
#[tokio::test(flavor = "multi_thread")]
async fn each_broken_promise_fails_its_cases_and_no_other() {
    let before = |app: axum::Router| app.layer(axum::middleware::from_fn(broken));
    let lab = Lab::with(Setup { before, ..Setup::default() });
    let mut settings = settings(&lab);
    settings.observer = None;
    let report = conformance::run(settings, |_| {}).await.expect("it runs");
    let mut found: Vec<String> = report
        .cases
        .iter()
        .filter(|ran| ran.outcome != Outcome::Kept)
        .map(|ran| format!("{}: {}", ran.group, ran.name))
        .collect();
    found.sort();
    let wanted = [
        "firmware: an image is 201 once and 200 again, and its entry is as TV-2 says",
        "launch: the AMD-SP takes session, owner's certificate and policy",
        "measure: the digests of TV-2: SEV with kernel hashes",
        "refuse: a wrong kernel costs an attempt, and the last one the launch",
        "register: PATCH changes name, labels and limits, and nothing else",
        "register: PUT needs a condition, and replaces by the right one",
        "snp: a report is a verdict",
        "snp: a stale nonce and a changed report cost attempts",
        "validate: manual approval: 202, then the packet",
        "validate: the identical request gets the identical answer, another measurement 409",
    ];
    assert_eq!(found, wanted, "{:#?}", report.failures());
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_observer_finds_fails_the_case() {
    let lab = Lab::new();
    let mut broken = settings(&lab);
    broken.observer = Some(std::sync::Arc::new(|ask, answer| {
        let is_it = ask.path.ends_with("/ack") && answer.status == 204;
        if is_it { Err("an observer says no".into()) } else { Ok(()) }
    }));
    let report = conformance::run(broken, |_| {}).await.expect("it runs");
    assert_eq!(report.exit_code(), 1);
    let failures = report.failures();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].starts_with("FAIL  validate: acknowledged once"), "{failures:?}");
    assert!(failures[0].contains("an observer says no"), "{failures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_it_by_its_exit_code() {
    let lab = Lab::new();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("platform"), lab.platform.to_bytes()).expect("written");
    let Settings { url, owner, launcher, auditor, .. } = settings(&lab);
    let run = |auditor: &str, more: &[&str]| {
        let program = env!("CARGO_BIN_EXE_sev-launch-server");
        let done = std::process::Command::new(program)
            .args(["conformance", "--url", &url, "--owner", &owner, "--launcher", &launcher])
            .args(["--auditor", auditor, "--platform"])
            .arg(folder.path())
            .args(more)
            .output();
        let done = done.expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (done.status.code(), text(done.stdout), text(done.stderr))
    };
    let (code, out, errors) = run(&auditor, &[]);
    assert_eq!(code, Some(0), "{out}{errors}");
    assert!(out.lines().filter(|line| line.starts_with("ok    ")).count() >= 55, "{out}");
    assert!(out.contains("skip  register: a guest of another tenant does not exist"), "{out}");
    let (code, out, errors) = run(&auditor, &["--json"]);
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, report["url"].as_str()), (Some(0), Some(url.as_str())), "{errors}");
    // That nothing can be said is neither yes nor no; and no token is in what is said.
    let (code, out, errors) = run(&launcher, &[]);
    assert_eq!((code, out.as_str()), (Some(2), ""), "{errors}");
    assert!(errors.contains("--auditor") && !errors.contains(launcher.as_str()), "{errors}");
}
