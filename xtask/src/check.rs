//! `cargo xtask check`: all of CI, in one order, stopping at the first failure.
//!
//! What is not installed is skipped with a line that says so: nextest (then `cargo test` runs), cargo-deny, valgrind, and
//! outside CI the comparison with the Python peer, which installs a package.

use std::time::Instant;

use anyhow::{Context, bail};

use crate::command::{cargo, is_installed, output, run as call, run_with};
use crate::{assets, count, reference, testdata, tidy};

type Step<'a> = (&'static str, &'a dyn Fn() -> anyhow::Result<()>);

/// Runs every step.
pub(crate) fn run(_rest: &[String]) -> anyhow::Result<()> {
    let before = tree_state()?;
    let steps: [Step<'_>; 13] = [
        ("format", &|| call(cargo(), &["fmt", "--all", "--check"])),
        ("tidy", &tidy::run),
        ("test data", &|| testdata::run(true)),
        ("clippy", &clippy),
        ("documentation tests", &|| {
            call(cargo(), &["test", "--quiet", "--workspace", "--all-features", "--doc"])
        }),
        ("tests", &tests),
        ("documentation", &documentation),
        ("man pages and completions", &|| assets::run(true)),
        ("no_std", &no_std),
        ("deny", &deny),
        ("reference", &python_peer),
        ("instruction counts", &|| count::run(&[])),
        ("clean tree", &|| clean_tree(&before)),
    ];
    for (name, step) in steps {
        println!("== {name}");
        let started = Instant::now();
        step().context(name)?;
        println!("== {name}: ok, {:.1} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}

fn clippy() -> anyhow::Result<()> {
    let all = ["--workspace", "--all-targets", "--all-features"];
    call(cargo(), &[&["clippy"], &all[..], &["--", "-D", "warnings"]].concat())
}

fn tests() -> anyhow::Result<()> {
    let all = ["--workspace", "--all-features"];
    if is_installed(cargo(), &["nextest", "--version"]) {
        return call(cargo(), &[&["nextest", "run"], &all[..]].concat());
    }
    println!("cargo-nextest is not installed: cargo test runs instead");
    call(cargo(), &[&["test"], &all[..], &["--lib", "--bins", "--tests", "--examples"]].concat())
}

fn documentation() -> anyhow::Result<()> {
    let arguments =
        ["doc", "--workspace", "--all-features", "--no-deps", "--document-private-items"];
    run_with(
        cargo(),
        &arguments,
        &[("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links")],
    )
}

/// The pure crates say `no_std` themselves; this looks that none of their dependencies has a feature called `std` on.
fn no_std() -> anyhow::Result<()> {
    for package in ["sev-launch-abi", "sev-launch-digest", "sev-launch-verify"] {
        let edges = ["--edges", "normal,features", "--prefix", "none"];
        let arguments =
            [&["tree", "--package", package, "--no-default-features"], &edges[..]].concat();
        let tree = output(cargo(), &arguments)?;
        if let Some(line) = tree.lines().find(|line| line.contains("feature \"std\"")) {
            bail!("{package} would not be no_std: {line}");
        }
    }
    Ok(())
}

fn deny() -> anyhow::Result<()> {
    if is_installed(cargo(), &["deny", "--version"]) {
        return call(cargo(), &["deny", "--all-features", "check", "bans", "licenses", "sources"]);
    }
    println!("SKIPPED: cargo-deny is not installed (cargo install cargo-deny)");
    Ok(())
}

fn python_peer() -> anyhow::Result<()> {
    if std::env::var_os("CI").is_some() {
        return reference::run(&["--python-only".into()]);
    }
    println!("SKIPPED outside CI: cargo xtask reference --python-only installs a Python package");
    Ok(())
}

/// What git says of the tree; nothing where this is no checkout.
fn tree_state() -> anyhow::Result<String> {
    if !is_installed("git", &["rev-parse", "--git-dir"]) {
        return Ok(String::new());
    }
    output("git", &["status", "--porcelain"])
}

/// Nothing above may leave a file changed.
fn clean_tree(before: &str) -> anyhow::Result<()> {
    let after = tree_state()?;
    if after != before {
        bail!("the checks have changed the tree:\n{after}");
    }
    Ok(())
}
