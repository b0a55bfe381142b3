//! A unified kernel image: one EFI program that holds a kernel, its initrd and its command line.
//!
//! Defined by the UAPI Group's Unified Kernel Image specification; the file is a PE. Booted by `-kernel`, the whole file is
//! what QEMU hashes, with an empty initrd and command line: what is inside is covered by that hash, and a command line
//! given beside it is measured apart. Several sections of a name, which profiles have, are told by the first.
//!
//! An example would need an image; `tests/uki.rs` builds some.

use goblin::pe::header::{CoffHeader, DosHeader};
use goblin::pe::optional_header::{MAGIC_32, MAGIC_64};
use goblin::pe::section_table::SectionTable;
use goblin::pe::subsystem::IMAGE_SUBSYSTEM_EFI_APPLICATION;
use sev_launch_digest::hash::Sha256Digest;

use crate::error::Error;

/// The most bytes of a section that is read as text.
const MOST_TEXT: usize = 64 << 10;
/// The most sections: a UKI has about ten, and more with profiles.
const MOST_SECTIONS: u16 = 1024;
/// Bytes of the signature `PE\0\0`.
const SIGNATURE: usize = 4;
/// Where the optional header has its subsystem, in PE32 and in PE32+. [PE, optional header]
const SUBSYSTEM: usize = 68;

/// What is inside of a unified kernel image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uki {
    /// The kernel, `.linux`.
    pub linux: Section,
    /// The initrd, `.initrd`.
    pub initrd: Option<Section>,
    /// The command line, `.cmdline`, without the NULs and the newline at its end.
    pub cmdline: Option<String>,
    /// `PRETTY_NAME` of the os-release file, `.osrel`.
    pub name: Option<String>,
    /// The kernel's release, `.uname`.
    pub uname: Option<String>,
    /// Is there a device tree, `.dtb` or `.dtbauto`?
    pub device_tree: bool,
    /// How many profiles there are: command lines and such of which the boot menu chooses one.
    pub profiles: usize,
}

/// Bytes of a section, by size and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// How many bytes.
    pub size: usize,
    /// Their SHA-256.
    pub sha256: Sha256Digest,
}

impl Uki {
    /// Reads an image.
    ///
    /// Errors: no PE; a PE that is no EFI application; one without `.linux`; a section outside of the file; a command line
    /// that is no text.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let sections = Sections::read(bytes).map_err(wrong)?;
        let Some(linux) = sections.first(".linux").map_err(wrong)? else {
            return Err(wrong("a PE, but no UKI: it has no section .linux"));
        };
        let text = |name| sections.text(name).map_err(wrong);
        let os_release = text(".osrel")?;
        Ok(Self {
            linux: Section::of(linux),
            initrd: sections.first(".initrd").map_err(wrong)?.map(Section::of),
            cmdline: text(".cmdline")?,
            name: os_release.as_deref().and_then(pretty_name),
            uname: text(".uname")?,
            device_tree: sections.count(".dtb") + sections.count(".dtbauto") > 0,
            profiles: sections.count(".profile"),
        })
    }
}

impl Section {
    fn of(bytes: &[u8]) -> Self {
        Self { size: bytes.len(), sha256: Sha256Digest::of(bytes) }
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::Import { file: "UKI".into(), message: message.into() }
}

/// The table of sections, and the file that they point into.
struct Sections<'a> {
    bytes: &'a [u8],
    table: Vec<SectionTable>,
}

impl<'a> Sections<'a> {
    /// Reads headers and table alone: nothing that they point to, which a hostile file could make costly.
    fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let no_pe = |error: goblin::error::Error| format!("no PE: {error}");
        let dos = DosHeader::parse(bytes).map_err(no_pe)?;
        let mut offset = usize::try_from(dos.pe_pointer)
            .ok()
            .and_then(|start| start.checked_add(SIGNATURE))
            .ok_or("no PE: its header is out of reach")?;
        let coff = CoffHeader::parse(bytes, &mut offset).map_err(no_pe)?;
        let size = usize::from(coff.size_of_optional_header);
        let end = offset.checked_add(size).ok_or("no PE: its header is out of reach")?;
        let optional = bytes.get(offset..end).ok_or("no PE: its optional header is cut off")?;
        let number = |at: usize| {
            let bytes = optional.get(at..)?.first_chunk()?;
            Some(u16::from_le_bytes(*bytes))
        };
        if !number(0).is_some_and(|magic| magic == MAGIC_32 || magic == MAGIC_64) {
            return Err("no PE: its optional header has no magic number".into());
        }
        let subsystem = number(SUBSYSTEM).ok_or("no PE: its optional header is cut off")?;
        if subsystem != IMAGE_SUBSYSTEM_EFI_APPLICATION {
            return Err(format!(
                "a PE of subsystem {subsystem}, wanted {IMAGE_SUBSYSTEM_EFI_APPLICATION}, an \
                    EFI application"
            ));
        }
        if coff.number_of_sections > MOST_SECTIONS {
            return Err(format!(
                "{} sections, more than the {MOST_SECTIONS} that are read",
                coff.number_of_sections
            ));
        }
        let mut at = end;
        // Names in a table of strings are not looked up, so that table is said to lie behind the file.
        let table = (0..coff.number_of_sections)
            .map(|_| SectionTable::parse(bytes, &mut at, bytes.len()).map_err(no_pe))
            .collect::<Result<_, _>>()?;
        Ok(Self { bytes, table })
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &SectionTable> {
        let mut padded = [0; 8];
        for (to, from) in padded.iter_mut().zip(name.bytes()) {
            *to = from;
        }
        self.table.iter().filter(move |section| section.name == padded)
    }

    fn count(&self, name: &str) -> usize {
        self.named(name).count()
    }

    /// The first section of a name: the bytes in the file, without what only fills the last block.
    fn first(&self, name: &str) -> Result<Option<&'a [u8]>, String> {
        let Some(section) = self.named(name).next() else { return Ok(None) };
        let size = section.size_of_raw_data.min(match section.virtual_size {
            0 => u32::MAX,
            size => size,
        });
        let bytes = || {
            let start = usize::try_from(section.pointer_to_raw_data).ok()?;
            self.bytes.get(start..start.checked_add(usize::try_from(size).ok()?)?)
        };
        bytes().map(Some).ok_or_else(|| {
            let start = section.pointer_to_raw_data;
            format!("section {name} of {size} bytes at {start:#x} is outside of the file")
        })
    }

    fn text(&self, name: &str) -> Result<Option<String>, String> {
        let Some(bytes) = self.first(name)? else { return Ok(None) };
        if bytes.len() > MOST_TEXT {
            return Err(format!(
                "section {name} has {} bytes, more than the {MOST_TEXT} that are read",
                bytes.len()
            ));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| format!("section {name} is no text"))?;
        Ok(Some(text.trim_end_matches(['\0', '\n', '\r']).to_owned()))
    }
}

/// `PRETTY_NAME` of an os-release file, without its quotes. [os-release(5)]
fn pretty_name(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix("PRETTY_NAME="))?;
    Some(value.trim_matches(['"', '\'']).to_owned())
}
