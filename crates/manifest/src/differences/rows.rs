//! Which rows changed, came or went, and why.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::Serialize;

use super::Change;
use super::description::{self, ValueChange};
use super::inputs::{Changes, Pairing};
use crate::manifest::Manifest;
use crate::row::{Facts, Obtained, Row};
use sev_launch_abi::LaunchDigest;

/// A row, by what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowNote {
    /// Its index in its manifest.
    pub row: usize,
    /// Its digest.
    pub digest: LaunchDigest,
    /// What it stands for, in words.
    pub facts: String,
    /// How it was obtained, in words.
    pub obtained: String,
}

impl fmt::Display for RowNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.facts, self.obtained)
    }
}

/// A row whose digest changed, or whose profile, or what is said of how it was obtained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowChange {
    /// What the new row stands for, in words.
    pub facts: String,
    /// Before.
    pub old: RowNote,
    /// After.
    pub new: RowNote,
    /// What explains it: never empty.
    pub causes: Vec<Cause>,
}

/// What explains a changed row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cause {
    /// An input that enters the digest changed.
    Input {
        /// Its place in [`Differences::inputs`](super::Differences::inputs).
        input: usize,
    },
    /// Something else is said of how the digest was obtained: by whom, from what, under which root.
    Obtained(ValueChange),
    /// The row has another launch profile.
    Profile(Change<String>),
    /// Nothing that the row says changed, so the tool did, or what it knows of the profile.
    ToolOrProfile,
}

#[derive(Default)]
pub(super) struct Rows {
    pub(super) changed: Vec<RowChange>,
    pub(super) added: Vec<RowNote>,
    pub(super) removed: Vec<RowNote>,
    pub(super) same: Vec<RowNote>,
}

/// What makes a row of one manifest the counterpart of one of the other: how it was obtained, and its facts with the numbers of
/// pairs in place of inputs.
type Key = (&'static str, Facts);

fn key(row: &Row, pair: impl Fn(u32) -> Option<usize>, with_profile: bool) -> Key {
    let mut facts = row.facts.clone();
    for place in facts.inputs.places() {
        *place = place.and_then(&pair).and_then(|pair| u32::try_from(pair).ok());
    }
    facts.profile = facts.profile.filter(|_| with_profile);
    (row.obtained.name(), facts)
}

struct Comparison<'a> {
    old: &'a Manifest,
    new: &'a Manifest,
    pairing: &'a Pairing,
    changes: &'a Changes,
    rows: Rows,
}

pub(super) fn compare(
    old: &Manifest,
    new: &Manifest,
    pairing: &Pairing,
    changes: &Changes,
    counts: fn(&Row) -> bool,
) -> Rows {
    let list = |manifest: &Manifest| -> Vec<usize> {
        let rows = manifest.rows().iter().enumerate();
        rows.filter(|(_, row)| counts(row)).map(|(index, _)| index).collect()
    };
    let mut comparison = Comparison { old, new, pairing, changes, rows: Rows::default() };
    let (removed, added) = comparison.match_rows(list(old), list(new), true);
    let (removed, added) = comparison.match_rows(removed, added, false);
    let mut rows = comparison.rows;
    rows.removed = removed.into_iter().filter_map(|row| note(old, row)).collect();
    rows.added = added.into_iter().filter_map(|row| note(new, row)).collect();
    rows.changed.sort_by_key(|change| change.old.row);
    rows.same.sort_by_key(|note| note.row);
    rows
}

/// A row of a manifest in words; `None` if it has no such row.
pub(crate) fn note(manifest: &Manifest, row: usize) -> Option<RowNote> {
    let found = manifest.rows().get(row)?;
    Some(RowNote {
        row,
        digest: found.digest,
        facts: manifest.describe(found),
        obtained: found.obtained.to_string(),
    })
}

impl<'a> Comparison<'a> {
    /// Matches rows with equal keys, and gives back those without a counterpart, in their order.
    fn match_rows(
        &mut self,
        old_rows: Vec<usize>,
        new_rows: Vec<usize>,
        with_profile: bool,
    ) -> (Vec<usize>, Vec<usize>) {
        let (old, new, pairing) = (self.old, self.new, self.pairing);
        let mut groups: HashMap<Key, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for index in old_rows {
            if let Some(row) = old.rows().get(index) {
                let key = key(row, |index| pairing.of_old(index), with_profile);
                groups.entry(key).or_default().0.push(index);
            }
        }
        for index in new_rows {
            if let Some(row) = new.rows().get(index) {
                let key = key(row, |index| pairing.of_new(index), with_profile);
                groups.entry(key).or_default().1.push(index);
            }
        }
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for (one, two) in groups.into_values() {
            let (same, one, two) = self.match_equal(one, two, |row| Some(&row.obtained));
            let same = same.into_iter().filter_map(|(index, _)| note(old, index));
            self.rows.same.extend(same);
            let (changed, one, two) = self.match_equal(one, two, |_| None);
            changed.into_iter().for_each(|(one, two)| self.push_change(one, two));
            let shared = one.len().min(two.len());
            for (one, two) in one.iter().zip(&two) {
                self.push_change(*one, *two);
            }
            removed.extend(one.into_iter().skip(shared));
            added.extend(two.into_iter().skip(shared));
        }
        removed.sort_unstable();
        added.sort_unstable();
        (removed, added)
    }

    /// The pairs that are equal in digest, profile and what `more` says of a row, and those that have no such counterpart.
    fn match_equal(
        &self,
        one: Vec<usize>,
        two: Vec<usize>,
        more: fn(&Row) -> Option<&Obtained>,
    ) -> (Vec<(usize, usize)>, Vec<usize>, Vec<usize>) {
        let (old, new) = (self.old, self.new);
        let key = |manifest: &'a Manifest, index: usize| {
            let row: &'a Row = manifest.rows().get(index)?;
            Some((row.digest, row.facts.profile.as_deref(), more(row)))
        };
        let mut free: HashMap<_, Vec<usize>> = HashMap::new();
        for index in two.iter().rev() {
            free.entry(key(new, *index)).or_default().push(*index);
        }
        let (mut pairs, mut rest) = (Vec::new(), Vec::new());
        for index in one {
            match free.get_mut(&key(old, index)).and_then(Vec::pop) {
                Some(counterpart) => pairs.push((index, counterpart)),
                None => rest.push(index),
            }
        }
        let is_taken: HashSet<usize> = pairs.iter().map(|(_, two)| *two).collect();
        (pairs, rest, two.into_iter().filter(|index| !is_taken.contains(index)).collect())
    }

    fn push_change(&mut self, old_row: usize, new_row: usize) {
        let notes = (note(self.old, old_row), note(self.new, new_row));
        let (Some(old), Some(new)) = notes else { return };
        let causes = self.causes(old_row, new_row);
        self.rows.changed.push(RowChange { facts: new.facts.clone(), old, new, causes });
    }

    fn causes(&self, old_row: usize, new_row: usize) -> Vec<Cause> {
        let mut causes = Vec::new();
        let rows = (self.old.rows().get(old_row), self.new.rows().get(new_row));
        if let (Some(one), Some(two)) = rows {
            if one.digest != two.digest {
                causes.extend(self.changed_inputs(two));
            }
            let text = |row: &Row| row.facts.profile.clone().unwrap_or_else(|| "none".into());
            causes.extend(Change::between(&text(one), &text(two)).map(Cause::Profile));
            let mut obtained = Vec::new();
            let [old, new] = [one, two].map(|row| row.obtained.to_value());
            description::compare(&old, &new, "/obtained".to_owned(), &mut obtained);
            causes.extend(obtained.into_iter().map(Cause::Obtained));
        }
        if causes.is_empty() {
            causes.push(Cause::ToolOrProfile);
        }
        causes
    }

    /// The inputs that changed and that a row's digest depends on.
    fn changed_inputs(&self, row: &Row) -> Vec<Cause> {
        let mut causes = Vec::new();
        for (_, _, index) in row.facts.inputs.iter() {
            let pair = self.pairing.of_new(index);
            let place = pair.and_then(|pair| self.changes.of_pair.get(&pair)).copied();
            let change = place.and_then(|place| self.changes.list.get(place));
            if let (Some(input), Some(change)) = (place, change)
                && change.is_content()
                && row.facts.is_measured(change.role)
            {
                causes.push(Cause::Input { input });
            }
        }
        causes
    }
}
