//! `vmsa`: pages built, shown and compared.

use sev_launch_digest::hash::Sha256Digest;
use sev_launch_testkit::expected::{Layout, vmsa_page};
use sev_launch_testkit::vectors::{PageSuite, Vcpu};

use super::guest::{Guest, MILAN, RESET};
use super::harness::golden;

#[test]
fn every_page_with_a_known_sha256() {
    let guest = Guest::new();
    let suite = PageSuite::ours().expect("testdata/vectors/vmsa-pages.json");
    let mut judged = 0;
    for vector in suite.pages.iter().filter(|vector| vector.hash == 256) {
        let vcpus: &[u32] = match vector.vcpu {
            Vcpu::Bsp => &[0],
            Vcpu::Ap => &[1],
            Vcpu::All => &[0, 1],
        };
        for vcpu in vcpus {
            let outcome = guest
                .run(&format!("vmsa build page.bin --profile {} --cpu {vcpu}", vector.profile))
                .with(["--reset-address", &format!("{:#x}", vector.reset)])
                .with(["--vcpu-sig", &vector.signature.to_string()])
                .go();
            outcome.answer();
            let found = Sha256Digest::of(&guest.folder.read("page.bin")).to_string();
            assert_eq!(found, vector.value, "{} {:?}", vector.profile, vector.vcpu);
            judged += 1;
        }
    }
    // Counted in the file: the SEV-ES profiles' pages.
    assert_eq!(judged, PAGES_OF_SHA256);
}

/// Counted by hand in `testdata/vectors/vmsa-pages.json`.
const PAGES_OF_SHA256: usize = 12;

#[test]
fn each_vcpu_s_page_is_the_one_that_is_measured() {
    let guest = Guest::new();
    for (vcpu, reset) in [("0", None), ("1", Some(RESET)), ("7", Some(RESET))] {
        let flags =
            "vmsa build page.bin --profile snp-qemu --vcpu-type EPYC-Milan --firmware OVMF.fd";
        guest.run(&format!("{flags} --cpu {vcpu}")).go().answer();
        let expected = vmsa_page(Layout::QemuFpu, MILAN, 1, reset);
        assert!(guest.folder.read("page.bin") == expected, "vCPU {vcpu}");
    }
}

#[test]
fn sevctl_s_names_of_vmms() {
    let guest = Guest::new();
    for (flags, expected) in [
        (
            "--userspace qemu --family 25 --model 1 --stepping 1",
            vmsa_page(Layout::QemuNofpu, MILAN, 0, None),
        ),
        ("--userspace krun", vmsa_page(Layout::Krun01, 0, 0, None)),
        ("--userspace krun --cpu 1", vmsa_page(Layout::Krun01, 0, 0, Some(0))),
    ] {
        guest.run(&format!("vmsa build page.bin {flags}")).go().answer();
        assert!(guest.folder.read("page.bin") == expected, "{flags}");
    }
}

#[test]
fn features_replace_the_profile_s() {
    let guest = Guest::new();
    let flags = "vmsa build page.bin --profile snp-qemu --vcpu-type EPYC-Milan";
    guest.run(&format!("{flags} --guest-features 0x21")).go().answer();
    assert!(guest.folder.read("page.bin") == vmsa_page(Layout::QemuFpu, MILAN, 0x21, None));
}

#[test]
fn a_built_page_shown() {
    let guest = Guest::new();
    let flags = "vmsa build page.bin --profile snp-qemu --vcpu-type EPYC-Milan --cpu 1";
    guest.run(&format!("{flags} --reset-address 0x80b004")).go().answer();
    golden("vmsa-show-snp-qemu-ap.txt", guest.run("vmsa show page.bin").go().answer());
}

#[test]
fn pages_that_are_equal_and_pages_that_differ() {
    let guest = Guest::new();
    let mut page = vmsa_page(Layout::QemuFpu, MILAN, 1, None);
    guest.file("one.bin", page);
    page[0x178] = 0xf3; // APM 2, table B-4: RIP
    page[0x900] = 7; // no field
    guest.file("two.bin", page);
    let same = guest.run("vmsa diff one.bin one.bin").go();
    assert_eq!((same.code, same.stdout.as_str()), (Some(0), ""));
    let differ = guest.run("vmsa diff one.bin two.bin").go();
    assert_eq!(differ.code, Some(1));
    let lines: Vec<_> =
        differ.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    let expected: [Vec<&str>; 2] = [
        vec!["0x178", "rip", "0xfff0", "|", "0xfff3"],
        vec!["0x900", "reserved_0x900", "0x0", "|", "0x7"],
    ];
    assert_eq!(lines, expected);
}

#[test]
fn pages_that_cannot_be_built() {
    let guest = Guest::new();
    for (flags, said) in [
        ("--profile snp-qemu", "give the vCPU type"),
        ("--profile snp-qemu --vcpu-type EPYC,EPYC-Rome", "2 CPU signatures, wanted one"),
        ("--profile snp-qemu --vcpu-type EPYC --cpu 1", "--firmware or --reset-address"),
        ("--profile snp-svsm-legacy --vcpu-type EPYC", "--mode snp:svsm --dump-vmsa"),
        ("--profile es-legacy --vcpu-type EPYC --guest-features 1", "SNPActive"),
        ("--profile es-legacy --userspace qemu --vcpu-type EPYC", "cannot be used with"),
        (
            "--profile es-legacy --vcpu-type EPYC --reset-address 1 --firmware OVMF.fd",
            "cannot be used with",
        ),
        ("--vcpu-type EPYC", "--profile"),
        ("--profile es-lagacy --vcpu-type EPYC", "did you mean es-legacy?"),
    ] {
        guest.run(&format!("vmsa build page.bin {flags}")).go().refused_with(&[said]);
        assert!(!guest.folder.join("page.bin").exists(), "{flags}");
    }
}
