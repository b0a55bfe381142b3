//! Files that hold an image, and are none: what the guest sees, and its VMM measures, is inside.
//!
//! A disk image's format is known by its first bytes, as QEMU finds it out where nobody says it, or by what stands at its end.
//! [QEMU, bdrv_probe_all, vpc_open, dmg_find_koly_offset]

use super::error::Error;

/// A kind of file, where its signature stands, and the signature.
const KINDS: [(&str, usize, &[u8]); 13] = [
    ("a qcow2 image", 0, b"QFI\xfb"),
    ("a VMDK image", 0, b"KDMV"),
    ("a VMDK image", 0, b"COWD"),
    ("a VHDX image", 0, b"vhdxfile"),
    ("a QED image", 0, b"QED\0"),
    ("a LUKS container", 0, b"LUKS\xba\xbe"),
    ("a VDI image", 0x40, b"\x7f\x10\xda\xbe"),
    ("a VMDK image's descriptor", 0, b"# Disk DescriptorFile"),
    ("a Parallels image", 0, b"WithoutFreeSpace"),
    ("a Parallels image", 0, b"WithouFreSpacExt"),
    ("a VPC image", 0, b"conectix"),
    ("a Bochs image", 0, b"Bochs Virtual HD Image"),
    ("a cloop image", 0, b"#!/bin/sh\n#V2.0 Format\nmodprobe cloop"),
];

/// The same of signatures that stand in a footer, of so many bytes. Early VPC images have one of 511.
const FOOTERS: [(&str, usize, &[u8]); 3] = [
    ("a VPC image", 512, b"conectix"),
    ("a VPC image", 511, b"conectix"),
    ("a DMG image", 512, b"koly"),
];

/// How many of a file's first bytes are looked at.
pub(super) const LOOKED_AT: usize = 0x48;

/// Refuses a file that is a container, by its first bytes and its last.
pub(super) fn check(start: &[u8], end: &[u8]) -> Result<(), Error> {
    if start.starts_with(b"IGVM") {
        return Err(Error::Igvm);
    }
    let at_start = KINDS.iter().find(|(_, offset, magic)| {
        start.get(*offset..).is_some_and(|bytes| bytes.starts_with(magic))
    });
    let in_footer = || {
        FOOTERS.iter().find(|(_, size, magic)| {
            let footer = end.len().checked_sub(*size).and_then(|at| end.get(at..));
            footer.is_some_and(|bytes| bytes.starts_with(magic))
        })
    };
    match at_start.or_else(in_footer) {
        Some((kind, ..)) => Err(Error::Container { kind }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Absorber, Firmware};
    use super::*;
    use alloc::vec;

    // The first bytes of what qemu-img of 10.0 makes, and of an IGVM file; signatures of QEMU's block/*.c where it makes none.
    #[test]
    fn attack_containers_are_no_firmware() {
        for (magic, offset, wanted) in [
            (&b"QFI\xfb\0\0\0\x03"[..], 0, Error::Container { kind: "a qcow2 image" }),
            (b"KDMV\x01\0\0\0", 0, Error::Container { kind: "a VMDK image" }),
            (b"vhdxfile", 0, Error::Container { kind: "a VHDX image" }),
            (b"\x7f\x10\xda\xbe", 0x40, Error::Container { kind: "a VDI image" }),
            (b"# Disk DescriptorFile\n", 0, Error::Container { kind: "a VMDK image's descriptor" }),
            (b"WithoutFreeSpace", 0, Error::Container { kind: "a Parallels image" }),
            (b"WithouFreSpacExt", 0, Error::Container { kind: "a Parallels image" }),
            (b"conectix", 0, Error::Container { kind: "a VPC image" }),
            (b"conectix", 8192 - 512, Error::Container { kind: "a VPC image" }),
            (b"conectix", 8192 - 511, Error::Container { kind: "a VPC image" }),
            (b"koly", 8192 - 512, Error::Container { kind: "a DMG image" }),
            (b"Bochs Virtual HD Image", 0, Error::Container { kind: "a Bochs image" }),
            (
                b"#!/bin/sh\n#V2.0 Format\nmodprobe cloop",
                0,
                Error::Container { kind: "a cloop image" },
            ),
            (b"IGVM", 0, Error::Igvm),
        ] {
            let mut image = vec![0; 8192];
            image[offset..offset + magic.len()].copy_from_slice(magic);
            assert_eq!(Firmware::parse(&image).map(drop), Err(wanted.clone()));
            for step in [1, 7, 8192] {
                let mut absorber = Absorber::new(8192, None).unwrap();
                image.chunks(step).for_each(|piece| absorber.update(piece));
                assert_eq!(absorber.finish().map(drop), Err(wanted.clone()));
            }
            image[offset] ^= 1;
            assert!(Firmware::parse(&image).is_ok());
        }
        assert_eq!(check(b"", b""), Ok(()));
    }
}
