//! THIRD-PARTY: the licences and notices of everything of others that is built into the programs, as their packages have them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::build::{GNU, PROGRAMS};
use super::source::Source;
use crate::call::Call;

/// The name of the file in archives, package and image.
pub(super) const NAME: &str = "THIRD-PARTY";

/// How files with licences and notices begin, in capitals.
const STARTS: [&str; 6] = ["COPYING", "COPYRIGHT", "LICENCE", "LICENSE", "NOTICE", "UNLICENSE"];

const INTRODUCTION: &str = "\
What others have written and is built into sev-launch, sev-launch-agent, sev-launch-remote and sev-launch-server, with the
texts of its licences. Besides it the standard library of Rust is in them (MIT OR Apache-2.0, The Rust Project Developers), and
musl in the static programs (MIT, Rich Felker and others).
";

/// The file: each text once, under the packages that have it.
pub(super) fn text(source: &Source) -> Result<String> {
    let manifest = source.folder.join("Cargo.toml");
    let built_in = built_in(&manifest)?;
    let metadata = Call::cargo("metadata --locked --format-version 1 --manifest-path");
    let metadata: Value =
        serde_json::from_str(&metadata.arg(&manifest).text()?).context("cargo metadata")?;
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut without = BTreeSet::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let word = |name: &str| package[name].as_str().unwrap_or_default();
        let name = format!("{} {}", word("name"), word("version"));
        if package["source"].is_null() || !built_in.contains(&name) {
            continue;
        }
        let folder = Path::new(word("manifest_path")).parent().context("a manifest's folder")?;
        let found = files(folder)?;
        if found.is_empty() {
            without.insert(format!("{name}: {}, {}", word("license"), word("repository")));
        }
        for text in found {
            texts.entry(text).or_default().insert(name.clone());
        }
    }
    ensure!(!texts.is_empty(), "{}: no package has a licence", manifest.display());
    Ok(written(texts, &without))
}

fn written(texts: BTreeMap<String, BTreeSet<String>>, without: &BTreeSet<String>) -> String {
    let mut parts: Vec<(Vec<String>, String)> =
        texts.into_iter().map(|(text, names)| (names.into_iter().collect(), text)).collect();
    parts.sort();
    let mut all = INTRODUCTION.to_owned();
    if !without.is_empty() {
        all += "\nThese packages name their licence and have no text of it:\n\n";
        without.iter().for_each(|line| all += &format!("  {line}\n"));
    }
    for (names, text) in parts {
        all += &format!("\n{}\n{}\n\n{}\n", "=".repeat(80), names.join(", "), text.trim_end());
    }
    all
}

/// Names and versions of the packages that are in the programs.
fn built_in(manifest: &Path) -> Result<BTreeSet<String>> {
    let tree = Call::cargo("tree --locked --edges normal --prefix none --format {p} --target");
    let tree = tree.arg(GNU.triple).arg("--manifest-path").arg(manifest);
    let tree = PROGRAMS.iter().fold(tree, |tree, program| tree.words("--package").arg(*program));
    let lines = tree.text()?;
    let name = |line: &str| {
        let (name, rest) = line.split_once(" v")?;
        Some(format!("{name} {}", rest.split_whitespace().next()?))
    };
    Ok(lines.lines().filter_map(name).collect())
}

/// The texts in a package's folder, sorted by the names of their files.
fn files(folder: &Path) -> Result<Vec<String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if entry.path().is_file() && STARTS.iter().any(|start| name.starts_with(start)) {
            let bytes = fs::read(entry.path())?;
            found.insert(name, String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
        }
    }
    Ok(found.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::root;

    #[test]
    fn texts_stand_once_under_all_who_have_them() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let texts = BTreeMap::from([
            ("MIT\n".to_owned(), names(&["b 1", "c 2"])),
            ("Zlib".to_owned(), names(&["a 1"])),
        ]);
        let all = written(texts, &names(&["d 1: MIT, x"]));
        let line = "=".repeat(80);
        let wanted = format!(
            "\nThese packages name their licence and have no text of it:\n\n  d 1: MIT, x\n\n{line}\na 1\n\nZlib\n\n{line}\nb 1, c 2\n\nMIT\n"
        );
        assert_eq!(all.strip_prefix(INTRODUCTION), Some(wanted.as_str()));
    }

    #[test]
    fn what_is_built_in_is_told_and_nothing_of_ours_or_of_tests() {
        let all = text(&Source::read(root()).unwrap()).unwrap();
        // ring's and rustls's are in the service, sha2's in all; proptest is in tests alone.
        for name in ["ring 0.", "rustls 0.", "sha2 0.", "libsqlite3-sys 0."] {
            assert!(all.contains(name), "{name}");
        }
        for name in ["proptest 1", "sev-launch-abi 0"] {
            assert!(!all.contains(name), "{name}");
        }
        assert!(all.contains("Permission is hereby granted, free of charge"));
    }
}
