//! An attestation report through the kernel's configfs-tsm. [Linux, Documentation/ABI/testing/configfs-tsm-report; 6.7 and newer]

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Fetched, REPORT_SIZE, ReportError};

/// Where the kernel has it, once configfs is mounted.
pub const ROOT: &str = "/sys/kernel/config/tsm/report";

/// The longest list of certificates that is read, in bytes.
const MOST: u64 = 1 << 20;

/// An entry of our own below the root. It is removed when it is dropped.
struct Entry(PathBuf);

impl Drop for Entry {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// A report over `data`, with the host's certificates, if it gave any.
///
/// # Errors
///
/// [`ReportError`]: the kernel has no such interface, another technology's answers there, or somebody wrote into our entry meanwhile.
pub fn fetch(root: &Path, data: &[u8; 64]) -> Result<Fetched, ReportError> {
    let mut name = [0; 8];
    getrandom::fill(&mut name).map_err(|error| ReportError::Strange(error.to_string()))?;
    let path = root.join(format!("sev-launch-{}", hex::encode(name)));
    fs::create_dir(&path).map_err(|source| ReportError::File { path: path.clone(), source })?;
    let entry = Entry(path);
    let provider = entry.first()?;
    let provider = String::from_utf8_lossy(provider.trim_ascii()).into_owned();
    if provider != "sev_guest" {
        let shown: String = provider.chars().take(64).collect();
        return Err(ReportError::Strange(format!(
            "{}: the kernel's provider of reports is {shown:?}, wanted sev_guest: is this a guest of SEV-SNP?",
            entry.0.display()
        )));
    }
    // Each write counts: where ours was not the only one, the report may be over somebody else's data.
    let before = entry.generation()?;
    entry.write("inblob", data)?;
    let report = entry.read("outblob")?;
    let certificates = entry.read("auxblob")?;
    if entry.generation()? != before.saturating_add(1) {
        return Err(ReportError::Strange(format!(
            "{}: somebody else wrote into this entry meanwhile; try again",
            entry.0.display()
        )));
    }
    let found = report.len();
    let report: Box<[u8; REPORT_SIZE]> = report.try_into().map_err(|_| {
        ReportError::Strange(format!("a report of {found} bytes, wanted {REPORT_SIZE}"))
    })?;
    Ok(Fetched { report, certificates })
}

/// The kernel makes an entry's files with it; a tree that a program has made in its place, a moment later.
const PATIENCE: Duration = Duration::from_secs(5);

impl Entry {
    /// The provider: the first file that is read.
    fn first(&self) -> Result<Vec<u8>, ReportError> {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.read("provider") {
                Err(ReportError::File { source, .. })
                    if source.kind() == ErrorKind::NotFound && Instant::now() < end =>
                {
                    std::thread::sleep(Duration::from_millis(5));
                }
                read => return read,
            }
        }
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, ReportError> {
        let path = self.0.join(name);
        let mut bytes = Vec::new();
        fs::File::open(&path)
            .and_then(|file| file.take(MOST).read_to_end(&mut bytes))
            .map_err(|source| ReportError::File { path, source })?;
        Ok(bytes)
    }

    fn generation(&self) -> Result<u64, ReportError> {
        let bytes = self.read("generation")?;
        let text = String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
        text.parse().map_err(|_| {
            let shown: String = text.chars().take(64).collect();
            let path = self.0.join("generation");
            ReportError::Strange(format!("{}: {shown:?}, wanted a number", path.display()))
        })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ReportError> {
        let path = self.0.join(name);
        // One write: the kernel takes each as a whole blob.
        fs::OpenOptions::new()
            .write(true)
            .open(&path)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|source| ReportError::File { path, source })
    }
}
