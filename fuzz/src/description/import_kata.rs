//! A Kata runtime's configuration, with and without a drop-in file, a pod in YAML or JSON, a release and a host's CPUs.

use sev_launch_description::Unknown;
use sev_launch_description::import::kata::{self, Installed, Release};
use toml::Table;

use super::{check_import, is_told, testdata};

/// What parts a configuration from a pod.
const BREAK: &str = "\n---\n";
/// What parts it from a drop-in file.
const DROP_IN: &str = "\n===\n";

/// An input is a byte for the release and the host's CPUs, a configuration, behind a line of three equals signs a drop-in file, and
/// behind one of three dashes a pod.
pub(crate) fn run(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(rest) = std::str::from_utf8(rest) else { return };
    let (toml, pod) = match rest.split_once(BREAK) {
        Some((toml, pod)) => (toml, Some(pod.as_bytes())),
        None => (rest, None),
    };
    let (toml, drop_ins) = match toml.split_once(DROP_IN) {
        Some((toml, later)) => (toml, vec![("drop-in".to_owned(), later.as_bytes().to_vec())]),
        None => (toml, Vec::new()),
    };
    let release = match first & 127 {
        0 => None,
        1 => Some(Release::CC),
        number => Release::new(3 + number % 2, number / 2),
    };
    let host_cpus = (first & 128 != 0).then_some(64);
    let installed = Installed { runtime: None, release, host_cpus, drop_ins: &drop_ins };
    if check_import(|| kata::from_toml(toml.as_bytes(), pod, installed, "x")).is_none() {
        return;
    }
    // A key that nobody knows may not vanish from the tables that are read.
    for place in ["hypervisor.qemu", "agent.kata", "runtime"] {
        let more = with_key(toml, place).expect("what was read is a table");
        let import = kata::from_toml(more.as_bytes(), pod, installed, "x");
        // The agent's move the command line alone, which may be unknown for another reason.
        let is_cmdline = |unknown: &Unknown| unknown.key == Some("boot.cmdline");
        let is_open = place == "agent.kata"
            && import
                .as_ref()
                .is_ok_and(|import| import.description.unknown.iter().any(is_cmdline));
        assert!(is_open || is_told(import, "fuzzed"), "of {place}:\n{more}");
    }
}

/// A configuration with one more key in a table, which may be new.
fn with_key(toml: &str, place: &str) -> Option<String> {
    let mut file: Table = toml.parse().ok()?;
    let mut table = &mut file;
    for name in place.split('.') {
        let inner = table.entry(name).or_insert_with(|| Table::new().into());
        if !inner.is_table() {
            // Of another kind it is refused, or means nothing.
            *inner = Table::new().into();
        }
        table = inner.as_table_mut()?;
    }
    table.insert("fuzzed".into(), 1.into());
    toml::to_string(&file).ok()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let file = |name: &str| testdata(&format!("import/kata/{name}"));
    let pod = || [BREAK.as_bytes(), &file("pod.json")].concat();
    let numbered = |release: u8, text: Vec<u8>| [vec![release], text].concat();
    vec![
        numbered(1, file("sev.toml")),
        numbered(0, file("snp.toml")),
        // 4.1, with a pod, and 3.30.
        numbered(3, [file("snp.toml"), pod()].concat()),
        numbered(60, [file("snp.toml"), LIMITS.into()].concat()),
        numbered(0, file("shipped-go.toml")),
        numbered(3, file("shipped-rust.toml")),
        numbered(24, file("shipped-go.toml")),
        // 3.30 with a pod that has initdata, on a host of 64 CPUs, and a drop-in file.
        numbered(
            188,
            [file("shipped-go.toml"), LATER.into(), BREAK.into(), file("pod.yaml")].concat(),
        ),
    ]
}

/// A drop-in file.
const LATER: &str =
    "\n===\n[hypervisor.qemu]\nenable_debug = true\n[agent.kata]\nenable_debug = true\n";

/// A pod with limits.
const LIMITS: &str = r#"
---
{"metadata": {"annotations": {"io.katacontainers.config.hypervisor.kernel_verity_params": "root_hash=ab,salt=cd"}},
"spec": {"containers": [{"resources": {"limits": {"cpu": "1500m", "memory": "1Gi"}}}, {"resources": {"limits": {"cpu": 2}}}],
"initContainers": [{"resources": {"limits": {"cpu": "0.5"}}}], "overhead": {"cpu": "250m"}}}"#;
