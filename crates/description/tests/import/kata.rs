//! Kata configurations: what is refused, and what depends on the release.

use sev_launch_description::import::kata::{Installed, Release, Runtime, from_toml};

pub(crate) const SNP: &str = "[hypervisor.qemu]\nkernel = \"/k\"\nfirmware = \"/f\"\nconfidential_guest = true\nsev_snp_guest = true\n";

/// The newest that is known.
pub(crate) fn main() -> Release {
    "4.1.0".parse().expect("a release")
}

pub(crate) fn read<'a>(
    toml: &str,
    annotations: Option<&str>,
    installed: impl Into<Installed<'a>>,
) -> Result<sev_launch_description::import::Import, String> {
    from_toml(toml.as_bytes(), annotations.map(str::as_bytes), installed, "k.toml")
        .map_err(|error| error.to_string())
}

pub(crate) fn cmdline<'a>(
    toml: &str,
    annotations: Option<&str>,
    installed: impl Into<Installed<'a>>,
) -> String {
    let description = read(toml, annotations, installed).expect("it is read").description;
    match &description.boot.cmdlines.expect("it is predicted").value[0] {
        sev_launch_description::description::Cmdline::Bytes(bytes) => {
            String::from_utf8(bytes.clone()).expect("it is text")
        }
        other => panic!("{other:?}"),
    }
}

// As Kata's own continuous integration computes the digest of its SEV pods.
#[test]
fn the_command_line_of_a_sev_pod_is_the_one_that_was_seen() {
    let toml = "[hypervisor.qemu]\nkernel = \"/k\"\ninitrd = \"/i\"\nfirmware = \"/f\"\nconfidential_guest = true\nguest_pre_attestation = true\nguest_pre_attestation_kbs_uri = \"h:1\"\nsev_guest_policy = 3\nkernel_params = \"agent.config_file=/etc/agent-config.toml agent.enable_signature_verification=true\"\ndefault_maxvcpus = 1\nblock_device_driver = \"virtio-scsi\"\ndisable_guest_selinux = true\nenable_debug = true\n[agent.kata]\nenable_debug = true\ndebug_console_enabled = true\n";
    assert_eq!(
        cmdline(toml, None, Release::CC),
        "tsc=reliable no_timer_check rcupdate.rcu_expedited=1 i8042.direct=1 i8042.dumbkbd=1 i8042.nopnp=1 \
         i8042.noaux=1 noreplace-smp reboot=k cryptomgr.notests net.ifnames=0 pci=lastbus=0 console=hvc0 console=hvc1 \
         debug panic=1 nr_cpus=1 selinux=0 agent.aa_kbc_params=online_sev_kbc::h:1 scsi_mod.scan=none agent.log=debug \
         agent.debug_console agent.debug_console_vport=1026 agent.config_file=/etc/agent-config.toml \
         agent.enable_signature_verification=true"
    );
}

#[test]
fn annotations_replace_and_add() {
    let annotations = r#"{"io.katacontainers.config.hypervisor.kernel_params": "b= c=d",
        "io.katacontainers.config.hypervisor.default_vcpus": "3",
        "io.katacontainers.config.hypervisor.initrd": "/other"}"#;
    let toml = format!("{SNP}image = \"/image\"\nkernel_params = \"a  x=1\"\n");
    let import = read(&toml, Some(annotations), main()).unwrap();
    assert_eq!(import.description.vcpus.unwrap().value.to_string(), "3");
    let initrd = import.description.boot.initrds.unwrap();
    assert_eq!(
        initrd.origin.to_string(),
        "from annotation io.katacontainers.config.hypervisor.initrd"
    );
    let line = cmdline(&toml, Some(annotations), main());
    assert!(
        line.ends_with(
            "selinux=1 systemd.unit=kata-containers.target systemd.mask=systemd-networkd.service \
            systemd.mask=systemd-networkd.socket scsi_mod.scan=none a x=1 b c=d"
        ),
        "{line}"
    );
    // The file's image decides which parameters there are, whatever QEMU gets. [Kata, qemu.kernelParameters]
    assert!(
        line.contains(" root=/dev/vda1 ") && line.contains(" quiet systemd.show_status=false ")
    );
    let other = toml.replace("image = ", "initrd = ");
    let annotations = r#"{"io.katacontainers.config.hypervisor.image": "/other"}"#;
    let line = cmdline(&other, Some(annotations), main());
    assert!(!line.contains("root=") && !line.contains("systemd"), "{line}");
    assert!(read(&other, Some(annotations), main()).unwrap().description.boot.initrds.is_none());
    let rust = format!(
        "{toml}vm_rootfs_driver = \"virtio-blk-pci\"\n[agent.kata]\nlaunch_process_timeout = 6\n"
    );
    let annotations = r#"{"io.katacontainers.config.hypervisor.initrd": "/other"}"#;
    let unknown = read(&rust, Some(annotations), main()).unwrap().description.unknown;
    assert!(unknown.iter().any(|one| one.key == Some("boot.cmdline")), "{unknown:?}");
    for wrong in [
        "[]",
        "{",
        r#"{"io.katacontainers.config.hypervisor.default_vcpus": "x"}"#,
        r#"{"io.katacontainers.config.hypervisor.kernel": []}"#,
    ] {
        assert!(read(SNP, Some(wrong), main()).is_err(), "{wrong}");
    }
}

#[test]
fn what_cannot_be_predicted_is_unknown() {
    for (more, release, key) in [
        ("[agent.kata]\nnew_key = 1", main(), "boot.cmdline"),
        ("vm_rootfs_driver = \"virtio-blk-pci\"", main(), "boot.cmdline"),
        ("default_vcpus = -1", main(), "vcpus"),
        ("cpu_features = \"pmu=off,stepping=3\"", main(), "signature"),
    ] {
        let import = read(&format!("{SNP}{more}\n"), None, release).unwrap();
        assert_eq!(import.description.unknown.len(), 1, "{more}");
        assert_eq!(import.description.unknown[0].key, Some(key), "{more}");
    }
    assert!(
        read(&format!("{SNP}default_vcpus = 1.5\n"), None, main())
            .unwrap()
            .description
            .vcpus
            .unwrap()
            .value
            .to_string()
            == "2"
    );
}

#[test]
fn what_is_no_installed_sev_configuration_is_refused() {
    for (toml, part) in [
        (
            format!("{SNP}kernel_params = \"@KERNELPARAMS@\""),
            "KERNELPARAMS is a template's placeholder",
        ),
        ("[hypervisor.clh]\n".into(), "no [hypervisor.qemu]"),
        ("[hypervisor.qemu]\nkernel = \"/k\"".into(), "confidential_guest is not true"),
        (format!("{SNP}image = \"/i\"\nkernel_verity_params = \"root_hash=ab\""), "no salt"),
        (format!("{SNP}image = \"/i\"\nrootfs_type = \"btrfs\""), "wanted ext4, xfs or erofs"),
        (format!("{SNP}image = \"/a\"\ninitrd = \"/b\""), "both image and initrd"),
        (format!("{SNP}default_vcpus = \"2\""), "hypervisor.qemu.default_vcpus: wanted a number"),
        (format!("{SNP}snp_guest_policy = -1"), "wanted a policy"),
        (SNP.replace("true", "\"true\""), "wanted true or false"),
        (
            format!("{SNP}[agent.kata]\nenable_debug = 1\n"),
            "agent.kata.enable_debug: wanted true or false",
        ),
        ("x = ".into(), "TOML parse error"),
    ] {
        let error = read(&toml, None, main()).unwrap_err();
        assert!(error.contains(part), "{part}: {error}");
    }
}

/// A list of vectors of Kata's own functions, run on these configurations; their folder is named by `SEV_LAUNCH_VECTORS`.
fn vectors() -> Vec<serde_json::Value> {
    let Some(folder) = std::env::var_os("SEV_LAUNCH_VECTORS") else {
        println!("SKIPPED: SEV_LAUNCH_VECTORS names no folder of vectors");
        return Vec::new();
    };
    let path = std::path::Path::new(&folder).join("kata.json");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut file: serde_json::Value = serde_json::from_str(&text).expect("a document");
    serde_json::from_value(file["vectors"].take()).expect("a list")
}

#[test]
fn command_lines_and_vcpus_are_those_of_kata_s_own_functions() {
    let (mut predicted, mut unknown) = (0, 0);
    for vector in vectors() {
        let id = vector["id"].as_str().expect("an id");
        let release: Release =
            vector["release"].as_str().expect("a release").parse().expect("one that is known");
        let runtime: Runtime =
            vector["runtime"].as_str().expect("a runtime").parse().expect("one of two");
        // The sandbox's annotations, with containerd's, as the runtime was given them.
        let pod = vector["annotations"].to_string();
        let toml = vector["config"].as_str().expect("a configuration");
        let installed = Installed { runtime: Some(runtime), ..release.into() };
        let import = from_toml(toml.as_bytes(), Some(pod.as_bytes()), installed, "k.toml").unwrap();
        let (description, expect) = (import.description, &vector["expect"]);
        let is_unknown = |key: &str| description.unknown.iter().any(|one| one.key == Some(key));
        match &description.boot.cmdlines {
            Some(lines) => {
                let sev_launch_description::description::Cmdline::Bytes(line) = &lines.value[0]
                else {
                    panic!("{id}: {lines:?}")
                };
                assert_eq!(std::str::from_utf8(line).unwrap(), expect["append"], "{id}");
                predicted += 1;
            }
            None => {
                assert!(is_unknown("boot.cmdline"), "{id}");
                unknown += 1;
            }
        }
        let vcpus = description.vcpus.unwrap().value.to_string();
        assert_eq!(vcpus, expect["vcpus"].to_string(), "{id}");
        let hashes = description.boot.kernel_hashes.unwrap().value;
        assert_eq!(serde_json::json!(hashes), serde_json::json!([expect["kernel_hashes"]]), "{id}");
        let is_flash = description.firmware.in_flash.unwrap().value;
        assert_eq!(is_flash, expect["firmware_as"] == "pflash", "{id}");
        assert_eq!(description.boot.initrds.is_some(), expect["initrd"] == true, "{id}");
        let policy = description.policy.unwrap().value;
        let expected = match expect["policy"].as_str() {
            // QEMU's own.
            None => 0x30000,
            Some(text) => match text.strip_prefix("0x") {
                Some(digits) => u64::from_str_radix(digits, 16).unwrap(),
                None => text.parse().unwrap(),
            },
        };
        assert_eq!(policy, expected, "{id}");
        let host_data = description.host_data.map(|field| hex::encode(field.value.as_bytes()));
        assert_eq!(serde_json::json!(host_data), expect["host_data"], "{id}");
        let technology = description.technology.unwrap().value;
        assert_eq!(format!("{technology}") == "snp", expect["object"] == "sev-snp-guest", "{id}");
        // Nothing that a shipped file or a pod has is noise.
        assert!(
            description.unknown.iter().all(|one| one.key.is_some()),
            "{id}: {:?}",
            description.unknown
        );
        // And a release that nobody said is not guessed.
        let unsaid = read(toml, Some(&pod), None).unwrap().description;
        assert!(unsaid.boot.cmdlines.is_none(), "{id}");
        let unknown = unsaid.unknown.iter().find(|one| one.key == Some("boot.cmdline"));
        assert!(unknown.unwrap().settled_by.contains("--release"), "{id}");
        // Nor is one runtime's file taken for the other's.
        let other = match runtime {
            Runtime::Go => Runtime::Rust,
            Runtime::Rust => Runtime::Go,
        };
        let installed = Installed { runtime: Some(other), ..release.into() };
        let error = from_toml(toml.as_bytes(), None, installed, "k.toml").unwrap_err().to_string();
        assert!(error.contains("the runtime is said to be"), "{id}: {error}");
    }
    println!("{predicted} command lines predicted, {unknown} unknown");
    let all = (predicted, unknown);
    assert!(all == (6, 0) || std::env::var_os("SEV_LAUNCH_VECTORS").is_none(), "{all:?}");
}

// Facts of the releases, read in their sources: what each makes of one configuration.
#[test]
fn releases_differ_as_their_sources_do() {
    let release = |text: &str| text.parse::<Release>().expect("a release");
    let toml = format!("{SNP}default_vcpus = 2\ndefault_maxvcpus = 8\n");
    for (said, host_cpus, nr_cpus) in [
        ("3.2", None, Some("2")),
        ("3.10", None, Some("2")),
        ("3.11", Some(64), Some("8")),
        ("3.31", Some(64), Some("8")),
        ("3.31", Some(4), Some("4")),
        ("3.32", None, None),
        ("4.0", None, None),
    ] {
        let installed = Installed { host_cpus, ..release(said).into() };
        let line = cmdline(&toml, None, installed);
        let found = line.split(' ').find_map(|word| word.strip_prefix("nr_cpus="));
        assert_eq!(found, nr_cpus, "{said}");
    }
    // Whether the host has so many is in no file.
    let unknown = read(&toml, None, release("3.31")).unwrap().description.unknown;
    assert_eq!(unknown[0].key, Some("boot.cmdline"));
    assert!(unknown[0].text.contains("host's number of CPUs"), "{unknown:?}");
    // The host's number of CPUs is in no file.
    let no_most = toml.replace("default_maxvcpus = 8", "default_maxvcpus = 0");
    let unknown = read(&no_most, None, release("3.31")).unwrap().description.unknown;
    assert_eq!(unknown[0].key, Some("boot.cmdline"));
    assert!(unknown[0].text.contains("host's number of CPUs"), "{unknown:?}");
    // More than QEMU lets a guest have.
    let installed = Installed { host_cpus: Some(512), ..release("3.31").into() };
    assert!(cmdline(&no_most, None, installed).contains("panic=1 nr_cpus=240 selinux"));
    assert!(cmdline(&no_most, None, release("3.32")).contains("panic=1 selinux"));
    let firmware = |said: &str| {
        let description = read(&toml, None, release(said)).unwrap().description;
        let hashes = description.boot.kernel_hashes.unwrap().value[0];
        (description.firmware.in_flash.unwrap().value, hashes)
    };
    for (said, expected) in [
        ("CC-0.8.1", (true, false)),
        ("3.5", (true, false)),
        ("3.6", (true, true)),
        ("3.13", (true, true)),
        ("3.14", (false, true)),
        ("4.1", (false, true)),
    ] {
        assert_eq!(firmware(said), expected, "{said}");
    }
    // Parameters of an annotation replace from 3.24 on; before, they are appended.
    let annotations =
        r#"{"io.katacontainers.config.hypervisor.kernel_params": "agent.log=debug a=1 a=2"}"#;
    let toml = format!(
        "{toml}kernel_params = \"a=0 b=\\\"x  y\\\"\"\n[agent.kata]\nenable_debug = true\n"
    );
    let end = |said: &str| {
        let installed = Installed { host_cpus: Some(64), ..release(said).into() };
        cmdline(&toml, Some(annotations), installed)
    };
    assert!(end("3.24").ends_with("scsi_mod.scan=none b=\"x  y\" agent.log=debug a=2"));
    assert!(
        end("3.23")
            .ends_with("scsi_mod.scan=none agent.log=debug a=0 b=\"x  y\" agent.log=debug a=1 a=2")
    );
    assert!(end("3.2").contains(" b=\"x y\" "));
    // xfs has ext4's flags to 3.16.
    let xfs = format!("{SNP}image = \"/i\"\nrootfs_type = \"xfs\"\ndefault_maxvcpus = 1\n");
    assert!(cmdline(&xfs, None, release("3.16")).contains("errors=remount-ro ro rootfstype=xfs"));
    assert!(cmdline(&xfs, None, release("3.17")).contains("rootflags=ro rootfstype=xfs"));
}

#[test]
fn keys_that_the_release_does_not_read_are_refused() {
    let with = |more: &str, said: &str| {
        read(&format!("{SNP}{more}\n"), None, said.parse::<Release>().ok()).map(|_| ())
    };
    for (more, last, first) in [
        ("snp_guest_policy = 196608", "3.19", "3.20"),
        ("snp_id_block = \"a\"", "3.14", "3.15"),
        ("kernel_verity_params = \"x\"", "3.26", "3.27"),
        ("[agent.kata]\ncdh_api_timeout = 60", "3.8", "3.9"),
        ("[agent.kata]\nlaunch_process_timeout = 6", "3.28", "3.29"),
        ("[[hypervisor.qemu.guest_extension_images]]\nname = \"coco\"", "3.32", "4.0"),
        ("sev_guest_policy = 3", "3.2", "cc"),
        ("guest_pre_attestation = true", "4.1", "cc"),
        ("overhead_vcpus = 0.4", "3.32", "4.0"),
        ("vm_rootfs_driver = \"virtio-blk-pci\"", "3.24", "3.25"),
    ] {
        let error = with(more, last).unwrap_err();
        assert!(error.contains("the release is said to be"), "{more}: {error}");
        assert_eq!(with(more, first), Ok(()), "{more}");
    }
    // No release reads both.
    let error = with("sev_guest_policy = 3\nsnp_guest_policy = 196608", "").unwrap_err();
    assert!(error.contains("do not read other keys of this file"), "{error}");
    // Kata 3.2 asks the host, not the file.
    let sev = SNP.replace("sev_snp_guest = true\n", "");
    let error = read(&sev, None, Release::new(3, 2)).unwrap_err();
    assert!(error.contains("Kata 3.2 starts an SNP guest"), "{error}");
    // The runtimes differ in what they make of an annotation of no vCPUs.
    let none = r#"{"io.katacontainers.config.hypervisor.default_vcpus": "0"}"#;
    let error = read(SNP, Some(none), None).unwrap_err();
    assert!(error.contains("wanted a number above 0"), "{error}");
}

#[test]
fn keys_that_are_not_read_are_unknown() {
    let unknown = |more: &str| {
        let import = read(&format!("{SNP}{more}\n"), None, main()).unwrap();
        let unknown = import.description.unknown.into_iter().filter(|one| one.key.is_none());
        unknown.map(|one| one.place).collect::<Vec<_>>()
    };
    for (more, place) in [
        ("cpu_model = \"host\"", "hypervisor.qemu.cpu_model"),
        ("machine_accelerators = \"nosmm\"", "hypervisor.qemu.machine_accelerators"),
        ("pflashes = [\"/f\"]", "hypervisor.qemu.pflashes"),
        ("[runtime]\nnew = 1", "runtime.new"),
        ("[factory]\nenable_template = true", "factory.enable_template"),
        (
            "[hypervisor.qemu.factory]\nenable_template = true",
            "hypervisor.qemu.factory.enable_template",
        ),
    ] {
        assert_eq!(unknown(more), [place], "{more}");
    }
    // As shipped files have them.
    let shipped = "machine_accelerators = \"\"\npflashes = []\nenable_hugepages = false\nvalid_entropy_sources = [\"/dev/urandom\"]\n\
        indep_iothreads = 0\n[factory]\nenable_template = false\ntemplate_path = \"/run/vc/vm/template\"\nvm_cache_number = 0\n\
        [agent.kata]\nkernel_modules = []\ncreate_container_timeout = 60\n[runtime]\nemptydir_mode = \"block-encrypted\"\n";
    assert!(unknown(shipped).is_empty());
}

// The keys of the files that Kata installs: none of them is noise, and only the pod is not known.
#[test]
fn shipped_files_are_read_whole() {
    for (name, end) in [
        ("shipped-go", "scsi_mod.scan=none agent.launch_process_timeout=6"),
        ("shipped-rust", "console=hvc0"),
    ] {
        let toml = super::golden::input(&format!("kata/{name}.toml"));
        let toml = std::str::from_utf8(&toml).expect("it is text");
        let import = read(toml, None, main()).unwrap();
        let unknown: Vec<_> = import.description.unknown.iter().map(|one| one.key).collect();
        assert_eq!(unknown, [Some("vcpus")], "{name}");
        assert!(cmdline(toml, None, main()).ends_with(end), "{name}");
    }
}

// Kata 3.30's own functions, run: each parameter of the annotation takes the place of those by its key, the masks included.
#[test]
fn parameters_of_an_annotation_replace_those_of_their_key() {
    let toml = format!(
        "{SNP}image = \"/i\"\nkernel_params = \"cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1\"\ndisable_guest_selinux = true\n[agent.kata]\nlaunch_process_timeout = 6\n"
    );
    let annotations = r#"{"io.katacontainers.config.hypervisor.kernel_params": "agent.log=debug systemd.mask=foo.service cgroup_no_v1=none a=1 a=2"}"#;
    let line = cmdline(&toml, Some(annotations), main());
    assert!(
        line.ends_with("selinux=0 systemd.unit=kata-containers.target scsi_mod.scan=none agent.launch_process_timeout=6 \
            systemd.unified_cgroup_hierarchy=1 agent.log=debug systemd.mask=foo.service cgroup_no_v1=none a=2"),
        "{line}"
    );
}

#[test]
fn pods_are_sized_by_their_limits() {
    let toml = format!("{SNP}default_vcpus = 1\n[runtime]\nstatic_sandbox_resource_mgmt = true\n");
    let vcpus = |pod: &str| {
        let import = read(&toml, Some(pod), main()).unwrap();
        import.description.vcpus.map(|field| field.value.to_string())
    };
    let pod = |limit: &str| {
        format!(
            "{{\"metadata\": {{\"annotations\": {{\"io.katacontainers.config.hypervisor.default_vcpus\": \"2.5\"}}}}, \"spec\": {{\"containers\": [{{\"resources\": {{\"limits\": {{{limit}}}}}}}]}}}}"
        )
    };
    assert_eq!(vcpus(&pod("\"cpu\": \"1500m\"")).as_deref(), Some("4"));
    assert_eq!(vcpus(&pod("\"cpu\": 2")).as_deref(), Some("5"));
    assert_eq!(vcpus(&pod("")).as_deref(), Some("3"));
    assert_eq!(vcpus(&pod("\"cpu\": \"much\"")), None);
    assert_eq!(vcpus("{\"spec\": {}}"), None);
    assert_eq!(vcpus("{}"), None);
    assert_eq!(vcpus("kind: Pod"), None);
}

// `import qemu` says the same of the machine that the runtime starts.
#[test]
fn machines_of_another_kind_are_unknown() {
    let text = format!("{SNP}machine_type = \"microvm\"\n");
    let import = read(&text, None, main()).unwrap();
    let mut unknown = import.description.unknown.iter().filter(|one| one.key.is_none());
    assert!(unknown.any(|one| one.text.contains("microvm is neither of the pc")));
}
