//! SEV features: the word at 0x3B0 of the VMSA.
//!
//! Defined by [APM2, VMSA layout, SEV_FEATURES]. Any value gives a digest, since a vendor's host may set any bit; which
//! bits hosts are known to set decides only whether we warn.
//!
//! ```
//! use sev_launch_abi::SevFeatures;
//!
//! let features = SevFeatures(0x21);
//! assert!(features.contains(SevFeatures::SNP_ACTIVE));
//! assert!(features.contains(SevFeatures::DEBUG_SWAP));
//! ```

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::names;

/// The `SEV_FEATURES` field of a VMSA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct SevFeatures(pub u64);

impl SevFeatures {
    /// Bit 0: the guest runs with SEV-SNP. Never set in SEV-ES.
    pub const SNP_ACTIVE: Self = Self(1 << 0);
    /// Bit 5: debug registers are swapped by hardware.
    pub const DEBUG_SWAP: Self = Self(1 << 5);
    /// Bit 9: the guest has a protected TSC.
    pub const SECURE_TSC: Self = Self(1 << 9);

    /// The bits that some known host sets: in SEV-ES bit 5, in SNP bits 0, 5 and 9. [Linux, sev_supported_vmsa_features]
    const KNOWN_HOST_BITS: u64 = Self::SNP_ACTIVE.0 | Self::DEBUG_SWAP.0 | Self::SECURE_TSC.0;

    /// The bits' names, by number. [APM2, SEV_FEATURES]
    const NAMES: [(u32, &'static str); 16] = [
        (0, "SNPActive"),
        (1, "vTOM"),
        (2, "ReflectVC"),
        (3, "RestrictedInjection"),
        (4, "AlternateInjection"),
        (5, "DebugSwap"),
        (6, "PreventHostIBS"),
        (7, "BTBIsolation"),
        (8, "VmplSSS"),
        (9, "SecureTSC"),
        (10, "VmgexitParameter"),
        (12, "IbsVirtualization"),
        (14, "VmsaRegProt"),
        (15, "SmtProtection"),
        (16, "SecureAVIC"),
        (21, "IbpbOnEntry"),
    ];

    /// Are all bits of `other` set?
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits that no known host sets.
    pub const fn unknown_to_hosts(self) -> Self {
        Self(self.0 & !Self::KNOWN_HOST_BITS)
    }

    /// The names of the set bits, lowest first; `bit N` for one without a name.
    pub fn names(self) -> Vec<String> {
        (0..64u32)
            .filter(|bit| self.0 >> bit & 1 == 1)
            .map(|bit| match Self::NAMES.iter().find(|(number, _)| *number == bit) {
                Some((_, name)) => (*name).into(),
                None => alloc::format!("bit {bit}"),
            })
            .collect()
    }

    /// Every name that a bit has, lowest bit first.
    pub fn all_names() -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().map(|(_, name)| *name)
    }

    /// The word of some bits, by their names as [`names`] reads them: `SNPActive+DebugSwap`, with `bit N` for a bit without a
    /// name, or `none`.
    ///
    /// Errors: a name that no bit has; no name at all.
    pub fn from_names(text: &str) -> Result<Self, Error> {
        const WHAT: &str = "SEV_FEATURES";
        let bit_of = |name: &str| {
            let named = Self::NAMES.iter().find(|(_, known)| names::is_same(known, name));
            let numbered = || {
                let (word, number) = name.split_once(' ')?;
                let number = number.trim().parse().ok().filter(|number| *number < u64::BITS)?;
                names::is_same(word, "bit").then_some(number)
            };
            named.map(|(bit, _)| *bit).or_else(numbered)
        };
        names::split(WHAT, &['+', '|'], text)?.into_iter().try_fold(Self(0), |word, name| {
            match bit_of(name) {
                Some(bit) => Ok(Self(word.0 | 1 << bit)),
                None => Err(names::unknown(WHAT, name, Self::all_names())),
            }
        })
    }
}

impl fmt::Display for SevFeatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn bits_have_the_names_of_the_manual() {
        assert_eq!(SevFeatures(0x221).names(), ["SNPActive", "DebugSwap", "SecureTSC"]);
        assert_eq!(SevFeatures(1 << 63).names(), ["bit 63"]);
        assert_eq!(SevFeatures(0x225).unknown_to_hosts(), SevFeatures(0x4));
        assert_eq!(SevFeatures(0x221).to_string(), "0x221");
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for (text, word) in [
            ("none", 0),
            ("SNPActive", 1),
            ("snp_active+DebugSwap", 0x21),
            ("SNPActive+Secure TSC | bit 63", 0x8000_0000_0000_0201),
            ("SecureAVIC|SecureAVIC", 1 << 16),
        ] {
            assert_eq!(SevFeatures::from_names(text), Ok(SevFeatures(word)), "{text}");
        }
        for bits in [0x1u64, 0x20, 0x221, 1 << 63 | 1 << 11, u64::MAX] {
            let names = SevFeatures(bits).names().join("+");
            assert_eq!(SevFeatures::from_names(&names), Ok(SevFeatures(bits)), "{names}");
        }
        for wrong in [
            "",
            "DebugSwop",
            "SNPActive,DebugSwap",
            "-DebugSwap",
            "bit 64",
            "bit",
            "bit -1",
            "0x21",
            "DebugSwap+",
        ] {
            assert!(SevFeatures::from_names(wrong).is_err(), "{wrong}");
        }
    }

    // [APM2, SEV_FEATURES]: bit 0 SNPActive, bit 5 DebugSwap, bit 9 SecureTSC.
    #[test]
    fn all_bits_asked_for_must_be_set() {
        let both = SevFeatures(SevFeatures::SNP_ACTIVE.0 | SevFeatures::DEBUG_SWAP.0);
        let found = [0x21, 0x221, 0x01, 0x20, 0].map(|bits| SevFeatures(bits).contains(both));
        assert_eq!(found, [true, true, false, false, false]);
        assert!(SevFeatures(0x200).contains(SevFeatures::SECURE_TSC));
    }
}
