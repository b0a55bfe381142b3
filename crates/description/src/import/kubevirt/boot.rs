//! The firmware that virt-launcher takes from its own image, and the kernel of a container.
//!
//! Defined by [KubeVirt, OSDomainConfigurator, EFIEnvironment].

use sev_launch_abi::Technology;

use super::super::{Import, default, found};
use super::node::Node;
use crate::description::Cmdline;
use crate::error::Error;

pub(super) fn read_firmware(
    import: &mut Import,
    domain: &Node<'_>,
    technology: Technology,
) -> Result<(), Error> {
    let efi = domain.get("firmware")?.get("bootloader")?.get("efi")?;
    if !efi.is_some() {
        return efi.error("there is none, and KubeVirt starts encrypted guests from UEFI alone");
    }
    let secure_boot = efi.get("secureBoot")?;
    // Not given, it is on.
    if secure_boot.switch()? != Some(false) {
        return secure_boot.error(format!(
            "it must be false: there is no firmware for {technology} with secure boot"
        ));
    }
    let is_snp = technology == Technology::Snp;
    let file = if is_snp { "OVMF.amdsev.fd" } else { "OVMF_CODE.cc.fd" };
    let text = format!("virt-launcher starts {file} of its own container's image");
    let settled_by = "that file, copied out of the image of virt-launcher that the cluster runs";
    import.unknown("firmware.path", "virt-launcher", text, settled_by);
    import.description.firmware.in_flash =
        default(!is_snp, format!("virt-launcher starts {technology} guests so"));
    if !is_snp {
        let what = "virt-launcher gives the guest a flash that";
        import.warn_of_variables(what, ": KubeVirt has no stateless firmware for SEV and SEV-ES");
    }
    Ok(())
}

/// The kernel and the initrd are files of a container's image.
pub(super) fn read_kernel(import: &mut Import, domain: &Node<'_>) -> Result<(), Error> {
    let kernel_boot = domain.get("firmware")?.get("kernelBoot")?;
    let container = kernel_boot.get("container")?;
    let image = container.get("image")?.text()?.unwrap_or_default();
    let arguments = kernel_boot.get("kernelArgs")?;
    let cmdline = arguments.text()?.filter(|line| !line.is_empty());
    let mut has_kernel = false;
    for (key, path) in [("boot.kernel", "kernelPath"), ("boot.initrd", "initrdPath")] {
        let node = container.get(path)?;
        let Some(file) = node.text()?.filter(|file| !file.is_empty()) else { continue };
        has_kernel |= key == "boot.kernel";
        let text = format!("it is the file {file} of the image {image}");
        import.unknown(key, node.place(), text, "that file, copied out of the image");
        if key == "boot.initrd" && !has_kernel {
            return node
                .error("there is no kernelPath, and QEMU refuses an initrd without a kernel");
        }
    }
    if let Some(line) = cmdline {
        if !has_kernel {
            return arguments.error("there is no kernelPath, and KubeVirt refuses it without one");
        }
        let bytes = line.as_bytes().to_vec();
        import.description.boot.cmdlines = found(vec![Cmdline::Bytes(bytes)], arguments.place());
    }
    let hashes = import.description.boot.kernel_hashes.as_ref();
    let is_off = hashes.is_some_and(|field| field.value == [false]);
    if !has_kernel && is_off {
        import.description.boot.kernel_hashes = None;
    }
    if has_kernel && is_off {
        import.warn(
            super::super::codes::KERNEL_NOT_MEASURED,
            "kernel, initrd and command line are NOT covered by the digest: KubeVirt writes no kernelHashes",
        );
    }
    Ok(())
}
