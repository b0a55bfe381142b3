//! Every difference between real images is told: the second is rebuilt from the first and what the differences add, and nothing of the first is
//! lost in silence.

use crate::images;
use sev_launch_firmware_diff::{Comparison, Image, Kind, Piece, Span};

/// Marks the bytes of a place as accounted for.
fn mark(marks: &mut [Vec<bool>], span: &Span) {
    marks[span.space][span.range()].fill(true);
}

fn check(a: &[u8], b: &[u8], what: &str) {
    let (image_a, image_b) =
        (Image::open(a).expect("within the limits"), Image::open(b).expect("within the limits"));
    let comparison = Comparison::of(&image_a, &image_b);
    // The pieces are all of the second, in order, and what is said to be the same is.
    for (space, pieces) in comparison.pieces().iter().enumerate() {
        let mut at = 0;
        for piece in pieces {
            let (Piece::Same { b: span, .. } | Piece::New { b: span, .. }) = piece;
            assert_eq!((span.space, span.start), (space, at), "{what}");
            at = span.end;
        }
    }
    let rebuilt = comparison.rebuild();
    assert!(rebuilt.iter().map(Vec::as_slice).eq(image_b.spaces()), "{what}");
    // Every byte of the first stands in the second, or in a difference.
    let mut marks: Vec<Vec<bool>> =
        image_a.spaces().map(|space| vec![false; space.len()]).collect();
    for piece in comparison.pieces().iter().flatten() {
        if let Piece::Same { a, .. } = piece {
            mark(&mut marks, a);
        }
    }
    for difference in comparison.differences() {
        if let Some(span) = &difference.a {
            mark(&mut marks, span);
        }
    }
    for (space, marks) in marks.iter().enumerate() {
        let lost = marks.iter().position(|is_marked| !is_marked);
        // What a packed section that the second has not unpacks to is told by the section.
        assert!(
            lost.is_none() || marks.iter().all(|is_marked| !is_marked),
            "{what}: space {space}, byte {lost:?}"
        );
    }
    // What says that bytes differ is true of some byte.
    for difference in comparison.differences() {
        if let (Some(a), Some(b)) = (&difference.a, &difference.b) {
            let differ = image_a.bytes(a) != image_b.bytes(b);
            assert!(
                differ
                    || difference.detail.as_deref() == Some("place")
                    || difference.kind == Kind::Order,
                "{what}: {difference:?}"
            );
        }
    }
    assert_eq!(comparison.is_same(), comparison.differences().is_empty(), "{what}");
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn real_images_are_rebuilt_from_one_another() {
    let images: Vec<_> = images::all()
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    for (path_a, a) in &images {
        // Each pair once, and each with itself.
        for (path_b, b) in images.iter().filter(|(path_b, _)| path_a <= path_b) {
            check(a, b, &format!("{} {}", path_a.display(), path_b.display()));
        }
    }
}
