//! Sections: what a file consists of.
//!
//! Defined by [UEFI PI, EFI_COMMON_SECTION_HEADER and EFI_COMMON_SECTION_HEADER2].

use sev_launch_abi::Guid;
use sev_launch_abi::reader::{Reader, index};

use crate::names;

/// What a size of 24 bits is where the size stands in 32 behind it.
const EXTENDED: u32 = 0x00ff_ffff;
/// EFI_GUIDED_SECTION_PROCESSING_REQUIRED.
const PROCESSING_REQUIRED: u16 = 1;

/// A type of sections, by its number. [UEFI PI, EFI_SECTION_TYPE]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SectionKind(pub u8);

impl SectionKind {
    /// Sections, compressed.
    pub const COMPRESSION: Self = Self(0x01);
    /// Sections, in an encoding that a GUID names.
    pub const GUID_DEFINED: Self = Self(0x02);
    /// Sections that nobody needs.
    pub const DISPOSABLE: Self = Self(0x03);
    /// A PE32 or PE32+ image.
    pub const PE32: Self = Self(0x10);
    /// A terse executable.
    pub const TE: Self = Self(0x12);
    /// A version.
    pub const VERSION: Self = Self(0x14);
    /// The file's name for people.
    pub const USER_INTERFACE: Self = Self(0x15);
    /// A firmware volume.
    pub const VOLUME_IMAGE: Self = Self(0x17);
    /// Bytes with a GUID before them.
    pub const FREEFORM_SUBTYPE_GUID: Self = Self(0x18);
    /// Bytes.
    pub const RAW: Self = Self(0x19);

    /// The type in words.
    pub const fn name(self) -> &'static str {
        match self.0 {
            0x01 => "compressed section",
            0x02 => "GUID-defined section",
            0x03 => "disposable section",
            0x10 => "PE32 image",
            0x11 => "position-independent code",
            0x12 => "TE image",
            0x13 => "DXE dependencies",
            0x14 => "version",
            0x15 => "user-interface name",
            0x16 => "16-bit code",
            0x17 => "volume image",
            0x18 => "freeform section",
            0x19 => "raw section",
            0x1b => "PEI dependencies",
            0x1c => "MM dependencies",
            _ => "section of an unknown type",
        }
    }

    /// Is it known?
    #[must_use]
    pub const fn is_known(self) -> bool {
        matches!(self.0, 0x01..=0x03 | 0x10..=0x19 | 0x1b | 0x1c)
    }

    /// Does it hold an executable?
    #[must_use]
    pub const fn is_executable(self) -> bool {
        matches!(self.0, 0x10 | 0x12)
    }
}

/// How a section's contents are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// They are not: they lie where they are.
    None,
    /// LZMA with the header of `.lzma` files. [OVMF, LzmaUefiDecompress]
    Lzma,
    /// Brotli after two sizes. [OVMF, BrotliUefiDecompress]
    Brotli,
    /// In a way that is not unpacked here.
    Unknown,
}

/// A section's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionHeader {
    /// Its type.
    pub kind: SectionKind,
    /// The GUID of a GUID-defined or a freeform section.
    pub guid: Option<Guid>,
    /// How its contents are packed; `None` if they are no sections.
    pub packing: Option<Packing>,
    /// The text of a version or a user-interface section; letters that are no UTF-16 are replaced.
    pub text: Option<String>,
    pub(crate) size: usize,
    pub(crate) header: usize,
    /// The size that a compressed section has unpacked.
    pub(crate) promised: Option<u32>,
    /// The part of the header that all sections have.
    pub(crate) common: usize,
}

impl SectionHeader {
    pub(crate) fn ui_name(&self) -> Option<&str> {
        self.text
            .as_deref()
            .filter(|text| self.kind == SectionKind::USER_INTERFACE && !text.is_empty())
    }

    pub(crate) fn label(&self) -> String {
        match (self.kind, self.guid, self.packing) {
            (_, _, Some(Packing::Lzma)) => "LZMA".into(),
            (_, _, Some(Packing::Brotli)) => "Brotli".into(),
            (SectionKind::COMPRESSION, _, Some(Packing::Unknown)) => "EFI compression".into(),
            (kind, Some(guid), _) => {
                let name = names::of(guid).map_or_else(|| guid.to_string(), ToOwned::to_owned);
                format!("{} {name}", kind.name())
            }
            (kind, None, _) => kind.name().into(),
        }
    }

    /// Reads the header at the start of `bytes`, which are what is left of the file. The error says why it is none.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let cut = "its header is cut off";
        let reader = Reader::new(bytes);
        let [s0, s1, s2, kind] = reader.array_at("", 0).map_err(|_| cut)?;
        let kind = SectionKind(kind);
        let short = u32::from_le_bytes([s0, s1, s2, 0]);
        let (size, common) = if short == EXTENDED {
            (reader.u32_at("", 4).map_err(|_| cut)?, 8)
        } else {
            (short, 4)
        };
        let size = index(size);
        if size < common {
            return Err("its size is less than its header's");
        }
        let section = bytes.get(..size).ok_or("its size goes beyond what it stands in")?;
        let reader = Reader::new(section);
        let guid = |offset| reader.array_at("", offset).map(Guid::from_bytes).map_err(|_| cut);
        let mut parsed = Self {
            kind,
            guid: None,
            packing: None,
            text: None,
            size,
            header: common,
            promised: None,
            common,
        };
        match kind {
            SectionKind::COMPRESSION => {
                let [method] = reader.array_at("", common + 4).map_err(|_| cut)?;
                parsed.packing = Some(if method == 0 { Packing::None } else { Packing::Unknown });
                parsed.promised = reader.u32_at("", common).ok();
                parsed.header = common + 5;
            }
            SectionKind::GUID_DEFINED => {
                let id = guid(common)?;
                let offset = usize::from(reader.u16_at("", common + 16).map_err(|_| cut)?);
                let attributes = reader.u16_at("", common + 18).map_err(|_| cut)?;
                if offset < common + 20 || offset > size {
                    return Err("its contents start outside of it");
                }
                parsed.guid = Some(id);
                parsed.packing = Some(match id {
                    names::LZMA => Packing::Lzma,
                    names::BROTLI => Packing::Brotli,
                    _ if attributes & PROCESSING_REQUIRED == 0 => Packing::None,
                    _ => Packing::Unknown,
                });
                parsed.header = offset;
            }
            SectionKind::DISPOSABLE => parsed.packing = Some(Packing::None),
            SectionKind::FREEFORM_SUBTYPE_GUID => {
                parsed.guid = Some(guid(common)?);
                parsed.header = common + 16;
            }
            SectionKind::VERSION => {
                // A build number of 16 bits stands before the text.
                let text = section.get(common + 2..).ok_or(cut)?;
                parsed.text = Some(utf16(text));
                parsed.header = common + 2;
            }
            SectionKind::USER_INTERFACE => {
                parsed.text = Some(utf16(section.get(common..).unwrap_or_default()));
            }
            _ => {}
        }
        Ok(parsed)
    }
}

/// More letters of a name are not kept: a name is repeated wherever its part is told of.
const MOST_LETTERS: usize = 256;

/// UTF-16, little endian, up to the first NUL; where there is more than a name has, its start and `…`.
pub(crate) fn utf16(bytes: &[u8]) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    let mut letters = char::decode_utf16(units);
    let start = letters.by_ref().take(MOST_LETTERS);
    let mut text: String =
        start.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    if letters.next().is_some() {
        text.push('…');
    }
    text
}
