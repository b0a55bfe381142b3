//! Short texts of owners, and their secrets.

#[cfg(feature = "schema")]
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

#[cfg(feature = "schema")]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use sev_launch_abi::text::is_hidden;
use zeroize::Zeroizing;

use super::{ByText, Misread, text_form};
use crate::problem::Code;

/// A short text that people read: 1 to 253 bytes, nothing in it that a terminal hides or obeys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label(String);

impl Label {
    /// The most bytes: those of a host's name (RFC 1035).
    pub const MOST: usize = 253;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Label {
    type Err = Misread;

    fn from_str(text: &str) -> Result<Self, Misread> {
        if text.is_empty() || text.len() > Self::MOST {
            let found = text.len();
            let detail = format!("{found} bytes, wanted 1 to {}", Self::MOST);
            return Err(Misread::new(Code::BadLength, detail));
        }
        if text.chars().any(is_hidden) {
            return Err(Misread::new(
                Code::Schema,
                "a character that is not shown (a control character, a direction mark or a line's end)",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

text_form!(Label, "short text", { "type": "string", "minLength": 1, "maxLength": 253 });

/// The name of a label: 1 to 63 of letters, digits, `.`, `_`, `-` and `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelKey(String);

impl LabelKey {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LabelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LabelKey {
    type Err = Misread;

    fn from_str(text: &str) -> Result<Self, Misread> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
        if text.is_empty() || text.len() > 63 || !text.bytes().all(fits) {
            return Err(Misread::new(
                Code::Schema,
                "a label's name is 1 to 63 letters, digits, '.', '_', '-' and '/'",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

text_form!(LabelKey, "name of a label", { "type": "string", "pattern": "^[A-Za-z0-9._/-]{1,63}$" });

/// A text that nobody but the owner and the guest may see: wiped when dropped, never shown, never written.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A secret of `text`.
    #[must_use]
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secret = |text: &str| Ok(Self(Zeroizing::new(text.to_owned())));
        deserializer.deserialize_str(ByText("text", secret))
    }
}

#[cfg(feature = "schema")]
impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "writeOnly": true })
    }
}
