//! Files: those of a launch description, secrets, and new files.
//!
//! What a description names must be a regular file, which ends; it is opened so that a pipe which nobody writes to is not waited for. A
//! command line's text is sent, and shown by the service, so that a described file with one must lie in the description's folder or
//! below, links followed, unless its folder is allowed.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use sev_launch_abi::text::printable_bytes;
use sev_launch_description::{Description, Origin};
use sev_launch_sweep::{FileError, Files};
use zeroize::Zeroizing;

use crate::waiting::Waiting;

/// The name of standard input and of standard output.
pub const STDIN: &str = "-";

/// The most bytes of a description, and of a secret's file.
const SMALL: u64 = 1 << 20;
/// The most bytes of an image that is uploaded: what the protocol has for one.
const MOST_IMAGE: u64 = 64 << 20;
/// Bytes that are read at once.
const CHUNK: usize = 1 << 18;
/// The kernel's own files: their contents are of this host, and some never end.
const PSEUDO: [&str; 2] = ["/proc", "/sys"];
/// The key of the one file whose text is sent.
const SENT: &str = "boot.cmdline_file";

/// A path as errors have it.
#[must_use]
pub fn name(path: &Path) -> String {
    if path == Path::new(STDIN) {
        return "standard input".into();
    }
    printable_bytes(path.as_os_str().as_encoded_bytes()).into_owned()
}

/// Reads a launch description: TOML, or JSON where the name ends so, or where what comes from standard input (`-`) begins so.
///
/// # Errors
///
/// A file that cannot be read, has more than 1 MiB, or is no description.
pub fn read_description(path: &Path) -> anyhow::Result<Description> {
    let bytes = read_any(path, SMALL)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let origin = Origin::file(name(path));
    let is_json = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    if is_json || path == Path::new(STDIN) && bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(Description::from_json(&bytes, &origin, folder)?);
    }
    let text = std::str::from_utf8(&bytes)
        .with_context(|| format!("{}: a description is text in UTF-8", name(path)))?;
    Ok(Description::from_toml(text, &origin, folder)?)
}

/// Reads a secret's file, or standard input for `-`: at most 1 MiB, wiped when it is dropped.
///
/// # Errors
///
/// A file that cannot be read, or that is longer.
pub fn read_secret(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    read_any(path, SMALL)
}

/// Reads a certificate of exactly `N` bytes.
///
/// # Errors
///
/// A file that cannot be read, or has another length.
pub fn read_exact<const N: usize>(path: &Path) -> anyhow::Result<[u8; N]> {
    let bytes = read_any(path, SMALL)?;
    let found = bytes.len();
    bytes.as_slice().try_into().ok().with_context(|| {
        format!("{}: {found} bytes, wanted {N}, as the AMD-SP exports it", name(path))
    })
}

/// Reads a firmware image whole, at most 64 MiB.
///
/// # Errors
///
/// What is no regular file, cannot be read, or is longer.
pub fn read_image(path: &Path) -> anyhow::Result<Vec<u8>> {
    let (file, size) = open_regular(path)?;
    let waiting = Waiting::for_bytes(&format!("reading {}", name(path)), size);
    let mut image = Vec::new();
    each_chunk(path, file, size, MOST_IMAGE, &mut |chunk| {
        waiting.advance(wide(chunk.len()));
        image.extend_from_slice(chunk);
    })?;
    Ok(image)
}

fn read_any(path: &Path, limit: u64) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = if path == Path::new(STDIN) {
        io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes)
    } else {
        // What the command line names may be a pipe: `<(command)`.
        let file = File::open(path).with_context(|| name(path))?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)
    };
    read.with_context(|| name(path))?;
    ensure!(
        wide(bytes.len()) <= limit,
        "{}: more than {limit} bytes, the most that is read",
        name(path)
    );
    Ok(bytes)
}

fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Opens a regular file, and says its size.
fn open_regular(path: &Path) -> anyhow::Result<(File, u64)> {
    let file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let file = file.with_context(|| name(path))?;
    let metadata = file.metadata().with_context(|| name(path))?;
    ensure!(metadata.is_file(), "{}: is no regular file, and one is wanted", name(path));
    Ok((file, metadata.len()))
}

fn each_chunk(
    path: &Path,
    mut file: File,
    size: u64,
    limit: u64,
    each: &mut dyn FnMut(&[u8]),
) -> anyhow::Result<()> {
    ensure!(size <= limit, "{}: {size} bytes, and at most {limit} are read", name(path));
    let before = file.metadata().with_context(|| name(path))?;
    let mut chunk = vec![0; CHUNK];
    let mut read = 0_u64;
    loop {
        let length = match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).with_context(|| name(path)),
        };
        read = read.saturating_add(wide(length));
        if read > size {
            break;
        }
        each(chunk.get(..length).unwrap_or_default());
    }
    let after = file.metadata().with_context(|| name(path))?;
    let state =
        |of: &Metadata| (of.len(), of.mtime(), of.mtime_nsec(), of.ctime(), of.ctime_nsec());
    ensure!(
        read == size && state(&before) == state(&after),
        "{}: it changed while it was read: run again when nothing writes it",
        name(path)
    );
    Ok(())
}

/// The files that a description names, on disk.
pub struct Disk {
    /// Those whose text is sent, and where they may lie.
    sent: BTreeSet<PathBuf>,
    folders: Vec<PathBuf>,
    waiting: Waiting,
}

impl Disk {
    /// The files of a description that lies in `folder`; those whose text is sent may lie in `allowed` folders too.
    #[must_use]
    pub fn of(description: &Description, folder: &Path, allowed: &[PathBuf]) -> Self {
        let paths = description.paths();
        let sent = paths.iter().filter(|(key, _, _)| *key == SENT).map(|(_, _, path)| path.clone());
        let here = |path: &Path| {
            if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_owned() }
        };
        let folders = std::iter::once(folder).chain(allowed.iter().map(PathBuf::as_path));
        let total = paths.iter().filter_map(|(_, _, path)| fs::metadata(path).ok());
        let total = total.fold(0_u64, |sum, metadata| sum.saturating_add(metadata.len()));
        Self {
            sent: sent.collect(),
            folders: folders.map(here).collect(),
            waiting: Waiting::for_bytes("reading what the description names", total),
        }
    }

    fn open(&self, path: &Path) -> anyhow::Result<(File, u64)> {
        if path == Path::new(STDIN) {
            bail!("standard input: a description names files alone here");
        }
        let real = fs::canonicalize(path).with_context(|| name(path))?;
        if PSEUDO.iter().any(|folder| real.starts_with(folder)) {
            bail!("{}: is no file of a disk", name(path));
        }
        if self.sent.contains(path) {
            let mut folders =
                self.folders.iter().filter_map(|folder| fs::canonicalize(folder).ok());
            ensure!(
                folders.any(|folder| real.starts_with(folder)),
                "{}: {SENT} names it, its text would be sent, and it lies outside of the description's folder: allow its folder with --allow-outside",
                name(path)
            );
        }
        open_regular(&real)
    }
}

impl Files for Disk {
    fn size(&self, path: &Path) -> Result<u64, FileError> {
        Ok(self.open(path).map(|(_, size)| size).map_err(Told::of)?)
    }

    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        let (file, size) = self.open(path).map_err(Told::of)?;
        each_chunk(path, file, size, limit, &mut |chunk| {
            self.waiting.advance(wide(chunk.len()));
            bytes.extend_from_slice(chunk);
        })
        .map_err(Told::of)?;
        Ok(bytes)
    }

    fn stream(&self, path: &Path, each: &mut (dyn FnMut(&[u8]) + Send)) -> Result<(), FileError> {
        let (file, size) = self.open(path).map_err(Told::of)?;
        each_chunk(path, file, size, u64::MAX, &mut |chunk| {
            self.waiting.advance(wide(chunk.len()));
            each(chunk);
        })
        .map_err(Told::of)?;
        Ok(())
    }

    fn may_quote(&self, _path: &Path) -> bool {
        false
    }

    fn name(&self, path: &Path) -> String {
        name(path)
    }
}

/// An error with its causes in one text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(String);

impl Told {
    fn of(error: anyhow::Error) -> Self {
        Self(format!("{error:#}"))
    }
}

/// A new file that its owner alone may read. Where it is not kept, it is removed again.
#[derive(Debug)]
pub struct Private {
    path: PathBuf,
    file: File,
    is_kept: bool,
}

impl Private {
    /// Makes it, empty.
    ///
    /// # Errors
    ///
    /// There is something of that name, or the folder takes no file.
    pub fn new(path: &Path) -> anyhow::Result<Self> {
        let new = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
        let file = new.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                anyhow::anyhow!("{}: it is there already, and a new file is wanted", name(path))
            }
            _ => anyhow::Error::from(error).context(name(path)),
        })?;
        Ok(Self { path: path.to_owned(), file, is_kept: false })
    }

    /// Writes more.
    ///
    /// # Errors
    ///
    /// The disk is full, and such.
    pub fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.file.write_all(bytes).with_context(|| name(&self.path))
    }

    /// Keeps it.
    ///
    /// # Errors
    ///
    /// It is not on the disk.
    pub fn keep(mut self) -> anyhow::Result<()> {
        self.file.sync_all().with_context(|| name(&self.path))?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        if !self.is_kept {
            // Half a file is nobody's; that it could not be removed changes nothing of the error that is told.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn describe(text: &str, folder: &Path) -> Description {
        Description::from_toml(text, &Origin::file("launch.toml"), folder).expect("a description")
    }

    #[test]
    fn a_command_line_from_elsewhere_is_not_sent() {
        let (own, other) =
            (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let key = other.path().join("id_ed25519");
        fs::write(&key, "a key").expect("written");
        let text = format!("[boot]\ncmdline_file = '{}'", key.display());
        let description = describe(&text, own.path());
        let error = Disk::of(&description, own.path(), &[]).read(&key, 100).expect_err("outside");
        assert!(error.to_string().contains("--allow-outside"), "{error}");
        let allowed = [other.path().to_owned()];
        let disk = Disk::of(&description, own.path(), &allowed);
        assert_eq!(disk.read(&key, 100).expect("allowed"), b"a key");
        // A link does not make it a file of the folder.
        std::os::unix::fs::symlink(&key, own.path().join("cmdline")).expect("a link");
        let description = describe("[boot]\ncmdline_file = 'cmdline'", own.path());
        let disk = Disk::of(&description, own.path(), &[]);
        assert!(disk.read(&own.path().join("cmdline"), 100).is_err());
    }

    #[test]
    fn what_never_ends_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = Disk::of(&Description::default(), folder.path(), &[]);
        for path in ["/dev/zero", "/proc/self/environ", "/sys/kernel/notes", "-", "/"] {
            assert!(disk.read(path.as_ref(), 1 << 20).is_err(), "{path}");
        }
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        assert!(disk.size(&pipe).is_err() && read_image(&pipe).is_err());
    }

    #[test]
    fn a_file_that_is_too_long_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        fs::write(&path, [7; 11]).expect("written");
        let disk = Disk::of(&Description::default(), folder.path(), &[]);
        assert_eq!(disk.read(&path, 11).expect("11 bytes").len(), 11);
        assert!(disk.read(&path, 10).is_err());
        assert!(read_exact::<11>(&path).is_ok());
        let error = read_exact::<2084>(&path).expect_err("11 bytes").to_string();
        assert!(error.contains("11 bytes, wanted 2084"), "{error}");
    }

    #[test]
    fn a_private_file_is_new_and_its_owners_alone_and_gone_if_it_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        drop(Private::new(&path).expect("a file"));
        assert!(!path.exists());
        let mut file = Private::new(&path).expect("a file");
        file.write(b"sat_").expect("written");
        file.keep().expect("kept");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!((fs::read(&path).expect("a file"), mode & 0o777), (b"sat_".to_vec(), 0o600));
        assert!(Private::new(&path).expect_err("there").to_string().contains("already"));
    }
}
