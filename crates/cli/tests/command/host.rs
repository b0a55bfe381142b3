//! `host` and `host collect`: what a host launches, and the facts of it that are carried away.

use std::fs;

use serde_json::json;

use super::harness::{Folder, Outcome, Run, root};
use super::json::{check, check_strictness, document, schema};

/// A host of testdata/host.
pub(crate) fn host(name: &str) -> String {
    root().join(format!("testdata/host/{name}.json")).display().to_string()
}

fn run(folder: &Folder, arguments: &str) -> Outcome {
    Run::new(arguments.split_ascii_whitespace()).in_folder(folder.path()).go()
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
        ("sys/devices/system/cpu/smt/control", "notsupported\n"),
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
            "capacity": {"sev": 410, "sev_es": 99}, "qemu": "QEMU emulator version 7.2.22",
            "libvirt": "9.0.0", "ovmf": "2022.11",
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
