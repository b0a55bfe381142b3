//! The inputs that are kept, and the folders in which they are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Target;

/// The folder with the inputs that are kept of a target.
#[must_use]
pub fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// Runs a target over its seeds and over every input that is kept of it.
///
/// # Panics
///
/// If an input fails, with its path, if a file cannot be read, or if nothing is kept.
pub fn replay(name: &str) {
    let target = Target::named(name);
    for (number, seed) in (target.seeds)().iter().enumerate() {
        let _at = Input(format!("{name}: seed {number}"));
        (target.run)(seed);
    }
    let folder = folder(name);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{}: no input is kept", folder.display());
    for path in paths {
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let _at = Input(path.display().to_string());
        (target.run)(&bytes);
    }
}

/// Says which input it was if the thread panics.
struct Input(String);

impl Drop for Input {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input: {}", self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::TARGETS;

    /// The most that all kept inputs may take, in bytes: they are in every clone.
    const MOST: u64 = 2 << 20;

    fn names(folder: &str, ending: &str) -> BTreeSet<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{folder}: {error}"));
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.map(|name| name.strip_suffix(ending).unwrap_or(&name).to_owned()).collect()
    }

    #[test]
    fn every_target_has_a_program_and_a_corpus_and_no_other_has() {
        let wanted: BTreeSet<String> =
            TARGETS.iter().map(|target| target.name.to_owned()).collect();
        assert_eq!(wanted.len(), TARGETS.len(), "a name stands twice");
        assert_eq!(names("fuzz_targets", ".rs"), wanted);
        assert_eq!(names("corpus", ""), wanted);
        for name in wanted {
            let program =
                Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz_targets/{name}.rs"));
            let text = fs::read_to_string(program).unwrap();
            assert!(text.contains(&format!("target!({name:?})")), "{name}: runs another target");
        }
    }

    #[test]
    fn the_corpus_is_small() {
        let mut size = 0;
        for target in TARGETS {
            for entry in fs::read_dir(folder(target.name)).unwrap() {
                size += entry.unwrap().metadata().unwrap().len();
            }
        }
        assert!(size <= MOST, "{size} bytes are kept, at most {MOST}");
    }
}
