//! One run of a task at a time, where two would write into the same folder.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

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
        // A run that was killed leaves its file behind, with the process that is no more.
        if fs::read_to_string(&path).is_ok_and(|process| is_gone(process.trim())) {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
        let mut file = File::create_new(&path).with_context(|| {
            let path = path.display();
            format!("{path}: another run uses this folder; if there is none, remove that file")
        })?;
        write!(file, "{}", std::process::id()).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }
}

/// Is there no process of this number any more? Where that cannot be told, there may be one.
fn is_gone(process: &str) -> bool {
    let is_number = process.parse::<u32>().is_ok();
    is_number && Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists()
}

impl Drop for Alone {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            eprintln!("{}: {error}", self.0.display());
        }
    }
}
