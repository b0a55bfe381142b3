//! Files that hold an image, and are none: what the guest sees, and its VMM measures, is inside.
//!
//! A disk image's format is known by its first bytes, as QEMU finds it out where nobody says it. [QEMU, bdrv_probe_all]

use super::error::Error;

/// A kind of file, where its signature stands, and the signature.
const KINDS: [(&str, usize, &[u8]); 7] = [
    ("a qcow2 image", 0, b"QFI\xfb"),
    ("a VMDK image", 0, b"KDMV"),
    ("a VMDK image", 0, b"COWD"),
    ("a VHDX image", 0, b"vhdxfile"),
    ("a QED image", 0, b"QED\0"),
    ("a LUKS container", 0, b"LUKS\xba\xbe"),
    ("a VDI image", 0x40, b"\x7f\x10\xda\xbe"),
];

/// How many of a file's first bytes are looked at.
pub(super) const LOOKED_AT: usize = 0x48;

/// Refuses a file that is a container, by its first bytes.
pub(super) fn check(start: &[u8]) -> Result<(), Error> {
    if start.starts_with(b"IGVM") {
        return Err(Error::Igvm);
    }
    let found = KINDS.iter().find(|(_, offset, magic)| {
        start.get(*offset..).is_some_and(|bytes| bytes.starts_with(magic))
    });
    match found {
        Some((kind, ..)) => Err(Error::Container { kind }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Absorber, Firmware};
    use super::*;
    use alloc::vec;

    // The first bytes of what qemu-img of 10.0 makes, and of an IGVM file.
    #[test]
    fn containers_are_no_firmware() {
        for (magic, offset, wanted) in [
            (&b"QFI\xfb\0\0\0\x03"[..], 0, Error::Container { kind: "a qcow2 image" }),
            (b"KDMV\x01\0\0\0", 0, Error::Container { kind: "a VMDK image" }),
            (b"vhdxfile", 0, Error::Container { kind: "a VHDX image" }),
            (b"\x7f\x10\xda\xbe", 0x40, Error::Container { kind: "a VDI image" }),
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
        assert_eq!(check(b""), Ok(()));
    }
}
