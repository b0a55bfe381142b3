//! What a monitor may answer to what is asked of a guest, right and wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sev_launch_agent::qemu::{Monitor, monitor};
use sev_launch_agent::vmm::{Guest as _, Host, Measured, State, VmmError};

use super::fake::Fake;

/// As QEMU's schema has it in its examples. [QEMU, qapi/misc-target.json]
fn query_sev() -> Value {
    json!({ "enabled": true, "api-major": 0, "api-minor": 0, "build-id": 0, "policy": 0, "state": "launch-secret", "handle": 1 })
}

/// MEASURE and MNONCE. [QEMU, qapi/misc-target.json: query-sev-launch-measure]
const DATA: &str = "4l8LXeNlSPUDlXPJG5966/8%YZ";

/// `query-sev` with other values.
fn with(changes: Value) -> Value {
    let mut sev = query_sev();
    for (key, value) in changes.as_object().expect("an object") {
        sev[key] = value.clone();
    }
    sev
}

fn measured(answers: Vec<Value>) -> Result<Measured, VmmError> {
    let fake = Fake::answers(answers);
    let mut guest = Monitor::attached(fake.connect().expect("a monitor"));
    guest.measured()
}

fn data(size: usize) -> Value {
    let bytes: Vec<u8> = (0..=255).cycle().take(size).collect();
    json!({ "data": BASE64.encode(bytes) })
}

pub(crate) fn a_measurement_is_what_the_monitor_says() {
    let most = json!({ "api-major": 255, "api-minor": 55, "build-id": 31, "policy": u32::MAX });
    for sev in [with(most.clone()), with(json!({ "sev-type": "sev" }))] {
        let found = measured(vec![sev.clone(), data(48)]).expect("a measurement");
        assert_eq!(found.measurement.to_vec(), (0..48).collect::<Vec<u8>>());
        let parts = [found.version.major, found.version.minor, found.version.build];
        let wanted = ["api-major", "api-minor", "build-id"].map(|key| sev[key].as_u64());
        assert_eq!(parts.map(|part| Some(u64::from(part))), wanted);
        assert_eq!(Some(u64::from(found.policy)), sev["policy"].as_u64());
    }
}

pub(crate) fn what_is_no_measurement_is_told() {
    let numbers = [
        json!({ "api-major": 256 }),
        json!({ "api-minor": 311 }),
        json!({ "build-id": 1_u64 << 32 }),
        json!({ "build-id": -1 }),
        json!({ "api-major": 1.5 }),
        json!({ "api-major": "1" }),
        json!({ "policy": 1_u64 << 32 }),
        json!({ "policy": null }),
        json!({ "state": 5 }),
        json!({ "enabled": "yes" }),
        json!({ "sev-type": 5 }),
        json!({ "sev-type": "tdx" }),
    ];
    let mut wrong: Vec<_> =
        numbers.into_iter().map(|change| vec![with(change), data(48)]).collect();
    let texts = [data(47), data(49), data(0), data(1 << 20), json!({}), json!({ "data": 5 })];
    let garbage = [DATA, "%%%%", "AAAA=", "AAA", " AAAA"].map(|text| json!({ "data": text }));
    wrong.extend(texts.into_iter().chain(garbage).map(|answer| vec![query_sev(), answer]));
    wrong.extend([json!({}), json!([]), json!(5), json!(null)].map(|answer| vec![answer]));
    for answers in wrong {
        let shown = answers.iter().map(ToString::to_string).collect::<String>();
        match measured(answers) {
            Err(error @ VmmError::Strange { .. }) => {
                assert!(
                    error.to_string().contains("wanted")
                        || error.to_string().contains("base64")
                        || error.to_string().contains("255"),
                    "{error}"
                );
            }
            other => panic!("{shown:.300}: {other:?}"),
        }
    }
}

pub(crate) fn a_guest_that_cannot_be_measured_is_refused() {
    let snp = json!({ "enabled": true, "api-major": 1, "api-minor": 55, "build-id": 21, "state": "launch-update", "sev-type": "sev-snp", "snp-policy": 196_608 });
    let words = "SEV launch measurement is not available";
    for (answers, wanted) in [
        (vec![snp], "sev-launch report fetch"),
        (vec![with(json!({ "enabled": false }))], "not encrypted by SEV"),
        (vec![with(json!({ "state": "running" }))], "in the state running, wanted launch-secret"),
        (vec![with(json!({ "state": "launch-update" }))], "wanted launch-secret"),
        (vec![query_sev(), json!({ "refused": words })], words),
    ] {
        match measured(answers) {
            Err(VmmError::Refused { words, .. }) => assert!(words.contains(wanted), "{words}"),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn states_are_those_of_the_launch() {
    let asked = |answers: Vec<Value>| {
        let fake = Fake::answers(answers);
        let mut guest = Monitor::attached(fake.connect().expect("a monitor"));
        guest.state()
    };
    let status = |status: &str, running: bool| json!({ "status": status, "running": running, "singlestep": false });
    let waits = status("prelaunch", false);
    for (status, state, wanted) in [
        (&waits, "launch-secret", State::Waiting),
        (&status("running", true), "running", State::Running),
        (&status("paused", false), "running", State::Running),
        (&status("guest-panicked", false), "running", State::Running),
        (&waits, "send-update", State::Running),
        (&waits, "receive-update", State::Running),
        // Both cannot be: then no secret is handed in.
        (&status("running", true), "launch-secret", State::Running),
    ] {
        let found = asked(vec![status.clone(), with(json!({ "state": state }))]);
        assert_eq!(found.expect("a state"), wanted, "{status} {state}");
    }
    assert_eq!(asked(vec![status("shutdown", false)]).expect("a state"), State::Gone);
    for state in ["uninit", "launch-update", "x"] {
        let found = asked(vec![waits.clone(), with(json!({ "state": state }))]);
        assert!(matches!(found, Err(VmmError::Strange { .. })), "{found:?}");
    }
    for strange in [json!({}), json!({ "status": 1, "running": true }), json!({ "status": "x" })] {
        assert!(matches!(asked(vec![strange]), Err(VmmError::Strange { .. })));
    }
    // The connection is closed: nobody listens there any more, so it is gone.
    let fake = Fake::start(|mut talk| talk.greet());
    let mut guest = Monitor::attached(fake.connect().expect("a monitor"));
    assert_eq!(guest.state().expect("a state"), State::Gone);
    guest.end().expect("it is gone");
    fake.end();
    // And here somebody does.
    let folder = tempfile::tempdir().expect("a folder");
    let fake = Fake::start(|mut talk| talk.greet());
    let qmp = fake.connect().expect("a monitor");
    let sev_launch_agent::qmp::Address::Unix(path) = &fake.address else { panic!("a path") };
    std::fs::rename(path, folder.path().join("old")).expect("it is moved");
    let _listener = std::os::unix::net::UnixListener::bind(path).expect("a socket");
    let mut guest = Monitor::attached(qmp);
    assert!(matches!(guest.state(), Err(VmmError::Unreachable { .. })));
    assert!(matches!(guest.end(), Err(VmmError::Unreachable { .. })));
}

fn shown(changes: Value) -> Result<Host, VmmError> {
    let bytes = |size: usize| BASE64.encode(vec![1; size]);
    let mut answer = json!({ "pdh": bytes(2084), "cert-chain": bytes(6252), "cpu0-id": bytes(64), "cbitpos": 51, "reduced-phys-bits": 1 });
    for (key, value) in changes.as_object().expect("an object") {
        match value {
            Value::String(text) if text == "absent" => {
                answer.as_object_mut().expect("an object").remove(key);
            }
            value => answer[key] = value.clone(),
        }
    }
    let fake = Fake::answers(vec![answer]);
    monitor::host(&mut fake.connect().expect("a monitor"))
}

pub(crate) fn what_the_host_shows_has_its_sizes() {
    let host = shown(json!({})).expect("a host");
    assert_eq!((host.pdh.len(), host.cert_chain.len()), (2084, 6252));
    assert_eq!((host.cpu_id, host.cbitpos, host.reduced_phys_bits), (Some(vec![1; 64]), 51, 1));
    // QEMU before 7.1.
    assert_eq!(shown(json!({ "cpu0-id": "absent" })).expect("a host").cpu_id, None);
    let bytes = |size: usize| BASE64.encode(vec![1; size]);
    for wrong in [
        json!({ "pdh": "absent" }),
        json!({ "pdh": bytes(2083) }),
        json!({ "pdh": "%" }),
        json!({ "cert-chain": bytes(2084) }),
        json!({ "cert-chain": bytes(8336) }),
        json!({ "cpu0-id": "" }),
        json!({ "cpu0-id": bytes(257) }),
        json!({ "cpu0-id": null }),
        json!({ "cbitpos": 64 }),
        json!({ "cbitpos": -1 }),
        json!({ "cbitpos": "absent" }),
        json!({ "reduced-phys-bits": 1_u64 << 40 }),
    ] {
        let host = shown(wrong.clone());
        assert!(matches!(host, Err(VmmError::Strange { .. })), "{wrong:.60}: {host:?}");
    }
}

pub(crate) fn a_guest_that_does_not_run_after_cont_is_told() {
    let run = |answers: Vec<Value>| {
        let fake = Fake::answers(answers);
        Monitor::attached(fake.connect().expect("a monitor")).run()
    };
    run(vec![json!({}), json!({ "status": "running", "running": true })]).expect("it runs");
    let stopped = json!({ "status": "io-error", "running": false });
    let error = run(vec![json!({}), stopped]).expect_err("it does not run").to_string();
    assert!(error.contains("the guest is io-error after cont"), "{error}");
    assert!(matches!(run(vec![json!({}), json!(5)]), Err(VmmError::Strange { .. })));
    let refused = json!({ "refused": "Migration is not finalized yet" });
    assert!(matches!(run(vec![refused]), Err(VmmError::Refused { .. })));
}
