//! Envelopes: signatures are those of DSSE's own example and of other libraries; what others signed verifies, and nothing else does.
//!
//! Keys and signatures are those of `testdata/signed`, which openssl, Python's cryptography, cosign and securesystemslib made.

use serde_json::Value;
use sev_launch_verify::dsse::{
    DsseError, Envelope, IN_TOTO, KeyError, MAX_SIGNATURES, Signature, SigningKey, VerifyingKey,
};
use sev_launch_verify::outcome::Family;

fn keys() -> Value {
    serde_json::from_str(include_str!("../../../testdata/signed/keys.json")).expect("JSON")
}

fn envelopes() -> Value {
    serde_json::from_str(include_str!("../../../testdata/signed/envelopes.json")).expect("JSON")
}

fn file(name: &str) -> String {
    keys()["files"][name].as_str().unwrap_or_else(|| panic!("no file {name}")).to_owned()
}

fn public(name: &str) -> VerifyingKey {
    VerifyingKey::parse(file(name).as_bytes()).expect(name)
}

fn private(name: &str) -> Result<SigningKey, KeyError> {
    SigningKey::parse(file(name).as_bytes())
}

fn owner() -> SigningKey {
    private("owner.pem").expect("a key")
}

fn bytes(hex: &Value) -> Vec<u8> {
    hex::decode(hex.as_str().expect("text")).expect("hex")
}

/// The example of DSSE's protocol.md: a key, a payload, and its signature as r and s.
const SCALAR: &str = "d73ec437fd6346e3619c5ebfdfff0f6916804955ad32ac9ac492b0ede1f6ffb7";
const EXAMPLE_TYPE: &str = "http://example.com/HelloWorld";
const EXAMPLE_R: &str = "03726ab101ad56c2763b6c6aac8e487275e2a79193a09dc5f859d9f8ef3c4a3b";
const EXAMPLE_S: &str = "51eab0c06a369b64a7222537d4887a893dc200ae21060074d57825235b624864";

#[test]
fn the_specifications_own_example_comes_out() {
    let scalar: [u8; 32] = hex::decode(SCALAR).expect("hex").try_into().expect("32 bytes");
    let key = SigningKey::from_scalar(&scalar).expect("a key");
    let envelope = Envelope::sign(EXAMPLE_TYPE, b"hello world".to_vec(), &key).expect("signed");
    // By hand: a SEQUENCE of two positive numbers of 32 bytes.
    let der = format!("3044 0220{EXAMPLE_R} 0220{EXAMPLE_S}").replace(' ', "");
    assert_eq!(hex::encode(&envelope.signatures()[0].bytes), der);
    let verified = envelope.verify(EXAMPLE_TYPE, &[key.public()]).expect("verified");
    assert_eq!((verified.payload(), verified.others()), (b"hello world".as_slice(), [].as_slice()));
}

#[test]
fn equal_payloads_have_the_signatures_that_another_library_makes() {
    let all = envelopes();
    let all = all["deterministic"]["signatures"].as_array().expect("a list").clone();
    assert_eq!(all.len(), 6);
    for one in all {
        let kind = one["payload_type"].as_str().expect("text");
        let signed = Envelope::sign(kind, bytes(&one["payload"]), &owner()).expect("signed");
        assert_eq!(signed.signatures()[0].bytes, bytes(&one["signature"]), "{one}");
        assert_eq!(signed.signatures()[0].key_id, "");
    }
}

#[test]
fn every_form_of_the_key_is_the_same_key() {
    let wanted = owner().public();
    for name in ["owner.sec1.pem", "owner.sec1-plain.pem"] {
        assert_eq!(private(name).map(|key| key.public()).as_ref(), Ok(&wanted), "{name}");
    }
    for name in ["owner.pub", "owner.compressed.pub"] {
        assert_eq!(public(name), wanted, "{name}");
    }
    assert_eq!(VerifyingKey::parse(&wanted.to_der()).as_ref(), Ok(&wanted));
    // openssl pkey -pubin -outform DER | sha256sum
    let fingerprint = keys()["owner_fingerprint"].as_str().expect("text").to_owned();
    assert_eq!(hex::encode(wanted.fingerprint()), fingerprint);
}

#[test]
fn other_keys_are_refused_by_name() {
    let refused = |name: &str| private(name).err().expect(name);
    assert_eq!(refused("owner.encrypted.pem"), KeyError::Encrypted);
    assert_eq!(refused("owner.encrypted-sec1.pem"), KeyError::Encrypted);
    assert_eq!(refused("cosign.key"), KeyError::EncryptedByCosign);
    assert_eq!(refused("owner.pub"), KeyError::Private);
    for (name, found) in [
        ("secp384r1", "P-384"),
        ("secp521r1", "P-521"),
        ("secp256k1", "secp256k1"),
        ("rsa", "RSA"),
        ("ed25519", "Ed25519"),
    ] {
        let wanted = match name.starts_with("secp") {
            true => KeyError::Curve { found: found.to_owned() },
            false => KeyError::Algorithm { found: found.to_owned() },
        };
        assert_eq!(refused(&format!("{name}.pem")), wanted);
        let public = VerifyingKey::parse(file(&format!("{name}.pub")).as_bytes());
        assert_eq!(public, Err(wanted));
    }
    let parse = |text: &str| VerifyingKey::parse(text.as_bytes());
    for name in ["owner.pem", "owner.sec1.pem", "owner.encrypted.pem", "cosign.key"] {
        assert_eq!(parse(&file(name)), Err(KeyError::PrivateForPublic), "{name}");
    }
    let twice = file("owner.pub") + &file("other.pub");
    for text in ["", "x", &file("owner.crt"), &twice, &(file("owner.pub") + "x")] {
        assert_eq!(parse(text), Err(KeyError::Public), "{text}");
    }
    assert_eq!(SigningKey::parse(b"").err(), Some(KeyError::Private));
    assert_eq!(SigningKey::from_scalar(&[0; 32]).err(), Some(KeyError::Private));
    assert_eq!(SigningKey::from_scalar(&[0xff; 32]).err(), Some(KeyError::Private));
}

#[test]
fn attack_a_private_key_with_the_public_half_of_another_is_refused() {
    // The last bytes of openssl's files are the point: those of another key are put there.
    let der = |name: &str| {
        let text = file(name);
        let lines: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, lines).expect("base64")
    };
    let mut key = der("owner.pem");
    assert!(SigningKey::parse(&key).is_ok());
    let other = der("other.pub");
    let at = key.len() - 64;
    key[at..].copy_from_slice(&other[other.len() - 64..]);
    assert_eq!(SigningKey::parse(&key).err(), Some(KeyError::OtherHalf));
    // No point of the curve at all.
    key[at..].fill(1);
    assert_eq!(SigningKey::parse(&key).err(), Some(KeyError::OtherHalf));
}

const TYPE: &str = "text/plain";
const PAYLOAD: &[u8] = b"a payload";

fn with(payload_type: &str, payload: &[u8], signatures: &[&[u8]]) -> Result<Envelope, DsseError> {
    let signature = |bytes: &&[u8]| Signature { key_id: String::new(), bytes: bytes.to_vec() };
    let signatures = signatures.iter().map(signature).collect();
    Envelope::new(payload_type.to_owned(), payload.to_vec(), signatures)
}

fn signature() -> Vec<u8> {
    let signed = Envelope::sign(TYPE, PAYLOAD.to_vec(), &owner()).expect("signed");
    signed.signatures()[0].bytes.clone()
}

#[test]
fn attack_no_changed_bit_of_payload_type_or_signature_verifies() {
    let keys = [owner().public()];
    let right = signature();
    let ask = |kind: &str, payload: &[u8], signature: &[u8]| {
        with(kind, payload, &[signature]).expect("an envelope").verify(kind, &keys)
    };
    assert!(ask(TYPE, PAYLOAD, &right).is_ok());
    let no = Err(DsseError::NotSigned { signatures: 1 });
    let flips = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let flip = |bit: usize| {
            let mut changed = bytes.to_vec();
            changed[bit / 8] ^= 1 << (bit % 8);
            changed
        };
        (0..8 * bytes.len()).map(flip).collect()
    };
    for changed in flips(PAYLOAD) {
        assert_eq!(ask(TYPE, &changed, &right), no);
    }
    for changed in flips(&right) {
        assert_eq!(ask(TYPE, PAYLOAD, &changed), no, "{}", hex::encode(&changed));
    }
    for changed in flips(TYPE.as_bytes()) {
        let Ok(changed) = String::from_utf8(changed) else { continue };
        assert_eq!(ask(&changed, PAYLOAD, &right), no, "{changed:?}");
        // And where the reader wants the right type, another is told by name.
        let envelope = with(&changed, PAYLOAD, &[&right]).expect("an envelope");
        let error = envelope.verify(TYPE, &keys).expect_err("another type");
        assert_eq!(error, DsseError::PayloadType { found: changed, wanted: TYPE.to_owned() });
    }
    // What moves between type and payload: the encoding has the length of each.
    assert_eq!(ask("text/plai", b"na payload", &right), no);
    for cut in 0..right.len() {
        assert_eq!(ask(TYPE, PAYLOAD, &right[..cut]), no);
    }
    assert_eq!(ask(TYPE, PAYLOAD, &[right.as_slice(), &[0]].concat()), no, "bytes after it");
}

#[test]
fn both_halves_of_s_are_taken_and_no_other_form_of_a_signature() {
    // s = 0 and r = 0, r or s of the order or more, raw bytes: by hand. The order is FIPS 186-5's.
    let order = "00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let keys = [owner().public()];
    for wrong in [
        "3006020100020100".to_owned(),
        "3006020101020100".to_owned(),
        "3006020100020101".to_owned(),
        format!("3026 020101 0221{order}").replace(' ', ""),
        format!("3026 0221{order} 020101").replace(' ', ""),
        format!("{EXAMPLE_R}{EXAMPLE_S}"),
        String::new(),
    ] {
        let envelope = with(TYPE, PAYLOAD, &[&hex::decode(&wrong).expect("hex")]).expect("one");
        let no = Err(DsseError::NotSigned { signatures: 1 });
        assert_eq!(envelope.verify(TYPE, &keys), no, "{wrong}");
    }
    for name in ["low s", "high s"] {
        let all = envelopes();
        let found = all["envelopes"].as_array().expect("a list").iter();
        let found = found.clone().find(|one| one["name"] == name).expect(name);
        let text = found["envelope"].as_str().expect("text");
        let stored: Value = serde_json::from_str(text).expect("JSON");
        let decode = |value: &Value| {
            let text = value.as_str().expect("text");
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).expect("it")
        };
        let payload = decode(&stored["payload"]);
        let envelope = with(IN_TOTO, &payload, &[&decode(&stored["signatures"][0]["sig"])]);
        assert!(envelope.expect("one").verify(IN_TOTO, &keys).is_ok(), "{name}");
    }
}

#[test]
fn of_several_signatures_one_by_a_given_key_is_enough_and_the_others_are_told() {
    let right = signature();
    let other = public("other.pub");
    let envelope = || with(TYPE, PAYLOAD, &[b"of another kind", &right]).expect("an envelope");
    let verified = envelope().verify(TYPE, &[other.clone(), owner().public()]).expect("verified");
    assert_eq!(verified.key(), &owner().public());
    assert_eq!(
        verified.others(),
        [Signature { key_id: String::new(), bytes: b"of another kind".to_vec() }]
    );
    let error = envelope().verify(TYPE, &[other]).expect_err("another key");
    assert_eq!(error, DsseError::NotSigned { signatures: 2 });
    assert_eq!(error.family(), Family::Rejected);
}

#[test]
fn an_envelope_without_signatures_or_a_verifier_without_keys_is_no_yes() {
    assert_eq!(with(TYPE, PAYLOAD, &[]), Err(DsseError::NoSignature));
    let right = signature();
    let most = vec![right.as_slice(); MAX_SIGNATURES];
    assert!(with(TYPE, PAYLOAD, &most).expect("as many").verify(TYPE, &[owner().public()]).is_ok());
    let found = u64::try_from(MAX_SIGNATURES + 1).expect("small");
    let more = vec![right.as_slice(); MAX_SIGNATURES + 1];
    assert_eq!(with(TYPE, PAYLOAD, &more), Err(DsseError::TooManySignatures { found }));
    let envelope = with(TYPE, PAYLOAD, &[&right]).expect("an envelope");
    let error = envelope.verify(TYPE, &[]).expect_err("no key");
    assert_eq!((error.family(), error), (Family::Malformed, DsseError::NoKey));
}
