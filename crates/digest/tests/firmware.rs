//! What a launcher finds in a firmware image, and every way in which an image's tables can be wrong.
//!
//! Offsets are those of the made-up image of 64 KiB: the footer's GUID stands at 0xffd0 and its length at 0xffce, and
//! below them the reset block (payload at 0xffb8), the secret area (0xff9e), the hash area (0xff84) and the metadata's
//! record (0xff6e), which points to 0xfa3c.

use sev_launch_abi::reader::OutOfBounds;
use sev_launch_abi::{CpuSignature, Gpa, Guid};
use sev_launch_digest::firmware::{Area, Firmware, SectionKind};
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{Error, Warning, firmware, profile, sev, sev_es, snp};
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{
    self as made, CPUID, FOOTER, FirmwareBuilder, HASH_AREA, RESET_BLOCK, SEC_MEM, SECRET_AREA,
    SECRETS, SEV_METADATA, SVSM_INFO, Section,
};
use sev_launch_testkit::pattern;

const SIGNATURE: u32 = 0x00a0_0f11;
const RESET: u32 = 0x0080_b004;
const SIZE: u64 = 0x1_0000;
const FOOTER_LENGTH: u64 = 0xffce;
const TABLE_END: u64 = 0xffe0;
const TABLE_LENGTH: u16 = 18 + 22 + 26 + 26 + 22;
const METADATA_PAYLOAD: u64 = 0xff6e;
const METADATA: u64 = 0xfa3c;

fn guid(text: &str) -> Guid {
    Guid::from_bytes(made::guid(text))
}

fn vmsas() -> Vmsas {
    Vmsas::of_signature(CpuSignature(SIGNATURE))
}

fn sev_digest(image: &[u8]) -> Result<[u8; 32], Error> {
    let firmware = &Firmware::parse(image)?.absorb();
    let launch = sev::Guest { firmware, kernel_hashes: None }.launch()?;
    Ok(*launch.digest().as_bytes())
}

fn sev_digest_with_kernel(image: &[u8]) -> Result<[u8; 32], Error> {
    let firmware = &Firmware::parse(image)?.absorb();
    let nothing = KernelHashes::no_initrd();
    let hashes = KernelHashes { kernel: nothing, initrd: nothing, cmdline: nothing };
    let launch = sev::Guest { firmware, kernel_hashes: Some(hashes) }.launch()?;
    Ok(*launch.digest().as_bytes())
}

fn sev_es_digest(image: &[u8]) -> Result<[u8; 32], Error> {
    let (firmware, vcpus) = (&Firmware::parse(image)?.absorb(), VcpuCount::new(2)?);
    let profile = profile::by_name("es-legacy")?;
    let guest = sev_es::Guest { firmware, kernel_hashes: None, vcpus, profile, vmsas: vmsas() };
    Ok(*guest.launch()?.digest().as_bytes())
}

fn snp_digest(image: &[u8]) -> Result<[u8; 48], Error> {
    let (firmware, vcpus) = (&Firmware::parse(image)?.absorb(), VcpuCount::new(2)?);
    let profile = profile::by_name("snp-qemu")?;
    let (kernel_hashes, svsm) = (None, None);
    let guest = snp::Guest { firmware, kernel_hashes, svsm, vcpus, profile, vmsas: vmsas() };
    Ok(*guest.launch()?.digest().as_bytes())
}

fn expected_sev_es(image: &[u8], reset: u32) -> [u8; 32] {
    expected::sev_es(image, None, &expected::vmsa_pages(Layout::QemuNofpu, SIGNATURE, 0, reset, 2))
}

fn expected_snp(image: &[u8], sections: &[Section]) -> [u8; 48] {
    let pages = expected::vmsa_pages(Layout::QemuFpu, SIGNATURE, 1, RESET, 2);
    expected::snp(image, sections, None, &pages, Vmm::Qemu)
}

fn warnings(image: &[u8]) -> Vec<Warning> {
    Firmware::parse(image).expect("the image is not empty").absorb().warnings().to_vec()
}

/// The table is broken so: SEV answers all the same and says why, everything that reads a table refuses.
fn assert_table_error(image: &[u8], error: &firmware::Error) {
    let firmware = Firmware::parse(image).expect("the image is not empty");
    assert_eq!(firmware.table(), Err(error.clone()));
    assert_eq!(firmware.tables().metadata, Err(error.clone()));
    assert_eq!(sev_digest(image), Ok(expected::sev(image, None)));
    assert!(warnings(image).contains(&Warning::BrokenTables(error.clone())));
    assert_eq!(sev_digest_with_kernel(image), Err(error.clone().into()));
    assert_eq!(sev_es_digest(image), Err(error.clone().into()));
    if image.len().is_multiple_of(4096) {
        assert_eq!(snp_digest(image), Err(error.clone().into()));
    }
}

/// The metadata is broken so: SNP refuses, SEV and SEV-ES answer all the same and say why.
fn assert_metadata_error(image: &[u8], error: &firmware::Error) {
    let firmware = Firmware::parse(image).expect("the image is not empty");
    assert_eq!(firmware.tables().metadata, Err(error.clone()));
    assert_eq!(warnings(image), [Warning::BrokenTables(error.clone())]);
    assert_eq!(snp_digest(image), Err(error.clone().into()));
    assert_eq!(sev_digest(image), Ok(expected::sev(image, None)));
    assert_eq!(sev_es_digest(image), Ok(expected_sev_es(image, RESET)));
}

/// An image of 64 KiB whose metadata has these sections only.
fn with_sections(sections: &[Section]) -> Vec<u8> {
    FirmwareBuilder::amd_sev().sections(sections).build()
}

const GOOD: Section = Section::new(0x80_0000, 0x1000, SEC_MEM);

// Sizes.

#[test]
fn empty_image_is_an_error() {
    assert_eq!(Firmware::parse(&[]), Err(firmware::Error::Empty));
}

#[test]
fn sev_measures_images_too_small_for_a_footer() {
    for size in [1, 20, 40, 47] {
        let image = pattern(size, 31, 7);
        assert_eq!(sev_digest(&image), Ok(expected::sev(&image, None)), "{size}");
        assert_eq!(Firmware::parse(&image).unwrap().table(), Ok(None), "{size}");
    }
}

#[test]
fn sev_es_refuses_images_too_small_for_a_footer() {
    for size in [1, 20, 40, 47] {
        assert_eq!(
            sev_es_digest(&pattern(size, 31, 7)),
            Err(firmware::Error::NoResetAddress.into()),
            "{size}"
        );
    }
}

#[test]
fn snp_refuses_images_that_are_no_whole_pages() {
    for size in [1, 20, 40, 4095, 4097] {
        let found = u64::try_from(size).unwrap();
        let refused = Err(firmware::Error::NotPages { size: found }.into());
        assert_eq!(snp_digest(&pattern(size, 31, 7)), refused, "{size}");
    }
}

#[test]
fn snp_refuses_a_good_image_with_a_byte_too_many() {
    let mut image = vec![0];
    image.extend(FirmwareBuilder::amd_sev().build());
    assert_eq!(snp_digest(&image), Err(firmware::Error::NotPages { size: SIZE + 1 }.into()));
    assert_eq!(sev_es_digest(&image), Ok(expected_sev_es(&image, RESET)));
}

#[test]
fn image_of_64_kib_has_no_warning() {
    assert_eq!(warnings(&FirmwareBuilder::amd_sev().build()), []);
}

#[test]
fn sizes_that_qemu_does_not_load_give_warnings() {
    let sized = |size: usize| warnings(&pattern(size, 31, 7));
    assert_eq!(sized(4095), [Warning::FirmwareNotPages { size: 4095 }]);
    assert_eq!(sized(4096), [Warning::FirmwareNotBios { size: 4096 }]);
    assert_eq!(sized(0x1_1000), [Warning::FirmwareNotBios { size: 0x1_1000 }]);
    assert_eq!(sized(8 << 20), []);
    assert_eq!(sized((8 << 20) + 0x1_0000), [Warning::FirmwareLarge { size: 0x81_0000 }]);
}

// The footer.

#[test]
fn image_without_footer_has_no_table() {
    let image = FirmwareBuilder::new(0x1_0000).without_table().build();
    assert_eq!(Firmware::parse(&image).unwrap().table(), Ok(None));
    assert_eq!(sev_digest(&image), Ok(expected::sev(&image, None)));
    assert_eq!(sev_es_digest(&image), Err(firmware::Error::NoResetAddress.into()));
    assert_eq!(snp_digest(&image), Err(firmware::Error::NoMetadata.into()));
    let no_table = firmware::Error::NoTable { needed_for: "the kernel hash table area" }.into();
    assert_eq!(sev_digest_with_kernel(&image), Err(no_table));
}

#[test]
fn footer_without_room_for_its_length_is_an_error() {
    for before in [0, 1] {
        let mut image = vec![0; before];
        image.extend(made::guid(FOOTER));
        image.extend([0; 32]);
        let found = u64::try_from(before).unwrap();
        let what = "firmware table footer's length";
        assert_table_error(
            &image,
            &firmware::Error::OutOfBounds(OutOfBounds { what, offset: 0, wanted: 2, found }),
        );
    }
}

#[test]
fn smallest_image_with_a_table_has_50_bytes() {
    let mut image = 18_u16.to_le_bytes().to_vec();
    image.extend(made::guid(FOOTER));
    image.extend([0; 32]);
    assert_eq!(Firmware::parse(&image).unwrap().table().unwrap().unwrap().entries, []);
    image[0] = 19;
    assert_table_error(&image, &firmware::Error::TableLength { offset: 0, found: 19, wanted: 18 });
}

#[test]
fn table_shorter_than_its_footer_is_an_error() {
    for found in [0, 1, 17] {
        let image = FirmwareBuilder::amd_sev().footer_len(found).build();
        let error =
            firmware::Error::TableLength { offset: FOOTER_LENGTH, found, wanted: TABLE_END };
        assert_table_error(&image, &error);
    }
}

#[test]
fn table_of_18_bytes_is_empty() {
    let image = FirmwareBuilder::amd_sev().footer_len(18).build();
    let firmware = Firmware::parse(&image).unwrap();
    assert_eq!(firmware.table().unwrap().unwrap().entries, []);
    assert_eq!(firmware.tables().metadata, Ok(None));
    assert_eq!(sev_digest(&image), Ok(expected::sev(&image, None)));
    assert_eq!(sev_digest_with_kernel(&image), Err(firmware::Error::NoHashArea.into()));
    assert_eq!(sev_es_digest(&image), Err(firmware::Error::NoResetAddress.into()));
    assert_eq!(snp_digest(&image), Err(firmware::Error::NoMetadata.into()));
}

#[test]
fn table_that_starts_before_the_image_is_an_error() {
    for found in [0xffe1, 0xffff] {
        let image = FirmwareBuilder::amd_sev().footer_len(found).build();
        let error =
            firmware::Error::TableLength { offset: FOOTER_LENGTH, found, wanted: TABLE_END };
        assert_table_error(&image, &error);
    }
}

#[test]
fn table_cut_off_at_the_front_is_an_error() {
    let image = FirmwareBuilder::amd_sev().build();
    for size in 50..32 + usize::from(TABLE_LENGTH) {
        let tail = &image[image.len() - size..];
        let size = u64::try_from(size).unwrap();
        let (found, wanted) = (TABLE_LENGTH, size - 32);
        assert_table_error(
            tail,
            &firmware::Error::TableLength { offset: size - 50, found, wanted },
        );
    }
}

#[test]
fn table_at_the_very_start_of_an_image_is_read() {
    let image = FirmwareBuilder::amd_sev().build();
    let tail = &image[image.len() - 32 - usize::from(TABLE_LENGTH)..];
    let firmware = Firmware::parse(tail).unwrap();
    assert_eq!(firmware.table().unwrap().unwrap().entries.len(), 4);
    assert_eq!(sev_es_digest(tail), Ok(expected_sev_es(tail, RESET)));
}

// Records.

#[test]
fn records_are_listed_from_the_end_down() {
    let image = FirmwareBuilder::amd_sev().build();
    let firmware = Firmware::parse(&image).unwrap();
    let entries = &firmware.table().unwrap().unwrap().entries;
    let found: Vec<_> = entries.iter().map(|entry| (entry.guid, entry.offset)).collect();
    let expected = [
        (guid(RESET_BLOCK), 0xffb8),
        (guid(SECRET_AREA), 0xff9e),
        (guid(HASH_AREA), 0xff84),
        (guid(SEV_METADATA), 0xff6e),
    ];
    assert_eq!(found, expected);
    assert_eq!(entries[0].payload, RESET.to_le_bytes());
}

#[test]
fn areas_and_addresses_are_those_of_the_table() {
    let image = FirmwareBuilder::amd_sev().svsm_info(0x1234_5678).build();
    let firmware = Firmware::parse(&image).unwrap();
    assert_eq!(firmware.gpa(), Gpa(0xffff_0000));
    assert_eq!(firmware.tables().reset_address, Ok(Some(RESET)));
    let area = |base, size| Ok(Some(Area { base: Gpa(base), size }));
    assert_eq!(firmware.tables().secret_area, area(0x81_0000, 0xc00));
    assert_eq!(firmware.tables().hash_area, area(0x81_0c00, 0x400));
    assert_eq!(firmware.tables().svsm_entry, Ok(Some(0x1234_5678)));
}

#[test]
fn record_shorter_than_its_header_is_an_error() {
    for found in [0, 1, 17] {
        let image = FirmwareBuilder::amd_sev().entry_length(SECRET_AREA, found).build();
        let (guid, wanted) = (guid(SECRET_AREA), 26 + 26 + 22);
        assert_table_error(
            &image,
            &firmware::Error::EntryLength { guid, offset: 0xffa6, found, wanted },
        );
    }
}

#[test]
fn record_that_reaches_past_the_table_s_start_is_an_error() {
    for found in [75, 0xffff] {
        let image = FirmwareBuilder::amd_sev().entry_length(SECRET_AREA, found).build();
        let (guid, wanted) = (guid(SECRET_AREA), 26 + 26 + 22);
        assert_table_error(
            &image,
            &firmware::Error::EntryLength { guid, offset: 0xffa6, found, wanted },
        );
    }
}

#[test]
fn last_record_that_reaches_past_the_table_s_start_is_an_error() {
    let image = FirmwareBuilder::amd_sev().entry_length(SEV_METADATA, 23).build();
    let guid = guid(SEV_METADATA);
    let error = firmware::Error::EntryLength { guid, offset: 0xff72, found: 23, wanted: 22 };
    assert_table_error(&image, &error);
}

#[test]
fn record_may_fill_the_rest_of_the_table() {
    let image = FirmwareBuilder::amd_sev().entry_length(SECRET_AREA, 74).build();
    let firmware = Firmware::parse(&image).unwrap();
    let entries = &firmware.table().unwrap().unwrap().entries;
    assert_eq!(entries.len(), 2);
    assert_eq!((entries[1].offset, entries[1].payload.len()), (0xff6e, 56));
    assert_eq!(firmware.tables().hash_area, Ok(None));
}

#[test]
fn left_bytes_that_hold_no_record_are_an_error() {
    for left in [1, 2, 17] {
        let length = TABLE_LENGTH - 22 + left;
        let image = FirmwareBuilder::amd_sev().footer_len(length).build();
        let (offset, found) = (TABLE_END - u64::from(length), u64::from(left));
        assert_table_error(&image, &firmware::Error::TableRemainder { offset, found });
    }
}

#[test]
fn record_without_payload_is_kept() {
    let unknown = "11111111-2222-3333-4444-555555555555";
    let image = FirmwareBuilder::new(4096).entry(unknown, []).reset(RESET).build();
    let firmware = Firmware::parse(&image).unwrap();
    let entries = &firmware.table().unwrap().unwrap().entries;
    assert_eq!((entries[0].guid, entries[0].payload), (guid(unknown), &[][..]));
    assert_eq!(firmware.tables().reset_address, Ok(Some(RESET)));
}

#[test]
fn unknown_record_is_kept_and_nothing_guessed() {
    let unknown = "11111111-2222-3333-4444-555555555555";
    let image = FirmwareBuilder::amd_sev().entry(unknown, [1, 2, 3]).build();
    let firmware = Firmware::parse(&image).unwrap();
    let last = firmware.table().unwrap().unwrap().entries[4];
    assert_eq!((last.guid, last.guid.name()), (guid(unknown), None));
    assert_eq!((last.offset, last.payload), (METADATA_PAYLOAD - 21, &[1, 2, 3][..]));
    assert_eq!(warnings(&image), []);
    assert_eq!(sev_es_digest(&image), Ok(expected_sev_es(&image, RESET)));
}

#[test]
fn record_nearest_the_end_wins() {
    let image = FirmwareBuilder::amd_sev().entry(RESET_BLOCK, [0x11; 4]).build();
    assert_eq!(Firmware::parse(&image).unwrap().tables().reset_address, Ok(Some(RESET)));
    assert_eq!(sev_es_digest(&image), Ok(expected_sev_es(&image, RESET)));
}

#[test]
fn guid_that_comes_twice_is_named_once_in_the_warnings() {
    let twice = FirmwareBuilder::amd_sev().entry(RESET_BLOCK, [0x11; 4]);
    let expected = [Warning::DuplicateEntry { guid: RESET_BLOCK.into() }];
    assert_eq!(warnings(&twice.build()), expected);
    assert_eq!(warnings(&twice.entry(RESET_BLOCK, [0x22; 4]).build()), expected);
}

#[test]
fn payload_too_short_for_its_structure_is_an_error() {
    for (name, wanted) in
        [(RESET_BLOCK, 4), (SECRET_AREA, 8), (HASH_AREA, 8), (SEV_METADATA, 4), (SVSM_INFO, 4)]
    {
        for found in [0, wanted - 1] {
            let payload = vec![0xff; usize::try_from(found).unwrap()];
            let image = FirmwareBuilder::new(4096).entry(name, payload).build();
            let offset = 4096 - 50 - 18 - found;
            let error = firmware::Error::EntryPayload { guid: guid(name), offset, found, wanted };
            let firmware = Firmware::parse(&image).unwrap();
            let answer = match name {
                RESET_BLOCK => firmware.tables().reset_address.err(),
                SECRET_AREA => firmware.tables().secret_area.err(),
                HASH_AREA => firmware.tables().hash_area.err(),
                SEV_METADATA => firmware.tables().metadata.err(),
                _ => firmware.tables().svsm_entry.err(),
            };
            assert_eq!(answer, Some(error), "{name}");
        }
    }
}

#[test]
fn short_reset_block_stops_only_those_that_read_it() {
    let image =
        FirmwareBuilder::amd_sev().without(RESET_BLOCK).entry(RESET_BLOCK, [1, 2, 3]).build();
    // In place of the first record, it is the last: 21 bytes below the metadata's.
    let offset = METADATA_PAYLOAD + 22 - 21;
    let error =
        firmware::Error::EntryPayload { guid: guid(RESET_BLOCK), offset, found: 3, wanted: 4 };
    assert_eq!(sev_digest(&image), Ok(expected::sev(&image, None)));
    assert_eq!(sev_es_digest(&image), Err(error.clone().into()));
    assert_eq!(snp_digest(&image), Err(error.into()));
}

#[test]
fn payload_longer_than_its_structure_is_read_from_its_start() {
    let payload = [0x04, 0xb0, 0x80, 0x00, 0xee, 0xee];
    let image = FirmwareBuilder::new(4096).entry(RESET_BLOCK, payload).build();
    assert_eq!(sev_es_digest(&image), Ok(expected_sev_es(&image, RESET)));
}

// The reset block of images older than the table.

#[test]
fn lone_reset_block_gives_the_reset_address() {
    let image = FirmwareBuilder::new(0x1_0000).lone_reset_block(0x1234_5678).build();
    assert_eq!(Firmware::parse(&image).unwrap().table(), Ok(None));
    assert_eq!(sev_es_digest(&image), Ok(expected_sev_es(&image, 0x1234_5678)));
    assert_eq!(snp_digest(&image), Err(firmware::Error::NoMetadata.into()));
}

#[test]
fn lone_reset_block_of_address_0_is_refused() {
    let image = FirmwareBuilder::new(0x1_0000).lone_reset_block(0).build();
    assert_eq!(sev_es_digest(&image), Err(firmware::Error::ResetAddressZero.into()));
}

#[test]
fn lone_reset_block_too_short_for_an_address_is_an_error() {
    for length in [0, 21] {
        let mut image = FirmwareBuilder::new(4096).lone_reset_block(RESET).build();
        image[4096 - 50] = length;
        let (guid, found) = (guid(RESET_BLOCK), u64::from(length));
        let error = firmware::Error::EntryPayload { guid, offset: 4096 - 48, found, wanted: 22 };
        assert_eq!(sev_es_digest(&image), Err(error.into()));
        assert_eq!(sev_digest(&image), Ok(expected::sev(&image, None)));
    }
}

#[test]
fn lone_reset_block_without_room_for_its_length_is_an_error() {
    let mut image = vec![0];
    image.extend(made::guid(RESET_BLOCK));
    image.extend([0; 32]);
    let error =
        firmware::Error::EntryPayload { guid: guid(RESET_BLOCK), offset: 1, found: 0, wanted: 22 };
    assert_eq!(sev_es_digest(&image), Err(error.into()));
}

#[test]
fn lone_reset_block_that_starts_before_the_image_is_an_error() {
    let image = FirmwareBuilder::new(4096).lone_reset_block(RESET).build();
    let mut tail = image[4096 - 54..].to_vec();
    assert_eq!(sev_es_digest(&tail), Ok(expected_sev_es(&tail, RESET)));
    tail[4] = 23;
    let error =
        firmware::Error::EntryPayload { guid: guid(RESET_BLOCK), offset: 6, found: 23, wanted: 22 };
    assert_eq!(sev_es_digest(&tail), Err(error.into()));
}

// The metadata's header.

#[test]
fn metadata_pointer_before_the_image_is_an_error() {
    for found in [0x1_0001, u32::MAX] {
        let image = FirmwareBuilder::amd_sev().metadata_pointer(found).build();
        let error = firmware::Error::MetadataOffset { offset: METADATA_PAYLOAD, found, size: SIZE };
        assert_metadata_error(&image, &error);
    }
}

#[test]
fn metadata_pointer_to_the_image_s_start_is_followed() {
    let image = FirmwareBuilder::amd_sev().metadata_offset(0x1_0000).build();
    assert_eq!(
        Firmware::parse(&image).unwrap().tables().metadata.unwrap().unwrap().sections.len(),
        7
    );
}

#[test]
fn metadata_pointer_to_the_image_s_end_is_an_error() {
    for back in [0, 3] {
        let image = FirmwareBuilder::amd_sev().metadata_pointer(back).build();
        let (offset, found) = (SIZE - u64::from(back), u64::from(back));
        let what = "SEV metadata signature";
        assert_metadata_error(
            &image,
            &firmware::Error::OutOfBounds(OutOfBounds { what, offset, wanted: 4, found }),
        );
    }
}

#[test]
fn metadata_header_cut_off_by_the_image_s_end_is_an_error() {
    for (back, what) in [
        (4_usize, "SEV metadata length"),
        (8, "SEV metadata version"),
        (12, "SEV metadata section count"),
    ] {
        let pointer = u32::try_from(back).unwrap();
        let mut image = FirmwareBuilder::amd_sev().metadata_pointer(pointer).build();
        let at = image.len() - back;
        image[at..at + 4].copy_from_slice(b"ASEV");
        let error =
            firmware::Error::OutOfBounds(OutOfBounds { what, offset: SIZE, wanted: 4, found: 0 });
        assert_metadata_error(&image, &error);
    }
}

#[test]
fn metadata_cut_off_with_the_image_s_front_is_an_error() {
    let image = FirmwareBuilder::amd_sev().build();
    let tail = &image[image.len() - 1475..];
    let offset = 1475 - 32 - u64::from(TABLE_LENGTH);
    let error = firmware::Error::MetadataOffset { offset, found: 1476, size: 1475 };
    assert_eq!(Firmware::parse(tail).unwrap().tables().metadata, Err(error));
    assert_eq!(sev_es_digest(tail), Ok(expected_sev_es(tail, RESET)));
}

#[test]
fn metadata_of_another_signature_is_an_error() {
    for found in [*b"ASEW", *b"VESA", [0; 4]] {
        let image = FirmwareBuilder::amd_sev().signature(found).build();
        assert_metadata_error(
            &image,
            &firmware::Error::MetadataSignature { offset: METADATA, found },
        );
    }
}

#[test]
fn metadata_of_another_version_is_an_error() {
    for found in [0, 2, u32::MAX] {
        let image = FirmwareBuilder::amd_sev().version(found).build();
        assert_metadata_error(
            &image,
            &firmware::Error::MetadataVersion { offset: METADATA, found },
        );
    }
}

#[test]
fn more_than_32_sections_are_an_error() {
    for found in [33, u32::MAX] {
        let image = FirmwareBuilder::amd_sev().length(u32::MAX).count(found).build();
        assert_metadata_error(&image, &firmware::Error::MetadataCount { offset: METADATA, found });
    }
}

#[test]
fn as_many_as_32_sections_are_measured() {
    let bases = (0..32).map(|number| 0x80_0000 + 0x1000 * number);
    let sections: Vec<_> = bases.map(|base| Section::new(base, 0x1000, SEC_MEM)).collect();
    let image = with_sections(&sections);
    assert_eq!(snp_digest(&image), Ok(expected_snp(&image, &sections)));
}

#[test]
fn metadata_without_sections_is_measured() {
    let image = with_sections(&[]);
    assert_eq!(snp_digest(&image), Ok(expected_snp(&image, &[])));
}

#[test]
fn metadata_shorter_than_its_sections_is_an_error() {
    for found in [0, 16, 99] {
        let image = FirmwareBuilder::amd_sev().length(found).build();
        let error =
            firmware::Error::MetadataLength { offset: METADATA, found, wanted: 16 + 7 * 12 };
        assert_metadata_error(&image, &error);
    }
}

#[test]
fn more_sections_than_the_metadata_s_length_holds_are_an_error() {
    let image = FirmwareBuilder::amd_sev().count(8).build();
    let error = firmware::Error::MetadataLength { offset: METADATA, found: 100, wanted: 112 };
    assert_metadata_error(&image, &error);
}

#[test]
fn metadata_longer_than_its_sections_is_read() {
    let sections = [GOOD];
    let image = FirmwareBuilder::amd_sev().sections(sections).length(1476).build();
    assert_eq!(snp_digest(&image), Ok(expected_snp(&image, &sections)));
}

#[test]
fn metadata_that_ends_after_the_image_is_an_error() {
    for length in [1477, u32::MAX] {
        let image = FirmwareBuilder::amd_sev().length(length).build();
        let wanted = u64::from(length);
        let what = "SEV metadata";
        let error = firmware::Error::OutOfBounds(OutOfBounds {
            what,
            offset: METADATA,
            wanted,
            found: 1476,
        });
        assert_metadata_error(&image, &error);
    }
}

// Sections.

/// The offset of a section's description.
fn section_offset(index: usize) -> u64 {
    METADATA + 16 + 12 * u64::try_from(index).expect("a small number")
}

#[test]
fn sections_are_read_in_order() {
    let sections = [GOOD, Section::new(0x90_0000, 0x2000, CPUID)];
    let image = with_sections(&sections);
    let firmware = Firmware::parse(&image).unwrap();
    let found = &firmware.tables().metadata.unwrap().unwrap().sections;
    assert_eq!((found[0].base, found[0].length), (Gpa(0x80_0000), 0x1000));
    assert_eq!((found[0].kind, found[1].kind), (SectionKind::SnpSecMem, SectionKind::Cpuid));
    assert_eq!((found[1].base, found[1].end()), (Gpa(0x90_0000), Gpa(0x90_2000)));
}

#[test]
fn section_of_unknown_type_is_an_error() {
    for found in [0, 5, 0xf, 0x11, u32::MAX] {
        let image = with_sections(&[GOOD, GOOD, Section::new(0x90_0000, 0x1000, found)]);
        let offset = section_offset(2);
        assert_metadata_error(&image, &firmware::Error::SectionType { index: 2, offset, found });
    }
}

#[test]
fn section_without_a_byte_is_an_error() {
    let image = with_sections(&[GOOD, Section::new(0x90_0000, 0, CPUID)]);
    assert_metadata_error(
        &image,
        &firmware::Error::SectionEmpty { index: 1, offset: section_offset(1) },
    );
}

#[test]
fn section_that_is_no_whole_pages_is_an_error() {
    for (base, length) in [(0x90_0001, 0x1000), (0x90_0800, 0x800), (0x90_0000, 0xfff), (0, 1)] {
        let image = with_sections(&[Section::new(base, length, SEC_MEM)]);
        let (offset, base) = (section_offset(0), Gpa(u64::from(base)));
        assert_metadata_error(
            &image,
            &firmware::Error::SectionAlignment { index: 0, offset, base, length },
        );
    }
}

#[test]
fn section_over_the_firmware_or_past_4_gib_is_an_error() {
    for (base, length) in [
        (0xffff_0000, 0x1000),
        (0xfffe_f000, 0x2000),
        (0xffff_f000, 0x1000),
        (0xffff_f000, 0x2000),
        (0xffff_f000, 0xffff_f000),
        (0, 0xffff_1000),
    ] {
        let image = with_sections(&[GOOD, Section::new(base, length, SECRETS)]);
        let error = firmware::Error::SectionOverFirmware {
            index: 1,
            offset: section_offset(1),
            base: Gpa(u64::from(base)),
            length,
            firmware: Gpa(0xffff_0000),
        };
        assert_metadata_error(&image, &error);
    }
}

#[test]
fn sections_of_more_than_4_gib_together_are_an_error() {
    let sections = [
        Section::new(0, 0x8000_0000, SEC_MEM),
        Section::new(0x1000, 0x7fff_f000, SEC_MEM),
        Section::new(0, 0x2000, SEC_MEM),
    ];
    let error = firmware::Error::SectionsTotal { offset: METADATA, found: 0x1_0000_1000 };
    assert_metadata_error(&with_sections(&sections), &error);
}

#[test]
fn sections_of_4_gib_together_are_accepted() {
    let sections = [
        Section::new(0, 0x8000_0000, SEC_MEM),
        Section::new(0x1000, 0x7fff_f000, SEC_MEM),
        Section::new(0, 0x1000, SEC_MEM),
    ];
    let image = with_sections(&sections);
    let firmware = Firmware::parse(&image).unwrap();
    assert_eq!(firmware.tables().metadata.unwrap().unwrap().sections.len(), 3);
}

#[test]
fn section_may_end_where_the_firmware_starts() {
    let sections = [Section::new(0xfffe_f000, 0x1000, SECRETS)];
    let image = with_sections(&sections);
    assert_eq!(snp_digest(&image), Ok(expected_snp(&image, &sections)));
}

#[test]
fn overlapping_sections_are_measured_with_a_warning() {
    let sections = [
        Section::new(0x80_0000, 0x2000, SEC_MEM),
        Section::new(0x90_0000, 0x1000, SECRETS),
        Section::new(0x7f_f000, 0x3000, CPUID),
        Section::new(0x90_0000, 0x1000, SEC_MEM),
    ];
    let image = with_sections(&sections);
    let overlap = Warning::SectionsOverlap { first: 0, second: 2, gpa: Gpa(0x80_0000) };
    assert_eq!(warnings(&image), [overlap]);
    assert_eq!(snp_digest(&image), Ok(expected_snp(&image, &sections)));
}

#[test]
fn sections_that_touch_do_not_overlap() {
    let sections = [
        Section::new(0x80_1000, 0x1000, SEC_MEM),
        Section::new(0x80_0000, 0x1000, SECRETS),
        Section::new(0x80_2000, 0x1000, CPUID),
    ];
    assert_eq!(warnings(&with_sections(&sections)), []);
}

// Images that hold variables.

/// Writes a firmware volume's header at the start of an image: the GUID of its contents, and its signature.
/// [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]
fn with_volume(mut image: Vec<u8>, contents: &str) -> Vec<u8> {
    image[16..32].copy_from_slice(&made::guid(contents));
    image[40..44].copy_from_slice(b"_FVH");
    image
}

/// EFI_SYSTEM_NV_DATA_FV_GUID and EFI_FIRMWARE_FILE_SYSTEM2_GUID, as edk2's MdePkg has them.
const VARIABLES: &str = "fff12b8d-7696-4c8b-a985-2747075b4f50";
const FILES: &str = "8c8ce578-8a3d-4f1c-9935-896185c32dd3";

#[test]
fn variables_before_a_table_give_a_warning() {
    let image = with_volume(FirmwareBuilder::amd_sev().build(), VARIABLES);
    assert_eq!(warnings(&image), [Warning::CombinedImage]);
}

#[test]
fn variables_without_a_table_give_a_warning() {
    let image = with_volume(pattern(0x1_0000, 31, 7), VARIABLES);
    assert_eq!(warnings(&image), [Warning::VariableStore]);
}

// Plain SEV measures any bytes; no other guest starts from these, whatever build of edk2 they are of.
#[test]
fn variables_alone_launch_nothing_that_needs_tables() {
    let image = with_volume(FirmwareBuilder::new(0x1_0000).without_table().build(), VARIABLES);
    assert_eq!(sev_digest(&image), Ok(expected::sev(&image, None)));
    let variables = firmware::Error::VariableStore.into();
    for answer in [sev_es_digest(&image).err(), snp_digest(&image).err()] {
        assert_eq!(answer.as_ref(), Some(&variables));
    }
    assert_eq!(sev_digest_with_kernel(&image), Err(variables));
}

#[test]
fn volume_of_files_gives_no_warning() {
    let image = with_volume(FirmwareBuilder::amd_sev().build(), FILES);
    assert!(Firmware::parse(&image).unwrap().starts_with_volume());
    assert_eq!(warnings(&image), []);
}

#[test]
fn variables_guid_outside_a_volume_gives_no_warning() {
    let mut image = with_volume(FirmwareBuilder::amd_sev().build(), VARIABLES);
    image[43] = b'h';
    assert!(!Firmware::parse(&image).unwrap().starts_with_volume());
    assert_eq!(warnings(&image), []);
}
