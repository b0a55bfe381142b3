//! The flags that name a SEV platform's certificates, and what is demanded of their chain.
//!
//! Unless a root is given, the roots are AMD's, built in.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_abi::Generation;
use sev_launch_evidence::sev_certificates::{self, PlatformFile};
use sev_launch_verify::sev::certificate::Certificate;
use sev_launch_verify::sev::chain::{Ca, Chain, ChainVerdict, OcaRequirement, Platform, Roots};

use crate::args::sha256;
use crate::{blob, inputs};

/// Where the certificates are, and what is demanded.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Platform's certificates")]
pub(crate) struct ChainFlags {
    /// The platform's PDH, where the chain does not hold it (QMP's and libvirt's cert-chain), or apart.
    #[arg(long, value_name = "FILE")]
    pub(crate) pdh: Option<PathBuf>,
    /// The PEK apart.
    #[arg(long, value_name = "FILE", requires_all = ["pdh", "oca", "cek"])]
    pub(crate) pek: Option<PathBuf>,
    /// The OCA apart.
    #[arg(long, value_name = "FILE", requires = "pek")]
    pub(crate) oca: Option<PathBuf>,
    /// The CEK with AMD's signature, from AMD's key server: in place of the chain's own, which a platform exports unsigned.
    #[arg(long, value_name = "FILE")]
    pub(crate) cek: Option<PathBuf>,
    /// AMD's ASK and ARK in one file; without it those built in are used.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// The ARK of a lab that signs its own chains; AMD's are then refused.
    #[arg(long, value_name = "FILE", requires = "ca")]
    pub(crate) root: Option<PathBuf>,
    /// The generations that are accepted [default: all].
    #[arg(long, value_name = "NAME", value_delimiter = ',', conflicts_with = "root")]
    pub(crate) generation: Vec<Generation>,
    /// The owner that must have signed the PEK: its OCA certificate, or the SHA-256 of that one's key [default: any].
    #[arg(long, value_name = "FILE|HASH")]
    pub(crate) owner: Option<PathBuf>,
}

/// A platform's certificates, or its bare PDH.
pub(crate) enum Loaded {
    /// A chain that can be verified.
    Chain(Box<Chain>),
    /// A PDH of which nothing is known.
    Pdh(Box<Certificate>),
}

impl ChainFlags {
    /// Reads the certificates. `file` is a chain in any layout, or a bare PDH.
    pub(crate) fn load(&self, file: Option<&Path>) -> anyhow::Result<Loaded> {
        let (platform, own_ca) = match (file, &self.pek) {
            (None, None) => {
                bail!("no certificates: give a chain's file, or --pdh, --pek, --oca and --cek")
            }
            (Some(_), Some(_)) => bail!("a chain's file and --pek contradict each other"),
            (None, Some(pek)) => (self.apart(pek)?, None),
            (Some(file), None) => match self.one_file(file)? {
                Ok(loaded) => loaded,
                Err(pdh) => return Ok(Loaded::Pdh(Box::new(pdh))),
            },
        };
        let ca = match &self.ca {
            Some(path) => Some(blob::read(path, sev_certificates::ca)?),
            None => own_ca,
        };
        let chain = match ca {
            Some(ca) => Chain::new(platform, ca),
            None => Chain::under_amd(platform)
                .context("the CEK is signed by none of AMD's keys: a platform exports it unsigned, so fetch the signed one \
                          from AMD's key server (kdsintf.amd.com/cek/id/…) and give it with --cek")?,
        };
        Ok(Loaded::Chain(Box::new(chain)))
    }

    fn apart(&self, pek: &Path) -> anyhow::Result<Platform> {
        let read = |what, path: Option<&PathBuf>| {
            one(what, path.with_context(|| format!("no {what}: give its file too"))?)
        };
        let pek = one("PEK", pek)?;
        let (pdh, oca) = (read("PDH", self.pdh.as_ref())?, read("OCA", self.oca.as_ref())?);
        Ok(Platform::new(pdh, pek, oca, read("CEK", self.cek.as_ref())?)?)
    }

    /// A chain in one file, with its own CA where it holds one; or the bare PDH that it is.
    fn one_file(&self, file: &Path) -> anyhow::Result<Result<(Platform, Option<Ca>), Certificate>> {
        let (platform, ca) = match (blob::read(file, PlatformFile::parse)?, &self.pdh) {
            (PlatformFile::Pdh(pdh), _) => return Ok(Err(*pdh)),
            (PlatformFile::Host(chain), Some(pdh)) => {
                let platform = chain.with_pdh(one("PDH", pdh)?.as_bytes());
                (platform.with_context(|| inputs::name(file))?, None)
            }
            (PlatformFile::Host(_), None) => bail!(
                "a host's chain of PEK, OCA and CEK has no PDH: give it with --pdh (QMP's and libvirt's pdh)"
            ),
            (_, Some(_)) => {
                bail!("{}: this chain holds its PDH: leave --pdh out", inputs::name(file))
            }
            (PlatformFile::Whole(whole), None) => *whole,
        };
        let Some(cek) = &self.cek else {
            return Ok(Ok((platform, ca)));
        };
        let platform = platform.with_cek(one("CEK", cek)?).with_context(|| inputs::name(cek))?;
        Ok(Ok((platform, ca)))
    }

    /// Verifies a chain as the flags demand.
    pub(crate) fn verify(&self, chain: &Chain) -> anyhow::Result<ChainVerdict> {
        let root =
            self.root.as_ref().map(|path| blob::read(path, sev_certificates::ark)).transpose()?;
        let generations =
            if self.names_generation() { self.generation.as_slice() } else { &Generation::ALL };
        let roots = root.as_ref().map_or(Roots::Pinned { generations }, Roots::Explicit);
        let owner = self.owner_hash()?;
        let owner = owner.as_ref().map_or(OcaRequirement::Any, OcaRequirement::KeySha256);
        Ok(chain.verify(roots, owner))
    }

    fn owner_hash(&self) -> anyhow::Result<Option<[u8; 32]>> {
        let Some(owner) = &self.owner else {
            return Ok(None);
        };
        if let Some(Ok(hash)) = owner.to_str().map(sha256) {
            return Ok(Some(*hash.as_bytes()));
        }
        Ok(Some(blob::read(owner, sev_certificates::oca)?.key_sha256()))
    }

    /// Is anything demanded that only a chain can show?
    pub(crate) fn is_demanding(&self) -> bool {
        let files = [&self.pdh, &self.pek, &self.oca, &self.cek, &self.ca, &self.root, &self.owner];
        files.iter().any(|file| file.is_some()) || self.names_generation()
    }

    /// Are the accepted generations named?
    pub(crate) fn names_generation(&self) -> bool {
        !self.generation.is_empty()
    }

    /// What is demanded, as it is printed with a verdict.
    pub(crate) fn demands(&self) -> String {
        let root = if self.root.is_some() { "the root given" } else { "AMD's roots, built in" };
        let generations: Vec<_> = self.generation.iter().map(ToString::to_string).collect();
        let generations =
            if generations.is_empty() { "any generation".into() } else { generations.join(" or ") };
        let owner = if self.owner.is_some() { "the owner given" } else { "any owner" };
        format!("{root}; {generations}; {owner}")
    }
}

/// Reads a file with one certificate of a platform.
fn one(what: &'static str, path: &Path) -> anyhow::Result<Certificate> {
    blob::read(path, |bytes| sev_certificates::one(what, bytes))
}
