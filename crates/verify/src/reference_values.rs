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
    /// Endorsed by somebody who can sign for it, such as a cloud provider.
    Endorsed,
    /// Observed on a machine, in evidence that was verified: it says what ran, not that it should have.
    Observed,
    /// Observed in evidence that nobody verified: whatever a host reported.
    Unverified,
}

/// Which digests are accepted, by how they were obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "snake_case"))]
pub enum Acceptance {
    /// Computed ones alone.
    Computed,
    /// Computed and endorsed ones: nothing that only ran somewhere. That a chip's evidence is authentic says that some host
    /// ran this, not that it should have.
    Endorsed,
    /// Computed ones, endorsed ones, and observed ones whose evidence was verified.
    Vouched,
    /// Every one, also those observed in evidence that nobody verified: whatever a host reported becomes acceptable.
    Everything,
}

impl Acceptance {
    /// Is a digest accepted that was obtained like this?
    #[must_use]
    pub const fn accepts(self, obtained: Obtained) -> bool {
        match obtained {
            Obtained::Computed => true,
            Obtained::Endorsed => !matches!(self, Self::Computed),
            Obtained::Observed => matches!(self, Self::Vouched | Self::Everything),
            Obtained::Unverified => matches!(self, Self::Everything),
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

    #[test]
    fn a_row_tells_what_it_stands_for() {
        let text = "sev-es: build 7, 4 vCPUs, CPU 0x00a00f11, profile es-legacy";
        assert_eq!(row(4).to_string(), text);
    }

    #[test]
    fn what_nobody_vouches_for_is_accepted_only_where_everything_is() {
        let all =
            [Obtained::Computed, Obtained::Endorsed, Obtained::Observed, Obtained::Unverified];
        for (acceptance, wanted) in [
            (Acceptance::Computed, [true, false, false, false]),
            (Acceptance::Endorsed, [true, true, false, false]),
            (Acceptance::Vouched, [true, true, true, false]),
            (Acceptance::Everything, [true; 4]),
        ] {
            assert_eq!(all.map(|one| acceptance.accepts(one)), wanted, "{acceptance:?}");
        }
    }
}
