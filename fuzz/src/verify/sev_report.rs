//! The attestation report of a running SEV guest: a platform's signature, over any nonce, digest and policy.

use std::sync::LazyLock;

use sev_launch_testkit::certs::{EcKey, Platform, RsaSize, usage};
use sev_launch_verify::sev::attestation_report::{AttestationReport, ReportError};
use sev_launch_verify::sev::chain::{Chain, OcaRequirement, Roots, VerifiedPek};

use super::changes;
use super::choices::Choices;

/// The PEK's key with the verdict on its chain, and a key that nobody certified.
static KEYS: LazyLock<(EcKey, VerifiedPek, EcKey)> = LazyLock::new(|| {
    let platform = Platform::new(RsaSize::Bits2048, "reports");
    let chain = Chain::parse_full(&platform.full()).expect("a chain");
    let verdict = chain.verify(Roots::Explicit(chain.ca().ark()), OcaRequirement::Any);
    let pek = verdict.verified_pek().expect("the chain is right");
    (platform.pek_key, pek, EcKey::from_seed("nobody's"))
});

/// The first byte: a report as it stands, one that the PEK signs, or one that another key signs.
pub(crate) fn run(bytes: &[u8]) {
    let (pek_key, pek, other) = &*KEYS;
    let mut choices = Choices::new(bytes);
    let signer = match choices.byte() % 4 {
        0 => {
            let bytes = choices.rest();
            if let Ok(report) = AttestationReport::parse(bytes) {
                look_at(&report, bytes);
                assert!(report.verify(pek, report.nonce()).is_err(), "this PEK did not sign it");
            }
            return;
        }
        1 => other,
        _ => pek_key,
    };
    let signed: [u8; 52] = choices.array();
    let mut right = signed.to_vec();
    right.extend(usage::PEK.to_le_bytes());
    right.extend(2_u32.to_le_bytes());
    right.extend([0; 4]);
    right.extend(signer.sign_with_nonce_one(&signed));
    let mut report = right.clone();
    changes::make(&mut choices, &mut report);
    let wanted_nonce =
        if choices.flag() { choices.array() } else { signed[..16].try_into().expect("16 of 52") };
    let Ok(read) = AttestationReport::parse(&report) else {
        assert_ne!(report, right, "a right report is not read");
        return;
    };
    look_at(&read, &report);
    let verdict = read.verify(pek, &wanted_nonce);
    let is_authentic = report == right && std::ptr::eq(signer, pek_key);
    match verdict {
        Ok(verified) => {
            assert!(
                is_authentic && signed[..16] == wanted_nonce,
                "it was changed, or is not the PEK's"
            );
            assert_eq!(verified.digest().as_bytes(), &signed[16..48]);
            assert_eq!(verified.policy().to_le_bytes(), signed[48..]);
        }
        Err(ReportError::Nonce { .. }) => assert!(is_authentic && signed[..16] != wanted_nonce),
        Err(ReportError::Signature) => assert!(!is_authentic),
        Err(error) => panic!("read, and then: {error}"),
    }
}

/// Every field is where AMD 55766, ATTESTATION, has it.
fn look_at(report: &AttestationReport, bytes: &[u8]) {
    assert_eq!(bytes.len(), 208);
    assert_eq!(report.nonce(), &bytes[..16]);
    assert_eq!(report.digest().as_bytes(), &bytes[16..48]);
    assert_eq!(report.policy().to_le_bytes(), bytes[48..52]);
    assert_eq!(bytes[52..64], [2, 0x10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    assert!(report.to_string().contains(&report.digest().to_string()));
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let platform = Platform::new(RsaSize::Bits2048, "other reports");
    let signed: Vec<u8> = (0..52).collect();
    let with = |mode: u8, rest: &[u8]| [&[mode], signed.as_slice(), rest].concat();
    vec![
        [&[0], platform.attestation_report([1; 16], [2; 32], 7).as_slice()].concat(),
        with(2, &[]),
        with(1, &[]),
        with(2, &[0, 1]),
        with(2, &changes::seed(0, 3, &[])),
        with(2, &changes::seed(0, 100, &[])),
        with(2, &changes::seed(4, 52, &[8])),
    ]
}
