//! Images taken in as they are read: in whatever pieces they come, the answer is that of the whole image.

use proptest::collection::vec;
use proptest::prelude::*;
use sev_launch_digest::firmware::absorber::KEPT;
use sev_launch_digest::firmware::{AbsorbedFirmware, Absorber, Firmware};
use sev_launch_digest::hash::Portable;
use sev_launch_digest::{Error, Technology};
use sev_launch_testkit::expected;
use sev_launch_testkit::firmware::FirmwareBuilder;

/// The size of a large image: more than is kept of it, and no multiple of any buffer.
const LARGE: usize = 0x32000;

fn size(image: &[u8]) -> u64 {
    image.len().try_into().expect("small")
}

/// Takes an image in, in pieces of these sizes in turn.
fn absorb(
    mut absorber: Absorber,
    mut image: &[u8],
    pieces: &[usize],
) -> Result<AbsorbedFirmware, Error> {
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

fn whole(image: &[u8]) -> AbsorbedFirmware {
    Firmware::parse(image).expect("an image").absorb()
}

#[test]
fn a_large_image_is_taken_in_as_it_comes() {
    let image = FirmwareBuilder::amd_sev().size(LARGE).build();
    for pieces in [[1].as_slice(), &[64], &[4095, 1], &[4096], &[0, 4097], &[0x20000], &[LARGE]] {
        let absorbed = absorb(Absorber::new(size(&image)).unwrap(), &image, pieces).unwrap();
        assert_eq!(absorbed, whole(&image), "{pieces:?}");
        let sha256 = absorbed.sha256().unwrap();
        assert_eq!(*sha256.as_bytes(), expected::sev(&image, None), "{pieces:?}");
    }
}

#[test]
fn what_a_technology_needs_is_taken_in_and_no_more() {
    let image = FirmwareBuilder::amd_sev().size(LARGE).build();
    let firmware = Firmware::parse(&image).unwrap();
    for technology in [Technology::Sev, Technology::SevEs, Technology::Snp] {
        let absorber = Absorber::new_for(size(&image), technology).unwrap();
        let absorbed = absorb(absorber, &image, &[0x8000]).unwrap();
        assert_eq!(absorbed, firmware.absorb_for(technology, &Portable, &Portable));
    }
}

#[test]
fn metadata_before_what_is_kept_is_asked_for() {
    let back = 0x1_8000;
    let image = FirmwareBuilder::amd_sev().size(LARGE).metadata_offset(back).build();
    let take = |absorber| absorb(absorber, &image, &[0x4000]);
    let new = || Absorber::new(size(&image)).unwrap();
    let wanted = u64::from(back);
    assert_eq!(take(new()), Err(Error::MetadataNotKept { wanted, kept: KEPT }));
    assert_eq!(
        take(new().keeping(wanted - 1)),
        Err(Error::MetadataNotKept { wanted, kept: wanted - 1 })
    );
    assert_eq!(take(new().keeping(wanted)), Ok(whole(&image)));
    assert!(whole(&image).sections().is_ok());
    // No fewer than always.
    let near = FirmwareBuilder::amd_sev().size(LARGE).build();
    let absorber = Absorber::new(size(&near)).unwrap().keeping(1);
    assert_eq!(absorb(absorber, &near, &[LARGE]), Ok(whole(&near)));
}

#[test]
fn metadata_outside_the_image_is_the_image_s_own_fault() {
    for back in [size(&[0; LARGE]) + 1, u64::from(u32::MAX)] {
        let back = u32::try_from(back).unwrap();
        let image = FirmwareBuilder::amd_sev().size(LARGE).metadata_pointer(back).build();
        let absorbed = absorb(Absorber::new(size(&image)).unwrap(), &image, &[LARGE]).unwrap();
        assert_eq!(absorbed, whole(&image));
        assert!(
            matches!(absorbed.sections(), Err(Error::MetadataOffset { found, .. }) if found == back)
        );
    }
}

#[test]
fn an_image_of_another_size_than_was_said_is_refused() {
    let image = FirmwareBuilder::amd_sev().size(LARGE).build();
    let found = size(&image);
    for wanted in [1, found - 1, found + 1, found - 4096, 2 * found] {
        let result = absorb(Absorber::new(wanted).unwrap(), &image, &[0x4000]);
        assert_eq!(result, Err(Error::FirmwareSize { wanted, found }));
    }
    let nothing = Absorber::new(4096).unwrap().finish();
    assert_eq!(nothing, Err(Error::FirmwareSize { wanted: 4096, found: 0 }));
}

#[test]
fn sizes_that_no_image_has_are_refused() {
    assert_eq!(Absorber::new(0).map(|_| ()), Err(Error::EmptyFirmware));
    for size in [0xffff_f001, 1 << 32, u64::MAX] {
        assert_eq!(Absorber::new(size).map(|_| ()), Err(Error::FirmwareTooLarge { size }));
    }
    assert!(Absorber::new_for(0, Technology::Snp).is_err());
    assert!(Absorber::new(0xffff_f000).is_ok());
}

proptest! {
    #[test]
    fn pieces_of_any_sizes_give_the_whole_image_s_answer(
        length in prop_oneof![1..300_usize, 4000..4200_usize, 0x1_0000..0x1_4000_usize],
        fill in prop_oneof![Just(0xff), Just(0)],
        writes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        pieces in vec(0..9000_usize, 1..8),
        table in any::<bool>(),
    ) {
        let mut image = vec![fill; length];
        let tables = FirmwareBuilder::amd_sev().size(0x1000).build();
        if table && let Some(start) = length.checked_sub(tables.len()) {
            image[start..].copy_from_slice(&tables);
        }
        for (place, byte) in writes {
            let place = place.index(length);
            image[place] = byte;
        }
        prop_assume!(pieces.iter().any(|piece| *piece > 0));
        let absorbed = absorb(Absorber::new(size(&image)).unwrap(), &image, &pieces);
        match absorbed {
            Err(Error::MetadataNotKept { wanted, .. }) => {
                let absorber = Absorber::new(size(&image)).unwrap().keeping(wanted);
                prop_assert_eq!(absorb(absorber, &image, &pieces), Ok(whole(&image)));
            }
            absorbed => prop_assert_eq!(absorbed, Ok(whole(&image))),
        }
    }
}
