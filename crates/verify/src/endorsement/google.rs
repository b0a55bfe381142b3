//! Google's launch endorsement of a firmware: `VMLaunchEndorsement`, in files that end in `.binarypb`.
//!
//! Defined by [gce-tcb-verifier, endorsement.proto]: a serialised `VMGoldenMeasurement`, and an RSASSA-PSS signature over exactly
//! those bytes (SHA-256, salt of 32 bytes). The key's certificate is a field of what it signs; the root signs it directly.
//!
//! What surprises: a launch digest depends on how many VMSAs are measured, so there is one for each number, by number. The host
//! chooses the number. FAMILY_ID, IMAGE_ID and the SVN are signed, and no report has them: Google's guests have no ID block, and
//! its own verifier demands none of them [gce-tcb-verifier, gcetcbendorsement.SevPolicy]. The policy is demanded.

use alloc::vec::Vec;
use sev_launch_abi::reader::wide;
use sev_launch_abi::snp::LaunchDigest;
use sev_launch_abi::snp::policy::Policy;

use super::certificate::{self, Certificate};
use super::error::{FormError, Refusal};
use super::wire::{Field, Message, Named};
use super::{EndorsedLaunch, EndorsedMeasurement, Kind, MAX_MEASUREMENTS, Root};
use crate::rsa_pss::Hash;

/// From this second on an endorsement says which firmware it is of: 2024-08-02T00:00:00Z. [gce-tcb-verifier, verify, uefiReleaseChangeDate]
pub const PROVENANCE_SINCE: u64 = 1_722_556_800;
/// The last second of the year 9999, which is the last that a timestamp may have. [Protocol Buffers, google.protobuf.Timestamp]
const LAST_SECOND: u64 = 253_402_300_799;
/// Nanoseconds of a second.
const NANOS: u32 = 1_000_000_000;
/// The most bytes of a commit's hash: SHA-512.
const MOST_COMMIT: usize = 64;

const ENDORSEMENT: &str = "VMLaunchEndorsement";
const GOLDEN: &str = "VMGoldenMeasurement";
const TIMESTAMP: &str = "Timestamp";
const SNP: &str = "VMSevSnp";
const ENTRY: &str = "VMSevSnp.measurements";
/// What errors call the certificate in it.
const SIGNER: &str = "the signer's certificate";
/// What errors call the root.
pub(super) const ROOT: &str = "the root given";

/// What a firmware's endorsement says beside its measurements. Fields have Google's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenMeasurement {
    /// When it was signed, in unix seconds. How old it may be nobody says; Google's verifier does not ask.
    pub timestamp: u64,
    /// The changelist that the firmware was built from; 0 for none.
    pub cl_spec: u64,
    /// The commit that it was built from; empty for none.
    pub commit: Vec<u8>,
    /// SHA-384 of the firmware image.
    pub digest: [u8; 48],
    /// The firmware's security version, as Google counts it. No report has it.
    pub svn: u32,
    /// Names Google's firmwares for confidential VMs. No report has it.
    pub family_id: Option<[u8; 16]>,
    /// Names this release. No report has it.
    pub image_id: Option<[u8; 16]>,
    /// The guest policy to demand of a report.
    pub policy: Policy,
    /// Does it endorse launches of TDX too? They are not read.
    pub has_tdx: bool,
}

/// An endorsement that was read and not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unverified {
    signed: Vec<u8>,
    signature: Vec<u8>,
    signer: Certificate,
    /// Nanoseconds of the timestamp: the day of change is compared with them.
    nanos: u32,
    golden: GoldenMeasurement,
    measurements: Vec<EndorsedMeasurement>,
}

impl Unverified {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        let (mut signed, mut signature) = (None, None);
        let mut message = Message::new(ENDORSEMENT, bytes, 0);
        while let Some(field) = message.next()? {
            match field.number {
                1 => {
                    let named = field.named(ENDORSEMENT, "serialized_uefi_golden");
                    named.put(&mut signed, named.bytes()?)?;
                }
                2 => {
                    let named = field.named(ENDORSEMENT, "signature");
                    named.put(&mut signature, named.bytes()?.0)?;
                }
                _ => return Err(message.unknown(&field)),
            }
        }
        let missing = |field| FormError::Missing { message: ENDORSEMENT, field };
        let (signed, at) = signed.ok_or(missing("serialized_uefi_golden"))?;
        let signature = signature.ok_or(missing("signature"))?;
        let read = Golden::parse(signed, at)?;
        Ok(Self {
            signed: signed.to_vec(),
            signature: signature.to_vec(),
            signer: read.signer,
            nanos: read.nanos,
            golden: read.golden,
            measurements: read.measurements,
        })
    }

    /// Is it signed by a certificate that the root signed, valid and allowed to, and does it say where the firmware comes from?
    pub(super) fn check(&self, root: &Root, time: u64) -> Result<(), Refusal> {
        let how = (certificate::algorithm(Kind::Google), 0);
        self.signer.check_signed_by(SIGNER, (&root.0, ROOT), how, time)?;
        self.signer.check_signs(SIGNER)?;
        self.signer.check_any_purpose(SIGNER)?;
        // Go's `x509` asks it of every certificate of a chain, the root too (checkChainForKeyUsage). [gce-tcb-verifier, verify.CheckCertificate]
        root.0.check_any_purpose(ROOT)?;
        if !self.signer.verifies(Hash::Sha256, &self.signed, &self.signature) {
            return Err(Refusal::Signature);
        }
        let GoldenMeasurement { timestamp, cl_spec, commit, .. } = &self.golden;
        let is_later = (*timestamp, self.nanos) > (PROVENANCE_SINCE, 0);
        if is_later && *cl_spec == 0 && commit.is_empty() {
            return Err(Refusal::NoProvenance { signed: *timestamp });
        }
        Ok(())
    }

    pub(super) const fn golden(&self) -> &GoldenMeasurement {
        &self.golden
    }

    pub(super) fn measurements(&self) -> &[EndorsedMeasurement] {
        &self.measurements
    }
}

struct Golden {
    signer: Certificate,
    nanos: u32,
    golden: GoldenMeasurement,
    measurements: Vec<EndorsedMeasurement>,
}

impl Golden {
    fn parse(bytes: &[u8], at: u64) -> Result<Self, FormError> {
        let (mut timestamp, mut cl_spec, mut commit, mut cert) = (None, None, None, None);
        let (mut digest, mut ca_bundle, mut snp, mut tdx) = (None, None, None, None);
        let mut message = Message::new(GOLDEN, bytes, at);
        while let Some(field) = message.next()? {
            let named = |name| field.named(GOLDEN, name);
            match field.number {
                1 => put(named("timestamp"), &mut timestamp, |field| parse_timestamp(&field))?,
                2 => put(named("cl_spec"), &mut cl_spec, |field| field.number())?,
                3 => put(named("commit"), &mut commit, |field| parse_commit(&field))?,
                4 => put(named("cert"), &mut cert, |field| {
                    certificate::carried(SIGNER, field.bytes()?.0)
                })?,
                5 => put(named("digest"), &mut digest, |field| field.array())?,
                // Certificates by which the signer's could be found; the root that counts is the one given, and it signs the signer's directly.
                6 => put(named("ca_bundle"), &mut ca_bundle, |field| field.bytes().map(|_| ()))?,
                7 => put(named("sev_snp"), &mut snp, |field| Snp::parse(&field))?,
                8 => put(named("tdx"), &mut tdx, |field| field.bytes().map(|_| ()))?,
                _ => return Err(message.unknown(&field)),
            }
        }
        let missing = |field| FormError::Missing { message: GOLDEN, field };
        let (timestamp, nanos) = timestamp.ok_or(missing("timestamp"))?;
        let snp = snp.ok_or(missing("sev_snp"))?;
        Ok(Self {
            signer: cert.ok_or(missing("cert"))?,
            nanos,
            golden: GoldenMeasurement {
                timestamp,
                cl_spec: cl_spec.unwrap_or_default(),
                commit: commit.unwrap_or_default(),
                digest: digest.ok_or(missing("digest"))?,
                svn: snp.svn,
                family_id: snp.family_id,
                image_id: snp.image_id,
                policy: snp.policy,
                has_tdx: tdx.is_some(),
            },
            measurements: snp.measurements,
        })
    }
}

/// Reads a field into its place, which must be empty.
fn put<'a, T>(
    field: Named<'a>,
    to: &mut Option<T>,
    read: impl FnOnce(Named<'a>) -> Result<T, FormError>,
) -> Result<(), FormError> {
    let value = read(field)?;
    field.put(to, value)
}

/// Unix seconds, and nanoseconds.
fn parse_timestamp(field: &Named<'_>) -> Result<(u64, u32), FormError> {
    let (bytes, at) = field.bytes()?;
    let (mut seconds, mut nanos) = (None, None);
    let mut message = Message::new(TIMESTAMP, bytes, at);
    while let Some(field) = message.next()? {
        let named = |name| field.named(TIMESTAMP, name);
        match field.number {
            1 => put(named("seconds"), &mut seconds, |field| {
                let wanted = "seconds from 1970 to 9999";
                at_most(&field, field.number()?, LAST_SECOND, wanted)
            })?,
            2 => put(named("nanos"), &mut nanos, |field| {
                let found = field.small_number()?;
                at_most(&field, u64::from(found), u64::from(NANOS) - 1, "less than a second")?;
                Ok(found)
            })?,
            _ => return Err(message.unknown(&field)),
        }
    }
    Ok((seconds.unwrap_or_default(), nanos.unwrap_or_default()))
}

fn at_most(
    field: &Named<'_>,
    found: u64,
    most: u64,
    wanted: &'static str,
) -> Result<u64, FormError> {
    match found <= most {
        true => Ok(found),
        false => Err(FormError::Value { place: field.place(), found, wanted }),
    }
}

fn parse_commit(field: &Named<'_>) -> Result<Vec<u8>, FormError> {
    let (bytes, _) = field.bytes()?;
    let (found, wanted) = (wide(bytes.len()), wide(MOST_COMMIT));
    match bytes.len() <= MOST_COMMIT {
        true => Ok(bytes.to_vec()),
        false => Err(FormError::Length { place: field.place(), found, wanted }),
    }
}

struct Snp {
    svn: u32,
    family_id: Option<[u8; 16]>,
    image_id: Option<[u8; 16]>,
    policy: Policy,
    measurements: Vec<EndorsedMeasurement>,
}

impl Snp {
    fn parse(field: &Named<'_>) -> Result<Self, FormError> {
        let (bytes, at) = field.bytes()?;
        let (mut svn, mut family_id, mut image_id) = (None, None, None);
        let (mut policy, mut svsm) = (None, None);
        let mut measurements: Vec<EndorsedMeasurement> = Vec::new();
        let mut message = Message::new(SNP, bytes, at);
        while let Some(field) = message.next()? {
            let named = |name| field.named(SNP, name);
            match field.number {
                1 => put(named("svn"), &mut svn, |field| field.small_number())?,
                2 => add(&mut measurements, &field)?,
                3 => put(named("family_id"), &mut family_id, |field| field.array())?,
                4 => put(named("image_id"), &mut image_id, |field| field.array())?,
                5 => put(named("policy"), &mut policy, |field| field.number())?,
                6 => return Err(FormError::IdBlockKeys { place: named("ca_bundle").place() }),
                7 => put(named("svsm_measurement"), &mut svsm, |field| field.array())?,
                _ => return Err(message.unknown(&field)),
            }
        }
        measurements.sort_unstable_by_key(|one| one.launch);
        measurements.extend(svsm.map(|digest| EndorsedMeasurement {
            launch: EndorsedLaunch::Svsm,
            digest: LaunchDigest::from_bytes(digest),
        }));
        if measurements.is_empty() {
            return Err(FormError::NothingEndorsed);
        }
        let policy = policy.ok_or(FormError::Missing { message: SNP, field: "policy" })?;
        Ok(Self {
            svn: svn.unwrap_or_default(),
            family_id,
            image_id,
            policy: Policy::from_bits(policy),
            measurements,
        })
    }
}

/// Adds an entry of the map: a number of VMSAs and a measurement.
fn add(to: &mut Vec<EndorsedMeasurement>, field: &Field<'_>) -> Result<(), FormError> {
    let entry = field.named(SNP, "measurements");
    let (bytes, at) = entry.bytes()?;
    let (mut vmsas, mut digest) = (None, None);
    let mut message = Message::new(ENTRY, bytes, at);
    while let Some(field) = message.next()? {
        let named = |name| field.named(ENTRY, name);
        match field.number {
            1 => put(named("key"), &mut vmsas, |field| field.small_number())?,
            2 => put(named("value"), &mut digest, |field| field.array())?,
            _ => return Err(message.unknown(&field)),
        }
    }
    let missing = |field| FormError::Missing { message: ENTRY, field };
    let vmsas = vmsas.ok_or(missing("key"))?;
    if vmsas == 0 {
        let wanted = "1 or more VMSAs";
        return Err(FormError::Value { place: entry.place(), found: 0, wanted });
    }
    let digest = LaunchDigest::from_bytes(digest.ok_or(missing("value"))?);
    let launch = EndorsedLaunch::Vmsas(vmsas);
    if to.iter().any(|other| other.launch == launch) {
        return Err(FormError::SecondMeasurement { place: entry.place(), vmsas });
    }
    if to.len() == MAX_MEASUREMENTS {
        return Err(FormError::TooManyMeasurements);
    }
    to.push(EndorsedMeasurement { launch, digest });
    Ok(())
}
