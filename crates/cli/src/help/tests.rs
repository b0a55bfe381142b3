//! What every command's help must be: short, whole, and with examples that can be typed.

use std::collections::BTreeSet;

use super::first_page::UNGROUPED;
use super::*;
use crate::command;

/// Every command by the words that lead to it, but for clap's own `help`.
fn walk(command: &Command, path: &str, see: &mut impl FnMut(&Command, &str)) {
    see(command, path);
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let path = format!("{path} {}", sub.get_name());
        walk(sub, path.trim_start(), see);
    }
}

#[test]
fn short_help_of_every_command_fits_on_a_screen() {
    let mut number = 0;
    walk(&command(), "", &mut |command, path| {
        number += 1;
        let help = command.clone().term_width(100).render_help().to_string();
        let lines = help.lines().count();
        assert!(lines <= 60, "sev-launch {path} -h has {lines} lines:\n{help}");
        let wide = help.lines().find(|line| line.chars().count() > 110);
        assert_eq!(wide, None, "sev-launch {path} -h");
        let examples = help.lines().filter(|line| line.starts_with("  sev-launch ")).count();
        assert!((1..=2).contains(&examples), "sev-launch {path} -h has {examples} examples");
    });
    assert!(number > 40, "{number}");
}

#[test]
fn long_help_has_every_flag_of_every_command() {
    walk(&command(), "", &mut |command, path| {
        let help = command.clone().term_width(100).render_long_help().to_string();
        let shown = command.get_arguments().filter(|flag| !flag.is_hide_set());
        for flag in shown.filter_map(Arg::get_long) {
            assert!(help.contains(&format!("--{flag}")), "sev-launch {path} --help: --{flag}");
        }
        assert!(help.contains("Examples:"), "sev-launch {path} --help");
        // A longer line would be wrapped, and an example could not be pasted.
        let after = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        let wide = after.lines().find(|line| line.chars().count() > crate::WIDTH);
        assert_eq!(wide, None, "sev-launch {path} --help");
    });
}

#[test]
fn the_table_names_commands_and_flags_that_there_are() {
    let mut left: BTreeSet<_> = COMMANDS.iter().map(|short| short.path).collect();
    assert_eq!(left.len(), COMMANDS.len());
    walk(&command(), "", &mut |command, path| {
        let Some(short) = COMMANDS.iter().find(|short| short.path == path) else {
            assert_eq!(path, "");
            return;
        };
        left.remove(path);
        // A longer line would be wrapped, and could not be pasted.
        let wide = short.examples.iter().find(|line| line.len() > crate::WIDTH - 2);
        assert_eq!(wide, None, "{path}");
        let flags: Vec<_> = command.get_arguments().filter_map(Arg::get_long).collect();
        // Groups of flags may name more than one command has; a list of the command's own may not.
        let shared: Vec<_> = short.shown.iter().flat_map(|names| names.iter()).collect();
        let shown = shared.iter().filter(|name| flags.contains(**name)).count();
        assert!(shared.is_empty() || shown * 4 >= shared.len() * 3, "{path}: {shared:?}");
    });
    assert_eq!(left, BTreeSet::new());
    let grouped: BTreeSet<_> =
        GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).chain(UNGROUPED).collect();
    let command = command();
    let subs = command.get_subcommands().map(Command::get_name);
    assert_eq!(grouped, subs.filter(|name| *name != "help").collect());
}

/// A line's words as a shell has them: blanks and single quotes are all that examples use.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('\'').enumerate();
    let parts = quoted.flat_map(|(index, part)| match index % 2 {
        0 => part.split_ascii_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    parts.collect()
}

#[test]
fn examples_can_be_typed() {
    let mut number = 0;
    walk(&command(), "", &mut |command, path| {
        let mut command = command.clone();
        command = command.term_width(1000);
        let texts =
            [command.render_help().to_string(), command.render_long_help().to_string()].concat();
        for line in texts.replace("\\\n", " ").lines() {
            // What follows a pipe, and stands before a redirection.
            let Some(start) = line.find("sev-launch ").filter(|_| line.starts_with("  ")) else {
                continue;
            };
            if !(line.trim_start().starts_with("sev-launch ") || line.contains("| sev-launch ")) {
                continue;
            }
            let line = line[start..].split(" > ").next().unwrap_or_default();
            // SEV's are of 32 bytes, and SNP's of 48; REPORT_DATA has 64.
            let snp = line.contains("report") || line.contains("snp") || line.contains("id-block");
            let line = line
                .replace("HASH", &"00".repeat(if snp { 48 } else { 32 }))
                .replace("HEX", &"00".repeat(if line.contains("report-data") { 64 } else { 48 }))
                .replace("BASE64", &"A".repeat(64));
            number += 1;
            let found =
                crate::parse(&words(&line).into_iter().map(OsString::from).collect::<Vec<_>>());
            let found = found.map(drop).map_err(|error| error.to_string());
            assert_eq!(found, Ok(()), "sev-launch {path}: {line}");
        }
    });
    assert!(number > 90, "{number}");
}
