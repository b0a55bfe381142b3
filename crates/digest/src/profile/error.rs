//! Why a text names no launch profile, and no host for which one could be derived.

use alloc::string::String;

/// What was found, and what was wanted.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No profile has this name.
    #[error("no launch profile is called {found:?}")]
    UnknownProfile {
        /// The name found.
        found: String,
    },
    /// Not a virtual machine monitor that any launch profile is for.
    #[error(
        "{found:?} is no VMM: wanted qemu, coconut-qemu, ec2, gce or libkrun, and a version, as \"qemu 9.2\""
    )]
    UnknownVmm {
        /// The text found.
        found: String,
    },
    /// Late vCPUs on a VMM of which none is known.
    #[error(
        "launch profile {profile}: of its VMM no vCPU is known that is added late and measured"
    )]
    NoLateVcpus {
        /// The profile's name.
        profile: &'static str,
    },
    /// Late vCPUs, and no version that says what registers they have.
    #[error(
        "launch profile {profile}: a vCPU that was added late keeps the first one's registers on QEMU 10.1 and newer, and has a further one's before, and QEMU's version is not named"
    )]
    LateVcpus {
        /// The profile's name.
        profile: &'static str,
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
}
