//! `manifest check` and `manifest diff` name the modules in which two builds of a firmware differ.
//!
//! The images are the test kit's OVMF, made again with one thing changed on purpose.

use serde_json::{Value, json};
use sev_launch_testkit::pi::{File, Ovmf, Pe, Section};

use super::guest::Guest;
use super::harness::Outcome;
use super::json::{check, document, schema};

const LOGO: &str = "7bb28b99-61bb-11d5-9a5d-0090273fc14d";
const OTHER: &str = "11111111-2222-3333-4444-555555555555";

/// The test kit's OVMF with this driver and one more.
fn with_driver(name: &str, executable: &[u8]) -> Vec<u8> {
    let [file, other] = [(LOGO, name), (OTHER, "Other")].map(|(guid, name)| {
        let code = if guid == LOGO { executable.to_vec() } else { pe(1).bytes() };
        File::driver(guid, name).section(Section::pe32(code))
    });
    Ovmf::amd_sev().driver(file).driver(other).build()
}

fn pe(byte: u8) -> Pe {
    Ovmf::amd_sev().executable("Driver", vec![byte; 0x400])
}

/// The executable at another address: its base, and the words that its relocations name.
fn rebased(mut bytes: Vec<u8>) -> Vec<u8> {
    // ImageBase of the optional header, which starts at 0x98, and the test kit's two relocations.
    for at in [0x98 + 24, 0x248, 0x250] {
        let word: [u8; 8] = bytes[at..at + 8].try_into().expect("8 bytes");
        let moved = u64::from_le_bytes(word).wrapping_add(0xff_c000);
        bytes[at..at + 8].copy_from_slice(&moved.to_le_bytes());
    }
    bytes
}

/// A guest with the manifest of `OVMF.fd`, which is this image.
fn recorded(image: &[u8]) -> Guest {
    let guest = Guest::new();
    guest.file("OVMF.fd", image);
    guest.run("manifest build --mode sev --firmware OVMF.fd -o manifest.json").go().answer();
    guest
}

/// The check of a manifest of one image, where the firmware is another now.
fn checked(old: &[u8], new: &[u8]) -> Outcome {
    let guest = recorded(old);
    guest.file("new.fd", new);
    guest.run("manifest check manifest.json --firmware new.fd").go()
}

/// The line that names modules, of an outcome that is a no.
#[track_caller]
fn line(outcome: &Outcome) -> &str {
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    let lines: Vec<_> = outcome.stdout.lines().filter(|line| line.contains("module")).collect();
    let [line] = lines.as_slice() else { panic!("{}", outcome.stdout) };
    line
}

#[test]
fn the_module_that_changed_is_named_and_no_other() {
    let [old, new] = [1, 2].map(|byte| with_driver("Driver", &pe(byte).bytes()));
    assert_eq!(line(&checked(&old, &new)), "  modules: Driver changed");
    // In the volume of SEC, and in two others.
    let general = Ovmf::general().build();
    let amd_sev = Ovmf::amd_sev().build();
    let outcome = checked(&amd_sev, &general);
    assert_eq!(line(&outcome), "  modules: QemuKernelLoaderFsDxe changed");
}

/// The page for CI shows a job's answer: it is the one to these images.
#[test]
fn the_page_on_ci_shows_what_is_printed() {
    let [old, new] = [1, 2].map(|byte| with_driver("LogoDxe", &pe(byte).bytes()));
    let guest = recorded(&old);
    let build = "--mode snp --vcpus 2 --vcpu-type EPYC-Milan --kernel vmlinuz --name web";
    let build = format!("manifest build {build} --firmware OVMF.fd -o manifest.json");
    std::fs::remove_file(guest.folder.join("manifest.json")).expect("it is there");
    guest.run(&build).go().answer();
    std::fs::create_dir(guest.folder.join("build")).expect("a folder");
    guest.file("build/OVMF.fd", &new);
    let outcome = guest.run("manifest check manifest.json --firmware build/OVMF.fd").go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let page = include_str!("../../../../docs/ci.md");
    let shown = format!("```text\n{}```\n", outcome.stdout);
    assert!(page.contains(&shown), "{shown}");
    assert!(page.contains(outcome.stderr.trim_end()), "{}", outcome.stderr);
}

#[test]
fn a_module_that_came_or_went_is_named() {
    let plain = Ovmf::amd_sev().build();
    let more = with_driver("Driver", &pe(1).bytes());
    let outcome = checked(&plain, &more);
    assert_eq!(line(&outcome), "  modules: Driver was added; Other was added");
    let outcome = checked(&more, &plain);
    assert_eq!(line(&outcome), "  modules: Driver was removed; Other was removed");
}

#[test]
fn a_module_that_was_only_rebased_is_not_named() {
    let old = with_driver("Driver", &pe(1).bytes());
    let new = with_driver("Driver", &rebased(pe(1).bytes()));
    assert_ne!(old, new);
    let text =
        "  no module changed: padding, headers, packing or places did; firmware diff says more";
    assert_eq!(line(&checked(&old, &new)), text);
    // Rebased and changed is changed.
    let new = with_driver("Driver", &rebased(pe(2).bytes()));
    assert_eq!(line(&checked(&old, &new)), "  modules: Driver changed");
}

#[test]
fn two_manifests_are_enough_once_the_images_are_gone() {
    let guest = recorded(&with_driver("Driver", &pe(1).bytes()));
    guest.file("OVMF.fd", with_driver("Driver", &pe(2).bytes()));
    guest.run("manifest build --mode sev --firmware OVMF.fd -o new.json").go().answer();
    std::fs::remove_file(guest.folder.join("OVMF.fd")).expect("it is there");
    let outcome = guest.run("manifest diff manifest.json new.json").go();
    assert_eq!(line(&outcome), "  modules: Driver changed");
    let outcome = guest.run("manifest diff manifest.json new.json --json").go();
    assert_eq!(outcome.code, Some(1));
    let found: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let modules = &found["inputs"][0]["firmware"][1];
    assert_eq!((&modules["part"], &modules["added"]), (&json!("modules"), &json!([])));
    let changed = modules["changed"].as_array().expect("a list");
    assert_eq!(changed.len(), 1);
    assert_eq!((&changed[0]["name"], &changed[0]["guid"]), (&json!("Driver"), &json!(LOGO)));
}

#[test]
fn where_both_images_are_at_hand_the_next_command_is_named() {
    let [old, new] = [1, 2].map(|byte| with_driver("Driver", &pe(byte).bytes()));
    let guest = recorded(&old);
    guest.file("new build.fd", &new);
    let check = || {
        let run = guest.run("manifest check manifest.json --firmware").with(["new build.fd"]);
        let outcome = run.go();
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        outcome.stderr
    };
    let command = "firmware diff OVMF.fd 'new build.fd'";
    assert_eq!(check(), format!("note: sev-launch {command} says more\n"));
    let outcome = guest.run("firmware diff OVMF.fd").with(["new build.fd"]).go();
    assert!(outcome.stdout.contains("Driver"), "{}", outcome.stdout);
    // What lies there now is not what was recorded.
    guest.file("OVMF.fd", &new);
    assert_eq!(check(), "");
    std::fs::remove_file(guest.folder.join("OVMF.fd")).expect("it is there");
    assert_eq!(check(), "");
    // A manifest may be anybody's: it has no file outside of its folder looked at.
    guest.file("elsewhere.fd", &old);
    std::fs::create_dir(guest.folder.join("sub")).expect("a folder");
    let manifest = String::from_utf8(guest.folder.read("manifest.json")).expect("text");
    guest.file("sub/manifest.json", manifest.replace("OVMF.fd", "../elsewhere.fd"));
    let outcome =
        guest.run("manifest check sub/manifest.json --firmware").with(["new build.fd"]).go();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), ""));
}

#[test]
fn a_manifest_keeps_the_modules_and_an_absorbed_firmware_does_not() {
    let guest = recorded(&with_driver("Driver", &pe(1).bytes()));
    let found: Value = serde_json::from_slice(&guest.folder.read("manifest.json")).expect("JSON");
    check(&schema("manifest"), &found);
    let modules = found["inputs"][0]["firmware_facts"]["modules"].as_array().expect("a list");
    let names: Vec<_> = modules.iter().filter_map(|module| module["name"].as_str()).collect();
    // What testkit's OVMF consists of, in the order of its volumes.
    let files = [
        "PeiCore",
        "PlatformPei",
        "DxeCore",
        "QemuKernelLoaderFsDxe",
        "Driver",
        "Other",
        "SecMain",
    ];
    let is_file = |name: &&str| files.contains(name);
    assert_eq!(names.iter().copied().filter(is_file).collect::<Vec<_>>(), files);
    // What was absorbed says the same of the same image, and nothing of its modules.
    guest.run("firmware absorb OVMF.fd -o fw.json").go().answer();
    let outcome = guest.run("manifest check manifest.json --firmware-absorbed fw.json").go();
    assert!(outcome.answer().contains("is current"), "{}", outcome.stdout);
    // Nor does a manifest of before.
    let mut before = found.clone();
    before["inputs"][0]["firmware_facts"].as_object_mut().expect("an object").remove("modules");
    guest.file("manifest.json", before.to_string());
    assert!(guest.run("manifest check manifest.json").go().answer().contains("is current"));
    guest.file("OVMF.fd", with_driver("Driver", &pe(2).bytes()));
    let outcome = guest.run("manifest check manifest.json").go();
    assert_eq!(outcome.code, Some(1));
    assert!(!outcome.stdout.contains("module"), "{}", outcome.stdout);
}

// The list is text that anybody can write: it makes no yes of a no, and no no of a yes.
#[test]
fn attack_a_list_that_lies_changes_no_verdict() {
    let guest = recorded(&with_driver("Driver", &pe(1).bytes()));
    let manifest: Value =
        serde_json::from_slice(&guest.folder.read("manifest.json")).expect("JSON");
    let mut lying = manifest.clone();
    lying["inputs"][0]["firmware_facts"]["modules"] =
        json!([{"name": "forged", "sha256": "00".repeat(32)}]);
    guest.file("lying.json", lying.to_string());
    let outcome = guest.run("manifest check lying.json").go();
    let told = "another list of modules for the same image: one of them is wrong";
    assert!(outcome.answer().contains("is current") && outcome.stdout.contains(told));
    // The same list as the new image's, and another image.
    let new = with_driver("Driver", &pe(2).bytes());
    guest.file("new.fd", &new);
    let build = "manifest build --mode sev --firmware new.fd -o new.json";
    guest.run(build).go().answer();
    let built: Value = serde_json::from_slice(&guest.folder.read("new.json")).expect("JSON");
    let modules = built["inputs"][0]["firmware_facts"]["modules"].clone();
    lying["inputs"][0]["firmware_facts"]["modules"] = modules;
    guest.file("lying.json", lying.to_string());
    let outcome = guest.run("manifest check lying.json --firmware new.fd").go();
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stdout.contains("no module changed"), "{}", outcome.stdout);
}

#[test]
fn attack_a_module_s_name_is_no_command_in_any_form() {
    let name = "x\n::error::forged\u{1b}[2J\u{202e}<img src=x>|##[error]";
    let [old, new] = [1, 2].map(|byte| with_driver(name, &pe(byte).bytes()));
    let guest = recorded(&old);
    guest.file("new.fd", &new);
    for format in ["text", "json", "annotations", "junit", "markdown"] {
        let command = format!("manifest check manifest.json --firmware new.fd --format {format}");
        let outcome = guest.run(&command).go();
        assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
        let text = &outcome.stdout;
        assert!(text.contains("forged"), "{format}: {text}");
        assert!(!text.contains("\n::error::forged") && !text.contains("##["), "{format}: {text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format}: {text}");
        assert!(!matches!(format, "markdown" | "junit") || !text.contains("<img"), "{text}");
    }
    let stored = String::from_utf8(guest.folder.read("manifest.json")).expect("text");
    assert!(stored.contains("forged") && !stored.contains(['\u{1b}', '\u{202e}']));
    document(&guest.run("manifest show manifest.json --json").go());
}
