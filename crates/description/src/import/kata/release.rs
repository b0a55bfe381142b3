//! Releases of Kata Containers, and which of them read a configuration. Its file names none of them.
//!
//! Defined by [Kata, CHANGELOG of each key]: the first release whose runtime has the key. A key that a runtime does not know is
//! left out by it without a word, so a file with such a key is not of that release.

use std::fmt;
use std::str::FromStr;

use super::{Runtime, Settings};
use crate::error::Error;

/// A release whose command lines are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(u8, u8);

/// The newest releases that are known, by their first number: Kata's own.
const NEWEST: [Release; 2] = [Release(3, 32), Release(4, 1)];
/// The oldest of Kata's own.
const OLDEST: Release = Release(3, 2);
/// The first with a configuration of the Rust runtime for SNP.
const FIRST_RUST: Release = Release(3, 25);

/// Keys of `[hypervisor.qemu]` or, with their table, of others: the first release of the Go runtime, and of the Rust runtime, that
/// reads each.
const SINCE: &[(&str, Release, Release)] = &[
    ("snp_id_block", Release(3, 15), FIRST_RUST),
    ("snp_id_auth", Release(3, 15), FIRST_RUST),
    ("snp_guest_policy", Release(3, 20), Release(3, 28)),
    ("kernel_verity_params", Release(3, 27), Release(3, 27)),
    ("guest_extension_images", Release(4, 0), Release(4, 0)),
    ("overhead_vcpus", Release(4, 0), Release(4, 0)),
    ("overhead_memory", Release(4, 0), Release(4, 0)),
    ("agent.kata.cdh_api_timeout", Release(3, 9), Release(3, 9)),
    ("agent.kata.launch_process_timeout", Release(3, 29), Release(3, 29)),
];
/// Keys that only the releases of Confidential Containers read. [Kata, branch CCv0]
const CC_ONLY: &[&str] = &["sev_guest_policy", "guest_pre_attestation"];

impl Release {
    /// Those of Confidential Containers up to 0.8.1, from the branch CCv0.
    pub const CC: Self = Self(0, 8);

    /// Kata's own release of these numbers, if its command lines are known.
    pub fn new(major: u8, minor: u8) -> Option<Self> {
        let release = Self(major, minor);
        let newest = NEWEST.iter().find(|newest| newest.0 == major)?;
        (OLDEST..=*newest).contains(&release).then_some(release)
    }

    /// Every release, the oldest first.
    fn all() -> impl Iterator<Item = Self> {
        let own = NEWEST
            .into_iter()
            .flat_map(|newest| (0..=newest.1).filter_map(move |minor| Self::new(newest.0, minor)));
        std::iter::once(Self::CC).chain(own)
    }

    /// Is it Kata's own, and at least this one?
    pub(super) fn is_from(self, major: u8, minor: u8) -> bool {
        self >= Self(major, minor)
    }
}

impl FromStr for Release {
    type Err = String;

    /// Reads `3.30`, `3.30.0`, and `cc` or `CC-0.8.1` for those of Confidential Containers.
    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        let numbers = |text: &str| {
            // Rust reads "+3" as a number too.
            let number = |part: &str| part.parse().ok().filter(|_| !part.starts_with('+'));
            let parts: Option<Vec<u8>> = text.split('.').map(number).collect();
            match parts.as_deref() {
                Some([major, minor] | [major, minor, _]) => Some((*major, *minor)),
                _ => None,
            }
        };
        let found = match lower.strip_prefix("cc") {
            Some("") => Some(Self::CC),
            Some(rest) => match rest.strip_prefix('-').and_then(numbers) {
                Some((0, 2..=8)) => Some(Self::CC),
                _ => None,
            },
            None => numbers(&lower).and_then(|(major, minor)| Self::new(major, minor)),
        };
        found.ok_or_else(|| {
            let [third, fourth] = NEWEST;
            format!(
                "the command lines of Kata {text:?} are not known: those of {OLDEST} to {third}, 4.0 to {fourth} and CC-0.8.1 are; of \
                 another, `import qemu` reads the command line of a QEMU that runs"
            )
        })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::CC => f.write_str("CC-0.8.1"),
            Self(major, minor) => write!(f, "{major}.{minor}"),
        }
    }
}

/// The releases that may read a configuration, the oldest first: the one that was said, or all that know every key in it.
pub(super) struct Releases {
    pub(super) candidates: Vec<Release>,
    /// The one that was said.
    pub(super) said: Option<Release>,
}

/// What settles which one it is.
pub(super) const SETTLED: &str = "another import with --release and the release that is installed, as `kata-runtime --version`, or that of containerd-shim-kata-v2, on the host prints it";

impl Releases {
    /// Errors: a key that the release does not read, or keys that no release reads together.
    pub(super) fn read(settings: &Settings<'_>, said: Option<Release>) -> Result<Self, Error> {
        let is_rust = settings.runtime == Runtime::Rust;
        let mut candidates: Vec<_> =
            Release::all().filter(|release| said.is_none_or(|said| said == *release)).collect();
        let mut keep = |key: &str, first: Release, last: Release| {
            candidates.retain(|release| (first..=last).contains(release));
            if !candidates.is_empty() {
                return Ok(());
            }
            let which = match (first, last) {
                (_, Release::CC) => format!("only releases up to {last} read it"),
                (first, _) => format!("releases from {first} on alone read it"),
            };
            let message = match said {
                Some(said) => format!("{which}, and the release is said to be {said}"),
                None => format!("{which}, and those do not read other keys of this file"),
            };
            Err(settings.source.value(settings.place(key), message))
        };
        let newest = NEWEST[1];
        if is_rust {
            keep("[runtime] of the Rust runtime", FIRST_RUST, newest)?;
        }
        for (key, go, rust) in SINCE {
            if settings.is_set(key) {
                keep(key, if is_rust { *rust } else { *go }, newest)?;
            }
        }
        for key in CC_ONLY {
            if settings.is_set(key) {
                keep(key, Release::CC, Release::CC)?;
            }
        }
        Ok(Self { candidates, said })
    }

    /// What all of them agree on.
    pub(super) fn agree<T: PartialEq>(&self, of: impl Fn(Release) -> T) -> Option<T> {
        let mut all = self.candidates.iter().map(|release| of(*release));
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// The one that was said, or the newest that may be meant.
    pub(super) fn newest(&self) -> Release {
        self.candidates.last().copied().unwrap_or(NEWEST[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_have_their_order() {
        let read = |text: &str| text.parse::<Release>();
        assert_eq!(read("3.30.0"), read("3.30"));
        assert_eq!(read("CC-0.8.1"), Ok(Release::CC));
        assert_eq!(read("cc"), Ok(Release::CC));
        assert!(
            read("3.9") < read("3.10") && read("cc") < read("3.2") && read("3.32") < read("4.0")
        );
        for wrong in [
            "", "main", "3", "3.1", "3.33", "4.2", "5.0", "3.x", "3.300", "cc-1.0", "CC0.8",
            "+3.30", "3.30.+1",
        ] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains("3.2 to 3.32, 4.0 to 4.1 and CC-0.8.1"), "{error}");
        }
        assert_eq!(Release::all().count(), 1 + 31 + 2);
    }
}
