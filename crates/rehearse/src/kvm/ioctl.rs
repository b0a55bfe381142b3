//! KVM's ioctls: their names and numbers. [Linux, `include/uapi/linux/kvm.h`; `Documentation/virt/kvm/api.rst`]

use kvm_bindings as kvm;

/// The type byte of all of KVM's ioctls, `KVMIO`.
pub(crate) const KVMIO: u8 = 0xae;

/// `_IOC` of <asm-generic/ioctl.h>: the direction in the two highest bits, then 14 bits of size, the type, the number.
const fn request(direction: u32, number: u8, size: usize) -> u32 {
    assert!(size < 1 << 14, "an ioctl's argument");
    #[expect(clippy::as_conversions, reason = "`From` is not const, and the size was just checked")]
    let size = size as u32;
    #[expect(clippy::as_conversions, reason = "`From` is not const; these only widen")]
    let (number, kind) = (number as u32, KVMIO as u32);
    direction << 30 | size << 16 | kind << 8 | number
}

macro_rules! ioctls {
    ($($name:ident = $direction:ident $number:literal $(, $size:ty)?;)*) => {
        /// An ioctl of KVM's that this model knows by name.
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "the header's names, without `KVM_`")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Ioctl {
            $($name,)*
        }

        impl Ioctl {
            /// Its number, and its name as the header has it.
            const ALL: &[(Self, u32, &'static str)] = &[$((
                Self::$name,
                request($direction, $number, 0 $(+ size_of::<$size>())?),
                concat!("KVM_", stringify!($name)),
            ),)*];
        }
    };
}

const NONE: u32 = 0;
const WRITES: u32 = 1;
const READS: u32 = 2;
const BOTH: u32 = 3;

ioctls! {
    // Of /dev/kvm
    GET_API_VERSION = NONE 0x00;
    CREATE_VM = NONE 0x01;
    GET_MSR_INDEX_LIST = BOTH 0x02, kvm::kvm_msr_list;
    CHECK_EXTENSION = NONE 0x03;
    GET_VCPU_MMAP_SIZE = NONE 0x04;
    GET_SUPPORTED_CPUID = BOTH 0x05, kvm::kvm_cpuid2;
    GET_EMULATED_CPUID = BOTH 0x09, kvm::kvm_cpuid2;
    GET_MSR_FEATURE_INDEX_LIST = BOTH 0x0a, kvm::kvm_msr_list;
    X86_GET_MCE_CAP_SUPPORTED = READS 0x9d, u64;
    // Of a VM
    CREATE_VCPU = NONE 0x41;
    GET_DIRTY_LOG = WRITES 0x42, kvm::kvm_dirty_log;
    SET_NR_MMU_PAGES = NONE 0x44;
    SET_USER_MEMORY_REGION = WRITES 0x46, kvm::kvm_userspace_memory_region;
    SET_TSS_ADDR = NONE 0x47;
    SET_IDENTITY_MAP_ADDR = WRITES 0x48, u64;
    SET_USER_MEMORY_REGION2 = WRITES 0x49, kvm::kvm_userspace_memory_region2;
    CREATE_IRQCHIP = NONE 0x60;
    IRQ_LINE = WRITES 0x61, kvm::kvm_irq_level;
    GET_IRQCHIP = BOTH 0x62, kvm::kvm_irqchip;
    SET_IRQCHIP = READS 0x63, kvm::kvm_irqchip;
    IRQ_LINE_STATUS = BOTH 0x67, kvm::kvm_irq_level;
    REGISTER_COALESCED_MMIO = WRITES 0x67, kvm::kvm_coalesced_mmio_zone;
    UNREGISTER_COALESCED_MMIO = WRITES 0x68, kvm::kvm_coalesced_mmio_zone;
    SET_GSI_ROUTING = WRITES 0x6a, kvm::kvm_irq_routing;
    REINJECT_CONTROL = NONE 0x71;
    IRQFD = WRITES 0x76, kvm::kvm_irqfd;
    CREATE_PIT2 = WRITES 0x77, kvm::kvm_pit_config;
    SET_BOOT_CPU_ID = NONE 0x78;
    IOEVENTFD = WRITES 0x79, kvm::kvm_ioeventfd;
    SET_CLOCK = WRITES 0x7b, kvm::kvm_clock_data;
    GET_CLOCK = READS 0x7c, kvm::kvm_clock_data;
    GET_PIT2 = READS 0x9f, kvm::kvm_pit_state2;
    SET_PIT2 = WRITES 0xa0, kvm::kvm_pit_state2;
    SIGNAL_MSI = WRITES 0xa5, kvm::kvm_msi;
    MEMORY_ENCRYPT_OP = BOTH 0xba, u64;
    MEMORY_ENCRYPT_REG_REGION = READS 0xbb, kvm::kvm_enc_region;
    MEMORY_ENCRYPT_UNREG_REGION = READS 0xbc, kvm::kvm_enc_region;
    CLEAR_DIRTY_LOG = BOTH 0xc0, kvm::kvm_clear_dirty_log;
    X86_SET_MSR_FILTER = WRITES 0xc6, kvm::kvm_msr_filter;
    RESET_DIRTY_RINGS = NONE 0xc7;
    SET_MEMORY_ATTRIBUTES = WRITES 0xd2, kvm::kvm_memory_attributes;
    CREATE_GUEST_MEMFD = BOTH 0xd4, kvm::kvm_create_guest_memfd;
    CREATE_DEVICE = BOTH 0xe0, kvm::kvm_create_device;
    // Of several
    ENABLE_CAP = WRITES 0xa3, kvm::kvm_enable_cap;
    GET_STATS_FD = NONE 0xce;
    SET_DEVICE_ATTR = WRITES 0xe1, kvm::kvm_device_attr;
    GET_DEVICE_ATTR = WRITES 0xe2, kvm::kvm_device_attr;
    HAS_DEVICE_ATTR = WRITES 0xe3, kvm::kvm_device_attr;
    SET_TSC_KHZ = NONE 0xa2;
    GET_TSC_KHZ = NONE 0xa3;
    // Of a vCPU
    RUN = NONE 0x80;
    GET_REGS = READS 0x81, kvm::kvm_regs;
    SET_REGS = WRITES 0x82, kvm::kvm_regs;
    GET_SREGS = READS 0x83, kvm::kvm_sregs;
    SET_SREGS = WRITES 0x84, kvm::kvm_sregs;
    TRANSLATE = BOTH 0x85, kvm::kvm_translation;
    INTERRUPT = WRITES 0x86, u32;
    GET_MSRS = BOTH 0x88, kvm::kvm_msrs;
    SET_MSRS = WRITES 0x89, kvm::kvm_msrs;
    SET_SIGNAL_MASK = WRITES 0x8b, u32;
    GET_FPU = READS 0x8c, kvm::kvm_fpu;
    SET_FPU = WRITES 0x8d, kvm::kvm_fpu;
    GET_LAPIC = READS 0x8e, kvm::kvm_lapic_state;
    SET_LAPIC = WRITES 0x8f, kvm::kvm_lapic_state;
    SET_CPUID2 = WRITES 0x90, kvm::kvm_cpuid2;
    GET_CPUID2 = BOTH 0x91, kvm::kvm_cpuid2;
    TPR_ACCESS_REPORTING = BOTH 0x92, kvm::kvm_tpr_access_ctl;
    SET_VAPIC_ADDR = WRITES 0x93, kvm::kvm_vapic_addr;
    GET_MP_STATE = READS 0x98, kvm::kvm_mp_state;
    SET_MP_STATE = WRITES 0x99, kvm::kvm_mp_state;
    NMI = NONE 0x9a;
    SET_GUEST_DEBUG = WRITES 0x9b, kvm::kvm_guest_debug;
    X86_SETUP_MCE = WRITES 0x9c, u64;
    X86_SET_MCE = WRITES 0x9e, kvm::kvm_x86_mce;
    GET_VCPU_EVENTS = READS 0x9f, kvm::kvm_vcpu_events;
    SET_VCPU_EVENTS = WRITES 0xa0, kvm::kvm_vcpu_events;
    GET_DEBUGREGS = READS 0xa1, kvm::kvm_debugregs;
    SET_DEBUGREGS = WRITES 0xa2, kvm::kvm_debugregs;
    GET_XSAVE = READS 0xa4, kvm::kvm_xsave;
    SET_XSAVE = WRITES 0xa5, kvm::kvm_xsave;
    GET_XCRS = READS 0xa6, kvm::kvm_xcrs;
    SET_XCRS = WRITES 0xa7, kvm::kvm_xcrs;
    GET_ONE_REG = WRITES 0xab, kvm::kvm_one_reg;
    SET_ONE_REG = WRITES 0xac, kvm::kvm_one_reg;
    KVMCLOCK_CTRL = NONE 0xad;
    SMI = NONE 0xb7;
    GET_NESTED_STATE = BOTH 0xbe, kvm::kvm_nested_state;
    SET_NESTED_STATE = WRITES 0xbf, kvm::kvm_nested_state;
    GET_SREGS2 = READS 0xcc, kvm::kvm_sregs2;
    SET_SREGS2 = WRITES 0xcd, kvm::kvm_sregs2;
    GET_XSAVE2 = READS 0xcf, kvm::kvm_xsave;
}

impl Ioctl {
    /// The ioctl that a request's number is.
    pub(crate) fn of(request: u32) -> Option<Self> {
        Self::ALL.iter().find(|(_, number, _)| *number == request).map(|(ioctl, _, _)| *ioctl)
    }

    /// Its name, as the header has it.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(ioctl, _, _)| *ioctl == self).map_or("", |(_, _, name)| name)
    }
}

/// A request's name, or its number where it is none that is known.
pub(crate) fn name(request: u32) -> String {
    match Ioctl::of(request) {
        Some(ioctl) => ioctl.name().to_owned(),
        None => format!("ioctl {request:#010x} (number {:#04x} of KVM's)", request & 0xff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers as `strace` and the headers of x86-64 have them.
    #[test]
    fn numbers_are_the_kernels() {
        for (number, name) in [
            (0xae00, "KVM_GET_API_VERSION"),
            (0xae01, "KVM_CREATE_VM"),
            (0xc008_ae05, "KVM_GET_SUPPORTED_CPUID"),
            (0xae41, "KVM_CREATE_VCPU"),
            (0x4020_ae46, "KVM_SET_USER_MEMORY_REGION"),
            (0x40a0_ae49, "KVM_SET_USER_MEMORY_REGION2"),
            (0xae80, "KVM_RUN"),
            (0x8090_ae81, "KVM_GET_REGS"),
            (0x4090_ae82, "KVM_SET_REGS"),
            (0x8138_ae83, "KVM_GET_SREGS"),
            (0x4138_ae84, "KVM_SET_SREGS"),
            (0x4008_ae89, "KVM_SET_MSRS"),
            (0x4008_ae90, "KVM_SET_CPUID2"),
            (0x5000_aea5, "KVM_SET_XSAVE"),
            (0xc008_aeba, "KVM_MEMORY_ENCRYPT_OP"),
            (0x8010_aebb, "KVM_MEMORY_ENCRYPT_REG_REGION"),
            (0x4140_aecd, "KVM_SET_SREGS2"),
            (0x4020_aed2, "KVM_SET_MEMORY_ATTRIBUTES"),
            (0xc040_aed4, "KVM_CREATE_GUEST_MEMFD"),
        ] {
            assert_eq!(Ioctl::of(number).map(Ioctl::name), Some(name), "{number:#x}");
        }
        assert_eq!(name(0xaeff), "ioctl 0x0000aeff (number 0xff of KVM's)");
    }

    #[test]
    fn no_number_is_two_ioctls() {
        let mut numbers: Vec<u32> = Ioctl::ALL.iter().map(|(_, number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), Ioctl::ALL.len());
    }
}
