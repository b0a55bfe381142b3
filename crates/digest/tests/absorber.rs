//! Images taken in as they are read: in whatever pieces they come, the answer is that of the whole image.

use proptest::collection::vec;
use proptest::prelude::*;
use sev_launch_abi::Technology;
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::{self, AbsorbedFirmware, Absorber, Firmware, KEPT};
use sev_launch_digest::hash::Portable;
use sev_launch_testkit::expected;
use sev_launch_testkit::firmware::{FirmwareBuilder, guid};

/// The size of a large image: more than is kept of it.
const LARGE: usize = 0x32000;

fn size(image: &[u8]) -> u64 {
    image.len().try_into().expect("small")
}

/// Takes an image in, in pieces of these sizes in turn.
fn absorb(
    mut absorber: Absorber,
    mut image: &[u8],
    pieces: &[usize],
) -> Result<AbsorbedFirmware, firmware::Error> {
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
        let absorbed = absorb(Absorber::new(size(&image), None).unwrap(), &image, pieces).unwrap();
        assert_eq!(absorbed, whole(&image), "{pieces:?}");
        let sha256 = absorbed.sha256().unwrap();
        assert_eq!(*sha256.as_bytes(), expected::sev(&image, None), "{pieces:?}");
        let snp_digest = absorbed.snp_digest().unwrap();
        assert_eq!(*snp_digest.as_bytes(), expected::snp_firmware(&image), "{pieces:?}");
    }
}

#[test]
fn what_a_technology_needs_is_taken_in_and_no_more() {
    let image = FirmwareBuilder::amd_sev().size(LARGE).build();
    let firmware = Firmware::parse(&image).unwrap();
    for technology in [Technology::Sev, Technology::SevEs, Technology::Snp] {
        let absorber = Absorber::new(size(&image), Some(technology)).unwrap();
        let absorbed = absorb(absorber, &image, &[0x8000]).unwrap();
        assert_eq!(absorbed, firmware.absorb_with(Some(technology), &Portable));
    }
}

#[test]
fn metadata_before_what_is_kept_is_asked_for() {
    let back = 0x1_8000;
    let image = FirmwareBuilder::amd_sev().size(LARGE).metadata_offset(back).build();
    let take = |absorber| absorb(absorber, &image, &[0x4000]);
    let new = || Absorber::new(size(&image), None).unwrap();
    let wanted = u64::from(back);
    assert_eq!(take(new()), Err(firmware::Error::MetadataNotKept { wanted, kept: KEPT }));
    assert_eq!(
        take(new().keeping(wanted - 1)),
        Err(firmware::Error::MetadataNotKept { wanted, kept: wanted - 1 })
    );
    assert_eq!(take(new().keeping(wanted)), Ok(whole(&image)));
    assert!(whole(&image).sections().is_ok());
    // Said too late, with bytes already gone, it is still asked for.
    let mut late = new();
    late.update(&image[..0x2_0000]);
    let late = absorb(late.keeping(wanted), &image[0x2_0000..], &[0x4000]);
    assert_eq!(late, Err(firmware::Error::MetadataNotKept { wanted, kept: wanted - 0x6000 }));
    assert_eq!(take(new().keeping(wanted).keeping(1)), Ok(whole(&image)));
    // No fewer than always.
    let near = FirmwareBuilder::amd_sev().size(LARGE).build();
    let absorber = Absorber::new(size(&near), None).unwrap().keeping(1);
    assert_eq!(absorb(absorber, &near, &[LARGE]), Ok(whole(&near)));
}

#[test]
fn metadata_at_the_edge_of_what_is_kept_is_read() {
    for (more, fits) in [(0, true), (1, false)] {
        let back = u32::try_from(KEPT + more).unwrap();
        let image = FirmwareBuilder::amd_sev().size(LARGE).metadata_offset(back).build();
        let absorbed = absorb(Absorber::new(size(&image), None).unwrap(), &image, &[0x1234]);
        let not_kept = firmware::Error::MetadataNotKept { wanted: KEPT + more, kept: KEPT };
        assert_eq!(absorbed, if fits { Ok(whole(&image)) } else { Err(not_kept) });
    }
}

#[test]
fn images_about_as_large_as_what_is_kept_are_taken_in() {
    for difference in -2..=2 {
        let length = usize::try_from(KEPT).unwrap().checked_add_signed(difference).unwrap();
        let image = FirmwareBuilder::amd_sev().size(length).build();
        let absorbed = absorb(Absorber::new(size(&image), None).unwrap(), &image, &[1, 0x7fff]);
        assert_eq!(absorbed, Ok(whole(&image)), "{length}");
    }
}

#[test]
fn a_lone_reset_block_reaches_as_far_as_is_kept() {
    // [QEMU, sev_es_find_reset_vector]: a u16 length before the GUID, and that far before the last 32 bytes the address.
    let mut image = FirmwareBuilder::new(LARGE).without_table().lone_reset_block(0).build();
    let end = LARGE - 32;
    image[end - 18..end - 16].copy_from_slice(&[0xff, 0xff]);
    image[end - 0xffff..][..4].copy_from_slice(&0x0080_b004_u32.to_le_bytes());
    let absorbed = absorb(Absorber::new(size(&image), None).unwrap(), &image, &[0x1000]).unwrap();
    assert_eq!(absorbed.reset_address(), Ok(0x0080_b004));
    assert_eq!(absorbed, whole(&image));
}

#[test]
fn a_table_reaches_as_far_as_is_kept() {
    // A record of zeros fills the table up to the longest that a u16 can say.
    let entries = 0xffff - 18 - 18;
    let image = FirmwareBuilder::new(LARGE)
        .entry("01234567-89ab-cdef-0123-456789abcdef", vec![0; entries])
        .build();
    let firmware = Firmware::parse(&image).unwrap();
    assert_eq!(firmware.table().unwrap().unwrap().entries.len(), 1);
    let absorbed = absorb(Absorber::new(size(&image), None).unwrap(), &image, &[0x3000]);
    assert_eq!(absorbed, Ok(firmware.absorb()));
}

#[test]
fn a_store_of_variables_is_known_by_its_first_bytes() {
    let mut image = FirmwareBuilder::amd_sev().size(LARGE).build();
    // [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]: EFI_SYSTEM_NV_DATA_FV_GUID and the signature.
    image[16..32].copy_from_slice(&guid("fff12b8d-7696-4c8b-a985-2747075b4f50"));
    image[40..44].copy_from_slice(b"_FVH");
    for pieces in [[1].as_slice(), &[41], &[LARGE]] {
        let absorbed = absorb(Absorber::new(size(&image), None).unwrap(), &image, pieces).unwrap();
        assert!(absorbed.warnings().contains(&Warning::CombinedImage), "{pieces:?}");
        assert_eq!(absorbed, whole(&image), "{pieces:?}");
    }
}

#[test]
fn metadata_outside_the_image_is_the_image_s_own_fault() {
    for back in [size(&[0; LARGE]) + 1, u64::from(u32::MAX)] {
        let back = u32::try_from(back).unwrap();
        let image = FirmwareBuilder::amd_sev().size(LARGE).metadata_pointer(back).build();
        let absorbed =
            absorb(Absorber::new(size(&image), None).unwrap(), &image, &[LARGE]).unwrap();
        assert_eq!(absorbed, whole(&image));
        assert!(
            matches!(absorbed.sections(), Err(firmware::Error::MetadataOffset { found, .. }) if found == back)
        );
    }
}

#[test]
fn an_image_of_another_size_than_was_said_is_refused() {
    let image = FirmwareBuilder::amd_sev().size(LARGE).build();
    let found = size(&image);
    for wanted in [1, found - 1, found + 1, found - 4096, 2 * found] {
        let result = absorb(Absorber::new(wanted, None).unwrap(), &image, &[0x4000]);
        assert_eq!(result, Err(firmware::Error::Size { wanted, found }));
    }
    let nothing = Absorber::new(4096, None).unwrap().finish();
    assert_eq!(nothing, Err(firmware::Error::Size { wanted: 4096, found: 0 }));
}

#[test]
fn sizes_that_no_image_has_are_refused() {
    assert_eq!(Absorber::new(0, None).map(|_| ()), Err(firmware::Error::Empty));
    for size in [0xffff_f001, 1 << 32, u64::MAX] {
        assert_eq!(Absorber::new(size, None).map(|_| ()), Err(firmware::Error::TooLarge { size }));
    }
    assert!(Absorber::new(0, Some(Technology::Snp)).is_err());
    assert!(Absorber::new(0xffff_f000, None).is_ok());
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
        let absorbed = absorb(Absorber::new(size(&image), None).unwrap(), &image, &pieces);
        match absorbed {
            Err(firmware::Error::MetadataNotKept { wanted, .. }) => {
                let absorber = Absorber::new(size(&image), None).unwrap().keeping(wanted);
                prop_assert_eq!(absorb(absorber, &image, &pieces), Ok(whole(&image)));
            }
            absorbed => prop_assert_eq!(absorbed, Ok(whole(&image))),
        }
    }
}
