//! `/dev/kvm` itself: its ioctls, but for the one that makes a VM.

use rustix::io::Errno;

use crate::bytes::field;
use crate::host::Host;
use crate::kvm::ioctl::Ioctl;
use crate::kvm::vcpu::{VCPU_MMAP_SIZE, give_list};
use crate::kvm::{capability, cpuid};
use crate::memory::{self, Memory};

/// What an ioctl returns on this host.
pub(crate) fn ioctl(
    host: &Host,
    ioctl: Ioctl,
    argument: u64,
    memory: &dyn Memory,
) -> Result<i64, Errno> {
    Ok(match ioctl {
        Ioctl::GET_API_VERSION => i64::from(kvm_bindings::KVM_API_VERSION),
        Ioctl::CHECK_EXTENSION => capability::check(host, None, argument),
        Ioctl::GET_VCPU_MMAP_SIZE => i64::try_from(VCPU_MMAP_SIZE).unwrap_or(0),
        Ioctl::GET_SUPPORTED_CPUID | Ioctl::GET_EMULATED_CPUID => {
            let entries = match ioctl {
                Ioctl::GET_SUPPORTED_CPUID => cpuid::supported(host),
                _ => Vec::new(),
            };
            let list = entries.iter().map(|entry| &entry[..]);
            give_list(memory, argument, 8, room(argument, memory)?, list)?;
            0
        }
        Ioctl::GET_MSR_INDEX_LIST => give_msrs(&cpuid::MSRS, argument, memory)?,
        Ioctl::GET_MSR_FEATURE_INDEX_LIST => give_msrs(&cpuid::FEATURE_MSRS, argument, memory)?,
        Ioctl::GET_MSRS => {
            // Of the system: what features are told by MSRs. None is.
            let count = u32::from_le_bytes(memory::array(memory, argument)?);
            i64::from(count.min(256))
        }
        Ioctl::X86_GET_MCE_CAP_SUPPORTED => {
            // 32 banks, control of each, and recovery. [APM2, MCG_CAP; Linux, kvm_mce_cap_supported]
            memory.write(argument, &0x0100_0120_u64.to_le_bytes())?;
            0
        }
        Ioctl::HAS_DEVICE_ATTR | Ioctl::GET_DEVICE_ATTR => {
            attribute(host, ioctl, argument, memory)?
        }
        _ => return Err(Errno::NOTTY),
    })
}

/// `KVM_X86_SEV_VMSA_FEATURES`: which features may be asked for. [Linux, sev_dev_get_attr]
fn attribute(host: &Host, ioctl: Ioctl, argument: u64, memory: &dyn Memory) -> Result<i64, Errno> {
    let attribute = memory::array::<24>(memory, argument)?;
    let is_known = field!(attribute, kvm_device_attr.group: u32) == kvm_bindings::KVM_X86_GRP_SEV
        && field!(attribute, kvm_device_attr.attr: u64)
            == u64::from(kvm_bindings::KVM_X86_SEV_VMSA_FEATURES);
    if !is_known || !host.has_init2() {
        return Err(Errno::NXIO);
    }
    if ioctl == Ioctl::GET_DEVICE_ATTR {
        let features = host.supported_sev_features(host.has_snp());
        memory.write(field!(attribute, kvm_device_attr.addr: u64), &features.to_le_bytes())?;
    }
    Ok(0)
}

fn give_msrs(msrs: &[u32], argument: u64, memory: &dyn Memory) -> Result<i64, Errno> {
    let numbers: Vec<[u8; 4]> = msrs.iter().map(|msr| msr.to_le_bytes()).collect();
    let list = numbers.iter().map(|number| &number[..]);
    give_list(memory, argument, 4, room(argument, memory)?, list)?;
    Ok(0)
}

/// How many entries the caller's list has room for.
fn room(argument: u64, memory: &dyn Memory) -> Result<usize, Errno> {
    let room = u32::from_le_bytes(memory::array(memory, argument)?);
    usize::try_from(room).map_err(|_| Errno::TOOBIG)
}
