//! Does a firmware hold the kernel that it is given against the measured hashes?
//!
//! The hashes in a digest bind what the host says of kernel, initrd and command line. Only a firmware that compares them with
//! what it loads makes that a proof: edk2's AmdSevX64 links BlobVerifierLibSevHashes, every other platform the null verifier,
//! and from edk2-stable202511 on all of them have room for the hashes. [OVMF, BlobVerifierLibSevHashes]
//!
//! The answer is in a module of a compressed volume, so it cannot be had from the tables that a launch reads: it is found
//! by `sev-launch-firmware-diff`, and is kept beside what was absorbed.
//!
//! ```
//! use sev_launch_digest::firmware::KernelHashCheck;
//!
//! // Of several firmwares whose digests are all accepted, the worst one counts.
//! let (yes, no) = (KernelHashCheck::Yes, KernelHashCheck::No);
//! let all = std::iter::repeat_n(yes, 3);
//! assert_eq!(KernelHashCheck::of_all(all.clone()), Some(yes));
//! assert_eq!(KernelHashCheck::of_all(all.chain(Some(no))), Some(no));
//! ```

use core::fmt;

/// Whether a firmware checks kernel, initrd and command line against the measured hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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

    /// The answer of that name, `yes` or `no`. What is not known is not written, so `unknown` is no name here.
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Yes, Self::No].into_iter().find(|one| one.name() == name)
    }

    /// What is said of several firmwares of which any may be started: no where one checks nothing, else unknown where one is not
    /// known, else yes. `None` for no firmware at all.
    pub fn of_all(checks: impl IntoIterator<Item = Self>) -> Option<Self> {
        checks.into_iter().reduce(|one, other| match (one, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Yes, Self::Yes) => Self::Yes,
        })
    }
}

impl fmt::Display for KernelHashCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
