//! Going through a transcript: command by command, in one place.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Error, Result, bail};
use sev_launch_testkit::transcript::{self, Step};

use super::substitutions;

/// Where the commands of a transcript run.
pub(super) trait Place {
    /// Where the reader starts, as this machine names it.
    fn start(&self) -> PathBuf;
    /// A shell that runs one line in a folder, which this machine names so.
    fn shell(&self, folder: &Path, line: &str) -> Result<Command>;
}

/// A command that was run, as the transcript has it.
pub(super) struct Ran<'t> {
    pub(super) line: &'t str,
    /// In which folder, as this machine names it.
    pub(super) folder: PathBuf,
    pub(super) printed: String,
}

/// Does everything that a page says.
///
/// Errors: the first command that ends otherwise, or prints otherwise, than the page shows.
pub(super) fn go<'t>(page: &'t str, place: &impl Place) -> Result<Vec<Ran<'t>>> {
    let mut ran = Vec::new();
    let mut folder = place.start();
    for step in transcript::steps(page).map_err(Error::msg)? {
        match step {
            Step::File { name, text } => {
                let path = folder.join(name);
                fs::write(&path, text).with_context(|| path.display().to_string())?;
            }
            Step::Command { line, shown, code } => {
                // Each command has a shell of its own, so only we can go elsewhere.
                if let Some(name) = line.strip_prefix("cd ") {
                    folder.push(name);
                    continue;
                }
                let printed = one(place, &folder, line, &shown, code)?;
                ran.push(Ran { line, folder: folder.clone(), printed });
            }
        }
    }
    if ran.is_empty() {
        bail!("the page shows no command: a transcript's commands stand in ```console blocks");
    }
    Ok(ran)
}

fn one(place: &impl Place, folder: &Path, line: &str, shown: &[&str], code: i32) -> Result<String> {
    let started = Instant::now();
    let output = place.shell(folder, substitutions::command(line))?.output();
    let output = output.with_context(|| line.to_owned())?;
    println!("walk: {:6.1} s  {line}", started.elapsed().as_secs_f64());
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.code() != Some(code) {
        let remarks = String::from_utf8_lossy(&output.stderr);
        let (remarks, printed) = (remarks.trim_end(), printed.trim_end());
        bail!("{line}: {}, and the page says {code}:\n{printed}\n{remarks}", output.status);
    }
    transcript::compare(&printed, shown).map_err(Error::msg).with_context(|| line.to_owned())?;
    Ok(printed)
}
