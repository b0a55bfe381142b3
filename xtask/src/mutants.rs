//! `cargo xtask mutants`: breaks the modules that decide, one change at a time, and looks whether a test notices.
//!
//! cargo-mutants does the breaking. xtask/mutants.toml says which modules decide, which tests must notice, and which changes are
//! left out, each with its reason. What is tried is the last commit, in a checkout of its own below the target folder, so the tree
//! may be worked on meanwhile. What came of it stays in docs/mutants.json: a file that is as it was then is not tried again, but
//! for what was missed.

mod changes;
mod checkout;
mod page;
mod plan;
mod record;

use anyhow::{Result, bail};

use crate::call;
use checkout::Checkout;
use plan::Plan;
use record::Record;

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
    let plan = Plan::read()?;
    let checkout = Checkout::new()?;
    let changes = checkout.changes(&plan)?;
    let mut record = Record::read()?;
    record.cargo_mutants = checkout::version()?;
    record.files.retain(|file, _| changes.iter().any(|change| change.file == *file));
    for part in &plan.parts {
        let package = options.package.as_ref().is_none_or(|package| *package == part.package);
        let files = part.files.iter().filter(|file| package && file.contains(&options.only));
        let mut jobs = Vec::new();
        for file in files {
            let changes: Vec<_> = changes.iter().filter(|change| change.file == *file).collect();
            jobs.push(record.job(file, &checkout.blob(file)?, &changes, &plan, options.all));
        }
        let to_try: Vec<_> = jobs.iter().flat_map(|job| &job.to_try).copied().collect();
        let outcomes = checkout.try_all(part, &to_try)?;
        for job in jobs {
            record.add(job, &outcomes, &checkout.stamp)?;
        }
        if options.write {
            record.write()?;
        }
    }
    if options.write {
        record.write()?;
        call::write("docs/mutants.md", &page::page(&record, &plan, &changes))?;
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
