//! The platform's certificates below AMD's: CEK, OCA, PEK and PDH, and who owns it.
//!
//! Defined by [SEV-API, certificates]. A platform owns itself until an owner imports a certificate chain: then the OCA is the owner's, and so is
//! one of the two signatures on the PEK. Every key follows from the seed and from how often it was made anew.

use sev_launch_abi::ApiVersion;

use crate::certificate::{self, Body, Certificate, Signed, algorithm, usage};
use crate::keys::EcKey;
use crate::status::Status;

/// API version in the CEK certificates of AMD's key server: that of the firmware that made them, and 0.14 in those that are known.
const CEK_API: ApiVersion = ApiVersion { major: 0, minor: 14 };

/// How often keys were made anew, and what an owner imported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// How often OCA and PEK were made anew.
    pub(crate) pek_number: u64,
    /// How often the PDH was.
    pub(crate) pdh_number: u64,
    /// PEK and OCA as an owner imported them.
    pub(crate) external: Option<Box<External>>,
}

/// What an owner imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct External {
    pub(crate) pek: Certificate,
    pub(crate) oca: Certificate,
}

impl Identity {
    /// The chip's key: it never changes.
    pub(crate) fn cek(seed: &[u8]) -> EcKey {
        EcKey::derive(seed, "CEK", 0)
    }

    fn oca(&self, seed: &[u8]) -> EcKey {
        EcKey::derive(seed, "OCA", self.pek_number)
    }

    /// The endorsement key, which signs the PDH and legacy attestation reports.
    pub(crate) fn pek(&self, seed: &[u8]) -> EcKey {
        EcKey::derive(seed, "PEK", self.pek_number)
    }

    /// The Diffie-Hellman key.
    pub(crate) fn pdh(&self, seed: &[u8]) -> EcKey {
        EcKey::derive(seed, "PDH", self.pdh_number)
    }

    /// The CEK as the firmware exports it: without AMD's signature.
    pub(crate) fn exported_cek(seed: &[u8], api: ApiVersion) -> Certificate {
        certificate::with_signatures(&cek_body(seed, api), &[])
    }

    /// What the ASK signs.
    pub(crate) fn cek_to_sign(seed: &[u8]) -> Body {
        cek_body(seed, CEK_API)
    }

    pub(crate) fn oca_certificate(&self, seed: &[u8], api: ApiVersion) -> Certificate {
        if let Some(external) = &self.external {
            return external.oca;
        }
        let key = self.oca(seed);
        let body = certificate::body(usage::OCA, algorithm::ECDSA_SHA256, api, &key.public());
        ecdsa_signed(&body, &[(usage::OCA, &key)])
    }

    pub(crate) fn pek_certificate(&self, seed: &[u8], api: ApiVersion) -> Certificate {
        if let Some(external) = &self.external {
            return external.pek;
        }
        let body = self.pek_body(seed, api);
        let (owner, chip) = (self.oca(seed), Self::cek(seed));
        ecdsa_signed(&body, &[(usage::OCA, &owner), (usage::CEK, &chip)])
    }

    pub(crate) fn pdh_certificate(&self, seed: &[u8], api: ApiVersion) -> Certificate {
        let key = self.pdh(seed).public();
        let body = certificate::body(usage::PDH, algorithm::ECDH_SHA256, api, &key);
        ecdsa_signed(&body, &[(usage::PEK, &self.pek(seed))])
    }

    fn pek_body(&self, seed: &[u8], api: ApiVersion) -> Body {
        let key = self.pek(seed).public();
        certificate::body(usage::PEK, algorithm::ECDSA_SHA256, api, &key)
    }

    /// The PEK for an owner to sign: both slots empty. [SEV-API, PEK_CSR]
    pub(crate) fn pek_csr(&self, seed: &[u8], api: ApiVersion) -> Certificate {
        let current = self.pek_certificate(seed, api);
        let body = certificate::body_of(&current).try_into();
        let body = body.unwrap_or_else(|_| self.pek_body(seed, api));
        certificate::with_signatures(&body, &[])
    }

    /// Takes an owner's OCA and the PEK that it signed, adds the chip's signature, and makes the PDH anew. [SEV-API, PEK_CERT_IMPORT]
    ///
    /// Errors: ALREADY_OWNED; INVALID_LENGTH; INVALID_CERTIFICATE where one is malformed, or the PEK is not this platform's; BAD_SIGNATURE.
    pub(crate) fn import(
        &mut self,
        seed: &[u8],
        api: ApiVersion,
        pek: &[u8],
        oca: &[u8],
    ) -> Result<(), Status> {
        if self.external.is_some() {
            return Err(Status::AlreadyOwned);
        }
        let pek: &Certificate = pek.try_into().map_err(|_| Status::InvalidLength)?;
        let oca: &Certificate = oca.try_into().map_err(|_| Status::InvalidLength)?;
        let owner = certificate::key(oca, usage::OCA, algorithm::ECDSA_SHA256)?;
        certificate::verify(oca, usage::OCA, &owner)?;
        certificate::key(pek, usage::PEK, algorithm::ECDSA_SHA256)?;
        certificate::verify(pek, usage::OCA, &owner)?;
        let current = self.pek_certificate(seed, api);
        if certificate::body_of(pek) != certificate::body_of(&current) {
            return Err(Status::InvalidCertificate);
        }
        let slots = certificate::slot_of(pek, usage::OCA)
            .zip(certificate::slot_of(&current, usage::CEK))
            .ok_or(Status::InvalidCertificate)?;
        let pek = certificate::with_slots(pek, [&slots.0, &slots.1]);
        self.external = Some(Box::new(External { pek, oca: *oca }));
        self.pdh_number = self.pdh_number.wrapping_add(1);
        Ok(())
    }
}

fn cek_body(seed: &[u8], api: ApiVersion) -> Body {
    let key = Identity::cek(seed).public();
    certificate::body(usage::CEK, algorithm::ECDSA_SHA256, api, &key)
}

fn ecdsa_signed(body: &Body, signers: &[(u32, &EcKey)]) -> Certificate {
    let signatures: Vec<_> =
        signers.iter().map(|(usage, key)| (*usage, key.sign_sha256(body))).collect();
    let signed: Vec<_> = signatures
        .iter()
        .map(|(usage, signature)| Signed(*usage, algorithm::ECDSA_SHA256, signature))
        .collect();
    certificate::with_signatures(body, &signed)
}
