//! The launch measurement: proof that a platform launched what the guest's owner expects, under the owner's session.
//!
//! Defined by [SEV-API, LAUNCH_MEASURE]. The blob is MEASURE (32 bytes) and MNONCE (16, chosen by the platform). MEASURE is
//! HMAC-SHA-256 with the TIK over 56 bytes: 0x04, API_MAJOR, API_MINOR, BUILD, policy, launch digest, MNONCE. The host tells the
//! version; a wrong one makes another MEASURE, so requirements on it are looked at after the match and not before.
//!
//! [`super`] has the whole way as an example.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{PlatformVersion, Technology};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use super::keys::{SessionKeys, Tik};
use super::measure_key::{MESSAGE_SIZE, MeasureKey};
use super::requirements::{Requirements, Terms, Told};
use super::secret::{self, Packet, SecretArea, SecretError, SecretTable};
use super::session::LaunchSession;
use crate::demand::{Demand, Rejection};
use crate::outcome::Family;
use crate::reference_values::{ReferenceValue, StandsFor};

/// Bytes of the blob. [SEV-API, LAUNCH_MEASURE]
pub const MEASUREMENT_SIZE: usize = 48;
/// The first byte under the HMAC. [SEV-API, LAUNCH_MEASURE]
const LABEL: u8 = 0x04;

/// Why there is no verified launch.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum MeasurementError {
    /// The wrong number of bytes.
    #[error("the launch measurement: {found} bytes, wanted 48")]
    BlobLength {
        /// Bytes found.
        found: usize,
    },
    /// The set of accepted digests is empty, and so accepts nothing.
    #[error("there is no reference value to compare the launch measurement with")]
    NoReferenceValues,
    /// The measurement is that of no accepted digest. Which of its other parts is wrong cannot be told.
    #[error(
        "the launch measurement matches none of {tried} reference values under policy {policy} and platform version {}: the digest, the policy, the version or the key is another one", .version.with_build_named()
    )]
    NoMatch {
        /// How many digests were tried.
        tried: usize,
        /// The policy of the session.
        policy: Policy,
        /// The version that the host claims.
        version: PlatformVersion,
    },
    /// The digest matched, but a policy with this ES bit cannot be meant with it.
    #[error(
        "the matching reference value is one of {technology}, which contradicts policy {policy}"
    )]
    Technology {
        /// What the reference value is of.
        technology: Technology,
        /// The policy of the session.
        policy: Policy,
    },
    /// The measurement is authentic, but the policy or the platform is not acceptable.
    #[error("{}", Told { policy, version, rejection })]
    Rejected {
        /// The policy, which the measurement proves.
        policy: Policy,
        /// The version, which the measurement proves.
        version: PlatformVersion,
        /// Every demand, those too that were met.
        rejection: Rejection,
    },
}

impl MeasurementError {
    /// Malformed for lengths, rejected for the rest.
    pub const fn family(&self) -> Family {
        match self {
            Self::BlobLength { .. } => Family::Malformed,
            Self::NoReferenceValues
            | Self::NoMatch { .. }
            | Self::Technology { .. }
            | Self::Rejected { .. } => Family::Rejected,
        }
    }
}

/// The blob, taken apart. Nothing in it is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaunchMeasurement {
    /// MEASURE, the HMAC.
    pub measure: [u8; 32],
    /// MNONCE, chosen by the platform.
    pub mnonce: [u8; 16],
}

impl LaunchMeasurement {
    /// From exactly 48 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, MeasurementError> {
        let wrong = MeasurementError::BlobLength { found: bytes.len() };
        let fields = || {
            let (measure, mnonce) = bytes.split_first_chunk()?;
            Some(Self { measure: *measure, mnonce: mnonce.try_into().ok()? })
        };
        fields().ok_or(wrong)
    }

    /// The 48 bytes.
    pub fn to_bytes(&self) -> [u8; MEASUREMENT_SIZE] {
        let mut bytes = [0; MEASUREMENT_SIZE];
        let fields = self.measure.iter().chain(&self.mnonce);
        bytes.iter_mut().zip(fields).for_each(|(to, from)| *to = *from);
        bytes
    }
}

/// MEASURE for a launch, 32 bytes.
///
/// To verify a blob use [`LaunchSession::verify`], which compares in constant time and says what was proven.
pub fn compute(
    tik: &Tik,
    version: PlatformVersion,
    policy: Policy,
    digest: &LaunchDigest,
    mnonce: &[u8; 16],
) -> [u8; 32] {
    Measurer::new(tik).compute(version, policy, digest, mnonce)
}

/// [`compute`] for many launches under one TIK, whose part of the work is done once.
///
/// It is as secret as the TIK: it is wiped on drop, cannot be cloned, and `Debug` shows nothing of it.
pub struct Measurer(MeasureKey);

impl Measurer {
    /// Takes the key in, which stays where it is.
    pub fn new(tik: &Tik) -> Self {
        Self(MeasureKey::new(tik))
    }

    /// MEASURE for a launch, 32 bytes.
    pub fn compute(
        &self,
        version: PlatformVersion,
        policy: Policy,
        digest: &LaunchDigest,
        mnonce: &[u8; 16],
    ) -> [u8; 32] {
        let mut message = [0; MESSAGE_SIZE];
        message[..4].copy_from_slice(&[LABEL, version.major, version.minor, version.build]);
        message[4..8].copy_from_slice(&policy.to_le_bytes());
        message[8..40].copy_from_slice(digest.as_bytes());
        message[40..].copy_from_slice(mnonce);
        self.0.mac(&message)
    }
}

impl fmt::Debug for Measurer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Measurer(..)")
    }
}

impl LaunchSession {
    /// Is the measurement that of an accepted digest, under this session's key, and is everything that it proves acceptable?
    ///
    /// `version` is what the host claims; the match proves it, and only then are version and policy held against what is
    /// required. The session is consumed and its keys wiped whatever comes out, so that a host has one try. Every reference
    /// value is tried, each compared in constant time. The caller must trust where the reference values and this session's
    /// policy are from.
    ///
    /// Errors: no reference values, no match, a matching reference value of another technology than the policy's ES bit
    /// says, a policy or a platform that is not acceptable.
    pub fn verify(
        self,
        measurement: &LaunchMeasurement,
        version: PlatformVersion,
        requirements: &Requirements,
    ) -> Result<VerifiedLaunch, MeasurementError> {
        let Self { keys, policy } = self;
        let references = &requirements.references;
        if references.is_empty() {
            return Err(MeasurementError::NoReferenceValues);
        }
        let LaunchMeasurement { measure, mnonce } = measurement;
        let measurer = Measurer::new(&keys.tik);
        let (mut fitting, mut matching) = (None, None);
        for row in references.rows() {
            let expected = measurer.compute(version, policy, &row.digest, mnonce);
            if bool::from(expected.ct_eq(measure)) {
                let fits = policy.fits(row.stands_for.technology);
                let found = if fits { &mut fitting } else { &mut matching };
                *found = found.or(Some(row));
            }
        }
        let reference = match (fitting, matching) {
            (Some(row), _) => row,
            (None, Some(row)) => {
                let technology = row.stands_for.technology;
                return Err(MeasurementError::Technology { technology, policy });
            }
            (None, None) => {
                let tried = references.len();
                return Err(MeasurementError::NoMatch { tried, policy, version });
            }
        };
        let terms = Terms::of(requirements);
        terms
            .appraise((&reference.digest, policy, version))
            .map_err(|rejection| MeasurementError::Rejected { policy, version, rejection })?;
        let (measure, reference) = (*measure, reference.clone());
        Ok(VerifiedLaunch { keys, policy, version, measure, reference, terms })
    }
}

/// A launch of which a measurement proved everything told here, all of it as required. Made by [`LaunchSession::verify`] and
/// by nothing else, it alone packs secrets.
#[derive(Debug)]
#[must_use]
pub struct VerifiedLaunch {
    keys: SessionKeys,
    policy: Policy,
    version: PlatformVersion,
    measure: [u8; 32],
    reference: ReferenceValue<LaunchDigest>,
    terms: Terms,
}

impl VerifiedLaunch {
    /// The launch digest.
    pub const fn digest(&self) -> &LaunchDigest {
        &self.reference.digest
    }

    /// What the digest stands for: the reference value that matched.
    pub const fn stands_for(&self) -> &StandsFor {
        &self.reference.stands_for
    }

    /// Every demand, all of them met.
    #[must_use]
    pub fn demands(&self) -> Vec<Demand> {
        self.terms.demands(Some((&self.reference.digest, self.policy, self.version)))
    }

    /// The policy under which the guest runs.
    pub const fn policy(&self) -> Policy {
        self.policy
    }

    /// The version of the platform's firmware.
    pub const fn platform_version(&self) -> PlatformVersion {
        self.version
    }

    /// MEASURE, which binds secrets to this launch.
    pub const fn measure(&self) -> &[u8; 32] {
        &self.measure
    }

    /// Seals a table of secrets for this launch, under an IV of 16 bytes that is drawn from `rng` each time.
    ///
    /// The host chooses where in the guest's memory the table lands, and may inject it more than once. Errors: an empty
    /// table, one that is larger than the area.
    pub fn pack_secret(
        &self,
        table: &SecretTable,
        area: SecretArea,
        rng: &mut impl CryptoRng,
    ) -> Result<Packet, SecretError> {
        let plaintext = table.to_bytes(area)?;
        let mut iv = [0; 16];
        rng.fill_bytes(&mut iv);
        secret::seal(&self.keys, &self.measure, &iv, &plaintext)
    }
}
