//! Whether a firmware checks the kernel's hashes, as it was stored: what each command says of a digest where it does not.
//!
//! Stored forms are edited by hand; what is found in an image is held against images of the test kit that have a verifier, or have none.

use serde_json::{Value, json};
use sev_launch_testkit::pi::Ovmf;
use sev_launch_testkit::report::Vek;

use super::guest::{Guest, MILAN};
use super::harness::{Outcome, root};
use super::json::document;
use super::platform::{claims, reported};
use super::report::{LAB, write_chain};

const UNCHECKED: &str = "the firmware does not check kernel, initrd and command line against the measured hashes: it starts whatever the host hands over, under the same digest; use edk2's AmdSevX64 build";
const NOT_COVERED: &str = "the kernel, the initrd and the command line: the firmware does not check them against the hashes";
const UNKNOWN: &str =
    "whether the firmware checks kernel, initrd and command line against the hashes";

const PACKED: &str =
    "--tek tek.bin --inject-secret luks-key:secret --secret-header h --secret-payload p";

const LAUNCH: &str = r#"
technology = "sev"
policy = 0x1
[firmware]
absorbed = "fw.json"
[boot]
kernel = "vmlinuz"
initrd = "initrd.img"
cmdline = "console=ttyS0 root=/dev/vda1 quiet"
"#;

/// The guest with its firmware absorbed in `fw.json`, of which that is known.
fn absorbed(check: Option<&str>) -> Guest {
    let guest = Guest::new().with_keys();
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    let mut form: Value = serde_json::from_slice(&guest.folder.read("fw.json")).expect("JSON");
    let fields = form.as_object_mut().expect("an object");
    fields.remove("kernel_hash_check");
    if let Some(check) = check {
        fields.insert("kernel_hash_check".into(), json!(check));
    }
    guest.file("fw.json", form.to_string());
    guest.file("launch.toml", LAUNCH);
    guest.file("secret", "passphrase");
    guest
}

fn warns(outcome: &Outcome) -> bool {
    outcome.warnings().contains(&UNCHECKED)
}

/// What a document says of the kernel, and whether it stands first.
fn said(document: &Value) -> (bool, Vec<&str>) {
    let texts = |key: &str| {
        let list = document[key].as_array().expect("a list").iter();
        list.map(|text| text.as_str().expect("text")).collect::<Vec<_>>()
    };
    let warned = texts("warnings").contains(&UNCHECKED);
    let not_covered = texts("not_covered");
    let first = not_covered.first() == Some(&NOT_COVERED);
    assert_eq!(first, not_covered.contains(&NOT_COVERED), "what matters most is read first");
    assert_eq!(warned, first);
    let of_kernel = not_covered.into_iter().filter(|text| text.contains("the hashes"));
    (warned, of_kernel.collect())
}

#[test]
fn a_digest_warns_by_name_where_the_firmware_checks_no_hashes() {
    for (check, warned) in [(Some("no"), true), (Some("yes"), false), (None, false)] {
        let guest = absorbed(check);
        let table = guest.table();
        let snp = "--mode snp --vcpus 2 --vcpu-type EPYC-Milan";
        let es = "--mode seves --vcpus 2 --vcpu-type EPYC-Milan";
        let digests = [
            ("--mode sev", guest.sev(Some(&table))),
            (snp, guest.snp(Some(&table), MILAN, 2)),
            (es, guest.es_measured(2)),
        ];
        for (flags, digest) in digests {
            let described = |more: &str| {
                let command = format!("digest --firmware-absorbed fw.json {flags} {more}");
                guest.run(&command).with(["--cmdline", super::guest::CMDLINE]).go()
            };
            let kernel = "--kernel vmlinuz --initrd initrd.img";
            let outcome = described(kernel);
            assert_eq!(outcome.line(), digest, "{flags}");
            assert_eq!(warns(&outcome), warned, "{check:?} {flags}: {}", outcome.stderr);
            let found = document(&described(&format!("{kernel} --json")));
            let (found, texts) = said(&found);
            assert_eq!(found, warned, "{check:?} {flags}");
            match check {
                Some("no") => assert_eq!(texts, [NOT_COVERED]),
                Some(_) => assert_eq!(texts, [""; 0]),
                None => assert!(texts.len() == 1 && texts[0].starts_with(UNKNOWN), "{texts:?}"),
            }
        }
        // Without hashes there is nothing to check.
        assert!(!warns(&guest.run("digest --firmware-absorbed fw.json --mode sev").go()));
        let off = "--mode sev --kernel vmlinuz --kernel-hashes off";
        assert!(!warns(&guest.run(&format!("digest --firmware-absorbed fw.json {off}")).go()));
    }
}

impl Guest {
    /// The SEV-ES digest of a default QEMU with the kernel.
    fn es_measured(&self, vcpus: u32) -> String {
        let legacy = (sev_launch_testkit::expected::Layout::QemuNofpu, 0);
        self.sev_es(Some(&self.table()), legacy, MILAN, vcpus)
    }
}

#[test]
fn no_secret_is_packed_for_a_firmware_that_checks_no_hashes() {
    for check in [Some("no"), Some("yes"), None] {
        let guest = absorbed(check);
        let digest = guest.sev(Some(&guest.table()));
        guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
        let claims = claims(&reported(&digest, 1), 1);
        for expected in ["-d launch.toml", "--manifest manifest.json"] {
            let verify = format!("verify {expected} {claims}");
            let outcome = guest.run(&verify).go();
            let unproven = format!("  unproven        {NOT_COVERED}\n");
            assert_eq!(outcome.answer().contains(&unproven), check == Some("no"), "{expected}");
            assert_eq!(warns(&outcome), check == Some("no"), "{expected}");
            let (warned, texts) = {
                let document = document(&guest.run(&format!("{verify} --json")).go());
                let (warned, texts) = said(&document);
                (warned, texts.len())
            };
            assert_eq!(warned, check == Some("no"), "{expected}");
            assert_eq!(texts, usize::from(check != Some("yes")), "{expected}");
            let packed = guest.run(&format!("{verify} {PACKED}")).go();
            match check {
                Some("no") => {
                    packed.insecure(&["the firmware does not check the kernel against the hashes"]);
                    assert!(!guest.folder.join("h").exists() && !guest.folder.join("p").exists());
                }
                _ => {
                    packed.answer();
                    std::fs::remove_file(guest.folder.join("h")).expect("it is there");
                    std::fs::remove_file(guest.folder.join("p")).expect("it is there");
                }
            }
        }
    }
}

#[test]
fn an_snp_guest_s_verdict_says_it_too() {
    for check in [Some("no"), Some("yes"), None] {
        let guest = absorbed(check);
        let key = Vek::vcek("Milan");
        write_chain(&guest.folder, &key);
        let digest = guest.snp(Some(&guest.table()), MILAN, 2);
        let bytes = hex::decode(digest).expect("hex");
        guest.file("report", key.report(3, |report| report[0x90..0xc0].copy_from_slice(&bytes)));
        let snp = LAUNCH.replace("\"sev\"", "\"snp\"").replace("policy = 0x1", "vcpus = 2");
        guest.file("launch.toml", snp.replace("[firmware]", "cpu = \"EPYC-Milan\"\n[firmware]"));
        guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
        for command in [
            format!("verify --report report {LAB} -d launch.toml"),
            format!("verify --report report {LAB} --manifest manifest.json"),
            format!("report appraise report {LAB} -d launch.toml"),
        ] {
            let outcome = guest.run(&command).go();
            assert_eq!(outcome.answer().contains(NOT_COVERED), check == Some("no"), "{command}");
            assert_eq!(warns(&outcome), check == Some("no"), "{command}");
            let document = document(&guest.run(&format!("{command} --json")).go());
            assert_eq!(document["answer"], "yes", "{command}");
            let (warned, texts) = said(&document);
            assert_eq!(warned, check == Some("no"), "{command}");
            assert_eq!(texts.len(), usize::from(check != Some("yes")), "{command}");
        }
        // An ID block is signed for such a guest.
        guest.file("id.der", super::id_block::private(1));
        let block = "id-block build --policy 0x30000 --id-key id.der -o block auth";
        let outcome = guest.run(&format!("{block} -d launch.toml")).go();
        outcome.answer();
        assert_eq!(warns(&outcome), check == Some("no"));
    }
}

#[test]
fn what_is_published_carries_the_warning() {
    let guest = absorbed(Some("no"));
    let snp = LAUNCH.replace("\"sev\"", "\"snp\"").replace("0x1", "0x30000");
    guest.file("snp.toml", format!("vcpus = 1\ncpu = \"EPYC-Milan\"\n{snp}"));
    assert!(warns(&guest.run("manifest build -d snp.toml -o manifest.json").go()));
    let publish = |manifest: &str, form: &str| {
        let outcome = guest.run(&format!("manifest publish {manifest} --to {form}")).go();
        outcome.answer();
        assert!(warns(&outcome), "{form}: {}", outcome.stderr);
        outcome
    };
    for form in ["trustee", "trustee-message", "trustee-azure", "corim -o a", "corim-veraison -o b"]
    {
        publish("manifest.json", form);
    }
    let statement = document(&publish("manifest.json", "in-toto"));
    let facts = &statement["predicate"]["inputs"][0]["firmware_facts"];
    assert_eq!(facts["kernel_hash_check"], "no");
    let map = publish("manifest.json", "config-map").stdout;
    assert!(map.contains(r#"\"kernel_hash_check\": \"no\""#), "{map}");
    let module = publish("manifest.json", "rego").stdout;
    assert!(module.contains(&format!("# Warning: {UNCHECKED}.\n")), "{module}");
    // simple-kbs gives secrets to whatever starts.
    guest.run("manifest build -d launch.toml -o sev.json").go().answer();
    for form in ["simple-kbs", "simple-kbs-json"] {
        let outcome = guest.run(&format!("manifest publish sev.json --to {form}")).go();
        outcome.insecure(&["the firmware does not check the kernel against the hashes"]);
    }
    let shown = guest.run("manifest show sev.json").go();
    assert!(shown.answer().contains(", does not check the kernel's hashes\n"), "{}", shown.stdout);
}

#[test]
fn published_values_of_a_firmware_that_checks_carry_none() {
    let guest = absorbed(Some("yes"));
    guest.run("manifest build -d launch.toml -o sev.json").go().answer();
    let outcome = guest.run("manifest publish sev.json --to simple-kbs").go();
    assert!(outcome.answer().starts_with("INSERT INTO policy"));
    assert!(!outcome.stderr.contains("check"), "{}", outcome.stderr);
    let shown = guest.run("manifest show sev.json").go();
    assert!(shown.answer().contains(", checks the kernel's hashes\n"), "{}", shown.stdout);
}

#[test]
fn attack_a_word_that_is_no_answer_is_refused() {
    for word in ["unknown", "YES", "true", ""] {
        let guest = absorbed(Some(word));
        // A file that another one names is not quoted.
        for command in ["digest -d launch.toml", "manifest build -d launch.toml"] {
            guest.run(command).go().refused_with(&["fw.json: not an absorbed firmware"]);
        }
        let typed = guest.run("digest --mode sev --firmware-absorbed fw.json").go();
        typed.refused_with(&["fw.json", "kernel_hash_check", "wanted \"yes\" or \"no\""]);
    }
}

// An older manifest says nothing of it, which is no drift; a yes that nobody finds again is one.
#[test]
fn attack_a_yes_written_into_a_manifest_is_drift() {
    let guest = absorbed(None);
    guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
    let with = |check: Option<&str>| {
        let mut form: Value = serde_json::from_slice(&guest.folder.read("fw.json")).expect("JSON");
        let fields = form.as_object_mut().expect("an object");
        fields.remove("kernel_hash_check");
        check.map(|check| fields.insert("kernel_hash_check".into(), json!(check)));
        guest.file("fw.json", form.to_string());
        guest.run("manifest check manifest.json").go()
    };
    let unsaid = "the manifest does not say so: build it again";
    for check in [None, Some("no"), Some("yes")] {
        let outcome = with(check);
        assert!(outcome.answer().contains("is current"), "{}", outcome.stdout);
        // It is told nonetheless: who verifies with this manifest would not know.
        assert_eq!(warns(&outcome), check == Some("no"));
        assert_eq!(outcome.warnings().contains(&unsaid), check == Some("no"));
    }
    let mut edited: Value =
        serde_json::from_slice(&guest.folder.read("manifest.json")).expect("JSON");
    edited["inputs"][0]["firmware_facts"]["kernel_hash_check"] = json!("yes");
    guest.file("manifest.json", edited.to_string());
    for (check, now) in [(None, "unknown"), (Some("no"), "no")] {
        let outcome = with(check);
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        let line =
            format!("whether it checks the kernel against the measured hashes: yes -> {now}");
        assert!(outcome.stdout.contains(&line), "{}", outcome.stdout);
    }
    assert!(with(Some("yes")).answer().contains("is current"));
}

/// The test kit's OVMFs with their answers: the loader of one has the verifier's GUIDs.
fn images() -> [(Vec<u8>, &'static str); 2] {
    [(Ovmf::amd_sev().build(), "yes"), (Ovmf::general().build(), "no")]
}

#[test]
fn firmware_show_finds_it_out() {
    for (image, answer) in images() {
        let guest = Guest::new();
        guest.file("OVMF.fd", image);
        let view = document(&guest.run("firmware show OVMF.fd --json").go());
        super::json::check(&super::json::schema("firmware-show"), &view);
        assert_eq!(view["kernel_hash_check"], answer);
        let unchecked = answer == "no";
        let flavour = if unchecked { "which it does not check" } else { "which it checks" };
        assert!(view["flavour"].as_str().expect("text").contains(flavour), "{view}");
        for kind in view["can_launch"].as_array().expect("a list") {
            assert_eq!(kind["possible"], true, "{kind}");
            let with_kernel = kind["measured_kernel"] == true;
            assert_eq!(kind["caveat"].is_string(), with_kernel && unchecked, "{kind}");
        }
        let warnings = view["warnings"].as_array().expect("a list");
        assert_eq!(warnings.contains(&json!(UNCHECKED)), unchecked);
        let shown = guest.run("firmware show OVMF.fd").go();
        let line = format!("\nchecks kernel hashes  {answer}\n");
        assert!(shown.answer().contains(&line), "{}", shown.stdout);
        let plain =
            "  snp    with a measured kernel yes, but the firmware does not check the hashes";
        assert_eq!(shown.stdout.contains(plain), unchecked, "{}", shown.stdout);
    }
}

#[test]
fn what_absorb_and_manifest_build_find_is_kept() {
    for (image, answer) in images() {
        let guest = Guest::new();
        guest.file("OVMF.fd", &image);
        let absorbed = guest.run("firmware absorb OVMF.fd -o fw.json").go();
        absorbed.answer();
        assert_eq!(warns(&absorbed), answer == "no");
        let form: Value = serde_json::from_slice(&guest.folder.read("fw.json")).expect("JSON");
        assert_eq!(form["kernel_hash_check"], answer);
        let digest = "--mode sev --kernel vmlinuz";
        let of_image = guest.run(&format!("digest --firmware OVMF.fd {digest}")).go();
        let of_absorbed = guest.run(&format!("digest --firmware-absorbed fw.json {digest}")).go();
        assert_eq!(of_image.line(), of_absorbed.line());
        assert_eq!((warns(&of_image), warns(&of_absorbed)), (false, answer == "no"));

        let launch = LAUNCH.replace("absorbed = \"fw.json\"", "path = \"OVMF.fd\"");
        guest.file("launch.toml", launch);
        let built = guest.run("manifest build -d launch.toml -o manifest.json").go();
        built.answer();
        assert_eq!(warns(&built), answer == "no");
        let manifest: Value =
            serde_json::from_slice(&guest.folder.read("manifest.json")).expect("JSON");
        assert_eq!(manifest["inputs"][0]["firmware_facts"]["kernel_hash_check"], answer);
        guest.run("manifest check manifest.json").go().answer();
        // What was absorbed says the same as the image.
        guest.run("manifest check manifest.json --firmware-absorbed fw.json").go().answer();
    }
}

#[test]
fn a_build_that_lost_the_verifier_is_named() {
    let [(amd_sev, _), (general, _)] = images();
    let guest = Guest::new();
    guest.file("OVMF.fd", amd_sev);
    guest.file("launch.toml", LAUNCH.replace("absorbed = \"fw.json\"", "path = \"OVMF.fd\""));
    guest.run("manifest build -d launch.toml -o manifest.json").go().answer();
    guest.file("OVMF.fd", general);
    let outcome = guest.run("manifest check manifest.json").go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let line = "whether it checks the kernel against the measured hashes: yes -> no";
    assert!(outcome.stdout.contains(line), "{}", outcome.stdout);
}

// The tables of an image do not say it, and no digest opens its volumes.
#[test]
fn a_digest_of_an_image_does_not_guess() {
    let image = root().join("testdata/firmware/amdsev.fd");
    let guest = Guest::new();
    let outcome =
        guest.run("digest --mode sev --kernel vmlinuz --json --firmware").with([image]).go();
    let document = document(&outcome);
    let (warned, texts) = said(&document);
    assert!(!warned && texts.len() == 1 && texts[0].starts_with(UNKNOWN), "{texts:?}");
}
