//! What a launch profile consists of.

use core::fmt;

use super::version::VersionRange;
use crate::firmware::metadata::SectionKind;
use crate::igvm::LoaderRules;
use crate::snp::update::Update;
use crate::vmsa::Vmsa;
use sev_launch_abi::{Generation, Gpa, SevFeatures, Technology};

/// What a host does, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LaunchProfile {
    /// The name by which it is chosen and printed.
    pub name: &'static str,
    /// The technology it is for.
    pub technology: Technology,
    /// One line: whose launch this is.
    pub summary: &'static str,
    /// The VMM.
    pub vmm: Vmm,
    /// The first vCPU's save area; RDX, RIP and features are filled in by the rules below.
    pub bsp: Vmsa,
    /// Every further vCPU's, if it holds something else.
    pub ap: Option<Vmsa>,
    /// Do further vCPUs start at the firmware's SEV-ES reset address? Its upper 16 bits are their CS base, its lower their RIP.
    pub needs_reset_address: bool,
    /// What RDX holds.
    pub rdx: RdxRule,
    /// What a vCPU holds that was added late, by the VMM's version; empty if no such vCPU is known.
    pub late_vcpus: &'static [LateVcpus],
    /// The address at which an SNP host measures VMSAs.
    pub vmsa_gpa: Gpa,
    /// How the firmware's sections become SNP pages.
    pub sections: SectionRules,
    /// Does the VMM know the table of kernel hashes?
    pub kernel_hashes: KernelHashing,
    /// The numbers of vCPUs that the operator vouches for; `None` if it makes no difference between them.
    pub endorsed_vcpus: Option<&'static EndorsedVcpus>,
    /// What is loaded besides.
    pub loads: Loads,
    /// On which hosts it holds, for people.
    pub hosts: &'static str,
    /// On which hosts it holds, for [`derive`](super::derive()).
    pub holds_for: &'static [HoldsFor],
    /// What else must hold where it does.
    pub assumes: Option<Assumption>,
    /// How sure this is.
    pub confidence: Confidence,
    /// Which VMMs launched it under which kernels in rehearsals: the VMM itself ran, and the kernel was a model of its own. `None` if none did.
    pub rehearsed: Option<&'static str>,
    /// Where it is from.
    pub source: &'static str,
}

/// A virtual machine monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vmm {
    /// QEMU on KVM.
    Qemu,
    /// Coconut's QEMU, which starts an SVSM before the firmware.
    CoconutQemu,
    /// Amazon EC2.
    Ec2,
    /// Google Compute Engine.
    Gce,
    /// libkrun.
    Libkrun,
    /// Hyper-V, which Azure runs.
    HyperV,
}

impl Vmm {
    /// All, in the order of this type.
    pub const ALL: [Self; 6] =
        [Self::Qemu, Self::CoconutQemu, Self::Ec2, Self::Gce, Self::Libkrun, Self::HyperV];

    /// The name, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qemu => "qemu",
            Self::CoconutQemu => "coconut-qemu",
            Self::Ec2 => "ec2",
            Self::Gce => "gce",
            Self::Libkrun => "libkrun",
            Self::HyperV => "hyper-v",
        }
    }

    /// Can a program that somebody calls by this name be the other? Coconut's QEMU is a QEMU; no other one is another.
    #[must_use]
    pub fn may_be(self, other: Self) -> bool {
        let is_qemu = |vmm| matches!(vmm, Self::Qemu | Self::CoconutQemu);
        self == other || is_qemu(self) && is_qemu(other)
    }
}

/// Numbers of vCPUs for which a cloud's operator publishes what it launches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndorsedVcpus {
    /// The operator.
    pub by: &'static str,
    /// The numbers, ascending.
    pub counts: &'static [u32],
}

impl fmt::Display for EndorsedVcpus {
    /// As a list: `1, 2 and 4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.counts.len().saturating_sub(1);
        for (index, count) in self.counts.iter().enumerate() {
            let separator = match index {
                0 => "",
                _ if index == last => " and ",
                _ => ", ",
            };
            write!(f, "{separator}{count}")?;
        }
        Ok(())
    }
}

/// Something taken for granted of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Assumption {
    /// kvm_amd's `debug_swap` was not said.
    DebugSwapDefault,
    /// QEMU's `legacy-vm-type` was not said.
    LegacyIoctl,
    /// The kernel is a vendor's.
    VendorKernel,
    /// Only AMD's forks of Linux and QEMU fit the host.
    Amdese,
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DebugSwapDefault => "kvm_amd's parameter debug_swap is at the kernel's default",
            Self::LegacyIoctl => {
                "QEMU's legacy-vm-type is at its default, so the VM is made by the legacy ioctl"
            }
            Self::VendorKernel => {
                "the vendor's kernel may behave like any newer one, since it carries backports"
            }
            Self::Amdese => {
                "upstream Linux runs SNP guests from 6.11 on: the host's kernel and QEMU are taken for AMD's own (AMDESE)"
            }
        })
    }
}

/// What RDX holds at reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RdxRule {
    /// The guest's CPU signature.
    Signature,
    /// This number.
    Fixed(u64),
}

/// A vCPU that was added after the VMM gave those that existed their registers for the launch, and that is measured: by
/// QEMU's `-device`, and in SNP by `device_add` before the guest is let go (as libvirt does for hot-pluggable ones).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateVcpus {
    /// The versions of the VMM.
    pub vmm: VersionRange,
    /// What such a vCPU holds.
    pub registers: LateRegisters,
}

/// What a VMM does with the table of kernel hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelHashing {
    /// It puts the table into guest memory, and measures it.
    Measured,
    /// Tools compute digests with the table, and the VMM is given no kernel.
    ToolsOnly,
    /// It does not know the table.
    None,
}

/// Whose registers a late vCPU has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateRegisters {
    /// The first vCPU's: it keeps what every vCPU has after its reset.
    First,
    /// A further vCPU's, so that it makes no difference when it was added.
    Further,
}

impl LateRegisters {
    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "the first vCPU's",
            Self::Further => "a further vCPU's",
        }
    }
}

/// How the sections of the firmware's SEV metadata become pages of an SNP launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionRules {
    /// The type of an SNP_SEC_MEM section's pages: ZERO, or UNMEASURED.
    pub sec_mem: Update,
    /// Are CPUID sections measured after all others?
    pub cpuid_last: bool,
}

impl SectionRules {
    /// What QEMU does. [QEMU, snp_populate_metadata_pages]
    pub const QEMU: Self = Self { sec_mem: Update::Zero, cpuid_last: false };

    /// The page type for a section without contents; a KERNEL_HASHES section is ZERO where nothing is hashed.
    pub const fn pages(self, kind: SectionKind) -> Update {
        match kind {
            SectionKind::SnpSecMem => self.sec_mem,
            SectionKind::SnpSecrets => Update::Secrets,
            SectionKind::Cpuid => Update::Cpuid,
            SectionKind::SvsmCaa | SectionKind::KernelHashes => Update::Zero,
        }
    }
}

/// What a VMM loads and measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loads {
    /// Firmware with tables.
    Firmware,
    /// Firmware, and an SVSM that is started before it.
    FirmwareAndSvsm,
    /// libkrun's own list of files.
    KrunFiles,
    /// An IGVM file, by these rules.
    Igvm(&'static LoaderRules),
}

/// How sure a profile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Inferred from sources; never compared with another computation or host.
    Inferred,
    /// Said by a vendor, a commit message or a peer.
    Reported,
    /// Read in the VMM's and the kernel's source.
    Source,
    /// Read in source, and the same bytes come from an independent tool.
    Reproduced,
    /// A digest that a real AMD processor reported, of which all inputs are known, is the one computed.
    Observed,
}

impl Confidence {
    /// One word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inferred => "inferred",
            Self::Reported => "reported",
            Self::Source => "source",
            Self::Reproduced => "reproduced",
            Self::Observed => "observed",
        }
    }
}

/// A set of hosts on which a profile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldsFor {
    /// Host kernels.
    pub kernel: VersionRange,
    /// VMM versions.
    pub vmm: VersionRange,
    /// What DebugSwap must be, where the host kernel decides it for the legacy ioctl.
    pub debug_swap: Option<DebugSwap>,
    /// Must the VM be made by KVM_SEV_INIT2 (`legacy-vm-type=off`)? `None` if it does not matter.
    pub init2: Option<bool>,
    /// A generation that the host must be of.
    pub generation: Option<Generation>,
}

impl HoldsFor {
    /// Every host with the VMM.
    pub(super) const ANY: Self = Self {
        kernel: VersionRange::ANY,
        vmm: VersionRange::ANY,
        debug_swap: None,
        init2: None,
        generation: None,
    };
}

/// DebugSwap as the host kernel switches it on for every SEV-ES guest of the legacy ioctl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DebugSwap {
    /// Must it be on, or off? It is on where the parameter says so and the processor has it.
    pub active: bool,
    /// What kvm_amd's parameter `debug_swap` is by default in these kernels.
    pub default: bool,
}

impl LaunchProfile {
    /// The features word that the profile's host sets.
    pub const fn sev_features(&self) -> SevFeatures {
        SevFeatures(self.bsp.sev_features)
    }

    /// Does every guest get the digest that it gets by the other profile? By what is measured: two names may be of the same launch. The features are
    /// those of the profiles, or what a guest of both has in their place.
    #[must_use]
    pub fn launches_like(&self, other: &Self, sev_features: Option<SevFeatures>) -> bool {
        let with = |vmsa: &Vmsa| match sev_features {
            Some(features) => Vmsa { sev_features: features.0, ..vmsa.clone() },
            None => vmsa.clone(),
        };
        let pages = |profile: &Self| (with(&profile.bsp), with(profile.further()));
        let placed = |profile: &Self| {
            (profile.needs_reset_address, profile.rdx, profile.vmsa_gpa, profile.sections)
        };
        self.technology == other.technology
            && pages(self) == pages(other)
            && placed(self) == placed(other)
            && self.kernel_hashes == other.kernel_hashes
            && self.loads == other.loads
    }

    /// Is the guest a protected VM to KVM, made by KVM_SEV_INIT2? All of SNP are, and of SEV-ES those whose FPU state is measured,
    /// which KVM does for no other. [Linux, eb4441864e03, kvm_arch_has_private_mem]
    #[must_use]
    pub const fn is_protected_vm(&self) -> bool {
        matches!(self.technology, Technology::Snp) || self.bsp.mxcsr != 0
    }

    /// Every further vCPU's save area; CS base and RIP are filled in where it needs the reset address.
    pub const fn further(&self) -> &Vmsa {
        match &self.ap {
            Some(vmsa) => vmsa,
            None => &self.bsp,
        }
    }
}

impl fmt::Display for LaunchProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
