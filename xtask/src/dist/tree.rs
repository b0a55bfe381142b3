//! Files as they will lie in an archive, with nothing of the machine about them: their modes are given, their time is one, their owner is root.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};

use crate::call::Call;

/// The mode of a folder, and of a program.
const PROGRAM: u32 = 0o755;
const FILE: u32 = 0o644;

/// Files by their names, which have no slash before.
#[derive(Default)]
pub(super) struct Tree {
    files: BTreeMap<String, (u32, Vec<u8>)>,
}

impl Tree {
    /// With a file that everybody may read.
    pub(super) fn file(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(name.into(), (FILE, bytes.into()));
    }

    /// With a program that everybody may run.
    pub(super) fn program(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(name.into(), (PROGRAM, bytes.into()));
    }

    /// The names of files, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The disk space that a package says it needs, in KiB: each file rounded up, and one for each folder, as dpkg-gencontrol counts.
    pub(super) fn installed_size(&self) -> usize {
        let files = self.files.values().map(|(_, bytes)| bytes.len().div_ceil(1024));
        files.sum::<usize>() + folders(self.names()).len()
    }

    /// Writes them below a folder that is not there yet, with their modes and the one time.
    pub(super) fn place(&self, folder: &Path, epoch: u64) -> Result<()> {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(epoch);
        let set = |path: &Path, mode: u32| -> Result<()> {
            fs::set_permissions(path, Permissions::from_mode(mode))?;
            File::open(path)?.set_modified(time).with_context(|| path.display().to_string())
        };
        fs::create_dir_all(folder)?;
        let folders = folders(self.names());
        for name in &folders {
            fs::create_dir_all(folder.join(name))?;
        }
        for (name, (mode, bytes)) in &self.files {
            let path = folder.join(name);
            fs::write(&path, bytes).with_context(|| path.display().to_string())?;
            set(&path, *mode)?;
        }
        // Inner ones first: a folder's time is changed by what is made in it.
        for name in folders.iter().rev() {
            set(&folder.join(name), PROGRAM)?;
        }
        set(folder, PROGRAM)
    }

    /// Makes a tar archive of them by way of a folder that is not there yet.
    pub(super) fn archive(&self, folder: &Path, epoch: u64, to: &Path) -> Result<()> {
        self.place(folder, epoch)?;
        let form = "--create --format=ustar --no-recursion --owner=0 --group=0 --numeric-owner";
        Call::new("tar", form)
            .arg(format!("--mtime=@{epoch}"))
            .arg("--directory")
            .arg(folder)
            .arg("--file")
            .arg(to)
            .arg("--")
            .args(self.members())
            .text()
            .context("GNU tar is needed")?;
        fs::remove_dir_all(folder)?;
        Ok(())
    }

    /// Every file and folder in the order of the archive: by name, and so each folder before what is in it.
    fn members(&self) -> BTreeSet<String> {
        let files = self.names().map(str::to_owned);
        files.chain(folders(self.names())).collect()
    }
}

/// Compresses a file in place, without its name and time; it then ends in `.gz`.
pub(super) fn gzip(path: &Path) -> Result<()> {
    Call::new("gzip", "-9n --").arg(path).text().map(drop)
}

/// The same of bytes, by way of a file that is not there yet.
pub(super) fn gzipped(bytes: &[u8], way: &Path) -> Result<Vec<u8>> {
    fs::write(way, bytes).with_context(|| way.display().to_string())?;
    gzip(way)?;
    let mut path = way.as_os_str().to_owned();
    path.push(".gz");
    let bytes = fs::read(&path)?;
    fs::remove_file(&path)?;
    Ok(bytes)
}

/// The folders around files, each once.
fn folders<'a>(files: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let above = files.flat_map(|name| name.match_indices('/').filter_map(|(at, _)| name.get(..at)));
    above.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Tree {
        let mut tree = Tree::default();
        tree.program("usr/bin/b", vec![0; 1025]);
        tree.file("usr/share/doc/x/y", vec![0; 1]);
        tree.file("README.md", vec![]);
        tree
    }

    #[test]
    fn members_are_sorted_and_folders_come_before_what_is_in_them() {
        let wanted = ["README.md", "usr", "usr/bin", "usr/bin/b", "usr/share"];
        let wanted =
            [&wanted[..], &["usr/share/doc", "usr/share/doc/x", "usr/share/doc/x/y"]].concat();
        assert_eq!(three().members().into_iter().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn sizes_are_rounded_up() {
        // 2 KiB, 1 KiB and nothing; usr, usr/bin, usr/share, usr/share/doc and usr/share/doc/x.
        assert_eq!(three().installed_size(), 3 + 5);
    }
}
