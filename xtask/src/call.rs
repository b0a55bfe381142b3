//! Running programs in the repository's folder: to see what they say, to time them, or for what they print.
//!
//! Time is from just before the start until the end is known, the output read. Memory is `ru_maxrss` as /usr/bin/time tells it
//! (GNU time; Debian: apt-get install time), in runs of their own, because a second process in between costs time. The figure
//! counts mapped files and shared libraries too, for every tool alike.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// The repository's folder.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// Where cargo builds; what tasks make for themselves lies there too.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The text of a file below the repository's folder.
pub(crate) fn read(name: &str) -> Result<String> {
    fs::read_to_string(root().join(name)).with_context(|| name.to_owned())
}

/// Writes a file below the repository's folder, whole or not at all.
pub(crate) fn write(name: &str, text: &str) -> Result<()> {
    let path = root().join(name);
    let new = root().join(format!("{name}.new"));
    fs::write(&new, text).and_then(|()| fs::rename(&new, &path)).with_context(|| name.to_owned())
}

/// A program, its arguments, and what is added to its environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
}

impl Call {
    /// A program with arguments that have no spaces.
    pub(crate) fn new(program: impl Into<PathBuf>, words: &str) -> Self {
        Self { program: program.into(), arguments: Vec::new(), variables: Vec::new() }.words(words)
    }

    /// Cargo, as it runs this task.
    pub(crate) fn cargo(words: &str) -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), words)
    }

    /// With more arguments that have no spaces.
    pub(crate) fn words(self, words: &str) -> Self {
        self.args(words.split_whitespace())
    }

    /// With one more argument.
    pub(crate) fn arg(self, argument: impl Into<OsString>) -> Self {
        self.args([argument])
    }

    /// With more arguments.
    pub(crate) fn args(mut self, more: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(more.into_iter().map(Into::into));
        self
    }

    /// With a variable in its environment.
    pub(crate) fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Another program without arguments, in the same environment.
    pub(crate) fn of(&self, program: PathBuf) -> Self {
        Self { program, arguments: Vec::new(), variables: self.variables.clone() }
    }

    /// Without the variables that were added.
    pub(crate) fn in_plain_environment(mut self) -> Self {
        self.variables.clear();
        self
    }

    /// The program.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The program and its arguments, for a program that runs it.
    pub(crate) fn line(&self) -> impl Iterator<Item = OsString> {
        [self.program.clone().into_os_string()].into_iter().chain(self.arguments.iter().cloned())
    }

    /// Runs it to its end, its output shown; an error if it fails.
    pub(crate) fn run(&self) -> Result<()> {
        let status = self.status()?;
        if !status.success() {
            bail!("{} failed ({status})", self.name());
        }
        Ok(())
    }

    /// Runs it to its end, its output shown, whatever comes of it.
    pub(crate) fn status(&self) -> Result<ExitStatus> {
        self.command().status().with_context(|| self.name())
    }

    /// Does it run, and succeed?
    pub(crate) fn succeeds(&self) -> bool {
        self.command().output().is_ok_and(|output| output.status.success())
    }

    /// Runs it to its end, whatever comes of it.
    pub(crate) fn output(&self) -> Result<Output> {
        self.command().output().with_context(|| self.name())
    }

    /// What it prints, without the line end; an error if it fails.
    pub(crate) fn text(&self) -> Result<String> {
        self.time(Stdio::piped()).map(|(_, text)| text)
    }

    /// How many seconds it takes, and what it prints if `stdout` is a pipe; an error if it fails.
    pub(crate) fn time(&self, stdout: Stdio) -> Result<(f64, String)> {
        let mut command = self.command();
        command.stdout(stdout);
        let started = Instant::now();
        let output = command.output().with_context(|| self.name())?;
        let seconds = started.elapsed().as_secs_f64();
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            bail!("{} failed ({}): {}", self.name(), output.status, message.trim());
        }
        Ok((seconds, String::from_utf8_lossy(&output.stdout).trim_end().to_owned()))
    }

    /// The most memory that it holds, in bytes; an error if it fails.
    pub(crate) fn peak_memory(&self) -> Result<f64> {
        let mut call = Self::new("/usr/bin/time", "-q -f %M").arg("--").arg(&self.program);
        call.variables.clone_from(&self.variables);
        let mut command = call.args(&self.arguments).command();
        let output = command.stdout(Stdio::null()).output();
        let output = output.context("/usr/bin/time is needed (Debian: apt-get install time)")?;
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        // What the program says itself comes before.
        let kibibytes = said.lines().next_back().and_then(|line| line.parse::<u32>().ok());
        match kibibytes {
            Some(kibibytes) if output.status.success() => Ok(f64::from(kibibytes) * 1024.0),
            _ => bail!("{} failed ({}): {said}", self.name(), output.status),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.variables.iter().cloned());
        command.current_dir(root()).stdin(Stdio::null());
        command
    }

    fn name(&self) -> String {
        let arguments = self.arguments.iter().take(4).map(|argument| argument.display());
        let program = self.program.display().to_string();
        arguments.fold(program, |name, argument| format!("{name} {argument}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_variables_and_failure_are_told() {
        let shell = |script: &str| Call::new("sh", "-c").arg(script).env("GIVEN", "yes");
        assert_eq!(shell("echo a; echo $GIVEN").text().unwrap(), "a\nyes");
        let error = shell("echo why >&2; exit 3").text().unwrap_err().to_string();
        assert!(error.contains("why") && error.contains('3'), "{error}");
    }
}
