//! Guest policies of both kinds, and what is required of them, bit by bit; and [`Requirement::and`], which joins two demands.

use sev_launch_abi::sev::policy as sev_policy;
use sev_launch_abi::snp::policy as snp_policy;
use sev_launch_abi::{ApiVersion, Technology, sev, snp};
use sev_launch_verify::demand::{Demand, Rejection};
use sev_launch_verify::requirement::{Bytes, Requirement};
use sev_launch_verify::sev::requirements::PolicyRequirements as SevRequirements;
use sev_launch_verify::snp::requirements::PolicyRequirements as SnpRequirements;

use super::choices::Choices;

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() % 3 {
        0 => of_sev(&mut choices),
        1 => of_snp(&mut choices),
        _ => joined(&mut choices),
    }
}

/// A requirement, of a value that is chosen.
pub(super) fn requirement<'a, T>(
    choices: &mut Choices<'a>,
    value: impl FnOnce(&mut Choices<'a>) -> T,
) -> Requirement<T> {
    match choices.byte() % 3 {
        0 => Requirement::Any,
        1 => Requirement::Exactly(value(choices)),
        _ => Requirement::AtLeast(value(choices)),
    }
}

/// Bits 0 to 5 of AMD 55766's table, with their names.
const SEV_BITS: [(&str, u32); 6] =
    [("NODBG", 0), ("NOKS", 1), ("ES", 2), ("NOSEND", 3), ("DOMAIN", 4), ("SEV", 5)];

/// Bits of AMD 56860's table, with their names.
pub(super) const SNP_BITS: [(&str, u32); 9] = [
    ("SMT", 16),
    ("MIGRATE_MA", 18),
    ("DEBUG", 19),
    ("SINGLE_SOCKET", 20),
    ("CXL_ALLOW", 21),
    ("MEM_AES_256_XTS", 22),
    ("RAPL_DIS", 23),
    ("CIPHERTEXT_HIDING_DRAM", 24),
    ("PAGE_SWAP_DISABLE", 25),
];

/// What is required of a bit that is 0 or 1.
pub(super) fn bit_is_met(wanted: Requirement<bool>, found: bool) -> bool {
    match (wanted, found) {
        (Requirement::Any | Requirement::AtLeast(false), _) => true,
        (Requirement::Exactly(wanted), found) => wanted == found,
        (Requirement::AtLeast(true), found) => found,
    }
}

/// What is required of a version that is two numbers.
pub(super) fn version_is_met(wanted: Requirement<ApiVersion>, major: u8, minor: u8) -> bool {
    let number = |major: u8, minor: u8| u16::from_be_bytes([major, minor]);
    match wanted {
        Requirement::Any => true,
        Requirement::Exactly(one) => number(major, minor) == number(one.major, one.minor),
        Requirement::AtLeast(one) => number(major, minor) >= number(one.major, one.minor),
    }
}

/// The names of the demands that are not met, and never none where the answer is no.
fn unmet(verdict: Result<Vec<Demand>, Rejection>) -> Vec<String> {
    match verdict {
        Ok(demands) => {
            assert!(demands.iter().all(|demand| demand.met));
            Vec::new()
        }
        Err(rejection) => {
            assert!(rejection.unmet().count() > 0, "a no without a reason");
            rejection.unmet().map(|demand| demand.field.clone()).collect()
        }
    }
}

fn of_sev(choices: &mut Choices<'_>) {
    let word = choices.u32();
    let policy = sev::Policy::from_bits(word);
    let [_, _, major, minor] = word.to_le_bytes();
    assert_eq!((policy.bits(), policy.to_le_bytes()), (word, word.to_le_bytes()));
    assert_eq!(policy.min_api(), ApiVersion { major, minor });
    assert_eq!(policy.reserved_bits(), word & 0xffc0);
    let flags: Vec<sev_policy::Flag> = policy.flags().collect();
    let again = sev::Policy::from_parts(&flags, policy.min_api()).bits();
    assert_eq!(again | policy.reserved_bits(), word);
    let names: Vec<_> = flags.iter().map(|flag| flag.name().to_owned()).collect();
    let names = [names, vec![format!("API={}", policy.min_api())]].concat().join("+");
    assert_eq!(sev::Policy::from_names(&names).map(sev::Policy::bits), Ok(again), "{names}");
    let text = policy.to_string();
    assert!(text.starts_with(&format!("0x{word:08x} (")), "{text}");
    let is_one = |bit: u32| word >> bit & 1 == 1;
    for (name, bit) in SEV_BITS {
        assert_eq!(is_named(&text, name), is_one(bit), "{text}: {name}");
    }

    let mut requirements = SevRequirements::STRICT;
    for flag in sev_policy::Flag::ALL {
        *requirements.of_mut(flag) = requirement(choices, Choices::flag);
    }
    requirements.min_api = requirement(choices, api);
    let of = |requirements: &SevRequirements| {
        let SevRequirements { nodbg, noks, es, nosend, domain, sev, .. } = *requirements;
        [nodbg, noks, es, nosend, domain, sev]
    };
    let mut wanted: Vec<String> = (SEV_BITS.iter().zip(of(&requirements)))
        .filter(|((_, bit), wanted)| !bit_is_met(*wanted, is_one(*bit)))
        .map(|((name, _), _)| format!("POLICY.{name}"))
        .collect();
    if word & 0xffc0 != 0 {
        wanted.push("POLICY.RESERVED".to_owned());
    }
    if !version_is_met(requirements.min_api, major, minor) {
        wanted.push("POLICY.API".to_owned());
    }
    assert_eq!(unmet(requirements.appraise(policy)), wanted, "{policy} {requirements:?}");

    // What is refused as insecure: debugging where it is not accepted, reserved bits, a technology that it cannot be.
    let technology = *choices.one_of(&Technology::ALL);
    let refusals = requirements.refusals(policy, technology);
    let debug = !is_one(0) && !bit_is_met(requirements.nodbg, false);
    let is_of = if is_one(2) { Technology::SevEs } else { Technology::Sev };
    let reasons = [debug, word & 0xffc0 != 0, technology != is_of];
    // Of a policy of SNP that alone is said: no bit of SEV, and the one that SNP's always have.
    let is_of_snp = word & 0xffff == 0 && is_one(17);
    assert_eq!(refusals.contains(&sev_policy::Finding::LikeSnp), is_of_snp);
    if is_of_snp {
        assert_eq!(refusals.len(), 1, "{refusals:?}");
    } else {
        let reasons = reasons.into_iter().filter(|reason| *reason).count();
        assert_eq!(refusals.len(), reasons, "{refusals:?}");
        let all = refusals.len() + requirements.warnings(policy, technology).len();
        assert_eq!(all, policy.findings(technology).len());
    }

    // One demand more: met together with what was there, or a contradiction.
    let (flag, value) = (*choices.one_of(&sev_policy::Flag::ALL), choices.flag());
    let before = requirements.of(flag);
    let mut both = requirements;
    let is_possible = bit_is_met(before, value);
    assert_eq!(both.demand(flag, value).is_ok(), is_possible);
    if is_possible {
        assert!(!bit_is_met(both.of(flag), !value), "the demand is lost");
    }
}

fn of_snp(choices: &mut Choices<'_>) {
    // Most words have no more than the bits that there are.
    let mask = if choices.byte() % 4 == 3 { u64::MAX } else { 0x3ff_ffff };
    let word = choices.u64() & mask;
    let policy = snp::Policy::from_bits(word);
    let [minor, major, ..] = word.to_le_bytes();
    assert_eq!(policy, snp::Policy::from_le_bytes(word.to_le_bytes()));
    assert_eq!((policy.bits(), policy.to_le_bytes()), (word, word.to_le_bytes()));
    assert_eq!(policy.min_api(), ApiVersion { major, minor });
    let is_one = |bit: u32| word >> bit & 1 == 1;
    let is_valid = is_one(17) && word >> 26 == 0;
    assert_eq!(policy.is_valid(), is_valid);
    assert_eq!(policy.findings().iter().any(|one| one.is_refused_by_platform()), !is_valid);
    assert_eq!(policy.reserved_bits(), word >> 26 << 26);
    let names: Vec<_> = policy.flags().map(|flag| flag.name().to_owned()).collect();
    let names = [names, vec![format!("ABI={}", policy.min_api())]].concat().join(", ");
    let again = word & 0x3ff_ffff | 1 << 17;
    assert_eq!(snp::Policy::from_names(&names).map(snp::Policy::bits), Ok(again), "{names}");
    let text = policy.to_string();
    assert!(text.starts_with(&format!("0x{word:x} (abi {major}.{minor}")), "{text}");
    for (name, bit) in SNP_BITS {
        assert_eq!(is_named(&text, name), is_one(bit), "{text}: {name}");
    }

    let mut requirements = SnpRequirements::STRICT;
    for flag in snp_policy::Flag::ALL {
        *requirements.of_mut(flag) = requirement(choices, Choices::flag);
    }
    requirements.min_api = requirement(choices, api);
    requirements.word = match choices.byte() % 4 {
        0 => Requirement::Exactly(policy),
        1 => Requirement::AtLeast(snp::Policy::from_bits(choices.u64())),
        _ => Requirement::Any,
    };
    let SnpRequirements { debug, migrate_ma, .. } = requirements;
    let refusals = requirements.refusals(policy);
    let reasons =
        [is_one(19) && !bit_is_met(debug, true), is_one(18) && !bit_is_met(migrate_ma, true)];
    assert_eq!(
        refusals.len(),
        reasons.into_iter().filter(|reason| *reason).count(),
        "{refusals:?}"
    );
    let contradicts = |word: snp::Policy| {
        SNP_BITS
            .iter()
            .zip(snp_bits(&requirements))
            .any(|((_, bit), wanted)| !bit_is_met(wanted, word.bits() >> bit & 1 == 1))
    };
    let is_consistent = match requirements.word {
        Requirement::Exactly(word) => !contradicts(word),
        Requirement::Any | Requirement::AtLeast(_) => true,
    };
    assert_eq!(requirements.check_consistent().is_ok(), is_consistent);
}

/// What is required of each of [`SNP_BITS`].
pub(super) fn snp_bits(requirements: &SnpRequirements) -> [Requirement<bool>; 9] {
    let SnpRequirements {
        word: _,
        min_api: _,
        smt,
        migrate_ma,
        debug,
        single_socket,
        cxl_allow,
        mem_aes_256_xts,
        rapl_dis,
        ciphertext_hiding_dram,
        page_swap_disable,
    } = *requirements;
    [
        smt,
        migrate_ma,
        debug,
        single_socket,
        cxl_allow,
        mem_aes_256_xts,
        rapl_dis,
        ciphertext_hiding_dram,
        page_swap_disable,
    ]
}

/// Is this a word of its own in what stands in brackets?
fn is_named(text: &str, name: &str) -> bool {
    let words = text.split(['(', ',', ')']).map(str::trim);
    words.into_iter().any(|word| word == name)
}

fn api(choices: &mut Choices<'_>) -> ApiVersion {
    let [major, minor] = choices.array();
    ApiVersion { major, minor }
}

/// Two demands joined refuse what one of them refuses, whichever comes first. `None` refuses everything.
fn joined(choices: &mut Choices<'_>) {
    let small = |choices: &mut Choices<'_>| choices.byte() % 5;
    let (one, two, found) =
        (requirement(choices, small), requirement(choices, small), small(choices));
    holds_together(one, two, found);
    let bytes = |choices: &mut Choices<'_>| Bytes([choices.byte() % 3; 4]);
    let (one, two, found) =
        (requirement(choices, bytes), requirement(choices, bytes), bytes(choices));
    holds_together(one, two, found);
    let parts = |choices: &mut Choices<'_>| {
        let [fmc, boot_loader, tee, snp, microcode] = choices.array().map(|byte: u8| byte % 3);
        snp::TcbParts { fmc: fmc.checked_sub(1), boot_loader, tee, snp, microcode }
    };
    let (one, two, found) =
        (requirement(choices, parts), requirement(choices, parts), parts(choices));
    holds_together(one, two, found);
}

fn holds_together<T: PartialOrd + Copy + std::fmt::Debug>(
    one: Requirement<T>,
    two: Requirement<T>,
    found: T,
) {
    let each = one.check(&found) && two.check(&found);
    let is_met = |both: Option<Requirement<T>>| both.is_some_and(|both| both.check(&found));
    let (both, turned) = (one.and(two), two.and(one));
    assert_eq!(is_met(both), is_met(turned), "{one:?} and {two:?}: {found:?}");
    assert_eq!(both.is_some(), turned.is_some(), "{one:?} and {two:?}");
    // Two bounds that cannot be compared are one refusal, although something may be above both.
    match both {
        Some(_) => assert_eq!(is_met(both), each, "{one:?} and {two:?}: {found:?}"),
        None => assert!(
            !each || matches!((one, two), (Requirement::AtLeast(_), Requirement::AtLeast(_)))
        ),
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let sev = |word: u32, rest: &[u8]| [&[0], word.to_le_bytes().as_slice(), rest].concat();
    let snp = |word: u64, rest: &[u8]| [&[1, 3], word.to_le_bytes().as_slice(), rest].concat();
    vec![
        sev(0x3301_0005, &[1, 1, 1, 0, 2, 1, 0, 0, 0, 1, 1, 51, 1, 0, 1]),
        sev(0x0000_ffff, &[]),
        sev(0, &[1, 1]),
        snp(0x3_001f, &[0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 31]),
        snp(0x3ff_ffff, &[1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        snp(u64::MAX, &[]),
        vec![2, 2, 1, 1, 3, 3, 1, 1, 2, 1, 1],
        vec![2, 2, 1, 2, 3, 3, 2, 1, 2, 1, 1, 2, 1, 1, 1, 2, 1, 2, 1, 2, 0, 1, 1, 2, 2, 2, 2, 2],
    ]
}
