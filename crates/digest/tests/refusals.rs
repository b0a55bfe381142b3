//! Launches that a VMM refuses, and launches that nobody can know the digest of: no digest, and the exact reason.
//!
//! A digest of something that no host launches describes nothing, and a reader takes it for an answer. Where a refusal
//! has a border, what lies just on the good side of it is measured here too.

use sev_launch_abi::{CpuSignature, Gpa, SevFeatures, Technology};
use sev_launch_digest::firmware::{AbsorbedFirmware, Firmware};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::profile::{self, LaunchProfile};
use sev_launch_digest::snp::svsm;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::{Vmsa, VmsaPage, Vmsas};
use sev_launch_digest::{Error, Warning, firmware, libkrun, sev, sev_es, snp, vcpus, vmsa};
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{
    FirmwareBuilder, HASH_AREA, KERNEL_HASHES, RESET_BLOCK, SEC_MEM, SEV_METADATA, Section,
};

const SIGNATURE: u32 = 0x00a0_0f11;
const RESET: u32 = 0x0080_b004;

const KERNEL: &[u8] = b"a kernel";

fn absorb(image: &FirmwareBuilder) -> AbsorbedFirmware {
    Firmware::parse(&image.build()).expect("the image is not empty").absorb()
}

fn profile(name: &str) -> &'static LaunchProfile {
    profile::by_name(name).expect("the profile exists")
}

fn hashes() -> KernelHashes {
    KernelHashes::of(KERNEL, b"", b"").expect("no NUL")
}

fn hashes_table() -> [u8; 176] {
    expected::hashes_table(KERNEL, None, None)
}

fn vmsas() -> Vmsas {
    Vmsas::of_signature(CpuSignature(SIGNATURE))
}

fn sev_guest(firmware: &AbsorbedFirmware) -> sev::Guest<'_> {
    sev::Guest { firmware, kernel_hashes: None }
}

fn sev_es_guest(firmware: &AbsorbedFirmware) -> sev_es::Guest<'_> {
    sev_es::Guest {
        firmware,
        kernel_hashes: None,
        vcpus: VcpuCount::ONE,
        profile: profile("es-legacy"),
        vmsas: vmsas(),
    }
}

fn snp_guest(firmware: &AbsorbedFirmware) -> snp::Guest<'_> {
    snp::Guest {
        firmware,
        kernel_hashes: None,
        svsm: None,
        vcpus: VcpuCount::ONE,
        profile: profile("snp-qemu"),
        vmsas: vmsas(),
    }
}

fn sev_answer(guest: &sev::Guest<'_>) -> Result<[u8; 32], Error> {
    Ok(*guest.launch()?.digest().as_bytes())
}

fn sev_es_answer(guest: &sev_es::Guest<'_>) -> Result<[u8; 32], Error> {
    Ok(*guest.launch()?.digest().as_bytes())
}

fn snp_answer(guest: &snp::Guest<'_>) -> Result<[u8; 48], Error> {
    Ok(*guest.launch()?.digest().as_bytes())
}

/// A measured kernel is refused with this firmware, in every technology.
fn assert_kernel_refused(image: &FirmwareBuilder, error: &Error) {
    let firmware = &absorb(image);
    let kernel_hashes = Some(hashes());
    let sev = sev::Guest { kernel_hashes, ..sev_guest(firmware) };
    assert_eq!(sev_answer(&sev), Err(error.clone()));
    let sev_es = sev_es::Guest { kernel_hashes, ..sev_es_guest(firmware) };
    assert_eq!(sev_es_answer(&sev_es), Err(error.clone()));
    let snp = snp::Guest { kernel_hashes, ..snp_guest(firmware) };
    assert_eq!(snp_answer(&snp), Err(error.clone()));
}

// Kernel hashes and the area for them.

#[test]
fn kernel_without_hash_area_is_refused() {
    assert_kernel_refused(
        &FirmwareBuilder::amd_sev().without(HASH_AREA),
        &firmware::Error::NoHashArea.into(),
    );
}

#[test]
fn firmware_without_hash_area_is_measured_without_a_kernel() {
    let image = FirmwareBuilder::amd_sev().without(HASH_AREA);
    let firmware = absorb(&image);
    assert_eq!(sev_answer(&sev_guest(&firmware)), Ok(expected::sev(&image.build(), None)));
}

#[test]
fn hash_area_at_address_0_is_refused() {
    for size in [0, 0x400] {
        let image = FirmwareBuilder::amd_sev().hash_area(0, size);
        assert_kernel_refused(&image, &firmware::Error::HashAreaBaseZero { size }.into());
    }
}

#[test]
fn hash_area_of_175_bytes_is_refused() {
    for size in [0, 175] {
        let image = FirmwareBuilder::amd_sev().hash_area(0x81_0c00, size);
        let base = Gpa(0x81_0c00);
        assert_kernel_refused(&image, &firmware::Error::HashAreaTooSmall { base, size }.into());
    }
}

// AMD 55766, LAUNCH_UPDATE_DATA: address and length are multiples of 16. SNP takes in pages, so there it does not matter.
#[test]
fn hash_area_that_is_not_aligned_is_refused_but_in_snp() {
    let firmware = absorb(&FirmwareBuilder::amd_sev().hash_area(0x81_0c08, 0x200));
    let kernel_hashes = Some(hashes());
    let refused = Err(firmware::Error::HashAreaAlignment { base: Gpa(0x81_0c08) }.into());
    let sev = sev::Guest { firmware: &firmware, kernel_hashes };
    assert_eq!(sev.launch().map(drop), refused);
    let sev_es = sev_es::Guest { kernel_hashes, ..sev_es_guest(&firmware) };
    assert_eq!(sev_es.launch().map(drop), refused);
    let snp = snp::Guest { kernel_hashes, ..snp_guest(&firmware) };
    assert_eq!(snp.launch().map(drop), Ok(()));
    // Without a kernel nothing is put there.
    assert_eq!(sev_es_guest(&firmware).launch().map(drop), Ok(()));
}

#[test]
fn hash_area_of_176_bytes_is_accepted() {
    let image = FirmwareBuilder::amd_sev().hash_area(0x81_0c00, 176);
    let firmware = &absorb(&image);
    let kernel_hashes = Some(hashes());
    let (image, table) = (image.build(), hashes_table());
    let sev = sev::Guest { kernel_hashes, ..sev_guest(firmware) };
    assert_eq!(sev_answer(&sev), Ok(expected::sev(&image, Some(&table))));
    let pages = expected::vmsa_pages(Layout::QemuNofpu, SIGNATURE, 0, RESET, 1);
    let sev_es = sev_es::Guest { kernel_hashes, ..sev_es_guest(firmware) };
    assert_eq!(sev_es_answer(&sev_es), Ok(expected::sev_es(&image, Some(&table), &pages)));
    assert!(snp_answer(&snp::Guest { kernel_hashes, ..snp_guest(firmware) }).is_ok());
}

#[test]
fn snp_kernel_without_its_section_is_refused() {
    let sections = [Section::new(0x80_0000, 0x9000, SEC_MEM)];
    let image = FirmwareBuilder::amd_sev().sections(sections);
    let firmware = &absorb(&image);
    let kernel_hashes = Some(hashes());
    let snp = snp::Guest { kernel_hashes, ..snp_guest(firmware) };
    assert_eq!(snp_answer(&snp), Err(firmware::Error::NoKernelHashesSection.into()));
    // SEV and SEV-ES measure the table without any section.
    let sev = sev::Guest { kernel_hashes, ..sev_guest(firmware) };
    let expected = expected::sev(&image.build(), Some(&hashes_table()));
    assert_eq!(sev_answer(&sev), Ok(expected));
}

/// An SNP guest with a kernel: the area at this offset of its page, the section of this length.
fn with_area_at(offset: u32, length: u32) -> (Result<[u8; 48], Error>, [u8; 48]) {
    let sections =
        [Section::new(0x80_0000, 0x1000, SEC_MEM), Section::new(0x81_0000, length, KERNEL_HASHES)];
    let area = 0x81_0000 + offset;
    let image = FirmwareBuilder::amd_sev().sections(sections).hash_area(area, 0x1000);
    let firmware = absorb(&image);
    let guest = snp::Guest { kernel_hashes: Some(hashes()), ..snp_guest(&firmware) };
    let pages = expected::vmsa_pages(Layout::QemuFpu, SIGNATURE, 1, RESET, 1);
    let table = hashes_table();
    // Where the table crosses the section's end there is nothing to expect, so the table goes to its start.
    let fits = offset + 176 <= length;
    let hashes = Some((&table, if fits { area } else { 0x81_0000 }));
    let expected = expected::snp(&image.build(), &sections, hashes, &pages, Vmm::Qemu);
    (snp_answer(&guest), expected)
}

#[test]
fn hash_table_may_end_where_its_section_does() {
    let (answer, expected) = with_area_at(4096 - 176, 0x1000);
    assert_eq!(answer, Ok(expected));
}

#[test]
fn hash_table_that_crosses_its_section_s_end_is_refused() {
    for offset in [4096 - 175, 0xfff] {
        let (answer, _) = with_area_at(offset, 0x1000);
        let (offset, section) = (u64::from(offset), Gpa(0x81_0000));
        let error =
            firmware::Error::HashTableCrossesSection { offset, section, length: 0x1000 }.into();
        assert_eq!(answer, Err(error));
    }
}

#[test]
fn hash_table_may_cross_into_its_section_s_second_page() {
    for length in [0x2000, 0x3000] {
        for offset in [4096 - 175, 0xfff] {
            let (answer, expected) = with_area_at(offset, length);
            assert_eq!(answer, Ok(expected), "{offset:#x} {length:#x}");
        }
    }
}

#[test]
fn gce_with_a_kernel_is_refused() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    for name in ["snp-gce", "snp-gce-genoa"] {
        let guest = snp::Guest {
            kernel_hashes: Some(hashes()),
            profile: profile(name),
            ..snp_guest(&firmware)
        };
        let error = Error::ProfileWithoutKernelHashes { profile: name };
        assert_eq!(snp_answer(&guest), Err(error));
    }
}

// The reset address.

#[test]
fn reset_address_0_is_refused_where_vmsas_are_measured() {
    let image = FirmwareBuilder::amd_sev().reset(0);
    let firmware = absorb(&image);
    assert_eq!(sev_answer(&sev_guest(&firmware)), Ok(expected::sev(&image.build(), None)));
    assert_eq!(
        sev_es_answer(&sev_es_guest(&firmware)),
        Err(firmware::Error::ResetAddressZero.into())
    );
    assert_eq!(snp_answer(&snp_guest(&firmware)), Err(firmware::Error::ResetAddressZero.into()));
}

#[test]
fn absent_reset_address_is_refused_where_vmsas_are_measured() {
    let image = FirmwareBuilder::amd_sev().without(RESET_BLOCK);
    let firmware = absorb(&image);
    assert_eq!(sev_answer(&sev_guest(&firmware)), Ok(expected::sev(&image.build(), None)));
    assert_eq!(
        sev_es_answer(&sev_es_guest(&firmware)),
        Err(firmware::Error::NoResetAddress.into())
    );
    assert_eq!(snp_answer(&snp_guest(&firmware)), Err(firmware::Error::NoResetAddress.into()));
}

#[test]
fn pages_of_a_profile_need_a_reset_address() {
    let signature = Some(CpuSignature(SIGNATURE));
    let pages = profile("es-legacy").vmsa_pages(None, signature, None);
    assert_eq!(pages, Err(firmware::Error::NoResetAddress.into()));
}

// The metadata and the image of an SNP guest.

#[test]
fn snp_without_metadata_is_refused() {
    let firmware = absorb(&FirmwareBuilder::amd_sev().without_metadata());
    assert_eq!(snp_answer(&snp_guest(&firmware)), Err(firmware::Error::NoMetadata.into()));
}

#[test]
fn snp_without_table_is_refused() {
    let firmware = absorb(&FirmwareBuilder::new(0x1_0000).without_table());
    assert_eq!(snp_answer(&snp_guest(&firmware)), Err(firmware::Error::NoMetadata.into()));
    let no_table = firmware::Error::NoTable { needed_for: "the kernel hash table area" }.into();
    assert_kernel_refused_by_sev(&firmware, &no_table);
}

fn assert_kernel_refused_by_sev(firmware: &AbsorbedFirmware, error: &Error) {
    let guest = sev::Guest { kernel_hashes: Some(hashes()), ..sev_guest(firmware) };
    assert_eq!(sev_answer(&guest), Err(error.clone()));
}

#[test]
fn snp_image_that_is_no_whole_pages_is_refused() {
    for size in [0x1_0001, 0xffff, 0x1_0800] {
        let firmware = absorb(&FirmwareBuilder::amd_sev().size(size));
        let size = u64::try_from(size).unwrap();
        assert_eq!(
            snp_answer(&snp_guest(&firmware)),
            Err(firmware::Error::NotPages { size }.into())
        );
        assert_eq!(firmware.snp_digest(), Err(firmware::Error::NotPages { size }));
    }
}

#[test]
fn trace_of_pages_of_an_odd_image_is_refused() {
    let image = FirmwareBuilder::amd_sev().size(0x1_0001).build();
    let answer = Firmware::parse(&image).unwrap().page_updates().map(Iterator::count);
    assert_eq!(answer, Err(firmware::Error::NotPages { size: 0x1_0001 }));
}

// The guest.

#[test]
fn no_vcpu_is_refused() {
    assert_eq!(VcpuCount::new(0), Err(vcpus::Error::Count { found: 0 }));
}

#[test]
fn as_many_as_4096_vcpus_are_measured() {
    let image = FirmwareBuilder::amd_sev();
    let (firmware, vcpus) = (absorb(&image), VcpuCount::new(4096).unwrap());
    let pages = expected::vmsa_pages(Layout::QemuNofpu, SIGNATURE, 0, RESET, 4096);
    let guest = sev_es::Guest { vcpus, ..sev_es_guest(&firmware) };
    assert_eq!(sev_es_answer(&guest), Ok(expected::sev_es(&image.build(), None, &pages)));
}

#[test]
fn more_than_4096_vcpus_are_refused() {
    assert_eq!(VcpuCount::new(4097), Err(vcpus::Error::Count { found: 4097 }));
    assert_eq!(VcpuCount::new(u32::MAX), Err(vcpus::Error::Count { found: 0xffff_ffff }));
}

#[test]
fn sev_es_features_with_the_snp_bit_are_refused() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    for found in [1, 0x21, u64::MAX] {
        let sev_features = Some(SevFeatures(found));
        let vmsas = Vmsas::Profile { signature: Some(CpuSignature(SIGNATURE)), sev_features };
        let guest = sev_es::Guest { vmsas, ..sev_es_guest(&firmware) };
        assert_eq!(sev_es_answer(&guest), Err(vmsa::Error::SevEsFeatures { found }.into()));
    }
}

#[test]
fn snp_features_without_the_snp_bit_give_a_warning() {
    let image = FirmwareBuilder::amd_sev();
    let firmware = absorb(&image);
    let features = SevFeatures(0x20);
    let signature = Some(CpuSignature(SIGNATURE));
    let vmsas = Vmsas::Profile { signature, sev_features: Some(features) };
    let launch = snp::Guest { vmsas, ..snp_guest(&firmware) }.launch().unwrap();
    assert_eq!(launch.warnings(), [Warning::NoSnpActive { features }]);
}

#[test]
fn feature_bits_that_no_host_sets_give_a_warning() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    let features = SevFeatures(0x28);
    let signature = Some(CpuSignature(SIGNATURE));
    let vmsas = Vmsas::Profile { signature, sev_features: Some(features) };
    let guest = sev_es::Guest { vmsas, ..sev_es_guest(&firmware) };
    let unknown = SevFeatures(8);
    let expected = [Warning::UnknownFeatures { features, unknown }];
    assert_eq!(guest.launch().unwrap().warnings(), expected);
}

#[test]
fn gce_counts_that_google_does_not_endorse_give_a_warning() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    let warnings = |count| {
        let (vcpus, profile) = (VcpuCount::new(count).unwrap(), profile("snp-gce"));
        let guest = snp::Guest { vcpus, profile, ..snp_guest(&firmware) };
        guest.launch().unwrap().warnings().to_vec()
    };
    // Google, gce-tcb-verifier: the counts it publishes.
    for count in [1, 2, 4, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 224, 240] {
        assert_eq!(warnings(count), [], "{count}");
    }
    for count in [3, 5, 225, 4096] {
        let expected = format!(
            "{count} vCPUs: Google publishes endorsements for 1, 2, 4, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 224 and 240 only"
        );
        assert_eq!(warnings(count).iter().map(Warning::to_string).collect::<Vec<_>>(), [expected]);
    }
}

// [APM2, VMSA layout]: SEV_FEATURES at 0x3b0.
#[test]
fn captured_sev_es_page_with_the_snp_bit_is_refused() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    let mut page = [0; 4096];
    page[0x3b0] = 0x21;
    let bsp = VmsaPage::from_bytes(&page).unwrap();
    let guest =
        sev_es::Guest { vmsas: Vmsas::Captured { bsp, ap: None }, ..sev_es_guest(&firmware) };
    assert_eq!(sev_es_answer(&guest), Err(vmsa::Error::SevEsFeatures { found: 0x21 }.into()));
}

/// Pages of any bytes, with even ones: odd ones would have the SNP bit.
fn captured(ap: bool) -> Vmsas {
    let page = |byte| VmsaPage::from_bytes(&[byte; 4096]).expect("a page");
    Vmsas::Captured { bsp: page(2), ap: ap.then(|| page(4)) }
}

#[test]
fn captured_page_of_the_first_vcpu_is_enough_for_one() {
    let image = FirmwareBuilder::amd_sev();
    let firmware = absorb(&image);
    let guest = sev_es::Guest { vmsas: captured(false), ..sev_es_guest(&firmware) };
    let expected = expected::sev_es(&image.build(), None, &[[2; 4096]]);
    assert_eq!(sev_es_answer(&guest), Ok(expected));
}

#[test]
fn captured_page_of_the_first_vcpu_is_not_enough_for_two() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    let vcpus = VcpuCount::new(2).unwrap();
    let refused = Error::NoCapturedAp { vcpus: 2 };
    let guest = sev_es::Guest { vmsas: captured(false), vcpus, ..sev_es_guest(&firmware) };
    assert_eq!(sev_es_answer(&guest), Err(refused.clone()));
    let guest = snp::Guest { vmsas: captured(false), vcpus, ..snp_guest(&firmware) };
    assert_eq!(snp_answer(&guest), Err(refused));
}

#[test]
fn captured_pages_are_measured_as_they_are() {
    let image = FirmwareBuilder::amd_sev();
    let firmware = absorb(&image);
    let vcpus = VcpuCount::new(3).unwrap();
    let guest = sev_es::Guest { vmsas: captured(true), vcpus, ..sev_es_guest(&firmware) };
    let expected = expected::sev_es(&image.build(), None, &[[2; 4096], [4; 4096], [4; 4096]]);
    assert_eq!(sev_es_answer(&guest), Ok(expected));
}

// Profiles.

#[test]
fn unknown_profile_is_an_error() {
    for name in ["", "es-Legacy", "es-legacy ", "snp-igvm "] {
        let found = name.to_owned();
        assert_eq!(profile::by_name(name), Err(profile::Error::UnknownProfile { found }));
    }
}

#[test]
fn profile_of_another_technology_is_refused() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    let guest = sev_es::Guest { profile: profile("snp-qemu"), ..sev_es_guest(&firmware) };
    let (wanted, found) = (Technology::Snp, Technology::SevEs);
    let error = Error::ProfileTechnology { profile: "snp-qemu", wanted, found };
    assert_eq!(sev_es_answer(&guest), Err(error));
    let guest = snp::Guest { profile: profile("es-legacy"), ..snp_guest(&firmware) };
    let (wanted, found) = (Technology::SevEs, Technology::Snp);
    let error = Error::ProfileTechnology { profile: "es-legacy", wanted, found };
    assert_eq!(snp_answer(&guest), Err(error));
}

#[test]
fn missing_signature_is_refused_where_the_profile_measures_it() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    let nothing = || Vmsas::Profile { signature: None, sev_features: None };
    let guest = sev_es::Guest { vmsas: nothing(), ..sev_es_guest(&firmware) };
    assert_eq!(sev_es_answer(&guest), Err(Error::NoSignature { profile: "es-legacy" }));
    let guest = snp::Guest { vmsas: nothing(), ..snp_guest(&firmware) };
    assert_eq!(snp_answer(&guest), Err(Error::NoSignature { profile: "snp-qemu" }));
}

#[test]
fn missing_signature_does_not_matter_where_the_profile_measures_none() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    for name in ["snp-ec2", "snp-ec2-rdx0", "snp-gce", "snp-gce-genoa"] {
        let nothing = Vmsas::Profile { signature: None, sev_features: None };
        let with = snp::Guest { profile: profile(name), ..snp_guest(&firmware) };
        let without = snp::Guest { vmsas: nothing, ..with.clone() };
        assert_eq!(snp_answer(&without), snp_answer(&with), "{name}");
        assert!(snp_answer(&with).is_ok(), "{name}");
    }
}

// SVSM.

/// A good SVSM image.
fn svsm_image() -> FirmwareBuilder {
    let sections = [Section::new(0x10_0000, 0x1000, SEC_MEM)];
    FirmwareBuilder::new(0x1_0000).svsm_info(0x4000).sections(sections)
}

fn place(svsm: &FirmwareBuilder, vars_size: u64) -> Result<snp::Svsm, Error> {
    snp::Svsm::place(&svsm.build(), &absorb(&FirmwareBuilder::amd_sev()), vars_size)
}

#[test]
fn svsm_profile_without_an_svsm_is_refused() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    for name in ["snp-svsm-legacy", "snp-svsm-ssm"] {
        let guest = snp::Guest { profile: profile(name), ..snp_guest(&firmware) };
        let error = Error::ProfileSvsm { profile: name, wanted: true };
        assert_eq!(snp_answer(&guest), Err(error));
    }
}

#[test]
fn svsm_with_another_profile_is_refused() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    let svsm = place(&svsm_image(), 0).unwrap();
    let guest = snp::Guest { svsm: Some(&svsm), ..snp_guest(&firmware) };
    let error = Error::ProfileSvsm { profile: "snp-qemu", wanted: false };
    assert_eq!(snp_answer(&guest), Err(error));
}

#[test]
fn svsm_with_a_kernel_is_refused() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    let svsm = place(&svsm_image(), 0).unwrap();
    let guest = snp::Guest {
        svsm: Some(&svsm),
        kernel_hashes: Some(hashes()),
        profile: profile("snp-svsm-legacy"),
        ..snp_guest(&firmware)
    };
    let error = Error::ProfileWithoutKernelHashes { profile: "snp-svsm-legacy" };
    assert_eq!(snp_answer(&guest), Err(error));
}

#[test]
fn svsm_guest_needs_a_signature() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    let svsm = place(&svsm_image(), 0).unwrap();
    let guest = snp::Guest {
        svsm: Some(&svsm),
        profile: profile("snp-svsm-ssm"),
        vmsas: Vmsas::Profile { signature: None, sev_features: None },
        ..snp_guest(&firmware)
    };
    assert_eq!(snp_answer(&guest), Err(Error::NoSignature { profile: "snp-svsm-ssm" }));
}

#[test]
fn image_without_svsm_info_is_no_svsm() {
    let image = FirmwareBuilder::amd_sev();
    assert_eq!(place(&image, 0), Err(firmware::Error::NoSvsmInfo.into()));
    assert_eq!(place(&image.without_table(), 0), Err(firmware::Error::NoSvsmInfo.into()));
}

#[test]
fn svsm_without_metadata_is_refused() {
    assert_eq!(
        place(&svsm_image().without(SEV_METADATA), 0),
        Err(firmware::Error::NoMetadata.into())
    );
}

#[test]
fn svsm_of_no_whole_pages_is_refused() {
    let error = firmware::Error::NotPages { size: 0x1_0800 }.into();
    assert_eq!(place(&svsm_image().size(0x1_0800), 0), Err(error));
}

#[test]
fn svsm_over_a_firmware_of_no_whole_pages_is_refused() {
    let firmware = absorb(&FirmwareBuilder::amd_sev().size(0x1_0800));
    let answer = snp::Svsm::place(&svsm_image().build(), &firmware, 0);
    assert_eq!(answer, Err(firmware::Error::NotPages { size: 0x1_0800 }.into()));
}

#[test]
fn variable_store_of_no_whole_pages_is_refused() {
    for vars in [1, 2048, 4095, 0x8_4001] {
        assert_eq!(place(&svsm_image(), vars), Err(svsm::Error::VarsNotPages { vars }.into()));
    }
}

#[test]
fn svsm_below_address_0_is_refused() {
    let (svsm, firmware) = (0x1_0000, 0x1_0000);
    let most = 0xfffe_0000;
    assert_eq!(place(&svsm_image(), most).map(|svsm| svsm.entry()), Ok(Gpa(0x4000)));
    for vars in [most + 4096, 0xffff_0000, 0xffff_f000, u64::MAX - 4095] {
        let error = svsm::Error::DoesNotFit { svsm, vars, firmware }.into();
        assert_eq!(place(&svsm_image(), vars), Err(error));
    }
}

// libkrun.

fn krun<'a>(qboot: &'a [u8], kernel: &'a [u8], initrd: &'a [u8]) -> libkrun::Guest<'a> {
    libkrun::Guest {
        qboot,
        kernel,
        kernel_gpa: Gpa(0x100_0000),
        initrd,
        vcpus: VcpuCount::ONE,
        profile: profile("snp-krun-1.4"),
        vmsas: Vmsas::Profile { signature: None, sev_features: None },
    }
}

#[test]
fn libkrun_profile_without_libkrun_s_files_is_refused() {
    let firmware = absorb(&FirmwareBuilder::amd_sev());
    for name in ["es-krun-sevctl", "es-krun-1.4"] {
        let guest = sev_es::Guest { profile: profile(name), ..sev_es_guest(&firmware) };
        assert_eq!(sev_es_answer(&guest), Err(Error::ProfileOfLibkrun { profile: name }));
    }
    for name in ["snp-krun-1.4", "snp-krun-1.4-amdese", "snp-krun-reset"] {
        let guest = snp::Guest { profile: profile(name), ..snp_guest(&firmware) };
        assert_eq!(snp_answer(&guest), Err(Error::ProfileOfLibkrun { profile: name }));
    }
}

#[test]
fn libkrun_s_files_with_another_profile_are_refused() {
    let page = [7; 4096];
    let guest = |name| libkrun::Guest { profile: profile(name), ..krun(&page, &page, &page) };
    let refused = |name| Error::ProfileNotOfLibkrun { profile: name };
    for name in ["es-legacy", "snp-qemu"] {
        assert_eq!(guest(name).launch(), Err(refused(name)));
    }
}

#[test]
fn libkrun_snp_files_that_are_no_whole_pages_are_refused() {
    let page = [7; 8192];
    for length in [0, 1, 4095, 4097] {
        let (odd, found) = (&page[..length], u64::try_from(length).unwrap());
        let refused = |what| Err(libkrun::Error::Length { what, found, wanted: 4096 }.into());
        assert_eq!(krun(odd, &page, &page).launch(), refused("firmware"));
        assert_eq!(krun(&page, odd, &page).launch(), refused("kernel"));
        assert_eq!(krun(&page, &page, odd).launch(), refused("initrd"));
    }
}

#[test]
fn libkrun_sev_es_files_that_are_no_multiple_of_16_are_refused() {
    let page = [7; 4096];
    for length in [0, 15, 17] {
        let (odd, found) = (&page[..length], u64::try_from(length).unwrap());
        let refused = |what| Err(libkrun::Error::Length { what, found, wanted: 16 }.into());
        let answer = |guest: libkrun::Guest<'_>| {
            libkrun::Guest { profile: profile("es-krun-1.4"), ..guest }
                .launch()
                .map(|launch| launch.digest())
        };
        assert_eq!(answer(krun(odd, &page, &page)), refused("firmware"));
        assert_eq!(answer(krun(&page, odd, &page)), refused("kernel"));
        assert_eq!(answer(krun(&page, &page, odd)), refused("initrd"));
    }
}

#[test]
fn libkrun_captured_pages_without_a_further_vcpu_s_are_refused() {
    let page = [7; 4096];
    let vcpus = VcpuCount::new(2).unwrap();
    let guest = libkrun::Guest { vcpus, vmsas: captured(false), ..krun(&page, &page, &page) };
    assert_eq!(guest.launch(), Err(Error::NoCapturedAp { vcpus: 2 }));
}

#[test]
fn captured_page_of_a_further_vcpu_with_the_snp_bit_is_refused() {
    let image = FirmwareBuilder::amd_sev().build();
    let firmware = Firmware::parse(&image).unwrap().absorb();
    let plain = Vmsa::ZERO.to_page();
    let snp = Vmsa { sev_features: 1, ..Vmsa::ZERO }.to_page();
    let guest = sev_es::Guest {
        firmware: &firmware,
        kernel_hashes: None,
        vcpus: VcpuCount::new(2).unwrap(),
        profile: profile::by_name("es-legacy").unwrap(),
        vmsas: Vmsas::Captured { bsp: plain, ap: Some(snp) },
    };
    assert_eq!(guest.launch().err(), Some(vmsa::Error::SevEsFeatures { found: 1 }.into()));
}

#[test]
fn svsm_whose_entry_is_past_its_end_is_refused() {
    let image = svsm_image().without(sev_launch_testkit::firmware::SVSM_INFO).svsm_info(u32::MAX);
    let size = u64::try_from(image.build().len()).unwrap();
    assert_eq!(place(&image, 0).err(), Some(svsm::Error::Entry { found: u32::MAX, size }.into()));
}
