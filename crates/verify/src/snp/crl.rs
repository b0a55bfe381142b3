//! The certificate revocation list of a generation, signed by its ARK.
//!
//! Defined by [RFC 5280, CertificateList]; AMD publishes one per product beside the chain. It names serial numbers of what
//! the ARK itself issued, which is the ASK and the ASVK: a VEK, whose serial number is always 0, cannot be revoked by it.
//!
//! Without an example: a list is given to [`super::chain::ChainOptions`].

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use der::Decode as _;
use thiserror::Error;
use x509_cert::crl::CertificateList;

use super::certificate::{CaKind, minimal};
use super::x509::{self, Algorithm, Envelope};
use sev_launch_abi::Generation;
use sev_launch_abi::reader::wide;

/// The most bytes that are read as a list. AMD's have about 900.
pub const MAX_CRL_SIZE: usize = 1024 * 1024;

/// Why the bytes are no revocation list of AMD's.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrlError {
    /// Too many bytes.
    #[error("a revocation list of {found} bytes, wanted at most {MAX_CRL_SIZE}")]
    TooLarge {
        /// Bytes found.
        found: u64,
    },
    /// Not DER, or not a revocation list.
    #[error("not the DER of one X.509 revocation list: {what}")]
    Der {
        /// What the decoder says.
        what: String,
    },
    /// Another signature algorithm, or two different ones.
    #[error(
        "the signature algorithm is not RSASSA-PSS with SHA-384, MGF1-SHA-384 and a salt of 48 bytes"
    )]
    SignatureAlgorithm,
    /// Not issued by an ARK.
    #[error("issuer common name {found:?}, wanted ARK- and Milan, Genoa or Turin")]
    Issuer {
        /// The name found.
        found: String,
    },
    /// A list without an end is one that can be replayed for ever.
    #[error("the list does not say when the next one comes")]
    NoNextUpdate,
    /// A critical extension changes what a list means.
    #[error("critical extension {oid} is unknown")]
    ExtensionCritical {
        /// Its number.
        oid: String,
    },
}

/// A revocation list, read and not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crl {
    pub(super) envelope: Envelope,
    generation: Generation,
    this_update: u64,
    next_update: u64,
    revoked: Vec<Vec<u8>>,
}

impl Crl {
    /// From DER, as the key server returns it.
    ///
    /// Errors: other bytes; another algorithm or issuer; no next update; a critical extension, of the list or of an entry.
    pub fn from_der(bytes: &[u8]) -> Result<Self, CrlError> {
        if bytes.len() > MAX_CRL_SIZE {
            return Err(CrlError::TooLarge { found: wide(bytes.len()) });
        }
        let malformed = |error: der::Error| CrlError::Der { what: error.to_string() };
        let envelope = Envelope::from_der(bytes).map_err(malformed)?;
        let list = <CertificateList>::from_der(bytes).map_err(malformed)?.tbs_cert_list;
        let is_amd = |algorithm| algorithm == Some(Algorithm::AMD);
        if !is_amd(envelope.algorithm) || !is_amd(x509::algorithm_of_owned(&list.signature)) {
            return Err(CrlError::SignatureAlgorithm);
        }
        let issuer = x509::common_name(&list.issuer).unwrap_or_default();
        let generation = Generation::SNP
            .into_iter()
            .find(|generation| CaKind::Ark.common_name(*generation) == issuer)
            .ok_or(CrlError::Issuer { found: issuer })?;
        let entries = list.revoked_certificates.unwrap_or_default();
        let extensions = list.crl_extensions.iter().flatten();
        let of_entries =
            entries.iter().flat_map(|entry| entry.crl_entry_extensions.iter().flatten());
        if let Some(critical) = extensions.chain(of_entries).find(|extension| extension.critical) {
            return Err(CrlError::ExtensionCritical { oid: critical.extn_id.to_string() });
        }
        Ok(Self {
            envelope,
            generation,
            this_update: x509::unix_seconds(&list.this_update),
            next_update: x509::unix_seconds(&list.next_update.ok_or(CrlError::NoNextUpdate)?),
            revoked: entries.iter().map(|entry| minimal(entry.serial_number.as_bytes())).collect(),
        })
    }

    /// The generation whose ARK the list names as its issuer.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// When it was issued, and when the next one was due: unix seconds.
    pub const fn dates(&self) -> (u64, u64) {
        (self.this_update, self.next_update)
    }

    /// Is the list current at `time`, in unix seconds?
    #[must_use]
    pub const fn is_current(&self, time: u64) -> bool {
        self.this_update <= time && time <= self.next_update
    }

    /// Does it name a serial number, given big-endian?
    #[must_use]
    pub fn revokes(&self, serial: &[u8]) -> bool {
        let serial = minimal(serial);
        self.revoked.contains(&serial)
    }

    /// How many serial numbers it names.
    pub fn len(&self) -> usize {
        self.revoked.len()
    }

    /// Does it name none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.revoked.is_empty()
    }
}
