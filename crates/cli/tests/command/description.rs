//! Launch descriptions: read by every command, replaced by flags, swept over, shown with their origins.

use serde_json::{Value, json};
use sev_launch_testkit::expected::{self, Layout};
use sev_launch_testkit::kernel;

use super::guest::{CMDLINE, GENOA, Guest, MILAN, image};
use super::harness::{Outcome, golden};
use super::json::{check, document, schema};

/// The guest of all tests, in a folder below the one where commands run.
const LAUNCH: &str = r#"
technology = "snp"
policy = 0x30000
vcpus = 2
cpu = "EPYC-Milan"

[firmware]
path = "OVMF.fd"

[boot]
kernel = "vmlinuz"
initrd = "initrd.img"
cmdline = "console=ttyS0 root=/dev/vda1 quiet"
"#;

/// Standard output's lines, each a JSON object.
fn json_lines(outcome: &Outcome) -> Vec<Value> {
    let parse = |line: &&str| serde_json::from_str(line).expect("a line is JSON");
    outcome.lines().iter().map(parse).collect()
}

fn digests(outcome: &Outcome) -> Vec<String> {
    let digest = |row: &Value| row["digest"].as_str().expect("a digest").to_owned();
    json_lines(outcome).iter().map(digest).collect()
}

#[test]
fn a_file_says_what_flags_would() {
    let guest = Guest::new();
    guest.file("launch.toml", LAUNCH);
    let expected = guest.snp(Some(&guest.table()), MILAN, 2);
    assert_eq!(guest.run("digest -d launch.toml").go().line(), expected);
    let form = json!({
        "technology": "snp", "vcpus": 2, "signature": "0xa00f11",
        "firmware": {"path": "OVMF.fd"},
        "boot": {"kernel": "vmlinuz", "initrd": "initrd.img", "cmdline": CMDLINE},
    });
    check(&schema("launch"), &form);
    guest.file("launch.json", form.to_string());
    assert_eq!(guest.run("digest --description launch.json").go().line(), expected);
}

#[test]
fn paths_are_those_of_the_file_s_folder() {
    let guest = Guest::new();
    guest.file("launch.toml", LAUNCH);
    let folder = guest.folder.path().to_owned();
    let name = folder.file_name().expect("a name").to_str().expect("text");
    let outcome =
        guest.run(&format!("digest -d {name}/launch.toml")).in_folder(folder.join("..")).go();
    assert_eq!(outcome.line(), guest.snp(Some(&guest.table()), MILAN, 2));
}

#[test]
fn flags_replace_single_fields() {
    let guest = Guest::new();
    guest.file("launch.toml", LAUNCH);
    let digest =
        |flags: &str| guest.run(&format!("digest -d launch.toml {flags}")).go().line().to_owned();
    let table = guest.table();
    assert_eq!(digest("--vcpus 3"), guest.snp(Some(&table), MILAN, 3));
    assert_eq!(digest("--vcpu-sig 0xa10f10"), guest.snp(Some(&table), GENOA, 2));
    assert_eq!(digest("--cmdline a"), guest.snp(Some(&guest.table_of(b"a")), MILAN, 2));
    assert_eq!(digest("--kernel-hashes off --quiet"), guest.snp(None, MILAN, 2));
    let none = expected::hashes_table(&guest.kernel, None, Some(CMDLINE.as_bytes()));
    let empty = "--initrd-sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(digest(empty), guest.snp(Some(&none), MILAN, 2));
    // A kernel's hash replaces its file; the file need not be there.
    let other = kernel::bz_image(9_000);
    let table = expected::hashes_table(&other, Some(&guest.initrd), Some(CMDLINE.as_bytes()));
    let hash = sha256(&other);
    assert_eq!(digest(&format!("--kernel-sha256 {hash}")), guest.snp(Some(&table), MILAN, 2));
    let es = guest.sev_es(Some(&guest.table()), (Layout::QemuNofpu, 0), MILAN, 2);
    guest.file("es.toml", LAUNCH.replace("policy = 0x30000", "policy = 5"));
    assert_eq!(guest.run("digest -d es.toml --mode seves").go().line(), es);
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(bytes))
}

#[test]
fn lists_are_every_combination_in_order() {
    let guest = Guest::new();
    let second = image().pattern(3, 5).build();
    guest.file("second.fd", &second);
    guest.file("other.img", b"other");
    guest.file(
        "launch.toml",
        r#"
technology = "sev"
[firmware]
path = ["OVMF.fd", "second.fd"]
[boot]
kernel = "vmlinuz"
initrd = ["initrd.img", "other.img"]
cmdline = ["a", "b"]
kernel_hashes = [true, false]
"#,
    );
    let mut wanted = Vec::new();
    for image in [&guest.image, &second] {
        for initrd in [&guest.initrd[..], b"other"] {
            for cmdline in [b"a", b"b"] {
                let table = expected::hashes_table(&guest.kernel, Some(initrd), Some(cmdline));
                wanted.push(hex::encode(expected::sev(image, Some(&table))));
            }
        }
        // What is not measured is one launch, whatever is given.
        wanted.push(hex::encode(expected::sev(image, None)));
    }
    let outcome = guest.run("digest -d launch.toml").go();
    assert_eq!(digests(&outcome), wanted);
    let rows = json_lines(&outcome);
    assert_eq!(rows[3]["initrd"], "other.img");
    assert_eq!(rows[3]["cmdline"], "b");
    assert_eq!(rows[9]["firmware"], "second.fd");
    assert_eq!(rows[9]["kernel"], Value::Null);
    let document = document(&guest.run("digest -d launch.toml --json").go());
    check(&schema("digest"), &document);
    assert_eq!(document["digests"][5]["firmware"], 1);
    assert_eq!(document["digests"][4]["kernel_hashes"], false);
}

#[test]
fn features_and_profiles_are_axes_too() {
    let guest = Guest::new();
    let launch = LAUNCH.replace("vcpus = 2", "vcpus = [1, \"3..=4\"]\nsev_features = [0x1, 0x21]");
    guest.file("launch.toml", launch);
    let mut wanted = Vec::new();
    for features in [0x1, 0x21] {
        for vcpus in [1, 3, 4] {
            let page = (Layout::QemuFpu, features);
            wanted.push(guest.snp_by(
                expected::Vmm::Qemu,
                Some(&guest.table()),
                page,
                MILAN,
                vcpus,
            ));
        }
    }
    assert_eq!(digests(&guest.run("digest -d launch.toml").go()), wanted);
}

#[test]
fn a_table_has_a_column_for_what_varies() {
    let guest = Guest::new();
    let outcome =
        guest.digest("--mode seves --vcpu-type EPYC-Milan --vcpus 1,2 --format table -q").go();
    let wanted = [
        "vCPUs  digest".to_owned(),
        format!("1      {}", guest.es_legacy(MILAN, 1)),
        format!("2      {}", guest.es_legacy(MILAN, 2)),
    ];
    assert_eq!(outcome.lines(), wanted);
}

#[test]
fn what_is_described_wrongly_is_refused() {
    let guest = Guest::new();
    let wrong_hash = format!("[firmware]\nsha256 = \"{}\"", "ab".repeat(32));
    for (from, to, said) in [
        ("vcpus", "vcpu", "launch.toml, line 4: unknown key vcpu: did you mean vcpus?"),
        ("0x30000", "0x1", "bit 17"),
        ("snp", "tdx", "is no technology"),
        ("vcpus = 2", "", "every vCPU is measured"),
        ("[firmware]", &wrong_hash, "this is not the firmware described"),
        ("\"vmlinuz\"", "\"missing\"", "missing"),
        ("\"EPYC-Milan\"", "\"EPYC-Milna\"", "EPYC-Milna"),
        ("\"EPYC-Milan\"", "\"host\"", "host"),
    ] {
        guest.file("launch.toml", LAUNCH.replacen(from, to, 1));
        guest.run("digest -d launch.toml").go().refused_with(&[said]);
    }
    guest.file("launch.toml", b"\xff");
    guest.run("digest -d launch.toml").go().refused_with(&["text in UTF-8"]);
    guest.run("digest -d nowhere.toml").go().refused_with(&["nowhere.toml"]);
    guest.file("launch.json", "{\"vcpus\": }");
    guest.run("digest -d launch.json").go().refused_with(&["launch.json", "line 1"]);
}

#[test]
fn every_command_takes_one() {
    let guest = Guest::new();
    guest.file("launch.toml", LAUNCH);
    let digest = guest.snp(Some(&guest.table()), MILAN, 2);
    guest
        .run("id-block build -d launch.toml --policy 0x30000 --to-be-signed block.bin")
        .go()
        .answer();
    // [SNP-ABI, ID_BLOCK]: the launch digest leads.
    assert_eq!(hex::encode(&guest.folder.read("block.bin")[..48]), digest);
    // A guest of another technology is refused before any evidence counts.
    guest.file("tik.bin", [7; 16]);
    let outcome = guest
        .run("verify -d launch.toml --policy 0x1 --tik tik.bin --api-major 1 --api-minor 55 --build-id 1")
        .with(["--measurement", &"ab".repeat(48)])
        .go();
    outcome.refused_with(&["launch.toml describes a guest of snp"]);
}

#[test]
fn describe_says_where_each_value_came_from() {
    let guest = Guest::new();
    guest.file("launch.toml", LAUNCH);
    let outcome = guest.run("describe -d launch.toml --vcpus 1..=8 --kernel-hashes off").go();
    golden("describe.toml", outcome.answer());
    // What is shown is a description of the same launches.
    guest.file("again.toml", outcome.answer());
    let run = |flags: &str| guest.run(flags).go().answer().to_owned();
    assert_eq!(
        run("digest -d again.toml --quiet"),
        run("digest -d launch.toml --vcpus 1..=8 --kernel-hashes off --quiet")
    );
    let json = document(&guest.run("describe -d launch.toml --json").go());
    check(&schema("describe"), &json);
    check(&schema("launch"), &json["description"]);
    assert_eq!(json["values"][3]["key"], "vcpus");
    assert_eq!(json["values"][3]["origin"], "launch.toml");
    assert_eq!(json["problem"], Value::Null);
}

#[test]
fn describe_shows_what_is_not_enough_too() {
    let guest = Guest::new();
    guest.file("launch.toml", "vcpus = 3");
    let outcome = guest.run("describe -d launch.toml").go();
    assert_eq!(outcome.code, Some(2));
    assert_eq!(outcome.stdout, "vcpus = 3  # launch.toml\n");
    assert!(outcome.stderr.contains("no technology"), "{}", outcome.stderr);
}

#[test]
fn what_was_asked_to_be_checked_is_checked_whatever_file_is_given() {
    let guest = Guest::new();
    let pin = format!("[firmware]\nsha256 = \"{}\"", "00".repeat(32));
    let pinned = LAUNCH.replace("[firmware]\npath = \"OVMF.fd\"", &pin);
    guest.file("pinned.toml", pinned);
    let digest =
        |flags: &str| guest.run(&format!("digest -d pinned.toml --firmware OVMF.fd {flags}")).go();
    digest("").refused_with(&["this is not the firmware described"]);
    // Who means another one says so.
    let own = sha256(&guest.image);
    let outcome = digest(&format!("--firmware-sha256 {own}"));
    assert_eq!(outcome.line(), guest.snp(Some(&guest.table()), MILAN, 2));
    // An image's SHA-256 proves nothing of an SNP digest that comes from elsewhere.
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    guest.file(
        "absorbed.toml",
        LAUNCH
            .replace("path = \"OVMF.fd\"", &format!("absorbed = \"fw.json\"\nsha256 = \"{own}\"")),
    );
    guest
        .run("digest -d absorbed.toml")
        .go()
        .refused_with(&["proves nothing of an absorbed firmware"]);
}

#[test]
fn attack_null_drops_no_demand_of_a_description() {
    let guest = Guest::new();
    let form = |key: &str| {
        json!({
            "technology": "snp", "vcpus": 2, "cpu": "EPYC-Milan",
            "policy": if key == "policy" { Value::Null } else { json!("0x30000") },
            "firmware": { "path": "OVMF.fd", "sha256": if key == "firmware.sha256" { Value::Null } else { json!(sha256(&guest.image)) } },
            "boot": { "kernel": "vmlinuz", "kernel_hashes": if key == "boot.kernel_hashes" { Value::Null } else { json!(true) } },
        })
    };
    for key in ["policy", "firmware.sha256", "boot.kernel_hashes"] {
        guest.file("launch.json", form(key).to_string());
        let said = format!("{key}: null says nothing");
        guest.run("digest -d launch.json").go().refused_with(&["launch.json", &said]);
    }
    guest.file("launch.json", form("").to_string());
    guest.run("digest -d launch.json").go().answer();
}

#[test]
fn attack_a_list_is_no_table_of_a_description() {
    let guest = Guest::new();
    for (name, text, said) in [
        ("a.json", r#"["snp"]"#, "a description's keys"),
        ("b.json", r#"{"technology": "sev", "firmware": ["OVMF.fd"]}"#, "[firmware] with path"),
        ("c.toml", "technology = \"sev\"\nfirmware = [\"OVMF.fd\"]", "[firmware] with path"),
    ] {
        guest.file(name, text);
        guest.run(&format!("digest -d {name}")).go().refused_with(&[name, said]);
    }
}

#[test]
fn attack_an_absorbed_firmware_that_is_half_read_is_refused() {
    let guest = Guest::new();
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    let stored: Value = serde_json::from_slice(&guest.folder.read("fw.json")).expect("JSON");
    let names = "absorbed_firmware size sha256 midstate tail snp table reset hashes secret svsm_entry sections";
    let list: Vec<_> = names
        .split(' ')
        .map(|name| match name {
            "tail" => json!(""),
            name => stored[name].clone(),
        })
        .collect();
    let mut without = stored.clone();
    without["secret"] = Value::Null;
    for (forged, said) in [(json!(list), "expected an object"), (without, "null")] {
        guest.file("forged.json", forged.to_string());
        let outcome = guest.run("digest --mode sev --firmware-absorbed forged.json").go();
        outcome.refused_with(&["forged.json", said]);
    }
}

#[test]
fn attack_a_firmware_s_sha256_proves_no_table_of_an_absorbed_one() {
    let guest = Guest::new().with_keys();
    guest.file("secret", "passphrase");
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    let stored: Value = serde_json::from_slice(&guest.folder.read("fw.json")).expect("JSON");
    let pinned = format!("--firmware-absorbed fw.json --firmware-sha256 {}", sha256(&guest.image));
    // A guest whose further vCPUs start elsewhere, and a secret area of 16 KiB in place of 3.
    let elsewhere = expected::vmsa_pages(Layout::QemuNofpu, MILAN, 0, 0x1234_5678, 2);
    let es = hex::encode(expected::sev_es(&guest.image, None, &elsewhere));
    for (field, value, mode, digest, policy) in [
        ("reset", json!(0x1234_5678), "--vcpus 2 --vcpu-type EPYC-Milan", es, 5),
        ("secret", json!([0x0081_0000, 0x4000]), "", guest.sev(None), 1),
    ] {
        let mut forged = stored.clone();
        forged[field] = value;
        guest.file("fw.json", forged.to_string());
        let unproven = ["it proves nothing of an absorbed firmware's tables", "--firmware-sha256"];
        let launched =
            |command: &str| guest.launched(&format!("{command} {mode}"), &digest, policy).go();
        launched(&format!("verify {pinned}")).refused_with(&unproven);
        let pack = "--tek tek.bin -s luks-key:secret";
        launched(&format!("secret build h p {pinned} {pack}")).refused_with(&unproven);
        assert!(!guest.folder.join("h").exists() && !guest.folder.join("p").exists());
        // Nothing else was in the way: who trusts the file as the image gets an answer.
        launched("verify --firmware-absorbed fw.json").answer();
    }
}

#[test]
fn a_machine_alone_replaces_no_profile() {
    let guest = Guest::new();
    guest.file(
        "launch.toml",
        LAUNCH.replace("vcpus = 2", "vcpus = 2\nprofile = \"snp-amdese-old\""),
    );
    let digest =
        |flags: &str| guest.run(&format!("digest -d launch.toml {flags}")).go().line().to_owned();
    assert_eq!(digest("--machine pc-q35-9.2"), digest(""));
}

#[test]
fn a_described_policy_is_demanded() {
    let guest = Guest::new();
    // testdata/README.md: the report is of this guest, with policy 0x30000.
    let text = std::fs::read_to_string(sev_launch_testkit::testdata_folder().join("launch.toml"))
        .expect("it is there");
    let folder = sev_launch_testkit::testdata_folder();
    let path = |name: &str| folder.join(name).display().to_string();
    let verify = |policy: &str, flags: &str| {
        let own = text
            .replace("0x30000", policy)
            .replace("firmware/", &path("firmware/"))
            .replace("boot/", &path("boot/"));
        guest.file("own.toml", own);
        let certificates = [
            "--report",
            "snp/report.bin",
            "--vek",
            "snp/vcek.der",
            "--chain",
            "snp/ask.der",
            "--root",
            "snp/ark.der",
        ];
        let certificates = certificates
            .map(|word| if word.starts_with("--") { word.to_owned() } else { path(word) });
        // The command line's file lies elsewhere.
        let allow = ["--allow-outside".as_ref(), folder.as_os_str()];
        guest.run(&format!("verify -d own.toml {flags}")).with(certificates).with(allow).go()
    };
    assert_eq!(verify("0x30000", "").code, Some(0));
    assert_eq!(verify("0x1030000", "").code, Some(1));
    verify("0x1030000", "--policy 0x30000").refused_with(&["describes policy"]);
    // SEV: the session's policy is another than the one described.
    guest.file("sev.toml", "technology = \"sev\"\npolicy = 0x3\n[firmware]\npath = \"OVMF.fd\"\n");
    guest.file("tik.bin", [7; 16]);
    let digest = expected::sev(&guest.image, None);
    let blob = expected::measurement(&[7; 16], [1, 55, 24], 1, digest, [3; 16]);
    let outcome = guest
        .run("verify -d sev.toml --policy 0x1 --tik tik.bin --api-major 1 --api-minor 55 --build-id 24")
        .with(["--measurement", &hex::encode(blob)])
        .go();
    outcome.refused_with(&["sev.toml describes policy 0x3", "0x1"]);
}

#[test]
fn launches_that_qemu_aborts_have_no_digest() {
    let guest = Guest::new();
    let text = "--mode snp --vcpus 1 --vcpu-type EPYC-Milan";
    guest.digest(&format!("{text} --kernel-hashes on")).go().refused_with(&["QEMU aborts"]);
    assert_eq!(guest.digest(text).go().line(), guest.snp(None, MILAN, 1));
}

#[test]
fn lists_beyond_any_sweep_are_refused_and_not_tried() {
    let guest = Guest::new();
    let numbers: Vec<String> = (0..3000).map(|number| number.to_string()).collect();
    let lines: Vec<String> = (0..3000).map(|number| format!("\"{number}\"")).collect();
    let text = LAUNCH
        .replace("cpu = \"EPYC-Milan\"", &format!("signature = [{}]", numbers.join(",")))
        .replace("\"console=ttyS0 root=/dev/vda1 quiet\"", &format!("[{}]", lines.join(",")));
    guest.file("launch.toml", text);
    guest.run("digest -d launch.toml").go().refused_with(&["more than 1000000 combinations"]);
}

#[test]
fn another_technology_takes_no_policy_along() {
    let guest = Guest::new();
    guest.file("launch.toml", LAUNCH);
    let outcome = guest.run("describe -d launch.toml --mode sev").go();
    assert!(!outcome.answer().contains("policy"), "{}", outcome.stdout);
    let outcome = guest.run("digest -d launch.toml --mode snp --profile es-legacy").go();
    outcome.refused_with(&["es-legacy"]);
    guest.run("describe -d launch.toml --profile es-legacy").go();
}
