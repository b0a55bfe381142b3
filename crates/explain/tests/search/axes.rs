//! Every axis and pairs of them: what was changed is found, and every member of the class gives the digest.

use proptest::prelude::*;
use proptest::sample::select;
use sev_launch_abi::Technology;

use crate::made::{
    EMPTY, ES, FIRMWARE, Facts, INITRD, KERNEL, OTHER_FIRMWARE, OTHER_KERNEL, SNP, explanation,
    members, search, slips, whole,
};

const SIGNATURES: [u32; 6] =
    [0x0080_0f12, 0x0083_0f10, 0x00a0_0f11, 0x00a1_0f10, 0x00a1_0f11, 0x00b0_0f21];

/// One fact that turned out otherwise.
#[derive(Clone, Debug)]
enum Slip {
    Cmdline(usize),
    Features(usize),
    Firmware,
    Initrd(Option<usize>),
    Kernel(usize),
    KernelHashes,
    Late(u32),
    Profile(usize),
    Signature(u32),
    Swapped,
    Vcpus(u32),
}

fn slip() -> impl Strategy<Value = Slip> {
    prop_oneof![
        2 => (0..100_usize).prop_map(Slip::Cmdline),
        1 => (0..4_usize).prop_map(Slip::Features),
        1 => Just(Slip::Firmware),
        1 => select(vec![None, Some(EMPTY), Some(OTHER_KERNEL), Some(KERNEL)]).prop_map(Slip::Initrd),
        1 => select(vec![OTHER_KERNEL, INITRD, EMPTY, FIRMWARE]).prop_map(Slip::Kernel),
        1 => Just(Slip::KernelHashes),
        1 => (0..4_u32).prop_map(Slip::Late),
        2 => (0..8_usize).prop_map(Slip::Profile),
        2 => select(SIGNATURES.to_vec()).prop_map(Slip::Signature),
        1 => Just(Slip::Swapped),
        2 => prop_oneof![1..17_u32, 1..=512_u32].prop_map(Slip::Vcpus),
    ]
}

/// The facts after a slip.
fn slipped(facts: &Facts, slip: &Slip) -> Facts {
    let mut facts = facts.clone();
    let (profiles, features): (&[_], &[u64]) = match facts.technology {
        Technology::Snp => (&SNP, &[0x1, 0x21, 0x201, 0x221]),
        _ => (&ES, &[0, 0x20]),
    };
    match slip {
        Slip::Cmdline(which) => {
            let slips = slips(&facts.cmdline);
            facts.cmdline = slips[which % slips.len()].clone();
        }
        Slip::Features(which) => facts.features = Some(features[which % features.len()]),
        Slip::Firmware => facts.firmware = OTHER_FIRMWARE,
        Slip::Initrd(file) => facts.initrd = *file,
        Slip::Kernel(file) => facts.kernel = facts.kernel.map(|_| *file),
        Slip::KernelHashes => facts.kernel_hashes = !facts.kernel_hashes,
        Slip::Late(late) => facts.late = *late,
        Slip::Profile(which) => facts.profile = profiles[which % profiles.len()].0,
        Slip::Signature(signature) => facts.signature = *signature,
        Slip::Swapped => {
            if facts.kernel.is_some() && facts.initrd.is_some() {
                std::mem::swap(&mut facts.kernel, &mut facts.initrd);
            }
        }
        Slip::Vcpus(count) => facts.vcpus = *count,
    }
    facts
}

fn described(technology: Technology) -> impl Strategy<Value = Facts> {
    let boot = (any::<bool>(), select(vec![None, Some(KERNEL)]), select(vec![None, Some(INITRD)]));
    let lines = select(vec!["", "quiet", "a  b\tc", " x=1 y ", "root=/dev/sda1 ro console=hvc0"]);
    let vmsa = (0..8_usize, 0..12_usize, select(SIGNATURES.to_vec()), 1..9_u32);
    (boot, lines, vmsa).prop_map(move |(boot, line, (profile, features, signature, vcpus))| {
        let (kernel_hashes, kernel, initrd) = boot;
        let initrd = initrd.filter(|_| kernel.is_some());
        let cmdline = line.as_bytes().to_vec();
        let facts =
            Facts { kernel_hashes, kernel, initrd, cmdline, signature, vcpus, ..whole(technology) };
        let facts = slipped(&facts, &Slip::Profile(profile));
        // Seldom: a word in place of the profile's.
        if features < 4 { slipped(&facts, &Slip::Features(features)) } else { facts }
    })
}

/// Explains the difference, and looks at every member of the class by itself.
fn check(described: &Facts, happened: &Facts, slips: usize) -> Result<(), TestCaseError> {
    prop_assume!(happened.can_launch());
    let reported = happened.reported();
    let most = u32::try_from(slips).expect("few");
    let explanation = explanation(search(&described.described(), &reported, most));
    prop_assert!(explanation.level_complete);
    prop_assert!(explanation.first.changes.len() <= slips);
    for member in members(&explanation) {
        // Command lines that the tests do not know are left out.
        if let Some(facts) = described.with(member) {
            prop_assert_eq!(facts.digest(), happened.digest(), "{}", member);
        }
    }
    // Whoever has the fewest changes comes first; what happened is in the class, or needs more changes.
    let first = explanation.first.changes.len();
    for member in &explanation.others {
        prop_assert!(member.changes.len() >= first, "{member}");
    }
    let bytes = happened.bytes_decided();
    let found = members(&explanation)
        .filter_map(|member| described.with(member))
        .any(|facts| facts.bytes_decided() == bytes);
    prop_assert!(found || first < slips, "{:?}", explanation);
    // No smaller change would do: with one change less nothing is found.
    if let Some(less) = first.checked_sub(1) {
        let less = search(&described.described(), &reported, u32::try_from(less).expect("few"));
        prop_assert!(matches!(less, sev_launch_explain::Outcome::NothingFound(_)));
    }
    Ok(())
}

macro_rules! one_and_two {
    ($technology:expr, $one:ident, $two:ident) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

            #[test]
            fn $one(described in described($technology), slip in slip()) {
                check(&described, &slipped(&described, &slip), 1)?;
            }
        }
        proptest! {
            #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

            #[test]
            fn $two(described in described($technology), first in slip(), second in slip()) {
                let happened = slipped(&slipped(&described, &first), &second);
                // Two slips on one command line are more than the list of variants has.
                let lines = matches!((&first, &second), (Slip::Cmdline(_), Slip::Cmdline(_)));
                prop_assume!(!lines);
                check(&described, &happened, 2)?;
            }
        }
    };
}

one_and_two!(Technology::Sev, one_slip_of_sev_is_found, two_slips_of_sev_are_found);
one_and_two!(Technology::SevEs, one_slip_of_sev_es_is_found, two_slips_of_sev_es_are_found);
one_and_two!(Technology::Snp, one_slip_of_snp_is_found, two_slips_of_snp_are_found);
