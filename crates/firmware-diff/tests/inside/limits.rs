//! What is refused because it asks for too much, and that nothing less is.

use sev_launch_firmware_diff::{
    Error, Image, MAX_DEPTH, MAX_FILES, MAX_PARTS, MAX_UNPACKED, MAX_WORK, What,
};
use sev_launch_testkit::pi::{self, File, Section, Volume};

use crate::accounted::{NAMES, assert_accounted, opened, remarks};
use crate::packed::image_of;

// Google's encoder (PyPI's brotli 1.1, quality 9, window 24) on 256 MiB of zeros.
const BROTLI_256_MIB: &str = "cfffff7f002400e2b14072effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800baf7fffcffff074002200e0b40f7fe9fffffff004800c46101e8defff3ffff1f000980382c00ddfb7ffeffff032001108705a07bffcfffff7f002400e2b00074effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800baf7fffcffff074002200e0b40f7fe9fffffff004800c46101e8defff3ffff1f000980382c00ddfb7ffeffff032001108705a07bff3f";

fn failure(bytes: &[u8]) -> Error {
    Image::open(bytes).expect_err("beyond a limit")
}

#[test]
fn an_image_has_at_least_one_byte_and_at_most_256_mib() {
    assert_eq!(failure(&[]), Error::Empty);
    assert_eq!(MAX_UNPACKED, 256 << 20);
    let mut bytes = vec![0; (256 << 20) + 1];
    assert_eq!(failure(&bytes), Error::TooLarge { size: bytes.len() });
    bytes.pop();
    assert!(Image::open(&bytes).is_ok());
}

/// A section that holds another, of every kind that does.
type Wrap = fn(Section) -> Section;
const WRAPS: [Wrap; 6] = [
    |inside| Section::new(0x03, inside.bytes()),
    |inside| Section::guided(pi::CRC32, 0, &[1, 2, 3, 4], inside.bytes()),
    |inside| {
        let bytes = inside.bytes();
        Section::compression(0, u32::try_from(bytes.len()).expect("a small section"), bytes)
    },
    |inside| Section::brotli(&[inside]),
    |inside| Section::lzma(&[inside]),
    |inside| {
        Section::volume(
            Volume::new(pi::FFS2, 0)
                .file(File::new(pi::VOLUME_IMAGE, NAMES[0]).section(inside))
                .fitting()
                .bytes(),
        )
    },
];

#[test]
fn volumes_and_sections_stand_at_most_16_deep() {
    assert_eq!(MAX_DEPTH, 16);
    for (number, wrap) in WRAPS.iter().enumerate() {
        let image = |depth: usize| {
            let inside = (0..depth).fold(Section::raw([1]), |inside, _| wrap(inside));
            Volume::new(pi::FFS2, 0)
                .file(File::new(pi::VOLUME_IMAGE, NAMES[0]).section(inside))
                .fitting()
                .bytes()
        };
        // The outermost volume is the first of 16.
        let bytes = image(15);
        assert_eq!(remarks(&opened(&bytes)), [], "wrap {number}");
        assert_eq!(failure(&image(16)), Error::TooDeep, "wrap {number}");
    }
}

#[test]
fn volumes_have_at_most_65536_files_together() {
    assert_eq!(MAX_FILES, 65_536);
    // Two volumes, so that it is the sum.
    let volume = |files: usize| {
        let size = 0x48 + 24 * files;
        let content = File::pad([]).bytes(true).repeat(files);
        Volume::new(pi::FFS2, size).content(content).bytes()
    };
    let bytes = [volume(65_000), volume(536)].concat();
    let image = opened(&bytes);
    assert_eq!(
        image.parts().filter(|(_, part)| matches!(part.what, What::File(_))).count(),
        65_536
    );
    assert_eq!(failure(&[volume(65_000), volume(537)].concat()), Error::TooManyFiles);
}

#[test]
fn an_image_has_at_most_half_a_million_parts() {
    let volume = |sections: usize| {
        let content = Section::raw([]).bytes().repeat(sections);
        let file = File::new(pi::FREEFORM, NAMES[0]).content(content);
        // 24 bytes of a file and 4 of each section; the end of the file is the end of the volume.
        Volume::new(pi::FFS2, 0x48 + 24 + 4 * sections).file(file).bytes()
    };
    // The volume, its file, and the sections; the image itself is not counted.
    let bytes = volume(MAX_PARTS - 2);
    let image = opened(&bytes);
    assert_eq!(image.parts().count(), MAX_PARTS + 1);
    assert_eq!(failure(&volume(MAX_PARTS - 1)), Error::TooManyParts);
}

#[test]
fn at_most_256_mib_are_unpacked() {
    let stream = hex::decode(BROTLI_256_MIB).unwrap();
    let truth = image_of(Section::brotli_stream(256 << 20, &stream));
    // What the decoder itself takes counts too, so the whole 256 MiB are never reached.
    assert_eq!(failure(&truth), Error::UnpacksTooFar);
    for promised in [(256 << 20) + 1, 1 << 40, usize::MAX >> 1] {
        let bytes = image_of(Section::brotli_stream(promised, &stream));
        assert_eq!(failure(&bytes), Error::UnpacksTooFar);
        let mut lzma = pi::lzma(&[0; 100]);
        lzma[5..13].copy_from_slice(&u64::try_from(promised).unwrap().to_le_bytes());
        let bytes = image_of(Section::guided(pi::LZMA, 1, &[], lzma));
        assert_eq!(failure(&bytes), Error::UnpacksTooFar);
    }
    // A promise of less is held against what comes, and what comes is bounded by the promise.
    let bytes = image_of(Section::brotli_stream(1 << 20, &stream));
    assert_eq!(remarks(&opened(&bytes)).len(), 1);
}

#[test]
fn what_sections_unpack_to_counts_together() {
    let lzma = pi::lzma(&pi::stream(&[Section::raw(vec![0; (8 << 20) - 4]).extended()]));
    let image = |count: usize| {
        let sections = (0..count).map(|_| Section::guided(pi::LZMA, 1, &[], lzma.clone()));
        let file = File::new(pi::VOLUME_IMAGE, NAMES[0]);
        Volume::new(pi::FFS2, 0).file(sections.fold(file, File::section)).fitting().bytes()
    };
    // 47 units for each byte: 4 times 8 MiB are 1.58e9, 5 times are 1.97e9.
    let bytes = image(4);
    let opened = Image::open(&bytes).unwrap();
    assert_accounted(&opened, &bytes);
    assert_eq!(remarks(&opened), []);
    assert_eq!(failure(&image(5)), Error::TooMuchWork);
}

#[test]
fn sections_in_each_other_count_together() {
    // 40 KiB become 250 MiB, which become 256 MiB and more.
    let inner = Section::brotli_stream(256 << 20, &hex::decode(BROTLI_256_MIB).unwrap());
    let bytes = image_of(Section::lzma(&[inner, Section::raw(vec![0; 1 << 20])]));
    assert_eq!(failure(&bytes), Error::UnpacksTooFar);
}

// Of 1,600,000,000 units, an attempt takes 20,000, the tables of lc 3 and lp 0 take 0x600 * 2^3 / 4 = 3,072, and a byte by LZMA takes 47:
// 1,599,976,928 / 47 = 34,042,062 and a rest.
#[test]
fn unpacking_has_a_budget_of_work() {
    let image = |size: usize| {
        let zeros = Section::raw(vec![0; size - 8]).extended();
        image_of(Section::guided(pi::LZMA, 1, &[], pi::lzma(&pi::stream(&[zeros]))))
    };
    let bytes = image(34_042_062);
    assert_eq!(remarks(&opened(&bytes)), []);
    assert_eq!(failure(&image(34_042_063)), Error::TooMuchWork);
}

#[test]
fn work_that_comes_to_nothing_counts_too() {
    assert_eq!(MAX_WORK, 1_600_000_000);
    // 100 units for each packed byte of Brotli, whatever comes of it: no stream of it is all ones.
    let image = |sizes: &[usize]| {
        let sections =
            sizes.iter().map(|size| Section::brotli_stream(0, &vec![0xff; *size]).extended());
        let file = File::new(pi::VOLUME_IMAGE, NAMES[0]).large();
        Volume::new(pi::FFS3, 0).file(sections.fold(file, File::section)).fitting().bytes()
    };
    let bytes = image(&[8 << 20, 7 << 20]);
    assert_eq!(remarks(&opened(&bytes)).len(), 2);
    assert_eq!(failure(&image(&[8 << 20, 8 << 20])), Error::TooMuchWork);
}

#[test]
fn an_lzma_header_cannot_ask_for_memory_that_is_not_needed() {
    // A dictionary of 4 GiB, and literal contexts of every number.
    for properties in 0..=u8::MAX {
        let mut lzma = pi::lzma(&[7; 100]);
        lzma[0] = properties;
        lzma[1..5].copy_from_slice(&u32::MAX.to_le_bytes());
        let bytes = image_of(Section::guided(pi::LZMA, 1, &[], lzma.clone()));
        opened(&bytes);
        lzma[5..13].copy_from_slice(&u64::MAX.to_le_bytes());
        let bytes = image_of(Section::guided(pi::LZMA, 1, &[], lzma));
        opened(&bytes);
    }
}
