//! Encryption at rest: the exact bytes, what does not open, rotation, and the files that keys come from.

use std::convert::Infallible;
use std::error::Error;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use sev_launch_server::seal::{
    KEK_SIZE, Kek, KekError, KeyFileError, KeyId, KeyRing, KeySource, MAX_PLAINTEXT, OVERHEAD,
    Place, SealError, Sealed,
};
use sev_launch_verify::rand_core::utils::next_word_via_fill;
use sev_launch_verify::rand_core::{TryCryptoRng, TryRng};

/// Made by the package `cryptography` 50.0.2 under Python 3.11.7, with this program. The id also by `sha256sum`.
///
/// ```python
/// import hashlib
/// from cryptography.hazmat.primitives.ciphers.aead import AESGCM
/// def fields(*parts): return b"".join(len(p).to_bytes(8, "little") + p for p in parts)
/// kek, drawn = bytes(range(32)), bytes(range(0x40, 0x78))
/// dek, wrap_nonce, nonce = drawn[:32], drawn[32:44], drawn[44:]
/// key_id = hashlib.sha256(b"sev-launch kek id" + kek).digest()[:8]
/// vm, other = bytes([0x11] * 16), bytes([0x22] * 16)
/// n = lambda v: v.to_bytes(8, "little")
/// for plain, place in [
///     (b"passphrase", [b"secret", b"acme", vm, other, n(7)]),
///     (b"", [b"registration", b"acme", vm, n(1)]),
///     (bytes(32), [b"launch-keys", b"acme", vm, other]),
///     (b"k", [b"audit-key"]),
///     (b"sev-launch canary", [b"canary"]),
///     (b"t", [b"other", b"tls"]),
/// ]:
///     wrapped = AESGCM(kek).encrypt(wrap_nonce, dek, fields(b"sev-launch sealed data key 1", *place, key_id))
///     payload = AESGCM(dek).encrypt(nonce, plain, fields(b"sev-launch sealed payload 1", *place))
///     print((b"\1" + key_id + wrap_nonce + wrapped + nonce + payload).hex())
/// ```
const KNOWN: [(&[u8], Place<'static>, &str); 6] = [
    (
        b"passphrase",
        Place::Secret { tenant: "acme", vm: [0x11; 16], guid: [0x22; 16], version: 7 },
        "01370b1e2aaad81b8a606162636465666768696a6baa9ad916ff05c528345fb3603ec08f0c7624dbdad031648efbf8da3720afa95772c748983c46b329d86057f016ddcaab6c6d6e6f70717273747576772072b78c3a515f34a2e986411677e81c1938ef40851f959b929b",
    ),
    (
        b"",
        Place::Registration { tenant: "acme", vm: [0x11; 16], version: 1 },
        "01370b1e2aaad81b8a606162636465666768696a6baa9ad916ff05c528345fb3603ec08f0c7624dbdad031648efbf8da3720afa9578da062a8c22e9ae3dfa74470b2a725a66c6d6e6f7071727374757677bf912d4db453a9dc669eb9329b80e5ee",
    ),
    (
        &[0; 32],
        Place::LaunchKeys { tenant: "acme", vm: [0x11; 16], launch: [0x22; 16] },
        "01370b1e2aaad81b8a606162636465666768696a6baa9ad916ff05c528345fb3603ec08f0c7624dbdad031648efbf8da3720afa957d558430e2163a8127614c713384ea19c6c6d6e6f70717273747576775013c4ff4a392d55d18c90757c2fd8fde6bc5428dc3b5dd91a83644b28e3a62385af81e63009975ec4ea2b5d583a1927",
    ),
    (
        b"k",
        Place::AuditKey,
        "01370b1e2aaad81b8a606162636465666768696a6baa9ad916ff05c528345fb3603ec08f0c7624dbdad031648efbf8da3720afa957c5b020b68ffc91be76088eb795bb1d306c6d6e6f70717273747576773b94e1944dac6f6aabcaaeefdaca42a9b4",
    ),
    (
        b"sev-launch canary",
        Place::Canary,
        "01370b1e2aaad81b8a606162636465666768696a6baa9ad916ff05c528345fb3603ec08f0c7624dbdad031648efbf8da3720afa957575a6efc5daaf4ba90f8d61ecdb4aed36c6d6e6f70717273747576772376b2d22658583bb2e4b0161d41b98f9fdf990a6d903d91926648bfeceeecb775",
    ),
    (
        b"t",
        Place::Other("tls"),
        "01370b1e2aaad81b8a606162636465666768696a6baa9ad916ff05c528345fb3603ec08f0c7624dbdad031648efbf8da3720afa957bad94d91b8f6beb417a096869f3b8a226c6d6e6f70717273747576772493e4979c1f84d5944f044511f9c609c7",
    ),
];
/// The id of the key 00 01 .. 1f, from the same program.
const KNOWN_ID: &str = "370b1e2aaad81b8a";

const SECRET: Place<'static> =
    Place::Secret { tenant: "acme", vm: [1; 16], guid: [2; 16], version: 3 };

/// Gives 40 41 42 .. and on: for known answers, and for a nonce that is never the same in one test.
struct Counting(u8);

impl TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for byte in to {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counting {}

fn counting() -> Counting {
    Counting(0x40)
}

/// The key 00 01 .. 1f, or another, which starts elsewhere.
fn kek(first: u8) -> Kek {
    Kek::parse(&raw(first)).expect("a key")
}

fn raw(first: u8) -> [u8; KEK_SIZE] {
    let mut bytes = [0; KEK_SIZE];
    bytes.iter_mut().zip(first..).for_each(|(to, from)| *to = from);
    bytes
}

fn ring(current: u8, older: &[u8]) -> KeyRing {
    let mut ring = KeyRing::new(kek(current));
    older.iter().for_each(|first| ring.add_older(kek(*first)).expect("another key"));
    ring
}

fn open(ring: &KeyRing, place: &Place<'_>, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
    ring.open(place, sealed).map(|plaintext| plaintext.to_vec())
}

#[test]
fn the_bytes_are_those_of_another_implementation() {
    let ring = ring(0, &[]);
    assert_eq!(ring.current_id().to_string(), KNOWN_ID);
    for (plaintext, place, wanted) in KNOWN {
        let sealed = ring.seal(&place, plaintext, &mut counting()).expect("short");
        assert_eq!(hex::encode(sealed.to_bytes()), wanted, "{place:?}");
        let parsed = Sealed::parse(&hex::decode(wanted).expect("hex")).expect("well formed");
        assert_eq!(parsed, sealed);
        assert_eq!(open(&ring, &place, &parsed), Ok(plaintext.to_vec()));
    }
    let canary = ring.canary(&mut counting()).expect("short");
    assert_eq!(hex::encode(canary.to_bytes()), KNOWN[4].2);
}

#[test]
fn every_flipped_bit_is_refused() {
    let ring = ring(0, &[0x80]);
    for (_, place, known) in KNOWN {
        let good = hex::decode(known).expect("hex");
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let result = Sealed::parse(&bytes).and_then(|sealed| open(&ring, &place, &sealed));
            let error = result.expect_err("one bit is another");
            let is_right = match bit / 8 {
                0 => matches!(error, SealError::Version { .. }),
                1..=8 => matches!(error, SealError::UnknownKey { .. }),
                9..=68 => matches!(error, SealError::DataKey { .. }),
                _ => matches!(error, SealError::Payload { .. }),
            };
            assert!(is_right, "bit {bit}: {error}");
        }
    }
}

#[test]
fn every_other_length_is_refused() {
    let ring = ring(0, &[]);
    let good = ring.seal(&SECRET, b"passphrase", &mut counting()).expect("short").to_bytes();
    for length in 0..good.len() {
        let result = Sealed::parse(&good[..length]).and_then(|cut| open(&ring, &SECRET, &cut));
        match length < OVERHEAD {
            true => assert_eq!(result, Err(SealError::Length { found: length })),
            false => assert_eq!(result, Err(SealError::Payload { key: ring.current_id() })),
        }
    }
    let longer = [good.as_slice(), &[0]].concat();
    let result = Sealed::parse(&longer).and_then(|longer| open(&ring, &SECRET, &longer));
    assert_eq!(result, Err(SealError::Payload { key: ring.current_id() }));
}

#[test]
fn a_value_of_a_mebibyte_is_the_longest() {
    let ring = ring(0, &[]);
    let mut plaintext = vec![7; MAX_PLAINTEXT];
    let sealed = ring.seal(&SECRET, &plaintext, &mut counting()).expect("not too long");
    let mut bytes = sealed.to_bytes();
    let parsed = Sealed::parse(&bytes).expect("not too long");
    assert_eq!(open(&ring, &SECRET, &parsed).as_ref(), Ok(&plaintext));

    bytes.push(0);
    let error = Sealed::parse(&bytes).expect_err("too long");
    assert_eq!(
        error.to_string(),
        "a sealed value of 1048674 bytes: wanted 97 to 1048673; it was cut off, or is something else"
    );
    plaintext.push(7);
    let error = ring.seal(&SECRET, &plaintext, &mut counting()).expect_err("too long");
    assert_eq!(error.to_string(), "1048577 bytes to seal as one value: at most 1048576 are");
}

#[test]
fn another_version_is_refused() {
    let mut bytes = hex::decode(KNOWN[0].2).expect("hex");
    bytes[0] = 2;
    assert_eq!(
        Sealed::parse(&bytes).expect_err("unknown").to_string(),
        "a sealed value of version 2: wanted version 1; a later program wrote it, or it is something else"
    );
}

/// Places that differ in one field each, and such as a careless joining of fields would make the same.
#[test]
fn no_value_opens_at_another_place() {
    let [one, two] = [[1; 16], [2; 16]];
    let places = [
        SECRET,
        Place::Secret { tenant: "acm", vm: one, guid: two, version: 3 },
        Place::Secret { tenant: "acme", vm: two, guid: two, version: 3 },
        Place::Secret { tenant: "acme", vm: two, guid: one, version: 3 },
        Place::Secret { tenant: "acme", vm: one, guid: one, version: 3 },
        Place::Secret { tenant: "acme", vm: one, guid: two, version: 4 },
        Place::Secret { tenant: "acme\u{1}", vm: one, guid: two, version: 3 },
        Place::Registration { tenant: "acme", vm: one, version: 3 },
        Place::Registration { tenant: "acme", vm: two, version: 3 },
        Place::Registration { tenant: "acmes", vm: one, version: 3 },
        Place::Registration { tenant: "acme", vm: one, version: 4 },
        Place::LaunchKeys { tenant: "acme", vm: one, launch: two },
        Place::LaunchKeys { tenant: "acme", vm: two, launch: one },
        Place::LaunchKeys { tenant: "", vm: one, launch: two },
        Place::AuditKey,
        Place::Canary,
        Place::Other(""),
        Place::Other("canary"),
        Place::Other("audit-key"),
        Place::Other("\u{5}\0\0\0\0\0\0\0other"),
    ];
    let ring = ring(0, &[]);
    let error = Err(SealError::DataKey { key: ring.current_id() });
    for (at, place) in places.iter().enumerate() {
        let sealed = ring.seal(place, b"passphrase", &mut counting()).expect("short");
        for (other_at, other) in places.iter().enumerate() {
            match at == other_at {
                true => assert_eq!(open(&ring, other, &sealed), Ok(b"passphrase".to_vec())),
                false => assert_eq!(open(&ring, other, &sealed), error, "{place:?} at {other:?}"),
            }
        }
    }
}

/// The data key of one value and the payload of another do not make a third.
#[test]
fn halves_of_two_values_do_not_fit() {
    let ring = ring(0, &[]);
    let [first, second] = [0x40, 0x90]
        .map(|from| ring.seal(&SECRET, b"passphrase", &mut Counting(from)).expect("short"));
    let [first, second] = [first.to_bytes(), second.to_bytes()];
    let mixed = Sealed::parse(&[&first[..69], &second[69..]].concat()).expect("well formed");
    assert_eq!(open(&ring, &SECRET, &mixed), Err(SealError::Payload { key: ring.current_id() }));
}

#[test]
fn another_ring_opens_nothing_and_says_which_key_it_wants() {
    let sealed = ring(0, &[]).seal(&SECRET, b"passphrase", &mut counting()).expect("short");
    let other = ring(0x80, &[0xa0]);
    let error = other.open(&SECRET, &sealed).expect_err("not its key");
    let [first, second] = [0x80, 0xa0].map(|first| kek(first).id());
    assert_eq!(
        error.to_string(),
        format!(
            "the value is sealed under key {KNOWN_ID}, and the key ring holds {first}, {second}: give the file of key {KNOWN_ID} as an older key"
        )
    );
    assert_eq!(other.rewrap(&SECRET, &sealed, &mut counting()), Err(error));
    assert!(!other.holds(sealed.key_id()) && other.holds(second));
    assert_eq!(other.ids().collect::<Vec<_>>(), [first, second]);

    // A value that claims to be under a key that the ring has.
    let mut bytes = sealed.to_bytes();
    bytes[1..9].copy_from_slice(first.as_bytes());
    let forged = Sealed::parse(&bytes).expect("well formed");
    assert_eq!(open(&other, &SECRET, &forged), Err(SealError::DataKey { key: first }));
}

#[test]
fn a_rotation_wraps_the_data_key_anew_and_leaves_the_payload() {
    let old = ring(0, &[]);
    let sealed = old.seal(&SECRET, b"passphrase", &mut counting()).expect("short");
    let both = ring(0x80, &[0]);
    assert_eq!(open(&both, &SECRET, &sealed), Ok(b"passphrase".to_vec()));

    let rng = &mut Counting(0xc0);
    let rewrapped = both.rewrap(&SECRET, &sealed, rng).expect("opens").expect("an older key");
    assert_eq!((sealed.key_id(), rewrapped.key_id()), (kek(0).id(), kek(0x80).id()));
    let [before, after] = [&sealed, &rewrapped].map(Sealed::to_bytes);
    assert_eq!(before[69..], after[69..]);
    assert_ne!(before[9..21], after[9..21]);
    assert_ne!(before[21..69], after[21..69]);

    let new = ring(0x80, &[]);
    assert_eq!(open(&new, &SECRET, &rewrapped), Ok(b"passphrase".to_vec()));
    assert!(matches!(open(&old, &SECRET, &rewrapped), Err(SealError::UnknownKey { .. })));
    assert_eq!(both.rewrap(&SECRET, &rewrapped, rng), Ok(None));
    let elsewhere = both.rewrap(&Place::AuditKey, &sealed, rng);
    assert_eq!(elsewhere, Err(SealError::DataKey { key: kek(0).id() }));
}

#[test]
fn the_canary_knows_its_ring() {
    let made = ring(0, &[]);
    let canary = made.canary(&mut counting()).expect("short");
    assert_eq!(made.check_canary(&canary), Ok(()));
    assert_eq!(ring(0x80, &[0]).check_canary(&canary), Ok(()));
    assert!(matches!(
        ring(0x80, &[]).check_canary(&canary),
        Err(SealError::UnknownKey { wanted, .. }) if wanted == kek(0).id()
    ));
    let other = made.seal(&Place::Canary, b"bird", &mut counting()).expect("short");
    assert_eq!(made.check_canary(&other), Err(SealError::Canary { key: made.current_id() }));
    let elsewhere = made.seal(&SECRET, b"sev-launch canary", &mut counting()).expect("short");
    assert_eq!(made.check_canary(&elsewhere), Err(SealError::DataKey { key: made.current_id() }));
}

#[test]
fn a_ring_holds_a_key_once() {
    let mut ring = ring(0, &[0x80]);
    for first in [0, 0x80] {
        let key = kek(first).id();
        assert_eq!(ring.add_older(kek(first)), Err(SealError::SameKey { key }));
    }
    assert_eq!(ring.ids().count(), 2);
    assert_eq!(format!("{ring:?}"), format!("[KeyId({KNOWN_ID}), KeyId({})]", kek(0x80).id()));
    assert_eq!(KeyId::from_bytes(*kek(0).id().as_bytes()), kek(0).id());
}

/// The key of [`KNOWN`] as `base64` and `od` of GNU coreutils 9.1 write it, and as people do.
#[test]
fn a_key_is_raw_or_base64_or_hexadecimal() {
    let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    for text in [base64, hex, &hex.to_uppercase()] {
        for end in ["", "\n", "\r\n"] {
            let key = Kek::parse(format!("{text}{end}").as_bytes()).expect(text);
            assert_eq!(key.id().to_string(), KNOWN_ID);
        }
    }
    // A newline at the end of a raw key is part of the key.
    let mut with_newline = raw(0);
    with_newline[31] = b'\n';
    assert_ne!(Kek::parse(&with_newline).expect("a key").id(), kek(0).id());
}

#[test]
fn what_is_no_key_is_refused() {
    let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let url_safe = "--ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let cases: [(Vec<u8>, KekError); 22] = [
        (vec![], KekError::Length { found: 0 }),
        (b"\n".to_vec(), KekError::Length { found: 1 }),
        (vec![1; 31], KekError::Length { found: 31 }),
        (vec![1; 33], KekError::Length { found: 33 }),
        ([&[1; 32][..], b"\n"].concat(), KekError::Length { found: 33 }),
        (base64[..43].into(), KekError::Length { found: 43 }),
        (format!("{}\n", &base64[..43]).into(), KekError::Length { found: 44 }),
        (format!(" {base64}").into(), KekError::Length { found: 45 }),
        (format!("{base64}\n\n").into(), KekError::Length { found: 46 }),
        ("0".repeat(63).into(), KekError::Length { found: 63 }),
        (format!("0x{}", "1".repeat(64)).into(), KekError::Length { found: 66 }),
        (vec![1; 67], KekError::TooLong),
        (vec![1; 4096], KekError::TooLong),
        (vec![1; 44], KekError::Base64),
        (url_safe.into(), KekError::Base64),
        // 33 bytes; 31 bytes; bits behind the last byte.
        ("A".repeat(44).into(), KekError::Base64),
        (format!("{}==", &base64[..42]).into(), KekError::Base64),
        (base64.replace("h8=", "h9=").into(), KekError::Base64),
        ("g".repeat(64).into(), KekError::Hex),
        (b"correct horse battery staple ok?".to_vec(), KekError::Text),
        (vec![0; 32], KekError::Zero),
        ("0".repeat(64).into(), KekError::Zero),
    ];
    for (contents, wanted) in cases {
        let found = Kek::parse(&contents).err();
        assert_eq!(found, Some(wanted), "{}", contents.escape_ascii());
    }
}

fn write(path: &Path, contents: &[u8], mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    // One that is there may not be writable by now.
    let _ = fs::remove_file(path);
    fs::write(path, contents).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

/// An error and its causes, as the server prints them.
fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

fn load(source: &KeySource, credentials: Option<&Path>) -> Result<KeyId, String> {
    source.load(credentials).map(|key| key.id()).map_err(|error| chain(&error))
}

#[test]
fn a_key_file_is_the_owner_s_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kek");
    let source = KeySource::File(path.clone());
    for mode in [0o600, 0o400, 0o700] {
        write(&path, &raw(0), mode);
        assert_eq!(load(&source, None), Ok(kek(0).id()), "{mode:o}");
    }
    for mode in [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o440, 0o4644] {
        write(&path, &raw(0), mode);
        let wanted = format!(
            "key file {} has mode {mode:04o}: group and others must have no rights to it; `chmod 600` takes them away, and a key that others could read is one to replace",
            path.display()
        );
        assert_eq!(load(&source, None), Err(wanted));
    }
}

/// Modes as systemd issue 29435 shows them: an access control list makes 0440 of 0400.
#[test]
fn a_credential_may_show_the_mask_of_its_access_control_list() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kek");
    let source: KeySource = "credential:kek".parse().expect("a name");
    for mode in [0o400, 0o440] {
        write(&path, &raw(0), mode);
        assert_eq!(load(&source, Some(folder.path())), Ok(kek(0).id()));
    }
    for mode in [0o620, 0o604, 0o602, 0o444] {
        write(&path, &raw(0), mode);
        let error = source.load(Some(folder.path())).err();
        assert!(matches!(error, Some(KeyFileError::Mode { found, .. }) if found == mode));
    }
    assert_eq!(
        load(&source, None).expect_err("no folder"),
        "credential kek is wanted, and the service was given none: start it with `LoadCredential=kek:FILE` in its unit, or name a key file instead"
    );
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let load = |name: &str| load(&KeySource::File(at(name)), None);
    let path = |name: &str| at(name).display().to_string();

    let wanted = format!("key file {} is a folder, wanted a regular file", folder.path().display());
    assert_eq!(load("."), Err(wanted.replace(" is a", "/. is a")));
    let device = KeySource::File("/dev/zero".into()).load(None).err().map(|error| chain(&error));
    let wanted = "key file /dev/zero is a pipe or a device, wanted a regular file";
    assert_eq!(device.as_deref(), Some(wanted));

    // Nobody ever opens the other end.
    let fifo = std::process::Command::new("mkfifo").args(["-m", "600", &path("pipe")]).status();
    assert!(fifo.expect("coreutils").success());
    let wanted = format!("key file {} is a pipe or a device, wanted a regular file", path("pipe"));
    assert_eq!(load("pipe"), Err(wanted));

    // The system's own words end these two.
    let wanted = format!("key file {}: No such file or directory (os error 2)", path("none"));
    assert_eq!(load("none"), Err(wanted));
    std::os::unix::fs::symlink(at("b"), at("a")).expect("linked");
    std::os::unix::fs::symlink(at("a"), at("b")).expect("linked");
    let error = load("a").expect_err("a circle");
    assert!(error.starts_with(&format!("key file {}: Too many levels", path("a"))), "{error}");
}

/// As Kubernetes lays secrets: `kek -> ..data/kek`, `..data -> ..2026`.
#[test]
fn links_to_a_good_file_are_followed_and_to_an_open_one_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("..2026")).expect("made");
    write(&at("..2026/kek"), &raw(0), 0o400);
    std::os::unix::fs::symlink("..2026", at("..data")).expect("linked");
    std::os::unix::fs::symlink("..data/kek", at("kek")).expect("linked");
    assert_eq!(load(&KeySource::File(at("kek")), None), Ok(kek(0).id()));
    let credential: KeySource = "credential:kek".parse().expect("a name");
    assert_eq!(load(&credential, Some(folder.path())), Ok(kek(0).id()));

    write(&at("open"), &raw(0), 0o644);
    std::os::unix::fs::symlink("open", at("link")).expect("linked");
    let error = KeySource::File(at("link")).load(None).err();
    assert!(matches!(error, Some(KeyFileError::Mode { found: 0o644, .. })));
}

#[test]
fn a_file_without_a_key_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kek");
    let source = KeySource::File(path.clone());
    let advice = "wanted 32 raw bytes, or 44 characters of base64 or 64 hexadecimal digits with at most one newline; `openssl rand -base64 32` makes one";
    let cases = [
        (vec![], format!("0 bytes, newline included: {advice}")),
        (vec![1; 31], format!("31 bytes, newline included: {advice}")),
        (vec![1; 67], format!("more than 66 bytes: {advice}")),
        (vec![b'0'; 100_000], format!("more than 66 bytes: {advice}")),
        (
            vec![0; 32],
            "a key of 32 zero bytes: wanted 32 random bytes; `openssl rand -base64 32` makes a key"
                .to_owned(),
        ),
    ];
    for (contents, wanted) in cases {
        write(&path, &contents, 0o600);
        let wanted = format!("key file {}: {wanted}", path.display());
        assert_eq!(load(&source, None), Err(wanted));
    }
    let longest = format!("{}\r\n", hex::encode(raw(0)));
    write(&path, longest.as_bytes(), 0o600);
    assert_eq!(load(&source, None), Ok(kek(0).id()));
}

#[test]
fn a_ring_comes_from_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| KeySource::File(folder.path().join(name));
    for (name, first) in [("new", 0x80), ("old", 0), ("copy", 0)] {
        write(&folder.path().join(name), &raw(first), 0o600);
    }
    let both = KeyRing::load(&at("new"), &[at("old")], None).expect("two keys");
    assert_eq!(both.ids().collect::<Vec<_>>(), [kek(0x80).id(), kek(0).id()]);
    let credential = KeySource::Credential("old".to_owned());
    let mixed = KeyRing::load(&credential, &[at("new")], Some(folder.path()));
    assert_eq!(mixed.expect("two keys").current_id(), kek(0).id());

    let error = KeyRing::load(&at("new"), &[at("old"), at("copy")], None).expect_err("one twice");
    let wanted = format!(
        "key file {}: the key ring already holds key {KNOWN_ID}: name every key once",
        folder.path().join("copy").display()
    );
    assert_eq!(chain(&error), wanted);
}

#[test]
fn a_source_is_a_path_or_a_credential() {
    let parse = |text: &str| text.parse::<KeySource>().map_err(|error| error.to_string());
    for text in ["/etc/sev-launch/kek", "kek", "credential", "credential:kek", "./credential:kek"] {
        assert_eq!(parse(text).expect(text).to_string(), text);
    }
    assert_eq!(parse("credential:kek"), Ok(KeySource::Credential("kek".to_owned())));
    assert_eq!(parse("kek"), Ok(KeySource::File("kek".into())));
    for name in ["", ".", "..", "../kek", "/etc/kek", "a/b", "a\0"] {
        let wanted = format!("credential {name:?}: wanted the name of one file, without `/`");
        assert_eq!(parse(&format!("credential:{name}")), Err(wanted));
    }
    let wanted =
        "no key file is named: wanted a path, or `credential:` and the name of a credential";
    assert_eq!(parse(""), Err(wanted.to_owned()));
}

proptest! {
    #[test]
    fn no_bytes_panic_and_those_that_parse_are_written_back(
        version in prop_oneof![Just(1u8), any::<u8>()],
        rest in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [&[version], rest.as_slice()].concat();
        if let Ok(sealed) = Sealed::parse(&bytes) {
            prop_assert_eq!(sealed.to_bytes(), bytes);
            let is_refused = ring(0, &[0x80]).open(&SECRET, &sealed).is_err();
            prop_assert!(is_refused);
        } else {
            prop_assert!(version != 1 || bytes.len() < OVERHEAD);
        }
        let _ = Sealed::parse(&rest);
        let _ = Kek::parse(&rest);
    }

    #[test]
    fn what_is_sealed_opens(
        plaintext in proptest::collection::vec(any::<u8>(), 0..200),
        (key, seed) in any::<(u8, u8)>(),
        (tenant, vm, version) in any::<(String, [u8; 16], u64)>(),
    ) {
        let ring = KeyRing::new(Kek::generate(&mut Counting(key)));
        let place = Place::Registration { tenant: &tenant, vm, version };
        let sealed = ring.seal(&place, &plaintext, &mut Counting(seed)).expect("short");
        prop_assert_eq!(sealed.to_bytes().len(), OVERHEAD + plaintext.len());
        prop_assert_eq!(open(&ring, &place, &sealed), Ok(plaintext));
    }

    #[test]
    fn no_contents_of_a_key_file_panic(contents in "[0-9a-fA-F+/=]{40,68}\n?") {
        let _ = Kek::parse(contents.as_bytes());
    }
}
