//! The author's walk: docs/first-report.md in an empty folder, where the registry's packages are a folder of packed crates.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::steps::{self, Place};
use super::substitutions::{self, CHECKOUT, Walks};
use super::{checkout, crates, folder};
use crate::call::{Call, read};

const PAGE: &str = "docs/first-report.md";

/// Goes the whole way.
pub(super) fn run() -> Result<()> {
    if !Call::new("git", "rev-parse --git-dir").succeeds() {
        println!("SKIPPED: nobody went through {PAGE}, whose clone takes a git checkout");
        return Ok(());
    }
    let page = read(PAGE)?;
    let desk = Desk::new(&crates::registry()?)?;
    substitutions::tell(Walks::Author);
    let ran = steps::go(&page, &desk).context(PAGE)?;
    println!("walk: {} commands of {PAGE}, each as the page shows it", ran.len());
    Ok(())
}

/// An empty folder outside of this workspace, which cargo would take for the project's otherwise.
struct Desk {
    folder: PathBuf,
    checkout: PathBuf,
    target: PathBuf,
}

impl Desk {
    /// With a setting above the project that is to be, which says where the registry is.
    fn new(registry: &Path) -> Result<Self> {
        let made = Call::new("mktemp", "-d -t").arg("sev-launch-walk.XXXXXX").text()?;
        let target = folder("author")?;
        let desk = Self { folder: made.into(), checkout: checkout("checkout")?, target };
        let settings = desk.folder.join(".cargo");
        let text = format!(
            "[source.crates-io]\nreplace-with = \"walk\"\n[source.walk]\ndirectory = {:?}\n[net]\noffline = true\n",
            registry.display().to_string()
        );
        fs::create_dir(&settings)?;
        fs::write(settings.join("config.toml"), text)?;
        desk.forget()?;
        Ok(desk)
    }

    /// Has our crates built anew. What others made is kept, but of ours the same version may be another text.
    fn forget(&self) -> Result<()> {
        let kept = self.target.join("debug/.fingerprint");
        if !kept.exists() {
            return Ok(());
        }
        for entry in fs::read_dir(&kept)? {
            let entry = entry?;
            if entry.file_name().display().to_string().starts_with("sev-launch") {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{}: {error}", self.folder.display());
        }
    }
}

impl Place for Desk {
    fn start(&self) -> PathBuf {
        self.folder.clone()
    }

    fn shell(&self, folder: &Path, line: &str) -> Result<Command> {
        let mut command = Command::new("sh");
        command.arg("-ec").arg(line).current_dir(folder);
        command.env("CARGO_TARGET_DIR", &self.target).env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.env(CHECKOUT, format!("file://{}", self.checkout.display()));
        Ok(command)
    }
}
