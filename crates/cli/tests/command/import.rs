//! `import`: what describes a guest already becomes a description, from which its digest follows.

use std::path::PathBuf;

use sev_launch_testkit::testdata_folder;
use sev_launch_testkit::uki::{EFI_APPLICATION, pe};

use super::guest::{CMDLINE, Guest, MILAN};
use super::json::{check, document, schema};

fn input(name: &str) -> PathBuf {
    testdata_folder().join("import").join(name)
}

#[test]
fn a_domain_becomes_the_digest_of_its_guest() {
    let guest = Guest::new();
    let folder = guest.folder.path().display().to_string();
    let xml = format!(
        "<domain type='kvm'><name>g</name><vcpu placement='static' current='2'>4</vcpu>\
         <os><type arch='x86_64' machine='q35'>hvm</type>\
         <loader readonly='yes' stateless='yes' type='rom'>{folder}/OVMF.fd</loader>\
         <kernel>{folder}/vmlinuz</kernel><initrd>{folder}/initrd.img</initrd><cmdline>{CMDLINE}</cmdline></os>\
         <cpu mode='custom'><model>EPYC-Milan</model></cpu>\
         <launchSecurity type='sev-snp' kernelHashes='yes'><policy>0x00030000</policy></launchSecurity></domain>"
    );
    let outcome = guest.run("import libvirt - -o launch.toml").stdin(xml).go();
    assert_eq!(outcome.answer(), "");
    let digest = guest.run("digest -d launch.toml").go();
    // Of the four vCPUs two exist at launch.
    assert_eq!(digest.line(), guest.snp(Some(&guest.table()), MILAN, 2));
    // Flags replace what the host's paths are.
    let digest = guest.run("digest -d launch.toml --firmware OVMF.fd --vcpus 4").go();
    assert_eq!(digest.line(), guest.snp(Some(&guest.table()), MILAN, 4));
}

#[test]
fn a_command_line_becomes_the_digest_of_its_guest() {
    let guest = Guest::new();
    let line = format!(
        "qemu-system-x86_64 -enable-kvm -machine q35,confidential-guest-support=sev0 -cpu EPYC-Milan -smp 3,maxcpus=8 \\\n \
         -object sev-snp-guest,id=sev0,cbitpos=51,reduced-phys-bits=1,kernel-hashes=on -bios OVMF.fd \\\n \
         -kernel vmlinuz -initrd initrd.img -append '{CMDLINE}'"
    );
    guest.file("pasted.txt", &line);
    guest.run("import qemu pasted.txt -o launch.toml").go().answer();
    let wanted = guest.snp(Some(&guest.table()), MILAN, 3);
    assert_eq!(guest.run("digest -d launch.toml").go().line(), wanted);
    // As /proc/PID/cmdline has it.
    let object = "sev-snp-guest,id=sev0,cbitpos=51,reduced-phys-bits=1,kernel-hashes=on";
    let argv = [
        "qemu-system-x86_64",
        "-machine",
        "q35,confidential-guest-support=sev0",
        "-cpu",
        "EPYC-Milan",
        "-smp",
        "3,maxcpus=8",
        "-object",
        object,
        "-bios",
        "OVMF.fd",
        "-kernel",
        "vmlinuz",
        "-initrd",
        "initrd.img",
        "-append",
        CMDLINE,
    ];
    guest.file("cmdline", argv.map(|word| format!("{word}\0")).concat());
    guest.run("import qemu cmdline -o again.toml").go().answer();
    assert_eq!(guest.run("digest -d again.toml").go().line(), wanted);
    guest.file("argv", argv.map(|word| format!("{word}\n")).concat());
    guest.run("import qemu argv --argv -o again.toml").go().answer();
    assert_eq!(guest.run("digest -d again.toml").go().line(), wanted);
}

#[test]
fn a_running_process_is_read() {
    let guest = Guest::new();
    // This test's own process is no QEMU; that its arguments were read is told by what is missing.
    let outcome = guest.run(&format!("import qemu --pid {}", std::process::id())).go();
    let place = format!("/proc/{}/cmdline", std::process::id());
    outcome.refused_with(&[&place]);
}

#[test]
fn insecure_set_ups_are_warned_of_by_name() {
    let guest = Guest::new();
    let nvram = guest.run("import libvirt").with([input("virt-install/sev-nvram.xml")]).go();
    assert!(nvram.stderr.contains("(nvram-not-measured)"), "{}", nvram.stderr);
    let direct = guest.run("import libvirt").with([input("virt-install/sev-es.xml")]).go();
    for code in ["(kernel-not-measured)", "(no-session)"] {
        assert!(direct.stderr.contains(code), "{}", direct.stderr);
    }
    let kata = guest.run("import kata").with([input("kata/snp.toml")]).go();
    assert!(kata.stderr.contains("(cmdline-predicted)"), "{}", kata.stderr);
    assert!(kata.answer().contains("cpu = \"EPYC-v4\""), "{}", kata.stdout);
    let server = input("nova/server.json");
    let nova = guest.run("import nova --server").with([server]).go();
    assert_eq!(nova.code, Some(0), "{}", nova.stderr);
}

#[test]
fn what_is_not_known_is_said() {
    let guest = Guest::new();
    let outcome = guest.run("import libvirt").with([input("virt-install/sev-auto.xml")]).go();
    assert!(outcome.answer().contains("# unknown: firmware.path:"), "{}", outcome.stdout);
    // It is a comment: what is known can be read back.
    guest.file("launch.toml", outcome.answer());
    let described = guest.run("describe -d launch.toml --firmware OVMF.fd").go();
    assert!(
        described.stderr.is_empty() || !described.stderr.contains("unknown key"),
        "{}",
        described.stderr
    );
    let json = guest.run("import libvirt --json").with([input("virt-install/sev-auto.xml")]).go();
    let found = document(&json);
    check(&schema("import"), &found);
    check(&schema("launch"), &found["description"]);
    assert_eq!(found["unknown"][0]["key"], "firmware.path");
    assert!(found["warnings"].as_array().is_some_and(|list| !list.is_empty()));
}

#[test]
fn what_is_something_else_is_refused() {
    let guest = Guest::new();
    for (command, text, said) in [
        ("import libvirt -", "<network/>", "standard input"),
        (
            "import libvirt -",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><domain>&x;</domain>",
            "standard input",
        ),
        ("import qemu -", "ls -l", "standard input"),
        (
            "import kata -",
            "[hypervisor.qemu]\nkernel = \"@KERNELPATH@\"",
            "KERNELPATH is a template",
        ),
        ("import nova --server -", "{}", "server"),
    ] {
        guest.run(command).stdin(text).go().refused_with(&[said]);
    }
    guest.run("import qemu").go().refused_with(&["--pid"]);
    guest.run("import nova").go().refused_with(&["--server"]);
    let large = guest.folder.sparse("large", 100 << 20);
    for command in ["libvirt", "qemu", "kata"] {
        guest.run(&format!("import {command}")).with([&large]).go().refused_with(&["large"]);
    }
}

#[test]
fn a_unified_kernel_image_is_the_kernel() {
    let guest = Guest::new();
    let image = pe(
        EFI_APPLICATION,
        &[
            (".linux", &guest.kernel[..]),
            (".initrd", b"an initrd"),
            (".cmdline", b"root=/dev/vda quiet\0"),
            (".osrel", b"PRETTY_NAME=\"A Guest 1.0\"\n"),
        ],
    );
    guest.file("guest.efi", &image);
    // The whole file is what QEMU hashes, with no initrd and no command line beside it.
    let table = sev_launch_testkit::expected::hashes_table(&image, None, None);
    let outcome = guest.digest("--mode sev --uki guest.efi").go();
    assert_eq!(outcome.line(), guest.sev(Some(&table)));
    for part in ["root=/dev/vda quiet", "an initrd of 9 bytes", "A Guest 1.0"] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
    let beside = guest.digest("--mode sev --uki guest.efi --append x").go();
    assert!(beside.stderr.contains("a command line is given beside"), "{}", beside.stderr);
    let json = document(&guest.digest("--mode sev --uki guest.efi --json").go());
    check(&schema("digest"), &json);
    assert_eq!(json["inputs"]["kernels"][0]["uki"]["cmdline"], "root=/dev/vda quiet");
    guest.file(
        "launch.toml",
        "technology = \"sev\"\n[firmware]\npath = \"OVMF.fd\"\n[boot]\nuki = \"guest.efi\"\n",
    );
    assert_eq!(guest.run("digest -d launch.toml -q").go().line(), guest.sev(Some(&table)));
    guest.digest("--mode sev --uki vmlinuz").go().refused_with(&["vmlinuz", "PE"]);
}
