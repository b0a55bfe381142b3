//! `secret build` and `secret show`: packets that open, what is refused, and what is told of secrets.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sev_launch_testkit::sev_api::{SecretPacket, SevApi};
use sev_launch_testkit::{firmware, pattern};

use super::guest::{Guest, image};
use super::harness::{Folder, Outcome, Run, golden};
use super::json::{check_strictness, document, schema};
use super::platform::{TEK, TIK, open_packet, reported};
use super::verify::shows_no_key;

/// GUIDs as they are printed (libvirt's luks-key; a made-up one).
const LUKS: &str = "736869e5-84f0-4973-92ec-06879ce3da0b";
const OTHER: &str = "00112233-4455-6677-8899-aabbccddeeff";

/// A SEV guest with keys and one secret.
fn guest() -> Guest {
    let guest = Guest::new().with_keys();
    guest.file("secret", "correct horse");
    guest
}

/// `secret build h p` for a launch of the guest's firmware, with these flags, apart by spaces.
fn build(guest: &Guest, flags: &str) -> Run {
    let command = format!("secret build h p --firmware OVMF.fd --tek tek.bin {flags}");
    guest.launched(&command, &guest.sev(None), 1)
}

/// What the platform injects of the packet that was written.
fn injected(guest: &Guest) -> Option<Vec<u8>> {
    let [header, payload] =
        ["h", "p"].map(|name| BASE64.decode(guest.folder.read(name)).expect("base64"));
    let blob = BASE64.decode(reported(&guest.sev(None), 1)).expect("base64");
    open_packet(TEK, &TIK, &blob, &header, &payload)
}

/// Removes the packet.
fn clear(guest: &Guest) {
    for name in ["h", "p"] {
        fs::remove_file(guest.folder.join(name)).expect("the file was written");
    }
}

/// No packet was written.
#[track_caller]
fn wrote_nothing(guest: &Guest) {
    assert!(!guest.folder.join("h").exists() && !guest.folder.join("p").exists());
}

/// A table by hand: GUID, length, then entries of GUID, length and data, then zeros to a multiple of 16.
pub(crate) fn table(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let part = |guid: &str, length: usize| {
        let length = u32::try_from(length).expect("a table is small").to_le_bytes();
        [&firmware::guid(guid)[..], &length].concat()
    };
    let body: Vec<u8> = entries
        .iter()
        .flat_map(|(guid, data)| [part(guid, 20 + data.len()), data.to_vec()].concat())
        .collect();
    let mut table = part("1e74f542-71dd-4d66-963e-ef4287ff173b", 20 + body.len());
    table.extend(body);
    table.resize(table.len().next_multiple_of(16), 0);
    table
}

// Build.

#[test]
fn the_platform_injects_the_table_with_its_secrets_in_order() {
    let guest = guest();
    guest.file("other", pattern(100, 7, 3));
    for (flags, entries) in [
        ("-s luks-key:secret", vec![(LUKS, &b"correct horse"[..])]),
        ("--secret luks-key:secret", vec![(LUKS, b"correct horse")]),
        (
            "-s 00112233-4455-6677-8899-AABBCCDDEEFF:other -s luks-key:secret",
            vec![(OTHER, &pattern(100, 7, 3)), (LUKS, b"correct horse")],
        ),
        ("-s 736869e5-84f0-4973-92ec-06879ce3da0b:secret", vec![(LUKS, b"correct horse")]),
    ] {
        build(&guest, flags).go().answer();
        assert_eq!(injected(&guest), Some(table(&entries)), "{flags}");
        clear(&guest);
    }
}

#[test]
fn both_keys_may_come_from_one_file() {
    let guest = guest();
    guest.file("tk.bin", [TEK, TIK].concat());
    let claims = super::platform::claims(&reported(&guest.sev(None), 1), 1);
    let claims = claims.replace("--tik tik.bin", "--tk tk.bin");
    let command = format!("secret build h p -s luks-key:secret --firmware OVMF.fd {claims}");
    guest.run(&command).go().answer();
    assert_eq!(injected(&guest), Some(table(&[(LUKS, b"correct horse")])));
}

#[test]
fn a_packet_is_base64_without_a_line_end_and_its_owner_s_alone() {
    let guest = guest();
    build(&guest, "-s luks-key:secret").go().answer();
    for (name, size) in [("h", 72), ("p", 88)] {
        let metadata = fs::metadata(guest.folder.join(name)).expect("the file was written");
        assert_eq!(
            (metadata.len(), metadata.permissions().mode() & 0o777),
            (size, 0o600),
            "{name}"
        );
    }
}

#[test]
fn each_packet_has_an_iv_of_its_own() {
    let guest = guest();
    let ivs = [(); 4].map(|()| {
        build(&guest, "-s luks-key:secret").go().answer();
        let header = BASE64.decode(guest.folder.read("h")).expect("base64");
        clear(&guest);
        header[4..20].to_vec()
    });
    for (number, iv) in ivs.iter().enumerate() {
        assert!(!ivs[..number].contains(iv));
    }
}

#[test]
fn no_packet_without_a_match() {
    let guest = guest();
    let flags = "secret build h p --firmware OVMF.fd --tek tek.bin -s luks-key:secret";
    let outcome = guest.launched(flags, &"00".repeat(32), 1).go();
    assert!(outcome.no().contains("matches none"));
    wrote_nothing(&guest);
    build(&guest, "-s luks-key:secret --require-api 2.0").go().no();
    wrote_nothing(&guest);
}

#[test]
fn no_packet_for_a_policy_that_is_refused() {
    let guest = guest();
    let command = "secret build h p --firmware OVMF.fd --tek tek.bin -s luks-key:secret";
    guest.launched(command, &guest.sev(None), 0).go().insecure(&["--allow-debug"]);
    let outcome = build(&guest, "-s luks-key:secret --require nosend").go();
    assert!(outcome.no().contains("NOSEND"), "{}", outcome.stdout);
    wrote_nothing(&guest);
}

#[test]
fn a_packet_needs_the_tek() {
    let guest = guest();
    let command = "secret build h p --firmware OVMF.fd -s luks-key:secret";
    guest.launched(command, &guest.sev(None), 1).go().refused_with(&["--tek"]);
    wrote_nothing(&guest);
}

#[test]
fn no_file_is_ever_overwritten_and_none_is_left_half_made() {
    for existing in ["h", "p"] {
        let guest = guest();
        guest.file(existing, "mine");
        let names = guest.folder.names();
        let outcome = build(&guest, "-s luks-key:secret").go();
        outcome.refused_with(&["never overwritten"]);
        assert_eq!(guest.folder.names(), names);
        assert_eq!(guest.folder.read(existing), b"mine");
    }
}

#[test]
fn secrets_that_guests_cannot_tell_apart_or_read_are_refused() {
    let guest = guest();
    for (flags, text) in [
        ("-s luks-key:secret -s luks-key:secret", "two secrets have the GUID"),
        ("-s luks-key:secret -s 736869E5-84F0-4973-92EC-06879CE3DA0B:secret", "two secrets"),
        ("-s 00000000-0000-0000-0000-000000000000:secret", "GUID of zeros"),
        ("-s disk:secret", "is no GUID"),
        ("-s 736869e584f0497392ec06879ce3da0b:secret", "is no GUID"),
        ("-s luks-key", "wanted GUID:FILE or luks-key:FILE"),
        ("-s luks-key:absent", "absent"),
        ("", "--secret"),
    ] {
        build(&guest, flags).go().refused_with(&[text]);
        wrote_nothing(&guest);
    }
}

#[test]
fn a_secret_fills_the_firmware_s_area_and_no_more() {
    let guest = guest();
    // The area has 3072 bytes; two headers take 40 of them.
    guest.file("fits", pattern(3032, 3, 1));
    guest.file("larger", pattern(3033, 3, 1));
    build(&guest, "-s luks-key:fits").go().answer();
    assert_eq!(injected(&guest).expect("the MAC is right").len(), 3072);
    clear(&guest);
    build(&guest, "-s luks-key:larger").go().refused_with(&["3088 bytes", "at most 3072"]);
    wrote_nothing(&guest);
}

#[test]
fn the_area_s_size_is_that_of_the_firmware_s_table() {
    let guest = guest();
    guest.file("larger", pattern(3033, 3, 1));
    for (size, flags, text) in [
        (0x40, "-s luks-key:larger", "at most 64"),
        (0, "-s luks-key:secret", "takes no secret"),
        (0xffff_fff0, "-s luks-key:OVMF.fd", "at most 16384"),
    ] {
        let mut guest = Guest::new().with_keys();
        guest.image = image()
            .without("4c2eb361-7d9b-4cc3-8081-127c90d3d294")
            .secret_area(0x0081_0000, size)
            .build();
        guest.file("OVMF.fd", &guest.image);
        guest.file("secret", "correct horse");
        guest.file("larger", pattern(3033, 3, 1));
        build(&guest, flags).go().refused_with(&[text]);
        wrote_nothing(&guest);
    }
}

#[test]
fn ovmf_s_area_is_assumed_where_no_firmware_is_given() {
    let guest = guest();
    guest.file("larger", pattern(3033, 3, 1));
    let digest = guest.sev(None);
    let command = format!("secret build h p --launch-digest {digest} --tek tek.bin");
    let outcome = guest.launched(&format!("{command} -s luks-key:larger"), &digest, 1).go();
    outcome.refused_with(&["at most 3072"]);
    guest.launched(&format!("{command} -s luks-key:secret"), &digest, 1).go().answer();
}

#[test]
fn a_line_end_is_part_of_the_secret_and_is_warned_of() {
    let guest = guest();
    guest.file("line", "correct horse\n");
    let outcome = build(&guest, "-s luks-key:line").go();
    outcome.answer();
    let warned = |outcome: &Outcome| {
        outcome.warnings().iter().any(|text| text.contains("ends with a newline"))
    };
    assert!(warned(&outcome));
    assert_eq!(injected(&guest), Some(table(&[(LUKS, b"correct horse\n")])));
    clear(&guest);
    assert!(!warned(&build(&guest, "-s luks-key:secret").go()));
}

// Show.

/// A known packet as files `header` and `payload`, with `tek` and `tik`.
fn packet(folder: &Folder, packet: &SecretPacket) -> Run {
    folder.file("header", &*packet.header);
    folder.file("payload", &*packet.ciphertext);
    folder.file("tek", &*packet.tek);
    folder.file("tik", &*packet.tik);
    show(folder, &packet.measure)
}

/// `secret show` of those files, for a blob with this MEASURE.
fn show(folder: &Folder, measure: &[u8]) -> Run {
    let blob = BASE64.encode([measure, &[0; 16]].concat());
    Run::new("secret show header payload --tek tek --tik tik".split(' '))
        .with([format!("--measurement={blob}")])
        .in_folder(folder.path())
}

fn known(vectors: &SevApi, name: &str) -> SecretPacket {
    let found = vectors.secret_packet.iter().find(|packet| packet.name == name);
    found.expect("the packet is there").clone()
}

#[test]
fn known_packets_are_listed_with_their_secrets() {
    let (folder, vectors) = (Folder::new(), SevApi::read());
    let mut shown = 0;
    for known in &vectors.secret_packet {
        let table = vectors
            .secret_table
            .iter()
            .find(|table| table.table.as_deref().is_some_and(|bytes| *bytes == *known.plaintext));
        let Some(table) = table.filter(|table| !table.secrets.is_empty()) else { continue };
        let outcome = packet(&folder, known).with(["--json", "--reveal"]).go();
        outcome.answer();
        let expected: Vec<Value> = table
            .secrets
            .iter()
            .map(|secret| {
                let data = secret.data.as_deref().expect("small tables have their data");
                json!([secret.guid, data.len(), BASE64.encode(data)])
            })
            .collect();
        let document = document(&outcome);
        let found: Vec<Value> = document["secrets"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|secret| json!([secret["guid"], secret["size"], secret["data"]]))
            .collect();
        assert_eq!(found, expected, "{}", known.name);
        shown += 1;
    }
    // All 13 but two that hold no table, and one whose table is no vector of its own.
    assert_eq!(shown, 10);
}

#[test]
fn packets_without_a_table_are_a_no_that_shows_nothing_of_them() {
    let (folder, vectors) = (Folder::new(), SevApi::read());
    for name in ["packet-zero-secrets", "packet-raw-512"] {
        let outcome = packet(&folder, &known(&vectors, name)).go();
        assert!(outcome.no().contains("holds no table of secrets"), "{name}");
        // "not a table", as the raw one begins.
        shows_no_key(&outcome, &[b"not a table\0\0\0\0\0\0\0\0\0"]);
    }
}

#[test]
fn no_known_changed_packet_opens() {
    let (folder, vectors) = (Folder::new(), SevApi::read());
    for case in &vectors.secret_packet_negative {
        let mut changed = known(&vectors, &case.based_on);
        changed.header = case.header.clone();
        changed.ciphertext = case.ciphertext.clone();
        changed.measure = case.measure.clone();
        let outcome = packet(&folder, &changed).go();
        match case.reason.as_str() {
            "mac" => assert!(outcome.no().contains("MAC"), "{}", case.name),
            _ => outcome.refused_with(&["packet header: wanted 52 bytes"]),
        }
    }
    assert_eq!(vectors.secret_packet_negative.len(), 8);
}

#[test]
fn one_flipped_bit_in_any_byte_of_header_or_payload_is_a_no() {
    let (folder, vectors) = (Folder::new(), SevApi::read());
    let known = known(&vectors, "packet-one-luks-18");
    packet(&folder, &known).go().answer();
    for (name, bytes) in [("header", &*known.header), ("payload", &*known.ciphertext)] {
        for at in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1 << (at % 8);
            folder.file(name, changed);
            assert!(show(&folder, &known.measure).go().no().contains("MAC"), "{name} {at}");
        }
        folder.file(name, bytes);
    }
}

#[test]
fn another_key_or_measurement_is_a_no() {
    let (folder, vectors) = (Folder::new(), SevApi::read());
    let known = known(&vectors, "packet-one-luks-18");
    packet(&folder, &known).go().answer();
    show(&folder, &[1; 32]).go().no();
    for name in ["tek", "tik"] {
        let right = folder.read(name);
        folder.file(name, [1; 16]);
        show(&folder, &known.measure).go().no();
        folder.file(name, right);
    }
}

#[test]
fn header_and_payload_are_taken_raw_or_in_base64() {
    let (folder, vectors) = (Folder::new(), SevApi::read());
    let known = known(&vectors, "packet-three-coco");
    let raw = packet(&folder, &known).go();
    for (header, payload) in [
        (BASE64.encode(&*known.header), BASE64.encode(&*known.ciphertext)),
        (hex::encode(&*known.header), format!("{}\n", BASE64.encode(&*known.ciphertext))),
    ] {
        folder.file("header", header);
        folder.file("payload", payload);
        assert_eq!(show(&folder, &known.measure).go().answer(), raw.answer());
    }
}

#[test]
fn a_payload_larger_than_a_packet_is_refused() {
    let (folder, vectors) = (Folder::new(), SevApi::read());
    let known = known(&vectors, "packet-one-luks-18");
    packet(&folder, &known).go().answer();
    folder.file("payload", pattern(16385, 3, 1));
    show(&folder, &known.measure).go().refused_with(&["16385 bytes", "at most 16384"]);
}

#[test]
fn secrets_are_listed_by_guid_name_and_size() {
    let (folder, vectors) = (Folder::new(), SevApi::read());
    let outcome = packet(&folder, &known(&vectors, "packet-three-coco")).go();
    golden("secret-show.txt", outcome.answer());
}

#[test]
fn secrets_are_printed_only_where_that_is_asked_for() {
    let guest = guest();
    guest.file("secret", "correct horse battery staple");
    let secret = b"correct horse battery staple";
    shows_no_key(&build(&guest, "-s luks-key:secret").go(), &[secret, &TEK, &TIK]);
    let command = "secret show h p --tek tek.bin --tik tik.bin --measurement";
    let show = |flags: &str| {
        let run = guest.run(command).with([reported(&guest.sev(None), 1)]);
        run.with(flags.split_ascii_whitespace()).go()
    };
    for flags in ["", "--json"] {
        let outcome = show(flags);
        assert!(outcome.answer().contains(LUKS));
        shows_no_key(&outcome, &[secret, &TEK, &TIK]);
    }
    for flags in ["--reveal", "--reveal --json"] {
        assert!(show(flags).answer().contains(&BASE64.encode(secret)), "{flags}");
    }
}

#[test]
fn the_document_follows_its_schema() {
    let (folder, vectors) = (Folder::new(), SevApi::read());
    let schema = schema("secret-show");
    let run = || packet(&folder, &known(&vectors, "packet-three-coco"));
    let plain = document(&run().with(["--json"]).go());
    check_strictness(&schema, &plain, &[]);
    let revealed = document(&run().with(["--json", "--reveal"]).go());
    check_strictness(&schema, &revealed, &["data"]);
    run();
    let no = document(&show(&folder, &[1; 32]).with(["--json"]).go());
    check_strictness(&schema, &no, &[]);
    assert_eq!((&no["answer"], &no["secrets"]), (&json!("no"), &json!([])));
}
