//! Random kernels, initrds and command lines, and libkrun's files.

use std::collections::BTreeSet;

use sev_launch_testkit::expected::{Loads, Profile, Vmm};
use sev_launch_testkit::{kernel, uki};

use super::case::{Boot, Case, Form, Technology};
use super::choice::Choice;

/// Adds what a description says of its kernel.
pub(super) fn add(choice: &mut Choice, case: &mut Case) {
    case.boot = match case.profiles.first().map(|profile| profile.loads) {
        Some(Loads::Krun) => krun(choice, case.technology),
        Some(Loads::Svsm) => Boot::NONE,
        Some(Loads::Firmware) | None => direct(choice, case),
    };
}

/// Does the table of kernel hashes enter some digest?
pub(super) fn is_measured(case: &Case) -> bool {
    let is_krun = case.profiles.iter().any(|profile| profile.loads == Loads::Krun);
    let switches = &case.boot.switches;
    !is_krun && !case.boot.kernels.is_empty() && (switches.is_empty() || switches.contains(&true))
}

/// libkrun measures its files whole: in SEV-ES blocks of 16 bytes, in SNP pages.
fn krun(choice: &mut Choice, technology: Technology) -> Boot {
    let is_snp = technology == Technology::Snp;
    let unit = if is_snp { 4096 } else { 16 };
    let [kernel, initrd] = [12, 8].map(|most| {
        let count = unit * choice.size(1..=most);
        choice.bytes(count)
    });
    let kernel_gpa = is_snp.then(|| 0x1000 * choice.number(0..=0xf_ffff));
    let switches = if choice.one_in(6) { vec![false] } else { Vec::new() };
    Boot { kernels: vec![kernel], initrds: vec![initrd], kernel_gpa, switches, ..Boot::NONE }
}

fn direct(choice: &mut Choice, case: &Case) -> Boot {
    let can_measure = case.profiles.iter().all(|profile| knows_hashes(profile));
    let switches = match choice.number(0..=9) {
        0..=3 if can_measure => vec![],
        4 if can_measure => vec![true],
        5 if can_measure => choice.shuffled(vec![true, false]),
        6 => vec![false],
        _ => {
            let switches = if choice.one_in(4) { vec![false] } else { Vec::new() };
            return Boot { switches, ..Boot::NONE };
        }
    };
    let kernel_form = match choice.number(0..=5) {
        0 => Form::Sha256,
        // A unified image has no header of the boot protocol, which QEMU wants beside an initrd.
        1 if !case.names_qemu() => Form::Other,
        _ => Form::File,
    };
    let kernels =
        (0..choice.few(2)).map(|_| kernel(choice, kernel_form, case.names_qemu())).collect();
    let initrds = if choice.one_in(3) { 0 } else { choice.few(2) };
    let initrds = (0..initrds).map(|_| {
        let count = choice.size(0..=9000);
        choice.bytes(count)
    });
    let initrds = initrds.collect();
    let cmdline_form = choice.of(&[Form::Text, Form::Text, Form::File, Form::Other, Form::Sha256]);
    let cmdlines = if choice.one_in(4) { 0 } else { choice.few(3) };
    let cmdlines: BTreeSet<_> = (0..cmdlines).map(|_| cmdline(choice, cmdline_form)).collect();
    let cmdlines = choice.shuffled(cmdlines.into_iter().collect());
    let initrd_form = choice.of(&[Form::File, Form::File, Form::Sha256]);
    Boot {
        kernels,
        kernel_form,
        initrds,
        initrd_form,
        cmdlines,
        cmdline_form,
        switches,
        kernel_gpa: None,
    }
}

fn kernel(choice: &mut Choice, form: Form, names_qemu: bool) -> Vec<u8> {
    let size = choice.size(1..=12_000);
    match form {
        Form::Other => {
            let (linux, initrd) = (kernel::bz_image(size), choice.bytes(size));
            let sections: [(&str, &[u8]); 4] = [
                (".osrel", b"PRETTY_NAME=\"An OS\"\n"),
                (".cmdline", b"console=ttyS0"),
                (".initrd", &initrd),
                (".linux", &linux),
            ];
            let count = choice.size(2..=4);
            uki::pe(uki::EFI_APPLICATION, &sections[4 - count..])
        }
        // What has no header of the boot protocol is hashed as it is, and QEMU refuses what is shorter than a setup part.
        _ if !names_qemu && choice.one_in(5) => choice.bytes(size),
        _ => [kernel::bz_image(size), choice.bytes(16)].concat(),
    }
}

fn cmdline(choice: &mut Choice, form: Form) -> Vec<u8> {
    let words = [
        "console=ttyS0",
        "root=/dev/vda1",
        "quiet",
        "a=\"b c\"",
        "ünïcode=☃",
        "\t",
        " ",
        "-v",
        "x,y",
        "\n",
    ];
    let count = choice.size(0..=6);
    let words: Vec<_> = (0..count).map(|_| choice.of(&words)).collect();
    let mut bytes = words.join(" ").into_bytes();
    if form != Form::Text && choice.one_in(2) {
        // Any bytes but NUL.
        let count = choice.size(0..=3000);
        bytes.extend(choice.bytes(count).iter().map(|byte| byte.max(&1)));
    }
    bytes
}

/// Is it a profile whose VMM, or whose operator's tools, know the table of kernel hashes?
fn knows_hashes(profile: &Profile) -> bool {
    profile.is_qemu() || profile.vmm == Vmm::Ec2
}
