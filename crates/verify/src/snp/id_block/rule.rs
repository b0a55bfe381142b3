//! What can be wrong with an ID block, its keys, its signatures and its authentication.
//!
//! Bytes that cannot be read are malformed, each with an error of its own. Parts that can be read and do not fit together break
//! rules of the command, [SNP-ABI, SNP_LAUNCH_FINISH]. What surprises: all broken rules are told at once, since the AMD-SP
//! itself would answer with one status for any of them.

use alloc::vec::Vec;
use sev_launch_abi::snp::LaunchDigest;
use thiserror::Error;

use super::VERSION;
use crate::demand::Joined;
use crate::outcome::Family;
use crate::point::PointError;
use crate::snp::report::SignatureError;
use sev_launch_abi::snp::policy::{Finding, Policy};

/// Why the bytes or texts are not what they should be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdBlockError {
    /// Another number of bytes.
    #[error("{what} of {found} bytes, wanted {wanted}")]
    Length {
        /// What was being read.
        what: &'static str,
        /// Bytes found.
        found: u64,
        /// Bytes wanted.
        wanted: u64,
    },
    /// No private key on P-384.
    #[error("not a private key on P-384 as SEC1 or PKCS#8, in DER or one PEM block")]
    PrivateKey,
    /// No public key on P-384.
    #[error(
        "not a public key on P-384 as an SEC1 point or SubjectPublicKeyInfo, in DER or one PEM block"
    )]
    PublicKey,
    /// No signature.
    #[error("not a signature on P-384: wanted r and s of 48 bytes each, big-endian, or their DER")]
    Signature,
    /// The parts do not fit together.
    #[error("the AMD-SP would refuse the launch: {}", Joined(.0.iter()))]
    Refused(Vec<Rule>),
}

impl IdBlockError {
    /// Rejected where the parts are well formed and do not fit together, else malformed.
    pub const fn family(&self) -> Family {
        match self {
            Self::Refused(_) => Family::Rejected,
            _ => Family::Malformed,
        }
    }
}

/// A rule of SNP_LAUNCH_FINISH that is broken. [SNP-ABI, SNP_LAUNCH_FINISH]
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The ID block's version.
    #[error("ID block version {found}, wanted {VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// A policy that no guest can have.
    #[error("policy {policy}: {finding}")]
    Policy {
        /// The policy.
        policy: Policy,
        /// What is wrong with it.
        finding: Finding,
    },
    /// Not the policy that the guest is launched with.
    #[error("the ID block has policy {found}, the guest has {wanted}")]
    OtherPolicy {
        /// The ID block's.
        found: Policy,
        /// The guest's.
        wanted: Policy,
    },
    /// Not the digest of what was launched.
    #[error("the ID block has launch digest {found}, the guest has {wanted}")]
    OtherDigest {
        /// The ID block's.
        found: LaunchDigest,
        /// The guest's.
        wanted: LaunchDigest,
    },
    /// An algorithm that does not exist.
    #[error("{which} algorithm {found}, wanted 1 (ECDSA P-384 with SHA-384)")]
    Algorithm {
        /// Whose.
        which: IdKey,
        /// The number found.
        found: u32,
    },
    /// A curve that is not taken.
    #[error("{which} curve {found}, wanted 2 (P-384)")]
    Curve {
        /// Whose.
        which: IdKey,
        /// The number found.
        found: u32,
    },
    /// No point of the curve.
    #[error("{which}: {error}")]
    Point {
        /// Whose.
        which: IdKey,
        /// What is wrong.
        error: PointError,
    },
    /// Bytes after a key's coordinates.
    #[error("{which}: the bytes after its coordinates are not zero")]
    KeyPadding {
        /// Whose.
        which: IdKey,
    },
    /// No signature.
    #[error("{which}: {error}")]
    SignatureField {
        /// Whose.
        which: IdKey,
        /// What is wrong.
        error: SignatureError,
    },
    /// A wrong signature.
    #[error("the signature is not by the {which}")]
    Signature {
        /// Whose.
        which: IdKey,
    },
    /// Reserved bytes.
    #[error("reserved byte {offset:#x} of the ID authentication is not zero")]
    Reserved {
        /// Its offset.
        offset: u64,
    },
    /// Author fields, and nobody to say that they count.
    #[error("the author's fields are not zero, and no author was asked for")]
    UnusedAuthor,
}

sev_launch_abi::named! {
    /// Which of the two keys.
    pub enum IdKey {
        /// Signs the ID block.
        Id => "ID key",
        /// Signs the ID key.
        Author => "author key",
    }
}
