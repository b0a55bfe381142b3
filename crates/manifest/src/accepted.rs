//! From a manifest's rows to what a verifier accepts, with all that must be said of it.

use std::collections::HashSet;

use sev_launch_abi::{Gpa, LaunchDigest, Technology};
use sev_launch_digest::Warning;
use sev_launch_digest::firmware::{Area, KernelHashCheck};
use sev_launch_digest::profile::{self, Loads};
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_sweep::coverage::{
    BEYOND_ANY_DIGEST, CAPTURED, HASHES_UNCHECKED, IGVM_UNMEASURED, KERNEL_OFF, KERNEL_UNCHECKED,
    NO_KERNEL, REGISTERS,
};
use sev_launch_sweep::id_block::the_same;
use sev_launch_sweep::{Accepted, Described, SecretPlace};
use sev_launch_verify::reference_values::{
    Acceptance, Obtained, ReferenceValues, StandsFor, VerifiedUnder,
};
use sev_launch_verify::sev::secret::SecretArea;
use sev_launch_verify::snp::demands::ReportDemands;

use crate::described;
use crate::error::Error;
use crate::finding::Finding;
use crate::input::Role;
use crate::manifest::Manifest;
use crate::row::Row;

/// The digests of accepted rows may be those of a guest whose kernel nobody measured.
const KERNEL_UNSAID: &str = "the kernel, the initrd and the command line: an accepted row does not say whether they are measured";

impl Row {
    /// Is a kernel given of which the digest says nothing?
    #[must_use]
    pub fn leaves_kernel_out(&self) -> bool {
        self.facts.kernel_hashes == Some(false) && self.facts.inputs.kernel.is_some()
    }

    /// Are the hashes of a kernel in the digest, for a firmware to check? libkrun's kernel is measured as what it is.
    fn has_hashes(&self) -> bool {
        let profile = self.facts.profile.as_deref().map(profile::by_name);
        let is_krun = profile
            .is_some_and(|profile| profile.is_ok_and(|profile| profile.loads == Loads::KrunFiles));
        self.facts.kernel_hashes == Some(true) && !is_krun
    }
}

/// How many rows are not accepted, by how they were obtained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Endorsed, as somebody wrote: nothing proves it.
    pub endorsed: usize,
    /// Endorsed in an endorsement that is kept, and was not verified again, or does not hold.
    pub unproven: usize,
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

    /// What is to be said of accepted rows whose digests are computed for nothing where others are, a text each. Rows of an endorsement that was
    /// proven are what its signer says, and told of only where they contradict what is computed.
    #[must_use]
    pub fn accepted_uncomputed(&self, acceptance: &Acceptance) -> Vec<String> {
        let is_other =
            |row: &Row| !row.obtained.is_computed() && acceptance.accepts((&row.obtained).into());
        // Most manifests are computed whole.
        if !self.rows().iter().any(is_other) {
            return Vec::new();
        }
        let is_told = |finding: &Finding| {
            self.rows().get(finding.row()).is_some_and(|row| {
                let is_proven = Obtained::from(&row.obtained) == Obtained::Proven;
                is_other(row) && (finding.is_contradiction() || !is_proven)
            })
        };
        let said = |finding: Finding| format!("{finding}; it is accepted all the same");
        self.of_no_computed().filter(is_told).map(said).collect()
    }
}

impl LeftOut {
    fn count(&mut self, obtained: Obtained) {
        let place = match obtained {
            Obtained::Computed | Obtained::Proven => return,
            Obtained::Endorsed => &mut self.endorsed,
            Obtained::Unproven => &mut self.unproven,
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
        let leaves_kernel_out = self.leaves_kernel_out();
        let is_captured = self.rows().iter().any(|row| {
            acceptance.accepts((&row.obtained).into()) && row.facts.inputs.vmsa_bsp.is_some()
        });
        let leaves_unsaid = self.leaves_kernel_unsaid(acceptance);
        let is_unchecked = self.kernel_hash_check(acceptance) == Some(KernelHashCheck::No);
        let warnings = [
            (is_unchecked, Warning::KernelHashesUnchecked),
            (leaves_kernel_out, Warning::KernelNotMeasured),
        ];
        let warnings = warnings.into_iter().filter(|(holds, _)| *holds);
        let warnings = warnings.map(|(_, warning)| warning.to_string());
        let uncomputed = self.accepted_uncomputed(acceptance).into_iter();
        let uncomputed = uncomputed.map(|text| format!("{name}: {text}"));
        let head = self.head();
        let accepted = Accepted {
            references,
            policy: head.policy.map(|value| Described { value, by: name.to_owned() }),
            host_data: head.host_data.map(|value| Described { value, by: name.to_owned() }),
            id_block: match described::id_block(head)? {
                Some(demands) => Some(demands),
                None => self.igvm_id_block()?,
            },
            notes: is_captured.then(|| CAPTURED.to_owned()).into_iter().collect(),
            warnings: warnings.chain(uncomputed).collect(),
            not_covered: self.not_covered(acceptance),
            secret_place: match (leaves_kernel_out || leaves_unsaid, is_unchecked) {
                (true, _) => SecretPlace::UnmeasuredKernel,
                (false, true) => SecretPlace::UncheckedKernel,
                (false, false) => self.secret_place(),
            },
            ..Accepted::default()
        };
        Ok((accepted, self.left_out(acceptance)))
    }

    /// What the ID blocks of the IGVM files make every report say; `None` if they have none.
    ///
    /// Errors: files whose blocks demand different things, or of which some have none.
    fn igvm_id_block(&self) -> Result<Option<ReportDemands>, Error> {
        the_same(self.igvm_demands())?.ok_or_else(|| {
            Error::field(
                "inputs",
                "the ID blocks of the IGVM files say different things of a report, or some file has none"
                    .to_owned(),
            )
        })
    }

    /// What a digest of the accepted rows does not prove: what matters most comes first.
    fn not_covered(&self, acceptance: &Acceptance) -> Vec<&'static str> {
        let accepted = |holds: fn(&Row) -> bool| {
            let mut rows =
                self.rows().iter().filter(|row| acceptance.accepts((&row.obtained).into()));
            rows.any(holds)
        };
        let leaves_kernel_out = self.leaves_kernel_out();
        let has_none: fn(&Row) -> bool =
            |row| row.facts.kernel_hashes == Some(false) && row.facts.inputs.kernel.is_none();
        let check = self.kernel_hash_check(acceptance);
        let has_igvm = self.inputs().iter().any(|input| input.role == Role::Igvm);
        let first = [
            (check == Some(KernelHashCheck::No), KERNEL_UNCHECKED),
            (leaves_kernel_out, KERNEL_OFF),
            (self.leaves_kernel_unsaid(acceptance), KERNEL_UNSAID),
        ];
        let last = [
            (check == Some(KernelHashCheck::Unknown), HASHES_UNCHECKED),
            (!leaves_kernel_out && !has_igvm && accepted(has_none), NO_KERNEL),
            (has_igvm, IGVM_UNMEASURED),
            (self.technology() == Technology::Sev, REGISTERS),
        ];
        let said = |(holds, text): (bool, &'static str)| holds.then_some(text);
        first
            .into_iter()
            .filter_map(said)
            .chain(BEYOND_ANY_DIGEST)
            .chain(last.into_iter().filter_map(said))
            .collect()
    }

    /// Do the firmwares of accepted rows check the kernel against the hashes in their digests? `None` where no accepted row has hashes;
    /// of several firmwares the worst answer counts.
    #[must_use]
    pub fn kernel_hash_check(&self, acceptance: &Acceptance) -> Option<KernelHashCheck> {
        let rows = self.rows().iter();
        self.check_of_rows(rows.filter(|row| acceptance.accepts((&row.obtained).into())))
    }

    /// The same of these rows.
    pub(crate) fn check_of_rows<'r>(
        &self,
        rows: impl Iterator<Item = &'r Row>,
    ) -> Option<KernelHashCheck> {
        let check = |row: &Row| {
            let index = usize::try_from(row.facts.inputs.firmware?).ok()?;
            Some(self.inputs().get(index)?.firmware_facts.as_ref()?.kernel_hash_check)
        };
        let rows = rows.filter(|row| row.has_hashes());
        KernelHashCheck::of_all(rows.map(|row| check(row).unwrap_or_default()))
    }

    /// Is a kernel given of which some digest says nothing? A kernel in the list of inputs is given, too, where a computed row
    /// without kernel hashes names none: what is built names it there.
    #[must_use]
    pub fn leaves_kernel_out(&self) -> bool {
        let names_none = |row: &Row| {
            let facts = &row.facts;
            facts.kernel_hashes == Some(false) && facts.inputs.kernel.is_none()
        };
        let mut computed = self.rows().iter().filter(|row| row.obtained.is_computed());
        self.rows().iter().any(Row::leaves_kernel_out)
            || computed.any(names_none) && self.has_kernel_of_computed_rows()
    }

    /// Is there a kernel that is more than what somebody says of an observed or endorsed row?
    fn has_kernel_of_computed_rows(&self) -> bool {
        let used_by =
            |row: &Row| row.facts.inputs.kernel.and_then(|kernel| usize::try_from(kernel).ok());
        let (computed, others): (Vec<&Row>, Vec<&Row>) =
            self.rows().iter().partition(|row| row.obtained.is_computed());
        let computed: HashSet<usize> = computed.into_iter().filter_map(used_by).collect();
        let others: HashSet<usize> = others.into_iter().filter_map(used_by).collect();
        let mut kernels =
            self.inputs().iter().enumerate().filter(|(_, input)| input.role == Role::Kernel);
        kernels.any(|(index, _)| computed.contains(&index) || !others.contains(&index))
    }

    /// Is a row accepted that does not say whether its kernel is measured, and whose digest no other row says it of?
    #[must_use]
    pub fn leaves_kernel_unsaid(&self, acceptance: &Acceptance) -> bool {
        let accepted =
            || self.rows().iter().filter(|row| acceptance.accepts((&row.obtained).into()));
        let measured: HashSet<LaunchDigest> = accepted()
            .filter(|row| row.facts.kernel_hashes.is_some())
            .map(|row| row.digest)
            .collect();
        accepted().any(|row| row.facts.kernel_hashes.is_none() && !measured.contains(&row.digest))
    }

    /// The area for which every firmware has room. What a manifest says of a firmware proves nothing, so no area is taken to be
    /// larger than OVMF's: behind that one stands what was measured.
    fn secret_place(&self) -> SecretPlace {
        let is_firmware =
            |role| matches!(role, Role::Firmware | Role::AbsorbedFirmware | Role::Igvm);
        let firmwares = self.inputs().iter().filter(|input| is_firmware(input.role));
        let largest = u32::try_from(SecretArea::OVMF.size()).unwrap_or(u32::MAX);
        let areas: Vec<Option<Area>> = firmwares
            .map(|input| {
                let area = input.firmware_facts.as_ref()?.secret_area?;
                Some(Area { base: Gpa(area.base), size: area.size.min(largest) })
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
