//! A virtual machine: its memory and its ioctls.

use std::collections::BTreeMap;

use rustix::io::Errno;

use crate::answer::Answer;
use crate::bytes::field;
use crate::kvm::capability::ATTRIBUTE_PRIVATE;
use crate::kvm::ioctl::Ioctl;
use crate::kvm::stored::Stored;
use crate::kvm::vcpu::{TSC_KHZ, Vcpu};
use crate::memory::{self, Memory};
use crate::sev::guest::Guest;

/// The most slots of memory. [Linux, KVM_USER_MEM_SLOTS]
const MOST_SLOTS: usize = 32_764;
/// The size of `struct kvm_irqchip`.
const IRQCHIP: usize = size_of::<kvm_bindings::kvm_irqchip>();
/// The most ranges that are kept as private; a VMM makes one for each region of memory.
const MOST_RANGES: usize = 4096;

/// What `KVM_CREATE_VM` was asked for. [Linux, `include/uapi/asm/kvm.h`, KVM_X86_DEFAULT_VM and what follows it]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Default,
    Sev,
    SevEs,
    Snp,
}

impl Kind {
    /// The type with this number; `None` if it is none that is modelled.
    pub(crate) fn of(number: u64) -> Option<Self> {
        [Self::Default, Self::Sev, Self::SevEs, Self::Snp]
            .into_iter()
            .find(|kind| u64::from(kind.number()) == number)
    }

    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::Default => kvm_bindings::KVM_X86_DEFAULT_VM,
            Self::Sev => kvm_bindings::KVM_X86_SEV_VM,
            Self::SevEs => kvm_bindings::KVM_X86_SEV_ES_VM,
            Self::Snp => kvm_bindings::KVM_X86_SNP_VM,
        }
    }

    /// Is the state of its vCPUs out of KVM's reach from the launch on? [Linux, svm_vm_init: has_protected_state]
    pub(crate) fn is_protected(self) -> bool {
        matches!(self, Self::SevEs | Self::Snp)
    }

    /// Is it launched after `KVM_SEV_INIT2`, and not after the older calls?
    pub(crate) fn is_init2(self) -> bool {
        self != Self::Default
    }
}

/// A slot of guest memory, and where the VMM has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) gpa: u64,
    pub(crate) size: u64,
    pub(crate) address: u64,
}

/// A VM.
#[derive(Debug)]
pub(crate) struct Vm {
    pub(crate) kind: Kind,
    pub(crate) vcpus: Vec<(u32, Vcpu)>,
    pub(crate) guest: Option<Guest>,
    /// Was the quirk switched off that clears CR0.CD and CR0.NW?
    pub(crate) keeps_cd_nw: bool,
    slots: BTreeMap<u32, Slot>,
    /// Private ranges: first page and the page after the last.
    private: Vec<(u64, u64)>,
    /// The state of each interrupt controller, by its number.
    irqchips: BTreeMap<u32, [u8; IRQCHIP]>,
    stored: Stored,
}

impl Vm {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            vcpus: Vec::new(),
            guest: None,
            keeps_cd_nw: false,
            slots: BTreeMap::new(),
            private: Vec::new(),
            irqchips: BTreeMap::new(),
            stored: Stored::default(),
        }
    }

    /// Is it a guest whose registers are measured, in SEV-ES or SNP? [Linux, sev_es_guest]
    pub(crate) fn is_sev_es(&self) -> bool {
        self.kind.is_protected() || self.guest.as_ref().is_some_and(|guest| guest.has_vmsas)
    }

    /// Where in guest memory an address of the VMM's is.
    pub(crate) fn gpa_of(&self, address: u64) -> Option<u64> {
        let slots = self.slots.values();
        let mut places = slots.filter_map(|slot| {
            let offset = address.checked_sub(slot.address)?;
            (offset < slot.size).then(|| slot.gpa.checked_add(offset))?
        });
        places.next()
    }

    /// Are these pages in some slot?
    pub(crate) fn has_memory(&self, gpa: u64, size: u64) -> bool {
        let Some(end) = gpa.checked_add(size) else { return false };
        self.slots.values().any(|slot| {
            slot.gpa <= gpa && slot.gpa.checked_add(slot.size).is_some_and(|its| end <= its)
        })
    }

    /// Was all of this made private?
    pub(crate) fn is_private(&self, gpa: u64, size: u64) -> bool {
        let Some(end) = gpa.checked_add(size) else { return false };
        let mut at = gpa;
        while at < end {
            let Some(range) = self.private.iter().find(|range| (range.0..range.1).contains(&at))
            else {
                return false;
            };
            at = range.1;
        }
        true
    }

    /// Answers what needs nothing but the VM.
    pub(crate) fn ioctl(
        &mut self,
        ioctl: Ioctl,
        argument: u64,
        memory: &dyn Memory,
    ) -> Result<Answer, Errno> {
        match ioctl {
            Ioctl::SET_USER_MEMORY_REGION => {
                let region = memory::array::<32>(memory, argument)?;
                self.set_slot(&region)?;
            }
            Ioctl::SET_USER_MEMORY_REGION2 => {
                // Begins as the older structure does.
                let region = memory::array::<160>(memory, argument)?;
                self.set_slot(&region)?;
            }
            Ioctl::SET_MEMORY_ATTRIBUTES => {
                let attributes = memory::array::<32>(memory, argument)?;
                let start = field!(attributes, kvm_memory_attributes.address: u64);
                let size = field!(attributes, kvm_memory_attributes.size: u64);
                let what = field!(attributes, kvm_memory_attributes.attributes: u64);
                self.set_attributes(start, size, what)?;
            }
            Ioctl::ENABLE_CAP => {
                let enabled = memory::array::<104>(memory, argument)?;
                let capability = field!(enabled, kvm_enable_cap.cap: u32);
                let quirks = u64::from_le_bytes(crate::bytes::at(
                    &enabled,
                    std::mem::offset_of!(kvm_bindings::kvm_enable_cap, args),
                ));
                let names_quirks = capability == kvm_bindings::KVM_CAP_DISABLE_QUIRKS
                    || capability == kvm_bindings::KVM_CAP_DISABLE_QUIRKS2;
                if names_quirks {
                    self.keeps_cd_nw =
                        quirks & u64::from(kvm_bindings::KVM_X86_QUIRK_CD_NW_CLEARED) != 0;
                }
            }
            Ioctl::SET_IRQCHIP => {
                let chip = memory::array::<IRQCHIP>(memory, argument)?;
                self.irqchips.insert(field!(chip, kvm_irqchip.chip_id: u32), chip);
            }
            Ioctl::GET_IRQCHIP => {
                let asked = memory::array::<4>(memory, argument)?;
                let mut chip = [0; IRQCHIP];
                crate::bytes::put(&mut chip, 0, &asked);
                let kept = self.irqchips.get(&u32::from_le_bytes(asked));
                memory.write(argument, kept.unwrap_or(&chip))?;
            }
            Ioctl::SET_CLOCK => self.stored.store(ioctl, 48, argument, memory)?,
            Ioctl::GET_CLOCK => self.stored.give(Ioctl::SET_CLOCK, 48, argument, memory)?,
            Ioctl::SET_PIT2 => self.stored.store(ioctl, 112, argument, memory)?,
            Ioctl::GET_PIT2 => self.stored.give(Ioctl::SET_PIT2, 112, argument, memory)?,
            Ioctl::IRQ_LINE_STATUS => {
                // The line was raised, and nobody is there to take the interrupt.
                let mut level = memory::array::<8>(memory, argument)?;
                crate::bytes::put(&mut level, 0, &1_u32.to_le_bytes());
                memory.write(argument, &level)?;
            }
            Ioctl::GET_TSC_KHZ => return Ok(Answer::Value(TSC_KHZ)),
            // Nothing is ever written by a guest that does not run.
            Ioctl::GET_DIRTY_LOG
            | Ioctl::CLEAR_DIRTY_LOG
            | Ioctl::RESET_DIRTY_RINGS
            | Ioctl::SET_NR_MMU_PAGES
            | Ioctl::SET_TSS_ADDR
            | Ioctl::SET_IDENTITY_MAP_ADDR
            | Ioctl::CREATE_IRQCHIP
            | Ioctl::IRQ_LINE
            | Ioctl::REGISTER_COALESCED_MMIO
            | Ioctl::UNREGISTER_COALESCED_MMIO
            | Ioctl::SET_GSI_ROUTING
            | Ioctl::REINJECT_CONTROL
            | Ioctl::IRQFD
            | Ioctl::CREATE_PIT2
            | Ioctl::SET_BOOT_CPU_ID
            | Ioctl::IOEVENTFD
            | Ioctl::SIGNAL_MSI
            | Ioctl::SET_TSC_KHZ
            | Ioctl::X86_SET_MSR_FILTER => {}
            _ => return Err(Errno::NOTTY),
        }
        Ok(Answer::Value(0))
    }

    fn set_slot(&mut self, region: &[u8]) -> Result<(), Errno> {
        let number = field!(region, kvm_userspace_memory_region.slot: u32);
        let slot = Slot {
            gpa: field!(region, kvm_userspace_memory_region.guest_phys_addr: u64),
            size: field!(region, kvm_userspace_memory_region.memory_size: u64),
            address: field!(region, kvm_userspace_memory_region.userspace_addr: u64),
        };
        let is_aligned = [slot.gpa, slot.size, slot.address].iter().all(|place| place % 4096 == 0);
        if !is_aligned || slot.gpa.checked_add(slot.size).is_none() {
            return Err(Errno::INVAL);
        }
        if slot.size == 0 {
            self.slots.remove(&number);
        } else if self.slots.len() >= MOST_SLOTS && !self.slots.contains_key(&number) {
            return Err(Errno::INVAL);
        } else {
            self.slots.insert(number, slot);
        }
        Ok(())
    }

    /// Makes a range private or shared, as the whole of its attributes says.
    fn set_attributes(&mut self, start: u64, size: u64, attributes: u64) -> Result<(), Errno> {
        let end = start.checked_add(size).ok_or(Errno::INVAL)?;
        let is_known = attributes & !ATTRIBUTE_PRIVATE == 0;
        if size == 0 || [start, size].iter().any(|place| place % 4096 != 0) || !is_known {
            return Err(Errno::INVAL);
        }
        if self.private.len() >= MOST_RANGES {
            return Err(Errno::NOMEM);
        }
        let mut ranges = Vec::with_capacity(self.private.len() + 2);
        for (first, past) in self.private.drain(..) {
            ranges.extend((first < start.min(past)).then_some((first, start.min(past))));
            ranges.extend((end.max(first) < past).then_some((end.max(first), past)));
        }
        if attributes & ATTRIBUTE_PRIVATE != 0 {
            ranges.push((start, end));
        }
        self.private = ranges;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_private_until_they_are_shared() {
        let mut vm = Vm::new(Kind::Snp);
        assert!(!vm.is_private(0, 4096));
        vm.set_attributes(0, 0x10_0000, ATTRIBUTE_PRIVATE).unwrap();
        vm.set_attributes(0x10_0000, 0x1000, ATTRIBUTE_PRIVATE).unwrap();
        assert!(vm.is_private(0, 0x10_1000));
        vm.set_attributes(0x5000, 0x1000, 0).unwrap();
        assert!(vm.is_private(0, 0x5000) && vm.is_private(0x6000, 0x1000));
        assert!(!vm.is_private(0x5000, 0x1000) && !vm.is_private(0, 0x6000));
        for (start, size, what) in
            [(1, 0x1000, 0), (0, 1, 0), (0, 0, 0), (0, 0x1000, 1), (!0xfff, 0x2000, 0)]
        {
            assert_eq!(
                vm.set_attributes(start, size, what),
                Err(Errno::INVAL),
                "{start:#x}, {size:#x}"
            );
        }
    }

    #[test]
    fn addresses_are_found_in_slots() {
        let mut vm = Vm::new(Kind::Default);
        vm.slots.insert(0, Slot { gpa: 0xffc0_0000, size: 0x40_0000, address: 0x7f00_0000_0000 });
        assert_eq!(vm.gpa_of(0x7f00_0000_0010), Some(0xffc0_0010));
        assert_eq!(vm.gpa_of(0x7f00_0040_0000), None);
        assert_eq!(vm.gpa_of(0x7eff_ffff_ffff), None);
        assert!(vm.has_memory(0xffc0_0000, 0x40_0000) && !vm.has_memory(0xffc0_0000, 0x40_1000));
    }
}
