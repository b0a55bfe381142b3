//! One run of a task at a time, where two would write into the same folder.

use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::call::target;

/// No other run of the task goes on while this is held.
pub(crate) struct Alone(PathBuf);

impl Alone {
    /// For the task whose files lie in target/`folder`.
    pub(crate) fn new(folder: &str) -> Result<Self> {
        let folder = target().join(folder);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let path = folder.join("running");
        File::create_new(&path).with_context(|| {
            let path = path.display();
            format!("{path}: another run uses this folder; if there is none, remove that file")
        })?;
        Ok(Self(path))
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            eprintln!("{}: {error}", self.0.display());
        }
    }
}
