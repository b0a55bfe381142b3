//! What holds of every image that can be opened, and small images for the other tests.

use sev_launch_firmware_diff::{Image, MAX_FILES, MAX_PARTS, Part, Remark, Span, What};
use sev_launch_testkit::pi::Laid;
pub(crate) use sev_launch_testkit::pi::{NAMES, small_image};

/// Opens an image that must open, and holds it against everything that must be true of it.
pub(crate) fn opened(bytes: &[u8]) -> Image<'_> {
    let image = Image::open(bytes).expect("within the limits");
    assert_accounted(&image, bytes);
    image
}

/// Every byte of the image and of all that it unpacks to is part of exactly one header or leaf.
pub(crate) fn assert_accounted(image: &Image<'_>, bytes: &[u8]) {
    let spaces: Vec<&[u8]> = image.spaces().collect();
    assert!(spaces[0] == bytes, "the first space is the image");
    assert_eq!(image.root().span, Span::new(0, 0..bytes.len()));
    let mut owners = vec![0; spaces.len()];
    owners[0] = 1;
    let (mut files, mut parts) = (0, 0);
    for (_, part) in image.parts() {
        files += usize::from(matches!(part.what, What::File(_)));
        parts += 1;
        assert!(part.header <= part.span.len(), "a header larger than {part:?}");
        assert!(part.span.end <= spaces[part.span.space].len(), "outside of its space: {part:?}");
        assert_eq!(image.bytes(&part.span).len(), part.span.len());
        if let What::Padding { fill } = part.what {
            assert!(image.bytes(&part.span).iter().all(|byte| *byte == fill), "{part:?}");
            assert!(!part.span.is_empty(), "padding of no byte: {part:?}");
        }
        if let Some(space) = part.unpacked {
            owners[space] += 1;
        }
        let inside = match part.unpacked {
            Some(space) => Span::new(space, 0..spaces[space].len()),
            None => part.body(),
        };
        if part.unpacked.is_some() || !part.parts.is_empty() {
            assert_tiled(&inside, &part.parts);
        }
        // What is printed of it.
        let _ = (part.name(), part.remarks.iter().map(Remark::to_string).collect::<String>());
    }
    assert!(owners.iter().all(|owners| *owners == 1), "each space is of one section: {owners:?}");
    assert!(files <= MAX_FILES && parts <= MAX_PARTS + 1, "{files} files, {parts} parts");
}

fn assert_tiled(inside: &Span, parts: &[Part]) {
    let mut at = inside.start;
    for part in parts {
        assert_eq!((part.span.space, part.span.start), (inside.space, at), "{part:?}");
        at = part.span.end;
    }
    assert_eq!(at, inside.end, "the last part ends where all end");
}

/// The parts below one that are of a kind.
pub(crate) fn below(part: &Part, wanted: impl Fn(&What) -> bool) -> Vec<&Part> {
    part.parts.iter().filter(|part| wanted(&part.what)).collect()
}

/// The volumes of a part.
pub(crate) fn volumes(part: &Part) -> Vec<&Part> {
    below(part, |what| matches!(what, What::Volume(_)))
}

/// Holds a volume against what it was written from: its files with their places, names and types, and the sections of each.
pub(crate) fn assert_volume(part: &Part, written: &Laid) {
    let files = below(part, |what| matches!(what, What::File(_)));
    let found: Vec<_> =
        files.iter().map(|file| (file.span.start - part.span.start, file.span.len())).collect();
    let wanted: Vec<_> = written.files.iter().map(|file| (file.offset, file.size)).collect();
    assert_eq!(found, wanted, "places and sizes of files");
    for (found, wanted) in files.iter().zip(&written.files) {
        let What::File(header) = &found.what else { unreachable!() };
        assert_eq!(
            (header.name.to_string(), header.kind.0),
            (wanted.file.guid.clone(), wanted.file.kind)
        );
        assert_eq!(found.ui_name(), wanted.file.name.as_deref());
        let sections = below(found, |what| matches!(what, What::Section(_)));
        let found: Vec<_> =
            sections.iter().map(|section| (kind(section), section.span.len())).collect();
        let wanted: Vec<_> =
            wanted.file.sections().iter().map(|section| (section.kind, section.size())).collect();
        assert_eq!(found, wanted, "types and sizes of sections");
    }
}

pub(crate) fn kind(section: &Part) -> u8 {
    match &section.what {
        What::Section(header) => header.kind.0,
        other => panic!("no section: {other:?}"),
    }
}

/// All that is odd about an image, in order.
pub(crate) fn remarks(image: &Image<'_>) -> Vec<Remark> {
    image.parts().flat_map(|(_, part)| part.remarks.clone()).collect()
}
