//! Guests whose owner has no service: files in a folder, carried by hand.

use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_abi::PlatformVersion;
use sev_launch_agent::vmm::Measured;
use sev_launch_client::{Client, Connection, Credential, Patience};

use super::host::Host;
use super::owner::{self, AREA};
use super::service::{Owner, vmid};
use super::trusted::arrived;

/// Waits for a file of the agent's.
fn comes(folder: &Path, name: &str) -> String {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Ok(text) = std::fs::read_to_string(folder.join(name)) {
            return text;
        }
        assert!(Instant::now() < end, "{name} does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// As somebody writes who carries a file: not all at once, and not under its name.
fn carry(folder: &Path, name: &str, text: &str) {
    let part = folder.join("part");
    std::fs::write(&part, text).unwrap();
    std::fs::rename(part, folder.join(name)).unwrap();
}

fn folder(host: &Host) -> (std::path::PathBuf, String) {
    let folder = host.qemu.path("exchange");
    let name = folder.display().to_string();
    (folder, name)
}

/// The owner has `sev-launch session` and `sev-launch verify`, here as the library that is behind them.
pub(crate) fn an_owner_with_a_session_and_a_packet() {
    let unused = Owner::new();
    let Some(host) = Host::new("offline-", &unused, None, None) else { return };
    let (folder, name) = folder(&host);
    let mut agent = host.spawned(&["--offline", &name, "--policy", "0xb"]);
    comes(&folder, "launch-request.json");
    // PDH, PEK, OCA and CEK as the platform exports them, the CEK unsigned.
    let chain = std::fs::read(folder.join("platform.chain")).unwrap();
    let machine = super::service::machine();
    assert_eq!(chain.len(), 8336);
    assert_eq!(chain[..3 * 2084], machine.full_chain().unwrap()[..3 * 2084]);
    let session = owner::session();
    carry(&folder, "vm_session.b64", &STANDARD.encode(session.blob().to_bytes()));
    // The second comes later: a session is both.
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(host.pid(), None);
    carry(&folder, "vm_godh.b64", &format!("{}\n", STANDARD.encode(session.godh_certificate())));

    let evidence = comes(&folder, "evidence.txt");
    let lines: Vec<Value> =
        evidence.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let number = |name: &str| u8::try_from(lines[0]["return"][name].as_u64().unwrap()).unwrap();
    let measured = Measured {
        measurement: STANDARD
            .decode(lines[1]["return"]["data"].as_str().unwrap())
            .unwrap()
            .try_into()
            .unwrap(),
        version: PlatformVersion {
            major: number("api-major"),
            minor: number("api-minor"),
            build: number("build-id"),
        },
        policy: u32::from(number("policy")),
    };
    assert_eq!(host.status(), "prelaunch");
    let (packet, plain) = owner::secret(&owner::judge(session, &measured));
    carry(&folder, "header.b64", &STANDARD.encode(packet.header));
    carry(&folder, "payload.b64", &STANDARD.encode(&packet.payload));
    assert!(agent.wait().unwrap().success(), "{}", host.said());
    let acknowledged: Value =
        serde_json::from_str(&comes(&folder, "acknowledgement.json")).unwrap();
    assert_eq!(acknowledged["result"], "injected");
    assert_eq!(host.ended(), format!("Some({:x}) {}\n", AREA.0, hex::encode(plain)));

    // Answers that are there already are those of another launch.
    let came = host.started(&["--offline", &name, "--policy", "0xb"]);
    assert_eq!(came.code, Some(2), "{}", came.said);
    assert!(came.said.contains("each launch has a folder of its own"), "{}", came.said);
}

/// The owner's service is elsewhere, and somebody carries requests and answers.
pub(crate) fn a_service_that_this_host_does_not_reach() {
    let service = Owner::new();
    service.register(&json!({}));
    let Some(host) = Host::new("carried-", &service, None, None) else { return };
    let (folder, name) = folder(&host);
    let mut agent = host.spawned(&["--offline", &name]);
    let connection = Connection {
        base: format!("http://{}/v1", service.address).parse().unwrap(),
        ca: None,
        credential: Credential::Token(service.launcher.clone().into()),
    };
    let client = Client::new(connection, Patience::default()).unwrap();
    let request = serde_json::from_str(&comes(&folder, "launch-request.json")).unwrap();
    let answer = client.launch(vmid(), &request, "carried").unwrap();
    carry(&folder, "launch-answer.json", &serde_json::to_string(&answer).unwrap());
    let request = serde_json::from_str(&comes(&folder, "validate-request.json")).unwrap();
    let answer = client.validate(vmid(), &request).unwrap();
    carry(&folder, "validate-answer.json", &serde_json::to_string(&answer).unwrap());
    assert!(agent.wait().unwrap().success(), "{}", host.said());
    assert_eq!((host.ended(), service.releases()), (arrived(), (1, 0)));
}

pub(crate) fn what_is_no_answer_ends_in_a_no() {
    let unused = Owner::new();
    for (flag, name, text, wanted) in [
        ("0xb", "launch-answer.json", "{", "EOF"),
        ("0xb", "launch-answer.json", "{\"launch-id\":1}", "expected launch at line 1"),
        ("0xb", "vm_session.b64", "AAAA", "3 bytes, wanted 128"),
        ("0xb", "vm_session.b64", "!", "no base64"),
    ] {
        let Some(host) = Host::new("no-answer-", &unused, None, None) else { return };
        let (folder, exchange) = folder(&host);
        let mut agent = host.spawned(&["--offline", &exchange, "--policy", flag]);
        comes(&folder, "launch-request.json");
        carry(&folder, "vm_godh.b64", &STANDARD.encode([1; 2084]));
        carry(&folder, name, text);
        assert_eq!(agent.wait().unwrap().code(), Some(2), "{name}");
        assert!(host.said().contains(wanted), "{}", host.said());
        assert_eq!((host.pid(), host.open_launches()), (None, 0));
    }
    // Nobody answers.
    let Some(host) = Host::new("nobody-", &unused, None, None) else { return };
    let (_, exchange) = folder(&host);
    let came = host.started(&["--offline", &exchange, "--wait", "1"]);
    assert_eq!(came.code, Some(2), "{}", came.said);
    assert!(came.said.contains("came within 1 s"), "{}", came.said);
}
