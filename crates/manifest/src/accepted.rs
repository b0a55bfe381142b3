//! From a manifest's rows to what a verifier accepts, with all that must be said of it.

use sev_launch_abi::{Gpa, LaunchDigest, Technology};
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::Area;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_sweep::coverage::{BEYOND_ANY_DIGEST, KERNEL_OFF};
use sev_launch_sweep::{Accepted, SecretPlace};
use sev_launch_verify::reference_values::{Acceptance, ReferenceValues, StandsFor};

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

impl Manifest {
    /// The rows that are accepted, and how many are not because of how they were obtained. `name` is what the manifest is called
    /// where a row is named.
    ///
    /// Errors: a manifest of which no row is accepted.
    pub fn accepted<D: TryFrom<LaunchDigest>>(
        &self,
        acceptance: Acceptance,
        name: &str,
    ) -> Result<(Accepted<D>, usize), Error> {
        let mut references = ReferenceValues::new();
        let mut left_out = 0;
        for (index, row) in self.rows().iter().enumerate() {
            let Ok(digest) = D::try_from(row.digest) else { continue };
            if acceptance.accepts((&row.obtained).into()) {
                references.add(digest, self.stands_for(index, row, name));
            } else {
                left_out += 1;
            }
        }
        if references.is_empty() {
            let technology = self.technology();
            return Err(Error::NothingAccepted { left_out, technology });
        }
        let leaves_kernel_out = self.rows().iter().any(Row::leaves_kernel_out);
        let kernel_off = leaves_kernel_out.then_some(KERNEL_OFF);
        let warning = leaves_kernel_out.then(|| Warning::KernelNotMeasured.to_string());
        let accepted = Accepted {
            references,
            assumptions: Vec::new(),
            notes: Vec::new(),
            warnings: warning.into_iter().collect(),
            not_covered: BEYOND_ANY_DIGEST.into_iter().chain(kernel_off).collect(),
            secret_place: self.secret_place(leaves_kernel_out),
        };
        Ok((accepted, left_out))
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
