//! Each kind of difference, made on purpose in one driver or at one place of a whole made-up OVMF.

use sev_launch_testkit::firmware::FirmwareBuilder;
use sev_launch_testkit::pi::{
    self, CodeView, File, NAMES, Ovmf, Pe, Section, Variable, VariableStore, Volume,
};

use crate::told::told;

/// The driver that is changed.
fn driver(section: Section) -> File {
    File::driver(NAMES[0], "Changed").section(section)
}

fn with(file: File) -> Vec<u8> {
    Ovmf::general().driver(file).build()
}

/// An executable of a driver's, with code, data, a relocation and a debug directory.
fn pe() -> Pe {
    Pe::new([0x90; 200], *b"data of a driver: Nov 28 2026, built from\0/build/one/A.c\0      ")
        .relocations(0, &[0xa210])
        .code_view(CodeView::Rsds([1; 16], "/build/one/A.dll".into()))
}

/// Only this module differs, and only in this.
fn assert_only(a: &[u8], b: &[u8], module: &str, kinds: &[&'static str]) {
    let (found, statement) = told(a, b);
    let wanted = kinds.iter().map(|kind| (module.to_owned(), *kind)).collect();
    assert_eq!(found, wanted, "{statement}");
}

#[test]
fn an_image_and_itself_are_the_same() {
    let image = Ovmf::amd_sev().build();
    assert_eq!(told(&image, &image), (Default::default(), "the same, byte for byte".into()));
}

#[test]
fn what_a_build_leaves_in_an_executable_is_told_by_its_kind() {
    let a = with(driver(Section::pe32(pe().bytes())));
    let pes = [
        (pe().timestamp(5), "timestamp"),
        (pe().checksum(5), "checksum"),
        (pe().code_view(CodeView::Rsds([2; 16], "/build/one/A.dll".into())), "build-id"),
        (pe().code_view(CodeView::Rsds([1; 16], "/build/two/A.dll".into())), "build-path"),
    ];
    for (pe, kind) in pes {
        let (found, statement) = told(&a, &with(driver(Section::pe32(pe.bytes()))));
        assert_eq!(found, [("Changed".to_owned(), kind)].into(), "{statement}");
        assert!(
            statement.starts_with("differs only in the ") && statement.ends_with(" of Changed"),
            "{statement}"
        );
    }
}

#[test]
fn strings_of_the_build_are_told_from_other_data() {
    let of = |data: &[u8]| with(driver(Section::pe32(Pe::new([0x90; 100], data).bytes())));
    let a = of(b"\0Nov 28 2026\0/build/one/A.c\0x");
    assert_only(&a, &of(b"\0Nov 29 2026\0/build/one/A.c\0x"), "Changed", &["build-date"]);
    assert_only(&a, &of(b"\0Nov 28 2026\0/build/two/A.c\0x"), "Changed", &["build-path"]);
    assert_only(&a, &of(b"\0Nov 28 2026\0/build/one/B.c\0x"), "Changed", &["data"]);
    assert_only(&a, &of(b"\0Nov 28 2026\0/build/one/A.c\0y"), "Changed", &["data"]);
}

#[test]
fn code_data_and_relocations_are_told_apart() {
    let a = with(driver(Section::pe32(pe().bytes())));
    let other = |at: usize| {
        let mut bytes = pe().bytes();
        bytes[at] ^= 1;
        with(driver(Section::pe32(bytes)))
    };
    // Headers end at 0x200, code at 0x300; the data begin with text.
    assert_only(&a, &other(0x210), "Changed", &["code"]);
    assert_only(&a, &other(0x300), "Changed", &["data"]);
    let moved =
        Pe::new([0x90; 200], *b"data of a driver: Nov 28 2026, built from\0/build/one/A.c\0      ")
            .relocations(0, &[0xa218])
            .code_view(CodeView::Rsds([1; 16], "/build/one/A.dll".into()));
    // Another word is changed as the module is loaded: that is other code.
    assert_only(&a, &with(driver(Section::pe32(moved.bytes()))), "Changed", &["code"]);
    // The characteristics of the first section: what is executed.
    assert_only(&a, &other(0x188 + 39), "Changed", &["header"]);
}

#[test]
fn the_same_in_te_form() {
    let of = |pe: &Pe| with(driver(Section::te(pe.te())));
    let a = of(&pe());
    assert_only(&a, &of(&pe().timestamp(5)), "Changed", &["timestamp"]);
    assert_only(
        &a,
        &of(&pe().code_view(CodeView::Rsds([1; 16], "/build/two/A.dll".into()))),
        "Changed",
        &["build-path"],
    );
    let mut code = pe().te();
    // 40 bytes of header and 120 of three section headers.
    code[160] ^= 1;
    assert_only(&a, &with(driver(Section::te(code))), "Changed", &["code"]);
}

#[test]
fn contents_and_headers_that_are_no_executable() {
    let of = |version: &str| with(driver(Section::version(1, version)));
    assert_only(&of("1.0"), &of("1.1"), "Changed", &["content"]);
    let file = |file: File| with(file.section(Section::raw([1; 8])));
    let plain = || File::driver(NAMES[0], "Changed");
    assert_only(&file(plain()), &file(plain().state(0x0f)), "Changed", &["header"]);
    assert_only(&file(plain()), &file(plain().checksummed()), "Changed", &["header"]);
    let volume = |attributes: u32| {
        Volume::new(pi::FFS2, 0x1000).attributes(attributes).file(plain()).bytes()
    };
    let (found, _) = told(&volume(0x0004_feff), &volume(0x0004_fefe));
    assert_eq!(found.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(), ["header"]);
}

#[test]
fn a_driver_more_or_less_or_elsewhere() {
    let [one, two] = [0, 1].map(|number| {
        File::driver(NAMES[number], ["One", "Two"][number]).section(Section::raw([1; 40]))
    });
    let both = Ovmf::general().driver(one.clone()).driver(two.clone()).build();
    let first = Ovmf::general().driver(one.clone()).build();
    assert_only(&first, &both, "Two", &["added"]);
    assert_only(&both, &first, "Two", &["removed"]);
    let (found, statement) = told(&both, &Ovmf::general().driver(two).driver(one).build());
    assert!(found.len() == 1 && found.iter().all(|(_, kind)| *kind == "order"), "{found:?}");
    assert!(statement.starts_with("same content, other order"), "{statement}");
}

#[test]
fn the_same_contents_packed_otherwise() {
    let image = |lzma: Vec<u8>| {
        let file =
            File::new(pi::VOLUME_IMAGE, NAMES[1]).section(Section::guided(pi::LZMA, 1, &[], lzma));
        Volume::new(pi::FFS2, 0x4000).file(file).bytes()
    };
    let plain = pi::stream(&[Section::raw([7; 500])]);
    let (found, statement) = told(&image(pi::lzma(&plain)), &image(pi::lzma_literals(&plain)));
    assert_eq!(found.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(), ["packing"]);
    assert_eq!(statement, "same content, compressed differently");
}

#[test]
fn padding_between_volumes() {
    let volume = Volume::new(pi::FFS2, 0x1000).file(File::driver(NAMES[0], "A")).bytes();
    let image = |fill: u8| [&volume[..], &[fill; 0x1000], &volume].concat();
    assert_eq!(told(&image(0xff), &image(0)).1, "only padding differs");
}

#[test]
fn variables_and_tables() {
    let image = |value: u8| {
        let store =
            VariableStore::new(0xe000 - 0x48).variable(Variable::new(NAMES[0], "Setting", [value]));
        Ovmf::general().variables(store).build()
    };
    let (found, statement) = told(&image(1), &image(2));
    assert!(found.iter().all(|(_, kind)| *kind == "variables"), "{found:?}");
    assert_eq!(statement, "only variables differ");

    let image = |area: u32| {
        Ovmf::general()
            .tables(FirmwareBuilder::amd_sev().size(0x800).hash_area(area, 0x400))
            .build()
    };
    let (found, _) = told(&image(0x81_0c00), &image(0x81_0800));
    assert_eq!(found.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(), ["tables"]);
}

#[test]
fn every_module_of_a_build_in_another_folder_or_at_another_time() {
    let build = |time: u32, folder: &str| Ovmf::general().time(time).folder(folder).build();
    let a = build(1, "/build/one");
    let modules = ["DxeCore", "PeiCore", "PlatformPei", "QemuKernelLoaderFsDxe", "SecMain"];
    for (b, kind) in [(build(2, "/build/one"), "timestamp"), (build(1, "/build/two"), "build-path")]
    {
        let (found, statement) = told(&a, &b);
        assert_eq!(found, modules.map(|module| (module.to_owned(), kind)).into(), "{statement}");
        assert!(statement.ends_with("of 5 modules"), "{statement}");
    }
}
