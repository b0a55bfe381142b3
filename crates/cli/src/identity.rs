//! Which file is which, whatever it is called: two paths, links or hard links of one file are one file.
//!
//! Every file that is opened for reading is remembered here, so that nothing that is written can replace it, and every pipe, so that
//! nothing is written back into one: see [`crate::output`].

use std::fs::{File, Metadata, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A file's device and inode. Devices and terminals may be read and written by one command.
pub(crate) type Identity = (u64, u64);

/// The files that this process has opened for reading, once for each time, each with the name that it was opened by.
static READ: Mutex<Vec<(Option<PathBuf>, Identity)>> = Mutex::new(Vec::new());

/// The pipes that it has read from.
static PIPES: Mutex<Vec<Identity>> = Mutex::new(Vec::new());

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

/// Opens a file for reading, and remembers it. Where it was a regular file a moment ago, opening it never waits: what has become a
/// pipe meanwhile is opened at once, without anybody at its other end.
pub(crate) fn open(path: &Path, was_file: bool) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    if was_file {
        never_waiting(&mut options);
    }
    let file = options.open(path)?;
    remember(Some(path), &file);
    Ok(file)
}

#[cfg(unix)]
fn never_waiting(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
}

#[cfg(not(unix))]
fn never_waiting(_: &mut OpenOptions) {}

/// Standard input is about to be read: where it is a file, it is remembered like any other.
pub(crate) fn remember_stdin() {
    if let Some(file) = descriptor(&std::io::stdin()) {
        remember(None, &file);
    }
}

/// Are two paths one regular file, by links of whatever kind?
pub(crate) fn is_same_file(a: &Path, b: &Path) -> bool {
    let of = |path: &Path| std::fs::metadata(path).ok().as_ref().and_then(of);
    of(a).is_some() && of(a) == of(b)
}

/// Which regular file standard output is.
pub(crate) fn of_stdout() -> Option<Identity> {
    descriptor(&std::io::stdout())?.metadata().ok().as_ref().and_then(of)
}

/// How often the file was opened for reading.
pub(crate) fn times_read(identity: Identity) -> usize {
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.iter().filter(|(_, one)| *one == identity).count()
}

/// Which file was read by this name.
pub(crate) fn read_as(path: &Path) -> Option<Identity> {
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.iter().find(|(name, _)| name.as_deref() == Some(path)).map(|(_, identity)| *identity)
}

/// Is standard output a file or pipe that was read?
pub(crate) fn is_stdout_read() -> bool {
    let metadata = descriptor(&std::io::stdout()).and_then(|file| file.metadata().ok());
    metadata.is_some_and(|metadata| {
        is_read_pipe(&metadata) || of(&metadata).is_some_and(|identity| times_read(identity) > 0)
    })
}

/// Is it a pipe that was read?
pub(crate) fn is_read_pipe(metadata: &Metadata) -> bool {
    let pipes = PIPES.lock().unwrap_or_else(PoisonError::into_inner);
    pipe(metadata).is_some_and(|pipe| pipes.contains(&pipe))
}

fn remember(path: Option<&Path>, file: &File) {
    let Ok(metadata) = file.metadata() else { return };
    if let Some(identity) = of(&metadata) {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        read.push((path.map(Path::to_owned), identity));
    }
    if let Some(pipe) = pipe(&metadata) {
        PIPES.lock().unwrap_or_else(PoisonError::into_inner).push(pipe);
    }
}

/// Which pipe this is; `None` for all else. A terminal or a socket leads elsewhere by each of its ways, and may be read and written.
#[cfg(unix)]
fn pipe(metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    metadata.file_type().is_fifo().then(|| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn pipe(_: &Metadata) -> Option<Identity> {
    None
}

#[cfg(unix)]
fn descriptor(stream: &impl std::os::fd::AsFd) -> Option<File> {
    stream.as_fd().try_clone_to_owned().ok().map(File::from)
}

#[cfg(not(unix))]
fn descriptor<T>(_: &T) -> Option<File> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn attack_a_file_that_has_become_a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let (opened, waiting) = mpsc::channel();
        std::thread::spawn(move || opened.send(super::open(&path, true).is_ok()));
        assert_eq!(waiting.recv_timeout(Duration::from_secs(20)), Ok(true));
    }
}
