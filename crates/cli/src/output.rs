//! The answer: standard output, and [`Outputs`], files that are written all or not at all.

mod journal;
mod outputs;
mod signals;
mod target;
mod wiped;

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};
use serde::Serialize;
use sev_launch_abi::text as escape;

use crate::{identity, text};

pub(crate) use outputs::{Outputs, write, write_version};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(crate) use signals::is_ignored;

/// The name of standard output.
pub(crate) const STDOUT: &str = "-";

/// What is said where the answer is nobody's.
pub(crate) const UNPRINTED: &str = "standard output: cannot be written";

/// Standard output, buffered, for documents: whoever writes one escapes what is in it. Text for people goes by [`crate::text`].
pub(crate) type Stdout = BufWriter<io::StdoutLock<'static>>;

/// Standard output, buffered, for documents.
pub(crate) fn stdout() -> Stdout {
    BufWriter::new(io::stdout().lock())
}

/// An error where standard output is a file or pipe that the command has read: the answer would be written into its own input.
pub(crate) fn check_stdout() -> anyhow::Result<()> {
    if identity::is_stdout_read() {
        bail!(
            "standard output: it goes to a file or pipe that is read by the same command: send it to another one"
        );
    }
    Ok(())
}

/// Prints an answer: a value as JSON where that was asked for, else the text that `text` writes for people.
pub(crate) fn print(
    json: bool,
    value: &impl Serialize,
    text: impl FnOnce(&mut text::Stdout) -> io::Result<()>,
) -> anyhow::Result<()> {
    if json { print_json(value) } else { print_text(text) }
}

/// Prints a value as JSON for people and programs: indented, one newline at the end.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    check_stdout()?;
    let mut stdout = stdout();
    stdout.write_all(&json(value)?).and_then(|()| stdout.flush()).context(UNPRINTED)
}

/// A value as JSON: indented, one newline at the end, and nothing in it that a terminal or a CI runner would obey.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let mut document = serde_json::to_string_pretty(value)?;
    document.push('\n');
    Ok(match escape::json(&document) {
        Cow::Borrowed(_) => document,
        Cow::Owned(escaped) => escaped,
    }
    .into_bytes())
}

/// Prints what `text` writes.
pub(crate) fn print_text(
    text: impl FnOnce(&mut text::Stdout) -> io::Result<()>,
) -> anyhow::Result<()> {
    check_stdout()?;
    let mut stdout = text::stdout();
    text(&mut stdout).and_then(|()| stdout.flush()).context(UNPRINTED)
}

/// Prints an answer that may hold secrets, as [`print()`] does; nothing keeps it.
pub(crate) fn print_secret(
    json: bool,
    value: &impl Serialize,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    check_stdout()?;
    let mut answer = wiped::Wiped::new();
    if json {
        serde_json::to_writer_pretty(&mut answer, value)?;
        writeln!(answer)?;
    } else {
        text(&mut answer)?;
    }
    answer.print().context(UNPRINTED)
}

/// Says something beside the answer, on standard error.
pub(crate) fn remark(kind: &str, said: &dyn std::fmt::Display) {
    // Nothing can be said when standard error is gone; the answer still stands.
    let _ = writeln!(text::stderr(), "{kind}: {said}");
}

/// An error where something is at a place for a new folder.
pub(crate) fn check_new(folder: &Path) -> anyhow::Result<()> {
    if std::fs::symlink_metadata(folder).is_ok() {
        bail!("{}: it is there already, and a new folder is wanted", folder.display());
    }
    Ok(())
}

/// The folder of a file that is written; that of the command where it is standard output.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|_| path != Path::new(STDOUT)).unwrap_or(Path::new(""))
}
