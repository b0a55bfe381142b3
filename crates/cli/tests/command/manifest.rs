//! `manifest`: built from a description, checked against the files, compared, extended, published, and verified with.

use std::ffi::OsString;

use std::path::PathBuf;

use serde_json::{Value, json};
use sev_launch_testkit::expected;
use sev_launch_testkit::testdata_folder;
use sha2::{Digest as _, Sha256};

use super::guest::{CMDLINE, Guest, MILAN, image};
use super::harness::{Folder, Outcome, Run};
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
fn late_vcpus_are_facts_of_a_row() {
    let guest = Guest::new();
    let host = "host.kernel = '6.12'\nhost.vmm = 'qemu 11.1.3'\nlate_vcpus = 1\n";
    guest.file("launch.toml", format!("{host}{LAUNCH}"));
    guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
    let found = stored(&guest);
    check(&schema("manifest"), &found);
    check(&schema("launch"), &found["description"]);
    assert_eq!(
        (&found["rows"][1]["vcpus"], &found["rows"][1]["late_vcpus"]),
        (&4.into(), &1.into())
    );
    assert_ne!(found["rows"][1]["digest"], guest.snp(Some(&guest.table()), MILAN, 4));
    guest.run("manifest check manifest.json").go().answer();
    // Who takes the fact out of a row changes what the row stands for.
    let mut changed = found;
    changed["rows"][1]["late_vcpus"] = 2.into();
    guest.file("manifest.json", changed.to_string());
    no(&guest.run("manifest check manifest.json").go());
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
    guest.run("manifest check out/manifest.json --allow-outside .").go().answer();
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
    assert!(no(&notes).starts_with("::error file=manifest.json,line="), "{}", notes.stdout);
    let page = guest.run("manifest check manifest.json --cmdline quiet --format markdown").go();
    let said = no(&page);
    assert!(said.starts_with("### Launch digests: ") && said.contains("**changed**"), "{said}");
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

fn chip() -> [OsString; 6] {
    [
        "--vek".into(),
        platform("snp/vcek.der").into(),
        "--chain".into(),
        platform("snp/ask.der").into(),
        "--root".into(),
        platform("snp/ark.der").into(),
    ]
}

/// Adds to the guest's manifest what its report says, for 4 vCPUs.
fn observe(guest: &Guest) {
    guest
        .run("manifest add manifest.json --vcpus 4 --from-report")
        .with([platform("snp/report.bin")])
        .with(chip())
        .go()
        .answer();
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
    let allow = ["--allow-outside".into(), testdata_folder()];
    guest.run("manifest check manifest.json").with(allow).go().answer();
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
    // It is of this guest under whatever name a file has, and of no other.
    guest.file("renamed", &kernel);
    let build = |kernel: OsString, flags: &str| {
        guest
            .run(&format!("manifest build --mode sev -o manifest.json {flags}"))
            .with(["--firmware".into(), platform("firmware/amdsev.fd").into_os_string()])
            .with(["--initrd".into(), platform("boot/initrd.img").into_os_string()])
            .with(["--kernel".into(), kernel])
            .go()
    };
    let cmdline = format!("--cmdline-file {}", platform("boot/cmdline").display());
    let before = guest.folder.read("manifest.json");
    let own = platform("boot/vmlinuz").into_os_string();
    build(own, "--cmdline other").refused_with(&["--keep-others"]);
    assert_eq!(guest.folder.read("manifest.json"), before);
    build("renamed".into(), &cmdline).answer();
    assert_eq!(stored(&guest)["rows"].as_array().map(Vec::len), Some(2));
    guest.file("manifest.json", before);
    // A host that restates another policy runs another guest, or lies.
    let lying = std::fs::read_to_string(&evidence)
        .expect("text")
        .replace("sev-policy     : 1", "sev-policy     : 3");
    guest.file("lying.txt", lying);
    let outcome = guest
        .run("manifest add manifest.json --policy 0x1 --from-measurement lying.txt")
        .with(keys)
        .go();
    assert!(no(&outcome).contains("the host says policy 0x3"), "{}", outcome.stdout);
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
    // What the default policy compares besides is the host's, and nobody said it.
    let outcome = guest.run("manifest publish manifest.json --to trustee").go();
    for name in ["snp_bootloader", "snp_tee_svn", "snp_smt_enabled", "snp_tsme_enabled"] {
        assert!(
            outcome.stderr.contains(name) && values.get(name).is_none(),
            "{name}: {}",
            outcome.stderr
        );
    }
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

// REPORTED_TCB is at 180h and PLATFORM_INFO at 40h of a report, and on Milan the TCB's bytes 0, 1, 6 and 7 are the boot loader, the
// TEE, SNP and the microcode [SNP-ABI, ATTESTATION_REPORT, TCB_VERSION]; names are those that Trustee's default policy looks up
// [Trustee, ear_default_policy_cpu.rego].
#[test]
fn what_a_verified_report_says_of_the_host_is_published_for_trustee() {
    let guest = reported_guest("1..=4");
    let report = platform("snp/report.bin");
    let add = guest
        .run("manifest add manifest.json --vcpus 4 --from-report")
        .with([&report])
        .with(chip())
        .go();
    add.answer();
    let publish = |flags: &str| {
        guest.run(&format!("manifest publish manifest.json --to trustee {flags}")).go()
    };
    // The root is no one of AMD's.
    let root = Sha256::digest(std::fs::read(platform("snp/ark.der")).expect("a certificate"));
    let values = document(&publish(&format!("--accept-root {}", hex::encode(root))));
    let bytes = std::fs::read(&report).expect("a report");
    for (name, at) in [
        ("snp_bootloader", 0x180),
        ("snp_tee_svn", 0x181),
        ("snp_snp_svn", 0x186),
        ("snp_microcode", 0x187),
    ] {
        assert_eq!(values[name], json!([bytes[at]]), "{name}");
    }
    assert_eq!(values["snp_smt_enabled"], bytes[0x40] & 1 != 0);
    assert_eq!(values["snp_tsme_enabled"], bytes[0x40] & 2 != 0);
    // Nobody accepted it.
    let outcome = publish("");
    assert!(document(&outcome).get("snp_bootloader").is_none());
    assert!(outcome.stderr.contains("--accept-root"), "{}", outcome.stderr);
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
    // By sha256sum of the root's file, which is not AMD's.
    let root = Sha256::digest(std::fs::read(platform("snp/ark.der")).expect("a root"));
    let accepted = format!("--accept-root {}", hex::encode(root));
    assert!(verify(&accepted).answer().contains("observed"));
    let digest = hex::encode(&std::fs::read(&report).expect("the report")[0x90..0xc0]);
    let publish =
        |flags: &str| guest.run(&format!("manifest publish manifest.json --to rego {flags}")).go();
    assert!(!publish("").answer().contains(&digest));
    assert!(publish(&accepted).answer().contains(&digest));
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
    observe(&guest);
    let before = guest.folder.read("manifest.json");
    let build = |flags: &str| {
        let build = "manifest build --mode snp --vcpu-type EPYC-Milan --vcpus 1,2 -o manifest.json";
        let paths = ["--firmware".into(), platform("firmware/amdsev.fd").into_os_string()];
        guest.run(&format!("{build} --name readme {flags}")).with(paths).go()
    };
    // Whether it is still of this guest nobody can tell.
    build("")
        .refused_with(&["row 2 has a digest that no row is computed to have", "--keep-others"]);
    assert_eq!(guest.folder.read("manifest.json"), before);
    build("--keep-others").answer();
    let found = stored(&guest);
    check(&schema("manifest"), &found);
    assert_eq!(found["rows"].as_array().map(Vec::len), Some(3));
    assert_eq!(found["rows"][2]["obtained"]["how"], "observed");
}

// A report of the guest before its command line changed is no evidence of the guest after it.
#[test]
fn attack_what_was_observed_of_another_guest_does_not_pass_as_this_one() {
    let guest = reported_guest("1");
    observe(&guest);
    let before = guest.folder.read("manifest.json");
    let build = |vcpus: &str, model: &str, flags: &str| {
        let host = format!("--vcpus {vcpus} --vcpu-type {model} -o manifest.json {flags}");
        guest
            .run(&format!("manifest build --mode snp {host}"))
            .with(["--firmware".into(), platform("firmware/amdsev.fd").into_os_string()])
            .go()
    };
    let contradicts = "row 1 contradicts row 0: same facts, another digest";
    build("4", "EPYC-Milan", "").refused_with(&[contradicts, "--keep-others"]);
    // Nor where something changes that the row says of itself.
    for (vcpus, model) in [("8", "EPYC-Milan"), ("1..=3,5", "EPYC-Milan"), ("4", "EPYC-Genoa")] {
        build(vcpus, model, "").refused_with(&["--keep-others"]);
    }
    assert_eq!(guest.folder.read("manifest.json"), before);
    let built = build("4", "EPYC-Milan", "--keep-others");
    built.answer();
    assert!(built.stderr.contains(&format!("warning: {contradicts}")), "{}", built.stderr);
    // Whoever uses both is told.
    let root = Sha256::digest(std::fs::read(platform("snp/ark.der")).expect("a certificate"));
    let accept = format!("manifest.json --accept-root {}", hex::encode(root));
    let verify = |flags: &str| {
        guest
            .run(&format!("verify --manifest {accept} {flags} --report"))
            .with([platform("snp/report.bin")])
            .with(chip())
            .go()
    };
    let verified = verify("--json");
    let said = document(&verified)["warnings"].to_string();
    assert!(said.contains(contradicts), "{said}");
    let verified = verify("");
    assert!(verified.stderr.contains(contradicts), "{}", verified.stderr);
    let published = guest.run(&format!("manifest publish {accept} --to trustee")).go();
    assert!(published.stderr.contains(contradicts), "{}", published.stderr);
    let allow = ["--allow-outside".into(), testdata_folder()];
    let checked = guest.run("manifest check manifest.json").with(allow).go();
    assert!(checked.stderr.contains(contradicts), "{}", checked.stderr);
    // Where it is not accepted there is nothing to be told of.
    let computed = guest.run("manifest publish manifest.json --to trustee").go();
    assert!(!computed.stderr.contains(contradicts), "{}", computed.stderr);
}

// What a manifest says is compared, whatever depends on it.

/// Every value of a JSON document that is no object and no list, by its pointer.
fn leaves(value: &Value, place: String, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            leaves(value, format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")), found);
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| leaves(item, format!("{place}/{index}"), found)),
        _ => found.push((place, value.clone())),
    }
}

/// Another value of the same kind and form.
fn another(value: &Value) -> Value {
    match value {
        Value::Bool(is_on) => json!(!is_on),
        Value::Number(number) => json!(number.as_u64().expect("a whole number") + 1),
        Value::String(text) => {
            // The last hex digit of a number or hash is another one; any other text is longer.
            let is_hex = text
                .bytes()
                .skip_while(|byte| b"0x".contains(byte))
                .all(|byte| byte.is_ascii_hexdigit());
            let last = text.chars().last().filter(|last| is_hex && last.is_ascii_hexdigit());
            match last {
                Some(last) => {
                    let other = if last == '1' { '2' } else { '1' };
                    json!(format!("{}{other}", &text[..text.len() - 1]))
                }
                None => json!(format!("{text}x")),
            }
        }
        _ => json!("x"),
    }
}

#[test]
fn attack_no_fact_of_a_manifest_changes_unseen() {
    let guest = built();
    let whole = stored(&guest);
    let mut all = Vec::new();
    leaves(&whole, String::new(), &mut all);
    assert!(all.len() > 40, "{all:?}");
    let mut unseen = Vec::new();
    for (place, value) in all {
        let mut changed = whole.clone();
        *changed.pointer_mut(&place).expect("it was found there") = another(&value);
        guest.file("changed.json", serde_json::to_vec(&changed).expect("JSON"));
        let outcome = guest.run("manifest check changed.json").go();
        match outcome.code {
            // The names of changes judge nothing, and are told nonetheless.
            Some(0) if place.starts_with("/inputs/0/firmware_facts/modules/") => {
                let told = "another list of modules for the same image";
                assert!(outcome.stdout.contains(told), "{place}: {}", outcome.stdout);
            }
            Some(0) => unseen.push(place),
            Some(1 | 2) => {}
            other => panic!("{place}: {other:?}"),
        }
    }
    // What is not computed: what people call it, what wrote it, and where inputs lay.
    assert_eq!(unseen, ["/inputs/0/path", "/inputs/1/path", "/inputs/2/path", "/name", "/tool"]);
}

#[test]
fn a_part_that_a_manifest_leaves_out_is_seen_too() {
    let guest = built();
    let whole = stored(&guest);
    for place in ["/inputs/0/firmware_facts", "/inputs/0/size", "/inputs/1/size", "/inputs/3/text"]
    {
        let mut changed = whole.clone();
        let (parent, key) = place.rsplit_once('/').expect("a pointer");
        let fields = changed.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
        fields.remove(key).expect(place);
        guest.file("changed.json", serde_json::to_vec(&changed).expect("JSON"));
        no(&guest.run("manifest check changed.json").go());
    }
}

#[test]
fn attack_an_endorsement_that_nobody_proved_is_no_reference() {
    let guest = reported_guest("4");
    let mut typed = stored(&guest);
    // Written by hand, and all there is.
    typed["rows"][0]["obtained"] = json!({"how": "endorsed", "by": "AMD"});
    guest.file("typed.json", serde_json::to_vec(&typed).expect("JSON"));
    let verify = |manifest: &str, flags: &str| {
        guest
            .run(&format!("verify --manifest {manifest} {flags} --report"))
            .with([platform("snp/report.bin")])
            .with(chip())
            .go()
    };
    verify("manifest.json", "").answer();
    let outcome = verify("typed.json", "");
    no(&outcome);
    assert!(outcome.stderr.contains("--accept-endorsed"), "{}", outcome.stderr);
    // No other flag lets it in.
    no(&verify("typed.json", "--accept-observed --accept-unverified"));
    verify("typed.json", "--accept-endorsed").answer();
    let publish =
        |flags: &str| guest.run(&format!("manifest publish typed.json --to trustee {flags}")).go();
    let outcome = publish("");
    assert_eq!((no(&outcome), outcome.stderr.contains("--accept-endorsed")), ("", true));
    assert!(publish("--accept-endorsed").answer().contains("snp_launch_measurement"));

    // `check` says of each such row that it looks at none, in every form.
    let mut both = stored(&guest);
    let rows = both["rows"].as_array_mut().expect("a list");
    rows.push(typed["rows"][0].clone());
    guest.file("both.json", serde_json::to_vec(&both).expect("JSON"));
    for (form, said) in [
        ("text", "endorsed by AMD, and not computed, so it is not checked"),
        ("json", "\"obtained\": \"endorsed by AMD\""),
        ("junit", "<skipped message=\"row 1, "),
        ("annotations", ",title=readme%3A row is not checked::row 1, "),
    ] {
        let allow = ["--allow-outside".into(), testdata_folder()];
        let check = format!("manifest check both.json --format {form}");
        let outcome = guest.run(&check).with(allow).go();
        assert!(outcome.answer().contains(said), "{form}: {}", outcome.stdout);
    }
}

#[test]
fn a_row_verified_under_another_root_is_asked_for_by_that_root() {
    let guest = reported_guest("1..=3");
    guest
        .run("manifest add manifest.json --from-report")
        .with([platform("snp/report.bin")])
        .with(chip())
        .go()
        .answer();
    // By sha256sum of the root's file.
    let root = hex::encode(Sha256::digest(std::fs::read(platform("snp/ark.der")).expect("a root")));
    assert_eq!(stored(&guest)["rows"][3]["obtained"]["root"], root);
    check(&schema("manifest"), &stored(&guest));
    let verify = |flags: &str| {
        guest
            .run(&format!("verify --manifest manifest.json {flags} --report"))
            .with([platform("snp/report.bin")])
            .with(chip())
            .go()
    };
    let outcome = verify("--accept-observed");
    no(&outcome);
    assert!(outcome.stderr.contains("--accept-root"), "{}", outcome.stderr);
    let other = root.replace(|digit: char| digit.is_ascii_digit(), "0");
    no(&verify(&format!("--accept-root {other}")));
    verify(&format!("--accept-root {root}")).answer();
    let publish = |flags: &str| {
        guest.run(&format!("manifest publish manifest.json --to trustee {flags}")).go()
    };
    let count = |outcome: &Outcome| {
        document(outcome)["snp_launch_measurement"].as_array().expect("a list").len()
    };
    assert_eq!(count(&publish("--accept-observed")), 3);
    assert_eq!(count(&publish(&format!("--accept-root {root}"))), 4);
    // A manifest that does not say the root is believed as little as one that was not verified.
    let mut unsaid = stored(&guest);
    unsaid["rows"][3]["obtained"].as_object_mut().expect("an object").remove("root");
    guest.file("manifest.json", serde_json::to_vec(&unsaid).expect("JSON"));
    no(&verify("--accept-observed"));
    verify("--accept-unverified").answer();
}

#[test]
fn attack_flags_that_would_mean_nothing_are_refused() {
    let guest = built();
    let report = platform("snp/report.bin").display().to_string();
    for (command, said) in [
        (
            "manifest publish manifest.json --to rego --min-api 1.55",
            "--min-api means nothing without --to simple-kbs",
        ),
        ("manifest publish manifest.json --to trustee --build-ids 1", "--build-ids means nothing"),
        (
            "manifest publish manifest.json --to trustee --claim a",
            "--claim means nothing without --to rego",
        ),
        ("manifest publish manifest.json --to corim --package a.b", "--package means nothing"),
        (
            "manifest publish manifest.json --to corim --object a",
            "--object means nothing without --to config-map",
        ),
        ("manifest publish manifest.json --to corim --namespace a", "--namespace means nothing"),
        (
            "manifest add manifest.json --from-report REPORT --crl crl.der",
            "--crl means nothing without --vek or --certificates",
        ),
        ("manifest add manifest.json --from-report REPORT --root ark.der", "--root means nothing"),
        (
            "manifest add manifest.json --from-report REPORT --api-major 1",
            "--api-major means nothing",
        ),
        (
            "manifest add manifest.json --policy 1 --from-measurement m --vcpus 4",
            "--vcpus means nothing",
        ),
        (
            "verify --report REPORT --firmware OVMF.fd --accept-observed",
            "--accept-observed means nothing without --manifest",
        ),
    ] {
        let outcome = guest.run(&command.replace("REPORT", &report)).go();
        outcome.refused_with(&[said]);
    }
    // Beside a digest that is known, whatever describes a guest.
    let hash = "00".repeat(48);
    for (command, said) in [
        (format!("report appraise {report} --measurement {hash} --kernel vmlinuz"), "--kernel"),
        (format!("report appraise {report} --measurement {hash} --cmdline x"), "--cmdline"),
        (format!("report appraise {report} --measurement {hash} --vcpus 99"), "--vcpus"),
        (
            format!("id-block build --digest {hash} --policy 0x30000 --vcpus 4 --to-be-signed x"),
            "--vcpus",
        ),
        (
            format!(
                "id-block build --digest {hash} --policy 0x30000 --kernel vmlinuz --to-be-signed x"
            ),
            "--kernel",
        ),
    ] {
        guest.run(&command).go().refused_with(&[said]);
    }
}

// Of clouds whose firmware is not published nothing can be computed: what was observed is all there is.
#[test]
fn a_manifest_can_begin_with_what_was_observed() {
    let folder = Folder::new();
    let snp = testdata_folder().join("snp");
    let file = |name: &str| snp.join(name).display().to_string();
    let run = |line: &str| {
        let line = line.replace("REPORT", &file("report.bin"));
        let certificates = [("--vek", "vcek.der"), ("--chain", "ask.der"), ("--root", "ark.der")];
        let more = certificates.into_iter().flat_map(|(flag, name)| [flag.into(), file(name)]);
        let time = ["--time".to_owned(), "2026-01-01T00:00:00Z".to_owned()];
        let run = Run::new(line.split(' ')).in_folder(folder.path());
        run.with(more.chain(time)).go()
    };
    let begun = run("manifest add observed.json --from-report REPORT");
    assert_eq!((begun.answer(), begun.notes().len()), ("", 1), "{}", begun.stderr);
    let manifest: Value = serde_json::from_slice(&folder.read("observed.json")).expect("JSON");
    // Offset 0x90, MEASUREMENT. [SNP-ABI, ATTESTATION_REPORT]
    let report = std::fs::read(snp.join("report.bin")).expect("a report");
    assert_eq!(manifest["rows"][0]["digest"], hex::encode(&report[0x90..0xc0]));
    assert_eq!(manifest["rows"][0]["obtained"]["how"], "observed");
    // Nothing of it is accepted unasked.
    let verify = "verify --report REPORT --manifest observed.json";
    assert_eq!(run(verify).code, Some(1));
    let root = Sha256::digest(std::fs::read(snp.join("ark.der")).expect("a certificate"));
    run(&format!("{verify} --accept-root {}", hex::encode(root))).answer();
    let publish = Run::new(["manifest", "publish", "observed.json", "--to", "trustee"]);
    assert_eq!(publish.in_folder(folder.path()).go().code, Some(1));
    // A measurement proves only what was computed before.
    let measured = "manifest add none.json --policy 1 --tik t --from-measurement m";
    let measured = Run::new(measured.split(' ')).in_folder(folder.path()).go();
    measured.refused_with(&["none.json: No such file"]);
    // An image that its certificate did not sign begins nothing.
    let mut forged = report;
    forged[0x90] ^= 1;
    folder.file("forged.bin", forged);
    let refused = run("manifest add forged.json --from-report forged.bin");
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(!folder.join("forged.json").exists());
}
