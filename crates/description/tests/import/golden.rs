//! Whole inputs and the whole of what is made of them.

use std::fmt::Write as _;
use std::fs;

use sev_launch_description::Error;
use sev_launch_description::import::kata::Release;
use sev_launch_description::import::nova::Documents;
use sev_launch_description::import::{Import, kata, libvirt, nova, qemu};
use sev_launch_testkit::testdata_folder;

/// An input of `testdata/import`.
pub(crate) fn input(name: &str) -> Vec<u8> {
    let path = testdata_folder().join("import").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What was imported, as text.
fn show(import: &Import) -> String {
    let mut text = import.description.to_toml(true).expect("names are text");
    for warning in &import.warnings {
        writeln!(text, "# warning: {warning}").expect("a String takes everything");
    }
    text
}

/// Compares with a file, or writes it where that is asked for.
fn check(name: &str, import: Result<Import, Error>) {
    let found = show(&import.unwrap_or_else(|error| panic!("{name}: {error}")));
    let path = testdata_folder().join("golden/import").join(format!("{name}.toml"));
    if std::env::var_os("SEV_LAUNCH_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, found).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let golden = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; SEV_LAUNCH_BLESS=1 writes it", path.display())
    });
    for (number, (found, golden)) in found.lines().zip(golden.lines()).enumerate() {
        assert_eq!(found, golden, "line {} of {name}", number + 1);
    }
    assert_eq!(found, golden, "{name} has other lines at its end");
}

#[test]
fn domains_of_virt_install() {
    for name in ["sev-auto", "sev-direct", "sev-es", "sev-es-host-model", "sev-nvram"] {
        let file = format!("{name}.xml");
        let xml = input(&format!("virt-install/{file}"));
        check(&format!("virt-install-{name}"), libvirt::from_xml(&xml, &file));
    }
}

#[test]
fn command_lines() {
    for file in ["snp.sh", "libvirt-log.txt", "careless.sh"] {
        let text = input(&format!("qemu/{file}"));
        check(&format!("qemu-{file}"), qemu::from_text(&text, file));
    }
}

#[test]
fn kata_configurations() {
    let sev = input("kata/sev.toml");
    check("kata-sev", kata::from_toml(&sev, None, Some(Release::CC), "sev.toml"));
    // Without the keys that only the releases of Confidential Containers read.
    let own: String = std::str::from_utf8(&sev)
        .unwrap()
        .lines()
        .filter(|line| !line.contains("attestation = ") && !line.starts_with("sev_guest_policy"))
        .map(|line| format!("{line}\n"))
        .collect();
    check("kata-sev-3.12", kata::from_toml(own.as_bytes(), None, Release::new(3, 12), "sev.toml"));
    let (snp, pod) = (input("kata/snp.toml"), input("kata/pod.json"));
    check("kata-snp", kata::from_toml(&snp, None, Release::new(4, 1), "snp.toml"));
    check("kata-snp-3.30", kata::from_toml(&snp, None, Release::new(3, 30), "snp.toml"));
    check("kata-snp-unsaid", kata::from_toml(&snp, None, None, "snp.toml"));
    check("kata-snp-pod", kata::from_toml(&snp, Some(&pod), Release::new(4, 1), "snp.toml"));
    let (shipped, pod) = (input("kata/shipped-go.toml"), input("kata/pod.yaml"));
    let release = Release::new(3, 30);
    check("kata-pod-yaml", kata::from_toml(&shipped, Some(&pod), release, "shipped-go.toml"));
}

#[test]
fn openstack_servers() {
    let (server, image) = (input("nova/server.json"), input("nova/image.json"));
    let documents = Documents { server: Some(&server), flavor: None, image: Some(&image) };
    check("nova-snp", nova::from_json(documents, "server.json"));
    let (flavor, image) = (input("nova/old-flavor.json"), input("nova/old-image.json"));
    let documents = Documents { server: None, flavor: Some(&flavor), image: Some(&image) };
    check("nova-old", nova::from_json(documents, "flavor.json"));
}
