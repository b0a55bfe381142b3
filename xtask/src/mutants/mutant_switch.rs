//! The crate `mutant_switch`, as which `cargo xtask mutants` adds this file to a checkout: says which change is made in this run.
//!
//! It is no part of the workspace. `MUTANT` in the environment is the number of the change. With `MUTANTS_REACHED` naming a file,
//! the number of each change that the run comes by is added to it, once, a line each.

#![feature(const_eval_select, core_intrinsics)]
#![allow(internal_features)]

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::{LazyLock, Mutex};

static ON: LazyLock<Option<usize>> = LazyLock::new(|| std::env::var("MUTANT").ok()?.parse().ok());

static REACHED: LazyLock<Option<Mutex<HashSet<usize>>>> =
    LazyLock::new(|| std::env::var_os("MUTANTS_REACHED").map(|_| Mutex::default()));

/// Is this change made? Never in what the compiler computes.
#[must_use]
pub const fn is_on(number: usize) -> bool {
    const fn never(_: usize) -> bool {
        false
    }
    core::intrinsics::const_eval_select((number,), never, asked)
}

fn asked(number: usize) -> bool {
    if let Some(reached) = &*REACHED {
        note(reached, number);
    }
    *ON == Some(number)
}

fn note(reached: &Mutex<HashSet<usize>>, number: usize) {
    let mut reached = reached.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if reached.insert(number) {
        let name = std::env::var_os("MUTANTS_REACHED").unwrap_or_default();
        let file = OpenOptions::new().append(true).create(true).open(name);
        // Without the note the change would count as not reached, so the test may not pass.
        if file.and_then(|mut file| file.write_all(format!("{number}\n").as_bytes())).is_err() {
            std::process::exit(99);
        }
    }
}
