//! The guest policy of SNP and its TCB versions: known answers, and every part by its place in [SNP-ABI].

use std::cmp::Ordering;

use sev_launch_abi::snp::TcbVersion;
use sev_launch_abi::snp::policy::{Finding, Flag, Policy};
use sev_launch_abi::snp::tcb::{TcbComponent, TcbLayout, TcbParts};
use sev_launch_abi::{ApiVersion, Generation};
use sev_launch_testkit::sev_api::{SevApi, text};

#[test]
fn known_policies() {
    let vectors = SevApi::read();
    let cases = vectors.group("snp_policy");
    assert_eq!(cases.len(), 16);
    for case in cases {
        let name = text(case, "name");
        let bits = u64::from_str_radix(&text(case, "value_hex")[2..], 16).unwrap();
        let policy = Policy::from_bits(bits);
        assert_eq!(hex::encode(policy.to_le_bytes()), text(case, "bytes_le"), "{name}");
        let ApiVersion { major, minor } = policy.min_api();
        assert_eq!(case["abi_major"].as_u64(), Some(major.into()), "{name}");
        assert_eq!(case["abi_minor"].as_u64(), Some(minor.into()), "{name}");
        let flags: Vec<String> = policy.flags().map(|flag| flag.name().to_lowercase()).collect();
        assert_eq!(case["flags"], serde_json::json!(flags), "{name}");
        let refused = policy.findings().into_iter().find(|f| f.is_refused_by_platform());
        let reason = refused.map(|finding| match finding {
            Finding::Bit17Clear => "bit17_not_one",
            Finding::ReservedBits { .. } => "reserved_bits",
            other => panic!("{other:?}"),
        });
        assert_eq!(case["reason"].as_str(), reason, "{name}");
        assert_eq!(policy.is_valid(), case["expect"] == "accept", "{name}");
        assert_eq!(policy.findings().contains(&Finding::DebugAllowed), policy.has(Flag::Debug));
    }
}

#[test]
fn a_policy_reads_well() {
    assert_eq!(Policy::from_bits(0x3_001f).to_string(), "0x3001f (abi 0.31, SMT)");
    assert_eq!(
        Policy::from_bits(0x8000_0000_0000_0000).to_string(),
        "0x8000000000000000 (abi 0.0, bit 17 clear, reserved 0x8000000000000000)"
    );
    let all = "0x3ff0133 (abi 1.51, SMT, MIGRATE_MA, DEBUG, SINGLE_SOCKET, CXL_ALLOW, MEM_AES_256_XTS, \
        RAPL_DIS, CIPHERTEXT_HIDING_DRAM, PAGE_SWAP_DISABLE)";
    assert_eq!(Policy::from_bits(0x3ff_0133).to_string(), all);
}

// [SNP-ABI, guest policy]: 15:0 the ABI version, 17 must be one, 63:26 must be zero.
#[test]
fn every_bit_has_its_meaning() {
    for bit in 0..64 {
        let policy = Policy::from_bits(1 << bit);
        let reserved = if bit >= 26 { 1 << bit } else { 0 };
        assert_eq!(policy.reserved_bits(), reserved, "bit {bit}");
        assert_eq!(policy.is_valid(), bit == 17, "bit {bit} alone");
        assert_eq!(policy.bits(), 1 << bit);
        let with_17 = Policy::from_bits(1 << 17 | 1 << bit);
        assert_eq!(with_17.is_valid(), bit < 26, "bits 17 and {bit}");
        let named = (16..26).contains(&bit) && bit != 17;
        let flags: Vec<u32> = policy.flags().map(Flag::bit).collect();
        assert_eq!(flags, Vec::from_iter(named.then_some(bit)), "bit {bit}");
    }
}

#[test]
fn findings_tell_what_is_refused_and_what_is_allowed() {
    let texts = |bits| {
        let findings = Policy::from_bits(bits).findings();
        findings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(texts(0x3_0000), [""; 0]);
    let (debug, agent) = (Finding::DebugAllowed, Finding::MigrationAgentAllowed);
    assert_eq!(Policy::from_bits(0xe_0000).findings(), [debug, agent]);
    assert!(!debug.is_refused_by_platform() && !agent.is_refused_by_platform());
    assert_eq!(
        texts(0x800c_0000),
        [
            "bit 17 is 0, and must be 1",
            "reserved bits 0x80000000 are set",
            "the host may read and write the guest's memory",
            "a migration agent may be bound",
        ]
    );
}

#[test]
fn no_policy_is_more_than_another() {
    let policy = Policy::from_bits(0x3_0000);
    assert_eq!(policy.partial_cmp(&policy), Some(Ordering::Equal));
    for other in [0, 0x2_0000, 0xb_0000, u64::MAX] {
        assert_eq!(policy.partial_cmp(&Policy::from_bits(other)), None, "{other:#x}");
    }
}

// [SNP-ABI, TCB_VERSION]: where each part stands. Turin has FMC, and so the others elsewhere.
#[test]
fn each_part_of_a_tcb_version_has_its_byte() {
    let version = TcbVersion::from_bytes([10, 11, 12, 13, 14, 15, 16, 17]);
    assert_eq!(version.as_bytes(), &[10, 11, 12, 13, 14, 15, 16, 17]);
    assert_eq!(version.to_string(), "0a0b0c0d0e0f1011");
    let milan = TcbParts { fmc: None, boot_loader: 10, tee: 11, snp: 16, microcode: 17 };
    let turin = TcbParts { fmc: Some(10), boot_loader: 11, tee: 12, snp: 13, microcode: 17 };
    for (generation, parts, reserved) in [
        (Generation::Milan, milan, [0, 0, 12, 13, 14, 15, 0, 0]),
        (Generation::Genoa, milan, [0, 0, 12, 13, 14, 15, 0, 0]),
        (Generation::Turin, turin, [0, 0, 0, 0, 14, 15, 16, 0]),
    ] {
        let layout = TcbLayout::of(generation);
        assert_eq!(version.parts(layout), parts, "{generation}");
        assert_eq!(version.reserved(layout), reserved, "{generation}");
    }
    assert_eq!(milan.to_string(), "boot loader 10, tee 11, snp 16, microcode 17");
    assert_eq!(turin.to_string(), "fmc 10, boot loader 11, tee 12, snp 13, microcode 17");
}

/// A TCB whose parts are all `level`, but for one.
fn tcb_but(component: TcbComponent, level: u8, of_that: u8) -> TcbParts {
    let mut tcb =
        TcbParts { fmc: Some(level), boot_loader: level, tee: level, snp: level, microcode: level };
    match component {
        TcbComponent::Fmc => tcb.fmc = Some(of_that),
        TcbComponent::BootLoader => tcb.boot_loader = of_that,
        TcbComponent::Tee => tcb.tee = of_that,
        TcbComponent::Snp => tcb.snp = of_that,
        TcbComponent::Microcode => tcb.microcode = of_that,
        other => panic!("{other}"),
    }
    tcb
}

#[test]
fn parts_are_compared_each_for_itself() {
    for component in TcbComponent::ALL {
        let floor = tcb_but(component, 5, 5);
        let (below, above) = (tcb_but(component, 5, 4), tcb_but(component, 5, 6));
        assert_eq!(below.level(component), Some(4));
        assert_eq!(floor.below(&floor), []);
        assert_eq!(below.below(&floor), [component]);
        assert_eq!(above.below(&floor), []);
        assert_eq!(floor.partial_cmp(&floor), Some(Ordering::Equal));
        assert_eq!(below.partial_cmp(&floor), Some(Ordering::Less));
        assert_eq!(above.partial_cmp(&floor), Some(Ordering::Greater));
        // One part below is not made up for by the others.
        let mixed = tcb_but(component, 9, 4);
        assert_eq!((mixed.below(&floor), mixed.partial_cmp(&floor)), (vec![component], None));
        assert!(mixed < tcb_but(component, 9, 5));
    }
}

#[test]
fn a_part_that_only_one_of_two_has_is_below() {
    let with = tcb_but(TcbComponent::Fmc, 5, 5);
    let without = TcbParts { fmc: None, ..with };
    assert_eq!((without.level(TcbComponent::Fmc), without.below(&without)), (None, vec![]));
    assert_eq!(with.below(&without), [TcbComponent::Fmc]);
    assert_eq!(without.below(&with), [TcbComponent::Fmc]);
    assert_eq!(with.partial_cmp(&without), None);
}
