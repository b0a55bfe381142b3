//! How launches ended, and what that means: agreement, or a difference that has a reason in xtask/rehearse.toml.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::call;

/// A launch, as the test tells it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Ended {
    pub(super) qemu: String,
    technology: String,
    init2: bool,
    image: String,
    oddity: String,
    #[expect(dead_code, reason = "shown where a launch has no reason")]
    host: String,
    #[expect(dead_code, reason = "shown where a launch has no reason")]
    line: Vec<String>,
    /// The digest that QEMU launched, if it did.
    digest: Option<String>,
    /// What KVM and the AMD-SP refused, and what QEMU said.
    refusals: Vec<String>,
    words: String,
    ended: String,
    not_modelled: Vec<String>,
    values: Answer,
    import: Answer,
    warnings: Vec<String>,
}

/// A prediction: nothing at all where the launch's values do not say what its line says.
#[derive(Clone, Debug, Default, Deserialize)]
struct Answer {
    digest: Option<String>,
    refused: Option<String>,
    unknown: Option<String>,
}

/// How a launch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// One digest by all.
    Agrees,
    /// Refused by QEMU, KVM or the AMD-SP, and by us, or asked about by us.
    BothRefuse,
    /// We compute a digest of what does not start.
    QemuRefuses,
    /// We refuse what QEMU launches.
    WeRefuse,
    /// QEMU launches it, and the importer holds something unknown.
    WeAsk,
    /// Two digests, something that the model of KVM has not, or a VMM that did not come to an end.
    Differs,
}

impl Ended {
    pub(super) fn kind(&self) -> Kind {
        if !self.not_modelled.is_empty() {
            return Kind::Differs;
        }
        let Some(digest) = &self.digest else {
            return match (&self.import.digest, self.ended.as_str()) {
                (_, "TimedOut" | "NoSevGuest") => Kind::Differs,
                (Some(_), _) => Kind::QemuRefuses,
                (None, _) => Kind::BothRefuse,
            };
        };
        let mut predicted = [&self.values, &self.import].into_iter();
        if predicted.any(|answer| answer.digest.as_ref().is_some_and(|other| other != digest)) {
            return Kind::Differs;
        }
        match &self.import {
            Answer { digest: Some(_), .. } if self.values.refused.is_none() => Kind::Agrees,
            Answer { unknown: Some(_), .. } => Kind::WeAsk,
            _ => Kind::WeRefuse,
        }
    }

    /// SEV, SEV-ES of either way, or SNP.
    pub(super) fn technology(&self) -> &str {
        if self.init2 { "sev-es, INIT2" } else { &self.technology }
    }

    fn against(&self) -> String {
        format!("{}{}", self.words, self.refusals.join("; "))
    }

    fn ours(&self) -> String {
        let answers = [&self.import.refused, &self.import.unknown, &self.values.refused];
        answers.into_iter().flatten().cloned().collect::<Vec<_>>().join("; ")
    }
}

/// An entry of xtask/rehearse.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Difference {
    pub(super) kind: Kind,
    qemu: Option<String>,
    ours: Option<String>,
    oddity: Option<String>,
    warned: Option<String>,
    technology: Option<String>,
    pub(super) reason: String,
    /// How many launches are of it, by QEMU's version.
    #[serde(skip)]
    pub(super) counts: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    difference: Vec<Difference>,
}

impl Difference {
    fn is_of(&self, ended: &Ended) -> bool {
        let (against, ours) = (ended.against(), ended.ours());
        let has = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| found.contains(wanted.as_str()))
        };
        self.kind == ended.kind()
            && has(&self.qemu, &against)
            && has(&self.ours, &ours)
            && has(&self.oddity, &ended.oddity)
            && self.technology.as_ref().is_none_or(|wanted| *wanted == ended.technology)
            && (self.warned.is_none() || ended.warnings.iter().any(|text| has(&self.warned, text)))
    }

    /// What it is known by, for people.
    pub(super) fn name(&self) -> String {
        let texts = [&self.oddity, &self.qemu, &self.ours];
        let name = texts.into_iter().flatten().next().cloned().unwrap_or_default();
        self.technology.as_ref().map_or(name.clone(), |technology| format!("{name} ({technology})"))
    }
}

/// All launches, counted.
pub(super) struct Judged {
    /// By version, technology and kind.
    pub(super) counts: BTreeMap<(String, String, Kind), usize>,
    /// By what was odd about them.
    pub(super) oddities: BTreeMap<String, usize>,
    /// By their firmware's image: all, and those with one digest.
    pub(super) images: BTreeMap<String, (usize, usize)>,
    pub(super) differences: Vec<Difference>,
}

impl Judged {
    /// Fails for what differs without a reason, and, where `all_apply`, for reasons that no longer apply.
    pub(super) fn of(cases: &[Ended], all_apply: bool) -> Result<Self> {
        let text = call::read("xtask/rehearse.toml")?;
        let Listed { difference } = toml::from_str(&text).context("xtask/rehearse.toml")?;
        Self::by(difference, cases, all_apply)
    }

    fn by(mut differences: Vec<Difference>, cases: &[Ended], all_apply: bool) -> Result<Self> {
        let (mut counts, mut oddities) = (BTreeMap::new(), BTreeMap::new());
        let mut images: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut failures = Vec::new();
        for case in cases {
            let kind = case.kind();
            let key = (case.qemu.clone(), case.technology().to_owned(), kind);
            *counts.entry(key).or_insert(0) += 1;
            *oddities.entry(case.oddity.clone()).or_insert(0) += 1;
            let (all, agreeing) = images.entry(case.image.clone()).or_default();
            (*all, *agreeing) = (*all + 1, *agreeing + usize::from(kind == Kind::Agrees));
            if matches!(kind, Kind::Agrees | Kind::BothRefuse) {
                continue;
            }
            match differences.iter_mut().find(|difference| difference.is_of(case)) {
                Some(difference) => *difference.counts.entry(case.qemu.clone()).or_insert(0) += 1,
                None => failures.push(format!("{kind:?}, without a reason: {case:#?}")),
            }
        }
        let idle =
            differences.iter().filter(|difference| all_apply && difference.counts.is_empty());
        failures.extend(idle.map(|one| format!("no launch is of this entry any more: {one:#?}")));
        if !failures.is_empty() {
            bail!("xtask/rehearse.toml:\n{}", failures.join("\n"));
        }
        Ok(Self { counts, oddities, images, differences })
    }

    /// How many are of a kind.
    pub(super) fn count(&self, kind: Kind) -> usize {
        let of_kind = self.counts.iter().filter(|((_, _, found), _)| *found == kind);
        of_kind.map(|(_, count)| count).sum()
    }

    pub(super) fn total(&self) -> usize {
        self.counts.values().sum()
    }

    /// The whole in a line.
    pub(super) fn line(&self) -> String {
        let differing: usize =
            self.differences.iter().flat_map(|difference| difference.counts.values()).sum();
        format!(
            "{} launches: {} with one digest by QEMU, by values and by the imported line, {} refused by all, {differing} otherwise with a reason",
            self.total(),
            self.count(Kind::Agrees),
            self.count(Kind::BothRefuse),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(digest: Option<&str>, import: &str, value: &str) -> Ended {
        let value = Some(value.to_owned());
        let import = match import {
            "digest" => Answer { digest: value, ..Answer::default() },
            "refused" => Answer { refused: value, ..Answer::default() },
            _ => Answer { unknown: value, ..Answer::default() },
        };
        Ended { digest: digest.map(str::to_owned), import, ..Ended::default() }
    }

    #[test]
    fn a_launch_is_of_one_kind() {
        for (case, kind) in [
            (ended(Some("a"), "digest", "a"), Kind::Agrees),
            (ended(Some("a"), "digest", "b"), Kind::Differs),
            (ended(Some("a"), "refused", "x"), Kind::WeRefuse),
            (ended(Some("a"), "unknown", "x"), Kind::WeAsk),
            (ended(None, "digest", "a"), Kind::QemuRefuses),
            (ended(None, "refused", "x"), Kind::BothRefuse),
            (ended(None, "unknown", "x"), Kind::BothRefuse),
        ] {
            assert_eq!(case.kind(), kind, "{case:?}");
            let by_values = Ended {
                values: Answer { digest: Some("c".to_owned()), ..Answer::default() },
                ..case
            };
            assert_eq!(
                by_values.kind() == Kind::Differs,
                by_values.digest.is_some(),
                "{by_values:?}"
            );
        }
        let new =
            Ended { not_modelled: vec!["KVM_NEW".to_owned()], ..ended(Some("a"), "digest", "a") };
        assert_eq!(new.kind(), Kind::Differs);
        let late = Ended { ended: "TimedOut".to_owned(), ..ended(None, "digest", "a") };
        assert_eq!(late.kind(), Kind::Differs);
    }

    #[test]
    fn what_has_no_reason_fails_and_so_does_a_reason_without_a_launch() {
        let list = || {
            let text = "[[difference]]\nkind = 'we-ask'\nours = 'x'\nreason = 'r'";
            toml::from_str::<Listed>(text).unwrap().difference
        };
        let listed = [ended(Some("a"), "unknown", "x")];
        let judged = Judged::by(list(), &listed, true).unwrap();
        assert_eq!((judged.total(), judged.count(Kind::WeAsk)), (1, 1));
        assert!(Judged::by(list(), &[ended(Some("a"), "unknown", "y")], false).is_err());
        assert!(Judged::by(list(), &[ended(Some("a"), "digest", "a")], true).is_err());
        assert!(Judged::by(list(), &[ended(Some("a"), "digest", "a")], false).is_ok());
    }
}
