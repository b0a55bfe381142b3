//! Images changed at random: every byte stays accounted for.

use proptest::collection::vec;
use proptest::prelude::*;
use sev_launch_firmware_diff::{Image, kernel_hash_check};
use sev_launch_testkit::pi::Ovmf;

use crate::accounted::{assert_accounted, small_image};

/// A change of an image; places count modulo its length.
#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Copy { from: usize, to: usize, length: usize },
    Fill(usize, usize, u8),
}

impl Change {
    fn make(&self, image: &mut Vec<u8>) {
        let length = image.len();
        if length == 0 {
            return;
        }
        let range = |at: usize, size: usize| at % length..(at % length + size).min(length);
        match self {
            Self::Write(at, bytes) => {
                let range = range(*at, bytes.len());
                let size = range.len();
                image[range].copy_from_slice(&bytes[..size]);
            }
            Self::Insert(at, bytes) => drop(image.splice(at % length..at % length, bytes.clone())),
            Self::Remove(at, size) => drop(image.drain(range(*at, *size))),
            Self::Copy { from, to, length: size } => {
                let bytes = image[range(*from, *size)].to_vec();
                Self::Write(*to, bytes).make(image);
            }
            Self::Fill(at, size, byte) => image[range(*at, *size)].fill(*byte),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Change::Write(at, bytes)),
        (any::<usize>(), vec(any::<u8>(), 1..40)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<usize>(), 1..80usize).prop_map(|(at, size)| Change::Remove(at, size)),
        (any::<usize>(), any::<usize>(), 1..200usize).prop_map(|(from, to, length)| Change::Copy {
            from,
            to,
            length
        }),
        (any::<usize>(), 1..100usize, any::<u8>())
            .prop_map(|(at, size, byte)| Change::Fill(at, size, byte)),
    ]
}

fn changed(mut image: Vec<u8>, changes: &[Change]) -> Result<(), TestCaseError> {
    for change in changes {
        change.make(&mut image);
    }
    if let Ok(opened) = Image::open(&image) {
        assert_accounted(&opened, &image);
        prop_assert_eq!(opened.kernel_hash_check(), kernel_hash_check(&image));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_small_image(changes in vec(change(), 1..8)) {
        changed(small_image(), &changes)?;
    }

    #[test]
    fn bytes_without_meaning(bytes in vec(any::<u8>(), 0..300), changes in vec(change(), 0..3)) {
        changed(bytes, &changes)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_whole_ovmf(changes in vec(change(), 1..6)) {
        changed(Ovmf::amd_sev().build()[0x1f000..].to_vec(), &changes)?;
    }
}
