//! A manifest's rows as the digests that a verifier accepts, each with what it stands for.

use std::path::Path;

use anyhow::bail;
use serde::Serialize;
use sev_launch_abi::LaunchDigest;
use sev_launch_manifest::{Error, Manifest};
use sev_launch_sweep::Accepted;
use sev_launch_verify::reference_values::{Acceptance, StandsFor};

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

    /// The accepted rows of a manifest, with a note on those that are not.
    pub(crate) fn accepted<D: TryFrom<LaunchDigest>>(
        self,
        manifest: &Manifest,
        path: &Path,
    ) -> anyhow::Result<Accepted<D>> {
        const FLAGS: &str = "(--accept-observed, --accept-unverified)";
        let name = inputs::name(path);
        let (mut accepted, left_out) = match manifest.accepted(self.accept(), &name) {
            Err(Error::NothingAccepted { left_out, technology }) => bail!(
                "{name}: no row of it is accepted: {left_out} were observed and not computed {FLAGS}, and the rest is of {technology}"
            ),
            found => found?,
        };
        if left_out > 0 {
            accepted.notes.push(format!(
                "{left_out} rows of {name} were observed and not computed: they are not accepted {FLAGS}"
            ));
        }
        Ok(accepted)
    }
}
