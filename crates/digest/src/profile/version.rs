//! Versions of host kernels and VMMs, and what is known of one.

use core::fmt;
use core::str::FromStr;

use super::error::Error;

/// A version of three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// As in 6.8.12: 6.
    pub major: u32,
    /// As in 6.8.12: 8.
    pub minor: u32,
    /// As in 6.8.12: 12.
    pub patch: u32,
}

impl Version {
    /// From its numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// From one version up to another. What is known of a version is a range too: `9.2` leaves the patch open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionRange {
    /// The first version in it.
    pub from: Version,
    /// The first version after it; `None` if it goes on.
    pub below: Option<Version>,
}

impl VersionRange {
    /// Every version.
    pub const ANY: Self = Self { from: Version::new(0, 0, 0), below: None };

    /// From a version on.
    pub const fn from(from: Version) -> Self {
        Self { from, below: None }
    }

    /// From a version to before another.
    pub const fn between(from: Version, below: Version) -> Self {
        Self { from, below: Some(below) }
    }

    /// Do the two share a version?
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        let before = |from: Version, below: Option<Version>| below.is_none_or(|below| from < below);
        before(self.from, other.below) && before(other.from, self.below)
    }

    /// Is what is known of a version before another? `None` if it may be either.
    #[must_use]
    pub fn is_before(self, version: Version) -> Option<bool> {
        match self {
            Self { from, .. } if from >= version => Some(false),
            Self { below: Some(below), .. } if below <= version => Some(true),
            _ => None,
        }
    }

    /// The version; `None` if more than one is meant.
    pub fn exact(self) -> Option<Version> {
        let next = Version { patch: self.from.patch.checked_add(1)?, ..self.from };
        (self.below == Some(next)).then_some(self.from)
    }
}

impl FromStr for VersionRange {
    type Err = Error;

    /// Reads `9.2`, `9.2.1`; what follows the numbers is left out.
    fn from_str(text: &str) -> Result<Self, Error> {
        read(text).map(|(range, _)| range).ok_or_else(|| Error::Version {
            what: "version",
            found: text.into(),
            wanted: "numbers, as 9.2 or 9.2.1",
        })
    }
}

/// A host kernel's release, as `uname -r` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostKernel {
    /// The upstream versions that it may behave like.
    pub versions: VersionRange,
    /// Is it a vendor's, whose backports can make it behave like any newer one?
    pub vendor: bool,
}

impl FromStr for HostKernel {
    type Err = Error;

    /// Reads `6.8`, `6.6.23`, `6.1.0-18-amd64`, `5.14.0-427.el9.x86_64`.
    ///
    /// In `6.1.0-18-amd64` the 0 is the distribution's, not upstream's, so the patch stays open. Kernels of RHEL, SUSE
    /// and openEuler carry backports of whole subsystems: they may behave like any newer version.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (range, suffix) = read(text).ok_or_else(|| Error::Version {
            what: "host kernel",
            found: text.into(),
            wanted: "a release as uname -r prints it, as 6.8 or 6.6.23",
        })?;
        let vendor = [".el", "-default", ".oe"].iter().any(|mark| suffix.contains(mark));
        let distribution =
            range.from.patch == 0 && suffix.starts_with('-') && !suffix.starts_with("-rc");
        let below = match range.from {
            _ if vendor => None,
            Version { major, minor, .. } if distribution => {
                Some(Version::new(major, minor.saturating_add(1), 0))
            }
            _ => range.below,
        };
        Ok(Self { versions: VersionRange { below, ..range }, vendor })
    }
}

/// The numbers at the start of a text, two or three of them, and what follows.
fn read(text: &str) -> Option<(VersionRange, &str)> {
    let (major, rest) = number(text.trim())?;
    let (minor, rest) = number(rest.strip_prefix('.')?)?;
    let (from, below, suffix) = match rest.strip_prefix('.').and_then(number) {
        Some((patch, suffix)) => ((minor, patch), (minor, patch.checked_add(1)?), suffix),
        None => ((minor, 0), (minor.checked_add(1)?, 0), rest),
    };
    let version = |(minor, patch)| Version::new(major, minor, patch);
    Some((VersionRange::between(version(from), version(below)), suffix))
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> VersionRange {
        text.parse::<HostKernel>().unwrap().versions
    }

    #[test]
    fn releases_as_uname_prints_them() {
        let v = Version::new;
        assert_eq!(span("6.8"), VersionRange::between(v(6, 8, 0), v(6, 9, 0)));
        assert_eq!(span("6.6.23"), VersionRange::between(v(6, 6, 23), v(6, 6, 24)));
        assert_eq!(span("6.6.0-rc3"), VersionRange::between(v(6, 6, 0), v(6, 6, 1)));
        assert_eq!(span("6.1.0-18-amd64"), VersionRange::between(v(6, 1, 0), v(6, 2, 0)));
        assert_eq!(span("5.14.0-427.el9.x86_64"), VersionRange::from(v(5, 14, 0)));
    }

    #[test]
    fn texts_that_are_no_version() {
        for text in ["", "6", "six", "6.", ".8", "6.x", "99999999999.1"] {
            assert!(text.parse::<HostKernel>().is_err(), "{text}");
            assert!(text.parse::<VersionRange>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_three_numbers_are_exact() {
        assert_eq!("7.2.0".parse::<VersionRange>().unwrap().exact(), Some(Version::new(7, 2, 0)));
        assert_eq!("7.2".parse::<VersionRange>().unwrap().exact(), None);
    }
}
