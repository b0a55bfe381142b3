//! `report` and `verify --report`: an SNP guest's report shown, verified and appraised.
//!
//! Throwaway reports and chains are the testkit's. The known answers name reports and certificates that are not in this
//! repository: they are judged where `SEV_LAUNCH_VECTORS` names their folder.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use sev_launch_testkit::certs::vectors::CertificateFiles;
use sev_launch_testkit::report::{Authority, NOT_AFTER, NOT_BEFORE, Vek, crl};
use sev_launch_testkit::sev_api::SevApi;

use super::guest::{Guest, MILAN};
use super::harness::{Folder, Outcome, Run};
use super::json::{check, check_strictness, document, schema};

/// Flags for the throwaway chain, at a time when it is valid.
pub(super) const LAB: &str =
    "--vek vek.der --chain chain.pem --root ark.der --time 2026-01-01T00:00:00Z";

fn pem(der: &[u8]) -> String {
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines(&BASE64.encode(der))
    )
}

fn lines(text: &str) -> String {
    let chunks: Vec<_> = text.as_bytes().chunks(64).collect();
    chunks.iter().map(|chunk| str::from_utf8(chunk).expect("ASCII")).collect::<Vec<_>>().join("\n")
}

/// Writes `vek.der`, `chain.pem` and `ark.der` of a key.
pub(super) fn write_chain(folder: &Folder, key: &Vek) {
    let authority = if key.hardware_id.is_some() { Authority::Ask } else { Authority::Asvk };
    let intermediate = authority.certificate(key.product, Authority::Ark);
    let root = Authority::Ark.certificate(key.product, Authority::Ark);
    folder.file("vek.der", key.certificate(authority));
    folder.file("chain.pem", pem(&intermediate) + &pem(&root));
    folder.file("ask.der", intermediate);
    folder.file("ark.der", root);
}

/// A folder with a throwaway report and its chain.
struct Files {
    folder: Folder,
    key: Vek,
}

impl Files {
    fn new(key: Vek, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        let folder = Folder::new();
        write_chain(&folder, &key);
        folder.file("report", key.report(3, change));
        Self { folder, key }
    }

    fn milan() -> Self {
        Self::new(Vek::vcek("Milan"), |_| ())
    }

    fn run(&self, arguments: &str) -> Outcome {
        Run::new(arguments.split_ascii_whitespace()).in_folder(self.folder.path()).go()
    }
}

/// The checks or demands of a document that are not met.
pub(super) fn unmet(document: &Value) -> Vec<&str> {
    let demands = document["demands"].as_array().expect("demands");
    let unmet = demands.iter().filter(|demand| demand["met"] == false);
    unmet.map(|demand| demand["field"].as_str().expect("a name")).collect()
}

fn no_checks(document: &Value) -> Vec<&str> {
    let checks = document["checks"].as_array().expect("checks");
    let noes = checks.iter().filter(|check| check["answer"] == "no");
    noes.map(|check| check["check"].as_str().expect("a name")).collect()
}

/// Nothing but a refusal as insecure.
#[track_caller]
fn insecure(outcome: &Outcome, says: &str) {
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), ""), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(says), "{}", outcome.stderr);
}

#[test]
fn every_product_and_version_verifies() {
    let schema = schema("report");
    for product in ["Milan", "Genoa", "Turin"] {
        for key in [Vek::vcek(product), Vek::vlek(product)] {
            let files = Files::new(key, |_| ());
            for version in 2..=5 {
                files.folder.file("report", files.key.report(version, |_| ()));
                let outcome = files.run(&format!("report verify report {LAB} --json"));
                let document = document(&outcome);
                check(&schema, &document);
                assert_eq!(document["answer"], "yes", "{product} {version}");
                assert_eq!(document["checks"].as_array().map(Vec::len), Some(7));
                assert_eq!(document["report"]["version"], version);
                assert_eq!(document["report"]["cpuid"].is_null(), version < 3);
                assert_eq!(document["report"]["launch_mit_vector"].is_null(), version < 5);
                let is_turin = document["report"]["reported_tcb"]["parts"]["fmc"].is_u64();
                assert_eq!(is_turin, product == "Turin");
            }
        }
    }
}

#[test]
fn a_report_in_any_form_and_a_chain_in_any_form() {
    let files = Files::milan();
    let report = files.folder.read("report");
    files.folder.file("report.hex", hex::encode(&report) + "\n");
    files.folder.file("report.b64", BASE64.encode(&report));
    files.folder.file("vek.pem", pem(&files.folder.read("vek.der")));
    files.folder.file(
        "table",
        table(&[
            (VCEK, &files.folder.read("vek.der")),
            (ASK, &files.folder.read("ask.der")),
            (ARK, &files.folder.read("ark.der")),
        ]),
    );
    let time = "--root ark.der --time 1767225600";
    for arguments in [
        format!("report.hex {LAB}"),
        format!("report.b64 {LAB}"),
        format!("report --vcek vek.pem --chain ask.der {time}"),
        format!("report --certificates table {time}"),
        format!("report --certificates table --vek vek.der --chain chain.pem {time}"),
    ] {
        let outcome = files.run(&format!("report verify {arguments}"));
        let answer = outcome.answer();
        assert!(answer.starts_with("yes: the report is authentic\n"), "{arguments}: {answer}");
        assert!(answer.contains("  report                yes\n"), "{answer}");
    }
}

/// GUIDs of the host's table, in RFC 4122 byte order. [GHCB, certificate GUIDs]
const VCEK: u128 = 0x63da_758d_e664_4564_adc5_f4b9_3be8_accd;
const ASK: u128 = 0x4ab7_b379_bbac_4fe4_a02f_05ae_f327_c782;
const ARK: u128 = 0xc0b4_06a4_a803_4952_9743_3fb6_014c_d0ae;

fn table(entries: &[(u128, &[u8])]) -> Vec<u8> {
    let mut at = 24 * (entries.len() + 1);
    let (mut head, mut body) = (Vec::new(), Vec::new());
    for (guid, certificate) in entries {
        head.extend(guid.to_be_bytes());
        head.extend(u32::try_from(at).expect("small").to_le_bytes());
        head.extend(u32::try_from(certificate.len()).expect("small").to_le_bytes());
        body.extend_from_slice(certificate);
        at += certificate.len();
    }
    head.extend([0; 24]);
    [head, body].concat()
}

#[test]
fn show_names_every_field_and_proves_nothing() {
    let files = Files::milan();
    let outcome = files.run("report show report");
    let text = outcome.answer();
    assert!(text.starts_with("not verified: "), "{text}");
    // [SNP-ABI, ATTESTATION_REPORT]: 27 fields with the reserved ones as one.
    assert_eq!(text.lines().count(), 28, "{text}");
    let outcome = files.run("report show report --json");
    let document = document(&outcome);
    check_strictness(&schema("report"), &document, &[]);
    assert_eq!(document["answer"], "not verified");
    assert_eq!(document["report"]["policy"]["value"], "0x30000");
    assert_eq!(document["report"]["current_version"], "1.55.29");
}

#[test]
fn any_flipped_bit_is_a_no() {
    let files = Files::milan();
    let report = files.folder.read("report");
    for at in (0..1184).step_by(37).chain([0x8, 0x90, 0x180, 0x1a0, 671, 672, 672 + 72]) {
        let mut bytes = report.clone();
        bytes[at] ^= 0x10;
        files.folder.file("bad", &bytes);
        let outcome = files.run(&format!("report verify bad {LAB} --json"));
        if outcome.code == Some(2) {
            // VERSION, SIGNATURE_ALGO and the signature's padding make it no report at all.
            let padding = (720..744).contains(&at) || at >= 792;
            assert!(at < 4 || (0x34..0x38).contains(&at) || padding, "{at}: {}", outcome.stderr);
            assert_eq!(outcome.stdout, "");
            continue;
        }
        assert_eq!(outcome.code, Some(1), "{at}");
        let document = document(&outcome);
        check(&schema("report"), &document);
        assert_eq!(no_checks(&document), ["report"], "{at}");
        assert_eq!(document["report"], Value::Null);
    }
}

#[test]
fn certificates_have_their_time() {
    let files = Files::milan();
    let flags = LAB.replace("2026-01-01T00:00:00Z", "");
    for (time, code) in
        [(NOT_BEFORE - 1, 1), (NOT_BEFORE, 0), (NOT_AFTER, 0), (NOT_AFTER + 1, 1), (0, 1)]
    {
        let outcome = files.run(&format!("report verify report {flags} {time}"));
        assert_eq!(outcome.code, Some(code), "{time}: {}", outcome.stdout);
        assert_eq!(outcome.stdout.contains("not valid at"), code == 1, "{}", outcome.stdout);
    }
    files.run(&format!("report verify report {flags} yesterday")).refusal();
}

#[test]
fn wrong_chains() {
    let files = Files::milan();
    let other = Authority::OtherArk.certificate("Milan", Authority::OtherArk);
    let time = "--time 2026-01-01T00:00:00Z";
    files.folder.file("other.der", &other);
    files.folder.file("genoa.der", Authority::Ask.certificate("Genoa", Authority::Ark));
    files.folder.file("asvk.der", Authority::Asvk.certificate("Milan", Authority::Ark));
    files.folder.file("crl", crl("Milan", Authority::Ark, &[&[2]]));
    files.folder.file("fine", crl("Milan", Authority::Ark, &[&[9]]));
    files.folder.file("false", crl("Milan", Authority::OtherArk, &[]));
    for (flags, noes) in [
        // AMD's own roots are trusted unless told otherwise.
        (format!("--vek vek.der --chain chain.pem {time}"), vec!["trusted root"]),
        (format!("--vek vek.der --chain chain.pem --root other.der {time}"), vec!["trusted root"]),
        (format!("--vek vek.der --root ark.der {time}"), vec!["ASK or ASVK", "VCEK or VLEK"]),
        (
            format!("--vek vek.der --chain genoa.der --root ark.der {time}"),
            vec!["generation", "ASK or ASVK", "VCEK or VLEK"],
        ),
        (
            format!("--vek vek.der --chain asvk.der --root ark.der {time}"),
            vec!["ASK or ASVK", "VCEK or VLEK"],
        ),
        (format!("{LAB} --crl crl"), vec!["revocation"]),
        (format!("{LAB} --crl false"), vec!["revocation"]),
        (format!("{LAB} --crl fine"), vec![]),
    ] {
        let outcome = files.run(&format!("report verify report {flags} --json"));
        assert_eq!(outcome.code, Some(if noes.is_empty() { 0 } else { 1 }), "{flags}");
        let document = document(&outcome);
        check(&schema("report"), &document);
        assert_eq!(no_checks(&document), noes, "{flags}");
        let report = &document["checks"][6];
        assert_eq!(report["answer"], if noes.is_empty() { "yes" } else { "not asked" });
    }
}

#[test]
fn a_report_alone_is_refused() {
    let files = Files::milan();
    for command in
        ["report verify report", "report appraise report", "report verify report --chain chain.pem"]
    {
        insecure(&files.run(command), "--vek");
    }
}

#[test]
fn another_machines_certificate() {
    let files = Files::milan();
    let mut other = Vek::vcek("Milan");
    other.tcb[0] += 1;
    files.folder.file("vek.der", other.certificate(Authority::Ask));
    let outcome = files.run(&format!("report verify report {LAB}"));
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stdout.contains("report                no: REPORTED_TCB"),
        "{}",
        outcome.stdout
    );
    let masked = Files::new(Vek::vcek("Milan"), |report| report[0x1a0..0x1e0].fill(0));
    assert_eq!(masked.run(&format!("report verify report {LAB}")).code, Some(1));
    masked.run(&format!("report verify report {LAB} --allow-masked-chip-id")).answer();
    files.folder.file("report", Vek::vcek("Milan").report(6, |_| ()));
    write_chain(&files.folder, &Vek::vcek("Milan"));
    files.run(&format!("report verify report {LAB}")).refused_with(&["version 6"]);
    files.run(&format!("report verify report {LAB} --allow-unknown-version")).answer();
}

#[test]
fn malformed_inputs_are_undecided() {
    let files = Files::milan();
    let report = files.folder.read("report");
    for (name, bytes) in [
        ("report", &report[..1183]),
        ("report", &[&*report, &[0]].concat()),
        ("report", b""),
        ("report", b"report"),
        ("vek.der", b"certificate"),
        ("vek.der", &files.folder.read("ask.der")),
        ("chain.pem", b"-----BEGIN CERTIFICATE-----"),
        ("chain.pem", &files.folder.read("vek.der")),
        ("ark.der", b""),
        ("crl", b"list"),
        ("table", &[1; 100]),
    ] {
        let files = Files::milan();
        files.folder.file("crl", crl("Milan", Authority::Ark, &[]));
        files.folder.file("table", table(&[]));
        let flags = format!("{LAB} --crl crl --certificates table");
        files.run(&format!("report verify report {flags}")).answer();
        files.folder.file(name, bytes);
        for command in ["verify", "appraise"] {
            files.run(&format!("report {command} report {flags}")).refused_with(&[name]);
        }
    }
    files.folder.file("report", b"report");
    files.run("report show report").refused_with(&["1184"]);
    files.run("report show missing").refused_with(&["missing"]);
}

const MEASUREMENT: [u8; 48] = [0xab; 48];

/// A report with a value in every field that can be demanded.
fn full() -> Files {
    Files::new(Vek::vcek("Milan"), |report| {
        report[0x4] = 7;
        report[0x10..0x20].fill(1);
        report[0x20..0x30].fill(2);
        report[0x30] = 1;
        report[0x50..0x90].fill(3);
        report[0x90..0xc0].copy_from_slice(&MEASUREMENT);
        report[0xc0..0xe0].fill(4);
        report[0xe0..0x110].fill(5);
        report[0x110..0x140].fill(6);
        report[0x48] = 1;
    })
}

/// The demands that it meets.
fn all_demands() -> Vec<String> {
    let repeat = |byte: &str, size: usize| byte.repeat(size);
    vec![
        format!("--measurement {}", hex::encode(MEASUREMENT)),
        format!("--report-data {}", repeat("03", 64)),
        format!("--host-data {}", repeat("04", 32)),
        format!("--id-key-digest {}", repeat("05", 48)),
        format!("--author-key-digest {}", repeat("06", 48)),
        format!("--family-id {}", repeat("01", 16)),
        format!("--image-id {}", repeat("02", 16)),
        format!("--chip-id {}", hex::encode(sev_launch_testkit::pattern(64, 1, 0x11))),
        "--vmpl 1".into(),
        "--min-guest-svn 7".into(),
        "--signing-key vcek".into(),
        "--generation milan".into(),
        "--policy 0x30000".into(),
        "--min-tcb bootloader=4,tee=2,snp=24,microcode=219".into(),
    ]
}

#[test]
fn every_demand_that_is_met_is_printed() {
    let files = full();
    let flags = all_demands().join(" ");
    let outcome = files.run(&format!("report appraise report {LAB} {flags} --json"));
    assert_eq!(outcome.notes(), Vec::<&str>::new());
    let document = document(&outcome);
    check_strictness(&schema("report-appraise"), &document, &[]);
    assert_eq!((&document["answer"], unmet(&document)), (&"yes".into(), vec![]));
    assert_eq!(document["stands_for"]["digest"], hex::encode(MEASUREMENT));
    let outcome = files.run(&format!("report appraise report {LAB} {flags}"));
    let text = outcome.answer();
    for field in [
        "GUEST_SVN",
        "POLICY",
        "FAMILY_ID",
        "IMAGE_ID",
        "VMPL",
        "PLATFORM_INFO",
        "KEY_INFO.SIGNING_KEY",
        "REPORT_DATA",
        "MEASUREMENT",
        "HOST_DATA",
        "ID_KEY_DIGEST",
        "AUTHOR_KEY_DIGEST",
        "REPORT_ID_MA",
        "REPORTED_TCB",
        "CURRENT_TCB",
        "COMMITTED_TCB",
        "LAUNCH_TCB",
        "CHIP_ID",
    ] {
        assert!(text.contains(&format!("\n  {field:<29} yes: ")), "{field}: {text}");
    }
    // What was not demanded is said, not left out.
    let open = format!(
        "  {:<29} VERSION, REPORT_ID, CURRENT_VERSION, COMMITTED_VERSION\n",
        "not demanded"
    );
    assert!(text.contains(&open), "{text}");
}

#[test]
fn every_mismatch_is_listed() {
    let files = full();
    let flags: Vec<_> = all_demands()
        .iter()
        .map(|flag| match flag.split_once(' ').expect("a value") {
            ("--vmpl", _) => "--vmpl 0".into(),
            ("--min-guest-svn", _) => "--min-guest-svn 8".into(),
            ("--signing-key", _) => "--signing-key vlek".into(),
            ("--policy", _) => "--policy 0x20000".into(),
            ("--generation", _) => "--generation milan,turin".into(),
            ("--min-tcb", _) => "--min-tcb bootloader=4,tee=3,snp=24,microcode=219".into(),
            (name, value) => format!("{name} {}", "99".repeat(value.len() / 2)),
        })
        .collect();
    let flags = flags.join(" ");
    let outcome = files.run(&format!("report appraise report {LAB} {flags} --json"));
    assert_eq!(outcome.code, Some(1));
    let document = document(&outcome);
    check(&schema("report-appraise"), &document);
    let mut found = unmet(&document);
    found.sort_unstable();
    let expected = [
        "AUTHOR_KEY_DIGEST",
        "CHIP_ID",
        "COMMITTED_TCB",
        "CURRENT_TCB",
        "FAMILY_ID",
        "GUEST_SVN",
        "HOST_DATA",
        "ID_KEY_DIGEST",
        "IMAGE_ID",
        "KEY_INFO.SIGNING_KEY",
        "LAUNCH_TCB",
        "MEASUREMENT",
        "POLICY",
        "REPORTED_TCB",
        "REPORT_DATA",
        "VMPL",
    ];
    assert_eq!(found, expected);
    assert_eq!(document["stands_for"], Value::Null);
    let outcome = files.run(&format!("report appraise report {LAB} {flags}"));
    assert_eq!(outcome.code, Some(1));
    for field in expected {
        assert!(
            outcome.stdout.contains(&format!("  {field:<29} no: found ")),
            "{}",
            outcome.stdout
        );
    }
    // The first line names them, and they stand under it, before all that is met.
    let (first, rest) = outcome.stdout.split_once('\n').expect("lines");
    let named = first.strip_prefix("no: the report is authentic, and not as demanded: ");
    let mut named: Vec<_> = named.expect("a no").split(", ").collect();
    named.sort_unstable();
    assert_eq!(named, expected);
    let noes = rest.lines().take_while(|line| line.contains(" no: found ")).count();
    assert_eq!(noes, expected.len(), "{rest}");
    assert!(rest.lines().all(|line| !line.contains(" yes: anything")), "{rest}");
}

#[test]
fn no_measurement_accepts_nothing() {
    let files = Files::milan();
    let outcome = files.run(&format!("report appraise report {LAB} --json"));
    assert_eq!(outcome.code, Some(1));
    let document = document(&outcome);
    check(&schema("report-appraise"), &document);
    assert_eq!((unmet(&document), &document["accepted_digests"]), (vec!["MEASUREMENT"], &0.into()));
    assert!(outcome.stderr.contains("--report-data"));
    let zeros = "00".repeat(48);
    files.run(&format!("report appraise report {LAB} --measurement {zeros}")).answer();
    // A known digest leaves nothing for what describes a guest, which is refused and not dropped.
    for flag in ["--cmdline quiet", "--vcpus 4", "--kernel vmlinuz", "--harmless why"] {
        let both = files.run(&format!("report appraise report {LAB} --measurement {zeros} {flag}"));
        both.refused_with(&["--measurement", "cannot be used with"]);
    }
    let several = format!("--measurement {} --measurement {zeros}", "11".repeat(48));
    files.run(&format!("report appraise report {LAB} {several} --quiet")).answer();
}

#[test]
fn insecure_policies_are_refused() {
    let accept = format!("{LAB} --measurement {}", "00".repeat(48));
    for (bits, flag, says) in
        [(0x0b, "--allow-debug", "read and write"), (0x07, "--allow-migration-agent", "migration")]
    {
        let files = Files::new(Vek::vcek("Milan"), |report| report[0x0a] = bits);
        insecure(&files.run(&format!("report appraise report {accept}")), says);
        files.run(&format!("report appraise report {accept} {flag}")).answer();
        let policy = format!("--policy {:#x}", u32::from(bits) << 16);
        insecure(&files.run(&format!("report appraise report {accept} {policy}")), says);
        files.run(&format!("report appraise report {accept} {policy} {flag}")).answer();
        // Authentic it is all the same.
        files.run(&format!("report verify report {LAB}")).answer();
    }
    let agent = Files::new(Vek::vcek("Milan"), |report| report[0x160] = 0);
    let outcome = agent.run(&format!("report appraise report {accept} --json"));
    assert_eq!(unmet(&document(&outcome)), ["REPORT_ID_MA"]);
    agent.run(&format!("report appraise report {accept} --allow-migration-agent")).answer();
    let host = Files::new(Vek::vcek("Milan"), |report| report[0x30..0x34].fill(0xff));
    let outcome = host.run(&format!("report appraise report {accept} --json"));
    assert_eq!(unmet(&document(&outcome)), ["VMPL"]);
}

#[test]
fn bits_of_the_policy() {
    let files = Files::milan();
    let accept = format!("{LAB} --measurement {}", "00".repeat(48));
    for (flags, expected) in [
        ("--policy-set SMT", vec![]),
        ("--policy-set single-socket,rapl_dis", vec!["POLICY.SINGLE_SOCKET", "POLICY.RAPL_DIS"]),
        ("--policy-clear SMT,CXL_ALLOW", vec!["POLICY.SMT"]),
        ("--policy SMT", vec![]),
        ("--policy smt+SINGLE_SOCKET", vec!["POLICY"]),
    ] {
        let outcome = files.run(&format!("report appraise report {accept} {flags} --json"));
        assert_eq!(unmet(&document(&outcome)), expected, "{flags}");
    }
    for wrong in [
        "--policy-set NODBG",
        "--policy 0x30000 --policy-set RAPL_DIS",
        "--policy NODBG",
        "--policy SMT+SINGLE",
        "--min-tcb snp=1",
        "--min-tcb bootloader=0,tee=0,snp=0,microcode=256",
        "--min-tcb bootloader=0,tee=0,snp=0,microcode=0,snp=0",
        "--min-tcb boot=0,tee=0,snp=0,microcode=0",
        "--report-data 00",
        "--signing-key none",
        "--generation Naples",
    ] {
        files.run(&format!("report appraise report {accept} {wrong}")).refusal();
    }
}

#[test]
fn levels_are_one_generations() {
    for (product, levels, unmet_count) in [
        ("Milan", "bootloader=4,tee=2,snp=24,microcode=219", 0),
        ("Milan", "fmc=0,bootloader=0,tee=0,snp=0,microcode=0", 4),
        ("Turin", "fmc=1,bootloader=2,tee=3,snp=4,microcode=81", 0),
        ("Turin", "fmc=2,bootloader=2,tee=3,snp=4,microcode=81", 4),
        ("Turin", "bootloader=0,tee=0,snp=0,microcode=0", 4),
    ] {
        let files = Files::new(Vek::vcek(product), |_| ());
        let accept = format!("{LAB} --measurement {} --min-tcb {levels}", "00".repeat(48));
        let outcome = files.run(&format!("report appraise report {accept} --json"));
        assert_eq!(unmet(&document(&outcome)).len(), unmet_count, "{product} {levels}");
    }
}

/// A guest's folder with a report of that guest.
pub(super) fn guest_and_report(vcpus: u32) -> Guest {
    let guest = Guest::new();
    let key = Vek::vcek("Milan");
    write_chain(&guest.folder, &key);
    let digest = hex::decode(guest.snp(None, MILAN, vcpus)).expect("a digest is hex");
    guest.file("report", key.report(3, |report| report[0x90..0xc0].copy_from_slice(&digest)));
    guest
}

#[test]
fn a_guest_is_known_by_its_digest() {
    let guest = guest_and_report(3);
    let flags = "--firmware OVMF.fd --vcpu-type EPYC-Milan --vcpus 1..=4";
    for command in ["report appraise report", "verify --report report"] {
        let outcome = guest.run(&format!("{command} {LAB} {flags} --json")).go();
        let found = document(&outcome);
        check(&schema("report-appraise"), &found);
        assert_eq!(found["answer"], "yes", "{command}");
        assert_eq!(found["stands_for"]["vcpus"], 3);
        assert_eq!(found["stands_for"]["profile"], "snp-qemu");
        assert_eq!(found["accepted_digests"], 4);
        let other = flags.replace("1..=4", "2");
        let outcome = guest.run(&format!("{command} {LAB} {other} --json")).go();
        assert_eq!(outcome.code, Some(1));
        assert_eq!(unmet(&document(&outcome)), ["MEASUREMENT"]);
    }
}

#[test]
fn verify_takes_a_report_or_a_measurement() {
    let guest = guest_and_report(1);
    let snp = format!("verify --report report {LAB}");
    let flags = "--firmware OVMF.fd --vcpu-type EPYC-Milan --vcpus 1";
    guest.run(&format!("{snp} {flags}")).go().answer();
    guest.run(&format!("{snp} {flags} --policy 0x30000")).go().answer();
    let outcome = guest.run(&format!("{snp} {flags} --policy 0x20000 --json")).go();
    assert_eq!(unmet(&document(&outcome)), ["POLICY"]);
    insecure(&guest.run(&format!("{snp} {flags} --policy 0xb0000")).go(), "--allow-debug");
    insecure(&guest.run(&format!("verify --report report {flags}")).go(), "--vek");
    guest.run(&snp).go().refusal();
    for (flags, says) in [
        ("--tik tik.bin", "--tik"),
        ("--measurement AAAA", "--measurement"),
        ("--evidence info.txt", "--evidence"),
        ("--inject-secret luks-key:x", "--inject-secret"),
        ("--require noks", "--require"),
    ] {
        guest.run(&format!("{snp} {flags}")).go().refused_with(&["cannot be used with", says]);
    }
    guest.run("verify --vek vek.der --policy 1").go().refused_with(&["--report"]);
    guest.run("verify --vek vek.der --policy 1 --tik x").go().refused_with(&["--vek", "--tik"]);
    guest.run("verify --tik x --firmware OVMF.fd").go().refused_with(&["--policy"]);
    guest.run("verify --policy 1 --firmware OVMF.fd").go().refused_with(&["--tik"]);
}

/// A file of a known answer, written to `to`: of a PEM chain the block after `#`.
fn copy(files: &CertificateFiles, name: &str, folder: &Folder, to: &str) {
    let (path, block) = name.split_once('#').map_or((name, None), |(p, n)| (p, Some(n)));
    let bytes = files.read(Path::new(path));
    let bytes = match block {
        None => bytes,
        Some(number) => {
            let text = String::from_utf8(bytes).expect("PEM is text");
            let blocks: Vec<_> = text.split_inclusive("-----END CERTIFICATE-----").collect();
            let number: usize = number.parse().expect("a number");
            blocks[number].trim().as_bytes().to_vec()
        }
    };
    folder.file(to, bytes);
}

fn mutate(bytes: &mut Vec<u8>, change: &Value) {
    let value = || hex::decode(change["value"].as_str().expect("a value")).expect("hex");
    let number =
        |name: &str| usize::try_from(change[name].as_u64().expect("a number")).expect("it fits");
    match change["op"].as_str() {
        Some("xor") => {
            value().iter().zip(number("offset")..).for_each(|(value, at)| bytes[at] ^= value);
        }
        Some("set") => {
            value().iter().zip(number("offset")..).for_each(|(value, at)| bytes[at] = *value);
        }
        Some("truncate") => bytes.truncate(number("len")),
        Some("append") => bytes.extend(value()),
        other => panic!("unknown change {other:?}"),
    }
}

/// Known answers whose report is authentic, and not of the generation that the case asks for.
const OF_ANOTHER_GENERATION: [&str; 2] = ["product-claimed-genoa", "turin-read-as-milan"];

#[test]
fn known_reports() {
    let suite = SevApi::read();
    let cases = suite.group("snp_report");
    assert_eq!(cases.len(), 47);
    let Some(third_party) = CertificateFiles::folder() else {
        return;
    };
    let (mut accepted, mut refused) = (0, 0);
    for case in cases {
        let text = |name: &str| case[name].as_str().expect("a text");
        let folder = Folder::new();
        let bytes = third_party.read(Path::new(text("report")));
        let mut bytes = if text("report").ends_with(".hex") {
            hex::decode(bytes.trim_ascii()).expect("hex")
        } else {
            bytes
        };
        let changes = case["mutations"].as_array().expect("a list");
        changes.iter().for_each(|change| mutate(&mut bytes, change));
        folder.file("report", bytes);
        copy(&third_party, text("vek"), &folder, "vek");
        copy(&third_party, text("ask"), &folder, "ask");
        copy(&third_party, text("ark"), &folder, "ark");
        let chain = [folder.read("ask"), b"\n".to_vec(), folder.read("ark")].concat();
        folder.file("chain", chain);
        // The VLEK's year ends before the others begin.
        let vlek = text("vek").contains("vlek");
        let time = if vlek { "2025-06-01T00:00:00Z" } else { "2026-06-01T00:00:00Z" };
        let flags = format!("report verify report --vek vek --chain chain --time {time} --json");
        let run =
            |flags: &str| Run::new(flags.split_ascii_whitespace()).in_folder(folder.path()).go();
        let outcome = run(&flags);
        let name = text("name");
        match (text("expect"), outcome.code) {
            ("accept", Some(0)) => {
                let found = document(&outcome);
                check(&schema("report"), &found);
                assert_eq!(found["report"]["measurement"], case["fields"]["measurement"], "{name}");
                assert_eq!(found["report"]["policy"]["value"], case["fields"]["policy"], "{name}");
                // AMD's built-in keys do as well.
                run(&flags.replace("--chain chain", "")).answer();
                let measurement = text_of(&case["fields"]["measurement"]);
                let appraise = flags.replace("verify", "appraise");
                // The VLEK's platform runs firmware that is not committed: `report_coherence.rs`.
                let accepting = if vlek { "--allow-provisional-firmware" } else { "" };
                let found = run(&format!("{appraise} --measurement {measurement} {accepting}"));
                assert_eq!(document(&found)["answer"], "yes", "{name}");
                accepted += 1;
            }
            // Authentic, and of another generation than the one demanded: an appraisal says so.
            ("reject", Some(0)) if OF_ANOTHER_GENERATION.contains(&name) => {
                let found = document(&outcome);
                let measurement = text_of(&found["report"]["measurement"]);
                let appraise = flags.replace("verify", "appraise");
                let demands =
                    format!("--measurement {measurement} --generation {}", text("product"));
                let found = run(&format!("{appraise} {demands}"));
                assert_eq!((found.code, unmet(&document(&found))), (Some(1), vec!["generation"]));
                refused += 1;
            }
            ("reject", Some(1)) => refused += 1,
            ("reject", Some(2)) if outcome.stdout.is_empty() => refused += 1,
            (wanted, code) => {
                panic!("{name}: {code:?}, wanted {wanted}\n{}{}", outcome.stdout, outcome.stderr)
            }
        }
    }
    assert_eq!((accepted, refused), (5, 42));
}

fn text_of(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[test]
fn fields_of_an_id_block_that_the_host_may_sign_are_insecure() {
    let files = full();
    for flag in ["--min-guest-svn 7".to_owned(), format!("--family-id {}", "01".repeat(16))] {
        let command = format!(
            "report appraise report {LAB} --measurement {} {flag}",
            hex::encode(MEASUREMENT)
        );
        insecure(&files.run(&command), "--id-key-digest, --author-key-digest");
    }
}
