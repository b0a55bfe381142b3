//! A KubeVirt VirtualMachineInstance, as `kubectl get vmi -o yaml` or `-o json` prints it, or as its owner wrote it.
//!
//! Defined by [KubeVirt, converter] and its webhooks: virt-launcher makes a libvirt domain of the object, and that is what is
//! measured. The object says neither which firmware virt-launcher's image has nor which CPU a node has; what comes from the image of a
//! kernel's container is a file there. All of that is unknown here. A VirtualMachine is read where its template is whole: what
//! instance types and preferences add to it stands in the VirtualMachineInstance alone.
//!
//! ```
//! use sev_launch_description::import::kubevirt;
//!
//! let yaml = "
//! kind: VirtualMachineInstance
//! spec:
//!   domain:
//!     cpu: {cores: 2, model: EPYC-Milan}
//!     firmware: {bootloader: {efi: {secureBoot: false}}}
//!     launchSecurity: {sev: {policy: {encryptedState: true}}}
//! ";
//! let import = kubevirt::from_text(yaml.as_bytes(), "vmi.yaml")?;
//! assert_eq!(import.description.policy.map(|field| field.value), Some(5));
//! assert_eq!(import.description.unknown[0].key, Some("firmware.path"));
//! # Ok::<(), sev_launch_description::Error>(())
//! ```

mod boot;
mod cpu;
mod node;
mod object;
mod security;
mod unread;

use sev_launch_abi::Technology;

use super::{Import, Source, default, found};
use crate::error::Error;
use node::Node;

/// The most bytes that are read: an object has a few dozen kilobytes.
pub const MOST_BYTES: usize = 4 << 20;

/// Reads a VirtualMachineInstance, or a VirtualMachine, as YAML or JSON; `name` is what errors call it.
///
/// Errors: larger than [`MOST_BYTES`]; no such object, or several; a value of another kind; a guest without launch security, or with
/// another kind of it than AMD's; what KubeVirt's webhooks or virt-launcher refuse.
pub fn from_text(text: &[u8], name: &str) -> Result<Import, Error> {
    let source = Source(name);
    source.check_size(text.len(), MOST_BYTES)?;
    let document = object::parse(text, source)?;
    let guest = object::find(&document, source)?;
    let spec = guest.spec;
    let domain = spec.get("domain")?;
    let mut import = Import::default();
    check_architecture(&mut import, &spec)?;
    let technology = security::read(&mut import, &spec, &domain, guest.is_stored)?;
    cpu::read_vcpus(&mut import, &domain, technology, guest.has_defaults)?;
    cpu::read_model(&mut import, &domain, technology)?;
    read_machine(&mut import, &domain)?;
    check_smm(&domain, technology)?;
    boot::read_firmware(&mut import, &domain, technology)?;
    boot::read_kernel(&mut import, &domain)?;
    import.check_boot("launchSecurity has no kernelHashes: true");
    unread::name(&mut import, &guest.metadata, &spec, &domain)?;
    import.description.host.vmm = default("qemu".to_owned(), "virt-launcher's libvirt starts QEMU");
    import.unknown_host_kernel(technology);
    import.of(source)
}

fn check_architecture(import: &mut Import, spec: &Node<'_>) -> Result<(), Error> {
    let architecture = spec.get("architecture")?;
    if let Some(name) = architecture.text()? {
        let name = if name == "amd64" { "x86_64" } else { name };
        import.check_architecture(architecture.place(), name);
    }
    Ok(())
}

fn read_machine(import: &mut Import, domain: &Node<'_>) -> Result<(), Error> {
    let machine = domain.get("machine")?.get("type")?;
    // An empty one stands for the cluster's default, which is q35 everywhere on x86_64. [KubeVirt, DefaultAMD64MachineType]
    if let Some(name) = machine.text()?.filter(|name| !name.is_empty()) {
        import.check_machine(machine.place(), name);
        import.description.host.machine = found(name.to_owned(), machine.place());
    }
    Ok(())
}

/// An error for System Management Mode, which KVM has for plain SEV alone.
fn check_smm(domain: &Node<'_>, technology: Technology) -> Result<(), Error> {
    let smm = domain.get("features")?.get("smm")?;
    // A feature that is there and does not say otherwise is on. [KubeVirt, FeatureState]
    let is_on = smm.is_some() && smm.get("enabled")?.switch()?.unwrap_or(true);
    if technology != Technology::Sev && is_on {
        let words = "System Management Mode not supported by this hypervisor";
        return smm.error(format!("QEMU refuses it for {technology} ({words:?})"));
    }
    Ok(())
}
