//! A command of another tool that was typed to ours, and the line of ours that stands for it, with the values that were typed.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;

use super::line::{Certificate, Given, certificate_in, filled};
use super::table::{Becomes, Flag, Ours, Theirs, all};
use crate::again::quoted;
use crate::text;

/// What to say to somebody who typed a command of another tool.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The command of theirs, with its tool.
    pub(super) theirs: String,
    /// The line of ours, where there is one; whether it is the same, or what comes next.
    pub(super) line: Option<(String, bool)>,
    /// What to know beside it.
    pub(super) notes: Vec<String>,
}

/// Answers where the arguments, which are none of ours, are a command of another tool; `None` where they are not.
pub(crate) fn answer(arguments: &[OsString], error: &clap::Error) -> Option<ExitCode> {
    let words = arguments.iter().skip(1).map(|word| word.to_str());
    let words = words.collect::<Option<Vec<_>>>()?;
    let answer = of_words(&words, error.kind(), certificate_in)?;
    let mut stderr = text::stderr();
    // Nothing can be said when standard error is gone; the exit code still tells.
    let _ = match &answer.line {
        Some((line, true)) => writeln!(stderr, "error: {} is here:", answer.theirs)
            .and_then(|()| writeln!(stderr, "  {line}")),
        Some((line, false)) => {
            writeln!(stderr, "error: {} has no equal here; what comes next:", answer.theirs)
                .and_then(|()| writeln!(stderr, "  {line}"))
        }
        None => writeln!(stderr, "error: {} has no equal here", answer.theirs),
    };
    for note in &answer.notes {
        let _ = writeln!(stderr, "note: {note}");
    }
    Some(ExitCode::from(2))
}

/// The answer to words after the program's name.
pub(super) fn of_words(
    words: &[&str],
    kind: ErrorKind,
    certificate: Certificate,
) -> Option<Answer> {
    let (first, rest) = words.split_first()?;
    // The tool's own name before its words.
    if all().any(|theirs| theirs.tool == *first) {
        let meant = all().filter(|theirs| theirs.tool == *first);
        let note = "docs/from-other-tools.md has the commands that are known, with their flags";
        return match longest(meant, rest) {
            Some((theirs, given)) => said(theirs, given, certificate),
            None => {
                let theirs = format!("this command of {first}");
                Some(Answer { theirs, line: None, notes: vec![note.into()] })
            }
        };
    }
    let is_file = |word: &&str| word.contains(['.', '/']);
    let is_stray = matches!(kind, ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument);
    let is_meant = |theirs: &&Theirs| match theirs.command {
        // Flags alone, of a program whose name says what it does.
        "" => is_stray && *first == "verify",
        // Names of two files, and no misspelt command of ours.
        "report" => is_stray && rest.len() > 1 && rest.first().is_some_and(is_file),
        // Ours has the same name, and needs more.
        "secret build" => is_stray || rest.contains(&"--launch-measure-blob"),
        _ => is_stray,
    };
    let (theirs, given) = longest(all().filter(is_meant), words).or_else(|| {
        let flags_alone = all().filter(is_meant).filter(|theirs| theirs.command.is_empty());
        longest(flags_alone, rest)
    })?;
    said(theirs, given, certificate)
}

/// Of the commands that all words fit to that of most words: `generate key-digest` is no `generate` with a file of that name.
fn longest<'w>(
    meant: impl Iterator<Item = &'static Theirs>,
    words: &[&'w str],
) -> Option<(&'static Theirs, Given<'w>)> {
    let fitting = meant.filter_map(|theirs| Some((theirs, matched(theirs, words)?)));
    fitting.max_by_key(|(theirs, _)| theirs.command.split_ascii_whitespace().count())
}

/// What was given to a command, where all words are the command's; `None` where one of them is not.
fn matched<'w>(theirs: &Theirs, words: &[&'w str]) -> Option<Given<'w>> {
    let mut words = words.iter().copied().peekable();
    for wanted in theirs.command.split_ascii_whitespace() {
        words.next_if(|word| *word == wanted)?;
    }
    let mut given = Given::default();
    let mut positionals = theirs.positionals.iter();
    while let Some(word) = words.next() {
        if !word.starts_with('-') || word.len() == 1 {
            given.named.push((positionals.next()?, word));
            continue;
        }
        let (flag, attached) = flag_of(theirs.flags, word)?;
        let value = match (flag.takes_value, attached) {
            (true, Some(value)) => Some(value),
            (true, None) => Some(words.next()?),
            (false, None) => None,
            (false, Some(_)) => return None,
        };
        match flag.becomes {
            Becomes::Flag(ours) => given.carried.push((ours, value)),
            Becomes::Named(name) => given.named.push((name, value?)),
            Becomes::Redirected => given.redirected = value,
            Becomes::Adds(words, why) => {
                given.added.push(words);
                given.notes.push(why.replace("DOMAIN", &quoted(value?)?));
            }
            Becomes::Left(why) => {
                let note = format!("{} is left out: {why}", flag.names.last()?);
                let is_told = given.notes.iter().any(|told| told.ends_with(why));
                given.notes.extend((!is_told).then_some(note));
            }
        }
    }
    Some(given)
}

/// The answer in words; `None` where a value cannot stand in the line.
fn said(theirs: &Theirs, given: Given<'_>, certificate: Certificate) -> Option<Answer> {
    let (line, is_same) = match theirs.ours {
        Ours::Line(line) => (Some(line), true),
        Ours::Either(plain, _) if given.carried.is_empty() => (Some(plain), true),
        Ours::Either(_, with_flags) => (Some(with_flags), true),
        Ours::Nothing(next) => (next, false),
    };
    let line = match line {
        Some(line) => Some((filled(line, &given, certificate)?, is_same)),
        None => None,
    };
    let says = Some(theirs.says.to_owned()).filter(|says| !says.is_empty());
    let name = format!("{} {}", theirs.tool, theirs.command);
    Some(Answer {
        theirs: name.trim_end().to_owned(),
        line,
        notes: says.into_iter().chain(given.notes).collect(),
    })
}

/// The flag that a word names, with the value that is attached to it.
fn flag_of<'t, 'w>(flags: &'t [Flag], word: &'w str) -> Option<(&'t Flag, Option<&'w str>)> {
    let named = |name: &str| flags.iter().find(|flag| flag.names.contains(&name));
    if let Some(flag) = named(word) {
        return Some((flag, None));
    }
    if let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
        return Some((named(name)?, Some(value)));
    }
    // A letter with its value, as -v4.
    let (letter, value) = word.split_at_checked(2)?;
    let flag = named(letter).filter(|flag| flag.takes_value && !word.starts_with("--"))?;
    Some((flag, Some(value)))
}
