//! Files to bytes or hashes: the only reading that the command does.
//!
//! A firmware image must be a file, whose size says where it goes. A kernel or initrd is hashed as it comes, in constant memory,
//! so it may be a pipe or `-`. Every error names the file, and every file that is opened is remembered: no output may replace it.
//! [`opened`] says what is known of what is read, [`named`] what a file may be that another file names.

mod named;
mod opened;

use std::fs::{self, Metadata};
use std::path::Path;

use anyhow::bail;
use sev_launch_abi::text::printable_bytes;
use zeroize::Zeroizing;

pub(crate) use named::{Named, Reach};
use opened::Opened;

/// The most bytes of a small file: an absorbed firmware, a VMSA, a command line.
pub(crate) const SMALL: u64 = 1 << 20;

/// The name of standard input.
const STDIN: &str = "-";

/// Reads a file of at most 1 MiB; it may be a pipe.
pub(crate) fn read_small(path: &Path) -> anyhow::Result<Vec<u8>> {
    read_file(path, SMALL)
}

/// The same for a file that may hold a key or a secret: its bytes are wiped, and no copy of them is left behind.
pub(crate) fn read_secret(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    check_is_path(path)?;
    Opened::open(path, false)?.read_secret(SMALL)
}

/// The same, and whether others than the file's owner may read or write it.
pub(crate) fn read_owners_secret(path: &Path) -> anyhow::Result<(Zeroizing<Vec<u8>>, bool)> {
    check_is_path(path)?;
    let opened = Opened::open(path, false)?;
    let is_shared = opened.is_shared();
    Ok((opened.read_secret(SMALL)?, is_shared))
}

/// Reads a file of at most `limit` bytes; it may be a pipe.
pub(crate) fn read_file(path: &Path, limit: u64) -> anyhow::Result<Vec<u8>> {
    read_named(path, limit, &Named::default())
}

/// The same of a file that another file may have named.
pub(crate) fn read_named(path: &Path, limit: u64, named: &Named) -> anyhow::Result<Vec<u8>> {
    check_is_path(path)?;
    open(path, named)?.read(limit)
}

/// Reads a file or, for `-`, standard input, of at most `limit` bytes.
pub(crate) fn read_piped(path: &Path, limit: usize) -> anyhow::Result<Vec<u8>> {
    Opened::open(path, false)?.read(u64::try_from(limit).unwrap_or(u64::MAX))
}

/// Is there a regular file?
pub(crate) fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// The size of a regular file in bytes, for a progress bar; `None` for a pipe or device. What is not there is an error later.
pub(crate) fn size_of(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(Metadata::is_file).map(|metadata| metadata.len())
}

/// The size of a regular file in bytes; an error for what is none, since a pipe would block, or end before it is whole.
pub(crate) fn size_of_file(path: &Path, named: &Named) -> anyhow::Result<u64> {
    check_is_path(path)?;
    named.check(path)?;
    let metadata = opened::metadata(path)?;
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
pub(crate) fn for_each_chunk(
    path: &Path,
    named: &Named,
    each: impl FnMut(&[u8]),
) -> anyhow::Result<()> {
    open(path, named)?.for_each_chunk(each)
}

/// Opens what may be read.
fn open<'p>(path: &'p Path, named: &Named) -> anyhow::Result<Opened<'p>> {
    named.check(path)?;
    let opened = Opened::open(path, named.contains(path))?;
    named.check_opened(path, opened.metadata())?;
    Ok(opened)
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
