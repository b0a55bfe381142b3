//! Debian's firmware images, where its package `ovmf` is installed.

use std::path::{Path, PathBuf};

/// The images of the package `ovmf`, and of every folder in `SEV_LAUNCH_FIRMWARE` (separated by colons). None, said loudly, where nothing is
/// installed; CI installs it, so there that is a failure.
pub(crate) fn all() -> Vec<PathBuf> {
    let more = std::env::var_os("SEV_LAUNCH_FIRMWARE").unwrap_or_default();
    let folders = ["/usr/share/OVMF", "/usr/share/ovmf"].into_iter().map(PathBuf::from);
    let mut images: Vec<PathBuf> =
        folders.chain(std::env::split_paths(&more)).flat_map(|folder| in_folder(&folder)).collect();
    images.sort();
    if images.is_empty() {
        assert!(std::env::var_os("CI").is_none(), "Debian's package ovmf is not installed");
        eprintln!("SKIPPED: Debian's package ovmf is not installed");
    }
    images
}

fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("a folder can be read").path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "fd") && !path.is_symlink())
        .collect()
}
