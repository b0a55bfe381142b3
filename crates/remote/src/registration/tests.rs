//! Every key of a description: registered, refused, or named as not registered. Expected hashes are those of `sha256sum`.

use serde_json::{Value, json};
use sev_launch_description::keys::KEYS;
use sev_launch_description::{Description, Origin};
use sev_launch_digest::hash::{Portable, Sha256Digest};
use sev_launch_protocol::problem::Code;
use sev_launch_protocol::registration::{Approval, FirmwareVersion, Generation};
use sev_launch_protocol::text::{CpuId, Exact};
use sev_launch_sweep::{Memory, Mode, Reading};
use sev_launch_testkit::firmware::FirmwareBuilder;

use super::*;

/// `printf a | sha256sum`, and so on.
const A: &str = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
const B: &str = "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d";
/// `printf 'c\0' | sha256sum`
const C_NUL: &str = "ec49f17f2c205644d3a0d242eb5a82ec222ed01fbd8fd6b55d0f2f6ef651e484";

const SEV: &str = "technology = 'sev'\npolicy = 1\nfirmware.path = 'f'\n";
const ES: &str =
    "technology = 'sev-es'\npolicy = 5\nvcpus = 2\ncpu = 'EPYC-Milan'\nfirmware.path = 'f'\n";
const SNP: &str =
    "technology = 'snp'\npolicy = 0x30000\nvcpus = 2\ncpu = 'EPYC-Milan'\nfirmware.path = 'f'\n";

fn owner() -> Owner {
    Owner { owners: Owners::Any, ..Owner::default() }
}

fn inputs(text: &str) -> Result<Inputs, String> {
    let files = Memory::from([
        ("f", FirmwareBuilder::amd_sev().build()),
        ("a", b"a".to_vec()),
        ("b", b"b".to_vec()),
        ("c", b"c".to_vec()),
        ("page", vec![0; 4096]),
    ]);
    let description = Description::from_toml(text, &Origin::file("launch.toml"), "".as_ref())
        .map_err(|error| error.to_string())?;
    let mode = Mode::of(&description).expect("a technology");
    let reading = Reading { absorbs_whole: true, ..Reading::default() };
    Inputs::read(mode, description, reading, &files, &Portable).map_err(|error| error.to_string())
}

fn made(text: &str, owner: &Owner) -> Result<Made, Error> {
    of(&inputs(text).unwrap_or_else(|error| panic!("{text}: {error}")), owner, Purpose::Register)
}

fn body(text: &str, owner: &Owner) -> Value {
    let made = made(text, owner).unwrap_or_else(|error| panic!("{text}: {error}"));
    serde_json::from_slice(&made.body).expect("JSON")
}

fn refusal(text: &str, owner: &Owner) -> String {
    match made(text, owner) {
        Ok(_) => panic!("{text}: it was registered"),
        Err(error) => error.to_string(),
    }
}

fn firmware() -> String {
    Sha256Digest::of(&FirmwareBuilder::amd_sev().build()).to_string()
}

#[test]
fn a_plain_guest_is_its_firmware_and_its_policy() {
    let wanted = json!({
        "scheme": "amd-sev", "policy": 1, "firmware-hashes": [firmware()], "platform": {"any-owner": true},
    });
    assert_eq!(body(SEV, &owner()), wanted);
    let made = made(SEV, &owner()).expect("a registration");
    let wanted = Firmware { sha256: firmware().parse().expect("hex"), image: Some("f".into()) };
    assert_eq!((made.firmwares, made.unregistered), (vec![wanted], vec![]));
}

#[test]
fn what_boots_is_registered_by_hash_and_its_command_line_by_text() {
    let text = format!("{SEV}[boot]\nkernel = 'a'\ninitrd = ['a', 'b']\ncmdline_file = 'c'");
    let body = body(&text, &owner());
    assert_eq!(body["kernel-hash"], json!([A]));
    assert_eq!(body["initrd-hash"], json!([A, B]));
    assert_eq!((&body["cmdline"], &body["cmdline-hash"]), (&json!(["c"]), &Value::Null));
}

#[test]
fn a_command_line_that_is_no_text_is_registered_by_its_hash() {
    let text = format!("{SEV}[boot]\nkernel_sha256 = '{B}'\ncmdline_sha256 = '{C_NUL}'");
    assert_eq!(body(&text, &owner())["cmdline-hash"], json!([C_NUL]));
    // `printf '\xff\0' | sha256sum`
    let hash = "ea5dbf9596d187e9500f23e9a680109475341cf4e81f7e043f7d97152c10772f";
    let text = format!("{SEV}[boot]\nkernel = 'a'\ncmdline_hex = ['ff', '63']");
    let found = body(&text, &owner());
    assert_eq!((&found["cmdline-hash"], &found["cmdline"]), (&json!([hash, C_NUL]), &Value::Null));
}

#[test]
fn without_a_command_line_none_is_registered() {
    let found = body(&format!("{SEV}[boot]\nkernel = 'a'"), &owner());
    assert_eq!((&found["cmdline"], &found["initrd-hash"]), (&Value::Null, &Value::Null));
}

#[test]
fn vcpus_are_registered_as_lists_of_all_that_is_described() {
    let counts = |vcpus: &str| body(&ES.replace("vcpus = 2", vcpus), &owner())["cpu-count"].clone();
    assert_eq!(counts("vcpus = 2"), 2);
    assert_eq!(counts("vcpus = '1..=4'"), json!({"min": 1, "max": 4}));
    assert_eq!(counts("vcpus = [8, 1, 2]"), json!([1, 2, 8]));
    assert_eq!(counts("vcpus = '1024'"), 1024);
    assert!(refusal(&ES.replace("vcpus = 2", "vcpus = 1025"), &owner()).contains("at most 1024"));
    let cpu = |cpu: &str| body(&ES.replace("cpu = 'EPYC-Milan'", cpu), &owner())["cpu"].clone();
    assert_eq!(
        cpu("cpu = ['EPYC-Milan', 'EPYC-Genoa']"),
        json!([{"type": "EPYC-Milan"}, {"type": "EPYC-Genoa"}])
    );
    // [PPR for family 19h model 01h]: 00A00F11h.
    let parts = json!([{"family": 25, "model": 1, "stepping": 1}]);
    assert_eq!(cpu("signature = 0xa00f11"), parts);
    assert_eq!(cpu("family = 25\nmodel = 1\nstepping = 1"), parts);
}

#[test]
fn profiles_are_registered_also_where_they_follow_from_the_host() {
    let found = body(&format!("profile = ['es-legacy', 'es-init2']\n{ES}"), &owner());
    assert_eq!(found["vmsa-profiles"], json!(["es-legacy", "es-init2"]));
    let text = format!("{ES}[host]\nkernel = '6.6.10'\nvmm = 'qemu 9.2'\ncpu = 'Milan'");
    let made = made(&text, &owner()).expect("a registration");
    let found: Value = serde_json::from_slice(&made.body).expect("JSON");
    assert_eq!(found["vmsa-profiles"], json!(["es-legacy-debugswap"]));
    let keys: Vec<_> = made.unregistered.iter().map(|one| one.key).collect();
    assert_eq!(keys, ["host.kernel", "host.vmm", "host.cpu"]);
}

#[test]
fn plain_sev_names_what_it_does_not_measure() {
    let text = format!("sev_features = 1\ncpu = 'EPYC-Milan'\nlate_vcpus = 1\nvcpus = 4\n{SEV}");
    let made = made(&text, &owner()).expect("a registration");
    let keys: Vec<_> = made.unregistered.iter().map(|one| one.key).collect();
    assert_eq!(keys, ["cpu", "sev_features", "late_vcpus"]);
    // The service holds a launcher's number against it.
    assert_eq!(serde_json::from_slice::<Value>(&made.body).expect("JSON")["cpu-count"], 4);
}

#[test]
fn what_a_registration_has_no_word_for_is_named() {
    for (text, key) in [
        (format!("host_data = '{}'\n{SNP}", "00".repeat(32)), "host_data"),
        (format!("sev_features = [1, 0x21]\n{SNP}"), "sev_features"),
        (format!("{SNP}[vmsa]\nbsp = 'page'"), "vmsa.bsp"),
        (format!("{SEV}[boot]\nkernel = 'a'\nkernel_hashes = [true, false]"), "boot.kernel_hashes"),
        (
            format!("profile = 'snp-qemu'\nlate_vcpus = 1\n{SNP}[host]\nvmm = 'qemu 10.2'"),
            "late_vcpus",
        ),
        (format!("{SNP}firmware.snp_digest = '{}'", "00".repeat(48)), "firmware.snp_digest"),
    ] {
        let error = refusal(&text, &owner());
        assert!(error.starts_with(&format!("{key} (launch.toml)")), "{text}: {error}");
        assert!(error.contains("no word for it"), "{error}");
    }
}

/// A key of a description is registered, refused, or named: a description with each of them, one at a time, comes out in one of the
/// three ways, or could not be launched at all.
#[test]
fn no_key_is_dropped() {
    let values = [
        ("policy", "1"),
        ("firmware.in_flash", "true"),
        ("boot.kernel", "'a'"),
        (
            "boot.kernel_sha256",
            "'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'",
        ),
        ("boot.kernel_hashes", "false"),
        ("host.kernel", "'6.8'"),
        ("host.vmm", "'qemu 9.2'"),
        ("host.cpu", "'Milan'"),
        ("host.machine", "'q35'"),
        ("host.debug_swap", "false"),
        ("host.legacy_vm_type", "true"),
        ("late_vcpus", "0"),
        ("vcpus", "3"),
        ("cpu", "'EPYC-Genoa'"),
        ("signature", "1"),
        ("sev_features", "1"),
    ];
    let base = made(SEV, &owner()).expect("a registration");
    for (key, value) in values {
        assert!(KEYS.iter().any(|known| known.name == key), "{key}");
        let text = if key == "policy" {
            SEV.replace("policy = 1", "policy = 3")
        } else {
            format!("{key} = {value}\n{SEV}")
        };
        let made = made(&text, &owner()).unwrap_or_else(|error| panic!("{key}: {error}"));
        let is_named = made
            .unregistered
            .iter()
            .any(|one| one.key == key || one.key == "cpu" && key == "signature");
        assert!(*made.body != *base.body || is_named, "{key} was dropped");
    }
}

#[test]
fn a_kernel_that_nobody_measures_gets_no_secret() {
    let text = format!("{SEV}[boot]\nkernel = 'a'\ncmdline = 'x'\nkernel_hashes = false");
    let keys: Vec<_> =
        made(&text, &owner()).expect("no secret").unregistered.iter().map(|one| one.key).collect();
    assert_eq!(keys, ["boot.kernel", "boot.cmdline"]);
    let owner = Owner { secrets: secrets(), ..owner() };
    assert!(refusal(&text, &owner).contains("kernel_hashes is off"));
}

fn secrets() -> Vec<SecretEntry> {
    let guid = "736869e5-84f0-4973-92ec-06879ce3da0b".parse().expect("a GUID");
    let other = "57f669c2-c427-4132-bc7a-26f56b6a718c".parse().expect("a GUID");
    vec![
        SecretEntry::new(guid, b"correct horse\n".to_vec().into()),
        SecretEntry::new(other, vec![0xff; 300].into()),
    ]
}

#[test]
fn every_byte_of_a_secret_is_in_the_body_and_it_fits_from_the_start() {
    let owner = Owner { secrets: secrets(), ..owner() };
    let made = made(SEV, &owner).expect("a registration");
    assert_eq!(made.registration.secrets, secrets());
    let text = String::from_utf8(made.body.to_vec()).expect("JSON");
    // `printf 'correct horse\n' | base64`
    assert!(text.contains("\"data\":\"Y29ycmVjdCBob3JzZQo=\""), "{text}");
    let room = text.len() + 100 * 2 + 300 + 100;
    assert!(made.body.capacity() <= room, "the place did not grow");
}

#[test]
fn what_is_missing_is_named_by_its_flag() {
    let no_policy = SEV.replace("policy = 1\n", "");
    assert!(refusal(&no_policy, &owner()).contains("--policy"));
    assert!(refusal(SEV, &Owner::default()).contains("--any-owner"));
    assert!(refusal(&ES.replace("cpu = 'EPYC-Milan'\n", ""), &owner()).contains("no CPU"));
    // What would be accepted needs no owner.
    let inputs = inputs(SEV).expect("inputs");
    assert!(of(&inputs, &Owner::default(), Purpose::Measure).is_ok());
}

#[test]
fn an_unknown_fact_refuses() {
    let unknown = |key: &str| {
        format!(
            "{SEV}[[unknown]]\nkey = '{key}'\nsource = 'x.xml'\nplace = 'p'\ntext = 't'\nsettled_by = 's'\n"
        )
    };
    let text = unknown("boot.cmdline").replace("[[unknown]]", "[boot]\nkernel = 'a'\n[[unknown]]");
    assert!(inputs(&text).expect_err("unknown").contains("unknown: boot.cmdline"));
    // No digest needs the policy, and a registration does.
    let error = refusal(&unknown("policy").replace("policy = 1\n", ""), &owner());
    assert!(error.contains("unknown: policy"), "{error}");
    // No digest of plain SEV depends on it, and still a guest of any count would be registered.
    let error = refusal(&unknown("vcpus"), &owner());
    assert!(error.contains("unknown: vcpus"), "{error}");
}

#[test]
fn what_the_protocol_refuses_is_not_sent() {
    let debug = SEV.replace("policy = 1", "policy = 0");
    let error = made(&debug, &owner()).err().expect("refused");
    assert!(matches!(&error, Error::Rules(problem) if problem.code == Code::PolicyInconsistent));
    assert!(error.to_string().contains("allow-debug"), "{error}");
    let owner = Owner { allow_debug: true, ..owner() };
    assert_eq!(body(&debug, &owner)["allow-debug"], true);
    let owner = Owner { owners: Owners::Unsaid, secrets: secrets(), ..Owner::default() };
    assert!(refusal(SNP, &owner).contains("an SEV-SNP launch has no secret"));
}

#[test]
fn everything_that_an_owner_adds_is_there() {
    let certificate = Exact([7; 2084]);
    let version = FirmwareVersion { api_major: 1, api_minor: 55, build: Some(8) };
    let owner = Owner {
        name: Some("web".parse().expect("a label")),
        labels: [("env".parse().expect("a key"), "prod".parse().expect("a label"))].into(),
        owners: Owners::These(vec![certificate]),
        generations: vec![Generation::Milan],
        cpu_ids: vec![CpuId([1; 64])],
        deny_cpu_ids: vec![CpuId([2; 64])],
        versions: Versions { min: Some(version), deny: vec![version], ..Versions::default() },
        total: Some(3),
        concurrent: Some(2),
        ttl: Some("PT5M".parse().expect("a span")),
        attempts: Some(1),
        launchers: vec!["node-17".parse().expect("a label")],
        approval: Approval::Manual,
        report_only: true,
        valid_from: Some("2026-01-01T00:00:00Z".parse().expect("a time")),
        valid_until: Some("2027-01-01T00:00:00Z".parse().expect("a time")),
        disabled: true,
        issues_token: true,
        ..Owner::default()
    };
    let api = json!({"api-major": 1, "api-minor": 55, "build": 8});
    let mut found = body(SEV, &owner);
    let certificate = STANDARD.encode([7; 2084]);
    assert_eq!(found["platform"]["cloud-certs"].take(), json!([certificate]));
    assert_eq!(
        found,
        json!({
            "scheme": "amd-sev", "policy": 1, "firmware-hashes": [firmware()],
            "name": "web", "labels": {"env": "prod"},
            "platform": {
                "cloud-certs": null, "generations": ["milan"],
                "cpu-ids": ["01".repeat(64)], "deny-cpu-ids": ["02".repeat(64)],
            },
            "firmware-version": {"min": api, "deny": [api]},
            "launch-limit": {"total": 3, "concurrent": 2, "ttl": "PT5M", "validate-attempts": 1},
            "launchers": ["node-17"], "approval": "manual", "report-only": true, "disabled": true,
            "valid-from": "2026-01-01T00:00:00.000Z", "valid-until": "2027-01-01T00:00:00.000Z",
            "issue-launch-token": true,
        })
    );
}
