//! A kernel or initrd that is hashed as it comes.

use super::kind::{Head, KernelHead};
use crate::hash::{Backend, Midstate, Portable, Sha256Digest};

/// The SHA-256 of a file that comes in chunks, and its first bytes, in constant memory.
///
/// ```
/// # use sev_launch_digest::kernel_hashes::{FileHasher, KernelKind};
/// let mut hasher = FileHasher::new();
/// for chunk in [&b"MZ"[..], &[0; 600]] {
///     hasher.update(chunk);
/// }
/// let file = hasher.finish();
/// assert_eq!((file.size, file.head.kind), (602, KernelKind::Unknown));
/// ```
#[derive(Clone, Debug, Default)]
pub struct FileHasher {
    state: Midstate,
    head: Head,
}

/// A file that was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashedFile {
    /// The SHA-256 of all bytes.
    pub sha256: Sha256Digest,
    /// How many bytes.
    pub size: u64,
    /// What its first bytes make it as a kernel.
    pub head: KernelHead,
}

impl FileHasher {
    /// Before any byte.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next chunk of the file in.
    pub fn update(&mut self, chunk: &[u8]) {
        self.update_with(&Portable, chunk);
    }

    /// Takes the next chunk in by the given implementation.
    pub fn update_with(&mut self, backend: &impl Backend, chunk: &[u8]) {
        self.head.update(chunk);
        self.state.update_with(backend, chunk);
    }

    /// The file, whole.
    pub fn finish(&self) -> HashedFile {
        HashedFile {
            sha256: Sha256Digest::from_bytes(self.state.finish()),
            size: self.state.length(),
            head: self.head.kernel(),
        }
    }
}
