//! Firmware images: what is said of one does not depend on the pieces in which it comes.

use sev_launch_digest::firmware::{self, AbsorbedFirmware, Absorber, Firmware};
use sev_launch_testkit::firmware::FirmwareBuilder;

/// The first byte of an input says in what pieces the rest is taken in.
pub(crate) fn run(bytes: &[u8]) {
    let Some((first, image)) = bytes.split_first() else { return };
    let whole = Firmware::parse(image).map(|firmware| firmware.absorb());
    let pieces = [usize::from(*first) + 1, 64, 4096];
    let taken_in = match absorb(image, &pieces, 0) {
        Err(firmware::Error::MetadataNotKept { wanted, .. }) => absorb(image, &pieces, wanted),
        other => other,
    };
    assert_eq!(taken_in, whole, "in pieces and whole");
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
        FirmwareBuilder::new(0x1000).without_table().build(),
    ];
    images.into_iter().map(|image| [&[63], image.as_slice()].concat()).collect()
}
