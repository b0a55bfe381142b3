//! `import`: what describes a guest already becomes a description, from which its digest follows.

use std::path::PathBuf;

use sev_launch_testkit::testdata_folder;
use sev_launch_testkit::uki::{EFI_APPLICATION, pe};

use super::guest::{CMDLINE, Guest, MILAN};
use super::harness::Outcome;
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

// 0x20000: no SMT, no debugging. What the policy permits loosens nothing.
#[test]
fn a_check_policy_becomes_demands() {
    let guest = Guest::new();
    guest.file(
        "policy.textproto",
        "policy { policy: 0xa0000 vmpl { value: 1 } minimum_guest_svn: 1 require_id_block: true trusted_id_key_hashes: \"KEY\" }"
            .replace("KEY", &"\\x11".repeat(48)),
    );
    let outcome = guest.run("import check-policy policy.textproto").go();
    let wanted = [
        "policy_clear = [\"SMT\", \"MIGRATE_MA\", \"CXL_ALLOW\"]".to_owned(),
        format!("trusted_id_key = \"{}\"", "11".repeat(48)),
        "min_guest_svn = \"1\"".to_owned(),
        "vmpl = \"1\"".to_owned(),
    ];
    assert_eq!(outcome.answer(), format!("{}\n", wanted.join("\n")));
    assert!(outcome.stderr.contains("--allow-debug"), "{}", outcome.stderr);
    let json = guest.run("import check-policy policy.textproto --json").go();
    let document = document(&json);
    check(&schema("demands"), &document);
    assert_eq!(document["vmpl"], "1");
    guest.file("policy.textproto", "policy { policy: 0x20000 require_id_block: true }");
    let refused = guest.run("import check-policy policy.textproto").go();
    refused.refused_with(&["policy.textproto", "require_id_block", "trusted_id_keys"]);
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
    let kata = guest.run("import kata --release 4.1.0").with([input("kata/snp.toml")]).go();
    assert!(kata.stderr.contains("(cmdline-predicted)"), "{}", kata.stderr);
    assert!(kata.answer().contains("cpu = \"EPYC-v4\""), "{}", kata.stdout);
    let server = input("nova/server.json");
    let nova = guest.run("import nova --server").with([&server]).go();
    assert_eq!(nova.code, Some(0), "{}", nova.stderr);
    // By its place, and under the other name.
    for name in ["nova", "openstack"] {
        let same = guest.run(&format!("import {name}")).with([&server]).go();
        assert_eq!((same.code, same.stdout), (Some(0), nova.stdout.clone()), "{}", same.stderr);
    }
}

#[test]
fn orchestrators_objects_are_imported_and_what_they_do_not_say_stops() {
    let guest = Guest::new();
    let vmi = "kind: VirtualMachineInstance\nspec:\n  domain:\n    cpu: {cores: 2, model: EPYC-Milan}\n    \
        firmware: {bootloader: {efi: {secureBoot: false}}}\n    launchSecurity: {snp: {}}\n";
    let outcome = guest.run("import kubevirt - -o launch.toml").stdin(vmi).go();
    outcome.answer();
    assert!(outcome.stderr.contains("unknown: firmware.path: virt-launcher"), "{}", outcome.stderr);
    assert_eq!(guest.run("digest -d launch.toml").go().code, Some(2));
    let image = "--firmware OVMF.fd";
    let digest = guest.run(&format!("digest -d launch.toml {image}")).go();
    assert_eq!(digest.line(), guest.snp(None, MILAN, 2));
    // A server whose flavor is no more than a name.
    let server = r#"{"flavor": "m1.small (1)"}"#;
    let outcome = guest.run("import nova - -o server.toml").stdin(server).go();
    outcome.answer();
    assert!(outcome.stderr.contains("unknown: technology"), "{}", outcome.stderr);
    assert_eq!(guest.run(&format!("digest -d server.toml {image} --vcpus 1")).go().code, Some(2));
    let line = "/usr/bin/kvm -id 100 -bios OVMF.fd -smp '2,sockets=1' -cpu EPYC-v4,enforce \
        -object 'sev-snp-guest,id=sev0,cbitpos=51,reduced-phys-bits=1,policy=0x30000' -machine 'type=q35+pve0,confidential-guest-support=sev0'";
    let proxmox = guest.run("import proxmox -").stdin(line).go();
    assert!(proxmox.answer().contains("vcpus = 2"), "{}", proxmox.stdout);
    assert!(!proxmox.stderr.contains("unknown"), "{}", proxmox.stderr);
}

#[test]
fn what_is_not_known_is_said() {
    let guest = Guest::new();
    let outcome = guest.run("import libvirt").with([input("virt-install/sev-auto.xml")]).go();
    assert!(outcome.answer().contains("key = \"firmware.path\""), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("unknown: firmware.path: domain/os of "), "{}", outcome.stderr);
    guest.file("launch.toml", outcome.answer());
    // Whoever shows it shows that too, and whoever needs it stops.
    let described = guest.run("describe -d launch.toml").go();
    assert_eq!(described.code, Some(2));
    assert!(described.stdout.contains("key = \"firmware.path\""), "{}", described.stdout);
    let json = guest.run("describe -d launch.toml --json").go();
    let found: serde_json::Value = serde_json::from_str(&json.stdout).expect("a document");
    check(&schema("describe"), &found);
    check(&schema("launch"), &found["description"]);
    let source = found["description"]["unknown"][0]["source"].as_str();
    assert!(source.is_some_and(|source| source.ends_with("sev-auto.xml")), "{source:?}");
    assert!(found["problem"].as_str().is_some_and(|text| text.contains("give --firmware")));
    guest.run("digest -d launch.toml").go().refused_with(&["firmware.path", "give --firmware"]);
    let described = guest.run("describe -d launch.toml --firmware OVMF.fd").go();
    assert!(!described.answer().contains("unknown"), "{}", described.stdout);
    let json = guest.run("import libvirt --json").with([input("virt-install/sev-auto.xml")]).go();
    let found = document(&json);
    check(&schema("import"), &found);
    check(&schema("launch"), &found["description"]);
    assert_eq!(found["unknown"][0]["key"], "firmware.path");
    assert!(found["warnings"].as_array().is_some_and(|list| !list.is_empty()));
}

#[test]
fn attack_a_release_of_kata_that_nobody_said_gives_no_digest() {
    let guest = Guest::new();
    // 3.30 has nr_cpus in it, 4.1 has not: two digests of one file.
    let outcome = guest.run("import kata").with([input("kata/snp.toml")]).go();
    assert!(outcome.stderr.contains("--release"), "{}", outcome.stderr);
    let text = outcome
        .answer()
        .replace("/opt/kata/share/ovmf/AMDSEV.fd", "OVMF.fd")
        .replace("/opt/kata/share/kata-containers/vmlinuz-confidential.container", "vmlinuz")
        .replace("cpu = \"EPYC-v4\"", "vcpus = 1\ncpu = \"EPYC-v4\"");
    guest.file("launch.toml", &text);
    let parts = ["boot.cmdline", "which one is installed was not said", "--release"];
    guest.run("digest -d launch.toml").go().refused_with(&parts);
    for (release, part) in [
        ("3.19", "hypervisor.qemu.snp_guest_policy: releases from 3.20 on alone read it"),
        ("main", "the command lines of Kata \"main\" are not known"),
        ("4.2.0", "the command lines of Kata \"4.2.0\" are not known"),
    ] {
        let command = format!("import kata --release {release}");
        guest.run(&command).with([input("kata/snp.toml")]).go().refused_with(&[part]);
    }
}

// QEMU 7.2 and newer: "JSON parse error, duplicate key".
#[test]
fn attack_a_key_that_stands_twice_in_json_is_refused() {
    let guest = Guest::new();
    let twice = "{\"qom-type\":\"sev-guest\",\"id\":\"s\",\"policy\":1,\"policy\":5}";
    let line = "qemu-system-x86_64 -machine q35,confidential-guest-support=s -bios OVMF.fd";
    guest.file("object.txt", format!("{line} -object '{twice}'"));
    guest.file(
        "blockdev.txt",
        format!(
            "{line} -object sev-guest,id=s -blockdev '{{\"driver\":\"raw\",\"driver\":\"file\"}}'"
        ),
    );
    guest.file("pod.json", "{\"spec\": {\"containers\": [], \"containers\": []}}");
    guest.file("server.json", "{\"id\": \"a\", \"id\": \"b\"}");
    guest.file("launch.json", "{\"technology\": \"sev\", \"technology\": \"snp\"}");
    let kata = format!("import kata --annotations pod.json {}", input("kata/snp.toml").display());
    for command in [
        "import qemu object.txt",
        "import qemu blockdev.txt",
        &kata,
        "import nova --server server.json",
        "digest -d launch.json",
    ] {
        guest.run(command).go().refused_with(&["stands twice"]);
    }
}

#[test]
fn a_command_line_that_cannot_be_known_gives_no_digest() {
    let guest = Guest::new();
    let outcome = guest.run("import kata --release 3.30.0").with([input("kata/snp.toml")]).go();
    let text = outcome
        .answer()
        .replace("/opt/kata/share/ovmf/AMDSEV.fd", "OVMF.fd")
        .replace("/opt/kata/share/kata-containers/vmlinuz-confidential.container", "vmlinuz");
    // The pod has no limits.
    let text = text.replace("cpu = \"EPYC-v4\"", "vcpus = 1\ncpu = \"EPYC-v4\"");
    guest.file("launch.toml", &text);
    let parts =
        ["boot.cmdline", "nr_cpus is the number of vCPUs", "/proc/PID/cmdline", "give --cmdline"];
    let testdata = testdata_folder().display().to_string();
    let snp = format!(
        "{testdata}/snp/report.bin --vek {testdata}/snp/vcek.der --chain {testdata}/snp/ask.der --root \
         {testdata}/snp/ark.der"
    );
    for command in [
        "digest -d launch.toml",
        "describe -d launch.toml",
        "manifest build -d launch.toml",
        "id-block build -d launch.toml --policy 0x30000 --to-be-signed block.bin",
        &format!("report appraise -d launch.toml {snp}"),
        &format!("verify -d launch.toml --report {snp}"),
    ] {
        let outcome = guest.run(command).go();
        assert_eq!(outcome.code, Some(2), "{command}: {}", outcome.stderr);
        for part in parts {
            assert!(outcome.stderr.contains(part), "{command}: {}", outcome.stderr);
        }
    }
    let reported = "ab".repeat(48);
    let outcome = guest.run(&format!("explain -d launch.toml --reported {reported}")).go();
    outcome.refused_with(&parts);
    // Said, it is as if it had never been unknown; the CPU is EPYC-v4, as the runtime starts it.
    let table = sev_launch_testkit::expected::hashes_table(&guest.kernel, None, Some(b"quiet"));
    let outcome = guest.run("digest -d launch.toml --cmdline quiet").go();
    assert_eq!(outcome.line(), guest.snp(Some(&table), 0x0080_0f12, 1));
    // A file that was not read may change anything.
    let line = "qemu-system-x86_64 -machine q35,confidential-guest-support=s -object sev-guest,id=s -bios OVMF.fd \
                -readconfig more.cfg";
    guest.file("pasted.txt", line);
    guest.run("import qemu pasted.txt -o launch.toml").go().answer();
    let text = "-readconfig more.cfg was not read, and its options may change the launch";
    guest.run("digest -d launch.toml").go().refused_with(&[text, "give --harmless '-readconfig"]);
    let mistyped = guest.run("digest -d launch.toml --harmless -readconfig").go();
    mistyped.refused_with(&["\"-readconfig\" is called harmless", "nothing unknown has that text"]);
    guest.file("passphrase", "open sesame");
    let judged = format!(
        "-d launch.toml --policy 0x1 --tik {testdata}/sev/tik.bin --tek {testdata}/sev/tek.bin --evidence \
         {testdata}/sev/domlaunchsecinfo.txt"
    );
    for command in ["verify", "secret build header payload -s luks-key:passphrase"] {
        guest.run(&format!("{command} {judged}")).go().refused_with(&[text]);
    }
    assert!(!guest.folder.path().join("payload").exists());
    let outcome = guest.run("digest -d launch.toml").with(["--harmless", text]).go();
    assert_eq!(outcome.line(), guest.sev(None));
    // As it stands in a manifest too, so that it is known what was taken for harmless.
    let build =
        guest.run("manifest build -d launch.toml -o manifest.json").with(["--harmless", text]);
    build.go().answer();
    assert_eq!(guest.run("manifest check manifest.json").go().code, Some(0));
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
        ("import nova -", "[]", "server"),
        ("import kubevirt -", "kind: Pod\n", "standard input"),
    ] {
        guest.run(command).stdin(text).go().refused_with(&[said]);
    }
    guest.run("import qemu").go().refused_with(&["--pid"]);
    guest.run("import nova").go().refused_with(&["SERVER"]);
    let large = guest.folder.sparse("large", 100 << 20);
    for command in ["libvirt", "qemu", "kata", "kubevirt"] {
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

fn unknown(key: &str) -> String {
    format!(
        "\n[[unknown]]\nkey = '{key}'\nsource = 'a script'\nplace = 'a variable'\ntext = 'it is set elsewhere'\nsettled_by = 'the other file'\n"
    )
}

// Else a search would start from a default, or rule out what it could not try.
#[test]
fn what_a_search_would_try_must_be_known() {
    let guest = Guest::new();
    let digest = guest.sev(None);
    let sev = "technology = 'sev'\nfirmware.path = 'OVMF.fd'\nboot.kernel = 'vmlinuz'\nboot.kernel_hashes = false\n";
    guest.file("launch.toml", sev.to_owned() + &unknown("boot.cmdline"));
    assert_eq!(guest.run("digest -d launch.toml --quiet").go().line(), digest);
    let explain = guest.run(&format!("explain -d launch.toml --reported {digest}")).go();
    explain.refused_with(&["boot.cmdline", "it is set elsewhere", "give --cmdline"]);
    let snp = "technology = 'snp'\ncpu = 'EPYC-Milan'\nfirmware.path = 'OVMF.fd'\n";
    guest.file("launch.toml", snp.to_owned() + &unknown("vcpus"));
    let reported = guest.snp(None, MILAN, 1);
    let explain = guest.run(&format!("explain -d launch.toml --reported {reported}")).go();
    explain.refused_with(&["vcpus", "it is set elsewhere", "give --vcpus"]);
}

#[test]
fn an_unknown_policy_is_given_or_nothing_is_accepted() {
    let guest = Guest::new();
    let testdata = testdata_folder().display().to_string();
    let text = std::fs::read_to_string(testdata_folder().join("launch.toml")).expect("testdata");
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("policy"))
        .map(|line| format!("{line}\n"))
        .collect();
    let text = text
        .replace("firmware/", &format!("{testdata}/firmware/"))
        .replace("boot/", &format!("{testdata}/boot/"));
    guest.file("launch.toml", text + &unknown("policy"));
    let snp = format!(
        "{testdata}/snp/report.bin --vek {testdata}/snp/vcek.der --chain {testdata}/snp/ask.der --root \
         {testdata}/snp/ark.der -d launch.toml --allow-outside {testdata}"
    );
    for command in ["verify --report", "report appraise"] {
        guest
            .run(&format!("{command} {snp}"))
            .go()
            .refused_with(&["policy", "it is set elsewhere"]);
        let given = guest.run(&format!("{command} {snp} --policy 0x30000")).go();
        assert_eq!(given.code, Some(0), "{}", given.stderr);
    }
}

/// A QEMU command line of an SNP guest in the guest's folder, imported; and the digest of the description, flags beside it.
fn digest_of(guest: &Guest, options: &str, flags: &str) -> Outcome {
    const SNP: &str = "qemu-system-x86_64 -machine q35,confidential-guest-support=s -cpu EPYC-Milan -smp 2 -object sev-snp-guest,id=s";
    guest.file("line.sh", format!("{SNP} {options}"));
    guest.run("import qemu line.sh -o launch.toml").go().answer();
    guest.run(&format!("digest -d launch.toml {flags}")).go()
}

// A qcow2 image is no firmware: QEMU measures what is inside. Whoever says what of it, no digest is made of the container.
#[test]
fn attack_a_qcow2_flash_gives_no_digest() {
    let guest = Guest::new();
    let mut image = b"QFI\xfb\0\0\0\x03".to_vec();
    image.resize(65536, 0);
    guest.file("OVMF.qcow2", &image);
    let inside = ["qcow2", "QEMU measures what is inside", "qemu-img convert -O raw"];
    // The format is said: whoever imports it is told.
    let said = digest_of(&guest, "-drive if=pflash,format=qcow2,readonly=on,file=OVMF.qcow2", "");
    said.refused_with(&[
        "firmware.path",
        "its format is qcow2",
        "qemu-img convert -O raw",
        "give --firmware",
    ]);
    let settled = guest.run("digest -d launch.toml --firmware OVMF.fd").go();
    assert_eq!(settled.line(), guest.snp(None, MILAN, 2));
    // It is not, or is said to be raw: the file's first bytes tell.
    digest_of(&guest, "-drive if=pflash,readonly=on,file=OVMF.qcow2", "").refused_with(&inside);
    digest_of(&guest, "-bios OVMF.qcow2", "").refused_with(&inside);
    for command in
        ["firmware show", "firmware absorb -o absorbed.json", "digest --mode sev --firmware"]
    {
        guest.run(&format!("{command} OVMF.qcow2")).go().refused_with(&inside);
    }
    guest.file("image.igvm", b"IGVM\x01\0\0\0");
    guest
        .run("firmware show image.igvm")
        .go()
        .refused_with(&["image.igvm", "the IGVM file's variable headers"]);
}

// Each of these moved the digest on a real QEMU, and was imported without a word or with a warning alone.
#[test]
fn attack_options_that_move_the_digest_stop_it() {
    let guest = Guest::new();
    for (options, said) in [
        ("-bios OVMF.fd -global EPYC-Milan-x86_64-cpu.stepping=3", "signature"),
        (
            "-bios OVMF.fd -global driver=EPYC-Milan-x86_64-cpu,property=stepping,value=3",
            "signature",
        ),
        ("-bios OVMF.fd -readconfig more.cfg", "-readconfig more.cfg was not read"),
        ("-bios OVMF.fd -device EPYC-Milan-x86_64-cpu,socket-id=2", "--vmm-version"),
        ("-bios OVMF.fd -device EPYC-Milan-x86_64-cpu,socket-id=2,stepping=3", "signature"),
        ("-bios OVMF.fd -gdb tcp::1234", "-gdb tcp::1234 was not looked at"),
        ("-bios OVMF.fd -object qtest,id=q,chardev=c", "-object qtest,id=q"),
        ("-drive if=pflash,format=raw,offset=4096,file=OVMF.fd", "offset=4096 makes a slice"),
        (
            "-pflash 'json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"OVMF.fd\"}}'",
            "json:",
        ),
        ("-bios OVMF.fd -device loader,file=x,addr=0x80000000", "-device loader"),
        ("-bios OVMF.fd -object sev-guest,id=t", "-object sev-guest,id=t"),
        ("-bios $OVMF", "firmware.path"),
        ("-bios OVMF.fd -future-option", "-future-option was not looked at"),
    ] {
        digest_of(&guest, options, "").refused_with(&[said]);
    }
    let measured = "qemu-system-x86_64 -machine q35,confidential-guest-support=s -object sev-guest,id=s,kernel-hashes=on -bios OVMF.fd \
        -kernel vmlinuz -append \"$(cat cmdline) root=$ROOT\"";
    guest.file("line.sh", measured);
    guest.run("import qemu line.sh -o launch.toml").go().answer();
    guest.run("digest -d launch.toml").go().refused_with(&["boot.cmdline", "give --cmdline"]);
    digest_of(&guest, "-bios OVMF.fd -future-option", "").refused_with(&["-future-option"]);
    // A user settles what belongs to no key by naming it harmless, and what belongs to one by saying it.
    let harmless = "-future-option was not looked at, and may change what is measured";
    let settled = guest.run("digest -d launch.toml").with(["--harmless", harmless]).go();
    assert_eq!(settled.line(), guest.snp(None, MILAN, 2));
    let stepping = "-bios OVMF.fd -global EPYC-Milan-x86_64-cpu.stepping=3";
    let settled = digest_of(&guest, stepping, "--vcpu-sig 0x00a00f13");
    assert_eq!(settled.line(), guest.snp(None, 0x00a0_0f13, 2));
}

// How a vCPU of `-device` starts depends on QEMU's version: as a further one to 10.0, as the first one from 10.1 on.
#[test]
fn imported_late_vcpus_are_measured_by_qemu_s_version() {
    let guest = Guest::new();
    let options = "-bios OVMF.fd -device EPYC-Milan-x86_64-cpu,socket-id=2";
    let old = digest_of(&guest, options, "--vmm-version 10.0.0 --host-kernel 6.12");
    assert_eq!(old.line(), guest.snp(None, MILAN, 3));
    let new = digest_of(&guest, options, "--vmm-version 11.1.3 --host-kernel 6.12");
    let late = guest.digest("--mode snp --vcpu-type EPYC-Milan --vcpus 3 --late-vcpus 1 --vmm-version 11.1.3 --host-kernel 6.12");
    assert_eq!(new.line(), late.go().line());
    assert_ne!(new.line(), old.line());
}

// What was imported from a QEMU line is started by QEMU; which kernel the host runs is in no line.
#[test]
fn imported_hosts_are_asked_for_what_no_line_has() {
    let guest = Guest::new();
    let plain = digest_of(&guest, "-bios OVMF.fd", "--host-kernel 6.12.0");
    assert_eq!(plain.line(), guest.snp(None, MILAN, 2));
    for legacy in ["", ",legacy-vm-type=on"] {
        let line = format!(
            "qemu-system-x86_64 -machine q35,confidential-guest-support=s -cpu EPYC-Milan -smp 2 -bios OVMF.fd \
             -object sev-guest,id=s,policy=7{legacy}"
        );
        guest.file("line.sh", line);
        guest.run("import qemu line.sh -o launch.toml").go().answer();
        let digest = |flags: &str| guest.run(&format!("digest -d launch.toml {flags}")).go();
        digest("").refused_with(&["host.kernel", "DebugSwap", "give --host-kernel"]);
        digest("--host-kernel 6.6.0").refused_with(&["debug_swap"]);
        let wanted = guest.digest("--mode sev-es --vcpus 2 --vcpu-type EPYC-Milan").go();
        for settled in ["--host-kernel 6.12.0", "--profile es-legacy", "--debug-swap off"] {
            assert_eq!(digest(settled).line(), wanted.line(), "{settled}");
        }
    }
}

#[test]
fn annotations_that_are_not_read_are_unknown() {
    let guest = Guest::new();
    let import = |annotations: &str| {
        guest.file("annotations.json", annotations);
        guest
            .run("import kata --release 4.1.0 --annotations annotations.json")
            .with([input("kata/snp.toml")])
            .go()
    };
    let config = "io.katacontainers.config";
    let plain = import("{}");
    let found = import(&format!("{{\"{config}.agent.kernel_modules\": \"true\"}}"));
    let text = "io.katacontainers.config.agent.kernel_modules = ";
    assert!(found.answer().contains(text), "{}", found.stdout);
    guest.file("launch.toml", found.answer());
    guest.run("digest -d launch.toml").go().refused_with(&[text, "give --harmless"]);
    let found = import(&format!("{{\"{config}.hypervisor.use_legacy_serial\": \"true\"}}"));
    assert!(found.answer().contains("console=ttyS0"), "{}", found.stdout);
    let found =
        import(&format!("{{\"{config}.hypervisor.default_memory\": \"4096\", \"app\": \"web\"}}"));
    assert_eq!(found.answer(), plain.answer());
}

// What the runtime reads beside its file, and what people say of the installation.
#[test]
fn kata_s_installation_is_read_and_said() {
    let guest = Guest::new();
    let shipped = std::fs::read_to_string(input("kata/shipped-go.toml")).unwrap();
    guest.file("configuration.toml", &shipped);
    guest.file("pod.yaml", std::fs::read(input("kata/pod.yaml")).unwrap());
    let said = "import kata --release 3.30.0 --pod pod.yaml configuration.toml";
    let plain = guest.run(said).go();
    // 1 + 1.5, rounded up; Python's hashlib has the digest of the initdata.
    for part in [
        "vcpus = 3 ",
        "panic=1 nr_cpus=3 selinux=0",
        "agent.guest_components_rest_api=all\"",
        "host_data = \"a34048b466bfd7a01522fff6badd40f5ca867289ea3742a9e8a5e1b54b498993\"",
    ] {
        assert!(plain.answer().contains(part), "{part}: {}", plain.stdout);
    }
    let same = guest.run("import kata --runtime go --host-cpus 64 --release 3.30.0 --annotations pod.yaml configuration.toml").go();
    assert_eq!(same.answer(), plain.answer());
    let other = guest.run("import kata --runtime rust --release 3.30.0 configuration.toml").go();
    other.refused_with(&["which the Rust runtime's file has, and the runtime is said to be rust"]);
    guest
        .run("import kata --runtime java configuration.toml")
        .go()
        .refused_with(&["wanted go or rust"]);
    // Of two drop-in files the later one holds, whatever it is called.
    std::fs::create_dir(guest.folder.path().join("config.d")).unwrap();
    guest.file("config.d/20-b", "[hypervisor.qemu]\nkernel_params = \"b=1\"\n");
    guest.file(
        "config.d/10-a.toml",
        "[hypervisor.qemu]\nkernel_params = \"a=1\"\nenable_debug = true\n",
    );
    let dropped = guest.run("import kata --release 4.1.0 configuration.toml").go();
    let line = dropped.answer();
    assert!(line.contains(" b=1\"") && !line.contains("a=1") && line.contains(" debug "), "{line}");
    assert!(
        line.contains("hypervisor.qemu.kernel_params of ") && line.contains("config.d/20-b"),
        "{line}"
    );
    guest.file("config.d/30-c.toml.bak", "x = ");
    let wrong = guest.run("import kata configuration.toml").go();
    wrong.refused_with(&["30-c.toml.bak: TOML parse error"]);
    std::fs::remove_file(guest.folder.path().join("config.d/30-c.toml.bak")).unwrap();
    guest.file("config.d/40-d.toml", "x = ");
    guest.run("import kata configuration.toml").go().refused_with(&["40-d.toml: TOML parse error"]);
    std::fs::remove_file(guest.folder.path().join("config.d/40-d.toml")).unwrap();
    std::fs::create_dir(guest.folder.path().join("config.d/50-e")).unwrap();
    guest.run("import kata configuration.toml").go().refused_with(&["50-e"]);
    // A pipe has nothing beside it.
    #[cfg(unix)]
    {
        let piped =
            guest.run("import kata --release 4.1.0 /dev/stdin").stdin(shipped.as_bytes()).go();
        assert!(!piped.answer().contains("b=1"), "{}", piped.stdout);
    }
}
