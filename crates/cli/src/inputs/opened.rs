//! A source of bytes, opened once: what is known of it is known of the descriptor that is read, and not of a name.
//!
//! A regular file is refused that changes while it is read. What is none (a pipe, a terminal, a device) gives its bytes once, so that
//! it is refused where two inputs of one command name it, whatever they call it; /dev/null alone gives the same every time.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, anyhow, bail};
use zeroize::Zeroizing;

use super::{STDIN, name};
use crate::{identity, read_ahead};

/// The names of this process's standard input.
const STDIN_NAMES: [&str; 4] = [STDIN, "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// The room for a secret whose size is not known.
const SECRET_CHUNK: usize = 4096;

/// What gives its bytes once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Once {
    /// Standard input, whatever it is.
    Stdin,
    /// A pipe or device, by device and inode.
    Source(u64, u64),
}

/// Those that this process has opened.
static OPENED: Mutex<Vec<Once>> = Mutex::new(Vec::new());

/// A source that was opened.
pub(super) struct Opened<'p> {
    path: &'p Path,
    file: File,
    before: Metadata,
}

impl<'p> Opened<'p> {
    /// Opens a file, a pipe, or standard input for `-`.
    ///
    /// Errors: a directory; a source that gives its bytes once and was opened before; a regular file that another file names and
    /// that is one no longer.
    pub(super) fn open(path: &'p Path, is_named: bool) -> anyhow::Result<Self> {
        if path == Path::new(STDIN) {
            let file = io::stdin().as_fd().try_clone_to_owned().map(File::from);
            let file = file.with_context(|| name(path))?;
            let before = file.metadata().with_context(|| name(path))?;
            remember(path, &before)?;
            identity::remember_stdin();
            return Ok(Self { path, file, before });
        }
        // Before it is opened: a pipe that was read to its end would wait for another writer.
        let found = metadata(path)?;
        if is_named && !found.is_file() {
            return Err(moved(path));
        }
        remember(path, &found)?;
        let file = identity::open(path, found.is_file()).with_context(|| name(path))?;
        let before = file.metadata().with_context(|| name(path))?;
        if !is_same(&found, &before) {
            return Err(moved(path));
        }
        Ok(Self { path, file, before })
    }

    /// What the system knows of it.
    pub(super) const fn metadata(&self) -> &Metadata {
        &self.before
    }

    /// Is it a file that others than its owner may read or write?
    pub(super) fn is_shared(&self) -> bool {
        self.before.is_file() && self.before.mode() & 0o077 != 0
    }

    /// Its size, if it is a file; 0 for what has none.
    fn size(&self) -> u64 {
        if self.before.is_file() { self.before.len() } else { 0 }
    }

    /// Its bytes, of which there are at most `limit`.
    pub(super) fn read(mut self, limit: u64) -> anyhow::Result<Vec<u8>> {
        // Room for the whole file at once.
        let size = usize::try_from(self.size().min(limit)).unwrap_or_default();
        let mut bytes = Vec::with_capacity(size.saturating_add(1));
        let read = (&mut self.file).take(limit.saturating_add(1)).read_to_end(&mut bytes);
        let read = u64::try_from(read.with_context(|| name(self.path))?).unwrap_or(u64::MAX);
        if read > limit {
            bail!("{}: more than {limit} bytes, the most that is read", name(self.path));
        }
        self.check_same(read)?;
        Ok(bytes)
    }

    /// Its bytes, of which there are at most `limit`, wiped when they are no longer wanted, and no copy of them left behind.
    ///
    /// They are read straight to where they stay. The library's own reading goes through a buffer on the stack, and a vector that
    /// grows leaves its old place as it was; so where the size is not known, as of a pipe, each place is wiped when the next is
    /// taken.
    pub(super) fn read_secret(mut self, limit: u64) -> anyhow::Result<Zeroizing<Vec<u8>>> {
        let path = self.path;
        let size = usize::try_from(self.size().min(limit)).unwrap_or_default();
        let mut bytes = Zeroizing::new(vec![0; size.saturating_add(1).max(SECRET_CHUNK)]);
        let mut length = 0;
        loop {
            if length == bytes.len() {
                let mut larger = Zeroizing::new(vec![0; bytes.len().saturating_mul(2)]);
                larger.iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
                bytes = larger;
            }
            match self.file.read(bytes.get_mut(length..).unwrap_or_default()) {
                Ok(0) => break,
                Ok(count) => length = length.saturating_add(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error).with_context(|| name(path)),
            }
            if u64::try_from(length).is_ok_and(|length| length > limit) {
                bail!("{}: more than {limit} bytes, the most that is read", name(path));
            }
        }
        bytes.truncate(length);
        self.check_same(u64::try_from(length).unwrap_or(u64::MAX))?;
        Ok(bytes)
    }

    /// Gives its bytes in pieces and in order.
    pub(super) fn for_each_chunk(self, mut each: impl FnMut(&[u8])) -> anyhow::Result<()> {
        let mut read: u64 = 0;
        let count = |chunk: &[u8]| {
            read = read.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            each(chunk);
        };
        read_ahead::for_each_chunk(&self.file, count).with_context(|| name(self.path))?;
        self.check_same(read)
    }

    /// An error for a file that is no longer what it was when it was opened: its bytes may be of both.
    fn check_same(&self, read: u64) -> anyhow::Result<()> {
        let (path, before) = (self.path, &self.before);
        if !before.is_file() {
            return Ok(());
        }
        let after = self.file.metadata().with_context(|| name(path))?;
        // Whoever writes a file may put its time of writing back; that of its last change is the system's alone.
        let state = |of: &Metadata| {
            (of.len(), (of.mtime(), of.mtime_nsec()), (of.ctime(), of.ctime_nsec()))
        };
        // Standard input may have been read in part by whoever ran this; files of the kernel's own have no size and no blocks.
        let is_whole = read == after.len() || path == Path::new(STDIN) || before.blocks() == 0;
        if state(before) == state(&after) && is_whole {
            return Ok(());
        }
        bail!(
            "{}: it changed while it was read ({} bytes when it was opened, {read} read, {} now): run again when nothing writes it",
            name(path),
            before.len(),
            after.len()
        );
    }
}

/// Is it /dev/null, which gives the same every time? [Linux, devices.txt: character device 1, 3]
fn is_null(found: &Metadata) -> bool {
    found.file_type().is_char_device() && found.rdev() == 0x103
}

/// Notes what gives its bytes once; an error where it was opened before.
fn remember(path: &Path, found: &Metadata) -> anyhow::Result<()> {
    let is_stdin = STDIN_NAMES.iter().any(|stdin| path == Path::new(stdin));
    let gives_once = !found.is_file() && !is_null(found);
    let source = gives_once.then(|| Once::Source(found.dev(), found.ino()));
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    for once in is_stdin.then_some(Once::Stdin).into_iter().chain(source) {
        if opened.contains(&once) {
            bail!(
                "{}: two inputs are this pipe or device, which gives its bytes only once: give each input a file of its own",
                name(path)
            );
        }
        opened.push(once);
    }
    Ok(())
}

/// A name stands for another file than when it was looked at.
pub(super) fn moved(path: &Path) -> anyhow::Error {
    anyhow!("{}: it is another file than a moment ago: run again when nothing moves it", name(path))
}

/// Is it the same file?
pub(super) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// What the system knows of a name, without opening it; an error for a directory.
pub(super) fn metadata(path: &Path) -> anyhow::Result<Metadata> {
    let metadata = fs::metadata(path).with_context(|| name(path))?;
    if metadata.is_dir() {
        bail!("{}: is a directory, wanted a file", name(path));
    }
    Ok(metadata)
}
