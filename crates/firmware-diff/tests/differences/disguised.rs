//! Differences that would pass for harmless ones: an allow file for what builds leave behind lets none of them through.

use sev_launch_testkit::pi::{self, CodeView, File, NAMES, Ovmf, Pe, Section, Volume};

use crate::told::is_reproduced;

/// All that a build may leave behind.
const HARMLESS: &str = "[[allow]]\nkinds = [\"timestamp\", \"build-path\", \"build-id\", \"build-date\", \"debug\", \"checksum\"]\nreason = \"of the build\"\n";

/// What it is, and how an executable is changed.
type Change<'c> = (&'c str, &'c dyn Fn(&mut Vec<u8>));

fn pe() -> Pe {
    Pe::new([0x90; 200], [7; 100]).code_view(CodeView::Nb10(1, "/build/one/A.dll".into()))
}

/// A volume with a driver built at a time, and whatever else.
fn volume(time: u32, executable: Vec<u8>) -> Volume {
    let dated =
        File::driver(NAMES[1], "Dated").section(Section::pe32(pe().timestamp(time).bytes()));
    Volume::new(pi::FFS2, 0x2000)
        .file(dated)
        .file(File::driver(NAMES[0], "Driver").section(Section::pe32(executable)))
}

/// A build an hour later is accepted; with the change it is not.
fn assert_seen(what: &str, first: &[u8], later: &[u8], changed: &[u8]) {
    assert!(is_reproduced(first, later, HARMLESS), "{what}: without the change");
    assert!(!is_reproduced(first, changed, HARMLESS), "{what}: with the change");
    assert!(!is_reproduced(changed, first, HARMLESS), "{what}: the other way round");
}

#[test]
fn code_and_data_that_the_second_calls_something_else() {
    let (first, later) = (volume(1, pe().bytes()).bytes(), volume(2, pe().bytes()).bytes());
    let executable = pe().bytes();
    let word = |bytes: &[u8], at: usize| {
        usize::try_from(u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())).unwrap()
    };
    // The directory of debugging, the seventh; in its entry stand size and place of CodeView's record.
    let debug = word(&executable, 0x80 + 24 + 112 + 48);
    let changes: [Change<'_>; 5] = [
        ("code", &|bytes| bytes[0x220] ^= 1),
        ("data", &|bytes| bytes[0x310] ^= 1),
        ("data inside of a record that is said to be all of .data", &|bytes| {
            bytes[debug + 16..debug + 20].copy_from_slice(&0x40u32.to_le_bytes());
            bytes[debug + 24..debug + 28].copy_from_slice(&0x300u32.to_le_bytes());
            bytes[0x310] ^= 1;
        }),
        ("data behind a path that goes on and on", &|bytes| {
            bytes[debug + 24..debug + 28].copy_from_slice(&0x300u32.to_le_bytes());
            bytes[debug + 16..debug + 20].copy_from_slice(&0xa0u32.to_le_bytes());
            bytes[0x300..0x304].copy_from_slice(b"NB10");
        }),
        ("code inside of a directory that is said to be in .text", &|bytes| {
            bytes[0x80 + 24 + 112 + 48..][..4].copy_from_slice(&0x210u32.to_le_bytes());
            bytes[0x214] ^= 1;
        }),
    ];
    for (what, change) in changes {
        let mut changed = executable.clone();
        change(&mut changed);
        assert_seen(what, &first, &later, &volume(2, changed).bytes());
    }
}

#[test]
fn a_pad_file_with_a_name_of_its_own() {
    let (first, later) = (volume(1, pe().bytes()).bytes(), volume(2, pe().bytes()).bytes());
    let pad = File::new(pi::PAD, NAMES[2]).content([0xff; 8]);
    assert_seen("a pad file", &first, &later, &volume(2, pe().bytes()).file(pad).bytes());
}

#[test]
fn bytes_where_nothing_is_read() {
    let (first, later) = (volume(1, pe().bytes()).bytes(), volume(2, pe().bytes()).bytes());
    for at in [first.len() - 1, first.len() - 0x800] {
        let mut changed = later.clone();
        changed[at] = 0x90;
        assert_seen("free space", &first, &later, &changed);
    }
    // Behind the packed bytes of a section.
    let packed = |time: u32, more: &[u8]| {
        let inside = Section::volume(volume(time, pe().bytes()).bytes());
        let lzma = [pi::lzma(&pi::stream(&[inside])), more.to_vec()].concat();
        Volume::new(pi::FFS2, 0x2000)
            .file(File::new(pi::VOLUME_IMAGE, NAMES[2]).section(Section::guided(
                pi::LZMA,
                1,
                &[],
                lzma,
            )))
            .bytes()
    };
    assert_seen(
        "behind the packed bytes",
        &packed(1, &[]),
        &packed(2, &[]),
        &packed(2, &[1, 2, 3]),
    );
}

#[test]
fn files_that_are_there_twice_or_gone_or_of_another_type() {
    let (first, later) = (volume(1, pe().bytes()).bytes(), volume(2, pe().bytes()).bytes());
    let driver = || File::driver(NAMES[0], "Driver").section(Section::pe32(pe().bytes()));
    let dated =
        || File::driver(NAMES[1], "Dated").section(Section::pe32(pe().timestamp(2).bytes()));
    let of = |files: Vec<File>| Volume::new(pi::FFS2, 0x2000).files(files).bytes();
    assert_eq!(of(vec![dated(), driver()]), later);
    assert_seen("twice", &first, &later, &of(vec![dated(), driver(), driver()]));
    assert_seen("gone", &first, &later, &of(vec![dated()]));
    assert_seen("deleted", &first, &later, &of(vec![dated(), driver().state(0x17)]));
    assert_seen("elsewhere", &first, &later, &of(vec![driver(), dated()]));
    let application =
        File::new(pi::APPLICATION, NAMES[0]).name("Driver").section(Section::pe32(pe().bytes()));
    assert_seen("of another type", &first, &later, &of(vec![dated(), application]));
    // A file that hides behind the name of one that may differ.
    let allow = HARMLESS
        .replace("kinds", "module = \"Dated\"\nkinds")
        .replace("\"timestamp\"", "\"timestamp\", \"code\"");
    let other = File::driver(NAMES[0], "Dated")
        .section(Section::pe32(Pe::new([0x91; 200], [7; 100]).bytes()));
    assert!(!is_reproduced(&first, &of(vec![dated(), other]), &allow));
}

#[test]
fn a_whole_build_with_one_byte_of_code_more_than_may_differ() {
    let first = Ovmf::general()
        .time(1)
        .driver(File::driver(NAMES[0], "Driver").section(Section::pe32(pe().bytes())))
        .build();
    let mut code = pe().bytes();
    let later = Ovmf::general()
        .time(2)
        .driver(File::driver(NAMES[0], "Driver").section(Section::pe32(code.clone())))
        .build();
    code[0x2c7] ^= 0x80;
    let changed = Ovmf::general()
        .time(2)
        .driver(File::driver(NAMES[0], "Driver").section(Section::pe32(code)))
        .build();
    assert_seen("one bit", &first, &later, &changed);
}
