//! The text forms of the protocol: what stands in JSON strings and paths, read strictly and written in one form.
//!
//! Each type holds what its text means, never the text. Input is trimmed of white space around it only where a form says so. An
//! error of a form carries the [`Code`] of the problem that it becomes, by [`Misread`].

mod bytes;
mod id;
mod label;
mod time;

use std::fmt;

use serde::de::{self, Visitor};

use crate::problem::Code;

pub use self::bytes::{Blob, CpuId, Exact, GivenDigest, Sha256};
pub use self::id::{LaunchId, RequestId, VmId};
pub use self::label::{Label, LabelKey, Secret};
pub use self::time::{Time, Ttl};

/// A text that is not of the form that its member has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Misread {
    /// The problem that the request ends in.
    pub code: Code,
    /// What was found and what was wanted, without the member's name.
    pub detail: String,
}

impl Misread {
    /// An error of `code` with its text.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The error as a deserialiser takes it: marked, so that [`crate::body::read`] finds the code again.
    pub(crate) fn into_de<E: de::Error>(self) -> E {
        E::custom(format_args!("{MARK}{}{MARK}{}", self.code.name(), self.detail))
    }

    /// The code and the text of an error that [`Misread::into_de`] made.
    pub(crate) fn of_marked(text: &str) -> Option<(Code, &str)> {
        let (name, detail) = text.strip_prefix(MARK)?.split_once(MARK)?;
        Some((Code::from_name(name)?, detail))
    }
}

/// Stands where no message of serde's own has a character.
const MARK: char = '\u{1}';

/// Reads a JSON string by a function of its text.
pub(crate) struct ByText<F>(pub(crate) &'static str, pub(crate) F);

impl<T, F: FnOnce(&str) -> Result<T, Misread>> Visitor<'_> for ByText<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.1)(text).map_err(Misread::into_de)
    }
}

/// `Serialize` by `Display`, `Deserialize` by `FromStr<Err = Misread>`, and a schema, for a type of this module.
macro_rules! text_form {
    ($type:ty, $what:literal, $schema:tt) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::text::ByText($what, str::parse::<Self>))
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                $what.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}
pub(crate) use text_form;
