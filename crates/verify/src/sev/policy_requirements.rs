//! What a guest policy of SEV or SEV-ES must say.

use alloc::vec::Vec;

use sev_launch_abi::ApiVersion;
use sev_launch_abi::sev::policy::{Flag, Policy};

use super::error::{PolicyError, PolicyMismatch};
use crate::requirement::Requirement;

/// What a policy must say. Reserved bits are refused whatever stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PolicyRequirements {
    /// Of NODBG.
    pub nodbg: Requirement<bool>,
    /// Of NOKS.
    pub noks: Requirement<bool>,
    /// Of ES.
    pub es: Requirement<bool>,
    /// Of NOSEND.
    pub nosend: Requirement<bool>,
    /// Of DOMAIN.
    pub domain: Requirement<bool>,
    /// Of SEV.
    pub sev: Requirement<bool>,
    /// Of the lowest version that the policy allows.
    pub min_api: Requirement<ApiVersion>,
}

impl PolicyRequirements {
    /// Is the policy acceptable? The error holds every mismatch, not only the first.
    pub fn appraise(&self, policy: Policy) -> Result<(), PolicyError> {
        let mut mismatches = Vec::new();
        for (bit, wanted) in Flag::ALL.into_iter().zip([
            self.nodbg,
            self.noks,
            self.es,
            self.nosend,
            self.domain,
            self.sev,
        ]) {
            let found = policy.has(bit);
            if !wanted.check(&found) {
                mismatches.push(PolicyMismatch::Bit { bit, found });
            }
        }
        if policy.reserved_bits() != 0 {
            mismatches.push(PolicyMismatch::ReservedBits { found: policy.reserved_bits() });
        }
        let found = policy.min_api();
        if !self.min_api.check(&found) {
            mismatches.push(PolicyMismatch::MinApi { found, wanted: self.min_api });
        }
        if mismatches.is_empty() { Ok(()) } else { Err(PolicyError { policy, mismatches }) }
    }
}
