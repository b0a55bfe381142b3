//! Why there are no rows.
//!
//! No example: every variant says what was found, what was wanted, and where.

use sev_launch_abi::Technology;
use sev_launch_digest::Warning;
use thiserror::Error;

use crate::files::FileError;

/// Why a description gives no launch digests. Facts alone: what to do about it is for the caller to say.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The description does not say enough, or contradicts itself.
    #[error(transparent)]
    Description(#[from] sev_launch_description::Error),
    /// A file cannot be read. The text names it.
    #[error(transparent)]
    File(FileError),
    /// No host would launch this.
    #[error(transparent)]
    Launch(#[from] sev_launch_digest::Error),
    /// An ID block that is none.
    #[error(transparent)]
    IdBlock(#[from] sev_launch_verify::snp::id_block::IdBlockError),
    /// A file is not what it should be: the firmware, an SVSM, a VMSA page, a unified kernel image.
    #[error("{name}")]
    In {
        /// The file.
        name: String,
        /// What is wrong with it.
        source: FileError,
    },
    /// The host that is named is known to refuse the launch.
    #[error("the host that is named refuses this launch (\"{words}\"): {warning}")]
    Refused {
        /// What is refused.
        warning: Warning,
        /// The host's words.
        words: &'static str,
    },
    /// A firmware image has changed while it was read.
    #[error("{name}: it changed while it was read: run again when nothing writes it")]
    Changed {
        /// The file.
        name: String,
        /// The sizes seen.
        source: sev_launch_digest::firmware::Error,
    },
    /// Launches of one technology are asked for, and a launch of another is described.
    #[error("a launch of {asked} is asked for, and one of {described} is described")]
    Mode {
        /// The technology asked for.
        asked: Technology,
        /// The technology described.
        described: Technology,
    },
    /// A guest of one technology is described, and the policy is of another.
    #[error("{by} describes a guest of {described}, and the policy is one of {technology}")]
    PolicyOfOther {
        /// Who describes it.
        by: String,
        /// The technology described.
        described: Technology,
        /// What the policy's ES bit says.
        technology: Technology,
    },
    /// vCPUs are described for a guest whose registers are not measured.
    #[error("vCPUs are described, and the policy has no ES bit, so none of them is measured")]
    VcpusWithoutEs,
    /// An SVSM guest is asked for, and none is described.
    #[error("mode snp:svsm needs the SVSM image")]
    NoSvsm,
    /// libkrun's qboot, kernel and initrd must be one file each.
    #[error("libkrun measures its qboot, kernel and initrd whole, so each must be a file")]
    KrunFiles,
    /// libkrun's kernel lies where its bundle puts it.
    #[error("libkrun measures the kernel where its bundle puts it, and no address is described")]
    KrunKernelGpa,
    /// More combinations than are gone through.
    #[error("more than {most} combinations {of} are described")]
    Combinations {
        /// Of what.
        of: &'static str,
        /// The most.
        most: usize,
    },
    /// More work than a description may ask for.
    #[error("{found} {of} are described, more than the {most} that are allowed")]
    Work {
        /// Of what.
        of: &'static str,
        /// How much there is.
        found: u64,
        /// The most.
        most: u64,
    },
    /// More rows than are held at once.
    #[error("{found} launches are described, more than the {most} that are kept at once")]
    Rows {
        /// How many there are.
        found: usize,
        /// The most.
        most: usize,
    },
    /// Several IGVM files whose ID blocks demand different things of a report.
    #[error(
        "the ID blocks of the IGVM files say different things of a report, or some file has none: verify with one file at a time"
    )]
    SeveralIdBlocks,
    /// A row is of another technology than the verifier.
    #[error("a digest of another technology than the evidence's")]
    OtherTechnology,
}

impl Error {
    /// For what is wrong with a file of that name.
    pub(crate) fn in_file<E: Into<FileError>>(
        name: impl FnOnce() -> String,
    ) -> impl FnOnce(E) -> Self {
        move |source| Self::In { name: name(), source: source.into() }
    }
}
