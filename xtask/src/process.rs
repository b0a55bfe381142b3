//! A program run as a whole process: its wall time, and the most memory it held.
//!
//! Time is from just before the start until its end is known, its output read. Memory is `ru_maxrss` as /usr/bin/time tells it
//! (GNU time; Debian: apt-get install time), in runs of their own, because a second process in between costs time. The figure
//! counts mapped files and shared libraries too, for every tool alike.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Added to the environment.
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl Invocation {
    pub(crate) fn new(
        program: &Path,
        arguments: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self { program: program.to_path_buf(), arguments, variables: Vec::new() }
    }

    /// Runs it: how long it took, and what it printed. An error where it fails.
    pub(crate) fn time(&self) -> Result<(Duration, String)> {
        let mut command = self.command(&self.program, &[]);
        let started = Instant::now();
        let output = command.output().with_context(|| self.name())?;
        let wall = started.elapsed();
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            bail!("{}: {}: {}", self.name(), output.status, message.trim());
        }
        Ok((wall, String::from_utf8_lossy(&output.stdout).trim_end().to_owned()))
    }

    /// The same, its output thrown away: for output that would not fit.
    pub(crate) fn time_in_silence(&self) -> Result<Duration> {
        let mut command = self.command(&self.program, &[]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let status = command.status().with_context(|| self.name())?;
        let wall = started.elapsed();
        if !status.success() {
            bail!("{}: {status}", self.name());
        }
        Ok(wall)
    }

    /// The most memory that it held, in bytes. The figure goes through `note`, a file that may be overwritten.
    pub(crate) fn peak_memory(&self, note: &Path) -> Result<u64> {
        let program = self.program.to_string_lossy().into_owned();
        let note_name = note.to_string_lossy().into_owned();
        let before = ["-q", "-f", "%M", "-o", &note_name, "--", &program];
        let mut command = self.command(Path::new("/usr/bin/time"), &before);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        let status = status.context("/usr/bin/time is needed (Debian: apt-get install time)")?;
        if !status.success() {
            bail!("{}: {status}", self.name());
        }
        let said = fs::read_to_string(note).with_context(|| note_name.clone())?;
        let kibibytes: u64 = said.trim().parse().with_context(|| said.clone())?;
        Ok(kibibytes * 1024)
    }

    fn command(&self, program: &Path, before: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(before).args(&self.arguments).stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn name(&self) -> String {
        self.program.display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_and_failure_are_told() {
        let run = |script: &str| Invocation::new(Path::new("sh"), ["-c", script]).time();
        assert_eq!(run("echo a; echo b").unwrap().1, "a\nb");
        let error = run("echo why >&2; exit 3").unwrap_err().to_string();
        assert!(error.contains("why") && error.contains('3'), "{error}");
    }

    #[test]
    fn variables_are_given() {
        let mut invocation = Invocation::new(Path::new("sh"), ["-c", "echo $GIVEN"]);
        invocation.variables = vec![("GIVEN", "yes".into())];
        assert_eq!(invocation.time().unwrap().1, "yes");
    }
}
