//! The launch digests that are accepted, each with what it stands for.
//!
//! A guest has many good digests: one per number of vCPUs, CPU and host profile. A verifier that knows only the bytes can say
//! yes; one that knows what each stands for can say which guest runs. An empty set accepts nothing.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use sev_launch_abi::{CpuSignature, Technology};

/// What a digest stands for. Nothing here is proven by evidence but that the digest matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
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

impl fmt::Display for Description {
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

/// One accepted digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceValue<D> {
    /// The digest.
    pub digest: D,
    /// What it stands for.
    pub stands_for: Description,
}

/// A set of accepted digests, in the order in which they were added. Empty, it accepts nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceValues<D> {
    rows: Vec<ReferenceValue<D>>,
}

impl<D> ReferenceValues<D> {
    /// The set that accepts nothing.
    pub const fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a digest. The same one may stand for several things; the first added is then what is reported.
    pub fn add(&mut self, digest: D, stands_for: Description) {
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
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<D: PartialEq> ReferenceValues<D> {
    /// The first row with this digest.
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

    fn row(vcpus: u32) -> Description {
        Description {
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
}
