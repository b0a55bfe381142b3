//! `sev-launch agent`: starts the host's agent, a binary of its own that lies beside the command's.

use std::ffi::OsString;

use super::beside;
use crate::exit::Answer;

/// What the long help adds.
pub(crate) const LONG_HELP: &str = "\
Examples:
  sev-launch agent run --vmid UUID -- qemu-system-x86_64 -enable-kvm … -object sev-guest,id=sev0
  sev-launch agent start DOMAIN
  sev-launch agent resume UUID
  sev-launch agent -- --help

Commands: run, start, resume, drop, list, launch, validate, report.

The agent is a program of its own, sev-launch-agent, which is looked for beside this command's
own file and nowhere else, and takes its place. Everything that follows `agent` is for it. All its
commands are listed by `sev-launch agent -- --help`, and docs/agent.md says how a host is set up.

Exit codes:
  2  there is no such program beside this one; everything else is the program's own";

/// Launch a guest as its owner's service wants it, with QEMU or libvirt.
#[derive(Debug, clap::Args)]
pub(crate) struct Agent {
    /// What the agent is told: `-- --help` lists it.
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Agent {
    pub(crate) fn run(&self) -> anyhow::Result<Answer> {
        beside::start("sev-launch-agent", self.arguments.iter().cloned())
    }
}
