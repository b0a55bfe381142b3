//! Numbers that people know in hex, as text: `"0x30000"`. JSON readers that keep numbers as doubles would round a 64-bit
//! one, and nobody recognises a CPU signature in decimal.

use std::fmt;
use std::marker::PhantomData;

use serde::de::Visitor;
use serde::{Deserializer, Serializer};
use sev_launch_abi::{CpuSignature, SevFeatures};

/// A number that is written in hex.
pub(crate) trait Hexadecimal: Copy {
    /// How many digits are written at least.
    const DIGITS: usize;

    fn number(self) -> u64;
    fn from_number(number: u64) -> Option<Self>;
}

/// Which types are written so: with how many digits at least, and how each is a number and comes of one.
macro_rules! hexadecimal {
    ($($type:ident, $digits:literal, $value:pat => $number:expr, $found:ident => $read:expr;)*) => {$(
        impl Hexadecimal for $type {
            const DIGITS: usize = $digits;

            fn number(self) -> u64 {
                let $value = self;
                $number
            }

            fn from_number($found: u64) -> Option<Self> {
                $read
            }
        }
    )*};
}

hexadecimal! {
    u64, 1, number => number, found => Some(found);
    u32, 1, number => number.into(), found => found.try_into().ok();
    CpuSignature, 8, Self(number) => number.into(), found => found.try_into().ok().map(Self);
    SevFeatures, 1, Self(number) => number, found => Some(Self(found));
}

/// The text of a number, as it is written.
pub(crate) fn text<T: Hexadecimal>(value: T) -> String {
    format!("0x{:0width$x}", value.number(), width = T::DIGITS)
}

/// Reads exactly what [`text`] writes.
fn parse<T: Hexadecimal>(found: &str) -> Option<T> {
    let digits = found.strip_prefix("0x")?;
    let value = u64::from_str_radix(digits, 16).ok().and_then(T::from_number)?;
    (text(value) == found).then_some(value)
}

struct Reader<T>(PhantomData<T>);

impl<T: Hexadecimal> Visitor<'_> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number in lower-case hex, as \"0x1f\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        parse(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }
}

/// For `#[serde(with)]` on a field that is always there.
pub(crate) mod required {
    use super::*;

    pub(crate) fn serialize<T: Hexadecimal, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(*value))
    }

    pub(crate) fn deserialize<'de, T: Hexadecimal, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        deserializer.deserialize_str(Reader(PhantomData))
    }
}

/// For `#[serde(with)]` on a field that may be left out, and that is never null.
pub(crate) mod optional {
    use super::*;

    pub(crate) fn serialize<T: Hexadecimal, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => required::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T: Hexadecimal, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        required::deserialize(deserializer).map(Some)
    }
}

/// Is the text so many bytes in lower-case hex?
pub(crate) fn is_bytes(text: &str, bytes: usize) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 2 * bytes && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_is_read() {
        assert_eq!(parse::<u64>("0x30000"), Some(0x30000));
        assert_eq!(parse("0x00a00f11"), Some(CpuSignature(0xa0_0f11)));
        for text in ["", "0x", "30000", "0x030000", "0X3", "0xA", "0x+3", "0x10000000000000000"] {
            assert_eq!(parse::<u64>(text), None, "{text}");
        }
        assert_eq!(parse::<CpuSignature>("0xa00f11"), None);
        assert_eq!(parse::<u32>("0x100000000"), None);
    }
}
