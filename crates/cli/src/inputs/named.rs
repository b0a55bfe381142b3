//! Who named a file, and what it may therefore be.
//!
//! A file that the command line names may be anything: a pipe, a device, in any folder. One that a description or a manifest names is
//! named by whoever wrote that, who may be a stranger, or a build that went wrong: it must be a regular file, which ends. What a
//! manifest names must also lie in the manifest's folder or below, links followed, and so must a command line's file, since its text
//! is printed; a stranger's is told by its hash and size alone. `--allow-outside` names further folders; a flag that names the file itself is free.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use sev_launch_description::{Description, Origin, keys};

use super::{name, opened};
use crate::paths::lexical;

/// The files of the kernel's own: their contents are of this host, and some never end.
const PSEUDO: [&str; 2] = ["/proc", "/sys"];

/// The key of the one file whose text is printed.
const PRINTED: &str = "boot.cmdline_file";

/// How far a file's names reach.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    /// The folder of the file that names others.
    pub(crate) folder: PathBuf,
    /// Is everything held to that folder, and not only what is printed?
    pub(crate) confines_all: bool,
    /// The folders that the command line allows beside it.
    pub(crate) allowed: Vec<PathBuf>,
}

/// The files that other files name, by their paths. What is not among them was named on the command line.
#[derive(Debug, Default)]
pub(crate) struct Named(HashMap<PathBuf, Arc<Name>>);

/// How a file was named.
#[derive(Debug)]
struct Name {
    by: Origin,
    key: &'static str,
    /// May whoever wrote the file that names it be a stranger? Then its text is never shown.
    is_strangers: bool,
    /// Where it must lie, if it is held to some folders: the file's own first.
    folders: Option<Arc<[PathBuf]>>,
}

impl Named {
    /// The files that a description names, but for those that a flag names.
    pub(crate) fn of(description: &Description, reach: &Reach) -> Self {
        let mut named = Self::default();
        named.add(description, reach);
        named
    }

    /// Those of a further description.
    pub(crate) fn add(&mut self, description: &Description, reach: &Reach) {
        let mut folders = Vec::from([reach.folder.clone()]);
        folders.extend(reach.allowed.iter().cloned());
        let folders: Arc<[PathBuf]> = folders.into();
        let (free, held): (Vec<_>, Vec<_>) =
            description.paths().into_iter().partition(|(_, by, _)| matches!(by, Origin::Flag(_)));
        for (key, by, path) in held {
            let is_held = reach.confines_all || key == PRINTED;
            // Standard input is nobody's file, and a stranger has none.
            if path == Path::new(super::STDIN) && !is_held {
                continue;
            }
            let folders = is_held.then(|| folders.clone());
            let name = Name { by, key, is_strangers: reach.confines_all, folders };
            match self.0.get(&path) {
                // The stricter of two rules holds.
                Some(known)
                    if known.folders.is_some() && known.is_strangers >= name.is_strangers => {}
                _ => drop(self.0.insert(path, Arc::new(name))),
            }
        }
        // What a flag names too is free.
        for (_, _, path) in free {
            self.0.remove(&path);
        }
    }

    /// Is it a file that another file names?
    pub(crate) fn contains(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    /// Is it a file that a stranger's file names?
    pub(crate) fn is_strangers(&self, path: &Path) -> bool {
        self.0.get(path).is_some_and(|name| name.is_strangers)
    }

    /// An error for a file that may not be read, before it is opened: to open a pipe would wait.
    pub(super) fn check(&self, path: &Path) -> anyhow::Result<()> {
        let Some(named) = self.0.get(path) else { return Ok(()) };
        if path == Path::new(super::STDIN) {
            bail!("standard input: {} names it as {}: {}", named.by, named.key, named.remedy());
        }
        let real = match fs::canonicalize(path) {
            Ok(real) => real,
            // Whether there is such a file elsewhere is nobody's business.
            Err(error) => match named.holds_as_written(path) {
                true => return Err(anyhow::Error::from(error).context(name(path))),
                false => return Err(named.outside(path)),
            },
        };
        if !named.holds(&real) {
            return Err(named.outside(path));
        }
        if PSEUDO.iter().any(|folder| real.starts_with(folder)) {
            bail!(
                "{}: {} names it as {}, and it is no file of a disk: {}",
                name(path),
                named.by,
                named.key,
                named.remedy()
            );
        }
        named.check_kind(path, &opened::metadata(path)?)
    }

    /// The same of what was opened: it must be what was looked at.
    pub(super) fn check_opened(&self, path: &Path, found: &Metadata) -> anyhow::Result<()> {
        let Some(named) = self.0.get(path) else { return Ok(()) };
        named.check_kind(path, found)?;
        let real = fs::canonicalize(path).ok();
        let is_same = |real: &PathBuf| {
            fs::metadata(real).is_ok_and(|metadata| opened::is_same(&metadata, found))
        };
        match real.is_some_and(|real| named.holds(&real) && is_same(&real)) {
            true => Ok(()),
            false => Err(opened::moved(path)),
        }
    }
}

impl Name {
    /// Does a path without links lie where it must?
    fn holds(&self, real: &Path) -> bool {
        let Some(folders) = &self.folders else { return true };
        folders
            .iter()
            .filter_map(|folder| fs::canonicalize(or_here(folder)).ok())
            .any(|folder| real.starts_with(folder))
    }

    /// Would a path do so, as it is written?
    fn holds_as_written(&self, path: &Path) -> bool {
        let Some(folders) = &self.folders else { return true };
        let parts =
            |path: &Path| std::path::absolute(path).map(|path| lexical(&path)).unwrap_or_default();
        let path = parts(path);
        folders.iter().any(|folder| path.starts_with(&parts(or_here(folder))))
    }

    fn check_kind(&self, path: &Path, found: &Metadata) -> anyhow::Result<()> {
        if found.is_file() {
            return Ok(());
        }
        bail!(
            "{}: {} names it as {}, and it is a pipe or device, wanted a regular file: {}",
            name(path),
            self.by,
            self.key,
            self.remedy()
        )
    }

    fn outside(&self, path: &Path) -> anyhow::Error {
        anyhow::anyhow!(
            "{}: {} names it as {}, and it lies outside of that file's folder, so it is not read: {}, or allow its folder with \
             --allow-outside",
            name(path),
            self.by,
            self.key,
            self.remedy()
        )
    }

    /// What to do where the file is meant.
    fn remedy(&self) -> String {
        let flag = keys::find(self.key).and_then(|key| key.flag);
        format!("name it on the command line ({} FILE)", flag.unwrap_or(self.key))
    }
}

/// The current folder has no name where a path starts in it.
fn or_here(folder: &Path) -> &Path {
    if folder == Path::new("") { Path::new(".") } else { folder }
}
