//! From the rows of a sweep to what a verifier accepts, with all that must be said of it.
//!
//! `examples/service.rs` goes through it: alone it would need a description and its files.

use sev_launch_abi::snp::HostData;
use sev_launch_abi::{LaunchDigest, Technology};
use sev_launch_description::Field;
use sev_launch_digest::hash::Backend;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_verify::reference_values::{ReferenceValues, StandsFor};
use sev_launch_verify::snp::demands::ReportDemands;
use thiserror::Error;

use crate::coverage::{BEYOND_ANY_DIGEST, CAPTURED, not_covered, warnings};
use crate::error::Error;
use crate::id_block;
use crate::rows::Sweep;
use crate::secret_place::SecretPlace;

/// Something that evidence must say, as somebody describes it: who describes it demands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described<T> {
    /// What it must be.
    pub value: T,
    /// Who describes it, as errors name it.
    pub by: String,
}

/// What is described and what is demanded beside it are two things, of which evidence has one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{by} describes {what} {described}, and {what} {given} is demanded: no guest has both")]
pub struct Contradicted {
    what: &'static str,
    by: String,
    described: String,
    given: String,
}

impl<T: Copy + PartialEq> Described<T> {
    /// What is demanded: what is given, and what is described where that is the same.
    fn beside(
        described: Option<&Self>,
        given: Option<T>,
        what: &'static str,
        text: impl Fn(T) -> String,
    ) -> Result<Option<T>, Contradicted> {
        match (described, given) {
            (Some(described), Some(given)) if described.value != given => Err(Contradicted {
                what,
                by: described.by.clone(),
                described: text(described.value),
                given: text(given),
            }),
            (described, given) => Ok(given.or(described.map(|described| described.value))),
        }
    }
}

/// The digests that a verifier accepts of one technology, and what to say of them.
#[derive(Clone, Debug)]
#[must_use]
pub struct Accepted<D> {
    /// The digests, each with what it stands for.
    pub references: ReferenceValues<D>,
    /// The policy that is described with them, 32 bits in SEV and SEV-ES and 64 in SNP; `None` if none is.
    pub policy: Option<Described<u64>>,
    /// HOST_DATA of an SNP guest, where it is described.
    pub host_data: Option<Described<HostData>>,
    /// What an ID block that is described makes every report of an SNP guest say.
    pub id_block: Option<ReportDemands>,
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
            host_data: None,
            id_block: None,
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
    pub fn demanded_policy(&self, given: Option<u64>) -> Result<Option<u64>, Contradicted> {
        Described::beside(self.policy.as_ref(), given, "policy", |word| format!("{word:#x}"))
    }

    /// The HOST_DATA that is demanded: the one given, and the one described where that is the same.
    ///
    /// Errors: two that differ.
    pub fn demanded_host_data(
        &self,
        given: Option<HostData>,
    ) -> Result<Option<HostData>, Contradicted> {
        Described::beside(self.host_data.as_ref(), given, "HOST_DATA", |data| data.to_string())
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
        let description = &inputs.description;
        let captured = inputs.captured.is_some().then(|| CAPTURED.to_owned());
        Ok(Self {
            references,
            policy: described(&description.policy),
            host_data: described(&description.host_data),
            id_block: match id_block::demands(description)? {
                Some(demands) => Some(demands),
                None => id_block::demands_of_igvms(&inputs.igvms)?,
            },
            assumptions: inputs.assumptions.clone(),
            notes: inputs.notes.iter().cloned().chain(captured).collect(),
            warnings: warnings(sweep.warnings()),
            not_covered: not_covered(inputs),
            secret_place: SecretPlace::of(inputs)?,
        })
    }
}

fn described<T: Copy>(field: &Field<T>) -> Option<Described<T>> {
    let field = field.as_ref()?;
    Some(Described { value: field.value, by: field.origin.to_string() })
}
