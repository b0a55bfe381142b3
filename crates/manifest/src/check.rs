//! Is a recorded manifest still what the inputs give? The answer for CI, in the forms that CI reads.
//!
//! Whatever a manifest says and can be computed again is compared: computed rows, the technology, the policy, and of each input
//! its hash, its size and a firmware's facts, whether or not a digest depends on them. Where an input lies may change. Rows
//! that were observed or endorsed cannot be computed again: each is named as unchecked.
//!
//! The crate's example shows it in use.

use std::fmt;

use serde::Serialize;

use crate::differences::{self, Differences, InputChange, RowChange, RowNote};
use crate::error::Error;
use crate::manifest::Manifest;

pub mod annotations;
pub mod junit;
pub mod markdown;
pub mod proofs;
mod recorded;

pub use proofs::UnprovenRow;
pub use recorded::Recorded;

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Check {
    /// What the owner calls the guest.
    pub name: String,
    /// Is all that was computed the same?
    same: bool,
    /// How many computed rows are the same.
    rows_same: usize,
    /// The rows of endorsements that were verified again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    proven: Vec<RowNote>,
    /// The rows of endorsements that do not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unproven: Vec<UnprovenRow>,
    /// The rows that were not computed, and so are kept unchecked.
    kept: Vec<RowNote>,
    /// What differs.
    differences: Differences,
}

/// Compares a recorded manifest with one computed again from the same description. An error where either has no computed
/// row: nothing checked is no yes.
///
/// A command line whose text was not to be shown when it was computed again is as good as the recorded one of the same hash.
pub fn check(recorded: &Manifest, recomputed: &Manifest) -> Result<Check, Error> {
    for (which, manifest) in [("recorded", recorded), ("recomputed", recomputed)] {
        if !manifest.rows().iter().any(|row| row.obtained.is_computed()) {
            return Err(Error::NothingComputed { which });
        }
    }
    let recomputed = recomputed.clone().with_texts_of(recorded);
    let mut differences =
        differences::compare(recorded, &recomputed, |row| row.obtained.is_computed());
    // What is computed again has none: those that are kept are proven, or not, by themselves.
    differences.endorsements = None;
    let kept = kept(recorded);
    let same = differences.rows_changed.is_empty()
        && differences.rows_added.is_empty()
        && differences.rows_removed.is_empty()
        && differences.inputs.iter().all(InputChange::is_move)
        && differences.technology.is_none()
        && differences.policy.is_none()
        && differences.host_data.is_none()
        && differences.id_block.is_none();
    let name = recorded.head().name.clone();
    let rows_same = differences.rows_same.len();
    let (proven, unproven) = (Vec::new(), Vec::new());
    Ok(Check { name, same, rows_same, proven, unproven, kept, differences })
}

/// The rows that were not computed.
fn kept(recorded: &Manifest) -> Vec<RowNote> {
    let rows = recorded.rows().iter().enumerate();
    let kept = rows.filter(|(_, row)| !row.obtained.is_computed());
    kept.filter_map(|(index, _)| differences::note(recorded, index)).collect()
}

impl Check {
    /// Is every computed row the same, and every input, the technology and the policy with them?
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.same
    }

    /// What differs, in computed rows.
    pub fn differences(&self) -> &Differences {
        &self.differences
    }

    /// The rows that were kept unchecked, since they were not computed: their digests are as good as whoever wrote them.
    pub fn kept(&self) -> &[RowNote] {
        &self.kept
    }

    /// The outcome as JSON: an object with `same`, counts and all differences; one newline at the end.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        crate::text::json(self)
    }

    /// The failures, but for those of inputs.
    fn failures(&self) -> Vec<Failure<'_>> {
        let differences = &self.differences;
        let mut failures = Vec::new();
        let mut push = |title, text: String, place| failures.push(Failure { title, text, place });
        if let Some(change) = &differences.technology {
            push("technology changed", change.to_string(), Place::Field("technology"));
        }
        if let Some(change) = &differences.policy {
            push("guest policy changed", change.to_string(), Place::Field("policy"));
        }
        if let Some(change) = &differences.host_data {
            push("host data changed", change.to_string(), Place::Field("host_data"));
        }
        if let Some(change) = &differences.id_block {
            push("ID block changed", change.to_string(), Place::Field("description"));
        }
        for change in &differences.rows_changed {
            push("launch digest changed", self.row_text(change), Place::Row(&change.old));
        }
        for row in &differences.rows_added {
            let text = format!("{}: {}", row.facts, row.digest);
            push("row is not recorded", text, Place::None);
        }
        for row in &differences.rows_removed {
            let text = format!("{}: {}", row.facts, row.digest);
            push("row is no longer described", text, Place::Row(row));
        }
        for row in &self.unproven {
            let text = format!("{}: {}: {}", row.row.facts, row.row.digest, row.reason);
            push("endorsed row is not proven", text, Place::Row(&row.row));
        }
        failures
    }

    fn row_text(&self, change: &RowChange) -> String {
        let causes = change.causes.iter().map(|cause| self.differences.explain(cause));
        let causes: Vec<_> = causes.collect();
        let (old, new) = (change.old.digest, change.new.digest);
        format!("{}: {old} -> {new}, because {}", change.facts, causes.join("; "))
    }
}

/// A failure of a check.
struct Failure<'a> {
    /// A few words.
    title: &'static str,
    /// What it is about.
    text: String,
    /// Where it stands in the recorded manifest.
    place: Place<'a>,
}

/// A place in a recorded manifest.
enum Place<'a> {
    /// Not in it.
    None,
    /// A field of its head.
    Field(&'static str),
    /// One of its rows.
    Row(&'a RowNote),
}

/// Why nobody can check such a row, in words.
fn unchecked(row: &RowNote) -> String {
    format!(
        "row {}, {}: {}, and not computed, so it is not checked",
        row.row, row.facts, row.obtained
    )
}

/// An input's change with the parts of a firmware, in lines.
fn input_text(change: &InputChange) -> String {
    let parts = change.firmware.iter().map(|part| format!("\n{part}"));
    parts.fold(change.to_string(), |text, part| text + &part)
}

impl fmt::Display for Check {
    /// For people: the verdict, then every difference.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = |count: usize| format!("{count} row{}", if count == 1 { "" } else { "s" });
        let verdict = if self.same { "is current" } else { "has drifted" };
        let same = if self.rows_same == 1 { "is" } else { "are" };
        write!(f, "{} {verdict}: {} {same} the same", self.name, rows(self.rows_same))?;
        if !self.proven.is_empty() {
            write!(f, ", {} proven by endorsements", rows(self.proven.len()))?;
        }
        if !self.unproven.is_empty() {
            write!(f, ", {} not proven", rows(self.unproven.len()))?;
        }
        if !self.kept.is_empty() {
            write!(f, ", {} kept unchecked", rows(self.kept.len()))?;
        }
        writeln!(f)?;
        for row in &self.unproven {
            writeln!(f, "row {}, {}: {}", row.row.row, row.row.facts, row.reason)?;
        }
        self.kept.iter().try_for_each(|row| writeln!(f, "{}", unchecked(row)))?;
        write!(f, "{}", self.differences)
    }
}
