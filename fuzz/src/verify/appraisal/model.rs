//! Which demands a report does not meet, restated from the bytes of the report: one line for each field, and no type of the library's
//! in between.

use sev_launch_abi::PlatformVersion;
use sev_launch_abi::snp::TcbParts;
use sev_launch_verify::requirement::{Bytes, Requirement};
use sev_launch_verify::snp::certificate::VekKind;
use sev_launch_verify::snp::requirements::{
    Incoherence, PolicyRequirements, Requirements, UnknownBits, VmplRequirement,
};

use crate::verify::policy::{SNP_BITS, bit_is_met, snp_bits, version_is_met};
use crate::verify::snp_keys::Key;
use crate::verify::snp_report::{number, reserved_bytes, wide};

/// The names of those demands, in the order of the report's fields.
pub(super) fn unmet(key: &Key, report: &[u8], all: &Requirements) -> Vec<String> {
    let mut unmet = Vec::new();
    let mut ask = |field: &str, is_met: bool| {
        if !is_met {
            unmet.push(field.to_owned());
        }
    };
    let kind = key.verified.vek().kind();
    ask("VERSION", number_is_met(&all.version, number(report, 0)));
    ask("GUEST_SVN", number_is_met(&all.guest_svn, number(report, 4)));
    for field in unmet_of_policy(wide(report, 8), &all.policy) {
        ask(&field, false);
    }
    ask("FAMILY_ID", bytes_are_met(&all.family_id, &report[0x10..0x20]));
    ask("IMAGE_ID", bytes_are_met(&all.image_id, &report[0x20..0x30]));
    let vmpl = number(report, 0x30);
    ask(
        "VMPL",
        match all.vmpl {
            VmplRequirement::AnyGuest => [0, 1, 2, 3].contains(&vmpl),
            VmplRequirement::Exactly(wanted) => vmpl == wanted,
            VmplRequirement::AtMost(wanted) => vmpl <= wanted,
            VmplRequirement::AnyEvenHost => true,
        },
    );
    let info = wide(report, 0x40);
    let missing = all.platform_info.set & !info;
    let forbidden = all.platform_info.clear & info;
    let unknown = all.platform_info.unknown == UnknownBits::Refuse && info >> 8 != 0;
    ask("PLATFORM_INFO", missing == 0 && forbidden == 0 && !unknown);
    ask(
        "KEY_INFO.SIGNING_KEY",
        match all.signing_key {
            Requirement::Any => true,
            Requirement::Exactly(wanted) | Requirement::AtLeast(wanted) => {
                (wanted == VekKind::Vcek) == (kind == VekKind::Vcek)
            }
        },
    );
    ask("REPORT_DATA", bytes_are_met(&all.report_data, &report[0x50..0x90]));
    let mut references = all.references.rows().iter();
    ask("MEASUREMENT", references.any(|row| row.digest.as_bytes() == &report[0x90..0xc0]));
    ask("HOST_DATA", bytes_are_met(&all.host_data, &report[0xc0..0xe0]));
    ask("ID_KEY_DIGEST", bytes_are_met(&all.id_key_digest, &report[0xe0..0x110]));
    let author = &report[0x110..0x140];
    ask("AUTHOR_KEY_DIGEST", bytes_are_met(&all.author_key_digest, author));
    if let Requirement::Exactly(Bytes(digest)) | Requirement::AtLeast(Bytes(digest)) =
        all.author_key_digest
    {
        let is_wanted = digest.iter().any(|byte| *byte != 0);
        ask("KEY_INFO.AUTHOR_KEY_EN", (report[0x48] & 1 == 1) == is_wanted);
    }
    for signers in &all.signers {
        let is_among = |keys: &[Bytes<48>], found: &[u8]| {
            found.iter().any(|byte| *byte != 0) && keys.iter().any(|key| key.0 == found)
        };
        let is_author = report[0x48] & 1 == 1 && is_among(&signers.author_keys, author);
        let is_met = is_author || is_among(&signers.id_keys, &report[0xe0..0x110]);
        ask("ID_KEY_DIGEST or AUTHOR_KEY_DIGEST", is_met);
    }
    ask("REPORT_ID", bytes_are_met(&all.report_id, &report[0x140..0x160]));
    ask("REPORT_ID_MA", bytes_are_met(&all.migration_agent, &report[0x160..0x180]));
    let generations = all.generations;
    let accepted = match key.made_up.product {
        "Milan" => generations.milan,
        "Genoa" => generations.genoa,
        _ => generations.turin,
    };
    ask("generation", accepted.is_some());
    let is_turin = key.made_up.product == "Turin";
    let [reported, current, committed, launch] =
        [0x180, 0x38, 0x1e0, 0x1f0].map(|at| levels(is_turin, &report[at..at + 8]));
    if let Some(wanted) = accepted {
        ask("REPORTED_TCB", tcb_is_met(&wanted.reported, &reported));
        ask("CURRENT_TCB", tcb_is_met(&wanted.current, &current));
        ask("COMMITTED_TCB", tcb_is_met(&wanted.committed, &committed));
        ask("LAUNCH_TCB", tcb_is_met(&wanted.launch, &launch));
    }
    ask("CHIP_ID", bytes_are_met(&all.chip_id, &report[0x1a0..0x1e0]));
    let [runs, stays] = [0x1e8, 0x1ec].map(|at| firmware(&report[at..at + 3]));
    ask("CURRENT_VERSION", firmware_is_met(&all.current_version, runs));
    ask(
        "CURRENT_VERSION.BUILD",
        match all.current_build {
            Requirement::Any => true,
            Requirement::Exactly(wanted) => runs[2] == wanted,
            Requirement::AtLeast(wanted) => runs[2] >= wanted,
        },
    );
    ask("COMMITTED_VERSION", firmware_is_met(&all.committed_version, stays));
    let is_above = |one: &[u8], other: &[u8]| one.iter().zip(other).any(|(one, other)| one > other);
    let accepts = |what: Incoherence| what == Incoherence::Accept;
    let coherence = all.coherence;
    ask(
        "REPORTED over CURRENT",
        accepts(coherence.reported_above_current) || !is_above(&reported, &current),
    );
    ask(
        "LAUNCH over CURRENT",
        accepts(coherence.launch_above_current) || !is_above(&launch, &current),
    );
    ask("COMMITTED over CURRENT", !is_above(&committed, &current) && stays <= runs);
    let is_provisional = is_above(&current, &committed) || runs > stays;
    ask("CURRENT over COMMITTED", accepts(coherence.provisional_firmware) || !is_provisional);
    ask("reserved bits", all.reserved == UnknownBits::Accept || is_clean(is_turin, report));
    unmet
}

/// The bytes of a TCB version that have a meaning: boot loader, TEE, SNP, microcode; and first of all Turin's FMC.
fn levels(is_turin: bool, tcb: &[u8]) -> Vec<u8> {
    let places: &[usize] = if is_turin { &[0, 1, 2, 3, 7] } else { &[0, 1, 6, 7] };
    places.iter().map(|place| tcb[*place]).collect()
}

fn tcb_is_met(wanted: &Requirement<TcbParts>, found: &[u8]) -> bool {
    let list = |parts: &TcbParts| {
        let TcbParts { fmc, boot_loader, tee, snp, microcode } = *parts;
        let mut list: Vec<u8> = fmc.into_iter().collect();
        list.extend([boot_loader, tee, snp, microcode]);
        list
    };
    match wanted {
        Requirement::Any => true,
        Requirement::Exactly(wanted) => list(wanted) == found,
        Requirement::AtLeast(wanted) => {
            let wanted = list(wanted);
            wanted.len() == found.len()
                && found.iter().zip(wanted).all(|(found, wanted)| *found >= wanted)
        }
    }
}

/// Major, minor and build, where the report has the build first.
fn firmware(bytes: &[u8]) -> [u8; 3] {
    [bytes[2], bytes[1], bytes[0]]
}

fn firmware_is_met(wanted: &Requirement<PlatformVersion>, found: [u8; 3]) -> bool {
    let list = |version: &PlatformVersion| [version.major, version.minor, version.build];
    match wanted {
        Requirement::Any => true,
        Requirement::Exactly(wanted) => found == list(wanted),
        Requirement::AtLeast(wanted) => found >= list(wanted),
    }
}

fn number_is_met(wanted: &Requirement<u32>, found: u32) -> bool {
    match wanted {
        Requirement::Any => true,
        Requirement::Exactly(wanted) => found == *wanted,
        Requirement::AtLeast(wanted) => found >= *wanted,
    }
}

/// Bytes have no order.
fn bytes_are_met<const N: usize>(wanted: &Requirement<Bytes<N>>, found: &[u8]) -> bool {
    match wanted {
        Requirement::Any => true,
        Requirement::Exactly(Bytes(wanted)) | Requirement::AtLeast(Bytes(wanted)) => {
            wanted == found
        }
    }
}

/// Is everything zero that must be, the unused bytes of the TCB versions too?
fn is_clean(is_turin: bool, report: &[u8]) -> bool {
    let unused = if is_turin { 4..7 } else { 2..6 };
    let of_tcb = |at: usize| report[at..at + 8][unused.clone()].iter().all(|byte| *byte == 0);
    reserved_bytes(report).is_empty() && [0x38, 0x180, 0x1e0, 0x1f0].into_iter().all(of_tcb)
}

/// The fields of an SNP report's policy whose demands are not met.
fn unmet_of_policy(word: u64, requirements: &PolicyRequirements) -> Vec<String> {
    let mut unmet = Vec::new();
    let is_valid = word >> 17 & 1 == 1 && word >> 26 == 0;
    let is_the_word = match requirements.word {
        Requirement::Any => true,
        Requirement::Exactly(wanted) | Requirement::AtLeast(wanted) => wanted.bits() == word,
    };
    if !is_valid || !is_the_word {
        unmet.push("POLICY".to_owned());
    }
    // What a demanded word meets by itself is not asked for again.
    let whole = match requirements.word {
        Requirement::Any => None,
        Requirement::Exactly(wanted) | Requirement::AtLeast(wanted) => Some(wanted.bits()),
    };
    let api_is_met = |word: u64| {
        let [minor, major, ..] = word.to_le_bytes();
        version_is_met(requirements.min_api, major, minor)
    };
    if !api_is_met(word) && !whole.is_some_and(api_is_met) {
        unmet.push("POLICY.ABI".to_owned());
    }
    for ((name, bit), wanted) in SNP_BITS.iter().zip(snp_bits(requirements)) {
        let is_met = |word: u64| bit_is_met(wanted, word >> bit & 1 == 1);
        if !is_met(word) && !whole.is_some_and(is_met) {
            unmet.push(format!("POLICY.{name}"));
        }
    }
    unmet
}
