//! Names of guests, launches and requests: UUIDs (RFC 9562) in canonical text.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::{Misread, text_form};
use crate::problem::Code;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $what:literal, $code:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id of 16 bytes, in the order of their text.
            ///
            /// # Errors
            ///
            /// If all are zero.
            pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, Misread> {
                let uuid = Uuid::from_bytes(bytes);
                if uuid.is_nil() {
                    return Err(Misread::new(Code::$code, concat!("the nil UUID names no ", $what)));
                }
                Ok(Self(uuid))
            }

            /// A random id (version 4) of 16 random bytes.
            #[must_use]
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// The 16 bytes, in the order of the text.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = Misread;

            fn from_str(text: &str) -> Result<Self, Misread> {
                // Of the forms that the UUID library reads, the protocol has one: 36 characters with hyphens.
                let canonical = (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten();
                let uuid = canonical.ok_or_else(|| {
                    Misread::new(
                        Code::$code,
                        concat!("not a UUID of the form 57f669c2-c427-4132-bc7a-26f56b6a718c, which names a ", $what),
                    )
                })?;
                Self::from_bytes(uuid.into_bytes())
            }
        }

        text_form!($name, $what, { "type": "string", "format": "uuid" });
    };
}

id!(
    /// The name of a guest: libvirt's domain UUID or Nova's instance UUID can be used as it is. Upper case is read; nil is not.
    VmId, "guest", BadVmid
);
id!(
    /// The name of one launch of a guest, which the service gives.
    LaunchId, "launch", Schema
);
id!(
    /// The name of one request, by which its answer, its log and its audit record are found.
    RequestId, "request", Schema
);

impl RequestId {
    /// A new id (UUID version 7): `millis` since 1970 and 10 random bytes.
    #[must_use]
    pub fn new(millis: u64, random: &[u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_is_read_and_lower_case_is_written() {
        let id: VmId = "57F669C2-C427-4132-BC7A-26F56B6A718C".parse().expect("canonical");
        assert_eq!(id.to_string(), "57f669c2-c427-4132-bc7a-26f56b6a718c");
    }

    #[test]
    fn other_forms_and_nil_are_refused() {
        for wrong in [
            "57f669c2c4274132bc7a26f56b6a718c",
            "{57f669c2-c427-4132-bc7a-26f56b6a718c}",
            "urn:uuid:57f669c2-c427-4132-bc7a-26f56b6a718c",
            "00000000-0000-0000-0000-000000000000",
            " 57f669c2-c427-4132-bc7a-26f56b6a718c",
            "57f669c2-c427-4132-bc7a-26f56b6a718g",
            "",
        ] {
            assert_eq!(wrong.parse::<VmId>().expect_err(wrong).code, Code::BadVmid);
        }
    }
}
