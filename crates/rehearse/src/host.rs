//! The host that is pretended: its kernel and its processor, and what follows of both.

use std::fmt;
use std::str::FromStr;

use sev_launch_abi::{CpuSignature, Generation};

/// A release of Linux: `6.12`, `6.6.3`, as `uname -r` begins. Compared number by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kernel {
    /// The first number.
    pub major: u32,
    /// The second.
    pub minor: u32,
    /// The third; 0 if it is not said.
    pub patch: u32,
}

impl Kernel {
    const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Why a text is no release that is modelled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KernelError {
    /// No numbers.
    #[error("{0:?}: wanted a release of Linux, such as 6.12 or 6.6.3")]
    NoRelease(String),
    /// Before SEV-ES guests could be launched at all.
    #[error(
        "Linux {0}: KVM launches SEV-ES guests from 5.11 on, and older releases are not modelled"
    )]
    TooOld(Kernel),
}

impl FromStr for Kernel {
    type Err = KernelError;

    /// Reads two or three decimal numbers; what follows them after a `-` or `+` is the distribution's and not looked at.
    fn from_str(text: &str) -> Result<Self, KernelError> {
        let error = || KernelError::NoRelease(text.to_owned());
        let release = text.split(['-', '+']).next().unwrap_or_default();
        let numbers: Vec<u32> = release
            .split('.')
            .map(|number| {
                let is_decimal = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
                number.parse().ok().filter(|_| is_decimal).ok_or_else(error)
            })
            .collect::<Result<_, _>>()?;
        let kernel = match numbers[..] {
            [major, minor] => Self::new(major, minor, 0),
            [major, minor, patch] => Self::new(major, minor, patch),
            _ => return Err(error()),
        };
        if kernel < Self::new(5, 11, 0) { Err(KernelError::TooOld(kernel)) } else { Ok(kernel) }
    }
}

/// What KVM does, and since when.
///
/// Each answer names where it was read. A release is enough to know: what a distribution changed is not modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// The host's kernel.
    pub kernel: Kernel,
    /// What CPUID says of its processor: Fn0000_0001 EAX.
    pub signature: CpuSignature,
    /// What `/sys/module/kvm_amd/parameters/debug_swap` says; the release's default if it is not said.
    pub debug_swap: Option<bool>,
}

impl Host {
    /// A host with the release's defaults.
    pub const fn new(kernel: Kernel, signature: CpuSignature) -> Self {
        Self { kernel, signature, debug_swap: None }
    }

    /// Its generation; Milan's where the signature is of none that has SEV.
    pub fn generation(&self) -> Generation {
        self.signature.generation().unwrap_or(Generation::Milan)
    }

    /// Does KVM have `KVM_SEV_INIT2` and VM types? [Linux, 4f5defae7089, in 6.10]
    pub(crate) fn has_init2(&self) -> bool {
        self.kernel >= Kernel::new(6, 10, 0)
    }

    /// Does KVM launch SNP guests, and keep guest memory in a file of its own? [Linux, the series of SNP hosts, in 6.11]
    pub(crate) fn has_snp(&self) -> bool {
        self.kernel >= Kernel::new(6, 11, 0) && self.generation() >= Generation::Milan
    }

    /// The bits that KVM wants in an SNP policy, and those that it takes.
    ///
    /// At first it wanted SMT and refused SINGLE_SOCKET (bit 20); from 6.17 on both are the firmware's to judge [Linux, 24be2b7956a5]; from 6.19 on it takes
    /// all bits that need nothing of KVM, which is all but MIGRATE_MA (bit 18) [Linux, KVM_SNP_POLICY_MASK_VALID].
    pub(crate) fn snp_policy_bits(&self) -> (u64, u64) {
        const API: u64 = 0xffff;
        const SMT: u64 = 1 << 16;
        const RESERVED_MBO: u64 = 1 << 17;
        const DEBUG: u64 = 1 << 19;
        let oldest = API | SMT | RESERVED_MBO | DEBUG;
        match self.kernel {
            kernel if kernel < Kernel::new(6, 17, 0) => (RESERVED_MBO | SMT, oldest),
            kernel if kernel < Kernel::new(6, 19, 0) => (RESERVED_MBO, oldest | 1 << 20),
            _ => (RESERVED_MBO, oldest | 0x3f0_0000),
        }
    }

    /// Does KVM deny read-only memory to guests whose state is protected? [Linux, 66155de93bcf, in 6.11]
    pub(crate) fn denies_read_only_memory(&self) -> bool {
        self.kernel >= Kernel::new(6, 11, 0)
    }

    /// Does the VMSA of a guest of `KVM_SEV_INIT2` get the FPU's words? [Linux, eb4441864e03, in 6.10]
    pub(crate) fn syncs_fpu(&self) -> bool {
        self.kernel >= Kernel::new(6, 10, 0)
    }

    /// Can guests have DebugSwap: does the processor, and does the module's parameter allow it?
    ///
    /// DEBUG_SWAP and NO_NESTED_DATA_BP are of Milan and later. The parameter came on by default in 6.6 [Linux, d1f85fbe836e], went off in
    /// 6.8 and in the stable releases of the time [Linux, 5abf6dceb066], and came on again in 6.10 [Linux, 4dd5ecacb9a4].
    #[must_use]
    pub fn supports_debug_swap(&self) -> bool {
        let kernel = self.kernel;
        let is_on = kernel >= Kernel::new(6, 10, 0) || self.starts_with_debug_swap();
        let exists = kernel >= Kernel::new(6, 6, 0);
        exists && self.debug_swap.unwrap_or(is_on) && self.generation() >= Generation::Milan
    }

    fn starts_with_debug_swap(&self) -> bool {
        let within = |first: Kernel, end: Kernel| (first..end).contains(&self.kernel);
        within(Kernel::new(6, 6, 0), Kernel::new(6, 6, 24))
            || within(Kernel::new(6, 7, 0), Kernel::new(6, 7, 12))
    }

    /// The SEV_FEATURES of a guest that was made by `KVM_SEV_ES_INIT`, which has no argument: before 6.10 the whole module's
    /// [Linux, d1f85fbe836e], and none since [Linux, 605bbdc12bc8].
    pub(crate) fn legacy_sev_features(&self) -> u64 {
        if !self.has_init2() && self.supports_debug_swap() { SEV_FEATURES_DEBUG_SWAP } else { 0 }
    }

    /// The SEV_FEATURES that `KVM_SEV_INIT2` accepts. [Linux, sev_hardware_setup: `sev_supported_vmsa_features`]
    pub(crate) fn supported_sev_features(&self, is_snp: bool) -> u64 {
        let debug_swap = if self.supports_debug_swap() { SEV_FEATURES_DEBUG_SWAP } else { 0 };
        let secure_tsc = is_snp && self.kernel >= Kernel::new(6, 18, 0);
        debug_swap | if secure_tsc { SEV_FEATURES_SECURE_TSC } else { 0 }
    }

    /// Which bit of an address says that the page is encrypted: 47 on Naples and Rome, 51 since Milan.
    /// [APM3, CPUID functions]
    pub fn c_bit(&self) -> u32 {
        if self.generation() >= Generation::Milan { 51 } else { 47 }
    }
}

/// Bit 5 of SEV_FEATURES. [APM2, VMSA layout]
const SEV_FEATURES_DEBUG_SWAP: u64 = 1 << 5;
/// Bit 9.
const SEV_FEATURES_SECURE_TSC: u64 = 1 << 9;

#[cfg(test)]
mod tests {
    use sev_launch_abi::snp::Policy;
    use sev_launch_host::Refuser;

    use super::*;

    fn host(kernel: &str) -> Host {
        Host::new(kernel.parse().unwrap(), CpuSignature(0x00a0_0f11))
    }

    #[test]
    fn releases_are_read_number_by_number() {
        assert_eq!("6.1.0-18-amd64".parse(), Ok(Kernel::new(6, 1, 0)));
        assert_eq!("6.12".parse(), Ok(Kernel::new(6, 12, 0)));
        for text in ["", "6", "6.x", "6.1.2.3", "+6.1", "6..1", " 6.1"] {
            assert_eq!(
                text.parse::<Kernel>(),
                Err(KernelError::NoRelease(text.into())),
                "{text:?}"
            );
        }
        let old = Kernel::new(5, 10, 0);
        assert_eq!("5.10".parse::<Kernel>(), Err(KernelError::TooOld(old)));
    }

    // The rules of `sev-launch-host` were written apart from this.
    #[test]
    fn policies_are_refused_as_they_are_said_to_be() {
        for kernel in ["6.11", "6.12.107", "6.16", "6.17", "6.18.3", "6.19", "7.3.4"] {
            let facts = sev_launch_host::Facts {
                kernel: Some(kernel.parse().unwrap()),
                ..sev_launch_host::Facts::default()
            };
            let (required, allowed) = host(kernel).snp_policy_bits();
            for policy in (0..1 << 12).map(|bits| bits << 16 | 0x137) {
                let model = policy & required != required || policy & !allowed != 0;
                let refusals = sev_launch_host::policy::of_snp(Policy::from_bits(policy));
                let said = refusals.iter().any(|refusal| {
                    refusal.by == Refuser::Kvm && refusal.hosts.has(&facts) == Some(true)
                });
                assert_eq!(model, said, "{kernel}: {policy:#x}");
            }
        }
    }

    /// The table of hosts in which SEV-ES guests of QEMU's got DebugSwap without asking.
    #[test]
    fn debug_swap_came_and_went() {
        for (kernel, features) in [
            ("5.11", 0),
            ("6.5.9", 0),
            ("6.6.0", 0x20),
            ("6.6.23", 0x20),
            ("6.6.24", 0),
            ("6.7.0", 0x20),
            ("6.7.11", 0x20),
            ("6.7.12", 0),
            ("6.8", 0),
            ("6.9", 0),
            ("6.10", 0),
            ("7.0", 0),
        ] {
            assert_eq!(host(kernel).legacy_sev_features(), features, "{kernel}");
        }
        let parameter = Host { debug_swap: Some(true), ..host("6.9") };
        assert_eq!(parameter.legacy_sev_features(), 0x20);
        let rome = Host { signature: CpuSignature(0x0083_0f10), ..host("6.6.0") };
        assert_eq!(rome.legacy_sev_features(), 0, "Rome has none");
    }
}
