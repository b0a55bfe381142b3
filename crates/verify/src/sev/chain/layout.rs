//! The files in which chains travel: certificates one after the other, with nothing around them and nothing between.
//!
//! Which order and how many is each tool's habit. `sevctl export` writes PDH, PEK, OCA, CEK, and with `--full` ASK and ARK
//! after them; AMD's CA file is ASK, then ARK; the firmware, QEMU and libvirt give PEK, OCA, CEK as one blob and the PDH as
//! another. A file is told by its length, to the byte.

use alloc::vec::Vec;

use super::{Ca, Chain, ChainError, Platform};
use crate::sev::ca_certificate::{self, CaCertificate};
use crate::sev::certificate::{self, Certificate, CertificateError, Usage};

/// Bytes of PDH, PEK, OCA and CEK.
const EXPORT_SIZE: usize = 4 * certificate::SIZE;

impl Platform {
    /// What `sevctl export` writes: PDH, PEK, OCA, CEK in 8336 bytes.
    ///
    /// Errors: another length, and the first certificate that is none or stands in another's place, the CEK first.
    pub fn parse_export(bytes: &[u8]) -> Result<Self, ChainError> {
        let what = "a file of PDH, PEK, OCA and CEK";
        let [pdh, pek, oca, cek] = certificates(what, "8336", bytes)?;
        Self::parse_files(pdh, pek, oca, cek)
    }

    /// What firmware, QEMU and libvirt give: `cert_chain` is PEK, OCA, CEK in 6252 bytes, `pdh` the PDH in 2084.
    ///
    /// Errors: as [`Platform::parse_export`].
    pub fn parse_host(cert_chain: &[u8], pdh: &[u8]) -> Result<Self, ChainError> {
        let what = "a host's chain of PEK, OCA and CEK";
        let [pek, oca, cek] = certificates(what, "6252", cert_chain)?;
        Self::parse_files(pdh, pek, oca, cek)
    }

    /// One file for each certificate, 2084 bytes each.
    ///
    /// Errors: as [`Platform::parse_export`].
    pub fn parse_files(pdh: &[u8], pek: &[u8], oca: &[u8], cek: &[u8]) -> Result<Self, ChainError> {
        let cek = parse(cek, Usage::Cek)?;
        let oca = parse(oca, Usage::Oca)?;
        let pek = parse(pek, Usage::Pek)?;
        let pdh = parse(pdh, Usage::Pdh)?;
        Self::new(pdh, pek, oca, cek)
    }

    /// PDH, PEK, OCA, CEK in 8336 bytes, as [`Platform::parse_export`] reads it.
    pub fn to_export(&self) -> Vec<u8> {
        [&self.pdh, &self.pek, &self.oca, &self.cek].map(|one| *one.as_bytes()).concat()
    }

    /// PEK, OCA, CEK in 6252 bytes, as [`Platform::parse_host`] reads it; the PDH goes beside it.
    pub fn to_host_chain(&self) -> Vec<u8> {
        [&self.pek, &self.oca, &self.cek].map(|one| *one.as_bytes()).concat()
    }
}

impl Ca {
    /// AMD's CA file: ASK, ARK in 1664 or 3200 bytes.
    ///
    /// Errors: another length, and the first certificate that is none or stands in the other's place, the ARK first.
    pub fn parse(bytes: &[u8]) -> Result<Self, ChainError> {
        let half = bytes.len() / 2;
        if !bytes.len().is_multiple_of(2)
            || ![ca_certificate::SIZE_2048, ca_certificate::SIZE_4096].contains(&half)
        {
            return Err(ChainError::Length {
                what: "a file of ASK and ARK",
                wanted: "1664 or 3200",
                found: bytes.len(),
            });
        }
        let (ask, ark) = bytes.split_at(half);
        Self::parse_files(ask, ark)
    }

    /// One file for each certificate, 832 or 1600 bytes each.
    ///
    /// Errors: as [`Ca::parse`].
    pub fn parse_files(ask: &[u8], ark: &[u8]) -> Result<Self, ChainError> {
        let ark = parse_ca(ark, Usage::Ark)?;
        let ask = parse_ca(ask, Usage::Ask)?;
        Self::new(ask, ark)
    }

    /// ASK, ARK, as [`Ca::parse`] reads it.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.ask.as_bytes(), self.ark.as_bytes()].concat()
    }
}

impl Chain {
    /// What `sevctl export --full` writes: PDH, PEK, OCA, CEK, ASK, ARK in 10000 bytes (Naples) or 11536.
    ///
    /// Errors: another length, and the first certificate that is none or stands in another's place, the root first.
    pub fn parse_full(bytes: &[u8]) -> Result<Self, ChainError> {
        let wrong = ChainError::Length {
            what: "a file of PDH, PEK, OCA, CEK, ASK and ARK",
            wanted: "10000 or 11536",
            found: bytes.len(),
        };
        let (platform, ca) = bytes.split_at_checked(EXPORT_SIZE).ok_or(wrong)?;
        let ca = Ca::parse(ca).map_err(|error| match error {
            ChainError::Length { .. } => wrong,
            other => other,
        })?;
        Ok(Self::new(Platform::parse_export(platform)?, ca))
    }

    /// PDH, PEK, OCA, CEK, ASK, ARK, as [`Chain::parse_full`] reads it.
    pub fn to_full(&self) -> Vec<u8> {
        let mut bytes = self.platform.to_export();
        bytes.extend(self.ca.to_bytes());
        bytes
    }
}

/// So many of a platform's certificates, one after the other.
fn certificates<'a, const N: usize>(
    what: &'static str,
    wanted: &'static str,
    bytes: &'a [u8],
) -> Result<&'a [[u8; certificate::SIZE]; N], ChainError> {
    let wrong = ChainError::Length { what, wanted, found: bytes.len() };
    let (certificates, []) = bytes.as_chunks() else { return Err(wrong) };
    certificates.try_into().map_err(|_| wrong)
}

fn parse(bytes: &[u8], place: Usage) -> Result<Certificate, ChainError> {
    let certificate = Certificate::parse(bytes).map_err(|error| match error {
        // Another's certificate: that says more than that its algorithm would be wrong here.
        CertificateError::KeyAlgorithm { usage: found, .. } if found != place => {
            ChainError::Usage { wanted: place, found }
        }
        error => ChainError::Certificate { place, error },
    })?;
    super::in_place(certificate.usage(), place)?;
    Ok(certificate)
}

fn parse_ca(bytes: &[u8], place: Usage) -> Result<CaCertificate, ChainError> {
    let certificate =
        CaCertificate::parse(bytes).map_err(|error| ChainError::CaCertificate { place, error })?;
    super::in_place(certificate.usage(), place)?;
    Ok(certificate)
}
