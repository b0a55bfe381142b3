//! `cargo xtask assets`: man pages, shell completions and docs/from-other-tools.md, made from the command's own description.
//!
//! They are committed under `docs/`, so that a package needs no build to have them; with `--check` they are made beside
//! and compared. The making itself is an example of the command's package, since only that knows its flags.

use std::fs;

use anyhow::{Context as _, Result};

use crate::call::{Call, root, target};

/// Folders under `docs/` that hold nothing else.
const FOLDERS: [&str; 2] = ["man", "completions"];
/// The page of other tools' commands, made of the table by which the command answers them.
const PAGE: &str = "from-other-tools.md";

/// Writes the files, or with `check` fails where they differ from those that are committed.
pub(crate) fn run(check: bool) -> Result<()> {
    let docs = root().join("docs");
    let folder = if check { target().join("assets") } else { docs.clone() };
    for made in FOLDERS.map(|name| folder.join(name)).iter().filter(|made| made.exists()) {
        fs::remove_dir_all(made).with_context(|| made.display().to_string())?;
    }
    // As the tests are built, so that nothing is built once more for it.
    Call::cargo("build --quiet --workspace --all-features --example assets").run()?;
    Call::new(target().join("debug/examples/assets"), "").arg(&folder).run()?;
    for name in FOLDERS.into_iter().chain([PAGE]) {
        let same = Call::new("diff", "-r").arg(docs.join(name)).arg(folder.join(name)).run();
        same.with_context(|| format!("docs/{name} is not what `cargo xtask assets` makes"))?;
    }
    Ok(())
}
