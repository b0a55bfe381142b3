//! `cargo xtask assets`: man pages and shell completions, made from the command's own description.
//!
//! They are committed under `docs/`, so that a package needs no build to have them; with `--check` they are made beside
//! and compared. The making itself is an example of the command's package, since only that knows its flags.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::call::{Call, root, target};

/// Folders under `docs/` that hold nothing else.
const FOLDERS: [&str; 2] = ["man", "completions"];

/// Writes the files, or with `check` fails where they differ from those that are committed.
pub(crate) fn run(check: bool) -> Result<()> {
    let made = target().join("assets");
    if made.exists() {
        fs::remove_dir_all(&made).context("target/assets")?;
    }
    Call::cargo("run --quiet --package sev-launch --example assets --").arg(&made).run()?;
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for folder in FOLDERS {
        let committed = Path::new("docs").join(folder);
        for name in names(&made.join(folder))? {
            let path = made.join(folder).join(&name);
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            new.push((committed.join(name), bytes));
        }
        old.extend(names(&root().join(&committed))?.into_iter().map(|name| committed.join(name)));
    }
    old.retain(|path| new.iter().all(|(made, _)| made != path));
    settle(new, old, check, "assets")
}

/// Writes files that a task makes, where they differ, and removes those that are gone; with `check` fails and names them.
pub(crate) fn settle(
    made: impl IntoIterator<Item = (PathBuf, Vec<u8>)>,
    gone: Vec<PathBuf>,
    check: bool,
    task: &str,
) -> Result<()> {
    let mut different: Vec<String> = gone.iter().map(|path| path.display().to_string()).collect();
    for path in gone.iter().filter(|_| !check) {
        fs::remove_file(root().join(path)).with_context(|| path.display().to_string())?;
    }
    for (name, bytes) in made {
        let path = root().join(&name);
        if fs::read(&path).is_ok_and(|found| found == bytes) {
            continue;
        }
        different.push(name.display().to_string());
        if !check {
            fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
            fs::write(&path, bytes).with_context(|| path.display().to_string())?;
        }
    }
    if check && !different.is_empty() {
        bail!("{}: not what `cargo xtask {task}` makes", different.join(", "));
    }
    different.iter().for_each(|name| println!("wrote or removed {name}"));
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    entries.map(|entry| Ok(entry?.file_name().into())).collect()
}
