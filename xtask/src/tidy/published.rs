//! What a crate that is published says of itself: its manifest, and the files beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use toml::{Table, Value};

use crate::call::root;

/// What the registry shows of a package, or refuses it without.
const FIELDS: [&str; 7] =
    ["description", "readme", "license", "repository", "keywords", "categories", "rust-version"];

/// Of the registry's categories those that ours are in. One that it does not know it drops without an error.
const CATEGORIES: [&str; 13] = [
    "authentication",
    "command-line-utilities",
    "config",
    "cryptography",
    "development-tools::testing",
    "emulators",
    "encoding",
    "no-std",
    "parser-implementations",
    "virtualization",
    "web-programming",
    "web-programming::http-client",
    "web-programming::http-server",
];

/// How many keywords, and categories, the registry takes.
const MOST: usize = 5;

const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// What every published crate lacks.
pub(super) fn breaches() -> Result<Vec<String>> {
    let workspace = manifest(root())?;
    let shared = workspace.get("workspace").and_then(|table| table.get("package"));
    let mut folders = vec![root().to_owned()];
    for entry in fs::read_dir(root().join("crates")).context("crates")? {
        folders.push(entry?.path());
    }
    folders.retain(|folder| folder.join("Cargo.toml").is_file());
    folders.sort();
    let mut breaches = Vec::new();
    for folder in folders {
        let manifest = manifest(&folder)?;
        let Some(package) = manifest.get("package").and_then(Value::as_table) else { continue };
        if package.get("publish").and_then(Value::as_bool) == Some(false) {
            continue;
        }
        let name = folder.strip_prefix(root()).unwrap_or(&folder).join("Cargo.toml");
        let has_features = manifest.contains_key("features");
        let mut lacks = lacking(package, shared, has_features);
        let files = LICENCES.iter().copied().chain(package.get("readme").and_then(Value::as_str));
        let missing = files.filter(|file| !folder.join(file).is_file());
        lacks.extend(missing.map(|file| format!("has no {file} beside it: add the file")));
        breaches.extend(lacks.iter().map(|what| format!("{}: {what}", name.display())));
    }
    Ok(breaches)
}

fn manifest(folder: &Path) -> Result<Table> {
    let path: PathBuf = folder.join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    toml::from_str(&text).with_context(|| path.display().to_string())
}

/// What is wrong with what a `[package]` says, where it takes from the workspace's what it says is there.
fn lacking(package: &Table, shared: Option<&Value>, has_features: bool) -> Vec<String> {
    let value = |field: &str| {
        let own = package.get(field)?;
        if own.get("workspace").is_some() { shared?.get(field) } else { Some(own) }
    };
    let mut lacks = Vec::new();
    for field in FIELDS {
        if value(field).is_none() {
            lacks.push(format!("[package] has no `{field}`, which a published crate must have"));
        }
    }
    let words = |field: &str| {
        let list = value(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str)
    };
    for field in ["keywords", "categories"] {
        let count = words(field).count();
        if count > MOST {
            lacks.push(format!("`{field}` has {count} entries, and the registry takes {MOST}"));
        }
    }
    for category in words("categories").filter(|one| !CATEGORIES.contains(one)) {
        lacks.push(format!(
            "category {category:?} is not known: wanted a slug of the registry; a new one goes into xtask/src/tidy/published.rs"
        ));
    }
    let docs = package.get("metadata").and_then(|metadata| metadata.get("docs")?.get("rs"));
    let targets = docs.and_then(|docs| docs.get("targets")?.as_array()).map(Vec::as_slice);
    if targets != Some(&[Value::from(TARGET)]) {
        lacks.push(format!("[package.metadata.docs.rs] has no `targets = [{TARGET:?}]`"));
    }
    let all = docs.and_then(|docs| docs.get("all-features")?.as_bool());
    if has_features && all != Some(true) {
        lacks.push("has features, and [package.metadata.docs.rs] no `all-features = true`".into());
    }
    lacks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a package lacks that has everything, but for one line.
    fn without(line: &str, has_features: bool) -> Vec<String> {
        let whole = "\
description = 'x'
readme = 'README.md'
license.workspace = true
repository = 'x'
keywords = ['x']
categories = ['no-std']
rust-version = '1.88'
[metadata.docs.rs]
all-features = true
targets = ['x86_64-unknown-linux-gnu']
";
        let text: Vec<&str> = whole.lines().filter(|one| !one.starts_with(line)).collect();
        let shared: Table = toml::from_str("license = 'x'").unwrap();
        let shared = Value::Table(shared);
        lacking(&toml::from_str(&text.join("\n")).unwrap(), Some(&shared), has_features)
    }

    #[test]
    fn each_line_is_wanted() {
        assert_eq!(without("nothing", true), [""; 0]);
        for line in FIELDS.iter().chain(&["targets", "all-features", "license.workspace"]) {
            assert_eq!(without(line, true).len(), 1, "{line}");
        }
        assert_eq!(without("all-features", false), [""; 0]);
    }

    #[test]
    fn a_category_is_the_registry_s_and_what_the_workspace_lacks_is_lacking() {
        let package = "categories = ['crypto']\nlicense.workspace = true";
        let lacks = lacking(&toml::from_str(package).unwrap(), None, false);
        assert!(lacks.iter().any(|what| what.contains("\"crypto\"")), "{lacks:?}");
        assert!(lacks.iter().any(|what| what.contains("`license`")), "{lacks:?}");
    }
}
