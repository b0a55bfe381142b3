//! What `--json` prints: by the schemas in `docs/schemas`, and with values that are known by hand.

use std::fs;

use jsonschema::Validator;
use serde_json::{Value, json};
use sev_launch_testkit::expected;

use super::guest::{Guest, MILAN, image};
use super::harness::{Outcome, root};

/// A schema that is itself by the meta-schema.
fn schema_text(name: &str) -> Value {
    let path = root().join(format!("docs/schemas/{name}.schema.json"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("a schema is JSON")
}

pub(crate) fn schema(name: &str) -> Validator {
    let text = schema_text(name);
    jsonschema::meta::validate(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    jsonschema::validator_for(&text).expect("a schema is well formed")
}

#[track_caller]
pub(crate) fn document(outcome: &Outcome) -> Value {
    assert!(matches!(outcome.code, Some(0 | 1)), "{}", outcome.stderr);
    serde_json::from_str(&outcome.stdout).expect("the answer is JSON")
}

#[track_caller]
pub(crate) fn check(schema: &Validator, document: &Value) {
    let errors: Vec<_> = schema
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}\n{document:#}", errors.join("\n"));
}

/// Every object of a document, by its place.
fn objects(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(place.to_owned());
            for (name, field) in fields {
                objects(field, &format!("{place}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                objects(item, &format!("{place}/{number}"), found);
            }
        }
        _ => {}
    }
}

/// Takes each field away in turn, and puts an unknown one into each object: the schema must refuse all of these, apart
/// from the loss of an optional field.
#[track_caller]
pub(crate) fn check_strictness(schema: &Validator, document: &Value, optional: &[&str]) {
    check(schema, document);
    let mut places = Vec::new();
    objects(document, "", &mut places);
    assert!(!places.is_empty());
    for place in places {
        let fields = document.pointer(&place).and_then(Value::as_object).expect("an object");
        for name in fields.keys() {
            let mut changed = document.clone();
            let fields = changed.pointer_mut(&place).and_then(Value::as_object_mut);
            fields.expect("an object").remove(name);
            let passes = schema.is_valid(&changed);
            assert_eq!(passes, optional.contains(&name.as_str()), "{place} without {name}");
        }
        let mut changed = document.clone();
        let fields = changed.pointer_mut(&place).and_then(Value::as_object_mut);
        fields.expect("an object").insert("unknown".into(), Value::Null);
        assert!(!schema.is_valid(&changed), "{place} with an unknown field");
    }
}

#[test]
fn digests_of_every_kind() {
    let guest = Guest::new();
    guest.file("svsm.bin", image().svsm_info(0x10).build());
    guest.file("page.bin", [2; 4096]);
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    let schema = schema("digest");
    let hash = "ab".repeat(32);
    let given = "ab".repeat(48);
    for flags in [
        "--firmware OVMF.fd --mode sev".into(),
        "--firmware OVMF.fd --mode sev --kernel vmlinuz --initrd initrd.img --append a --append b".into(),
        "--firmware OVMF.fd --mode sev --kernel vmlinuz --kernel-hashes off".into(),
        "--firmware OVMF.fd --mode sev --trace".into(),
        format!("--firmware-absorbed fw.json --mode seves --vcpus 1,2 --vcpu-type EPYC --kernel-sha256 {hash} --cmdline-sha256 {hash}"),
        "--firmware OVMF.fd --mode seves --vcpus 1 --vmsa-bsp page.bin".into(),
        "--firmware OVMF.fd --mode snp --vcpus 1..=3 --vcpu-type EPYC-Rome,EPYC-Milan --profile snp-qemu,snp-ec2".into(),
        format!("--firmware OVMF.fd --mode snp --vcpus 1 --vcpu-type EPYC --snp-ovmf-hash {given}"),
        "--firmware OVMF.fd --mode snp --vcpus 1 --vcpu-type EPYC --trace=pages".into(),
        "--firmware OVMF.fd --mode snp:ovmf-hash".into(),
        "--firmware OVMF.fd --mode snp:svsm --vcpus 2 --vcpu-type EPYC --svsm svsm.bin --vars-size 0 --profile snp-svsm-nofpu".into(),
        "--firmware OVMF.fd --mode snp --vcpus 1 --profile snp-krun-reset --kernel OVMF.fd --initrd OVMF.fd --kernel-gpa 0x1000000".into(),
    ] {
        let outcome = guest.run(&format!("digest --json {flags}")).go();
        outcome.answer();
        check(&schema, &document(&outcome));
    }
}

#[test]
fn a_digest_s_document_misses_no_field_and_has_no_other() {
    let guest = Guest::new();
    let flags = "--mode snp --vcpus 1 --vcpu-type EPYC-Milan --trace --json";
    let outcome = guest.measured(flags).with(["--snp-ovmf-hash", &"ab".repeat(48)]).go();
    check_strictness(&schema("digest"), &document(&outcome), &["snp_firmware_digest", "trace"]);
}

#[test]
fn a_digest_s_document_refuses_values_of_another_kind() {
    let guest = Guest::new();
    let schema = schema("digest");
    let good = document(&guest.measured("--mode snp --vcpus 1 --vcpu-type EPYC --json").go());
    check(&schema, &good);
    for (place, value) in [
        ("/version", json!(1)),
        ("/technology", json!("tdx")),
        ("/digests", json!([])),
        ("/digests/0/digest", json!("ab")),
        ("/digests/0/vcpus", json!(4097)),
        ("/digests/0/signature", json!(8)),
        ("/inputs/kernels/0/sha256", json!("AB".repeat(32))),
        ("/inputs/firmwares", json!([])),
        ("/not_covered", json!([])),
    ] {
        let mut changed = good.clone();
        *changed.pointer_mut(place).expect("the field is there") = value;
        assert!(!schema.is_valid(&changed), "{place}");
    }
}

#[test]
fn inputs_have_their_size_and_sha256() {
    let guest = Guest::new();
    // FIPS 180-4, example "abc", and SHA-256 of nothing and of one NUL.
    guest.file("abc", "abc");
    guest.file("nothing", "");
    let outcome = guest.digest("--mode sev --json --kernel abc --initrd nothing").go();
    let inputs = &document(&outcome)["inputs"];
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let nul = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
    assert_eq!(inputs["kernels"], json!([{"path": "abc", "size": 3, "sha256": abc}]));
    assert_eq!(inputs["initrds"], json!([{"path": "nothing", "size": 0, "sha256": nothing}]));
    assert_eq!(inputs["cmdlines"], json!([{"text": "", "size": 0, "sha256": nul}]));
    // A plain SEV digest is the image's SHA-256.
    let sha256 = guest.sev(None);
    let firmware = json!([{"path": "OVMF.fd", "size": 65536, "sha256": sha256}]);
    assert_eq!(inputs["firmwares"], firmware);
}

#[test]
fn a_row_says_what_it_was_computed_for() {
    let guest = Guest::new();
    let outcome = guest
        .digest("--mode snp --vcpus 1,3 --vcpu-type EPYC-Milan --kernel vmlinuz --json")
        .with(["--append", "a", "--append", "b"])
        .go();
    let document = document(&outcome);
    let table = expected::hashes_table(&guest.kernel, None, Some(b"b"));
    let expected = json!({
        "digest": guest.snp(Some(&table), MILAN, 3),
        "algorithm": "sha384",
        "profile": "snp-qemu",
        "profile_confidence": "observed",
        "vcpus": 3,
        "signature": "0x00a00f11",
        "sev_features": "0x1",
        "firmware": 0,
        "kernel_hashes": true,
        "kernel": 0,
        "initrd": null,
        "cmdline": 1,
    });
    assert_eq!(document["digests"].as_array().map(Vec::len), Some(4));
    assert_eq!(document["digests"][3], expected);
}

/// A field of each row.
fn column(outcome: &Outcome, name: &str) -> Vec<Value> {
    let document = document(outcome);
    let rows = document["digests"].as_array().expect("a list");
    rows.iter().map(|row| row[name].clone()).collect()
}

#[test]
fn a_row_of_plain_sev_names_its_command_line() {
    let guest = Guest::new();
    let outcome = guest.digest("--mode sev --kernel vmlinuz --append a --append b --json").go();
    assert_eq!(column(&outcome, "cmdline"), [0, 1]);
}

#[test]
fn a_row_names_no_command_line_that_is_not_measured() {
    let guest = Guest::new();
    let flags = "--mode snp --vcpus 1 --vcpu-type EPYC --json";
    assert_eq!(column(&guest.digest(flags).go(), "cmdline"), [Value::Null]);
    let outcome = guest.measured(&format!("{flags} --kernel-hashes off")).go();
    assert_eq!(column(&outcome, "cmdline"), [Value::Null]);
    let csv = guest.measured("--mode sev --kernel-hashes off --format csv").go();
    assert_eq!(csv.lines()[1], format!("{},sev,,,,,,OVMF.fd,,", guest.sev(None)));
}

#[test]
fn a_row_names_no_signature_that_does_not_enter_it() {
    let guest = Guest::new();
    guest.file("page.bin", [2; 4096]);
    let flags = "--mode snp --vcpus 1 --vcpu-type EPYC --json";
    for more in ["--vmsa-bsp page.bin", "--profile snp-ec2"] {
        let outcome = guest.digest(&format!("{flags} {more}")).go();
        assert_eq!(column(&outcome, "signature"), [Value::Null], "{more}");
    }
}

#[test]
fn captured_pages_are_inputs() {
    let guest = Guest::new();
    guest.file("page.bin", [2; 4096]);
    let outcome = guest.digest("--mode snp --vcpus 1 --vmsa-bsp page.bin --json").go();
    let found = document(&outcome);
    check(&schema("digest"), &found);
    // SHA-256 of 4096 bytes of 2, by Python's hashlib.
    let expected = "30d6bc164ea54188aa9df0c14f20c4fbc8a155c5644bcc9ef9eb05901cb07d70";
    assert_eq!(found["inputs"]["vmsa_bsp"]["sha256"], expected);
    assert_eq!(found["inputs"]["vmsa_bsp"]["path"], "page.bin");
    assert_eq!(found["assumptions"][0], "VMSA pages as captured; all else as in profile snp-qemu");
}

#[test]
fn a_row_of_libkrun_names_its_profile() {
    let guest = Guest::new();
    let flags = "--mode seves --vcpus 1,2 --profile es-krun-1.4 --kernel vmlinuz --json";
    let outcome = guest.digest(&format!("{flags} --initrd initrd.img")).go();
    assert_eq!(column(&outcome, "profile"), ["es-krun-1.4", "es-krun-1.4"]);
    assert_eq!(column(&outcome, "vcpus"), [1, 2]);
}

#[test]
fn what_is_said_on_standard_error_is_in_the_document() {
    let guest = Guest::new();
    let run =
        |more: &str| guest.digest(&format!("--mode seves --vcpus 1 --vcpu-type EPYC-Milan {more}"));
    let outcome = run("--json -v --kernel vmlinuz").with(["--append", "quiet\n"]).go();
    let document = document(&outcome);
    for (field, mark) in [("assumptions", "assumed"), ("notes", "note"), ("warnings", "warning")] {
        let texts = document[field].as_array().expect("a list");
        assert!(!texts.is_empty(), "{field}");
        for text in texts {
            let line = format!("{mark}: {}\n", text.as_str().expect("text"));
            assert!(outcome.stderr.contains(&line), "{line}");
        }
    }
}

#[test]
fn what_is_not_covered_depends_on_what_is_measured() {
    let guest = Guest::new();
    let says = |flags: &str, text: &str| {
        let document = document(&guest.digest(&format!("{flags} --json")).go());
        let list = document["not_covered"].as_array().expect("a list");
        list.iter().any(|one| one.as_str().is_some_and(|one| one.contains(text)))
    };
    let off = "--mode sev --kernel vmlinuz --kernel-hashes off";
    assert!(says("--mode sev", "the vCPUs' initial registers"));
    assert!(!says("--mode seves --vcpus 1 --vcpu-type EPYC", "the vCPUs' initial registers"));
    assert!(says("--mode sev", "none was given"));
    assert!(says(off, "kernel-hashes is off") && !says(off, "none was given"));
    assert!(says("--mode sev --kernel vmlinuz", "only AmdSevX64 builds do"));
    for always in ["root file system", "NVRAM", "vTPM", "policy", "plugged in"] {
        assert!(says("--mode sev --kernel vmlinuz", always), "{always}");
    }
}

#[test]
fn firmware_show() {
    let guest = Guest::new();
    let schema = schema("firmware-show");
    check_strictness(&schema, &document(&guest.run("firmware show OVMF.fd --json").go()), &[]);
    for (name, bytes) in [
        ("svsm.fd", image().svsm_info(0x10).build()),
        ("odd.fd", image().size(0x10001).build()),
        ("plain.fd", image().without_table().without_metadata().build()),
        ("broken.fd", image().footer_len(3).build()),
        ("unknown.fd", image().entry("01234567-89ab-cdef-0123-456789abcdef", []).build()),
        ("tiny.fd", vec![1]),
    ] {
        guest.file(name, bytes);
        check(&schema, &document(&guest.run(&format!("firmware show {name} --json")).go()));
    }
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn vmsa_show_and_diff() {
    let guest = Guest::new();
    guest.run("vmsa build page.bin --profile snp-qemu --vcpu-type EPYC").go().answer();
    guest.file("full.bin", [0xab; 4096]);
    for name in ["page.bin", "full.bin"] {
        let outcome = guest.run(&format!("vmsa show {name} --json")).go();
        check_strictness(&schema("vmsa-show"), &document(&outcome), &[]);
    }
    let outcome = guest.run("vmsa diff page.bin full.bin --json").go();
    check_strictness(&schema("vmsa-diff"), &document(&outcome), &[]);
    let outcome = guest.run("vmsa diff page.bin page.bin --json").go();
    assert_eq!(document(&outcome), json!([]));
}

#[test]
fn profiles_and_models() {
    let guest = Guest::new();
    let outcome = guest.run("profile show snp-ec2 --json").go();
    check_strictness(&schema("profile"), &document(&outcome), &[]);
    let list = document(&guest.run("profile list --json").go());
    list.as_array().expect("a list").iter().for_each(|one| check(&schema("profile"), one));
    let outcome = guest.run("profile diff es-legacy snp-krun-reset --json").go();
    check_strictness(&schema("profile-diff"), &document(&outcome), &[]);
    let outcome = guest.run("cpu list --json").go();
    check_strictness(&schema("cpu-list"), &document(&outcome), &[]);
}

/// Every property, in every place of a schema.
fn undescribed(value: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(properties) = value.get("properties").and_then(Value::as_object) {
        assert_eq!(value["additionalProperties"], false, "{place}");
        for (name, property) in properties {
            if property.get("description").and_then(Value::as_str).is_none_or(str::is_empty) {
                found.push(format!("{place}/{name}"));
            }
        }
    }
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, field)| undescribed(field, &format!("{place}/{name}"), found)),
        Value::Array(items) => items.iter().for_each(|item| undescribed(item, place, found)),
        _ => {}
    }
}

#[test]
fn every_field_of_every_schema_is_described() {
    let folder = root().join("docs/schemas");
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter_map(|name| name.strip_suffix(".schema.json").map(str::to_owned))
        .collect();
    names.sort();
    let expected = [
        "certs-show",
        "certs-verify",
        "cpu-list",
        "demands",
        "describe",
        "digest",
        "explain",
        "firmware-show",
        "id-block-build",
        "id-block-check",
        "import",
        "launch",
        "manifest",
        "profile",
        "profile-diff",
        "report",
        "report-appraise",
        "vmsa-diff",
        "vmsa-show",
    ];
    for name in expected {
        assert!(names.iter().any(|other| other == name), "{name}");
        let text = schema_text(name);
        assert_eq!(text["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        let mut found = Vec::new();
        undescribed(&text, name, &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
