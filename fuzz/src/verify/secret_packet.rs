//! Tables of secrets and packets: what is packed is unpacked, and a packet of which one bit is changed is refused.

use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{Guid, PlatformVersion, Technology};
use sev_launch_testkit::expected::{hmac, measurement};
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement::Any;
use sev_launch_verify::sev::keys::{PrivateKey, SessionKeys, Tek, Tik};
use sev_launch_verify::sev::measurement::{LaunchMeasurement, VerifiedLaunch};
use sev_launch_verify::sev::requirements::{PlatformRequirements, Requirements};
use sev_launch_verify::sev::secret::{
    Packet, SecretArea, SecretError, SecretTable, TABLE_GUID, open_packet,
};
use sev_launch_verify::sev::session::LaunchSession;

use super::changes;
use super::choices::Choices;
use super::random::Drawn;

const TEK: [u8; 16] = [0x7e; 16];
const TIK: [u8; 16] = [0x71; 16];
const POLICY: Policy = Policy::from_bits(0xb);
const VERSION: PlatformVersion = PlatformVersion { major: 1, minor: 55, build: 24 };

/// Secrets as a plain list.
type Secrets = Vec<([u8; 16], Vec<u8>)>;

/// The first byte: a table to read, a packet to open, or secrets to pack.
pub(crate) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    match choices.byte() % 4 {
        0 => {
            let bytes = choices.rest();
            keys(bytes);
            read(bytes);
        }
        1 => {
            let bytes = choices.rest();
            let (header, payload) = bytes.split_at(bytes.len().min(52));
            assert!(open(&[0; 32], header, payload).is_err(), "nobody sealed it");
        }
        _ => pack(&mut choices),
    }
}

/// Reads a table, which a plain reader reads as well.
fn read(bytes: &[u8]) -> Option<Secrets> {
    let plain = plainly_read(bytes);
    match SecretTable::parse(bytes) {
        Ok(table) => {
            let secrets: Secrets =
                table.entries().map(|(guid, data)| (*guid.as_bytes(), data.to_vec())).collect();
            assert_eq!(Some(&secrets), plain.as_ref(), "read in another way");
            let written = table.to_bytes(SecretArea::PACKET).expect("it was as long");
            assert_eq!(*written, table_of(&secrets));
            Some(secrets)
        }
        Err(error) => {
            assert_eq!(plain, None, "a right table is refused: {error}");
            None
        }
    }
}

/// OVMF's and Linux's layout: GUID, length of all, then GUID, length and data of each. `None` where anything is odd.
fn plainly_read(bytes: &[u8]) -> Option<Secrets> {
    let header = |at: usize| {
        let length = bytes.get(at + 16..at + 20)?;
        let length = u32::from_le_bytes(length.try_into().ok()?);
        Some((<[u8; 16]>::try_from(&bytes[at..at + 16]).ok()?, usize::try_from(length).ok()?))
    };
    let (guid, end) = header(0)?;
    if guid != *TABLE_GUID.as_bytes() || end < 20 || end > bytes.len() {
        return None;
    }
    let (mut at, mut secrets): (usize, Secrets) = (20, Vec::new());
    while end - at >= 20 {
        let (guid, length) = header(at)?;
        if length < 20 || length > end - at || guid == [0; 16] {
            return None;
        }
        if secrets.iter().any(|(other, _)| *other == guid) {
            return None;
        }
        secrets.push((guid, bytes[at + 20..at + length].to_vec()));
        at += length;
    }
    let is_padded = bytes[at..].iter().all(|byte| *byte == 0);
    (is_padded && at <= SecretArea::MAX_PACKET && !secrets.is_empty()).then_some(secrets)
}

/// The table of secrets, padded.
fn table_of(secrets: &Secrets) -> Vec<u8> {
    let with_length = |guid: &[u8; 16], data: &[u8]| {
        let length = u32::try_from(20 + data.len()).expect("it is small");
        [guid.as_slice(), &length.to_le_bytes(), data].concat()
    };
    let entries: Vec<Vec<u8>> =
        secrets.iter().map(|(guid, data)| with_length(guid, data)).collect();
    let mut table = with_length(TABLE_GUID.as_bytes(), &entries.concat());
    table.resize(table.len().next_multiple_of(16), 0);
    table
}

/// A launch whose measurement was verified, and that measurement.
fn launch() -> (VerifiedLaunch, [u8; 32]) {
    let mut references = ReferenceValues::new();
    references.add(LaunchDigest::from_bytes([5; 32]), StandsFor::image(Technology::Sev, "it"));
    let requirements =
        Requirements::strict(references, PlatformRequirements { api: Any, build: Any });
    let keys = SessionKeys {
        tek: Tek::from_bytes(&TEK).expect("16 bytes"),
        tik: Tik::from_bytes(&TIK).expect("16 bytes"),
    };
    let blob = measurement(&TIK, [1, 55, 24], POLICY.bits(), [5; 32], [9; 16]);
    let blob = LaunchMeasurement::parse(&blob).expect("48 bytes");
    let session = LaunchSession::from_stored_keys(keys, POLICY).expect("two keys");
    let verified = session.verify(&blob, VERSION, &requirements).expect("it is right");
    (verified, blob.measure)
}

fn open(measure: &[u8; 32], header: &[u8], payload: &[u8]) -> Result<Vec<u8>, SecretError> {
    let tek = Tek::from_bytes(&TEK).expect("16 bytes");
    let tik = Tik::from_bytes(&TIK).expect("16 bytes");
    open_packet(&tek, &tik, measure, header, payload).map(|plaintext| plaintext.to_vec())
}

/// Packs secrets, opens the packet, and changes it.
fn pack(choices: &mut Choices<'_>) {
    let (mut table, mut secrets) = (SecretTable::new(), Secrets::new());
    for _ in 0..choices.below(6) {
        let guid = if choices.byte() % 4 == 3 { choices.array() } else { [choices.byte() % 6; 16] };
        // More than a packet holds now and then, of which an input need not have the bytes.
        let data = match choices.byte() {
            255 => vec![choices.byte(); usize::from(choices.u16())],
            _ => choices.bytes(200).to_vec(),
        };
        let size: usize = secrets.iter().map(|(_, data): &(_, Vec<u8>)| 20 + data.len()).sum();
        let is_new = secrets.iter().all(|(other, _)| *other != guid);
        let fits = 20 + size + 20 + data.len() <= 0x4000;
        let added = table.add(Guid::from_bytes(guid), &data);
        assert_eq!(added.is_ok(), guid != [0; 16] && is_new && fits, "{added:?}");
        if added.is_ok() {
            secrets.push((guid, data));
        }
    }
    let area = match choices.byte() % 3 {
        0 => SecretArea::OVMF,
        1 => SecretArea::PACKET,
        _ => match SecretArea::of_firmware(choices.u32()) {
            Ok(area) => area,
            Err(error) => {
                assert_eq!(error, SecretError::NoArea);
                return;
            }
        },
    };
    let plaintext = table_of(&secrets);
    let (verified, measure) = launch();
    let packed = verified.pack_secret(&table, area, &mut Drawn::new(choices.byte()));
    let fits = !secrets.is_empty() && plaintext.len() <= area.size().min(0x4000);
    let Packet { header, payload } = match packed {
        Ok(packet) => packet,
        Err(error) => {
            assert!(!fits, "{error}");
            return;
        }
    };
    assert!(fits, "more than the area holds");
    assert_eq!(open(&measure, &header, &payload), Ok(plaintext.clone()));
    assert_eq!(read(&plaintext), Some(secrets));
    // AMD 55766, LAUNCH_SECRET: what is under the MAC.
    let length = u32::try_from(payload.len()).expect("it is small").to_le_bytes();
    let message = [&[1], &header[..20], &length, &length, &payload, &measure].concat();
    assert_eq!(header[20..], hmac(&TIK, &message));
    change(choices, header.to_vec(), payload, measure);
}

/// Nothing else opens, under no other measurement.
fn change(choices: &mut Choices<'_>, header: Vec<u8>, payload: Vec<u8>, measure: [u8; 32]) {
    let (mut other_header, mut other_payload) = (header.clone(), payload.clone());
    let mut other_measure = measure.to_vec();
    let which = choices.byte() % 3;
    let changed = match which {
        0 => &mut other_header,
        1 => &mut other_payload,
        _ => &mut other_measure,
    };
    changes::make(choices, changed);
    let Ok(other_measure) = other_measure.try_into() else { return };
    let is_same = (&header, &payload, &measure) == (&other_header, &other_payload, &other_measure);
    let opened = open(&other_measure, &other_header, &other_payload);
    assert_eq!(opened.is_ok(), is_same, "{opened:?}");
    // The flags are judged after the MAC, which covers them.
    assert!(!matches!(opened, Err(SecretError::Flags { .. })), "the flags are under no MAC");
}

/// Bytes are a key where they are as many as it has, and for a private key a number from 1 to the order of P-384 less 1.
fn keys(bytes: &[u8]) {
    // [FIPS 186-5, P-384, n]
    const ORDER: [u8; 48] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37,
        0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc,
        0xc5, 0x29, 0x73,
    ];
    for length in [bytes.len(), 16, 48] {
        let bytes = &bytes[..length.min(bytes.len())];
        assert_eq!(Tek::from_bytes(bytes).is_ok(), bytes.len() == 16);
        assert_eq!(Tik::from_bytes(bytes).is_ok(), bytes.len() == 16);
        let is_number =
            bytes.len() == 48 && bytes < &ORDER[..] && bytes.iter().any(|byte| *byte != 0);
        let key = PrivateKey::from_bytes(bytes);
        assert_eq!(key.is_ok(), is_number);
        assert!(key.is_ok_and(|key| key.expose()[..] == *bytes) || !is_number, "another key");
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let secrets = vec![([1; 16], b"a secret".to_vec()), ([2; 16], b"another".to_vec())];
    let table = table_of(&secrets);
    let mut counted = table.clone();
    counted[16] = u8::try_from(table.len()).expect("it is small");
    let packed: &[u8] = &[2, 2, 0, 1, 0, 3, b'a', b'b', b'c', 0, 2, 0, 1, b'd', 0, 4];
    let (verified, _) = launch();
    let mut one = SecretTable::new();
    one.add(Guid::from_bytes([1; 16]), b"one").expect("it fits");
    let packet = verified.pack_secret(&one, SecretArea::OVMF, &mut Drawn::new(1)).expect("it fits");
    vec![
        [&[0], table.as_slice()].concat(),
        [&[0], counted.as_slice()].concat(),
        [&[1], packet.header.as_slice(), &packet.payload].concat(),
        packed.to_vec(),
        [packed, &[0], &changes::seed(0, 3, &[])].concat(),
        [packed, &[1], &changes::seed(0, 3, &[])].concat(),
        [packed, &[2], &changes::seed(0, 3, &[])].concat(),
        vec![2, 1, 0, 1, 255, 7, 0xff, 0x3f, 1],
        vec![2, 1, 0, 1, 0, 3, b'a', b'b', b'c', 2, 0x20, 0, 0, 0],
    ]
}
