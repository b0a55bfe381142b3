//! What this crate answers when there is no digest: the launch is impossible, or an input is not what it claims to be.
//!
//! Each part of a guest has its own errors beside its code; here they come together with those of the guest as a whole. Every
//! variant carries what was found, what was wanted and where. A launch that a VMM refuses is refused with the VMM's reason,
//! since a digest of it would describe nothing. What a command's user could do about it is for the command to say.
//!
//! ```
//! use sev_launch_digest::{Error, Firmware, firmware};
//!
//! let error: Error = Firmware::parse(&[]).unwrap_err().into();
//! assert_eq!(error, Error::Firmware(firmware::Error::Empty));
//! ```

use thiserror::Error;

use sev_launch_abi::Technology;

use crate::{cpu, firmware, kernel_hashes, profile, vcpus, vmsa};

/// Why there is no digest.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A firmware image is not what it claims to be, or not what the launch needs.
    #[error(transparent)]
    Firmware(#[from] firmware::error::Error),
    /// The kernel or command line cannot be measured as given.
    #[error(transparent)]
    KernelHashes(#[from] kernel_hashes::error::Error),
    /// A text names no profile and no host.
    #[error(transparent)]
    Profile(#[from] profile::error::Error),
    /// An SVSM cannot be placed.
    #[error(transparent)]
    Svsm(#[from] crate::snp::svsm::error::Error),
    /// An IGVM file is none, or nobody launches it.
    #[error(transparent)]
    Igvm(#[from] crate::igvm::error::Error),
    /// libkrun cannot have measured these files.
    #[error(transparent)]
    Libkrun(#[from] crate::libkrun::error::Error),
    /// Bytes are no VMSA of the guest.
    #[error(transparent)]
    Vmsa(#[from] vmsa::Error),
    /// A name is none of a processor.
    #[error(transparent)]
    Cpu(#[from] cpu::Error),
    /// Not a number of vCPUs.
    #[error(transparent)]
    Vcpus(#[from] vcpus::Error),
    /// A text that is none of AMD's words.
    #[error(transparent)]
    Word(#[from] sev_launch_abi::Error),

    // The guest as a whole: parts that do not go together.
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
    /// The profile's VMM measures no kernel hashes.
    #[error("launch profile {profile} measures no kernel hashes: its VMM does not know them")]
    ProfileWithoutKernelHashes {
        /// The profile's name.
        profile: &'static str,
    },
    /// The profile's VMM loads other things than a firmware with tables.
    #[error(
        "launch profile {profile} is libkrun's, which measures its files in an order of its own"
    )]
    ProfileOfLibkrun {
        /// The profile's name.
        profile: &'static str,
    },
    /// The profile is of guests from IGVM files.
    #[error(
        "launch profile {profile} is of guests that start from an IGVM file: give the file with --igvm, or another profile"
    )]
    ProfileOfIgvm {
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
    #[error("launch profile {profile} {}", if *wanted { "needs an SVSM image and the variable store's size" } else { "starts no SVSM" })]
    ProfileSvsm {
        /// The profile's name.
        profile: &'static str,
        /// Whether the profile wants an SVSM.
        wanted: bool,
    },
    /// The signature goes into the VMSA.
    #[error("launch profile {profile} puts the CPU signature into the VMSA")]
    NoSignature {
        /// The profile's name.
        profile: &'static str,
    },
    /// More vCPUs than captured pages.
    #[error(
        "{vcpus} vCPUs need a captured VMSA of a further vCPU too, only the first one's is given"
    )]
    NoCapturedAp {
        /// The number of vCPUs.
        vcpus: u32,
    },
}
