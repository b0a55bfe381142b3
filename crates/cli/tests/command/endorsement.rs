//! Launch endorsements: from a file to a verdict, and to rows of a manifest that are proven again.
//!
//! `gce*` and `uvm*` are another program's (`testdata/README.md`), `made-up*` the test kit's; what is expected of the first is the
//! table of their origin.

use std::path::PathBuf;

use serde_json::Value;
use sev_launch_testkit::endorsement::{Golden, POLICY, root};
use sev_launch_testkit::report::{Authority, Vek};
use sev_launch_testkit::{testdata_folder, vectors};

use super::harness::{Folder, Outcome, Run};

const ISSUER: &str =
    "did:x509:0:sha256:CmmXQ9WW9ih_Iuft8eOUueM-aTEYm7C1MLireett-ec::eku:1.3.6.1.4.1.311.76.59.1.2";

fn ours(name: &str) -> PathBuf {
    testdata_folder().join("endorsement").join(name)
}

fn chip() -> Vec<PathBuf> {
    let snp = |name: &str| testdata_folder().join("snp").join(name);
    [
        "--vek".into(),
        snp("vcek.der"),
        "--chain".into(),
        snp("ask.der"),
        "--root".into(),
        snp("ark.der"),
    ]
    .into()
}

/// The verdict on `testdata/snp/report.bin`, which has the policy 0x30000.
fn verify(endorsement: PathBuf, root: PathBuf, flags: &str) -> Outcome {
    let report = testdata_folder().join("snp/report.bin");
    Run::new(["verify", "--report"])
        .with([report])
        .with(chip())
        .with([PathBuf::from("--endorsement"), endorsement, "--endorsement-root".into(), root])
        .with(flags.split_ascii_whitespace())
        .go()
}

/// A command line in a folder.
fn run(folder: &Folder, line: &str) -> Run {
    Run::new(line.split_ascii_whitespace()).in_folder(folder.path())
}

fn text(folder: &Folder, name: &str) -> String {
    String::from_utf8(folder.read(name)).expect("text")
}

#[track_caller]
fn no(outcome: &Outcome, wanted: &str) {
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains(wanted), "{}", outcome.stdout);
}

#[track_caller]
fn undecided(outcome: &Outcome, code: i32, wanted: &str) {
    assert_eq!(outcome.code, Some(code), "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains(wanted), "{}", outcome.stderr);
}

#[test]
fn an_endorsement_s_digests_are_accepted_and_the_number_of_vmsas_is_told() {
    let made = || (ours("made-up.binarypb"), ours("made-up-root.der"));
    let verify_made = |flags: &str| verify(made().0, made().1, flags);
    let outcome = verify_made("");
    let answer = outcome.answer();
    assert!(answer.contains("(google-launch-endorsement, 4 VMSAs)"), "{answer}");
    assert!(
        answer.contains("launch endorsement            yes: google-launch-endorsement under root "),
        "{answer}"
    );
    assert!(
        outcome.stderr.contains("the host chooses how many VMSAs there are"),
        "{}",
        outcome.stderr
    );
    verify_made("--vcpus 4 --policy 0x30000").answer();
    let json: Value = serde_json::from_str(verify_made("--json").answer()).expect("JSON");
    assert_eq!(json["stands_for"]["vcpus"], 4);
    assert_eq!(json["checks"][0]["check"], "launch endorsement");
    // For another number, of one that is listed and of one that is not.
    no(&verify_made("--vcpus 2"), "not as demanded: MEASUREMENT");
    undecided(&verify_made("--vcpus 3"), 2, "endorses no launch with 3 VMSAs: it lists 1, 2, 4");
    undecided(&verify_made("--vcpus 1,4"), 2, "is one number");
    // A demand is only ever added.
    undecided(
        &verify_made("--policy 0x20000"),
        2,
        "policy 0x30000, and policy 0x20000 is demanded",
    );
    no(&verify_made("--vmpl 1"), "VMPL");
    // Nothing else says which digests are expected.
    undecided(
        &verify_made(&format!("--launch-digest {}", "00".repeat(48))),
        2,
        "cannot be used with",
    );
    undecided(&verify_made("--kernel-hashes off"), 2, "beside --endorsement");
}

#[test]
fn google_s_policy_is_demanded_and_lets_a_migration_agent_in() {
    let gce = |flags: &str| verify(ours("gce.binarypb"), ours("gce-root.crt"), flags);
    undecided(&gce(""), 3, "--allow-migration-agent");
    no(&gce("--allow-migration-agent"), "not as demanded: POLICY");
    undecided(&gce("--policy 0x30000"), 2, "policy 0x70000, and policy 0x30000 is demanded");
    assert!(gce("--policy 0x30000 --allow-other-policy").answer().contains("4 VMSAs"));

    // A report as Google's hosts give: its policy is the endorsement's.
    let folder = Folder::new();
    let vek = Vek::vcek("Milan");
    let report = vek.report(3, |report| {
        report[8..16].copy_from_slice(&POLICY.to_le_bytes());
        report[0x90..0xc0].fill(0x44);
    });
    folder.file("report.bin", report);
    folder.file("endorsement", Golden::new(POLICY, &[(4, [0x44; 48])]).endorsement());
    folder.file("root.der", root(Authority::Ark));
    let judge = |flags: &str| {
        let verify =
            "verify --report report.bin --endorsement endorsement --endorsement-root root.der";
        run(&folder, &format!("{verify} {flags}")).with(chip()).go()
    };
    undecided(&judge(""), 3, "--allow-migration-agent");
    judge("--allow-migration-agent --vcpus 4").answer();
}

#[test]
fn attack_an_endorsement_that_is_not_signed_under_the_root_given_is_a_no() {
    let made = ours("made-up.binarypb");
    no(&verify(made.clone(), ours("gce-root.crt"), ""), "is not to be believed");
    no(
        &verify(made.clone(), ours("made-up-root.der"), "--time 1600000000"),
        "is not valid at 2020-09-13",
    );
    no(
        &verify(ours("gce-no-provenance.binarypb"), ours("gce-root.crt"), ""),
        "neither the changelist nor the commit",
    );
    let json = verify(made.clone(), ours("gce-root.crt"), "--json");
    let json: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((&json["answer"], &json["checks"][0]["answer"]), (&"no".into(), &"no".into()));
    // One bit, in the message and in the signature.
    let folder = Folder::new();
    let good = std::fs::read(&made).expect("a file");
    for at in [100, good.len() - 1] {
        let mut changed = good.clone();
        changed[at] ^= 1;
        folder.file("changed", changed);
        let outcome = verify(folder.join("changed"), ours("made-up-root.der"), "");
        assert!(matches!(outcome.code, Some(1 | 2)), "{at}: {}", outcome.stdout);
    }
    // No root, and what is none.
    let report = testdata_folder().join("snp/report.bin");
    let without = Run::new(["verify", "--report"]).with([report]).with(chip());
    undecided(&without.with(["--endorsement".into(), made.clone()]).go(), 2, "none is built in");
    undecided(&verify(made.clone(), made, ""), 2, "not the DER of one X.509 certificate");
    undecided(
        &verify(ours("gce-root.crt"), ours("gce-root.crt"), ""),
        2,
        "no launch endorsement beside them",
    );
}

#[test]
fn an_endorsement_of_a_utility_vm_is_believed_of_the_issuer_and_feed_that_are_demanded() {
    let uvm = |name: &str, flags: &str| verify(ours(name), ours("uvm-root.crt"), flags);
    let of = |feed: &str| format!("--endorsement-issuer {ISSUER} --endorsement-feed {feed}");
    undecided(&uvm("uvm.cose", ""), 2, "--endorsement-issuer DID --endorsement-feed TEXT");
    assert!(uvm("uvm.cose", &of("Made-Up-UVM")).answer().contains("azure-uvm-endorsement"));
    uvm("uvm.cose", &(of("Made-Up-UVM") + " --endorsement-min-svn 101")).answer();
    no(&uvm("uvm.cose", &(of("Made-Up-UVM") + " --endorsement-min-svn 102")), "guest SVN is 101");
    no(&uvm("uvm.cose", &of("Other-UVM")), "the feed is \"Made-Up-UVM\"");
    no(&uvm("uvm-other-did.cose", &of("Made-Up-UVM")), "fingerprint that the issuer names");
    undecided(
        &uvm("uvm.cose", &(of("Made-Up-UVM") + " --vcpus 1")),
        2,
        "does not say for how many VMSAs",
    );
}

/// The manifest of the made-up endorsement.
fn endorsed(folder: &Folder) -> Value {
    let endorsement = [PathBuf::from("--endorsement"), ours("made-up.binarypb")];
    let root = [PathBuf::from("--endorsement-root"), ours("made-up-root.der")];
    run(folder, "manifest add m.json").with(endorsement).with(root).go().answer();
    serde_json::from_str(&text(folder, "m.json")).expect("JSON")
}

#[test]
fn attack_a_guest_without_an_svsm_is_none_under_one() {
    let made = |flags: &str| verify(ours("made-up.binarypb"), ours("made-up-root.der"), flags);
    // The report is of 4 VMSAs.
    assert_eq!(made("--mode snp").code, Some(0));
    assert_eq!(made("--mode snp:svsm").code, Some(1));
    undecided(&made("--mode snp:svsm --vcpus 4"), 2, "no number of vCPUs");
    let only_svsm = verify(ours("gce-svsm-only.binarypb"), ours("gce-root.crt"), "--mode snp");
    undecided(&only_svsm, 2, "no launch but that under an SVSM");
    let known = Run::new(["verify", "--report"])
        .with([testdata_folder().join("snp/report.bin")])
        .with(chip())
        .with(["--launch-digest", &"0".repeat(96), "--mode", "snp:svsm"]);
    undecided(&known.go(), 2, "leave it out");
}

#[test]
fn attack_a_proven_row_has_no_facts_that_nothing_proves() {
    let folder = Folder::new();
    let manifest = endorsed(&folder);
    for (key, value) in [
        ("profile", Value::from("snp-qemu")),
        ("kernel_hashes", Value::from(false)),
        ("sev_features", Value::from("0x29")),
        ("signature", Value::from("0x00a00f11")),
    ] {
        let mut forged = manifest.clone();
        forged["rows"][0][key] = value;
        folder.file("forged.json", forged.to_string());
        run(&folder, "manifest show forged.json").go().refused_with(&["nothing else of its row"]);
    }
}

#[test]
fn endorsements_that_are_kept_are_compared_and_go_where_their_rows_go() {
    let folder = Folder::new();
    let mut manifest = endorsed(&folder);
    let root = [PathBuf::from("--endorsement-root"), ours("made-up-root.der")];
    for form in ["in-toto", "config-map"] {
        let published = run(&folder, &format!("manifest publish m.json --to {form}"));
        assert!(published.with(root.clone()).go().answer().contains("endorsed"), "{form}");
    }
    manifest["endorsements"][0]["root_sha256"] = "0".repeat(64).into();
    folder.file("other.json", manifest.to_string());
    let outcome = run(&folder, "manifest diff m.json other.json").go();
    no(&outcome, "endorsements: google-launch-endorsement");
}

#[test]
fn attack_rows_of_an_endorsement_are_accepted_only_where_it_is_proven_again() {
    let folder = Folder::new();
    let root = |name: &str| [PathBuf::from("--endorsement-root"), ours(name)];
    let add = |name: &str| {
        let endorsement = [PathBuf::from("--endorsement"), ours("made-up.binarypb")];
        run(&folder, "manifest add m.json").with(endorsement).with(root(name)).go()
    };
    no(&add("gce-root.crt"), "nothing was added");
    assert!(!folder.join("m.json").exists());
    let outcome = add("made-up-root.der");
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let show = run(&folder, "manifest show m.json").go();
    assert!(show.answer().contains("endorsed in 0 (SVSM)"), "{}", show.stdout);

    let check = || run(&folder, "manifest check m.json");
    undecided(&check().go(), 2, "--endorsement-root CERT");
    let proven = check().with(root("made-up-root.der")).go();
    assert_eq!(
        proven.line(),
        "guest is current: 0 rows are the same, 4 rows proven by endorsements"
    );
    no(&check().with(root("gce-root.crt")).go(), "4 rows not proven");
    let json = check().with(["--json"]).with(root("made-up-root.der")).go();
    let json: Value = serde_json::from_str(json.answer()).expect("JSON");
    assert_eq!((&json["same"], json["proven"].as_array().map(Vec::len)), (&true.into(), Some(4)));

    let verify = |manifest: &str, flags: &[PathBuf]| {
        let report = testdata_folder().join("snp/report.bin");
        let run = run(&folder, &format!("verify --manifest {manifest} --report")).with([report]);
        run.with(chip()).with(flags).go()
    };
    let by_root = root("made-up-root.der");
    let yes = verify("m.json", &by_root);
    assert!(yes.answer().contains("row 2 of m.json (endorsed, 4 vCPUs)"), "{}", yes.stdout);
    // Without the root, and with every flag that accepts what is not computed.
    let flags =
        ["--accept-endorsed", "--accept-observed", "--accept-unverified"].map(PathBuf::from);
    for flags in [&[][..], &flags] {
        let outcome = verify("m.json", flags);
        no(&outcome, "MEASUREMENT");
        assert!(
            outcome.stderr.contains("4 rows are of an endorsement that is kept and not proven"),
            "{}",
            outcome.stderr
        );
    }
    let other = verify("m.json", &root("gce-root.crt"));
    no(&other, "MEASUREMENT");
    assert!(
        other.stderr.contains("the row was added under the root with SHA-256"),
        "{}",
        other.stderr
    );
    // The digest of one number under another.
    let stored = text(&folder, "m.json");
    folder.file("moved.json", stored.replace("\"vcpus\": 4", "\"vcpus\": 8"));
    let moved = verify("moved.json", &by_root);
    no(&moved, "MEASUREMENT");
    assert!(
        moved.stderr.contains("does not endorse this digest for a launch with 8 VMSAs"),
        "{}",
        moved.stderr
    );
    // What is published is what is proven.
    let publish =
        |flags: &[PathBuf]| run(&folder, "manifest publish m.json --to trustee").with(flags).go();
    assert_eq!(publish(&[]).code, Some(1));
    assert!(publish(&by_root).answer().contains("094545c7079dd4c9"));
}

// The digests are the command's own, since here it is compared with what it computes: that they are right is tested elsewhere.
#[test]
fn an_endorsed_digest_that_is_not_the_computed_one_is_told() {
    let folder = Folder::new();
    let firmware = std::fs::read(testdata_folder().join("firmware/amdsev.fd")).expect("a file");
    folder.file("OVMF.fd", firmware);
    let guest = "--mode snp --firmware OVMF.fd --profile snp-gce --vcpus 1,2";
    let build = run(&folder, &format!("manifest build {guest} -o m.json")).go();
    assert_eq!(build.code, Some(0), "{}", build.stderr);
    let stored: Value = serde_json::from_str(&text(&folder, "m.json")).expect("JSON");
    let digest = |row: usize| -> [u8; 48] {
        let text = stored["rows"][row]["digest"].as_str().expect("a digest");
        hex::decode(text).expect("hex").try_into().expect("48 bytes")
    };
    folder.file("root.der", root(Authority::Ark));
    let endorse = |name: &str, measurements: &[(u32, [u8; 48])]| {
        folder.file(name, Golden::new(POLICY, measurements).endorsement());
    };
    endorse("same", &[(1, digest(0)), (2, digest(1)), (4, [4; 48])]);
    endorse("other", &[(1, digest(0)), (2, digest(0))]);
    let add = |manifest: &str, endorsement: &str, flags: &str| {
        let add = format!(
            "manifest add {manifest} --endorsement {endorsement} --endorsement-root root.der {flags}"
        );
        run(&folder, &add).go()
    };
    // Without the policy that the endorsement demands there is nothing to hold it against.
    undecided(
        &add("m.json", "same", "-o a.json"),
        2,
        "demands the guest policy 0x70000, and the manifest says none",
    );
    let described = text(&folder, "m.json").replace(
        "\"technology\": \"snp\",\n  \"description\": {",
        "\"technology\": \"snp\",\n  \"policy\": \"0x70000\",\n  \"description\": {\n    \"policy\": \"0x70000\",",
    );
    assert!(described.contains("0x70000"), "{described}");
    folder.file("p.json", described);
    let outcome = add("p.json", "same", "-o same.json");
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let check =
        |name: &str, flags: &str| run(&folder, &format!("manifest check {name} {flags}")).go();
    let same = check("same.json", "--endorsement-root root.der");
    assert_eq!(same.line(), "guest is current: 2 rows are the same, 3 rows proven by endorsements");
    let unchecked = check("same.json", "");
    assert!(
        unchecked
            .answer()
            .contains("endorsed in endorsement 0, not verified again, and not computed"),
        "{}",
        unchecked.stdout
    );
    no(&add("p.json", "other", ""), "contradicts what was computed");
    let outcome = add("p.json", "other", "--allow-contradiction -o other.json");
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    no(
        &check("other.json", "--endorsement-root root.der"),
        "does not give the endorsed digest for 2 VMSAs",
    );
}

// With `SEV_LAUNCH_VECTORS`: the forms in which an endorsement comes.
#[test]
fn an_endorsement_is_read_in_every_form_that_the_vectors_have() {
    let Some(folder) = vectors::vectors_folder() else {
        eprintln!("SKIPPED: SEV_LAUNCH_VECTORS is not set");
        return;
    };
    let file = |name: &str| folder.join("envelopes/endorsement").join(name);
    let policy = "--policy 0x30000 --allow-other-policy";
    let uvm = format!("--endorsement-issuer {ISSUER} --endorsement-feed Made-Up-UVM");
    for (name, root, flags, code) in [
        ("gce.binarypb", "gce-root.crt", policy, 0),
        ("table-with-gce.bin", "gce-root.crt", policy, 0),
        ("gce-not-listed.binarypb", "gce-root.crt", policy, 1),
        ("gce-svsm-only.binarypb", "gce-root.crt", policy, 0),
        ("gce-bad-signature.binarypb", "gce-root.crt", policy, 1),
        ("gce-no-provenance.binarypb", "gce-root.crt", policy, 1),
        ("uvm.cose", "uvm-root.crt", &uvm, 0),
        ("reference-info-base64", "uvm-root.crt", &uvm, 0),
        ("uvm-other-did.cose", "uvm-root.crt", &uvm, 1),
        ("uvm-not-listed.cose", "uvm-root.crt", &uvm, 1),
    ] {
        let outcome = verify(file(name), file(root), flags);
        assert_eq!(outcome.code, Some(code), "{name}: {}{}", outcome.stdout, outcome.stderr);
    }
}
