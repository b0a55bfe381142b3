//! Properties that Nova's drivers read, and that are neither read here nor known to move nothing.
//!
//! Defined by [Nova, extra_specs validators, ImageMetaProps]: those of `hw` and `os`. Others are the owner's or the scheduler's.

use super::super::{Import, bounded, codes};
use super::properties::Properties;
use crate::import::qemu::is_listed;

/// Properties without their `hw:`, `hw_`, `os:` or `os_`; `*` stands for the rest.
const KNOWN: &str = "mem_encryption mem_encryption_model machine_type firmware_type firmware_stateless command_line \
     boot_menu cdrom_bus cpu_cores cpu_max_cores cpu_max_sockets cpu_max_threads cpu_policy cpu_realtime cpu_realtime_mask \
     cpu_dedicated_mask cpu_sockets cpu_thread_policy cpu_threads device_id disk_bus disk_type emulator_threads_policy \
     ephemeral_encryption* floppy_bus hide_hypervisor_id input_bus iothreads locked_memory maxphysaddr_* mem_page_size memory* \
     numa_* pci_numa_affinity_policy pmem pmu pointer_model qemu_guest_agent redirected_usb_ports rescue_bus rescue_device \
     rng:* rng_model scsi_model serial_port_count sound_model time_hpet tpm_* usb_model vif_model vif_multiqueue_enabled video:* \
     video_model video_ram video_vga viommu_model virtio_packed_ring vm_mode watchdog_action architecture \
     admin_user distro require_quiesce secure_boot skip_agent_inject_* type version hash_* hidden";

pub(super) fn name(import: &mut Import, properties: &Properties) {
    for (key, value, what) in properties.keys() {
        let starts = ["hw:", "hw_", "os:", "os_"];
        let Some(name) = starts.iter().find_map(|start| key.strip_prefix(start)) else { continue };
        if is_listed(KNOWN, name) {
            continue;
        }
        let shown = bounded(&format!("{what} {key}={value:?}"));
        let text = format!("{shown} was not looked at, and may change what is measured");
        let settled_by = "the command line of the running QEMU, imported in place of the server";
        import.unknown(None, "the server", text.clone(), settled_by);
        import.warn(codes::UNREAD_SETTING, text);
    }
}
