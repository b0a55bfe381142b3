//! A platform's certificates as a file, for hosts whose VMM tells the CEK without AMD's signature.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use sev_launch_evidence::sev_certificates::PlatformFile;

use crate::regular;
use crate::vmm::Host;

/// The longest file, in bytes: six certificates have 11,536, and base64 or hex makes more of them.
const MOST: u64 = 1 << 16;

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

/// The PDH of a file that `sevctl export` or `sev-launch platform export` wrote, and PEK, OCA and CEK of it.
pub(super) fn read(path: &Path) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let name = || path.display().to_string();
    let bytes = regular::read(path, MOST).with_context(name)?;
    match PlatformFile::parse(&bytes).with_context(name)? {
        PlatformFile::Whole(whole) => {
            Ok((whole.0.pdh().as_bytes().to_vec(), whole.0.to_host_chain()))
        }
        PlatformFile::Pdh(_) | PlatformFile::Host(_) => bail!(
            "{}: wanted PDH, PEK, OCA and CEK (8336 bytes), or the same with AMD's certificates (10000 or 11536), as `sevctl export` writes them",
            name()
        ),
    }
}
