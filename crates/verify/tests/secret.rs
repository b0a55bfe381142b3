//! Secret tables and packets: known answers, limits and refusals.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sev_launch_abi::sev::LaunchDigest;
use sev_launch_abi::sev::policy::Policy;
use sev_launch_abi::{Guid, PlatformVersion, Technology};
use sev_launch_testkit::sev_api::{Expect, SecretPacket, SevApi};
use sev_launch_verify::outcome::Family;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::requirement::Requirement::Any;
use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
use sev_launch_verify::sev::measurement::{LaunchMeasurement, VerifiedLaunch};
use sev_launch_verify::sev::requirements::{
    PlatformRequirements, PolicyRequirements, Requirements,
};
use sev_launch_verify::sev::secret::SecretError;
use sev_launch_verify::sev::secret::{
    self, LUKS_PASSPHRASE, SecretArea, SecretTable, guid_name, open_packet,
};
use sev_launch_verify::sev::session::LaunchSession;
use sha2::{Digest as _, Sha256};

#[path = "generators/scripted.rs"]
mod scripted;
use scripted::Scripted;

/// The launch of the measurement `policy-0x3`, to which most packets belong.
fn launch(file: &SevApi, packet: &SecretPacket) -> VerifiedLaunch {
    let vector = file.measurement("policy-0x3");
    let keys = SessionKeys {
        tek: Tek::from_bytes(&packet.tek).unwrap(),
        tik: Tik::from_bytes(&packet.tik).unwrap(),
    };
    let mut references = ReferenceValues::new();
    let stands_for = StandsFor::image(Technology::Sev, "this");
    references.add(LaunchDigest::from_bytes(vector.launch_digest.array()), stands_for);
    let platform = PlatformRequirements { api: Any, build: Any };
    let policy = PolicyRequirements { nosend: Any, ..PolicyRequirements::STRICT };
    let requirements = Requirements { policy, ..Requirements::strict(references, platform) };
    let version =
        PlatformVersion { major: vector.api_major, minor: vector.api_minor, build: vector.build };
    let blob = STANDARD.decode(&vector.blob_base64).unwrap();
    LaunchSession::from_stored_keys(keys, Policy::from_bits(vector.policy))
        .unwrap()
        .verify(&LaunchMeasurement::parse(&blob).unwrap(), version, &requirements)
        .unwrap()
}

#[test]
fn guids_as_text_and_bytes() {
    let vectors = SevApi::read().guids;
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let guid = Guid::from_bytes(vector.bytes.array());
        assert_eq!(guid.to_string(), vector.guid, "{}", vector.name);
        assert_eq!(vector.guid.parse(), Ok(guid), "{}", vector.name);
        assert_eq!(vector.guid.to_uppercase().parse(), Ok(guid), "{}", vector.name);
        assert!(guid_name(&guid).is_some(), "{}", vector.name);
    }
    assert_eq!(guid_name(&Guid::from_bytes([1; 16])), None);
}

#[test]
fn texts_that_are_no_guid() {
    for text in [
        "",
        "736869e584f0497392ec06879ce3da0b",
        "736869e5-84f0-4973-92ec-06879ce3da0",
        "736869e5-84f0-4973-92ec-06879ce3da0g",
        "+36869e5-84f0-4973-92ec-06879ce3da0b",
        "{736869e5-84f0-4973-92ec-06879ce3da0b}",
        "736869e5-84f0-4973-92ec06879-ce3da0b",
        "736869e5-84f0-4973-92ec-06879ce3da0b-",
        "é6869e5-84f0-4973-92ec-06879ce3da0b",
    ] {
        assert_eq!(text.parse::<Guid>(), Err(sev_launch_abi::Error::Guid { found: text.into() }));
    }
}

#[test]
fn tables_bit_for_bit_within_the_limits() {
    let vectors = SevApi::read().secret_table;
    assert_eq!(vectors.len(), 14);
    let [mut refused, mut too_large_for_ovmf] = [0, 0];
    for vector in vectors {
        let name = &vector.name;
        let mut table = SecretTable::new();
        let mut added = Ok(());
        for (number, secret) in (1..).zip(&vector.secrets) {
            let guid = secret.guid.parse().unwrap();
            let filled = || vec![number; secret.data_len.unwrap()];
            let data = secret.data.as_ref().map_or_else(filled, |data| data.to_vec());
            added = added.and(table.add(guid, &data));
        }
        let bytes = added.and_then(|()| table.to_bytes(SecretArea::PACKET));
        if vector.secrets.is_empty() || vector.padded_len > SecretArea::MAX_PACKET {
            let wanted = match vector.secrets.len() {
                0 => SecretError::NoEntry,
                _ => SecretError::TooLarge { found: vector.padded_len, wanted: 16384 },
            };
            assert_eq!(bytes.unwrap_err(), wanted, "{name}");
            refused += 1;
            continue;
        }
        let bytes = bytes.unwrap();
        assert_eq!(bytes.len(), vector.padded_len, "{name}");
        assert_eq!(bytes[16..20], vector.length_field.to_le_bytes(), "{name}");
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&bytes)), *vector.table_sha256, "{name}");
        if let Some(table) = &vector.table {
            assert_eq!(**bytes, **table, "{name}");
        }
        let read = SecretTable::parse(&bytes).unwrap();
        assert!(read.entries().eq(table.entries()), "{name}");
        let ovmf = table.to_bytes(SecretArea::OVMF);
        if vector.padded_len > 3072 {
            let wanted = SecretError::TooLarge { found: vector.padded_len, wanted: 3072 };
            assert_eq!(ovmf.unwrap_err(), wanted, "{name}");
            too_large_for_ovmf += 1;
        } else {
            assert_eq!(ovmf.unwrap(), bytes, "{name}");
        }
    }
    assert_eq!((refused, too_large_for_ovmf), (2, 2));
}

#[test]
fn tables_are_read_by_both_conventions() {
    let vectors = SevApi::read().secret_table_parse;
    assert_eq!(vectors.len(), 14);
    for vector in vectors {
        let name = &vector.name;
        match (SecretTable::parse(&vector.table), vector.expect) {
            (Ok(table), Expect::Accept) => {
                let found: Vec<(String, Vec<u8>)> =
                    table.entries().map(|(guid, data)| (guid.to_string(), data.to_vec())).collect();
                let wanted: Vec<(String, Vec<u8>)> = vector
                    .secrets
                    .unwrap()
                    .into_iter()
                    .map(|secret| (secret.guid, secret.data.unwrap().to_vec()))
                    .collect();
                assert_eq!(found, wanted, "{name}");
            }
            (Err(error), Expect::Reject) => {
                let reason = match error {
                    SecretError::TableHeader { .. } => "truncated",
                    SecretError::TableGuid { .. } => "table_guid",
                    SecretError::TableLength { .. } => "table_length",
                    SecretError::EntryLength { .. } => "entry_length",
                    SecretError::DuplicateGuid { .. } => "duplicate_guid",
                    other => panic!("{name}: {other}"),
                };
                assert_eq!(Some(reason), vector.reason.as_deref(), "{name}");
                assert_eq!(error.family(), Family::Malformed, "{name}");
            }
            (outcome, _) => panic!("{name}: {outcome:?}"),
        }
    }
}

#[test]
fn zero_and_double_guids_are_refused() {
    let mut table = SecretTable::new();
    assert_eq!(table.add(Guid::from_bytes([0; 16]), b"a"), Err(SecretError::ZeroGuid));
    table.add(LUKS_PASSPHRASE, b"a").unwrap();
    let twice = SecretError::DuplicateGuid { guid: LUKS_PASSPHRASE };
    assert_eq!(table.add(LUKS_PASSPHRASE, b"b"), Err(twice));
    assert_eq!(table.size(), 41);
}

#[test]
fn the_rest_of_a_table_must_be_zero() {
    let mut table = SecretTable::new();
    table.add(LUKS_PASSPHRASE, b"abcd").unwrap();
    let mut bytes = table.to_bytes(SecretArea::OVMF).unwrap().to_vec();
    assert_eq!(bytes.len(), 48);
    bytes[47] = 1;
    assert_eq!(SecretTable::parse(&bytes).unwrap_err(), SecretError::Remainder { offset: 44 });
    // The same where the length counts the padding.
    bytes[16] = 48;
    assert_eq!(SecretTable::parse(&bytes).unwrap_err(), SecretError::Remainder { offset: 44 });
    bytes[47] = 0;
    assert!(SecretTable::parse(&bytes).is_ok());
    // A whole area, as a guest finds it.
    bytes.resize(3072, 0);
    assert!(SecretTable::parse(&bytes).is_ok());
    bytes[20..36].fill(0);
    assert_eq!(SecretTable::parse(&bytes).unwrap_err(), SecretError::ZeroGuid);
}

#[test]
fn areas() {
    assert_eq!(SecretArea::of_firmware(0), Err(SecretError::NoArea));
    assert_eq!(SecretArea::of_firmware(3072), Ok(SecretArea::OVMF));
    assert_eq!(SecretArea::of_firmware(0x4000), Ok(SecretArea::PACKET));
    assert_eq!(SecretArea::of_firmware(u32::MAX), Ok(SecretArea::PACKET));
    assert_eq!(SecretArea::OVMF.size(), 3072);
}

#[test]
fn packets_open() {
    let vectors = SevApi::read().secret_packet;
    assert_eq!(vectors.len(), 13);
    for vector in vectors {
        let tek = Tek::from_bytes(&vector.tek).unwrap();
        let tik = Tik::from_bytes(&vector.tik).unwrap();
        let measure = vector.measure.array();
        let opened = open_packet(&tek, &tik, &measure, &vector.header, &vector.ciphertext).unwrap();
        assert_eq!(**opened, *vector.plaintext, "{}", vector.name);
    }
}

#[test]
fn a_verified_launch_packs_bit_for_bit() {
    let file = SevApi::read();
    let measure = &file.measurement("policy-0x3").measure;
    let mut packed = 0;
    for vector in file.secret_packet.iter().filter(|vector| vector.measure == *measure) {
        // Without the empty table and what is no table.
        let Ok(table) = SecretTable::parse(&vector.plaintext) else { continue };
        let launch = launch(&file, vector);
        let mut rng = Scripted::new(&[&vector.iv]);
        let packet = launch.pack_secret(&table, SecretArea::OVMF, &mut rng).unwrap();
        assert!(rng.is_used_up(), "{}", vector.name);
        assert_eq!(packet.header, *vector.header, "{}", vector.name);
        assert_eq!(packet.payload, *vector.ciphertext, "{}", vector.name);
        packed += 1;
    }
    assert_eq!(packed, 9);
}

#[test]
fn every_packet_draws_its_own_iv() {
    let file = SevApi::read();
    let launch = launch(&file, file.secret_packet("packet-one-luks-18"));
    let mut table = SecretTable::new();
    table.add(LUKS_PASSPHRASE, b"abcd").unwrap();
    let mut rng = Scripted::new(&[&[1; 16], &[2; 16]]);
    let [first, second] =
        [0, 1].map(|_| launch.pack_secret(&table, SecretArea::OVMF, &mut rng).unwrap());
    assert_eq!(
        (&first.header[4..20], &second.header[4..20]),
        ([1; 16].as_slice(), [2; 16].as_slice())
    );
    assert_ne!(first.payload, second.payload);
}

#[test]
fn what_does_not_fit_is_not_packed() {
    let file = SevApi::read();
    let launch = launch(&file, file.secret_packet("packet-one-luks-18"));
    let mut table = SecretTable::new();
    let pack = |table: &SecretTable| {
        launch.pack_secret(table, SecretArea::OVMF, &mut Scripted::new(&[])).unwrap_err()
    };
    assert_eq!(pack(&table), SecretError::NoEntry);
    table.add(LUKS_PASSPHRASE, &[1; 3033]).unwrap();
    assert_eq!(pack(&table), SecretError::TooLarge { found: 3088, wanted: 3072 });
}

#[test]
fn packets_that_must_not_open() {
    let file = SevApi::read();
    assert_eq!(file.secret_packet_negative.len(), 8);
    for vector in &file.secret_packet_negative {
        let base = file.secret_packet(&vector.based_on);
        let tek = Tek::from_bytes(&base.tek).unwrap();
        let tik = Tik::from_bytes(&base.tik).unwrap();
        let measure = vector.measure.array();
        let error =
            open_packet(&tek, &tik, &measure, &vector.header, &vector.ciphertext).unwrap_err();
        let (wanted, family) = match vector.reason.as_str() {
            "mac" => (SecretError::Mac, Family::Rejected),
            "bad_length" => {
                (SecretError::HeaderLength { found: vector.header.len() }, Family::Malformed)
            }
            other => panic!("{other}"),
        };
        assert_eq!(error.family(), family, "{}", vector.name);
        assert_eq!(error, wanted, "{}", vector.name);
    }
}

#[test]
fn a_payload_larger_than_a_packet_is_refused() {
    let tek = Tek::from_bytes(&[1; 16]).unwrap();
    let tik = Tik::from_bytes(&[2; 16]).unwrap();
    let error = open_packet(&tek, &tik, &[0; 32], &[0; 52], &[0; 16385]).unwrap_err();
    assert_eq!(error, SecretError::PayloadLength { found: 16385, wanted: 16384 });
}

#[test]
fn no_text_shows_a_secret() {
    let mut table = SecretTable::new();
    table.add(secret::COCO_BUNDLE, b"abcd").unwrap();
    assert_eq!(format!("{table:?}"), "{e6f5a162-d67f-4750-a67c-5d065f2a9910: 4}");
}
