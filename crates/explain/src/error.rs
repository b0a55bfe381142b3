//! Why there is no search: the description contradicts itself or the value reported.
//!
//! No example: every variant says what contradicts what.

use sev_launch_abi::Technology;
use thiserror::Error;

use crate::axes::Axis;

/// Why there is no plan.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A custom value stands on an axis that a launch of this technology, or a value of this kind, does not have.
    #[error(
        "a custom value of {axis} has no effect on what is reported of this {technology} launch"
    )]
    CustomAxis {
        /// The value's axis.
        axis: Axis,
        /// The launch's technology.
        technology: Technology,
    },
    /// A file of the launch is not in the pool.
    #[error("the {what} is file {found} of the pool, which has {wanted} files, counted from 0")]
    FileIndex {
        /// Firmware, kernel or initrd.
        what: &'static str,
        /// The index given.
        found: usize,
        /// How many files the pool has.
        wanted: usize,
    },
    /// A file of the launch cannot be one of the search's.
    #[error(transparent)]
    File(#[from] sev_launch_digest::Error),
    /// libkrun's launches are not searched.
    #[error("libkrun's launches are not searched: they have neither tables nor kernel hashes")]
    Libkrun,
    /// The IGVM file was not kept when it was read.
    #[error("the IGVM file's pages were not kept, and are needed to load it as other hosts do")]
    IgvmNotKept,
    /// SEV-ES and SNP measure VMSAs, which only a launch profile tells.
    #[error("a launch of {technology} needs a launch profile")]
    NoProfile {
        /// The launch's technology.
        technology: Technology,
    },
    /// The file that is the launch's firmware was not absorbed as an image.
    #[error("file {name:?} is the launch's firmware, but was not absorbed as an image")]
    NotFirmware {
        /// The file's name.
        name: String,
    },
    /// The profile loads an SVSM and there is none below the firmware, or the reverse; or it loads libkrun's files.
    #[error(
        "profile {profile} loads other files than those of the launch described: firmware and a kernel, or firmware and an SVSM"
    )]
    ProfileLoads {
        /// The profile's name.
        profile: &'static str,
    },
    /// The profile is for another technology.
    #[error("profile {profile} is for {wanted}, but the launch described is one of {found}")]
    ProfileTechnology {
        /// The profile's name.
        profile: &'static str,
        /// The profile's technology.
        wanted: Technology,
        /// The launch's technology.
        found: Technology,
    },
    /// What is reported cannot come from a launch of this technology.
    #[error("{reported} is reported, which no launch of {technology} gives")]
    ReportedTechnology {
        /// The kind of value reported.
        reported: &'static str,
        /// The launch's technology.
        technology: Technology,
    },
}
