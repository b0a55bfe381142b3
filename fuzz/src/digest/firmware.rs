//! Firmware images: what is said of one does not depend on the pieces in which it comes, and lies inside of it.

use sev_launch_digest::firmware::{self, AbsorbedFirmware, Absorber, Firmware};
use sev_launch_testkit::expected;
use sev_launch_testkit::firmware::FirmwareBuilder;

/// The first byte of an input says in what pieces the rest is taken in.
pub(crate) fn run(bytes: &[u8]) {
    let Some((first, image)) = bytes.split_first() else { return };
    let whole = Firmware::parse(image).map(|firmware| {
        look_at(&firmware, image);
        firmware.absorb()
    });
    match &whole {
        Ok(_) => assert!(!image.is_empty(), "an image without bytes"),
        // A disk image in some format, whose contents the guest would see in place of these bytes, or what is no firmware at all.
        Err(firmware::Error::Container { .. } | firmware::Error::Igvm) => {}
        Err(error) => assert!(image.is_empty(), "every image but an empty one is one: {error}"),
    }
    let pieces = [usize::from(*first) + 1, 64, 4096];
    let taken_in = match absorb(image, &pieces, 0) {
        Err(firmware::Error::MetadataNotKept { wanted, .. }) => absorb(image, &pieces, wanted),
        other => other,
    };
    assert_eq!(taken_in, whole, "in pieces and whole");
}

fn look_at(firmware: &Firmware<'_>, image: &[u8]) {
    if let Ok(Some(table)) = firmware.table() {
        for entry in &table.entries {
            let start = usize::try_from(entry.offset).expect("an offset in the image");
            assert_eq!(&image[start..start + entry.payload.len()], entry.payload, "a record");
        }
    }
    if let Ok(Some(metadata)) = firmware.tables().metadata {
        for section in &metadata.sections {
            assert!(section.length > 0 && section.end() <= firmware.gpa(), "{section:?}");
        }
    }
    let absorbed = firmware.absorb();
    let sha256 = absorbed.sha256().expect("absorbed whole");
    assert_eq!(*sha256.as_bytes(), expected::sev(image, None));
    let snp = absorbed.snp_digest().ok().map(|digest| *digest.as_bytes());
    let pages = image.len().is_multiple_of(expected::PAGE);
    assert_eq!(snp, pages.then(|| expected::snp_firmware(image)));
}

fn absorb(
    mut image: &[u8],
    pieces: &[usize],
    keep: u64,
) -> Result<AbsorbedFirmware, firmware::Error> {
    let size = u64::try_from(image.len()).expect("usize holds at most 64 bits");
    let mut absorber = Absorber::new(size, None)?.keeping(keep);
    for length in pieces.iter().cycle() {
        let (piece, rest) = image.split_at((*length).min(image.len()));
        absorber.update(piece);
        image = rest;
        if image.is_empty() {
            break;
        }
    }
    absorber.finish()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let images = [
        FirmwareBuilder::amd_sev().size(0x2000).build(),
        FirmwareBuilder::amd_sev().size(0x1000).svsm_info(16).build(),
        FirmwareBuilder::new(0x800).lone_reset_block(0x80_b004).build(),
        FirmwareBuilder::new(0x1000).without_table().build(),
    ];
    images.into_iter().map(|image| [&[63], image.as_slice()].concat()).collect()
}
