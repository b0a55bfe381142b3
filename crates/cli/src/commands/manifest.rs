//! `sev-launch manifest`: what CI keeps of a guest's launch digests.
//!
//! [`build`] computes one from a description and writes it, [`check`] computes it again and says what changed,
//! [`diff`] compares two, [`show`] prints one, [`add`] adds what a host reported, and [`publish`] writes what verifiers of
//! others read. [`sign`] signs one.

mod add;
mod build;
mod check;
mod diff;
mod publish;
mod show;
mod sign;

use crate::exit::Answer;

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
    /// Sign a manifest with a key in a file, to be verified without a network.
    #[command(after_long_help = sign::LONG_HELP)]
    Sign(sign::Sign),
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
            Self::Sign(command) => command.run(),
        }
    }
}
