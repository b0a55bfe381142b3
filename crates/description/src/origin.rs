//! Where a value came from: printed beside it, so that nobody has to guess what won.
//!
//! ```
//! use sev_launch_description::{Origin, Sourced};
//!
//! let count = Sourced::new(4, Origin::import("domain/vcpu"));
//! assert_eq!(count.origin.to_string(), "from domain/vcpu");
//! ```

use std::fmt;

use serde::{Serialize, Serializer};

/// A value that may not have been given. `None` if it was not, or if it is unknown: a description's list `unknown` tells which.
pub type Field<T> = Option<Sourced<T>>;

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Its origin.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// A value from somewhere.
    pub fn new(value: T, origin: impl Into<Origin>) -> Self {
        Self { value, origin: origin.into() }
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A description's file, by its name.
    File(String),
    /// A flag of the command line, as `--vcpus`.
    Flag(&'static str),
    /// A place in what was imported, as `domain/vcpu`.
    Import(String),
    /// Nobody said it: this is what holds then, and why.
    Default(String),
}

impl Origin {
    /// A description's file.
    pub fn file(name: impl Into<String>) -> Self {
        Self::File(name.into())
    }

    /// A place in what was imported.
    pub fn import(place: impl Into<String>) -> Self {
        Self::Import(place.into())
    }

    /// A default and its reason.
    pub fn default(reason: impl Into<String>) -> Self {
        Self::Default(reason.into())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => f.write_str(name),
            Self::Flag(flag) => f.write_str(flag),
            Self::Import(place) => write!(f, "from {place}"),
            Self::Default(reason) => write!(f, "default: {reason}"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<&Self> for Origin {
    fn from(origin: &Self) -> Self {
        origin.clone()
    }
}
