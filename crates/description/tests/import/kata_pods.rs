//! Kata pods: their YAML, what starts them, their initdata, the sandbox's own annotations, and drop-in files.

use super::kata::{SNP, cmdline, main, read};
use sev_launch_description::import::kata::{Installed, Release, Runtime, from_toml};

/// A Rust runtime's configuration.
const RUST: &str = "[hypervisor.qemu]\nkernel = \"/k\"\nfirmware = \"/f\"\nconfidential_guest = true\nsev_snp_guest = true\n\
     overhead_vcpus = 0.4\noverhead_memory = 128\n[agent.kata]\nlaunch_process_timeout = 6\n[runtime]\nname = \"virt_container\"\n\
     hypervisor_name = \"qemu\"\nagent_name = \"kata\"\nstatic_sandbox_resource_mgmt = true\n";
/// What makes a configuration of the Go runtime one that sizes its guests at their start.
const STATIC: &str = "[runtime]\nstatic_sandbox_resource_mgmt = true\n";

fn vcpus<'a>(toml: &str, pod: &str, installed: impl Into<Installed<'a>>) -> Option<String> {
    let description = read(toml, Some(pod), installed).expect("it is read").description;
    description.vcpus.map(|field| field.value.to_string())
}

fn release(text: &str) -> Release {
    text.parse().expect("a release")
}

#[test]
fn a_pod_is_yaml_or_json() {
    let toml = format!("{SNP}default_vcpus = 1\n{STATIC}");
    let annotations = "io.katacontainers.config.hypervisor.default_vcpus: \"2\"";
    let containers = "containers:\n  - name: a\n    resources: {limits: {cpu: 1500m}}\n  - name: b\n    resources:\n      limits: {cpu: 1}\n";
    let indented = |text: &str, by: &str| text.replace('\n', &format!("\n{by}"));
    let pod = format!(
        "# a pod\napiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations:\n    {annotations}\nspec:\n  {}",
        indented(containers, "  ")
    );
    let template = format!(
        "template:\n  metadata:\n    annotations:\n      {annotations}\n  spec:\n    {}",
        indented(containers, "    ")
    );
    let deployment = format!(
        "kind: Deployment\nmetadata:\n  annotations: {{io.katacontainers.config.hypervisor.default_vcpus: \"7\"}}\nspec:\n  {}",
        indented(&template, "  ")
    );
    let cron = format!(
        "kind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      {}",
        indented(&template, "      ")
    );
    // 2 + 1.5 + 1, rounded up.
    for pod in [&pod, &deployment, &cron] {
        assert_eq!(vcpus(&toml, pod, main()).as_deref(), Some("5"), "{pod}");
    }
    // Annotations alone, whose pod has unknown limits.
    assert_eq!(vcpus(&toml, annotations, main()), None);
    let off = toml.replace("true\n", "false\n").replace("guest = false", "guest = true");
    assert_eq!(vcpus(&off, annotations, main()).as_deref(), Some("2"));
    for (pod, part) in [
        ("kind: Service\nspec: {}", "kind: \"Service\" is neither a pod nor what starts one"),
        ("kind: [Pod]", "is neither a pod"),
        ("kind: Deployment\nspec: {}", "no spec.template"),
        ("- a", "wanted a pod, or a map of annotations"),
        (
            "io.katacontainers.config.hypervisor.default_vcpus: 2",
            "wanted a text: annotations are texts",
        ),
        ("a: &b [1]\nc: *b", "line 2: an alias"),
        ("a: 1\na: 2", "stands twice"),
        ("kind: Pod\n---\nkind: Pod", "a second document"),
        ("\u{ff}\u{0}: [", "no YAML"),
    ] {
        let error = read(&toml, Some(pod), main()).unwrap_err();
        assert!(error.starts_with("annotations: ") && error.contains(part), "{pod}: {error}");
    }
    assert!(from_toml(toml.as_bytes(), Some(b"a: \xff"), main(), "k").is_err());
}

// What containerd writes for the sandbox is what the runtime counts, whatever a manifest says.
#[test]
fn the_sandbox_s_own_annotations_have_the_limits() {
    let toml = format!("{SNP}default_vcpus = 1\n{STATIC}");
    let sandbox = |quota: &str, memory: &str| {
        let name = "io.kubernetes.cri.sandbox";
        format!(
            "{{\"{name}-cpu-quota\": \"{quota}\", \"{name}-cpu-period\": \"100000\", \"{name}-cpu-shares\": \"2049\", \"{name}-memory\": \"{memory}\"}}"
        )
    };
    for (toml, said, quota, memory, expected) in [
        (toml.as_str(), "3.30", "0", "0", "1"),
        (&toml, "3.30", "150000", "0", "3"),
        // Each rounded up by itself.
        (&toml.replace("vcpus = 1", "vcpus = 2"), "3.2", "150000", "0", "4"),
        // Exclusive CPUs: their weight counts from 3.32 on, in the Go runtime.
        (&toml, "3.31", "-1", "0", "1"),
        (&toml, "3.32", "-1", "0", "4"),
        // 0.4 + 0.6, and a bit more. [Kata, InitialSizeManager]
        (RUST, "4.1", "60000", "0", "1"),
        (RUST, "4.1", "60100", "0", "2"),
        (RUST, "4.1", "-1", "0", "1"),
    ] {
        let found = vcpus(toml, &sandbox(quota, memory), release(said));
        assert_eq!(found.as_deref(), Some(expected), "{said} {quota}");
    }
    // A limit of memory alone puts the overhead in the place of default_vcpus.
    let two = RUST.replace("overhead_vcpus", "default_vcpus = 2\noverhead_vcpus");
    assert_eq!(vcpus(&two, &sandbox("0", "0"), release("4.1")).as_deref(), Some("2"));
    assert_eq!(vcpus(&two, &sandbox("0", "1"), release("4.1")).as_deref(), Some("1"));
    // Before 4.0 there was no overhead; without a release, nobody knows.
    let old = RUST.replace(
        "overhead_vcpus = 0.4\noverhead_memory = 128\n",
        "vm_rootfs_driver = \"virtio-blk-pci\"\n",
    );
    assert_eq!(vcpus(&old, &sandbox("60000", "1"), release("3.32")).as_deref(), Some("2"));
    assert_eq!(vcpus(&old, &sandbox("60000", "1"), None), None);
    // A limit of CPUs alone without overhead_memory is refused by the runtime.
    let error = read(&old, Some(&sandbox("60000", "0")), release("4.1")).unwrap_err();
    assert!(error.contains("overhead_memory: wanted a number"), "{error}");
    // No numbers are no limits that are known.
    assert_eq!(vcpus(&toml, &sandbox("much", "0"), release("3.30")), None);
    let unknown =
        read(&toml, Some(&sandbox("much", "0")), release("3.30")).unwrap().description.unknown;
    assert!(unknown.iter().any(|one| one.text.contains("cannot be added up")), "{unknown:?}");
    let number = sandbox("1", "0").replace("\"1\"", "1");
    assert!(read(&toml, Some(&number), main()).unwrap_err().contains("cpu-quota: wanted a text"));
    // As `crictl inspectp` prints a sandbox.
    let inspected = format!(
        "{{\"status\": {{\"id\": \"a\"}}, \"info\": {{\"runtimeSpec\": {{\"annotations\": {}}}}}}}",
        sandbox("150000", "0")
    );
    assert_eq!(vcpus(&toml, &inspected, release("3.30")).as_deref(), Some("3"));
}

#[test]
fn the_host_s_cpus_are_asked_for_where_they_count() {
    let toml = |vcpus: &str| format!("{SNP}default_vcpus = {vcpus}\n");
    let with = |host_cpus| Installed { host_cpus: Some(host_cpus), ..main().into() };
    let read = |vcpus: &str, installed| {
        let description = read(&toml(vcpus), None, installed).unwrap().description;
        description.vcpus.map(|field| field.value.to_string())
    };
    assert_eq!(read("-1", main().into()), None);
    assert_eq!(read("-1", with(64)).as_deref(), Some("64"));
    assert_eq!(read("128", with(64)).as_deref(), Some("64"));
    assert_eq!(read("8", with(64)).as_deref(), Some("8"));
    // The Go runtime refuses such an annotation.
    let pod = r#"{"io.katacontainers.config.hypervisor.default_vcpus": "128"}"#;
    let error = super::kata::read(&toml("1"), Some(pod), with(64)).unwrap_err();
    assert!(error.contains("no more vCPUs than the host has CPUs"), "{error}");
}

/// A pod with initdata.
fn with_initdata(annotation: &str, text: &str) -> String {
    serde_json::json!({format!("io.katacontainers.config.{annotation}.cc_init_data"): text})
        .to_string()
}

// Made by Python's gzip, base64 and hashlib: a text with a comment and one key, under each algorithm.
const INITDATA: [(&str, &str); 3] = [
    (
        "H4sIAAAAAAACAxXKwQqAIAwA0Pu+Yqy7WFC3viQ6DBsqWhOVoL8Pr4/H2WuNPdy4I7XAy7oRvFJb1GeQNbOxBDBhktLhuLjzCVQ0R/eZKl5ptMIusRcsBD8i8L73UgAAAA==",
        "211dc5345b1acf6f7c6aab8c822e0f1c3ec9b24f733be41667492dde9c60c612",
    ),
    (
        "H4sIAAAAAAACA0vMSc8vyizJyFWwVVAqzkg0tjBR4ipLLSrOzM8DCRnoGeoZKHFxKStkpxaUcEWnJJYkxnIpFeTnZCZX6hWlpucrgZQVJCZnJ6anKhQocQEAXZHoSVIAAAA=",
        "a34048b466bfd7a01522fff6badd40f5ca867289ea3742a9e8a5e1b54b498993",
    ),
    (
        "H4sIAAAAAAACAxXKwQqAIAwA0Pu+Yqy7aNCxL4kOw4aK1kQl6O/D6+NxCdrSiDfuSD3y5laCV1pP+kyyxhlLAAtmqQOOiwefQFVL8p9pEpRmq+wzB8FK8APySC7uUgAAAA==",
        "d573c4a1b0745c034db071ad669680daa29e401bdeef95f7581668718bff542d",
    ),
];

#[test]
fn host_data_is_the_digest_of_initdata() {
    let host_data = |toml: &str, pod: &str, installed| {
        let import = read(toml, Some(pod), installed).unwrap();
        let warned = import.warnings.iter().any(|warning| warning.code == "host-data");
        let description = import.description;
        let unknown = description.unknown.iter().any(|one| one.key == Some("host_data"));
        let found = description.host_data.map(|field| hex::encode(field.value.as_bytes()));
        assert_eq!(found.is_some() || unknown, warned);
        assert!(found.is_none() || !unknown);
        found.ok_or(unknown)
    };
    for (text, expected) in INITDATA {
        let pod = with_initdata("hypervisor", text);
        for toml in [SNP, RUST] {
            assert_eq!(host_data(toml, &pod, Some(main())), Ok(expected.to_owned()));
        }
        // The Go runtime's base64 leaves out ends of lines.
        let (start, end) = text.split_at(40);
        let broken = with_initdata("hypervisor", &format!("{start}\n{end}\n"));
        assert_eq!(host_data(SNP, &broken, Some(main())), Ok(expected.to_owned()));
        assert!(read(RUST, Some(&broken), main()).unwrap_err().contains("no base64"));
    }
    // Which annotation is read, and whether its text is digested as it stands, depends on the release.
    let (text, expected) = INITDATA[1];
    let (new, old) = (with_initdata("hypervisor", text), with_initdata("runtime", text));
    let rust = RUST
        .replace("overhead_vcpus = 0.4\noverhead_memory = 128\n", "")
        .replace("launch_process_timeout = 6\n", "");
    for (toml, said, pod, expected) in [
        (SNP, Some("3.20"), &new, Ok(expected.to_owned())),
        (SNP, Some("3.19"), &new, Err(true)),
        (SNP, Some("3.16"), &old, Ok(expected.to_owned())),
        (SNP, Some("3.15"), &old, Err(true)),
        (SNP, Some("3.20"), &old, Err(true)),
        (SNP, None, &new, Err(true)),
        (&rust, Some("4.0"), &new, Ok(expected.to_owned())),
        (&rust, Some("3.28"), &new, Err(true)),
        (&rust, Some("4.0"), &old, Err(true)),
        (&rust, None, &new, Err(true)),
        // The file's own initdata has its part in it.
        (&SNP.replace("kernel", "initdata = \"x\"\nkernel"), Some("4.1"), &new, Err(true)),
        // No initdata is no HOST_DATA.
        (SNP, Some("4.1"), &with_initdata("hypervisor", ""), Err(false)),
    ] {
        assert_eq!(host_data(toml, pod, said.map(release)), expected, "{said:?} {toml}");
    }
}

#[test]
fn initdata_that_no_runtime_takes_is_refused() {
    let more = format!("{}=", INITDATA[0].0);
    for (text, part) in [
        (more.as_str(), "no base64"),
        ("aGFsbG8=", "no gzip"),
        (
            "H4sIAAAAAAACA0vMSc8vyizJyFWwVVDKTTFV4ipLLSrOzM8D8Q30DPUMlLiiUxJLEmO5ANxOMU8rAAAA",
            "algorithm: \"md5\", wanted sha256",
        ),
        (
            "H4sIAAAAAAACAytLLSrOzM9TsFVQMtAz1DNQ4opOSSxJjOUCAOTI0FQZAAAA",
            "algorithm: none, wanted sha256",
        ),
        ("H4sIAAAAAAACA6tQsFUAAPl5BOYEAAAA", "no TOML behind its gzip"),
        (
            "H4sIAAAAAAACA0vMSc8vyizJyFWwVVAqzkg0MjVT4ipLLSrOzM8DCRnoGeoZKHFFpySWJMZyJQKFDLkASWcuJDQAAAA=",
            "[data]: wanted texts alone",
        ),
        (
            "H4sIAAAAAAACA0vMSc8vyizJyFWwVVAqzkg0MjVT4ipLLSrOzM8DCRnoGeoZKHFFpySWJMZyAQCtKxWTLgAAAHg=",
            "bytes behind the end of its gzip",
        ),
        ("H4sIAAAAAAACA0vMSc8vyizJyFWwVVAqzkg0MjVT4gIA6D4kZRUAAAA=", "no gzip"),
        ("H4sIAAAAAAACA0vMSc8vyizJyFWwVVAqzkg0MjVT4gIA6T4kZQ==", "no gzip"),
    ] {
        let error = read(SNP, Some(&with_initdata("hypervisor", text)), main()).unwrap_err();
        assert!(error.contains("cc_init_data: ") && error.contains(part), "{text}: {error}");
    }
    // A gzip of a few kilobytes may hold a million times as much.
    let bomb = gzip_of_zeros();
    let error = read(SNP, Some(&with_initdata("hypervisor", &bomb)), main()).unwrap_err();
    assert!(error.contains("more than 4194304 bytes behind its gzip"), "{error}");
    // The Rust runtime takes one version alone.
    let pod = with_initdata(
        "hypervisor",
        "H4sIAAAAAAACA0vMSc8vyizJyFWwVVAqzkg0MjVT4ipLLSrOzM8DCRnoGekZKHFFpySWJMZyAQBd+YvkLgAAAA==",
    );
    let error = read(RUST, Some(&pod), main()).unwrap_err();
    assert!(error.contains("wanted version = \"0.1.0\""), "{error}");
    assert!(read(SNP, Some(&pod), main()).is_ok());
}

/// Five megabytes of zeros behind a gzip, in base64.
fn gzip_of_zeros() -> String {
    use base64::Engine as _;
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; 5 << 20]).expect("memory");
    base64::prelude::BASE64_STANDARD.encode(encoder.finish().expect("memory"))
}

// Of the agent's annotations the Rust runtime tells the kernel, and the Go runtime does not. [Kata, get_agent_kernel_params]
#[test]
fn annotations_of_the_agent_count_for_the_rust_runtime() {
    let pod = r#"{"io.katacontainers.config.agent.enable_tracing": "true",
        "io.katacontainers.config.agent.container_pipe_size": "8192"}"#;
    assert_eq!(cmdline(SNP, Some(pod), main()), cmdline(SNP, None, main()));
    let line = cmdline(RUST, Some(pod), main());
    let agent = "agent.cdh_api_timeout=50 agent.container_pipe_size=8192 agent.launch_process_timeout=6 agent.trace=true selinux=0";
    assert!(line.contains(agent), "{line}");
    let pod = r#"{"io.katacontainers.config.agent.cdh_api_timeout_ms": "70000"}"#;
    assert!(cmdline(RUST, Some(pod), main()).contains("agent.cdh_api_timeout=70 "));
    let unknown = read(SNP, Some(pod), main()).unwrap().description.unknown;
    assert!(unknown.iter().any(|one| one.key.is_none() && one.text.contains("cdh_api_timeout_ms")));
    for wrong in ["\"yes\"", "true"] {
        let pod = format!("{{\"io.katacontainers.config.agent.enable_tracing\": {wrong}}}");
        assert!(read(RUST, Some(&pod), main()).is_err(), "{wrong}");
    }
}

#[test]
fn the_runtime_that_is_said_must_be_the_file_s() {
    let said = |runtime| Installed { runtime: Some(runtime), ..main().into() };
    assert!(cmdline(SNP, None, said(Runtime::Go)).starts_with("tsc=reliable"));
    assert!(cmdline(RUST, None, said(Runtime::Rust)).starts_with("reboot=k panic=1"));
    let error = read(RUST, None, said(Runtime::Go)).unwrap_err();
    assert!(error.contains("runtime.name: only the Rust runtime's file has this key"), "{error}");
    let error = read(SNP, None, said(Runtime::Rust)).unwrap_err();
    assert!(error.contains("none of name, hypervisor_name, agent_name in [runtime]"), "{error}");
    for wrong in ["", "Go", "runtime-rs"] {
        assert!(wrong.parse::<Runtime>().unwrap_err().contains("wanted go or rust"));
    }
}

#[test]
fn annotations_that_the_file_does_not_allow_are_warned_of() {
    let pod = r#"{"io.katacontainers.config.hypervisor.kernel_params": "a"}"#;
    for (list, warned) in [
        ("", true),
        ("enable_annotations = []\n", true),
        ("enable_annotations = [\"kernel\"]\n", false),
        ("enable_annotations = [\"kernel_verity_params\"]\n", true),
        ("enable_annotations = [\"kernel_params\"]\n", false),
        ("enable_annotations = [\".*\"]\n", false),
    ] {
        let import = read(&format!("{SNP}{list}"), Some(pod), main()).unwrap();
        let found = import.warnings.iter().any(|one| one.code == "annotation-not-enabled");
        assert_eq!(found, warned, "{list}");
    }
}

#[test]
fn drop_ins_are_read_after_the_file() {
    let drop_in = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let drop_ins = [
        drop_in("10-debug.toml", "[hypervisor.qemu]\nenable_debug = true\nkernel_params = \"a\"\n"),
        drop_in(
            "20-params.toml",
            "[hypervisor.qemu]\nkernel_params = \"b=1\"\n[agent.kata]\nenable_debug = true\n",
        ),
    ];
    let installed = Installed { drop_ins: &drop_ins, ..main().into() };
    let toml = format!("{SNP}kernel_params = \"first\"\ninitrd = \"/i\"\n");
    let import = read(&toml, None, installed).unwrap();
    let line = cmdline(&toml, None, installed);
    assert!(
        line.ends_with(
            "console=hvc1 debug panic=1 selinux=1 scsi_mod.scan=none agent.log=debug b=1"
        ),
        "{line}"
    );
    let origin = import.description.boot.cmdlines.unwrap().origin.to_string();
    assert!(origin.contains("hypervisor.qemu.kernel_params of 20-params.toml"), "{origin}");
    for (text, part) in [
        ("x = ", "30-bad.toml: TOML parse error"),
        ("[hypervisor.qemu]\nnew = 1", "hypervisor.qemu.new of 30-bad.toml"),
    ] {
        let drop_ins = [drop_in("30-bad.toml", text)];
        let installed = Installed { drop_ins: &drop_ins, ..main().into() };
        let told = match read(&toml, None, installed) {
            Err(error) => error,
            Ok(import) => format!("{:?}", import.description.unknown),
        };
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn parameters_that_runtimes_take_apart_in_different_ways_are_unknown() {
    let with = |params: &str| read(&format!("{SNP}kernel_params = \"{params}\"\n"), None, main());
    for params in ["a\\tb", "a\\u00a0b", "a=\\\"b c"] {
        let description = with(params).unwrap().description;
        assert!(description.boot.cmdlines.is_none(), "{params}");
        assert_eq!(description.unknown[0].key, Some("boot.cmdline"), "{params}");
    }
    assert!(with("a =x").unwrap_err().contains("wanted a key before each ="));
    assert!(with("a=\\\"b =c\\\"").unwrap().description.boot.cmdlines.is_some());
}
