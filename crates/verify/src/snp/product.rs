//! The processor generations whose SNP certificates and reports are known.
//!
//! [VCEK, product names] gives each a name, which certificates spell. Bergamo and Siena have keys of Genoa. A later
//! generation has no pinned root here and is unknown, whatever it claims.

use core::fmt;

/// A generation of processors, by the name in its certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// Family 0x19, models 0x00 to 0x0F.
    Milan,
    /// Family 0x19, models 0x10 to 0x1F and 0xA0 to 0xAF; with Bergamo and Siena.
    Genoa,
    /// Family 0x1A, models 0x00 to 0x11.
    Turin,
}

impl Generation {
    /// All of them, oldest first.
    pub const ALL: [Self; 3] = [Self::Milan, Self::Genoa, Self::Turin];

    /// The name in certificates and in the key server's addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Milan => "Milan",
            Self::Genoa => "Genoa",
            Self::Turin => "Turin",
        }
    }

    /// The generation of that exact name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|generation| generation.name() == name)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Family, model and stepping as a report of version 3 and later has them: three bytes. [SNP-ABI, ATTESTATION_REPORT]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CpuId {
    /// Extended and base family, added up: CPUID_FAM_ID.
    pub family: u8,
    /// Extended and base model, combined: CPUID_MOD_ID.
    pub model: u8,
    /// The stepping: CPUID_STEP.
    pub stepping: u8,
}

impl CpuId {
    /// The generation, where it is known.
    pub const fn generation(self) -> Option<Generation> {
        match (self.family, self.model) {
            (0x19, 0x00..=0x0f) => Some(Generation::Milan),
            (0x19, 0x10..=0x1f | 0xa0..=0xaf) => Some(Generation::Genoa),
            (0x1a, 0x00..=0x11) => Some(Generation::Turin),
            _ => None,
        }
    }
}

impl fmt::Display for CpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { family, model, stepping } = self;
        write!(f, "family {family:#x} model {model:#x} stepping {stepping:#x}")
    }
}
