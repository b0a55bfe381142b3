//! Policies for simple-kbs, which is frozen and still runs under SEV and SEV-ES guests of Confidential Containers.
//!
//! Defined by [simple-kbs, policy.rs; db/*.sql]: JSON lists in text columns, digests in standard base64 compared as text,
//! the first failing check refuses. Its empty lists accept everything, so none is written here: a manifest without a guest
//! policy is refused, and that any build will do must be said.
//!
//! The crate's example shows it in use.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::json;
use sev_launch_abi::Technology;

use super::Published;
use crate::error::Error;

/// What else a platform must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// The least API version of the platform's firmware: major.
    pub min_fw_api_major: u8,
    /// The least API version of the platform's firmware: minor.
    pub min_fw_api_minor: u8,
    /// The builds of the platform's firmware that are accepted.
    pub builds: Builds,
}

/// Which builds of a platform's firmware are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Builds {
    /// Every build.
    Any,
    /// These and no other: at least one.
    Only(Vec<u8>),
}

struct Policy<'a> {
    digests: Vec<String>,
    policies: [u32; 1],
    builds: &'a [u8],
}

/// An SQL statement that inserts one row into the table `policy`. It runs on all three databases that simple-kbs knows:
/// MySQL or MariaDB, PostgreSQL and SQLite. The database numbers the row; what it shall apply to refers to that number as
/// `polid`.
///
/// Errors: digests that do not cover the kernel; SNP, which simple-kbs does not know; a manifest without a guest policy; an empty list
/// of builds.
pub fn sql(published: &Published<'_>, platform: &Platform) -> Result<String, Error> {
    let Policy { digests, policies, builds } = policy(published, platform)?;
    let Platform { min_fw_api_major: major, min_fw_api_minor: minor, .. } = platform;
    let columns = "allowed_digests, allowed_policies, min_fw_api_major, min_fw_api_minor, allowed_build_ids, create_date, valid";
    let (digests, policies, builds) = (quote(&digests)?, quote(&policies)?, quote(&builds)?);
    Ok(format!(
        "INSERT INTO policy ({columns})\nVALUES ({digests}, {policies}, {major}, {minor}, {builds}, CURRENT_TIMESTAMP, 1);\n"
    ))
}

/// The same as the tenant's `default_policy.json`.
pub fn default_policy(published: &Published<'_>, platform: &Platform) -> Result<Vec<u8>, Error> {
    let Policy { digests, policies, builds } = policy(published, platform)?;
    crate::text::json(&json!({
        "allowed_digests": digests,
        "allowed_policies": policies,
        "min_fw_api_major": platform.min_fw_api_major,
        "min_fw_api_minor": platform.min_fw_api_minor,
        "allowed_build_ids": builds,
    }))
}

fn policy<'a>(published: &Published<'_>, platform: &'a Platform) -> Result<Policy<'a>, Error> {
    const READER: &str = "simple-kbs";
    // It releases secrets at launch, and nothing looks at the kernel after that.
    if let Some(why) = published.kernel_not_covered() {
        return Err(Error::KernelNotCovered { why });
    }
    let technology = published.technology();
    if technology == Technology::Snp {
        let reason = "it releases secrets at launch, which SNP has no command for";
        return Err(Error::UnsupportedTechnology { reader: READER, technology, reason });
    }
    let Some(policy) = published.manifest().head().policy else {
        return Err(Error::NoPolicy { reader: READER });
    };
    let policy = u32::try_from(policy).map_err(|_| {
        Error::field("policy", format!("{policy:#x} is more than the 32 bits of a SEV policy"))
    })?;
    let builds: &[u8] = match &platform.builds {
        Builds::Any => &[],
        Builds::Only(builds) if builds.is_empty() => {
            return Err(Error::EmptyList { what: "platform firmware builds" });
        }
        Builds::Only(builds) => builds,
    };
    let digests = published.digests().iter();
    let digests = digests.map(|digest| STANDARD.encode(digest.digest.as_bytes())).collect();
    Ok(Policy { digests, policies: [policy], builds })
}

/// An SQL string literal of a JSON list. MySQL would take a backslash as an escape; a list of base64 or of numbers holds none.
fn quote(list: &impl Serialize) -> Result<String, Error> {
    Ok(format!("'{}'", serde_json::to_string(list)?.replace('\'', "''")))
}

#[cfg(test)]
mod tests {
    use super::super::Acceptance;
    use super::*;
    use crate::manifest::{Head, Manifest};
    use crate::sample;

    const ANY: Platform =
        Platform { min_fw_api_major: 1, min_fw_api_minor: 51, builds: Builds::Any };

    #[test]
    fn the_statement_has_the_columns_of_the_table() {
        let manifest = sample::sev_es();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        // Base64 of 32 bytes 0x11 and 0x22, by coreutils.
        let digests = "[\"ERERERERERERERERERERERERERERERERERERERERERE=\",\"IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=\"]";
        let expected = format!(
            "INSERT INTO policy (allowed_digests, allowed_policies, min_fw_api_major, min_fw_api_minor, \
             allowed_build_ids, create_date, valid)\nVALUES ('{digests}', '[5]', 1, 51, '[]', CURRENT_TIMESTAMP, 1);\n"
        );
        assert_eq!(sql(&published, &ANY), Ok(expected));
    }

    #[test]
    fn the_tenants_file_has_the_fields_of_its_reader() {
        let manifest = sample::sev_es();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let platform = Platform { builds: Builds::Only(vec![29, 30]), ..ANY };
        let found = default_policy(&published, &platform).expect("written");
        let found: serde_json::Value = serde_json::from_slice(&found).expect("JSON");
        let expected = json!({
            "allowed_digests": [
                "ERERERERERERERERERERERERERERERERERERERERERE=",
                "IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=",
            ],
            "allowed_policies": [5],
            "min_fw_api_major": 1,
            "min_fw_api_minor": 51,
            "allowed_build_ids": [29, 30],
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn what_would_accept_everything_is_refused() {
        let manifest = sample::sev_es();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        let platform = Platform { builds: Builds::Only(Vec::new()), ..ANY };
        assert!(matches!(sql(&published, &platform), Err(Error::EmptyList { .. })));

        let head = |policy| Head { policy, ..manifest.head().clone() };
        let with = |policy| {
            Manifest::new(head(policy), manifest.inputs().to_vec(), manifest.rows().to_vec())
                .expect("a manifest")
        };
        let manifest = with(None);
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        assert_eq!(sql(&published, &ANY), Err(Error::NoPolicy { reader: "simple-kbs" }));
        let manifest = with(Some(1 << 32));
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        assert!(matches!(sql(&published, &ANY), Err(Error::Field { .. })));
    }

    #[test]
    fn snp_is_refused() {
        let manifest = sample::snp();
        let published = Published::of(&manifest, &Acceptance::COMPUTED).expect("rows");
        assert!(matches!(sql(&published, &ANY), Err(Error::UnsupportedTechnology { .. })));
    }
}
