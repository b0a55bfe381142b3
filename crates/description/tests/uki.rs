//! Unified kernel images, built here, and everything that is none.

use proptest::prelude::*;
use sev_launch_description::uki::Uki;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_testkit::uki::{EFI_APPLICATION, pe};

const OS_RELEASE: &[u8] = b"ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";

fn uki() -> Vec<u8> {
    pe(
        EFI_APPLICATION,
        &[
            (".text", b"stub"),
            (".osrel", OS_RELEASE),
            (".cmdline", b"console=ttyS0 root=/dev/vda\n\0"),
            (".uname", b"6.1.0-18-amd64"),
            (".initrd", &[7; 1000]),
            (".linux", &[9; 3000]),
        ],
    )
}

#[test]
fn what_is_inside_is_told() {
    let uki = Uki::parse(&uki()).unwrap();
    assert_eq!((uki.linux.size, uki.linux.sha256), (3000, Sha256Digest::of(&[9; 3000])));
    let initrd = uki.initrd.unwrap();
    assert_eq!((initrd.size, initrd.sha256), (1000, Sha256Digest::of(&[7; 1000])));
    assert_eq!(uki.cmdline.as_deref(), Some("console=ttyS0 root=/dev/vda"));
    assert_eq!(uki.name.as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
    assert_eq!(uki.uname.as_deref(), Some("6.1.0-18-amd64"));
    assert_eq!((uki.device_tree, uki.profiles), (false, 0));
}

// What is built here is a PE for a reader that is not ours, too.
#[test]
fn the_builder_and_goblin_agree() {
    let image = uki();
    let header = goblin::pe::header::Header::parse(&image).unwrap();
    assert_eq!(header.coff_header.number_of_sections, 6);
    let optional = header.optional_header.unwrap();
    assert_eq!(optional.windows_fields.subsystem, EFI_APPLICATION);
    let pe = goblin::pe::PE::parse(&image).unwrap();
    let linux = pe.sections.iter().find(|section| section.name().unwrap() == ".linux").unwrap();
    assert_eq!(linux.virtual_size, 3000);
}

#[test]
fn parts_may_be_missing_and_profiles_are_counted() {
    let sections: [(&str, &[u8]); 5] = [
        (".linux", b"k"),
        (".dtb", b"d"),
        (".profile", b"a"),
        (".cmdline", b"x"),
        (".profile", b"b"),
    ];
    let uki = Uki::parse(&pe(EFI_APPLICATION, &sections)).unwrap();
    assert_eq!((uki.initrd, uki.name, uki.uname), (None, None, None));
    assert_eq!((uki.device_tree, uki.profiles), (true, 2));
}

#[test]
fn everything_else_is_named() {
    let long = vec![b'x'; (64 << 10) + 1];
    let mut outside = uki();
    // The first section header's size in the file; headers are 0x40 + 4 + 20 + 240 bytes in.
    outside[0x148 + 5 * 40 + 16..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    outside[0x148 + 5 * 40 + 8..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    for (bytes, part) in [
        (vec![], "no PE"),
        (b"\x7fELF".to_vec(), "no PE"),
        (b"MZ".to_vec(), "no PE"),
        (pe(EFI_APPLICATION, &[(".text", b"x")]), "a PE, but no UKI"),
        (pe(3, &[(".linux", b"x")]), "subsystem 3"),
        (pe(EFI_APPLICATION, &[(".linux", b"k"), (".cmdline", &[0xff])]), "no text"),
        (pe(EFI_APPLICATION, &[(".linux", b"k"), (".cmdline", &long)]), "65537 bytes"),
        (outside, "outside of the file"),
        (uki()[..0x150].to_vec(), "no PE"),
        (sev_launch_testkit::kernel::bz_image(13_824), "no PE"),
    ] {
        let error = Uki::parse(&bytes).unwrap_err().to_string();
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[test]
fn many_long_names_cost_nothing() {
    // Each name points into a table of strings that would be the whole file.
    let many = vec![("/4", &b""[..]); 1000];
    let mut file = pe(EFI_APPLICATION, &many);
    file.resize(8 << 20, b'x');
    assert!(Uki::parse(&file).is_err());
    let more = vec![(".linux", &b""[..]); 1025];
    let error = Uki::parse(&pe(EFI_APPLICATION, &more)).unwrap_err().to_string();
    assert!(error.contains("1025 sections"), "{error}");
}

proptest! {
    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = Uki::parse(&bytes);
    }

    #[test]
    fn no_change_of_an_image_is_a_panic(
        changes in prop::collection::vec((0_usize..0x300, any::<u8>()), 1..8),
        length in 0_usize..7000,
    ) {
        let mut file = uki();
        for (at, byte) in changes {
            file[at] = byte;
        }
        file.truncate(length.max(0x40));
        let _ = Uki::parse(&file);
    }
}
