//! A checkout of the last commit, in which cargo-mutants makes its changes.
//!
//! It stays between runs, and what is built of it too, so that each change costs as little as can be: one crate, unoptimised and
//! incremental, and the tests that must notice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::changes::{self, Change, Outcome};
use super::plan::{Part, Plan};
use super::record::Stamp;
use crate::call::{Call, target};

/// The checkout.
pub(crate) struct Checkout {
    folder: PathBuf,
    /// Of what it is, and today.
    pub(crate) stamp: Stamp,
}

/// The packages that stay optimised as in every test.
const OPTIMISED: [&str; 2] = ["sev-launch-digest", "sev-launch-explain"];

/// The program that makes the changes, and its version.
pub(crate) fn version() -> Result<String> {
    Call::cargo("mutants --version").text().context("cargo install cargo-mutants")
}

impl Checkout {
    /// Of the last commit.
    pub(crate) fn new() -> Result<Self> {
        let folder = std::path::absolute(target().join("mutants/tree"))?;
        let stamp = Stamp {
            commit: Call::new("git", "rev-parse --short=10 HEAD").text()?,
            date: Call::new("date", "-u +%F").text()?,
        };
        if folder.join("Cargo.toml").exists() {
            // A run that was ended in between leaves a file changed.
            let git = |words: &str| Call::new("git", "-C").arg(&folder).words(words);
            git("reset --quiet --hard").run()?;
            git("checkout --quiet --detach").arg(&stamp.commit).run()?;
        } else {
            let add = Call::new("git", "worktree add --quiet --force --detach");
            add.arg(&folder).arg(&stamp.commit).run()?;
        }
        if !Call::new("git", "status --porcelain").text()?.is_empty() {
            println!("what is not committed is not tried");
        }
        Ok(Self { folder, stamp })
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every file again as it is in the commit.
    pub(crate) fn reset(&self) -> Result<()> {
        Call::new("git", "-C").arg(&self.folder).words("checkout --quiet .").run()
    }

    /// Builds the tests of all parts in one call, so that everything is built once.
    pub(crate) fn build_tests(&self, plan: &Plan) -> Call {
        let flags =
            |of: fn(&Part) -> Vec<&str>| plan.parts.iter().flat_map(of).collect::<BTreeSet<_>>();
        let packages = flags(|part| vec![&part.package]);
        let tests = flags(|part| part.tests.iter().map(String::as_str).collect());
        let call = self.cargo("test --no-run --all-features --message-format json --manifest-path");
        let call = call.arg(self.folder.join("Cargo.toml"));
        let call = call.args(packages.iter().flat_map(|package| ["--package", package]));
        // Those that hash or search are run for longer than they are built.
        let quick = packages.iter().filter(|package| !OPTIMISED.contains(package));
        let call = quick.fold(call, |call, package| call.arg("--config").arg(unoptimised(package)));
        // The switch asks whether it is the compiler that runs it, for which there is no stable way.
        call.args(tests).env("RUSTC_BOOTSTRAP", "mutant_switch")
    }

    /// What a file contains, by git's name of it.
    pub(crate) fn blob(&self, file: &str) -> Result<String> {
        Call::new("git", "rev-parse").arg(format!("{}:{file}", self.stamp.commit)).text()
    }

    /// Every change that can be made in the plan's files.
    pub(crate) fn changes(&self, plan: &Plan) -> Result<Vec<Change>> {
        let files = plan.parts.iter().flat_map(|part| &part.files);
        let call = self
            .cargo("mutants")
            .words("--workspace --all-features --list --json --no-config --dir");
        let call = call.arg(&self.folder).args(files.flat_map(|file| ["--file", file]));
        changes::listed(&call.text()?, |file| {
            let path = self.folder.join(file);
            fs::read_to_string(&path).with_context(|| path.display().to_string())
        })
    }

    /// Tries changes of a part one by one, by cargo-mutants itself. The part's tests pass without any.
    pub(crate) fn one_by_one(
        &self,
        part: &Part,
        to_try: &[&Change],
    ) -> Result<BTreeMap<String, Outcome>> {
        if to_try.is_empty() {
            return Ok(BTreeMap::new());
        }
        let package = &part.package;
        println!("{package} {}: {} changes", part.tests.join(" "), to_try.len());
        let flags =
            [vec!["--config".to_owned(), unoptimised(package)], part.tests.clone()].concat();

        // A machine that is busy with something else must not make a change count as noticed.
        let call = self
            .cargo("mutants --no-config --in-place --all-features --no-shuffle --annotations none");
        let call = call.words(
            "--test-tool nextest --baseline skip --timeout 120 --cargo-test-arg=--run-ignored=all",
        );
        let output = self.folder.with_file_name("out");
        fs::create_dir_all(&output).with_context(|| output.display().to_string())?;
        let call = call.arg("--dir").arg(&self.folder).arg("--output").arg(&output);
        let call = call.arg("--package").arg(package);
        let call = call.args(flags.iter().map(|flag| format!("--cargo-arg={flag}")));
        // Of some changes cargo-mutants does not look at the expression, so the files are named too.
        let call = call.args(to_try.iter().flat_map(|change| ["--file", &change.file]));
        let call = call.args(to_try.iter().flat_map(|change| ["--re".to_owned(), change.regex()]));
        // The first test that fails is enough: those that run beside it need not end.
        let status = call.words("-- --max-fail=1:immediate").status()?;
        // 2: some were missed, 3: some timed out, and some may be missed as well.
        if !matches!(status.code(), Some(0 | 2 | 3)) {
            bail!("cargo mutants failed ({status})");
        }
        let outcomes = output.join("mutants.out/outcomes.json");
        changes::outcomes(
            &fs::read_to_string(&outcomes).with_context(|| outcomes.display().to_string())?,
        )
    }

    fn cargo(&self, words: &str) -> Call {
        let call = Call::cargo(words).env("CARGO_TARGET_DIR", self.folder.with_file_name("built"));
        call.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "1")
    }
}

/// What is built again and again is built quickly.
fn unoptimised(package: &str) -> String {
    format!("profile.dev.package.{package}.opt-level=0")
}
