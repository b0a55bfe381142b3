//! Systems with newer QEMUs, each in a folder: those that were named, or Debian's later releases, made by debootstrap.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::call::{Call, target};

/// The releases of Debian with QEMU 7.2, 10 and 11, and what is installed in each; sid has firmware of the AmdSev build.
const RELEASES: [(&str, &str); 3] = [
    ("bookworm", "qemu-system-x86"),
    ("trixie", "qemu-system-x86"),
    ("sid", "qemu-system-x86,ovmf-amdsev"),
];
/// What makes a folder one that has a QEMU.
const PROGRAM: &str = "usr/bin/qemu-system-x86_64";

/// `trixie=/srv/trixie`.
pub(super) fn parse(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, folder)) if !name.is_empty() && !folder.is_empty() => {
            Ok((name.to_owned(), folder.into()))
        }
        _ => Err(format!("{text:?}: wanted NAME=FOLDER, as trixie=/srv/trixie")),
    }
}

/// The named ones, or Debian's releases, with their folders, made first where they are not there.
pub(super) fn find(
    named: &[(String, PathBuf)],
    releases: &[&str],
) -> Result<Vec<(String, PathBuf)>> {
    if named.is_empty() {
        let wanted = RELEASES.into_iter().filter(|(release, _)| releases.contains(release));
        return wanted.map(|release| Ok((release.0.to_owned(), made(release)?))).collect();
    }
    let folders = named.iter().map(|(name, folder)| {
        let folder = std::path::absolute(folder)?;
        ensure!(has_qemu(&folder), "{name}: {} has no {PROGRAM}", folder.display());
        Ok((name.clone(), folder))
    });
    folders.collect()
}

fn has_qemu(folder: &Path) -> bool {
    folder.join(PROGRAM).exists()
}

/// A release below target/.
fn made((release, packages): (&str, &str)) -> Result<PathBuf> {
    let folder = std::path::absolute(target().join("rehearse").join(release))?;
    if has_qemu(&folder) {
        return Ok(folder);
    }
    if folder.exists() {
        // What an interrupted run left.
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    let program = Call::new("debootstrap", "--version");
    ensure!(program.succeeds(), "debootstrap does not run: apt-get install debootstrap, as root");
    let made = Call::new("debootstrap", "--variant=minbase")
        .arg(format!("--include={packages}"))
        .arg(release)
        .arg(folder.as_os_str())
        .arg(mirror()?)
        .run();
    match made {
        Ok(()) if has_qemu(&folder) => Ok(folder),
        Ok(()) => bail!("{}: debootstrap made no {PROGRAM}", folder.display()),
        Err(error) => Err(error.context(format!("{release}'s QEMU in {}", folder.display()))),
    }
}

/// Where this machine's apt has its packages from.
fn mirror() -> Result<String> {
    let sites =
        Call::new("apt-get", "indextargets --format $(REPO_URI)").arg("Created-By: Packages");
    let sites = sites.text()?;
    let debian = sites.lines().map(|line| line.trim_end_matches('/'));
    let mut debian = debian.filter(|site| site.ends_with("/debian"));
    debian.next().map(str::to_owned).context("apt knows no mirror of Debian")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_has_a_name_and_a_folder() {
        assert_eq!(parse("sid=/srv/sid"), Ok(("sid".to_owned(), "/srv/sid".into())));
        for wrong in ["", "sid", "=/srv/sid", "sid="] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
