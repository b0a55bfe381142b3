//! `sev-launch manifest`: what CI keeps of a guest's launch digests.
//!
//! [`build`] computes one from a description and writes it, [`check`] computes it again and says what changed,
//! [`diff`] compares two, [`show`] prints one, [`add`] adds what a host reported, and [`publish`] writes what verifiers of
//! others read.

mod add;
mod build;
mod check;
mod diff;
mod publish;
mod show;

use std::path::Path;

use anyhow::Context;
use sev_launch_manifest::Manifest;
use sev_launch_manifest::manifest::MAX_BYTES;
use sev_launch_sweep::Sweep;

use crate::backend::Hashing;
use crate::exit::Answer;
use crate::inputs;
use crate::paths::seen_from;

/// Manifests of launch digests.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum ManifestCommand {
    /// Compute every launch described, and write a manifest.
    #[command(after_long_help = build::LONG_HELP)]
    Build(Box<build::Build>),
    /// Compute a manifest again from the files at hand, and name what changed.
    #[command(after_long_help = check::LONG_HELP)]
    Check(Box<check::Check>),
    /// Say what differs between two manifests, and which change explains which digest.
    Diff(diff::Diff),
    /// Show a manifest: its inputs, its rows, and what is noteworthy about them.
    Show(show::Show),
    /// Add a row for what a host reported: observed, not computed.
    #[command(after_long_help = add::LONG_HELP)]
    Add(Box<add::Add>),
    /// Write the digests in the form of a verifier: Trustee, CoRIM, in-toto, simple-kbs, Rego, Kubernetes.
    #[command(after_long_help = publish::LONG_HELP)]
    Publish(Box<publish::Publish>),
}

impl ManifestCommand {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        match self {
            Self::Build(command) => command.run(),
            Self::Check(command) => command.run(),
            Self::Diff(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::Add(command) => command.run(),
            Self::Publish(command) => command.run(),
        }
    }
}

/// The manifest of a sweep; its paths are those seen from `folder`, where it will be.
pub(crate) fn of_sweep(
    sweep: &Sweep<'_, Hashing>,
    name: &str,
    folder: &Path,
) -> anyhow::Result<Manifest> {
    let tool = concat!("sev-launch ", env!("CARGO_PKG_VERSION"));
    let seen = |path: &Path| seen_from(path, folder);
    Ok(Manifest::of_sweep(sweep.inputs(), &sweep.rows()?, name, tool, &seen)?)
}

/// Reads a manifest.
pub(crate) fn read(path: &Path) -> anyhow::Result<Manifest> {
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let bytes = inputs::read_file(path, limit)?;
    Manifest::from_json(&bytes).with_context(|| format!("{}: not a manifest", inputs::name(path)))
}
