//! KubeVirt's objects: what virt-launcher makes of them, and what nobody can know of it. Expected values are those of KubeVirt's
//! own converter and webhooks [KubeVirt, converter/compute, admitters].

use sev_launch_abi::Technology;
use sev_launch_description::description::Cmdline;
use sev_launch_description::import::{Import, kubevirt};
use sev_launch_description::resolve::resolve;

const EFI: &str = "firmware: {bootloader: {efi: {secureBoot: false}}}";

fn read(text: &str) -> Result<Import, String> {
    kubevirt::from_text(text.as_bytes(), "vmi.yaml").map_err(|error| error.to_string())
}

/// A guest as its owner writes it, with more keys of `domain`.
fn vmi(domain: &str) -> String {
    format!(
        "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {{name: g}}\nspec:\n  domain:\n    {}\n",
        domain.replace('\n', "\n    ")
    )
}

fn keys(import: &Import) -> Vec<&str> {
    import.description.unknown.iter().map(|one| one.key.unwrap_or(&one.text)).collect()
}

fn codes(import: &Import) -> Vec<&str> {
    import.warnings.iter().map(|warning| warning.code).collect()
}

// SEVPolicyToBits: debugging is always forbidden, bit 2 is encryptedState; SEVSNPPolicyToBits: SMT and bit 17.
#[test]
fn technologies_and_policies_are_those_of_virt_launcher() {
    let cases = [
        ("sev: {}", Technology::Sev, 0x1),
        ("sev: {policy: {encryptedState: false}}", Technology::Sev, 0x1),
        ("sev: {policy: {encryptedState: true}}", Technology::SevEs, 0x5),
        ("snp: {}", Technology::Snp, 0x30000),
        ("snp: {policy: \"0x20000\"}", Technology::Snp, 0x20000),
        ("snp: {policy: \"196608\"}", Technology::Snp, 0x30000),
    ];
    for (security, technology, policy) in cases {
        let import = read(&vmi(&format!("{EFI}\nlaunchSecurity: {{{security}}}"))).unwrap();
        let found = &import.description;
        assert_eq!(found.technology.as_ref().unwrap().value, technology, "{security}");
        assert_eq!(found.policy.as_ref().unwrap().value, policy, "{security}");
        // SEV guests are started from flash with variables, SNP guests as by -bios.
        let in_flash = found.firmware.in_flash.as_ref().unwrap().value;
        assert_eq!(in_flash, technology != Technology::Snp, "{security}");
        assert!(keys(&import).contains(&"firmware.path"), "{security}");
    }
}

#[test]
fn vcpus_are_cores_by_sockets_by_threads() {
    let snp = format!("{EFI}\nlaunchSecurity: {{snp: {{}}}}");
    // What a cluster has, with its defaults; what an owner wrote, to which a cluster may add maxSockets [setupCPUHotplug].
    for (cpu, stored, written) in [
        ("cpu: {cores: 2, sockets: 2, threads: 2}", Some("8"), None),
        ("cpu: {sockets: 3}", Some("3"), None),
        ("cpu: {cores: 2, threads: 2}", Some("4"), Some("4")),
        ("cpu: {sockets: 1, cores: 4, maxSockets: 4}", Some("4"), Some("4")),
        // The second socket's are added late.
        ("cpu: {sockets: 2, maxSockets: 8}", None, None),
        ("resources: {limits: {cpu: 2}}", Some("2"), None),
        ("resources: {limits: {cpu: 500m}}", Some("1"), Some("1")),
        ("resources: {limits: {cpu: 1500m}, requests: {cpu: \"2\"}}", Some("2"), None),
        ("resources: {limits: {cpu: 4}, requests: {cpu: 2}}", None, None),
        ("resources: {requests: {memory: 1Gi}}", None, None),
    ] {
        let of_owner = vmi(&format!("{snp}\n{cpu}"));
        let of_cluster = of_owner.replace("name: g", "name: g, uid: 0b1c");
        for (text, vcpus) in [(of_cluster, stored), (of_owner, written)] {
            let import = read(&text).unwrap();
            let found = import.description.vcpus.as_ref().map(|counts| counts.value.to_string());
            assert_eq!(found.as_deref(), vcpus, "{text}");
            assert_eq!(keys(&import).contains(&"vcpus"), vcpus.is_none(), "{text}");
        }
    }
    // A VirtualMachine that a cluster stores has no defaults in its template; plain SEV measures no vCPU.
    let template = r#"{"kind": "VirtualMachine", "metadata": {"uid": "0b1c"}, "spec": {"template": {"spec": {"domain":
        {"cpu": {"sockets": 3}, "firmware": {"bootloader": {"efi": {"secureBoot": false}}}, "launchSecurity": {"snp": {}}}}}}}"#;
    assert!(keys(&read(template).unwrap()).contains(&"vcpus"));
    let sev = read(&template.replace("snp", "sev")).unwrap();
    assert_eq!(sev.description.vcpus.unwrap().value.to_string(), "3");
    for wrong in [
        "cpu: {cores: 65536, sockets: 65536}",
        "cpu: {cores: two}",
        "resources: {limits: {cpu: x}}",
    ] {
        assert!(read(&vmi(&format!("{snp}\n{wrong}"))).is_err(), "{wrong}");
    }
}

#[test]
fn a_guest_of_which_all_is_known_but_files_is_asked_for_those_alone() {
    let domain = "cpu: {cores: 4, model: EPYC-Milan}\nmachine: {type: q35}\nmemory: {guest: 4Gi}\n\
        features: {acpi: {}, smm: {enabled: false}}\ndevices: {}\nlaunchSecurity: {snp: {}}\n\
        firmware:\n  bootloader: {efi: {secureBoot: false}}\n  kernelBoot:\n    kernelArgs: console=ttyS0\n    container:\n      \
        image: registry/boot:1\n      kernelPath: /boot/vmlinuz\n      initrdPath: /boot/initrd.img";
    let import = read(&vmi(domain)).unwrap();
    assert_eq!(keys(&import), ["firmware.path", "boot.kernel", "boot.initrd"]);
    assert!(codes(&import).contains(&"kernel-not-measured"), "{:?}", codes(&import));
    let boot = &import.description.boot;
    assert_eq!(boot.cmdlines.as_ref().unwrap().value, [Cmdline::Bytes(b"console=ttyS0".to_vec())]);
    assert!(resolve(import.description).is_err());
}

// The first releases with SNP have no such key, and their clusters drop it.
#[test]
fn kernel_hashes_are_believed_of_a_cluster_alone() {
    let text = vmi(&format!("{EFI}\nlaunchSecurity: {{snp: {{kernelHashes: true}}}}"));
    assert!(keys(&read(&text).unwrap()).contains(&"boot.kernel_hashes"));
    let stored = text.replace("name: g", "name: g, uid: 0b1c");
    let import = read(&stored).unwrap();
    assert!(!keys(&import).contains(&"boot.kernel_hashes"));
    let kernel = "kernelBoot: {container: {image: i, kernelPath: /k}}}";
    let stored =
        stored.replace("{secureBoot: false}}}", &format!("{{secureBoot: false}}}}, {kernel}"));
    let import = read(&stored).unwrap();
    assert_eq!(import.description.boot.kernel_hashes.unwrap().value, [true], "{stored}");
}

#[test]
fn what_binds_a_report_is_kept() {
    let (block, auth) = super::id_block::base64(0x30000);
    let data = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let keys_of =
        format!("hostData: \"{data}\", idBlock: \"{block}\", idAuth: \"{auth}\", authorKey: true");
    let found =
        read(&vmi(&format!("{EFI}\nlaunchSecurity: {{snp: {{{keys_of}}}}}"))).unwrap().description;
    assert_eq!(found.host_data.unwrap().value.to_string(), "01".repeat(32));
    assert_eq!(found.id_block.unwrap().value.to_string(), block);
    assert_eq!(found.id_auth.unwrap().value.to_string(), auth);
    assert_eq!(found.author_key.map(|field| field.value), Some(true));
    // An object beside it gives HOST_DATA before the start.
    let later = read(&vmi(&format!("{EFI}\nlaunchSecurity: {{snp: {{initDataRef: d}}}}"))).unwrap();
    assert!(keys(&later).contains(&"host_data"));
}

#[test]
fn what_kubevirt_or_qemu_refuses_is_refused() {
    let es = "launchSecurity: {sev: {policy: {encryptedState: true}}}";
    for (domain, part) in [
        (EFI.to_owned(), "not encrypted"),
        (format!("{EFI}\nlaunchSecurity: {{}}"), "neither sev nor snp"),
        (format!("{EFI}\nlaunchSecurity: {{tdx: {{}}}}"), "Intel"),
        (format!("{EFI}\nlaunchSecurity: {{sev: {{}}, snp: {{}}}}"), "more than one kind"),
        (es.to_owned(), "UEFI alone"),
        (format!("{es}\nfirmware: {{bootloader: {{efi: {{}}}}}}"), "must be false"),
        (format!("{EFI}\n{es}\nfeatures: {{smm: {{}}}}"), "System Management Mode"),
        (format!("{EFI}\nlaunchSecurity: {{sev: {{attestation: {{}}}}}}"), "startStrategy: Paused"),
        (format!("{EFI}\nlaunchSecurity: sev"), "wanted an object"),
        (format!("{EFI}\nlaunchSecurity: {{snp: {{policy: x}}}}"), "policy"),
        (format!("{EFI}\nlaunchSecurity: {{snp: {{hostData: AQEB}}}}"), "3 bytes"),
        (
            "launchSecurity: {sev: {}}\nfirmware: {bootloader: {efi: {secureBoot: false}}, kernelBoot: {kernelArgs: x}}".to_owned(),
            "no kernelPath",
        ),
    ] {
        let error = read(&vmi(&domain)).unwrap_err();
        assert!(error.contains(part), "{domain}: {error}");
    }
    let paused = vmi(&format!("{EFI}\nlaunchSecurity: {{sev: {{attestation: {{}}}}}}"));
    let import = read(&paused.replace("spec:\n", "spec:\n  startStrategy: Paused\n")).unwrap();
    assert!(!codes(&import).contains(&"no-session"));
}

#[test]
fn attack_what_may_change_the_domain_is_unknown() {
    let snp = format!("{EFI}\nlaunchSecurity: {{snp: {{}}}}\ncpu: {{cores: 1, model: EPYC}}");
    let plain = read(&vmi(&snp)).unwrap();
    assert_eq!(keys(&plain), ["firmware.path"]);
    for (from, to) in [
        ("name: g", "name: g, annotations: {hooks.kubevirt.io/hookSidecars: '[]'}"),
        ("snp: {}", "snp: {newKey: 1}"),
        ("cores: 1", "cores: 1, newKey: 1"),
        ("efi: {", "efi: {newKey: 1, "),
        ("launchSecurity", "newKey: {}\n    launchSecurity"),
        ("spec:\n", "spec:\n  hypervisor: other\n"),
    ] {
        let import = read(&vmi(&snp).replace(from, to)).unwrap();
        let keyless = import.description.unknown.iter().filter(|one| one.key.is_none()).count();
        assert_eq!(keyless, 1, "{to}: {:?}", keys(&import));
    }
    let policy = "sev: {policy: {encryptedState: true, noKeysSharing: true}}";
    let import = read(&vmi(&snp.replace("snp: {}", policy))).unwrap();
    assert!(keys(&import).iter().any(|text| text.contains("noKeysSharing")));
}

#[test]
fn objects_come_as_json_as_lists_and_as_templates() {
    let domain = r#""domain": {"cpu": {"cores": 2}, "firmware": {"bootloader": {"efi": {"secureBoot": false}}}, "launchSecurity": {"snp": {}}}"#;
    let one = format!(r#"{{"kind": "VirtualMachineInstance", "spec": {{{domain}}}}}"#);
    let machine = format!(
        r#"{{"kind": "VirtualMachine", "spec": {{"template": {{"spec": {{{domain}}}}}}}}}"#
    );
    for text in [
        one.clone(),
        format!(r#"{{"kind": "List", "items": [{one}]}}"#),
        machine.clone(),
        format!(r#"{{"kind": "VirtualMachineList", "items": [{machine}]}}"#),
    ] {
        let import = read(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(import.description.vcpus.unwrap().value.to_string(), "2", "{text}");
    }
    for (text, part) in [
        (format!(r#"{{"kind": "List", "items": [{one}, {one}]}}"#), "2 objects"),
        (r#"{"kind": "Pod", "spec": {}}"#.to_owned(), "kind is \"Pod\""),
        (r#"{"kind": "VirtualMachineInstance", "spec": {}}"#.to_owned(), "no domain"),
        (one.replace("\"cores\": 2", "\"cores\": 2, \"cores\": 4"), "stands twice"),
        (
            format!(
                r#"{{"kind": "VirtualMachine", "spec": {{"instancetype": {{"name": "u1"}}, "template": {{"spec": {{{domain}}}}}}}}}"#
            ),
            "VirtualMachineInstance that is made of both",
        ),
        ("kind: *x\n".to_owned(), ""),
        ("- a\n".to_owned(), "wanted an object"),
    ] {
        let error = read(&text).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
}
