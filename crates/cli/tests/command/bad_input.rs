//! Input that is wrong: exit code 2, nothing on standard output, and a message that names the file, what was found and
//! what was wanted.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use sev_launch_testkit::firmware::{
    AMD_SEV_SECTIONS, HASH_AREA, KERNEL_HASHES, RESET_BLOCK, SEC_MEM, SEV_METADATA, Section,
};
use sev_launch_testkit::{pattern, testdata_folder};

use super::guest::{Guest, image};
use super::harness::{Folder, Run};

const SNP: &str = "--mode snp --vcpus 2 --vcpu-type EPYC-Milan";
const ES: &str = "--mode seves --vcpus 2 --vcpu-type EPYC-Milan";

/// Runs `digest` with this firmware, and expects to hear all these texts.
#[track_caller]
fn refuses_firmware(flags: &str, image: impl AsRef<[u8]>, said: &[&str]) {
    let guest = Guest::new();
    guest.file("bad.fd", image);
    let outcome = guest.run(&format!("digest --firmware bad.fd {flags}")).go();
    outcome.refused_with(&[&["bad.fd"], said].concat());
}

/// Runs `digest` with the guest's firmware and these flags, and expects to hear all these texts.
#[track_caller]
fn refuses(flags: &str, said: &[&str]) {
    Guest::new().digest(flags).go().refused_with(said);
}

// Firmware images.

#[test]
fn an_empty_firmware() {
    for mode in ["--mode sev", ES, SNP] {
        refuses_firmware(mode, [], &["empty (0 bytes)"]);
    }
}

#[test]
fn a_firmware_of_a_few_bytes() {
    for size in [1, 20, 47] {
        refuses_firmware(ES, pattern(size, 3, 1), &["no SEV-ES reset block"]);
        refuses_firmware(
            SNP,
            pattern(size, 3, 1),
            &[&format!("has {size} bytes"), "4096-byte pages"],
        );
    }
}

#[test]
fn a_footer_longer_than_the_image() {
    // The footer's length field is 50 bytes before the end, its table may have as many bytes as end 32 before the end.
    let image = image().size(8192).footer_len(0x2000).build();
    refuses_firmware(ES, image, &["offset 0x1fce", "table length 8192", "between 18 and 8160"]);
}

#[test]
fn a_footer_shorter_than_itself() {
    let image = image().footer_len(17).build();
    refuses_firmware(ES, image, &["offset 0xffce", "table length 17", "between 18 and"]);
}

#[test]
fn an_entry_longer_than_the_table() {
    // The reset block is next to the footer: its length field is 18 bytes before the footer's start at 0xffce.
    let image = image().entry_length(RESET_BLOCK, 0x4000).build();
    refuses_firmware(
        ES,
        image,
        &["00f771de-1a7e-4fcb-890e-68c77e2fb44e", "offset 0xffbc", "length 16384"],
    );
}

#[test]
fn an_entry_shorter_than_its_header() {
    let image = image().entry_length(RESET_BLOCK, 17).build();
    refuses_firmware(ES, image, &["offset 0xffbc", "length 17", "between 18"]);
}

#[test]
fn bytes_in_the_table_that_are_no_entry() {
    // Five bytes more than the entries: 22 + 26 + 26 + 22 and the footer's 18.
    let image = image().footer_len(114 + 5).build();
    refuses_firmware(ES, image, &["5 bytes are left, too few for an entry (18)"]);
}

#[test]
fn a_reset_block_without_an_address() {
    let image = image().without(RESET_BLOCK).entry(RESET_BLOCK, [1, 2, 3]).build();
    refuses_firmware(ES, image, &["the payload has 3 bytes, wanted 4"]);
}

#[test]
fn a_hash_area_without_a_size() {
    let guest = Guest::new();
    let image = image().without(HASH_AREA).entry(HASH_AREA, [0; 7]).build();
    guest.file("bad.fd", image);
    let outcome = guest.run("digest --mode sev --firmware bad.fd --kernel vmlinuz").go();
    outcome.refused_with(&["bad.fd", "the payload has 7 bytes, wanted 8"]);
}

#[test]
fn metadata_before_the_image() {
    let image = image().metadata_pointer(0x20000).build();
    refuses_firmware(SNP, image, &["points 131072 bytes back", "an image of 65536 bytes"]);
}

#[test]
fn metadata_that_ends_after_the_image() {
    let image = image().metadata_pointer(8).build();
    let said = refusal(SNP, &image);
    assert!(said.contains("signature is [") && said.contains("offset 0xfff8"), "{said}");
    // A good signature 8 bytes before the end, and nothing after the length.
    let mut image = self::image().metadata_pointer(8).build();
    let at = image.len() - 8;
    image[at..at + 4].copy_from_slice(b"ASEV");
    let said = refusal(SNP, &image);
    assert!(said.contains("at offset 0x10000 needs 4 bytes, but 0 are left"), "{said}");
}

/// What is said of a firmware.
#[track_caller]
fn refusal(flags: &str, image: &[u8]) -> String {
    let guest = Guest::new();
    guest.file("bad.fd", image);
    let outcome = guest.run(&format!("digest --firmware bad.fd {flags}")).go();
    outcome.refusal().to_owned()
}

#[test]
fn metadata_of_another_signature() {
    // The metadata starts 1476 bytes before the end: 0x10000 - 1476 = 0xfa3c.
    let image = image().signature(*b"ASEX").build();
    refuses_firmware(SNP, image, &["offset 0xfa3c", "[41, 53, 45, 58]", "wanted \"ASEV\""]);
}

#[test]
fn metadata_of_another_version() {
    refuses_firmware(SNP, image().version(2).build(), &["offset 0xfa3c", "version is 2, wanted 1"]);
}

#[test]
fn metadata_of_four_billion_sections() {
    let image = image().count(u32::MAX).build();
    refuses_firmware(SNP, image, &["offset 0xfa3c", "4294967295 sections", "at most 32"]);
}

#[test]
fn metadata_with_more_sections_than_its_length() {
    // 16 + 12 * 8 against 16 + 12 * 7.
    let image = image().count(8).build();
    refuses_firmware(SNP, image, &["length is 100 bytes, its sections need 112"]);
}

#[test]
fn a_section_of_unknown_type() {
    // The eighth section's description: 0xfa3c + 16 + 12 * 7 = 0xfaa0.
    let image = image().section(Section::new(0x0090_0000, 0x1000, 9)).build();
    refuses_firmware(
        SNP,
        image,
        &["section 7 at offset 0xfaa0", "type 0x9 is unknown", "wanted 1, 2, 3, 4 or 0x10"],
    );
}

#[test]
fn a_section_that_is_not_whole_pages() {
    for (base, length) in [(0x0090_0800, 0x1000), (0x0090_0000, 0x1001)] {
        let image = image().section(Section::new(base, length, SEC_MEM)).build();
        let base = format!("{base:#x} with {length:#x} bytes");
        refuses_firmware(SNP, image, &["section 7 at offset 0xfaa0", &base, "4096-byte pages"]);
    }
}

#[test]
fn a_section_without_a_byte() {
    let image = image().section(Section::new(0x0090_0000, 0, SEC_MEM)).build();
    refuses_firmware(SNP, image, &["section 7 at offset 0xfaa0", "length is 0"]);
}

#[test]
fn a_section_over_the_firmware() {
    let image = image().section(Section::new(0xfffe_f000, 0x2000, SEC_MEM)).build();
    refuses_firmware(SNP, image, &["0xfffef000 with 0x2000 bytes", "firmware image at 0xffff0000"]);
}

#[test]
fn a_firmware_that_is_not_whole_pages_in_snp_only() {
    let image = image().size(0x10001).build();
    refuses_firmware(SNP, &image, &["has 65537 bytes", "4096-byte pages"]);
    refuses_firmware("--mode snp:ovmf-hash", &image, &["has 65537 bytes"]);
    let guest = Guest::new();
    guest.file("odd.fd", &image);
    let outcome = guest.run("digest --mode sev --firmware odd.fd").go();
    let digest = sev_launch_testkit::expected::sev(&image, None);
    assert_eq!(outcome.line(), hex::encode(digest));
    assert!(outcome.warnings()[0].contains("65537 bytes, no multiple of 4096"));
}

#[test]
fn firmware_that_cannot_launch_what_is_asked() {
    for (image, said) in [
        (image().without_metadata().build(), "no SEV metadata"),
        (image().without_table().without_metadata().build(), "no SEV metadata"),
        (image().without(RESET_BLOCK).build(), "no SEV-ES reset block"),
        (image().reset(0).build(), "reset address is 0"),
    ] {
        refuses_firmware(SNP, image, &[said]);
    }
}

#[test]
fn firmware_without_a_place_for_kernel_hashes() {
    let without_section: Vec<_> =
        AMD_SEV_SECTIONS.into_iter().filter(|section| section.kind != KERNEL_HASHES).collect();
    for (image, flags, said) in [
        (image().without(HASH_AREA), "--mode sev", "no kernel hash table area"),
        (image().hash_area(0, 0x400), "--mode sev", "has base 0"),
        (image().hash_area(0x0081_0c00, 175), "--mode sev", "has 175 bytes, the table needs 176"),
        (image().without_table().without_metadata(), "--mode sev", "no GUIDed table"),
        (image().sections(without_section), SNP, "no KERNEL_HASHES section"),
        (
            image().hash_area(0x0081_0f80, 0x400),
            SNP,
            "crosses the end of the KERNEL_HASHES section",
        ),
    ] {
        let guest = Guest::new();
        guest.file("bad.fd", image.build());
        let outcome = guest.run(&format!("digest --firmware bad.fd --kernel vmlinuz {flags}")).go();
        outcome.refused_with(&["bad.fd", said]);
    }
}

#[test]
fn a_firmware_of_five_gib_is_refused_unread() {
    let guest = Guest::new();
    guest.folder.sparse("huge.fd", 5 << 30);
    for command in ["digest --mode sev --firmware huge.fd", "firmware show huge.fd"] {
        // With 2 GiB of address space the file cannot be read whole.
        let limited = format!("ulimit -v 2097152; exec \"$0\" {command}");
        let output = std::process::Command::new("bash")
            .args(["-c", &limited, env!("CARGO_BIN_EXE_sev-launch")])
            .current_dir(guest.folder.path())
            .output()
            .expect("bash runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
        assert!(said.contains("huge.fd"), "{said}");
        assert!(said.contains("5368709120 bytes") && said.contains("at most 4294963200"), "{said}");
    }
}

#[test]
fn absorbing_a_broken_firmware_writes_nothing() {
    let guest = Guest::new();
    guest.file("bad.fd", image().version(2).build());
    let outcome = guest.run("firmware absorb bad.fd -o fw.json").go();
    outcome.refused_with(&["bad.fd", "version is 2, wanted 1"]);
    assert!(!guest.folder.join("fw.json").exists());
}

// Files.

/// Every flag that names a file, with what else it needs; {} is the file.
const FILE_FLAGS: [&str; 12] = [
    "digest --mode sev --firmware {}",
    "digest --mode sev --firmware-absorbed {}",
    "digest --mode sev --firmware OVMF.fd --kernel {}",
    "digest --mode sev --firmware OVMF.fd --kernel vmlinuz --initrd {}",
    "digest --mode sev --firmware OVMF.fd --kernel vmlinuz --cmdline-file {}",
    "digest --mode snp:svsm --vcpus 1 --vcpu-type EPYC --profile snp-svsm-legacy --firmware OVMF.fd --vars-size 0 --svsm {}",
    "digest --mode snp:svsm --vcpus 1 --vcpu-type EPYC --profile snp-svsm-legacy --firmware OVMF.fd --svsm OVMF.fd --vars-file {}",
    "digest --mode seves --vcpus 1 --firmware OVMF.fd --vmsa-bsp {}",
    "digest --mode seves --vcpus 1 --firmware OVMF.fd --vmsa-bsp page.bin --vmsa-ap {}",
    "vmsa show {}",
    "vmsa diff page.bin {}",
    "firmware show {}",
];

#[test]
fn a_missing_file_is_named() {
    let guest = Guest::new();
    guest.file("page.bin", [0; 4096]);
    for flags in FILE_FLAGS {
        let outcome = guest.run(&flags.replace("{}", "missing.file")).go();
        outcome.refused_with(&["missing.file", "No such file"]);
    }
}

#[test]
fn a_directory_is_no_file() {
    let guest = Guest::new();
    guest.file("page.bin", [0; 4096]);
    fs::create_dir(guest.folder.join("some.folder")).expect("a folder");
    for flags in FILE_FLAGS {
        let outcome = guest.run(&flags.replace("{}", "some.folder")).go();
        outcome.refused_with(&["some.folder", "is a directory, wanted a file"]);
    }
}

#[test]
fn a_pipe_that_nobody_feeds_is_no_firmware() {
    let guest = Guest::new();
    guest.folder.fifo("pipe");
    let svsm = "digest --mode snp:svsm --vcpus 1 --vcpu-type EPYC --profile snp-svsm-legacy --firmware OVMF.fd --svsm";
    for command in [
        "digest --mode sev --firmware pipe",
        "firmware show pipe",
        "firmware absorb pipe -o fw.json",
        &format!("{svsm} pipe --vars-size 0"),
        &format!("{svsm} OVMF.fd --vars-file pipe"),
    ] {
        guest.run(command).go().refused_with(&["pipe", "wanted a regular file"]);
    }
}

#[test]
fn only_kernel_and_initrd_come_from_standard_input() {
    let guest = Guest::new();
    guest.file("page.bin", [0; 4096]);
    for flags in FILE_FLAGS {
        if flags.ends_with("--kernel {}") || flags.ends_with("--initrd {}") {
            continue;
        }
        let outcome = guest.run(&flags.replace("{}", "-")).stdin(guest.image.clone()).go();
        outcome.refused_with(&["cannot come from standard input"]);
    }
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let guest = Guest::new();
    guest.file("page.bin", [0; 4096]);
    let secret = guest.file("secret.file", [0; 4096]);
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("permissions");
    if fs::read(&secret).is_ok() {
        eprintln!("SKIPPED unreadable files: this user (root) reads everything");
        return;
    }
    for flags in FILE_FLAGS {
        // Only the size of a variable store is looked at.
        if !flags.ends_with("--vars-file {}") {
            let outcome = guest.run(&flags.replace("{}", "secret.file")).go();
            outcome.refused_with(&["secret.file", "Permission denied"]);
        }
    }
}

#[test]
fn a_vmsa_of_another_size_is_named() {
    let guest = Guest::new();
    for size in [0, 4095, 4097] {
        guest.file("page.bin", vec![0; size]);
        let found = format!("found {size}");
        guest.run("vmsa show page.bin").go().refused_with(&["page.bin", "4096 bytes", &found]);
        let outcome = guest.digest("--mode seves --vcpus 1 --vmsa-bsp page.bin").go();
        outcome.refused_with(&["page.bin", "4096 bytes", &found]);
    }
}

#[test]
fn a_small_file_that_is_large_is_refused() {
    let guest = Guest::new();
    guest.folder.sparse("large", (1 << 20) + 1);
    for flags in ["--kernel vmlinuz --cmdline-file", "--vmsa-bsp"] {
        let outcome = guest.digest(&format!("--mode seves --vcpus 1 {flags} large")).go();
        outcome.refused_with(&["large", "more than 1048576 bytes"]);
    }
}

#[test]
fn a_firmware_in_svsm_mode_is_named_where_it_is_the_wrong_one() {
    let guest = Guest::new();
    guest.file("odd.fd", &guest.image[1..]);
    let svsm = image().svsm_info(0).build();
    guest.file("svsm.bin", svsm);
    let flags = "digest --mode snp:svsm --vcpus 1 --vcpu-type EPYC --profile snp-svsm-legacy --vars-size 0 --svsm svsm.bin";
    let outcome = guest.run(&format!("{flags} --firmware odd.fd")).go();
    outcome.refused_with(&["odd.fd", "65535 bytes"]);
    let outcome = guest.run(&format!("{flags} --firmware OVMF.fd --svsm OVMF.fd")).go();
    outcome.refusal();
}

#[test]
fn an_svsm_that_is_none_or_does_not_fit() {
    let guest = Guest::new();
    guest.file("svsm.bin", image().svsm_info(0).build());
    let flags = "--mode snp:svsm --vcpus 1 --vcpu-type EPYC --profile snp-svsm-legacy";
    for (more, said) in [
        (
            "--svsm OVMF.fd --vars-size 0",
            "no SVSM info entry (a789a612-0597-4c4b-a49f-cbb1fe9d1ddd)",
        ),
        ("--svsm svsm.bin --vars-size 100", "100 bytes does not put the SVSM at a page"),
        ("--svsm svsm.bin --vars-size 0x100000000", "do not fit below 4 GiB"),
    ] {
        guest.digest(&format!("{flags} {more}")).go().refused_with(&[said]);
    }
}

// Values.

#[test]
fn counts_of_vcpus_that_no_guest_has() {
    for (count, said) in [
        ("0", "0 vCPUs: wanted 1 to 4096"),
        ("4097", "4097 vCPUs: wanted 1 to 4096"),
        ("99999999999", "at most 4096"),
        ("1..4", "a range is written 1..=16"),
        ("4..=1", "4..=1 is empty"),
        ("four", "is no number"),
        ("1..=4097", "4097"),
        ("1,,2", "is no number"),
    ] {
        refuses(&format!("--mode snp --vcpu-type EPYC-Milan --vcpus {count}"), &["--vcpus", said]);
    }
    let guest = Guest::new();
    let run = guest.digest("--mode snp --vcpu-type EPYC-Milan --vcpus").with([""]);
    run.go().refused_with(&["--vcpus"]);
    for mode in ["snp", "seves"] {
        refuses(&format!("--mode {mode} --vcpu-type EPYC-Milan"), &["give --vcpus"]);
    }
}

#[test]
fn signatures_that_are_none() {
    for (cpu, said) in [
        ("--vcpu-family 25", "--vcpu-model"),
        ("--vcpu-family 25 --vcpu-model 1", "--vcpu-stepping"),
        ("--vcpu-model 1", "--vcpu-family"),
        (
            "--vcpu-family 271 --vcpu-model 1 --vcpu-stepping 1",
            "CPU family 271: wanted at most 270",
        ),
        (
            "--vcpu-family 25 --vcpu-model 256 --vcpu-stepping 1",
            "CPU model 256: wanted at most 255",
        ),
        (
            "--vcpu-family 25 --vcpu-model 1 --vcpu-stepping 16",
            "CPU stepping 16: wanted at most 15",
        ),
        ("--vcpu-sig 0x100000000", "does not fit in 32 bits"),
        ("--vcpu-sig milan", "is no number"),
        ("--vcpu-sig 1 --vcpu-type EPYC", "cannot be used with"),
        ("", "give the vCPU type"),
    ] {
        refuses(&format!("--mode snp --vcpus 1 {cpu}"), &[said]);
    }
}

#[test]
fn unknown_names_are_met_with_the_nearest() {
    for (flags, said) in [
        ("--vcpu-type EPYC-Millan", "did you mean EPYC-Milan?"),
        ("--vcpu-type EPYC-v9", "did you mean EPYC-v"),
        ("--vcpu-type host", "give its --vcpu-sig"),
        ("--vcpu-type zzzzzz", "`sev-launch cpu list` lists them all"),
        ("--vcpu-type EPYC --profile snp-qmeu", "did you mean snp-qemu?"),
        ("--vcpu-type EPYC --profile zzzzzz", "`sev-launch profile list` lists them all"),
    ] {
        refuses(&format!("--mode snp --vcpus 1 {flags}"), &[said]);
    }
    refuses("--mode sgx", &["\"sgx\" is no mode", "snp:svsm"]);
}

#[test]
fn hashes_that_are_none() {
    let short = "ab".repeat(31);
    let long = "ab".repeat(33);
    for (flag, value, said) in [
        ("--kernel-sha256", "xyz", "no hex"),
        ("--kernel-sha256", short.as_str(), "31 bytes, wanted 32"),
        ("--initrd-sha256", long.as_str(), "33 bytes, wanted 32"),
        ("--cmdline-sha256", "Zm9v", "no hex"),
        ("--cmdline-sha256", "", "0 bytes, wanted 32"),
        ("--cmdline-hex", "abc", "no hex"),
        ("--cmdline-hex", "zz", "no hex"),
    ] {
        let guest = Guest::new();
        guest.digest("--mode sev").with([flag, value]).go().refused_with(&[flag, said]);
    }
    let sha256 = "ab".repeat(32);
    refuses(&format!("{SNP} --snp-ovmf-hash {sha256}"), &["32 bytes, wanted 48"]);
}

#[test]
fn a_nul_in_the_command_line() {
    let guest = Guest::new();
    guest.file("cmdline", b"quiet\0");
    let run = || guest.digest("--mode sev --kernel vmlinuz");
    let said = ["NUL byte at offset 5", "C string"];
    run().with(["--cmdline-hex", "717569657400"]).go().refused_with(&said);
    run().with(["--cmdline-file", "cmdline"]).go().refused_with(&said);
}

#[test]
fn features_that_sev_es_cannot_have() {
    // sev-snp-measure's own default, which it ignores in this mode: it computes with 0, as this command does without the flag.
    let said = ["0x1 have bit 0 (SNPActive)", "leave the features out", "sev-snp-measure takes 0"];
    refuses(&format!("{ES} --guest-features 1"), &said);
    refuses(&format!("{ES} --guest-features 0x21"), &["0x21 have bit 0 (SNPActive)"]);
    refuses(&format!("{ES} --guest-features 0x10000000000000000"), &["0 to 2^64 - 1"]);
}

// Flags that contradict each other.

#[test]
fn flags_that_exclude_each_other() {
    let hash = "ab".repeat(32);
    let kernel = "--mode sev --kernel vmlinuz --initrd initrd.img";
    for flags in [
        "--mode sev --firmware-absorbed fw.json".into(),
        format!("{kernel} --cmdline a --cmdline-file b"),
        format!("{kernel} --cmdline a --cmdline-hex 61"),
        format!("{kernel} --cmdline a --cmdline-sha256 {hash}"),
        format!("{kernel} --cmdline-file a --cmdline-hex 61"),
        format!("{kernel} --cmdline-file a --cmdline-sha256 {hash}"),
        format!("{kernel} --cmdline-hex 61 --cmdline-sha256 {hash}"),
        format!("{kernel} --kernel-sha256 {hash}"),
        format!("{kernel} --initrd-sha256 {hash}"),
        format!("{SNP} --profile snp-qemu --vmm-type qemu"),
        format!("{SNP} --vmsa-bsp a --guest-features 1"),
        "--mode sev --json --format hex".into(),
        "--mode sev --quiet --verbose".into(),
        "--mode snp:svsm --vars-size 0 --vars-file a".into(),
    ] {
        refuses(&flags, &["cannot be used with"]);
    }
}

#[test]
fn flags_that_need_each_other() {
    let hash = "ab".repeat(32);
    for (flags, said) in [
        (format!("{ES} --vmsa-ap OVMF.fd"), "--vmsa-bsp"),
        ("--mode sev --initrd initrd.img".into(), "an initrd is measured with a kernel only"),
        (format!("--mode sev --initrd-sha256 {hash}"), "an initrd is measured with a kernel only"),
        ("--mode sev --append a".into(), "a command line is measured with a kernel only"),
        ("--mode sev --cmdline-hex 61".into(), "a command line is measured with a kernel only"),
        ("--mode snp:svsm --vcpus 1 --vars-size 0".into(), "--svsm FILE"),
        (
            "--mode snp:svsm --vcpus 1 --svsm OVMF.fd".into(),
            "--vars-size BYTES or --vars-file FILE",
        ),
        (
            "--mode snp:svsm --vcpus 1 --svsm OVMF.fd --vars-size 0 --kernel vmlinuz".into(),
            "measures no kernel",
        ),
        (format!("{SNP} --svsm OVMF.fd"), "--svsm belongs to --mode snp:svsm"),
        (format!("{SNP} --vars-size 0"), "belong to --mode snp:svsm"),
        (format!("{SNP} --vars-file OVMF.fd"), "belong to --mode snp:svsm"),
        (
            format!("--mode sev --snp-ovmf-hash {}", "ab".repeat(48)),
            "--snp-ovmf-hash belongs to --mode snp",
        ),
        ("--mode sev --dump-vmsa".into(), "this mode measures no VMSA"),
        ("--mode snp:ovmf-hash --dump-vmsa".into(), "this mode measures no VMSA"),
        ("--mode sev --kernel - --initrd -".into(), "gives its bytes only once"),
        (format!("{ES} --vmsa-bsp page.bin"), "2 vCPUs need a captured VMSA of a further vCPU too"),
    ] {
        let guest = Guest::new();
        guest.file("page.bin", [0; 4096]);
        guest.digest(&flags).go().refused_with(&[said]);
    }
}

#[test]
fn a_trace_of_pages_needs_the_image() {
    let guest = Guest::new();
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    let outcome =
        guest.run(&format!("digest --firmware-absorbed fw.json {SNP} --trace=pages")).go();
    outcome.refused_with(&["an absorbed firmware has no pages"]);
}

#[test]
fn no_firmware_at_all() {
    Guest::new().run("digest --mode sev").go().refused_with(&["--firmware"]);
}

// Launches that no host does.

#[test]
fn kernels_that_qemu_changes_before_it_hashes_them() {
    let kernel = "--mode sev --kernel vmlinuz";
    refuses(&format!("{kernel} --shim OVMF.fd"), &["-shim"]);
    refuses(&format!("{kernel} --dtb OVMF.fd"), &["-dtb"]);
    refuses(
        &format!("{kernel} --vmm-version 7.2.0 --machine pc-q35-7.2"),
        &["random seed", "7.2.1"],
    );
    let guest = Guest::new();
    let outcome = guest.digest(&format!("{kernel} --vmm-version 7.2.1 --machine pc-q35-7.2")).go();
    let table = sev_launch_testkit::expected::hashes_table(&guest.kernel, None, None);
    assert_eq!(outcome.line(), guest.sev(Some(&table)));
}

#[test]
fn vmms_that_start_no_such_guest() {
    refuses(&format!("{SNP} --vmm-type krun"), &["snp-krun-1.4", "snp-krun-reset"]);
    refuses(&format!("{ES} --vmm-type ec2"), &["none of sev-es"]);
    refuses(&format!("{ES} --vmm-type gce"), &["none of sev-es"]);
    refuses(&format!("{SNP} --profile es-legacy"), &["es-legacy is for sev-es, the guest is snp"]);
    refuses(&format!("{SNP} --profile snp-svsm-legacy"), &["needs an SVSM image"]);
    refuses(
        &format!("{SNP} --profile snp-gce --kernel vmlinuz"),
        &["snp-gce measures no kernel hashes"],
    );
    refuses(&format!("{ES} --profile es-krun-1.4"), &["give --firmware, --kernel and --initrd"]);
    let krun = "--kernel vmlinuz --initrd initrd.img --profile snp-krun-reset";
    refuses(&format!("{SNP} {krun}"), &["--kernel-gpa"]);
    refuses(&format!("{SNP} {krun} --kernel-gpa 0x1000000"), &["initrd has", "multiple of 4096"]);
}

#[test]
fn an_ambiguous_host_is_a_question() {
    for (flags, said) in [
        (
            format!("{SNP} --vmm-version ec2"),
            ["2 profiles fit", "snp-ec2, snp-ec2-rdx0", "2026-04-28"],
        ),
        (
            format!("{SNP} --vmm-version gce"),
            ["snp-gce, snp-gce-genoa", "ask its owner", "--host-cpu"],
        ),
        (
            format!("{ES} --host-kernel 6.6.10 --vmm-version 8.2"),
            ["es-legacy, es-legacy-debugswap", "debug_swap", "--host-cpu"],
        ),
        (format!("{SNP} --host-cpu Milan"), ["profiles fit", "which VMM", "--vmm-version"]),
    ] {
        refuses(&flags, &said);
    }
}

#[test]
fn a_host_that_no_profile_fits() {
    refuses(
        &format!("{ES} --host-kernel 5.10 --vmm-version 6.0"),
        &["no launch profile", "profile list"],
    );
    refuses(&format!("{SNP} --host-kernel 6.11 --vmm-version 9.0"), &["no launch profile"]);
}

#[test]
fn facts_of_a_host_that_are_none() {
    for (flags, said) in [
        ("--host-kernel linux", "uname -r"),
        ("--vmm-version xen", "is no VMM"),
        ("--vmm-version qemu-nine", "is no VMM"),
        ("--host-cpu Xeon", "wanted Naples, Rome, Milan, Genoa, Turin"),
        ("--debug-swap maybe", "on, off"),
    ] {
        refuses(&format!("{SNP} {flags}"), &[said]);
    }
}

// Output.

#[test]
fn a_file_that_cannot_be_written_leaves_nothing_behind() {
    let guest = Guest::new();
    let before = guest.folder.names();
    let outcome = guest.run("firmware absorb OVMF.fd -o missing/fw.json").go();
    outcome.refused_with(&["missing/fw.json: cannot be written"]);
    assert_eq!(guest.folder.names(), before);
    fs::create_dir(guest.folder.join("taken")).expect("a folder");
    let outcome = guest.run("vmsa build taken --profile es-legacy --vcpu-type EPYC").go();
    outcome.refused_with(&["taken: cannot be written"]);
    fs::remove_dir(guest.folder.join("taken")).expect("the folder is empty");
    assert_eq!(guest.folder.names(), before);
}

#[test]
fn a_file_that_is_there_is_replaced_whole() {
    let guest = Guest::new();
    guest.run("firmware absorb OVMF.fd -o fresh.json").go().answer();
    guest.file("fw.json", "x".repeat(100_000));
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    assert!(guest.folder.read("fw.json") == guest.folder.read("fresh.json"));
    // Others may read it, as any file that a program writes.
    let metadata = fs::metadata(guest.folder.join("fw.json")).expect("the file is there");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o644);
}

#[test]
fn an_output_that_is_full_is_an_error() {
    let guest = Guest::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_sev-launch"))
        .args(["digest", "--mode", "sev", "--firmware", "OVMF.fd"])
        .current_dir(guest.folder.path())
        .stdout(full)
        .output()
        .expect("the command runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    for arguments in
        ["", "measure", "digest", "digest --mode", "vmsa build page.bin", "profile show", "cpu"]
    {
        Guest::new().run(arguments).go().refusal();
    }
}

#[test]
fn absorbed_firmware_that_was_tampered_with() {
    let guest = Guest::new();
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    let text = String::from_utf8(guest.folder.read("fw.json")).expect("JSON is text");
    let read = || guest.run("digest --mode sev --firmware-absorbed bad.json").go();
    for (from, to, said) in [
        ("\"absorbed_firmware\":1", "\"absorbed_firmware\":2", "version 2, wanted 1"),
        ("\"size\":65536", "\"size\":65535", "midstate and tail do not fit 65535 bytes"),
        ("\"size\":65536", "\"size\":0", "a size of 0 bytes"),
        ("\"size\":65536", "\"size\":131072", "does not give the SHA-256"),
        ("\"table\":", "\"tables\":", "unknown field `tables`"),
        (":10\"", ":11\"", "is not page+pages:type in hex"),
        ("{", "[", "not an absorbed firmware"),
    ] {
        assert!(text.contains(from), "{from} is in {text}");
        guest.file("bad.json", text.replacen(from, to, 1));
        read().refused_with(&["bad.json", said]);
    }
    guest.file("bad.json", &text[..text.len() / 2]);
    read().refused_with(&["bad.json", "not an absorbed firmware"]);
    guest.file("bad.json", &guest.image);
    read().refused_with(&["bad.json", "not an absorbed firmware"]);
}

#[test]
fn metadata_is_found_by_its_record_only() {
    let image = image().without(SEV_METADATA).build();
    refuses_firmware(SNP, image, &["no SEV metadata"]);
}

#[test]
fn flags_that_the_mode_cannot_answer() {
    refuses("--mode sev --trace --format csv", &["does not fit into CSV"]);
    refuses("--mode snp:ovmf-hash --trace", &["belongs to guests"]);
    refuses("--mode sev --kernel-gpa 0x1000", &["belongs to libkrun"]);
    refuses("--mode sev --profile es-legacy", &["has no launch profile"]);
    refuses("--mode sev --vmsa-bsp page", &["measures no VMSA"]);
}

#[test]
fn file_names_that_are_no_text_are_refused_where_they_are_written_down() {
    let guest = Guest::new();
    let kernel = OsStr::from_bytes(b"vmlinuz-\xff");
    fs::write(guest.folder.path().join(kernel), &guest.kernel).expect("a kernel");
    let flags = "--firmware OVMF.fd --initrd initrd.img --append x --kernel";
    let run = |command: &str| guest.run(&format!("{command} {flags}")).with([kernel]).go();
    // What is only read has any name that the system knows.
    let named = guest.digest("--mode sev --kernel vmlinuz --initrd initrd.img --append x").go();
    assert_eq!(run("digest --mode sev").line(), named.line());
    let says = ["vmlinuz-", "no UTF-8", "rename"];
    run("describe --mode sev").refused_with(&[&["boot.kernel"][..], &says].concat());
    run("describe --mode sev --json").refused_with(&says);
    run("manifest build --mode sev").refused_with(&says);
    run("manifest build --mode sev -o manifest.json").refused_with(&says);
    assert!(!guest.folder.join("manifest.json").exists());
    // The name of the guest is written down too.
    let description = OsStr::from_bytes(b"launch-\xff.toml");
    let text = "technology = 'sev'\n[firmware]\npath = 'OVMF.fd'\n";
    fs::write(guest.folder.path().join(description), text).expect("a description");
    let build = |more: &str| {
        guest.run(&format!("manifest build {more} --description")).with([description]).go()
    };
    build("").refused_with(&["launch-", "no UTF-8", "--name"]);
    build("--name guest").answer();
}

#[test]
fn what_is_wrong_with_a_malformed_endorsement_is_said_once() {
    let (folder, data) = (Folder::new(), testdata_folder());
    let uvm = fs::read(data.join("endorsement/uvm.cose")).expect("test data");
    for (name, bytes, wanted) in [
        ("empty", &b""[..], "an endorsement of no bytes"),
        // A field of 127 bytes, of which there are three.
        ("cut", b"\x0a\x7fabc", "it ends within the field whose value begins at byte 2"),
        ("cut.cose", &uvm[..100], "nothing beside it: it ends too early"),
        // A COSE_Sign1 is an array of four. [RFC 9052, COSE_Sign1]
        ("short.cose", b"\xd2\x80", "nothing beside it: array, wanted array with 4 items"),
    ] {
        folder.file(name, bytes);
        let run = Run::new(["verify", "--endorsement", name, "--endorsement-root"]);
        let run = run.with([data.join("endorsement/gce-root.crt"), "--report".into()]);
        let outcome = run.with([data.join("snp/report.bin")]).in_folder(folder.path()).go();
        assert_eq!(outcome.code, Some(2), "{name}: {}", outcome.stdout);
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        assert_eq!(said.matches(wanted).count(), 1, "{name}: {said}");
    }
}
