//! What can be wrong with policies, keys, sessions, measurements and secrets of SEV and SEV-ES.
//!
//! One type per operation; each tells its [`Family`]. The texts are for the guest's owner.

use alloc::vec::Vec;
use core::fmt;

use sev_launch_abi::Technology;
use thiserror::Error;

use crate::outcome::Family;
use crate::requirement::Requirement;
use sev_launch_abi::sev::policy::{Flag, Policy};
use sev_launch_abi::{ApiVersion, PlatformVersion};

/// Several facts in one line.
struct Joined<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Joined<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for item in self.0 {
            write!(f, "{separator}{item}")?;
            separator = "; ";
        }
        Ok(())
    }
}

/// One thing in which a policy is not as required.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyMismatch {
    /// A named bit.
    #[error("{bit} is {}, wanted {}", u8::from(*found), u8::from(!*found))]
    Bit {
        /// Which one.
        bit: Flag,
        /// What it is. The opposite was wanted.
        found: bool,
    },
    /// The lowest version that the policy allows.
    #[error("the lowest API version is {found}, wanted {wanted}")]
    MinApi {
        /// The version found.
        found: ApiVersion,
        /// What was wanted.
        wanted: Requirement<ApiVersion>,
    },
    /// Reserved bits, which no requirement can allow.
    #[error("reserved bits {found:#x} are set, wanted none")]
    ReservedBits {
        /// The bits, in their places.
        found: u32,
    },
}

/// A policy that is not as required.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("policy {policy}: {}", Joined(.mismatches))]
pub struct PolicyError {
    /// The policy.
    pub policy: Policy,
    /// Everything that is not as required; at least one.
    pub mismatches: Vec<PolicyMismatch>,
}

impl PolicyError {
    /// Rejected: a policy of any 32 bits is well formed.
    pub const fn family(&self) -> Family {
        Family::Rejected
    }
}

/// One thing in which a platform's version is not as required.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlatformMismatch {
    /// The version of the API.
    #[error("the API version is {found}, wanted {wanted}")]
    Api {
        /// The version found.
        found: ApiVersion,
        /// What was wanted.
        wanted: Requirement<ApiVersion>,
    },
    /// The build.
    #[error("the build is {found}, wanted {wanted}")]
    Build {
        /// The build found.
        found: u8,
        /// What was wanted.
        wanted: Requirement<u8>,
    },
}

/// Why there is no verified launch.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum MeasurementError {
    /// The wrong number of bytes.
    #[error("the launch measurement: {found} bytes, wanted 48")]
    BlobLength {
        /// Bytes found.
        found: usize,
    },
    /// The set of accepted digests is empty, and so accepts nothing.
    #[error("there is no reference value to compare the launch measurement with")]
    NoReferenceValues,
    /// The measurement is that of no accepted digest. Which of its other parts is wrong cannot be told.
    #[error(
        "the launch measurement matches none of {tried} reference values under policy {policy} and platform version {}: the digest, the policy, the version or the key is another one", .version.with_build_named()
    )]
    NoMatch {
        /// How many digests were tried.
        tried: usize,
        /// The policy of the session.
        policy: Policy,
        /// The version that the host claims.
        version: PlatformVersion,
    },
    /// The digest matched, but a policy with this ES bit cannot be meant with it.
    #[error(
        "the matching reference value is one of {technology}, which contradicts policy {policy}"
    )]
    Technology {
        /// What the reference value is of.
        technology: Technology,
        /// The policy of the session.
        policy: Policy,
    },
    /// The measurement is authentic, but the platform is not acceptable.
    #[error("platform version {}: {}", .version.with_build_named(), Joined(.mismatches))]
    Platform {
        /// The version, which the measurement proves.
        version: PlatformVersion,
        /// Everything that is not as required; at least one.
        mismatches: Vec<PlatformMismatch>,
    },
}

impl MeasurementError {
    /// Malformed for lengths and numbers, rejected for the rest.
    pub const fn family(&self) -> Family {
        match self {
            Self::BlobLength { .. } => Family::Malformed,
            Self::NoReferenceValues
            | Self::NoMatch { .. }
            | Self::Technology { .. }
            | Self::Platform { .. } => Family::Rejected,
        }
    }
}
