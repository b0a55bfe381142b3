//! Every change against the tests that come by it.
//!
//! Each test runs once without any change and notes by which it comes. A change is then made for those tests alone, the quickest
//! first, until one of them fails; one that no test comes by is missed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::changes::Outcome;

/// A test of a program.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    program: PathBuf,
    name: String,
    /// Where it runs.
    folder: PathBuf,
    /// How long it took without any change.
    takes: Duration,
    /// The numbers of the changes that it comes by.
    comes_by: BTreeSet<usize>,
}

/// The tests of a program, each run once without any change.
pub(crate) fn tests(program: &Path, folder: &Path, notes: &Path) -> Result<Vec<Test>> {
    let mut list = Command::new(program);
    let listed = list.args(["--list", "--format=terse"]).current_dir(folder).output();
    let listed = listed.with_context(|| program.display().to_string())?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let names: Vec<&str> = listed.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    in_parallel(&names, |index, name| {
        let notes = notes.with_extension(index.to_string());
        let _ = fs::remove_file(&notes);
        let started = Instant::now();
        let mut test = Test {
            program: program.to_owned(),
            name: (*name).to_owned(),
            folder: folder.to_owned(),
            takes: Duration::ZERO,
            comes_by: BTreeSet::new(),
        };
        let mut command = test.command();
        let passed =
            wait(command.env("MUTANTS_REACHED", &notes).spawn()?, Duration::from_secs(600))?;
        if passed != Some(true) {
            bail!("{name} of {} fails without any change", program.display());
        }
        test.takes = started.elapsed();
        let noted = fs::read_to_string(&notes).unwrap_or_default();
        test.comes_by = noted.lines().map(str::parse).collect::<Result<_, _>>()?;
        Ok(test)
    })
}

/// How long a test may take at least: a machine that is busy with something else must not make a change count as noticed.
const LEAST: Duration = Duration::from_secs(30);

/// What comes of changes, by their numbers.
pub(crate) fn try_all(numbers: &[usize], tests: &[Test]) -> Result<BTreeMap<usize, Outcome>> {
    let outcomes = in_parallel(numbers, |_, number| Ok((*number, one(*number, tests, LEAST)?)))?;
    Ok(outcomes.into_iter().collect())
}

fn one(number: usize, tests: &[Test], least: Duration) -> Result<Outcome> {
    let mut tests: Vec<&Test> =
        tests.iter().filter(|test| test.comes_by.contains(&number)).collect();
    tests.sort_by_key(|test| test.takes);
    for test in tests {
        let limit = test.takes.saturating_mul(20).max(least);
        match wait(test.command().env("MUTANT", number.to_string()).spawn()?, limit)? {
            Some(true) => {}
            Some(false) => return Ok(Outcome::Caught),
            None => return Ok(Outcome::TimedOut),
        }
    }
    Ok(Outcome::Missed)
}

impl Test {
    fn command(&self) -> Command {
        let mut command = Command::new("sh");
        // A change may make a loop that never ends and collects something.
        command.args(["-c", "ulimit -v 8388608 || exit 126; exec \"$0\" \"$@\""]);
        command
            .arg(&self.program)
            .args(["--exact", &self.name, "--include-ignored"])
            .current_dir(&self.folder);
        command.env_remove("MUTANT").env_remove("MUTANTS_REACHED");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// Does it succeed? `None` if it does not end, which it then has to.
fn wait(mut child: Child, limit: Duration) -> Result<Option<bool>> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            // The shell's own: a program that cannot be run has noticed nothing.
            if let Some(code @ (126 | 127)) = status.code() {
                bail!("a test program cannot be run (the shell ends with {code})");
            }
            return Ok(Some(status.success()));
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = pause.saturating_mul(2).min(Duration::from_millis(20));
    }
}

/// Does something with each, as many at a time as there are cores.
fn in_parallel<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(usize, &T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let worker = || loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(one) = all.get(index) else { return };
        let result = work(index, one);
        done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, result));
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(worker))));
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A test program that behaves as its name and the change say.
    const PROGRAM: &str = r#"#!/bin/sh
if [ "$1" = --list ]; then echo "quick: test"; echo "slow: test"; echo "a benchmark: benchmark"; exit; fi
[ -n "$MUTANTS_REACHED" ] && printf '1\n2\n3\n' >> "$MUTANTS_REACHED"
[ "$2" = slow ] && [ -n "$MUTANTS_REACHED" ] && echo 4 >> "$MUTANTS_REACHED"
case "$2 $MUTANT" in
    "quick 1" | "slow 2" | "slow 4") exit 101 ;;
    "quick 3") sleep 100 ;;
esac
"#;

    #[test]
    fn a_change_is_caught_by_any_test_that_comes_by_it() {
        let folder = std::env::temp_dir().join(format!("xtask-mutants-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (program, notes) = (folder.join("program"), folder.join("notes"));
        fs::write(&program, PROGRAM).unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&program, executable).unwrap();
        let tests = tests(&program, &folder, &notes).unwrap();
        assert_eq!(
            tests.iter().map(|test| test.name.as_str()).collect::<Vec<_>>(),
            ["quick", "slow"]
        );
        let outcome = |number| one(number, &tests, Duration::from_millis(300)).unwrap();
        let found = [1, 2, 3, 4, 5].map(outcome);
        fs::remove_dir_all(&folder).unwrap();
        use Outcome::{Caught, Missed, TimedOut};
        assert_eq!(found, [Caught, Caught, TimedOut, Caught, Missed]);
    }
}
