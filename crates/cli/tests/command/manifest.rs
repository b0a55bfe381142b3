//! `manifest`: built from a description, checked against the files, compared, extended, published, and verified with.

use std::path::PathBuf;

use serde_json::{Value, json};
use sev_launch_testkit::expected;
use sev_launch_testkit::testdata_folder;

use super::guest::{CMDLINE, Guest, MILAN, image};
use super::harness::Outcome;
use super::json::{check, document, schema};

const LAUNCH: &str = r#"
technology = "snp"
policy = 0x30000
vcpus = [2, 4]
cpu = "EPYC-Milan"
[firmware]
path = "OVMF.fd"
[boot]
kernel = "vmlinuz"
initrd = "initrd.img"
cmdline = "console=ttyS0 root=/dev/vda1 quiet"
"#;

/// A guest with `launch.toml` and the manifest built of it.
fn built() -> Guest {
    let guest = Guest::new();
    guest.file("launch.toml", LAUNCH);
    guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
    guest
}

fn stored(guest: &Guest) -> Value {
    serde_json::from_slice(&guest.folder.read("manifest.json")).expect("JSON")
}

/// The answer of a command that says no.
#[track_caller]
fn no(outcome: &Outcome) -> &str {
    assert_eq!(outcome.code, Some(1), "{}\n{}", outcome.stdout, outcome.stderr);
    &outcome.stdout
}

#[test]
fn a_manifest_holds_inputs_and_rows() {
    let guest = built();
    let found = stored(&guest);
    check(&schema("manifest"), &found);
    check(&schema("launch"), &found["description"]);
    assert_eq!(found["name"], "launch");
    // What was settled by default is recorded, so that another default changes no old manifest.
    assert_eq!(found["description"]["profile"], "snp-qemu");
    let table = guest.table();
    for (row, vcpus) in [(0, 2), (1, 4)] {
        assert_eq!(found["rows"][row]["digest"], guest.snp(Some(&table), MILAN, vcpus));
        assert_eq!(found["rows"][row]["vcpus"], vcpus);
        assert_eq!(found["rows"][row]["obtained"], json!({"how": "computed"}));
    }
    let roles = ["firmware", "kernel", "initrd", "cmdline"];
    let inputs = found["inputs"].as_array().expect("a list");
    assert!(inputs.iter().map(|input| &input["role"]).eq(roles.iter()));
    let text = guest.run("manifest show manifest.json").go().answer().to_owned();
    assert!(text.contains("observed") || text.contains("computed"), "{text}");
}

#[test]
fn what_did_not_change_is_current() {
    let guest = built();
    let outcome = guest.run("manifest check manifest.json").go();
    assert!(outcome.answer().contains("is current: 2 rows"), "{}", outcome.stdout);
    // Both can be moved together.
    let folder = guest.folder.path().to_owned();
    let name = folder.file_name().expect("a name").to_str().expect("text").to_owned();
    let check = format!("manifest check {name}/manifest.json");
    guest.run(&check).in_folder(folder.join("..")).go().answer();
    // A manifest in another folder sees its inputs from there.
    std::fs::create_dir(guest.folder.join("out")).expect("a folder");
    guest.run("manifest build -d launch.toml -o out/manifest.json").go().answer();
    guest.run("manifest check out/manifest.json").go().answer();
}

#[test]
fn drift_is_named_by_its_cause() {
    let guest = built();
    let mut other = image().reset(0x0080_b008);
    guest.file("OVMF.fd", other.build());
    let text = guest.run("manifest check manifest.json").go();
    let said = no(&text);
    for part in ["has drifted", "OVMF.fd", "reset address", "0x80b004", "0x80b008"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    other = image().pattern(3, 5);
    guest.file("OVMF.fd", other.build());
    assert!(no(&guest.run("manifest check manifest.json").go()).contains("only the body differs"));
    guest.file("OVMF.fd", &guest.image);
    let outcome = guest.run("manifest check manifest.json --cmdline quiet").go();
    assert!(no(&outcome).contains("cmdline \"quiet\""), "{}", outcome.stdout);
    // CI reads the same in its own forms.
    let xml = guest.run("manifest check manifest.json --cmdline quiet --format junit").go();
    assert!(no(&xml).starts_with("<?xml") && xml.stdout.contains("<failure"), "{}", xml.stdout);
    let notes = guest.run("manifest check manifest.json --cmdline quiet --format annotations").go();
    assert!(no(&notes).starts_with("::error title="), "{}", notes.stdout);
    let json = guest.run("manifest check manifest.json --cmdline quiet --json").go();
    let found: Value = serde_json::from_str(no(&json)).expect("JSON");
    assert_eq!(found["same"], false);
    // A file that is gone is no answer.
    std::fs::remove_file(guest.folder.join("initrd.img")).expect("it was there");
    guest.run("manifest check manifest.json").go().refused_with(&["initrd.img"]);
}

#[test]
fn two_manifests_are_compared() {
    let guest = built();
    assert_eq!(guest.run("manifest diff manifest.json manifest.json").go().code, Some(0));
    guest.run("manifest build -d launch.toml --vcpus 4,8 -o other.json").go().answer();
    let outcome = guest.run("manifest diff manifest.json other.json").go();
    let said = no(&outcome);
    assert!(said.contains("8 vCPUs") && said.contains("2 vCPUs"), "{said}");
    let outcome = guest.run("manifest diff manifest.json other.json --json").go();
    let found: Value = serde_json::from_str(no(&outcome)).expect("JSON");
    assert_eq!(found["rows_added"].as_array().map(Vec::len), Some(1));
}

/// A file of the throwaway platform.
fn platform(name: &str) -> PathBuf {
    testdata_folder().join(name)
}

/// The README's guest, of which `testdata/snp/report.bin` is a report, with 1 to 4 vCPUs.
fn reported_guest(vcpus: &str) -> Guest {
    let guest = Guest::new();
    let paths = [
        "--firmware",
        "firmware/amdsev.fd",
        "--kernel",
        "boot/vmlinuz",
        "--initrd",
        "boot/initrd.img",
    ];
    let paths = paths.map(|part| match part.starts_with("--") {
        true => part.into(),
        false => platform(part).into_os_string(),
    });
    guest
        .run("manifest build --mode snp --vcpu-type EPYC-Milan -o manifest.json --name readme")
        .with(paths)
        .with(["--vcpus", vcpus])
        .with(["--cmdline-file".into(), platform("boot/cmdline").into_os_string()])
        .go()
        .answer();
    guest
}

fn chip() -> [std::ffi::OsString; 6] {
    [
        "--vek".into(),
        platform("snp/vcek.der").into(),
        "--chain".into(),
        platform("snp/ask.der").into(),
        "--root".into(),
        platform("snp/ark.der").into(),
    ]
}

#[test]
fn an_observed_row_is_marked_and_verified_where_it_can_be() {
    let guest = reported_guest("4");
    let report = platform("snp/report.bin");
    let add = |flags: &str| {
        guest.run(&format!("manifest add manifest.json {flags} --from-report")).with([&report])
    };
    let outcome = add("--vcpus 4").with(chip()).go();
    assert!(outcome.stderr.contains("confirms row 0"), "{}", outcome.stderr);
    let found = stored(&guest);
    check(&schema("manifest"), &found);
    assert_eq!(found["rows"][1]["obtained"]["how"], "observed");
    assert_eq!(found["rows"][1]["obtained"]["verified"], true);
    assert_eq!(found["rows"][1]["digest"], found["rows"][0]["digest"]);
    // Without certificates it is what a host claimed.
    let outcome = add("--vcpus 4 -o unverified.json").go();
    assert!(outcome.stderr.contains("was not verified"), "{}", outcome.stderr);
    let found: Value = serde_json::from_slice(&guest.folder.read("unverified.json")).expect("JSON");
    assert_eq!(found["rows"][2]["obtained"]["verified"], false);
    // Observed rows are kept by a check.
    guest.run("manifest check manifest.json").go().answer();
    // A report that is not authentic adds nothing.
    let before = guest.folder.read("manifest.json");
    let mut forged = std::fs::read(&report).expect("the report");
    forged[0x90] ^= 1; // [SNP-ABI, ATTESTATION_REPORT.MEASUREMENT]
    guest.file("forged.bin", forged);
    let outcome =
        guest.run("manifest add manifest.json --from-report forged.bin").with(chip()).go();
    assert!(no(&outcome).contains("nothing was added"), "{}", outcome.stdout);
    assert_eq!(guest.folder.read("manifest.json"), before);
}

#[test]
fn verify_says_which_row_of_a_manifest_matched() {
    let guest = reported_guest("1..=4");
    let verify = |flags: &str| {
        guest
            .run(&format!("verify --manifest {flags} --report"))
            .with([platform("snp/report.bin")])
            .with(chip())
            .go()
    };
    let outcome = verify("manifest.json");
    assert!(outcome.answer().contains("row 3 of manifest.json"), "{}", outcome.stdout);
    // Another manifest has no such row.
    let other = reported_guest("1..=3");
    let outcome = other
        .run("verify --manifest manifest.json --report")
        .with([platform("snp/report.bin")])
        .with(chip())
        .go();
    no(&outcome);
    // A row that a host claimed is not accepted unless it is said.
    other
        .run("manifest add manifest.json -o claimed.json --from-report")
        .with([platform("snp/report.bin")])
        .go()
        .answer();
    let claimed = |flags: &str| {
        other
            .run(&format!("verify --manifest claimed.json {flags} --report"))
            .with([platform("snp/report.bin")])
            .with(chip())
            .go()
    };
    let outcome = claimed("");
    no(&outcome);
    assert!(outcome.stderr.contains("--accept-unverified"), "{}", outcome.stderr);
    let outcome = claimed("--accept-unverified");
    assert!(outcome.answer().contains("observed"), "{}", outcome.stdout);
}

#[test]
fn a_launch_measurement_is_verified_and_observed() {
    let guest = Guest::new();
    let paths = ["--firmware".into(), platform("firmware/amdsev.fd").into_os_string()];
    guest
        .run("manifest build --mode sev -o manifest.json --name sev")
        .with(paths)
        .with(["--kernel".into(), platform("boot/vmlinuz").into_os_string()])
        .with(["--initrd".into(), platform("boot/initrd.img").into_os_string()])
        .with(["--cmdline-file".into(), platform("boot/cmdline").into_os_string()])
        .go()
        .answer();
    let read = |name| std::fs::read(platform(name)).expect("testdata");
    let (kernel, initrd) = (read("boot/vmlinuz"), read("boot/initrd.img"));
    let table = expected::hashes_table(&kernel, Some(&initrd), Some(&read("boot/cmdline")));
    let digest = expected::sev(&read("firmware/amdsev.fd"), Some(&table));
    let blob = expected::measurement(&[7; 16], [1, 55, 24], 1, digest, *b"0123456789abcdef");
    guest.file("tik.bin", [7; 16]);
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(blob);
    // As `virsh domlaunchsecinfo` prints it.
    let evidence = guest.file(
        "info.txt",
        format!(
            "sev-measurement: {base64}\nsev-api-major  : 1\nsev-api-minor  : 55\nsev-build-id   : 24\nsev-policy     : 1\n"
        ),
    );
    let keys = ["--tik", "tik.bin"];
    let outcome = guest
        .run("verify --manifest manifest.json --policy 0x1 --evidence")
        .with([&evidence])
        .with(keys)
        .go();
    assert!(outcome.answer().contains("row 0 of manifest.json"), "{}", outcome.stdout);
    let outcome = guest
        .run("manifest add manifest.json --policy 0x1 --from-measurement")
        .with([&evidence])
        .with(keys)
        .go();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let found = stored(&guest);
    assert_eq!(found["rows"][1]["obtained"]["from"], "measurement");
    assert_eq!(found["rows"][1]["digest"], found["rows"][0]["digest"]);
    // Another policy, another key: nothing is added.
    let outcome = guest
        .run("manifest add manifest.json --policy 0x3 --from-measurement")
        .with([&evidence])
        .with(keys)
        .go();
    assert!(no(&outcome).contains("nothing was added"), "{}", outcome.stdout);
}

#[test]
fn every_form_is_published() {
    let guest = built();
    let digest = guest.snp(Some(&guest.table()), MILAN, 4);
    for form in ["trustee", "trustee-azure", "in-toto", "rego", "config-map"] {
        let outcome = guest.run(&format!("manifest publish manifest.json --to {form}")).go();
        assert!(outcome.answer().contains(&digest), "{form}: {}", outcome.stdout);
    }
    let values = document(&guest.run("manifest publish manifest.json --to trustee").go());
    assert_eq!(values["snp_launch_measurement"][1], digest);
    for form in ["corim", "corim-veraison"] {
        guest
            .run(&format!("manifest publish manifest.json --to {form} -o out.corim"))
            .go()
            .answer();
        let bytes = guest.folder.read("out.corim");
        let digest = hex::decode(&digest).expect("hex");
        assert!(bytes.windows(48).any(|window| window == digest), "{form}");
    }
    // [simple-kbs, policy.rs]: SEV and SEV-ES only.
    guest
        .run("manifest publish manifest.json --to simple-kbs")
        .go()
        .refused_with(&["simple-kbs has no reference values for snp"]);
    guest.file("sev.toml", LAUNCH.replace("\"snp\"", "\"sev\"").replace("0x30000", "0x1"));
    guest.run("manifest build -d sev.toml -o sev.json").go().answer();
    let outcome = guest.run("manifest publish sev.json --to simple-kbs --min-api 1.55").go();
    assert!(outcome.answer().starts_with("INSERT INTO policy"), "{}", outcome.stdout);
    let table =
        expected::hashes_table(&guest.kernel, Some(&guest.initrd), Some(CMDLINE.as_bytes()));
    let digest = expected::sev(&guest.image, Some(&table));
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(digest);
    assert!(outcome.stdout.contains(&base64), "{}", outcome.stdout);
    guest.run("manifest publish sev.json --to trustee").go().refused_with(&["sev"]);
}

#[test]
fn what_is_no_manifest_is_refused() {
    let guest = built();
    let text = String::from_utf8(guest.folder.read("manifest.json")).expect("text");
    for (from, to, said) in [
        ("\"manifest\": 1", "\"manifest\": 2", "2"),
        ("\"name\": \"launch\"", "\"nome\": \"launch\"", "nome"),
        ("\"rows\": [", "\"rows\": [null,", "invalid type: null"),
        ("\"vcpus\": 2", "\"vcpus\": 2, \"vcpus\": 3", "vcpus"),
    ] {
        assert!(text.contains(from), "{from}");
        guest.file("bad.json", text.replacen(from, to, 1));
        for command in ["check", "show", "publish --to trustee"] {
            let outcome = guest.run(&format!("manifest {command} bad.json")).go();
            outcome.refused_with(&["bad.json", said]);
        }
    }
    guest.run("manifest check OVMF.fd").go().refused_with(&["not a manifest"]);
    guest.run("manifest check missing.json").go().refused_with(&["missing.json"]);
    guest
        .run("manifest build --mode snp:ovmf-hash --firmware OVMF.fd")
        .go()
        .refused_with(&["guests"]);
    guest
        .run("verify --manifest manifest.json --policy 0x1 --tik OVMF.fd --measurement AA== --api-major 1 --api-minor 55 --build-id 1")
        .go()
        .refused_with(&[]);
}

#[test]
fn what_ran_somewhere_is_not_what_should_run() {
    let guest = reported_guest("1..=3");
    let report = platform("snp/report.bin");
    let add = |flags: &str| {
        guest
            .run(&format!("manifest add manifest.json {flags} --from-report"))
            .with([&report])
            .with(chip())
            .go()
    };
    // The digest is that of four vCPUs: said to be of three, it contradicts the computed row.
    let before = guest.folder.read("manifest.json");
    assert!(no(&add("--vcpus 3")).contains("nothing was added"));
    assert_eq!(guest.folder.read("manifest.json"), before);
    assert_eq!(add("--vcpus 4").code, Some(0));
    // An authentic report of some host is no reason to accept the digest from any other.
    let verify = |flags: &str| {
        guest
            .run(&format!("verify --manifest manifest.json {flags} --report"))
            .with([&report])
            .with(chip())
            .go()
    };
    no(&verify(""));
    assert!(verify("--accept-observed").answer().contains("observed"));
    let digest = hex::encode(&std::fs::read(&report).expect("the report")[0x90..0xc0]);
    let publish =
        |flags: &str| guest.run(&format!("manifest publish manifest.json --to rego {flags}")).go();
    assert!(!publish("").answer().contains(&digest));
    assert!(publish("--accept-observed").answer().contains(&digest));
}

#[test]
fn a_kernel_that_is_not_measured_gets_no_secret() {
    let guest = Guest::new();
    let text = LAUNCH.replace("\"snp\"", "\"sev\"").replace("0x30000", "0x1");
    guest.file("launch.toml", format!("{text}kernel_hashes = false\n"));
    guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
    let shown = guest.run("manifest show manifest.json").go();
    assert!(shown.answer().contains("kernel not measured"), "{}", shown.stdout);
    let outcome = guest.run("manifest publish manifest.json --to simple-kbs").go();
    assert_eq!(outcome.code, Some(3), "{}", outcome.stdout);
    // A policy that lets the host in is published nowhere.
    guest.file("debug.toml", text.replace("policy = 0x1", "policy = 0x0"));
    guest.run("manifest build -d debug.toml -o debug.json").go().answer();
    for form in ["simple-kbs", "rego --claim digest", "config-map"] {
        let outcome = guest.run(&format!("manifest publish debug.json --to {form}")).go();
        assert_eq!(outcome.code, Some(3), "{form}: {}", outcome.stdout);
    }
}

#[test]
fn a_file_keeps_its_name_and_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let guest = built();
    let path = guest.folder.join("manifest.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    std::os::unix::fs::symlink("manifest.json", guest.folder.join("link.json")).expect("a link");
    guest.run("manifest build -d launch.toml --vcpus 3 -o link.json").go().answer();
    assert_eq!(stored(&guest)["rows"][0]["vcpus"], 3);
    let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(
        std::fs::symlink_metadata(guest.folder.join("link.json")).expect("the link").is_symlink()
    );
}

#[test]
fn what_was_observed_survives_another_build() {
    let guest = reported_guest("4");
    guest
        .run("manifest add manifest.json --vcpus 4 --from-report")
        .with([platform("snp/report.bin")])
        .with(chip())
        .go()
        .answer();
    let paths = ["--firmware".into(), platform("firmware/amdsev.fd").into_os_string()];
    guest
        .run("manifest build --mode snp --vcpu-type EPYC-Milan --vcpus 1,2 -o manifest.json --name readme")
        .with(paths)
        .go()
        .answer();
    let found = stored(&guest);
    check(&schema("manifest"), &found);
    assert_eq!(found["rows"].as_array().map(Vec::len), Some(3));
    assert_eq!(found["rows"][2]["obtained"]["how"], "observed");
}
