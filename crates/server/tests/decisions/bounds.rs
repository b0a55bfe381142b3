//! What cannot be registered, each with its code, and how much work one registration may make.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sev_launch_protocol::problem::Code;
use sev_launch_server::candidates::{Candidates, MOST};
use sev_launch_server::catalogue::{Entry, MOST_BYTES};
use sev_launch_testkit::firmware::FirmwareBuilder;
use sev_launch_testkit::pi::Ovmf;

use crate::lab::{Catalogue, base64, es_base, registration, sev_base, sha256, tv2_image};

fn refused(base: Value, more: Value) -> sev_launch_protocol::problem::Problem {
    Catalogue::of(&[&tv2_image()]).candidates(&registration(base, more)).expect_err("it is refused")
}

/// The same with a firmware of its own.
fn with_firmware(image: &[u8], base: Value, more: Value) -> Option<Code> {
    let mut more = more;
    more["firmware-hashes"] = json!(sha256(image));
    Catalogue::of(&[image]).candidates(&registration(base, more)).err().map(|problem| problem.code)
}

fn hashes(number: usize) -> Vec<String> {
    (0..number).map(|index| sha256(index.to_le_bytes())).collect()
}

// The firmwares need not exist: the count is made before the catalogue is asked.
#[test]
fn more_than_4096_candidates_are_refused_at_once() {
    let started = Instant::now();
    // 5 × 1000 kernels and initrds; and so many that their product is more than 64 bits.
    assert_eq!(
        refused(sev_base(), json!({"kernel-hash": hashes(1000), "initrd-hash": hashes(5)})).code,
        Code::TooManyCandidates
    );
    let all = json!({
        "firmware-hashes": hashes(800), "kernel-hash": hashes(800), "initrd-hash": hashes(800), "cmdline": null,
        "cmdline-hash": hashes(800), "cpu-count": {"min": 1, "max": 1024},
    });
    assert_eq!(refused(es_base(), all).code, Code::TooManyCandidates);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn as_many_as_are_allowed_are_computed_and_stored() {
    let more = json!({"cpu-count": {"min": 1, "max": 1024}, "vmsa-profiles": ["es-legacy", "es-init2"], "kernel-hash": hashes(2)});
    let candidates =
        Catalogue::of(&[&tv2_image()]).candidates(&registration(es_base(), more)).unwrap();
    assert_eq!(candidates.rows().len(), MOST);
    let stored = candidates.to_json().unwrap();
    assert!(stored.len() < 4 << 20, "{} bytes", stored.len());
    assert_eq!(Candidates::from_json(&stored).unwrap(), candidates);
    // One large number under every kernel asks for as many digests, and for 1024 times the pages.
    let more = json!({"cpu-count": 1024, "kernel-hash": hashes(1000)});
    assert_eq!(refused(es_base(), more).code, Code::TooManyCandidates);
}

// 64 KiB of firmware may ask for 4 GiB of pages.
#[test]
fn the_pages_of_a_firmware_s_sections_count() {
    let base = json!({
        "scheme": "amd-sev-snp", "policy": 0x3_0000, "cpu-count": 1, "cpu": {"type": "EPYC-Milan"}, "vmsa-profiles": "snp-qemu",
        "kernel-hash": hashes(100),
    });
    let section = |base| sev_launch_testkit::firmware::Section::new(base, 0x3000_0000, 1);
    let image = FirmwareBuilder::amd_sev()
        .section(section(0x1000_0000))
        .section(section(0x5000_0000))
        .build();
    assert_eq!(with_firmware(&image, base.clone(), json!({})), Some(Code::TooManyCandidates));
    assert_eq!(with_firmware(&FirmwareBuilder::amd_sev().build(), base, json!({})), None);
}

#[test]
fn twice_the_same_is_once() {
    let more = json!({"kernel-hash": [sha256("k"), sha256("k")], "cmdline": ["a", "a"], "digest-mode": "any",
        "launch-digests": ["11".repeat(32), {"base64": base64([0x11; 32])}]});
    let candidates =
        Catalogue::of(&[&tv2_image()]).candidates(&registration(sev_base(), more)).unwrap();
    assert_eq!(candidates.rows().len(), 2);
}

#[test]
fn unknown_names_are_refused_with_the_known_ones() {
    let problem = refused(es_base(), json!({"vmsa-profiles": "es-init3"}));
    assert_eq!(
        (problem.code, problem.errors[0].pointer.as_str()),
        (Code::Schema, "#/vmsa-profiles")
    );
    let detail = problem.detail.unwrap();
    assert!(
        detail.contains("es-legacy, ")
            && detail.contains("kvm-sev-init2")
            && !detail.contains("snp-"),
        "{detail}"
    );
    // SNP's and libkrun's profiles are none of SEV-ES on a firmware.
    for name in ["snp-qemu", "es-krun-1.4", "ES-LEGACY"] {
        assert_eq!(refused(es_base(), json!({"vmsa-profiles": name})).code, Code::Schema);
    }
    let problem = refused(es_base(), json!({"cpu": {"type": "EPYC-Nowhere"}}));
    assert_eq!(problem.code, Code::Schema);
    assert!(problem.detail.unwrap().contains("EPYC-Milan"));
    let parts = json!({"cpu": {"family": 1000, "model": 1, "stepping": 1}});
    assert_eq!(refused(es_base(), parts).code, Code::OutOfRange);
}

#[test]
fn firmware_that_does_not_do() {
    assert_eq!(
        refused(sev_base(), json!({"firmware-hashes": "ab".repeat(32)})).code,
        Code::UnknownFirmware
    );
    let amd_sev = FirmwareBuilder::amd_sev;
    let bare = json!({"kernel-hash": null, "initrd-hash": null, "cmdline": null});
    let no_secrets = json!({"secrets": []});
    // Debian's 2022.11 and 2025.02 builds have the record with base 0 and size 0.
    let empty = amd_sev().secret_area(0, 0).build();
    assert_eq!(with_firmware(&empty, sev_base(), bare.clone()), Some(Code::NoSecretArea));
    assert_eq!(with_firmware(&empty, sev_base(), no_secrets.clone()), None);
    assert_eq!(
        with_firmware(&amd_sev().without_table().build(), sev_base(), bare),
        Some(Code::NoSecretArea)
    );
    let small = amd_sev().secret_area(0x0080_f000, 64).build();
    assert_eq!(with_firmware(&small, sev_base(), json!({})), Some(Code::SecretsTooLarge));
    let exact = amd_sev().secret_area(0x0080_f000, 80).build();
    assert_eq!(with_firmware(&exact, sev_base(), json!({})), None);
    for image in [
        amd_sev().hash_area(0x0081_0c00, 175),
        amd_sev().hash_area(0, 0x400),
        amd_sev().without_table(),
    ] {
        assert_eq!(
            with_firmware(&image.build(), sev_base(), no_secrets.clone()),
            Some(Code::NoHashTable)
        );
    }
    let no_reset = amd_sev().reset(0).build();
    assert_eq!(with_firmware(&no_reset, es_base(), json!({})), Some(Code::NoEsResetBlock));
    let snp = json!({"scheme": "amd-sev-snp", "policy": 0x3_0000, "cpu-count": 1, "cpu": {"type": "EPYC-Milan"}, "vmsa-profiles": "snp-qemu"});
    assert_eq!(
        with_firmware(&tv2_image(), snp.clone(), json!({})),
        Some(Code::Unmeasurable),
        "no metadata"
    );
    let ec2 = json!({"vmsa-profiles": "snp-gce", "kernel-hash": sha256("k")});
    assert_eq!(
        with_firmware(&amd_sev().build(), snp, ec2),
        Some(Code::Unmeasurable),
        "Google measures no kernel"
    );
}

// [OVMF, BlobVerifierLibNull]: firmware of the general build starts any kernel, whatever hashes are measured.
#[test]
fn no_secret_goes_where_nobody_checks_the_kernel() {
    let (checks, general) = (Ovmf::amd_sev().build(), Ovmf::general().build());
    assert_eq!(with_firmware(&checks, sev_base(), json!({})), None);
    assert_eq!(with_firmware(&general, sev_base(), json!({})), Some(Code::NoSecretArea));
    assert_eq!(with_firmware(&general, sev_base(), json!({"secrets": []})), None);
    let bare = json!({
        "kernel-hash": null, "initrd-hash": null, "cmdline": null, "firmware-hashes": sha256(&general)
    });
    let candidates = Catalogue::of(&[&general]).candidates(&registration(sev_base(), bare));
    let warnings = candidates.unwrap().warnings().join("\n");
    assert!(warnings.contains("could take the secrets"), "{warnings}");
}

// The table of 1.6 has 80 bytes; the largest that fits 3072 has 3072. A table has 20 bytes before its entries, and an entry 20 before its data.
#[test]
fn the_table_fits_the_smallest_area() {
    let of = |length: usize| {
        let secret = json!({"guid": "e6f5a162-d67f-4750-a67c-5d065f2a9910", "data": base64(vec![1; length])});
        json!({"secrets": [secret]})
    };
    let check = |more| {
        Catalogue::of(&[&tv2_image()])
            .candidates(&registration(sev_base(), more))
            .err()
            .map(|problem| problem.code)
    };
    assert_eq!(check(of(3072 - 40)), None);
    assert_eq!(check(of(3073 - 40)), Some(Code::SecretsTooLarge));
}

#[test]
fn images_that_are_none() {
    assert_eq!(Entry::of_image(&[]).expect_err("empty").code, Code::Unmeasurable);
    assert_eq!(
        Entry::of_image(&vec![0; MOST_BYTES + 1]).expect_err("too large").code,
        Code::TooLarge
    );
    // Broken tables: an entry that is longer than the table.
    let guid = "4c2eb361-7d9b-4cc3-8081-127c90d3d294";
    let broken = FirmwareBuilder::amd_sev().entry_length(guid, 0xffff).build();
    assert_eq!(Entry::of_image(&broken).expect_err("broken").code, Code::Unmeasurable);
}

#[test]
fn stored_candidates_are_read_strictly() {
    let candidates =
        Catalogue::of(&[&tv2_image()]).candidates(&registration(sev_base(), json!({}))).unwrap();
    let text = String::from_utf8(candidates.to_json().unwrap()).unwrap();
    let digest = candidates.rows()[0].digest.to_string();
    for wrong in [
        text.replacen("\"form\":1", "\"form\":2", 1),
        text.replacen("\"form\":1", "\"form\":1,\"form\":1", 1),
        text.replacen("\"form\":1", "\"form\":1,\"more\":1", 1),
        text.replacen(&digest, &"11".repeat(48), 1),
        text.replacen("\"secret-area\":3072", "\"secret-area\":0", 1),
        text.replacen("amd-sev\"", "amd-sev-snp\"", 1),
        format!("{text}1"),
    ] {
        assert_ne!(wrong, text);
        assert!(Candidates::from_json(wrong.as_bytes()).is_err(), "{wrong}");
    }
}
