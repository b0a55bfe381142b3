//! Guest policies under which digests are vouched for: published, or signed.

use anyhow::bail;
use sev_launch_abi::Technology;

use crate::sev::policy::PolicyFlags;
use crate::snp;

/// What may be vouched for although it lets others in.
#[derive(Debug, clap::Args)]
pub(crate) struct PolicyAllowances {
    /// Do it although the policy lets the host read the guest's memory.
    #[arg(long)]
    allow_debug: bool,
    /// Do it although the policy lets a migration agent decide where else the guest runs (SNP).
    #[arg(long)]
    allow_migration_agent: bool,
}

impl PolicyAllowances {
    /// A policy that lets the host in, or that is of another technology, is vouched for by nobody: exit code 3.
    pub(crate) fn check(
        &self,
        technology: Technology,
        policies: impl IntoIterator<Item = u64>,
    ) -> anyhow::Result<()> {
        policies.into_iter().try_for_each(|policy| self.check_policy(technology, policy))
    }

    fn check_policy(&self, technology: Technology, policy: u64) -> anyhow::Result<()> {
        match technology {
            Technology::Snp => {
                let policy = sev_launch_abi::snp::Policy::from_bits(policy);
                if !policy.is_valid() {
                    bail!(
                        "policy {policy}: no platform starts a guest with it, since bit 17 is clear or a reserved bit is set"
                    );
                }
                let requirements =
                    snp::policy::allowing(self.allow_debug, self.allow_migration_agent);
                snp::policy::check(&requirements, policy)?;
            }
            technology => {
                let policy = sev_launch_abi::sev::Policy::from_bits(u32::try_from(policy)?);
                PolicyFlags { allow_debug: self.allow_debug, require: Vec::new() }
                    .check(policy, technology)?;
            }
        }
        Ok(())
    }
}
