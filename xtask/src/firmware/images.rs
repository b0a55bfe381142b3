//! The images, and what is known of each by its name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use sev_launch_testkit::pi::Ovmf;

use super::Looked;
use crate::{debian, peers};

/// Releases of Debian, and their packages with images.
const RELEASES: [(&str, &[&str]); 3] =
    [("bookworm", &["ovmf"]), ("trixie", &["ovmf"]), ("sid", &["ovmf-generic", "ovmf-amdsev"])];
/// Where packages have them.
const FOLDERS: [&str; 2] = ["usr/share/OVMF", "usr/share/ovmf"];
/// The release of what is made up here.
const MADE_UP: &str = "made up";

/// An image.
pub(super) struct Image {
    /// The release that it is of.
    pub(super) release: String,
    /// Release and file.
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// What is known: whether it checks the kernel's hashes.
    pub(super) check: &'static str,
}

/// `trixie=/srv/trixie`.
pub(super) fn parse(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, folder)) if !name.is_empty() && !folder.is_empty() => {
            Ok((name.to_owned(), folder.into()))
        }
        _ => Err(format!("{text:?}: wanted NAME=FOLDER, as trixie=/srv/trixie")),
    }
}

/// Names of packages, and the images of all releases or of those that were named, and two that are made up.
pub(super) fn find(named: &[(String, PathBuf)]) -> Result<(Vec<String>, Vec<Image>)> {
    let (mut names, mut images) = (Vec::new(), Vec::new());
    if named.is_empty() {
        for (release, packages) in RELEASES {
            for package in debian::packages(release, packages)? {
                images.extend(of(release, &package.files)?);
                names.push(format!("{release}'s {}", package.name));
            }
        }
    }
    for (release, folder) in named {
        names.push(format!("{release}'s from a folder"));
        images.extend(of(release, folder)?);
    }
    images.extend(made_up()?);
    Ok((names, images))
}

/// Every image below a folder, links apart.
fn of(release: &str, folder: &Path) -> Result<Vec<Image>> {
    let mut images = Vec::new();
    // A package may have only one of them.
    let folders = FOLDERS.map(|name| folder.join(name));
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        for entry in entries {
            let entry = entry?;
            let file = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_file() && file.ends_with(".fd") {
                let name = format!("{release} {file}");
                let path = std::path::absolute(entry.path())?;
                images.push(Image { release: release.into(), check: check(&file), name, path });
            }
        }
    }
    images.sort_by(|a, b| a.name.cmp(&b.name));
    ensure!(!images.is_empty(), "{}: no image", folder.display());
    Ok(images)
}

/// Only edk2's AmdSev platform links the verifier; a variable store is no firmware.
fn check(file: &str) -> &'static str {
    match file {
        _ if file.contains("VARS") => "unknown",
        _ if file.contains("amdsev") => "yes",
        _ => "no",
    }
}

/// What `firmware show` says of the image, at the start.
pub(super) fn flavour(image: &Image) -> &'static [&'static str] {
    match image.check {
        "yes" => &["OVMF with room for kernel hashes, which it checks"],
        "unknown" => &["a variable store"],
        _ => &[
            "OVMF without room for kernel hashes",
            "OVMF with room for kernel hashes, which it does not check",
        ],
    }
}

fn made_up() -> Result<Vec<Image>> {
    let folder = std::path::absolute(peers::folder().join("firmware"))?;
    fs::create_dir_all(&folder)?;
    let made =
        [("amdsev.fd", Ovmf::amd_sev()), ("general.fd", Ovmf::general())].map(|(file, ovmf)| {
            let path = folder.join(file);
            fs::write(&path, ovmf.build()).with_context(|| path.display().to_string())?;
            let (release, name) = (MADE_UP.to_owned(), format!("{MADE_UP} {file}"));
            Ok(Image { release, name, path, check: check(file) })
        });
    made.into_iter().collect()
}

/// Images of one file name in releases that follow each other, the made-up ones, and sid's general build with its AmdSev one.
pub(super) fn pairs(looked: &[Looked]) -> Vec<(&Looked, &Looked)> {
    let mut last: BTreeMap<&str, &Looked> = BTreeMap::new();
    let mut pairs = Vec::new();
    for one in looked.iter().filter(|one| one.image.release != MADE_UP) {
        let file = one.image.name.split_once(' ').map_or("", |(_, file)| file);
        if let Some(before) = last.insert(file, one)
            && before.sha256 != one.sha256
        {
            pairs.push((before, one));
        }
    }
    let named = |name: &str| looked.iter().find(|one| one.image.name == name);
    for (a, b) in
        [("sid OVMF.fd", "sid OVMF.amdsev.fd"), ("made up general.fd", "made up amdsev.fd")]
    {
        pairs.extend(named(a).zip(named(b)));
    }
    pairs
}

/// Folders with the images of releases.
pub(super) fn folders(looked: &[Looked]) -> Vec<PathBuf> {
    let real = looked.iter().filter(|one| one.image.release != MADE_UP);
    let mut folders: Vec<PathBuf> =
        real.filter_map(|one| one.image.path.parent().map(Path::to_path_buf)).collect();
    folders.sort();
    folders.dedup();
    folders
}
