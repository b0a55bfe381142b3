//! A vCPU: its ioctls.

use std::os::fd::OwnedFd;

use rustix::io::Errno;

use crate::answer::Answer;
use crate::bytes::{field, set_field};
use crate::kvm::ioctl::Ioctl;
use crate::kvm::registers::Registers;
use crate::kvm::stored::Stored;
use crate::memory::{self, Memory};

/// The most entries that are taken at once, of CPUID or of MSRs. [Linux, KVM_MAX_CPUID_ENTRIES and MAX_IO_MSRS, both 256]
const MOST_ENTRIES: usize = 256;
/// What a vCPU's mapping has: `struct kvm_run`, a page for the data of ports, the ring of coalesced writes. [Linux, kvm_vcpu_mmap_size]
pub(crate) const VCPU_MMAP_SIZE: u64 = 3 * 4096;

/// The size of `struct kvm_cpuid_entry2`, and that of `struct kvm_msr_entry`.
const CPUID_ENTRY: usize = 40;
const MSR_ENTRY: usize = 16;

/// A vCPU, which never runs.
#[derive(Debug)]
pub(crate) struct Vcpu {
    pub(crate) registers: Registers,
    /// Its `struct kvm_run`, which its VMM maps.
    pub(crate) run: OwnedFd,
    /// Was its VMSA measured? Then its registers are the processor's, and no longer KVM's.
    pub(crate) is_protected: bool,
    cpuid: Vec<u8>,
    /// State that is only stored and given back, by the ioctl that sets it.
    stored: Stored,
}

impl Vcpu {
    pub(crate) fn new(run: OwnedFd, is_boot_vcpu: bool) -> Self {
        let registers = Registers::reset(is_boot_vcpu);
        Self { registers, run, is_protected: false, cpuid: Vec::new(), stored: Stored::default() }
    }

    /// Answers one ioctl. `denies_state` if registers of a protected vCPU are denied instead of passed over: guests of `KVM_SEV_INIT2`.
    pub(crate) fn ioctl(
        &mut self,
        ioctl: Ioctl,
        argument: u64,
        memory: &dyn Memory,
        denies_state: bool,
    ) -> Result<Answer, Errno> {
        let touches_state = matches!(
            ioctl,
            Ioctl::GET_REGS
                | Ioctl::SET_REGS
                | Ioctl::GET_SREGS
                | Ioctl::SET_SREGS
                | Ioctl::GET_SREGS2
                | Ioctl::SET_SREGS2
                | Ioctl::GET_DEBUGREGS
                | Ioctl::SET_DEBUGREGS
                | Ioctl::GET_XSAVE
                | Ioctl::SET_XSAVE
                | Ioctl::GET_XSAVE2
                | Ioctl::GET_XCRS
                | Ioctl::SET_XCRS
                | Ioctl::GET_FPU
                | Ioctl::SET_FPU
                | Ioctl::GET_VCPU_EVENTS
                | Ioctl::SET_VCPU_EVENTS
        );
        if touches_state && self.is_protected && denies_state {
            return Err(Errno::INVAL);
        }
        let registers = &mut self.registers;
        match ioctl {
            Ioctl::RUN => return self.run(),
            Ioctl::GET_REGS => memory.write(argument, &registers.general)?,
            Ioctl::SET_REGS => registers.set_general(memory::array(memory, argument)?),
            Ioctl::GET_SREGS => {
                let mut sregs = [0; size_of::<kvm_bindings::kvm_sregs>()];
                crate::bytes::put(&mut sregs, 0, &registers.special());
                memory.write(argument, &sregs)?;
            }
            Ioctl::GET_SREGS2 => {
                let mut sregs = [0; size_of::<kvm_bindings::kvm_sregs2>()];
                crate::bytes::put(&mut sregs, 0, &registers.special());
                memory.write(argument, &sregs)?;
            }
            Ioctl::SET_SREGS => {
                registers.set_special(&memory::array::<{ size_of::<kvm_bindings::kvm_sregs>() }>(
                    memory, argument,
                )?);
            }
            Ioctl::SET_SREGS2 => {
                registers.set_special(&memory::array::<{ size_of::<kvm_bindings::kvm_sregs2>() }>(
                    memory, argument,
                )?);
            }
            Ioctl::GET_DEBUGREGS => memory.write(argument, &registers.debug)?,
            Ioctl::SET_DEBUGREGS => registers.debug = memory::array(memory, argument)?,
            Ioctl::GET_XSAVE | Ioctl::GET_XSAVE2 => memory.write(argument, &registers.xsave[..])?,
            Ioctl::SET_XSAVE => registers.set_xsave(&memory::array(memory, argument)?),
            Ioctl::GET_XCRS => {
                let mut xcrs = [0; size_of::<kvm_bindings::kvm_xcrs>()];
                set_field!(xcrs, kvm_xcrs.nr_xcrs: u32 = 1);
                crate::bytes::put(&mut xcrs, XCR_VALUE, &registers.xcr0.to_le_bytes());
                memory.write(argument, &xcrs)?;
            }
            Ioctl::SET_XCRS => {
                let xcrs =
                    memory::array::<{ size_of::<kvm_bindings::kvm_xcrs>() }>(memory, argument)?;
                if field!(xcrs, kvm_xcrs.nr_xcrs: u32) > 0 {
                    registers.xcr0 = u64::from_le_bytes(crate::bytes::at(&xcrs, XCR_VALUE));
                }
            }
            Ioctl::GET_MSRS => return self.msrs(argument, memory, false),
            Ioctl::SET_MSRS => return self.msrs(argument, memory, true),
            Ioctl::SET_CPUID2 => {
                let count = entries(memory, argument)?;
                self.cpuid = memory::vec(
                    memory,
                    argument + 8,
                    count * CPUID_ENTRY,
                    MOST_ENTRIES * CPUID_ENTRY,
                )?;
            }
            Ioctl::GET_CPUID2 => {
                let room = entries(memory, argument)?;
                give_list(memory, argument, 8, room, self.cpuid.chunks(CPUID_ENTRY))?;
            }
            Ioctl::TRANSLATE => {
                // Without page tables of the guest's, an address is the one that it looks like.
                let mut translation = memory::array::<
                    { size_of::<kvm_bindings::kvm_translation>() },
                >(memory, argument)?;
                let linear = field!(translation, kvm_translation.linear_address: u64);
                set_field!(translation, kvm_translation.physical_address: u64 = linear);
                set_field!(translation, kvm_translation.valid: u8 = 1);
                memory.write(argument, &translation)?;
            }
            Ioctl::GET_LAPIC => self.stored.give(Ioctl::SET_LAPIC, 1024, argument, memory)?,
            Ioctl::SET_LAPIC => self.stored.store(ioctl, 1024, argument, memory)?,
            Ioctl::GET_MP_STATE => self.stored.give(Ioctl::SET_MP_STATE, 4, argument, memory)?,
            Ioctl::SET_MP_STATE => self.stored.store(ioctl, 4, argument, memory)?,
            Ioctl::GET_VCPU_EVENTS => {
                self.stored.give(Ioctl::SET_VCPU_EVENTS, 64, argument, memory)?;
            }
            Ioctl::SET_VCPU_EVENTS => self.stored.store(ioctl, 64, argument, memory)?,
            Ioctl::GET_FPU => self.stored.give(Ioctl::SET_FPU, 416, argument, memory)?,
            Ioctl::SET_FPU => self.stored.store(ioctl, 416, argument, memory)?,
            Ioctl::GET_NESTED_STATE => {
                // Flags and format of a vCPU with no guest of its own, of which the size is that of the head.
                let mut state = [0; size_of::<kvm_bindings::kvm_nested_state>()];
                set_field!(state, kvm_nested_state.format: u16 = 1);
                set_field!(state, kvm_nested_state.size: u32 = 128);
                memory.write(argument, &state)?;
            }
            Ioctl::GET_TSC_KHZ => return Ok(Answer::Value(TSC_KHZ)),
            Ioctl::SET_NESTED_STATE
            | Ioctl::SET_TSC_KHZ
            | Ioctl::TPR_ACCESS_REPORTING
            | Ioctl::SET_VAPIC_ADDR
            | Ioctl::SET_SIGNAL_MASK
            | Ioctl::SET_GUEST_DEBUG
            | Ioctl::X86_SETUP_MCE
            | Ioctl::X86_SET_MCE
            | Ioctl::SET_ONE_REG
            | Ioctl::KVMCLOCK_CTRL
            | Ioctl::ENABLE_CAP
            | Ioctl::INTERRUPT
            | Ioctl::NMI
            | Ioctl::SMI => {}
            Ioctl::GET_ONE_REG => {
                let register = memory::array::<16>(memory, argument)?;
                memory.write(field!(register, kvm_one_reg.addr: u64), &[0; 8])?;
            }
            _ => return Err(Errno::NOTTY),
        }
        Ok(Answer::Value(0))
    }

    /// `KVM_RUN`: it never comes back by itself, but for who asks it not to start. [Linux, `Documentation/virt/kvm/api.rst`, immediate_exit]
    fn run(&self) -> Result<Answer, Errno> {
        let mut flag = [0];
        let place = std::mem::offset_of!(kvm_bindings::kvm_run, immediate_exit);
        let read = rustix::io::pread(&self.run, &mut flag, u64::try_from(place).unwrap_or(1))?;
        if read == 1 && flag != [0] { Err(Errno::INTR) } else { Ok(Answer::Hold) }
    }

    /// `KVM_GET_MSRS` and `KVM_SET_MSRS`: the number of MSRs done.
    fn msrs(&mut self, argument: u64, memory: &dyn Memory, sets: bool) -> Result<Answer, Errno> {
        let count = entries(memory, argument)?;
        let size = count * MSR_ENTRY;
        let mut list = memory::vec(memory, argument + 8, size, MOST_ENTRIES * MSR_ENTRY)?;
        for entry in list.chunks_exact_mut(MSR_ENTRY) {
            let index = field!(entry, kvm_msr_entry.index: u32);
            if sets {
                self.registers.set_msr(index, field!(entry, kvm_msr_entry.data: u64));
            } else {
                let value = self.registers.msr(index);
                set_field!(entry, kvm_msr_entry.data: u64 = value);
            }
        }
        if !sets {
            memory.write(argument + 8, &list)?;
        }
        Ok(Answer::Value(i64::try_from(count).unwrap_or(0)))
    }
}

/// Where the value of the first register is in `struct kvm_xcrs`: after `xcrs`' own head of two words.
const XCR_VALUE: usize = std::mem::offset_of!(kvm_bindings::kvm_xcrs, xcrs)
    + std::mem::offset_of!(kvm_bindings::kvm_xcr, value);

/// The frequency that a guest's time counter is said to have, in kHz: no guest reads it here.
pub(crate) const TSC_KHZ: i64 = 2_000_000;

/// The first word of a list: how many entries it has, or has room for.
fn entries(memory: &dyn Memory, argument: u64) -> Result<usize, Errno> {
    let count = u32::from_le_bytes(memory::array(memory, argument)?);
    usize::try_from(count).map_err(|_| Errno::TOOBIG)
}

/// Gives a list to a caller who has room for so many entries: E2BIG and the number that there are, if that is too little.
pub(crate) fn give_list<'e>(
    memory: &dyn Memory,
    argument: u64,
    head: u64,
    room: usize,
    list: impl ExactSizeIterator<Item = &'e [u8]>,
) -> Result<(), Errno> {
    let count = u32::try_from(list.len()).map_err(|_| Errno::TOOBIG)?;
    memory.write(argument, &count.to_le_bytes())?;
    if list.len() > room {
        return Err(Errno::TOOBIG);
    }
    let bytes: Vec<u8> = list.flatten().copied().collect();
    memory.write(argument + head, &bytes)
}
