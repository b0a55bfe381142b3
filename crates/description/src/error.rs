//! Why something is no description, or describes no launch.
//!
//! Facts only: what to type instead is for whoever has the flags. There is no example of its own, since [`crate::resolve`] and
//! [`crate::unknown`] show errors.

use sev_launch_abi::sev::policy as sev;
use sev_launch_abi::snp::policy as snp;
use sev_launch_abi::{ApiVersion, Generation, Technology};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::profile::{LaunchProfile, QEMU_HAS_IGVM, Question, Vmm};
use thiserror::Error;

use crate::origin::Origin;
use crate::unknown::Unknown;

/// What was found, what was wanted, and where.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Not TOML, not JSON, or of another shape.
    #[error("{file}: {message}")]
    Syntax {
        /// What was being read.
        file: String,
        /// What the reader says, with the place.
        message: String,
    },
    /// A key that means nothing.
    #[error("{file}{}: unknown key {key}{}", line.map(|line| format!(", line {line}")).unwrap_or_default(), suggestion.as_ref().map(|key| format!(": did you mean {key}?")).unwrap_or_default())]
    UnknownKey {
        /// What was being read.
        file: String,
        /// The line, counted from 1, where it is known.
        line: Option<usize>,
        /// The key with its table, as `boot.kernl`.
        key: String,
        /// The key that was likely meant.
        suggestion: Option<String>,
    },
    /// A value that cannot be what its key stands for.
    #[error("{file}: {key}: {message}")]
    Value {
        /// What was being read.
        file: String,
        /// The key with its table.
        key: String,
        /// What is wrong with it.
        message: String,
    },
    /// Two keys of which only one can hold.
    #[error("{file}: {first} and {second} say the same thing in two ways: give one")]
    Both {
        /// What was being read.
        file: String,
        /// The one key.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// What is imported is larger than anything real.
    #[error("{file}: {found} bytes, more than the {wanted} that are read")]
    TooLarge {
        /// What was being read.
        file: String,
        /// Bytes found.
        found: usize,
        /// Bytes at most.
        wanted: usize,
    },
    /// What is imported is not of the kind that was said.
    #[error("{file}: {message}")]
    Import {
        /// What was being read.
        file: String,
        /// What was found and what was wanted.
        message: String,
    },
    /// The name of a file cannot be written down.
    #[error(
        "{key} = {shown}: a file's name that is no UTF-8 text cannot be written down: rename the file, or link to it"
    )]
    NotText {
        /// The key.
        key: &'static str,
        /// What can be shown of its value.
        shown: String,
    },
    /// No technology is said.
    #[error("no technology")]
    NoTechnology,
    /// No firmware is said.
    #[error("no firmware")]
    NoFirmware,
    /// No number of vCPUs is said where they are measured.
    #[error("every vCPU is measured in {technology}")]
    NoVcpus {
        /// The technology.
        technology: Technology,
    },
    /// A further vCPU's captured page without the first one's.
    #[error("a further vCPU's page is given, and not the first one's")]
    NoFirstPage,
    /// An SVSM without the size of the variable store below it.
    #[error("an SVSM needs the variable store's size")]
    NoVars,
    /// A variable store without the SVSM that it lies above.
    #[error("a variable store's size is given without an SVSM")]
    NoSvsm,
    /// An initrd or a command line without a kernel.
    #[error("{} is measured with a kernel only", if *key == "boot.initrd" { "an initrd" } else { "a command line" })]
    NoKernel {
        /// What was said: `boot.initrd` or `boot.cmdline`.
        key: &'static str,
    },
    /// In SNP kernel hashes that are on without a kernel, where the image has a section for them: QEMU asserts, and so aborts.
    #[error("kernel-hashes is on, but there is no kernel: QEMU aborts such an SNP launch")]
    HashesWithoutKernel,
    /// A policy that is not one of the technology's, or that the AMD-SP refuses.
    #[error("policy {policy:#x} ({origin}) does not fit technology {technology}: {problem}")]
    Policy {
        /// The policy.
        policy: u64,
        /// Who said it.
        origin: Origin,
        /// The technology.
        technology: Technology,
        /// What is wrong.
        problem: PolicyProblem,
    },
    /// An ID block without its authentication, or the other way round.
    #[error("{found} is given without {missing}, and the AMD-SP takes both or none")]
    HalfIdBlock {
        /// What was said.
        found: &'static str,
        /// What goes with it.
        missing: &'static str,
    },
    /// An ID block for guests of another policy.
    #[error(
        "the ID block ({origin}) is for guests of policy {block:#x}, and policy {policy:#x} is described: the AMD-SP starts no such guest"
    )]
    IdBlockPolicy {
        /// The policy in the block.
        block: u64,
        /// The one described.
        policy: u64,
        /// Who said the block.
        origin: Origin,
    },
    /// Something is said that this launch does not measure.
    #[error("{reason}")]
    NotMeasured {
        /// What was said.
        key: &'static str,
        /// Why it is not measured.
        reason: NotMeasured,
    },
    /// What is said of one image, where there are several.
    #[error("a firmware's SHA-256 or SNP digest says nothing where several firmwares are given")]
    SeveralFirmwares,
    /// A SHA-256 beside what it does not prove: an absorbed firmware's tables, or an SNP digest that is given.
    #[error(
        "firmware.sha256 proves an image's bytes: it proves nothing of an absorbed firmware's tables, nor of an SNP digest that is given"
    )]
    UnprovenFirmware,
    /// The firmware found is another than the one described.
    #[error("SHA-256 is {found}, but {origin} says {wanted}: this is not the firmware described")]
    OtherFirmware {
        /// The SHA-256 found.
        found: Sha256Digest,
        /// The one described.
        wanted: Sha256Digest,
        /// Who described it.
        origin: Origin,
    },
    /// A launch profile is named, and a VMM that it is not of.
    #[error("profile {} is of {}, but {origin} says that {} starts the guest", profile.name, profile.vmm.name(), found.name())]
    OtherVmm {
        /// The profile.
        profile: &'static LaunchProfile,
        /// The VMM.
        found: Vmm,
        /// Who named it.
        origin: Origin,
    },
    /// A host whose processor does not have the technology.
    #[error(
        "{origin} says a processor of the {generation} generation, which runs no {technology} guests: SNP came with Milan"
    )]
    HostWithoutTechnology {
        /// The generation.
        generation: Generation,
        /// The technology.
        technology: Technology,
        /// Who said it.
        origin: Origin,
    },
    /// A VMM that starts no guest of the technology from an IGVM file.
    #[error("the VMM named starts no {technology} guests from IGVM files: QEMU does from {}.{} on, if it was built with IGVM", QEMU_HAS_IGVM.major, QEMU_HAS_IGVM.minor)]
    VmmWithoutIgvm {
        /// The technology.
        technology: Technology,
    },
    /// No launch profile is known for the host.
    #[error("no launch profile of {technology} fits this host")]
    NoProfile {
        /// The technology.
        technology: Technology,
    },
    /// More than one launch profile holds for what is known of the host.
    #[error("{} profiles fit this host: {}; ask its owner: {question}", profiles.len(), profiles.join(", "))]
    SeveralProfiles {
        /// Their names.
        profiles: Vec<&'static str>,
        /// What would decide.
        question: Question,
    },
    /// An SVSM guest whose host is not named: what its vCPUs' registers hold is known of none by default.
    #[error(
        "no launch profile is named, and hosts with an SVSM differ: {}",
        profiles.iter().map(|profile| format!("{} ({})", profile.name, profile.summary)).collect::<Vec<_>>().join(", ")
    )]
    NoSvsmProfile {
        /// The profiles that there are.
        profiles: Vec<&'static LaunchProfile>,
    },
    /// An IGVM file and a firmware image, of which a guest has one.
    #[error(
        "an IGVM file and a firmware image are described: a guest is started from one of them, so ask for them apart"
    )]
    IgvmAndImage,
    /// A launch profile of guests that start from an IGVM file, or of those that do not.
    #[error("profile {} is of guests that start {}: {}", profile.name, if *is_igvm { "from a firmware image" } else { "from an IGVM file" }, if *is_igvm { "with --igvm give one whose name holds \"igvm\"" } else { "give the file with --igvm (firmware.igvm)" })]
    ProfileLoads {
        /// The profile.
        profile: &'static LaunchProfile,
        /// Is an IGVM file described?
        is_igvm: bool,
    },
    /// Profiles of libkrun's among others, which measure other files.
    #[error("libkrun's profiles measure other files than the rest: ask for them apart")]
    MixedProfiles,
    /// Something that a digest needs is not known, or something that may change one was not looked at: all of it.
    #[error("unknown: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\nunknown: "))]
    Unknown(Vec<Unknown>),
    /// A text is called harmless, and nothing unknown has it, or what has it belongs to a key and is settled by that.
    #[error("{text:?} is called harmless, but nothing unknown has that text{}", .key.map(|key| format!(" apart from {key}")).unwrap_or_default())]
    NotUnknown {
        /// The text.
        text: String,
        /// The key whose unknown value has it.
        key: Option<&'static str>,
    },
    /// What the digest's own types refuse.
    #[error(transparent)]
    Digest(#[from] sev_launch_digest::Error),
}

/// What is wrong with a policy.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyProblem {
    /// A SEV policy of more than 32 bits.
    #[error("a SEV policy has 32 bits")]
    TooLarge,
    /// A SEV policy that asks for a version of the SEV API that there is none of. The bits are those of SNP's own.
    #[error(
        "it asks for SEV API {0} or newer, and there are versions 0.x and 1.x alone: is it a policy of SNP?"
    )]
    NoSuchApi(ApiVersion),
    /// The AMD-SP refuses it.
    #[error("{0}")]
    Sev(sev::Finding),
    /// The AMD-SP refuses it.
    #[error("{0}")]
    Snp(snp::Finding),
    /// The ES bit is set in plain SEV.
    #[error("bit 2 asks for SEV-ES: give technology sev-es")]
    AsksForEs,
    /// The ES bit is clear in SEV-ES.
    #[error("SEV-ES needs bit 2")]
    LacksEs,
}

/// Why something that was said is not measured.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotMeasured {
    /// A profile in plain SEV.
    #[error("plain SEV measures no VMSA, so it has no launch profile")]
    ProfileInSev,
    /// Captured pages in plain SEV.
    #[error("plain SEV measures no VMSA")]
    PagesInSev,
    /// A firmware's SNP digest, in another technology or as the answer itself.
    #[error("a firmware's SNP digest stands for its pages in a guest of SNP only")]
    DigestOutsideSnp,
    /// A firmware's SNP digest beside an SVSM.
    #[error("a firmware's SNP digest belongs to guests without an SVSM")]
    DigestWithSvsm,
    /// An SVSM in another technology.
    #[error("an SVSM is started in SNP guests only")]
    SvsmOutsideSnp,
    /// A kernel beside an SVSM.
    #[error("a guest with an SVSM measures no kernel")]
    KernelWithSvsm,
    /// A kernel's address outside of libkrun.
    #[error("boot.kernel_gpa belongs to libkrun's SNP profiles")]
    KernelGpa,
    /// HOST_DATA in another technology.
    #[error("HOST_DATA stands in reports of SNP guests, and nothing proves it of any other")]
    HostDataOutsideSnp,
    /// An ID block in another technology.
    #[error("SNP guests alone are started with an ID block")]
    IdBlockOutsideSnp,
    /// A command line for libkrun.
    #[error("libkrun measures no command line")]
    CmdlineOfLibkrun,
    /// Kernel hashes for libkrun.
    #[error("libkrun measures its kernel whole, and knows no kernel hashes")]
    HashesOfLibkrun,
    /// A firmware's SNP digest beside an IGVM file.
    #[error("an IGVM file is measured from its bytes, and no SNP digest stands for its pages")]
    DigestOfIgvm,
    /// Captured pages beside an IGVM file.
    #[error("an IGVM file says itself what registers vCPUs have")]
    PagesOfIgvm,
    /// An SVSM beside an IGVM file.
    #[error("an IGVM file holds its SVSM itself")]
    SvsmOfIgvm,
    /// An ID block beside an IGVM file.
    #[error(
        "QEMU takes the ID block of a guest from an IGVM file out of that file, and dies where it is given another"
    )]
    IdBlockOfIgvm,
    /// Flash beside an IGVM file.
    #[error("QEMU refuses an IGVM file together with flash (pflash)")]
    FlashOfIgvm,
    /// Hashes of a kernel beside an IGVM file.
    #[error(
        "with an IGVM file QEMU measures no kernel, and ends with a failed assertion where kernel-hashes is on: turn kernel-hashes off for a kernel that is given and not measured"
    )]
    HashesOfIgvm,
    /// A firmware's SNP digest for libkrun.
    #[error(
        "libkrun's files are measured from their bytes, and no SNP digest stands for its qboot"
    )]
    DigestOfLibkrun,
}
