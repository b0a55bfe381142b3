//! Trees come back as they were written.

use sev_launch_firmware_diff::{Image, Part, Remark, What};
use sev_launch_testkit::firmware::guid;
use sev_launch_testkit::pi::{self, File, Ovmf, Section, Variable, VariableStore, Volume};

use crate::accounted::{NAMES, assert_volume, below, kind, opened, remarks, small_image, volumes};

/// A volume with files of every type that has sections, and sections of every type that is a leaf.
fn of_every_type() -> Volume {
    let files = (0x02..=0x0f).map(|kind| {
        let file = File::new(kind, NAMES[usize::from(kind) % 3]).name(&format!("File{kind}"));
        let leaves = [0x10, 0x11, 0x12, 0x13, 0x16, 0x19, 0x1b, 0x1c]
            .map(|kind| Section::new(kind, vec![kind; usize::from(kind)]));
        leaves.into_iter().fold(file, File::section).section(Section::version(1, "2.3"))
    });
    Volume::new(pi::FFS2, 0).name(NAMES[0]).files(files).fitting()
}

#[test]
fn every_type_of_file_and_section_comes_back() {
    let written = of_every_type().lay();
    let image = opened(&written.bytes);
    assert_eq!(remarks(&image), []);
    let [volume] = volumes(image.root())[..] else { panic!("one volume") };
    assert_volume(volume, &written);
    let What::Volume(header) = &volume.what else { unreachable!() };
    assert_eq!(header.name.map(|name| name.to_string()).as_deref(), Some(NAMES[0]));
    assert_eq!(header.file_system.to_string(), pi::FFS2);
    assert_eq!(
        (header.attributes, header.revision, header.length),
        (0x0004_feff, 2, written.bytes.len().try_into().unwrap())
    );
}

#[test]
fn erased_bits_may_be_zero() {
    let written = of_every_type().erased_is_zero().lay();
    let image = opened(&written.bytes);
    assert_eq!(remarks(&image), []);
    assert_volume(volumes(image.root())[0], &written);
    let What::Padding { fill } = volumes(image.root())[0].parts.last().unwrap().what else {
        panic!("free space")
    };
    assert_eq!(fill, 0);
}

#[test]
fn a_deleted_file_is_told_whatever_erased_bits_are() {
    for erased_is_zero in [false, true] {
        let file = File::driver(NAMES[0], "Gone").section(Section::raw([1; 9])).state(0x17);
        let volume = Volume::new(pi::FFS2, 0x1000).file(file).file(File::driver(NAMES[1], "There"));
        let volume = if erased_is_zero { volume.erased_is_zero() } else { volume };
        let written = volume.lay();
        let image = opened(&written.bytes);
        assert_eq!(remarks(&image), [Remark::NotInUse]);
        assert_volume(volumes(image.root())[0], &written);
    }
}

#[test]
fn files_of_16_mib_and_more_stand_in_volumes_of_the_third_file_system() {
    let large =
        File::driver(NAMES[0], "Large").large().section(Section::raw(vec![3; 17 << 20]).extended());
    let small = File::driver(NAMES[1], "Small").large().section(Section::raw([4; 4]).extended());
    let written =
        Volume::new(pi::FFS3, 0).name(NAMES[2]).file(large.clone()).file(small).fitting().lay();
    let image = opened(&written.bytes);
    assert_eq!(remarks(&image), []);
    assert_volume(volumes(image.root())[0], &written);
    // In a volume of the second file system the same file is none.
    let wrong = Volume::new(pi::FFS2, 0).file(large).fitting().lay();
    let image = opened(&wrong.bytes);
    assert!(matches!(remarks(&image)[..], [Remark::NoFile { .. }]), "{:?}", remarks(&image));
}

#[test]
fn guided_extended_sections_start_where_their_offset_says() {
    let inside = pi::stream(&[Section::raw([1; 7]), Section::raw([2; 6])]);
    let section = Section::guided(NAMES[1], 0, &[9; 8], inside).extended();
    let written = Volume::new(pi::FFS2, 0x1000)
        .file(File::new(pi::FREEFORM, NAMES[0]).section(section))
        .lay();
    let image = opened(&written.bytes);
    assert_eq!(remarks(&image), []);
    let file = &volumes(image.root())[0].parts[0];
    let [section] = &file.parts[..] else { panic!("one section") };
    // 8 bytes of header, GUID, two 16-bit words, 8 bytes.
    assert_eq!(section.header, 8 + 20 + 8);
    let raw = below(section, |what| matches!(what, What::Section(_)));
    assert_eq!(
        raw.iter().map(|raw| image.bytes(&raw.body())).collect::<Vec<_>>(),
        [&[1; 7][..], &[2; 6]]
    );
}

#[test]
fn volumes_may_have_anything_between_them() {
    let [first, second] = [NAMES[0], NAMES[1]]
        .map(|name| Volume::new(pi::FFS2, 0x1000).name(name).file(File::driver(name, "One")).lay());
    let data: Vec<u8> = (0..=255).collect();
    let bytes = [&[0xff; 0x800][..], &first.bytes, &data, &second.bytes, &[0; 0x40]].concat();
    let image = opened(&bytes);
    assert_eq!(remarks(&image), []);
    let [padding, one, gap, two, end] = &image.root().parts[..] else {
        panic!("{:?}", image.root().parts)
    };
    assert_eq!(padding.what, What::Padding { fill: 0xff });
    assert_eq!((&gap.what, image.bytes(&gap.span)), (&What::Data, &data[..]));
    assert_eq!(end.what, What::Padding { fill: 0 });
    assert_volume(one, &first);
    assert_volume(two, &second);
}

#[test]
fn an_unknown_file_system_is_kept_and_named() {
    let volume = Volume::new(NAMES[0], 0x1000).content([1, 2, 3]);
    let image_bytes = volume.bytes();
    let image = opened(&image_bytes);
    let [Remark::FileSystem(found)] = remarks(&image)[..] else { panic!("{:?}", remarks(&image)) };
    assert_eq!(found.to_string(), NAMES[0]);
}

#[test]
fn an_extended_header_may_stand_without_a_pad_file_and_have_entries() {
    let written = Volume::new(pi::FFS2, 0x1000)
        .name(NAMES[2])
        .entry(2, [0xee; 13])
        .file(File::driver(NAMES[0], "One"))
        .lay();
    let image = opened(&written.bytes);
    assert_eq!(remarks(&image), []);
    assert_volume(volumes(image.root())[0], &written);

    // The same bytes directly behind the header: 0x48 + 20, and files from the next multiple of 8 on.
    let extended = [&guid(NAMES[2])[..], &20u32.to_le_bytes(), &[0xff; 4]].concat();
    let file = File::driver(NAMES[0], "One");
    let mut bytes =
        Volume::new(pi::FFS2, 0x1000).content([extended, file.bytes(true)].concat()).bytes();
    bytes[52] = 0x48;
    // Its header's words still have the sum 0.
    let checksum = u16::from_le_bytes([bytes[50], bytes[51]]).wrapping_sub(0x48);
    bytes[50..52].copy_from_slice(&checksum.to_le_bytes());
    let image = opened(&bytes);
    assert_eq!(remarks(&image), []);
    let [volume] = volumes(image.root())[..] else { panic!("one volume") };
    let What::Volume(header) = &volume.what else { unreachable!() };
    assert_eq!(header.name.map(|name| name.to_string()).as_deref(), Some(NAMES[2]));
    assert_eq!(volume.header, 0x60);
    assert_eq!((volume.parts[0].span.start, volume.parts[0].ui_name()), (0x60, Some("One")));
}

#[test]
fn variables_come_back_with_their_state() {
    for is_plain in [false, true] {
        let store = VariableStore::new(0xdfb8);
        let store = if is_plain { store.plain() } else { store };
        let store = store
            .variable(Variable::new(NAMES[0], "BootOrder", [0, 0, 1, 0]))
            .variable(Variable::new(NAMES[1], "Überlänge", vec![7; 1001]).state(0x3c))
            .variable(Variable::new(NAMES[2], "", []));
        let bytes = Ovmf::amd_sev().variables(store).variable_volume();
        let image = opened(&bytes);
        assert_eq!(remarks(&image), []);
        let [volume] = volumes(image.root())[..] else { panic!("one volume") };
        let [store, _, working_block, _] = &volume.parts[..] else { panic!("{:?}", volume.parts) };
        assert!(
            matches!(&store.what, What::VariableStore(header) if header.is_authenticated != is_plain)
        );
        assert_eq!(
            (&working_block.what, working_block.span.range()),
            (&What::WorkingBlock, 0xf000..0x10000)
        );
        let found = store.parts.iter().filter_map(|part| match &part.what {
            What::Variable(variable) => Some((
                variable.vendor.to_string(),
                variable.name.as_str(),
                variable.is_in_use,
                image.bytes(&part.body()),
            )),
            _ => None,
        });
        let found: Vec<_> = found.collect();
        let wanted = [
            (NAMES[0].to_owned(), "BootOrder", true, &[0, 0, 1, 0][..]),
            (NAMES[1].to_owned(), "Überlänge", false, &[7; 1001]),
            (NAMES[2].to_owned(), "", true, &[]),
        ];
        assert_eq!(found, wanted);
    }
}

#[test]
fn a_whole_ovmf_comes_back() {
    let ovmf = Ovmf::amd_sev().driver(
        File::driver(NAMES[0], "Another")
            .section(Section::te(Ovmf::amd_sev().executable("Another", [1; 99]).te())),
    );
    let bytes = ovmf.build();
    let image = opened(&bytes);
    assert_eq!(remarks(&image), []);
    assert!(image.is_understood());
    let [_, main, sec] = volumes(image.root())[..] else { panic!("three volumes") };
    let lzma = &below(main, |what| matches!(what, What::File(_)))[1].parts[0];
    assert_eq!(
        image.spaces().nth(lzma.unpacked.unwrap()).unwrap(),
        pi::stream(
            &[ovmf.pei_volume(), ovmf.dxe_volume()].map(|volume| Section::volume(volume.bytes()))
        )
    );
    let inside: Vec<&Part> = lzma
        .parts
        .iter()
        .filter(|part| matches!(part.what, What::Section(_)))
        .flat_map(volumes)
        .collect();
    let [pei, dxe] = inside[..] else { panic!("two volumes inside") };
    assert_volume(pei, &ovmf.pei_volume().lay());
    assert_volume(dxe, &ovmf.dxe_volume().lay());
    assert_volume(sec, &ovmf.sec_volume().lay());
    // The table of the test kit's firmware: 4 records, and the reset vector's 32 bytes.
    let top = sec.parts.last().unwrap();
    let whats: Vec<_> = top.parts.iter().map(Part::name).collect();
    assert_eq!(whats.len(), 1 + 4 + 2, "{whats:?}");
    assert_eq!(top.parts.last().unwrap().span.range(), bytes.len() - 32..bytes.len());
}

#[test]
fn the_small_image_of_other_tests_is_understood() {
    let bytes = small_image();
    let image = opened(&bytes);
    assert_eq!(remarks(&image), []);
    let kinds: Vec<u8> = image
        .parts()
        .filter(|(_, part)| matches!(part.what, What::Section(_)))
        .map(|(_, part)| kind(part))
        .collect();
    assert_eq!(
        kinds,
        [0x02, 0x19, 0x17, 0x10, 0x14, 0x15, 0x18, 0x02, 0x19, 0x01, 0x19, 0x19, 0x03, 0x13]
    );
    assert!(bytes.len() < 0x600, "{}", bytes.len());
    assert!(Image::open(&[]).is_err());
}
