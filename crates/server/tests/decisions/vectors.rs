//! The vectors of attestation-service.md: digests by sev-snp-measure and libvirt's validator, measurements and packets by libvirt's tool.

use serde_json::json;
use sev_launch_abi::PlatformVersion;
use sev_launch_abi::sev::Policy;
use sev_launch_server::candidates::{Candidates, Selected};
use sev_launch_server::catalogue::Entry;
use sev_launch_server::judge::{Accepted, Judgement, Rules, measurement};
use sev_launch_verify::sev::keys::{SessionKeys, Tek, Tik};
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, SecretArea, SecretTable};
use sev_launch_verify::sev::session::LaunchSession;

use crate::lab::{
    Catalogue, Counted, base64, es_base, registration, sev_base, sha256, tv2_image, unbase64, unhex,
};

/// TEK 00…0f and TIK 10…1f of TV-1.
fn session(policy: u32) -> LaunchSession {
    let bytes = |from: u8| (from..from + 16).collect::<Vec<u8>>();
    let (tek, tik) = (Tek::from_bytes(&bytes(0)).unwrap(), Tik::from_bytes(&bytes(16)).unwrap());
    LaunchSession::from_stored_keys(SessionKeys { tek, tik }, Policy::from_bits(policy)).unwrap()
}

const VERSION: PlatformVersion = PlatformVersion { major: 1, minor: 55, build: 31 };

fn candidates(base: serde_json::Value, more: serde_json::Value) -> Candidates {
    let candidates = Catalogue::of(&[&tv2_image()]).candidates(&registration(base, more)).unwrap();
    let stored = candidates.to_json().unwrap();
    assert_eq!(
        Candidates::from_json(&stored).unwrap(),
        candidates,
        "what is stored is what was computed"
    );
    candidates
}

fn digests(candidates: &Candidates) -> Vec<String> {
    candidates.rows().iter().map(|row| row.digest.to_string()).collect()
}

fn accepted(judgement: Judgement) -> Accepted {
    match judgement {
        Judgement::Accepted(accepted) => *accepted,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_entry_holds_all_that_the_image_says() {
    let entry = Entry::of_image(&tv2_image()).unwrap();
    assert_eq!(
        entry.sha256().to_string(),
        "8dc2f6b73d23dfd9541b7897ea707ab5cb44142bea9f96d9a57a8d6e9fb4f424"
    );
    // Python: hashlib.sha384 of the image of TV-2.
    assert_eq!(hex::encode(entry.sha384()), SHA384);
    assert_eq!((entry.size(), entry.es_reset_address()), (4096, Some(0x0080_b004)));
    let area =
        |area: Option<sev_launch_digest::firmware::Area>| area.map(|area| (area.base.0, area.size));
    assert_eq!(area(entry.secret_area()), Some((0x0081_0000, 0xc00)));
    assert_eq!(area(entry.hash_area()), Some((0x0081_0c00, 0x400)));
    assert!(!entry.has_snp_metadata());
    let stored = entry.to_json().unwrap();
    assert_eq!(Entry::from_json(&stored).unwrap(), entry);
    let text = String::from_utf8(stored).unwrap();
    for wrong in [
        text.replacen("8dc2f6b7", "8dc2f6b8", 1),
        text.replacen("\"sha384\":\"", "\"sha384\":\"0", 1),
        text.replacen('{', "{\"more\":1,", 1),
        format!("{text} {text}"),
    ] {
        assert!(Entry::from_json(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

// hashlib.sha384((bytes(i & 0xff …) + tail)).hexdigest()
const SHA384: &str = "5168bf2feebbcb7375db7190ce2b2949dc4ed01b16a77c1534de8136c349cc39dab63fa3341f0da4794168650a0f58d1";

// TV-2, the first row: sev-snp-measure, libvirt's validator.
#[test]
fn sev_with_kernel_hashes() {
    let found = candidates(sev_base(), json!({}));
    assert_eq!(
        digests(&found),
        ["693bc5a8aac2de6bb1b70a3fb662c2e8abf63af351c31bd5f40514ec30e42821"]
    );
    assert_eq!(found.secret_area().map(SecretArea::size), Some(0xc00));
    let facts = found.rows()[0].facts().unwrap();
    assert_eq!((facts.cpu_count, &facts.cpu, &facts.profile), (None, &None, &None));
    // 20f8… is the hash of the command line and its NUL in 1.6.
    let by_hash = json!({"cmdline": null, "cmdline-hash": "20f89446143de92eed6db2f75aa1234869a3e8e96915b173ba177ee702b417c5"});
    assert_eq!(digests(&candidates(sev_base(), by_hash)), digests(&found));
}

// 1.1 of attestation-service.md: without kernel hashes the digest of plain SEV is the firmware's SHA-256.
#[test]
fn sev_without_kernel_hashes_is_the_firmware_s_own_hash() {
    let found =
        candidates(sev_base(), json!({"kernel-hash": null, "initrd-hash": null, "cmdline": null}));
    assert_eq!(digests(&found), [sha256(tv2_image())]);
}

// TV-2, the other rows: sev-snp-measure, and libvirt's validator for the legacy ones.
#[test]
fn sev_es_by_profile_and_count() {
    let more = json!({"cpu-count": [1, 2, 4], "vmsa-profiles": ["kvm-sev-init2", "kvm-sev-init"]});
    let found = candidates(es_base(), more);
    assert_eq!(
        digests(&found),
        [
            "707d314fe19379001588f135a3994b20c42de086ca0b4ddca5edd744cfa1b4b0",
            "5543dbe10c5bc4515acfd8b2b292294c1179377f2de91d315e288c147358b61f",
            "d22449670026e0f8e84c3026b1a5a16d4a39f8b94bc3eeb05be1fa0740d8f532",
            "e3e5d102f3556210ee5f143e9715d39bc8a0eff1c7b22d5b888b6f5dc29d56c2",
            "97ac341555ef6d512af49ea6b12e62977065f46e00619469b72b10540707fdcd",
            "f64032322db255823307e3dffcad49bd550cbcd6bc74424cead092fdfa701246",
        ]
    );
    let facts = found.rows()[4].facts().unwrap();
    assert_eq!((facts.cpu_count, facts.profile.as_deref()), (Some(2), Some("es-legacy")));
    assert_eq!(
        facts.cpu.as_ref().map(|cpu| (cpu.name.as_deref(), cpu.signature.0)),
        Some((Some("EPYC-Milan"), 0x00a0_0f11))
    );
    let more = json!({"cpu-count": {"min": 4, "max": 4}, "vmsa-profiles": "es-legacy", "cpu": {"family": 23, "model": 1, "stepping": 2}});
    assert_eq!(
        digests(&candidates(es_base(), more)),
        ["e131976f791c3882b0e9b0963338992a581362e9062d9c30170c8c13c6e8c9d7"]
    );
}

#[test]
fn hints_narrow_and_never_widen() {
    let more =
        json!({"cpu-count": [1, 2, 4], "digest-mode": "any", "launch-digests": ["11".repeat(32)]});
    let found = candidates(es_base(), more);
    let firmware = sev_launch_protocol::text::Sha256(unhex(&sha256(tv2_image())));
    let other = sev_launch_protocol::text::Sha256([9; 32]);
    let number = |selected: Option<Selected<'_>>| selected.map(|selected| selected.len());
    assert_eq!(number(found.select(None, None)), Some(4));
    // A given digest says neither firmware nor count.
    assert_eq!(number(found.select(Some(&firmware), None)), Some(3));
    assert_eq!(number(found.select(Some(&firmware), Some(2))), Some(1));
    assert_eq!(number(found.select(None, Some(3))), None);
    assert_eq!(number(found.select(Some(&other), None)), None);
    let sev = candidates(sev_base(), json!({}));
    assert_eq!(number(sev.select(None, Some(2))), Some(1));
    assert_eq!(number(sev.select(None, Some(3))), None, "not measured, and not registered");
}

// TV-3 and TV-4: libvirt's validator accepts the measurement, and makes the same packet with the same IV.
#[test]
fn sev_measurement_and_packet() {
    let blob = unbase64("4ch0BE+0H6sEW1d6Yj+HqS6kJMfO7gIqPsidAELC5sZAQUJDREVGR0hJSktMTU5P")
        .try_into()
        .unwrap();
    let registration = registration(sev_base(), json!({}));
    let candidates = candidates(sev_base(), json!({}));
    let selected = candidates.select(None, Some(2)).unwrap();
    let accepted =
        accepted(measurement(session(3), &blob, VERSION, &selected, &Rules::of(&registration)));
    assert_eq!(accepted.facts.version.as_deref(), Some("1.55.31"));
    assert!(accepted.facts.candidate.is_some());
    let table = sev_launch_protocol::secret::table(&registration.secrets).unwrap();
    let area = candidates.secret_area().unwrap();
    let packet =
        accepted.proof.launch().unwrap().pack_secret(&table, area, &mut Counted(0x50)).unwrap();
    assert_eq!(
        base64(packet.header),
        "AAAAAFBRUlNUVVZXWFlaW1xdXl/pHBUQ0Xxo1ToCjNn/CqcA9//qwQK5l7jHYdULjkzH+w=="
    );
    assert_eq!(base64(packet.payload), PAYLOAD);
}

const PAYLOAD: &str = "fAXFuz50++a3wg14/J7T8RclDNx34WVUoNZMPEHXtRPvGPcGEbaJKJeadCRIs/YwEiQ2tA8eO8SE5MyB/9Lceu94qNFsj9JLKDg7Ywmnt9E=";

#[test]
fn sev_es_measurements_of_both_profiles() {
    let init2 = unbase64("DjTQMhWbjn4jysFzawMn9kEjSNH8t7CgRgaIQgHya/hAQUJDREVGR0hJSktMTU5P")
        .try_into()
        .unwrap();
    let legacy = unbase64("dHhEFTgflu8vCYA6Gcj2RwmBOqB0sF+KRlWhY/xCo4xAQUJDREVGR0hJSktMTU5P")
        .try_into()
        .unwrap();
    let registration = registration(es_base(), json!({}));
    let one = candidates(es_base(), json!({}));
    let both = candidates(es_base(), json!({"vmsa-profiles": ["es-init2", "es-legacy"]}));
    let judge = |blob, candidates: &Candidates| {
        measurement(
            session(7),
            blob,
            VERSION,
            &candidates.select(None, None).unwrap(),
            &Rules::of(&registration),
        )
    };
    let accepted_one = accepted(judge(&init2, &one));
    let launch = accepted_one.proof.launch().unwrap();
    let mut table = SecretTable::new();
    table.add(LUKS_PASSPHRASE, b"correct horse battery staple").unwrap();
    let packet =
        launch.pack_secret(&table, one.secret_area().unwrap(), &mut Counted(0x50)).unwrap();
    assert_eq!(
        base64(packet.header),
        "AAAAAFBRUlNUVVZXWFlaW1xdXl/pTmRme7ccxg116rgglO4pQKNN0gWRTlHZVFAMYMu9yg=="
    );
    assert_eq!(base64(packet.payload), PAYLOAD);
    assert!(
        matches!(judge(&legacy, &one), Judgement::Mismatch { digest: None }),
        "the other profile is not registered"
    );
    let matched = accepted(judge(&legacy, &both)).facts.candidate.unwrap();
    assert_eq!(matched.facts().and_then(|facts| facts.profile.as_deref()), Some("es-legacy"));
    let mut flipped: [u8; 48] = init2;
    flipped[31] ^= 1;
    assert!(matches!(judge(&flipped, &both), Judgement::Mismatch { .. }));
}
