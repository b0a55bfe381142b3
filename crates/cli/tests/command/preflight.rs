//! `preflight`: would a launch start, on any host or on one, and what stands against it?

use std::fs;

use serde_json::{Value, json};

use super::guest::{Guest, MILAN};
use super::harness::Outcome;
use super::host::host;
use super::json::{check_strictness, document, schema};

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

/// The facts of the Milan host, changed.
fn changed(change: impl Fn(&mut Value)) -> String {
    let text = fs::read_to_string(host("milan")).expect("test data");
    let mut facts: Value = serde_json::from_str(&text).expect("JSON");
    change(&mut facts);
    facts.to_string()
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

// [AMD, SEV-SNP white paper]: SNP came with Milan.
#[test]
fn a_processor_without_snp_is_a_no() {
    let guest = guest("policy = 0x30000\n[host]\ncpu = 'Rome'\n[firmware]\npath = 'OVMF.fd'");
    let text = guest.folder.read("launch.toml");
    let text =
        String::from_utf8(text).expect("text").replace("\nfirmware.path = 'OVMF.fd'\n", "\n");
    guest.file("launch.toml", text);
    for flags in ["", "--profile snp-qemu --host-cpu Rome", "--host-cpu Naples"] {
        let outcome = preflight(&guest, flags);
        assert_eq!(outcome.code, Some(1), "{flags}: {}", outcome.stderr);
        let against = told(&outcome, "against");
        assert!(against.iter().any(|one| one.contains("SNP came with Milan")), "{against:?}");
    }
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
    // 6.6 has no such ioctl.
    let old = preflight(&guest, "--host swap.json --profile es-init2");
    assert_eq!(old.code, Some(1), "{}", old.stdout);
    assert!(told(&old, "against")[0].contains("needs KVM_SEV_INIT2"), "{}", old.stdout);
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

/// The description of an SEV-ES guest.
const ES: &str = "technology = 'sev-es'\npolicy = 'NODBG+ES'\nvcpus = 1\ncpu = 'EPYC-Milan'\nfirmware.path = 'OVMF.fd'\n";

/// What a changed Milan host says of a launch.
fn on(guest: &Guest, flags: &str, change: impl Fn(&mut Value)) -> (Option<i32>, String) {
    guest.file("host.json", changed(change));
    let outcome = preflight(guest, &format!("--host host.json {flags}"));
    (
        outcome.code,
        ["against", "depends", "unknown"].map(|key| told(&outcome, key).join("\n")).join("\n"),
    )
}

#[test]
fn what_qemu_itself_cannot_start() {
    let guest = guest("policy = 0x30000\nhost.machine = 'pc-q35-10.1'");
    // QEMU 10.0 has no machine type of 10.1.
    let machine = on(&guest, "", |_| ());
    assert!(machine.0 == Some(1) && machine.1.contains("unsupported machine type"), "{machine:?}");
    let newer = on(&guest, "", |facts| facts["qemu"] = json!("QEMU emulator version 10.1.0"));
    assert_eq!(newer.0, Some(0), "{newer:?}");
    // EPYC-Turin came with QEMU 10.0: it is started by none before, whatever is measured.
    let old = |facts: &mut Value| facts["qemu"] = json!("QEMU emulator version 9.2.0");
    for technology in ["sev", "sev-es", "snp"] {
        guest.file("launch.toml", format!("technology = '{technology}'\nvcpus = 1\ncpu = 'EPYC-Turin'\nfirmware.path = 'OVMF.fd'\n"));
        let model = on(&guest, "", old);
        assert!(model.0 == Some(1) && model.1.contains("EPYC-Turin"), "{technology}: {model:?}");
    }
    // What is measured is the description's own firmware, whatever package the host has.
    guest.file("launch.toml", ES);
    assert_eq!(on(&guest, "", |facts| facts["ovmf"] = json!("2020.05")).0, Some(0));
}

#[test]
fn a_digest_that_the_host_does_not_make_is_no_yes() {
    let guest = guest("policy = 0x30000");
    // A profile that is named is held against the host; one that gives the same guest is the same launch.
    let cloud = on(&guest, "--profile snp-ec2", |_| ());
    assert_eq!(cloud.0, Some(1), "{cloud:?}");
    // Pages that were captured are some host's, and nobody says whose.
    guest.run("vmsa build --profile snp-qemu --vcpu-type EPYC-Milan page.bin").go().answer();
    guest.file("launch.toml", "technology = 'snp'\npolicy = 0x30000\nvcpus = 1\nvmsa.bsp = 'page.bin'\nfirmware.path = 'OVMF.fd'\n");
    let captured = on(&guest, "", |_| ());
    assert!(captured.0 == Some(2) && captured.1.contains("captured"), "{captured:?}");
    // The features that are described are the host's, or the guest is another one.
    guest.file("launch.toml", ES);
    let swapped = on(&guest, "--guest-features DebugSwap", |_| ());
    assert_eq!(swapped.0, Some(1), "{swapped:?}");
    let with = |facts: &mut Value| {
        facts["kernel"] = json!("6.6.3");
        facts["parameters"] = json!({"sev": "Y", "sev_es": "Y", "debug_swap": "Y"});
    };
    assert_eq!(on(&guest, "--guest-features DebugSwap", with).0, Some(0));
    assert_eq!(on(&guest, "--guest-features 0", with).0, Some(1));
    // `legacy-vm-type=off` on a kernel without KVM_SEV_INIT2.
    guest.file("launch.toml", format!("{ES}host.legacy_vm_type = false\n"));
    let init2 = on(&guest, "", with);
    assert!(init2.0 == Some(1) && init2.1.contains("KVM_SEV_INIT2"), "{init2:?}");
    assert_eq!(on(&guest, "", |_| ()).0, Some(0));
}

#[test]
fn what_qemu_and_the_kernel_must_have_for_it() {
    let guest = guest("policy = 0x30000");
    guest.file("launch.toml", ES);
    let no = |flags: &str, words: &str, change: &dyn Fn(&mut Value)| {
        let told = on(&guest, flags, change);
        assert!(told.0 == Some(1) && told.1.contains(words), "{flags}: {told:?}");
    };
    let qemu = |version: &'static str| {
        move |facts: &mut Value| facts["qemu"] = json!(format!("QEMU emulator version {version}"))
    };
    // qapi/qom.json: kernel-hashes since 6.2; legacy-vm-type since 9.1.
    no("--kernel vmlinuz", "first with kernel-hashes", &qemu("6.1.0"));
    no("--legacy-vm-type on", "first with legacy-vm-type", &qemu("7.2.0"));
    // Names that QEMU 7.2.22 answers with "unsupported machine type", and one that tells nothing.
    for machine in ["nonsense", "pc-i440fx-1.0", "pc-q35-noble", "isapc", "virt-9.2", "pc-q35-9.7"]
    {
        let told = on(&guest, &format!("--machine {machine}"), |_| ());
        assert_eq!(told.0, Some(2), "{machine}: {told:?}");
    }
    assert_eq!(on(&guest, "--machine pc-q35-9.2", |_| ()).0, Some(0));
    // pc-i440fx takes 255.
    assert_eq!(on(&guest, "--vcpus 256", |_| ()).0, Some(2));
    // Between releases, and without a version: nothing is known of what it has.
    for version in ["10.0.90", "9.0.92"] {
        assert_eq!(on(&guest, "", qemu(version)).0, Some(2), "{version}");
    }
    assert_eq!(
        on(&guest, "--vmm-version 10.2", |facts| {
            facts.as_object_mut().expect("an object").remove("qemu");
        })
        .0,
        Some(2)
    );
    // A vendor's QEMU may have a CPU model by a backport.
    assert_eq!(on(&guest, "--vcpu-type EPYC-Turin", qemu("9.1.0 (a vendor's)")).0, Some(2));
    // KVM_SEV_INIT2: a vendor's kernel tells nothing, and plain SEV needs it too.
    let el9 = |facts: &mut Value| facts["kernel"] = json!("5.14.0-427.el9.x86_64");
    assert_eq!(on(&guest, "--legacy-vm-type off", el9).0, Some(2));
    // debug_swap is not known, and decides the profile.
    let open = |facts: &mut Value| {
        facts["kernel"] = json!("6.8.12");
        facts["parameters"] = json!({"sev": "Y", "sev_es": "Y"});
    };
    assert_eq!(on(&guest, "", open).0, Some(2));
    guest.file("launch.toml", "technology = 'sev'\npolicy = 'NODBG'\nfirmware.path = 'OVMF.fd'\n");
    no("--legacy-vm-type off", "KVM_SEV_INIT2", &|facts| facts["kernel"] = json!("6.6.40"));
    let features = preflight(&guest, "--guest-features 0x2");
    assert!(features.stdout.contains("plain SEV have none"), "{}", features.stdout);
}

#[test]
fn several_launches_or_a_part_of_one_are_no_yes() {
    let guest = guest("policy = 0x30000");
    // sev-snp-measure's value in place of the pages, and its mode without vCPUs.
    let given = on(&guest, &format!("--snp-ovmf-hash {}", "ab".repeat(48)), |_| ());
    assert_eq!(given.0, Some(2), "{given:?}");
    guest.run("preflight --mode snp:ovmf-hash --firmware OVMF.fd --host milan.json --json").go();
    let part =
        guest.run("preflight --mode snp:ovmf-hash --firmware OVMF.fd --host milan.json").go();
    assert_eq!(part.code, Some(2), "{}", part.stdout);
    // A host that is described without its VMM is one with QEMU, and no cloud's.
    assert_eq!(on(&guest, "--host-kernel 6.12.41", |_| ()).0, Some(0));
    // Bytes that are no multiple of 64 KiB are taken by -bios nowhere, and SNP guests have no flash.
    guest.file("odd.fd", [&[0; 4096], guest.image.as_slice()].concat());
    let odd = on(&guest, "--firmware odd.fd", |_| ());
    assert!(odd.0 == Some(1) && odd.1.contains("could not load PC BIOS"), "{odd:?}");
    guest.file("launch.toml", ES);
    let profiles = on(&guest, "--profile es-legacy,es-init2", |_| ());
    assert_eq!(profiles.0, Some(2), "{profiles:?}");
    assert_eq!(on(&guest, "--host-kernel 6.12.41", |_| ()).0, Some(0));
}

#[test]
fn how_many_guests_there_can_be_is_not_always_known() {
    let guest = guest("policy = 0x30000");
    // SEV-ES and SNP guests have ASIDs of their own then, and are counted as one.
    let hidden = on(&guest, "", |facts| {
        facts["parameters"]["ciphertext_hiding_asids"] = json!("60");
        facts["kernel_log"] = json!(["SEV-SNP API:1.55 build:21"]);
        facts["running"] = json!({"sev": 0, "sev_es": 60});
    });
    assert!(hidden.0 == Some(2) && hidden.1.contains("counted together"), "{hidden:?}");
}

#[test]
fn a_policy_needs_no_launch() {
    let guest = Guest::new();
    let judge = |flags: &str| guest.run(&format!("preflight {flags} --json")).go();
    assert_eq!(judge("--mode snp --policy SMT").code, Some(0));
    let migrates = judge("--mode snp --policy SMT+MIGRATE_MA");
    assert_eq!(migrates.code, Some(1));
    assert!(told(&migrates, "against")[0].contains("MIGRATE_MA"));
    assert_eq!(judge("--mode sev-es --policy NODBG+ES").code, Some(0));
    // Whom it lets in is told, since no host refuses it.
    let debug = judge("--mode snp --policy SMT+DEBUG");
    assert_eq!(debug.code, Some(0));
    assert!(document(&debug)["warnings"].to_string().contains("read and write the guest's memory"));
    // What else is said needs the launch, and is not passed over.
    for more in [
        "--mode snp --guest-features SNPActive+SecureAVIC",
        "--mode snp:svsm",
        "--mode snp --svsm absent",
        "--mode snp --initrd absent",
        "--mode snp --firmware-in-flash on",
        "--mode snp --vcpus 2",
    ] {
        let outcome = judge(&format!("--policy SMT {more}"));
        assert_eq!(outcome.code, Some(2), "{more}: {}", outcome.stdout);
    }
    // The ES bit and the technology.
    for wrong in ["--mode sev-es --policy NODBG", "--mode sev --policy NODBG+ES"] {
        assert_eq!(judge(wrong).code, Some(1), "{wrong}");
    }
    // Names of another technology's bits, no names, and bits that no policy has.
    for wrong in [
        "--mode snp --policy NODBG",
        "--mode sev --policy SMT",
        "--mode snp --policy SMTX",
        "--mode sev --policy 0x100000001",
        "--policy 0x30000",
    ] {
        guest.run(&format!("preflight {wrong}")).go().refusal();
    }
}

#[test]
fn hashes_that_no_qemu_can_put_down_start_nowhere() {
    let guest = guest("policy = 0x30000");
    guest.file(
        "none.fd",
        sev_launch_testkit::firmware::FirmwareBuilder::new(0x10000)
            .reset(super::guest::RESET)
            .sections(sev_launch_testkit::firmware::AMD_SEV_SECTIONS)
            .build(),
    );
    guest.file("launch.toml", "technology = 'snp'\npolicy = 0x30000\nvcpus = 1\ncpu = 'EPYC-Milan'\nfirmware.path = 'none.fd'\nboot.kernel = 'vmlinuz'\nboot.kernel_hashes = true\n");
    let outcome = preflight(&guest, "");
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert!(told(&outcome, "against")[0].starts_with("none.fd: the firmware has no kernel hash"));
    // A file that is no firmware decides nothing.
    guest.file("none.fd", "");
    assert_eq!(preflight(&guest, "").code, Some(2));
}
