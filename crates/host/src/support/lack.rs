//! What a host lacks for a technology, and what to change.

use std::fmt;

use sev_launch_abi::{Generation, PlatformVersion, Technology};
use sev_launch_digest::profile::Version;

/// Something that is missing. Its text says what was found and what is wanted; [`Lack::remedy`] what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lack {
    /// The processor's generation has no such thing.
    Generation {
        /// The generation.
        generation: Generation,
        /// The technology.
        technology: Technology,
    },
    /// The processor's flags do not have it: another vendor's, or switched off by the BIOS.
    Flag {
        /// The technology.
        technology: Technology,
        /// Is the processor AMD's?
        is_amd: bool,
    },
    /// This is a virtual machine itself, and its processor has no SEV.
    VirtualMachine,
    /// kvm_amd is not loaded.
    Module,
    /// The module's parameter is off.
    Parameter {
        /// The technology.
        technology: Technology,
        /// Why KVM cleared it, if the log says.
        reason: Option<&'static str>,
    },
    /// The kernel is older than the technology.
    Kernel {
        /// The technology.
        technology: Technology,
        /// The oldest kernel that has it.
        least: Version,
    },
    /// There is no `/dev/sev`.
    Device,
    /// KVM says that it is unusable.
    Unusable {
        /// The technology.
        technology: Technology,
    },
    /// The kernel's log says that it is disabled.
    Disabled {
        /// The technology.
        technology: Technology,
    },
    /// The AMD-SP did not start SEV.
    SevInit,
    /// The AMD-SP did not start SNP.
    SnpInit,
    /// The BIOS has reserved no memory for the RMP table.
    NoRmp,
    /// There are no ASIDs for it.
    NoAsids {
        /// The technology.
        technology: Technology,
    },
    /// The AMD-SP's firmware is older than what Linux takes for SNP.
    SnpFirmware {
        /// The version found.
        found: PlatformVersion,
    },
    /// SNP is on, and the AMD-SP's firmware then refuses SEV-ES guests.
    EsBesideSnp {
        /// The firmware's version, if it is known.
        version: Option<PlatformVersion>,
    },
    /// QEMU is older than the technology.
    Qemu {
        /// The technology.
        technology: Technology,
        /// The oldest QEMU that has it.
        least: Version,
    },
    /// libvirt is older than the technology.
    Libvirt {
        /// The technology.
        technology: Technology,
        /// The oldest libvirt that has it.
        least: Version,
    },
    /// libvirt says that it cannot.
    LibvirtSays {
        /// The technology.
        technology: Technology,
    },
    /// OVMF is older than the technology.
    Ovmf {
        /// Year and month of what was found.
        found: (u32, u32),
        /// Year and month of the oldest that has it.
        wanted: (u32, u32),
    },
}

/// A technology as Linux and libvirt write it.
const fn written(technology: Technology) -> &'static str {
    match technology {
        Technology::Sev => "SEV",
        Technology::SevEs => "SEV-ES",
        Technology::Snp => "SEV-SNP",
    }
}

const fn parameter(technology: Technology) -> &'static str {
    match technology {
        Technology::Sev => "sev",
        Technology::SevEs => "sev_es",
        Technology::Snp => "sev_snp",
    }
}

impl Lack {
    /// What to change, as sentences; none if nothing can be changed on this host.
    pub fn remedy(&self) -> Option<String> {
        const ES_ASIDS: &str = "set aside ASIDs for SEV-ES and SNP in the BIOS: AMD CBS, CPU Common Options, \"SEV-ES ASID Space Limit\" (elsewhere \
            \"Minimum SEV non-ES ASID\"), for example 100, which leaves 1 to 99 to them";
        const SNP_BIOS: &str = "in the BIOS switch on \"SNP Memory (RMP Table) Coverage\", \"SEV-SNP Support\" and the IOMMU, and leave iommu=pt, iommu=off and \
            amd_iommu=off out of the kernel's command line";
        let text = match self {
            Self::Generation { .. } | Self::Flag { is_amd: false, .. } => return None,
            Self::VirtualMachine => {
                "run it on the host below, or collect that one's facts: sev-launch host collect".to_owned()
            }
            Self::Flag { technology: Technology::Snp, .. } => SNP_BIOS.to_owned(),
            Self::Flag { .. } => {
                "switch on \"SMEE\" and \"SEV Control\" in the BIOS (AMD CBS, CPU Common Options)".to_owned()
            }
            Self::Module => "load the module: modprobe kvm_amd".to_owned(),
            Self::Parameter { technology: Technology::SevEs, reason: Some(_) } => {
                ES_ASIDS.to_owned()
            }
            Self::Parameter { technology: Technology::Snp, reason } => {
                let is_asids = reason.is_some_and(|reason| reason.contains("ASIDs"));
                let asids = if is_asids { format!("; {ES_ASIDS}") } else { String::new() };
                format!("load kvm_amd with sev=1 sev_es=1 sev_snp=1; {SNP_BIOS}{asids}")
            }
            Self::Parameter { technology, .. } => {
                let more = match technology {
                    Technology::SevEs => format!("; {ES_ASIDS}"),
                    _ => "; switch on \"SMEE\" in the BIOS (AMD CBS, CPU Common Options)".to_owned(),
                };
                let name = parameter(*technology);
                format!("load kvm_amd with sev=1 {name}=1 (in /etc/modprobe.d: options kvm_amd sev=1 {name}=1){more}")
                    .replace("sev=1 sev=1", "sev=1")
            }
            Self::Kernel { technology, least } => {
                format!("use Linux {}.{} or newer, or a vendor's kernel with {} for hosts", least.major, least.minor, written(*technology))
            }
            Self::Device => "load the modules ccp and kvm_amd, and look for errors of ccp in the kernel's log".to_owned(),
            Self::Unusable { technology: Technology::SevEs } => {
                format!("lower kvm_amd's ciphertext_hiding_asids, or {ES_ASIDS}")
            }
            Self::Unusable { .. } | Self::NoAsids { technology: Technology::Sev } => {
                "leave ASIDs to SEV in the BIOS: a lower \"SEV-ES ASID Space Limit\"".to_owned()
            }
            Self::NoAsids { .. } => ES_ASIDS.to_owned(),
            Self::Disabled { .. } => {
                "load kvm_amd again, and collect the facts after it: its parameter and the kernel's log contradict each other".to_owned()
            }
            Self::SnpInit => {
                format!("look for errors of ccp in the kernel's log; update the AMD-SP's firmware; {SNP_BIOS}; leave nosmt out of the kernel's command line")
            }
            Self::SevInit => {
                "look for errors of ccp in the kernel's log; update the AMD-SP's firmware; after a change of the BIOS's SEV settings switch the machine off and on"
                    .to_owned()
            }
            Self::NoRmp => SNP_BIOS.to_owned(),
            Self::SnpFirmware { .. } => "update the AMD-SP's firmware: linux-firmware's amd/amd_sev_*.sbin, or the BIOS".to_owned(),
            Self::EsBesideSnp { .. } => {
                "launch SNP guests in their place, or load kvm_amd with sev_snp=0 and switch SNP off in the BIOS".to_owned()
            }
            Self::Qemu { least, .. } => format!("use QEMU {}.{} or newer", least.major, least.minor),
            Self::Libvirt { least, .. } => {
                format!("use libvirt {}.{} or newer, or QEMU without it", least.major, least.minor)
            }
            Self::LibvirtSays { .. } => {
                "restart libvirt's daemon and remove its cache of QEMU's capabilities (/var/cache/libvirt/qemu/capabilities), then ask again".to_owned()
            }
            Self::Ovmf { wanted: (year, month), .. } => {
                format!("use OVMF of edk2-stable{year}{month:02} or newer")
            }
        };
        Some(text)
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generation { generation, technology } => {
                write!(f, "a processor of {generation} has no {}", written(*technology))
            }
            Self::Flag { technology, is_amd: true } => write!(
                f,
                "the processor's flags in /proc/cpuinfo do not have {}: it is switched off in the BIOS, or the kernel is too old to know it",
                parameter(*technology)
            ),
            Self::Flag { is_amd: false, .. } => f.write_str("the processor is not AMD's"),
            Self::VirtualMachine => f.write_str(
                "this is a virtual machine itself, and SEV guests are launched by the host below it",
            ),
            Self::Module => f.write_str("the module kvm_amd is not loaded"),
            Self::Parameter { technology, reason } => {
                let name = parameter(*technology);
                write!(f, "/sys/module/kvm_amd/parameters/{name} is N")?;
                reason.map_or(Ok(()), |reason| write!(f, ": {reason}"))
            }
            Self::Kernel { technology, least } => write!(
                f,
                "the kernel is older than {}.{}, the first that launches {} guests",
                least.major,
                least.minor,
                written(*technology)
            ),
            Self::Device => f.write_str("there is no /dev/sev"),
            Self::Unusable { technology } => {
                write!(
                    f,
                    "KVM says that {} is unusable: no ASID is left for it",
                    written(*technology)
                )
            }
            Self::Disabled { technology } => {
                write!(f, "the kernel's log says that {} is disabled", written(*technology))
            }
            Self::SevInit => f.write_str(
                "the AMD-SP did not start SEV (the kernel's log: SEV: failed to INIT)",
            ),
            Self::SnpInit => f.write_str("the AMD-SP did not start SNP (the kernel's log: failed to INIT)"),
            Self::NoRmp => f.write_str("the BIOS has reserved no memory for the RMP table"),
            Self::NoAsids { technology } => {
                write!(f, "there are no ASIDs for {} guests", written(*technology))
            }
            Self::SnpFirmware { found } => write!(
                f,
                "the AMD-SP's SNP firmware is {found}, and Linux starts SNP from ABI 1.51 on"
            ),
            Self::EsBesideSnp { version } => {
                f.write_str("SNP is on, and the AMD-SP's firmware")?;
                version.map_or(Ok(()), |version| write!(f, " ({version})"))?;
                f.write_str(" then refuses SEV-ES guests (AMD-SB-3023)")
            }
            Self::Qemu { technology, least } => write!(
                f,
                "QEMU is older than {}.{}, the first that launches {} guests",
                least.major,
                least.minor,
                written(*technology)
            ),
            Self::Libvirt { technology, least } => write!(
                f,
                "libvirt is older than {}.{}, the first that launches {} guests",
                least.major,
                least.minor,
                written(*technology)
            ),
            Self::LibvirtSays { technology } => {
                write!(f, "virsh domcapabilities does not list {}", written(*technology))
            }
            Self::Ovmf { found: (year, month), wanted: (least_year, least_month) } => write!(
                f,
                "OVMF is of {year}-{month:02}, and SEV-ES guests need one of {least_year}-{least_month:02} or newer"
            ),
        }
    }
}
