//! Launch digests that somebody knows already, typed or in a file.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_evidence::blob::any_launch_digest;
use sev_launch_sweep::Accepted;

use crate::inputs;

/// The digests that are accepted.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Expected launch")]
pub(crate) struct KnownDigests {
    /// A launch digest that is accepted, where it is known already: 32 bytes in SEV and SEV-ES, 48 in SNP. May repeat.
    #[arg(long, value_name = "HASH", value_parser = any_launch_digest, conflicts_with_all = crate::args::flag_ids::<super::args::Guest>())]
    launch_digest: Vec<LaunchDigest>,
    /// A file with such digests, one on each line; empty lines and those that begin with # do not count.
    #[arg(long, value_name = "FILE", conflicts_with_all = crate::args::flag_ids::<super::args::Guest>())]
    launch_digest_file: Option<PathBuf>,
}

impl KnownDigests {
    /// Is any given, or a file that may have some?
    pub(crate) fn is_given(&self) -> bool {
        !self.launch_digest.is_empty() || self.launch_digest_file.is_some()
    }

    /// The digests as a verifier accepts them.
    ///
    /// Errors: one of another technology; a line that is none; a file without any.
    pub(crate) fn accepted<D: TryFrom<LaunchDigest>>(
        &self,
        technology: Technology,
    ) -> anyhow::Result<Accepted<D>> {
        let mut all = self.launch_digest.clone();
        if let Some(path) = &self.launch_digest_file {
            all.extend(read(path)?);
        }
        // What is typed and stands in the file too is one digest.
        let typed = std::mem::take(&mut all);
        typed.into_iter().for_each(|digest| {
            if !all.contains(&digest) {
                all.push(digest);
            }
        });
        let mut digests = Vec::new();
        for digest in all {
            let (size, text) = (digest.as_bytes().len(), digest.to_string());
            match D::try_from(digest) {
                Ok(digest) => digests.push(digest),
                Err(_) => bail!("{text} has {size} bytes: it is no launch digest of {technology}"),
            }
        }
        Ok(Accepted::given(technology, "a digest given", digests))
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<LaunchDigest>> {
    let name = inputs::name(path);
    let text = String::from_utf8(inputs::read_small(path)?)
        .with_context(|| format!("{name}: not text in UTF-8"))?;
    let mut digests = Vec::new();
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        if !line.is_empty() && !line.starts_with('#') {
            let digest = any_launch_digest(line);
            digests.push(digest.with_context(|| format!("{name}, line {number}"))?);
        }
    }
    if digests.is_empty() {
        bail!("{name}: no launch digest in it");
    }
    Ok(digests)
}
