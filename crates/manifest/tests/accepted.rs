//! What a verifier is given of a manifest: which rows are accepted, what they leave unproven, and where a secret goes.

use serde_json::json;
use sev_launch_abi::snp::HostData;
use sev_launch_abi::{CpuSignature, LaunchDigest, Technology, sev, snp};
use sev_launch_digest::firmware::KernelHashCheck;
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_manifest::firmware_facts::{Area, FirmwareFacts};
use sev_launch_manifest::row::{Detail, Observed, Root, Source};
use sev_launch_manifest::{
    Error, Facts, Head, Input, InputRefs, LeftOut, Manifest, Obtained, Role, Row,
};
use sev_launch_sweep::coverage::{
    BEYOND_ANY_DIGEST, CAPTURED, HASHES_UNCHECKED, KERNEL_OFF, KERNEL_UNCHECKED, NO_KERNEL,
    REGISTERS,
};
use sev_launch_sweep::{Accepted, Described, SecretPlace};
use sev_launch_verify::reference_values::Acceptance;
use sev_launch_verify::requirement::Bytes;

const UNSAID: &str = "the kernel, the initrd and the command line: an accepted row does not say whether they are measured";
const FIRMWARE: u32 = 0;
const KERNEL: u32 = 1;

fn input(role: Role) -> Input {
    Input::file(role, format!("{role}"), 1, Sha256Digest::of(b"1"))
}

/// A firmware whose area for a secret is so large.
fn firmware(secret_area: Option<u32>) -> Input {
    let secret_area = secret_area.map(|size| Area { base: 0x80_d000, size });
    let firmware_facts = Some(FirmwareFacts { secret_area, ..FirmwareFacts::default() });
    Input { firmware_facts, ..input(Role::Firmware) }
}

fn digest(technology: Technology, byte: u8) -> LaunchDigest {
    let bytes = vec![byte; LaunchDigest::size_for(technology)];
    LaunchDigest::from_slice(&bytes).expect("a digest")
}

/// A computed row of plain SEV.
fn row(byte: u8, kernel_hashes: Option<bool>, kernel: Option<u32>) -> Row {
    let inputs = InputRefs { firmware: Some(FIRMWARE), kernel, ..InputRefs::default() };
    let facts = Facts { kernel_hashes, inputs, ..Facts::default() };
    Row { digest: digest(Technology::Sev, byte), facts, obtained: Obtained::Computed }
}

fn endorsed(row: Row) -> Row {
    Row { obtained: Obtained::Endorsed { by: "a provider".into() }, ..row }
}

fn of(technology: Technology, inputs: Vec<Input>, rows: Vec<Row>) -> Manifest {
    let head = Head {
        name: "web".into(),
        tool: "a tool".into(),
        technology,
        policy: None,
        host_data: None,
        description: json!({}),
    };
    Manifest::new(head, inputs, rows).expect("a manifest")
}

/// With a firmware of OVMF's area and a kernel in its list.
fn with_kernel(rows: Vec<Row>) -> Manifest {
    of(Technology::Sev, vec![firmware(Some(0xc00)), input(Role::Kernel)], rows)
}

fn without_kernel(rows: Vec<Row>) -> Manifest {
    of(Technology::Sev, vec![firmware(Some(0xc00))], rows)
}

fn all() -> Acceptance {
    Acceptance { endorsed: true, unverified: true, ..Acceptance::COMPUTED }
}

fn accepted(manifest: &Manifest, acceptance: &Acceptance) -> Accepted<sev::LaunchDigest> {
    manifest.accepted(acceptance, "m.json").expect("SEV").0
}

/// What is not covered beyond what no digest covers.
fn not_covered(manifest: &Manifest, acceptance: &Acceptance) -> Vec<&'static str> {
    let mut list = accepted(manifest, acceptance).not_covered;
    list.retain(|text| !BEYOND_ANY_DIGEST.contains(text));
    list
}

#[test]
fn only_rows_that_are_accepted_by_how_they_were_obtained_are_given() {
    let root = Sha256Digest::of(b"a root");
    let observed = |verified, root| {
        let detail = Detail::default();
        Obtained::Observed(Observed { from: Source::Report, verified, root, detail })
    };
    let rows = [
        Obtained::Endorsed { by: "a provider".into() },
        observed(true, Some(Root::Amd)),
        observed(true, Some(Root::Other(root))),
        observed(true, None),
        observed(false, None),
        observed(true, Some(Root::Amd)),
        Obtained::Endorsed { by: "another".into() },
        observed(false, Some(Root::Amd)),
    ];
    let rows = (0..).zip(rows).map(|(byte, obtained)| {
        let digest = digest(Technology::Snp, byte);
        Row { digest, facts: Facts::default(), obtained }
    });
    let manifest = of(Technology::Snp, vec![], rows.collect());
    let given = |acceptance: &Acceptance| {
        let (accepted, left_out) =
            manifest.accepted::<snp::LaunchDigest>(acceptance, "m.json").expect("SNP");
        assert_eq!(left_out, manifest.left_out(acceptance));
        let first = |row: &snp::LaunchDigest| row.as_bytes()[0];
        let given = accepted.references.rows().iter().map(|row| first(&row.digest)).collect();
        let LeftOut { endorsed, observed, other_roots, unverified, unproven: _ } = left_out;
        (given, [endorsed, observed, other_roots, unverified])
    };
    let computed = Acceptance::COMPUTED;
    assert_eq!(given(&computed), (vec![], [2, 2, 1, 3]));
    let endorsed = Acceptance { endorsed: true, ..computed.clone() };
    assert_eq!(given(&endorsed), (vec![0, 6], [0, 2, 1, 3]));
    let observed = Acceptance { observed: true, ..computed.clone() };
    assert_eq!(given(&observed), (vec![1, 5], [2, 0, 1, 3]));
    let roots = Acceptance { roots: vec![Bytes(*root.as_bytes())], ..computed.clone() };
    assert_eq!(given(&roots), (vec![2], [2, 2, 0, 3]));
    let unverified = Acceptance { unverified: true, ..computed };
    assert_eq!(given(&unverified), (vec![1, 2, 3, 4, 5, 7], [2, 0, 0, 0]));
    let other = manifest.accepted::<sev::LaunchDigest>(&all(), "m.json");
    assert!(matches!(other, Err(Error::OtherTechnology { found: Technology::Snp })));
}

#[test]
fn a_measured_kernel_leaves_the_firmwares_check_open() {
    let manifest = with_kernel(vec![row(1, Some(true), Some(KERNEL))]);
    assert!(!manifest.leaves_kernel_out() && !manifest.leaves_kernel_unsaid(&all()));
    let accepted = accepted(&manifest, &Acceptance::COMPUTED);
    assert_eq!(accepted.warnings, [""; 0]);
    assert!(matches!(accepted.secret_place, SecretPlace::Firmware(Some(_))));
    assert_eq!(not_covered(&manifest, &Acceptance::COMPUTED), [HASHES_UNCHECKED, REGISTERS]);
}

/// A firmware with OVMF's area for a secret, of which that is known.
fn checking(kernel_hash_check: KernelHashCheck) -> Input {
    let firmware = firmware(Some(0xc00));
    let facts = firmware.firmware_facts.clone().expect("facts");
    Input { firmware_facts: Some(FirmwareFacts { kernel_hash_check, ..facts }), ..firmware }
}

#[test]
fn a_firmware_that_checks_no_hashes_covers_no_kernel_and_gets_no_secret() {
    let with = |check, rows| of(Technology::Sev, vec![checking(check), input(Role::Kernel)], rows);
    let measured = || row(1, Some(true), Some(KERNEL));
    let manifest = with(KernelHashCheck::No, vec![measured()]);
    let found = accepted(&manifest, &Acceptance::COMPUTED);
    assert_eq!(found.not_covered[0], KERNEL_UNCHECKED);
    assert_eq!(found.secret_place, SecretPlace::UncheckedKernel);
    let warning = sev_launch_digest::Warning::KernelHashesUnchecked.to_string();
    assert_eq!(found.warnings, [warning]);
    assert_eq!(not_covered(&manifest, &all()), [KERNEL_UNCHECKED, REGISTERS]);

    let manifest = with(KernelHashCheck::Yes, vec![measured()]);
    let found = accepted(&manifest, &Acceptance::COMPUTED);
    assert!(matches!(found.secret_place, SecretPlace::Firmware(Some(_))));
    assert_eq!((found.warnings, not_covered(&manifest, &all())), (vec![], vec![REGISTERS]));

    // A digest without hashes is another matter.
    let manifest = with(KernelHashCheck::No, vec![row(1, Some(false), Some(KERNEL))]);
    assert_eq!(not_covered(&manifest, &all()), [KERNEL_OFF, REGISTERS]);
}

#[test]
fn of_the_accepted_rows_the_worst_firmware_counts() {
    use KernelHashCheck::{No, Unknown, Yes};
    let on = |firmware, row: Row| {
        let inputs = InputRefs { firmware, ..row.facts.inputs };
        Row { facts: Facts { inputs, ..row.facts }, ..row }
    };
    let measured = |byte, firmware| on(Some(firmware), row(byte, Some(true), Some(2)));
    let check = |one, two, rows, acceptance: &Acceptance| {
        let inputs = vec![checking(one), checking(two), input(Role::Kernel)];
        of(Technology::Sev, inputs, rows).kernel_hash_check(acceptance)
    };
    let both = || vec![measured(1, 0), measured(2, 1)];
    let computed = &Acceptance::COMPUTED;
    for (one, two, expected) in [
        (Yes, Yes, Yes),
        (Yes, Unknown, Unknown),
        (Unknown, No, No),
        (No, Yes, No),
        (Yes, No, No),
        (No, No, No),
    ] {
        assert_eq!(check(one, two, both(), computed), Some(expected), "{one} {two}");
    }
    // A row that is not accepted says nothing,
    let endorsed_no = || vec![measured(1, 0), endorsed(measured(2, 1))];
    assert_eq!(check(Yes, No, endorsed_no(), computed), Some(Yes));
    assert_eq!(check(Yes, No, endorsed_no(), &all()), Some(No));
    // and one that names no firmware has one of which nothing is known.
    let nameless = vec![measured(1, 0), endorsed(on(None, row(2, Some(true), Some(2))))];
    assert_eq!(check(Yes, Yes, nameless, &all()), Some(Unknown));
    assert_eq!(check(No, No, vec![on(Some(0), row(1, Some(false), Some(2)))], computed), None);
}

// libkrun measures kernel and initrd as what they are; no firmware has hashes to look at.
#[test]
fn libkruns_kernel_is_covered_whatever_its_firmware_checks() {
    let mut guest = row(1, Some(true), Some(KERNEL));
    guest.facts.profile = Some("es-krun-1.4".into());
    guest.facts.vcpus = VcpuCount::new(1).ok();
    let inputs = vec![checking(KernelHashCheck::No), input(Role::Kernel)];
    let manifest = of(Technology::SevEs, inputs, vec![guest]);
    assert_eq!(not_covered(&manifest, &all()), [""; 0]);
    assert_eq!(accepted(&manifest, &all()).warnings, [""; 0]);
}

#[test]
fn a_kernel_that_is_not_measured_comes_first_and_gets_no_secret() {
    for manifest in [
        // A row names it,
        with_kernel(vec![row(1, Some(false), Some(KERNEL))]),
        with_kernel(vec![row(1, Some(true), Some(KERNEL)), row(2, Some(false), Some(KERNEL))]),
        // or only the list does, where a computed row without hashes names none,
        with_kernel(vec![row(1, Some(false), None)]),
        with_kernel(vec![row(1, Some(true), Some(KERNEL)), row(2, Some(false), None)]),
        // also where somebody says that another row has it.
        with_kernel(vec![
            row(1, Some(false), None),
            row(2, Some(true), Some(KERNEL)),
            endorsed(row(3, Some(true), Some(KERNEL))),
        ]),
        // What is not accepted may be what runs.
        with_kernel(vec![
            row(1, Some(true), Some(KERNEL)),
            endorsed(row(2, Some(false), Some(KERNEL))),
        ]),
    ] {
        assert!(manifest.leaves_kernel_out());
        let accepted = accepted(&manifest, &Acceptance::COMPUTED);
        assert_eq!(accepted.not_covered[0], KERNEL_OFF);
        assert!(!accepted.not_covered.contains(&NO_KERNEL));
        assert_eq!(accepted.secret_place, SecretPlace::UnmeasuredKernel);
        let warning = sev_launch_digest::Warning::KernelNotMeasured.to_string();
        assert_eq!(accepted.warnings, [warning]);
    }
}

#[test]
fn a_kernel_of_an_endorsed_row_alone_is_no_kernel_of_the_computed_ones() {
    let manifest =
        with_kernel(vec![row(1, Some(false), None), endorsed(row(2, Some(true), Some(KERNEL)))]);
    assert!(!manifest.leaves_kernel_out());
    assert_eq!(not_covered(&manifest, &Acceptance::COMPUTED), [NO_KERNEL, REGISTERS]);
    assert_eq!(not_covered(&manifest, &all()), [HASHES_UNCHECKED, NO_KERNEL, REGISTERS]);
    // An endorsed row that names none says nothing of the kernel in the list.
    let manifest =
        with_kernel(vec![row(1, Some(true), Some(KERNEL)), endorsed(row(2, Some(false), None))]);
    assert!(!manifest.leaves_kernel_out());
}

#[test]
fn a_guest_without_a_kernel_is_told_as_one() {
    let manifest = without_kernel(vec![row(1, Some(false), None)]);
    assert!(!manifest.leaves_kernel_out());
    assert_eq!(not_covered(&manifest, &Acceptance::COMPUTED), [NO_KERNEL, REGISTERS]);
    let accepted = accepted(&manifest, &Acceptance::COMPUTED);
    assert!(matches!(accepted.secret_place, SecretPlace::Firmware(Some(_))));
    assert_eq!((accepted.warnings, accepted.notes), (vec![], vec![]));
}

#[test]
fn an_accepted_row_that_says_nothing_of_its_kernel_gets_no_secret() {
    let silent = || endorsed(row(2, None, None));
    let manifest = with_kernel(vec![row(1, Some(true), Some(KERNEL)), silent()]);
    assert!(manifest.leaves_kernel_unsaid(&all()));
    assert_eq!(accepted(&manifest, &all()).secret_place, SecretPlace::UnmeasuredKernel);
    assert_eq!(not_covered(&manifest, &all()), [UNSAID, HASHES_UNCHECKED, REGISTERS]);
    // Not accepted, it does not matter;
    assert!(!manifest.leaves_kernel_unsaid(&Acceptance::COMPUTED));
    let computed = accepted(&manifest, &Acceptance::COMPUTED);
    assert!(matches!(computed.secret_place, SecretPlace::Firmware(Some(_))));
    // nor where another accepted row says it of the same digest.
    let manifest = with_kernel(vec![row(2, Some(true), Some(KERNEL)), silent()]);
    assert!(!manifest.leaves_kernel_unsaid(&all()));
    let only_endorsed = with_kernel(vec![row(1, Some(true), Some(KERNEL)), silent(), {
        let Row { digest, facts, .. } = row(2, Some(true), Some(KERNEL));
        let observed = Observed {
            from: Source::Measurement,
            verified: false,
            root: None,
            detail: Detail::default(),
        };
        Row { digest, facts, obtained: Obtained::Observed(observed) }
    }]);
    assert!(!only_endorsed.leaves_kernel_unsaid(&all()));
    let endorsed_alone = Acceptance { endorsed: true, ..Acceptance::COMPUTED };
    assert!(only_endorsed.leaves_kernel_unsaid(&endorsed_alone));
}

#[test]
fn a_secret_goes_where_every_firmware_has_room_and_never_beyond_ovmfs_area() {
    let place = |inputs: Vec<Input>| {
        let manifest = of(Technology::Sev, inputs, vec![row(1, Some(false), None)]);
        accepted(&manifest, &Acceptance::COMPUTED).secret_place
    };
    let found = |inputs| match place(inputs) {
        SecretPlace::Firmware(area) => area.map(|area| (area.base.0, area.size)),
        other => panic!("{other:?}"),
    };
    assert_eq!(found(vec![firmware(Some(0x400))]), Some((0x80_d000, 0x400)));
    // OVMF's area has 3072 bytes. [OVMF, ResetVectorVtf0]
    assert_eq!(found(vec![firmware(Some(u32::MAX))]), Some((0x80_d000, 3072)));
    assert_eq!(found(vec![firmware(Some(0x800)), firmware(Some(0x400))]), Some((0x80_d000, 0x400)));
    assert_eq!(found(vec![firmware(Some(0x800)), firmware(None)]), None);
    assert_eq!(found(vec![input(Role::Firmware)]), None);
    let absorbed = Input { role: Role::AbsorbedFirmware, ..firmware(Some(0x400)) };
    assert_eq!(found(vec![absorbed]), Some((0x80_d000, 0x400)));
    // Another input's facts are no firmware's.
    let svsm = Input { role: Role::Svsm, ..firmware(Some(0x100)) };
    assert_eq!(found(vec![firmware(Some(0x400)), svsm]), Some((0x80_d000, 0x400)));
    // Of no firmware at all OVMF's is assumed.
    let nameless = endorsed(Row { facts: Facts::default(), ..row(1, None, None) });
    let said = Facts { kernel_hashes: Some(false), ..Facts::default() };
    let manifest = of(Technology::Sev, vec![], vec![Row { facts: said, ..nameless }]);
    assert_eq!(accepted(&manifest, &all()).secret_place, SecretPlace::Unknown);
}

#[test]
fn a_digest_stands_for_its_row() {
    let facts = Facts {
        vcpus: VcpuCount::new(2).ok(),
        signature: Some(CpuSignature(0x00a0_0f11)),
        profile: Some("es-legacy".into()),
        ..row(1, Some(false), None).facts
    };
    let one = || Row { facts: facts.clone(), ..row(1, Some(false), None) };
    let manifest = of(Technology::SevEs, vec![firmware(None)], vec![row_of_es(2), one()]);
    let of_es = accepted(&manifest, &Acceptance::COMPUTED);
    let wanted = "sev-es: row 1 of m.json (computed, 2 vCPUs, CPU 0x00a00f11, profile es-legacy), \
        2 vCPUs, CPU 0x00a00f11, profile es-legacy";
    assert_eq!(of_es.references.rows()[1].stands_for.to_string(), wanted);
    assert!(!of_es.not_covered.contains(&REGISTERS));
    // Plain SEV measures no vCPUs, so its digest stands for any number of them.
    let manifest = of(Technology::Sev, vec![firmware(None)], vec![one()]);
    let of_sev = accepted(&manifest, &Acceptance::COMPUTED);
    assert_eq!(of_sev.references.rows()[0].stands_for.vcpus, None);
}

/// A computed row of SEV-ES.
fn row_of_es(byte: u8) -> Row {
    let plain = row(byte, Some(false), None);
    let facts =
        Facts { vcpus: VcpuCount::new(1).ok(), profile: Some("es-legacy".into()), ..plain.facts };
    Row { facts, ..plain }
}

#[test]
fn captured_pages_of_accepted_rows_are_noted() {
    let inputs = || vec![firmware(None), input(Role::VmsaBsp)];
    let captured = || {
        let mut row = row_of_es(2);
        row.facts.inputs.vmsa_bsp = Some(1);
        row
    };
    let notes = |rows, acceptance: &Acceptance| {
        accepted(&of(Technology::SevEs, inputs(), rows), acceptance).notes
    };
    let computed = Acceptance::COMPUTED;
    assert_eq!(notes(vec![row_of_es(1)], &computed), [""; 0]);
    assert_eq!(notes(vec![row_of_es(1), captured()], &computed), [CAPTURED]);
    assert_eq!(notes(vec![row_of_es(1), endorsed(captured())], &computed), [""; 0]);
    assert_eq!(notes(vec![row_of_es(1), endorsed(captured())], &all()), [CAPTURED]);
}

#[test]
fn the_heads_policy_and_host_data_are_demanded_in_the_manifests_name() {
    let host_data = HostData::from_bytes([7; 32]);
    let head = Head {
        name: "web".into(),
        tool: "a tool".into(),
        technology: Technology::Snp,
        policy: Some(0x3_0000),
        host_data: Some(host_data),
        description: json!({}),
    };
    let digest = digest(Technology::Snp, 1);
    let obtained = Obtained::Endorsed { by: "a provider".into() };
    let rows = vec![Row { digest, facts: Facts::default(), obtained }];
    let manifest = Manifest::new(head, vec![], rows).expect("a manifest");
    let (accepted, _) = manifest.accepted::<snp::LaunchDigest>(&all(), "m.json").expect("SNP");
    let by = || "m.json".to_owned();
    assert_eq!(accepted.policy, Some(Described { value: 0x3_0000, by: by() }));
    assert_eq!(accepted.host_data, Some(Described { value: host_data, by: by() }));
    assert_eq!(accepted.demanded_policy(None), Ok(Some(0x3_0000)));
    assert_eq!(accepted.demanded_policy(Some(0x3_0000)), Ok(Some(0x3_0000)));
    let error = accepted.demanded_policy(Some(0xb_0000)).expect_err("another policy");
    assert_eq!(
        error.to_string(),
        "m.json describes policy 0x30000, and policy 0xb0000 is demanded: no guest has both"
    );
    assert_eq!(accepted.demanded_host_data(None), Ok(Some(host_data)));
    assert!(accepted.demanded_host_data(Some(HostData::from_bytes([8; 32]))).is_err());
}
