//! Builds that behave otherwise although no byte of code differs, or that look like what a rebuild leaves behind: none is accepted where all harmless kinds
//! are allowed.
//!
//! Places are counted by hand: 0x80 bytes stand before the PE header; the optional header is at 24 of it, the table of sections at 0x188.
//! [PE/COFF]

use sev_launch_testkit::pi::{self, File, NAMES, Ovmf, Pe, Section, Volume};

use crate::told::is_reproduced;

/// Everything but what is code, data or contents.
const HARMLESS: &str = "[[allow]]\nkinds = [\"rebased\", \"relocation\", \"layout\", \"debug\", \"padding\", \"order\", \"packing\", \"timestamp\", \"checksum\", \"build-path\", \"build-id\", \"build-date\"]\nreason = \"harmless\"\n";

fn pe(text: Vec<u8>) -> Vec<u8> {
    Pe::new(text, [7; 100]).relocations(0, &[0xa210, 0xa220]).bytes()
}

fn code() -> Vec<u8> {
    (0..200).map(|number| number | 1).collect()
}

fn driver(executable: Vec<u8>) -> Vec<u8> {
    let file = File::driver(NAMES[0], "Driver").section(Section::pe32(executable));
    Volume::new(pi::FFS2, 0x2000).file(file).bytes()
}

#[test]
fn headers_that_decide_how_a_module_is_started() {
    let first = driver(pe(code()));
    for (what, at) in [
        ("machine", 0x84),
        ("entry point", 0x98 + 16),
        ("image base", 0x98 + 24),
        ("size of image", 0x98 + 56),
        ("subsystem", 0x98 + 68),
        ("a section's size in memory", 0x188 + 8),
        ("a section's address", 0x188 + 12),
        ("a section's flags", 0x188 + 36),
    ] {
        let mut changed = pe(code());
        changed[at] ^= 0x40;
        assert!(!is_reproduced(&first, &driver(changed), HARMLESS), "{what}");
    }
    let mut stripped = pe(code());
    stripped[0x98 + 112 + 40..0x98 + 112 + 48].fill(0);
    assert!(!is_reproduced(&first, &driver(stripped), HARMLESS), "no relocations");
}

#[test]
fn zeros_in_the_middle_of_code_are_code() {
    let mut longer = code();
    longer.splice(100..100, [0; 16]);
    assert!(!is_reproduced(&driver(pe(code())), &driver(pe(longer.clone())), HARMLESS));
    assert!(!is_reproduced(&driver(pe(longer)), &driver(pe(code())), HARMLESS));
}

#[test]
fn code_that_runs_where_it_lies_is_not_moved_without_being_rebased() {
    let core = || File::new(0x03, NAMES[0]).name("SecMain").section(Section::pe32(pe(code())));
    let volume = || Volume::new(pi::FFS2, 0x2000);
    let first = volume().file(core()).bytes();
    let moved = volume().file(File::pad([0xff; 0x100])).file(core()).bytes();
    assert!(!is_reproduced(&first, &moved, HARMLESS));
    assert!(!is_reproduced(&moved, &first, HARMLESS));
    // A driver is loaded to memory, wherever it lies.
    let driver = || File::driver(NAMES[0], "Driver").section(Section::pe32(pe(code())));
    let moved = volume().file(File::pad([0xff; 0x100])).file(driver()).bytes();
    assert!(is_reproduced(&volume().file(driver()).bytes(), &moved, HARMLESS));
}

#[test]
fn an_image_that_ends_elsewhere_starts_elsewhere() {
    let image = Ovmf::general().build();
    for more in [vec![0xff; 4096], vec![0; 4096], vec![0xff]] {
        let behind = [image.clone(), more.clone()].concat();
        assert!(!is_reproduced(&image, &behind, HARMLESS));
        assert!(!is_reproduced(&behind, &image, HARMLESS));
        assert!(!is_reproduced(&image, &[more, image.clone()].concat(), HARMLESS));
    }
}

#[test]
fn a_name_opens_one_module_and_none_that_was_added() {
    let twin = |guid: &str, text: u8| {
        File::driver(guid, "Twin").section(Section::pe32(pe(vec![text; 200])))
    };
    let volume = |second: u8| {
        Volume::new(pi::FFS2, 0x4000).file(twin(NAMES[0], 1)).file(twin(NAMES[1], second)).bytes()
    };
    let allow = |module: &str, kind: &str| {
        format!("[[allow]]\nmodule = \"{module}\"\nkinds = [\"{kind}\"]\nreason = \"x\"\n")
    };
    assert!(!is_reproduced(&volume(1), &volume(2), &allow("Twin", "code")));
    assert!(is_reproduced(&volume(1), &volume(2), &allow(NAMES[1], "code")));
    let one = Volume::new(pi::FFS2, 0x4000).file(twin(NAMES[0], 1)).bytes();
    let other = File::driver(NAMES[1], "Other").section(Section::pe32(pe(code())));
    let two = Volume::new(pi::FFS2, 0x4000).file(twin(NAMES[0], 1)).file(other).bytes();
    assert!(!is_reproduced(&one, &two, &allow("Other", "added")));
    assert!(is_reproduced(&one, &two, &allow(NAMES[1], "added")));
}
