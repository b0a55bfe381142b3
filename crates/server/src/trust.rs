//! What is trusted, from files: AMD's own roots are built in; the certificates of chips come from a folder; a simulated platform's
//! roots from the folder that `sev-launch platform export` writes.

use std::path::{Path, PathBuf};

use sev_launch_protocol::text::CpuId;
use sev_launch_verify::sev::certificate;
use sev_launch_verify::sev::chain::Ca;
use sev_launch_verify::snp::certificate::CaCertificate;

use crate::judge::ReportRoots;
use crate::platform::{Ceks, Roots};
use crate::service::Trust;

/// Why something is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file is not read.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder is that of a platform, with its keys, and not its certificates.
    #[error("{path} is a platform's own folder, wanted that of its certificates: `sev-launch platform export {path} CERTIFICATES` makes it", path = .path.display())]
    NotExported {
        /// Which.
        path: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{path}: {detail}", path = .path.display())]
    Certificate {
        /// Which.
        path: PathBuf,
        /// Why not.
        detail: String,
    },
}

/// The longest certificate file, in bytes.
const MOST: u64 = 1 << 16;

fn read(path: &Path) -> Result<Vec<u8>, TrustError> {
    use std::io::Read as _;
    let file = |source| TrustError::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).map_err(file)?;
    opened.take(MOST.saturating_add(1)).read_to_end(&mut bytes).map_err(file)?;
    if u64::try_from(bytes.len()).is_ok_and(|found| found > MOST) {
        let longer = format!("it is longer than {MOST} bytes");
        return Err(file(std::io::Error::new(std::io::ErrorKind::FileTooLarge, longer)));
    }
    Ok(bytes)
}

/// A folder of certificates of chips (CEK), 2084 bytes each, as AMD's key server gives them: `<CPU id in lower-case hex>.cert`.
#[derive(Clone, Debug)]
pub struct CekFolder(pub Option<PathBuf>);

impl Ceks for CekFolder {
    fn cek(&self, id: &CpuId) -> Option<Vec<u8>> {
        let path = self.0.as_ref()?.join(format!("{id}.cert"));
        match read(&path) {
            Ok(bytes) if bytes.len() == certificate::SIZE => Some(bytes),
            Ok(bytes) => {
                tracing::warn!(path = %path.display(), found = bytes.len(), "not a certificate of {} bytes", certificate::SIZE);
                None
            }
            Err(TrustError::File { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                None
            }
            Err(error) => {
                tracing::warn!(%error, "the certificate of a chip is not read");
                None
            }
        }
    }
}

impl Trust {
    /// AMD's roots, and nothing else.
    #[must_use]
    pub fn amd(ceks: CekFolder) -> Self {
        Self { roots: Roots::Amd, report_roots: ReportRoots::Amd, ceks: Box::new(ceks) }
    }

    /// The simulated platform of a folder, and nothing of AMD's.
    ///
    /// # Errors
    ///
    /// [`TrustError`], if the folder is not what `sev-launch platform export` writes.
    pub fn simulated(folder: &Path) -> Result<Self, TrustError> {
        let path = folder.join("ask_ark.cert");
        if !path.exists() && folder.join("platform").exists() {
            return Err(TrustError::NotExported { path: folder.to_owned() });
        }
        let wrong = |path: &Path| {
            let path = path.to_owned();
            move |detail: String| TrustError::Certificate { path, detail }
        };
        let ca = Ca::parse(&read(&path)?).map_err(|error| wrong(&path)(error.to_string()))?;
        let certificate = |name: &str| {
            let path = folder.join(name);
            CaCertificate::parse(&read(&path)?).map_err(|error| wrong(&path)(error.to_string()))
        };
        // A platform before Milan has no reports.
        let report_roots = if folder.join("ark.der").exists() {
            ReportRoots::Explicit {
                ark: Box::new(certificate("ark.der")?),
                ask: Box::new(certificate("ask.der")?),
            }
        } else {
            ReportRoots::Nobody
        };
        // There is one machine, and its certificate is good for no other: whatever id is asked for, its key is compared.
        let path = folder.join("cek.cert");
        let cek = path.exists().then(|| read(&path)).transpose()?;
        let ceks = Box::new(move |_: &CpuId| cek.clone());
        Ok(Self { roots: Roots::Explicit(Box::new(ca)), report_roots, ceks })
    }
}
