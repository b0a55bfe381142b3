//! IGVM files by the command: what a real QEMU measured of each and refused, from its own command lines; and an IGVM file wherever a firmware may
//! stand.

use std::collections::BTreeMap;

use serde_json::Value;
use sev_launch_testkit::igvm::{Builder, SEV_ES, SNP, VMSA_GPA, sev, sev_es, snp, vmsa};
use sev_launch_testkit::vectors::{IgvmSuite, IgvmVector};

use super::guest::Guest;
use super::harness::{Folder, Run};

/// The flags of `digest` for a recorded guest.
fn flags(vector: &IgvmVector) -> Vec<String> {
    let mode = match vector.launch.technology.as_str() {
        "sev-es" => "seves",
        "sev-snp" => "snp",
        other => other,
    };
    let mut flags = vec!["--mode".to_owned(), mode.to_owned()];
    if mode != "sev" {
        flags.extend(["--vcpus".into(), vector.launch.vcpus.to_string()]);
        flags.extend(["--vcpu-type".into(), vector.launch.vcpu_type.clone()]);
    }
    if mode == "seves" && vector.launch.vm_type == "init2" {
        flags.extend(["--profile".into(), "es-igvm-init2".into()]);
    }
    flags
}

#[test]
fn every_recorded_guest_has_qemu_s_digest_or_none() {
    let Some((suite, folder)) = IgvmSuite::found() else { return };
    let (mut digests, mut refusals) = (0, 0);
    for vector in suite.vectors.iter().filter(|vector| vector.kind != "options") {
        let file = folder.join(&vector.file);
        let run = Run::new(["digest", "--igvm"]).with([file]).with(flags(vector));
        match &vector.expect.digest {
            Some(digest) => {
                let outcome = run.with(["--trace"]).go();
                // Where the file is broken in a way that QEMU does not notice, a refusal is as good.
                if vector.judge == "or-refuse" && outcome.code == Some(2) {
                    continue;
                }
                let lines = outcome.answer().lines();
                let found: Vec<_> = lines
                    .filter_map(|line| line.split_ascii_whitespace().find(|word| word.len() >= 64))
                    .collect();
                assert_eq!(found.last(), Some(&digest.as_str()), "{}", vector.name);
                // The digest after each of the host's commands is in the trace, in their order.
                let mut trace = found.iter();
                for update in &vector.updates {
                    assert!(trace.any(|one| **one == *update.digest), "{} {update:?}", vector.name);
                }
                digests += 1;
            }
            None => {
                let outcome = run.go();
                if vector.judge == "must" {
                    assert_eq!(outcome.code, Some(2), "{}: {}", vector.name, outcome.stdout);
                    assert!(outcome.stdout.is_empty(), "{}", vector.name);
                    refusals += 1;
                }
            }
        }
    }
    assert!(digests >= 114 && refusals >= 49, "{digests} digests, {refusals} refusals");
}

// QEMU's own arguments, imported: those of every guest, and those beside which an IGVM file is refused or other files are not looked at.
#[test]
#[ignore = "slow: `cargo xtask check` runs it"]
fn qemu_s_command_lines_are_imported() {
    let Some((suite, vectors)) = IgvmSuite::found() else { return };
    let folder = Folder::new();
    for name in ["fw", "kernel", "idblock", "idauth"] {
        folder.file(name, vec![0x90; 0x10000]);
    }
    let mut compared = BTreeMap::new();
    for vector in &suite.vectors {
        let argv = vector.launch.qemu.iter().map(|word| {
            let path = vectors.join("igvm").display().to_string();
            let word = word.replace("@fw", "fw").replace("@kernel", "kernel");
            let word = word
                .replace("@idblock", &"A".repeat(128))
                .replace("@idauth", &("A".repeat(5462) + "=="));
            word.replace("file=@", &format!("file={path}/"))
        });
        let argv: Vec<String> = ["qemu-system-x86_64".to_owned()].into_iter().chain(argv).collect();
        folder.file("argv.json", serde_json::to_vec(&argv).expect("JSON"));
        let imported = Run::new(["import", "qemu", "argv.json", "-o", "launch.toml"]);
        let imported = imported.in_folder(folder.path()).go();
        let outcome = match imported.code {
            Some(0) => {
                let kernel = vector.launch.technology == "sev-es";
                let host: &[&str] = if kernel { &["--host-kernel", "6.12"] } else { &[] };
                let digest = Run::new(["digest", "-d", "launch.toml"]).with(host);
                digest.in_folder(folder.path()).go()
            }
            _ => imported,
        };
        let found = (outcome.code == Some(0)).then(|| outcome.line().to_owned());
        let wanted = vector.expect.digest.clone();
        let may_differ = vector.judge != "must" && (found.is_none() || wanted.is_none());
        if vector.kind == "options" || !may_differ {
            assert_eq!(found, wanted, "{}: {}", vector.name, outcome.stderr);
        }
        *compared.entry(vector.kind.as_str()).or_insert(0) += 1;
    }
    assert_eq!(compared.get("options"), Some(&10));
    assert!(compared.values().sum::<i32>() >= 180);
}

fn guest() -> Guest {
    let guest = Guest::new();
    guest.file("snp.igvm", snp());
    guest.file("es.igvm", sev_es());
    guest.file("sev.igvm", sev());
    guest
}

const SNP_FLAGS: &str = "--mode snp --igvm snp.igvm --vcpus 2 --vcpu-type EPYC-Milan";

#[test]
fn an_igvm_file_and_an_image_in_each_other_s_place_are_told_apart() {
    let guest = guest();
    guest
        .run("digest --mode snp --firmware snp.igvm --vcpus 1 --vcpu-type EPYC")
        .go()
        .refused_with(&["snp.igvm", "an IGVM file, and no firmware image", "--igvm"]);
    guest.run("digest --mode snp --igvm OVMF.fd --vcpus 1 --vcpu-type EPYC").go().refused_with(&[
        "OVMF.fd",
        "a firmware image, and no IGVM file",
        "--firmware",
    ]);
    guest
        .run("digest --mode sev --igvm vmlinuz")
        .go()
        .refused_with(&["vmlinuz", "not an IGVM file"]);
    guest.run("firmware absorb snp.igvm -o x").go().refused_with(&["an IGVM file"]);
    guest
        .run("digest --mode snp --igvm snp.igvm --firmware OVMF.fd --vcpus 1")
        .go()
        .refused_with(&["--igvm", "--firmware"]);
}

#[test]
fn what_qemu_refuses_beside_an_igvm_file_is_refused() {
    let guest = guest();
    for (flags, texts) in [
        ("--kernel vmlinuz", &["measures no kernel", "kernel-hashes", "--kernel"][..]),
        ("--firmware-in-flash on", &["pflash"]),
        ("--late-vcpus 1 --vmm-version 10.2", &["snp-igvm"]),
        ("--profile snp-qemu", &["snp-qemu", "\"igvm\""]),
        ("--guest-features 0x21", &["0x21", "the IGVM file has 0x1"]),
        ("--vmsa-bsp OVMF.fd", &["an IGVM file says itself", "--vmsa-bsp"]),
    ] {
        guest.run(&format!("digest {SNP_FLAGS} {flags}")).go().refused_with(texts);
    }
    guest
        .run("digest --mode snp --firmware OVMF.fd --profile snp-igvm --vcpus 1 --vcpu-type EPYC")
        .go()
        .refused_with(&["snp-igvm", "--igvm"]);
    // Given and not measured.
    let off = guest.run(&format!("digest {SNP_FLAGS} --kernel vmlinuz --kernel-hashes off")).go();
    assert_eq!(off.line(), guest.run(&format!("digest {SNP_FLAGS}")).go().line());
    assert!(
        off.warnings().iter().any(|text| text.contains("kernel-hashes is off")),
        "{}",
        off.stderr
    );
}

#[test]
fn fewer_vcpus_than_the_file_sets_are_refused_in_a_sweep_too() {
    let guest = guest();
    let file = Builder::new()
        .platform(SNP, 1)
        .vp_context(VMSA_GPA, 1, 0, &vmsa(1))
        .vp_context(VMSA_GPA, 1, 3, &vmsa(1))
        .build();
    guest.file("four.igvm", file);
    let flags = "digest --mode snp --igvm four.igvm --vcpu-type EPYC-Milan --format hex";
    guest.run(&format!("{flags} --vcpus 3..=5")).go().refused_with(&["vCPU 3", "3 vCPUs"]);
    let both = guest.run(&format!("{flags} --vcpus 4..=5")).go();
    let five = guest.run(&format!("{flags} --vcpus 5")).go();
    assert_eq!(both.lines().get(1).copied(), Some(five.line()));
}

#[test]
fn loaders_that_take_vmsas_as_they_stand_look_at_no_number_of_vcpus() {
    let guest = guest();
    let of = |profile: &str, vcpus: u32| {
        let flags =
            format!("digest --mode snp --igvm snp.igvm --vcpus {vcpus} --profile {profile}");
        guest.run(&flags).go().line().to_owned()
    };
    assert_eq!(of("snp-igvm-coconut", 1), of("snp-igvm-coconut", 8));
    // One vCPU whose VMSA stands last and as KVM keeps it: all agree.
    let qemu = guest.run("digest --mode snp --igvm snp.igvm --vcpus 1").go();
    assert_eq!(of("snp-igvm-hyperv", 4), qemu.line());
    let json = guest
        .run("digest --mode snp --igvm snp.igvm --vcpus 1..=4 --profile snp-igvm-hyperv --json")
        .go();
    let json: Value = serde_json::from_str(json.answer()).expect("JSON");
    assert_eq!(json["digests"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["digests"][0]["vcpus"], Value::Null);
}

#[test]
fn json_says_what_was_read() {
    let guest = guest();
    let outcome = guest.run(&format!("digest {SNP_FLAGS} --json")).go();
    let json: Value = serde_json::from_str(outcome.answer()).expect("JSON");
    super::json::check(&super::json::schema("digest"), &json);
    let input = &json["inputs"]["firmwares"][0];
    let sha256 = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(snp()));
    assert_eq!(input["sha256"], sha256.as_str());
    assert_eq!(input["igvm"], serde_json::json!({ "platform": "SEV_SNP", "policy": "0x30000" }));
    assert_eq!(json["digests"][0]["profile"], "snp-igvm");
    let covered = json["not_covered"].to_string();
    assert!(
        covered.contains("parameter areas") && !covered.contains("none was given"),
        "{covered}"
    );
}

#[test]
fn firmware_show_says_what_is_in_a_file_and_what_starts_from_it() {
    let guest = guest();
    let text = guest.run("firmware show snp.igvm").go();
    super::harness::golden("firmware-show-igvm.txt", text.answer());
    let json = guest.run("firmware show snp.igvm --json").go();
    let json: Value = serde_json::from_str(json.answer()).expect("JSON");
    super::json::check(&super::json::schema("firmware-show"), &json);
    assert_eq!(json["platforms"][0]["vcpus"], serde_json::json!([0]));
    guest.file("cut.igvm", &snp()[..200]);
    guest.run("firmware show cut.igvm").go().refused_with(&["cut.igvm", "200 bytes"]);
}

#[test]
fn manifests_keep_an_igvm_file_and_what_its_id_block_demands() {
    let guest = guest();
    // SNP-ABI, ID_BLOCK: with this digest in it the file's guest of one vCPU starts.
    let described =
        "technology = 'snp'\nvcpus = [1, 2]\ncpu = 'EPYC-Milan'\nfirmware.igvm = 'snp.igvm'\n";
    guest.file("launch.toml", described);
    guest.run("manifest build -d launch.toml --name igvm -o m.json").go().answer();
    let manifest: Value = serde_json::from_slice(&guest.folder.read("m.json")).expect("JSON");
    assert_eq!(manifest["inputs"][0]["role"], "igvm");
    guest.run("manifest check m.json").go().answer();
    let digest = guest.run("digest -d launch.toml --vcpus 2").go().line().to_owned();
    assert!(manifest.to_string().contains(&digest));
    // Another file in its place is named.
    let mut other = snp();
    let last = other.len() - 4096 - 1;
    other[last] ^= 1;
    guest.file("snp.igvm", &other);
    let outcome = guest.run("manifest check m.json").go();
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("snp.igvm"), "{}", outcome.stdout);
}

#[test]
fn explain_tries_loaders_vcpus_and_other_files() {
    let guest = guest();
    let reported = |flags: &str| guest.run(&format!("digest {flags}")).go().line().to_owned();
    let explained = |reported: &str, flags: &str| {
        let outcome = guest.run(&format!("explain --reported {reported} {flags}")).go();
        assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
        outcome.stdout
    };
    let four = reported("--mode snp --igvm snp.igvm --vcpus 4 --vcpu-type EPYC-Milan");
    assert!(explained(&four, SNP_FLAGS).starts_with("matches if vcpus = 4"));
    // Its VMSA does not stand as KVM keeps it: the FPU's fields are 0.
    let mut page = vmsa(1);
    page[0x408..0x40c].fill(0);
    page[0x410..0x412].fill(0);
    let file = Builder::new().platform(SNP, 1).policy(0x3_0000, 1).page(0x10_0000, 1, b"x");
    guest.file("sparse.igvm", file.vp_context(VMSA_GPA, 1, 0, &page).build());
    let coconut = reported("--mode snp --igvm sparse.igvm --vcpus 1 --profile snp-igvm-coconut");
    let found =
        explained(&coconut, "--mode snp --igvm sparse.igvm --vcpus 1 --vcpu-type EPYC-Milan");
    assert!(found.contains("snp-igvm-coconut") && found.contains("snp-igvm-hyperv"), "{found}");
    let other = reported("--mode snp --igvm sparse.igvm --vcpus 2 --vcpu-type EPYC-Milan");
    let found = explained(&other, &format!("{SNP_FLAGS} --candidate sparse.igvm"));
    assert!(found.starts_with("matches if firmware = file sparse.igvm"), "{found}");
    // Of SEV-ES and SEV too.
    let es = "--mode seves --igvm es.igvm --vcpu-type EPYC-Milan";
    let three = reported(&format!("{es} --vcpus 3"));
    assert!(explained(&three, &format!("{es} --vcpus 1")).starts_with("matches if vcpus = 3"));
    let init2 = reported(&format!("{es} --vcpus 1 --profile es-igvm-init2"));
    assert!(explained(&init2, &format!("{es} --vcpus 1")).contains("profile = es-igvm-init2"));
    let plain = reported("--mode sev --igvm sev.igvm");
    assert!(explained(&plain, "--mode sev --igvm sev.igvm").contains("already matches"));
}

#[test]
fn a_domain_of_libvirt_passes_an_igvm_file_on() {
    let guest = guest();
    let domain = |loader: &str, more: &str| {
        format!(
            "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>g</name>\
         <memory>1048576</memory><vcpu>2</vcpu><os><type arch='x86_64' machine='q35'>hvm</type>{loader}</os>\
         <cpu mode='custom'><model>EPYC-Milan</model></cpu>\
         <launchSecurity type='sev-snp'><policy>0x30000</policy></launchSecurity>\
         <qemu:commandline><qemu:arg value='-machine'/><qemu:arg value='igvm-cfg=igvm0'/>\
         <qemu:arg value='-object'/><qemu:arg value='igvm-cfg,id=igvm0,file=snp.igvm{more}'/></qemu:commandline></domain>"
        )
    };
    guest.file("domain.xml", domain("", ""));
    guest.run("import libvirt domain.xml -o launch.toml").go().answer();
    let found = guest.run("digest -d launch.toml").go();
    assert_eq!(found.line(), guest.run(&format!("digest {SNP_FLAGS}")).go().line());
    // What is not known of the object may move anything.
    guest.file("domain.xml", domain("", ",other=1"));
    let _ = guest.run("import libvirt domain.xml -o other.toml").go();
    guest.run("digest -d other.toml").go().refused_with(&["qemu:commandline"]);
    // QEMU refuses flash beside it.
    guest.file("domain.xml", domain("<loader readonly='yes' type='pflash'>OVMF.fd</loader>", ""));
    let _ = guest.run("import libvirt domain.xml -o flash.toml").go();
    guest.run("digest -d flash.toml").go().refused_with(&["pflash"]);
}

#[test]
fn a_weaker_platform_is_told() {
    let guest = guest();
    let outcome =
        guest.run("digest --mode snp --igvm sev.igvm --vcpus 1 --vcpu-type EPYC-Milan").go();
    assert!(
        outcome.warnings().iter().any(|text| text.contains("not for snp")),
        "{}",
        outcome.stderr
    );
    let es = Builder::new().platform(SEV_ES, 1).page(0x10_0000, 1, b"x").build();
    guest.file("plain.igvm", es);
    guest
        .run("digest --mode sev --igvm plain.igvm")
        .go()
        .refused_with(&["SEV_ES", "no guest of sev"]);
}

/// A file whose page has this in it, with an ID block for a launch digest and a policy.
fn with_id_block(page: &[u8], policy: u64, digest: [u8; 48]) -> Vec<u8> {
    let file = Builder::new().platform(SNP, 1).policy(policy, 1).page(0x10_0000, 1, page);
    file.id_block(1, &digest).vp_context(VMSA_GPA, 1, 0, &vmsa(1)).build()
}

#[test]
fn an_id_block_in_the_file_stands_against_a_launch_that_it_is_not_for() {
    let guest = guest();
    let described = |policy: &str| {
        format!(
            "technology = 'snp'\nvcpus = 1\ncpu = 'EPYC-Milan'\npolicy = {policy}\nfirmware.igvm = 'b.igvm'\n"
        )
    };
    guest.file("b.igvm", with_id_block(b"x", 0x3_0000, [7; 48]));
    guest.file("launch.toml", described("0x30000"));
    let outcome = guest.run("preflight -d launch.toml").go();
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    // SNP-ABI, SNP_LAUNCH_FINISH: the digest, the policy and the signatures are checked, here of keys that are none.
    assert!(outcome.stdout.contains("ID block"), "{}", outcome.stdout);
}

#[test]
fn files_whose_id_blocks_demand_the_same_are_verified_together() {
    let guest = guest();
    let described =
        "technology = 'snp'\nvcpus = 1\ncpu = 'EPYC-Milan'\nfirmware.igvm = ['a.igvm', 'b.igvm']\n";
    guest.file("launch.toml", described);
    guest.file("a.igvm", with_id_block(b"a", 0x3_0000, [1; 48]));
    let accepted = |guest: &Guest| {
        guest.run("manifest build -d launch.toml --name igvm -o m.json").go().answer();
        guest.run("verify --manifest m.json --report OVMF.fd").go().stderr
    };
    let differ = "say different things of a report";
    for (other, is_same) in [
        (with_id_block(b"b", 0x3_0000, [2; 48]), true),
        (with_id_block(b"b", 0xb_0000, [2; 48]), false),
        (snp(), false),
    ] {
        guest.file("b.igvm", other);
        let told = accepted(&guest);
        assert_eq!(!told.contains(differ), is_same, "{told}");
    }
}

#[test]
fn a_policy_in_an_id_block_is_vouched_for_like_any_other() {
    let guest = guest();
    let described = "technology = 'snp'\nvcpus = 1\ncpu = 'EPYC-Milan'\nfirmware.igvm = 'a.igvm'\n";
    guest.file("launch.toml", described);
    // SNP-ABI, guest policy: bit 19 is DEBUG.
    for (policy, code) in [(0x3_0000, 0), (0xb_0000, 3)] {
        guest.file("a.igvm", with_id_block(b"a", policy, [1; 48]));
        guest.run("manifest build -d launch.toml --name igvm -o m.json").go().answer();
        let outcome = guest.run("manifest publish m.json --to trustee").go();
        assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
    }
}

#[test]
fn manifests_have_rows_of_loaders_that_look_at_no_number_of_vcpus() {
    let guest = guest();
    for profile in ["snp-igvm-hyperv", "snp-igvm-coconut"] {
        let described = format!(
            "technology = 'snp'\nvcpus = 1\nprofile = '{profile}'\nfirmware.igvm = 'snp.igvm'\n"
        );
        guest.file("launch.toml", described);
        guest.run("manifest build -d launch.toml --name igvm -o m.json").go().answer();
        guest.run("manifest check m.json").go().answer();
    }
}

#[test]
fn explain_says_which_candidates_it_does_not_try() {
    let guest = guest();
    let zeros = "0".repeat(96);
    for (flags, candidate) in [
        (SNP_FLAGS.to_owned(), "OVMF.fd"),
        (SNP_FLAGS.replace("--igvm snp.igvm", "--firmware OVMF.fd"), "snp.igvm"),
    ] {
        let outcome = guest
            .run(&format!(
                "explain --reported {zeros} {flags} --max-changes 1 --candidate {candidate}"
            ))
            .go();
        let notes = outcome.notes().join("\n");
        assert!(
            notes.contains(&format!("{candidate}: ")) && notes.contains("ask again"),
            "{notes}"
        );
    }
}

#[test]
fn a_vmm_that_starts_nothing_from_an_igvm_file_is_refused() {
    let guest = guest();
    for (flags, texts) in [
        ("--mode sev --igvm sev.igvm --vmm-version 9.2", ["sev guests", "10.1"]),
        ("--mode sev --igvm sev.igvm --vmm-version ec2", ["sev guests", "10.1"]),
        (
            "--mode snp --igvm snp.igvm --vcpus 1 --vcpu-type EPYC --vmm-version 10.0",
            ["snp guests", "10.1"],
        ),
    ] {
        guest.run(&format!("digest {flags}")).go().refused_with(&texts);
    }
    guest.run("digest --mode sev --igvm sev.igvm --vmm-version 10.1").go().line();
}

#[test]
fn a_host_starts_an_igvm_file_s_guest_by_the_profile_that_is_described() {
    let guest = guest();
    let facts = std::fs::read_to_string(super::host::host("milan")).expect("test data");
    guest.file("new.json", facts.replace("10.0.2", "10.2.0"));
    guest.file("old.json", &facts);
    let asked = |flags: &str, host: &str| {
        let outcome =
            guest.run(&format!("preflight {flags} --host {host} --vcpu-type EPYC-Milan")).go();
        (outcome.code, outcome.stdout)
    };
    let snp = "--mode snp --igvm snp.igvm --vcpus 2 --policy 0x30000";
    for profile in ["", " --profile snp-igvm"] {
        let (code, text) = asked(&format!("{snp}{profile}"), "new.json");
        assert_eq!(code, Some(0), "{text}");
        let (code, text) = asked(&format!("{snp}{profile}"), "old.json");
        assert!(code == Some(1) && text.contains("igvm-cfg"), "{text}");
    }
    let (code, text) = asked("--mode sev --igvm sev.igvm --policy 0x1", "old.json");
    assert!(code == Some(1) && text.contains("igvm-cfg"), "{text}");
}

#[test]
fn explain_passes_over_a_candidate_from_which_nothing_starts() {
    let guest = guest();
    guest.file("cut.igvm", &snp()[..200]);
    let reported = "digest --mode snp --igvm snp.igvm --vcpus 4 --vcpu-type EPYC-Milan";
    let four = guest.run(reported).go().line().to_owned();
    let outcome =
        guest.run(&format!("explain --reported {four} {SNP_FLAGS} --candidate cut.igvm")).go();
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.starts_with("matches if vcpus = 4"), "{}", outcome.stdout);
}

#[test]
fn a_host_tells_the_profile_of_an_igvm_file_s_guest() {
    let guest = guest();
    // Linux 6.6 to 6.6.23 switch DebugSwap on by themselves, on processors that have it. [Linux, sev_hardware_setup]
    for (host, profile) in [
        ("--host-kernel 6.6.0 --host-cpu Milan", "es-igvm-legacy-debugswap"),
        ("--host-kernel 6.8 --host-cpu Milan --debug-swap on", "es-igvm-legacy-debugswap"),
        ("--host-kernel 6.8 --debug-swap off", "es-igvm-legacy"),
    ] {
        let flags = "digest --mode seves --igvm es.igvm --vcpus 1 --vcpu-type EPYC-Milan";
        let outcome = guest.run(&format!("{flags} {host} --json")).go();
        let json: Value = serde_json::from_str(outcome.answer()).expect("JSON");
        assert_eq!(json["digests"][0]["profile"], profile, "{host}");
    }
}
