//! `host` and `preflight`: what a host launches, what it would refuse, and the facts of it that are carried away.

use std::fs;

use serde_json::{Value, json};

use super::guest::{Guest, MILAN};
use super::harness::{Folder, Outcome, Run, root};
use super::json::{check, check_strictness, document, schema};

/// A host of testdata/host.
fn host(name: &str) -> String {
    root().join(format!("testdata/host/{name}.json")).display().to_string()
}

fn run(folder: &Folder, arguments: &str) -> Outcome {
    Run::new(arguments.split_ascii_whitespace()).in_folder(folder.path()).go()
}

/// The facts of the Milan host, changed.
fn changed(change: impl Fn(&mut Value)) -> String {
    let text = fs::read_to_string(host("milan")).expect("test data");
    let mut facts: Value = serde_json::from_str(&text).expect("JSON");
    change(&mut facts);
    facts.to_string()
}

fn answers(outcome: &Outcome) -> Vec<String> {
    let document = document(outcome);
    let rows = document["technologies"].as_array().expect("a list");
    rows.iter().map(|row| row["answer"].as_str().expect("text").to_owned()).collect()
}

/// A copy of a host's files: SEV and SEV-ES are on, SNP is not.
fn tree(folder: &Folder) {
    for (path, text) in [
        ("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n"),
        (
            "proc/cpuinfo",
            "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\nstepping\t: 1\nflags\t\t: fpu sev sev_es\n",
        ),
        ("sys/devices/system/cpu/smt/active", "0\n"),
        ("sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n"),
        ("sys/module/kvm_amd/parameters/sev", "Y\n"),
        ("sys/module/kvm_amd/parameters/sev_es", "Y\n"),
        ("sys/fs/cgroup/misc.capacity", "sev 410\nsev_es 99\n"),
        ("dev/sev", ""),
    ] {
        let path = folder.join("tree").join(path);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
}

#[test]
fn a_copied_host_is_collected_and_judged() {
    let folder = Folder::new();
    tree(&folder);
    folder.file("log", "[ 1.0] secret: hunter2\n[ 7.7] ccp 0000:22:00.1: SEV API:1.55 build:21\n");
    let flags = "--root tree --kernel-log log --libvirt-version 9.0.0 --ovmf-version 2022.11-6";
    let collect = |more: &[&str]| {
        let words = format!("host collect {flags}");
        Run::new(words.split(' ')).with(more).in_folder(folder.path()).go()
    };
    let version =
        ["--qemu-version", "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\nCopyright"];
    let outcome = collect(&version);
    let collected = document(&outcome);
    check_strictness(
        &schema("host-collected"),
        &collected,
        &[
            "kernel",
            "cpu",
            "smt",
            "sockets",
            "parameters",
            "sev",
            "sev_es",
            "sev_device",
            "kernel_log",
            "capacity",
            "qemu",
            "libvirt",
            "ovmf",
        ],
    );
    assert_eq!(
        collected,
        json!({
            "version": 1, "kernel": "6.1.0-18-amd64", "smt": false, "sockets": 1, "sev_device": true,
            "cpu": {"vendor": "AuthenticAMD", "family": 25, "model": 1, "stepping": 1, "flags": ["sev", "sev_es"]},
            "parameters": {"sev": "Y", "sev_es": "Y"}, "kernel_log": ["SEV API:1.55 build:21"],
            "capacity": {"sev": 410, "sev_es": 99}, "qemu": "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)",
            "libvirt": "9.0.0", "ovmf": "2022.11-6",
        })
    );
    // Into a file, and by a pipe.
    collect(&[version.as_slice(), &["-o", "host.json"]].concat()).answer();
    let by_file = run(&folder, "host --collected host.json --json");
    check_strictness(&schema("host"), &document(&by_file), &[]);
    assert_eq!(answers(&by_file), ["yes", "yes", "no"]);
    let piped = Run::new(["host", "--collected", "-", "--json"]).stdin(outcome.stdout).go();
    assert_eq!(answers(&piped), ["yes", "yes", "no"]);
}

#[test]
fn what_is_required_decides_the_exit_code() {
    let folder = Folder::new();
    let milan = host("milan");
    run(&folder, &format!("host --collected {milan} --require sev,sev-es,snp")).answer();
    let outcome =
        run(&folder, &format!("host --collected {} --require sev,snp", host("no-es-asids")));
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stdout.contains("SEV-ES ASID Space Limit"), "{}", outcome.stdout);
    run(&folder, &format!("host --collected {} --require sev", host("no-es-asids"))).answer();
    // Nothing is known: no yes, and no no.
    folder.file("nothing.json", r#"{"version": 1}"#);
    run(&folder, "host --collected nothing.json").answer();
    let unknown = run(&folder, "host --collected nothing.json --require sev --json");
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("not known"), "{}", unknown.stderr);
    // This machine, whatever it is.
    let here = Run::new(["host", "--json"]).go();
    check(&schema("host"), &document(&here));
    let collected = document(&Run::new(["host", "collect"]).go());
    check(&schema("host-collected"), &collected);
}

#[test]
fn what_is_no_fact_is_refused() {
    let folder = Folder::new();
    folder.file("list.json", "[]");
    folder.file("version.json", r#"{"version": 2}"#);
    folder.file("twice.json", r#"{"version": 1, "smt": true, "smt": false}"#);
    folder.file("more.json", r#"{"version": 1, "hostname": "a"}"#);
    folder.file("kernel.json", r#"{"version": 1, "kernel": "new"}"#);
    folder.file("bytes.json", [0xff, 0xfe]);
    for (name, words) in [
        ("list.json", "no facts of a host"),
        ("version.json", "version 2"),
        ("twice.json", "duplicate field"),
        ("more.json", "hostname"),
        ("kernel.json", "kernel: \"new\""),
        ("bytes.json", "UTF-8"),
        ("absent.json", "No such file"),
    ] {
        let outcome = run(&folder, &format!("host --collected {name}"));
        assert!(outcome.refusal().contains(words), "{name}: {}", outcome.stderr);
        assert!(outcome.refusal().contains(name), "{name}: {}", outcome.stderr);
    }
    for wrong in [
        "host collect --root absent",
        "host collect --root list.json",
        "host collect --root . --qemu-version new",
        "host collect --root . --libvirt-version new",
        "host collect --root . --domain-capabilities list.json",
        "host --collected list.json collect",
        "host --require sgx",
    ] {
        run(&folder, wrong).refusal();
    }
}

/// An SNP guest of the test kit, with these lines in its description.
fn guest(more: &str) -> Guest {
    let guest = Guest::new();
    let text = format!(
        "technology = 'snp'\nvcpus = 1\ncpu = 'EPYC-Milan'\n{more}\nfirmware.path = 'OVMF.fd'\n"
    );
    guest.file("launch.toml", text);
    guest.file("milan.json", changed(|_| ()));
    guest
}

fn preflight(guest: &Guest, flags: &str) -> Outcome {
    guest.run(&format!("preflight --description launch.toml {flags} --json -q")).go()
}

/// What stands against it, by its beginning, and on what it depends.
fn told(outcome: &Outcome, key: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(&outcome.stdout).expect("a document");
    let list = document[key].as_array().expect("a list").iter();
    list.map(|one| one["what"].as_str().or(one.as_str()).expect("text").to_owned()).collect()
}

#[test]
fn a_launch_that_the_host_starts() {
    let guest = guest("policy = 0x30000");
    let outcome = preflight(&guest, "--host milan.json");
    let document = document(&outcome);
    check_strictness(&schema("preflight"), &document, &[]);
    assert_eq!((outcome.code, &document["answer"]), (Some(0), &json!("yes")));
    assert_eq!(document["digests"], json!([guest.snp(None, MILAN, 1)]));
    assert_eq!(document["profiles"], json!(["snp-qemu"]));
    let text = guest.run("preflight --description launch.toml --host milan.json").go();
    assert!(text.answer().starts_with("yes: this host starts it (snp)\n"), "{}", text.stdout);
}

#[test]
fn what_every_host_refuses_needs_no_host() {
    // [Linux, SNP_POLICY_MASK_VALID] has no MIGRATE_MA; bit 17 must be one [SNP-ABI, guest policy].
    for (policy, words) in [
        ("0x70000", "MIGRATE_MA (bit 18) is set: KVM refuses it"),
        ("0x3000", "bit 17 is 0"),
        ("0x4030000", "reserved bits 0x4000000 are set"),
    ] {
        let guest = guest(&format!("policy = {policy}"));
        let outcome = preflight(&guest, "");
        assert_eq!(outcome.code, Some(1), "{policy}: {}", outcome.stderr);
        let against = told(&outcome, "against");
        assert!(against[0].starts_with(words), "{policy}: {against:?}");
    }
    // What only some refuse is told, and no no.
    let guest = guest("");
    guest.file("launch.toml", "technology = 'snp'\nvcpus = 1\ncpu = 'EPYC-Milan'\npolicy = 'ABI=1.55'\nfirmware.path = 'OVMF.fd'\n");
    let outcome = preflight(&guest, "");
    assert_eq!((outcome.code, told(&outcome, "depends").len()), (Some(0), 3));
    let features = preflight(&guest, "--guest-features SNPActive+SecureAVIC");
    assert_eq!(features.code, Some(1));
    assert!(
        told(&features, "against")
            .iter()
            .any(|text| text.contains("KVM_SEV_INIT2 fails with EINVAL"))
    );
}

#[test]
fn a_host_s_facts_decide() {
    let guest = guest("policy = 'SMT+SINGLE_SOCKET+ABI=1.54'");
    let answer = |facts: String| {
        guest.file("host.json", facts);
        let outcome = preflight(&guest, "--host host.json");
        (outcome.code, [told(&outcome, "against"), told(&outcome, "depends")].concat())
    };
    let newer = |sockets: Value| {
        changed(|facts| {
            facts["kernel"] = json!("6.17.2");
            facts["sockets"] = sockets.clone();
        })
    };
    assert_eq!(answer(newer(json!(1))).0, Some(0));
    let two = answer(newer(json!(2)));
    assert!(
        two.0 == Some(1) && two.1[0].contains("SNP_ACTIVATE fails with POLICY_FAILURE"),
        "{two:?}"
    );
    // 6.12, whatever the sockets are.
    let old = answer(changed(|facts| facts["sockets"] = json!(1)));
    assert!(old.0 == Some(1) && old.1[0].contains("before Linux 6.17"), "{old:?}");
    // Firmware that is older than the policy wants.
    let firmware = answer(changed(|facts| {
        facts["kernel"] = json!("6.17.2");
        facts["sockets"] = json!(1);
        facts["kernel_log"] = json!(["SEV-SNP API:1.53 build:1"]);
    }));
    assert!(firmware.0 == Some(1) && firmware.1[0].contains("API 1.54"), "{firmware:?}");
}

#[test]
fn what_is_not_known_of_the_host_is_no_yes() {
    let guest = guest("policy = 0x30000");
    for key in ["qemu", "parameters", "sev_device"] {
        guest.file(
            "host.json",
            changed(|facts| {
                facts.as_object_mut().expect("an object").remove(key);
            }),
        );
        let outcome = preflight(&guest, "--host host.json");
        assert_eq!(outcome.code, Some(2), "{key}: {}", outcome.stdout);
    }
    // The number of sockets, which the policy asks for.
    let guest = self::guest("policy = 'SMT+SINGLE_SOCKET'");
    guest.file(
        "host.json",
        changed(|facts| {
            facts["kernel"] = json!("6.17.2");
            facts.as_object_mut().expect("an object").remove("sockets");
        }),
    );
    let outcome = preflight(&guest, "--host host.json");
    assert_eq!(outcome.code, Some(2));
    assert!(told(&outcome, "depends")[0].contains("more than one socket"));
}

#[test]
fn a_host_that_launches_otherwise_is_no_yes() {
    let guest = guest("policy = 0x30000");
    // No room is left.
    guest.file("full.json", changed(|facts| facts["running"] = json!({"sev": 0, "sev_es": 99})));
    let full = preflight(&guest, "--host full.json");
    assert!(full.code == Some(1) && told(&full, "against")[0].contains("99 guests run there"));
    // Nobody but Google has Google's hosts.
    let cloud = preflight(&guest, "--vmm-type gce --host milan.json");
    assert!(
        cloud.code == Some(1) && told(&cloud, "against")[0].contains("gce"),
        "{}",
        cloud.stdout
    );
    let krun = preflight(&guest, "--profile snp-krun-reset --kernel OVMF.fd --host milan.json");
    assert_ne!(krun.code, Some(0), "{}", krun.stdout);
    // SEV-ES: a host of 6.6.3 switches DebugSwap on, which moves the digest that a default predicts.
    guest.file("launch.toml", "technology = 'sev-es'\npolicy = 'NODBG+ES'\nvcpus = 1\ncpu = 'EPYC-Milan'\nfirmware.path = 'OVMF.fd'\n");
    guest.file(
        "swap.json",
        changed(|facts| {
            facts["kernel"] = json!("6.6.3");
            facts["parameters"] = json!({"sev": "Y", "sev_es": "Y", "debug_swap": "Y"});
        }),
    );
    let swap = preflight(&guest, "--host swap.json");
    assert_eq!(swap.code, Some(1));
    assert!(told(&swap, "against")[0].contains("es-legacy-debugswap, and es-legacy is described"));
    let named = preflight(&guest, "--host swap.json --profile es-legacy-debugswap");
    assert_eq!(
        (named.code, document(&named)["profiles"].clone()),
        (Some(0), json!(["es-legacy-debugswap"]))
    );
    // legacy-vm-type=off is QEMU's to choose, and Milan's host has it.
    let init2 = preflight(&guest, "--host milan.json --profile es-init2");
    assert_eq!((init2.code, document(&init2)["profiles"].clone()), (Some(0), json!(["es-init2"])));
    // 6.6 has no such ioctl, and so no profile.
    assert_eq!(preflight(&guest, "--host swap.json --profile es-init2").code, Some(2));
}

#[test]
fn an_id_block_is_for_one_digest_and_one_policy() {
    let guest = guest("policy = 0x30000");
    let digest = guest.snp(None, MILAN, 1);
    guest.file("id.der", super::id_block::private(3));
    let build =
        format!("id-block build --digest {digest} --policy 0x30000 --id-key id.der -o block auth");
    guest.run(&build).go().answer();
    let base64 = |name: &str| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD
            .encode(fs::read(guest.folder.join(name)).expect("written"))
    };
    let (block, auth) = (base64("block"), base64("auth"));
    let describe = |policy: &str, vcpus: u32| {
        guest.file(
            "launch.toml",
            format!("technology = 'snp'\npolicy = {policy}\nvcpus = {vcpus}\ncpu = 'EPYC-Milan'\nid_block = '{block}'\nid_auth = '{auth}'\nfirmware.path = 'OVMF.fd'\n"),
        );
        preflight(&guest, "")
    };
    assert_eq!(describe("0x30000", 1).code, Some(0));
    let vcpus = describe("0x30000", 2);
    assert_eq!(vcpus.code, Some(1));
    assert!(told(&vcpus, "against")[0].contains("refuses the ID block"), "{}", vcpus.stdout);
    let policy = describe("0xb0000", 1);
    assert_eq!(policy.code, Some(1), "{}", policy.stderr);
}

#[test]
fn what_is_no_launch_is_no_answer() {
    let guest = guest("policy = 0x30000");
    for wrong in [
        "--kernel absent",
        "--vcpus 0",
        "--firmware absent.fd",
        "--host absent.json",
        "--host launch.toml",
    ] {
        guest.run(&format!("preflight --description launch.toml {wrong}")).go().refusal();
    }
    guest.run("preflight").go().refusal();
    // Both cannot come by standard input.
    guest.run("preflight --description - --host -").go().refusal();
}
