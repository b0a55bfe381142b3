//! Unified kernel images: what is said of one is what its headers say, read here by hand.

use arbitrary::{Result, Unstructured};
use sev_launch_description::uki::{Section, Uki};
use sev_launch_testkit::uki::{EFI_APPLICATION, pe};
use sha2::{Digest as _, Sha256};

use super::choices;

/// An input is a file.
pub(crate) fn run(bytes: &[u8]) {
    check(bytes);
}

/// An input is choices: sections, and what is changed in the headers after they were written.
pub(crate) fn run_built(bytes: &[u8]) {
    let mut choices = Unstructured::new(bytes);
    let Ok((image, is_changed)) = build(&mut choices) else { return };
    let is_read = check(&image);
    assert!(is_changed || is_read, "a unified kernel image is refused");
}

/// Reads a file, and holds what is said against its own headers. Is it an image?
fn check(bytes: &[u8]) -> bool {
    let image = match Uki::parse(bytes) {
        Ok(image) => image,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    let table = table(bytes).expect("an image has a table of sections");
    let first = |name: &str| {
        let section = table.iter().find(|section| section.0 == padded(name))?;
        Some(contents(bytes, section).expect("a section lies in its file"))
    };
    let count = |name: &str| table.iter().filter(|section| section.0 == padded(name)).count();
    check_section(Some(&image.linux), first(".linux"));
    check_section(image.initrd.as_ref(), first(".initrd"));
    for (name, found) in [(".cmdline", &image.cmdline), (".uname", &image.uname)] {
        let Some(found) = found else {
            assert_eq!(first(name), None, "{name}");
            continue;
        };
        let all = first(name).unwrap_or_default();
        let rest = all.strip_prefix(found.as_bytes()).expect("a text is its section's start");
        assert!(rest.iter().all(|byte| b"\0\n\r".contains(byte)), "{name}: {rest:?}");
    }
    let has_tree = count(".dtb") + count(".dtbauto") > 0;
    assert_eq!((image.device_tree, image.profiles), (has_tree, count(".profile")));
    true
}

fn check_section(found: Option<&Section>, wanted: Option<&[u8]>) {
    let found = found.map(|section| (section.size, section.sha256.as_bytes().to_vec()));
    let wanted = wanted.map(|bytes| (bytes.len(), Sha256::digest(bytes).to_vec()));
    assert_eq!(found, wanted);
}

/// A section: its name, its size in memory, and its size and place in the file. [PE, section table]
type Header = ([u8; 8], u32, u32, u32);

/// The table of sections. [PE, COFF file header]
fn table(bytes: &[u8]) -> Option<Vec<Header>> {
    let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let half = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let coff = usize::try_from(word(0x3c)?).ok()?.checked_add(4)?;
    let start = coff.checked_add(20)?.checked_add(half(coff + 16)?.into())?;
    let section = |number: u16| {
        let at = start + 40 * usize::from(number);
        let name = *bytes.get(at..)?.first_chunk()?;
        Some((name, word(at + 8)?, word(at + 16)?, word(at + 20)?))
    };
    (0..half(coff + 2)?).map(section).collect()
}

/// The bytes of a section: of what the file has, those that its size in memory counts, if it has one.
fn contents<'a>(bytes: &'a [u8], (_, in_memory, in_file, at): &Header) -> Option<&'a [u8]> {
    let size = if *in_memory == 0 { *in_file } else { *in_file.min(in_memory) };
    let start = usize::try_from(*at).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(size).ok()?)?)
}

fn padded(name: &str) -> [u8; 8] {
    let mut padded = [0; 8];
    padded[..name.len()].copy_from_slice(name.as_bytes());
    padded
}

/// Names of sections, the kernel's own first.
const NAMES: [&str; 11] = [
    ".linux", ".initrd", ".cmdline", ".osrel", ".uname", ".dtb", ".dtbauto", ".profile", ".sbat",
    ".linux2", "",
];

/// Builds an image, and says whether its headers were changed.
fn build(choices: &mut Unstructured<'_>) -> Result<(Vec<u8>, bool)> {
    let mut sections = vec![(NAMES[0], choices.bytes(1)?)];
    for _ in 0..choices.int_in_range(0..=6)? {
        let name = *choices.choose(&NAMES)?;
        // Texts must be text, where the image is to be read: hence none of other bytes by chance.
        let length = choices.int_in_range(0..=24)?.min(choices.len());
        let bytes = choices.bytes(length)?;
        let is_text = [".cmdline", ".osrel", ".uname"].contains(&name);
        if !is_text || bytes.is_ascii() {
            sections.push((name, bytes));
        }
    }
    let mut image = pe(EFI_APPLICATION, &sections);
    let changes = choices.int_in_range(0..=3)?;
    // Everything up to the end of the table, and nothing behind it.
    let headers = 0x40 + 24 + 240 + 40 * sections.len();
    for _ in 0..changes {
        let at = choices.int_in_range(0..=headers - 4)?;
        let value = match choices.ratio(1, 2)? {
            true => choices.arbitrary::<u32>()?,
            false => choices.int_in_range(0..=0x1000)?,
        };
        image[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    Ok((image, changes > 0))
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let os_release: &[u8] = b"NAME=x\nPRETTY_NAME=\"Debian 12\"\n";
    vec![
        pe(
            EFI_APPLICATION,
            &[
                (".linux", b"kernel"),
                (".initrd", b"initrd"),
                (".cmdline", b"console=ttyS0\n\0"),
                (".osrel", os_release),
                (".uname", b"6.1.0"),
                (".dtbauto", b"tree"),
                (".profile", b"ID=a"),
                (".profile", b"ID=b"),
            ],
        ),
        pe(EFI_APPLICATION, &[(".linux", b"k")]),
        pe(3, &[(".linux", b"k")]),
    ]
}

pub(crate) fn seeds_built() -> Vec<Vec<u8>> {
    choices(8, 96)
}
