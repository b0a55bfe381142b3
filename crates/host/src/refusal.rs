//! A refusal: what of a launch is refused, by whom, on which hosts, and the error that would follow.
//!
//! ```
//! use sev_launch_abi::snp;
//! use sev_launch_host::policy;
//!
//! let refusals = policy::of_snp(snp::Policy::from_names("SMT+MIGRATE_MA")?);
//! let texts: Vec<_> = refusals.iter().map(ToString::to_string).collect();
//! assert_eq!(texts, [
//!     "MIGRATE_MA (bit 18) is set: KVM refuses it, and SNP_LAUNCH_START fails with EINVAL (QEMU prints ret=-22 fw_error=0)"
//! ]);
//! # Ok::<(), sev_launch_abi::Error>(())
//! ```

use std::fmt;

use sev_launch_abi::snp::policy::Flag;
use sev_launch_abi::{ApiVersion, SevFeatures};
use sev_launch_digest::profile::Version;

use crate::facts::Facts;

sev_launch_abi::named! {
    /// Who refuses.
    pub enum Refuser {
        /// The secure processor's firmware.
        Firmware => "the AMD-SP",
        /// The host's kernel.
        Kvm => "KVM",
    }
}

sev_launch_abi::named! {
    /// A status of the secure processor's firmware, with its number. [Linux, sev_ret_code]
    pub enum Status, code: u32 {
        /// The guest's policy does not allow this, or this platform does not meet the policy.
        PolicyFailure = 7 => "POLICY_FAILURE",
    }
}

impl Status {
    /// The words that QEMU has for it. [QEMU, sev_fw_errlist]
    pub const fn in_qemu(self) -> &'static str {
        match self {
            Self::PolicyFailure => "Policy is not allowed",
        }
    }
}

/// The error that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The system call fails with EINVAL, and the firmware is never asked.
    Invalid,
    /// The firmware says so.
    Status(Status),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid => f.write_str("EINVAL (QEMU prints ret=-22 fw_error=0)"),
            Self::Status(status) => {
                let (code, words) = (status.code(), status.in_qemu());
                write!(f, "{status} (QEMU prints fw_error={code} '{words}')")
            }
        }
    }
}

/// The hosts on which something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hosts {
    /// Every host that is known, upstream kernels up to 7.3.
    All,
    /// Kernels before this one.
    KernelBefore(Version),
    /// Where simultaneous multithreading is on.
    SmtOn,
    /// Where there is more than one socket.
    SeveralSockets,
    /// Where the firmware's SNP ABI is older.
    SnpApiBefore(ApiVersion),
    /// Where the firmware's SEV API is older.
    SevApiBefore(ApiVersion),
    /// Where processor or firmware have no such feature, or the host has not switched it on.
    WithoutFeature,
    /// Where KVM does not offer DebugSwap: the processor is older than Milan, or kvm_amd's parameter `debug_swap` is off.
    WithoutDebugSwap,
}

impl Hosts {
    /// Is this host one of them? `None` if what is known of it does not say.
    #[must_use]
    pub fn has(self, host: &Facts) -> Option<bool> {
        let before = |found: Option<ApiVersion>, wanted| found.map(|found| found < wanted);
        match self {
            Self::All => Some(true),
            Self::KernelBefore(version) => {
                let kernel = host.kernel.as_ref()?.versions;
                kernel.is_before(version)
            }
            Self::SmtOn => host.smt,
            Self::SeveralSockets => host.sockets.map(|sockets| sockets > 1),
            Self::SnpApiBefore(wanted) => {
                before(host.snp_version.map(sev_launch_abi::PlatformVersion::api), wanted)
            }
            Self::SevApiBefore(wanted) => {
                before(host.sev_version.map(sev_launch_abi::PlatformVersion::api), wanted)
            }
            Self::WithoutFeature => None,
            Self::WithoutDebugSwap => host.has_debug_swap().map(|has| !has),
        }
    }
}

impl Hosts {
    /// What would tell whether a host is one of them; `None` if nothing of what is collected does.
    #[must_use]
    pub const fn told_by(self) -> Option<&'static str> {
        match self {
            Self::All | Self::WithoutFeature => None,
            Self::KernelBefore(_) => Some("the kernel's release (uname -r)"),
            Self::SmtOn => Some("/sys/devices/system/cpu/smt/control"),
            Self::SeveralSockets => Some("the number of sockets (lscpu)"),
            Self::SnpApiBefore(_) | Self::SevApiBefore(_) => Some(
                "the AMD-SP's version: \"SEV API\" and \"SEV-SNP API\" in the kernel's log (dmesg, which may need root)",
            ),
            Self::WithoutDebugSwap => Some(
                "/sys/module/kvm_amd/parameters/debug_swap, and the processor's flag debug_swap",
            ),
        }
    }
}

impl fmt::Display for Hosts {
    /// What follows "refuses it": nothing, or a space and which hosts are meant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::KernelBefore(Version { major, minor, .. }) => {
                write!(f, " before Linux {major}.{minor}")
            }
            Self::SmtOn => f.write_str(" where SMT is on"),
            Self::SeveralSockets => f.write_str(" on more than one socket"),
            Self::SnpApiBefore(api) | Self::SevApiBefore(api) => {
                write!(f, " where its firmware is older than API {api}")
            }
            Self::WithoutFeature => {
                f.write_str(" where processor and firmware do not have it, or it is switched off")
            }
            Self::WithoutDebugSwap => f.write_str(
                " where the processor is older than Milan, or kvm_amd's debug_swap is off",
            ),
        }
    }
}

/// What is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Bit 17 of an SNP policy is 0.
    Bit17Clear,
    /// Reserved bits of a policy are set.
    ReservedBits {
        /// Those bits.
        bits: u64,
    },
    /// A bit of an SNP policy is set.
    Set(Flag),
    /// A bit of an SNP policy is 0.
    Clear(Flag),
    /// A policy asks for this version of the firmware's API, or a newer one.
    MinApi(ApiVersion),
    /// SEV_FEATURES that KVM does not let a VMM ask for.
    Features(SevFeatures),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bit17Clear => f.write_str("bit 17 is 0, and must be 1, as in 0x30000"),
            Self::ReservedBits { bits } => write!(f, "reserved bits {bits:#x} are set"),
            Self::Set(flag) => write!(f, "{flag} (bit {}) is set", flag.bit()),
            Self::Clear(flag) => write!(f, "{flag} (bit {}) is 0", flag.bit()),
            Self::MinApi(api) => write!(f, "the policy asks for API {api} or newer"),
            Self::Features(bits) => {
                write!(f, "SEV_FEATURES {bits} ({})", bits.names().join(", "))
            }
        }
    }
}

/// What of a launch is refused, by whom, and with which error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Refusal {
    /// What is refused.
    pub problem: Problem,
    /// Who refuses it.
    pub by: Refuser,
    /// On which hosts.
    pub hosts: Hosts,
    /// The command that fails, as its document names it.
    pub command: &'static str,
    /// The error.
    pub answer: Answer,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problem, by, hosts, command, answer } = self;
        write!(f, "{problem}: {by}{}", if *hosts == Hosts::All { "" } else { "," })?;
        write!(f, "{hosts}{}", if *hosts == Hosts::All { "" } else { "," })?;
        write!(f, " refuses it, and {command} fails with {answer}")
    }
}

impl Refusal {
    /// What to change of the guest, or of the host.
    pub fn remedy(&self) -> String {
        let host = match self.hosts {
            Hosts::KernelBefore(Version { major, minor, .. }) => {
                format!(", or use Linux {major}.{minor} or newer")
            }
            Hosts::SmtOn => ", or switch SMT off in the BIOS".to_owned(),
            Hosts::SeveralSockets => ", or use a host with one socket".to_owned(),
            Hosts::SnpApiBefore(_) | Hosts::SevApiBefore(_) => {
                ", or update the AMD-SP's firmware".to_owned()
            }
            Hosts::WithoutDebugSwap => {
                ", or load kvm_amd with debug_swap=1 on Milan or newer".to_owned()
            }
            Hosts::WithoutFeature => ", or use a host that has it".to_owned(),
            Hosts::All => String::new(),
        };
        let guest = match self.problem {
            Problem::Bit17Clear => "set bit 17 (0x20000) of the policy".to_owned(),
            Problem::ReservedBits { bits } => format!("clear {bits:#x} of the policy"),
            Problem::Set(flag) => {
                format!("clear {flag} ({:#x}) of the policy", 1_u64 << flag.bit())
            }
            Problem::Clear(flag) => {
                format!("set {flag} ({:#x}) of the policy", 1_u64 << flag.bit())
            }
            Problem::MinApi(_) => "ask for an older version in the policy".to_owned(),
            Problem::Features(bits) => format!("leave {} out", bits.names().join(" and ")),
        };
        guest + &host
    }
}

/// Those worth telling of a launch on a host of which `host` is known. What every host refuses is told alone; else what this one is certain to refuse;
/// and only where that is nothing, what it may refuse.
#[must_use]
pub fn worth_telling(mut refusals: Vec<Refusal>, host: &Facts) -> Vec<Refusal> {
    let by_all = |refusal: &Refusal| refusal.hosts == Hosts::All;
    let is_certain = |refusal: &Refusal| refusal.hosts.has(host) == Some(true);
    if refusals.iter().any(by_all) {
        refusals.retain(by_all);
    } else if refusals.iter().any(is_certain) {
        refusals.retain(is_certain);
    } else {
        refusals.retain(|refusal| refusal.hosts.has(host).is_none());
    }
    refusals
}
