//! Files to bytes or hashes: the only reading that the command does.
//!
//! A firmware image must be a file, whose size says where it goes. A kernel or initrd is hashed as it comes, in constant memory,
//! so it may be a pipe or `-`. Every error names the file, and every file that is opened is remembered: no output may replace it.

use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_abi::text::printable_bytes;
use zeroize::Zeroizing;

use crate::{identity, read_ahead};

/// The most bytes of a small file: an absorbed firmware, a VMSA, a command line.
const SMALL: u64 = 1 << 20;

/// The room for a secret whose size is not known.
const SECRET_CHUNK: usize = 4096;

/// The name of standard input.
const STDIN: &str = "-";

/// Reads a file of at most 1 MiB; it may be a pipe.
pub(crate) fn read_small(path: &Path) -> anyhow::Result<Vec<u8>> {
    read_file(path, SMALL)
}

/// The same for a file that may hold a key or a secret: its bytes are wiped, and no copy of them is left behind.
///
/// They are read straight to where they stay. The library's own reading goes through a buffer on the stack, and a vector that grows
/// leaves its old place as it was; so where the size is not known, as of a pipe, each place is wiped when the next is taken.
pub(crate) fn read_secret(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    check_is_path(path)?;
    metadata(path)?;
    let mut file = identity::open(path).with_context(|| name(path))?;
    let size = usize::try_from(size_of(path).min(SMALL)).unwrap_or_default();
    let mut bytes = Zeroizing::new(vec![0; size.saturating_add(1).max(SECRET_CHUNK)]);
    let mut length = 0;
    loop {
        if length == bytes.len() {
            let mut larger = Zeroizing::new(vec![0; bytes.len().saturating_mul(2)]);
            larger.iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
            bytes = larger;
        }
        match file.read(bytes.get_mut(length..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(count) => length = length.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).with_context(|| name(path)),
        }
        if u64::try_from(length).is_ok_and(|length| length > SMALL) {
            bail!("{}: more than {SMALL} bytes, the most that is read", name(path));
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// Reads a file of at most `limit` bytes; it may be a pipe.
pub(crate) fn read_file(path: &Path, limit: u64) -> anyhow::Result<Vec<u8>> {
    check_is_path(path)?;
    metadata(path)?;
    let file = identity::open(path).with_context(|| name(path))?;
    read_at_most(file, limit, path)
}

/// Reads a file or, for `-`, standard input, of at most `limit` bytes.
pub(crate) fn read_piped(path: &Path, limit: usize) -> anyhow::Result<Vec<u8>> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    if path != Path::new(STDIN) {
        return read_file(path, limit);
    }
    identity::remember_stdin();
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
        identity::remember_stdin();
        read_ahead::for_each_chunk(io::stdin(), each)
    } else {
        metadata(path)?;
        identity::open(path).and_then(|file| read_ahead::for_each_chunk(file, each))
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
    // Room for the whole file at once.
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
