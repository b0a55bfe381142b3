//! A pretend platform: what the secure processor makes of a session, reports of a launch, and does with a packet.
//!
//! Written from AMD 55766 (LAUNCH_START, LAUNCH_MEASURE, LAUNCH_SECRET) for the expected values of tests, sharing nothing with
//! the command; the tests at the end hold it against the known answers of `testdata/vectors/sev-api.json`.

use aes::Aes128;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use p384::{PublicKey, SecretKey};
use sev_launch_testkit::expected::{hmac, measurement};

use super::guest::Guest;
use super::harness::Run;

/// The session's keys, as a guest's owner stored them.
pub(crate) const TEK: [u8; 16] = *b"a throwaway TEK!";
pub(crate) const TIK: [u8; 16] = *b"a throwaway TIK!";
/// API_MAJOR, API_MINOR, BUILD.
pub(crate) const VERSION: [u8; 3] = [1, 55, 24];
const MNONCE: [u8; 16] = *b"platform's nonce";

fn aes_ctr(key: [u8; 16], iv: [u8; 16], bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    Ctr128BE::<Aes128>::new(&key.into(), &iv.into()).apply_keystream(&mut bytes);
    bytes
}

/// `N` bytes of `bytes` from offset `at` on.
fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("the field has its size")
}

/// One output block of the KDF: all that 128 bits need.
fn kdf(key: &[u8], label: &str, context: &[u8]) -> [u8; 16] {
    let message =
        [&1_u32.to_le_bytes()[..], label.as_bytes(), &[0], context, &128_u32.to_le_bytes()]
            .concat();
    field(&hmac(key, &message), 0)
}

/// LAUNCH_START: TEK and TIK of a session buffer, by the PDH's private key.
pub(crate) fn open_session(
    pdh: &[u8],
    godh_certificate: &[u8],
    session: &[u8],
    policy: u32,
) -> Result<([u8; 16], [u8; 16]), &'static str> {
    let big_endian = |at| {
        let mut number = field::<48>(godh_certificate, at);
        number.reverse();
        number
    };
    let point = [&[4][..], &big_endian(0x14), &big_endian(0x5c)].concat();
    let godh = PublicKey::from_sec1_bytes(&point).map_err(|_| "point")?;
    let pdh = SecretKey::from_slice(pdh).map_err(|_| "private key")?;
    let z = pdh.diffie_hellman(&godh);
    open_wrapped(z.raw_secret_bytes(), session, policy)
}

fn open_wrapped(
    z: &[u8],
    session: &[u8],
    policy: u32,
) -> Result<([u8; 16], [u8; 16]), &'static str> {
    let master = kdf(z, "sev-master-secret", &session[..16]);
    let (wrap_tk, wrap_iv) = (&session[0x10..0x30], field(session, 0x30));
    if hmac(&kdf(&master, "sev-kik", &[]), wrap_tk) != session[0x40..0x60] {
        return Err("wrap_mac");
    }
    let keys = aes_ctr(kdf(&master, "sev-kek", &[]), wrap_iv, wrap_tk);
    let (tek, tik) = (field(&keys, 0), field(&keys, 16));
    if hmac(&tik, &policy.to_le_bytes()) != session[0x60..0x80] {
        return Err("policy_mac");
    }
    Ok((tek, tik))
}

/// LAUNCH_SECRET: the plaintext of a packet, where its MAC is right. `blob` is that of LAUNCH_MEASURE.
pub(crate) fn open_packet(
    tek: [u8; 16],
    tik: &[u8],
    blob: &[u8],
    header: &[u8],
    payload: &[u8],
) -> Option<Vec<u8>> {
    assert_eq!(header.len(), 52);
    let length = u32::try_from(payload.len()).expect("a packet is small").to_le_bytes();
    let message = [&[0x01], &header[..20], &length, &length, payload, &blob[..32]].concat();
    (hmac(tik, &message) == header[20..]).then(|| aes_ctr(tek, field(header, 4), payload))
}

/// A measurement of a digest in hex by the platform, with the keys above, in base64.
pub(crate) fn reported(digest: &str, policy: u32) -> String {
    let digest = hex::decode(digest).expect("hex").try_into().expect("a SHA-256");
    BASE64.encode(measurement(&TIK, VERSION, policy, digest, MNONCE))
}

impl Guest {
    /// Writes `tek.bin` and `tik.bin`.
    pub(crate) fn with_keys(self) -> Self {
        self.file("tek.bin", TEK);
        self.file("tik.bin", TIK);
        self
    }

    /// `command` with what the host says of a launch with this digest, and the owner's policy and TIK.
    pub(crate) fn launched(&self, command: &str, digest: &str, policy: u32) -> Run {
        self.run(command).with(claims(&reported(digest, policy), policy).split(' '))
    }

    /// `verify` of a launch with this digest, against the guest's firmware and these flags, apart by spaces.
    pub(crate) fn verify(&self, digest: &str, policy: u32, flags: &str) -> Run {
        let command = format!("verify --firmware OVMF.fd {flags}");
        self.launched(&command, digest, policy)
    }
}

/// The host's claims, the policy and `tik.bin`, as flags.
pub(crate) fn claims(blob: &str, policy: u32) -> String {
    let [major, minor, build] = VERSION;
    format!(
        "--measurement {blob} --api-major {major} --api-minor {minor} --build-id {build} --policy {policy:#x} --tik tik.bin"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sev_launch_testkit::sev_api::{Expect, SevApi};

    #[test]
    fn measurements_are_the_known_ones() {
        let vectors = SevApi::read().measurement;
        assert_eq!(vectors.len(), 16);
        for vector in vectors {
            let version = [vector.api_major, vector.api_minor, vector.build];
            let (digest, mnonce) = (vector.launch_digest.array(), vector.mnonce.array());
            let blob = measurement(&field(&vector.tik, 0), version, vector.policy, digest, mnonce);
            assert_eq!(BASE64.encode(blob), vector.blob_base64, "{}", vector.name);
        }
    }

    #[test]
    fn known_sessions_open() {
        for vector in SevApi::read().session {
            let found = open_wrapped(&vector.z, &vector.blob, vector.policy);
            assert_eq!(found, Ok((vector.tek.array(), vector.tik.array())), "{}", vector.name);
        }
    }

    #[test]
    fn sessions_of_sevctl_open_where_it_gets_the_policy_right() {
        for vector in SevApi::read().session_peer {
            let mut godh = vec![0; 2084];
            for (at, number) in [(0x14, &vector.godh_x_be), (0x5c, &vector.godh_y_be)] {
                let number: [u8; 48] = number.array();
                godh[at..at + 48].copy_from_slice(&number);
                godh[at..at + 48].reverse();
            }
            let found = open_session(&vector.pdh_private, &godh, &vector.blob, vector.policy);
            let expected = match vector.expect {
                Expect::Accept => Ok((vector.tek.array(), vector.tik.array())),
                Expect::Reject => Err("policy_mac"),
            };
            assert_eq!(found, expected, "{}", vector.name);
        }
    }

    #[test]
    fn known_packets_open_and_changed_ones_do_not() {
        let vectors = SevApi::read();
        for vector in &vectors.secret_packet {
            let found = open_packet(
                vector.tek.array(),
                &vector.tik,
                &vector.measure,
                &vector.header,
                &vector.ciphertext,
            );
            assert_eq!(found.as_deref(), Some(&*vector.plaintext), "{}", vector.name);
        }
        for vector in vectors.secret_packet_negative.iter().filter(|case| case.reason == "mac") {
            let keys = vectors.secret_packet.iter().find(|keys| keys.name == vector.based_on);
            let keys = keys.expect("the case that it is based on");
            let found = open_packet(
                keys.tek.array(),
                &keys.tik,
                &vector.measure,
                &vector.header,
                &vector.ciphertext,
            );
            assert_eq!(found, None, "{}", vector.name);
        }
    }
}
