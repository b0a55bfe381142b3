//! Firmware volumes, and where their files come to lie.

use super::{File, align, checksum16, low};
use crate::firmware::guid;
use crate::put;

/// `EFI_FVB2_ERASE_POLARITY`: erased bits are 1.
const ERASED_IS_ONE: u32 = 0x800;
/// Bytes of the header up to the block map.
const HEADER: usize = 56;
/// Files start at a multiple of this.
const FILE_ALIGNMENT: usize = 8;
/// Bytes of the smallest pad file.
const PAD_HEADER: usize = 24;

/// Builds a volume.
#[derive(Clone, Debug)]
pub struct Volume {
    file_system: String,
    size: usize,
    name: Option<String>,
    /// Entries behind the extended header: type and bytes.
    entries: Vec<(u16, Vec<u8>)>,
    attributes: u32,
    blocks: Vec<(u32, u32)>,
    files: Vec<File>,
    top: Option<File>,
    content: Vec<u8>,
}

/// A finished volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its files in their order, pad files included.
    pub files: Vec<Placed>,
}

/// Where a file lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The place of its header in the volume.
    pub offset: usize,
    /// Its size in bytes, header included.
    pub size: usize,
    /// What it was made of.
    pub file: File,
}

impl Volume {
    /// A volume of `size` bytes without files, in blocks of 4096 bytes or in one block.
    #[must_use]
    pub fn new(file_system: &str, size: usize) -> Self {
        let block = if size.is_multiple_of(0x1000) { 0x1000 } else { size };
        let number = |number: usize| u32::try_from(number).expect("a volume is under 4 GiB");
        Self {
            file_system: file_system.into(),
            size,
            name: None,
            entries: Vec::new(),
            // Those of OVMF.
            attributes: 0x0004_feff,
            blocks: vec![(number(size / block.max(1)), number(block))],
            files: Vec::new(),
            top: None,
            content: Vec::new(),
        }
    }

    /// With a name, which stands in an extended header inside of a pad file, as edk2's GenFv has it.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With an entry behind the extended header; a name is needed too.
    #[must_use]
    pub fn entry(mut self, kind: u16, bytes: impl Into<Vec<u8>>) -> Self {
        self.entries.push((kind, bytes.into()));
        self
    }

    /// The attributes, in place of OVMF's.
    #[must_use]
    pub fn attributes(mut self, attributes: u32) -> Self {
        self.attributes = attributes;
        self
    }

    /// Erased bits are 0.
    #[must_use]
    pub fn erased_is_zero(mut self) -> Self {
        self.attributes &= !ERASED_IS_ONE;
        self
    }

    /// The block map: numbers of blocks, and their size in bytes.
    #[must_use]
    pub fn blocks(mut self, blocks: &[(u32, u32)]) -> Self {
        self.blocks = blocks.to_vec();
        self
    }

    /// With one more file.
    #[must_use]
    pub fn file(mut self, file: File) -> Self {
        self.files.push(file);
        self
    }

    /// With more files.
    #[must_use]
    pub fn files(mut self, files: impl IntoIterator<Item = File>) -> Self {
        self.files.extend(files);
        self
    }

    /// With a file that ends where the volume ends; a pad file fills the space before it.
    #[must_use]
    pub fn top(mut self, file: File) -> Self {
        self.top = Some(file);
        self
    }

    /// With bytes behind the header in place of files.
    #[must_use]
    pub fn content(mut self, content: impl Into<Vec<u8>>) -> Self {
        self.content = content.into();
        self
    }

    /// Bytes of the header with the block map.
    #[must_use]
    pub fn header_size(&self) -> usize {
        HEADER + 8 * (self.blocks.len() + 1)
    }

    /// The smallest size in which all files have their place, in whole blocks of 4096 bytes.
    #[must_use]
    pub fn fitting(mut self) -> Self {
        let files: usize = self
            .files
            .iter()
            .chain(&self.top)
            .map(|file| file.bytes(true).len() + file.alignment() + 64)
            .sum();
        let ends: usize = self.entries.iter().map(|(_, bytes)| bytes.len() + 4).sum();
        self.size =
            (self.header_size() + files + ends + self.content.len() + 128).next_multiple_of(0x1000);
        self.blocks = Self::new("", self.size).blocks;
        self
    }

    /// The bytes.
    ///
    /// # Panics
    ///
    /// When the files do not fit.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.lay().bytes
    }

    /// The bytes, and where the files lie.
    ///
    /// # Panics
    ///
    /// When the files do not fit.
    #[must_use]
    pub fn lay(&self) -> Laid {
        let erased_is_one = self.attributes & ERASED_IS_ONE != 0;
        let erased = if erased_is_one { 0xff } else { 0 };
        let mut bytes = vec![0; self.header_size()];
        let mut files = Vec::new();
        let mut place = |bytes: &mut Vec<u8>, file: File| {
            align(bytes, FILE_ALIGNMENT, erased);
            let written = file.bytes(erased_is_one);
            files.push(Placed { offset: bytes.len(), size: written.len(), file });
            bytes.extend(written);
        };
        let mut extended = 0;
        if let Some(name) = &self.name {
            align(&mut bytes, FILE_ALIGNMENT, erased);
            extended = bytes.len() + PAD_HEADER;
            place(&mut bytes, File::pad(self.extended_header(name)));
        }
        bytes.extend(&self.content);
        for file in &self.files {
            align(&mut bytes, FILE_ALIGNMENT, erased);
            let start = bytes.len() + file.header_size();
            let mut gap = start.next_multiple_of(file.alignment()) - start;
            while gap != 0 && gap < PAD_HEADER {
                gap += file.alignment();
            }
            if gap != 0 {
                place(&mut bytes, File::pad(vec![erased; gap - PAD_HEADER]));
            }
            place(&mut bytes, file.clone());
        }
        if let Some(top) = &self.top {
            align(&mut bytes, FILE_ALIGNMENT, erased);
            let size = top.bytes(erased_is_one).len();
            let gap = self
                .size
                .checked_sub(bytes.len() + size)
                .expect("the volume is too small for its top file");
            if gap >= PAD_HEADER {
                place(&mut bytes, File::pad(vec![erased; gap - PAD_HEADER]));
            }
            assert_eq!(
                bytes.len() + size,
                self.size,
                "the top file's size must be a multiple of 8"
            );
            place(&mut bytes, top.clone());
        }
        assert!(
            bytes.len() <= self.size,
            "{:#x} bytes of files in a volume of {:#x}",
            bytes.len(),
            self.size
        );
        bytes.resize(self.size, erased);
        let header = self.header(extended);
        put(&mut bytes, 0, &header, "header");
        Laid { bytes, files }
    }

    fn header(&self, extended: usize) -> Vec<u8> {
        let mut header = vec![0; 16];
        header.extend(guid(&self.file_system));
        header.extend(low(self.size, 8));
        header.extend(b"_FVH");
        header.extend(self.attributes.to_le_bytes());
        header.extend(low(self.header_size(), 2));
        header.extend([0; 2]);
        header.extend(low(extended, 2));
        header.extend([0, 2]);
        for (count, size) in self.blocks.iter().chain([&(0, 0)]) {
            header.extend(count.to_le_bytes());
            header.extend(size.to_le_bytes());
        }
        let checksum = checksum16(&header).to_le_bytes();
        header[50..52].copy_from_slice(&checksum);
        header
    }

    fn extended_header(&self, name: &str) -> Vec<u8> {
        let entries = self.entries.iter().flat_map(|(kind, bytes)| {
            [low(bytes.len() + 4, 2), kind.to_le_bytes().to_vec(), bytes.clone()].concat()
        });
        let entries: Vec<u8> = entries.collect();
        [guid(name).to_vec(), low(20 + entries.len(), 4), entries].concat()
    }
}
