//! Every task of this repository, including all of CI: `cargo xtask` lists them.
//!
//! A task is a function here and a line in [`TASKS`], so what passes by hand passes in CI.

mod assets;
mod bench_growth;
mod bench_peers;
mod check;
mod command;
mod count;
mod machine;
mod mutants;
mod process;
mod random;
mod reference;
mod statistics;
mod testdata;
mod tidy;
mod timing;

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
    Task {
        name: "bench-peers",
        help: "time the reference tools and ours on the same files, in turn [--runs N] [--without-sha] [--write]",
        run: bench_peers::run,
    },
    Task {
        name: "bench-growth",
        help: "time and memory of ours against the size of its work, drawn [--runs N] [--write]",
        run: bench_growth::run,
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
        TASKS.iter().for_each(|task| println!("  {:<12} {}", task.name, task.help));
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
