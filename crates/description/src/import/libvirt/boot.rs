//! `<os>`: the firmware, and the kernel of a direct boot.

use std::path::PathBuf;

use roxmltree::Node;
use sev_launch_abi::Technology;

use super::super::{Import, Source, codes, found};
use super::{child, text};
use crate::description::{Blob, Cmdline, Image, Kernel};
use crate::error::Error;

pub(super) fn read_firmware(import: &mut Import, domain: Node<'_, '_>, technology: Technology) {
    let os = child(domain, &["os"]);
    let of = |name: &'static str| os.and_then(|os| child(os, &[name]));
    let loader = of("loader");
    let attribute = |name: &str| loader.and_then(|loader| loader.attribute(name));
    let automatic = os.is_some_and(|os| os.attribute("firmware") == Some("efi"));
    let stores = ["nvram", "varstore"].into_iter().find(|name| of(name).is_some());
    if let Some(name) = stores {
        import.warn(
            codes::NVRAM_NOT_MEASURED,
            format!(
                "domain/os/{name} holds the firmware's variables, which no digest covers: use \
            stateless firmware (<loader stateless='yes'/>)"
            ),
        );
    }
    let stateless = attribute("stateless") == Some("yes");
    let is_flash = attribute("type") == Some("pflash");
    if let Some(path) = loader.and_then(text) {
        // A flash is writable unless it is said to be read-only; a ROM never is.
        if is_flash && attribute("readonly") != Some("yes") && !stateless {
            import.warn(
                codes::FIRMWARE_WRITABLE,
                "domain/os/loader has no readonly='yes': the guest can change the image that the \
                next launch measures",
            );
        }
        if is_flash && technology == Technology::Snp {
            import.warn(
                codes::SNP_WITH_PFLASH,
                "domain/os/loader/@type is pflash: upstream QEMU starts SNP guests with \
                type='rom' only",
            );
        }
        import.description.firmware.images =
            found(vec![Image::File(PathBuf::from(path.trim()))], "domain/os/loader");
        return;
    }
    if automatic && !stateless && stores.is_none() {
        import.warn(
            codes::FIRMWARE_NOT_STATELESS,
            "domain/os has no <loader stateless='yes'/>: libvirt may choose firmware with NVRAM, \
            which no digest covers",
        );
    }
    let (why, settled_by) = match automatic {
        true => (
            "libvirt chooses the image when the domain starts",
            "`virsh dumpxml` of the domain while it runs has its path in os/loader",
        ),
        false => (
            "there is no loader: QEMU loads its own BIOS, which is no firmware for SEV",
            "the image that the host really uses",
        ),
    };
    import.unknown("firmware.path", "domain/os", why, settled_by);
}

pub(super) fn read(
    import: &mut Import,
    domain: Node<'_, '_>,
    source: Source<'_>,
) -> Result<(), Error> {
    let value = |name: &'static str| child(domain, &["os", name]).and_then(text);
    let boot = &mut import.description.boot;
    let path = |name| value(name).map(PathBuf::from);
    boot.kernels =
        path("kernel").and_then(|path| found(vec![Kernel::File(path)], "domain/os/kernel"));
    boot.initrds =
        path("initrd").and_then(|path| found(vec![Blob::File(path)], "domain/os/initrd"));
    boot.dtb = path("dtb").and_then(|path| found(path, "domain/os/dtb"));
    boot.shim = path("shim").and_then(|path| found(path, "domain/os/shim"));
    boot.cmdlines = value("cmdline")
        .and_then(|text| found(vec![Cmdline::Bytes(text.into_bytes())], "domain/os/cmdline"));
    if boot.kernels.is_some() {
        return Ok(());
    }
    for (name, given) in [("initrd", boot.initrds.is_some()), ("cmdline", boot.cmdlines.is_some())]
    {
        if given {
            return source.error(format!("domain/os/{name} without a kernel: QEMU refuses it"));
        }
    }
    if boot.kernel_hashes.as_ref().is_some_and(|field| field.value == [false]) {
        boot.kernel_hashes = None;
    }
    Ok(())
}
