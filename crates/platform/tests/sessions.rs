//! A guest's owner, as `sev-launch-verify` plays it, against the platform: sessions, measurements, secrets, certificate chains.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "generators/lab.rs"]
mod lab;

use lab::Seeded;
use sev_launch_abi::sev::{LaunchDigest, Policy};
use sev_launch_abi::{Generation, PlatformVersion, Technology};
use sev_launch_platform::{Handle, Platform, Session, Status};
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement;
use sev_launch_verify::sev::attestation_report::{AttestationReport, ReportError};
use sev_launch_verify::sev::ca_certificate::CaCertificate;
use sev_launch_verify::sev::chain::{Chain, OcaRequirement, Roots};
use sev_launch_verify::sev::measurement::{LaunchMeasurement, MeasurementError, VerifiedLaunch};
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, Packet, SecretArea, SecretTable};
use sev_launch_verify::sev::session::{LaunchSession, Session as OwnerSession};
use sha2::{Digest as _, Sha256};

/// A session for the platform, made after its chain was verified under its own root.
fn session(platform: &Platform, policy: u32, rng: &mut Seeded) -> OwnerSession {
    let ark = CaCertificate::parse(&platform.authority().unwrap().sev_ark().unwrap()).unwrap();
    let chain = Chain::parse_full(&platform.full_chain().unwrap()).unwrap();
    let pdh = chain.verify(Roots::Explicit(&ark), OcaRequirement::Any).verified().unwrap();
    OwnerSession::create(Policy::from_bits(policy), &pdh, rng).unwrap()
}

/// Hands the session over as a host does.
fn start(platform: &mut Platform, policy: u32, session: &OwnerSession) -> Result<Handle, Status> {
    let blob = session.blob().to_bytes();
    let session = Session { godh: session.godh_certificate(), session: &blob };
    platform.launch_start(policy, Some(session))
}

/// What a launch with one update of `firmware` must measure, and under which policy.
fn requirements(firmware: &[u8], policy: u32) -> Requirements {
    let mut references = ReferenceValues::new();
    let digest = LaunchDigest::from_bytes(Sha256::digest(firmware).into());
    references.add(digest, StandsFor::image(Policy::from_bits(policy).technology(), "made up"));
    let platform = PlatformRequirements { api: Requirement::Any, build: Requirement::Any };
    let any = PolicyRequirements {
        noks: Requirement::Any,
        nosend: Requirement::Any,
        ..PolicyRequirements::STRICT
    };
    Requirements { policy: any, ..Requirements::strict(references, platform) }
}

fn verify(
    session: LaunchSession,
    blob: &[u8],
    version: PlatformVersion,
    requirements: &Requirements,
) -> Result<VerifiedLaunch, MeasurementError> {
    session.verify(&LaunchMeasurement::parse(blob).unwrap(), version, requirements)
}

/// A launch that was measured and verified, and everything that a secret needs.
fn launched(generation: Generation, policy: u32, seed: u64) -> (Platform, Handle, VerifiedLaunch) {
    let firmware = [0x5a; 4096];
    let mut platform = lab::platform(generation);
    let session = session(&platform, policy, &mut Seeded(seed));
    let guest = start(&mut platform, policy, &session).unwrap();
    platform.launch_update_data(guest, &firmware).unwrap();
    let blob = platform.launch_measure(guest).unwrap();
    let (session, version) = (session.into_launch(), platform.model().version());
    let launch = verify(session, &blob, version, &requirements(&firmware, policy)).unwrap();
    (platform, guest, launch)
}

fn packet(launch: &VerifiedLaunch, secret: &[u8]) -> (Packet, Vec<u8>) {
    let mut table = SecretTable::new();
    table.add(LUKS_PASSPHRASE, secret).unwrap();
    let packet = launch.pack_secret(&table, SecretArea::OVMF, &mut Seeded(99)).unwrap();
    (packet, table.to_bytes(SecretArea::OVMF).unwrap().to_vec())
}

fn inject(platform: &mut Platform, guest: Handle, packet: &Packet) -> Result<Vec<u8>, Status> {
    let Packet { header, payload } = packet;
    platform.launch_secret(guest, header, payload, payload.len())
}

#[test]
fn from_a_session_to_a_secret_that_arrives() {
    for (generation, policy) in [
        (Generation::Naples, 0x1),
        (Generation::Rome, 0x7),
        (Generation::Milan, 0x3701_0005),
        (Generation::Genoa, 0xf),
        (Generation::Turin, 0x3f),
    ] {
        let (mut platform, guest, launch) = launched(generation, policy, 1);
        let (sealed, table) = packet(&launch, b"correct horse battery staple");
        assert_eq!(inject(&mut platform, guest, &sealed), Ok(table.clone()), "{generation}");
        // The host may repeat it, as the document allows.
        assert_eq!(inject(&mut platform, guest, &sealed), Ok(table));
        platform.launch_finish(guest).unwrap();
        assert_eq!(inject(&mut platform, guest, &sealed), Err(Status::InvalidGuestState));
    }
}

#[test]
fn a_changed_packet_is_refused() {
    let (mut platform, guest, launch) = launched(Generation::Milan, 0x1, 1);
    let (sealed, table) = packet(&launch, b"secret");
    for at in [0, 3, 4, 19, 20, 51] {
        let mut changed = sealed.clone();
        changed.header[at] ^= 1;
        let found = inject(&mut platform, guest, &changed);
        assert_eq!(found, Err(Status::BadMeasurement), "header, byte {at}");
    }
    for at in [0, sealed.payload.len() - 1] {
        let mut changed = sealed.clone();
        changed.payload[at] ^= 0x80;
        let found = inject(&mut platform, guest, &changed);
        assert_eq!(found, Err(Status::BadMeasurement), "payload, byte {at}");
    }
    let mut shorter = sealed.clone();
    shorter.payload.truncate(16);
    assert_eq!(inject(&mut platform, guest, &shorter), Err(Status::BadMeasurement));
    assert_eq!(inject(&mut platform, guest, &sealed), Ok(table));
}

#[test]
fn a_packet_of_another_launch_is_refused() {
    let (_, _, launch) = launched(Generation::Milan, 0x1, 1);
    let (mut platform, guest, _) = launched(Generation::Milan, 0x1, 2);
    let (sealed, _) = packet(&launch, b"secret");
    assert_eq!(inject(&mut platform, guest, &sealed), Err(Status::BadMeasurement));
}

#[test]
fn a_session_for_another_policy_or_platform_is_refused() {
    let mut platform = lab::platform(Generation::Milan);
    let made = session(&platform, 0x5, &mut Seeded(1));
    for policy in [0x4, 0x1, 0x7, 0x3701_0005] {
        assert_eq!(start(&mut platform, policy, &made), Err(Status::BadMeasurement));
    }
    start(&mut platform, 0x5, &made).unwrap();
    platform.pdh_gen().unwrap();
    assert_eq!(start(&mut platform, 0x5, &made), Err(Status::BadMeasurement));
    // Under the new key a new session opens.
    let again = session(&platform, 0x5, &mut Seeded(2));
    start(&mut platform, 0x5, &again).unwrap();
    // A policy that asks for newer firmware has a good session and no guest.
    let newer = session(&platform, 0x3801_0005, &mut Seeded(3));
    assert_eq!(start(&mut platform, 0x3801_0005, &newer), Err(Status::PolicyFailure));
}

#[test]
fn a_session_with_any_changed_byte_is_refused() {
    let mut platform = lab::platform(Generation::Milan);
    let made = session(&platform, 0x5, &mut Seeded(1));
    let (godh, blob) = (*made.godh_certificate(), made.blob().to_bytes());
    let mut start = |godh: &[u8], session: &[u8]| {
        let found = platform.launch_start(0x5, Some(Session { godh, session }));
        found.map(|guest| platform.decommission(guest))
    };
    for at in 0..blob.len() {
        let mut changed = blob;
        changed[at] ^= 0x10;
        assert_eq!(start(&godh, &changed), Err(Status::BadMeasurement), "session, byte {at:#x}");
    }
    // Version, usage, algorithm, curve and both coordinates; nobody looks at the API version and at what follows.
    let read = (0x00..0x04).chain(0x08..0xa4);
    for at in read {
        let mut changed = godh;
        changed[at] ^= 0x10;
        assert_eq!(start(&changed, &blob), Err(Status::InvalidCertificate), "GODH, byte {at:#x}");
    }
    for at in [0x04, 0x05, 0x06, 0xa4, 0x413, 0x414, 0x41c, 0x823] {
        let mut changed = godh;
        changed[at] ^= 0x10;
        assert_eq!(start(&changed, &blob), Ok(()), "GODH, byte {at:#x}");
    }
}

#[test]
fn a_changed_launch_is_found_out() {
    let firmware = [0x5a; 4096];
    let mut platform = lab::platform(Generation::Milan);
    let mut measure = |bytes: &[u8], seed| {
        let session = session(&platform, 0x1, &mut Seeded(seed));
        let guest = start(&mut platform, 0x1, &session).unwrap();
        platform.launch_update_data(guest, bytes).unwrap();
        let blob = platform.launch_measure(guest).unwrap();
        (session.into_launch(), blob, platform.model().version())
    };
    let wanted = requirements(&firmware, 0x1);
    let mut changed = firmware;
    changed[4095] ^= 1;
    let (session, blob, version) = measure(&changed, 1);
    assert!(verify(session, &blob, version, &wanted).is_err(), "a changed byte");
    let (session, blob, version) = measure(&firmware, 2);
    let claimed = PlatformVersion { build: version.build + 1, ..version };
    assert!(verify(session, &blob, claimed, &wanted).is_err(), "another build than claimed");
    let (session, mut blob, version) = measure(&firmware, 3);
    blob[47] ^= 1;
    assert!(verify(session, &blob, version, &wanted).is_err(), "another nonce");
    let (session, blob, version) = measure(&firmware, 4);
    assert!(verify(session, &blob, version, &wanted).is_ok());
}

#[test]
fn nonces_are_never_the_same() {
    let mut platform = lab::platform(Generation::Milan);
    let mut blob = || {
        let guest = platform.launch_start(0x1, None).unwrap();
        platform.launch_measure(guest).unwrap()
    };
    let (first, second) = (blob(), blob());
    assert_ne!(first, second);
    let mut loaded = Platform::from_bytes(&platform.to_bytes()).unwrap();
    let guest = loaded.launch_start(0x1, None).unwrap();
    let third = loaded.launch_measure(guest).unwrap();
    assert!(third != first && third != second);
}

#[test]
fn the_platform_s_own_report() {
    let (mut platform, guest, launch) = launched(Generation::Rome, 0x5, 1);
    let ark = CaCertificate::parse(&platform.authority().unwrap().sev_ark().unwrap()).unwrap();
    let chain = Chain::parse_full(&platform.full_chain().unwrap()).unwrap();
    let pek = chain.verify(Roots::Explicit(&ark), OcaRequirement::Any).verified_pek().unwrap();
    let before = platform.attestation(guest, [3; 16]).unwrap();
    platform.launch_finish(guest).unwrap();
    // The digest outlives the launch's keys.
    assert_eq!(platform.attestation(guest, [3; 16]), Ok(before));
    let report = AttestationReport::parse(&before).unwrap();
    let verified = report.verify(&pek, &[3; 16]).unwrap();
    assert_eq!((verified.digest(), verified.policy()), (*launch.digest(), 0x5));
    let mut changed = before;
    changed[0x30] ^= 1;
    let changed = AttestationReport::parse(&changed).unwrap();
    assert_eq!(changed.verify(&pek, &[3; 16]), Err(ReportError::Signature));
}

#[test]
fn technology_of_a_measurement_is_the_policy_s() {
    let (_, _, launch) = launched(Generation::Milan, 0x5, 1);
    assert_eq!(launch.stands_for().technology, Technology::SevEs);
}
