//! Authentic reports whose own parts contradict each other, or that say what has no name: each is a demand, and each is loosened by
//! one field.
//!
//! Offsets and the places of a TCB's parts are those of [SNP-ABI, ATTESTATION_REPORT] and [SNP-ABI, TCB_VERSION], written out.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "generators/made_up_report.rs"]
mod made_up_report;

use made_up_report::verified;
use sev_launch_abi::Technology;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_testkit::certs::vectors::CertificateFiles;
use sev_launch_testkit::report as made_up;
use sev_launch_verify::abi::Generation;
use sev_launch_verify::demand::Demand;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::snp::certificate::Vek;
use sev_launch_verify::snp::chain::{Chain, ChainOptions, Revocation, Roots};
use sev_launch_verify::snp::report::{ReportOptions, UnverifiedReport, VerifiedReport};
use sev_launch_verify::snp::requirements::{
    CoherenceRequirements, Generations, Incoherence, Requirements, TcbRequirements, UnknownBits,
};

const CURRENT_TCB: usize = 0x038;
const COMMITTED_TCB: usize = 0x1e0;
const CURRENT_BUILD: usize = 0x1e8;
const COMMITTED_BUILD: usize = 0x1ec;
const LAUNCH_TCB: usize = 0x1f0;

const REPORTED: &str = "REPORTED over CURRENT";
const LAUNCH: &str = "LAUNCH over CURRENT";
const COMMITTED: &str = "COMMITTED over CURRENT";
const PROVISIONAL: &str = "CURRENT over COMMITTED";

/// Any generation with any TCB; strict otherwise.
fn strict(digest: LaunchDigest) -> Requirements {
    let mut references = ReferenceValues::new();
    references.add(digest, StandsFor::image(Technology::Snp, "build 7"));
    let any = Some(TcbRequirements::all(Requirement::Any));
    Requirements {
        generations: Generations { milan: any, genoa: any, turin: any },
        ..Requirements::strict(references, [0; 64])
    }
}

fn report(
    product: &'static str,
    version: u32,
    change: impl FnOnce(&mut Vec<u8>),
) -> VerifiedReport {
    verified(&made_up::Vek::vcek(product), version, change)
}

/// The demands that are not met.
fn unmet(requirements: &Requirements, report: &VerifiedReport) -> Vec<Demand> {
    match requirements.appraise(report) {
        Ok(_) => Vec::new(),
        Err(rejection) => rejection.unmet().cloned().collect(),
    }
}

fn fields(requirements: &Requirements, report: &VerifiedReport) -> Vec<String> {
    unmet(requirements, report).into_iter().map(|demand| demand.field).collect()
}

/// Strict but for one field.
fn loosened(change: impl FnOnce(&mut Requirements)) -> Requirements {
    let mut requirements = strict(LaunchDigest::from_bytes([0; 48]));
    change(&mut requirements);
    requirements
}

/// The places of a product's parts in a TCB version.
fn parts(product: &str) -> &'static [usize] {
    if product == "Turin" { &[0, 1, 2, 3, 7] } else { &[0, 1, 6, 7] }
}

#[test]
fn every_part_of_every_tcb_is_held_against_the_current_one() {
    let strict = strict(LaunchDigest::from_bytes([0; 48]));
    for product in ["Milan", "Genoa", "Turin"] {
        assert_eq!(fields(&strict, &report(product, 3, |_| ())), [""; 0]);
        for part in parts(product) {
            let changed = |field: usize, by: i8| {
                report(product, 3, |report| {
                    report[field + part] = report[field + part].checked_add_signed(by).unwrap();
                })
            };
            let below = changed(CURRENT_TCB, -1);
            let wanted = [REPORTED, LAUNCH, COMMITTED];
            assert_eq!(fields(&strict, &below), wanted, "{product} {part}");
            // A newer firmware that runs and is not committed: the first that may be accepted.
            let above = changed(CURRENT_TCB, 1);
            assert_eq!(fields(&strict, &above), [PROVISIONAL], "{product} {part}");
            let below = changed(COMMITTED_TCB, -1);
            assert_eq!(fields(&strict, &below), [PROVISIONAL], "{product} {part}");
            let above = changed(COMMITTED_TCB, 1);
            assert_eq!(fields(&strict, &above), [COMMITTED], "{product} {part}");
            let above = changed(LAUNCH_TCB, 1);
            assert_eq!(fields(&strict, &above), [LAUNCH], "{product} {part}");
            assert_eq!(fields(&strict, &changed(LAUNCH_TCB, -1)), [""; 0], "{product} {part}");
        }
    }
}

#[test]
fn what_is_reported_may_be_below_what_runs() {
    let strict = strict(LaunchDigest::from_bytes([0; 48]));
    let newer = |report: &mut Vec<u8>| {
        for field in [CURRENT_TCB, COMMITTED_TCB, LAUNCH_TCB] {
            report[field + 6] += 1;
        }
    };
    assert_eq!(fields(&strict, &report("Milan", 3, newer)), [""; 0]);
}

#[test]
fn each_is_loosened_by_its_field_alone() {
    let accept = Incoherence::Accept;
    let reported = loosened(|all| all.coherence.reported_above_current = accept);
    let provisional = loosened(|all| all.coherence.provisional_firmware = accept);
    let launch = loosened(|all| all.coherence.launch_above_current = accept);
    let below = report("Milan", 3, |report| report[CURRENT_TCB + 7] -= 1);
    assert_eq!(fields(&reported, &below), [LAUNCH, COMMITTED]);
    assert_eq!(fields(&launch, &below), [REPORTED, COMMITTED]);
    // What is committed can never be above what runs.
    assert_eq!(fields(&provisional, &below), [REPORTED, LAUNCH, COMMITTED]);
    let above = report("Milan", 3, |report| report[COMMITTED_TCB + 7] += 1);
    assert_eq!(fields(&provisional, &above), [COMMITTED]);
    let newer = report("Milan", 3, |report| {
        report[CURRENT_TCB + 7] += 1;
        report[CURRENT_BUILD] += 1;
    });
    assert_eq!(fields(&provisional, &newer), [""; 0]);
    let strict = strict(LaunchDigest::from_bytes([0; 48]));
    assert_eq!(fields(&strict, &newer), [PROVISIONAL]);
    assert_eq!(strict.coherence, CoherenceRequirements::STRICT);
}

#[test]
fn the_firmware_s_versions_are_compared_whole() {
    let strict = strict(LaunchDigest::from_bytes([0; 48]));
    let provisional = loosened(|all| all.coherence.provisional_firmware = Incoherence::Accept);
    // Build, minor and major, in this order.
    let with = |current: [u8; 3], committed: [u8; 3]| {
        report("Milan", 3, |report| {
            report[CURRENT_BUILD..][..3].copy_from_slice(&current);
            report[COMMITTED_BUILD..][..3].copy_from_slice(&committed);
        })
    };
    for (current, committed, wanted) in [
        ([30, 55, 1], [29, 55, 1], PROVISIONAL),
        ([10, 55, 1], [30, 54, 1], PROVISIONAL),
        ([10, 1, 2], [30, 54, 1], PROVISIONAL),
        ([28, 55, 1], [29, 55, 1], COMMITTED),
        ([30, 54, 1], [10, 55, 1], COMMITTED),
    ] {
        let report = with(current, committed);
        assert_eq!(fields(&strict, &report), [wanted], "{current:?} {committed:?}");
        let is_accepted = fields(&provisional, &report).is_empty();
        assert_eq!(is_accepted, wanted == PROVISIONAL, "{current:?} {committed:?}");
    }
}

#[test]
fn what_is_above_is_named_with_both_levels() {
    let strict = strict(LaunchDigest::from_bytes([0; 48]));
    let report = report("Turin", 5, |report| {
        report[COMMITTED_TCB] = 0;
        report[COMMITTED_TCB + 1] = 9;
        report[COMMITTED_TCB + 7] = 0x50;
        report[COMMITTED_BUILD] = 28;
    });
    let texts: Vec<_> = unmet(&strict, &report).iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "COMMITTED over CURRENT: found boot loader 9 over 2, wanted nothing",
            "CURRENT over COMMITTED: found fmc 1 over 0, microcode 81 over 80, version 1.55.29 over 1.55.28, \
             wanted nothing: no provisional firmware",
        ]
    );
}

/// [SNP-ABI, ATTESTATION_REPORT]: the first version that gives a meaning to bytes that were reserved.
const GIVEN_A_MEANING: [(std::ops::Range<usize>, u32); 2] = [(0x188..0x18b, 3), (0x1f8..0x208, 5)];

#[test]
fn every_reserved_byte_must_be_zero() {
    let strict = strict(LaunchDigest::from_bytes([0; 48]));
    let accepting = loosened(|all| all.reserved = UnknownBits::Accept);
    // The first and the last of each reserved range, version 2's and 5's.
    let edges =
        [0x04c, 0x04f, 0x188, 0x18a, 0x18b, 0x19f, 0x1eb, 0x1ef, 0x1f8, 0x207, 0x208, 0x29f];
    for version in 2..=5 {
        for at in edges {
            let is_named = |(range, first): &(std::ops::Range<usize>, u32)| {
                range.contains(&at) && version >= *first
            };
            // Another processor, or mitigations: nothing that is reserved.
            if GIVEN_A_MEANING.iter().any(is_named) {
                continue;
            }
            let report = report("Milan", version, |report| report[at] = 0x40);
            let unmet = unmet(&strict, &report);
            let wanted = format!("reserved bits: found 0x40 at {at:#05x}, wanted all zero");
            assert_eq!(unmet.iter().map(ToString::to_string).collect::<Vec<_>>(), [wanted]);
            assert_eq!(fields(&accepting, &report), [""; 0], "{at:#x}");
        }
    }
}

#[test]
fn reserved_bits_of_key_info_and_of_tcb_versions_count() {
    let strict = strict(LaunchDigest::from_bytes([0; 48]));
    // KEY_INFO: bits 31:5. A TCB version: bytes 2 to 5 of Milan's, 4 to 6 of Turin's.
    for (product, at, value) in [
        ("Milan", 0x048, 0x20),
        ("Milan", 0x048, 0x80),
        ("Milan", 0x04b, 0x80),
        ("Milan", CURRENT_TCB + 2, 1),
        ("Genoa", COMMITTED_TCB + 5, 1),
        ("Turin", LAUNCH_TCB + 4, 1),
        ("Turin", CURRENT_TCB + 6, 1),
    ] {
        let report = report(product, 3, |report| report[at] = value);
        let unmet = unmet(&strict, &report);
        let wanted = format!("reserved bits: found {value:#04x} at {at:#05x}, wanted all zero");
        assert_eq!(unmet.iter().map(ToString::to_string).collect::<Vec<_>>(), [wanted]);
    }
    // AUTHOR_KEY_EN and SIGNING_KEY are named.
    let author = report("Milan", 3, |report| report[0x048] = 1);
    assert_eq!(fields(&strict, &author), [""; 0]);
    let many = report("Milan", 3, |report| report[0x210..0x290].fill(0xff));
    let unmet = unmet(&strict, &many);
    assert!(unmet[0].to_string().contains("0xff at 0x213 and 124 more"), "{}", unmet[0]);
}

#[test]
fn real_platforms_are_coherent_and_one_runs_provisional_firmware() {
    let Some(folder) = CertificateFiles::folder() else { return };
    let mut judged = 0;
    for (report, vek, provisional) in [
        ("microsoft-tav/milan_attestation_report.bin", "microsoft-tav/milan_vcek.pem", false),
        ("microsoft-tav/genoa_attestation_report.bin", "microsoft-tav/genoa_vcek.pem", false),
        ("microsoft-tav/turin_attestation_report.bin", "microsoft-tav/turin_vcek.pem", false),
        ("trustee-vlek/test-vlek-report.bin", "trustee-vlek/test-vlek.der", true),
    ] {
        let read = |name: &str| folder.read(std::path::Path::new(&format!("extra/{name}")));
        let vek = Vek::parse(&read(vek)).unwrap();
        let roots = Roots::Pinned { generations: &Generation::SNP };
        let time = vek.validity().not_after;
        let options = ChainOptions { roots, revocation: Revocation::NotChecked, time };
        let vek = Chain { vek: &vek, intermediate: None, root: None }.verify(&options).unwrap();
        let report_read = UnverifiedReport::parse(read(report).as_slice()).unwrap();
        let verified = report_read.verify(&vek, ReportOptions::STRICT).unwrap();
        let mut requirements = strict(verified.report().measurement);
        let found = |requirements: &Requirements| -> Vec<String> {
            let unmet = unmet(requirements, &verified);
            let coherence = unmet.iter().filter(|demand| {
                demand.field.contains(" over ") || demand.field == "reserved bits"
            });
            coherence.map(ToString::to_string).collect()
        };
        if provisional {
            let wanted = "CURRENT over COMMITTED: found microcode 220 over 219, wanted nothing: no provisional firmware";
            assert_eq!(found(&requirements), [wanted], "{report}");
            requirements.coherence.provisional_firmware = Incoherence::Accept;
        }
        assert_eq!(found(&requirements), [""; 0], "{report}");
        judged += 1;
    }
    assert_eq!(judged, 4);
}
