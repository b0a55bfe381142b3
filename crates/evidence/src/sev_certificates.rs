//! A SEV platform's certificates in every layout in which tools keep them, told apart by their size.
//!
//! Certificates stand one after the other with nothing around them: PDH, PEK, OCA, CEK (`sevctl export`), ASK and ARK after
//! those (`--full`), PEK, OCA, CEK (QMP's and libvirt's cert-chain), ASK, ARK (AMD's CA file), or each alone; the whole raw, in
//! hex or in base64. Which certificate stands where is said by the certificates; that they belong together, by
//! [`Chain::verify`](sev_launch_verify::sev::chain::Chain::verify) alone.
//!
//! ```
//! use sev_launch_abi::Generation;
//! use sev_launch_evidence::sev_certificates::{self, CertificateSet};
//! use sev_launch_verify::sev::chain::Ca;
//!
//! // AMD's CA file of a generation, as its key server has it.
//! let file = Ca::amd(Generation::Milan)?.to_bytes();
//! let mut set = CertificateSet::default();
//! for certificate in sev_certificates::read(&file)? {
//!     set.put(certificate)?;
//! }
//! assert_eq!(set.ca()?, Ca::amd(Generation::Milan)?);
//! assert_eq!(set.platform().unwrap_err().to_string(), "no certificate of the PDH");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod printed;

use core::{fmt, iter};

pub use printed::PrintedError;

use sev_launch_verify::sev::ca_certificate::{
    CaCertificate, CaCertificateError, SIZE_2048, SIZE_4096, UNSIGNED_NAPLES_ARK_SIZE,
};
use sev_launch_verify::sev::certificate::{Certificate, CertificateError, SIZE, Usage};
use sev_launch_verify::sev::chain::{Ca, Chain, ChainError, Platform};
use thiserror::Error;

use crate::blob::{self, BlobError, Bytes};

/// How many of a platform's certificates, how many of AMD's after them, and the size of one of AMD's.
const LAYOUTS: [(usize, usize, usize); 10] = [
    (1, 0, 0),
    (3, 0, 0),
    (4, 0, 0),
    (4, 2, SIZE_2048),
    (4, 2, SIZE_4096),
    (0, 1, SIZE_2048),
    (0, 1, SIZE_4096),
    (0, 2, SIZE_2048),
    (0, 2, SIZE_4096),
    (0, 1, UNSIGNED_NAPLES_ARK_SIZE),
];
/// Bytes of PEK, OCA, CEK.
const HOST_CHAIN: usize = 3 * SIZE;
/// Bytes of PDH, PEK, OCA, CEK.
const EXPORT: usize = 4 * SIZE;
/// How many of the layouts hold a platform's certificates; they come first.
const OF_PLATFORMS: usize = 5;

/// Why bytes are not the certificates that they should be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificatesError {
    /// The size of no layout.
    #[error(transparent)]
    Size(#[from] BlobError),
    /// Not a platform's certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Not a certificate of AMD's.
    #[error(transparent)]
    CaCertificate(#[from] CaCertificateError),
    /// Not a chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// One of a file's certificates, by its number from 1, and what is wrong with it.
    #[error("certificate {0}")]
    At(usize, #[source] Box<CertificatesError>),
    /// The certificate of another one than an owner.
    #[error("the certificate is of a {0}, wanted an OCA")]
    NotOca(Usage),
    /// Two different certificates of one usage.
    #[error("a second certificate of the {0}, which differs")]
    Second(Usage),
    /// What a tool printed of a platform, and cannot be read.
    #[error(transparent)]
    Printed(#[from] PrintedError),
    /// A certificate that is needed and was not given.
    #[error("no certificate of the {0}")]
    Missing(Usage),
}

/// A certificate in either of the two formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SevCertificate {
    /// A platform's: PDH, PEK, OCA or CEK.
    Platform(Box<Certificate>),
    /// AMD's: ASK or ARK.
    Amd(Box<CaCertificate>),
}

impl SevCertificate {
    /// Whose it is, as it says itself.
    pub fn usage(&self) -> Usage {
        match self {
            Self::Platform(certificate) => certificate.usage(),
            Self::Amd(certificate) => certificate.usage(),
        }
    }

    /// The bytes of its format.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Platform(certificate) => certificate.as_bytes(),
            Self::Amd(certificate) => certificate.as_bytes(),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Self, CertificatesError> {
        Ok(match bytes.len() {
            SIZE => Self::Platform(Certificate::parse(bytes)?.into()),
            UNSIGNED_NAPLES_ARK_SIZE => {
                Self::Amd(CaCertificate::from_unsigned_naples_ark(bytes)?.into())
            }
            _ => Self::Amd(CaCertificate::parse(bytes)?.into()),
        })
    }
}

impl fmt::Display for SevCertificate {
    /// Every field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Platform(certificate) => certificate.fmt(f),
            Self::Amd(certificate) => certificate.fmt(f),
        }
    }
}

/// The certificates of a file in its order, whatever that is. What QMP, virsh and KubeVirt print of a platform has its PDH first.
pub fn read(bytes: &[u8]) -> Result<Vec<SevCertificate>, CertificatesError> {
    if let Some(printed) = printed::read(bytes)? {
        return printed.pieces().map(SevCertificate::parse).collect();
    }
    let bytes = blob::decode("certificates", bytes, &LAYOUTS.map(size))?;
    let layout = LAYOUTS.into_iter().find(|layout| size(*layout) == bytes.len());
    let (platform, amd, amd_size) = layout.unwrap_or_default();
    let sizes = iter::repeat_n(SIZE, platform).chain(iter::repeat_n(amd_size, amd));
    let mut rest = bytes.as_slice();
    let certificate = |(number, size)| {
        let (piece, after) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        rest = after;
        SevCertificate::parse(piece).map_err(|error| CertificatesError::At(number, error.into()))
    };
    (1..).zip(sizes).map(certificate).collect()
}

/// One certificate of a platform, which is `what`: 2084 bytes.
pub fn one(what: &'static str, bytes: &[u8]) -> Result<Certificate, CertificatesError> {
    Ok(Certificate::parse(&blob::decode(what, bytes, &[SIZE])?)?)
}

/// An owner's certificate.
pub fn oca(bytes: &[u8]) -> Result<Certificate, CertificatesError> {
    let certificate = one("OCA, or the SHA-256 of its key,", bytes)?;
    match certificate.usage() {
        Usage::Oca => Ok(certificate),
        other => Err(CertificatesError::NotOca(other)),
    }
}

/// AMD's CA file, or a lab's: ASK, ARK.
pub fn ca(bytes: &[u8]) -> Result<Ca, CertificatesError> {
    Ok(Ca::parse(&blob::decode("ASK and ARK", bytes, &[2 * SIZE_2048, 2 * SIZE_4096])?)?)
}

/// An ARK alone.
pub fn ark(bytes: &[u8]) -> Result<CaCertificate, CertificatesError> {
    Ok(CaCertificate::parse(&blob::decode("ARK", bytes, &[SIZE_2048, SIZE_4096])?)?)
}

/// What a file with a platform's certificates holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformFile {
    /// One certificate, of which nothing is known: a bare PDH.
    Pdh(Box<Certificate>),
    /// PEK, OCA and CEK.
    Host(HostChain),
    /// PDH, PEK, OCA and CEK; and ASK and ARK, if they stand after those.
    Whole(Box<(Platform, Option<Ca>)>),
}

impl PlatformFile {
    /// Reads a chain in any layout, or a bare PDH.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificatesError> {
        if let Some(printed) = printed::read(bytes)? {
            let platform = Platform::parse_host(&printed.chain, &printed.pdh)?;
            return Ok(Self::Whole((platform, None).into()));
        }
        let sizes = LAYOUTS.map(size);
        let (sizes, _) = sizes.split_at(OF_PLATFORMS);
        let bytes = blob::decode("certificates", bytes, sizes)?;
        Ok(match bytes.len() {
            SIZE => Self::Pdh(Certificate::parse(&bytes)?.into()),
            HOST_CHAIN => Self::Host(HostChain(bytes)),
            EXPORT => Self::Whole((Platform::parse_export(&bytes)?, None).into()),
            _ => {
                let chain = Chain::parse_full(&bytes)?;
                Self::Whole((chain.platform().clone(), Some(chain.ca().clone())).into())
            }
        })
    }
}

/// PEK, OCA and CEK as QMP and libvirt give them, beside the PDH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostChain(Bytes);

impl HostChain {
    /// The platform whose PDH this is: 2084 bytes, as [`one`] has them.
    pub fn with_pdh(&self, pdh: &[u8]) -> Result<Platform, ChainError> {
        Platform::parse_host(&self.0, pdh)
    }
}

/// Certificates by their usage, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateSet(Vec<SevCertificate>);

impl CertificateSet {
    /// Takes a certificate. An error if another one of the same usage is there; the same one may come twice.
    pub fn put(&mut self, certificate: SevCertificate) -> Result<(), CertificatesError> {
        let usage = certificate.usage();
        match self.0.iter().find(|other| other.usage() == usage) {
            Some(other) if *other != certificate => return Err(CertificatesError::Second(usage)),
            Some(_) => {}
            None => self.0.push(certificate),
        }
        Ok(())
    }

    /// The certificates in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &SevCertificate> {
        self.0.iter()
    }

    /// The platform of PDH, PEK, OCA and CEK.
    pub fn platform(&self) -> Result<Platform, CertificatesError> {
        let [pdh, pek, oca, cek] =
            [Usage::Pdh, Usage::Pek, Usage::Oca, Usage::Cek].map(|usage| self.bytes(usage));
        Ok(Platform::parse_files(pdh?, pek?, oca?, cek?)?)
    }

    /// AMD's part: ASK and ARK.
    pub fn ca(&self) -> Result<Ca, CertificatesError> {
        Ok(Ca::parse_files(self.bytes(Usage::Ask)?, self.bytes(Usage::Ark)?)?)
    }

    /// PEK, OCA, CEK in 6252 bytes. The PDH is not part of it, and need not be there.
    pub fn to_host_chain(&self) -> Result<Vec<u8>, CertificatesError> {
        let [pek, oca] = [self.bytes(Usage::Pek)?, self.bytes(Usage::Oca)?];
        Ok([pek, oca, self.bytes(Usage::Cek)?].concat())
    }

    fn bytes(&self, usage: Usage) -> Result<&[u8], CertificatesError> {
        let found = self.0.iter().find(|certificate| certificate.usage() == usage);
        found.map(SevCertificate::as_bytes).ok_or(CertificatesError::Missing(usage))
    }
}

fn size((platform, amd, amd_size): (usize, usize, usize)) -> usize {
    platform * SIZE + amd * amd_size
}
