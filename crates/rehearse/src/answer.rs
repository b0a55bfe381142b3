//! What an ioctl of the pretended kernel ends in, besides its errors.

use crate::world::FileId;

/// An answer without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The call returns this number.
    Value(i64),
    /// The call returns a new descriptor of this file.
    File(FileId),
    /// The call returns EINTR when a signal has come for its thread, and not before.
    Hold,
}
