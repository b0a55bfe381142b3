//! From a manifest's rows to what a verifier accepts, with all that must be said of it.

use sev_launch_abi::{Gpa, LaunchDigest, Technology};
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::Area;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_sweep::coverage::{BEYOND_ANY_DIGEST, KERNEL_OFF};
use sev_launch_sweep::{Accepted, Described, SecretPlace};
use sev_launch_verify::reference_values::{
    Acceptance, Obtained, ReferenceValues, StandsFor, VerifiedUnder,
};

use crate::error::Error;
use crate::manifest::Manifest;
use crate::row::Row;

impl Row {
    /// Is a kernel given of which the digest says nothing?
    #[must_use]
    pub fn leaves_kernel_out(&self) -> bool {
        self.facts.kernel_hashes == Some(false) && self.facts.inputs.kernel.is_some()
    }
}

/// How many rows are not accepted, by how they were obtained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Endorsed, as somebody wrote: nothing proves it.
    pub endorsed: usize,
    /// Observed, in evidence that was verified.
    pub observed: usize,
    /// Observed, in evidence that was verified under another root than AMD's.
    pub other_roots: usize,
    /// Observed, in evidence that nobody verified, or of which nobody says under which root.
    pub unverified: usize,
}

impl Manifest {
    /// How many rows are not accepted, by how they were obtained.
    pub fn left_out(&self, acceptance: &Acceptance) -> LeftOut {
        let mut left_out = LeftOut::default();
        let all = self.rows().iter().map(|row| Obtained::from(&row.obtained));
        all.filter(|obtained| !acceptance.accepts(*obtained)).for_each(|one| left_out.count(one));
        left_out
    }
}

impl LeftOut {
    fn count(&mut self, obtained: Obtained) {
        let place = match obtained {
            Obtained::Computed => return,
            Obtained::Endorsed => &mut self.endorsed,
            Obtained::Observed(VerifiedUnder::Amd | VerifiedUnder::Session) => &mut self.observed,
            Obtained::Observed(VerifiedUnder::Root(_)) => &mut self.other_roots,
            Obtained::Observed(VerifiedUnder::NotSaid) | Obtained::Unverified => {
                &mut self.unverified
            }
        };
        *place = place.saturating_add(1);
    }
}

impl Manifest {
    /// The rows that are accepted, which may be none, and how many are not because of how they were obtained. `name` is what
    /// the manifest is called where a row is named.
    ///
    /// Errors: a manifest of guests of another technology than `D`'s.
    pub fn accepted<D: TryFrom<LaunchDigest>>(
        &self,
        acceptance: &Acceptance,
        name: &str,
    ) -> Result<(Accepted<D>, LeftOut), Error> {
        let mut references = ReferenceValues::new();
        for (index, row) in self.rows().iter().enumerate() {
            let digest = D::try_from(row.digest)
                .map_err(|_| Error::OtherTechnology { found: self.technology() })?;
            if acceptance.accepts((&row.obtained).into()) {
                references.add(digest, self.stands_for(index, row, name));
            }
        }
        let leaves_kernel_out = self.rows().iter().any(Row::leaves_kernel_out);
        let kernel_off = leaves_kernel_out.then_some(KERNEL_OFF);
        let warning = leaves_kernel_out.then(|| Warning::KernelNotMeasured.to_string());
        let head = self.head();
        let accepted = Accepted {
            references,
            policy: head.policy.map(|value| Described { value, by: name.to_owned() }),
            host_data: head.host_data.map(|value| Described { value, by: name.to_owned() }),
            warnings: warning.into_iter().collect(),
            not_covered: kernel_off.into_iter().chain(BEYOND_ANY_DIGEST).collect(),
            secret_place: self.secret_place(leaves_kernel_out),
            ..Accepted::default()
        };
        Ok((accepted, self.left_out(acceptance)))
    }

    /// As with a guest described: a kernel that some row does not cover would take the secret.
    fn secret_place(&self, leaves_kernel_out: bool) -> SecretPlace {
        if leaves_kernel_out {
            return SecretPlace::UnmeasuredKernel;
        }
        let facts = self.inputs().iter().filter_map(|input| input.firmware_facts.as_ref());
        let areas: Vec<_> = facts
            .map(|facts| {
                facts.secret_area.map(|area| Area { base: Gpa(area.base), size: area.size })
            })
            .collect();
        if areas.is_empty() { SecretPlace::Unknown } else { SecretPlace::smallest(areas) }
    }

    fn stands_for(&self, index: usize, row: &Row, name: &str) -> StandsFor {
        let facts = &row.facts;
        let vcpus = facts.vcpus.filter(|_| self.technology() != Technology::Sev);
        StandsFor {
            technology: self.technology(),
            vcpus: vcpus.map(VcpuCount::number),
            signature: facts.signature,
            profile: facts.profile.clone(),
            image: format!(
                "row {index} of {name} ({}, {})",
                row.obtained.name(),
                self.describe(row)
            ),
        }
    }
}
