//! An SNP report, and the certificates above it in the forms in which hosts and AMD's key server give them.
//!
//! A report is 1184 bytes, raw, in hex or in base64. The certificates come as files (DER, or PEM with one or several blocks) or
//! in the table that a host hands to its guest [GHCB, SNP Extended Guest Request]. A file goes before the table. Nothing is
//! verified here.
//!
//! ```
//! use sev_launch_evidence::report::{self, EndorsementError, Sources};
//!
//! let report = report::read("00".repeat(1184).as_bytes())?;
//! let signer = report.claims().key_info.signing_key();
//! // A table with nothing in it: one entry of zeros.
//! let sources = Sources { table: Some(&[0; 24]), ..Sources::default() };
//! assert_eq!(sources.read(signer), Err(EndorsementError::NotInTable(signer)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use sev_launch_verify::snp::certificate::{CaCertificate, CaKind, CertificateError, Vek};
use sev_launch_verify::snp::certificate_table::{CertificateTable, TableError};
use sev_launch_verify::snp::chain::Chain;
use sev_launch_verify::snp::report::{REPORT_SIZE, SigningKey, UnverifiedReport};
use thiserror::Error;

use crate::blob::{self, BlobError};

/// Why there are no certificates above a report.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndorsementError {
    /// Neither the signer's certificate nor a table that could hold it.
    #[error("no certificate of the report's signer")]
    NoSigner,
    /// The table has no certificate of the key that signed the report.
    #[error("no certificate of the report's signer, {0}")]
    NotInTable(SigningKey),
    /// The table is none.
    #[error(transparent)]
    Table(#[from] TableError),
    /// What the table has for the key that signed the report is no such certificate.
    #[error("{0}")]
    TableSigner(SigningKey, #[source] CertificateError),
    /// The file for the signer holds no such certificate.
    #[error(transparent)]
    Signer(CertificateError),
    /// The file for the authorities, or without one the table, holds something else than their certificates.
    #[error(transparent)]
    Authorities(CertificateError),
    /// Two certificates where one is wanted.
    #[error("several certificates of one authority: give one ARK, and one ASK or ASVK")]
    Several,
}

/// What holds the certificates above a report; `None` for what was not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sources<'a> {
    /// The VCEK or VLEK: DER or PEM.
    pub signer: Option<&'a [u8]>,
    /// ASK or ASVK, and ARK: PEM of one or both, or DER of one. If it is given, the table's are not read.
    pub authorities: Option<&'a [u8]>,
    /// The table of certificates that the host gives the guest beside a report.
    pub table: Option<&'a [u8]>,
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

/// Reads a report of any form.
pub fn read(bytes: &[u8]) -> Result<UnverifiedReport, BlobError> {
    const WHAT: &str = "attestation report";
    let report = blob::array::<REPORT_SIZE>(WHAT, bytes)?;
    // An error of size alone, and the size is right.
    UnverifiedReport::try_from(report.as_slice()).map_err(|_| BlobError {
        what: WHAT,
        wanted: vec![REPORT_SIZE],
        found: bytes.len(),
    })
}

/// Reads one certificate of an authority, or several in PEM.
pub fn authorities(bytes: &[u8]) -> Result<Vec<CaCertificate>, CertificateError> {
    match bytes.trim_ascii_start().starts_with(b"-----BEGIN ") {
        true => CaCertificate::parse_many(bytes),
        false => Ok(vec![CaCertificate::parse(bytes)?]),
    }
}

impl Sources<'_> {
    /// The certificates of a report that says it is signed by `signer`.
    pub fn read(&self, signer: SigningKey) -> Result<Endorsements, EndorsementError> {
        let table = self.table.map(CertificateTable::parse).transpose()?;
        let vek = match (self.signer, &table) {
            (Some(bytes), _) => Vek::parse(bytes).map_err(EndorsementError::Signer)?,
            (None, Some(table)) => {
                let der = if signer == SigningKey::Vlek { table.vlek() } else { table.vcek() };
                Vek::parse(der.ok_or(EndorsementError::NotInTable(signer))?)
                    .map_err(|error| EndorsementError::TableSigner(signer, error))?
            }
            (None, None) => return Err(EndorsementError::NoSigner),
        };
        let all = match (self.authorities, &table) {
            (Some(bytes), _) => authorities(bytes),
            (None, Some(table)) => {
                [table.ask(), table.ark()].into_iter().flatten().map(CaCertificate::parse).collect()
            }
            (None, None) => Ok(Vec::new()),
        };
        Endorsements::new(vek, all.map_err(EndorsementError::Authorities)?)
    }
}

impl Endorsements {
    /// The same as a chain to be verified.
    pub fn chain(&self) -> Chain<'_> {
        let Self { vek, intermediate, root } = self;
        Chain { vek, intermediate: intermediate.as_ref(), root: root.as_ref() }
    }

    fn new(vek: Vek, all: Vec<CaCertificate>) -> Result<Self, EndorsementError> {
        let (mut roots, mut others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|certificate| certificate.kind() == CaKind::Ark);
        // A file may hold both ASK and ASVK; one alone is judged, whichever it is.
        if others.len() > 1 {
            others.retain(|certificate| certificate.kind() == vek.kind().issuer());
        }
        if roots.len() > 1 || others.len() > 1 {
            return Err(EndorsementError::Several);
        }
        Ok(Self { vek, intermediate: others.pop(), root: roots.pop() })
    }
}
