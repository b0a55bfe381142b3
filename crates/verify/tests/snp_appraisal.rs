//! Authentic reports against requirements: one wrong field, one mismatch.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "generators/made_up_report.rs"]
mod made_up_report;

use made_up_report::verified;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::snp::policy::Policy;
use sev_launch_abi::snp::tcb::{TcbComponent, TcbParts};
use sev_launch_abi::{ApiVersion, PlatformVersion, Technology};
use sev_launch_testkit::report as made_up;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::{Bytes, Requirement};
use sev_launch_verify::snp::certificate::VekKind;
use sev_launch_verify::snp::report::{PlatformInfo, VerifiedReport};
use sev_launch_verify::snp::requirements::{
    CoherenceRequirements, Generations, PlatformInfoRequirement, PolicyRequirements, Requirements,
    TcbRequirements, UnknownBits, VmplRequirement,
};

fn milan(change: impl FnOnce(&mut Vec<u8>)) -> VerifiedReport {
    verified(&made_up::Vek::vcek("Milan"), 3, change)
}

const TCB: TcbParts = TcbParts { fmc: None, boot_loader: 4, tee: 2, snp: 24, microcode: 0xdb };
const FLOORS: TcbRequirements = TcbRequirements::all(Requirement::AtLeast(TCB));
const RULES: PolicyRequirements =
    PolicyRequirements { cxl_allow: Requirement::Exactly(false), ..PolicyRequirements::STRICT };

fn describe(image: &str) -> StandsFor {
    StandsFor { vcpus: Some(2), ..StandsFor::image(Technology::Snp, image) }
}

const fn exactly<const N: usize>(bytes: [u8; N]) -> Requirement<Bytes<N>> {
    Requirement::Exactly(Bytes(bytes))
}

/// Strict on everything: met by the unchanged report.
fn strict() -> Requirements {
    let mut references = ReferenceValues::new();
    references.add(LaunchDigest::from_bytes([7; 48]), describe("other"));
    references.add(LaunchDigest::from_bytes([0; 48]), describe("wanted"));
    let chip_id = <[u8; 64]>::try_from(sev_launch_testkit::pattern(64, 1, 0x11)).unwrap();
    let version = Requirement::Exactly(PlatformVersion { major: 1, minor: 55, build: 29 });
    Requirements {
        version: Requirement::AtLeast(3),
        generations: Generations { milan: Some(FLOORS), genoa: None, turin: None },
        guest_svn: Requirement::Exactly(0),
        policy: RULES,
        family_id: exactly([0; 16]),
        image_id: exactly([0; 16]),
        vmpl: VmplRequirement::Exactly(0),
        platform_info: PlatformInfoRequirement {
            set: 0,
            clear: PlatformInfo::SMT_EN,
            unknown: UnknownBits::Refuse,
        },
        signing_key: Requirement::Exactly(VekKind::Vcek),
        report_data: exactly([0; 64]),
        references,
        host_data: exactly([0; 32]),
        id_key_digest: exactly([0; 48]),
        author_key_digest: exactly([0; 48]),
        signers: Vec::new(),
        report_id: exactly([0; 32]),
        migration_agent: exactly([0xff; 32]),
        chip_id: exactly(chip_id),
        current_version: version,
        current_build: Requirement::Any,
        committed_version: version,
        advisories: Vec::new(),
        coherence: CoherenceRequirements::STRICT,
        reserved: UnknownBits::Refuse,
    }
}

/// The fields that differ.
fn fields(requirements: &Requirements, report: &VerifiedReport) -> Vec<String> {
    match requirements.appraise(report) {
        Ok(accepted) => {
            assert!(accepted.demands().iter().all(|demand| demand.met));
            Vec::new()
        }
        Err(rejection) => {
            let unmet: Vec<_> = rejection.unmet().map(|demand| demand.field.to_string()).collect();
            assert!(!unmet.is_empty());
            unmet
        }
    }
}

#[test]
fn what_is_as_required_is_accepted_and_named() {
    let accepted = strict().appraise(&milan(|_| ())).unwrap();
    assert_eq!(*accepted.stands_for(), describe("wanted"));
    let (asked, unasked) = (accepted.demands(), strict().demands());
    assert!(asked.iter().all(|demand| demand.met && demand.found.is_some()));
    assert!(unasked.iter().all(|demand| !demand.met && demand.found.is_none()));
    assert!(asked.iter().map(|one| &one.field).eq(unasked.iter().map(|one| &one.field)));
    let open = |requirements: &Requirements| -> Vec<String> {
        let demands = requirements.demands();
        demands.iter().filter(|one| one.is_open()).map(|one| one.field.clone()).collect()
    };
    let any = Requirements { host_data: Requirement::Any, ..strict() };
    assert!(!open(&strict()).contains(&"HOST_DATA".to_owned()));
    assert!(open(&any).contains(&"HOST_DATA".to_owned()));
}

#[test]
fn each_field_has_its_mismatch() {
    for (offset, value, wanted) in [
        (0x004, 1, "GUEST_SVN"),
        (0x00a, 0x0b, "POLICY.DEBUG"),
        (0x00a, 0x07, "POLICY.MIGRATE_MA"),
        (0x00a, 0x23, "POLICY.CXL_ALLOW"),
        (0x00a, 0x01, "POLICY"),
        (0x00b, 0x04, "POLICY"),
        (0x010, 1, "FAMILY_ID"),
        (0x02f, 1, "IMAGE_ID"),
        (0x030, 1, "VMPL"),
        (0x038, 3, "CURRENT_TCB"),
        (0x039, 1, "CURRENT_TCB"),
        (0x03e, 0x17, "CURRENT_TCB"),
        (0x03f, 0xda, "CURRENT_TCB"),
        (0x040, 1, "PLATFORM_INFO"),
        (0x041, 1, "PLATFORM_INFO"),
        (0x048, 1, "KEY_INFO.AUTHOR_KEY_EN"),
        (0x08f, 1, "REPORT_DATA"),
        (0x090, 1, "MEASUREMENT"),
        (0x0c0, 1, "HOST_DATA"),
        (0x0e0, 1, "ID_KEY_DIGEST"),
        (0x110, 1, "AUTHOR_KEY_DIGEST"),
        (0x160, 0xfe, "REPORT_ID_MA"),
        (0x1e7, 0, "COMMITTED_TCB"),
        (0x1e8, 28, "CURRENT_VERSION"),
        (0x1ee, 0, "COMMITTED_VERSION"),
        (0x1f0, 3, "LAUNCH_TCB"),
    ] {
        let report = milan(|report| report[offset] = value);
        // One level below what is demanded can also be below another of the report's: `snp_coherence.rs`.
        let mut found = fields(&strict(), &report);
        found.retain(|field| !field.contains(" over "));
        assert_eq!(found, [wanted], "{offset:#x}");
    }
}

#[test]
fn every_mismatch_is_listed_with_what_was_found() {
    let report = milan(|report| {
        report[0x004] = 9;
        report[0x030] = 2;
        report[0x0e0..0x110].fill(0xab);
    });
    let rejection = strict().appraise(&report).unwrap_err();
    let texts: Vec<String> = rejection.unmet().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "GUEST_SVN: found 9, wanted 0".to_owned(),
            "VMPL: found 2, wanted 0".to_owned(),
            format!("ID_KEY_DIGEST: found {}, wanted {}", "ab".repeat(48), "0".repeat(96)),
        ]
    );
    let matched = rejection.demands().iter().find(|demand| demand.field == "MEASUREMENT");
    assert!(matched.unwrap().met);
}

#[test]
fn an_empty_set_accepts_nothing() {
    let requirements = Requirements { references: ReferenceValues::new(), ..strict() };
    let rejection = requirements.appraise(&milan(|_| ())).unwrap_err();
    let unmet: Vec<_> = rejection.unmet().map(|demand| demand.wanted.as_str()).collect();
    assert_eq!(unmet, ["one of 0 reference values"]);
}

#[test]
fn tcb_parts_do_not_make_up_for_each_other() {
    let report = milan(|report| report[0x038..0x040].copy_from_slice(&[9, 9, 0, 0, 0, 0, 9, 0xff]));
    assert_eq!(fields(&strict(), &report)[0], "CURRENT_TCB");
    let lower = TcbParts { snp: 9, ..TCB };
    assert_eq!(lower.below(&TCB), [TcbComponent::Snp]);
    assert!(TCB > lower);
    let across = TcbParts { microcode: 0xff, ..lower };
    assert_eq!(across.partial_cmp(&TCB), None);
    let turin = TcbParts { fmc: Some(1), ..TCB };
    assert_eq!(turin.partial_cmp(&TCB), None);
}

#[test]
fn generations_have_their_own_rules() {
    let genoa = verified(&made_up::Vek::vcek("Genoa"), 3, |_| ());
    assert_eq!(fields(&strict(), &genoa), ["generation"]);
    let mut requirements = strict();
    requirements.generations.genoa = Some(FLOORS);
    assert_eq!(fields(&requirements, &genoa), [""; 0]);
}

#[test]
fn a_vlek_needs_to_be_wanted() {
    let report = verified(&made_up::Vek::vlek("Milan"), 3, |_| ());
    assert_eq!(fields(&strict(), &report), ["KEY_INFO.SIGNING_KEY", "CHIP_ID"]);
    let requirements = Requirements {
        signing_key: Requirement::Exactly(VekKind::Vlek),
        chip_id: Requirement::Any,
        ..strict()
    };
    assert_eq!(fields(&requirements, &report), [""; 0]);
}

#[test]
fn policies_may_be_exact() {
    let exactly = |bits| Requirements {
        policy: PolicyRequirements { word: Requirement::Exactly(Policy::from_bits(bits)), ..RULES },
        ..strict()
    };
    assert_eq!(fields(&exactly(0x3_0000), &milan(|_| ())), [""; 0]);
    assert_eq!(fields(&exactly(0x2_0000), &milan(|_| ())), ["POLICY"]);
    // A word that allows debugging does not let it pass by itself.
    let debug = milan(|report| report[0x0a] = 0x0b);
    assert_eq!(fields(&exactly(0xb_0000), &debug), ["POLICY.DEBUG"]);
    let mut named = exactly(0xb_0000);
    named.policy.debug = Requirement::Any;
    assert_eq!(fields(&named, &debug), [""; 0]);
    let min_api =
        |min_api| Requirements { policy: PolicyRequirements { min_api, ..RULES }, ..strict() };
    let report = milan(|report| report[8..10].copy_from_slice(&[5, 1]));
    assert_eq!(
        fields(&min_api(Requirement::AtLeast(ApiVersion { major: 1, minor: 5 })), &report),
        [""; 0]
    );
    assert_eq!(
        fields(&min_api(Requirement::AtLeast(ApiVersion { major: 0, minor: 200 })), &report),
        [""; 0]
    );
    assert_eq!(
        fields(&min_api(Requirement::AtLeast(ApiVersion { major: 1, minor: 6 })), &report),
        ["POLICY.ABI"]
    );
    assert_eq!(
        fields(&min_api(Requirement::Exactly(ApiVersion { major: 5, minor: 1 })), &report),
        ["POLICY.ABI"]
    );
}

#[test]
fn a_bit_that_the_exact_word_lacks_is_a_contradiction() {
    let consistent = |word, debug, smt| {
        let word = Requirement::Exactly(Policy::from_bits(word));
        PolicyRequirements { word, debug, smt, ..PolicyRequirements::STRICT }.check_consistent()
    };
    let (no, yes) = (Requirement::Exactly(false), Requirement::Exactly(true));
    assert!(PolicyRequirements::STRICT.check_consistent().is_ok());
    assert!(consistent(0x3_0000, no, yes).is_ok());
    assert!(consistent(0xb_0000, Requirement::Any, Requirement::Any).is_ok());
    for (word, debug, smt, text) in [
        (0xb_0000, no, yes, "DEBUG is demanded to be 0, which contradicts another demand"),
        (0x2_0000, no, yes, "SMT is demanded to be 1, which contradicts another demand"),
        (0x7_0000, no, yes, "MIGRATE_MA is demanded to be 0, which contradicts another demand"),
    ] {
        assert_eq!(consistent(word, debug, smt).unwrap_err().to_string(), text);
    }
}

#[test]
fn what_is_demanded_is_told() {
    let wanted = |requirements: &Requirements, field: &str| {
        let demands = requirements.demands();
        demands.into_iter().find(|demand| demand.field == field).unwrap().wanted
    };
    use UnknownBits::{Accept, Refuse};
    for (set, clear, unknown, text) in [
        (0, 0, Accept, "anything"),
        (0, 0, Refuse, "no bits without a name"),
        (0x20, 0x1, Accept, "bits 0x20 set and 0x1 clear"),
        (0x20, 0, Refuse, "bits 0x20 set and 0x0 clear, none without a name"),
        (0, 0x1, Refuse, "bits 0x0 set and 0x1 clear, none without a name"),
    ] {
        let platform_info = PlatformInfoRequirement { set, clear, unknown };
        assert_eq!(wanted(&Requirements { platform_info, ..strict() }, "PLATFORM_INFO"), text);
    }
    for (vmpl, text) in [
        (VmplRequirement::AnyGuest, "0 to 3"),
        (VmplRequirement::Exactly(2), "2"),
        (VmplRequirement::AtMost(2), "at most 2"),
        (VmplRequirement::AnyEvenHost, "anything"),
    ] {
        assert_eq!(wanted(&Requirements { vmpl, ..strict() }, "VMPL"), text);
    }
    let none = strict();
    let other = Requirements { migration_agent: exactly([5; 32]), ..strict() };
    assert_eq!(wanted(&none, "REPORT_ID_MA"), "no migration agent");
    assert_eq!(wanted(&other, "REPORT_ID_MA"), "05".repeat(32));
    let generations = Generations { turin: Some(FLOORS), ..none.generations };
    assert_eq!(wanted(&none, "generation"), "Milan");
    assert_eq!(wanted(&Requirements { generations, ..strict() }, "generation"), "Milan or Turin");
    let nothing = Requirements { generations: Generations::NONE, ..strict() };
    assert_eq!(wanted(&nothing, "generation"), "one that is named: none is");
}

// [SNP-ABI, PLATFORM_INFO]: bit 0 SMT_EN, bit 1 TSME_EN. The report has SMT_EN clear and TSME_EN set.
#[test]
fn every_bit_of_platform_info_is_asked_for() {
    let report =
        milan(|report| report[0x40..0x48].copy_from_slice(&[0x02, 0, 0, 0, 0, 0, 0, 0x80]));
    let with = |set, clear, unknown| {
        let platform_info = PlatformInfoRequirement { set, clear, unknown };
        fields(&Requirements { platform_info, ..strict() }, &report).is_empty()
    };
    use UnknownBits::{Accept, Refuse};
    assert!(with(0, 0, Accept) && with(2, 1, Accept));
    assert!(!with(0, 0, Refuse) && !with(3, 0, Accept) && !with(1, 0, Accept));
    assert!(!with(0, 2, Accept) && !with(0, 3, Accept));
}

#[test]
fn each_vmpl_is_judged() {
    let accepted = |vmpl| {
        let found = |level: &u8| {
            let report = milan(|report| report[0x30] = *level);
            fields(&Requirements { vmpl, ..strict() }, &report).is_empty()
        };
        [0, 1, 2, 3].iter().filter(|level| found(level)).copied().collect::<Vec<u8>>()
    };
    assert_eq!(accepted(VmplRequirement::AnyGuest), [0, 1, 2, 3]);
    assert_eq!(accepted(VmplRequirement::Exactly(1)), [1]);
    assert_eq!(accepted(VmplRequirement::AtMost(1)), [0, 1]);
    assert_eq!(accepted(VmplRequirement::AnyEvenHost), [0, 1, 2, 3]);
}

#[test]
fn the_host_s_own_reports_are_refused_unless_wanted() {
    let report = milan(|report| report[0x30..0x34].fill(0xff));
    let with = |vmpl| fields(&Requirements { vmpl, ..strict() }, &report);
    assert_eq!(with(VmplRequirement::AnyGuest), ["VMPL"]);
    assert_eq!(with(VmplRequirement::AtMost(3)), ["VMPL"]);
    assert_eq!(with(VmplRequirement::AnyEvenHost), [""; 0]);
}

#[test]
fn an_author_counts_only_where_the_report_says_so() {
    let wanted = Requirements { author_key_digest: exactly([5; 48]), ..strict() };
    let unsaid = milan(|report| report[0x110..0x140].fill(5));
    assert_eq!(fields(&wanted, &unsaid), ["KEY_INFO.AUTHOR_KEY_EN"]);
    let said = milan(|report| {
        report[0x110..0x140].fill(5);
        report[0x48] = 1;
    });
    assert_eq!(fields(&wanted, &said), [""; 0]);
}

#[test]
fn the_strict_requirements_refuse_what_is_forgotten() {
    let strict_as_given = || {
        let Requirements { references, .. } = strict();
        Requirements::strict(references, [0; 64])
    };
    assert_eq!(fields(&strict_as_given(), &milan(|_| ())), ["generation"]);
    let generations = Generations { milan: Some(FLOORS), ..Generations::NONE };
    let requirements = Requirements { generations, ..strict_as_given() };
    assert_eq!(fields(&requirements, &milan(|_| ())), [""; 0]);
    for (offset, value, wanted) in [
        (0x00a, 0x0b, "POLICY.DEBUG"),
        (0x00a, 0x07, "POLICY.MIGRATE_MA"),
        (0x030, 1, "VMPL"),
        (0x038, 3, "CURRENT_TCB"),
        (0x041, 1, "PLATFORM_INFO"),
        (0x08f, 1, "REPORT_DATA"),
        (0x090, 1, "MEASUREMENT"),
        (0x160, 0xfe, "REPORT_ID_MA"),
    ] {
        let report = milan(|report| report[offset] = value);
        assert_eq!(fields(&requirements, &report)[0], wanted, "{offset:#x}");
    }
    let report = verified(&made_up::Vek::vlek("Milan"), 3, |_| ());
    assert_eq!(fields(&requirements, &report), ["KEY_INFO.SIGNING_KEY"]);
}

#[test]
fn a_debug_policy_is_refused_unless_it_is_named() {
    use sev_launch_abi::snp::policy::Finding;
    let policy = Policy::from_bits(0xf_0000);
    let strict = PolicyRequirements::STRICT;
    assert_eq!(strict.refusals(policy), [Finding::DebugAllowed, Finding::MigrationAgentAllowed]);
    let debug = PolicyRequirements { debug: Requirement::Any, ..strict };
    assert_eq!(debug.refusals(policy), [Finding::MigrationAgentAllowed]);
    let both = PolicyRequirements { migrate_ma: Requirement::Any, ..debug };
    assert_eq!(both.refusals(policy), []);
    // What no guest runs under is no insecure guest.
    assert_eq!(strict.refusals(Policy::from_bits(0)), []);
}

#[cfg(feature = "serde")]
#[test]
fn requirements_and_verdicts_can_be_stored() {
    use sev_launch_verify::demand::Rejection;
    let stored = serde_json::to_string(&strict()).unwrap();
    assert_eq!(serde_json::from_str::<Requirements>(&stored).unwrap(), strict());
    let forgotten = stored.replacen(r#""vmpl":{"exactly":0},"#, "", 1);
    assert!(forgotten != stored && serde_json::from_str::<Requirements>(&forgotten).is_err());
    let unknown = stored.replacen('{', r#"{"other":1,"#, 1);
    assert!(serde_json::from_str::<Requirements>(&unknown).is_err());
    let rejection = strict().appraise(&milan(|report| report[0x30] = 1)).unwrap_err();
    let text = serde_json::to_string(&rejection).unwrap();
    assert_eq!(serde_json::from_str::<Rejection>(&text).unwrap(), rejection);
    let accepted = serde_json::to_value(strict().appraise(&milan(|_| ())).unwrap()).unwrap();
    assert_eq!(accepted["reference"]["stands_for"]["image"], "wanted");
}
