//! Sections of a file, and how they follow each other.

use super::{BROTLI, LZMA, align, brotli, low, lzma, utf16};
use crate::firmware::guid;

/// One section: the header common to all, what its type adds, and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// `EFI_SECTION_TYPE`.
    pub kind: u8,
    /// What the type has between the common header and the body.
    pub head: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
    /// Is the size in a field of 32 bits behind 0xffffff, as it must be from 16 MiB on?
    pub extended: bool,
}

impl Section {
    /// A section of any type whose header is the common one.
    #[must_use]
    pub fn new(kind: u8, body: impl Into<Vec<u8>>) -> Self {
        Self { kind, head: Vec::new(), body: body.into(), extended: false }
    }

    /// An executable in PE form.
    #[must_use]
    pub fn pe32(image: impl Into<Vec<u8>>) -> Self {
        Self::new(0x10, image)
    }

    /// An executable in TE form.
    #[must_use]
    pub fn te(image: impl Into<Vec<u8>>) -> Self {
        Self::new(0x12, image)
    }

    /// What must have run before a driver, as opcodes.
    #[must_use]
    pub fn dxe_depex(opcodes: impl Into<Vec<u8>>) -> Self {
        Self::new(0x13, opcodes)
    }

    /// A build number and a version as text.
    #[must_use]
    pub fn version(build: u16, text: &str) -> Self {
        Self { head: build.to_le_bytes().to_vec(), ..Self::new(0x14, utf16(text)) }
    }

    /// The name that people call a file by.
    #[must_use]
    pub fn user_interface(name: &str) -> Self {
        Self::new(0x15, utf16(name))
    }

    /// A volume.
    #[must_use]
    pub fn volume(volume: impl Into<Vec<u8>>) -> Self {
        Self::new(0x17, volume)
    }

    /// Bytes whose meaning a GUID tells.
    #[must_use]
    pub fn freeform(name: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { head: guid(name).to_vec(), ..Self::new(0x18, body) }
    }

    /// Bytes.
    #[must_use]
    pub fn raw(body: impl Into<Vec<u8>>) -> Self {
        Self::new(0x19, body)
    }

    /// What must have run before a module of the PEI phase, as opcodes.
    #[must_use]
    pub fn pei_depex(opcodes: impl Into<Vec<u8>>) -> Self {
        Self::new(0x1b, opcodes)
    }

    /// A GUID-defined section: `extra` are the bytes of its header that only the GUID explains, `attributes` bit 0 says that the body must be
    /// processed before it can be read.
    #[must_use]
    pub fn guided(name: &str, attributes: u16, extra: &[u8], body: impl Into<Vec<u8>>) -> Self {
        let offset = u16::try_from(4 + 20 + extra.len()).expect("few bytes in a header");
        let head = [&guid(name)[..], &offset.to_le_bytes(), &attributes.to_le_bytes(), extra];
        Self { head: head.concat(), ..Self::new(0x02, body) }
    }

    /// Sections in a `.lzma` file.
    #[must_use]
    pub fn lzma(sections: &[Self]) -> Self {
        Self::guided(LZMA, 1, &[], lzma(&stream(sections)))
    }

    /// Sections in a Brotli stream.
    #[must_use]
    pub fn brotli(sections: &[Self]) -> Self {
        let plain = stream(sections);
        Self::brotli_stream(plain.len(), &brotli(&plain))
    }

    /// A Brotli stream of one's own. Before it stand the size of what is in it and that of the memory which edk2's decoder asks for, 8 bytes each (edk2,
    /// `BrotliUefiDecompressGetInfo`).
    #[must_use]
    pub fn brotli_stream(size: usize, packed: &[u8]) -> Self {
        Self::guided(BROTLI, 1, &[], [&low(size, 8), &low(0x10_0000, 8), packed].concat())
    }

    /// A compression section: the size of what is in it, and 0 for none or 1 for EFI's own compression.
    #[must_use]
    pub fn compression(kind: u8, size: u32, body: impl Into<Vec<u8>>) -> Self {
        Self { head: [&size.to_le_bytes()[..], &[kind]].concat(), ..Self::new(0x01, body) }
    }

    /// With the size in the field of 32 bits. The data offset of a GUID-defined section counts from the section's start and follows.
    #[must_use]
    pub fn extended(mut self) -> Self {
        if self.kind == 0x02 && !self.extended {
            let offset = u16::from_le_bytes([self.head[16], self.head[17]]) + 4;
            self.head[16..18].copy_from_slice(&offset.to_le_bytes());
        }
        self.extended = true;
        self
    }

    /// Bytes of the section: headers and body.
    #[must_use]
    pub fn size(&self) -> usize {
        let common = if self.extended { 8 } else { 4 };
        common + self.head.len() + self.body.len()
    }

    /// The section.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = if self.extended { vec![0xff; 3] } else { low(self.size(), 3) };
        bytes.push(self.kind);
        if self.extended {
            bytes.extend(low(self.size(), 4));
        }
        bytes.extend(&self.head);
        bytes.extend(&self.body);
        bytes
    }
}

/// Sections one after the other, each at a multiple of 4 bytes.
#[must_use]
pub fn stream(sections: &[Section]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for section in sections {
        align(&mut bytes, 4, 0);
        bytes.extend(section.bytes());
    }
    bytes
}
