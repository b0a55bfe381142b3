//! What is found inside a firmware image: whether it checks the kernel's hashes, and which modules it consists of.
//!
//! The answers are in compressed volumes, so whoever opens these is passed in, as a function of the image's bytes. No digest depends
//! on them.
//!
//! Part of [`Reading`](crate::Reading), which the crate's example reads with.

use sev_launch_abi::Guid;
use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_digest::hash::Sha256Digest;

/// What an image is looked into by. It reads the image's bytes and nothing else.
pub type LooksInside = fn(&[u8]) -> Inside;

/// The most modules that are kept of an image. edk2's OVMF has about 110; an image with more is kept without its modules.
pub const MOST_MODULES: usize = 4096;

/// What was found inside an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inside {
    /// Whether it checks kernel, initrd and command line against the measured hashes.
    pub kernel_hash_check: KernelHashCheck,
    /// What it consists of, in its order; empty where that is not known.
    pub modules: Vec<Module>,
}

/// A file of a firmware volume, or what is in none, as a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name for people. Text of the image, so any letter may be in it.
    pub name: String,
    /// The file's GUID; `None` if it is in no file.
    pub guid: Option<Guid>,
    /// The SHA-256 of its contents, wherever in the image it lies and for whichever address it was linked.
    pub sha256: Sha256Digest,
}
