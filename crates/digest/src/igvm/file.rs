//! An IGVM file, read whole and strictly.
//!
//! Defined by [IGVM, fixed header and variable headers]: a fixed header, variable headers in three sections (platforms,
//! initialization, directives), and data that these point to. The fixed header's CRC-32 covers the headers and not the data. What
//! the `igvm` crate 0.5 refuses is refused, since QEMU reads by it; so is padding that is not 0, which that crate does not look at.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use igvm_defs::{
    IGVM_FIXED_HEADER, IGVM_FIXED_HEADER_V2, IGVM_FORMAT_VERSION_1, IGVM_FORMAT_VERSION_2,
    IGVM_MAGIC_VALUE, IGVM_VHT_RANGE_DIRECTIVE, IGVM_VHT_RANGE_INIT, IGVM_VHT_RANGE_PLATFORM,
    IgvmArchitecture,
};
use zerocopy::FromBytes;

use super::error::{Error, HeaderProblem};
use super::header::{
    ContextForm, Directive, GuestPolicy, Initialization, Place, Platform, PlatformKind, Relocation,
    What,
};
use super::steps::MOST_PAGES;
use sev_launch_abi::PAGE_SIZE;
use sev_launch_abi::reader::wide;

/// The most bytes that are read: several times the largest file that is known.
pub const MAX_SIZE: u64 = 1 << 30;

/// The most variable headers that are read: one for each page that is measured, for two platforms.
pub const MOST_HEADERS: u64 = 2 * MOST_PAGES;

/// Where the fixed header's checksum stands. [IGVM, IGVM_FIXED_HEADER]
const CHECKSUM: core::ops::Range<usize> = 20..24;

/// An IGVM file of which every header was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    bytes: Vec<u8>,
    platforms: Vec<Platform>,
    policies: Vec<GuestPolicy>,
    directives: Vec<Directive>,
}

impl File {
    /// Reads a file.
    ///
    /// Errors: what is no IGVM file, was cut or changed, or holds a header that the format does not have.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Error> {
        let (start, data) = sections(&bytes)?;
        let mut reader = Headers::default();
        let mut at = start;
        let mut headers: u64 = 0;
        while at < data {
            headers += 1;
            if headers > MOST_HEADERS {
                return Err(Error::TooManyHeaders { most: MOST_HEADERS });
            }
            let place = Place::new(&bytes, at, data)?;
            let next = place.next()?;
            reader.take(&place)?;
            at = next;
        }
        let Headers { platforms, policies, relocations, directives, .. } = reader;
        if platforms.is_empty() {
            return Err(Error::NoPlatform);
        }
        if directives.is_empty() {
            return Err(Error::NoDirectives);
        }
        // Bounds the regions to which every inserted area is held.
        check_relocations(&relocations, &directives)?;
        check_areas(&directives, &relocations)?;
        Ok(Self { bytes, platforms, policies, directives })
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        wide(self.bytes.len())
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The platforms that it is for, in its order.
    pub fn platforms(&self) -> &[Platform] {
        &self.platforms
    }

    /// Its guest policies, in its order.
    pub fn policies(&self) -> &[GuestPolicy] {
        &self.policies
    }

    /// Its directives, in its order.
    pub fn directives(&self) -> &[Directive] {
        &self.directives
    }

    /// How many pages of 4 KiB it loads for whatever platform: what measuring it costs at most.
    pub fn pages(&self) -> u64 {
        let mut areas = BTreeMap::new();
        let pages = self.directives.iter().map(|directive| match directive.what {
            What::PageData(page) => page.size() / wide(PAGE_SIZE),
            What::ParameterArea { index, size } => {
                areas.insert(index, size / wide(PAGE_SIZE));
                0
            }
            What::ParameterInsert { index, .. } => areas.get(&index).copied().unwrap_or(0),
            What::VpContext(_) => 1,
            _ => 0,
        });
        pages.fold(0, u64::saturating_add)
    }

    /// 4096 bytes of data that a header points to; all headers were checked when the file was read.
    pub(super) fn page_at(&self, offset: u32) -> Option<&[u8; PAGE_SIZE]> {
        self.bytes.get(usize::try_from(offset).ok()?..)?.first_chunk()
    }
}

/// Where the variable headers start and end, of a file whose fixed header holds.
fn sections(bytes: &[u8]) -> Result<(usize, usize), Error> {
    let size = wide(bytes.len());
    if !bytes.starts_with(&IGVM_MAGIC_VALUE.to_le_bytes()) {
        // An image of firmware ends with code at the reset vector.
        let is_image = size >= 0x1_0000 && size.is_multiple_of(0x1000);
        return Err(if is_image { Error::Image } else { Error::Magic });
    }
    if size > MAX_SIZE {
        return Err(Error::TooLarge { found: size, most: MAX_SIZE });
    }
    let cut = || Error::Section { end: wide(size_of::<IGVM_FIXED_HEADER>()), size };
    let (header, _) = IGVM_FIXED_HEADER::read_from_prefix(bytes).map_err(|_| cut())?;
    let fixed_size = match header.format_version {
        IGVM_FORMAT_VERSION_1 => size_of::<IGVM_FIXED_HEADER>(),
        IGVM_FORMAT_VERSION_2 => {
            let (header, _) = IGVM_FIXED_HEADER_V2::read_from_prefix(bytes).map_err(|_| cut())?;
            let field = |field, found, wanted| Err(Error::FixedHeader { field, found, wanted });
            if header.architecture != IgvmArchitecture::X64 {
                return field("architecture", header.architecture.0, IgvmArchitecture::X64.0);
            }
            if header.page_size != 4096 {
                return field("page size", header.page_size, 4096);
            }
            size_of::<IGVM_FIXED_HEADER_V2>()
        }
        found => return Err(Error::Version { found }),
    };
    if u64::from(header.total_file_size) != size {
        return Err(Error::Size { found: size, wanted: header.total_file_size.into() });
    }
    let start = u64::from(header.variable_header_offset);
    let end = start + u64::from(header.variable_header_size);
    let place = |offset: u64| usize::try_from(offset).ok().filter(|offset| *offset < bytes.len());
    let (Some(start), Some(end)) = (place(start), place(end)) else {
        return Err(Error::Section { end, size });
    };
    let mut hasher = crc32fast::Hasher::new();
    let fixed = bytes.get(..fixed_size).unwrap_or_default();
    hasher.update(fixed.get(..CHECKSUM.start).unwrap_or_default());
    hasher.update(&[0; 4]);
    hasher.update(fixed.get(CHECKSUM.end..).unwrap_or_default());
    hasher.update(bytes.get(start..end).unwrap_or_default());
    let found = hasher.finalize();
    if found != header.checksum {
        return Err(Error::Checksum { found, wanted: header.checksum });
    }
    Ok((start, end))
}

/// The headers that were read so far.
#[derive(Default)]
struct Headers {
    section: Section,
    platforms: Vec<Platform>,
    /// By mask, the last of that mask.
    by_mask: BTreeMap<u32, PlatformKind>,
    policies: Vec<GuestPolicy>,
    relocations: Vec<(u64, Relocation)>,
    directives: Vec<Directive>,
}

/// A section of the headers, in their order. [IGVM, variable headers]
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    #[default]
    Platform,
    Initialization,
    Directive,
}

impl Headers {
    fn take(&mut self, place: &Place<'_>) -> Result<(), Error> {
        let section = match place.kind() {
            kind if IGVM_VHT_RANGE_PLATFORM.contains(&kind) => Section::Platform,
            kind if IGVM_VHT_RANGE_INIT.contains(&kind) => Section::Initialization,
            kind if IGVM_VHT_RANGE_DIRECTIVE.contains(&kind) => Section::Directive,
            _ => return Err(place.error(HeaderProblem::Unknown)),
        };
        if section < self.section {
            return Err(place.error(HeaderProblem::Order));
        }
        self.section = section;
        let at = wide(place.at);
        match section {
            Section::Platform => {
                let platform = place.platform()?;
                if self.platforms.iter().any(|one| one.kind == platform.kind) {
                    return Err(place.error(HeaderProblem::PlatformTwice));
                }
                self.by_mask.insert(platform.mask, platform.kind);
                self.platforms.push(platform);
            }
            // What is for no platform is checked, and is then not there: pages on both sides of it stand beside each other.
            // [IGVM, IgvmFile::new_from_binary]
            Section::Initialization => match place.initialization()? {
                Initialization::GuestPolicy(GuestPolicy { mask: 0, .. })
                | Initialization::Relocation(Relocation { mask: 0, .. }) => {}
                Initialization::GuestPolicy(policy) => self.policies.push(policy),
                Initialization::Relocation(relocation) => self.relocations.push((at, relocation)),
            },
            Section::Directive => {
                let what = place.directive(|mask| self.by_mask.get(&mask).copied())?;
                self.directives.extend(what.map(|what| Directive { at, what }));
            }
        }
        Ok(())
    }
}

/// An error of a directive that was read.
fn wrong(directive: &Directive, kind: u32, problem: HeaderProblem) -> Error {
    Error::Header { kind, at: directive.at, problem }
}

/// Parameter areas are declared once, before they are used and inserted, and not used afterwards.
fn check_areas(directives: &[Directive], relocations: &[(u64, Relocation)]) -> Result<(), Error> {
    use igvm_defs::IgvmVariableHeaderType as Type;
    let (mut declared, mut open) = (BTreeSet::new(), BTreeSet::new());
    for directive in directives {
        match directive.what {
            What::ParameterArea { index, .. } => {
                if !declared.insert(index) {
                    let kind = Type::IGVM_VHT_PARAMETER_AREA.0;
                    return Err(wrong(directive, kind, HeaderProblem::AreaTwice { index }));
                }
                open.insert(index);
            }
            What::Parameter { kind, index } if !open.contains(&index) => {
                return Err(wrong(directive, kind, HeaderProblem::NoArea { index }));
            }
            What::ParameterInsert { gpa, mask, index } => {
                let kind = Type::IGVM_VHT_PARAMETER_INSERT.0;
                if !open.remove(&index) {
                    return Err(wrong(directive, kind, HeaderProblem::NoArea { index }));
                }
                let is_inside = |region: &Relocation| {
                    region.is_page_table
                        && region.mask & mask != 0
                        && (region.start..region.start.saturating_add(region.size)).contains(&gpa.0)
                };
                if relocations.iter().any(|(_, region)| is_inside(region)) {
                    return Err(wrong(directive, kind, HeaderProblem::Overlap));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The most regions that are looked at: a file has one or two.
const MOST_RELOCATIONS: usize = 64;

/// Regions do not overlap, a platform has one page table's, and each is of a vCPU whose registers are in the file, in VSM
/// isolation's form: those of SNP do not count, so that files with regions for SNP are refused.
fn check_relocations(
    relocations: &[(u64, Relocation)],
    directives: &[Directive],
) -> Result<(), Error> {
    let kind = |region: &Relocation| if region.is_page_table { 0x103 } else { 0x102 };
    let fail = |(at, region): &(u64, Relocation), problem| {
        Err(Error::Header { kind: kind(region), at: *at, problem })
    };
    for (number, one) in relocations.iter().enumerate() {
        let (_, region) = one;
        let overlaps = |(_, other): &(u64, Relocation)| {
            let apart = other.start.saturating_add(other.size) <= region.start
                || region.start.saturating_add(region.size) <= other.start;
            let both_tables = region.is_page_table && other.is_page_table;
            other.mask & region.mask != 0 && (!apart || both_tables)
        };
        let earlier = relocations.get(..number).unwrap_or_default();
        if number >= MOST_RELOCATIONS || earlier.iter().any(overlaps) {
            return fail(one, HeaderProblem::Overlap);
        }
        let is_found = directives.iter().any(|directive| match directive.what {
            What::VpContext(context) => {
                context.mask & region.mask != 0
                    && region.vp_index == 0
                    && context.form == (ContextForm::Vsm { vtl: region.vtl })
            }
            _ => false,
        });
        if !is_found {
            return fail(one, HeaderProblem::Relocation);
        }
    }
    Ok(())
}
