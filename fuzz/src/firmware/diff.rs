//! Two images compared: the second is put together from the first and the differences, nothing of the first is lost in silence, and only
//! images that are the same have no difference.
//!
//! The first bytes choose an image and what is changed of it, or the input is two images.

use arbitrary::{Result, Unstructured};
use sev_launch_firmware_diff::{Allow, Comparison, Image, Kind, Piece, Reproduction, Span};
use sev_launch_testkit::pattern;
use sev_launch_testkit::pi::{
    self, CodeView, File, NAMES, Pe, Section, Variable, VariableStore, Volume,
};

use super::tree::look_at;

pub(crate) fn run(bytes: &[u8]) {
    let _ = chosen(&mut Unstructured::new(bytes));
}

fn chosen(u: &mut Unstructured<'_>) -> Result<()> {
    let (a, b) = match u.int_in_range(0..=3)? {
        0 => {
            let first = u.arbitrary_len::<u8>()?;
            let a = u.bytes(first)?.to_vec();
            (a, u.bytes(u.len())?.to_vec())
        }
        1 => (made(u)?, made(u)?),
        2 => {
            let a = pi::small_image();
            let b = changed(u, a.clone())?;
            (a, b)
        }
        _ => {
            let a = made(u)?;
            let b = changed(u, a.clone())?;
            (a, b)
        }
    };
    let (Ok(a), Ok(b)) = (Image::open(&a), Image::open(&b)) else { return Ok(()) };
    for image in [&a, &b] {
        look_at(image, image.bytes(&image.root().span));
        let itself = Comparison::of(image, image);
        assert!(itself.is_same() && itself.differences().is_empty(), "an image and itself");
    }
    compare(&a, &b);
    compare(&b, &a);
    Ok(())
}

fn compare(a: &Image<'_>, b: &Image<'_>) {
    let comparison = Comparison::of(a, b);
    let differences = comparison.differences();
    for (space, pieces) in comparison.pieces().iter().enumerate() {
        let mut at = 0;
        for piece in pieces {
            let (Piece::Same { b: span, .. } | Piece::New { b: span, .. }) = piece;
            assert_eq!((span.space, span.start), (space, at), "a piece that is not the next");
            at = span.end;
            if let Piece::New { difference, .. } = piece {
                assert!(*difference < differences.len(), "a piece of no difference");
            }
        }
    }
    let rebuilt = comparison.rebuild();
    assert!(rebuilt.iter().map(Vec::as_slice).eq(b.spaces()), "the second is not rebuilt");
    nothing_is_lost(&comparison);
    for difference in differences {
        if let (Some(of_a), Some(of_b)) = (&difference.a, &difference.b) {
            // What is at another place may be the same.
            let is_place = difference.detail.as_deref() == Some("place");
            assert!(
                is_place || a.bytes(of_a) != b.bytes(of_b) || difference.kind == Kind::Order,
                "{difference:?}"
            );
        }
        assert!(difference.a.is_some() || difference.b.is_some());
    }
    assert_eq!(comparison.is_same(), differences.is_empty());
    assert_eq!(comparison.is_same(), a.bytes(&a.root().span) == b.bytes(&b.root().span));
    let tallied: usize = comparison
        .groups()
        .iter()
        .flat_map(|group| group.kinds.values())
        .map(|tally| tally.differences)
        .sum();
    let causes = differences.iter().filter(|one| one.kind != Kind::Consequence).count();
    assert_eq!(tallied, causes);
    assert_eq!(comparison.statement() == "the same, byte for byte", comparison.is_same());
    assert!(comparison.statement().chars().all(|letter| !letter.is_control()));
    let _ = comparison.effect();
    let judged = |allow: &str| {
        Reproduction::of(&comparison, &Allow::parse(allow).expect("an allow file")).is_reproduced()
    };
    assert_eq!(judged(""), comparison.is_same(), "nothing is allowed");
    let kinds: Vec<&str> = Kind::ALL
        .iter()
        .filter(|kind| **kind != Kind::Consequence)
        .map(|kind| kind.name())
        .collect();
    assert!(
        judged(&format!("[[allow]]\nkinds = {kinds:?}\nreason = \"all\"")) || causes == 0,
        "all is allowed"
    );
}

/// Every byte of the first image stands in the second, or in a difference; of what a packed section unpacks to, all or nothing.
fn nothing_is_lost(comparison: &Comparison<'_>) {
    let mut marks: Vec<Vec<bool>> =
        comparison.a().spaces().map(|space| vec![false; space.len()]).collect();
    let mut mark = |span: &Span| marks[span.space][span.range()].fill(true);
    for piece in comparison.pieces().iter().flatten() {
        if let Piece::Same { a, b } = piece {
            assert_eq!(comparison.a().bytes(a), comparison.b().bytes(b), "not the same");
            mark(a);
        }
    }
    comparison.differences().iter().filter_map(|difference| difference.a.as_ref()).for_each(mark);
    for marks in marks {
        assert!(
            marks.iter().all(|is_marked| *is_marked) || marks.iter().all(|is_marked| !is_marked),
            "bytes that are lost"
        );
    }
}

/// A volume, with variables or files of the input's choice.
fn made(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    if u.ratio(1, 6)? {
        let mut store = VariableStore::new(0x300);
        for _ in 0..u.int_in_range(0..=3)? {
            let name = *u.choose(&["A", "B", ""])?;
            let size = u.int_in_range(0..=9)?;
            let value = u.bytes(size)?;
            store = store.variable(Variable::new(u.choose(&NAMES)?, name, value));
        }
        return Ok(Volume::new(pi::NV_DATA, 0x400).content(store.bytes()).bytes());
    }
    let inside = volume(u)?;
    if u.ratio(1, 2)? {
        return Ok(inside);
    }
    let sections = [Section::volume(inside)];
    let packed = if u.arbitrary()? { Section::lzma(&sections) } else { Section::brotli(&sections) };
    Ok(Volume::new(pi::FFS2, 0)
        .file(File::new(pi::VOLUME_IMAGE, NAMES[0]).section(packed))
        .fitting()
        .bytes())
}

fn volume(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut volume = Volume::new(pi::FFS2, 0);
    if u.arbitrary()? {
        volume = volume.name(u.choose(&NAMES)?);
    }
    for _ in 0..u.int_in_range(0..=3)? {
        let mut file = File::driver(u.choose(&NAMES)?, u.choose(&["A", "B", "C"])?);
        if u.ratio(1, 4)? {
            file = file.checksummed();
        }
        for _ in 0..u.int_in_range(0..=2)? {
            file = file.section(match u.int_in_range(0..=3)? {
                0 => {
                    let size = u.int_in_range(0..=20)?;
                    Section::raw(u.bytes(size)?)
                }
                1 => Section::version(u.arbitrary()?, "1.0"),
                2 => Section::te(executable(u)?.te()),
                _ => Section::pe32(executable(u)?.bytes()),
            });
        }
        volume = volume.file(file);
    }
    Ok(volume.fitting().bytes())
}

fn executable(u: &mut Unstructured<'_>) -> Result<Pe> {
    let text = pattern(usize::from(u.arbitrary::<u8>()?), 7, *u.choose(&[0, 1])?);
    let date = *u.choose(&["\0Nov 28 2026\0", "\0Nov 29 2026\0", "\x0012:00:01\0", ""])?;
    let path = *u.choose(&["/build/one/A.dll", "/build/two/A.dll", "/x/A.dll"])?;
    let pe = Pe::new(text, date.as_bytes())
        .timestamp(u.int_in_range(0..=2)?)
        .checksum(u.int_in_range(0..=1)?);
    let pe = pe.relocations(0, &[0xa000 | u.int_in_range(0..=0xfff)?, 0xa210]);
    Ok(match u.int_in_range(0..=2)? {
        0 => pe,
        1 => pe.code_view(CodeView::Nb10(u.int_in_range(0..=2)?, path.into())),
        _ => pe.code_view(CodeView::Rsds([u.int_in_range(0..=1)?; 16], path.into())),
    })
}

/// The image with some bytes changed, removed, doubled or filled.
fn changed(u: &mut Unstructured<'_>, mut image: Vec<u8>) -> Result<Vec<u8>> {
    for _ in 0..u.int_in_range(0..=4)? {
        if image.is_empty() {
            break;
        }
        let at = u.choose_index(image.len())?;
        let end = (at + u.int_in_range(1..=64)?).min(image.len());
        match u.int_in_range(0..=4)? {
            0 => image[at] = u.arbitrary()?,
            1 => drop(image.drain(at..end)),
            2 => {
                let piece = image[at..end].to_vec();
                drop(image.splice(at..at, piece));
            }
            3 => {
                let to = u.choose_index(image.len() - (end - at) + 1)?;
                image.copy_within(at..end, to);
            }
            _ => image[at..end].fill(*u.choose(&[0, 0xff])?),
        }
    }
    Ok(image)
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = crate::digest::patterns(600);
    // What each choice of the first byte begins with.
    seeds.extend((0..4).map(|first| [&[first], pattern(400, 59, first).as_slice()].concat()));
    seeds
}
