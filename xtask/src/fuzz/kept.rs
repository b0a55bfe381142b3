//! Chooses the inputs that the repository keeps of a target: few, and together they reach every edge that was reached.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};

use super::build::Program;
use super::{Folders, libfuzzer, size_of};
use crate::call::target;

/// The most that is kept of all targets, in bytes. fuzz/src/corpus.rs holds the repository to it.
const MOST: u64 = 2 << 20;

/// The largest input that is kept, in bytes.
const LARGEST: u64 = 16 << 10;

/// Replaces the kept inputs of a target, of so many, by a choice of these and of what was found here. Those that once failed stay, by
/// their name.
pub(super) fn choose(program: &Program, folders: &Folders, targets: usize) -> Result<()> {
    let chosen = target().join("fuzz/chosen").join(&program.name);
    match fs::remove_dir_all(&chosen) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&chosen)?,
    }
    for path in files(&folders.kept)?.iter().filter(|path| has_failed_once(path)) {
        fs::copy(path, chosen.join(path.file_name().unwrap_or_default()))?;
    }
    // By edges alone: how often one was passed would keep ten times as many.
    let mut merge = libfuzzer(program);
    merge.args(["-set_cover_merge=1", "-use_counters=0"]).arg(format!("-max_len={LARGEST}"));
    merge.args([&chosen, &folders.corpus, &folders.kept]);
    let output = merge.stdout(Stdio::null()).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().next_back().unwrap_or_default();
        bail!("{}: libFuzzer cannot merge the inputs ({}): {last}", program.name, output.status);
    }
    let mut largest: Vec<(u64, PathBuf)> = Vec::new();
    for path in files(&chosen)?.into_iter().filter(|path| !has_failed_once(path)) {
        largest.push((fs::metadata(&path)?.len(), path));
    }
    largest.sort();
    let most = MOST / u64::try_from(targets)?;
    while size_of(&chosen)?.1 > most {
        let Some((_, path)) = largest.pop() else { break };
        fs::remove_file(path)?;
    }
    // Whatever happens meanwhile, what once failed is never away.
    for path in files(&chosen)? {
        fs::copy(&path, folders.kept.join(path.file_name().unwrap_or_default()))?;
    }
    for path in files(&folders.kept)? {
        let is_chosen = chosen.join(path.file_name().unwrap_or_default()).is_file();
        if !is_chosen && !has_failed_once(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn has_failed_once(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"found-"))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    entries.map(|entry| Ok(entry?.path())).collect()
}
