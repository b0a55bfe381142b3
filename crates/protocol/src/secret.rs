//! The secrets that a guest receives: one table of entries, each with a GUID.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use sev_launch_abi::Guid;
use sev_launch_verify::sev::secret::{LUKS_PASSPHRASE, SecretError, SecretTable};
use zeroize::Zeroizing;

use crate::problem::Code;
use crate::text::{Misread, Secret};

/// One entry, of a GUID and its bytes. Never written; wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretEntry {
    guid: Guid,
    data: Zeroizing<Vec<u8>>,
}

impl SecretEntry {
    /// An entry of `data` under `guid`.
    #[must_use]
    pub fn new(guid: Guid, data: Zeroizing<Vec<u8>>) -> Self {
        Self { guid, data }
    }

    /// The GUID.
    #[must_use]
    pub fn guid(&self) -> Guid {
        self.guid
    }

    /// The bytes themselves.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.data
    }
}

impl fmt::Debug for SecretEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretEntry({}, {} bytes)", self.guid, self.data.len())
    }
}

/// The most entries: at 20 bytes for the smallest entry's head, as many as go into 5 KiB of the 16 KiB that a packet may have. Ours.
pub const MOST_ENTRIES: usize = 256;

/// The table of all entries, in their order.
///
/// # Errors
///
/// As [`SecretTable::add`]: a GUID twice, or the zero GUID.
pub fn table(entries: &[SecretEntry]) -> Result<SecretTable, SecretError> {
    let mut table = SecretTable::new();
    for entry in entries {
        table.add(entry.guid, &entry.data)?;
    }
    Ok(table)
}

const MEMBERS: &[&str] = &["type", "guid", "data", "passphrase", "keys"];

impl<'de> Deserialize<'de> for SecretEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryReader)
    }
}

struct EntryReader;

impl<'de> Visitor<'de> for EntryReader {
    type Value = SecretEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret: an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretEntry, A::Error> {
        let (mut kind, mut guid) = (None::<String>, None::<String>);
        let (mut data, mut passphrase) = (None::<Secret>, None::<Secret>);
        let mut keys = None::<Keys>;
        while let Some(key) = map.next_key::<String>()? {
            fn set<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
                name: &'static str,
                place: &mut Option<T>,
                map: &mut A,
            ) -> Result<(), A::Error> {
                if place.is_some() {
                    return Err(de::Error::duplicate_field(name));
                }
                *place = Some(map.next_value()?);
                Ok(())
            }
            match key.as_str() {
                "type" => set("type", &mut kind, &mut map)?,
                "guid" => set("guid", &mut guid, &mut map)?,
                "data" => set("data", &mut data, &mut map)?,
                "passphrase" => set("passphrase", &mut passphrase, &mut map)?,
                "keys" => set("keys", &mut keys, &mut map)?,
                other => return Err(de::Error::unknown_field(other, MEMBERS)),
            }
        }
        let entry = match (kind.as_deref(), guid, data, passphrase, keys) {
            (None, Some(guid), Some(data), None, None) => of_data(&guid, &data),
            (Some("luks-passphrase"), None, None, Some(passphrase), None) => {
                of_passphrase(&passphrase)
            }
            (Some("bundle"), Some(guid), None, None, Some(keys)) => of_keys(&guid, &keys),
            (Some("ref"), ..) => Err(Misread::new(
                Code::Schema,
                "secrets that another service holds (\"type\": \"ref\") are not supported by this version",
            )),
            _ => Err(Misread::new(
                Code::Schema,
                "a secret is one of {\"guid\", \"data\"}, {\"type\": \"luks-passphrase\", \"passphrase\"}, {\"type\": \"bundle\", \"guid\", \"keys\"}",
            )),
        };
        entry.map_err(Misread::into_de)
    }
}

fn guid(text: &str) -> Result<Guid, Misread> {
    let guid: Guid = text.parse().map_err(|_| {
        Misread::new(
            Code::Schema,
            "`guid` is not a GUID of the form 736869e5-84f0-4973-92ec-06879ce3da0b",
        )
    })?;
    if guid.as_bytes() == &[0; 16] {
        return Err(Misread::new(Code::Schema, "the zero GUID ends a table and names no secret"));
    }
    Ok(guid)
}

fn of_data(name: &str, data: &Secret) -> Result<SecretEntry, Misread> {
    Ok(SecretEntry { guid: guid(name)?, data: decode(data)? })
}

/// The text of the error says nothing of the secret.
fn decode(secret: &Secret) -> Result<Zeroizing<Vec<u8>>, Misread> {
    let text = secret.expose().trim_matches([' ', '\t', '\r', '\n']);
    let bytes = STANDARD.decode(text).map(Zeroizing::new);
    let bytes = bytes
        .map_err(|_| Misread::new(Code::BadBase64, "the secret is not base64 with padding"))?;
    if bytes.is_empty() {
        return Err(Misread::new(Code::BadLength, "the secret is empty"));
    }
    Ok(bytes)
}

fn of_passphrase(passphrase: &Secret) -> Result<SecretEntry, Misread> {
    let text = passphrase.expose();
    if text.is_empty() {
        return Err(Misread::new(Code::BadLength, "the passphrase is empty"));
    }
    if text.contains('\0') || text.ends_with(['\n', '\r']) {
        return Err(Misread::new(
            Code::Schema,
            "the passphrase has a NUL in it or ends in a line's end, which the guest would take as part of it; for such bytes use {\"guid\", \"data\"}",
        ));
    }
    let data = Zeroizing::new(text.as_bytes().to_vec());
    Ok(SecretEntry { guid: LUKS_PASSPHRASE, data })
}

/// Keys of a bundle, in the order in which they were given.
struct Keys(Vec<(String, Secret)>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeysReader;

        impl<'de> Visitor<'de> for KeysReader {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of keys in base64")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((name, key)) = map.next_entry::<String, Secret>()? {
                    if keys.iter().any(|(other, _)| *other == name) {
                        return Err(de::Error::custom(format_args!(
                            "the key {name:?} stands twice"
                        )));
                    }
                    keys.push((name, key));
                }
                Ok(Keys(keys))
            }
        }

        deserializer.deserialize_map(KeysReader)
    }
}

/// The JSON object that the offline key broker of Confidential Containers reads in the guest.
fn of_keys(name: &str, keys: &Keys) -> Result<SecretEntry, Misread> {
    let mut size = 2_usize;
    for (id, key) in &keys.0 {
        decode(key)?;
        size = size
            .saturating_add(id.len().saturating_mul(6))
            .saturating_add(key.expose().len())
            .saturating_add(8);
    }
    if keys.0.is_empty() {
        return Err(Misread::new(Code::Schema, "a bundle without a key"));
    }
    // With its whole capacity at once: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(size));
    text.push('{');
    for (at, (id, key)) in keys.0.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        let id =
            serde_json::to_string(id).map_err(|_| Misread::new(Code::Schema, "a key's name"))?;
        text.push_str(&id);
        text.push_str(":\"");
        text.push_str(key.expose().trim_matches([' ', '\t', '\r', '\n']));
        text.push('"');
    }
    text.push('}');
    let data = Zeroizing::new(text.as_bytes().to_vec());
    Ok(SecretEntry { guid: guid(name)?, data })
}

#[cfg(feature = "schema")]
impl JsonSchema for SecretEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A secret; never returned.",
            "writeOnly": true,
            "oneOf": [
                { "type": "object", "required": ["guid", "data"], "additionalProperties": false, "properties": {
                    "guid": { "type": "string", "format": "uuid" },
                    "data": { "type": "string", "contentEncoding": "base64", "minLength": 4 } } },
                { "type": "object", "required": ["type", "passphrase"], "additionalProperties": false, "properties": {
                    "type": { "const": "luks-passphrase" },
                    "passphrase": { "type": "string", "minLength": 1 } } },
                { "type": "object", "required": ["type", "guid", "keys"], "additionalProperties": false, "properties": {
                    "type": { "const": "bundle" },
                    "guid": { "type": "string", "format": "uuid" },
                    "keys": { "type": "object", "minProperties": 1, "additionalProperties": { "type": "string", "contentEncoding": "base64" } } } }
            ]
        })
    }
}
