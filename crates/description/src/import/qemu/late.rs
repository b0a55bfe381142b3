//! vCPUs of `-device`: how many, and which of their keys are neither read nor known to move nothing.

use sev_launch_abi::Technology;
use sev_launch_abi::reader::wide;

use super::super::{Import, Source, found, vcpu_count};
use super::arguments::Arguments;
use super::options::Options;
use super::{cpu, is_listed};
use crate::axes::VcpuCounts;
use crate::error::Error;

/// What every device has beside its properties: its driver, name and place. [QEMU, qdev_device_add_from_qdict]
const DEVICE: &str = "driver id bus";

/// Is it the driver of a vCPU?
pub(super) fn is_cpu(driver: &str) -> bool {
    driver == "cpu" || driver.ends_with("-cpu")
}

/// Those of a command line's devices that are vCPUs.
pub(super) fn vcpus(arguments: &Arguments) -> impl Iterator<Item = &Options> {
    let is_vcpu = |device: &&Options| device.value("driver").is_some_and(is_cpu);
    arguments.devices.iter().filter(is_vcpu)
}

/// A vCPU's properties that are neither read nor known to move nothing, as of `-cpu`.
pub(super) fn unread(device: &Options, is_igvm: bool) -> impl Iterator<Item = String> {
    let driver = device.value("driver").unwrap_or_default();
    let properties = device.clone().without(|key| is_listed(DEVICE, key));
    cpu::unread_of(&format!("-device {driver}"), &properties.dashed(), is_igvm).into_iter()
}

impl Import {
    /// QEMU makes them after those of `-smp` and before it measures, in each technology. What they start from depends on its
    /// version, which is asked for where a digest is made. [QEMU, qemu_create_cli_devices, sev_es_set_ap_context]
    ///
    /// An error, as QEMU's, for one of another model than `-cpu` names.
    pub(super) fn read_late_vcpus(
        &mut self,
        arguments: &Arguments,
        technology: Technology,
        source: Source<'_>,
    ) -> Result<(), Error> {
        for device in vcpus(arguments) {
            check_model(device, arguments, source)?;
            let own = device.clone().dashed();
            if technology != Technology::Sev && own.any(&["family", "model", "stepping"]).is_some()
            {
                self.description.cpus = None;
                let driver = device.value("driver").unwrap_or_default();
                self.unknown(
                    "signature",
                    format!("-device {driver}"),
                    "it gives this vCPU a part of a signature of its own, and each vCPU's is measured",
                    "the signature, where all vCPUs have the same; other launches have no digest here",
                );
            }
        }
        let late = vcpus(arguments).count();
        let Some(own) = self.description.vcpus.as_ref().filter(|_| late > 0) else {
            return Ok(());
        };
        let own = own.value.counts().first();
        let count = own.and_then(|own| vcpu_count(wide(late) + u64::from(own.number())));
        let Some(count) = count else {
            let text = format!("{late} vCPUs are more than any host starts");
            return Err(source.value("-device", text));
        };
        self.description.vcpus = found(VcpuCounts::one(count), "-smp and -device");
        self.description.late_vcpus = found(wide(late), "-device");
        Ok(())
    }
}

/// QEMU plugs vCPUs of the machine's own model alone; `host` is a kind of `max`. [QEMU, x86_cpu_pre_plug, host_cpu_type_info]
fn check_model(device: &Options, arguments: &Arguments, source: Source<'_>) -> Result<(), Error> {
    let driver = device.value("driver").unwrap_or_default();
    // What a shell puts in is said to be unknown elsewhere.
    let is_open = arguments.expansions.first.is_some() && driver.contains(['$', '`']);
    if is_open || arguments.expansions.of_keys.iter().any(|(key, ..)| *key == "signature") {
        return Ok(());
    }
    let cpu = arguments.cpu.as_deref().unwrap_or(cpu::DEFAULT);
    let model = cpu.split(',').next().unwrap_or_default();
    let is_of = |model: &str| {
        let suffix = driver.strip_prefix(model);
        suffix.is_some_and(|suffix| matches!(suffix, "-x86_64-cpu" | "-i386-cpu"))
    };
    if is_of(model) || model == "max" && is_of("host") {
        return Ok(());
    }
    let text = format!(
        "{driver} is no vCPU of -cpu's model, {model}: QEMU refuses it (\"Invalid CPU type, expected cpu type: \
         '{model}-x86_64-cpu'\")"
    );
    Err(source.value("-device", text))
}
