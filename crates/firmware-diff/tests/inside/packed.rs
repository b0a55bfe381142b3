//! Packed sections, right and wrong.

use sev_launch_firmware_diff::{Image, Remark, What};
use sev_launch_testkit::pattern;
use sev_launch_testkit::pi::{self, File, Section, Volume};

use crate::accounted::{NAMES, opened, remarks, volumes};

/// An image whose only file is this section.
pub(crate) fn image_of(section: Section) -> Vec<u8> {
    Volume::new(pi::FFS3, 0)
        .file(File::new(pi::VOLUME_IMAGE, NAMES[0]).large().section(section))
        .fitting()
        .bytes()
}

/// What the first section of the first file unpacked to.
fn unpacked<'i>(image: &'i Image<'_>) -> Option<&'i [u8]> {
    let section = &volumes(image.root())[0].parts[0].parts[0];
    section.unpacked.and_then(|space| image.spaces().nth(space))
}

/// Why it was kept packed.
fn kept(bytes: &[u8]) -> String {
    let image = opened(bytes);
    let all = remarks(&image);
    let [Remark::Unopened { why }] = &all[..] else { panic!("{all:?}") };
    assert_eq!(unpacked(&image), None);
    why.clone()
}

// Made by Google's encoder (PyPI's brotli 1.1) at the qualities 1, 5 and 11 of 40 times the sentence.
#[test]
fn brotli_of_another_encoder_is_unpacked() {
    let sentence = "Section of a file, compressed by Google's own encoder. ";
    let plain = sentence.repeat(40).into_bytes();
    let streams = [
        "8b4b040080aaaaaaeaff74e59b5e14f47255b8ebe16426ca6aa0006ac2062a066060700017bfd24c8a3a6c30e6194155a3bd530e0d1c187331c3743f9b11ec387f54e95a4c017d0ebaa97317ac67000018",
        "1b97080004fef396ea6b574ca94a86a3e06f04031b70e0945118100fcec3c6d899e2f146141ad4c9ec1a0c542dd7e28df249d2986e17bdcd4bcb3700004e0405",
        "1b9708901d07762cf88dcec70f1a23547a8fb5c9cdc9b7b2b0067173b90b1b70e05232f82493c915b4d94291a0a9f413e94914d6d4788d9a79ce6f00003404",
    ];
    for stream in streams {
        let section = Section::brotli_stream(plain.len(), &hex::decode(stream).unwrap());
        let bytes = image_of(section);
        assert_eq!(unpacked(&opened(&bytes)), Some(&plain[..]));
    }
}

// Made by XZ Utils 5.4.1, `xz --format=lzma -9` from a pipe: the size is unknown and an end mark stands at the end.
#[test]
fn lzma_that_ends_with_a_mark_is_unpacked() {
    let packed = hex::decode("5d00000004ffffffffffffffff002999486777ba5cf35bb0667d4a9d813a145703d69b9946faed8fdc25665762ba01557d85b5072d506a3d7d7cc695ce28219b82fe36dcc5defbab7bfffffd881000").unwrap();
    let bytes = image_of(Section::guided(pi::LZMA, 1, &[], packed));
    let plain = "Section of a file, compressed by XZ Utils. ".repeat(40);
    assert_eq!(unpacked(&opened(&bytes)), Some(plain.as_bytes()));
}

#[test]
fn both_come_back_in_each_other() {
    let plain = [Section::raw(pattern(3000, 77, 1)), Section::raw(vec![0; 70_000])];
    let section = Section::brotli(&[Section::lzma(&[Section::brotli(&plain)])]);
    let bytes = image_of(section);
    let image = opened(&bytes);
    assert_eq!(remarks(&image), []);
    assert_eq!(image.spaces().count(), 4);
    let last = image.spaces().last().unwrap();
    assert!(last == pi::stream(&plain), "the innermost");
}

#[test]
fn nothing_is_packed_in_an_empty_section() {
    for section in [Section::lzma(&[]), Section::brotli(&[])] {
        let bytes = image_of(section);
        let image = opened(&bytes);
        assert_eq!((remarks(&image), unpacked(&image)), (Vec::new(), Some(&[][..])));
    }
}

#[test]
fn what_is_not_unpacked_here_is_kept_and_named() {
    let body = pattern(64, 3, 5);
    let sections = [
        Section::guided(pi::TIANO, 1, &[], body.clone()),
        Section::guided(pi::LZMA_F86, 1, &[], body.clone()),
        Section::guided(NAMES[1], 1, &[], body.clone()),
        Section::compression(1, 100, body),
    ];
    for section in sections {
        let bytes = image_of(section);
        assert!(kept(&bytes).contains("not unpacked"));
        assert!(!opened(&bytes).is_understood());
    }
}

#[test]
fn a_size_that_is_a_lie_keeps_the_section_packed() {
    let plain = pi::stream(&[Section::raw(pattern(500, 9, 1))]);
    let size = plain.len();
    for wrong in [0, 1, size - 1, size + 1, 2 * size, 1 << 20] {
        let mut lzma = pi::lzma(&plain);
        lzma[5..13].copy_from_slice(&u64::try_from(wrong).unwrap().to_le_bytes());
        let lzma = image_of(Section::guided(pi::LZMA, 1, &[], lzma));
        let brotli = image_of(Section::brotli_stream(wrong, &pi::brotli(&plain)));
        let why = kept(&brotli);
        assert!(why.contains("Brotli"), "{wrong}: {why}");
        // LZMA without an end mark ends where the size says; what is left over is told.
        let image = opened(&lzma);
        let all = remarks(&image);
        assert!(
            matches!(&all[..], [Remark::Unopened { .. } | Remark::Malformed { .. }, ..]),
            "{wrong}: {all:?}"
        );
    }
}

#[test]
fn packed_bytes_that_are_cut_or_followed_by_others_are_told() {
    let plain = pi::stream(&[Section::raw(pattern(500, 9, 1))]);
    let lzma = pi::lzma(&plain);
    let brotli = [&504u64.to_le_bytes()[..], &[0; 8], &pi::brotli(&plain)].concat();
    for (guid, packed) in [(pi::LZMA, lzma), (pi::BROTLI, brotli)] {
        let whole = image_of(Section::guided(guid, 1, &[], packed.clone()));
        assert_eq!(unpacked(&opened(&whole)), Some(&plain[..]));
        for length in 0..packed.len() {
            let bytes = image_of(Section::guided(guid, 1, &[], &packed[..length]));
            let image = opened(&bytes);
            // The last bytes of a range coder may be of no account.
            if length + 5 < packed.len() {
                assert!(matches!(remarks(&image)[..], [Remark::Unopened { .. }]), "{length}");
            }
        }
        let more = image_of(Section::guided(guid, 1, &[], [&packed[..], &[1, 2, 3]].concat()));
        let image = opened(&more);
        assert!(matches!(remarks(&image)[..], [Remark::Malformed { .. }]), "{:?}", remarks(&image));
        assert!(!image.is_understood());
    }
}

#[test]
fn every_bit_of_packed_bytes_may_be_wrong() {
    let plain = pi::stream(&[Section::raw([1; 40]), Section::user_interface("A")]);
    for section in [Section::lzma(&[]), Section::brotli(&[])] {
        let packed = if section.head[0] == 0x50 {
            [&[0; 16], &pi::brotli(&plain)[..]].concat()
        } else {
            pi::lzma(&plain)
        };
        for bit in 0..8 * packed.len() {
            let mut changed = packed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let section = Section { body: changed, ..section.clone() };
            let bytes = image_of(section);
            match Image::open(&bytes) {
                Ok(image) => crate::accounted::assert_accounted(&image, &bytes),
                // A size of terabytes.
                Err(error) => assert!(error.to_string().contains("unpack"), "{error}"),
            }
        }
    }
}

#[test]
fn a_section_that_unpacks_has_parts_of_what_it_unpacks_to() {
    let bytes = image_of(Section::lzma(&[Section::user_interface("Inside"), Section::raw([2])]));
    let image = opened(&bytes);
    let section = &volumes(image.root())[0].parts[0].parts[0];
    assert_eq!(
        section.parts.iter().filter(|part| matches!(part.what, What::Section(_))).count(),
        2
    );
    assert!(section.parts.iter().all(|part| part.span.space == 1));
}
