//! Signed manifests: with a key no manifest is taken that it did not sign, and without one none that is signed.
//!
//! Keys are those of `testdata/signed`, which openssl and cosign made.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::guest::{Guest, SEV};
use super::harness::Outcome;
use super::json::document;
use super::platform::{claims, reported};

/// A guest with `launch.toml`, its manifest, that manifest signed by the owner, and every key of `testdata/signed`.
fn signed_of(launch: &str) -> Guest {
    let guest = Guest::new().with_keys();
    let keys: Value =
        serde_json::from_str(include_str!("../../../../testdata/signed/keys.json")).expect("JSON");
    for (name, text) in keys["files"].as_object().expect("files") {
        let path = guest.file(name, text.as_str().expect("text"));
        fs::set_permissions(path, Permissions::from_mode(0o600)).expect("a mode");
    }
    guest.file("launch.toml", launch);
    guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
    sign(&guest, "manifest.json", "").answer();
    guest
}

fn signed() -> Guest {
    signed_of(SEV)
}

/// Signs into `signed.json`.
fn sign(guest: &Guest, manifest: &str, flags: &str) -> Outcome {
    guest.run(&format!("manifest sign {manifest} --key owner.pem -o signed.json {flags}")).go()
}

/// `verify` of a launch with the guest's digest.
fn verify(guest: &Guest, flags: &str) -> Outcome {
    let digest = guest.sev(Some(&guest.table()));
    guest.run(&format!("verify {} {flags}", claims(&reported(&digest, 1), 1))).go()
}

/// A no of which nothing stands on standard output.
#[track_caller]
fn refused(outcome: &Outcome, text: &str) {
    assert_eq!(outcome.code, Some(1), "{}\n{}", outcome.stdout, outcome.stderr);
    assert_eq!(outcome.stdout, "");
    let said = outcome.stderr.lines().any(|line| line.starts_with("no: ") && line.contains(text));
    assert!(said, "{text:?} is not in {}", outcome.stderr);
}

/// Every command that reads a manifest to judge by it, or to show it.
const READERS: [&str; 6] = [
    "manifest show FILE",
    "manifest show --json FILE",
    "manifest check FILE",
    "manifest check --format annotations FILE",
    "manifest publish FILE --to in-toto",
    "manifest diff FILE FILE",
];

fn reader(guest: &Guest, line: &str, file: &str, flags: &str) -> Outcome {
    guest.run(&format!("{} {flags}", line.replace("FILE", file))).go()
}

#[test]
fn a_signed_manifest_is_judged_by_and_the_verdict_says_who_signed_it() {
    let guest = signed();
    let keys: Value =
        serde_json::from_str(include_str!("../../../../testdata/signed/keys.json")).expect("JSON");
    let fingerprint = keys["owner_fingerprint"].as_str().expect("text");
    let flags = "--manifest signed.json --manifest-key owner.pub";
    let outcome = verify(&guest, flags);
    let yes = outcome.answer();
    assert!(yes.starts_with("yes"), "{yes}");
    assert!(outcome.notes().iter().any(|note| note.contains(fingerprint)), "{}", outcome.stderr);
    let found = document(&verify(&guest, &format!("{flags} --json")));
    let notes = found["notes"].to_string();
    assert!(notes.contains("signed by owner.pub") && notes.contains(fingerprint), "{notes}");
    // One of several keys is enough, as while keys are exchanged.
    verify(&guest, &format!("--manifest-key other.pub {flags}")).answer();
    // A digest that it does not have is a no, signed or not.
    let other = claims(&reported(&"00".repeat(32), 1), 1);
    let outcome = guest.run(&format!("verify {other} {flags}")).go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stdout.starts_with("no"), "{}", outcome.stdout);
}

#[test]
fn every_reader_of_manifests_reads_a_signed_one_as_what_is_in_it() {
    let guest = signed();
    for line in READERS {
        let plain = reader(&guest, line, "manifest.json", "");
        let read = reader(&guest, line, "signed.json", "--manifest-key owner.pub");
        let plain = plain.answer().replace("manifest.json", "signed.json");
        assert_eq!(read.answer(), plain, "{line}");
        assert!(read.notes().iter().any(|note| note.contains("signed by owner.pub")), "{line}");
    }
    // What is in it comes out as it was, and equal manifests are signed alike.
    let out = reader(&guest, READERS[1], "signed.json", "--manifest-key owner.pub");
    assert_eq!(out.answer().as_bytes(), guest.folder.read("manifest.json"));
    let before = guest.folder.read("signed.json");
    fs::remove_file(guest.folder.join("signed.json")).expect("a file");
    sign(&guest, "manifest.json", "").answer();
    assert_eq!(guest.folder.read("signed.json"), before);
    // Drift is named as in any manifest.
    let changed =
        guest.run("manifest check signed.json --manifest-key owner.pub --cmdline quiet").go();
    assert_eq!(changed.code, Some(1), "{}", changed.stderr);
    assert!(changed.stdout.contains("input cmdline"), "{}", changed.stdout);
}

#[test]
fn attack_no_unsigned_manifest_is_taken_where_a_key_is_given() {
    let guest = signed();
    let flags = "--manifest-key owner.pub";
    refused(&verify(&guest, &format!("--manifest manifest.json {flags}")), "is not signed");
    let packed =
        "--tek tek.bin --inject-secret luks-key:tik.bin --secret-header h --secret-payload p";
    refused(
        &verify(&guest, &format!("--manifest manifest.json {flags} {packed}")),
        "is not signed",
    );
    assert!(!guest.folder.join("p").exists());
    for line in READERS {
        refused(&reader(&guest, line, "manifest.json", flags), "is not signed");
    }
    // Of two manifests both are held to the key.
    for pair in ["signed.json manifest.json", "manifest.json signed.json"] {
        refused(&guest.run(&format!("manifest diff {pair} {flags}")).go(), "is not signed");
    }
}

#[test]
fn attack_no_signature_by_another_key_is_taken() {
    let guest = signed();
    for keys in ["--manifest-key other.pub", "--manifest-key other.pub --manifest-key cosign.pub"] {
        refused(
            &verify(&guest, &format!("--manifest signed.json {keys}")),
            "none of the envelope's",
        );
        for line in READERS {
            refused(&reader(&guest, line, "signed.json", keys), "none of the envelope's");
        }
    }
}

#[test]
fn attack_no_signed_manifest_is_taken_whose_signature_nobody_looks_at() {
    let guest = signed();
    let texts = ["is signed", "--manifest-key"];
    verify(&guest, "--manifest signed.json").refused_with(&texts);
    for line in READERS {
        reader(&guest, line, "signed.json", "").refused_with(&texts);
    }
    // Nothing is written over one, added to one, or signed twice.
    let before = guest.folder.read("signed.json");
    guest.run("manifest build -d launch.toml -o signed.json").go().refused_with(&texts);
    guest.run("manifest sign signed.json --key owner.pem").go().refused_with(&texts);
    let add = "manifest add signed.json --tik tik.bin --policy 0x1 --from-measurement";
    guest.file("info", "x");
    guest.run(&format!("{add} info")).go().refused_with(&texts);
    assert_eq!(guest.folder.read("signed.json"), before);
}

#[test]
fn attack_no_changed_bit_of_a_signed_manifest_is_taken() {
    let guest = signed();
    let right = guest.folder.read("signed.json");
    // The library's test changes every bit; each of these is a run of the command.
    for bit in (0..8 * right.len()).step_by(right.len() / 8 * 2 + 1) {
        let mut changed = right.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        guest.file("changed.json", &changed);
        let outcome = verify(&guest, "--manifest changed.json --manifest-key owner.pub");
        assert!(matches!(outcome.code, Some(1 | 2)), "bit {bit}: {:?}", outcome.code);
        assert_eq!(outcome.stdout, "", "bit {bit}");
    }
}

#[test]
fn attack_a_payload_put_under_anothers_signature_is_refused() {
    let guest = signed();
    let envelope = |guest: &Guest| -> Value {
        serde_json::from_slice(&guest.folder.read("signed.json")).expect("JSON")
    };
    let first = envelope(&guest);
    guest.file("launch.toml", SEV.replace("quiet", "debug"));
    fs::remove_file(guest.folder.join("manifest.json")).expect("a manifest");
    guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
    fs::remove_file(guest.folder.join("signed.json")).expect("an envelope");
    sign(&guest, "manifest.json", "").answer();
    let second = envelope(&guest);
    assert_ne!(first["signatures"], second["signatures"]);
    for mixed in [
        json!({"payloadType": first["payloadType"], "payload": second["payload"], "signatures": first["signatures"]}),
        json!({"payloadType": "application/json", "payload": first["payload"], "signatures": first["signatures"]}),
    ] {
        guest.file("mixed.json", mixed.to_string());
        let outcome = verify(&guest, "--manifest mixed.json --manifest-key owner.pub");
        assert!(matches!(outcome.code, Some(1 | 2)), "{}", outcome.stdout);
    }
    // Another's signature beside the owner's is told, and decides nothing.
    let both = [first["signatures"][0].clone(), second["signatures"][0].clone()];
    let mixed = json!({"payloadType": first["payloadType"], "payload": first["payload"], "signatures": both});
    guest.file("mixed.json", mixed.to_string());
    let outcome = verify(&guest, "--manifest mixed.json --manifest-key owner.pub");
    outcome.answer();
    let told = outcome.notes().iter().any(|note| note.contains("1 more signature"));
    assert!(told, "{}", outcome.stderr);
}

#[test]
fn other_keys_are_refused_by_name() {
    let guest = signed();
    for (key, text) in [
        ("secp384r1.pub", "P-384"),
        ("rsa.pub", "RSA"),
        ("ed25519.pub", "Ed25519"),
        ("owner.pem", "a private key"),
        ("owner.crt", "not a public key"),
        ("manifest.json", "not a public key"),
    ] {
        let flags = format!("--manifest signed.json --manifest-key {key}");
        verify(&guest, &flags).refused_with(&[key, text]);
        // A key that is none is told before an answer, also where another one signed it.
        verify(&guest, &format!("{flags} --manifest-key owner.pub")).refused_with(&[key, text]);
    }
    for (key, text) in [
        ("secp384r1.pem", "P-384"),
        ("rsa.pem", "RSA"),
        ("owner.encrypted.pem", "encrypted"),
        ("owner.encrypted-sec1.pem", "encrypted"),
        ("cosign.key", "cosign"),
        ("owner.pub", "not a private key"),
    ] {
        let outcome =
            guest.run(&format!("manifest sign manifest.json --key {key} -o new.json")).go();
        outcome.refused_with(&[key, text]);
        assert!(!guest.folder.join("new.json").exists());
    }
}

#[test]
fn attack_a_row_that_was_not_computed_is_signed_only_where_that_is_asked_for() {
    let guest = signed();
    let mut manifest: Value =
        serde_json::from_slice(&guest.folder.read("manifest.json")).expect("JSON");
    let mut row = manifest["rows"][0].clone();
    row["digest"] = json!("ee".repeat(32));
    row["obtained"] = json!({"how": "endorsed", "by": "somebody"});
    manifest["rows"].as_array_mut().expect("rows").push(row);
    guest.file("more.json", manifest.to_string());
    fs::remove_file(guest.folder.join("signed.json")).expect("an envelope");
    let outcome = sign(&guest, "more.json", "");
    refused(&outcome, "rows that were not computed");
    assert!(outcome.notes().iter().any(|note| note.contains("--accept-endorsed")));
    assert!(!guest.folder.join("signed.json").exists());
    sign(&guest, "more.json", "--accept-endorsed").answer();
    // Signed it is what it was: accepted only where that is asked for again.
    let other = claims(&reported(&"ee".repeat(32), 1), 1);
    let ask = |flags: &str| {
        let flags = format!("--manifest signed.json --manifest-key owner.pub {flags}");
        guest.run(&format!("verify {other} {flags}")).go()
    };
    assert_eq!(ask("").code, Some(1));
    ask("--accept-endorsed").answer();
}

#[test]
fn attack_no_manifest_of_a_guest_under_a_debug_policy_is_signed() {
    let guest = signed();
    guest.file("debug.toml", SEV.replace("0x1", "0x0"));
    guest.run("manifest build -d debug.toml -o debug.json").go().answer();
    fs::remove_file(guest.folder.join("signed.json")).expect("an envelope");
    let outcome = sign(&guest, "debug.json", "");
    assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
    assert!(!guest.folder.join("signed.json").exists());
    sign(&guest, "debug.json", "--allow-debug").answer();
}

#[test]
fn a_key_that_others_may_read_is_told() {
    let guest = signed();
    let warned = |mode: u32| {
        let path = guest.folder.join("owner.pem");
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
        let outcome = guest.run("manifest sign manifest.json --key owner.pem").go();
        outcome.answer();
        outcome
            .warnings()
            .iter()
            .any(|text| text.contains("owner.pem") && text.contains("chmod 600"))
    };
    assert_eq!([0o600, 0o400, 0o640, 0o604, 0o644].map(warned), [false, false, true, true, true]);
}

#[test]
fn attack_a_key_for_no_manifest_is_refused() {
    let guest = signed();
    let digest = guest.sev(Some(&guest.table()));
    let outcome = verify(&guest, &format!("--launch-digest {digest} --manifest-key owner.pub"));
    outcome.refused_with(&["--manifest-key", "--manifest"]);
}

#[test]
fn attack_no_signed_manifest_is_written_over_its_key_or_manifest() {
    let guest = signed();
    for file in ["owner.pem", "manifest.json"] {
        let before = guest.folder.read(file);
        let line = format!("manifest sign manifest.json --key owner.pem -o {file}");
        guest.run(&line).go().refused_with(&[file]);
        assert_eq!(guest.folder.read(file), before);
    }
}

#[test]
fn attack_an_envelope_that_says_two_things_is_refused() {
    let guest = signed();
    let text = String::from_utf8(guest.folder.read("signed.json")).expect("text");
    for (broken, said) in [
        (text.replacen('{', "{\"payload\":\"\",", 1), "duplicate field"),
        (text.replacen('{', "{\"manifest\":1,", 1), "is not signed"),
        (text.clone() + "{}", "not a signed manifest"),
        (text.replacen("\"keyid\"", "\"key_id\"", 1), "unknown field"),
        ("[]".to_owned(), "not a signed manifest"),
        (String::new(), "not a signed manifest"),
    ] {
        guest.file("broken.json", &broken);
        let outcome = verify(&guest, "--manifest broken.json --manifest-key owner.pub");
        assert!(matches!(outcome.code, Some(1 | 2)) && outcome.stdout.is_empty(), "{said}");
        assert!(outcome.stderr.contains(said), "{said}: {}", outcome.stderr);
        // And without a key nothing of it is a manifest either.
        assert_eq!(verify(&guest, "--manifest broken.json").code, Some(2), "{said}");
    }
}
