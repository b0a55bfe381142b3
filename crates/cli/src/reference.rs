//! A manifest's rows as the digests that a verifier accepts, each with what it stands for.

use std::path::Path;

use anyhow::bail;
use serde::Serialize;
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_digest::{sev, snp};
use sev_launch_manifest::{Manifest, Row};
use sev_launch_verify::reference_values::{Acceptance, ReferenceValues, StandsFor};

use crate::inputs;

/// What a yes proves, as it is printed.
#[derive(Serialize)]
pub(crate) struct Proven {
    pub(crate) digest: String,
    /// The image: firmware and command line as they were given here.
    pub(crate) image: String,
    profile: Option<String>,
    vcpus: Option<u32>,
    signature: Option<String>,
}

impl Proven {
    pub(crate) fn new(digest: &impl ToString, stands_for: &StandsFor) -> Self {
        let StandsFor { vcpus, signature, profile, image, .. } = stands_for.clone();
        let signature = signature.map(|signature| signature.to_string());
        Self { digest: digest.to_string(), image, profile, vcpus, signature }
    }

    /// What the digest depends on, by name.
    pub(crate) fn facts(&self) -> impl Iterator<Item = (&'static str, String)> {
        let vcpus = self.vcpus.map(|vcpus| vcpus.to_string());
        [("profile", self.profile.clone()), ("vCPUs", vcpus), ("CPU", self.signature.clone())]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// Which rows of a manifest are accepted.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct AcceptanceFlags {
    /// Accept observed rows too whose evidence was verified: what some chip ran, whoever's it was.
    #[arg(long, help_heading = "Manifest's rows")]
    pub(crate) accept_observed: bool,
    /// Accept every row, also those whose evidence nobody verified: whatever a host reported.
    #[arg(long, help_heading = "Manifest's rows")]
    pub(crate) accept_unverified: bool,
}

impl AcceptanceFlags {
    /// Computed and endorsed rows, unless told otherwise.
    pub(crate) fn accept(self) -> Acceptance {
        match self {
            Self { accept_unverified: true, .. } => Acceptance::Everything,
            Self { accept_observed: true, .. } => Acceptance::Vouched,
            Self { .. } => Acceptance::Endorsed,
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
    accept: Acceptance,
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
    accept: Acceptance,
    path: &Path,
) -> anyhow::Result<References<snp::LaunchDigest>> {
    collect(manifest, accept, path, |digest| match digest {
        LaunchDigest::Snp(digest) => Some(digest),
        LaunchDigest::Sev(_) => None,
    })
}

fn collect<D>(
    manifest: &Manifest,
    accept: Acceptance,
    path: &Path,
    digest_of: impl Fn(LaunchDigest) -> Option<D>,
) -> anyhow::Result<References<D>> {
    let mut references = ReferenceValues::new();
    let mut left_out = 0;
    for (index, row) in manifest.rows().iter().enumerate() {
        let Some(digest) = digest_of(row.digest) else { continue };
        if !accept.accepts((&row.obtained).into()) {
            left_out += 1;
            continue;
        }
        references.add(digest, stands_for(manifest, index, row, path));
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

fn stands_for(manifest: &Manifest, index: usize, row: &Row, path: &Path) -> StandsFor {
    let Row { facts, obtained, .. } = row;
    StandsFor {
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
