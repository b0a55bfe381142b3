//! Demands of several sources: each is kept, none is loosened, and what no report meets is told.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "generators/made_up_report.rs"]
mod made_up_report;

use made_up_report::verified;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::snp::policy::{Flag, Policy};
use sev_launch_abi::snp::tcb::TcbParts;
use sev_launch_abi::{ApiVersion, Generation, PlatformVersion, Technology};
use sev_launch_testkit::report as made_up;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Bytes;
use sev_launch_verify::requirement::Requirement::{self, AtLeast, Exactly};
use sev_launch_verify::snp::advisory::{BULLETINS, Bulletin, Floor, Mended, Status};
use sev_launch_verify::snp::certificate::VekKind;
use sev_launch_verify::snp::demands::{DemandConflict, ReportDemands, UnsignedIdBlock};
use sev_launch_verify::snp::report::{PlatformInfo, VerifiedReport};
use sev_launch_verify::snp::requirements::{
    Generations, PlatformInfoRequirement, Requirements, TcbRequirements, TrustedSigners,
    VmplRequirement,
};

fn milan(change: impl FnOnce(&mut Vec<u8>)) -> VerifiedReport {
    verified(&made_up::Vek::vcek("Milan"), 3, change)
}

/// Met by the made-up report, whose measurement, REPORT_DATA and policy word these are.
fn base() -> Requirements {
    let mut references = ReferenceValues::new();
    references.add(LaunchDigest::from_bytes([0; 48]), StandsFor::image(Technology::Snp, "it"));
    references.add(LaunchDigest::from_bytes([7; 48]), StandsFor::image(Technology::Snp, "other"));
    let any = Some(TcbRequirements::all(Requirement::Any));
    Requirements {
        generations: Generations { milan: any, genoa: any, turin: any },
        vmpl: VmplRequirement::AnyGuest,
        signing_key: Requirement::Any,
        ..Requirements::strict(references, [0; 64])
    }
}

fn none() -> ReportDemands {
    ReportDemands::default()
}

const fn parts(snp: u8, microcode: u8) -> TcbParts {
    TcbParts { fmc: None, boot_loader: 4, tee: 2, snp, microcode }
}

/// Demands that the made-up report does not meet, each with the field that says so.
fn unmet() -> Vec<(ReportDemands, &'static str)> {
    let tcb = |set: fn(&mut TcbRequirements)| {
        let mut demands = none();
        set(&mut demands.milan);
        demands
    };
    let level = AtLeast(parts(25, 0));
    let version = AtLeast(PlatformVersion { major: 1, minor: 56, build: 0 });
    let signers = TrustedSigners { id_keys: vec![Bytes([1; 48])], author_keys: vec![] };
    vec![
        (ReportDemands { version: AtLeast(4), ..none() }, "VERSION"),
        (ReportDemands { generations: Some(vec![Generation::Turin]), ..none() }, "generation"),
        (tcb(|tcb| tcb.reported = AtLeast(parts(25, 0))), "REPORTED_TCB"),
        (tcb(|tcb| tcb.current = AtLeast(parts(25, 0))), "CURRENT_TCB"),
        (tcb(|tcb| tcb.committed = AtLeast(parts(25, 0))), "COMMITTED_TCB"),
        (tcb(|tcb| tcb.launch = AtLeast(parts(25, 0))), "LAUNCH_TCB"),
        (ReportDemands { milan: TcbRequirements::all(level), ..none() }, "REPORTED_TCB"),
        (ReportDemands { guest_svn: AtLeast(1), ..none() }, "GUEST_SVN"),
        (ReportDemands { policy: Exactly(Policy::from_bits(0x2_0000)), ..none() }, "POLICY"),
        (ReportDemands { policy_set: vec![Flag::RaplDis], ..none() }, "POLICY.RAPL_DIS"),
        (ReportDemands { policy_clear: vec![Flag::Smt], ..none() }, "POLICY.SMT"),
        (
            ReportDemands { min_api: AtLeast(ApiVersion { major: 1, minor: 51 }), ..none() },
            "POLICY.ABI",
        ),
        (ReportDemands { family_id: Exactly(Bytes([1; 16])), ..none() }, "FAMILY_ID"),
        (ReportDemands { image_id: Exactly(Bytes([1; 16])), ..none() }, "IMAGE_ID"),
        (ReportDemands { vmpl: Some(1), ..none() }, "VMPL"),
        (ReportDemands { platform_set: PlatformInfo::TIO_EN, ..none() }, "PLATFORM_INFO"),
        (ReportDemands { signing_key: Exactly(VekKind::Vlek), ..none() }, "KEY_INFO.SIGNING_KEY"),
        (
            ReportDemands { measurements: Some(vec![LaunchDigest::from_bytes([7; 48])]), ..none() },
            "MEASUREMENT",
        ),
        (ReportDemands { host_data: Exactly(Bytes([1; 32])), ..none() }, "HOST_DATA"),
        (ReportDemands { id_key_digest: Exactly(Bytes([1; 48])), ..none() }, "ID_KEY_DIGEST"),
        (
            ReportDemands { author_key_digest: Exactly(Bytes([1; 48])), ..none() },
            "AUTHOR_KEY_DIGEST",
        ),
        (ReportDemands { signers: vec![signers], ..none() }, "ID_KEY_DIGEST or AUTHOR_KEY_DIGEST"),
        (ReportDemands { report_id: Exactly(Bytes([1; 32])), ..none() }, "REPORT_ID"),
        (ReportDemands { chip_id: Exactly(Bytes([1; 64])), ..none() }, "CHIP_ID"),
        (ReportDemands { current_version: version, ..none() }, "CURRENT_VERSION"),
        (ReportDemands { current_build: AtLeast(30), ..none() }, "CURRENT_VERSION.BUILD"),
        (ReportDemands { committed_version: version, ..none() }, "COMMITTED_VERSION"),
        (
            ReportDemands {
                advisories: vec![Mended(Bulletin::named("SB-3030").unwrap())],
                ..none()
            },
            "AMD-SB-3030",
        ),
    ]
}

/// The fields whose demands are not met.
fn fields(requirements: &Requirements, report: &VerifiedReport) -> Vec<String> {
    match requirements.appraise(report) {
        Ok(_) => Vec::new(),
        Err(rejection) => rejection.unmet().map(|demand| demand.field.clone()).collect(),
    }
}

#[test]
fn every_demand_is_asked_for_whichever_source_has_it() {
    let report = milan(|_| ());
    assert_eq!(fields(&none().added_to(base()).unwrap(), &report), [""; 0]);
    // Something else that is met, so that neither side is empty.
    let other = || ReportDemands { host_data: Exactly(Bytes([0; 32])), ..none() };
    for (demands, field) in unmet() {
        let alone = demands.added_to(base()).unwrap();
        assert!(fields(&alone, &report).iter().any(|found| found == field), "{field}");
        if field == "HOST_DATA" {
            assert!(demands.and(other()).is_err());
            continue;
        }
        let first = demands.clone().and(other()).unwrap().added_to(base()).unwrap();
        let second = other().and(demands.clone()).unwrap().added_to(base()).unwrap();
        let twice = demands.added_to(alone.clone()).unwrap();
        for both in [first, second, twice] {
            assert!(fields(&both, &report).iter().any(|found| found == field), "{field}");
        }
    }
}

#[test]
fn levels_of_two_sources_bind_part_by_part() {
    let demands = |wanted| ReportDemands { milan: TcbRequirements::all(wanted), ..none() };
    let both = demands(AtLeast(parts(24, 1))).and(demands(AtLeast(parts(1, 219)))).unwrap();
    assert_eq!(both.milan, TcbRequirements::all(AtLeast(parts(24, 219))));
    let turin = TcbParts { fmc: Some(1), ..parts(1, 1) };
    let error = demands(AtLeast(parts(1, 1))).and(demands(AtLeast(turin))).unwrap_err();
    assert!(matches!(error, DemandConflict::Field { field: "REPORTED_TCB", .. }));
}

#[test]
fn what_a_source_says_is_kept_as_it_is() {
    let set = |bits| ReportDemands { platform_set: bits, ..none() };
    let clear = |bits| ReportDemands { platform_clear: bits, ..none() };
    assert_eq!(set(1).and(set(3)).unwrap().platform_set, 3);
    assert_eq!(clear(1).and(clear(3)).unwrap().platform_clear, 3);
    assert!(matches!(set(1).and(clear(3)), Err(DemandConflict::PlatformInfo(1))));
    let with = |set, clear| {
        let platform_info = PlatformInfoRequirement { set, clear, ..base().platform_info };
        Requirements { platform_info, ..base() }
    };
    let added = set(3).added_to(with(1, 0)).unwrap().platform_info;
    assert_eq!((added.set, added.clear), (3, 0));
    let added = clear(3).added_to(with(0, 1)).unwrap().platform_info;
    assert_eq!((added.set, added.clear), (0, 3));
    assert!(matches!(set(1).added_to(with(0, 1)), Err(DemandConflict::PlatformInfo(1))));
    assert!(matches!(clear(1).added_to(with(1, 0)), Err(DemandConflict::PlatformInfo(1))));
    assert!(set(1).added_to(with(0, 2)).is_ok());
    let exactly = Requirements { vmpl: VmplRequirement::Exactly(0), ..base() };
    let vmpl = ReportDemands { vmpl: Some(1), ..none() };
    assert!(matches!(vmpl.added_to(exactly), Err(DemandConflict::Field { field: "VMPL", .. })));
    let data = ReportDemands { host_data: Exactly(Bytes([7; 32])), ..none() };
    assert_eq!(data.host_data().map(|data| *data.as_bytes()), Some([7; 32]));
    assert_eq!(none().host_data(), None);
    let mut raised = none();
    raised.raise(Generation::Turin, parts(3, 4), |tcb| vec![&mut tcb.launch]).unwrap();
    raised.raise(Generation::Turin, parts(1, 9), |tcb| vec![&mut tcb.launch]).unwrap();
    assert_eq!(raised.turin.launch, AtLeast(parts(3, 9)));
    raised.raise(Generation::Rome, parts(3, 4), |tcb| vec![&mut tcb.launch]).unwrap();
    assert_eq!((raised.milan, raised.genoa), (none().milan, none().genoa));
    let fmc = |level| TcbParts { fmc: Some(level), ..parts(1, 1) };
    let mut turin = none();
    turin.raise(Generation::Turin, fmc(1), |tcb| vec![&mut tcb.launch]).unwrap();
    turin.raise(Generation::Turin, fmc(2), |tcb| vec![&mut tcb.launch]).unwrap();
    assert_eq!(turin.turin.launch, AtLeast(fmc(2)));
    let snp = TcbParts { fmc: Some(1), ..parts(9, 1) };
    turin.raise(Generation::Turin, snp, |tcb| vec![&mut tcb.launch]).unwrap();
    assert_eq!(turin.turin.launch, AtLeast(TcbParts { fmc: Some(2), ..parts(9, 1) }));
    // Levels of all generations leave all of them accepted.
    let any = || TcbRequirements::all(AtLeast(parts(0, 0)));
    let all = ReportDemands { milan: any(), genoa: any(), turin: any(), ..none() };
    assert_eq!(all.and(none()).unwrap().generations, None);
    let digests = |bytes: &[u8]| {
        let list = bytes.iter().map(|byte| LaunchDigest::from_bytes([*byte; 48])).collect();
        ReportDemands { measurements: Some(list), ..none() }
    };
    let apart = digests(&[1, 2]).and(digests(&[3]));
    assert!(matches!(apart, Err(DemandConflict::NoDigest { expected: 2, demanded: 1 })));
    assert!(matches!(set(3).added_to(with(0, 1)), Err(DemandConflict::PlatformInfo(1))));
}

#[test]
fn what_no_report_meets_is_told() {
    let conflict = |one: ReportDemands, other: ReportDemands| {
        let there = one.clone().and(other.clone()).and_then(|both| both.added_to(base()));
        let back = other.and(one).and_then(|both| both.added_to(base()));
        assert_eq!(there.is_err(), back.is_err());
        there.map(|_| ()).map_err(|error| error.to_string())
    };
    let vmpl = |level| ReportDemands { vmpl: Some(level), ..none() };
    assert!(conflict(vmpl(0), vmpl(1)).unwrap_err().starts_with("VMPL is demanded to be 0 and 1"));
    assert_eq!(conflict(vmpl(1), vmpl(1)), Ok(()));
    let id = |byte| ReportDemands { report_id: Exactly(Bytes([byte; 32])), ..none() };
    assert!(conflict(id(1), id(2)).unwrap_err().starts_with("REPORT_ID is demanded"));
    let smt = ReportDemands { policy_set: vec![Flag::Smt], ..none() };
    let no_smt = ReportDemands { policy_clear: vec![Flag::Smt], ..none() };
    assert!(conflict(smt, no_smt).unwrap_err().starts_with("SMT is demanded to be 0"));
    let set = ReportDemands { platform_set: 3, ..none() };
    let clear = ReportDemands { platform_clear: 2, ..none() };
    assert!(conflict(set, clear).unwrap_err().contains("the bits 0x2"));
    let digests = |bytes: &[u8]| {
        let list = bytes.iter().map(|byte| LaunchDigest::from_bytes([*byte; 48])).collect();
        ReportDemands { measurements: Some(list), ..none() }
    };
    assert!(conflict(digests(&[1, 2]), digests(&[3])).unwrap_err().contains("none of the 2"));
    assert!(conflict(digests(&[1, 2]), digests(&[2])).unwrap_err().contains("none of the 2"));
    assert_eq!(conflict(digests(&[0, 7]), digests(&[7, 9])), Ok(()));
    // What is refused anyway cannot be demanded.
    let debug = ReportDemands { policy_set: vec![Flag::Debug], ..none() };
    assert!(conflict(debug, none()).is_err());
    let agent = ReportDemands { migration_agent: Exactly(Bytes([5; 32])), ..none() };
    assert!(conflict(agent, none()).is_err());
    let generations =
        |list: &[Generation]| ReportDemands { generations: Some(list.to_vec()), ..none() };
    let error = conflict(generations(&[Generation::Milan]), generations(&[Generation::Genoa]));
    assert!(error.unwrap_err().starts_with("no generation is accepted by every demand"));
    let both = generations(&[Generation::Milan, Generation::Turin]);
    assert_eq!(conflict(both, generations(&[Generation::Milan, Generation::Genoa])), Ok(()));
    // Levels of one generation leave none for the others, whichever source names those.
    let of_milan = ReportDemands { milan: TcbRequirements::all(AtLeast(parts(24, 0))), ..none() };
    assert!(conflict(of_milan.clone(), generations(&[Generation::Turin])).is_err());
    let both = of_milan.and(generations(&Generation::SNP)).unwrap();
    assert_eq!(both.generations, Some(vec![Generation::Milan]));
}

// The host chooses the processor on which it launches.
#[test]
fn attack_levels_of_one_generation_are_not_passed_by_on_another() {
    let levels =
        TcbRequirements { launch: AtLeast(parts(24, 0)), ..TcbRequirements::all(Requirement::Any) };
    let on_milan = || ReportDemands { milan: levels, ..none() };
    let turin = verified(&made_up::Vek::vcek("Turin"), 3, |_| ());
    let genoa = verified(&made_up::Vek::vcek("Genoa"), 3, |_| ());
    let asked = |demands: &ReportDemands, report: &VerifiedReport| {
        fields(&demands.added_to(base()).unwrap(), report)
    };
    assert!(asked(&on_milan(), &milan(|_| ())).is_empty());
    for other in [&turin, &genoa] {
        assert!(asked(&none(), other).is_empty());
        assert_eq!(asked(&on_milan(), other), ["generation"]);
    }
    // Each generation with levels of its own, by one source. Two sources that have one each accept nothing together.
    let both = ReportDemands { genoa: levels, ..on_milan() };
    assert!(asked(&both, &milan(|_| ())).is_empty() && asked(&both, &genoa).is_empty());
    assert_eq!(asked(&both, &turin), ["generation"]);
    let genoa_alone = || ReportDemands { genoa: levels, ..none() };
    assert!(matches!(on_milan().and(genoa_alone()), Err(DemandConflict::Generations { .. })));
    // Named, it is meant.
    let named = ReportDemands { generations: Some(vec![Generation::Turin]), ..on_milan() };
    assert!(asked(&named, &turin).is_empty());
    // Levels on what is refused anyway open nothing.
    let any = Some(TcbRequirements::all(Requirement::Any));
    let only_genoa =
        Requirements { generations: Generations { genoa: any, ..Generations::NONE }, ..base() };
    assert_eq!(fields(&on_milan().added_to(only_genoa).unwrap(), &genoa), ["generation"]);
}

#[test]
fn an_id_block_counts_only_with_its_signer() {
    let svn = || ReportDemands { guest_svn: AtLeast(1), ..none() };
    assert_eq!(none().check_id_block(), Ok(()));
    assert_eq!(svn().check_id_block(), Err(UnsignedIdBlock));
    let zeros = ReportDemands { id_key_digest: Exactly(Bytes([0; 48])), ..svn() };
    assert_eq!(zeros.check_id_block(), Err(UnsignedIdBlock));
    let key = ReportDemands { id_key_digest: Exactly(Bytes([1; 48])), ..svn() };
    assert_eq!(key.check_id_block(), Ok(()));
    let signers = vec![TrustedSigners { id_keys: vec![Bytes([1; 48])], author_keys: vec![] }];
    assert_eq!(ReportDemands { signers, ..svn() }.check_id_block(), Ok(()));
}

// [SNP-ABI, ATTESTATION_REPORT]: ID_KEY_DIGEST at 0xe0, AUTHOR_KEY_DIGEST at 0x110, AUTHOR_KEY_EN bit 0 of 0x48.
#[test]
fn one_of_several_signers_is_enough_and_zeros_are_none() {
    let signed = |id: u8, author: u8, enabled: u8| {
        milan(|report| {
            report[0xe0..0x110].fill(id);
            report[0x110..0x140].fill(author);
            report[0x48] |= enabled;
        })
    };
    let keys = |bytes: &[u8]| bytes.iter().map(|byte| Bytes([*byte; 48])).collect::<Vec<_>>();
    let accepts = |ids: &[u8], authors: &[u8], report: &VerifiedReport| {
        let signers = vec![TrustedSigners { id_keys: keys(ids), author_keys: keys(authors) }];
        fields(&Requirements { signers, ..base() }, report).is_empty()
    };
    let report = signed(5, 6, 1);
    assert!(accepts(&[4, 5], &[], &report) && accepts(&[], &[6], &report));
    assert!(accepts(&[9], &[6], &report) && !accepts(&[6], &[5], &report));
    assert!(!accepts(&[], &[], &report));
    let said = |ids: &[u8], authors: &[u8], report: &VerifiedReport| {
        let signers = vec![TrustedSigners { id_keys: keys(ids), author_keys: keys(authors) }];
        let demands = Requirements { signers, ..base() }.appraise(report);
        let rejection = demands.unwrap_err();
        let demand = rejection.unmet().next().unwrap().clone();
        (demand.wanted, demand.found.unwrap())
    };
    let (five, six) = ("05".repeat(48), "06".repeat(48));
    assert_eq!(said(&[1], &[], &signed(0, 0, 0)), ("1 ID key".into(), "no ID key".into()));
    assert_eq!(
        said(&[1, 2], &[], &signed(5, 6, 0)),
        ("2 ID keys".into(), format!("ID key {five}"))
    );
    let both = format!("ID key {five}, author key {six}");
    assert_eq!(said(&[], &[1, 2], &report), ("2 author keys".into(), both.clone()));
    assert_eq!(said(&[1], &[1], &report), ("1 ID key or 1 author key".into(), both.clone()));
    assert_eq!(said(&[], &[], &report).0, "a trusted key: none is named");
    // An author that the report does not say to be one.
    assert!(!accepts(&[], &[6], &signed(5, 6, 0)));
    assert!(!accepts(&[0], &[0], &signed(0, 0, 0)) && !accepts(&[0], &[0], &signed(0, 0, 1)));
}

// Levels as the sources named in the table have them; the made-up Milan is family 19h, model 1, stepping 1, with SNP 24 and
// microcode 219 (0xdb).
#[test]
fn what_is_mended_is_met_below_or_unknown() {
    let status =
        |name: &str, report: &VerifiedReport| Bulletin::named(name).unwrap().assess(report);
    let report = milan(|_| ());
    assert!(
        matches!(status("AMD-SB-3019", &report), Status::Met(text) if text.contains("microcode 219"))
    );
    assert!(matches!(status("sb-3015", &report), Status::Met(_)));
    let below = status("AMD-SB-3023", &report).to_string();
    assert_eq!(below, "below: snp 24, wanted 27 (source code)");
    assert!(
        matches!(status("AMD-SB-3027", &report), Status::Below(text) if text.contains("219, wanted 222"))
    );
    // No level of Milan is known.
    assert!(matches!(status("AMD-SB-3020", &report), Status::Unknown(_)));
    // Another stepping, of which nothing is known, and Milan-X, whose microcode has numbers of its own. [CPUID_STEP at 0x18a]
    assert!(matches!(
        status("AMD-SB-3019", &milan(|report| report[0x18a] = 0)),
        Status::Unknown(_)
    ));
    assert!(matches!(status("AMD-SB-3019", &milan(|report| report[0x18a] = 2)), Status::Met(_)));
    let old = verified(&made_up::Vek::vcek("Milan"), 2, |_| ());
    assert!(matches!(status("AMD-SB-3019", &old), Status::Unknown(_)));
    assert!(matches!(status("AMD-SB-3015", &old), Status::Met(_)));
    assert!(Bulletin::named("AMD-SB-1").is_none());
    let second_hand = |name: &str, on| Bulletin::named(name).unwrap().is_second_hand(on);
    assert!(!second_hand("3019", Generation::Milan) && second_hand("3019", Generation::Genoa));
    assert!(!second_hand("3019", Generation::Turin));
    assert_eq!(Bulletin::named("3020"), Bulletin::named("cve-2025-0033"));
    // [SNP-ABI, ATTESTATION_REPORT]: REPORTED_TCB at 0x180, PLATFORM_INFO at 0x40, CURRENT_VERSION at 0x1e8 and COMMITTED_VERSION at 0x1ec, the
    // build first. The full remedy of StackWarp needs SMT off, and that of AMD-SB-3016 a host kernel that no report shows.
    let levels = |smt: u8, current: u8, committed: u8| {
        let tcb = [4, 2, 0, 0, 0, 0, 0x1d, 0xde];
        verified(&made_up::Vek { tcb, ..made_up::Vek::vcek("Milan") }, 3, |report| {
            report[0x40] = smt;
            report[0x1e8] = current;
            report[0x1ec] = committed;
        })
    };
    assert!(matches!(status("SB-3027", &levels(0, 29, 29)), Status::Met(_)));
    assert!(
        matches!(status("SB-3027", &levels(1, 29, 29)), Status::Below(text) if text.contains("SMT is on"))
    );
    assert!(
        matches!(status("SB-3016", &levels(0, 29, 29)), Status::Below(text) if text.contains("1.55.29, wanted 1.55.35"))
    );
    assert!(matches!(status("SB-3016", &levels(0, 35, 29)), Status::Below(_)));
    assert!(
        matches!(status("SB-3016", &levels(0, 35, 35)), Status::Unknown(text) if text.contains("no report shows"))
    );
}

#[test]
fn what_is_not_known_of_a_bulletin_is_not_enough() {
    let report = milan(|_| ());
    for bulletin in BULLETINS {
        let demands = ReportDemands { advisories: vec![Mended(bulletin)], ..none() };
        let unmet = fields(&demands.added_to(base()).unwrap(), &report);
        let is_met = matches!(bulletin.assess(&report), Status::Met(_));
        assert_eq!(unmet.is_empty(), is_met, "{}", bulletin.name);
    }
}

#[test]
fn every_level_has_a_source_and_a_generation_with_snp() {
    for bulletin in BULLETINS {
        assert!(bulletin.name.starts_with("AMD-SB-") && bulletin.cve.starts_with("CVE-"));
        assert!(bulletin.levels().count() > 0, "{}", bulletin.name);
        for level in bulletin.levels() {
            assert!(!level.source.is_empty() && Generation::SNP.contains(&level.generation));
            assert!(!matches!(level.floor, Floor::Part(_, 0)), "{}", bulletin.name);
        }
    }
}
