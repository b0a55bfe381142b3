//! SNP launches of every VMM, against a second computation that shares nothing with the library.

use sev_launch_abi::{CpuSignature, Gpa, SevFeatures};
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{Warning, libkrun, snp};
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{
    AMD_SEV_SECTIONS, CPUID, FirmwareBuilder, KERNEL_HASHES, SEC_MEM, SECRETS, SVSM_CAA, Section,
};
use sev_launch_testkit::vectors::PageSuite;
use sev_launch_testkit::{kernel, pattern};

const SIGNATURE: u32 = 0x00a0_0f11;
const RESET: u32 = 0x0080_b004;
const HASH_AREA: u32 = 0x0081_0c00;
const CMDLINE: &[u8] = b"console=ttyS0 root=/dev/vda";

/// Name, initial state, features, and order of pages; whether the VMM measures a kernel.
const PROFILES: [(&str, Layout, u64, Vmm, bool); 8] = [
    ("snp-qemu", Layout::QemuFpu, 0x1, Vmm::Qemu, true),
    ("snp-amdese-old", Layout::QemuNofpu, 0x1, Vmm::Qemu, true),
    ("snp-amdese-6.6", Layout::QemuNofpu, 0x21, Vmm::Qemu, true),
    ("snp-amdese-6.9", Layout::QemuFpu, 0x1, Vmm::Qemu, true),
    ("snp-ec2", Layout::Ec2, 0x1, Vmm::Ec2, true),
    ("snp-ec2-rdx0", Layout::Ec2Rdx0, 0x1, Vmm::Ec2, true),
    ("snp-gce", Layout::Gce, 0x1, Vmm::Gce, false),
    ("snp-gce-genoa", Layout::Gce, 0x1, Vmm::GceGenoa, false),
];

/// In no release's order, with more than one page of every kind.
const OTHERS: &[Section] = &[
    Section::new(0x90_0000, 0x2000, CPUID),
    Section::new(0x81_0000, 0x3000, KERNEL_HASHES),
    Section::new(0x95_0000, 0x3000, SECRETS),
    Section::new(0x10_0000, 0x4000, SEC_MEM),
    Section::new(0x94_0000, 0x1000, CPUID),
    Section::new(0x97_0000, 0x2000, SVSM_CAA),
    Section::new(0x00_0000, 0x1000, SEC_MEM),
];

fn absorb(image: &[u8]) -> AbsorbedFirmware {
    Firmware::parse(image).expect("the image is not empty").absorb()
}

fn hashes() -> KernelHashes {
    KernelHashes::of(&kernel::bz_image(5000), &pattern(777, 3, 5), CMDLINE).expect("no NUL")
}

fn hashes_table() -> [u8; 176] {
    let (kernel, initrd) = (kernel::bz_image(5000), pattern(777, 3, 5));
    expected::hashes_table(&kernel, Some(&initrd), Some(CMDLINE))
}

fn check_every_profile(image: &[u8], sections: &[Section]) {
    let firmware = &absorb(image);
    let table = hashes_table();
    let mut checked = 0;
    for (name, layout, features, vmm, measures_kernel) in PROFILES {
        for count in [1, 2, 5] {
            let pages = expected::vmsa_pages(layout, SIGNATURE, features, RESET, count);
            for measured in [false, true] {
                if measured && !measures_kernel {
                    continue;
                }
                let guest = snp::Guest {
                    firmware,
                    kernel_hashes: measured.then(hashes),
                    svsm: None,
                    vcpus: VcpuCount::new(count).expect("a good count"),
                    profile: profile::by_name(name).expect("the profile exists"),
                    vmsas: Vmsas::of_signature(CpuSignature(SIGNATURE)),
                };
                let digest = guest.launch().expect("a good launch").digest();
                let hashes = measured.then_some((&table, HASH_AREA));
                let expected = expected::snp(image, sections, hashes, &pages, vmm);
                let case = (name, count, measured);
                assert_eq!(*digest.as_bytes(), expected, "{case:?}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 6 * 3 * 2 + 2 * 3);
}

#[test]
fn every_profile_on_an_image_of_edk2_s_form() {
    check_every_profile(&FirmwareBuilder::amd_sev().build(), &AMD_SEV_SECTIONS);
}

#[test]
fn every_profile_on_other_sections_of_more_pages() {
    check_every_profile(&FirmwareBuilder::amd_sev().sections(OTHERS).build(), OTHERS);
}

#[test]
fn every_profile_on_an_image_of_other_size() {
    check_every_profile(&FirmwareBuilder::amd_sev().size(0x3000).build(), &AMD_SEV_SECTIONS);
}

// Seen with QEMU 11.1: the last vCPU of a guest whose third one was added by device_add, or by libvirt, holds what the first does.
#[test]
fn late_vcpus_hold_the_first_one_s_registers() {
    let image = FirmwareBuilder::amd_sev().build();
    let firmware = &absorb(&image);
    for (count, late) in [(2, 1), (3, 1), (5, 2), (5, 4), (4, 0)] {
        let vcpus = VcpuCount::new(count).and_then(|vcpus| vcpus.with_late(late)).unwrap();
        let guest = snp::Guest { vcpus, ..guest(firmware) };
        let mut pages = expected::vmsa_pages(Layout::QemuFpu, SIGNATURE, 1, RESET, count - late);
        pages.resize(usize::try_from(count).unwrap(), pages[0]);
        let expected = expected::snp(&image, &AMD_SEV_SECTIONS, None, &pages, Vmm::Qemu);
        let launch = guest.launch().unwrap();
        assert_eq!(*launch.digest().as_bytes(), expected, "{count} {late}");
        let (before, nth) = (launch.before_vmsas(), usize::try_from(count - 1).unwrap());
        let digests = launch.vmsas().expect("VMSAs").digests_with_late(before, late).nth(nth);
        assert_eq!(digests.map(|digest| *digest.as_bytes()), Some(expected), "{count} {late}");
        let last = launch.trace().last().map(|(_, digest)| *digest.as_bytes());
        assert_eq!(last, Some(expected));
    }
}

/// An SNP guest of QEMU, two vCPUs.
fn guest(firmware: &AbsorbedFirmware) -> snp::Guest<'_> {
    snp::Guest {
        firmware,
        kernel_hashes: None,
        svsm: None,
        vcpus: VcpuCount::new(2).expect("a good count"),
        profile: profile::by_name("snp-qemu").expect("the profile exists"),
        vmsas: Vmsas::of_signature(CpuSignature(SIGNATURE)),
    }
}

fn qemu_pages(features: u64) -> Vec<[u8; 4096]> {
    expected::vmsa_pages(Layout::QemuFpu, SIGNATURE, features, RESET, 2)
}

#[test]
fn updates_are_listed_in_the_vmm_s_order() {
    let sections =
        [Section::new(0x90_0000, 0x1000, CPUID), Section::new(0x81_0000, 0x1000, SEC_MEM)];
    let firmware = absorb(&FirmwareBuilder::amd_sev().sections(sections).build());
    let kinds = |name| {
        let profile = profile::by_name(name).unwrap();
        let launch = snp::Guest { profile, ..guest(&firmware) }.launch().unwrap();
        launch.updates().map(|update| (update.what.kind(), update.gpa.0)).collect::<Vec<_>>()
    };
    let (region, vmsa) = (("REGION", 0xffff_0000), ("VMSA", 0xffff_ffff_f000));
    let (cpuid, zero) = (("CPUID", 0x90_0000), ("ZERO", 0x81_0000));
    assert_eq!(kinds("snp-qemu"), [region, cpuid, zero, vmsa, vmsa]);
    assert_eq!(kinds("snp-ec2"), [region, zero, cpuid, vmsa, vmsa]);
    let (unmeasured, wide) = (("UNMEASURED", 0x81_0000), ("VMSA", 0xf_ffff_ffff_f000));
    assert_eq!(kinds("snp-gce-genoa"), [region, cpuid, unmeasured, wide, wide]);
}

#[test]
fn trace_ends_in_the_digest() {
    let firmware = absorb(&FirmwareBuilder::amd_sev().build());
    let launch = guest(&firmware).launch().unwrap();
    let trace: Vec<_> = launch.trace().collect();
    assert_eq!(trace.len(), 1 + 9 + 3 + 1 + 1 + 1 + 15 + 1 + 2);
    assert_eq!(trace.last().map(|(_, digest)| *digest), Some(launch.digest()));
    assert_eq!(trace[0].1, firmware.snp_digest().unwrap());
    assert_eq!(trace[trace.len() - 3].1, launch.before_vmsas());
}

#[test]
fn other_features_are_measured() {
    let image = FirmwareBuilder::amd_sev().build();
    let firmware = absorb(&image);
    for features in [0x0, 0x21, 0x201, u64::MAX] {
        let signature = Some(CpuSignature(SIGNATURE));
        let vmsas = Vmsas::Profile { signature, sev_features: Some(SevFeatures(features)) };
        let digest = snp::Guest { vmsas, ..guest(&firmware) }.launch().unwrap().digest();
        let expected =
            expected::snp(&image, &AMD_SEV_SECTIONS, None, &qemu_pages(features), Vmm::Qemu);
        assert_eq!(*digest.as_bytes(), expected, "{features:#x}");
    }
}

// A firmware digest from elsewhere.

#[test]
fn firmware_s_pages_give_its_digest() {
    let image = FirmwareBuilder::amd_sev().build();
    let firmware = Firmware::parse(&image).unwrap();
    let updates: Vec<_> = firmware.page_updates().unwrap().collect();
    assert_eq!(updates.len(), 16);
    let first = (updates[0].what.kind(), updates[0].gpa);
    assert_eq!(first, ("NORMAL", Gpa(0xffff_0000)));
    let folded = snp::fold(snp::LaunchDigest::START, updates.into_iter());
    assert_eq!(*folded.as_bytes(), expected::snp_firmware(&image));
    assert_eq!(firmware.absorb().snp_digest(), Ok(folded));
}

// More pages than are hashed in one go, so that a batch's last page and the next one's first are there.
#[test]
fn firmware_of_many_pages_gives_its_digest() {
    for pages in [1023, 1024, 1025, 2049] {
        let image = pattern(4096 * pages, 29, 3);
        let digest = absorb(&image).snp_digest().unwrap();
        assert_eq!(*digest.as_bytes(), expected::snp_firmware(&image), "{pages}");
    }
}

#[test]
fn given_firmware_digest_stands_in_for_the_image_s_pages() {
    let image = FirmwareBuilder::amd_sev().build();
    let given = [0x5a; 48];
    let firmware = absorb(&image).with_snp_digest(snp::LaunchDigest::from_bytes(given));
    let digest = guest(&firmware).launch().unwrap().digest();
    let expected = expected::snp_from(given, &AMD_SEV_SECTIONS, None, &qemu_pages(1), Vmm::Qemu);
    assert_eq!(*digest.as_bytes(), expected);
}

// SVSM.

const SVSM_SECTIONS: &[Section] = &[
    Section::new(0x00_8000, 0x1000, SECRETS),
    Section::new(0x00_9000, 0x2000, CPUID),
    Section::new(0x01_0000, 0x3000, SEC_MEM),
];
/// With a firmware and an SVSM of 64 KiB each, puts the SVSM at 0xff9d_0000.
const VARS: u64 = 0x61_0000;
const SVSM_GPA: u64 = 0xff9d_0000;
/// The entry point of the known answers.
const ENTRY: u32 = 0xff9d_4000;

fn svsm_image() -> Vec<u8> {
    let image = FirmwareBuilder::new(0x1_0000).pattern(13, 1).svsm_info(0x4000);
    image.sections(SVSM_SECTIONS).build()
}

#[test]
fn svsm_stands_below_the_variable_store() {
    let firmware = absorb(&FirmwareBuilder::amd_sev().build());
    let svsm = snp::Svsm::place(&svsm_image(), &firmware, VARS).unwrap();
    assert_eq!(svsm.entry(), Gpa(u64::from(ENTRY)));
}

#[test]
fn svsm_launches_measure_the_svsm_s_sections() {
    let (image, svsm_image) = (FirmwareBuilder::amd_sev().build(), svsm_image());
    let firmware = &absorb(&image);
    let svsm = snp::Svsm::place(&svsm_image, firmware, VARS).unwrap();
    for (name, layout) in [
        ("snp-svsm-legacy", Layout::Svsm),
        ("snp-svsm-nofpu", Layout::SvsmNofpu),
        ("snp-svsm-ssm", Layout::SvsmFcw0),
    ] {
        for count in [1, 2, 5] {
            let (vcpus, profile) =
                (VcpuCount::new(count).unwrap(), profile::by_name(name).unwrap());
            let guest = snp::Guest { svsm: Some(&svsm), vcpus, profile, ..guest(firmware) };
            let digest = guest.launch().unwrap().digest();
            let pages = expected::vmsa_pages(layout, SIGNATURE, 1, ENTRY, count);
            let start = expected::snp_firmware(&image);
            let start = expected::normal_pages(start, SVSM_GPA, &svsm_image);
            let expected = expected::snp_from(start, SVSM_SECTIONS, None, &pages, Vmm::Qemu);
            assert_eq!(*digest.as_bytes(), expected, "{name} {count}");
        }
    }
}

// The firmware that an SVSM starts needs neither tables nor a reset address.
#[test]
fn svsm_s_firmware_may_have_no_table() {
    let image = FirmwareBuilder::new(0x1_0000).without_table().build();
    let firmware = &absorb(&image);
    let svsm_image = svsm_image();
    let svsm = snp::Svsm::place(&svsm_image, firmware, 0).unwrap();
    let profile = profile::by_name("snp-svsm-legacy").unwrap();
    let guest = snp::Guest { svsm: Some(&svsm), profile, ..guest(firmware) };
    let pages = expected::vmsa_pages(Layout::Svsm, SIGNATURE, 1, 0xfffe_4000, 2);
    let start = expected::normal_pages(expected::snp_firmware(&image), 0xfffe_0000, &svsm_image);
    let expected = expected::snp_from(start, SVSM_SECTIONS, None, &pages, Vmm::Qemu);
    assert_eq!(*guest.launch().unwrap().digest().as_bytes(), expected);
}

// sev-snp-measure 0.0.13, in testdata/vectors/vmsa-pages.json.
#[test]
fn svsm_page_is_the_one_of_sev_snp_measure() {
    let suite = PageSuite::ours().unwrap();
    let known: Vec<_> = suite.pages.iter().filter(|page| page.profile == "snp-svsm-ssm").collect();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].reset, ENTRY);
    let firmware = absorb(&FirmwareBuilder::amd_sev().build());
    let svsm = snp::Svsm::place(&svsm_image(), &firmware, VARS).unwrap();
    let guest = snp::Guest {
        svsm: Some(&svsm),
        profile: profile::by_name("snp-svsm-ssm").unwrap(),
        vmsas: Vmsas::of_signature(CpuSignature(known[0].signature)),
        ..guest(&firmware)
    };
    let launch = guest.launch().unwrap();
    let digests =
        [&launch.vmsas().expect("VMSAs").pages().bsp, &launch.vmsas().expect("VMSAs").pages().ap]
            .map(|page| snp::PageDigest::of(page.as_bytes()).to_string());
    assert_eq!(digests, [known[0].value.clone(), known[0].value.clone()]);
}

#[test]
fn captured_pages_of_an_svsm_guest_are_measured_as_they_are() {
    let (image, svsm_image) = (FirmwareBuilder::amd_sev().build(), svsm_image());
    let firmware = &absorb(&image);
    let svsm = snp::Svsm::place(&svsm_image, firmware, VARS).unwrap();
    let page = |byte| sev_launch_digest::vmsa::VmsaPage::from_bytes(&[byte; 4096]).unwrap();
    let guest = snp::Guest {
        svsm: Some(&svsm),
        profile: profile::by_name("snp-svsm-ssm").unwrap(),
        vmsas: Vmsas::Captured { bsp: page(1), ap: Some(page(2)) },
        ..guest(firmware)
    };
    let start = expected::normal_pages(expected::snp_firmware(&image), SVSM_GPA, &svsm_image);
    let pages = [[1; 4096], [2; 4096]];
    let expected = expected::snp_from(start, SVSM_SECTIONS, None, &pages, Vmm::Qemu);
    assert_eq!(*guest.launch().unwrap().digest().as_bytes(), expected);
}

// libkrun.

const KRUN_KERNEL: u64 = 0x100_0000;

/// The files of a libkrun guest: firmware, kernel, initrd.
fn krun_files() -> [Vec<u8>; 3] {
    [pattern(0x1_0000, 5, 1), pattern(0x5000, 7, 2), pattern(0x3000, 9, 3)]
}

fn krun<'a>(files: &'a [Vec<u8>; 3], name: &str, count: u32) -> libkrun::Guest<'a> {
    let [qboot, kernel, initrd] = files;
    libkrun::Guest {
        qboot,
        kernel,
        kernel_gpa: Gpa(KRUN_KERNEL),
        initrd,
        vcpus: VcpuCount::new(count).expect("a good count"),
        profile: profile::by_name(name).expect("the profile exists"),
        vmsas: Vmsas::Profile { signature: None, sev_features: None },
    }
}

#[test]
fn libkrun_snp_launches() {
    let files = krun_files();
    let [qboot, kernel, initrd] = &files;
    let mut before = expected::normal_pages([0; 48], 0xffff_0000, qboot);
    before = expected::normal_pages(before, KRUN_KERNEL, kernel);
    before = expected::normal_pages(before, 0xa0_0000, initrd);
    before = expected::normal_pages(before, 0x7000, &[0; 4096]);
    before = expected::extend(before, expected::ZERO, 0, [0; 48]);
    before = expected::extend(before, expected::SECRETS, 0x5000, [0; 48]);
    before = expected::extend(before, expected::CPUID, 0x6000, [0; 48]);
    for gpa in [0x8000, 0x9000, 0xa000, 0xb000, 0xc000, 0xd000, 0xe000] {
        before = expected::extend(before, expected::ZERO, gpa, [0; 48]);
    }
    for (name, layout) in [
        ("snp-krun-1.4", Layout::Krun14Fpu),
        ("snp-krun-1.4-amdese", Layout::Krun14Nofpu),
        ("snp-krun-reset", Layout::KrunReset),
    ] {
        for count in [1, 2, 5] {
            let pages = expected::vmsa_pages(layout, 0, 1, 0, count);
            let expected = expected::snp_from(before, &[], None, &pages, Vmm::Qemu);
            let digest = krun(&files, name, count).launch().unwrap().digest();
            assert_eq!(digest.as_bytes(), expected, "{name} {count}");
        }
    }
}

#[test]
fn libkrun_sev_es_launches() {
    let files = krun_files();
    let loaded = [files.concat(), vec![0; 4096]].concat();
    for (name, layout) in [("es-krun-sevctl", Layout::Krun01), ("es-krun-1.4", Layout::Krun14Nofpu)]
    {
        for count in [1, 2, 5] {
            let pages = expected::vmsa_pages(layout, 0, 0, 0, count);
            let digest = krun(&files, name, count).launch().unwrap().digest();
            let expected = expected::sev_es(&loaded, None, &pages);
            assert_eq!(digest.as_bytes(), expected, "{name} {count}");
        }
    }
}

// Warnings.

#[test]
fn inferred_profile_gives_a_warning() {
    let firmware = absorb(&FirmwareBuilder::amd_sev().build());
    let svsm = snp::Svsm::place(&svsm_image(), &firmware, VARS).unwrap();
    let profile = profile::by_name("snp-svsm-legacy").unwrap();
    let launch = snp::Guest { svsm: Some(&svsm), profile, ..guest(&firmware) }.launch().unwrap();
    assert_eq!(launch.warnings(), [Warning::Unconfirmed { profile: "snp-svsm-legacy" }]);
}

#[test]
fn good_launch_has_no_warning() {
    let firmware = absorb(&FirmwareBuilder::amd_sev().build());
    assert_eq!(guest(&firmware).launch().unwrap().warnings(), []);
}
