//! Keys that sign manifests, from files: private and public ones in every form that openssl writes.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sev_launch_verify::dsse::{Envelope, SigningKey, VerifyingKey};

use super::choices::Choices;
use super::{changes, der, pem};

/// The forms that openssl wrote of one key, in DER, each with its label in PEM.
static RIGHT: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let keys: Value =
        serde_json::from_str(include_str!("../../../testdata/signed/keys.json")).expect("JSON");
    let form = |(label, name): (&'static str, &str)| {
        let text = keys["files"][name].as_str().expect("text");
        let lines: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        (label, STANDARD.decode(lines).expect("base64"))
    };
    [
        ("PRIVATE KEY", "owner.pem"),
        ("EC PRIVATE KEY", "owner.sec1-plain.pem"),
        ("PUBLIC KEY", "owner.pub"),
        ("PUBLIC KEY", "owner.compressed.pub"),
        ("PRIVATE KEY", "secp384r1.pem"),
        ("PUBLIC KEY", "rsa.pub"),
    ]
    .map(form)
    .to_vec()
});

/// How many of them, from the first on, are on P-256.
const FITTING: usize = 4;

/// The first byte is one of [`RIGHT`], which the rest changes; or else the rest is looked at as it is.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let which = usize::from(choices.byte());
    match RIGHT.get(which) {
        Some((label, right)) => {
            let as_text = choices.byte() % 4 == 3;
            let mut changed = right.clone();
            der::change(&mut choices, &mut changed);
            let is_read = look_at(&changed);
            assert!(is_read == (which < FITTING) || changed != *right, "a right {label}");
            if as_text {
                let mut text = pem::written(label, &changed);
                assert_eq!(look_at(&text), is_read, "as text and as bytes");
                changes::make(&mut choices, &mut text);
                look_at(&text);
            }
        }
        None => {
            look_at(choices.rest());
        }
    }
}

/// Is it a key?
fn look_at(bytes: &[u8]) -> bool {
    let private = SigningKey::parse(bytes);
    let public = VerifyingKey::parse(bytes);
    if let Ok(key) = &public {
        assert!(private.is_err(), "private and public");
        assert_eq!(VerifyingKey::parse(&key.to_der()).as_ref(), Ok(key), "written and read");
    }
    if let Ok(key) = &private {
        let envelope = Envelope::sign("t", b"p".to_vec(), key).expect("signed");
        assert!(envelope.verify("t", &[key.public()]).is_ok(), "its own signature");
    }
    private.is_ok() || public.is_ok()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for which in 0..6 {
        seeds.push(vec![which, 0]);
        seeds.push(vec![which, 3]);
        for number in 0..6 {
            seeds.push([vec![which, 0], der::seed(4, number, &[])].concat());
        }
    }
    seeds.push([&[255], RIGHT[0].1.as_slice()].concat());
    seeds
}
