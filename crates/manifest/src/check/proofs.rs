//! What came of the endorsements that a manifest keeps, as a part of its check: each verified again, and held against what is computed.
//!
//! An endorsement says who stands behind a digest, and not what it is computed from. Where the manifest has computed rows with the
//! profile of the operator that endorses, for as many vCPUs, the two must be one: a digest that somebody signed and that the
//! firmware at hand does not give is a difference, whoever signed it.
//!
//! The crate's example shows a check in use.

use std::collections::HashSet;

use serde::Serialize;
use sev_launch_abi::LaunchDigest;
use sev_launch_digest::profile;
use sev_launch_digest::vcpus::VcpuCount;

use super::Check;
use crate::differences::{self, RowNote};
use crate::endorsement::RowProof;
use crate::error::Error;
use crate::manifest::Manifest;
use crate::row::{Obtained, Row};

/// A row of an endorsement that proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnprovenRow {
    /// The row.
    pub row: RowNote,
    /// Why.
    pub reason: String,
}

impl Check {
    /// The same with what came of the endorsements: `recorded` is the manifest after [`Manifest::prove`], which gave `proofs`, and
    /// `recomputed` what was computed again of it.
    pub fn with_proofs(
        mut self,
        recorded: &Manifest,
        recomputed: &Manifest,
        proofs: &[RowProof],
    ) -> Self {
        self.judge(recorded, recomputed.rows(), proofs);
        self
    }

    /// A check of a manifest that has nothing but endorsements: what nobody can compute is proven, or is not.
    ///
    /// Errors: [`Error::NothingComputed`] where no row is of an endorsement either: nothing checked is no yes.
    pub fn of_proofs(recorded: &Manifest, proofs: &[RowProof]) -> Result<Self, Error> {
        if proofs.is_empty() || recorded.rows().iter().any(|row| row.obtained.is_computed()) {
            return Err(Error::NothingComputed { which: "recorded" });
        }
        let mut check = Self {
            name: recorded.head().name.clone(),
            same: true,
            rows_same: 0,
            proven: Vec::new(),
            unproven: Vec::new(),
            kept: super::kept(recorded),
            differences: differences::compare(recorded, recorded, |row| row.obtained.is_computed()),
        };
        check.judge(recorded, &[], proofs);
        Ok(check)
    }

    fn judge(&mut self, recorded: &Manifest, computed: &[Row], proofs: &[RowProof]) {
        let looked_at: HashSet<usize> = proofs.iter().map(|proof| proof.row).collect();
        self.kept.retain(|row| !looked_at.contains(&row.row));
        for proof in proofs {
            let Some(note) = differences::note(recorded, proof.row) else { continue };
            let reason = match (&proof.outcome, recorded.rows().get(proof.row)) {
                (Err(error), _) => Some(error.to_string()),
                (Ok(()), Some(row)) => contradiction(row, computed),
                (Ok(()), None) => None,
            };
            match reason {
                Some(reason) => self.unproven.push(UnprovenRow { row: note, reason }),
                None => self.proven.push(note),
            }
        }
        self.same &= self.unproven.is_empty();
    }

    /// The rows whose endorsements hold, and which are computed where that can be computed.
    pub fn proven(&self) -> &[RowNote] {
        &self.proven
    }

    /// The rows of endorsements that do not hold, or that contradict what is computed.
    pub fn unproven(&self) -> &[UnprovenRow] {
        &self.unproven
    }
}

/// Why an endorsed row is not what is computed for as many vCPUs with a profile of an operator that endorses; `None` if it is, or if
/// nothing of the kind is computed.
fn contradiction(endorsed: &Row, computed: &[Row]) -> Option<String> {
    let is_under_svsm =
        matches!(&endorsed.obtained, Obtained::EndorsementKept(proof) if proof.svsm);
    let vcpus = endorsed.facts.vcpus.map(VcpuCount::number).filter(|_| !is_under_svsm)?;
    let is_operators = |row: &&Row| {
        let profile = row.facts.profile.as_deref().map(profile::by_name);
        profile.is_some_and(|profile| profile.is_ok_and(|profile| profile.endorsed_vcpus.is_some()))
    };
    let counts = |row: &&Row| row.facts.vcpus.map(VcpuCount::number) == Some(vcpus);
    let rows: Vec<(&LaunchDigest, &str)> = computed
        .iter()
        .filter(|row| row.obtained.is_computed())
        .filter(is_operators)
        .filter(counts)
        .map(|row| (&row.digest, row.facts.profile.as_deref().unwrap_or_default()))
        .collect();
    if rows.is_empty() || rows.iter().any(|(digest, _)| **digest == endorsed.digest) {
        return None;
    }
    let rows: Vec<String> =
        rows.iter().map(|(digest, profile)| format!("{digest} with profile {profile}")).collect();
    Some(format!(
        "the firmware at hand does not give the endorsed digest for {vcpus} VMSAs: computed is {}",
        rows.join(", ")
    ))
}
