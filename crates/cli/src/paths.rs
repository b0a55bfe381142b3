//! Paths as they are written into files that stand in another folder.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// A path as it is seen from a folder: one that stays right when both are moved together.
pub(crate) fn seen_from(path: &Path, folder: &Path) -> PathBuf {
    let (Ok(target), Ok(folder)) = (std::path::absolute(path), std::path::absolute(folder)) else {
        return path.to_owned();
    };
    if path.is_absolute() {
        return path.to_owned();
    }
    let (target, folder) = (lexical(&target), lexical(&folder));
    let shared = target.iter().zip(&folder).take_while(|(one, other)| one == other).count();
    let up = folder.iter().skip(shared).map(|_| Path::new("..").as_os_str());
    up.chain(target.iter().skip(shared).map(OsString::as_os_str)).collect()
}

/// The parts of an absolute path, with `..` carried out as written.
pub(crate) fn lexical(path: &Path) -> Vec<OsString> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir if parts.len() > 1 => {
                parts.pop();
            }
            Component::ParentDir | Component::CurDir => {}
            part => parts.push(part.as_os_str().to_owned()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_manifest() {
        for (path, folder, seen) in [
            ("OVMF.fd", ".", "OVMF.fd"),
            ("OVMF.fd", "out", "../OVMF.fd"),
            ("build/OVMF.fd", "build", "OVMF.fd"),
            ("build/x/../OVMF.fd", "build/out", "../OVMF.fd"),
            ("/usr/share/OVMF.fd", "out", "/usr/share/OVMF.fd"),
        ] {
            let found = seen_from(Path::new(path), Path::new(folder));
            assert_eq!(found, Path::new(seen), "{path} from {folder}");
        }
    }
}
