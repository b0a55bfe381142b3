//! The processor as a report names it.
//!
//! A generation whose SNP certificates are unknown here is no generation, whatever it claims: [`Generation::SNP`] has all that are known.
//!
//! ```
//! use sev_launch_verify::abi::Generation;
//! use sev_launch_verify::snp::product::CpuId;
//!
//! let milan = CpuId { family: 25, model: 1, stepping: 1 };
//! assert_eq!(milan.generation(), Some(Generation::Milan));
//! assert_eq!(CpuId { family: 23, ..milan }.generation(), None); // Naples has no SNP
//! ```

use core::fmt;

use sev_launch_abi::{Generation, Technology};

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
    /// The generation; `None` if it is not known, or has no SNP.
    pub fn generation(self) -> Option<Generation> {
        Generation::of_cpu(self.family.into(), self.model.into())
            .filter(|generation| generation.runs(Technology::Snp))
    }
}

impl fmt::Display for CpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { family, model, stepping } = self;
        write!(f, "family {family:#x} model {model:#x} stepping {stepping:#x}")
    }
}
