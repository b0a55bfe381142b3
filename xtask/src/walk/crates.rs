//! A registry in a folder: our crates as `cargo package` packs them, and what they need of others in the versions of Cargo.lock.
//!
//! It is what cargo calls a directory source, so a project that asks the registry needs neither a network nor a line about paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::empty_folder;
use crate::call::{Call, read, target};

/// What an author adds.
const ADDED: [&str; 2] = ["sev-launch-digest", "sev-launch-verify"];

/// What `cargo metadata` prints, as far as it is looked at.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    /// Absent where it is of this workspace.
    source: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// Makes it anew, and says where it is.
pub(super) fn registry() -> Result<PathBuf> {
    let metadata = Call::cargo("metadata --format-version 1 --locked").text()?;
    let metadata: Metadata = serde_json::from_str(&metadata).context("cargo metadata")?;
    let packages = needed(&metadata);
    let ours = packages.iter().filter(|package| package.source.is_none());
    let pack = Call::cargo("package --no-verify --allow-dirty --quiet --offline");
    ours.fold(pack, |pack, package| pack.words("--package").arg(&package.name)).run()?;
    let lock: Lock = toml::from_str(&read("Cargo.lock")?).context("Cargo.lock")?;
    let folder = empty_folder("registry")?;
    for package in packages {
        let named = format!("{}-{}", package.name, package.version);
        match &package.source {
            None => unpack(&named, &folder)?,
            Some(_) => copy(package, &folder.join(&named))?,
        }
        let is_it = |one: &&Locked| one.name == package.name && one.version == package.version;
        let checksum = lock.package.iter().find(is_it).and_then(|one| one.checksum.as_deref());
        let sums = serde_json::json!({ "files": {}, "package": checksum });
        fs::write(folder.join(&named).join(".cargo-checksum.json"), sums.to_string())
            .with_context(|| named)?;
    }
    Ok(folder)
}

/// What is added, and all that it needs on any machine, tests apart.
fn needed(metadata: &Metadata) -> Vec<&Package> {
    let nodes: BTreeMap<_, _> = metadata.resolve.nodes.iter().map(|n| (&*n.id, n)).collect();
    let added = |package: &&Package| ADDED.contains(&&*package.name);
    let mut open: Vec<&str> = metadata.packages.iter().filter(added).map(|p| &*p.id).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !found.insert(id) {
            continue;
        }
        let dependencies = nodes.get(id).into_iter().flat_map(|node| &node.deps);
        let linked = dependencies
            .filter(|one| one.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev")));
        open.extend(linked.map(|one| &*one.pkg));
    }
    metadata.packages.iter().filter(|package| found.contains(&*package.id)).collect()
}

fn unpack(named: &str, folder: &Path) -> Result<()> {
    let packed = target().join("package").join(format!("{named}.crate"));
    ensure!(packed.exists(), "cargo package has made no {}", packed.display());
    Call::new("tar", "-xzf").arg(packed).arg("-C").arg(folder).text().map(drop)
}

fn copy(package: &Package, to: &Path) -> Result<()> {
    let from = package.manifest_path.parent().context("a manifest lies in a folder")?;
    Call::new("cp", "-r").arg(from).arg(to).text().map(drop)
}
