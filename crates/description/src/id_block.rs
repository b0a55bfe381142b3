//! The ID block of an SNP guest and its authentication, as bytes: what a VMM is given in base64 and hands to the AMD-SP.
//!
//! Defined by [SNP-ABI, ID block structure, ID authentication information structure]. Signatures and keys are not looked into here:
//! a verifier demands of the report what follows of them.
//!
//! ```
//! use sev_launch_description::id_block::IdBlock;
//!
//! let text = "A".repeat(128);
//! let block: IdBlock = text.parse()?;
//! assert_eq!((block.as_bytes(), block.policy(), block.to_string()), (&[0; 96], 0, text));
//! assert!("AAAA".parse::<IdBlock>().is_err());
//! # Ok::<(), String>(())
//! ```

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Declares bytes of a fixed number that stand in base64.
macro_rules! bytes {
    ($(#[$doc:meta])* $name:ident, $size:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(Box<[u8; $size]>);

        impl $name {
            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = String;

            /// Reads base64 with its padding. Errors: another number of bytes.
            fn from_str(text: &str) -> Result<Self, String> {
                let wrong = |found: String| format!("{found}, wanted {} bytes of {} in base64", $size, $what);
                let bytes = BASE64.decode(text).map_err(|error| wrong(format!("no base64 ({error})")))?;
                let size = bytes.len();
                let bytes = Box::<[u8; $size]>::try_from(bytes);
                bytes.map(Self).map_err(|_| wrong(format!("{size} bytes")))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&BASE64.encode(self.as_bytes()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

bytes!(
    /// The ID block: 96 bytes, which the ID key signs.
    IdBlock, 96, "an ID block"
);
bytes!(
    /// The ID authentication: 4096 bytes with signatures and public keys.
    IdAuth, 4096, "an ID authentication"
);

impl IdBlock {
    /// The guest policy that the guest must have: the last 8 bytes, little-endian. [SNP-ABI, ID block structure]
    pub fn policy(&self) -> u64 {
        self.0.last_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_the_last_word() {
        let mut bytes = [0; 96];
        bytes[88..].copy_from_slice(&[0, 0, 3, 0, 0, 0, 0, 1]);
        let block: IdBlock = BASE64.encode(bytes).parse().unwrap();
        assert_eq!(block.policy(), 0x0100_0000_0003_0000);
    }

    #[test]
    fn other_sizes_are_refused() {
        for (text, part) in [
            (BASE64.encode([0; 95]), "95 bytes, wanted 96"),
            ("?".to_owned(), "no base64"),
            (String::new(), "0 bytes"),
        ] {
            let error = text.parse::<IdBlock>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(BASE64.encode([7; 4096]).parse::<IdAuth>().is_ok());
        assert!(BASE64.encode([7; 4095]).parse::<IdAuth>().is_err());
    }
}
