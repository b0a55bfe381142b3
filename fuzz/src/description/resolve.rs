//! From a description to a launch: what a digest needs is known, and what contradicts itself is refused.

use std::path::Path;

use arbitrary::Unstructured;
use sev_launch_abi::Technology;
use sev_launch_description::description::Image;
use sev_launch_description::resolve::{resolve, resolve_firmware};
use sev_launch_description::{Description, Error, Unknown};

use super::{build, choices, origin, reads_back};

/// An input is choices, of which a description is built.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(document) = build::document(&mut Unstructured::new(bytes)) else { return };
    let text = serde_json::to_vec(&document).expect("JSON has a text");
    let Ok(description) = Description::from_json(&text, &origin(), Path::new("")) else { return };
    reads_back(&description);
    check(&description);
    let firmware = description.firmware.clone();
    if resolve_firmware(description.clone()).is_ok() {
        assert!(firmware.snp_digest.is_none(), "the answer itself was given");
        check_images(&description);
    }
}

/// Resolves a description, and holds what is settled against what each technology measures, as it is worked out here by hand.
pub(super) fn check(described: &Description) {
    let resolved = match resolve(described.clone()) {
        Ok(resolved) => resolved,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            if let Error::Unknown(list) = &error {
                assert!(!list.is_empty(), "nothing is unknown");
            }
            return;
        }
    };
    let description = &resolved.description;
    assert_eq!(Some(resolved.technology), description.technology.as_ref().map(|one| one.value));
    // By what was said, and not by what was settled for it.
    for unknown in &described.unknown {
        assert!(
            is_settled(unknown, described, resolved.technology),
            "unknown, and a digest needs it: {unknown}\n{described:?}"
        );
    }
    check_images(description);
    check_boot(description, resolved.technology);
    let is_snp = resolved.technology == Technology::Snp;
    let measures_registers = resolved.technology != Technology::Sev;
    assert_eq!(!resolved.profiles.is_empty(), measures_registers, "{description:?}");
    for profile in &resolved.profiles {
        assert_eq!(profile.technology, resolved.technology);
    }
    if let Some(policy) = &description.policy {
        let policy = policy.value;
        // Bit 17 of SNP's is 1 always; bit 2 of the other asks for SEV-ES. [SNP-ABI, guest policy; SEV-API, guest policy]
        let fits = match resolved.technology {
            Technology::Snp => policy & (1 << 17) != 0,
            Technology::SevEs => policy & 4 != 0 && policy >> 32 == 0,
            Technology::Sev => policy & 4 == 0 && policy >> 32 == 0,
        };
        assert!(fits, "policy {policy:#x}: {description:?}");
    }
    if measures_registers {
        assert!(description.vcpus.is_some(), "{description:?}");
        assert!(!resolved.vcpus.is_empty());
    } else {
        assert!(description.profiles.is_none() && description.vmsa.bsp.is_none());
    }
    if !is_snp {
        assert!(description.firmware.snp_digest.is_none() && description.svsm.image.is_none());
        assert!(description.boot.kernel_gpa.is_none());
    }
}

fn check_images(description: &Description) {
    let Some(images) = &description.firmware.images else { return };
    let is_absorbed = images.value.iter().any(|image| matches!(image, Image::Absorbed(_)));
    let is_one = images.value.len() == 1;
    assert!(description.firmware.sha256.is_none() || is_one && !is_absorbed, "{description:?}");
    assert!(description.firmware.snp_digest.is_none() || is_one, "{description:?}");
    assert!(description.vmsa.ap.is_none() || description.vmsa.bsp.is_some(), "{description:?}");
}

fn check_boot(description: &Description, technology: Technology) {
    assert!(description.firmware.images.is_some(), "{description:?}");
    let boot = &description.boot;
    assert!(boot.kernels.is_some() || boot.initrds.is_none() && boot.cmdlines.is_none());
    let svsm = &description.svsm;
    assert_eq!(svsm.image.is_some(), svsm.vars.is_some(), "{description:?}");
    if svsm.image.is_some() {
        assert!(technology == Technology::Snp && boot.kernels.is_none(), "{description:?}");
    }
}

/// May this be unknown, and a digest be told all the same?
fn is_settled(unknown: &Unknown, description: &Description, technology: Technology) -> bool {
    let Some(key) = unknown.key else {
        let harmless = description.harmless.as_ref();
        return harmless.is_some_and(|harmless| harmless.value.contains(&unknown.text));
    };
    if description.says(key) {
        return true;
    }
    let boot = &description.boot;
    let is_off = boot.kernel_hashes.as_ref().is_some_and(|switch| !switch.value.contains(&true));
    let is_plain = technology == Technology::Sev;
    let has_profile = description.profiles.is_some();
    let is_captured = description.vmsa.bsp.is_some();
    let is_late = description.late_vcpus.as_ref().is_some_and(|late| late.value > 0);
    let hashes_kernel = boot.kernels.is_some() && !is_off;
    match key {
        // What no digest covers, and what is read of the image itself.
        "policy" | "host_data" | "id_block" | "id_auth" | "author_key" | "harmless" => true,
        "firmware.sha256" | "firmware.in_flash" => true,
        "technology" | "firmware.path" | "firmware.absorbed" => false,
        "cpu" | "signature" | "family" | "model" | "stepping" | "sev_features" => {
            is_plain || is_captured
        }
        "vcpus" | "late_vcpus" | "profile" | "vmsa.bsp" | "vmsa.ap" => is_plain,
        // It stands in place of the image's pages.
        "firmware.snp_digest" => technology != Technology::Snp,
        "svsm.image" | "svsm.vars_size" | "svsm.vars_file" | "boot.kernel_gpa" => {
            technology != Technology::Snp
        }
        "host.vmm" => (is_plain || has_profile && !is_late) && !hashes_kernel,
        "host.machine" => (is_plain || has_profile) && !hashes_kernel,
        // Off for good, the parameter says what any kernel would do.
        "host.kernel" if technology == Technology::SevEs => {
            let swap = description.host.debug_swap.as_ref();
            has_profile || is_captured || swap.is_some_and(|swap| !swap.value)
        }
        name if name.starts_with("host.") => is_plain || has_profile,
        // A kernel that is not hashed hides what goes with it, and not that it is there.
        name if name.starts_with("boot.initrd") || name.starts_with("boot.cmdline") => is_off,
        _ => false,
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    choices(12, 160)
}
