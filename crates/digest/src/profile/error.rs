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
