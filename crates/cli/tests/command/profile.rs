//! `profile` and `cpu`: what hosts do, and QEMU's models.

use serde_json::Value;
use sev_launch_testkit::vectors::Suite;

use super::harness::{Run, golden};

fn run(arguments: &str) -> super::harness::Outcome {
    Run::new(arguments.split(' ')).go()
}

#[test]
fn list_of_profiles() {
    golden("profile-list.txt", run("profile list").answer());
}

#[test]
fn each_profile_is_listed_once_and_can_be_shown() {
    let outcome = run("profile list --json");
    let list: Vec<Value> = serde_json::from_str(outcome.answer()).expect("JSON");
    let mut names: Vec<_> = list.iter().map(|one| one["name"].as_str().expect("a name")).collect();
    for (name, listed) in names.iter().zip(&list) {
        let shown: Value =
            serde_json::from_str(run(&format!("profile show {name} --json")).answer())
                .expect("JSON");
        assert_eq!(&shown, listed);
    }
    // The profiles of vmsa-and-launch, section 4.1, split where a layout differs by FPU or address; and those of IGVM files.
    assert_eq!(names.len(), 27);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 27);
    let defaults: Vec<_> =
        list.iter().filter(|one| one["default"] == true).map(|one| &one["name"]).collect();
    assert_eq!(defaults, ["es-legacy", "snp-qemu"]);
}

#[test]
fn profiles_shown() {
    golden("profile-show-es-legacy.txt", run("profile show es-legacy").answer());
    golden("profile-show-snp-ec2.txt", run("profile show snp-ec2").answer());
}

#[test]
fn es_init2_differs_from_es_legacy_in_the_fpu_alone() {
    let outcome = run("profile diff es-legacy es-init2");
    assert_eq!(outcome.code, Some(1));
    golden("profile-diff-es-legacy-es-init2.txt", &outcome.stdout);
    let outcome = run("profile diff es-legacy es-init2 --json");
    let list: Vec<Value> = serde_json::from_str(&outcome.stdout).expect("JSON");
    // MXCSR 0x1f80 and x87 control word 0x37f, on every vCPU. [Linux, eb4441864e03]
    let values: Vec<_> =
        list.iter().map(|one| [&one["left"], &one["right"]].map(Value::to_string)).collect();
    let fpu = [["\"0x0\"", "\"0x1f80\""], ["\"0x0\"", "\"0x37f\""]];
    assert_eq!(values, [fpu, fpu].concat());
}

#[test]
fn a_profile_does_not_differ_from_itself() {
    let outcome = run("profile diff snp-qemu snp-qemu");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), ""));
    // The bytes of snp-qemu, for other hosts.
    assert_eq!(run("profile diff snp-qemu snp-amdese-6.9").code, Some(0));
}

// The table of docs/igvm.md: no two loaders make the same of every file.
#[test]
fn profiles_of_igvm_files_differ_where_their_loaders_do() {
    for (left, right, wanted) in [
        ("snp-igvm", "snp-igvm-coconut", "a parameter area: all its pages | its first page alone"),
        ("snp-igvm", "snp-igvm-hyperv", "shared pages: measured | left out"),
        ("snp-igvm-hyperv", "snp-igvm-coconut", "a page of 2 MiB: one page of 4 KiB | 512 pages"),
        ("es-igvm-legacy", "es-igvm-coconut", "an unmeasured page: nothing | its data"),
    ] {
        let outcome = run(&format!("profile diff {left} {right}"));
        assert_eq!(outcome.code, Some(1), "{left} {right}");
        assert!(outcome.stdout.contains(wanted), "{left} {right}: {}", outcome.stdout);
    }
    golden(
        "profile-diff-snp-igvm-hyperv.txt",
        &run("profile diff snp-igvm snp-igvm-hyperv").stdout,
    );
}

#[test]
fn registers_that_no_digest_holds_are_not_shown() {
    for (name, has_registers) in
        [("snp-igvm", true), ("snp-igvm-hyperv", false), ("es-igvm-coconut", false)]
    {
        let shown = run(&format!("profile show {name}"));
        assert_eq!(shown.answer().contains("vCPU, fields"), has_registers, "{name}");
        let json = run(&format!("profile show {name} --json"));
        let json: Value = serde_json::from_str(json.answer()).expect("JSON");
        super::json::check(&super::json::schema("profile"), &json);
        let count = |whose: &str| json[whose].as_array().map_or(0, Vec::len);
        assert_eq!([count("bsp") > 0, count("ap") > 0], [has_registers; 2], "{name}");
    }
    golden("profile-show-snp-igvm-hyperv.txt", run("profile show snp-igvm-hyperv").answer());
}

#[test]
fn profiles_that_are_not_there() {
    run("profile show es-lgacy").refused_with(&["did you mean es-legacy?"]);
    run("profile diff es-legacy zzzzzz").refused_with(&["profile list"]);
}

#[test]
fn list_of_models() {
    golden("cpu-list.txt", run("cpu list").answer());
}

#[test]
fn every_model_with_a_known_signature_is_listed_with_it() {
    let outcome = run("cpu list --json");
    let list: Vec<Value> = serde_json::from_str(outcome.answer()).expect("JSON");
    let suite = Suite::ours().expect("testdata/vectors/digests.json");
    let named = suite.cpu_signatures.iter().filter_map(|cpu| Some((cpu.model_name.as_ref()?, cpu)));
    let mut judged = 0;
    for (name, cpu) in named {
        let holds = |one: &&Value| {
            one["names"]
                .as_array()
                .is_some_and(|names| names.iter().any(|other| other == name.as_str()))
        };
        let model = list.iter().find(holds).unwrap_or_else(|| panic!("{name} is not listed"));
        assert_eq!(model["signature"], format!("{:#010x}", cpu.signature), "{name}");
        assert_eq!(
            (&model["family"], &model["model_number"], &model["stepping"]),
            (&cpu.family.into(), &cpu.model.into(), &cpu.stepping.into()),
            "{name}"
        );
        judged += 1;
    }
    // Counted in the file.
    assert_eq!(judged, 18);
}
