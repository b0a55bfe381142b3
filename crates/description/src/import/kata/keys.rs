//! What of a configuration is neither read nor known to move nothing: each such key is unknown, and its user settles it by naming it
//! harmless.

use toml::Value;

use super::super::qemu::is_listed;
use super::super::{Import, bounded};
use super::{Settings, TABLE};

/// Keys of `[hypervisor.qemu]` that are read.
const READ: &str = "kernel image initrd firmware firmware_volume cpu_features kernel_params kernel_verity_params machine_type \
     block_device_driver rootfs_type vm_rootfs_driver default_vcpus default_maxvcpus overhead_vcpus confidential_guest sev_snp_guest \
     sev_guest_policy snp_guest_policy snp_id_block snp_id_auth guest_pre_attestation guest_pre_attestation_kbs_uri \
     guest_pre_attestation_kbs_mode enable_iommu enable_debug use_legacy_serial disable_guest_selinux guest_extension_images initdata \
     factory";
/// Keys that move nothing: devices, files, memory, the host's own affairs, other technologies. [Kata, hypervisor of config.go and
/// of kata-types; configuration-qemu-snp.toml, configuration-qemu-snp-runtime-rs.toml of 3.2 to 4.1]
const QUIET: &str = "path jailer_path ctlpath entropy_source shared_fs virtio_fs_daemon virtio_fs_cache virtio_fs_cache_size \
     virtio_fs_queue_size virtio_fs_extra_args vhost_user_store_path file_mem_backend guest_hook_path guest_memory_dump_path \
     guest_memory_dump_paging seccompsandbox seccomp_sandbox valid_* enable_annotations rx_rate_limiter_max_rate \
     tx_rate_limiter_max_rate memory_offset disk_rate_limiter_* net_rate_limiter_* default_memory default_maxmemory overhead_memory \
     memory_slots default_bridges msize_9p pcie_root_port pcie_switch_port block_device_aio block_device_cache_set \
     block_device_cache_direct block_device_cache_noflush block_device_logical_sector_size block_device_physical_sector_size \
     enable_vhost_user_store vhost_user_reconnect_timeout_sec disable_block_device_use enable_mem_prealloc enable_hugepages \
     enable_virtio_mem enable_iommu_platform disable_nesting_checks enable_iothreads indep_iothreads disable_image_nvdimm \
     hotplug_vfio_on_root_bus hot_plug_vfio cold_plug_vfio disable_vhost_net enable_guest_swap rootless disable_seccomp \
     disable_selinux reclaim_guest_freed_memory network_queues extra_monitor_socket \
     tdx_quote_generation_service_socket_port sev_cert_chain guest_pre_attestation_keyset";
/// Keys that move nothing where they say nothing: what they add to QEMU's options is not read.
const EMPTY: &str = "machine_accelerators pflashes enable_numa numa_mapping";
/// Keys of `[runtime]`: of them the sandbox's sizing is read, and which runtime it is.
const RUNTIME: &str = "static_sandbox_resource_mgmt name hypervisor_name agent_name internetworking_model jaeger_* vfio_mode \
     sandbox_bind_mounts experimental enable_debug enable_tracing disable_new_netns disable_guest_seccomp sandbox_cgroup_only \
     enable_pprof disable_guest_empty_dir emptydir_mode create_container_timeout dan_conf enable_vcpus_pinning guest_selinux_label \
     kubelet_root_dir pod_resource_api_sock experimental_force_guest_pull shared_mounts keep_abnormal use_passfd_io \
     passfd_listener_port log_level";
/// Keys of `[factory]`, which in newer releases stands within the hypervisor's table.
const FACTORY: &str = "template_path vm_cache_endpoint";
/// Those that take a guest from a template, and move nothing where they are off.
const FACTORY_EMPTY: &str = "enable_template vm_cache_number";

/// Does a value say nothing?
pub(super) fn is_neutral(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Integer(number) => *number == 0,
        Value::Float(number) => *number == 0.0,
        Value::Boolean(on) => !on,
        Value::Array(list) => list.is_empty(),
        Value::Table(table) => table.is_empty(),
        Value::Datetime(_) => false,
    }
}

impl Settings<'_> {
    /// Names the keys that were not read, so that no digest is made as if they were not there.
    pub(super) fn name_unread(&self, import: &mut Import) {
        let top = |name: &str| self.file.get(name).and_then(Value::as_table);
        let inner = self.table().and_then(|table| table.get("factory")).and_then(Value::as_table);
        for (place, table, quiet, empty) in [
            (TABLE, self.table(), [READ, QUIET].as_slice(), EMPTY),
            ("hypervisor.qemu.factory", inner, &[FACTORY], FACTORY_EMPTY),
            ("factory", top("factory"), &[FACTORY], FACTORY_EMPTY),
            ("runtime", top("runtime"), &[RUNTIME], ""),
        ] {
            let is_known = |key: &str, value: &Value| {
                quiet.iter().any(|list| is_listed(list, key))
                    || is_listed(empty, key) && is_neutral(value)
            };
            let unread = table.into_iter().flatten().filter(|(key, value)| !is_known(key, value));
            for (key, value) in unread {
                let shown = bounded(&format!("{place}.{key} = {value}"));
                let text = format!("{shown} was not read, and may change what is measured");
                import.unknown(
                    None,
                    self.place(&format!("{place}.{key}")),
                    text,
                    "what the runtime makes of it",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_in_two_lists() {
        let lists = [READ, QUIET, EMPTY].map(|list| list.split_whitespace().collect::<Vec<_>>());
        let all: Vec<_> = lists.concat();
        for (index, key) in all.iter().enumerate() {
            assert!(!all[..index].contains(key), "{key}");
        }
        for (value, expected) in [
            (Value::String(String::new()), true),
            (Value::String("x".into()), false),
            (Value::Integer(0), true),
            (Value::Boolean(true), false),
            (Value::Array(vec![]), true),
            (Value::Table(toml::Table::new()), true),
        ] {
            assert_eq!(is_neutral(&value), expected, "{value}");
        }
    }
}
