//! Descriptions of launches, and the readers of what already describes a guest.

pub(crate) mod build;
pub(crate) mod import_kata;
pub(crate) mod import_kubevirt;
pub(crate) mod import_libvirt;
pub(crate) mod import_nova;
pub(crate) mod import_qemu;
pub(crate) mod qemu_options;
pub(crate) mod resolve;
mod shell;
pub(crate) mod text;
pub(crate) mod uki;

use std::fs;
use std::path::Path;

use sev_launch_description::description::{Boot, Firmware, Host, Svsm, Vmsa};
use sev_launch_description::import::{CODES, Import};
use sev_launch_description::{Description, Error, Field, Origin};
use sev_launch_testkit::testdata_folder;

use crate::text::is_hidden;

/// Where a description that was read is said to be from.
pub(crate) fn origin() -> Origin {
    Origin::file("launch.toml")
}

/// Holds a description against its own text forms: TOML, the same with comments, and JSON.
///
/// All of its values must have [`origin`] as theirs.
fn reads_back(description: &Description) {
    let folder = Path::new("");
    let toml = description.to_toml(false).expect("names that are text can be written");
    let read = Description::from_toml(&toml, &origin(), folder);
    assert_eq!(read.as_ref(), Ok(description), "from TOML:\n{toml}");
    let commented = description.to_toml(true).expect("origins change nothing");
    let read = Description::from_toml(&commented, &origin(), folder);
    assert_eq!(read.as_ref(), Ok(description), "from TOML with comments:\n{commented}");
    let hidden = commented.lines().flat_map(str::chars).find(|c| is_hidden(*c));
    assert_eq!(hidden, None, "in TOML:\n{commented}");
    let json = description.to_json().expect("names that are text can be written");
    let json = serde_json::to_vec(&json).expect("JSON has a text");
    let read = Description::from_json(&json, &origin(), folder);
    assert_eq!(read.as_ref(), Ok(description), "from JSON: {}", String::from_utf8_lossy(&json));
    // Equal descriptions may have paths that differ in their letters (`a//b`).
    let again = read.and_then(|read| read.to_toml(false));
    assert_eq!(again.as_ref(), Ok(&toml), "TOML, JSON, TOML");
}

/// Holds what an importer says against its own text forms, and says it once more to see that it is the same.
fn check_import(import: impl Fn() -> Result<Import, Error>) -> Option<Import> {
    let found = import();
    assert_eq!(found, import(), "read twice");
    let import = match found {
        Ok(import) => import,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return None;
        }
    };
    for warning in &import.warnings {
        assert!(CODES.iter().any(|(code, _)| *code == warning.code), "{warning}");
    }
    for unknown in &import.description.unknown {
        // A key that is said to be unknown and has a value would be settled before anybody saw it.
        let said = unknown.key.is_some_and(|key| import.description.says(key));
        assert!(!said, "unknown, and yet said: {unknown}");
    }
    reads_back(&of_one_origin(import.description.clone()));
    Some(import)
}

/// Is something that was added to a source refused, or told as unknown by its name?
fn is_told(import: Result<Import, Error>, name: &str) -> bool {
    import.map_or(true, |import| {
        import.description.unknown.iter().any(|unknown| unknown.text.contains(name))
    })
}

/// The same with [`origin`] in place of every value's.
fn of_one_origin(mut description: Description) -> Description {
    fn set<T>(field: &mut Field<T>) {
        if let Some(field) = field {
            field.origin = origin();
        }
    }
    // Each field by its name, so that a new one is not forgotten here.
    let Description {
        technology,
        policy,
        host_data,
        id_block,
        id_auth,
        author_key,
        profiles,
        host,
        vcpus,
        late_vcpus,
        cpus,
        sev_features,
        ..
    } = &mut description;
    set(technology);
    set(policy);
    set(host_data);
    set(id_block);
    set(id_auth);
    set(author_key);
    set(profiles);
    set(vcpus);
    set(late_vcpus);
    set(cpus);
    set(sev_features);
    let Host { kernel, vmm, cpu, machine, debug_swap, legacy_vm_type } = host;
    for field in [kernel, vmm, cpu, machine] {
        set(field);
    }
    set(debug_swap);
    set(legacy_vm_type);
    let Description { firmware, boot, vmsa, svsm, unknown: _, harmless, .. } = &mut description;
    let Firmware { images, sha256, in_flash, snp_digest } = firmware;
    set(images);
    set(sha256);
    set(in_flash);
    set(snp_digest);
    let Boot { kernels, initrds, cmdlines, kernel_hashes, kernel_gpa, shim, dtb } = boot;
    set(kernels);
    set(initrds);
    set(cmdlines);
    set(kernel_hashes);
    set(kernel_gpa);
    let Vmsa { bsp, ap } = vmsa;
    let Svsm { image, vars } = svsm;
    for field in [shim, dtb, bsp, ap, image] {
        set(field);
    }
    set(vars);
    set(harmless);
    description
}

/// A file of `testdata`.
fn testdata(name: &str) -> Vec<u8> {
    let path = testdata_folder().join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Bytes for targets whose inputs are choices: none, and some that differ, `count` of them of `length` each.
pub(crate) fn choices(count: u8, length: u16) -> Vec<Vec<u8>> {
    // Any bytes do that go through all values: Knuth's multiplier for 32 bits.
    let byte = |seed: u8, at: u16| {
        let number = (u32::from(seed) << 16 | u32::from(at)).wrapping_mul(2_654_435_761);
        number.to_be_bytes()[0]
    };
    let seed = |seed: u8| (0..length).map(|at| byte(seed, at)).collect();
    std::iter::once(vec![0; 8]).chain((0..count).map(seed)).collect()
}
