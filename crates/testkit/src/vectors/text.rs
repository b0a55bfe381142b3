//! Numbers and bytes that JSON holds as text: `"0x00800f12"`, `"a95aeb75"`.

use serde::{Deserialize, Deserializer, de::Error};

/// A 32-bit number in hex with `0x`.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    parse_number(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// Bytes in hex, exactly as many as the field has.
pub(super) fn bytes<'de, D: Deserializer<'de>, const N: usize>(
    from: D,
) -> Result<[u8; N], D::Error> {
    let text = String::deserialize(from)?;
    let mut bytes = [0; N];
    hex::decode_to_slice(&text, &mut bytes)
        .map_err(|error| D::Error::custom(format!("{text:?} is not {N} bytes in hex: {error}")))?;
    Ok(bytes)
}

/// A 32-bit number in hex with `0x`, or what is wrong with it.
pub(super) fn parse_number(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix("0x").ok_or_else(|| format!("{text:?} has no 0x"))?;
    u32::from_str_radix(digits, 16).map_err(|error| format!("{text:?}: {error}"))
}
