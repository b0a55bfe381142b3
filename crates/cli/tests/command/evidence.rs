//! Evidence as people have it: every sample of an envelope by the command itself, `-v`, and `--reported` of `explain`.
//!
//! The samples are no part of the repository: they are judged where `SEV_LAUNCH_VECTORS` names the folder that has them in `envelopes`.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::guest::MILAN;
use super::harness::{Folder, Outcome, Run};
use super::json::{check, document, schema};
use super::report::{LAB, guest_and_report};

/// A sample and what its README says of it.
struct Sample {
    file: String,
    expected: String,
}

fn samples() -> Option<(PathBuf, Vec<Sample>)> {
    let Some(folder) = std::env::var_os("SEV_LAUNCH_VECTORS") else {
        eprintln!("SKIPPED: SEV_LAUNCH_VECTORS is not set, so no sample of evidence was read");
        return None;
    };
    let folder = PathBuf::from(folder).join("envelopes");
    let readme = fs::read_to_string(folder.join("README.md")).expect("the samples' README");
    let mut samples = Vec::new();
    for line in readme.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, file, _, _, expected, _] = cells.as_slice()
            && file.contains('/')
        {
            let file = file.trim_matches('`').to_owned();
            samples.push(Sample { file, expected: (*expected).to_owned() });
        }
    }
    assert!(samples.len() > 100, "the README has another form");
    Some((folder, samples))
}

fn run(folder: &Path, words: &[&str]) -> Outcome {
    Run::new(words).in_folder(folder).go()
}

/// The report that a sample holds, by its mark: the chain that signed it, in the samples or in the repository.
fn chain(mark: &str) -> [String; 3] {
    let snp = sev_launch_testkit::testdata_folder().join("snp");
    let of = |name: &str| match mark {
        "A" => snp.join(name).to_str().expect("a path in UTF-8").to_owned(),
        _ => format!("azure/{name}"),
    };
    ["vcek.der", "ask.der", "ark.der"].map(of)
}

#[test]
fn every_sample_of_a_report_is_verified_as_it_is() {
    let Some((folder, samples)) = samples() else { return };
    let mut verified = 0;
    for Sample { file, expected } in &samples {
        let is_of_others = file.starts_with("endorsement/") || file.starts_with("sev/");
        let Some(mark) =
            ["A", "B", "C"].into_iter().find(|mark| expected.ends_with(&format!("({mark})")))
        else {
            continue;
        };
        if is_of_others || !expected.starts_with("read") {
            continue;
        }
        let [vek, ask, ark] = chain(mark);
        let words = ["report", "verify", file, "--vek", &vek, "--chain", &ask, "--root", &ark];
        let outcome =
            run(&folder, &[&words[..], &["--json", "--time", "2026-11-28T00:00:00Z"]].concat());
        assert_eq!(outcome.code, Some(0), "{file}: {}{}", outcome.stdout, outcome.stderr);
        let found = document(&outcome);
        check(&schema("report"), &found);
        let is_bare = file == "text/report.bin" || file == "tsm/outblob";
        assert_eq!(found["unwrapped"] == json!([]), is_bare, "{file}: {}", found["unwrapped"]);
        let is_bound = found["unwrapped"].to_string().contains("bound by SHA-256");
        let is_hcl = file.contains("hcl");
        assert!(
            !is_hcl || is_bound == expected.contains("bound"),
            "{file}: {}",
            found["unwrapped"]
        );
        verified += 1;
    }
    assert!(verified >= 40, "{verified}");
}

#[test]
fn every_sample_that_must_be_refused_is_refused_with_a_reason() {
    let Some((folder, samples)) = samples() else { return };
    let mut refused = 0;
    for Sample { file, expected } in &samples {
        let is_of_others = file.starts_with("endorsement/") || file.starts_with("sev/");
        if is_of_others || !expected.starts_with("refuse") || file.starts_with("pem/") {
            continue;
        }
        let outcome = if file.starts_with("table/") {
            let [vek, ask, ark] = chain("A");
            let report = "text/report.bin";
            let table =
                ["report", "verify", report, "--vek", &vek, "--chain", &ask, "--root", &ark];
            run(&folder, &[&table[..], &["--certificates", file]].concat())
        } else if expected == "refuse: signature" {
            let [vek, ask, ark] = chain("A");
            let words = ["report", "verify", file, "--vek", &vek, "--chain", &ask, "--root", &ark];
            let outcome = run(&folder, &words);
            assert_eq!(outcome.code, Some(1), "{file}");
            assert!(outcome.stdout.starts_with("no: the report "), "{file}");
            refused += 1;
            continue;
        } else {
            run(&folder, &["report", "show", file])
        };
        outcome.refused_with(&[file]);
        refused += 1;
    }
    assert!(refused >= 15, "{refused}");
}

#[test]
fn a_report_from_standard_input_and_from_the_flag_itself() {
    let guest = guest_and_report(1);
    let digest = guest.snp(None, MILAN, 1);
    let report = guest.folder.read("report");
    let text = STANDARD.encode(&report);
    let flags = format!("{LAB} --launch-digest {digest}");
    let piped = guest.run(&format!("verify --report - {flags}")).stdin(text.clone()).go();
    assert!(
        piped.answer().contains("  taken out of                  base64\n"),
        "{}",
        piped.stdout
    );
    let typed = guest.run(&format!("verify --report {text} {flags}")).go();
    assert_eq!(typed.answer(), piped.answer());
    let cut = guest.run(&format!("verify --report {} {flags}", &text[..1000])).go();
    cut.refused_with(&["the value of the flag"]);
}

#[test]
fn verbose_says_of_each_file_what_was_in_it() {
    let guest = guest_and_report(1);
    let report = guest.folder.read("report");
    let chain = guest.folder.read("ask.der");
    let bundle = json!({
        "evidence": STANDARD.encode(&report),
        "vcekCert": STANDARD.encode(guest.folder.read("vek.der")),
        "chain": [STANDARD.encode(chain)],
    });
    guest.file("bundle.json", bundle.to_string());
    let flags = "bundle.json --root ark.der --time 2026-01-01T00:00:00Z";
    let outcome = guest.run(&format!("report verify {flags} -v")).go();
    outcome.answer();
    assert_eq!(
        outcome.notes(),
        [
            "bundle.json: an attestation report and 2 certificates, taken out of JSON, then base64",
            "ark.der: 1 certificate, with nothing around it",
        ]
    );
    assert_eq!(guest.run(&format!("report verify {flags}")).go().notes(), Vec::<&str>::new());
    // It belongs to a report, and is no more than a note.
    guest.run("verify -v --policy 1 --tik x").go().refused_with(&["--report"]);
    guest.run(&format!("verify --report {flags} -v -q")).go().refused_with(&["--quiet"]);
}

#[test]
fn what_was_reported_is_a_digest_or_a_report_wherever_it_is() {
    let guest = guest_and_report(3);
    let digest = guest.snp(None, MILAN, 3);
    let report = guest.folder.read("report");
    let spaced: String = digest
        .as_bytes()
        .chunks(2)
        .map(|pair| format!("{} ", str::from_utf8(pair).expect("ASCII")))
        .collect();
    guest.file("digest.txt", format!("{spaced}\n"));
    guest.file("digest.bin", hex::decode(&digest).expect("hex"));
    guest.file("report.b64", STANDARD.encode(&report));
    let flags = "--mode snp --firmware OVMF.fd --vcpu-type EPYC-Milan --vcpus 2";
    let explain = |value: &str| guest.run(&format!("explain {flags} --reported")).with([value]);
    for value in [&*digest, &spaced, "digest.txt", "digest.bin", "report", "report.b64"] {
        let outcome = explain(value).go();
        assert!(outcome.answer().contains("vcpus = 3"), "{value}: {}", outcome.stdout);
        let is_report = value.starts_with("report");
        assert_eq!(outcome.stderr.contains("its signature is not looked at"), is_report, "{value}");
    }
    let piped = explain("-").stdin(STANDARD.encode(&report)).go();
    assert!(piped.answer().contains("vcpus = 3"), "{}", piped.stdout);
    assert!(piped.stderr.contains("standard input: an attestation report, taken out of base64"));
    let typed = explain(&STANDARD.encode(&report)).go();
    assert!(typed.answer().contains("vcpus = 3"), "{}", typed.stdout);

    // Two readings are a question.
    guest.file(&digest, &report);
    explain(&digest).go().refused_with(&["a file has that name too", "./"]);
    assert!(explain(&format!("./{digest}")).go().answer().contains("vcpus = 3"));
    // What is neither, in the words of both.
    for (value, says) in [
        (&digest[2..], "no launch digest of snp"),
        ("missing.bin", "no file has that name"),
        ("OVMF.fd", "OVMF.fd: "),
        ("vek.der", "one certificate and no attestation report"),
    ] {
        explain(value).go().refused_with(&[says]);
    }
    let sev = guest.run("explain --mode sev --firmware OVMF.fd --reported report").go();
    sev.refused_with(&["an attestation report is of an SNP guest"]);
}

#[test]
fn two_reports_in_one_file_are_a_question_to_every_command() {
    let guest = guest_and_report(1);
    let report = guest.folder.read("report");
    let mut other = report.clone();
    other[0x90] ^= 1;
    let both = json!([STANDARD.encode(&report), STANDARD.encode(&other)]);
    guest.file("both.json", both.to_string());
    let zeros = "00".repeat(48);
    for command in [
        format!("report verify both.json {LAB}"),
        format!("verify --report both.json {LAB} --launch-digest {zeros}"),
        "report show both.json".to_owned(),
        "explain --mode snp --firmware OVMF.fd --vcpus 1 --vcpu-type EPYC-Milan --reported both.json".to_owned(),
        "explain --mode snp --firmware OVMF.fd --vcpus 1 --vcpu-type EPYC-Milan --report both.json".to_owned(),
    ] {
        guest.run(&command).go().refused_with(&["both.json: two different attestation reports", "which one is meant?"]);
    }
}

#[test]
fn a_folder_is_no_evidence() {
    let folder = Folder::new();
    fs::create_dir(folder.join("snp")).expect("a folder");
    run(folder.path(), &["report", "show", "snp"]).refused_with(&["snp"]);
}
