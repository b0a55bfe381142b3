//! docs/mutants.json: what came of each file's changes, and at which commit.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::changes::{Change, Outcome};
use super::plan::Plan;
use crate::call;

const NAME: &str = "docs/mutants.json";

/// What came of every file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The program that made the changes.
    pub(crate) cargo_mutants: String,
    /// By the file's path.
    pub(crate) files: BTreeMap<String, Tried>,
}

/// When something was tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    /// The commit that was changed.
    pub(crate) commit: String,
    /// The day, in UTC.
    pub(crate) date: String,
}

/// What came of a file's changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tried {
    /// The file's contents, by git's name of them.
    blob: String,
    /// The last time that something of it was tried.
    #[serde(flatten)]
    pub(crate) stamp: Stamp,
    /// Changes that a test noticed.
    pub(crate) caught: usize,
    /// Changes under which the tests come to no end.
    pub(crate) timed_out: usize,
    /// Changes that do not compile.
    pub(crate) not_compiling: usize,
    /// Changes that are left out with a reason.
    pub(crate) left_out: usize,
    /// The names of those that no test noticed.
    pub(crate) missed: Vec<String>,
}

/// What there is to do for a file.
pub(crate) struct Job<'a> {
    /// The file.
    pub(crate) file: String,
    /// What is known already and stays.
    known: Tried,
    /// What has to be tried.
    pub(crate) to_try: Vec<&'a Change>,
}

impl Record {
    /// The repository's; empty if there is none.
    pub(crate) fn read() -> Result<Self> {
        match call::root().join(NAME).exists() {
            true => serde_json::from_str(&call::read(NAME)?).context(NAME),
            false => Ok(Self::default()),
        }
    }

    /// Writes the repository's.
    pub(crate) fn write(&self) -> Result<()> {
        call::write(NAME, &(serde_json::to_string_pretty(self)? + "\n"))
    }

    /// What there is to do for a file with these contents and changes: of contents that were tried before, what was missed;
    /// of others, or if `all` is wanted, whatever is not left out.
    pub(crate) fn job<'a>(
        &self,
        file: &str,
        blob: &str,
        changes: &[&'a Change],
        plan: &Plan,
        all: bool,
    ) -> Job<'a> {
        let (left_out, left): (Vec<_>, Vec<_>) =
            changes.iter().partition(|change| plan.reason(change).is_some());
        let mut known =
            Tried { blob: blob.to_owned(), left_out: left_out.len(), ..Tried::default() };
        let mut to_try = left;
        let before = self.files.get(file).filter(|before| !all && before.blob == blob);
        if let Some(before) = before {
            let missed = |change: &&Change| before.missed.contains(&change.name);
            let mut next = Tried { left_out: left_out.len(), missed: Vec::new(), ..before.clone() };
            let again: Vec<_> = to_try.iter().copied().filter(missed).collect();
            // It does not add up where a change was caught that is left out now, or the other way round.
            if next.sum() + again.len() == changes.len() {
                next.missed.clear();
                (known, to_try) = (next, again);
            }
        }
        Job { file: file.to_owned(), known, to_try }
    }

    /// Takes what came of a job.
    ///
    /// Errors: a change of the job of which nothing came.
    pub(crate) fn add(
        &mut self,
        job: Job<'_>,
        outcomes: &BTreeMap<String, Outcome>,
        stamp: &Stamp,
    ) -> Result<()> {
        let Job { file, mut known, to_try } = job;
        if !to_try.is_empty() || known.stamp == Stamp::default() {
            known.stamp = stamp.clone();
        }
        for change in to_try {
            let outcome = outcomes.get(&change.name);
            match outcome.with_context(|| format!("{} was not tried", change.name))? {
                Outcome::Caught => known.caught += 1,
                Outcome::TimedOut => known.timed_out += 1,
                Outcome::NotCompiling => known.not_compiling += 1,
                Outcome::Missed => known.missed.push(change.name.clone()),
            }
        }
        self.files.insert(file, known);
        Ok(())
    }

    /// The names of all that was missed.
    pub(crate) fn missed(&self) -> impl Iterator<Item = &str> {
        self.files.values().flat_map(|tried| &tried.missed).map(String::as_str)
    }
}

impl Job<'_> {
    /// Is it known what comes of all of it?
    pub(crate) fn is_done(&self, outcomes: &BTreeMap<String, Outcome>) -> bool {
        self.to_try.iter().all(|change| outcomes.contains_key(&change.name))
    }
}

impl Tried {
    /// How many changes there are.
    pub(crate) fn sum(&self) -> usize {
        self.caught + self.timed_out + self.not_compiling + self.left_out + self.missed.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::plan::Plan;

    fn change(what: &str) -> Change {
        Change::sample(what)
    }

    fn plan(left_out: &str) -> Plan {
        let left_out = format!("[[left_out]]\nchange = 'a.rs: {left_out}'\nreason = 'r'");
        Plan::parse(&format!("part = []\n{left_out}")).unwrap()
    }

    fn stamp(commit: &str) -> Stamp {
        Stamp { commit: commit.to_owned(), date: "2026-01-31".to_owned() }
    }

    fn names(job: &Job<'_>) -> Vec<String> {
        job.to_try.iter().map(|change| change.what.clone()).collect()
    }

    /// Four changes: one left out, one caught, one not compiling, one missed, at contents `blob`.
    fn tried(changes: &[&Change]) -> Record {
        let mut record = Record::default();
        let job = record.job("a.rs", "blob", changes, &plan("1"), false);
        assert_eq!(names(&job), ["2", "3", "4"]);
        let outcomes =
            [("2", Outcome::Caught), ("3", Outcome::NotCompiling), ("4", Outcome::Missed)];
        let outcomes = outcomes.map(|(what, outcome)| (change(what).name, outcome)).into();
        record.add(job, &outcomes, &stamp("first")).unwrap();
        record
    }

    #[test]
    fn only_what_was_missed_is_tried_again_until_the_file_changes() {
        let changes = ["1", "2", "3", "4"].map(change);
        let changes: Vec<&Change> = changes.iter().collect();
        let mut record = tried(&changes);
        assert_eq!(record.missed().collect::<Vec<_>>(), ["a.rs:1:1: 4"]);
        let job = |record: &Record, blob, all| record.job("a.rs", blob, &changes, &plan("1"), all);
        assert_eq!(names(&job(&record, "other", false)), ["2", "3", "4"]);
        assert_eq!(names(&job(&record, "blob", true)), ["2", "3", "4"]);
        let again = job(&record, "blob", false);
        assert_eq!(names(&again), ["4"]);
        let outcomes = [(change("4").name, Outcome::TimedOut)].into();
        record.add(again, &outcomes, &stamp("second")).unwrap();
        let tried = &record.files["a.rs"];
        let counts = [
            tried.caught,
            tried.timed_out,
            tried.not_compiling,
            tried.left_out,
            tried.missed.len(),
        ];
        assert_eq!((counts, tried.stamp.commit.as_str()), ([1, 1, 1, 1, 0], "second"));
        // Nothing is tried any more, and the commit stays that of the last trial.
        let nothing = job(&record, "blob", false);
        assert!(nothing.to_try.is_empty());
        record.add(nothing, &BTreeMap::new(), &stamp("third")).unwrap();
        assert_eq!(record.files["a.rs"].stamp.commit, "second");
    }

    #[test]
    fn a_change_that_is_left_out_from_now_on_counts_as_that() {
        let changes = ["1", "2", "3", "4"].map(change);
        let changes: Vec<&Change> = changes.iter().collect();
        let record = tried(&changes);
        let job = record.job("a.rs", "blob", &changes, &plan("*"), false);
        assert!(job.to_try.is_empty());
        assert_eq!((job.known.left_out, job.known.caught), (4, 0));
        let missed_is_left_out = Plan::parse(
            "part = []\n[[left_out]]\nchange = 'a.rs: 1'\nreason = 'r'\n[[left_out]]\nchange = 'a.rs: 4'\nreason = 'r'",
        );
        let job = record.job("a.rs", "blob", &changes, &missed_is_left_out.unwrap(), false);
        assert!(job.to_try.is_empty());
        assert_eq!((job.known.left_out, job.known.caught, job.known.sum()), (2, 1, 4));
        // What is no longer left out has to be tried, and so is all of the file.
        let job = record.job("a.rs", "blob", &changes, &plan("none"), false);
        assert_eq!(names(&job), ["1", "2", "3", "4"]);
    }

    #[test]
    fn what_was_not_tried_is_an_error_and_never_caught() {
        let changes = [change("1"), change("2")];
        let changes: Vec<&Change> = changes.iter().collect();
        let mut record = Record::default();
        let job = record.job("a.rs", "blob", &changes, &plan("1"), false);
        let error = record.add(job, &BTreeMap::new(), &stamp("first")).unwrap_err();
        assert!(error.to_string().contains("was not tried"), "{error}");
    }
}
