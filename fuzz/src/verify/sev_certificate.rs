//! SEV certificates and AMD's own: what is read can be written again byte by byte, and a plain check of the layout agrees.

use std::sync::LazyLock;

use sev_launch_testkit::certs::{Platform, RsaSize, usage};
use sev_launch_verify::point::PointError;
use sev_launch_verify::sev::ca_certificate::{CaCertificate, CaCertificateError};
use sev_launch_verify::sev::certificate::{
    Algorithm, Certificate, CertificateError, Signature, Slot, Usage,
};

use super::changes;
use super::choices::Choices;

/// Certificates of every kind, all of them right.
static RIGHT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let small = Platform::new(RsaSize::Bits2048, "certificates");
    let large = Platform::new(RsaSize::Bits4096, "certificates");
    vec![
        small.cek, small.oca, small.pek, small.pdh, large.cek, small.ark, small.ask, large.ark,
        large.ask,
    ]
});

/// The first byte is one of [`RIGHT`], which the rest changes; or else the rest is looked at as it is.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match RIGHT.get(usize::from(choices.byte())) {
        Some(right) => {
            let mut changed = right.clone();
            changes::make(&mut choices, &mut changed);
            assert!(changed != *right || is_read(right), "a right certificate is not read");
            look_at(&changed);
        }
        None => look_at(choices.rest()),
    }
}

fn is_read(bytes: &[u8]) -> bool {
    Certificate::parse(bytes).is_ok() || CaCertificate::parse(bytes).is_ok()
}

fn look_at(bytes: &[u8]) {
    match Certificate::parse(bytes) {
        Ok(certificate) => {
            assert!(layout_is_right(bytes), "a wrong layout is read");
            assert_eq!(written(&certificate), bytes, "what is read is not all there is");
            assert_eq!(certificate.as_bytes(), bytes);
            assert_eq!(certificate.signed_bytes(), &bytes[..1044]);
            assert!(certificate.to_string().contains(certificate.usage().name()));
        }
        // Points and ranges are the curve's, which nothing here knows.
        Err(
            CertificateError::Point(PointError::NotOnCurve)
            | CertificateError::SignatureRange { .. },
        ) => {}
        Err(error) => assert!(!layout_is_right(bytes), "a right layout is refused: {error}"),
    }
    match CaCertificate::parse(bytes) {
        Ok(certificate) => {
            assert!(ca_layout_is_right(bytes), "a wrong layout is read");
            assert_eq!(written_ca(&certificate), bytes, "what is read is not all there is");
            assert_eq!(certificate.as_bytes(), bytes);
            assert!(certificate.to_string().contains(certificate.usage().name()));
        }
        Err(CaCertificateError::Modulus { .. }) => {}
        Err(error) => assert!(!ca_layout_is_right(bytes), "a right layout is refused: {error}"),
    }
    // Nothing but AMD's very bytes, which no seed has.
    assert!(CaCertificate::from_unsigned_naples_ark(bytes).is_err());
}

/// The number at an offset.
fn number(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
    u32::from_le_bytes(word.expect("the caller knows the length"))
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// AMD 55766, SEV certificate: every byte that has one value only, and every code.
fn layout_is_right(bytes: &[u8]) -> bool {
    bytes.len() == 2084
        && number(bytes, 0) == 1
        && is_zero(&bytes[6..8])
        && match number(bytes, 8) {
            usage::OCA | usage::PEK | usage::CEK => number(bytes, 12) == 2,
            usage::PDH => [3, 0x103].contains(&number(bytes, 12)),
            _ => false,
        }
        && number(bytes, 16) == 2
        && is_zero(&bytes[20 + 48..20 + 72])
        && is_zero(&bytes[92 + 48..92 + 72])
        && is_zero(&bytes[164..1044])
        && [1044, 1564].iter().all(|slot| slot_is_right(&bytes[*slot..*slot + 520]))
}

fn slot_is_right(slot: &[u8]) -> bool {
    let known = [usage::ARK, usage::ASK, usage::OCA, usage::PEK, usage::PDH, usage::CEK];
    match (number(slot, 0), number(slot, 4)) {
        (usage::NONE, _) => is_zero(&slot[4..]),
        (signer, _) if !known.contains(&signer) => false,
        (_, 0x1) => is_zero(&slot[8 + 256..]),
        (_, 0x101) => true,
        (_, 0x2 | 0x102) => {
            is_zero(&slot[8 + 48..8 + 72])
                && is_zero(&slot[80 + 48..80 + 72])
                && is_zero(&slot[152..])
        }
        _ => false,
    }
}

/// The certificate again, of nothing but what is said of it.
fn written(certificate: &Certificate) -> Vec<u8> {
    let (x, y) = certificate.point().to_coordinates();
    let mut bytes = Vec::new();
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend([certificate.api().major, certificate.api().minor, 0, 0]);
    bytes.extend(certificate.usage().code().to_le_bytes());
    bytes.extend(certificate.algorithm().code().to_le_bytes());
    bytes.extend(2_u32.to_le_bytes());
    bytes.extend([x, y].concat());
    bytes.resize(1044, 0);
    for slot in certificate.slots() {
        let end = bytes.len() + 520;
        match slot {
            Slot::Empty => bytes.extend(usage::NONE.to_le_bytes()),
            Slot::Signed { signer, algorithm, signature } => {
                bytes.extend(signer.code().to_le_bytes());
                bytes.extend(algorithm.code().to_le_bytes());
                match signature {
                    Signature::Ecdsa(signature) => {
                        assert!(matches!(
                            algorithm,
                            Algorithm::EcdsaSha256 | Algorithm::EcdsaSha384
                        ));
                        let (r, s) = signature.split_bytes();
                        for half in [r, s] {
                            bytes.extend(half.iter().rev());
                            bytes.extend([0; 24]);
                        }
                    }
                    Signature::Rsa(signature) => bytes.extend(signature.iter().rev()),
                }
            }
        }
        bytes.resize(end, 0);
    }
    bytes
}

/// AMD 55766, AMD certificate.
fn ca_layout_is_right(bytes: &[u8]) -> bool {
    let size = match bytes.len() {
        832 => 256,
        1600 => 512,
        _ => return false,
    };
    let bits = if size == 256 { 2048 } else { 4096 };
    number(bytes, 0) == 1
        && [usage::ARK, usage::ASK].contains(&number(bytes, 36))
        && is_zero(&bytes[40..56])
        && number(bytes, 56) == bits
        && number(bytes, 60) == bits
        && number(bytes, 64) == 65537
        && is_zero(&bytes[68..64 + size])
}

fn written_ca(certificate: &CaCertificate) -> Vec<u8> {
    assert!([Usage::Ark, Usage::Ask].contains(&certificate.usage()));
    let size = certificate.modulus().len();
    let bits = certificate.key_size().bits().to_le_bytes();
    let mut bytes = Vec::new();
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(certificate.key_id());
    bytes.extend(certificate.certifying_id());
    bytes.extend(certificate.usage().code().to_le_bytes());
    bytes.extend([0; 16]);
    bytes.extend([bits, bits].concat());
    bytes.extend(certificate.exponent().to_le_bytes());
    bytes.resize(64 + size, 0);
    bytes.extend(certificate.modulus().iter().rev());
    bytes.extend(certificate.signature().iter().rev());
    bytes
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = (0..9).map(|which| vec![which]).collect();
    // The fields in turn: version, API, usage, algorithm, curve, the slots' codes.
    for (which, at) in [(0, 0), (1, 4), (2, 8), (3, 12), (0, 16), (2, 1044), (2, 1048), (2, 1564)] {
        seeds.push([vec![which], changes::seed(4, at, &[9])].concat());
        seeds.push([vec![which], changes::seed(3, at, &0x103_u32.to_le_bytes())].concat());
    }
    seeds.push([vec![3], changes::seed(3, 12, &0x103_u32.to_le_bytes())].concat());
    seeds.push([&[255], RIGHT[3].as_slice()].concat());
    seeds
}
