//! `sev-launch manifest build`.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use sev_launch_manifest::{Error as ManifestError, Manifest, Others};
use sev_launch_sweep::Mode;
use sev_launch_sweep::coverage::warnings;

use crate::exit::Answer;
use crate::guest::args::{Guest, mode};
use crate::output::{self, STDOUT};
use crate::{guest, inputs, manifest};

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch manifest build --description launch.toml -o manifest.json
  sev-launch manifest build --description launch.toml --vcpus 1..=64 -o manifest.json

Paths in the manifest are those seen from its own folder, so that both can be moved together.

Exit codes:
  0  the manifest is written
  2  there is none: wrong usage, malformed input, a launch that the host refuses";

/// Compute every launch described, and write a manifest.
#[derive(Debug, clap::Args)]
pub(crate) struct Build {
    /// The technology: sev, seves (sev-es), snp (sev-snp), snp:svsm. A description may say it instead.
    #[arg(long, value_name = "MODE", value_parser = mode, required_unless_present = "description")]
    mode: Option<Mode>,
    #[command(flatten)]
    guest: Guest,
    /// Where the manifest is written; - is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// What the guest is called [default: the description's file, without its ending].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Keep rows that were observed or endorsed although their digests are none of those computed now.
    #[arg(long)]
    keep_others: bool,
    /// Leave warnings and notes out.
    #[arg(short, long)]
    quiet: bool,
}

impl Build {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let (description, mode) = self.guest.describe_mode(self.mode)?;
        if mode == Mode::SnpFirmware {
            bail!("a manifest is of guests: give --mode sev, seves, snp or snp:svsm");
        }
        let reading = guest::inputs::for_manifest();
        let inputs = self.guest.read(mode, description, reading)?;
        let sweep = guest::inputs::sweep(&inputs)?;
        if !self.quiet {
            inputs.notes.iter().for_each(|text| output::remark("note", text));
            warnings(sweep.warnings()).iter().for_each(|text| output::remark("warning", text));
        }
        let manifest = manifest::of_sweep(&sweep, &self.name()?, output::folder(&self.output))?;
        let manifest = match inputs::exists(&self.output) && self.output != Path::new(STDOUT) {
            true => self.keep_observed(manifest)?,
            false => manifest,
        };
        output::write_version(&self.output, &manifest.to_json()?, &self.output)?;
        Ok(Answer::Yes)
    }

    /// Rows of the manifest in this place that were not computed cannot be computed again: they are kept.
    fn keep_observed(&self, manifest: Manifest) -> anyhow::Result<Manifest> {
        let old =
            manifest::read(&self.output).context("it would be overwritten, and is no manifest")?;
        let name = inputs::name(&self.output);
        let others = if self.keep_others { Others::Kept } else { Others::Refused };
        let (manifest, kept) = manifest.keeping(&old, others).map_err(|error| match &error {
            ManifestError::KeptOther { .. } => {
                anyhow!("{name}: {error}; write another file, or keep such rows with --keep-others")
            }
            _ => error.into(),
        })?;
        if kept > 0 && !self.quiet {
            let rows = if kept == 1 { "1 row" } else { &format!("{kept} rows") };
            let text = format!("{name}: {rows} not computed, but observed or endorsed, and kept");
            output::remark("note", &text);
            manifest.of_no_computed().for_each(|finding| output::remark("warning", &finding));
        }
        Ok(manifest)
    }

    fn name(&self) -> anyhow::Result<String> {
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        let Some(file) = self.guest.description.as_deref() else { return Ok("guest".into()) };
        let name = file.file_stem().map(|name| name.to_str());
        match name {
            Some(Some(name)) => Ok(name.to_owned()),
            None => Ok("guest".into()),
            Some(None) => bail!(
                "{}: this name is no UTF-8 text, so no guest can be called by it: give --name",
                inputs::name(file)
            ),
        }
    }
}
