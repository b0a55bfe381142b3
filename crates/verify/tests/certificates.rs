//! Single certificates and legacy attestation reports: known answers, every field, every refusal of the parsers.

use sev_launch_abi::{ApiVersion, Generation};
use sev_launch_testkit::certs::vectors::{CertificateFiles, CertificateVectors};
use sev_launch_testkit::certs::{self, RsaSize, Signer, algorithm, ec_certificate, usage};
use sev_launch_testkit::sev_api::{Expect, SevApi};
use sev_launch_verify::amd_keys;
use sev_launch_verify::outcome::Family;
use sev_launch_verify::point::PointError;
use sev_launch_verify::sev::attestation_report::{AttestationReport, ReportError};
use sev_launch_verify::sev::ca_certificate::{CaCertificate, CaCertificateError};
use sev_launch_verify::sev::certificate::{
    Algorithm, Certificate, CertificateError, Signature, Slot, Usage,
};
use sev_launch_verify::sev::chain::{Ca, Chain, OcaRequirement, Roots, VerifiedPek};

fn platform() -> certs::Platform {
    certs::Platform::new(RsaSize::Bits2048, "certificates")
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    <sha2::Sha256 as sha2::Digest>::digest(bytes).into()
}

// --- known answers ---

#[test]
fn ca_certificates_of_the_suite() {
    let vectors = CertificateVectors::read().ca_certs;
    assert_eq!(vectors.len(), 10);
    let files = CertificateFiles::folder();
    let known = Generation::ALL
        .map(|one| [(Usage::Ark, amd_keys::ark(one)), (Usage::Ask, amd_keys::ask(one))]);
    for (vector, (usage, key)) in vectors.iter().zip(known.as_flattened()) {
        assert_eq!(vector.expect, Expect::Accept);
        let certificate = CaCertificate::amd(*usage, key).unwrap();
        assert_eq!(
            (certificate.as_bytes().len(), certificate.sha256()),
            (vector.len, vector.sha256.array())
        );
        assert_eq!(*certificate.key_id(), vector.key_id.array());
        assert_eq!(*certificate.certifying_id(), vector.certifying_id.array());
        assert_eq!((certificate.usage().code(), certificate.exponent()), (vector.usage, 65537));
        assert_eq!(certificate.key_size().bits(), vector.bits);
        assert_eq!((certificate.modulus(), certificate.signature()), (key.modulus, key.signature));
        // The suite's hash is of the modulus as a big-endian number.
        assert_eq!(sha256(certificate.modulus()), vector.modulus_sha256.array());
        if let Some(files) = &files {
            assert_eq!(certificate.as_bytes(), files.read(&vector.file), "{}", vector.file);
        }
    }
}

#[test]
fn amd_s_roots_sign_themselves_and_their_signing_keys() {
    // Verified through a whole chain, whose lower part is of nobody: the first two links are AMD's.
    let made = platform();
    let platform = sev_launch_verify::sev::chain::Platform::parse_export(&made.export()).unwrap();
    for generation in Generation::ALL {
        let chain = Chain::new(platform.clone(), Ca::amd(generation).unwrap());
        let roots = Roots::Pinned { generations: &[generation] };
        let verdict = chain.verify(roots, OcaRequirement::Any);
        let yes: Vec<_> = verdict.outcomes().iter().take(5).map(|one| one.result.is_ok()).collect();
        // Root, owner, ARK -> ARK, ARK -> ASK, ASK -> CEK.
        assert_eq!(yes, [true, true, true, true, false], "{generation}");
    }
}

#[test]
fn attestation_reports_of_the_suite() {
    let suite = CertificateVectors::read();
    assert_eq!(suite.attestation_report.len(), 8);
    let Some(files) = CertificateFiles::folder() else { return };
    let chain = Chain::parse_full(&files.chain("syn4096").concat()).unwrap();
    let root = chain.ca().ark().clone();
    let verdict = chain.verify(Roots::Explicit(&root), OcaRequirement::Any);
    let pek = verdict.verified_pek().unwrap();
    for vector in suite.attestation_report {
        assert_eq!(files.read(&vector.pek), chain.platform().pek().as_bytes());
        let nonce = vector.mnonce.array();
        let found =
            AttestationReport::parse(&vector.report).and_then(|report| report.verify(&pek, &nonce));
        match found {
            Ok(report) => {
                assert_eq!((vector.expect, vector.reason), (Expect::Accept, None));
                assert_eq!(*report.digest().as_bytes(), vector.launch_digest.array());
                assert_eq!(report.policy(), vector.policy);
            }
            Err(error) => {
                let reason = match error {
                    ReportError::Length { .. } => "bad_length",
                    ReportError::Usage { .. } => "bad_usage",
                    ReportError::Reserved { .. } => "nonzero_reserved",
                    ReportError::Signature => "bad_signature",
                    other => panic!("{}: {other}", vector.name),
                };
                assert_eq!(Some(reason), vector.reason.as_deref(), "{}", vector.name);
            }
        }
    }
}

#[test]
fn bad_points_of_the_suite() {
    let vectors = SevApi::read().bad_points;
    assert_eq!(vectors.len(), 4);
    let made = platform();
    let signer = Signer::Ec(usage::PEK, &made.pek_key);
    for vector in vectors {
        // Correctly signed by the PEK.
        let coordinates = [vector.x_le72.array(), vector.y_le72.array()];
        let bytes = ec_certificate(usage::PDH, algorithm::ECDH_SHA256, &coordinates, &[signer]);
        let wanted = CertificateError::Point(PointError::NotOnCurve);
        assert_eq!(Certificate::parse(&bytes), Err(wanted), "{}", vector.name);
    }
}

#[test]
fn private_keys_of_the_suite_belong_to_its_chains() {
    use p384::elliptic_curve::sec1::ToSec1Point as _;
    let keys = CertificateVectors::read().syn_private_keys;
    assert_eq!(keys.values().map(std::collections::BTreeMap::len).sum::<usize>(), 8);
    let Some(files) = CertificateFiles::folder() else { return };
    for (base, keys) in keys {
        for (file, key) in keys {
            let certificate = Certificate::parse(&files.certificate(&base, &file)).unwrap();
            let public = p384::SecretKey::from_slice(&key).unwrap().public_key();
            let (x, y) = certificate.point().to_coordinates();
            // 4, x and y, big-endian. [SEC 1, octet string of a point]
            let big_endian = |field: [u8; 72]| field.into_iter().take(48).rev();
            let found: Vec<u8> =
                [4].into_iter().chain(big_endian(x)).chain(big_endian(y)).collect();
            assert_eq!(public.to_sec1_point(false).as_bytes(), found, "{base} {file}");
        }
    }
}

// --- the SEV certificate ---

#[test]
fn every_field_is_read() {
    let made = platform();
    let pek = Certificate::parse(&made.pek).unwrap();
    assert_eq!((pek.usage(), pek.algorithm()), (Usage::Pek, Algorithm::EcdsaSha256));
    assert_eq!(pek.api(), ApiVersion { major: 0, minor: 24 });
    assert_eq!(pek.point().to_coordinates(), made.pek_key.coordinates().into());
    assert_eq!(pek.as_bytes().as_slice(), made.pek);
    assert_eq!(pek.signed_bytes(), &made.pek[..1044]);
    let signers = pek.slots().each_ref().map(|slot| match slot {
        Slot::Signed { signer, algorithm, signature: Signature::Ecdsa(_) } => (*signer, *algorithm),
        other => panic!("{other}"),
    });
    let ecdsa = Algorithm::EcdsaSha256;
    assert_eq!(signers, [(Usage::Oca, ecdsa), (Usage::Cek, ecdsa)]);

    let cek = Certificate::parse(&made.cek).unwrap();
    let [
        Slot::Signed { signer: Usage::Ask, algorithm: Algorithm::RsaSha256, signature },
        Slot::Empty,
    ] = cek.slots()
    else {
        panic!("{cek}");
    };
    let Signature::Rsa(number) = signature else { panic!("{cek}") };
    let little_endian: Vec<u8> = number.iter().rev().copied().collect();
    assert_eq!(little_endian, made.cek[0x41c..0x51c]);
}

#[test]
fn a_certificate_prints_every_field() {
    let made = platform();
    let text = Certificate::parse(&made.pek).unwrap().to_string();
    let hash = hex::encode(sha256(&made.pek[0x10..0x414]));
    for wanted in [
        "SEV certificate of the PEK\n",
        "  API          0.24\n",
        "  usage        PEK (0x1002)\n",
        "  algorithm    ECDSA with SHA-256 (0x2)\n",
        "  signature 1  by OCA (0x1001), ECDSA with SHA-256 (0x2)\n    r          ",
        "  signature 2  by CEK (0x1004), ECDSA with SHA-256 (0x2)\n    r          ",
        &hash,
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in:\n{text}");
    }
    let pdh = Certificate::parse(&made.pdh).unwrap().to_string();
    assert!(pdh.ends_with("\n  signature 2  none"), "{pdh}");
    let ask = CaCertificate::parse(&made.ask).unwrap().to_string();
    for wanted in ["AMD certificate of the ASK\n", "  usage          ASK (0x13)\n", "  2048 bits\n"]
    {
        assert!(ask.contains(wanted.trim_start()), "{wanted:?} is not in:\n{ask}");
    }
}

/// The bytes with others written over them at an offset.
fn with(bytes: &[u8], offset: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[offset..offset + new.len()].copy_from_slice(new);
    bytes
}

#[test]
fn each_wrong_field_has_its_error() {
    use CertificateError::*;
    let made = platform();
    let (pek, pdh) = (&made.pek, &made.pdh);
    let order = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
    let mut order = hex::decode(order).unwrap();
    order.reverse();
    let cases = [
        (with(pek, 0, &[2]), Version { found: 2 }),
        (with(pek, 0, &[0]), Version { found: 0 }),
        (with(pek, 6, &[1]), Reserved { offset: 6, found: 1 }),
        (with(pek, 7, &[0x80]), Reserved { offset: 7, found: 0x80 }),
        (with(pek, 8, &[0, 0]), Usage { found: 0 }),
        (with(pek, 8, &[0x13, 0]), Usage { found: 0x13 }),
        (with(pek, 8, &[0, 0x10]), Usage { found: 0x1000 }),
        (with(pek, 8, &[5, 0x10]), Usage { found: 0x1005 }),
        (with(pek, 0xa, &[1]), Usage { found: 0x1_1002 }),
        (with(pek, 0xc, &[0]), KeyAlgorithm { usage: self::Usage::Pek, found: 0 }),
        (with(pek, 0xc, &[1]), KeyAlgorithm { usage: self::Usage::Pek, found: 1 }),
        (with(pek, 0xc, &[3]), KeyAlgorithm { usage: self::Usage::Pek, found: 3 }),
        (with(pek, 0xc, &[2, 1]), KeyAlgorithm { usage: self::Usage::Pek, found: 0x102 }),
        (with(pdh, 0xc, &[2]), KeyAlgorithm { usage: self::Usage::Pdh, found: 2 }),
        (with(pek, 0x10, &[1]), Curve { found: 1 }),
        (with(pek, 0x10, &[0]), Curve { found: 0 }),
        (with(pek, 0x14 + 48, &[1]), Point(PointError::Padding)),
        (with(pek, 0x5c + 71, &[1]), Point(PointError::Padding)),
        (with(pek, 0xa4, &[1]), Reserved { offset: 0xa4, found: 1 }),
        (with(pek, 0x413, &[9]), Reserved { offset: 0x413, found: 9 }),
        (with(pek, 0x414, &[6, 0x10]), SlotUsage { offset: 0x414, found: 0x1006 }),
        (with(pek, 0x61c, &[0xff]), SlotUsage { offset: 0x61c, found: 0x10ff }),
        (with(pek, 0x418, &[0]), SlotAlgorithm { offset: 0x418, found: 0 }),
        (with(pek, 0x418, &[3]), SlotAlgorithm { offset: 0x418, found: 3 }),
        (with(pek, 0x620, &[4]), SlotAlgorithm { offset: 0x620, found: 4 }),
        (with(pek, 0x414, &[0, 0x10]), EmptySlot { slot: 0x414, offset: 0x418 }),
        (with(pdh, 0x620, &[2]), EmptySlot { slot: 0x61c, offset: 0x620 }),
        (with(pdh, 0x823, &[2]), EmptySlot { slot: 0x61c, offset: 0x823 }),
        (with(pek, 0x41c, &[0; 48]), SignatureRange { offset: 0x41c }),
        (with(pek, 0x464, &[0; 48]), SignatureRange { offset: 0x41c }),
        (with(pek, 0x624, &order), SignatureRange { offset: 0x624 }),
        (with(pek, 0x66c, &[0xff; 48]), SignatureRange { offset: 0x624 }),
        (with(pek, 0x44c, &[1]), Reserved { offset: 0x44c, found: 1 }),
        (with(pek, 0x4ab, &[1]), Reserved { offset: 0x4ab, found: 1 }),
        (with(pek, 0x4ac, &[1]), Reserved { offset: 0x4ac, found: 1 }),
        (with(pek, 0x61b, &[1]), Reserved { offset: 0x61b, found: 1 }),
        (with(pek, 0x6b4, &[1]), Reserved { offset: 0x6b4, found: 1 }),
        (with(pek, 0x823, &[1]), Reserved { offset: 0x823, found: 1 }),
        (with(&made.cek, 0x51c, &[1]), Reserved { offset: 0x51c, found: 1 }),
        (with(&made.cek, 0x61b, &[1]), Reserved { offset: 0x61b, found: 1 }),
        (vec![], Length { found: 0 }),
        (pek[..2083].to_vec(), Length { found: 2083 }),
        ([pek, &[0][..]].concat(), Length { found: 2085 }),
    ];
    for (bytes, wanted) in cases {
        assert_eq!(Certificate::parse(&bytes), Err(wanted), "{wanted}");
        assert_eq!(wanted.family(), Family::Malformed);
        let text = wanted.to_string();
        assert!(!text.ends_with('.') && !text.is_empty(), "{text}");
    }
    // One less than the order is a number of a signature, as far as a parser goes.
    order[0] -= 1;
    assert!(Certificate::parse(&with(pek, 0x624, &order)).is_ok());
}

#[test]
fn codes_go_both_ways() {
    for usage in Usage::ALL {
        assert_eq!(Usage::from_code(usage.code()), Some(usage));
    }
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::from_code(algorithm.code()), Some(algorithm));
    }
    assert_eq!((Usage::from_code(0x1000), Algorithm::from_code(0)), (None, None));
}

// --- the AMD certificate ---

#[test]
fn each_wrong_field_of_an_amd_certificate_has_its_error() {
    use CaCertificateError::*;
    let made = platform();
    let ask = &made.ask;
    let large = certs::Platform::new(RsaSize::Bits4096, "certificates").ask;
    let sizes = |exponent, modulus| KeySize { exponent, modulus, wanted: 2048 };
    let cases = [
        (with(ask, 0, &[2]), Version { found: 2 }),
        (with(ask, 0x24, &[1]), Usage { found: 1 }),
        (with(ask, 0x24, &[2, 0x10]), Usage { found: 0x1002 }),
        (with(ask, 0x28, &[1]), Reserved { offset: 0x28 }),
        (with(ask, 0x37, &[1]), Reserved { offset: 0x37 }),
        (with(ask, 0x38, &[0, 0x10]), sizes(4096, 2048)),
        (with(ask, 0x3c, &[0, 0x10]), sizes(2048, 4096)),
        (with(ask, 0x3c, &[0xff, 7]), sizes(2048, 2047)),
        (with(ask, 0x40, &[3]), Exponent),
        (with(ask, 0x42, &[0]), Exponent),
        (with(ask, 0x13f, &[1]), Exponent),
        (with(ask, 0x140, &[ask[0x140] & 0xfe]), Modulus { offset: 0x140 }),
        (with(ask, 0x23f, &[0x7f]), Modulus { offset: 0x140 }),
        (vec![], Length { found: 0 }),
        (ask[..831].to_vec(), Length { found: 831 }),
        ([ask, &[0][..]].concat(), Length { found: 833 }),
        (large[..832].to_vec(), sizes(4096, 4096)),
        ([ask, &[0; 768][..]].concat(), KeySize { exponent: 2048, modulus: 2048, wanted: 4096 }),
    ];
    for (bytes, wanted) in cases {
        assert_eq!(CaCertificate::parse(&bytes), Err(wanted), "{wanted}");
        assert_eq!(wanted.family(), Family::Malformed);
    }
}

#[test]
fn the_ark_of_naples_is_known_without_its_signature() {
    let ark = CaCertificate::amd(Usage::Ark, amd_keys::ark(Generation::Naples)).unwrap();
    let published = &ark.as_bytes()[..576];
    assert_eq!(CaCertificate::from_unsigned_naples_ark(published), Ok(ark.clone()));
    assert_eq!(CaCertificate::parse(published), Err(CaCertificateError::Length { found: 576 }));
    if let Some(files) = CertificateFiles::folder() {
        assert_eq!(files.read("sev/naples/ark.cert.bad"), published);
        let tail = files.read("sev/naples/ark.cert.sig");
        assert_eq!([published, &tail].concat(), ark.as_bytes());
    }
    let wrong = Err(CaCertificateError::NotNaplesArk);
    for at in 0..576 {
        let changed = with(published, at, &[published[at] ^ 1]);
        assert_eq!(CaCertificate::from_unsigned_naples_ark(&changed), wrong);
    }
    for bytes in [&published[..575], ark.as_bytes(), &[], &platform().ark[..576]] {
        assert_eq!(CaCertificate::from_unsigned_naples_ark(bytes), wrong);
    }
}

// --- the legacy attestation report ---

const NONCE: [u8; 16] = *b"sixteen bytes!!!";

fn verified_pek(made: &certs::Platform) -> VerifiedPek {
    let chain = Chain::parse_full(&made.full()).expect("it is well formed");
    let root = chain.ca().ark().clone();
    let verdict = chain.verify(Roots::Explicit(&root), OcaRequirement::Any);
    verdict.verified_pek().expect("it is under its own root")
}

#[test]
fn a_report_is_its_pek_s_and_for_its_nonce() {
    let made = platform();
    let bytes = made.attestation_report(NONCE, [7; 32], 5);
    let report = AttestationReport::parse(&bytes).unwrap();
    assert_eq!((report.nonce(), report.policy()), (&NONCE, 5));
    assert!(report.to_string().contains("policy         0x00000005\n"));
    let pek = verified_pek(&made);
    let verified = report.verify(&pek, &NONCE).unwrap();
    assert_eq!((verified.digest().as_bytes(), verified.policy()), (&[7; 32], 5));

    let replayed = report.verify(&pek, &[0; 16]).unwrap_err();
    assert_eq!(replayed, ReportError::Nonce { found: NONCE, wanted: [0; 16] });
    let other = certs::Platform::new(RsaSize::Bits2048, "another");
    let not_theirs = report.verify(&verified_pek(&other), &NONCE).unwrap_err();
    assert_eq!(not_theirs, ReportError::Signature);
    assert_eq!((replayed.family(), not_theirs.family()), (Family::Rejected, Family::Rejected));
}

#[test]
fn each_flipped_bit_of_a_report_is_refused() {
    let made = platform();
    let pek = verified_pek(&made);
    let bytes = made.attestation_report(NONCE, [7; 32], 5);
    for at in 0..bytes.len() {
        let bit = 1 << (at % 8);
        let found = AttestationReport::parse(&with(&bytes, at, &[bytes[at] ^ bit]))
            .and_then(|report| report.verify(&pek, &NONCE));
        assert!(found.is_err(), "byte {at}");
    }
    for (at, wanted) in [
        (0x34, ReportError::Usage { found: 0x1003 }),
        (0x38, ReportError::Algorithm { found: 3 }),
        (0x3c, ReportError::Reserved { found: 1 }),
    ] {
        let found = AttestationReport::parse(&with(&bytes, at, &[bytes[at] ^ 1])).unwrap_err();
        assert_eq!((found, found.family()), (wanted, Family::Malformed));
    }
    for length in [0, 207, 209] {
        let bytes: Vec<u8> = bytes.iter().copied().chain([0]).take(length).collect();
        let wanted = ReportError::Length { found: length };
        assert_eq!(AttestationReport::parse(&bytes), Err(wanted));
    }
}
