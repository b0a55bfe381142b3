//! Which candidates a launcher's hints mean. A hint narrows, and proves nothing.

use sev_launch_abi::{LaunchDigest, sev, snp};
use sev_launch_protocol::registration::Scheme;
use sev_launch_protocol::text::Sha256;
use sev_launch_verify::reference_values::ReferenceValues;

use super::{Candidate, Candidates};

/// Some of the candidates, at least one.
#[derive(Clone, Debug)]
pub struct Selected<'a> {
    scheme: Scheme,
    rows: Vec<&'a Candidate>,
}

impl Candidates {
    /// Those that a firmware and a number of vCPUs leave; all of them without either. `None` where they leave none: `no-candidate`.
    ///
    /// A given digest says neither: no firmware chooses it, and any registered number does. With `amd-sev` the number is not measured, and is held against
    /// the registered ones.
    #[must_use]
    pub fn select(
        &self,
        firmware_hash: Option<&Sha256>,
        cpu_count: Option<u64>,
    ) -> Option<Selected<'_>> {
        let counts = self.cpu_counts.as_deref();
        let is_allowed = |count: u64| {
            counts.is_none_or(|counts| counts.iter().any(|one| u64::from(*one) == count))
        };
        if self.scheme == Scheme::AmdSev && !cpu_count.is_none_or(is_allowed) {
            return None;
        }
        let is_meant = |row: &&Candidate| match row.facts() {
            None => firmware_hash.is_none() && cpu_count.is_none_or(is_allowed),
            Some(facts) => {
                firmware_hash.is_none_or(|hash| *hash == facts.firmware)
                    && cpu_count
                        .zip(facts.cpu_count)
                        .is_none_or(|(hint, own)| hint == u64::from(own))
            }
        };
        let rows: Vec<_> = self.rows.iter().filter(is_meant).collect();
        (!rows.is_empty()).then_some(Selected { scheme: self.scheme, rows })
    }
}

impl<'a> Selected<'a> {
    /// The candidates, in their order.
    #[must_use]
    pub fn rows(&self) -> &[&'a Candidate] {
        &self.rows
    }

    /// How many there are, for the audit.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Never: there always is one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The first candidate with this digest.
    #[must_use]
    pub fn of_digest(&self, digest: &LaunchDigest) -> Option<&'a Candidate> {
        self.rows.iter().copied().find(|row| row.digest == *digest)
    }

    /// As reference values of a launch measurement; empty, so that they accept nothing, for SEV-SNP.
    #[must_use]
    pub fn sev(&self) -> ReferenceValues<sev::LaunchDigest> {
        self.values()
    }

    /// As reference values of an attestation report; empty for SEV and SEV-ES.
    #[must_use]
    pub fn snp(&self) -> ReferenceValues<snp::LaunchDigest> {
        self.values()
    }

    fn values<D: TryFrom<LaunchDigest>>(&self) -> ReferenceValues<D> {
        let mut values = ReferenceValues::new();
        for row in &self.rows {
            if let Ok(digest) = D::try_from(row.digest) {
                values.add(digest, row.stands_for(self.scheme.technology()));
            }
        }
        values
    }
}
