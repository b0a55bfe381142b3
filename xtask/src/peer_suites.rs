//! `cargo xtask peer-suites`: two suites of go-sev-guest, run on our command through thin adapters.
//!
//! Debian's package of its sources is fetched and unpacked below target/, and goes nowhere else. Nothing of Go is run: the tables of
//! tests are read out of check_test.go ([`check`]) and validate_test.go ([`validate`]), and each case is put to `sev-launch verify`,
//! by flags and by a policy that `sev-launch import check-policy` has read. What ends otherwise is listed with its reason in
//! peer_suites/differences.txt; one that is not listed is a failure, and so is one that is listed and does not differ.

mod asked;
mod check;
mod flags;
mod go_source;
mod go_tokens;
mod go_values;
mod made_report;
mod package;
mod page;
mod validate;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::call::{self, Call};
use crate::peers::{self, Tool};
use asked::Answered;
use go_source::GoSource;

const DIFFERENCES: &str = include_str!("peer_suites/differences.txt");

/// What is asked.
#[derive(Default, clap::Args)]
pub(crate) struct Options {
    /// Fail where the package cannot be had
    #[arg(long)]
    must: bool,
    /// Ask this sev-launch instead of building one
    #[arg(long, value_name = "PROGRAM")]
    ours: Option<PathBuf>,
    /// Write docs/peer-suites.md
    #[arg(long)]
    write: bool,
}

/// Where cases are run, and by which program.
struct Place<'a> {
    program: &'a Path,
    folder: &'a Path,
}

/// A case of a suite, with how it ended.
struct Ended {
    name: String,
    end: End,
}

/// How a case ended.
enum End {
    /// As the suite wants it; of what must not be a yes, was it refused, neither yes nor no?
    Same { is_refused: bool },
    /// What was wanted, and what ours answered.
    Differs {
        wanted: String,
        answered: String,
        /// The message of a refusal.
        said: String,
    },
    /// Why it could not be run.
    NotRun(String),
}

impl End {
    /// Of an answer that should be a yes, or should not; `demand` names what should be unmet.
    fn of(wants_yes: bool, demand: Option<&str>, answered: &Answered) -> Self {
        let is_named =
            demand.is_none_or(|demand| answered.unmet.iter().any(|unmet| unmet == demand));
        if answered.is_yes == wants_yes && is_named {
            return Self::Same { is_refused: answered.is_refused };
        }
        let wanted = match (wants_yes, demand) {
            (true, _) => "yes".to_owned(),
            (false, None) => "no yes".to_owned(),
            (false, Some(demand)) => format!("no: {demand}"),
        };
        Self::Differs { wanted, answered: answered.told.clone(), said: answered.said.clone() }
    }
}

/// The tests of a file that no adapter knows.
fn unknown_tests(suite: &str, file: &GoSource, known: &[&str]) -> Vec<Ended> {
    let tests = file.functions().into_iter().map(|(name, _)| name);
    let tests = tests.filter(|name| {
        name.starts_with("Test") && name != "TestMain" && !known.contains(&name.as_str())
    });
    let not_run = || End::NotRun("no adapter knows this test".into());
    tests.map(|name| Ended { name: format!("{suite}/{name}"), end: not_run() }).collect()
}

/// A certificate as PEM.
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// Runs both suites; fails on whatever differs and has no reason.
pub(crate) fn run(options: &Options) -> Result<()> {
    let package = match package::fetch() {
        Ok(package) => package,
        Err(error) if !options.must => {
            println!("SKIPPED: go-sev-guest's suites cannot be had, so nothing was run: {error:#}");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let ours = Tool::ours(options.ours.as_deref())?;
    let folder = std::path::absolute(peers::folder().join("peer-suites"))?;
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let place = Place { program: ours.call.program(), folder: &folder };
    let abi = GoSource::read(&package.read("abi/abi.go")?).context("abi/abi.go")?;
    let mut ended = check::run(&package, &abi, &place)?;
    ended.extend(validate::run(&package, &abi, &place)?);
    let summary = judge(&ended)?;
    println!("peer-suites: {}: {}", package.name, summary.counts());
    if options.write {
        let date = Call::new("date", "-u +%F").text()?;
        call::write("docs/peer-suites.md", &page::page(&package.name, &date, &summary))?;
    }
    Ok(())
}

/// The counts of a run, and a row for each reason that is listed.
struct Summary {
    same: usize,
    /// Those of them that are refused, neither yes nor no.
    refused: usize,
    differing: usize,
    not_run: usize,
    reasons: Vec<Reason>,
}

/// A line of differences.txt.
struct Reason {
    name: String,
    reason: &'static str,
    is_not_run: bool,
    /// How many cases it is of.
    count: usize,
    /// What was wanted, of the first.
    wanted: String,
    /// What was answered, and how often.
    answers: BTreeMap<String, usize>,
}

impl Summary {
    fn counts(&self) -> String {
        let Self { same, refused, differing, not_run, .. } = self;
        format!(
            "{same} cases end the same ({refused} of them are refused where the suite wants an error), {differing} otherwise with \
             a reason, {not_run} cannot be run"
        )
    }
}

fn reasons() -> Result<Vec<Reason>> {
    let lines = DIFFERENCES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (is_not_run, rest) = match line.strip_prefix("not run ") {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let (name, reason) = rest.split_once(": ").with_context(|| line.to_owned())?;
            let (name, wanted, answers) = (name.to_owned(), String::new(), BTreeMap::new());
            Ok(Reason { name, reason, is_not_run, count: 0, wanted, answers })
        })
        .collect()
}

impl Reason {
    fn is_of(&self, name: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => self.name == name,
        }
    }
}

/// Counts, and fails for what differs and is not listed, and for what is listed and does not differ.
fn judge(ended: &[Ended]) -> Result<Summary> {
    let mut summary =
        Summary { same: 0, refused: 0, differing: 0, not_run: 0, reasons: reasons()? };
    let mut failures = Vec::new();
    for Ended { name, end } in ended {
        let listed = summary.reasons.iter_mut().find(|reason| {
            reason.is_of(name) && reason.is_not_run == matches!(end, End::NotRun(_))
        });
        let (wanted, answered, said) = match (end, &listed) {
            (End::Same { is_refused }, None) => {
                summary.same += 1;
                summary.refused += usize::from(*is_refused);
                continue;
            }
            (End::Same { .. }, Some(_)) => {
                failures.push(format!("{name} is listed, and ends the same"));
                continue;
            }
            (End::Differs { wanted, answered, said }, _) => {
                summary.differing += 1;
                (wanted.clone(), answered.clone(), said.as_str())
            }
            (End::NotRun(why), _) => {
                summary.not_run += 1;
                ("to run".to_owned(), "not run".to_owned(), why.as_str())
            }
        };
        match listed {
            None => failures.push(format!("{name}: wanted {wanted}, and it is {answered} {said}")),
            Some(reason) => {
                println!("{name}: wanted {wanted}, and it is {answered}: {}", reason.reason);
                if reason.count == 0 {
                    reason.wanted = wanted;
                }
                *reason.answers.entry(answered).or_default() += 1;
                reason.count += 1;
            }
        }
    }
    let unused = summary.reasons.iter().filter(|reason| reason.count == 0);
    failures.extend(
        unused.map(|reason| format!("{} is listed, and is no case that differs", reason.name)),
    );
    ensure!(ended.len() > 100, "few cases were read: {}", ended.len());
    ensure!(failures.is_empty(), "{} to look at:\n  {}", failures.len(), failures.join("\n  "));
    Ok(summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(name: &str, end: End) -> Ended {
        Ended { name: name.into(), end }
    }

    fn differs() -> End {
        End::Differs { wanted: "yes".into(), answered: "no: VMPL".into(), said: String::new() }
    }

    /// Every listed difference, once, and as many cases that end the same as make a run.
    fn listed() -> Vec<Ended> {
        let same = (0..120)
            .map(|number| ended(&format!("same/{number}"), End::Same { is_refused: number < 7 }));
        let listed = reasons().unwrap().into_iter().map(|reason| match reason.is_not_run {
            true => ended(&reason.name, End::NotRun("as listed".into())),
            false => ended(&reason.name, differs()),
        });
        same.chain(listed).collect()
    }

    #[test]
    fn an_unlisted_difference_fails_and_so_does_a_listed_one_that_is_gone() {
        let summary = judge(&listed()).unwrap();
        assert_eq!((summary.same, summary.refused), (120, 7));
        assert_eq!(summary.differing + summary.not_run, summary.reasons.len());
        let failure = |change: &dyn Fn(&mut Vec<Ended>)| {
            let mut all = listed();
            change(&mut all);
            format!("{:#}", judge(&all).err().unwrap())
        };
        assert!(
            failure(&|all| all.push(ended("another", differs()))).contains("another: wanted yes")
        );
        assert!(
            failure(&|all| all.push(ended("another", End::NotRun("why".into()))))
                .contains("another")
        );
        assert!(
            failure(&|all| {
                all.pop();
            })
            .contains("is no case that differs")
        );
        let one = reasons().unwrap().into_iter().find(|reason| !reason.is_not_run).unwrap();
        assert!(
            failure(&|all| all.push(ended(&one.name, End::Same { is_refused: false })))
                .contains("ends the same")
        );
    }

    #[test]
    fn an_answer_is_the_same_only_for_the_demand_that_is_meant() {
        let no = Answered {
            is_yes: false,
            unmet: vec!["VMPL".into()],
            told: "no: VMPL".into(),
            is_refused: false,
            said: String::new(),
        };
        assert!(matches!(End::of(false, Some("VMPL"), &no), End::Same { .. }));
        assert!(matches!(End::of(false, None, &no), End::Same { .. }));
        assert!(matches!(End::of(false, Some("POLICY"), &no), End::Differs { .. }));
        assert!(matches!(End::of(true, None, &no), End::Differs { .. }));
        let yes = Answered { is_yes: true, unmet: Vec::new(), told: "yes".into(), ..no };
        assert!(matches!(End::of(false, None, &yes), End::Differs { .. }));
    }
}
