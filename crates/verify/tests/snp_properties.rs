//! What must hold for every input: no parser panics, and no flipped bit goes unnoticed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::LazyLock;

use proptest::prelude::*;
use sev_launch_testkit::report::{self as made_up, Authority, NOT_BEFORE, REPORT_SIZE};
use sev_launch_verify::snp::certificate::{CaCertificate, Vek};
use sev_launch_verify::snp::certificate_table::CertificateTable;
use sev_launch_verify::snp::chain::{Chain, ChainOptions, Revocation, Roots, VerifiedVek};
use sev_launch_verify::snp::crl::Crl;
use sev_launch_verify::snp::id_block::{
    AuthorKey, ID_AUTH_SIZE, ID_BLOCK_SIZE, IdAuth, IdBlock, IdPrivateKey, IdPublicKey, IdSignature,
};
use sev_launch_verify::snp::report::{
    MaskedChipId, ReportOptions, UnknownVersion, UnverifiedReport,
};

/// As lenient as can be, so that nothing but the signature stands in a flipped bit's way.
const LENIENT: ReportOptions = ReportOptions {
    unknown_version: UnknownVersion::ReadAsLastKnown,
    masked_chip_id: MaskedChipId::Accept,
};

struct Made {
    vek: VerifiedVek,
    report: Vec<u8>,
    certificates: [Vec<u8>; 4],
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let key = made_up::Vek::vcek("Turin");
    let certificates = [
        key.certificate(Authority::Ask),
        Authority::Ask.certificate("Turin", Authority::Ark),
        Authority::Ark.certificate("Turin", Authority::Ark),
        made_up::crl("Turin", Authority::Ark, &[&[9]]),
    ];
    let vek = Vek::parse(&certificates[0]).unwrap();
    let ask = CaCertificate::parse(&certificates[1]).unwrap();
    let ark = CaCertificate::parse(&certificates[2]).unwrap();
    let options = ChainOptions {
        roots: Roots::Explicit(&ark),
        revocation: Revocation::NotChecked,
        time: NOT_BEFORE,
    };
    let vek = Chain { vek: &vek, intermediate: Some(&ask), root: None }.verify(&options).unwrap();
    Made { vek, report: key.report(5, |_| ()), certificates }
});

/// Every parser of this module, on the same bytes.
fn parse_all(bytes: &[u8]) {
    let _ = Vek::parse(bytes);
    let _ = CaCertificate::parse(bytes);
    let _ = CaCertificate::parse_many(bytes);
    let _ = Crl::from_der(bytes);
    let _ = CertificateTable::parse(bytes);
    let _ = IdBlock::from_bytes(bytes);
    let _ = IdAuth::from_bytes(bytes);
    let _ = IdPrivateKey::parse(bytes);
    let _ = IdPublicKey::parse(bytes);
    let _ = IdSignature::from_raw(bytes);
    let _ = IdSignature::from_der(bytes);
    let _ = UnverifiedReport::parse(bytes);
}

#[test]
fn the_unflipped_report_is_believed() {
    let report = UnverifiedReport::parse(MADE.report.as_slice()).unwrap();
    assert!(report.verify(&MADE.vek, LENIENT).is_ok());
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn a_flipped_bit_in_each_byte_is_refused() {
    for byte in 0..REPORT_SIZE {
        let mut report = MADE.report.clone();
        report[byte] ^= 1 << (byte * 5 % 8);
        let report = UnverifiedReport::parse(report.as_slice()).unwrap();
        assert!(report.verify(&MADE.vek, LENIENT).is_err(), "{byte:#x}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn one_flipped_bit_of_a_report_is_refused(byte in 0..REPORT_SIZE, bit in 0..8u32) {
        let mut report = MADE.report.clone();
        report[byte] ^= 1 << bit;
        let report = UnverifiedReport::parse(report.as_slice()).unwrap();
        prop_assert!(report.verify(&MADE.vek, LENIENT).is_err());
    }

    #[test]
    fn any_report_is_read(bytes in proptest::collection::vec(any::<u8>(), REPORT_SIZE)) {
        let report = UnverifiedReport::parse(bytes.as_slice()).unwrap();
        let _ = report.claims();
        prop_assert!(report.verify(&MADE.vek, LENIENT).is_err());
    }

    #[test]
    fn no_parser_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        parse_all(&bytes);
    }

    #[test]
    fn no_parser_panics_on_nearly_pem(body in "[A-Za-z0-9+/=\n -]{0,200}", tail in ".{0,20}") {
        for label in ["CERTIFICATE", "PRIVATE KEY", "EC PRIVATE KEY", "PUBLIC KEY"] {
            let text = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----{tail}");
            parse_all(text.as_bytes());
        }
    }

    #[test]
    fn no_parser_panics_on_nearly_right_certificates(
        which in 0..4usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let mut bytes = MADE.certificates[which].clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        parse_all(&bytes);
    }

    #[test]
    fn certificate_tables_stay_in_bounds(
        rows in proptest::collection::vec((any::<u8>(), 0..300u32, 0..300u32), 0..5),
        tail in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut table = Vec::new();
        for (guid, offset, length) in rows {
            table.extend([guid; 16]);
            table.extend(offset.to_le_bytes());
            table.extend(length.to_le_bytes());
        }
        table.extend([0; 24]);
        table.extend(tail);
        if let Ok(parsed) = CertificateTable::parse(&table) {
            let inside = parsed.entries().iter().all(|(_, bytes)| bytes.len() <= table.len());
            prop_assert!(inside);
        }
    }

    #[test]
    fn id_blocks_survive_both_ways(bytes in proptest::collection::vec(any::<u8>(), ID_BLOCK_SIZE)) {
        let block = IdBlock::from_bytes(&bytes).unwrap();
        prop_assert_eq!(block.to_bytes().to_vec(), bytes);
    }

    #[test]
    fn any_id_authentication_is_judged(
        bytes in proptest::collection::vec(any::<u8>(), ID_AUTH_SIZE),
        block in proptest::collection::vec(any::<u8>(), ID_BLOCK_SIZE),
    ) {
        let auth = IdAuth::from_bytes(&bytes).unwrap();
        let block = IdBlock::from_bytes(&block).unwrap();
        prop_assert!(auth.check(&block, AuthorKey::Enabled).is_err());
        prop_assert!(auth.check(&block, AuthorKey::Disabled).is_err());
    }
}
