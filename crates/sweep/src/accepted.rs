//! From the rows of a sweep to what a verifier accepts, with all that must be said of it.
//!
//! `examples/service.rs` goes through it: alone it would need a description and its files.

use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_digest::hash::Backend;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use thiserror::Error;

use crate::coverage::{BEYOND_ANY_DIGEST, not_covered, warnings};
use crate::error::Error;
use crate::rows::Sweep;
use crate::secret_place::SecretPlace;

/// A guest policy that somebody describes: who describes one demands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedPolicy {
    /// The policy's word: 32 bits in SEV and SEV-ES, 64 in SNP.
    pub word: u64,
    /// Who describes it, as errors name it.
    pub by: String,
}

/// Two policies are demanded, which no guest can have.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{} describes policy {:#x}, and policy {given:#x} is demanded: no guest has both", .described.by, .described.word)]
pub struct OtherPolicy {
    /// What is described.
    pub described: DescribedPolicy,
    /// What is demanded beside it.
    pub given: u64,
}

/// The digests that a verifier accepts of one technology, and what to say of them.
#[derive(Clone, Debug)]
#[must_use]
pub struct Accepted<D> {
    /// The digests, each with what it stands for.
    pub references: ReferenceValues<D>,
    /// The policy that is described with them; `None` if none is.
    pub policy: Option<DescribedPolicy>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
    /// What the reader should see beside a verdict.
    pub notes: Vec<String>,
    /// What the reader should know.
    pub warnings: Vec<String>,
    /// What a matching digest does not prove.
    pub not_covered: Vec<&'static str>,
    /// Where a secret goes.
    pub secret_place: SecretPlace,
}

impl<D> Default for Accepted<D> {
    /// Nothing is accepted, and of what would be only what no digest covers is known.
    fn default() -> Self {
        Self {
            references: ReferenceValues::new(),
            policy: None,
            assumptions: Vec::new(),
            notes: Vec::new(),
            warnings: Vec::new(),
            not_covered: BEYOND_ANY_DIGEST.to_vec(),
            secret_place: SecretPlace::Unknown,
        }
    }
}

impl<D> Accepted<D> {
    /// Digests of which nothing is known but that they are accepted; `image` says whose they are.
    pub fn given(
        technology: Technology,
        image: &str,
        digests: impl IntoIterator<Item = D>,
    ) -> Self {
        let mut accepted = Self::default();
        for digest in digests {
            accepted.references.add(digest, StandsFor::image(technology, image));
        }
        accepted
    }

    /// The policy that is demanded: the one given, and the one described where that is the same.
    ///
    /// Errors: two that differ.
    pub fn demanded_policy(&self, given: Option<u64>) -> Result<Option<u64>, OtherPolicy> {
        match (&self.policy, given) {
            (Some(described), Some(given)) if described.word != given => {
                Err(OtherPolicy { described: described.clone(), given })
            }
            (described, given) => Ok(given.or(described.as_ref().map(|described| described.word))),
        }
    }
}

impl<D: TryFrom<LaunchDigest>> Accepted<D> {
    /// Every row of a sweep.
    ///
    /// Errors: those of [`Sweep::rows`]; a sweep of another technology than `D`'s.
    pub fn of(sweep: &Sweep<'_, impl Backend + Sync>) -> Result<Self, Error> {
        let inputs = sweep.inputs();
        let mut references = ReferenceValues::new();
        for row in sweep.rows()? {
            let digest = D::try_from(row.digest).map_err(|_| Error::OtherTechnology)?;
            let stands_for = StandsFor {
                technology: inputs.mode.technology(),
                vcpus: row.vcpus.map(VcpuCount::number),
                signature: row.signature,
                profile: row.profile.map(|profile| profile.name.to_owned()),
                image: inputs.image_name(&row),
            };
            references.add(digest, stands_for);
        }
        let policy = inputs.description.policy.as_ref();
        Ok(Self {
            references,
            policy: policy
                .map(|field| DescribedPolicy { word: field.value, by: field.origin.to_string() }),
            assumptions: inputs.assumptions.clone(),
            notes: inputs.notes.clone(),
            warnings: warnings(sweep.warnings()),
            not_covered: not_covered(inputs),
            secret_place: SecretPlace::of(inputs)?,
        })
    }
}
