//! Does a firmware check the kernel's hashes? Yes and no only of images that leave no doubt.

use sev_launch_digest::Firmware;
use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_firmware_diff::kernel_hash_check;
use sev_launch_testkit::firmware::guid;
use sev_launch_testkit::pi::{self, File, Ovmf, Section, VERIFIER_GUIDS};

use crate::accounted::{NAMES, opened};

/// The driver with the verifier (edk2, `OvmfPkg/QemuKernelLoaderFsDxe/QemuKernelLoaderFsDxe.inf`).
const LOADER: &str = "806040ca-dad9-4978-a3b4-2d2ab0c8a48f";

#[test]
fn made_up_builds_are_told_apart() {
    assert_eq!(kernel_hash_check(&Ovmf::amd_sev().build()), KernelHashCheck::Yes);
    assert_eq!(kernel_hash_check(&Ovmf::general().build()), KernelHashCheck::No);
}

#[test]
fn a_launcher_reads_their_tables() {
    for image in [Ovmf::amd_sev(), Ovmf::general()].map(|ovmf| ovmf.build()) {
        assert_eq!(image.len() % 4096, 0);
        let tables = Firmware::parse(&image).unwrap().tables();
        assert_eq!(tables.metadata.unwrap().unwrap().sections.len(), 7);
    }
}

#[test]
fn without_every_guid_of_the_verifier_it_is_no_yes() {
    let loader = |guids: &[&str]| {
        let code: Vec<u8> = guids.iter().flat_map(|name| guid(name)).collect();
        Ovmf::general().driver(
            File::driver(NAMES[0], "Other")
                .section(Section::pe32(Ovmf::general().executable("Other", code).bytes())),
        )
    };
    // GUIDs in another module are no verifier, but reason to doubt.
    for count in 1..=4 {
        let image = loader(&VERIFIER_GUIDS[..count]).build();
        let check = kernel_hash_check(&image);
        let wanted = if count == 1 { KernelHashCheck::No } else { KernelHashCheck::Unknown };
        assert_eq!(check, wanted, "{count} GUIDs in another module");
    }
}

#[test]
fn where_something_is_not_understood_it_is_no_no() {
    let general = Ovmf::general().build();
    let hidden = [
        ("a packed section", Section::guided(pi::TIANO, 1, &[], [1; 50])),
        ("a section of an unknown type", Section::new(0x44, [1; 50])),
        ("a broken LZMA section", Section::guided(pi::LZMA, 1, &[], [0xff; 50])),
    ];
    assert_eq!(kernel_hash_check(&general), KernelHashCheck::No);
    for (what, section) in hidden {
        let image = Ovmf::general()
            .driver(File::driver(NAMES[0], "Other").section(section.clone()))
            .build();
        assert_eq!(kernel_hash_check(&image), KernelHashCheck::Unknown, "{what}");
        // What the loader has is not less because of it.
        let image =
            Ovmf::amd_sev().driver(File::driver(NAMES[0], "Other").section(section)).build();
        assert_eq!(kernel_hash_check(&image), KernelHashCheck::Yes, "{what}");
    }
}

#[test]
fn a_second_loader_or_none_is_unknown() {
    let second = File::driver(LOADER, "QemuKernelLoaderFsDxe").section(Section::pe32([1; 64]));
    for ovmf in [Ovmf::amd_sev(), Ovmf::general()] {
        let image = ovmf.driver(second.clone()).build();
        assert_eq!(kernel_hash_check(&image), KernelHashCheck::Unknown);
    }
    assert_eq!(kernel_hash_check(&Ovmf::amd_sev().sec_volume().bytes()), KernelHashCheck::Unknown);
    assert_eq!(kernel_hash_check(&[]), KernelHashCheck::Unknown);
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn no_change_of_one_byte_of_the_flash_turns_no_into_yes() {
    let general = Ovmf::general().build();
    for at in (0..general.len()).step_by(61) {
        let mut changed = general.clone();
        changed[at] ^= 0x55;
        assert_ne!(kernel_hash_check(&changed), KernelHashCheck::Yes, "at {at:#x}");
    }
}

#[test]
fn a_loader_that_was_deleted_is_no_verifier() {
    let guids: Vec<u8> = VERIFIER_GUIDS.into_iter().flat_map(guid).collect();
    let code = Section::pe32(Ovmf::general().executable("QemuKernelLoaderFsDxe", guids).bytes());
    let loader = File::driver(LOADER, "QemuKernelLoaderFsDxe").section(code).state(0x17);
    let volume = pi::Volume::new(pi::FFS2, 0).file(loader).fitting();
    let bytes = volume.bytes();
    assert!(!opened(&bytes).is_understood());
    assert_ne!(kernel_hash_check(&bytes), KernelHashCheck::Yes);
}

#[test]
fn a_loader_in_a_file_that_was_deleted_is_no_verifier() {
    let inside = Section::volume(Ovmf::amd_sev().dxe_volume().bytes());
    let file = File::new(pi::VOLUME_IMAGE, NAMES[0]).section(inside);
    let image = |file: File| pi::Volume::new(pi::FFS2, 0).file(file).fitting().bytes();
    assert_eq!(kernel_hash_check(&image(file.clone())), KernelHashCheck::Yes);
    assert_ne!(kernel_hash_check(&image(file.state(0x17))), KernelHashCheck::Yes);
}

#[test]
fn a_loader_that_knows_some_of_the_entries_is_unknown() {
    // The first GUID is that of the whole table, which a general build may know.
    for (count, wanted) in [(1, "no"), (2, "unknown"), (3, "unknown"), (4, "yes")] {
        let code: Vec<u8> = VERIFIER_GUIDS[..count].iter().flat_map(|name| guid(name)).collect();
        let code = Section::pe32(Ovmf::general().executable("QemuKernelLoaderFsDxe", code).bytes());
        let loader = File::driver(LOADER, "QemuKernelLoaderFsDxe").section(code);
        let bytes = pi::Volume::new(pi::FFS2, 0).file(loader).fitting().bytes();
        assert_eq!(kernel_hash_check(&bytes).to_string(), wanted, "{count}");
    }
}
