//! The launch measurement: proof that a platform launched what the guest's owner expects, under the owner's session.
//!
//! Defined by [SEV-API, LAUNCH_MEASURE]. The blob is MEASURE (32 bytes) and MNONCE (16, chosen by the platform). MEASURE is
//! HMAC-SHA-256 with the TIK over 56 bytes: 0x04, API_MAJOR, API_MINOR, BUILD, policy, launch digest, MNONCE. The host tells the
//! version; a wrong one makes another MEASURE, so requirements on it are looked at after the match and not before.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use sev_launch_abi::PlatformVersion;
use sev_launch_abi::sev::LaunchDigest;
use subtle::ConstantTimeEq as _;

use super::error::{MeasurementError, PlatformMismatch};
use super::keys::{SessionKeys, Tik};
use super::measure_key::{MESSAGE_SIZE, MeasureKey};
use super::secret::{self, Packet, SecretArea, SecretError, SecretTable};
use super::session::LaunchSession;
use crate::reference_values::{Description, ReferenceValue, ReferenceValues};
use crate::requirement::Requirement;
use sev_launch_abi::ApiVersion;
use sev_launch_abi::sev::policy::Policy;

/// Bytes of the blob. [SEV-API, LAUNCH_MEASURE]
pub const MEASUREMENT_SIZE: usize = 48;
/// The first byte under the HMAC. [SEV-API, LAUNCH_MEASURE]
const LABEL: u8 = 0x04;

/// What a platform's version must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PlatformRequirements {
    /// Of API_MAJOR and API_MINOR, as a pair.
    pub api: Requirement<ApiVersion>,
    /// Of BUILD. It is compared by itself, whatever the API version is.
    pub build: Requirement<u8>,
}

impl PlatformRequirements {
    /// Everything in which the version is not as required.
    fn mismatches(&self, version: PlatformVersion) -> Vec<PlatformMismatch> {
        let mut mismatches = Vec::new();
        if !self.api.check(&version.api()) {
            mismatches.push(PlatformMismatch::Api { found: version.api(), wanted: self.api });
        }
        if !self.build.check(&version.build) {
            mismatches.push(PlatformMismatch::Build { found: version.build, wanted: self.build });
        }
        mismatches
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
    /// Is the measurement that of an accepted digest, under this session's key and policy, on an acceptable platform?
    ///
    /// `version` is what the host claims; the match proves it, and only then is it held against `platform`. The session is
    /// consumed and its keys wiped whatever comes out, so that a host has one try. Every reference value is tried, each
    /// compared in constant time. The caller must trust where `references` and this session's policy are from.
    ///
    /// Errors: no reference values, no match, a matching reference value of another technology than the policy's ES bit
    /// says, a platform that is not acceptable.
    pub fn verify(
        self,
        measurement: &LaunchMeasurement,
        version: PlatformVersion,
        references: &ReferenceValues<LaunchDigest>,
        platform: &PlatformRequirements,
    ) -> Result<VerifiedLaunch, MeasurementError> {
        let Self { keys, policy } = self;
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
        let mismatches = platform.mismatches(version);
        if !mismatches.is_empty() {
            return Err(MeasurementError::Platform { version, mismatches });
        }
        Ok(VerifiedLaunch {
            keys,
            policy,
            version,
            measure: *measure,
            reference: reference.clone(),
        })
    }
}

/// A launch of which a measurement proved everything told here. Made by [`LaunchSession::verify`] and by nothing else, it
/// alone packs secrets.
#[derive(Debug)]
pub struct VerifiedLaunch {
    keys: SessionKeys,
    policy: Policy,
    version: PlatformVersion,
    measure: [u8; 32],
    reference: ReferenceValue<LaunchDigest>,
}

impl VerifiedLaunch {
    /// The launch digest.
    pub const fn digest(&self) -> &LaunchDigest {
        &self.reference.digest
    }

    /// What the digest stands for: the reference value that matched.
    pub const fn stands_for(&self) -> &Description {
        &self.reference.stands_for
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
