//! What cargo-mutants says: the changes that it can make, and what came of those that were tried.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::from_str;

/// A change of the source that may be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// What cargo-mutants calls it: file, line, column, and what is changed.
    pub(crate) name: String,
    /// The file.
    pub(crate) file: String,
    /// What is changed, without the place: `replace == with != in Policy::is_valid`.
    pub(crate) what: String,
    /// The source line where it begins, trimmed.
    pub(crate) line: String,
    /// Whose modules they are.
    pub(crate) package: String,
    /// What kind of change it is.
    pub(crate) kind: Kind,
    /// What the function returns, as its signature says it; `None` outside of functions.
    pub(crate) returns: Option<String>,
    /// Line and column of what is replaced, from 1 on.
    pub(crate) start: (usize, usize),
    /// Line and column behind it.
    pub(crate) end: (usize, usize),
    /// What comes in its place.
    pub(crate) replacement: String,
}

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Kind {
    /// A function's whole body.
    FnValue,
    /// An operator between two values.
    BinaryOperator,
    /// An operator before a value.
    UnaryOperator,
    /// An arm of a `match`.
    MatchArm,
    /// The condition of an arm.
    MatchArmGuard,
    /// A field of a struct's expression, the others of which are given.
    StructField,
}

impl Change {
    /// Finds this change alone among all that cargo-mutants would make.
    pub(crate) fn regex(&self) -> String {
        let mut regex = "^".to_owned();
        for letter in self.name.chars() {
            if !letter.is_alphanumeric() && letter.is_ascii() && !" /_<>'\"".contains(letter) {
                regex.push('\\');
            }
            regex.push(letter);
        }
        regex + "$"
    }
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Outcome {
    /// A test failed.
    #[serde(rename = "CaughtMutant")]
    Caught,
    /// Every test passed.
    #[serde(rename = "MissedMutant")]
    Missed,
    /// The tests came to no end.
    #[serde(rename = "Timeout")]
    TimedOut,
    /// It does not compile.
    #[serde(rename = "Unviable")]
    NotCompiling,
}

#[derive(Deserialize)]
struct Mutant {
    name: String,
    file: String,
    package: String,
    genre: Kind,
    function: Option<Function>,
    replacement: String,
    span: Span,
}

#[derive(Deserialize)]
struct Function {
    return_type: String,
}

#[derive(Deserialize)]
struct Span {
    start: Place,
    end: Place,
}

#[derive(Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

/// The changes of `cargo mutants --list --json`; `source` reads a file.
pub(crate) fn listed(json: &str, source: impl Fn(&str) -> Result<String>) -> Result<Vec<Change>> {
    let mutants: Vec<Mutant> = from_str(json).context("cargo mutants --list --json")?;
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    let mut changes = Vec::new();
    for mutant in mutants {
        let Mutant { name, file, package, genre: kind, function, replacement, span } = mutant;
        if !sources.contains_key(&file) {
            sources.insert(file.clone(), source(&file)?);
        }
        let line = span.start.line.checked_sub(1);
        let line = line.and_then(|index| sources.get(&file)?.lines().nth(index));
        let line =
            line.with_context(|| format!("{name}: there is no such line"))?.trim().to_owned();
        // FILE:LINE:COLUMN: WHAT
        let (_, what) = name.split_once(": ").with_context(|| format!("{name}: no place in it"))?;
        changes.push(Change {
            what: what.to_owned(),
            returns: function.map(|function| function.return_type),
            start: (span.start.line, span.start.column),
            end: (span.end.line, span.end.column),
            name,
            file,
            line,
            package,
            kind,
            replacement,
        });
    }
    Ok(changes)
}

/// What came of each change, by its name, of cargo-mutants' outcomes.json.
pub(crate) fn outcomes(json: &str) -> Result<BTreeMap<String, Outcome>> {
    #[derive(Deserialize)]
    struct Outcomes {
        outcomes: Vec<One>,
    }
    #[derive(Deserialize)]
    struct One {
        scenario: Scenario,
        summary: serde_json::Value,
    }
    #[derive(Deserialize)]
    enum Scenario {
        Baseline,
        Mutant(Mutant),
    }
    let outcomes: Outcomes = from_str(json).context("outcomes.json of cargo-mutants")?;
    let mut found = BTreeMap::new();
    for One { scenario, summary } in outcomes.outcomes {
        let Scenario::Mutant(mutant) = scenario else { continue };
        let outcome = serde_json::from_value(summary);
        let outcome = outcome.with_context(|| format!("what came of {}", mutant.name))?;
        if found.insert(mutant.name.clone(), outcome).is_some() {
            bail!("{} was tried twice", mutant.name);
        }
    }
    Ok(found)
}

#[cfg(test)]
impl Change {
    /// A change in the first line of `a.rs`.
    pub(crate) fn sample(what: &str) -> Self {
        Self {
            name: format!("a.rs:1:1: {what}"),
            file: "a.rs".to_owned(),
            what: what.to_owned(),
            line: String::new(),
            package: "a".to_owned(),
            kind: Kind::BinaryOperator,
            returns: Some(String::new()),
            start: (1, 1),
            end: (1, 1),
            replacement: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // As cargo-mutants 27.1.0 writes them, shortened.
    const LIST: &str = r#"[{"diff": "...", "file": "src/a.rs", "function": null, "genre": "BinaryOperator",
        "name": "src/a.rs:2:7: replace + with *", "package": "a", "replacement": "*",
        "span": {"end": {"column": 8, "line": 2}, "start": {"column": 7, "line": 2}}}]"#;
    const MUTANT: &str = r#""package": "a", "file": "src/a.rs", "function": null, "replacement": "",
        "genre": "FnValue", "span": {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 2}}"#;

    fn outcomes_of(entries: &[(&str, &str)]) -> String {
        let one = |(name, summary): &(&str, &str)| {
            format!(
                r#"{{"scenario": {{"Mutant": {{"name": "{name}", {MUTANT}}}}}, "summary": "{summary}",
                "log_path": "log/x", "diff_path": null, "phase_results": []}}"#
            )
        };
        let entries: Vec<String> = entries.iter().map(one).collect();
        let baseline = r#"{"scenario": "Baseline", "summary": "Success", "phase_results": []}"#;
        format!(r#"{{"outcomes": [{baseline}, {}], "total_mutants": 1}}"#, entries.join(","))
    }

    #[test]
    fn a_change_has_its_source_line() {
        let changes = listed(LIST, |_| Ok("fn a() {\n    1 + 2\n}\n".to_owned())).unwrap();
        let [change] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!((change.what.as_str(), change.line.as_str()), ("replace + with *", "1 + 2"));
        let error = listed(LIST, |_| Ok("fn a() {}\n".to_owned())).unwrap_err();
        assert!(error.to_string().contains("no such line"), "{error}");
    }

    #[test]
    fn what_regular_expressions_mean_is_escaped() {
        let change = |name: &str| Change { name: name.to_owned(), ..Change::sample("") };
        let regex =
            change("a.rs:1:2: replace <impl A for B<'_>>::f -> Option<&[u8]> with Some(&x[..])")
                .regex();
        assert_eq!(
            regex,
            r"^a\.rs\:1\:2\: replace <impl A for B<'_>>\:\:f \-> Option<\&\[u8\]> with Some\(\&x\[\.\.\]\)$"
        );
        assert_eq!(change("replace || with &&").regex(), r"^replace \|\| with \&\&$");
    }

    #[test]
    fn outcomes_are_told_apart() {
        let json = outcomes_of(&[
            ("a", "CaughtMutant"),
            ("b", "MissedMutant"),
            ("c", "Timeout"),
            ("d", "Unviable"),
        ]);
        let found: Vec<_> = outcomes(&json).unwrap().into_iter().collect();
        let wanted = [
            ("a", Outcome::Caught),
            ("b", Outcome::Missed),
            ("c", Outcome::TimedOut),
            ("d", Outcome::NotCompiling),
        ];
        assert_eq!(found, wanted.map(|(name, outcome)| (name.to_owned(), outcome)));
    }

    #[test]
    fn an_outcome_that_is_not_known_is_an_error_and_never_caught() {
        for entries in [
            &[("a", "Success")][..],
            &[("a", "Failure")],
            &[("a", "CaughtMutant"), ("a", "MissedMutant")],
        ] {
            assert!(outcomes(&outcomes_of(entries)).is_err(), "{entries:?}");
        }
        assert!(outcomes("{}").is_err());
    }
}
