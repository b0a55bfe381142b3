//! What came of a comparison, in the forms that CI systems read.
//!
//! Names in it are the images' own; each form escapes them by its rules.

mod annotations;
mod junit;
mod markdown;

use crate::allow::Allow;
use crate::comparison::{Comparison, Group};
use crate::reproduction::Reproduction;

/// Builds of one firmware held against the first, with the names of their files and what they may differ in.
#[derive(Debug)]
pub struct Report<'r> {
    /// The first build's file.
    pub first: String,
    /// Each further build: its file, what differs, and the verdict.
    pub builds: Vec<Build<'r>>,
    /// What they may differ in.
    pub allow: &'r Allow,
    /// The allow file's path; `None` if none was given.
    pub allow_file: Option<String>,
}

/// A build, held against the first.
#[derive(Debug)]
pub struct Build<'r> {
    /// Its file.
    pub file: String,
    /// What differs.
    pub comparison: &'r Comparison<'r>,
    /// The verdict.
    pub reproduction: Reproduction<'r>,
}

impl Report<'_> {
    /// Is every build the same as the first, or different only in what may differ?
    #[must_use]
    pub fn is_reproduced(&self) -> bool {
        self.builds.iter().all(|build| build.reproduction.is_reproduced())
    }

    /// The numbers of the entries of the allow file that permitted nothing: they can go.
    pub fn unused(&self) -> Vec<usize> {
        let is_used = |number: &usize| {
            self.builds
                .iter()
                .any(|build| build.reproduction.permitted.iter().any(|(entry, _)| entry == number))
        };
        (0..self.allow.entries().len()).filter(|number| !is_used(number)).collect()
    }
}

/// What a group of differences is called: its module, or the parts that it stands in.
pub(crate) fn group_name(group: &Group<'_>) -> String {
    group.location.label()
}
