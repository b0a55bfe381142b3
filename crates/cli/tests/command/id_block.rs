//! `id-block`: blocks built with keys that are here or elsewhere, and judged.
//!
//! The known answers are those of `testdata/vectors/sev-api.json`; one of them names a file that is not in this repository.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use p384::ecdsa::signature::Signer as _;
use p384::ecdsa::{Signature, SigningKey};
use serde_json::Value;
use sev_launch_testkit::certs::vectors::CertificateFiles;
use sev_launch_testkit::sev_api::{SevApi, text};
use sha2::Digest as _;

use super::guest::{Guest, MILAN};
use super::harness::{Folder, Outcome, Run};
use super::json::{check, check_strictness, document, schema};

const DIGEST: &str = "abfac8ef0c3d0f156fe711c2ef8653b8b26d43cd92dbae46a1730e70b3ca135b5bd721c29a5972aee7ef15fc83acea0e";

fn run(folder: &Folder, arguments: &str) -> Outcome {
    Run::new(arguments.split_ascii_whitespace()).in_folder(folder.path()).go()
}

/// A made-up key.
fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 48]).expect("the scalar is below the order")
}

/// ECPrivateKey (RFC 5915) with the curve's name and without the public half, by hand.
fn sec1(scalar: &[u8]) -> Vec<u8> {
    let curve = [0xa0, 7, 6, 5, 0x2b, 0x81, 4, 0, 0x22];
    let body = [&[2, 1, 1, 4, 48], scalar, &curve].concat();
    let length = u8::try_from(body.len()).expect("short");
    [&[0x30, length], body.as_slice()].concat()
}

pub(super) fn private(seed: u8) -> Vec<u8> {
    sec1(&[seed; 48])
}

/// The public half as a SEC1 point.
fn public(seed: u8) -> Vec<u8> {
    key(seed).verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

fn cases() -> Vec<Value> {
    let suite = SevApi::read();
    let cases = suite.group("id_block").to_vec();
    assert_eq!(cases.len(), 3);
    cases
}

fn bytes(case: &Value, name: &str) -> Vec<u8> {
    hex::decode(text(case, name)).expect("hex")
}

fn fields(case: &Value) -> String {
    format!(
        "--digest {} --family-id {} --image-id {} --guest-svn {} --policy {}",
        text(case, "launch_digest"),
        text(case, "family_id"),
        text(case, "image_id"),
        case["guest_svn"],
        text(case, "policy"),
    )
}

#[test]
fn known_blocks_are_built_to_the_byte() {
    let mut built = 0;
    for case in cases().iter().filter(|case| case["id_key_private"].is_string()) {
        let folder = Folder::new();
        folder.file("id.der", sec1(&bytes(case, "id_key_private")));
        let mut flags = format!("{} --id-key id.der", fields(case));
        if case["author_key_private"].is_string() {
            folder.file("author.der", sec1(&bytes(case, "author_key_private")));
            flags += " --author-key author.der";
        }
        let outcome = run(&folder, &format!("id-block build {flags} -o block auth --json"));
        let document = document(&outcome);
        check_strictness(&schema("id-block-build"), &document, &[]);
        assert_eq!(document["id_key_digest"], case["id_key_digest"]);
        if case["author_key_private"].is_string() {
            assert_eq!(document["author_key_digest"], case["author_key_digest"]);
        }
        assert_eq!(hex::encode(folder.read("block")), text(case, "id_block"));
        let auth = folder.read("auth");
        assert_eq!(hex::encode(sha2::Sha256::digest(&auth)), text(case, "id_auth_sha256"));
        run(&folder, &format!("id-block build {flags} -o block.b64 auth.b64 --base64")).answer();
        assert_eq!(folder.read("auth.b64"), BASE64.encode(auth).into_bytes());
        run(&folder, "id-block check block.b64 auth.b64").answer();
        built += 1;
    }
    assert_eq!(built, 2);
}

#[test]
fn a_published_block_is_taken() {
    let Some(files) = CertificateFiles::folder() else {
        return;
    };
    let cases = cases();
    let case = cases.iter().find(|case| case["id_auth_file"].is_string()).expect("one");
    let folder = Folder::new();
    folder.file("block", bytes(case, "id_block"));
    folder.file("auth", files.read(text(case, "id_auth_file")));
    let outcome = run(&folder, "id-block check block auth --json");
    let document = document(&outcome);
    check(&schema("id-block-check"), &document);
    assert_eq!(document["answer"], "yes");
    assert_eq!(document["id_key_digest"], case["id_key_digest"]);
    assert_eq!(document["author_key_digest"], case["author_key_digest"]);
}

#[test]
fn keys_that_live_elsewhere() {
    let folder = Folder::new();
    let block = format!("id-block build --digest {DIGEST} --policy 0x30000");
    folder.file("id.pub", public(1));
    folder.file("author.pub", public(2));
    let steps = "--to-be-signed block.bin --author-to-be-signed id.bin --id-public-key id.pub";
    run(&folder, &format!("{block} {steps}")).answer();
    assert_eq!((folder.read("block.bin").len(), folder.read("id.bin").len()), (96, 1028));
    let sign = |seed, name: &str| -> Signature { key(seed).sign(&folder.read(name)) };
    let (id, author) = (sign(1, "block.bin"), sign(2, "id.bin"));
    folder.file("id.sig", id.to_bytes());
    folder.file("id.sig.hex", hex::encode(id.to_bytes()));
    folder.file("author.sig", der(&author));
    let elsewhere = "--id-public-key id.pub --id-signature id.sig \
                     --author-public-key author.pub --author-signature author.sig";
    run(&folder, &format!("{block} {elsewhere} -o block auth")).answer();
    let hex = elsewhere.replace("id.sig", "id.sig.hex");
    run(&folder, &format!("{block} {hex} -o block2 auth2")).answer();
    folder.file("id.der", private(1));
    folder.file("author.der", private(2));
    run(&folder, &format!("{block} --id-key id.der --author-key author.der -o block3 auth3"))
        .answer();
    for other in ["2", "3"] {
        assert!(folder.read("block") == folder.read(&format!("block{other}")));
        assert!(folder.read("auth") == folder.read(&format!("auth{other}")), "{other}");
    }
    // One key here, one elsewhere.
    let mixed = "--id-key id.der --author-public-key author.pub --author-signature author.sig";
    run(&folder, &format!("{block} {mixed} -o block4 auth4")).answer();
    assert!(folder.read("auth") == folder.read("auth4"));
    // A signature over something else.
    let other = block.replace("0x30000", "0x20000");
    run(&folder, &format!("{other} {elsewhere} -o bad bad2"))
        .refused_with(&["signature is not by the ID key"]);
    assert!(!folder.join("bad").exists());
}

/// A signature in DER, by hand.
fn der(signature: &Signature) -> Vec<u8> {
    let (r, s) = signature.split_bytes();
    let number = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let mut body = bytes[zeros..].to_vec();
        if body[0] >= 0x80 {
            body.insert(0, 0);
        }
        [&[2, u8::try_from(body.len()).expect("short")], body.as_slice()].concat()
    };
    let body = [number(&r), number(&s)].concat();
    [&[0x30, u8::try_from(body.len()).expect("short")], body.as_slice()].concat()
}

#[test]
fn a_block_for_a_guest() {
    let guest = Guest::new();
    guest.file("id.der", private(1));
    let flags = "id-block build --firmware OVMF.fd --vcpu-type EPYC-Milan --policy 0x30000 --id-key id.der -o block auth";
    guest.run(&format!("{flags} --vcpus 2")).go().answer();
    let digest = guest.snp(None, MILAN, 2);
    assert_eq!(hex::encode(&guest.folder.read("block")[..48]), digest);
    guest
        .run(&format!("id-block check block auth --digest {digest} --policy 0x30000"))
        .go()
        .answer();
    guest.run(&format!("{flags} --vcpus 1,2")).go().refused_with(&["2 launch digests"]);
    guest.run(&flags.replace("--firmware OVMF.fd", "")).go().refused_with(&["--digest"]);
    guest.file("launch.toml", "technology = 'snp'\npolicy = 0x30001\nvcpus = 2");
    let described = guest.run(&format!("{flags} -d launch.toml")).go();
    described.refused_with(&[
        "launch.toml",
        "describes policy 0x30001",
        "policy 0x30000 is demanded",
    ]);
}

#[test]
fn each_broken_rule_is_named() {
    let folder = Folder::new();
    folder.file("id.der", private(1));
    folder.file("author.der", private(2));
    let block = format!("id-block build --digest {DIGEST} --policy 0x30000 --id-key id.der");
    run(&folder, &format!("{block} --author-key author.der -o block auth")).answer();
    let schema = schema("id-block-check");
    let judge = |flags: &str, says: &[&str]| {
        let outcome = run(&folder, &format!("id-block check {flags} --json"));
        assert_eq!(outcome.code, Some(1), "{flags}");
        let document = document(&outcome);
        check_strictness(&schema, &document, &[]);
        let broken = document["broken"].as_array().expect("a list");
        assert_eq!(broken.len(), says.len(), "{flags}: {broken:?}");
        for (rule, says) in broken.iter().zip(says) {
            assert!(rule.as_str().expect("a text").contains(says), "{rule}");
        }
        let text = run(&folder, &format!("id-block check {flags}"));
        assert_eq!((text.code, text.stdout.matches("  broken ").count()), (Some(1), says.len()));
    };
    judge(&format!("block auth --digest {}", "00".repeat(48)), &["launch digest"]);
    judge("block auth --policy 0x20000", &["policy"]);
    judge(
        &format!("block auth --policy 0x20000 --digest {}", "00".repeat(48)),
        &["launch digest", "policy"],
    );
    judge("block auth --author-key-enabled off", &["author"]);
    let change = |name: &str, at: usize| {
        let mut bytes = folder.read(name);
        bytes[at] ^= 1;
        folder.file("bad", bytes);
    };
    for (name, at, says) in [
        ("block", 0x00, &["signature is not by the ID key"][..]),
        ("block", 0x50, &["version 0", "signature is not by the ID key"]),
        ("block", 0x5a, &["bit 17", "signature"]),
        ("auth", 0x000, &["ID key algorithm 0"]),
        ("auth", 0x004, &["author key algorithm 0"]),
        ("auth", 0x008, &["reserved byte 0x8"]),
        ("auth", 0x040, &["signature is not by the ID key"]),
        ("auth", 0x244, &["ID key: ", "signature is not by the author key"]),
        ("auth", 0x680, &["signature is not by the author key"]),
        ("auth", 0xc84, &["reserved byte 0xc84"]),
    ] {
        change(name, at);
        if name == "block" && at == 0x5a {
            // 0x30000 with another bit: 17 is the second of this byte.
            let mut bytes = folder.read("block");
            bytes[at] ^= 2;
            folder.file("bad", bytes);
        }
        let flags = if name == "block" { "bad auth" } else { "block bad" };
        judge(flags, says);
    }
}

#[test]
fn insecure_policies_are_refused() {
    let folder = Folder::new();
    folder.file("id.der", private(1));
    for (policy, flag) in [("0xb0000", "--allow-debug"), ("0x70000", "--allow-migration-agent")] {
        let flags = format!(
            "id-block build --digest {DIGEST} --policy {policy} --id-key id.der -o block auth"
        );
        let outcome = run(&folder, &flags);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), ""), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(flag));
        assert!(!folder.join("block").exists());
        run(&folder, &format!("{flags} {flag}")).answer();
        let outcome = run(&folder, "id-block check block auth");
        outcome.answer();
        assert_eq!(outcome.warnings().len(), 1, "{}", outcome.stderr);
        std::fs::remove_file(folder.join("block")).expect("it is there");
    }
}

#[test]
fn malformed_inputs_are_undecided() {
    let folder = Folder::new();
    folder.file("id.der", private(1));
    folder.file("zero.der", sec1(&[0; 48]));
    folder.file("text", "text");
    folder.file("parameters.pem", "-----BEGIN EC PARAMETERS-----\n");
    folder.file("encrypted.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
    folder.file("short", [0; 95]);
    folder.file("auth", [0; 4096]);
    folder.file("point", [4; 97]);
    let block = format!("id-block build --digest {DIGEST} --policy 0x30000 -o block auth");
    for (arguments, says) in [
        (format!("{block} --id-key text"), "text"),
        (format!("{block} --id-key zero.der"), "zero.der"),
        (format!("{block} --id-key missing"), "missing"),
        (format!("{block} --id-key parameters.pem"), "EC PARAMETERS, which names P-384"),
        (format!("{block} --id-key encrypted.pem"), "decrypt"),
        (block.clone(), "--id-key"),
        (format!("{block} --id-public-key point --id-signature short"), "point"),
        (format!("{block} --id-signature short"), "--id-public-key"),
        (format!("{block} --id-key id.der --id-public-key point"), "cannot be used"),
        (format!("{block} --id-key id.der --author-public-key point"), "--author-signature"),
        (format!("{block} --id-key id.der --to-be-signed x"), "cannot be used"),
        ("id-block build --policy 0x30000 --id-key id.der".into(), "--out"),
        (
            format!(
                "id-block build --digest {DIGEST} --policy 0x10000 --id-key id.der -o block auth2"
            ),
            "bit 17",
        ),
        (
            format!("id-block build --digest {DIGEST} --policy 0x30000 --author-to-be-signed x"),
            "--id-public-key",
        ),
        ("id-block check short auth".into(), "short"),
        ("id-block check text auth".into(), "text"),
        ("id-block check short missing".into(), "short"),
    ] {
        run(&folder, &arguments).refused_with(&[says]);
    }
    assert!(!folder.join("block").exists());
    assert_eq!(folder.read("auth"), [0; 4096]);
}
