//! What the verification of a chain answers: one outcome for each check, and the keys that a yes to all of them vouches for.

use alloc::vec::Vec;
use core::fmt;
use thiserror::Error;

use crate::demand::{Joined, Labelled};
use crate::point::PublicPoint;
use crate::sev::ca_certificate::KeyId;
use crate::sev::certificate::{Algorithm, Usage};
use sev_launch_abi::Generation;

/// One signature in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// Whose key signs.
    pub signer: Usage,
    /// Whose certificate is signed.
    pub subject: Usage,
}

impl Link {
    /// Every signature that a chain must have, the root's first.
    pub const ALL: [Self; 7] = [
        Self { signer: Usage::Ark, subject: Usage::Ark },
        Self { signer: Usage::Ark, subject: Usage::Ask },
        Self { signer: Usage::Ask, subject: Usage::Cek },
        Self { signer: Usage::Oca, subject: Usage::Oca },
        Self { signer: Usage::Oca, subject: Usage::Pek },
        Self { signer: Usage::Cek, subject: Usage::Pek },
        Self { signer: Usage::Pek, subject: Usage::Pdh },
    ];
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.signer, self.subject)
    }
}

/// One thing that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// Whether the root is trusted.
    Root,
    /// Whether the owner is the expected one.
    Owner,
    /// Whether one key signed another's certificate.
    Link(Link),
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("root"),
            Self::Owner => f.write_str("owner"),
            Self::Link(link) => link.fmt(f),
        }
    }
}

/// Why the answer to a check is no.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The root is none that is trusted.
    #[error("the ARK with key id {} is not a trusted root", hex::encode(found))]
    UntrustedRoot {
        /// The root's identifier, which anybody can write.
        found: KeyId,
    },
    /// The root is AMD's, of a generation that is not accepted.
    #[error("the ARK is of {found}, which is not among the accepted generations")]
    Generation {
        /// The root's generation.
        found: Generation,
    },
    /// The owner's key is not the expected one.
    #[error(
        "the owner's key has SHA-256 {}, which is not the expected owner's",
        hex::encode(found)
    )]
    UntrustedOwner {
        /// The SHA-256 of the OCA's PUBKEY.
        found: [u8; 32],
    },
    /// No slot has a signature of this signer.
    #[error("no signature slot of the {subject} is for the {signer}")]
    MissingSignature {
        /// Whose signature is missing.
        signer: Usage,
        /// Whose certificate it is.
        subject: Usage,
    },
    /// Both slots are for the same signer.
    #[error("both signature slots of the {subject} are for the {signer}")]
    DoubleSignature {
        /// Whose signature is there twice.
        signer: Usage,
        /// Whose certificate it is.
        subject: Usage,
    },
    /// A slot is for a signer that does not sign such a certificate, so nothing would verify it.
    #[error("a signature slot of the {subject} is for a {found}, which signs no {subject}")]
    StraySignature {
        /// The signer that the slot names.
        found: Usage,
        /// Whose certificate it is.
        subject: Usage,
    },
    /// The slot's algorithm is not that of the key that signs.
    #[error("the signature claims {found}, the key's algorithm is {wanted}")]
    Algorithm {
        /// The slot's algorithm.
        found: Algorithm,
        /// The signer's.
        wanted: Algorithm,
    },
    /// CERTIFYING_ID is not the signer's KEY_ID.
    #[error(
        "the certifying id is {}, the signer's key id is {}",
        hex::encode(found),
        hex::encode(wanted)
    )]
    CertifyingId {
        /// The identifier in the signed certificate.
        found: KeyId,
        /// The signer's identifier.
        wanted: KeyId,
    },
    /// The signature is not the signer's over these bytes.
    #[error("the signature is wrong")]
    Signature,
}

/// A check and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Outcome {
    /// What was looked at.
    pub check: Check,
    /// Yes, or why not.
    pub result: Result<(), Fault>,
}

/// The answers to all nine checks, whichever of them failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ChainVerdict {
    /// The root, the owner, and each link.
    pub(super) outcomes: Vec<Outcome>,
    /// What a yes vouches for. Not to be given out before [`ChainVerdict::accepted`] has looked at every outcome.
    pub(super) pdh: VerifiedPdh,
    pub(super) pek: VerifiedPek,
}

impl ChainVerdict {
    /// Every check with its answer: the root, the owner, then the links from the root down.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The platform's Diffie-Hellman key, where every check said yes.
    ///
    /// Errors: every check that said no.
    pub fn verified(&self) -> Result<VerifiedPdh, Refused> {
        self.accepted().map(|()| self.pdh.clone())
    }

    /// The platform's endorsement key, where every check said yes: it signs attestation reports.
    ///
    /// Errors: every check that said no.
    pub fn verified_pek(&self) -> Result<VerifiedPek, Refused> {
        self.accepted().map(|()| self.pek.clone())
    }

    fn accepted(&self) -> Result<(), Refused> {
        let complete = self.outcomes.len() == Link::ALL.len() + 2;
        let faults: Vec<_> = (self.outcomes.iter())
            .filter_map(|outcome| outcome.result.err().map(|fault| (outcome.check, fault)))
            .collect();
        if complete && faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}

impl fmt::Display for ChainVerdict {
    /// One line for each check.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (outcome, end) in self.outcomes.iter().zip(1..) {
            match outcome.result {
                Ok(()) => write!(f, "{}: yes", outcome.check)?,
                Err(fault) => write!(f, "{}: no, {fault}", outcome.check)?,
            }
            if end < self.outcomes.len() {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

/// A chain that is not authentic, with everything that is wrong with it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the chain is refused: {}", Joined(faults.iter().map(|(check, fault)| Labelled(check, fault))))]
pub struct Refused {
    faults: Vec<(Check, Fault)>,
}

impl Refused {
    /// Each check that said no, and why, from the root down.
    pub fn faults(&self) -> &[(Check, Fault)] {
        &self.faults
    }
}

/// Who owns a verified platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The SHA-256 of the OCA's PUBKEY.
    pub key_sha256: [u8; 32],
    /// Whether the caller expected just this owner. If not, this says only which key signed.
    pub expected: bool,
}

/// A platform's Diffie-Hellman key at the end of a chain that was verified: only [`ChainVerdict::verified`] makes one.
///
/// A session that is made for it can be opened by that platform's firmware and by nobody else, as far as AMD's keys and
/// that chip's are still secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct VerifiedPdh {
    pub(super) point: PublicPoint,
    pub(super) generation: Option<Generation>,
    pub(super) owner: Owner,
    pub(super) cek_sha256: [u8; 32],
}

impl VerifiedPdh {
    /// The key.
    pub fn point(&self) -> &PublicPoint {
        &self.point
    }

    /// The generation of the processor; `None` under the root of a lab.
    pub fn generation(&self) -> Option<Generation> {
        self.generation
    }

    /// Who owns the platform.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// The SHA-256 of the CEK's PUBKEY: it names the chip, for lists of chips that are known or given up.
    pub fn cek_sha256(&self) -> &[u8; 32] {
        &self.cek_sha256
    }
}

/// A platform's endorsement key from a chain that was verified: only [`ChainVerdict::verified_pek`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct VerifiedPek {
    pub(super) point: PublicPoint,
}

impl VerifiedPek {
    /// The key.
    pub fn point(&self) -> &PublicPoint {
        &self.point
    }
}
