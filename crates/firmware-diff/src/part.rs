//! A part of an image: what it is, where it lies, and what it consists of.
//!
//! Parts lie in spaces: the first is the image's own bytes, each further one what a packed section unpacks to. A part's own header
//! and its parts, in order, are all of its bytes: no byte is unaccounted for.

use core::ops::Range;

use sev_launch_abi::Guid;

use crate::file::FileHeader;
use crate::remark::Remark;
use crate::section::SectionHeader;
use crate::variables::{StoreHeader, VariableHeader};
use crate::volume::VolumeHeader;

/// A place in one of an image's spaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Which space: 0 is the image itself.
    pub space: usize,
    /// Its first byte, in bytes from the space's start.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

impl Span {
    /// The bytes `range` of a space.
    pub const fn new(space: usize, range: Range<usize>) -> Self {
        Self { space, start: range.start, end: range.end }
    }

    /// The places as a range.
    pub const fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// How many bytes it has.
    pub const fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Has it no byte?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A part of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub what: What,
    /// Where all of it lies, header included.
    pub span: Span,
    /// How many bytes at its start are a header of its own.
    pub header: usize,
    /// For a packed section, the space of what it unpacks to: its parts lie there, and are all of it.
    pub unpacked: Option<usize>,
    /// What is odd about it.
    pub remarks: Vec<Remark>,
    /// What it consists of, in order; none for a leaf.
    pub parts: Vec<Part>,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The whole image.
    Image,
    /// A firmware volume. [UEFI PI, EFI_FIRMWARE_VOLUME_HEADER]
    Volume(VolumeHeader),
    /// A file of one. [UEFI PI, EFI_FFS_FILE_HEADER]
    File(FileHeader),
    /// A section of a file, or of another section. [UEFI PI, EFI_COMMON_SECTION_HEADER]
    Section(SectionHeader),
    /// A variable store. [OVMF, VARIABLE_STORE_HEADER]
    VariableStore(StoreHeader),
    /// A variable. [OVMF, AUTHENTICATED_VARIABLE_HEADER]
    Variable(VariableHeader),
    /// The working block of fault-tolerant writes. [OVMF, EFI_FAULT_TOLERANT_WORKING_BLOCK_HEADER]
    WorkingBlock,
    /// A record of the GUIDed table at the image's end. [OVMF, ResetVectorVtf0]
    TableRecord(Guid),
    /// The table's footer: its length and its GUID. [OVMF, ResetVectorVtf0]
    TableFooter,
    /// The code at which a processor starts: the image's last bytes. [OVMF, ResetVectorVtf0]
    ResetVector,
    /// Bytes of one value between other parts, or behind the last.
    Padding {
        /// The value of each.
        fill: u8,
    },
    /// Bytes that are nothing of the above: contents of a leaf, or something unknown.
    Data,
}

impl Part {
    pub(crate) const fn new(what: What, span: Span) -> Self {
        Self { what, span, header: 0, unpacked: None, remarks: Vec::new(), parts: Vec::new() }
    }

    /// Where its bytes after its own header lie.
    pub const fn body(&self) -> Span {
        let start = self.span.start.saturating_add(self.header);
        Span { space: self.span.space, start, end: self.span.end }
    }

    /// The text of the file's user-interface section: what edk2 calls a module by.
    pub fn ui_name(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match &part.what {
            What::Section(header) => header.ui_name(),
            _ => None,
        })
    }

    /// What people call it: a module's name, a volume's, a section's kind. Text of the image itself, so it may hold any letter.
    pub fn name(&self) -> String {
        match &self.what {
            What::Image => "image".into(),
            What::Volume(header) => header.label(),
            What::File(header) => self.ui_name().map_or_else(|| header.label(), ToOwned::to_owned),
            What::Section(header) => header.label(),
            What::VariableStore(_) => "variable store".into(),
            What::Variable(header) => header.name.clone(),
            What::WorkingBlock => "fault-tolerant write working block".into(),
            What::TableRecord(guid) => {
                let name = guid.name().map_or_else(|| guid.to_string(), ToOwned::to_owned);
                format!("GUIDed table: {name}")
            }
            What::TableFooter => "GUIDed table: footer".into(),
            What::ResetVector => "reset vector".into(),
            What::Padding { .. } => "padding".into(),
            What::Data => "data".into(),
        }
    }

    /// What it is, in words.
    pub const fn kind(&self) -> &'static str {
        match &self.what {
            What::Image => "image",
            What::Volume(_) => "firmware volume",
            What::File(header) => header.kind.name(),
            What::Section(header) => header.kind.name(),
            What::VariableStore(_) => "variable store",
            What::Variable(_) => "variable",
            What::WorkingBlock => "fault-tolerant write working block",
            What::TableRecord(_) => "record of the GUIDed table",
            What::TableFooter => "footer of the GUIDed table",
            What::ResetVector => "reset vector",
            What::Padding { .. } => "padding",
            What::Data => "data",
        }
    }

    /// The GUID that it goes by: a volume's name or file system, a file's name, a section's, a variable's vendor, a record's.
    pub const fn guid(&self) -> Option<Guid> {
        match &self.what {
            What::Volume(header) => match header.name {
                Some(name) => Some(name),
                None => Some(header.file_system),
            },
            What::File(header) => Some(header.name),
            What::Section(header) => header.guid,
            What::Variable(header) => Some(header.vendor),
            What::TableRecord(guid) => Some(*guid),
            _ => None,
        }
    }

    /// Itself and every part below it, in order, with how deep each stands.
    pub fn walk(&self) -> impl Iterator<Item = (usize, &Self)> {
        let mut stack = vec![(0, self)];
        core::iter::from_fn(move || {
            let (depth, part) = stack.pop()?;
            stack.extend(part.parts.iter().rev().map(|below| (depth + 1, below)));
            Some((depth, part))
        })
    }
}
