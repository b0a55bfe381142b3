//! The `sev-launch` command: reads files, calls the library crates, prints the answer.
//!
//! No rule of a launch stands here: if a test of a rule needs this crate, the rule is in the wrong one. [`args`] is what
//! was typed, [`inputs`] the only place that reads files, [`output`] the only one that writes them, [`commands`] one file
//! for each command, and [`exit`] what the exit codes mean.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod advice;
mod again;
mod args;
mod backend;
mod blob;
mod checks;
mod commands;
mod completion;
mod demand_view;
mod exclusions;
mod exit;
mod guest;
mod help;
mod identity;
mod inputs;
mod man;
mod manifest;
mod other_tools;
mod output;
mod paths;
mod platform;
mod progress;
mod read_ahead;
mod search;
mod sev;
mod snp;
mod stack;
mod text;
mod tips;
mod vmsa;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};
use sev_launch_abi::text::printable_bytes;

use crate::commands::Command;
pub use crate::man::Page;
use crate::other_tools::Tool;

/// Says exactly what an AMD secure processor will measure when a SEV, SEV-ES or SEV-SNP guest starts.
#[derive(Debug, Parser)]
#[command(name = "sev-launch", version, max_term_width = WIDTH, after_help = exit::HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The most columns of a help page.
const WIDTH: usize = 100;

/// The command line's description, with which help is printed.
pub fn command() -> clap::Command {
    help::of(bare_command())
}

/// The completion script of a shell, with the values that it can offer.
pub fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    completion::script(shell, command())
}

/// The same without the commands that print help, from which man pages are made.
pub fn manual() -> clap::Command {
    help::of(bare_command().disable_help_subcommand(true))
}

/// The man pages: one for each command.
///
/// Errors: none that is known; what the maker of pages reports.
pub fn man_pages() -> std::io::Result<Vec<Page>> {
    man::pages(manual())
}

/// The command line as it is parsed: without examples, and with flags that are built when they are needed.
fn bare_command() -> clap::Command {
    Arguments::command()
}

/// What the commands of other tools are here: `docs/from-other-tools.md`.
pub fn other_tools_page() -> String {
    other_tools::page()
}

/// Runs the command with these arguments, the program's name first, and gives the exit code. A program named as a tool of others
/// that is known takes that tool's words.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some((tool, words)) = Tool::asked(&arguments) {
        let code = tool.run(words);
        stack::wipe();
        return code;
    }
    let arguments = other_tools::with_command(arguments);
    again::remember(&arguments);
    match parse(&arguments) {
        Ok(arguments) => {
            let code = exit::report(arguments.command.run());
            stack::wipe();
            code
        }
        Err(error) => match printable(&arguments) {
            Some(arguments) if error.use_stderr() => {
                let printed = parse(&arguments).err();
                let printed = printed.map(|printed| tips::checked(&arguments, printed));
                exit::unprintable_usage(&error, printed)
            }
            _ => other_tools::answer(&arguments, &error)
                .unwrap_or_else(|| exit::usage(&usage(&arguments, error))),
        },
    }
}

/// What clap found, with the help and the tips that it shall have.
fn usage(arguments: &[OsString], error: clap::Error) -> clap::Error {
    tips::checked(arguments, help::instead(arguments, error))
}

fn parse(arguments: &[OsString]) -> Result<Arguments, clap::Error> {
    let mut command = bare_command();
    let matches = command.try_get_matches_from_mut(arguments)?;
    progress::heed_quiet(&matches);
    exclusions::check(&matches)
        .and_then(|()| Arguments::from_arg_matches(&matches))
        .map_err(|error| error.format(&mut command))
}

/// The arguments as they are printed; `None` where that is what they are.
fn printable(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let escaped = |argument: &OsString| -> OsString {
        printable_bytes(argument.as_encoded_bytes()).as_ref().into()
    };
    let escaped: Vec<_> = arguments.iter().map(escaped).collect();
    (escaped != arguments).then_some(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each subcommand says of itself, by its path.
    fn abouts(command: &clap::Command, path: &str) -> Vec<(String, String)> {
        let mut abouts = Vec::new();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let path = format!("{path} {}", sub.get_name());
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            abouts.push((path.clone(), about));
            abouts.extend(self::abouts(sub, &path));
        }
        abouts
    }

    // Flags are built late, and a structure's documentation then stands in place of its variant's.
    #[test]
    fn a_command_says_the_same_of_itself_in_the_list_and_in_its_own_help() {
        let listed = abouts(&bare_command(), "");
        let mut built = bare_command();
        built.build();
        let own = abouts(&built, "");
        assert!(listed.len() > 40, "{listed:?}");
        // A command with flags and commands of its own, as host has, lists those late.
        let late: Vec<_> = own.iter().filter(|one| !listed.contains(one)).collect();
        assert!(late.iter().all(|(path, _)| path == " host collect"), "{late:?}");
        assert_eq!(listed.len() + late.len(), own.len());
    }
}
