//! `<os>`: the firmware, and the kernel of a direct boot.

use std::path::PathBuf;

use roxmltree::Node;
use sev_launch_abi::Technology;

use super::super::{Import, Source, codes, found};
use super::{child, text};
use crate::description::Image;
use crate::error::Error;

pub(super) fn read_firmware(import: &mut Import, domain: Node<'_, '_>, technology: Technology) {
    let os = child(domain, &["os"]);
    let of = |name: &str| os.and_then(|os| child(os, &[name]));
    let loader = of("loader");
    let attribute = |name: &str| loader.and_then(|loader| loader.attribute(name));
    let automatic = os.is_some_and(|os| os.attribute("firmware") == Some("efi"));
    let stores = ["nvram", "varstore"].into_iter().find(|name| of(name).is_some());
    if let Some(name) = stores {
        let advice = ": use stateless firmware (<loader stateless='yes'/>)";
        import.warn_of_variables(&format!("domain/os/{name}"), advice);
    }
    let stateless = attribute("stateless") == Some("yes");
    let is_flash = attribute("type") == Some("pflash");
    if let Some(path) = loader.and_then(text) {
        // A flash is writable unless it is said to be read-only; a ROM never is.
        if is_flash && attribute("readonly") != Some("yes") && !stateless {
            import.warn_of_writable("domain/os/loader has no readonly='yes'");
        }
        if is_flash && technology == Technology::Snp {
            import.warn(
                codes::SNP_WITH_PFLASH,
                "domain/os/loader/@type is pflash: upstream QEMU starts SNP guests with \
                type='rom' only",
            );
        }
        if attribute("type").is_some() {
            import.description.firmware.in_flash = found(is_flash, "domain/os/loader/@type");
        }
        match attribute("format").filter(|format| *format != "raw") {
            None => {
                import.description.firmware.images =
                    found(vec![Image::File(PathBuf::from(path.trim()))], "domain/os/loader");
            }
            Some(format) => {
                let why = format!(
                    "it is {format}, and QEMU measures what is inside: `qemu-img convert -O raw` gives that"
                );
                import.unknown_firmware("domain/os/loader/@format", why);
            }
        }
        return;
    }
    if automatic && !stateless && stores.is_none() {
        import.warn(
            codes::FIRMWARE_NOT_STATELESS,
            "domain/os has no <loader stateless='yes'/>: libvirt may choose firmware with NVRAM, \
            which no digest covers",
        );
    }
    if automatic {
        let why = "libvirt chooses the image when the domain starts";
        let settled_by = "`virsh dumpxml` of the domain while it runs has its path in os/loader";
        import.unknown("firmware.path", "domain/os", why, settled_by);
    } else {
        import.no_firmware("domain/os", "there is no loader");
    }
}

/// Where a domain says a flash, if it does: the firmware's, or the variables', which is the second.
pub(super) fn flash(domain: Node<'_, '_>) -> Option<&'static str> {
    let os = child(domain, &["os"])?;
    let loader = child(os, &["loader"]).and_then(|loader| loader.attribute("type"));
    match child(os, &["nvram"]) {
        _ if loader == Some("pflash") => Some("domain/os/loader/@type"),
        Some(_) => Some("domain/os/nvram"),
        None => None,
    }
}

/// An error for a guest that no host starts: with System Management Mode, which KVM has for plain SEV alone.
pub(super) fn check_smm(
    domain: Node<'_, '_>,
    technology: Technology,
    source: Source<'_>,
) -> Result<(), Error> {
    let smm = child(domain, &["features", "smm"]);
    let is_on = smm.is_some_and(|smm| smm.attribute("state").is_none_or(|state| state == "on"));
    if technology != Technology::Sev && is_on {
        let words = "System Management Mode not supported by this hypervisor";
        return source
            .error(format!("domain/features/smm: QEMU refuses it for {technology} ({words:?})"));
    }
    Ok(())
}

pub(super) fn read(
    import: &mut Import,
    domain: Node<'_, '_>,
    source: Source<'_>,
) -> Result<(), Error> {
    let value = |name: &str| child(domain, &["os", name]).and_then(text);
    let place = |name: &str| format!("domain/os/{name}");
    let cmdline = value("cmdline").map(String::into_bytes);
    let file = |name: &str| value(name).map(PathBuf::from);
    import.read_boot(source, place, file, ("cmdline", cmdline), "a kernel")
}
