//! Appraisal of SNP reports: reports and requirements are both chosen, and a plain restatement says which demands are not met.

mod model;

use std::cell::RefCell;
use std::collections::HashMap;

use sev_launch_abi::snp::policy::Flag;
use sev_launch_abi::snp::{LaunchDigest, Policy, TcbParts};
use sev_launch_abi::{ApiVersion, PlatformVersion, Technology};
use sev_launch_verify::demand::Demand;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::{Bytes, Requirement};
use sev_launch_verify::snp::certificate::VekKind;
use sev_launch_verify::snp::report::{
    MaskedChipId, ReportOptions, UnknownVersion, UnverifiedReport, VerifiedReport,
};
use sev_launch_verify::snp::requirements::{
    CoherenceRequirements, Generations, Incoherence, PlatformInfoRequirement, PolicyRequirements,
    Requirements, TcbRequirements, TrustedSigners, UnknownBits, VmplRequirement,
};

use super::choices::Choices;
use super::policy::requirement;
use super::snp_keys::{self, BOUND, KEYS, Key};

pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let key = choices.one_of(&KEYS);
    let (bytes, report) = signed(&mut choices, key);
    let requirements = chosen(&mut choices, key);
    appraise(key, &bytes, &report, &requirements);
}

/// A report by the key, some of its fields changed before it was signed.
fn signed(choices: &mut Choices<'_>, key: &Key) -> (Vec<u8>, VerifiedReport) {
    let mut report = key.report(choices);
    snp_keys::change_fields(choices, &mut report, |field| BOUND.contains(&field));
    // KEY_INFO says by which key: the author's bit and what is reserved may be anything.
    let signing_key = if key.verified.vek().kind() == VekKind::Vcek { 0 } else { 4 };
    report[0x48] = report[0x48] & 0xe1 | signing_key;
    if choices.flag() {
        // Bits that no policy has are rarer than others.
        let policy = choices.u32() & 0x3ff_ffff | 1 << 17;
        report[8..16].copy_from_slice(&u64::from(policy).to_le_bytes());
    }
    key.made_up.sign_with_nonce_one(&mut report);
    let options = ReportOptions {
        unknown_version: UnknownVersion::Refuse,
        masked_chip_id: MaskedChipId::Refuse,
    };
    let verify = || {
        let unverified = UnverifiedReport::parse(report.as_slice()).expect("1184 bytes");
        let verified = unverified.verify(&key.verified, options);
        verified.expect("nothing that is bound was changed")
    };
    let verified = VERIFIED.with_borrow_mut(|known| {
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.entry((key.made_up.product, report.clone())).or_insert_with(verify).clone()
    });
    (report, verified)
}

thread_local! {
    /// Reports that were verified, by the product and their bytes: most inputs differ from others in what is demanded, and a
    /// signature costs as much as many appraisals.
    static VERIFIED: RefCell<HashMap<(&'static str, Vec<u8>), VerifiedReport>> = RefCell::default();
}

/// How many of them are kept at a time.
const MOST_KNOWN: usize = 1000;

/// What is demanded: often what a report may have, and now and then nothing.
pub(super) fn chosen(choices: &mut Choices<'_>, key: &Key) -> Requirements {
    let mut references = ReferenceValues::new();
    for number in 0..choices.below(3) {
        let digest = LaunchDigest::from_bytes([choices.byte() % 4; 48]);
        references.add(digest, StandsFor::image(Technology::Snp, number.to_string()));
    }
    let report_data = [choices.byte() % 2; 64];
    let strict = Requirements::strict(references, report_data);
    // Strict in everything that is not chosen.
    let mut all = Requirements {
        generations: generations(choices, key),
        signing_key: requirement(choices, |choices| *choices.one_of(&VekKind::ALL)),
        ..strict
    };
    for _ in 0..choices.below(12) {
        change(choices, key, &mut all);
    }
    all
}

/// Sets one demand.
fn change(choices: &mut Choices<'_>, key: &Key, all: &mut Requirements) {
    match choices.byte() % 27 {
        0 => all.version = requirement(choices, |choices| u32::from(choices.byte() % 7)),
        1 => all.guest_svn = requirement(choices, |choices| choices.u32() & 0x0303_0303),
        2 => all.policy = policy(choices),
        3 => all.family_id = bytes(choices),
        4 => all.image_id = bytes(choices),
        5 => {
            all.vmpl = match choices.byte() % 4 {
                0 => VmplRequirement::AnyGuest,
                1 => VmplRequirement::Exactly(u32::from(choices.byte() % 5)),
                2 => VmplRequirement::AtMost(u32::from(choices.byte() % 5)),
                _ => VmplRequirement::AnyEvenHost,
            };
        }
        6 => {
            let [set, clear] = [choices.u16(), choices.u16()].map(u64::from);
            all.platform_info = PlatformInfoRequirement { set, clear, unknown: unknown(choices) };
        }
        7 => {
            all.platform_info =
                PlatformInfoRequirement { set: 0, clear: 0, unknown: unknown(choices) };
        }
        8 => all.signing_key = Requirement::Any,
        9 => all.report_data = bytes(choices),
        10 => all.host_data = bytes(choices),
        11 => all.id_key_digest = bytes(choices),
        12 => all.author_key_digest = bytes(choices),
        13 => {
            all.migration_agent = match choices.byte() % 3 {
                0 => Requirement::Exactly(Requirements::NO_MIGRATION_AGENT),
                1 => Requirement::Any,
                _ => bytes(choices),
            };
        }
        14 => {
            let mut chip = [0; 64];
            if let Some(id) = &key.made_up.hardware_id {
                chip[..id.len()].copy_from_slice(id);
            }
            chip[choices.below(64)] ^= choices.byte() % 2;
            all.chip_id = requirement(choices, |_| Bytes(chip));
        }
        15 => all.current_version = requirement(choices, version),
        16 => all.committed_version = requirement(choices, version),
        17 => all.coherence.reported_above_current = incoherence(choices),
        18 => all.coherence.provisional_firmware = incoherence(choices),
        19 => all.coherence.launch_above_current = incoherence(choices),
        20 => all.reserved = unknown(choices),
        21 => {
            all.coherence = CoherenceRequirements {
                reported_above_current: Incoherence::Accept,
                provisional_firmware: Incoherence::Accept,
                launch_above_current: Incoherence::Accept,
            };
            all.reserved = UnknownBits::Accept;
        }
        22 => {
            all.policy.word =
                requirement(choices, |choices| Policy::from_bits(choices.u32().into()));
        }
        23 => all.report_id = bytes(choices),
        24 => all.current_build = requirement(choices, |choices| 26 + choices.byte() % 6),
        25 => {
            let mut keys = || -> Vec<Bytes<48>> {
                (0..choices.below(3)).map(|_| Bytes([choices.byte() % 4; 48])).collect()
            };
            all.signers.push(TrustedSigners { id_keys: keys(), author_keys: keys() });
        }
        _ => all.generations = Generations::NONE,
    }
}

fn bytes<const N: usize>(choices: &mut Choices<'_>) -> Requirement<Bytes<N>> {
    requirement(choices, |choices| Bytes([choices.byte() % 4; N]))
}

fn unknown(choices: &mut Choices<'_>) -> UnknownBits {
    if choices.flag() { UnknownBits::Refuse } else { UnknownBits::Accept }
}

fn incoherence(choices: &mut Choices<'_>) -> Incoherence {
    if choices.flag() { Incoherence::Refuse } else { Incoherence::Accept }
}

fn version(choices: &mut Choices<'_>) -> PlatformVersion {
    let [build, minor, major] = choices.array::<3>().map(|number| number % 4);
    if choices.flag() {
        // That of the reports which stay as they are.
        return PlatformVersion { major: 1, minor: 55, build: 27 + build };
    }
    PlatformVersion { major, minor, build }
}

fn policy(choices: &mut Choices<'_>) -> PolicyRequirements {
    let mut policy = PolicyRequirements::STRICT;
    for flag in Flag::ALL {
        *policy.of_mut(flag) = requirement(choices, Choices::flag);
    }
    policy.min_api = requirement(choices, |choices| {
        let [major, minor] = choices.array::<2>().map(|number| number % 4);
        ApiVersion { major, minor }
    });
    policy
}

fn generations(choices: &mut Choices<'_>, key: &Key) -> Generations {
    let is_turin = key.made_up.product == "Turin";
    let mut tcb = || -> Requirement<TcbParts> {
        requirement(choices, |choices| {
            let [fmc, boot_loader, tee, snp, microcode] = choices.array::<5>().map(|one| one % 6);
            // Now and then a part that the processor does not have, or one that is missing.
            let has_fmc = is_turin != (fmc == 5);
            TcbParts { fmc: has_fmc.then_some(fmc), boot_loader, tee, snp, microcode }
        })
    };
    let wanted =
        TcbRequirements { reported: tcb(), current: tcb(), committed: tcb(), launch: tcb() };
    let accepted = choices.byte();
    let of = |bit: u8| (accepted >> bit & 1 == 0).then_some(wanted);
    Generations { milan: of(0), genoa: of(1), turin: of(2) }
}

/// Asks, and holds the answer against the model's.
fn appraise(key: &Key, bytes: &[u8], report: &VerifiedReport, requirements: &Requirements) {
    let demanded = requirements.demands();
    assert!(demanded.iter().all(|demand| !demand.met && demand.found.is_none()));
    let unmet = model::unmet(key, bytes, requirements);
    let names = |demands: &[Demand]| -> Vec<String> {
        demands.iter().filter(|one| !one.met).map(|one| one.field.clone()).collect()
    };
    match requirements.appraise(report) {
        Ok(accepted) => {
            assert_eq!(unmet, Vec::<String>::new(), "accepted all the same");
            assert!(accepted.demands().iter().all(|demand| demand.met));
            assert_eq!(accepted.digest().as_bytes(), &bytes[0x90..0xc0]);
            assert_eq!(accepted.report(), report);
            let first =
                requirements.references.lookup(accepted.digest()).map(|row| &row.stands_for);
            assert_eq!(Some(accepted.stands_for()), first);
            let fields = |demands: &[Demand]| -> Vec<String> {
                demands.iter().map(|demand| demand.field.clone()).collect()
            };
            assert_eq!(fields(accepted.demands()), fields(&demanded), "a demand is lost");
        }
        Err(rejection) => {
            assert_ne!(unmet, Vec::<String>::new(), "refused without a reason: {rejection}");
            assert_eq!(names(rejection.demands()), unmet);
            let text = rejection.to_string();
            assert!(unmet.iter().all(|field| text.contains(field.as_str())), "{text}");
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for which in 0..6 {
        // A report that stays as it is, and requirements that it meets: one digest, that of zeros.
        let mut seed = vec![which, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        seeds.push(seed.clone());
        seed.push(1);
        for demand in 0..27 {
            seeds.push([seed.as_slice(), &[demand, 1, 0, 0, 0, 0, 0, 0, 0, 0]].concat());
        }
    }
    // Fields: GUEST_SVN, the policy, CURRENT_TCB, COMMITTED_TCB, LAUNCH_TCB, versions, something reserved.
    for number in [1, 2, 7, 8, 9, 10, 11, 12, 17, 22, 23, 25, 27, 30] {
        seeds.push(vec![0, 3, 1, number, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
    seeds
}
