//! The answer: standard output, and files that are written whole or not at all.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use sev_launch_abi::text as escape;

use crate::text;

/// The name of standard output.
pub(crate) const STDOUT: &str = "-";

/// Standard output, buffered, for documents: whoever writes one escapes what is in it. Text for people goes by [`crate::text`].
pub(crate) type Stdout = BufWriter<io::StdoutLock<'static>>;

/// Standard output, buffered, for documents.
pub(crate) fn stdout() -> Stdout {
    BufWriter::new(io::stdout().lock())
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
    let mut stdout = stdout();
    stdout.write_all(&json(value)?)?;
    Ok(stdout.flush()?)
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
    let mut stdout = text::stdout();
    text(&mut stdout)?;
    Ok(stdout.flush()?)
}

/// Says something beside the answer, on standard error.
pub(crate) fn remark(kind: &str, said: &dyn std::fmt::Display) {
    // Nothing can be said when standard error is gone; the answer still stands.
    let _ = writeln!(text::stderr(), "{kind}: {said}");
}

/// Writes a document: a file whole, as [`write_file`] does, or standard output where the path is `-`.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    match path == Path::new(STDOUT) {
        true => {
            let mut stdout = stdout();
            stdout.write_all(bytes)?;
            Ok(stdout.flush()?)
        }
        false => write_file(path, bytes),
    }
}

/// The folder of a file that is written; that of the command where it is standard output.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|_| path != Path::new(STDOUT)).unwrap_or(Path::new(""))
}

/// Writes a file whole: into a temporary file beside it, which then takes its name.
///
/// A file that exists keeps its permissions, and a link its target's name; what is no regular file (a device, a pipe) is
/// written to as it is.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let existing = std::fs::metadata(path).ok();
        if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
            return std::fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
        }
        let path = if existing.is_some() { std::fs::canonicalize(path)? } else { path.to_owned() };
        let mut file = ordinary_file(folder_of(&path))?;
        file.write_all(bytes)?;
        if let Some(metadata) = existing {
            file.as_file().set_permissions(metadata.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&path)?;
        Ok(())
    };
    write().with_context(|| format!("{}: cannot be written", crate::inputs::name(path)))
}

/// Writes new files that hold keys: readable by their owner alone, never over one that exists, all of them or none.
pub(crate) fn write_new_files(files: &[(&Path, &[u8])]) -> anyhow::Result<()> {
    let mut written: Vec<&Path> = Vec::new();
    for (path, bytes) in files {
        if let Err(error) = write_new_file(path, bytes) {
            for path in written {
                // What cannot be removed is told by the error that follows.
                let _ = std::fs::remove_file(path);
            }
            return Err(error);
        }
        written.push(path);
    }
    Ok(())
}

fn write_new_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        // A temporary file is its owner's alone from the start, so the key is never readable by others.
        let mut file = tempfile::NamedTempFile::new_in(folder_of(path))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path)?;
        Ok(())
    };
    write().with_context(|| {
        format!("{}: cannot be written (a key file is never overwritten)", path.display())
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A temporary file with the permissions that a new file has here.
#[cfg(unix)]
fn ordinary_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = std::fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().permissions(permissions).tempfile_in(folder)
}

#[cfg(not(unix))]
fn ordinary_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::NamedTempFile::new_in(folder)
}
