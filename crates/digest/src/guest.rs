//! A guest of any kind, for callers that need not know which.
//!
//! ```
//! use sev_launch_digest::{Firmware, Guest, sev};
//!
//! let firmware = Firmware::parse(&[0xff; 4096])?.absorb();
//! let guest = Guest::Sev(sev::Guest { firmware: &firmware, kernel_hashes: None });
//! let launch = guest.launch()?;
//! let last = launch.trace().last();
//! assert_eq!(last.map(|(_, digest)| digest), Some(launch.digest()));
//! # Ok::<(), sev_launch_digest::Error>(())
//! ```

use crate::error::Error;
use crate::launch::Launch;
use crate::{igvm, libkrun, sev, sev_es, snp};

/// What a guest is started from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guest<'a> {
    /// Firmware, in SEV.
    Sev(sev::Guest<'a>),
    /// Firmware, in SEV-ES.
    SevEs(sev_es::Guest<'a>),
    /// Firmware, in SNP.
    Snp(snp::Guest<'a>),
    /// libkrun's files, in SEV-ES or SNP.
    Libkrun(libkrun::Guest<'a>),
    /// An IGVM file, in any technology.
    Igvm(igvm::Guest<'a>),
}

impl<'a> Guest<'a> {
    /// Checks what the VMM and KVM check. Errors: those of the `launch` of the kind of guest.
    pub fn launch(&self) -> Result<Launch<'a>, Error> {
        match self {
            Self::Sev(guest) => guest.launch().map(Launch::Sev),
            Self::SevEs(guest) => guest.launch().map(Launch::SevEs),
            Self::Snp(guest) => guest.launch().map(Launch::Snp),
            Self::Libkrun(guest) => guest.launch(),
            Self::Igvm(guest) => guest.launch(),
        }
    }
}
