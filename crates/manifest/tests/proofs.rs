//! Rows of endorsements that a manifest keeps: what proves them, and what does not.

use sev_launch_abi::{LaunchDigest, Technology, snp};
use sev_launch_digest::hash::Sha256Digest;
use sev_launch_digest::vcpus::VcpuCount;
use sev_launch_manifest::{
    Acceptance, Check, Error, Facts, Head, Input, InputRefs, KeptEndorsement, LeftOut, Manifest,
    Obtained, Proof, ProofError, Role, Row, check,
};
use sev_launch_testkit::endorsement::{Golden, POLICY, root};
use sev_launch_testkit::report::{Authority, NOT_AFTER};
use sev_launch_verify::endorsement::{
    EndorsedLaunch, Kind, Refusal, Root, UnverifiedEndorsement, VerifiedEndorsement, VerifyOptions,
};

const TIME: u64 = 1_790_000_000;

fn endorsement() -> Vec<u8> {
    Golden::new(POLICY, &[(1, [1; 48]), (2, [2; 48])]).with_svsm(&[9; 48]).endorsement()
}

fn with<T>(key: Authority, time: u64, then: impl FnOnce(&VerifyOptions<'_>) -> T) -> T {
    let root = Root::parse(&root(key)).expect("a root");
    then(&VerifyOptions { root: &root, time, uvm: None })
}

fn verified(bytes: &[u8]) -> VerifiedEndorsement {
    let read = UnverifiedEndorsement::parse(bytes).expect("an endorsement");
    with(Authority::Ark, TIME, |options| read.verify(options)).expect("verified")
}

/// As `manifest add` begins one, and as it is read again.
fn made() -> Manifest {
    let bytes = endorsement();
    let made = Manifest::of_endorsement("guest", "test", &verified(&bytes), &bytes).expect("made");
    Manifest::from_json(&made.to_json().expect("JSON")).expect("read again")
}

fn accepted(manifest: &Manifest, acceptance: &Acceptance) -> (usize, LeftOut) {
    let (accepted, left_out) =
        manifest.accepted::<snp::LaunchDigest>(acceptance, "m").expect("of SNP");
    (accepted.references.len(), left_out)
}

#[test]
fn attack_a_kept_endorsement_is_accepted_only_after_it_was_verified_again() {
    let mut manifest = made();
    assert_eq!(manifest.endorsements().len(), 1);
    assert_eq!(manifest.rows().len(), 3);
    // Read from a file, nothing is verified, and no flag stands in for it.
    let all = Acceptance { endorsed: true, observed: true, unverified: true, roots: Vec::new() };
    for acceptance in [&Acceptance::COMPUTED, &all] {
        let left_out = LeftOut { unproven: 3, ..LeftOut::default() };
        assert_eq!(accepted(&manifest, acceptance), (0, left_out));
    }
    let proofs = with(Authority::Ark, TIME, |options| manifest.prove(options));
    assert!(proofs.iter().all(|proof| proof.outcome.is_ok()), "{proofs:?}");
    assert_eq!(accepted(&manifest, &Acceptance::COMPUTED), (3, LeftOut::default()));
    // What was proven is not written down.
    let again = Manifest::from_json(&manifest.to_json().expect("JSON")).expect("read again");
    assert_eq!(accepted(&again, &all).0, 0);
    // A second look that fails takes it back.
    let proofs = with(Authority::Ark, NOT_AFTER + 1, |options| manifest.prove(options));
    let expired =
        |error: &ProofError| matches!(error, ProofError::Refused(Refusal::Expired { .. }));
    assert!(proofs.iter().all(|proof| proof.outcome.as_ref().is_err_and(expired)), "{proofs:?}");
    assert_eq!(accepted(&manifest, &all).0, 0);
}

/// Why the first row is not proven, of a manifest that was changed in its JSON.
fn why(change: impl FnOnce(&mut serde_json::Value)) -> ProofError {
    let mut json: serde_json::Value =
        serde_json::from_slice(&made().to_json().expect("JSON")).expect("JSON");
    change(&mut json);
    let bytes = serde_json::to_vec(&json).expect("JSON");
    let mut manifest = Manifest::from_json(&bytes).expect("still a manifest");
    let proofs = with(Authority::Ark, TIME, |options| manifest.prove(options));
    let first = proofs.into_iter().next().expect("a row");
    first.outcome.expect_err("not proven")
}

#[test]
fn attack_a_row_that_was_changed_is_not_proven() {
    use serde_json::json;
    let launch = EndorsedLaunch::Vmsas(1);
    // Another digest; that of another number; another number; the one under an SVSM called one of one vCPU.
    assert_eq!(
        why(|m| m["rows"][0]["digest"] = json!("33".repeat(48))),
        ProofError::NotInIt { launch }
    );
    assert_eq!(
        why(|m| m["rows"][0]["digest"] = json!("02".repeat(48))),
        ProofError::NotInIt { launch }
    );
    let launch = EndorsedLaunch::Vmsas(2);
    assert_eq!(why(|m| m["rows"][0]["vcpus"] = json!(2)), ProofError::NotInIt { launch });
    let launch = EndorsedLaunch::Vmsas(1);
    assert_eq!(
        why(|m| m["rows"][0]["digest"] = json!("09".repeat(48))),
        ProofError::NotInIt { launch }
    );
    let launch = EndorsedLaunch::NotSaid;
    let no_number = |m: &mut serde_json::Value| {
        m["rows"][0].as_object_mut().expect("a row").remove("vcpus");
    };
    assert_eq!(why(no_number), ProofError::NotInIt { launch });
    // The policy that the endorsement demands is what a verifier demands of the report.
    let policy = ProofError::Policy { endorsed: POLICY, recorded: Some(0x30000) };
    assert_eq!(why(|m| m["policy"] = json!("0x30000")), policy);
    let none = ProofError::Policy { endorsed: POLICY, recorded: None };
    assert_eq!(
        why(|m| {
            m.as_object_mut().expect("a manifest").remove("policy");
        }),
        none
    );
    // Bytes of nobody's, of another kind, and under another root.
    assert!(matches!(why(|m| m["endorsements"][0]["bytes"] = json!("AAEC")), ProofError::Form(_)));
    let kind = ProofError::Kind { found: Kind::Google, said: Kind::AzureUvm };
    assert_eq!(why(|m| m["endorsements"][0]["kind"] = json!("azure-uvm-endorsement")), kind);
    let other = why(|m| m["endorsements"][0]["root_sha256"] = json!("00".repeat(32)));
    assert!(matches!(other, ProofError::OtherRoot { .. }), "{other}");
}

#[test]
fn attack_the_root_that_a_manifest_names_is_trusted_by_nobody() {
    // An endorsement by somebody else, whose root the manifest names.
    let bytes = endorsement();
    let mut manifest = made();
    let proofs = with(Authority::OtherArk, TIME, |options| manifest.prove(options));
    assert!(proofs.iter().all(|proof| matches!(proof.outcome, Err(ProofError::OtherRoot { .. }))));
    let other = Sha256Digest::of(&root(Authority::OtherArk));
    let kept = KeptEndorsement { root: other, ..KeptEndorsement::of(&verified(&bytes), &bytes) };
    let head = made().head().clone();
    let mut named =
        Manifest::with_endorsements(head, Vec::new(), vec![kept], made().rows().to_vec())
            .expect("a manifest");
    let proofs = with(Authority::OtherArk, TIME, |options| named.prove(options));
    let refused = |error: &ProofError| {
        matches!(error, ProofError::Refused(Refusal::CertificateSignature { .. }))
    };
    assert!(proofs.iter().all(|proof| proof.outcome.as_ref().is_err_and(refused)), "{proofs:?}");
}

/// A computed row as of Google's profile, for this many vCPUs.
fn computed(vcpus: u32, byte: u8, profile: &str) -> Row {
    Row {
        digest: LaunchDigest::Snp(snp::LaunchDigest::from_bytes([byte; 48])),
        facts: Facts {
            vcpus: VcpuCount::new(vcpus).ok(),
            profile: Some(profile.to_owned()),
            kernel_hashes: Some(false),
            inputs: InputRefs { firmware: Some(0), ..InputRefs::default() },
            ..Facts::default()
        },
        obtained: Obtained::Computed,
    }
}

fn built(rows: Vec<Row>) -> Manifest {
    let head = Head {
        name: "guest".into(),
        tool: "test".into(),
        technology: Technology::Snp,
        policy: Some(POLICY),
        host_data: None,
        description: serde_json::json!({"technology": "snp"}),
    };
    let firmware = Input::file(Role::Firmware, "OVMF.fd", 3, Sha256Digest::of(b"abc"));
    Manifest::new(head, vec![firmware], rows).expect("a manifest")
}

fn checked(computed: Vec<Row>) -> Check {
    let bytes = endorsement();
    let again = built(computed);
    let mut recorded = again.clone();
    recorded.add_endorsement(&verified(&bytes), &bytes).expect("added");
    let mut recorded = Manifest::from_json(&recorded.to_json().expect("JSON")).expect("read");
    let proofs = with(Authority::Ark, TIME, |options| recorded.prove(options));
    check(&recorded, &again).expect("checked").with_proofs(&recorded, &again, &proofs)
}

#[test]
fn an_endorsed_digest_that_the_firmware_does_not_give_is_a_difference() {
    let same = checked(vec![computed(1, 1, "snp-gce"), computed(2, 2, "snp-gce-genoa")]);
    assert!(same.is_same(), "{same}");
    assert_eq!((same.proven().len(), same.unproven().len(), same.kept().len()), (3, 0, 0));
    // One of the operator's two profiles is enough: which it is the host's processor says.
    let either = checked(vec![computed(1, 1, "snp-gce"), computed(1, 7, "snp-gce-genoa")]);
    assert!(either.is_same(), "{either}");
    let other = checked(vec![computed(1, 7, "snp-gce"), computed(2, 2, "snp-gce")]);
    assert!(!other.is_same());
    let [row] = other.unproven() else { panic!("{other}") };
    assert_eq!(row.row.row, 2);
    let text = format!(
        "the firmware at hand does not give the endorsed digest for 1 VMSAs: computed is {} with profile snp-gce",
        "07".repeat(48)
    );
    assert_eq!(row.reason, text);
    for form in [
        other.to_string(),
        String::from_utf8(other.to_json().expect("JSON")).expect("text"),
        check::junit::write(&other),
        check::annotations::write(&other, None),
        check::markdown::write(&other),
    ] {
        assert!(form.contains("does not give the endorsed digest"), "{form}");
    }
    // What another VMM would launch says nothing of the operator's.
    assert!(checked(vec![computed(1, 7, "snp-qemu")]).is_same());
}

#[test]
fn without_a_root_rows_of_endorsements_are_named_unchecked() {
    let bytes = endorsement();
    let again = built(vec![computed(1, 1, "snp-gce")]);
    let mut recorded = again.clone();
    recorded.add_endorsement(&verified(&bytes), &bytes).expect("added");
    let recorded = Manifest::from_json(&recorded.to_json().expect("JSON")).expect("read");
    let outcome = check(&recorded, &again).expect("checked").with_proofs(&recorded, &again, &[]);
    assert_eq!((outcome.proven().len(), outcome.kept().len()), (0, 3));
    assert!(
        outcome.to_string().contains("endorsed in endorsement 0, not verified again"),
        "{outcome}"
    );
    // Nothing but endorsements, and no root: nothing is checked, which is no yes.
    assert_eq!(Check::of_proofs(&made(), &[]), Err(Error::NothingComputed { which: "recorded" }));
}

#[test]
fn a_manifest_of_endorsements_alone_is_proven_or_is_not() {
    let mut manifest = made();
    let proofs = with(Authority::Ark, TIME, |options| manifest.prove(options));
    let outcome = Check::of_proofs(&manifest, &proofs).expect("checked");
    assert!(outcome.is_same());
    assert_eq!(
        outcome.to_string(),
        "guest is current: 0 rows are the same, 3 rows proven by endorsements\n"
    );
    let proofs = with(Authority::OtherArk, TIME, |options| manifest.prove(options));
    let outcome = Check::of_proofs(&manifest, &proofs).expect("checked");
    assert!(!outcome.is_same());
    assert_eq!(outcome.unproven().len(), 3);
}

#[test]
fn an_endorsement_is_kept_once_and_only_beside_the_policy_that_it_demands() {
    let bytes = endorsement();
    let mut manifest = built(vec![computed(1, 1, "snp-gce")]);
    let findings = manifest.add_endorsement(&verified(&bytes), &bytes).expect("added");
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(texts.iter().any(|text| text.contains("row 1 confirms row 0")), "{texts:?}");
    let twice = manifest.add_endorsement(&verified(&bytes), &bytes).expect_err("twice");
    assert_eq!(twice.to_string(), "endorsements[1]: it is kept already");
    let other = Golden::new(0x30000, &[(1, [1; 48])]).endorsement();
    let policy = manifest.add_endorsement(&verified(&other), &other).expect_err("another policy");
    assert!(policy.to_string().contains("demands the guest policy 0x30000"), "{policy}");
}

#[test]
fn rows_of_endorsements_that_cannot_be_are_refused_when_they_are_read() {
    use serde_json::json;
    let good: serde_json::Value =
        serde_json::from_slice(&made().to_json().expect("JSON")).expect("JSON");
    let refused = |change: &dyn Fn(&mut serde_json::Value), wanted: &str| {
        let mut changed = good.clone();
        change(&mut changed);
        let bytes = serde_json::to_vec(&changed).expect("JSON");
        let error = Manifest::from_json(&bytes).expect_err(wanted).to_string();
        assert!(error.contains(wanted), "{error}, wanted {wanted}");
    };
    refused(&|m| m["rows"][0]["obtained"]["endorsement"] = json!(1), "there is no endorsements[1]");
    refused(&|m| m["rows"][0]["obtained"]["svsm"] = json!(true), "of no number of vCPUs");
    refused(&|m| m["rows"][0]["obtained"]["svsm"] = json!(false), "svsm (true) and no other");
    refused(&|m| m["rows"][0]["obtained"]["by"] = json!("Google"), "svsm (true) and no other");
    refused(&|m| m["rows"][0]["obtained"]["how"] = json!("computed"), "svsm (true) and no other");
    refused(
        &|m| m["rows"][0]["obtained"] = json!({"how": "endorsed", "by": "x", "svsm": true}),
        "only beside",
    );
    refused(&|m| m["endorsements"][0]["bytes"] = json!(""), "wanted 1 to 65536");
    refused(&|m| m["endorsements"][0]["bytes"] = json!("A"), "bytes: ");
    refused(&|m| m["endorsements"][0]["kind"] = json!("amazon"), "no kind of endorsement");
    refused(&|m| m["endorsements"][0]["more"] = json!(1), "unknown field");
    let many: Vec<_> = std::iter::repeat_n(good["endorsements"][0].clone(), 257).collect();
    refused(&move |m| m["endorsements"] = json!(many), "more than 256 items");
    let proof = Proof::new(0, false);
    assert!(!proof.is_verified());
}
