//! Why an image is not looked into.
//!
//! What is malformed inside an image is no error: it is kept whole, with a remark. An error means that looking further would cost too much, or that the
//! file is none that can be looked into.

use thiserror::Error as Thiserror;

use crate::limits::{MAX_DEPTH, MAX_FILES, MAX_PARTS, MAX_UNPACKED};

/// An image that is not looked into.
#[derive(Clone, Debug, Thiserror, PartialEq, Eq)]
pub enum Error {
    /// No byte at all.
    #[error("the image is empty")]
    Empty,
    /// The file.
    #[error("the image has {size} bytes: at most {MAX_UNPACKED} are looked into")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
    },
    /// An image that is looked into for its volumes, and has none.
    #[error("no firmware volume is in it, so it is no OVMF image or variable store")]
    NoVolume,
    /// An image that should be a firmware, and has no code.
    #[error(
        "no module is in it, so it is no firmware: give the CODE image or the whole one, and not the variable store"
    )]
    NoModule,
    /// A file that holds an image, or one that is launched in another way.
    #[error(transparent)]
    Firmware(#[from] sev_launch_digest::firmware::Error),
    /// A small image that becomes a large one.
    #[error(
        "the image's packed sections unpack to more than {MAX_UNPACKED} bytes in all: no firmware is that large"
    )]
    UnpacksTooFar,
    /// More packed bytes than any firmware has.
    #[error(
        "unpacking the image's sections is more work than any firmware needs: at most about 32 MiB by LZMA, or 150 MiB by Brotli, are unpacked"
    )]
    TooMuchWork,
    /// Volumes in volumes, or sections in sections.
    #[error(
        "volumes and sections stand more than {MAX_DEPTH} deep in one another: no firmware is that deep"
    )]
    TooDeep,
    /// Files in all volumes together.
    #[error("the image's volumes have more than {MAX_FILES} files: no firmware has that many")]
    TooManyFiles,
    /// Files, sections, variables, padding.
    #[error("the image consists of more than {MAX_PARTS} parts: no firmware has that many")]
    TooManyParts,
}
