//! Known answers on the arithmetic of a guest's owner: policies, measurements, sessions, secrets.
//!
//! `testdata/vectors/sev-api.json` is a [`SevApi`]; `testdata/README.md` tells where it is from. The groups on certificates
//! and attestation reports name files that are not in this repository, so they are left as JSON ([`SevApi::others`]).

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, de::Error};

/// Bytes that the file has as hex.
#[derive(Clone, PartialEq, Eq)]
pub struct Hex(Vec<u8>);

impl Hex {
    /// Exactly `N` bytes. Panics when there are more or fewer.
    #[must_use]
    pub fn array<const N: usize>(&self) -> [u8; N] {
        let found = self.0.len();
        self.0.as_slice().try_into().unwrap_or_else(|_| panic!("{found} bytes, wanted {N}"))
    }
}

impl Deref for Hex {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        hex::decode(String::deserialize(from)?).map(Self).map_err(D::Error::custom)
    }
}

/// Whether a case must be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// It must be.
    Accept,
    /// It must be refused.
    Reject,
}

/// What is in `sev-api.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct SevApi {
    /// The bits of policies.
    pub sev_policy: Vec<Policy>,
    /// Which platforms a policy allows.
    pub sev_policy_min_api: Vec<MinApi>,
    /// Launch measurements.
    pub measurement: Vec<Measurement>,
    /// Launch measurements that do not match.
    pub measurement_negative: Vec<MeasurementNegative>,
    /// Derived keys.
    pub kdf: Vec<Kdf>,
    /// What usual mistakes give for the vector `master-from-z48`; with `about` and `right`.
    pub kdf_wrong_variants: BTreeMap<String, String>,
    /// Key agreements.
    pub ecdh: Vec<Ecdh>,
    /// The certificate of the guest owner's key.
    pub godh_certificate: Vec<GodhCertificate>,
    /// Coordinates that are no point.
    pub bad_points: Vec<BadPoint>,
    /// Launch sessions, with every step in between.
    pub session: Vec<Session>,
    /// Launch sessions that sevctl wrote.
    pub session_peer: Vec<SessionPeer>,
    /// Launch sessions that must be refused.
    pub session_negative: Vec<SessionNegative>,
    /// GUIDs as text and as bytes.
    pub guids: Vec<Guid>,
    /// Tables of secrets.
    pub secret_table: Vec<SecretTable>,
    /// Tables of secrets to read.
    pub secret_table_parse: Vec<SecretTableParse>,
    /// Sealed packets.
    pub secret_packet: Vec<SecretPacket>,
    /// Packets that must not open.
    pub secret_packet_negative: Vec<SecretPacketNegative>,
    /// The groups on certificates and reports, by name, as they stand.
    #[serde(flatten)]
    pub others: BTreeMap<String, serde_json::Value>,
}

/// The text under this key of a case that is left as JSON. Panics when it is none.
#[must_use]
pub fn text<'a>(case: &'a serde_json::Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("no text {key} in {case}"))
}

impl SevApi {
    /// Reads `testdata/vectors/sev-api.json`. Panics when it cannot be read: no test can go on.
    #[must_use]
    pub fn read() -> Self {
        let path = crate::testdata_folder().join("vectors/sev-api.json");
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The cases of a group that is left as JSON. Panics when there is no such list.
    #[must_use]
    pub fn group(&self, name: &str) -> &[serde_json::Value] {
        let found = self.others.get(name).and_then(|group| group.as_array());
        found.unwrap_or_else(|| panic!("no list {name}"))
    }

    /// The measurement of this name. Panics when there is none.
    #[must_use]
    pub fn measurement(&self, name: &str) -> &Measurement {
        named(&self.measurement, name, |vector| &vector.name)
    }

    /// The session of this name. Panics when there is none.
    #[must_use]
    pub fn session(&self, name: &str) -> &Session {
        named(&self.session, name, |vector| &vector.name)
    }

    /// The packet of this name. Panics when there is none.
    #[must_use]
    pub fn secret_packet(&self, name: &str) -> &SecretPacket {
        named(&self.secret_packet, name, |vector| &vector.name)
    }
}

fn named<'a, T>(cases: &'a [T], name: &str, of: impl Fn(&T) -> &String) -> &'a T {
    cases.iter().find(|case| of(case) == name).unwrap_or_else(|| panic!("no case {name}"))
}

/// A policy word, taken apart.
#[derive(Clone, Debug, Deserialize)]
pub struct Policy {
    /// Of the case.
    pub name: String,
    /// Rejected where reserved bits are set.
    pub expect: Expect,
    /// The word.
    pub value: u32,
    /// In hex with `0x`, eight digits.
    pub hex: String,
    /// Its bytes in memory.
    pub bytes_le: Hex,
    /// Names of the bits that are set, in small letters.
    pub flags: Vec<String>,
    /// Is one of bits 6 to 15 set?
    pub reserved_bits_set: bool,
    /// API_MAJOR.
    pub api_min_major: u8,
    /// API_MINOR.
    pub api_min_minor: u8,
}

/// A policy's lowest version, and a platform's.
#[derive(Clone, Debug, Deserialize)]
pub struct MinApi {
    /// Major and minor.
    pub policy_min: [u8; 2],
    /// Major and minor.
    pub platform: [u8; 2],
    /// Does the platform do?
    pub expect: Expect,
}

/// A launch measurement.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "AMD's names")]
pub struct Measurement {
    pub name: String,
    pub tik: Hex,
    pub api_major: u8,
    pub api_minor: u8,
    pub build: u8,
    pub policy: u32,
    pub launch_digest: Hex,
    pub mnonce: Hex,
    pub message: Hex,
    pub measure: Hex,
    pub blob_base64: String,
}

/// A measurement that does not match; what is not overridden is as in the vector it is based on.
#[derive(Clone, Debug, Deserialize)]
pub struct MeasurementNegative {
    /// Of the case.
    pub name: String,
    /// Name of the [`Measurement`].
    pub based_on: String,
    /// The blob.
    pub blob_base64: String,
    /// What the verifier is told instead.
    #[serde(rename = "override")]
    pub overrides: MeasurementOverride,
    /// `mismatch` or `bad_length`.
    pub reason: String,
}

/// What differs from the vector below a negative one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "AMD's names")]
pub struct MeasurementOverride {
    pub policy: Option<u32>,
    pub api_minor: Option<u8>,
    pub build: Option<u8>,
    pub launch_digest: Option<Hex>,
}

/// One derived key.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names of SP 800-108")]
pub struct Kdf {
    pub name: String,
    pub key: Hex,
    pub label: String,
    pub context: Hex,
    pub size: usize,
    pub out: Hex,
}

/// A key agreement. Coordinates and keys are big endian.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "AMD's names")]
pub struct Ecdh {
    pub name: String,
    pub godh_private: Hex,
    pub pdh_private: Hex,
    pub godh_x_be: Hex,
    pub godh_y_be: Hex,
    pub pdh_x_be: Hex,
    pub pdh_y_be: Hex,
    pub z: Hex,
    pub godh_cert_sha256: Hex,
}

/// A certificate with the key it is of.
#[derive(Clone, Debug, Deserialize)]
pub struct GodhCertificate {
    /// Of the case.
    pub name: String,
    /// The private key, big endian.
    pub private: Hex,
    /// 2084 bytes.
    pub cert_base64: String,
}

/// Coordinates that are no point: 72 bytes each, little endian.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "a case with two coordinates")]
pub struct BadPoint {
    pub name: String,
    pub x_le72: Hex,
    pub y_le72: Hex,
}

/// A session with every step in between.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "AMD's names")]
pub struct Session {
    pub name: String,
    pub z: Hex,
    pub nonce: Hex,
    pub wrap_iv: Hex,
    pub tek: Hex,
    pub tik: Hex,
    pub policy: u32,
    pub master_secret: Hex,
    pub kek: Hex,
    pub kik: Hex,
    pub wrap_tk: Hex,
    pub wrap_mac: Hex,
    pub policy_mac: Hex,
    pub blob: Hex,
    pub blob_base64: String,
    /// `None` if `z` is given and not agreed on.
    pub godh_private: Option<Hex>,
    pub pdh_private: Option<Hex>,
}

/// A session by sevctl, which gets the policy wrong where its upper half is not zero.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "AMD's names")]
pub struct SessionPeer {
    pub name: String,
    pub policy: u32,
    pub pdh_private: Hex,
    pub godh_x_be: Hex,
    pub godh_y_be: Hex,
    pub tek: Hex,
    pub tik: Hex,
    pub blob: Hex,
    pub expect: Expect,
    pub reason: Option<String>,
    pub right_policy_mac: Hex,
}

/// A session that must be refused; the keys are those of the vector it is based on.
#[derive(Clone, Debug, Deserialize)]
pub struct SessionNegative {
    /// Of the case.
    pub name: String,
    /// Name of the [`Session`].
    pub based_on: String,
    /// The blob.
    pub blob: Hex,
    /// What the platform is told instead.
    #[serde(rename = "override")]
    pub overrides: PolicyOverride,
    /// `wrap_mac`, `policy_mac` or `bad_length`.
    pub reason: String,
}

/// Another policy than in the vector below.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyOverride {
    /// The policy.
    pub policy: Option<u32>,
}

/// A GUID.
#[derive(Clone, Debug, Deserialize)]
pub struct Guid {
    /// What it is for.
    pub name: String,
    /// As text.
    pub guid: String,
    /// As a table has it.
    pub bytes: Hex,
}

/// One secret of a table.
#[derive(Clone, Debug, Deserialize)]
pub struct Secret {
    /// Its GUID as text.
    pub guid: String,
    /// Its bytes; `None` if byte i of all is the secret's number, from 1.
    pub data: Option<Hex>,
    /// How many bytes it has.
    pub data_len: Option<usize>,
}

/// A table to write.
#[derive(Clone, Debug, Deserialize)]
pub struct SecretTable {
    /// Of the case.
    pub name: String,
    /// What it holds.
    pub secrets: Vec<Secret>,
    /// The length in its header.
    pub length_field: u32,
    /// Its length with padding.
    pub padded_len: usize,
    /// Its bytes; `None` if they are many.
    pub table: Option<Hex>,
    /// SHA-256 of its bytes.
    pub table_sha256: Hex,
}

/// A table to read.
#[derive(Clone, Debug, Deserialize)]
pub struct SecretTableParse {
    /// Of the case.
    pub name: String,
    /// The bytes.
    pub table: Hex,
    /// Can it be read?
    pub expect: Expect,
    /// `table_guid`, `truncated`, `table_length`, `entry_length` or `duplicate_guid`.
    pub reason: Option<String>,
    /// What it holds.
    pub secrets: Option<Vec<Secret>>,
}

/// A sealed packet.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "AMD's names")]
pub struct SecretPacket {
    pub name: String,
    pub tek: Hex,
    pub tik: Hex,
    pub iv: Hex,
    pub measure: Hex,
    pub flags: u32,
    pub plaintext: Hex,
    pub mac_message_len: usize,
    pub header: Hex,
    pub ciphertext: Hex,
}

/// A packet that must not open; the keys are those of the vector it is based on.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "AMD's names")]
pub struct SecretPacketNegative {
    pub name: String,
    pub based_on: String,
    pub header: Hex,
    pub ciphertext: Hex,
    pub measure: Hex,
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_whole() {
        let file = SevApi::read();
        assert_eq!(file.sev_policy.len(), 18);
        assert!(file.others.contains_key("snp_report") && file.others.contains_key("sev_chain"));
    }
}
