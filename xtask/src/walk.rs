//! `cargo xtask walk`: the transcripts of docs/first-digest.md and docs/first-report.md, gone through as their readers do.
//!
//! Every command of a transcript is run in its order, in a place that has nothing but what the transcript says: a bare Debian for a newcomer
//! ([`mod@newcomer`]), an empty folder and packed crates for a library's author ([`mod@author`]). What is printed must be what is shown ([`sev_launch_testkit::transcript`]). Where a walk
//! does something else than its reader would, that is listed in one table ([`substitutions`]).

mod author;
mod crates;
mod newcomer;
mod steps;
mod substitutions;
mod system;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::alone::Alone;
use crate::call::{Call, root, target};

/// Where walks have everything, below target/.
const FOLDER: &str = "walk";

/// Which walk.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    walk: Walk,
}

#[derive(clap::Subcommand)]
enum Walk {
    /// docs/first-digest.md, in a bare Debian made by debootstrap; takes root and a network
    Newcomer(newcomer::Options),
    /// docs/first-report.md, in an empty folder, against packed crates
    Author,
}

/// Goes one of the walks.
pub(crate) fn run(options: &Options) -> Result<()> {
    let _alone = Alone::new(FOLDER)?;
    match &options.walk {
        Walk::Newcomer(options) => newcomer::run(options),
        Walk::Author => author::run(),
    }
}

/// The walk of CI, which takes neither root nor a network.
pub(crate) fn author() -> Result<()> {
    run(&Options { walk: Walk::Author })
}

/// The folder of a walk below target/.
fn folder(name: &str) -> Result<PathBuf> {
    let folder = std::path::absolute(target().join(FOLDER).join(name))?;
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// The same, with nothing in it.
fn empty_folder(name: &str) -> Result<PathBuf> {
    let folder = folder(name)?;
    fs::remove_dir_all(&folder)
        .and_then(|()| fs::create_dir(&folder))
        .with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// What somebody would clone who had this repository's last commit.
fn checkout(name: &str) -> Result<PathBuf> {
    let folder = empty_folder(name)?;
    let source = format!("file://{}", root().display());
    let clone = Call::new("git", "clone --quiet --depth 1").arg(source).arg(&folder);
    clone.text().context("a walk needs a git checkout of sev-launch, with git installed")?;
    if !Call::new("git", "status --porcelain").text()?.is_empty() {
        println!("walk: what is not committed yet is not in the clone");
    }
    Ok(folder)
}
