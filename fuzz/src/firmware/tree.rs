//! An image taken apart: every byte of it, and of all that it unpacks to, is part of exactly one header or leaf.

use sev_launch_firmware_diff::{
    Error, Image, MAX_FILES, MAX_PARTS, Part, Span, What, kernel_hash_check,
};
use sev_launch_testkit::firmware::FirmwareBuilder;
use sev_launch_testkit::pi::{self, File, NAMES, Ovmf, Section, VERIFIER_GUIDS, Volume};

pub(crate) fn run(bytes: &[u8]) {
    let opened = Image::open(bytes);
    assert_eq!(bytes.is_empty(), matches!(opened, Err(Error::Empty)));
    let Ok(image) = opened else { return };
    look_at(&image, bytes);
    let check = image.kernel_hash_check();
    assert_eq!(check, kernel_hash_check(bytes));
    let knows = |guid: &str| {
        let guid = sev_launch_testkit::firmware::guid(guid);
        image.spaces().any(|space| space.windows(16).any(|window| window == guid))
    };
    let known = VERIFIER_GUIDS[1..].iter().filter(|guid| knows(guid)).count();
    match check.to_string().as_str() {
        "yes" => assert_eq!(known, 3, "a verifier without its GUIDs"),
        "no" => assert_eq!(known, 0, "no verifier, but its GUIDs"),
        _ => {}
    }
}

/// Holds an image against what must be true of each.
pub(super) fn look_at(image: &Image<'_>, bytes: &[u8]) {
    let spaces: Vec<&[u8]> = image.spaces().collect();
    assert_eq!(spaces[0], bytes);
    assert_eq!(image.root().span, Span::new(0, 0..bytes.len()));
    let mut owners = vec![0; spaces.len()];
    owners[0] = 1;
    let (mut files, mut parts) = (0, 0);
    for (_, part) in image.parts() {
        files += usize::from(matches!(part.what, What::File(_)));
        parts += 1;
        assert!(part.header <= part.span.len() && part.span.end <= spaces[part.span.space].len());
        if let What::Padding { fill } = part.what {
            assert!(image.bytes(&part.span).iter().all(|byte| *byte == fill));
        }
        if let Some(space) = part.unpacked {
            owners[space] += 1;
        }
        let inside = part
            .unpacked
            .map_or_else(|| part.body(), |space| Span::new(space, 0..spaces[space].len()));
        if part.unpacked.is_some() || !part.parts.is_empty() {
            tiled(&inside, &part.parts);
        }
        let _ = (part.name(), part.remarks.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    assert!(owners.iter().all(|owners| *owners == 1), "a space without a section, or with two");
    assert!(files <= MAX_FILES && parts <= MAX_PARTS + 1);
}

fn tiled(inside: &Span, parts: &[Part]) {
    let mut at = inside.start;
    for part in parts {
        assert_eq!((part.span.space, part.span.start), (inside.space, at));
        at = part.span.end;
    }
    assert_eq!(at, inside.end);
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let small = pi::small_image();
    let executable = |ovmf: &Ovmf, text: &[u8]| ovmf.executable("A", text);
    let guids: Vec<u8> =
        VERIFIER_GUIDS.into_iter().flat_map(sev_launch_testkit::firmware::guid).collect();
    let loader = |code: &[u8]| {
        let pe = Section::pe32(executable(&Ovmf::general(), code).bytes());
        File::driver("806040ca-dad9-4978-a3b4-2d2ab0c8a48f", "QemuKernelLoaderFsDxe").section(pe)
    };
    let lzma = |file: File| {
        let inside = Volume::new(pi::FFS2, 0x800).file(file).bytes();
        let file = File::new(pi::VOLUME_IMAGE, NAMES[0])
            .section(Section::lzma(&[Section::volume(inside)]));
        Volume::new(pi::FFS2, 0).file(file).fitting().bytes()
    };
    let large = File::driver(NAMES[0], "A")
        .large()
        .section(Section::te(executable(&Ovmf::general(), &[1; 9]).te()).extended());
    vec![
        small[0x160..].to_vec(),
        lzma(loader(&guids)),
        lzma(loader(&[2; 40])),
        Volume::new(pi::FFS3, 0x400).name(NAMES[1]).file(large).bytes(),
        Volume::new(pi::FFS2, 0x200)
            .erased_is_zero()
            .file(File::driver(NAMES[2], "Z").aligned(7))
            .bytes(),
        FirmwareBuilder::amd_sev().size(0x800).build(),
        small,
    ]
}
