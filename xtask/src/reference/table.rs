//! What the answers amount to: agreement, a difference that is listed, or one that is not.
//!
//! A listed difference must hold in every case that it covers; one that covers a case where the tool
//! agrees with us is out of date, and that is a failure like any other.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::call::read;
use crate::markdown::{head, row};

/// What a tool said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Digest(String),
    /// It refused; the text is the first line of its message.
    Error(String),
    /// Our command ended in a way that it never should.
    Crash(String),
}

impl Outcome {
    fn text(&self) -> &str {
        let (Self::Digest(text) | Self::Error(text) | Self::Crash(text)) = self;
        text
    }
}

/// One guest: what we say, and what each peer says (`None`: it has no such technology).
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) refused: bool,
    pub(crate) ours: Outcome,
    pub(crate) theirs: Vec<Option<Outcome>>,
}

/// How a tool may differ from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// It prints another digest, or one where we refuse.
    Digest,
    /// It refuses where we print a digest.
    Error,
    /// One or the other, by the version of a file that is not ours.
    Any,
}

/// A difference that is known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Difference {
    peer: String,
    /// A case's id; `*` stands for any text, `/` included.
    case: String,
    kind: Kind,
    reason: String,
}

impl Difference {
    /// Those of testdata/differences.toml.
    pub(crate) fn listed() -> Result<Vec<Self>> {
        const FILE: &str = "testdata/differences.toml";
        let mut tables: BTreeMap<String, Vec<Self>> = toml::from_str(&read(FILE)?).context(FILE)?;
        tables.remove("difference").context(FILE)
    }

    fn covers(&self, peer: &str, case: &str) -> bool {
        self.peer == peer && matches(&self.case, case)
    }

    fn allows(&self, kind: Kind) -> bool {
        self.kind == kind || self.kind == Kind::Any
    }
}

pub(crate) struct Comparison<'a> {
    pub(crate) peers: Vec<&'a str>,
    pub(crate) rows: &'a [Row],
    /// The ids of all cases, those that did not run included.
    pub(crate) all_cases: Vec<&'a str>,
    pub(crate) differences: &'a [Difference],
}

/// How a peer's answer stands to ours; `None` in [`Comparison::standing`] if it was not asked.
enum Standing<'a> {
    Agrees,
    Differs(&'a Outcome, Kind, Option<&'a Difference>),
}
use Standing::{Agrees, Differs};

impl<'a> Comparison<'a> {
    fn standing(&self, row: &'a Row, peer: usize) -> Option<Standing<'a>> {
        let (theirs, name) = (row.theirs.get(peer)?.as_ref()?, self.peers.get(peer)?);
        let kind = match (&row.ours, theirs) {
            (ours, Outcome::Digest(_)) if ours != theirs => Kind::Digest,
            (Outcome::Digest(_), Outcome::Error(_) | Outcome::Crash(_)) => Kind::Error,
            _ => return Some(Agrees),
        };
        let covers = |one: &&Difference| one.covers(name, &row.id) && one.allows(kind);
        Some(Differs(theirs, kind, self.differences.iter().find(covers)))
    }

    /// Everything that has to be looked at; nothing means that all is as expected.
    pub(crate) fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for row in self.rows {
            let (id, ours) = (&row.id, row.ours.text());
            match (&row.ours, row.refused) {
                (Outcome::Digest(_), false) | (Outcome::Error(_), true) => {}
                (_, true) => failures.push(format!("{id}: we say {ours}, wanted a refusal")),
                (_, false) => failures.push(format!("{id}: we say {ours}, wanted a digest")),
            }
            for (index, peer) in self.peers.iter().enumerate() {
                if let Some(Differs(theirs, _, None)) = self.standing(row, index) {
                    failures.push(format!("{id}: {peer} says {}, we say {ours}", theirs.text()));
                }
            }
        }
        for difference in self.differences {
            let Difference { peer, case, .. } = difference;
            let mut fails = |how| failures.push(format!("difference of {peer} in {case}: {how}"));
            if !self.all_cases.iter().any(|id| difference.covers(peer, id)) {
                fails("covers no case".to_owned());
            }
            let Some(index) = self.peers.iter().position(|name| name == peer) else { continue };
            let covered = || self.rows.iter().filter(|row| difference.covers(peer, &row.id));
            let standings = || covered().filter_map(|row| Some((row, self.standing(row, index)?)));
            for (row, _) in standings().filter(|(_, standing)| matches!(standing, Agrees)) {
                fails(format!("agrees in {}", row.id));
            }
            let holds =
                |standing| matches!(standing, Differs(_, kind, _) if difference.allows(kind));
            if covered().next().is_some() && !standings().any(|(_, standing)| holds(standing)) {
                fails("differs in no case as it says".to_owned());
            }
        }
        failures
    }

    /// The counts by group, every case, and the reasons.
    pub(crate) fn markdown(&self) -> String {
        const KINDS: [&str; 3] = ["agree", "differ as listed", "**DIFFER**"];
        let mut reasons: Vec<&str> = Vec::new();
        let mut cells = head(&[&["case", "sev-launch"], self.peers.as_slice()].concat());
        let mut groups: BTreeMap<&str, Vec<[usize; 3]>> = BTreeMap::new();
        for line in self.rows {
            let group = line.id.split('/').next().unwrap_or_default();
            let counts = groups.entry(group).or_insert_with(|| vec![[0; 3]; self.peers.len()]);
            let mut texts = vec![line.id.clone(), short(&line.ours)];
            for (index, [agree, listed, unlisted]) in counts.iter_mut().enumerate() {
                let (count, text) = match self.standing(line, index) {
                    None => (&mut 0, String::new()),
                    Some(Agrees) => (agree, "agrees".into()),
                    Some(Differs(theirs, _, Some(Difference { reason, .. }))) => {
                        let number = reasons.iter().position(|known| known == reason);
                        let number = number.unwrap_or(reasons.len());
                        reasons.extend((number == reasons.len()).then_some(reason.as_str()));
                        (listed, format!("{} ({})", differing(theirs), number + 1))
                    }
                    Some(Differs(theirs, ..)) => {
                        (unlisted, format!("**DIFFERS**: {}", differing(theirs)))
                    }
                };
                *count += 1;
                texts.push(text);
            }
            cells += &row(&texts);
        }
        let mut text = head(&[&["cases"], self.peers.as_slice()].concat());
        for (group, counts) in groups {
            let counts = counts.iter().map(|counts| {
                let parts = counts.iter().zip(KINDS).filter(|(count, _)| **count > 0);
                parts.map(|(count, kind)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
            });
            text += &row(&[group.to_owned()].into_iter().chain(counts).collect::<Vec<_>>());
        }
        text += &format!("\n{cells}");
        for (number, reason) in (1..).zip(reasons) {
            let gap = if number == 1 { "\n" } else { "" };
            text += &format!("{gap}{number}. {reason}\n");
        }
        text
    }
}

fn differing(theirs: &Outcome) -> String {
    if let Outcome::Digest(_) = theirs {
        return "another digest".into();
    }
    let cut: String = theirs.text().chars().take(60).collect();
    let dots = if cut.len() < theirs.text().len() { "..." } else { "" };
    format!("error: {}{dots}", cut.replace('|', "\\|"))
}

fn short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Digest(digest) => format!("`{}`", digest.get(..16).unwrap_or(digest)),
        Outcome::Error(_) => "refused".into(),
        Outcome::Crash(message) => format!("**CRASH**: {}", message.replace('|', "\\|")),
    }
}

/// Matches text with a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| text.get(at..).is_some_and(|text| matches(rest, text)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(theirs: Outcome, listed: &[(&str, Kind)]) -> usize {
        let ours = Outcome::Digest("00".into());
        let row = Row { id: "a/b".into(), refused: false, ours, theirs: vec![Some(theirs)] };
        let listed = listed.iter().map(|(case, kind)| Difference {
            peer: "p".into(),
            case: (*case).into(),
            kind: *kind,
            reason: "because".into(),
        });
        let differences: Vec<_> = listed.collect();
        let comparison = Comparison {
            peers: vec!["p"],
            rows: &[row],
            all_cases: vec!["a/b", "a/c"],
            differences: &differences,
        };
        comparison.failures().len()
    }

    #[test]
    fn an_unlisted_difference_fails_and_so_does_a_listed_one_that_is_gone() {
        let same = Outcome::Digest("00".into());
        assert_eq!(failures(same.clone(), &[]), 0);
        assert_eq!(failures(Outcome::Digest("01".into()), &[]), 1);
        let other = Outcome::Error("no".into());
        assert_eq!(failures(other.clone(), &[("a/*", Kind::Digest)]), 2);
        assert_eq!(failures(other, &[("a/*", Kind::Error)]), 0);
        assert_eq!(failures(same.clone(), &[("a/b", Kind::Any)]), 2);
        assert_eq!(failures(same.clone(), &[("x/*", Kind::Any)]), 1);
        assert_eq!(failures(same, &[("a/c", Kind::Any)]), 0);
    }

    #[test]
    fn star_stands_for_any_text() {
        assert!(matches("seves/*/4x*", "seves/es-legacy/4xEPYC-Milan"));
        assert!(matches("a*", "a"));
        assert!(!matches("a*c", "abd"));
    }

    #[test]
    fn the_list_can_be_read() {
        assert!(Difference::listed().unwrap().len() > 10);
    }
}
