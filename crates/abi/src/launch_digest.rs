//! A launch digest of any technology: 32 bytes for SEV and SEV-ES, 48 for SNP. The length says the algorithm.
//!
//! ```
//! use sev_launch_abi::{LaunchDigest, sev, snp};
//!
//! let digest: LaunchDigest = "5a".repeat(48).parse()?;
//! assert_eq!(digest.algorithm(), "sha384");
//! assert!(snp::LaunchDigest::try_from(digest).is_ok());
//! assert!(sev::LaunchDigest::try_from(digest).is_err());
//! # Ok::<(), sev_launch_abi::Error>(())
//! ```

use core::fmt;
use core::str::FromStr;

use crate::error::Error;
use crate::reader::wide;
use crate::technology::Technology;
use crate::{sev, snp};

/// A launch digest. Reads and prints as lower-case hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LaunchDigest {
    /// Of a SEV or SEV-ES guest: a SHA-256. [SEV-API, GCTX.LD]
    Sev(sev::LaunchDigest),
    /// Of an SNP guest: a chain of SHA-384. [SNP-ABI, GCTX.LD]
    Snp(snp::LaunchDigest),
}

impl LaunchDigest {
    /// From 32 or 48 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        if let Ok(bytes) = bytes.try_into() {
            return Some(Self::Sev(sev::LaunchDigest::from_bytes(bytes)));
        }
        bytes.try_into().ok().map(|bytes| Self::Snp(snp::LaunchDigest::from_bytes(bytes)))
    }

    /// The bytes: 32 or 48.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sev(digest) => digest.as_bytes(),
            Self::Snp(digest) => digest.as_bytes(),
        }
    }

    /// `sha256` or `sha384`.
    pub const fn algorithm(&self) -> &'static str {
        match self {
            Self::Sev(_) => "sha256",
            Self::Snp(_) => "sha384",
        }
    }

    /// How many bytes a digest of a technology has.
    pub const fn size_for(technology: Technology) -> usize {
        match technology {
            Technology::Sev | Technology::SevEs => sev::LaunchDigest::SIZE,
            Technology::Snp => snp::LaunchDigest::SIZE,
        }
    }
}

impl From<sev::LaunchDigest> for LaunchDigest {
    fn from(digest: sev::LaunchDigest) -> Self {
        Self::Sev(digest)
    }
}

impl From<snp::LaunchDigest> for LaunchDigest {
    fn from(digest: snp::LaunchDigest) -> Self {
        Self::Snp(digest)
    }
}

impl TryFrom<LaunchDigest> for sev::LaunchDigest {
    type Error = LaunchDigest;

    /// The digest of a SEV or SEV-ES guest; an SNP guest's comes back as it is.
    fn try_from(digest: LaunchDigest) -> Result<Self, LaunchDigest> {
        match digest {
            LaunchDigest::Sev(digest) => Ok(digest),
            LaunchDigest::Snp(_) => Err(digest),
        }
    }
}

impl TryFrom<LaunchDigest> for snp::LaunchDigest {
    type Error = LaunchDigest;

    /// The digest of an SNP guest; any other comes back as it is.
    fn try_from(digest: LaunchDigest) -> Result<Self, LaunchDigest> {
        match digest {
            LaunchDigest::Snp(digest) => Ok(digest),
            LaunchDigest::Sev(_) => Err(digest),
        }
    }
}

impl fmt::Display for LaunchDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.as_bytes()))
    }
}

impl FromStr for LaunchDigest {
    type Err = Error;

    /// Reads 64 or 96 lower-case hex digits.
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_lower = !text.contains(|c: char| c.is_ascii_uppercase());
        hex::decode(text)
            .ok()
            .filter(|_| is_lower)
            .and_then(|bytes| Self::from_slice(&bytes))
            .ok_or(Error::LaunchDigest { found: wide(text.len()) })
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for LaunchDigest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for LaunchDigest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::digest_bytes::deserialize_text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn the_length_says_the_algorithm() {
        for (size, algorithm) in [(32, "sha256"), (48, "sha384")] {
            let text = "5a".repeat(size);
            let digest: LaunchDigest = text.parse().expect("hex");
            assert_eq!((digest.algorithm(), digest.to_string()), (algorithm, text));
        }
    }

    #[test]
    fn other_lengths_and_spellings_are_refused() {
        for text in ["", "5a", &"5a".repeat(20), &"5A".repeat(48), &"5g".repeat(32)] {
            assert!(text.parse::<LaunchDigest>().is_err(), "{text}");
        }
    }
}
