//! What a path that is written to stands for: a file, or something that is written to as it is.
//!
//! Links are followed by hand, because the last one may lead into `/proc/…/fd`. What stands there is a descriptor that somebody has
//! redirected: its file must be continued, never replaced, and where it is opened anew writing would start at its beginning.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::identity::{self, Identity};
use crate::inputs;

/// How many links may lead to a file. [Linux, MAXSYMLINKS]
const MOST_LINKS: usize = 40;

/// `O_APPEND` in the flags that `/proc` tells of a descriptor, in octal. [Linux, include/uapi/asm-generic/fcntl.h]
const APPEND: u32 = 0o2000;

/// What a path stands for.
pub(super) enum Target {
    /// A regular file, or one to be made, with no link left in its path.
    File { path: PathBuf, existing: Option<Metadata> },
    /// Everything else; without a path where it may be written to twice.
    Stream { stream: Stream, identity: Option<Identity>, path: Option<PathBuf> },
}

/// Something that is written to as it is.
pub(super) enum Stream {
    /// Standard output, by whatever name.
    Stdout,
    /// Standard error, by whatever name.
    Stderr,
    /// A device, a pipe, or another descriptor.
    Open(File),
}

impl Target {
    /// Standard output.
    pub(super) fn stdout() -> Self {
        Self::Stream { stream: Stream::Stdout, identity: identity::of_stdout(), path: None }
    }

    /// Finds out, and opens what is no file. Errors: folders, a descriptor that cannot be continued, too many links.
    pub(super) fn of(path: &Path) -> anyhow::Result<Self> {
        let unwritable = || format!("{}: cannot be written", inputs::name(path));
        let followed = follow(path).with_context(unwritable)?;
        let Some((folder, file_name)) = followed else {
            bail!("{}: it is a directory, wanted a file", unwritable());
        };
        let full = folder.join(&file_name);
        if is_descriptors(&folder) {
            return Self::of_descriptor(&full).with_context(unwritable);
        }
        let existing = match fs::metadata(&full) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(unwritable),
        };
        match existing {
            Some(metadata) if metadata.is_dir() => {
                bail!("{}: it is a directory, wanted a file", unwritable())
            }
            Some(metadata) if !metadata.is_file() => {
                // Before it is opened, which would wait for somebody who reads it.
                check_pipe(&metadata).with_context(unwritable)?;
                let file = OpenOptions::new().write(true).open(&full).with_context(unwritable)?;
                let path = (!is_device(&metadata)).then_some(full);
                Ok(Self::Stream { stream: Stream::Open(file), identity: None, path })
            }
            existing => Ok(Self::File { path: full, existing }),
        }
    }

    /// A descriptor, by its path in `/proc`.
    fn of_descriptor(path: &Path) -> anyhow::Result<Self> {
        let metadata = fs::metadata(path)?;
        check_pipe(&metadata)?;
        let identity = identity::of(&metadata);
        let own = Path::new("/proc").join(std::process::id().to_string()).join("fd");
        let stream = match path.strip_prefix(own).ok().and_then(Path::to_str) {
            Some("1") => Stream::Stdout,
            Some("2") => Stream::Stderr,
            _ if metadata.is_file() && !appends(path)? => bail!(
                "this descriptor is a file that is not opened for appending, which cannot be continued: \
                 open it with >>, or give the file's own path"
            ),
            _ => Stream::Open(OpenOptions::new().append(true).open(path)?),
        };
        Ok(Self::Stream { stream, identity, path: Some(path.to_owned()) })
    }
}

/// An error for a pipe that the command has read: what is written to it reaches nobody, or comes back as input.
fn check_pipe(metadata: &Metadata) -> anyhow::Result<()> {
    if identity::is_read_pipe(metadata) {
        bail!("this pipe is read by the same command: give the output a file of its own");
    }
    Ok(())
}

impl Stream {
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
            Self::Stderr => io::stderr().lock().write_all(bytes),
            Self::Open(file) => file.write_all(bytes),
        }
    }
}

/// The folder of a path, or that of the command where the path is a name alone.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Folder and name of what a path leads to, all links followed but those in `/proc/…/fd`; `None` for what can only be a folder.
fn follow(path: &Path) -> io::Result<Option<(PathBuf, PathBuf)>> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(name) = path.file_name().map(PathBuf::from) else { return Ok(None) };
        if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Ok(None);
        }
        let folder = fs::canonicalize(folder_of(&path))?;
        match fs::read_link(folder.join(&name)) {
            Ok(target) if !is_descriptors(&folder) => path = folder.join(target),
            _ => return Ok(Some((folder, name))),
        }
    }
    Err(io::Error::other("too many links lead from here to here"))
}

/// A device that takes whatever comes, as /dev/null does.
#[cfg(unix)]
fn is_device(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_char_device()
}

#[cfg(not(unix))]
fn is_device(_: &Metadata) -> bool {
    true
}

/// Is this `/proc/PID/fd`, or the same of a thread?
fn is_descriptors(folder: &Path) -> bool {
    let text = folder.to_str().unwrap_or_default();
    let parts: Vec<_> = text.strip_prefix("/proc/").unwrap_or_default().split('/').collect();
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [process, "fd"] => is_number(process),
        [process, "task", thread, "fd"] => is_number(process) && is_number(thread),
        _ => false,
    }
}

/// Does a descriptor write at its file's end, wherever that is by then?
fn appends(path: &Path) -> anyhow::Result<bool> {
    let number = path.file_name().unwrap_or_default();
    let process = folder_of(folder_of(path));
    let text = fs::read_to_string(process.join("fdinfo").join(number))?;
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    Ok(flags.context("its flags are not told by /proc")? & APPEND != 0)
}
