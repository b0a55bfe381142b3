//! What this crate answers when there is no digest: the launch is impossible, or an input is not what it claims to be.
//!
//! Every variant carries what was found, what was wanted and where. Offsets are in bytes from the start of the image.
//! A launch that a VMM refuses is refused with the VMM's reason, since a digest of it would describe nothing.

use alloc::string::String;
use thiserror::Error;

use sev_launch_abi::reader::OutOfBounds;
use sev_launch_abi::{Gpa, Guid, Technology};

use crate::firmware::{MAX_SECTIONS, MAX_SIZE};
use crate::vcpus::MAX_VCPUS;

/// Why there is no digest.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
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
    EmptyFirmware,
    /// The image cannot end at 4 GiB.
    #[error(
        "the firmware image has {size} bytes, which do not fit below 4 GiB (at most {MAX_SIZE})"
    )]
    FirmwareTooLarge {
        /// Bytes found.
        size: u64,
    },
    /// An image that was taken in as it was read has another size than was said before.
    #[error(
        "{found} bytes of a firmware image were given, but {wanted} were announced: announce the size of what is given, all of it"
    )]
    FirmwareSize {
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
    FirmwareNotPages {
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
    /// The entry point is not in the image.
    #[error(
        "the SVSM's entry point is {found:#x} bytes from the start of an image of {size} bytes"
    )]
    SvsmEntry {
        /// The offset found, in bytes.
        found: u32,
        /// Bytes of the SVSM image.
        size: u64,
    },
    /// The SVSM would lie below address 0.
    #[error(
        "an SVSM of {svsm} bytes, {vars} bytes of variable store and {firmware} bytes of firmware do not fit below 4 GiB"
    )]
    SvsmDoesNotFit {
        /// Bytes of the SVSM image.
        svsm: u64,
        /// Bytes of the variable store.
        vars: u64,
        /// Bytes of the firmware image.
        firmware: u64,
    },
    /// The SVSM must start at a page.
    #[error(
        "a variable store of {vars} bytes does not put the SVSM at a page: wanted a multiple of 4096"
    )]
    VarsNotPages {
        /// Bytes of the variable store.
        vars: u64,
    },

    // The guest.
    /// Not a number of vCPUs that a guest can have.
    #[error("{found} vCPUs: wanted 1 to {MAX_VCPUS} (KVM's largest build)")]
    VcpuCount {
        /// The number found.
        found: u64,
    },
    /// The profile is of another technology.
    #[error("launch profile {profile} is for {wanted}, the guest is {found}")]
    ProfileTechnology {
        /// The profile's name.
        profile: &'static str,
        /// What it is for.
        wanted: Technology,
        /// What was asked for.
        found: Technology,
    },
    /// No profile has this name.
    #[error("no launch profile is called {found:?}")]
    UnknownProfile {
        /// The name found.
        found: String,
    },
    /// The profile's VMM measures no kernel hashes.
    #[error(
        "launch profile {profile} measures no kernel hashes: its VMM does not know them; leave kernel, initrd and command line out"
    )]
    ProfileWithoutKernelHashes {
        /// The profile's name.
        profile: &'static str,
    },
    /// The profile's VMM loads other things than a firmware with tables.
    #[error(
        "launch profile {profile} is libkrun's, which measures its files in an order of its own: ask for a libkrun digest with its kernel and initrd, or give another profile"
    )]
    ProfileOfLibkrun {
        /// The profile's name.
        profile: &'static str,
    },
    /// libkrun's files with another VMM's profile.
    #[error("launch profile {profile} is not libkrun's, so it says nothing of libkrun's files")]
    ProfileNotOfLibkrun {
        /// The profile's name.
        profile: &'static str,
    },
    /// An SVSM with a profile that has none, or the reverse.
    #[error("launch profile {profile} {}", if *wanted { "needs an SVSM image and the variable store's size" } else { "starts no SVSM: leave the SVSM image out, or use snp-svsm-legacy or snp-svsm-ssm" })]
    ProfileSvsm {
        /// The profile's name.
        profile: &'static str,
        /// Whether the profile wants an SVSM.
        wanted: bool,
    },
    /// The signature goes into the VMSA.
    #[error(
        "launch profile {profile} puts the CPU signature into the VMSA: give the vCPU type, the signature, or family, model and stepping"
    )]
    NoSignature {
        /// The profile's name.
        profile: &'static str,
    },
    /// SEV-ES with the SNP bit.
    #[error(
        "SEV features {found:#x} have bit 0 (SNPActive), which no SEV-ES guest can have: KVM refuses it"
    )]
    SevEsFeatures {
        /// The features found.
        found: u64,
    },
    /// More vCPUs than captured pages.
    #[error(
        "{vcpus} vCPUs need a captured VMSA of a further vCPU too, only the first one's is given"
    )]
    NoCapturedAp {
        /// The number of vCPUs.
        vcpus: u32,
    },
    /// Not a VMSA page.
    #[error("a VMSA page has 4096 bytes, found {found}")]
    VmsaLength {
        /// Bytes found.
        found: u64,
    },

    // The kernel.
    /// A command line is a C string for QEMU.
    #[error(
        "the command line has a NUL byte at offset {offset}: QEMU takes a C string and cannot be given one"
    )]
    CmdlineNul {
        /// Where the byte is.
        offset: u64,
    },
    /// The kernel that QEMU measures is not the file.
    #[error(
        "{}",
        match .reason {
            Unpredictable::RngSeed => "QEMU 7.2.0 appends a random seed to the kernel of a pc-*-7.2 machine, so its hash cannot be predicted; use QEMU 7.2.1 or newer, or a machine type up to 7.1",
            Unpredictable::Shim => "with -shim another program is started before the kernel, and no launch profile describes what is then hashed; leave the shim out",
            Unpredictable::Dtb => "with -dtb QEMU appends the device tree to the kernel before it hashes it, which no launch profile describes; leave the device tree out",
        }
    )]
    UnpredictableKernel {
        /// Which of the known reasons.
        reason: Unpredictable,
    },

    // Texts.
    /// A text that is none of AMD's words.
    #[error(transparent)]
    Word(#[from] sev_launch_abi::Error),
    /// Not a virtual machine monitor that any launch profile is for.
    #[error(
        "{found:?} is no VMM: wanted qemu, coconut-qemu, ec2, gce or libkrun, and a version, as \"qemu 9.2\""
    )]
    UnknownVmm {
        /// The text found.
        found: String,
    },
    /// Not a generation of AMD server processors.
    #[error(
        "{found:?} is no generation: wanted Naples, Rome, Milan, Genoa, Turin or the name of an EPYC model"
    )]
    UnknownGeneration {
        /// The text found.
        found: String,
    },
    /// Not a CPU model of QEMU.
    #[error(
        "no QEMU CPU model is called {found:?}: give a name that QEMU has, its signature, or family, model and stepping"
    )]
    UnknownCpuModel {
        /// The name found.
        found: String,
    },
    /// Not a version of a kernel or VMM.
    #[error("{what} {found:?}: wanted {wanted}")]
    Version {
        /// What was being read.
        what: &'static str,
        /// The text found.
        found: String,
        /// An example of what is wanted.
        wanted: &'static str,
    },

    // Absorbed firmware.
    /// A stored firmware whose parts contradict each other.
    #[error("absorbed firmware: {what}")]
    Absorbed {
        /// What is wrong with it.
        what: String,
    },

    // libkrun.
    /// The kernel must start at a page.
    #[error("libkrun's kernel address {found} is not that of a page: wanted a multiple of 4096")]
    KrunKernelAddress {
        /// The address found.
        found: Gpa,
    },
    /// A file that libkrun cannot have measured so.
    #[error("libkrun's {what} has {found} bytes, wanted a multiple of {wanted}, more than 0")]
    KrunLength {
        /// Which file.
        what: &'static str,
        /// Bytes found.
        found: u64,
        /// The unit.
        wanted: u64,
    },
}

impl Error {
    /// Is it the firmware image that is wrong, so that its file is worth naming?
    pub const fn concerns_firmware(&self) -> bool {
        matches!(
            self,
            Self::EmptyFirmware
                | Self::FirmwareTooLarge { .. }
                | Self::OutOfBounds(_)
                | Self::TableLength { .. }
                | Self::EntryLength { .. }
                | Self::TableRemainder { .. }
                | Self::EntryPayload { .. }
                | Self::MetadataOffset { .. }
                | Self::MetadataSignature { .. }
                | Self::MetadataVersion { .. }
                | Self::MetadataCount { .. }
                | Self::MetadataLength { .. }
                | Self::SectionType { .. }
                | Self::SectionEmpty { .. }
                | Self::SectionAlignment { .. }
                | Self::SectionOverFirmware { .. }
                | Self::SectionsTotal { .. }
                | Self::FirmwareNotPages { .. }
                | Self::NoTable { .. }
                | Self::NoResetAddress
                | Self::ResetAddressZero
                | Self::NoMetadata
                | Self::NoHashArea
                | Self::HashAreaBaseZero { .. }
                | Self::HashAreaTooSmall { .. }
                | Self::NoKernelHashesSection
                | Self::HashTableCrossesSection { .. }
        )
    }
}

/// Why the kernel that a VMM hashes cannot be known from the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unpredictable {
    /// QEMU 7.2.0's SETUP_RNG_SEED. [QEMU, x86_load_linux]
    RngSeed,
    /// `-shim`. [QEMU, x86_load_linux]
    Shim,
    /// `-dtb`. [QEMU, x86_load_linux]
    Dtb,
}
