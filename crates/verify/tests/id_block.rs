//! ID blocks and their authentication: known answers, both ways to sign, and every rule broken once.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use base64::Engine as _;
use serde_json::Value;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::snp::policy::Policy;
use sev_launch_testkit::certs::vectors::CertificateFiles;
use sev_launch_testkit::sev_api::{SevApi, text};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::snp::id_block::{
    Author, AuthorKey, IdAuth, IdBlock, IdBlockError, IdKey, IdPrivateKey, IdPublicKey,
    IdSignature, Rule,
};
use sha2::Digest as _;

fn bytes<const N: usize>(value: &Value, key: &str) -> [u8; N] {
    hex::decode(text(value, key)).unwrap().try_into().unwrap()
}

fn key(value: &Value, key: &str) -> Option<IdPrivateKey> {
    value[key].as_str().map(|_| IdPrivateKey::from_scalar(&bytes(value, key)).unwrap())
}

fn block_of(case: &Value) -> IdBlock {
    IdBlock::new(
        text(case, "launch_digest").parse::<LaunchDigest>().unwrap(),
        bytes(case, "family_id"),
        bytes(case, "image_id"),
        u32::try_from(case["guest_svn"].as_u64().unwrap()).unwrap(),
        Policy::from_bits(u64::from_str_radix(&text(case, "policy")[2..], 16).unwrap()),
    )
}

#[test]
fn known_answers() {
    let vectors = SevApi::read();
    let cases = vectors.group("id_block");
    assert_eq!(cases.len(), 3);
    let files = CertificateFiles::folder();
    let (mut signed, mut read) = (0, 0);
    for case in cases {
        let name = text(case, "name");
        let block = block_of(case);
        assert_eq!(hex::encode(block.to_bytes()), text(case, "id_block"), "{name}");
        assert_eq!(IdBlock::from_bytes(&block.to_bytes()), Ok(block), "{name}");
        let auth = if let Some(id_key) = key(case, "id_key_private") {
            signed += 1;
            IdAuth::sign(&block, &id_key, key(case, "author_key_private").as_ref())
        } else {
            let Some(files) = &files else { continue };
            read += 1;
            IdAuth::from_bytes(&files.read(text(case, "id_auth_file"))).unwrap()
        };
        let sha256 = hex::encode(sha2::Sha256::digest(auth.as_bytes()));
        assert_eq!(sha256, text(case, "id_auth_sha256"), "{name}");
        assert_eq!(hex::encode(auth.id_key_digest()), text(case, "id_key_digest"), "{name}");
        let author_digest = text(case, "author_key_digest");
        assert_eq!(hex::encode(auth.author_key_digest()), author_digest, "{name}");
        let (author, other) = if author_digest.contains(|c| c != '0') {
            (AuthorKey::Enabled, AuthorKey::Disabled)
        } else {
            (AuthorKey::Disabled, AuthorKey::Enabled)
        };
        assert_eq!(auth.check_for(&block, author, block.launch_digest, block.policy), Ok(()));
        assert!(auth.check(&block, other).is_err(), "{name}");
    }
    assert_eq!(signed, 2);
    assert_eq!(read, usize::from(files.is_some()));
}

fn block() -> IdBlock {
    let digest = LaunchDigest::from_bytes([0xd1; 48]);
    IdBlock::new(digest, [1; 16], [2; 16], 3, Policy::from_bits(0x3_0000))
}

fn id_key() -> IdPrivateKey {
    IdPrivateKey::from_scalar(&[0x11; 48]).unwrap()
}

fn author_key() -> IdPrivateKey {
    IdPrivateKey::from_scalar(&[0x22; 48]).unwrap()
}

/// r and s as a machine that holds a key returns them, big-endian, from the 512 bytes.
fn raw(signature: &IdSignature) -> [Vec<u8>; 2] {
    let field = signature.to_bytes();
    [0, 72].map(|at| field[at..at + 48].iter().rev().copied().collect())
}

fn der(numbers: &[Vec<u8>; 2]) -> Vec<u8> {
    let integers: Vec<u8> = numbers
        .iter()
        .flat_map(|number| {
            let zeros = number.iter().take_while(|byte| **byte == 0).count();
            let mut number = number[zeros..].to_vec();
            if number[0] >= 0x80 {
                number.insert(0, 0);
            }
            [vec![2, u8::try_from(number.len()).unwrap()], number].concat()
        })
        .collect();
    [vec![0x30, u8::try_from(integers.len()).unwrap()], integers].concat()
}

#[test]
fn two_steps_give_what_one_gives() {
    let (id_key, author_key, block) = (id_key(), author_key(), block());
    let one = IdAuth::sign(&block, &id_key, Some(&author_key));
    let (id_public, author_public) = (id_key.public(), author_key.public());
    let by_id = raw(&id_key.sign(&block.to_bytes()));
    let by_author = raw(&author_key.sign(&id_public.to_bytes()));
    for form in [
        |numbers: &[Vec<u8>; 2]| IdSignature::from_raw(&numbers.concat()),
        |numbers: &[Vec<u8>; 2]| IdSignature::from_der(&der(numbers)),
    ] {
        let signature = form(&by_id).unwrap();
        let author = Author { key: author_public.clone(), signature: form(&by_author).unwrap() };
        let two = IdAuth::assemble(&block, &id_public, &signature, Some(&author)).unwrap();
        assert_eq!(two, one);
    }
    let wrong = IdSignature::from_raw(&by_author.concat()).unwrap();
    assert_eq!(
        IdAuth::assemble(&block, &id_public, &wrong, None),
        Err(IdBlockError::Refused(vec![Rule::Signature { which: IdKey::Id }]))
    );
}

#[test]
fn signatures_elsewhere_are_read_strictly() {
    let good = der(&raw(&id_key().sign(b"text")));
    assert!(IdSignature::from_der(&good).is_ok());
    let trailing = [good.as_slice(), &[0]].concat();
    for wrong in [&good[1..], &good[..good.len() - 1], &trailing, &[], &[0x30, 0]] {
        assert_eq!(IdSignature::from_der(wrong), Err(IdBlockError::Signature));
    }
    for wrong in [vec![0; 96], vec![0xff; 96], vec![1; 95], vec![1; 97], vec![]] {
        assert_eq!(IdSignature::from_raw(&wrong), Err(IdBlockError::Signature));
    }
}

/// The rules that a changed byte breaks.
fn broken(offset: usize, value: u8) -> Vec<Rule> {
    let auth = IdAuth::sign(&block(), &id_key(), Some(&author_key()));
    let mut bytes = *auth.as_bytes();
    assert_ne!(bytes[offset], value, "{offset:#x}");
    bytes[offset] = value;
    let error =
        IdAuth::from_bytes(&bytes).unwrap().check(&block(), AuthorKey::Enabled).unwrap_err();
    assert_eq!(error.family(), Family::Rejected);
    match error {
        IdBlockError::Refused(rules) => rules,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_rule_is_named() {
    use IdKey::{Author, Id};
    assert_eq!(broken(0, 2), [Rule::Algorithm { which: Id, found: 2 }]);
    assert_eq!(broken(4, 0), [Rule::Algorithm { which: Author, found: 0 }]);
    for offset in [0x8, 0x3f, 0x644, 0x67f, 0xc84, 0xfff] {
        let rule = Rule::Reserved { offset: u64::try_from(offset).unwrap() };
        assert_eq!(broken(offset, 1), [rule]);
    }
    // The author signed all 1028 bytes of the ID key, padding included.
    assert_eq!(
        broken(0x240, 1),
        [Rule::Curve { which: Id, found: 1 }, Rule::Signature { which: Author }]
    );
    assert_eq!(
        broken(0x643, 1),
        [Rule::KeyPadding { which: Id }, Rule::Signature { which: Author }]
    );
    assert!(matches!(broken(0x244 + 71, 1).as_slice(), [Rule::Point { which: Id, .. }, _]));
    assert!(matches!(broken(0x40 + 48, 1).as_slice(), [Rule::SignatureField { which: Id, .. }]));
    assert!(matches!(
        broken(0x680 + 511, 1).as_slice(),
        [Rule::SignatureField { which: Author, .. }]
    ));
    assert_eq!(broken(0x40, 0x5a), [Rule::Signature { which: Id }]);
    assert_eq!(broken(0x680, 0x5a), [Rule::Signature { which: Author }]);
}

#[test]
fn the_block_itself_is_judged() {
    let refused = |block: &IdBlock| {
        let auth = IdAuth::sign(block, &id_key(), None);
        match auth.check(block, AuthorKey::Disabled) {
            Err(IdBlockError::Refused(rules)) => rules,
            other => panic!("{other:?}"),
        }
    };
    let version = IdBlock { version: 2, ..block() };
    assert_eq!(refused(&version), [Rule::Version { found: 2 }]);
    for bits in [0x1_0000, 0x8000_0000_0003_0000] {
        let policy = IdBlock { policy: Policy::from_bits(bits), ..block() };
        assert!(matches!(refused(&policy).as_slice(), [Rule::Policy { .. }]));
    }
    let auth = IdAuth::sign(&block(), &id_key(), None);
    let other_digest = LaunchDigest::from_bytes([0; 48]);
    let other_policy = Policy::from_bits(0xb_0000);
    let error =
        auth.check_for(&block(), AuthorKey::Disabled, other_digest, other_policy).unwrap_err();
    assert!(matches!(
        error,
        IdBlockError::Refused(rules)
            if matches!(rules.as_slice(), [Rule::OtherDigest { .. }, Rule::OtherPolicy { .. }])
    ));
}

#[test]
fn an_author_that_nobody_asked_for_is_refused() {
    let auth = IdAuth::sign(&block(), &id_key(), Some(&author_key()));
    assert_eq!(
        auth.check(&block(), AuthorKey::Disabled),
        Err(IdBlockError::Refused(vec![Rule::UnusedAuthor]))
    );
    let alone = IdAuth::sign(&block(), &id_key(), None);
    assert!(alone.check(&block(), AuthorKey::Enabled).is_err());
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The scalar as OpenSSL writes it, SEC1 and PKCS#8, with the public half in both.
fn key_files(scalar: [u8; 48]) -> [Vec<u8>; 2] {
    let point = p384_point(scalar);
    let curve = [6, 5, 0x2b, 0x81, 4, 0, 0x22];
    let public = [&[0xa1, 0x64, 3, 0x62, 0], point.as_slice()].concat();
    let head = [&[2, 1, 1, 4, 48], scalar.as_slice()].concat();
    let named = [head.as_slice(), &[0xa0, 7], &curve, &public].concat();
    let bare = [head.as_slice(), &public].concat();
    let wrap =
        |tag, body: Vec<u8>| [vec![tag, 0x81, u8::try_from(body.len()).unwrap()], body].concat();
    let algorithm =
        [&[0x30, 16, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], curve.as_slice()].concat();
    let inner = wrap(4, wrap(0x30, bare));
    [wrap(0x30, named), wrap(0x30, [vec![2, 1, 0], algorithm, inner].concat())]
}

#[test]
fn private_keys_are_read_in_both_forms() {
    let [sec1, pkcs8] = key_files([0x11; 48]);
    let wanted = id_key().public();
    for file in [
        sec1.clone(),
        pkcs8.clone(),
        pem("EC PRIVATE KEY", &sec1).into_bytes(),
        pem("PRIVATE KEY", &pkcs8).into_bytes(),
    ] {
        assert_eq!(IdPrivateKey::parse(&file).unwrap().public(), wanted);
    }
    // As `openssl ecparam -name secp384r1 -genkey` writes it: the curve's name goes before. P-256's name is another curve's.
    let after = |curve: &str| {
        let parameters =
            format!("-----BEGIN EC PARAMETERS-----\n{curve}\n-----END EC PARAMETERS-----\n");
        IdPrivateKey::parse((parameters + &pem("EC PRIVATE KEY", &sec1)).as_bytes())
    };
    assert_eq!(after("BgUrgQQAIg==").unwrap().public(), wanted);
    for curve in ["BggqhkjOPQMBBw==", "BgUrgQQAIgA=", "", "?"] {
        assert!(after(curve).is_err(), "{curve}");
    }
    let twice = pem("EC PRIVATE KEY", &sec1).repeat(2);
    assert!(IdPrivateKey::parse(twice.as_bytes()).is_err());
    let parameters = "-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n";
    for file in
        [parameters.to_owned(), format!("{parameters}{parameters}{}", pem("EC PRIVATE KEY", &sec1))]
    {
        assert!(IdPrivateKey::parse(file.as_bytes()).is_err(), "{file}");
    }
    // P-521's number for the curve.
    let mut curve = sec1.clone();
    let at = curve.windows(5).position(|w| w == [0x2b, 0x81, 4, 0, 0x22]).unwrap();
    curve[at + 4] = 0x23;
    assert_eq!(IdPrivateKey::parse(&curve).unwrap_err(), IdBlockError::PrivateKey);
    // A public half that is not the private one's.
    let mut wrong = sec1.clone();
    let end = wrong.len() - 97;
    wrong[end..].copy_from_slice(&p384_point([0x22; 48]));
    for file in [wrong, pem("CERTIFICATE", &sec1).into_bytes(), [sec1, vec![0]].concat(), vec![]] {
        assert_eq!(IdPrivateKey::parse(&file).unwrap_err(), IdBlockError::PrivateKey);
    }
    for scalar in [[0; 48], [0xff; 48]] {
        assert_eq!(IdPrivateKey::from_scalar(&scalar).unwrap_err(), IdBlockError::PrivateKey);
    }
    assert_eq!(format!("{:?}", id_key()), "IdPrivateKey(..)");
}

fn p384_point(scalar: [u8; 48]) -> Vec<u8> {
    let key = p384::ecdsa::SigningKey::from_slice(&scalar).unwrap();
    key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

#[test]
fn public_keys_are_read_in_both_forms() {
    let point = p384_point([0x11; 48]);
    let head = "3076301006072a8648ce3d020106052b8104002203620000";
    let spki = [&hex::decode(head).unwrap()[..23], point.as_slice()].concat();
    for file in [point.clone(), spki.clone(), pem("PUBLIC KEY", &spki).into_bytes()] {
        assert_eq!(IdPublicKey::parse(&file), Ok(id_key().public()));
    }
    assert_eq!(IdPublicKey::parse(&point[1..]), Err(IdBlockError::PublicKey));
    // The digest is what a report has as ID_KEY_DIGEST. [SNP-ABI, SNP_LAUNCH_FINISH]
    let key = id_key().public();
    assert_eq!(key.digest()[..], sha2::Sha384::digest(key.to_bytes())[..]);
}

/// Bytes of which the first like `from` are changed.
fn changed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let (from, to) = (hex::decode(from).unwrap(), hex::decode(to).unwrap());
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    [&bytes[..at], &to, &bytes[at + from.len()..]].concat()
}

// [RFC 5480, id-ecPublicKey, secp384r1; RFC 5208 and RFC 5958, Version]
#[test]
fn keys_of_another_algorithm_curve_or_version_are_refused() {
    let (algorithm, other_algorithm) = ("2a8648ce3d0201", "2a8648ce3d0202");
    let (curve, other_curve) = ("2b81040022", "2b81040023");
    let head = "3076301006072a8648ce3d020106052b8104002203620000";
    let spki = [&hex::decode(head).unwrap()[..23], &p384_point([0x11; 48])].concat();
    let [_, pkcs8] = key_files([0x11; 48]);
    for (from, to) in [(algorithm, other_algorithm), (curve, other_curve)] {
        let public = IdPublicKey::parse(&changed(&spki, from, to));
        assert_eq!(public, Err(IdBlockError::PublicKey), "{from}");
        let private = IdPrivateKey::parse(&changed(&pkcs8, from, to));
        assert_eq!(private.unwrap_err(), IdBlockError::PrivateKey, "{from}");
    }
    let version = |number: &str| IdPrivateKey::parse(&changed(&pkcs8, "020100", number));
    assert_eq!(version("020101").unwrap().public(), id_key().public());
    assert_eq!(version("020102").unwrap_err(), IdBlockError::PrivateKey);
}

#[test]
fn sizes_are_exact() {
    for length in [0, 95, 97, 4095, 4097] {
        let bytes = vec![0; length];
        assert_eq!(IdBlock::from_bytes(&bytes).unwrap_err().family(), Family::Malformed);
        assert_eq!(IdAuth::from_bytes(&bytes).unwrap_err().family(), Family::Malformed);
    }
}
