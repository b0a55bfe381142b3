//! Files to bytes or hashes: the only reading that the command does.
//!
//! A firmware image must be a file, whose size says where it goes; it is absorbed as it comes, and read whole only where its
//! bytes are shown or cut. A kernel or initrd is hashed as it comes, in constant memory, so it may be a pipe or `-`. Every
//! error names the file.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use sev_launch_abi::Technology;
use sev_launch_digest::firmware::{AbsorbedFirmware, Absorber, Error, MAX_SIZE};
use sev_launch_digest::kernel_hashes::{FileHasher, HashedFile};
use sev_launch_digest::vmsa::VmsaPage;

use crate::backend::OneCore;
use crate::progress::Progress;
use crate::read_ahead::for_each_chunk;

/// The most bytes of a small file: an absorbed firmware, a VMSA, a command line.
const SMALL: u64 = 1 << 20;

/// The name of standard input.
const STDIN: &str = "-";

/// Reads a firmware image whole.
pub(crate) fn read_firmware(path: &Path) -> anyhow::Result<Vec<u8>> {
    size_of_firmware(path)?;
    read_at_most(path, MAX_SIZE, || firmware_too_large(path))
}

/// The size of an image in bytes, if it can be one.
fn size_of_firmware(path: &Path) -> anyhow::Result<u64> {
    if path == Path::new(STDIN) {
        bail!("a firmware image cannot come from standard input: give a file");
    }
    let size = size_of_file(path)?;
    if size > MAX_SIZE {
        return Err(firmware_too_large(path)).with_context(|| name(path));
    }
    Ok(size)
}

fn firmware_too_large(path: &Path) -> anyhow::Error {
    Error::TooLarge { size: size_of(path) }.into()
}

/// Absorbs a firmware image as it comes: for launches of one technology, or of all if none is named. Memory is the same for
/// any image whose metadata stands in its last 64 KiB, as edk2's does; else it is what lies between the metadata and the end.
pub(crate) fn absorb_firmware(
    path: &Path,
    technology: Option<Technology>,
) -> anyhow::Result<AbsorbedFirmware> {
    let size = size_of_firmware(path)?;
    let context = || name(path);
    let new = || Absorber::new(size, technology);
    let absorbed = match absorb(path, size, new().with_context(context)?)? {
        // Another pass that keeps more.
        Err(Error::MetadataNotKept { wanted, .. }) => {
            absorb(path, size, new().with_context(context)?.keeping(wanted))?
        }
        absorbed => absorbed,
    };
    absorbed.with_context(context)
}

/// One pass over an image. The outer error is of reading, the inner one of the image.
fn absorb(
    path: &Path,
    size: u64,
    mut absorber: Absorber,
) -> anyhow::Result<Result<AbsorbedFirmware, Error>> {
    let context = || name(path);
    // A byte more, so that a file that has grown is seen.
    let file = File::open(path).with_context(context)?.take(size.saturating_add(1));
    for_each_chunk(file, |chunk| absorber.update_with(&OneCore, chunk)).with_context(context)?;
    match absorber.finish() {
        Err(error @ Error::Size { .. }) => Err(error)
            .context("it changed while it was read: run again when nothing writes it")
            .with_context(context),
        absorbed => Ok(absorbed),
    }
}

/// Reads a firmware that was absorbed before.
pub(crate) fn read_absorbed(path: &Path) -> anyhow::Result<AbsorbedFirmware> {
    let text = read_small(path)?;
    serde_json::from_slice(&text)
        .with_context(|| format!("{}: not an absorbed firmware", name(path)))
}

/// Reads a captured VMSA page.
pub(crate) fn read_vmsa(path: &Path) -> anyhow::Result<VmsaPage> {
    VmsaPage::from_bytes(&read_small(path)?).with_context(|| name(path))
}

/// Reads a file of at most 1 MiB; it may be a pipe.
pub(crate) fn read_small(path: &Path) -> anyhow::Result<Vec<u8>> {
    read_file(path, SMALL)
}

/// Reads a file of at most `limit` bytes; it may be a pipe.
pub(crate) fn read_file(path: &Path, limit: u64) -> anyhow::Result<Vec<u8>> {
    check_is_path(path)?;
    let metadata = fs::metadata(path).with_context(|| name(path))?;
    if metadata.is_dir() {
        bail!("{}: is a directory, wanted a file", name(path));
    }
    read_at_most(path, limit, || anyhow!("more than {limit} bytes, the most that is read"))
}

/// Reads a file or, for `-`, standard input, of at most `limit` bytes.
pub(crate) fn read_piped(path: &Path, limit: usize) -> anyhow::Result<Vec<u8>> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    if path != Path::new(STDIN) {
        return read_file(path, limit);
    }
    let mut bytes = Vec::new();
    let mut source = io::stdin().lock().take(limit.saturating_add(1));
    source.read_to_end(&mut bytes).with_context(|| name(path))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        bail!("{}: more than {limit} bytes, the most that is read", name(path));
    }
    Ok(bytes)
}

/// Is there a regular file?
pub(crate) fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// The size of a regular file in bytes; 0 for what has none.
pub(crate) fn size_of(path: &Path) -> u64 {
    fs::metadata(path).ok().filter(Metadata::is_file).map_or(0, |metadata| metadata.len())
}

/// The size of a regular file in bytes; an error for what is none, since a pipe would block, or end before it is whole.
pub(crate) fn size_of_file(path: &Path) -> anyhow::Result<u64> {
    check_is_path(path)?;
    let metadata = fs::metadata(path).with_context(|| name(path))?;
    if metadata.is_dir() {
        bail!("{}: is a directory, wanted a file", name(path));
    }
    if !metadata.is_file() {
        bail!("{}: is a pipe or device, wanted a regular file", name(path));
    }
    Ok(metadata.len())
}

/// An error for `-`, where standard input is not read.
fn check_is_path(path: &Path) -> anyhow::Result<()> {
    if path == Path::new(STDIN) {
        bail!("this file cannot come from standard input (-): give its path");
    }
    Ok(())
}

/// Hashes a file as it comes: a regular file, a pipe, or `-` for standard input.
pub(crate) fn hash_file(path: &Path, progress: &Progress) -> anyhow::Result<HashedFile> {
    let hashed = if path == Path::new(STDIN) {
        hash(io::stdin(), progress)
    } else {
        let metadata = fs::metadata(path).with_context(|| name(path))?;
        if metadata.is_dir() {
            bail!("{}: is a directory, wanted a file", name(path));
        }
        File::open(path).and_then(|file| hash(file, progress))
    };
    hashed.with_context(|| name(path))
}

/// At most one input can be standard input.
pub(crate) fn check_stdin(paths: &[&PathBuf]) -> anyhow::Result<()> {
    if paths.iter().filter(|path| path.as_path() == Path::new(STDIN)).count() > 1 {
        bail!("only one of kernel and initrd can come from standard input (-)");
    }
    Ok(())
}

fn hash(source: impl Read + Send, progress: &Progress) -> io::Result<HashedFile> {
    let mut hasher = FileHasher::new();
    let each = |chunk: &[u8]| {
        hasher.update_with(&OneCore, chunk);
        progress.advance(u64::try_from(chunk.len()).unwrap_or_default());
    };
    for_each_chunk(source, each)?;
    Ok(hasher.finish())
}

/// Reads a file to its end; an error where it has more than `limit` bytes, whatever was said of its size before.
fn read_at_most(
    path: &Path,
    limit: u64,
    too_large: impl Fn() -> anyhow::Error,
) -> anyhow::Result<Vec<u8>> {
    let context = || name(path);
    let file = File::open(path).with_context(context)?;
    // Room for the whole file at once, so that a key's bytes are not left behind where a smaller buffer was.
    let size = usize::try_from(size_of(path).min(limit)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(size.saturating_add(1));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).with_context(context)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        return Err(too_large()).with_context(context);
    }
    Ok(bytes)
}

/// A path as errors print it.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new(STDIN) {
        return "standard input".into();
    }
    crate::output::printable(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    // What a file looks like that shrinks or grows between the look at its size and its end.
    #[test]
    fn firmware_that_changes_while_it_is_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("OVMF.fd");
        fs::write(&path, vec![0xff; 300_000]).unwrap();
        for announced in [299_999, 300_001, 4096, 1 << 20] {
            let absorber = Absorber::new(announced, None).unwrap();
            let error = absorb(&path, announced, absorber).unwrap_err();
            let text = format!("{error:#}");
            assert!(text.contains("OVMF.fd: it changed while it was read: run again"), "{text}");
            assert!(text.contains(&format!("but {announced} were announced")), "{text}");
        }
        assert!(absorb(&path, 300_000, Absorber::new(300_000, None).unwrap()).unwrap().is_ok());
    }
}
