//! Which processors are accepted, and the levels that each TCB version must have there. [SNP-ABI, TCB_VERSION]
//!
//! The same number means different firmware on each generation, so levels are stated for each of them. [`super`] has an example.

use alloc::string::String;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};
use sev_launch_abi::Generation;
use sev_launch_abi::snp::TcbVersion;
use sev_launch_abi::snp::tcb::{TcbLayout, TcbParts};

use crate::demand::Demands;
use crate::requirement::Requirement;
use crate::snp::report::VerifiedReport;

/// What the TCB versions of a report must be, on one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct TcbRequirements {
    /// What the key was derived for: the one that decides which firmware can have signed.
    pub reported: Requirement<TcbParts>,
    /// What runs now.
    pub current: Requirement<TcbParts>,
    /// What the platform cannot go back behind.
    pub committed: Requirement<TcbParts>,
    /// What ran when the guest was launched.
    pub launch: Requirement<TcbParts>,
}

impl TcbRequirements {
    /// The same for all four.
    pub const fn all(wanted: Requirement<TcbParts>) -> Self {
        Self { reported: wanted, current: wanted, committed: wanted, launch: wanted }
    }
}

/// The accepted generations, each with its TCB. `None` refuses the generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct Generations {
    /// Milan.
    pub milan: Option<TcbRequirements>,
    /// Genoa, Bergamo, Siena.
    pub genoa: Option<TcbRequirements>,
    /// Turin.
    pub turin: Option<TcbRequirements>,
}

impl Generations {
    /// Every one refused.
    pub const NONE: Self = Self { milan: None, genoa: None, turin: None };

    /// What is required on a generation; `None` if it is refused.
    pub const fn of(&self, generation: Generation) -> Option<&TcbRequirements> {
        match generation {
            Generation::Naples | Generation::Rome => None,
            Generation::Milan => self.milan.as_ref(),
            Generation::Genoa => self.genoa.as_ref(),
            Generation::Turin => self.turin.as_ref(),
        }
    }

    fn accepted(&self) -> impl Iterator<Item = Generation> {
        Generation::SNP.into_iter().filter(|one| self.of(*one).is_some())
    }

    /// The generation, and the TCB where it is accepted. Of no report: the first that is accepted.
    pub(super) fn judge(&self, report: Option<&VerifiedReport>, demands: &mut Demands) {
        let found = report.map(VerifiedReport::generation);
        let mut names = String::new();
        for generation in self.accepted() {
            names.push_str(if names.is_empty() { "" } else { " or " });
            names.push_str(generation.name());
        }
        let wanted = if names.is_empty() { "one that is named: none is" } else { &names };
        let accepted = found.or_else(|| self.accepted().next()).and_then(|one| self.of(one));
        demands.push("generation", found, accepted.is_some(), wanted);
        let Some(tcb) = accepted else { return };
        let parts = |of: fn(&VerifiedReport) -> TcbVersion| {
            report.map(|report| of(report).parts(TcbLayout::of(report.generation())))
        };
        demands.ask("REPORTED_TCB", parts(|one| one.report().reported_tcb), &tcb.reported);
        demands.ask("CURRENT_TCB", parts(|one| one.report().current_tcb), &tcb.current);
        demands.ask("COMMITTED_TCB", parts(|one| one.report().committed_tcb), &tcb.committed);
        demands.ask("LAUNCH_TCB", parts(|one| one.report().launch_tcb), &tcb.launch);
    }
}
