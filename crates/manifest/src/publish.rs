//! Writers: from a manifest to what verifiers of others read. Each is a pure function to bytes.
//!
//! What is published is what verifiers will accept, so the rows are chosen first, in one place: [`Published`] is never
//! empty, and rows that were not computed are in it only where the caller says so.
//!
//! No example: `sev-launch manifest publish` and `check` write it, and their tests read it back.

use std::collections::{BTreeSet, HashMap, HashSet};

use sev_launch_abi::Technology;
use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_verify::reference_values::Acceptance;
use sev_launch_verify::requirement::Requirement;

use crate::error::Error;
use crate::manifest::Manifest;
use crate::row::{Obtained, Row};
use crate::{described, endorsement};
use sev_launch_abi::LaunchDigest;

pub mod config_map;
pub mod corim;
pub mod in_toto;
pub mod rego;
pub mod simple_kbs;
pub mod trustee;

/// The digests of a manifest that verifiers shall accept: at least one, each once, in the order of the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published<'a> {
    manifest: &'a Manifest,
    rows: Vec<&'a Row>,
    digests: Vec<PublishedDigest<'a>>,
    leaves_kernel_unsaid: bool,
    policies: BTreeSet<u64>,
}

/// A digest that verifiers shall accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedDigest<'a> {
    /// The digest.
    pub digest: LaunchDigest,
    /// The rows that have it: at least one.
    pub rows: Vec<&'a Row>,
}

impl<'a> Published<'a> {
    /// Chooses rows. An error where none is left.
    pub fn of(manifest: &'a Manifest, accept: &Acceptance) -> Result<Self, Error> {
        let mut digests: Vec<PublishedDigest<'a>> = Vec::new();
        let mut places = HashMap::new();
        let rows: Vec<&'a Row> =
            manifest.rows().iter().filter(|row| accept.accepts((&row.obtained).into())).collect();
        for row in &rows {
            let row = *row;
            let place = *places.entry(row.digest).or_insert(digests.len());
            match digests.get_mut(place) {
                Some(known) => known.rows.push(row),
                None => digests.push(PublishedDigest { digest: row.digest, rows: vec![row] }),
            }
        }
        if digests.is_empty() {
            return Err(Error::NothingToPublish { rows: manifest.rows().len() });
        }
        let leaves_kernel_unsaid = manifest.leaves_kernel_unsaid(accept);
        let policies = policies(manifest, &rows)?;
        Ok(Self { manifest, rows, digests, leaves_kernel_unsaid, policies })
    }

    /// The manifest.
    pub fn manifest(&self) -> &'a Manifest {
        self.manifest
    }

    /// The manifest of the published rows alone: what other rows say of chips and machines is nobody's business. Inputs that
    /// only other rows have are not in it; those that no row has are. Lists of modules are left out: they name what changed between
    /// two builds, which nobody asks of published values.
    pub fn published_manifest(&self) -> Result<Manifest, Error> {
        let manifest = self.manifest;
        let published: HashSet<u32> = used(self.rows.iter().copied());
        let all: HashSet<u32> = used(manifest.rows());
        let mut places = HashMap::new();
        let mut inputs = Vec::new();
        for (index, input) in (0..).zip(manifest.inputs()) {
            if published.contains(&index) || !all.contains(&index) {
                places.insert(index, u32::try_from(inputs.len()).unwrap_or(u32::MAX));
                inputs.push(input.without_modules());
            }
        }
        let moved = |row: &Row| {
            let mut row = row.clone();
            for place in row.facts.inputs.places() {
                *place = place.and_then(|index| places.get(&index).copied());
            }
            row
        };
        let mut rows: Vec<Row> = self.rows.iter().map(|row| moved(row)).collect();
        let endorsements = endorsement::of_rows(manifest, &mut rows);
        Manifest::with_endorsements(manifest.head().clone(), inputs, endorsements, rows)
    }

    /// The digests, each once.
    pub fn digests(&self) -> &[PublishedDigest<'a>] {
        &self.digests
    }

    /// Do the firmwares of the published digests check the kernel against the hashes in them? `None` where there are no hashes.
    #[must_use]
    pub fn kernel_hash_check(&self) -> Option<KernelHashCheck> {
        self.manifest.check_of_rows(self.rows.iter().copied())
    }

    /// The guest policies under which guests with these digests run: the manifest's, or else those of ID blocks and of the guests whose
    /// observed rows are published. Empty where nobody says one.
    pub fn policies(&self) -> &BTreeSet<u64> {
        &self.policies
    }

    /// Why whatever kernel the host starts could run under a published digest; `None` if each covers it.
    pub fn kernel_not_covered(&self) -> Option<&'static str> {
        if self.leaves_kernel_unsaid {
            return Some(
                "an accepted row does not say whether its digest covers the kernel: whatever kernel the host starts could get the secrets",
            );
        }
        if self.manifest.leaves_kernel_out() {
            return Some(
                "a kernel is given that the digest does not cover: whatever kernel the host starts would get the secrets",
            );
        }
        (self.kernel_hash_check() == Some(KernelHashCheck::No)).then_some("the firmware does not check the kernel against the hashes in the digests: whatever kernel the host starts would get the secrets")
    }

    fn technology(&self) -> Technology {
        self.manifest.technology()
    }

    /// What a digest stands for: its first row, and how many more there are. At most some hundred bytes, in one line.
    fn stands_for(&self, digest: &PublishedDigest<'_>) -> String {
        let mut text =
            digest.rows.first().map(|row| self.manifest.describe(row)).unwrap_or_default();
        if let Some((end, _)) = text.char_indices().nth(200) {
            text.truncate(end);
            text.push('…');
        }
        match digest.rows.len() {
            0 | 1 => text,
            count => format!("{text} (and {} more)", count.saturating_sub(1)),
        }
    }
}

/// The inputs that rows refer to.
pub(crate) fn used<'r>(rows: impl IntoIterator<Item = &'r Row>) -> HashSet<u32> {
    rows.into_iter().flat_map(|row| row.facts.inputs.iter().map(|(_, _, index)| index)).collect()
}

fn policies(manifest: &Manifest, rows: &[&Row]) -> Result<BTreeSet<u64>, Error> {
    if let Some(policy) = manifest.head().policy {
        return Ok(BTreeSet::from([policy]));
    }
    let of_row = |row: &&Row| match &row.obtained {
        Obtained::Observed(observed) => observed.detail.policy,
        _ => None,
    };
    let mut policies: BTreeSet<u64> = rows.iter().filter_map(of_row).collect();
    // The AMD-SP starts no guest under another policy than its ID block's.
    let described = described::id_block(manifest.head()).transpose();
    for demands in
        described.into_iter().chain(manifest.igvm_demands().filter_map(Result::transpose))
    {
        if let Requirement::Exactly(policy) = demands?.policy {
            policies.insert(policy.bits());
        }
    }
    Ok(policies)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_nobody_vouches_for_is_left_out() {
        let manifest = sample::snp();
        let count = |accept| Published::of(&manifest, &accept).map(|found| found.digests.len());
        // Two computed with one digest, one computed, one endorsed, one observed and verified, one not verified.
        let computed = Acceptance::COMPUTED;
        assert_eq!(count(computed.clone()), Ok(2));
        assert_eq!(count(Acceptance { endorsed: true, ..computed.clone() }), Ok(3));
        assert_eq!(count(Acceptance { observed: true, ..computed.clone() }), Ok(3));
        assert_eq!(count(Acceptance { unverified: true, ..computed }), Ok(4));
    }

    #[test]
    fn nothing_is_never_published() {
        let manifest = sample::observed_only();
        let observed = Acceptance { observed: true, ..Acceptance::COMPUTED };
        let error = Published::of(&manifest, &observed).expect_err("nothing is left");
        assert_eq!(error, Error::NothingToPublish { rows: 1 });
    }
}
