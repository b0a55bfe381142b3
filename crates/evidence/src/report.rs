//! An SNP report's certificates: which of those that were given are its own.
//!
//! They come in files of their own, in the table that a host hands to its guest, or beside the report in one document; each is read by
//! [`snp::read`](crate::snp::read) first. What a caller names goes before what stood beside the report. Nothing is verified here.
//!
//! ```
//! use sev_launch_evidence::report::{EndorsementError, Sources};
//! use sev_launch_evidence::snp;
//!
//! let report = snp::read("00".repeat(1184).as_bytes())?;
//! let signer = report.unverified_report()?.claims().key_info.signing_key();
//! // A page of zeros is the table of a host that has no certificates.
//! let table = snp::read(&[0; 4096])?;
//! let sources = Sources { table: Some(&table), ..Sources::default() };
//! assert_eq!(sources.read(signer), Err(EndorsementError::NotInTable(signer)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use sev_launch_verify::snp::certificate::{CaCertificate, CaKind, CertificateError, Vek, VekKind};
use sev_launch_verify::snp::chain::Chain;
use sev_launch_verify::snp::report::SigningKey;
use thiserror::Error;

use crate::snp::Evidence;

/// Why there are no certificates above a report.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndorsementError {
    /// Nothing that could hold the signer's certificate.
    #[error("no certificate of the report's signer")]
    NoSigner,
    /// The table has no certificate of the key that signed the report.
    #[error("no certificate of the report's signer, {0}")]
    NotInTable(SigningKey),
    /// The file for the signer holds no such certificate.
    #[error(transparent)]
    Signer(CertificateError),
    /// The file for the authorities holds none of theirs.
    #[error(transparent)]
    Authorities(CertificateError),
    /// The file for the signer holds no certificate at all.
    #[error("no certificate in it: wanted the VCEK or VLEK, in DER or PEM, or what holds one")]
    NoCertificate,
    /// The file for the authorities holds no certificate of theirs.
    #[error("no certificate of an authority in it: wanted the ASK or ASVK, and perhaps the ARK")]
    NoAuthority,
    /// The file for the authorities holds one certificate twice, as where one was put in another one's place.
    #[error("one certificate stands twice in it: give one ARK, and one ASK or ASVK")]
    Twice,
    /// Several where one is wanted, and nothing says which.
    #[error(
        "several certificates of one kind, which differ: give one VCEK or VLEK, one ARK, and one ASK or ASVK"
    )]
    Several,
}

/// What may hold the certificates above a report; `None` for what was not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sources<'a> {
    /// What was named for the VCEK or VLEK. If it holds authorities too, they are taken where none are named.
    pub signer: Option<&'a Evidence>,
    /// What was named for ASK or ASVK, and ARK.
    pub authorities: Option<&'a Evidence>,
    /// What was named as the table of certificates that the host gives the guest.
    pub table: Option<&'a Evidence>,
    /// The report's own document.
    pub beside: Option<&'a Evidence>,
}

/// The certificates above a report. Nothing says yet that they belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsements {
    /// The VCEK or VLEK.
    pub vek: Vek,
    /// The ASK or ASVK; `None` if there was none.
    pub intermediate: Option<CaCertificate>,
    /// The ARK; `None` if there was none.
    pub root: Option<CaCertificate>,
}

impl Sources<'_> {
    /// The certificates of a report that says it is signed by `signer`.
    pub fn read(&self, signer: SigningKey) -> Result<Endorsements, EndorsementError> {
        let vek = self.vek(signer)?;
        let authorities = match self.authorities {
            Some(named) => authorities(named)?,
            None => {
                let others = [self.signer, self.table, self.beside].into_iter().flatten();
                others.map(some_authorities).find(|found| !found.is_empty()).unwrap_or_default()
            }
        };
        Endorsements::new(vek, authorities)
    }

    fn vek(&self, signer: SigningKey) -> Result<Vek, EndorsementError> {
        if let Some(named) = self.signer {
            // Whatever its kind: the verifier says what is wrong with it.
            return one(veks(named))?.ok_or_else(|| no_vek(named));
        }
        let wanted = match signer {
            SigningKey::Vlek => VekKind::Vlek,
            _ => VekKind::Vcek,
        };
        for source in [self.table, self.beside].into_iter().flatten() {
            let of_kind = veks(source).into_iter().filter(|vek| vek.kind() == wanted).collect();
            if let Some(vek) = one(of_kind)? {
                return Ok(vek);
            }
        }
        match self.table {
            Some(_) => Err(EndorsementError::NotInTable(signer)),
            None => Err(EndorsementError::NoSigner),
        }
    }
}

/// The certificates of authorities that were named as such: an error if one of them is none, but for the signer's own in a bundle.
fn authorities(named: &Evidence) -> Result<Vec<CaCertificate>, EndorsementError> {
    if named.has_twice() {
        return Err(EndorsementError::Twice);
    }
    let mut found = Vec::new();
    for der in named.certificates() {
        match CaCertificate::parse(der) {
            Ok(authority) => found.push(authority),
            Err(_) if Vek::parse(der).is_ok() => {}
            Err(error) => return Err(EndorsementError::Authorities(error)),
        }
    }
    if found.is_empty() { Err(EndorsementError::NoAuthority) } else { Ok(found) }
}

fn some_authorities(evidence: &Evidence) -> Vec<CaCertificate> {
    evidence.certificates().iter().filter_map(|der| CaCertificate::parse(der).ok()).collect()
}

fn veks(evidence: &Evidence) -> Vec<Vek> {
    evidence.certificates().iter().filter_map(|der| Vek::parse(der).ok()).collect()
}

fn no_vek(named: &Evidence) -> EndorsementError {
    let error = named.certificates().first().and_then(|der| Vek::parse(der).err());
    error.map_or(EndorsementError::NoCertificate, EndorsementError::Signer)
}

fn one<T>(mut found: Vec<T>) -> Result<Option<T>, EndorsementError> {
    if found.len() > 1 { Err(EndorsementError::Several) } else { Ok(found.pop()) }
}

impl Endorsements {
    /// The same as a chain to be verified.
    pub fn chain(&self) -> Chain<'_> {
        let Self { vek, intermediate, root } = self;
        Chain { vek, intermediate: intermediate.as_ref(), root: root.as_ref() }
    }

    fn new(vek: Vek, all: Vec<CaCertificate>) -> Result<Self, EndorsementError> {
        let (roots, mut others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|certificate| certificate.kind() == CaKind::Ark);
        // A file may hold both ASK and ASVK; one alone is judged, whichever it is.
        if others.len() > 1 {
            others.retain(|certificate| certificate.kind() == vek.kind().issuer());
        }
        Ok(Self { vek, intermediate: one(others)?, root: one(roots)? })
    }
}
