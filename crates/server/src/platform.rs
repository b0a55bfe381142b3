//! Is the machine that asks for a session a real one, and one that the owner accepts?
//!
//! Everything that a host sends is a claim until the chain of certificates proves it. The roots are AMD's own, built in, or the one that the
//! operator of a demonstration named; ASK and ARK that a host sends choose among them and are never trusted. The host's CPU id is a claim
//! too: what binds it is a CEK certificate that the operator holds under that id, with the key of the chain's CEK. How certificates are
//! verified stands in `sev-launch-verify`.

mod form;

use serde::{Deserialize, Serialize};
use sev_launch_abi::Generation;
use sev_launch_protocol::launch::LaunchRequest;
use sev_launch_protocol::problem::{Code, Problem};
use sev_launch_protocol::registration::Registration;
use sev_launch_protocol::text::{CpuId, Sha256};
use sev_launch_verify::point::PublicPoint;
use sev_launch_verify::sev::certificate::{Certificate, Slot, Usage};
use sev_launch_verify::sev::chain::{
    self, Ca, Chain, Check, Fault, OcaRequirement, Platform, VerifiedPdh,
};
use sha2::{Digest as _, Sha256 as Hash};

use self::form::Sent;

/// The roots of SEV's certificates that the operator trusts.
#[derive(Clone, Debug)]
pub enum Roots {
    /// AMD's, as they are built in.
    Amd,
    /// One of a lab, with its ASK: whoever made it can make any machine. AMD's are then refused, and every answer says that it is simulated.
    Explicit(Box<Ca>),
}

/// Signed CEK certificates that the operator holds.
pub trait Ceks {
    /// The certificate of a machine, 2084 bytes; none where there is none.
    fn cek(&self, id: &CpuId) -> Option<Vec<u8>>;
}

impl<F: Fn(&CpuId) -> Option<Vec<u8>>> Ceks for F {
    fn cek(&self, id: &CpuId) -> Option<Vec<u8>> {
        self(id)
    }
}

/// What proves a platform.
#[derive(Clone, Copy)]
pub struct Prover<'a> {
    /// The trusted roots.
    pub roots: &'a Roots,
    /// The operator's CEK certificates.
    pub ceks: &'a dyn Ceks,
}

/// A proven platform.
#[derive(Debug)]
pub struct Proven {
    /// The key that a session is made for.
    pub pdh: VerifiedPdh,
    /// What the audit keeps.
    pub facts: PlatformFacts,
}

/// What is known of a proven platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PlatformFacts {
    /// The processor's generation, by AMD's name; none under the root of a lab.
    pub generation: Option<String>,
    /// The CPU id, where the operator's CEK certificates prove it.
    pub cpu_id: Option<CpuId>,
    /// SHA-256 of the CEK's public key: it names the chip.
    pub cek_sha256: Sha256,
    /// SHA-256 of the OCA's public key: it names the owner.
    pub owner_sha256: Sha256,
    /// SHA-256 of PDH, PEK, OCA and CEK, one after the other, the CEK as AMD signed it.
    pub chain_sha256: Sha256,
    /// Is the root one of a lab?
    pub simulated: bool,
}

/// Checks what a registration says of platforms, when it is registered: each certificate must be an owner's.
///
/// # Errors
///
/// `schema` with the certificate's place.
pub fn check_rules(registration: &Registration) -> Result<(), Problem> {
    let named = registration.cloud_cert.iter().map(|cert| ("#/cloud-cert".to_owned(), &cert.0));
    let listed = registration.platform.cloud_certs.iter().enumerate();
    let listed = listed.map(|(index, cert)| (format!("#/platform/cloud-certs/{index}"), &cert.0));
    for (pointer, bytes) in named.chain(listed) {
        let certificate = Certificate::parse(bytes.as_slice())
            .map_err(|error| Problem::at(Code::Schema, pointer.clone(), error.to_string()))?;
        if certificate.usage() != Usage::Oca {
            let detail =
                format!("a certificate of a {}, wanted one of an owner (OCA)", certificate.usage());
            return Err(Problem::at(Code::Schema, pointer, detail));
        }
    }
    Ok(())
}

impl Prover<'_> {
    /// Proves the platform of a request, and that the registration accepts it.
    ///
    /// # Errors
    ///
    /// The first of these checks that fails: `schema`, `chain-usage`, `chain-root`, `chain-signature`, `chain-owner`, `generation-not-allowed`,
    /// `chip-not-allowed`, and `chain-usage` again for a PDH beside the chain that is another than the chain's.
    pub fn prove(
        &self,
        request: &LaunchRequest,
        registration: &Registration,
    ) -> Result<Proven, Problem> {
        let Sent { platform, ca, other_pdh } = form::read(request)?;
        let ca = ca.map(|sent| self.trusted(&sent)).transpose()?;
        let held = request.cpu_id.as_ref().and_then(|id| self.ceks.cek(id));
        let platform = complete(platform, request.cpu_id.as_ref(), held.as_deref())?;
        let chain = self.chain(platform, ca)?;
        let pdh = self.verify(&chain, registration)?;
        check_generation(&pdh, registration)?;
        let cpu_id = request.cpu_id.filter(|_| {
            let held = held.as_deref().and_then(|bytes| Certificate::parse(bytes).ok());
            held.is_some_and(|held| is_cek_of(&held, chain.platform().cek().point()))
        });
        check_chip(cpu_id.as_ref(), registration)?;
        if other_pdh {
            let detail = "is not the PDH in the chain: send the pair of one export";
            return Err(Problem::at(Code::ChainUsage, "#/pdh", detail));
        }
        let facts = PlatformFacts {
            generation: pdh.generation().map(|generation| generation.to_string()),
            cpu_id,
            cek_sha256: Sha256(*pdh.cek_sha256()),
            owner_sha256: Sha256(pdh.owner().key_sha256),
            chain_sha256: Sha256(Hash::digest(chain.platform().to_export()).into()),
            simulated: matches!(self.roots, Roots::Explicit(_)),
        };
        Ok(Proven { pdh, facts })
    }

    /// The trusted certificates with the keys of those that a host sent.
    fn trusted(&self, sent: &Ca) -> Result<Ca, Problem> {
        let is_same = |own: &Ca| {
            own.ark().modulus() == sent.ark().modulus()
                && own.ask().modulus() == sent.ask().modulus()
        };
        let found = match self.roots {
            Roots::Explicit(ca) => Some((**ca).clone()).filter(is_same),
            Roots::Amd => {
                Generation::ALL.into_iter().filter_map(|one| Ca::amd(one).ok()).find(is_same)
            }
        };
        found.ok_or_else(|| {
            let detail = match self.roots {
                Roots::Amd => "its ASK and ARK are not AMD's of any generation",
                Roots::Explicit(_) => {
                    "its ASK and ARK are not those that this service was given for its tests"
                }
            };
            Problem::at(Code::ChainRoot, "#/cert-chain", detail)
        })
    }

    fn chain(&self, platform: Platform, ca: Option<Ca>) -> Result<Chain, Problem> {
        match (self.roots, ca) {
            (_, Some(ca)) => Ok(Chain::new(platform, ca)),
            (Roots::Explicit(ca), None) => Ok(Chain::new(platform, (**ca).clone())),
            (Roots::Amd, None) => Chain::under_amd(platform).ok_or_else(|| {
                let detail = "the CEK's signature is by none of AMD's keys (ASK)";
                Problem::at(Code::ChainRoot, "#/cert-chain", detail)
            }),
        }
    }

    fn verify(&self, chain: &Chain, registration: &Registration) -> Result<VerifiedPdh, Problem> {
        let owners: Vec<PublicPoint> = registration
            .cloud_certs()
            .filter_map(|bytes| Certificate::parse(bytes.as_slice()).ok())
            .filter(|certificate| certificate.usage() == Usage::Oca)
            .map(|certificate| certificate.point().clone())
            .collect();
        let is_named = registration.cloud_certs().next().is_some();
        let own = chain.platform().oca().point();
        // Without a registered key that could match, a digest that no key has stands for "none of them".
        let owner = match owners.iter().find(|owner| *owner == own).or(owners.first()) {
            Some(owner) => OcaRequirement::Key(owner),
            None if registration.platform.any_owner && !is_named => OcaRequirement::Any,
            None => OcaRequirement::KeySha256(&[0; 32]),
        };
        let roots = match self.roots {
            Roots::Amd => chain::Roots::Pinned { generations: &Generation::ALL },
            Roots::Explicit(ca) => chain::Roots::Explicit(ca.ark()),
        };
        chain.verify(roots, owner).verified().map_err(|refused| of_faults(refused.faults()))
    }
}

/// The problem of a chain's faults: a root's goes before a signature's, and that before an owner's.
fn of_faults(faults: &[(Check, Fault)]) -> Problem {
    let code = |check: &Check| match check {
        Check::Root => Code::ChainRoot,
        Check::Link(_) => Code::ChainSignature,
        Check::Owner => Code::ChainOwner,
    };
    for wanted in [Code::ChainRoot, Code::ChainSignature, Code::ChainOwner] {
        if let Some((check, fault)) = faults.iter().find(|(check, _)| code(check) == wanted) {
            return Problem::at(wanted, "#/cert-chain", format!("{check}: {fault}"));
        }
    }
    Problem::at(Code::ChainSignature, "#/cert-chain", "the chain is refused")
}

fn is_cek_of(held: &Certificate, point: &PublicPoint) -> bool {
    held.usage() == Usage::Cek && held.point() == point
}

/// Puts the operator's signed CEK in place of one as firmware exports it, which AMD has not signed.
fn complete(
    platform: Platform,
    id: Option<&CpuId>,
    held: Option<&[u8]>,
) -> Result<Platform, Problem> {
    let is_by_ask = |slot: &Slot| matches!(slot, Slot::Signed { signer: Usage::Ask, .. });
    if platform.cek().slots().iter().any(is_by_ask) {
        return Ok(platform);
    }
    let wrong = |detail: String| Problem::at(Code::ChainSignature, "#/cert-chain", detail);
    if id.is_none() {
        let detail = "the CEK is unsigned, as firmware exports it: send `cpu-id`, or a chain with the CEK that AMD signed";
        return Err(wrong(detail.to_owned()));
    }
    let Some(bytes) = held else {
        let detail = "the CEK is unsigned, and this service holds no signed CEK for this `cpu-id`: send a chain with the CEK that AMD signed";
        return Err(wrong(detail.to_owned()));
    };
    let signed = Certificate::parse(bytes).map_err(|error| {
        wrong(format!("the CEK that this service holds for this `cpu-id` is damaged: {error}"))
    })?;
    if !is_cek_of(&signed, platform.cek().point()) {
        return Err(wrong(
            "the CEK is unsigned, and has another key than the one of this `cpu-id`".to_owned(),
        ));
    }
    platform.with_cek(signed).map_err(|error| wrong(error.to_string()))
}

fn check_generation(pdh: &VerifiedPdh, registration: &Registration) -> Result<(), Problem> {
    let Some(allowed) = &registration.platform.generations else { return Ok(()) };
    let refused =
        |detail: String| Err(Problem::at(Code::GenerationNotAllowed, "#/cert-chain", detail));
    match pdh.generation() {
        Some(found) if allowed.values().iter().any(|one| Generation::from(*one) == found) => Ok(()),
        Some(found) => refused(format!("the machine is of {found}")),
        None => refused("the root is one of a lab, under which no generation is proven".to_owned()),
    }
}

/// `id` is proven.
fn check_chip(id: Option<&CpuId>, registration: &Registration) -> Result<(), Problem> {
    let rules = &registration.platform;
    if rules.cpu_ids.is_none() && rules.deny_cpu_ids.is_empty() {
        return Ok(());
    }
    let refused = |detail: &str| Err(Problem::at(Code::ChipNotAllowed, "#/cpu-id", detail));
    let Some(id) = id else {
        return refused(
            "a proven id is demanded: `cpu-id` of a machine whose signed CEK this service holds",
        );
    };
    if rules.deny_cpu_ids.contains(id) {
        return refused("this machine is denied");
    }
    if rules.cpu_ids.as_ref().is_some_and(|allowed| !allowed.values().contains(id)) {
        return refused("this machine is not among those that are allowed");
    }
    Ok(())
}
