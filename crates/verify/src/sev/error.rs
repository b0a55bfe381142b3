//! What can be wrong with policies, keys, sessions, measurements and secrets of SEV and SEV-ES.
//!
//! One type per operation; each tells its [`Family`]. The texts are for the guest's owner.

use alloc::vec::Vec;
use core::fmt;

use sev_launch_abi::{Guid, Technology};
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

/// What is wrong with a key.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The wrong number of bytes.
    #[error("{what}: {found} bytes, wanted {wanted}")]
    Length {
        /// Which key.
        what: &'static str,
        /// Bytes found.
        found: usize,
        /// Bytes wanted.
        wanted: usize,
    },
    /// A private key that is zero, or not below the order of P-384.
    #[error("the private key is not between 1 and the order of P-384")]
    PrivateKey,
    /// The generator gives nothing that can be a private key, again and again.
    #[error("the random number generator gave no private key in {attempts} attempts: it is broken")]
    Generator {
        /// How often it was asked.
        attempts: u8,
    },
}

impl KeyError {
    /// Malformed: the bytes are no key.
    pub const fn family(&self) -> Family {
        Family::Malformed
    }
}

/// What is wrong with a launch session.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionError {
    /// The wrong number of bytes.
    #[error("the launch session: {found} bytes, wanted 128")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// The wrapped keys are not from a holder of the same shared secret, or were changed.
    #[error("the launch session's WRAP_MAC is not that of its wrapped keys")]
    WrapMac,
    /// The session was made for another policy, or its WRAP_IV was changed.
    #[error("the launch session's POLICY_MAC is not that of policy {policy}")]
    PolicyMac {
        /// The policy that was given with it.
        policy: Policy,
    },
    /// No platform takes the policy.
    #[error("policy {policy} has reserved bits {:#x}: the platform refuses it", policy.reserved_bits())]
    ReservedBits {
        /// The policy.
        policy: Policy,
    },
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl SessionError {
    /// Malformed for lengths, reserved bits and keys; rejected for MACs.
    pub const fn family(&self) -> Family {
        match self {
            Self::Length { .. } | Self::ReservedBits { .. } => Family::Malformed,
            Self::WrapMac | Self::PolicyMac { .. } => Family::Rejected,
            Self::Key(error) => error.family(),
        }
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

/// What is wrong with a table of secrets or a packet.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// The GUID of zeros stands for a deleted entry.
    #[error("a secret has the GUID of zeros, which readers take for a deleted entry")]
    ZeroGuid,
    /// Readers name secrets by their GUID.
    #[error("two secrets have the GUID {guid}")]
    DuplicateGuid {
        /// The GUID.
        guid: Guid,
    },
    /// No secret at all.
    #[error("the table of secrets has no entry")]
    NoEntry,
    /// The firmware has no place for a secret.
    #[error("the firmware's secret area has 0 bytes: it takes no secret")]
    NoArea,
    /// More than fits. What lies over the end overwrites measured data.
    #[error("the table of secrets: {found} bytes with padding, wanted at most {wanted}")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// The most that fits.
        wanted: usize,
    },
    /// Not even a header.
    #[error("the table of secrets: {found} bytes, wanted at least the 20 of its header")]
    TableHeader {
        /// Bytes found.
        found: usize,
    },
    /// Something else, or a GUID in the wrong byte order.
    #[error(
        "the table of secrets starts with GUID {found}, wanted 1e74f542-71dd-4d66-963e-ef4287ff173b"
    )]
    TableGuid {
        /// The GUID found.
        found: Guid,
    },
    /// The table's length does not fit.
    #[error("the table of secrets: length {found}, wanted 20 to {wanted}")]
    TableLength {
        /// The length found.
        found: u32,
        /// The bytes that there are.
        wanted: usize,
    },
    /// An entry's length does not fit.
    #[error("table of secrets, entry at offset {offset}: length {found}, wanted 20 to {wanted}")]
    EntryLength {
        /// Where the entry starts.
        offset: usize,
        /// The length found.
        found: u32,
        /// The bytes from there to the table's end.
        wanted: usize,
    },
    /// Bytes that belong to no entry.
    #[error(
        "the table of secrets has bytes that are not zero after its last entry, at offset {offset}"
    )]
    Remainder {
        /// Where the last entry ends.
        offset: usize,
    },
    /// The header's wrong number of bytes.
    #[error("the packet's header: {found} bytes, wanted 52")]
    HeaderLength {
        /// Bytes found.
        found: usize,
    },
    /// More than a packet can have.
    #[error("the packet's payload: {found} bytes, wanted at most {wanted}")]
    PayloadLength {
        /// Bytes found.
        found: usize,
        /// The most that a packet has.
        wanted: usize,
    },
    /// Header, payload or measurement were changed, or are of another launch.
    #[error("the packet's MAC is not that of its header, its payload and the launch measurement")]
    Mac,
    /// Compressed or reserved, which nobody writes.
    #[error("the packet's flags are {found:#x}, wanted 0")]
    Flags {
        /// The flags found.
        found: u32,
    },
}

impl SecretError {
    /// Rejected for a wrong MAC, malformed for the rest.
    pub const fn family(&self) -> Family {
        match self {
            Self::Mac => Family::Rejected,
            _ => Family::Malformed,
        }
    }
}
