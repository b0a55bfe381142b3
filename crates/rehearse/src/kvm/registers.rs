//! What KVM keeps of a vCPU, as far as a VMSA is made of it: what each setter leaves, and what a reset does.

use std::collections::BTreeMap;
use std::mem::offset_of;
use std::ops::Range;

use kvm_bindings::kvm_sregs;

use crate::bytes::{self, field, set_field};
use crate::kvm::segment::{Register, Segment};

/// MSRs that stand in a save area: IA32_PAT, XSS, and those of system calls. [APM2, MSRs of the AMD64 architecture]
pub(crate) const PAT: u32 = 0x277;
pub(crate) const XSS: u32 = 0xda0;
pub(crate) const EFER: u32 = 0xc000_0080;

/// Where each segment stands in `struct kvm_sregs` and `struct kvm_sregs2`.
const SEGMENTS: [usize; 8] = [
    offset_of!(kvm_sregs, cs),
    offset_of!(kvm_sregs, ds),
    offset_of!(kvm_sregs, es),
    offset_of!(kvm_sregs, fs),
    offset_of!(kvm_sregs, gs),
    offset_of!(kvm_sregs, ss),
    offset_of!(kvm_sregs, tr),
    offset_of!(kvm_sregs, ldt),
];

/// The most MSRs that are kept.
const MOST_MSRS: usize = 512;

/// What the PAT is after a reset. [APM2, page-attribute table]
const PAT_RESET: u64 = 0x0007_0406_0007_0406;

/// RFLAGS bit 1 is always one. [APM2, RFLAGS register]
const RFLAGS_FIXED: u64 = 1 << 1;
/// What RDX holds after a reset when no CPUID was set before it. [Linux, kvm_vcpu_reset]
const RDX_WITHOUT_CPUID: u64 = 0x600;

/// The size of `struct kvm_xsave`, and the places of the words that it begins with. [APM2, FXSAVE and XSAVE formats]
pub(crate) const XSAVE_SIZE: usize = 4096;
const X87: Range<usize> = 0..24;
const MXCSR: Range<usize> = 24..28;
const ST: Range<usize> = 32..160;
pub(crate) const XMM: Range<usize> = 160..416;
const XSTATE_BV: usize = 512;
pub(crate) const YMM: Range<usize> = 576..832;

/// A descriptor table's register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) base: u64,
    pub(crate) limit: u16,
}

/// A vCPU's registers, as KVM's save area and its own memory hold them.
#[derive(Clone, Debug)]
pub(crate) struct Registers {
    /// `struct kvm_regs`: sixteen registers, RIP and RFLAGS.
    pub(crate) general: [u8; 144],
    pub(crate) cs: Segment,
    pub(crate) ds: Segment,
    pub(crate) es: Segment,
    pub(crate) fs: Segment,
    pub(crate) gs: Segment,
    pub(crate) ss: Segment,
    pub(crate) tr: Segment,
    pub(crate) ldtr: Segment,
    pub(crate) gdtr: Table,
    pub(crate) idtr: Table,
    /// The privilege level, which SS sets.
    pub(crate) cpl: u8,
    // Control registers and EFER are as the caller set them; what KVM adds is added where a VMSA is made.
    pub(crate) cr0: u64,
    pub(crate) cr2: u64,
    pub(crate) cr3: u64,
    pub(crate) cr4: u64,
    pub(crate) cr8: u64,
    pub(crate) efer: u64,
    pub(crate) apic_base: u64,
    /// `struct kvm_debugregs`.
    pub(crate) debug: [u8; 128],
    pub(crate) xcr0: u64,
    pub(crate) xsave: Box<[u8; XSAVE_SIZE]>,
    pub(crate) msrs: BTreeMap<u32, u64>,
}

impl Registers {
    /// As KVM makes a vCPU. [Linux, kvm_vcpu_reset, init_vmcb]
    pub(crate) fn reset(is_boot_vcpu: bool) -> Self {
        let data = Segment::new(0, 0x92, 0);
        let mut general = [0; 144];
        set_field!(general, kvm_regs.rdx: u64 = RDX_WITHOUT_CPUID);
        set_field!(general, kvm_regs.rip: u64 = 0xfff0);
        set_field!(general, kvm_regs.rflags: u64 = RFLAGS_FIXED);
        let mut debug = [0; 128];
        set_field!(debug, kvm_debugregs.dr6: u64 = 0xffff_0ff0);
        set_field!(debug, kvm_debugregs.dr7: u64 = 0x400);
        let mut xsave = Box::new([0; XSAVE_SIZE]);
        bytes::put(&mut xsave[..], X87.start, &0x37f_u16.to_le_bytes());
        bytes::put(&mut xsave[..], MXCSR.start, &0x1f80_u32.to_le_bytes());
        // The local APIC is on at its usual place; bit 8 marks the boot processor. [Linux, kvm_lapic_reset]
        let apic_base = 0xfee0_0800 | if is_boot_vcpu { 0x100 } else { 0 };
        Self {
            general,
            cs: Segment::new(0xf000, 0x9a, 0xffff_0000),
            ds: data,
            es: data,
            fs: data,
            gs: data,
            ss: data,
            tr: Segment::new(0, 0x83, 0),
            ldtr: Segment::new(0, 0x82, 0),
            gdtr: Table { base: 0, limit: 0xffff },
            idtr: Table { base: 0, limit: 0xffff },
            cpl: 0,
            cr0: 0x6000_0010,
            cr2: 0,
            cr3: 0,
            cr4: 0,
            cr8: 0,
            efer: 0,
            apic_base,
            debug,
            xcr0: 1,
            xsave,
            msrs: BTreeMap::from([(PAT, PAT_RESET)]),
        }
    }

    /// `KVM_SET_REGS`.
    pub(crate) fn set_general(&mut self, regs: [u8; 144]) {
        self.general = regs;
        let rflags = field!(regs, kvm_regs.rflags: u64) | RFLAGS_FIXED;
        set_field!(self.general, kvm_regs.rflags: u64 = rflags);
    }

    /// `KVM_SET_SREGS` and `KVM_SET_SREGS2`, which begin alike; what only one of them has is in no save area.
    pub(crate) fn set_special(&mut self, sregs: &[u8]) {
        let table = |offset: usize| Table {
            base: u64::from_le_bytes(bytes::at(sregs, offset)),
            limit: u16::from_le_bytes(bytes::at(sregs, offset + 8)),
        };
        for ((_, segment), place) in self.segments_mut().into_iter().zip(SEGMENTS) {
            *segment = Segment::set(&bytes::at::<24>(sregs, place));
        }
        self.gdtr = table(offset_of!(kvm_sregs, gdt));
        self.idtr = table(offset_of!(kvm_sregs, idt));
        let [access, _] = self.ss.attributes.to_le_bytes();
        self.cpl = access >> 5 & 3;
        self.cr0 = field!(sregs, kvm_sregs.cr0: u64);
        self.cr2 = field!(sregs, kvm_sregs.cr2: u64);
        self.cr3 = field!(sregs, kvm_sregs.cr3: u64);
        self.cr4 = field!(sregs, kvm_sregs.cr4: u64);
        self.cr8 = field!(sregs, kvm_sregs.cr8: u64);
        self.efer = field!(sregs, kvm_sregs.efer: u64);
        self.apic_base = field!(sregs, kvm_sregs.apic_base: u64);
    }

    /// What `KVM_GET_SREGS` and `KVM_GET_SREGS2` begin with.
    pub(crate) fn special(&self) -> [u8; 280] {
        let mut sregs = [0; 280];
        let mut this = self.clone();
        for ((register, segment), place) in this.segments_mut().into_iter().zip(SEGMENTS) {
            bytes::put(&mut sregs, place, &segment.get(register, self.cpl));
        }
        for (table, place) in
            [(self.gdtr, offset_of!(kvm_sregs, gdt)), (self.idtr, offset_of!(kvm_sregs, idt))]
        {
            bytes::put(&mut sregs, place, &table.base.to_le_bytes());
            bytes::put(&mut sregs, place + 8, &table.limit.to_le_bytes());
        }
        set_field!(sregs, kvm_sregs.cr0: u64 = self.cr0);
        set_field!(sregs, kvm_sregs.cr2: u64 = self.cr2);
        set_field!(sregs, kvm_sregs.cr3: u64 = self.cr3);
        set_field!(sregs, kvm_sregs.cr4: u64 = self.cr4);
        set_field!(sregs, kvm_sregs.cr8: u64 = self.cr8);
        set_field!(sregs, kvm_sregs.efer: u64 = self.efer);
        set_field!(sregs, kvm_sregs.apic_base: u64 = self.apic_base);
        sregs
    }

    /// The segments in the order of [`SEGMENTS`], and how each is read.
    fn segments_mut(&mut self) -> [(Register, &mut Segment); 8] {
        [
            (Register::Cs, &mut self.cs),
            (Register::Data, &mut self.ds),
            (Register::Data, &mut self.es),
            (Register::Data, &mut self.fs),
            (Register::Data, &mut self.gs),
            (Register::Ss, &mut self.ss),
            (Register::Tr, &mut self.tr),
            (Register::Ldtr, &mut self.ldtr),
        ]
    }

    /// `KVM_SET_XSAVE`: components that XSTATE_BV does not name stay as they are. [Linux, copy_uabi_to_xstate; and tried on Linux 6.18]
    pub(crate) fn set_xsave(&mut self, xsave: &[u8; XSAVE_SIZE]) {
        let [named, ..] = bytes::at::<8>(xsave, XSTATE_BV);
        let mut take = |range: Range<usize>| {
            if let (Some(to), Some(from)) = (self.xsave.get_mut(range.clone()), xsave.get(range)) {
                to.copy_from_slice(from);
            }
        };
        if named & 1 != 0 {
            take(X87);
            take(ST);
        }
        if named & 6 != 0 {
            take(MXCSR);
        }
        if named & 2 != 0 {
            take(XMM);
        }
        if named & 4 != 0 {
            take(YMM);
        }
    }

    /// An MSR; 0 if nobody set it. EFER is the one that is not kept among them.
    pub(crate) fn msr(&self, index: u32) -> u64 {
        match index {
            EFER => self.efer,
            _ => self.msrs.get(&index).copied().unwrap_or(0),
        }
    }

    /// `KVM_SET_MSRS`, one of them.
    pub(crate) fn set_msr(&mut self, index: u32, value: u64) {
        match index {
            EFER => self.efer = value,
            // A VMM sets those that it was told of, and a few more.
            _ if self.msrs.len() < MOST_MSRS || self.msrs.contains_key(&index) => {
                self.msrs.insert(index, value);
            }
            _ => {}
        }
    }
}
