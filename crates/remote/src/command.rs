//! The command `sev-launch-remote`.

mod audit;
mod connect;
mod firmware;
mod flags;
mod guest;
mod measure;
mod register;
mod token;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use sev_launch_abi::text::{causes, printable, printable_bytes};
use sev_launch_protocol::text::{LaunchId, VmId};

use crate::exit;

use self::connect::Global;

const EXAMPLES: &str = "\
Examples:
  sev-launch remote --services sev-launch-demo/owner.toml service
  sev-launch remote register --new --description launch.toml --any-owner --secret luks-key:key
  sev-launch remote list --status validated
  sev-launch remote approve 57f669c2-c427-4132-bc7a-26f56b6a718c
  sev-launch remote audit --output audit.json --checkpoints checkpoints.json
  sev-launch remote audit why 57f669c2-c427-4132-bc7a-26f56b6a718c";

/// Ask an attestation service as a guest's owner: register, approve, read the audit.
#[derive(Debug, Parser)]
#[command(name = "sev-launch-remote", bin_name = "sev-launch remote", version)]
pub struct Remote {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say what the service is and can do.
    Service,
    /// Register a guest from its launch description.
    Register(Box<register::Register>),
    /// Register a guest anew: its description, its rules and its secrets take the place of those that are there.
    Replace(Box<register::Replace>),
    /// Show a guest with its registration and its launches.
    Show(Vm),
    /// List guests.
    List(guest::List),
    /// Approve a launch whose measurement is right: it gets its secrets.
    Approve(guest::Which),
    /// Deny a launch whose measurement is right.
    Deny(guest::Which),
    /// Refuse every launch of a guest from now on.
    Disable(Vm),
    /// Let a guest be launched again.
    Enable(Vm),
    /// Delete a guest: its launches end, and its secrets are destroyed.
    Delete(Vm),
    /// Give a launch up: its keys are destroyed.
    Revoke(Launch),
    /// Upload, list and remove firmware images.
    #[command(subcommand)]
    Firmware(firmware::Firmware),
    /// Say which launch digests a registration would accept, and hold them against those that are computed here.
    Measure(Box<measure::Measure>),
    /// Fetch the audit, in the form that `sev-launch audit verify` reads; say why launches were refused.
    Audit(audit::Audit),
    /// Make, list and revoke tokens.
    #[command(subcommand)]
    Token(token::Token),
}

/// A guest.
#[derive(Debug, clap::Args)]
struct Vm {
    /// The guest's UUID.
    vmid: VmId,
}

/// A launch.
#[derive(Debug, clap::Args)]
struct Launch {
    /// The guest's UUID.
    vmid: VmId,
    /// The launch's UUID.
    launch_id: LaunchId,
}

impl Remote {
    /// Reads the arguments and does what they say.
    pub fn main() -> ExitCode {
        let arguments: Vec<OsString> = std::env::args_os().collect();
        let command = match Self::read(&arguments) {
            Ok(command) => command,
            Err(error) if error.use_stderr() => return unusable(&arguments, &error),
            // Help, or the version.
            Err(error) => error.exit(),
        };
        match command.run() {
            Ok(()) => ExitCode::from(exit::DONE),
            Err(error) => {
                eprintln!("error: {}", told(&error));
                ExitCode::from(exit::of(&error))
            }
        }
    }

    fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        Self::from_arg_matches(&command().try_get_matches_from(arguments)?)
    }

    fn run(self) -> anyhow::Result<()> {
        let Self { global, action } = self;
        match action {
            Action::Service => guest::service(&global.session()?),
            Action::Register(register) => register.run(&global),
            Action::Replace(replace) => replace.run(&global),
            Action::Show(Vm { vmid }) => guest::show(&global.session()?, vmid),
            Action::List(list) => list.run(&global.session()?),
            Action::Approve(which) => which.decide(&global.session()?, true),
            Action::Deny(which) => which.decide(&global.session()?, false),
            Action::Disable(Vm { vmid }) => guest::switch(&global.session()?, vmid, true),
            Action::Enable(Vm { vmid }) => guest::switch(&global.session()?, vmid, false),
            Action::Delete(Vm { vmid }) => guest::delete(&global.session()?, vmid),
            Action::Revoke(Launch { vmid, launch_id }) => {
                guest::revoke(&global.session()?, vmid, launch_id)
            }
            Action::Firmware(firmware) => firmware.run(&global),
            Action::Measure(measure) => measure.run(&global),
            Action::Audit(audit) => audit.run(&global.session()?),
            Action::Token(token) => token.run(&global),
        }
    }
}

/// The command, with the exit codes in every help.
fn command() -> clap::Command {
    fn coded(command: clap::Command) -> clap::Command {
        let command = match command.get_after_help() {
            Some(_) => command,
            None => command.after_help(exit::HELP),
        };
        command.mut_subcommands(coded)
    }
    coded(Remote::command().after_help(format!("{EXAMPLES}\n\n{}", exit::HELP)))
}

/// Says what is wrong with the arguments, in which no character comes out that a terminal or a CI runner would obey: they are read
/// once more, escaped.
fn unusable(arguments: &[OsString], error: &clap::Error) -> ExitCode {
    let escaped: Vec<OsString> = arguments
        .iter()
        .map(|argument| printable_bytes(argument.as_encoded_bytes()).as_ref().into())
        .collect();
    let said = if escaped == arguments {
        error.print()
    } else {
        match Remote::read(&escaped) {
            Err(error) => error.print(),
            Ok(_) => {
                eprintln!("error: an argument has characters that are not shown");
                Ok(())
            }
        }
    };
    // Where nothing can be said, the exit code says it.
    drop(said);
    ExitCode::from(exit::UNDECIDED)
}

/// An error with its causes, each said once, in one line.
fn told(error: &anyhow::Error) -> String {
    printable(&causes(error.as_ref())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent_and_every_help_has_the_exit_codes() {
        fn check(command: &clap::Command) {
            let name = command.get_name();
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(name == "help" || help.contains("Exit codes:"), "{name}");
            command.get_subcommands().for_each(check);
        }
        let command = command();
        command.clone().debug_assert();
        check(&command);
    }

    fn read(line: &str) -> Result<Remote, String> {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        Remote::read(&arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn a_guest_is_named_or_new() {
        let vm = "57f669c2-c427-4132-bc7a-26f56b6a718c";
        assert!(read(&format!("x register {vm} --description d")).is_ok());
        assert!(read("x register --new --description d --json").is_ok());
        assert!(read(&format!("x register {vm} --new --description d")).is_err());
        assert!(read("x register --description d").is_err());
        assert!(read("x show 57f669c2").is_err());
        assert!(
            read(&format!("x register {vm} --description d --any-owner --owner-cert c")).is_err()
        );
    }

    #[test]
    fn the_audit_is_fetched_into_a_file_or_asked_why() {
        let vm = "57f669c2-c427-4132-bc7a-26f56b6a718c";
        assert!(read("x audit --output a.json --follow-from 7").is_ok());
        assert!(read(&format!("x audit why {vm}")).is_ok());
        assert!(read("x audit").is_err());
    }

    #[test]
    fn an_error_is_told_in_one_line() {
        let error = anyhow::anyhow!("a\u{1b}[2J\nb").context("c");
        assert_eq!(told(&error), "c: a\\u{1b}[2J\\nb");
    }
}
