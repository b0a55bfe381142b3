//! Versions of the API and of the platform's own firmware.
//!
//! ```
//! use sev_launch_abi::version::{ApiVersion, PlatformVersion};
//!
//! let platform = PlatformVersion::from_numbers(1, 55, 24)?;
//! assert!(platform.api() > "1.9".parse::<ApiVersion>()?);
//! # Ok::<(), sev_launch_abi::Error>(())
//! ```

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::error::Error;

/// A version of the SEV API or of the SNP ABI. It orders as a pair: 2.0 comes after 1.51.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct ApiVersion {
    /// API_MAJOR; in SNP ABI_MAJOR.
    pub major: u8,
    /// API_MINOR; in SNP ABI_MINOR.
    pub minor: u8,
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for ApiVersion {
    type Err = Error;

    /// Reads `1.55`: two decimal numbers.
    fn from_str(text: &str) -> Result<Self, Error> {
        let number = |digits: &str| {
            let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| is_decimal)
        };
        let version = text
            .trim()
            .split_once('.')
            .and_then(|(major, minor)| Some(Self { major: number(major)?, minor: number(minor)? }));
        version.ok_or_else(|| Error::ApiVersion { found: text.into() })
    }
}

/// A version of the platform's own firmware: ordered by major, minor, build. [SEV-API, PLATFORM_STATUS] [SNP-ABI, SNP_PLATFORM_STATUS]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields)
)]
pub struct PlatformVersion {
    /// The API's major version.
    pub major: u8,
    /// The API's minor version.
    pub minor: u8,
    /// BUILD.
    pub build: u8,
}

impl PlatformVersion {
    /// From numbers as QEMU and libvirt print them. A number over 255 is an error and is not cut to its low byte, which might match.
    pub fn from_numbers(major: u64, minor: u64, build: u64) -> Result<Self, Error> {
        let byte =
            |what, found| u8::try_from(found).map_err(|_| Error::VersionNumber { what, found });
        Ok(Self {
            major: byte("API major number", major)?,
            minor: byte("API minor number", minor)?,
            build: byte("build", build)?,
        })
    }

    /// The version of the API, without the build.
    pub const fn api(self) -> ApiVersion {
        ApiVersion { major: self.major, minor: self.minor }
    }

    /// `1.55 build 24`, as tools for SEV print it.
    pub fn with_build_named(self) -> String {
        alloc::format!("{} build {}", self.api(), self.build)
    }
}

impl fmt::Display for PlatformVersion {
    /// `1.55.24`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.api(), self.build)
    }
}
