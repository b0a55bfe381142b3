//! Executables as edk2's GenFw leaves them: PE32+ with addresses that are places in the file, and TE, the same with a short header.

use super::{align, low};
use crate::put;

/// Of which all places and sizes are multiples.
const ALIGNMENT: usize = 64;
/// Where the PE header starts.
const PE_HEADER: usize = 0x80;
/// Bytes of PE signature, COFF header and optional header with 16 directories.
const HEADERS: usize = 4 + 20 + 240;
/// Bytes of the headers of three sections, and of all before the first section.
const ALL_HEADERS: usize = (PE_HEADER + HEADERS + 3 * 40).next_multiple_of(ALIGNMENT);
/// Bytes of a TE header.
const TE_HEADER: usize = 40;

/// What a debug directory says of the file with the symbols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeView {
    /// `NB10`: a time and the file's path.
    Nb10(u32, String),
    /// `RSDS`: 16 bytes that name the build, and the file's path.
    Rsds([u8; 16], String),
}

impl CodeView {
    fn bytes(&self) -> Vec<u8> {
        let (head, path) = match self {
            Self::Nb10(time, path) => {
                ([&b"NB10"[..], &[0; 4], &time.to_le_bytes(), &[0; 4]].concat(), path)
            }
            Self::Rsds(build, path) => ([&b"RSDS"[..], build, &[1, 0, 0, 0]].concat(), path),
        };
        [&head, path.as_bytes(), &[0]].concat()
    }
}

/// Builds an executable for x86-64 with the sections .text, .data and .reloc.
#[derive(Clone, Debug)]
pub struct Pe {
    text: Vec<u8>,
    data: Vec<u8>,
    relocations: Vec<(u32, Vec<u16>)>,
    code_view: Option<CodeView>,
    timestamp: u32,
    checksum: u32,
}

/// Where the parts lie.
struct Layout {
    /// The sections' names, places and bytes.
    sections: [(&'static [u8; 8], usize, Vec<u8>); 3],
    /// Place and size of the debug directory; zeros for none.
    debug: (usize, usize),
    relocations: (usize, usize),
    size: usize,
}

impl Pe {
    /// An executable with this code and data, no relocations and no debug directory.
    #[must_use]
    pub fn new(text: impl Into<Vec<u8>>, data: impl Into<Vec<u8>>) -> Self {
        let (text, data, relocations) = (text.into(), data.into(), Vec::new());
        Self { text, data, relocations, code_view: None, timestamp: 0, checksum: 0 }
    }

    /// With a page of relocations: its address, and the entries with their type in the upper 4 bits.
    #[must_use]
    pub fn relocations(mut self, page: u32, entries: &[u16]) -> Self {
        self.relocations.push((page, entries.to_vec()));
        self
    }

    /// With a debug directory at the end of .data.
    #[must_use]
    pub fn code_view(mut self, code_view: CodeView) -> Self {
        self.code_view = Some(code_view);
        self
    }

    /// The time in the COFF header and in the debug directory, in place of 0.
    #[must_use]
    pub fn timestamp(mut self, seconds: u32) -> Self {
        self.timestamp = seconds;
        self
    }

    /// The checksum in the optional header, in place of 0.
    #[must_use]
    pub fn checksum(mut self, checksum: u32) -> Self {
        self.checksum = checksum;
        self
    }

    fn layout(&self) -> Layout {
        let text = aligned(self.text.clone());
        let data_at = ALL_HEADERS + text.len();
        let mut data = self.data.clone();
        let mut debug = (0, 0);
        if let Some(code_view) = &self.code_view {
            align(&mut data, 4, 0);
            let record = code_view.bytes();
            let at = data_at + data.len();
            debug = (at, 28);
            data.extend([0; 4]);
            data.extend(self.timestamp.to_le_bytes());
            data.extend([0; 4]);
            // IMAGE_DEBUG_TYPE_CODEVIEW
            data.extend(2u32.to_le_bytes());
            data.extend(low(record.len(), 4));
            data.extend([low(at + 28, 4), low(at + 28, 4)].concat());
            data.extend(record);
        }
        let data = aligned(data);
        let relocations_at = data_at + data.len();
        let mut blocks = Vec::new();
        for (page, entries) in &self.relocations {
            blocks.extend(page.to_le_bytes());
            blocks.extend(low(8 + 2 * entries.len().next_multiple_of(2), 4));
            blocks.extend(entries.iter().flat_map(|entry| entry.to_le_bytes()));
            align(&mut blocks, 4, 0);
        }
        let relocations = (if blocks.is_empty() { 0 } else { relocations_at }, blocks.len());
        let blocks = aligned(blocks);
        let size = relocations_at + blocks.len();
        let sections = [
            (b".text\0\0\0", ALL_HEADERS, text),
            (b".data\0\0\0", data_at, data),
            (b".reloc\0\0", relocations_at, blocks),
        ];
        Layout { sections, debug, relocations, size }
    }

    /// The executable in PE32+ form.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let layout = self.layout();
        let [(_, text_at, text), (_, _, data), (_, _, relocations)] = &layout.sections;
        let mut image = vec![0; layout.size];
        put(&mut image, 0, b"MZ", "DOS header");
        put(&mut image, 0x3c, &low(PE_HEADER, 4), "e_lfanew");
        let mut header = b"PE\0\0".to_vec();
        // x86-64, three sections
        header.extend([0x64, 0x86, 3, 0]);
        header.extend(self.timestamp.to_le_bytes());
        header.extend([0; 8]);
        header.extend([0xf0, 0, 0x2e, 0]);
        // PE32+
        header.extend([0x0b, 0x02, 0, 0]);
        header.extend([low(text.len(), 4), low(data.len() + relocations.len(), 4)].concat());
        header.extend([0; 4]);
        header.extend([low(*text_at, 4), low(*text_at, 4)].concat());
        // Image base, alignment of sections and of the file, versions.
        header.extend([vec![0; 8], low(ALIGNMENT, 4), low(ALIGNMENT, 4), vec![0; 16]].concat());
        header.extend([low(layout.size, 4), low(ALL_HEADERS, 4)].concat());
        header.extend(self.checksum.to_le_bytes());
        // A driver of boot services.
        header.extend([0x0b, 0, 0, 0]);
        // Stack and heap, flags of the loader, number of directories.
        header.extend([vec![0; 36], low(16, 4)].concat());
        let mut directories = vec![0; 128];
        put(&mut directories, 5 * 8, &pair(layout.relocations), "relocations");
        put(&mut directories, 6 * 8, &pair(layout.debug), "debug");
        header.extend(directories);
        header.extend(section_headers(&layout));
        put(&mut image, PE_HEADER, &header, "PE header");
        for (_, at, bytes) in &layout.sections {
            put(&mut image, *at, bytes, "section");
        }
        image
    }

    /// The executable in TE form: addresses stay those of the PE form, whose headers are gone (UEFI PI, `EFI_TE_IMAGE_HEADER`).
    #[must_use]
    pub fn te(&self) -> Vec<u8> {
        let layout = self.layout();
        let stripped = PE_HEADER + HEADERS;
        // x86-64, three sections, a driver of boot services
        let mut image = [&b"VZ"[..], &[0x64, 0x86, 3, 0x0b]].concat();
        image.extend(low(stripped, 2));
        image.extend([low(ALL_HEADERS, 4), low(ALL_HEADERS, 4), vec![0; 8]].concat());
        image.extend(pair(layout.relocations));
        image.extend(pair(layout.debug));
        assert_eq!(image.len(), TE_HEADER);
        image.extend(section_headers(&layout));
        image.resize(ALL_HEADERS - stripped + TE_HEADER, 0);
        for (_, _, bytes) in &layout.sections {
            image.extend(bytes);
        }
        image
    }
}

fn aligned(mut bytes: Vec<u8>) -> Vec<u8> {
    align(&mut bytes, ALIGNMENT, 0);
    bytes
}

/// A directory: place and size.
fn pair((at, size): (usize, usize)) -> Vec<u8> {
    [low(at, 4), low(size, 4)].concat()
}

fn section_headers(layout: &Layout) -> Vec<u8> {
    let flags: [u32; 3] = [0x6000_0020, 0xc000_0040, 0x4200_0040];
    let mut bytes = Vec::new();
    for ((name, at, content), flags) in layout.sections.iter().zip(flags) {
        bytes.extend(*name);
        for _ in 0..2 {
            bytes.extend([low(content.len(), 4), low(*at, 4)].concat());
        }
        bytes.extend([0; 12]);
        bytes.extend(flags.to_le_bytes());
    }
    bytes
}
