//! The SEV metadata: which pages of guest memory a launcher must prepare besides the firmware, in order.
//!
//! Defined by edk2 [OVMF, OvmfSevMetadata]: `ASEV`, u32 length, u32 version, u32 count, then per section u32 base, u32
//! length, u32 type. SNP measures the pages of all sections in this very order, which edk2 has changed between releases,
//! so the table is followed and never assumed.

use alloc::vec::Vec;
use core::fmt;

use super::error::Error;
use super::guid_table::Entry;
use super::limits::MAX_SECTIONS;
use sev_launch_abi::reader::{Reader, index, wide};
use sev_launch_abi::{Gpa, PAGE_SIZE};

const SIGNATURE: [u8; 4] = *b"ASEV";
const VERSION: u32 = 1;
const HEADER_SIZE: u32 = 16;
const SECTION_SIZE: u32 = 12;

/// What a section is for. [OVMF, OVMF_SECTION_TYPE_*]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionKind {
    /// Type 1: memory that the firmware uses before it can validate pages.
    SnpSecMem,
    /// Type 2: the secrets page.
    SnpSecrets,
    /// Type 3: the CPUID page.
    Cpuid,
    /// Type 4: the calling area of an SVSM.
    SvsmCaa,
    /// Type 0x10: the page of kernel hashes.
    KernelHashes,
}

impl SectionKind {
    /// All kinds, by type number.
    pub const ALL: [Self; 5] =
        [Self::SnpSecMem, Self::SnpSecrets, Self::Cpuid, Self::SvsmCaa, Self::KernelHashes];

    /// The type's number.
    pub const fn number(self) -> u32 {
        match self {
            Self::SnpSecMem => 1,
            Self::SnpSecrets => 2,
            Self::Cpuid => 3,
            Self::SvsmCaa => 4,
            Self::KernelHashes => 0x10,
        }
    }

    /// The kind of a type number, if it is known.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The type's name as edk2 spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SnpSecMem => "SNP_SEC_MEM",
            Self::SnpSecrets => "SNP_SECRETS",
            Self::Cpuid => "CPUID",
            Self::SvsmCaa => "SVSM_CAA",
            Self::KernelHashes => "KERNEL_HASHES",
        }
    }
}

impl fmt::Display for SectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A range of guest memory, of whole pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its guest physical address.
    pub base: Gpa,
    /// Its length in bytes: a multiple of 4096, more than 0.
    pub length: u32,
    /// What it is for.
    pub kind: SectionKind,
}

impl Section {
    /// The address after its last byte.
    pub fn end(&self) -> Gpa {
        Gpa(self.base.0 + u64::from(self.length))
    }

    /// The addresses of its pages.
    pub fn pages(&self) -> impl Iterator<Item = Gpa> + Clone + use<> {
        self.base.pages(u64::from(self.length))
    }
}

/// The metadata of an image: at most [`MAX_SECTIONS`] sections of known kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The sections in the image's order.
    pub sections: Vec<Section>,
}

impl Metadata {
    /// Reads the metadata that a record of the GUIDed table points to, as a u32 back from the image's end.
    pub(super) fn parse(reader: Reader<'_>, entry: &Entry<'_>) -> Result<Self, Error> {
        let size = reader.size();
        let [back] = entry.u32s::<1>()?;
        let start = size.checked_sub(index(back)).ok_or(Error::MetadataOffset {
            offset: entry.offset,
            found: back,
            size: wide(size),
        })?;
        let offset = wide(start);
        let signature = reader.array_at("SEV metadata signature", start)?;
        if signature != SIGNATURE {
            return Err(Error::MetadataSignature { offset, found: signature });
        }
        let length = reader.u32_at("SEV metadata length", start + 4)?;
        let version = reader.u32_at("SEV metadata version", start + 8)?;
        let count = reader.u32_at("SEV metadata section count", start + 12)?;
        if version != VERSION {
            return Err(Error::MetadataVersion { offset, found: version });
        }
        if count > MAX_SECTIONS {
            return Err(Error::MetadataCount { offset, found: count });
        }
        let wanted = HEADER_SIZE + count * SECTION_SIZE;
        if length < wanted {
            return Err(Error::MetadataLength { offset, found: length, wanted: u64::from(wanted) });
        }
        reader.slice_at("SEV metadata", start, index(length))?;
        let firmware = Gpa(Gpa::FIRMWARE_END.0 - wide(size));
        let sections: Vec<_> = (0..count)
            .map(|number| read_section(reader, start, index(number), firmware))
            .collect::<Result<_, _>>()?;
        let found = sections.iter().map(|section: &Section| u64::from(section.length)).sum();
        if found > Gpa::FIRMWARE_END.0 {
            return Err(Error::SectionsTotal { offset, found });
        }
        Ok(Self { sections })
    }

    /// The first section of a kind.
    pub fn find(&self, kind: SectionKind) -> Option<&Section> {
        self.sections.iter().find(|section| section.kind == kind)
    }

    /// The first two sections that share a page, by their index, and where that is: KVM would refuse it. [Linux, sev_gmem_post_populate]
    pub(super) fn overlap(&self) -> Option<(usize, usize, Gpa)> {
        self.sections.iter().enumerate().find_map(|(second, later)| {
            let shared =
                |earlier: &Section| earlier.base < later.end() && later.base < earlier.end();
            let first = self.sections.iter().take(second).position(shared)?;
            let gpa = self.sections.get(first)?.base.max(later.base);
            Some((first, second, gpa))
        })
    }
}

fn read_section(
    reader: Reader<'_>,
    metadata: usize,
    number: usize,
    firmware: Gpa,
) -> Result<Section, Error> {
    const WHAT: &str = "SEV metadata section";
    let start = metadata + index(HEADER_SIZE) + number * index(SECTION_SIZE);
    let offset = wide(start);
    let base = Gpa(u64::from(reader.u32_at(WHAT, start)?));
    let length = reader.u32_at(WHAT, start + 4)?;
    let found = reader.u32_at(WHAT, start + 8)?;
    let kind = SectionKind::from_number(found).ok_or(Error::SectionType {
        index: number,
        offset,
        found,
    })?;
    if length == 0 {
        return Err(Error::SectionEmpty { index: number, offset });
    }
    if !base.is_page_aligned() || !index(length).is_multiple_of(PAGE_SIZE) {
        return Err(Error::SectionAlignment { index: number, offset, base, length });
    }
    let section = Section { base, length, kind };
    if section.end() > firmware {
        return Err(Error::SectionOverFirmware { index: number, offset, base, length, firmware });
    }
    Ok(section)
}
