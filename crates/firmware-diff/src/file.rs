//! Files of a firmware volume.
//!
//! Defined by [UEFI PI, EFI_FFS_FILE_HEADER and EFI_FFS_FILE_HEADER2]. The bytes of the header add up to 0, without its state
//! and without the checksum of the contents. State bits are inverted where erased flash is all ones.

use sev_launch_abi::Guid;
use sev_launch_abi::reader::{Reader, wide};

use crate::limits::saturated;
use crate::names;

/// Bytes of a header.
pub(crate) const HEADER: usize = 24;
/// The same with a size of 64 bits.
const LARGE_HEADER: usize = 32;
/// FFS_ATTRIB_LARGE_FILE.
const LARGE: u8 = 0x01;
/// FFS_ATTRIB_CHECKSUM: the contents have a checksum of their own.
const CHECKSUM: u8 = 0x40;
/// What stands for the contents' checksum where there is none. [UEFI PI, FFS_FIXED_CHECKSUM]
const NO_CHECKSUM: u8 = 0xaa;
/// EFI_FILE_DATA_VALID.
const DATA_VALID: u8 = 0x04;
/// EFI_FILE_DELETED and EFI_FILE_HEADER_INVALID.
const GONE: u8 = 0x30;

/// A type of files, by its number. [UEFI PI, EFI_FV_FILETYPE]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKind(pub u8);

impl FileKind {
    /// Bytes without sections.
    pub const RAW: Self = Self(0x01);
    /// The first code after the reset vector.
    pub const SECURITY_CORE: Self = Self(0x03);
    /// A driver of the DXE phase.
    pub const DRIVER: Self = Self(0x07);
    /// Nothing, to fill a gap.
    pub const PADDING: Self = Self(0xf0);

    /// The type in words.
    pub const fn name(self) -> &'static str {
        match self.0 {
            0x01 => "raw",
            0x02 => "freeform",
            0x03 => "security core",
            0x04 => "PEI core",
            0x05 => "DXE core",
            0x06 => "PEI module",
            0x07 => "driver",
            0x08 => "PEI module and driver",
            0x09 => "application",
            0x0a => "MM driver",
            0x0b => "volume image",
            0x0c => "MM and DXE driver",
            0x0d => "MM core",
            0x0e => "standalone MM driver",
            0x0f => "standalone MM core",
            0xf0 => "padding file",
            0xc0..=0xdf => "file of an OEM type",
            0xe0..=0xef => "file of a debug type",
            _ => "file of an unknown type",
        }
    }

    /// Does it consist of sections?
    #[must_use]
    pub const fn has_sections(self) -> bool {
        matches!(self.0, 0x02..=0x0f)
    }

    /// Does its code run where it lies in its volume, before there is memory to load it into?
    #[must_use]
    pub const fn runs_in_place(self) -> bool {
        matches!(self.0, 0x03 | 0x04 | 0x06 | 0x08)
    }

    /// Is it known?
    #[must_use]
    pub const fn is_known(self) -> bool {
        matches!(self.0, 0x01..=0x0f | 0xc0..=0xef | 0xf0)
    }
}

/// A file's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// The file's name: a GUID.
    pub name: Guid,
    /// Its type.
    pub kind: FileKind,
    /// EFI_FFS_FILE_ATTRIBUTES.
    pub attributes: u8,
    /// EFI_FFS_FILE_STATE, with set bits as ones whatever erased flash is.
    pub state: u8,
    /// All of the file, in bytes.
    pub(crate) size: usize,
    pub(crate) header: usize,
    /// Is its size of 24 bits 0, where it has one of 64?
    pub(crate) has_one_size: bool,
    pub(crate) has_right_header_checksum: bool,
    pub(crate) has_right_checksum: bool,
}

impl FileHeader {
    /// Is it a module: something that has code?
    #[must_use]
    pub const fn is_module(&self) -> bool {
        matches!(self.kind.0, 0x03..=0x0a | 0x0c..=0x0f)
    }

    /// Is it there for its reader: written to its end, and not deleted?
    #[must_use]
    pub const fn is_in_use(&self) -> bool {
        self.state & DATA_VALID != 0 && self.state & GONE == 0
    }

    pub(crate) fn label(&self) -> String {
        match names::of(self.name) {
            Some(name) => name.into(),
            None if self.kind == FileKind::PADDING => self.kind.name().into(),
            None => self.name.to_string(),
        }
    }

    /// Reads the header at the start of `bytes`, which are what is left of the volume. The error says why it is none.
    pub(crate) fn parse(
        bytes: &[u8],
        erased: u8,
        may_be_large: bool,
    ) -> Result<Self, &'static str> {
        let reader = Reader::new(bytes);
        let [.., checksum, kind, attributes, s0, s1, s2, state] = reader
            .array_at::<HEADER>("", 0)
            .map_err(|_| "what is left of the volume is shorter than a file's header")?;
        let is_large = attributes & LARGE != 0;
        if is_large && !may_be_large {
            return Err("it says that it is large, in a volume without large files");
        }
        let (size, header) = if is_large {
            let size = reader.array_at("", HEADER).map(u64::from_le_bytes);
            (size.map_err(|_| "its size is cut off")?, LARGE_HEADER)
        } else {
            (u64::from(u32::from_le_bytes([s0, s1, s2, 0])), HEADER)
        };
        if size < wide(header) {
            return Err("its size is less than its header's");
        }
        if size > wide(bytes.len()) {
            return Err("its size goes beyond the volume");
        }
        let size = saturated(size);
        let sum = |bytes: &[u8]| bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        let whole = sum(bytes.get(..header).unwrap_or_default());
        let contents = bytes.get(header..size).unwrap_or_default();
        let has_right_checksum = if attributes & CHECKSUM != 0 {
            sum(contents).wrapping_add(checksum) == 0
        } else {
            checksum == NO_CHECKSUM
        };
        Ok(Self {
            name: reader
                .array_at("", 0)
                .map(Guid::from_bytes)
                .map_err(|_| "its name is cut off")?,
            kind: FileKind(kind),
            attributes,
            state: state ^ erased,
            size,
            header,
            has_one_size: !is_large || [s0, s1, s2] == [0; 3],
            has_right_header_checksum: whole == checksum.wrapping_add(state),
            has_right_checksum,
        })
    }
}
