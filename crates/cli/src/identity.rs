//! Which file is which, whatever it is called: two paths, links or hard links of one file are one file.
//!
//! Every file that is opened for reading is remembered here, so that nothing that is written can replace it: see [`crate::output`].

use std::fs::{File, Metadata};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A regular file's device and inode. Devices, pipes and terminals may be read and written by one command.
pub(crate) type Identity = (u64, u64);

/// The files that this process has opened for reading, once for each time.
static READ: Mutex<Vec<Identity>> = Mutex::new(Vec::new());

/// Which regular file this is; `None` for all else, and where the system has no inodes.
#[cfg(unix)]
pub(crate) fn of(metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    metadata.is_file().then(|| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub(crate) fn of(_: &Metadata) -> Option<Identity> {
    None
}

/// Opens a file for reading, and remembers it.
pub(crate) fn open(path: &Path) -> std::io::Result<File> {
    let file = File::open(path)?;
    remember(&file);
    Ok(file)
}

/// Standard input is about to be read: where it is a file, it is remembered like any other.
pub(crate) fn remember_stdin() {
    if let Some(file) = descriptor(&std::io::stdin()) {
        remember(&file);
    }
}

/// Which regular file standard output is.
pub(crate) fn of_stdout() -> Option<Identity> {
    descriptor(&std::io::stdout())?.metadata().ok().as_ref().and_then(of)
}

/// How often the file was opened for reading.
pub(crate) fn times_read(identity: Identity) -> usize {
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.iter().filter(|one| **one == identity).count()
}

fn remember(file: &File) {
    if let Some(identity) = file.metadata().ok().as_ref().and_then(of) {
        READ.lock().unwrap_or_else(PoisonError::into_inner).push(identity);
    }
}

#[cfg(unix)]
fn descriptor(stream: &impl std::os::fd::AsFd) -> Option<File> {
    stream.as_fd().try_clone_to_owned().ok().map(File::from)
}

#[cfg(not(unix))]
fn descriptor<T>(_: &T) -> Option<File> {
    None
}
