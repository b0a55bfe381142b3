//! Who must have asked for a report, and what state the platform must be in: VMPL and PLATFORM_INFO.
//! [SNP-ABI, ATTESTATION_REPORT]
//!
//! [`super`] has an example.

use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::snp::report::PlatformInfo;

/// From which privilege level the report must have been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "snake_case"))]
pub enum VmplRequirement {
    /// Any guest level. A report that the host asked for (0xFFFFFFFF) is refused: its REPORT_DATA is the host's.
    AnyGuest,
    /// This level.
    Exactly(u32),
    /// This level or a more privileged one: a lower number.
    AtMost(u32),
    /// Anything, a report that the host asked for too.
    AnyEvenHost,
}

impl VmplRequirement {
    pub(in crate::snp) const fn check(self, found: u32) -> bool {
        match self {
            Self::AnyGuest => found <= 3,
            Self::Exactly(wanted) => found == wanted,
            Self::AtMost(wanted) => found <= wanted,
            Self::AnyEvenHost => true,
        }
    }
}

impl fmt::Display for VmplRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyGuest => f.write_str("0 to 3"),
            Self::Exactly(wanted) => wanted.fmt(f),
            Self::AtMost(wanted) => write!(f, "at most {wanted}"),
            Self::AnyEvenHost => f.write_str("anything"),
        }
    }
}

/// What PLATFORM_INFO must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct PlatformInfoRequirement {
    /// Bits that must be one, as of [`PlatformInfo`].
    pub set: u64,
    /// Bits that must be zero.
    pub clear: u64,
    /// May bits be one that have no name yet?
    pub unknown: UnknownBits,
}

/// What is done with bits that have no name yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "snake_case"))]
pub enum UnknownBits {
    /// They may be anything.
    Accept,
    /// They must be zero.
    Refuse,
}

impl PlatformInfoRequirement {
    pub(in crate::snp) const fn check(self, found: PlatformInfo) -> bool {
        let unknown_is_fine = match self.unknown {
            UnknownBits::Accept => true,
            UnknownBits::Refuse => found.unknown() == 0,
        };
        found.has(self.set) && found.bits() & self.clear == 0 && unknown_is_fine
    }
}

impl fmt::Display for PlatformInfoRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { set: 0, clear: 0, unknown: UnknownBits::Accept } => f.write_str("anything"),
            Self { set: 0, clear: 0, unknown: UnknownBits::Refuse } => {
                f.write_str("no bits without a name")
            }
            Self { set, clear, unknown } => {
                write!(f, "bits {set:#x} set and {clear:#x} clear")?;
                f.write_str(match unknown {
                    UnknownBits::Accept => "",
                    UnknownBits::Refuse => ", none without a name",
                })
            }
        }
    }
}
