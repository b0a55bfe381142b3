//! `sev-launch firmware extract`: what is in an image, as files.

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use serde::Serialize;
use sev_launch_firmware_diff::{Extract, Image};

use super::opened;
use crate::exit::Answer;
use crate::output::{self, Outputs};

/// Write what is in an image as files in a new folder: executables, raw sections, variables.
#[derive(Debug, clap::Args)]
pub(crate) struct ExtractCommand {
    /// The image.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only of these modules, by name or GUID.
    #[arg(value_name = "MODULE")]
    modules: Vec<String>,
    /// The folder to write to, which must not exist.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Print JSON: each file's name, size, SHA-256 and place in the image.
    #[arg(long)]
    json: bool,
}

/// A file that was written.
#[derive(Serialize)]
struct Written {
    file: String,
    name: String,
    guid: Option<String>,
    space: usize,
    offset: usize,
    size: usize,
    sha256: String,
}

impl ExtractCommand {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        output::check_new(&self.output)?;
        let bytes = opened::read(&self.file)?;
        let image = opened::open(&self.file, &bytes)?;
        let wanted = self.wanted(&image)?;
        let mut outputs = Outputs::new();
        outputs.add_folder(&self.output)?;
        let mut written = Vec::new();
        for extract in &wanted {
            let folder = self.output.join(&extract.folder);
            outputs.add_folder(&folder)?;
            let bytes = image.bytes(&extract.span);
            outputs.add(&folder.join(&extract.file), bytes)?;
            written.push(Written {
                file: format!("{}/{}", extract.folder, extract.file),
                name: extract.name.clone(),
                guid: extract.guid.map(|guid| guid.to_string()),
                space: extract.span.space,
                offset: extract.span.start,
                size: extract.span.len(),
                sha256: opened::sha256(bytes),
            });
        }
        output::print(self.json, &written, |out| {
            written
                .iter()
                .try_for_each(|one| writeln!(out, "{}  {:>9}  {}", one.sha256, one.size, one.file))
        })?;
        outputs.settle()?;
        Ok(Answer::Yes)
    }

    /// What is written: everything, or what is of the modules named. A name that is nobody's is an error.
    fn wanted(&self, image: &Image<'_>) -> anyhow::Result<Vec<Extract>> {
        let mut extracts = image.extracts();
        if self.modules.is_empty() {
            return Ok(extracts);
        }
        for module in &self.modules {
            if !extracts.iter().any(|extract| extract.is_of(module)) {
                bail!(
                    "{}: it has no module {module}: `firmware tree` lists them",
                    self.file.display()
                );
            }
        }
        extracts.retain(|extract| self.modules.iter().any(|module| extract.is_of(module)));
        Ok(extracts)
    }
}
