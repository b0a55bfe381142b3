//! docs/fuzzing.json and docs/fuzzing.md: the last run of each target.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::log::Progress;
use super::{Folders, size_of};
use crate::call::{Call, read, root, write};
use crate::machine::Machine;
use crate::markdown;

/// Of each target its last run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    machine: Option<Machine>,
    targets: BTreeMap<String, Figures>,
}

/// What a run of a target came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Figures {
    runs: u64,
    /// Those of earlier runs, which this one went on from, and its own.
    runs_in_all: u64,
    seconds: f64,
    /// Edges of the code that were reached.
    edges: u64,
    new_edges_in_last_third: u64,
    /// Inputs that were found, and their bytes.
    corpus: (u64, u64),
    /// Those that the repository keeps.
    kept: (u64, u64),
    /// The day, in UTC, and the commit.
    date: String,
    commit: String,
}

const BEGIN: &str = "\
# Fuzzing

Written by `cargo xtask fuzz --write`; not edited by hand. Parsers, and the decisions that rest on them, are run under libFuzzer:
[fuzz/src/lib.rs](../fuzz/src/lib.rs) lists the targets, and each one's file says what it compares with. Our code is built as for a release, but every
overflow and every `debug_assert` is a panic. One input may take 10 seconds, and a program 2 GiB.

Each row is a target. *Runs* are its executions, each with one input, in the last session; *runs in all* counts those of earlier sessions too, also of
earlier commits. An *edge* is a jump from one piece of code to another, in our code and in the parsers below it; *new* are the edges that were
first seen in the last third of the runs. *Found* are the inputs that reached a new edge, and *kept* those in [fuzz/corpus](../fuzz/corpus), which
`cargo xtask check` runs as plain tests. Where an input failed, the code was mended, and the input is kept as `found-…`.

";

/// When, and of what.
pub(super) struct Stamp {
    /// The day, in UTC.
    date: String,
    /// The commit that is built.
    commit: String,
}

impl Stamp {
    /// Of now.
    pub(super) fn read() -> Result<Self> {
        let commit = Call::new("git", "describe --always --dirty").text();
        Ok(Self {
            date: Call::new("date", "-u +%F").text()?,
            commit: commit.unwrap_or_else(|_| "unknown".to_owned()),
        })
    }
}

impl Record {
    pub(super) fn read() -> Result<Self> {
        if !root().join("docs/fuzzing.json").is_file() {
            return Ok(Self::default());
        }
        serde_json::from_str(&read("docs/fuzzing.json")?).context("docs/fuzzing.json")
    }

    /// Takes in a new session of a target.
    pub(super) fn add(&mut self, name: &str, mut figures: Figures) {
        figures.runs_in_all += self.targets.get(name).map_or(0, |before| before.runs_in_all);
        self.targets.insert(name.to_owned(), figures);
    }

    /// Writes both files, with these targets only.
    pub(super) fn write(&mut self, known: &[String]) -> Result<()> {
        self.targets.retain(|name, _| known.contains(name));
        self.machine = Some(Machine::read()?);
        write("docs/fuzzing.json", &(serde_json::to_string_pretty(&self)? + "\n"))?;
        write("docs/fuzzing.md", &self.page())
    }

    fn page(&self) -> String {
        let mut page = BEGIN.to_owned();
        if let Some(machine) = &self.machine {
            page += &format!("{}, {}.\n\n", machine.line(), machine.rustc);
        }
        let head =
            "target,runs in all,runs,runs per second,edges,new,found,kept,KiB kept,date,commit";
        page += &markdown::head(&head.split(',').collect::<Vec<_>>());
        for (name, figures) in &self.targets {
            page += &figures.row(name);
        }
        let runs: u64 = self.targets.values().map(|figures| figures.runs_in_all).sum();
        let kept: u64 = self.targets.values().map(|figures| figures.kept.1).sum();
        page += &format!(
            "\n{} targets, {} runs; {} KiB are kept.\n",
            self.targets.len(),
            grouped(runs),
            kept.div_ceil(1024)
        );
        page
    }
}

impl Figures {
    pub(super) fn new(
        progress: &Progress,
        seconds: f64,
        folders: &Folders,
        stamp: &Stamp,
    ) -> Result<Self> {
        Ok(Self {
            runs: progress.runs,
            runs_in_all: progress.runs,
            seconds,
            edges: progress.edges(),
            new_edges_in_last_third: progress.new_in_last_third(),
            corpus: size_of(&folders.corpus)?,
            kept: size_of(&folders.kept)?,
            date: stamp.date.clone(),
            commit: stamp.commit.clone(),
        })
    }

    /// Was anything run?
    pub(super) fn is_of_runs(&self) -> bool {
        self.runs > 0
    }

    /// One line for people.
    pub(super) fn line(&self, name: &str) -> String {
        let Self { runs, edges, new_edges_in_last_third: new, corpus: (files, _), .. } = self;
        let (runs, rate) = (grouped(*runs), self.rate());
        format!(
            "{name}: {runs} runs, {rate} per second, {edges} edges ({new} new in the last third), {files} inputs"
        )
    }

    fn rate(&self) -> String {
        let runs = f64::from(u32::try_from(self.runs).unwrap_or(u32::MAX));
        markdown::number(runs / self.seconds)
    }

    fn row(&self, name: &str) -> String {
        markdown::row(&[
            format!("`{name}`"),
            grouped(self.runs_in_all),
            grouped(self.runs),
            self.rate(),
            self.edges.to_string(),
            self.new_edges_in_last_third.to_string(),
            self.corpus.0.to_string(),
            self.kept.0.to_string(),
            self.kept.1.div_ceil(1024).to_string(),
            self.date.clone(),
            self.commit.clone(),
        ])
    }
}

/// With a comma before each three digits: 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_counted_in_all() {
        let figures = |runs| Figures {
            runs,
            runs_in_all: runs,
            seconds: 1.0,
            edges: 1,
            new_edges_in_last_third: 0,
            corpus: (0, 0),
            kept: (0, 0),
            date: String::new(),
            commit: String::new(),
        };
        let mut record = Record::default();
        for runs in [10, 5] {
            record.add("a", figures(runs));
        }
        let found = record.targets.get("a").expect("added");
        assert_eq!((found.runs, found.runs_in_all), (5, 15));
    }

    #[test]
    fn thousands_are_grouped() {
        let shown = [0, 12, 123, 1234, 123_456, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "12", "123", "1,234", "123,456", "1,234,567"]);
    }
}
