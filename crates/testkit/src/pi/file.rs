//! Files of a volume.

use super::{DRIVER, PAD, PAD_FILE, RAW, Section, checksum8, low, stream};
use crate::firmware::guid;

/// `FFS_ATTRIB_LARGE_FILE`: the size stands in a field of 64 bits behind the header.
const LARGE: u8 = 0x01;
/// `FFS_ATTRIB_CHECKSUM`: the contents have a checksum.
const CHECKSUM: u8 = 0x40;
/// What stands in place of the contents' checksum where there is none.
const NO_CHECKSUM: u8 = 0xaa;
/// `EFI_FILE_HEADER_CONSTRUCTION`, `EFI_FILE_HEADER_VALID` and `EFI_FILE_DATA_VALID`: the state of a good file, where erased bits are 0.
const GOOD: u8 = 0x07;

/// The alignments that bits 3 to 5 of a file's attributes can say, in powers of two (UEFI PI, `FFS_ATTRIB_DATA_ALIGNMENT`).
const ALIGNMENTS: [u32; 8] = [0, 4, 7, 9, 10, 12, 15, 16];

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name: a GUID in text form.
    pub guid: String,
    /// `EFI_FV_FILETYPE`.
    pub kind: u8,
    /// The name in its user interface section, which is added after all others.
    pub name: Option<String>,
    sections: Vec<Section>,
    /// In place of sections.
    content: Option<Vec<u8>>,
    attributes: u8,
    state: u8,
}

impl File {
    /// A file of any type.
    #[must_use]
    pub fn new(kind: u8, guid: &str) -> Self {
        let (name, sections, content) = (None, Vec::new(), None);
        Self { guid: guid.into(), kind, name, sections, content, attributes: 0, state: GOOD }
    }

    /// A driver of the DXE phase with a name for people.
    #[must_use]
    pub fn driver(guid: &str, name: &str) -> Self {
        Self::new(DRIVER, guid).name(name)
    }

    /// Bytes that are no sections.
    #[must_use]
    pub fn raw(guid: &str, content: impl Into<Vec<u8>>) -> Self {
        Self { content: Some(content.into()), ..Self::new(RAW, guid) }
    }

    /// A pad file with `content` behind its header.
    #[must_use]
    pub fn pad(content: impl Into<Vec<u8>>) -> Self {
        Self { content: Some(content.into()), ..Self::new(PAD, PAD_FILE) }
    }

    /// With a name for people.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With one more section.
    #[must_use]
    pub fn section(mut self, section: Section) -> Self {
        self.sections.push(section);
        self
    }

    /// With contents in place of sections.
    #[must_use]
    pub fn content(mut self, content: impl Into<Vec<u8>>) -> Self {
        self.content = Some(content.into());
        self
    }

    /// Contents start at a multiple of 2 to this power; one of 0, 4, 7, 9, 10, 12, 15 and 16.
    ///
    /// # Panics
    ///
    /// When the power is none of these.
    #[must_use]
    pub fn aligned(mut self, power: u32) -> Self {
        let place = ALIGNMENTS.iter().position(|known| *known == power);
        let bits = place
            .and_then(|place| u8::try_from(place).ok())
            .expect("an alignment that bits can say");
        self.attributes = self.attributes & !0x38 | bits << 3;
        self
    }

    /// With a header that has the size in 64 bits.
    #[must_use]
    pub fn large(mut self) -> Self {
        self.attributes |= LARGE;
        self
    }

    /// With a checksum of the contents.
    #[must_use]
    pub fn checksummed(mut self) -> Self {
        self.attributes |= CHECKSUM;
        self
    }

    /// The state, written as if erased bits were 0: 0x07 is that of a good file, 0x17 that of a deleted one.
    #[must_use]
    pub fn state(mut self, state: u8) -> Self {
        self.state = state;
        self
    }

    /// All sections, that with the name included.
    #[must_use]
    pub fn sections(&self) -> Vec<Section> {
        let name = self.name.as_deref().map(Section::user_interface);
        self.sections.iter().cloned().chain(name).collect()
    }

    /// What stands behind the header.
    #[must_use]
    pub fn contents(&self) -> Vec<u8> {
        self.content.clone().unwrap_or_else(|| stream(&self.sections()))
    }

    /// Bytes of the header.
    pub(super) fn header_size(&self) -> usize {
        if self.attributes & LARGE == 0 { 24 } else { 32 }
    }

    /// Of which the contents' place is a multiple, in bytes.
    pub(super) fn alignment(&self) -> usize {
        1 << ALIGNMENTS[usize::from(self.attributes >> 3 & 7)]
    }

    /// The file in a volume whose erased bits are 1 or 0.
    #[must_use]
    pub fn bytes(&self, erased_is_one: bool) -> Vec<u8> {
        let contents = self.contents();
        let size = self.header_size() + contents.len();
        let is_large = self.attributes & LARGE != 0;
        let mut header = guid(&self.guid).to_vec();
        header.extend([0, 0, self.kind, self.attributes]);
        header.extend(if is_large { vec![0; 3] } else { low(size, 3) });
        header.push(0);
        if is_large {
            header.extend(low(size, 8));
        }
        // Of the header's checksum, the state and both checksums count as 0.
        header[16] = checksum8(&header);
        header[17] =
            if self.attributes & CHECKSUM == 0 { NO_CHECKSUM } else { checksum8(&contents) };
        header[23] = if erased_is_one { !self.state } else { self.state };
        [header, contents].concat()
    }
}
