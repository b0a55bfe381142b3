//! Random CPUs and features, and captured pages.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use sev_launch_testkit::expected::{Profile, vmsa_page};
use sev_launch_testkit::vectors::{CpuSignature, Suite};

use super::case::{Case, Technology};
use super::choice::Choice;
use super::rows::has_signature;

/// QEMU's CPU models by name, with family, model, stepping and signature, as QEMU 11.1.3 has them.
static MODELS: LazyLock<Vec<(String, [u32; 3], u32)>> = LazyLock::new(|| {
    let list = Suite::ours().expect("the suite is there").cpu_signatures.into_iter();
    let model = |one: CpuSignature| {
        Some((one.model_name?, [one.family, one.model, one.stepping], one.signature))
    };
    list.filter_map(model).collect()
});
/// Those that every QEMU with SEV-ES has.
const OLD_MODELS: [&str; 3] = ["EPYC", "EPYC-Rome", "EPYC-Milan"];

/// Pages as a host might have them: a profile's with other bytes.
pub(super) fn captured(choice: &mut Choice, profile: &Profile) -> (Vec<u8>, Option<Vec<u8>>) {
    let mut page = |reset| {
        let mut page = vmsa_page(profile.layout, choice.word32(), profile.features, reset).to_vec();
        for _ in 0..choice.size(0..=3) {
            let at = choice.size(0..=0x1ff);
            page[at] = choice.word().to_le_bytes()[0];
        }
        page
    };
    let bsp = page(Some(0x1234_5678));
    let ap = page(Some(0x0080_b004));
    (bsp, (!choice.one_in(4)).then_some(ap))
}

/// Adds what is said of CPUs and features, where a profile's registers are measured.
pub(super) fn add(choice: &mut Choice, case: &mut Case) {
    if case.profiles.iter().any(|profile| has_signature(profile.layout)) {
        add_cpus(choice, case);
    }
    if choice.one_in(3) {
        let is_snp = case.technology == Technology::Snp;
        let words = [0x20, 0, 0x1, 0x21, 0x201, choice.word(), choice.word() >> 1];
        // SNPActive is no bit of an SEV-ES guest.
        let words = words.map(|word| if is_snp { word } else { word & !1 });
        let distinct: BTreeSet<_> = words.into_iter().collect();
        let words: Vec<_> = distinct.into_iter().collect();
        case.features = choice.some(&words, 2);
    }
}

/// Adds CPUs by name, by number or in parts.
pub(super) fn add_cpus(choice: &mut Choice, case: &mut Case) {
    // Rows of a profile without the signature would be the same row again.
    let all_have = case.profiles.iter().all(|profile| has_signature(profile.layout));
    let count = if all_have { choice.few(3) } else { 1 };
    let named: Vec<_> = MODELS
        .iter()
        .filter(|(name, ..)| !case.names_qemu() || OLD_MODELS.contains(&name.as_str()))
        .map(|(name, _, signature)| (name.clone(), *signature))
        .collect();
    match choice.number(0..=4) {
        0 => {
            let (_, parts, signature) = choice.of(&MODELS);
            (case.cpu_parts, case.cpus) = (Some(parts), vec![(String::new(), signature)]);
        }
        1 | 2 => {
            let known = MODELS.iter().map(|(.., signature)| *signature);
            let known: Vec<_> = known.chain([choice.word32(), choice.word32()]).collect();
            let distinct: BTreeSet<_> = choice.some(&known, count).into_iter().collect();
            case.cpus = distinct.into_iter().map(|number| (String::new(), number)).collect();
        }
        _ => {
            case.cpus = choice.some(&named, count);
            // Names of one signature give the same row.
            let mut seen = BTreeSet::new();
            case.cpus.retain(|(_, signature)| seen.insert(*signature));
        }
    }
}
