//! A manifest's rows as the digests that a verifier accepts, each with what it stands for.

use std::path::Path;

use anyhow::bail;
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::{sev, snp};
use sev_launch_manifest::{Accept, Manifest, Row};
use sev_launch_verify::reference_values::{Description, ReferenceValues};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::measurement::PlatformRequirements;

use crate::inputs;

/// Any platform at all, where evidence is only looked up and nothing follows from it.
pub(crate) const ANY_PLATFORM: PlatformRequirements =
    PlatformRequirements { api: Requirement::Any, build: Requirement::Any };

/// Which rows of a manifest are accepted.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Acceptance {
    /// Accept observed rows too whose evidence was verified: what some chip ran, whoever's it was.
    #[arg(long, help_heading = "Manifest's rows")]
    pub(crate) accept_observed: bool,
    /// Accept every row, also those whose evidence nobody verified: whatever a host reported.
    #[arg(long, help_heading = "Manifest's rows")]
    pub(crate) accept_unverified: bool,
}

impl Acceptance {
    /// Computed and endorsed rows, unless told otherwise.
    pub(crate) fn accept(self) -> Accept {
        match self {
            Self { accept_unverified: true, .. } => Accept::Everything,
            Self { accept_observed: true, .. } => Accept::Vouched,
            Self { .. } => Accept::Endorsed,
        }
    }
}

/// Is a kernel given of which the digest says nothing?
pub(crate) fn leaves_kernel_out(row: &Row) -> bool {
    row.facts.kernel_hashes == Some(false) && row.facts.inputs.kernel.is_some()
}

/// The accepted digests, and what to say of rows that are none.
pub(crate) type References<D> = (ReferenceValues<D>, Vec<String>);

/// Those of a SEV or SEV-ES manifest.
pub(crate) fn sev(
    manifest: &Manifest,
    accept: Accept,
    path: &Path,
) -> anyhow::Result<References<sev::LaunchDigest>> {
    collect(manifest, accept, path, |digest| match digest {
        LaunchDigest::Sev(digest) => Some(digest),
        LaunchDigest::Snp(_) => None,
    })
}

/// Those of an SNP manifest.
pub(crate) fn snp(
    manifest: &Manifest,
    accept: Accept,
    path: &Path,
) -> anyhow::Result<References<snp::LaunchDigest>> {
    collect(manifest, accept, path, |digest| match digest {
        LaunchDigest::Snp(digest) => Some(digest),
        LaunchDigest::Sev(_) => None,
    })
}

fn collect<D>(
    manifest: &Manifest,
    accept: Accept,
    path: &Path,
    digest_of: impl Fn(LaunchDigest) -> Option<D>,
) -> anyhow::Result<References<D>> {
    let mut references = ReferenceValues::new();
    let mut left_out = 0;
    for (index, row) in manifest.rows().iter().enumerate() {
        let Some(digest) = digest_of(row.digest) else { continue };
        if !accept.accepts(row) {
            left_out += 1;
            continue;
        }
        references.add(digest, description(manifest, index, row, path));
    }
    if references.is_empty() {
        bail!(
            "{}: no row of it is accepted: {left_out} were observed and not computed (--accept-observed, --accept-unverified), and the rest is of {}",
            inputs::name(path),
            manifest.technology()
        );
    }
    let note = format!(
        "{left_out} rows of {} were observed and not computed: they are not accepted (--accept-observed, --accept-unverified)",
        inputs::name(path)
    );
    Ok((references, if left_out > 0 { vec![note] } else { Vec::new() }))
}

fn description(manifest: &Manifest, index: usize, row: &Row, path: &Path) -> Description {
    let Row { facts, obtained, .. } = row;
    Description {
        technology: manifest.technology(),
        vcpus: facts
            .vcpus
            .filter(|_| manifest.technology() != Technology::Sev)
            .map(VcpuCount::number),
        signature: facts.signature,
        profile: facts.profile.clone(),
        image: format!(
            "row {index} of {} ({}, {})",
            inputs::name(path),
            obtained.name(),
            manifest.describe(row)
        ),
    }
}
