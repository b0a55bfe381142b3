//! `sev-launch manifest diff`.

use std::path::PathBuf;

use sev_launch_manifest::diff;

use crate::exit::Answer;
use crate::manifest::signing::ManifestKeys;
use crate::output;
use crate::text;

/// Say what differs between two manifests, and which change explains which digest.
#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The earlier manifest.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The later one.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    keys: ManifestKeys,
}

impl Diff {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let (old, new) = (self.keys.read(&self.old)?, self.keys.read(&self.new)?);
        let differences = diff(&old, &new);
        let text = differences.to_string();
        output::print(self.json, &differences, |out| text::lines(out, text.trim_end()))?;
        Ok(differences.is_empty().into())
    }
}
