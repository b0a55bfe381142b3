//! A SEV platform's certificates as people have them, and what is demanded of their chain.
//!
//! The layouts are those of `sevctl export`, of QMP and libvirt, and one file for each certificate; any of them raw or in
//! base64. Unless a root is given, the roots are AMD's, built in.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sev_launch_abi::Generation;
use sev_launch_verify::sev::ca_certificate::{self, CaCertificate};
use sev_launch_verify::sev::certificate::{self, Certificate, Usage};
use sev_launch_verify::sev::chain::{Ca, Chain, ChainVerdict, OcaRequirement, Platform, Roots};

use crate::args::sha256;
use crate::{blob, inputs};

/// Bytes of PDH, PEK, OCA, CEK.
const EXPORT: usize = 4 * certificate::SIZE;
/// Bytes of PEK, OCA, CEK.
const HOST_CHAIN: usize = 3 * certificate::SIZE;
/// Bytes of ASK, ARK, both of the sizes that there are.
const CA: [usize; 2] = [2 * ca_certificate::SIZE_2048, 2 * ca_certificate::SIZE_4096];

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
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = generation, conflicts_with = "root")]
    pub(crate) generation: Vec<Generation>,
    /// The owner that must have signed the PEK: its OCA certificate, or the SHA-256 of that one's key [default: any].
    #[arg(long, value_name = "FILE|HASH")]
    pub(crate) owner: Option<PathBuf>,
}

fn generation(text: &str) -> Result<Generation, String> {
    Generation::ALL
        .into_iter()
        .find(|generation| generation.to_string().eq_ignore_ascii_case(text))
        .ok_or_else(|| format!("{text:?}: wanted Naples, Rome, Milan, Genoa or Turin"))
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
            Some(path) => {
                let bytes = blob::read("ASK and ARK", path, &CA)?;
                Some(Ca::parse(&bytes).with_context(|| inputs::name(path))?)
            }
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
            let path = path.with_context(|| format!("no {what}: give its file too"))?;
            blob::read(what, path, &[certificate::SIZE])
        };
        let pek = blob::read("PEK", pek, &[certificate::SIZE])?;
        let (pdh, oca) = (read("PDH", self.pdh.as_ref())?, read("OCA", self.oca.as_ref())?);
        let cek = read("CEK", self.cek.as_ref())?;
        Ok(Platform::parse_files(&pdh, &pek, &oca, &cek)?)
    }

    /// A chain in one file, with its own CA where it holds one; or the bare PDH that it is.
    fn one_file(&self, file: &Path) -> anyhow::Result<Result<(Platform, Option<Ca>), Certificate>> {
        let sizes = [certificate::SIZE, HOST_CHAIN, EXPORT, EXPORT + CA[0], EXPORT + CA[1]];
        let bytes = blob::read("certificates", file, &sizes)?;
        let context = || inputs::name(file);
        let (platform, ca) = match bytes.len() {
            certificate::SIZE => {
                return Ok(Err(Certificate::parse(&bytes).with_context(context)?));
            }
            HOST_CHAIN => {
                let pdh = self.pdh.as_ref().context(
                    "a host's chain of PEK, OCA and CEK has no PDH: give it with --pdh (QMP's and libvirt's pdh)",
                )?;
                let pdh = blob::read("PDH", pdh, &[certificate::SIZE])?;
                (Platform::parse_host(&bytes, &pdh).with_context(context)?, None)
            }
            _ if self.pdh.is_some() => {
                bail!("{}: this chain holds its PDH: leave --pdh out", inputs::name(file))
            }
            EXPORT => (Platform::parse_export(&bytes).with_context(context)?, None),
            _ => {
                let chain = Chain::parse_full(&bytes).with_context(context)?;
                (chain.platform().clone(), Some(chain.ca().clone()))
            }
        };
        let platform = match &self.cek {
            Some(path) => {
                let bytes = blob::read("CEK", path, &[certificate::SIZE])?;
                let cek = Certificate::parse(&bytes).with_context(|| inputs::name(path))?;
                platform.with_cek(cek).with_context(|| inputs::name(path))?
            }
            None => platform,
        };
        Ok(Ok((platform, ca)))
    }

    /// Verifies a chain as the flags demand.
    pub(crate) fn verify(&self, chain: &Chain) -> anyhow::Result<ChainVerdict> {
        let root = match &self.root {
            Some(path) => {
                let sizes = [ca_certificate::SIZE_2048, ca_certificate::SIZE_4096];
                let bytes = blob::read("ARK", path, &sizes)?;
                Some(CaCertificate::parse(&bytes).with_context(|| inputs::name(path))?)
            }
            None => None,
        };
        let generations = match self.generation.as_slice() {
            [] => Generation::ALL.to_vec(),
            some => some.to_vec(),
        };
        let roots = match &root {
            Some(root) => Roots::Explicit(root),
            None => Roots::Pinned { generations: &generations },
        };
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
        let bytes = blob::read("OCA, or the SHA-256 of its key,", owner, &[certificate::SIZE])?;
        let oca = Certificate::parse(&bytes).with_context(|| inputs::name(owner))?;
        if oca.usage() != Usage::Oca {
            bail!(
                "{}: the certificate is of a {}, wanted an OCA",
                inputs::name(owner),
                oca.usage()
            );
        }
        Ok(Some(oca.key_sha256()))
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
