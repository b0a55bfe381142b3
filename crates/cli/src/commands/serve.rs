//! `sev-launch serve`: starts the attestation service, a binary of its own that lies beside the command's.

use std::ffi::OsString;

use super::beside;
use crate::exit::Answer;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch serve --demo --platform certificates
  sev-launch serve --config server.toml --check
  sev-launch serve --config server.toml
  sev-launch serve -- --help

The service is a program of its own, sev-launch-server, which is looked for beside this command's
own file and nowhere else, and takes its place. Everything that follows `serve` is for it. All its
flags are listed by `sev-launch serve -- --help`, and docs/server.md says how it is deployed.

Exit codes:
  2  there is no such program beside this one; everything else is the program's own";

/// Start the attestation service of a guest owner; everything that follows is for it.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// What the service is told: `-- --help` lists it.
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Serve {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        beside::start("sev-launch-server", self.arguments.iter().cloned())
    }
}
