//! What the command demands of a guest policy of SEV and SEV-ES, by its flags; the library judges.
//!
//! These are the command's defaults, in one place, printed in help and with each verdict.

use std::fmt::Display;

use clap::ValueEnum;
use sev_launch_abi::Technology;
use sev_launch_abi::sev::policy::{Finding, Flag, Policy};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::requirements::PolicyRequirements;

use crate::exit::Insecure;

/// The demands that hold unless flags say otherwise.
pub(crate) const DEMANDS: &str = "\
Demands, unless flags say otherwise: debugging forbidden, reserved bits clear (else exit code 3); ES
as the guest described has it; key sharing or sending allowed: a warning; platform version: any;
owner: any; roots: AMD's, built in.";

/// Flags about the policy.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyFlags {
    /// Accept a policy that allows debugging: the host can then read the guest's memory.
    #[arg(long, visible_alias = "insecure")]
    pub(crate) allow_debug: bool,
    /// Bits that the policy must have, comma-separated: one that is missing is a no.
    #[arg(long, value_name = "BITS", value_delimiter = ',')]
    pub(crate) require: Vec<Bit>,
}

/// The bits that can be required.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum Bit {
    /// SEV-ES.
    Es,
    /// No key sharing.
    Noks,
    /// No sending.
    Nosend,
    /// Sending only to genuine platforms.
    Sev,
    /// Sending only within the owner's domain.
    Domain,
}

impl Bit {
    const fn flag(self) -> Flag {
        match self {
            Self::Es => Flag::Es,
            Self::Noks => Flag::Noks,
            Self::Nosend => Flag::Nosend,
            Self::Sev => Flag::Sev,
            Self::Domain => Flag::Domain,
        }
    }
}

/// An error with exit code 3, if there is a refusal.
pub(crate) fn refuse(policy: impl Display, refusals: Vec<String>) -> Result<(), Insecure> {
    if refusals.is_empty() {
        return Ok(());
    }
    Err(Insecure(format!("policy {policy}: {}", refusals.join("; "))))
}

impl PolicyFlags {
    /// What is required of a policy.
    pub(crate) fn requirements(&self) -> PolicyRequirements {
        let mut requirements = PolicyRequirements::STRICT;
        for flag in Flag::ALL.into_iter().filter(|flag| *flag != Flag::Nodbg || self.allow_debug) {
            let is_required = self.require.iter().any(|bit| bit.flag() == flag);
            *requirements.of_mut(flag) = match is_required {
                true => Requirement::Exactly(true),
                false => Requirement::Any,
            };
        }
        requirements
    }

    /// Looks at a policy: an error with exit code 3, or what to warn of.
    pub(crate) fn check(
        &self,
        policy: Policy,
        technology: Technology,
    ) -> Result<Vec<String>, Insecure> {
        let requirements = self.requirements();
        let text = |finding: Finding| match finding {
            Finding::DebugAllowed => format!("{finding}; --allow-debug accepts it"),
            other => other.to_string(),
        };
        let refusals = requirements.refusals(policy, technology);
        refuse(policy, refusals.into_iter().map(text).collect())?;
        let warnings = requirements.warnings(policy, technology);
        Ok(warnings.iter().map(ToString::to_string).collect())
    }
}
