//! Made-up reports that were verified.

use sev_launch_testkit::report::{self as made_up, Authority, NOT_BEFORE};
use sev_launch_verify::snp::certificate::{CaCertificate, Vek};
use sev_launch_verify::snp::chain::{Chain, ChainOptions, Revocation, Roots};
use sev_launch_verify::snp::report::{ReportOptions, UnverifiedReport, VerifiedReport};

/// A made-up report, changed before it is signed, and verified.
pub(crate) fn verified(
    key: &made_up::Vek,
    version: u32,
    change: impl FnOnce(&mut Vec<u8>),
) -> VerifiedReport {
    let authority = if key.hardware_id.is_some() { Authority::Ask } else { Authority::Asvk };
    let ark =
        CaCertificate::parse(&Authority::Ark.certificate(key.product, Authority::Ark)).unwrap();
    let ask = CaCertificate::parse(&authority.certificate(key.product, Authority::Ark)).unwrap();
    let vek = Vek::parse(&key.certificate(authority)).unwrap();
    let options = ChainOptions {
        roots: Roots::Explicit(&ark),
        revocation: Revocation::NotChecked,
        time: NOT_BEFORE,
    };
    let vek = Chain { vek: &vek, intermediate: Some(&ask), root: None }.verify(&options).unwrap();
    UnverifiedReport::parse(key.report(version, change).as_slice())
        .unwrap()
        .verify(&vek, ReportOptions::STRICT)
        .unwrap()
}
