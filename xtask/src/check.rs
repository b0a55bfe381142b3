//! `cargo xtask check`: all of CI, in one order, stopping at the first failure.
//!
//! What is not installed is skipped with a line that says so: nextest (then `cargo test` runs), cargo-deny and its
//! advisory database, valgrind, and outside CI the comparison with the Python peer, which installs a package.

use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::call::Call;
use crate::{
    agent_crash, assets, count, deny, drop_in, reference, serve_crash, testdata, tidy, walk,
};

/// Runs every step.
pub(crate) fn run() -> Result<()> {
    let before = tree_state()?;
    let cargo = |words: &str| Call::cargo(words).run();
    let steps: [(&str, &dyn Fn() -> Result<()>); 17] = [
        ("format", &|| cargo("fmt --all --check")),
        ("tidy", &tidy::run),
        ("test data", &|| testdata::run(true)),
        ("clippy", &|| cargo("clippy --workspace --all-targets --all-features -- -D warnings")),
        ("documentation tests", &|| cargo("test --quiet --workspace --all-features --doc")),
        ("tests", &tests),
        ("documentation", &|| {
            let flags = "-D warnings -A rustdoc::private_intra_doc_links";
            Call::cargo("doc --workspace --all-features --no-deps --document-private-items")
                .env("RUSTDOCFLAGS", flags)
                .run()
        }),
        ("man pages and completions", &|| assets::run(true)),
        ("no_std", &no_std),
        ("agent crash", &|| agent_crash::run(&agent_crash::Options::short())),
        ("server crash", &|| serve_crash::run(&serve_crash::Options::short())),
        ("packages", &|| cargo("publish --workspace --dry-run --no-verify --allow-dirty --quiet")),
        ("an author's first report", &walk::author),
        ("deny", &deny::run),
        ("reference", &python_peer),
        ("instruction counts", &|| count::run(false)),
        ("clean tree", &|| match tree_state()? {
            after if after != before => bail!("the checks have changed the tree:\n{after}"),
            _ => Ok(()),
        }),
    ];
    for (name, step) in steps {
        println!("== {name}");
        let started = Instant::now();
        step().context(name)?;
        println!("== {name}: ok, {:.1} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}

/// All tests, also those that `cargo test` leaves out because they take long; but no measurement, which wants the machine for itself.
fn tests() -> Result<()> {
    if Call::cargo("nextest --version").succeeds() {
        let tests = Call::cargo("nextest run --workspace --all-features --run-ignored all");
        return tests.words("--filterset").arg(format!("not test({MEASUREMENT})")).run();
    }
    println!("cargo-nextest is not installed: cargo test runs instead");
    let tests = Call::cargo("test --workspace --all-features --lib --bins --tests --examples");
    tests.words("-- --include-ignored --skip").arg(MEASUREMENT).run()
}

/// The one ignored test that `cargo xtask rehearse --write` runs by itself.
const MEASUREMENT: &str = "what_a_rehearsal_costs";

/// The pure crates say `no_std` themselves; this looks that none of their dependencies has a feature called `std` on.
fn no_std() -> Result<()> {
    for package in ["sev-launch-abi", "sev-launch-digest", "sev-launch-verify"] {
        let tree = Call::cargo("tree --no-default-features --edges normal,features --prefix none");
        let tree = tree.words("--package").arg(package).text()?;
        if let Some(line) = tree.lines().find(|line| line.contains("feature \"std\"")) {
            bail!("{package} would not be no_std: {line}");
        }
    }
    Ok(())
}

fn python_peer() -> Result<()> {
    if std::env::var_os("CI").is_some() {
        reference::run(reference::Options::python_only())?;
        return drop_in::run(&drop_in::Options::default());
    }
    println!(
        "SKIPPED outside CI: cargo xtask reference --python-only, and drop-in, install a Python package"
    );
    Ok(())
}

/// What git says of the tree; empty if this is no checkout.
fn tree_state() -> Result<String> {
    if !Call::new("git", "rev-parse --git-dir").succeeds() {
        return Ok(String::new());
    }
    Call::new("git", "status --porcelain").text()
}
