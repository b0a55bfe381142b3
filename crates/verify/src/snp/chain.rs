//! From AMD's root to the key that signed a report: ARK, ASK or ASVK, VCEK or VLEK.
//!
//! Defined by [VCEK, certificate chain]. The root is pinned, by its key's numbers and, where its certificate is given, by the
//! certificate's SHA-256 too. Certificates of the authorities may be left out: the built-in numbers stand in for them. Every
//! link is judged, also after one has failed, and each has its own verdict.
//!
//! The [crate](crate#an-snp-report) has an example.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use thiserror::Error;

use super::amd_keys::PinnedKey;
use super::certificate::{CaCertificate, CaKind, Common, Validity, Vek, VekKind, minimal};
use super::crl::Crl;
use super::x509::RsaKey;
use crate::demand::{Joined, Labelled};
use crate::rsa_pss;
use sev_launch_abi::{Generation, UnixTime};

/// The roots that are trusted: the ARK of the VEK's generation as it is built in, or one of a lab.
pub type Roots<'a> = crate::roots::Roots<'a, CaCertificate>;

/// Is it asked whether the authority's certificate was revoked?
#[derive(Clone, Copy, Debug)]
pub enum Revocation<'a> {
    /// It is not asked.
    NotChecked,
    /// It must be current and must not name the ASK, the ASVK or the ARK of the chain.
    Checked(&'a Crl),
}

/// Certificates that are to form a chain.
#[derive(Clone, Copy, Debug)]
pub struct Chain<'a> {
    /// The VCEK or VLEK.
    pub vek: &'a Vek,
    /// The ASK or ASVK; without it, the built-in one of the VEK's generation is tried, where AMD's roots are trusted.
    pub intermediate: Option<&'a CaCertificate>,
    /// The ARK; without it, the trusted root's key is used.
    pub root: Option<&'a CaCertificate>,
}

/// How a chain is to be judged.
#[derive(Clone, Copy, Debug)]
pub struct ChainOptions<'a> {
    /// The roots that are trusted.
    pub roots: Roots<'a>,
    /// Revocation.
    pub revocation: Revocation<'a>,
    /// The present, in unix seconds.
    pub time: u64,
}

sev_launch_abi::named! {
    /// A part of a chain that has a verdict of its own.
    #[non_exhaustive]
    pub enum Link {
        /// Are all of one generation, and of an accepted one?
        Generation => "generation",
        /// Is the root the trusted one?
        Anchor => "trusted root",
        /// Has the root signed itself?
        Root => "root's own signature",
        /// Has the root signed the ASK or ASVK?
        Intermediate => "ASK or ASVK",
        /// Has the ASK or ASVK signed the VCEK or VLEK?
        Vek => "VCEK or VLEK",
        /// Is nothing revoked?
        Revocation => "revocation",
    }
}

/// On what a good verdict rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Basis {
    /// A given certificate or list was checked.
    Checked,
    /// None was given, and a built-in key stands in for it.
    BuiltInKey,
    /// None was in the chain, and the root that the caller trusts stands in for it.
    GivenRoot,
    /// It was not asked for.
    NotAsked,
}

/// What is wrong with a link.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkError {
    /// Certificates of two generations.
    #[error("the {which} is of generation {found}, wanted {wanted}")]
    Generation {
        /// Which certificate.
        which: CaKind,
        /// Its generation.
        found: Generation,
        /// The VEK's.
        wanted: Generation,
    },
    /// A VEK whose product name is another product's than its issuer's.
    #[error(
        "the product name of the {which} is {found:?}, wanted that of {wanted}, its issuer's product"
    )]
    ProductName {
        /// VCEK or VLEK.
        which: VekKind,
        /// The name found.
        found: String,
        /// The generation of the ASK or ASVK.
        wanted: Generation,
    },
    /// A generation of AMD's that is not accepted.
    #[error("the chain is of {found}, which is not among the accepted generations")]
    NotAccepted {
        /// The chain's generation.
        found: Generation,
    },
    /// A root that is not trusted.
    #[error("the root with SHA-256 {found} is not the trusted one, {wanted}")]
    UntrustedRoot {
        /// The SHA-256 of the given root's DER, as hex.
        found: String,
        /// That of the trusted one.
        wanted: String,
    },
    /// An authority in the wrong place.
    #[error("a certificate of an {found} where the one of an {wanted} belongs")]
    Kind {
        /// What it is.
        found: CaKind,
        /// What was wanted.
        wanted: CaKind,
    },
    /// The issuer that the certificate names is not the subject of the one above it.
    #[error("the issuer's name is not the subject's name of the certificate above")]
    Issuer,
    /// The signature is not by the key above.
    #[error("the signature is not by the key above")]
    Signature,
    /// No root was given, and the signature is not by the one that is built in.
    #[error(
        "the signature is not by AMD's key that is built in: the certificate was changed, or is not AMD's; a lab's own root is trusted only where it is given as one"
    )]
    NotAmds,
    /// Not yet valid, or no longer.
    #[error(
        "not valid at {}: valid from {} to {}",
        UnixTime(*.time), UnixTime(*.not_before), UnixTime(*.not_after)
    )]
    Expired {
        /// The time of asking.
        time: u64,
        /// The first second.
        not_before: u64,
        /// The last second.
        not_after: u64,
    },
    /// No certificate, and no built-in key under the root of a lab.
    #[error("no certificate was given, and the trust anchor has no built-in one")]
    Missing,
    /// There is no certificate of the issuer, so nothing that the signature could be by.
    #[error("it could not be asked who has signed it: there is no {wanted}")]
    NoIssuer {
        /// The issuer.
        wanted: CaKind,
    },
    /// The list is of another generation's root.
    #[error("the revocation list is of generation {found}, wanted {wanted}")]
    CrlGeneration {
        /// Its generation.
        found: Generation,
        /// The chain's.
        wanted: Generation,
    },
    /// The root's certificate does not let its key sign lists.
    #[error("the root's key usage does not include cRLSign: its key signs no revocation list")]
    CrlSigner,
    /// The list's signature is not by the root.
    #[error("the revocation list is not signed by the root")]
    CrlSignature,
    /// The list is from the future, or a newer one is due.
    #[error(
        "the revocation list is not current at {time}: from {this_update} to {next_update}, in unix seconds"
    )]
    CrlNotCurrent {
        /// The time of asking.
        time: u64,
        /// When it was issued.
        this_update: u64,
        /// When the next was due.
        next_update: u64,
    },
    /// The certificate was revoked.
    #[error("the certificate of the {which} is revoked")]
    Revoked {
        /// Which one.
        which: CaKind,
    },
}

/// A link and its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct LinkVerdict {
    /// The link.
    pub link: Link,
    /// The verdict.
    pub verdict: Result<Basis, LinkError>,
}

/// A chain that does not hold: all verdicts, good ones too, in order from the root.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the certificate chain does not hold: {}", Joined(self.failures().map(|(link, error)| Labelled(link, error))))]
pub struct ChainError {
    links: Vec<LinkVerdict>,
}

impl ChainError {
    /// Every link with its verdict.
    pub fn links(&self) -> &[LinkVerdict] {
        &self.links
    }

    /// The links that failed.
    pub fn failures(&self) -> impl Iterator<Item = (Link, &LinkError)> + Clone {
        self.links.iter().filter_map(|link| link.verdict.as_ref().err().map(|e| (link.link, e)))
    }
}

/// A VCEK or VLEK whose chain holds. Only [`Chain::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct VerifiedVek {
    vek: Box<Vek>,
    links: Vec<LinkVerdict>,
    anchor_is_built_in: bool,
}

impl VerifiedVek {
    /// The certificate.
    pub const fn vek(&self) -> &Vek {
        &self.vek
    }

    /// The generation that the chain belongs to.
    pub const fn generation(&self) -> Generation {
        self.vek.generation()
    }

    /// Every link with its verdict, all of them good.
    pub fn links(&self) -> &[LinkVerdict] {
        &self.links
    }

    /// Does the chain end in AMD's own root, and not in an explicit one?
    #[must_use]
    pub const fn is_under_amd_root(&self) -> bool {
        self.anchor_is_built_in
    }
}

/// The key of an authority, with what is known of its certificate.
struct Authority<'a> {
    key: RsaKey,
    certificate: Option<&'a CaCertificate>,
    serial: Vec<u8>,
}

impl<'a> Authority<'a> {
    fn given(certificate: &'a CaCertificate) -> Self {
        Self {
            key: certificate.key.clone(),
            certificate: Some(certificate),
            serial: certificate.serial().to_vec(),
        }
    }

    fn pinned(pinned: &PinnedKey) -> Self {
        Self {
            key: key_of(pinned),
            certificate: None,
            serial: minimal(&pinned.serial.to_be_bytes()),
        }
    }

    /// Is this the subject that a certificate names as its issuer? A pinned key has no certificate, so no full name; the
    /// issuer's common name was checked when the certificate was read.
    fn is_named(&self, issuer: &[u8]) -> bool {
        self.certificate.is_none_or(|certificate| certificate.common.subject == issuer)
    }
}

fn key_of(pinned: &PinnedKey) -> RsaKey {
    RsaKey::new(pinned.modulus, rsa_pss::EXPONENT.into())
}

impl Chain<'_> {
    /// Judges every link.
    ///
    /// Errors: any link that fails, all of them with their reasons.
    pub fn verify(&self, options: &ChainOptions<'_>) -> Result<VerifiedVek, ChainError> {
        let pins = self.vek.pins();
        let wanted_kind = self.vek.kind().issuer();
        let root = match (self.root, options.roots) {
            (Some(root), _) | (None, Roots::Explicit(root)) => Authority::given(root),
            (None, Roots::Pinned { .. }) => Authority::pinned(&pins.ark),
        };
        let intermediate = match (self.intermediate, options.roots) {
            (Some(certificate), _) => Some(Authority::given(certificate)),
            (None, Roots::Explicit(_)) => None,
            (None, Roots::Pinned { .. }) => Some(Authority::pinned(match wanted_kind {
                CaKind::Asvk => &pins.asvk,
                CaKind::Ark | CaKind::Ask => &pins.ask,
            })),
        };
        let links = [
            (Link::Generation, self.one_generation(options.roots)),
            (Link::Anchor, self.anchored(options.roots)),
            (Link::Root, self.self_signed(&root, options.time)),
            (Link::Intermediate, self.authorised(&root, intermediate.as_ref(), options.time)),
            (Link::Vek, self.endorsed(intermediate.as_ref(), options.time)),
            (Link::Revocation, self.unrevoked(&root, intermediate.as_ref(), options)),
        ];
        let links: Vec<LinkVerdict> =
            links.into_iter().map(|(link, verdict)| LinkVerdict { link, verdict }).collect();
        if links.iter().any(|link| link.verdict.is_err()) {
            return Err(ChainError { links });
        }
        Ok(VerifiedVek {
            vek: Box::new(self.vek.clone()),
            links,
            anchor_is_built_in: matches!(options.roots, Roots::Pinned { .. }),
        })
    }

    fn one_generation(&self, roots: Roots<'_>) -> Result<Basis, LinkError> {
        let wanted = self.vek.generation();
        if matches!(roots, Roots::Pinned { generations } if !generations.contains(&wanted)) {
            return Err(LinkError::NotAccepted { found: wanted });
        }
        if !self.vek.product_is_of_generation() {
            let (which, found) = (self.vek.kind(), self.vek.product_name().into());
            return Err(LinkError::ProductName { which, found, wanted });
        }
        for certificate in [self.intermediate, self.root].into_iter().flatten() {
            let (which, found) = (certificate.kind(), certificate.generation());
            if found != wanted {
                return Err(LinkError::Generation { which, found, wanted });
            }
        }
        Ok(Basis::Checked)
    }

    fn anchored(&self, roots: Roots<'_>) -> Result<Basis, LinkError> {
        let Some(root) = self.root else {
            return Ok(match roots {
                Roots::Pinned { .. } => Basis::BuiltInKey,
                Roots::Explicit(_) => Basis::GivenRoot,
            });
        };
        let found = hex::encode(root.fingerprint());
        let (wanted, key_is_equal) = match roots {
            Roots::Pinned { .. } => {
                let pinned = &self.vek.pins().ark;
                (hex::encode(pinned.der_sha256), root.key == key_of(pinned))
            }
            Roots::Explicit(trusted) => {
                (hex::encode(trusted.fingerprint()), root.key == trusted.key)
            }
        };
        if found != wanted || !key_is_equal {
            return Err(LinkError::UntrustedRoot { found, wanted });
        }
        Ok(Basis::Checked)
    }

    fn self_signed(&self, root: &Authority<'_>, time: u64) -> Result<Basis, LinkError> {
        let Some(certificate) = root.certificate else { return Ok(Basis::BuiltInKey) };
        if certificate.kind() != CaKind::Ark {
            return Err(LinkError::Kind { found: certificate.kind(), wanted: CaKind::Ark });
        }
        signed_by(&certificate.common, root, time)
    }

    fn authorised(
        &self,
        root: &Authority<'_>,
        intermediate: Option<&Authority<'_>>,
        time: u64,
    ) -> Result<Basis, LinkError> {
        let intermediate = intermediate.ok_or(LinkError::Missing)?;
        let Some(certificate) = intermediate.certificate else { return Ok(Basis::BuiltInKey) };
        let wanted = self.vek.kind().issuer();
        if certificate.kind() != wanted {
            return Err(LinkError::Kind { found: certificate.kind(), wanted });
        }
        signed_by(&certificate.common, root, time)
    }

    fn endorsed(
        &self,
        intermediate: Option<&Authority<'_>>,
        time: u64,
    ) -> Result<Basis, LinkError> {
        let wanted = self.vek.kind().issuer();
        let intermediate = intermediate.ok_or(LinkError::NoIssuer { wanted })?;
        signed_by(&self.vek.common, intermediate, time)
    }

    fn unrevoked(
        &self,
        root: &Authority<'_>,
        intermediate: Option<&Authority<'_>>,
        options: &ChainOptions<'_>,
    ) -> Result<Basis, LinkError> {
        let Revocation::Checked(crl) = options.revocation else { return Ok(Basis::NotAsked) };
        let wanted = self.vek.generation();
        if crl.generation() != wanted {
            return Err(LinkError::CrlGeneration { found: crl.generation(), wanted });
        }
        if root.certificate.is_some_and(|certificate| !certificate.signs_lists) {
            return Err(LinkError::CrlSigner);
        }
        if !root.key.verifies(&crl.envelope) {
            return Err(LinkError::CrlSignature);
        }
        if !crl.is_current(options.time) {
            let (this_update, next_update) = crl.dates();
            return Err(LinkError::CrlNotCurrent { time: options.time, this_update, next_update });
        }
        if crl.revokes(&root.serial) {
            return Err(LinkError::Revoked { which: CaKind::Ark });
        }
        if intermediate.is_some_and(|authority| crl.revokes(&authority.serial)) {
            return Err(LinkError::Revoked { which: self.vek.kind().issuer() });
        }
        Ok(Basis::Checked)
    }
}

fn signed_by(certificate: &Common, signer: &Authority<'_>, time: u64) -> Result<Basis, LinkError> {
    if !signer.is_named(&certificate.issuer) {
        return Err(LinkError::Issuer);
    }
    if !signer.key.verifies(&certificate.envelope) {
        return Err(match signer.certificate {
            Some(_) => LinkError::Signature,
            None => LinkError::NotAmds,
        });
    }
    let Validity { not_before, not_after } = certificate.validity;
    match certificate.validity.contains(time) {
        true => Ok(Basis::Checked),
        false => Err(LinkError::Expired { time, not_before, not_after }),
    }
}
