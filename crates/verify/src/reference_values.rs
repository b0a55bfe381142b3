//! The launch digests that are accepted, each with what it stands for.
//!
//! A guest has many good digests: one per number of vCPUs, CPU and host profile. A verifier that knows only the bytes can say
//! yes; one that knows what each stands for can say which guest runs. An empty set accepts nothing.
//!
//! ```
//! use sev_launch_verify::abi::{Technology, snp};
//! use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
//!
//! let mut accepted = ReferenceValues::new();
//! for (vcpus, byte) in [(1, 0x11), (2, 0x22), (4, 0x44)] {
//!     let image = StandsFor::image(Technology::Snp, "build 7");
//!     let digest = snp::LaunchDigest::from_bytes([byte; 48]);
//!     accepted.add(digest, StandsFor { vcpus: Some(vcpus), ..image });
//! }
//! let reported = snp::LaunchDigest::from_bytes([0x22; 48]);
//! assert_eq!(accepted.lookup(&reported).and_then(|row| row.stands_for.vcpus), Some(2));
//! ```

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};
use sev_launch_abi::{CpuSignature, Technology};

use crate::requirement::Bytes;

/// What a digest stands for. Nothing here is proven by evidence but that the digest matched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct StandsFor {
    /// The technology. A SEV and a SEV-ES digest have the same type but not the same meaning: it must fit the policy.
    pub technology: Technology,
    /// The number of vCPUs, where the digest depends on it.
    pub vcpus: Option<u32>,
    /// The CPU's signature, where the digest depends on it.
    pub signature: Option<CpuSignature>,
    /// The launch profile's name, where the digest depends on it.
    pub profile: Option<String>,
    /// The image: firmware, kernel and command line as the guest's owner calls them.
    pub image: String,
}

impl StandsFor {
    /// An image of which nothing else is known; further facts are added by their fields.
    pub fn image(technology: Technology, image: impl Into<String>) -> Self {
        let (vcpus, signature, profile) = (None, None, None);
        Self { technology, vcpus, signature, profile, image: image.into() }
    }
}

impl fmt::Display for StandsFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.technology, self.image)?;
        if let Some(vcpus) = self.vcpus {
            write!(f, ", {vcpus} vCPUs")?;
        }
        if let Some(CpuSignature(signature)) = self.signature {
            write!(f, ", CPU {signature:#010x}")?;
        }
        if let Some(profile) = &self.profile {
            write!(f, ", profile {profile}")?;
        }
        Ok(())
    }
}

/// How somebody came to a digest, as far as it counts for trusting it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "snake_case"))]
pub enum Obtained {
    /// Computed from what the guest is started from.
    Computed,
    /// Somebody is said to endorse it, and nothing proves that they do.
    Endorsed,
    /// An endorsement of it was verified, under a root that the caller gave.
    Proven,
    /// An endorsement of it is kept, and was not verified, or does not hold.
    Unproven,
    /// Observed on a machine, in evidence that was verified: it says what ran, not that it should have.
    Observed(VerifiedUnder),
    /// Observed in evidence that nobody verified: whatever a host reported.
    Unverified,
}

/// What observed evidence was verified with: its authenticity is worth as much as this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "snake_case"))]
#[must_use]
pub enum VerifiedUnder {
    /// The keys of a launch session of the guest's owner.
    Session,
    /// One of AMD's roots, built in.
    Amd,
    /// Another root, which somebody gave: the SHA-256 of its certificate in DER.
    Root(Bytes<32>),
    /// Nobody said.
    NotSaid,
}

/// Which digests are accepted beside computed ones and those of an endorsement that was verified, which always are. The default accepts no
/// others.
///
/// ```
/// use sev_launch_verify::reference_values::{Acceptance, Obtained, VerifiedUnder};
///
/// let observed = Acceptance { observed: true, ..Acceptance::COMPUTED };
/// assert!(observed.accepts(Obtained::Observed(VerifiedUnder::Amd)));
/// // Anybody can write that somebody endorsed it, so that is not accepted along with others.
/// assert!(!observed.accepts(Obtained::Endorsed));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct Acceptance {
    /// Endorsed ones, whoever wrote that they are.
    pub endorsed: bool,
    /// Observed ones whose evidence was verified under one of AMD's roots, or with a session's keys. That evidence is authentic
    /// says that some host ran this, not that it should have.
    pub observed: bool,
    /// Observed ones whose evidence was verified under these other roots: the SHA-256 of each certificate in DER.
    pub roots: Vec<Bytes<32>>,
    /// All observed ones, also those in evidence that nobody verified: whatever a host reported becomes acceptable.
    pub unverified: bool,
}

impl Acceptance {
    /// Computed ones alone.
    pub const COMPUTED: Self =
        Self { endorsed: false, observed: false, roots: Vec::new(), unverified: false };

    /// Is a digest accepted that was obtained like this?
    #[must_use]
    pub fn accepts(&self, obtained: Obtained) -> bool {
        match obtained {
            // Whoever gives a root to endorsements accepts what is endorsed under it.
            Obtained::Computed | Obtained::Proven => true,
            Obtained::Endorsed => self.endorsed,
            // Where there is a proof, nothing stands in for it.
            Obtained::Unproven => false,
            Obtained::Unverified | Obtained::Observed(VerifiedUnder::NotSaid) => self.unverified,
            Obtained::Observed(VerifiedUnder::Amd | VerifiedUnder::Session) => {
                self.observed || self.unverified
            }
            Obtained::Observed(VerifiedUnder::Root(root)) => {
                self.roots.contains(&root) || self.unverified
            }
        }
    }
}

/// One accepted digest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(deny_unknown_fields))]
pub struct ReferenceValue<D> {
    /// The digest.
    pub digest: D,
    /// What it stands for.
    pub stands_for: StandsFor,
}

/// A set of accepted digests, in the order in which they were added. Empty, it accepts nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
pub struct ReferenceValues<D> {
    rows: Vec<ReferenceValue<D>>,
}

impl<D> ReferenceValues<D> {
    /// The set that accepts nothing.
    pub const fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a digest. The same one may stand for several things; the first added is then what is reported.
    pub fn add(&mut self, digest: D, stands_for: StandsFor) {
        self.rows.push(ReferenceValue { digest, stands_for });
    }

    /// All rows, in order.
    pub fn rows(&self) -> &[ReferenceValue<D>] {
        &self.rows
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Are there none, so that nothing is accepted?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<D: PartialEq> ReferenceValues<D> {
    /// The first row with this digest.
    #[must_use]
    pub fn lookup(&self, digest: &D) -> Option<&ReferenceValue<D>> {
        self.rows.iter().find(|row| row.digest == *digest)
    }
}

impl<D> Default for ReferenceValues<D> {
    fn default() -> Self {
        Self::new()
    }
}

impl<D> Extend<ReferenceValue<D>> for ReferenceValues<D> {
    fn extend<I: IntoIterator<Item = ReferenceValue<D>>>(&mut self, rows: I) {
        self.rows.extend(rows);
    }
}

impl<D> FromIterator<ReferenceValue<D>> for ReferenceValues<D> {
    fn from_iter<I: IntoIterator<Item = ReferenceValue<D>>>(rows: I) -> Self {
        Self { rows: rows.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn row(vcpus: u32) -> StandsFor {
        StandsFor {
            technology: Technology::SevEs,
            vcpus: Some(vcpus),
            signature: Some(CpuSignature(0x00a0_0f11)),
            profile: Some("es-legacy".into()),
            image: "build 7".into(),
        }
    }

    #[test]
    fn an_empty_set_accepts_nothing() {
        assert_eq!(ReferenceValues::new().lookup(&0), None);
    }

    #[test]
    fn the_first_matching_row_is_found() {
        let mut values = ReferenceValues::new();
        [(1, 1), (2, 2), (2, 3)]
            .into_iter()
            .for_each(|(digest, vcpus)| values.add(digest, row(vcpus)));
        assert_eq!(values.lookup(&2).map(|row| row.stands_for.vcpus), Some(Some(2)));
        assert_eq!(values.lookup(&3), None);
    }

    // Whoever prints or counts what is accepted sees all of it.
    #[test]
    fn rows_are_kept_in_order_however_they_are_added() {
        let one = |digest| ReferenceValue { digest, stands_for: row(digest) };
        let mut values: ReferenceValues<u32> = [one(1), one(2)].into_iter().collect();
        values.extend([one(3)]);
        values.add(4, row(4));
        assert_eq!(values.rows(), [1, 2, 3, 4].map(one));
        assert_eq!((values.len(), values.is_empty()), (4, false));
        let nothing = ReferenceValues::<u32>::new();
        assert_eq!((nothing.len(), nothing.is_empty()), (0, true));
    }

    #[test]
    fn a_row_tells_what_it_stands_for() {
        let text = "sev-es: build 7, 4 vCPUs, CPU 0x00a00f11, profile es-legacy";
        assert_eq!(row(4).to_string(), text);
    }

    #[test]
    fn nothing_is_accepted_along_with_something_else() {
        let root = Bytes([7; 32]);
        let all = [
            Obtained::Computed,
            Obtained::Proven,
            Obtained::Unproven,
            Obtained::Endorsed,
            Obtained::Observed(VerifiedUnder::Session),
            Obtained::Observed(VerifiedUnder::Amd),
            Obtained::Observed(VerifiedUnder::Root(root)),
            Obtained::Observed(VerifiedUnder::Root(Bytes([8; 32]))),
            Obtained::Observed(VerifiedUnder::NotSaid),
            Obtained::Unverified,
        ];
        let computed = Acceptance::COMPUTED;
        for (acceptance, wanted) in [
            (computed.clone(), [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
            (Acceptance { endorsed: true, ..computed.clone() }, [1, 1, 0, 1, 0, 0, 0, 0, 0, 0]),
            (Acceptance { observed: true, ..computed.clone() }, [1, 1, 0, 0, 1, 1, 0, 0, 0, 0]),
            (
                Acceptance { roots: [root].into(), ..computed.clone() },
                [1, 1, 0, 0, 0, 0, 1, 0, 0, 0],
            ),
            (Acceptance { unverified: true, ..computed }, [1, 1, 0, 0, 1, 1, 1, 1, 1, 1]),
        ] {
            assert_eq!(all.map(|one| u8::from(acceptance.accepts(one))), wanted, "{acceptance:?}");
        }
    }
}
