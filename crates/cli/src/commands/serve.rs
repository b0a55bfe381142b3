//! `sev-launch serve`: starts the attestation service, a binary of its own that lies beside the command's.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::exit::Answer;
use crate::inputs;

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

/// The program.
const PROGRAM: &str = "sev-launch-server";

/// How it is built.
const BUILD: &str = "cargo build --release -p sev-launch-server";

/// Start the attestation service of a guest owner; everything that follows is for it.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// What the service is told: `-- --help` lists it.
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Serve {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        let own = std::env::current_exe().context("this program's own file is not known")?;
        let program = own.parent().unwrap_or(Path::new("/")).join(PROGRAM);
        if !inputs::exists(&program) {
            bail!("{}: there is no such program; this builds it: {BUILD}", inputs::name(&program));
        }
        // It returns only where it fails.
        let error = Command::new(&program).args(&self.arguments).exec();
        Err(error).with_context(|| inputs::name(&program))
    }
}
