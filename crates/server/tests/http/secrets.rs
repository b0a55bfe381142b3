//! What is secret is in no answer, no log and no file, whatever happens.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sev_launch_protocol::views::Scope;
use sev_launch_server::conformance::{Ask, Client};

use crate::described;
use crate::host::{registration, validating};
use crate::lab::{Lab, TENANT, log, vmid};

const PASSPHRASE: &str = "planted: a passphrase that nobody shows";
const DATA: &[u8] = b"planted: bytes that nobody shows ";
const KEY: &[u8] = b"planted: a key of a bundle that nobody shows";

/// The secrets in the forms in which one could leak: as they are, in base64, in hex.
fn planted() -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = Vec::new();
    for (name, bytes) in [("passphrase", PASSPHRASE.as_bytes()), ("data", DATA), ("key", KEY)] {
        forms.push((name, bytes.to_vec()));
        forms.push((name, STANDARD.encode(bytes).into_bytes()));
        forms.push((name, hex::encode(bytes).into_bytes()));
        // `Debug` of a vector of bytes.
        let listed: Vec<String> = bytes.iter().take(8).map(ToString::to_string).collect();
        forms.push((name, listed.join(", ").into_bytes()));
    }
    forms
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).expect("a file")));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_secrets_are_nowhere() {
    let mut lab = Lab::new();
    let guest = vmid(1);
    let secrets = json!([
        { "type": "luks-passphrase", "passphrase": PASSPHRASE },
        { "guid": "5a1a7c04-2f8b-4b1f-9d7e-3f6c1b2a9d10", "data": STANDARD.encode(DATA) },
        { "type": "bundle", "guid": "e6f5a162-d67f-4750-a67c-5d065f2a9910", "keys": { "disk": STANDARD.encode(KEY) } },
    ]);
    let owner = lab.owner();
    let launcher = lab.launcher();
    let auditor = lab.token(TENANT, &[Scope::AuditRead]);
    let mut tokens = vec![owner.clone(), launcher.clone(), auditor.clone()];
    let mut client = Client::new(&lab.url(), None, Some(described::observer())).expect("a base");
    for (name, form) in planted() {
        client = client.watching_for(name, &form);
    }
    for token in &tokens {
        client = client.watching_for("a token", token.as_bytes());
    }
    lab.client = client;

    lab.upload().await;
    let path = format!("/vm/{guest}");
    let whole = registration(json!({ "secrets": secrets, "issue-launch-token": true }));
    let made = lab.expect(201, "", Ask::post(&path, &whole).by(&owner)).await;
    tokens.push(made["launch-token"].as_str().unwrap().to_owned());
    let post = |path: &str, body: &Value| Ask::post(path, body).by(&owner);
    // Right, repeated, measured, and with every mistake that quotes what was sent.
    lab.expect(200, "", post(&path, &whole)).await;
    lab.expect(
        409,
        "exists",
        post(&path, &registration(json!({ "secrets": secrets, "name": "b" }))),
    )
    .await;
    lab.expect(200, "", post("/measure", &whole)).await;
    let mistaken = |secrets: Value| registration(json!({ "secrets": secrets }));
    for secrets in [
        json!([{ "type": PASSPHRASE, "passphrase": PASSPHRASE }]),
        json!([{ "type": "luks-passphrase", "passphrase": [PASSPHRASE] }]),
        json!([{ "type": "luks-passphrase", "passphrase": format!("{PASSPHRASE}\n") }]),
        json!([{ "type": "luks-passphrase", "data": PASSPHRASE }]),
        json!([{ "guid": PASSPHRASE, "data": STANDARD.encode(DATA) }]),
        json!([{ "guid": "5a1a7c04-2f8b-4b1f-9d7e-3f6c1b2a9d10", "data": format!("{}!", STANDARD.encode(DATA)) }]),
        json!(PASSPHRASE),
        json!([PASSPHRASE]),
        json!([{ "type": "bundle", "guid": "5a1a7c04-2f8b-4b1f-9d7e-3f6c1b2a9d10", "keys": PASSPHRASE }]),
        json!([{ "type": "bundle", "guid": "5a1a7c04-2f8b-4b1f-9d7e-3f6c1b2a9d10", "keys": { "a": PASSPHRASE } }]),
        json!([{ "type": "luks-passphrase", "passphrase": PASSPHRASE }, { "type": "luks-passphrase", "passphrase": PASSPHRASE }]),
        json!([{ "type": "luks-passphrase", "passphrase": PASSPHRASE.repeat(400) }]),
    ] {
        let answer = lab.send(post(&format!("/vm/{}", vmid(2)), &mistaken(secrets))).await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    let cut = whole.to_string().into_bytes();
    for length in [cut.len() - 1, cut.len() / 2] {
        let ask =
            Ask::new(hyper::Method::POST, &path).bytes("application/json", cut[..length].to_vec());
        lab.expect(400, "malformed-json", ask.by(&owner)).await;
    }
    let tag = lab.send(Ask::get(&path).by(&owner)).await;
    let tag = tag.header("etag").unwrap().to_owned();
    let anew = registration(json!({ "secrets": secrets, "name": "anew" }));
    lab.expect(200, "", Ask::put(&path, &anew).by(&owner).header("if-match", tag)).await;

    // A refusal, a release, its repetition; then everything that shows something.
    let launch = lab.launch(&guest, &launcher).await;
    let (handle, shown) = lab.start(&launch);
    let mut wrong = shown.clone();
    wrong["measurement"] = json!("A".repeat(64));
    lab.expect(403, "measurement-mismatch", validating(&guest, &wrong, &launcher)).await;
    let packet = lab.expect(200, "", validating(&guest, &shown, &launcher)).await;
    lab.expect(200, "", validating(&guest, &shown, &launcher)).await;
    let opened = lab.open(handle, &packet);
    // So that what is looked for is what the guest gets.
    assert!(holds(&opened, PASSPHRASE.as_bytes()) && holds(&opened, DATA));
    let live = lab.launch(&guest, &launcher).await;
    assert!(live["launch-id"].is_string());
    for (path, token) in [
        (path.as_str(), &owner),
        ("/vm", &owner),
        ("/token", &owner),
        ("/firmware", &owner),
        ("/audit?limit=1000", &auditor),
        ("/audit/checkpoints", &auditor),
    ] {
        lab.expect(200, "", Ask::get(path).by(token)).await;
    }
    // A token in the place of other things.
    lab.expect(400, "bad-vmid", Ask::get(format!("/vm/{}", vmid(1).replace('-', "_"))).by(&owner))
        .await;
    for mistyped in [&owner[..owner.len() - 1], &format!("{owner}x")] {
        lab.expect(401, "bad-credentials", Ask::get("/vm").by(mistyped)).await;
    }

    let log = log();
    assert!(holds(&log, b"refused"), "the log is captured");
    let kept = files(&lab.store());
    // The command line is no secret: it is where one would be found.
    let cmdline = b"console=ttyS0 panic=1";
    assert!(
        kept.iter().any(|(_, bytes)| holds(bytes, cmdline)),
        "the files are those of the store"
    );
    let of_tokens = tokens.iter().flat_map(|token| {
        // Whole, and its secret part alone.
        let secret = token.get(17..60).unwrap_or_default();
        [("a token", token.clone().into_bytes()), ("a token's secret", secret.as_bytes().to_vec())]
    });
    for (name, form) in planted().into_iter().chain(of_tokens) {
        assert!(!holds(&log, &form), "the log holds {name}");
        for (file, bytes) in &kept {
            assert!(!holds(bytes, &form), "{file} holds {name}");
        }
    }

    // Deleted, the guest's secrets are not even sealed any more; the audit knows that there were some.
    lab.expect(204, "", Ask::delete(&path).by(&owner)).await;
    lab.expect(
        401,
        "bad-credentials",
        Ask::post(format!("{path}/launch"), &lab.launching()).by(&tokens[3]),
    )
    .await;
}
