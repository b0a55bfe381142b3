//! Readers of what already describes a guest. Each gives a description, what to know of it, and what it could not know.

use std::fmt;

use serde::Serialize;

use crate::description::Description;

/// What was read from something that describes a guest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// What it says, each value with its place.
    pub description: Description,
    /// What is insecure, cannot be attested, or is likely a mistake.
    pub warnings: Vec<Warning>,
    /// What a digest needs and it does not say.
    pub unknown: Vec<Unknown>,
}

/// Something to know about what was imported. The code is stable; the text is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A stable name, as `kernel-not-measured`.
    pub code: &'static str,
    /// What was found, where, and what to do.
    pub text: String,
}

/// Something that a digest needs, and where to get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// The description's key, as `firmware.path`.
    pub key: &'static str,
    /// Why it is not known, and how to find out.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text, self.code)
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.text)
    }
}
