//! The guest policy of SEV-SNP: 64 bits that the guest owner chooses and the AMD-SP enforces.
//!
//! Defined by [SNP-ABI, guest policy]. Two surprises for whoever knows the legacy policy: a one bit *allows* debugging and
//! migration here, where it forbids them there; and the minor version is the lower byte.
//!
//! ```
//! use sev_launch_abi::snp::policy::{Flag, Policy};
//!
//! let policy = Policy::from_bits(0xb_0000);
//! assert!(policy.has(Flag::Debug));
//! assert!(policy.is_valid());
//! ```

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use crate::error::Error;
use crate::names;
use crate::version::ApiVersion;

/// The guest policy: 8 bytes, little-endian in structures.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Policy(u64);

crate::named! {
    /// A bit of the policy that has a meaning. [SNP-ABI, guest policy]
    #[derive(PartialOrd, Ord)]
    pub enum Flag, bit: u32 {
        /// Bit 16: the guest may run where simultaneous multithreading is on.
        Smt = 16 => "SMT",
        /// Bit 18: the guest may be bound to a migration agent.
        MigrateMa = 18 => "MIGRATE_MA",
        /// Bit 19: the host may debug the guest, and so read and write its memory.
        Debug = 19 => "DEBUG",
        /// Bit 20: the guest may run on one socket only.
        SingleSocket = 20 => "SINGLE_SOCKET",
        /// Bit 21: CXL devices may be present.
        CxlAllow = 21 => "CXL_ALLOW",
        /// Bit 22: memory must be encrypted by AES-256-XTS.
        MemAes256Xts = 22 => "MEM_AES_256_XTS",
        /// Bit 23: the running average power limit must be off.
        RaplDis = 23 => "RAPL_DIS",
        /// Bit 24: the host must be kept from reading ciphertext in DRAM.
        CiphertextHidingDram = 24 => "CIPHERTEXT_HIDING_DRAM",
        /// Bit 25: the commands that move and swap pages are refused.
        PageSwapDisable = 25 => "PAGE_SWAP_DISABLE",
    }
}

/// Bit 17, which must be one. [SNP-ABI, guest policy]
const MUST_BE_ONE: u64 = 1 << 17;
/// Bits 63:26, which must be zero. [SNP-ABI, guest policy]
const RESERVED: u64 = !((1 << 26) - 1);

/// Something about a policy that its owner should know, or that the AMD-SP refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub enum Finding {
    /// Bit 17 is zero: SNP_LAUNCH_START refuses the policy.
    Bit17Clear,
    /// Bits that must be zero are not: SNP_LAUNCH_START refuses the policy.
    ReservedBits {
        /// Those bits.
        bits: u64,
    },
    /// The host may read and write the guest's memory.
    DebugAllowed,
    /// A migration agent may be bound to the guest, and then decides where else it runs.
    MigrationAgentAllowed,
}

impl Finding {
    /// Does the AMD-SP refuse such a policy, so that no guest runs under it?
    #[must_use]
    pub const fn is_refused_by_platform(self) -> bool {
        matches!(self, Self::Bit17Clear | Self::ReservedBits { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bit17Clear => f.write_str("bit 17 is 0, and must be 1"),
            Self::ReservedBits { bits } => write!(f, "reserved bits {bits:#x} are set"),
            Self::DebugAllowed => f.write_str("the host may read and write the guest's memory"),
            Self::MigrationAgentAllowed => f.write_str("a migration agent may be bound"),
        }
    }
}

impl Policy {
    /// From the 64-bit word. Every value can be held; [`Policy::findings`] judges.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The policy with these bits and this lowest version of the ABI; bit 17, which must be one, is set.
    pub fn from_parts(flags: &[Flag], min_api: ApiVersion) -> Self {
        let lower = u64::from(u16::from_le_bytes([min_api.minor, min_api.major]));
        Self(flags.iter().fold(lower | MUST_BE_ONE, |bits, flag| bits | 1 << flag.bit()))
    }

    /// The policy of some bits, by their names as [`names`] reads them, and of the lowest version: `SMT+SINGLE_SOCKET+ABI=1.55`,
    /// or `none`. Bit 17, which must be one, is set.
    ///
    /// Errors: a name that no bit has; no name at all; two versions.
    pub fn from_names(text: &str) -> Result<Self, Error> {
        let flags = Flag::ALL.map(|flag| (flag.name(), flag.bit()));
        let (bits, min_api) = names::policy("a policy of SNP", "ABI", flags, text)?;
        Ok(Self(Self::from_parts(&[], min_api).0 | bits))
    }

    /// From 8 bytes, little-endian.
    pub const fn from_le_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }

    /// The 64-bit word.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The 8 bytes of structures, little-endian.
    pub const fn to_le_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// Is the bit one?
    #[must_use]
    pub const fn has(self, flag: Flag) -> bool {
        self.0 >> flag.bit() & 1 == 1
    }

    /// The named bits that are one, lowest first.
    pub fn flags(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.has(*flag))
    }

    /// The lowest version of the firmware's ABI that may run the guest.
    pub const fn min_api(self) -> ApiVersion {
        let [minor, major, ..] = self.0.to_le_bytes();
        ApiVersion { major, minor }
    }

    /// The reserved bits 63:26, in their places.
    pub const fn reserved_bits(self) -> u64 {
        self.0 & RESERVED
    }

    /// Everything noteworthy, what the AMD-SP refuses first.
    #[must_use]
    pub fn findings(self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.0 & MUST_BE_ONE == 0 {
            findings.push(Finding::Bit17Clear);
        }
        if self.reserved_bits() != 0 {
            findings.push(Finding::ReservedBits { bits: self.reserved_bits() });
        }
        if self.has(Flag::Debug) {
            findings.push(Finding::DebugAllowed);
        }
        if self.has(Flag::MigrateMa) {
            findings.push(Finding::MigrationAgentAllowed);
        }
        findings
    }

    /// Would SNP_LAUNCH_START take a policy with these bits at all?
    #[must_use]
    pub fn is_valid(self) -> bool {
        self.0 & MUST_BE_ONE != 0 && self.reserved_bits() == 0
    }
}

impl PartialOrd for Policy {
    /// `None` unless both are the same: what allows more in one bit may allow less in another.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

impl fmt::Display for Policy {
    /// The word, the ABI version, and the names of the bits: `0x3001f (abi 0.31, SMT)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x} (abi {}", self.0, self.min_api())?;
        for flag in self.flags() {
            write!(f, ", {flag}")?;
        }
        if self.0 & MUST_BE_ONE == 0 {
            f.write_str(", bit 17 clear")?;
        }
        if self.reserved_bits() != 0 {
            write!(f, ", reserved {:#x}", self.reserved_bits())?;
        }
        f.write_str(")")
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Policies seen: QEMU's default 0x30000, a real guest's 0x3001f. [SNP-ABI, guest policy]
    #[test]
    fn names_make_the_words_of_real_guests() {
        for (text, bits) in [
            ("SMT", 0x3_0000),
            ("smt,abi=0.31", 0x3_001f),
            ("SMT+DEBUG", 0xb_0000),
            ("SMT | Migrate-MA", 0x7_0000),
            ("none", 0x2_0000),
            ("ABI 1.55", 0x2_0137),
            ("PAGE_SWAP_DISABLE+CIPHERTEXT_HIDING_DRAM", 0x302_0000),
        ] {
            assert_eq!(Policy::from_names(text), Ok(Policy::from_bits(bits)), "{text}");
        }
        for wrong in [
            "",
            "NODBG",
            "SMT,-DEBUG",
            "SMT+_DEBUG",
            "SMT+",
            "ABI=1",
            "ABI=1.55,ABI=1.55",
            "API=1.55",
            "0x30000",
        ] {
            assert!(Policy::from_names(wrong).is_err(), "{wrong}");
        }
    }
}
