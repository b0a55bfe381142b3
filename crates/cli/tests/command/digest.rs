//! `digest`: rows, the ways to give a kernel, profiles, and what is said beside the answer.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{self, AMD_SEV_SECTIONS, FirmwareBuilder, Section};
use sev_launch_testkit::{kernel, pattern};

use super::guest::{CMDLINE, GENOA, Guest, HASH_AREA, MILAN, RESET, image};
use super::harness::{Run, feed, golden, root};

const ES_MILAN: &str = "--mode seves --vcpu-type EPYC-Milan";
const SNP_MILAN: &str = "--mode snp --vcpu-type EPYC-Milan";

fn sha256(bytes: &[u8]) -> String {
    Sha256Digest::of(bytes).to_string()
}

// Rows.

#[test]
fn all_three_technologies_with_and_without_a_kernel() {
    let guest = Guest::new();
    let table = guest.table();
    for (flags, plain, measured) in [
        ("--mode sev".into(), guest.sev(None), guest.sev(Some(&table))),
        (
            format!("{ES_MILAN} --vcpus 2"),
            guest.es_legacy(MILAN, 2),
            guest.sev_es(Some(&table), (Layout::QemuNofpu, 0), MILAN, 2),
        ),
        (
            format!("{SNP_MILAN} --vcpus 2"),
            guest.snp(None, MILAN, 2),
            guest.snp(Some(&table), MILAN, 2),
        ),
    ] {
        assert_eq!(guest.digest(&flags).go().line(), plain, "{flags}");
        assert_eq!(guest.measured(&flags).go().line(), measured, "{flags}");
    }
}

#[test]
fn ranges_of_vcpus_are_rows_in_their_order() {
    let guest = Guest::new();
    let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 8,1..=3,2 --format hex")).go();
    let expected = [8, 1, 2, 3, 2].map(|vcpus| guest.snp(None, MILAN, vcpus));
    assert_eq!(outcome.lines(), expected);
    let outcome = guest.digest(&format!("{ES_MILAN} --vcpus 8,1..=3,2 --format hex")).go();
    let expected = [8, 1, 2, 3, 2].map(|vcpus| guest.es_legacy(MILAN, vcpus));
    assert_eq!(outcome.lines(), expected);
}

#[test]
fn rows_vary_slowest_in_the_command_line_then_profile_then_signature() {
    let guest = Guest::new();
    let outcome = guest
        .digest("--mode snp --kernel vmlinuz --initrd initrd.img --append a --append b")
        .with(["--profile", "snp-qemu,snp-ec2", "--vcpu-type", "EPYC-Milan,EPYC-Genoa"])
        .with(["--vcpus", "1,2", "--format", "hex"])
        .go();
    let mut expected = Vec::new();
    for cmdline in ["a", "b"] {
        let table = guest.table_of(cmdline.as_bytes());
        for (vmm, layout) in [(Vmm::Qemu, Layout::QemuFpu), (Vmm::Ec2, Layout::Ec2)] {
            for signature in [MILAN, GENOA] {
                for vcpus in [1, 2] {
                    let page = (layout, 1);
                    expected.push(guest.snp_by(vmm, Some(&table), page, signature, vcpus));
                }
            }
        }
    }
    assert_eq!(outcome.lines(), expected);
}

#[test]
fn a_command_line_with_commas_is_one_command_line() {
    let guest = Guest::new();
    let cmdline = "console=ttyS0,115200n8 isolcpus=1,2,3";
    let outcome = guest
        .digest("--mode sev --kernel vmlinuz --initrd initrd.img --cmdline")
        .with([cmdline])
        .go();
    assert_eq!(outcome.line(), guest.sev(Some(&guest.table_of(cmdline.as_bytes()))));
}

#[test]
fn a_command_line_may_look_like_a_flag() {
    let guest = Guest::new();
    let run = guest.digest("--mode sev --kernel vmlinuz --initrd initrd.img --append");
    let expected = guest.sev(Some(&guest.table_of(b"--quiet -v")));
    assert_eq!(run.with(["--quiet -v"]).go().line(), expected);
}

#[test]
fn a_command_line_that_is_no_text_is_measured_byte_for_byte() {
    use std::os::unix::ffi::OsStrExt;
    let guest = Guest::new();
    let bytes = b"a=\xff\xfe b";
    let run = guest.digest("--mode sev --kernel vmlinuz --initrd initrd.img --append");
    let outcome = run.with([std::ffi::OsStr::from_bytes(bytes)]).go();
    assert_eq!(outcome.line(), guest.sev(Some(&guest.table_of(bytes))));
}

#[test]
fn a_command_line_that_was_not_given_counts_as_an_empty_one() {
    let guest = Guest::new();
    let outcome = guest.digest("--mode sev --kernel vmlinuz --initrd initrd.img").go();
    assert_eq!(outcome.line(), guest.sev(Some(&guest.table_of(b""))));
}

#[test]
fn an_initrd_that_was_not_given_counts_as_no_bytes() {
    let guest = Guest::new();
    let table = expected::hashes_table(&guest.kernel, None, None);
    let outcome = guest.digest("--mode sev --kernel vmlinuz").go();
    assert_eq!(outcome.line(), guest.sev(Some(&table)));
}

#[test]
fn as_many_vcpus_as_kvm_has() {
    let guest = Guest::new();
    let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 4096")).go();
    assert_eq!(outcome.line(), guest.snp(None, MILAN, 4096));
}

#[test]
fn family_model_and_stepping_are_the_signature_they_make() {
    let guest = Guest::new();
    // APM 3, CPUID Fn0000_0001_EAX: Milan is family 25, model 1, stepping 1.
    for cpu in [
        "--vcpu-family 25 --vcpu-model 1 --vcpu-stepping 1",
        "--family 25 --model 1 --stepping 1",
        "--vcpu-sig 0x00a00f11",
        "--vcpu-sig 10489617",
        "--vcpu-type epyc-milan-v2",
    ] {
        let outcome = guest.digest(&format!("--mode snp --vcpus 1 {cpu}")).go();
        assert_eq!(outcome.line(), guest.snp(None, MILAN, 1), "{cpu}");
    }
}

// Ways to give the kernel.

#[test]
fn kernel_and_initrd_come_from_pipes_as_from_files() {
    let guest = Guest::new();
    let (kernel, initrd) = (guest.folder.fifo("kernel.pipe"), guest.folder.fifo("initrd.pipe"));
    let feeders = [feed(&kernel, guest.kernel.clone()), feed(&initrd, guest.initrd.clone())];
    let outcome = guest
        .digest("--mode sev --kernel kernel.pipe --initrd initrd.pipe --append")
        .with([CMDLINE])
        .go();
    assert_eq!(outcome.line(), guest.sev(Some(&guest.table())));
    feeders.into_iter().for_each(|feeder| feeder.join().expect("the pipe was read"));
}

#[test]
fn kernel_or_initrd_comes_from_standard_input() {
    let guest = Guest::new();
    let expected = guest.sev(Some(&guest.table()));
    let run = guest.digest("--mode sev --kernel - --initrd initrd.img --append");
    assert_eq!(run.with([CMDLINE]).stdin(guest.kernel.clone()).go().line(), expected);
    let run = guest.digest("--mode sev --kernel vmlinuz --initrd - --append");
    assert_eq!(run.with([CMDLINE]).stdin(guest.initrd.clone()).go().line(), expected);
}

#[test]
fn hashes_stand_for_files_in_any_mixture() {
    let guest = Guest::new();
    let hash = |bytes: &[u8]| sha256(bytes);
    let cmdline = hash(&[CMDLINE.as_bytes(), b"\0"].concat());
    let (kernel, initrd) = (hash(&guest.kernel), hash(&guest.initrd));
    let base64 = BASE64.encode(hex::decode(&kernel).expect("hex"));
    let upper = format!("0x{}", initrd.to_uppercase());
    let expected = guest.sev(Some(&guest.table()));
    for flags in [
        vec!["--kernel-sha256", &kernel, "--initrd", "initrd.img", "--append", CMDLINE],
        vec!["--kernel", "vmlinuz", "--initrd-sha256", &initrd, "--append", CMDLINE],
        vec!["--kernel", "vmlinuz", "--initrd", "initrd.img", "--cmdline-sha256", &cmdline],
        vec!["--kernel-sha256", &base64, "--initrd-sha256", &upper, "--cmdline-sha256", &cmdline],
    ] {
        let outcome = guest.digest("--mode sev").with(&flags).go();
        assert_eq!(outcome.line(), expected, "{flags:?}");
    }
}

#[test]
fn the_command_line_comes_from_a_file_or_in_hex_as_from_a_flag() {
    let guest = Guest::new();
    guest.file("cmdline", CMDLINE);
    let run = || guest.digest("--mode sev --kernel vmlinuz --initrd initrd.img");
    let expected = guest.sev(Some(&guest.table()));
    assert_eq!(run().with(["--cmdline-file", "cmdline"]).go().line(), expected);
    assert_eq!(run().with(["--cmdline-hex", &hex::encode(CMDLINE)]).go().line(), expected);
}

#[test]
fn small_files_come_from_pipes_as_from_files() {
    let guest = Guest::new();
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    let (firmware, cmdline) = (guest.folder.fifo("fw.pipe"), guest.folder.fifo("cmdline.pipe"));
    let feeders = [feed(&firmware, guest.folder.read("fw.json")), feed(&cmdline, CMDLINE.into())];
    let outcome = guest
        .run("digest --mode sev --firmware-absorbed fw.pipe --cmdline-file cmdline.pipe")
        .with(["--kernel", "vmlinuz", "--initrd", "initrd.img"])
        .go();
    assert_eq!(outcome.line(), guest.sev(Some(&guest.table())));
    feeders.into_iter().for_each(|feeder| feeder.join().expect("the pipe was read"));
}

#[test]
fn kernel_hashes_off_gives_the_digest_without_a_kernel_and_says_so() {
    let guest = Guest::new();
    let outcome = guest.measured("--mode sev --kernel-hashes off").go();
    assert_eq!(outcome.line(), guest.sev(None));
    assert!(outcome.warnings()[0].starts_with("a kernel is given but kernel-hashes is off"));
}

// Firmware.

#[test]
fn an_absorbed_firmware_stands_for_the_image() {
    let guest = Guest::new();
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    let table = guest.table();
    for (mode, expected) in [
        ("--mode sev", guest.sev(Some(&table))),
        (
            "--mode sev-es --vcpus 3 --vcpu-type EPYC-Milan",
            guest.sev_es(Some(&table), (Layout::QemuNofpu, 0), MILAN, 3),
        ),
        ("--mode sev-snp --vcpus 3 --vcpu-type EPYC-Milan", guest.snp(Some(&table), MILAN, 3)),
    ] {
        let outcome = guest
            .run("digest --firmware-absorbed fw.json --kernel vmlinuz --initrd initrd.img")
            .with(mode.split(' '))
            .with(["--append", CMDLINE])
            .go();
        assert_eq!(outcome.line(), expected, "{mode}");
    }
    let outcome = guest.run("digest --firmware-absorbed fw.json --mode snp:ovmf-hash").go();
    assert_eq!(outcome.line(), hex::encode(expected::snp_firmware(&guest.image)));
}

#[test]
fn a_given_firmware_digest_wins_over_the_image_with_a_warning() {
    let guest = Guest::new();
    let start = [7; 48];
    let pages = expected::vmsa_pages(Layout::QemuFpu, MILAN, 1, RESET, 1);
    let other = expected::snp_from(start, &AMD_SEV_SECTIONS, None, &pages, Vmm::Qemu);
    let outcome =
        guest.digest(&format!("{SNP_MILAN} --vcpus 1 --snp-ovmf-hash {}", hex::encode(start))).go();
    assert_eq!(outcome.line(), hex::encode(other));
    assert!(outcome.warnings()[0].contains("not that of the image's pages"));
    let own = hex::encode(expected::snp_firmware(&guest.image));
    let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 1 --snp-ovmf-hash {own}")).go();
    assert_eq!(outcome.line(), guest.snp(None, MILAN, 1));
    assert_eq!(outcome.warnings(), Vec::<&str>::new());
}

// VMSAs.

#[test]
fn captured_pages_stand_for_the_profile_s() {
    let guest = Guest::new();
    let pages: Vec<[u8; 4096]> = [(3, 2), (5, 4)]
        .map(|(mul, add)| pattern(4096, mul, add).try_into().expect("a page"))
        .into();
    guest.file("bsp.bin", pages[0]);
    guest.file("ap.bin", pages[1]);
    let three = [pages[0], pages[1], pages[1]];
    let outcome = guest.digest("--mode seves --vcpus 3 --vmsa-bsp bsp.bin --vmsa-ap ap.bin").go();
    assert_eq!(outcome.line(), hex::encode(expected::sev_es(&guest.image, None, &three)));
    let outcome = guest.digest("--mode snp --vcpus 3 --vmsa-bsp bsp.bin --vmsa-ap ap.bin").go();
    let snp = expected::snp(&guest.image, &AMD_SEV_SECTIONS, None, &three, Vmm::Qemu);
    assert_eq!(outcome.line(), hex::encode(snp));
    let outcome = guest.digest("--mode seves --vcpus 1 --vmsa-bsp bsp.bin").go();
    assert_eq!(outcome.line(), hex::encode(expected::sev_es(&guest.image, None, &three[..1])));
}

#[test]
fn dumped_pages_are_those_that_were_measured() {
    let guest = Guest::new();
    let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 3 --dump-vmsa")).go();
    assert_eq!(outcome.line(), guest.snp(None, MILAN, 3));
    let pages = expected::vmsa_pages(Layout::QemuFpu, MILAN, 1, RESET, 3);
    for (page, name) in pages.iter().zip(["vmsa0.bin", "vmsa1.bin", "vmsa2.bin"]) {
        assert!(guest.folder.read(name) == page, "{name}");
    }
    assert!(!guest.folder.join("vmsa3.bin").exists());
}

#[test]
fn nothing_is_answered_where_pages_cannot_be_dumped() {
    let guest = Guest::new();
    fs::create_dir(guest.folder.join("vmsa0.bin")).expect("a folder");
    let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 1 --dump-vmsa")).go();
    outcome.refused_with(&["vmsa0.bin: cannot be written"]);
}

// Profiles.

#[test]
fn the_default_of_sev_es_is_the_legacy_ioctl_and_says_so() {
    let guest = Guest::new();
    let outcome = guest.digest(&format!("{ES_MILAN} --vcpus 2")).go();
    assert_eq!(outcome.line(), guest.es_legacy(MILAN, 2));
    assert_eq!(outcome.notes().len(), 1);
    assert!(outcome.notes()[0].starts_with("profile es-legacy: "));
    assert!(outcome.notes()[0].contains("--profile es-init2"));
    let quiet = guest.digest(&format!("{ES_MILAN} --vcpus 2 --quiet")).go();
    assert_eq!((quiet.line(), quiet.stderr.as_str()), (outcome.line(), ""));
}

#[test]
fn es_init2_has_fpu_state() {
    let guest = Guest::new();
    let outcome = guest.digest(&format!("{ES_MILAN} --vcpus 2 --profile es-init2")).go();
    assert_eq!(outcome.line(), guest.sev_es(None, (Layout::QemuFpu, 0), MILAN, 2));
    assert_eq!(outcome.stderr, "");
}

#[test]
fn each_vmm_type_is_its_profile() {
    let guest = Guest::new();
    for (vmm, expected) in [
        ("QEMU", guest.snp(None, MILAN, 2)),
        ("ec2", guest.snp_by(Vmm::Ec2, None, (Layout::Ec2, 1), MILAN, 2)),
        ("GCE", guest.snp_by(Vmm::Gce, None, (Layout::Gce, 1), MILAN, 2)),
    ] {
        let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 2 --vmm-type {vmm}")).go();
        assert_eq!(outcome.line(), expected, "{vmm}");
    }
}

#[test]
fn features_replace_the_profile_s() {
    let guest = Guest::new();
    let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 1 --guest-features 0x21")).go();
    assert_eq!(outcome.line(), guest.snp_by(Vmm::Qemu, None, (Layout::QemuFpu, 0x21), MILAN, 1));
}

#[test]
fn google_on_genoa_measures_vmsas_at_52_bits() {
    let guest = Guest::new();
    let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 1 --profile snp-gce-genoa")).go();
    assert_eq!(outcome.line(), guest.snp_by(Vmm::GceGenoa, None, (Layout::Gce, 1), 0, 1));
}

#[test]
fn a_host_that_is_named_decides_the_profile() {
    let guest = Guest::new();
    let init2 = guest.sev_es(None, (Layout::QemuFpu, 0), MILAN, 1);
    let swap = guest.sev_es(None, (Layout::QemuNofpu, 0x20), MILAN, 1);
    // vmsa-and-launch, section 1: kernel, QEMU and switches against the profile.
    for (host, expected) in [
        ("--host-kernel 6.8.0-45-generic --vmm-version 8.2", guest.es_legacy(MILAN, 1)),
        ("--host-kernel 6.12.4 --vmm-version 9.2 --legacy-vm-type off", init2),
        ("--host-kernel 6.6.10 --vmm-version 8.2 --host-cpu Milan", swap.clone()),
        ("--host-kernel 6.6.10 --vmm-version 8.2 --host-cpu Rome", guest.es_legacy(MILAN, 1)),
        ("--host-kernel 6.8 --vmm-version 8.2 --host-cpu Genoa --debug-swap on", swap),
    ] {
        let outcome = guest.digest(&format!("{ES_MILAN} --vcpus 1 {host}")).go();
        assert_eq!(outcome.line(), expected, "{host}");
    }
    let outcome = guest
        .digest(&format!("{SNP_MILAN} --vcpus 1 --vmm-version gce --host-cpu EPYC-Genoa"))
        .go();
    assert_eq!(outcome.line(), guest.snp_by(Vmm::GceGenoa, None, (Layout::Gce, 1), 0, 1));
}

// QEMU 7.2, 10.0 and 11.1: these loaders return before the hashes are added, and SNP aborts on an assertion.
#[test]
fn kernels_that_qemu_does_not_hash_are_refused_where_hashes_are_asked_for() {
    let guest = Guest::new();
    guest.file("vmlinux", kernel::elf());
    guest.file("multiboot", kernel::multiboot());
    for (file, kind) in [("vmlinux", "an ELF file"), ("multiboot", "a multiboot file")] {
        for mode in ["--mode sev", ES_MILAN, SNP_MILAN] {
            let flags = format!("{mode} --vcpus 1 --kernel {file}");
            let flags = flags.replace("--mode sev --vcpus 1", "--mode sev");
            let outcome = guest.digest(&flags).go();
            outcome.refused_with(&[file, kind, "--kernel-hashes off"]);
            // Not measured, it is told not to be.
            let outcome = guest.digest(&format!("{flags} --kernel-hashes off")).go();
            let expected = match mode {
                "--mode sev" => guest.sev(None),
                ES_MILAN => guest.es_legacy(MILAN, 1),
                _ => guest.snp(None, MILAN, 1),
            };
            assert_eq!(outcome.line(), expected);
            assert!(outcome.stderr.contains("kernel-hashes is off"), "{}", outcome.stderr);
        }
    }
}

// Tools compute such a digest; what is known to start none is told, and refused where the host is named.
#[test]
fn a_kernel_for_ec2_is_measured_by_no_instance() {
    let guest = Guest::new();
    let outcome = guest.measured(&format!("{SNP_MILAN} --vcpus 2 --vmm-type ec2")).go();
    outcome.answer();
    assert!(outcome.stderr.contains("EC2 instance boots from its disk and is given no kernel"));
    let host = "--vmm-version ec2 --profile snp-ec2";
    let outcome = guest.measured(&format!("{SNP_MILAN} --vcpus 2 {host}")).go();
    outcome.refused_with(&["refuses this launch", "EC2 instance"]);
    let outcome = guest.measured(&format!("{SNP_MILAN} --vcpus 2 --vmm-type gce")).go();
    outcome.refused_with(&["snp-gce measures no kernel hashes"]);
}

// What QEMU says is said where QEMU is named, and warned of where it is not.
#[test]
fn what_the_named_host_refuses_has_no_digest() {
    let guest = Guest::new();
    guest.file("short", "13 bytes");
    let mut old = vec![0; 4096];
    old[0x1f1] = 4;
    guest.file("old", old);
    guest.file("odd.fd", image().size(0x1_1000).build());
    guest.file("large.fd", image().size((8 << 20) + 0x1_0000).build());
    let qemu = "--vmm-version 10.1 --host-kernel 6.12";
    for (flags, words) in [
        ("--firmware OVMF.fd --kernel short", "invalid kernel header"),
        (
            "--firmware OVMF.fd --kernel old --initrd short",
            "linux kernel too old to load a ram disk",
        ),
        ("--firmware odd.fd --firmware-in-flash off", "could not load PC BIOS"),
        (
            "--firmware large.fd --firmware-in-flash on",
            "combined size of system firmware exceeds 8388608 bytes",
        ),
    ] {
        let run = |more: &str| guest.run(&format!("digest {flags} {ES_MILAN} --vcpus 1 {more}"));
        run(qemu).go().refused_with(&["refuses this launch", words]);
        run("--profile es-legacy").go().line();
        assert!(!run("").go().warnings().is_empty(), "{flags}");
    }
}

#[test]
fn flash_is_refused_for_protected_guests_of_newer_kernels() {
    let guest = Guest::new();
    let words = "pflash with kvm requires KVM readonly memory support";
    for (flags, host, refused) in [
        (SNP_MILAN, "--host-kernel 6.12 --vmm-version 9.2", true),
        (ES_MILAN, "--host-kernel 6.12 --vmm-version 9.2 --legacy-vm-type off", true),
        (ES_MILAN, "--host-kernel 6.12 --vmm-version 9.2", false),
        (ES_MILAN, "--host-kernel 6.10 --vmm-version 9.2 --legacy-vm-type off", false),
        (SNP_MILAN, "--host-kernel 6.12 --vmm-version 9.2 --firmware-in-flash off", false),
    ] {
        let flash = if host.contains("flash") { "" } else { "--firmware-in-flash on" };
        let outcome = guest.digest(&format!("{flags} --vcpus 1 {host} {flash}")).go();
        match refused {
            true => outcome.refused_with(&[words]),
            false => assert_eq!(outcome.warnings(), Vec::<&str>::new(), "{host}"),
        }
    }
    // A host that nobody named is only warned of.
    let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 1 --firmware-in-flash on")).go();
    assert_eq!(outcome.line(), guest.snp(None, MILAN, 1));
    assert!(outcome.warnings()[0].contains("in flash"), "{}", outcome.stderr);
}

// KVM refuses to add a page twice: EEXIST.
#[test]
fn sections_that_share_a_page_are_refused_by_a_named_qemu() {
    let guest = Guest::new();
    let sections = [
        Section::new(0x0080_0000, 0x2000, firmware::SEC_MEM),
        Section::new(0x0080_1000, 0x1000, firmware::CPUID),
    ];
    guest.file("twice.fd", image().sections(sections).build());
    let flags = format!("digest --firmware twice.fd {SNP_MILAN} --vcpus 1");
    let outcome = guest.run(&flags).go();
    assert!(outcome.warnings()[0].contains("share the page"), "{}", outcome.stderr);
    let host = "--host-kernel 6.12 --vmm-version 9.2";
    guest.run(&format!("{flags} {host}")).go().refused_with(&["share the page", "File exists"]);
    // SEV-ES reads no sections.
    let es = format!("digest --firmware twice.fd {ES_MILAN} --vcpus 1 {host}");
    guest.run(&es).go().line();
}

// Seen in 7.2.22: "unable to find CPU model".
#[test]
fn models_that_the_named_qemu_lacks_are_refused() {
    let guest = Guest::new();
    let host = "--host-kernel 6.1 --vmm-version";
    for (model, qemu, found) in [
        ("EPYC-Genoa", "7.2.22", false),
        ("EPYC-v4", "7.2", false),
        ("EPYC-Milan", "7.2.22", true),
        ("EPYC-Genoa", "8.1", true),
        ("EPYC-Turin", "10.0.13", false),
        ("EPYC-Turin", "10.1", true),
    ] {
        let flags = format!("--mode seves --vcpus 1 --vcpu-type {model} {host} {qemu}");
        let outcome = guest.digest(&flags).go();
        match found {
            true => assert_eq!(outcome.code, Some(0), "{}", outcome.stderr),
            false => outcome.refused_with(&["unable to find CPU model", model]),
        }
    }
    let signature =
        "--mode seves --vcpus 1 --vcpu-sig 0xa10f10 --host-kernel 6.1 --vmm-version 7.2";
    guest.digest(signature).go().line();
}

/// The SNP or SEV-ES digest of pages: `count` vCPUs of the layout, and then `late` more with the first one's page.
fn with_late(guest: &Guest, is_snp: bool, count: u32, late: usize) -> String {
    let (layout, features) = if is_snp { (Layout::QemuFpu, 1) } else { (Layout::QemuNofpu, 0) };
    let mut pages = expected::vmsa_pages(layout, MILAN, features, RESET, count);
    let first = pages[0];
    pages.extend(vec![first; late]);
    match is_snp {
        true => {
            let sections = AMD_SEV_SECTIONS;
            hex::encode(expected::snp(&guest.image, &sections, None, &pages, Vmm::Qemu))
        }
        false => hex::encode(expected::sev_es(&guest.image, None, &pages)),
    }
}

// Seen in QEMU 7.2.22, 10.0.13 and 11.1.3: a vCPU that is added after the firmware was mapped.
#[test]
fn late_vcpus_keep_the_first_one_s_registers_from_qemu_10_1_on() {
    let guest = Guest::new();
    for (host, newer) in [
        ("--host-kernel 6.12 --vmm-version 10.0.13", false),
        ("--host-kernel 6.12 --vmm-version 10.1", true),
        ("--host-kernel 6.12 --vmm-version 11.1.3", true),
    ] {
        for (flags, is_snp) in [(SNP_MILAN, true), (ES_MILAN, false)] {
            let outcome = guest.digest(&format!("{flags} --vcpus 3 --late-vcpus 1 {host}")).go();
            let (count, late) = if newer { (2, 1) } else { (3, 0) };
            assert_eq!(outcome.line(), with_late(&guest, is_snp, count, late), "{flags} {host}");
        }
    }
    let lines = guest
        .digest(&format!(
            "{SNP_MILAN} --vcpus 3..=4 --late-vcpus 2 --profile snp-qemu --vmm-version 11.1 --trace"
        ))
        .go();
    assert!(lines.answer().contains(&with_late(&guest, true, 2, 2)));
    assert!(lines.answer().contains(&with_late(&guest, true, 1, 2)));
}

#[test]
fn what_late_vcpus_hold_is_asked_for_and_never_guessed() {
    let guest = Guest::new();
    for (flags, said) in [
        ("--vcpus 3 --late-vcpus 1", "--vmm-version"),
        ("--vcpus 3 --late-vcpus 1 --profile snp-qemu --vmm-version qemu", "10.1"),
        ("--vcpus 3 --late-vcpus 1 --vmm-type ec2", "snp-ec2: of its VMM no vCPU is known"),
        ("--vcpus 1..=3 --late-vcpus 1 --profile snp-qemu --vmm-version 11.1", "1 of 1 vCPUs"),
    ] {
        guest.digest(&format!("{SNP_MILAN} {flags}")).go().refused_with(&[said]);
    }
    // None is no statement about a host.
    let none = guest.digest(&format!("{SNP_MILAN} --vcpus 3 --late-vcpus 0")).go();
    assert_eq!(none.line(), with_late(&guest, true, 3, 0));
}

#[test]
fn a_profile_that_contradicts_the_host_wins_with_a_note() {
    let guest = Guest::new();
    let host = "--host-kernel 6.8 --vmm-version 8.2";
    let outcome = guest.digest(&format!("{ES_MILAN} --vcpus 1 --profile es-init2 {host}")).go();
    assert_eq!(outcome.line(), guest.sev_es(None, (Layout::QemuFpu, 0), MILAN, 1));
    assert!(outcome.notes()[0].starts_with("profile es-init2 contradicts the host named"));
    let outcome = guest.digest(&format!("{ES_MILAN} --vcpus 1 --profile es-legacy {host}")).go();
    assert_eq!(outcome.notes(), Vec::<&str>::new());
}

#[test]
fn gce_s_two_profiles_are_told_apart_where_the_cpu_says_genoa() {
    let guest = Guest::new();
    for cpu in
        ["--vcpu-type EPYC-Genoa", "--vcpu-sig 0xa10f10", "--vcpu-type EPYC-Milan,EPYC-Genoa"]
    {
        let flags = format!("--mode snp --vcpus 1 --vmm-type gce {cpu}");
        guest.digest(&flags).go().refused_with(&["--vmm-type gce", "snp-gce-genoa"]);
        guest.digest(&flags.replace("--vmm-type gce", "--profile snp-gce-genoa")).go().answer();
    }
    guest.digest(&format!("{SNP_MILAN} --vcpus 1 --vmm-type gce")).go().answer();
}

#[test]
fn a_profile_of_another_vmm_than_the_named_one_is_refused() {
    let guest = Guest::new();
    for (flags, said) in [
        (
            "--profile snp-qemu --vmm-version ec2",
            "snp-qemu is of qemu, but --vmm-version says that ec2",
        ),
        (
            "--profile snp-ec2 --vmm-version qemu",
            "snp-ec2 is of ec2, but --vmm-version says that qemu",
        ),
        ("--vmm-type gce --vmm-version ec2", "snp-gce is of gce, but --vmm-version says that ec2"),
        ("--profile snp-qemu,snp-krun-reset --vmm-version 11.1", "is of libkrun"),
    ] {
        let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 1 {flags}")).go();
        outcome.refused_with(&[said, "leave the profile out"]);
    }
}

#[test]
fn what_plain_sev_does_not_measure_is_named_in_a_note() {
    let guest = Guest::new();
    let wanted = |flags: &str| {
        format!("plain SEV measures no registers: its digest does not depend on {flags}")
    };
    for (flags, named) in [
        ("--vcpu-type EPYC-Milan", "--vcpu-type"),
        ("--vcpu-sig 0xa00f11 --guest-features 0x1", "--vcpu-sig, --guest-features"),
        ("--vcpus 2 --late-vcpus 1", "--vcpus, --late-vcpus"),
    ] {
        let outcome = guest.digest(&format!("--mode sev {flags}")).go();
        assert_eq!((outcome.line(), outcome.notes()), (&*guest.sev(None), vec![&*wanted(named)]));
    }
    // QEMU adds hashes where it loads a kernel, and so none here. [QEMU, x86_load_linux]
    for (mode, digest) in [
        ("--mode sev", guest.sev(None)),
        (
            "--mode seves --vcpus 1 --vcpu-type EPYC-Milan --profile es-legacy",
            guest.es_legacy(MILAN, 1),
        ),
    ] {
        let outcome = guest.digest(&format!("{mode} --kernel-hashes on")).go();
        assert_eq!(outcome.line(), digest);
        assert!(outcome.notes()[0].starts_with("kernel-hashes is on, but there is no kernel"));
    }
}

// SVSM and libkrun.

#[test]
fn an_svsm_is_measured_below_the_variable_store() {
    let guest = Guest::new();
    let sections = [
        Section::new(0x0060_0000, 0x2000, firmware::SEC_MEM),
        Section::new(0x0060_2000, 0x1000, firmware::SECRETS),
        Section::new(0x0060_3000, 0x1000, firmware::CPUID),
    ];
    let svsm = FirmwareBuilder::new(0x8000).pattern(13, 3).svsm_info(0x1234).sections(sections);
    let svsm = svsm.build();
    guest.file("svsm.bin", &svsm);
    guest.folder.sparse("vars.fd", 0x4000);
    let gpa = expected::svsm_gpa(guest.image.len(), 0x4000, svsm.len());
    let start = expected::snp_svsm(expected::snp_firmware(&guest.image), &svsm, gpa);
    let entry = u32::try_from(gpa + 0x1234).unwrap();
    for (profile, layout) in [
        ("--profile snp-svsm-legacy", Layout::Svsm),
        ("--profile snp-svsm-nofpu", Layout::SvsmNofpu),
        ("--profile snp-svsm-ssm", Layout::SvsmFcw0),
        ("--vmm-version coconut-qemu --host-kernel 6.6", Layout::SvsmNofpu),
    ] {
        let pages = expected::vmsa_pages(layout, MILAN, 1, entry, 2);
        let expected = expected::snp_from(start, &sections, None, &pages, Vmm::Qemu);
        for vars in ["--vars-size 0x4000", "--vars-file vars.fd"] {
            let flags = "--mode snp:svsm --vcpu-type EPYC-Milan --vcpus 2 --svsm svsm.bin";
            let outcome = guest.digest(&format!("{flags} {vars} {profile}")).go();
            assert_eq!(outcome.line(), hex::encode(expected), "{profile} {vars}");
        }
    }
}

// Hosts with an SVSM differ, and the one that hardware was seen to be is no tool's default.
#[test]
fn an_svsm_s_profile_is_named_and_never_guessed() {
    let guest = Guest::new();
    guest.file("svsm.bin", FirmwareBuilder::amd_sev().svsm_info(0x10).build());
    let flags = "--mode snp:svsm --vcpu-type EPYC-Milan --vcpus 2 --svsm svsm.bin --vars-size 0";
    let three = ["snp-svsm-legacy", "snp-svsm-nofpu", "snp-svsm-ssm", "--profile"];
    for more in ["", "--vmm-type qemu"] {
        guest.digest(&format!("{flags} {more}")).go().refused_with(&three);
    }
}

// QEMU's name says no more than a default does, so what the default takes for granted is told too.
#[test]
fn qemu_s_name_alone_takes_as_much_for_granted_as_no_name() {
    let guest = Guest::new();
    for (flags, features) in [("seves", 0), ("snp", 1)] {
        let flags = format!("--mode {flags} --vcpus 2 --vcpu-type EPYC-Milan");
        let plain = guest.digest(&flags).go();
        let named = guest.digest(&format!("{flags} --vmm-type QEMU")).go();
        assert_eq!((named.line(), &named.stderr), (plain.line(), &plain.stderr));
        let word = guest.digest(&format!("{flags} --guest-features {features}")).go();
        assert_eq!(word.line(), plain.line());
    }
    let es = guest.digest("--mode seves --vcpus 2 --vcpu-type EPYC-Milan --vmm-type QEMU").go();
    assert!(es.stderr.contains("legacy-vm-type=off needs --profile es-init2"), "{}", es.stderr);
    // A host's kernel beside it decides as ever.
    let host = guest.digest(
        "--mode seves --vcpus 2 --vcpu-type EPYC-Milan --vmm-type QEMU --host-kernel 6.6.0",
    );
    host.go().refused_with(&["debug_swap"]);
}

#[test]
fn libkrun_measures_its_files_in_sev_es() {
    let guest = Guest::new();
    let (qboot, kernel, initrd) =
        (pattern(65536, 3, 1), pattern(0x5000, 5, 2), pattern(0x800, 7, 3));
    guest.file("qboot", &qboot);
    guest.file("krun.kernel", &kernel);
    guest.file("krun.initrd", &initrd);
    let pages = expected::vmsa_pages(Layout::Krun01, 0, 0, 0, 2);
    let expected = hex::encode(expected::krun_sev_es(&qboot, &kernel, &initrd, &pages));
    for profile in ["--profile es-krun-sevctl", "--vmm-type krun"] {
        let flags = "digest --mode seves --vcpus 2 --firmware qboot --kernel krun.kernel";
        let outcome = guest.run(&format!("{flags} --initrd krun.initrd {profile}")).go();
        assert_eq!(outcome.line(), expected);
    }
}

#[test]
fn libkrun_measures_its_files_in_snp() {
    let guest = Guest::new();
    let (qboot, kernel, initrd) =
        (pattern(65536, 3, 1), pattern(0x5000, 5, 2), pattern(0x2000, 7, 3));
    guest.file("qboot", &qboot);
    guest.file("krun.kernel", &kernel);
    guest.file("krun.initrd", &initrd);
    let digest = expected::krun_snp(&qboot, (&kernel, 0x0100_0000), &initrd);
    let pages = expected::vmsa_pages(Layout::KrunReset, 0, 1, 0, 2);
    let expected = expected::snp_from(digest, &[], None, &pages, Vmm::Qemu);
    let flags = "digest --mode snp --vcpus 2 --firmware qboot --kernel krun.kernel";
    let krun = "--initrd krun.initrd --profile snp-krun-reset --kernel-gpa 0x1000000";
    let outcome = guest.run(&format!("{flags} {krun}")).go();
    assert_eq!(outcome.line(), hex::encode(expected));
    assert!(outcome.warnings()[0].contains("never compared with a host"));
}

#[test]
fn what_libkrun_s_launches_cannot_answer_is_refused() {
    let guest = Guest::new();
    let flags = "--mode seves --vcpus 1 --vcpu-type EPYC --kernel vmlinuz --initrd initrd.img";
    for (more, said) in [
        ("--profile es-legacy,es-krun-sevctl", "libkrun"),
        ("--profile es-krun-sevctl --trace", "--trace"),
        ("--profile es-krun-sevctl --dump-vmsa", "--dump-vmsa"),
        ("--profile es-krun-sevctl --append quiet", "command line"),
    ] {
        guest.digest(&format!("{flags} {more}")).go().refused_with(&[said]);
    }
}

// Beside the answer.

#[test]
fn slips_in_the_command_line_are_noticed() {
    let guest = Guest::new();
    for (cmdline, warning) in [
        ("quiet\n", "ends with a newline"),
        ("quiet ", "ends with white space"),
        (" quiet", "starts with white space"),
        ("\"quiet\"", "is wrapped in quotes"),
    ] {
        let run = guest.digest("--mode sev --kernel vmlinuz --initrd initrd.img --append");
        let outcome = run.with([cmdline]).go();
        assert_eq!(outcome.line(), guest.sev(Some(&guest.table_of(cmdline.as_bytes()))));
        assert_eq!(outcome.warnings().len(), 1, "{cmdline:?}");
        assert!(outcome.warnings()[0].contains(warning), "{cmdline:?}");
    }
    assert_eq!(guest.measured("--mode sev").go().stderr, "");
}

// Models are shown by newer hosts too; a signature that is none of QEMU's was read off a processor.
#[test]
fn a_processor_that_cannot_run_snp_is_doubted_and_a_model_is_not() {
    let guest = Guest::new();
    for (model, signature) in [("EPYC-v4", 0x0080_0f12), ("EPYC-Rome", 0x0083_0f10)] {
        let outcome = guest.digest(&format!("--mode snp --vcpus 1 --vcpu-type {model}")).go();
        // QEMU 11.1.3, `-cpu` of either.
        assert_eq!(outcome.line(), guest.snp(None, signature, 1));
        assert_eq!(outcome.stderr, "");
    }
    let outcome = guest.digest("--mode snp --vcpus 1 --vcpu-sig 0x800f11").go();
    assert_eq!(outcome.line(), guest.snp(None, 0x0080_0f11, 1));
    assert!(
        outcome.warnings()[0].contains("Naples generation, which cannot run snp"),
        "{}",
        outcome.stderr
    );
    let outcome = guest.digest("--mode seves --vcpus 1 --vcpu-sig 0x800f11").go();
    assert_eq!(outcome.warnings(), Vec::<&str>::new());
}

#[test]
fn the_tail_of_an_image_is_noticed() {
    let guest = Guest::new();
    let tail = &guest.image[guest.image.len() - 4096..];
    guest.file("tail.fd", tail);
    let outcome = guest.run("digest --mode sev --firmware tail.fd").go();
    assert_eq!(outcome.line(), hex::encode(expected::sev(tail, None)));
    assert!(outcome.warnings()[0].contains("a 4 KiB file is mostly the tail of an image"));
}

#[test]
fn features_that_no_host_sets_are_noticed() {
    let guest = Guest::new();
    let run =
        |features| guest.digest(&format!("{SNP_MILAN} --vcpus 1 --guest-features {features}")).go();
    // APM 2, SEV_FEATURES: bit 2 is ReflectVC.
    assert!(run("0x5").warnings()[0].contains("no known host sets ReflectVC"));
    assert!(run("0x20").warnings()[0].contains("lack bit 0 (SNPActive)"));
    assert_eq!(run("0x221").stderr, "");
}

#[test]
fn each_count_that_google_does_not_endorse_is_noticed() {
    let guest = Guest::new();
    let outcome = guest.digest("--mode snp --vmm-type gce --vcpus 3,5,8").go();
    let warnings = outcome.warnings();
    assert_eq!((outcome.lines().len(), warnings.len()), (3, 2));
    assert!(
        warnings[0].starts_with("3 vCPUs: Google") && warnings[1].starts_with("5 vCPUs: Google")
    );
}

#[test]
fn captured_pages_need_no_note_of_a_profile() {
    let guest = Guest::new();
    guest.file("page.bin", [2; 4096]);
    let outcome = guest.digest("--mode seves --vcpus 1 --vmsa-bsp page.bin").go();
    assert_eq!((outcome.lines().len(), outcome.notes().len()), (1, 0));
}

#[test]
fn a_warning_is_said_once_for_all_rows() {
    let guest = Guest::new();
    let outcome = guest.digest("--mode snp --vcpus 1..=9 --vcpu-sig 0x800f11").go();
    assert_eq!((outcome.lines().len(), outcome.warnings().len()), (9, 1));
}

#[test]
fn assumptions_are_said_when_asked_for() {
    let guest = Guest::new();
    let outcome =
        guest.digest("--mode snp --vcpus 1 --vcpu-type EPYC-Milan --kernel vmlinuz -v").go();
    let assumed: Vec<_> =
        outcome.stderr.lines().filter_map(|line| line.strip_prefix("assumed: ")).collect();
    assert_eq!(assumed[0], "profile snp-qemu: QEMU's SNP guest on upstream Linux");
    assert!(assumed.contains(&"QEMU's kernel-hashes is on"));
    assert!(assumed.contains(&"no initrd: measured as no bytes"));
    assert!(assumed.contains(&"no command line: measured as one NUL"));
    let silent = guest.digest("--mode snp --vcpus 1 --vcpu-type EPYC-Milan --kernel vmlinuz").go();
    assert_eq!((silent.stderr.as_str(), silent.line()), ("", outcome.line()));
}

// Forms.

#[test]
fn the_last_line_of_a_trace_is_the_digest() {
    let guest = Guest::new();
    let (sev, snp) = (guest.sev(Some(&guest.table())), guest.snp(Some(&guest.table()), MILAN, 2));
    let es = guest.sev_es(Some(&guest.table()), (Layout::QemuNofpu, 0), MILAN, 2);
    for (flags, digest, lines) in [
        // Firmware and hashes; and two vCPUs; the 31 pages of the sections: 9 + 3 + 1 + 1 + 1 + 15 + 1.
        ("--mode sev --trace".to_owned(), sev, 2),
        (format!("{ES_MILAN} --vcpus 2 --trace"), es, 4),
        (format!("{SNP_MILAN} --vcpus 2 --trace"), snp.clone(), 1 + 31 + 2),
        (format!("{SNP_MILAN} --vcpus 2 --trace=pages"), snp, 16 + 31 + 2),
    ] {
        let outcome = guest.measured(&flags).go();
        let found = outcome.lines();
        assert_eq!(found.len(), lines, "{flags}");
        let last = found.last().expect("a line");
        assert_eq!(last.split(' ').next(), Some(digest.as_str()), "{flags}");
    }
}

#[test]
fn a_trace_of_pages_has_the_digest_after_every_page() {
    let guest = Guest::new();
    let outcome = guest.digest(&format!("{SNP_MILAN} --vcpus 1 --trace=pages")).go();
    let lines = outcome.lines();
    let first = expected::normal_pages([0; 48], 0xffff_0000, &guest.image[..4096]);
    assert_eq!(lines[0], format!("{} NORMAL 0xffff0000", hex::encode(first)));
    let firmware = expected::snp_firmware(&guest.image);
    assert!(lines[15].starts_with(&hex::encode(firmware)));
    let regions = guest.digest(&format!("{SNP_MILAN} --vcpus 1 --trace")).go();
    assert_eq!(regions.lines()[1..], lines[16..]);
    assert!(regions.lines()[0].starts_with(&hex::encode(firmware)));
}

#[test]
fn csv_has_a_header_and_a_row_for_each_digest() {
    let guest = Guest::new();
    let outcome = guest
        .digest("--mode snp --vcpus 1,2 --vcpu-type EPYC-Milan --format csv --kernel vmlinuz")
        .with(["--append", "a=\"b,c\""])
        .go();
    let table = expected::hashes_table(&guest.kernel, None, Some(b"a=\"b,c\""));
    let row = |vcpus| {
        let digest = guest.snp(Some(&table), MILAN, vcpus);
        format!("{digest},snp,snp-qemu,{vcpus},0x00a00f11,0x1,\"a=\"\"b,c\"\"\",OVMF.fd,vmlinuz,")
    };
    let header =
        "digest,technology,profile,vcpus,signature,sev_features,cmdline,firmware,kernel,initrd"
            .to_owned();
    assert_eq!(outcome.lines(), [header, row(1), row(2)]);
}

#[test]
fn a_reader_that_goes_away_hears_nothing_and_gets_no_yes() {
    let guest = Guest::new();
    let script = "\"$0\" digest --firmware OVMF.fd --mode snp --vcpu-type EPYC-Milan --vcpus 1..=4096 --format hex | head -n 1; \
                  echo \"${PIPESTATUS[0]}\"";
    let output = std::process::Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_sev-launch")])
        .current_dir(guest.folder.path())
        .output()
        .expect("bash runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(text, format!("{}\n2\n", guest.snp(None, MILAN, 1)));
    assert_eq!(output.stderr, b"");
}

#[test]
fn help_and_version_are_answers() {
    let guest = Guest::new();
    let outcome = guest.run("--version").go();
    assert_eq!(outcome.line(), concat!("sev-launch ", env!("CARGO_PKG_VERSION")));
    let help = guest.run("digest --help").go();
    assert!(help.answer().contains("Exit codes:"));
    assert_eq!(guest.run("digest -h").go().stderr, "");
}

#[test]
fn the_hash_area_s_offset_counts_in_its_page() {
    let guest = Guest::new();
    let moved = image().hash_area(HASH_AREA + 0x100, 0x200).build();
    guest.file("moved.fd", &moved);
    let flags = "digest --firmware moved.fd --kernel vmlinuz --mode snp --vcpus 1";
    let outcome = guest.run(&format!("{flags} --vcpu-type EPYC-Milan")).go();
    let table = expected::hashes_table(&guest.kernel, None, None);
    let pages = expected::vmsa_pages(Layout::QemuFpu, MILAN, 1, RESET, 1);
    let hashes = Some((&table, HASH_AREA + 0x100));
    let expected = expected::snp(&moved, &AMD_SEV_SECTIONS, hashes, &pages, Vmm::Qemu);
    assert_eq!(outcome.line(), hex::encode(expected));
}

#[test]
fn large_images_are_read_as_they_come_wherever_their_metadata_stands() {
    let guest = Guest::new();
    for (size, back) in [(0x4_0000, 0x600), (0x4_0000, 0x3_0000), (0x20_1000, 0x20_0800)] {
        let image = image().size(size).metadata_offset(back).build();
        guest.file("large.fd", &image);
        let digest = |flags: &str| guest.run(&format!("digest --firmware large.fd {flags}")).go();
        let pages = expected::vmsa_pages(Layout::QemuFpu, MILAN, 1, RESET, 1);
        let snp = expected::snp(&image, &AMD_SEV_SECTIONS, None, &pages, Vmm::Qemu);
        let outcome = digest(&format!("{SNP_MILAN} --vcpus 1"));
        assert_eq!(outcome.line(), hex::encode(snp), "{size:#x} {back:#x}");
        let sev = expected::sev(&image, None);
        assert_eq!(digest("--mode sev").line(), hex::encode(sev), "{size:#x} {back:#x}");
    }
}

#[test]
fn a_digest_writes_no_file() {
    let guest = Guest::new();
    let before = guest.folder.names();
    guest.measured(&format!("{SNP_MILAN} --vcpus 4 --json")).go().answer();
    assert_eq!(guest.folder.names(), before);
}

/// The trace of the repository's guest with two Milan vCPUs, the image and the table of kernel hashes.
fn trace_of_testdata(mode: &str) -> (String, Vec<u8>, [u8; 176]) {
    let flags = "--trace --vcpus 2 --vcpu-type EPYC-Milan --firmware testdata/firmware/amdsev.fd";
    let kernel = "--kernel testdata/boot/vmlinuz --initrd testdata/boot/initrd.img";
    let outcome = Run::new(["digest", "--mode", mode])
        .with(flags.split(' '))
        .with(kernel.split(' '))
        .with(["--cmdline-file", "testdata/boot/cmdline"])
        .in_folder(root())
        .go();
    let read = |name| fs::read(root().join("testdata").join(name)).expect("testdata is there");
    let (initrd, cmdline) = (read("boot/initrd.img"), read("boot/cmdline"));
    let table = expected::hashes_table(&read("boot/vmlinuz"), Some(&initrd), Some(&cmdline));
    (outcome.answer().to_owned(), read("firmware/amdsev.fd"), table)
}

// The golden files hold what is printed beside the digests; the last digest is computed here.
#[test]
fn a_trace_as_it_is_printed() {
    let last = |trace: &str| {
        trace.lines().last().and_then(|line| line.split(' ').next().map(str::to_owned))
    };
    let (trace, image, table) = trace_of_testdata("snp");
    let pages = expected::vmsa_pages(Layout::QemuFpu, MILAN, 1, RESET, 2);
    let hashes = Some((&table, HASH_AREA));
    let digest = expected::snp(&image, &AMD_SEV_SECTIONS, hashes, &pages, Vmm::Qemu);
    assert_eq!(last(&trace), Some(hex::encode(digest)));
    golden("digest-trace-snp.txt", &trace);
    let (trace, image, table) = trace_of_testdata("seves");
    let pages = expected::vmsa_pages(Layout::QemuNofpu, MILAN, 0, RESET, 2);
    let digest = expected::sev_es(&image, Some(&table), &pages);
    assert_eq!(last(&trace), Some(hex::encode(digest)));
    golden("digest-trace-seves.txt", &trace);
}

#[test]
fn a_profile_derived_is_named_and_so_is_a_kernel_of_amd_s_own() {
    let guest = Guest::new();
    let command = "--mode snp --vcpus 1 --vcpu-type EPYC-Milan --host-kernel";
    let outcome = guest.digest(&format!("{command} 6.11 --vmm-version qemu")).go();
    assert_eq!(outcome.notes(), ["profile snp-qemu derived from the host named"]);
    let outcome = guest.digest(&format!("{command} 6.5 --vmm-version qemu")).go();
    assert!(outcome.notes().concat().contains("AMDESE"), "{}", outcome.stderr);
}

// It gives no bytes, however often it is read; sev-snp-measure's own tests give it as kernel and initrd.
#[test]
fn dev_null_may_be_two_inputs() {
    let guest = Guest::new();
    let table = expected::hashes_table(b"", Some(b""), Some(b"quiet"));
    let flags = "--mode sev --kernel /dev/null --initrd /dev/null --cmdline quiet";
    assert_eq!(guest.digest(flags).go().line(), guest.sev(Some(&table)));
}
