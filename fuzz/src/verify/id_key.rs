//! ID keys and signatures from files and devices: private and public keys in every form, and signatures in both.

use std::sync::LazyLock;

use sev_launch_testkit::certs::EcKey;
use sev_launch_verify::snp::id_block::{IdPrivateKey, IdPublicKey, IdSignature};

use super::choices::Choices;
use super::{changes, der, pem};

/// Tag, length and value, of less than 128 bytes.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = u8::try_from(value.len()).expect("it is short");
    let head: &[u8] = if length < 0x80 { &[tag, length] } else { &[tag, 0x81, length] };
    [head, &value].concat()
}

/// Right ones: private keys as SEC1 and PKCS#8, a public key as SubjectPublicKeyInfo and as a point, a signature as DER.
static RIGHT: LazyLock<[(&str, Vec<u8>); 6]> = LazyLock::new(|| {
    let key = EcKey::from_seed("an ID key");
    let big_endian = |field: &[u8; 72]| -> Vec<u8> { field[..48].iter().rev().copied().collect() };
    let [x, y] = key.coordinates().map(|field| big_endian(&field));
    let point = [&[4], x.as_slice(), &y].concat();
    let curve = element(6, &[&[0x2b, 0x81, 0x04, 0x00, 0x22]]);
    let is_ec = element(6, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]]);
    let bits = element(3, &[&[0], &point]);
    let scalar = element(4, &[&key.private()]);
    let public = element(0xa1, &[&bits]);
    let sec1 = element(0x30, &[&[2, 1, 1], &scalar, &element(0xa0, &[&curve]), &public]);
    let inner = element(0x30, &[&[2, 1, 1], &scalar]);
    let algorithm = element(0x30, &[&is_ec, &curve]);
    let pkcs8 = element(0x30, &[&[2, 1, 0], &algorithm, &element(4, &[&inner])]);
    let spki = element(0x30, &[&algorithm, &bits]);
    let numbers = element(0x30, &[&element(2, &[&[0x11; 48]]), &element(2, &[&[0, 0x81]])]);
    [
        ("EC PRIVATE KEY", sec1),
        ("PRIVATE KEY", pkcs8),
        ("PUBLIC KEY", spki),
        ("PUBLIC KEY", point),
        ("SIGNATURE", numbers),
        ("SIGNATURE", [0x22; 96].to_vec()),
    ]
});

/// The first byte is one of [`RIGHT`], which the rest changes; or else the rest is looked at as it is.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match RIGHT.get(usize::from(choices.byte())) {
        Some((label, right)) => {
            let as_text = choices.byte() % 4 == 3;
            let mut changed = right.clone();
            der::change(&mut choices, &mut changed);
            let count = look_at(&changed);
            assert!(count > 0 || changed != *right, "a right {label} is not read");
            if as_text {
                let mut text = pem::written(label, &changed);
                if label.ends_with("PRIVATE KEY") {
                    let public = |key: &[u8]| IdPrivateKey::parse(key).map(|key| key.public());
                    assert_eq!(public(&text), public(&changed), "as text and as bytes");
                }
                changes::make(&mut choices, &mut text);
                look_at(&text);
            }
        }
        None => {
            look_at(choices.rest());
        }
    }
}

/// As how many things is it read?
fn look_at(bytes: &[u8]) -> usize {
    let private = IdPrivateKey::parse(bytes);
    let public = IdPublicKey::parse(bytes);
    let signatures = [IdSignature::from_raw(bytes), IdSignature::from_der(bytes)];
    if let Ok(key) = &public {
        let field = key.to_bytes();
        assert_eq!(field[..4], [2, 0, 0, 0]);
        assert!(field[148..].iter().all(|byte| *byte == 0));
        // The point again, as others write it.
        let mut point = vec![4];
        for coordinate in field[4..148].chunks(72) {
            assert_eq!(coordinate[48..], [0; 24]);
            point.extend(coordinate[..48].iter().rev());
        }
        assert_eq!(IdPublicKey::parse(&point).as_ref(), Ok(key));
    }
    if let Ok(key) = &private {
        assert!(IdPublicKey::parse(bytes).is_err(), "private and public");
        // Nothing of it is shown.
        assert_eq!(format!("{key:?}"), "IdPrivateKey(..)");
        let again = IdPublicKey::parse(&key.public().to_bytes()[4..]);
        assert!(again.is_err(), "the field is no form of a point");
        // One that is written in fewer or more bytes is not looked for.
        if let Some(scalar) = der::read(bytes).and_then(|elements| scalar(&elements)) {
            let wanted = IdPrivateKey::from_scalar(&scalar).expect("what was read");
            assert_eq!(key.public(), wanted.public(), "another private key");
        }
    }
    for signature in signatures.iter().flatten() {
        let field = signature.to_bytes();
        let raw: Vec<u8> =
            field[..144].chunks(72).flat_map(|half| half[..48].iter().rev().copied()).collect();
        assert_eq!(IdSignature::from_raw(&raw).as_ref(), Ok(signature));
        assert!(field[144..].iter().all(|byte| *byte == 0));
    }
    if let Ok(signature) = &signatures[1] {
        let elements = der::read(bytes).expect("DER");
        let numbers = elements[0].parts();
        for (number, half) in numbers.iter().zip(signature.to_bytes().chunks(72)) {
            let plain = |bytes: Vec<u8>| -> Vec<u8> {
                bytes.into_iter().skip_while(|byte| *byte == 0).collect()
            };
            let half = half.iter().rev().copied().collect();
            assert_eq!(plain(number.content()), plain(half), "another number");
        }
    }
    let read = [private.is_ok(), public.is_ok(), signatures[0].is_ok(), signatures[1].is_ok()];
    read.into_iter().filter(|one| *one).count()
}

/// The first OCTET STRING of 48 bytes, which a private key is in both of its forms. [RFC 5915, section 3; RFC 5958, section 2]
fn scalar(elements: &[der::Element]) -> Option<[u8; 48]> {
    elements.iter().find_map(|element| {
        let own = (element.tag == 4).then(|| element.content().try_into().ok()).flatten();
        own.or_else(|| scalar(element.parts()))
    })
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
