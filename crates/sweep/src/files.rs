//! How files are read: a small trait, so that a command reads a disk, a server its store, and a test memory.
//!
//! ```
//! use sev_launch_sweep::{Files, Memory};
//!
//! let files = Memory::from([("vmlinuz", b"a kernel".to_vec())]);
//! assert_eq!(files.size("vmlinuz".as_ref())?, 8);
//! assert!(files.size("initrd".as_ref()).is_err());
//! # Ok::<(), sev_launch_sweep::FileError>(())
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file cannot be read. Its text names the file.
pub type FileError = Box<dyn std::error::Error + Send + Sync>;

/// A way to read the files that a description names. Several threads may read at the same time.
pub trait Files: Sync {
    /// A file's size in bytes. An error for what has none of its own, for example a pipe.
    fn size(&self, path: &Path) -> Result<u64, FileError>;

    /// A file's bytes. An error for a file of more than `limit` bytes.
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError>;

    /// Gives a file's bytes in pieces, in order and to its end.
    fn stream(&self, path: &Path, each: &mut (dyn FnMut(&[u8]) + Send)) -> Result<(), FileError>;

    /// May an error quote what stands in a file? Not where another file named it: whoever wrote that one chose what is read, and
    /// who sees the error may be somebody else.
    fn may_quote(&self, _path: &Path) -> bool {
        true
    }

    /// May an answer show a file's text? Not where a stranger's file named it: then its hash and its size must do.
    fn may_show(&self, _path: &Path) -> bool {
        true
    }

    /// A path as errors and answers print it.
    fn name(&self, path: &Path) -> String {
        path.display().to_string()
    }
}

/// The most bytes of a small file: an absorbed firmware, a VMSA, a command line.
pub(crate) const SMALL: u64 = 1 << 20;

/// Files that are held in memory, by their paths.
#[derive(Clone, Debug, Default)]
pub struct Memory(BTreeMap<PathBuf, Vec<u8>>);

/// Why a file in memory cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
enum MemoryError {
    #[error("{}: no such file among those at hand", .0.display())]
    Missing(PathBuf),
    #[error("{}: more than {limit} bytes, the most that is read", .path.display())]
    TooLarge { path: PathBuf, limit: u64 },
}

impl Memory {
    fn file(&self, path: &Path) -> Result<&[u8], MemoryError> {
        self.0.get(path).map(Vec::as_slice).ok_or_else(|| MemoryError::Missing(path.into()))
    }
}

impl<P: Into<PathBuf>, const N: usize> From<[(P, Vec<u8>); N]> for Memory {
    fn from(files: [(P, Vec<u8>); N]) -> Self {
        files.into_iter().collect()
    }
}

impl<P: Into<PathBuf>> FromIterator<(P, Vec<u8>)> for Memory {
    fn from_iter<I: IntoIterator<Item = (P, Vec<u8>)>>(files: I) -> Self {
        Self(files.into_iter().map(|(path, bytes)| (path.into(), bytes)).collect())
    }
}

impl Files for Memory {
    fn size(&self, path: &Path) -> Result<u64, FileError> {
        Ok(u64::try_from(self.file(path)?.len())?)
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        if self.size(path)? > limit {
            return Err(MemoryError::TooLarge { path: path.into(), limit }.into());
        }
        Ok(self.file(path)?.to_vec())
    }

    fn stream(&self, path: &Path, each: &mut (dyn FnMut(&[u8]) + Send)) -> Result<(), FileError> {
        each(self.file(path)?);
        Ok(())
    }
}
