//! Command lines as Python's argparse reads them, for tools of others whose words are taken as they are.
//!
//! What is the same: flags by any start of their names that is one flag's alone, `--flag value` and `--flag=value`, the last of
//! several that are given, and when a word is a value: a word that starts with `-` is one only if it is a negative number or
//! has a space. Positional arguments are not read, since no such tool has any.
//!
//! ```
//! use sev_launch_description::import::argparse::{self, Flag};
//!
//! let flags = [Flag::value("--vcpus"), Flag::switch("--verbose", Some('v'))];
//! let words = ["--vcpu=4".into(), "-v".into()];
//! let given = argparse::read(&flags, &words).unwrap();
//! assert_eq!((given[0].flag, given[0].value), ("--vcpus", "4".as_bytes()));
//! assert_eq!(given[1].flag, "--verbose");
//! assert!(argparse::read(&flags, &["--vcpus".into(), "-v".into()]).is_err());
//! ```

use std::borrow::Cow;

/// A flag that a tool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its long name, with the two dashes.
    pub name: &'static str,
    /// Its letter, if it has one.
    pub short: Option<char>,
    /// Does a value belong to it?
    pub takes_value: bool,
}

impl Flag {
    /// A flag with a value.
    pub const fn value(name: &'static str) -> Self {
        Self { name, short: None, takes_value: true }
    }

    /// A flag without one.
    pub const fn switch(name: &'static str, short: Option<char>) -> Self {
        Self { name, short, takes_value: false }
    }

    /// As argparse names it in errors.
    fn shown(&self) -> String {
        match self.short {
            Some(letter) => format!("-{letter}/{}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// A flag that was given, and its value; no bytes where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given<'w> {
    /// The flag's long name.
    pub flag: &'static str,
    /// The value.
    pub value: &'w [u8],
}

/// What a word is.
enum Kind<'f, 'w> {
    Value,
    Flag(&'f Flag, Option<&'w [u8]>),
    Stray,
}

/// Reads the words that stand after a program's name, in their order. Whatever follows `--help` or `--version` is not looked at.
///
/// An error, in argparse's words, for flags that are unknown, ambiguous, or without the value that belongs to them.
pub fn read<'w>(flags: &[Flag], words: &'w [Vec<u8>]) -> Result<Vec<Given<'w>>, String> {
    let (mut given, mut strays) = (Vec::new(), Vec::new());
    let mut only_values = false;
    let mut words = words.iter().map(Vec::as_slice).peekable();
    while let Some(word) = words.next() {
        if word == b"--" && !only_values {
            only_values = true;
            continue;
        }
        let kind = if only_values { Kind::Value } else { kind_of(flags, word)? };
        let Kind::Flag(flag, explicit) = kind else {
            strays.push(text(word));
            continue;
        };
        let value = match (flag.takes_value, explicit) {
            (true, Some(value)) => value,
            (false, None) => b"",
            (false, Some(value)) => {
                let value = text(value);
                return Err(format!(
                    "argument {}: ignored explicit argument '{value}'",
                    flag.shown()
                ));
            }
            (true, None) => {
                let next = words.peek().copied().unwrap_or(b"--");
                match kind_of(flags, next)? {
                    Kind::Value => words.next().unwrap_or_default(),
                    _ => return Err(format!("argument {}: expected one argument", flag.shown())),
                }
            }
        };
        given.push(Given { flag: flag.name, value });
        if flag.name == "--help" || flag.name == "--version" {
            return Ok(given);
        }
    }
    match strays.is_empty() {
        true => Ok(given),
        false => Err(format!("unrecognized arguments: {}", strays.join(" "))),
    }
}

/// What a word is, by argparse's own order of questions.
fn kind_of<'f, 'w>(flags: &'f [Flag], word: &'w [u8]) -> Result<Kind<'f, 'w>, String> {
    let Some(rest) = word.strip_prefix(b"-").filter(|rest| !rest.is_empty()) else {
        return Ok(Kind::Value);
    };
    if rest == b"-" {
        return Ok(Kind::Stray);
    }
    let (name, explicit) = match word.iter().position(|byte| *byte == b'=') {
        Some(at) => {
            let (name, value) = word.split_at(at);
            (name, value.get(1..))
        }
        None => (word, None),
    };
    if let Some(flag) = flags.iter().find(|flag| flag.name.as_bytes() == name) {
        return Ok(Kind::Flag(flag, explicit));
    }
    if word.starts_with(b"--") {
        let matching: Vec<_> =
            flags.iter().filter(|flag| flag.name.as_bytes().starts_with(name)).collect();
        match matching.as_slice() {
            [] => {}
            [flag] => return Ok(Kind::Flag(flag, explicit)),
            several => {
                let names: Vec<_> = several.iter().map(|flag| flag.name).collect();
                let (name, names) = (text(name), names.join(", "));
                return Err(format!("ambiguous option: {name} could match {names}"));
            }
        }
    } else if let Some(flag) = flags.iter().find(|flag| is_letter(flag, rest)) {
        return Ok(Kind::Flag(flag, rest.get(1..).filter(|more| !more.is_empty())));
    }
    Ok(match is_negative_number(rest) || word.contains(&b' ') {
        true => Kind::Value,
        false => Kind::Stray,
    })
}

/// Does the text start with the flag's letter?
fn is_letter(flag: &Flag, text: &[u8]) -> bool {
    let letter = flag.short.and_then(|letter| u8::try_from(letter).ok());
    letter.is_some() && text.first().copied() == letter
}

/// Digits, with one point among them at most.
fn is_negative_number(digits: &[u8]) -> bool {
    let mut parts = digits.split(|byte| *byte == b'.');
    let is_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(whole), None, None) => !whole.is_empty() && is_digits(whole),
        (Some(whole), Some(part), None) => !part.is_empty() && is_digits(whole) && is_digits(part),
        _ => false,
    }
}

fn text(word: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(word)
}

/// An integer as Python's `int(text)` reads it: decimal, or with `any_base` also 0x, 0o and 0b. `None` for anything else, and for
/// what does not fit in 127 bits and a sign.
pub fn integer(text: &[u8], any_base: bool) -> Option<i128> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let prefixed = [("0x", 16), ("0o", 8), ("0b", 2)];
    let prefixed = prefixed.iter().find_map(|(prefix, radix)| {
        lower.strip_prefix(prefix).filter(|_| any_base).map(|rest| (rest, *radix))
    });
    // After a prefix one underscore may stand first, between digits anywhere.
    let (digits, radix) = match prefixed {
        Some((rest, radix)) => (rest.strip_prefix('_').unwrap_or(rest), radix),
        None => (lower.as_str(), 10),
    };
    let is_spaced = !digits.split('_').any(str::is_empty);
    let plain = digits.replace('_', "");
    let has_leading_zero = plain.starts_with('0') && plain.bytes().any(|digit| digit != b'0');
    let is_digits = plain.chars().all(|digit| digit.is_digit(radix));
    if !is_spaced || !is_digits || any_base && radix == 10 && has_leading_zero {
        return None;
    }
    i128::from_str_radix(&plain, radix).ok()?.checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: [Flag; 6] = [
        Flag::switch("--help", Some('h')),
        Flag::switch("--version", None),
        Flag::switch("--verbose", Some('v')),
        Flag::value("--vcpus"),
        Flag::value("--vcpu-type"),
        Flag::value("--append"),
    ];

    fn given(words: &[&str]) -> Result<Vec<(&'static str, String)>, String> {
        let words: Vec<_> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        let given = read(&FLAGS, &words)?;
        Ok(given.iter().map(|one| (one.flag, text(one.value).into_owned())).collect())
    }

    // Each answer is what Python 3.11's argparse gives for a parser with these flags.
    #[test]
    fn words_are_read_as_argparse_reads_them() {
        let one = |flag, value: &str| Ok(vec![(flag, value.to_owned())]);
        assert_eq!(given(&["--vcpus", "4"]), one("--vcpus", "4"));
        assert_eq!(given(&["--vcpus=4"]), one("--vcpus", "4"));
        assert_eq!(given(&["--app", "a b"]), one("--append", "a b"));
        assert_eq!(given(&["--append="]), one("--append", ""));
        assert_eq!(given(&["--append=-v"]), one("--append", "-v"));
        assert_eq!(given(&["--append", "-x y"]), one("--append", "-x y"));
        assert_eq!(given(&["--vcpus", "-4"]), one("--vcpus", "-4"));
        assert_eq!(given(&["--help", "--nonsense"]), one("--help", ""));
        let error = |words: &[&str]| given(words).unwrap_err();
        assert_eq!(
            error(&["--vcpu", "4"]),
            "ambiguous option: --vcpu could match --vcpus, --vcpu-type"
        );
        assert_eq!(error(&["--ver"]), "ambiguous option: --ver could match --version, --verbose");
        for words in [
            &["--append", "-v"][..],
            &["--append"],
            &["--append", "--vcpus=4"],
            &["--append", "--", "-v"],
        ] {
            assert_eq!(error(words), "argument --append: expected one argument", "{words:?}");
        }
        assert_eq!(error(&["x", "--vcpus", "4", "-y"]), "unrecognized arguments: x -y");
        assert_eq!(error(&["-vx"]), "argument -v/--verbose: ignored explicit argument 'x'");
    }

    // Python's own answers: int(text), and int(text, 0).
    #[test]
    fn integers_are_python_s() {
        for (text, decimal, any) in [
            ("4", Some(4), Some(4)),
            (" +1_0 ", Some(10), Some(10)),
            ("-3", Some(-3), Some(-3)),
            ("010", Some(10), None),
            ("00", Some(0), Some(0)),
            ("0x1F", None, Some(31)),
            ("0x_1f", None, Some(31)),
            ("0b101", None, Some(5)),
            ("0o17", None, Some(15)),
            ("1__0", None, None),
            ("_1", None, None),
            ("1_", None, None),
            ("", None, None),
            ("-", None, None),
            ("0x", None, None),
            ("4.0", None, None),
        ] {
            assert_eq!(integer(text.as_bytes(), false), decimal, "{text:?}");
            assert_eq!(integer(text.as_bytes(), true), any, "{text:?}");
        }
    }
}
