//! The command `sev-launch-agent`.

mod asked;
mod chain;
mod ended;
mod open;
mod report;
mod run;
mod signals;
mod start;
mod steps;
mod within;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sev_launch_abi::text::{self, printable, printable_bytes};
use sev_launch_protocol::problem::Refusal;
use sev_launch_protocol::text::{LaunchId, VmId};

use self::asked::Asked;
use crate::dance::{DanceError, Outcome, Tell};
use crate::journal::Entry;
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
    /// Not for people.
    #[command(hide = true)]
    Within(within::Within),
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
        let arguments: Vec<OsString> = std::env::args_os().collect();
        let command = match Self::try_parse_from(&arguments) {
            Ok(command) => command,
            Err(error) if error.use_stderr() => return unusable(&arguments, &error),
            // Help, or the version.
            Err(error) => error.exit(),
        };
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
            Action::Within(within) => within.run(),
        };
        match ended {
            Ok(End::Done) => ExitCode::SUCCESS,
            Ok(End::Vmm(code)) => ExitCode::from(code),
            Err(error) => {
                let (refusal, text) = (refusal(&error), text::causes(error.as_ref()));
                if command.asked.json {
                    let came = Came {
                        outcome: if refusal.is_some() { "refused" } else { "failed" },
                        vmid: None,
                        launch_id: refusal.and_then(|refusal| refusal.launch_id),
                        packet: None,
                        simulated: None,
                        code: refusal.map(|refusal| &*refusal.code),
                        text: Some(&text),
                    };
                    came.print();
                }
                eprintln!("sev-launch-agent: {}", printable(&text));
                ExitCode::from(if refusal.is_some_and(Refusal::is_no) { 1 } else { 2 })
            }
        }
    }
}

/// Says what is wrong with the arguments, in which no character comes out that a terminal or a CI runner would obey: they are read
/// once more, escaped.
fn unusable(arguments: &[OsString], error: &clap::Error) -> ExitCode {
    let escape =
        |argument: &OsString| OsString::from(printable_bytes(argument.as_encoded_bytes()).as_ref());
    let escaped: Vec<OsString> = arguments.iter().map(escape).collect();
    let said = if escaped == arguments {
        error.print()
    } else if let Err(error) = Command::try_parse_from(&escaped) {
        error.print()
    } else {
        eprintln!("error: an argument has characters that are not shown");
        Ok(())
    };
    // Where nothing can be said, the exit code says it.
    drop(said);
    ExitCode::from(2)
}

/// What it came to, as JSON.
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Came<'a> {
    /// `runs`, `refused` or `failed`.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    vmid: Option<VmId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    launch_id: Option<LaunchId>,
    /// Did the guest get a packet?
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<bool>,
    /// Was it a service for tests?
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated: Option<bool>,
    /// The problem's code, where the owner refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

impl Came<'_> {
    fn print(&self) {
        if let Ok(line) = serde_json::to_string(self) {
            println!("{}", text::json(&line));
        }
    }
}

/// Says that a guest runs.
fn runs(asked: &Asked, entry: &Entry, outcome: Outcome, tell: Tell<'_>) {
    tell(match (outcome.injected, outcome.simulated) {
        (true, false) => "the guest runs, with the owner's packet in it",
        (false, false) => "the guest runs; the owner released nothing to it",
        (true, true) => "the guest runs, with a packet in it of a service for tests",
        (false, true) => "the guest runs; a service for tests released nothing to it",
    });
    if asked.json {
        let came = Came {
            outcome: "runs",
            vmid: Some(entry.vmid),
            launch_id: entry.launch,
            packet: Some(outcome.injected),
            simulated: Some(outcome.simulated),
            code: None,
            text: None,
        };
        came.print();
    }
}

/// The refusal of the owner's side, if that is what it was.
fn refusal(error: &anyhow::Error) -> Option<&Refusal> {
    error.chain().find_map(|cause| match (cause.downcast_ref(), cause.downcast_ref()) {
        (Some(DanceError::Refused(refused)), _) => Some(&refused.refusal),
        (_, Some(ReportError::Owner(OwnerError::No(refused)))) => Some(&refused.refusal),
        _ => None,
    })
}

/// Tells how it goes, on standard error.
fn teller(quiet: bool) -> impl FnMut(&str) {
    move |line| {
        if !quiet {
            eprintln!("sev-launch-agent: {}", printable(line));
        }
    }
}
