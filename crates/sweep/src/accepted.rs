//! From the rows of a sweep to what a verifier accepts, with all that must be said of it.
//!
//! `examples/service.rs` goes through it: alone it would need a description and its files.

use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_digest::hash::Backend;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};

use crate::coverage::{not_covered, warnings};
use crate::error::Error;
use crate::rows::Sweep;
use crate::secret_place::SecretPlace;

/// The digests that a verifier accepts of one technology, and what to say of them.
#[derive(Clone, Debug)]
#[must_use]
pub struct Accepted<D> {
    /// The digests, each with what it stands for.
    pub references: ReferenceValues<D>,
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
    /// Nothing is accepted, and nothing is known of what would be.
    fn default() -> Self {
        Self {
            references: ReferenceValues::new(),
            assumptions: Vec::new(),
            notes: Vec::new(),
            warnings: Vec::new(),
            not_covered: Vec::new(),
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
        Ok(Self {
            references,
            assumptions: inputs.assumptions.clone(),
            notes: inputs.notes.clone(),
            warnings: warnings(sweep.warnings()),
            not_covered: not_covered(inputs),
            secret_place: SecretPlace::of(inputs)?,
        })
    }
}
