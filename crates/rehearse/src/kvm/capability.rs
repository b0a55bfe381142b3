//! `KVM_CHECK_EXTENSION`: what this kernel can do. What is not listed cannot be done.

use kvm_bindings as kvm;

use crate::host::Host;
use crate::kvm::vm::{Kind, Vm};

/// `KVM_MEMORY_ATTRIBUTE_PRIVATE`.
pub(crate) const ATTRIBUTE_PRIVATE: u64 = 1 << 3;

/// The answer to `KVM_CHECK_EXTENSION` of the system (`vm` is `None`) or of a VM. [Linux, kvm_vm_ioctl_check_extension]
pub(crate) fn check(host: &Host, vm: Option<&Vm>, capability: u64) -> i64 {
    let Ok(capability) = u32::try_from(capability) else { return 0 };
    let is_snp_or_none = vm.is_none_or(|vm| vm.kind == Kind::Snp);
    let is_protected = vm.is_some_and(|vm| vm.kind.is_protected());
    match capability {
        // Simple ones, which every release that is modelled has.
        kvm::KVM_CAP_IRQCHIP
        | kvm::KVM_CAP_HLT
        | kvm::KVM_CAP_USER_MEMORY
        | kvm::KVM_CAP_SET_TSS_ADDR
        | kvm::KVM_CAP_EXT_CPUID
        | kvm::KVM_CAP_CLOCKSOURCE
        | kvm::KVM_CAP_PIT
        | kvm::KVM_CAP_NOP_IO_DELAY
        | kvm::KVM_CAP_MP_STATE
        | kvm::KVM_CAP_SYNC_MMU
        | kvm::KVM_CAP_DESTROY_MEMORY_REGION_WORKS
        | kvm::KVM_CAP_JOIN_MEMORY_REGIONS_WORKS
        | kvm::KVM_CAP_USER_NMI
        | kvm::KVM_CAP_SET_GUEST_DEBUG
        | kvm::KVM_CAP_REINJECT_CONTROL
        | kvm::KVM_CAP_INTERNAL_ERROR_DATA
        | kvm::KVM_CAP_IRQ_INJECT_STATUS
        | kvm::KVM_CAP_IRQFD
        | kvm::KVM_CAP_PIT2
        | kvm::KVM_CAP_SET_BOOT_CPU_ID
        | kvm::KVM_CAP_PIT_STATE2
        | kvm::KVM_CAP_IOEVENTFD
        | kvm::KVM_CAP_SET_IDENTITY_MAP_ADDR
        | kvm::KVM_CAP_ADJUST_CLOCK
        | kvm::KVM_CAP_VCPU_EVENTS
        | kvm::KVM_CAP_DEBUGREGS
        | kvm::KVM_CAP_X86_ROBUST_SINGLESTEP
        | kvm::KVM_CAP_ENABLE_CAP
        | kvm::KVM_CAP_XSAVE
        | kvm::KVM_CAP_XCRS
        | kvm::KVM_CAP_ASYNC_PF
        | kvm::KVM_CAP_TSC_CONTROL
        | kvm::KVM_CAP_GET_TSC_KHZ
        | kvm::KVM_CAP_TSC_DEADLINE_TIMER
        | kvm::KVM_CAP_KVMCLOCK_CTRL
        | kvm::KVM_CAP_SIGNAL_MSI
        | kvm::KVM_CAP_DEVICE_CTRL
        | kvm::KVM_CAP_ENABLE_CAP_VM
        | kvm::KVM_CAP_IOEVENTFD_NO_LENGTH
        | kvm::KVM_CAP_CHECK_EXTENSION_VM
        | kvm::KVM_CAP_SPLIT_IRQCHIP
        | kvm::KVM_CAP_IOEVENTFD_ANY_LENGTH
        | kvm::KVM_CAP_IMMEDIATE_EXIT
        | kvm::KVM_CAP_VM_ATTRIBUTES
        | kvm::KVM_CAP_GET_MSR_FEATURES
        | kvm::KVM_CAP_MSR_PLATFORM_INFO
        | kvm::KVM_CAP_SREGS2
        | kvm::KVM_CAP_SET_GUEST_DEBUG2
        | kvm::KVM_CAP_SYS_ATTRIBUTES => 1,
        kvm::KVM_CAP_NR_MEMSLOTS => 32_764,
        // How many routes of interrupts there may be. [Linux, KVM_MAX_IRQ_ROUTES]
        kvm::KVM_CAP_IRQ_ROUTING => 4096,
        kvm::KVM_CAP_NR_VCPUS | kvm::KVM_CAP_MAX_VCPUS => MOST_VCPUS,
        kvm::KVM_CAP_MAX_VCPU_ID => 4096,
        kvm::KVM_CAP_MCE => 32,
        // Which page of a vCPU's mapping the ring of coalesced writes is: that after `struct kvm_run` and the port's data.
        kvm::KVM_CAP_COALESCED_MMIO => 2,
        // X2APIC without quirks; hypercalls that convert memory; the size of the XSAVE area.
        kvm::KVM_CAP_X2APIC_API => 3,
        kvm::KVM_CAP_EXIT_HYPERCALL => 1 << 12,
        kvm::KVM_CAP_XSAVE2 => 4096,
        kvm::KVM_CAP_DISABLE_QUIRKS2 => 0x1f,
        // [Linux, svm_has_emulated_msr: MSR_IA32_SMBASE]
        kvm::KVM_CAP_X86_SMM => i64::from(!vm.is_some_and(Vm::is_sev_es)),
        kvm::KVM_CAP_READONLY_MEM => i64::from(!(host.denies_read_only_memory() && is_protected)),
        kvm::KVM_CAP_VM_TYPES if host.has_init2() => {
            let snp = if host.has_snp() { 1 << Kind::Snp.number() } else { 0 };
            1 | 1 << Kind::Sev.number() | 1 << Kind::SevEs.number() | snp
        }
        kvm::KVM_CAP_USER_MEMORY2 | kvm::KVM_CAP_GUEST_MEMFD if host.has_snp() => {
            i64::from(is_snp_or_none)
        }
        kvm::KVM_CAP_MEMORY_ATTRIBUTES if host.has_snp() && is_snp_or_none => {
            i64::try_from(ATTRIBUTE_PRIVATE).unwrap_or(0)
        }
        _ => 0,
    }
}

/// The most vCPUs of a VM. [Linux, KVM_MAX_VCPUS]
pub(crate) const MOST_VCPUS: i64 = 1024;
