//! The files that TLS is made of: certificates and a private key as PEM, RFC 7468.
//!
//! The key's file must be its owner's alone. What a key's file holds never gets into an error.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::{PemObject as _, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::pki_types::{PrivatePkcs1KeyDer, PrivateSec1KeyDer};
use thiserror::Error;
use zeroize::Zeroizing;

/// Bytes of a file at most. A bundle of every public authority has a quarter of it.
const MOST_BYTES: u64 = 1024 * 1024;

/// What is wrong with a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PemError {
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder, a device or a pipe.
    #[error("{} is not a regular file, wanted a PEM file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Larger than any such file.
    #[error("{} has more than {most} bytes, wanted a PEM file of at most that", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes.
        most: u64,
    },
    /// Others than its owner may read the key.
    #[error(
        "the key file {} has mode {mode:04o}, wanted no rights for group and others: run `chmod 600` on it",
        path.display()
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its mode's lower twelve bits.
        mode: u32,
    },
    /// Begins as PEM and goes on as something else.
    #[error("{} is broken PEM: a section has no end line, or is not base64", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
    },
    /// The wrong number of what was wanted.
    #[error("{} has {found} PEM sections of {wanted}", path.display())]
    Count {
        /// The file.
        path: PathBuf,
        /// How many there are.
        found: usize,
        /// How many of what were wanted.
        wanted: &'static str,
    },
}

/// The certificates of a file, in its order, at least one. Sections of other kinds are passed over.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let pem = read(path, false)?;
    let found = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| PemError::Broken { path: path.to_owned() })?;
    match found.is_empty() {
        true => Err(PemError::Count {
            path: path.to_owned(),
            found: 0,
            wanted: "`BEGIN CERTIFICATE`, wanted at least 1",
        }),
        false => Ok(found),
    }
}

/// The one private key of a file that nobody but its owner may read. Sections of other kinds are passed over.
pub(super) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, PemError> {
    let pem = read(path, true)?;
    let mut keys = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(&pem) {
        // The parser's own error can quote the file.
        let (kind, der) = section.map_err(|_| PemError::Broken { path: path.to_owned() })?;
        match kind {
            SectionKind::PrivateKey => keys.push(PrivatePkcs8KeyDer::from(der).into()),
            SectionKind::RsaPrivateKey => keys.push(PrivatePkcs1KeyDer::from(der).into()),
            SectionKind::EcPrivateKey => keys.push(PrivateSec1KeyDer::from(der).into()),
            _ => {}
        }
    }
    let found = keys.len();
    match (keys.pop(), found) {
        (Some(key), 1) => Ok(key),
        _ => Err(PemError::Count {
            path: path.to_owned(),
            found,
            wanted: "an unencrypted private key, wanted 1 (`BEGIN PRIVATE KEY`, `BEGIN EC PRIVATE KEY` or `BEGIN RSA PRIVATE KEY`)",
        }),
    }
}

fn read(path: &Path, private: bool) -> Result<Zeroizing<Vec<u8>>, PemError> {
    let failed = |source| PemError::Read { path: path.to_owned(), source };
    // Opening a pipe would wait for its writer.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(PemError::NotAFile { path: path.to_owned() });
    }
    let file = File::open(path).map_err(failed)?;
    // Of the file that was opened, and not of what the path may have become.
    let metadata = file.metadata().map_err(failed)?;
    if private {
        refuse_open_to_others(path, &metadata)?;
    }
    // All at once: a buffer that grows leaves copies behind that nobody wipes.
    let size = usize::try_from(metadata.len().min(MOST_BYTES)).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(size.saturating_add(2)));
    file.take(MOST_BYTES.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    match u64::try_from(bytes.len()).is_ok_and(|found| found <= MOST_BYTES) {
        true => Ok(bytes),
        false => Err(PemError::TooLarge { path: path.to_owned(), most: MOST_BYTES }),
    }
}

#[cfg(unix)]
fn refuse_open_to_others(path: &Path, metadata: &fs::Metadata) -> Result<(), PemError> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = metadata.mode() & 0o7777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(PemError::OpenToOthers { path: path.to_owned(), mode }),
    }
}

#[cfg(not(unix))]
fn refuse_open_to_others(_path: &Path, _metadata: &fs::Metadata) -> Result<(), PemError> {
    Ok(())
}
