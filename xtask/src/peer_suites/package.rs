//! The package with the suites: from Debian's trixie, whatever release this machine has.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::debian;

const PACKAGE: &str = "golang-github-google-go-sev-guest-dev";
const RELEASE: &str = "trixie";
/// Where the package has its sources.
const SOURCES: &str = "usr/share/gocode/src/github.com/google/go-sev-guest";

/// The suites on this machine.
pub(super) struct Package {
    /// The package's name and version.
    pub(super) name: String,
    /// The folder of its sources.
    pub(super) sources: PathBuf,
}

impl Package {
    /// The text of one of its files.
    pub(super) fn read(&self, file: &str) -> Result<String> {
        let path = self.path(file);
        fs::read_to_string(&path).with_context(|| path.display().to_string())
    }

    /// One of its files.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.sources.join(file)
    }
}

/// Fetches the package where it was not fetched before.
pub(super) fn fetch() -> Result<Package> {
    let packages = debian::packages(RELEASE, &[PACKAGE])?;
    let package = packages.into_iter().next().context("no package")?;
    let name = format!("{} of Debian {RELEASE}", package.name);
    Ok(Package { name, sources: package.files.join(SOURCES) })
}
