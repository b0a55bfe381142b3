//! Launch sessions: known answers of key agreement, derivation and wrapping, seen from both sides.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_testkit::certs::{Platform, RsaSize};
use sev_launch_testkit::sev_api::{Expect, Hex, Kdf, SevApi};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::point::{COORDINATE_SIZE, PointError, PublicPoint};
use sev_launch_verify::sev::ca_certificate::CaCertificate;
use sev_launch_verify::sev::certificate::{Certificate, Usage};
use sev_launch_verify::sev::chain::{Chain, OcaRequirement, Roots};
use sev_launch_verify::sev::godh;
use sev_launch_verify::sev::keys::{KeyError, PrivateKey, SessionKeys, Tek, Tik, derive};
use sev_launch_verify::sev::session::{
    LaunchSession, Session, SessionBlob, SessionError, UnverifiedPdh,
};
use sha2::{Digest as _, Sha256};

#[path = "generators/scripted.rs"]
mod scripted;
use scripted::Scripted;

/// Big-endian coordinates as a point.
fn point(x: &Hex, y: &Hex) -> Result<PublicPoint, PointError> {
    let [x, y] = [x, y].map(|big| {
        let mut little: Vec<u8> = big.iter().rev().copied().collect();
        little.resize(COORDINATE_SIZE, 0);
        <[u8; COORDINATE_SIZE]>::try_from(little).unwrap()
    });
    PublicPoint::from_coordinates(&x, &y)
}

fn private(bytes: &Hex) -> PrivateKey {
    PrivateKey::from_bytes(bytes).unwrap()
}

fn derived<const K: usize, const N: usize>(vector: &Kdf) -> [u8; N] {
    let mut output = [0; N];
    derive::<K, N>(&vector.key.array(), &vector.label, &vector.context, &mut output);
    output
}

#[test]
fn derived_keys() {
    let file = SevApi::read();
    assert_eq!(file.kdf.len(), 7);
    for vector in &file.kdf {
        let output = match (vector.key.len(), vector.size) {
            (16, 1) => derived::<16, 1>(vector).to_vec(),
            (16, 16) => derived::<16, 16>(vector).to_vec(),
            (16, 32) => derived::<16, 32>(vector).to_vec(),
            (16, 48) => derived::<16, 48>(vector).to_vec(),
            (48, 16) => derived::<48, 16>(vector).to_vec(),
            other => panic!("{other:?}"),
        };
        assert_eq!(output, *vector.out, "{}", vector.name);
    }
}

#[test]
fn no_usual_mistake_is_made() {
    let file = SevApi::read();
    let vector = file.kdf.iter().find(|vector| vector.name == "master-from-z48").unwrap();
    let output = hex::encode(derived::<48, 16>(vector));
    let equal: BTreeSet<&str> = file
        .kdf_wrong_variants
        .iter()
        .filter(|(_, variant)| **variant == output)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(file.kdf_wrong_variants.len(), 8);
    assert_eq!(equal, BTreeSet::from(["right"]));
}

#[test]
fn key_agreement_from_both_sides() {
    let vectors = SevApi::read().ecdh;
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        let name = &vector.name;
        let [godh, pdh] = [&vector.godh_private, &vector.pdh_private].map(private);
        let godh_point = point(&vector.godh_x_be, &vector.godh_y_be).unwrap();
        let pdh_point = point(&vector.pdh_x_be, &vector.pdh_y_be).unwrap();
        assert_eq!(godh.public_point(), godh_point, "{name}");
        assert_eq!(pdh.public_point(), pdh_point, "{name}");
        assert_eq!(*godh.agree(&pdh_point).expose(), *vector.z, "{name}");
        assert_eq!(*pdh.agree(&godh_point).expose(), *vector.z, "{name}");
        assert_eq!(*godh.expose(), *vector.godh_private, "{name}");
        let certificate = Sha256::digest(godh::certificate(&godh_point));
        assert_eq!(certificate[..], *vector.godh_cert_sha256, "{name}");
    }
}

#[test]
fn the_owner_s_certificate() {
    let vectors = SevApi::read().godh_certificate;
    assert_eq!(vectors.len(), 1);
    for vector in vectors {
        let certificate = godh::certificate(&private(&vector.private).public_point());
        assert_eq!(STANDARD.encode(certificate), vector.cert_base64, "{}", vector.name);
    }
}

#[test]
fn coordinates_that_are_no_point() {
    let vectors = SevApi::read().bad_points;
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let found = PublicPoint::from_coordinates(&vector.x_le72.array(), &vector.y_le72.array());
        assert_eq!(found, Err(PointError::NotOnCurve), "{}", vector.name);
    }
}

#[test]
fn sessions_are_made_bit_for_bit() {
    let file = SevApi::read();
    assert_eq!(file.session.len(), 7);
    let mut made = 0;
    for vector in &file.session {
        // Where a session names no keys, its secret tells whose it is.
        let agreed = file.ecdh.iter().find(|agreed| agreed.z == vector.z);
        let Some(agreed) = agreed else { continue };
        let [godh, pdh] = [&agreed.godh_private, &agreed.pdh_private].map(private);
        assert!(vector.godh_private.as_ref().is_none_or(|key| *key == agreed.godh_private));
        let mut rng = Scripted::new(&[
            godh.expose().as_slice(),
            &vector.tek,
            &vector.tik,
            &vector.nonce,
            &vector.wrap_iv,
        ]);
        let policy = Policy::from_bits(vector.policy);
        let unverified = UnverifiedPdh(pdh.public_point());
        let session = Session::create_unverified(policy, &unverified, &mut rng).unwrap();
        let name = &vector.name;
        assert!(rng.is_used_up(), "{name}");
        assert_eq!(session.blob().to_bytes(), *vector.blob, "{name}");
        assert_eq!(STANDARD.encode(session.blob().to_bytes()), vector.blob_base64, "{name}");
        assert_eq!(*session.godh_certificate(), godh::certificate(&godh.public_point()), "{name}");
        let blob = SessionBlob::parse(&vector.blob).unwrap();
        let keys = blob.open(&pdh.agree(&godh.public_point()), policy).unwrap();
        assert_eq!(*keys.tek.expose(), *vector.tek, "{name}");
        assert_eq!(*keys.tik.expose(), *vector.tik, "{name}");
        let launch = session.into_launch();
        assert_eq!(launch.policy(), policy, "{name}");
        assert_eq!(*launch.keys().tek.expose(), *vector.tek, "{name}");
        assert_eq!(*launch.keys().tik.expose(), *vector.tik, "{name}");
        made += 1;
    }
    // The seventh has a secret of 16 bytes, which no keys agree on; a unit test of the module has it.
    assert_eq!(made, 6);
}

#[test]
fn a_session_for_a_verified_platform() {
    let platform = Platform::new(RsaSize::Bits2048, "session");
    let chain = Chain::parse_full(&platform.full()).unwrap();
    let root = CaCertificate::parse(&platform.ark).unwrap();
    let verdict = chain.verify(Roots::Explicit(&root), OcaRequirement::Any);
    let drawn = [5; 112];
    let policy = Policy::from_bits(0x0b);
    let pdh = verdict.verified().unwrap();
    let session = Session::create(policy, &pdh, &mut Scripted::new(&[&drawn])).unwrap();
    // The platform has the owner's key from the certificate alone.
    let godh = Certificate::parse(session.godh_certificate()).unwrap();
    assert_eq!(godh.usage(), Usage::Pdh);
    let private = PrivateKey::from_bytes(&platform.pdh_key.private()).unwrap();
    let keys = session.blob().open(&private.agree(godh.point()), policy).unwrap();
    assert_eq!(*keys.tek.expose(), [5; 16]);
    // The same for the point alone, which nobody verified.
    let unverified = UnverifiedPdh(private.public_point());
    let same = Session::create_unverified(policy, &unverified, &mut Scripted::new(&[&drawn]));
    assert_eq!(same.unwrap().blob(), session.blob());
}

#[test]
fn sessions_by_sevctl() {
    let vectors = SevApi::read().session_peer;
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let godh = point(&vector.godh_x_be, &vector.godh_y_be).unwrap();
        let z = private(&vector.pdh_private).agree(&godh);
        let mut blob = SessionBlob::parse(&vector.blob).unwrap();
        let policy = Policy::from_bits(vector.policy);
        let name = &vector.name;
        match (vector.expect, vector.reason.as_deref()) {
            (Expect::Accept, None) => {}
            (Expect::Reject, Some("policy_mac")) => {
                let error = blob.open(&z, policy).unwrap_err();
                assert_eq!(error, SessionError::PolicyMac { policy }, "{name}");
                blob.policy_mac = vector.right_policy_mac.array();
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(blob.policy_mac, *vector.right_policy_mac, "{name}");
        let keys = blob.open(&z, policy).unwrap();
        assert_eq!(*keys.tek.expose(), *vector.tek, "{name}");
        assert_eq!(*keys.tik.expose(), *vector.tik, "{name}");
    }
}

#[test]
fn sessions_that_must_be_refused() {
    let file = SevApi::read();
    assert_eq!(file.session_negative.len(), 8);
    for vector in &file.session_negative {
        let base = file.session(&vector.based_on);
        let godh = private(base.godh_private.as_ref().unwrap()).public_point();
        let z = private(base.pdh_private.as_ref().unwrap()).agree(&godh);
        let policy = Policy::from_bits(vector.overrides.policy.unwrap_or(base.policy));
        let outcome = SessionBlob::parse(&vector.blob).and_then(|blob| blob.open(&z, policy));
        let (wanted, family) = match vector.reason.as_str() {
            "wrap_mac" => (SessionError::WrapMac, Family::Rejected),
            "policy_mac" => (SessionError::PolicyMac { policy }, Family::Rejected),
            "bad_length" => (SessionError::Length { found: vector.blob.len() }, Family::Malformed),
            other => panic!("{other}"),
        };
        let error = outcome.unwrap_err();
        assert_eq!(error.family(), family, "{}", vector.name);
        assert_eq!(error, wanted, "{}", vector.name);
    }
}

#[test]
fn a_policy_with_reserved_bits_gets_no_session() {
    let policy = Policy::from_bits(0x8003);
    let pdh = UnverifiedPdh(PrivateKey::from_bytes(&[1; 48]).unwrap().public_point());
    let error = Session::create_unverified(policy, &pdh, &mut Scripted::new(&[])).unwrap_err();
    assert_eq!(error, SessionError::ReservedBits { policy });
    let [tek, tik] = [[1; 16], [2; 16]];
    let keys =
        SessionKeys { tek: Tek::from_bytes(&tek).unwrap(), tik: Tik::from_bytes(&tik).unwrap() };
    let error = LaunchSession::from_stored_keys(keys, policy).unwrap_err();
    assert_eq!(error, SessionError::ReservedBits { policy });
}

#[test]
fn draws_that_are_no_private_key_are_drawn_again() {
    // Zero, and a number over the order: all ones.
    let mut rng = Scripted::new(&[&[0; 48], &[0xff; 48], &[3; 48]]);
    let key = PrivateKey::generate(&mut rng).unwrap();
    assert_eq!(*key.expose(), [3; 48]);
    let mut broken = Scripted::new(&[&[0; 8 * 48]]);
    let error = PrivateKey::generate(&mut broken).unwrap_err();
    assert_eq!(error, KeyError::Generator { attempts: 8 });
}

#[test]
fn keys_of_another_length_are_refused() {
    for found in [0, 15, 17, 32] {
        let bytes = vec![1; found];
        let wrong = |what| Err(KeyError::Length { what, found, wanted: 16 });
        assert_eq!(Tik::from_bytes(&bytes).map(drop), wrong("the TIK"));
        assert_eq!(Tek::from_bytes(&bytes).map(drop), wrong("the TEK"));
    }
    for found in [0, 47, 49] {
        let wrong = KeyError::Length { what: "the private key", found, wanted: 48 };
        assert_eq!(PrivateKey::from_bytes(&vec![1; found]).map(drop), Err(wrong));
    }
    assert_eq!(PrivateKey::from_bytes(&[0; 48]).map(drop), Err(KeyError::PrivateKey));
}

#[test]
fn no_text_shows_a_key() {
    let file = SevApi::read();
    let vector = file.session("dh-basic-0x3");
    let keys = SessionKeys {
        tek: Tek::from_bytes(&vector.tek).unwrap(),
        tik: Tik::from_bytes(&vector.tik).unwrap(),
    };
    let launch = LaunchSession::from_stored_keys(keys, Policy::from_bits(3)).unwrap();
    let text = "LaunchSession { keys: SessionKeys { tek: Tek(..), tik: Tik(..) }, \
                policy: Policy(0x00000003 (NODBG, NOKS)) }";
    assert_eq!(format!("{launch:?}"), text);
    let key = private(vector.godh_private.as_ref().unwrap());
    assert_eq!(format!("{key:?}"), "PrivateKey(..)");
    let z = key.agree(&key.public_point());
    assert_eq!(format!("{z:?}"), "SharedSecret(..)");
}
