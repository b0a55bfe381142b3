//! A platform's certificates as a file, for hosts whose VMM tells the CEK without AMD's signature.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

use crate::vmm::Host;

/// The bytes of a SEV certificate. [SEV-API, SEV certificate]
const CERTIFICATE: usize = 2084;
/// The longest file: PDH, PEK, OCA, CEK, and AMD's two of 1600 bytes.
const MOST: usize = 4 * CERTIFICATE + 2 * 1600;

/// Which certificates are shown to the owner.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Chain {
    /// The platform's certificates with the CEK that AMD signed, as `sevctl export` writes them, for services that do not have it:
    /// what a VMM tells of the CEK is unsigned.
    #[arg(long, value_name = "FILE")]
    chain: Option<PathBuf>,
}

impl Chain {
    /// The certificates of the file in the place of the VMM's, if they are of the same platform.
    pub(super) fn shown(&self, mut host: Host) -> anyhow::Result<Host> {
        if let Some(path) = &self.chain {
            let (pdh, chain) = read(path)?;
            if pdh != host.pdh {
                bail!(
                    "--chain {}: its PDH is not the one that the VMM tells: the file is of another machine, or older than the platform's last PDH_GEN; export it again",
                    path.display()
                );
            }
            host.cert_chain = chain;
        }
        Ok(host)
    }
}

/// The PDH of a file that `sevctl export` or `sev-launch platform export` wrote, and PEK, OCA and CEK after it.
pub(super) fn read(path: &Path) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let name = || path.display().to_string();
    let most = u64::try_from(MOST).unwrap_or_default() + 1;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).with_context(name)?;
    file.take(most).read_to_end(&mut bytes).with_context(name)?;
    ensure!(
        matches!(bytes.len(), 8336 | 10000 | 11536),
        "{}: {} bytes, wanted PDH, PEK, OCA and CEK (8336), or the same with AMD's certificates (10000 or 11536)",
        name(),
        bytes.len()
    );
    let (pdh, rest) = bytes.split_at_checked(CERTIFICATE).with_context(name)?;
    let chain = rest.get(..CERTIFICATE * 3).with_context(name)?;
    Ok((pdh.to_vec(), chain.to_vec()))
}
