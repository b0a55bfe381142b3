//! Reports that contradict themselves, or that say what has no name: authentic, and a no that names the demand and its flag.
//!
//! Offsets are those of [SNP-ABI, ATTESTATION_REPORT], and the parts of a TCB version those of [SNP-ABI, TCB_VERSION].

use serde_json::Value;
use sev_launch_testkit::certs::vectors::CertificateFiles;
use sev_launch_testkit::report::{Authority, Extension, Vek};

use super::guest::Guest;
use super::harness::Outcome;
use super::json::{check, document, schema};
use super::report::{LAB, guest_and_report, unmet, write_chain};

const PLATFORM_INFO: usize = 0x040;
const KEY_INFO: usize = 0x048;
const CURRENT_TCB: usize = 0x038;
const REPORTED_TCB: usize = 0x180;
const COMMITTED_TCB: usize = 0x1e0;
const CURRENT_BUILD: usize = 0x1e8;
const LAUNCH_TCB: usize = 0x1f0;
/// Of Milan.
const SNP: usize = 6;
const MICROCODE: usize = 7;

/// What every command that judges a report begins with.
const COMMANDS: [&str; 2] = ["report appraise report", "verify --report report"];
const GUEST: &str = "--firmware OVMF.fd --vcpu-type EPYC-Milan --vcpus 1";

/// A guest's folder, and a report of it that is changed and then signed anew.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Guest {
    let guest = guest_and_report(1);
    let key = Vek::vcek("Milan");
    let mut report = guest.folder.read("report");
    change(&mut report);
    key.sign(&mut report);
    guest.file("report", report);
    guest
}

/// A no to every command, with one unmet demand; with the flag that it names, if it names one, a yes.
#[track_caller]
fn one_no(guest: &Guest, demand: &str, found: &str, flag: Option<&str>) {
    for command in COMMANDS {
        let command = format!("{command} {LAB} {GUEST}");
        let outcome = guest.run(&format!("{command} --json")).go();
        assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
        let json = document(&outcome);
        check(&schema("report-appraise"), &json);
        assert_eq!(unmet(&json), [demand]);
        let demands = json["demands"].as_array().expect("demands");
        let row = demands.iter().find(|row| row["field"] == demand).expect("the demand");
        assert_eq!((&row["found"], &row["accepted_by"]), (&found.into(), &flag.into()));
        let text = guest.run(&command).go();
        assert_eq!(text.code, Some(1));
        let accepted = flag.map_or(String::new(), |flag| format!("; {flag} accepts it"));
        let wanted = row["wanted"].as_str().expect("a text");
        let line = format!("\n  {demand:<29} no: found {found}, wanted {wanted}{accepted}\n");
        assert!(text.stdout.contains(&line), "{}", text.stdout);
        if let Some(flag) = flag {
            guest.run(&format!("{command} {flag}")).go().answer();
        }
        // Authentic it is, whatever is demanded.
        guest.run(&format!("report verify report {LAB}")).go().answer();
    }
}

#[test]
fn attack_tcb_versions_that_cannot_be() {
    // CURRENT_TCB below REPORTED_TCB, with a launch and a commit under the same old firmware.
    let below = changed(|report| {
        for field in [CURRENT_TCB, COMMITTED_TCB, LAUNCH_TCB] {
            report[field + SNP] -= 1;
        }
    });
    one_no(&below, "REPORTED over CURRENT", "snp 24 over 23", None);
    // COMMITTED below CURRENT, by its TCB and by its version.
    let provisional = changed(|report| report[COMMITTED_TCB + MICROCODE] -= 1);
    let flag = Some("--allow-provisional-firmware");
    one_no(&provisional, "CURRENT over COMMITTED", "microcode 219 over 218", flag);
    let build = changed(|report| report[CURRENT_BUILD] += 1);
    one_no(&build, "CURRENT over COMMITTED", "version 1.55.30 over 1.55.29", flag);
    // COMMITTED above CURRENT: no such flag accepts it.
    let above = changed(|report| report[COMMITTED_TCB + MICROCODE] += 1);
    one_no(&above, "COMMITTED over CURRENT", "microcode 220 over 219", None);
    let command = format!("verify --report report {LAB} {GUEST} --allow-provisional-firmware");
    assert_eq!(above.run(&command).go().code, Some(1));
    // LAUNCH above CURRENT.
    let back = changed(|report| report[LAUNCH_TCB] += 1);
    let flag = Some("--allow-launch-tcb-above-current");
    one_no(&back, "LAUNCH over CURRENT", "boot loader 5 over 4", flag);
    // REPORTED below all of them is what REPORTED_TCB is for.
    let newer = changed(|report| {
        for field in [CURRENT_TCB, COMMITTED_TCB, LAUNCH_TCB] {
            report[field + SNP] += 1;
        }
    });
    newer.run(&format!("verify --report report {LAB} {GUEST}")).go().answer();
    assert_eq!(newer.folder.read("report")[REPORTED_TCB + SNP], 24);
}

#[test]
fn attack_reserved_bits_that_are_not_zero() {
    let flag = Some("--allow-reserved-bits");
    let byte = changed(|report| report[0x29f] = 0x80);
    one_no(&byte, "reserved bits", "0x80 at 0x29f", flag);
    let key_info = changed(|report| report[KEY_INFO] = 0x20);
    one_no(&key_info, "reserved bits", "0x20 at 0x048", flag);
    let tcb = changed(|report| report[CURRENT_TCB + 3] = 1);
    one_no(&tcb, "reserved bits", "0x01 at 0x03b", flag);
    // The bits with a name are 0 to 7.
    let platform = changed(|report| report[PLATFORM_INFO + 1] = 1);
    one_no(&platform, "PLATFORM_INFO", "0x100", flag);
    changed(|report| report[PLATFORM_INFO] = 0xff)
        .run(&format!("verify --report report {LAB} {GUEST}"))
        .go()
        .answer();
}

#[test]
fn what_a_newer_report_adds_counts_as_reserved() {
    // Version 6 has CURRENT_ETCB from 0x220 on, which nothing here reads.
    let guest = changed(|report| {
        report[0] = 6;
        report[0x220] = 7;
    });
    let command = format!("verify --report report {LAB} {GUEST}");
    guest.run(&command).go().refused_with(&["report version 6"]);
    let newer = format!("{command} --allow-unknown-version");
    let outcome = guest.run(&format!("{newer} --json")).go();
    assert_eq!((outcome.code, unmet(&document(&outcome))), (Some(1), vec!["reserved bits"]));
    guest.run(&format!("{newer} --allow-reserved-bits")).go().answer();
}

#[test]
fn reserved_bits_are_shown_where_they_are() {
    let guest = changed(|report| {
        report[KEY_INFO..KEY_INFO + 4].fill(0xff);
        report[KEY_INFO] = 0xe1;
        report[COMMITTED_TCB + 2] = 3;
    });
    let outcome = guest.run("report show report").go();
    let text = outcome.answer();
    assert!(
        text.contains("0xffffffe1 (signed by VCEK, AUTHOR_KEY_EN, reserved bits 0xffffffe0)"),
        "{text}"
    );
    let reserved = "0x048: 0xe0, 0x049: 0xff, 0x04a: 0xff, 0x04b: 0xff, 0x1e2: 0x03\n";
    assert!(text.ends_with(reserved), "{text}");
}

#[test]
fn attack_a_vcek_whose_product_is_another_than_its_issuer_s() {
    let guest = guest_and_report(1);
    let key = Vek::vcek("Milan");
    write_chain(&guest.folder, &key);
    let genoa = key.certificate_with(Authority::Ask, &[Extension::product_name("Genoa-B1")]);
    guest.file("vek.der", genoa);
    for command in COMMANDS {
        let outcome = guest.run(&format!("{command} {LAB} {GUEST}")).go();
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        let reason = "the product name of the VCEK is \"Genoa-B1\", wanted that of Milan, its issuer's product";
        assert!(outcome.stdout.contains(reason), "{}", outcome.stdout);
    }
}

/// What the demands of a document say that are not met.
fn unmet_with_flags(outcome: &Outcome) -> Vec<(Value, Value, Value)> {
    let document = document(outcome);
    let demands = document["demands"].as_array().expect("demands").clone();
    let unmet = demands.into_iter().filter(|demand| demand["met"] == false);
    unmet
        .map(|demand| {
            let part = |name: &str| demand[name].clone();
            (part("field"), part("found"), part("accepted_by"))
        })
        .collect()
}

/// CURRENT_TCB of this report has microcode 0xdc, COMMITTED_TCB 0xdb.
#[test]
fn a_real_report_of_provisional_firmware_is_a_no_that_one_flag_accepts() {
    let Some(files) = CertificateFiles::folder() else { return };
    let guest = Guest::new();
    let report = files.read("extra/trustee-vlek/test-vlek-report.bin");
    let measurement = hex::encode(&report[0x90..0xc0]);
    guest.file("report", report);
    guest.file("vlek", files.read("extra/trustee-vlek/test-vlek.der"));
    let flags = "report --vlek vlek --time 2025-06-01T00:00:00Z";
    let appraise = format!("report appraise {flags} --measurement {measurement}");
    // Nobody here has that guest's firmware, so `verify` says no to its digest too.
    let verify = format!("verify --report {flags} {GUEST}");
    let flag = "--allow-provisional-firmware";
    for (command, is_that_guest) in [(appraise, true), (verify, false)] {
        let outcome = guest.run(&format!("{command} --json")).go();
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        let mut found = unmet_with_flags(&outcome);
        found.retain(|(field, ..)| field != "MEASUREMENT" || is_that_guest);
        let wanted = ("CURRENT over COMMITTED", "microcode 220 over 219", flag);
        assert_eq!(found, [(wanted.0.into(), wanted.1.into(), wanted.2.into())]);
        let text = guest.run(&command).go().stdout;
        assert!(text.contains("--allow-provisional-firmware accepts it\n"), "{text}");
        let loosened = guest.run(&format!("{command} {flag} --json")).go();
        let left = if is_that_guest { vec![] } else { vec!["MEASUREMENT"] };
        assert_eq!(unmet(&document(&loosened)), left);
        assert_eq!(loosened.code, Some(if is_that_guest { 0 } else { 1 }));
    }
}
