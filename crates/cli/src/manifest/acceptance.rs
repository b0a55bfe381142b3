//! A manifest's rows as the digests that a verifier accepts, each with what it stands for.

use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use sev_launch_abi::LaunchDigest;
use sev_launch_manifest::{LeftOut, Manifest};
use sev_launch_sweep::Accepted;
use sev_launch_verify::reference_values::{Acceptance, StandsFor};
use sev_launch_verify::requirement::Bytes;

use crate::args::digest_bytes;
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

/// Which rows of a manifest are accepted beside computed ones.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct AcceptanceFlags {
    /// Accept endorsed rows too: anybody can write that somebody endorsed a digest, and nothing in the manifest proves it.
    #[arg(long, help_heading = "Manifest's rows")]
    pub(crate) accept_endorsed: bool,
    /// Accept observed rows too whose evidence was verified under AMD's roots: what some chip ran, whoever's it was.
    #[arg(long, help_heading = "Manifest's rows")]
    pub(crate) accept_observed: bool,
    /// Accept observed rows too whose evidence was verified under this root: the SHA-256 of its certificate in DER. May repeat.
    #[arg(long, value_name = "HASH", value_parser = digest_bytes::<32>, help_heading = "Manifest's rows")]
    pub(crate) accept_root: Vec<[u8; 32]>,
    /// Accept every observed row, also those whose evidence nobody verified: whatever a host reported.
    #[arg(long, help_heading = "Manifest's rows")]
    pub(crate) accept_unverified: bool,
}

impl AcceptanceFlags {
    /// Computed rows, and what the flags add.
    pub(crate) fn accept(&self) -> Acceptance {
        Acceptance {
            endorsed: self.accept_endorsed,
            observed: self.accept_observed,
            roots: self.accept_root.iter().copied().map(Bytes).collect(),
            unverified: self.accept_unverified,
        }
    }

    /// The accepted rows of a manifest, which may be none, with a note on those that are not.
    pub(crate) fn accepted<D: TryFrom<LaunchDigest>>(
        &self,
        manifest: &Manifest,
        path: &Path,
    ) -> anyhow::Result<Accepted<D>> {
        let name = inputs::name(path);
        let (mut accepted, left_out) =
            manifest.accepted(&self.accept(), &name).with_context(|| name.clone())?;
        accepted.notes.extend(told(&left_out).into_iter().map(|text| format!("{name}: {text}")));
        Ok(accepted)
    }
}

/// What is to say of rows that are not accepted, each with the flag that accepts it.
pub(crate) fn told(left_out: &LeftOut) -> Vec<String> {
    let LeftOut { endorsed, unproven, observed, other_roots, unverified } = *left_out;
    [
        (endorsed, "endorsed, as somebody wrote", "--accept-endorsed"),
        (unproven, "of an endorsement that is kept and not proven", "--endorsement-root CERT"),
        (observed, "observed on a host, and not computed", "--accept-observed"),
        (other_roots, "observed, and verified under another root than AMD's", "--accept-root HASH"),
        (unverified, "observed, and verified by nobody who says so", "--accept-unverified"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, what, flag)| {
        let rows = if count == 1 { "1 row is" } else { &format!("{count} rows are") };
        format!("{rows} {what}, and not accepted ({flag})")
    })
    .collect()
}
