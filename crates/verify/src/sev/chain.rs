//! The chain of certificates from AMD's root down to the key that a launch session is made for.
//!
//! Defined by [SEV-API, certificates]. Two signers stand above the platform: AMD, by ARK, ASK and the chip's CEK, and the
//! platform's owner, by the OCA. Both must have signed the PEK, which signs the PDH. The OCA signs itself, so anybody can
//! make one: it proves an owner only where the caller says which owner is expected. There are no dates and there is no
//! revocation list. [`Chain::verify`] answers for every link, and only its yes makes a [`VerifiedPdh`].
//!
//! ```
//! use sev_launch_verify::abi::Generation;
//! use sev_launch_verify::sev::chain::{Chain, OcaRequirement, Roots, VerifiedPdh};
//!
//! /// The key for a launch session, from what `sevctl export --full` writes.
//! fn platform_key(file: &[u8]) -> Result<VerifiedPdh, Box<dyn std::error::Error>> {
//!     let roots = Roots::Pinned { generations: &[Generation::Milan, Generation::Genoa] };
//!     Ok(Chain::parse_full(file)?.verify(roots, OcaRequirement::Any).verified()?)
//! }
//! ```

mod layout;
mod verdict;
mod verify;

use core::fmt;
use thiserror::Error;

pub use self::verdict::{
    ChainVerdict, Check, Fault, Link, Outcome, Owner, Refused, VerifiedPdh, VerifiedPek,
};
use crate::amd_keys;
use crate::point::PublicPoint;
use crate::sev::ca_certificate::{CaCertificate, CaCertificateError};
use crate::sev::certificate::{Certificate, CertificateError, Usage};
use sev_launch_abi::Generation;

/// The roots that are trusted. A root is compared by its key and its identifier, whole.
pub type Roots<'a> = crate::roots::Roots<'a, CaCertificate>;

/// The owner that is expected to have signed the PEK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OcaRequirement<'a> {
    /// Any owner: the OCA signs itself, so this proves nothing about who owns the platform.
    Any,
    /// The owner with this key.
    Key(&'a PublicPoint),
    /// The owner whose OCA certificate has this SHA-256 of its PUBKEY, the 1028 bytes from offset 0x010: see
    /// [`Certificate::key_sha256`].
    KeySha256(&'a [u8; 32]),
}

/// Why bytes are no chain, or no part of one.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChainError {
    /// The file has not the length of its layout.
    #[error("{what} has {wanted} bytes, found {found}")]
    Length {
        /// The layout.
        what: &'static str,
        /// The lengths there are.
        wanted: &'static str,
        /// Bytes found.
        found: usize,
    },
    /// The certificate in the place of OCA, PEK, PDH or CEK is none.
    #[error("in place of the {place}: {error}")]
    Certificate {
        /// Whose place it is.
        place: Usage,
        /// What is wrong with it.
        error: CertificateError,
    },
    /// The certificate in the place of ARK or ASK is none.
    #[error("in place of the {place}: {error}")]
    CaCertificate {
        /// Whose place it is.
        place: Usage,
        /// What is wrong with it.
        error: CaCertificateError,
    },
    /// A certificate stands in the place of another: the order is wrong.
    #[error("in place of the {wanted}: the certificate is of a {found}")]
    Usage {
        /// Whose place it is.
        wanted: Usage,
        /// Whose certificate is there.
        found: Usage,
    },
}

/// The certificates that a platform has: PDH, PEK, OCA and CEK, each in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    pdh: Certificate,
    pek: Certificate,
    oca: Certificate,
    cek: Certificate,
}

impl Platform {
    /// From four certificates.
    ///
    /// Errors: [`ChainError::Usage`] for the first that stands in the place of another, the CEK first.
    pub fn new(
        pdh: Certificate,
        pek: Certificate,
        oca: Certificate,
        cek: Certificate,
    ) -> Result<Self, ChainError> {
        let places =
            [(&cek, Usage::Cek), (&oca, Usage::Oca), (&pek, Usage::Pek), (&pdh, Usage::Pdh)];
        for (certificate, wanted) in places {
            in_place(certificate.usage(), wanted)?;
        }
        Ok(Self { pdh, pek, oca, cek })
    }

    /// The same platform with another CEK certificate.
    ///
    /// Firmware exports the CEK without AMD's signature; the signed one is fetched from AMD's key server.
    ///
    /// Errors: [`ChainError::Usage`] where it is no CEK.
    pub fn with_cek(self, cek: Certificate) -> Result<Self, ChainError> {
        Self::new(self.pdh, self.pek, self.oca, cek)
    }

    /// The platform's Diffie-Hellman key.
    pub fn pdh(&self) -> &Certificate {
        &self.pdh
    }

    /// The platform endorsement key.
    pub fn pek(&self) -> &Certificate {
        &self.pek
    }

    /// The owner's key.
    pub fn oca(&self) -> &Certificate {
        &self.oca
    }

    /// The chip endorsement key.
    pub fn cek(&self) -> &Certificate {
        &self.cek
    }
}

/// The certificates that AMD has: ASK and ARK, each in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ca {
    ask: CaCertificate,
    ark: CaCertificate,
}

impl Ca {
    /// From two certificates.
    ///
    /// Errors: [`ChainError::Usage`] where one stands in the place of the other, the ARK first.
    pub fn new(ask: CaCertificate, ark: CaCertificate) -> Result<Self, ChainError> {
        in_place(ark.usage(), Usage::Ark)?;
        in_place(ask.usage(), Usage::Ask)?;
        Ok(Self { ask, ark })
    }

    /// AMD's own of a generation, put together from [`amd_keys`].
    ///
    /// Errors: none, which a test proves for all five.
    pub fn amd(generation: Generation) -> Result<Self, ChainError> {
        let certificate = |key, place| {
            CaCertificate::amd(place, key)
                .map_err(|error| ChainError::CaCertificate { place, error })
        };
        let ask = certificate(amd_keys::ask(generation), Usage::Ask)?;
        let ark = certificate(amd_keys::ark(generation), Usage::Ark)?;
        Self::new(ask, ark)
    }

    /// AMD's signing key.
    pub fn ask(&self) -> &CaCertificate {
        &self.ask
    }

    /// AMD's root key.
    pub fn ark(&self) -> &CaCertificate {
        &self.ark
    }
}

/// All six certificates. Nothing says yet that they belong together: see [`Chain::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    platform: Platform,
    ca: Ca,
}

impl Chain {
    /// A platform's certificates under AMD's, or under those of a lab.
    pub fn new(platform: Platform, ca: Ca) -> Self {
        Self { platform, ca }
    }

    /// A platform's certificates under those of AMD that its CEK is signed by.
    ///
    /// The generation is found by trying each ASK. `None` if none of them signed the CEK: one as the firmware exports it
    /// has no signature yet, see [`Platform::with_cek`].
    pub fn under_amd(platform: Platform) -> Option<Self> {
        let ca = verify::amd_ca_of(platform.cek())?;
        Some(Self { platform, ca })
    }

    /// PDH, PEK, OCA and CEK.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// ASK and ARK.
    pub fn ca(&self) -> &Ca {
        &self.ca
    }
}

impl fmt::Display for Chain {
    /// Every field of every certificate, from the root down.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.ca.ark, self.ca.ask)?;
        let Platform { pdh, pek, oca, cek } = &self.platform;
        write!(f, "{cek}\n{oca}\n{pek}\n{pdh}")
    }
}

fn in_place(found: Usage, wanted: Usage) -> Result<(), ChainError> {
    if found == wanted { Ok(()) } else { Err(ChainError::Usage { wanted, found }) }
}
