//! The files of one command: all of them, or none.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, bail};
use zeroize::Zeroizing;

use super::STDOUT;
use super::journal::Journal;
use super::signals;
use super::target::{Stream, Target};
use crate::identity::{self, Identity};
use crate::inputs;

/// Everything that a command writes, standard output aside.
///
/// Files are staged: written beside their places, under names that nobody knows. Then the command prints its answer. Only then
/// [`Outputs::settle`] gives them their names. Whatever ends the command before that leaves no file behind: an error (the
/// answer cannot be printed, a later file not written), a panic, and every signal that can be caught. Where a name cannot be
/// given, those already given are taken back.
///
/// No output replaces a file that this command has read, another output of its own, or the file that its answer goes to.
#[derive(Default)]
#[must_use = "staged files are removed unless they are settled"]
pub(crate) struct Outputs {
    /// There from the first file on.
    journal: Option<Arc<Mutex<Journal>>>,
    streams: Vec<(String, Stream, Zeroizing<Vec<u8>>)>,
    taken: Vec<(Place, String)>,
}

/// Two outputs in one place are one too many.
#[derive(PartialEq)]
enum Place {
    File(Identity),
    Path(PathBuf),
}

/// What may have the place already.
#[derive(Clone, Copy, PartialEq)]
enum Over {
    /// Any file that was not read.
    Other,
    /// The same, and this one, which was read once to be replaced. Every other file that was read stays as it is.
    Itself(Option<Identity>),
    /// Nothing.
    Nothing,
}

impl Outputs {
    /// Nothing to write yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Stages a file, which may replace another one: it then has its permissions, and a link keeps leading to it.
    pub(crate) fn add(&mut self, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        self.stage(path, bytes, Over::Other)
    }

    /// Stages a file that holds a key or what was sealed with one: never over one that exists, and its owner's alone.
    pub(crate) fn add_new(&mut self, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        self.stage(path, bytes, Over::Nothing)
    }

    /// Makes a folder for files, where it is missing.
    pub(crate) fn add_folder(&mut self, path: &Path) -> anyhow::Result<()> {
        let made = self.journal()?.make_folder(path);
        made.with_context(|| inputs::name(path))
    }

    /// The answer is printed: everything gets its name.
    pub(crate) fn settle(mut self) -> anyhow::Result<()> {
        for (name, stream, bytes) in &mut self.streams {
            stream.write(bytes).with_context(|| cannot_be_written(name))?;
        }
        if let Some(journal) = &self.journal {
            let settled = lock(journal).settle();
            settled.map_err(|(path, error)| {
                anyhow::Error::from(error).context(cannot_be_written(&inputs::name(&path)))
            })?;
        }
        Ok(())
    }

    fn stage(&mut self, path: &Path, bytes: &[u8], over: Over) -> anyhow::Result<()> {
        if path == Path::new(STDOUT) {
            bail!("the answer is on standard output: give the path of a file in place of -");
        }
        self.put(inputs::name(path), Target::of(path)?, bytes, over)
    }

    fn put(
        &mut self,
        name: String,
        target: Target,
        bytes: &[u8],
        over: Over,
    ) -> anyhow::Result<()> {
        let (path, existing) = match target {
            Target::Stream { stream, identity, path } => {
                // What is written to goes on behind what was read, and replaces nothing.
                self.check(&name, identity, path.as_deref(), Over::Other)?;
                self.streams.push((name, stream, Zeroizing::new(bytes.to_vec())));
                return Ok(());
            }
            Target::File { path, existing } => (path, existing),
        };
        if existing.is_some() && over == Over::Nothing {
            bail!("{}: there is one already", cannot_be_written_new(&name));
        }
        let identity = existing.as_ref().and_then(identity::of);
        if identity.is_some() && identity == identity::of_stdout() {
            bail!(
                "{name}: standard output goes to this file, which would be replaced: give another one"
            );
        }
        self.check(&name, identity, Some(&path), over)?;
        let write = || -> anyhow::Result<()> {
            let mut file = self.journal()?.stage(path, over == Over::Nothing)?;
            file.write_all(bytes)?;
            if let Some(metadata) = existing {
                file.set_permissions(metadata.permissions())?;
            }
            Ok(file.sync_all()?)
        };
        write().with_context(|| match over {
            Over::Nothing => cannot_be_written_new(&name),
            _ => cannot_be_written(&name),
        })
    }

    /// An error if the place is that of a file that was read, or of another output.
    fn check(
        &mut self,
        name: &str,
        identity: Option<Identity>,
        path: Option<&Path>,
        over: Over,
    ) -> anyhow::Result<()> {
        let is_itself = identity.is_some() && over == Over::Itself(identity);
        let most = usize::from(is_itself);
        if identity.is_some_and(|identity| identity::times_read(identity) > most) {
            bail!(
                "{name}: this file is read by the same command, and would be overwritten: give the output another one"
            );
        }
        let places = [identity.map(Place::File), path.map(|path| Place::Path(path.to_owned()))];
        for place in places.into_iter().flatten() {
            if let Some((_, other)) = self.taken.iter().find(|(taken, _)| *taken == place) {
                bail!("{other} and {name} are the same file: give each output its own");
            }
            self.taken.push((place, name.to_owned()));
        }
        Ok(())
    }

    /// The journal, made and watched from its first use on.
    fn journal(&mut self) -> anyhow::Result<MutexGuard<'_, Journal>> {
        if self.journal.is_none() {
            let journal = Arc::default();
            signals::watch(&journal).context("signals cannot be watched, so nothing is written")?;
            self.journal = Some(journal);
        }
        Ok(lock(self.journal.get_or_insert_default()))
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        if let Some(journal) = &self.journal {
            lock(journal).undo();
        }
    }
}

/// Writes what is the whole answer: to a file, or to standard output where the path is `-`.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    answer(path, bytes, Over::Other)
}

/// The same for a new version of a file that was read once, by the name `of`: that file alone may be replaced.
pub(crate) fn write_version(path: &Path, bytes: &[u8], of: &Path) -> anyhow::Result<()> {
    answer(path, bytes, Over::Itself(identity::read_as(of)))
}

fn answer(path: &Path, bytes: &[u8], over: Over) -> anyhow::Result<()> {
    let mut outputs = Outputs::new();
    match path == Path::new(STDOUT) {
        true => {
            super::check_stdout()?;
            outputs.put("standard output".into(), Target::stdout(), bytes, over)?;
        }
        false => outputs.stage(path, bytes, over)?,
    }
    outputs.settle()
}

fn cannot_be_written(name: &str) -> String {
    format!("{name}: cannot be written")
}

fn cannot_be_written_new(name: &str) -> String {
    format!(
        "{name}: cannot be written (it is there already: files of a session or a packet are never overwritten)"
    )
}

fn lock(journal: &Mutex<Journal>) -> MutexGuard<'_, Journal> {
    journal.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// The names in a folder, sorted.
    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn where_a_later_file_cannot_get_its_name_the_earlier_ones_are_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new, last] = ["old", "new", "last"].map(|name| folder.path().join(name));
        fs::write(&old, "before").unwrap();
        let mut outputs = Outputs::new();
        outputs.add(&old, b"after").unwrap();
        outputs.add_new(&new, b"key").unwrap();
        let made = folder.path().join("a/b");
        outputs.add_folder(&made).unwrap();
        outputs.add(&made.join("file"), b"x").unwrap();
        outputs.add(&last, b"y").unwrap();
        // Somebody is faster.
        fs::create_dir(&last).unwrap();
        let error = format!("{:#}", outputs.settle().unwrap_err());
        assert!(error.contains("last: cannot be written"), "{error}");
        assert_eq!(names(folder.path()), ["last", "old"]);
        assert_eq!(fs::read(&old).unwrap(), b"before");
    }

    #[test]
    fn a_key_that_appears_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
        let mut outputs = Outputs::new();
        outputs.add_new(&first, b"1").unwrap();
        outputs.add_new(&second, b"2").unwrap();
        fs::write(&second, "theirs").unwrap();
        outputs.settle().unwrap_err();
        assert_eq!(names(folder.path()), ["second"]);
        assert_eq!(fs::read(&second).unwrap(), b"theirs");
    }

    #[test]
    fn settled_files_leave_nothing_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
        fs::write(&one, "before").unwrap();
        fs::write(&two, "before").unwrap();
        let mut outputs = Outputs::new();
        outputs.add(&one, b"1").unwrap();
        outputs.add(&two, b"2").unwrap();
        assert_eq!(fs::read(&one).unwrap(), b"before");
        outputs.settle().unwrap();
        assert_eq!(names(folder.path()), ["one", "two"]);
        assert_eq!((fs::read(&one).unwrap(), fs::read(&two).unwrap()), (b"1".into(), b"2".into()));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_keeps_leading_to_what_is_written_even_if_there_was_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let [link, target] = ["link", "target"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink("target", &link).unwrap();
        for text in ["1", "2"] {
            let mut outputs = Outputs::new();
            outputs.add(&link, text.as_bytes()).unwrap();
            outputs.settle().unwrap();
            assert_eq!(fs::read_link(&link).unwrap(), Path::new("target"));
            assert_eq!(fs::read_to_string(&target).unwrap(), text);
        }
    }

    #[test]
    fn what_is_dropped_was_never_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut outputs = Outputs::new();
        outputs.add_new(&folder.path().join("key"), b"1").unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(outputs);
        assert!(names(folder.path()).is_empty());
    }
}
