//! The stored form of absorbed firmware: small, complete, and refused where its parts contradict each other.
#![cfg(feature = "serde")]

use serde_json::{Value, json};
use sev_launch_abi::{CpuSignature, Gpa, Technology};
use sev_launch_digest::firmware::{AbsorbedFirmware, Area, Firmware, KernelHashCheck};
use sev_launch_digest::hash::Portable;
use sev_launch_digest::kernel_hashes::KernelHashes;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::vmsa::Vmsas;
use sev_launch_digest::{Error, Warning, firmware, profile, sev, sev_es, snp};
use sev_launch_testkit::expected;
use sev_launch_testkit::firmware::{
    FirmwareBuilder, HASH_AREA, KERNEL_HASHES, RESET_BLOCK, SEC_MEM, SECRET_AREA, Section,
};

/// The promise: fewer bytes than this, whatever the image.
const MOST: usize = 1024;

fn absorb(image: &FirmwareBuilder) -> AbsorbedFirmware {
    Firmware::parse(&image.build()).expect("the image is not empty").absorb()
}

fn store(firmware: &AbsorbedFirmware) -> String {
    serde_json::to_string(firmware).expect("the tables are not broken")
}

fn read(stored: &str) -> AbsorbedFirmware {
    serde_json::from_str(stored).expect("we wrote it")
}

/// Digests, or refusals, of a SEV, a SEV-ES and an SNP guest, each without and with a kernel.
fn answers(firmware: &AbsorbedFirmware) -> Vec<Result<String, Error>> {
    let hash = KernelHashes::no_initrd();
    let hashes = KernelHashes { kernel: hash, initrd: hash, cmdline: hash };
    let vcpus = VcpuCount::new(3).expect("a good count");
    let profile = |name| profile::by_name(name).expect("the profile exists");
    let vmsas = || Vmsas::of_signature(CpuSignature(0x00a0_0f11));
    let mut answers = Vec::new();
    for kernel_hashes in [None, Some(hashes)] {
        let sev = sev::Guest { firmware, kernel_hashes };
        answers.push(sev.launch().map(|launch| launch.digest().to_string()));
        let (es, snp) = (profile("es-legacy"), profile("snp-qemu"));
        let es = sev_es::Guest { firmware, kernel_hashes, vcpus, profile: es, vmsas: vmsas() };
        answers.push(es.launch().map(|launch| launch.digest().to_string()));
        let svsm = None;
        let snp = snp::Guest { firmware, kernel_hashes, svsm, vcpus, profile: snp, vmsas: vmsas() };
        answers.push(snp.launch().map(|launch| launch.digest().to_string()));
    }
    answers
}

/// Stores, checks the size, reads back, and checks that nothing of it changed.
fn round_trip(firmware: &AbsorbedFirmware) -> AbsorbedFirmware {
    let stored = store(firmware);
    assert!(stored.len() < MOST, "{} bytes: {stored}", stored.len());
    let read = read(&stored);
    assert_eq!(read, *firmware);
    assert_eq!(answers(&read), answers(firmware));
    read
}

/// 32 sections whose numbers are as long as they come. Together they have at most 4 GiB, so some lengths have four digits.
fn most_sections() -> Vec<Section> {
    let length = |number| if number < 14 { 0x1000_0000 } else { 0x0100_0000 };
    (0..32).map(|number| Section::new(0xe000_0000, length(number), KERNEL_HASHES)).collect()
}

/// An image of this size with the largest tables.
fn largest(size: usize) -> FirmwareBuilder {
    FirmwareBuilder::amd_sev()
        .size(size)
        .reset(u32::MAX)
        .hash_area(u32::MAX, u32::MAX)
        .secret_area(u32::MAX, u32::MAX)
        .svsm_info(u32::MAX)
        .sections(most_sections())
}

#[test]
fn image_of_edk2_s_form_reads_back() {
    let firmware = round_trip(&absorb(&FirmwareBuilder::amd_sev()));
    assert!(answers(&firmware).iter().all(Result::is_ok));
}

#[test]
fn read_firmware_gives_the_digest_of_the_image() {
    let image = FirmwareBuilder::amd_sev();
    let firmware = read(&store(&absorb(&image)));
    let image = image.build();
    let sev = sev::Guest { firmware: &firmware, kernel_hashes: None }.launch().unwrap();
    assert_eq!(*sev.digest().as_bytes(), expected::sev(&image, None));
    assert_eq!(*firmware.sha256().unwrap().as_bytes(), expected::sev(&image, None));
    assert_eq!(
        firmware.snp_digest().map(|digest| *digest.as_bytes()),
        Ok(expected::snp_firmware(&image))
    );
    assert_eq!((firmware.size(), firmware.gpa()), (0x1_0000, Gpa(0xffff_0000)));
    assert_eq!(firmware.reset_address(), Ok(0x0080_b004));
    assert_eq!(firmware.secret_area(), Ok(Some(Area { base: Gpa(0x81_0000), size: 0xc00 })));
    assert_eq!(firmware.hash_area(), Ok(Area { base: Gpa(0x81_0c00), size: 0x400 }));
    assert_eq!(firmware.svsm_entry(), Err(firmware::Error::NoSvsmInfo));
    assert_eq!(firmware.sections().map(<[_]>::len), Ok(7));
}

#[test]
fn image_with_a_tail_of_63_bytes_reads_back() {
    let size = 0x1_0000 + 63;
    let image = FirmwareBuilder::amd_sev().size(size);
    let firmware = round_trip(&absorb(&image));
    assert_eq!(firmware.midstate().unwrap().tail().len(), 63);
    assert_eq!(firmware.warnings(), [Warning::FirmwareNotPages { size: 0x1_003f }]);
    assert_eq!(*firmware.sha256().unwrap().as_bytes(), expected::sev(&image.build(), None));
}

#[test]
fn images_of_every_tail_read_back() {
    for extra in 0..65 {
        let firmware = absorb(&FirmwareBuilder::amd_sev().size(0x1000 + extra));
        assert_eq!(read(&store(&firmware)), firmware, "{extra}");
    }
}

#[test]
fn image_of_32_sections_with_the_largest_numbers_reads_back() {
    round_trip_without_digests(&absorb(&largest(0x1_0000)));
}

#[test]
fn odd_image_of_32_sections_with_the_largest_numbers_reads_back() {
    round_trip_without_digests(&absorb(&largest(0x1_003f)));
}

/// As [`round_trip`], for sections of millions of pages. The size has five digits more in the largest image.
fn round_trip_without_digests(firmware: &AbsorbedFirmware) {
    let firmware = firmware.clone().with_kernel_hash_check(KernelHashCheck::Yes);
    let stored = store(&firmware);
    assert!(stored.len() + 5 < MOST, "{} bytes: {stored}", stored.len());
    assert_eq!(read(&stored), firmware);
}

#[test]
fn image_without_tables_reads_back() {
    for image in [
        FirmwareBuilder::new(0x1_0000).without_table(),
        FirmwareBuilder::new(0x1_0000),
        FirmwareBuilder::new(0x1_0000).lone_reset_block(0x1234),
        FirmwareBuilder::amd_sev().without_metadata(),
        FirmwareBuilder::amd_sev().sections([]),
        FirmwareBuilder::amd_sev().reset(0).hash_area(0, 0),
        FirmwareBuilder::amd_sev().without(HASH_AREA).without(SECRET_AREA),
    ] {
        round_trip(&absorb(&image));
    }
}

#[test]
fn overlap_of_sections_is_known_after_reading() {
    let sections =
        [Section::new(0x80_0000, 0x2000, SEC_MEM), Section::new(0x80_1000, 0x1000, SEC_MEM)];
    let firmware = round_trip(&absorb(&FirmwareBuilder::amd_sev().sections(sections)));
    let overlap = Warning::SectionsOverlap { first: 0, second: 1, gpa: Gpa(0x80_1000) };
    assert_eq!(firmware.warnings(), [overlap]);
}

// Only the first record of a GUID is used, so only that one is stored; what is said about the other is lost.
#[test]
fn image_with_a_guid_twice_gives_its_digests_after_reading() {
    let firmware = absorb(&FirmwareBuilder::amd_sev().entry(RESET_BLOCK, [0x11; 4]));
    assert_eq!(answers(&read(&store(&firmware))), answers(&firmware));
}

#[test]
fn given_snp_digest_reads_back() {
    let digest = snp::LaunchDigest::from_bytes([0x5a; 48]);
    let firmware = absorb(&FirmwareBuilder::amd_sev()).with_snp_digest(digest);
    assert_eq!(round_trip(&firmware).snp_digest(), Ok(digest));
}

// What was stored must be readable, and reading refuses an SNP digest of an image that has no whole pages.
#[test]
fn given_snp_digest_of_an_odd_image_cannot_be_stored() {
    let digest = snp::LaunchDigest::from_bytes([0x5a; 48]);
    let firmware = absorb(&FirmwareBuilder::amd_sev().size(0x1_0001)).with_snp_digest(digest);
    let error = serde_json::to_string(&firmware).unwrap_err();
    assert_eq!(error.to_string(), "absorbed firmware: 65537 bytes cannot have an SNP digest");
}

#[test]
fn broken_tables_cannot_be_stored() {
    let broken = [
        FirmwareBuilder::amd_sev().footer_len(17),
        FirmwareBuilder::amd_sev().entry_length(HASH_AREA, 3),
        FirmwareBuilder::amd_sev().signature(*b"ASEW"),
        FirmwareBuilder::new(4096).entry(RESET_BLOCK, [1]),
        FirmwareBuilder::new(4096).entry(HASH_AREA, [1]),
        FirmwareBuilder::new(4096).entry(SECRET_AREA, [1]),
        FirmwareBuilder::new(4096).entry(sev_launch_testkit::firmware::SVSM_INFO, [1]),
    ];
    for image in broken {
        let bytes = image.build();
        let firmware = Firmware::parse(&bytes).unwrap();
        let reasons = [
            firmware.table().err(),
            firmware.tables().metadata.err(),
            firmware.tables().reset_address.err(),
            firmware.tables().hash_area.err(),
            firmware.tables().secret_area.err(),
            firmware.tables().svsm_entry.err(),
        ];
        let reason = reasons.into_iter().flatten().next().expect("one part is broken");
        let error = serde_json::to_string(&firmware.absorb()).unwrap_err();
        assert_eq!(error.to_string(), reason.to_string());
    }
}

// What is known of the check of the kernel's hashes.

/// The form of a firmware of which that much is known.
fn form(check: Option<&str>) -> Value {
    let mut value: Value = serde_json::from_str(&store(&absorb(&good()))).expect("we wrote it");
    if let Some(check) = check {
        value["kernel_hash_check"] = json!(check);
    }
    value
}

#[test]
fn whether_hashes_are_checked_stands_in_the_form_where_it_is_known() {
    for (text, check) in [
        (None, KernelHashCheck::Unknown),
        (Some("no"), KernelHashCheck::No),
        (Some("yes"), KernelHashCheck::Yes),
    ] {
        let firmware: AbsorbedFirmware = serde_json::from_value(form(text)).expect("a form");
        assert_eq!(firmware.kernel_hash_check(), check);
        assert_eq!(round_trip(&firmware).kernel_hash_check(), check);
        assert_eq!(serde_json::to_value(&firmware).expect("stored"), form(text));
        // It changes no digest.
        assert_eq!(answers(&firmware), answers(&absorb(&good())));
    }
    assert_eq!(absorb(&good()).kernel_hash_check(), KernelHashCheck::Unknown);
}

#[test]
fn attack_another_spelling_of_the_check_is_refused() {
    for text in ["unknown", "Yes", "YES", " yes", "yes\n", "true", "on", ""] {
        let error = tampered(&good(), |value| value["kernel_hash_check"] = json!(text));
        let wanted = "wanted \"yes\" or \"no\", or no such field";
        assert_eq!(error, format!("absorbed firmware: kernel_hash_check {text:?}, {wanted}"));
    }
    for value in [json!(true), json!({"yes": null}), json!(["yes"]), json!(1), json!(null)] {
        let error = tampered(&good(), |form| form["kernel_hash_check"] = value.clone());
        assert!(error.ends_with("expected a string"), "{value}: {error}");
    }
}

#[test]
fn a_launch_with_hashes_that_are_not_checked_warns_by_name() {
    let (hash, vcpus) = (KernelHashes::no_initrd(), VcpuCount::ONE);
    let hashes = KernelHashes { kernel: hash, initrd: hash, cmdline: hash };
    let profile = |name| profile::by_name(name).expect("the profile exists");
    let vmsas = || Vmsas::of_signature(CpuSignature(0x00a0_0f11));
    for (check, kernel_hashes, expected) in [
        (KernelHashCheck::No, Some(hashes), vec![Warning::KernelHashesUnchecked]),
        (KernelHashCheck::No, None, vec![]),
        (KernelHashCheck::Unknown, Some(hashes), vec![]),
        (KernelHashCheck::Yes, Some(hashes), vec![]),
    ] {
        let firmware = &absorb(&good()).with_kernel_hash_check(check);
        let sev = sev::Guest { firmware, kernel_hashes };
        assert_eq!(sev.launch().unwrap().warnings(), expected);
        let (es, snp) = (profile("es-legacy"), profile("snp-qemu"));
        let es = sev_es::Guest { firmware, kernel_hashes, vcpus, profile: es, vmsas: vmsas() };
        assert_eq!(es.launch().unwrap().warnings(), expected);
        let (svsm, vmsas) = (None, vmsas());
        let snp = snp::Guest { firmware, kernel_hashes, svsm, vcpus, profile: snp, vmsas };
        assert_eq!(snp.launch().unwrap().warnings(), expected);
    }
}

// The tables are one image's and the contents another's: nobody knows what that one checks.
#[test]
fn a_digest_of_other_pages_leaves_the_check_unknown() {
    let firmware = absorb(&good()).with_kernel_hash_check(KernelHashCheck::Yes);
    let own = snp::LaunchDigest::from_bytes(expected::snp_firmware(&good().build()));
    let given = |digest| firmware.clone().with_snp_digest(digest).kernel_hash_check();
    assert_eq!(given(own), KernelHashCheck::Yes);
    assert_eq!(given(snp::LaunchDigest::from_bytes([0x5a; 48])), KernelHashCheck::Unknown);
}

// Tampering.

/// What reading says to a stored form after a change.
fn tampered(image: &FirmwareBuilder, change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(&store(&absorb(image))).expect("we wrote it");
    let before = value.clone();
    change(&mut value);
    assert_ne!(value, before, "the change changed nothing");
    match serde_json::from_value::<AbsorbedFirmware>(value) {
        Ok(firmware) => panic!("accepted: {firmware:?}"),
        Err(error) => error.to_string(),
    }
}

fn good() -> FirmwareBuilder {
    FirmwareBuilder::amd_sev()
}

fn odd() -> FirmwareBuilder {
    FirmwareBuilder::amd_sev().size(0x1_003f)
}

#[test]
fn another_sha256_is_refused() {
    let error = tampered(&good(), |value| value["sha256"] = json!("00".repeat(32)));
    assert_eq!(error, "absorbed firmware: the midstate does not give the SHA-256 beside it");
}

#[test]
fn another_midstate_is_refused() {
    let error = tampered(&good(), |value| value["midstate"] = json!("00".repeat(32)));
    assert_eq!(error, "absorbed firmware: the midstate does not give the SHA-256 beside it");
}

#[test]
fn another_tail_is_refused() {
    let error = tampered(&odd(), |value| value["tail"] = json!("00".repeat(63)));
    assert_eq!(error, "absorbed firmware: the midstate does not give the SHA-256 beside it");
}

#[test]
fn another_size_of_the_same_tail_is_refused() {
    let error = tampered(&good(), |value| value["size"] = json!(0x2_0000));
    assert_eq!(error, "absorbed firmware: the midstate does not give the SHA-256 beside it");
}

#[test]
fn another_size_of_another_tail_is_refused() {
    let error = tampered(&good(), |value| value["size"] = json!(0x1_0001));
    assert_eq!(error, "absorbed firmware: midstate and tail do not fit 65537 bytes");
}

#[test]
fn midstate_of_another_length_is_refused() {
    for bytes in [0, 28, 31, 33, 64] {
        let error = tampered(&good(), |value| value["midstate"] = json!("00".repeat(bytes)));
        assert_eq!(error, "absorbed firmware: midstate and tail do not fit 65536 bytes");
    }
}

#[test]
fn midstate_that_is_no_hex_is_refused() {
    for text in ["x", "0", "zz"] {
        let error = tampered(&good(), |value| value["midstate"] = json!(text));
        assert_eq!(error, "absorbed firmware: the midstate is not hex");
    }
}

#[test]
fn tail_of_another_length_is_refused() {
    for bytes in [0, 1, 62, 64, 127] {
        let error = tampered(&odd(), |value| value["tail"] = json!("00".repeat(bytes)));
        assert_eq!(error, "absorbed firmware: midstate and tail do not fit 65599 bytes");
    }
    let error = tampered(&good(), |value| value["tail"] = json!("00".repeat(64)));
    assert_eq!(error, "absorbed firmware: midstate and tail do not fit 65536 bytes");
}

#[test]
fn tail_that_is_no_hex_is_refused() {
    let error = tampered(&odd(), |value| value["tail"] = json!("zz".repeat(63)));
    assert_eq!(error, "absorbed firmware: the tail is not hex");
}

fn remove(value: &mut Value, field: &str) {
    value.as_object_mut().expect("a map").remove(field);
}

#[test]
fn missing_snp_digest_is_refused() {
    let error = tampered(&good(), |value| remove(value, "snp"));
    assert_eq!(error, "absorbed firmware: 65536 bytes need an SNP digest");
}

#[test]
fn snp_digest_of_an_odd_image_is_refused() {
    let error = tampered(&odd(), |value| value["snp"] = json!("00".repeat(48)));
    assert_eq!(error, "absorbed firmware: 65599 bytes cannot have an SNP digest");
}

#[test]
fn snp_digest_that_is_no_hex_is_refused() {
    let error = tampered(&good(), |value| value["snp"] = json!("00".repeat(47)));
    assert_eq!(error, "LaunchDigest: wanted 96 hex digits, found 94 characters that are not that");
}

#[test]
fn a_list_in_the_form_s_place_is_refused() {
    let stored: Value = serde_json::from_str(&store(&absorb(&good()))).expect("JSON");
    let field = |name: &str| stored[name].clone();
    // In the order of the fields, none of them named.
    let list = json!([
        1,
        field("size"),
        field("sha256"),
        field("midstate"),
        "",
        field("snp"),
        true,
        field("reset"),
        field("hashes"),
        field("secret"),
        null,
        field("sections")
    ]);
    let error = serde_json::from_value::<AbsorbedFirmware>(list).unwrap_err().to_string();
    assert!(error.contains("expected an object"), "{error}");
}

#[test]
fn null_in_a_field_s_place_is_refused() {
    for field in ["tail", "snp", "reset", "hashes", "secret", "svsm_entry", "sections"] {
        let error = tampered(&good(), |value| value[field] = Value::Null);
        assert!(error.starts_with("invalid type: null, expected"), "{field}: {error}");
    }
}

#[test]
fn unknown_field_is_refused() {
    let error = tampered(&good(), |value| value["policy"] = json!(1));
    assert!(
        error.starts_with("unknown field `policy`, expected one of `absorbed_firmware`"),
        "{error}"
    );
}

#[test]
fn missing_field_is_refused() {
    for field in ["absorbed_firmware", "size", "sha256", "midstate", "table"] {
        let error = tampered(&good(), |value| remove(value, field));
        assert_eq!(error, format!("missing field `{field}`"));
    }
}

#[test]
fn another_version_is_refused() {
    for version in [0, 2] {
        let error = tampered(&good(), |value| value["absorbed_firmware"] = json!(version));
        let expected = format!("absorbed firmware: its form is version {version}, wanted 1");
        assert_eq!(error, expected);
    }
}

#[test]
fn size_0_is_refused() {
    let error = tampered(&good(), |value| value["size"] = json!(0));
    assert_eq!(error, "absorbed firmware: a size of 0 bytes, wanted 1 to 4294963200");
}

#[test]
fn size_that_does_not_fit_below_4_gib_is_refused() {
    for size in [4_294_963_264_u64, 1 << 32, u64::MAX] {
        let error = tampered(&good(), |value| value["size"] = json!(size));
        let expected = format!("absorbed firmware: a size of {size} bytes, wanted 1 to 4294963200");
        assert_eq!(error, expected);
    }
}

#[test]
fn sections_that_cannot_be_read_are_refused() {
    for item in [
        "garbage",
        "800",
        "800+9",
        "800:1",
        "+9:1",
        "800+:1",
        "800+9:",
        "800+9:1:1",
        "800+9:g",
        "-800+9:1",
        "800+-9:1",
        "100000+1:1",
        "800+100000:1",
        "1ffffffff+1:1",
        "0x800+9:1",
    ] {
        let error = tampered(&good(), |value| value["sections"] = json!(item));
        let expected = format!("absorbed firmware: section {item:?} is not page+pages:type in hex");
        assert_eq!(error, expected);
    }
}

#[test]
fn sections_that_no_metadata_can_hold_are_refused() {
    // No page, unknown types, over the firmware, and past 4 GiB.
    for item in
        ["800+0:1", "800+9:0", "800+9:5", "800+9:11", "ffff0+1:1", "fffef+2:1", "fffff+fffff:1"]
    {
        let error = tampered(&good(), |value| value["sections"] = json!(format!("10+1:1 {item}")));
        let expected = format!("absorbed firmware: section {item:?} is not page+pages:type in hex");
        assert_eq!(error, expected);
    }
}

#[test]
fn more_than_32_sections_are_refused() {
    let error = tampered(&good(), |value| value["sections"] = json!(["800+9:1"; 33].join(" ")));
    assert_eq!(error, "absorbed firmware: 33 sections, at most 32");
}

#[test]
fn sections_of_more_than_4_gib_together_are_refused() {
    let sections = "0+80000:1 1+7ffff:1 0+2:1";
    let error = tampered(&good(), |value| value["sections"] = json!(sections));
    let expected = "absorbed firmware: sections of 0x100001000 bytes together, more than 4 GiB";
    assert_eq!(error, expected);
}

#[test]
fn numbers_that_no_table_can_hold_are_refused() {
    for field in ["reset", "svsm_entry"] {
        let error = tampered(&good(), |value| value[field] = json!(1_u64 << 32));
        assert!(error.contains("invalid value: integer `4294967296`, expected u32"), "{error}");
    }
    for field in ["hashes", "secret"] {
        let error = tampered(&good(), |value| value[field] = json!([1]));
        assert!(error.contains("invalid length 1"), "{error}");
    }
}

#[test]
fn what_a_technology_needs_is_enough_for_it_and_for_no_other() {
    let image = FirmwareBuilder::amd_sev().build();
    let firmware = Firmware::parse(&image).unwrap();
    let whole = firmware.absorb();
    let by = |technology| firmware.absorb_with(Some(technology), &Portable);
    let launch = |firmware: &AbsorbedFirmware| {
        sev::Guest { firmware, kernel_hashes: None }.launch().map(|launch| launch.digest())
    };
    for technology in [Technology::Sev, Technology::SevEs] {
        let part = by(technology);
        assert_eq!(launch(&part), launch(&whole));
        assert_eq!(part.sha256(), whole.sha256());
        assert_eq!(part.snp_digest(), Err(firmware::Error::NotAbsorbed { what: "SNP digest" }));
        assert!(serde_json::to_string(&part).is_err());
    }
    let part = by(Technology::Snp);
    assert_eq!(part.snp_digest(), whole.snp_digest());
    assert_eq!(part.size(), whole.size());
    assert_eq!(part.sha256(), Err(firmware::Error::NotAbsorbed { what: "SHA-256" }));
    // No digest of a firmware that was not hashed.
    assert_eq!(launch(&part), Err(firmware::Error::NotAbsorbed { what: "SHA-256" }.into()));
    assert!(serde_json::to_string(&part).is_err());
}

#[test]
fn filled_pages_are_hashed_like_any_other() {
    // 0xff and zeros, apart and in a row, a page that is filled but for its last byte, and two equal pages of no one byte.
    let mut image = vec![0xff; 12 * 4096];
    image[2 * 4096..4 * 4096].fill(0);
    image[5 * 4096..6 * 4096].fill(0);
    image[7 * 4096 - 1] = 0;
    for at in [8, 10] {
        image[at * 4096] = 7;
    }
    let absorbed = Firmware::parse(&image).unwrap().absorb();
    let digest = absorbed.snp_digest().unwrap();
    assert_eq!(*digest.as_bytes(), expected::snp_firmware(&image));
}
