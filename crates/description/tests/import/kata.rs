//! Kata configurations: what is refused, and what depends on the release.

use sev_launch_description::import::kata::{Release, from_toml};

const SNP: &str = "[hypervisor.qemu]\nkernel = \"/k\"\nfirmware = \"/f\"\nconfidential_guest = true\nsev_snp_guest = true\n";

fn read(
    toml: &str,
    annotations: Option<&str>,
    release: Release,
) -> Result<sev_launch_description::import::Import, String> {
    from_toml(toml.as_bytes(), annotations.map(str::as_bytes), release, "k.toml")
        .map_err(|error| error.to_string())
}

fn cmdline(toml: &str, annotations: Option<&str>, release: Release) -> String {
    let description = read(toml, annotations, release).expect("it is read").description;
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
        cmdline(toml, None, Release::Cc),
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
    let import = read(&toml, Some(annotations), Release::Main).unwrap();
    assert_eq!(import.description.vcpus.unwrap().value.to_string(), "3");
    let initrd = import.description.boot.initrds.unwrap();
    assert_eq!(
        initrd.origin.to_string(),
        "from annotation io.katacontainers.config.hypervisor.initrd"
    );
    let line = cmdline(&toml, Some(annotations), Release::Main);
    assert!(
        line.ends_with("selinux=1 scsi_mod.scan=none a x=1 b c=d") && !line.contains("root="),
        "{line}"
    );
    for wrong in [
        "[]",
        "{",
        r#"{"io.katacontainers.config.hypervisor.default_vcpus": "x"}"#,
        r#"{"io.katacontainers.config.hypervisor.kernel": []}"#,
    ] {
        assert!(read(SNP, Some(wrong), Release::Main).is_err(), "{wrong}");
    }
}

#[test]
fn what_cannot_be_predicted_is_unknown() {
    for (more, release, key) in [
        ("[agent.kata]\nnew_key = 1", Release::Main, "boot.cmdline"),
        ("vm_rootfs_driver = \"virtio-blk-pci\"", Release::Main, "boot.cmdline"),
        ("default_vcpus = -1", Release::Main, "vcpus"),
        ("cpu_features = \"pmu=off,stepping=3\"", Release::Main, "signature"),
    ] {
        let import = read(&format!("{SNP}{more}\n"), None, release).unwrap();
        assert_eq!(import.description.unknown.len(), 1, "{more}");
        assert_eq!(import.description.unknown[0].key, Some(key), "{more}");
    }
    assert!(
        read(&format!("{SNP}default_vcpus = 1.5\n"), None, Release::Main)
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
        ("x = ".into(), "TOML parse error"),
    ] {
        let error = read(&toml, None, Release::Main).unwrap_err();
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
    let mut compared = 0;
    for vector in vectors() {
        let id = vector["id"].as_str().expect("an id");
        // Releases between those of Confidential Containers and 3.32 put in nr_cpus, and are not predicted.
        let release = match id.split('/').next() {
            Some("cc-0.8.1") => Release::Cc,
            Some("go-4.1.0" | "rust-4.1.0") => Release::Main,
            _ => continue,
        };
        let quota = vector["annotations"]["io.kubernetes.cri.sandbox-cpu-quota"].as_str();
        let quota: u64 = quota.expect("a quota").parse().expect("a number");
        let pod = format!(
            "{{\"spec\": {{\"containers\": [{{\"resources\": {{\"limits\": {{\"cpu\": \"{}m\"}}}}}}]}}}}",
            quota / 100
        );
        let toml = vector["config"].as_str().expect("a configuration");
        let expect = &vector["expect"];
        assert_eq!(cmdline(toml, Some(&pod), release), expect["append"], "{id}");
        let vcpus =
            read(toml, Some(&pod), release).unwrap().description.vcpus.unwrap().value.to_string();
        assert_eq!(vcpus, expect["vcpus"].to_string(), "{id}");
        compared += 1;
    }
    println!("{compared} command lines compared");
    assert!(compared == 3 || std::env::var_os("SEV_LAUNCH_VECTORS").is_none());
}

// Kata 3.30's own functions, run: each parameter of the annotation takes the place of those by its key, the masks included.
#[test]
fn parameters_of_an_annotation_replace_those_of_their_key() {
    let toml = format!(
        "{SNP}image = \"/i\"\nkernel_params = \"cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1\"\ndisable_guest_selinux = true\n[agent.kata]\nlaunch_process_timeout = 6\n"
    );
    let annotations = r#"{"io.katacontainers.config.hypervisor.kernel_params": "agent.log=debug systemd.mask=foo.service cgroup_no_v1=none a=1 a=2"}"#;
    let line = cmdline(&toml, Some(annotations), Release::Main);
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
        let import = read(&toml, Some(pod), Release::Main).unwrap();
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
    let error = read(&toml, Some("kind: Pod"), Release::Main).unwrap_err();
    assert!(error.contains("no JSON") && error.contains("-o json"), "{error}");
}
