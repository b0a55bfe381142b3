//! Firmware images that can be made of the images at hand: variables and code joined, variables taken off.
//!
//! OVMF is built as one image of variables and code, and split into two: the first volume, of variables, and the rest
//! [OVMF, OvmfPkgX64.fdf]. Which of the three was measured is a frequent doubt. The length of the first volume is in its
//! header [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER].
//!
//! No example: it needs an image of OVMF; its test builds one.

use sev_launch_digest::firmware::Firmware;

use crate::described::File;

/// Where a volume's header has the volume's length in bytes, a u64. [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]
const FV_LENGTH: std::ops::Range<usize> = 32..40;

/// At most this many images are made, so that a folder of images does not become its square.
pub const MAX_VARIANTS: usize = 64;

/// What can be made of the images: `(name, bytes)` each.
///
/// An image that is a variable store and one that is not are joined in both orders; an image that starts with a variable
/// store is cut behind it. Each becomes a file for the pool. At most [`MAX_VARIANTS`] come out, in the order of the images;
/// what is no image at all (empty, over 4 GiB) is left out.
pub fn variants(images: &[(&str, &[u8])]) -> Vec<File> {
    let mut variants = Vec::new();
    let mut add = |name: String, image: &[u8]| {
        if variants.len() < MAX_VARIANTS {
            variants.extend(File::of_firmware(name, image));
        }
        variants.len() < MAX_VARIANTS
    };
    for (name, image) in images {
        if let Some(rest) = without_variables(image)
            && !add(format!("{name} without its variables"), rest)
        {
            return variants;
        }
    }
    let stores = images.iter().filter(|(_, image)| is_variable_store(image));
    for (store, variables) in stores {
        for (code, rest) in images.iter().filter(|(_, image)| !is_variable_store(image)) {
            let joined = add(format!("{store} and {code} joined"), &[*variables, *rest].concat())
                && add(format!("{code} and {store} joined"), &[*rest, *variables].concat());
            if !joined {
                return variants;
            }
        }
    }
    variants
}

/// Is the image nothing but a volume of variables: one that starts it, and no table at its end?
fn is_variable_store(image: &[u8]) -> bool {
    Firmware::parse(image).is_ok_and(|firmware| {
        firmware.starts_with_variables() && matches!(firmware.table(), Ok(None))
    })
}

/// What follows the volume of variables that starts the image.
fn without_variables(image: &[u8]) -> Option<&[u8]> {
    Firmware::parse(image).ok().filter(Firmware::starts_with_variables)?;
    let length = u64::from_le_bytes(image.get(FV_LENGTH)?.try_into().ok()?);
    let rest = image.get(usize::try_from(length).ok()?..)?;
    (length > 0 && !rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sev_launch_digest::hash::Sha256Digest;

    /// A volume of variables: EFI_SYSTEM_NV_DATA_FV_GUID at 16, the length at 32, `_FVH` at 40.
    fn store(size: usize, length: u64) -> Vec<u8> {
        let mut volume = vec![0xff; size];
        let guid = [
            0x8d, 0x2b, 0xf1, 0xff, 0x96, 0x76, 0x8b, 0x4c, 0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b,
            0x4f, 0x50,
        ];
        volume[16..32].copy_from_slice(&guid);
        volume[32..40].copy_from_slice(&length.to_le_bytes());
        volume[40..44].copy_from_slice(b"_FVH");
        volume
    }

    #[test]
    fn store_and_code_are_joined_in_both_orders() {
        let (store, code) = (store(4096, 4096), vec![7; 8192]);
        let made = variants(&[("CODE", &code), ("VARS", &store)]);
        let names: Vec<_> = made.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["VARS and CODE joined", "CODE and VARS joined"]);
        assert_eq!(made[0].sha256, Sha256Digest::of(&[&store[..], &code].concat()));
        assert_eq!(made[1].sha256, Sha256Digest::of(&[&code[..], &store].concat()));
    }

    #[test]
    fn variables_are_cut_off_a_combined_image() {
        let image = [store(4096, 4096), vec![7; 8192]].concat();
        let made = variants(&[("OVMF.fd", &image)]);
        assert_eq!(made[0].name, "OVMF.fd without its variables");
        assert_eq!((made[0].sha256, made[0].size), (Sha256Digest::of(&vec![7; 8192]), 8192));
    }

    #[test]
    fn lengths_that_lie_cut_nothing() {
        for length in [0, 4096, 4097, u64::MAX] {
            assert!(variants(&[("OVMF.fd", &store(4096, length))]).is_empty(), "{length}");
        }
        assert!(variants(&[("", b"")]).is_empty());
    }

    #[test]
    fn images_made_are_bounded() {
        let (store, code) = (store(64, 64), [7; 64]);
        let images: Vec<(&str, &[u8])> =
            (0..40).flat_map(|_| [("v", &store[..]), ("c", &code[..])]).collect();
        assert_eq!(variants(&images).len(), MAX_VARIANTS);
    }
}
