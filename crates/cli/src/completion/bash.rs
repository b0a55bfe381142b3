//! The completion script of bash: tables of what each command has, and the function that reads them, from `completion.bash`.
//!
//! clap_complete's script knows no word that bash takes apart (`--mode=snp`, `snp:svsm`), no list, and offers flags where a file is wanted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::{Arg, Command, ValueHint};

/// The function that is the same whatever the commands are.
const FUNCTION: &str = include_str!("completion.bash");

/// The script.
pub(super) fn script(command: &Command) -> String {
    let (mut words, mut values) = (String::new(), String::new());
    walk(command, "", &mut words, &mut values);
    FUNCTION.replace("#WORDS\n", &words).replace("#VALUES\n", &values)
}

/// Lines for the command of this path, and for those below it.
fn walk(command: &Command, path: &str, words: &mut String, values: &mut String) {
    let subs = command.get_subcommands().filter(|sub| !sub.is_hide_set()).map(Command::get_name);
    let subs = subs.collect::<Vec<_>>().join(" ");
    let flags: Vec<_> = command.get_arguments().flat_map(spellings).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(words, "        '{path}') subs='{subs}' flags='{}' ;;", flags.join(" "));
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (place, argument) in command.get_positionals().enumerate() {
        let many = argument.get_num_args().is_some_and(|number| number.max_values() > 1);
        let pattern = if many { "[0-9]*".to_owned() } else { (place + 1).to_string() };
        kinds.entry(kind(argument)).or_default().push(pattern);
    }
    for flag in command.get_arguments().filter(|flag| !flag.is_positional()) {
        if flag.get_action().takes_values() {
            kinds.entry(kind(flag)).or_default().extend(spellings(flag));
        }
    }
    if !kinds.is_empty() {
        let _ = writeln!(values, "        '{path}')\n            case $2 in");
        for (kind, names) in kinds {
            let _ = writeln!(values, "                {}) {kind} ;;", names.join("|"));
        }
        let _ = writeln!(values, "            esac ;;");
    }
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let path = format!("{path} {}", sub.get_name());
        walk(sub, path.trim_start(), words, values);
    }
}

/// Every way to type a flag; none of an argument without a dash.
fn spellings(flag: &Arg) -> Vec<String> {
    let shorts = flag.get_short_and_visible_aliases().unwrap_or_default();
    let longs = flag.get_long_and_visible_aliases().unwrap_or_default();
    let shorts = shorts.into_iter().map(|letter| format!("-{letter}"));
    shorts.chain(longs.into_iter().map(|name| format!("--{name}"))).collect()
}

/// What a value is, as the function has it.
fn kind(argument: &Arg) -> String {
    let values = argument.get_possible_values();
    let names: Vec<_> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
    let is_named =
        argument.get_value_names().unwrap_or_default().iter().any(|name| name == "NAME:FILE");
    if !names.is_empty() {
        let how = match argument.get_value_delimiter() {
            Some(_) => "list",
            None if argument.is_require_equals_set() => "attached",
            None => "one",
        };
        return format!("kind={how} choices='{}'", names.join(" "));
    }
    match argument.get_value_hint() {
        _ if is_named => "kind=named choices='luks-key:'".to_owned(),
        ValueHint::FilePath | ValueHint::AnyPath => "kind=file".to_owned(),
        ValueHint::DirPath => "kind=folder".to_owned(),
        _ => "kind=text".to_owned(),
    }
}
