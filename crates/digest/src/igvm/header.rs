//! Variable headers: what each says, read and checked by itself.
//!
//! Defined by `igvm_defs` 0.5 [IGVM, variable headers]; what is refused is what the `igvm` crate 0.5 refuses, by which QEMU reads
//! these files. Structures are little endian. A mask says for which platforms a header is: each platform has one bit of it.

use alloc::boxed::Box;

use igvm_defs::{
    IGVM_VHS_CCA_POLICY, IGVM_VHS_ERROR_RANGE, IGVM_VHS_GUEST_POLICY, IGVM_VHS_PAGE_DATA,
    IGVM_VHS_PAGE_TABLE_RELOCATION, IGVM_VHS_PARAMETER, IGVM_VHS_PARAMETER_AREA,
    IGVM_VHS_PARAMETER_INSERT, IGVM_VHS_RELOCATABLE_REGION, IGVM_VHS_REQUIRED_MEMORY,
    IGVM_VHS_SNP_ID_BLOCK, IGVM_VHS_SUPPORTED_PLATFORM, IGVM_VHS_VARIABLE_HEADER,
    IGVM_VHS_VBS_MEASUREMENT, IgvmPageDataType, IgvmPlatformType, IgvmVariableHeaderType as Type,
};
use zerocopy::FromBytes;

use super::error::{Error, HeaderProblem};
use super::id_block::IdBlock;
use sev_launch_abi::Gpa;
use sev_launch_abi::reader::wide;

/// A platform that the file is for. [IGVM, IGVM_VHS_SUPPORTED_PLATFORM]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    /// Its bit in the masks of other headers.
    pub mask: u32,
    /// What it is.
    pub kind: PlatformKind,
}

/// A type of platform. [IGVM, IgvmPlatformType]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlatformKind {
    /// No isolation.
    Native,
    /// Hyper-V's virtual secure mode.
    Vsm,
    /// SEV-SNP.
    SevSnp,
    /// Intel TDX.
    Tdx,
    /// SEV.
    Sev,
    /// SEV-ES.
    SevEs,
}

impl PlatformKind {
    /// The name, as the format has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "NATIVE",
            Self::Vsm => "VSM_ISOLATION",
            Self::SevSnp => "SEV_SNP",
            Self::Tdx => "TDX",
            Self::Sev => "SEV",
            Self::SevEs => "SEV_ES",
        }
    }
}

/// The guest policy for some platforms. [IGVM, IGVM_VHS_GUEST_POLICY]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestPolicy {
    /// The platforms.
    pub mask: u32,
    /// The policy.
    pub policy: u64,
}

/// A region that a loader may move; no host of SEV does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Relocation {
    pub(super) mask: u32,
    pub(super) vp_index: u16,
    pub(super) vtl: u8,
    pub(super) start: u64,
    pub(super) size: u64,
    pub(super) is_page_table: bool,
}

/// A header of the second section.
pub(super) enum Initialization {
    GuestPolicy(GuestPolicy),
    Relocation(Relocation),
}

/// A directive, and where its header starts in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// In bytes from the start of the file.
    pub at: u64,
    /// What it says.
    pub what: What,
}

/// What a directive says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// Memory that is loaded. [IGVM, IGVM_VHS_PAGE_DATA]
    PageData(PageData),
    /// A place for values that the host fills in. [IGVM, IGVM_VHS_PARAMETER_AREA]
    ParameterArea {
        /// Its number.
        index: u32,
        /// Its size in bytes: whole pages.
        size: u64,
    },
    /// Puts an area into memory. [IGVM, IGVM_VHS_PARAMETER_INSERT]
    ParameterInsert {
        /// Where.
        gpa: Gpa,
        /// For which platforms.
        mask: u32,
        /// The area's number.
        index: u32,
    },
    /// A value that the host puts into an area. [IGVM, IGVM_VHS_PARAMETER]
    Parameter {
        /// The header's type.
        kind: u32,
        /// The area's number.
        index: u32,
    },
    /// Registers of a vCPU. [IGVM, IGVM_VHS_VP_CONTEXT]
    VpContext(VpContext),
    /// Memory that the guest must have. [IGVM, IGVM_VHS_REQUIRED_MEMORY]
    RequiredMemory {
        /// Where.
        gpa: Gpa,
        /// For which platforms.
        mask: u32,
        /// Its size in bytes: whole pages.
        size: u32,
    },
    /// An ID block with its authentication. [IGVM, IGVM_VHS_SNP_ID_BLOCK]
    SnpIdBlock(Box<IdBlock>),
    /// A directive that loads nothing: an error range or a measurement of VSM isolation.
    Other {
        /// The header's type.
        kind: u32,
    },
}

/// Memory that is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageData {
    /// Where.
    pub gpa: Gpa,
    /// For which platforms.
    pub mask: u32,
    /// The flags, as they stand.
    pub flags: u32,
    /// What it is.
    pub kind: PageKind,
    /// Where its 4096 bytes start in the file; `None` if it has none.
    pub data: Option<u32>,
}

impl PageData {
    /// Is it 2 MiB large? [IGVM, IgvmPageDataFlags.is_2mb_page]
    #[must_use]
    pub const fn is_2mb(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Is its contents not measured? [IGVM, IgvmPageDataFlags.unmeasured]
    #[must_use]
    pub const fn is_unmeasured(&self) -> bool {
        self.flags & 2 != 0
    }

    /// Is it shared with the host? [IGVM, IgvmPageDataFlags.shared]
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        self.flags & 4 != 0
    }

    /// Its size in bytes.
    pub const fn size(&self) -> u64 {
        if self.is_2mb() { 2 << 20 } else { 4096 }
    }
}

/// What a page is. [IGVM, IgvmPageDataType]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// Memory.
    Normal,
    /// The page that the AMD-SP fills with the guest's keys.
    Secrets,
    /// The page of CPUID values that the AMD-SP checks.
    CpuidData,
    /// The same with the values of XCR0 and XSS.
    CpuidXf,
}

impl PageKind {
    /// The name, as the format has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Secrets => "SECRETS",
            Self::CpuidData => "CPUID_DATA",
            Self::CpuidXf => "CPUID_XF",
        }
    }
}

/// Registers of a vCPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VpContext {
    /// Where a VMSA goes.
    pub gpa: Gpa,
    /// For which platform: exactly one's mask.
    pub mask: u32,
    /// The vCPU, counted from 0.
    pub vp_index: u16,
    /// The registers' form.
    pub form: ContextForm,
}

/// The form of a vCPU's registers, which its platform decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextForm {
    /// A VMSA of 4096 bytes, and where it starts in the file.
    Vmsa(u32),
    /// The registers of a guest without encrypted state.
    Native,
    /// A list of registers of VSM isolation, for this trust level.
    Vsm {
        /// The virtual trust level.
        vtl: u8,
    },
}

/// Where a header stands and what it may point to.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The whole file.
    pub(super) file: &'a [u8],
    /// Where the header starts in it.
    pub(super) at: usize,
    /// Where the headers end and the file's data starts.
    pub(super) data: usize,
    /// What it says of itself.
    pub(super) head: IGVM_VHS_VARIABLE_HEADER,
}

impl<'a> Place<'a> {
    /// Looks at the header at an offset.
    pub(super) fn new(file: &'a [u8], at: usize, data: usize) -> Result<Self, Error> {
        let left = file.get(at..data).unwrap_or_default();
        match IGVM_VHS_VARIABLE_HEADER::read_from_prefix(left) {
            Ok((head, _)) => Ok(Self { file, at, data, head }),
            Err(_) => {
                let problem = HeaderProblem::Cut { left: wide(left.len()) };
                Err(Error::Header { kind: 0, at: wide(at), problem })
            }
        }
    }

    /// The header's type.
    pub(super) const fn kind(&self) -> u32 {
        self.head.typ.0
    }

    pub(super) fn error(&self, problem: HeaderProblem) -> Error {
        Error::Header { kind: self.kind(), at: wide(self.at), problem }
    }

    pub(super) fn field(&self, field: &'static str, found: u64, wanted: &'static str) -> Error {
        self.error(HeaderProblem::Field { field, found, wanted })
    }

    /// Where the next header starts. Each begins at a multiple of 8 bytes, and what fills it up is 0.
    pub(super) fn next(&self) -> Result<usize, Error> {
        let length = usize::try_from(self.head.length).unwrap_or(usize::MAX);
        let end = self.body().saturating_add(length);
        let next =
            length.checked_next_multiple_of(8).and_then(|length| self.body().checked_add(length));
        let next = next.filter(|next| *next <= self.data);
        let left = || HeaderProblem::Cut { left: wide(self.data.saturating_sub(self.at)) };
        let next = next.ok_or_else(|| self.error(left()))?;
        let padding = self.file.get(end..next).unwrap_or_default();
        match padding.iter().find(|byte| **byte != 0) {
            Some(byte) => Err(self.field("padding after it", u64::from(*byte), "0")),
            None => Ok(next),
        }
    }

    const fn body(&self) -> usize {
        self.at.saturating_add(size_of::<IGVM_VHS_VARIABLE_HEADER>())
    }

    /// The structure of the header's type.
    pub(super) fn read<T: FromBytes>(&self) -> Result<T, Error> {
        let wanted = wide(size_of::<T>());
        if u64::from(self.head.length) != wanted {
            return Err(self.error(HeaderProblem::Length { found: self.head.length, wanted }));
        }
        let bytes = self.file.get(self.body()..self.data).unwrap_or_default();
        let cut = |_| self.error(HeaderProblem::Cut { left: wide(bytes.len()) });
        T::read_from_prefix(bytes).map(|(value, _)| value).map_err(|error| cut(error.into_src()))
    }

    /// Data that the header points to, of so many bytes.
    pub(super) fn data_at(&self, offset: u32, size: u64) -> Result<&'a [u8], Error> {
        let place = || {
            let from = usize::try_from(offset).ok().filter(|from| *from >= self.data)?;
            self.file.get(from..from.checked_add(usize::try_from(size).ok()?)?)
        };
        let (start, end) = (wide(self.data), wide(self.file.len()));
        place().ok_or_else(|| self.error(HeaderProblem::Data { offset, size, start, end }))
    }

    pub(super) fn page_aligned(&self, field: &'static str, found: u64) -> Result<(), Error> {
        match found.is_multiple_of(4096) {
            true => Ok(()),
            false => Err(self.field(field, found, "a multiple of 4096")),
        }
    }

    fn zero(&self, field: &'static str, found: u64) -> Result<(), Error> {
        if found == 0 { Ok(()) } else { Err(self.field(field, found, "0")) }
    }

    /// A header of the first section.
    pub(super) fn platform(&self) -> Result<Platform, Error> {
        if self.head.typ != Type::IGVM_VHT_SUPPORTED_PLATFORM {
            return Err(self.error(HeaderProblem::Unknown));
        }
        let IGVM_VHS_SUPPORTED_PLATFORM {
            compatibility_mask: mask,
            highest_vtl,
            platform_type,
            platform_version,
            shared_gpa_boundary,
        } = self.read()?;
        if mask.count_ones() != 1 {
            return Err(self.field("compatibility mask", mask.into(), "exactly one bit"));
        }
        if !matches!(highest_vtl, 0 | 2) {
            return Err(self.field("highest VTL", highest_vtl.into(), "0 or 2"));
        }
        let kind = match platform_type {
            IgvmPlatformType::NATIVE => PlatformKind::Native,
            IgvmPlatformType::VSM_ISOLATION => PlatformKind::Vsm,
            IgvmPlatformType::SEV_SNP => PlatformKind::SevSnp,
            IgvmPlatformType::TDX => PlatformKind::Tdx,
            IgvmPlatformType::SEV => PlatformKind::Sev,
            IgvmPlatformType::SEV_ES => PlatformKind::SevEs,
            other => {
                return Err(self.field("platform type", other.0.into(), "0 to 5, of x86 machines"));
            }
        };
        if platform_version != 1 {
            return Err(self.field("platform version", platform_version.into(), "1"));
        }
        if matches!(kind, PlatformKind::Native | PlatformKind::Vsm) {
            self.zero("shared GPA boundary", shared_gpa_boundary)?;
        }
        Ok(Platform { mask, kind })
    }

    /// A header of the second section.
    pub(super) fn initialization(&self) -> Result<Initialization, Error> {
        match self.head.typ {
            Type::IGVM_VHT_GUEST_POLICY => {
                let IGVM_VHS_GUEST_POLICY { policy, compatibility_mask: mask, reserved } =
                    self.read()?;
                self.zero("reserved field", reserved.into())?;
                Ok(Initialization::GuestPolicy(GuestPolicy { mask, policy }))
            }
            Type::IGVM_VHT_RELOCATABLE_REGION => {
                let region: IGVM_VHS_RELOCATABLE_REGION = self.read()?;
                let alignment = region.relocation_alignment;
                self.page_aligned("size", region.relocation_region_size)?;
                self.page_aligned("alignment", alignment)?;
                if alignment == 0 {
                    return Err(self.field("alignment", 0, "a multiple of 4096 that is not 0"));
                }
                for (field, found) in [
                    ("region's address", region.relocation_region_gpa),
                    ("lowest address", region.minimum_relocation_gpa),
                    ("highest address", region.maximum_relocation_gpa),
                ] {
                    if !found.is_multiple_of(alignment) {
                        return Err(self.field(field, found, "a multiple of its alignment"));
                    }
                }
                self.relocation(Relocation {
                    mask: region.compatibility_mask,
                    vp_index: region.vp_index,
                    vtl: region.vtl,
                    start: region.relocation_region_gpa,
                    size: region.relocation_region_size,
                    is_page_table: false,
                })
            }
            Type::IGVM_VHT_PAGE_TABLE_RELOCATION_REGION => {
                let region: IGVM_VHS_PAGE_TABLE_RELOCATION = self.read()?;
                self.zero("reserved field", region.reserved.into())?;
                self.page_aligned("address", region.gpa)?;
                self.page_aligned("size", region.size)?;
                self.page_aligned("used size", region.used_size)?;
                if region.used_size > region.size {
                    return Err(self.field("used size", region.used_size, "at most its size"));
                }
                self.relocation(Relocation {
                    mask: region.compatibility_mask,
                    vp_index: region.vp_index,
                    vtl: region.vtl,
                    start: region.gpa,
                    size: region.size,
                    is_page_table: true,
                })
            }
            // Only files for Arm have one.
            Type::IGVM_VHT_CCA_POLICY => {
                let _: IGVM_VHS_CCA_POLICY = self.read()?;
                Err(self.error(HeaderProblem::Unknown))
            }
            _ => Err(self.error(HeaderProblem::Unknown)),
        }
    }

    fn relocation(&self, relocation: Relocation) -> Result<Initialization, Error> {
        if relocation.vtl > 2 {
            return Err(self.field("VTL", relocation.vtl.into(), "0, 1 or 2"));
        }
        if relocation.size == 0 || relocation.start.checked_add(relocation.size).is_none() {
            return Err(self.field("size", relocation.size, "some bytes that have addresses"));
        }
        Ok(Initialization::Relocation(relocation))
    }

    /// A header of the third section; `platform` gives the platform of a mask. `None` if it is for no platform.
    pub(super) fn directive(
        &self,
        platform: impl Fn(u32) -> Option<PlatformKind>,
    ) -> Result<Option<What>, Error> {
        let (what, mask) = self.any_directive(platform)?;
        Ok(if mask == Some(0) { None } else { Some(what) })
    }

    /// The same, for whatever platform, with its mask if it has one.
    fn any_directive(
        &self,
        platform: impl Fn(u32) -> Option<PlatformKind>,
    ) -> Result<(What, Option<u32>), Error> {
        let mut mask = None;
        let what = match self.head.typ {
            Type::IGVM_VHT_PARAMETER_AREA => {
                let IGVM_VHS_PARAMETER_AREA {
                    number_of_bytes: size,
                    parameter_area_index: index,
                    file_offset,
                } = self.read()?;
                self.page_aligned("size", size)?;
                if file_offset != 0 {
                    self.data_at(file_offset, size)?;
                }
                What::ParameterArea { index, size }
            }
            Type::IGVM_VHT_PAGE_DATA => {
                let page = self.page_data()?;
                mask = Some(page.mask);
                What::PageData(page)
            }
            Type::IGVM_VHT_PARAMETER_INSERT => {
                let IGVM_VHS_PARAMETER_INSERT {
                    gpa,
                    compatibility_mask: own,
                    parameter_area_index: index,
                } = self.read()?;
                self.page_aligned("address", gpa)?;
                mask = Some(own);
                What::ParameterInsert { gpa: Gpa(gpa), mask: own, index }
            }
            // One platform's mask is never 0.
            Type::IGVM_VHT_VP_CONTEXT => What::VpContext(self.vp_context(platform)?),
            Type::IGVM_VHT_REQUIRED_MEMORY => {
                let memory: IGVM_VHS_REQUIRED_MEMORY = self.read()?;
                self.page_aligned("address", memory.gpa)?;
                self.page_aligned("size", memory.number_of_bytes.into())?;
                self.zero("reserved field", memory.reserved.into())?;
                let (own, size) = (memory.compatibility_mask, memory.number_of_bytes);
                mask = Some(own);
                What::RequiredMemory { gpa: Gpa(memory.gpa), mask: own, size }
            }
            Type::IGVM_VHT_SNP_ID_BLOCK => {
                let block: IGVM_VHS_SNP_ID_BLOCK = self.read()?;
                mask = Some(block.compatibility_mask);
                What::SnpIdBlock(Box::new(IdBlock::new(&block)))
            }
            Type::IGVM_VHT_VP_COUNT_PARAMETER
            | Type::IGVM_VHT_SRAT
            | Type::IGVM_VHT_MADT
            | Type::IGVM_VHT_MMIO_RANGES
            | Type::IGVM_VHT_MEMORY_MAP
            | Type::IGVM_VHT_COMMAND_LINE
            | Type::IGVM_VHT_SLIT
            | Type::IGVM_VHT_PPTT
            | Type::IGVM_VHT_DEVICE_TREE
            | Type::IGVM_VHT_ENVIRONMENT_INFO_PARAMETER => {
                let parameter: IGVM_VHS_PARAMETER = self.read()?;
                What::Parameter { kind: self.kind(), index: parameter.parameter_area_index }
            }
            Type::IGVM_VHT_ERROR_RANGE => {
                let range: IGVM_VHS_ERROR_RANGE = self.read()?;
                self.page_aligned("address", range.gpa)?;
                mask = Some(range.compatibility_mask);
                What::Other { kind: self.kind() }
            }
            Type::IGVM_VHT_VBS_MEASUREMENT => {
                let measurement: IGVM_VHS_VBS_MEASUREMENT = self.read()?;
                mask = Some(measurement.compatibility_mask);
                What::Other { kind: self.kind() }
            }
            _ => return Err(self.error(HeaderProblem::Unknown)),
        };
        Ok((what, mask))
    }

    fn page_data(&self) -> Result<PageData, Error> {
        let page: IGVM_VHS_PAGE_DATA = self.read()?;
        self.page_aligned("address", page.gpa)?;
        self.zero("reserved field", page.reserved.into())?;
        let kind = match page.data_type {
            IgvmPageDataType::NORMAL => PageKind::Normal,
            IgvmPageDataType::SECRETS => PageKind::Secrets,
            IgvmPageDataType::CPUID_DATA => PageKind::CpuidData,
            IgvmPageDataType::CPUID_XF => PageKind::CpuidXf,
            other => return Err(self.field("page type", other.0.into(), "0 to 3")),
        };
        let data = (page.file_offset != 0).then_some(page.file_offset);
        if let Some(offset) = data {
            self.data_at(offset, 4096)?;
        }
        let (mask, flags) = (page.compatibility_mask, page.flags.into_bits());
        Ok(PageData { gpa: Gpa(page.gpa), mask, flags, kind, data })
    }
}

/// The name of a directive's type, as the format has it.
pub(super) const fn name(kind: u32) -> &'static str {
    match Type(kind) {
        Type::IGVM_VHT_SRAT => "SRAT",
        Type::IGVM_VHT_MADT => "MADT",
        Type::IGVM_VHT_MMIO_RANGES => "MMIO_RANGES",
        Type::IGVM_VHT_ERROR_RANGE => "ERROR_RANGE",
        Type::IGVM_VHT_COMMAND_LINE => "COMMAND_LINE",
        Type::IGVM_VHT_SLIT => "SLIT",
        Type::IGVM_VHT_PPTT => "PPTT",
        Type::IGVM_VHT_VBS_MEASUREMENT => "VBS_MEASUREMENT",
        Type::IGVM_VHT_DEVICE_TREE => "DEVICE_TREE",
        Type::IGVM_VHT_VP_COUNT_PARAMETER => "VP_COUNT",
        Type::IGVM_VHT_MEMORY_MAP => "MEMORY_MAP",
        Type::IGVM_VHT_ENVIRONMENT_INFO_PARAMETER => "ENVIRONMENT_INFO",
        _ => "unknown",
    }
}

/// A platform's version of the host's table of interrupt controllers.
pub(super) const MADT: u32 = Type::IGVM_VHT_MADT.0;
/// Which QEMU 10.2 knows, of those that put a value into an area. [QEMU, backends/igvm.c handlers]
pub(super) const KNOWN_PARAMETERS: [u32; 3] = [
    Type::IGVM_VHT_VP_COUNT_PARAMETER.0,
    Type::IGVM_VHT_MEMORY_MAP.0,
    Type::IGVM_VHT_ENVIRONMENT_INFO_PARAMETER.0,
];
