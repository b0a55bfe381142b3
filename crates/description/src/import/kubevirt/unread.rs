//! Keys that are neither read nor known to move nothing of what is measured, and annotations that let other programs change the domain.

use serde_json::Value;

use super::super::{Import, bounded, codes};
use super::node::Node;
use crate::error::Error;
use crate::import::qemu::is_listed;

/// Keys of parts that are measured.
const PARTS: [(&[&str], &str); 9] = [
    (
        &[],
        "resources cpu memory machine firmware clock features devices ioThreads ioThreadsPolicy chassis launchSecurity \
         rebootPolicy",
    ),
    (
        &["cpu"],
        "cores sockets maxSockets threads model features dedicatedCpuPlacement numa isolateEmulatorThread realtime",
    ),
    (&["firmware"], "uuid bootloader serial kernelBoot acpi"),
    (&["firmware", "bootloader"], "efi bios"),
    (&["firmware", "bootloader", "efi"], "secureBoot persistent"),
    (&["firmware", "kernelBoot"], "kernelArgs container"),
    (
        &["firmware", "kernelBoot", "container"],
        "image imagePullSecret imagePullPolicy kernelPath initrdPath",
    ),
    (&["launchSecurity", "sev"], "policy attestation session dhCert"),
    (
        &["launchSecurity", "snp"],
        "policy kernelHashes hostData idBlock idAuth authorKey vcek cbitpos reducedPhysBits guestVisibleWorkarounds attestation \
         initDataRef",
    ),
];

/// A program beside virt-launcher that rewrites the domain before it is started. [KubeVirt, hook sidecars]
const SIDECARS: &str = "hooks.kubevirt.io/hookSidecars";

pub(super) fn name(
    import: &mut Import,
    metadata: &Node<'_>,
    spec: &Node<'_>,
    domain: &Node<'_>,
) -> Result<(), Error> {
    let mut texts = Vec::new();
    for (path, known) in PARTS {
        let part = path.iter().try_fold(domain.clone(), |node, key| node.get(key))?;
        texts.extend(odd(&part, known));
    }
    // A policy of older releases had bits that newer ones drop.
    let policy = domain.get("launchSecurity")?.get("sev")?.get("policy")?;
    texts.extend(odd(&policy, "encryptedState"));
    if metadata.get("annotations")?.get(SIDECARS)?.is_some() {
        texts.push(format!("the annotation {SIDECARS}, by which a program changes the domain,"));
    }
    let hypervisor = spec.get("hypervisor")?;
    if hypervisor.is_some() {
        texts.push(hypervisor.place().to_owned());
    }
    for text in texts {
        let text = format!("{text} was not looked at, and may change what is measured");
        let settled_by = "the command line of the running QEMU, or the domain (`virsh dumpxml` in virt-launcher's pod), imported in \
            place of the object";
        import.unknown(None, "the object", text.clone(), settled_by);
        import.warn(codes::UNREAD_SETTING, text);
    }
    Ok(())
}

fn odd(part: &Node<'_>, known: &str) -> Vec<String> {
    let place = part.place();
    let shown = |(key, value): (&str, &Value)| bounded(&format!("{place}.{key} ({value})"));
    part.entries().filter(|(key, _)| !is_listed(known, key)).map(shown).collect()
}
