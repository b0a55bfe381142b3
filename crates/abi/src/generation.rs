//! Generations of EPYC, each with the families and models that belong to it.
//!
//! Names as AMD's certificates and key server spell them [VCEK, product names]; families and models as CPUID counts them
//! [SNP-ABI, ATTESTATION_REPORT, CPUID_FAM_ID and CPUID_MOD_ID].
//!
//! ```
//! use sev_launch_abi::{Generation, Technology};
//!
//! assert_eq!(Generation::of_cpu(25, 0x11), Some(Generation::Genoa));
//! assert!(!Generation::Rome.runs(Technology::Snp));
//! ```

use core::str::FromStr;

use crate::error::Error;
use crate::technology::Technology;

crate::named! {
    /// A generation of AMD server processors.
    #[derive(PartialOrd, Ord)]
    pub enum Generation {
        /// EPYC 7001 (family 17h, models 00h to 0Fh). The chip keys of this generation can be extracted (Buhren and others,
        /// CCS 2019), and nothing in a certificate tells: accept its certificates only where that does not matter.
        Naples => "Naples",
        /// EPYC 7002 (family 17h, models 30h to 3Fh).
        Rome => "Rome",
        /// EPYC 7003, Milan-X included (family 19h, models 00h to 0Fh).
        Milan => "Milan",
        /// EPYC 9004, Bergamo and Siena included (family 19h, models 10h to 1Fh and A0h to AFh).
        Genoa => "Genoa",
        /// EPYC 9005 (family 1Ah, models 00h to 11h).
        Turin => "Turin",
    }
}

impl Generation {
    /// Those whose hosts can run SNP guests, the oldest first. Each has SNP certificates of its own.
    pub const SNP: [Self; 3] = [Self::Milan, Self::Genoa, Self::Turin];

    /// The generation of a processor with this family and model; `None` for any other processor.
    pub const fn of_cpu(family: u32, model: u32) -> Option<Self> {
        match (family, model) {
            (0x17, 0x00..=0x0f) => Some(Self::Naples),
            (0x17, 0x30..=0x3f) => Some(Self::Rome),
            (0x19, 0x00..=0x0f) => Some(Self::Milan),
            (0x19, 0x10..=0x1f | 0xa0..=0xaf) => Some(Self::Genoa),
            (0x1a, 0x00..=0x11) => Some(Self::Turin),
            _ => None,
        }
    }

    /// Can a host of this generation run the technology? All run SEV and SEV-ES; SNP came with Milan. [AMD, SEV-SNP white paper]
    #[must_use]
    pub fn runs(self, technology: Technology) -> bool {
        technology != Technology::Snp || self >= Self::Milan
    }
}

impl FromStr for Generation {
    type Err = Error;

    /// Reads a name in any case.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|generation| generation.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| Error::UnknownGeneration { found: text.into() })
    }
}
