//! `firmware`: what an image is, and absorbing one.

use serde_json::Value;
use sev_launch_testkit::firmware::{FirmwareBuilder, HASH_AREA, RESET_BLOCK};
use sev_launch_testkit::pattern;

use super::guest::{Guest, image};
use super::harness::{Run, golden, root};

/// What `show --json` says of an image.
fn shown(image: &FirmwareBuilder) -> Value {
    let guest = Guest::new();
    guest.file("some.fd", image.build());
    let outcome = guest.run("firmware show some.fd --json").go();
    serde_json::from_str(outcome.answer()).expect("JSON")
}

/// Which of the six kinds of launch are possible: SEV, SEV-ES, SNP, each without and with a kernel.
fn possible(view: &Value) -> Vec<bool> {
    let kinds = view["can_launch"].as_array().expect("a list");
    kinds.iter().map(|kind| kind["possible"].as_bool().expect("yes or no")).collect()
}

#[test]
fn show_of_the_repository_s_image() {
    let outcome =
        Run::new(["firmware", "show", "testdata/firmware/amdsev.fd"]).in_folder(root()).go();
    golden("firmware-show-amdsev.txt", outcome.answer());
    // The golden file holds the two digests, which are computed here.
    let path = root().join("testdata/firmware/amdsev.fd");
    let image = std::fs::read(path).expect("testdata is there");
    let digests = [
        hex::encode(sev_launch_testkit::expected::sev(&image, None)),
        hex::encode(sev_launch_testkit::expected::snp_firmware(&image)),
    ];
    for digest in digests {
        assert!(outcome.answer().contains(&digest), "{digest}");
    }
    assert_eq!(outcome.stderr, "");
}

#[test]
fn a_good_image_launches_everything() {
    let view = shown(&image());
    assert_eq!(possible(&view), [true; 6]);
    assert_eq!(view["reset_address"], "0x80b004");
    assert_eq!(view["hash_area"]["base"], "0x810c00");
    assert_eq!(view["hash_area"]["size"], 1024);
    assert_eq!(view["gpa"], "0xffff0000");
    assert_eq!(view["sections"].as_array().map(Vec::len), Some(7));
    assert_eq!(view["warnings"], serde_json::json!([]));
}

#[test]
fn what_is_missing_says_what_cannot_be_launched() {
    for (image, expected) in [
        (image().without(HASH_AREA), [true, false, true, false, true, false]),
        (image().without(RESET_BLOCK), [true, true, false, false, false, false]),
        (image().without_metadata(), [true, true, true, true, false, false]),
        (image().without_table().without_metadata(), [true, false, false, false, false, false]),
        (image().size(0x10800), [true, true, true, true, false, false]),
    ] {
        let view = shown(&image);
        assert_eq!(possible(&view), expected, "{view:#}");
        for kind in view["can_launch"].as_array().expect("a list") {
            assert_eq!(kind["reason"].is_null(), kind["possible"] == true, "{kind}");
        }
    }
}

#[test]
fn an_image_whose_table_is_broken_is_shown_as_such() {
    let view = shown(&image().footer_len(17));
    assert_eq!(view["flavour"], "an image whose GUIDed table is broken");
    assert_eq!(possible(&view), [true, false, false, false, false, false]);
    assert!(view["warnings"][0].as_str().is_some_and(|text| text.contains("table length 17")));
}

#[test]
fn a_variable_store_is_told_from_firmware() {
    let guest = Guest::new();
    let mut vars = vec![0xff; 0x10000];
    // UEFI PI: EFI_SYSTEM_NV_DATA_FV_GUID fff12b8d-7696-4c8b-a985-2747075b4f50 at 16, "_FVH" at 40.
    vars[16..32].copy_from_slice(&sev_launch_testkit::firmware::guid(
        "fff12b8d-7696-4c8b-a985-2747075b4f50",
    ));
    vars[40..44].copy_from_slice(b"_FVH");
    guest.file("vars.fd", &vars);
    let outcome = guest.run("firmware show vars.fd").go();
    assert!(outcome.answer().contains("this is a variable store (VARS), not firmware"));
    let mut both = vars;
    both.extend(&guest.image);
    guest.file("both.fd", both);
    let outcome = guest.run("firmware show both.fd").go();
    assert!(outcome.answer().contains("holds its variable store too (CODE and VARS in one)"));
    // Of a launch it is told where the guest can write the store.
    for (flags, warns) in [
        ("--mode sev", true),
        ("--mode sev --firmware-in-flash on", true),
        ("--mode sev --firmware-in-flash off", false),
        ("--mode snp --vcpus 1 --vcpu-type EPYC-Milan", false),
    ] {
        let outcome = guest.run(&format!("digest --firmware both.fd {flags}")).go();
        outcome.answer();
        let is_told = outcome.warnings().iter().any(|text| text.contains("CODE and VARS in one"));
        assert_eq!(is_told, warns, "{flags}: {}", outcome.stderr);
    }
}

#[test]
fn absorbing_gives_the_same_file_and_standard_output() {
    let guest = Guest::new();
    guest.run("firmware absorb OVMF.fd --output fw.json").go().answer();
    let outcome = guest.run("firmware absorb OVMF.fd -o -").go();
    assert_eq!(outcome.answer().as_bytes(), guest.folder.read("fw.json"));
    assert!(outcome.answer().len() < 1024);
    let stored: Value = serde_json::from_str(outcome.answer()).expect("JSON");
    assert_eq!(stored["size"], 65536);
    assert_eq!(
        stored["snp"],
        hex::encode(sev_launch_testkit::expected::snp_firmware(&guest.image))
    );
}

#[test]
fn absorbing_an_image_of_odd_size_warns_and_serves_sev() {
    let guest = Guest::new();
    let odd = pattern(100_001, 7, 7);
    guest.file("odd.fd", &odd);
    let outcome = guest.run("firmware absorb odd.fd -o fw.json").go();
    assert!(outcome.warnings()[0].contains("100001 bytes, no multiple of 4096"));
    let outcome = guest.run("digest --mode sev --firmware-absorbed fw.json").go();
    assert_eq!(outcome.line(), hex::encode(sev_launch_testkit::expected::sev(&odd, None)));
}
