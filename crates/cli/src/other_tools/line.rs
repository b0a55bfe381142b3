//! A line of ours with the values that were typed in it, as a shell reads it back.
//!
//! The line of the table is walked once, and a value that was put in is never looked into. Each word is put together whole and quoted
//! last, so that no value ends a word or begins another one.

use std::path::Path;

use crate::again::quoted;

/// What was given to a command of theirs.
#[derive(Debug, Default)]
pub(super) struct Given<'w> {
    /// Values by their names in the line.
    pub(super) named: Vec<(&'static str, &'w str)>,
    /// Flags of ours, with their values.
    pub(super) carried: Vec<(&'static str, Option<&'w str>)>,
    /// Words of ours that come after all others.
    pub(super) added: Vec<&'static str>,
    /// The file that the answer goes to.
    pub(super) redirected: Option<&'w str>,
    /// What to know beside the line.
    pub(super) notes: Vec<String>,
}

/// What stands in a line for the certificate in a folder.
const CERTIFICATE: &str = "/vcek.pem";

/// From a folder to its certificate.
pub(super) type Certificate = fn(&str) -> String;

/// The name that snpguest gives a certificate unless it is told otherwise.
pub(super) fn usual_certificate(folder: &str) -> String {
    format!("{folder}{CERTIFICATE}")
}

/// The certificate that snpguest left in the folder, or the usual one.
pub(super) fn certificate_in(folder: &str) -> String {
    let names = ["vcek.pem", "vcek.der", "vlek.pem", "vlek.der"].into_iter();
    let mut paths = names.map(|name| format!("{folder}/{name}"));
    paths.find(|path| Path::new(path).is_file()).unwrap_or_else(|| usual_certificate(folder))
}

/// A line of the table with what was given; `None` where that cannot be shown, or would be read as something else.
///
/// A word `--flag=VALUE` stands for a flag that is needed: it is left out where the flag is carried over.
pub(super) fn filled(line: &str, given: &Given<'_>, certificate: Certificate) -> Option<String> {
    let mut words = vec!["sev-launch".to_owned()];
    for word in line.split(' ') {
        if word == "{flags}" {
            for (flag, value) in &given.carried {
                match value {
                    // What begins as a flag does is a value only beside its own flag.
                    Some(value) if is_flag(value) => {
                        words.push(quoted(&format!("{flag}={value}"))?);
                    }
                    Some(value) => words.extend([(*flag).to_owned(), quoted(value)?]),
                    None => words.push((*flag).to_owned()),
                }
            }
        } else if let Some((flag, value)) = word.split_once('=').filter(|_| is_flag(word)) {
            if !given.carried.iter().any(|(carried, _)| *carried == flag) {
                words.extend([flag.to_owned(), value.to_owned()]);
            }
        } else if let Some(folder) = word.strip_suffix(CERTIFICATE) {
            words.push(quoted(&certificate(&with_values(folder, given)?))?);
        } else {
            words.push(quoted(&with_values(word, given)?)?);
        }
    }
    words.extend(given.added.iter().map(|added| (*added).to_owned()));
    if let Some(file) = given.redirected {
        words.extend([">".to_owned(), quoted(file)?]);
    }
    Some(words.join(" "))
}

fn is_flag(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-')
}

/// A word of the table with the value of each `{NAME}`, or the name itself where none was given; `None` where a value would be nothing,
/// or a flag.
fn with_values(word: &str, given: &Given<'_>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = word;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        let value = given.named.iter().find(|(known, _)| *known == name);
        let value = value.map_or(name, |(_, value)| value);
        if value.is_empty() || is_flag(value) {
            return None;
        }
        filled.push_str(before);
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}
