//! What a guest policy must say: its word, its lowest ABI version, and each bit. [SNP-ABI, guest policy]
//!
//! [`super`] has an example.

use alloc::vec::Vec;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};
use sev_launch_abi::ApiVersion;
use sev_launch_abi::snp::policy::{Finding, Flag, Policy};

use crate::demand::Demands;
use crate::policy_requirements::{Contradiction, policy_requirements};
use crate::requirement::Requirement;

policy_requirements! {
    /// What the guest policy must say. Reserved bits that are set, and bit 17 clear, are always refused.
    words {
        /// Of the whole word. The bits are asked for all the same, so a word that allows debugging is refused unless
        /// [`debug`](Self::debug) lets it.
        word: Policy,
        /// Of the lowest ABI version that the policy lets the guest run under.
        min_api: ApiVersion,
    }
    /// No debugging and no migration agent.
    bits {
        /// May it run where multithreading is on?
        smt: Smt = Requirement::Any,
        /// May a migration agent be bound?
        migrate_ma: MigrateMa = Requirement::Exactly(false),
        /// May the host debug it? Exactly `false` for any guest with a secret.
        debug: Debug = Requirement::Exactly(false),
        /// Is it held to one socket?
        single_socket: SingleSocket = Requirement::Any,
        /// May CXL devices be present?
        cxl_allow: CxlAllow = Requirement::Any,
        /// Must memory be encrypted by AES-256-XTS?
        mem_aes_256_xts: MemAes256Xts = Requirement::Any,
        /// Must the running average power limit be off?
        rapl_dis: RaplDis = Requirement::Any,
        /// Must ciphertext be hidden from the host?
        ciphertext_hiding_dram: CiphertextHidingDram = Requirement::Any,
        /// Are the commands refused that move and swap pages?
        page_swap_disable: PageSwapDisable = Requirement::Any,
    }
}

impl PolicyRequirements {
    /// Why the policy is refused as insecure, whatever its guest's report may say: it lets the host or an agent into the guest,
    /// and that is not accepted. Empty if it is not refused. What the AMD-SP refuses by itself is none of these: no guest runs
    /// under it.
    #[must_use]
    pub fn refusals(&self, policy: Policy) -> Vec<Finding> {
        let is_refused = |finding: &Finding| match finding {
            Finding::DebugAllowed => !self.debug.check(&true),
            Finding::MigrationAgentAllowed => !self.migrate_ma.check(&true),
            Finding::Bit17Clear | Finding::ReservedBits { .. } => false,
            _ => true,
        };
        policy.findings().into_iter().filter(is_refused).collect()
    }

    /// Can some policy meet all of this?
    ///
    /// Errors: a bit that is demanded to be other than the whole word has it.
    pub fn check_consistent(&self) -> Result<(), Contradiction> {
        let Requirement::Exactly(word) = &self.word else { return Ok(()) };
        let is_met = |flag: &Flag| self.of(*flag).check(&word.has(*flag));
        match Flag::ALL.into_iter().find(|flag| !is_met(flag)) {
            Some(flag) => Err(Contradiction { field: flag.name(), value: !word.has(flag) }),
            None => Ok(()),
        }
    }

    pub(super) fn judge(&self, found: Option<Policy>, demands: &mut Demands) {
        let valid = found.is_some_and(Policy::is_valid);
        let word = match &self.word {
            Requirement::Any => {
                demands.push("POLICY", found, valid, "bit 17 set and no reserved bits");
                None
            }
            Requirement::Exactly(word) | Requirement::AtLeast(word) => {
                demands.push("POLICY", found, valid && found == Some(*word), word);
                Some(*word)
            }
        };
        // Whatever the word itself answers as wanted is not asked for twice.
        if !word.is_some_and(|word| self.min_api.check(&word.min_api())) {
            demands.ask("POLICY.ABI", found.map(Policy::min_api), &self.min_api);
        }
        for flag in Flag::ALL {
            let wanted = self.of(flag);
            if !word.is_some_and(|word| wanted.check(&word.has(flag))) {
                let found = found.map(|policy| policy.has(flag));
                demands.ask_bit(format_args!("POLICY.{flag}"), found, wanted);
            }
        }
    }
}
