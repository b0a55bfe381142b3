//! `explain`: the classic mismatches are named by their cause, in the command as a user runs it.
//!
//! What is reported comes from `sev_launch_testkit::expected`: another launch than the one described.

use serde_json::json;
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{self, FirmwareBuilder, Section};
use sev_launch_testkit::report::Vek;

use super::guest::{CMDLINE, GENOA, Guest, HASH_AREA, MILAN, RESET, image};
use super::harness::{Outcome, Run, golden};
use super::json::{check_strictness, document, schema};

const SNP: &str = "--mode snp --vcpus 4 --vcpu-type EPYC-Milan -q";
const ES: &str = "--mode seves --vcpus 4 --vcpu-type EPYC-Milan -q";

impl Guest {
    /// `explain` of the guest with its kernel, of what is reported.
    fn explain(&self, reported: &str, flags: &str) -> Run {
        self.run(&format!(
            "explain --reported {reported} --firmware OVMF.fd --kernel vmlinuz --initrd initrd.img {flags}"
        ))
        .with(["--cmdline", CMDLINE])
    }

    /// The first line of its answer: why.
    #[track_caller]
    fn cause(&self, reported: &str, flags: &str) -> String {
        let outcome = self.explain(reported, flags).go();
        outcome.lines().first().expect("a line").to_string()
    }
}

#[test]
fn the_classic_mismatches_are_named() {
    let guest = Guest::new();
    let table = guest.table();
    let es = |table, layout, signature, vcpus| guest.sev_es(table, layout, signature, vcpus);
    let default = (Layout::QemuNofpu, 0);
    for (reported, cause) in [
        (es(None, default, MILAN, 4), "matches if kernel hashes = off (described: on)"),
        (es(Some(&table), default, MILAN, 8), "matches if vcpus = 8 (described: 4)"),
        (es(Some(&table), default, GENOA, 4), "matches if signature = EPYC-Genoa (0x00a10f10)"),
        (
            es(Some(&table), (Layout::QemuNofpu, 0x20), MILAN, 4),
            "matches if profile = es-legacy-debugswap (described: es-legacy)",
        ),
        (
            es(Some(&table), (Layout::QemuFpu, 0), MILAN, 4),
            "matches if profile = es-init2 (described: es-legacy)",
        ),
        (
            es(Some(&guest.table_of(format!("{CMDLINE}\n").as_bytes())), default, MILAN, 4),
            "matches if command line with a newline at its end",
        ),
        (es(Some(&table), default, MILAN, 4), "it already matches"),
    ] {
        let found = guest.cause(&reported, ES);
        assert!(found.starts_with(cause), "{found}, wanted {cause}");
    }
    let reported = guest.snp(Some(&table), GENOA, 8);
    assert_eq!(
        guest.cause(&reported, SNP),
        "matches if vcpus = 8 (described: 4) and signature = EPYC-Genoa (0x00a10f10) (described: EPYC-Milan (0x00a00f11))"
    );
    // SEV measures no register, so only what is loaded can differ.
    let reported = guest.sev(None);
    let found = guest.cause(&reported, "--mode sev -q");
    assert_eq!(found, "matches if kernel hashes = off (described: on)");
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn another_build_is_found_among_the_candidates() {
    let guest = Guest::new();
    let other = image().pattern(3, 5).build();
    guest.file("other.fd", &other);
    let pages = expected::vmsa_pages(Layout::QemuFpu, MILAN, 1, RESET, 4);
    let (table, sections) = (guest.table(), firmware::AMD_SEV_SECTIONS);
    let digest = expected::snp(&other, &sections, Some((&table, HASH_AREA)), &pages, Vmm::Qemu);
    let reported = hex::encode(digest);
    let wanted = "matches if firmware = file other.fd (described: file OVMF.fd)";
    assert_eq!(guest.cause(&reported, &format!("{SNP} --candidate other.fd")), wanted);
    // A folder is a list of candidates; what is no file in it is passed over.
    std::fs::create_dir(guest.folder.join("builds")).expect("a folder");
    std::fs::create_dir(guest.folder.join("builds/older")).expect("a folder");
    guest.file("builds/b.fd", &other);
    let found = guest.cause(&reported, &format!("{SNP} --candidate-dir builds"));
    assert_eq!(found, wanted.replace("other.fd", "builds/b.fd"));
    // Without it nothing is found, and the next step is named.
    let outcome = guest.explain(&reported, SNP).go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stdout.starts_with("nothing found"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("--candidate"), "{}", outcome.stdout);
}

#[test]
fn code_and_variables_are_joined() {
    let guest = Guest::new();
    let mut store = vec![0xff; 0x4000];
    // [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]: GUID of a volume of variables at 16, length at 32, signature at 40.
    let guid = [
        0x8d, 0x2b, 0xf1, 0xff, 0x96, 0x76, 0x8b, 0x4c, 0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f,
        0x50,
    ];
    store[16..32].copy_from_slice(&guid);
    store[32..40].copy_from_slice(&0x4000_u64.to_le_bytes());
    store[40..44].copy_from_slice(b"_FVH");
    guest.file("VARS.fd", &store);
    let combined = [&store[..], &guest.image].concat();
    let reported = hex::encode(expected::sev(&combined, None));
    let flags = "--mode sev --firmware OVMF.fd -q --candidate VARS.fd";
    let outcome = guest.run(&format!("explain --reported {reported} {flags}")).go();
    assert!(outcome.lines()[0].contains("file VARS.fd and OVMF.fd joined"), "{}", outcome.stdout);
    // And the other way round: the whole image is described, the host split it.
    guest.file("OVMF.combined.fd", &combined);
    let reported = guest.sev(None);
    let flags = "--mode sev --firmware OVMF.combined.fd -q";
    let outcome = guest.run(&format!("explain --reported {reported} {flags}")).go();
    assert!(outcome.lines()[0].contains("without its variables"), "{}", outcome.stdout);
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn further_values_come_from_lists_and_files() {
    let guest = Guest::new();
    let signature = 0x00c0_ffee;
    let table = guest.table_of(b"of the staging cluster");
    let reported = guest.snp(Some(&table), signature, 600);
    guest.file(
        "axes.toml",
        "vcpus = 600\nsignature = 0xc0ffee\n[boot]\ncmdline = \"of the staging cluster\"\n",
    );
    let outcome = guest.explain(&reported, &format!("{SNP} --axes axes.toml")).go();
    assert_eq!(
        outcome.lines()[0],
        "matches if vcpus = 600 (described: 4) and command line \"of the staging cluster\" and \
         signature = 0x00c0ffee (0x00c0ffee) (described: EPYC-Milan (0x00a00f11))"
    );
    // What a description lists beyond the first value is tried too.
    guest.file(
        "launch.toml",
        "technology = \"snp\"\nvcpus = [4, 600]\ncpu = \"EPYC-Milan\"\n[firmware]\npath = \"OVMF.fd\"\n",
    );
    let reported = guest.snp(None, MILAN, 600);
    let outcome = guest.run(&format!("explain -d launch.toml -q --reported {reported}")).go();
    assert_eq!(outcome.lines()[0], "matches if vcpus = 600 (described: 4)");
}

#[test]
fn a_report_s_measurement_is_what_was_reported() {
    let guest = Guest::new();
    let mut report = [0; 1184];
    let digest = hex::decode(guest.snp(Some(&guest.table()), MILAN, 5)).expect("hex");
    // [SNP-ABI, ATTESTATION_REPORT.MEASUREMENT]
    report[0x90..0xc0].copy_from_slice(&digest);
    guest.file("report.bin", report);
    let outcome = guest
        .run(&format!("explain --report report.bin --firmware OVMF.fd --kernel vmlinuz --initrd initrd.img {SNP}"))
        .with(["--cmdline", CMDLINE])
        .go();
    assert_eq!(outcome.lines()[0], "matches if vcpus = 5 (described: 4)");
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn a_launch_measurement_s_own_slips_are_found() {
    let guest = Guest::new();
    let tik = [7; 16];
    guest.file("tik.bin", tik);
    let digest = expected::sev(&guest.image, None);
    let nonce = *b"0123456789abcdef";
    let measured =
        |policy, build| expected::measurement(&tik, [1, 55, build], policy, digest, nonce);
    let explain = |blob: &[u8], flags: &str| {
        guest
            .run(&format!("explain --mode sev --firmware OVMF.fd --tik tik.bin -q {flags}"))
            .with(["--measurement", &hex::encode(blob)])
            .go()
    };
    let flags = "--policy 1 --api-major 1 --api-minor 55 --build-id 24";
    let right = measured(1, 24);
    assert!(explain(&right, flags).lines()[0].starts_with("it already matches"));
    let found = explain(&[&nonce[..], &right[..32]].concat(), flags);
    assert!(found.lines()[0].contains("nonce, measure"), "{}", found.stdout);
    let found = explain(&measured(3, 24), flags);
    assert!(found.lines()[0].contains("policy"), "{}", found.stdout);
    // 0x24 read as a decimal number, or the other way round.
    let found = explain(&measured(1, 0x24), flags);
    assert!(found.lines()[0].contains("platform version"), "{}", found.stdout);
    let bare = [&digest[..], &nonce].concat();
    let found = explain(&bare, flags);
    assert!(found.lines()[0].contains("bare launch digest"), "{}", found.stdout);
    let outcome = explain(&[0x55; 48], flags);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    // Keys are never told.
    for text in [&outcome.stdout, &outcome.stderr] {
        assert!(!text.contains("07070707"), "{text}");
    }
}

#[test]
fn a_search_that_is_stopped_is_no_no() {
    let guest = Guest::new();
    let outcome = guest.explain(&"5a".repeat(32), &format!("{ES} --budget 0")).go();
    assert_eq!(outcome.code, Some(2), "{}", outcome.stdout);
    assert!(outcome.stdout.starts_with("stopped"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("--budget"), "{}", outcome.stderr);
}

// Of the three, hardware was seen to be one that no tool computes.
#[test]
fn an_svsm_s_profiles_and_vcpus_are_searched() {
    let guest = Guest::new();
    let sections = [Section::new(0x0060_0000, 0x1000, firmware::CPUID)];
    let svsm = FirmwareBuilder::new(0x8000).svsm_info(0x1234).sections(sections).build();
    guest.file("svsm.bin", &svsm);
    // A firmware of another size moves the SVSM, and with it where every vCPU starts.
    let other = FirmwareBuilder::amd_sev().size(0x2_0000).build();
    guest.file("other.fd", &other);
    let reported = |image: &[u8], size: u32, layout, vcpus| {
        let gpa = 0_u32.wrapping_sub(size) - 0x4000 - 0x8000;
        let start = expected::normal_pages(expected::snp_firmware(image), gpa.into(), &svsm);
        let pages = expected::vmsa_pages(layout, MILAN, 1, gpa + 0x1234, vcpus);
        hex::encode(expected::snp_from(start, &sections, None, &pages, Vmm::Qemu))
    };
    let flags = "--mode snp:svsm --firmware OVMF.fd --svsm svsm.bin --vars-size 0x4000 -q \
                 --vcpus 4 --vcpu-type EPYC-Milan --profile snp-svsm-legacy --candidate other.fd";
    for (reported, cause) in [
        (reported(&guest.image, 0x1_0000, Layout::Svsm, 4), "it already matches"),
        (
            reported(&guest.image, 0x1_0000, Layout::SvsmNofpu, 4),
            "matches if profile = snp-svsm-nofpu (described: snp-svsm-legacy)",
        ),
        (
            reported(&guest.image, 0x1_0000, Layout::SvsmFcw0, 2),
            "matches if vcpus = 2 (described: 4) and profile = snp-svsm-ssm (described: snp-svsm-legacy)",
        ),
        (
            reported(&other, 0x2_0000, Layout::Svsm, 4),
            "matches if firmware = file other.fd (described: file OVMF.fd)",
        ),
    ] {
        let outcome = guest.run(&format!("explain --reported {reported} {flags}")).go();
        assert!(outcome.answer().starts_with(cause), "{}", outcome.stdout);
    }
}

// Seen with libvirt and QEMU 11.1: two vCPUs by the process's arguments, a third that libvirt plugged in before it let the
// guest go.
#[test]
fn a_vcpu_that_was_added_late_is_found() {
    let guest = Guest::new();
    let mut pages = expected::vmsa_pages(Layout::QemuFpu, MILAN, 1, RESET, 2);
    pages.push(pages[0]);
    let sections = firmware::AMD_SEV_SECTIONS;
    let reported = expected::snp(&guest.image, &sections, None, &pages, Vmm::Qemu);
    let flags = "--mode snp --firmware OVMF.fd --vcpu-type EPYC-Milan -q --reported";
    for (vcpus, cause) in [
        ("3", "matches if late vCPUs = 1 (described: 0)\n"),
        ("2", "matches if vcpus = 3 (described: 2) and late vCPUs = 1 (described: 0)\n"),
        ("3 --late-vcpus 1 --profile snp-qemu --vmm-version 11.1", "it already matches"),
        (
            "3 --late-vcpus 2 --profile snp-qemu --vmm-version 11.1",
            "matches if late vCPUs = 1 (described: 2)\n",
        ),
    ] {
        let reported = hex::encode(reported);
        let outcome = guest.run(&format!("explain {flags} {reported} --vcpus {vcpus}")).go();
        assert!(outcome.answer().starts_with(cause), "{}", outcome.stdout);
    }
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let guest = Guest::new();
    let hash = "ab".repeat(32);
    for (flags, said) in [
        (format!("--mode snp --vcpus 1 --reported {hash}"), "no launch digest of snp: "),
        (format!("--mode sev --reported {}", "ab".repeat(48)), "no launch digest of sev: "),
        ("--mode sev".into(), "nothing was reported"),
        ("--mode sev --report OVMF.fd".into(), "a report is of an SNP guest"),
        ("--mode sev --measurement AAAA".into(), "--tik"),
        ("--mode snp:ovmf-hash".into(), "explain searches guests"),
        (format!("--mode sev --reported {hash} --candidate missing"), "missing"),
        (format!("--mode sev --reported {hash} --candidate-dir missing"), "missing"),
        (format!("--mode sev --reported {hash} --axes OVMF.fd"), "text in UTF-8"),
    ] {
        guest.run(&format!("explain --firmware OVMF.fd {flags}")).go().refused_with(&[said]);
    }
}

#[test]
fn its_document_keeps_to_the_schema() {
    let guest = Guest::new();
    let reported = guest.snp(None, GENOA, 4);
    let outcome: Outcome = guest.explain(&reported, &format!("{SNP} --json")).go();
    let found = document(&outcome);
    check_strictness(&schema("explain"), &found, &[]);
    assert_eq!(found["answer"], "explained");
    assert_eq!(found["changes"][0]["axis"], "kernel-hashes");
    assert_eq!(found["not_measured"], json!(["cmdline", "initrd", "kernel"]));
    let nothing = "5a".repeat(48);
    let outcome = guest.explain(&nothing, &format!("{SNP} --json --max-changes 1")).go();
    assert_eq!(outcome.code, Some(1));
    let found = serde_json::from_str(&outcome.stdout).expect("JSON");
    check_strictness(&schema("explain"), &found, &[]);
    assert_eq!(found["tried"]["levels"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_it_prints() {
    let guest = Guest::new();
    let reported = guest.snp(Some(&guest.table_of(b"console=ttyS0 root=/dev/vda1")), MILAN, 2);
    golden("explain.txt", guest.explain(&reported, SNP).go().answer());
    let outcome = guest.explain(&"5a".repeat(48), &format!("{SNP} --max-changes 1")).go();
    golden("explain-nothing.txt", &outcome.stdout);
}

#[test]
fn names_cannot_forge_an_answer() {
    let guest = Guest::new();
    std::fs::create_dir(guest.folder.join("builds")).expect("a folder");
    let other = image().pattern(3, 5).build();
    guest.file("builds/\u{1b}[31m\nit already matches: forged", &other);
    let reported = hex::encode(expected::sev(&other, None));
    let flags = "--mode sev --firmware OVMF.fd -q --candidate-dir builds";
    let outcome = guest.run(&format!("explain --reported {reported} {flags}")).go();
    assert!(outcome.answer().contains("forged"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains('\u{1b}'), "{:?}", outcome.stdout);
    assert!(
        outcome.lines().iter().all(|line| !line.starts_with("it already")),
        "{}",
        outcome.stdout
    );
}

#[test]
fn a_kernel_that_was_not_described_is_found_among_the_candidates() {
    let guest = Guest::new();
    let table = expected::hashes_table(&guest.kernel, None, None);
    let reported = guest.snp(Some(&table), MILAN, 4);
    let flags = format!("--firmware OVMF.fd {SNP} --candidate vmlinuz initrd.img");
    let outcome = guest.run(&format!("explain --reported {reported} {flags}")).go();
    assert_eq!(outcome.lines()[0], "matches if kernel = file vmlinuz (described: none)");
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn sev_is_thought_of_where_sev_es_is_described() {
    let guest = Guest::new();
    let found = guest.cause(&guest.sev(Some(&guest.table())), ES);
    assert_eq!(found, "matches if technology = sev (described: sev-es)");
    let found = guest.cause(&guest.sev(None), ES);
    assert_eq!(
        found,
        "matches if technology = sev (described: sev-es) and kernel hashes = off (described: on)"
    );
}

// A report is of SNP, and a policy is of SEV-ES or it is not: neither is asked for twice.
#[test]
fn the_evidence_says_the_technology() {
    let guest = Guest::new();
    guest.file("tik.bin", [7; 16]);
    let digest = expected::sev(&guest.image, None);
    let of_es = "matches if technology = sev (described: sev-es)";
    for (policy, flags, said) in [
        (1, "--policy 1", "it already matches"),
        (5, "--policy 5 --vcpus 1 --vcpu-type EPYC", of_es),
    ] {
        let blob = expected::measurement(&[7; 16], [1, 55, 24], policy, digest, [1; 16]);
        let outcome = guest
            .run(&format!("explain --firmware OVMF.fd --tik tik.bin {flags} --max-changes 0 -q"))
            .with(["--api-major", "1", "--api-minor", "55", "--build-id", "24"])
            .with(["--measurement", &hex::encode(blob)])
            .go();
        assert!(outcome.answer().starts_with(said), "{}{}", outcome.stdout, outcome.stderr);
    }
    let report = Vek::vcek("Milan").report(3, |report| report[0x90..0xc0].fill(0x5a));
    guest.file("report.bin", report);
    let flags = "--vcpus 1 --vcpu-type EPYC --max-changes 0 -q";
    let outcome =
        guest.run(&format!("explain --report report.bin --firmware OVMF.fd {flags}")).go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    // Anybody can write a report.
    let loud = flags.replace(" -q", "");
    let told = guest.run(&format!("explain --report report.bin --firmware OVMF.fd {loud}")).go();
    assert!(told.stderr.contains("its signature is not looked at"), "{}", told.stderr);
    guest
        .run(&format!("explain --reported {} --firmware OVMF.fd {flags}", "5a".repeat(48)))
        .go()
        .refused_with(&["--mode"]);
}

#[test]
fn a_policy_of_another_technology_is_no_match() {
    let guest = Guest::new();
    guest.file("tik.bin", [7; 16]);
    let digest = expected::sev(&guest.image, None);
    let blob = expected::measurement(&[7; 16], [1, 55, 24], 5, digest, [1; 16]);
    guest
        .run("explain --mode sev --firmware OVMF.fd --tik tik.bin --policy 5 --api-major 1 --api-minor 55 --build-id 24")
        .with(["--measurement", &hex::encode(blob)])
        .go()
        .refused_with(&["SEV-ES"]);
}
