//! Firmware that was measured joined, split, or without its variables.

use sev_launch_abi::Technology;
use sev_launch_abi::sev::LaunchDigest;
use sev_launch_explain::firmware::variants;
use sev_launch_explain::{File, Launch, Reported};
use sev_launch_testkit::expected;
use sev_launch_testkit::firmware::{FirmwareBuilder, guid};

use crate::made::{explanation, search, whole};

/// A volume of variables of one page. [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]
fn variables() -> Vec<u8> {
    let mut volume = vec![0xff; 0x1000];
    volume[16..32].copy_from_slice(&guid("fff12b8d-7696-4c8b-a985-2747075b4f50"));
    volume[32..40].copy_from_slice(&0x1000_u64.to_le_bytes());
    volume[40..44].copy_from_slice(b"_FVH");
    volume
}

/// What is said when one image is described, with these images at hand, and these bytes were measured.
fn said(name: &str, images: &[(&str, &[u8])], measured: &[u8]) -> String {
    let mut files: Vec<File> = images
        .iter()
        .map(|(name, image)| File::of_firmware(*name, image).expect("an image"))
        .collect();
    let firmware = files.iter().position(|file| file.name == name).expect("it is at hand");
    files.extend(variants(images));
    let none = Launch {
        files,
        firmware,
        kernel: None,
        initrd: None,
        ..whole(Technology::Sev).described()
    };
    let digest = LaunchDigest::from_bytes(expected::sev(measured, None));
    explanation(search(&none, &Reported::Sev(digest), 1)).first.to_string()
}

#[test]
fn joined_and_cut_images_are_named() {
    let (variables, code) = (variables(), FirmwareBuilder::amd_sev().size(0x2000).build());
    let joined = [&variables[..], &code].concat();
    let split: [(&str, &[u8]); 2] = [("CODE", &code), ("VARS", &variables)];
    assert_eq!(
        said("CODE", &split, &joined),
        "firmware = file VARS and CODE joined (described: file CODE)"
    );
    assert_eq!(
        said("CODE", &split, &[&code[..], &variables].concat()),
        "firmware = file CODE and VARS joined (described: file CODE)"
    );
    assert_eq!(said("CODE", &split, &variables), "firmware = file VARS (described: file CODE)");
    assert_eq!(
        said("OVMF.fd", &[("OVMF.fd", &joined)], &code),
        "firmware = file OVMF.fd without its variables (described: file OVMF.fd)"
    );
}
