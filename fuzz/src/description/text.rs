//! Descriptions as text: any is read or refused, and what was read can be written and read again.

use std::path::Path;

use sev_launch_abi::Technology;
use sev_launch_description::resolve::resolve_firmware;
use sev_launch_description::{Description, Error, Sourced};

use super::{origin, reads_back, testdata};

/// An input is a `launch.toml`.
pub(crate) fn run_toml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    check(|folder| Description::from_toml(text, &origin(), folder));
}

/// An input is the same as JSON.
pub(crate) fn run_json(bytes: &[u8]) {
    check(|folder| Description::from_json(bytes, &origin(), folder));
}

fn check(read: impl Fn(&Path) -> Result<Description, Error>) {
    let description = match read(Path::new("")) {
        Ok(description) => description,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    reads_back(&description);
    let in_folder = read(Path::new("/folder")).expect("the same text");
    for (key, _, path) in in_folder.paths() {
        assert!(path.is_absolute() || path == Path::new("-"), "{key}: {}", path.display());
    }
    for technology in [Technology::Sev, Technology::SevEs, Technology::Snp] {
        let technology = Some(Sourced::new(technology, origin()));
        super::resolve::check(&Description { technology, ..description.clone() });
    }
    super::resolve::check(&description);
    let _ = resolve_firmware(description);
}

pub(crate) fn seeds_toml() -> Vec<Vec<u8>> {
    let mut seeds = vec![testdata("launch.toml"), MOST_KEYS.into(), OTHER_KEYS.into()];
    for name in ["kata-snp-unsaid", "nova-old", "qemu-careless.sh", "virt-install-sev-es"] {
        seeds.push(testdata(&format!("golden/import/{name}.toml")));
    }
    seeds
}

pub(crate) fn seeds_json() -> Vec<Vec<u8>> {
    let as_json = |toml: Vec<u8>| {
        let text = String::from_utf8(toml).expect("the seeds are text");
        let read = Description::from_toml(&text, &origin(), Path::new(""));
        read.expect("a seed can be read").to_json().expect("a seed can be written").to_string()
    };
    seeds_toml().into_iter().map(|toml| as_json(toml).into_bytes()).collect()
}

/// Keys of one description as far as they go together.
const MOST_KEYS: &str = r#"technology = "snp"
policy = "0xb0000"
host_data = "6161616161616161616161616161616161616161616161616161616161616161"
profile = ["snp-qemu", "snp-ec2"]
vcpus = ["1..=3", 8]
late_vcpus = 1
cpu = ["EPYC-Milan", "epyc-v4"]
sev_features = [0x1, "0x21"]
harmless = ["why", "a\u202E"]
[host]
kernel = "6.8.0-31-generic"
vmm = "qemu 9.2"
cpu = "Milan"
machine = "pc-q35-9.2"
debug_swap = true
legacy_vm_type = false
[firmware]
path = ["a.fd", '/b.fd']
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
in_flash = true
[boot]
kernel = "-"
initrd = ["i", "j"]
cmdline = ["a", ""]
kernel_hashes = [true, false]
kernel_gpa = 0x1000
shim = "s"
dtb = "d"
[vmsa]
bsp = "b"
ap = "a"
[svsm]
image = "s"
vars_size = 4096
[[unknown]]
key = "boot.cmdline"
source = "s"
place = "p"
text = "why"
settled_by = "x"
"#;

/// The keys that say the same in other ways.
const OTHER_KEYS: &str = r#"technology = "sev-es"
family = 25
model = 1
stepping = 1
[firmware]
absorbed = "a.json"
snp_digest = "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
[boot]
kernel_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
initrd_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
cmdline_hex = ["ff", "00"]
[svsm]
vars_file = "v"
"#;
