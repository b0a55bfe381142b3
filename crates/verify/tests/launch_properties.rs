//! Properties of a whole launch: one changed bit is refused, every byte string is answered, what is written is read.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{Guid, PlatformVersion, Technology};
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement::Any;
use sev_launch_verify::sev::keys::{PrivateKey, SessionKeys, SharedSecret, Tek, Tik};
use sev_launch_verify::sev::measurement::{
    LaunchMeasurement, MeasurementError, VerifiedLaunch, compute,
};
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::secret::SecretError;
use sev_launch_verify::sev::secret::{Packet, SecretArea, SecretTable, open_packet};
use sev_launch_verify::sev::session::SessionError;
use sev_launch_verify::sev::session::{LaunchSession, Session, SessionBlob, UnverifiedPdh};

#[path = "generators/scripted.rs"]
mod scripted;
use scripted::Scripted;

const POLICY: Policy = Policy::from_bits(0x3301_000b);
const VERSION: PlatformVersion = PlatformVersion { major: 1, minor: 55, build: 22 };
const DIGEST: LaunchDigest = LaunchDigest::from_bytes([0x5a; 32]);
/// What a session draws: the private key, TEK, TIK, and the rest. TEK and TIK are not the same.
const DRAWN: [u8; 112] = {
    let mut drawn = [0x3c; 112];
    drawn[64] = 0xc3;
    drawn
};

/// A session as its owner has it, and the shared secret as the platform has it.
fn session() -> (Session, SharedSecret) {
    let pdh = PrivateKey::from_bytes(&[9; 48]).unwrap();
    let godh = PrivateKey::from_bytes(&DRAWN[..48]).unwrap().public_point();
    let unverified = UnverifiedPdh(pdh.public_point());
    let mut rng = Scripted::new(&[&DRAWN]);
    (Session::create_unverified(POLICY, &unverified, &mut rng).unwrap(), pdh.agree(&godh))
}

/// The keys that both sides have after [`session`].
fn keys() -> SessionKeys {
    let [tek, tik] = [48..64, 64..80].map(|range| &DRAWN[range]);
    SessionKeys { tek: Tek::from_bytes(tek).unwrap(), tik: Tik::from_bytes(tik).unwrap() }
}

fn measurement() -> LaunchMeasurement {
    let mnonce = [0x77; 16];
    LaunchMeasurement { measure: compute(&keys().tik, VERSION, POLICY, &DIGEST, &mnonce), mnonce }
}

/// What the owner says to a measurement.
/// One digest, under any policy, on any platform.
fn accepting(digest: LaunchDigest, stands_for: StandsFor) -> Requirements {
    let mut references = ReferenceValues::new();
    references.add(digest, stands_for);
    let platform = PlatformRequirements { api: Any, build: Any };
    let policy =
        PolicyRequirements { nodbg: Any, noks: Any, nosend: Any, ..PolicyRequirements::STRICT };
    Requirements { policy, ..Requirements::strict(references, platform) }
}

fn verify(
    keys: SessionKeys,
    policy: Policy,
    blob: &LaunchMeasurement,
    version: PlatformVersion,
    digest: LaunchDigest,
) -> Result<VerifiedLaunch, MeasurementError> {
    let technology = policy.technology();
    let requirements = accepting(digest, StandsFor::image(technology, "x"));
    let session = LaunchSession::from_stored_keys(keys, policy).unwrap();
    session.verify(blob, version, &requirements)
}

fn verified() -> VerifiedLaunch {
    verify(keys(), POLICY, &measurement(), VERSION, DIGEST).unwrap()
}

fn packet() -> Packet {
    let mut table = SecretTable::new();
    table.add(Guid::from_bytes([1; 16]), b"a secret of some length").unwrap();
    verified().pack_secret(&table, SecretArea::OVMF, &mut Scripted::new(&[&[4; 16]])).unwrap()
}

/// Every way to change one bit.
fn flips<const N: usize>(bytes: [u8; N]) -> impl Iterator<Item = [u8; N]> {
    (0..8 * N).map(move |bit| {
        let mut changed = bytes;
        changed[bit / 8] ^= 1 << (bit % 8);
        changed
    })
}

#[test]
fn a_whole_launch() {
    let (session, z) = session();
    let platform = session.blob().open(&z, POLICY).unwrap();
    let mnonce = [3; 16];
    let measure = compute(&platform.tik, VERSION, POLICY, &DIGEST, &mnonce);
    let keys = session.into_launch();
    let blob = LaunchMeasurement { measure, mnonce };
    let requirements = accepting(DIGEST, StandsFor::image(Technology::Sev, "x"));
    let launch = keys.verify(&blob, VERSION, &requirements).unwrap();
    let mut table = SecretTable::new();
    table.add(Guid::from_bytes([1; 16]), b"open sesame").unwrap();
    let mut rng = Scripted::new(&[&[8; 16]]);
    let packet = launch.pack_secret(&table, SecretArea::OVMF, &mut rng).unwrap();
    assert!(rng.is_used_up());
    let opened =
        open_packet(&platform.tek, &platform.tik, &measure, &packet.header, &packet.payload);
    let read = SecretTable::parse(&opened.unwrap()).unwrap();
    assert!(read.entries().eq(table.entries()));
}

#[test]
fn one_bit_of_a_session_is_enough() {
    let (session, z) = session();
    let bytes = session.blob().to_bytes();
    assert!(SessionBlob::parse(&bytes).unwrap().open(&z, POLICY).is_ok());
    for (bit, changed) in flips(bytes).enumerate() {
        let error = SessionBlob::parse(&changed).unwrap().open(&z, POLICY).unwrap_err();
        // WRAP_MAC covers the ciphertext alone; a changed IV shows in POLICY_MAC.
        let wanted = match bit / 8 {
            0x00..0x30 | 0x40..0x60 => SessionError::WrapMac,
            _ => SessionError::PolicyMac { policy: POLICY },
        };
        assert_eq!(error, wanted, "bit {bit}");
    }
    for policy in
        flips(POLICY.to_le_bytes()).map(|word| Policy::from_bits(u32::from_le_bytes(word)))
    {
        let outcome = session.blob().open(&z, policy).unwrap_err();
        assert_eq!(outcome, SessionError::PolicyMac { policy });
    }
}

#[test]
fn one_bit_of_a_measurement_is_enough() {
    for changed in flips(measurement().to_bytes()) {
        let blob = LaunchMeasurement::parse(&changed).unwrap();
        let error = verify(keys(), POLICY, &blob, VERSION, DIGEST).unwrap_err();
        assert!(matches!(error, MeasurementError::NoMatch { .. }));
    }
}

#[test]
fn one_bit_of_what_is_measured_is_enough() {
    let blob = measurement();
    let refused = |outcome: Result<VerifiedLaunch, MeasurementError>| {
        assert!(matches!(outcome, Err(MeasurementError::NoMatch { .. })));
    };
    for digest in flips(*DIGEST.as_bytes()) {
        refused(verify(keys(), POLICY, &blob, VERSION, LaunchDigest::from_bytes(digest)));
    }
    for [api_major, api_minor, build] in flips([VERSION.major, VERSION.minor, VERSION.build]) {
        let version = PlatformVersion { major: api_major, minor: api_minor, build };
        refused(verify(keys(), POLICY, &blob, version, DIGEST));
    }
    for policy in
        flips(POLICY.to_le_bytes()).map(|word| Policy::from_bits(u32::from_le_bytes(word)))
    {
        if policy.reserved_bits() == 0 {
            refused(verify(keys(), policy, &blob, VERSION, DIGEST));
        }
    }
    for tik in flips(*keys().tik.expose()) {
        let keys = SessionKeys { tek: keys().tek, tik: Tik::from_bytes(&tik).unwrap() };
        refused(verify(keys, POLICY, &blob, VERSION, DIGEST));
    }
}

#[test]
fn one_bit_of_a_packet_is_enough() {
    let Packet { header, payload } = packet();
    let SessionKeys { tek, tik } = keys();
    let measure = measurement().measure;
    assert!(open_packet(&tek, &tik, &measure, &header, &payload).is_ok());
    for changed in flips(header) {
        let error = open_packet(&tek, &tik, &measure, &changed, &payload).unwrap_err();
        assert_eq!(error, SecretError::Mac);
    }
    for changed in flips(<[u8; 64]>::try_from(payload.as_slice()).unwrap()) {
        let error = open_packet(&tek, &tik, &measure, &header, &changed).unwrap_err();
        assert_eq!(error, SecretError::Mac);
    }
    for changed in flips(measure) {
        let error = open_packet(&tek, &tik, &changed, &header, &payload).unwrap_err();
        assert_eq!(error, SecretError::Mac);
    }
}

proptest! {
    #[test]
    fn every_byte_string_is_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(LaunchMeasurement::parse(&bytes).is_ok(), bytes.len() == 48);
        prop_assert_eq!(SessionBlob::parse(&bytes).is_ok(), bytes.len() == 128);
        prop_assert_eq!(Tik::from_bytes(&bytes).is_ok(), bytes.len() == 16);
        let SessionKeys { tek, tik } = keys();
        prop_assert!(open_packet(&tek, &tik, &[0; 32], &bytes, &bytes).is_err());
        prop_assert!(open_packet(&tek, &tik, &[0; 32], &[0; 52], &bytes).is_err());
        let _ = SecretTable::parse(&bytes);
    }

    #[test]
    fn every_table_like_byte_string_is_answered(
        length in 0_u32..200,
        entry in prop_oneof![0_u32..200, any::<u32>()],
        rest in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let guid = sev_launch_verify::sev::secret::TABLE_GUID;
        let bytes = [
            guid.as_bytes().as_slice(),
            &length.to_le_bytes(),
            &[1; 16],
            &entry.to_le_bytes(),
            &rest,
        ]
        .concat();
        if let Ok(table) = SecretTable::parse(&bytes) {
            // Whatever is taken can be written, and then reads the same.
            let written = table.to_bytes(SecretArea::PACKET).unwrap();
            let again = SecretTable::parse(&written).unwrap();
            prop_assert!(again.entries().eq(table.entries()));
        }
    }

    #[test]
    fn what_is_written_is_read(
        secrets in prop::collection::btree_map(
            any::<[u8; 16]>().prop_filter("a GUID", |guid| *guid != [0; 16]),
            prop::collection::vec(any::<u8>(), 0..100),
            1..20,
        ),
        // Most writers leave the padding out of the length; some count it.
        counted in any::<bool>(),
    ) {
        let mut table = SecretTable::new();
        for (guid, data) in &secrets {
            table.add(Guid::from_bytes(*guid), data).unwrap();
        }
        let mut bytes = table.to_bytes(SecretArea::OVMF).unwrap().to_vec();
        prop_assert_eq!(bytes.len() % 16, 0);
        if counted {
            let length = u32::try_from(bytes.len()).unwrap();
            bytes[16..20].copy_from_slice(&length.to_le_bytes());
        }
        let read = SecretTable::parse(&bytes).unwrap();
        prop_assert!(read.entries().eq(table.entries()));
    }

    #[test]
    fn sessions_and_measurements_are_written_as_they_were_read(
        session in any::<[u8; 128]>(),
        blob in prop::collection::vec(any::<u8>(), 48),
    ) {
        prop_assert_eq!(SessionBlob::parse(&session).unwrap().to_bytes(), session);
        prop_assert_eq!(LaunchMeasurement::parse(&blob).unwrap().to_bytes().to_vec(), blob);
    }

    #[test]
    fn every_policy_is_its_parts(word in any::<u32>()) {
        use sev_launch_abi::sev::policy::Flag;
        let policy = Policy::from_bits(word);
        let bits: Vec<_> = Flag::ALL.into_iter().filter(|bit| policy.has(*bit)).collect();
        let parts = Policy::from_parts(&bits, policy.min_api()).bits();
        prop_assert_eq!(parts | policy.reserved_bits(), word);
    }
}
