//! What is noteworthy about rows beside each other: observations that confirm or contradict, digests that repeat.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::manifest::Manifest;
use crate::row::{Obtained, Row};

/// Something to know about rows. None makes a manifest invalid. Numbers are row indices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Finding {
    /// An observed or endorsed digest is the computed one of the same facts.
    Confirms {
        /// The row.
        row: usize,
        /// A computed row with its digest, whose facts fit.
        computed: usize,
    },
    /// An observed or endorsed digest is none of those computed for the same facts, nor for any others.
    Contradicts {
        /// The row.
        row: usize,
        /// A computed row whose facts fit, with another digest.
        computed: usize,
    },
    /// An observed or endorsed digest was computed, but for other facts.
    OtherFacts {
        /// The row.
        row: usize,
        /// A computed row with its digest.
        computed: usize,
    },
    /// The digest is that of an earlier row.
    SameDigest {
        /// The row.
        row: usize,
        /// The first row with the same digest.
        first: usize,
    },
}

impl Finding {
    /// Should a person look at it?
    pub const fn is_warning(&self) -> bool {
        matches!(self, Self::Contradicts { .. } | Self::OtherFacts { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Confirms { row, computed } => {
                write!(f, "row {row} confirms row {computed}: the digest is the computed one")
            }
            Self::Contradicts { row, computed } => {
                write!(f, "row {row} contradicts row {computed}: same facts, another digest")
            }
            Self::OtherFacts { row, computed } => {
                write!(f, "row {row} has the digest that row {computed} has for other facts")
            }
            Self::SameDigest { row, first } => {
                write!(f, "row {row} has the same digest as row {first}")
            }
        }
    }
}

/// What there is to say about a row that comes after `earlier` ones.
pub(crate) fn of_row(index: usize, row: &Row, earlier: &[Row]) -> Vec<Finding> {
    let same = earlier.iter().position(|other| other.digest == row.digest);
    let mut findings: Vec<Finding> =
        same.map(|first| Finding::SameDigest { row: index, first }).into_iter().collect();
    if row.obtained != Obtained::Computed {
        let computed = || earlier.iter().enumerate().filter(|(_, row)| row.obtained.is_computed());
        findings.extend(compare(index, row, computed));
    }
    findings
}

fn compare<'a, I>(index: usize, row: &Row, computed: impl Fn() -> I) -> Option<Finding>
where
    I: Iterator<Item = (usize, &'a Row)>,
{
    let find = |same: bool, fits: bool| {
        computed()
            .find(|(_, other)| {
                (other.digest == row.digest) == same && (!fits || row.facts.fits(&other.facts))
            })
            .map(|(computed, _)| computed)
    };
    if let Some(computed) = find(true, true) {
        return Some(Finding::Confirms { row: index, computed });
    }
    if let Some(computed) = find(true, false) {
        return Some(Finding::OtherFacts { row: index, computed });
    }
    find(false, true).map(|computed| Finding::Contradicts { row: index, computed })
}

impl Manifest {
    /// What there is to say about all rows, in their order. Work grows with computed rows times other rows.
    pub fn findings(&self) -> Vec<Finding> {
        let rows = self.rows();
        let mut first = HashMap::new();
        let mut findings = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let first = *first.entry(row.digest).or_insert(index);
            if first != index {
                findings.push(Finding::SameDigest { row: index, first });
            }
            if !row.obtained.is_computed() {
                let computed =
                    || rows.iter().enumerate().filter(|(_, row)| row.obtained.is_computed());
                findings.extend(compare(index, row, computed));
            }
        }
        findings
    }
}
