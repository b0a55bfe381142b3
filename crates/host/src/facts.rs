//! What is known of a host.
//!
//! ```
//! use sev_launch_abi::CpuSignature;
//! use sev_launch_host::Facts;
//!
//! let host = Facts { signature: Some(CpuSignature::from_parts(25, 1, 1)?), ..Facts::default() };
//! assert_eq!(host.generation().map(|one| one.name()), Some("Milan"));
//! assert_eq!(host.smt, None);
//! # Ok::<(), sev_launch_abi::Error>(())
//! ```

use sev_launch_abi::{CpuSignature, Generation, PlatformVersion};
use sev_launch_digest::profile::{HostFacts, HostKernel, Version, VersionRange, Vmm, VmmFact};

use crate::collected::versions::is_vendors;
use crate::domain_capabilities::DomainCapabilities;
use crate::kernel_log::KernelLog;

/// Everything that is known of a host. Whatever is not known is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its kernel.
    pub kernel: Option<HostKernel>,
    /// The same as `uname -r` prints it.
    pub release: Option<String>,
    /// QEMU's version.
    pub qemu: Option<VersionRange>,
    /// The same as QEMU prints it: `QEMU emulator version 9.2.0 (Debian 1:9.2.0+ds-5)`.
    pub qemu_banner: Option<String>,
    /// libvirt's version.
    pub libvirt: Option<VersionRange>,
    /// When the packaged OVMF was made: year and month.
    pub ovmf: Option<(u32, u32)>,
    /// CPUID Fn0000_0001 EAX of its processor.
    pub signature: Option<CpuSignature>,
    /// The processor's flags, as Linux has them.
    pub flags: Option<CpuFlags>,
    /// Is simultaneous multithreading on?
    pub smt: Option<bool>,
    /// How many sockets have a processor.
    pub sockets: Option<u32>,
    /// Parameters of the module kvm_amd; `None` where it is not loaded, or where that is not known.
    pub parameters: Option<Parameters>,
    /// The version of the AMD-SP's SEV API.
    pub sev_version: Option<PlatformVersion>,
    /// The version of its SNP ABI.
    pub snp_version: Option<PlatformVersion>,
    /// What the kernel's log says.
    pub log: KernelLog,
    /// How many guests may run at once, and how many do.
    pub guests: Guests,
    /// Is there `/dev/sev`?
    pub has_sev_device: Option<bool>,
    /// What libvirt says.
    pub libvirt_says: Option<DomainCapabilities>,
}

/// Flags of a processor, as /proc/cpuinfo names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuFlags {
    /// `sev`.
    pub sev: bool,
    /// `sev_es`.
    pub sev_es: bool,
    /// `sev_snp`.
    pub sev_snp: bool,
    /// `debug_swap`.
    pub debug_swap: bool,
    /// `hypervisor`: this is a virtual machine itself.
    pub hypervisor: bool,
}

/// Parameters of kvm_amd as they stand: KVM clears each that the host cannot do. [Linux, sev_hardware_setup]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// `sev`.
    pub sev: Option<bool>,
    /// `sev_es`.
    pub sev_es: Option<bool>,
    /// `sev_snp`; not there before Linux 6.11.
    pub sev_snp: Option<bool>,
    /// `debug_swap`; there from Linux 6.6 to about 7.0.
    pub debug_swap: Option<bool>,
    /// `ciphertext_hiding_asids`: how many of SEV-ES's ASIDs are SNP's alone.
    pub ciphertext_hiding_asids: Option<u32>,
}

/// How many encrypted guests a host can hold, by the kernel's misc controller. [Linux, misc_cg_set_capacity]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guests {
    /// SEV guests at most.
    pub sev: Option<u32>,
    /// SEV-ES and SNP guests at most, together.
    pub sev_es: Option<u32>,
    /// SEV guests that run.
    pub sev_running: Option<u32>,
    /// SEV-ES and SNP guests that run.
    pub sev_es_running: Option<u32>,
}

/// Kernels whose KVM can swap debug registers. [Linux, d1f85fbe836e]
const HAS_DEBUG_SWAP: Version = Version::new(6, 6, 0);
/// Kernels without the parameter `debug_swap`. [Linux, 9587dd7a7ebd, in 7.0 or near]
const LOST_PARAMETER: Version = Version::new(7, 0, 0);

impl Facts {
    /// May this kernel have the parameter `debug_swap`, and so switch DebugSwap on, while nothing tells whether it does?
    #[must_use]
    pub fn debug_swap_is_open(&self) -> bool {
        let parameter = self.parameters.and_then(|parameters| parameters.debug_swap);
        let is = |version| self.kernel.and_then(|kernel| kernel.versions.is_before(version));
        let may_have = is(HAS_DEBUG_SWAP) != Some(true) && is(LOST_PARAMETER) != Some(false);
        let has_not = self.flags.is_some_and(|flags| !flags.debug_swap)
            || self.generation().is_some_and(|generation| generation < Generation::Milan);
        match parameter {
            // KVM clears it where the processor has it not.
            Some(true) => has_not,
            Some(false) => false,
            None => may_have && !has_not,
        }
    }

    /// Is its QEMU one of a vendor that backports whole features?
    #[must_use]
    pub fn has_vendors_qemu(&self) -> bool {
        self.qemu_banner.as_ref().is_some_and(|banner| is_vendors(banner))
    }

    /// Is QEMU between two releases, so that its version does not tell what it has? `10.0.90` is 10.1's first candidate. [QEMU, docs/devel, version numbers]
    #[must_use]
    pub fn qemu_is_between_releases(&self) -> bool {
        self.qemu.is_some_and(|version| version.from.patch >= 50)
    }

    /// The generation of its processor; `None` if that is not known, or none that has SEV.
    pub fn generation(&self) -> Option<Generation> {
        self.signature?.generation()
    }

    /// The same as a launch profile is derived from: QEMU as the VMM, by the versions that are known.
    pub fn for_profile(&self) -> HostFacts {
        HostFacts {
            kernel: self.kernel,
            vmm: Some(VmmFact {
                vmm: Vmm::Qemu,
                version: self.qemu.filter(|_| !self.qemu_is_between_releases()),
            }),
            generation: self.generation(),
            debug_swap: self.parameters.and_then(|parameters| parameters.debug_swap),
            legacy_vm_type: None,
        }
    }

    /// Can KVM give guests DebugSwap? `None` if that is not known.
    #[must_use]
    pub fn has_debug_swap(&self) -> Option<bool> {
        let parameter = self.parameters.and_then(|parameters| parameters.debug_swap);
        let by_kernel = self.kernel.map(|kernel| kernel.versions.is_before(HAS_DEBUG_SWAP));
        let by_generation = self.generation().map(|generation| generation >= Generation::Milan);
        let by_flags = self.flags.map(|flags| flags.debug_swap);
        if parameter == Some(false) || by_kernel.flatten() == Some(true) {
            return Some(false);
        }
        match by_flags.or(by_generation) {
            Some(false) => Some(false),
            // KVM clears the parameter where the processor has it not; where there is none any more it is always on.
            _ => parameter.or_else(|| {
                let kernel = self.kernel?.versions;
                let has_none = kernel.is_before(LOST_PARAMETER) == Some(false);
                by_flags.filter(|_| has_none)
            }),
        }
    }
}
