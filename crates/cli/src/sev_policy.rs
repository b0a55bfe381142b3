//! What the command demands of a guest policy.
//!
//! The library has no defaults; these are the command's, in one place, printed in help and with each verdict.

use clap::ValueEnum;
use sev_launch_abi::Technology;
use sev_launch_abi::sev::policy::{Finding, Flag, Policy};

use crate::args::number32;
use crate::exit::Insecure;

/// The demands that hold unless flags say otherwise.
pub(crate) const DEMANDS: &str = "\
Demands, unless flags say otherwise: debugging forbidden, reserved bits clear, ES as the guest described has it (else exit code
3); key sharing or sending allowed: a warning; platform version: any; owner: any; roots: AMD's, built in.";

/// Flags about the policy.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyFlags {
    /// Accept a policy that allows debugging: the host can then read the guest's memory.
    #[arg(long, visible_alias = "insecure")]
    pub(crate) allow_debug: bool,
    /// Bits that the policy must have, apart by commas: each that is missing is a refusal.
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
    const fn bit(self) -> Flag {
        match self {
            Self::Es => Flag::Es,
            Self::Noks => Flag::Noks,
            Self::Nosend => Flag::Nosend,
            Self::Sev => Flag::Sev,
            Self::Domain => Flag::Domain,
        }
    }
}

/// A policy as a number.
pub(crate) fn policy(text: &str) -> Result<Policy, String> {
    number32(text).map(Policy::from_bits)
}

impl PolicyFlags {
    /// Looks at a policy: an error with exit code 3, or what to warn of.
    pub(crate) fn check(
        &self,
        policy: Policy,
        technology: Technology,
    ) -> Result<Vec<String>, Insecure> {
        let mut refusals = Vec::new();
        let mut warnings = Vec::new();
        for finding in policy.findings(technology) {
            let text = finding.to_string();
            match finding {
                Finding::DebugAllowed if self.allow_debug => warnings.push(text),
                Finding::DebugAllowed => refusals.push(format!("{text}; --allow-debug accepts it")),
                Finding::ReservedBits(_) | Finding::ContradictsTechnology { .. } => {
                    refusals.push(text);
                }
                _ => warnings.push(text),
            }
        }
        for bit in self.require.iter().map(|bit| bit.bit()).filter(|bit| !policy.has(*bit)) {
            refusals.push(format!("{bit} is required and not set"));
        }
        if refusals.is_empty() {
            return Ok(warnings);
        }
        Err(Insecure(format!("policy {policy}: {}", refusals.join("; "))))
    }

    /// What is demanded, as it is printed with a verdict.
    pub(crate) fn demands(&self) -> String {
        let debug = if self.allow_debug { "debugging allowed" } else { "debugging forbidden" };
        let bits: Vec<_> = self.require.iter().map(|bit| bit.bit().to_string()).collect();
        let bits = if bits.is_empty() { "no other bits".into() } else { bits.join(", ") };
        format!(
            "policy: {debug}, reserved bits clear, ES as the guest described has it, {bits} required"
        )
    }
}
