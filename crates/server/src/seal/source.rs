//! Where keys come from: files that nobody else can read, and systemd's credentials.
//!
//! A credential is a file in the folder that the service manager names in `$CREDENTIALS_DIRECTORY` (systemd.exec(5), `LoadCredential=`).
//! This library reads no environment: its caller hands the folder in. The surprise is a credential's mode. Where the service runs
//! as a user of its own, systemd gives that user access by an access control list on a file of mode 0400, and the group bits of
//! such a file show the list's mask: 0440, though no group can read it. So group's reading is borne for a credential, whose
//! folder nobody else can enter, and for no other file. A Kubernetes secret with an `fsGroup` has that mode too: name its folder
//! as the folder of credentials.
//!
//! Links are followed, since Kubernetes lays every secret as a link; what counts is the mode of the file at their end.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;
use zeroize::Zeroizing;

use super::kek::{Kek, KekError, MAX_FILE};
use super::ring::{KeyRing, SealError};

/// Before a credential's name.
const CREDENTIAL: &str = "credential:";

/// Where a key is. As text: `credential:NAME`, or else a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// A file, which group and others can neither read nor write.
    File(PathBuf),
    /// A credential of the service manager, by its name.
    Credential(String),
}

/// Why there is no key ring.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// No path.
    #[error("no key file is named: wanted a path, or `credential:` and the name of a credential")]
    Empty,
    /// No name of a file.
    #[error("credential {name:?}: wanted the name of one file, without `/`")]
    CredentialName {
        /// The name found.
        name: String,
    },
    /// A credential, and nowhere to look for it.
    #[error(
        "credential {name} is wanted, and the service was given none: start it with `LoadCredential={name}:FILE` in its unit, or name a key file instead"
    )]
    NoCredentials {
        /// The name.
        name: String,
    },
    /// The file cannot be opened or read.
    #[error("key file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A folder, a pipe, a device.
    #[error("key file {} is {found}, wanted a regular file", path.display())]
    NotAFile {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: &'static str,
    },
    /// Others than the owner have rights to it.
    #[error(
        "key file {} has mode {found:04o}: group and others must have no rights to it; `chmod 600` takes them away, and a key that others could read is one to replace",
        path.display()
    )]
    Mode {
        /// The file.
        path: PathBuf,
        /// The lower twelve bits of its mode.
        found: u32,
    },
    /// No key is in it.
    #[error("key file {}", path.display())]
    Kek {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KekError,
    },
    /// Its key is in the ring already.
    #[error("key file {}", path.display())]
    Ring {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: SealError,
    },
}

impl FromStr for KeySource {
    type Err = KeyFileError;

    fn from_str(text: &str) -> Result<Self, KeyFileError> {
        match text.strip_prefix(CREDENTIAL) {
            Some(name) if matches!(name, "" | "." | "..") || name.contains(['/', '\\', '\0']) => {
                Err(KeyFileError::CredentialName { name: name.to_owned() })
            }
            Some(name) => Ok(Self::Credential(name.to_owned())),
            None if text.is_empty() => Err(KeyFileError::Empty),
            None => Ok(Self::File(text.into())),
        }
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Credential(name) => write!(f, "{CREDENTIAL}{name}"),
        }
    }
}

impl KeySource {
    /// Reads the key. `credentials` is the folder of credentials, if there is one.
    ///
    /// Errors: a credential without a folder; no regular file; a file that cannot be read (links in a circle among the reasons), or to
    /// which others have rights; no key in it. At most 67 bytes are read.
    pub fn load(&self, credentials: Option<&Path>) -> Result<Kek, KeyFileError> {
        let path = self.path(credentials)?;
        // Group's reading shows an access control list there, see above.
        let borne = match self {
            Self::File(_) => 0,
            Self::Credential(_) => 0o040,
        };
        match read(&path, borne)? {
            Ok(kek) => Ok(kek),
            Err(source) => Err(KeyFileError::Kek { path, source }),
        }
    }

    fn path(&self, credentials: Option<&Path>) -> Result<PathBuf, KeyFileError> {
        match (self, credentials) {
            (Self::File(path), _) => Ok(path.clone()),
            (Self::Credential(name), Some(folder)) => Ok(folder.join(name)),
            (Self::Credential(name), None) => {
                Err(KeyFileError::NoCredentials { name: name.clone() })
            }
        }
    }
}

impl KeyRing {
    /// Reads a ring: the key that seals, and those that still open. `credentials` is the folder of credentials, if there is one.
    ///
    /// Errors: as [`KeySource::load`]; one key twice.
    pub fn load(
        current: &KeySource,
        older: &[KeySource],
        credentials: Option<&Path>,
    ) -> Result<Self, KeyFileError> {
        let mut ring = Self::new(current.load(credentials)?);
        for source in older {
            let added = ring.add_older(source.load(credentials)?);
            let path = source.path(credentials)?;
            added.map_err(|source| KeyFileError::Ring { path, source })?;
        }
        Ok(ring)
    }
}

/// Reads the key in a file to which nobody else has rights, save those of `borne`.
fn read(path: &Path, borne: u32) -> Result<Result<Kek, KekError>, KeyFileError> {
    let failed = |source| KeyFileError::Read { path: path.to_owned(), source };
    let file = open(path).map_err(failed)?;
    // Of what was opened, not of what the path may lead to by now.
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        let found = if metadata.is_dir() { "a folder" } else { "a pipe or a device" };
        return Err(KeyFileError::NotAFile { path: path.to_owned(), found });
    }
    let found = mode(&metadata);
    if found & 0o077 & !borne != 0 {
        return Err(KeyFileError::Mode { path: path.to_owned(), found });
    }
    contents(file).map_err(failed).map(|contents| Kek::parse(&contents))
}

/// The file's first bytes, one more than a key file has at most. Their room never grows, so that no copy is left behind.
fn contents(file: File) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut contents = Zeroizing::new(vec![0; MAX_FILE + 1]);
    let mut size = 0;
    while let Some(room) = contents.get_mut(size..).filter(|room| !room.is_empty()) {
        match (&file).read(room) {
            Ok(0) => break,
            Ok(count) => size += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    contents.truncate(size);
    Ok(contents)
}

/// Opens for reading, without waiting for the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o7777
}

/// Where there are no modes, nothing is known of others' rights.
#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> u32 {
    0
}
