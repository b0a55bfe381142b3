//! Random descriptions of launches that some host would do.

use std::collections::BTreeSet;

use sev_launch_testkit::expected::{Loads, PROFILES, Profile};

use super::boot;
use super::case::{Boot, Case, Form, Svsm, Technology};
use super::choice::Choice;
use super::firmware::{Firmware, Wanted};
use super::hosts::{self, HOSTS};
use super::registers;
use super::value::{Key, Value, text};

/// The most rows of a description: each is computed four times.
const MOST_ROWS: usize = 64;

/// A random description.
pub(super) fn case(choice: &mut Choice) -> Case {
    let mut case = match PROFILES.get(choice.size(0..=PROFILES.len() + 2)) {
        None => plain(choice),
        Some(profile) => with_vmsas(choice, profile),
    };
    boot::add(choice, &mut case);
    add_firmwares(choice, &mut case);
    add_vcpus(choice, &mut case);
    add_head(choice, &mut case);
    case
}

fn empty(technology: Technology) -> Case {
    Case {
        technology,
        profiles: Vec::new(),
        names_profiles: false,
        host: Vec::new(),
        firmwares: Vec::new(),
        firmware_form: Form::File,
        given_digest: None,
        svsm: None,
        boot: Boot::NONE,
        cpus: Vec::new(),
        cpu_parts: None,
        features: Vec::new(),
        vcpus: Vec::new(),
        vcpus_said: None,
        late: (0, false),
        captured: None,
        more: Vec::new(),
        left_out: Vec::new(),
        missing: Vec::new(),
    }
}

/// A guest of plain SEV. What is said of its CPUs changes nothing.
fn plain(choice: &mut Choice) -> Case {
    let mut case = empty(Technology::Sev);
    if choice.one_in(3) {
        case.host.push(hosts::qemu(choice).0);
    }
    if choice.one_in(4) {
        registers::add_cpus(choice, &mut case);
        case.features = choice.some(&[0, 1, 0x20], 2);
        case.late = (2, false);
    }
    case
}

fn with_vmsas(choice: &mut Choice, profile: &'static Profile) -> Case {
    let technology = if profile.is_snp() { Technology::Snp } else { Technology::SevEs };
    let mut case = Case { profiles: vec![profile], ..empty(technology) };
    let mut keeps_first = None;
    let rows: Vec<_> = HOSTS.iter().filter(|hosts| hosts.profile == profile.name).collect();
    if ["es-legacy", "snp-qemu"].contains(&profile.name) && choice.one_in(3) {
        // What a default QEMU does.
    } else if !rows.is_empty() && choice.one_in(3) {
        let (host, keeps) = choice.of(&rows).one(choice);
        (case.host, keeps_first) = (host, Some(keeps));
    } else {
        case.names_profiles = true;
        let others: Vec<_> = PROFILES.iter().filter(|other| goes_with(profile, other)).collect();
        if !others.is_empty() && choice.one_in(4) {
            case.profiles.extend(choice.some(&others, 2));
        }
        if case.profiles.iter().all(|profile| profile.is_qemu()) && choice.one_in(3) {
            let (vmm, keeps) = hosts::qemu(choice);
            (case.host, keeps_first) = (vec![vmm], Some(keeps));
        }
    }
    if profile.loads == Loads::Svsm {
        let wanted = Wanted {
            pages: true,
            metadata: true,
            svsm: true,
            may_overlap: true,
            ..Wanted::default()
        };
        let firmware = Firmware::new(choice, wanted);
        let vars_form = choice.of(&[Form::File, Form::Other]);
        case.svsm = Some(Svsm { firmware, vars: 4096 * choice.number(0..=20), vars_form });
    }
    if choice.one_in(10) {
        case.captured = Some(registers::captured(choice, profile));
    } else {
        registers::add(choice, &mut case);
    }
    if let Some(keeps_first) = keeps_first.filter(|_| profile.is_qemu() && choice.one_in(2)) {
        case.late = (u32::try_from(choice.number(1..=3)).expect("small"), keeps_first);
    }
    case
}

/// Can both be profiles of one description?
fn goes_with(one: &Profile, other: &Profile) -> bool {
    one != other && one.is_snp() == other.is_snp() && one.loads == other.loads
}

fn add_firmwares(choice: &mut Choice, case: &mut Case) {
    let is_snp = case.technology == Technology::Snp;
    let loads = case.profiles.first().map_or(Loads::Firmware, |profile| profile.loads);
    let in_flash = in_flash(choice, case);
    case.more.extend(in_flash.map(|on| ("firmware.in_flash", Value::Switch(on))));
    let wanted = Wanted {
        pages: is_snp || loads == Loads::Krun || case.names_qemu(),
        // SNP guests have no flash from Linux 6.11 on.
        blocks: (in_flash == Some(false) || is_snp) && case.names_qemu(),
        reset: !case.profiles.is_empty() && loads == Loads::Firmware && case.captured.is_none(),
        hashes: boot::is_measured(case),
        metadata: is_snp && loads == Loads::Firmware,
        svsm: false,
        aligned: !is_snp,
        may_overlap: !(is_snp && case.names_qemu()),
    };
    let can_lack_table = !wanted.hashes && !wanted.metadata;
    // libkrun has one qboot.
    let count = if loads == Loads::Krun { 1 } else { choice.few(2) };
    for _ in 0..count {
        case.firmwares.push(match can_lack_table && choice.one_in(4) {
            true => Firmware::without_table(choice, wanted),
            false => Firmware::new(choice, wanted),
        });
    }
    if loads != Loads::Krun && choice.one_in(8) {
        case.firmware_form = Form::Other;
    }
    let is_one = count == 1 && case.firmware_form == Form::File;
    if is_snp && is_one && loads == Loads::Firmware && choice.one_in(12) {
        case.given_digest = choice.bytes(48).try_into().ok();
    } else if is_one && choice.one_in(8) {
        case.more.push(("firmware.sha256", super::case::sha256(&case.firmwares[0].image())));
    }
}

/// Where the firmware is said to be: nowhere a named host would refuse it.
fn in_flash(choice: &mut Choice, case: &Case) -> Option<bool> {
    let is_legacy = case.technology == Technology::SevEs
        && case.profiles.iter().all(|profile| profile.name.starts_with("es-legacy"));
    let may_be = is_legacy || case.technology == Technology::Sev || case.host.is_empty();
    match choice.number(0..=9) {
        0 if may_be => Some(true),
        1 => Some(false),
        _ => None,
    }
}

fn add_vcpus(choice: &mut Choice, case: &mut Case) {
    let boot = &case.boot;
    let lists = [
        case.firmwares.len(),
        boot.kernels.len(),
        boot.initrds.len(),
        boot.cmdlines.len(),
        case.profiles.len(),
        case.features.len(),
        case.cpus.len(),
    ];
    let rows: usize = lists.into_iter().map(|length| length.max(1)).product();
    let count = choice.few(12).min(MOST_ROWS / rows).max(1);
    let one_page = case.captured.as_ref().is_some_and(|(_, ap)| ap.is_none());
    // The first one is never added late.
    let least = u64::from(case.late.0) + 1;
    let mut numbers = BTreeSet::new();
    while numbers.len() < count {
        let number = match choice.number(0..=19) {
            0 => choice.number(least..=300),
            1 => choice.number(least..=64),
            _ => choice.number(least..=least + 15),
        };
        numbers.insert(u32::try_from(number).expect("small"));
    }
    let numbers: Vec<_> = match one_page {
        // A page of a further CPU is not there.
        true => vec![if case.late.1 { case.late.0 + 1 } else { 1 }],
        false => choice.shuffled(numbers.into_iter().collect()),
    };
    if one_page && !case.late.1 {
        case.late = (0, false);
    }
    let number = |one: &u32| Value::Number((*one).into());
    let texts: Vec<_> = numbers.iter().map(u32::to_string).collect();
    let said = match numbers.as_slice() {
        [one] if choice.one_in(2) => number(one),
        _ if choice.one_in(2) => text(texts.join(",")),
        all => Value::List(all.iter().map(number).collect()),
    };
    (case.vcpus, case.vcpus_said) = (numbers, Some(said));
    if case.technology == Technology::SevEs || case.technology == Technology::Snp {
        if case.vcpus.len() == 1 && case.vcpus[0] > 2 && rows <= 8 && !one_page && choice.one_in(6)
        {
            let most = case.vcpus[0].min(8 + least_u32(least));
            case.vcpus = (least_u32(least)..=most).collect();
            case.vcpus_said = Some(text(format!("{least}..={most}")));
        }
    } else if choice.one_in(2) {
        case.vcpus_said = None;
    }
}

fn least_u32(least: u64) -> u32 {
    u32::try_from(least).expect("small")
}

/// What stands beside a digest and does not enter it.
fn add_head(choice: &mut Choice, case: &mut Case) {
    let policy = match case.technology {
        // Bit 2 is ES, bits 6 to 15 are reserved, and bits 16 to 23 are the API's major number: 0 or 1.
        Technology::Sev => choice.word() & 0xff01_003b,
        Technology::SevEs => choice.word() & 0xff01_003f | 4,
        // Bit 17 must be one, those from 26 on must not.
        Technology::Snp => choice.word() & 0x03ff_ffff | 0x2_0000,
    };
    let mut more: Vec<Key> = Vec::new();
    if choice.one_in(2) {
        more.push(("policy", Value::Hex(policy)));
    }
    if case.technology == Technology::Snp && choice.one_in(4) {
        more.push(("host_data", text(hex::encode(choice.bytes(32)))));
    }
    if case.names_qemu() && choice.one_in(3) {
        more.push((
            "host.machine",
            text(choice.of(&["pc-q35-9.2", "pc-i440fx-7.2", "q35", "microvm"])),
        ));
    }
    if choice.one_in(10) {
        let why = choice.of(&["a slot is empty", "\"quoted\" \\ and ünïcode", "two\nlines"]);
        let parts = [
            ("source", "domain.xml"),
            ("place", "domain/devices"),
            ("text", why),
            ("settled_by", "a look"),
        ];
        let parts = parts.map(|(key, value)| (key, value.to_owned()));
        more.push(("unknown", Value::List(vec![Value::Table(parts.into())])));
        more.push(("harmless", text(why)));
    }
    case.more.extend(more);
}
