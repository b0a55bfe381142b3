//! Why something is no description, or describes no launch.

use thiserror::Error;

use crate::unknown::Unknown;

/// What was found, what was wanted, and where.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Not TOML, not JSON, or of another shape.
    #[error("{file}: {message}")]
    Syntax {
        /// What was being read.
        file: String,
        /// What the reader says, with the place.
        message: String,
    },
    /// A key that means nothing.
    #[error("{file}{}: unknown key {key}{}", line.map(|line| format!(", line {line}")).unwrap_or_default(), suggestion.as_ref().map(|key| format!(": did you mean {key}?")).unwrap_or_default())]
    UnknownKey {
        /// What was being read.
        file: String,
        /// The line, counted from 1, where it is known.
        line: Option<usize>,
        /// The key with its table, as `boot.kernl`.
        key: String,
        /// The key that was likely meant.
        suggestion: Option<String>,
    },
    /// A value that cannot be what its key stands for.
    #[error("{file}: {key}: {message}")]
    Value {
        /// What was being read.
        file: String,
        /// The key with its table.
        key: String,
        /// What is wrong with it.
        message: String,
    },
    /// Two keys of which only one can hold.
    #[error("{file}: {first} and {second} say the same thing in two ways: give one")]
    Both {
        /// What was being read.
        file: String,
        /// The one key.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// What is imported is larger than anything real.
    #[error("{file}: {found} bytes, more than the {wanted} that are read")]
    TooLarge {
        /// What was being read.
        file: String,
        /// Bytes found.
        found: usize,
        /// Bytes at most.
        wanted: usize,
    },
    /// What is imported is not of the kind that was said.
    #[error("{file}: {message}")]
    Import {
        /// What was being read.
        file: String,
        /// What was found and what was wanted.
        message: String,
    },
    /// What is described cannot be one launch.
    #[error("{0}")]
    Contradiction(String),
    /// Something that a launch needs was not said.
    #[error("{0}")]
    Missing(String),
    /// Something that a digest needs is not known, or something that may change one was not looked at: all of it.
    #[error("unknown: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\nunknown: "))]
    Unknown(Vec<Unknown>),
    /// What the digest's own types refuse.
    #[error(transparent)]
    Digest(#[from] sev_launch_digest::Error),
}
