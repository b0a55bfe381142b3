//! Random descriptions, each computed four times: by the libraries, by the command, by a manifest of it, and by the test kit,
//! which shares nothing with the other three.
//!
//! [`generate`] makes launches that some host would do, and [`faults`] makes some of them impossible: those must be refused,
//! by everything that can refuse, with the same words. `cargo xtask agreement` does many more of them than a plain test run,
//! and asks for that by environment variables:
//!
//! - `SEV_LAUNCH_AGREEMENT_CASES`: how many descriptions;
//! - `SEV_LAUNCH_AGREEMENT_SEED`: the seed of the first of them, from which the others' follow;
//! - `SEV_LAUNCH_AGREEMENT_ONE`: the seed of the only description, as a failure prints it;
//! - `SEV_LAUNCH_AGREEMENT_TOTALS`: a file to which it is written what was computed.

mod answers;
mod boot;
mod case;
mod choice;
mod faults;
mod firmware;
mod generate;
mod hosts;
mod registers;
mod rows;
mod totals;
mod value;
mod ways;

use std::env;

use rayon::prelude::*;

use self::choice::Choice;
use self::totals::Totals;
use self::ways::Disagreement;

/// Descriptions in a plain test run.
const CASES: u64 = 300;
/// The seed of a plain test run, which is the same every time.
const SEED: u64 = 20_261_128;
/// One description in so many is made impossible.
const IMPOSSIBLE: u64 = 9;

/// One description by its seed: what was computed of it.
fn judge(seed: u64) -> Result<Totals, Disagreement> {
    let mut choice = Choice::new(seed);
    let mut case = generate::case(&mut choice);
    let fault = choice.one_in(IMPOSSIBLE).then(|| faults::add(&mut choice, &mut case));
    ways::compare(seed, &case, fault.as_ref(), &mut choice)
}

fn variable(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    Some(number.unwrap_or_else(|error| panic!("{name}: {text}: {error}")))
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn everything_computes_the_same() {
    let seeds: Vec<u64> = match variable("SEV_LAUNCH_AGREEMENT_ONE") {
        Some(seed) => vec![seed],
        None => {
            let mut choice = Choice::new(variable("SEV_LAUNCH_AGREEMENT_SEED").unwrap_or(SEED));
            let cases = variable("SEV_LAUNCH_AGREEMENT_CASES").unwrap_or(CASES);
            (0..cases).map(|_| choice.word()).collect()
        }
    };
    let outcomes: Vec<_> = seeds.par_iter().map(|seed| judge(*seed)).collect();
    let mut totals = Totals::default();
    let mut disagreements = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(one) => totals.add(&one),
            Err(disagreement) => disagreements.push(disagreement.to_string()),
        }
    }
    let count = disagreements.len();
    disagreements.truncate(5);
    assert!(count == 0, "{count} of {} descriptions:\n{}", seeds.len(), disagreements.join("\n"));
    println!("{totals}");
    totals.check(seeds.len());
    if let Some(path) = env::var_os("SEV_LAUNCH_AGREEMENT_TOTALS") {
        std::fs::write(path, totals.to_json()).expect("the totals can be written");
    }
}
