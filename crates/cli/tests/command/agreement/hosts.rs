//! Hosts by what is known of them, each with the launch profile that its guests have.
//!
//! From Linux (d1f85fbe836e, 5abf6dceb066, 4f5defae7089, eb4441864e03 and the SNP host series of 6.11), QEMU
//! (`sev_kvm_type`), libkrun (a7d2caa0, 02ebc454, 2ecba0f5), Google's gce-tcb-verifier and AMD's own kernels. Nothing of it is
//! taken from our table of profiles.

use super::choice::Choice;
use super::value::{Key, Value, text};

/// Hosts whose guests have one profile, whichever kernel and VMM of the lists they run.
pub(super) struct Hosts {
    pub(super) profile: &'static str,
    kernels: &'static [&'static str],
    vmms: &'static [&'static str],
    more: &'static [(&'static str, &'static str)],
}

const OLD_QEMUS: &[&str] = &["qemu 7.2.22", "qemu 8.2", "8.0.4", "qemu 9.0.1"];
const QEMUS: &[&str] = &[
    "qemu 9.1",
    "qemu 9.2.0",
    "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)",
    "qemu 10.1",
    "10.2.2",
    "qemu 11.1.3",
];

const fn hosts(
    profile: &'static str,
    kernels: &'static [&'static str],
    vmms: &'static [&'static str],
    more: &'static [(&'static str, &'static str)],
) -> Hosts {
    Hosts { profile, kernels, vmms, more }
}

/// Every host that is known well enough.
pub(super) const HOSTS: [Hosts; 22] = [
    hosts("es-legacy", &["5.11", "5.15.0", "6.1.0-18-amd64", "6.5.3"], OLD_QEMUS, &[]),
    hosts("es-legacy", &["6.6.24", "6.7.12", "6.8", "6.9.1", "6.10", "7.3.4"], QEMUS, &[]),
    hosts("es-legacy", &["6.6.10", "6.7.0", "6.8"], OLD_QEMUS, &[("debug_swap", "off")]),
    hosts("es-legacy", &["6.6.23", "6.7.11"], QEMUS, &[("cpu", "Rome")]),
    hosts("es-legacy", &["6.12"], QEMUS, &[("legacy_vm_type", "on"), ("cpu", "Genoa")]),
    hosts("es-legacy-debugswap", &["6.6.0", "6.6.23", "6.7.11"], QEMUS, &[("cpu", "Milan")]),
    hosts(
        "es-legacy-debugswap",
        &["6.8", "6.9"],
        OLD_QEMUS,
        &[("debug_swap", "on"), ("cpu", "Turin")],
    ),
    hosts("es-init2", &["6.10.2", "6.12", "7.0"], QEMUS, &[("legacy_vm_type", "off")]),
    hosts("snp-qemu", &["6.11", "6.12.107", "7.3.4"], QEMUS, &[]),
    hosts("snp-amdese-old", &["5.19.0", "6.5"], OLD_QEMUS, &[]),
    hosts("snp-amdese-old", &["6.6", "6.8"], OLD_QEMUS, &[("debug_swap", "off")]),
    hosts("snp-amdese-6.6", &["6.6", "6.8"], OLD_QEMUS, &[("cpu", "Milan")]),
    hosts("snp-amdese-6.9", &["6.9", "6.10"], OLD_QEMUS, &[]),
    hosts("snp-gce", &[], &["gce"], &[("cpu", "Milan")]),
    hosts("snp-gce-genoa", &[], &["GCE"], &[("cpu", "EPYC-Genoa")]),
    hosts("snp-svsm-legacy", &["6.9", "6.12"], &["coconut-qemu"], &[]),
    hosts("snp-svsm-nofpu", &["6.5", "6.8.0"], &["coconut-qemu"], &[]),
    hosts("es-krun-sevctl", &["5.15", "6.1"], &["libkrun 0.1.8", "libkrun 1.2"], &[]),
    hosts("es-krun-1.4", &["6.1", "6.10"], &["libkrun 1.4.1", "libkrun 1.9"], &[]),
    hosts("snp-krun-1.4", &["6.9", "6.12"], &["libkrun 1.4.1", "libkrun 1.15.1"], &[]),
    hosts("snp-krun-1.4-amdese", &["6.5", "6.8"], &["libkrun 1.4.1", "libkrun 1.9"], &[]),
    hosts("snp-krun-reset", &["6.11", "6.12.3"], &["libkrun 1.16", "libkrun 1.17.2"], &[]),
];

/// A QEMU: its version as a description says it, and whether CPUs that are added late keep the first one's registers there,
/// which they do from 10.1 on (QEMU, 4c7f0976b0d2).
pub(super) fn qemu(choice: &mut Choice) -> (Key, bool) {
    let vmm = choice.of(&[OLD_QEMUS, QEMUS].concat());
    (("host.vmm", text(vmm)), keeps_first(vmm))
}

fn keeps_first(vmm: &str) -> bool {
    ["qemu 10.1", "10.2.2", "qemu 11.1.3"].contains(&vmm)
}

impl Hosts {
    /// What is said of one of them, and whether CPUs that are added late keep the first one's registers.
    pub(super) fn one(&self, choice: &mut Choice) -> (Vec<Key>, bool) {
        let vmm = choice.of(self.vmms);
        let mut keys = vec![("host.vmm", text(vmm))];
        if !self.kernels.is_empty() {
            keys.push(("host.kernel", text(choice.of(self.kernels))));
        }
        keys.extend(self.more.iter().map(|(key, value)| match *key {
            "cpu" => ("host.cpu", text(*value)),
            "debug_swap" => ("host.debug_swap", Value::Switch(*value == "on")),
            _ => ("host.legacy_vm_type", Value::Switch(*value == "on")),
        }));
        (keys, keeps_first(vmm))
    }
}
