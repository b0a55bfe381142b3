//! SHA256SUMS, as `sha256sum --check` reads it, and the comparison of two folders by it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::call::Call;
use crate::served::sha256;

/// The name of the list.
pub(super) const NAME: &str = "SHA256SUMS";

/// A file's size and SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) size: usize,
    pub(super) sha256: String,
}

/// What is in a folder, by name; the list itself too, where it is there.
pub(super) fn of(folder: &Path) -> Result<BTreeMap<String, Sum>> {
    let mut sums = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let bytes = fs::read(entry.path())?;
        let sum = Sum { size: bytes.len(), sha256: sha256(&bytes) };
        sums.insert(entry.file_name().to_string_lossy().into_owned(), sum);
    }
    Ok(sums)
}

/// A folder that is written anew must be missing, empty, or hold what such a list names and nothing else: it is removed.
pub(super) fn must_be_ours(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        names.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    let list = fs::read_to_string(folder.join(NAME)).unwrap_or_default();
    let listed = list.lines().filter_map(|line| Some(line.split_once("  ")?.1.to_owned()));
    let ours: BTreeSet<String> = listed.chain([NAME.to_owned()]).collect();
    ensure!(
        names.is_subset(&ours),
        "{} has other files than those of a release, and would be removed: name a new folder",
        folder.display()
    );
    Ok(())
}

/// Writes the list of a folder that has none, and lets `sha256sum` check it.
pub(super) fn write(folder: &Path) -> Result<()> {
    fs::write(folder.join(NAME), text(&of(folder)?))?;
    let check = Call::new("env", "-C").arg(folder).words("sha256sum --check --strict --quiet");
    check.arg(NAME).text().map(drop)
}

/// The list: lower-case hex, two spaces, the name.
fn text(sums: &BTreeMap<String, Sum>) -> String {
    sums.iter().map(|(name, sum)| format!("{}  {name}\n", sum.sha256)).collect()
}

/// What differs between two folders, each in a line.
pub(super) fn differences(
    first: &BTreeMap<String, Sum>,
    second: &BTreeMap<String, Sum>,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, sum) in first {
        match second.get(name) {
            None => lines.push(format!("{name}: the second build has none")),
            Some(other) if other != sum => lines.push(format!(
                "{name}: {} bytes with SHA-256 {}, then {} with {}",
                sum.size, sum.sha256, other.size, other.sha256
            )),
            Some(_) => {}
        }
    }
    let more = second.keys().filter(|name| !first.contains_key(*name));
    lines.extend(more.map(|name| format!("{name}: the first build has none")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(names: &[(&str, &str)]) -> BTreeMap<String, Sum> {
        let sum = |text: &str| Sum { size: text.len(), sha256: sha256(text) };
        names.iter().map(|(name, text)| ((*name).to_owned(), sum(text))).collect()
    }

    #[test]
    fn the_list_is_as_sha256sum_prints_it() {
        // `printf abc >b; : >a; sha256sum a b` of coreutils 9.1.
        let wanted = "\
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b
";
        assert_eq!(text(&sums(&[("b", "abc"), ("a", "")])), wanted);
    }

    #[test]
    fn every_difference_is_told() {
        let first = sums(&[("a", "1"), ("b", "1"), ("c", "1")]);
        assert_eq!(differences(&first, &first), [""; 0]);
        let told = differences(&first, &sums(&[("a", "1"), ("b", "2"), ("d", "1")]));
        let starts: Vec<&str> = told.iter().filter_map(|line| line.get(..2)).collect();
        assert_eq!(starts, ["b:", "c:", "d:"]);
    }

    #[test]
    fn no_folder_of_others_is_removed() {
        let to = std::env::temp_dir().join(format!("dist-sums-{}", std::process::id()));
        assert!(must_be_ours(&to).is_ok());
        fs::create_dir(&to).unwrap();
        assert!(must_be_ours(&to).is_ok());
        fs::write(to.join("a.tar.gz"), "a").unwrap();
        assert!(must_be_ours(&to).is_err());
        write(&to).unwrap();
        assert!(must_be_ours(&to).is_ok());
        fs::write(to.join("Cargo.toml"), "").unwrap();
        assert!(must_be_ours(&to).is_err());
        fs::remove_dir_all(&to).unwrap();
    }
}
