//! What has been done to the disk and is not settled yet, so that it can be undone at any moment.

use std::fs::{self, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use super::target::folder_of;

/// Everything that was done. Whoever holds its lock is the only one who changes the disk.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// Folders that were made, in order.
    folders: Vec<PathBuf>,
    /// Files in their order.
    files: Vec<Staged>,
    /// Everything stands where it should, and stays.
    pub(super) is_settled: bool,
}

/// A file on its way.
#[derive(Debug)]
struct Staged {
    target: PathBuf,
    /// Never over a file that exists.
    is_new: bool,
    stage: Stage,
}

/// How far it is.
#[derive(Debug)]
enum Stage {
    /// It waits beside its place, and goes away with this value.
    Waiting(TempPath),
    /// It has its name; what had it before is kept, if anything had.
    Placed { before: Option<PathBuf> },
    /// It could not get its name, and is gone.
    Gone,
}

impl Journal {
    /// Makes a folder and those above it that are missing.
    pub(super) fn make_folder(&mut self, path: &Path) -> io::Result<()> {
        let missing = path
            .ancestors()
            .take_while(|folder| *folder != Path::new("") && fs::symlink_metadata(folder).is_err());
        for folder in missing.collect::<Vec<_>>().into_iter().rev() {
            fs::create_dir(folder)?;
            self.folders.push(folder.to_owned());
        }
        // What is there may be no folder.
        if path == Path::new("") || fs::metadata(path)?.is_dir() {
            return Ok(());
        }
        Err(io::Error::from(io::ErrorKind::NotADirectory))
    }

    /// Makes an empty file beside a place, to be filled and then put there. A new file is its owner's alone from the start.
    pub(super) fn stage(&mut self, target: PathBuf, is_new: bool) -> io::Result<fs::File> {
        let mut builder = Builder::new();
        if !is_new {
            ordinary(&mut builder);
        }
        let (file, temporary) = builder.tempfile_in(folder_of(&target))?.into_parts();
        self.files.push(Staged { target, is_new, stage: Stage::Waiting(temporary) });
        Ok(file)
    }

    /// Puts every file in its place, or none: the error names the one that could not be.
    pub(super) fn settle(&mut self) -> Result<(), (PathBuf, io::Error)> {
        // One rename is whole by itself: only what comes before another one may have to be undone.
        let last = self.files.len().saturating_sub(1);
        for index in 0..self.files.len() {
            let Some(file) = self.files.get_mut(index) else { break };
            if let Err(error) = file.place(index < last) {
                let target = file.target.clone();
                self.undo();
                return Err((target, error));
            }
        }
        for file in self.files.drain(..) {
            if let Stage::Placed { before: Some(before) } = file.stage {
                // All is where it should be. What was there before has another name until somebody removes it.
                let _ = fs::remove_file(before);
            }
        }
        self.is_settled = true;
        Ok(())
    }

    /// Makes everything as it was. What cannot be undone is left: there is nobody to tell.
    pub(super) fn undo(&mut self) {
        for file in self.files.drain(..).rev() {
            let _ = match file.stage {
                Stage::Waiting(temporary) => temporary.close(),
                Stage::Placed { before: Some(before) } => fs::rename(before, file.target),
                Stage::Placed { before: None } => fs::remove_file(file.target),
                Stage::Gone => Ok(()),
            };
        }
        for folder in self.folders.drain(..).rev() {
            // One in which somebody else has put something stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Staged {
    /// Gives the file its name; what had it before is kept if that may be wanted back.
    fn place(&mut self, keeps_before: bool) -> io::Result<()> {
        let Stage::Waiting(temporary) = std::mem::replace(&mut self.stage, Stage::Gone) else {
            return Ok(());
        };
        if self.is_new {
            temporary.persist_noclobber(&self.target).map_err(|error| error.error)?;
            self.stage = Stage::Placed { before: None };
            return Ok(());
        }
        let before = if keeps_before { keep(&self.target)? } else { None };
        match temporary.persist(&self.target) {
            Ok(()) => {
                self.stage = Stage::Placed { before };
                Ok(())
            }
            Err(error) => {
                if let Some(before) = before {
                    // As in `undo`.
                    let _ = fs::rename(before, &self.target);
                }
                Err(error.error)
            }
        }
    }
}

/// Gives the file of this name a second one, beside it; `None` if there is no such file.
fn keep(target: &Path) -> io::Result<Option<PathBuf>> {
    if fs::symlink_metadata(target).is_err() {
        return Ok(None);
    }
    let (builder, folder) = (Builder::new(), folder_of(target));
    let linked = builder.make_in(folder, |name| fs::hard_link(target, name));
    // Some file systems have no hard links: then the file is under no name of its own for a moment.
    let kept = linked.or_else(|_| builder.make_in(folder, |name| move_to_free(target, name)))?;
    kept.into_temp_path().keep().map(Some).map_err(|error| error.error)
}

/// Renames to a name that nothing has.
fn move_to_free(from: &Path, to: &Path) -> io::Result<()> {
    match fs::symlink_metadata(to) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// With the permissions that a new file has here.
#[cfg(unix)]
fn ordinary(builder: &mut Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn ordinary(_: &mut Builder<'_, '_>) {
    let _: Option<Permissions> = None;
}
