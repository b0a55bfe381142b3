//! The command `sev-launch-agent`.

mod asked;
mod chain;
mod ended;
mod open;
mod report;
mod run;
mod start;
mod steps;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sev_launch_abi::text::printable;

use self::asked::Asked;
use crate::dance::DanceError;
use crate::owner::OwnerError;
use crate::report::ReportError;

const AFTER: &str = "\
Examples:
  sev-launch agent run --vmid UUID -- qemu-system-x86_64 -enable-kvm … -object sev-guest,id=sev0
  sev-launch agent start DOMAIN
  sev-launch agent resume UUID
  sev-launch agent run --offline FOLDER --vmid UUID -- qemu-system-x86_64 …

The services that a host may ask, with their certificates and the host's credentials, stand in a
file of this machine's administrator (--services); metadata of a guest only chooses one of them.
docs/agent.md has all of it.

Exit codes:
  0  the guest runs; `run`: it ran, and its VMM ended with 0
  1  the owner said no, and the guest does not run
  2  it could not be done; the guest does not run
  `run`, once the guest ran: the VMM's own exit code";

/// The host's side of a guest owner's attestation: launches a guest, has it validated, and hands the owner's secrets in.
#[derive(Debug, Parser)]
#[command(name = "sev-launch-agent", version, after_help = AFTER)]
pub struct Command {
    #[command(flatten)]
    asked: Asked,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Start a VMM's command line with the owner's session, and let the guest run once the owner says yes.
    Run(run::Run),
    /// Start a domain of libvirt with the owner's session, and let it run once the owner says yes.
    Start(start::Start),
    /// Go on with a launch whose agent ended before it was over.
    Resume(open::Resume),
    /// Give a launch up whose agent ended before it was over, and end its guest.
    Drop(open::GiveUp),
    /// List the launches that are not over.
    List,
    /// The first half alone: ask for a session, and write it as files, for a VMM that is started by other means.
    Launch(steps::Launch),
    /// The second half alone: have a guest validated that waits at a monitor of QEMU's, hand the packet in, let it run.
    Validate(steps::Validate),
    /// In a guest of SEV-SNP: fetch a report with the launch's nonce, and have it validated.
    Report(report::Report),
}

/// What a command came to.
pub(crate) enum End {
    /// Exit code 0.
    Done,
    /// The VMM's own exit code.
    Vmm(u8),
}

impl Command {
    /// Runs the command of this process's arguments.
    #[must_use]
    pub fn main() -> ExitCode {
        let command = Self::parse();
        let asked = &command.asked;
        let ended = match &command.action {
            Action::Run(run) => run.run(asked),
            Action::Start(start) => start.run(asked),
            Action::Resume(resume) => resume.run(asked),
            Action::Drop(give_up) => give_up.run(asked),
            Action::List => open::list(asked),
            Action::Launch(launch) => launch.run(asked),
            Action::Validate(validate) => validate.run(asked),
            Action::Report(report) => report.run(asked),
        };
        match ended {
            Ok(End::Done) => ExitCode::SUCCESS,
            Ok(End::Vmm(code)) => ExitCode::from(code),
            Err(error) => {
                eprintln!("sev-launch-agent: {}", printable(&format!("{error:#}")));
                ExitCode::from(if is_no(&error) { 1 } else { 2 })
            }
        }
    }
}

/// Did the owner say no? Any other end leaves open whether they would: a request that the service does not take as it is, or a
/// credential that it does not, among them.
fn is_no(error: &anyhow::Error) -> bool {
    let refused = error.chain().find_map(|cause| match cause.downcast_ref() {
        Some(DanceError::Refused(refused)) => Some(refused),
        _ => match cause.downcast_ref() {
            Some(ReportError::Owner(OwnerError::No(refused))) => Some(refused),
            _ => None,
        },
    });
    refused.is_some_and(|refused| matches!(refused.refusal.status, 403 | 404 | 409 | 410 | 422))
}

/// Tells how it goes, on standard error.
fn teller(quiet: bool) -> impl FnMut(&str) {
    move |line| {
        if !quiet {
            eprintln!("sev-launch-agent: {}", printable(line));
        }
    }
}
