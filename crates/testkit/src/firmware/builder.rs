//! The builder of firmware images, and how its parts become bytes.

use super::{
    CPUID, Entry, FOOTER, HASH_AREA, KERNEL_HASHES, Payload, RESET_BLOCK, SEC_MEM, SECRET_AREA,
    SECRETS, SEV_METADATA, SVSM_CAA, SVSM_INFO, Section, guid,
};
use crate::{index, pattern, put};

/// Where the metadata starts unless told otherwise, in bytes back from the end: that of the vectors.
const METADATA_OFFSET: u32 = 1476;
/// Bytes of reset vector code after the table.
const RESET_VECTOR: usize = 32;

/// What stands where the footer of the table belongs.
#[derive(Clone, Debug)]
enum End {
    Footer { length: Option<u16> },
    ResetBlock(u32),
    Nothing,
}

#[derive(Clone, Debug)]
struct Metadata {
    offset_from_end: u32,
    sections: Vec<Section>,
    signature: [u8; 4],
    version: u32,
    length: Option<u32>,
    count: Option<u32>,
}

/// The metadata sections of [`FirmwareBuilder::amd_sev`]: those of AmdSev builds of edk2-stable202411 and newer.
pub const AMD_SEV_SECTIONS: [Section; 7] = [
    Section::new(0x0080_0000, 0x9000, SEC_MEM),
    Section::new(0x0080_a000, 0x3000, SEC_MEM),
    Section::new(0x0080_d000, 0x1000, SECRETS),
    Section::new(0x0080_e000, 0x1000, CPUID),
    Section::new(0x0080_f000, 0x1000, SVSM_CAA),
    Section::new(0x0081_1000, 0xf000, SEC_MEM),
    Section::new(0x0081_0000, 0x1000, KERNEL_HASHES),
];

/// Builds a firmware image; every setter takes and returns the builder.
///
/// ```
/// use sev_launch_testkit::firmware::FirmwareBuilder;
/// let image = FirmwareBuilder::amd_sev().reset(0).build();
/// assert_eq!(image.len(), 0x10000);
/// ```
#[derive(Clone, Debug)]
pub struct FirmwareBuilder {
    size: usize,
    mul: u8,
    add: u8,
    table: Vec<Entry>,
    end: End,
    metadata: Option<Metadata>,
}

impl Default for FirmwareBuilder {
    fn default() -> Self {
        Self::amd_sev()
    }
}

impl FirmwareBuilder {
    /// An image of `size` bytes with an empty table (a footer only) and no metadata.
    #[must_use]
    pub fn new(size: usize) -> Self {
        let end = End::Footer { length: None };
        Self { size, mul: 31, add: 7, table: Vec::new(), end, metadata: None }
    }

    /// A good image of 64 KiB with the tables of an AmdSev build of edk2-stable202411 and newer.
    #[must_use]
    pub fn amd_sev() -> Self {
        Self::new(0x10000)
            .reset(0x0080_b004)
            .secret_area(0x0081_0000, 0xc00)
            .hash_area(0x0081_0c00, 0x400)
            .sections(AMD_SEV_SECTIONS)
    }

    /// Size of the image in bytes.
    #[must_use]
    pub fn size(mut self, bytes: usize) -> Self {
        self.size = bytes;
        self
    }

    /// The filling, see [`crate::pattern`].
    #[must_use]
    pub fn pattern(mut self, mul: u8, add: u8) -> Self {
        (self.mul, self.add) = (mul, add);
        self
    }

    /// All records of the table, the first next to the footer.
    #[must_use]
    pub fn table(mut self, entries: impl Into<Vec<Entry>>) -> Self {
        self.table = entries.into();
        self
    }

    /// One more record, farthest from the footer; a GUID may come twice.
    #[must_use]
    pub fn entry(mut self, guid: &str, payload: impl Into<Vec<u8>>) -> Self {
        self.push(guid, Payload::Bytes(payload.into()));
        self
    }

    /// Takes out every record with this GUID.
    #[must_use]
    pub fn without(mut self, guid: &str) -> Self {
        self.table.retain(|entry| entry.guid != guid);
        self
    }

    /// Writes `length` as the length of the records with this GUID, in place of payload + 18.
    #[must_use]
    pub fn entry_length(mut self, guid: &str, length: u16) -> Self {
        for entry in self.table.iter_mut().filter(|entry| entry.guid == guid) {
            entry.length = Some(length);
        }
        self
    }

    /// Writes `length` into the footer, in place of the table's real length with the footer.
    #[must_use]
    pub fn footer_len(mut self, length: u16) -> Self {
        self.end = End::Footer { length: Some(length) };
        self
    }

    /// No table at all: pattern bytes where the footer would be.
    #[must_use]
    pub fn without_table(mut self) -> Self {
        self.end = End::Nothing;
        self
    }

    /// No table, and the reset block alone in the footer's place, as older OVMF has it.
    #[must_use]
    pub fn lone_reset_block(mut self, address: u32) -> Self {
        self.end = End::ResetBlock(address);
        self
    }

    /// The address in the SEV-ES reset block.
    #[must_use]
    pub fn reset(self, address: u32) -> Self {
        self.replace(RESET_BLOCK, &[address])
    }

    /// The area for launch secrets: guest physical address, size in bytes.
    #[must_use]
    pub fn secret_area(self, base: u32, size: u32) -> Self {
        self.replace(SECRET_AREA, &[base, size])
    }

    /// The area for the table of kernel hashes: guest physical address, size in bytes.
    #[must_use]
    pub fn hash_area(self, base: u32, size: u32) -> Self {
        self.replace(HASH_AREA, &[base, size])
    }

    /// The entry point's offset in an SVSM image.
    #[must_use]
    pub fn svsm_info(self, entry: u32) -> Self {
        self.replace(SVSM_INFO, &[entry])
    }

    /// All sections of the metadata, in order; adds metadata and its record where there are none.
    #[must_use]
    pub fn sections(mut self, sections: impl Into<Vec<Section>>) -> Self {
        self.metadata_mut().sections = sections.into();
        self
    }

    /// One more section, last.
    #[must_use]
    pub fn section(mut self, section: Section) -> Self {
        self.metadata_mut().sections.push(section);
        self
    }

    /// No metadata, and no record of it.
    #[must_use]
    pub fn without_metadata(mut self) -> Self {
        self.metadata = None;
        self.without(SEV_METADATA)
    }

    /// Where the metadata is, in bytes back from the end of the image. Its record follows.
    #[must_use]
    pub fn metadata_offset(mut self, bytes: u32) -> Self {
        self.metadata_mut().offset_from_end = bytes;
        self
    }

    /// Where the record says that the metadata is; the metadata stays where it was.
    #[must_use]
    pub fn metadata_pointer(self, offset_from_end: u32) -> Self {
        self.replace(SEV_METADATA, &[offset_from_end])
    }

    /// The four bytes that open the metadata, in place of `ASEV`.
    #[must_use]
    pub fn signature(mut self, signature: [u8; 4]) -> Self {
        self.metadata_mut().signature = signature;
        self
    }

    /// The version of the metadata, in place of 1.
    #[must_use]
    pub fn version(mut self, version: u32) -> Self {
        self.metadata_mut().version = version;
        self
    }

    /// The length that the metadata gives for itself, in place of 16 + 12 for each section.
    #[must_use]
    pub fn length(mut self, bytes: u32) -> Self {
        self.metadata_mut().length = Some(bytes);
        self
    }

    /// The count of sections that the metadata gives, in place of the real one.
    #[must_use]
    pub fn count(mut self, count: u32) -> Self {
        self.metadata_mut().count = Some(count);
        self
    }

    /// The image.
    ///
    /// # Panics
    ///
    /// When the table or the metadata does not fit in the image, or a length does not fit in its field.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let mut image = pattern(self.size, self.mul, self.add);
        let table = self.table_bytes();
        if !table.is_empty() {
            let at = self.size.checked_sub(RESET_VECTOR + table.len());
            put(&mut image, at.expect("the image is smaller than its table"), &table, "table");
        }
        if let Some(metadata) = &self.metadata {
            let at = self.size.checked_sub(index(metadata.offset_from_end));
            let at = at.expect("the metadata would start before the image");
            put(&mut image, at, &metadata.bytes(), "metadata");
        }
        image
    }

    /// The table in ascending addresses: the last record first, the footer last.
    fn table_bytes(&self) -> Vec<u8> {
        match self.end {
            End::Nothing => Vec::new(),
            End::ResetBlock(address) => record(&address.to_le_bytes(), None, RESET_BLOCK),
            End::Footer { length } => {
                let records = self.table.iter().rev();
                let mut bytes: Vec<u8> = records
                    .flat_map(|entry| record(&self.payload(entry), entry.length, &entry.guid))
                    .collect();
                let real = u16::try_from(bytes.len() + 18).expect("the table is under 64 KiB");
                bytes.extend(length.unwrap_or(real).to_le_bytes());
                bytes.extend(guid(FOOTER));
                bytes
            }
        }
    }

    fn payload(&self, entry: &Entry) -> Vec<u8> {
        match &entry.payload {
            Payload::Bytes(bytes) => bytes.clone(),
            Payload::MetadataOffset => {
                let metadata = self.metadata.as_ref().expect("a record of metadata, but none");
                metadata.offset_from_end.to_le_bytes().to_vec()
            }
        }
    }

    fn push(&mut self, guid: &str, payload: Payload) {
        self.table.push(Entry { guid: guid.to_owned(), payload, length: None });
    }

    /// Gives the records with this GUID these numbers, or adds one that has them.
    fn replace(mut self, guid: &str, numbers: &[u32]) -> Self {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        if !self.table.iter().any(|entry| entry.guid == guid) {
            self.push(guid, Payload::Bytes(Vec::new()));
        }
        for entry in self.table.iter_mut().filter(|entry| entry.guid == guid) {
            entry.payload = Payload::Bytes(bytes.clone());
        }
        self
    }

    fn metadata_mut(&mut self) -> &mut Metadata {
        if self.metadata.is_none() && !self.table.iter().any(|entry| entry.guid == SEV_METADATA) {
            self.push(SEV_METADATA, Payload::MetadataOffset);
        }
        self.metadata.get_or_insert_with(|| Metadata {
            offset_from_end: METADATA_OFFSET,
            sections: Vec::new(),
            signature: *b"ASEV",
            version: 1,
            length: None,
            count: None,
        })
    }
}

impl Metadata {
    fn bytes(&self) -> Vec<u8> {
        let real_count = u32::try_from(self.sections.len()).expect("few sections");
        let mut bytes = self.signature.to_vec();
        bytes.extend(self.length.unwrap_or(16 + 12 * real_count).to_le_bytes());
        bytes.extend(self.version.to_le_bytes());
        bytes.extend(self.count.unwrap_or(real_count).to_le_bytes());
        for section in &self.sections {
            bytes.extend(
                [section.base, section.length, section.kind].map(u32::to_le_bytes).concat(),
            );
        }
        bytes
    }
}

/// A record: payload, u16 length, GUID.
fn record(payload: &[u8], length: Option<u16>, name: &str) -> Vec<u8> {
    let real = u16::try_from(payload.len() + 18).expect("a record is under 64 KiB");
    [payload, &length.unwrap_or(real).to_le_bytes(), &guid(name)].concat()
}
