//! `-cpu`: the model, what replaces parts of its signature, and which of its properties move nothing.
//!
//! Defined by [QEMU, x86_cpu_parse_featurestr]. Of a vCPU's properties only family, model and stepping reach its registers at
//! reset, as RDX. Switches (`+x`, `-x`, `x=on`, a name alone) stand for features of CPUID and for behaviour. Registers of an IGVM
//! file lose the bits whose features the vCPU lacks, and which it has is taken from its model alone: so there a switch counts, and
//! so does a signature that is not the model's own.

use sev_launch_abi::{CpuSignature, Technology};

use super::super::{Import, Source, found};
use super::options::Options;
use super::table::is_listed;
use crate::axes::Cpu;
use crate::error::Error;

/// Properties with values that move nothing. [QEMU, x86_cpu_properties, x86_cpu_initfn]
const QUIET: &str = "vendor model-id tsc-frequency tsc-freq hv-spinlocks hv-vendor-id hv-version-id-* hv-no-nonarch-coresharing \
     hv-limit-vp-index lbr-fmt ucode-rev tcg-cpuid node-id socket-id die-id module-id core-id thread-id apic-id l3-cache";

/// Those that move nothing at reset, and decide which registers of an IGVM file KVM takes: what CPUID has, and how wide addresses are.
const QUIET_AT_RESET: &str = "level min-level xlevel min-xlevel xlevel2 min-xlevel2 level-func7 min-level-func7 phys-bits \
     guest-phys-bits host-phys-bits-limit avx10-version";

/// Switches that move nothing of an IGVM file's registers either. They stand for no bit of CR4, EFER or XCR0, and switch off no
/// feature that does. [QEMU, x86_cpu_properties, feature_word_info, feature_dependencies, cpu_x86_update_cr4]
const QUIET_SWITCHES: &str = "kvm kvm-* kvmclock kvmclock-stable-bit hv-* hypervisor check enforce migratable pmu host-phys-bits \
     host-cache-info legacy-cache l3-cache cpuid-0xb topoext cmp-legacy x2apic tsc-deadline tsc-adjust invtsc rdtscp arch-capabilities \
     spec-ctrl stibp ssbd virt-ssbd amd-ssbd amd-stibp amd-no-ssb ibrs ibpb rdctl-no skip-l1dfl-vmentry mds-no pschange-mc-no \
     svm npt lbrv nrip-save tsc-scale vmcb-clean flushbyasid pause-filter pfthreshold v-vmsave-vmload vgif vnmi svme-addr-chk \
     perfctr-core clzero wbnoinvd succor overflow-recov rdpid fsrm erms aes monitor";

/// The model where none is given. [QEMU, TARGET_DEFAULT_CPU_TYPE]
pub(super) const DEFAULT: &str = "qemu64";

impl Import {
    /// Says the CPUs' signature, or that it is not known.
    pub(super) fn read_cpu(
        &mut self,
        text: Option<&str>,
        technology: Technology,
        source: Source<'_>,
    ) -> Result<(), Error> {
        let Some(text) = text else {
            self.default_cpu(DEFAULT, "QEMU's model without -cpu");
            return Ok(());
        };
        let wrong = |message: String| source.value("-cpu", message);
        let (model, options) = parts(text).map_err(wrong)?;
        let read = |key: &str| match options.number(key).map_err(wrong)? {
            Some(number) => match u32::try_from(number) {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(wrong(format!("{key}: {number} does not fit"))),
            },
            None => Ok(None),
        };
        let (family, number, stepping) = (read("family")?, read("model")?, read("stepping")?);
        let of_name = Cpu::of_model(model).ok();
        let base = of_name.as_ref().map(|cpu| cpu.signature.parts());
        let parts = (
            family.or(base.map(|(family, _, _)| family)),
            number.or(base.map(|(_, model, _)| model)),
            stepping.or(base.map(|(_, _, stepping)| stepping)),
        );
        let overridden = family.is_some() || number.is_some() || stepping.is_some();
        let cpu = match (of_name, parts) {
            (Some(cpu), _) if !overridden => Some(cpu),
            (_, (Some(family), Some(model), Some(stepping))) => {
                let signature = CpuSignature::from_parts(family, model, stepping);
                Some(Cpu::from(signature.map_err(|error| wrong(error.to_string()))?))
            }
            _ => None,
        };
        match cpu {
            Some(cpu) => self.description.cpus = found(vec![cpu], "-cpu"),
            None if technology == Technology::Sev => {}
            // A model whose signature is the host's, or not known.
            None => {
                let why = match model {
                    "host" | "max" => "the host's own signature is measured",
                    _ => "no model by that name is known",
                };
                self.unknown_cpu(format!("-cpu {model}"), why);
            }
        }
        Ok(())
    }
}

/// The model, and its properties with dashes in their names; a switch is `on` or `off`.
fn parts(text: &str) -> Result<(&str, Options), String> {
    let mut parts = text.split(',');
    let model = parts.next().unwrap_or_default();
    let mut options = Options::default();
    for part in parts.filter(|part| !part.is_empty()) {
        let (key, value) = match (part.strip_prefix('+'), part.strip_prefix('-')) {
            (Some(name), _) => (name, "on"),
            (_, Some(name)) => (name, "off"),
            _ => part.split_once('=').unwrap_or((part, "on")),
        };
        options.set(key, value)?;
    }
    Ok((model, options.dashed()))
}

/// Does a property move nothing, of an IGVM file's registers or of those at reset?
pub(super) fn is_quiet(key: &str, value: &str, is_igvm: bool) -> bool {
    let is_switch = matches!(
        value,
        "on" | "off" | "yes" | "no" | "true" | "false" | "y" | "n" | "auto" | "force"
    );
    is_listed(QUIET, key)
        || !is_igvm && is_listed(QUIET_AT_RESET, key)
        || is_switch && (!is_igvm || is_listed(QUIET_SWITCHES, key))
}

/// The properties that are neither read nor known to move nothing.
pub(super) fn unread(text: &str, is_igvm: bool) -> Vec<String> {
    let Ok((_, options)) = parts(text) else { return Vec::new() };
    unread_of("-cpu", &options, is_igvm)
}

/// The same of a vCPU's properties wherever they stand, with dashes in their names.
pub(super) fn unread_of(place: &str, options: &Options, is_igvm: bool) -> Vec<String> {
    // Beside an IGVM file they say RDX, and not which bits of CR4 the model has.
    let is_read = |key: &str| !is_igvm && matches!(key, "family" | "model" | "stepping");
    let is_unread = |key: &str, value: &str| !is_read(key) && !is_quiet(key, value, is_igvm);
    let unread = options.pairs().filter(|(key, value)| is_unread(key, value));
    unread.map(|(key, value)| format!("{place} {key}={value}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_and_their_values_are_told_apart() {
        let (model, options) =
            parts("EPYC-v4,+x2apic,-svm,kvm_pv_eoi=on,node,stepping=2,").unwrap();
        assert_eq!(model, "EPYC-v4");
        let pairs: Vec<_> = options.pairs().collect();
        let wanted = [
            ("x2apic", "on"),
            ("svm", "off"),
            ("kvm-pv-eoi", "on"),
            ("node", "on"),
            ("stepping", "2"),
        ];
        assert_eq!(pairs, wanted);
        assert!(
            unread("host,phys-bits=48,hv_vendor_id=KVMKVMKVM,family=25,-umip", false).is_empty()
        );
        assert_eq!(unread("host,reset-vector=7", false), ["-cpu reset-vector=7"]);
    }
}
