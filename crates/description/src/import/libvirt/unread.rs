//! Elements and attributes of the parts that are measured, which are neither read nor known to move nothing.
//!
//! Defined by [libvirt, domaincommon.rng]. Devices, memory, tuning and what a domain does when it ends move nothing.

use std::collections::BTreeSet;

use roxmltree::Node;

use super::super::{Import, bounded, codes};
use super::{as_written, child, children};
use crate::import::qemu::{is_listed, is_quiet_feature};

/// Where, the attributes, and the elements below, each list in full.
type Part = (&'static [&'static str], &'static str, &'static str);

const PARTS: [Part; 10] = [
    (
        &[],
        "type id",
        "name uuid hwuuid genid title description metadata memory currentMemory maxMemory memoryBacking memtune blkiotune iothreads \
         iothreadids defaultiothread cputune numatune resource sysinfo clock on_poweroff on_reboot on_crash on_lockfailure pm perf \
         idmap devices seclabel keywrap throttlegroups bootloader bootloader_args vcpu vcpus os cpu launchSecurity features",
    ),
    (
        &["os"],
        "firmware",
        "type loader nvram varstore kernel initrd cmdline shim dtb bootmenu boot smbios bios firmware acpi",
    ),
    (&["os", "type"], "arch machine", ""),
    (&["os", "loader"], "readonly secure type stateless format", ""),
    (&["vcpu"], "placement cpuset current", ""),
    (
        &["features"],
        "",
        "acpi apic pae hap viridian privnet hyperv kvm xen pvspinlock pmu vmport gic smm ioapic hpt vmcoreinfo htm nested-hv msrs \
         ccf-assist cfpc sbbc ibs tcg async-teardown ras ps2 aia capabilities",
    ),
    (
        &["cpu"],
        "mode match check migratable deprecated_features",
        "model vendor topology cache feature maxphysaddr numa",
    ),
    (&["cpu", "model"], "fallback vendor_id", ""),
    (
        &["launchSecurity"],
        "type kernelHashes authorKey vcek",
        "policy cbitpos reducedPhysBits dhCert session guestVisibleWorkarounds idBlock idAuth hostData",
    ),
    (&["vcpus"], "", "vcpu"),
];

/// Elements of which its schema allows no second: libvirt reads the first, but each `features`.
const ONCE: &str = "vcpu vcpus os cpu features type loader kernel initrd cmdline model policy";

/// Names them. A CPU's features move the registers that an IGVM file gives, where `has_registers_of_igvm`.
pub(super) fn name(import: &mut Import, domain: Node<'_, '_>, has_registers_of_igvm: bool) {
    let mut texts = Vec::new();
    for (path, attributes, elements) in PARTS {
        let Some(node) = child(domain, path) else { continue };
        let place = path.iter().fold("domain".to_owned(), |place, name| format!("{place}/{name}"));
        let plain = node.attributes().filter(|attribute| attribute.namespace().is_none());
        let odd = plain.filter(|attribute| !is_listed(attributes, attribute.name()));
        let shown = odd.map(|one| format!("{place}/@{} ({:?})", one.name(), bounded(one.value())));
        texts.extend(shown);
        let mut seen = BTreeSet::new();
        let below = node.children().filter(Node::is_element);
        for one in below.filter(|one| one.tag_name().namespace().is_none()) {
            let name = one.tag_name().name();
            let is_again = path != ["vcpus"] && is_listed(ONCE, name) && seen.contains(name);
            let shown = || bounded(as_written(one));
            match is_listed(elements, name) {
                false => texts.push(format!("{place}/{name} ({})", shown())),
                true if is_again => texts.push(format!("a second {place}/{name} ({})", shown())),
                true => {}
            }
            seen.insert(name);
        }
    }
    let cpu = child(domain, &["cpu"]).filter(|_| has_registers_of_igvm);
    let features = cpu.into_iter().flat_map(|cpu| children(cpu, "feature"));
    let loud = features.filter(|one| !one.attribute("name").is_some_and(is_quiet_feature));
    texts.extend(loud.map(|one| format!("domain/cpu/feature ({})", bounded(as_written(one)))));
    texts.sort();
    texts.dedup();
    for found in texts {
        let text = format!("{found} was not looked at, and may change what is measured");
        let settled_by = "the command line of the running QEMU, imported in place of the domain";
        import.unknown(None, "the domain", text.clone(), settled_by);
        import.warn(codes::UNREAD_SETTING, text);
    }
}
