//! What help shows: the groups of commands and flags, what `-h` leaves to `--help`, and the examples of each command.
//!
//! The flags are declared without any of this, since most of them are shared by several commands. Here the whole command line is built, and
//! changed by [`table`]: the short help of every command fits on a screen of 60 lines, and the long help has everything.

mod first_page;
mod table;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Arg, Command};

use first_page::{GROUPS, OTHER_NAMES};
use table::{COMMANDS, GUEST_HEADINGS, HEADINGS, Heading, Short};

/// The command line with everything that help shows of it. All flags are built, which takes longer than a short command.
pub(crate) fn of(mut command: Command) -> Command {
    command.build();
    let mut command = with_help(command, "");
    let list = groups(&command);
    let after = format!(
        "{OTHER_NAMES}\n\n{}",
        command.get_after_help().map(ToString::to_string).unwrap_or_default()
    );
    command = command.help_template(ROOT.replace("{groups}", &list)).after_help(after.clone());
    command.after_long_help(after)
}

/// The first page: commands stand in groups, which clap has not.
const ROOT: &str = "\
{about-with-newline}
{usage-heading} {usage}

{groups}Options:
{options}{after-help}";

/// The error of these arguments with the help as it shall be, where help is what they ask for or get.
pub(crate) fn instead(arguments: &[OsString], error: clap::Error) -> clap::Error {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            crate::command().try_get_matches_from(arguments).err().unwrap_or(error)
        }
        _ => error,
    }
}

/// The command of this path, and those below it.
fn with_help(command: Command, path: &str) -> Command {
    let is_of_guest = command.get_arguments().any(|flag| flag.get_id() == "description");
    let command = command.mut_args(|flag| in_group(flag, is_of_guest));
    let command = match COMMANDS.iter().find(|short| short.path == path) {
        Some(short) => shortened(command, short),
        None => command,
    };
    command.mut_subcommands(|sub| {
        let path = format!("{path} {}", sub.get_name());
        with_help(sub, path.trim_start())
    })
}

/// A flag under the heading that it has in every command, or in every one that describes a guest.
fn in_group(flag: Arg, is_of_guest: bool) -> Arg {
    let name = flag.get_long().unwrap_or_default();
    let of = |headings: &[Heading]| {
        headings.iter().find(|(_, names)| names.contains(&name)).map(|(heading, _)| *heading)
    };
    let of_guest = || of(&GUEST_HEADINGS).filter(|_| is_of_guest);
    match of(&HEADINGS).or_else(of_guest) {
        Some(heading) => flag.help_heading(heading),
        None => flag,
    }
}

/// The command with its examples, and with those flags alone in the short help that it names.
fn shortened(command: Command, short: &Short) -> Command {
    let examples = format!("Examples:\n{}", indented(short.examples));
    let is_shown = |flag: &Arg| {
        let name = flag.get_long().unwrap_or_default();
        flag.is_positional()
            || short.shown.is_empty()
            || name == "help"
            || short.shown.iter().any(|names| names.contains(&name))
    };
    let command = command.mut_args(|flag| {
        let hides = !is_shown(&flag);
        flag.hide_short_help(hides)
    });
    let own = command.get_after_help().map(ToString::to_string);
    let more = match short.shown {
        [] => None,
        _ => Some(format!("More flags, and the exit codes: sev-launch {} --help", short.path)),
    };
    let shown = own.clone().filter(|_| more.is_none());
    let parts = [Some(examples.clone()), shown, more];
    let after = parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    let long = match command.get_after_long_help().map(ToString::to_string) {
        Some(long) if long.contains("Examples:\n") => long,
        Some(long) => format!("{examples}\n\n{long}"),
        None => [Some(examples), own].into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
    };
    command.after_help(after).after_long_help(long)
}

fn indented(examples: &[&str]) -> String {
    examples.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// The subcommands in their groups, wrapped as clap wraps them.
fn groups(command: &Command) -> String {
    let mut text = String::new();
    for (heading, names) in GROUPS {
        let subs = names.iter().filter_map(|name| {
            let about = command.find_subcommand(name)?.get_about()?.clone();
            Some(Command::new(*name).about(about))
        });
        let mut group = Command::new("sev-launch")
            .subcommands(subs)
            .disable_help_subcommand(true)
            .disable_help_flag(true)
            .max_term_width(crate::WIDTH)
            .help_template("{subcommands}");
        text.push_str(&format!("{heading}:\n{}\n", group.render_help().to_string().trim_end()));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
