//! What a digest's reader should know, though the digest is right for what was asked.
//!
//! An error means that no host can launch this, or that what it measures cannot be known. A warning means that a host
//! might not do what was asked, or that the answer covers less than it seems to.
//!
//! ```
//! use sev_launch_digest::{Firmware, Warning};
//!
//! let firmware = Firmware::parse(&[0xff; 100])?.absorb();
//! assert_eq!(firmware.warnings(), [Warning::FirmwareNotPages { size: 100 }]);
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

use alloc::string::String;

use crate::firmware::error::Error;
use crate::profile::facts::EndorsedVcpus;
use sev_launch_abi::{Gpa, SevFeatures, Technology};

/// Something worth a line beside a digest.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The size is none that QEMU loads.
    #[error(
        "the firmware has {size} bytes, no multiple of 4096: QEMU loads such a file neither as pflash nor with -bios"
    )]
    FirmwareNotPages {
        /// Bytes found.
        size: u64,
    },
    /// The size is none that `-bios` loads.
    #[error(
        "the firmware has {size} bytes, no multiple of 64 KiB: QEMU loads it as pflash but not with -bios{}",
        if *size == 4096 { "; a 4 KiB file is mostly the tail of an image, not the image" } else { "" }
    )]
    FirmwareNotBios {
        /// Bytes found.
        size: u64,
    },
    /// Larger than QEMU's flash limit.
    #[error(
        "the firmware has {size} bytes, more than the 8 MiB that QEMU's max-fw-size allows for pflash by default"
    )]
    FirmwareLarge {
        /// Bytes found.
        size: u64,
    },
    /// Code and variables in one file.
    #[error(
        "the firmware image holds its variable store too (CODE and VARS in one): as pflash its digest changes with every variable that the guest writes; with -bios it is read-only"
    )]
    CombinedImage,
    /// Variables without code.
    #[error(
        "this is a variable store (VARS), not firmware: a host that is given CODE and VARS measures the CODE file alone; give that"
    )]
    VariableStore,
    /// A table that this launch does not read is broken.
    #[error("the firmware's tables are broken, which this launch does not notice: {0}")]
    BrokenTables(Error),
    /// A GUID twice.
    #[error(
        "the firmware table holds {guid} more than once; QEMU uses the one nearest the end, as we do"
    )]
    DuplicateEntry {
        /// The GUID, printed.
        guid: String,
    },
    /// Two sections share a page.
    #[error(
        "SEV metadata sections {first} and {second} share the page at {gpa}: KVM refuses to add a page twice, so no upstream host launches this"
    )]
    SectionsOverlap {
        /// The earlier section, counted from 0.
        first: usize,
        /// The later one.
        second: usize,
        /// The first page that they share.
        gpa: Gpa,
    },
    /// A feature bit that is not set by any host we know of.
    #[error("SEV features {features}: no known host sets {}", unknown.names().join(", "))]
    UnknownFeatures {
        /// The whole word.
        features: SevFeatures,
        /// The bits that are meant.
        unknown: SevFeatures,
    },
    /// SNP without bit 0.
    #[error("SEV features {features} lack bit 0 (SNPActive), which every SNP host sets")]
    NoSnpActive {
        /// The whole word.
        features: SevFeatures,
    },
    /// The kernel has no header of the boot protocol.
    #[error(
        "the kernel is no bzImage (it lacks the header of the Linux boot protocol): QEMU hashes it as it is, and whether a guest boots it is the firmware's affair"
    )]
    KernelKind,
    /// The kernel's setup part is not all there.
    #[error(
        "the kernel has {size} bytes, fewer than the {setup} of its setup part: QEMU refuses it"
    )]
    KernelShort {
        /// Bytes found.
        size: u64,
        /// Bytes of the setup part.
        setup: u64,
    },
    /// An initrd for a kernel without a boot protocol that has some.
    #[error(
        "an initrd is given, and the kernel's boot protocol has none: QEMU refuses both together"
    )]
    KernelWithoutInitrd,
    /// A kernel for a VMM that starts none.
    #[error(
        "launch profile {profile}: an EC2 instance boots from its disk and is given no kernel, so no instance reports this digest"
    )]
    KernelOfNoHost {
        /// The profile's name.
        profile: &'static str,
    },
    /// Flash for a guest whose memory has no read-only part.
    #[error(
        "the firmware is in flash (pflash): KVM of Linux 6.11 and newer has no read-only memory for SNP guests and for those of KVM_SEV_INIT2, and QEMU then refuses it; -bios is the way"
    )]
    FirmwareInFlash,
    /// A kernel beside a digest that does not hold it.
    #[error(
        "a kernel is given but kernel-hashes is off: the digest covers neither it nor initrd and command line"
    )]
    KernelNotMeasured,
    /// Kernel hashes in the digest of a firmware that is known not to look at them.
    #[error(
        "the firmware does not check kernel, initrd and command line against the measured hashes: it starts whatever the host hands over, under the same digest; use edk2's AmdSevX64 build"
    )]
    KernelHashesUnchecked,
    /// A given firmware digest that is not the image's.
    #[error(
        "the SNP firmware digest given is not that of the image's pages: the digest given wins, the image gives the tables"
    )]
    GivenFirmwareDigest,
    /// The signature is a model's that cannot be on a host of this technology.
    #[error("{0}")]
    Cpu(String),
    /// Bytes at the ends of a command line that are seldom meant.
    #[error("the command line {0}; every byte counts, and QEMU hashes it exactly as given")]
    Cmdline(&'static str),
    /// An IGVM file that is not for the guest's own platform.
    #[error(
        "the IGVM file is not for {technology}: QEMU starts the guest from what it has for {found}, without its own pages and policy"
    )]
    IgvmPlatform {
        /// The platform taken.
        found: &'static str,
        /// The guest's technology.
        technology: Technology,
    },
    /// An IGVM file with a table that QEMU 10.2 does not know.
    #[error("the IGVM file asks for a MADT: QEMU 10.2 refuses it; QEMU 11 is read to accept it")]
    IgvmMadt,
    /// Pages that are loaded and then lost.
    #[error(
        "the IGVM file requires the memory at {gpa} after it has loaded a page there: QEMU discards the page and zeros are measured (with huge pages, perhaps not); put required memory first"
    )]
    IgvmPageLost {
        /// The first page.
        gpa: Gpa,
    },
    /// An address at which not every host can load.
    #[error(
        "the IGVM file loads a page at {gpa}, where a PC has devices or where a host with 48 bits of address has no memory: QEMU may refuse it"
    )]
    IgvmAddress {
        /// The first such page.
        gpa: Gpa,
    },
    /// An ID block for another digest.
    #[error(
        "the IGVM file's ID block is for the launch digest {wanted}, which this guest does not have: a real AMD-SP refuses the launch"
    )]
    IgvmIdBlock {
        /// The digest in it.
        wanted: crate::snp::LaunchDigest,
    },
    /// Secure TSC, which older kernels refuse.
    #[error(
        "the IGVM file asks for secure TSC (SEV feature 0x200): Linux 6.12 and older refuse it, and 6.18 is believed to be the first that does not"
    )]
    IgvmSecureTsc,
    /// libkrun's bytes were never compared with anything.
    #[error(
        "launch profile {profile} is inferred from source code and was never compared with a host"
    )]
    Unconfirmed {
        /// The profile's name.
        profile: &'static str,
    },
    /// A number of vCPUs for which the operator publishes nothing.
    #[error("{found} vCPUs: {} publishes endorsements for {endorsed} only", endorsed.by)]
    Vcpus {
        /// The number.
        found: u32,
        /// Those for which there is something.
        endorsed: &'static EndorsedVcpus,
    },
}
