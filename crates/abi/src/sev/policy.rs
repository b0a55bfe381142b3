//! The guest policy of SEV and SEV-ES: 32 bits that the platform enforces and the launch measurement covers.
//!
//! Defined by [SEV-API, guest policy structure]; in memory and under MACs it is a little-endian word. Three bits forbid
//! (NODBG, NOKS, NOSEND), so a zero is the permissive policy. The upper half is the lowest version of the platform's
//! firmware, compared as a pair. SNP's policy is another word with the opposite polarity.
//!
//! ```
//! use sev_launch_abi::Technology;
//! use sev_launch_abi::sev::policy::{Flag, Policy};
//!
//! let policy = Policy::from_bits(0x3601_0005);
//! assert_eq!(policy.flags().collect::<Vec<_>>(), [Flag::Nodbg, Flag::Es]);
//! assert_eq!(policy.min_api().to_string(), "1.54");
//! assert!(policy.fits(Technology::SevEs));
//! ```

use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::names;
use crate::technology::Technology;
use crate::version::ApiVersion;

crate::named! {
    /// A named bit of the policy. [SEV-API, guest policy structure]
    #[derive(PartialOrd, Ord)]
    pub enum Flag, bit: u32 {
        /// Bit 0: debug commands are refused.
        Nodbg = 0 => "NODBG",
        /// Bit 1: the key may not be shared with another guest.
        Noks = 1 => "NOKS",
        /// Bit 2: SEV-ES is required.
        Es = 2 => "ES",
        /// Bit 3: the guest may not be sent to another platform.
        Nosend = 3 => "NOSEND",
        /// Bit 4: it may be sent only to platforms of the same owner (OCA).
        Domain = 4 => "DOMAIN",
        /// Bit 5: it may be sent only to genuine AMD SEV platforms.
        Sev = 5 => "SEV",
    }
}

/// Bits 6 to 15 must be zero. [SEV-API, guest policy structure]
const RESERVED: u32 = 0x0000_ffc0;

/// A policy word as it is, reserved bits included: [`Policy::reserved_bits`] tells them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Policy(u32);

impl Policy {
    /// From the 32-bit word. Every value can be held; [`Policy::findings`] says what is odd about it.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The policy with these bits and this lowest version.
    pub fn from_parts(flags: &[Flag], min_api: ApiVersion) -> Self {
        let upper = u32::from_le_bytes([0, 0, min_api.major, min_api.minor]);
        Self(flags.iter().fold(upper, |bits, flag| bits | 1 << flag.bit()))
    }

    /// The policy of some bits, by their names as [`names`] reads them, and of the lowest version: `NODBG+ES+API=1.54`, or
    /// `none`.
    ///
    /// Errors: a name that no bit has; no name at all; two versions.
    pub fn from_names(text: &str) -> Result<Self, Error> {
        let flags = Flag::ALL.map(|flag| (flag.name(), flag.bit()));
        let (bits, min_api) = names::policy("a policy of SEV or SEV-ES", "API", flags, text)?;
        // The flags are bits of the lowest byte.
        let [flags, ..] = bits.to_le_bytes();
        Ok(Self(Self::from_parts(&[], min_api).0 | u32::from(flags)))
    }

    /// The 32-bit word.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The four bytes that are measured and put under MACs: little endian.
    pub const fn to_le_bytes(self) -> [u8; 4] {
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

    /// The technology that the ES bit asks for: SEV-ES, or SEV without it.
    pub const fn technology(self) -> Technology {
        if self.has(Flag::Es) { Technology::SevEs } else { Technology::Sev }
    }

    /// Those of the bits 6 to 15 that are set, in their places; 0 when the policy is well formed.
    pub const fn reserved_bits(self) -> u32 {
        self.0 & RESERVED
    }

    /// The lowest version of the platform's firmware: bits 16 to 23 are the major number, 24 to 31 the minor one.
    pub const fn min_api(self) -> ApiVersion {
        let [_, _, major, minor] = self.0.to_le_bytes();
        ApiVersion { major, minor }
    }

    /// Does the ES bit fit the technology? SNP has another kind of policy, which this cannot be.
    #[must_use]
    pub fn fits(self, technology: Technology) -> bool {
        self.technology() == technology
    }

    /// Does it look like a policy of SNP? Its lower half is then SNP's lowest ABI version, 0.0, and bit 17 must be one there; as a policy of SEV it
    /// would allow the host everything, under firmware that there is none of. [SNP-ABI, GUEST_POLICY]
    #[must_use]
    pub const fn is_like_snp(self) -> bool {
        self.0 & 0xffff == 0 && self.0 & (1 << 17) != 0
    }

    /// What the owner of a guest of this technology should know about the policy.
    #[must_use]
    pub fn findings(self, technology: Technology) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.is_like_snp() {
            findings.push(Finding::LikeSnp);
        }
        if !self.has(Flag::Nodbg) {
            findings.push(Finding::DebugAllowed);
        }
        if !self.has(Flag::Noks) {
            findings.push(Finding::KeySharingAllowed);
        }
        if !self.has(Flag::Nosend) {
            findings.push(Finding::SendingAllowed {
                domain: self.has(Flag::Domain),
                sev: self.has(Flag::Sev),
            });
        }
        if self.reserved_bits() != 0 {
            findings.push(Finding::ReservedBits(self.reserved_bits()));
        }
        if !self.fits(technology) {
            findings.push(Finding::ContradictsTechnology { es: self.has(Flag::Es), technology });
        }
        findings
    }
}

impl fmt::Display for Policy {
    /// `0x33010005 (NODBG, ES, API 1.51)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x} (", self.0)?;
        let mut separator = "";
        for bit in self.flags() {
            write!(f, "{separator}{bit}")?;
            separator = ", ";
        }
        if self.reserved_bits() != 0 {
            write!(f, "{separator}reserved {:#x}", self.reserved_bits())?;
            separator = ", ";
        }
        if self.min_api() > (ApiVersion { major: 0, minor: 0 }) {
            write!(f, "{separator}API {}", self.min_api())?;
            separator = ", ";
        }
        f.write_str(if separator.is_empty() { "no bits)" } else { ")" })
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy({self})")
    }
}

/// Something about a policy that may be meant so, but should be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub enum Finding {
    /// NODBG is 0: the host can read and write the guest's memory.
    DebugAllowed,
    /// NOKS is 0: another guest with the same policy can be given the key.
    KeySharingAllowed,
    /// NOSEND is 0: the guest may be sent away.
    SendingAllowed {
        /// Only to platforms with the same OCA. By itself, this trusts the owner's key and nothing of AMD.
        domain: bool,
        /// Only to genuine platforms.
        sev: bool,
    },
    /// Reserved bits are set: the platform refuses the policy.
    ReservedBits(u32),
    /// No bit of SEV is set, and the one that every policy of SNP has.
    LikeSnp,
    /// The ES bit and the technology exclude each other.
    ContradictsTechnology {
        /// The ES bit.
        es: bool,
        /// The technology that is wanted.
        technology: Technology,
    },
}

impl Finding {
    /// Does the AMD-SP refuse such a policy, so that no guest runs under it?
    #[must_use]
    pub const fn is_refused_by_platform(self) -> bool {
        matches!(self, Self::ReservedBits(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DebugAllowed => f.write_str(
                "debugging is allowed (NODBG is 0): the host can read the guest's memory",
            ),
            Self::KeySharingAllowed => f.write_str(
                "key sharing is allowed (NOKS is 0): another guest can be given the key",
            ),
            Self::SendingAllowed { domain, sev } => {
                f.write_str("sending is allowed (NOSEND is 0), ")?;
                f.write_str(match (domain, sev) {
                    (false, false) => "to any target: nobody checks its certificates",
                    (true, false) => "to platforms of the same owner, genuine or not",
                    (false, true) => "to genuine platforms of any owner",
                    (true, true) => "to genuine platforms of the same owner",
                })
            }
            Self::ReservedBits(bits) => {
                write!(f, "reserved bits {bits:#x} are set: the platform refuses this policy")
            }
            Self::LikeSnp => f.write_str(
                "this is a policy of SNP, which has no launch session: its evidence is an attestation report",
            ),
            Self::ContradictsTechnology { es, technology: Technology::Snp } => {
                write!(f, "this is a policy of SEV (ES is {}), not one of SNP", u8::from(*es))
            }
            Self::ContradictsTechnology { es, technology } => {
                write!(f, "ES is {}, which contradicts {technology}", u8::from(*es))
            }
        }
    }
}
