//! `cargo xtask mutants`: breaks the modules that decide, one change at a time, and looks whether a test notices.
//!
//! cargo-mutants says which changes there are. All of them are built at once, each behind a switch, since building them one by one
//! takes hours; a test then runs for those changes alone that it comes by. What cannot be switched, cargo-mutants tries one by one.
//! xtask/mutants.toml says which modules decide, which tests must notice, and which changes are left out, each with its reason.
//!
//! What is tried is the last commit, in a checkout of its own below the target folder, so the tree may be worked on meanwhile. What
//! came of it stays in docs/mutants.json: a file that is as it was then is not tried again, but for what was missed.

mod changes;
mod checkout;
mod compile;
mod page;
mod plan;
mod record;
mod switch;
mod trial;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use crate::alone::Alone;
use crate::call::{self, Call};
use changes::{Change, Outcome};
use checkout::Checkout;
use plan::{Part, Plan};
use record::{Job, Record};

/// What is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the modules of this package
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// Only files whose path holds this
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Try again what was tried before
    #[arg(long)]
    all: bool,
    /// Write docs/mutants.json and docs/mutants.md
    #[arg(long)]
    write: bool,
}

/// Tries what was not tried yet, and fails if a change is missed or a reason is for nothing.
pub(crate) fn run(options: &Options) -> Result<()> {
    let _alone = Alone::new("mutants")?;
    let plan = Plan::read()?;
    let mut record = Record::read()?;
    record.cargo_mutants = checkout::version()?;
    if !Call::cargo("nextest --version").succeeds() {
        bail!("cargo-nextest is needed: cargo install cargo-nextest");
    }
    let checkout = Checkout::new()?;
    let changes = checkout.changes(&plan)?;
    record.files.retain(|file, _| changes.iter().any(|change| change.file == *file));
    let mut jobs = Vec::new();
    for part in &plan.parts {
        let package = options.package.as_ref().is_none_or(|package| *package == part.package);
        for file in part.files.iter().filter(|file| package && file.contains(&options.only)) {
            let changes: Vec<_> = changes.iter().filter(|change| change.file == *file).collect();
            let job = record.job(file, &checkout.blob(file)?, &changes, &plan, options.all);
            jobs.push(job);
        }
    }
    if jobs.is_empty() {
        bail!(
            "xtask/mutants.toml has no file of package {:?} whose path holds {:?}",
            options.package.as_deref().unwrap_or("any"),
            options.only
        );
    }
    let (mut outcomes, rest) = at_once(&plan, &checkout, &jobs)?;
    // A file is noted as soon as all of it was tried, so that a run that is ended loses little.
    let mut note = |outcomes: &BTreeMap<String, Outcome>| -> Result<()> {
        for job in jobs.extract_if(.., |job| job.is_done(outcomes)) {
            record.add(job, outcomes, &checkout.stamp)?;
        }
        if options.write {
            record.write()?;
            call::write("docs/mutants.md", &page::page(&record, &plan, &changes))?;
        }
        Ok(())
    };
    note(&outcomes)?;
    for (part, changes) in rest {
        outcomes.extend(checkout.one_by_one(part, &changes)?);
        note(&outcomes)?;
    }
    if let Some(job) = jobs.first() {
        bail!("{} was not tried whole", job.file);
    }
    let missed: Vec<&str> = record.missed().collect();
    let idle = plan.reasons(&changes).filter(|(_, count)| *count == 0);
    let idle: Vec<String> = idle.map(|(reason, _)| reason.to_string()).collect();
    missed.iter().for_each(|name| println!("missed: {name}"));
    idle.iter()
        .for_each(|change| println!("xtask/mutants.toml leaves out what is no change: {change}"));
    match (missed.len(), idle.len()) {
        (0, 0) => Ok(()),
        (missed, idle) => bail!("{missed} changes are missed, {idle} reasons are for nothing"),
    }
}

/// What is left to be tried one by one, by the part that it is of.
type Rest<'a> = Vec<(&'a Part, Vec<&'a Change>)>;

/// What comes of everything that can be switched, by the changes' names; and what cannot.
fn at_once<'a>(
    plan: &'a Plan,
    checkout: &Checkout,
    jobs: &[Job<'a>],
) -> Result<(BTreeMap<String, Outcome>, Rest<'a>)> {
    let to_try: Vec<&Change> = jobs.iter().flat_map(|job| &job.to_try).copied().collect();
    let (mut outcomes, mut one_by_one) = (BTreeMap::new(), Vec::new());
    if to_try.is_empty() {
        return Ok((outcomes, one_by_one));
    }
    let built = compile::build(checkout, plan, &to_try)?;
    let notes = checkout.folder().with_file_name("notes");
    for part in &plan.parts {
        let own = to_try.iter().enumerate().filter(|(_, change)| part.files.contains(&change.file));
        let own: Vec<(usize, &Change)> = own.map(|(number, change)| (number, *change)).collect();
        if own.is_empty() {
            continue;
        }
        let mut tests = Vec::new();
        let folder =
            checkout.folder().join("crates").join(part.package.trim_start_matches("sev-launch-"));
        for test in &part.tests {
            let program = built.programs.get(&(part.package.clone(), test.clone()));
            let program = program.with_context(|| format!("{} has no {test}", part.package))?;
            tests.extend(trial::tests(program, &folder, &notes)?);
        }
        let mut switched = Vec::new();
        let mut rest = Vec::new();
        for (number, change) in own {
            if built.not_compiling.contains(&number) {
                outcomes.insert(change.name.clone(), Outcome::NotCompiling);
            } else if built.others.contains(&number) {
                rest.push(change);
            } else {
                switched.push(number);
            }
        }
        println!(
            "{} {}: {} changes at once, {} one by one",
            part.package,
            part.tests.join(" "),
            switched.len(),
            rest.len()
        );
        for (number, outcome) in trial::try_all(&switched, &tests)? {
            if let Some(change) = to_try.get(number) {
                if outcome == Outcome::Missed {
                    println!("missed: {}", change.name);
                }
                outcomes.insert(change.name.clone(), outcome);
            }
        }
        if !rest.is_empty() {
            one_by_one.push((part, rest));
        }
    }
    checkout.reset()?;
    Ok((outcomes, one_by_one))
}
