//! What the importer and the sweep make of a command line: the same as `sev-launch import qemu`, then `sev-launch digest`.

use std::path::{Path, PathBuf};

use sev_launch_description::import::qemu;
use sev_launch_description::{Description, Origin};
use sev_launch_digest::hash::Portable;
use sev_launch_sweep::{FileError, Files, Inputs, Mode, Reading, Sweep};

/// What a prediction ends in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Predicted {
    Digest(String),
    /// No host starts it, or none of it is a SEV guest.
    Refused(String),
    /// Something of the line is not known to move nothing, or not said.
    Unknown(String),
}

/// A prediction, and what is warned of beside it.
#[derive(Clone, Debug)]
pub(crate) struct Prediction {
    pub(crate) answer: Predicted,
    pub(crate) warnings: Vec<String>,
}

/// Files below a folder that somebody else sees as `/`.
struct Below(PathBuf);

impl Below {
    fn at(&self, path: &Path) -> PathBuf {
        self.0.join(path.strip_prefix("/").unwrap_or(path))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        std::fs::read(self.at(path)).map_err(|error| format!("{}: {error}", path.display()).into())
    }
}

impl Files for Below {
    fn size(&self, path: &Path) -> Result<u64, FileError> {
        Ok(std::fs::metadata(self.at(path))?.len())
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        if self.size(path)? > limit {
            return Err("too large".into());
        }
        self.bytes(path)
    }

    fn stream(&self, path: &Path, each: &mut (dyn FnMut(&[u8]) + Send)) -> Result<(), FileError> {
        each(&self.bytes(path)?);
        Ok(())
    }
}

/// Of this command line, with what `said` says of the host, as TOML.
pub(crate) fn predict(line: &[String], root: &Path, said: &str) -> Prediction {
    let words: Vec<_> = std::iter::once("qemu-system-x86_64")
        .chain(line.iter().map(String::as_str))
        .map(|word| word.as_bytes().to_vec())
        .collect();
    let mut warnings = Vec::new();
    let answer = match answer(&words, root, said, &mut warnings) {
        Ok(digest) => Predicted::Digest(digest),
        Err(error) => error,
    };
    Prediction { answer, warnings }
}

/// An error with what is behind it.
fn refused(error: impl std::error::Error) -> Predicted {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(behind) = source {
        words += &format!(": {behind}");
        source = behind.source();
    }
    Predicted::Refused(words)
}

fn answer(
    words: &[Vec<u8>],
    root: &Path,
    said: &str,
    warnings: &mut Vec<String>,
) -> Result<String, Predicted> {
    let import = qemu::from_argv(words, "the line").map_err(refused)?;
    warnings.extend(import.warnings.iter().map(ToString::to_string));
    let said =
        Description::from_toml(said, &Origin::file("host.toml"), "".as_ref()).expect("a host");
    let description = said.over(import.description);
    let mode =
        Mode::of(&description).ok_or_else(|| Predicted::Refused("no technology".to_owned()))?;
    let files = Below(root.to_owned());
    let inputs = Inputs::read(mode, description, Reading::default(), &files, &Portable).map_err(
        |error| match &error {
            sev_launch_sweep::Error::Description(sev_launch_description::Error::Unknown(_)) => {
                Predicted::Unknown(error.to_string())
            }
            _ => refused(error),
        },
    )?;
    let sweep = Sweep::new(&inputs, &Portable).map_err(refused)?;
    warnings.extend(sweep.warnings().iter().map(ToString::to_string));
    let rows = sweep.rows().map_err(refused)?;
    match &rows[..] {
        [row] => Ok(row.digest.to_string()),
        rows => Err(Predicted::Refused(format!("{} rows", rows.len()))),
    }
}
