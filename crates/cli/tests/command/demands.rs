//! Every demand beside every source of what is expected: an unmet one is a no, whichever way the guest was described.

use clap::Arg;
use sev_launch_testkit::testdata_folder;

use super::guest::{Guest, MILAN};
use super::harness::Run;
use super::platform::{claims, reported};

/// SNP's demands, each with a value that `testdata/snp/report.bin` does not meet.
const SNP: [(&str, &str); 28] = [
    ("policy", "0x20000"),
    ("policy_set", "RAPL_DIS"),
    ("policy_clear", "SMT"),
    ("min_policy_abi", "1.51"),
    ("generation", "turin"),
    ("min_tcb", "bootloader=255,tee=255,snp=255,microcode=255"),
    ("min_platform_tcb", "bootloader=5,tee=0,snp=0,microcode=0"),
    ("min_launch_tcb", "milan:bootloader=0,tee=0,snp=0,microcode=220"),
    ("min_firmware", "1.56"),
    ("min_firmware_build", "30"),
    ("min_committed_firmware", "1.55.30"),
    ("advisory", "AMD-SB-3030"),
    ("platform_set", "ALIAS_CHECK_COMPLETE"),
    ("report_data", "64"),
    ("host_data", "32"),
    ("id_key_digest", "48"),
    ("author_key_digest", "48"),
    ("trusted_id_key", "48"),
    ("trusted_author_key", "48"),
    ("vmpl", "3"),
    ("report_id", "32"),
    ("min_report_version", "4"),
    // The ID block's own fields mean something beside its signer's key alone, and zeros are none.
    ("min_guest_svn", "4294967295 --id-key-digest zeros"),
    ("family_id", "16 --author-key-digest zeros"),
    ("image_id", "16 --id-key-digest zeros"),
    ("chip_id", "64"),
    ("signing_key", "vlek"),
    // Another agent than none contradicts what is refused anyway.
    ("report_id_ma", "32"),
];

/// Met by the report, whose PLATFORM_INFO is 0; a bit that is demanded to be set too contradicts it.
const MET: [&str; 1] = ["platform_clear"];

/// The demands that contradict a policy that is described, rather than being unmet by it.
const ON_POLICY: [&str; 3] = ["policy", "policy_set", "policy_clear"];

const POLICY: &str = "0x30000";

/// A demand as typed; a number alone stands for so many bytes that the report does not have.
fn typed((flag, value): (&str, &str)) -> String {
    let (value, more) = value.split_once(' ').unwrap_or((value, ""));
    let is_size = ["16", "32", "48", "64"].contains(&value);
    let value = if is_size { "99".repeat(value.parse().expect("a size")) } else { value.into() };
    let more = more.replace("zeros", &"00".repeat(48));
    format!("--{} {value} {more}", flag.replace('_', "-"))
}

/// The same as a file of demands, in JSON: every flag is a key.
fn in_file(demand: (&str, &str)) -> String {
    let words = typed(demand);
    let words: Vec<&str> = words.split_ascii_whitespace().collect();
    let entries = words.chunks(2).map(|pair| {
        let key = pair[0].trim_start_matches('-').replace('-', "_");
        format!("{key:?}: {:?}", pair[1])
    });
    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
}

fn testdata(name: &str) -> Vec<u8> {
    std::fs::read(testdata_folder().join(name)).expect("testdata")
}

/// The README's guest with its report and certificates, each described in several ways.
fn snp_guest() -> Guest {
    let guest = Guest::new();
    for (name, from) in [
        ("amdsev.fd", "firmware/amdsev.fd"),
        ("kernel", "boot/vmlinuz"),
        ("initrd", "boot/initrd.img"),
        ("cmdline", "boot/cmdline"),
        ("report", "snp/report.bin"),
        ("vcek", "snp/vcek.der"),
        ("ask", "snp/ask.der"),
        ("ark", "snp/ark.der"),
    ] {
        guest.file(name, testdata(from));
    }
    let described = "technology = 'snp'\nvcpus = 4\ncpu = 'EPYC-Milan'\nPOLICY\n[firmware]\npath = 'amdsev.fd'\n\
                     [boot]\nkernel = 'kernel'\ninitrd = 'initrd'\ncmdline_file = 'cmdline'\n";
    guest.file("plain.toml", described.replace("POLICY", ""));
    guest.file("policy.toml", described.replace("POLICY", &format!("policy = {POLICY}")));
    for name in ["plain", "policy"] {
        guest.run(&format!("manifest build -d {name}.toml -o {name}.json")).go().answer();
    }
    guest
}

/// The ways in which a guest's digests are given, and whether its policy is with them.
fn snp_sources(guest: &Guest) -> Vec<(&'static str, String, bool)> {
    const FLAGS: &str = "--firmware amdsev.fd --kernel kernel --initrd initrd --cmdline-file cmdline --vcpus 4 --vcpu-type EPYC-Milan";
    let digest = guest.run(&format!("digest --mode snp {FLAGS}")).go().line().to_owned();
    vec![
        ("flags", FLAGS.into(), false),
        ("flags and the policy", format!("{FLAGS} --policy {POLICY}"), true),
        ("a description", "-d plain.toml".into(), false),
        ("a description with its policy", "-d policy.toml".into(), true),
        ("a manifest", "--manifest plain.json".into(), false),
        ("a manifest with its policy", "--manifest policy.json".into(), true),
        ("a digest that is known", format!("--measurement {digest}"), false),
    ]
}

/// The command that takes such a source.
fn snp_commands(guest: &Guest, source: &str) -> Vec<Run> {
    const CHIP: &str = "--vek vcek --chain ask --root ark";
    let mut runs = Vec::new();
    if !source.contains("--measurement") {
        runs.push(guest.run(&format!("verify --report report {CHIP} {source}")));
    }
    if !source.contains("--manifest") {
        runs.push(guest.run(&format!("report appraise report {CHIP} {source}")));
    }
    runs
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn attack_a_demand_is_never_dropped_beside_any_source_of_snp() {
    let guest = snp_guest();
    for (name, source, has_policy) in snp_sources(&guest) {
        for run in snp_commands(&guest, &source) {
            run.go().answer();
        }
        for demand in
            SNP.iter().filter(|(flag, _)| !(*flag == "policy" && source.contains("--policy")))
        {
            guest.file("demands.json", in_file(*demand));
            let by_flag = snp_commands(&guest, &source)
                .into_iter()
                .map(|run| run.with(typed(*demand).split_ascii_whitespace()));
            let by_file = snp_commands(&guest, &source)
                .into_iter()
                .take(1)
                .map(|run| run.with(["--demands", "demands.json"]));
            for run in by_flag.chain(by_file) {
                let outcome = run.go();
                let contradicts =
                    has_policy && ON_POLICY.contains(&demand.0) || demand.0 == "report_id_ma";
                let wanted = match demand.1.contains("zeros") {
                    true => 3,
                    false if contradicts => 2,
                    false => 1,
                };
                let said = format!("{name}, {demand:?}: {}\n{}", outcome.stdout, outcome.stderr);
                assert_eq!(outcome.code, Some(wanted), "{said}");
            }
        }
    }
}

#[test]
fn demands_that_contradict_each_other_are_refused() {
    let guest = snp_guest();
    for (_, source, _) in snp_sources(&guest) {
        for (demands, said) in [
            ("--policy-set DEBUG", "DEBUG is demanded to be 1"),
            ("--policy-set MIGRATE_MA", "MIGRATE_MA is demanded to be 1"),
            ("--policy-set SMT --policy-clear SMT", "SMT is demanded to be 0"),
        ] {
            for run in snp_commands(&guest, &source) {
                run.with(demands.split(' ')).go().refused_with(&[said]);
            }
        }
        // What is accepted may also be demanded: the report does not have it.
        for run in snp_commands(&guest, &source).into_iter().filter(|_| !source.contains("policy"))
        {
            let outcome = run.with("--allow-debug --policy-set DEBUG".split(' ')).go();
            assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        }
    }
    // What a described policy has already is no contradiction.
    let run = guest.run("verify --report report --vek vcek --chain ask --root ark -d policy.toml --policy 0x30000 --policy-set SMT --policy-clear DEBUG");
    run.go().answer();
}

/// The flags of a command under this heading, by clap's names.
fn flags_under(command: &[&str], heading: &str) -> Vec<String> {
    let mut all = sev_launch::command();
    all.build();
    let mut found = &all;
    for name in command {
        found = found.find_subcommand(name).expect("a command");
    }
    let is_under = |flag: &&Arg| flag.get_help_heading() == Some(heading);
    found.get_arguments().filter(is_under).map(|flag| flag.get_id().to_string()).collect()
}

// A demand that is new must be walked too.
#[test]
fn every_flag_that_demands_is_in_the_walk() {
    let walked: Vec<_> = SNP.iter().map(|(flag, _)| *flag).collect();
    for command in [&["verify"][..], &["report", "appraise"]] {
        for flag in flags_under(command, "Demands") {
            // Those loosen a demand; a file has the same demands.
            let is_walked = walked.contains(&&*flag)
                || MET.contains(&&*flag)
                || flag.starts_with("allow_")
                || flag == "demands";
            assert!(is_walked, "--{flag} of {command:?} is in no walk");
        }
    }
    let policy = flags_under(&["verify"], "Policy");
    let known = ["allow_debug", "require", "require_api", "require_build"];
    assert!(policy.iter().all(|flag| known.contains(&&**flag)), "{policy:?}");
}

#[test]
fn every_key_of_a_file_is_in_the_walk() {
    let walked: Vec<_> = SNP.iter().map(|(flag, _)| *flag).chain(MET).collect();
    for key in sev_launch_evidence::demands::KEYS {
        // A list of digests is a source by itself, and met or not like one.
        assert!(
            walked.contains(&key.name) || key.name == "launch_digest",
            "{} is in no walk",
            key.name
        );
    }
}

// A file's digests are those that are accepted, or narrow what another source accepts.
#[test]
fn attack_digests_of_a_file_are_never_widened_by_another_source() {
    const CHIP: &str = "--vek vcek --chain ask --root ark";
    let guest = snp_guest();
    let right = guest.run("digest -d plain.toml").go().line().to_owned();
    let other = "99".repeat(48);
    guest.file("right.toml", format!("launch_digest = ['{right}', '{other}']"));
    guest.file("other.toml", format!("launch_digest = '{other}'"));
    let verify = |rest: &str| guest.run(&format!("verify --report report {CHIP} {rest}")).go();
    verify("--demands right.toml").answer();
    verify("--demands right.toml -d plain.toml").answer();
    verify(&format!("--demands right.toml --launch-digest {right}")).answer();
    assert_eq!(verify("--demands other.toml").code, Some(1));
    for source in ["-d plain.toml".to_owned(), format!("--launch-digest {right}")] {
        verify(&format!("--demands other.toml {source}")).refused_with(&["none of the 1"]);
    }
    assert_eq!(verify(&format!("--demands right.toml --launch-digest {other}")).code, Some(1));
    guest.file("clear.toml", "platform_clear = 'SMT_EN'");
    verify("--demands clear.toml -d plain.toml").answer();
    verify("--demands clear.toml -d plain.toml --platform-set SMT_EN").refused_with(&["0x1"]);
    // What is said of a guest is looked at, or refused.
    for more in [
        "--kernel kernel",
        "--vcpus 77 --vcpu-type EPYC-Rome",
        "--kernel-sha256 HASH",
        "--harmless x",
    ] {
        let more = more.replace("HASH", &"00".repeat(32));
        let outcome = verify(&format!("--demands right.toml {more}"));
        assert_eq!(outcome.code, Some(2), "{more}: {}", outcome.stdout);
    }
    // Standard input, and what is wrong in a file.
    guest.file("clear.toml", "platform_clear = 'SMT_EN'");
    verify("--demands right.toml --demands clear.toml").answer();
    assert_eq!(verify("--demands right.toml --demands other.toml").code, Some(1));
    guest.file("policy.textproto", "policy { policy: 0x20000 }");
    verify("--demands policy.textproto").refused_with(&["import check-policy policy.textproto"]);
    guest.file("wrong.toml", "vmlp = 0");
    verify("--demands wrong.toml -d plain.toml").refused_with(&["wrong.toml", "vmlp", "vmpl"]);
    verify("--demands absent.toml -d plain.toml").refused_with(&["absent.toml"]);
}

// A key in a file is its digest; a file that holds none is told.
#[test]
fn a_signer_is_typed_or_read_from_its_file() {
    const CHIP: &str = "--vek vcek --chain ask --root ark";
    let guest = snp_guest();
    let verify =
        |rest: &str| guest.run(&format!("verify --report report {CHIP} -d plain.toml {rest}")).go();
    let outcome = verify("--trusted-id-key ask");
    outcome.refused_with(&["--trusted-id-key", "P-384"]);
    let outcome = verify("--trusted-id-key vcek");
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("no ID key"), "{}", outcome.stdout);
}

#[test]
fn attack_a_demand_is_never_dropped_beside_any_source_of_sev() {
    let guest = Guest::new().with_keys();
    guest.file("es.toml", "technology = 'sev-es'\nvcpus = 4\ncpu = 'EPYC-Milan'\nprofile = 'es-legacy'\nPOLICY[firmware]\npath = 'OVMF.fd'\n".replace("POLICY", ""));
    guest.file("es-policy.toml", "technology = 'sev-es'\nvcpus = 4\ncpu = 'EPYC-Milan'\nprofile = 'es-legacy'\npolicy = 5\n[firmware]\npath = 'OVMF.fd'\n");
    for name in ["es", "es-policy"] {
        guest.run(&format!("manifest build -d {name}.toml -o {name}.json")).go().answer();
    }
    let digest = guest.es_legacy(MILAN, 4);
    let claims = claims(&reported(&digest, 5), 5);
    for source in [
        format!("--launch-digest {digest}"),
        "--firmware OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan --profile es-legacy".into(),
        "-d es.toml".into(),
        "-d es-policy.toml".into(),
        "--manifest es.json".into(),
        "--manifest es-policy.json".into(),
    ] {
        let run = |demand: &str| guest.run(&format!("verify {claims} {source} {demand}")).go();
        run("").answer();
        // Policy 5 is NODBG and ES, and the platform is of version 1.55 and build 24.
        run("--require es --require-api 1.55 --require-build 24").answer();
        for demand in [
            "--require noks",
            "--require nosend",
            "--require domain",
            "--require sev",
            "--require es,sev",
            "--require-api 1.56",
            "--require-api 2.0",
            "--require-build 25",
        ] {
            let outcome = run(demand);
            assert_eq!(outcome.code, Some(1), "{source} {demand}: {}", outcome.stderr);
            assert!(outcome.stdout.contains("no: found "), "{demand}: {}", outcome.stdout);
        }
    }
    // Another policy than the one described is a contradiction, and of another technology too.
    let other = super::platform::claims(&reported(&digest, 7), 7);
    for source in ["-d es-policy.toml", "--manifest es-policy.json"] {
        guest.run(&format!("verify {other} {source}")).go().refused_with(&["describes policy 0x5"]);
    }
    let sev = super::platform::claims(&reported(&digest, 1), 1);
    guest
        .run(&format!("verify {sev} -d es.toml"))
        .go()
        .refused_with(&["describes a guest of sev-es"]);
}

#[test]
fn a_required_bit_that_is_missing_makes_no_session_and_no_packet() {
    let guest = Guest::new().with_keys();
    let digest = guest.sev(None);
    guest.file("secret", "s");
    let run = guest
        .run("secret build header payload -s luks-key:secret --tek tek.bin --firmware OVMF.fd --require noks")
        .with(claims(&reported(&digest, 1), 1).split(' '));
    let outcome = run.go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(!guest.folder.join("header").exists() && !guest.folder.join("payload").exists());
}

#[test]
fn attack_a_report_that_the_host_asked_for_is_never_demanded() {
    let guest = snp_guest();
    let digest = "00".repeat(48);
    let command = "report appraise report --vek vcek --chain ask --root ark --measurement";
    for level in ["4", "4294967295"] {
        guest
            .run(&format!("{command} {digest} --vmpl {level}"))
            .go()
            .refused_with(&["--vmpl", "0 to 3"]);
    }
}

// HOST_DATA that a source describes is demanded, and adds to what flags demand.
// No measurement of SEV and SEV-ES holds it, so whoever asks for it would be answered as if it were there.
#[test]
fn attack_host_data_of_a_guest_that_has_none_is_not_passed_over() {
    let guest = Guest::new();
    for technology in ["technology = 'sev'", "technology = 'sev-es'\nvcpus = 1\ncpu = 'EPYC'"] {
        let data = "ab".repeat(32);
        let text = format!("{technology}\nfirmware.path = 'OVMF.fd'\nhost_data = '{data}'");
        guest.file("launch.toml", text);
        for command in ["digest", "manifest build"] {
            let outcome = guest.run(&format!("{command} -d launch.toml")).go();
            outcome.refused_with(&["HOST_DATA", "SNP"]);
        }
    }
}

#[test]
fn attack_host_data_that_is_described_is_never_dropped() {
    const CHIP: &str = "--vek vcek --chain ask --root ark";
    let guest = snp_guest();
    let plain = String::from_utf8(guest.folder.read("plain.toml")).expect("text");
    // The report's HOST_DATA is all zeros (testdata/README.md).
    let (zeros, other) = ("00".repeat(32), "01".repeat(32));
    for (name, data) in [("zeros", &zeros), ("other", &other)] {
        guest.file(&format!("{name}.toml"), format!("host_data = '{data}'\n{plain}"));
        guest.run(&format!("manifest build -d {name}.toml -o {name}.json")).go().answer();
    }
    for source in ["-d NAME.toml", "--manifest NAME.json"] {
        let verify = |name: &str, flags: &str| {
            let source = source.replace("NAME", name);
            guest.run(&format!("verify --report report {CHIP} {source} {flags}")).go()
        };
        verify("zeros", "").answer();
        assert_eq!(verify("other", "").code, Some(1));
        assert_eq!(verify("plain", &format!("--host-data {other}")).code, Some(1));
        let outcome = verify("other", &format!("--host-data {zeros}"));
        outcome.refused_with(&["describes HOST_DATA 0101", "no guest has both"]);
    }
    // As QEMU has it, in base64 of 32 bytes 1; another size starts no guest.
    let line = |data: &str| {
        format!(
            "qemu-system-x86_64 -machine q35,confidential-guest-support=s -cpu EPYC-Milan -smp 4 -bios amdsev.fd \
             -object sev-snp-guest,id=s,cbitpos=51,reduced-phys-bits=1,host-data={data}"
        )
    };
    guest.file("line", line("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="));
    let imported = guest.run("import qemu line").go();
    assert!(imported.answer().contains(&format!("host_data = \"{other}\"")), "{}", imported.stdout);
    guest.file("line", line("AQEB"));
    guest.run("import qemu line").go().refused_with(&["host-data", "3 bytes", "32"]);
}

#[test]
fn attack_an_id_block_that_is_described_is_never_dropped() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    const CHIP: &str = "--vek vcek --chain ask --root ark";
    let guest = snp_guest();
    let plain = String::from_utf8(guest.folder.read("plain.toml")).expect("text");
    // The report is of a guest without an ID block, whose ID_KEY_DIGEST is all zeros; a block is for the report's own policy.
    let report = guest.folder.read("report");
    let mut block = [0; 96];
    block[0x58..].copy_from_slice(&report[8..16]);
    let (block, auth) = (STANDARD.encode(block), STANDARD.encode([7; 4096]));
    guest.file("signed.toml", format!("id_block = '{block}'\nid_auth = '{auth}'\n{plain}"));
    guest.run("manifest build -d signed.toml -o signed.json").go().answer();
    for source in ["-d signed.toml", "--manifest signed.json"] {
        let verify = |flags: &str| {
            guest.run(&format!("verify --report report {CHIP} {source} {flags}")).go()
        };
        let outcome = verify("");
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        assert!(outcome.stdout.contains("ID_KEY_DIGEST"), "{}", outcome.stdout);
        let other = verify(&format!("--id-key-digest {}", "01".repeat(48)));
        other.refused_with(&["ID_KEY_DIGEST is demanded to be", "no report is both"]);
    }
    // A manifest without the block, or with another, is not current where the block is described.
    guest.run("manifest build -d plain.toml -o plain.json").go().answer();
    for (manifest, description) in [("plain", "signed"), ("signed", "plain")] {
        let check =
            guest.run(&format!("manifest check {manifest}.json -d {description}.toml")).go();
        assert_eq!(check.code, Some(1), "{}", check.stderr);
        assert!(check.stdout.contains("ID block"), "{}", check.stdout);
    }
    guest.run("manifest check signed.json -d signed.toml").go().answer();
    // One of both is none that the AMD-SP takes.
    guest.file("half.toml", format!("id_block = '{block}'\n{plain}"));
    let half = guest.run(&format!("verify --report report {CHIP} -d half.toml")).go();
    half.refused_with(&["id_block is given without id_auth"]);
}
