//! The checks of a chain, each on its own: a no to one of them keeps no other from being made.
//!
//! Defined by [SEV-API, certificates]. A signature is looked for by the use of the key that made it, in either slot; its
//! algorithm must be the one of that key; and a slot that nothing verifies must be empty.

use alloc::vec::Vec;
use subtle::ConstantTimeEq as _;

use super::verdict::{ChainVerdict, Check, Fault, Link, Outcome, Owner, VerifiedPdh, VerifiedPek};
use super::{Ca, Chain, OcaRequirement, Roots};
use crate::amd_keys::{self, AmdKey};
use crate::rsa_pss::{EXPONENT, KeySize};
use crate::sev::ca_certificate::CaCertificate;
use crate::sev::certificate::{Algorithm, Certificate, Signature, Slot, Usage};
use sev_launch_abi::Generation;

impl Chain {
    /// Whether the root is trusted, the owner is the expected one, and every certificate is signed as it must be.
    ///
    /// All nine checks are made and answered for, whatever the others say.
    pub fn verify(&self, roots: Roots<'_>, owner: OcaRequirement<'_>) -> ChainVerdict {
        let root = root(self.ca.ark(), roots);
        let owner_result = expected_owner(self.platform.oca(), owner);
        let checks = [(Check::Root, root.map(|_| ())), (Check::Owner, owner_result)];
        let links = Link::ALL.map(|link| (Check::Link(link), self.link(link)));
        let outcomes: Vec<Outcome> = (checks.into_iter().chain(links))
            .map(|(check, result)| Outcome { check, result })
            .collect();
        let owner = Owner {
            key_sha256: self.platform.oca().key_sha256(),
            expected: owner != OcaRequirement::Any && owner_result.is_ok(),
        };
        let pdh = VerifiedPdh {
            point: self.platform.pdh().point().clone(),
            generation: root.ok().flatten(),
            owner,
            cek_sha256: self.platform.cek().key_sha256(),
        };
        let pek = VerifiedPek { point: self.platform.pek().point().clone() };
        ChainVerdict { outcomes, pdh, pek }
    }

    fn link(&self, link: Link) -> Result<(), Fault> {
        let (platform, ca) = (&self.platform, &self.ca);
        match (link.signer, link.subject) {
            (Usage::Ark, Usage::Ark) => ca_link(ca.ark(), ca.ark()),
            (Usage::Ark, Usage::Ask) => ca_link(ca.ark(), ca.ask()),
            (Usage::Ask, Usage::Cek) => cek_link(ca.ask(), platform.cek()),
            (Usage::Oca, Usage::Oca) => ec_link(platform.oca(), platform.oca()),
            (Usage::Oca, Usage::Pek) => ec_link(platform.oca(), platform.pek()),
            (Usage::Cek, Usage::Pek) => ec_link(platform.cek(), platform.pek()),
            (Usage::Pek, Usage::Pdh) => ec_link(platform.pek(), platform.pdh()),
            (signer, subject) => Err(Fault::MissingSignature { signer, subject }),
        }
    }
}

/// AMD's certificates of the generation whose ASK signed the CEK.
pub(super) fn amd_ca_of(cek: &Certificate) -> Option<Ca> {
    Generation::ALL
        .into_iter()
        .filter_map(|generation| Ca::amd(generation).ok())
        .find(|ca| cek_link(ca.ask(), cek).is_ok())
}

/// The generation of a trusted root of AMD; `None` for a trusted root of a lab.
fn root(ark: &CaCertificate, roots: Roots<'_>) -> Result<Option<Generation>, Fault> {
    let untrusted = Fault::UntrustedRoot { found: *ark.key_id() };
    match roots {
        Roots::Explicit(trusted) => {
            let same = trusted.usage() == ark.usage()
                && trusted.key_id() == ark.key_id()
                && trusted.modulus() == ark.modulus()
                && trusted.exponent() == ark.exponent();
            if same { Ok(None) } else { Err(untrusted) }
        }
        Roots::Pinned { generations } => {
            let is = |known: &AmdKey| {
                ark.usage() == Usage::Ark
                    && known.key_id == *ark.key_id()
                    && known.modulus == ark.modulus()
                    && ark.exponent() == EXPONENT
            };
            let found = Generation::ALL
                .into_iter()
                .find(|generation| is(amd_keys::ark(*generation)))
                .ok_or(untrusted)?;
            if generations.contains(&found) {
                Ok(Some(found))
            } else {
                Err(Fault::Generation { found })
            }
        }
    }
}

fn expected_owner(oca: &Certificate, owner: OcaRequirement<'_>) -> Result<(), Fault> {
    let found = oca.key_sha256();
    let same = match owner {
        OcaRequirement::Any => true,
        OcaRequirement::Key(point) => point == oca.point(),
        OcaRequirement::KeySha256(wanted) => bool::from(found.ct_eq(wanted)),
    };
    if same { Ok(()) } else { Err(Fault::UntrustedOwner { found }) }
}

/// The ARK over itself or over the ASK.
fn ca_link(signer: &CaCertificate, subject: &CaCertificate) -> Result<(), Fault> {
    let (found, wanted) = (*subject.certifying_id(), *signer.key_id());
    if found != wanted {
        return Err(Fault::CertifyingId { found, wanted });
    }
    signed(signer.key().verifies(subject.signed_bytes(), subject.signature()))
}

/// The ASK over the CEK. The algorithm is the one that goes with the ASK's size.
fn cek_link(ask: &CaCertificate, cek: &Certificate) -> Result<(), Fault> {
    let algorithm = match ask.key_size() {
        KeySize::Bits2048 => Algorithm::RsaSha256,
        KeySize::Bits4096 => Algorithm::RsaSha384,
    };
    match signature_of(Usage::Ask, algorithm, cek)? {
        Signature::Rsa(signature) => signed(ask.key().verifies(cek.signed_bytes(), signature))?,
        Signature::Ecdsa(_) => return Err(Fault::Signature),
    }
    no_stray_signature(cek)
}

/// One of the platform's keys over another's certificate, or the OCA over its own.
fn ec_link(signer: &Certificate, subject: &Certificate) -> Result<(), Fault> {
    match signature_of(signer.usage(), signer.algorithm(), subject)? {
        Signature::Ecdsa(signature) => signed(signer.verifies(subject.signed_bytes(), signature))?,
        Signature::Rsa(_) => return Err(Fault::Signature),
    }
    no_stray_signature(subject)
}

/// The one signature of this signer, in whichever slot it is.
fn signature_of(
    signer: Usage,
    wanted: Algorithm,
    certificate: &Certificate,
) -> Result<&Signature, Fault> {
    let subject = certificate.usage();
    let mut signatures = certificate.slots().iter().filter_map(|slot| match slot {
        Slot::Signed { signer: found, algorithm, signature } if *found == signer => {
            Some((*algorithm, signature))
        }
        _ => None,
    });
    let (found, signature) =
        signatures.next().ok_or(Fault::MissingSignature { signer, subject })?;
    if signatures.next().is_some() {
        return Err(Fault::DoubleSignature { signer, subject });
    }
    if found != wanted {
        return Err(Fault::Algorithm { found, wanted });
    }
    Ok(signature)
}

/// A slot for a key that signs no such certificate holds bytes that nothing would verify.
fn no_stray_signature(certificate: &Certificate) -> Result<(), Fault> {
    let subject = certificate.usage();
    for slot in certificate.slots() {
        if let Slot::Signed { signer: found, .. } = *slot
            && !Link::ALL.contains(&Link { signer: found, subject })
        {
            return Err(Fault::StraySignature { found, subject });
        }
    }
    Ok(())
}

fn signed(verifies: bool) -> Result<(), Fault> {
    if verifies { Ok(()) } else { Err(Fault::Signature) }
}
