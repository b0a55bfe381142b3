//! What is told of two images, and that the second can be put together from the first and the differences.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use sev_launch_firmware_diff::{Allow, Comparison, Image, Kind, Piece, Reproduction, Span};
use sev_launch_testkit::pi::{Ovmf, small_image};

/// Modules, or places outside of any, with the kinds that they differ in.
pub(crate) type Told = BTreeSet<(String, &'static str)>;

/// What differs, but for what follows from it; and the statement.
pub(crate) fn told(a: &[u8], b: &[u8]) -> (Told, String) {
    let (a, b) =
        (Image::open(a).expect("within the limits"), Image::open(b).expect("within the limits"));
    let comparison = Comparison::of(&a, &b);
    assert_rebuilt(&comparison);
    assert_rebuilt(&Comparison::of(&b, &a));
    let causes =
        comparison.differences().iter().filter(|difference| difference.kind != Kind::Consequence);
    let told = causes.map(|difference| {
        let location = &difference.location;
        let place = || location.name().to_owned();
        (
            location.module.as_ref().map_or_else(place, |module| module.name.clone()),
            difference.kind.name(),
        )
    });
    (told.collect(), comparison.statement())
}

/// Is the second build accepted under an allow file?
pub(crate) fn is_reproduced(a: &[u8], b: &[u8], allow: &str) -> bool {
    let (a, b) =
        (Image::open(a).expect("within the limits"), Image::open(b).expect("within the limits"));
    let comparison = Comparison::of(&a, &b);
    Reproduction::of(&comparison, &Allow::parse(allow).expect("an allow file")).is_reproduced()
}

pub(crate) fn assert_rebuilt(comparison: &Comparison<'_>) {
    for (space, pieces) in comparison.pieces().iter().enumerate() {
        let mut at = 0;
        for piece in pieces {
            let (Piece::Same { b: span, .. } | Piece::New { b: span, .. }) = piece;
            assert_eq!((span.space, span.start), (space, at));
            at = span.end;
        }
    }
    assert!(comparison.rebuild().iter().map(Vec::as_slice).eq(comparison.b().spaces()));
    let mut marks: Vec<Vec<bool>> =
        comparison.a().spaces().map(|space| vec![false; space.len()]).collect();
    let mut mark = |span: &Span| marks[span.space][span.range()].fill(true);
    for piece in comparison.pieces().iter().flatten() {
        if let Piece::Same { a, b } = piece {
            assert!(comparison.a().bytes(a) == comparison.b().bytes(b), "{a:?} {b:?}");
            mark(a);
        }
    }
    comparison.differences().iter().filter_map(|difference| difference.a.as_ref()).for_each(mark);
    for (space, marks) in marks.iter().enumerate() {
        let is_told = marks.iter().all(|is_marked| *is_marked);
        // What a section unpacks to that the second has not is told by the section.
        assert!(
            is_told || marks.iter().all(|is_marked| !is_marked),
            "bytes of space {space} are lost"
        );
    }
    assert_eq!(comparison.is_same(), comparison.differences().is_empty());
}

/// Bytes of the image changed, doubled or taken out.
fn changed(mut image: Vec<u8>, changes: &[(usize, usize, u8, u8)]) -> Vec<u8> {
    for (at, size, what, byte) in changes {
        let start = at % image.len();
        let end = (start + size).min(image.len());
        match what % 4 {
            0 => image[start] = *byte,
            1 if end - start < image.len() => drop(image.drain(start..end)),
            2 => {
                let piece = image[start..end].to_vec();
                drop(image.splice(start..start, piece));
            }
            _ => image[start..end].fill(*byte),
        }
    }
    image
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn changed_images_are_rebuilt(changes in vec((any::<usize>(), 1..80usize, any::<u8>(), any::<u8>()), 1..6)) {
        let (a, b) = (small_image(), changed(small_image(), &changes));
        let (Ok(of_a), Ok(of_b)) = (Image::open(&a), Image::open(&b)) else { return Ok(()) };
        for comparison in [Comparison::of(&of_a, &of_b), Comparison::of(&of_b, &of_a)] {
            assert_rebuilt(&comparison);
            prop_assert_eq!(a == b, Reproduction::of(&comparison, &Allow::default()).is_reproduced());
        }
    }
}

#[test]
fn every_changed_bit_is_told() {
    let a = small_image();
    let of_a = Image::open(&a).unwrap();
    let mut b = a.clone();
    for bit in 0..8 * a.len() {
        b[bit / 8] ^= 1 << (bit % 8);
        if let Ok(of_b) = Image::open(&b) {
            let comparison = Comparison::of(&of_a, &of_b);
            assert_rebuilt(&comparison);
            assert!(!Reproduction::of(&comparison, &Allow::default()).is_reproduced(), "bit {bit}");
            // One bit alone is never what follows from something else.
            let is_told = comparison
                .differences()
                .iter()
                .any(|difference| difference.kind != Kind::Consequence);
            assert!(is_told, "bit {bit}: {:?}", comparison.differences());
        }
        b[bit / 8] = a[bit / 8];
    }
}

#[test]
fn the_two_flavours_differ_in_their_loader() {
    let (found, statement) = told(&Ovmf::general().build(), &Ovmf::amd_sev().build());
    assert!(found.iter().all(|(module, _)| module == "QemuKernelLoaderFsDxe"), "{found:?}");
    assert!(statement.starts_with("QemuKernelLoaderFsDxe differs in code"), "{statement}");
}
