//! What the names of launch profiles stand for: whose launch it is, and which CPU states it measures.
//!
//! One row for each, from what the sources of QEMU, Linux and libkrun, the operators of clouds, and other tools say of it.

use super::{Layout, Vmm};

/// What is loaded before the CPU states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Loads {
    /// Firmware with its tables, and a table of kernel hashes where one is asked for.
    Firmware,
    /// Firmware below which an SVSM lies.
    Svsm,
    /// The files of libkrun.
    Krun,
}

/// A launch profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name, whose first part says the technology.
    pub name: &'static str,
    /// The CPU states.
    pub layout: Layout,
    /// `sev_features` unless others are asked for.
    pub features: u64,
    /// In which order and as what pages are loaded, in SNP.
    pub vmm: Vmm,
    /// What is loaded.
    pub loads: Loads,
}

impl Profile {
    /// Is it of SNP, and not of SEV-ES?
    #[must_use]
    pub fn is_snp(&self) -> bool {
        self.name.starts_with("snp-")
    }

    /// Is it of an unmodified QEMU, which can be given a kernel to measure, and CPUs late?
    #[must_use]
    pub fn is_qemu(&self) -> bool {
        self.vmm == Vmm::Qemu && self.loads == Loads::Firmware
    }
}

/// Every launch profile of guests that start from firmware images, or from libkrun's files.
pub const PROFILES: [Profile; 20] = [
    qemu("es-legacy", 0x0, Layout::QemuNofpu),
    qemu("es-legacy-debugswap", 0x20, Layout::QemuNofpu),
    qemu("es-init2", 0x0, Layout::QemuFpu),
    qemu("es-init2-debugswap", 0x20, Layout::QemuFpu),
    qemu("snp-qemu", 0x1, Layout::QemuFpu),
    qemu("snp-amdese-old", 0x1, Layout::QemuNofpu),
    qemu("snp-amdese-6.6", 0x21, Layout::QemuNofpu),
    qemu("snp-amdese-6.9", 0x1, Layout::QemuFpu),
    cloud("snp-ec2", Vmm::Ec2, Layout::Ec2),
    cloud("snp-ec2-rdx0", Vmm::Ec2, Layout::Ec2Rdx0),
    cloud("snp-gce", Vmm::Gce, Layout::Gce),
    cloud("snp-gce-genoa", Vmm::GceGenoa, Layout::Gce),
    svsm("snp-svsm-legacy", Layout::Svsm),
    svsm("snp-svsm-nofpu", Layout::SvsmNofpu),
    svsm("snp-svsm-ssm", Layout::SvsmFcw0),
    krun("es-krun-sevctl", 0x0, Layout::Krun01),
    krun("es-krun-1.4", 0x0, Layout::Krun14Nofpu),
    krun("snp-krun-1.4", 0x1, Layout::Krun14Fpu),
    krun("snp-krun-1.4-amdese", 0x1, Layout::Krun14Nofpu),
    krun("snp-krun-reset", 0x1, Layout::KrunReset),
];

/// Every launch profile of guests that start from IGVM files, with the CPU states of those of which the file says nothing.
pub const IGVM_PROFILES: [Profile; 7] = [
    igvm("es-igvm-legacy", 0x0, Layout::QemuNofpu),
    igvm("es-igvm-legacy-debugswap", 0x20, Layout::QemuNofpu),
    igvm("es-igvm-init2", 0x0, Layout::QemuFpu),
    igvm("es-igvm-coconut", 0x0, Layout::QemuNofpu),
    igvm("snp-igvm", 0x1, Layout::QemuFpu),
    igvm("snp-igvm-hyperv", 0x1, Layout::QemuFpu),
    igvm("snp-igvm-coconut", 0x1, Layout::QemuFpu),
];

/// The profile of a name.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn profile(name: &str) -> &'static Profile {
    let found = PROFILES.iter().chain(&IGVM_PROFILES).find(|profile| profile.name == name);
    found.unwrap_or_else(|| panic!("no profile {name:?}"))
}

const fn qemu(name: &'static str, features: u64, layout: Layout) -> Profile {
    Profile { name, layout, features, vmm: Vmm::Qemu, loads: Loads::Firmware }
}

const fn cloud(name: &'static str, vmm: Vmm, layout: Layout) -> Profile {
    Profile { name, layout, features: 1, vmm, loads: Loads::Firmware }
}

const fn svsm(name: &'static str, layout: Layout) -> Profile {
    Profile { name, layout, features: 1, vmm: Vmm::Qemu, loads: Loads::Svsm }
}

const fn krun(name: &'static str, features: u64, layout: Layout) -> Profile {
    Profile { name, layout, features, vmm: Vmm::Qemu, loads: Loads::Krun }
}

const fn igvm(name: &'static str, features: u64, layout: Layout) -> Profile {
    Profile { name, layout, features, vmm: Vmm::Qemu, loads: Loads::Firmware }
}
