//! CPU signatures: what CPUID Fn0000_0001_EAX says. [APM3, CPUID Fn0000_0001_EAX]
//!
//! ```
//! use sev_launch_abi::CpuSignature;
//!
//! let milan = CpuSignature(0x00a0_0f11);
//! assert_eq!(milan.parts(), (25, 1, 1));
//! assert_eq!(CpuSignature::from_parts(25, 1, 1), Ok(milan));
//! ```

use core::fmt;

use crate::error::Error;
use crate::generation::Generation;

/// A CPU signature: the 32 bits of CPUID Fn0000_0001_EAX.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct CpuSignature(pub u32);

impl CpuSignature {
    /// The largest family: 0Fh and eight more bits. [APM3, ExtFamily]
    pub const MAX_FAMILY: u32 = 15 + 255;
    /// The largest model. [APM3, ExtModel]
    pub const MAX_MODEL: u32 = 255;
    /// The largest stepping.
    pub const MAX_STEPPING: u32 = 15;

    /// From family, model and stepping as AMD counts them: Milan is 25, 1, 1.
    ///
    /// An error for a number that the signature's bits cannot hold.
    pub fn from_parts(family: u32, model: u32, stepping: u32) -> Result<Self, Error> {
        let numbers = [
            ("family", family, Self::MAX_FAMILY),
            ("model", model, Self::MAX_MODEL),
            ("stepping", stepping, Self::MAX_STEPPING),
        ];
        match numbers.into_iter().find(|(_, found, wanted)| found > wanted) {
            Some((what, found, wanted)) => Err(Error::CpuNumber { what, found, wanted }),
            None => Ok(Self::with_parts(family, model, stepping)),
        }
    }

    /// The same for numbers that are known to fit, for tables of constants. What does not fit is cut off.
    pub const fn with_parts(family: u32, model: u32, stepping: u32) -> Self {
        let (base, extended) = if family > 15 { (15, family - 15) } else { (family, 0) };
        let model = (model >> 4 & 0xf) << 16 | (model & 0xf) << 4;
        Self((extended & 0xff) << 20 | base << 8 | model | stepping & 0xf)
    }

    /// Family, model and stepping as AMD counts them.
    pub const fn parts(self) -> (u32, u32, u32) {
        let base = self.0 >> 8 & 0xf;
        let extended = self.0 >> 20 & 0xff;
        let family = if base == 15 { base + extended } else { base };
        (family, (self.0 >> 16 & 0xf) << 4 | self.0 >> 4 & 0xf, self.0 & 0xf)
    }

    /// The generation of EPYC that it is; `None` for any other processor.
    pub const fn generation(self) -> Option<Generation> {
        let (family, model, _) = self.parts();
        Generation::of_cpu(family, model)
    }
}

impl fmt::Display for CpuSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl fmt::Debug for CpuSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::technology::Technology;

    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        assert!(CpuSignature::from_parts(271, 0, 0).is_err());
        assert!(CpuSignature::from_parts(25, 256, 0).is_err());
        assert!(CpuSignature::from_parts(25, 1, 16).is_err());
        assert_eq!(CpuSignature::from_parts(25, 1, 1), Ok(CpuSignature(0x00a00f11)));
    }

    #[test]
    fn every_signature_reads_back() {
        for family in [0, 6, 15, 16, 23, 25, 26, 270] {
            for model in [0, 1, 17, 49, 160, 255] {
                let signature = CpuSignature::from_parts(family, model, 3).unwrap();
                assert_eq!(signature.parts(), (family, model, 3));
            }
        }
    }

    #[test]
    fn generations_of_retail_parts() {
        // From public CPU lists: Milan-X, Genoa, Bergamo, Turin, Turin Dense.
        for (number, expected) in [
            (0x00a00f12, Generation::Milan),
            (0x00a10f11, Generation::Genoa),
            (0x00aa0f02, Generation::Genoa),
            (0x00b00f21, Generation::Turin),
            (0x00b10f10, Generation::Turin),
            (0x00800f12, Generation::Naples),
            (0x00830f10, Generation::Rome),
        ] {
            assert_eq!(CpuSignature(number).generation(), Some(expected));
        }
        assert_eq!(CpuSignature(0x00060fb1).generation(), None);
        // Family 1Ah, model 12h: after Turin, and not known to be of it.
        assert_eq!(CpuSignature(0x00b10f20).generation(), None);
        assert!(!Generation::Rome.runs(Technology::Snp));
    }
}
