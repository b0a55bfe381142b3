//! What the answers amount to: agreement, a difference that is listed, or one that is not.
//!
//! A listed difference must hold in every case that it covers; one that covers a case where the tool
//! agrees with us is out of date, and that is a failure like any other.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::differences::{Difference, Kind};
use super::peers::Outcome;

/// One guest: what we say, and what each peer says (nothing: it has no such technology).
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) refused: bool,
    pub(crate) ours: Outcome,
    pub(crate) theirs: Vec<Option<Outcome>>,
}

/// How an answer stands to ours.
pub(crate) enum Standing {
    Agrees,
    Differs(Kind),
    NotAsked,
}

impl Row {
    pub(crate) fn standing(&self, peer: usize) -> Standing {
        match (&self.ours, self.theirs.get(peer).and_then(Option::as_ref)) {
            (_, None) => Standing::NotAsked,
            (Outcome::Digest(ours), Some(Outcome::Digest(theirs))) if ours == theirs => {
                Standing::Agrees
            }
            (_, Some(Outcome::Digest(_))) => Standing::Differs(Kind::Digest),
            (Outcome::Digest(_), Some(_)) => Standing::Differs(Kind::Error),
            (_, Some(_)) => Standing::Agrees,
        }
    }

    fn ours_is_right(&self) -> bool {
        match self.ours {
            Outcome::Digest(_) => !self.refused,
            Outcome::Error(_) => self.refused,
            Outcome::Crash(_) => false,
        }
    }
}

pub(crate) struct Comparison<'a> {
    pub(crate) peers: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// The ids of all cases, those that did not run included.
    pub(crate) all_cases: Vec<String>,
    pub(crate) differences: &'a [Difference],
}

impl Comparison<'_> {
    /// Everything that has to be looked at; nothing means that all is as expected.
    pub(crate) fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for row in &self.rows {
            if !row.ours_is_right() {
                let wanted = if row.refused { "a refusal" } else { "a digest" };
                failures.push(format!("{}: we say {}, wanted {wanted}", row.id, say(&row.ours)));
            }
            for (index, peer) in self.peers.iter().enumerate() {
                if let (Standing::Differs(kind), Some(Some(theirs))) =
                    (row.standing(index), row.theirs.get(index))
                    && self.listed(peer, &row.id, kind).is_none()
                {
                    let (ours, theirs) = (say(&row.ours), say(theirs));
                    failures.push(format!("{}: {peer} says {theirs}, we say {ours}", row.id));
                }
            }
        }
        for difference in self.differences {
            self.out_of_date(difference, &mut failures);
        }
        failures
    }

    fn out_of_date(&self, difference: &Difference, failures: &mut Vec<String>) {
        let Difference { peer, case, .. } = difference;
        let entry = format!("difference of {peer} in {case}");
        if !self.all_cases.iter().any(|id| difference.covers(peer, id)) {
            failures.push(format!("{entry}: covers no case"));
        }
        let Some(index) = self.peers.iter().position(|name| name == peer) else { return };
        let covered = self.rows.iter().filter(|row| difference.covers(peer, &row.id));
        let (mut seen, mut held) = (0, 0);
        for row in covered {
            match row.standing(index) {
                Standing::Agrees => failures.push(format!("{entry}: agrees in {}", row.id)),
                Standing::Differs(kind) if difference.allows(kind) => held += 1,
                Standing::Differs(_) | Standing::NotAsked => {}
            }
            seen += 1;
        }
        if seen > 0 && held == 0 {
            failures.push(format!("{entry}: differs in no case as it says"));
        }
    }

    fn listed(&self, peer: &str, case: &str, kind: Kind) -> Option<&Difference> {
        self.differences
            .iter()
            .find(|difference| difference.covers(peer, case) && difference.allows(kind))
    }

    /// The counts by group, every case, and the reasons.
    pub(crate) fn markdown(&self) -> String {
        let mut reasons: Vec<&str> = Vec::new();
        let mut cells = String::new();
        let mut counts: BTreeMap<&str, Vec<[usize; 3]>> = BTreeMap::new();
        for row in &self.rows {
            let group = row.id.split('/').next().unwrap_or_default();
            let counts = counts.entry(group).or_insert_with(|| vec![[0; 3]; self.peers.len()]);
            let _ = write!(cells, "| {} | {} |", row.id, short(&row.ours));
            for (index, peer) in self.peers.iter().enumerate() {
                let (cell, place) = self.cell(row, index, peer, &mut reasons);
                let _ = write!(cells, " {cell} |");
                if let (Some(place), Some(counts)) = (place, counts.get_mut(index))
                    && let Some(count) = counts.get_mut(place)
                {
                    *count += 1;
                }
            }
            cells.push('\n');
        }
        let heads = self.peers.join(" | ");
        let rule = "---|".repeat(self.peers.len());
        let mut text = format!("| cases | {heads} |\n|---|{rule}\n");
        for (group, counts) in counts {
            let _ = write!(text, "| {group} |");
            for [agree, listed, unlisted] in counts {
                let mut parts = Vec::new();
                for (count, what) in
                    [(agree, "agree"), (listed, "differ as listed"), (unlisted, "**DIFFER**")]
                {
                    if count > 0 {
                        parts.push(format!("{count} {what}"));
                    }
                }
                let _ = write!(text, " {} |", parts.join(", "));
            }
            text.push('\n');
        }
        let _ = write!(text, "\n| case | sev-launch | {heads} |\n|---|---|{rule}\n{cells}");
        if !reasons.is_empty() {
            text.push('\n');
        }
        for (index, reason) in reasons.iter().enumerate() {
            let _ = writeln!(text, "{}. {reason}", index + 1);
        }
        text
    }

    /// A cell's text, and where it counts: agreement, listed, unlisted.
    fn cell<'a>(
        &'a self,
        row: &Row,
        index: usize,
        peer: &str,
        reasons: &mut Vec<&'a str>,
    ) -> (String, Option<usize>) {
        let kind = match row.standing(index) {
            Standing::NotAsked => return ("".into(), None),
            Standing::Agrees => return ("agrees".into(), Some(0)),
            Standing::Differs(kind) => kind,
        };
        let theirs = row.theirs.get(index).and_then(Option::as_ref);
        let what = match theirs {
            Some(Outcome::Error(message) | Outcome::Crash(message)) => {
                let cut: String = message.chars().take(60).collect();
                let dots = if cut.len() < message.len() { "..." } else { "" };
                format!("error: {}{dots}", cut.replace('|', "\\|"))
            }
            _ => "another digest".into(),
        };
        match self.listed(peer, &row.id, kind) {
            Some(Difference { reason, .. }) => {
                let number =
                    reasons.iter().position(|known| known == reason).unwrap_or_else(|| {
                        reasons.push(reason);
                        reasons.len() - 1
                    });
                (format!("{what} ({})", number + 1), Some(1))
            }
            None => (format!("**DIFFERS**: {what}"), Some(2)),
        }
    }
}

fn say(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Digest(text) | Outcome::Error(text) | Outcome::Crash(text) => text,
    }
}

fn short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Digest(digest) => format!("`{}`", digest.get(..16).unwrap_or(digest)),
        Outcome::Error(_) => "refused".into(),
        Outcome::Crash(message) => format!("**CRASH**: {}", message.replace('|', "\\|")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(theirs: Outcome, differences: &[Difference]) -> Vec<String> {
        let ours = Outcome::Digest("00".into());
        let row = Row { id: "a/b".into(), refused: false, ours, theirs: vec![Some(theirs)] };
        let all_cases = vec!["a/b".into(), "a/c".into()];
        Comparison { peers: vec!["p".into()], rows: vec![row], all_cases, differences }.failures()
    }

    fn listed(case: &str, kind: Kind) -> Difference {
        Difference { peer: "p".into(), case: case.into(), kind, reason: "because".into() }
    }

    #[test]
    fn an_unlisted_difference_fails() {
        assert!(comparison(Outcome::Digest("00".into()), &[]).is_empty());
        assert_eq!(comparison(Outcome::Digest("01".into()), &[]).len(), 1);
        let other = Outcome::Error("no".into());
        assert_eq!(comparison(other.clone(), &[listed("a/*", Kind::Digest)]).len(), 2);
        assert!(comparison(other, &[listed("a/*", Kind::Error)]).is_empty());
    }

    #[test]
    fn a_listed_difference_that_is_gone_fails() {
        let agrees = Outcome::Digest("00".into());
        assert_eq!(comparison(agrees.clone(), &[listed("a/b", Kind::Any)]).len(), 2);
        assert_eq!(comparison(agrees.clone(), &[listed("x/*", Kind::Any)]).len(), 1);
        assert!(comparison(agrees, &[listed("a/c", Kind::Any)]).is_empty());
    }
}
