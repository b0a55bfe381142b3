//! Every option of QEMU's command line, and what it has to do with the launch.
//!
//! Defined by [QEMU, qemu-options.hx] of 7.2 to 11.1, with the options that older releases had, and `-id`, by which Proxmox VE's own
//! QEMU is told which of its guests it runs. An option that stands in no list
//! here is one of a fork or of a newer release: nobody knows what it moves, so it is unknown until its user names it harmless.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What an option has to do with the launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Its value is read.
    Read,
    /// It moves nothing that is measured.
    Nothing,
    /// It can move anything of an SNP guest, whose VMSAs are measured when its vCPUs are first let run. [QEMU, sev_vm_state_change]
    OfSnp,
    /// It can move anything, and is not looked into.
    Anything,
}

/// An option that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// Is the next word its value?
    pub takes_value: bool,
    /// What it moves.
    pub effect: Effect,
}

/// Options without a value that move nothing: they say how QEMU's own process runs, or what its windows look like.
const QUIET_FLAGS: &str = "h help version S snapshot nographic portrait no-quit no-frame full-screen alt-grab ctrl-grab curses sdl usb \
     no-acpi no-hpet no-fd-bootchk no-reboot no-shutdown nodefaults no-user-config nouserconfig daemonize singlestep one-insn-per-tb \
     only-migratable mem-prealloc enable-fips win2k-hack rtc-td-hack tdf async-teardown old-param semihosting audio-help soundhw-help \
     no-kvm-pit no-kvm-pit-reinjection enable-sync-profile perfmap jitdump virtfs_synth";

/// Options with a value that move nothing: devices and what stands behind them, what is handed to the firmware at run time, and
/// how QEMU's own process runs.
const QUIET_VALUES: &str = "boot m k audio audiodev soundhw name uuid mtdblock sd cdrom hda hdb hdc hdd fda fdb display spice vga g vnc \
     rotate smbios acpitable netdev nic net tftp bootp smb redir chardev fsdev virtfs iscsi tpmdev bt usbdevice serial \
     parallel monitor qmp qmp-pretty mon debugcon pidfile overcommit realtime d D dfilter seed hdachs rtc clock startdate icount \
     id watchdog watchdog-action action echr virtioconsole runas chroot prom-env sandbox trace run-with msg dump-vmstate add-fd compat numa \
     mem-path option-rom fw_cfg balloon semihosting-config tb-size";

/// Options that are read. [QEMU, qemu_init]
const READ_FLAGS: &str = "enable-kvm no-kvm no-kvm-irqchip";
const READ_VALUES: &str = "M machine cpu smp object blockdev drive pflash accel device global set readconfig kernel initrd append dtb shim \
     bios L";

/// Options that let a debugger write a vCPU's registers before it is first let run. [QEMU, gdbserver_start]
const SNP_FLAGS: &str = "s";
const SNP_VALUES: &str = "gdb";

/// Options that can move anything: commands before the machine is made, a guest that comes from elsewhere, code from elsewhere, and
/// other accelerators than KVM.
const LOUD_FLAGS: &str = "preconfig enable-hax xen-attach xen-domid-restrict xen-create";
const LOUD_VALUES: &str = "incoming loadvm plugin qtest qtest-log xen-domid igvm";

static OPTIONS: LazyLock<BTreeMap<&str, Known>> = LazyLock::new(|| {
    let lists = [
        (QUIET_FLAGS, false, Effect::Nothing),
        (QUIET_VALUES, true, Effect::Nothing),
        (READ_FLAGS, false, Effect::Read),
        (READ_VALUES, true, Effect::Read),
        (SNP_FLAGS, false, Effect::OfSnp),
        (SNP_VALUES, true, Effect::OfSnp),
        (LOUD_FLAGS, false, Effect::Anything),
        (LOUD_VALUES, true, Effect::Anything),
    ];
    let rows = lists.into_iter().flat_map(|(names, takes_value, effect)| {
        names.split_whitespace().map(move |name| (name, Known { takes_value, effect }))
    });
    rows.collect()
});

/// What is known of an option, by its name without dashes.
pub(super) fn find(option: &str) -> Option<Known> {
    OPTIONS.get(option).copied()
}

/// Is a key one of a list, which has a space between its entries? An entry that ends in `*` stands for every key that starts so.
pub(in crate::import) fn is_listed(list: &str, key: &str) -> bool {
    list.split(' ').any(|entry| match entry.strip_suffix('*') {
        Some(start) => key.starts_with(start),
        None => key == entry && !key.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Each option that `qemu-system-x86_64 -help` of 7.2.22 and the option table of 11.0 list, but those of other targets.
    #[test]
    fn every_option_of_qemu_s_help_stands_in_one_list() {
        const HELP: &str = "accel acpitable action add-fd append async-teardown audio audiodev bios blockdev boot cdrom chardev chroot \
            compat cpu d D daemonize debugcon device dfilter display drive dtb dump-vmstate echr enable-fips enable-kvm \
            enable-sync-profile fda fsdev full-screen fw_cfg g gdb global hda hdb hdc hdd h icount incoming initrd iscsi jitdump k \
            kernel L loadvm m M machine mem-path mem-prealloc mon monitor msg mtdblock name net netdev nic no-acpi no-fd-bootchk \
            no-hpet no-reboot no-shutdown no-user-config nodefaults nographic numa object old-param only-migratable option-rom \
            overcommit parallel perfmap pflash pidfile plugin preconfig prom-env qmp qmp-pretty qtest qtest-log readconfig rtc \
            run-with runas S s sandbox sd seed semihosting semihosting-config serial set shim smbios smp snapshot spice tpmdev trace \
            usb usbdevice uuid version vga virtfs vnc watchdog-action win2k-hack xen-attach xen-domid xen-domid-restrict";
        for name in HELP.split_whitespace() {
            assert!(find(name).is_some(), "{name}");
        }
        let lists = [
            [QUIET_FLAGS, QUIET_VALUES, READ_FLAGS, READ_VALUES],
            [SNP_FLAGS, SNP_VALUES, LOUD_FLAGS, LOUD_VALUES],
        ];
        let count: usize =
            lists.as_flattened().iter().map(|list| list.split_whitespace().count()).sum();
        assert_eq!(count, OPTIONS.len(), "an option stands twice");
        assert_eq!(find("no-such-option"), None);
    }

    #[test]
    fn a_star_stands_for_the_rest() {
        assert!(is_listed("a smp.* b", "smp.cpus") && is_listed("a b", "b"));
        assert!(!is_listed("a smp.* b", "sm") && !is_listed("a b", "ab"));
    }
}
