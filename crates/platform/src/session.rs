//! The trusted channel between a guest's owner and the firmware: LAUNCH_START unwraps it, LAUNCH_SECRET uses it.
//!
//! Defined by [SEV-API, LAUNCH_START]: the owner's public key and the platform's PDH give a shared secret, from which the keys are derived that
//! wrapped TEK and TIK. A launch without a session has a TEK and a TIK of zeros in the firmware [ASPFW, sev_mcmd_launch_start], and so it has here:
//! its measurement can be computed by anybody.

use core::fmt;

use sev_launch_abi::sev::Policy;
use zeroize::Zeroizing;

use crate::certificate::{self, CERTIFICATE_SIZE};
use crate::crypto::{KEY_SIZE, aes_128_ctr, derive, hmac_sha256, same};
use crate::keys::EcKey;
use crate::layout::array_at;
use crate::status::Status;

/// Bytes of a session buffer. [SEV-API, LAUNCH_START, session data]
pub const SESSION_SIZE: usize = 128;
/// Bytes of a packet's header. [SEV-API, packet header]
pub const PACKET_HEADER_SIZE: usize = 52;
/// The most bytes of a secret: the firmware's buffer. [ASPFW, SEV_SCRATCH_BUF_LEN]
pub const MAX_SECRET_SIZE: usize = 16384;

/// What the guest's owner gives to LAUNCH_START, as the host hands it over: of any length, since the firmware judges.
#[derive(Clone, Copy, Debug)]
pub struct Session<'a> {
    /// The owner's Diffie-Hellman certificate (GODH): 2084 bytes.
    pub godh: &'a [u8],
    /// The session buffer: 128 bytes, in the order NONCE, WRAP_TK, WRAP_IV, WRAP_MAC, POLICY_MAC.
    pub session: &'a [u8],
}

/// The keys of one launch. They are wiped on drop, and `Debug` shows none.
pub(crate) struct Channel {
    tek: Box<Zeroizing<[u8; KEY_SIZE]>>,
    tik: Box<Zeroizing<[u8; KEY_SIZE]>>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Channel(..)")
    }
}

impl Channel {
    /// Of a launch without a session: keys of zeros.
    pub(crate) fn without_owner() -> Self {
        Self {
            tek: Box::new(Zeroizing::new([0; KEY_SIZE])),
            tik: Box::new(Zeroizing::new([0; KEY_SIZE])),
        }
    }

    /// Unwraps a session.
    ///
    /// Errors, in this order: INVALID_LENGTH for either part; INVALID_CERTIFICATE for the GODH; BAD_MEASUREMENT for WRAP_MAC, and for a POLICY_MAC
    /// that is not of this policy.
    pub(crate) fn open(session: Session<'_>, pdh: &EcKey, policy: Policy) -> Result<Self, Status> {
        let buffer: &[u8; SESSION_SIZE] =
            session.session.try_into().map_err(|_| Status::InvalidLength)?;
        let godh: &[u8; CERTIFICATE_SIZE] =
            session.godh.try_into().map_err(|_| Status::InvalidLength)?;
        let godh = certificate::pdh_key(godh)?;
        Self::from_secret(pdh.agree(&godh).as_slice(), buffer, policy)
    }

    /// The same from the shared secret.
    fn from_secret(z: &[u8], buffer: &[u8; SESSION_SIZE], policy: Policy) -> Result<Self, Status> {
        let fields = || {
            let nonce: [u8; 16] = array_at(buffer, 0x00)?;
            let wrap_tk: [u8; 32] = array_at(buffer, 0x10)?;
            let wrap_iv: [u8; 16] = array_at(buffer, 0x30)?;
            let wrap_mac: [u8; 32] = array_at(buffer, 0x40)?;
            let policy_mac: [u8; 32] = array_at(buffer, 0x60)?;
            Some((nonce, wrap_tk, wrap_iv, wrap_mac, policy_mac))
        };
        let (nonce, wrap_tk, wrap_iv, wrap_mac, policy_mac) =
            fields().ok_or(Status::InvalidLength)?;
        let master = derive(z, "sev-master-secret", &nonce);
        let kek = derive(&*master, "sev-kek", &[]);
        let kik = derive(&*master, "sev-kik", &[]);
        if !same(&hmac_sha256(&*kik, &[&wrap_tk]), &wrap_mac) {
            return Err(Status::BadMeasurement);
        }
        let mut keys = Zeroizing::new(wrap_tk);
        aes_128_ctr(&kek, &wrap_iv, keys.as_mut_slice());
        let mut channel = Self::without_owner();
        let (tek, tik) = keys.split_at(KEY_SIZE);
        channel.tek.copy_from_slice(tek);
        channel.tik.copy_from_slice(tik);
        if !same(&hmac_sha256(&**channel.tik, &[&policy.to_le_bytes()]), &policy_mac) {
            return Err(Status::BadMeasurement);
        }
        Ok(channel)
    }

    /// MEASURE: the HMAC under the TIK of what is measured. [SEV-API, LAUNCH_MEASURE]
    pub(crate) fn measure(&self, parts: &[&[u8]]) -> [u8; 32] {
        hmac_sha256(&**self.tik, parts)
    }

    /// Checks and decrypts a packet. The lengths were judged before.
    ///
    /// Errors: BAD_MEASUREMENT for the MAC; UNSUPPORTED for a compressed packet, which no published firmware takes [ASPFW,
    /// sev_mcmd_launch_secret].
    pub(crate) fn open_packet(
        &self,
        header: &[u8; PACKET_HEADER_SIZE],
        packet: &[u8],
        measure: &[u8; 32],
    ) -> Result<Vec<u8>, Status> {
        let fields =
            || Some((array_at::<4>(header, 0)?, array_at::<16>(header, 4)?, array_at(header, 20)?));
        let (flags, iv, mac) = fields().ok_or(Status::InvalidLength)?;
        let length = u32::try_from(packet.len()).map_err(|_| Status::InvalidLength)?.to_le_bytes();
        // 1: the label of LAUNCH_SECRET; GUEST_LENGTH and TRANS_LENGTH are the same where nothing is compressed. [SEV-API, LAUNCH_SECRET]
        let parts: [&[u8]; 7] = [&[1], &flags, &iv, &length, &length, packet, measure];
        if !same(&hmac_sha256(&**self.tik, &parts), &mac) {
            return Err(Status::BadMeasurement);
        }
        if u32::from_le_bytes(flags) & COMPRESSED != 0 {
            return Err(Status::Unsupported);
        }
        let mut plaintext = packet.to_vec();
        aes_128_ctr(&self.tek, &iv, &mut plaintext);
        Ok(plaintext)
    }
}

/// Bit 0 of FLAGS. [SEV-API, packet header]
const COMPRESSED: u32 = 1;

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sev_launch_abi::ApiVersion;
    use sev_launch_testkit::sev_api::{Expect, SevApi};

    use super::*;
    use crate::certificate::{algorithm, body, usage, with_signatures};

    /// The certificate of a private key, unsigned as `sevctl session` writes it.
    fn godh(private: &[u8]) -> Vec<u8> {
        let (key, api) = (EcKey::from_scalar(private), ApiVersion { major: 0, minor: 0 });
        let body = body(usage::PDH, algorithm::ECDH_SHA256, api, &key.public());
        with_signatures(&body, &[]).to_vec()
    }

    fn open(godh: &[u8], session: &[u8], pdh: &[u8], policy: u32) -> Result<Channel, Status> {
        let session = Session { godh, session };
        Channel::open(session, &EcKey::from_scalar(pdh), Policy::from_bits(policy))
    }

    #[test]
    fn known_sessions_are_unwrapped() {
        let file = SevApi::read();
        let mut agreed = 0;
        for vector in &file.session {
            let channel = match (&vector.godh_private, &vector.pdh_private) {
                (Some(private), Some(pdh)) => {
                    agreed += 1;
                    open(&godh(private), &vector.blob, pdh, vector.policy)
                }
                _ => {
                    let policy = Policy::from_bits(vector.policy);
                    Channel::from_secret(&vector.z, &vector.blob.array(), policy)
                }
            };
            let channel = channel.unwrap();
            assert_eq!(**channel.tek, *vector.tek, "{}", vector.name);
            assert_eq!(**channel.tik, *vector.tik, "{}", vector.name);
        }
        assert_eq!((file.session.len(), agreed), (7, 5));
    }

    #[test]
    fn changed_sessions_are_refused() {
        let file = SevApi::read();
        assert_eq!(file.session_negative.len(), 8);
        for case in &file.session_negative {
            let vector = file.session(&case.based_on);
            let private = vector.godh_private.as_ref().unwrap();
            let pdh = vector.pdh_private.as_ref().unwrap();
            let policy = case.overrides.policy.unwrap_or(vector.policy);
            let wanted = match case.reason.as_str() {
                "bad_length" => Status::InvalidLength,
                "wrap_mac" | "policy_mac" => Status::BadMeasurement,
                other => panic!("{other}"),
            };
            let found = open(&godh(private), &case.blob, pdh, policy).unwrap_err();
            assert_eq!(found, wanted, "{}", case.name);
        }
    }

    // sevctl drops bits of the policy's upper half, so its POLICY_MAC is then of another policy.
    #[test]
    fn sessions_of_sevctl_are_unwrapped_where_their_policy_is_right() {
        for vector in SevApi::read().session_peer {
            let mut certificate = godh(&vector.pdh_private);
            for (at, coordinate) in [(0x14, &vector.godh_x_be), (0x5c, &vector.godh_y_be)] {
                let little: Vec<u8> = coordinate.iter().rev().copied().collect();
                certificate[at..at + 48].copy_from_slice(&little);
            }
            let found = open(&certificate, &vector.blob, &vector.pdh_private, vector.policy);
            match vector.expect {
                Expect::Accept => assert_eq!(**found.unwrap().tik, *vector.tik, "{}", vector.name),
                Expect::Reject => {
                    assert_eq!(found.unwrap_err(), Status::BadMeasurement, "{}", vector.name);
                }
            }
        }
    }

    /// The launch that a service and its protocol were tried with: its PDH, its GODH and its session for policy 3.
    const PDH: &str = "3d79397aa9a892fe347eef1ec73ff48a4b27d0cce3401e46b606ff0666ef6c2e2dfcc28a84919d7c47e873f9576e0291";
    const GODH: &str = "5af07adb30f455fe367ce04eece0ad633ab9cf89bf66f003adca642bf37a9c23cba61230beb0411b5516fc52275af2df";
    const GODH_SHA256: &str = "17693dc189b19b0950fcda1286e611e7ed3e7595af4c2b07ff73764a2c9c3925";
    const SESSION: &str = "ICEiIyQlJicoKSorLC0uL0+y6zSKmbVxcqSbLsL4ihGt+IIeMfVUFRjQhzk43K07MDEyMzQ1Njc4OTo7PD0+P6B2Q0doi3nljzeyUsh5rJwGKDSJDhLaUiRViYSHr/5n/AapvNieu7X132cv2XSQ/ZeBfvnfuHTxH50hnpgsTQk=";
    /// Its launch digest, its measurement by a platform with API 1.55 build 31, and the packet with one passphrase.
    const DIGEST: &str = "693bc5a8aac2de6bb1b70a3fb662c2e8abf63af351c31bd5f40514ec30e42821";
    const MEASUREMENT: &str = "4ch0BE+0H6sEW1d6Yj+HqS6kJMfO7gIqPsidAELC5sZAQUJDREVGR0hJSktMTU5P";
    const HEADER: &str = "AAAAAFBRUlNUVVZXWFlaW1xdXl/pHBUQ0Xxo1ToCjNn/CqcA9//qwQK5l7jHYdULjkzH+w==";
    const PACKET: &str = "fAXFuz50++a3wg14/J7T8RclDNx34WVUoNZMPEHXtRPvGPcGEbaJKJeadCRIs/YwEiQ2tA8eO8SE5MyB/9Lceu94qNFsj9JLKDg7Ywmnt9E=";
    const TABLE: &str = "42f5741edd71664d963eef4287ff173b44000000e5696873f084734992ec06879ce3da0b30000000636f727265637420686f727365206261747465727920737461706c65000000000000000000000000";

    #[test]
    fn a_launch_from_its_session_to_its_secret() {
        let [pdh, private, digest] = [PDH, GODH, DIGEST].map(|text| hex::decode(text).unwrap());
        let [session, blob, header, packet] =
            [SESSION, MEASUREMENT, HEADER, PACKET].map(|text| STANDARD.decode(text).unwrap());
        let certificate = godh(&private);
        let found = <sha2::Sha256 as sha2::Digest>::digest(&certificate);
        assert_eq!(hex::encode(found), GODH_SHA256);
        let channel = open(&certificate, &session, &pdh, 3).unwrap();
        let consecutive = |from: u8| core::array::from_fn(|at| from + u8::try_from(at).unwrap());
        assert_eq!((**channel.tek, **channel.tik), (consecutive(0x00), consecutive(0x10)));
        let (measure, mnonce) = blob.split_at(32);
        let head = [4, 1, 55, 31, 3, 0, 0, 0];
        assert_eq!(channel.measure(&[&head, &digest, mnonce]), measure);
        let header: [u8; PACKET_HEADER_SIZE] = header.try_into().unwrap();
        let measure = measure.try_into().unwrap();
        let opened = channel.open_packet(&header, &packet, &measure).unwrap();
        assert_eq!(hex::encode(opened), TABLE);
        // The policies 7, 0x33 and 0x37 have other MACs, so this session is for none of them.
        for policy in [0x7, 0x33, 0x37] {
            let found = open(&certificate, &session, &pdh, policy).unwrap_err();
            assert_eq!(found, Status::BadMeasurement);
        }
    }

    fn channel(tek: &[u8], tik: &[u8]) -> Channel {
        let mut channel = Channel::without_owner();
        channel.tek.copy_from_slice(tek);
        channel.tik.copy_from_slice(tik);
        channel
    }

    #[test]
    fn known_measurements_are_made() {
        let vectors = SevApi::read().measurement;
        assert_eq!(vectors.len(), 16);
        for vector in vectors {
            let head = [4, vector.api_major, vector.api_minor, vector.build];
            let policy = Policy::from_bits(vector.policy).to_le_bytes();
            let parts: [&[u8]; 4] = [&head, &policy, &vector.launch_digest, &vector.mnonce];
            let found = channel(&[0; 16], &vector.tik).measure(&parts);
            assert_eq!(found, *vector.measure, "{}", vector.name);
        }
    }

    #[test]
    fn known_packets_are_opened_and_changed_ones_are_not() {
        let file = SevApi::read();
        for vector in &file.secret_packet {
            let channel = channel(&vector.tek, &vector.tik);
            let (header, measure) = (vector.header.array(), vector.measure.array());
            let found = channel.open_packet(&header, &vector.ciphertext, &measure);
            assert_eq!(found.as_deref(), Ok(&*vector.plaintext), "{}", vector.name);
        }
        let mut changed = 0;
        for case in file.secret_packet_negative.iter().filter(|case| case.reason == "mac") {
            let vector = file.secret_packet(&case.based_on);
            let channel = channel(&vector.tek, &vector.tik);
            let (header, measure) = (case.header.array(), case.measure.array());
            let found = channel.open_packet(&header, &case.ciphertext, &measure);
            assert_eq!(found, Err(Status::BadMeasurement), "{}", case.name);
            changed += 1;
        }
        assert_eq!((file.secret_packet.len(), changed), (13, 6));
    }

    // FLAGS are under the MAC, so whoever may seal a packet may say that it is compressed.
    #[test]
    fn a_compressed_packet_is_not_supported() {
        let channel = channel(&[1; 16], &[2; 16]);
        let (flags, iv, length, packet) = ([1, 0, 0, 0], [3; 16], [16, 0, 0, 0], [4; 16]);
        let parts: [&[u8]; 7] = [&[1], &flags, &iv, &length, &length, &packet, &[5; 32]];
        let mac = channel.measure(&parts);
        let header = [&flags[..], &iv, &mac].concat().try_into().unwrap();
        let found = channel.open_packet(&header, &packet, &[5; 32]);
        assert_eq!(found, Err(Status::Unsupported));
    }
}
