//! `sev-launch completions`: what a shell needs to complete commands, flags and names.

use std::path::PathBuf;

use clap_complete::Shell;

use crate::exit::Answer;
use crate::output;

/// What the long help adds.
pub(super) const LONG_HELP: &str = "\
Examples:
  sev-launch completions bash -o ~/.local/share/bash-completion/completions/sev-launch
  sev-launch completions zsh -o ~/.zfunc/_sev-launch
  sev-launch completions fish -o ~/.config/fish/completions/sev-launch.fish

The folder must be there; a new shell reads it. For zsh it must be in fpath, as by
fpath+=~/.zfunc before compinit in ~/.zshrc.

Exit codes:
  0  the script is written
  2  it could not be, or wrong usage";

/// Write a shell's completion script.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
    /// Where the script is written; - is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

impl Completions {
    pub(super) fn run(&self) -> anyhow::Result<Answer> {
        output::write(&self.output, &crate::completions(self.shell))?;
        Ok(Answer::Yes)
    }
}
