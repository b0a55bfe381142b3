//! Differences that would pass for harmless ones: an allow file for what builds leave behind lets none of them through.

use sev_launch_testkit::pi::{self, CodeView, File, NAMES, Ovmf, Pe, Section, Volume};

use crate::told::{assert_rebuilt, is_reproduced};

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
fn what_follows_from_nothing_here_is_no_consequence() {
    let (first, later) = (volume(1, pe().bytes()).bytes(), volume(2, pe().bytes()).bytes());
    // As many bytes in other blocks.
    let blocks = volume(2, pe().bytes()).blocks(&[(4, 0x800)]).bytes();
    assert_seen("the map of blocks", &first, &later, &blocks);
    // A size that a section without compression has no use for, but whoever loads it.
    let compression = |time: u32, size: u32| {
        let inside = pi::stream(&[Section::raw([7; 8])]);
        volume(time, pe().bytes())
            .file(File::new(pi::FREEFORM, NAMES[2]).section(Section::compression(0, size, inside)))
            .bytes()
    };
    assert_seen(
        "the size unpacked",
        &compression(1, 12),
        &compression(2, 12),
        &compression(2, 0x1000),
    );
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
    // What both have there is nothing that anybody looked at.
    assert!(!is_reproduced(&packed(1, &[1, 2, 3]), &packed(2, &[1, 2, 4]), HARMLESS));
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
fn a_name_that_is_a_guid_is_no_guid() {
    // A module calls itself by the GUID of the one that may differ, in the second build alone and in both.
    let allow = format!(
        "[[allow]]\nmodule = \"{}\"\nkinds = [\"code\", \"content\"]\nreason = \"x\"\n",
        NAMES[1]
    );
    let named = |name: &str, code: u8| {
        let file =
            File::driver(NAMES[0], name).section(Section::pe32(Pe::new([code; 64], []).bytes()));
        Volume::new(pi::FFS2, 0x1000).file(file).bytes()
    };
    assert!(!is_reproduced(&named("Honest", 1), &named(NAMES[1], 2), &allow));
    assert!(!is_reproduced(&named(NAMES[1], 1), &named(NAMES[1], 2), &allow));
}

#[test]
fn long_names_cost_no_more_than_their_bytes() {
    let image = |byte: u8| {
        let file = File::driver(NAMES[0], &"N".repeat(1 << 16));
        let file = (0..500).fold(file, |file, _| file.section(Section::raw([byte; 2])));
        Volume::new(pi::FFS2, 0).file(file).fitting().bytes()
    };
    let [a, b] = [1, 2].map(image);
    let (a, b) = (
        sev_launch_firmware_diff::Image::open(&a).unwrap(),
        sev_launch_firmware_diff::Image::open(&b).unwrap(),
    );
    let comparison = sev_launch_firmware_diff::Comparison::of(&a, &b);
    assert_rebuilt(&comparison);
    // 500 differences, each of which knows where it is: not 500 times the name.
    let names: usize = comparison
        .differences()
        .iter()
        .flat_map(|difference| difference.location.path())
        .map(str::len)
        .sum();
    assert!(names < 4 << 20, "{names} bytes of names");
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

/// Every place of an image at which another byte is accepted.
fn accepted(image: &[u8]) -> Vec<usize> {
    let mut changed = image.to_vec();
    let mut accepted = Vec::new();
    for at in 0..image.len() {
        for other in [0x41, 0x01, 0xff] {
            changed[at] = image[at] ^ other;
            if is_reproduced(image, &changed, HARMLESS) {
                accepted.push(at);
            }
        }
        changed[at] = image[at];
    }
    accepted.dedup();
    accepted
}

// By hand: the volume's header has 0x48 bytes, the file's 24, the section's 4. In the executable 0x80 bytes come before the PE header, whose time is at 8,
// and whose optional header, at 24, has the checksum at 64. Headers have 0x200 bytes, code 200 and with its padding 0x100, data 100; then come the entry
// of the debug directory, 28 bytes, and its record: 16 bytes, the path, and the byte that ends it.
#[test]
fn only_what_builds_leave_behind_may_differ() {
    let path = "/build/one/A.dll".len();
    let image = |section: Section| {
        let file =
            File::driver(NAMES[0], "Driver").section(section).section(Section::version(1, "1.0"));
        Volume::new(pi::FFS2, 0x800).file(file).bytes()
    };
    let start = 0x48 + 24 + 4;
    let debug = 0x300 + 100;
    // Of the entry its time, and from its size on; not its flags, versions and type.
    let (time, record) = (debug + 4..debug + 8, debug + 16..debug + 28 + 16 + path + 1);
    let pe_fields =
        [0x80 + 8..0x80 + 12, 0x80 + 24 + 64..0x80 + 24 + 68, time.clone(), record.clone()];
    let wanted: Vec<usize> = pe_fields.into_iter().flatten().map(|at| start + at).collect();
    assert_eq!(accepted(&image(Section::pe32(pe().bytes()))), wanted);
    // In TE form 40 bytes are in the place of 0x80 + 4 + 20 + 240.
    let stripped = 0x80 + 264 - 40;
    let wanted: Vec<usize> = time.chain(record).map(|at| start + at - stripped).collect();
    assert_eq!(accepted(&image(Section::te(pe().te()))), wanted);
}

#[test]
fn the_short_size_of_a_large_file_is_zero() {
    let image = |time: u32| {
        let dated =
            File::driver(NAMES[1], "Dated").section(Section::pe32(pe().timestamp(time).bytes()));
        let large = File::driver(NAMES[0], "Large").large().section(Section::raw([1; 8]));
        Volume::new(pi::FFS3, 0x2000).file(large).file(dated).bytes()
    };
    let (first, later) = (image(1), image(2));
    // The first file's size of 24 bits, and the checksum of its header.
    let mut changed = later.clone();
    changed[0x48 + 20] = 1;
    changed[0x48 + 16] = changed[0x48 + 16].wrapping_sub(1);
    assert_seen("a size that nobody reads", &first, &later, &changed);
}

#[test]
fn code_stays_code_where_both_builds_call_it_a_debug_directory() {
    let executable = |byte: u8| {
        let mut bytes = pe().bytes();
        bytes[0x80 + 24 + 112 + 48..][..4].copy_from_slice(&0x210u32.to_le_bytes());
        bytes[0x214] = byte;
        bytes
    };
    let image = |time: u32, byte: u8| volume(time, executable(byte)).bytes();
    assert_seen("code", &image(1, 0x90), &image(2, 0x90), &image(2, 0x91));
}
