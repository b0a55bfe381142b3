//! Manifests, for the commands: read, made of a sweep, and their rows accepted.

pub(crate) mod acceptance;
pub(crate) mod policies;
pub(crate) mod signing;

use std::path::Path;

use sev_launch_abi::Technology;
use sev_launch_manifest::manifest::{Head, MAX_ROWS};
use sev_launch_manifest::{Manifest, Row};
use sev_launch_sweep::Sweep;
use sev_launch_verify::endorsement::VerifiedEndorsement;

use crate::backend::Hashing;
use crate::paths::seen_from;

/// What manifests say made them.
const TOOL: &str = concat!("sev-launch ", env!("CARGO_PKG_VERSION"));

/// A manifest of an SNP guest of which a row was observed, and nothing else is known.
pub(crate) fn of_observed(row: Row) -> anyhow::Result<Manifest> {
    let head = Head {
        name: "guest".to_owned(),
        tool: TOOL.to_owned(),
        technology: Technology::Snp,
        policy: None,
        host_data: None,
        description: serde_json::json!({"technology": Technology::Snp.to_string()}),
    };
    Ok(Manifest::new(head, Vec::new(), vec![row])?)
}

/// A manifest of an endorsement's rows, of whose launches nothing else is known: its policy is the endorsement's.
pub(crate) fn of_endorsement(
    verified: &VerifiedEndorsement,
    bytes: &[u8],
) -> anyhow::Result<Manifest> {
    Ok(Manifest::of_endorsement("guest", TOOL, verified, bytes)?)
}

/// The manifest of a sweep; its paths are those seen from `folder`, where it will be.
pub(crate) fn of_sweep(
    sweep: &Sweep<'_, Hashing>,
    name: &str,
    folder: &Path,
) -> anyhow::Result<Manifest> {
    let tool = TOOL;
    let seen = |path: &Path| seen_from(path, folder);
    Ok(Manifest::of_sweep(sweep.inputs(), &sweep.rows_within(MAX_ROWS)?, name, tool, &seen)?)
}

/// Reads a manifest that is not signed, to be changed or signed.
pub(crate) fn read(path: &Path) -> anyhow::Result<Manifest> {
    signing::read_unsigned(path)
}
