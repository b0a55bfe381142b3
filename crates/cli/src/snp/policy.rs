//! What the command accepts of an SNP guest's policy: the library judges, this names the flags.

use sev_launch_abi::snp::policy::{Finding, Policy};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::snp::requirements::PolicyRequirements;

use crate::exit::Insecure;
use crate::sev::policy::refuse;

/// The strict requirements, loosened where flags say so.
pub(crate) fn allowing(debug: bool, migration_agent: bool) -> PolicyRequirements {
    let strict = PolicyRequirements::STRICT;
    PolicyRequirements {
        debug: if debug { Requirement::Any } else { strict.debug },
        migrate_ma: if migration_agent { Requirement::Any } else { strict.migrate_ma },
        ..strict
    }
}

/// Refuses a policy that lets the host, or an agent, into the guest: exit code 3.
pub(crate) fn check(requirements: &PolicyRequirements, policy: Policy) -> Result<(), Insecure> {
    let text = |finding: Finding| match finding {
        Finding::DebugAllowed => format!("{finding}; --allow-debug accepts it"),
        Finding::MigrationAgentAllowed => format!("{finding}; --allow-migration-agent accepts it"),
        other => other.to_string(),
    };
    refuse(policy, requirements.refusals(policy).into_iter().map(text).collect())
}
