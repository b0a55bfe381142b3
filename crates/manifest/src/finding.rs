//! What is noteworthy about rows beside each other: observations that confirm or contradict, digests that repeat.
//!
//! [`Manifest::add`](crate::Manifest::add) gives them.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use sev_launch_digest::vcpus::VcpuCount;

use crate::row::{Obtained, Row};
use sev_launch_abi::LaunchDigest;

/// Something to know about rows. None makes a manifest invalid. Numbers are row indices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
#[non_exhaustive]
#[must_use]
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
    /// An observed or endorsed digest is none of those computed, and no computed row is for what it says of itself.
    NotComputed {
        /// The row.
        row: usize,
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
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        matches!(
            self,
            Self::Contradicts { .. } | Self::NotComputed { .. } | Self::OtherFacts { .. }
        )
    }

    /// Does what was observed or endorsed contradict what was computed? One of the two is wrong then, or they are of different guests.
    #[must_use]
    pub const fn is_contradiction(&self) -> bool {
        matches!(self, Self::Contradicts { .. } | Self::OtherFacts { .. })
    }

    /// Has the row a digest that is computed for nothing, where others are computed? It may be that of another guest, or of this one before
    /// something of it changed, whatever the row says of itself.
    #[must_use]
    pub const fn is_of_no_computed(&self) -> bool {
        matches!(self, Self::Contradicts { .. } | Self::NotComputed { .. })
    }

    /// The row that it is about.
    #[must_use]
    pub const fn row(&self) -> usize {
        match self {
            Self::Confirms { row, .. }
            | Self::Contradicts { row, .. }
            | Self::NotComputed { row }
            | Self::OtherFacts { row, .. }
            | Self::SameDigest { row, .. } => *row,
        }
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
            Self::NotComputed { row } => {
                write!(
                    f,
                    "row {row} has a digest that no row is computed to have, and none is computed for what it says of itself"
                )
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
        findings.extend(Computed::of(earlier).compare(index, row));
    }
    findings
}

/// The computed rows, by their digests and by what they are for.
struct Computed<'a> {
    rows: Vec<(usize, &'a Row)>,
    by_digest: HashMap<LaunchDigest, Vec<usize>>,
    by_vcpus: HashMap<Option<VcpuCount>, Vec<usize>>,
}

/// Computed rows of one number of vCPUs, or of one digest, that a row is held against: more say nothing more.
const MOST_COMPARED: usize = 4096;

impl<'a> Computed<'a> {
    fn of(rows: &'a [Row]) -> Self {
        let rows: Vec<_> =
            rows.iter().enumerate().filter(|(_, row)| row.obtained.is_computed()).collect();
        let mut by_digest: HashMap<_, Vec<usize>> = HashMap::new();
        let mut by_vcpus: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, (_, row)) in rows.iter().enumerate() {
            by_digest.entry(row.digest).or_default().push(place);
            by_vcpus.entry(row.facts.vcpus).or_default().push(place);
        }
        Self { rows, by_digest, by_vcpus }
    }

    /// The first of some computed rows whose facts fit those of `row`, by its index among all rows.
    fn fitting(&self, places: &[usize], row: &Row) -> Option<usize> {
        let mut rows = places.iter().take(MOST_COMPARED).filter_map(|place| self.rows.get(*place));
        rows.find(|(_, other)| row.facts.fits(&other.facts)).map(|(index, _)| *index)
    }

    fn compare(&self, index: usize, row: &Row) -> Option<Finding> {
        if let Some(places) = self.by_digest.get(&row.digest) {
            if let Some(computed) = self.fitting(places, row) {
                return Some(Finding::Confirms { row: index, computed });
            }
            let first = self.rows.get(*places.first()?)?.0;
            return Some(Finding::OtherFacts { row: index, computed: first });
        }
        // A row that does not say for how many vCPUs it is contradicts nobody.
        let places = self.by_vcpus.get(&row.facts.vcpus);
        let contradicted = places.and_then(|places| self.fitting(places, row));
        Some(match contradicted {
            Some(computed) => Finding::Contradicts { row: index, computed },
            None => Finding::NotComputed { row: index },
        })
        .filter(|_| !self.rows.is_empty())
    }
}

/// What there is to say about all rows, in their order.
pub(crate) fn of_rows(rows: &[Row]) -> Vec<Finding> {
    let computed = Computed::of(rows);
    let mut first = HashMap::new();
    let mut findings = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let first = *first.entry(row.digest).or_insert(index);
        if first != index {
            findings.push(Finding::SameDigest { row: index, first });
        }
        if !row.obtained.is_computed() {
            findings.extend(computed.compare(index, row));
        }
    }
    findings
}
