//! Digests as types: a fixed number of bytes that reads and prints as hex.
//!
//! ```
//! sev_launch_abi::digest_bytes!(
//!     /// An image identifier.
//!     ImageId, 4
//! );
//!
//! let id: ImageId = "00c0ffee".parse()?;
//! assert_eq!(id.as_bytes(), &[0x00, 0xc0, 0xff, 0xee]);
//! # Ok::<(), sev_launch_abi::Error>(())
//! ```

/// Declares a digest type: `N` bytes, printed in lower-case hex, read from hex of either case, in text forms of `serde` the same.
///
/// The crate that uses it needs a feature `serde` of its own, which turns on this crate's.
///
/// ```
/// sev_launch_abi::digest_bytes!(
///     /// The SHA-256 of a kernel.
///     KernelDigest, 32
/// );
///
/// let digest: KernelDigest = "5a".repeat(32).parse()?;
/// assert_eq!(digest.as_bytes(), &[0x5a; 32]);
/// # Ok::<(), sev_launch_abi::Error>(())
/// ```
#[macro_export]
macro_rules! digest_bytes {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// The number of bytes.
            pub const SIZE: usize = $length;

            /// From the bytes themselves.
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&$crate::digest_bytes::to_hex(&self.0))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::digest_bytes::from_hex(stringify!($name), text).map(Self)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::digest_bytes::deserialize_text(deserializer)
            }
        }
    };
}

use alloc::string::String;

use crate::error::Error;

/// Bytes as lower-case hex.
#[doc(hidden)]
pub fn to_hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// `N` bytes from as many pairs of hex digits.
#[doc(hidden)]
pub fn from_hex<const N: usize>(what: &'static str, text: &str) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    match hex::decode_to_slice(text, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => {
            Err(Error::HexDigest { what, found: crate::reader::wide(text.len()), wanted: 2 * N })
        }
    }
}

/// A value from its text.
#[cfg(feature = "serde")]
#[doc(hidden)]
pub fn deserialize_text<'de, D: serde::Deserializer<'de>, T: core::str::FromStr<Err = Error>>(
    deserializer: D,
) -> Result<T, D::Error> {
    use serde::Deserialize as _;
    let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}
