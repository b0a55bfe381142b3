//! Bytes as base64 and digests as hex.

#[cfg(feature = "schema")]
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
#[cfg(feature = "schema")]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sev_launch_abi::LaunchDigest;

use super::{ByText, Misread, text_form};
use crate::problem::Code;

/// Bytes of any length, as base64 (RFC 4648, section 4) with padding.
///
/// White space of ASCII around the text is trimmed; inside, and in the last digit's unused bits, nothing is forgiven.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Blob(pub Vec<u8>);

impl fmt::Display for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(&self.0))
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl FromStr for Blob {
    type Err = Misread;

    fn from_str(text: &str) -> Result<Self, Misread> {
        decode(text).map(Self)
    }
}

text_form!(Blob, "bytes in base64", { "type": "string", "contentEncoding": "base64", "pattern": BASE64 });

/// What a JSON Schema can say of base64 with padding and of white space around it.
#[cfg(feature = "schema")]
const BASE64: &str =
    r"^[ \t\r\n]*([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?[ \t\r\n]*$";

fn decode(text: &str) -> Result<Vec<u8>, Misread> {
    STANDARD.decode(text.trim_matches([' ', '\t', '\r', '\n'])).map_err(|error| {
        let detail = format!("not base64 with padding (RFC 4648, section 4): {error}");
        Misread::new(Code::BadBase64, detail)
    })
}

/// Exactly `N` bytes, as base64 with padding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Exact<const N: usize>(pub [u8; N]);

impl<const N: usize> fmt::Display for Exact<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl<const N: usize> fmt::Debug for Exact<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exact({self})")
    }
}

impl<const N: usize> FromStr for Exact<N> {
    type Err = Misread;

    fn from_str(text: &str) -> Result<Self, Misread> {
        let bytes = decode(text)?;
        let found = bytes.len();
        bytes.try_into().map(Self).map_err(|_| {
            Misread::new(Code::BadLength, format!("{found} bytes, wanted exactly {N}"))
        })
    }
}

impl<const N: usize> Serialize for Exact<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Exact<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ByText("bytes in base64", str::parse::<Self>))
    }
}

#[cfg(feature = "schema")]
impl<const N: usize> JsonSchema for Exact<N> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Bytes{N}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "contentEncoding": "base64", "pattern": BASE64,
            "minLength": N.div_ceil(3).saturating_mul(4),
            "description": format!("exactly {N} bytes, in base64")
        })
    }
}

/// A SHA-256 digest, as 64 digits of hex, with or without `sha256:` before them; written in lower case and without it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl FromStr for Sha256 {
    type Err = Misread;

    fn from_str(text: &str) -> Result<Self, Misread> {
        unhex(text.strip_prefix("sha256:").unwrap_or(text)).map(Self)
    }
}

text_form!(Sha256, "SHA-256 in hex", { "type": "string", "pattern": "^(sha256:)?[0-9A-Fa-f]{64}$" });

fn unhex<const N: usize>(text: &str) -> Result<[u8; N], Misread> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| {
        let found = text.chars().count();
        let wanted = N.saturating_mul(2);
        let sha = N.saturating_mul(8);
        let place = text.chars().position(|c| !c.is_ascii_hexdigit());
        Misread::new(
            Code::BadLength,
            match place {
                Some(place) if found == wanted => {
                    format!(
                        "character {} is no digit of hex, wanted {wanted} of them (SHA-{sha})",
                        place.saturating_add(1)
                    )
                }
                _ => format!("{found} characters, wanted {wanted} digits of hex (SHA-{sha})"),
            },
        )
    })?;
    Ok(bytes)
}

/// A launch digest that somebody else computed: hex, or `{"base64": "…"}`, as sev-snp-measure and simple-kbs write them.
///
/// 32 bytes for SEV and SEV-ES, 48 for SEV-SNP. A text alone is never taken for base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenDigest(pub LaunchDigest);

impl Serialize for GivenDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for GivenDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DigestVisitor)
    }
}

struct DigestVisitor;

impl<'de> Visitor<'de> for DigestVisitor {
    type Value = GivenDigest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a launch digest in hex, or {\"base64\": \"…\"}")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<GivenDigest, E> {
        let bare = text.strip_prefix("sha256:").or_else(|| text.strip_prefix("sha384:"));
        let digest = match bare.unwrap_or(text).len() {
            64 if !text.starts_with("sha384:") => unhex::<32>(bare.unwrap_or(text)).map(Vec::from),
            96 if !text.starts_with("sha256:") => unhex::<48>(bare.unwrap_or(text)).map(Vec::from),
            _ => Err(digest_length()),
        };
        let bytes = digest.map_err(Misread::into_de)?;
        of_bytes(&bytes).map_err(Misread::into_de)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GivenDigest, A::Error> {
        let Some(key) = map.next_key::<String>()? else {
            return Err(de::Error::missing_field("base64"));
        };
        if key != "base64" {
            return Err(de::Error::unknown_field(&key, &["base64"]));
        }
        let blob: Blob = map.next_value()?;
        if let Some(key) = map.next_key::<String>()? {
            return Err(de::Error::unknown_field(&key, &["base64"]));
        }
        of_bytes(&blob.0).map_err(Misread::into_de)
    }
}

fn of_bytes(bytes: &[u8]) -> Result<GivenDigest, Misread> {
    LaunchDigest::from_slice(bytes).map(GivenDigest).ok_or_else(digest_length)
}

fn digest_length() -> Misread {
    Misread::new(
        Code::BadLength,
        "a launch digest has 32 bytes (64 digits of hex) for SEV and SEV-ES, 48 (96 digits) for SEV-SNP",
    )
}

#[cfg(feature = "schema")]
impl JsonSchema for GivenDigest {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "LaunchDigest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a launch digest: 32 bytes for SEV and SEV-ES, 48 for SEV-SNP",
            "oneOf": [
                { "type": "string", "pattern": "^((sha256:)?[0-9A-Fa-f]{64}|(sha384:)?[0-9A-Fa-f]{96})$" },
                { "type": "object", "required": ["base64"], "additionalProperties": false,
                  "properties": { "base64": { "type": "string", "contentEncoding": "base64" } } }
            ]
        })
    }
}

/// The id of a machine's AMD-SP: 64 bytes as hex or as base64, as `query-sev-capabilities` has them in `cpu0-id`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuId(pub [u8; 64]);

impl fmt::Display for CpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for CpuId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CpuId({self})")
    }
}

impl FromStr for CpuId {
    type Err = Misread;

    fn from_str(text: &str) -> Result<Self, Misread> {
        let mut bytes = [0; 64];
        if hex::decode_to_slice(text, &mut bytes).is_ok() {
            return Ok(Self(bytes));
        }
        text.parse::<Exact<64>>().map(|id| Self(id.0)).map_err(|error| {
            Misread::new(
                error.code,
                "a CPU id has 64 bytes: 128 digits of hex, or 88 characters of base64",
            )
        })
    }
}

text_form!(CpuId, "CPU id in hex or base64", { "type": "string", "minLength": 88, "description": "64 bytes, in hex or base64" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_the_rfc_writes_it() {
        // RFC 4648, section 10
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foobar", "Zm9vYmFy")] {
            assert_eq!(text.parse::<Blob>().expect("the RFC's").0, bytes.as_bytes());
            assert_eq!(Blob(bytes.into()).to_string(), text);
        }
        assert_eq!(" \nZm8=\r\n".parse::<Blob>().expect("trimmed").0, b"fo");
        for wrong in ["Zg", "Zg=", "Zh==", "Z m8=", "Zm9-", "Zm8=\u{a0}"] {
            assert_eq!(wrong.parse::<Blob>().expect_err(wrong).code, Code::BadBase64);
        }
    }

    #[test]
    fn a_base64_text_of_64_characters_is_no_digest() {
        let text = "A".repeat(43) + "=" + &"g".repeat(20);
        assert_eq!(text.parse::<Sha256>().expect_err("not hex").code, Code::BadLength);
    }

    #[test]
    fn a_cpu_id_is_the_same_in_hex_and_in_base64() {
        let bytes: Vec<u8> = (0..64).collect();
        let hex: CpuId = hex::encode(&bytes).parse().expect("hex");
        let base64: CpuId = STANDARD.encode(&bytes).parse().expect("base64");
        assert_eq!(hex, base64);
        assert!(hex::encode(bytes.get(..63).expect("63")).parse::<CpuId>().is_err());
    }
}
