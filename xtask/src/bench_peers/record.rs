//! What a run has measured: docs/bench-peers.json, from which every table is written.
//!
//! Times are in seconds, memory in bytes, rates per second; hash rates are in MB/s (10^6 bytes).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::machine::Machine;
use crate::statistics::{Summary, ratio_by_turn, summary};

/// All runs that are kept: the newest of each kind, by [`Run::kind`].
pub(crate) type Record = BTreeMap<String, Run>;

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) machine: Machine,
    pub(crate) without_sha: bool,
    /// How often each tool did each work.
    pub(crate) turns: u32,
    /// The tools, ours first.
    pub(crate) tools: Vec<String>,
    /// Tools that could not be had, and work that was left out, with the reason.
    pub(crate) remarks: Vec<String>,
    pub(crate) works: Vec<Measured>,
    pub(crate) floor: Floor,
    pub(crate) rates: Vec<Rate>,
}

impl Run {
    /// With the SHA instructions hidden from every tool, or as the machine is.
    pub(crate) fn kind(&self) -> &'static str {
        if self.without_sha { "without_sha_instructions" } else { "with_all_instructions" }
    }
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) work: String,
    pub(crate) unit: Unit,
    pub(crate) figures: Vec<Figure>,
    /// The peer with the smallest median, and ours divided by it: the median of the ratios of each turn.
    pub(crate) best_peer: Option<(String, f64)>,
    /// What no program that hashes in one stream can be under.
    pub(crate) floor: Option<f64>,
}

impl Measured {
    /// From each tool's name, whether it is compared, and its measurements by turn, ours first; `None` if ours has none.
    pub(crate) fn new(work: &str, unit: Unit, tools: &[(String, bool, Vec<f64>)]) -> Option<Self> {
        let ((.., ours), peers) = tools.split_first()?;
        let median = |turns: &[f64]| summary(turns).map_or(f64::INFINITY, |found| found.median);
        let compared = peers.iter().filter(|(_, is_compared, _)| *is_compared);
        let best = compared.min_by(|(.., a), (.., b)| median(a).total_cmp(&median(b)));
        let best_peer =
            best.and_then(|(name, _, turns)| Some((name.clone(), ratio_by_turn(ours, turns)?)));
        let figures = tools.iter().filter_map(|(tool, is_compared, turns)| {
            let (tool, summary) = (tool.clone(), summary(turns)?);
            Some(Figure { tool, summary, is_compared: *is_compared })
        });
        Some(Self { work: work.into(), unit, figures: figures.collect(), best_peer, floor: None })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    Seconds,
    Bytes,
}

/// What one tool needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) tool: String,
    pub(crate) summary: Summary,
    /// Part of the comparison, or told beside it (a library inside of a process that runs already).
    pub(crate) is_compared: bool,
}

/// Hash rates of the libraries of others on one thread, in MB/s: `sha256` of 64 MiB, `sha384_pages` of 4 KiB one by one.
pub(crate) type Floor = BTreeMap<String, BTreeMap<String, Summary>>;

/// Something of ours done many times in one process, against what bounds it and what others reach.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rate {
    pub(crate) what: String,
    /// Which of our implementations.
    pub(crate) backend: String,
    pub(crate) per_second: Summary,
    /// The name of each, its rate, and ours divided by it turn by turn.
    pub(crate) against: Vec<(String, Summary, f64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_peer_is_the_one_with_the_smallest_median() {
        let tools = [
            ("ours".to_owned(), true, vec![1.0, 2.0, 3.0]),
            ("slow".to_owned(), true, vec![9.0; 3]),
            ("fast".to_owned(), true, vec![2.0, 4.0, 100.0]),
            ("inside".to_owned(), false, vec![0.1]),
        ];
        let measured = Measured::new("w", Unit::Seconds, &tools).unwrap();
        assert_eq!(measured.best_peer, Some(("fast".to_owned(), 0.5)));
        assert_eq!(measured.figures.len(), 4);
        assert!(!measured.figures[3].is_compared);
    }
}
