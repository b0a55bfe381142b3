//! `sev-launch remote`: starts the owner's client of an attestation service, a binary of its own that lies beside the command's.

use std::ffi::OsString;

use super::beside;
use crate::exit::Answer;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch remote --services sev-launch-demo/owner.toml service
  sev-launch remote register --new --description launch.toml --any-owner --secret luks-key:key
  sev-launch remote approve 57f669c2-c427-4132-bc7a-26f56b6a718c
  sev-launch remote audit why 57f669c2-c427-4132-bc7a-26f56b6a718c
  sev-launch remote -- --help

Commands: service, register, replace, show, list, approve, deny, disable, enable, delete, revoke,
firmware, measure, audit, token.

The client is a program of its own, sev-launch-remote, which is looked for beside this command's
own file and nowhere else, and takes its place. Everything that follows `remote` is for it. All its
commands are listed by `sev-launch remote -- --help`, and docs/remote.md says how it is used.

Exit codes:
  2  there is no such program beside this one; everything else is the program's own";

/// Ask an attestation service as a guest's owner: register, approve, read the audit.
#[derive(Debug, clap::Args)]
pub(crate) struct Remote {
    /// What the client is told: `-- --help` lists it.
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Remote {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        beside::start("sev-launch-remote", self.arguments.iter().cloned())
    }
}
