//! Launch endorsements: those that were made by another program (Python's `cryptography`, in `testdata/endorsement`), and throwaway ones of the
//! test kit that are wrong in one thing each.

use sev_launch_abi::snp::LaunchDigest;
use sev_launch_testkit::endorsement::{
    Golden, POLICY, Signer, TIMESTAMP, bytes, measurement, number, root, sign,
};
use sev_launch_testkit::report::{Authority, Extension, NOT_AFTER, NOT_BEFORE};
use sev_launch_testkit::{testdata_folder, vectors};
use sev_launch_verify::endorsement::uvm::UvmRequirements;
use sev_launch_verify::endorsement::{
    EndorsedLaunch, ExpectedLaunch, FormError, Kind, MAX_ENDORSEMENT_SIZE, NotEndorsed, Refusal,
    Root, Statement, UnverifiedEndorsement, VerifiedEndorsement, VerifyOptions,
};
use sev_launch_verify::requirement::Requirement;

/// What makes an endorsement wrong.
type Change = Box<dyn FnOnce(&mut Golden)>;
/// A time at which everything here is valid.
const TIME: u64 = 1_790_000_000;
/// The MEASUREMENT of `testdata/snp/report.bin`.
const REPORTED: &str = "094545c7079dd4c981f681a586dd823b639d0094d207796d7baa44d959563f3175c199ca7c038184780c12cb0874bb25";
/// The issuer that the origin's README names.
const ISSUER: &str =
    "did:x509:0:sha256:CmmXQ9WW9ih_Iuft8eOUueM-aTEYm7C1MLireett-ec::eku:1.3.6.1.4.1.311.76.59.1.2";
const UVM: UvmRequirements<'_> =
    UvmRequirements { issuer: ISSUER, feed: "Made-Up-UVM", guest_svn: Requirement::AtLeast(101) };

fn file(name: &str) -> Vec<u8> {
    std::fs::read(testdata_folder().join("endorsement").join(name)).expect(name)
}

fn reported() -> LaunchDigest {
    REPORTED.parse().expect("a digest")
}

fn judge(endorsement: &[u8], root: &[u8], time: u64) -> Result<VerifiedEndorsement, String> {
    let root = Root::parse(root).expect("a root");
    let options = VerifyOptions { root: &root, time, uvm: Some(UVM) };
    let read = UnverifiedEndorsement::parse(endorsement).map_err(|error| error.to_string())?;
    read.verify(&options).map_err(|error| error.to_string())
}

fn refusal(endorsement: &[u8], root: &[u8], time: u64) -> Refusal {
    let root = Root::parse(root).expect("a root");
    let options = VerifyOptions { root: &root, time, uvm: Some(UVM) };
    let read = UnverifiedEndorsement::parse(endorsement).expect("an endorsement");
    read.verify(&options).expect_err("a refusal")
}

/// Digests that differ.
fn digest(byte: u8) -> [u8; 48] {
    [byte; 48]
}

fn golden() -> Golden {
    Golden::new(POLICY, &[(1, digest(1)), (2, digest(2)), (4, digest(4))]).with_svsm(&digest(9))
}

fn made(change: impl FnOnce(&mut Golden)) -> Vec<u8> {
    let mut golden = golden();
    change(&mut golden);
    golden.endorsement()
}

// The figures are those that the origin's program wrote.
#[test]
fn a_google_endorsement_of_another_program_s_endorses_the_report_for_four_vmsas() {
    let verified = judge(&file("gce.binarypb"), &file("gce-root.crt"), TIME).expect("verified");
    assert_eq!(verified.kind(), Kind::Google);
    let launches: Vec<EndorsedLaunch> =
        verified.measurements().iter().map(|one| one.launch).collect();
    let vmsas = [1, 2, 4, 8].map(EndorsedLaunch::Vmsas);
    assert_eq!(launches, [vmsas.as_slice(), &[EndorsedLaunch::Svsm]].concat());
    let Statement::Google(golden) = verified.statement() else { panic!("Google's") };
    assert_eq!((golden.timestamp, golden.cl_spec, golden.svn), (TIMESTAMP, 1, 1));
    assert_eq!(golden.policy.bits(), POLICY);
    assert_eq!(
        golden.family_id.map(hex::encode).as_deref(),
        Some("f73a6949e8f3473b9553e40e056fa3a2")
    );
    assert_eq!(hex::encode(&golden.digest[..8]), "cec8fea0e1669abf");
    assert!(verified.endorses(EndorsedLaunch::Vmsas(4), &reported()));
    for other in [
        EndorsedLaunch::Vmsas(1),
        EndorsedLaunch::Vmsas(8),
        EndorsedLaunch::Svsm,
        EndorsedLaunch::NotSaid,
    ] {
        assert!(!verified.endorses(other, &reported()), "{other}");
    }
    let any = verified.references(ExpectedLaunch::Any, "file").expect("any number");
    assert_eq!(any.len(), 5);
    assert_eq!(any.lookup(&reported()).and_then(|row| row.stands_for.vcpus), Some(4));
}

#[test]
fn a_digest_for_another_number_of_vmsas_is_not_accepted() {
    let verified = judge(&file("gce.binarypb"), &file("gce-root.crt"), TIME).expect("verified");
    for (vmsas, is_accepted) in [(1, false), (2, false), (4, true), (8, false)] {
        let references =
            verified.references(ExpectedLaunch::Vmsas(vmsas), "file").expect("it is listed");
        assert_eq!(references.len(), 1);
        assert_eq!(references.lookup(&reported()).is_some(), is_accepted, "{vmsas}");
    }
    let error = NotEndorsed::Vmsas { kind: Kind::Google, wanted: 3, listed: vec![1, 2, 4, 8] };
    assert_eq!(verified.references(ExpectedLaunch::Vmsas(3), "file"), Err(error));
}

// Google's `verify` compares svsm_measurement alone where one VMSA is expected, and its `sev policy` measurements[1].
#[test]
fn one_vmsa_is_one_vmsa_and_never_an_svsm() {
    let verified =
        judge(&file("gce-svsm-only.binarypb"), &file("gce-root.crt"), TIME).expect("verified");
    assert!(verified.endorses(EndorsedLaunch::Svsm, &reported()));
    let any = verified.references(ExpectedLaunch::Any, "file").expect("any number");
    let row = any.lookup(&reported()).expect("the digest under an SVSM");
    assert_eq!(row.stands_for.vcpus, None);
    assert!(row.stands_for.image.contains("under an SVSM"), "{}", row.stands_for.image);
    let none = NotEndorsed::Vmsas { kind: Kind::Google, wanted: 1, listed: Vec::new() };
    assert_eq!(verified.references(ExpectedLaunch::Vmsas(1), "file"), Err(none));
    let both = judge(&made(|_| ()), &root(Authority::Ark), TIME).expect("verified");
    let one = both.references(ExpectedLaunch::Vmsas(1), "file").expect("listed");
    assert!(one.lookup(&LaunchDigest::from_bytes(digest(1))).is_some());
    assert!(one.lookup(&LaunchDigest::from_bytes(digest(9))).is_none());
}

// Every bit of Google's. Of Azure's, which is twice as long and has three certificates to verify, one bit of every byte: all of them take
// half a minute, and were tried when this was written.
#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn attack_every_single_bit_change_is_refused() {
    for (name, root, every) in
        [("gce.binarypb", "gce-root.crt", 1), ("uvm.cose", "uvm-root.crt", 8)]
    {
        let (good, root) = (file(name), file(root));
        assert!(judge(&good, &root, TIME).is_ok(), "{name}");
        for at in 0..good.len() {
            for bit in (at % every..8).step_by(every) {
                let mut changed = good.clone();
                changed[at] ^= 1 << bit;
                assert!(judge(&changed, &root, TIME).is_err(), "{name}: bit {bit} of byte {at}");
            }
        }
    }
}

#[test]
fn attack_a_cut_or_longer_endorsement_is_refused() {
    for (name, root) in [("gce.binarypb", "gce-root.crt"), ("uvm.cose", "uvm-root.crt")] {
        let (good, root) = (file(name), file(root));
        for length in 0..good.len() {
            assert!(judge(&good[..length], &root, TIME).is_err(), "{name}: {length} bytes");
        }
        for byte in 0..=255 {
            let longer = [good.as_slice(), &[byte]].concat();
            assert!(judge(&longer, &root, TIME).is_err(), "{name}: {byte} after it");
        }
    }
    let long = vec![0; MAX_ENDORSEMENT_SIZE + 1];
    let found = 65_537;
    assert_eq!(UnverifiedEndorsement::parse(&long), Err(FormError::TooLarge { found }));
    assert_eq!(UnverifiedEndorsement::parse(&[]), Err(FormError::Empty));
}

#[test]
fn attack_another_root_or_another_key_endorses_nothing() {
    let good = made(|_| ());
    assert!(judge(&good, &root(Authority::Ark), TIME).is_ok());
    let (which, above) = ("the signer's certificate", "the root given");
    // A root of the same name and another key; a signer that another key signed.
    let unsigned = Refusal::CertificateSignature { which, above };
    assert_eq!(refusal(&good, &root(Authority::OtherArk), TIME), unsigned);
    let other = Signer { issuer: Authority::OtherArk, ..Signer::default() };
    let by_other = made(|golden| golden.signer = other.certificate());
    assert_eq!(refusal(&by_other, &root(Authority::Ark), TIME), unsigned);
    // Roots of others.
    assert_eq!(
        refusal(&file("gce.binarypb"), &file("uvm-root.crt"), TIME),
        Refusal::Issuer { which, above }
    );
    assert_eq!(
        refusal(&file("uvm.cose"), &file("gce-root.crt"), TIME),
        Refusal::Issuer { which: "x5chain[2]", above }
    );
    // A signer is no root, although its certificate is the root's work.
    assert!(Root::parse(&Signer::default().certificate()).is_err());
    // A good message beside the signature of another one.
    let parts =
        [sign(&golden().to_bytes()), sign(&Golden::new(POLICY, &[(1, digest(7))]).to_bytes())];
    let [one, two] = &parts;
    let mixed = [&one[..one.len() - 256], &two[two.len() - 256..]].concat();
    assert_eq!(refusal(&mixed, &root(Authority::Ark), TIME), Refusal::Signature);
}

#[test]
fn attack_an_expired_or_future_certificate_endorses_nothing() {
    let good = made(|_| ());
    for time in [NOT_BEFORE, NOT_AFTER] {
        assert!(judge(&good, &root(Authority::Ark), time).is_ok(), "{time}");
    }
    for time in [0, NOT_BEFORE - 1, NOT_AFTER + 1, u64::MAX] {
        let (which, not_before, not_after) = ("the signer's certificate", NOT_BEFORE, NOT_AFTER);
        let expired = Refusal::Expired { which, time, not_before, not_after };
        assert_eq!(refusal(&good, &root(Authority::Ark), time), expired);
    }
    // Its signing time is claimed to lie in the certificate's, and is not asked.
    let uvm = file("uvm.cose");
    let late = refusal(&uvm, &file("uvm-root.crt"), 2_100_000_000);
    assert!(matches!(late, Refusal::Expired { .. }), "{late}");
}

#[test]
fn attack_a_certificate_for_other_uses_endorses_nothing() {
    let (which, ark) = ("the signer's certificate", root(Authority::Ark));
    let with = |signer: Signer| made(|golden| golden.signer = signer.certificate());
    // keyEncipherment alone.
    let encipher = with(Signer { usage: [5, 0x20], ..Signer::default() });
    let what = "sign documents (keyUsage)";
    assert_eq!(refusal(&encipher, &ark, TIME), Refusal::Usage { which, what });
    // id-kp-codeSigning, id-kp-serverAuth, anyExtendedKeyUsage: of these Go's x509 takes the last two.
    let purpose = |body: &[u8]| {
        let oid = [&[6, u8::try_from(body.len()).expect("short")], body].concat();
        let value = [&[0x30, u8::try_from(oid.len()).expect("short")], oid.as_slice()].concat();
        let more = Extension { oid: vec![0x55, 0x1d, 0x25], critical: false, value };
        with(Signer { more: vec![more], ..Signer::default() })
    };
    let code = purpose(&[0x2b, 6, 1, 5, 5, 7, 3, 3]);
    let what = "sign endorsements (extKeyUsage)";
    assert_eq!(refusal(&code, &ark, TIME), Refusal::Usage { which, what });
    assert!(judge(&purpose(&[0x2b, 6, 1, 5, 5, 7, 3, 1]), &ark, TIME).is_ok());
    assert!(judge(&purpose(&[0x55, 0x1d, 0x25, 0]), &ark, TIME).is_ok());
}

#[test]
fn a_firmware_without_provenance_is_refused_from_the_day_on_which_google_s_have_it() {
    let signed = file("gce-no-provenance.binarypb");
    let refused = Refusal::NoProvenance { signed: TIMESTAMP };
    assert_eq!(refusal(&signed, &file("gce-root.crt"), TIME), refused);
    let ark = root(Authority::Ark);
    let at = |seconds: u64, nanos: u64, more: &[Vec<u8>]| {
        made(|golden| {
            golden.fields[0] = bytes(1, &[number(1, seconds), number(2, nanos)].concat());
            golden.fields[1] = more.concat();
        })
    };
    // 2024-08-02T00:00:00Z itself is not after it.
    assert!(judge(&at(1_722_556_800, 0, &[]), &ark, TIME).is_ok());
    assert!(judge(&at(1_722_556_800, 1, &[]), &ark, TIME).is_err());
    assert!(judge(&at(1_722_556_801, 0, &[]), &ark, TIME).is_err());
    assert!(judge(&at(1_722_556_801, 0, &[number(2, 0)]), &ark, TIME).is_err());
    assert!(judge(&at(1_722_556_801, 0, &[number(2, 7)]), &ark, TIME).is_ok());
    assert!(judge(&at(1_722_556_801, 0, &[bytes(3, &[0xab; 20])]), &ark, TIME).is_ok());
}

#[test]
fn attack_what_two_readers_could_read_differently_is_refused_with_its_place() {
    let cases: Vec<(&str, Change)> = vec![
        (
            "a second measurement for 2 VMSAs",
            Box::new(|g| g.snp.insert(3, measurement(2, &digest(3)))),
        ),
        ("a second measurement for 4 VMSAs", Box::new(|g| g.snp.push(measurement(4, &digest(4))))),
        ("VMSevSnp.policy at byte ", Box::new(|g| g.snp.push(number(5, POLICY)))),
        ("VMSevSnp.svn at byte ", Box::new(|g| g.snp.push(number(1, 9)))),
        ("VMSevSnp.svn at byte ", Box::new(|g| g.snp[0] = number(1, 1 << 32))),
        ("VMSevSnp: field 8 at byte ", Box::new(|g| g.snp.push(number(8, 1)))),
        ("VMSevSnp.svsm_measurement at byte ", Box::new(|g| g.snp.push(bytes(7, &digest(9))))),
        ("it names keys that sign ID blocks", Box::new(|g| g.snp.push(bytes(6, b"PEM")))),
        (
            "VMSevSnp.measurements.value at byte ",
            Box::new(|g| g.snp.push(measurement(8, &[8; 47]))),
        ),
        (
            "VMSevSnp.measurements.value at byte ",
            Box::new(|g| g.snp.push(measurement(8, &[8; 49]))),
        ),
        ("0, wanted 1 or more VMSAs", Box::new(|g| g.snp.push(measurement(0, &digest(8))))),
        (
            "VMSevSnp.measurements.key is missing",
            Box::new(|g| g.snp.push(bytes(2, &bytes(2, &digest(8))))),
        ),
        (
            "VMSevSnp.measurements.value is missing",
            Box::new(|g| g.snp.push(bytes(2, &number(1, 8)))),
        ),
        (
            "VMSevSnp.measurements: field 3 at byte ",
            Box::new(|g| {
                g.snp.push(bytes(2, &[number(1, 8), bytes(2, &digest(8)), number(3, 1)].concat()));
            }),
        ),
        ("VMSevSnp.family_id at byte ", Box::new(|g| g.snp[4] = bytes(3, &[1; 15]))),
        ("VMSevSnp.image_id at byte ", Box::new(|g| g.snp[5] = bytes(4, &[1; 17]))),
        (
            "VMSevSnp.policy is missing",
            Box::new(|g| {
                g.snp.remove(6);
            }),
        ),
        ("it endorses no launch of SEV-SNP", Box::new(|g| g.snp = vec![number(5, POLICY)])),
        ("VMGoldenMeasurement: field 9 at byte ", Box::new(|g| g.fields.push(number(9, 1)))),
        ("VMGoldenMeasurement.digest at byte ", Box::new(|g| g.fields[2] = bytes(5, &[1; 32]))),
        ("VMGoldenMeasurement.digest at byte ", Box::new(|g| g.fields.push(bytes(5, &[1; 48])))),
        (
            "VMGoldenMeasurement.cert at byte ",
            Box::new(|g| g.fields.push(bytes(4, &Signer::default().certificate()))),
        ),
        (
            "VMGoldenMeasurement.digest is missing",
            Box::new(|g| {
                g.fields.remove(2);
            }),
        ),
        (
            "VMGoldenMeasurement.timestamp is missing",
            Box::new(|g| {
                g.fields.remove(0);
            }),
        ),
        ("Timestamp.seconds at byte ", Box::new(|g| g.fields[0] = bytes(1, &number(1, u64::MAX)))),
        (
            "Timestamp.nanos at byte ",
            Box::new(|g| {
                g.fields[0] = bytes(1, &[number(1, 1), number(2, 1_000_000_000)].concat());
            }),
        ),
        ("VMGoldenMeasurement.commit at byte ", Box::new(|g| g.fields.push(bytes(3, &[1; 65])))),
        ("the signer's certificate: ", Box::new(|g| g.signer = b"no certificate".to_vec())),
        (
            "VMGoldenMeasurement.sev_snp at byte ",
            Box::new(|g| g.fields.push(bytes(7, &g.snp.concat()))),
        ),
    ];
    for (wanted, change) in cases {
        let error = judge(&made(change), &root(Authority::Ark), TIME).expect_err(wanted);
        assert!(error.contains(wanted), "{error}, wanted {wanted}");
    }
    // In the envelope, which is not signed.
    let golden = golden().to_bytes();
    let good = sign(&golden);
    for (wanted, more) in [
        ("VMLaunchEndorsement: field 3 at byte ", number(3, 1)),
        ("VMLaunchEndorsement.signature at byte ", bytes(2, &[1; 256])),
        ("VMLaunchEndorsement.serialized_uefi_golden at byte ", bytes(1, &golden)),
    ] {
        let error =
            judge(&[good.clone(), more].concat(), &root(Authority::Ark), TIME).expect_err(wanted);
        assert!(error.contains(wanted), "{error}, wanted {wanted}");
    }
    let many: Vec<Vec<u8>> = (10..1100).map(|count| measurement(count, &[])).collect();
    let error = judge(&made(|golden| golden.snp.extend(many)), &root(Authority::Ark), TIME);
    assert!(error.is_err());
}

#[test]
fn what_google_writes_and_nothing_follows_from_is_taken() {
    // ca_bundle, which its own signer fills [gce-tcb-verifier, endorse.SignDoc], and tdx.
    let taken = made(|golden| golden.fields.extend([bytes(6, b"PEM"), bytes(8, &number(1, 1))]));
    let verified = judge(&taken, &root(Authority::Ark), TIME).expect("verified");
    let Statement::Google(golden) = verified.statement() else { panic!("Google's") };
    assert!(golden.has_tdx);
}

#[test]
fn an_endorsement_of_a_utility_vm_of_another_program_s_endorses_the_report() {
    let verified = judge(&file("uvm.cose"), &file("uvm-root.crt"), TIME).expect("verified");
    assert_eq!(verified.kind(), Kind::AzureUvm);
    let Statement::AzureUvm(uvm) = verified.statement() else { panic!("Azure's") };
    assert_eq!(
        (uvm.issuer.as_str(), uvm.feed.as_str(), uvm.guest_svn),
        (ISSUER, "Made-Up-UVM", 101)
    );
    assert!(verified.endorses(EndorsedLaunch::NotSaid, &reported()));
    assert_eq!(verified.policy(), None);
    assert!(
        verified
            .references(ExpectedLaunch::Any, "file")
            .expect("one")
            .lookup(&reported())
            .is_some()
    );
    let unsaid = NotEndorsed::NumberNotSaid { kind: Kind::AzureUvm };
    assert_eq!(verified.references(ExpectedLaunch::Vmsas(1), "file"), Err(unsaid));
}

#[test]
fn attack_another_issuer_feed_or_older_version_of_a_utility_vm_is_refused() {
    let root = Root::parse(&file("uvm-root.crt")).expect("a root");
    let judge = |name: &str, uvm: Option<UvmRequirements<'_>>| {
        let read = UnverifiedEndorsement::parse(&file(name)).expect("an endorsement");
        read.verify(&VerifyOptions { root: &root, time: TIME, uvm }).map(|_| ())
    };
    assert_eq!(judge("uvm.cose", Some(UVM)), Ok(()));
    // The root alone would accept whatever else is signed under it.
    assert_eq!(judge("uvm.cose", None), Err(Refusal::IssuerNotDemanded));
    assert_eq!(judge("uvm-other-did.cose", Some(UVM)), Err(Refusal::IssuerNotInChain));
    let issuer = ISSUER.replace("59.1.2", "59.1.3");
    for other in
        [UvmRequirements { issuer: &issuer, ..UVM }, UvmRequirements { feed: "Made-Up", ..UVM }]
    {
        assert!(matches!(judge("uvm.cose", Some(other)), Err(Refusal::Other { .. })), "{other:?}");
    }
    for (guest_svn, holds) in [
        (Requirement::AtLeast(100), true),
        (Requirement::Exactly(101), true),
        (Requirement::AtLeast(102), false),
        (Requirement::Any, true),
    ] {
        let verdict = judge("uvm.cose", Some(UvmRequirements { guest_svn, ..UVM }));
        assert_eq!(verdict.is_ok(), holds, "{guest_svn}");
    }
}

// With `SEV_LAUNCH_VECTORS`: every endorsement there, and what its README expects.
#[test]
fn the_vectors_are_answered_as_expected() {
    let Some(folder) = vectors::vectors_folder() else {
        eprintln!("SKIPPED: SEV_LAUNCH_VECTORS is not set");
        return;
    };
    let read =
        |name: &str| std::fs::read(folder.join("envelopes/endorsement").join(name)).expect(name);
    for (name, root, wanted) in [
        ("gce.binarypb", "gce-root.crt", Ok(true)),
        ("gce-not-listed.binarypb", "gce-root.crt", Ok(false)),
        ("gce-svsm-only.binarypb", "gce-root.crt", Ok(true)),
        ("gce-bad-signature.binarypb", "gce-root.crt", Err("not signed by the certificate")),
        (
            "gce-no-provenance.binarypb",
            "gce-root.crt",
            Err("neither the changelist nor the commit"),
        ),
        ("uvm.cose", "uvm-root.crt", Ok(true)),
        ("uvm-other-did.cose", "uvm-root.crt", Err("fingerprint that the issuer names")),
        ("uvm-not-listed.cose", "uvm-root.crt", Ok(false)),
    ] {
        let verdict = judge(&read(name), &read(root), TIME);
        match (verdict, wanted) {
            (Ok(verified), Ok(endorses)) => {
                let references = verified.references(ExpectedLaunch::Any, name).expect(name);
                assert_eq!(references.lookup(&reported()).is_some(), endorses, "{name}");
            }
            (Err(error), Err(wanted)) => assert!(error.contains(wanted), "{name}: {error}"),
            (verdict, _) => panic!("{name}: {verdict:?}"),
        }
        // Ours are the vectors.
        if testdata_folder().join("endorsement").join(name).exists() {
            assert_eq!(file(name), read(name), "{name}");
        }
    }
}
