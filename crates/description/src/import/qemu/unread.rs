//! What of a command line is neither read nor known to move nothing: each such option, key, device and setting is unknown, and
//! its user settles it by naming it harmless.

use std::collections::BTreeSet;

use sev_launch_abi::Technology;

use super::super::{Import, Source, bounded, codes};
use super::arguments::Arguments;
use super::igvm;
use super::late::{self, is_cpu};
use super::options::Options;
use super::table::is_listed;
use crate::error::Error;

/// Keys of the machine's that are read, or that move nothing: devices, tables and how memory is backed. [QEMU, machine_class_init,
/// x86_machine_class_init, pc_machine_class_init]
const MACHINE: &str = "type accel kernel initrd append dtb shim firmware pflash0 pflash1 confidential-guest-support memory-encryption \
     igvm-cfg acpi usb vmport hpet pit pic sata smbus smm i8042 fd-bootchk graphics nvdimm nvdimm-persistence hmat spcr iommu \
     kernel-irqchip kvm-shadow-mem dump-guest-core mem-merge memory-backend memory.* aux-ram-share suppress-vmdesc boot.* \
     enforce-config-section default-bus-bypass-iommu bus-lock-ratelimit x-oem-id x-oem-table-id oem-id oem-table-id max-ram-below-4g \
     max-fw-size pcspk-audiodev aes-key-wrap dea-key-wrap cxl cxl-fmw.* sgx-epc.* smp-cache.* audiodev phandle-start dt-compatible";
/// Keys of `-smp`, or `-machine smp.…`: all are read. [QEMU, machine_parse_smp_config]
const SMP: &str = "cpus maxcpus drawers books sockets dies clusters modules cores threads";
/// Keys of KVM's accelerator: none moves what is measured. [QEMU, kvm_accel_class_init, kvm_arch_accel_class_init]
const ACCEL: &str = "accel kernel-irqchip kvm-shadow-mem dirty-ring-size notify-vmexit notify-window device honor-guest-pat rapl \
     rapl-helper-socket eager-split-size thread tb-size split-wx one-insn-per-tb igd-passthru";
/// Keys of both SEV objects. [QEMU, sev_common_class_init]
const SEV_COMMON: &str = "qom-type id sev-device cbitpos reduced-phys-bits kernel-hashes policy debug-swap secure-avic secure-tsc";
/// Keys of a SEV object. [QEMU, sev_guest_class_init]
const SEV: &str = "dh-cert-file session-file handle legacy-vm-type";
/// Keys of an SNP object, in the spellings of AMD's forks too. [QEMU, sev_snp_guest_class_init]
const SNP: &str = "guest-visible-workarounds id-block id-auth author-key-enabled auth-key-enabled vcek-disabled vcek-required host-data \
     tsc-frequency discard";
/// Keys of the object of an IGVM file. [QEMU, igvm_cfg_class_init]
const IGVM: &str = "qom-type id file";
/// Kinds of objects that move nothing: what devices and monitors stand on.
const OBJECTS: &str = "memory-backend-* secret secret_keyring tls-creds-* tls-cipher-suites iothread main-loop thread-context rng-* \
     throttle-group authz-* can-bus can-host-socketcan colo-compare cryptodev-* dbus-vmstate event-loop-base filter-* input-barrier \
     input-linux pr-manager-helper sgx-epc x-remote-object x-vfio-user-server iommufd acpi-generic-initiator \
     acpi-generic-port";
/// Devices that write to guest memory what stands in no other option. [QEMU, hw/core/loader.c]
const WRITERS: &str = "loader guest-loader";
/// Drivers of `-global` that are devices and hold nothing that is measured.
const DRIVERS: &str = "migration kvm-apic apic hyperv* vmbus* acpi-* PIIX3 pci-* pcie-* dmi-to-pci-bridge x3130-upstream xio3130-downstream \
     cxl-* virtserialport virtconsole megasas* mptsas* lsi* pvscsi am53c974 dc390 sdhci* emmc ufs* e1000 igb* pcnet tulip rocker edu \
     ES1370 gus cs4231a adlib ipmi* smbus* ccid* u2f* i6300esb ib700 AMDVI-PCI kvm-pit kvm-i8259 kvm-ioapic kvmclock ICH9-LPC PIIX4_PM mc146818rtc hpet q35-pcihost i440FX-pcihost mch \
     fw_cfg_io fw_cfg isa-* ide-* ahci ich9-* scsi-* usb-* nec-usb-xhci qemu-xhci piix3-* piix4-* pcie-root-port pcie-pci-bridge \
     pci-bridge pxb* ioh3420 vfio-* virtio-* vhost-* nvme* qxl* VGA cirrus-vga vmware-svga bochs-display ramfb secondary-vga e1000* \
     rtl8139 vmxnet3 ne2k_* i82* pvpanic* ivshmem* vmgenid vmcoreinfo tpm-* intel-iommu amd-iommu intel-hda hda-* AC97 sb16 pcspk \
     port92 i8042 vmport vmmouse floppy sd-card nvdimm pc-dimm";

impl Import {
    /// Names what was not read, so that no digest is made as if it were not there.
    ///
    /// Errors: a name that stands twice, as QEMU refuses it.
    pub(super) fn name_unread(
        &mut self,
        arguments: &Arguments,
        technology: Technology,
        source: Source<'_>,
    ) -> Result<(), Error> {
        if let Some((what, name)) = arguments.duplicate() {
            return source.error(format!("two {what} are called {name:?}: QEMU refuses them"));
        }
        let mut texts: BTreeSet<String> = arguments.unread.clone();
        if technology == Technology::Snp {
            texts.extend(arguments.unread_of_snp.iter().cloned());
        }
        let mut keys = |option: &str, options: &Options, known: &[&str]| {
            let is_known = |key: &str| known.iter().any(|list| is_listed(list, key));
            let unread = options.pairs().filter(|(key, _)| !is_known(key));
            texts.extend(unread.map(|(key, value)| format!("{option} {key}={value}")));
        };
        keys("-machine", &arguments.machine_without_smp(), &[MACHINE]);
        keys("-smp", &arguments.smp(), &[SMP]);
        for accelerator in &arguments.accelerators {
            keys("-accel", accelerator, &[ACCEL]);
        }
        let used = arguments.machine.any(&["confidential-guest-support", "memory-encryption"]);
        for object in &arguments.objects {
            let (kind, id) = (object.value("qom-type").unwrap_or_default(), object.value("id"));
            match kind {
                "sev-guest" if id == used => keys("-object sev-guest", object, &[SEV_COMMON, SEV]),
                "sev-snp-guest" if id == used => {
                    keys("-object sev-snp-guest", object, &[SEV_COMMON, SNP]);
                }
                _ => {}
            }
            if kind == igvm::KIND && id == arguments.machine.value(igvm::KIND) {
                keys("-object igvm-cfg", object, &[IGVM]);
            }
        }
        texts.extend(objects(arguments, used));
        let machine = arguments.machine.value("type").map(without_pve);
        if let Some(machine) = machine.filter(|name| !is_pc(name)) {
            texts.insert(format!("-machine {machine} is neither of the pc nor of the q35 kind"));
        }
        texts.extend(arguments.devices.iter().filter_map(writer));
        let is_igvm = igvm::is_named(arguments);
        for setting in &arguments.globals {
            match global(setting, is_igvm) {
                Global::Quiet => {}
                // No vCPU's registers are measured.
                Global::Signature | Global::Vcpu if technology == Technology::Sev => {}
                Global::Signature => {
                    self.description.cpus = None;
                    let place = format!("-global {setting}");
                    self.unknown_cpu(place, "it sets a part of the vCPUs' signature");
                    // The signature does not say then which bits of CR4 the model has.
                    if is_igvm {
                        texts.insert(format!("-global {setting}"));
                    }
                }
                Global::Vcpu | Global::Anything => {
                    texts.insert(format!("-global {setting}"));
                }
            }
        }
        let vcpus = ids_of_vcpus(arguments);
        let set = arguments.settings.iter().filter(|setting| !is_quiet_set(setting, &vcpus));
        texts.extend(set.map(|setting| format!("-set {setting}")));
        if technology != Technology::Sev {
            texts.extend(arguments.cpu.iter().flat_map(|cpu| super::cpu::unread(cpu, is_igvm)));
            texts.extend(late::vcpus(arguments).flat_map(|vcpu| late::unread(vcpu, is_igvm)));
        }
        self.name_texts(texts, arguments);
        Ok(())
    }

    fn name_texts(&mut self, texts: BTreeSet<String>, arguments: &Arguments) {
        for setting in texts {
            let setting = bounded(&setting);
            let text = format!("{setting} was not looked at, and may change what is measured");
            let settled_by = "whether it moves the firmware, the kernel, a vCPU or the SEV object";
            self.unknown(None, "the arguments", text.clone(), settled_by);
            self.warn(codes::UNREAD_SETTING, text);
        }
        for file in &arguments.config_files {
            let text =
                format!("-readconfig {file} was not read, and its options may change the launch");
            let settled_by = "the file's options as QEMU's own";
            self.unknown(None, "-readconfig", text.clone(), settled_by);
            self.warn(codes::CONFIG_FILE, text);
        }
    }
}

/// Does nothing of a command line's part have a say in the launch, which is one from an IGVM file or not?
pub(super) fn is_quiet(arguments: &Arguments, is_igvm: bool) -> bool {
    let Arguments {
        machine,
        append,
        cpu,
        flashes,
        accelerators,
        config_files,
        unread,
        unread_of_snp,
        stray,
        ..
    } = arguments;
    let is_none = |options: &Options| options.pairs().next().is_none();
    let vcpus = ids_of_vcpus(arguments);
    is_none(machine)
        && append.is_none()
        && cpu.is_none()
        && [flashes, accelerators].iter().all(|list| list.is_empty())
        && [config_files, stray].iter().all(|list| list.is_empty())
        && [unread, unread_of_snp].iter().all(|texts| texts.is_empty())
        && objects(arguments, None).next().is_none()
        && late::vcpus(arguments).next().is_none()
        && !arguments.devices.iter().any(|device| writer(device).is_some())
        && arguments.globals.iter().all(|setting| matches!(global(setting, is_igvm), Global::Quiet))
        && arguments.settings.iter().all(|setting| is_quiet_set(setting, &vcpus))
}

/// Objects that can move something: those of kinds that are not known, and a second SEV object, which is likely a slip.
fn objects<'a>(
    arguments: &'a Arguments,
    used: Option<&'a str>,
) -> impl Iterator<Item = String> + 'a {
    arguments.objects.iter().filter_map(move |object| {
        let (kind, id) = (object.value("qom-type").unwrap_or_default(), object.value("id"));
        let is_igvm =
            kind == igvm::KIND && id.is_some() && id == arguments.machine.value(igvm::KIND);
        let is_quiet = is_listed(OBJECTS, kind) || used.is_some() && id == used || is_igvm;
        let keys = object.pairs().filter(|(key, _)| *key != "qom-type");
        let keys = || keys.map(|(key, value)| format!(",{key}={value}")).collect::<String>();
        (!is_quiet).then(|| format!("-object {kind}{}", keys()))
    })
}

/// A machine on which kernels and firmware are loaded as they are read here: QEMU's own names, and those of distributions.
pub(in crate::import) fn is_pc(name: &str) -> bool {
    name == "pc" || name == "ubuntu" || name.starts_with("pc-") || name.contains("q35")
}

/// A machine's name without the level of compatibility that Proxmox VE's QEMU takes behind it: `pc-q35-9.2+pve1`. It is about devices
/// and their migration. [Proxmox VE, QemuServer/Machine.pm]
pub(in crate::import) fn without_pve(name: &str) -> &str {
    let is_level =
        |level: &str| !level.is_empty() && level.bytes().all(|byte| byte.is_ascii_digit());
    match name.split_once("+pve") {
        Some((name, level)) if is_level(level) => name,
        _ => name,
    }
}

/// A device that is itself no vCPU and yet writes to guest memory.
fn writer(device: &Options) -> Option<String> {
    let driver = device.value("driver").filter(|driver| is_listed(WRITERS, driver))?;
    let keys: Vec<_> = device.pairs().filter(|(key, _)| *key != "driver").collect();
    let keys: String = keys.iter().map(|(key, value)| format!(",{key}={value}")).collect();
    Some(format!("-device {driver}{keys}"))
}

/// What a `-global` moves.
enum Global {
    Quiet,
    Signature,
    /// A property of vCPUs that is not known to move nothing.
    Vcpu,
    Anything,
}

/// Reads `driver.property=value`, or its long form. [QEMU, qemu_global_option]
fn global(setting: &str, is_igvm: bool) -> Global {
    let long = Options::parse(setting, None).ok();
    let long = long.filter(|long| long.value("driver").is_some());
    let short = || {
        let (name, value) = setting.split_once('=')?;
        let (driver, property) = name.split_once('.')?;
        Some((driver.to_owned(), property.to_owned(), value.to_owned()))
    };
    let part = |long: &Options, key: &str| long.value(key).unwrap_or_default().to_owned();
    let parts = match &long {
        Some(long) => Some((part(long, "driver"), part(long, "property"), part(long, "value"))),
        None => short(),
    };
    match parts {
        Some((driver, property, value)) if is_cpu(&driver) => {
            let property = property.replace('_', "-");
            match property.as_str() {
                "family" | "model" | "stepping" => Global::Signature,
                _ if super::cpu::is_quiet(&property, &value, is_igvm) => Global::Quiet,
                _ => Global::Vcpu,
            }
        }
        // Who may write the flash, which changes no byte of it. Other properties of flash are its place and size.
        Some((driver, property, _)) if driver == "cfi.pflash01" && property == "secure" => {
            Global::Quiet
        }
        Some((driver, ..)) if is_listed(DRIVERS, &driver) => Global::Quiet,
        _ => Global::Anything,
    }
}

/// `-set device.ID.KEY=VALUE` changes a device that `-device` has made: quiet where that is no vCPU and does not become one.
/// [QEMU, qemu_set_option]
fn is_quiet_set(setting: &str, vcpus: &BTreeSet<&str>) -> bool {
    let name = setting.split('=').next().unwrap_or_default();
    let Some((id, key)) = name.strip_prefix("device.").and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    key != "driver" && !vcpus.contains(id)
}

/// The names of the vCPUs that `-device` makes.
fn ids_of_vcpus(arguments: &Arguments) -> BTreeSet<&str> {
    late::vcpus(arguments).filter_map(|device| device.value("id")).collect()
}
