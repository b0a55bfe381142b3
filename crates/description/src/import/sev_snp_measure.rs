//! sev-snp-measure's command line: the guest that it is asked about, and what its answer is worth. [sev-snp-measure, cli.py]
//!
//! The tool computes one host for each of its modes. Where that host is one of our profiles, the description names the profile,
//! and where the host is not what a default launch runs on, [`Value::Other`] has the profile that is. Where no host reports the
//! tool's value, [`Value::Defect`] says why, and the description has what hosts do report. All that is known of the tool is
//! here: 0.0.10 to 0.0.13 compute the same, but for EC2 (0.0.13 alone has what is there now) and for what older ones lack.
//!
//! ```
//! use sev_launch_description::import::sev_snp_measure::{Request, Value, from_argv};
//!
//! let words = "--mode seves --vcpus 2 --vcpu-type EPYC-Milan --ovmf OVMF.fd";
//! let words: Vec<_> = words.split(' ').map(|word| word.as_bytes().to_vec()).collect();
//! let Request::Digest(question) = from_argv(&words).unwrap() else { unreachable!() };
//! let Value::Other { ours, theirs, .. } = question.value else { unreachable!() };
//! assert_eq!((ours.name, theirs.name), ("es-legacy", "es-init2"));
//! ```

mod flags;
mod rules;

use sev_launch_digest::profile::LaunchProfile;
use thiserror::Error;

use crate::description::Description;

pub use flags::{CPU_TYPES, FLAGS, VMM_TYPES};
pub use rules::{misreads, prints_anyway};

/// The release whose flags and answers these are.
pub const VERSION: &str = "0.0.13";

/// What the tool is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Its help.
    Help,
    /// Its version.
    Version,
    /// A digest.
    Digest(Box<Question>),
}

/// A guest, and how its digest is to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The guest. Its profiles are ours first, where there are two: see [`Value`].
    pub description: Description,
    /// The tool's mode.
    pub mode: Mode,
    /// What the tool's answer is worth.
    pub value: Value,
    /// Print base64 in place of hex.
    pub base64: bool,
    /// Print a sentence around the digest.
    pub verbose: bool,
    /// Write each vCPU's page to `vmsa0.bin`, `vmsa1.bin` and so on in the current folder.
    pub dump_vmsa: bool,
    /// Flags that the tool takes here and does not look at, each with its reason.
    pub remarks: Vec<String>,
}

/// The tool's modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `sev`.
    Sev,
    /// `seves`.
    SevEs,
    /// `snp`.
    Snp,
    /// `snp:ovmf-hash`: the firmware's pages alone.
    SnpFirmware,
    /// `snp:svsm`.
    SnpSvsm,
}

impl Mode {
    /// As `--verbose` prints it. [sev-snp-measure, sev_mode.py]
    pub const fn verbose_name(self) -> &'static str {
        match self {
            Self::Sev => "SEV",
            Self::SevEs => "SEV_ES",
            Self::Snp | Self::SnpFirmware => "SEV_SNP",
            Self::SnpSvsm => "SEV_SNP_SVSM",
        }
    }
}

/// What the tool's value is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Ours for the same guest: the description's profile is both.
    Same,
    /// That of a host, but not of the one that a default launch runs on: the description's profiles are these two, in this order.
    Other {
        /// The default.
        ours: &'static LaunchProfile,
        /// The tool's.
        theirs: &'static LaunchProfile,
        /// What makes a host the one or the other.
        why: &'static str,
    },
    /// No host's: the description has the profiles of those that there are.
    Defect(String),
}

/// Why there is nothing to compute. Each stands for what the tool does with such words.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NoAnswer {
    /// The words are not its words: it says how it is used, and exits with 2.
    #[error("{0}")]
    Usage(String),
    /// It takes the words, and stops without a digest: exit code 1.
    #[error("{0}")]
    Stops(String),
    /// It prints a digest, and there is no such launch.
    #[error("{0}")]
    NoLaunch(String),
}

/// Reads the words after the program's name.
pub fn from_argv(words: &[Vec<u8>]) -> Result<Request, NoAnswer> {
    match flags::read(words)? {
        flags::Read::Help => Ok(Request::Help),
        flags::Read::Version => Ok(Request::Version),
        flags::Read::Flags(flags) => rules::question(&flags).map(|one| Request::Digest(one.into())),
    }
}
