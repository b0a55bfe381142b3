//! `cargo xtask assets`: man pages and shell completions, made from the command's own description.
//!
//! They are committed under `docs/`, so that a package needs no build to have them; with `--check` they are made beside
//! and compared. The making itself is an example of the command's package, since only that knows its flags.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::command::{cargo, root, run as call};

/// Folders under `docs/` that hold nothing else.
const FOLDERS: [&str; 2] = ["man", "completions"];

/// Writes the files, or with `check` fails where they differ from those that are committed.
pub(crate) fn run(check: bool) -> anyhow::Result<()> {
    let made = root().join("target/assets");
    if made.exists() {
        fs::remove_dir_all(&made).context("target/assets")?;
    }
    let target = made.display().to_string();
    call(
        cargo(),
        &["run", "--quiet", "--package", "sev-launch", "--example", "assets", "--", &target],
    )?;
    for folder in FOLDERS {
        let committed = root().join("docs").join(folder);
        let (new, old) = (files(&made.join(folder))?, files(&committed)?);
        if new == old {
            continue;
        }
        if check {
            bail!("docs/{folder} is not what `cargo xtask assets` makes");
        }
        if committed.exists() {
            fs::remove_dir_all(&committed).with_context(|| committed.display().to_string())?;
        }
        fs::create_dir_all(&committed).with_context(|| committed.display().to_string())?;
        for (name, bytes) in new {
            fs::write(committed.join(&name), bytes).with_context(|| name.clone())?;
        }
        println!("wrote docs/{folder}");
    }
    Ok(())
}

fn files(folder: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.display().to_string()).unwrap_or_default();
        files.insert(name, fs::read(&path).with_context(|| path.display().to_string())?);
    }
    Ok(files)
}
