//! A platform's PDH and chain as its host's tools print them: QMP's `query-sev-capabilities`, `virsh nodesevinfo`, KubeVirt's
//! `sev/fetchcertchain`.
//!
//! [QEMU, qapi: SevCapability; libvirt, virNodeGetSEVInfo; KubeVirt, SEVPlatformInfo]

use sev_launch_verify::sev::certificate::SIZE;
use thiserror::Error;

use super::HOST_CHAIN;
use crate::blob::{self, BlobError};
use crate::tree::Tree;

/// Why what a tool printed of a platform cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrintedError {
    /// JSON that is none, or has a key twice, as the parser says.
    #[error("not JSON: {0}")]
    Json(String),
    /// QMP answered that the command failed.
    #[error("QMP answered an error in place of a platform's certificates")]
    Failed,
    /// JSON of something else.
    #[error("JSON without a platform's pdh and cert-chain")]
    Other,
    /// One of the two, and not the other.
    #[error("{0} alone: a platform's pdh and cert-chain belong together")]
    Alone(&'static str),
    /// A value that is no certificates.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// The two.
pub(super) struct Printed {
    /// The PDH, 2084 bytes.
    pub(super) pdh: Vec<u8>,
    /// PEK, OCA and CEK, 6252 bytes.
    pub(super) chain: Vec<u8>,
}

impl Printed {
    /// PDH, PEK, OCA, CEK.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.pdh.chunks(SIZE).chain(self.chain.chunks(SIZE))
    }
}

/// What a text has of the two; `None` if it is another thing altogether.
pub(super) fn read(bytes: &[u8]) -> Result<Option<Printed>, PrintedError> {
    let Ok(text) = core::str::from_utf8(bytes) else { return Ok(None) };
    let (pdh, chain) = if text.trim_start().starts_with('{') {
        let tree: Tree =
            serde_json::from_str(text).map_err(|error| PrintedError::Json(error.to_string()))?;
        if tree.get("error").is_some() {
            return Err(PrintedError::Failed);
        }
        let answer = tree.get("return").unwrap_or(&tree);
        let value = |names: &[&str]| {
            names.iter().find_map(|name| match answer.get(name) {
                Some(Tree::Text(text)) => Some(text.clone()),
                _ => None,
            })
        };
        let (pdh, chain) = (value(&["pdh"]), value(&["cert-chain", "certChain"]));
        if pdh.is_none() && chain.is_none() {
            return Err(PrintedError::Other);
        }
        (pdh, chain)
    } else {
        let value = |wanted: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(':'));
            let found = lines.find(|(name, _)| name.trim() == wanted);
            found.map(|(_, value)| value.trim().to_owned())
        };
        (value("pdh"), value("cert-chain"))
    };
    match (pdh, chain) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(PrintedError::Alone("pdh")),
        (None, Some(_)) => Err(PrintedError::Alone("cert-chain")),
        (Some(pdh), Some(chain)) => Ok(Some(Printed {
            pdh: blob::decode("pdh", pdh.as_bytes(), &[SIZE])?.to_vec(),
            chain: blob::decode("cert-chain", chain.as_bytes(), &[HOST_CHAIN])?.to_vec(),
        })),
    }
}
