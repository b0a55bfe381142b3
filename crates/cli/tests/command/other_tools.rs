//! The program under the names of other tools: their words, output, files and exit codes.
//!
//! Digests are those of `sev_launch_testkit::expected`; `cargo xtask drop-in` compares with the tool itself.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use p384::ecdsa::SigningKey;
use sev_launch_testkit::expected::{self, Layout, Vmm};
use sev_launch_testkit::firmware::{self, CPUID, RESET_BLOCK, SECRETS, Section};
use sha2::{Digest as _, Sha384};

use super::guest::{CMDLINE, GENOA, Guest, HASH_AREA, MILAN, RESET, image};
use super::harness::{Folder, Outcome, Run};

const MEASURE: &str = "sev-snp-measure";

/// The program under another name, in a folder that is not the one where it runs.
fn linked(links: &Folder, name: &str) -> PathBuf {
    let link = links.join(name);
    symlink(env!("CARGO_BIN_EXE_sev-launch"), &link).expect("a link can be made");
    link
}

/// sev-snp-measure on the guest's firmware, with flags that are apart by spaces.
fn measure(guest: &Guest, flags: &str) -> Outcome {
    let links = Folder::new();
    let run = Run::of(linked(&links, MEASURE), flags.split_ascii_whitespace());
    run.with(["--ovmf", "OVMF.fd"]).in_folder(guest.folder.path()).go()
}

#[test]
fn values_that_are_ours_are_printed_alone() {
    let guest = Guest::new();
    let milan = "--vcpu-type EPYC-Milan";
    for (flags, expected) in [
        ("--mode sev".into(), guest.sev(None)),
        (format!("--mode snp --vcpus 2 {milan}"), guest.snp(None, MILAN, 2)),
        (
            "--mode snp --vcpus 3 --vmm-type ec2".into(),
            guest.snp_by(Vmm::Ec2, None, (Layout::Ec2, 1), MILAN, 3),
        ),
        (
            format!("--mode snp --vcpus 2 --vmm-type gce {milan}"),
            guest.snp_by(Vmm::Gce, None, (Layout::Gce, 1), MILAN, 2),
        ),
        (
            "--mode snp --vcpus 2 --vcpu-sig 0xa00f11 --guest-features 0x21".into(),
            guest.snp_by(Vmm::Qemu, None, (Layout::QemuFpu, 0x21), MILAN, 2),
        ),
    ] {
        let outcome = measure(&guest, &flags);
        assert_eq!(outcome.line(), expected, "{flags}");
        assert_eq!(outcome.stderr, "", "{flags}");
    }
    let links = Folder::new();
    let outcome = Run::of(linked(&links, MEASURE), ["--mode", "snp", "--vcpus", "4"])
        .with(["--vcpu-type", "EPYC-Milan", "--ovmf", "OVMF.fd", "--kernel", "vmlinuz"])
        .with(["--initrd", "initrd.img", "--append", CMDLINE])
        .in_folder(guest.folder.path())
        .go();
    assert_eq!(outcome.line(), guest.snp(Some(&guest.table()), MILAN, 4));
}

#[test]
fn sev_es_is_the_tool_s_and_ours_stands_beside_it() {
    let guest = Guest::new();
    let outcome = measure(&guest, "--mode seves --vcpus 2 --vcpu-type EPYC-Milan");
    assert_eq!(outcome.line(), guest.sev_es(None, (Layout::QemuFpu, 0), MILAN, 2));
    let [note] = outcome.notes()[..] else { panic!("one line: {}", outcome.stderr) };
    assert!(note.contains("es-init2") && note.contains("es-legacy is "), "{note}");
    assert!(note.contains(&guest.es_legacy(MILAN, 2)), "{note}");
    assert!(note.contains("legacy-vm-type=off"), "{note}");
}

#[test]
fn google_s_genoa_stands_beside_its_milan() {
    let guest = Guest::new();
    let outcome = measure(&guest, "--mode snp --vcpus 1 --vcpu-type EPYC-Genoa --vmm-type gce");
    assert_eq!(outcome.line(), guest.snp_by(Vmm::Gce, None, (Layout::Gce, 1), GENOA, 1));
    let ours = guest.snp_by(Vmm::GceGenoa, None, (Layout::Gce, 1), GENOA, 1);
    assert!(outcome.notes()[0].contains(&format!("snp-gce-genoa is {ours}")), "{}", outcome.stderr);
}

#[test]
fn output_has_the_tool_s_forms() {
    let guest = Guest::new();
    let hex = guest.snp(None, MILAN, 1);
    let base64 = BASE64.encode(hex::decode(&hex).expect("hex"));
    let snp = "--mode snp --vcpus 1 --vcpu-type EPYC-Milan";
    for (flags, expected) in [
        (format!("{snp} --output-format base64"), base64.clone()),
        (format!("{snp} -v"), format!("Calculated SEV_SNP guest measurement: {hex}")),
        (
            format!("{snp} --verbose --output-format base64"),
            format!("Calculated SEV_SNP guest measurement: {base64}"),
        ),
        ("--mode sev -v".into(), format!("Calculated SEV guest measurement: {}", guest.sev(None))),
    ] {
        assert_eq!(measure(&guest, &flags).line(), expected, "{flags}");
    }
    let version = measure(&guest, "--version");
    assert!(version.line().starts_with("sev-snp-measure 0.0.13 (sev-launch "), "{version:?}");
    assert!(measure(&guest, "--help").answer().contains("--snp-ovmf-hash HASH"));
}

#[test]
fn pages_are_written_as_the_tool_writes_them() {
    let guest = Guest::new();
    measure(&guest, "--mode seves --vcpus 3 --vcpu-type EPYC-Milan --dump-vmsa").line();
    let pages = expected::vmsa_pages(Layout::QemuFpu, MILAN, 0, RESET, 3);
    for (number, page) in pages.iter().enumerate() {
        assert_eq!(guest.folder.read(&format!("vmsa{number}.bin")), page.to_vec(), "{number}");
    }
}

#[test]
fn what_no_host_reports_is_refused_with_ours_beside_it() {
    let guest = Guest::new();
    let milan = "--vcpu-type EPYC-Milan";
    for (flags, texts) in [
        (
            format!("--mode seves --vcpus 2 {milan} --guest-features 0x20"),
            vec![
                "does not look at --guest-features (0x20)".to_owned(),
                guest.sev_es(None, (Layout::QemuNofpu, 0x20), MILAN, 2),
            ],
        ),
        (
            format!("--mode seves --vcpus 2 {milan} --guest-features 1"),
            vec!["es-legacy (".into(), guest.es_legacy(MILAN, 2)],
        ),
        (
            format!("--mode snp --vcpus 1 {milan} --vmm-type gce --kernel vmlinuz"),
            vec![
                "GCE starts no guest from a kernel file".into(),
                guest.snp_by(Vmm::Gce, None, (Layout::Gce, 1), MILAN, 1),
            ],
        ),
        (
            "--mode seves --vcpus 2 --vmm-type ec2".into(),
            vec!["--vmm-type ec2 starts no SEV-ES guest".into()],
        ),
        (format!("--mode snp --vcpus 0 {milan}"), vec!["--vcpus 0: wanted 1 to 4096".into()]),
        (
            format!("--mode snp --vcpus 1 {milan} --svsm svsm.bin"),
            vec!["--svsm would not be looked at in mode snp".into()],
        ),
        (
            format!("--mode snp --vcpus 1 {milan} --vcpu-sig 0xb00f21"),
            vec!["0x00b00f21".into(), "0x00a00f11".into()],
        ),
    ] {
        let outcome = measure(&guest, &flags);
        outcome.refused_with(&["sev-snp-measure: error: "]);
        outcome.refused_with(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

// The tool names a field that does not exist, so the FPU's control word stays 0. [sev-snp-measure, vmsa.py]
#[test]
fn an_svsm_s_digest_is_refused_with_both_that_hosts_report() {
    let guest = Guest::new();
    let svsm = image().svsm_info(0x40).build();
    guest.file("svsm.bin", &svsm);
    let flags = "--vcpus 2 --vcpu-type EPYC-Milan --svsm svsm.bin --vars-size 8192";
    let outcome = measure(&guest, &format!("--mode snp:svsm {flags}"));
    let digest = |profile: &str| {
        let ours = guest.digest(&format!("--mode snp:svsm --profile {profile} {flags}"));
        ours.go().line().to_owned()
    };
    let (legacy, nofpu) = (digest("snp-svsm-legacy"), digest("snp-svsm-nofpu"));
    assert_ne!(legacy, nofpu);
    outcome.refused_with(&["control word", &legacy, &nofpu]);
    assert!(!outcome.stderr.contains(&digest("snp-svsm-ssm")), "{}", outcome.stderr);
}

#[test]
fn firmware_of_which_the_tool_measures_less_is_refused() {
    let guest = Guest::new();
    guest.file("OVMF.fd", image().without_metadata().build());
    let flags = "--mode snp --vcpus 1 --vcpu-type EPYC-Milan";
    measure(&guest, flags).refused_with(&["no SEV metadata", "prints a digest all the same"]);
}

// What the tool does with each of these is seen by `cargo xtask drop-in`.
#[test]
fn faults_of_firmware_that_the_tool_passes_over_are_told_from_those_that_stop_it() {
    let guest = Guest::new();
    let long_cpuid =
        [Section::new(0x80_d000, 0x1000, SECRETS), Section::new(0x80_e000, 0x2000, CPUID)];
    let snp = "--mode snp --vcpu-type EPYC-Milan --vcpus";
    for (firmware, flags, code, text) in [
        (
            image().sections(long_cpuid),
            format!("{snp} 1"),
            2,
            "CPUID has 8192 bytes, of which the tool counts the first page",
        ),
        (image().reset(0), format!("{snp} 1"), 2, "prints a digest all the same"),
        (image().reset(0), format!("{snp} 2"), 1, "reset address is 0"),
        (image().without(RESET_BLOCK), format!("{snp} 1"), 1, "no SEV-ES reset block"),
        (image().without_table(), format!("{snp} 1"), 1, "error: "),
        (
            image().hash_area(HASH_AREA, 0x80),
            format!("{snp} 1 --kernel vmlinuz"),
            2,
            "prints a digest all the same",
        ),
        (
            image().without(firmware::HASH_AREA),
            "--mode sev --kernel vmlinuz".into(),
            1,
            "no kernel hash table area",
        ),
    ] {
        guest.file("OVMF.fd", firmware.build());
        let outcome = measure(&guest, &flags);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(code), ""), "{flags}: {text}");
        assert!(outcome.stderr.contains(text), "{flags}: {}", outcome.stderr);
    }
    guest.file("OVMF.fd", image().sections(long_cpuid).build());
    let ours = guest.digest(&format!("{snp} 1")).go().line().to_owned();
    assert!(measure(&guest, &format!("{snp} 1")).stderr.contains(&ours));
    // Without a page that is cut, the same firmware is the tool's too.
    let short = [long_cpuid[0], Section::new(0x80_e000, 0x1000, CPUID)];
    guest.file("OVMF.fd", image().sections(short).build());
    measure(&guest, &format!("{snp} 1")).line();
}

#[test]
fn exit_codes_are_the_tool_s() {
    let guest = Guest::new();
    let usage = measure(&guest, "--mode snp --vcpu-type EPYC-Milan");
    usage.refused_with(&["usage: sev-snp-measure ", "missing --vcpus N in guest mode 'snp'"]);
    let usage = measure(&guest, "--mode snp --vcpus 1 --vcpu-type Milan");
    usage.refused_with(&["invalid choice: 'Milan' (choose from 'EPYC', "]);
    for flags in [
        "--mode sev --kernel nowhere",
        "--mode snp --vcpus 1 --vcpu-family 25",
        "--mode sev --snp-ovmf-hash 00",
    ] {
        let outcome = measure(&guest, flags);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{flags}");
        assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
    }
}

#[test]
fn what_is_printed_of_arguments_is_escaped() {
    let guest = Guest::new();
    let links = Folder::new();
    let run = Run::of(
        linked(&links, MEASURE),
        ["--mode", "sev\u{1b}[2J\n::error::x", "--ovmf", "OVMF.fd"],
    );
    let outcome = run.in_folder(guest.folder.path()).go();
    outcome.refused_with(&["\\u{1b}[2J\\n"]);
    assert!(!outcome.stderr.contains('\u{1b}'), "{}", outcome.stderr);
}

/// A made-up key's scalar.
const fn scalar(seed: u8) -> [u8; 48] {
    [seed; 48]
}

/// ECPrivateKey (RFC 5915) with the curve's name, by hand.
fn private(seed: u8) -> Vec<u8> {
    let curve = [0xa0, 7, 6, 5, 0x2b, 0x81, 4, 0, 0x22];
    [&[0x30, 62, 2, 1, 1, 4, 48][..], &scalar(seed), &curve].concat()
}

/// SHA-384 of a public key as ID blocks have it: the curve's number, x and y in 72 bytes each, little-endian, 1028 bytes in all.
fn key_digest(seed: u8) -> String {
    let key = SigningKey::from_slice(&scalar(seed)).expect("the scalar is below the order");
    let point = key.verifying_key().to_sec1_point(false);
    let mut bytes = [0_u8; 1028];
    bytes[0] = 2;
    for (at, coordinate) in [(4, &point.as_bytes()[1..49]), (76, &point.as_bytes()[49..97])] {
        for (place, byte) in bytes[at..].iter_mut().zip(coordinate.iter().rev()) {
            *place = *byte;
        }
    }
    BASE64.encode(Sha384::digest(bytes))
}

#[test]
fn id_blocks_are_made_in_the_words_of_the_second_tool() {
    let (folder, links) = (Folder::new(), Folder::new());
    folder.file("id.der", private(7));
    folder.file("author.der", private(9));
    let program = linked(&links, "snp-create-id-block.py");
    let keys = ["--idkey", "id.der", "--authorkey", "author.der"];
    let run = |words: &[&str]| Run::of(&program, words).with(keys).in_folder(folder.path()).go();
    let digest = [0x5a; 48];
    let outcome = run(&["--measurement", &BASE64.encode(digest)]);
    let [blocks, id_key, author] = outcome.lines()[..] else { panic!("{outcome:?}") };
    let (block, auth) = blocks
        .strip_prefix("id-block=")
        .and_then(|rest| rest.split_once(",id-auth="))
        .expect("both");
    // The digest, no family and image, version 1, security version 0, policy 0x30000.
    let expected =
        [&digest[..], &[0; 32], &[1, 0, 0, 0], &[0; 4], &[0, 0, 3, 0, 0, 0, 0, 0]].concat();
    assert_eq!(BASE64.decode(block).expect("base64"), expected);
    assert_eq!(id_key, format!("id_key_hash: {}", key_digest(7)));
    assert_eq!(author, format!("author_key: {}", key_digest(9)));
    folder.file("block.b64", block);
    folder.file("auth.b64", auth);
    let check = ["id-block", "check", "block.b64", "auth.b64"];
    Run::new(check).in_folder(folder.path()).go().answer();

    // In hex it would be read as another digest.
    let hex = run(&["--measurement", &hex::encode(digest)]);
    hex.refused_with(&["in hex", &format!("in base64 it is {}", BASE64.encode(digest))]);
    run(&["--measurement", &BASE64.encode([0x5a; 49])]).refused_with(&["wanted 48 bytes"]);
    for words in [&["--measurement", "QUJD"][..], &[]] {
        let outcome = run(words);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{words:?}");
    }
    let outcome = Run::of(&program, ["--measurement", "QUJD"]).go();
    outcome.refused_with(&["missing key files for id block"]);
}

// What stands for commands of other tools.

/// The line of ours, and the notes beside it, for words that are none of ours.
#[track_caller]
fn line_for(words: &str) -> (String, Vec<String>) {
    let outcome = Run::new(words.split_ascii_whitespace()).go();
    let said = outcome.refusal();
    let line = said.lines().find_map(|line| line.strip_prefix("  sev-launch "));
    let notes = outcome.notes().into_iter().map(str::to_owned).collect();
    (line.unwrap_or_else(|| panic!("{words}: {said}")).to_owned(), notes)
}

#[test]
fn commands_of_other_tools_are_answered_with_ours_and_the_values_typed() {
    for (words, line) in [
        ("export --full x.chain", "certs verify x.chain"),
        ("generate oca.cert oca.key", "certs verify CHAIN --owner oca.cert"),
        ("session -n vm2 x.chain 0x5", "session x.chain 0x5 --name vm2"),
        ("verify --sev x.chain --ca=ca.cert", "certs verify x.chain --ca ca.cert"),
        (
            "measurement build --api-major 1 --api-minor 55 --build-id 24 --policy 5 --tik t --num-cpus 2",
            "verify --api-major 1 --api-minor 55 --build-id 24 --policy 5 --tik t --vcpus 2 --measurement MEASUREMENT",
        ),
        (
            "secret build --tik t --tek k --launch-measure-blob B --secret g:f h p",
            "secret build h p --tik t --tek k --measurement B --secret g:f --policy POLICY --api-major MAJOR \
             --api-minor MINOR --build-id BUILD --launch-digest DIGEST",
        ),
        ("vmsa update v.bin --cpu 1 --userspace qemu", "vmsa build v.bin --cpu 1 --userspace qemu"),
        ("verify certs ./certs", "report verify REPORT --vek ./certs/vcek.pem"),
        ("verify attestation ./certs r.bin", "report verify r.bin --vek ./certs/vcek.pem"),
        (
            "verify attestation ./certs r.bin -m 00 -d 11",
            "verify --report r.bin --vek ./certs/vcek.pem --launch-digest 00 --host-data 11",
        ),
        ("display report r.bin", "report show r.bin"),
        ("report r.bin q.bin --random", "report show r.bin"),
        (
            "generate measurement -v4 --vcpu-type EPYC-Milan -o f.fd -m m.txt",
            "digest --mode snp --vcpus 4 --vcpu-type EPYC-Milan --ovmf f.fd > m.txt",
        ),
        (
            "generate measurement --vcpu-sig 1 -o f.fd",
            "digest --mode snp --vcpu-sig 1 --ovmf f.fd --vcpus 1",
        ),
        ("generate ovmf-hash -o f.fd", "digest --mode snp:ovmf-hash --ovmf f.fd"),
        (
            "generate id-block i.pem a.pem 0x00 -s 3",
            "id-block build --id-key i.pem --author-key a.pem --digest 0x00 --guest-svn 3 --policy 0x30000 \
             --out id-block.b64 id-auth.b64 --base64",
        ),
        (
            "generate key-digest k.pem",
            "id-block build --id-key k.pem --digest DIGEST --policy 0x30000 --to-be-signed id-block.bin",
        ),
        (
            "verify -m M -k k -n 2 --tk t --policy 3",
            "verify --measurement M --kernel k --vcpus 2 --tk t --policy 3",
        ),
        (
            "verify --domain guest --tk t",
            "verify --tk t --policy POLICY --description launch.toml --evidence launch.txt",
        ),
        ("virt-qemu-sev-validate --tik t", "verify --tik t --policy POLICY"),
        ("sevctl vmsa show v.bin", "vmsa show v.bin --json"),
    ] {
        assert_eq!(line_for(words).0, line, "{words}");
    }
}

#[test]
fn what_is_not_carried_over_is_told() {
    let (_, notes) = line_for("measurement build --nonce N --tik t");
    assert!(notes.iter().any(|note| note.starts_with("--nonce is left out: ")), "{notes:?}");
    let (_, notes) = line_for("verify --domain guest --tk t");
    assert!(
        notes.iter().any(|note| note.contains("virsh dumpxml guest > domain.xml")),
        "{notes:?}"
    );
    // No tip that leads elsewhere.
    let outcome = Run::new(["verify", "--domain", "guest"]).go();
    assert!(!outcome.refusal().contains("--machine"), "{}", outcome.stderr);
    for words in
        ["reset", "sevctl show version", "snpguest ok", "key k.bin vcek", "snpguest nothing-known"]
    {
        let outcome = Run::new(words.split(' ')).go();
        outcome.refused_with(&["has no equal here", "note: "]);
    }
}

#[test]
fn the_certificate_is_the_one_that_is_in_the_folder() {
    let folder = Folder::new();
    let line = |name: &str| {
        let words = ["verify", "attestation", ".", "r.bin"];
        let outcome = Run::new(words).in_folder(folder.path()).go();
        outcome.refused_with(&[&format!("sev-launch report verify r.bin --vek ./{name}\n")]);
    };
    line("vcek.pem");
    folder.file("vlek.der", "");
    line("vlek.der");
    folder.file("vcek.pem", "");
    line("vcek.pem");
}

/// The line that is answered, run by `sh` in a folder with our name first on PATH; the arguments that came of it.
fn pasted(words: &[&str], folder: &Folder) -> Vec<String> {
    let outcome = Run::new(words).in_folder(folder.path()).go();
    let line = outcome.refusal().lines().nth(1).expect("a line").to_owned();
    let bin = Folder::new();
    // A shell writes the program, so that no thread of ours has it open while another one starts it.
    let write =
        r#"printf '%s\n' '#!/bin/sh' 'printf "%s\n" "$@"' > sev-launch; chmod +x sev-launch"#;
    Run::of("sh", ["-c", write]).in_folder(bin.path()).go().answer();
    let path = format!("PATH={}:/usr/bin:/bin", bin.path().display());
    let outcome = Run::of("env", [path.as_str(), "sh", "-c", &line]).in_folder(folder.path()).go();
    outcome.lines().into_iter().map(str::to_owned).collect()
}

#[test]
fn attack_a_pasted_answer_runs_nothing_else() {
    for (words, expected) in [
        (
            &["verify", "attestation", ";touch PWNED;#", "r{FOLDER}"][..],
            &["report", "verify", "r{FOLDER}", "--vek", ";touch PWNED;#/vcek.pem"][..],
        ),
        (
            &["snpguest", "generate", "id-block", "id{DIGEST}.pem", "a.pem", " $(touch PWNED) "],
            &[
                "id-block",
                "build",
                "--id-key",
                "id{DIGEST}.pem",
                "--author-key",
                "a.pem",
                "--digest",
                " $(touch PWNED) ",
                "--policy",
                "0x30000",
                "--out",
                "id-block.b64",
                "id-auth.b64",
                "--base64",
            ],
        ),
        // It did not end.
        (&["display", "report", "{REPORT}"], &["report", "show", "{REPORT}"]),
        (&["display", "report", "x{y}"], &["report", "show", "x{y}"]),
        (&["display", "report", "=ls"], &["report", "show", "=ls"]),
        (&["session", "c{POLICY}", "0x5"], &["session", "c{POLICY}", "0x5"]),
    ] {
        let folder = Folder::new();
        // Where `session` is ours, the tool's name asks for theirs.
        let tool = if words[0] == "session" { &["sevctl"][..] } else { &[] };
        assert_eq!(pasted(&[tool, words].concat(), &folder), expected, "{words:?}");
        assert!(!folder.join("PWNED").exists(), "{words:?}");
    }
    // As zsh needs it.
    let outcome = Run::new(["display", "report", "=ls"]).go();
    outcome.refused_with(&["sev-launch report show '=ls'\n"]);
}

#[test]
fn attack_the_certificate_is_looked_for_in_the_folder_alone() {
    let folder = Folder::new();
    for name in ["b/vcek.der", "q dir/vlek.der"] {
        std::fs::create_dir(folder.join(name).parent().expect("a folder")).expect("a folder");
        folder.file(name, "");
    }
    let certificate = |in_folder: &str, report: &str| {
        pasted(&["verify", "attestation", in_folder, report], &folder).join("|")
    };
    assert_eq!(certificate("q dir", "r"), "report|verify|r|--vek|q dir/vlek.der");
    assert_eq!(certificate("b", "a b/vcek.pem c"), "report|verify|a b/vcek.pem c|--vek|b/vcek.der");
    assert_eq!(certificate("c", "b/vcek.pem"), "report|verify|b/vcek.pem|--vek|c/vcek.pem");
}

#[test]
fn attack_a_product_s_name_is_no_report() {
    let outcome = Run::new("snpguest fetch ca pem ./certs milan".split(' ')).go();
    outcome.refused_with(&["snpguest fetch ca has no equal here", "built in"]);
    assert!(!outcome.stderr.contains("report verify"), "{}", outcome.stderr);
    assert_eq!(line_for("fetch vcek pem ./certs r.bin").0, "report verify r.bin");
    assert_eq!(line_for("verify tcb certs r.bin").0, "report verify r.bin --vek certs/vcek.pem");
}

#[test]
fn values_are_quoted_for_a_shell_and_hidden_ones_are_not_repeated() {
    let run = |value: &str| Run::new(["generate", "measurement", "-o", "f.fd", "-a", value]).go();
    run("quiet; reboot").refused_with(&["--append 'quiet; reboot'"]);
    let outcome = run("a\u{1b}[2J");
    assert!(!outcome.refusal().contains('\u{1b}'), "{}", outcome.stderr);
}

#[test]
fn words_that_are_nobody_s_are_clap_s_to_answer() {
    for words in [
        "frobnicate",
        "verify --nonsense",
        "report shwo r.bin",
        "secret build --tik t",
        "certs export x",
    ] {
        let outcome = Run::new(words.split(' ')).go();
        assert!(!outcome.refusal().contains(" is here:"), "{words}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("no equal"), "{words}: {}", outcome.stderr);
    }
}

#[test]
fn a_mode_without_a_command_is_digest_s() {
    let guest = Guest::new();
    let run = |flags: &str| guest.run(flags).go();
    assert_eq!(run("--mode sev --ovmf OVMF.fd").line(), guest.sev(None));
    assert_eq!(run("--ovmf OVMF.fd --mode=sev -v").line(), guest.sev(None));
    run("--ovmf OVMF.fd").refusal();
    assert_eq!(run("sev-snp-measure --mode sev --ovmf OVMF.fd").line(), guest.sev(None));
}
