//! Every task of this repository, including all of CI: `cargo xtask` lists them.
//!
//! A task is a function here and a line in [`TASKS`], so what passes by hand passes in CI.

mod assets;
mod check;
mod command;
mod count;
mod mutants;
mod reference;
mod testdata;
mod tidy;

use std::process::ExitCode;

/// A task: its name, what it does, and how.
struct Task {
    name: &'static str,
    help: &'static str,
    run: fn(&[String]) -> anyhow::Result<()>,
}

const TASKS: &[Task] = &[
    Task {
        name: "check",
        help: "all of CI: format, tidy, clippy, tests, docs, deny, clean tree",
        run: check::run,
    },
    Task {
        name: "count",
        help: "count instructions of fixed work under valgrind [--write] [CASE...]",
        run: count::run,
    },
    Task { name: "tidy", help: "the rules that no compiler checks", run: |_| tidy::run() },
    Task {
        name: "testdata",
        help: "make the generated test data again [--check: compare only]",
        run: |rest| testdata::run(is_check(rest)),
    },
    Task {
        name: "assets",
        help: "make man pages and shell completions again [--check: compare only]",
        run: |rest| assets::run(is_check(rest)),
    },
    Task {
        name: "mutants",
        help: "break the modules that decide, and see whether a test notices [-- cargo-mutants' flags]",
        run: mutants::run,
    },
    Task {
        name: "reference",
        help: "compare with the reference tools [--python-only] [--with-sevctl] [--write]",
        run: reference::run,
    },
];

fn is_check(rest: &[String]) -> bool {
    rest.iter().any(|argument| argument == "--check")
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let task = arguments.first().and_then(|name| TASKS.iter().find(|task| task.name == name));
    let (Some(task), Some(rest)) = (task, arguments.get(1..)) else {
        println!("cargo xtask TASK\n");
        TASKS.iter().for_each(|task| println!("  {:<10} {}", task.name, task.help));
        return if arguments.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) };
    };
    match (task.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {}: {error:#}", task.name);
            ExitCode::FAILURE
        }
    }
}
