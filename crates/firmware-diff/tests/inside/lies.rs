//! Images whose fields lie, that are cut, or that overlap: kept whole with a remark, and never a panic.

use sev_launch_firmware_diff::{Image, Remark};
use sev_launch_testkit::pi::{self, File, Section, Volume};

use crate::accounted::{NAMES, assert_accounted, opened, remarks, small_image};

/// A volume with one file with two sections: the volume's header is at 0, the file's at 0x48, the sections' at 0x60 and 0x78.
fn plain() -> Vec<u8> {
    let file = File::new(pi::FREEFORM, NAMES[0])
        .section(Section::raw([1; 20]))
        .section(Section::user_interface("Name"));
    let bytes = Volume::new(pi::FFS3, 0x400).file(file).bytes();
    assert_eq!(
        (&bytes[0x60..0x64], &bytes[0x78..0x7c]),
        (&[24, 0, 0, 0x19][..], &[14, 0, 0, 0x15][..])
    );
    bytes
}

/// The same with other bytes at a place, and all that is odd about it.
fn lie(at: usize, bytes: &[u8]) -> Vec<Remark> {
    let mut image = plain();
    image[at..at + bytes.len()].copy_from_slice(bytes);
    let image = opened(&image);
    remarks(&image)
}

fn is_checksum(remark: &Remark, of: &str) -> bool {
    matches!(remark, Remark::Checksum { what } if *what == of)
}

#[test]
fn a_lying_volume_header_is_told() {
    assert_eq!(remarks(&opened(&plain())), []);
    // The signature: nothing says that there is a volume.
    assert_eq!(lie(40, b"_FVX"), []);
    // The length: less than the header, one byte less, one byte more, all ones.
    for (length, is_volume) in [
        (0u64, false),
        (0x47, false),
        (0x48, true),
        (0x3ff, true),
        (0x401, false),
        (u64::MAX, false),
    ] {
        let found = lie(32, &length.to_le_bytes());
        if is_volume {
            assert!(
                is_checksum(&found[0], "header") && matches!(found[1], Remark::Malformed { .. }),
                "{length:#x}: {found:?}"
            );
        } else {
            assert!(matches!(found[..], [Remark::NoVolume { .. }]), "{length:#x}: {found:?}");
        }
    }
    // The header's length.
    for (length, is_volume) in [
        (0u16, false),
        (0x38, false),
        (0x46, false),
        (0x49, false),
        (0x4a, true),
        (0x400, true),
        (0x401, false),
        (0x402, false),
        (u16::MAX, false),
    ] {
        let found = lie(48, &length.to_le_bytes());
        if is_volume {
            assert!(
                !found.is_empty()
                    && !found.iter().any(|remark| matches!(remark, Remark::NoVolume { .. })),
                "{length:#x}: {found:?}"
            );
        } else {
            assert!(matches!(found[..], [Remark::NoVolume { .. }]), "{length:#x}: {found:?}");
        }
    }
    assert!(is_checksum(&lie(50, &[1, 2])[0], "header"));
    // An extended header outside of the volume, at its very end, and across it.
    for offset in [0x3ffu16, 0x3f0, 0x400, 0xffff] {
        let found = lie(52, &offset.to_le_bytes());
        assert!(
            found.iter().any(|remark| matches!(remark, Remark::Malformed { .. })),
            "{offset:#x}: {found:?}"
        );
    }
    // The block map: another number, another size, no end.
    for (at, bytes) in [
        (56, [2, 0, 0, 0]),
        (60, [1, 0, 0, 0]),
        (64, [1, 0, 0, 0]),
        (56, [0xff; 4]),
        (60, [0xff; 4]),
    ] {
        let found = lie(at, &bytes);
        assert!(
            is_checksum(&found[0], "header") && matches!(found[1], Remark::Malformed { .. }),
            "{at}: {found:?}"
        );
    }
}

#[test]
fn a_lying_file_header_is_told() {
    // The checksum of the header, a name that does not fit to it, and that of the contents.
    assert!(is_checksum(&lie(0x48, &[0])[0], "header"));
    assert!(is_checksum(&lie(0x58, &[0])[0], "header"));
    assert!(is_checksum(&lie(0x59, &[0xab])[0], "contents"));
    // The size: less than the header; one byte beyond the volume; all ones.
    for size in [0u32, 23, 0x3b9, 0x00ff_ffff] {
        let found = lie(0x5c, &size.to_le_bytes()[..3]);
        assert!(matches!(found[..], [Remark::NoFile { .. }]), "{size:#x}: {found:?}");
    }
    // Up to the volume's last byte, over free space.
    let found = lie(0x5c, &0x3b8u32.to_le_bytes()[..3]);
    assert!(is_checksum(&found[0], "header"), "{found:?}");
    // A large file whose size is none.
    for size in [0u64, 31, 0x3b9, u64::MAX] {
        let mut bytes = [1, 0, 0, 0, 0xf8].to_vec();
        bytes.extend(size.to_le_bytes());
        let found = lie(0x5b, &bytes);
        assert!(matches!(found[..], [Remark::NoFile { .. }]), "{size:#x}: {found:?}");
    }
    // Types that no specification has.
    for kind in [0u8, 0x10, 0xbf, 0xf1] {
        let found = lie(0x5a, &[kind]);
        assert!(
            found.iter().any(|remark| matches!(remark, Remark::Malformed { .. })),
            "{kind:#x}: {found:?}"
        );
    }
    // States of a file that was never written to its end, or is gone.
    for state in [0xff, !0x01, !0x03, !0x17, !0x27, !0x37u8] {
        let found = lie(0x5f, &[state]);
        assert!(found.contains(&Remark::NotInUse), "{state:#x}: {found:?}");
    }
}

#[test]
fn a_lying_section_header_is_told() {
    for size in [0u32, 1, 3, 0x23d, 0x00ff_fffe] {
        let found = lie(0x60, &size.to_le_bytes()[..3]);
        assert!(matches!(found[..], [Remark::NoSection { .. }]), "{size:#x}: {found:?}");
    }
    for size in [0u32, 7, 0x3b1, u32::MAX] {
        let found = lie(0x60, &[&[0xff, 0xff, 0xff, 0x19][..], &size.to_le_bytes()].concat());
        assert!(matches!(found[..], [Remark::NoSection { .. }]), "{size:#x}: {found:?}");
    }
    for kind in [0u8, 4, 0x0f, 0x1a, 0x1d, 0xff] {
        let found = lie(0x63, &[kind]);
        assert!(matches!(found[..], [Remark::Malformed { .. }]), "{kind:#x}: {found:?}");
    }
    // A GUID-defined section whose contents start in its header, or behind its end.
    for offset in [0u16, 4, 23, 25, u16::MAX] {
        let mut bytes = [24, 0, 0, 0x02].to_vec();
        bytes.extend([0x11; 16]);
        bytes.extend(offset.to_le_bytes());
        bytes.extend([0, 0]);
        let found = lie(0x60, &bytes);
        assert!(matches!(found[..], [Remark::NoSection { .. }]), "{offset}: {found:?}");
    }
}

#[test]
fn a_volume_in_a_section_that_is_none_is_told() {
    for inside in
        [vec![], vec![1; 10], vec![0xff; 200], plain()[..0x3ff].to_vec(), plain()[1..].to_vec()]
    {
        let file = File::new(pi::VOLUME_IMAGE, NAMES[0]).section(Section::volume(inside.clone()));
        let bytes = Volume::new(pi::FFS2, 0x1000).file(file).bytes();
        let found = remarks(&opened(&bytes));
        assert!(inside.is_empty() || matches!(found[..], [Remark::Malformed { .. }]), "{found:?}");
    }
}

#[test]
fn volumes_in_each_other_are_the_outer_ones() {
    // The signature of a volume in the data of a file: what is in a file is not looked for.
    let inner = plain();
    let outer = Volume::new(pi::FFS2, 0x1000).file(File::raw(NAMES[0], inner.clone())).bytes();
    let image = opened(&outer);
    assert_eq!((image.root().parts.len(), remarks(&image)), (1, Vec::new()));
    // Two volumes of which the first claims the second's header: the second is inside of the first.
    let mut both = [plain(), plain()].concat();
    both[32..40].copy_from_slice(&0x440u64.to_le_bytes());
    let image = opened(&both);
    assert!(!remarks(&image).is_empty());
}

#[test]
fn an_image_that_is_cut_anywhere_is_accounted_for() {
    let whole = small_image();
    for end in 1..whole.len() {
        for cut in [&whole[..end], &whole[end..]] {
            match Image::open(cut) {
                Ok(image) => assert_accounted(&image, cut),
                Err(error) => panic!("{end}: {error}"),
            }
        }
    }
}

#[test]
fn an_image_with_any_bit_changed_is_accounted_for() {
    let whole = small_image();
    let mut changed = whole.clone();
    let mut refused = 0;
    for bit in 0..8 * whole.len() {
        changed[bit / 8] ^= 1 << (bit % 8);
        match Image::open(&changed) {
            Ok(image) => assert_accounted(&image, &changed),
            // The size that the Brotli section promises.
            Err(error) => {
                assert!(error.to_string().contains("unpack"), "bit {bit}: {error}");
                refused += 1;
            }
        }
        changed[bit / 8] = whole[bit / 8];
    }
    // A promise of 64 bits, of which 28 and those above are more than may be unpacked; 2^28 is, with what the decoder takes.
    assert!((30..=40).contains(&refused), "{refused}");
}

#[test]
fn any_16_bits_of_ones_or_zeros_are_accounted_for() {
    let whole = small_image();
    for at in 0..whole.len() - 4 {
        for value in [[0xff, 0xff], [0, 0], [0xff, 0x7f], [0, 1], [0xf8, 0xff]] {
            let mut changed = whole.clone();
            changed[at..at + 2].copy_from_slice(&value);
            match Image::open(&changed) {
                Ok(image) => assert_accounted(&image, &changed),
                Err(error) => assert!(error.to_string().contains("unpack"), "{at:#x}: {error}"),
            }
        }
    }
}
