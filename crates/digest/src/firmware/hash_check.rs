//! Does a firmware hold the kernel that it is given against the measured hashes?
//!
//! The hashes in a digest bind what the host says of kernel, initrd and command line. Only a firmware that compares them with
//! what it loads makes that a proof: edk2's AmdSevX64 links BlobVerifierLibSevHashes, every other platform the null verifier,
//! and from edk2-stable202511 on all of them have room for the hashes. [OVMF, BlobVerifierLibSevHashes]
//!
//! The answer is in a module of a compressed volume, so it cannot be had from the tables that a launch reads: it is found
//! by `sev-launch-firmware-diff`, and is kept beside what was absorbed.

use core::fmt;

/// Whether a firmware checks kernel, initrd and command line against the measured hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum KernelHashCheck {
    /// It does: its loader has the verifier.
    Yes,
    /// It does not: whatever kernel the host hands over is started.
    No,
    /// Nobody looked, or what was looked at does not say.
    #[default]
    Unknown,
}

impl KernelHashCheck {
    /// The answer as it is written: `yes`, `no` or `unknown`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for KernelHashCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
