//! `verify`: known measurements, what is refused, evidence as hosts print it, guests described by their files, JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sev_launch_testkit::expected::{self, Layout};
use sev_launch_testkit::pattern;
use sev_launch_testkit::sev_api::{Measurement, SevApi};

use super::guest::{CMDLINE, Guest, MILAN};
use super::harness::{Folder, Outcome, Run, golden, root};
use super::json::{check, check_strictness, document, schema};
use super::platform::{self, TEK, TIK, VERSION, claims, reported};

/// Bit 0 and the reserved ones of a SEV policy (AMD 55766, guest policy).
const NODBG: u32 = 1;
const RESERVED: u32 = 0xffc0;

/// Flags of a SEV-ES guest on the CPU that [`Guest::es_legacy`] is asked about.
const ES: &str = "--vcpus 4 --vcpu-type EPYC-Milan";

impl Outcome {
    /// A no: exit code 1 and the reason.
    #[track_caller]
    pub(crate) fn no(&self) -> &str {
        assert_eq!(self.code, Some(1), "{}\n{}", self.stdout, self.stderr);
        self.stdout.lines().next().and_then(|line| line.strip_prefix("no: ")).expect("a reason")
    }

    /// A refusal as insecure: exit code 3, nothing on standard output, and every one of these texts is said.
    #[track_caller]
    pub(crate) fn insecure(&self, texts: &[&str]) {
        assert_eq!(self.code, Some(3), "{}\n{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "");
        assert!(self.stderr.contains("refused as insecure: "), "{}", self.stderr);
        for text in texts {
            assert!(self.stderr.contains(text), "{text:?} is not in {}", self.stderr);
        }
    }
}

/// `verify` of a known measurement against its digest; keys are flags of their own.
fn known(folder: &Folder, vector: &Measurement, blob: &str, flags: &str) -> Run {
    let Measurement { api_major, api_minor, build, policy, launch_digest, .. } = vector;
    Run::new(["verify", &format!("--measurement={blob}")])
        .with(format!("--launch-digest {launch_digest:?} --policy {policy:#x}").split(' '))
        .with(format!("--api-major {api_major} --api-minor {api_minor}").split(' '))
        .with(format!("--build-id {build} {flags}").split_ascii_whitespace())
        .in_folder(folder.path())
}

/// A SEV guest with keys, and its digest.
fn sev_guest() -> (Guest, String) {
    let guest = Guest::new().with_keys();
    let digest = guest.sev(None);
    (guest, digest)
}

// Known answers.

#[test]
fn every_known_measurement_is_proven_whatever_the_form_of_its_key() {
    let folder = Folder::new();
    let mut proven = 0;
    for vector in SevApi::read().measurement {
        if vector.policy & RESERVED != 0 {
            continue;
        }
        let tik = &*vector.tik;
        folder.file("raw", tik);
        folder.file("hex", hex::encode(tik));
        folder.file("hex-line", format!("{}\n", hex::encode_upper(tik)));
        folder.file("base64", BASE64.encode(tik));
        folder.file("base64-line", format!("{}\n", BASE64.encode(tik)));
        let both = [&[0xaa; 16][..], tik].concat();
        folder.file("both", &both);
        folder.file("both-base64", BASE64.encode(&both));
        let debug = if vector.policy & NODBG == 0 { "--allow-debug" } else { "" };
        for key in [
            "--tik raw",
            "--tik hex",
            "--tik hex-line",
            "--tik base64",
            "--tik base64-line",
            "--tk both",
            "--tk both-base64",
        ] {
            let flags = format!("{key} {debug}");
            let outcome = known(&folder, &vector, &vector.blob_base64, &flags).go();
            let first = outcome.lines()[0].to_owned();
            assert!(first.starts_with("yes: "), "{}: {first}", vector.name);
        }
        proven += 1;
    }
    assert_eq!(proven, 14);
}

#[test]
fn a_measurement_may_be_given_in_hex() {
    let folder = Folder::new();
    let vectors = SevApi::read();
    let vector = vectors.measurement("policy-0x3");
    folder.file("tik", &*vector.tik);
    let blob = hex::encode(BASE64.decode(&vector.blob_base64).expect("base64"));
    known(&folder, vector, &blob, "--tik tik").go().answer();
}

#[test]
fn a_yes_tells_the_digest_the_policy_and_the_version_that_are_proven() {
    let folder = Folder::new();
    let vectors = SevApi::read();
    let vector = vectors.measurement("sevctl-published-sev-es-4-vcpus");
    folder.file("tik", &*vector.tik);
    let outcome = known(&folder, vector, &vector.blob_base64, "--tik tik").go();
    let digest = format!("{:?}", vector.launch_digest);
    for text in [&*digest, "sev-es launch", "0x00000005 (NODBG, ES)", "1.49 build 6"] {
        assert!(outcome.answer().contains(text), "{text}: {}", outcome.stdout);
    }
}

#[test]
fn no_known_wrong_measurement_is_proven() {
    let folder = Folder::new();
    let vectors = SevApi::read();
    let (mut rejected, mut malformed) = (0, 0);
    for case in &vectors.measurement_negative {
        let mut vector = vectors.measurement(&case.based_on).clone();
        let overrides = &case.overrides;
        vector.policy = overrides.policy.unwrap_or(vector.policy);
        vector.api_minor = overrides.api_minor.unwrap_or(vector.api_minor);
        vector.build = overrides.build.unwrap_or(vector.build);
        if let Some(digest) = &overrides.launch_digest {
            vector.launch_digest = digest.clone();
        }
        folder.file("tik", &*vector.tik);
        let flags = "--tik tik --allow-debug";
        let outcome = known(&folder, &vector, &case.blob_base64, flags).go();
        if case.reason == "bad_length" {
            outcome.refused_with(&["launch measurement", "48 bytes"]);
            malformed += 1;
        } else {
            assert!(outcome.no().contains("matches none of 1 reference values"), "{}", case.name);
            rejected += 1;
        }
    }
    assert_eq!((rejected, malformed), (11, 4));
}

#[test]
fn one_flipped_bit_in_any_byte_of_the_measurement_is_a_no() {
    let folder = Folder::new();
    let vectors = SevApi::read();
    let vector = vectors.measurement("policy-0x3");
    folder.file("tik", &*vector.tik);
    let blob = BASE64.decode(&vector.blob_base64).expect("base64");
    assert_eq!(blob.len(), 48);
    for at in 0..blob.len() {
        let mut changed = blob.clone();
        changed[at] ^= 1 << (at % 8);
        let outcome = known(&folder, vector, &BASE64.encode(changed), "--tik tik").go();
        assert!(outcome.no().contains("matches none"), "byte {at}");
    }
}

#[test]
fn one_flipped_bit_in_the_key_is_a_no() {
    let (guest, digest) = sev_guest();
    let mut tik = TIK;
    tik[15] ^= 0x80;
    guest.file("tik.bin", tik);
    guest.verify(&digest, 1, "").go().no();
}

// Malformed.

#[test]
fn malformed_measurements_cannot_be_judged() {
    let (guest, _) = sev_guest();
    let blob = BASE64.encode([7; 48]);
    for wrong in [
        BASE64.encode([7; 47]),
        BASE64.encode([7; 49]),
        // 48 characters, which are not the 48 bytes.
        BASE64.encode([7; 36]),
        hex::encode([7; 24]),
        hex::encode([7; 47]),
        format!("{blob}="),
        format!("{}!", &blob[..63]),
        format!("{} {}", &blob[..32], &blob[32..]),
        blob.replace('B', "-"),
        "x".into(),
        String::new(),
    ] {
        let [major, minor, build] = VERSION.map(|number| number.to_string());
        let outcome = guest
            .run("verify --firmware OVMF.fd --policy 1 --tik tik.bin")
            .with(["--api-major", &major, "--api-minor", &minor, "--build-id", &build])
            .with([format!("--measurement={wrong}")])
            .go();
        outcome.refused_with(&["launch measurement: wanted 48 bytes"]);
    }
}

#[test]
fn missing_padding_is_malformed() {
    let (guest, _) = sev_guest();
    // 47 bytes need one =, and 16 bytes two.
    guest.file("tik.bin", BASE64.encode(TIK).trim_end_matches('='));
    guest.verify(&guest.sev(None), 1, "").go().refused_with(&["TIK: wanted 16 bytes", "tik.bin"]);
}

#[test]
fn versions_over_255_are_refused_and_not_cut_to_a_byte() {
    let (guest, digest) = sev_guest();
    let blob = reported(&digest, 1);
    let [major, minor, build] = VERSION.map(u64::from);
    for (numbers, text) in [
        ([major + 256, minor, build], "257"),
        ([major, minor + 256, build], "311"),
        ([major, minor, build + 256], "280"),
        ([major, minor, build + (1 << 32)], "4294967320"),
    ] {
        let [major, minor, build] = numbers.map(|number| number.to_string());
        let outcome = guest
            .run("verify --firmware OVMF.fd --policy 1 --tik tik.bin --measurement")
            .with([&*blob, "--api-major", &major, "--api-minor", &minor, "--build-id", &build])
            .go();
        outcome.refused_with(&[text, "at most 255"]);
    }
}

#[test]
fn keys_of_another_length_are_refused() {
    let (guest, digest) = sev_guest();
    let flags =
        "--tek tek.bin --inject-secret luks-key:OVMF.fd --secret-header h --secret-payload p";
    for wrong in [
        pattern(15, 3, 1),
        pattern(17, 3, 1),
        pattern(0, 3, 1),
        pattern(32, 3, 1),
        hex::encode([1; 15]).into(),
        hex::encode([1; 17]).into(),
        BASE64.encode([1; 17]).into(),
        b"not a key at all".repeat(2),
        [hex::encode(TIK).as_bytes(), b"\n\n"].concat(),
    ] {
        guest.file("tik.bin", &wrong);
        guest.file("tek.bin", TEK);
        guest.verify(&digest, 1, "").go().refused_with(&["TIK: wanted 16 bytes", "tik.bin"]);
        guest.file("tik.bin", TIK);
        guest.file("tek.bin", &wrong);
        let outcome = guest.verify(&digest, 1, flags).go();
        outcome.refused_with(&["TEK: wanted 16 bytes", "tek.bin"]);
    }
    for wrong in [pattern(16, 3, 1), pattern(31, 3, 1), pattern(33, 3, 1)] {
        guest.file("tk.bin", &wrong);
        let command = claims(&reported(&digest, 1), 1).replace("--tik tik.bin", "--tk tk.bin");
        let outcome = guest.run(&format!("verify --firmware OVMF.fd {command}")).go();
        outcome.refused_with(&["TEK and TIK: wanted 32 bytes"]);
    }
}

#[test]
fn a_digest_of_another_length_is_wrong_usage() {
    let (guest, digest) = sev_guest();
    for wrong in [&digest[..62], &format!("{digest}00"), "", "zz", &BASE64.encode([1; 33])] {
        let command = format!("verify {}", claims(&reported(&digest, 1), 1));
        guest
            .run(&command)
            .with(["--launch-digest", wrong])
            .go()
            .refused_with(&["--launch-digest"]);
    }
}

#[test]
fn what_is_missing_is_named() {
    let (guest, digest) = sev_guest();
    let all = format!("--firmware OVMF.fd {}", claims(&reported(&digest, 1), 1));
    guest.run(&format!("verify {all}")).go().answer();
    let flags: Vec<_> = all.split(" --").map(|flag| flag.trim_start_matches("--")).collect();
    assert_eq!(flags.len(), 7);
    for left_out in &flags {
        let name = left_out.split(' ').next().expect("a name");
        let others: Vec<_> =
            flags.iter().filter(|flag| *flag != left_out).map(|flag| format!("--{flag}")).collect();
        let outcome = guest.run(&format!("verify {}", others.join(" "))).go();
        outcome.refused_with(&[name]);
    }
}

#[test]
fn the_policy_is_never_taken_from_the_evidence() {
    let (guest, digest) = sev_guest();
    guest.file("info.txt", virsh(&reported(&digest, 1), 1));
    let run = guest.run("verify --firmware OVMF.fd --evidence info.txt --tik tik.bin");
    run.go().refused_with(&["--policy"]);
}

#[test]
fn a_known_digest_contradicts_whatever_describes_a_guest() {
    let (guest, digest) = sev_guest();
    let command = format!("verify {} --launch-digest {digest}", claims(&reported(&digest, 1), 1));
    guest.run(&command).go().answer();
    for flags in [
        "--firmware OVMF.fd",
        "--firmware-absorbed OVMF.fd",
        "--kernel vmlinuz",
        "--kernel-hashes on",
        "--cmdline a",
        "--vcpus 4",
        "--vcpu-type EPYC",
        "--cpu-family 25 --cpu-model 1 --cpu-stepping 1",
        "--profile es-legacy",
        "--host-kernel 6.8",
        "--vmsa-cpu0 OVMF.fd",
    ] {
        let outcome = guest.run(&format!("{command} {flags}")).go();
        outcome.refused_with(&["--launch-digest", "cannot be used with"]);
    }
}

// The policy.

#[test]
fn a_policy_that_allows_debugging_is_refused_as_insecure() {
    let (guest, digest) = sev_guest();
    for policy in [0, 0x2, 0x3e_u32] {
        let outcome = guest.verify(&digest, policy, "").go();
        outcome.insecure(&["debugging", "--allow-debug"]);
    }
}

#[test]
fn debugging_can_be_accepted_and_is_warned_of() {
    let (guest, digest) = sev_guest();
    for flag in ["--allow-debug", "--insecure"] {
        let outcome = guest.verify(&digest, 0, flag).go();
        outcome.answer();
        assert!(outcome.warnings().iter().any(|text| text.contains("debugging is allowed")));
    }
}

#[test]
fn reserved_bits_are_refused_as_insecure() {
    let (guest, digest) = sev_guest();
    for bit in 6..16 {
        let policy = 1 | 1 << bit;
        let outcome = guest.verify(&digest, policy, "--allow-debug").go();
        outcome.insecure(&["reserved bits", &format!("{:#x}", 1 << bit)]);
    }
}

#[test]
fn each_required_bit_that_is_missing_is_a_no() {
    let (guest, digest) = sev_guest();
    for (bit, name, mask) in [
        ("noks", "NOKS", 0x2),
        ("nosend", "NOSEND", 0x8),
        ("domain", "DOMAIN", 0x10),
        ("sev", "SEV", 0x20),
    ] {
        let flags = format!("--require {bit}");
        let without = 0x3b & !mask;
        let outcome = guest.verify(&digest, without, &flags).go();
        assert!(outcome.no().contains(&format!("{name} is 0, wanted 1")), "{}", outcome.stdout);
        guest.verify(&digest, 1 | mask, &flags).go().answer();
    }
}

#[test]
fn a_no_that_nobody_reads_is_no_yes() {
    let (guest, digest) = sev_guest();
    let claims = claims(&reported(&digest, 1), 3);
    let script = format!(
        "\"$0\" verify --quiet --firmware OVMF.fd {claims} | true; echo \"${{PIPESTATUS[0]}}\""
    );
    for _ in 0..3 {
        let output = std::process::Command::new("bash")
            .args(["-c", &script, env!("CARGO_BIN_EXE_sev-launch")])
            .current_dir(guest.folder.path())
            .output()
            .expect("bash runs");
        assert_ne!(String::from_utf8(output.stdout).expect("text"), "0\n");
    }
}

#[test]
fn vcpus_contradict_a_policy_without_es() {
    let (guest, digest) = sev_guest();
    let claims = claims(&reported(&digest, 3), 3);
    let outcome = guest.run(&format!("verify --firmware OVMF.fd {claims} --vcpus 4")).go();
    outcome.refused_with(&["vCPUs are described", "no ES bit"]);
}

const LUKS: &str =
    "--tek tek.bin --inject-secret luks-key:secret --secret-header h --secret-payload p";

#[test]
fn no_secret_is_packed_for_a_kernel_that_is_not_covered() {
    let (guest, digest) = sev_guest();
    guest.file("secret", "passphrase");
    guest.file("tek.bin", TEK);
    let claims = claims(&reported(&digest, 3), 3);
    let command =
        format!("verify --firmware OVMF.fd {claims} --kernel vmlinuz --kernel-hashes off");
    let outcome = guest.run(&command).go();
    assert!(
        outcome.answer().contains("  unproven        the kernel, the initrd and the command line")
    );
    guest.run(&format!("{command} {LUKS}")).go().insecure(&["the digest does not cover"]);
    assert!(!guest.folder.join("h").exists());
}

#[test]
fn no_secret_is_packed_for_a_firmware_without_an_area_for_it() {
    let guest = Guest::new().with_keys();
    let image = super::guest::image().without(sev_launch_testkit::firmware::SECRET_AREA).build();
    guest.file("OVMF.fd", &image);
    guest.file("secret", "passphrase");
    guest.file("tek.bin", TEK);
    let claims = claims(&reported(&hex::encode(expected::sev(&image, None)), 3), 3);
    guest.run(&format!("verify --firmware OVMF.fd {claims}")).go().answer();
    let outcome = guest.run(&format!("verify --firmware OVMF.fd {claims} {LUKS}")).go();
    outcome.refused_with(&["takes no secret"]);
}

#[test]
fn a_launch_without_encrypted_registers_is_refused_where_they_are_required() {
    let (guest, digest) = sev_guest();
    let outcome = guest.verify(&digest, 3, "--require es").go();
    assert!(outcome.no().contains("ES is 0, wanted 1"), "{}", outcome.stdout);
}

#[test]
fn all_required_bits_that_are_missing_are_named() {
    let (guest, digest) = sev_guest();
    let outcome = guest.verify(&digest, 1, "--require noks,nosend,sev,domain").go();
    for bit in ["NOKS", "NOSEND", "SEV", "DOMAIN"] {
        assert!(outcome.no().contains(&format!("{bit} is 0, wanted 1")), "{}", outcome.stdout);
    }
}

#[test]
fn sharing_and_sending_are_warned_of() {
    let (guest, digest) = sev_guest();
    for (policy, texts) in [
        (0x1, vec!["key sharing is allowed", "to any target"]),
        (0x3, vec!["sending is allowed"]),
        (0x9, vec!["key sharing is allowed"]),
        (0xb, vec![]),
    ] {
        let outcome = guest.verify(&digest, policy, "").go();
        outcome.answer();
        let found = outcome.warnings();
        assert_eq!(found.len(), texts.len(), "{found:?}");
        for text in texts {
            assert!(found.iter().any(|warning| warning.contains(text)), "{text}: {found:?}");
        }
    }
}

#[test]
fn quiet_leaves_warnings_out() {
    let (guest, digest) = sev_guest();
    let outcome = guest.verify(&digest, 1, "--quiet").go();
    outcome.answer();
    assert_eq!(outcome.stderr, "");
}

// The platform's version.

#[test]
fn a_platform_below_the_required_version_is_a_no_after_the_match() {
    let (guest, digest) = sev_guest();
    // The platform has 1.55, build 24.
    for (flags, text) in [
        ("--require-api 1.56", "the API version is 1.55, wanted at least 1.56"),
        ("--require-api 2.0", "the API version is 1.55, wanted at least 2.0"),
        ("--require-build 25", "the build is 24, wanted at least 25"),
    ] {
        let outcome = guest.verify(&digest, 1, flags).go();
        assert!(outcome.no().contains(text), "{}", outcome.stdout);
    }
    for flags in ["--require-api 1.55", "--require-api 0.255", "--require-build 24"] {
        guest.verify(&digest, 1, flags).go().answer();
    }
}

#[test]
fn a_version_that_is_claimed_falsely_is_no_match() {
    let (guest, digest) = sev_guest();
    let honest = claims(&reported(&digest, 1), 1);
    let false_claim = honest.replace("--api-minor 55", "--api-minor 56");
    let command = format!("verify --firmware OVMF.fd --require-api 1.56 {false_claim}");
    assert!(guest.run(&command).go().no().contains("matches none"));
}

#[test]
fn required_versions_that_are_no_versions_are_wrong_usage() {
    let (guest, digest) = sev_guest();
    for flags in
        ["--require-api 1", "--require-api 1.256", "--require-api a.b", "--require-build 256"]
    {
        guest.verify(&digest, 1, flags).go().refused_with(&["--require-"]);
    }
}

// Evidence.

/// What `virsh domlaunchsecinfo` prints (libvirt, docs/manpages/virsh.rst).
pub(crate) fn virsh(blob: &str, policy: u32) -> String {
    let [major, minor, build] = VERSION;
    format!(
        "sev-measurement: {blob}\nsev-api-major  : {major}\nsev-api-minor  : {minor}\nsev-build-id   : {build}\nsev-policy     : {policy}\n"
    )
}

/// What QMP's query-sev and query-sev-launch-measure answer (QEMU, qapi/misc-i386.json).
fn qmp(blob: &str, policy: u32) -> [Value; 2] {
    let [major, minor, build] = VERSION;
    [
        json!({"enabled": true, "api-major": major, "api-minor": minor, "build-id": build, "state": "launch-secret",
               "sev-type": "sev", "policy": policy, "handle": 1}),
        json!({"data": blob}),
    ]
}

#[test]
fn evidence_is_taken_as_qmp_and_virsh_print_it() {
    let (guest, digest) = sev_guest();
    let blob = reported(&digest, 1);
    let [sev, measure] = qmp(&blob, 1);
    let wrapped = |value: &Value| json!({ "return": value });
    for text in [
        virsh(&blob, 1),
        virsh(&blob, 1).replace('\n', "\r\n"),
        format!("{sev}\n{measure}\n"),
        format!("{measure:#}{sev:#}"),
        format!("{}\n{}\n", wrapped(&sev), wrapped(&measure)),
        json!([sev, measure]).to_string(),
        json!([wrapped(&sev), wrapped(&measure)]).to_string(),
    ] {
        guest.file("evidence", &text);
        let command = "verify --firmware OVMF.fd --policy 1 --tik tik.bin --evidence evidence";
        let outcome = guest.run(command).go();
        assert!(outcome.answer().starts_with("yes: "), "{text}");
    }
}

#[test]
fn a_guest_that_runs_already_gets_no_secret() {
    let (guest, digest) = sev_guest();
    let blob = reported(&digest, 1);
    guest.file("secret", "passphrase");
    guest.file("tek.bin", [3; 16]);
    let [mut sev, measure] = qmp(&blob, 1);
    sev["state"] = "running".into();
    guest.file("evidence", format!("{sev}\n{measure}\n"));
    let command = "verify --firmware OVMF.fd --policy 1 --tik tik.bin --evidence evidence";
    assert!(guest.run(command).go().answer().starts_with("yes: "));
    let secret =
        "--tek tek.bin --inject-secret luks-key:secret --secret-header h --secret-payload p";
    let outcome = guest.run(&format!("{command} {secret}")).go();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), ""));
    assert!(outcome.stderr.contains("not waiting for secrets"), "{}", outcome.stderr);
    let written = guest.run("secret build h p --secret luks-key:secret --tek tek.bin --firmware OVMF.fd --policy 1 --tik tik.bin --evidence evidence").go();
    assert_eq!(written.code, Some(3), "{}", written.stderr);
}

#[test]
fn flags_and_evidence_make_up_for_each_other() {
    let (guest, digest) = sev_guest();
    let blob = reported(&digest, 1);
    guest.file("evidence", qmp(&blob, 1)[0].to_string());
    let command = "verify --firmware OVMF.fd --policy 1 --tik tik.bin --evidence evidence";
    guest.run(command).go().refused_with(&["--measurement"]);
    guest.run(command).with(["--measurement", &blob]).go().answer();
}

#[test]
fn a_policy_restated_otherwise_by_the_host_is_a_no() {
    let (guest, digest) = sev_guest();
    let blob = reported(&digest, 1);
    let [sev, measure] = qmp(&blob, 3);
    for text in [
        virsh(&blob, 3),
        format!("{sev}{measure}"),
        virsh(&blob, 1).replace("y     : 1", "y : 4294967297"),
    ] {
        guest.file("evidence", &text);
        let command = "verify --firmware OVMF.fd --policy 1 --tik tik.bin --evidence evidence";
        let outcome = guest.run(command).go();
        assert!(outcome.no().contains("the session was made for 0x00000001"), "{}", outcome.stdout);
    }
}

#[test]
fn a_host_that_ran_another_policy_and_hides_it_is_a_no() {
    let (guest, digest) = sev_guest();
    guest.file("evidence", virsh(&reported(&digest, 0), 1));
    let command = "verify --firmware OVMF.fd --policy 1 --tik tik.bin --evidence evidence";
    assert!(guest.run(command).go().no().contains("matches none"));
}

#[test]
fn flags_that_contradict_the_evidence_are_wrong_usage() {
    let (guest, digest) = sev_guest();
    guest.file("evidence", virsh(&reported(&digest, 1), 1));
    let command = "verify --firmware OVMF.fd --policy 1 --tik tik.bin --evidence evidence";
    for (flags, texts) in [
        ("--api-major 2".into(), ["--api-major", "2"]),
        ("--api-minor 54".into(), ["--api-minor", "54"]),
        ("--build-id 0".into(), ["--build-id", "0"]),
        (format!("--measurement {}", BASE64.encode([1; 48])), ["measurement", "AQEB"]),
    ] {
        guest.run(&format!("{command} {flags}")).go().refused_with(&texts);
    }
    guest.run(&format!("{command} --api-major 1 --api-minor 0x37 --build-id 24")).go().answer();
}

#[test]
fn evidence_that_is_none_cannot_be_judged() {
    let (guest, digest) = sev_guest();
    let blob = reported(&digest, 1);
    let good = virsh(&blob, 1);
    for text in [
        String::new(),
        "hello".into(),
        "{}".into(),
        "[]".into(),
        "{".into(),
        r#"{"error": {"class": "GenericError", "desc": "SEV is not enabled"}}"#.into(),
        good.replace(": 55", ": 311"),
        good.replace(": 55", ": -1"),
        good.replace(": 55", ": fifty-five"),
        good.replace("sev-build-id   : 24\n", ""),
        format!("{good}sev-build-id: 25\n"),
        good.replace(&blob, &blob[..60]),
        qmp(&blob, 1)[0].to_string().replace("55", "\"55\""),
        qmp(&blob, 1)[0].to_string().replace("55", "55.0"),
        qmp(&blob, 1)[0].to_string(),
    ] {
        guest.file("evidence", &text);
        let command = "verify --firmware OVMF.fd --policy 1 --tik tik.bin --evidence evidence";
        let outcome = guest.run(command).go();
        assert_eq!(outcome.code, Some(2), "{text}\n{}", outcome.stdout);
        outcome.refusal();
    }
}

// Guests that are described by their files.

#[test]
fn a_sev_guest_is_proven_with_and_without_its_kernel() {
    let guest = Guest::new().with_keys();
    let table = guest.table();
    let kernel = "--kernel vmlinuz --initrd initrd.img";
    let (plain, measured) = (guest.sev(None), guest.sev(Some(&table)));
    guest.verify(&plain, 1, "").go().answer();
    let outcome = guest.verify(&measured, 1, kernel).with(["--cmdline", CMDLINE]).go();
    assert!(outcome.answer().contains(&format!("OVMF.fd, command line {CMDLINE:?}")));
    guest.verify(&plain, 1, kernel).with(["--cmdline", CMDLINE]).go().no();
    guest.verify(&measured, 1, "").go().no();
}

#[test]
fn the_command_line_that_matched_is_told() {
    let guest = Guest::new().with_keys();
    let digest = guest.sev(Some(&guest.table_of(b"second")));
    let flags =
        "--kernel vmlinuz --initrd initrd.img --append first --append second --append third";
    let outcome = guest.verify(&digest, 1, flags).go();
    assert!(outcome.answer().contains("  image           OVMF.fd, command line \"second\"\n"));
}

#[test]
fn another_kernel_initrd_command_line_or_firmware_is_a_no() {
    let guest = Guest::new().with_keys();
    let digest = guest.sev(Some(&guest.table()));
    for flags in [
        "--kernel initrd.img --initrd initrd.img",
        "--kernel vmlinuz --initrd vmlinuz",
        "--kernel vmlinuz",
    ] {
        guest.verify(&digest, 1, flags).with(["--cmdline", CMDLINE]).go().no();
    }
    let flags = "--kernel vmlinuz --initrd initrd.img";
    guest.verify(&digest, 1, flags).with(["--cmdline", "single"]).go().no();
    guest.verify(&digest, 1, flags).with(["--cmdline", CMDLINE]).go().answer();
    let mut image = guest.image.clone();
    image[0] ^= 1;
    guest.file("OVMF.fd", image);
    guest.verify(&digest, 1, flags).with(["--cmdline", CMDLINE]).go().no();
}

#[test]
fn a_kernel_without_kernel_hashes_is_said_not_to_be_covered() {
    let guest = Guest::new().with_keys();
    let flags = "--kernel vmlinuz --kernel-hashes off --json";
    let outcome = guest.verify(&guest.sev(None), 1, flags).go();
    assert!(outcome.warnings()[0].starts_with("key sharing"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("a kernel is given but kernel-hashes is off"));
    assert!(outcome.answer().contains("command line: kernel-hashes is off"));
}

#[test]
fn variables_in_nvram_are_said_not_to_be_covered() {
    let (guest, digest) = sev_guest();
    assert!(guest.verify(&digest, 1, "--json").go().answer().contains("variables in NVRAM"));
}

#[test]
fn the_number_of_vcpus_that_matched_is_told() {
    let guest = Guest::new().with_keys();
    let digest = guest.es_legacy(MILAN, 5);
    let outcome = guest.verify(&digest, 5, "--vcpus 1..=8 --vcpu-type EPYC-Rome,EPYC-Milan").go();
    let answer = outcome.answer();
    for text in
        ["  vCPUs           5\n", "  CPU             0x00a00f11\n", "  profile         es-legacy\n"]
    {
        assert!(answer.contains(text), "{text}{answer}");
    }
}

#[test]
fn a_number_of_vcpus_outside_the_list_is_a_no() {
    let guest = Guest::new().with_keys();
    let digest = guest.es_legacy(MILAN, 5);
    let outcome = guest.verify(&digest, 5, "--vcpus 1..=4,6..=8 --vcpu-type EPYC-Milan").go();
    assert!(outcome.no().contains("matches none of 7 reference values"));
}

#[test]
fn the_number_of_vcpus_must_be_given_for_sev_es() {
    let guest = Guest::new().with_keys();
    let digest = guest.es_legacy(MILAN, 1);
    guest.verify(&digest, 5, "--vcpu-type EPYC-Milan").go().refused_with(&["--vcpus"]);
}

#[test]
fn the_default_profile_of_sev_es_is_the_legacy_one() {
    let guest = Guest::new().with_keys();
    let init2 = guest.sev_es(None, (Layout::QemuFpu, 0), MILAN, 4);
    assert!(guest.verify(&guest.es_legacy(MILAN, 4), 5, ES).go().answer().contains("es-legacy"));
    guest.verify(&init2, 5, ES).go().no();
}

#[test]
fn of_several_profiles_the_one_that_matched_is_told() {
    let guest = Guest::new().with_keys();
    for (layout, name) in [(Layout::QemuNofpu, "es-legacy"), (Layout::QemuFpu, "es-init2")] {
        let digest = guest.sev_es(None, (layout, 0), MILAN, 4);
        let outcome = guest.verify(&digest, 5, &format!("{ES} --profile es-legacy,es-init2")).go();
        assert!(
            outcome.answer().contains(&format!("  profile         {name}\n")),
            "{}",
            outcome.stdout
        );
    }
}

#[test]
fn the_flags_of_virt_qemu_sev_validate_mean_the_same() {
    let guest = Guest::new().with_keys();
    let digest = guest.es_legacy(MILAN, 4);
    let flags = "--num-cpus 4 --cpu-family 25 --cpu-model 1 --cpu-stepping 1";
    guest.verify(&digest, 5, flags).go().answer();
    let pages = expected::vmsa_pages(Layout::QemuNofpu, MILAN, 0, super::guest::RESET, 2);
    guest.file("vmsa0.bin", pages[0]);
    guest.file("vmsa1.bin", pages[1]);
    let flags = "--num-cpus 4 --vmsa-cpu0 vmsa0.bin --vmsa-cpu1 vmsa1.bin";
    guest.verify(&digest, 5, flags).go().answer();
    let flags = "--num-cpus 4 --vmsa-cpu0 vmsa1.bin --vmsa-cpu1 vmsa0.bin";
    guest.verify(&digest, 5, flags).go().no();
}

#[test]
fn the_technology_follows_the_policy() {
    let guest = Guest::new().with_keys();
    // ES = 1 and no VMSA was measured; ES = 0 and VMSAs were.
    guest.verify(&guest.sev(None), 5, ES).go().no();
    let outcome = guest.verify(&guest.es_legacy(MILAN, 4), 1, "").go();
    assert!(outcome.no().contains("matches none"));
}

#[test]
fn the_policy_is_said_by_its_bits_names() {
    let guest = Guest::new().with_keys();
    let digest = guest.es_legacy(MILAN, 4);
    let flags = claims(&reported(&digest, 5), 5);
    let run = |policy: &str| {
        let flags = flags.replace("--policy 0x5", &format!("--policy {policy}"));
        guest.run(&format!("verify --firmware OVMF.fd {ES} {flags}")).go()
    };
    run("0x5").answer();
    run("NODBG+ES").answer();
    run("NODBG+NOKS+ES").no();
    // Names of SNP's are no policy of this guest.
    assert!(run("SMT").refusal().contains("policy of SNP"));
}

#[test]
fn an_absorbed_firmware_stands_for_the_image() {
    let guest = Guest::new().with_keys();
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    let command = format!("verify --firmware-absorbed fw.json {ES}");
    guest.launched(&command, &guest.es_legacy(MILAN, 4), 5).go().answer();
}

// What is printed.

#[test]
fn the_document_of_a_yes_follows_its_schema() {
    let guest = Guest::new().with_keys();
    let outcome = guest.verify(&guest.es_legacy(MILAN, 4), 5, &format!("{ES} --json")).go();
    let document = document(&outcome);
    check_strictness(&schema("verify"), &document, &[]);
    for (place, value) in [
        ("/answer", json!("yes")),
        ("/reason", Value::Null),
        ("/for_peer", Value::Null),
        ("/technology", json!("sev-es")),
        ("/proven/vcpus", json!(4)),
        ("/proven/signature", json!("0x00a00f11")),
        ("/proven/digest", json!(guest.es_legacy(MILAN, 4))),
        ("/policy", json!("0x00000005 (NODBG, ES)")),
        ("/platform_version", json!("1.55 build 24")),
        ("/accepted_digests", json!(1)),
    ] {
        assert_eq!(document.pointer(place), Some(&value), "{place}");
    }
}

#[test]
fn the_document_of_a_no_follows_its_schema_and_proves_nothing() {
    let (guest, _) = sev_guest();
    let outcome = guest.verify(&"00".repeat(32), 1, "--json").go();
    assert_eq!(outcome.code, Some(1));
    let document = document(&outcome);
    check_strictness(&schema("verify"), &document, &[]);
    assert_eq!((&document["answer"], &document["proven"]), (&json!("no"), &Value::Null));
}

#[test]
fn a_peer_is_told_no_more_than_that_it_was_rejected() {
    let (guest, digest) = sev_guest();
    for (digest, flags) in [(&*"00".repeat(32), "--json"), (&*digest, "--json --require-build 25")]
    {
        let document = document(&guest.verify(digest, 1, flags).go());
        assert_eq!(document["for_peer"], json!("rejected"));
    }
}

#[test]
fn the_schema_refuses_values_of_another_kind() {
    let guest = Guest::new().with_keys();
    let schema = schema("verify");
    let outcome = guest.verify(&guest.es_legacy(MILAN, 4), 5, &format!("{ES} --json")).go();
    let good = document(&outcome);
    check(&schema, &good);
    for (place, value) in [
        ("/version", json!(2)),
        ("/answer", json!("maybe")),
        ("/technology", json!("snp")),
        ("/proven", Value::Null),
        ("/reason", json!("with a yes")),
        ("/proven/digest", json!("ab")),
        ("/proven/vcpus", json!(0)),
        ("/accepted_digests", json!(-1)),
        ("/demands", json!([])),
        ("/for_peer", json!("the TIK is wrong")),
    ] {
        let mut changed = good.clone();
        *changed.pointer_mut(place).expect("the field is there") = value;
        assert!(!schema.is_valid(&changed), "{place}");
    }
}

#[test]
fn answers_for_people() {
    let guest = Guest::new().with_keys();
    let digest = guest.es_legacy(MILAN, 4);
    let yes = guest.verify(&digest, 5, &format!("{ES} --require-api 1.50 --require-build 20")).go();
    golden("verify-yes.txt", yes.answer());
    let no = guest.verify(&digest, 7, ES).with(["--policy", "7"]).go();
    assert_eq!(no.code, Some(2), "a policy is given once");
    let no =
        guest.run(&format!("verify --firmware OVMF.fd {ES} {}", claims(&reported(&digest, 5), 7)));
    let no = no.go();
    no.no();
    golden("verify-no.txt", &no.stdout);
    // The command in it is run as it stands there.
    let why = no.stdout.lines().find_map(|line| line.trim().strip_prefix("why"));
    let why = why.and_then(|why| why.trim().strip_prefix("sev-launch ")).expect("a command");
    let explained = guest.run(why).go();
    assert_ne!(explained.code, Some(2), "{why}: {}", explained.stderr);
}

#[test]
fn no_key_is_ever_printed() {
    let (guest, digest) = sev_guest();
    guest.file("secret", "correct horse");
    guest.file("tk.bin", [TEK, TIK].concat());
    let secrets = "--tek tek.bin -s luks-key:secret --secret-header h --secret-payload p";
    let tk = claims(&reported(&digest, 1), 1).replace("--tik tik.bin", "--tk tk.bin");
    let malformed = {
        guest.file("bad.bin", [&TIK[..], b"!"].concat());
        claims(&reported(&digest, 1), 1).replace("tik.bin", "bad.bin")
    };
    for (outcome, code) in [
        (guest.verify(&digest, 1, "").go(), 0),
        (guest.verify(&digest, 1, &format!("{secrets} --json")).go(), 0),
        (guest.verify(&"00".repeat(32), 1, secrets).go(), 1),
        (guest.verify(&digest, 0, secrets).go(), 3),
        (guest.verify(&digest, 1, "--firmware-absorbed tik.bin").go(), 2),
        (guest.run(&format!("verify --firmware OVMF.fd {tk}")).go(), 0),
        (guest.run(&format!("verify --firmware OVMF.fd {malformed}")).go(), 2),
        (guest.run(&format!("verify --firmware tik.bin {tk}")).go(), 1),
    ] {
        assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
        shows_no_key(&outcome, &[&TEK, &TIK]);
    }
}

/// Fails where a key is in an outcome in one of its text forms.
#[track_caller]
pub(crate) fn shows_no_key(outcome: &Outcome, keys: &[&[u8]]) {
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(!said.is_empty());
    for key in keys {
        let lossy = String::from_utf8_lossy(key).into_owned();
        let base64 = BASE64.encode(key);
        // A key within more base64 has one of three forms, and the middle of each is its own.
        let within = [0, 1, 2].map(|shift| {
            let text = BASE64.encode([&vec![0; shift][..], key].concat());
            text[4..20].to_owned()
        });
        let debug = format!("{key:?}");
        let forms = [hex::encode(key), hex::encode_upper(key), base64, debug, lossy];
        for form in forms.iter().chain(&within) {
            assert!(!said.contains(form.as_str()), "{form} is in {said}");
        }
    }
}

#[test]
fn keys_are_found_where_they_are_shown() {
    let show = |text: String| Outcome { code: Some(0), stdout: text, stderr: String::new() };
    for text in [
        hex::encode(TIK),
        BASE64.encode([TEK, TIK].concat()),
        format!("{TIK:?}"),
        format!("{}", String::from_utf8_lossy(&TIK)),
    ] {
        let outcome = show(format!("the TIK is {text}!"));
        assert!(std::panic::catch_unwind(|| shows_no_key(&outcome, &[&TIK])).is_err(), "{text}");
    }
}

// Secrets.

#[test]
fn a_secret_is_packed_after_a_yes_so_that_the_platform_opens_it() {
    let (guest, digest) = sev_guest();
    guest.file("secret", "correct horse");
    let flags =
        "--tek tek.bin --inject-secret luks-key:secret --secret-header h --secret-payload p";
    guest.verify(&digest, 1, flags).go().answer();
    let [header, payload] =
        ["h", "p"].map(|name| BASE64.decode(guest.folder.read(name)).expect("base64"));
    let blob = BASE64.decode(reported(&digest, 1)).expect("base64");
    let table =
        platform::open_packet(TEK, &TIK, &blob, &header, &payload).expect("the MAC is right");
    // Header 20, entry 20 + 13, and zeros to a multiple of 16.
    assert_eq!(table.len(), 64);
    assert_eq!(&table[40..53], b"correct horse");
    assert_eq!(table[16..20], 53_u32.to_le_bytes());
    assert_eq!(table[53..], [0; 11]);
}

#[test]
fn nothing_is_packed_without_a_match() {
    let (guest, digest) = sev_guest();
    guest.file("secret", "correct horse");
    let flags =
        "--tek tek.bin --inject-secret luks-key:secret --secret-header h --secret-payload p";
    let names = guest.folder.names();
    guest.verify(&"00".repeat(32), 1, flags).go().no();
    guest.verify(&digest, 1, &format!("{flags} --require-build 25")).go().no();
    guest.verify(&digest, 0, flags).go().insecure(&[]);
    assert_eq!(guest.folder.names(), names);
}

#[test]
fn secrets_need_a_header_a_payload_and_a_tek() {
    let (guest, digest) = sev_guest();
    guest.file("secret", "correct horse");
    let secret = "--inject-secret luks-key:secret";
    for (flags, text) in [
        (format!("{secret} --tek tek.bin"), "--secret-header"),
        (format!("{secret} --tek tek.bin --secret-header h"), "--secret-payload"),
        (format!("{secret} --tek tek.bin --secret-payload p"), "--secret-header"),
        ("--tek tek.bin --secret-header h --secret-payload p".into(), "--inject-secret"),
        (format!("{secret} --secret-header h --secret-payload p"), "--tek"),
    ] {
        guest.verify(&digest, 1, &flags).go().refused_with(&[text]);
    }
    assert!(!guest.folder.join("h").exists() && !guest.folder.join("p").exists());
}

// The list of what is refused.

#[test]
fn every_test_that_the_list_of_refusals_names_is_there() {
    let text = std::fs::read_to_string(root().join("docs/refusals.md")).expect("the list");
    let mut names = 0;
    for (file, rest) in text.split('`').filter_map(|code| code.split_once("::")) {
        let Some((folder, file)) = file.split_once('/') else { continue };
        let folder = match folder {
            "command" => "cli/tests/command".into(),
            name => format!("{name}/tests"),
        };
        let path = root().join("crates").join(folder).join(file);
        let source = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(source.contains(&format!("fn {rest}(")), "{file}::{rest}");
        names += 1;
    }
    assert!(names > 80, "{names}");
}

#[test]
fn attack_evidence_that_is_half_read_is_refused() {
    let (guest, digest) = sev_guest();
    guest.file("secret", "passphrase");
    guest.file("tek.bin", TEK);
    let claims = claims(&reported(&digest, 1), 1);
    let command = format!("verify --firmware OVMF.fd {claims} --evidence evidence {LUKS}");
    for (evidence, said) in [
        (r#"{"policy": 1, "state": ["running"]}"#, r#"state: ["running"] is no text"#),
        (r#"{"policy": 1, "state": 1}"#, "state: 1 is no text"),
        (r#"{"policy": 1, "state": null}"#, "state: null is no text"),
        (r#"{"policy": null}"#, "policy: null is no number"),
        (r#"{"state": "running", "state": "launch-secret"}"#, "duplicate field `state`"),
        (r#"{"return": [null, null, null, null, null, "running"]}"#, "expected an object"),
    ] {
        guest.file("evidence", evidence);
        guest.run(&command).go().refused_with(&["evidence", said]);
        assert!(!guest.folder.join("h").exists() && !guest.folder.join("p").exists());
    }
    guest.file("evidence", r#"{"policy": 1, "state": "launch-secret"}"#);
    guest.run(&command).go().answer();
}

#[test]
fn a_secret_is_never_sealed_under_the_tik() {
    let (guest, digest) = sev_guest();
    guest.file("secret", "passphrase");
    let command = format!("verify --firmware OVMF.fd {}", claims(&reported(&digest, 1), 1));
    let outcome = guest.run(&format!("{command} {}", LUKS.replace("tek.bin", "tik.bin"))).go();
    outcome.refused_with(&["the TEK and the TIK are the same"]);
    assert!(!guest.folder.join("h").exists());
}

#[test]
fn attack_a_running_guest_hidden_behind_virsh_lines_gets_no_secret() {
    let (guest, digest) = sev_guest();
    guest.file("secret", "passphrase");
    guest.file("tek.bin", TEK);
    let command = format!("verify --firmware OVMF.fd {}", claims(&reported(&digest, 1), 1));
    for more in ["state: running", "sev -policy: 3", "{\"return\": {\"state\": \"running\"}}"] {
        guest.file("info", format!("{}{more}\n", virsh(&reported(&digest, 1), 1)));
        let outcome = guest.run(&format!("{command} --evidence info {LUKS}")).go();
        outcome.refused_with(&["is no `sev-NAME: VALUE`"]);
        assert!(!guest.folder.join("h").exists());
    }
}
