//! `firmware show` of an IGVM file says what starts from it: exactly what `digest` gives a digest of.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use sev_launch_testkit::igvm::{Builder, SNP, VMSA_GPA, snp, vmsa};
use sev_launch_testkit::vectors::IgvmSuite;

use super::harness::{Folder, Outcome, Run};

/// QEMU's EPYC models, the newest first.
const MODELS: [&str; 5] = ["EPYC-Turin", "EPYC-Genoa", "EPYC-Milan", "EPYC-Rome", "EPYC"];

fn shown(file: &Path) -> Option<Value> {
    let outcome = Run::new(["firmware", "show", "--json"]).with([file]).go();
    let json = (outcome.code == Some(0)).then(|| serde_json::from_str(&outcome.stdout));
    json.map(|json| json.expect("JSON"))
}

fn digest(file: &Path, one: &Value, vcpus: u64, model: &str) -> Outcome {
    let mode = match one["technology"].as_str() {
        Some("sev-es") => "seves",
        other => other.expect("a technology"),
    };
    let run = Run::new(["digest", "--igvm"]).with([file]).with(["--mode", mode]);
    let Some(profile) = one["profile"].as_str() else { return run.go() };
    let vcpus = vcpus.to_string();
    run.with(["--profile", profile, "--vcpus", &vcpus, "--vcpu-type", model]).go()
}

/// Is what is shown of a file what `digest` does with it? How many launches it says yes and no of.
fn judge(file: &Path, shown: &Value) -> [usize; 2] {
    let of_platform = |one: &Value| one["vcpus"].as_array()?.last()?.as_u64();
    let platforms = shown["platforms"].as_array().expect("platforms");
    let last = platforms.iter().filter_map(of_platform).max();
    let mut judged = [0; 2];
    for one in shown["can_launch"].as_array().expect("launches") {
        let is_possible = one["possible"] == true;
        let vcpus = one["fewest_vcpus"]
            .as_u64()
            .unwrap_or_else(|| last.map_or(1, |last| 4096.min(last + 1)));
        let cpus: Vec<_> =
            one["cpus"].as_array().expect("CPUs").iter().filter_map(Value::as_str).collect();
        let models = if cpus.is_empty() { &MODELS[..1] } else { &MODELS };
        for model in models {
            let starts = is_possible && (cpus.is_empty() || cpus.contains(model));
            let outcome = digest(file, one, vcpus, model);
            let code = if starts { 0 } else { 2 };
            assert_eq!(outcome.code, Some(code), "{file:?} {model} {one}: {}", outcome.stderr);
            if let Some(reason) = one["reason"].as_str() {
                assert!(outcome.stderr.contains(reason), "{reason}: {}", outcome.stderr);
            }
        }
        judged[usize::from(is_possible)] += 1;
    }
    judged
}

#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn what_starts_from_every_recorded_file() {
    let Some((suite, folder)) = IgvmSuite::found() else { return };
    let files: BTreeSet<_> = suite.vectors.iter().map(|vector| &vector.file).collect();
    let mut judged = [0; 2];
    for file in files {
        let file = folder.join(file);
        let Some(shown) = shown(&file) else { continue };
        for (sum, of_file) in judged.iter_mut().zip(judge(&file, &shown)) {
            *sum += of_file;
        }
    }
    assert!(judged[0] > 100 && judged[1] > 100, "{judged:?}");
}

// LA57 (CR4 bit 12): Genoa has it, and no model before. [QEMU, x86_cpu_def]
#[test]
fn a_file_that_only_some_models_start() {
    let folder = Folder::new();
    let mut page = vmsa(1);
    page[0x149] |= 0x10;
    let file = Builder::new().platform(SNP, 1).page(0x10_0000, 1, b"x");
    let file = file.vp_context(VMSA_GPA, 1, 0, &page).build();
    let path = folder.file("la57.igvm", file);
    let shown = shown(&path).expect("an IGVM file");
    judge(&path, &shown);
    let text = Run::new(["firmware", "show"]).with([&path]).go();
    let wanted = "snp-igvm                 yes, from what it has for SEV_SNP, with the CPU EPYC-Genoa or EPYC-Turin";
    assert!(text.answer().contains(wanted), "{}", text.stdout);
}

#[test]
fn commands_that_read_images_alone_say_who_reads_an_igvm_file() {
    let folder = Folder::new();
    folder.file("a.igvm", snp());
    folder.file("b.igvm", snp());
    for line in [
        "firmware tree a.igvm",
        "firmware diff a.igvm b.igvm",
        "firmware absorb a.igvm -o x",
        "firmware reproduce a.igvm b.igvm",
        "firmware extract a.igvm -o x",
    ] {
        let run = Run::new(line.split(' ')).in_folder(folder.path());
        run.go().refused_with(&["a.igvm", "no firmware image", "`sev-launch firmware show`"]);
    }
}
