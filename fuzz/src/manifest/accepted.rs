//! What a verifier accepts of a manifest: computed rows, and of the others those that were asked for by their kind. It is never given a
//! place for a secret where an accepted digest may be that of a guest whose kernel nobody measured.

use arbitrary::{Result, Unstructured};
use serde_json::Value;
use sev_launch_abi::{LaunchDigest, Technology, sev, snp};
use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_manifest::firmware_facts::Area;
use sev_launch_manifest::{Acceptance, Input, LeftOut, Manifest, Published, Role, Row, serde_json};
use sev_launch_sweep::coverage::KERNEL_UNCHECKED;
use sev_launch_sweep::{Accepted, SecretPlace};
use sev_launch_verify::requirement::Bytes;

use super::made;

pub(crate) fn run(bytes: &[u8]) {
    let _ = chosen(&mut Unstructured::new(bytes));
}

fn chosen(u: &mut Unstructured<'_>) -> Result<()> {
    let acceptance = acceptance(u)?;
    let Some(manifest) = made::manifest(u)? else { return Ok(()) };
    let rows: Vec<&Row> =
        manifest.rows().iter().filter(|row| is_accepted(row, &acceptance)).collect();
    match manifest.technology() {
        Technology::Sev | Technology::SevEs => {
            judge::<sev::LaunchDigest>(&manifest, &acceptance, &rows);
            assert!(manifest.accepted::<snp::LaunchDigest>(&acceptance, "m").is_err());
        }
        Technology::Snp => {
            judge::<snp::LaunchDigest>(&manifest, &acceptance, &rows);
            assert!(manifest.accepted::<sev::LaunchDigest>(&acceptance, "m").is_err());
        }
    }
    match Published::of(&manifest, &acceptance) {
        Ok(published) => {
            let digests = published.digests().iter().map(|digest| digest.digest);
            assert!(digests.eq(each_once(&rows)), "{rows:?}");
            let own = published.published_manifest().expect("a manifest of accepted rows");
            assert_eq!(own.rows().len(), rows.len());
            assert!(own.rows().iter().all(|row| is_accepted(row, &acceptance)));
        }
        Err(error) => assert!(rows.is_empty(), "{error}"),
    }
    Ok(())
}

/// What is accepted beside computed rows.
pub(super) fn acceptance(u: &mut Unstructured<'_>) -> Result<Acceptance> {
    let [endorsed, observed, first, second] = u.arbitrary()?;
    let roots = [(first, 0xb0), (second, 0xb1)].into_iter().filter(|(given, _)| *given);
    let roots = roots.map(|(_, byte)| Bytes([byte; 32])).collect();
    Ok(Acceptance { endorsed, observed, roots, unverified: u.ratio(1, 4)? })
}

/// Is a row accepted, as its JSON says it?
pub(super) fn is_accepted(row: &Row, acceptance: &Acceptance) -> bool {
    let row = serde_json::to_value(row).expect("JSON");
    let obtained = &row["obtained"];
    let is_verified = obtained["verified"] == Value::Bool(true);
    let root = obtained["root"].as_str();
    let is_named =
        |root: &str| acceptance.roots.iter().any(|Bytes(named)| hex::encode(named) == root);
    match obtained["how"].as_str().expect("said") {
        "computed" => true,
        // Read from a file, no endorsement that is kept was verified again.
        "endorsed" => acceptance.endorsed && obtained["endorsement"].is_null(),
        "observed" if acceptance.unverified => true,
        "observed" if !is_verified => false,
        "observed" if obtained["from"] == "measurement" || root == Some("amd") => {
            acceptance.observed
        }
        "observed" => root.is_some_and(is_named),
        other => panic!("{other}"),
    }
}

/// The digests of rows, each at its first place.
pub(super) fn each_once(rows: &[&Row]) -> Vec<LaunchDigest> {
    let mut digests = Vec::new();
    for row in rows {
        if !digests.contains(&row.digest) {
            digests.push(row.digest);
        }
    }
    digests
}

fn judge<D>(manifest: &Manifest, acceptance: &Acceptance, rows: &[&Row])
where
    D: TryFrom<LaunchDigest> + Copy + PartialEq + Into<LaunchDigest>,
{
    let (accepted, left_out) =
        manifest.accepted::<D>(acceptance, "m").unwrap_or_else(|error| panic!("{error}"));
    let Accepted { references, policy, host_data, secret_place, not_covered, .. } = accepted;
    let digests = references.rows().iter().map(|one| one.digest.into());
    assert!(
        digests.eq(rows.iter().map(|row| row.digest)),
        "other rows than those that are accepted"
    );
    for (reference, row) in references.rows().iter().zip(rows) {
        let found = references.lookup(&reference.digest).expect("it stands there");
        assert!(found.digest == reference.digest);
        let stands_for = &reference.stands_for;
        assert_eq!(stands_for.technology, manifest.technology());
        assert_eq!(stands_for.signature, row.facts.signature);
        assert_eq!(stands_for.profile, row.facts.profile);
    }
    let LeftOut { endorsed, observed, other_roots, unverified, unproven } = left_out;
    let left = endorsed + observed + other_roots + unverified + unproven;
    assert_eq!(left + rows.len(), manifest.rows().len(), "each row is accepted or counted");
    assert_eq!(left_out, manifest.left_out(acceptance));
    let head = manifest.head();
    assert_eq!(policy.map(|policy| policy.value), head.policy);
    assert_eq!(host_data.map(|data| data.value), head.host_data);
    let is_unmeasured = |row: &&Row| {
        let facts = &row.facts;
        facts.kernel_hashes == Some(false) && facts.inputs.kernel.is_some()
    };
    let is_unsaid = |row: &&Row| {
        let says = |other: &&Row| other.digest == row.digest && other.facts.kernel_hashes.is_some();
        row.facts.kernel_hashes.is_none() && !rows.iter().any(says)
    };
    if rows.iter().any(is_unmeasured) || rows.iter().any(is_unsaid) {
        assert_eq!(secret_place, SecretPlace::UnmeasuredKernel);
    }
    let is_unchecked = |row: &&Row| {
        let place = row.facts.inputs.firmware.and_then(|index| usize::try_from(index).ok());
        let facts = place.and_then(|index| manifest.inputs()[index].firmware_facts.as_ref());
        row.facts.kernel_hashes == Some(true)
            && facts.is_some_and(|facts| facts.kernel_hash_check == KernelHashCheck::No)
    };
    let is_unchecked = rows.iter().any(is_unchecked);
    assert_eq!(not_covered.contains(&KERNEL_UNCHECKED), is_unchecked);
    match secret_place {
        SecretPlace::UnmeasuredKernel => {}
        SecretPlace::UncheckedKernel => assert!(is_unchecked, "every firmware checks, or may"),
        _ => assert!(!is_unchecked, "whatever kernel the host starts would take a secret"),
    }
    is_where_all_have_room(manifest, secret_place);
}

/// A secret goes where every firmware of the manifest says that it has room, and never past the end of OVMF's area.
fn is_where_all_have_room(manifest: &Manifest, place: SecretPlace) {
    // What lies behind it is the table of kernel hashes. [OVMF, MemFd]
    const MOST: u32 = 0xc00;
    let is_firmware =
        |input: &&Input| matches!(input.role, Role::Firmware | Role::AbsorbedFirmware);
    let firmwares = manifest.inputs().iter().filter(is_firmware);
    let areas: Vec<_> = firmwares
        .map(|input| input.firmware_facts.as_ref().and_then(|facts| facts.secret_area))
        .collect();
    let has_none = areas.iter().any(Option::is_none);
    match place {
        SecretPlace::Firmware(Some(area)) => {
            assert!(!has_none, "a firmware has no area: {areas:?}");
            let smallest = areas.iter().flatten().map(|area| area.size).min();
            assert_eq!(Some(area.size), smallest.map(|size| size.min(MOST)), "{areas:?}");
            let is_said = |said: &Area| said.base == area.base.0 && said.size >= area.size;
            assert!(areas.iter().flatten().any(is_said), "{area:?} of {areas:?}");
        }
        SecretPlace::Firmware(None) => assert!(has_none, "each has an area: {areas:?}"),
        SecretPlace::Unknown => assert!(areas.is_empty(), "there is a firmware: {areas:?}"),
        SecretPlace::UncheckedKernel => {}
        SecretPlace::UnmeasuredKernel => {
            let all_measured =
                manifest.rows().iter().all(|row| row.facts.kernel_hashes == Some(true));
            assert!(!all_measured, "each row measures its kernel");
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    (0..6_u8).map(|number| sev_launch_testkit::pattern(700, 2 * number + 3, 37 * number)).collect()
}
