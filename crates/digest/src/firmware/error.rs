//! Why a firmware image cannot be read, or cannot be launched.
//!
//! Offsets are in bytes from the start of the image.

use alloc::string::String;

use super::limits::{MAX_SECTIONS, MAX_SIZE};
use sev_launch_abi::reader::OutOfBounds;
use sev_launch_abi::{Gpa, Guid};

/// A table or value that an image may lack, or hold in a form that cannot be read.
pub type Part<T> = Result<Option<T>, Error>;

/// What is wrong with an image.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    // Firmware images, as bytes.
    /// The firmware was absorbed for launches that do not need this.
    #[error("the firmware was absorbed for other launches: its {what} is not known")]
    NotAbsorbed {
        /// What was asked for.
        what: &'static str,
    },
    /// The image has no bytes.
    #[error("the firmware image is empty (0 bytes)")]
    Empty,
    /// The image cannot end at 4 GiB.
    #[error(
        "the firmware image has {size} bytes, which do not fit below 4 GiB (at most {MAX_SIZE})"
    )]
    TooLarge {
        /// Bytes found.
        size: u64,
    },
    /// A disk image of a format with a header of its own.
    #[error(
        "{kind}, and no firmware image: QEMU measures what is inside; `qemu-img convert -O raw` gives that"
    )]
    Container {
        /// What it is.
        kind: &'static str,
    },
    /// An IGVM file.
    #[error(
        "an IGVM file, and no firmware image, which is what is read here: `sev-launch firmware show` says what is in it, and digests take it by \
         --igvm (firmware.igvm in a description)"
    )]
    Igvm,
    /// An image that was taken in as it was read has another size than was said before.
    #[error(
        "{found} bytes of a firmware image were given, but {wanted} were announced: announce the size of what is given, all of it"
    )]
    Size {
        /// Bytes that were announced.
        wanted: u64,
        /// Bytes taken in.
        found: u64,
    },
    /// An image that was taken in as it was read has its metadata before the bytes that were kept.
    #[error(
        "the SEV metadata is {wanted} bytes before the end of the firmware image, of which {kept} were kept: take it in again, keeping {wanted}"
    )]
    MetadataNotKept {
        /// How many of the last bytes must be kept.
        wanted: u64,
        /// How many were.
        kept: u64,
    },
    /// A structure reaches past the end of the image.
    #[error("{0} in the image")]
    OutOfBounds(#[from] OutOfBounds),
    /// The table's total length cannot be right.
    #[error(
        "firmware table footer at offset {offset:#x}: table length {found} is not between 18 and {wanted}, the bytes of the image up to there"
    )]
    TableLength {
        /// Where the footer's length field is.
        offset: u64,
        /// The length it gives.
        found: u16,
        /// The most that fits.
        wanted: u64,
    },
    /// An entry of the table is shorter than its own header or longer than what is left of the table.
    #[error(
        "firmware table entry {guid} at offset {offset:#x}: length {found} is not between 18 (its own header) and {wanted}, what is left of the table"
    )]
    EntryLength {
        /// The entry's GUID.
        guid: Guid,
        /// Where its length field is.
        offset: u64,
        /// The length it gives.
        found: u16,
        /// The most that fits.
        wanted: u64,
    },
    /// Bytes are left in the table that hold no entry.
    #[error(
        "firmware table at offset {offset:#x}: {found} bytes are left, too few for an entry (18)"
    )]
    TableRemainder {
        /// Where the left bytes start.
        offset: u64,
        /// How many they are.
        found: u64,
    },
    /// An entry's payload is shorter than the structure that its GUID promises.
    #[error("{} ({guid}) at offset {offset:#x}: the payload has {found} bytes, wanted {wanted}", guid.name().unwrap_or("entry"))]
    EntryPayload {
        /// The entry's GUID.
        guid: Guid,
        /// Where its payload starts.
        offset: u64,
        /// Bytes found.
        found: u64,
        /// Bytes wanted.
        wanted: u64,
    },
    /// The metadata's offset points outside the image.
    #[error(
        "SEV metadata entry at offset {offset:#x}: points {found} bytes back from the end of an image of {size} bytes"
    )]
    MetadataOffset {
        /// Where the entry's payload starts.
        offset: u64,
        /// The offset that it gives, from the image's end.
        found: u32,
        /// The image's size.
        size: u64,
    },
    /// The metadata does not start with `ASEV`.
    #[error("SEV metadata at offset {offset:#x}: signature is {found:02x?}, wanted \"ASEV\"")]
    MetadataSignature {
        /// Where the metadata starts.
        offset: u64,
        /// The four bytes there.
        found: [u8; 4],
    },
    /// The metadata's version is not the one that is defined.
    #[error("SEV metadata at offset {offset:#x}: version is {found}, wanted 1")]
    MetadataVersion {
        /// Where the metadata starts.
        offset: u64,
        /// The version found.
        found: u32,
    },
    /// More sections than any firmware has.
    #[error(
        "SEV metadata at offset {offset:#x}: {found} sections, at most {MAX_SECTIONS} are accepted"
    )]
    MetadataCount {
        /// Where the metadata starts.
        offset: u64,
        /// The count found.
        found: u32,
    },
    /// The sections do not fit into the metadata's own length.
    #[error(
        "SEV metadata at offset {offset:#x}: length is {found} bytes, its sections need {wanted}"
    )]
    MetadataLength {
        /// Where the metadata starts.
        offset: u64,
        /// The length it gives.
        found: u32,
        /// Bytes that its header and sections need.
        wanted: u64,
    },
    /// A section of a type whose pages nobody can know.
    #[error(
        "SEV metadata section {index} at offset {offset:#x}: type {found:#x} is unknown, wanted 1, 2, 3, 4 or 0x10; how a host measures it cannot be known"
    )]
    SectionType {
        /// Which section, counted from 0.
        index: usize,
        /// Where its description starts.
        offset: u64,
        /// The type found.
        found: u32,
    },
    /// A section without a byte.
    #[error("SEV metadata section {index} at offset {offset:#x}: length is 0")]
    SectionEmpty {
        /// Which section, counted from 0.
        index: usize,
        /// Where its description starts.
        offset: u64,
    },
    /// A section that does not start or end at a page.
    #[error(
        "SEV metadata section {index} at offset {offset:#x}: {base} with {length:#x} bytes is not made of whole 4096-byte pages"
    )]
    SectionAlignment {
        /// Which section, counted from 0.
        index: usize,
        /// Where its description starts.
        offset: u64,
        /// Its address.
        base: Gpa,
        /// Its length in bytes.
        length: u32,
    },
    /// A section that lies over the firmware image or reaches past it.
    #[error(
        "SEV metadata section {index} at offset {offset:#x}: {base} with {length:#x} bytes overlaps the firmware image at {firmware}"
    )]
    SectionOverFirmware {
        /// Which section, counted from 0.
        index: usize,
        /// Where its description starts.
        offset: u64,
        /// Its address.
        base: Gpa,
        /// Its length in bytes.
        length: u32,
        /// Where the image starts in guest memory.
        firmware: Gpa,
    },

    /// Sections that together are larger than the memory that they lie in.
    #[error(
        "SEV metadata at offset {offset:#x}: its sections have {found:#x} bytes together, more than the 4 GiB that they lie in"
    )]
    SectionsTotal {
        /// Where the metadata starts.
        offset: u64,
        /// Bytes of all sections.
        found: u64,
    },

    // What a launch needs of its firmware.
    /// SNP measures whole pages.
    #[error(
        "SNP needs a firmware image of whole 4096-byte pages, this one has {size} bytes; give the image as the host loads it, not a part of it"
    )]
    NotPages {
        /// Bytes found.
        size: u64,
    },
    /// The GUIDed table is missing and the launch needs it.
    #[error(
        "the firmware has no GUIDed table 32 bytes before its end, so {needed_for} cannot be found; use an OVMF build of edk2 (AmdSevX64 or OvmfPkgX64)"
    )]
    NoTable {
        /// What the table was needed for.
        needed_for: &'static str,
    },
    /// Variables without code have nothing that a launch looks for.
    #[error(
        "this is a variable store (VARS), not firmware, and has no tables that QEMU could launch such a guest by; give the CODE file"
    )]
    VariableStore,
    /// SEV-ES and SNP guests start their further vCPUs at the reset address.
    #[error(
        "the firmware has no SEV-ES reset block, so QEMU refuses it for SEV-ES and SNP (\"SEV information block/Firmware GUID Table block not found\"); use an edk2 build with SEV-ES support (edk2-stable202011 or newer)"
    )]
    NoResetAddress,
    /// The reset block holds 0.
    #[error(
        "the firmware's SEV-ES reset address is 0, which QEMU refuses (\"SEV-ES reset address is zero\")"
    )]
    ResetAddressZero,
    /// SNP needs the metadata.
    #[error(
        "the firmware has no SEV metadata, so QEMU refuses it for SNP (\"Failed to locate SEV metadata header\"); use an edk2 build with SNP support (edk2-stable202202 or newer)"
    )]
    NoMetadata,
    /// A measured kernel needs a place for its hashes.
    #[error(
        "the firmware has no kernel hash table area ({}), so QEMU refuses a measured kernel; use edk2's AmdSevX64 build (OvmfPkg/AmdSev/AmdSevX64.dsc)",
        Guid::SEV_HASH_TABLE_AREA
    )]
    NoHashArea,
    /// The area is there, at address 0.
    #[error(
        "the firmware's kernel hash table area has base 0 (size {size:#x}), so QEMU refuses a measured kernel; this is how a general OVMF build looks: use edk2's AmdSevX64 build (OvmfPkg/AmdSev/AmdSevX64.dsc)"
    )]
    HashAreaBaseZero {
        /// The area's size in bytes.
        size: u32,
    },
    /// The area does not hold the table.
    #[error(
        "the firmware's kernel hash table area at {base} has {size} bytes, the table needs 176, so QEMU refuses a measured kernel"
    )]
    HashAreaTooSmall {
        /// The area's address.
        base: Gpa,
        /// The area's size in bytes.
        size: u32,
    },
    /// The AMD-SP takes in whole units of 16 bytes. [SEV-API, LAUNCH_UPDATE_DATA]
    #[error(
        "the firmware's kernel hash table area at {base} is not aligned to 16 bytes, so the AMD-SP refuses the table in SEV and SEV-ES"
    )]
    HashAreaAlignment {
        /// The area's address.
        base: Gpa,
    },
    /// SNP measures the hashes as a page of their own section.
    #[error(
        "the firmware's SEV metadata has no KERNEL_HASHES section, so QEMU starts the guest without measuring the kernel; use edk2's AmdSevX64 build of edk2-stable202402 or newer"
    )]
    NoKernelHashesSection,
    /// The table would leave its section.
    #[error(
        "the kernel hash table (176 bytes at offset {offset:#x} of its page) crosses the end of the KERNEL_HASHES section at {section} ({length:#x} bytes); QEMU stops there"
    )]
    HashTableCrossesSection {
        /// Where in its page the table starts.
        offset: u64,
        /// The section's address.
        section: Gpa,
        /// The section's length in bytes.
        length: u32,
    },
    /// No SVSM entry point.
    #[error(
        "the SVSM image has no SVSM info entry ({}), so its entry point is unknown; give an SVSM binary with a footer table",
        Guid::SVSM_INFO
    )]
    NoSvsmInfo,
    // Absorbed firmware.
    /// A stored firmware whose parts contradict each other.
    #[error("absorbed firmware: {what}")]
    Absorbed {
        /// What is wrong with it.
        what: String,
    },
}

impl Error {
    /// Is it an image that can be read and that lacks what a launch needs, so that the VMM starts no guest from it? Otherwise the bytes are no such image,
    /// or were not all seen, and nothing is said of the launch.
    #[must_use]
    pub const fn is_refused_launch(&self) -> bool {
        matches!(
            self,
            Self::NoTable { .. }
                | Self::NoResetAddress
                | Self::ResetAddressZero
                | Self::NoMetadata
                | Self::VariableStore
                | Self::NoHashArea
                | Self::HashAreaBaseZero { .. }
                | Self::HashAreaTooSmall { .. }
        )
    }
}
