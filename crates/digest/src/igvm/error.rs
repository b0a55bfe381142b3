//! Why an IGVM file gives no digest: it is none, its loader refuses it, or KVM does.

use alloc::string::String;
use alloc::vec::Vec;

use super::header::PlatformKind;
use sev_launch_abi::{Gpa, SevFeatures, Technology};

/// Why there is no digest.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The file does not start with the fixed header's magic.
    #[error("not an IGVM file: it does not start with \"IGVM\"")]
    Magic,
    /// A firmware image where an IGVM file is wanted.
    #[error(
        "a firmware image, and no IGVM file: give it as the firmware (--firmware), not as --igvm"
    )]
    Image,
    /// A version of the format that nobody has defined.
    #[error("IGVM format version {found}: wanted 1 or 2")]
    Version {
        /// The version found.
        found: u32,
    },
    /// A file for other processors, or with pages of another size.
    #[error(
        "the IGVM file's {field} is {found:#x}: wanted {wanted:#x}, which is what guests of AMD have"
    )]
    FixedHeader {
        /// The field of the fixed header.
        field: &'static str,
        /// Its value.
        found: u32,
        /// What it must be.
        wanted: u32,
    },
    /// The file's size is not the one that its header says.
    #[error(
        "the IGVM file has {found} bytes, and its fixed header says {wanted}: it was cut or added to"
    )]
    Size {
        /// Bytes found.
        found: u64,
        /// What the header says.
        wanted: u64,
    },
    /// The variable headers do not lie inside the file with data after them.
    #[error(
        "the IGVM file's variable headers end at {end:#x} of {size:#x} bytes: wanted them inside, and file data after them"
    )]
    Section {
        /// Where they end, in bytes from the start of the file.
        end: u64,
        /// Bytes of the file.
        size: u64,
    },
    /// The CRC-32 of the headers is not the one in the fixed header.
    #[error(
        "the IGVM file's headers have the CRC-32 {found:#010x}, and the fixed header says {wanted:#010x}: they were changed"
    )]
    Checksum {
        /// That of the headers.
        found: u32,
        /// That in the fixed header.
        wanted: u32,
    },
    /// More bytes than are read.
    #[error("the IGVM file has {found} bytes: at most {most} are read")]
    TooLarge {
        /// Bytes found.
        found: u64,
        /// The most.
        most: u64,
    },
    /// More variable headers than are read.
    #[error("the IGVM file has more than {most} variable headers: more are not read")]
    TooManyHeaders {
        /// The most.
        most: u64,
    },
    /// A variable header that is not what the format has.
    #[error("IGVM header {kind:#x} at {at:#x}: {problem}")]
    Header {
        /// The header's type.
        kind: u32,
        /// Where it starts, in bytes from the start of the file.
        at: u64,
        /// What is wrong, and what was wanted.
        problem: HeaderProblem,
    },
    /// No platform at all.
    #[error("the IGVM file names no platform that it is for")]
    NoPlatform,
    /// No directives, which QEMU refuses.
    #[error("the IGVM file has no directives: it loads nothing, and QEMU refuses it")]
    NoDirectives,
    /// No platform that the guest could be started on.
    #[error(
        "the IGVM file is for {found}, and for no guest of {technology}; wanted {}",
        one_of(wanted)
    )]
    OtherPlatform {
        /// The platforms found.
        found: String,
        /// The guest's technology.
        technology: Technology,
        /// The platforms that its loader takes.
        wanted: &'static [PlatformKind],
    },
    /// A loader that measures no guests of this technology.
    #[error("{loader} measures no {technology} guests from IGVM files")]
    NoSuchGuest {
        /// The loader.
        loader: &'static str,
        /// The guest's technology.
        technology: Technology,
    },
    /// A directive that the loader does not know. Its mask makes no difference.
    #[error(
        "IGVM header {kind:#x} ({name}) at {at:#x}: {loader} refuses files that have one, for whatever platform"
    )]
    UnknownDirective {
        /// The header's type.
        kind: u32,
        /// Its name.
        name: &'static str,
        /// Where it starts.
        at: u64,
        /// The loader.
        loader: &'static str,
    },
    /// A page of SNP outside SNP.
    #[error(
        "IGVM page at {gpa} is a {kind} page, which only SNP guests have: QEMU refuses it in {technology}"
    )]
    SnpPage {
        /// The page.
        gpa: Gpa,
        /// SECRETS, CPUID_DATA or CPUID_XF.
        kind: &'static str,
        /// The guest's technology.
        technology: Technology,
    },
    /// A page that is there twice.
    #[error(
        "IGVM file loads the page at {gpa} twice: KVM refuses to add a page to an SNP guest again"
    )]
    PageTwice {
        /// The page.
        gpa: Gpa,
    },
    /// Data for a page of 2 MiB, which the tool cannot measure.
    #[error("IGVM page of 2 MiB at {gpa} has data: {loader} does not measure such a file")]
    LargePage {
        /// The page.
        gpa: Gpa,
        /// The loader.
        loader: &'static str,
    },
    /// An area of no bytes is inserted.
    #[error("IGVM parameter area at {gpa} has no bytes: SNP_LAUNCH_UPDATE refuses that")]
    EmptyArea {
        /// Where it is inserted.
        gpa: Gpa,
    },
    /// An address that no page has.
    #[error(
        "IGVM file loads {size} bytes at {gpa}, which end beyond 52 bits of address: no processor has them"
    )]
    Address {
        /// Where.
        gpa: Gpa,
        /// How many bytes.
        size: u64,
    },
    /// More memory than is measured.
    #[error("the IGVM file loads more than {most} pages of 4 KiB: more are not measured")]
    TooManyPages {
        /// The most.
        most: u64,
    },
    /// Required memory of no bytes.
    #[error("IGVM required memory at {gpa} has no bytes: QEMU turns no such memory private")]
    EmptyMemory {
        /// Where.
        gpa: Gpa,
    },
    /// Required memory outside SNP.
    #[error(
        "IGVM required memory at {gpa}: QEMU refuses it in {technology} (\"Convert non guest_memfd backed memory region\")"
    )]
    RequiredMemory {
        /// Where.
        gpa: Gpa,
        /// The guest's technology.
        technology: Technology,
    },
    /// Two ID blocks for one platform.
    #[error("the IGVM file has two ID blocks for the guest's platform: QEMU refuses it")]
    TwoIdBlocks,
    /// A tool that insists on a policy.
    #[error("the IGVM file has no guest policy for the platform: {loader} refuses it")]
    NoPolicy {
        /// The loader.
        loader: &'static str,
    },
    /// Registers in a guest whose registers are not measured.
    #[error(
        "the IGVM file sets registers of vCPU {vcpu}, and the guest is plain SEV: QEMU refuses it"
    )]
    ContextInSev {
        /// The vCPU.
        vcpu: u16,
    },
    /// Registers of another platform's form.
    #[error(
        "the IGVM file's registers of vCPU {vcpu} are of a platform without encrypted state: wanted a VMSA"
    )]
    NotAVmsa {
        /// The vCPU.
        vcpu: u16,
    },
    /// Registers of a vCPU that the guest does not have.
    #[error(
        "the IGVM file sets registers of vCPU {vcpu} (counted from 0), and the guest has {count} vCPUs: QEMU refuses it"
    )]
    NoSuchVcpu {
        /// The vCPU.
        vcpu: u16,
        /// How many the guest has.
        count: u32,
    },
    /// A VMSA at another address than KVM's.
    #[error(
        "the IGVM file has the VMSA of vCPU {vcpu} at {found}: QEMU wants {wanted}, where KVM measures it"
    )]
    VmsaAddress {
        /// The vCPU.
        vcpu: u16,
        /// Where the file has it.
        found: Gpa,
        /// Where KVM has it.
        wanted: Gpa,
    },
    /// A field that QEMU does not hand to KVM.
    #[error(
        "the IGVM file's VMSA of vCPU {vcpu} sets {field}: QEMU refuses fields that it does not hand to KVM"
    )]
    VmsaField {
        /// The vCPU.
        vcpu: u16,
        /// The field, or the reserved bytes.
        field: String,
    },
    /// A register that KVM refuses.
    #[error("the IGVM file's VMSA of vCPU {vcpu} has {register} {found:#x}: {reason}")]
    Register {
        /// The vCPU.
        vcpu: u16,
        /// The register.
        register: &'static str,
        /// Its value.
        found: u64,
        /// Why KVM refuses it.
        reason: &'static str,
    },
    /// A register whose measured value depends on a CPU model that is not known.
    #[error(
        "the IGVM file's VMSA of vCPU {vcpu} has {register} {found:#x}, of which the CPU model decides what is left: give the CPU (--vcpu-type)"
    )]
    NeedsCpu {
        /// The vCPU.
        vcpu: u16,
        /// The register.
        register: &'static str,
        /// Its value.
        found: u64,
    },
    /// Features that QEMU or KVM refuses.
    #[error("the IGVM file's VMSA of vCPU {vcpu} has SEV features {found}: {reason}")]
    Features {
        /// The vCPU.
        vcpu: u16,
        /// The features.
        found: SevFeatures,
        /// Why they are refused.
        reason: &'static str,
    },
    /// Features that are described, and that the guest does not have.
    #[error(
        "SEV features {described} are described, and a guest of the IGVM file has {found}: the file's are measured, or the kernel's in SEV-ES by the legacy ioctl, so describe none or these"
    )]
    OtherFeatures {
        /// Those described.
        described: SevFeatures,
        /// The guest's.
        found: SevFeatures,
    },
    /// A profile that loads no IGVM file.
    #[error(
        "launch profile {profile} loads no IGVM file: wanted one of those whose names hold \"igvm\""
    )]
    Profile {
        /// Its name.
        profile: &'static str,
    },
    /// Captured pages in place of the file's.
    #[error(
        "VMSA pages are given beside an IGVM file, which says itself what registers vCPUs have: leave them out"
    )]
    CapturedPages,
}

fn one_of(platforms: &[PlatformKind]) -> String {
    let names: Vec<_> = platforms.iter().map(|kind| kind.name()).collect();
    names.join(" or ")
}

/// What is wrong with a variable header.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderProblem {
    /// The header's type and length do not fit into the section.
    #[error("{left} bytes of headers are left, fewer than it has")]
    Cut {
        /// Bytes left.
        left: u64,
    },
    /// No type of this format, or of its section.
    #[error("no type that is known")]
    Unknown,
    /// A header of a section that is over.
    #[error("it belongs before the headers that stand before it")]
    Order,
    /// Of another length than its type has.
    #[error("it has {found} bytes: wanted {wanted}")]
    Length {
        /// Bytes found.
        found: u32,
        /// What the type has.
        wanted: u64,
    },
    /// A field with a value that the format does not have.
    #[error("{field} is {found:#x}: wanted {wanted}")]
    Field {
        /// The field.
        field: &'static str,
        /// Its value.
        found: u64,
        /// What it must be.
        wanted: &'static str,
    },
    /// Data outside the file's.
    #[error(
        "its {size} bytes of data at {offset:#x} are outside the file's data, {start:#x} to {end:#x}"
    )]
    Data {
        /// Where they should be.
        offset: u32,
        /// How many.
        size: u64,
        /// Where the file's data starts.
        start: u64,
        /// Where it ends.
        end: u64,
    },
    /// Two platforms of one type.
    #[error("the platform stood there before")]
    PlatformTwice,
    /// A parameter area that is there already.
    #[error("parameter area {index} is declared a second time")]
    AreaTwice {
        /// The area.
        index: u32,
    },
    /// A parameter area that is not there, or no longer.
    #[error("parameter area {index} is not declared before it, or was inserted before it")]
    NoArea {
        /// The area.
        index: u32,
    },
    /// Registers whose mask is no platform's.
    #[error(
        "its compatibility mask {mask:#x} is not exactly that of one platform, so nobody knows whose registers they are"
    )]
    ContextMask {
        /// The mask.
        mask: u32,
    },
    /// A relocation that nobody carries out.
    #[error(
        "no registers of the vCPU that is relocated are in the file; only those of VSM isolation count"
    )]
    Relocation,
    /// Regions that overlap, or an insert in a page table's.
    #[error("it overlaps another relocatable region")]
    Overlap,
}
