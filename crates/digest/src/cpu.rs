//! CPU signatures: what CPUID Fn0000_0001_EAX says, and QEMU's names for it.
//!
//! Defined by [APM3, CPUID Fn0000_0001_EAX]; models by [QEMU, x86_cpu_def]. KVM puts the guest's signature into RDX at
//! reset, so it is part of every QEMU guest's VMSA. A version of a QEMU model never changes the signature, so all
//! versions of a model share a digest.

use alloc::string::ToString;
use core::fmt;
use core::str::FromStr;

use crate::error::Error;
use crate::technology::Technology;

/// A CPU signature: the 32 bits of CPUID Fn0000_0001_EAX.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuSignature(pub u32);

/// A generation of AMD server processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// EPYC 7001 (family 17h, models 00h to 0Fh). The chip keys of this generation can be extracted (Buhren and others,
    /// CCS 2019), and nothing in a certificate tells: accept its certificates only where that does not matter.
    Naples,
    /// EPYC 7002 (family 17h, models 30h to 3Fh).
    Rome,
    /// EPYC 7003, Milan-X included (family 19h, models 00h to 0Fh).
    Milan,
    /// EPYC 9004, Bergamo and Siena included (family 19h, models 10h to 1Fh and A0h to AFh).
    Genoa,
    /// EPYC 9005 (family 1Ah, models 00h to 1Fh).
    Turin,
}

impl Generation {
    /// All of them, the oldest first.
    pub const ALL: [Self; 5] = [Self::Naples, Self::Rome, Self::Milan, Self::Genoa, Self::Turin];

    /// The generation's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Naples => "Naples",
            Self::Rome => "Rome",
            Self::Milan => "Milan",
            Self::Genoa => "Genoa",
            Self::Turin => "Turin",
        }
    }

    /// Can a host of this generation run the technology? All run SEV and SEV-ES; SNP came with Milan. [AMD, SEV-SNP white paper]
    pub fn runs(self, technology: Technology) -> bool {
        technology != Technology::Snp || self >= Self::Milan
    }
}

impl FromStr for Generation {
    type Err = Error;

    /// Reads a name in any case, or the name of a QEMU model of the generation, as `EPYC-Milan`.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|generation| generation.name().eq_ignore_ascii_case(text))
            .or_else(|| CpuSignature::from_model_name(text).ok().and_then(CpuSignature::generation))
            .ok_or_else(|| Error::UnknownGeneration { found: text.into() })
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A CPU model of QEMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuModel {
    /// The name without a version.
    pub name: &'static str,
    /// The largest version: `-v1` up to this one exist; 0 when QEMU has no versions of it.
    pub versions: u8,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// The signature that all its versions have.
    pub signature: CpuSignature,
}

/// QEMU's CPU models for AMD hosts, dumped from QEMU 11.1.3. [QEMU, x86_cpu_def]
pub const MODELS: &[CpuModel] = &[
    CpuModel { name: "EPYC", versions: 5, aliases: &["EPYC-IBPB"], signature: signature(23, 1, 2) },
    CpuModel { name: "EPYC-Rome", versions: 5, aliases: &[], signature: signature(23, 49, 0) },
    CpuModel { name: "EPYC-Milan", versions: 4, aliases: &[], signature: signature(25, 1, 1) },
    CpuModel { name: "EPYC-Genoa", versions: 3, aliases: &[], signature: signature(25, 17, 0) },
    CpuModel { name: "EPYC-Turin", versions: 2, aliases: &[], signature: signature(26, 0, 0) },
    CpuModel { name: "Dhyana", versions: 2, aliases: &[], signature: signature(24, 0, 1) },
    CpuModel { name: "Opteron_G1", versions: 1, aliases: &[], signature: signature(15, 6, 1) },
    CpuModel { name: "Opteron_G2", versions: 1, aliases: &[], signature: signature(15, 6, 1) },
    CpuModel { name: "Opteron_G3", versions: 1, aliases: &[], signature: signature(16, 2, 3) },
    CpuModel { name: "Opteron_G4", versions: 1, aliases: &[], signature: signature(21, 1, 2) },
    CpuModel { name: "Opteron_G5", versions: 1, aliases: &[], signature: signature(21, 2, 0) },
    CpuModel { name: "phenom", versions: 1, aliases: &[], signature: signature(16, 2, 3) },
    CpuModel { name: "qemu64", versions: 1, aliases: &[], signature: signature(15, 107, 1) },
    CpuModel { name: "kvm64", versions: 1, aliases: &[], signature: signature(15, 6, 1) },
    CpuModel { name: "base", versions: 1, aliases: &[], signature: signature(0, 0, 0) },
];

/// The signature of family, model and stepping that are known to fit. [APM3, CPUID Fn0000_0001_EAX]
const fn signature(family: u32, model: u32, stepping: u32) -> CpuSignature {
    let (base, extended) = if family > 15 { (15, family - 15) } else { (family, 0) };
    CpuSignature(
        extended << 20 | (model >> 4 & 0xf) << 16 | base << 8 | (model & 0xf) << 4 | stepping & 0xf,
    )
}

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
        for (what, found, wanted) in [
            ("family", family, Self::MAX_FAMILY),
            ("model", model, Self::MAX_MODEL),
            ("stepping", stepping, Self::MAX_STEPPING),
        ] {
            if found > wanted {
                return Err(Error::CpuNumber { what, found, wanted });
            }
        }
        Ok(signature(family, model, stepping))
    }

    /// From a QEMU model name, with or without a version, in any case: `EPYC-Milan`, `epyc-rome-v4`, `EPYC-IBPB`.
    ///
    /// An error for an unknown name or a version that QEMU does not have. `host` and `max` are unknown: they stand
    /// for the host's own signature, which must be given as a number.
    pub fn from_model_name(name: &str) -> Result<Self, Error> {
        let wanted = name.to_ascii_lowercase();
        for model in MODELS {
            if model.names().any(|candidate| candidate.to_ascii_lowercase() == wanted) {
                return Ok(model.signature);
            }
        }
        Err(Error::UnknownCpuModel { found: name.into() })
    }

    /// Family, model and stepping as AMD counts them.
    pub const fn parts(self) -> (u32, u32, u32) {
        let base = self.0 >> 8 & 0xf;
        let extended = self.0 >> 20 & 0xff;
        let family = if base == 15 { base + extended } else { base };
        (family, (self.0 >> 16 & 0xf) << 4 | self.0 >> 4 & 0xf, self.0 & 0xf)
    }

    /// The QEMU models that have this signature.
    pub fn models(self) -> impl Iterator<Item = &'static CpuModel> {
        MODELS.iter().filter(move |model| model.signature == self)
    }

    /// The generation of EPYC that it is, or nothing for any other processor.
    pub const fn generation(self) -> Option<Generation> {
        match self.parts() {
            (0x17, 0x00..=0x0f, _) => Some(Generation::Naples),
            (0x17, 0x30..=0x3f, _) => Some(Generation::Rome),
            (0x19, 0x00..=0x0f, _) => Some(Generation::Milan),
            (0x19, 0x10..=0x1f | 0xa0..=0xaf, _) => Some(Generation::Genoa),
            (0x1a, 0x00..=0x1f, _) => Some(Generation::Turin),
            _ => None,
        }
    }

    /// What speaks against a host that has this very processor, or nothing.
    pub(crate) fn doubt(self, technology: Technology) -> Option<alloc::string::String> {
        let name = self
            .models()
            .next()
            .map_or_else(|| self.to_string(), |model| alloc::format!("{} ({self})", model.name));
        match self.generation() {
            Some(generation) if generation.runs(technology) => None,
            Some(generation) => Some(alloc::format!(
                "vCPU signature {name} is of the {} generation, which cannot run {technology}: right only if the \
                 host, a newer one, was started with this very -cpu",
                generation.name()
            )),
            None => Some(alloc::format!(
                "vCPU signature {name} is of no EPYC generation: right only if the host was started with this very -cpu"
            )),
        }
    }
}

impl CpuModel {
    /// Every name of the model: plain, versions, aliases.
    pub fn names(&self) -> impl Iterator<Item = alloc::string::String> {
        let versions =
            (1..=self.versions).map(move |number| alloc::format!("{}-v{number}", self.name));
        core::iter::once(self.name.to_string())
            .chain(versions)
            .chain(self.aliases.iter().map(ToString::to_string))
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

    #[test]
    fn names_in_any_case_and_version() {
        // Signatures as QEMU 11.1.3 prints them.
        for (name, expected) in [
            ("EPYC", 0x00800f12),
            ("epyc-ibpb", 0x00800f12),
            ("EPYC-v5", 0x00800f12),
            ("EPYC-Rome-v5", 0x00830f10),
            ("epyc-MILAN-v4", 0x00a00f11),
            ("EPYC-Genoa-v3", 0x00a10f10),
            ("EPYC-Turin-v2", 0x00b00f00),
            ("Dhyana-v2", 0x00900f01),
            ("qemu64", 0x00060fb1),
            ("Opteron_G4", 0x00600f12),
        ] {
            assert_eq!(CpuSignature::from_model_name(name), Ok(CpuSignature(expected)), "{name}");
        }
    }

    #[test]
    fn unknown_names_are_refused() {
        for name in ["EPYC-Millan", "EPYC-v6", "", "host", "max"] {
            let found = name.to_string();
            assert_eq!(CpuSignature::from_model_name(name), Err(Error::UnknownCpuModel { found }));
        }
    }

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
        assert!(!Generation::Rome.runs(Technology::Snp));
    }
}
