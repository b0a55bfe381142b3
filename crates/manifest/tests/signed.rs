//! Signed manifests: envelopes of our own and of others are read; whatever is changed, broken or not signed by the key given is refused.
//!
//! Keys and envelopes are those of `testdata/signed`, which openssl, Python's cryptography, cosign and securesystemslib made. Statements that no
//! signer of ours would write are signed here by `sev_launch_verify::dsse`, which `verify/dsse.rs` holds to other libraries.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sev_launch_manifest::signed::{Kind, MAX_ENVELOPE_BYTES, SignedError, kind, sign};
use sev_launch_manifest::{Acceptance, Error, Manifest, Published, SignedManifest, publish};
use sev_launch_verify::dsse::{DsseError, Envelope, IN_TOTO, SigningKey, VerifyingKey};
use sev_launch_verify::outcome::Family;

fn testdata() -> (Value, Value) {
    let json = |text: &str| serde_json::from_str(text).expect("JSON");
    (
        json(include_str!("../../../testdata/signed/keys.json")),
        json(include_str!("../../../testdata/signed/envelopes.json")),
    )
}

fn file(name: &str) -> String {
    testdata().0["files"][name].as_str().expect(name).to_owned()
}

fn public(name: &str) -> VerifyingKey {
    VerifyingKey::parse(file(name).as_bytes()).expect(name)
}

fn owner() -> SigningKey {
    SigningKey::parse(file("owner.pem").as_bytes()).expect("a key")
}

/// One of the manifests that `make.py` has by hand.
fn by_hand(name: &str) -> Value {
    testdata().1["manifests"][name].clone()
}

fn manifest(value: &Value) -> Manifest {
    Manifest::from_json(value.to_string().as_bytes()).expect("a manifest")
}

fn verified(envelope: &[u8], key: &VerifyingKey) -> Result<Manifest, SignedError> {
    let read = SignedManifest::from_json(envelope)?;
    Ok(read.verify(std::slice::from_ref(key))?.into_manifest())
}

/// An envelope of any statement, signed by the owner.
fn of_statement(statement: &Value) -> Vec<u8> {
    of_payload(IN_TOTO, statement.to_string().as_bytes())
}

fn of_payload(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let signed = Envelope::sign(payload_type, payload.to_vec(), &owner()).expect("signed");
    let envelope = json!({
        "payloadType": payload_type,
        "payload": STANDARD.encode(payload),
        "signatures": [{"keyid": "", "sig": STANDARD.encode(&signed.signatures()[0].bytes)}],
    });
    envelope.to_string().into_bytes()
}

/// A right statement of the manifest by hand, written by hand from the specification.
fn statement() -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "one", "digest": {"sha384": "11".repeat(48)}},
            {"digest": {"sha384": "22".repeat(48)}},
        ],
        "predicateType": "https://github.com/sev-launch/sev-launch/manifest/v1",
        "predicate": by_hand("snp"),
    })
}

#[test]
fn what_cosign_securesystemslib_and_cryptography_signed_is_read() {
    let (_, envelopes) = testdata();
    let all = envelopes["envelopes"].as_array().expect("a list");
    assert_eq!(all.len(), 4);
    for one in all {
        let name = one["name"].as_str().expect("a name");
        let text = one["envelope"].as_str().expect("text").as_bytes();
        let wanted = manifest(&by_hand(if name == "cosign" { "sev-es" } else { "snp" }));
        let key = public(one["key"].as_str().expect("a key"));
        assert_eq!(verified(text, &key).as_ref(), Ok(&wanted), "{name}");
        let error = verified(text, &public("other.pub")).expect_err(name);
        assert_eq!(error, SignedError::Dsse(DsseError::NotSigned { signatures: 1 }));
        assert_eq!(error.family(), Family::Rejected);
    }
}

#[test]
fn a_manifest_comes_back_whole_and_says_by_whom_it_was_signed() {
    for name in ["snp", "sev-es"] {
        let manifest = manifest(&by_hand(name));
        let envelope = sign(&manifest, &Acceptance::COMPUTED, &owner()).expect("signed");
        assert!(envelope.ends_with(b"}\n") && !envelope.trim_ascii_end().contains(&b'\n'));
        assert_eq!(kind(&envelope), Kind::Envelope);
        let read = SignedManifest::from_json(&envelope).expect("an envelope");
        let keys = [public("other.pub"), owner().public()];
        let found = read.verify(&keys).expect("signed by the second");
        assert_eq!((found.manifest(), found.key()), (&manifest, &keys[1]));
        assert_eq!(found.others(), []);
        // Equal manifests are signed alike.
        assert_eq!(sign(&manifest, &Acceptance::COMPUTED, &owner()), Ok(envelope));
    }
}

#[test]
fn the_statement_is_the_one_that_the_specification_has() {
    let envelope = sign(&manifest(&by_hand("snp")), &Acceptance::COMPUTED, &owner());
    let envelope: Value = serde_json::from_slice(&envelope.expect("signed")).expect("JSON");
    assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
    let payload = STANDARD.decode(envelope["payload"].as_str().expect("text")).expect("base64");
    let mut found: Value = serde_json::from_slice(&payload).expect("JSON");
    let mut wanted = statement();
    let name = |vcpus: &str| format!("guest: {vcpus}, profile snp-qemu");
    wanted["subject"][0]["name"] = json!(name("1 vCPU"));
    wanted["subject"][1]["name"] = json!(name("2 vCPUs"));
    for row in found["predicate"]["rows"].as_array_mut().expect("rows") {
        assert_eq!(row["obtained"], json!({"how": "computed"}));
    }
    assert_eq!(found, wanted);
    assert!(verified(&of_statement(&statement()), &owner().public()).is_ok());
}

#[test]
fn what_is_published_can_be_signed_by_anybody_and_is_read() {
    let manifest = manifest(&by_hand("snp"));
    let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
    let statement = publish::in_toto::write(&published).expect("written");
    assert_eq!(verified(&of_payload(IN_TOTO, &statement), &owner().public()), Ok(manifest));
}

#[test]
fn attack_no_changed_bit_of_an_envelope_is_accepted() {
    let key = owner().public();
    let envelope = sign(&manifest(&by_hand("sev-es")), &Acceptance::COMPUTED, &owner());
    let right = envelope.expect("signed");
    assert!(verified(&right, &key).is_ok());
    for bit in 0..8 * right.len() {
        let mut changed = right.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(verified(&changed, &key).is_err(), "bit {bit}: {:?}", changed[bit / 8]);
    }
    for cut in 0..right.len() - 1 {
        assert!(verified(&right[..cut], &key).is_err(), "{cut} bytes");
    }
}

#[test]
fn attack_no_changed_bit_of_others_envelopes_means_anything_else() {
    let (_, envelopes) = testdata();
    for one in envelopes["envelopes"].as_array().expect("a list") {
        let right = one["envelope"].as_str().expect("text").as_bytes();
        let key = public(one["key"].as_str().expect("a key"));
        let wanted = verified(right, &key);
        let envelope: Value = serde_json::from_slice(right).expect("JSON");
        let key_id = envelope["signatures"][0]["keyid"].as_str().expect("an id").as_bytes();
        let at = right.windows(key_id.len().max(1)).position(|window| window == key_id);
        let key_id = at.unwrap_or(0)..at.map_or(0, |at| at + key_id.len());
        let payload = envelope["payload"].as_str().expect("text").as_bytes();
        let at = right.windows(payload.len()).position(|window| window == payload).expect("there");
        let payload = at..at + payload.len();
        let mut accepted = 0;
        // Of the payload every eleventh bit, for the time that it takes: all of them are tried above.
        let is_tried = |bit: &usize| !payload.contains(&(bit / 8)) || bit.is_multiple_of(11);
        for bit in (0..8 * right.len()).filter(is_tried) {
            let mut changed = right.to_vec();
            changed[bit / 8] ^= 1 << (bit % 8);
            let found = verified(&changed, &key);
            if found.is_ok() {
                accepted += 1;
                assert_eq!(found, wanted, "{}: bit {bit}", one["name"]);
                // Nobody signs the key's id, and it decides nothing.
                assert!(key_id.contains(&(bit / 8)), "{}: bit {bit}", one["name"]);
            }
        }
        assert_eq!(accepted == 0, key_id.is_empty(), "{}", one["name"]);
    }
}

#[test]
fn attack_a_broken_form_of_an_envelope_is_refused() {
    let key = owner().public();
    let right = of_statement(&statement());
    let value: Value = serde_json::from_slice(&right).expect("JSON");
    let text = String::from_utf8(right.clone()).expect("text");
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value = value.clone();
        change(&mut value);
        value.to_string()
    };
    let payload = value["payload"].as_str().expect("text").to_owned();
    let signature = value["signatures"][0].clone();
    let sig = signature["sig"].as_str().expect("text").to_owned();
    let broken = [
        ("nothing", String::new()),
        ("no object", "[]".to_owned()),
        ("a list for the object", format!("[\"{IN_TOTO}\", \"{payload}\", [{signature}]]")),
        ("two documents", text.clone() + &text),
        ("bytes after it", text.clone() + "x"),
        ("an unknown field", changed(&|value| value["more"] = json!(1))),
        (
            "a field left out",
            changed(&|value| drop(value.as_object_mut().map(|all| all.remove("payload")))),
        ),
        ("no signatures", changed(&|value| value["signatures"] = json!([]))),
        ("null for the signatures", changed(&|value| value["signatures"] = json!(null))),
        ("one signature without a list", changed(&|value| value["signatures"] = signature.clone())),
        ("a list for a signature", changed(&|value| value["signatures"] = json!([["", sig]]))),
        (
            "more signatures than there may be",
            changed(&|value| value["signatures"] = json!(vec![signature.clone(); 33])),
        ),
        (
            "an unknown field of a signature",
            changed(&|value| value["signatures"][0]["cert"] = json!("")),
        ),
        (
            "a key's id that is no text",
            changed(&|value| value["signatures"][0]["keyid"] = json!(null)),
        ),
        ("a payload twice", text.replacen('{', &format!("{{\"payload\":\"{payload}\","), 1)),
        ("signatures twice", text.replacen('{', "{\"signatures\":[],", 1)),
        ("a signature's bytes twice", text.replacen("\"sig\":", "\"sig\":\"\",\"sig\":", 1)),
        (
            "a payload with a line's end",
            changed(&|value| value["payload"] = json!(payload.clone() + "\n")),
        ),
        (
            "a payload without its padding",
            changed(&|value| value["payload"] = json!(payload.trim_end_matches('='))),
        ),
        (
            "a payload with more padding",
            changed(&|value| value["payload"] = json!(payload.clone() + "==")),
        ),
        ("a payload that is not encoded", changed(&|value| value["payload"] = statement())),
    ];
    for (what, text) in broken {
        // Base64 whose length needs no padding has none to leave out.
        if what == "a payload without its padding" && !payload.ends_with('=') {
            continue;
        }
        let error = verified(text.as_bytes(), &key).expect_err(what);
        assert_eq!(error.family(), Family::Malformed, "{what}: {error}");
    }
    // White space and the order of fields mean nothing, and the other alphabet of base64 is DSSE's too.
    let pretty = serde_json::to_string_pretty(&value).expect("JSON") + "\n";
    assert!(verified(pretty.as_bytes(), &key).is_ok());
    let bytes = STANDARD.decode(&payload).expect("base64");
    let url = changed(&|value| value["payload"] = json!(URL_SAFE.encode(&bytes)));
    assert!(verified(url.as_bytes(), &key).is_ok());
    let without = changed(&|value| value["signatures"][0] = json!({"sig": sig}));
    assert!(verified(without.as_bytes(), &key).is_ok(), "a signature may name no key");
}

#[test]
fn attack_base64_has_one_spelling() {
    // Payloads of every length modulo three: what the last letter's spare bits say is nobody's to choose.
    for size in 1..=3 {
        let payload = "{".repeat(size);
        let right: Value =
            serde_json::from_slice(&of_payload("t", payload.as_bytes())).expect("JSON");
        let text = right["payload"].as_str().expect("text");
        let letters = text.trim_end_matches('=');
        let last = letters.as_bytes()[letters.len() - 1];
        for other in (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').filter(|one| *one != last)
        {
            let padding = &text[letters.len()..];
            let changed =
                format!("{}{}{padding}", &letters[..letters.len() - 1], char::from(other));
            let mut value = right.clone();
            value["payload"] = json!(changed);
            let read = SignedManifest::from_json(value.to_string().as_bytes());
            let is_other = read.is_ok_and(|read| {
                read.envelope().danger_unverified_payload() == payload.as_bytes()
            });
            assert!(!is_other, "{changed} is read as {text}");
        }
        if text.ends_with('=') {
            let mut value = right.clone();
            value["payload"] = json!(URL_SAFE_NO_PAD.encode(&payload));
            let read = SignedManifest::from_json(value.to_string().as_bytes());
            assert_eq!(read, Err(SignedError::Base64 { field: "payload" }));
        }
    }
}

#[test]
fn attack_a_statement_whose_subjects_and_manifest_disagree_is_refused() {
    let key = owner().public();
    let subjects = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut statement = statement();
        change(statement["subject"].as_array_mut().expect("a list"));
        statement
    };
    let digest = |algorithm: &str, text: String| json!({"digest": {algorithm: text}});
    for (what, statement) in [
        ("none", subjects(&Vec::clear)),
        ("one less", subjects(&|all| drop(all.pop()))),
        ("one more", subjects(&|all| all.push(digest("sha384", "33".repeat(48))))),
        ("one twice", subjects(&|all| all.push(all[0].clone()))),
        ("another one", subjects(&|all| all[1] = digest("sha384", "33".repeat(48)))),
        ("another technology's", subjects(&|all| all[1] = digest("sha256", "22".repeat(32)))),
        ("under another algorithm", subjects(&|all| all[1] = digest("sha256", "22".repeat(48)))),
        ("none in a subject", subjects(&|all| all[1] = json!({"digest": {}}))),
        ("two in a subject", subjects(&|all| all[1]["digest"]["sha256"] = json!("22".repeat(32)))),
    ] {
        let error = verified(&of_statement(&statement), &key).expect_err(what);
        assert!(matches!(error, SignedError::Subjects { .. }), "{what}: {error}");
    }
    let unread = subjects(&|all| all[1] = digest("gitCommit", "22".repeat(20)));
    let error = verified(&of_statement(&unread), &key).expect_err("an unknown algorithm");
    assert!(matches!(error, SignedError::Json { part: "statement", .. }), "{error}");
    // The order means nothing.
    assert!(verified(&of_statement(&subjects(&|all| all.reverse())), &key).is_ok());
}

#[test]
fn attack_another_statement_signed_by_the_right_key_is_no_manifest() {
    let key = owner().public();
    let refused = |bytes: &[u8]| verified(bytes, &key).expect_err("another statement");
    let with = |field: &str, value: Value| {
        let mut statement = statement();
        statement[field] = value;
        of_statement(&statement)
    };
    for (field, found) in [
        ("_type", "https://in-toto.io/Statement/v2"),
        ("predicateType", "https://slsa.dev/provenance/v1"),
    ] {
        let error = refused(&with(field, json!(found)));
        let SignedError::StatementType { field: told, found: said, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!((*told, said.as_str()), (field, found));
    }
    let error = refused(&of_payload("text/plain", statement().to_string().as_bytes()));
    assert!(matches!(error, SignedError::Dsse(DsseError::PayloadType { .. })), "{error}");
    // A manifest alone, as the payload, is no statement; and neither is a statement with more in it.
    for bytes in [of_statement(&by_hand("snp")), with("more", json!(1)), with("subject", json!({}))]
    {
        let error = refused(&bytes);
        assert!(matches!(error, SignedError::Json { part: "statement", .. }), "{error}");
    }
    let text = statement().to_string();
    let twice = text.replacen('{', "{\"predicate\":{},", 1);
    assert!(matches!(refused(&of_payload(IN_TOTO, twice.as_bytes())), SignedError::Json { .. }));
    assert!(matches!(
        refused(&of_payload(IN_TOTO, (text + "x").as_bytes())),
        SignedError::Json { .. }
    ));
}

#[test]
fn the_manifest_in_a_statement_is_held_to_every_rule_of_manifests() {
    let key = owner().public();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut statement = statement();
        change(&mut statement["predicate"]);
        verified(&of_statement(&statement), &key).expect_err("a broken manifest")
    };
    let error = with(&|manifest| manifest["manifest"] = json!(2));
    assert_eq!(error, SignedError::Manifest(Error::Version { found: 2, wanted: 1 }));
    let error = with(&|manifest| manifest["rows"] = json!([]));
    assert_eq!(error, SignedError::Manifest(Error::NoRows));
    let error = with(&|manifest| manifest["description"] = json!({"technology": "sev"}));
    assert!(matches!(error, SignedError::Manifest(_)), "{error}");
    let error = with(&|manifest| manifest["unknown"] = json!(1));
    assert!(matches!(error, SignedError::Json { part: "statement", .. }), "{error}");
}

#[test]
fn attack_rows_that_were_not_computed_are_signed_only_where_that_is_asked_for() {
    let mut value = by_hand("snp");
    value["rows"][1]["obtained"] = json!({"how": "endorsed", "by": "somebody"});
    let manifest = manifest(&value);
    let error = sign(&manifest, &Acceptance::COMPUTED, &owner());
    assert_eq!(error, Err(SignedError::RowsNotAccepted { rows: 1 }));
    let accept = Acceptance { endorsed: true, ..Acceptance::COMPUTED };
    let envelope = sign(&manifest, &accept, &owner()).expect("asked for");
    // The row stays what it is: who verifies is asked again.
    assert_eq!(verified(&envelope, &owner().public()), Ok(manifest));
}

#[test]
fn attack_an_envelope_cannot_fill_the_memory() {
    let huge = vec![b' '; MAX_ENVELOPE_BYTES + 1];
    let error = SignedManifest::from_json(&huge).expect_err("too long");
    let (found, limit) = (huge.len(), MAX_ENVELOPE_BYTES);
    assert_eq!(error, SignedError::TooLong { part: "envelope", found, limit });
    let nested = format!("{{\"payload\": {}", "[".repeat(1 << 20));
    assert!(SignedManifest::from_json(nested.as_bytes()).is_err());
    assert_eq!(kind(nested.as_bytes()), Kind::Other);
}

#[test]
fn a_file_is_told_by_the_names_of_its_fields() {
    for (text, wanted) in [
        (by_hand("snp").to_string(), Kind::Manifest),
        (r#"{"manifest": 1, "payload": ""}"#.to_owned(), Kind::Manifest),
        (r#"{"payload": null, "signatures": []}"#.to_owned(), Kind::Envelope),
        (r#"{"payloadType": ""}"#.to_owned(), Kind::Envelope),
        (statement().to_string(), Kind::Other),
        (String::new(), Kind::Other),
        ("[1]".to_owned(), Kind::Other),
    ] {
        assert_eq!(kind(text.as_bytes()), wanted, "{text}");
    }
}
