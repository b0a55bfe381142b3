//! What a verifier accepts of a sweep: the rows' digests in their order, what is described with them, and a place for a secret only where
//! every guest that is accepted has room for it and measures its kernel.

use sev_launch_abi::{Gpa, LaunchDigest, Technology, sev, snp};
use sev_launch_digest::hash::Portable;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_sweep::coverage::{KERNEL_OFF, KERNEL_UNCHECKED};
use sev_launch_sweep::secret_place::NoSecretPlace;
use sev_launch_sweep::{Accepted, Inputs, Row, SecretPlace, Sweep};
use sev_launch_verify::sev::secret::SecretError;

use super::{checks_nothing, secret_area};

pub(super) fn check(sweep: &Sweep<'_, Portable>, rows: &[Row]) {
    match sweep.inputs().mode.technology() {
        Technology::Sev | Technology::SevEs => {
            judge::<sev::LaunchDigest>(sweep, rows);
            assert!(Accepted::<snp::LaunchDigest>::of(sweep).is_err(), "SEV as SNP");
        }
        Technology::Snp => {
            judge::<snp::LaunchDigest>(sweep, rows);
            assert!(Accepted::<sev::LaunchDigest>::of(sweep).is_err(), "SNP as SEV");
        }
    }
}

fn judge<D>(sweep: &Sweep<'_, Portable>, rows: &[Row])
where
    D: TryFrom<LaunchDigest> + Into<LaunchDigest> + Copy + PartialEq,
{
    let inputs = sweep.inputs();
    let accepted = match Accepted::<D>::of(sweep) {
        Ok(accepted) => accepted,
        Err(error) => panic!("the rows can be computed, and not accepted: {error}"),
    };
    let references = accepted.references.rows();
    let digests = references.iter().map(|one| one.digest.into());
    assert!(digests.eq(rows.iter().map(|row| row.digest)), "other digests than the rows'");
    for (reference, row) in references.iter().zip(rows) {
        let stands_for = &reference.stands_for;
        assert_eq!(stands_for.technology, inputs.mode.technology());
        assert_eq!(stands_for.vcpus, row.vcpus.map(VcpuCount::number));
        assert_eq!(stands_for.signature, row.signature);
        assert_eq!(stands_for.profile.as_deref(), row.profile.map(|profile| profile.name));
    }
    demands(&accepted, inputs);
    places(&accepted, inputs, rows);
}

/// What is described is demanded, and nobody can demand another thing beside it.
fn demands<D: TryFrom<LaunchDigest>>(accepted: &Accepted<D>, inputs: &Inputs) {
    let policy = inputs.description.policy.as_ref().map(|field| field.value);
    assert_eq!(accepted.demanded_policy(None).ok(), Some(policy));
    for given in [0, 0x3_0000].into_iter().chain(policy) {
        let wanted = policy.is_none_or(|policy| policy == given).then_some(Some(given));
        assert_eq!(accepted.demanded_policy(Some(given)).ok(), wanted, "{policy:?}");
    }
    let data = inputs.description.host_data.as_ref().map(|field| field.value);
    assert_eq!(accepted.demanded_host_data(None).ok(), Some(data));
    for given in [snp::HostData::from_bytes([0; 32])].into_iter().chain(data) {
        let wanted = data.is_none_or(|data| data == given).then_some(Some(given));
        assert_eq!(accepted.demanded_host_data(Some(given)).ok(), wanted, "{data:?}");
    }
}

/// A kernel that some digest leaves out gets no secret. Else it goes where the image with the least room has its area.
fn places<D>(accepted: &Accepted<D>, inputs: &Inputs, rows: &[Row]) {
    let description = &inputs.description;
    let has_kernel = description.boot.kernels.as_ref().is_some_and(|field| !field.value.is_empty());
    // libkrun's kernel is measured as what it is, by no hash.
    let leaves_out =
        |row: &Row| row.boot.is_none() && !row.profile.is_some_and(|one| one.name.contains("krun"));
    let is_unmeasured = has_kernel && rows.iter().any(leaves_out);
    assert_eq!(accepted.not_covered.contains(&KERNEL_OFF), is_unmeasured, "{description:?}");
    let place = accepted.secret_place;
    assert_eq!(place == SecretPlace::UnmeasuredKernel, is_unmeasured, "{description:?}");
    if is_unmeasured {
        assert!(matches!(place.area(), Err(NoSecretPlace::UnmeasuredKernel)));
        return;
    }
    // Of pages whose digest was given nobody knows what they check.
    let has_hashes = rows.iter().any(|row| row.boot.is_some());
    let is_unchecked = inputs
        .firmwares
        .iter()
        .any(|firmware| checks_nothing(&firmware.path) && !firmware.given_digest);
    let is_unchecked = has_hashes && is_unchecked;
    assert_eq!(accepted.not_covered.contains(&KERNEL_UNCHECKED), is_unchecked, "{description:?}");
    assert_eq!(place == SecretPlace::UncheckedKernel, is_unchecked, "{description:?}");
    if is_unchecked {
        assert!(matches!(place.area(), Err(NoSecretPlace::UncheckedKernel)));
        return;
    }
    let areas = inputs.firmwares.iter().map(|firmware| secret_area(&firmware.path));
    let smallest = areas
        .collect::<Option<Vec<_>>>()
        .and_then(|areas| areas.into_iter().min_by_key(|(_, size)| *size));
    let SecretPlace::Firmware(area) = place else { panic!("{place:?}") };
    assert_eq!(
        area.map(|area| (area.base, area.size)),
        smallest.map(|(base, size)| (Gpa(base), size))
    );
    match (place.area(), smallest) {
        (Ok(area), Some((_, size))) => assert_eq!(u32::try_from(area.size()), Ok(size)),
        (Err(NoSecretPlace::Area(SecretError::NoArea)), None) => {}
        (found, _) => panic!("{found:?}"),
    }
}
