//! The next command to type, made of the one that was typed: the flags that both take, quoted for a shell.

use std::ffi::OsString;
use std::sync::OnceLock;

use clap::ArgAction;
use sev_launch_abi::Technology;
use sev_launch_abi::text::printable_bytes;

/// The command line, as it was typed.
static TYPED: OnceLock<Vec<OsString>> = OnceLock::new();

/// Flags that say how an answer is printed.
const OF_FORM: [&str; 3] = ["json", "quiet", "verbose"];

/// Remembers the command line; the first time counts.
pub(crate) fn remember(arguments: &[OsString]) {
    let _ = TYPED.set(arguments.to_vec());
}

/// `sev-launch explain` of the guest that was described, of this technology where none was typed, with these words before the flags that were.
/// `None` where it cannot be typed: where an argument is no text, or something that was typed has no flag there.
pub(crate) fn explain(technology: Technology, more: &[String], without: &[&str]) -> Option<String> {
    let has = |wanted: &str| {
        let mut typed = TYPED.get().into_iter().flatten().filter_map(|word| word.to_str());
        typed.any(|word| word == wanted || word.starts_with(&format!("{wanted}=")))
    };
    let mut words = more.to_vec();
    if !has("--mode") && !has("--description") {
        let mode = if has("--svsm") { "snp:svsm".to_owned() } else { technology.to_string() };
        words.extend(["--mode".to_owned(), mode]);
    }
    with_same_flags("explain", &words, without)
}

/// `sev-launch NAME` with those flags of this command that the other one takes too, but for some by their ids, and with others before them.
fn with_same_flags(name: &str, more: &[String], without: &[&str]) -> Option<String> {
    let mut command = crate::bare_command();
    command.build();
    let target = command.find_subcommand(name)?;
    let mut words: Vec<String> = ["sev-launch", name].map(str::to_owned).to_vec();
    words.extend(more.iter().cloned());
    let mut typed = TYPED.get()?.iter().skip(2).peekable();
    while let Some(argument) = typed.next() {
        let argument = argument.to_str()?;
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
            _ => (argument, None),
        };
        let known = flag_of(target, flag);
        let any = known.or_else(|| flag_of_any(&command, flag));
        if any.is_none() && flag.len() > 1 && flag.starts_with('-') {
            // A form of a flag that is not known here, such as several short ones in one word: a command without it would be another one.
            return None;
        }
        let takes_value = any.is_some_and(takes_value);
        let value = match (value, takes_value) {
            (Some(value), _) => Some(value.to_owned()),
            (None, true) => Some(typed.next()?.to_str()?.to_owned()),
            (None, false) => None,
        };
        // How an answer is printed is the typer's to say again.
        let is_wanted = |id: &str| !OF_FORM.contains(&id) && !without.contains(&id);
        match (known.filter(|flag| is_wanted(flag.get_id().as_str())), value) {
            (Some(known), Some(value)) if known.is_require_equals_set() => {
                words.push(format!("{flag}={value}"));
            }
            (Some(_), value) => {
                words.push(flag.to_owned());
                words.extend(value);
            }
            (None, _) => {}
        }
    }
    crate::bare_command().try_get_matches_from(&words).ok()?;
    words.iter().map(|word| quoted(word)).collect::<Option<Vec<_>>>().map(|words| words.join(" "))
}

fn flag_of<'c>(command: &'c clap::Command, typed: &str) -> Option<&'c clap::Arg> {
    command.get_arguments().find(|flag| match typed.strip_prefix("--") {
        Some(long) => {
            let aliases = flag.get_all_aliases().unwrap_or_default();
            flag.get_long() == Some(long) || aliases.contains(&long)
        }
        None => flag.get_short().is_some_and(|short| typed == format!("-{short}")),
    })
}

fn flag_of_any<'c>(command: &'c clap::Command, typed: &str) -> Option<&'c clap::Arg> {
    let mut commands = command.get_subcommands();
    commands.find_map(|command| flag_of(command, typed).or_else(|| flag_of_any(command, typed)))
}

fn takes_value(flag: &clap::Arg) -> bool {
    matches!(flag.get_action(), ArgAction::Set | ArgAction::Append) && !flag.is_require_equals_set()
}

/// A word as a shell takes it: POSIX ones, bash, zsh, fish; `None` if it holds what cannot be shown.
///
/// Backslashes and single quotes stand outside of the quotes: fish reads a backslash inside of them otherwise than the others. A word that
/// begins with `=` is quoted, since zsh would put a program's path in its place.
pub(crate) fn quoted(word: &str) -> Option<String> {
    if printable_bytes(word.as_bytes()) != word {
        return None;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        return Some(word.to_owned());
    }
    let mut quoted = String::from("'");
    for c in word.chars() {
        match c {
            '\'' => quoted.push_str("'\\''"),
            '\\' => quoted.push_str("'\\\\'"),
            _ => quoted.push(c),
        }
    }
    quoted.push('\'');
    Some(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    // As dash and bash read them, and zsh and fish by their manuals.
    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("a-b_c.d/e=1").as_deref(), Some("a-b_c.d/e=1"));
        assert_eq!(quoted("console=ttyS0 ro").as_deref(), Some("'console=ttyS0 ro'"));
        assert_eq!(quoted("it's").as_deref(), Some("'it'\\''s'"));
        assert_eq!(quoted("").as_deref(), Some("''"));
        assert_eq!(quoted("$(x)").as_deref(), Some("'$(x)'"));
        assert_eq!(quoted("a\\'b").as_deref(), Some("'a'\\\\''\\''b'"));
        assert_eq!(quoted("=ls").as_deref(), Some("'=ls'"));
        assert_eq!(quoted("a\nb"), None);
    }
}
