//! What is odd about a part: said, and never an error.

use core::fmt;

use sev_launch_abi::Guid;

/// Something that keeps a part from being understood whole, or that its maker should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// It is no firmware volume, though a volume's signature stands in it.
    NoVolume {
        /// What is wrong with the header.
        why: &'static str,
    },
    /// A checksum does not fit.
    Checksum {
        /// Of what.
        what: &'static str,
    },
    /// The volume's files are of a file system that is not read.
    FileSystem(Guid),
    /// What follows is no file of the volume: kept whole.
    NoFile {
        /// What is wrong.
        why: &'static str,
    },
    /// A file that was deleted, or never written to its end.
    NotInUse,
    /// What follows is no section: kept whole.
    NoSection {
        /// What is wrong.
        why: &'static str,
    },
    /// A packed section that is kept as it is.
    Unopened {
        /// Why.
        why: String,
    },
    /// A part that should be there is not, or is not what it should be.
    Malformed {
        /// What is wrong.
        why: &'static str,
    },
}

impl Remark {
    /// Does it mean that something of the image was not understood?
    #[must_use]
    pub const fn hides_something(&self) -> bool {
        !matches!(self, Self::Checksum { .. })
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVolume { why } => write!(f, "has a firmware volume's signature, but {why}"),
            Self::Checksum { what } => write!(f, "the checksum of its {what} is wrong"),
            Self::FileSystem(guid) => write!(f, "its file system {guid} is not known"),
            Self::NoFile { why } => write!(f, "no file from here on: {why}"),
            Self::NotInUse => f.write_str("deleted, or not written to its end"),
            Self::NoSection { why } => write!(f, "no section from here on: {why}"),
            Self::Unopened { why } => write!(f, "kept packed: {why}"),
            Self::Malformed { why } => f.write_str(why),
        }
    }
}
