//! `sev-launch man`: the manual, to be installed.

use std::path::PathBuf;

use crate::exit::Answer;
use crate::output::Outputs;

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch man ~/.local/share/man/man1
  man sev-launch-digest

The folder is made where it is missing.

Exit codes:
  0  all pages are written
  2  none is, or wrong usage";

/// Write the man pages: one for each command.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The folder of the pages, best one that man looks into.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Man {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        let mut outputs = Outputs::new();
        outputs.add_folder(&self.folder)?;
        for page in crate::man_pages()? {
            outputs.add(&self.folder.join(page.name), page.text.as_bytes())?;
        }
        outputs.settle()?;
        Ok(Answer::Yes)
    }
}
