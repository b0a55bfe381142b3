//! What is built: a folder of sources, its version, its commit, and the one time that everything made of it has.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::call::Call;

/// The time of what is built where there is neither SOURCE_DATE_EPOCH nor git: 1980-01-01, before which some archives know no time.
const WITHOUT_GIT: u64 = 315_532_800;

/// Sources, ready to be built.
pub(super) struct Source {
    /// Where they lie.
    pub(super) folder: PathBuf,
    /// The version of the workspace.
    pub(super) version: String,
    /// What git calls them, if it knows them.
    pub(super) commit: String,
    /// Seconds since 1970: SOURCE_DATE_EPOCH, or the commit's.
    pub(super) epoch: u64,
}

impl Source {
    /// Looks into a folder.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder)?;
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
        let version = version(&text).with_context(|| manifest.display().to_string())?;
        // A folder inside another repository is none of it.
        let is_git = folder.join(".git").exists();
        let git = |words: &str| Call::new("git", "-C").arg(&folder).words(words).text();
        let commit = if is_git { git("describe --always --dirty")? } else { "unknown".to_owned() };
        let told = std::env::var("SOURCE_DATE_EPOCH").ok();
        let seconds = match told {
            Some(seconds) => seconds,
            None if is_git => git("log -1 --format=%ct")?,
            None => WITHOUT_GIT.to_string(),
        };
        let epoch = seconds.trim().parse();
        let epoch = epoch.with_context(|| {
            format!("SOURCE_DATE_EPOCH is {seconds:?}: wanted seconds since 1970")
        })?;
        Ok(Self { folder, version, commit, epoch })
    }

    /// A file of them.
    pub(super) fn file(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.folder.join(name);
        fs::read(&path).with_context(|| path.display().to_string())
    }

    /// The files right in a folder of them, sorted by name.
    pub(super) fn files(&self, folder: &str) -> Result<Vec<(String, Vec<u8>)>> {
        let path = self.folder.join(folder);
        let entries = fs::read_dir(&path).with_context(|| path.display().to_string())?;
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            files.push((name, fs::read(entry.path())?));
        }
        files.sort();
        ensure!(!files.is_empty(), "{}: there are no files", path.display());
        Ok(files)
    }

    /// Copies those files of them for which it is wanted, with the folders around; never what cargo or git keep there.
    pub(super) fn copy(&self, to: &Path, is_wanted: fn(&str) -> bool) -> Result<()> {
        copy(&self.folder, to, is_wanted)
    }

    /// The time in a text form.
    pub(super) fn date(&self, form: &str) -> Result<String> {
        Call::new("date", "-u -d")
            .arg(format!("@{}", self.epoch))
            .arg(form)
            .env("LC_ALL", "C")
            .text()
    }
}

fn copy(from: &Path, to: &Path, is_wanted: fn(&str) -> bool) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type()?.is_dir() {
            if name != "target" && name != ".git" {
                copy(&path, &to.join(&name), is_wanted)?;
            }
        } else if is_wanted(&name) {
            fs::create_dir_all(to)?;
            fs::copy(&path, to.join(&name)).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

/// The version that a workspace's manifest gives its packages.
fn version(manifest: &str) -> Result<String> {
    let table: toml::Table = toml::from_str(manifest)?;
    let package = table.get("workspace").and_then(|workspace| workspace.get("package"));
    let version = package.and_then(|package| package.get("version")?.as_str());
    version.map(str::to_owned).context("no version in [workspace.package]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_workspaces() {
        let manifest = "[workspace.package]\nversion = \"1.2.3\"\n[workspace.dependencies]\na = { version = \"9\" }\n";
        assert_eq!(version(manifest).unwrap(), "1.2.3");
        assert!(version("[package]\nversion = \"1.2.3\"\n").is_err());
    }
}
