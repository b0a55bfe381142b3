//! Files to bytes or hashes: the only reading that the command does.
//!
//! A firmware image must be a file, whose size says where it goes. A kernel or initrd is hashed as it comes, in constant memory,
//! so it may be a pipe or `-`. Every error names the file.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_abi::text::printable_bytes;

use crate::read_ahead;

/// The most bytes of a small file: an absorbed firmware, a VMSA, a command line.
const SMALL: u64 = 1 << 20;

/// The name of standard input.
const STDIN: &str = "-";

/// Reads a file of at most 1 MiB; it may be a pipe.
pub(crate) fn read_small(path: &Path) -> anyhow::Result<Vec<u8>> {
    read_file(path, SMALL)
}

/// Reads a file of at most `limit` bytes; it may be a pipe.
pub(crate) fn read_file(path: &Path, limit: u64) -> anyhow::Result<Vec<u8>> {
    check_is_path(path)?;
    metadata(path)?;
    let file = File::open(path).with_context(|| name(path))?;
    read_at_most(file, limit, path)
}

/// Reads a file or, for `-`, standard input, of at most `limit` bytes.
pub(crate) fn read_piped(path: &Path, limit: usize) -> anyhow::Result<Vec<u8>> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    if path != Path::new(STDIN) {
        return read_file(path, limit);
    }
    read_at_most(io::stdin().lock(), limit, path)
}

/// Is there a regular file?
pub(crate) fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// The size of a regular file in bytes; 0 for what has none.
pub(crate) fn size_of(path: &Path) -> u64 {
    fs::metadata(path).ok().filter(Metadata::is_file).map_or(0, |metadata| metadata.len())
}

/// The size of a regular file in bytes; an error for what is none, since a pipe would block, or end before it is whole.
pub(crate) fn size_of_file(path: &Path) -> anyhow::Result<u64> {
    check_is_path(path)?;
    let metadata = metadata(path)?;
    if !metadata.is_file() {
        bail!("{}: is a pipe or device, wanted a regular file", name(path));
    }
    Ok(metadata.len())
}

/// An error for `-`, where standard input is not read.
fn check_is_path(path: &Path) -> anyhow::Result<()> {
    if path == Path::new(STDIN) {
        bail!("this file cannot come from standard input (-): give its path");
    }
    Ok(())
}

/// Gives the bytes of a regular file, a pipe, or `-` for standard input, in pieces and in order.
pub(crate) fn for_each_chunk(path: &Path, each: impl FnMut(&[u8])) -> anyhow::Result<()> {
    let read = if path == Path::new(STDIN) {
        read_ahead::for_each_chunk(io::stdin(), each)
    } else {
        metadata(path)?;
        File::open(path).and_then(|file| read_ahead::for_each_chunk(file, each))
    };
    read.with_context(|| name(path))
}

/// At most one input can be standard input.
pub(crate) fn check_stdin(paths: &[&PathBuf]) -> anyhow::Result<()> {
    if paths.iter().filter(|path| path.as_path() == Path::new(STDIN)).count() > 1 {
        bail!("only one of kernel and initrd can come from standard input (-)");
    }
    Ok(())
}

/// What the system knows of a file; an error for a directory.
fn metadata(path: &Path) -> anyhow::Result<Metadata> {
    let metadata = fs::metadata(path).with_context(|| name(path))?;
    if metadata.is_dir() {
        bail!("{}: is a directory, wanted a file", name(path));
    }
    Ok(metadata)
}

/// Reads the source at `path` to its end; an error where it has more than `limit` bytes, whatever was said of its size before.
fn read_at_most(source: impl Read, limit: u64, path: &Path) -> anyhow::Result<Vec<u8>> {
    // Room for the whole file at once, so that a key's bytes are not left behind where a smaller buffer was.
    let size = usize::try_from(size_of(path).min(limit)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(size.saturating_add(1));
    source.take(limit.saturating_add(1)).read_to_end(&mut bytes).with_context(|| name(path))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        bail!("{}: more than {limit} bytes, the most that is read", name(path));
    }
    Ok(bytes)
}

/// A path as errors and documents have it; whatever prints it escapes it.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new(STDIN) {
        return "standard input".into();
    }
    match path.to_str() {
        Some(name) => name.into(),
        None => printable_bytes(path.as_os_str().as_encoded_bytes()).into_owned(),
    }
}
