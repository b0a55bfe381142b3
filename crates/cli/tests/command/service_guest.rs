//! `platform launch` and `platform inject`: a guest on a simulated platform, between the answers of an attestation service.
//!
//! The owner is played by `session` and `secret build`. The measurement is held against `sev_launch_testkit::expected`, which shares nothing
//! with the command.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sev_launch_testkit::expected::{Layout, measurement};

use super::guest::{CMDLINE, Guest, MILAN};
use super::harness::Outcome;

const LAUNCH: &str = "9e2c1d7a-5b0f-4c63-8f2e-1a7b3c5d9e01";
const SEV: u32 = 1;
const ES: u32 = 5;

/// A guest's files, a platform, and an answer to launch for each policy: `1.json`, `5.json`.
fn lab() -> Guest {
    let guest = Guest::new();
    run(&guest, "platform new rome --generation Rome").answer();
    run(&guest, "platform export rome certs").answer();
    for policy in [SEV, ES] {
        let line = format!(
            "session certs/platform.chain {policy} --ca certs/ask_ark.cert --root certs/ark.cert --name p{policy}"
        );
        run(&guest, &line).answer();
        let text = |name: &str| {
            let text = guest.folder.read(&format!("p{policy}_{name}.b64"));
            String::from_utf8(text).expect("base64").trim().to_owned()
        };
        let scheme = if policy == SEV { "amd-sev" } else { "amd-sev-es" };
        let answer = json!({
            "launch-id": LAUNCH, "scheme": scheme, "policy": policy, "session": text("session"),
            "owner-cert": text("godh"), "expires-at": "2026-08-01T00:00:00.000Z", "a-new-member": 1,
        });
        guest.file(&format!("{policy}.json"), answer.to_string());
    }
    guest.file("secret", "correct horse");
    guest
}

fn run(guest: &Guest, line: &str) -> Outcome {
    guest.run(line).go()
}

/// The flags of the guest's launch.
fn flags(policy: u32) -> &'static str {
    if policy == SEV { "" } else { "--vcpus 2 --vcpu-type EPYC-Milan" }
}

fn launch(guest: &Guest, policy: u32, state: &str) -> Value {
    let line = format!(
        "platform launch rome {policy}.json {state} --firmware OVMF.fd --kernel vmlinuz --initrd initrd.img {}",
        flags(policy)
    );
    let outcome = guest.run(&line).with(["--cmdline", CMDLINE]).go();
    serde_json::from_str(outcome.answer()).expect("JSON")
}

/// The answer to validate, with a packet by `secret build`.
fn answer(guest: &Guest, policy: u32, validate: &Value, name: &str) {
    let number = |name: &str| validate[name].as_u64().expect("a number");
    let line = format!(
        "secret build h{policy} p{policy} --secret luks-key:secret --policy {policy} --tik p{policy}_tik.bin --tek p{policy}_tek.bin \
         --firmware OVMF.fd --kernel vmlinuz --initrd initrd.img {} --api-major {} --api-minor {} --build-id {} --measurement {}",
        flags(policy),
        number("api-major"),
        number("api-minor"),
        number("build-id"),
        validate["measurement"].as_str().expect("a text"),
    );
    guest.run(&line).with(["--cmdline", CMDLINE]).go().answer();
    let [header, table] = [format!("h{policy}"), format!("p{policy}")]
        .map(|name| String::from_utf8(guest.folder.read(&name)).expect("base64").trim().to_owned());
    let answer = json!({"launch-id": LAUNCH, "secret-header": header, "secret-table": table});
    guest.file(name, answer.to_string());
}

#[test]
fn a_guest_is_measured_under_the_session_and_takes_its_packet_and_no_other() {
    let guest = lab();
    let table = guest.table();
    let es = guest.sev_es(Some(&table), (Layout::QemuNofpu, 0), MILAN, 2);
    for (policy, digest) in [(SEV, guest.sev(Some(&table))), (ES, es)] {
        let body = launch(&guest, policy, "guest");
        let blob = BASE64.decode(body["measurement"].as_str().expect("a text")).expect("base64");
        let byte = |name: &str| u8::try_from(body[name].as_u64().expect("a number")).expect("u8");
        let version = ["api-major", "api-minor", "build-id"].map(byte);
        let tik = guest.folder.read(&format!("p{policy}_tik.bin")).try_into().expect("16 bytes");
        let digest = hex::decode(&digest).expect("hex").try_into().expect("a SHA-256");
        let nonce = blob[32..].try_into().expect("16 bytes");
        assert_eq!(blob, measurement(&tik, version, policy, digest, nonce), "{policy}");
        assert_eq!((&body["launch-id"], &body["policy"]), (&json!(LAUNCH), &json!(policy)));

        answer(&guest, policy, &body, "answer.json");
        let line = "736869e5-84f0-4973-92ec-06879ce3da0b  13 bytes  LUKS passphrase";
        assert_eq!(run(&guest, "platform inject rome guest answer.json").line(), line);
        let revealed = format!("{line}  {}", BASE64.encode("correct horse"));
        assert_eq!(run(&guest, "platform inject rome guest answer.json --reveal").line(), revealed);

        // The same launch, started once more, is another guest: its nonce is another.
        assert_ne!(launch(&guest, policy, "other")["measurement"], body["measurement"]);
        let outcome = run(&guest, "platform inject rome other answer.json");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
        assert!(outcome.stderr.starts_with("no: "), "{}", outcome.stderr);
    }
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn what_is_no_answer_or_no_guest_is_refused() {
    let guest = lab();
    let launch = |answer: &str, flags: &str| {
        let line = format!("platform launch rome {answer} state --firmware OVMF.fd {flags}");
        run(&guest, &line)
    };
    let problem = json!({"code": "launch-limit", "title": "Enough", "detail": "again later"});
    guest.file("problem.json", problem.to_string());
    launch("problem.json", "").refused_with(&["problem.json", "launch-limit: again later"]);
    let snp = json!({"launch-id": LAUNCH, "scheme": "amd-sev-snp", "policy": 0x30000, "expires-at": "2026-08-01T00:00:00.000Z"});
    guest.file("snp.json", snp.to_string());
    launch("snp.json", "").refused_with(&["snp.json", "amd-sev-snp has no session"]);
    guest.file("empty.json", "{}");
    launch("empty.json", "").refused_with(&["empty.json", "not the answer"]);
    // The session was made for another policy, and the platform says so.
    let other: Value = serde_json::from_slice(&guest.folder.read("1.json")).expect("JSON");
    let mut changed = other.clone();
    changed["policy"] = json!(3);
    guest.file("changed.json", changed.to_string());
    launch("changed.json", "").refused_with(&["the platform refuses LAUNCH_START"]);
    launch("5.json", "--vcpus 1,2 --vcpu-type EPYC-Milan").refused_with(&["2 launches"]);
    assert!(!guest.folder.join("state").exists());

    launch("1.json", "").answer();
    let inject =
        |state: &str, answer: &str| run(&guest, &format!("platform inject rome {state} {answer}"));
    let awaited = json!({"launch-id": LAUNCH, "launch-state": "validated", "retry-after": 5});
    guest.file("awaited.json", awaited.to_string());
    inject("state", "awaited.json").refused_with(&["awaited.json", "no packet"]);
    inject("state", "problem.json").refused_with(&["launch-limit"]);
    inject("problem.json", "awaited.json").refused_with(&["problem.json", "platform launch"]);
    run(&guest, "platform new milan").answer();
    run(&guest, "platform inject milan state awaited.json").refused_with(&["no packet"]);
}
