//! `sev-launch man`: the manual, to be installed.

use std::path::PathBuf;

use anyhow::bail;

use crate::exit::Answer;
use crate::inputs;
use crate::output::Outputs;

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch man ~/.local/share/man/man1
  man -l ~/.local/share/man/man1/sev-launch-digest.1

The folder is made where it is missing. `man sev-launch-digest` finds pages of this one by itself
where ~/.local/bin is on PATH.

Exit codes:
  0  all pages are written
  2  none is, or wrong usage";

/// Write the man pages: one for each command.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The folder of the pages, best one that man looks into.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl Man {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let mut outputs = Outputs::new();
        if self.folder.as_os_str() == "-" {
            bail!(
                "the pages are files in a folder: name one in place of - (./- is a folder of that name)"
            );
        }
        outputs.add_folder(&self.folder)?;
        for page in crate::man_pages()? {
            let path = self.folder.join(page.name);
            // Nobody has named these files: what is no page of an earlier run is somebody else's.
            if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
                bail!(
                    "{}: it is there, and no plain file: it is not written over",
                    inputs::name(&path)
                );
            }
            outputs.add(&path, page.text.as_bytes())?;
        }
        outputs.settle()?;
        Ok(Answer::Yes)
    }
}
