//! Hostile values in commands of other tools: the line that is answered goes through a real shell, where a program of our name notes
//! the arguments that it gets.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use clap::error::ErrorKind;
use tempfile::TempDir;

use super::answer::of_words;
use super::line::usual_certificate;
use super::table::{Becomes, Theirs, all};

/// Values that end a word, a quote or a command, stand for something else in some shell, or look like the table's own names.
const HOSTILE: [&str; 22] = [
    ";touch PWNED;#",
    "$(touch PWNED)",
    " $(touch PWNED) ",
    "`touch PWNED`",
    "'; touch PWNED; '",
    "\\'; touch PWNED; #",
    "\"; touch PWNED; \"",
    "a' 'b",
    "a\\",
    "'",
    "\\",
    "a b  c",
    "id{DIGEST}.pem",
    "r{FOLDER}",
    "{REPORT}",
    "{flags}",
    "x{y}",
    "{",
    "}{",
    "=ls",
    "a&touch PWNED&",
    "* ? ~ ! | > < $HOME %TEMP% #",
];

/// A folder to run in, and beside it one with a program of our name.
struct Shell(TempDir);

impl Shell {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder can be made");
        for name in ["bin", "work"] {
            fs::create_dir(folder.path().join(name)).expect("a folder can be made");
        }
        // A shell writes the program, so that no thread of ours has it open while another one starts it.
        let write = r#"printf '%s\n' '#!/bin/sh' 'printf "%s\0" "$@" > "$NOTED"' > bin/sev-launch; chmod +x bin/sev-launch"#;
        let status = Command::new("sh").args(["-c", write]).current_dir(folder.path()).status();
        assert!(status.expect("sh starts").success());
        Self(folder)
    }

    /// The arguments that the program gets when this line is run, and the files that are there afterwards.
    fn run(&self, shell: &str, line: &str) -> (Vec<String>, Vec<String>) {
        let [work, noted] = ["work", "noted"].map(|name| self.0.path().join(name));
        let path = format!("{}:/usr/bin:/bin", self.0.path().join("bin").display());
        let _ = fs::remove_file(&noted);
        let mut command = Command::new(shell);
        command.args(["-c", line]).current_dir(&work).env("PATH", path).env("NOTED", &noted);
        let outcome = command.output().expect("the shell starts");
        assert!(outcome.status.success(), "{line}: {outcome:?}");
        assert!(outcome.stdout.is_empty() && outcome.stderr.is_empty(), "{line}: {outcome:?}");
        let noted = fs::read(&noted).unwrap_or_else(|error| panic!("{line}: {error}"));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        let arguments = noted.strip_suffix(&[0]).expect("an end").split(|byte| *byte == 0);
        let arguments = arguments.map(text).collect();
        let files = fs::read_dir(&work).expect("a folder").map(|entry| {
            let path = entry.expect("an entry").path();
            fs::remove_file(&path).expect("a file");
            text(path.file_name().map(OsStr::as_bytes).expect("a name"))
        });
        (arguments, files.collect())
    }
}

/// The words of a command, with its flags or without, with a value in every place that takes one; and the file that its answer goes to.
fn typed(
    theirs: &'static Theirs,
    with_flags: bool,
    value: impl Fn(usize) -> String,
) -> (Vec<String>, Vec<String>) {
    let mut words = vec![theirs.tool.to_owned()];
    words.extend(theirs.command.split_ascii_whitespace().map(str::to_owned));
    let mut files = Vec::new();
    words.extend((0..theirs.positionals.len()).map(&value));
    for (place, flag) in theirs.flags.iter().enumerate().filter(|_| with_flags) {
        words.push((*flag.names.first().expect("a name")).to_owned());
        if flag.takes_value {
            let value = value(place + theirs.positionals.len());
            words.push(value.clone());
            if matches!(flag.becomes, Becomes::Redirected) {
                files = vec![value];
            }
        }
    }
    (words, files)
}

fn line_of(words: &[String]) -> Option<String> {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let answer = of_words(&words, ErrorKind::InvalidSubcommand, usual_certificate);
    answer.unwrap_or_else(|| panic!("{words:?}")).line.map(|(line, _)| line)
}

/// Every row, with each hostile value in every place: what the shell hands over is what it hands over of harmless values, with the
/// hostile ones in their stead. A place that no value is special in shows where each one goes.
#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn attack_every_row_hands_every_value_over_byte_for_byte() {
    let shell = Shell::new();
    let mut count = 0;
    let rows = all().flat_map(|theirs| [(theirs, true), (theirs, false)]);
    for (theirs, with_flags) in rows {
        let (plain, _) = typed(theirs, with_flags, |place| format!("place-{place}-"));
        let Some(plain) = line_of(&plain) else { continue };
        let (plain, _) = shell.run("sh", &plain);
        let places = theirs.positionals.len() + theirs.flags.len();
        for start in 0..HOSTILE.len() {
            let value = |place: usize| HOSTILE[(start + place) % HOSTILE.len()].to_owned();
            let (words, files) = typed(theirs, with_flags, value);
            let line = line_of(&words).unwrap_or_else(|| panic!("{words:?}"));
            let expected = plain.iter().map(|argument| {
                let places = (0..places).map(|place| (format!("place-{place}-"), value(place)));
                // No value looks like a place.
                places.fold(argument.clone(), |argument, (place, value)| {
                    argument.replace(&place, &value)
                })
            });
            let expected: Vec<_> = expected.collect();
            assert_eq!(shell.run("sh", &line), (expected, files), "{line}");
            count += 1;
        }
    }
    assert!(count > 400, "{count}");
}

#[test]
fn attack_bash_takes_the_same_words_where_there_is_one() {
    if !Path::new("/usr/bin/bash").is_file() {
        return;
    }
    let shell = Shell::new();
    for value in HOSTILE {
        let words = ["snpguest", "display", "report", value].map(str::to_owned);
        let line = line_of(&words).expect("a line");
        let expected = ["report", "show", value].map(str::to_owned).to_vec();
        assert_eq!(shell.run("bash", &line), (expected, vec![]), "{line}");
    }
}

#[test]
fn attack_a_value_that_looks_like_a_flag_becomes_none() {
    let shell = Shell::new();
    let words = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let line = line_of(&words("snpguest generate measurement -o f -a --out=x")).expect("a line");
    let expected = words("digest --mode snp --ovmf f --append=--out=x --vcpus 1");
    assert_eq!(shell.run("sh", &line), (expected, vec![]));
    for refused in [
        words("snpguest generate id-block a b c --id-file=--to-be-signed"),
        words("sevctl verify --sev=--owner"),
        [words("snpguest display report"), vec![String::new()]].concat(),
        [words("snpguest verify certs"), vec![String::new()]].concat(),
    ] {
        let words: Vec<_> = refused.iter().map(String::as_str).collect();
        assert_eq!(of_words(&words, ErrorKind::InvalidSubcommand, usual_certificate), None);
    }
}
